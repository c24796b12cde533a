// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// tls_peer.h: the connection to one peer on another host: frames out, frames in, and what was kept for later.
// On the way of the data: comm/tls_transport.cc -> here -> comm/tls_session.h -> the peer's here.
//
// Used by the thread that drives the transport. Frame follows frame (frame.h): a header, then what is left of
// its message, at most kTlsPieceBytes. A piece is encrypted from where the caller has it, and decrypted to
// the block in which it waits to be received.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "core/comm/frame.h"
#include "core/comm/in_process_hub.h"
#include "core/comm/link_shaper.h"
#include "core/comm/socket.h"
#include "core/comm/tls_session.h"

namespace concertina {

// So short that a piece is still in a cache when it is read. Found by measuring: two ranks that send 16 MiB
// to each other.
inline constexpr size_t kTlsPieceBytes = size_t{128} << 10;
static_assert(kTlsPieceBytes <= kInProcessPieceBytes, "a block of the pool holds a piece");

// A frame that has come and waits to be received.
struct TlsFrame {
  uint32_t tag = 0;
  uint64_t message_bytes = 0;
  uint64_t offset = 0;
  size_t bytes = 0;                // of the piece
  int64_t finish_nanoseconds = 0;  // of the emulated link, without its latency
  PiecePool::Block block;
  std::span<const std::byte> piece() const { return {block.bytes.get(), bytes}; }
};

class TlsPeer {
 public:
  // `tls`: established on `connection`.
  TlsPeer(int rank, Socket connection, std::unique_ptr<TlsSession> tls, const LinkShape& link);

  int rank() const { return rank_; }
  int fd() const { return connection_.fd(); }
  // What epoll says, at each change.
  void OnEvents(uint32_t events);

  // Queues a message, which stays the caller's memory, and starts to write it.
  void Send(FrameKind kind, uint32_t tag, std::span<const std::byte> bytes);
  // Writes on, about a piece; true if anything has left.
  bool WriteOn();
  // All that was queued is with the kernel, or can go nowhere.
  bool flushed() const { return !may_write_ || (out_begin_ == out_.size() && !has_gathered_); }
  uint64_t messages_queued() const { return messages_queued_; }
  // Of the message that was queued as the n-th (from 0): bytes that are still the caller's to keep.
  size_t Unwritten(uint64_t message) const;
  // Of what is queued only a piece that was begun still goes: the caller's memory is about to.
  void DropUnwritten();

  // Reads on, a frame at most; true if anything has come. Errors: nothing more will; lose it.
  absl::StatusOr<bool> ReadOn();
  // The first of a tag that has come, or null. It is good until the next call.
  TlsFrame* Find(uint32_t tag);
  void Drop(TlsFrame* frame);
  int64_t ArrivalOf(const TlsFrame& frame) const {
    return shape.is_free() ? 0 : frame.finish_nanoseconds + shape.latency_nanoseconds();
  }
  uint64_t kept_bytes() const { return kept_bytes_; }
  size_t kept_frames() const { return kept_.size(); }

  // Nothing more is sent, and it is told so. OK: it left in good order.
  void Lose(const absl::Status& why);
  bool is_lost() const { return is_lost_.load(std::memory_order_acquire); }  // any thread
  // What any use of a lost peer says.
  absl::Status why_lost() const { return why_lost_.ok() ? PeerHasLeft(rank_) : why_lost_; }
  // That this end says nothing more, and all that it said has come to the peer's kernel.
  void CloseWriting();
  bool has_delivered() const;

  KernelBytes whole_bytes() const { return bytes_.Since(); }  // any thread

  bool is_open = false;       // its hello has come
  bool is_wanted = false;     // somebody waits for more than what has come
  bool said_goodbye = false;  // the peer did
  std::string parting_words;  // why; "" in good order
  LiveShape shape;            // of what comes

 private:
  struct Unsent {
    FrameKind kind = FrameKind::kData;
    uint32_t tag = 0;
    int64_t sent_nanoseconds = 0;
    std::span<const std::byte> bytes;
    size_t written = 0;  // whole pieces of it
  };
  // Hands over some of the frame that is next: false if TLS or the kernel has no room now.
  absl::StatusOr<bool> WriteFrame();
  absl::Status TakeFrame();
  void StopWriting();

  const int rank_;
  Socket connection_;
  const KernelByteMeter bytes_;
  const std::unique_ptr<TlsSession> tls_;
  uint32_t write_awaits_ = 0;  // EPOLLIN, EPOLLOUT: what TLS waits for; 0: try
  uint32_t read_awaits_ = 0;

  std::vector<Unsent> out_;  // [out_begin_, end) is to be written
  size_t out_begin_ = 0;
  size_t frame_written_ = 0;  // bytes of the frame that is next, its header's first
  uint64_t messages_queued_ = 0;
  bool has_gathered_ = false;  // records that the kernel has not taken yet
  bool may_write_ = true;

  std::array<std::byte, kFrameHeaderBytes> header_bytes_;  // of the frame that comes
  FrameHeader header_;
  TlsFrame next_;
  size_t frame_read_ = 0;
  bool has_ended_ = false;
  std::vector<TlsFrame> kept_;  // in order of arrival
  PiecePool pool_;
  uint64_t kept_bytes_ = 0;
  LinkShaper shaper_;

  std::atomic<bool> is_lost_ = false;
  absl::Status why_lost_;
};

}  // namespace concertina
