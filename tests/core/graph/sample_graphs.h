// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// sample_graphs.h: small graphs that together hold every operator, in every way it can be used, and the known
// models. What holds for all graphs is tested over this list.
// On the way of the data: here -> the tests of core/graph.
#pragma once

#include <QtGlobal>
#include <cmath>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "core/base/rng.h"
#include "core/graph/executor.h"
#include "core/graph/graph.h"

namespace concertina {

// Builds by hand; a mistake in a test's graph ends the test program with its message.
class GraphMaker {
 public:
  explicit GraphMaker(Shape input) { last_ = graph_.AddInput(std::move(input)); }

  ValueId last() const { return last_; }
  GraphMaker& At(ValueId id) {
    last_ = id;
    return *this;
  }
  const Shape& shape() const { return graph_.value(last_).shape; }

  GraphMaker& Node(OpKind kind, std::vector<ValueId> inputs, Attributes attributes = {}) {
    auto id = graph_.AddNode(kind, OpKindName(kind) + std::to_string(graph_.nodes().size()),
                             std::move(inputs), std::move(attributes));
    if (!id.ok()) qFatal("%s", std::string(id.status().message()).c_str());
    last_ = *id;
    return *this;
  }
  GraphMaker& Unary(OpKind kind, Attributes attributes = {}) {
    return Node(kind, {last_}, std::move(attributes));
  }
  GraphMaker& Flat() { return Unary(OpKind::kReshape, {.shape = {ElementCount(shape())}}); }
  ValueId Parameter(Shape shape, int64_t fan_in, Initializer initializer = Initializer::kKaimingNormal) {
    return graph_.AddParameter("p" + std::to_string(graph_.values().size()), std::move(shape), initializer,
                               fan_in, fan_in);
  }
  GraphMaker& Dense(int64_t out, bool bias = true, Activation activation = Activation::kNone) {
    const int64_t in = shape()[0];
    std::vector<ValueId> inputs{last_, Parameter({out, in}, in)};
    if (bias) inputs.push_back(Parameter({out}, in, Initializer::kXavierUniform));
    return Node(OpKind::kDense, inputs, {.activation = activation});
  }
  struct Conv {
    int64_t out = 1, kernel = 1, stride = 1, padding = 0;
    bool bias = true;
    Activation activation = Activation::kNone;
    int64_t kernel_width = 0;  // 0: as high
  };
  GraphMaker& Convolution(const Conv& c) {
    const int64_t in = shape()[0];
    const int64_t width = c.kernel_width == 0 ? c.kernel : c.kernel_width;
    const int64_t fan_in = in * c.kernel * width;
    std::vector<ValueId> inputs{last_, Parameter({c.out, in, c.kernel, width}, fan_in)};
    if (c.bias) inputs.push_back(Parameter({c.out}, fan_in, Initializer::kXavierUniform));
    return Node(OpKind::kConv2d, inputs,
                {.stride = c.stride, .padding = c.padding, .activation = c.activation});
  }
  GraphMaker& Pool(OpKind kind, int64_t kernel, int64_t stride, int64_t padding = 0) {
    return Unary(kind, {.kernel = kernel, .stride = stride, .padding = padding});
  }
  GraphMaker& BatchNorm() {
    const Shape channels{shape()[0]};
    const auto name = std::to_string(graph_.values().size());
    const ValueId scale = Parameter(channels, 1, Initializer::kOnes);
    const ValueId shift = Parameter(channels, 1, Initializer::kXavierUniform);
    const ValueId mean = graph_.AddBuffer("mean" + name, channels, Initializer::kZeros);
    const ValueId variance = graph_.AddBuffer("variance" + name, channels, Initializer::kOnes);
    return Node(OpKind::kBatchNorm, {last_, scale, shift, mean, variance});
  }
  GraphMaker& Residual(int64_t out, int64_t stride) {  // the block of He et al. 2016, as in ResNet-8 and -20
    const ValueId x = last_;
    const bool same = stride == 1 && shape()[0] == out;
    Convolution({.out = out, .kernel = 3, .stride = stride, .padding = 1, .bias = false})
        .BatchNorm()
        .Unary(OpKind::kRelu);
    const ValueId body =
        Convolution({.out = out, .kernel = 3, .padding = 1, .bias = false}).BatchNorm().last();
    const ValueId shortcut =
        same ? x
             : At(x)
                   .Convolution({.out = out, .kernel = 1, .stride = stride, .bias = false})
                   .BatchNorm()
                   .last();
    return Node(OpKind::kAdd, {body, shortcut}).Unary(OpKind::kRelu);
  }
  Graph Done(OpKind loss = OpKind::kSoftmaxCrossEntropy) {
    if (is_done_) return graph_;
    const ValueId prediction = last_;
    Node(loss, {prediction});
    graph_.SetOutputs(prediction, last_);
    return graph_;
  }
  // A teacher's answer, or feature: one dense layer on the flattened input, of constants, in that shape.
  ValueId Frozen(Shape shape) {
    const int64_t in = ElementCount(graph_.value(graph_.input()).shape), out = ElementCount(shape);
    auto weight = std::make_shared<std::vector<float>>(static_cast<size_t>(in * out));
    Rng rng(static_cast<uint64_t>(graph_.values().size()), "frozen");
    for (float& w : *weight) w = static_cast<float>(rng.Normal() / std::sqrt(static_cast<double>(in)));
    const ValueId constant =
        graph_.AddConstant("frozen" + std::to_string(graph_.values().size()), {out, in}, std::move(weight));
    const ValueId here = last_;
    At(graph_.input()).Flat().Node(OpKind::kDense, {last_, constant});
    if (shape.size() > 1) Unary(OpKind::kReshape, {.shape = shape});
    return std::exchange(last_, here);
  }
  // The end of a student: the prediction is where we are.
  void Distilled(std::vector<ValueId> compared, Attributes attributes) {
    const ValueId prediction = last_;
    Node(OpKind::kDistillation, std::move(compared), std::move(attributes));
    graph_.SetOutputs(prediction, last_);
    is_done_ = true;
  }
  Graph& graph() { return graph_; }

