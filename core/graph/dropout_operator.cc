// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// dropout_operator.cc: dropout in training, nothing in evaluation.
// On the way of the data: graph/executor.cc -> here -> tensor/dropout.h.
#include "core/graph/dropout_key.h"

#include <algorithm>

#include "core/base/rng.h"
#include "core/graph/operator.h"

namespace concertina {

std::string DropoutStream(const std::string& node) { return "dropout/" + node; }

DropoutKey DropoutKeyOf(uint64_t seed, int64_t step, const std::string& stream) {
  const uint64_t bits = Rng(seed, stream, static_cast<uint64_t>(step)).Next();
  return {static_cast<uint32_t>(bits), static_cast<uint32_t>(bits >> 32)};
}

namespace {

class DropoutOperator final : public Operator {
 public:
  explicit DropoutOperator(const OperatorSetup& setup)
      : shape_{.features = ElementCount(setup.output_shape()),
               .lanes = setup.lanes,
               .rate = setup.node.attributes.rate,
               .threads = setup.threads,
               .first_feature = setup.node.attributes.first_feature},
        seed_(setup.seed),
        stream_(DropoutStream(setup.node.name)),
        accumulates_(setup.accumulates[0]) {}

  OperatorNeeds needs() const override { return {}; }
  void Forward(const OperatorMemory& memory, const StepState& state) override {
    if (state.training) return Dropout(Of(state), Key(state.step), memory.inputs[0], false, memory.output);
    std::copy_n(memory.inputs[0], shape_.features * shape_.lanes, memory.output);
  }
  void Backward(BackwardPart, const OperatorMemory& memory, const StepState& state) override {
    Dropout(Of(state), Key(state.step), memory.output_gradient, accumulates_, memory.input_gradients[0]);
  }

 private:
  // A sample's mask is the same in a micro-batch as in the whole batch.
  DropoutShape Of(const StepState& state) const {
    DropoutShape shape = shape_;
    shape.first_sample = state.first_sample;
    return shape;
  }
  DropoutKey Key(int64_t step) const { return DropoutKeyOf(seed_, step, stream_); }

  DropoutShape shape_;
  uint64_t seed_;
  std::string stream_;
  bool accumulates_;
};

}  // namespace

absl::StatusOr<std::unique_ptr<Operator>> MakeDropout(const OperatorSetup& setup) {
  return std::make_unique<DropoutOperator>(setup);
}

}  // namespace concertina
