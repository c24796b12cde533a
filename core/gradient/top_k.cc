// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// top_k.cc: sends the k elements of largest magnitude, and remembers the rest [cited below].
// On the way of the data: parallel/bucket.h -> here -> comm/transport.h.
//   S_k(x)_i = x_i if |x_i| is among the k largest, else 0      ||x - S_k(x)||^2 <= (1 - k/d) ||x||^2
//   x_t = g_t + e_t,  payload = S_k(x_t),  e_(t+1) = x_t - S_k(x_t)              (error feedback)
// k = ratio d, rounded to the nearest, at least 1. Ties go to the lower index: two ranks, or two runs, must
// keep the same elements. Payload, little endian: k u32 | k indices u32, ascending | k values f32. 8k + 4
// bytes against 4d, so above a ratio of one half this sends more than it saves.
#include <algorithm>
#include <cmath>
#include <cstring>

#include "core/base/registry.h"
#include "core/gradient/checks.h"
#include "core/gradient/codec.h"
#include "core/gradient/error_feedback.h"
#include "core/gradient/largest.h"
#include "core/gradient/sparsifier.h"
#include "fmt/format.h"

namespace concertina {
namespace {

template <class T>
T Read(const uint8_t* from) {
  T value;
  std::memcpy(&value, from, sizeof(T));
  return value;
}

class TopK final : public Codec, public Sparsifier {
 public:
  TopK(double ratio, bool error_feedback) : ratio_(ratio), remembers_(error_feedback) {}

  absl::Status Encode(std::span<const float> gradient, int64_t, std::vector<uint8_t>& payload) override {
    RETURN_IF_ERROR(length_.Check(gradient));
    const auto d = static_cast<int64_t>(gradient.size());
    const int64_t k = KeptOf(d);
    std::span<const float> x = gradient;
    if (remembers_) {
      selector_.Begin(k, gradient, feedback_.residual());
      RETURN_IF_ERROR(feedback_.Correct(gradient, [this](std::span<const float> block, int64_t offset) {
        selector_.Visit(block, offset);
      }));
      x = feedback_.corrected();
    } else {
      RETURN_IF_ERROR(Look(gradient, k));
    }
    payload.resize(static_cast<size_t>(MaxPayloadBytes(d)));
    const auto kept = static_cast<uint32_t>(k);
    std::memcpy(payload.data(), &kept, 4);
    selector_.Finish(x, payload.data() + 4, payload.data() + 4 + 4 * k);
    if (remembers_) Forget(payload, k);
    return absl::OkStatus();
  }

  absl::Status Select(std::span<const float> x, int64_t, std::vector<uint32_t>& indices,
                      std::vector<float>& values) override {
    RETURN_IF_ERROR(length_.Check(x));
    const int64_t k = KeptOf(static_cast<int64_t>(x.size()));
    RETURN_IF_ERROR(Look(x, k));
    indices.resize(static_cast<size_t>(k));
    values.resize(static_cast<size_t>(k));
    selector_.Finish(x, reinterpret_cast<uint8_t*>(indices.data()),
                     reinterpret_cast<uint8_t*>(values.data()));
    return absl::OkStatus();
  }
  int64_t MaxSelected(int64_t d) const override { return KeptOf(d); }

  absl::Status Decode(std::span<const uint8_t> payload, std::span<float> gradient) const override {
    RETURN_IF_ERROR(Validate(payload, static_cast<int64_t>(gradient.size())));
    std::memset(gradient.data(), 0, gradient.size_bytes());
    ForEach(payload, [&](uint32_t index, float value) { gradient[index] = value; });
    return absl::OkStatus();
  }

  absl::Status DecodeAdd(std::span<const uint8_t> payload, std::span<float> gradient) const override {
    RETURN_IF_ERROR(Validate(payload, static_cast<int64_t>(gradient.size())));
    ForEach(payload, [&](uint32_t index, float value) { gradient[index] += value; });
    return absl::OkStatus();
  }

  int64_t MaxPayloadBytes(int64_t d) const override { return 4 + 8 * KeptOf(d); }
  double ErrorBound(int64_t d) const override {
    return 1 - static_cast<double>(KeptOf(d)) / static_cast<double>(d);
  }
  Sum sum() const override { return Sum::kGathered; }
  double ResidualNormSquared() const override { return feedback_.ResidualNormSquared(); }
  void SaveState(std::vector<uint8_t>& state) const override { feedback_.SaveState(state); }

  absl::Status LoadState(std::span<const uint8_t> state) override {
    return remembers_ ? feedback_.LoadState(state) : CheckNoState("top-k", state);
  }

