// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// word_line.h: the connection on which two ranks met, for the few words that are not data.
// On the way of the data: comm/meeting.h -> here, beside comm/frame_carrier.h, for comm/carried_transport.cc.
//
// kind u8 | length u16, little endian | text. Between hosts all of it within TLS. That the connection ends
// says that the peer is gone.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/comm/meeting.h"

namespace concertina {

enum class WordKind : uint8_t {
  kCard = 0x43,     // how to reach the sender
  kGoodbye = 0x47,  // frames u64, little endian, that it has sent; then why it goes, if not in good order
  kHeard = 0x48,    // all of those have come
};

struct Word {
  WordKind kind = WordKind::kCard;
  std::string text;
};

// Used by one thread at a time; never blocks.
class WordLine {
 public:
  static constexpr size_t kMostTextBytes = 1000;  // longer ones are cut

  explicit WordLine(Acquaintance acquaintance) : acquaintance_(std::move(acquaintance)) {}
  int fd() const { return acquaintance_.socket.fd(); }
  bool is_open() const { return acquaintance_.socket.is_open(); }
  // Queues a word, and writes what can be written.
  void Say(WordKind kind, std::string_view text);
  // Writes on; an error shows when something is read.
  void WriteOn();
  bool has_said_all() const { return out_.empty(); }
  // The next whole word, if it has come. kUnavailable: the other end is gone; kDataLoss: these are no words.
  absl::StatusOr<std::optional<Word>> Next();
  void Close();

 private:
  absl::StatusOr<size_t> Read(std::span<uint8_t> bytes);

  Acquaintance acquaintance_;
  std::vector<uint8_t> out_;
  std::vector<uint8_t> in_;
  absl::Status ended_;
};

}  // namespace concertina
