// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// flops.cc: the arithmetic of a graph for one sample, a multiply-add counted as two.
// On the way of the data: analysis/ and the benchmarks ask here what a step should cost.
//
// Counted are the multiply-adds of the definition: a convolution's taps that fall on padding are not work,
// and a kernel that needs fewer (Winograd's) is credited with all of them.
#include <algorithm>

#include "core/graph/differentiate.h"
#include "core/graph/graph.h"

namespace concertina {
namespace {

// Taps of one axis that meet an input element, over all outputs.
int64_t TapCount(int64_t extent, int64_t outputs, int64_t kernel, const Attributes& attributes) {
  int64_t count = 0;
  for (int64_t o = 0; o < outputs; ++o) {
    const int64_t first = o * attributes.stride - attributes.padding;
    count += std::max<int64_t>(0, std::min(extent, first + kernel) - std::max<int64_t>(0, first));
  }
  return count;
}

double Elements(const Graph& graph, ValueId id) {
  return static_cast<double>(ElementCount(graph.value(id).shape));
}

// Of dense and convolutions: the product alone, which costs the same forward, for the weight and for the
// input.
double ProductFlops(const Graph& graph, const Node& node) {
  const Shape& weight = graph.value(node.inputs[1]).shape;
  if (node.kind == OpKind::kDense) return 2.0 * static_cast<double>(weight[0] * weight[1]);
  const Shape& x = graph.value(node.inputs[0]).shape;
  const Shape& y = graph.value(node.output).shape;
  const auto taps = static_cast<double>(TapCount(x[1], y[1], weight[2], node.attributes)) *
                    static_cast<double>(TapCount(x[2], y[2], weight[3], node.attributes));
  return 2.0 * static_cast<double>(weight[0] * weight[1]) * taps;
}

}  // namespace

double Graph::NodeForwardFlops(const Node& node) const {
  const double in = Elements(*this, node.inputs[0]);
  const double out = Elements(*this, node.output);
  switch (node.kind) {
    case OpKind::kDense:
    case OpKind::kConv2d:
    case OpKind::kDepthwiseConv2d:
      return ProductFlops(*this, node) + (node.inputs.size() > 2 ? out : 0) +
             (node.attributes.activation != Activation::kNone ? out : 0);
    case OpKind::kMaxPool2d:
    case OpKind::kAveragePool2d: {
      const Shape& x = value(node.inputs[0]).shape;
      const Shape& y = value(node.output).shape;
      return static_cast<double>(x[0]) *
             static_cast<double>(TapCount(x[1], y[1], node.attributes.kernel, node.attributes)) *
             static_cast<double>(TapCount(x[2], y[2], node.attributes.kernel, node.attributes));
    }
    case OpKind::kGlobalAveragePool:
      return in;
    case OpKind::kBatchNorm:
      return 7 * in;  // mean, variance, normalise, scale and shift
    case OpKind::kRelu:
    case OpKind::kTanh:
    case OpKind::kSigmoid:
    case OpKind::kGelu:
    case OpKind::kAdd:
    case OpKind::kDropout:
      return out;
    case OpKind::kFakeQuantize:
      return 4 * out;  // divide, round, clamp, multiply
    case OpKind::kDistillation: {
      double elements = 0;
      for (const ValueId id : node.inputs) elements += Elements(*this, id);
      return 8 * elements;
    }
    case OpKind::kReshape:
    case OpKind::kCopyToTensor:  // what is summed between ranks is communication
      return 0;
    case OpKind::kReduceFromTensor:
      return node.attributes.activation != Activation::kNone ? out : 0;
    case OpKind::kSoftmaxCrossEntropy:
      return 4 * in;
    case OpKind::kMeanSquaredError:
      return 3 * in;
  }
  return 0;
}

double Graph::ForwardFlops() const {
  double flops = 0;
  for (const Node& node : nodes_) flops += NodeForwardFlops(node);
  return flops;
}

double Graph::TrainingFlops() const {
  double flops = ForwardFlops();
  for (const BackwardOperation& operation : Differentiate(*this).operations) {
    const Node& node = nodes_[static_cast<size_t>(operation.node)];
    const bool is_product = node.kind == OpKind::kDense || node.kind == OpKind::kConv2d;
    const double out = Elements(*this, node.output);
    if (node.kind == OpKind::kDepthwiseConv2d) {
      flops += ProductFlops(*this, node) * static_cast<double>(operation.makes.size());
    } else if (!is_product) {
      flops += NodeForwardFlops(node);
    } else if (operation.part == BackwardPart::kInput) {
      flops += ProductFlops(*this, node);
    } else {
      flops += ProductFlops(*this, node) + (node.inputs.size() > 2 ? out : 0) +
               (node.attributes.activation != Activation::kNone ? out : 0);
    }
  }
  return flops;
}

}  // namespace concertina
