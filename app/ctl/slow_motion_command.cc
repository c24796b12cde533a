// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// slow_motion_command.cc: slow-motion: the messages of a run one at a time, on the real processes or as they
// were recorded.
#include <algorithm>
#include <chrono>
#include <memory>
#include <thread>

#include "CLI/App.hpp"
#include "CLI/Error.hpp"
#include "CLI/Validators.hpp"
#include "app/ctl/commands.h"
#include "app/ctl/output.h"
#include "app/ctl/recorded_spans.h"
#include "core/analysis/message_replay.h"
#include "core/base/clock.h"
#include "core/base/file.h"
#include "core/proto/rank_message.h"
#include "fmt/format.h"

namespace concertina::ctl {
namespace {

constexpr double kMoveSeconds =
    10;  // that messages are waited for which were let go: ranks compute meanwhile
constexpr auto kMovePeriod = std::chrono::milliseconds(20);
constexpr size_t kShownMessages = 40;

struct MotionArguments {
  std::string run, clip;
  int64_t next = 0, record = 0, recording = 0;
  bool on = false, step = false, off = false;
};

using MotionRequest = proto::SlowMotionRequest;

absl::StatusOr<proto::SlowMotionReply> AskMotion(Connection& engine, const std::string& run,
                                                 MotionRequest::Action action, int64_t messages = 0,
                                                 uint64_t after = 0) {
  MotionRequest request;
  request.set_run(run);
  request.set_action(action);
  request.set_messages(messages);
  request.set_after(after);
  return engine.Call(&proto::Engine::Stub::SlowMotion, request);
}

ReplayMessage ToReplay(const proto::RankMessage& said) {
  return LivedMessage(FromRankMessage(said), static_cast<double>(said.order()));
}

std::string MessagesText(const std::vector<ReplayMessage>& messages, size_t most) {
  std::vector<std::vector<std::string>> rows;
  for (size_t i = messages.size() - std::min(most, messages.size()); i < messages.size(); ++i) {
    const ReplayMessage& message = messages[i];
    rows.push_back({std::to_string(message.step), std::to_string(message.from), std::to_string(message.to),
                    BytesText(static_cast<double>(message.bytes)), MessageText(message.note)});
  }
  return TableText({"step", "from", "to", "bytes", "what"}, rows);
}

Json MotionJson(const MessageReplay& replay, const std::string& run) {
  return Json::parse(ReplayJson(replay, run).dump());
}

// What has moved since `after`, once `wanted` have, or some time has passed in which none did.
absl::StatusOr<proto::SlowMotionReply> AwaitMoved(Connection& engine, const std::string& run, uint64_t after,
                                                  uint64_t wanted) {
  uint64_t moved = after;
  for (Deadline deadline = Deadline::After(kMoveSeconds);;) {
    ASSIGN_OR_RETURN(proto::SlowMotionReply reply, AskMotion(engine, run, MotionRequest::LOOK, 0, after));
    const bool is_at_end = reply.moved_count() >= after + wanted || !reply.on();
    if (is_at_end || deadline.Passed()) return reply;
    if (reply.moved_count() > moved) deadline = Deadline::After(kMoveSeconds);
    moved = reply.moved_count();
    std::this_thread::sleep_for(kMovePeriod);
  }
}

absl::StatusOr<proto::SlowMotionReply> Steer(Connection& engine, const std::string& run,
                                             const MotionArguments& arguments) {
  if (arguments.on) RETURN_IF_ERROR(AskMotion(engine, run, MotionRequest::BEGIN).status());
  if (arguments.off) return AskMotion(engine, run, MotionRequest::LEAVE);
  ASSIGN_OR_RETURN(const proto::SlowMotionReply before, AskMotion(engine, run, MotionRequest::LOOK));
  if (arguments.next != 0) {
    RETURN_IF_ERROR(AskMotion(engine, run, MotionRequest::NEXT, arguments.next).status());
    return AwaitMoved(engine, run, before.moved_count(), static_cast<uint64_t>(arguments.next));
  }
  if (arguments.step) {
    RETURN_IF_ERROR(AskMotion(engine, run, MotionRequest::STEP).status());
    // Until one of a later step waits: then all of this one have gone.
    for (const Deadline deadline = Deadline::After(kMoveSeconds);;) {
      ASSIGN_OR_RETURN(proto::SlowMotionReply reply,
                       AskMotion(engine, run, MotionRequest::LOOK, 0, before.moved_count()));
      if (!reply.waiting().empty() || !reply.on() || deadline.Passed()) return reply;
      std::this_thread::sleep_for(kMovePeriod);
    }
  }
  return before;
}

Outcome ShowReply(const CommonOptions& options, const std::string& run, const proto::SlowMotionReply& reply) {
  MessageReplay moved;
  for (const proto::RankMessage& message : reply.moved()) moved.messages.push_back(ToReplay(message));
  std::vector<ReplayMessage> waiting;
  for (const proto::RankMessage& message : reply.waiting()) waiting.push_back(ToReplay(message));
  if (options.json) {
    Json json = {{"run", run},
                 {"on", reply.on()},
                 {"step", reply.step()},
                 {"moved", reply.moved_count()},
                 {"obstacle", reply.obstacle()}};
    json["messages"] = MotionJson(moved, run)["messages"];
    MessageReplay others;
    others.messages = waiting;
    json["waiting"] = MotionJson(others, run)["messages"];
    PrintJson(json);
    return {};
  }
  if (!reply.on()) {
    PrintText(reply.obstacle().empty() ? "not in slow motion; `--on` begins it\n"
                                       : fmt::format("not in slow motion: {}\n", reply.obstacle()));
    return {};
  }
  std::string text;
  if (!moved.messages.empty()) text += MessagesText(moved.messages, kShownMessages);
  text += fmt::format("step {}, {} gone so far\n",
                      reply.step() < 0 ? "not begun" : CountText(static_cast<double>(reply.step())),
                      CountText(static_cast<double>(reply.moved_count())));
  text += waiting.empty() ? std::string("nothing waits: ranks compute, or wait for what is to come\n")
                          : "waiting, the first goes next:\n" + MessagesText(waiting, waiting.size());
  PrintText(text);
  return {};
}

Outcome ShowRecorded(const CommonOptions& options, Connection& engine, const proto::RunSummary& run,
                     const MotionArguments& arguments) {
  int64_t recording = arguments.recording;
  if (arguments.record > 0) {
    const auto recorded = RecordSteps(engine, run.run(), arguments.record);
    if (!recorded.ok()) return {recorded.status()};
    recording = *recorded;
  }
  const auto ranks = FetchSpans(engine, run, recording);
  if (!ranks.ok()) return {ranks.status()};
  const MessageReplay replay = MakeReplay(*ranks);
  if (replay.is_empty())
    return {absl::NotFoundError(fmt::format(
        "recording {} has no messages: it is of a run of one rank, or older than messages are recorded",
        replay.recording))};
  if (!arguments.clip.empty()) {
    ClipOptions clip{.title = run.name(), .axes = {}};
    for (const proto::Worker& worker : run.workers())
      if (worker.axis_size() == 3)
        clip.axes.push_back({static_cast<int>(worker.axis(0)), static_cast<int>(worker.axis(1)),
                             static_cast<int>(worker.axis(2))});
    const std::string text = arguments.clip.ends_with(".json")  ? ReplayJson(replay, run.run()).dump(1)
                             : arguments.clip.ends_with(".svg") ? ClipSvg(replay, clip)
                                                                : ClipHtml(replay, clip);
    if (const absl::Status written = WriteFileAtomically(arguments.clip, text); !written.ok())
      return {written};
  }
  if (options.json) {
    PrintJson(MotionJson(replay, run.run()));
    return {};
  }
  std::string text = fmt::format("recording {}: {} messages of {} ranks\n", replay.recording,
                                 CountText(static_cast<double>(replay.messages.size())), replay.ranks);
  std::vector<ReplayMessage> first(replay.messages.begin(),
                                   replay.messages.begin() + static_cast<std::ptrdiff_t>(std::min(
                                                                 kShownMessages, replay.messages.size())));
  text += MessagesText(first, kShownMessages);
  if (first.size() < replay.messages.size())
    text += fmt::format("… and {} more; `--json` gives all\n",
                        CountText(static_cast<double>(replay.messages.size() - first.size())));
  if (replay.dropped > 0)
    text += fmt::format("note: {} messages, the oldest, found no room; record fewer steps\n",
                        CountText(static_cast<double>(replay.dropped)));
  PrintText(text);
  return {};
}

Outcome ShowMotion(const CommonOptions& options, const MotionArguments& arguments) {
  absl::StatusOr<Connection> engine = Connection::Open(options);
  if (!engine.ok()) return {engine.status()};
  const auto run = engine->FindRun(arguments.run);
  if (!run.ok()) return {run.status()};
  if (!arguments.clip.empty() || arguments.record > 0 || arguments.recording > 0)
    return ShowRecorded(options, *engine, *run, arguments);
  const auto reply = Steer(*engine, run->run(), arguments);
  if (!reply.ok()) return {reply.status()};
  return ShowReply(options, run->run(), *reply);
}

}  // namespace

void AddSlowMotionCommand(CLI::App& app, Action& action) {
  auto arguments = std::make_shared<MotionArguments>();
  CLI::App* command = app.add_subcommand(
      "slow-motion", "The messages of a run one at a time, on the real processes or as they were recorded");
  command->add_option("run", arguments->run, "Run id, a unique beginning of one, or last")->required();
  CLI::Option* on = command->add_flag("--on", arguments->on, "From now on each message waits for its turn");
  CLI::Option* next =
      command->add_option("--next", arguments->next, "Let the next message go, or so many more")
          ->expected(0, 1);
  CLI::Option* step = command->add_flag("--step", arguments->step, "Let all that is left of this step go");
  CLI::Option* off = command->add_flag("--off", arguments->off, "Leave: the run goes on as before");
  CLI::Option* record = command
                            ->add_option("--record", arguments->record,
                                         "Record so many steps first (the run must be going), and list them")
                            ->check(CLI::Range(1, 1000));
  CLI::Option* recording =
      command->add_option("--recording", arguments->recording, "An earlier recording, by its number");
  CLI::Option* clip = command->add_option(
      "--clip", arguments->clip,
      "Write a recording as a picture that moves (.html, .svg) or as data (.json); the newest unless said");
  next->excludes(step)->excludes(off);
  step->excludes(off);
  on->excludes(off);
  for (CLI::Option* live : {on, next, step, off}) live->excludes(record)->excludes(recording)->excludes(clip);
  command->callback([arguments, next, &action] {
    if (arguments->next < 0)
      throw CLI::ValidationError("--next", fmt::format("found {}, expected 1 or more", arguments->next));
    if (next->count() > 0 && arguments->next == 0) arguments->next = 1;
    action = [arguments](const CommonOptions& options) { return ShowMotion(options, *arguments); };
  });
}

}  // namespace concertina::ctl
