// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// equalize_layers.cc: see equalize_layers.h.
#include "core/compress/equalize_layers.h"

#include <algorithm>
#include <cmath>
#include <map>

#include "core/compress/layer_choice.h"

namespace concertina {
namespace {

bool IsLayer(const Node& node) { return node.kind == OpKind::kDense || node.kind == OpKind::kConv2d; }

// Whether `channels` that are scaled each by itself are still so behind it, each in one piece.
bool LetsScalesThrough(const Node& node, int64_t channels) {
  switch (node.kind) {
    case OpKind::kRelu:
    case OpKind::kMaxPool2d:
    case OpKind::kAveragePool2d:
    case OpKind::kGlobalAveragePool:
    case OpKind::kDropout:
      return true;
    case OpKind::kReshape:  // a vector of them, or the same images: else a window takes from several
      return node.attributes.shape.size() == 1 ||
             (!node.attributes.shape.empty() && node.attributes.shape[0] == channels);
    default:
      return false;
  }
}

bool MayScale(const Value& weight) { return !weight.quantization && weight.hold != Hold::kShared; }

}  // namespace

absl::Status EqualizeLayers(Graph& graph) {
  std::map<ValueId, std::vector<const Node*>> readers;
  for (const Node& node : graph.nodes())
    for (const ValueId id : node.inputs) readers[id].push_back(&node);
  // The first of a chain is equalised before it is the second of none: one pass in order is the paper's first
  // round.
  for (const Node& first : graph.nodes()) {
    const Activation activation = first.attributes.activation;
    if (!IsLayer(first) || (activation != Activation::kNone && activation != Activation::kRelu)) continue;
    const int64_t channels = graph.value(first.inputs[1]).shape[0];
    const Node* second = &first;
    do {
      const std::vector<const Node*>& next = readers[second->output];
      second = next.size() == 1 && second->output != graph.prediction() ? next[0] : nullptr;
    } while (second != nullptr && LetsScalesThrough(*second, channels));
    if (second == nullptr || !IsLayer(*second)) continue;
    if (!MayScale(graph.value(first.inputs[1])) || !MayScale(graph.value(second->inputs[1]))) continue;
    // What a third layer has, too, it would find scaled.
    std::vector<ValueId> scaled(first.inputs.begin() + 1, first.inputs.end());
    scaled.push_back(second->inputs[1]);
    if (std::any_of(scaled.begin(), scaled.end(), [&](ValueId id) { return readers[id].size() > 1; }))
      continue;
    std::vector<float> w1 = GivenOf(graph, first.inputs[1]), w2 = GivenOf(graph, second->inputs[1]);
    const Shape& shape2 = graph.value(second->inputs[1]).shape;
    // A channel's share of the second layer's inputs: one column, or a plane of them after a flattening; its
    // taps.
    const int64_t inputs2 = ElementCount(shape2) / shape2[0], share = inputs2 / channels;
    if (share * channels != inputs2) continue;
    const int64_t inputs1 = ElementCount(graph.value(first.inputs[1]).shape) / channels;
    std::vector<float> b1;
    if (first.inputs.size() > 2) b1 = GivenOf(graph, first.inputs[2]);
    for (int64_t c = 0; c < channels; ++c) {
      float r1 = 0, r2 = 0;
      for (int64_t i = 0; i < inputs1; ++i)
        r1 = std::max(r1, std::abs(w1[static_cast<size_t>(c * inputs1 + i)]));
      for (int64_t o = 0; o < shape2[0]; ++o)
        for (int64_t i = 0; i < share; ++i)
          r2 = std::max(r2, std::abs(w2[static_cast<size_t>(o * inputs2 + c * share + i)]));
      if (r1 == 0 || r2 == 0) continue;
      const float scale = std::sqrt(r1 / r2);
      if (!(scale > 0) || !std::isfinite(scale)) continue;  // weights that decay has made next to nothing
      for (int64_t i = 0; i < inputs1; ++i) w1[static_cast<size_t>(c * inputs1 + i)] /= scale;
      if (!b1.empty()) b1[static_cast<size_t>(c)] /= scale;
      for (int64_t o = 0; o < shape2[0]; ++o)
        for (int64_t i = 0; i < share; ++i) w2[static_cast<size_t>(o * inputs2 + c * share + i)] *= scale;
    }
    Give(graph, first.inputs[1], std::move(w1));
    Give(graph, second->inputs[1], std::move(w2));
    if (!b1.empty()) Give(graph, first.inputs[2], std::move(b1));
  }
  return absl::OkStatus();
}

}  // namespace concertina
