// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// verify_command.cc: verify: the experiment and its counterpart on one worker, both run, their parameters
// compared. What to run and what counts as equal: core/analysis/equality.h.
#include <cmath>
#include <memory>

#include "app/ctl/commands.h"
#include "app/ctl/follow.h"
#include "app/ctl/output.h"
#include "core/analysis/equality.h"
#include "fmt/format.h"

namespace concertina::ctl {
namespace {

constexpr size_t kMostParameterBytes = size_t{4} << 30;

struct VerifyArguments {
  std::string spec;
  std::vector<std::string> set;
  int64_t steps = kEqualitySteps;
};

absl::StatusOr<std::string> ParametersOf(Connection& engine, const std::string& run) {
  grpc::ClientContext context;
  context.set_deadline(WallDeadline(kExportDeadlineSeconds));
  proto::ExportRequest request;
  request.set_run(run);
  request.set_format("safetensors");
  const auto stream = engine.stub().Export(&context, request);
  proto::ExportChunk chunk;
  std::string bytes;
  while (stream->Read(&chunk)) {
    if (bytes.size() + chunk.data().size() > kMostParameterBytes) {
      context.TryCancel();
      stream->Finish();
      return absl::ResourceExhaustedError("the parameters of run " + run + " are more than 4 GiB");
    }
    bytes += chunk.data();
  }
  RETURN_IF_ERROR(FromGrpc(stream->Finish()));
  return bytes;
}

// One of the two runs, from its launch to its parameters.
struct Trained {
  std::string run;
  std::vector<TensorValues> tensors;
};
absl::StatusOr<Trained> TrainOne(Connection& engine, const CommonOptions& options, const std::string& spec) {
  proto::SubmitRequest request;
  request.set_spec_json(spec);
  ASSIGN_OR_RETURN(const proto::SubmitReply submitted,
                   engine.Call(&proto::Engine::Stub::Submit, request, kSpecDeadlineSeconds));
  if (!submitted.faults().empty()) return absl::InvalidArgumentError(submitted.faults(0).message());
  Trained trained = {.run = submitted.run()};
  Interrupts interrupts(engine, trained.run, /*stops_run=*/true);
  ProgressBar bar;
  const absl::Status followed =
      Follow(engine, trained.run, /*metrics=*/false, interrupts, [&](const proto::WatchMessage& message) {
        if (message.has_summary() && !options.json) bar.Update(message.summary(), NAN, NAN);
      });
  if (interrupts.interrupted())
    return absl::CancelledError(fmt::format("interrupted in run {}; nothing was compared", trained.run));
  RETURN_IF_ERROR(followed);
  proto::RunRequest asked;
  asked.set_run(trained.run);
  ASSIGN_OR_RETURN(const proto::RunSummary summary, engine.Call(&proto::Engine::Stub::GetRun, asked));
  if (summary.state() != proto::FINISHED)
    return absl::AbortedError(fmt::format("run {} \"{}\" is {}{}{}; nothing was compared", trained.run,
                                          summary.name(), StateName(summary.state()),
                                          summary.error().empty() ? "" : ": ", summary.error()));
  ASSIGN_OR_RETURN(const std::string file, ParametersOf(engine, trained.run));
  ASSIGN_OR_RETURN(trained.tensors, TensorsOf(file));
  return trained;
}

void Report(const CommonOptions& options, const EqualityPair& pair, const EqualityResult& result,
            const Trained& many, const Trained& one) {
  const std::string sentence = EqualitySentence(pair, result);
  if (options.json) {
    PrintJson({{"verdict", VerdictName(VerdictOf(pair, result))},
               {"sentence", sentence},
               {"reasons", pair.reasons},
               {"workers", pair.workers},
               {"steps", pair.steps},
               {"seed", pair.seed},
               {"seeds_tried", pair.attempt},
               {"absolute_difference", result.absolute},
               {"relative_difference", result.relative},
               {"tensor", result.tensor},
               {"parameters", result.parameters},
               {"different", result.different},
               {"tolerance", pair.meant_equal() ? Json(pair.tolerance) : Json(nullptr)},
               {"tolerance_reason", pair.meant_equal() ? pair.tolerance_reason : ""},
               {"runs", {{"experiment", many.run}, {"one_worker", one.run}}}});
    return;
  }
  std::string text = sentence + "\n";
  for (const std::string& reason : pair.reasons) text += "  " + reason + "\n";
  const auto line = [&text](std::string_view name, const std::string& value) {
    text += fmt::format("  {:<22}{}\n", name, value);
  };
  line("largest difference", fmt::format("{:.3g}", result.absolute));
  line("of its tensor's scale", fmt::format("{:.3g}, in {}", result.relative, result.tensor));
  if (pair.meant_equal()) line("allowed", fmt::format("{:.3g}: {}", pair.tolerance, pair.tolerance_reason));
  line("not the same bits",
       fmt::format("{} of {} parameters", CountText(static_cast<double>(result.different)),
                   CountText(static_cast<double>(result.parameters))));
  line("runs", many.run + ", " + one.run);
  PrintText(text);
}

Outcome Verify(const CommonOptions& options, const VerifyArguments& arguments) {
  const auto spec = ReadSpec(arguments.spec, arguments.set);
  if (!spec.ok()) return {spec.status()};
  absl::StatusOr<Connection> engine = Connection::Open(options);
  if (!engine.ok()) return {engine.status()};
  proto::SpecRequest request;
  request.set_spec_json(*spec);
  const auto checked = engine->Call(&proto::Engine::Stub::Validate, request, kSpecDeadlineSeconds);
  if (!checked.ok()) return {checked.status()};
  if (!checked->valid()) return ReportFaults(options, checked->faults());
  const auto plan = engine->Call(&proto::Engine::Stub::MakePlan, request, kSpecDeadlineSeconds);
  if (!plan.ok()) return {plan.status()};
  if (!plan->faults().empty()) return ReportFaults(options, plan->faults());
  auto pair = MakeEqualityPair(checked->spec_json(), plan->json(), arguments.steps);
  if (!pair.ok()) return {pair.status()};

  for (;;) {
    if (!options.json) Tell("the experiment, {} steps, seed {}\n", pair->steps, pair->seed);
    const auto many = TrainOne(*engine, options, pair->many_json);
    if (!many.ok()) return {many.status()};
    if (!options.json) Tell("the same on one worker\n");
    const auto one = TrainOne(*engine, options, pair->one_json);
    if (!one.ok()) return {one.status()};
    const auto result = CompareTensors(one->tensors, many->tensors);
    if (!result.ok()) return {result.status()};
    if (IsWorthAnotherSeed(*pair, *result)) {
      if (!options.json)
        Tell("apart by {:.3g} of their scale with seed {}; another seed tells whether by chance\n",
             result->relative, pair->seed);
      pair = NextAttempt(*pair);
      continue;
    }
    Report(options, *pair, *result, *many, *one);
    const bool different = VerdictOf(*pair, *result) == EqualityVerdict::kDifferent;
    return {absl::OkStatus(), different ? ExitCode::kRunFailed : ExitCode::kWell};
  }
}

}  // namespace

void AddVerifyCommand(CLI::App& app, Action& action) {
  auto arguments = std::make_shared<VerifyArguments>();
  CLI::App* verify = app.add_subcommand(
      "verify", "Do the workers of an experiment train what one worker would? Runs both and compares");
  verify->add_option("spec", arguments->spec, "Experiment file, or - for standard input")->required();
  verify->add_option("--set", arguments->set, "POINTER=JSON: change a field first");
  verify->add_option("--steps", arguments->steps, "Steps of each")
      ->check(CLI::Range(int64_t{1}, kMaxEqualitySteps));
  verify->callback([arguments, &action] {
    action = [arguments](const CommonOptions& options) { return Verify(options, *arguments); };
  });
}

}  // namespace concertina::ctl
