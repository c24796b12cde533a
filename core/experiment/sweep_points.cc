// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// sweep_points.cc: see sweep_points.h.
#include "core/experiment/sweep_points.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <map>
#include <optional>
#include <set>

#include "core/base/rng.h"
#include "core/experiment/spec.h"
#include "fmt/format.h"
#include "nlohmann/json.hpp"

namespace concertina {
namespace {

constexpr size_t kMaxRunNameBytes = 160;  // leaves room for what is added of a round
constexpr uint64_t kMaxSeed = 9007199254740991;

std::string Cut(std::string text, size_t most) {
  if (text.size() <= most) return text;
  size_t end = most - 3;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0) == 0x80) --end;  // not inside a character
  return text.substr(0, end) + "…";
}

absl::StatusOr<std::string> Named(const std::string& spec, const std::string& name) {
  return SetInSpec(spec, "/name=" + Json(name).dump(-1, ' ', false, Json::error_handler_t::replace));
}

// Not by strtod, which reads numbers as the locale writes them.
double FourDigits(double x) {
  const std::string text = fmt::format("{:.4g}", x);
  std::from_chars(text.data(), text.data() + text.size(), x);
  return x;
}

AxisValue Drawn(const SweepAxis& axis, Rng& rng) {
  if (!axis.values.empty()) return axis.values[rng.Below(axis.values.size())];
  const double end = axis.is_integer ? axis.maximum + 1 : axis.maximum;  // every whole number alike
  double x = axis.is_logarithmic ? std::exp(rng.Uniform(std::log(axis.minimum), std::log(end)))
                                 : axis.minimum + (end - axis.minimum) * rng.Uniform();
  x = axis.is_integer ? std::floor(x) : FourDigits(x);
  x = std::clamp(x, axis.minimum, axis.maximum);
  const std::string text = axis.is_integer ? fmt::format("{:.0f}", x) : Json(x).dump();
  return {.json = text,
          .label = text,
          .words = axis.name + " " + text,
          .where = fmt::format("/axes/{}", axis.place)};
}

std::vector<std::vector<AxisValue>> Grid(const Sweep& sweep) {
  std::vector<std::vector<AxisValue>> points = {{}};
  for (const SweepAxis& axis : sweep.axes) {
    std::vector<std::vector<AxisValue>> longer;
    for (const std::vector<AxisValue>& point : points)
      for (const AxisValue& value : axis.values) {
        longer.push_back(point);
        longer.back().push_back(value);
      }
    points = std::move(longer);
  }
  return points;
}

std::vector<std::vector<AxisValue>> Draws(const Sweep& sweep) {
  constexpr int64_t kTriesASample = 20;
  std::vector<std::vector<AxisValue>> points;
  std::set<std::string> seen;
  Rng rng(sweep.search.seed, "sweep");
  const auto wanted = static_cast<size_t>(sweep.search.samples);
  for (int64_t tries = kTriesASample * sweep.search.samples; tries > 0 && points.size() < wanted; --tries) {
    std::vector<AxisValue> point;
    std::string key;
    for (const SweepAxis& axis : sweep.axes) {
      point.push_back(Drawn(axis, rng));
      key += point.back().json + '\n';
    }
    if (seen.insert(std::move(key)).second) points.push_back(std::move(point));
  }
  return points;
}

bool IsBelow(const std::string& pointer, const std::string& above) {
  return pointer == above || pointer.starts_with(above + "/");
}

// Where in the sweep file a fault of a point's spec comes from.
std::string PlaceOfAxis(const std::string& pointer, const Sweep& sweep, const SweepPoint& point) {
  for (size_t i = sweep.axes.size(); i-- > 0;)  // the last axis that touches a field decides
    if (IsBelow(pointer, sweep.axes[i].pointer))
      return point.values[i].where + (point.values[i].where.find("/values/") == std::string::npos
                                          ? ""
                                          : pointer.substr(sweep.axes[i].pointer.size()));
  for (const SweepAxis& axis : sweep.axes)
    if (!pointer.empty() && IsBelow(axis.pointer, pointer))
      return fmt::format("/axes/{}/pointer", axis.place);
  return "/base" + pointer;
}

// Faults of points, each told once with the first point that has it and the number of others.
class PointFaults {
 public:
  void Add(const Fault& fault, std::string place, const SweepPoint& point) {
    const auto [found, is_new] = index_.try_emplace(place + '\n' + fault.message, faults_.size());
    if (!is_new) {
      ++others_[found->second];
      return;
    }
    Fault mapped = fault;
    if (fault.message.starts_with(fault.pointer + ":"))
      mapped.message = place + fault.message.substr(fault.pointer.size());
    mapped.pointer = std::move(place);
    faults_.push_back(std::move(mapped));
    labels_.push_back(point.label);
    others_.push_back(0);
  }

  void MoveTo(std::vector<Fault>& faults) {
    for (size_t i = 0; i < faults_.size(); ++i) {
      const std::string more =
          others_[i] == 0 ? "" : fmt::format(" and {} other{}", others_[i], others_[i] == 1 ? "" : "s");
      faults_[i].message += fmt::format(" (in the point \"{}\"{})", labels_[i], more);
      faults.push_back(std::move(faults_[i]));
    }
  }

 private:
  std::map<std::string, size_t> index_;
  std::vector<Fault> faults_;
  std::vector<std::string> labels_;
  std::vector<size_t> others_;
};

