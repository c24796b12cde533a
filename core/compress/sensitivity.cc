// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// sensitivity.cc: see sensitivity.h.
#include "core/compress/sensitivity.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <memory>
#include <numeric>

#include "core/compress/layer_choice.h"
#include "core/compress/weight_grid.h"
#include "core/edge/runtime.h"

namespace concertina {
namespace {

// The smallest become zero; of equal ones the first.
std::vector<float> SmallestZero(std::vector<float> weight, double share) {
  std::vector<size_t> order(weight.size());
  std::iota(order.begin(), order.end(), size_t{0});
  const auto cut = order.begin() + static_cast<std::ptrdiff_t>(share * static_cast<double>(weight.size()));
  if (cut == order.end()) return std::vector<float>(weight.size(), 0.0F);
  std::nth_element(order.begin(), cut, order.end(), [&](size_t a, size_t b) {
    const float x = std::abs(weight[a]), y = std::abs(weight[b]);
    return x != y ? x < y : a < b;
  });
  for (auto i = order.begin(); i != cut; ++i) weight[*i] = 0;
  return weight;
}

Graph WithOneSmaller(const Graph& graph, ValueId id, const SensitivityMethod& method) {
  Graph changed = graph;
  std::vector<float> weight = GivenOf(graph, id);
  if (method.pruned_share > 0) weight = SmallestZero(std::move(weight), method.pruned_share);
  if (method.bits > 0) {
    const int64_t outputs = graph.value(id).shape[0];
    weight = OnGrid(weight, FitWeightGrid(weight, outputs, method.bits, true, GridFit::kLeastSquares));
  }
  Give(changed, id, std::move(weight));
  changed.mutable_value(id).quantization.reset();
  return changed;
}

}  // namespace

absl::StatusOr<AnswerFigures> AnswersTo(const Graph& graph, const Samples& samples, int64_t count,
                                        const std::function<bool()>& went_on) {
  ASSIGN_OR_RETURN(const std::unique_ptr<EdgeModel> model, EdgeModel::Create(graph));
  std::vector<float> sample(static_cast<size_t>(ElementCount(model->sample())));
  count = std::min(count, samples.size());
  double loss = 0;
  int64_t correct = 0;
  for (int64_t i = 0; i < count; ++i) {
    const int64_t index = i * samples.size() / count;
    samples.Read(index, sample.data());
    const std::span<const float> logits = model->Run(sample);
    const auto most = std::max_element(logits.begin(), logits.end());
    double sum = 0;
    for (const float logit : logits) sum += std::exp(static_cast<double>(logit) - *most);
    loss += std::log(sum) + *most - logits[static_cast<size_t>(samples.label(index))];
    correct += most - logits.begin() == samples.label(index) ? 1 : 0;
    if (!went_on()) return absl::CancelledError("the run was ended");
  }
  constexpr double kLargest = std::numeric_limits<float>::max();
  const auto answered = static_cast<double>(std::max<int64_t>(1, count));
  loss /= answered;
  return AnswerFigures{.loss = std::isfinite(loss) ? std::min(loss, kLargest) : kLargest,
                       .accuracy = static_cast<double>(correct) / answered};
}

absl::StatusOr<SensitivityScan> ScanSensitivity(const Graph& graph, const Samples& test, int rank, int ranks,
                                                const std::function<bool()>& went_on) {
  ASSIGN_OR_RETURN(const std::vector<int> chosen, ChooseLayers(graph, "*"));
  SensitivityScan scan;
  scan.samples = std::min(kSensitivitySamples, test.size());
  ASSIGN_OR_RETURN(const AnswerFigures whole, AnswersTo(graph, test, scan.samples, went_on));
  scan.loss = whole.loss;
  scan.accuracy = whole.accuracy;
  for (const int layer : chosen) {
    const Node& node = graph.nodes()[static_cast<size_t>(layer)];
    scan.layers.push_back(node.name);
    for (const SensitivityMethod& method : kSensitivityMethods) {
      AnswerFigures answered;
      if (static_cast<int>(scan.losses.size() % static_cast<size_t>(ranks)) == rank) {
        ASSIGN_OR_RETURN(
            answered, AnswersTo(WithOneSmaller(graph, node.inputs[1], method), test, scan.samples, went_on));
      }
      scan.losses.push_back(answered.loss);
      scan.accuracies.push_back(answered.accuracy);
    }
  }
  return scan;
}

}  // namespace concertina
