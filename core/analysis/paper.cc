// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// paper.cc: a paper's file, checked field by field (see paper.h).
#include "core/analysis/paper.h"

#include <algorithm>
#include <cassert>
#include <cctype>
#include <cmath>

#include "core/analysis/paper_files.h"
#include "core/base/json_text.h"
#include "fmt/format.h"
#include "fmt/ranges.h"
#include "nlohmann/json.hpp"

namespace concertina {
namespace {

using Ordered = nlohmann::ordered_json;  // a spec keeps the order of its fields

constexpr size_t kMaxRuns = 16, kMaxMeasures = 32, kMaxTextBytes = 1000, kMaxNameBytes = 80;
constexpr int64_t kMaxSteps = 1000000;

const std::vector<std::string> kSummaryFigures = {"test_accuracy",
                                                  "test_loss",
                                                  "train_loss",
                                                  "epochs",
                                                  "steps",
                                                  "seconds",
                                                  "samples_per_second",
                                                  "bytes_sent",
                                                  "payload_bytes_sent",
                                                  "messages_sent",
                                                  "parameters",
                                                  "peak_memory_bytes",
                                                  "compression_ratio"};
const std::vector<std::string> kUnits = {"number", "count", "share", "points", "bytes", "times", "seconds"};
const std::vector<std::string> kFolds = {"median", "mean", "last", "least", "most"};
const std::vector<std::string> kFigureKinds = {"summary", "to-accuracy", "series", "recipe"};

ParamSpec TextField(const char* name, const char* doc, bool is_optional = false) {
  return {.name = name, .type = ParamType::kText, .doc = doc, .optional = is_optional};
}

ParamSpec NumberField(const char* name) {
  return {.name = name, .minimum = -1e15, .maximum = 1e15, .optional = true};
}

ParamSpec ChoiceField(const char* name, const std::vector<std::string>& choices) {
  return {.name = name, .type = ParamType::kChoice, .default_value = choices[0].c_str(), .choices = choices};
}

ParamSpec StepField(const char* name, DefaultValue value, int64_t least) {
  return {.name = name,
          .type = ParamType::kInteger,
          .default_value = std::move(value),
          .minimum = static_cast<double>(least),
          .maximum = static_cast<double>(kMaxSteps)};
}

Descriptor BandFields() {
  return {.kind = "a band",
          .params = {NumberField("low"), NumberField("high"),
                     TextField("reason", "why the band is as wide as it is")}};
}

Descriptor FigureFields(const std::string& kind) {
  Descriptor fields{.kind = kind};
  if (kind == "summary") {
    fields.params = {{.name = "name",
                      .type = ParamType::kChoice,
                      .choices = kSummaryFigures,
                      .doc = "what the summary of a run calls it"}};
  } else if (kind == "to-accuracy") {
    fields.params = {{.name = "accuracy", .minimum = 0, .maximum = 1, .doc = "the test accuracy to reach"},
                     ChoiceField("x", {"epoch", "step", "seconds", "bytes"})};
  } else if (kind == "series") {
    fields.params = {TextField("name", "a series like train/loss"), ChoiceField("fold", kFolds),
                     StepField("skip", 0, 0)};
  } else {
    fields.params = {TextField("name", "a figure of a recipe's step, like file_bytes"),
                     StepField("step", -1, -1)};
  }
  return fields;
}

template <class Value>
Value ChosenOf(const std::vector<std::string>& names, const std::string& name) {
  return static_cast<Value>(std::find(names.begin(), names.end(), name) - names.begin());
}

bool IsPlainText(const std::string& text, size_t most_bytes) {
  return !text.empty() && text.size() <= most_bytes &&
         std::none_of(text.begin(), text.end(), [](unsigned char c) { return c < 0x20; });
}

class PaperReader {
 public:
  PaperReader(const Json& file, const std::string& text, PaperCheck& check)
      : file_(file), paper_(check.paper), faults_(check.faults), ordered_(Ordered::parse(text)) {}

  void Read() {
    ReadHead();
    ReadRuns();
    ReadMeasures();
  }

