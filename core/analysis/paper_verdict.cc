// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// paper_verdict.cc: see paper_verdict.h.
#include "core/analysis/paper_verdict.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "core/analysis/rounds_to_target.h"
#include "fmt/format.h"
#include "nlohmann/json.hpp"

namespace concertina {
namespace {

constexpr double kUnmeasured = std::numeric_limits<double>::quiet_NaN();
constexpr double kNeverReached = std::numeric_limits<double>::infinity();
constexpr char kAccuracySeries[] = "test/accuracy";

double Folded(const PaperCurve& curve, const PaperFigure& figure) {
  std::vector<double> values;
  int64_t skipped = 0;
  for (const double value : curve.y)
    if (std::isfinite(value) && skipped++ >= figure.skip) values.push_back(value);
  if (values.empty()) return kUnmeasured;
  switch (figure.fold) {
    case PaperFigure::Fold::kMean:
      return std::accumulate(values.begin(), values.end(), 0.0) / static_cast<double>(values.size());
    case PaperFigure::Fold::kLast:
      return values.back();
    case PaperFigure::Fold::kLeast:
      return *std::min_element(values.begin(), values.end());
    case PaperFigure::Fold::kMost:
      return *std::max_element(values.begin(), values.end());
    case PaperFigure::Fold::kMedian:
      break;
  }
  std::sort(values.begin(), values.end());
  const size_t middle = values.size() / 2;
  return values.size() % 2 == 1 ? values[middle] : (values[middle - 1] + values[middle]) / 2;
}

double RecipeFigure(const PaperEvidence& run, const std::string& name, int64_t step) {
  const auto count = static_cast<int64_t>(run.recipe.size());
  const int64_t at = step < 0 ? count + step : step;
  if (at < 0 || at >= count) return kUnmeasured;
  const Json written = Json::parse(run.recipe[static_cast<size_t>(at)], nullptr, /*allow_exceptions=*/false);
  if (!written.is_object() || !written.value("figures", Json()).is_object()) return kUnmeasured;
  const Json& figures = written.at("figures");
  const auto found = figures.find(name);
  return found != figures.end() && found->is_number() ? found->get<double>() : kUnmeasured;
}

double OneFigure(const PaperEvidence& run, const PaperFigure& figure, int64_t recipe_step) {
  switch (figure.kind) {
    case PaperFigure::Kind::kSummary: {
      const auto found = run.summary.find(figure.name);
      return found == run.summary.end() ? kUnmeasured : found->second;
    }
    case PaperFigure::Kind::kToAccuracy: {
      const auto curve = run.curves.find({kAccuracySeries, figure.x});
      if (curve == run.curves.end() || curve->second.x.empty()) return kUnmeasured;
      const double reached = RoundsToTarget(curve->second.x, curve->second.y, figure.accuracy);
      return std::isnan(reached) ? kNeverReached : reached;
    }
    case PaperFigure::Kind::kSeries: {
      const auto curve = run.curves.find({figure.name, figure.x});
      return curve == run.curves.end() ? kUnmeasured : Folded(curve->second, figure);
    }
    case PaperFigure::Kind::kRecipe:
      return RecipeFigure(run, figure.name, recipe_step);
  }
  return kUnmeasured;
}

double MeasuredOf(const PaperMeasure& measure, const PaperEvidence& run, const PaperEvidence& other) {
  const double value = OneFigure(run, measure.figure, measure.figure.step);
  if (!measure.against && !measure.against_step) return value;
  const double beside = OneFigure(other, measure.figure, measure.against_step.value_or(measure.figure.step));
  if (!measure.is_ratio) return value - beside;
  return beside == 0 ? kUnmeasured : value / beside;
}

// 12,345
std::string Grouped(double whole) {
  std::string digits = fmt::format("{:.0f}", whole);
  for (auto at = static_cast<int64_t>(digits.size()) - 3; at > (digits[0] == '-' ? 1 : 0); at -= 3)
    digits.insert(static_cast<size_t>(at), ",");
  return digits;
}

}  // namespace

std::vector<PaperCurveName> CurvesOf(const Paper& paper, size_t run) {
  std::vector<PaperCurveName> curves;
  for (const PaperMeasure& measure : paper.measures) {
    if (measure.run != run && measure.against != run) continue;
    PaperCurveName name;
    if (measure.figure.kind == PaperFigure::Kind::kToAccuracy)
      name = {kAccuracySeries, measure.figure.x};
    else if (measure.figure.kind == PaperFigure::Kind::kSeries)
      name = {measure.figure.name, measure.figure.x};
    else
      continue;
    if (std::find(curves.begin(), curves.end(), name) == curves.end()) curves.push_back(std::move(name));
  }
  return curves;
}

bool NeedsRecipe(const Paper& paper, size_t run) {
  return std::any_of(paper.measures.begin(), paper.measures.end(), [&](const PaperMeasure& measure) {
    return measure.figure.kind == PaperFigure::Kind::kRecipe &&
           (measure.run == run || measure.against == run);
  });
}

std::vector<PaperRow> PaperRows(const Paper& paper, bool is_quick,
                                std::span<const std::optional<PaperEvidence>> runs) {
  std::vector<PaperRow> rows;
  for (const PaperMeasure& measure : paper.measures) {
    PaperRow& row = rows.emplace_back();
    const size_t other = measure.against.value_or(measure.run);
    if (measure.run >= runs.size() || other >= runs.size() || !runs[measure.run] || !runs[other]) continue;
    row.measured = MeasuredOf(measure, *runs[measure.run], *runs[other]);
    const bool is_inside = std::isfinite(row.measured) && measure.BandOf(is_quick).Holds(row.measured);
    row.verdict = is_inside ? PaperVerdict::kInside : PaperVerdict::kOutside;
  }
  return rows;
}

PaperVerdict WholeVerdict(std::span<const PaperRow> rows) {
  const auto has = [&](PaperVerdict verdict) {
    return std::any_of(rows.begin(), rows.end(), [&](const PaperRow& row) { return row.verdict == verdict; });
  };
  if (has(PaperVerdict::kOutside)) return PaperVerdict::kOutside;
  return rows.empty() || has(PaperVerdict::kPending) ? PaperVerdict::kPending : PaperVerdict::kInside;
}

std::string_view PaperVerdictName(PaperVerdict verdict) {
  switch (verdict) {
    case PaperVerdict::kInside:
      return "inside";
    case PaperVerdict::kOutside:
      return "outside";
    case PaperVerdict::kPending:
      break;
  }
  return "pending";
}

std::string PaperValueText(double value, PaperUnit unit) {
  if (std::isnan(value)) return "–";
  if (std::isinf(value)) return "never";
  switch (unit) {
    case PaperUnit::kCount:
      return Grouped(value);
    case PaperUnit::kShare:
      return fmt::format("{:.2f} %", 100 * value);
    case PaperUnit::kPoints:
      return fmt::format("{:.2f} points", 100 * value + 0.0);  // no -0.00
    case PaperUnit::kBytes: {
      const char* prefix = "";
      for (const char* next : {"k", "M", "G", "T"}) {
        if (std::abs(value) < 1000) break;
        value /= 1000;
        prefix = next;
      }
      return fmt::format("{:.{}f} {}B", value, *prefix == '\0' ? 0 : 1, prefix);
    }
    case PaperUnit::kTimes:
      return fmt::format("{:.1f}×", value);
    case PaperUnit::kSeconds:
      return fmt::format("{:.3g} s", value);
    case PaperUnit::kNumber:
      break;
  }
  return fmt::format("{:.4g}", value);
}

std::string PaperPublishedText(const PaperMeasure& measure) {
  return measure.published ? PaperValueText(*measure.published, measure.unit) : measure.published_words;
}

std::string PaperBandText(const PaperBand& band, PaperUnit unit) {
  if (!band.low) return band.high ? "at most " + PaperValueText(*band.high, unit) : "";
  if (!band.high) return "at least " + PaperValueText(*band.low, unit);
  if (*band.low == *band.high) return "exactly " + PaperValueText(*band.low, unit);
  return fmt::format("{} to {}", PaperValueText(*band.low, unit), PaperValueText(*band.high, unit));
}

}  // namespace concertina