 private:
  Graph graph_;
  ValueId last_ = -1;
  bool is_done_ = false;
};

inline Graph LeNet300() {
  GraphMaker m({1, 28, 28});
  m.Flat().Dense(300).Unary(OpKind::kRelu).Dense(100).Unary(OpKind::kRelu).Dense(10);
  return m.Done();
}

inline Graph LeNet5() {
  GraphMaker m({1, 28, 28});
  m.Convolution({.out = 20, .kernel = 5}).Pool(OpKind::kMaxPool2d, 2, 2);
  m.Convolution({.out = 50, .kernel = 5}).Pool(OpKind::kMaxPool2d, 2, 2);
  m.Flat().Dense(500).Unary(OpKind::kRelu).Dense(10);
  return m.Done();
}

inline Graph ResNet8() {
  GraphMaker m({1, 28, 28});
  m.Convolution({.out = 16, .kernel = 3, .padding = 1, .bias = false}).BatchNorm().Unary(OpKind::kRelu);
  m.Residual(16, 1).Residual(32, 2).Residual(64, 2).Unary(OpKind::kGlobalAveragePool).Dense(10);
  return m.Done();
}

inline Graph Mlp25M() {
  GraphMaker m({1024});
  m.Dense(4096)
      .Unary(OpKind::kRelu)
      .Dense(4096)
      .Unary(OpKind::kRelu)
      .Dense(1024)
      .Unary(OpKind::kRelu)
      .Dense(10);
  return m.Done();
}

struct SampleGraph {
  std::string name;
  Graph graph;
  int64_t batch = 1;
};

// Small enough that the oracle and central differences take milliseconds.
inline std::vector<SampleGraph> SampleGraphs() {
  std::vector<SampleGraph> all;
  const auto add = [&](std::string name, int64_t batch, OpKind loss,
                       const std::function<void(GraphMaker&)>& make, Shape input) {
    GraphMaker m(std::move(input));
    make(m);
    all.push_back({std::move(name), m.Done(loss), batch});
  };
  const OpKind cross = OpKind::kSoftmaxCrossEntropy;
  add("one dense layer", 3, cross, [](GraphMaker& m) { m.Dense(4); }, {5});
  add("dense without bias, squared error", 3, OpKind::kMeanSquaredError,
      [](GraphMaker& m) { m.Dense(4, false); }, {5});
  add("a batch of one", 1, cross, [](GraphMaker& m) { m.Dense(7).Unary(OpKind::kTanh).Dense(3); }, {5});
  add("a batch beyond one block of lanes", 19, cross,
      [](GraphMaker& m) { m.Dense(70).Unary(OpKind::kTanh).Dense(3); }, {13});
  for (const OpKind kind : {OpKind::kRelu, OpKind::kTanh, OpKind::kSigmoid, OpKind::kGelu}) {
    add(OpKindName(kind) + " after dense", 4, cross,
        [kind](GraphMaker& m) { m.Dense(6).Unary(kind).Dense(3); }, {5});
    add(OpKindName(kind) + " by itself", 4, cross,
        [kind](GraphMaker& m) {  // two readers, so nothing takes it over
          const ValueId x = m.Dense(6).last();
          const ValueId y = m.Unary(kind).last();
          m.Node(OpKind::kAdd, {x, y}).Dense(3);
        },
        {5});
    add(OpKindName(kind) + " after a convolution", 2, cross,
        [kind](GraphMaker& m) { m.Convolution({.out = 3, .kernel = 3}).Unary(kind).Flat().Dense(3); },
        {2, 5, 5});
  }
  add("a convolution of odd shape", 3, cross,
      [](GraphMaker& m) {
        m.Convolution({.out = 5, .kernel = 3, .stride = 2, .padding = 1, .kernel_width = 2}).Flat().Dense(4);
      },
      {3, 7, 9});
  add("two convolutions, 3x3 with padding", 17, cross,
      [](GraphMaker& m) {
        m.Convolution({.out = 4, .kernel = 3, .padding = 1, .bias = false}).Unary(OpKind::kRelu);
        m.Convolution({.out = 6, .kernel = 3, .padding = 1}).Flat().Dense(4);
      },
      {2, 5, 6});
  add("two convolutions, 5x5", 2, cross,
      [](GraphMaker& m) {
        m.Convolution({.out = 3, .kernel = 5})
            .Convolution({.out = 4, .kernel = 5, .padding = 2})
            .Flat()
            .Dense(3);
      },
      {2, 9, 8});
  add("a stride longer than the kernel", 2, cross,
      [](GraphMaker& m) {
        m.Convolution({.out = 3, .kernel = 1})
            .Convolution({.out = 4, .kernel = 2, .stride = 3})
            .Flat()
            .Dense(3);
      },
      {2, 8, 7});
  add("max pooling without overlap", 3, cross,
      [](GraphMaker& m) {
        m.Convolution({.out = 3, .kernel = 3}).Pool(OpKind::kMaxPool2d, 2, 2).Flat().Dense(3);
      },
      {1, 8, 8});
  add("max pooling with overlap, padding and a rest", 3, cross,
      [](GraphMaker& m) {
        m.Convolution({.out = 3, .kernel = 2}).Pool(OpKind::kMaxPool2d, 3, 2, 1).Flat().Dense(3);
      },
      {2, 7, 8});
  add("average pooling with overlap and padding", 3, cross,
      [](GraphMaker& m) {
        m.Convolution({.out = 3, .kernel = 2}).Pool(OpKind::kAveragePool2d, 3, 2, 1).Flat().Dense(3);
      },
      {2, 7, 8});
  add("global average pooling", 3, cross,
      [](GraphMaker& m) {
        m.Convolution({.out = 5, .kernel = 3}).Unary(OpKind::kGlobalAveragePool).Dense(3);
      },
      {2, 6, 5});
  add("batch norm of images, then ReLU", 5, cross,
      [](GraphMaker& m) {
        m.Convolution({.out = 4, .kernel = 3, .bias = false})
            .BatchNorm()
            .Unary(OpKind::kRelu)
            .Flat()
            .Dense(3);
      },
      {2, 5, 5});
  add("batch norm of vectors, then tanh", 6, cross,
      [](GraphMaker& m) { m.Dense(5).BatchNorm().Unary(OpKind::kTanh).Dense(3); }, {4});
  add("residual blocks", 5, cross,
      [](GraphMaker& m) {
        m.Convolution({.out = 3, .kernel = 3, .padding = 1, .bias = false}).BatchNorm().Unary(OpKind::kRelu);
        m.Residual(3, 1).Residual(4, 2).Unary(OpKind::kGlobalAveragePool).Dense(3);
      },
      {2, 6, 6});
  add("one value read three times", 4, cross,
      [](GraphMaker& m) {
        const ValueId x = m.Dense(6).last();
        const ValueId a = m.Dense(6).Unary(OpKind::kSigmoid).last();
        const ValueId b = m.At(x).Unary(OpKind::kTanh).last();
        const ValueId sum = m.Node(OpKind::kAdd, {a, b}).last();
        m.Node(OpKind::kAdd, {x, sum}).Unary(OpKind::kRelu).Dense(3);
      },
      {5});
  add("a value added to itself", 4, cross,
      [](GraphMaker& m) {
        const ValueId x = m.Dense(6).last();
        m.Node(OpKind::kAdd, {x, x}).Unary(OpKind::kTanh).Dense(3);
      },
      {5});
  add("a reshape whose input has another reader", 4, cross,
      [](GraphMaker& m) {
        const ValueId x = m.Dense(8).last();
        const ValueId image = m.Unary(OpKind::kReshape, {.shape = {2, 2, 2}}).last();
        const ValueId pooled = m.At(image).Unary(OpKind::kGlobalAveragePool).Dense(8).last();
        m.Node(OpKind::kAdd, {pooled, x}).Unary(OpKind::kGelu).Dense(3);
      },
      {5});
  add("a weight used twice", 4, cross,
      [](GraphMaker& m) {
        const ValueId w = m.Parameter({5, 5}, 5);
        m.Node(OpKind::kDense, {m.last(), w}).Unary(OpKind::kTanh);
        m.Node(OpKind::kDense, {m.last(), w}).Unary(OpKind::kTanh).Dense(3);
      },
      {5});
  add("a convolution's weight used twice", 2, cross,
      [](GraphMaker& m) {
        const ValueId w = m.Parameter({2, 2, 3, 3}, 18);
        m.Node(OpKind::kConv2d, {m.last(), w}, {.padding = 1}).Unary(OpKind::kTanh);
        m.Node(OpKind::kConv2d, {m.last(), w}, {.padding = 1}).Flat().Dense(3);
      },
      {2, 5, 5});
  for (const auto& [height, width] : {std::pair<int64_t, int64_t>{3, 1}, {1, 3}, {3, 2}})
    for (const int64_t stride : {1, 2})
      for (const int64_t padding : {0, 1})
        add("each channel by itself, " + std::to_string(height) + " x " + std::to_string(width) +
                ", stride " + std::to_string(stride) + ", padding " + std::to_string(padding),
            5, cross,
            [=](GraphMaker& m) {
              m.Convolution({.out = 3, .kernel = 1, .activation = Activation::kTanh});
              const ValueId w = m.Parameter({3, 1, height, width}, height * width);
              m.Node(OpKind::kDepthwiseConv2d, {m.last(), w}, {.stride = stride, .padding = padding});
              m.Unary(OpKind::kTanh).Flat().Dense(3);
            },
            {2, 6, 5});
  add("dropout", 5, cross,
      [](GraphMaker& m) { m.Dense(12).Unary(OpKind::kRelu).Unary(OpKind::kDropout, {.rate = 0.4}).Dense(3); },
      {6});
  add("dropout of the input", 5, cross,
      [](GraphMaker& m) { m.Unary(OpKind::kDropout, {.rate = 0.2}).Dense(3); }, {6});
  for (const OpKind kind : {OpKind::kRelu, OpKind::kTanh, OpKind::kSigmoid, OpKind::kGelu})
    add(OpKindName(kind) + " after a tensor sum of one part", 4, cross,
        [kind](GraphMaker& m) {
          m.Dense(6).Unary(OpKind::kTanh).Unary(OpKind::kCopyToTensor).Dense(7).Unary(OpKind::kRelu);
          m.Dense(6).Unary(OpKind::kReduceFromTensor).Unary(kind).Dense(3);
        },
        {5});
  add("a tensor sum of one part, with a residual around it", 4, cross,
      [](GraphMaker& m) {
        const ValueId x = m.Dense(6).Unary(OpKind::kTanh).last();
        m.Unary(OpKind::kCopyToTensor).Dense(8).Unary(OpKind::kSigmoid).Dense(6);
        const ValueId y = m.Unary(OpKind::kReduceFromTensor).last();
        m.Node(OpKind::kAdd, {x, y}).Unary(OpKind::kRelu).Dense(3);
      },
      {5});
  add("dropout, batch norm and pooling between two layers", 5, cross,
      [](GraphMaker& m) {
        m.Convolution({.out = 4, .kernel = 3}).BatchNorm().Unary(OpKind::kRelu);
        m.Pool(OpKind::kMaxPool2d, 2, 2).Unary(OpKind::kDropout, {.rate = 0.3});
        m.Convolution({.out = 5, .kernel = 2}).Unary(OpKind::kTanh).Flat();
        m.Dense(12).Unary(OpKind::kDropout, {.rate = 0.4}).BatchNorm().Unary(OpKind::kGelu).Dense(3);
      },
      {2, 9, 8});
  add("two branches between the same two layers", 4, cross,
      [](GraphMaker& m) {
        const ValueId x = m.Dense(8).last();
        const ValueId a = m.Unary(OpKind::kTanh).last();
        const ValueId b = m.At(x).Unary(OpKind::kSigmoid).last();
        m.Node(OpKind::kAdd, {a, b}).Dense(4).Unary(OpKind::kRelu).Dense(3);
      },
      {5});
  add("a branch that does not reach the loss", 3, cross,
      [](GraphMaker& m) {
        const ValueId x = m.Dense(6).last();
        m.Dense(4);
        m.At(x).Unary(OpKind::kRelu).Dense(3);
      },
      {5});
  return all;
}

// Parameters, buffers, a batch and labels for a graph.
struct Problem {
  Problem(const Graph& graph, int64_t batch, uint64_t seed) {
    parameters.resize(static_cast<size_t>(graph.parameter_count()));
    int64_t buffer_count = 0;
    for (const ValueId id : graph.buffers()) buffer_count += ElementCount(graph.value(id).shape);
    buffers.resize(static_cast<size_t>(buffer_count));
    Initialize(graph, seed, parameters, buffers);
    Rng rng(seed, "problem");
    input.resize(static_cast<size_t>(batch * ElementCount(graph.value(graph.input()).shape)));
    for (float& x : input) x = static_cast<float>(rng.Normal());
    const auto classes = static_cast<uint64_t>(ElementCount(graph.value(graph.prediction()).shape));
    for (int64_t n = 0; n < batch; ++n) labels.push_back(static_cast<int32_t>(rng.Below(classes)));
  }
  std::vector<float> parameters, buffers, input;
  std::vector<int32_t> labels;
};

// Students beside teachers of constants: a training graph that no file ever holds, and no rank a part of.
inline std::vector<SampleGraph> DistillationGraphs() {
  std::vector<SampleGraph> all;
  const auto add = [&](std::string name, int64_t batch, const std::function<void(GraphMaker&)>& make,
                       Shape input) {
    GraphMaker m(std::move(input));
    make(m);
    all.push_back({std::move(name), m.Done(), batch});
  };
  add("a student of soft answers", 19,
      [](GraphMaker& m) {
        m.Dense(7).Unary(OpKind::kTanh).Dense(4);
        m.Distilled({m.last(), m.Frozen({4})}, {.temperature = 3, .teacher_share = 0.7});
      },
      {5});
  add("a student of features", 3,
      [](GraphMaker& m) {
        const ValueId feature = m.Convolution({.out = 3, .kernel = 3}).Unary(OpKind::kTanh).last();
        m.Flat().Dense(4);
        m.Distilled({m.last(), m.Frozen({4}), feature, m.Frozen({3, 3, 4})},
                    {.temperature = 2, .teacher_share = 0.4, .feature_weight = 1.5});
      },
      {2, 5, 6});
  add("a student of attention, at two places", 3,
      [](GraphMaker& m) {
        const ValueId first = m.Convolution({.out = 3, .kernel = 3}).Unary(OpKind::kRelu).last();
        const ValueId second = m.Convolution({.out = 2, .kernel = 2}).last();
        m.Flat().Dense(4);
        m.Distilled({m.last(), m.Frozen({4}), first, m.Frozen({5, 3, 4}), second, m.Frozen({1, 2, 3})},
                    {.teacher_share = 0, .feature_weight = 0.8, .compares_attention = true});
      },
      {2, 5, 6});
  add("a student whose answer is also its feature", 3,
      [](GraphMaker& m) {
        m.Dense(4);
        m.Distilled({m.last(), m.Frozen({4}), m.last(), m.Frozen({4})}, {.feature_weight = 2});
      },
      {5});
  return all;
}

}  // namespace concertina