 private:
  void Fail(std::string pointer, std::string found, std::string expected, std::string suggestion = "") {
    faults_.push_back(
        MakeFault(std::move(pointer), std::move(found), std::move(expected), std::move(suggestion)));
  }
  std::string Shown(const Json& object, const char* name) {
    return object.contains(name) ? ShowJson(object.at(name)) : "nothing";
  }
  // The fields of `object` without those that are read apart; nothing if one is wrong.
  std::optional<Params> Plain(const Descriptor& fields, Json object, const std::string& pointer,
                              const std::vector<std::string>& apart = {}) {
    const size_t before = faults_.size();
    if (object.is_object())
      for (const std::string& name : apart) object.erase(name);
    Params params = Params::Check(fields, object, pointer, faults_);
    for (const ParamSpec& field : fields.params)
      if (faults_.size() == before && field.type == ParamType::kText && params.Has(field.name) &&
          !IsPlainText(params.Text(field.name), kMaxTextBytes))
        Fail(pointer + "/" + field.name, ShowJson(object.at(field.name)),
             fmt::format("one line of 1 to {} bytes", kMaxTextBytes));
    return faults_.size() == before ? std::optional(std::move(params)) : std::nullopt;
  }

  void ReadHead() {
    const Descriptor fields = {
        .kind = "a paper",
        .params = {TextField("title", "what it is called in a list"),
                   TextField("citation", "authors, title, where and when"),
                   TextField("place", "the table or figure"),
                   TextField("claim", "what it says, in a sentence"),
                   TextField("difference", "how the setting here differs from the paper's")}};
    if (const auto head = Plain(fields, file_, "", {"base", "runs", "measures", "quick"})) {
      paper_.title = head->Text("title");
      paper_.citation = head->Text("citation");
      paper_.place = head->Text("place");
      paper_.claim = head->Text("claim");
      paper_.difference = head->Text("difference");
      if (paper_.title.size() > kMaxNameBytes)
        Fail("/title", ShowJson(file_.at("title")), fmt::format("at most {} bytes", kMaxNameBytes));
    }
    if (!file_.contains("quick")) return;
    if (const auto quick = Plain({.kind = "a quick setting",
                                  .params = {TextField("difference", "how it differs from the whole one")}},
                                 file_.at("quick"), "/quick", {"set"}))
      paper_.quick_difference = quick->Text("difference");
  }

  // `changes` made in `spec`; the first fault ends it.
  void Change(Ordered& spec, const Ordered& holder, const std::string& pointer) {
    if (!holder.is_object() || !holder.contains("set")) return;
    const Ordered& changes = holder.at("set");
    if (!changes.is_object()) return Fail(pointer, ShowJson(Json(changes)), "an object {POINTER: value}");
    for (const auto& [where, value] : changes.items()) {
      try {
        if (where.empty() || where == "/name") throw std::invalid_argument("names are given");
        // A list is filled up to the index that is named.
        constexpr size_t kMostDigits = 4;
        for (Ordered::json_pointer at(where); !at.empty(); at.pop_back())
          if (at.back().size() > kMostDigits &&
              std::all_of(at.back().begin(), at.back().end(),
                          [](unsigned char c) { return std::isdigit(c) != 0; }))
            throw std::invalid_argument("an index that leads nowhere");
        spec[Ordered::json_pointer(where)] = value;
      } catch (const std::exception&) {  // nlohmann's, of a pointer that is none or leads nowhere
        return Fail(pointer + "/" + EscapePointer(where), "\"" + Shortened(where) + "\"",
                    "a JSON pointer into the experiment like /training/epochs; its name is given by the "
                    "title");
      }
    }
  }

  void ReadRuns() {
    const Ordered base = ordered_.value("base", Ordered());
    if (!base.is_object()) Fail("/base", Shown(file_, "base"), "an experiment {…}");
    const Json runs = file_.value("runs", Json());
    if (!runs.is_array() || runs.empty() || runs.size() > kMaxRuns)
      return Fail("/runs", Shown(file_, "runs"), fmt::format("a list of 1 to {} runs", kMaxRuns));
    bool is_quick_wrong = false;
    for (size_t i = 0; i < runs.size(); ++i) {
      const std::string where = fmt::format("/runs/{}", i);
      const auto fields = Plain(
          {.kind = "a run",
           .params = {TextField("id", "a name for the measures"), TextField("title", "what it is called")}},
          runs[i], where, {"set"});
      PaperRun& run = paper_.runs.emplace_back();
      if (!fields) continue;
      run.id = fields->Text("id");
      run.title = fields->Text("title");
      if (run.title.size() > kMaxNameBytes)
        Fail(where + "/title", Shown(runs[i], "title"), fmt::format("at most {} bytes", kMaxNameBytes));
      for (size_t other = 0; other < i; ++other)
        if (paper_.runs[other].id == run.id || paper_.runs[other].title == run.title)
          Fail(where, fmt::format("\"{}\", \"{}\" again", run.id, run.title), "an id and a title of its own");
      if (!base.is_object()) continue;
      Ordered spec = base;
      const Ordered& entry = ordered_.at("runs").at(i);
      Change(spec, entry, where + "/set");
      run.full = Named(spec, fmt::format("{} · {}", paper_.title, run.title));
      if (!paper_.has_quick() || is_quick_wrong) continue;  // else every run would say it again
      const size_t before = faults_.size();
      Change(spec, ordered_.at("quick"), "/quick/set");
      is_quick_wrong = faults_.size() != before;
      run.quick = Named(spec, fmt::format("{} · {} · quick", paper_.title, run.title));
    }
  }