// The point's spec before it is checked. A value that cannot be put where its axis points is a fault.
std::string Expanded(const Sweep& sweep, const SweepPoint& point, PointFaults& faults) {
  std::string spec = sweep.base_json;
  for (size_t i = 0; i < sweep.axes.size(); ++i) {
    absl::StatusOr<std::string> changed = SetInSpec(spec, sweep.axes[i].pointer + "=" + point.values[i].json);
    if (!changed.ok()) {
      const std::string place = fmt::format("/axes/{}/pointer", sweep.axes[i].place);
      faults.Add(MakeFault(place, fmt::format("\"{}\"", sweep.axes[i].pointer),
                           std::string(changed.status().message())),
                 place, point);
      return "";
    }
    spec = *std::move(changed);
  }
  const std::string name = Cut(fmt::format("{} · {}", sweep.name, point.label), kMaxRunNameBytes);
  return Named(spec, name).value_or("");
}

// A test figure decides at the first round only if there is one by then.
std::optional<Fault> FaultOfResuming(const Sweep& sweep, const std::string& spec_json) {
  if (!sweep.search.resumes || sweep.objective.series == "train_loss") return std::nullopt;
  const double every = Json::parse(spec_json, nullptr, false)
                           .value(Json::json_pointer("/training/evaluate_every_epochs"), 1.0);
  if (every > 0 && every <= sweep.search.first_epochs) return std::nullopt;
  return MakeFault("/base/training/evaluate_every_epochs", fmt::format("{}", every),
                   fmt::format("more than 0 and at most {}, so that the first round has a {}",
                               sweep.search.first_epochs, sweep.objective.series));
}

// The same spec for every repeat but for the seed.
absl::Status AddRepeats(const Sweep& sweep, const std::string& spec, SweepPoint& point) {
  point.specs = {spec};
  const Json filled = Json::parse(spec, nullptr, false);
  if (!filled.is_object()) return absl::InternalError("a checked spec is no object");
  const auto seed = filled.value("seed", uint64_t{1});
  for (int64_t repeat = 1; repeat < sweep.repeats; ++repeat) {
    ASSIGN_OR_RETURN(
        std::string next,
        SetInSpec(spec, fmt::format("/seed={}", (seed + static_cast<uint64_t>(repeat)) % kMaxSeed)));
    point.specs.push_back(std::move(next));
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status AddPoints(Sweep& sweep, const SpecChecker& check_spec, std::vector<Fault>& faults) {
  std::vector<std::vector<AxisValue>> all = sweep.search.samples > 0 ? Draws(sweep) : Grid(sweep);
  PointFaults own;
  size_t bad = 0, looked_at = 0;
  for (std::vector<AxisValue>& values : all) {
    if (bad == kMaxBadPoints) break;
    ++looked_at;
    SweepPoint point;
    for (const AxisValue& value : values) point.label += (point.label.empty() ? "" : ", ") + value.words;
    point.values = std::move(values);
    const std::string spec = Expanded(sweep, point, own);
    if (spec.empty()) {
      ++bad;
      continue;
    }
    ASSIGN_OR_RETURN(const CheckedSpec checked, check_spec(spec));
    for (const Fault& fault : checked.faults) own.Add(fault, PlaceOfAxis(fault.pointer, sweep, point), point);
    if (!checked.faults.empty()) {
      ++bad;
      continue;
    }
    RETURN_IF_ERROR(AddRepeats(sweep, checked.json, point));
    if (sweep.search.kind == SweepSearch::Kind::kSuccessiveHalving && sweep.points.empty()) {
      const double epochs = EpochsOf(checked.json);
      if (sweep.search.first_epochs > epochs)
        faults.push_back(MakeFault("/search/first_epochs", fmt::format("{}", sweep.search.first_epochs),
                                   fmt::format("at most {}, the experiment's /training/epochs", epochs)));
      else if (std::optional<Fault> fault = FaultOfResuming(sweep, checked.json))
        faults.push_back(*std::move(fault));
    }
    sweep.points.push_back(std::move(point));
  }
  own.MoveTo(faults);
  if (looked_at < all.size())
    faults.push_back({.pointer = "/axes",
                      .found = fmt::format("{} bad points", bad),
                      .expected = "none",
                      .message = fmt::format("/axes: {} points are bad, and {} more were not looked at", bad,
                                             all.size() - looked_at)});
  return absl::OkStatus();
}

std::vector<HalvingRound> HalvingRounds(size_t points, const SweepSearch& search, double epochs) {
  std::vector<HalvingRound> rounds;
  double share = 1;
  do {
    // A hair more, so that keep = 0.1 of 10 is 1 whatever the rounding.
    const auto kept = static_cast<size_t>(static_cast<double>(points) * share * (1 + 1e-9));
    rounds.push_back({std::max<size_t>(1, kept), std::min(search.first_epochs / share, epochs)});
    share *= search.keep;
  } while (rounds.back().points > 1 && rounds.back().epochs < epochs);
  return rounds;
}

double EpochsOf(const std::string& spec_json) {
  return Json::parse(spec_json, nullptr, false).value(Json::json_pointer("/training/epochs"), 1.0);
}

absl::StatusOr<std::string> SpecOfRound(const std::string& spec_json, double epochs) {
  ASSIGN_OR_RETURN(const std::string spec, SetInSpec(spec_json, fmt::format("/training/epochs={}", epochs)));
  const Json filled = Json::parse(spec, nullptr, false);
  return Named(spec, fmt::format("{} · {:.4g} epochs", filled.value("name", ""), epochs));
}

}  // namespace concertina
