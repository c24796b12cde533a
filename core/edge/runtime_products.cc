// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// runtime_products.cc: layers that multiply by a weight, dense or convolution: by which kernel, and with its
// weight packed for it (see runtime_impl.h).
#include <algorithm>
#include <cmath>
#include <optional>
#include <utility>

#include "core/edge/runtime_impl.h"
#include "fmt/format.h"

namespace concertina {
namespace {

constexpr int64_t kMostIntegerInputs = 60'000;  // 255 x 127 x that is below 2^31
constexpr double kMostIntegerBias = 1 << 30;
constexpr double kMostIntegerSum = 2147483647;
constexpr double kMostPrepared = 1 << 28;  // elements of a convolution's padded input; offsets are int32

// The whole numbers of a weight that lies on a grid.
std::optional<std::vector<int8_t>> IntegersOf(const Value& weight) {
  if (!weight.quantization || !weight.quantization->is_signed || weight.quantization->bits > 8)
    return std::nullopt;
  const std::vector<float>& scales = weight.quantization->scales;
  const std::vector<float>& values = *weight.given;
  if (scales.empty() || (scales.size() != 1 && static_cast<int64_t>(scales.size()) != weight.shape[0]))
    return std::nullopt;
  const size_t per_scale = values.size() / scales.size();
  std::vector<int8_t> integers(values.size());
  // The nearest whole number, half to the even one as std::nearbyint has it, without a call for each: a float
  // of this size has no bits behind the point. What is too large, or no number, stays so. Two loops, so that
  // each takes several elements at a time.
  constexpr float kWhole = 12582912;  // 1.5 x 2^23
  for (size_t row = 0; row < scales.size(); ++row) {
    const float* const from = values.data() + row * per_scale;
    const auto nearest = [&](size_t i) { return (from[i] / scales[row] + kWhole) - kWhole; };
    int beyond = 0;
    for (size_t i = 0; i < per_scale; ++i) beyond |= std::abs(nearest(i)) <= 127 ? 0 : 1;
    if (beyond != 0) return std::nullopt;
    for (size_t i = 0; i < per_scale; ++i)
      integers[row * per_scale + i] = static_cast<int8_t>(static_cast<int32_t>(nearest(i)));
  }
  return integers;
}

double ZeroShare(std::span<const float> values) {
  const auto zeros = std::count(values.begin(), values.end(), 0.0F);
  return values.empty() ? 0 : static_cast<double>(zeros) / static_cast<double>(values.size());
}

}  // namespace

const float* EdgeModel::Impl::BiasOf(const Node& node, int64_t padded) {
  if (node.inputs.size() < 3) return nullptr;
  std::vector<float> bias = *graph.value(node.inputs[2]).given;
  bias.resize(edge::Index(padded + edge::kSlack));
  return Keep(bias);
}

std::optional<EdgeModel::Impl::IntegerLayer> EdgeModel::Impl::AsIntegers(const Node& node,
                                                                         int64_t inputs_of_output) {
  const Value& weight = graph.value(node.inputs[1]);
  if (!HasBytes(node.inputs[0]) || inputs_of_output > kMostIntegerInputs) return std::nullopt;
  std::optional<std::vector<int8_t>> integers = IntegersOf(weight);
  if (!integers) return std::nullopt;
  const Activation activation = node.attributes.activation;
  const std::optional<edge::ByteGrid> out = edge::ByteGridOf(graph.value(node.output));
  IntegerLayer layer{.weight = *std::move(integers)};
  layer.as_bytes = out.has_value() && (activation == Activation::kNone || activation == Activation::kRelu);
  const auto outputs = weight.shape[0];
  // The bias is part of the sum, which the products alone may nearly fill.
  const double most_bias =
      std::min(kMostIntegerBias, kMostIntegerSum - 255.0 * 127.0 * static_cast<double>(inputs_of_output));
  const edge::ByteGrid in = place(node.inputs[0]).grid;
  const std::vector<float>& scales = weight.quantization->scales;
  std::vector<int32_t> biases(edge::Index(outputs + edge::kSlack));
  std::vector<float> multipliers(edge::Index(outputs + edge::kSlack));
  for (int64_t o = 0; o < outputs; ++o) {
    const float scale = in.scale * scales[scales.size() == 1 ? 0 : edge::Index(o)];
    multipliers[edge::Index(o)] = layer.as_bytes ? scale / out->scale : scale;
    if (!std::isfinite(multipliers[edge::Index(o)])) return std::nullopt;
    if (node.inputs.size() < 3) continue;
    const float bias = std::nearbyint((*graph.value(node.inputs[2]).given)[edge::Index(o)] / scale);
    if (!(std::abs(bias) < most_bias)) return std::nullopt;
    biases[edge::Index(o)] = static_cast<int32_t>(bias);
  }
  layer.tail.rectifies = activation == Activation::kRelu;
  if (layer.as_bytes) {
    layer.tail.zero_point = out->zero_point;
    layer.tail.least = layer.tail.rectifies ? std::clamp(out->zero_point, 0, out->most) : 0;
    layer.tail.most = out->most;
  }
  layer.tail.bias = Keep(biases);
  layer.tail.multiplier = Keep(multipliers);
  return layer;
}

std::shared_ptr<edge::SparseDense> EdgeModel::Impl::AsSparse(const std::vector<float>& weight, int64_t inputs,
                                                             int64_t outputs) const {
  constexpr double kWorthALook = 0.7;  // below it a layer gains only by zeros that stand together
  if (!options.sparse_dense.value_or(true) || outputs >= edge::kMostSparseOutputs) return nullptr;
  if (!options.sparse_dense.has_value() && ZeroShare(weight) < kWorthALook) return nullptr;
  auto packed = std::make_shared<edge::SparseDense>(edge::PackSparseDense(weight, inputs, outputs));
  return options.sparse_dense.has_value() || edge::FavoursSparse(*packed, outputs) ? packed : nullptr;
}

void EdgeModel::Impl::AddDense(const Node& node) {
  const Value& weight = graph.value(node.inputs[1]);
  const int64_t outputs = weight.shape[0], inputs = weight.shape[1];
  const Activation activation = node.attributes.activation;
  const int64_t before = weight_bytes,
                padded = (outputs + edge::kDenseLanes) / edge::kDenseLanes * edge::kDenseLanes;
  auto nonzero = std::make_shared<std::vector<int32_t>>(edge::Index(inputs + 1));
  if (auto integers = AsIntegers(node, inputs)) {
    const int8_t* const packed = Keep(edge::PackDenseInteger(integers->weight, inputs, outputs));
    const Place in = place(node.inputs[0]);
    auto pairs = std::make_shared<std::vector<int16_t>>(edge::Index(inputs + 2));
    auto sums = std::make_shared<std::vector<int32_t>>(edge::Index(padded + edge::kSlack));
    uint8_t* const bytes =
        integers->as_bytes ? WrittenBytes(node.output, *edge::ByteGridOf(graph.value(node.output))) : nullptr;
    float* const floats = integers->as_bytes ? nullptr : Written(node.output);
    Convert("prepare", [=] {
      edge::PairBytes({in.bytes, edge::Index(inputs)}, in.grid.zero_point, pairs->data());
    });
    Then(
        "int8",
        [=, tail = integers->tail] {
          edge::DenseInteger(packed, inputs, outputs, pairs->data(), nonzero->data(), sums->data(), tail,
                             bytes, floats);
          if (floats != nullptr && !tail.rectifies)
            edge::ActivateInPlace(activation, {floats, edge::Index(outputs)});
        },
        inputs * outputs);
    Tell(node, "int8", inputs * outputs, inputs * outputs, weight_bytes - before);
    if (!integers->as_bytes) Finish(node.output);
    return;
  }
  const float* const x = FloatsOf(node.inputs[0]);
  const edge::FloatTail tail{.bias = BiasOf(node, padded), .rectifies = activation == Activation::kRelu};
  Place& out = place(node.output);
  out.count = outputs;
  float* const y = out.floats = Floats(padded);
  if (auto few = AsSparse(*weight.given, inputs, outputs)) {
    const float* const weights = Keep(few->weight);
    few->weight = {};
    weight_bytes += few->bytes();
    const int64_t macs = few->macs();
    Then(
        "sparse float",
        [=] {
          edge::DenseSparse(*few, weights, inputs, outputs, x, nonzero->data(), tail, y);
          if (!tail.rectifies) edge::ActivateInPlace(activation, {y, edge::Index(outputs)});
        },
        macs);
    Tell(node, "sparse float", macs, inputs * outputs, weight_bytes - before);
  } else {
    const float* const packed = Keep(edge::PackDense(*weight.given, inputs, outputs));
    Then(
        "float",
        [=] {
          edge::DenseFloat(packed, inputs, outputs, x, nonzero->data(), tail, y);
          if (!tail.rectifies) edge::ActivateInPlace(activation, {y, edge::Index(outputs)});
        },
        inputs * outputs);
    Tell(node, "float", inputs * outputs, inputs * outputs, weight_bytes - before);
  }
  Finish(node.output);
}

edge::ConvolutionShape EdgeModel::Impl::ConvolutionShapeOf(const Node& node) const {
  const Shape &in = graph.value(node.inputs[0]).shape, &weight = graph.value(node.inputs[1]).shape,
              &out = graph.value(node.output).shape;
  return {.in_channels = in[0],
          .height = in[1],
          .width = in[2],
          .kernel_height = weight[2],
          .kernel_width = weight[3],
          .stride = node.attributes.stride,
          .padding = node.attributes.padding,
          .out_channels = out[0],
          .out_height = out[1],
          .out_width = out[2]};
}

// Padding and stride of a file may be anything that its shapes allow.
double EdgeModel::Impl::PreparedMost(const Node& node) const {
  const edge::ConvolutionShape shape = ConvolutionShapeOf(node);
  const auto stride = static_cast<double>(shape.stride);
  const auto phase_extent = [&](int64_t extent) {
    return (static_cast<double>(extent) + 2.0 * static_cast<double>(shape.padding) + stride) / stride;
  };
  return stride * stride * static_cast<double>(shape.in_channels + 1) * phase_extent(shape.height) *
         phase_extent(shape.width);
}

absl::Status EdgeModel::Impl::AddConvolution(const Node& node) {
  const Value& weight = graph.value(node.inputs[1]);
  const edge::ConvolutionShape shape = ConvolutionShapeOf(node);
  if (!(PreparedMost(node) <= kMostPrepared))
    return absl::InvalidArgumentError(
        fmt::format("layer \"{}\": an image of {} with stride {} and padding {} is too large to be padded",
                    node.name, ShapeText(graph.value(node.inputs[0]).shape), shape.stride, shape.padding));
  const int64_t taps = shape.taps();
  const int64_t plane = shape.out_height * shape.out_width, dense_macs = taps * shape.out_channels * plane;
  const Activation activation = node.attributes.activation;
  const int64_t before = weight_bytes, out_count = CountOf(node.output);
  if (auto integers = AsIntegers(node, taps)) {
    const bool by_channels = integers->as_bytes && edge::IntegersFavourChannels(shape);
    const edge::ConvolutionShape as_read = by_channels ? shape.Unstrided() : shape;
    auto pairs = std::make_shared<edge::IntegerTaps>(edge::PairTaps(as_read));
    const int16_t* const packed = Keep(by_channels ? edge::PackIntegersByChannels(integers->weight, shape)
                                                   : edge::PackConvolutionInteger(integers->weight, shape));
    const Place in = place(node.inputs[0]);
    int16_t* const prepared =
        Room<int16_t>(2 * (as_read.prepared_count(pairs->pair_channels) + edge::kSlack));
    uint8_t* const bytes =
        integers->as_bytes ? WrittenBytes(node.output, *edge::ByteGridOf(graph.value(node.output))) : nullptr;
    float* const floats = integers->as_bytes ? nullptr : Written(node.output);
    Convert("prepare", [=] { edge::PrepareInteger(as_read, in.bytes, in.grid.zero_point, prepared); });
    Then(
        "int8",
        [=, tail = integers->tail] {
          if (by_channels) return edge::IntegersByChannels(shape, packed, *pairs, prepared, tail, bytes);
          edge::ConvolutionInteger(shape, packed, *pairs, prepared, tail, bytes, floats);
          if (floats != nullptr && !tail.rectifies)
            edge::ActivateInPlace(activation, {floats, edge::Index(out_count)});
        },
        dense_macs);
    Tell(node, "int8", dense_macs, dense_macs, weight_bytes - before);
    if (!integers->as_bytes) Finish(node.output);
    return absl::OkStatus();
  }
  const bool is_sparse = ZeroShare(*weight.given) >= options.sparse_convolution_from;
  const bool by_channels = !is_sparse && edge::FavoursChannels(shape);
  const edge::ConvolutionShape as_read = by_channels ? shape.Unstrided() : shape;
  const float* prepared = FloatsOf(node.inputs[0]);
  if (!as_read.is_prepared()) {
    float* const copy = Floats(as_read.prepared_count(shape.in_channels));
    Convert("prepare", [as_read, from = prepared, copy] { edge::PrepareFloat(as_read, from, copy); });
    prepared = copy;
  }
  const edge::FloatTail tail{.bias = BiasOf(node, shape.out_channels),
                             .rectifies = activation == Activation::kRelu};
  float* const y = Written(node.output);
  const auto activate = [=] {
    if (!tail.rectifies) edge::ActivateInPlace(activation, {y, edge::Index(out_count)});
  };
  if (is_sparse) {
    auto packed =
        std::make_shared<edge::SparseConvolution>(edge::PackSparseConvolution(*weight.given, shape));
    weight_bytes += packed->bytes();
    const int64_t macs = static_cast<int64_t>(packed->weight.size()) * plane;
    Then(
        "sparse float",
        [=] {
          edge::ConvolutionSparse(shape, *packed, prepared, tail, y);
          activate();
        },
        macs);
    Tell(node, "sparse float", macs, dense_macs, weight_bytes - before);
  } else {
    const float* const packed = Keep(by_channels ? edge::PackConvolutionByChannels(*weight.given, shape)
                                                 : edge::PackConvolution(*weight.given, shape));
    auto offsets = std::make_shared<std::vector<int32_t>>(edge::TapOffsets(as_read));
    Then(
        "float",
        [=, convolve = by_channels ? edge::ConvolutionByChannels : edge::ConvolutionFloat] {
          convolve(shape, packed, offsets->data(), prepared, tail, y);
          activate();
        },
        dense_macs);
    Tell(node, "float", dense_macs, dense_macs, weight_bytes - before);
  }
  Finish(node.output);
  return absl::OkStatus();
}

// In floats alone: bytes would be multiplied faster than they are fetched.
absl::Status EdgeModel::Impl::AddDepthwise(const Node& node) {
  const Value& value = graph.value(node.inputs[1]);
  const Shape &in = graph.value(node.inputs[0]).shape, &out = graph.value(node.output).shape;
  const edge::ConvolutionShape shape = ConvolutionShapeOf(node);
  const double elements =
      static_cast<double>(out[0]) * static_cast<double>(out[1]) * static_cast<double>(out[2]);
  if (!(elements <= kMostPrepared))  // padding of a file may be anything
    return absl::InvalidArgumentError(fmt::format("layer \"{}\": an image of {} with padding {} is too large",
                                                  node.name, ShapeText(in), node.attributes.padding));
  const int64_t before = weight_bytes, macs = ElementCount(value.shape) * out[1] * out[2];
  const float* const kept = Keep(*value.given);
  const float* const x = FloatsOf(node.inputs[0]);
  float* const y = Written(node.output);
  Then(
      "float", [=] { edge::DepthwiseFloat(shape, kept, x, y); }, macs);
  Tell(node, "float", macs, macs, weight_bytes - before);
  Finish(node.output);
  return absl::OkStatus();
}

}  // namespace concertina
