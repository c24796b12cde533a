// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// pooling_operator.cc: max, average and global average pooling.
// On the way of the data: graph/executor.cc -> here -> tensor/pooling.h.
#include "core/graph/operator.h"
#include "core/tensor/pooling.h"
#include "fmt/format.h"

namespace concertina {
namespace {

class PoolOperator final : public Operator {
 public:
  PoolOperator(OpKind kind, const PoolShape& shape, bool accumulates)
      : kind_(kind), shape_(shape), accumulates_(accumulates) {}

  OperatorNeeds needs() const override {
    const bool max = kind_ == OpKind::kMaxPool2d;
    return {.saved_floats = max ? shape_.out_size() / static_cast<int64_t>(sizeof(float)) : 0};
  }

  void Forward(const OperatorMemory& memory, const StepState&) override {
    switch (kind_) {
      case OpKind::kMaxPool2d:
        return MaxPoolForward(shape_, memory.inputs[0], memory.output,
                              reinterpret_cast<uint8_t*>(memory.saved));
      case OpKind::kAveragePool2d:
        return AveragePoolForward(shape_, memory.inputs[0], memory.output);
      default:
        return GlobalAverageForward(shape_, memory.inputs[0], memory.output);
    }
  }

  void Backward(BackwardPart, const OperatorMemory& memory, const StepState&) override {
    const float* dy = memory.output_gradient;
    float* dx = memory.input_gradients[0];
    switch (kind_) {
      case OpKind::kMaxPool2d:
        return MaxPoolBackward(shape_, dy, reinterpret_cast<const uint8_t*>(memory.saved), accumulates_, dx);
      case OpKind::kAveragePool2d:
        return AveragePoolBackward(shape_, dy, accumulates_, dx);
      default:
        return GlobalAverageBackward(shape_, dy, accumulates_, dx);
    }
  }

 private:
  OpKind kind_;
  PoolShape shape_;
  bool accumulates_;
};

}  // namespace

absl::StatusOr<std::unique_ptr<Operator>> MakePool(const OperatorSetup& setup) {
  const Shape& x = setup.input_shape(0);
  const Attributes& attributes = setup.node.attributes;
  if (setup.node.kind == OpKind::kMaxPool2d && attributes.kernel > kLargestMaxPoolKernel)
    return absl::InvalidArgumentError(
        fmt::format("layer \"{}\": a max pool's kernel is {}, expected at most {}; pool twice instead",
                    setup.node.name, attributes.kernel, kLargestMaxPoolKernel));
  return std::make_unique<PoolOperator>(setup.node.kind,
                                        PoolShape{.channels = x[0],
                                                  .height = x[1],
                                                  .width = x[2],
                                                  .kernel = attributes.kernel,
                                                  .stride = attributes.stride,
                                                  .padding = attributes.padding,
                                                  .lanes = setup.lanes,
                                                  .threads = setup.threads},
                                        setup.accumulates[0]);
}

}  // namespace concertina
