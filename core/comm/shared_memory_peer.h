// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// shared_memory_peer.h: the two rings to one peer, what still waits to be written, and what was kept for
// later. On the way of the data: comm/shared_memory_transport.cc -> here -> comm/shared_ring.h -> the peer's
// here.
//
// Used by the thread that drives the transport. A frame is a unit of header, then the piece, padded to whole
// units (kRingUnitBytes):
//   frame header (frame.h) 32 bytes | piece bytes u64 | 24 bytes of zero || piece
// The Unix socket between the two carries what is not data: kBell wakes who sleeps, kGoodbye | length u16 |
// why (at most kMostPartingWords) is the last word. That it is hung up says that the peer is gone; what it
// had written by then is in the ring.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "core/comm/frame.h"
#include "core/comm/in_process_hub.h"
#include "core/comm/link_shaper.h"
#include "core/comm/shared_ring.h"
#include "core/comm/socket.h"

namespace concertina {

// A message crosses in pieces of an eighth of it, so that the peer reads one while the next is written and
// both are at work, but of 4 KiB at least and of at most this, so that a piece is still in a cache when it is
// read.
inline constexpr size_t kSharedPieceBytes = size_t{32} << 10;

// How large a rank's rings are, one a peer: together at most 16 MiB, each at most 1 MiB.
size_t RingBytesFor(int ranks);

// A frame that has come and waits to be received.
struct SharedFrame {
  uint32_t tag = 0;
  uint64_t message_bytes = 0;
  uint64_t offset = 0;
  size_t bytes = 0;                 // of the piece
  int64_t finish_nanoseconds = 0;   // of the emulated link, without its latency
  PiecePool::Block block;           // where it was kept, or
  const std::byte* ring = nullptr;  // still in the ring
  std::span<const std::byte> piece() const { return {ring != nullptr ? ring : block.bytes.get(), bytes}; }
};

class SharedMemoryPeer {
 public:
  SharedMemoryPeer(int rank, Socket socket, RingWriter out, RingReader in, const LinkShape& link)
      : shape(link), rank_(rank), socket_(std::move(socket)), out_ring_(std::move(out)), in_(std::move(in)) {}

  int rank() const { return rank_; }
  int socket() const { return socket_.fd(); }

  // Queues a message, which stays the caller's memory, and writes as much of it as there is room for. Errors
  // of this and what follows: kDataLoss, the peer's side of a ring is not to be believed; lose it.
  absl::Status Send(uint32_t tag, std::span<const std::byte> bytes);
  // Writes on as far as there is room; true if anything was written.
  absl::StatusOr<bool> WriteOn();
  uint64_t messages_queued() const { return messages_queued_; }
  // Of the message that was queued as the n-th (from 0): bytes that are still the caller's to keep.
  size_t Unwritten(uint64_t message) const;
  bool flushed() const { return out_begin_ == out_.size(); }

  // The first frame of a tag, or null. One that is in the ring stays there until it is dropped; those before
  // it, of other tags, are kept. It is good until the next call of this peer.
  absl::StatusOr<SharedFrame*> Find(uint32_t tag);
  void Drop(SharedFrame* frame);
  // If the peer waits for room that nobody makes, copies what has come out of its way, up to `most_bytes`
  // that are kept; true if anything was.
  absl::StatusOr<bool> KeepForRoom(uint64_t most_bytes, size_t most_frames);
  // When the emulated link has brought it; 0: it is free.
  int64_t ArrivalOf(const SharedFrame& frame) const {
    return shape.is_free() ? 0 : frame.finish_nanoseconds + shape.latency_nanoseconds();
  }
  uint64_t kept_bytes() const { return kept_bytes_; }
  // Something came since this was asked last.
  bool TakeNews() { return in_.TakeNews(); }

  // Around a sleep: the peer is to ring when it has written, or made room for what is queued. Then look once
  // more before sleeping.
  void AwaitBell();
  void AwaitNoBell();

  // Takes what came over the socket. False: it was the last, and parting_words says why, if not in good
  // order. Errors: kUnavailable, it has been hung up; kDataLoss.
  absl::StatusOr<bool> TakeWords();
  void SayGoodbye(const std::string& why);

  // Nothing more is written, and nothing more waited for; what has come can still be read unless the ring is
  // not to be believed (`why` kDataLoss). OK: it left in good order.
  void Lose(const absl::Status& why);
  bool is_lost() const { return is_lost_.load(std::memory_order_acquire); }  // any thread
  // What any use of a lost peer says.
  absl::Status why_lost() const { return why_lost_.ok() ? PeerHasLeft(rank_) : why_lost_; }

  uint64_t whole_sent() const { return whole_sent_.load(std::memory_order_relaxed); }          // any thread
  uint64_t whole_received() const { return whole_received_.load(std::memory_order_relaxed); }  // any thread

  std::string parting_words;  // of the peer
  LiveShape shape;            // of what comes

 private:
  struct Unsent {
    uint32_t tag = 0;
    int64_t sent_nanoseconds = 0;
    std::span<const std::byte> bytes;
    size_t written = 0;
  };
  // Makes next_ of what is in the ring; false: nothing is.
  absl::StatusOr<bool> ReadNext();
  void KeepNext();
  void Release(size_t piece_bytes);
  void Ring();

  const int rank_;
  Socket socket_;
  RingWriter out_ring_;
  RingReader in_;

  std::vector<Unsent> out_;  // [out_begin_, end) is to be written
  size_t out_begin_ = 0;
  uint64_t messages_queued_ = 0;

  SharedFrame next_;  // the first in the ring
  bool has_next_ = false;
  std::vector<SharedFrame> kept_;  // in order of arrival, all before next_
  PiecePool pool_;
  uint64_t kept_bytes_ = 0;
  LinkShaper shaper_;

  std::array<std::byte, 3 + kMostPartingWords> words_{};  // what came of a goodbye that is not whole yet
  size_t words_bytes_ = 0;

  std::atomic<bool> is_lost_ = false;
  bool is_believed_ = true;  // the rings
  absl::Status why_lost_;
  std::atomic<uint64_t> whole_sent_ = 0;
  std::atomic<uint64_t> whole_received_ = 0;
};

}  // namespace concertina
