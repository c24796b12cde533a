// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// onnx_operators.cc: operator by operator, from ONNX's terms to ours (see onnx_import.h).
#include "core/edge/onnx_import.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <utility>

#include "fmt/format.h"
#include "fmt/ranges.h"

namespace concertina {
namespace {

constexpr int64_t kBroadcasts = 7;  // since when as it is now: before, by an axis

// The decimal number that was meant where a float was written: 1e-5, not 9.99999975e-06.
// Not by strtod: where a program has taken over its user's locale, that stops at the point.
double MeantBy(float number) {
  const std::string text = fmt::format("{}", number);
  double meant = number;
  if (std::isfinite(number)) std::from_chars(text.data(), text.data() + text.size(), meant);
  return meant;
}

}  // namespace

absl::Status OnnxImport::TakeConstant(const OnnxNode& node) {
  OnnxTensor tensor;
  if (const OnnxAttributeValue* a = node.Find("value"); a != nullptr) {
    ASSIGN_OR_RETURN(tensor, ParseOnnxTensor(a->tensor, a->tensor_at));
  } else if ((a = node.Find("value_float")) != nullptr) {
    tensor = {.type = OnnxType::kFloat, .floats = {a->f.value_or(0)}};
  } else if ((a = node.Find("value_int")) != nullptr) {
    tensor = {.type = OnnxType::kInt64, .integers = {a->i.value_or(0)}};
  } else if ((a = node.Find("value_floats")) != nullptr) {
    tensor = {
        .type = OnnxType::kFloat, .shape = {static_cast<int64_t>(a->floats.size())}, .floats = a->floats};
  } else if ((a = node.Find("value_ints")) != nullptr) {
    tensor = {.type = OnnxType::kInt64, .shape = {static_cast<int64_t>(a->ints.size())}, .integers = a->ints};
  } else {
    return Wrong("has no value, expected a tensor or numbers");
  }
  Mean(node.outputs[0], ConstantOf(std::string(node.outputs[0]), std::move(tensor)));
  return absl::OkStatus();
}

absl::Status OnnxImport::TakeIdentity(const OnnxNode& node) {
  ASSIGN_OR_RETURN(const OnnxMeaning meaning, Input(node, 0));
  meanings_[node.outputs[0]] = meaning;
  return absl::OkStatus();
}

absl::Status OnnxImport::TakeDropout(const OnnxNode& node) {
  RETURN_IF_ERROR(ExpectInputs(node, 1, 3));
  ASSIGN_OR_RETURN(const OnnxMeaning x, Activation(node, 0));
  float rate = Number(node, "ratio", 0.5F);
  if (HasInput(node, 1)) {  // since operator set 12
    ASSIGN_OR_RETURN(const OnnxMeaning ratio, Input(node, 1));
    const std::optional<float> scalar = ScalarOf(ratio);
    if (!scalar) return Wrong("its ratio is not one constant float");
    rate = *scalar;
  }
  if (HasInput(node, 2) && rate != 0) {
    ASSIGN_OR_RETURN(const ConstantPointer is_training, Constant(node, 2));
    RETURN_IF_ERROR(ExpectType(*is_training, OnnxType::kBool));
    if (is_training->codes.size() != 1 || is_training->codes[0] != 0)
      return Wrong("its training_mode is on, expected a model that was exported to be evaluated");
  }
  return Add(node, OpKind::kDropout, {x.value}, {.rate = MeantBy(rate)}, x.is_pooled);
}

absl::Status OnnxImport::TakeActivation(const OnnxNode& node) {
  RETURN_IF_ERROR(ExpectInputs(node, 1, 1));
  ASSIGN_OR_RETURN(const OnnxMeaning x, Activation(node, 0));
  const OpKind kind = node.op_type == "Relu"   ? OpKind::kRelu
                      : node.op_type == "Tanh" ? OpKind::kTanh
                                               : OpKind::kSigmoid;
  return Add(node, kind, {x.value}, {}, x.is_pooled);
}

absl::Status OnnxImport::TakeGelu(const OnnxNode& node) {
  const OnnxAttributeValue* approximate = node.Find("approximate");
  if (approximate != nullptr && approximate->s.value_or("") != "none")
    return Wrong("is an approximation, expected the exact one, with erf");
  RETURN_IF_ERROR(ExpectInputs(node, 1, 1));
  ASSIGN_OR_RETURN(const OnnxMeaning x, Activation(node, 0));
  return Add(node, OpKind::kGelu, {x.value}, {}, x.is_pooled);
}

absl::Status OnnxImport::TakeGemm(const OnnxNode& node) {
  RETURN_IF_ERROR(ExpectInputs(node, 2, 3));
  RETURN_IF_ERROR(Expect(node, "transA", 0, 0));
  ASSIGN_OR_RETURN(const int64_t is_outputs_first, Integer(node, "transB", 0, 0, 1));
  ASSIGN_OR_RETURN(const ValueId x, PlainActivation(node, 0));
  Use weight = {.is_transposed = is_outputs_first == 0, .factor = Number(node, "alpha", 1)};
  ASSIGN_OR_RETURN(weight.constant, FloatConstant(node, 1));
  Use bias = {.factor = Number(node, "beta", 1)};
  if (HasInput(node, 2)) {
    ASSIGN_OR_RETURN(bias.constant, FloatConstant(node, 2));
  }
  return AddDense(node, node.outputs[0], x, std::move(weight), std::move(bias));
}

absl::Status OnnxImport::TakeMatMul(const OnnxNode& node) {
  RETURN_IF_ERROR(ExpectInputs(node, 2, 2));
  ASSIGN_OR_RETURN(const ValueId x, PlainActivation(node, 0));
  ASSIGN_OR_RETURN(ConstantPointer weight, FloatConstant(node, 1));
  if (weight->shape.size() != 2)
    return Wrong(fmt::format("its weight {} is {}, expected two dimensions", QuotedOnnxName(weight->name),
                             ShapeText(weight->shape)));
  meanings_[node.outputs[0]] = {
      .kind = OnnxMeaning::kProduct, .value = x, .constant = std::move(weight), .by = &node};
  return absl::OkStatus();
}

absl::Status OnnxImport::TakeAdd(const OnnxNode& node) {
  RETURN_IF_ERROR(ExpectInputs(node, 2, 2));
  for (const size_t i : {0, 1}) {  // what is particular comes first or second
    ASSIGN_OR_RETURN(const OnnxMeaning a, Input(node, i));
    ASSIGN_OR_RETURN(const OnnxMeaning b, Input(node, 1 - i));
    if (b.kind != OnnxMeaning::kConstant) continue;
    if (a.kind == OnnxMeaning::kProduct) {
      RETURN_IF_ERROR(ExpectType(*b.constant, OnnxType::kFloat));
      if (model_.opset < kBroadcasts) RETURN_IF_ERROR(Expect(node, "axis", 1, 1));
      return AddDense(*a.by, node.outputs[0], a.value, {.constant = a.constant, .is_transposed = true},
                      {.constant = b.constant});
    }
    if (a.kind == OnnxMeaning::kGelu && a.part == GeluPart::kErf && IsNear(b, 1)) {
      MeanPart(node.outputs[0], GeluPart::kErfPlusOne, a);
      return absl::OkStatus();
    }
    return Wrong(fmt::format("adds the constant {}, expected that only after MatMul, as its bias",
                             QuotedOnnxName(node.inputs[1 - i])));
  }
  ASSIGN_OR_RETURN(const OnnxMeaning a, Activation(node, 0));
  ASSIGN_OR_RETURN(const OnnxMeaning b, Activation(node, 1));
  if (a.is_pooled && b.is_pooled) return Add(node, OpKind::kAdd, {a.value, b.value}, {}, true);
  ASSIGN_OR_RETURN(const ValueId left, Unpooled(node, a));
  ASSIGN_OR_RETURN(const ValueId right, Unpooled(node, b));
  return Add(node, OpKind::kAdd, {left, right});
}

absl::Status OnnxImport::TakeMul(const OnnxNode& node) {
  RETURN_IF_ERROR(ExpectInputs(node, 2, 2));
  for (const size_t i : {0, 1}) {
    ASSIGN_OR_RETURN(OnnxMeaning a, Input(node, i));
    ASSIGN_OR_RETURN(const OnnxMeaning b, Input(node, 1 - i));
    const auto is = [](const OnnxMeaning& m, GeluPart part) {
      return m.kind == OnnxMeaning::kGelu && m.part == part;
    };
    if ((is(a, GeluPart::kHalf) && is(b, GeluPart::kErfPlusOne) && a.value == b.value) ||
        (is(a, GeluPart::kDouble) && IsNear(b, 0.5)))
      return Add(node, OpKind::kGelu, {a.value}, {}, a.is_pooled);
    const bool is_scaled = IsNear(b, std::sqrt(0.5)), is_half = IsNear(b, 0.5);
    if (!is_scaled && !is_half && !is(b, GeluPart::kErfPlusOne)) continue;
    if (a.kind != OnnxMeaning::kActivation && a.kind != OnnxMeaning::kProduct) continue;
    ASSIGN_OR_RETURN(a, AsActivation(a, node.inputs[i]));
    if (is(b, GeluPart::kErfPlusOne) && a.value != b.value) continue;
    MeanPart(node.outputs[0],
             is_scaled ? GeluPart::kScaled
             : is_half ? GeluPart::kHalf
                       : GeluPart::kDouble,
             a);
    return absl::OkStatus();
  }
  return NotGelu();
}

absl::Status OnnxImport::TakeDiv(const OnnxNode& node) {
  RETURN_IF_ERROR(ExpectInputs(node, 2, 2));
  ASSIGN_OR_RETURN(const OnnxMeaning divisor, Input(node, 1));
  if (!IsNear(divisor, std::sqrt(2.0))) return NotGelu();
  ASSIGN_OR_RETURN(const OnnxMeaning x, Activation(node, 0));
  MeanPart(node.outputs[0], GeluPart::kScaled, x);
  return absl::OkStatus();
}

absl::Status OnnxImport::TakeErf(const OnnxNode& node) {
  ASSIGN_OR_RETURN(const OnnxMeaning x, Input(node, 0));
  if (x.kind != OnnxMeaning::kGelu || x.part != GeluPart::kScaled) return NotGelu();
  MeanPart(node.outputs[0], GeluPart::kErf, x);
  return absl::OkStatus();
}

absl::Status OnnxImport::TakeConv(const OnnxNode& node) {
  RETURN_IF_ERROR(ExpectInputs(node, 2, 3));
  ASSIGN_OR_RETURN(const int64_t groups, Integer(node, "group", 1, 1, std::numeric_limits<int64_t>::max()));
  ASSIGN_OR_RETURN(const OnnxMeaning from, Input(node, 0));
  const bool is_padded = from.kind == OnnxMeaning::kPadded;
  ValueId x = from.value;
  if (!is_padded) {
    ASSIGN_OR_RETURN(x, PlainActivation(node, 0));
  }
  const Shape image = graph_.value(x).shape;
  const int64_t channels = image.empty() ? 0 : image[0];
  const auto wrong_groups = [&] {
    return Wrong(
        fmt::format("its group is {}, expected 1, or {} without a bias, one for each channel in and out",
                    groups, channels));
  };
  if (groups != 1 && (groups != channels || image.size() != 3 || HasInput(node, 2))) return wrong_groups();
  RETURN_IF_ERROR(ExpectImage(x));
  Use weight, bias;
  ASSIGN_OR_RETURN(weight.constant, FloatConstant(node, 1));
  const Shape& shape = weight.constant->shape;
  if (shape.size() != 4)
    return Wrong(fmt::format("its weight {} is {}, expected out x in x height x width",
                             QuotedOnnxName(weight.constant->name), ShapeText(shape)));
  const Shape kernel = {shape[2], shape[3]};
  ASSIGN_OR_RETURN(const Shape kernel_shape, Integers(node, "kernel_shape", kernel, 1));
  if (kernel_shape != kernel)
    return Wrong(fmt::format("its kernel_shape is {}, expected {}, as its weight has it",
                             ShapeText(kernel_shape), ShapeText(kernel)));
  const Shape outer = is_padded ? from.pads : Shape{0, 0, 0, 0};
  ASSIGN_OR_RETURN(Attributes attributes, WindowOf(node, graph_.value(x).shape, kernel, outer));
  // As many groups as channels, in and out: each channel by itself. One channel is either.
  if (groups != 1) {
    if (shape[0] != channels) return wrong_groups();
    weight.fan_in = shape[2] * shape[3];
    ASSIGN_OR_RETURN(const ValueId own, ValueOf(weight, /*is_weight=*/true, shape));
    return Add(node, OpKind::kDepthwiseConv2d, {x, own}, std::move(attributes));
  }
  if (kernel[0] == kernel[1]) attributes.kernel = kernel[0];
  weight.fan_in = bias.fan_in = shape[1] * shape[2] * shape[3];
  ASSIGN_OR_RETURN(const ValueId weight_id, ValueOf(weight, /*is_weight=*/true, shape));
  std::vector<ValueId> inputs = {x, weight_id};
  if (HasInput(node, 2)) {
    ASSIGN_OR_RETURN(bias.constant, FloatConstant(node, 2));
    ASSIGN_OR_RETURN(const ValueId bias_id, BiasOf(bias, shape[0]));
    inputs.push_back(bias_id);
  }
  return Add(node, OpKind::kConv2d, std::move(inputs), std::move(attributes));
}

absl::Status OnnxImport::TakePool(const OnnxNode& node) {
  const bool is_max = node.op_type == "MaxPool";
  RETURN_IF_ERROR(ExpectInputs(node, 1, 1));
  ASSIGN_OR_RETURN(const ValueId x, PlainActivation(node, 0));
  RETURN_IF_ERROR(ExpectImage(x));
  const Shape image = graph_.value(x).shape;
  ASSIGN_OR_RETURN(const Shape kernel, Integers(node, "kernel_shape", {0, 0}, 1));
  if (kernel[0] != kernel[1] || kernel[0] == 0)
    return Wrong(
        fmt::format("its kernel_shape is {}, expected the same for both sides", fmt::join(kernel, ", ")));
  ASSIGN_OR_RETURN(Attributes attributes, WindowOf(node, image, kernel));
  attributes.kernel = kernel[0];
  ASSIGN_OR_RETURN(const int64_t is_ceiled, Integer(node, "ceil_mode", 0, 0, 1));
  for (const size_t side : {1, 2})
    if (is_ceiled == 1 && (image[side] + 2 * attributes.padding - kernel[0]) % attributes.stride != 0)
      return Wrong("its ceil_mode is 1 and makes a difference here, expected 0");
  if (!is_max && attributes.padding > 0) {
    const absl::Status counted = Expect(node, "count_include_pad", 0, 1);
    if (!counted.ok()) return Annotate(counted, "it has padding");
  }
  return Add(node, is_max ? OpKind::kMaxPool2d : OpKind::kAveragePool2d, {x}, std::move(attributes));
}

absl::Status OnnxImport::TakeGlobalPool(const OnnxNode& node) {
  RETURN_IF_ERROR(ExpectInputs(node, 1, 1));
  ASSIGN_OR_RETURN(const ValueId x, PlainActivation(node, 0));
  return Add(node, OpKind::kGlobalAveragePool, {x}, {}, /*is_pooled=*/true);
}

// x.mean((2, 3)), and Keras's global pool.
absl::Status OnnxImport::TakeReduceMean(const OnnxNode& node) {
  RETURN_IF_ERROR(ExpectInputs(node, 1, 2));
  ASSIGN_OR_RETURN(const std::vector<int64_t> axes, Axes(node));
  ASSIGN_OR_RETURN(const int64_t keeps, Integer(node, "keepdims", 1, 0, 1));
  ASSIGN_OR_RETURN(const ValueId x, PlainActivation(node, 0));
  std::set<int64_t> sides;
  for (const int64_t axis : axes) sides.insert(axis < 0 ? axis + 4 : axis);
  if (graph_.value(x).shape.size() != 3 || sides != std::set<int64_t>{2, 3})
    return Wrong(fmt::format("takes the mean over the axes {} of {}, expected 2 and 3 of an image",
                             fmt::join(axes, ", "), ShapeText(graph_.value(x).shape)));
  return Add(node, OpKind::kGlobalAveragePool, {x}, {}, /*is_pooled=*/keeps == 1);
}

absl::Status OnnxImport::TakeBatchNorm(const OnnxNode& node) {
  RETURN_IF_ERROR(ExpectInputs(node, 5, 5));
  RETURN_IF_ERROR(Expect(node, "training_mode", 0, 0));
  RETURN_IF_ERROR(Expect(node, "spatial", 1, 1));  // until operator set 8
  RETURN_IF_ERROR(Expect(node, "is_test", model_.opset < 7 ? 0 : 1, 1));
  ASSIGN_OR_RETURN(const OnnxMeaning x, Activation(node, 0));
  std::vector<ValueId> inputs = {x.value};
  for (size_t i = 1; i < 5; ++i) {  // scale, shift, mean, variance
    Use use = {.role = i < 3 ? ValueRole::kParameter : ValueRole::kBuffer,
               .initializer = i == 1 || i == 4 ? Initializer::kOnes : Initializer::kZeros};
    ASSIGN_OR_RETURN(use.constant, FloatConstant(node, i));
    ASSIGN_OR_RETURN(const ValueId id, ValueOf(use, /*is_weight=*/false, use.constant->shape));
    inputs.push_back(id);
  }
  // ONNX's momentum is the share that stays, ours the one that is new.
  const auto momentum = static_cast<float>(1 - MeantBy(Number(node, "momentum", 0.9F)));
  return Add(node, OpKind::kBatchNorm, std::move(inputs),
             {.momentum = MeantBy(momentum), .epsilon = MeantBy(Number(node, "epsilon", 1e-5F))},
             x.is_pooled);
}

}  // namespace concertina