  absl::Status Change(const Params& params) override {
    if (params.Boolean("error_feedback") != remembers_)
      return absl::FailedPreconditionError(
          "error_feedback: cannot change while a run goes; start another run");
    ratio_ = params.Number("ratio");
    return absl::OkStatus();
  }

 private:
  int64_t KeptOf(int64_t d) const {
    return std::clamp<int64_t>(std::llround(ratio_ * static_cast<double>(d)), 1, std::max<int64_t>(1, d));
  }

  // Shows the selector all of x. kOutOfRange if an element is not finite.
  absl::Status Look(std::span<const float> x, int64_t k) {
    const auto d = static_cast<int64_t>(x.size());
    selector_.Begin(k, x, {});
    for (int64_t begin = 0; begin < d; begin += LargestSelector::kMaxBlock) {
      const auto count = static_cast<size_t>(std::min(LargestSelector::kMaxBlock, d - begin));
      const auto block = x.subspan(static_cast<size_t>(begin), count);
      if (!IsFinite(block)) return NotFiniteError(block, begin);
      selector_.Visit(block, begin);
    }
    return absl::OkStatus();
  }

  // What was sent leaves the residual. Its norm is known from the two that are.
  void Forget(std::span<const uint8_t> payload, int64_t k) {
    const std::span<float> x = feedback_.corrected();
    double sent_norm_squared = 0;
    ForEach(payload, [&](uint32_t index, float value) {
      x[index] = 0;
      sent_norm_squared += static_cast<double>(value) * value;
    });
    const bool sent_all = k == static_cast<int64_t>(x.size());
    feedback_.Commit(sent_all ? 0 : std::max(0.0, feedback_.corrected_norm_squared() - sent_norm_squared));
  }

  // Nothing of the payload is believed before it has passed here.
  static absl::Status Validate(std::span<const uint8_t> payload, int64_t d) {
    const auto bytes = static_cast<int64_t>(payload.size());
    if (bytes < 4)
      return absl::DataLossError(fmt::format("top-k payload: {} bytes, expected at least 4", bytes));
    const int64_t k = Read<uint32_t>(payload.data());
    if (k < 1 || k > d)
      return absl::DataLossError(fmt::format("top-k payload: {} elements, expected 1 to {}", k, d));
    RETURN_IF_ERROR(CheckPayloadSize("top-k", bytes, 4 + 8 * k, d));
    int64_t last = -1;
    for (int64_t i = 0; i < k; ++i) {
      const int64_t index = Read<uint32_t>(payload.data() + 4 + 4 * i);
      if (index <= last || index >= d)
        return absl::DataLossError(fmt::format(
            "top-k payload: index {} at place {}, expected one from {} to {}", index, i, last + 1, d - 1));
      last = index;
    }
    if (const int64_t bad = FirstNotFinite(payload.data() + 4 + 4 * k, k); bad >= 0)
      return DamagedElementError("top-k", bad);
    return absl::OkStatus();
  }

  template <class Take>
  static void ForEach(std::span<const uint8_t> payload, Take take) {
    const int64_t k = Read<uint32_t>(payload.data());
    const uint8_t* indices = payload.data() + 4;
    const uint8_t* values = indices + 4 * k;
    for (int64_t i = 0; i < k; ++i) take(Read<uint32_t>(indices + 4 * i), Read<float>(values + 4 * i));
  }

  double ratio_;
  const bool remembers_;
  BucketLength length_;
  ErrorFeedback feedback_;
  LargestSelector selector_;
};

REGISTER_COMPONENT(
    Codec,
    Descriptor(
        {.category = "gradient-codec",
         .kind = "top-k",
         .title = "Top-k sparsification",
         .summary = "Sends the k largest elements of the gradient; the rest waits in a residual.",
         .citation = "Stich, Cordonnier, Jaggi. Sparsified SGD with Memory. NeurIPS 2018",
         .params = {{.name = "ratio",
                     .default_value = 0.01,
                     .minimum = 1e-6,
                     .maximum = 1,
                     .live = true,
                     .doc = "k/d, the share of elements that is sent. Each costs 8 bytes."},
                    {.name = "error_feedback",
                     .type = ParamType::kBoolean,
                     .default_value = true,
                     .doc = "Adds what was not sent to the next gradient. Without it, small elements never "
                            "arrive."}}}),
    [](const Params& params) -> absl::StatusOr<std::unique_ptr<Codec>> {
      return std::make_unique<TopK>(params.Number("ratio"), params.Boolean("error_feedback"));
    });

}  // namespace
}  // namespace concertina
