// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// error_feedback.h: remembers what a lossy codec did not send, and adds it to the next gradient.
// On the way of the data: a codec's Encode -> here -> the same codec's payload.
//   x_t = g_t + e_t,   payload = C(x_t),   e_(t+1) = x_t - Decode(payload)
// [Seide et al. 1-Bit Stochastic Gradient Descent. Interspeech 2014; Karimireddy et al. Error Feedback Fixes
// SignSGD. ICML 2019]. A codec uses it in four lines:
//   RETURN_IF_ERROR(feedback_.Correct(gradient));           // x = g + e
//   std::span<float> x = feedback_.corrected();
//   … write the payload of x, and take from each x[i] what was sent of it …
//   feedback_.Commit();                                     // what is left of x is the residual
// or, if it works block by block, in two: CorrectAndTake with what it does to a block, and Commit.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "absl/functional/function_ref.h"
#include "core/base/descriptor.h"
#include "core/base/status.h"
#include "core/gradient/checks.h"
#include "hwy/aligned_allocator.h"

namespace concertina {

// Owned by its codec. Keeps two vectors of d floats, so that a gradient that turns out bad half way leaves
// the residual as it was, bit for bit.
class ErrorFeedback {
 public:
  // x, block by block while it is in the cache: `offset` is the first element's index. Blocks come in order.
  using Visit = absl::FunctionRef<void(std::span<const float> block, int64_t offset)>;

  // x = g + e in one pass. The residual changes only with Commit. kInvalidArgument if the length changed,
  // kOutOfRange naming the element if one of x is NaN or infinite, kResourceExhausted without memory.
  absl::Status Correct(std::span<const float> gradient);
  absl::Status Correct(std::span<const float> gradient, Visit visit);
  // The same with one pass less: `take` leaves of each block of x what was not sent of it, and nothing reads
  // x afterwards. Blocks are of `block` elements, a multiple of 16 and at most kLargestTake; the last may be
  // shorter. corrected_norm_squared() is not worked out.
  using Take = absl::FunctionRef<void(std::span<float> block, int64_t offset)>;
  static constexpr int64_t kLargestTake = 16384;  // 64 KiB
  absl::Status CorrectAndTake(std::span<const float> gradient, int64_t block, Take take);
  std::span<float> corrected() { return {corrected_.get(), static_cast<size_t>(d_)}; }
  double corrected_norm_squared() const { return corrected_norm_squared_; }
  // After Correct. A codec that knows the residual's ||e||^2 says so; else it is worked out when asked for.
  void Commit(std::optional<double> residual_norm_squared = std::nullopt);

  std::span<const float> residual() const { return {residual_.get(), static_cast<size_t>(d_)}; }
  double ResidualNormSquared() const;

  // d floats as they lie in memory; nothing before the first Correct. kDataLoss if the bytes cannot be such a
  // state, kInvalidArgument if they are of another length than this residual; then all is as before.
  void SaveState(std::vector<uint8_t>& state) const;
  absl::Status LoadState(std::span<const uint8_t> state);

 private:
  using Floats = hwy::AlignedFreeUniquePtr<float[]>;
  absl::Status Allocate(int64_t d);

  BucketLength length_;
  int64_t d_ = 0;
  Floats residual_, corrected_;
  double corrected_norm_squared_ = 0;
  mutable std::optional<double> residual_norm_squared_ = 0;
};

// "error_feedback", on by default, of a codec that can do without.
inline ParamSpec ErrorFeedbackParam(
    std::string doc =
        "Adds what was not sent to the next gradient. Without it, small elements never arrive.") {
  return {
      .name = "error_feedback", .type = ParamType::kBoolean, .default_value = true, .doc = std::move(doc)};
}

}  // namespace concertina
