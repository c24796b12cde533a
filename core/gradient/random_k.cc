// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// random_k.cc: sends k elements that all ranks drew alike, so that only values travel, and add up [cited
// below]. On the way of the data: parallel/bucket.h -> here -> comm/transport.h.
//   R_k(x)_i = x_i if i was drawn, else 0        P(i is drawn) = k/d        E ||x - R_k(x)||^2 = (1 - k/d)
//   ||x||^2 with error feedback     x_t = g_t + e_t,  payload = R_k(x_t),  e_(t+1) = x_t - R_k(x_t) without,
//   scaled         payload = (d/k) R_k(g),  E payload = g,  E ||g - payload||^2 = (d/k - 1) ||g||^2
// The draw: [0, d) is cut into k stretches of floor(d/k) or one more elements, one element is drawn from
// each, uniformly, and all are turned by one uniform r: i = (m + r) mod d. For every i
//   P(i) = 1/d sum_r P(m = i - r) = 1/d sum_m P(m) = k/d     exactly, whether or not k divides d,
// since each stretch holds one. Pairs are not independent (neighbours are hardly ever drawn together), which
// the above does not need, and which spreads the elements over all layers. O(k), in ascending order but for
// one turn. The draw follows from seed, d and step alone: buckets of other lengths draw otherwise.
// Payload, little endian: 1 f32 | step mod 2^12 f32 | step / 2^12 mod 2^12 f32 | k values f32. Of a sum or a
// mean of payloads of one step, the first three still tell the step: their ratios. 4k + 12 bytes.
#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>
#include <limits>

#include "core/base/registry.h"
#include "core/base/rng.h"
#include "core/gradient/checks.h"
#include "core/gradient/codec.h"
#include "core/gradient/draws.h"
#include "core/gradient/remembering.h"
#include "core/gradient/sparsifier.h"
#include "fmt/format.h"

namespace concertina {
namespace {

constexpr int64_t kStampFloats = 3;
constexpr uint32_t kStampBase = 4096;  // two digits: N ranks' sum of them is exact up to N = 4096

// take(place, index) for each of the k drawn indices. They are drawn some at a time, so that what memory is
// waited for does not hold up the generator, nor the other way round: 0.7 to 1.2 of a copy's rate for Decode
// otherwise.
template <class Take>
void Draw(uint64_t seed, uint32_t stamp, int64_t d, int64_t k, Take take) {
  Rng rng(seed, "random-k", uint64_t{stamp} | static_cast<uint64_t>(d) << 24);
  const auto turn = static_cast<int64_t>(rng.Below(static_cast<uint64_t>(d)));
  const int64_t length = d / k, rest = d % k;
  int64_t begin = turn, owed = 0;  // owed / k: what the stretches so far are short of
  std::array<uint32_t, 256> drawn;
  for (int64_t place = 0; place < k;) {
    const int64_t count = std::min<int64_t>(static_cast<int64_t>(drawn.size()), k - place);
    for (int64_t i = 0; i < count; ++i) {
      owed += rest;
      const int64_t longer = owed >= k ? 1 : 0;
      owed -= longer * k;
      const int64_t index = begin + static_cast<int64_t>(rng.Below(static_cast<uint64_t>(length + longer)));
      begin += length + longer;
      drawn[static_cast<size_t>(i)] = static_cast<uint32_t>(index >= d ? index - d : index);
    }
    for (int64_t i = 0; i < count; ++i) take(place + i, drawn[static_cast<size_t>(i)]);
    place += count;
  }
}

class RandomK final : public Remembering, public Sparsifier {
 public:
  struct Settings {
    double ratio;
    bool error_feedback, unbiased;
    int64_t seed;
  };
  explicit RandomK(const Settings& settings)
      : Remembering("random-k", settings.error_feedback),
        settings_(settings),
        draw_seed_(static_cast<uint64_t>(settings.seed)) {}

  // Whatever the rank: all draw alike.
  void SeedDraws(uint64_t run_seed, int) override {
    draw_seed_ = SeedOfRun(static_cast<uint64_t>(settings_.seed), run_seed);
  }

