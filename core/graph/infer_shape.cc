// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// infer_shape.cc: the operators' shape rules, the only place that knows them.
// On the way of the data: graph/graph.cc asks here for each node that is added.
#include <string_view>

#include "core/graph/graph.h"
#include "fmt/format.h"

namespace concertina {
namespace {

absl::Status Wrong(std::string_view what, const Shape& found, std::string_view expected) {
  return absl::InvalidArgumentError(fmt::format("{} is {}, expected {}", what, ShapeText(found), expected));
}

absl::Status ExpectInputs(const std::vector<Shape>& inputs, size_t least, size_t most) {
  if (inputs.size() >= least && inputs.size() <= most) return absl::OkStatus();
  return absl::InvalidArgumentError(
      least == most ? fmt::format("has {} inputs, expected {}", inputs.size(), least)
                    : fmt::format("has {} inputs, expected {} to {}", inputs.size(), least, most));
}

absl::Status ExpectImage(const Shape& x) {
  if (x.size() == 3 && ElementCount(x) > 0) return absl::OkStatus();
  return Wrong("the input", x, "an image of channels x height x width");
}

absl::Status ExpectBias(const std::vector<Shape>& inputs, int64_t outputs) {
  if (inputs.size() < 3 || inputs[2] == Shape{outputs}) return absl::OkStatus();
  return Wrong("the bias", inputs[2], fmt::format("{}, one number for each output", outputs));
}

// (extent + 2 padding - kernel) / stride + 1, or why not.
absl::StatusOr<int64_t> WindowCount(std::string_view side, int64_t extent, int64_t kernel,
                                    const Attributes& attributes) {
  if (kernel < 1)
    return absl::InvalidArgumentError(fmt::format("its kernel is {}, expected at least 1", kernel));
  if (attributes.stride < 1)
    return absl::InvalidArgumentError(
        fmt::format("its stride is {}, expected at least 1", attributes.stride));
  if (attributes.padding < 0)
    return absl::InvalidArgumentError(
        fmt::format("its padding is {}, expected at least 0", attributes.padding));
  if (extent + 2 * attributes.padding < kernel)
    return absl::InvalidArgumentError(
        fmt::format("its kernel of {} does not fit into a {} of {} with padding {}; take a smaller kernel or "
                    "a larger image",
                    kernel, side, extent, attributes.padding));
  return (extent + 2 * attributes.padding - kernel) / attributes.stride + 1;
}

absl::StatusOr<Shape> DenseShapeOf(const std::vector<Shape>& inputs) {
  RETURN_IF_ERROR(ExpectInputs(inputs, 2, 3));
  const Shape& x = inputs[0];
  const Shape& weight = inputs[1];
  if (x.size() != 1) return Wrong("the input", x, "a vector (reshape an image first)");
  if (weight.size() != 2 || weight[1] != x[0] || weight[0] < 1)
    return Wrong("the weight", weight,
                 fmt::format("outputs x {}, since the input has {} elements", x[0], x[0]));
  RETURN_IF_ERROR(ExpectBias(inputs, weight[0]));
  return Shape{weight[0]};
}

absl::StatusOr<Shape> ConvolutionShapeOf(const std::vector<Shape>& inputs, const Attributes& attributes) {
  RETURN_IF_ERROR(ExpectInputs(inputs, 2, 3));
  const Shape& x = inputs[0];
  const Shape& weight = inputs[1];
  RETURN_IF_ERROR(ExpectImage(x));
  if (weight.size() != 4 || weight[1] != x[0] || weight[0] < 1)
    return Wrong(
        "the weight", weight,
        fmt::format("out channels x {} x kernel height x kernel width, since the input has {} channels", x[0],
                    x[0]));
  if (attributes.kernel != 0 && (attributes.kernel != weight[2] || attributes.kernel != weight[3]))
    return Wrong("the weight", weight,
                 fmt::format("a kernel of {0}x{0}, as the attribute says", attributes.kernel));
  RETURN_IF_ERROR(ExpectBias(inputs, weight[0]));
  ASSIGN_OR_RETURN(const int64_t height, WindowCount("height", x[1], weight[2], attributes));
  ASSIGN_OR_RETURN(const int64_t width, WindowCount("width", x[2], weight[3], attributes));
  return Shape{weight[0], height, width};
}

absl::StatusOr<Shape> DepthwiseShapeOf(const std::vector<Shape>& inputs, const Attributes& attributes) {
  RETURN_IF_ERROR(ExpectInputs(inputs, 2, 2));
  const Shape& x = inputs[0];
  const Shape& weight = inputs[1];
  RETURN_IF_ERROR(ExpectImage(x));
  if (weight.size() != 4 || weight[0] != x[0] || weight[1] != 1)
    return Wrong(
        "the weight", weight,
        fmt::format("{} x 1 x kernel height x kernel width, one for each channel of the input", x[0]));
  ASSIGN_OR_RETURN(const int64_t height, WindowCount("height", x[1], weight[2], attributes));
  ASSIGN_OR_RETURN(const int64_t width, WindowCount("width", x[2], weight[3], attributes));
  return Shape{x[0], height, width};
}

absl::StatusOr<Shape> PoolShapeOf(const std::vector<Shape>& inputs, const Attributes& attributes) {
  RETURN_IF_ERROR(ExpectInputs(inputs, 1, 1));
  RETURN_IF_ERROR(ExpectImage(inputs[0]));
  // A window that holds padding alone has no largest element.
  if (attributes.kernel >= 1 && 2 * attributes.padding > attributes.kernel)
    return absl::InvalidArgumentError(
        fmt::format("its padding is {}, expected at most half of its kernel of {}", attributes.padding,
                    attributes.kernel));
  ASSIGN_OR_RETURN(const int64_t height, WindowCount("height", inputs[0][1], attributes.kernel, attributes));
  ASSIGN_OR_RETURN(const int64_t width, WindowCount("width", inputs[0][2], attributes.kernel, attributes));
  return Shape{inputs[0][0], height, width};
}

absl::StatusOr<Shape> BatchNormShapeOf(const std::vector<Shape>& inputs, const Attributes& attributes) {
  RETURN_IF_ERROR(ExpectInputs(inputs, 5, 5));
  const Shape& x = inputs[0];
  if (x.size() != 1 && x.size() != 3) return Wrong("the input", x, "a vector or an image");
  constexpr std::string_view kNames[] = {"", "the scale", "the shift", "the running mean",
                                         "the running variance"};
  for (size_t i = 1; i < 5; ++i)
    if (inputs[i] != Shape{x[0]})
      return Wrong(kNames[i], inputs[i], fmt::format("{}, one for each channel", x[0]));
  if (!(attributes.epsilon > 0))
    return absl::InvalidArgumentError(fmt::format("its epsilon is {}, expected above 0", attributes.epsilon));
  if (!(attributes.momentum >= 0 && attributes.momentum <= 1))
    return absl::InvalidArgumentError(
        fmt::format("its momentum is {}, expected 0 to 1", attributes.momentum));
  return x;
}

absl::StatusOr<Shape> DistillationShapeOf(const std::vector<Shape>& inputs, const Attributes& attributes) {
  if (inputs.size() < 2 || inputs.size() % 2 != 0)
    return absl::InvalidArgumentError(
        fmt::format("has {} inputs, expected two logits and then pairs of features", inputs.size()));
  if (inputs[0].size() != 1 || inputs[0][0] < 1)
    return Wrong("the prediction", inputs[0], "a vector, one number for each class");
  if (inputs[1] != inputs[0])
    return Wrong("the teacher's prediction", inputs[1],
                 fmt::format("{}, as the student's", ShapeText(inputs[0])));
  if (!(attributes.temperature > 0))
    return absl::InvalidArgumentError(
        fmt::format("its temperature is {}, expected above 0", attributes.temperature));
  if (!(attributes.teacher_share >= 0 && attributes.teacher_share <= 1))
    return absl::InvalidArgumentError(
        fmt::format("the teacher's share is {}, expected 0 to 1", attributes.teacher_share));
  for (size_t i = 2; i < inputs.size(); i += 2) {
    const Shape& student = inputs[i];
    const Shape& teacher = inputs[i + 1];
    if (!attributes.compares_attention && student != teacher)
      return Wrong("the teacher's feature", teacher, fmt::format("{}, as the student's", ShapeText(student)));
    if (attributes.compares_attention &&
        (student.size() != 3 || teacher.size() != 3 || student[1] != teacher[1] || student[2] != teacher[2]))
      return Wrong("the teacher's feature", teacher,
                   fmt::format("an image as high and wide as the student's of {}, of any number of channels",
                               ShapeText(student)));
  }
  return Shape{};
}

absl::StatusOr<Shape> FakeQuantizeShapeOf(const std::vector<Shape>& inputs, const Attributes& attributes) {
  RETURN_IF_ERROR(ExpectInputs(inputs, 2, 2));
  if (inputs[1] != Shape{1}) return Wrong("the step", inputs[1], "one number");
  if (attributes.bits < 2 || attributes.bits > 8)
    return absl::InvalidArgumentError(fmt::format("has {} bits, expected 2 to 8", attributes.bits));
  if (attributes.zero_point < 0 || attributes.zero_point >= (int64_t{1} << attributes.bits))
    return absl::InvalidArgumentError(
        fmt::format("its zero point is {}, expected one of its whole numbers", attributes.zero_point));
  return inputs[0];
}

}  // namespace

absl::StatusOr<Shape> InferShape(OpKind kind, const std::vector<Shape>& inputs,
                                 const Attributes& attributes) {
  switch (kind) {
    case OpKind::kDense:
      return DenseShapeOf(inputs);
    case OpKind::kConv2d:
      return ConvolutionShapeOf(inputs, attributes);
    case OpKind::kMaxPool2d:
    case OpKind::kAveragePool2d:
      return PoolShapeOf(inputs, attributes);
    case OpKind::kGlobalAveragePool:
      RETURN_IF_ERROR(ExpectInputs(inputs, 1, 1));
      RETURN_IF_ERROR(ExpectImage(inputs[0]));
      return Shape{inputs[0][0]};
    case OpKind::kBatchNorm:
      return BatchNormShapeOf(inputs, attributes);
    case OpKind::kRelu:
    case OpKind::kTanh:
    case OpKind::kSigmoid:
    case OpKind::kGelu:
      RETURN_IF_ERROR(ExpectInputs(inputs, 1, 1));
      return inputs[0];
    case OpKind::kAdd:
      RETURN_IF_ERROR(ExpectInputs(inputs, 2, 2));
      if (inputs[0] != inputs[1])
        return Wrong("the second input", inputs[1], fmt::format("{}, as the first", ShapeText(inputs[0])));
      return inputs[0];
    case OpKind::kCopyToTensor:
    case OpKind::kReduceFromTensor:
      RETURN_IF_ERROR(ExpectInputs(inputs, 1, 1));
      return inputs[0];
    case OpKind::kReshape:
      RETURN_IF_ERROR(ExpectInputs(inputs, 1, 1));
      if (ElementCount(attributes.shape) != ElementCount(inputs[0]))
        return Wrong("the new shape", attributes.shape,
                     fmt::format("{} elements, as the input of {} has", ElementCount(inputs[0]),
                                 ShapeText(inputs[0])));
      return attributes.shape;
    case OpKind::kDropout:
      RETURN_IF_ERROR(ExpectInputs(inputs, 1, 1));
      if (!(attributes.rate >= 0 && attributes.rate < 1))
        return absl::InvalidArgumentError(
            fmt::format("its rate is {}, expected 0 to less than 1", attributes.rate));
      return inputs[0];
    case OpKind::kDistillation:
      return DistillationShapeOf(inputs, attributes);
    case OpKind::kDepthwiseConv2d:
      return DepthwiseShapeOf(inputs, attributes);
    case OpKind::kFakeQuantize:
      return FakeQuantizeShapeOf(inputs, attributes);
    case OpKind::kSoftmaxCrossEntropy:
    case OpKind::kMeanSquaredError:
      RETURN_IF_ERROR(ExpectInputs(inputs, 1, 1));
      if (inputs[0].size() != 1 || inputs[0][0] < 1)
        return Wrong("the prediction", inputs[0], "a vector, one number for each class");
      return Shape{};
  }
  return absl::InvalidArgumentError("is of an unknown kind");
}

}  // namespace concertina
