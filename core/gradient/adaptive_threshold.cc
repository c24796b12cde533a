// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// adaptive_threshold.cc: sends every element whose magnitude reaches a threshold, which follows the gradient
// so that about k are sent [cited below]. On the way of the data: parallel/bucket.h -> here ->
// comm/transport.h.
//   H_t(x)_i = x_i if |x_i| >= t, else 0          x = g + e,  payload = H_t(x),  e' = x - H_t(x)
// The tail of a gradient's magnitudes is taken for an exponential one [SIDCo's first choice of model]: n(t),
// how many reach t, falls as exp(-t / b), where b is the mean of what the sent magnitudes exceed t by (its
// maximum-likelihood estimate). So after n were sent
//   t' = t + b ln(n / k)
// is where k of them would have been: the next step's threshold. (So it is a step late: where gradients
// shrink by a share s a step, ln(n / k) is -s t / b on average, 2 % for s = 0.001 and t = 20 b.) It costs a
// sum over what is sent, where top-k looks for the k-th largest. SIDCo fits anew at every step, in stages,
// from the mean of |x|; here one stage follows another from step to step.
//   First step, and whenever n leaves [k/2, 2k] (a jump of the loss; ties): the k largest are sent, exactly,
//   and t' is the smallest of them. So k/2 <= n <= 2k always, and ||x - H(x)||^2 <= (1 - ceil(k/2)/d)
//   ||x||^2.
// Payload, little endian: n u32 | n indices u32, ascending | n values f32.
#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>

#include "core/base/registry.h"
#include "core/gradient/checks.h"
#include "core/gradient/codec.h"
#include "core/gradient/largest.h"
#include "core/gradient/remembering.h"
#include "core/gradient/sparse_payload.h"
#include "core/gradient/sparsifier.h"
#include "fmt/format.h"

namespace concertina {
namespace {

class AdaptiveThreshold final : public Remembering, public Sparsifier {
 public:
  AdaptiveThreshold(double ratio, bool error_feedback)
      : Remembering("adaptive-threshold", error_feedback), ratio_(ratio) {}

  absl::Status Encode(std::span<const float> gradient, int64_t, std::vector<uint8_t>& payload) override {
    RETURN_IF_ERROR(length_.Check(gradient));
    std::span<const float> x = gradient;
    RETURN_IF_ERROR(Find(x, remembers()));
    const SparsePlaces places = BeginSparsePayload(CountFound(x), payload);
    Choose(x, places.indices, places.values);
    if (remembers()) KeepUnsent(payload);
    return absl::OkStatus();
  }

  absl::Status Select(std::span<const float> x, int64_t, std::vector<uint32_t>& indices,
                      std::vector<float>& values) override {
    RETURN_IF_ERROR(length_.Check(x));
    RETURN_IF_ERROR(Find(x, /*corrects=*/false));
    const auto n = static_cast<size_t>(CountFound(x));
    indices.resize(n);
    values.resize(n);
    Choose(x, reinterpret_cast<uint8_t*>(indices.data()), reinterpret_cast<uint8_t*>(values.data()));
    return absl::OkStatus();
  }
  int64_t MaxSelected(int64_t d) const override { return MostOf(d); }

  absl::Status Decode(std::span<const uint8_t> payload, std::span<float> gradient) const override {
    return DecodeSparse("adaptive-threshold", payload, /*least=*/1, gradient);
  }
  absl::Status DecodeAdd(std::span<const uint8_t> payload, std::span<float> gradient) const override {
    return AddSparse("adaptive-threshold", payload, /*least=*/1, gradient);
  }

  int64_t MaxPayloadBytes(int64_t d) const override { return SparsePayloadBytes(MostOf(d)); }
  bool has_fixed_size() const override { return false; }
  double ErrorBound(int64_t d) const override {
    return 1 - static_cast<double>((KeptOf(d) + 1) / 2) / static_cast<double>(d);
  }
  Sum sum() const override { return Sum::kGathered; }
  bool sends_chosen() const override { return true; }

  // The threshold f64, 0 before the first step | the residual.
  void SaveState(std::vector<uint8_t>& state) const override {
    Remembering::SaveState(state);
    const auto* const bytes = reinterpret_cast<const uint8_t*>(&threshold_);
    state.insert(state.begin(), bytes, bytes + sizeof threshold_);
  }
  absl::Status LoadState(std::span<const uint8_t> state) override {
    double threshold;
    if (state.size() < sizeof threshold)
      return absl::DataLossError(fmt::format("adaptive-threshold state: {} bytes, expected at least {}",
                                             state.size(), sizeof threshold));
    std::memcpy(&threshold, state.data(), sizeof threshold);
    if (!std::isfinite(threshold) || threshold < 0)
      return absl::DataLossError(
          fmt::format("adaptive-threshold state: a threshold of {}, expected a finite one", threshold));
    const std::span<const uint8_t> rest = state.subspan(sizeof threshold);
    RETURN_IF_ERROR(Remembering::LoadState(rest));
    threshold_ = threshold;
    return absl::OkStatus();
  }

  absl::Status Change(const Params& params) override {
    RETURN_IF_ERROR(CheckSwitchStays(params));
    ratio_ = params.Number("ratio");
    return absl::OkStatus();
  }

