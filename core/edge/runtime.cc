// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// runtime.cc: chooses a kernel for each node once, and then only calls them (see runtime.h).
#include "core/edge/runtime.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstring>
#include <map>
#include <new>
#include <optional>
#include <set>

#include "core/edge/kernels.h"
#include "core/graph/fold_batch_norm.h"
#include "fmt/format.h"

namespace concertina {
namespace edge {

// An activation as bytes: x = scale (q - zero_point). A grid of fewer than 8 bits has the first bytes only.
struct ByteGrid {
  float scale = 1;
  int32_t zero_point = 0, most = 255;
  bool operator==(const ByteGrid&) const = default;
};

}  // namespace edge
namespace {

using edge::ByteGrid;

constexpr int64_t kMostIntegerInputs = 60'000;  // 255 x 127 x that is below 2^31
constexpr float kMostIntegerBias = 1 << 30;
constexpr double kMostPrepared = 1 << 28;  // elements of a convolution's padded input; offsets are int32

size_t Index(int64_t i) { return static_cast<size_t>(i); }

void ActivateInPlace(Activation activation, std::span<float> x) {
  switch (activation) {
    case Activation::kNone:
      return;
    case Activation::kRelu:
      for (float& each : x) each = std::max(each, 0.0F);
      return;
    case Activation::kTanh:
      for (float& each : x) each = std::tanh(each);
      return;
    case Activation::kSigmoid:
      for (float& each : x) each = 1 / (1 + std::exp(-each));
      return;
    case Activation::kGelu:
      for (float& each : x) each = each / 2 * (1 + std::erf(each * 0.70710678F));
      return;
  }
}

Activation ActivationOf(OpKind kind) {
  switch (kind) {
    case OpKind::kRelu:
      return Activation::kRelu;
    case OpKind::kTanh:
      return Activation::kTanh;
    case OpKind::kSigmoid:
      return Activation::kSigmoid;
    default:
      return Activation::kGelu;
  }
}

std::optional<ByteGrid> ByteGridOf(const Value& value) {
  if (!value.quantization) return std::nullopt;
  const Quantization& q = *value.quantization;
  if (q.bits < 1 || q.bits > 8 || q.is_signed || q.scales.size() != 1) return std::nullopt;
  return ByteGrid{q.scales[0], q.zero_point, (1 << q.bits) - 1};
}

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
  for (size_t i = 0; i < values.size(); ++i) {
    const float q = std::nearbyint(values[i] / scales[i / per_scale]);
    if (!(std::abs(q) <= 127)) return std::nullopt;
    integers[i] = static_cast<int8_t>(q);
  }
  return integers;
}

double ZeroShare(std::span<const float> values) {
  const auto zeros = std::count(values.begin(), values.end(), 0.0F);
  return values.empty() ? 0 : static_cast<double>(zeros) / static_cast<double>(values.size());
}

}  // namespace

struct EdgeModel::Impl {
  // Where a value is: as floats, as bytes on a grid, or both. What has a grid of its own is bytes first.
  struct Place {
    float* floats = nullptr;
    uint8_t* bytes = nullptr;
    ByteGrid grid;
    int64_t count = 0;
  };

  explicit Impl(const Graph& whole, EdgeOptions o)
      : graph(Fuse(whole)), options(o), places(graph.values().size()) {}

  absl::Status Prepare();
  absl::Status Add(const Node& node);
  void AddDense(const Node& node);
  edge::ConvolutionShape ConvolutionShapeOf(const Node& node) const;
  absl::Status AddConvolution(const Node& node);
  absl::Status AddDepthwise(const Node& node);
  void AddPool(const Node& node);
  void AddSum(const Node& node);
  void AddBatchNorm(const Node& node);
  void AddGlobalPool(const Node& node);
  void AddActivation(const Node& node, Activation activation);

  // Whether the layer can be computed in whole numbers, and with which.
  struct IntegerLayer {
    std::vector<int8_t> weight;
    std::vector<int32_t> bias;
    std::vector<float> multiplier;
    edge::IntegerTail tail;  // its pointers are of the two vectors
    bool as_bytes = false;   // the output
  };
  std::optional<IntegerLayer> AsIntegers(const Node& node, int64_t inputs_of_output);

