// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// feedback_wrapper.cc: error feedback around any codec, or chain of codecs, in the variants of
// difference_feedback.h and this one. On the way of the data: a gradient -> here -> the inner codec.
//   ef:  x_t = g_t + e_t,  payload = C(x_t),  e_(t+1) = x_t - Decode(payload)     [cited below]
// What every codec of the chain lost comes back, and is kept once.
#include "core/base/registry.h"
#include "core/gradient/checks.h"
#include "core/gradient/difference_feedback.h"
#include "core/gradient/error_feedback.h"
#include "core/gradient/state_parts.h"
#include "core/gradient/wrapper.h"

namespace concertina {
namespace {

class ClassicFeedback final : public Wrapper {
 public:
  ClassicFeedback() : Wrapper("error-feedback") {}
  Place place() const override { return Place::kFirst; }

  absl::Status Encode(std::span<const float> gradient, int64_t step, std::vector<uint8_t>& payload) override {
    RETURN_IF_ERROR(feedback_.Correct(gradient));
    const std::span<float> x = feedback_.corrected();
    RETURN_IF_ERROR(inner().Encode(x, step, payload));
    ASSIGN_OR_RETURN(const Rest rest, SubtractSent(payload, feedback_.corrected_norm_squared(), x));
    feedback_.Commit(rest.norm_squared);
    return absl::OkStatus();
  }

  double ResidualNormSquared() const override { return feedback_.ResidualNormSquared(); }
  std::span<const float> residual() const override { return feedback_.residual(); }

  void SaveState(std::vector<uint8_t>& state) const override {
    state.clear();
    AppendStateOf(feedback_, state);
    AppendStateOf(inner(), state);
  }

  absl::Status LoadState(std::span<const uint8_t> state) override {
    ASSIGN_OR_RETURN(const std::span<const uint8_t> residual, TakeStatePart(state));
    ASSIGN_OR_RETURN(const std::span<const uint8_t> of_inner, TakeStatePart(state));
    RETURN_IF_ERROR(CheckNoState("error-feedback", state));
    return LoadStateAnd(inner(), of_inner, [&] { return feedback_.LoadState(residual); });
  }

 private:
  absl::Status ChangeOwn(const Params& params) override { return CheckSameVariant(params, "ef"); }

  ErrorFeedback feedback_;
};

REGISTER_COMPONENT(
    Codec,
    Descriptor(
        {.category = "gradient-codec",
         .kind = "error-feedback",
         .title = "Error feedback",
         .summary = "Remembers what the codecs behind it lose of a gradient; the first of a chain.",
         .citation = "Karimireddy et al. Error Feedback Fixes SignSGD. ICML 2019; Richtarik et al. EF21. "
                     "NeurIPS 2021; Gao et al. EControl. ICLR 2024",
         .params = {{.name = "variant",
                     .type = ParamType::kChoice,
                     .default_value = "ef",
                     .choices = {"ef", "ef21", "econtrol"},
                     .doc = "ef: adds what was lost to the next gradient. ef21: sends how the gradient "
                            "differs from all that was sent before, and everyone adds that up; nothing waits "
                            "long, and steps are as even as the gradients. econtrol: ef21, and eta of what "
                            "it lost so far. The last two need an exchange in step that averages "
                            "gradients: all-reduce, or a synchronous parameter-server."},
                    {.name = "eta",
                     .default_value = 0.01,
                     .minimum = 1e-6,
                     .maximum = 1,
                     .live = true,
                     .doc = "Of econtrol: the share of what was lost so far that is sent along; about the "
                            "share of a gradient that the codecs keep. Much more makes it swing."}}}),
    [](const Params& params) -> absl::StatusOr<std::unique_ptr<Codec>> {
      if (params.Text("variant") == "ef") return std::make_unique<ClassicFeedback>();
      return MakeDifferenceFeedback(params);
    });

}  // namespace
}  // namespace concertina
