// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// word_line.cc: see word_line.h.
// On the way of the data: comm/meeting.h -> here, beside comm/frame_carrier.h, for comm/carried_transport.cc.
#include "core/comm/word_line.h"

#include <sys/socket.h>

#include <algorithm>
#include <cerrno>

#include "fmt/format.h"

namespace concertina {
namespace {

constexpr size_t kWordHeadBytes = 3;
constexpr size_t kMostUnsaidBytes = size_t{64} << 10;  // to a peer that does not listen

}  // namespace

void WordLine::Say(WordKind kind, std::string_view text) {
  if (!is_open() || out_.size() > kMostUnsaidBytes) return;
  text = text.substr(0, kMostTextBytes);
  out_.push_back(static_cast<uint8_t>(kind));
  out_.push_back(static_cast<uint8_t>(text.size() & 0xff));
  out_.push_back(static_cast<uint8_t>(text.size() >> 8));
  out_.insert(out_.end(), text.begin(), text.end());
  WriteOn();
}

void WordLine::WriteOn() {
  while (!out_.empty() && is_open()) {
    size_t written = 0;
    if (acquaintance_.tls != nullptr) {
      const absl::StatusOr<size_t> n = acquaintance_.tls->Write(out_);
      written = n.ok() ? *n : 0;
    } else {
      const ssize_t n = send(fd(), out_.data(), out_.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
      written = static_cast<size_t>(std::max<ssize_t>(n, 0));
    }
    if (written == 0) return;
    out_.erase(out_.begin(), out_.begin() + static_cast<ptrdiff_t>(written));
  }
}

absl::StatusOr<size_t> WordLine::Read(std::span<uint8_t> bytes) {
  if (acquaintance_.tls != nullptr) return acquaintance_.tls->Read(bytes);
  const ssize_t n = recv(fd(), bytes.data(), bytes.size(), MSG_DONTWAIT);
  if (n < 0 && (errno == EAGAIN || errno == EINTR)) return 0;
  if (n <= 0) return absl::UnavailableError("connection lost");
  return static_cast<size_t>(n);
}

absl::StatusOr<std::optional<Word>> WordLine::Next() {
  for (;;) {
    if (in_.size() >= kWordHeadBytes) {
      const auto kind = static_cast<WordKind>(in_[0]);
      const size_t length = in_[1] | static_cast<size_t>(in_[2]) << 8;
      const bool is_known = kind == WordKind::kCard || kind == WordKind::kGoodbye || kind == WordKind::kHeard;
      if (!is_known || length > kMostTextBytes)
        return absl::DataLossError(fmt::format(
            "a word of kind {:#x} and {} bytes; a card, a goodbye or an answer to it was expected", in_[0],
            length));
      if (in_.size() >= kWordHeadBytes + length) {
        const auto end = in_.begin() + static_cast<ptrdiff_t>(kWordHeadBytes + length);
        Word word{.kind = kind, .text = std::string(in_.begin() + kWordHeadBytes, end)};
        in_.erase(in_.begin(), end);
        return word;
      }
    }
    RETURN_IF_ERROR(ended_);
    if (!is_open()) return absl::UnavailableError("connection closed");
    const size_t had = in_.size();
    in_.resize(had + 512);
    const absl::StatusOr<size_t> n = Read(std::span(in_).subspan(had));
    in_.resize(had + (n.ok() ? *n : 0));
    if (!n.ok()) {
      ended_ = n.status();  // what is whole was said before it
      continue;
    }
    if (*n == 0) return std::nullopt;
  }
}

void WordLine::Close() {
  acquaintance_.tls.reset();
  acquaintance_.socket.Close();
}

}  // namespace concertina
