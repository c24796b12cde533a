// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// reference.h: every operator, forwards and backwards, written down from its formula: the oracle for the fast
// kernels. In double it is itself checked against central differences (gradient_test.cc).
// On the way of the data: graph/graph.h -> here, beside graph/executor.h.
//
// Samples x features, one loop for each index, nothing shared with the program: neither layouts, nor kernels,
// nor graph/differentiate.h. Only the dropout mask, which is a definition, is asked from core.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <functional>
#include <limits>
#include <numbers>
#include <span>
#include <vector>

#include "core/graph/graph.h"

namespace concertina {

// The factor of a dropout node's element: 0 or 1 / (1 - rate).
using DropoutMask = std::function<double(const Node& node, int64_t feature, int64_t sample)>;

template <class T>
class Reference {
 public:
  // `parameters` and `buffers`: flat, in the graph's order.
  Reference(const Graph& graph, int64_t batch, std::span<const T> parameters, std::span<const T> buffers)
      : graph_(graph),
        batch_(batch),
        values_(graph.values().size()),
        gradients_(graph.values().size()),
        chosen_(graph.nodes().size()),
        mean_(graph.nodes().size()),
        inverse_(graph.nodes().size()) {
    Spread(graph.parameters(), parameters);
    Spread(graph.buffers(), buffers);
    for (size_t i = 0; i < graph.values().size(); ++i)
      if (graph.values()[i].role == ValueRole::kConstant)
        values_[i].assign(graph.values()[i].given->begin(), graph.values()[i].given->end());
  }

  // Gives the mean loss of the batch; of a graph without a loss 0.
  T Forward(std::span<const T> input, std::span<const int32_t> labels, bool training,
            const DropoutMask& mask = {}) {
    At(graph_.input()).assign(input.begin(), input.end());
    labels_.assign(labels.begin(), labels.end());
    mask_ = mask;
    for (size_t n = 0; n < graph_.nodes().size(); ++n) RunForward(n, training);
    return graph_.loss() < 0 ? T(0) : At(graph_.loss())[0];
  }

  // Gradients of the last Forward's loss.
  void Backward() {
    for (size_t i = 0; i < values_.size(); ++i) gradients_[i].assign(values_[i].size(), T(0));
    GradientOf(graph_.loss())[0] = T(1);
    for (size_t n = graph_.nodes().size(); n-- > 0;) RunBackward(n);
  }

  std::vector<T> parameter_gradients() const {
    std::vector<T> flat;
    for (const ValueId id : graph_.parameters())
      flat.insert(flat.end(), gradients_[static_cast<size_t>(id)].begin(),
                  gradients_[static_cast<size_t>(id)].end());
    return flat;
  }
  std::vector<T> buffers() const {
    std::vector<T> flat;
    for (const ValueId id : graph_.buffers())
      flat.insert(flat.end(), values_[static_cast<size_t>(id)].begin(),
                  values_[static_cast<size_t>(id)].end());
    return flat;
  }
  const std::vector<T>& value(ValueId id) const { return values_[static_cast<size_t>(id)]; }
  const std::vector<T>& gradient(ValueId id) const { return gradients_[static_cast<size_t>(id)]; }

 private:
  std::vector<T>& At(ValueId id) { return values_[static_cast<size_t>(id)]; }
  std::vector<T>& GradientOf(ValueId id) { return gradients_[static_cast<size_t>(id)]; }
  const Shape& ShapeOf(ValueId id) const { return graph_.value(id).shape; }

  void Spread(const std::vector<ValueId>& ids, std::span<const T> flat) {
    size_t offset = 0;
    for (const ValueId id : ids) {
      const auto count = static_cast<size_t>(ElementCount(ShapeOf(id)));
      At(id).assign(flat.begin() + static_cast<std::ptrdiff_t>(offset),
                    flat.begin() + static_cast<std::ptrdiff_t>(offset + count));
      offset += count;
    }
  }

