// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// runtime_elements.cc: layers that go through the elements: pools, sums, batch norm, activations (see
// runtime_impl.h).
#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>
#include <utility>

#include "core/edge/runtime_impl.h"

namespace concertina {

void edge::ActivateInPlace(Activation activation, std::span<float> x) {
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

void EdgeModel::Impl::AddPool(const Node& node) {
  const Attributes a = node.attributes;
  const Shape in = graph.value(node.inputs[0]).shape, out = graph.value(node.output).shape;
  const bool is_max = node.kind == OpKind::kMaxPool2d;
  const bool is_plain = is_max && a.kernel == 2 && a.stride == 2 && a.padding == 0;
  const std::optional<edge::ByteGrid> grid = edge::ByteGridOf(graph.value(node.output));
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
  const std::optional<edge::ByteGrid> grid = edge::ByteGridOf(graph.value(node.output));
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
    Then("int8", [=] { edge::AddBytes({a.bytes, edge::Index(count)}, b.bytes, grids, to); });
    return;
  }
  const float* const a = FloatsOf(left);
  const float* const b = FloatsOf(right);
  float* const y = Written(node.output);
  Then("float", [=] { edge::AddFloat({a, edge::Index(count)}, b, rectifies, y); });
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
  const float* const s = Keep(factor);
  const float* const t = Keep(offset);
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

void EdgeModel::Impl::AddActivation(const Node& node) {
  const Activation activation = ActivationOf(node.kind);
  const float* const x = FloatsOf(node.inputs[0]);
  float* const y = Written(node.output);
  const int64_t count = CountOf(node.output);
  Then("float", [=] {
    std::copy_n(x, count, y);
    edge::ActivateInPlace(activation, {y, edge::Index(count)});
  });
  Finish(node.output);
}

}  // namespace concertina