  float* Floats(int64_t count) {
    activation_bytes += (count + edge::kSlack) * 4;
    return float_buffers.emplace_back(Index(count + edge::kSlack)).data();
  }
  uint8_t* Bytes(int64_t count) {
    activation_bytes += count + edge::kSlack;
    return byte_buffers.emplace_back(Index(count + edge::kSlack)).data();
  }
  // From the beginning of a line of the cache: rows that lie across two lines cost a dense layer a quarter.
  template <class T>
  const T* Keep(const std::vector<T>& weights) {
    constexpr size_t kLineBytes = 64;
    const size_t bytes = weights.size() * sizeof(T);
    weight_bytes += static_cast<int64_t>(bytes);
    const std::shared_ptr<void> kept(
        ::operator new (std::max<size_t>(bytes, 1), std::align_val_t{kLineBytes}),
        [](void* memory) { ::operator delete (memory, std::align_val_t{kLineBytes}); });
    if (bytes > 0) std::memcpy(kept.get(), weights.data(), bytes);
    keepers.push_back(kept);
    return static_cast<const T*>(kept.get());
  }
  // The work of the node that is being added.
  void Then(const char* kernel, std::function<void()> step, int64_t macs = 0) {
    steps.push_back(std::move(step));
    about.push_back({.layer = layer, .weight = weight, .work = work, .kernel = kernel, .macs = macs});
  }
  // What that work needs, or leaves, in another form.
  void Convert(const char* how, std::function<void()> step) {
    steps.push_back(std::move(step));
    about.push_back({.layer = layer, .weight = weight, .work = how, .kernel = "", .macs = 0});
  }

  int64_t CountOf(ValueId id) const { return ElementCount(graph.value(id).shape); }
  Place& place(ValueId id) { return places[IndexOf(id)]; }
  // The value as floats, made from its bytes where there are only those.
  const float* FloatsOf(ValueId id) {
    Place& at = place(id);
    if (at.floats == nullptr) {
      at.floats = Floats(at.count);
      Convert("dequantize", [at] {
        edge::DequantizeBytes({at.bytes, Index(at.count)}, at.grid.scale, at.grid.zero_point, at.floats);
      });
    }
    return at.floats;
  }
  bool HasBytes(ValueId id) { return place(id).bytes != nullptr; }
  // Where a kernel that gives floats writes `id`. Finish(id) comes after its step.
  float* Written(ValueId id) {
    Place& at = place(id);
    at.count = CountOf(id);
    return at.floats = Floats(at.count);
  }
  // What has a grid is on it from here on.
  void Finish(ValueId id) {
    told.push_back({steps.size(), id});
    const std::optional<ByteGrid> grid = ByteGridOf(graph.value(id));
    if (!grid) return;
    Place& at = place(id);
    float* const raw = at.floats;
    at.bytes = Bytes(at.count);
    at.grid = *grid;
    at.floats = nullptr;
    Convert("quantize", [at, raw] {
      edge::QuantizeBytes({raw, Index(at.count)}, at.grid.scale, at.grid.zero_point, at.grid.most, at.bytes);
    });
  }
  uint8_t* WrittenBytes(ValueId id, ByteGrid grid) {
    Place& at = place(id);
    at.count = CountOf(id);
    at.grid = grid;
    return at.bytes = Bytes(at.count);
  }
  // The same elements under another name, and on its grid where it has one of its own.
  void Alias(ValueId id, ValueId of) {
    const std::optional<ByteGrid> grid = ByteGridOf(graph.value(id));
    if (!grid || (HasBytes(of) && place(of).grid == *grid)) {
      place(id) = place(of);
      return;
    }
    const float* const from = FloatsOf(of);
    const auto count = place(of).count;
    uint8_t* const to = WrittenBytes(id, *grid);
    Convert("quantize", [from, to, count, grid] {
      edge::QuantizeBytes({from, Index(count)}, grid->scale, grid->zero_point, grid->most, to);
    });
  }
  const float* BiasOf(const Node& node, int64_t padded);
  void Tell(const Node& node, const char* kernel, int64_t macs, int64_t dense_macs, int64_t bytes) {
    layers.push_back({node.name, kernel, macs, dense_macs, bytes});
  }

