// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// momentum_average.cc: see momentum_average.h.
//   t < T:   payload = g,     m <- beta m + (1 - beta) mean g          (as Adam works it out for itself)
//   t >= T:  payload = C(x),  x = beta m + (1 - beta) g,   m <- mean of what all sent
// [Tang et al. 1-bit Adam: Communication Efficient Large-Scale Training with Adam's Convergence Speed. ICML
// 2021, algorithm 1]. C's error feedback is the inner codec's own; the second compression of the paper, of
// the mean, is the parameter server's (compress_down).
#include "core/gradient/momentum_average.h"

#include <cstring>

#include "core/gradient/checks.h"
#include "core/gradient/integrator.h"
#include "core/gradient/state_parts.h"
#include "core/gradient/wrapper.h"
#include "fmt/format.h"

namespace concertina {
namespace {

class MomentumAverage final : public Codec, public Integrator {
 public:
  MomentumAverage(std::unique_ptr<Codec> inner, double beta, int64_t first)
      : inner_(std::move(inner)),
        beta_(static_cast<float>(beta)),
        new_share_(static_cast<float>(1 - beta)),
        first_(first) {}

  std::unique_ptr<Codec> TakeInner() { return std::move(inner_); }

  void Describe(std::span<const Matrix> matrices) override { inner_->Describe(matrices); }
  void SeedDraws(uint64_t run_seed, int rank) override { inner_->SeedDraws(run_seed, rank); }

  absl::Status Encode(std::span<const float> gradient, int64_t step, std::vector<uint8_t>& payload) override {
    RETURN_IF_ERROR(length_.Check(gradient));
    momentum_.resize(gradient.size());
    x_.resize(gradient.size());
    is_warming_up_ = step < first_;
    if (is_warming_up_) {
      payload.resize(gradient.size_bytes());
      const auto d = static_cast<int64_t>(gradient.size());
      if (!CopyFinite(reinterpret_cast<const uint8_t*>(gradient.data()), payload.data(), d))
        return NotFiniteError(gradient);
      std::memcpy(x_.data(), gradient.data(), gradient.size_bytes());
      return absl::OkStatus();
    }
    for (size_t i = 0; i < x_.size(); ++i) x_[i] = beta_ * momentum_[i] + new_share_ * gradient[i];
    RETURN_IF_ERROR(inner_->Encode(x_, step, payload));
    sent_ = payload;
    return absl::OkStatus();
  }

  absl::Status Decode(std::span<const uint8_t> payload, std::span<float> gradient) const override {
    if (!is_warming_up_) return inner_->Decode(payload, gradient);
    const auto d = static_cast<int64_t>(gradient.size());
    RETURN_IF_ERROR(CheckPayloadSize("momentum", static_cast<int64_t>(payload.size()), 4 * d, d));
    if (!CopyFinite(payload.data(), reinterpret_cast<uint8_t*>(gradient.data()), d))
      return DamagedElementError("momentum", FirstNotFinite(payload.data(), d));
    return absl::OkStatus();
  }
  absl::Status DecodeAdd(std::span<const uint8_t> payload, std::span<float> gradient) const override {
    if (!is_warming_up_) return inner_->DecodeAdd(payload, gradient);
    const auto d = static_cast<int64_t>(gradient.size());
    RETURN_IF_ERROR(CheckPayloadSize("momentum", static_cast<int64_t>(payload.size()), 4 * d, d));
    if (!AddFinite(payload.data(), gradient.data(), d))
      return DamagedElementError("momentum", FirstNotFinite(payload.data(), d));
    return absl::OkStatus();
  }

  int64_t MaxPayloadBytes(int64_t d) const override {
    return is_warming_up_ ? 4 * d : inner_->MaxPayloadBytes(d);
  }
  bool has_fixed_size() const override { return inner_->has_fixed_size(); }
  double ErrorBound(int64_t d) const override { return inner_->ErrorBound(d); }
  Sum sum() const override { return is_warming_up_ ? Sum::kFloat32 : inner_->sum(); }
  double ResidualNormSquared() const override { return inner_->ResidualNormSquared(); }

  bool integrates() const override { return true; }
  void Integrate(std::span<float> average) override {
    if (momentum_.empty()) return;  // a rank that only serves, and never steps
    if (is_warming_up_) {
      for (size_t i = 0; i < average.size(); ++i)
        momentum_[i] = beta_ * momentum_[i] + new_share_ * average[i];
    } else {
      std::memcpy(momentum_.data(), average.data(), average.size_bytes());
    }
  }
  // The gradient that the last payload amounts to.
  std::span<const float> sent_so_far() const override {
    if (is_warming_up_ || !inner_->Decode(sent_, x_).ok()) return x_;
    for (size_t i = 0; i < x_.size(); ++i) x_[i] = (x_[i] - beta_ * momentum_[i]) / new_share_;
    return x_;
  }

  void SaveState(std::vector<uint8_t>& state) const override {
    state.clear();
    AppendStatePart({reinterpret_cast<const uint8_t*>(momentum_.data()), 4 * momentum_.size()}, state);
    AppendStateOf(*inner_, state);
  }
  absl::Status LoadState(std::span<const uint8_t> state) override {
    ASSIGN_OR_RETURN(const std::span<const uint8_t> momentum, TakeStatePart(state));
    ASSIGN_OR_RETURN(const std::span<const uint8_t> of_inner, TakeStatePart(state));
    RETURN_IF_ERROR(CheckNoState("momentum", state));
    const auto d = static_cast<int64_t>(momentum.size() / 4);
    const bool fits = momentum_.empty() || d == 0 || momentum.size() == 4 * momentum_.size();
    if (momentum.size() % 4 != 0 || FirstNotFinite(momentum.data(), d) >= 0 || !fits)
      return absl::DataLossError(
          fmt::format("momentum state: {} bytes, expected {} of finite floats", momentum.size(),
                      momentum_.empty() ? "a number" : std::to_string(4 * momentum_.size())));
    return LoadStateAnd(*inner_, of_inner, [&] {
      // No bytes: saved before the first step.
      momentum_.assign(d == 0 ? momentum_.size() : static_cast<size_t>(d), 0.0F);
      if (d != 0) std::memcpy(momentum_.data(), momentum.data(), momentum.size());
      return absl::OkStatus();
    });
  }
  absl::Status Change(const Params& params) override { return inner_->Change(params); }

 private:
  std::unique_ptr<Codec> inner_;
  const float beta_, new_share_;
  const int64_t first_;
  bool is_warming_up_ = false;
  BucketLength length_;
  std::vector<float> momentum_;   // m, the same on every rank
  mutable std::vector<float> x_;  // of the last step; what it became, once somebody asks for it
  std::vector<uint8_t> sent_;     // the payload of the last step
};

}  // namespace

std::unique_ptr<Codec> AverageMomentum(std::unique_ptr<Codec> inner, double beta, int64_t first) {
  return std::make_unique<MomentumAverage>(std::move(inner), beta, first);
}

std::unique_ptr<Codec> WithoutMomentum(std::unique_ptr<Codec> codec) {
  auto* momentum = dynamic_cast<MomentumAverage*>(codec.get());
  return momentum == nullptr ? std::move(codec) : momentum->TakeInner();
}

}  // namespace concertina