  static T Activate(Activation activation, T x) {
    switch (activation) {
      case Activation::kNone:
        return x;
      case Activation::kRelu:
        return x > 0 ? x : T(0);
      case Activation::kTanh:
        return std::tanh(x);
      case Activation::kSigmoid:
        return 1 / (1 + std::exp(-x));
      case Activation::kGelu:
        return x * (1 + std::erf(x / std::numbers::sqrt2_v<T>)) / 2;
    }
    return x;
  }
  // By x, of which the fused operators keep the product before the activation.
  static T Slope(Activation activation, T x) {
    switch (activation) {
      case Activation::kNone:
        return T(1);
      case Activation::kRelu:
        return x > 0 ? T(1) : T(0);
      case Activation::kTanh:
        return 1 - std::tanh(x) * std::tanh(x);
      case Activation::kSigmoid:
        return Activate(activation, x) * (1 - Activate(activation, x));
      case Activation::kGelu:
        return (1 + std::erf(x / std::numbers::sqrt2_v<T>)) / 2 +
               x * std::exp(-x * x / 2) / std::sqrt(2 * std::numbers::pi_v<T>);
    }
    return T(1);
  }
  static Activation ActivationOf(OpKind kind) {
    switch (kind) {
      case OpKind::kRelu:
        return Activation::kRelu;
      case OpKind::kTanh:
        return Activation::kTanh;
      case OpKind::kSigmoid:
        return Activation::kSigmoid;
      case OpKind::kGelu:
        return Activation::kGelu;
      default:
        return Activation::kNone;
    }
  }

  // Calls visit(y, x, w) with the indices of every multiply-add y += w x of a dense or convolution, sample 0.
  template <class Visit>
  void EachProduct(const Node& node, const Visit& visit) const {
    const Shape& w = ShapeOf(node.inputs[1]);
    if (node.kind == OpKind::kDense) {
      for (int64_t o = 0; o < w[0]; ++o)
        for (int64_t i = 0; i < w[1]; ++i) visit(o, i, o * w[1] + i);
      return;
    }
    const Shape& x = ShapeOf(node.inputs[0]);
    const Shape& y = ShapeOf(node.output);
    const bool is_depthwise = node.kind == OpKind::kDepthwiseConv2d;
    for (int64_t o = 0; o < y[0]; ++o)
      for (int64_t oy = 0; oy < y[1]; ++oy)
        for (int64_t ox = 0; ox < y[2]; ++ox)
          for (int64_t c = is_depthwise ? o : 0; c < (is_depthwise ? o + 1 : x[0]); ++c)
            for (int64_t ky = 0; ky < w[2]; ++ky)
              for (int64_t kx = 0; kx < w[3]; ++kx) {
                const int64_t iy = oy * node.attributes.stride - node.attributes.padding + ky;
                const int64_t ix = ox * node.attributes.stride - node.attributes.padding + kx;
                if (iy < 0 || ix < 0 || iy >= x[1] || ix >= x[2]) continue;
                visit((o * y[1] + oy) * y[2] + ox, (c * x[1] + iy) * x[2] + ix,
                      (((is_depthwise ? o : o * x[0] + c)) * w[2] + ky) * w[3] + kx);
              }
  }

  // Calls visit(y, x, place) for every element x of every window of a pool, in row order, sample 0.
  template <class Visit>
  void EachWindowElement(const Node& node, const Visit& visit) const {
    const Shape& x = ShapeOf(node.inputs[0]);
    const Shape& y = ShapeOf(node.output);
    for (int64_t c = 0; c < y[0]; ++c)
      for (int64_t oy = 0; oy < y[1]; ++oy)
        for (int64_t ox = 0; ox < y[2]; ++ox)
          for (int64_t ky = 0; ky < node.attributes.kernel; ++ky)
            for (int64_t kx = 0; kx < node.attributes.kernel; ++kx) {
              const int64_t iy = oy * node.attributes.stride - node.attributes.padding + ky;
              const int64_t ix = ox * node.attributes.stride - node.attributes.padding + kx;
              if (iy < 0 || ix < 0 || iy >= x[1] || ix >= x[2]) continue;
              visit((c * y[1] + oy) * y[2] + ox, (c * x[1] + iy) * x[2] + ix);
            }
  }

