// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// carried_peer.cc: messages cut into frames, and frames kept by tag (see carried_peer.h).
// On the way of the data: comm/carried_transport.cc -> here -> comm/frame_carrier.h -> the peer's here.
#include "core/comm/carried_peer.h"

#include <algorithm>

namespace concertina {
namespace {

// Frames of one peer that the carrier has at a time: enough to keep a link busy while one is taken in.
constexpr uint64_t kMostFramesUnderWay = 16;

}  // namespace

absl::Status CarriedPeer::Send(FrameCarrier& carrier, uint32_t tag, std::span<const std::byte> bytes) {
  out_.push_back({.tag = tag, .sent_nanoseconds = SteadyNanoseconds(), .bytes = bytes});
  ++messages_queued_;
  return SendOn(carrier).status();
}

bool CarriedPeer::SettleLeft(FrameCarrier& carrier) {
  const uint64_t left = carrier.frames_left(rank_);
  bool has_settled = false;
  for (; frames_settled_ < left && !out_.empty(); ++frames_settled_) {
    Unsettled& first = out_.front();
    first.left = std::min(first.bytes.size(), first.left + kCarriedPieceBytes);
    if (first.left == first.bytes.size()) out_.pop_front();
    has_settled = true;
  }
  return has_settled;
}

absl::StatusOr<bool> CarriedPeer::SendOn(FrameCarrier& carrier) {
  bool has_moved = SettleLeft(carrier);
  for (Unsettled& message : out_) {
    while (!message.is_started || message.started < message.bytes.size()) {
      if (frames_started_ - frames_settled_ >= kMostFramesUnderWay || is_lost()) return has_moved;
      const auto piece = message.bytes.subspan(
          message.started, std::min(kCarriedPieceBytes, message.bytes.size() - message.started));
      RETURN_IF_ERROR(carrier.Send(rank_,
                                   {.kind = FrameKind::kData,
                                    .tag = message.tag,
                                    .message_bytes = message.bytes.size(),
                                    .offset = message.started,
                                    .sent_nanoseconds = message.sent_nanoseconds},
                                   piece));
      message.is_started = true;
      message.started += piece.size();
      ++frames_started_;
      whole_sent_.fetch_add(kFrameHeaderBytes + piece.size(), std::memory_order_relaxed);
      has_moved = true;
    }
  }
  SettleLeft(carrier);  // short ones leave at once
  return has_moved;
}

size_t CarriedPeer::Unwritten(uint64_t message) const {
  const uint64_t first = messages_queued_ - out_.size();
  if (message < first) return 0;
  const Unsettled& unsettled = out_[message - first];
  return unsettled.bytes.size() - unsettled.left;
}

absl::StatusOr<bool> CarriedPeer::TakeOne(FrameCarrier& carrier) {
  ASSIGN_OR_RETURN(std::optional<ArrivedFrame> arrived, carrier.Take(rank_));
  if (!arrived) return false;
  CarriedFrame& frame = kept_.emplace_back();
  frame.tag = arrived->header.tag;
  frame.message_bytes = arrived->header.message_bytes;
  frame.offset = arrived->header.offset;
  frame.bytes = arrived->bytes;
  frame.finish_nanoseconds =
      shaper_.Finish(shape, arrived->header.sent_nanoseconds, frame.bytes, frame.offset == 0);
  frame.block = std::move(arrived->block);
  frame.at = arrived->at;
  kept_bytes_ += frame.bytes;
  ++frames_come_;
  whole_received_.fetch_add(kFrameHeaderBytes + frame.bytes, std::memory_order_relaxed);
  return true;
}

CarriedFrame* CarriedPeer::Find(uint32_t tag) {
  const auto found =
      std::find_if(kept_.begin(), kept_.end(), [tag](const CarriedFrame& frame) { return frame.tag == tag; });
  return found == kept_.end() ? nullptr : &*found;
}

void CarriedPeer::Drop(FrameCarrier& carrier, CarriedFrame* frame) {
  kept_bytes_ -= frame->bytes;
  carrier.GiveBack(rank_, std::move(frame->block));
  kept_.erase(
      std::find_if(kept_.begin(), kept_.end(), [frame](const CarriedFrame& each) { return &each == frame; }));
}

void CarriedPeer::Lose(const absl::Status& why) {
  if (is_lost()) return;
  why_lost_ = why;
  out_.clear();
  line.Close();
  is_lost_.store(true, std::memory_order_release);
}

}  // namespace concertina
