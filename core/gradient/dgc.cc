// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// dgc.cc: deep gradient compression: the largest elements of the velocity that has gathered since each was
// last sent [cited below]. On the way of the data: parallel/bucket.h -> here -> comm/transport.h.
//   g <- g min(1, c / ||g||)            clipped before it gathers, where a clip norm c is given
//   u <- m u + g                        momentum correction: what waits gathers velocity, not gradient,
//   v <- v + u                          as momentum would have moved it had it been sent every step
//   payload = S_k(v)                    the k elements of largest magnitude
//   u_i <- 0, v_i <- 0 where sent       momentum factor masking: no push of stale momentum after the sending
// Momentum is in here, so the optimiser's must be 0. With m = 0 this is top-k with error feedback. k = ratio
// d; through the w steps of the warm-up the ratio falls by quarters, 1/4, 1/16, 1/64 and 1/256 for w/4 steps
// each (sparsities of 75, 93.75, 98.44 and 99.61 %), as far as it is above the one that is set. The k largest
// are found as the paper does, by a threshold from a sample and a second selection among what exceeds it, but
// always exactly k of them (largest.h): a sample alone sends what it likes. Payload, little endian: k u32 | k
// indices u32, ascending | k values f32.
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "core/gradient/dgc.cc"
#include "hwy/foreach_target.h"  // IWYU pragma: keep
// After foreach_target.h:
#include "core/gradient/streaming-inl.h"
#include "hwy/highway.h"

HWY_BEFORE_NAMESPACE();
namespace concertina {
namespace HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

// u = m u + s g and v = v + u for n floats. A sum that overflows stays at the largest float, since going back
// on what was added would cost a copy of u and v.
void GatherVelocityAny(const float* g, float scale, float momentum, float* u, float* v, int64_t n) {
  const hn::ScalableTag<float> d;
  const auto s = hn::Set(d, scale), m = hn::Set(d, momentum);
  const auto most = hn::Set(d, 0x1.fffffep127F), least = hn::Neg(most);
  const auto bounded = [&](auto x) HWY_ATTR { return hn::Max(least, hn::Min(x, most)); };
  ForEachVector(
      d, n, 0,
      [&](int64_t i) HWY_ATTR {
        const auto velocity = bounded(hn::MulAdd(m, hn::LoadU(d, u + i), hn::Mul(s, hn::LoadU(d, g + i))));
        hn::StoreU(velocity, d, u + i);
        hn::StoreU(bounded(hn::Add(hn::LoadU(d, v + i), velocity)), d, v + i);
      },
      [&](int64_t i, int64_t count) HWY_ATTR {
        const auto velocity =
            bounded(hn::MulAdd(m, LoadPart(d, u + i, count), hn::Mul(s, LoadPart(d, g + i, count))));
        StorePart(d, velocity, u + i, count);
        StorePart(d, bounded(hn::Add(LoadPart(d, v + i, count), velocity)), v + i, count);
      });
}

}  // namespace HWY_NAMESPACE
}  // namespace concertina
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
#include <algorithm>
#include <cmath>
#include <cstring>

#include "core/base/registry.h"
#include "core/gradient/checks.h"
#include "core/gradient/codec.h"
#include "core/gradient/largest.h"
#include "core/gradient/norms.h"
#include "core/gradient/sparse_payload.h"
#include "core/gradient/sparsifier.h"
#include "fmt/format.h"
#include "hwy/aligned_allocator.h"

namespace concertina {
namespace {

HWY_EXPORT(GatherVelocityAny);

constexpr int kWarmUpStages = 4;

class Dgc final : public Codec, public Sparsifier {
 public:
  struct Settings {
    double ratio, momentum, clip_norm;
    int64_t warm_up_steps;
  };
  explicit Dgc(const Settings& settings) : settings_(settings) {}

  absl::Status Encode(std::span<const float> gradient, int64_t step, std::vector<uint8_t>& payload) override {
    ASSIGN_OR_RETURN(const double gathered_norm_squared, Gather(gradient, step));
    const std::span<float> v(v_.get(), static_cast<size_t>(d_));
    const SparsePlaces places = BeginSparsePayload(selector_.count(), payload);
    selector_.Finish(v, places.indices, places.values);
    const double sent_norm_squared = TakeSent(payload, v);
    ForEachSent(payload, [this](uint32_t index, float) { u_[index] = 0; });
    waiting_norm_squared_ =
        selector_.count() == d_ ? 0 : std::max(0.0, gathered_norm_squared - sent_norm_squared);
    return absl::OkStatus();
  }

