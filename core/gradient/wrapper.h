// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// wrapper.h: a codec around another one: it changes what the inner one is given, or what its payload becomes.
// On the way of the data: gradient/chain.h -> here -> the inner codec.
#pragma once

#include <memory>
#include <string_view>

#include "absl/functional/function_ref.h"
#include "core/gradient/codec.h"
#include "core/gradient/sparsifier.h"

namespace concertina {

// A kind that is registered as a gradient codec and stands in a chain. By itself it is around one that sends
// the gradient as it is.
class Wrapper : public Codec {
 public:
  // Of its descriptor. Chains hand live knobs on by it.
  explicit Wrapper(std::string_view kind);
  // Where it stands in a chain: before the codecs, since it remembers what they do not send; or behind them,
  // since it packs their bytes without loss.
  enum class Place { kFirst, kLast };
  virtual Place place() const = 0;
  // Before the first Encode.
  void Wrap(std::unique_ptr<Codec> inner);

  int64_t MaxPayloadBytes(int64_t d) const override { return inner_->MaxPayloadBytes(d); }
  bool has_fixed_size() const override { return inner_->has_fixed_size(); }
  void Describe(std::span<const Matrix> matrices) override { inner_->Describe(matrices); }
  void SeedDraws(uint64_t run_seed, int rank) override { inner_->SeedDraws(run_seed, rank); }
  bool combines() const override { return inner_->combines(); }
  void Combine(std::span<float> sum, int ranks, int64_t step) const override {
    inner_->Combine(sum, ranks, step);
  }
  double ErrorBound(int64_t d) const override { return inner_->ErrorBound(d); }
  Sum sum() const override { return inner_->sum(); }
  double ResidualNormSquared() const override { return inner_->ResidualNormSquared(); }
  std::span<const float> residual() const override { return inner_->residual(); }
  bool sends_chosen() const override { return inner_->sends_chosen(); }
  absl::Status Decode(std::span<const uint8_t> payload, std::span<float> gradient) const override {
    return inner_->Decode(payload, gradient);
  }
  absl::Status DecodeAdd(std::span<const uint8_t> payload, std::span<float> gradient) const override {
    return inner_->DecodeAdd(payload, gradient);
  }
  // What is for another kind goes to the inner codec.
  absl::Status Change(const Params& params) final;

 protected:
  virtual absl::Status ChangeOwn(const Params& params) = 0;
  Codec& inner() const { return *inner_; }

  struct Rest {
    double norm_squared = 0;                // of what is left of x
    const KnowsWhatItSent* sent = nullptr;  // where the inner codec knows the places; else it sent them all
  };
  // x, whose ||x||^2 is given, loses what `payload`, the inner codec's last, says.
  absl::StatusOr<Rest> SubtractSent(std::span<const uint8_t> payload, double norm_squared,
                                    std::span<float> x);

 private:
  const std::string_view kind_;
  std::unique_ptr<Codec> inner_;
  KnowsWhatItSent* sparse_ = nullptr;  // inner_, if it may know what it sent
  std::vector<float> decoded_;         // room for a payload of all elements
};

// "none".
std::unique_ptr<Codec> CodecThatSendsAll();

// codec.LoadState(part), and then `others`; where they fail, the codec is as before.
absl::Status LoadStateAnd(Codec& codec, std::span<const uint8_t> part,
                          absl::FunctionRef<absl::Status()> others);

}  // namespace concertina
