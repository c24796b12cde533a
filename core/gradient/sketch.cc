// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// sketch.cc: sends the k largest elements as a count sketch, which adds up: no indices travel, and every
// worker may choose other elements [cited below]. On the way of the data: parallel/bucket.h -> here ->
// comm/transport.h.
//   x = g + e,   payload = T(S_k(x)),   u = U(payload),   e' = x - u                         (error feedback)
// T is the count sketch (count_sketch.h), S_k keeps the k largest, and U takes back what the table holds: the
// median estimate of every element all of whose r cells are in use, and of these, if they are more than the c
// columns, the c heaviest. U of a sum of tables is an estimate of the sum of all ranks' S_k(x).
//   FetchSGD sketches all of the gradient, and finds the heavy ones in the sum; there the rest of the
//   gradient
// is noise of ||x|| / sqrt(c) on every estimate, which takes tables not much smaller than d. With a load
// k/c of 1/10 nearly all estimates are exact instead, up to some N k = c/2.
//   The residual is each rank's own, and against its own payload: what U makes of a sum differs from the sum
//   of
// the U by elements of two ranks that meet, and that difference is not fed back. (FetchSGD keeps the error
// in the sketch at the server, Ivkin et al. ask for the chosen elements in a second round; a codec here has
// neither.)
// If U brings back more error than it saves, ||x - u|| > ||x||, k is halved until it does not: so
// ||x - U(T(x))||^2 <= ||x||^2 for every x, and usually (1 - k/d) ||x||^2 or less.
// Payload, little endian: r c cells f32, row after row. Where these are d or more: the d elements f32.
#include <algorithm>
#include <cmath>
#include <cstring>

#include "core/base/registry.h"
#include "core/gradient/checks.h"
#include "core/gradient/codec.h"
#include "core/gradient/count_sketch.h"
#include "core/gradient/error_feedback.h"
#include "core/gradient/largest.h"
#include "fmt/format.h"

namespace concertina {
namespace {

constexpr int64_t kLeastColumns = 8;

class Sketch final : public Codec {
 public:
  struct Settings {
    double ratio, load;
    int rows;
    bool error_feedback;
    int64_t seed;
  };
  explicit Sketch(const Settings& settings) : settings_(settings) {}

  absl::Status Encode(std::span<const float> gradient, int64_t, std::vector<uint8_t>& payload) override {
    RETURN_IF_ERROR(length_.Check(gradient));
    const auto d = static_cast<int64_t>(gradient.size());
    std::span<const float> x = gradient;
    if (settings_.error_feedback) {
      RETURN_IF_ERROR(feedback_.Correct(gradient));
      x = feedback_.corrected();
    } else if (!IsFinite(gradient)) {
      return NotFiniteError(gradient);
    }
    payload.resize(static_cast<size_t>(MaxPayloadBytes(d)));
    if (IsWhole(d)) {
      std::memcpy(payload.data(), x.data(), x.size_bytes());
      if (settings_.error_feedback) {
        std::fill(feedback_.corrected().begin(), feedback_.corrected().end(), 0.0F);
        feedback_.Commit(0);
      }
      return absl::OkStatus();
    }
    const CountSketch sketch = SketchOf(d);
    const double saved = FillTable(x, sketch);
    std::memcpy(payload.data(), table_.data(), payload.size());
    if (settings_.error_feedback) {
      const std::span<float> left = feedback_.corrected();
      for (size_t i = 0; i < left.size(); ++i) left[i] -= estimate_[i];
      feedback_.Commit(std::max(0.0, feedback_.corrected_norm_squared() - saved));
    }
    return absl::OkStatus();
  }

  absl::Status Decode(std::span<const uint8_t> payload, std::span<float> gradient) const override {
    const auto d = static_cast<int64_t>(gradient.size());
    RETURN_IF_ERROR(CheckPayloadSize("sketch", static_cast<int64_t>(payload.size()), MaxPayloadBytes(d), d));
    if (!IsWhole(d)) return TakeBack(payload, gradient);
    return CopyFinite(payload.data(), reinterpret_cast<uint8_t*>(gradient.data()), d)
               ? absl::OkStatus()
               : DamagedElementError("sketch", FirstNotFinite(payload.data(), d));
  }

