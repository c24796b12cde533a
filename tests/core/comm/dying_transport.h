// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// dying_transport.h: a rank that dies at a chosen message, for the tests of what the others do then.
#pragma once

#include <atomic>
#include <memory>

#include "core/comm/transport.h"

namespace concertina {

inline constexpr int kNeverDies = 1 << 30;

// Its n-th send, from 0, does not leave any more: the rank has died. Everything else passes through.
class DyingTransport final : public Transport {
 public:
  DyingTransport(std::unique_ptr<Transport> inner, int sends) : inner_(std::move(inner)) { DieAt(sends); }
  void DieAt(int sends) {  // from now on
    dies_at_ = sends;
    sends_ = 0;
  }
  int sends() const { return sends_; }  // since DieAt

  int rank() const override { return inner_->rank(); }
  int size() const override { return inner_->size(); }
  absl::Status Send(int to, uint32_t tag, std::span<const std::byte> bytes, Deadline deadline) override {
    RETURN_IF_ERROR(CountSend());
    return inner_->Send(to, tag, bytes, deadline);
  }
  absl::Status Lend(int to, uint32_t tag, std::span<const std::byte> bytes, Deadline deadline) override {
    RETURN_IF_ERROR(CountSend());
    return inner_->Lend(to, tag, bytes, deadline);
  }
  absl::Status Receive(int from, uint32_t tag, size_t size, Deadline deadline, Sink sink) override {
    return inner_->Receive(from, tag, size, deadline, sink);
  }
  absl::Status ReceiveMessage(int from, uint32_t tag, size_t max_size, Deadline deadline,
                              std::vector<uint8_t>& bytes) override {
    return inner_->ReceiveMessage(from, tag, max_size, deadline, bytes);
  }
  absl::Status Flush(int to, Deadline deadline) override { return inner_->Flush(to, deadline); }
  absl::StatusOr<int> WaitAny(std::span<const int> from, uint32_t tag, Deadline deadline) override {
    return inner_->WaitAny(from, tag, deadline);
  }
  void Wake() override { inner_->Wake(); }
  void SurviveLoss() override { inner_->SurviveLoss(); }
  bool is_lost(int rank) const override { return inner_->is_lost(rank); }
  std::string link_name() const override { return inner_->link_name(); }
  ByteCounts counts() const override { return inner_->counts(); }
  void SetShape(const LinkShape& shape) override { inner_->SetShape(shape); }
  void SetShape(int peer, const LinkShape& shape) override { inner_->SetShape(peer, shape); }
  void Abort(const absl::Status& why) override { inner_->Abort(why); }

 private:
  absl::Status CountSend() {
    if (sends_++ < dies_at_) return absl::OkStatus();
    inner_->Abort(absl::UnavailableError("died"));
    return absl::AbortedError("died");
  }

  const std::unique_ptr<Transport> inner_;
  // The communication thread sends, the step thread says when to die.
  std::atomic<int> dies_at_{0}, sends_{0};
};

}  // namespace concertina
