// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// forwarding_transport.h: another transport, call by call. Those that change a few of its calls derive from
// it, so that none of the others is forgotten. On the way of the data: comm/serving_transport.h,
// comm/watched_transport.h -> here -> comm/transport.h.
#pragma once

#include <string>
#include <vector>

#include "core/comm/transport.h"

namespace concertina {

class ForwardingTransport : public Transport {
 public:
  int rank() const override { return inner_.rank(); }
  int size() const override { return inner_.size(); }
  absl::Status Send(int to, uint32_t tag, std::span<const std::byte> bytes, Deadline deadline) override {
    return inner_.Send(to, tag, bytes, deadline);
  }
  absl::Status Lend(int to, uint32_t tag, std::span<const std::byte> bytes, Deadline deadline) override {
    return inner_.Lend(to, tag, bytes, deadline);
  }
  void Note(const MessageNote& note) override { inner_.Note(note); }
  absl::Status Receive(int from, uint32_t tag, size_t size, Deadline deadline, Sink sink) override {
    return inner_.Receive(from, tag, size, deadline, sink);
  }
  absl::Status ReceiveMessage(int from, uint32_t tag, size_t max_size, Deadline deadline,
                              std::vector<uint8_t>& bytes) override {
    return inner_.ReceiveMessage(from, tag, max_size, deadline, bytes);
  }
  absl::Status Flush(int to, Deadline deadline) override { return inner_.Flush(to, deadline); }
  absl::Status SendReceive(int peer, uint32_t tag, std::span<const std::byte> bytes, Deadline deadline,
                           Sink sink) override {
    return inner_.SendReceive(peer, tag, bytes, deadline, sink);
  }
  absl::StatusOr<int> WaitAny(std::span<const int> from, uint32_t tag, Deadline deadline) override {
    return inner_.WaitAny(from, tag, deadline);
  }
  void Wake() override { inner_.Wake(); }
  void SurviveLoss() override { inner_.SurviveLoss(); }
  bool is_lost(int rank) const override { return inner_.is_lost(rank); }
  std::string link_name() const override { return inner_.link_name(); }
  ByteCounts counts() const override { return inner_.counts(); }
  bool CountSent(std::span<uint64_t> sent) const override { return inner_.CountSent(sent); }
  void SetShape(const LinkShape& shape) override { inner_.SetShape(shape); }
  void SetShape(int peer, const LinkShape& shape) override { inner_.SetShape(peer, shape); }
  void AllowSpin(bool allowed) override { inner_.AllowSpin(allowed); }
  void Abort(const absl::Status& why) override { inner_.Abort(why); }
  void CutOff(int peer, const absl::Status& why) override { inner_.CutOff(peer, why); }

 protected:
  explicit ForwardingTransport(Transport& inner) : inner_(inner) {}
  Transport& inner() const { return inner_; }

 private:
  Transport& inner_;
};

}  // namespace concertina
