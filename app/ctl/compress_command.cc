// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// compress_command.cc: compress: a trained model through a recipe, and what each step made of it; recipe: the
// same table of a run that had one, or one of its steps from the inside.
#include <cmath>
#include <filesystem>
#include <memory>

#include "app/ctl/commands.h"
#include "app/ctl/download.h"
#include "app/ctl/follow.h"
#include "app/ctl/output.h"
#include "app/ctl/recipe_report.h"
#include "app/ctl/step_detail_text.h"
#include "core/base/file.h"
#include "core/experiment/spec.h"
#include "core/proto/engine_launch.h"
#include "fmt/format.h"

namespace concertina::ctl {
namespace {

constexpr size_t kMaxRecipeBytes = size_t{1} << 20;

struct CompressArguments {
  std::string model, recipe, spec, out, report;
  std::vector<std::string> set;
};

// The steps of a recipe as the engine has written them down: [{"step", "text", "figures"}].
absl::StatusOr<Json> RecipeSteps(Connection& engine, const std::string& run) {
  proto::RunRequest request;
  request.set_run(run);
  ASSIGN_OR_RETURN(const proto::ListEventsReply reply,
                   engine.Call(&proto::Engine::Stub::ListEvents, request));
  Json steps = Json::array();
  for (const proto::RunEvent& event : reply.events())
    if (event.kind() == "recipe")
      if (Json step = Json::parse(event.json(), nullptr, false); step.is_object())
        steps.push_back(std::move(step));
  return steps;
}

double Figure(const Json& step, const char* name) {
  const auto figures = step.find("figures");
  if (figures == step.end() || !figures->is_object()) return NAN;
  const auto value = figures->find(name);
  return value != figures->end() && value->is_number() ? value->get<double>() : NAN;
}

std::string RecipeTable(const Json& steps) {
  std::vector<std::vector<std::string>> rows;
  for (const Json& step : steps)
    rows.push_back({step.value("text", ""), BytesText(Figure(step, "file_bytes")),
                    fmt::format("{:.2f}", Figure(step, "ratio")),
                    fmt::format("{:.2f} %", 100 * Figure(step, "test_accuracy")),
                    fmt::format("{:+.2f}", 0.0 - 100 * Figure(step, "accuracy_lost")),
                    CountText(Figure(step, "parameters")), CountText(Figure(step, "nonzeros")),
                    CountText(Figure(step, "macs")),
                    fmt::format("{:.3f}", 1e3 * Figure(step, "latency_p50_seconds")),
                    fmt::format("{:.3f}", 1e3 * Figure(step, "latency_p99_seconds"))});
  return TableText({"step", "file", "ratio", "accuracy", "points", "parameters", "not zero", "multiply-adds",
                    "ms (median)", "ms (99 %)"},
                   rows);
}

Outcome PrintRecipe(const CommonOptions& options, Connection& engine, const proto::RunSummary& run,
                    Json more = {}) {
  const auto steps = RecipeSteps(engine, run.run());
  if (!steps.ok()) return {steps.status()};
  if (options.json) {
    Json json = {
        {"run", run.run()}, {"name", run.name()}, {"state", StateName(run.state())}, {"error", run.error()}};
    json["steps"] = *steps;
    if (more.is_object()) json.update(more);
    PrintJson(json);
  } else if (steps->empty()) {
    PrintText(fmt::format("run {} has no step of a recipe yet\n", run.run()));
  } else {
    PrintText(RecipeTable(*steps));
  }
  return {};
}

struct RecipeArguments {
  std::string run, report;
  int64_t step = -1;  // all of them
};

Outcome ShowRecipe(const CommonOptions& options, const RecipeArguments& arguments) {
  if (!arguments.report.empty())
    if (const absl::Status can = CheckRecipeReport(arguments.report); !can.ok()) return {can};
  absl::StatusOr<Connection> engine = Connection::Open(options);
  if (!engine.ok()) return {engine.status()};
  const auto run = engine->FindRun(arguments.run);
  if (!run.ok()) return {run.status()};
  if (!arguments.report.empty())
    if (const absl::Status written = WriteRecipeReport(*engine, *run, arguments.report); !written.ok())
      return {written};
  if (arguments.step < 0) return PrintRecipe(options, *engine, *run);
  proto::GetRecipeStepRequest of_step;
  of_step.set_run(run->run());
  of_step.set_index(arguments.step);
  const auto reply = engine->Call(&proto::Engine::Stub::GetRecipeStep, of_step, kSeriesDeadlineSeconds);
  if (!reply.ok()) return {reply.status()};
  const auto detail = ReadStepDetail(reply->json());
  if (!detail.ok()) return {detail.status()};
  if (options.json) {
    Json json = Json::parse(reply->json(), nullptr, false);
    json["run"] = run->run();
    PrintJson(json);
  } else {
    PrintText(StepDetailText(*detail));
  }
  return {};
}

// A file with a list, or with {"recipe": […]}; or the list itself.
absl::StatusOr<Json> ReadRecipe(const std::string& argument) {
  std::string text = argument;
  if (!argument.starts_with("[")) {
    auto read = ReadFile(argument == "-" ? "/dev/stdin" : argument, kMaxRecipeBytes);
    if (!read.ok()) return Annotate(read.status(), "the recipe");
    text = *std::move(read);
  }
  Json json = Json::parse(text, nullptr, false);
  if (json.is_object() && json.contains("recipe")) json = Json(json["recipe"]);
  if (!json.is_array() || json.empty())
    return absl::InvalidArgumentError(
        fmt::format("the recipe {}: expected a list of steps like [{{\"kind\": \"prune-l1\", \"amount\": "
                    "0.5}}, {{\"kind\": "
                    "\"retrain\", \"epochs\": 1}}, {{\"kind\": \"int8\"}}]; `concertinactl describe "
                    "compressor` lists them",
                    argument.starts_with("[") ? "itself" : argument));
  return json;
}

// MODEL as a file, and the experiment that it was trained in, where that is known.
struct Source {
  std::string path, spec_json = "{}", name;
};
absl::StatusOr<Source> FindModel(const CommonOptions& options, Connection& engine, const std::string& model) {
  namespace fs = std::filesystem;
  std::error_code error;
  if (fs::is_regular_file(model, error)) {
    const fs::path path = fs::absolute(model, error);
    return Source{.path = path.string(), .name = path.filename().string()};
  }
  const auto run = engine.FindRun(model);
  if (!run.ok())
    return absl::InvalidArgumentError(fmt::format(
        "MODEL \"{}\": there is no such file, and no such run ({}); expected a run's id, or a .edge, .onnx "
        "or .safetensors file",
        model, std::string(run.status().message())));
  const std::string home = options.home.empty() ? DefaultHome() : fs::absolute(options.home, error).string();
  Source source{.path = fmt::format("{}/models/{}.edge", home, run->run()),
                .spec_json = run->spec_json(),
                .name = run->name()};
  RETURN_IF_ERROR(MakeFolder(home + "/models"));
  Interrupts interrupts(engine, run->run(), /*stops_run=*/false);
  RETURN_IF_ERROR(Download(engine, run->run(), "edge", source.path, {.interrupts = &interrupts}).status);
  return source;
}

Outcome Compress(const CommonOptions& options, const CompressArguments& arguments) {
  if (!arguments.report.empty())
    if (const absl::Status can = CheckRecipeReport(arguments.report); !can.ok()) return {can};
  const auto recipe = ReadRecipe(arguments.recipe);
  if (!recipe.ok()) return {recipe.status()};
  absl::StatusOr<Connection> engine = Connection::Open(options);
  if (!engine.ok()) return {engine.status()};
  auto source = FindModel(options, *engine, arguments.model);
  if (!source.ok()) return {source.status()};
  if (!arguments.spec.empty()) {
    auto given = ReadSpec(arguments.spec, {});
    if (!given.ok()) return {given.status()};
    source->spec_json = *std::move(given);
  }
  Json spec = Json::parse(source->spec_json, nullptr, false);
  if (!spec.is_object()) return {absl::InvalidArgumentError("--spec: is not a JSON object")};
  // "LeNet-5: prune-l1, retrain, int8"
  std::string compressed = source->name;
  for (size_t i = 0; i < recipe->size(); ++i)
    if ((*recipe)[i].is_object() && (*recipe)[i].contains("kind") && (*recipe)[i]["kind"].is_string())
      compressed += (i == 0 ? ": " : ", ") + (*recipe)[i]["kind"].get<std::string>();
  spec["name"] = compressed.size() <= 200 ? compressed : source->name;
  spec["model"] = {{"kind", "file"}, {"path", source->path}};
  spec["training"]["epochs"] = 0;
  spec["training"]["max_steps"] = 0;
  spec["training"]["checkpoint_every_steps"] = 0;
  spec.erase("knobs");  // they were for the training before
  spec.erase("faults");
  spec["recipe"] = *recipe;
  std::string text = spec.dump(-1, ' ', false, Json::error_handler_t::replace);  // a path may be no UTF-8
  for (const std::string& assignment : arguments.set) {
    auto changed = SetInSpec(text, assignment);
    if (!changed.ok()) return {changed.status()};
    text = *std::move(changed);
  }
  proto::SubmitRequest request;
  request.set_spec_json(text);
  const auto submitted = engine->Call(&proto::Engine::Stub::Submit, request, kSpecDeadlineSeconds);
  if (!submitted.ok()) return {submitted.status()};
  if (!submitted->faults().empty()) return ReportFaults(options, submitted->faults());

  Interrupts interrupts(*engine, submitted->run(), /*stops_run=*/true);
  ProgressBar bar;
  const absl::Status followed = Follow(*engine, submitted->run(), /*metrics=*/false, interrupts,
                                       [&](const proto::WatchMessage& message) {
                                         if (message.has_summary()) bar.Update(message.summary());
                                       });
  if (!followed.ok() && !interrupts.interrupted()) return {followed};
  proto::RunRequest ended;
  ended.set_run(submitted->run());
  const auto run = engine->Call(&proto::Engine::Stub::GetRun, ended);
  if (!run.ok()) return {run.status()};
  Json more = Json::object();
  if (!arguments.out.empty() && run->state() == proto::FINISHED) {
    const std::string format = arguments.out.ends_with(".onnx")          ? "onnx"
                               : arguments.out.ends_with(".safetensors") ? "safetensors"
                                                                         : "edge";
    const Downloaded written =
        Download(*engine, run->run(), format, arguments.out, {.interrupts = &interrupts});
    if (!written.status.ok())
      return {Annotate(written.status, fmt::format("run {} has finished; its model", run->run()))};
    more["files"] = written.files;
  }
  // Of a recipe that failed, too: its report says how far it came, and why not further.
  if (!arguments.report.empty())
    if (const absl::Status written = WriteRecipeReport(*engine, *run, arguments.report); !written.ok())
      return {Annotate(written, fmt::format("run {} has ended; its report", run->run()))};
  const Outcome printed = PrintRecipe(options, *engine, *run, std::move(more));
  if (!printed.status.ok()) return printed;
  if (run->state() == proto::FAILED && !options.json)
    Tell("concertinactl: run {}: {}\n", run->run(), run->error());
  if (interrupts.interrupted()) return {absl::OkStatus(), ExitCode::kInterrupted};
  return {absl::OkStatus(), run->state() == proto::FAILED ? ExitCode::kRunFailed : ExitCode::kWell};
}

}  // namespace

void AddCompressCommand(CLI::App& app, Action& action) {
  auto arguments = std::make_shared<CompressArguments>();
  CLI::App* compress = app.add_subcommand(
      "compress", "Make a trained model smaller by a recipe; size, accuracy and latency after each step");
  compress->add_option("model", arguments->model, "A run, or a .edge, .onnx or .safetensors file")
      ->required();
  compress
      ->add_option("recipe", arguments->recipe,
                   "A file with a list of steps, the list itself, or - for standard input")
      ->required();
  compress->add_option("--spec", arguments->spec,
                       "Experiment file whose dataset, optimiser and workers serve; else the run's own");
  compress->add_option("--set", arguments->set,
                       "POINTER=JSON: change a field first, e.g. /workers/0/count=4");
  compress->add_option("--out", arguments->out, "Write the model: FILE.edge, .onnx or .safetensors");
  compress->add_option("--report", arguments->report,
                       "Write what each step made of it as a page: FILE.html or .pdf");
  compress->callback([arguments, &action] {
    action = [arguments](const CommonOptions& options) { return Compress(options, *arguments); };
  });

  auto of_recipe = std::make_shared<RecipeArguments>();
  CLI::App* recipe = app.add_subcommand("recipe", "What each step of a run's recipe made of its model");
  recipe->add_option("run", of_recipe->run, "Run id, a unique beginning of one, or last")->required();
  recipe
      ->add_option("--step", of_recipe->step,
                   "One step from the inside: layers, confusion, answers that changed; 0 is the model as it "
                   "was trained")
      ->check(CLI::NonNegativeNumber);
  recipe->add_option("--report", of_recipe->report, "Write it as a page as well: FILE.html or .pdf");
  recipe->callback([of_recipe, &action] {
    action = [of_recipe](const CommonOptions& options) { return ShowRecipe(options, *of_recipe); };
  });
}

}  // namespace concertina::ctl
