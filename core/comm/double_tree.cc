// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// double_tree.cc: all-reduce along two binary trees, in chunks [Sanders, Speck, Träff. Two-tree Algorithms
// for Full Bandwidth Broadcast, Reduction and Scan. Parallel Computing 2009].
// On the way of the data: comm/all_reduce.cc -> here -> comm/transport.h.
//
// In one binary tree half of the ranks are leaves, whose links are idle half of the time. So there are two,
// each for a half of the vector, and who is a leaf in one is within in the other: all links are busy. Chunk
// by chunk sums go up to the root and come down again; while one chunk goes down the next goes up. About 2
// log2 N alpha + 2 n beta, where a ring takes 2 (N - 1) alpha: for many ranks and middling n.
//
// Tree 0, with i = rank + 1 in 1 … N: the in-order numbering. With b the lowest set bit of i, the children of
// i are i - b / 2 and i + b / 2 (or the first of i + b / 4, i + b / 8, … that is not beyond N); odd i are
// leaves, and the largest power of two is the root. Tree 1 is its mirror image (i' = N + 1 - i, N even) or
// the same shifted by one (N odd), which makes odd what was even. Every node adds its left child, then its
// right; the sums of the roots are copied: all ranks hold the same bits.
#include <algorithm>
#include <cmath>

#include "core/comm/all_reduce.h"
#include "core/comm/communicator.h"
#include "core/comm/reduce.h"

namespace concertina {
namespace {

// alpha / beta of a loopback connection, about 20 us over 0.3 ns. The chunk that ends soonest in a pipeline
// of L links is sqrt(n alpha / (beta (L - 1))), and twice or half of it costs little.
constexpr double kLatencyBytes = 65536;
constexpr size_t kMostChunks = 256;

}  // namespace

TreePlace PlaceInTree(int tree, int rank, int ranks) {
  const bool is_mirrored = tree == 1 && ranks % 2 == 0;
  const bool is_shifted = tree == 1 && ranks % 2 == 1;
  const auto rank_of = [&](int i) {
    return is_mirrored ? ranks - i : is_shifted ? (i + ranks - 2) % ranks : i - 1;
  };
  const int i = is_mirrored ? ranks - rank : is_shifted ? (rank + 1) % ranks + 1 : rank + 1;
  TreePlace place;
  const int low = i & -i;
  for (int up = i; 2 * (up & -up) <= ranks;) {
    const int bit = up & -up;
    up = (up ^ bit) | (bit << 1);
    if (up > ranks) continue;
    place.parent = rank_of(up);
    break;
  }
  if (low > 1) place.left = rank_of(i - low / 2);
  for (int half = low / 2; half >= 1 && place.right < 0; half /= 2)
    if (i + half <= ranks) place.right = rank_of(i + half);
  return place;
}

size_t DoubleTreeChunks(size_t half_bytes, int ranks) {
  const double links = std::max(1.0, std::ceil(std::log2(ranks)) - 1);
  const double chunk_bytes =
      std::max(kLatencyBytes / 4, std::sqrt(static_cast<double>(half_bytes) * kLatencyBytes / links));
  const auto chunks = static_cast<size_t>(static_cast<double>(half_bytes) / chunk_bytes + 0.5);
  return std::clamp<size_t>(chunks, 1, kMostChunks);
}

template <class Sum>
absl::Status Communicator::DoubleTree(std::span<typename Sum::Element> values, Deadline deadline, Sum sum) {
  using Element = typename Sum::Element;
  const int n = size();
  const size_t chunks = DoubleTreeChunks(values.size_bytes() / 2, n);
  struct Tree {
    TreePlace place;
    std::span<Element> half;
    uint32_t up_tag = 0, down_tag = 0;
  };
  const size_t middle = values.size() / 2;
  Tree trees[2] = {
      {PlaceInTree(0, rank_, n), values.first(middle), TagOf(Purpose::kReduce), TagOf(Purpose::kSpread)},
      {PlaceInTree(1, rank_, n), values.subspan(middle), TagOf(Purpose::kReduceToo),
       TagOf(Purpose::kSpreadToo)}};
  // A leaf waits for nobody on the way up, and nobody waits for it on the way down; so the tree in which this
  // rank is a leaf comes first going up and last going down, and no tree ever waits for the other.
  if (trees[1].place.is_leaf()) std::swap(trees[0], trees[1]);
  const auto chunk_of = [&](const Tree& tree, size_t chunk) {
    const size_t first = tree.half.size() * chunk / chunks;
    return tree.half.subspan(first, tree.half.size() * (chunk + 1) / chunks - first);
  };
  const auto up = [&](const Tree& tree, size_t c) -> absl::Status {
    const std::span<Element> chunk = chunk_of(tree, c);
    const TreePlace& place = tree.place;
    for (const int child : {place.left, place.right}) {
      if (child < 0) continue;
      const bool is_last = place.parent < 0 && (child == place.right || place.right < 0);
      RETURN_IF_ERROR(transport_.Receive(global_rank(child), tree.up_tag, chunk.size_bytes(), deadline,
                                         PieceAdder(chunk.data(), sum, is_last)));
    }
    if (place.parent < 0) return absl::OkStatus();
    transport_.Note(
        {.kind = MessageKind::kReduce, .part = static_cast<int>(c), .parts = static_cast<int>(chunks)});
    return transport_.Send(global_rank(place.parent), tree.up_tag, std::as_bytes(chunk), deadline);
  };
  const auto down = [&](const Tree& tree, size_t c) -> absl::Status {
    const std::span<std::byte> chunk = std::as_writable_bytes(chunk_of(tree, c));
    const TreePlace& place = tree.place;
    if (place.parent >= 0)  // over what went up, which is in this sum
      RETURN_IF_ERROR(transport_.Receive(global_rank(place.parent), tree.down_tag, chunk.size(), deadline,
                                         PieceCopier(chunk)));
    for (const int child : {place.left, place.right}) {
      if (child < 0) continue;
      transport_.Note(
          {.kind = MessageKind::kSpread, .part = static_cast<int>(c), .parts = static_cast<int>(chunks)});
      RETURN_IF_ERROR(transport_.Send(global_rank(child), tree.down_tag, chunk, deadline));
    }
    return absl::OkStatus();
  };
  // How far the way down is behind the way up: about the links from a leaf to the root, so that a rank does
  // not wait for a sum that cannot be there yet.
  const auto lag = static_cast<size_t>(std::ceil(std::log2(n)));
  for (size_t c = 0; c < chunks + lag; ++c) {
    if (c < chunks) RETURN_IF_ERROR(up(trees[0], c));
    if (c < chunks) RETURN_IF_ERROR(up(trees[1], c));
    if (c < lag) continue;
    RETURN_IF_ERROR(down(trees[1], c - lag));
    RETURN_IF_ERROR(down(trees[0], c - lag));
  }
  return absl::OkStatus();
}

template absl::Status Communicator::DoubleTree(std::span<float>, Deadline, FloatSum);
template absl::Status Communicator::DoubleTree(std::span<uint16_t>, Deadline, HalfSum);

}  // namespace concertina
