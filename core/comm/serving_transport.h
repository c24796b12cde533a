// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// serving_transport.h: another transport, whose waits for one rank let others be served meanwhile.
// On the way of the data: comm/communicator.h (of the axes that divide the model) -> here ->
// comm/transport.h; while it waits -> parallel/exchange.h's Serve.
//
// Ranks that divide a model wait for one another in the middle of a step, and a transport is one thread's. A
// rank that has something which ranks of other copies of the model ask for would keep those waiting, and they
// theirs, round in a circle. So it looks for them while it waits itself; not while it computes.
#pragma once

#include <functional>
#include <utility>
#include <vector>

#include "core/comm/forwarding_transport.h"

namespace concertina {

class ServingTransport final : public ForwardingTransport {
 public:
  // Answers who has come, and waits for nobody who has not. It uses the inner transport itself.
  using Serve = std::function<absl::Status()>;

  explicit ServingTransport(Transport& inner) : ForwardingTransport(inner) {}
  // Until then, and of none, it is the inner transport.
  void SetServe(Serve serve) { serve_ = std::move(serve); }

  absl::Status Receive(int from, uint32_t tag, size_t size, Deadline deadline, Sink sink) override {
    RETURN_IF_ERROR(Await(from, tag, deadline));
    return inner().Receive(from, tag, size, deadline, sink);
  }
  absl::Status ReceiveMessage(int from, uint32_t tag, size_t max_size, Deadline deadline,
                              std::vector<uint8_t>& bytes) override {
    RETURN_IF_ERROR(Await(from, tag, deadline));
    return inner().ReceiveMessage(from, tag, max_size, deadline, bytes);
  }
  // Where others are served, sent first and then received: a peer that is not there yet is waited for.
  absl::Status SendReceive(int peer, uint32_t tag, std::span<const std::byte> bytes, Deadline deadline,
                           Sink sink) override {
    return serve_ ? Transport::SendReceive(peer, tag, bytes, deadline, sink)
                  : inner().SendReceive(peer, tag, bytes, deadline, sink);
  }

 private:
  // Until a message of (from, tag) has begun to come. What is wrong otherwise the inner transport will say.
  absl::Status Await(int from, uint32_t tag, Deadline deadline);

  Serve serve_;
};

}  // namespace concertina
