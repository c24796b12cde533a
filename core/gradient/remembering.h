// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// remembering.h: what the codecs with a switch "error_feedback" share: the residual, if the switch is on, and
// what a checkpoint keeps of it.
// On the way of the data: a sparsifying codec's Encode -> here -> gradient/error_feedback.h.
#pragma once

#include <algorithm>
#include <string_view>

#include "core/gradient/checks.h"
#include "core/gradient/codec.h"
#include "core/gradient/error_feedback.h"
#include "core/gradient/sparse_payload.h"

namespace concertina {

class Remembering : public Codec {
 public:
  double ResidualNormSquared() const override { return feedback_.ResidualNormSquared(); }
  std::span<const float> residual() const override { return feedback_.residual(); }
  void SaveState(std::vector<uint8_t>& state) const override { feedback_.SaveState(state); }
  absl::Status LoadState(std::span<const uint8_t> state) override {
    return remembers_ ? feedback_.LoadState(state) : CheckNoState(kind_, state);
  }

 protected:
  // `kind`: of its descriptor.
  Remembering(std::string_view kind, bool error_feedback) : kind_(kind), remembers_(error_feedback) {}

  bool remembers() const { return remembers_; }
  ErrorFeedback& feedback() { return feedback_; }
  // After Correct: what a sparse payload sent leaves x, and the rest is the residual.
  void KeepUnsent(std::span<const uint8_t> payload) {
    const std::span<float> x = feedback_.corrected();
    const double sent_norm_squared = TakeSent(payload, x);
    // A difference of two sums is not quite 0 where all was sent.
    const bool all_sent =
        static_cast<int64_t>(payload.size()) == SparsePayloadBytes(static_cast<int64_t>(x.size()));
    feedback_.Commit(all_sent ? 0 : std::max(0.0, feedback_.corrected_norm_squared() - sent_norm_squared));
  }
  // Live knobs turn anything but the switch.
  absl::Status CheckSwitchStays(const Params& params) const {
    if (params.Boolean("error_feedback") == remembers_) return absl::OkStatus();
    return absl::FailedPreconditionError("error_feedback: cannot change while a run goes; start another run");
  }

 private:
  const std::string_view kind_;
  const bool remembers_;
  ErrorFeedback feedback_;
};

}  // namespace concertina
