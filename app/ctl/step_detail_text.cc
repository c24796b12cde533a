// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// step_detail_text.cc: see step_detail_text.h.
#include "app/ctl/step_detail_text.h"

#include <algorithm>
#include <numeric>

#include "app/ctl/output.h"
#include "fmt/format.h"
#include "fmt/ranges.h"

namespace concertina::ctl {
namespace {

constexpr int64_t kMostTableClasses = 16;  // that a terminal has room for
constexpr size_t kMostPairs = 20;
constexpr size_t kSparkBins = 16;

std::string WeightSpark(const LayerDetail& layer) {
  constexpr const char* kHeights[] = {" ", "▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"};
  constexpr size_t kEach = kWeightBins / kSparkBins;
  std::array<int64_t, kSparkBins> sums = {};
  for (size_t i = 0; i < kWeightBins; ++i) sums[i / kEach] += layer.counts[i];
  const auto most = static_cast<double>(std::max<int64_t>(1, *std::max_element(sums.begin(), sums.end())));
  std::string line;
  for (const int64_t sum : sums)  // what is there at all is seen
    line += kHeights[sum == 0 ? 0 : std::min<size_t>(8, 1 + static_cast<size_t>(7 * sum / most))];
  return line;
}

// Of one answer; what is converted for the layer, too.
std::string LayerTimeText(const LayerDetail& layer) {
  if (layer.seconds <= 0) return "-";
  std::string text = fmt::format("{:.1f} us", 1e6 * layer.seconds);
  if (layer.converting_seconds > 0)
    text += fmt::format(" ({:.0f} % converts)", 100 * layer.converting_seconds / layer.seconds);
  return text;
}

std::string LayersText(const StepDetail& detail) {
  std::vector<std::vector<std::string>> rows;
  for (const LayerDetail& layer : detail.layers) {
    const auto nonzero = static_cast<double>(layer.count - layer.zeros);
    rows.push_back(
        {layer.name, fmt::format("{}", fmt::join(layer.shape, "x")),
         CountText(static_cast<double>(layer.count)), CountText(static_cast<double>(layer.zeros)),
         fmt::format("{:.1f} %", 100 * nonzero / static_cast<double>(std::max<int64_t>(1, layer.count))),
         std::to_string(layer.bits), BytesText(static_cast<double>(layer.bytes)),
         LayerTimeText(layer),
         fmt::format("{:.3g}", layer.largest), fmt::format("{:.3g}", layer.range), WeightSpark(layer),
         layer.coding});
  }
  std::string text = TableText({"layer", "shape", "weights", "zeros", "not zero", "bits", "file", "time", "largest",
                                "range", "-range to range", "as"},
                               rows);
  if (detail.more_layers > 0)
    text += fmt::format("and {} layers more\n", CountText(static_cast<double>(detail.more_layers)));
  return text;
}

std::string ConfusionText(const StepDetail& detail) {
  const int64_t classes = detail.classes;
  if (classes == 0) return fmt::format("confusion: more than {} classes, not kept\n", kMostDetailClasses);
  const auto count = [&](int64_t label, int64_t answer) {
    return detail.confusion[static_cast<size_t>(label * classes + answer)];
  };
  if (classes <= kMostTableClasses) {
    std::vector<std::string> header = {"label \\ answer"};
    std::vector<std::vector<std::string>> rows;
    for (int64_t label = 0; label < classes; ++label) {
      header.push_back(detail.ClassName(label));
      std::vector<std::string>& row = rows.emplace_back();
      row.push_back(detail.ClassName(label));
      for (int64_t answer = 0; answer < classes; ++answer)
        row.push_back(count(label, answer) == 0 ? "." : CountText(static_cast<double>(count(label, answer))));
    }
    return TableText(header, rows);
  }
  std::vector<int64_t> pairs;
  for (int64_t i = 0; i < classes * classes; ++i)
    if (i / classes != i % classes && count(i / classes, i % classes) > 0) pairs.push_back(i);
  std::stable_sort(pairs.begin(), pairs.end(), [&](int64_t a, int64_t b) {
    return detail.confusion[static_cast<size_t>(a)] > detail.confusion[static_cast<size_t>(b)];
  });
  if (pairs.size() > kMostPairs) pairs.resize(kMostPairs);
  std::vector<std::vector<std::string>> rows;
  for (const int64_t pair : pairs)
    rows.push_back({detail.ClassName(pair / classes), detail.ClassName(pair % classes),
                    CountText(static_cast<double>(detail.confusion[static_cast<size_t>(pair)]))});
  return "most frequent confusions\n" + TableText({"label", "answer", "times"}, rows);
}

std::string ChangedText(const StepDetail& detail) {
  if (detail.index == 0) return "";
  const auto text = [](int64_t count) { return CountText(static_cast<double>(count)); };
  std::string all = fmt::format(
      "\nagainst the model as it was trained: {} became wrong, {} became right, {} are wrong in another "
      "way\n",
      text(detail.became_wrong), text(detail.became_right), text(detail.still_wrong));
  std::vector<std::vector<std::string>> rows;
  for (const ChangedAnswer& answer : detail.changed)
    rows.push_back({text(answer.index), detail.ClassName(answer.label), detail.ClassName(answer.before),
                    detail.ClassName(answer.now),
                    answer.became_wrong()   ? "wrong"
                    : answer.became_right() ? "right"
                                            : "still wrong"});
  if (!rows.empty())
    all += fmt::format("of the {} test samples that rank 0 judged:\n{}", text(detail.looked_at),
                       TableText({"sample", "label", "before", "now", "became"}, rows));
  return all;
}

std::string SensitivityText(const StepDetail& detail) {
  if (detail.sensitivity.empty()) return "";
  std::vector<std::vector<std::string>> rows;
  for (const LayerSensitivity& one : ByHarm(detail.sensitivity))
    rows.push_back({one.layer, one.method, fmt::format("{:.2f} %", 100 * one.accuracy),
                    fmt::format("{:+.2f}", 100 * (one.accuracy - detail.sensitivity_accuracy)),
                    fmt::format("{:.4g}", one.loss)});
  return fmt::format(
      "\nif one layer alone is made smaller, without training, on {} test samples ({:.2f} % before):\n{}",
      detail.sensitivity_samples, 100 * detail.sensitivity_accuracy,
      TableText({"layer", "by", "accuracy", "points", "loss"}, rows));
}

}  // namespace

std::string StepDetailText(const StepDetail& detail) {
  return fmt::format("step {} of the recipe, step {} of the run: {}\n\n{}\n{}{}{}", detail.index, detail.step,
                     detail.text, LayersText(detail), ConfusionText(detail), ChangedText(detail),
                     SensitivityText(detail));
}

}  // namespace concertina::ctl