  absl::Status DecodeAdd(std::span<const uint8_t> payload, std::span<float> gradient) const override {
    const auto d = static_cast<int64_t>(gradient.size());
    RETURN_IF_ERROR(CheckPayloadSize("sketch", static_cast<int64_t>(payload.size()), MaxPayloadBytes(d), d));
    if (IsWhole(d))
      return AddFinite(payload.data(), gradient.data(), d)
                 ? absl::OkStatus()
                 : DamagedElementError("sketch", FirstNotFinite(payload.data(), d));
    estimate_.resize(gradient.size());
    RETURN_IF_ERROR(TakeBack(payload, estimate_));
    for (size_t i = 0; i < gradient.size(); ++i) gradient[i] += estimate_[i];
    return absl::OkStatus();
  }

  int64_t MaxPayloadBytes(int64_t d) const override { return 4 * std::min(d, settings_.rows * ColumnsOf(d)); }
  double ErrorBound(int64_t d) const override { return IsWhole(d) ? 0 : 1; }
  Sum sum() const override { return Sum::kFloat32; }
  double ResidualNormSquared() const override { return feedback_.ResidualNormSquared(); }
  std::span<const float> residual() const override { return feedback_.residual(); }
  void SaveState(std::vector<uint8_t>& state) const override { feedback_.SaveState(state); }
  absl::Status LoadState(std::span<const uint8_t> state) override {
    return settings_.error_feedback ? feedback_.LoadState(state) : CheckNoState("sketch", state);
  }

  absl::Status Change(const Params& params) override {
    if (params.Boolean("error_feedback") != settings_.error_feedback ||
        params.Integer("rows") != settings_.rows || params.Integer("seed") != settings_.seed)
      return absl::FailedPreconditionError(
          "error_feedback, rows, seed: cannot change while a run goes; start another run");
    settings_.ratio = params.Number("ratio");
    settings_.load = params.Number("load");
    return absl::OkStatus();
  }

 private:
  int64_t ColumnsOf(int64_t d) const {
    return std::max<int64_t>(
        kLeastColumns,
        static_cast<int64_t>(std::ceil(settings_.ratio * static_cast<double>(d) / settings_.rows)));
  }
  bool IsWhole(int64_t d) const { return settings_.rows * ColumnsOf(d) >= d; }
  CountSketch SketchOf(int64_t d) const {
    return CountSketch(settings_.rows, ColumnsOf(d), static_cast<uint64_t>(settings_.seed));
  }

  // table_ = T(S_k(x)) and estimate_ = U(table_), with as large a k as saves error. Gives
  // ||x||^2 - ||x - U||^2 = sum u (2x - u).
  double FillTable(std::span<const float> x, const CountSketch& sketch) {
    table_.resize(static_cast<size_t>(sketch.cells()));
    estimate_.resize(x.size());
    for (int64_t k =
             std::max<int64_t>(1, std::llround(settings_.load * static_cast<double>(sketch.columns())));
         k > 0; k /= 2) {
      selector_.Begin(k, x, {});
      for (size_t begin = 0; begin < x.size(); begin += LargestSelector::kMaxBlock)
        selector_.Visit(x.subspan(begin, std::min<size_t>(LargestSelector::kMaxBlock, x.size() - begin)),
                        static_cast<int64_t>(begin));
      indices_.resize(static_cast<size_t>(k));
      values_.resize(static_cast<size_t>(k));
      selector_.Finish(x, reinterpret_cast<uint8_t*>(indices_.data()),
                       reinterpret_cast<uint8_t*>(values_.data()));
      std::fill(table_.begin(), table_.end(), 0.0F);
      for (size_t i = 0; i < indices_.size(); ++i) sketch.Add(indices_[i], values_[i], table_);
      KeepHeaviest(sketch, sketch.Estimate(table_, estimate_), estimate_);
      double saved = 0;
      for (size_t i = 0; i < x.size(); ++i)
        if (estimate_[i] != 0) saved += estimate_[i] * (2.0 * x[i] - estimate_[i]);
      if (saved >= 0) return saved;
    }
    std::fill(table_.begin(), table_.end(), 0.0F);
    std::fill(estimate_.begin(), estimate_.end(), 0.0F);
    return 0;
  }

