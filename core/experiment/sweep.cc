// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// sweep.cc: the sweep file itself (see sweep.h); what its points come to is sweep_points.cc's.
#include "core/experiment/sweep.h"

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <set>

#include "core/base/file.h"
#include "core/base/json_text.h"
#include "core/experiment/spec.h"
#include "core/experiment/sweep_axis.h"
#include "core/experiment/sweep_points.h"
#include "fmt/format.h"
#include "fmt/ranges.h"
#include "nlohmann/json.hpp"

namespace concertina {
namespace {

constexpr size_t kMaxAxes = 16;
constexpr size_t kMaxNameBytes = 80;
constexpr size_t kMaxSpecBytes = size_t{1} << 20;

Descriptor HeadFields() {
  return {
      .kind = "sweep",
      .params = {
          {.name = "name", .type = ParamType::kText, .default_value = "sweep"},
          {.name = "repeats", .type = ParamType::kInteger, .default_value = 1, .minimum = 1, .maximum = 100},
          {.name = "target_accuracy", .minimum = 0, .maximum = 1, .optional = true}}};
}

Descriptor SearchFields(const std::string& kind) {
  Descriptor fields{.kind = kind};
  if (kind == "grid") return fields;
  fields.params = {{.name = "samples",
                    .type = ParamType::kInteger,
                    .minimum = 1,
                    .maximum = static_cast<double>(kMaxSweepRuns),
                    .doc = "how many points are drawn",
                    .optional = kind != "random"},
                   {.name = "seed",
                    .type = ParamType::kInteger,
                    .default_value = 1,
                    .minimum = 0,
                    .maximum = 9007199254740991}};
  if (kind == "random") return fields;
  fields.params.push_back({.name = "rounds",
                           .type = ParamType::kChoice,
                           .default_value = "anew",
                           .choices = {"anew", "resumed"},
                           .doc = "whether a round trains from the beginning, or goes on from the last"});
  fields.params.push_back({.name = "keep", .default_value = 0.5, .minimum = 0.05, .maximum = 0.95});
  fields.params.push_back({.name = "first_epochs",
                           .minimum = 1e-6,
                           .maximum = 100000,
                           .doc = "the epochs of the first round, a number above 0"});
  return fields;
}

class FileChecker {
 public:
  FileChecker(const Json& file, const SweepText& text, SweepCheck& check)
      : file_(file), text_(text), sweep_(check.sweep), faults_(check.faults) {}

  // False: there are no points to look at.
  bool Run() {
    if (!file_.is_object()) {
      faults_.push_back(
          MakeFault("", ShowJson(file_),
                    "an object like {\"base\": {…}, \"axes\": [{\"pointer\": …, \"values\": […]}]}"));
      return false;
    }
    CheckHead();
    CheckBase();
    CheckAxes();
    CheckSearch();
    CheckObjective();
    return !sweep_.base_json.empty() && !sweep_.axes.empty() && has_search_ && CheckCount();
  }

 private:
  // The names of the whole file; then those that stand alone.
  void CheckHead() {
    const Json head =
        KnownFields(file_, "", {"name", "base", "axes", "search", "repeats", "objective", "target_accuracy"},
                    "a sweep", faults_);
    Json own = head;
    for (const char* section : {"base", "axes", "search", "objective"}) own.erase(section);
    const size_t before = faults_.size();
    const Params params = Params::Check(HeadFields(), own, "", faults_);
    if (faults_.size() != before) return;
    sweep_.repeats = params.Integer("repeats");
    if (params.Has("target_accuracy")) sweep_.target_accuracy = params.Number("target_accuracy");
    if (IsOneLine(params.Text("name"), kMaxNameBytes)) {
      sweep_.name = params.Text("name");
    } else {  // the points keep the default, whose names are good
      faults_.push_back(MakeFault("/name", ShowJson(params.json().at("name")),
                                  fmt::format("one line of at most {} bytes", kMaxNameBytes)));
    }
  }