  Graph graph;
  EdgeOptions options;
  std::vector<Place> places;  // by value
  std::vector<std::function<void()>> steps;
  std::vector<Step> about;                       // each of them
  std::string layer, weight, work;               // of what is being added
  std::vector<std::pair<size_t, ValueId>> told;  // after so many steps the value's floats are there
  std::vector<std::vector<float>> float_buffers;
  std::vector<std::vector<uint8_t>> byte_buffers;
  std::vector<std::shared_ptr<void>> keepers;  // of weights
  float* input = nullptr;
  const float* prediction = nullptr;
  std::vector<Layer> layers;
  int64_t weight_bytes = 0, activation_bytes = 0;
};

const float* EdgeModel::Impl::BiasOf(const Node& node, int64_t padded) {
  if (node.inputs.size() < 3) return nullptr;
  std::vector<float> bias = *graph.value(node.inputs[2]).given;
  bias.resize(Index(padded + edge::kSlack));
  return Keep(std::move(bias));
}

std::optional<EdgeModel::Impl::IntegerLayer> EdgeModel::Impl::AsIntegers(const Node& node,
                                                                         int64_t inputs_of_output) {
  const Value& weight = graph.value(node.inputs[1]);
  if (!HasBytes(node.inputs[0]) || inputs_of_output > kMostIntegerInputs) return std::nullopt;
  std::optional<std::vector<int8_t>> integers = IntegersOf(weight);
  if (!integers) return std::nullopt;
  const Activation activation = node.attributes.activation;
  const std::optional<ByteGrid> out = ByteGridOf(graph.value(node.output));
  IntegerLayer layer{.weight = *std::move(integers)};
  layer.as_bytes = out.has_value() && (activation == Activation::kNone || activation == Activation::kRelu);
  const auto outputs = weight.shape[0];
  const ByteGrid in = place(node.inputs[0]).grid;
  const std::vector<float>& scales = weight.quantization->scales;
  layer.bias.resize(Index(outputs + edge::kSlack));
  layer.multiplier.resize(Index(outputs + edge::kSlack));
  for (int64_t o = 0; o < outputs; ++o) {
    const float scale = in.scale * scales[scales.size() == 1 ? 0 : Index(o)];
    layer.multiplier[Index(o)] = layer.as_bytes ? scale / out->scale : scale;
    if (node.inputs.size() < 3) continue;
    const float bias = std::nearbyint((*graph.value(node.inputs[2]).given)[Index(o)] / scale);
    if (!(std::abs(bias) < kMostIntegerBias)) return std::nullopt;
    layer.bias[Index(o)] = static_cast<int32_t>(bias);
  }
  layer.tail.rectifies = activation == Activation::kRelu;
  if (layer.as_bytes) {
    layer.tail.zero_point = out->zero_point;
    layer.tail.least = layer.tail.rectifies ? std::clamp(out->zero_point, 0, out->most) : 0;
    layer.tail.most = out->most;
  }
  layer.tail.bias = Keep(std::move(layer.bias));
  layer.tail.multiplier = Keep(std::move(layer.multiplier));
  return layer;
}