  void RunForward(size_t n, bool training) {
    const Node& node = graph_.nodes()[n];
    const std::vector<T>& x = At(node.inputs[0]);
    std::vector<T>& y = At(node.output);
    const int64_t in = ElementCount(ShapeOf(node.inputs[0]));
    const int64_t out = ElementCount(ShapeOf(node.output));
    y.assign(static_cast<size_t>(IsLoss(node.kind) ? 1 : out * batch_), T(0));
    const auto xs = [&](int64_t s, int64_t i) -> const T& { return x[static_cast<size_t>(s * in + i)]; };
    const auto ys = [&](int64_t s, int64_t i) -> T& { return y[static_cast<size_t>(s * out + i)]; };
    switch (node.kind) {
      case OpKind::kDense:
      case OpKind::kConv2d:
      case OpKind::kDepthwiseConv2d: {
        const std::vector<T>& w = At(node.inputs[1]);
        const int64_t channels = ShapeOf(node.output)[0];
        for (int64_t s = 0; s < batch_; ++s) {
          if (node.inputs.size() > 2)
            for (int64_t i = 0; i < out; ++i)
              ys(s, i) = At(node.inputs[2])[static_cast<size_t>(i / (out / channels))];
          EachProduct(node, [&](int64_t yi, int64_t xi, int64_t wi) {
            ys(s, yi) += w[static_cast<size_t>(wi)] * xs(s, xi);
          });
        }
        break;
      }
      case OpKind::kMaxPool2d: {
        chosen_[n].assign(y.size(), -1);
        std::fill(y.begin(), y.end(), -std::numeric_limits<T>::infinity());
        for (int64_t s = 0; s < batch_; ++s)
          EachWindowElement(node, [&](int64_t yi, int64_t xi) {
            if (!(xs(s, xi) > ys(s, yi))) return;
            ys(s, yi) = xs(s, xi);
            chosen_[n][static_cast<size_t>(s * out + yi)] = xi;
          });
        break;
      }
      case OpKind::kAveragePool2d:
        for (int64_t s = 0; s < batch_; ++s)
          EachWindowElement(node, [&](int64_t yi, int64_t xi) {
            ys(s, yi) += xs(s, xi) / static_cast<T>(node.attributes.kernel * node.attributes.kernel);
          });
        break;
      case OpKind::kGlobalAveragePool:
        for (int64_t s = 0; s < batch_; ++s)
          for (int64_t i = 0; i < in; ++i) ys(s, i / (in / out)) += xs(s, i) / static_cast<T>(in / out);
        break;
      case OpKind::kBatchNorm:
        NormForward(n, training);
        break;
      case OpKind::kRelu:
      case OpKind::kTanh:
      case OpKind::kSigmoid:
      case OpKind::kGelu:
        for (size_t i = 0; i < y.size(); ++i) y[i] = Activate(ActivationOf(node.kind), x[i]);
        break;
      case OpKind::kAdd:
        for (size_t i = 0; i < y.size(); ++i) y[i] = x[i] + At(node.inputs[1])[i];
        break;
      case OpKind::kReshape:
      case OpKind::kCopyToTensor:  // of one part: nothing to sum
      case OpKind::kReduceFromTensor:
        y = x;
        break;
      case OpKind::kDropout:
        for (int64_t s = 0; s < batch_; ++s)
          for (int64_t i = 0; i < in; ++i)
            ys(s, i) = training ? xs(s, i) * static_cast<T>(mask_(node, i, s)) : xs(s, i);
        break;
      case OpKind::kSoftmaxCrossEntropy:
        for (int64_t s = 0; s < batch_; ++s) {
          T sum = 0;
          for (int64_t i = 0; i < in; ++i) sum += std::exp(xs(s, i));
          y[0] += (std::log(sum) - xs(s, labels_[static_cast<size_t>(s)])) / static_cast<T>(batch_);
        }
        break;
      case OpKind::kMeanSquaredError:
        for (int64_t s = 0; s < batch_; ++s)
          for (int64_t i = 0; i < in; ++i) {
            const T error = xs(s, i) - (labels_[static_cast<size_t>(s)] == i ? T(1) : T(0));
            y[0] += error * error / static_cast<T>(batch_ * in);
          }
        break;
      case OpKind::kDistillation:
        for (int64_t s = 0; s < batch_; ++s)
          y[0] += DistillationOf(node, s, training) / static_cast<T>(batch_);
        break;
      case OpKind::kFakeQuantize:
        qFatal("rounding has no derivative to compare with");
    }
    if (node.attributes.activation == Activation::kNone) return;
    before_.resize(graph_.nodes().size());
    before_[n] = y;
    for (T& element : y) element = Activate(node.attributes.activation, element);
  }

