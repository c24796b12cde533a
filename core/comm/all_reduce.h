// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// all_reduce.h: the ways to an all-reduce, and which is quickest here for how many bytes.
// On the way of the data: parallel/all_reduce_exchange.cc -> here -> comm/communicator.h.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "core/base/status.h"

namespace concertina {

// N ranks, n bytes; alpha seconds a message, beta seconds a byte, gamma seconds a byte added.
enum class AllReduceAlgorithm {
  kRing,             // 2 (N - 1) alpha + 2 (N - 1) / N n beta + (N - 1) / N n gamma: ring.cc
  kHalvingDoubling,  // 2 log2 N alpha + the same; + 2 alpha + 2 n beta + n gamma if N is no power of two
  kDoubleTree,       // about 2 log2 N alpha + 2 n beta + n gamma, in chunks: double_tree.cc
  kHierarchical,     // inside groups of g, then between them: hierarchical.cc
  kOneShot,          // alpha + (N - 1) n beta + (N - 1) n gamma: shots.cc
  kTwoShot,          // 2 alpha + 2 (N - 1) / N n beta + (N - 1) / N n gamma: shots.cc
  kAuto,             // the quickest of these, as measured here
};

struct AllReduceWay {
  AllReduceAlgorithm algorithm = AllReduceAlgorithm::kRing;
  int group = 2;  // hierarchical: consecutive ranks a group
};

// One shot goes in blocks of this: each rank has N - 1 of them under way, and keeps one.
inline constexpr size_t kOneShotBlockBytes = size_t{8} << 20;

// "ring", "halving-doubling", …, in the order above.
const std::vector<std::string>& AllReduceNames();
const std::string& NameOf(AllReduceAlgorithm algorithm);
std::optional<AllReduceAlgorithm> AllReduceAlgorithmNamed(const std::string& name);

// Which algorithm for how many bytes: what `auto` goes by. The same on all ranks of a group.
class AllReduceTable {
 public:
  struct Row {
    uint64_t up_to_bytes = 0;  // ascending; the last row is for all that is longer, too
    AllReduceAlgorithm algorithm = AllReduceAlgorithm::kTwoShot;
  };
  AllReduceTable() = default;
  explicit AllReduceTable(std::vector<Row> rows) : rows_(std::move(rows)) {}

  bool empty() const { return rows_.empty(); }
  const std::vector<Row>& rows() const { return rows_; }
  AllReduceAlgorithm Choose(uint64_t bytes) const;  // of a table that is not empty

  // As bytes, for checkpoints and messages: kRowBytes a row. kDataLoss if it is not a table.
  static constexpr size_t kRowBytes = 12;
  std::vector<uint8_t> ToBytes() const;
  static absl::StatusOr<AllReduceTable> FromBytes(std::span<const uint8_t> bytes);

 private:
  std::vector<Row> rows_;
};

// Tables that were measured on this machine are kept in a file of its user, so that two runs of one seed take
// the same ways and give the same bits: $XDG_CACHE_HOME/concertina/all-reduce.json, else below ~/.cache.
// Removing it makes the next run measure again. `key` says what was measured: transport, link, ranks, cores.
std::string AllReduceTablePath();
// Empty if there is none, or none that can be believed.
AllReduceTable ReadAllReduceTable(const std::string& path, const std::string& key);
absl::Status WriteAllReduceTable(const std::string& path, const std::string& key,
                                 const AllReduceTable& table);

// The messages into which the double tree cuts one of its two halves.
size_t DoubleTreeChunks(size_t half_bytes, int ranks);

// Where a rank is in one of the two trees over N ranks (double_tree.cc); -1: nobody.
struct TreePlace {
  int parent = -1;
  int left = -1;
  int right = -1;
  bool is_leaf() const { return left < 0; }
};
TreePlace PlaceInTree(int tree, int rank, int ranks);

}  // namespace concertina
