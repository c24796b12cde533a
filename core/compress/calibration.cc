// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// calibration.cc: see calibration.h.
#include "core/compress/calibration.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>

#include "core/edge/runtime.h"
#include "fmt/format.h"

namespace concertina {
namespace {

absl::Status ForCalibrationSamples(const Graph& graph, const CompressContext& context, int64_t samples,
                                   const EdgeModel::Observer& observer) {
  if (context.train == nullptr || context.train->size() == 0)
    return absl::FailedPreconditionError(
        "to calibrate activations needs training samples, and there are none");
  // Never: packing costs more than these few samples.
  const EdgeOptions options{.sparse_convolution_from = 2, .sparse_dense = false};
  ASSIGN_OR_RETURN(const std::unique_ptr<EdgeModel> model, EdgeModel::Create(graph, options));
  std::vector<float> sample(static_cast<size_t>(ElementCount(model->sample())));
  const int64_t count = std::min(samples, context.train->size());
  for (int64_t i = 0; i < count; ++i) {
    context.train->Read(i * context.train->size() / count, sample.data());
    model->RunObserved(sample, observer);
    RETURN_IF_ERROR(context.Tell(fmt::format("calibration sample {} of {}", i + 1, count)));
  }
  return absl::OkStatus();
}

// What a grid of so many levels over [least, most] does to the elements of a histogram: clipped ones lose
// their distance to the border, others a twelfth of a squared step on average.
double SquaredErrorOf(const ObservedRange& range, double least, double most, int levels) {
  const double width = (range.most - range.least) / ObservedRange::kBins;
  const double step = (most - least) / (levels - 1);
  double sum = 0;
  for (int bin = 0; bin < ObservedRange::kBins; ++bin) {
    const auto count = static_cast<double>(range.histogram[static_cast<size_t>(bin)]);
    if (count == 0) continue;
    const double x = range.least + (bin + 0.5) * width;
    const double outside = x < least ? least - x : x > most ? x - most : 0;
    sum += count * (outside > 0 ? outside * outside : step * step / 12);
  }
  return sum;
}

// Kullback-Leibler divergence of the histogram within [first, last) bins, what is outside added to the border
// bins, from the same in `levels` levels spread evenly over each level's bins that are not empty.
double DivergenceOf(const ObservedRange& range, int first, int last, int levels) {
  std::vector<double> p(range.histogram.begin() + first, range.histogram.begin() + last);
  for (int bin = 0; bin < first; ++bin)
    p.front() += static_cast<double>(range.histogram[static_cast<size_t>(bin)]);
  for (int bin = last; bin < ObservedRange::kBins; ++bin)
    p.back() += static_cast<double>(range.histogram[static_cast<size_t>(bin)]);
  const auto bins = last - first;
  double total = 0;
  for (const double count : p) total += count;
  double divergence = 0, q_total = 0;
  std::vector<double> q(p.size());
  for (int level = 0; level < levels; ++level) {
    const int begin = level * bins / levels, end = (level + 1) * bins / levels;
    double sum = 0;
    int filled = 0;
    for (int bin = begin; bin < end; ++bin) {
      sum += static_cast<double>(range.histogram[static_cast<size_t>(first + bin)]);
      filled += range.histogram[static_cast<size_t>(first + bin)] > 0 ? 1 : 0;
    }
    for (int bin = begin; bin < end && filled > 0; ++bin)
      if (range.histogram[static_cast<size_t>(first + bin)] > 0) q[static_cast<size_t>(bin)] = sum / filled;
    q_total += sum;
  }
  if (total == 0 || q_total == 0) return std::numeric_limits<double>::infinity();
  for (size_t bin = 0; bin < p.size(); ++bin)
    if (p[bin] > 0)
      divergence += p[bin] / total * std::log(p[bin] / total / std::max(q[bin] / q_total, 1e-12));
  return divergence;
}

// A range of nothing, or of less than floats can divide, is one of nought and one.
Quantization GridOver(double least, double most, int bits) {
  const int last = (1 << bits) - 1;
  if (!(most - least > last * double{std::numeric_limits<float>::min()})) most = least + 1;
  const double scale = (most - least) / last;
  Quantization grid{.bits = bits, .is_signed = false, .scales = {static_cast<float>(scale)}, .zero_point = 0};
  grid.zero_point =
      static_cast<int32_t>(std::clamp(std::nearbyint(-least / scale), 0.0, static_cast<double>(last)));
  return grid;
}

absl::Status NoNumber(const Graph& graph, ValueId value, float found) {
  const auto by = std::find_if(graph.nodes().begin(), graph.nodes().end(),
                               [value](const Node& node) { return node.output == value; });
  const std::string what = by == graph.nodes().end() ? "the input" : fmt::format("layer \"{}\"", by->name);
  return absl::InvalidArgumentError(fmt::format(
      "{}: gives {} for a training sample, expected numbers, which have a range; the training has "
      "diverged, lower the learning rate",
      what, found));
}

}  // namespace

Graph WithoutActivationGrids(Graph graph) {
  for (size_t id = 0; id < graph.values().size(); ++id)
    if (graph.values()[id].role == ValueRole::kActivation || graph.values()[id].role == ValueRole::kInput)
      graph.mutable_value(static_cast<ValueId>(id)).quantization.reset();
  return graph;
}

std::map<ValueId, int> ActivationGroups(const Graph& graph, const std::vector<int>& chosen) {
  std::map<ValueId, int> group_of;
  int groups = 0;
  for (auto i = static_cast<int>(graph.nodes().size()) - 1; i >= 0; --i) {
    const Node& node = graph.nodes()[static_cast<size_t>(i)];
    const auto out = group_of.find(node.output);
    const auto need = [&](ValueId id) { group_of.try_emplace(id, groups++); };
    switch (node.kind) {
      case OpKind::kDense:
      case OpKind::kConv2d:
        if (std::find(chosen.begin(), chosen.end(), i) != chosen.end()) need(node.inputs[0]);
        break;
      case OpKind::kMaxPool2d:
      case OpKind::kReshape:
      case OpKind::kDropout:
        if (out != group_of.end()) group_of.try_emplace(node.inputs[0], out->second);
        break;
      case OpKind::kAdd:
        if (out != group_of.end())
          for (const ValueId id : node.inputs) need(id);
        break;
      default:
        break;
    }
  }
  return group_of;
}

absl::StatusOr<std::map<int, ObservedRange>> ObserveRanges(const Graph& graph,
                                                           const std::map<ValueId, int>& group_of,
                                                           const CompressContext& context, int64_t samples) {
  std::map<int, ObservedRange> ranges;
  for (const auto& [value, group] : group_of) ranges[group].histogram.assign(ObservedRange::kBins, 0);
  absl::Status finite;
  RETURN_IF_ERROR(
      ForCalibrationSamples(graph, context, samples, [&](ValueId value, std::span<const float> elements) {
        const auto group = group_of.find(value);
        if (group == group_of.end()) return;
        ObservedRange& range = ranges[group->second];
        const auto wrong = std::find_if(elements.begin(), elements.end(),
                                        [](float element) { return !std::isfinite(element); });
        if (wrong != elements.end()) {
          if (finite.ok()) finite = NoNumber(graph, value, *wrong);
          return;
        }
        const auto [least, most] = std::minmax_element(elements.begin(), elements.end());
        range.least = std::min<double>(range.least, *least);
        range.most = std::max<double>(range.most, *most);
      }));
  RETURN_IF_ERROR(finite);
  RETURN_IF_ERROR(
      ForCalibrationSamples(graph, context, samples, [&](ValueId value, std::span<const float> elements) {
        const auto group = group_of.find(value);
        if (group == group_of.end()) return;
        ObservedRange& range = ranges[group->second];
        if (!(range.most > range.least)) return;
        const double per_bin = ObservedRange::kBins / (range.most - range.least);
        for (const float element : elements) {
          // Zeros are exact on any grid, and would outweigh all else after a ReLU.
          if (element == 0) continue;
          const auto bin = static_cast<int>((element - range.least) * per_bin);
          ++range.histogram[static_cast<size_t>(std::clamp(bin, 0, ObservedRange::kBins - 1))];
        }
      }));
  return ranges;
}

Quantization ByteGridFor(const ObservedRange& range, RangeRule rule, double percentile, int bits) {
  const int levels = 1 << bits;
  if (rule == RangeRule::kMinMax || !(range.most > range.least))
    return GridOver(range.least, range.most, bits);
  const double width = (range.most - range.least) / ObservedRange::kBins;
  const auto zero_bin =
      std::clamp(static_cast<int>(-range.least / width), 0, ObservedRange::kBins - 1);  // never clipped away
  if (rule == RangeRule::kPercentile) {
    int64_t total = 0;
    for (const int64_t count : range.histogram) total += count;
    const auto outside = static_cast<int64_t>((1 - percentile / 100) * static_cast<double>(total));
    int first = 0, last = ObservedRange::kBins;
    for (int64_t below = 0; first < zero_bin; ++first)
      if ((below += range.histogram[static_cast<size_t>(first)]) > outside) break;
    for (int64_t above = 0; last > zero_bin + 1; --last)
      if ((above += range.histogram[static_cast<size_t>(last - 1)]) > outside) break;
    return GridOver(std::min(range.least + first * width, 0.0), std::max(range.least + last * width, 0.0),
                    bits);
  }
  // Both ends come in by the same share. Few bins are enough for squares, and too few for a distribution.
  constexpr int kShares = 64;
  const int least_share = rule == RangeRule::kLeastSquares ? 1 : kShares / 5;
  double best = std::numeric_limits<double>::infinity(), best_least = range.least, best_most = range.most;
  for (int share = kShares; share >= least_share; --share) {
    const double factor = static_cast<double>(share) / kShares;
    const double least = range.least * factor, most = range.most * factor;
    double error = 0;
    if (rule == RangeRule::kLeastSquares) {
      error = SquaredErrorOf(range, least, most, levels);
    } else {
      const int first = std::clamp(static_cast<int>((least - range.least) / width), 0, zero_bin);
      const int last = std::clamp(static_cast<int>(std::ceil((most - range.least) / width)), zero_bin + 1,
                                  ObservedRange::kBins);
      if (last - first < levels) break;
      error = DivergenceOf(range, first, last, levels);
    }
    if (error >= best) continue;
    best = error;
    best_least = least;
    best_most = most;
  }
  return GridOver(best_least, best_most, bits);
}

absl::StatusOr<std::map<ValueId, std::vector<double>>> ObserveMeans(const Graph& graph,
                                                                    const std::vector<ValueId>& values,
                                                                    const CompressContext& context,
                                                                    int64_t samples) {
  std::map<ValueId, std::vector<double>> means;
  for (const ValueId value : values)
    means[value].resize(static_cast<size_t>(ElementCount(graph.value(value).shape)));
  const int64_t count = context.train == nullptr ? 0 : std::min(samples, context.train->size());
  RETURN_IF_ERROR(
      ForCalibrationSamples(graph, context, samples, [&](ValueId value, std::span<const float> elements) {
        const auto mean = means.find(value);
        if (mean == means.end()) return;
        for (size_t i = 0; i < elements.size(); ++i)
          mean->second[i] += elements[i] / static_cast<double>(count);
      }));
  return means;
}

}  // namespace concertina