  absl::Status Encode(std::span<const float> gradient, int64_t step, std::vector<uint8_t>& payload) override {
    RETURN_IF_ERROR(length_.Check(gradient));
    const auto d = static_cast<int64_t>(gradient.size());
    const int64_t k = KeptOf(d);
    std::span<const float> x = gradient;
    if (remembers()) {
      RETURN_IF_ERROR(feedback().Correct(gradient));
      x = feedback().corrected();
    } else if (!IsFinite(gradient)) {
      return NotFiniteError(gradient);
    }
    payload.resize(static_cast<size_t>(MaxPayloadBytes(d)));
    const uint32_t stamp = StampAt(step);
    const float header[kStampFloats] = {1, static_cast<float>(stamp % kStampBase),
                                        static_cast<float>(stamp / kStampBase)};
    std::memcpy(payload.data(), header, sizeof header);
    uint8_t* const values = payload.data() + sizeof header;
    if (remembers()) {
      const std::span<float> kept = feedback().corrected();
      double sent_norm_squared = 0;
      Draw(draw_seed_, stamp, d, k, [&](int64_t place, uint32_t index) {
        float& value = kept[index];
        std::memcpy(values + 4 * place, &value, 4);
        sent_norm_squared += static_cast<double>(value) * value;
        value = 0;
      });
      feedback().Commit(k == d ? 0 : std::max(0.0, feedback().corrected_norm_squared() - sent_norm_squared));
    } else {
      const float scale = SentScaleOf(d);
      Draw(draw_seed_, stamp, d, k, [&](int64_t place, uint32_t index) {
        const float value = Scaled(x[index], scale);
        std::memcpy(values + 4 * place, &value, 4);
      });
    }
    return absl::OkStatus();
  }

  // In a chain the step's stamp alone tells the places.
  absl::Status Select(std::span<const float> x, int64_t step, std::vector<uint32_t>& indices,
                      std::vector<float>& values) override {
    RETURN_IF_ERROR(length_.Check(x));
    if (!IsFinite(x)) return NotFiniteError(x);
    const auto d = static_cast<int64_t>(x.size());
    PlacesOf(StampAt(step), d, indices);
    values.resize(indices.size());
    const float scale = SentScaleOf(d);
    for (size_t i = 0; i < values.size(); ++i) values[i] = Scaled(x[indices[i]], scale);
    return absl::OkStatus();
  }
  int64_t MaxSelected(int64_t d) const override { return KeptOf(d); }
  std::optional<uint32_t> PlacesStamp(int64_t step) const override { return StampAt(step); }
  void PlacesOf(uint32_t stamp, int64_t d, std::vector<uint32_t>& indices) const override {
    const int64_t k = KeptOf(d);
    indices.resize(static_cast<size_t>(k));
    Draw(draw_seed_, stamp, d, k,
         [&](int64_t place, uint32_t index) { indices[static_cast<size_t>(place)] = index; });
    std::rotate(indices.begin(), std::is_sorted_until(indices.begin(), indices.end()), indices.end());
  }

  absl::Status Decode(std::span<const uint8_t> payload, std::span<float> gradient) const override {
    return Unpack(payload, gradient, /*adds=*/false);
  }
  absl::Status DecodeAdd(std::span<const uint8_t> payload, std::span<float> gradient) const override {
    return Unpack(payload, gradient, /*adds=*/true);
  }

  int64_t MaxPayloadBytes(int64_t d) const override { return 4 * (kStampFloats + KeptOf(d)); }
  // Of the unlucky draw; on average it is 1 - k/d, or d/k - 1 where it is scaled.
  double ErrorBound(int64_t d) const override {
    if (KeptOf(d) == d) return 0;
    const double scale = SentScaleOf(d);
    return std::max(1.0, (scale - 1) * (scale - 1));
  }
  Sum sum() const override { return Sum::kFloat32; }
  bool sends_chosen() const override { return true; }

  absl::Status Change(const Params& params) override {
    if (params.Boolean("error_feedback") != settings_.error_feedback ||
        params.Boolean("unbiased") != settings_.unbiased || params.Integer("seed") != settings_.seed)
      return absl::FailedPreconditionError(
          "error_feedback, unbiased, seed: cannot change while a run goes; start another run");
    settings_.ratio = params.Number("ratio");
    return absl::OkStatus();
  }

 private:
  int64_t KeptOf(int64_t d) const {
    return std::clamp<int64_t>(std::llround(settings_.ratio * static_cast<double>(d)), 1,
                               std::max<int64_t>(1, d));
  }
  // What values are sent times.
  float SentScaleOf(int64_t d) const {
    if (remembers() || !settings_.unbiased) return 1;
    return static_cast<float>(static_cast<double>(d) / static_cast<double>(KeptOf(d)));
  }
  // A clipped gradient trains on, an infinite one ends the run.
  static float Scaled(float value, float scale) {
    constexpr float kMost = std::numeric_limits<float>::max();
    return std::clamp(scale * value, -kMost, kMost);
  }
  static uint32_t StampAt(int64_t step) {
    return static_cast<uint32_t>(step & (kStampBase * kStampBase - 1));
  }

