// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// onnx_values.cc: what ONNX's names stand for, their attributes, and the graph that comes of them (see
// onnx_import.h).
#include "core/edge/onnx_import.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "fmt/format.h"
#include "fmt/ranges.h"

namespace concertina {
namespace {

constexpr int64_t kMostActivation = int64_t{1} << 31;  // elements of one, a sample
constexpr int64_t kMostExtent = int64_t{1} << 24;      // of windows, strides and padding

// q times scale times factor, as q times both: they differ in the last bit where the first product was
// rounded.
std::shared_ptr<const std::vector<float>> OnGridOf(const Quantization& grid, std::vector<float> values) {
  const size_t each = values.size() / grid.scales.size();
  for (size_t i = 0; i < values.size(); ++i) {
    const float scale = grid.scales[grid.scales.size() == 1 ? 0 : i / each];
    values[i] = scale * (std::nearbyint(values[i] / scale) + 0.0F);  // no -0, which no grid has
  }
  return std::make_shared<const std::vector<float>>(std::move(values));
}

}  // namespace

// What names stand for.

absl::Status OnnxImport::ExpectInputs(const OnnxNode& node, size_t least, size_t most) const {
  if (node.inputs.size() >= least && node.inputs.size() <= most) return absl::OkStatus();
  return Wrong(fmt::format("has {} inputs, expected {}{}", node.inputs.size(), least,
                           least == most ? "" : fmt::format(" to {}", most)));
}

// A product that no bias followed is a dense layer without one.
absl::StatusOr<OnnxMeaning> OnnxImport::AsActivation(const OnnxMeaning& meaning, std::string_view name) {
  switch (meaning.kind) {
    case OnnxMeaning::kActivation:
      return meaning;
    case OnnxMeaning::kProduct: {
      const OnnxMeaning product = meaning;  // the map's own will change
      RETURN_IF_ERROR(AddDense(*product.by, name, product.value,
                               {.constant = product.constant, .is_transposed = true}, Use()));
      return meanings_.at(name);
    }
    case OnnxMeaning::kConstant:
      return Wrong(
          fmt::format("reads the constant {}, expected what depends on the input", QuotedOnnxName(name)));
    case OnnxMeaning::kClipped:
      return Wrong(fmt::format(
          "reads {}, which a Clip gives, expected one from 0 without a greatest (ReLU; no layer of ours "
          "is ReLU6), or a QuantizeLinear between them",
          QuotedOnnxName(name)));
    case OnnxMeaning::kPadded:
      return Wrong(
          fmt::format("reads {}, which a Pad gives, expected a Conv to read it", QuotedOnnxName(name)));
    case OnnxMeaning::kCodes:
      return Wrong(
          fmt::format("reads {}, the whole numbers of a QuantizeLinear, expected a DequantizeLinear "
                      "between them",
                      QuotedOnnxName(name)));
    case OnnxMeaning::kGelu:
      return Wrong(fmt::format("reads {}, expected only x/2 (1 + erf(x / sqrt 2)) to be written so",
                               QuotedOnnxName(name)));
    case OnnxMeaning::kNothing:
      break;
  }
  return Wrong(fmt::format("reads {}, a second output, expected first outputs alone", QuotedOnnxName(name)));
}

absl::StatusOr<ConstantPointer> OnnxImport::Constant(const OnnxNode& node, size_t i) const {
  ASSIGN_OR_RETURN(OnnxMeaning meaning, Input(node, i));
  if (meaning.kind == OnnxMeaning::kConstant) return std::move(meaning.constant);
  return Wrong(fmt::format("its input {}, {}, depends on the model's input, expected a constant", i,
                           QuotedOnnxName(node.inputs[i])));
}

absl::Status OnnxImport::ExpectType(const OnnxConstant& constant, OnnxType type) const {
  if (constant.type == type) return absl::OkStatus();
  return Wrong(fmt::format("its constant {} is {}, expected {}", QuotedOnnxName(constant.name),
                           OnnxTypeName(constant.type), OnnxTypeName(type)));
}

absl::StatusOr<ConstantPointer> OnnxImport::FloatConstant(const OnnxNode& node, size_t i) const {
  ASSIGN_OR_RETURN(ConstantPointer constant, Constant(node, i));
  RETURN_IF_ERROR(ExpectType(*constant, OnnxType::kFloat));
  return constant;
}

std::optional<float> OnnxImport::ScalarOf(const OnnxMeaning& meaning) {
  if (meaning.kind != OnnxMeaning::kConstant || meaning.constant->type != OnnxType::kFloat ||
      meaning.constant->floats->size() != 1)
    return std::nullopt;
  return meaning.constant->floats->front();
}

// Attributes.

absl::StatusOr<int64_t> OnnxImport::Integer(const OnnxNode& node, std::string_view name, int64_t otherwise,
                                            int64_t least, int64_t most) {
  const OnnxAttributeValue* attribute = node.Find(name);
  const int64_t value = attribute == nullptr ? otherwise : attribute->i.value_or(0);
  if (value >= least && value <= most) return value;
  return Wrong(least == most ? fmt::format("its {} is {}, expected {}", name, value, least)
                             : fmt::format("its {} is {}, expected {} to {}", name, value, least, most));
}

absl::StatusOr<std::vector<int64_t>> OnnxImport::Integers(const OnnxNode& node, std::string_view name,
                                                          std::vector<int64_t> otherwise, int64_t least) {
  const OnnxAttributeValue* attribute = node.Find(name);
  if (attribute == nullptr) return otherwise;
  const std::vector<int64_t>& found = attribute->ints;
  const auto fits = [&](int64_t value) { return value >= least && value <= kMostExtent; };
  if (found.size() == otherwise.size() && std::all_of(found.begin(), found.end(), fits)) return found;
  return Wrong(fmt::format("its {} are {} numbers, expected {} from {} to {}: images of two dimensions", name,
                           found.size(), otherwise.size(), least, kMostExtent));
}

// Strides and padding of a window over an image: one number for all sides.
absl::StatusOr<Attributes> OnnxImport::WindowOf(const OnnxNode& node, const Shape& image, const Shape& kernel,
                                                const Shape& outer) const {
  ASSIGN_OR_RETURN(const Shape strides, Integers(node, "strides", {1, 1}, 1));
  ASSIGN_OR_RETURN(Shape pads, Integers(node, "pads", {0, 0, 0, 0}, 0));
  ASSIGN_OR_RETURN(const Shape dilations, Integers(node, "dilations", {1, 1}, 1));
  if (strides[0] != strides[1])
    return Wrong(
        fmt::format("its strides are {}, expected the same for both sides", fmt::join(strides, ", ")));
  if (dilations != Shape{1, 1})
    return Wrong(fmt::format("its dilations are {}, expected 1", fmt::join(dilations, ", ")));
  const OnnxAttributeValue* attribute = node.Find("auto_pad");
  const std::string_view automatic = attribute == nullptr ? "NOTSET" : attribute->s.value_or("");
  if (automatic == "VALID") {
    pads = {0, 0, 0, 0};
  } else if (automatic == "SAME_UPPER" || automatic == "SAME_LOWER") {
    // As many outputs as strides fit; an odd rest would go to one side.
    for (size_t side = 0; side < 2; ++side) {
      const int64_t extent = image[side + 1], outputs = (extent + strides[side] - 1) / strides[side];
      const int64_t total = std::max<int64_t>((outputs - 1) * strides[side] + kernel[side] - extent, 0);
      pads[side] = total / 2;
      pads[side + 2] = total - total / 2;
    }
  } else if (automatic != "NOTSET") {
    return Wrong(fmt::format("its auto_pad is {}, expected NOTSET, VALID, SAME_UPPER or SAME_LOWER",
                             QuotedOnnxName(automatic)));
  }
  if (automatic.starts_with("SAME") && outer != Shape{0, 0, 0, 0})
    return Wrong(fmt::format("its auto_pad is {} behind a Pad, expected NOTSET or VALID", automatic));
  for (size_t i = 0; i < pads.size(); ++i) pads[i] += outer[i];
  if (std::any_of(pads.begin(), pads.end(), [&](int64_t pad) { return pad != pads[0]; }))
    return Wrong(fmt::format("its padding{} is {}, expected the same on all sides",
                             automatic == "NOTSET" ? "" : fmt::format(" ({})", automatic),
                             fmt::join(pads, ", ")));
  return Attributes{.stride = strides[0], .padding = pads[0]};
}

absl::Status OnnxImport::ExpectImage(ValueId x) const {
  const Shape& shape = graph_.value(x).shape;
  if (shape.size() == 3) return absl::OkStatus();
  return Wrong(
      fmt::format("its input is {}, expected an image of channels x height x width", ShapeText(shape)));
}

// The graph that comes of it.

absl::Status OnnxImport::CheckSize(const Shape& shape, const std::string& what) {
  int64_t count = 1;
  for (const int64_t extent : shape) {
    if (extent < 1 || extent > kMostActivation / count)
      return Wrong(
          fmt::format("{}: is {}, expected 1 to {} elements", what, ShapeText(shape), kMostActivation));
    count *= extent;
  }
  return absl::OkStatus();
}

// The first of these that is free: `wanted`, `otherwise`, or that with a number.
std::string OnnxImport::Unique(std::set<std::string>& taken, std::string wanted, std::string otherwise) {
  if (taken.insert(wanted).second) return wanted;
  if (otherwise.empty()) otherwise = std::move(wanted);
  if (taken.insert(otherwise).second) return otherwise;
  int& number = numbers_[otherwise];
  std::string numbered;
  do numbered = fmt::format("{}_{}", otherwise, std::max(++number, 2));
  while (!taken.insert(numbered).second);
  return numbered;
}

// "conv1" of "conv1_7", "conv1_7_linear" and "pool2_9_pooled": the forms of onnx_writer.h.
std::string OnnxImport::LayerName(const OnnxNode& node) {
  const std::string_view whole = node.name.empty() ? node.outputs[0] : node.name;
  std::string_view name = whole;
  for (const std::string_view ending : {"_linear", "_pooled"})
    if (name.ends_with(ending)) name.remove_suffix(ending.size());
  const size_t digits = name.find_last_not_of("0123456789") + 1;
  const bool is_numbered = digits < name.size() && digits >= 2 && name[digits - 1] == '_';
  return Unique(layer_names_, std::string(is_numbered ? name.substr(0, digits - 1) : whole),
                std::string(whole));
}

absl::StatusOr<ValueId> OnnxImport::AddNode(const OnnxNode& node, OpKind kind, std::vector<ValueId> inputs,
                                            Attributes attributes) {
  if (kind == OpKind::kReshape) RETURN_IF_ERROR(CheckSize(attributes.shape, "the new shape"));
  ASSIGN_OR_RETURN(const ValueId output,
                   graph_.AddNode(kind, LayerName(node), std::move(inputs), std::move(attributes)));
  RETURN_IF_ERROR(CheckSize(graph_.value(output).shape, "its output"));
  return output;
}

// Adds a node whose output is the ONNX node's.
absl::Status OnnxImport::Add(const OnnxNode& node, OpKind kind, std::vector<ValueId> inputs,
                             Attributes attributes, bool is_pooled) {
  ASSIGN_OR_RETURN(const ValueId output, AddNode(node, kind, std::move(inputs), std::move(attributes)));
  MeanActivation(node.outputs[0], output, is_pooled);
  return absl::OkStatus();
}

// One value for each constant and use, however many nodes read it: the file's bytes are copied but once.
absl::StatusOr<ValueId> OnnxImport::ValueOf(const Use& use, bool is_weight, Shape shape) {
  const OnnxConstant& constant = *use.constant;
  const auto [place, is_new] =
      used_.try_emplace(std::tuple(use.constant.get(), use.role, use.is_transposed), Used{-1, use.factor});
  Used& used = place->second;
  if (!is_new) {
    if (used.factor == use.factor && graph_.value(used.value).shape == shape) return used.value;
    return Wrong(fmt::format("reads {} as {} times {}, and another node as {} times {}, expected one of them",
                             QuotedOnnxName(constant.name), ShapeText(shape), use.factor,
                             ShapeText(graph_.value(used.value).shape), used.factor));
  }
  std::string name =
      Unique(tensor_names_, constant.name, constant.name + (use.is_transposed ? "_transposed" : ""));
  // Layers (nn/layers.h) draw from +-1 / sqrt(fan_in), a sixth of He's variance.
  const ValueId id =
      use.role == ValueRole::kBuffer
          ? graph_.AddBuffer(std::move(name), std::move(shape), use.initializer)
          : graph_.AddParameter(std::move(name), std::move(shape), use.initializer, 6 * use.fan_in);
  used.value = id;
  Value& value = graph_.mutable_value(id);
  value.given = use.is_transposed || use.factor != 1 ? Rearranged(use) : constant.floats;
  const bool is_along_outputs = constant.scale_axis == (use.is_transposed ? 1 : 0);
  if (is_weight && !constant.scales.empty() && (constant.scales.size() == 1 || is_along_outputs)) {
    Quantization grid = {.scales = constant.scales};
    for (float& scale : grid.scales) scale *= std::abs(use.factor);
    // A factor of zero leaves no grid.
    if (std::all_of(grid.scales.begin(), grid.scales.end(),
                    [](float s) { return s > 0 && std::isfinite(s); })) {
      if (use.factor != 1) value.given = OnGridOf(grid, *value.given);
      value.quantization = std::move(grid);
      value.hold = Hold::kGrid;  // or training would leave it
    }
  }
  return id;
}

std::shared_ptr<const std::vector<float>> OnnxImport::Rearranged(const Use& use) {
  std::vector<float> values = *use.constant->floats;
  if (use.is_transposed) {
    const auto rows = static_cast<size_t>(use.constant->shape[0]),
               columns = static_cast<size_t>(use.constant->shape[1]);
    for (size_t i = 0; i < rows; ++i)
      for (size_t j = 0; j < columns; ++j) values[j * rows + i] = (*use.constant->floats)[i * columns + j];
  }
  if (use.factor != 1)
    for (float& value : values) value *= use.factor;
  return std::make_shared<const std::vector<float>>(std::move(values));
}

// One number for each output: n, or 1 x n as some write it, or one number for all.
absl::StatusOr<ValueId> OnnxImport::BiasOf(Use bias, int64_t outputs) {
  if (outputs != 1 && bias.constant->floats->size() == 1 && bias.constant->shape.size() < 3) {
    ConstantPointer& spread = spread_[bias.constant.get()];
    if (spread == nullptr) {
      left_to_spread_ -= outputs;
      if (left_to_spread_ < 0)
        return Wrong(fmt::format("its bias {} is one number for {} outputs, expected one for each",
                                 QuotedOnnxName(bias.constant->name), outputs));
      OnnxConstant all = *bias.constant;
      all.floats = std::make_shared<const std::vector<float>>(static_cast<size_t>(outputs),
                                                              bias.constant->floats->front());
      all.shape = {outputs};
      spread = std::make_shared<const OnnxConstant>(std::move(all));
    }
    bias.constant = spread;
  }
  const Shape& shape = bias.constant->shape;
  if (shape != Shape{outputs} && shape != Shape{1, outputs})
    return Wrong(fmt::format("its bias {} is {}, expected {}, one number for each output",
                             QuotedOnnxName(bias.constant->name), ShapeText(shape), outputs));
  return ValueOf(bias, /*is_weight=*/false, {outputs});
}

absl::Status OnnxImport::AddDense(const OnnxNode& node, std::string_view output, ValueId x, Use weight,
                                  Use bias) {
  const Shape& shape = weight.constant->shape;
  if (shape.size() != 2)
    return Wrong(fmt::format("its weight {} is {}, expected two dimensions",
                             QuotedOnnxName(weight.constant->name), ShapeText(shape)));
  const int64_t outputs = shape[weight.is_transposed ? 1 : 0];
  weight.fan_in = bias.fan_in = shape[weight.is_transposed ? 0 : 1];
  ASSIGN_OR_RETURN(const ValueId weight_id, ValueOf(weight, /*is_weight=*/true, {outputs, weight.fan_in}));
  std::vector<ValueId> inputs = {x, weight_id};
  if (bias.constant != nullptr) {
    ASSIGN_OR_RETURN(const ValueId bias_id, BiasOf(bias, outputs));
    inputs.push_back(bias_id);
  }
  ASSIGN_OR_RETURN(const ValueId y, AddNode(node, OpKind::kDense, std::move(inputs)));
  MeanActivation(output, y);
  return absl::OkStatus();
}

}  // namespace concertina
