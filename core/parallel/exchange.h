// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// exchange.h: how the data axis agrees on the next parameters. Category "exchange".
// On the way of the data: graph/executor.h says which gradient is ready -> here (buckets, codecs,
// comm/communicator.h on a communication thread) -> nn/optimizer.h.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "core/comm/communicator.h"
#include "core/gradient/codec.h"
#include "core/graph/executor.h"

namespace concertina {

// What one step's exchange cost this rank. Seconds on the communication thread, except wait_seconds: how long
// the step thread stood still in Finish because the exchange was not done (what overlap did not hide).
struct ExchangeCost {
  double encode_seconds = 0;
  double exchange_seconds = 0;
  double decode_seconds = 0;
  double wait_seconds = 0;
  uint64_t dense_bytes = 0;    // 4 bytes x floats that went through codecs
  uint64_t encoded_bytes = 0;  // payload made of them by this rank's encoders
  double error_squared = 0;  // sum ||x - Decode(Encode(x))||^2 of this rank, when measured (every 16th step)
  double gradient_squared = 0;  // sum ||x||^2 at the same step
  bool error_measured = false;
  double residual_squared = 0;
};

struct ExchangeContext {
  Communicator* data = nullptr;  // outlives the exchange
  const std::vector<ParameterSlot>* layout = nullptr;
  const std::vector<int>* gradient_order = nullptr;  // buckets are filled in this order
  std::span<float> gradients;
  std::function<absl::StatusOr<std::unique_ptr<Codec>>()> make_codec;  // one a bucket; null: dense
  double deadline_seconds = 60;                                        // of one step's exchange
};

// Between Prepare and the end, the calls of each step come from the step thread in this order:
//   Begin(step), GradientReady(i) for every parameter, Finish(step, apply).
class Exchange {
 public:
  // Elements [offset, offset + count) of gradients are now the averaged gradient, the same bits on every
  // rank.
  using Apply = std::function<void(int64_t offset, int64_t count)>;
  virtual ~Exchange() = default;
  virtual absl::Status Prepare(const ExchangeContext& context) = 0;
  virtual void Begin(int64_t step) = 0;
  virtual void GradientReady(int parameter_index) = 0;
  // Calls `apply` on the step thread for each bucket as its average arrives, each element exactly once.
  virtual absl::StatusOr<ExchangeCost> Finish(int64_t step, const Apply& apply) = 0;
  // Codecs' state, for checkpoints (between steps only).
  virtual void SaveState(std::vector<uint8_t>& state) const = 0;
  virtual absl::Status LoadState(std::span<const uint8_t> state) = 0;
  virtual absl::Status ChangeCodec(const Params& params) = 0;  // live knobs, between steps
  // For plan: payload bytes that one rank sends a step for `d` floats, N ranks (the busiest rank), with
  // payloads of `encoded_bytes` a rank if a gathered codec is used (else -1).
  virtual double BytesPerStep(int64_t d, int n, int64_t encoded_bytes) const = 0;
  virtual double MessagesPerStep(int64_t buckets, int n) const = 0;
};

}  // namespace concertina