  void CheckBase() {
    const Json base = file_.value("base", Json());
    std::string json;
    if (base.is_object()) {
      json = base.dump();
    } else if (base.is_string()) {
      const std::filesystem::path path = std::filesystem::path(text_.folder) / base.get<std::string>();
      absl::StatusOr<std::string> read = ReadFile(path.string(), kMaxSpecBytes);
      if (!read.ok()) {
        faults_.push_back(
            MakeFault("/base", ShowJson(base),
                      fmt::format("a file that can be read ({})", std::string(read.status().message()))));
        return;
      }
      std::vector<Fault> inside;
      ParseJsonText(*read, inside);
      for (const Fault& fault : inside)
        faults_.push_back({.pointer = "/base",
                           .found = fault.found,
                           .expected = fault.expected,
                           .message = fmt::format("/base: {}: {}", path.string(), fault.message)});
      if (inside.empty()) json = *std::move(read);
    } else {
      faults_.push_back(MakeFault("/base", file_.contains("base") ? ShowJson(base) : "nothing",
                                  "an experiment {…}, or the path of its file"));
    }
    for (const std::string& assignment : text_.assignments) {
      if (json.empty()) return;
      absl::StatusOr<std::string> changed = SetInSpec(json, assignment);
      if (!changed.ok())
        faults_.push_back(
            MakeFault("/base", "--set " + Shortened(assignment), std::string(changed.status().message())));
      json = changed.ok() ? *std::move(changed) : "";
    }
    sweep_.base_json = std::move(json);
  }

  void CheckAxes() {
    const Json axes = file_.value("axes", Json());
    if (!axes.is_array() || axes.empty() || axes.size() > kMaxAxes) {
      faults_.push_back(
          MakeFault("/axes", file_.contains("axes") ? ShowJson(axes) : "nothing",
                    fmt::format("a list of 1 to {} like {{\"pointer\": \"/optimizer/learning_rate\", "
                                "\"values\": [0.1, 0.01]}}",
                                kMaxAxes)));
      return;
    }
    std::set<std::string> pointers;
    for (size_t i = 0; i < axes.size(); ++i) {
      std::optional<SweepAxis> axis = CheckAxis(axes[i], i, faults_);
      if (!axis) continue;
      if (!pointers.insert(axis->pointer).second) {
        faults_.push_back(MakeFault(fmt::format("/axes/{}/pointer", i),
                                    fmt::format("\"{}\" again", axis->pointer), "each field on one axis"));
        continue;
      }
      sweep_.axes.push_back(*std::move(axis));
    }
  }

  void CheckSearch() {
    static const std::vector<std::string> kKinds = {"grid", "random", "successive-halving"};
    const Json search = file_.value("search", Json{{"kind", "grid"}});
    const std::string kind = search.is_object() && search.value("kind", Json()).is_string()
                                 ? search.at("kind").get<std::string>()
                                 : "";
    const auto found = std::find(kKinds.begin(), kKinds.end(), kind);
    if (found == kKinds.end()) {
      const bool has_kind = search.is_object() && search.contains("kind");
      faults_.push_back(
          MakeFault(search.is_object() ? "/search/kind" : "/search",
                    has_kind ? ShowJson(search.at("kind")) : ShowJson(search),
                    fmt::format("{}one of {}", search.is_object() ? "" : "an object with a \"kind\", ",
                                fmt::join(kKinds, ", ")),
                    NearestName(kind, kKinds)));
      return;
    }
    const size_t before = faults_.size();
    const Params params = Params::Check(SearchFields(kind), search, "/search", faults_);
    if (faults_.size() != before) return;
    sweep_.search.kind = static_cast<SweepSearch::Kind>(found - kKinds.begin());
    if (kind != "grid") sweep_.search.seed = static_cast<uint64_t>(params.Integer("seed"));
    if (kind != "grid" && params.Has("samples")) sweep_.search.samples = params.Integer("samples");
    if (sweep_.search.kind == SweepSearch::Kind::kSuccessiveHalving) {
      sweep_.search.keep = params.Number("keep");
      sweep_.search.first_epochs = params.Number("first_epochs");
      sweep_.search.resumes = params.Text("rounds") == "resumed";
    }
    has_search_ = true;
    for (const SweepAxis& axis : sweep_.axes) {
      const std::string where = fmt::format("/axes/{}", axis.place);
      if (axis.values.empty() && sweep_.search.samples == 0) {
        faults_.push_back(MakeFault(where + "/distribution",
                                    axis.is_logarithmic ? "\"log-uniform\"" : "\"uniform\"",
                                    kind == "grid" ? "\"values\": a grid tries each; or the search \"random\""
                                                   : "\"values\", or /search/samples"));
        has_search_ = false;
      }
      if (kind == "successive-halving" && (axis.pointer == "/training/epochs" || axis.pointer == "/training"))
        faults_.push_back(MakeFault(where + "/pointer", fmt::format("\"{}\"", axis.pointer),
                                    "another field: successive halving sets the epochs itself"));
    }
  }