  static PaperSpec Named(const Ordered& spec, const std::string& name) {
    Ordered named = {{"name", name}};
    for (const auto& [key, value] : spec.items())
      if (key != "name") named[key] = value;
    return {name, named.dump(-1, ' ', false, Ordered::error_handler_t::replace)};
  }

  std::optional<size_t> RunCalled(const std::string& id, const std::string& pointer) {
    std::vector<std::string> ids;
    for (size_t i = 0; i < paper_.runs.size(); ++i) {
      if (paper_.runs[i].id == id) return i;
      ids.push_back(paper_.runs[i].id);
    }
    Fail(pointer, "\"" + Shortened(id) + "\"", fmt::format("one of the runs: {}", fmt::join(ids, ", ")),
         NearestName(id, ids));
    return std::nullopt;
  }

  std::optional<PaperBand> BandOf(const Params& params, const std::string& pointer) {
    PaperBand band{.reason = params.Text("reason")};
    if (params.Has("low")) band.low = params.Number("low");
    if (params.Has("high")) band.high = params.Number("high");
    if ((band.low || band.high) && !(band.low && band.high && *band.low > *band.high)) return band;
    Fail(pointer, band.low ? fmt::format("{} to {}", *band.low, *band.high) : "neither \"low\" nor \"high\"",
         "a band with one end at least, the low one not above the high one");
    return std::nullopt;
  }

  std::optional<PaperFigure> FigureOf(const Json& measure, const std::string& pointer) {
    const Json figure = measure.value("figure", Json());
    const std::string kind = figure.is_object() && figure.value("kind", Json()).is_string()
                                 ? figure.at("kind").get<std::string>()
                                 : "";
    if (std::find(kFigureKinds.begin(), kFigureKinds.end(), kind) == kFigureKinds.end()) {
      Fail(pointer + (figure.is_object() ? "/kind" : ""),
           figure.is_object() ? Shown(figure, "kind") : Shown(measure, "figure"),
           fmt::format("an object whose \"kind\" is one of {}", fmt::join(kFigureKinds, ", ")),
           NearestName(kind, kFigureKinds));
      return std::nullopt;
    }
    const auto params = Plain(FigureFields(kind), figure, pointer);
    if (!params) return std::nullopt;
    PaperFigure made{.kind = ChosenOf<PaperFigure::Kind>(kFigureKinds, kind)};
    switch (made.kind) {
      case PaperFigure::Kind::kSummary:
        made.name = params->Text("name");
        break;
      case PaperFigure::Kind::kToAccuracy:
        made.accuracy = params->Number("accuracy");
        made.x = params->Text("x");
        break;
      case PaperFigure::Kind::kSeries:
        made.name = params->Text("name");
        made.x = "step";
        made.fold = ChosenOf<PaperFigure::Fold>(kFolds, params->Text("fold"));
        made.skip = params->Integer("skip");
        break;
      case PaperFigure::Kind::kRecipe:
        made.name = params->Text("name");
        made.step = params->Integer("step");
        break;
    }
    return made;
  }

