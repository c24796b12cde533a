// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// shared_memory_peer.cc: frames in and out of two rings (see shared_memory_peer.h).
// On the way of the data: comm/shared_memory_transport.cc -> here -> comm/shared_ring.h -> the peer's here.
#include "core/comm/shared_memory_peer.h"

#include <sys/socket.h>

#include <algorithm>
#include <bit>
#include <cerrno>
#include <cstring>
#include <utility>

#include "fmt/format.h"

namespace concertina {
namespace {

constexpr size_t kMostRingsBytes = size_t{16} << 20;  // of one rank
constexpr size_t kLargestRingBytes = size_t{1} << 20;
constexpr size_t kSmallestRingBytes = size_t{128} << 10;
static_assert(kSmallestRingBytes >= kLeastRingBytes && kLargestRingBytes <= kMostRingBytes &&
              kSmallestRingBytes >= 2 * (kSharedPieceBytes + kRingUnitBytes));

constexpr std::byte kBell{0x42};
constexpr std::byte kGoodbye{0x47};
constexpr size_t kGoodbyeHeadBytes = 3;

size_t FrameBytes(size_t piece_bytes) {
  return kRingUnitBytes + (piece_bytes + kRingUnitBytes - 1) / kRingUnitBytes * kRingUnitBytes;
}

size_t PieceBytes(size_t message_bytes) {
  constexpr size_t kLeast = size_t{4} << 10;
  return std::clamp(message_bytes / 8 / kRingUnitBytes * kRingUnitBytes, kLeast, kSharedPieceBytes);
}

}  // namespace

size_t RingBytesFor(int ranks) {
  const size_t share = kMostRingsBytes / static_cast<size_t>(std::max(ranks - 1, 1));
  return std::clamp(std::bit_floor(share), kSmallestRingBytes, kLargestRingBytes);
}

absl::Status SharedMemoryPeer::Send(uint32_t tag, std::span<const std::byte> bytes) {
  if (out_begin_ == out_.size()) {
    out_.clear();
    out_begin_ = 0;
  }
  out_.push_back({.tag = tag, .sent_nanoseconds = SteadyNanoseconds(), .bytes = bytes});
  ++messages_queued_;
  return WriteOn().status();
}

absl::StatusOr<bool> SharedMemoryPeer::WriteOn() {
  bool has_written = false;
  while (out_begin_ < out_.size() && !is_lost()) {
    Unsent& unsent = out_[out_begin_];
    const size_t piece_bytes =
        std::min(PieceBytes(unsent.bytes.size()), unsent.bytes.size() - unsent.written);
    ASSIGN_OR_RETURN(const size_t room, out_ring_.Room());
    if (room < FrameBytes(piece_bytes)) break;
    std::byte* const at = out_ring_.next();
    WriteFrameHeader({.kind = FrameKind::kData,
                      .tag = unsent.tag,
                      .message_bytes = unsent.bytes.size(),
                      .offset = unsent.written,
                      .sent_nanoseconds = unsent.sent_nanoseconds},
                     std::span<std::byte, kFrameHeaderBytes>(at, kFrameHeaderBytes));
    const uint64_t piece_field = piece_bytes;
    std::memcpy(at + kFrameHeaderBytes, &piece_field, sizeof piece_field);
    if (piece_bytes > 0) std::memcpy(at + kRingUnitBytes, unsent.bytes.data() + unsent.written, piece_bytes);
    out_ring_.Publish(FrameBytes(piece_bytes));
    whole_sent_.fetch_add(FrameBytes(piece_bytes), std::memory_order_relaxed);
    has_written = true;
    unsent.written += piece_bytes;
    if (unsent.written == unsent.bytes.size()) ++out_begin_;
    // With the first piece, not the last: the peer wakes while the others are written.
    if (out_ring_.TakeReaderWaits()) Ring();
  }
  return has_written;
}

size_t SharedMemoryPeer::Unwritten(uint64_t message) const {
  const uint64_t first = messages_queued_ - (out_.size() - out_begin_);
  if (message < first) return 0;
  const Unsent& unsent = out_[out_begin_ + (message - first)];
  return unsent.bytes.size() - unsent.written;
}

absl::StatusOr<bool> SharedMemoryPeer::ReadNext() {
  if (has_next_) return true;
  if (!is_believed_) return false;
  ASSIGN_OR_RETURN(const size_t available, in_.Available());
  if (available == 0) return false;
  // Copied before it is checked: the other end may still write there.
  std::array<std::byte, kFrameHeaderBytes + sizeof(uint64_t)> head;
  std::memcpy(head.data(), in_.next(), head.size());
  uint64_t piece_bytes = 0;
  std::memcpy(&piece_bytes, head.data() + kFrameHeaderBytes, sizeof piece_bytes);
  if (piece_bytes > kSharedPieceBytes || FrameBytes(piece_bytes) > available)
    return absl::DataLossError(
        fmt::format("a frame of {} bytes, of which {} have come", piece_bytes, available));
  ASSIGN_OR_RETURN(const FrameHeader header,
                   ReadFrameHeader(std::span(head).first<kFrameHeaderBytes>(), piece_bytes));
  if (header.kind != FrameKind::kData) return absl::DataLossError("a frame that is no data");
  next_.tag = header.tag;
  next_.message_bytes = header.message_bytes;
  next_.offset = header.offset;
  next_.bytes = piece_bytes;
  next_.finish_nanoseconds = shaper_.Finish(shape, header.sent_nanoseconds, piece_bytes, header.offset == 0);
  next_.ring = in_.next() + kRingUnitBytes;
  whole_received_.fetch_add(FrameBytes(piece_bytes), std::memory_order_relaxed);
  return has_next_ = true;
}

void SharedMemoryPeer::Release(size_t piece_bytes) {
  has_next_ = false;
  in_.Release(FrameBytes(piece_bytes));
  if (!is_lost() && in_.TakeWriterWaits()) Ring();
}

void SharedMemoryPeer::KeepNext() {
  SharedFrame& frame = kept_.emplace_back(std::move(next_));
  frame.block = pool_.Take(frame.bytes);
  if (frame.bytes > 0) std::memcpy(frame.block.bytes.get(), frame.ring, frame.bytes);
  frame.ring = nullptr;
  kept_bytes_ += frame.bytes;
  Release(frame.bytes);
}

absl::StatusOr<SharedFrame*> SharedMemoryPeer::Find(uint32_t tag) {
  const auto found =
      std::find_if(kept_.begin(), kept_.end(), [tag](const SharedFrame& f) { return f.tag == tag; });
  if (found != kept_.end()) return &*found;
  for (;;) {
    ASSIGN_OR_RETURN(const bool is_there, ReadNext());
    if (!is_there) return nullptr;
    if (next_.tag == tag) return &next_;
    KeepNext();
  }
}

void SharedMemoryPeer::Drop(SharedFrame* frame) {
  if (frame == &next_) return Release(frame->bytes);
  kept_bytes_ -= frame->bytes;
  pool_.GiveBack(std::move(frame->block));
  kept_.erase(kept_.begin() + (frame - kept_.data()));
}

absl::StatusOr<bool> SharedMemoryPeer::KeepForRoom(uint64_t most_bytes, size_t most_frames) {
  if (is_lost() || !in_.writer_waits()) return false;
  bool has_kept = false;
  while (kept_bytes_ < most_bytes && kept_.size() < most_frames) {
    ASSIGN_OR_RETURN(const bool is_there, ReadNext());
    if (!is_there) break;
    KeepNext();
    has_kept = true;
  }
  return has_kept;
}

void SharedMemoryPeer::AwaitBell() {
  in_.SetWaits(true);
  if (flushed()) return;
  out_ring_.SetWaits(true);
  // The peer may sleep in a wait for somebody else, and must learn that room is wanted.
  if (out_ring_.TakeReaderWaits()) Ring();
}

void SharedMemoryPeer::AwaitNoBell() {
  in_.SetWaits(false);
  out_ring_.SetWaits(false);
}

void SharedMemoryPeer::Ring() {
  // A full socket is full of bells that the peer has not heard yet: one more tells it nothing.
  [[maybe_unused]] const ssize_t n = send(socket_.fd(), &kBell, 1, MSG_NOSIGNAL | MSG_DONTWAIT);
}

absl::StatusOr<bool> SharedMemoryPeer::TakeWords() {
  for (;;) {
    std::array<std::byte, 256> bytes;
    const ssize_t n = recv(socket_.fd(), bytes.data(), bytes.size(), MSG_DONTWAIT);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0 && errno == EAGAIN) return true;
    if (n <= 0) return ConnectionLost(rank_);
    for (ssize_t i = 0; i < n; ++i) {
      const std::byte byte = bytes[static_cast<size_t>(i)];
      if (words_bytes_ == 0 && byte == kBell) continue;
      if (words_bytes_ == 0 && byte != kGoodbye)
        return absl::DataLossError(fmt::format("a word of unknown kind {:#x}", std::to_integer<int>(byte)));
      words_[words_bytes_++] = byte;
      if (words_bytes_ < kGoodbyeHeadBytes) continue;
      uint16_t length = 0;
      std::memcpy(&length, words_.data() + 1, sizeof length);
      if (length > kMostPartingWords)
        return absl::DataLossError(
            fmt::format("a goodbye of {} bytes, at most {} expected", length, kMostPartingWords));
      if (words_bytes_ < kGoodbyeHeadBytes + length) continue;
      parting_words.assign(reinterpret_cast<const char*>(words_.data()) + kGoodbyeHeadBytes, length);
      return false;
    }
    if (n < static_cast<ssize_t>(bytes.size())) return true;
  }
}

void SharedMemoryPeer::SayGoodbye(const std::string& why) {
  std::array<std::byte, kGoodbyeHeadBytes + kMostPartingWords> bytes{kGoodbye};
  const auto length = static_cast<uint16_t>(std::min(why.size(), kMostPartingWords));
  std::memcpy(bytes.data() + 1, &length, sizeof length);
  std::memcpy(bytes.data() + kGoodbyeHeadBytes, why.data(), length);
  [[maybe_unused]] const ssize_t n =
      send(socket_.fd(), bytes.data(), kGoodbyeHeadBytes + length, MSG_NOSIGNAL | MSG_DONTWAIT);
}

void SharedMemoryPeer::Lose(const absl::Status& why) {
  if (is_lost()) return;
  why_lost_ = why;
  is_believed_ = !absl::IsDataLoss(why);
  if (!is_believed_) has_next_ = false;
  out_begin_ = out_.size();
  socket_.Close();  // so that it knows that it was heard, or that nobody listens
  is_lost_.store(true, std::memory_order_release);
}

}  // namespace concertina
