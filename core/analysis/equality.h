// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// equality.h: do N workers train what one worker would? Makes the experiment of the single worker that takes
// the same global batches, says whether the two are meant to be equal, and compares the parameters.
// On the way of the data: a spec and its plan -> here -> two runs of the engine -> here -> concertinactl
// verify, ui/pages/design_verify.h.
//
// Synchronous data parallelism averages, over the ranks, averages of batches of one size: the average of the
// global batch, but for the order of the sums. Pipeline and tensor parallelism compute the same sums in other
// places. So the parameters differ by rounding: every step's gradient by some units of the last place of its
// terms, and steps add up. Now and then rounding tips a unit that stands at its threshold (a ReLU at zero,
// two equals in a max pool), and from there the two part as any two trainings would. That depends on the
// seed, and a mistake does not: where the two differ by more than rounding other seeds are tried, and one
// with which they stay together through all steps shows that they are the same.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/base/status.h"

namespace concertina {

inline constexpr int64_t kEqualitySteps = 30;
inline constexpr int64_t kMaxEqualitySteps = 1000;
inline constexpr int kEqualityAttempts = 3;  // seeds that are tried

// The two experiments to run, and what to expect of them.
struct EqualityPair {
  std::string many_json;  // the experiment as it is, cut to `steps`
  std::string one_json;   // its counterpart on one worker
  int64_t steps = 0;
  int64_t workers = 1;
  int attempt = 1;               // up to kEqualityAttempts
  int64_t seed = 0;              // of both
  double tolerance = 0;          // on EqualityResult::relative
  std::string tolerance_reason;  // a sentence
  // Why the two are not meant to be equal, a sentence each; then no verdict is given. None: they are.
  std::vector<std::string> reasons;
  bool meant_equal() const { return reasons.empty(); }
};

// `spec_json`: with defaults filled in, as Validate gives it; `plan_json`: the plan of it (global_batch_size,
// total_steps, world_size, layers). Takes `steps`, or as many as the experiment has if those are fewer.
// kInvalidArgument if one of the two is not what the engine gives.
absl::StatusOr<EqualityPair> MakeEqualityPair(const std::string& spec_json, const std::string& plan_json,
                                              int64_t steps);

// The same with the next seed.
EqualityPair NextAttempt(const EqualityPair& pair);

// Parameters by name, in the order of the file.
struct TensorValues {
  std::string name;
  std::vector<float> values;
};
// The tensors of a safetensors file (header length u64 | header, JSON | data), as the export of a run gives
// it. Trusts nothing in it: kDataLoss, with the place, if it is not one of 32-bit floats.
absl::StatusOr<std::vector<TensorValues>> TensorsOf(std::string_view safetensors);

struct EqualityResult {
  double absolute = 0;  // the largest |a - b|
  // The largest |a - b| / largest |a| of its tensor: single elements may be near zero, a tensor is not.
  double relative = 0;
  std::string tensor;  // where `relative` is largest
  int64_t parameters = 0;
  int64_t different = 0;  // elements that are not the same bits
};
// `one`: the single worker's parameters. kFailedPrecondition if the two are not the same tensors;
// kOutOfRange if a value is NaN or infinite (named).
absl::StatusOr<EqualityResult> CompareTensors(std::span<const TensorValues> one,
                                              std::span<const TensorValues> many);

enum class EqualityVerdict { kEqual, kDifferent, kNotApplicable };
EqualityVerdict VerdictOf(const EqualityPair& pair, const EqualityResult& result);
// They differ, and there is another seed to try.
bool IsWorthAnotherSeed(const EqualityPair& pair, const EqualityResult& result);
std::string_view VerdictName(EqualityVerdict verdict);  // "equal", "different", "not-applicable"

// "the parameters of 4 workers equal those of one worker to rounding"
std::string EqualitySentence(const EqualityPair& pair, const EqualityResult& result);

}  // namespace concertina
