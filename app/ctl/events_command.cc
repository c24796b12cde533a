// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// events_command.cc: events: what happened to a run, in order: knobs, checkpoints, faults, workers lost.
#include "app/ctl/commands.h"
#include "app/ctl/connection.h"
#include "app/ctl/output.h"
#include "fmt/format.h"

namespace concertina::ctl {
namespace {

Outcome Events(const CommonOptions& options, Connection& engine, const proto::RunSummary& run) {
  proto::RunRequest request;
  request.set_run(run.run());
  const auto reply = engine.Call(&proto::Engine::Stub::ListEvents, request);
  if (!reply.ok()) return {reply.status()};
  if (options.json) {
    Json events = Json::array();
    for (const proto::RunEvent& event : reply->events()) events.push_back(EventJson(event));
    PrintJson({{"run", run.run()}, {"events", std::move(events)}});
    return {};
  }
  std::vector<std::vector<std::string>> rows;
  for (const proto::RunEvent& event : reply->events())
    rows.push_back({CountText(static_cast<double>(event.step())), fmt::format("{:.2f}", event.seconds()),
                    event.kind(), event.message()});
  PrintText(rows.empty() ? "Nothing happened yet.\n"
                         : TableText({"step", "seconds", "what", "in words"}, rows));
  return {};
}

}  // namespace

void AddEventsCommand(CLI::App& app, Action& action) {
  AddRunCommand(app, action, "events",
                "What happened to a run: knobs, checkpoints, pauses, faults, workers lost", Events);
}

}  // namespace concertina::ctl