  void ReadMeasures() {
    const Json measures = file_.value("measures", Json());
    if (!measures.is_array() || measures.empty() || measures.size() > kMaxMeasures)
      return Fail("/measures", Shown(file_, "measures"), fmt::format("a list of 1 to {}", kMaxMeasures));
    Descriptor fields = BandFields();
    fields.kind = "a measure";
    for (ParamSpec field : {TextField("title", "what is measured"), TextField("run", "the id of the run"),
                            TextField("against", "", true), ChoiceField("by", {"difference", "ratio"}),
                            ChoiceField("unit", kUnits)})
      fields.params.push_back(std::move(field));
    fields.params.push_back({.name = "against_step",
                             .type = ParamType::kInteger,
                             .minimum = -1,
                             .maximum = static_cast<double>(kMaxSteps),
                             .optional = true});
    for (size_t i = 0; i < measures.size(); ++i) {
      const std::string where = fmt::format("/measures/{}", i);
      const auto params = Plain(fields, measures[i], where, {"figure", "published", "quick"});
      if (!params) continue;
      PaperMeasure& measure = paper_.measures.emplace_back();
      measure.title = params->Text("title");
      measure.is_ratio = params->Text("by") == "ratio";
      measure.unit = ChosenOf<PaperUnit>(kUnits, params->Text("unit"));
      if (const auto run = RunCalled(params->Text("run"), where + "/run")) measure.run = *run;
      if (params->Has("against")) measure.against = RunCalled(params->Text("against"), where + "/against");
      if (const auto figure = FigureOf(measures[i], where + "/figure")) measure.figure = *figure;
      if (params->Has("against_step")) {
        measure.against_step = params->Integer("against_step");
        if (measure.against || measure.figure.kind != PaperFigure::Kind::kRecipe)
          Fail(where + "/against_step", Shown(measures[i], "against_step"),
               "only with a figure of a recipe, and not with \"against\"");
      }
      if (const auto band = BandOf(*params, where)) measure.band = *band;
      ReadPublished(measures[i], where + "/published", measure);
      if (!measures[i].contains("quick")) continue;
      if (!paper_.has_quick())
        Fail(where + "/quick", Shown(measures[i], "quick"), "nothing where the paper has no \"quick\"");
      if (const auto quick = Plain(BandFields(), measures[i].at("quick"), where + "/quick"))
        measure.quick_band = BandOf(*quick, where + "/quick");
    }
  }

  void ReadPublished(const Json& object, const std::string& pointer, PaperMeasure& measure) {
    const Json published = object.value("published", Json());
    if (published.is_number() && std::isfinite(published.get<double>()))
      measure.published = published.get<double>();
    else if (published.is_string() && IsPlainText(published.get<std::string>(), kMaxNameBytes))
      measure.published_words = published.get<std::string>();
    else
      Fail(pointer, Shown(object, "published"),
           "the published number, or, where the paper gives none, its words in one short line");
  }

  const Json& file_;
  Paper& paper_;
  std::vector<Fault>& faults_;
  const Ordered ordered_;
};

// Every field of `wanted` is in `found`, with that value.
bool Covers(const Json& found, const Json& wanted) {
  if (wanted.is_object()) {
    if (!found.is_object()) return false;
    for (const auto& [name, value] : wanted.items())
      if (!found.contains(name) || !Covers(found.at(name), value)) return false;
    return true;
  }
  if (!wanted.is_array()) return found == wanted;  // 1 and 1.0 are one number
  if (!found.is_array() || found.size() != wanted.size()) return false;
  for (size_t i = 0; i < wanted.size(); ++i)
    if (!Covers(found[i], wanted[i])) return false;
  return true;
}

}  // namespace

bool PaperBand::Holds(double value) const {
  return !std::isnan(value) && (!low || value >= *low) && (!high || value <= *high);
}

PaperCheck CheckPaper(std::string_view id, const std::string& text) {
  PaperCheck check;
  check.paper.id = id;
  const Json file = ParseJsonText(text, check.faults);
  if (!check.faults.empty()) return check;
  if (!file.is_object()) {
    check.faults.push_back(
        MakeFault("", ShowJson(file), "an object like {\"title\": …, \"runs\": […], \"measures\": […]}"));
    return check;
  }
  PaperReader(file, text, check).Read();
  return check;
}

bool IsPaperRun(const PaperSpec& paper, std::string_view run_name, const std::string& run_spec_json) {
  if (paper.name.empty() || run_name != paper.name) return false;
  const Json wanted = Json::parse(paper.json, nullptr, /*allow_exceptions=*/false);
  const Json found = Json::parse(run_spec_json, nullptr, /*allow_exceptions=*/false);
  return found.is_object() && Covers(found, wanted);
}

const std::vector<Paper>& PapersHere() {
  static const auto* papers = [] {
    auto* made = new std::vector<Paper>;
    for (const PaperFile& file : PaperFiles()) {
      PaperCheck check = CheckPaper(file.id, std::string(file.json));
      assert(check.faults.empty());  // tests/core/analysis/paper_test.cc
      if (check.faults.empty()) made->push_back(std::move(check.paper));
    }
    return made;
  }();
  return *papers;
}

absl::StatusOr<Paper> FindPaper(std::string_view id) {
  std::vector<std::string> ids;
  for (const Paper& paper : PapersHere()) {
    if (paper.id == id) return paper;
    ids.push_back(paper.id);
  }
  const std::string nearest = NearestName(id, ids);
  return absl::NotFoundError(
      fmt::format("no paper \"{}\"; there are {}{}", Shortened(std::string(id)), fmt::join(ids, ", "),
                  nearest.empty() ? "" : fmt::format("; did you mean \"{}\"?", nearest)));
}

}  // namespace concertina
