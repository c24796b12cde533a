// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// top_k.cc: sends the k elements of largest magnitude, and remembers the rest [cited below].
// On the way of the data: parallel/bucket.h -> here -> comm/transport.h.
//   S_k(x)_i = x_i if |x_i| is among the k largest, else 0      ||x - S_k(x)||^2 <= (1 - k/d) ||x||^2
//   x_t = g_t + e_t,  payload = S_k(x_t),  e_(t+1) = x_t - S_k(x_t)              (error feedback)
// k = ratio d, rounded to the nearest, at least 1. Ties go to the lower index: two ranks, or two runs, must
// keep the same elements. With a sampled selection the largest k/2 to k are sent, those above a threshold.
// Payload, little endian: k u32 | k indices u32, ascending | k values f32. 8k + 4 bytes against 4d, so above
// a ratio of one half this sends more than it saves.
#include <algorithm>
#include <cmath>

#include "core/base/registry.h"
#include "core/gradient/checks.h"
#include "core/gradient/codec.h"
#include "core/gradient/largest.h"
#include "core/gradient/remembering.h"
#include "core/gradient/sparse_payload.h"
#include "core/gradient/sparsifier.h"

namespace concertina {
namespace {

using Selection = LargestSelector::Selection;

Selection SelectionOf(const Params& params) {
  return params.Text("selection") == "sampled" ? Selection::kSampled : Selection::kExact;
}

class TopK final : public Remembering, public Sparsifier {
 public:
  TopK(double ratio, bool error_feedback, Selection selection)
      : Remembering("top-k", error_feedback), ratio_(ratio), selection_(selection), selector_(selection) {}

  absl::Status Encode(std::span<const float> gradient, int64_t, std::vector<uint8_t>& payload) override {
    RETURN_IF_ERROR(length_.Check(gradient));
    const int64_t k = KeptOf(static_cast<int64_t>(gradient.size()));
    std::span<const float> x = gradient;
    if (remembers()) {
      selector_.Begin(k, gradient, feedback().residual());
      RETURN_IF_ERROR(feedback().Correct(gradient, [this](std::span<const float> block, int64_t offset) {
        selector_.Visit(block, offset);
      }));
      x = feedback().corrected();
    } else {
      RETURN_IF_ERROR(Look(gradient, k));
    }
    const SparsePlaces places = BeginSparsePayload(selector_.count(), payload);
    selector_.Finish(x, places.indices, places.values);
    if (remembers()) KeepUnsent(payload);
    return absl::OkStatus();
  }

  absl::Status Select(std::span<const float> x, int64_t, std::vector<uint32_t>& indices,
                      std::vector<float>& values) override {
    RETURN_IF_ERROR(length_.Check(x));
    const int64_t k = KeptOf(static_cast<int64_t>(x.size()));
    RETURN_IF_ERROR(Look(x, k));
    const auto chosen = static_cast<size_t>(selector_.count());
    indices.resize(chosen);
    values.resize(chosen);
    selector_.Finish(x, reinterpret_cast<uint8_t*>(indices.data()),
                     reinterpret_cast<uint8_t*>(values.data()));
    return absl::OkStatus();
  }
  int64_t MaxSelected(int64_t d) const override { return KeptOf(d); }

  absl::Status Decode(std::span<const uint8_t> payload, std::span<float> gradient) const override {
    return DecodeSparse("top-k", payload, /*least=*/1, gradient);
  }

  absl::Status DecodeAdd(std::span<const uint8_t> payload, std::span<float> gradient) const override {
    return AddSparse("top-k", payload, /*least=*/1, gradient);
  }

  int64_t MaxPayloadBytes(int64_t d) const override { return SparsePayloadBytes(KeptOf(d)); }
  bool has_fixed_size() const override { return selection_ == Selection::kExact; }
  double ErrorBound(int64_t d) const override {
    const int64_t k = KeptOf(d), least = selection_ == Selection::kExact ? k : (k + 1) / 2;
    return 1 - static_cast<double>(least) / static_cast<double>(d);
  }
  Sum sum() const override { return Sum::kGathered; }
  bool sends_chosen() const override { return true; }

  absl::Status Change(const Params& params) override {
    RETURN_IF_ERROR(CheckSwitchStays(params));
    ratio_ = params.Number("ratio");
    selection_ = SelectionOf(params);
    selector_.SetSelection(selection_);
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

  double ratio_;
  Selection selection_;
  BucketLength length_;
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
         .params =
             {{.name = "ratio",
               .default_value = 0.01,
               .minimum = 1e-6,
               .maximum = 1,
               .live = true,
               .doc =
                   "k/d, the share of elements that is sent. Each costs 8 bytes. The k are chosen within a "
                   "bucket of the exchange: with a /exchange/bucket_mib of 0.001 within each layer's "
                   "weights, with one as large as the model within all of it."},
              ErrorFeedbackParam(),
              {.name = "selection",
               .type = ParamType::kChoice,
               .default_value = "exact",
               .choices = {"exact", "sampled"},
               .live = true,
               .doc = "exact: always the k largest. sampled: what exceeds a threshold that is guessed "
                      "from a sample of the elements, at most k and at least k/2 of the largest, as in "
                      "Deep Gradient Compression [Lin et al. ICLR 2018]; it spares the last count "
                      "among the candidates, a few percent of the time."}}}),
    [](const Params& params) -> absl::StatusOr<std::unique_ptr<Codec>> {
      return std::make_unique<TopK>(params.Number("ratio"), params.Boolean("error_feedback"),
                                    SelectionOf(params));
    });

}  // namespace
}  // namespace concertina
