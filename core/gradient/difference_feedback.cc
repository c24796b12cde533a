// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// difference_feedback.cc: the variants of error feedback whose payloads say how the gradient changed (see
// difference_feedback.h). On the way of the data: gradient/feedback_wrapper.cc -> here -> the inner codec.
//   ef21:      payload = C(g_t - h_t),            h_(t+1) = h_t + Decode(payload)
//   econtrol:  payload = C(eta e_t + g_t - h_t),  h_(t+1) likewise,  e_(t+1) = e_t + g_t - h_(t+1)
// h_0 = e_0 = 0, and what everyone steps with is H, the average of all ranks' h [Richtarik, Sokolov,
// Fatkhullin. EF21: A New, Simpler, Theoretically Better, and Practically Faster Error Feedback. NeurIPS
// 2021; Gao, Islamov, Stich. EControl: Fast Distributed Optimization with Compression and Error Control. ICLR
// 2024]. Payloads are gathered even where the inner ones could be summed: what a sum rounds off as halves
// would stay in H for good.
#include "core/gradient/difference_feedback.h"

#include <algorithm>
#include <cstring>
#include <string>

#include "core/gradient/checks.h"
#include "core/gradient/integrator.h"
#include "core/gradient/norms.h"
#include "core/gradient/state_parts.h"
#include "core/gradient/wrapper.h"
#include "fmt/format.h"

namespace concertina {
namespace {

constexpr size_t kBlock = 4096;  // stays in the nearest cache

class DifferenceFeedback final : public Wrapper, public Integrator {
 public:
  DifferenceFeedback(std::string variant, double eta)
      : Wrapper("error-feedback"),
        variant_(std::move(variant)),
        is_controlled_(variant_ == "econtrol"),
        eta_(static_cast<float>(eta)) {}

  Place place() const override { return Place::kFirst; }
  Sum sum() const override { return Sum::kGathered; }

  absl::Status Encode(std::span<const float> gradient, int64_t step, std::vector<uint8_t>& payload) override {
    RETURN_IF_ERROR(length_.Check(gradient));
    if (sent_.empty()) Allocate(gradient.size());
    for (size_t begin = 0; begin < gradient.size(); begin += kBlock) {
      const size_t end = std::min(begin + kBlock, gradient.size());
      if (is_controlled_) {
        for (size_t i = begin; i < end; ++i) x_[i] = eta_ * lost_[i] + (gradient[i] - sent_[i]);
      } else {
        for (size_t i = begin; i < end; ++i) x_[i] = gradient[i] - sent_[i];
      }
      const std::span<const float> block = std::span(x_).subspan(begin, end - begin);
      if (!IsFinite(block)) return NotFiniteError(block, static_cast<int64_t>(begin));
    }
    RETURN_IF_ERROR(inner().Encode(x_, step, payload));
    RETURN_IF_ERROR(inner().DecodeAdd(payload, sent_));
    if (!is_controlled_) return absl::OkStatus();
    lost_norm_squared_ = 0;
    for (size_t begin = 0; begin < gradient.size(); begin += kBlock) {
      const size_t end = std::min(begin + kBlock, gradient.size());
      for (size_t i = begin; i < end; ++i) lost_[i] += gradient[i] - sent_[i];
      lost_norm_squared_ += SumSquares(std::span(lost_).subspan(begin, end - begin));
    }
    return absl::OkStatus();
  }

  bool integrates() const override { return true; }
  void Integrate(std::span<float> average) override {
    if (sent_.empty()) return;  // a rank that only serves, and never steps
    for (size_t i = 0; i < average.size(); ++i) average[i] = average_[i] += average[i];
  }
  std::span<const float> sent_so_far() const override { return sent_; }

  double ResidualNormSquared() const override { return lost_norm_squared_; }
  std::span<const float> residual() const override { return lost_; }

  void SaveState(std::vector<uint8_t>& state) const override {
    state.clear();
    for (const std::vector<float>* vector : {&sent_, &lost_, &average_})
      AppendStatePart({reinterpret_cast<const uint8_t*>(vector->data()), 4 * vector->size()}, state);
    AppendStateOf(inner(), state);
  }

  absl::Status LoadState(std::span<const uint8_t> state) override {
    ASSIGN_OR_RETURN(const std::span<const uint8_t> sent, TakeStatePart(state));
    ASSIGN_OR_RETURN(const std::span<const uint8_t> lost, TakeStatePart(state));
    ASSIGN_OR_RETURN(const std::span<const uint8_t> average, TakeStatePart(state));
    ASSIGN_OR_RETURN(const std::span<const uint8_t> of_inner, TakeStatePart(state));
    RETURN_IF_ERROR(CheckNoState("error-feedback", state));
    for (const std::span<const uint8_t> part : {sent, lost, average})
      if (part.size() % 4 != 0 || FirstNotFinite(part.data(), static_cast<int64_t>(part.size() / 4)) >= 0)
        return absl::DataLossError(
            fmt::format("error-feedback state: {} bytes, expected finite floats", part.size()));
    if (lost.size() != (is_controlled_ ? sent.size() : 0) || average.size() != sent.size())
      return absl::DataLossError(
          fmt::format("error-feedback state: vectors of {}, {} and {} bytes are not of {}", sent.size(),
                      lost.size(), average.size(), variant_));
    const size_t d = sent.size() / 4;
    if (!sent_.empty() && d != 0 && d != sent_.size())
      return absl::InvalidArgumentError(
          fmt::format("error-feedback state of {} elements, expected {}", d, sent_.size()));
    return LoadStateAnd(inner(), of_inner, [&]() -> absl::Status {
      if (sent_.empty() && d > 0) {
        Allocate(d);
        RETURN_IF_ERROR(length_.Check(sent_));  // the next gradient must be as long
      }
      Take(sent, sent_);
      Take(lost, lost_);
      Take(average, average_);
      lost_norm_squared_ = SumSquares(lost_);
      return absl::OkStatus();
    });
  }

 private:
  void Allocate(size_t d) {
    sent_.assign(d, 0.0F);
    if (is_controlled_) lost_.assign(d, 0.0F);
    average_.assign(d, 0.0F);
    x_.assign(d, 0.0F);
  }

  // No bytes: saved before the first step.
  static void Take(std::span<const uint8_t> bytes, std::vector<float>& into) {
    if (bytes.empty()) return std::fill(into.begin(), into.end(), 0.0F);
    std::memcpy(into.data(), bytes.data(), bytes.size());
  }

  absl::Status ChangeOwn(const Params& params) override {
    RETURN_IF_ERROR(CheckSameVariant(params, variant_));
    eta_ = static_cast<float>(params.Number("eta"));
    return absl::OkStatus();
  }

  const std::string variant_;
  const bool is_controlled_;
  float eta_;
  BucketLength length_;
  std::vector<float> sent_;     // h
  std::vector<float> lost_;     // e, of econtrol
  std::vector<float> average_;  // H
  std::vector<float> x_;
  double lost_norm_squared_ = 0;
};

}  // namespace

std::unique_ptr<Codec> MakeDifferenceFeedback(const Params& params) {
  return std::make_unique<DifferenceFeedback>(params.Text("variant"), params.Number("eta"));
}

absl::Status CheckSameVariant(const Params& params, std::string_view variant) {
  if (params.Text("variant") == variant) return absl::OkStatus();
  return absl::FailedPreconditionError("variant: cannot change while a run goes; start another run");
}

}  // namespace concertina