  void CheckObjective() {
    std::vector<std::string> figures;
    for (const SweepFigure& figure : kSweepFigures) figures.emplace_back(figure.name);
    const Descriptor fields{.kind = "objective",
                            .params = {{.name = "series",
                                        .type = ParamType::kChoice,
                                        .default_value = "test_accuracy",
                                        .choices = figures},
                                       {.name = "goal",
                                        .type = ParamType::kChoice,
                                        .choices = {"maximum", "minimum"},
                                        .optional = true}}};
    const Json objective = file_.value("objective", Json::object());
    if (!objective.is_object()) {
      faults_.push_back(
          MakeFault("/objective", ShowJson(objective), "an object like {\"series\": \"test_accuracy\"}"));
      return;
    }
    const size_t before = faults_.size();
    const Params params = Params::Check(fields, objective, "/objective", faults_);
    if (faults_.size() != before) return;
    sweep_.objective.series = params.Text("series");
    const SweepFigure& figure = kSweepFigures.at(FigureIndex(sweep_.objective.series));
    sweep_.objective.is_maximum =
        params.Has("goal") ? params.Text("goal") == "maximum" : figure.more_is_better;
    if (sweep_.objective.series.ends_with("_to_target") && !file_.contains("target_accuracy"))
      faults_.push_back(MakeFault("/objective/series", fmt::format("\"{}\"", sweep_.objective.series),
                                  "a /target_accuracy beside it, or another figure"));
    if (sweep_.search.resumes && SeriesOfFigure(sweep_.objective.series).empty())
      faults_.push_back(
          MakeFault("/objective/series", fmt::format("\"{}\"", sweep_.objective.series),
                    "test_accuracy, test_loss or train_loss, which a run has at every round; or "
                    "/search/rounds \"anew\""));
  }

  bool CheckCount() {
    int64_t points = sweep_.search.samples;
    if (points == 0) {
      points = 1;
      for (const SweepAxis& axis : sweep_.axes)  // stops long before it could overflow
        if (points <= kMaxSweepRuns) points *= static_cast<int64_t>(axis.values.size());
    }
    if (points * sweep_.repeats <= kMaxSweepRuns) return true;
    faults_.push_back(
        MakeFault("/axes",
                  fmt::format("{}{} runs", points > kMaxSweepRuns ? "more than " : "",
                              std::min(points, kMaxSweepRuns) * sweep_.repeats),
                  fmt::format("at most {}: fewer values or repeats, or a random search", kMaxSweepRuns)));
    return false;
  }

  const Json& file_;
  const SweepText& text_;
  Sweep& sweep_;
  std::vector<Fault>& faults_;
  bool has_search_ = false;
};

}  // namespace

size_t FigureIndex(std::string_view name) {
  const auto found = std::find_if(kSweepFigures.begin(), kSweepFigures.end(),
                                  [&](const SweepFigure& figure) { return figure.name == name; });
  return static_cast<size_t>(found - kSweepFigures.begin());
}

std::string_view SeriesOfFigure(std::string_view figure) {
  for (const auto& [name, series] :
       {std::pair<std::string_view, std::string_view>("test_accuracy", "test/accuracy"),
        {"test_loss", "test/loss"},
        {"train_loss", "train/loss"}})
    if (name == figure) return series;
  return "";
}

absl::StatusOr<CheckedSpec> CheckSpecHere(const std::string& spec_json) {
  SpecCheck check = CheckSpec(spec_json);
  return CheckedSpec{std::move(check.spec.json), std::move(check.faults)};
}

absl::StatusOr<SweepCheck> CheckSweep(const SweepText& text, const SpecChecker& check_spec) {
  SweepCheck check;
  const Json file = ParseJsonText(text.json, check.faults);
  if (file.is_null() && !check.faults.empty()) return check;
  // Where an axis is at fault the others still make points: all faults in one go.
  if (FileChecker(file, text, check).Run()) RETURN_IF_ERROR(AddPoints(check.sweep, check_spec, check.faults));
  return check;
}

}  // namespace concertina
