// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// round_trainer.h: trains one virtual client on its own samples, on behalf of an exchange in rounds.
// On the way of the data: parallel/federated_exchange.h asks -> worker/round_trainer.cc -> graph/executor.h.
#pragma once

#include <cstdint>
#include <span>

#include "core/base/status.h"

namespace concertina {

// What a client is to do. Spans are of d floats, empty where not wanted.
struct LocalTraining {
  int64_t client = 0;
  int64_t round = 0;
  int64_t epochs = 1;        // passes over the client's samples
  bool whole_batch = false;  // one step an epoch, with the gradient of all samples
  double learning_rate = 0;
  // g += proximal (w - anchor), at every local step.
  float proximal = 0;
  std::span<const float> anchor;
  // Both or neither: at every local step gradient_sum += g, then g += correction, in one pass.
  std::span<const float> correction;
  std::span<float> gradient_sum;
  // Emulation of a slow device: time is stretched by so much, by standing still.
  double time_factor = 1;
  // Local training ends after the step during which so much stretched time has passed; 0: never.
  double deadline_seconds = 0;
};

struct LocalResult {
  double mean_loss = 0;  // over the samples, as they were trained on
  int64_t samples = 0;   // each as often as it was trained on
  int64_t steps = 0;     // of the local optimiser
  double seconds = 0;    // stretched
  bool complete = true;  // false: the deadline came first
  double data_seconds = 0, compute_seconds = 0, update_seconds = 0;
};

class RoundTrainer {
 public:
  virtual ~RoundTrainer() = default;
  virtual std::span<const int64_t> client_samples() const = 0;  // n_k, by client
  // From the exchange's parameters and buffers, as they are, to those that the client ends with, in place,
  // with a fresh optimiser of the run's kind. The same arguments and parameters give the same bits.
  // kOutOfRange: the loss is not a number any more; kCancelled: the run is to end. Nothing allocates.
  virtual absl::StatusOr<LocalResult> Train(const LocalTraining& local) = 0;
};

}  // namespace concertina