void EdgeModel::Impl::AddDense(const Node& node) {
  const Value& weight = graph.value(node.inputs[1]);
  const int64_t outputs = weight.shape[0], inputs = weight.shape[1];
  const Activation activation = node.attributes.activation;
  const int64_t before = weight_bytes,
                padded = (outputs + edge::kDenseLanes) / edge::kDenseLanes * edge::kDenseLanes;
  auto nonzero = std::make_shared<std::vector<int32_t>>(Index(inputs + 1));
  if (auto integers = AsIntegers(node, inputs)) {
    const int8_t* const packed = Keep(edge::PackDenseInteger(integers->weight, inputs, outputs));
    const Place in = place(node.inputs[0]);
    auto pairs = std::make_shared<std::vector<int16_t>>(Index(inputs + 2));
    auto sums = std::make_shared<std::vector<int32_t>>(Index(padded + edge::kSlack));
    uint8_t* const bytes =
        integers->as_bytes ? WrittenBytes(node.output, *ByteGridOf(graph.value(node.output))) : nullptr;
    float* const floats = integers->as_bytes ? nullptr : Written(node.output);
    Convert("prepare", [=] {
      edge::PairBytes({in.bytes, Index(inputs)}, in.grid.zero_point, pairs->data());
    });
    Then(
        "int8",
        [=, tail = integers->tail] {
          edge::DenseInteger(packed, inputs, outputs, pairs->data(), nonzero->data(), sums->data(), tail,
                             bytes, floats);
          if (floats != nullptr && !tail.rectifies) ActivateInPlace(activation, {floats, Index(outputs)});
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
  if (ZeroShare(*weight.given) >= options.sparse_dense_from && outputs < 65536) {
    auto packed = std::make_shared<edge::SparseDense>(edge::PackSparseDense(*weight.given, inputs, outputs));
    weight_bytes += packed->bytes();
    const auto macs = static_cast<int64_t>(packed->weight.size());
    Then(
        "sparse float",
        [=] {
          edge::DenseSparse(*packed, inputs, outputs, x, tail, y);
          if (!tail.rectifies) ActivateInPlace(activation, {y, Index(outputs)});
        },
        macs);
    Tell(node, "sparse float", macs, inputs * outputs, weight_bytes - before);
  } else {
    const float* const packed = Keep(edge::PackDense(*weight.given, inputs, outputs));
    Then(
        "float",
        [=] {
          edge::DenseFloat(packed, inputs, outputs, x, nonzero->data(), tail, y);
          if (!tail.rectifies) ActivateInPlace(activation, {y, Index(outputs)});
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

absl::Status EdgeModel::Impl::AddConvolution(const Node& node) {
  const Value& weight = graph.value(node.inputs[1]);
  const edge::ConvolutionShape shape = ConvolutionShapeOf(node);
  // Padding and stride of a file may be anything that its shapes allow.
  const auto stride = static_cast<double>(shape.stride);
  const auto phase_extent = [&](int64_t extent) {
    return (static_cast<double>(extent) + 2.0 * static_cast<double>(shape.padding) + stride) / stride;
  };
  const double prepared_most = stride * stride * static_cast<double>(shape.in_channels + 1) *
                               phase_extent(shape.height) * phase_extent(shape.width);
  if (!(prepared_most <= kMostPrepared))
    return absl::InvalidArgumentError(
        fmt::format("layer \"{}\": an image of {} with stride {} and padding {} is too large to be padded",
                    node.name, ShapeText(graph.value(node.inputs[0]).shape), shape.stride, shape.padding));
  const int64_t taps = shape.taps();
  const int64_t plane = shape.out_height * shape.out_width, dense_macs = taps * shape.out_channels * plane;
  const Activation activation = node.attributes.activation;
  const int64_t before = weight_bytes, out_count = CountOf(node.output);
  if (auto integers = AsIntegers(node, taps)) {
    auto pairs = std::make_shared<edge::IntegerTaps>(edge::PairTaps(shape));
    const int16_t* const packed = Keep(edge::PackConvolutionInteger(integers->weight, shape));
    const Place in = place(node.inputs[0]);
    const int64_t prepared_count = 2 * (shape.prepared_count(pairs->pair_channels) + edge::kSlack);
    auto prepared = std::make_shared<std::vector<int16_t>>(Index(prepared_count));
    activation_bytes += prepared_count * 2;
    uint8_t* const bytes =
        integers->as_bytes ? WrittenBytes(node.output, *ByteGridOf(graph.value(node.output))) : nullptr;
    float* const floats = integers->as_bytes ? nullptr : Written(node.output);
    Convert("prepare", [=] { edge::PrepareInteger(shape, in.bytes, in.grid.zero_point, prepared->data()); });
    Then(
        "int8",
        [=, tail = integers->tail] {
          edge::ConvolutionInteger(shape, packed, *pairs, prepared->data(), tail, bytes, floats);
          if (floats != nullptr && !tail.rectifies) ActivateInPlace(activation, {floats, Index(out_count)});
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
    if (!tail.rectifies) ActivateInPlace(activation, {y, Index(out_count)});
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

void EdgeModel::Impl::AddPool(const Node& node) {
  const Attributes a = node.attributes;
  const Shape in = graph.value(node.inputs[0]).shape, out = graph.value(node.output).shape;
  const bool is_max = node.kind == OpKind::kMaxPool2d;
  const bool is_plain = is_max && a.kernel == 2 && a.stride == 2 && a.padding == 0;
  const std::optional<ByteGrid> grid = ByteGridOf(graph.value(node.output));
  if (is_plain && HasBytes(node.inputs[0]) && (!grid || *grid == place(node.inputs[0]).grid)) {
    const Place from = place(node.inputs[0]);
    uint8_t* const to = WrittenBytes(node.output, from.grid);
    Then("int8", [=] { edge::MaxPool2Bytes(in[0], in[1], in[2], from.bytes, to); });
    return;
  }
  const float* const x = FloatsOf(node.inputs[0]);
  float* const y = Written(node.output);
  if (is_plain) {
    Then("float", [=] { edge::MaxPool2Float(in[0], in[1], in[2], x, y); });
  } else {
    Then("float", [=] {
      const auto all = static_cast<float>(a.kernel * a.kernel);  // what is padded counts, as zeros
      for (int64_t c = 0; c < out[0]; ++c)
        for (int64_t row = 0; row < out[1]; ++row)
          for (int64_t column = 0; column < out[2]; ++column) {
            float most = -std::numeric_limits<float>::infinity(), sum = 0;
            const int64_t top = row * a.stride - a.padding, left = column * a.stride - a.padding;
            for (int64_t i = std::max<int64_t>(top, 0); i < std::min(top + a.kernel, in[1]); ++i)
              for (int64_t j = std::max<int64_t>(left, 0); j < std::min(left + a.kernel, in[2]); ++j) {
                const float each = x[(c * in[1] + i) * in[2] + j];
                most = std::max(most, each);
                sum += each;
              }
            y[(c * out[1] + row) * out[2] + column] = is_max ? most : sum / all;
          }
    });
  }
  Finish(node.output);
}

void EdgeModel::Impl::AddGlobalPool(const Node& node) {
  const float* const x = FloatsOf(node.inputs[0]);
  const Shape& in = graph.value(node.inputs[0]).shape;
  const int64_t channels = in[0], plane = in[1] * in[2];
  float* const y = Written(node.output);
  Then("float", [=] {
    for (int64_t c = 0; c < channels; ++c) {
      float sum = 0;
      for (int64_t i = 0; i < plane; ++i) sum += x[c * plane + i];
      y[c] = sum / static_cast<float>(plane);
    }
  });
  Finish(node.output);
}

void EdgeModel::Impl::AddSum(const Node& node) {
  const int64_t count = CountOf(node.output);
  const bool rectifies = node.attributes.activation == Activation::kRelu;
  const ValueId left = node.inputs[0], right = node.inputs[1];
  const std::optional<ByteGrid> grid = ByteGridOf(graph.value(node.output));
  if (HasBytes(left) && HasBytes(right) && grid) {
    const Place a = place(left), b = place(right);
    uint8_t* const to = WrittenBytes(node.output, *grid);
    const edge::AddGrids grids{.a_scale = a.grid.scale / grid->scale,
                               .b_scale = b.grid.scale / grid->scale,
                               .a_zero = a.grid.zero_point,
                               .b_zero = b.grid.zero_point,
                               .zero_point = grid->zero_point,
                               .least = rectifies ? std::clamp(grid->zero_point, 0, grid->most) : 0,
                               .most = grid->most};
    Then("int8", [=] { edge::AddBytes({a.bytes, Index(count)}, b.bytes, grids, to); });
    return;
  }
  const float* const a = FloatsOf(left);
  const float* const b = FloatsOf(right);
  float* const y = Written(node.output);
  Then("float", [=] { edge::AddFloat({a, Index(count)}, b, rectifies, y); });
  Finish(node.output);
}

// y = x s + t, with what training's running statistics are in evaluation.
void EdgeModel::Impl::AddBatchNorm(const Node& node) {
  const auto given = [&](size_t i) -> const std::vector<float>& {
    return *graph.value(node.inputs[i]).given;
  };
  const std::vector<float>&scale = given(1), &shift = given(2), &mean = given(3), &variance = given(4);
  std::vector<float> factor(scale.size()), offset(scale.size());
  for (size_t c = 0; c < scale.size(); ++c) {
    factor[c] = static_cast<float>(static_cast<double>(scale[c]) /
                                   std::sqrt(static_cast<double>(variance[c]) + node.attributes.epsilon));
    offset[c] = shift[c] - mean[c] * factor[c];
  }
  const auto channels = static_cast<int64_t>(scale.size());
  const int64_t plane = CountOf(node.output) / channels;
  const float* const s = Keep(std::move(factor));
  const float* const t = Keep(std::move(offset));
  const float* const x = FloatsOf(node.inputs[0]);
  float* const y = Written(node.output);
  const bool rectifies = node.attributes.activation == Activation::kRelu;
  Then("float", [=] {
    for (int64_t c = 0; c < channels; ++c)
      for (int64_t i = c * plane; i < (c + 1) * plane; ++i) {
        const float value = x[i] * s[c] + t[c];
        y[i] = rectifies ? std::max(value, 0.0F) : value;
      }
  });
  Finish(node.output);
}

void EdgeModel::Impl::AddActivation(const Node& node, Activation activation) {
  const float* const x = FloatsOf(node.inputs[0]);
  float* const y = Written(node.output);
  const int64_t count = CountOf(node.output);
  Then("float", [=] {
    std::copy_n(x, count, y);
    ActivateInPlace(activation, {y, Index(count)});
  });
  Finish(node.output);
}

absl::Status EdgeModel::Impl::Add(const Node& node) {
  const bool has_weight =
      node.kind == OpKind::kDense || node.kind == OpKind::kConv2d || node.kind == OpKind::kDepthwiseConv2d;
  layer = node.name;
  weight = has_weight ? graph.value(node.inputs[1]).name : std::string();
  work = OpKindName(node.kind);
  switch (node.kind) {
    case OpKind::kDense:
      AddDense(node);
      return absl::OkStatus();
    case OpKind::kConv2d:
      return AddConvolution(node);
    case OpKind::kDepthwiseConv2d:
      return AddDepthwise(node);
    case OpKind::kMaxPool2d:
    case OpKind::kAveragePool2d:
      AddPool(node);
      return absl::OkStatus();
    case OpKind::kGlobalAveragePool:
      AddGlobalPool(node);
      return absl::OkStatus();
    case OpKind::kBatchNorm:
      AddBatchNorm(node);
      return absl::OkStatus();
    case OpKind::kRelu:
    case OpKind::kTanh:
    case OpKind::kSigmoid:
    case OpKind::kGelu:
      AddActivation(node, ActivationOf(node.kind));
      return absl::OkStatus();
    case OpKind::kAdd:
      AddSum(node);
      return absl::OkStatus();
    case OpKind::kReshape:
    case OpKind::kDropout:  // nothing in evaluation
      Alias(node.output, node.inputs[0]);
      return absl::OkStatus();
    case OpKind::kSoftmaxCrossEntropy:
    case OpKind::kMeanSquaredError:
    case OpKind::kDistillation:
    case OpKind::kFakeQuantize:
    case OpKind::kCopyToTensor:
    case OpKind::kReduceFromTensor:
      break;
  }
  return absl::InvalidArgumentError(
      fmt::format("layer \"{}\" ({}) cannot run here: only a whole model can, up to its prediction",
                  node.name, OpKindName(node.kind)));
}

absl::Status EdgeModel::Impl::Prepare() {
  if (graph.input() < 0 || graph.prediction() < 0)
    return absl::InvalidArgumentError("the model has no input or no prediction, and nothing to run");
  std::set<ValueId> needed = {graph.prediction()};
  for (auto node = graph.nodes().rbegin(); node != graph.nodes().rend(); ++node)
    if (needed.contains(node->output)) needed.insert(node->inputs.begin(), node->inputs.end());
  for (const ValueId id : needed) {
    const Value& value = graph.value(id);
    const bool is_kept = value.role == ValueRole::kParameter || value.role == ValueRole::kBuffer;
    if (is_kept && (value.given == nullptr || static_cast<int64_t>(value.given->size()) != CountOf(id)))
      return absl::InvalidArgumentError(fmt::format(
          "\"{}\" has no values: only a model that was trained, or read from a file, can run", value.name));
  }
  layer = "input";
  input = Written(graph.input());
  Finish(graph.input());
  for (const Node& node : graph.nodes())
    if (needed.contains(node.output)) RETURN_IF_ERROR(Add(node));
  layer = "prediction";
  weight.clear();
  prediction = FloatsOf(graph.prediction());
  return absl::OkStatus();
}

EdgeModel::EdgeModel(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
EdgeModel::~EdgeModel() = default;

absl::StatusOr<std::unique_ptr<EdgeModel>> EdgeModel::Create(const Graph& graph, const EdgeOptions& options) {
  ASSIGN_OR_RETURN(const Graph folded, FoldBatchNorm(graph));
  auto impl = std::make_unique<Impl>(folded, options);
  RETURN_IF_ERROR(impl->Prepare());
  return std::unique_ptr<EdgeModel>(new EdgeModel(std::move(impl)));
}

const Shape& EdgeModel::sample() const { return impl_->graph.value(impl_->graph.input()).shape; }
int64_t EdgeModel::outputs() const { return impl_->CountOf(impl_->graph.prediction()); }

std::span<const float> EdgeModel::Run(std::span<const float> sample) {
  std::copy(sample.begin(), sample.end(), impl_->input);
  for (const std::function<void()>& step : impl_->steps) step();
  return {impl_->prediction, Index(outputs())};
}

std::span<const float> EdgeModel::RunTimed(std::span<const float> sample, std::span<double> seconds) {
  using Steady = std::chrono::steady_clock;
  std::copy(sample.begin(), sample.end(), impl_->input);
  Steady::time_point before = Steady::now();
  for (size_t i = 0; i < impl_->steps.size(); ++i) {
    impl_->steps[i]();
    const Steady::time_point now = Steady::now();
    seconds[i] = std::chrono::duration<double>(now - before).count();
    before = now;
  }
  return {impl_->prediction, Index(outputs())};
}

std::span<const float> EdgeModel::RunObserved(std::span<const float> sample, const Observer& observer) {
  std::copy(sample.begin(), sample.end(), impl_->input);
  auto next = impl_->told.begin();
  const auto tell = [&](size_t done) {
    for (; next != impl_->told.end() && next->first <= done; ++next) {
      const Impl::Place& at = impl_->places[IndexOf(next->second)];
      if (at.floats != nullptr && at.bytes == nullptr) observer(next->second, {at.floats, Index(at.count)});
    }
  };
  tell(0);
  for (size_t i = 0; i < impl_->steps.size(); ++i) {
    impl_->steps[i]();
    tell(i + 1);
  }
  return {impl_->prediction, Index(outputs())};
}

const std::vector<EdgeModel::Step>& EdgeModel::steps() const { return impl_->about; }
const std::vector<EdgeModel::Layer>& EdgeModel::layers() const { return impl_->layers; }
int64_t EdgeModel::macs() const {
  int64_t sum = 0;
  for (const Layer& layer : impl_->layers) sum += layer.macs;
  return sum;
}
int64_t EdgeModel::weight_bytes() const { return impl_->weight_bytes; }
int64_t EdgeModel::activation_bytes() const { return impl_->activation_bytes; }

}  // namespace concertina
