// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// words_target.cc: the words that ranks say beside the frames that a library carries, from a peer that may
// say anything. Input: what comes over the connection.
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>

#include "core/comm/word_line.h"
#include "tests/fuzz/target.h"

namespace concertina {
namespace {

void AddWord(FuzzBytes& bytes, WordKind kind, const std::string& text) {
  bytes.push_back(static_cast<uint8_t>(kind));
  bytes.push_back(static_cast<uint8_t>(text.size()));
  bytes.push_back(static_cast<uint8_t>(text.size() >> 8));
  bytes.insert(bytes.end(), text.begin(), text.end());
}

}  // namespace

FuzzInputs InputsOfTarget() {
  FuzzInputs inputs;
  FuzzBytes bytes;
  AddWord(bytes, WordKind::kCard, "tcp://127.0.0.1:4000");
  inputs.seeds.push_back(bytes);
  AddWord(bytes, WordKind::kGoodbye, std::string(8, '\1') + "the disk is full");
  AddWord(bytes, WordKind::kHeard, "");
  inputs.seeds.push_back(bytes);
  AddWord(bytes, WordKind::kCard, std::string(WordLine::kMostTextBytes, 'x'));
  inputs.seeds.push_back(bytes);
  inputs.words = {"\x43", "\x47", "\x48", std::string("\x48\0\0", 3), "\xe8\x03"};
  return inputs;
}

}  // namespace concertina

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace concertina;
  int ends[2];
  Require(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, ends) == 0, "no sockets");
  Acquaintance acquaintance;
  acquaintance.socket = Socket(ends[0]);
  WordLine line(std::move(acquaintance));
  Require(send(ends[1], data, size, MSG_NOSIGNAL) == static_cast<ssize_t>(size) || size == 0, "not sent");
  close(ends[1]);  // what is whole was said before it
  size_t words = 0, bytes = 0;
  for (;;) {
    absl::StatusOr<std::optional<Word>> word;
    {
      const AllocationBound bound({.one = 2 * size + 4096, .all = 4 * size + 65536});
      word = line.Next();
    }
    if (!word.ok()) {
      Require(absl::IsUnavailable(word.status()) || absl::IsDataLoss(word.status()),
              "Next gave neither a word nor kUnavailable nor kDataLoss");
      Note(absl::IsDataLoss(word.status()) ? word.status() : absl::OkStatus());
      return 0;
    }
    if (!*word) continue;  // more is there
    ++words;
    bytes += 3 + (*word)->text.size();
    Require((*word)->text.size() <= WordLine::kMostTextBytes, "a word that is too long");
    Require(bytes <= size, "more words than bytes");
  }
}