  absl::Status Unpack(std::span<const uint8_t> payload, std::span<float> gradient, bool adds) const {
    const auto d = static_cast<int64_t>(gradient.size());
    const int64_t k = KeptOf(d);
    RETURN_IF_ERROR(
        CheckPayloadSize("random-k", static_cast<int64_t>(payload.size()), MaxPayloadBytes(d), d));
    ASSIGN_OR_RETURN(const uint32_t stamp, StampOf(payload));
    const uint8_t* const values = payload.data() + 4 * kStampFloats;
    if (const int64_t bad = FirstNotFinite(values, k); bad >= 0) return DamagedElementError("random-k", bad);
    if (!adds) std::memset(gradient.data(), 0, gradient.size_bytes());
    Draw(draw_seed_, stamp, d, k, [&](int64_t place, uint32_t index) {
      float value;
      std::memcpy(&value, values + 4 * place, 4);
      gradient[index] += value;
    });
    return absl::OkStatus();
  }

  // The step that a payload, a sum or a mean of payloads is of.
  static absl::StatusOr<uint32_t> StampOf(std::span<const uint8_t> payload) {
    float header[kStampFloats];
    std::memcpy(header, payload.data(), sizeof header);
    double digits[2] = {-1, -1};
    bool is_good = header[0] > 0 && std::isfinite(header[0]);
    for (int i = 0; i < 2 && is_good; ++i) {
      const double ratio = double{header[i + 1]} / header[0];
      digits[i] = std::round(ratio);
      // A mean's digits are off by 4095 * 2^-23 at the most. NaN is not good either.
      is_good = std::abs(ratio - digits[i]) < 0.01 && digits[i] >= 0 && digits[i] < kStampBase;
    }
    if (!is_good)
      return absl::DataLossError(
          fmt::format("random-k payload: stamp {}, {}, {}, expected a step's; the payload is damaged, or the "
                      "ranks that it is a sum of were at different steps",
                      header[0], header[1], header[2]));
    return static_cast<uint32_t>(digits[0]) + kStampBase * static_cast<uint32_t>(digits[1]);
  }

  Settings settings_;
  uint64_t draw_seed_;
  BucketLength length_;
};

REGISTER_COMPONENT(
    Codec,
    Descriptor(
        {.category = "gradient-codec",
         .kind = "random-k",
         .title = "Random-k sparsification",
         .summary = "Sends k elements that every worker draws alike: no indices travel, and payloads add up.",
         .citation =
             "Stich, Cordonnier, Jaggi. Sparsified SGD with Memory. NeurIPS 2018; Konecny, Richtarik. "
             "Randomized Distributed Mean Estimation. Frontiers in Applied Mathematics 2018",
         .params =
             {{.name = "ratio",
               .default_value = 0.01,
               .minimum = 1e-6,
               .maximum = 1,
               .live = true,
               .doc = "k/d, the share of elements that is sent. Each costs 4 bytes, half of top-k's, and an "
                      "all-reduce sums them where top-k must gather: bytes do not grow with the workers. But "
                      "top-k sends what matters most, random-k anything: it takes more steps, about d/k of "
                      "them until each element was sent once. For many workers, slow networks, and as the "
                      "yardstick of every cleverer choice."},
              ErrorFeedbackParam(
                  "Adds what was not drawn to the next gradient, and sends values as they are. Off: "
                  "nothing is remembered."),
              {.name = "unbiased",
               .type = ParamType::kBoolean,
               .default_value = true,
               .doc = "Without error feedback: values are sent times d/k, so that the expectation is the "
                      "gradient; its variance grows by d/k - 1, so learn slower. Off: as they are, k/d of "
                      "the gradient on average. With error feedback it says nothing."},
              {.name = "seed",
               .type = ParamType::kInteger,
               .default_value = 0,
               .minimum = 0,
               .maximum = 9007199254740991,
               .doc = "Of the draw, with that of the run; the same for all workers."}}}),
    [](const Params& params) -> absl::StatusOr<std::unique_ptr<Codec>> {
      return std::make_unique<RandomK>(RandomK::Settings{.ratio = params.Number("ratio"),
                                                         .error_feedback = params.Boolean("error_feedback"),
                                                         .unbiased = params.Boolean("unbiased"),
                                                         .seed = params.Integer("seed")});
    });

}  // namespace
}  // namespace concertina
