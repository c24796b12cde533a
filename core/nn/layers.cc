// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// layers.cc: builds a graph layer by layer (see layers.h).
// On the way of the data: each model file here -> here -> graph/graph.h.
#include "core/nn/layers.h"

#include <limits>
#include <utility>

#include "fmt/format.h"

namespace concertina {
namespace {

// Wider than any use, and small enough that a product of two widths stays far from overflow.
constexpr int64_t kMaxWidth = int64_t{1} << 24;

}  // namespace

ParamSpec InitializerParam() {
  return {.name = "initializer",
          .type = ParamType::kChoice,
          .default_value = "fan-in",
          .choices = {"fan-in", "kaiming", "kaiming-normal", "xavier", "xavier-normal"},
          .doc =
              "How the first weights are drawn: uniform within a bound, or normal of the same variance. "
              "fan-in: 1/sqrt(inputs), as PyTorch's layers have it. kaiming: sqrt(6/inputs), so that ReLU "
              "keeps the variance [He et al. 2015]. xavier: sqrt(6/(inputs + outputs)), for tanh and "
              "sigmoid [Glorot, Bengio 2010]. Biases are within 1/sqrt(inputs)."};
}

Layers::Spread Layers::SpreadOf(const std::string& choice) {
  if (choice == "kaiming") return {Initializer::kKaimingUniform, 1};
  if (choice == "kaiming-normal") return {Initializer::kKaimingNormal, 1};
  if (choice == "xavier") return {Initializer::kXavierUniform, 1};
  if (choice == "xavier-normal") return {Initializer::kXavierNormal, 1};
  return {};
}

Layers::Layers(const Params& params, const Shape& sample) : Layers(params.kind(), sample) {
  spread_ = SpreadOf(params.Text("initializer"));
}

Layers::Layers(std::string model, const Shape& sample) : model_(std::move(model)) {
  bool fits = !sample.empty();
  int64_t elements = 1;
  for (const int64_t extent : sample) {
    fits = fits && extent >= 1 && extent <= kMaxWidth && (elements *= extent) <= kMaxWidth;
  }
  if (!fits) {
    error_ = absl::InvalidArgumentError(
        fmt::format("model {}: samples are {}, expected C x H x W or a vector of 1 to {} elements", model_,
                    sample.empty() ? "without a shape" : ShapeText(sample), kMaxWidth));
    return;
  }
  here_ = graph_.AddInput(sample);
}

Layers& Layers::ExpectImage(int64_t least_side) {
  if (!error_.ok()) return *this;
  const Shape& sample = shape();
  if (sample.size() != 3) {
    error_ = absl::InvalidArgumentError(fmt::format(
        "model {}: samples are {}, expected images (channels x height x width, at least {}x{} pixels); for "
        "tables choose mlp or logistic-regression",
        model_, ShapeText(sample), least_side, least_side));
  } else if (sample[1] < least_side || sample[2] < least_side) {
    error_ = absl::InvalidArgumentError(
        fmt::format("model {}: images are {}, expected at least {}x{} pixels; choose mlp, "
                    "which takes any size",
                    model_, ShapeText(sample), least_side, least_side));
  }
  return *this;
}

Layers& Layers::Append(OpKind kind, const std::string& name, std::vector<ValueId> inputs,
                       Attributes attributes) {
  if (!error_.ok()) return *this;
  absl::StatusOr<ValueId> output = graph_.AddNode(kind, name, std::move(inputs), std::move(attributes));
  if (output.ok()) {
    here_ = *output;
  } else {
    error_ = Annotate(output.status(), "model " + model_);
  }
  return *this;
}

ValueId Layers::Drawn(const std::string& name, Shape shape, int64_t fan_in) {
  constexpr Spread kWithinFanIn;
  return graph_.AddParameter(name, std::move(shape), kWithinFanIn.initializer,
                             kWithinFanIn.fan_in_factor * fan_in);
}

ValueId Layers::DrawnWeight(const std::string& name, Shape shape, int64_t fan_in, int64_t fan_out) {
  return graph_.AddParameter(name, std::move(shape), spread_.initializer, spread_.fan_in_factor * fan_in,
                             fan_out);
}

std::string Layers::Unnamed(const std::string& stem) { return fmt::format("{}{}", stem, ++unnamed_); }

Layers& Layers::Conv(const std::string& name, const ConvOptions& options) {
  if (!error_.ok()) return *this;
  const int64_t in_channels = shape()[0];
  const int64_t fan_in = in_channels * options.kernel * options.kernel;
  const Shape shape = {options.channels, in_channels, options.kernel, options.kernel};
  const int64_t fan_out = options.channels * options.kernel * options.kernel;
  std::vector<ValueId> inputs = {here_, DrawnWeight(name + ".weight", shape, fan_in, fan_out)};
  if (options.bias) inputs.push_back(Drawn(name + ".bias", {options.channels}, fan_in));
  return Append(OpKind::kConv2d, name, std::move(inputs),
                {.kernel = options.kernel, .stride = options.stride, .padding = options.padding});
}

Layers& Layers::Dense(const std::string& name, int64_t units) {
  if (!error_.ok()) return *this;
  if (units < 1 || units > kMaxWidth) {
    error_ = absl::InvalidArgumentError(
        fmt::format("model {}: layer {} has {} units, expected 1 to {}", model_, name, units, kMaxWidth));
    return *this;
  }
  if (shape().size() != 1)
    Append(OpKind::kReshape, Unnamed("flatten"), {here_}, {.shape = {ElementCount(shape())}});
  if (!error_.ok()) return *this;
  const int64_t width = shape()[0];
  const ValueId weight = DrawnWeight(name + ".weight", {units, width}, width, units);
  const ValueId bias = Drawn(name + ".bias", {units}, width);
  return Append(OpKind::kDense, name, {here_, weight, bias});
}

Layers& Layers::BatchNorm(const std::string& name) {
  if (!error_.ok()) return *this;
  const Shape channels = {shape()[0]};
  const ValueId scale = graph_.AddParameter(name + ".weight", channels, Initializer::kOnes);
  const ValueId shift = graph_.AddParameter(name + ".bias", channels, Initializer::kZeros);
  const ValueId mean = graph_.AddBuffer(name + ".running_mean", channels, Initializer::kZeros);
  const ValueId variance = graph_.AddBuffer(name + ".running_var", channels, Initializer::kOnes);
  return Append(OpKind::kBatchNorm, name, {here_, scale, shift, mean, variance});
}

Layers& Layers::MaxPool(int64_t kernel) {
  return Append(OpKind::kMaxPool2d, Unnamed("pool"), {here_}, {.kernel = kernel, .stride = kernel});
}

Layers& Layers::GlobalAveragePool() { return Append(OpKind::kGlobalAveragePool, Unnamed("pool"), {here_}); }

Layers& Layers::Activate(Activation activation) {
  switch (activation) {
    case Activation::kNone:
      return *this;
    case Activation::kRelu:
      return Append(OpKind::kRelu, Unnamed("relu"), {here_});
    case Activation::kTanh:
      return Append(OpKind::kTanh, Unnamed("tanh"), {here_});
    case Activation::kSigmoid:
      return Append(OpKind::kSigmoid, Unnamed("sigmoid"), {here_});
    case Activation::kGelu:
      return Append(OpKind::kGelu, Unnamed("gelu"), {here_});
  }
  return *this;
}

Layers& Layers::From(ValueId value) {
  if (error_.ok()) here_ = value;
  return *this;
}

Layers& Layers::Add(ValueId other) { return Append(OpKind::kAdd, Unnamed("add"), {here_, other}); }

absl::StatusOr<Graph> Layers::Classify(const std::string& name, int64_t classes) {
  if (error_.ok() && classes < 2)
    error_ = absl::InvalidArgumentError(
        fmt::format("model {}: the dataset has {} classes, expected at least 2", model_, classes));
  Dense(name, classes);
  const ValueId logits = here_;
  Append(OpKind::kSoftmaxCrossEntropy, "loss", {logits});
  RETURN_IF_ERROR(error_);
  // Sparse payloads and file formats address elements with 32 bits.
  if (graph_.parameter_count() > std::numeric_limits<int32_t>::max())
    return absl::InvalidArgumentError(
        fmt::format("model {}: has {} parameters, expected at most {}; choose smaller layers", model_,
                    graph_.parameter_count(), std::numeric_limits<int32_t>::max()));
  graph_.SetOutputs(logits, here_);
  return std::move(graph_);
}

}  // namespace concertina