  // log softmax(z / t) of sample s
  std::vector<T> LogSoftmax(ValueId z, int64_t s, T t) const {
    const std::vector<T>& all = values_[static_cast<size_t>(z)];
    const int64_t classes = ElementCount(ShapeOf(z));
    std::vector<T> logs;
    T sum = 0;
    for (int64_t c = 0; c < classes; ++c) {
      logs.push_back(all[static_cast<size_t>(s * classes + c)] / t);
      sum += std::exp(logs.back());
    }
    for (T& log : logs) log -= std::log(sum);
    return logs;
  }

  // sum over channels of squares, over its norm; of sample s.
  std::vector<T> AttentionOf(ValueId feature, int64_t s) const {
    const Shape& shape = ShapeOf(feature);
    const auto pixels = static_cast<size_t>(shape[1] * shape[2]),
               count = pixels * static_cast<size_t>(shape[0]);
    std::vector<T> map(pixels);
    for (size_t i = 0; i < count; ++i) {
      const T x = values_[static_cast<size_t>(feature)][static_cast<size_t>(s) * count + i];
      map[i % pixels] += x * x;
    }
    T norm = 0;
    for (const T a : map) norm += a * a;
    for (T& a : map) a /= std::sqrt(norm);
    return map;
  }

  T DistillationOf(const Node& node, int64_t s, bool training) const {
    const Attributes& a = node.attributes;
    const auto label = static_cast<size_t>(labels_[static_cast<size_t>(s)]);
    const T hard = -LogSoftmax(node.inputs[0], s, T(1))[label];
    if (!training) return hard;
    const auto t = static_cast<T>(a.temperature);
    const std::vector<T> own = LogSoftmax(node.inputs[0], s, t), other = LogSoftmax(node.inputs[1], s, t);
    T divergence = 0;
    for (size_t c = 0; c < own.size(); ++c) divergence += std::exp(other[c]) * (other[c] - own[c]);
    T loss = (1 - a.teacher_share) * hard + a.teacher_share * t * t * divergence;
    for (size_t i = 2; i < node.inputs.size(); i += 2) {
      T distance = 0;
      if (a.compares_attention) {
        const std::vector<T> f = AttentionOf(node.inputs[i], s), g = AttentionOf(node.inputs[i + 1], s);
        for (size_t p = 0; p < f.size(); ++p) distance += (f[p] - g[p]) * (f[p] - g[p]);
      } else {
        const auto count = static_cast<size_t>(ElementCount(ShapeOf(node.inputs[i])));
        for (size_t e = static_cast<size_t>(s) * count; e < static_cast<size_t>(s + 1) * count; ++e) {
          const T error = value(node.inputs[i])[e] - value(node.inputs[i + 1])[e];
          distance += error * error / (2 * static_cast<T>(count));
        }
      }
      loss += a.feature_weight * distance;
    }
    return loss;
  }

  // Of the student's logits and features, by central differences of the formula above.
  void DistillationBackward(const Node& node, T dy) {
    constexpr T kStep = T(1e-5);
    for (size_t i = 0; i < node.inputs.size(); i += 2) {
      // One that is read twice is moved in both places at once.
      if (i > 0 && node.inputs[i] == node.inputs[0]) continue;
      std::vector<T>& x = At(node.inputs[i]);
      const int64_t count = ElementCount(ShapeOf(node.inputs[i]));
      for (int64_t e = 0; e < count * batch_; ++e) {
        T& element = x[static_cast<size_t>(e)];
        const T kept = element;
        element = kept + kStep;
        const T above = DistillationOf(node, e / count, true);
        element = kept - kStep;
        const T below = DistillationOf(node, e / count, true);
        element = kept;
        GradientOf(node.inputs[i])[static_cast<size_t>(e)] +=
            dy * (above - below) / (2 * kStep * static_cast<T>(batch_));
      }
    }
  }

