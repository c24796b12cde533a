// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// watched_transport.h: another transport, of which each message can be written down, or held back until it
// may go. On the way of the data: comm/communicator.h -> here -> comm/transport.h, base/message_ring.h,
// comm/message_gate.h.
//
// While nobody looks a message costs a call and a look at two flags.
#pragma once

#include <algorithm>
#include <vector>

#include "core/base/message_ring.h"
#include "core/comm/forwarding_transport.h"
#include "core/comm/message_gate.h"

namespace concertina {

class WatchedTransport final : public ForwardingTransport {
 public:
  // Where messages wait for a person every wait lasts as long: the engine is who says that it is too long.
  static constexpr double kSlowSeconds = 24 * 3600;
  // What began before the gate was opened has deadlines of a time at which nothing moved.
  static constexpr double kGraceSeconds = 120;

  // What goes over `quiet_channel` (the upper half of a tag) is neither written down nor held back: by it
  // ranks meet between steps. All of these outlive it; `gate` may be null.
  WatchedTransport(Transport& inner, uint16_t quiet_channel, MessageRing& ring, MessageGate* gate)
      : ForwardingTransport(inner), quiet_channel_(quiet_channel), ring_(ring), gate_(gate) {}

  // Nothing is held back until the end of the block: of an evaluation.
  class Passing {
   public:
    explicit Passing(WatchedTransport* transport) : transport_(transport) { transport_->passes_ = true; }
    ~Passing() { transport_->passes_ = false; }
    Passing(const Passing&) = delete;
    Passing& operator=(const Passing&) = delete;

   private:
    WatchedTransport* const transport_;
  };

  absl::Status Send(int to, uint32_t tag, std::span<const std::byte> bytes, Deadline deadline) override;
  absl::Status Lend(int to, uint32_t tag, std::span<const std::byte> bytes, Deadline deadline) override;
  void Note(const MessageNote& note) override { note_ = note; }
  absl::Status Receive(int from, uint32_t tag, size_t size, Deadline deadline, Sink sink) override;
  absl::Status ReceiveMessage(int from, uint32_t tag, size_t max_size, Deadline deadline,
                              std::vector<uint8_t>& bytes) override;
  absl::Status Flush(int to, Deadline deadline) override { return inner().Flush(to, Longer(deadline)); }
  absl::Status SendReceive(int peer, uint32_t tag, std::span<const std::byte> bytes, Deadline deadline,
                           Sink sink) override;
  // Not WaitAny: it is often a question with a short deadline, which is meant.
  void Abort(const absl::Status& why) override {
    inner().Abort(why);  // first: what the gate lets go must not leave any more
    if (gate_ != nullptr) gate_->Open();
  }

 private:
  bool is_quiet(uint32_t tag) const { return tag >> 16 == quiet_channel_; }
  Deadline Longer(Deadline deadline) const;
  // Until it may go; gives what is known of it.
  MessageNote Await(int to, uint32_t tag, size_t bytes);
  double Begin() const { return ring_.is_on() ? SteadyNow() : 0; }
  void Write(bool is_received, int peer, uint32_t tag, const MessageNote& note, double begin, size_t bytes);

  const uint32_t quiet_channel_;
  MessageRing& ring_;
  MessageGate* const gate_;
  MessageNote note_;     // of the message that is sent next; the communication thread's
  bool passes_ = false;  // the step thread's, while nobody else sends
};

}  // namespace concertina
