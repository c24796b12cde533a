// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// onnx_shapes.cc: operators that change how elements lie, or tell it, and compute nothing (see
// onnx_import.h).
#include "core/edge/onnx_import.h"

#include <algorithm>
#include <utility>

#include "fmt/format.h"
#include "fmt/ranges.h"

namespace concertina {
namespace {

constexpr size_t kMostExtents = 64;  // of a shape that is computed: each Concat could double it

}  // namespace

// An attribute, and since operator set 13 (of means 18) an input.
absl::StatusOr<std::vector<int64_t>> OnnxImport::Axes(const OnnxNode& node) const {
  if (HasInput(node, 1)) {
    ASSIGN_OR_RETURN(const ConstantPointer constant, Constant(node, 1));
    return constant->integers;
  }
  const OnnxAttributeValue* attribute = node.Find("axes");
  return attribute == nullptr ? std::vector<int64_t>() : attribute->ints;
}

// Zeros around an image, which the convolution behind it takes as its own padding.
absl::Status OnnxImport::TakePad(const OnnxNode& node) {
  RETURN_IF_ERROR(ExpectInputs(node, 1, 4));
  ASSIGN_OR_RETURN(const ValueId x, PlainActivation(node, 0));
  RETURN_IF_ERROR(ExpectImage(x));
  const OnnxAttributeValue* mode = node.Find("mode");
  if (mode != nullptr && mode->s.value_or("") != "constant")
    return Wrong(fmt::format("its mode is {}, expected constant", QuotedOnnxName(mode->s.value_or(""))));
  float filling = Number(node, "value", 0);
  std::vector<int64_t> pads;
  if (HasInput(node, 1)) {  // since operator set 11
    ASSIGN_OR_RETURN(const ConstantPointer constant, Constant(node, 1));
    pads = constant->integers;
  } else if (const OnnxAttributeValue* attribute = node.Find("pads")) {
    pads = attribute->ints;
  }
  if (HasInput(node, 2)) {
    ASSIGN_OR_RETURN(const OnnxMeaning number, Input(node, 2));
    filling = ScalarOf(number).value_or(1);
  }
  if (HasInput(node, 3)) return Wrong("names axes, expected numbers for all of them");
  if (filling != 0) return Wrong("fills with another number, expected 0");
  // The beginnings of batch, channels, height and width, then their ends.
  const bool is_around_images =
      pads.size() == 8 && pads[0] == 0 && pads[1] == 0 && pads[4] == 0 && pads[5] == 0 &&
      std::all_of(pads.begin(), pads.end(), [](int64_t pad) { return pad >= 0 && pad <= (1 << 24); });
  if (!is_around_images)
    return Wrong(
        fmt::format("its pads are {}, expected zeros around height and width: 0, 0, top, left, 0, 0, "
                    "bottom, right",
                    fmt::join(pads.begin(), pads.begin() + std::min<int64_t>(8, std::ssize(pads)), ", ")));
  const Shape around = {pads[2], pads[3], pads[6], pads[7]};
  if (around == Shape{0, 0, 0, 0})
    MeanActivation(node.outputs[0], x);
  else
    meanings_[node.outputs[0]] = {.kind = OnnxMeaning::kPadded, .value = x, .pads = around};
  return absl::OkStatus();
}

// A linear layer without a bias is Transpose and MatMul to PyTorch. Turned once, whoever asks, and back for
// nothing: else a small file could ask for many copies.
absl::Status OnnxImport::TurnWeight(const OnnxNode& node, const ConstantPointer& weight) {
  RETURN_IF_ERROR(ExpectType(*weight, OnnxType::kFloat));
  const OnnxAttributeValue* perm = node.Find("perm");
  if (weight->shape.size() != 2 || (perm != nullptr && perm->ints != Shape{1, 0}))
    return Wrong(fmt::format("turns the constant {}, of {}, expected one of two dimensions",
                             QuotedOnnxName(weight->name), ShapeText(weight->shape)));
  ConstantPointer& turned = turned_[weight.get()];
  if (turned == nullptr) {
    auto made = std::make_shared<OnnxConstant>(*weight);
    made->shape = {weight->shape[1], weight->shape[0]};
    made->scale_axis = 1 - weight->scale_axis;
    made->floats = Rearranged({.constant = weight, .is_transposed = true});
    turned = made;
    turned_[made.get()] = weight;
    Mean(node.outputs[0], made);
    return absl::OkStatus();
  }
  Mean(node.outputs[0], turned);
  return absl::OkStatus();
}

absl::Status OnnxImport::TakeTranspose(const OnnxNode& node) {
  RETURN_IF_ERROR(ExpectInputs(node, 1, 1));
  ASSIGN_OR_RETURN(const OnnxMeaning weight, Input(node, 0));
  if (weight.kind == OnnxMeaning::kConstant) return TurnWeight(node, weight.constant);
  ASSIGN_OR_RETURN(const OnnxMeaning x, Activation(node, 0));
  const Shape& shape = graph_.value(x.value).shape;
  const bool is_point = x.is_pooled || (shape.size() == 3 && shape[1] == 1 && shape[2] == 1);
  // To the channels last, where there is one place: nothing moves.
  if (is_point && IsTurn(node, {0, 2, 3, 1}))
    return Add(node, OpKind::kReshape, {x.value}, {.shape = {1, 1, shape[0]}});
  if (&node == turned_by_ && x.value == graph_.input()) {
    meanings_[node.outputs[0]] = x;
    return absl::OkStatus();
  }
  const OnnxAttributeValue* perm = node.Find("perm");
  return Wrong(
      fmt::format("its perm is {}, expected 0, 3, 1, 2 of the input alone: images of channels x height x "
                  "width; export the model with its channels first",
                  perm == nullptr ? "none" : fmt::format("{}", fmt::join(perm->ints, ", "))));
}

absl::Status OnnxImport::MeanShape(const OnnxNode& node, Shape shape, std::vector<int64_t> extents) {
  if (extents.size() > kMostExtents)
    return Wrong(
        fmt::format("gives {} whole numbers, expected a shape of at most {}", extents.size(), kMostExtents));
  auto constant = std::make_shared<OnnxConstant>();
  constant->name = node.outputs[0];
  constant->type = OnnxType::kInt64;
  constant->shape = std::move(shape);
  constant->floats = std::make_shared<const std::vector<float>>();
  constant->integers = std::move(extents);
  Mean(node.outputs[0], std::move(constant));
  return absl::OkStatus();
}

absl::Status OnnxImport::TakeShape(const OnnxNode& node) {
  RETURN_IF_ERROR(ExpectInputs(node, 1, 1));
  ASSIGN_OR_RETURN(const OnnxMeaning x, Activation(node, 0));
  std::vector<int64_t> extents = {kBatchExtent};
  const Shape& shape = graph_.value(x.value).shape;
  extents.insert(extents.end(), shape.begin(), shape.end());
  if (x.is_pooled) extents.insert(extents.end(), {1, 1});
  const auto rank = std::ssize(extents);
  constexpr int64_t kAny = std::numeric_limits<int32_t>::max();  // what lies beyond is cut
  ASSIGN_OR_RETURN(int64_t start, Integer(node, "start", 0, -kAny, kAny));
  ASSIGN_OR_RETURN(int64_t end, Integer(node, "end", rank, -kAny, kAny));
  start = std::clamp<int64_t>(start < 0 ? start + rank : start, 0, rank);
  end = std::clamp<int64_t>(end < 0 ? end + rank : end, 0, rank);
  std::vector<int64_t> asked;
  for (int64_t i = start; i < end; ++i) asked.push_back(extents[static_cast<size_t>(i)]);
  const auto count = std::ssize(asked);
  return MeanShape(node, {count}, std::move(asked));
}

absl::Status OnnxImport::TakeGather(const OnnxNode& node) {
  RETURN_IF_ERROR(ExpectInputs(node, 2, 2));
  RETURN_IF_ERROR(Expect(node, "axis", 0, 0));
  ASSIGN_OR_RETURN(const ConstantPointer from, Constant(node, 0));
  ASSIGN_OR_RETURN(const ConstantPointer indices, Constant(node, 1));
  RETURN_IF_ERROR(ExpectType(*from, OnnxType::kInt64));
  RETURN_IF_ERROR(ExpectType(*indices, OnnxType::kInt64));
  const auto count = std::ssize(from->integers);
  if (from->shape.size() != 1 || indices->integers.size() > kMostExtents)
    return Wrong(fmt::format("takes from {}, expected from a shape", ShapeText(from->shape)));
  std::vector<int64_t> taken;
  for (const int64_t index : indices->integers) {
    if (index < -count || index >= count) return Wrong(fmt::format("takes number {} of {}", index, count));
    taken.push_back(from->integers[static_cast<size_t>(index < 0 ? index + count : index)]);
  }
  return MeanShape(node, indices->shape, std::move(taken));
}

absl::Status OnnxImport::TakeUnsqueeze(const OnnxNode& node) {
  RETURN_IF_ERROR(ExpectInputs(node, 1, 2));
  ASSIGN_OR_RETURN(const ConstantPointer from, Constant(node, 0));
  RETURN_IF_ERROR(ExpectType(*from, OnnxType::kInt64));
  if (!from->shape.empty()) return Wrong("adds a dimension to a list, expected to one number of a shape");
  return MeanShape(node, {1}, from->integers);
}

absl::Status OnnxImport::TakeConcat(const OnnxNode& node) {
  RETURN_IF_ERROR(Expect(node, "axis", 0, 0));
  std::vector<int64_t> all;
  for (size_t i = 0; i < node.inputs.size(); ++i) {
    ASSIGN_OR_RETURN(const ConstantPointer part, Constant(node, i));
    RETURN_IF_ERROR(ExpectType(*part, OnnxType::kInt64));
    if (part->shape.size() != 1 || all.size() + part->integers.size() > kMostExtents)
      return Wrong("joins what is no part of a shape");
    all.insert(all.end(), part->integers.begin(), part->integers.end());
  }
  const auto count = std::ssize(all);
  return MeanShape(node, {count}, std::move(all));
}

// Between floats of any width: we compute with 32 bits. Shapes stay whole numbers.
absl::Status OnnxImport::TakeCast(const OnnxNode& node) {
  RETURN_IF_ERROR(ExpectInputs(node, 1, 1));
  ASSIGN_OR_RETURN(const OnnxMeaning x, Input(node, 0));
  ASSIGN_OR_RETURN(const int64_t to, Integer(node, "to", 0, 0, std::numeric_limits<int32_t>::max()));
  const auto type = static_cast<OnnxType>(to);
  const bool to_float = type == OnnxType::kFloat || type == OnnxType::kFloat16 || type == OnnxType::kBfloat16;
  const bool is_shape = x.kind == OnnxMeaning::kConstant && x.constant->type == OnnxType::kInt64;
  const bool is_float = x.kind != OnnxMeaning::kConstant || x.constant->type == OnnxType::kFloat;
  if (is_shape ? type != OnnxType::kInt64 : !to_float || !is_float)
    return Wrong(fmt::format("makes {} of it, expected floats of floats", OnnxTypeName(type)));
  meanings_[node.outputs[0]] = x;
  return absl::OkStatus();
}

absl::Status OnnxImport::Flatten(const OnnxNode& node, const OnnxMeaning& x) {
  if (x.is_pooled && IsAlone(node)) {
    MeanActivation(node.outputs[0], x.value);
    return absl::OkStatus();
  }
  return Add(node, OpKind::kReshape, {x.value}, {.shape = {ElementCount(graph_.value(x.value).shape)}});
}

absl::Status OnnxImport::TakeFlatten(const OnnxNode& node) {
  RETURN_IF_ERROR(ExpectInputs(node, 1, 1));
  ASSIGN_OR_RETURN(const OnnxMeaning x, Activation(node, 0));
  const int64_t rank = x.is_pooled ? 4 : static_cast<int64_t>(graph_.value(x.value).shape.size()) + 1;
  ASSIGN_OR_RETURN(const int64_t axis, Integer(node, "axis", 1, -rank, rank));
  if (axis != 1 && axis + rank != 1) return Wrong(fmt::format("its axis is {}, expected 1", axis));
  return Flatten(node, x);
}

absl::Status OnnxImport::TakeSqueeze(const OnnxNode& node) {
  RETURN_IF_ERROR(ExpectInputs(node, 1, 2));
  ASSIGN_OR_RETURN(const OnnxMeaning x, Activation(node, 0));
  ASSIGN_OR_RETURN(const std::vector<int64_t> axes, Axes(node));
  const Shape& shape = graph_.value(x.value).shape;
  std::set<int64_t> sides;
  for (const int64_t axis : axes) sides.insert(axis < 0 ? axis + 4 : axis);
  const bool is_point = x.is_pooled || (shape.size() == 3 && shape[1] == 1 && shape[2] == 1);
  if (!is_point || sides != std::set<int64_t>{2, 3})
    return Wrong(fmt::format("takes the axes {} from {}, expected 2 and 3 from channels x 1 x 1",
                             fmt::join(axes, ", "), ShapeText(shape)));
  return Flatten(node, x);
}

absl::Status OnnxImport::TakeReshape(const OnnxNode& node) {
  RETURN_IF_ERROR(ExpectInputs(node, 2, 2));
  ASSIGN_OR_RETURN(const OnnxMeaning x, Activation(node, 0));
  ASSIGN_OR_RETURN(const ConstantPointer constant, Constant(node, 1));
  RETURN_IF_ERROR(ExpectType(*constant, OnnxType::kInt64));
  Shape target = constant->integers;
  if (std::count(target.begin(), target.end(), 0) > 0) RETURN_IF_ERROR(Expect(node, "allowzero", 0, 0));
  // The batch, as it comes, or as the file is fixed to.
  if (!target.empty() && (target[0] == kBatchExtent || (batch_ > 1 && target[0] == batch_))) target[0] = 0;
  const auto wrong = [&] {
    return Wrong(fmt::format(
        "its shape is {}, expected the batch (0, -1 or 1) and {} elements",
        fmt::join(target.begin(), target.begin() + std::min<int64_t>(8, std::ssize(target)), ", "),
        ElementCount(graph_.value(x.value).shape)));
  };
  if (target.size() < 2 || target.size() > 16 || target[0] < -1 || target[0] > 1) return wrong();
  Shape from = graph_.value(x.value).shape;
  if (x.is_pooled) from = {from[0], 1, 1};
  const int64_t count = ElementCount(from);
  Shape shape(target.begin() + 1, target.end());
  int64_t known = 1, open = target[0] == -1 ? 1 : 0;
  for (size_t i = 0; i < shape.size(); ++i) {
    if (shape[i] == 0 && i < from.size()) shape[i] = from[i];  // as it was
    if (shape[i] == -1) {
      ++open;
      continue;
    }
    if (shape[i] < 1 || shape[i] > count / known) return wrong();
    known *= shape[i];
  }
  if (open > 1 || count % known != 0) return wrong();
  for (int64_t& extent : shape)
    if (extent == -1) extent = count / known;
  if (ElementCount(shape) != count) return wrong();
  if (shape.size() == 1) return Flatten(node, x);
  if (x.is_pooled && shape == from && IsAlone(node)) {
    meanings_[node.outputs[0]] = x;
    return absl::OkStatus();
  }
  return Add(node, OpKind::kReshape, {x.value}, {.shape = std::move(shape)});
}

}  // namespace concertina
