// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// carried_peer.h: what goes to one peer over a carrier, what came from it and waits, and the line of words.
// On the way of the data: comm/carried_transport.cc -> here -> comm/frame_carrier.h -> the peer's here.
#pragma once

#include <atomic>
#include <cstdint>
#include <deque>
#include <span>
#include <string>

#include "core/comm/frame_carrier.h"
#include "core/comm/link_shaper.h"
#include "core/comm/word_line.h"

namespace concertina {

// A frame that has come and waits to be received.
struct CarriedFrame {
  uint32_t tag = 0;
  uint64_t message_bytes = 0;
  uint64_t offset = 0;
  size_t bytes = 0;                // of the piece
  int64_t finish_nanoseconds = 0;  // of the emulated link, without its latency
  PiecePool::Block block;
  size_t at = 0;  // of the piece in its block
  std::span<const std::byte> piece() const { return {block.bytes.get() + at, bytes}; }
};

// Used by the thread that drives the transport.
class CarriedPeer {
 public:
  CarriedPeer(int rank, WordLine words, const LinkShape& link)
      : line(std::move(words)), shape(link), rank_(rank) {}

  int rank() const { return rank_; }

  // Queues a message, which stays the caller's memory, and starts as much of it as may be under way.
  absl::Status Send(FrameCarrier& carrier, uint32_t tag, std::span<const std::byte> bytes);
  // Goes on with it; true if anything has left or was started.
  absl::StatusOr<bool> SendOn(FrameCarrier& carrier);
  bool flushed() const { return out_.empty(); }
  uint64_t messages_queued() const { return messages_queued_; }
  // Of the message that was queued as the n-th (from 0): bytes that are still the caller's to keep.
  size_t Unwritten(uint64_t message) const;
  uint64_t frames_started() const { return frames_started_; }

  // Takes one frame from the carrier into what waits; false: none has come.
  absl::StatusOr<bool> TakeOne(FrameCarrier& carrier);
  // The first of a tag that has come, or null. It is good until the next call.
  CarriedFrame* Find(uint32_t tag);
  void Drop(FrameCarrier& carrier, CarriedFrame* frame);
  int64_t ArrivalOf(const CarriedFrame& frame) const {
    return shape.is_free() ? 0 : frame.finish_nanoseconds + shape.latency_nanoseconds();
  }
  uint64_t kept_bytes() const { return kept_bytes_; }
  size_t kept_frames() const { return kept_.size(); }
  uint64_t frames_come() const { return frames_come_; }

  // Nothing more is sent, and of what was nothing is waited for. OK: it left in good order.
  void Lose(const absl::Status& why);
  bool is_lost() const { return is_lost_.load(std::memory_order_acquire); }  // any thread
  absl::Status why_lost() const { return why_lost_.ok() ? PeerHasLeft(rank_) : why_lost_; }

  uint64_t whole_sent() const { return whole_sent_.load(std::memory_order_relaxed); }          // any thread
  uint64_t whole_received() const { return whole_received_.load(std::memory_order_relaxed); }  // any thread

  WordLine line;
  LiveShape shape;              // of what comes
  bool has_goodbye = false;     // it has said that it goes
  uint64_t goodbye_frames = 0;  // that it had sent by then
  bool has_heard = false;       // all that was sent to it

 private:
  struct Unsettled {
    uint32_t tag = 0;
    int64_t sent_nanoseconds = 0;
    std::span<const std::byte> bytes;
    size_t started = 0;  // of them
    size_t left = 0;     // the caller's memory
    bool is_started = false;
  };
  // Accounts for the frames that have left since.
  bool SettleLeft(FrameCarrier& carrier);

  const int rank_;
  std::deque<Unsettled> out_;
  uint64_t messages_queued_ = 0;
  uint64_t frames_started_ = 0;
  uint64_t frames_settled_ = 0;

  std::deque<CarriedFrame> kept_;  // in order of arrival
  uint64_t kept_bytes_ = 0;
  uint64_t frames_come_ = 0;
  LinkShaper shaper_;

  std::atomic<bool> is_lost_ = false;
  absl::Status why_lost_;
  std::atomic<uint64_t> whole_sent_ = 0;
  std::atomic<uint64_t> whole_received_ = 0;
};

}  // namespace concertina