  // In a chain too it is dgc that remembers: what waits has a velocity.
  absl::Status Select(std::span<const float> x, int64_t step, std::vector<uint32_t>& indices,
                      std::vector<float>& values) override {
    ASSIGN_OR_RETURN(const double gathered_norm_squared, Gather(x, step));
    const auto k = static_cast<size_t>(selector_.count());
    indices.resize(k);
    values.resize(k);
    selector_.Finish({v_.get(), static_cast<size_t>(d_)}, reinterpret_cast<uint8_t*>(indices.data()),
                     reinterpret_cast<uint8_t*>(values.data()));
    double sent_norm_squared = 0;
    for (size_t i = 0; i < k; ++i) {
      u_[indices[i]] = 0;
      v_[indices[i]] = 0;
      sent_norm_squared += static_cast<double>(values[i]) * values[i];
    }
    waiting_norm_squared_ = std::max(0.0, gathered_norm_squared - sent_norm_squared);
    return absl::OkStatus();
  }
  int64_t MaxSelected(int64_t d) const override { return MostOf(d); }
  bool keeps_rest() const override { return true; }
  void TakeBack(std::span<const uint32_t> indices, std::span<const float> lost) override {
    for (size_t i = 0; i < indices.size(); ++i) {
      v_[indices[i]] = lost[i];
      waiting_norm_squared_ += static_cast<double>(lost[i]) * lost[i];
    }
  }

  absl::Status Decode(std::span<const uint8_t> payload, std::span<float> gradient) const override {
    return DecodeSparse("dgc", payload, /*least=*/1, gradient);
  }
  absl::Status DecodeAdd(std::span<const uint8_t> payload, std::span<float> gradient) const override {
    return AddSparse("dgc", payload, /*least=*/1, gradient);
  }

  int64_t MaxPayloadBytes(int64_t d) const override { return SparsePayloadBytes(MostOf(d)); }
  bool has_fixed_size() const override { return settings_.warm_up_steps == 0; }
  // Of x = v, what has gathered.
  double ErrorBound(int64_t d) const override {
    return 1 - static_cast<double>(KeptOf(d, settings_.ratio)) / static_cast<double>(d);
  }
  Sum sum() const override { return Sum::kGathered; }
  double ResidualNormSquared() const override { return waiting_norm_squared_; }
  std::span<const float> residual() const override { return {v_.get(), static_cast<size_t>(d_)}; }
  bool sends_chosen() const override { return true; }

  // u, then v, d floats each; nothing before the first step.
  void SaveState(std::vector<uint8_t>& state) const override {
    const auto bytes = static_cast<size_t>(4 * d_);
    state.resize(2 * bytes);
    if (d_ == 0) return;
    std::memcpy(state.data(), u_.get(), bytes);
    std::memcpy(state.data() + bytes, v_.get(), bytes);
  }
  absl::Status LoadState(std::span<const uint8_t> state) override {
    const auto d = static_cast<int64_t>(state.size() / 8);
    if (state.size() % 8 != 0)
      return absl::DataLossError(fmt::format("dgc state: {} bytes, expected a multiple of 8", state.size()));
    if (const int64_t bad = FirstNotFinite(state.data(), 2 * d); bad >= 0)
      return absl::DataLossError(fmt::format("dgc state: element {} is infinite or not a number", bad));
    if (d_ != 0 && d != 0 && d != d_)
      return absl::InvalidArgumentError(fmt::format("dgc state of {} elements, expected {}", d, d_));
    if (d != 0 && d_ == 0) {
      RETURN_IF_ERROR(Allocate(d));
      RETURN_IF_ERROR(length_.Check({u_.get(), static_cast<size_t>(d)}));
    }
    const auto bytes = static_cast<size_t>(4 * d_);
    if (d == 0) {  // saved before the first step
      std::fill_n(u_.get(), d_, 0.0F);
      std::fill_n(v_.get(), d_, 0.0F);
    } else {
      std::memcpy(u_.get(), state.data(), bytes);
      std::memcpy(v_.get(), state.data() + bytes, bytes);
    }
    waiting_norm_squared_ = SumSquares({v_.get(), static_cast<size_t>(d_)});
    return absl::OkStatus();
  }

  absl::Status Change(const Params& params) override {
    if (params.Integer("warm_up_steps") != settings_.warm_up_steps)
      return absl::FailedPreconditionError(
          "warm_up_steps: cannot change while a run goes; start another run");
    settings_.ratio = params.Number("ratio");
    settings_.momentum = params.Number("momentum");
    settings_.clip_norm = params.Number("clip_norm");
    return absl::OkStatus();
  }

 private:
  using Floats = hwy::AlignedFreeUniquePtr<float[]>;