  void NormForward(size_t n, bool training) {
    const Node& node = graph_.nodes()[n];
    const std::vector<T>& x = At(node.inputs[0]);
    std::vector<T>& y = At(node.output);
    const int64_t channels = ShapeOf(node.inputs[0])[0];
    const int64_t plane = ElementCount(ShapeOf(node.inputs[0])) / channels;
    const auto count = static_cast<T>(batch_ * plane);
    mean_[n].assign(static_cast<size_t>(channels), 0);
    inverse_[n].assign(static_cast<size_t>(channels), 0);
    for (int64_t c = 0; c < channels; ++c) {
      const auto ci = static_cast<size_t>(c);
      const auto each = [&](const auto& visit) {
        for (int64_t s = 0; s < batch_; ++s)
          for (int64_t i = 0; i < plane; ++i) visit(static_cast<size_t>((s * channels + c) * plane + i));
      };
      T mean = 0, variance = 0;
      each([&](size_t i) { mean += x[i] / count; });
      each([&](size_t i) { variance += (x[i] - mean) * (x[i] - mean) / count; });
      T& running_mean = At(node.inputs[3])[ci];
      T& running_variance = At(node.inputs[4])[ci];
      const auto momentum = static_cast<T>(node.attributes.momentum);
      if (training) {
        running_mean += momentum * (mean - running_mean);
        running_variance +=
            momentum * ((count > 1 ? variance * count / (count - 1) : variance) - running_variance);
      } else {
        mean = running_mean;
        variance = running_variance;
      }
      mean_[n][ci] = mean;
      inverse_[n][ci] = 1 / std::sqrt(variance + static_cast<T>(node.attributes.epsilon));
      each([&](size_t i) {
        y[i] = At(node.inputs[1])[ci] * (x[i] - mean) * inverse_[n][ci] + At(node.inputs[2])[ci];
      });
    }
  }

  // Differentiated by the sums it is made of, not by the closed form that the fast kernel uses.
  void NormBackward(size_t n, const std::vector<T>& dy) {
    const Node& node = graph_.nodes()[n];
    const std::vector<T>& x = At(node.inputs[0]);
    std::vector<T>& dx = GradientOf(node.inputs[0]);
    const int64_t channels = ShapeOf(node.inputs[0])[0];
    const int64_t plane = ElementCount(ShapeOf(node.inputs[0])) / channels;
    const auto count = static_cast<T>(batch_ * plane);
    for (int64_t c = 0; c < channels; ++c) {
      const auto ci = static_cast<size_t>(c);
      const T mean = mean_[n][ci], inverse = inverse_[n][ci], scale = At(node.inputs[1])[ci];
      const auto each = [&](const auto& visit) {
        for (int64_t s = 0; s < batch_; ++s)
          for (int64_t i = 0; i < plane; ++i) visit(static_cast<size_t>((s * channels + c) * plane + i));
      };
      T d_inverse = 0, d_mean = 0;
      each([&](size_t i) {
        GradientOf(node.inputs[1])[ci] += dy[i] * (x[i] - mean) * inverse;
        GradientOf(node.inputs[2])[ci] += dy[i];
        d_inverse += dy[i] * scale * (x[i] - mean);
        d_mean -= dy[i] * scale * inverse;
      });
      const T d_variance = d_inverse * T(-0.5) * inverse * inverse * inverse;
      each([&](size_t i) { d_mean -= d_variance * 2 * (x[i] - mean) / count; });
      each([&](size_t i) {
        dx[i] += dy[i] * scale * inverse + d_variance * 2 * (x[i] - mean) / count + d_mean / count;
      });
    }
  }

