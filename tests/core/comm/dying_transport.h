// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// dying_transport.h: a rank that dies at a chosen message, for the tests of what the others do then.
#pragma once

#include <atomic>
#include <memory>

#include "core/comm/forwarding_transport.h"

namespace concertina {

inline constexpr int kNeverDies = 1 << 30;

// Its n-th send, from 0, does not leave any more: the rank has died. Everything else passes through.
class DyingTransport final : public ForwardingTransport {
 public:
  DyingTransport(std::unique_ptr<Transport> inner, int sends)
      : ForwardingTransport(*inner), owned_(std::move(inner)) {
    DieAt(sends);
  }
  void DieAt(int sends) {  // from now on
    dies_at_ = sends;
    sends_ = 0;
  }
  int sends() const { return sends_; }  // since DieAt

  absl::Status Send(int to, uint32_t tag, std::span<const std::byte> bytes, Deadline deadline) override {
    RETURN_IF_ERROR(CountSend());
    return inner().Send(to, tag, bytes, deadline);
  }
  absl::Status Lend(int to, uint32_t tag, std::span<const std::byte> bytes, Deadline deadline) override {
    RETURN_IF_ERROR(CountSend());
    return inner().Lend(to, tag, bytes, deadline);
  }

 private:
  absl::Status CountSend() {
    if (sends_++ < dies_at_) return absl::OkStatus();
    inner().Abort(absl::UnavailableError("died"));
    return absl::AbortedError("died");
  }

  const std::unique_ptr<Transport> owned_;
  // The communication thread sends, the step thread says when to die.
  std::atomic<int> dies_at_{0}, sends_{0};
};

}  // namespace concertina