  // u and v of this step, of which the selector has then seen all; gives ||v||^2. Errors leave them as
  // before.
  absl::StatusOr<double> Gather(std::span<const float> gradient, int64_t step) {
    RETURN_IF_ERROR(length_.Check(gradient));
    const auto d = static_cast<int64_t>(gradient.size());
    // Once through the gradient before anything changes: u and v are gathered in place.
    const double norm_squared = SumSquares(gradient);
    if (!std::isfinite(norm_squared)) return NotFiniteError(gradient);
    if (d_ == 0) RETURN_IF_ERROR(Allocate(d));
    const double norm = std::sqrt(norm_squared);
    const bool clips = settings_.clip_norm > 0 && norm > settings_.clip_norm;
    const auto scale = static_cast<float>(clips ? settings_.clip_norm / norm : 1);
    const auto momentum = static_cast<float>(settings_.momentum);

    const int64_t k = KeptOf(d, RatioAt(step));
    selector_.Begin(k, d, [&](int64_t begin, std::span<float> line) {
      const float *u = u_.get() + begin, *v = v_.get() + begin, *g = gradient.data() + begin;
      for (size_t i = 0; i < line.size(); ++i) line[i] = v[i] + (momentum * u[i] + scale * g[i]);
    });
    double gathered_norm_squared = 0;
    for (int64_t begin = 0; begin < d; begin += LargestSelector::kMaxBlock) {
      const int64_t count = std::min(LargestSelector::kMaxBlock, d - begin);
      HWY_DYNAMIC_DISPATCH(GatherVelocityAny)
      (gradient.data() + begin, scale, momentum, u_.get() + begin, v_.get() + begin, count);
      const std::span<const float> block(v_.get() + begin, static_cast<size_t>(count));
      selector_.Visit(block, begin);
      gathered_norm_squared += SumSquares(block);
    }
    return gathered_norm_squared;
  }

  double RatioAt(int64_t step) const {
    if (step >= settings_.warm_up_steps) return settings_.ratio;
    const auto stage = static_cast<int>(std::max<int64_t>(0, step) * kWarmUpStages / settings_.warm_up_steps);
    return std::max(settings_.ratio, std::pow(0.25, stage + 1));
  }
  int64_t MostOf(int64_t d) const {
    return KeptOf(d, settings_.warm_up_steps > 0 ? RatioAt(0) : settings_.ratio);
  }
  static int64_t KeptOf(int64_t d, double ratio) {
    return std::clamp<int64_t>(std::llround(ratio * static_cast<double>(d)), 1, std::max<int64_t>(1, d));
  }

  absl::Status Allocate(int64_t d) {
    Floats u = hwy::AllocateAligned<float>(static_cast<size_t>(d));
    Floats v = hwy::AllocateAligned<float>(static_cast<size_t>(d));
    if (u == nullptr || v == nullptr)
      return absl::ResourceExhaustedError(fmt::format("no memory for the velocity of {} elements", d));
    std::fill_n(u.get(), d, 0.0F);
    std::fill_n(v.get(), d, 0.0F);
    u_ = std::move(u);
    v_ = std::move(v);
    d_ = d;
    return absl::OkStatus();
  }

  Settings settings_;
  BucketLength length_;
  int64_t d_ = 0;
  Floats u_, v_;
  double waiting_norm_squared_ = 0;  // ||v||^2
  LargestSelector selector_;
};

REGISTER_COMPONENT(
    Codec,
    Descriptor(
        {.category = "gradient-codec",
         .kind = "dgc",
         .title = "Deep gradient compression",
         .summary = "Sends the largest of the velocity that gathered; set the optimiser's momentum to 0.",
         .citation = "Lin, Han, Mao, Wang, Dally. Deep Gradient Compression: Reducing the Communication "
                     "Bandwidth for Distributed Training. ICLR 2018",
         .params =
             {{.name = "ratio",
               .default_value = 0.001,
               .minimum = 1e-6,
               .maximum = 1,
               .live = true,
               .doc = "k/d, the share of elements that is sent once the warm-up is over, 8 bytes each. The "
                      "paper trains at 0.001 as well as without compression. Takes a pass more over memory "
                      "than top-k, and two vectors as long as the gradient."},
              {.name = "momentum",
               .default_value = 0.9,
               .minimum = 0,
               .maximum = 0.999,
               .live = true,
               .doc = "m of u = m u + g. It is the optimiser's momentum, moved to before the sending so that "
                      "what waits gathers it too: set /optimizer/momentum to 0, or it acts twice."},
              {.name = "clip_norm",
               .default_value = 0.0,
               .minimum = 0,
               .maximum = 1e30,
               .live = true,
               .doc = "Each worker's gradient is scaled down to this norm, bucket by bucket, before it "
                      "gathers; 0: never. For recurrent networks: the norm at which one would clip the "
                      "average, over the root of the number of workers."},
              {.name = "warm_up_steps",
               .type = ParamType::kInteger,
               .unit = "steps",
               .default_value = 0,
               .minimum = 0,
               .maximum = 1000000000,
               .doc = "Over these first steps the share falls by quarters, 25, 6.25, 1.6 and 0.4 % for a "
                      "fourth of them each, since early gradients change fast; the paper takes 4 epochs. "
                      "plan then tells the bytes of the beginning. 0: none."}}}),
    [](const Params& params) -> absl::StatusOr<std::unique_ptr<Codec>> {
      return std::make_unique<Dgc>(Dgc::Settings{.ratio = params.Number("ratio"),
                                                 .momentum = params.Number("momentum"),
                                                 .clip_norm = params.Number("clip_norm"),
                                                 .warm_up_steps = params.Integer("warm_up_steps")});
    });

}  // namespace
}  // namespace concertina
#endif  // HWY_ONCE