  void RunBackward(size_t n) {
    const Node& node = graph_.nodes()[n];
    const std::vector<T>& x = At(node.inputs[0]);
    std::vector<T>& dx = GradientOf(node.inputs[0]);
    const int64_t in = ElementCount(ShapeOf(node.inputs[0]));
    const int64_t out = ElementCount(ShapeOf(node.output));
    std::vector<T> dy = GradientOf(node.output);
    if (node.attributes.activation != Activation::kNone)
      for (size_t i = 0; i < dy.size(); ++i) dy[i] *= Slope(node.attributes.activation, before_[n][i]);
    const auto xi_of = [in](int64_t s, int64_t i) { return static_cast<size_t>(s * in + i); };
    const auto yi_of = [out](int64_t s, int64_t i) { return static_cast<size_t>(s * out + i); };
    switch (node.kind) {
      case OpKind::kDense:
      case OpKind::kConv2d:
      case OpKind::kDepthwiseConv2d: {
        const std::vector<T>& w = At(node.inputs[1]);
        std::vector<T>& dw = GradientOf(node.inputs[1]);
        const int64_t channels = ShapeOf(node.output)[0];
        for (int64_t s = 0; s < batch_; ++s) {
          if (node.inputs.size() > 2)
            for (int64_t i = 0; i < out; ++i)
              GradientOf(node.inputs[2])[static_cast<size_t>(i / (out / channels))] += dy[yi_of(s, i)];
          EachProduct(node, [&](int64_t yi, int64_t xi, int64_t wi) {
            dw[static_cast<size_t>(wi)] += dy[yi_of(s, yi)] * x[xi_of(s, xi)];
            dx[xi_of(s, xi)] += dy[yi_of(s, yi)] * w[static_cast<size_t>(wi)];
          });
        }
        break;
      }
      case OpKind::kMaxPool2d:
        for (int64_t s = 0; s < batch_; ++s)
          for (int64_t i = 0; i < out; ++i) dx[xi_of(s, chosen_[n][yi_of(s, i)])] += dy[yi_of(s, i)];
        break;
      case OpKind::kAveragePool2d:
        for (int64_t s = 0; s < batch_; ++s)
          EachWindowElement(node, [&](int64_t yi, int64_t xi) {
            dx[xi_of(s, xi)] +=
                dy[yi_of(s, yi)] / static_cast<T>(node.attributes.kernel * node.attributes.kernel);
          });
        break;
      case OpKind::kGlobalAveragePool:
        for (int64_t s = 0; s < batch_; ++s)
          for (int64_t i = 0; i < in; ++i)
            dx[xi_of(s, i)] += dy[yi_of(s, i / (in / out))] / static_cast<T>(in / out);
        break;
      case OpKind::kBatchNorm:
        NormBackward(n, dy);
        break;
      case OpKind::kRelu:
      case OpKind::kTanh:
      case OpKind::kSigmoid:
      case OpKind::kGelu:
        for (size_t i = 0; i < dy.size(); ++i) dx[i] += dy[i] * Slope(ActivationOf(node.kind), x[i]);
        break;
      case OpKind::kAdd:
        for (size_t i = 0; i < dy.size(); ++i) {
          dx[i] += dy[i];
          GradientOf(node.inputs[1])[i] += dy[i];
        }
        break;
      case OpKind::kReshape:
      case OpKind::kCopyToTensor:
      case OpKind::kReduceFromTensor:
        for (size_t i = 0; i < dy.size(); ++i) dx[i] += dy[i];
        break;
      case OpKind::kDropout:
        for (int64_t s = 0; s < batch_; ++s)
          for (int64_t i = 0; i < in; ++i)
            dx[xi_of(s, i)] += dy[yi_of(s, i)] * static_cast<T>(mask_(node, i, s));
        break;
      case OpKind::kSoftmaxCrossEntropy:
        for (int64_t s = 0; s < batch_; ++s) {
          T sum = 0;
          for (int64_t i = 0; i < in; ++i) sum += std::exp(x[xi_of(s, i)]);
          for (int64_t i = 0; i < in; ++i)
            dx[xi_of(s, i)] +=
                dy[0] / static_cast<T>(batch_) *
                (std::exp(x[xi_of(s, i)]) / sum - (labels_[static_cast<size_t>(s)] == i ? T(1) : T(0)));
        }
        break;
      case OpKind::kMeanSquaredError:
        for (int64_t s = 0; s < batch_; ++s)
          for (int64_t i = 0; i < in; ++i)
            dx[xi_of(s, i)] += dy[0] * 2 / static_cast<T>(batch_ * in) *
                               (x[xi_of(s, i)] - (labels_[static_cast<size_t>(s)] == i ? T(1) : T(0)));
        break;
      case OpKind::kDistillation:
        DistillationBackward(node, dy[0]);
        break;
      case OpKind::kFakeQuantize:
        qFatal("rounding has no derivative to compare with");
    }
  }

  static bool IsLoss(OpKind kind) {
    return kind == OpKind::kSoftmaxCrossEntropy || kind == OpKind::kMeanSquaredError ||
           kind == OpKind::kDistillation;
  }

  const Graph graph_;
  int64_t batch_;
  std::vector<std::vector<T>> values_, gradients_;  // by ValueId; samples x features, or a parameter's shape
  std::vector<std::vector<T>> before_;              // by node: the product before a fused activation
  std::vector<std::vector<int64_t>> chosen_;        // by node: max pool's
  std::vector<std::vector<T>> mean_, inverse_;      // by node: batch norm's
  std::vector<int32_t> labels_;
  DropoutMask mask_;
};

}  // namespace concertina