 private:
  int64_t KeptOf(int64_t d) const {
    return std::clamp<int64_t>(std::llround(ratio_ * static_cast<double>(d)), 1, std::max<int64_t>(1, d));
  }
  int64_t MostOf(int64_t d) const { return std::min(d, 2 * KeptOf(d)); }

  template <class Visit>
  static void ForEachBlock(std::span<const float> x, Visit visit) {
    for (size_t begin = 0; begin < x.size(); begin += LargestSelector::kMaxBlock)
      visit(x.subspan(begin, std::min<size_t>(LargestSelector::kMaxBlock, x.size() - begin)),
            static_cast<int64_t>(begin));
  }

  // Finds what of x reaches the threshold, until it is more than 2k. With `corrects` x is a gradient, and
  // becomes the one that the residual was added to.
  absl::Status Find(std::span<const float>& x, bool corrects) {
    const int64_t most = MostOf(static_cast<int64_t>(x.size()));
    const auto room = static_cast<size_t>(most + LargestSelector::kMaxBlock);
    if (indices_.size() < room) {
      indices_.resize(room);
      values_.resize(room);
    }
    least_ = std::max(1, MagnitudeBits(static_cast<float>(threshold_)));
    found_ = threshold_ > 0 ? 0 : most + 1;
    const auto visit = [&](std::span<const float> block, int64_t offset) {
      if (found_ <= most)
        found_ += CollectLargest(block, offset, least_, indices_.data() + found_, values_.data() + found_);
    };
    if (corrects) {
      RETURN_IF_ERROR(feedback().Correct(x, visit));
      x = feedback().corrected();
      return absl::OkStatus();
    }
    bool is_finite = true;
    ForEachBlock(x, [&](std::span<const float> block, int64_t offset) {
      is_finite = is_finite && IsFinite(block);
      if (is_finite) visit(block, offset);
    });
    return is_finite ? absl::OkStatus() : NotFiniteError(x);
  }

  // How many are sent: those that were found, or k where they are too few or too many.
  int64_t CountFound(std::span<const float> x) const {
    const auto d = static_cast<int64_t>(x.size());
    const int64_t k = KeptOf(d);
    return found_ > MostOf(d) || found_ < (k + 1) / 2 ? k : found_;
  }

  // Writes so many indices u32 and values f32, and says where the next threshold is.
  void Choose(std::span<const float> x, uint8_t* indices, uint8_t* values) {
    const int64_t k = KeptOf(static_cast<int64_t>(x.size())), n = CountFound(x);
    if (n == found_) {
      const auto bytes = static_cast<size_t>(4 * n);
      std::memcpy(indices, indices_.data(), bytes);
      std::memcpy(values, values_.data(), bytes);
      threshold_ = NextThreshold({values_.data(), static_cast<size_t>(n)}, k);
      return;
    }
    selector_.Begin(k, x, {});
    ForEachBlock(x, [&](std::span<const float> block, int64_t offset) { selector_.Visit(block, offset); });
    selector_.Finish(x, indices, values);
    threshold_ = SmallestOf(values, k);
  }

  static double SmallestOf(const uint8_t* values, int64_t count) {
    double smallest = std::numeric_limits<double>::infinity();
    for (int64_t i = 0; i < count; ++i) {
      float value;
      std::memcpy(&value, values + 4 * i, 4);
      smallest = std::min(smallest, std::abs(static_cast<double>(value)));
    }
    return smallest;
  }

  double NextThreshold(std::span<const float> sent, int64_t k) const {
    const auto n = static_cast<double>(sent.size());
    double sum = 0;
    for (const float value : sent) sum += std::abs(static_cast<double>(value));
    const double excess = std::max(0.0, sum / n - threshold_);
    // Half at the least: a tail that is no exponential one must not lead to 0, where there is no way back.
    return std::max(threshold_ / 2, threshold_ + excess * std::log(n / static_cast<double>(k)));
  }

  double ratio_;
  double threshold_ = 0;  // 0: none yet
  int32_t least_ = 1;     // its magnitude bits
  int64_t found_ = 0;     // elements that reach it; more than 2k: too many
  BucketLength length_;
  LargestSelector selector_;
  std::vector<uint32_t> indices_;
  std::vector<float> values_;
};

REGISTER_COMPONENT(
    Codec,
    Descriptor(
        {.category = "gradient-codec",
         .kind = "adaptive-threshold",
         .title = "Adaptive threshold",
         .summary = "Sends what exceeds a threshold that follows the gradient, about a given share.",
         .citation = "Abdelmoniem, Elzanaty, Alouini, Canini. An Efficient Statistical-based Gradient "
                     "Compression Technique for Distributed Training Systems. MLSys 2021",
         .params =
             {{.name = "ratio",
               .default_value = 0.01,
               .minimum = 1e-6,
               .maximum = 1,
               .live = true,
               .doc = "k/d, the share of elements that is aimed at; half to twice as many are sent, 8 bytes "
                      "each, and plan tells the twice. The threshold is that of the step before, corrected "
                      "by the tail above it, which costs next to nothing where top-k searches; and a burst "
                      "of large elements is let through, a quiet step sends less. Take top-k where every "
                      "payload must be of one size."},
              ErrorFeedbackParam()}}),
    [](const Params& params) -> absl::StatusOr<std::unique_ptr<Codec>> {
      return std::make_unique<AdaptiveThreshold>(params.Number("ratio"), params.Boolean("error_feedback"));
    });

}  // namespace
}  // namespace concertina
