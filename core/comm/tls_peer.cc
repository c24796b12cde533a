// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// tls_peer.cc: messages cut into frames within TLS, and frames kept by tag (see tls_peer.h).
// On the way of the data: comm/tls_transport.cc -> here -> comm/tls_session.cc -> the peer's here.
#include "core/comm/tls_peer.h"

#include <linux/sockios.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include <algorithm>
#include <cstring>

#include "fmt/format.h"

namespace concertina {

TlsPeer::TlsPeer(int rank, Socket connection, std::unique_ptr<TlsSession> tls, const LinkShape& link)
    : shape(link),
      rank_(rank),
      connection_(std::move(connection)),
      bytes_(connection_),
      tls_(std::move(tls)) {
  tls_->GatherRecords();
}

void TlsPeer::OnEvents(uint32_t events) {
  const bool is_over = (events & (EPOLLERR | EPOLLHUP)) != 0;
  if (is_over || (events & write_awaits_) != 0) write_awaits_ = 0;
  if (is_over || (events & (read_awaits_ == EPOLLIN ? EPOLLIN | EPOLLRDHUP : read_awaits_)) != 0)
    read_awaits_ = 0;
}

void TlsPeer::Send(FrameKind kind, uint32_t tag, std::span<const std::byte> bytes) {
  if (out_begin_ == out_.size()) {
    out_.clear();
    out_begin_ = 0;
  }
  out_.push_back({.kind = kind, .tag = tag, .sent_nanoseconds = SteadyNanoseconds(), .bytes = bytes});
  ++messages_queued_;
  WriteOn();
}

absl::StatusOr<bool> TlsPeer::WriteFrame() {
  const Unsent& unsent = out_[out_begin_];
  const auto piece =
      unsent.bytes.subspan(unsent.written, std::min(kTlsPieceBytes, unsent.bytes.size() - unsent.written));
  // The header goes in one record with what it heads.
  const size_t beside = std::min(piece.size(), kMostRecordBytes - kFrameHeaderBytes);
  std::array<std::byte, kMostRecordBytes> first;
  std::span<const std::byte> rest;
  if (frame_written_ < kFrameHeaderBytes + beside) {
    WriteFrameHeader({.kind = unsent.kind,
                      .tag = unsent.tag,
                      .message_bytes = unsent.bytes.size(),
                      .offset = unsent.written,
                      .sent_nanoseconds = unsent.sent_nanoseconds},
                     std::span(first).first<kFrameHeaderBytes>());
    if (beside > 0) std::memcpy(first.data() + kFrameHeaderBytes, piece.data(), beside);
    rest = std::span(first).first(kFrameHeaderBytes + beside).subspan(frame_written_);
  } else {
    rest = piece.subspan(frame_written_ - kFrameHeaderBytes);
  }
  ASSIGN_OR_RETURN(const size_t written,
                   tls_->Write({reinterpret_cast<const uint8_t*>(rest.data()), rest.size()}));
  if (written == 0) {
    write_awaits_ = static_cast<uint32_t>(tls_->awaits());
    return false;
  }
  frame_written_ += written;
  return true;
}

bool TlsPeer::WriteOn() {
  if (!may_write_ || write_awaits_ != 0) return false;
  bool has_moved = false;
  size_t left = kTlsPieceBytes;  // for this time: what comes is to be read meanwhile
  while (out_begin_ < out_.size() && left > 0) {
    Unsent& unsent = out_[out_begin_];
    const absl::StatusOr<bool> goes_on = WriteFrame();
    if (!goes_on.ok()) {
      StopWriting();
      return true;
    }
    if (!*goes_on) break;
    has_moved = true;
    const size_t piece_bytes = std::min(kTlsPieceBytes, unsent.bytes.size() - unsent.written);
    if (frame_written_ < kFrameHeaderBytes + piece_bytes) continue;
    frame_written_ = 0;
    left -= std::min(left, kFrameHeaderBytes + piece_bytes);
    unsent.written += piece_bytes;
    if (unsent.written == unsent.bytes.size()) ++out_begin_;
  }
  const absl::StatusOr<bool> flushed = tls_->Flush();
  if (!flushed.ok()) {
    StopWriting();
    return true;
  }
  has_moved |= has_gathered_ && *flushed;
  has_gathered_ = !*flushed;
  if (has_gathered_) write_awaits_ = static_cast<uint32_t>(tls_->awaits());
  return has_moved;
}

size_t TlsPeer::Unwritten(uint64_t message) const {
  const uint64_t first = messages_queued_ - (out_.size() - out_begin_);
  if (message < first || !may_write_) return 0;
  const Unsent& unsent = out_[out_begin_ + (message - first)];
  return unsent.bytes.size() - unsent.written;
}

void TlsPeer::DropUnwritten() {
  if (out_begin_ == out_.size()) return;
  if (frame_written_ == 0) {
    out_begin_ = out_.size();
    return;
  }
  // The peer sees the end of the frame, and that its message has none.
  out_.resize(out_begin_ + 1);
  WriteOn();
  if (frame_written_ != 0) return StopWriting();
  out_begin_ = out_.size();
}

absl::StatusOr<bool> TlsPeer::ReadOn() {
  if (has_ended_ || read_awaits_ != 0) return false;
  bool has_moved = false;
  for (;;) {
    const std::span<std::byte> room =
        frame_read_ < kFrameHeaderBytes
            ? std::span(header_bytes_).subspan(frame_read_)
            : std::span(next_.block.bytes.get(), next_.bytes).subspan(frame_read_ - kFrameHeaderBytes);
    const absl::StatusOr<size_t> read = tls_->Read({reinterpret_cast<uint8_t*>(room.data()), room.size()});
    if (!read.ok()) {
      has_ended_ = true;
      return read.status();
    }
    if (*read == 0) {
      read_awaits_ = static_cast<uint32_t>(tls_->awaits());
      return has_moved;
    }
    has_moved = true;
    frame_read_ += *read;
    if (frame_read_ == kFrameHeaderBytes) {
      ASSIGN_OR_RETURN(const StreamedFrame frame, ReadStreamedFrame(header_bytes_, kTlsPieceBytes));
      if (frame.header.kind == FrameKind::kGoodbye && frame.header.message_bytes > kMostPartingWords)
        return absl::DataLossError(fmt::format("a goodbye of {} bytes, at most {} expected",
                                               frame.header.message_bytes, kMostPartingWords));
      header_ = frame.header;
      next_.bytes = frame.piece_bytes;
      next_.block = pool_.Take(next_.bytes);
    }
    if (frame_read_ < kFrameHeaderBytes || frame_read_ < kFrameHeaderBytes + next_.bytes) continue;
    frame_read_ = 0;
    is_wanted = false;
    RETURN_IF_ERROR(TakeFrame());
    return true;
  }
}

absl::Status TlsPeer::TakeFrame() {
  switch (header_.kind) {
    case FrameKind::kHello:
      if (is_open) return absl::DataLossError("a second hello");
      is_open = true;
      pool_.GiveBack(std::move(next_.block));
      return absl::OkStatus();
    case FrameKind::kGoodbye:
      said_goodbye = true;
      parting_words.assign(reinterpret_cast<const char*>(next_.block.bytes.get()), next_.bytes);
      pool_.GiveBack(std::move(next_.block));
      return absl::OkStatus();
    case FrameKind::kData:
      break;
  }
  next_.tag = header_.tag;
  next_.message_bytes = header_.message_bytes;
  next_.offset = header_.offset;
  next_.finish_nanoseconds =
      shaper_.Finish(shape, header_.sent_nanoseconds, next_.bytes, header_.offset == 0);
  kept_bytes_ += next_.bytes;
  kept_.push_back(std::move(next_));
  return absl::OkStatus();
}

TlsFrame* TlsPeer::Find(uint32_t tag) {
  const auto found =
      std::find_if(kept_.begin(), kept_.end(), [tag](const TlsFrame& frame) { return frame.tag == tag; });
  return found == kept_.end() ? nullptr : &*found;
}

void TlsPeer::Drop(TlsFrame* frame) {
  kept_bytes_ -= frame->bytes;
  pool_.GiveBack(std::move(frame->block));
  kept_.erase(kept_.begin() + (frame - kept_.data()));
}

void TlsPeer::StopWriting() {
  may_write_ = false;
  has_gathered_ = false;
  out_begin_ = out_.size();
}

void TlsPeer::Lose(const absl::Status& why) {
  if (is_lost()) return;
  why_lost_ = why;
  CloseWriting();  // so that it knows that it was heard, or that nobody listens
  is_lost_.store(true, std::memory_order_release);
}

void TlsPeer::CloseWriting() {
  if (may_write_ && out_begin_ == out_.size() && !has_gathered_ && tls_->Close().ok())
    tls_->Flush().IgnoreError();
  StopWriting();
  shutdown(connection_.fd(), SHUT_WR);
}

bool TlsPeer::has_delivered() const {
  int unsent = 0;
  return ioctl(connection_.fd(), SIOCOUTQ, &unsent) != 0 || unsent == 0;
}

}  // namespace concertina
