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
  absl::StatusOr<Graph> Apply(const Graph& graph, const CompressContext& /*context*/) const override {
    return graph;
  }
};

REGISTER_COMPONENT(
    Compressor,
    Descriptor({.category = "compressor",
                .kind = "evaluate",
                .title = "Evaluate",
                .summary = "Changes nothing. Size, accuracy and latency are measured after every step "
                           "anyway; two measurements of one model show how far they scatter."}),
    [](const Params&) -> absl::StatusOr<std::unique_ptr<Compressor>> {
      return std::make_unique<Evaluate>();
    });

}  // namespace
}  // namespace concertina
