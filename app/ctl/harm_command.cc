// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// harm_command.cc: "harm RUN RANK kill|freeze|thaw|slow": a worker of a run that goes on is killed, frozen or
// slowed down on purpose.
#include <memory>

#include "CLI/App.hpp"
#include "CLI/Error.hpp"
#include "CLI/Validators.hpp"
#include "app/ctl/commands.h"
#include "app/ctl/connection.h"
#include "app/ctl/output.h"
#include "core/proto/deadlines.h"
#include "fmt/format.h"

namespace concertina::ctl {
namespace {

using HarmRequest = proto::HarmWorkerRequest;

struct HarmArguments {
  std::string run, act;
  int rank = 0;
  double seconds = 0, factor = 4;
};

HarmRequest::Act ActOf(const std::string& word) {
  return word == "kill"     ? HarmRequest::KILL
         : word == "freeze" ? HarmRequest::FREEZE
         : word == "thaw"   ? HarmRequest::THAW
                            : HarmRequest::SLOW;
}

Outcome Harm(const CommonOptions& options, const HarmArguments& arguments) {
  absl::StatusOr<Connection> engine = Connection::Open(options);
  if (!engine.ok()) return {engine.status()};
  const auto run = engine->FindRunId(arguments.run);
  if (!run.ok()) return {run.status()};
  HarmRequest request;
  request.set_run(*run);
  request.set_rank(arguments.rank);
  request.set_act(ActOf(arguments.act));
  request.set_seconds(arguments.seconds);
  if (request.act() == HarmRequest::SLOW) request.set_slowdown(arguments.factor);
  const auto reply = engine->Call(&proto::Engine::Stub::HarmWorker, request, kControlDeadlineSeconds);
  if (!reply.ok()) return {reply.status()};
  if (options.json)
    PrintJson({{"run", *run},
               {"rank", arguments.rank},
               {"act", arguments.act},
               {"step", reply->step()},
               {"text", reply->text()},
               {"recovery", reply->recovery()}});
  else
    PrintText(fmt::format("{}, at step {}\n", reply->text(), CountText(static_cast<double>(reply->step()))));
  return {};
}

}  // namespace

void AddHarmCommand(CLI::App& app, Action& action) {
  auto arguments = std::make_shared<HarmArguments>();
  CLI::App* command = app.add_subcommand(
      "harm",
      "Kill, freeze or slow down one worker of a run that goes on, to see what its strategy tolerates");
  command->add_option("run", arguments->run, "Run id, a unique beginning of one, or last")->required();
  command->add_option("rank", arguments->rank, "The worker, as show lists them")
      ->required()
      ->check(CLI::NonNegativeNumber);
  command->add_option("act", arguments->act, "kill (SIGKILL), freeze (SIGSTOP), thaw or slow")
      ->required()
      ->check(CLI::IsMember({"kill", "freeze", "thaw", "slow"}));
  CLI::Option* seconds =
      command->add_option("--seconds", arguments->seconds, "Of freeze and slow: how long; 0 for ever")
          ->capture_default_str()
          ->check(CLI::Range(0.0, 86400.0));
  CLI::Option* factor = command
                            ->add_option("--factor", arguments->factor,
                                         "Of slow: how many times as long computing takes, above 1")
                            ->capture_default_str()
                            ->check(CLI::Range(1.0, 1000.0));
  command->callback([arguments, seconds, factor, &action] {
    const bool is_slow = arguments->act == "slow";
    if (seconds->count() > 0 && !is_slow && arguments->act != "freeze")
      throw CLI::ValidationError("--seconds", fmt::format("{} has no length", arguments->act));
    if (factor->count() > 0 && !is_slow)
      throw CLI::ValidationError("--factor", fmt::format("{} has no factor", arguments->act));
    action = [arguments](const CommonOptions& options) { return Harm(options, *arguments); };
  });
}

}  // namespace concertina::ctl
