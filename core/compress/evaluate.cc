// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// evaluate.cc: the step of a recipe that changes nothing, and so measures the model once more.
// On the way of the data: experiment/spec.h's recipe -> here -> worker/recipe_loop.cc, which measures after
// each step.
#include "core/base/registry.h"
#include "core/compress/compressor.h"

namespace concertina {
namespace {

class Evaluate final : public Compressor {
 public:
  explicit Evaluate(bool sensitivity) : sensitivity_(sensitivity) {}

  absl::StatusOr<Graph> Apply(const Graph& graph, const CompressContext& /*context*/) const override {
    return graph;
  }
  bool scans_sensitivity() const override { return sensitivity_; }

 private:
  const bool sensitivity_;
};

REGISTER_COMPONENT(
    Compressor,
    Descriptor(
        {.category = "compressor",
         .kind = "evaluate",
         .title = "Evaluate",
         .summary = "Changes nothing. Size, accuracy and latency are measured after every step "
                    "anyway; two measurements of one model show how far they scatter.",
         .params = {{.name = "sensitivity",
                     .type = ParamType::kBoolean,
                     .default_value = false,
                     .doc = "Also makes each layer alone smaller (half of it pruned; 8, 4 and 2 bits) and "
                            "counts the right answers to 512 test samples, without training. The model "
                            "stays as it is."}}}),
    [](const Params& params) -> absl::StatusOr<std::unique_ptr<Compressor>> {
      return std::make_unique<Evaluate>(params.Boolean("sensitivity"));
    });

}  // namespace
}  // namespace concertina