  // More estimates than columns are mostly of elements that nobody put in.
  static void KeepHeaviest(const CountSketch& sketch, int64_t found, std::span<float> estimates) {
    if (found > sketch.columns()) KeepLargest(estimates, sketch.columns());
  }

  // A copy of the table is checked in the same pass, and lies at a float's address.
  absl::Status TakeBack(std::span<const uint8_t> payload, std::span<float> x) const {
    const CountSketch sketch = SketchOf(static_cast<int64_t>(x.size()));
    received_.resize(static_cast<size_t>(sketch.cells()));
    if (!CopyFinite(payload.data(), reinterpret_cast<uint8_t*>(received_.data()), sketch.cells()))
      return DamagedElementError("sketch", FirstNotFinite(payload.data(), sketch.cells()));
    KeepHeaviest(sketch, sketch.Estimate(received_, x), x);
    return absl::OkStatus();
  }

  Settings settings_;
  BucketLength length_;
  ErrorFeedback feedback_;
  LargestSelector selector_;
  std::vector<uint32_t> indices_;
  std::vector<float> values_, table_;
  // As long as d says, whatever a payload does.
  mutable std::vector<float> estimate_, received_;
};

REGISTER_COMPONENT(
    Codec,
    Descriptor(
        {.category = "gradient-codec",
         .kind = "sketch",
         .title = "Count sketch",
         .summary = "Sends the largest elements in a small table that adds up, whoever chose which.",
         .citation = "Rothchild et al. FetchSGD: Communication-Efficient Federated Learning with Sketching. "
                     "ICML 2020; Ivkin et al. Communication-efficient Distributed SGD with Sketching. "
                     "NeurIPS 2019",
         .params =
             {{.name = "ratio",
               .default_value = 0.05,
               .minimum = 1e-6,
               .maximum = 1,
               .live = true,
               .doc = "Cells of the table over d; each costs 4 bytes. An all-reduce sums tables, so bytes do "
                      "not grow with the N workers, where top-k's k indices and values go from everyone to "
                      "everyone: a table of the same k is smaller from about N = rows / load on, 50 with "
                      "the defaults. Below, top-k is cheaper and exact, and some ten times as fast."},
              {.name = "rows",
               .type = ParamType::kInteger,
               .default_value = 5,
               .minimum = 1,
               .maximum = CountSketch::kMostRows,
               .doc = "r, an odd number: estimates are medians of so many cells. More rows forgive more "
                      "collisions, of shorter rows."},
              {.name = "load",
               .default_value = 0.1,
               .minimum = 1e-6,
               .maximum = 1,
               .live = true,
               .doc = "k/c, elements that a worker sends over the columns of a row. All workers' together "
                      "should stay below about a half, or estimates of different elements mix."},
              ErrorFeedbackParam(
                  "Adds to the next gradient what this worker's own table does not give back. What only "
                  "goes wrong in the sum of tables is not made good."),
              {.name = "seed",
               .type = ParamType::kInteger,
               .default_value = 0,
               .minimum = 0,
               .maximum = 9007199254740991,
               .doc = "Of the hash functions, the same for all workers and steps."}}}),
    [](const Params& params) -> absl::StatusOr<std::unique_ptr<Codec>> {
      const int64_t rows = params.Integer("rows");
      if (rows % 2 == 0)
        return absl::InvalidArgumentError(
            fmt::format("rows: found {}, expected an odd number: it takes a middle one", rows));
      return std::make_unique<Sketch>(Sketch::Settings{.ratio = params.Number("ratio"),
                                                       .load = params.Number("load"),
                                                       .rows = static_cast<int>(rows),
                                                       .error_feedback = params.Boolean("error_feedback"),
                                                       .seed = params.Integer("seed")});
    });

}  // namespace
}  // namespace concertina
