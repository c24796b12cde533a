// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// rewind.cc: what training made of the parameters is undone, and what was pruned stays so [cited below].
//   w_i <- m_i w_i(0)             "first": with the mask m that training found, the network's own beginning
//   w_i <- m_i w'_i, w' drawn     "random": the same mask with another beginning, the control
// If the first trains to the accuracy of the whole model and the second does not, it is the first values that
// made the mask a winning ticket, and not its sparsity or where its zeros are. Buffers (running statistics)
// are what they were at first either way.
// A model from a file begins with the file's values, trained ones as a rule: going back to those is late
// rewinding at best, and shows no ticket. On the way of the data: experiment/spec.h's recipe -> here
// (first_values.h) -> a "retrain" step.
#include "core/base/registry.h"
#include "core/base/rng.h"
#include "core/compress/compressor.h"
#include "core/compress/first_values.h"
#include "core/graph/executor.h"

namespace concertina {
namespace {

class Rewind final : public Compressor {
 public:
  explicit Rewind(bool draws) : draws_(draws) {}

  absl::StatusOr<Graph> Apply(const Graph& graph, const CompressContext& context) const override {
    if (context.first == nullptr)
      return absl::FailedPreconditionError("rewind: the model's first values were not kept");
    Graph first = *context.first;
    if (draws_) {
      GiveInitializers(first);
      for (const ValueId id : first.parameters()) first.mutable_value(id).given = nullptr;
      GiveFirstValues(first, Rng(context.seed, "rewind", static_cast<uint64_t>(context.step_index)).Next());
    }
    Graph rewound = graph;
    RETURN_IF_ERROR(RewindTo(rewound, first, "rewind"));
    return rewound;
  }

 private:
  const bool draws_;
};

REGISTER_COMPONENT(
    Compressor,
    Descriptor(
        {.category = "compressor",
         .kind = "rewind",
         .title = "Back to the first values",
         .summary = "Every parameter goes back to the value that it began with, or is drawn anew, and what "
                    "was pruned stays zero: a lottery ticket, or its control. A retrain step with "
                    "learning_rate_factor 1 follows. Layers must be those of the first model, so this "
                    "comes before steps that reshape or quantise them.",
         .citation = "Frankle, Carbin. The Lottery Ticket Hypothesis: Finding Sparse, Trainable Neural "
                     "Networks. ICLR 2019",
         .params = {{.name = "to",
                     .type = ParamType::kChoice,
                     .default_value = "first",
                     .choices = {"first", "random"},
                     .doc = "The values that the experiment began with, before its training (of a model "
                            "from a file, those of the file); or others, drawn as those were."}}}),
    [](const Params& params) -> absl::StatusOr<std::unique_ptr<Compressor>> {
      return std::make_unique<Rewind>(params.Text("to") == "random");
    });

}  // namespace
}  // namespace concertina
