// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// onnx_quantized.cc: quantised graphs: constants and activations on their grids (see onnx_import.h). Whole
// numbers: x = scale (q - zero_point), one scale, or one for each index of `axis`.
#include "core/edge/onnx_import.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "fmt/format.h"

namespace concertina {

// `shape` is that of a constant, or null for an activation, which has one scale.
absl::StatusOr<OnnxImport::Steps> OnnxImport::StepsOf(const OnnxNode& node, const Shape* shape,
                                                      std::optional<OnnxType> codes) const {
  RETURN_IF_ERROR(ExpectInputs(node, 2, 3));
  Steps steps;
  ASSIGN_OR_RETURN(steps.scale, FloatConstant(node, 1));
  if (HasInput(node, 2)) {
    ASSIGN_OR_RETURN(steps.zero, Constant(node, 2));
    steps.type = steps.zero->type;
  }
  if (codes && steps.zero == nullptr) steps.type = *codes;
  if (codes && steps.type != *codes)
    return Wrong(fmt::format("its zero point is {}, and what it dequantises {}, expected one type",
                             OnnxTypeName(steps.type), OnnxTypeName(*codes)));
  if (steps.type != OnnxType::kUint8 && steps.type != OnnxType::kInt8 &&
      (steps.type != OnnxType::kInt32 || node.op_type == "QuantizeLinear"))
    return Wrong(fmt::format("its whole numbers are {}, expected uint8, int8, or int32 of a constant",
                             OnnxTypeName(steps.type)));
  const std::vector<float>& scales = *steps.scale->floats;
  if (std::any_of(scales.begin(), scales.end(), [](float s) { return !(s > 0) || !std::isfinite(s); }))
    return Wrong(
        fmt::format("its scales {} are not all finite and above 0", QuotedOnnxName(steps.scale->name)));
  size_t expected = 1;
  if (shape != nullptr && scales.size() != 1) {
    const auto rank = static_cast<int64_t>(shape->size());
    ASSIGN_OR_RETURN(const int64_t axis, Integer(node, "axis", 1, -rank, rank - 1));
    steps.axis = axis < 0 ? axis + rank : axis;
    steps.is_along_axis = true;
    expected = static_cast<size_t>((*shape)[static_cast<size_t>(steps.axis)]);
  }
  const size_t zeros = steps.zero == nullptr ? 1 : steps.zero->codes.size();
  if (scales.size() != expected || (zeros != 1 && zeros != expected))
    return Wrong(
        fmt::format("has {} scales and {} zero points, expected one, or one for each index of a "
                    "constant's axis",
                    scales.size(), zeros));
  return steps;
}

// A constant goes one way only, whoever asks: else a small file could ask for many copies of it.
absl::StatusOr<ConstantPointer> OnnxImport::Converted(const OnnxNode& node, const ConstantPointer& constant) {
  const bool is_back = node.op_type == "DequantizeLinear";
  const std::optional<OnnxType> codes = is_back ? std::optional(constant->type) : std::nullopt;
  ASSIGN_OR_RETURN(const Steps steps, StepsOf(node, &constant->shape, codes));
  const auto [place, is_new] = converted_.try_emplace(constant.get());
  Conversion& conversion = place->second;
  const auto way = std::tuple(steps.scale.get(), steps.zero.get(), steps.axis);
  if (!is_new) {
    if (conversion.way == way) return conversion.result;
    return Wrong(fmt::format("converts {}, which another node converts with other scales, expected one way",
                             QuotedOnnxName(constant->name)));
  }
  conversion.way = way;
  conversion.result = is_back ? Dequantized(*constant, steps) : Quantized(*constant, steps);
  return conversion.result;
}

ConstantPointer OnnxImport::Quantized(const OnnxConstant& constant, const Steps& steps) {
  auto result = std::make_shared<OnnxConstant>();
  result->name = constant.name;
  result->type = steps.type;
  result->shape = constant.shape;
  result->codes.resize(constant.floats->size());
  const float least = steps.type == OnnxType::kInt8 ? -128 : 0, most = least + 255;
  ForEachElement(constant.shape, steps, [&](size_t i, size_t k) {
    const float q =
        std::nearbyint((*constant.floats)[i] / steps.ScaleAt(k)) + static_cast<float>(steps.ZeroAt(k));
    result->codes[i] = static_cast<int32_t>(q >= least ? std::min(q, most) : least);  // NaN: the least
  });
  return result;
}

ConstantPointer OnnxImport::Dequantized(const OnnxConstant& constant, const Steps& steps) {
  constexpr std::string_view kEnding = "_quantized";  // as onnx_writer.h and ONNX Runtime name them
  auto result = std::make_shared<OnnxConstant>();
  result->name = constant.name;
  if (result->name.ends_with(kEnding) && result->name.size() > kEnding.size())
    result->name.resize(result->name.size() - kEnding.size());
  result->type = OnnxType::kFloat;
  result->shape = constant.shape;
  std::vector<float> floats(constant.codes.size());
  // On both sides of zero alike, as a grid of signed numbers is: of int8 around 0, or of uint8 around 128.
  const bool is_unsigned = constant.type == OnnxType::kUint8;
  const int32_t middle = is_unsigned ? 128 : 0, least = is_unsigned ? 0 : -128;
  bool is_symmetric = is_unsigned || constant.type == OnnxType::kInt8;
  ForEachElement(constant.shape, steps, [&](size_t i, size_t k) {
    is_symmetric &= steps.ZeroAt(k) == middle && constant.codes[i] > least;
    floats[i] = static_cast<float>(int64_t{constant.codes[i]} - steps.ZeroAt(k)) * steps.ScaleAt(k);
  });
  result->floats = std::make_shared<const std::vector<float>>(std::move(floats));
  if (is_symmetric) result->scales = *steps.scale->floats;
  result->scale_axis = steps.axis;
  return result;
}

absl::StatusOr<Quantization> OnnxImport::ActivationGrid(const OnnxNode& node) const {
  ASSIGN_OR_RETURN(const Steps steps, StepsOf(node, nullptr, std::nullopt));
  Quantization grid = {.is_signed = false, .scales = {steps.ScaleAt(0)}, .zero_point = steps.ZeroAt(0)};
  if (steps.type == OnnxType::kInt32) return Wrong("its whole numbers are int32, expected uint8 or int8");
  // Signed grids of ours are even on both sides; another signed one is an unsigned one, moved.
  if (steps.type == OnnxType::kInt8 && grid.zero_point == 0)
    grid.is_signed = true;
  else if (steps.type == OnnxType::kInt8)
    grid.zero_point += 128;
  return grid;
}

// Whether all who read this name quantise it in the same way: then the grid is the value's.
bool OnnxImport::IsGridOfAll(std::string_view root, const Quantization& grid) {
  const auto [place, is_new] = grid_of_all_.try_emplace(root);
  if (is_new && root != logits_) {
    const std::vector<const OnnxNode*>& readers = readers_[root];
    const bool is_one = std::all_of(readers.begin(), readers.end(), [&](const OnnxNode* reader) {
      if (!IsAny(*reader, {"QuantizeLinear"}) || RootOf(reader->inputs[0]) != root || !HasInput(*reader, 1) ||
          !meanings_.contains(reader->inputs[1]) ||
          (HasInput(*reader, 2) && !meanings_.contains(reader->inputs[2])))
        return false;
      const auto other = ActivationGrid(*reader);
      return other.ok() && IsSame(*other, grid);
    });
    if (is_one) place->second = grid;
  }
  return place->second && IsSame(*place->second, grid);
}

// From 0 without a greatest it is ReLU. Else taken as a part of a QuantizeLinear of fewer bits alone, as
// onnx_writer.h has it. Until operator set 10 the bounds are attributes.
absl::Status OnnxImport::TakeClip(const OnnxNode& node) {
  RETURN_IF_ERROR(ExpectInputs(node, 1, 3));
  ASSIGN_OR_RETURN(OnnxMeaning x, Activation(node, 0));
  constexpr float kNoBound = std::numeric_limits<float>::max();
  const auto bound = [&](size_t i, const char* name, float none) -> absl::StatusOr<float> {
    if (!HasInput(node, i)) return Number(node, name, none);
    ASSIGN_OR_RETURN(const OnnxMeaning number, Input(node, i));
    return ScalarOf(number).value_or(std::numeric_limits<float>::quiet_NaN());
  };
  ASSIGN_OR_RETURN(const float least, bound(1, "min", -kNoBound));
  ASSIGN_OR_RETURN(const float most, bound(2, "max", kNoBound));
  if (least == 0 && most >= kNoBound) return Add(node, OpKind::kRelu, {x.value}, {}, x.is_pooled);
  if (least <= -kNoBound && most >= kNoBound) {
    meanings_[node.outputs[0]] = std::move(x);
    return absl::OkStatus();
  }
  x.kind = OnnxMeaning::kClipped;
  x.by = &node;
  meanings_[node.outputs[0]] = std::move(x);
  return absl::OkStatus();
}

// What a Clip leaves of a grid: the first 2, 4, …, 128 of its numbers.
absl::Status OnnxImport::Narrow(const OnnxNode& clip, Quantization& grid) const {
  ASSIGN_OR_RETURN(const OnnxMeaning least, Input(clip, 1));
  ASSIGN_OR_RETURN(const OnnxMeaning most, Input(clip, 2));
  const std::optional<float> from = ScalarOf(least), to = ScalarOf(most);
  const auto is_bound = [&](float bound, int q) {  // to rounding
    return std::abs(bound / grid.scales[0] - static_cast<float>(q - grid.zero_point)) < 0.01F;
  };
  for (int bits = 1; bits < 8; ++bits)
    if (!grid.is_signed && from && to && is_bound(*from, 0) && is_bound(*to, (1 << bits) - 1)) {
      grid.bits = bits;
      return absl::OkStatus();
    }
  return Wrong(
      fmt::format("reads {}, which a Clip gives, expected one to the first 2, 4, …, 64 or 128 of its whole "
                  "numbers",
                  QuotedOnnxName(clip.outputs[0])));
}

absl::Status OnnxImport::TakeQuantize(const OnnxNode& node) {
  ASSIGN_OR_RETURN(const OnnxMeaning x, Input(node, 0));
  if (x.kind == OnnxMeaning::kConstant) {
    RETURN_IF_ERROR(ExpectType(*x.constant, OnnxType::kFloat));
    ASSIGN_OR_RETURN(ConstantPointer codes, Converted(node, x.constant));
    Mean(node.outputs[0], std::move(codes));
    return absl::OkStatus();
  }
  const bool is_clipped = x.kind == OnnxMeaning::kClipped;
  OnnxMeaning from = x;
  if (!is_clipped) {
    ASSIGN_OR_RETURN(from, AsActivation(x, node.inputs[0]));
  }
  ASSIGN_OR_RETURN(Quantization grid, ActivationGrid(node));
  if (is_clipped) RETURN_IF_ERROR(Narrow(*x.by, grid));
  const auto is_grid_of_all = [&] {
    if (!is_clipped) return IsGridOfAll(RootOf(node.inputs[0]), grid);
    return IsAlone(*x.by) && IsAlone(node) && RootOf(x.by->inputs[0]) != logits_;
  };
  const auto& has = graph_.value(from.value).quantization;
  if (has ? !IsSame(*has, grid) : !is_grid_of_all()) {
    // Others read it as it was: the grid goes to a copy.
    const Shape shape = graph_.value(from.value).shape;
    ASSIGN_OR_RETURN(from.value, AddNode(node, OpKind::kReshape, {from.value}, {.shape = shape}));
  }
  graph_.mutable_value(from.value).quantization = grid;
  from.kind = OnnxMeaning::kCodes;
  from.grid = grid;
  meanings_[node.outputs[0]] = std::move(from);
  return absl::OkStatus();
}

absl::Status OnnxImport::TakeDequantize(const OnnxNode& node) {
  ASSIGN_OR_RETURN(const OnnxMeaning x, Input(node, 0));
  if (x.kind == OnnxMeaning::kConstant) {
    ASSIGN_OR_RETURN(ConstantPointer floats, Converted(node, x.constant));
    Mean(node.outputs[0], std::move(floats));
    return absl::OkStatus();
  }
  if (x.kind != OnnxMeaning::kCodes)
    return Wrong(fmt::format("reads {}, expected a constant, or what a QuantizeLinear gives",
                             QuotedOnnxName(node.inputs[0])));
  ASSIGN_OR_RETURN(Quantization grid, ActivationGrid(node));
  grid.bits = x.grid.bits;
  if (!IsSame(grid, x.grid))
    return Wrong(
        fmt::format("its scale is {} and its zero point {}, expected {} and {}, as its QuantizeLinear has",
                    grid.scales[0], grid.zero_point, x.grid.scales[0], x.grid.zero_point));
  MeanActivation(node.outputs[0], x.value, x.is_pooled);
  return absl::OkStatus();
}

}  // namespace concertina
