// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// control_checks.cc: see control_checks.h.
#include "tests/core/engine/simulation/control_checks.h"

#include <algorithm>
#include <functional>

#include "absl/strings/match.h"
#include "core/engine/run_query.h"
#include "nlohmann/json.hpp"

namespace concertina::simulation {
namespace {

using proto::RunState;

constexpr double kRowSeconds = 1;              // from the engine to the disk, and some more
constexpr double kWithoutProcessSeconds = 50;  // one that nobody sees end may still be about to call home
constexpr int64_t kEventsBetweenLooks = 32;

bool IsActive(RunState state) {
  return state == proto::STARTING || state == proto::RUNNING || state == proto::PAUSED;
}

bool MayFollow(RunState before, RunState after) {
  switch (before) {
    case proto::RUN_STATE_UNSPECIFIED:
      return after == proto::QUEUED;
    case proto::QUEUED:
      return after == proto::STARTING || after == proto::FAILED || after == proto::STOPPED;
    case proto::STARTING:
      return after != proto::STARTING && after != proto::QUEUED;
    case proto::RUNNING:
    case proto::PAUSED:
      return after != proto::STARTING;
    case proto::FAILED:
    case proto::STOPPED:
      return after == proto::QUEUED;
    default:
      return false;
  }
}

std::string Name(RunState state) { return state == 0 ? "nothing" : RunStateName(state); }

}  // namespace

class ControlChecks::OfAll final : public RunsOnlooker {
 public:
  explicit OfAll(ControlChecks& checks) : checks_(checks) {}
  void Offer(std::shared_ptr<const proto::RunSummary> summary) override { checks_.OnTold(*summary); }
  void End(const grpc::Status&) override {}

 private:
  ControlChecks& checks_;
};

class ControlChecks::OfOne final : public RunOnlooker {
 public:
  OfOne(World& world, Seen& seen, std::string run) : world_(world), seen_(seen), run_(std::move(run)) {}
  void Offer(std::shared_ptr<const proto::WatchMessage> message) override {
    if (!message->has_event()) return;
    const proto::RunEvent& event = message->event();
    world_.Note("run {}: event {}: {}", run_, event.kind(), event.message());
    seen_.text += event.message() + "\n";
    seen_.was_taken_up |= event.kind() == "engine";
    if (event.kind() != "checkpoint") return;
    const Json json = Json::parse(event.json(), nullptr, false);
    if (json.contains("path")) seen_.checkpoint = std::max(seen_.checkpoint, json.value("step", int64_t{-1}));
  }
  void End(const grpc::Status&) override { seen_.onlooker_has_ended = true; }

 private:
  World& world_;
  Seen& seen_;
  const std::string run_;
};

ControlChecks::ControlChecks(World& world, CrashStore& store, Machines& machines, EngineBox& engine,
                             int64_t cores)
    : world_(world),
      store_(store),
      machines_(machines),
      engine_(engine),
      cores_(cores),
      acknowledged_(world) {
  engine_.make_onlooker = [this] { return std::make_shared<OfAll>(*this); };
  store_.on_value = [this](const std::string& run, double value) {
    if (value == kPoison) world_.Violate("run {}: what an older incarnation measured is stored", run);
  };
  store_.on_truncate = [this](const std::string& run, int64_t step) {
    std::erase_if(runs_[run].rows, [step](const Seen::Row& row) { return row.step >= step; });
  };
  machines_.on_row = [this](const Process& process, int64_t step) {
    if (!IsActive(runs_[process.run].told)) return;
    runs_[process.run].rows.push_back({world_.now(), process.seat, step});
  };
  machines_.on_begin = [this](const Process& process) {
    const Seen& seen = runs_[process.run];
    if (!process.task.has_state() && process.step < seen.checkpoint)
      world_.Violate("run {}: the checkpoint of step {} was told, but rank {} begins at step {}", process.run,
                     seen.checkpoint, process.seat, process.step);
  };
  machines_.on_harm = [this](const Process& process, const std::string& what) {
    Harm(process.run, process.seat, what, RunLimits{}.join + 15);
  };
}

ControlChecks::~ControlChecks() { engine_.make_onlooker = nullptr; }

RunState ControlChecks::StateOf(const std::string& id) {
  if (const Run* run = engine_.table().Live(id)) return run->state();
  const proto::RunSummary* summary = engine_.table().Find(id);
  return summary == nullptr ? proto::RUN_STATE_UNSPECIFIED : summary->state();
}

void ControlChecks::OnTold(const proto::RunSummary& summary) {
  is_dirty_ = true;
  Seen& seen = runs_[summary.run()];
  if (summary.state() == proto::STARTING && seen.told != proto::STARTING) {  // another attempt
    ++seen.attempt;
    seen.harms = 0;
    seen.is_meddled_with = false;
    seen.text.clear();
  }
  seen.text += summary.error() + "\n";
  if (summary.state() != seen.told) OnState(summary.run(), seen, summary.state(), summary.error());
}

void ControlChecks::AfterEvent() {
  if (!engine_.is_up() || engine_.is_gone()) return;
  if (!is_dirty_ && ++events_ % kEventsBetweenLooks != 0) return;
  is_dirty_ = false;
  for (auto& [id, seen] : runs_) {
    if (seen.is_purged) continue;
    if (std::exchange(seen.onlooker_has_ended, false)) {
      engine_.watchers().Remove(seen.onlooker);
      seen.onlooker = nullptr;
    }
    if (seen.onlooker == nullptr && engine_.table().Live(id) != nullptr) {
      seen.onlooker = std::make_shared<OfOne>(world_, seen, id);
      engine_.watchers().Add(id, seen.onlooker, {.metrics = true, .ranks = false});
    }
    const RunState state = StateOf(id);
    if (state == proto::RUN_STATE_UNSPECIFIED) {
      if (!seen.is_binned) world_.Violate("run {} was {}, and is not there any more", id, Name(seen.told));
      continue;
    }
    if (state != seen.told)
      world_.Violate("run {} is {}, and was last told to be {}", id, Name(state), Name(seen.told));
  }
  LookAtProcesses();
}

void ControlChecks::OnState(const std::string& id, Seen& seen, RunState state, const std::string& error) {
  world_.Note("run {} is {}{}{}", id, Name(state), error.empty() ? "" : ": ", error);
  if (seen.checkpoint >= 0 && absl::StrContains(error, "has no checkpoint to go on from"))
    world_.Violate("run {}: the checkpoint of step {} was told, and: {}", id, seen.checkpoint, error);
  const bool is_deleted = state == proto::RUN_STATE_UNSPECIFIED;
  const bool is_restored =
      seen.was_meddled_with && seen.told == proto::RUN_STATE_UNSPECIFIED && HasEnded(state);
  if (!is_deleted && !is_restored && !MayFollow(seen.told, state))
    world_.Violate("run {} went from {} to {}", id, Name(seen.told), Name(state));
  const bool was_active = IsActive(seen.told);
  seen.told = state;
  if (state == proto::QUEUED) {
    order_.push_back(id);
    seen.leaves_queue = seen.end_is_kept = false;
  } else if (state == proto::STARTING) {
    OnStarting(id);
  }
  if (state != proto::QUEUED) std::erase(order_, id);
  if (!HasEnded(state) || !was_active) return;
  seen.end_is_kept = store_.room() != CrashStore::Room::kNone && store_.healthy_since() < world_.now();
  if (!seen.end_is_kept) return;
  const auto kept = store_.kept().runs.find(id);
  if (kept == store_.kept().runs.end() || kept->second.state != RunStateName(state))
    world_.Violate("run {} was told to be {} before the disk had it", id, Name(state));
  CheckRows(id, seen, world_.now());
}

void ControlChecks::OnStarting(const std::string& id) {
  Seen& starting = runs_[id];
  starting.without_process_since = world_.now();
  for (const std::string& before : order_) {
    if (before == id) break;
    if (runs_[before].told == proto::QUEUED && !runs_[before].leaves_queue)
      world_.Violate("run {} started before run {}, which had come before it", id, before);
  }
  int64_t others = 0, threads = 0;
  for (const auto& [each, seen] : runs_) {
    Run* const run = engine_.table().Live(each);
    if (run == nullptr || !run->active()) continue;
    others += each == id ? 0 : 1;
    threads += run->threads();
  }
  if (others > 0 && threads > cores_)
    world_.Violate("run {} started: {} threads on {} cores", id, threads, cores_);
}

void ControlChecks::LookAtProcesses() {
  std::map<std::string, int> alive;
  for (const std::shared_ptr<Process>& process : machines_.processes()) {
    if (!process->is_alive || process->is_ghost) continue;
    ++alive[process->run];
    if (!process->is_seen || process->generation != engine_.generation()) continue;
    if (!IsActive(runs_[process->run].told))
      world_.Violate("{} is alive, and the run is {}", NameOf(*process), Name(runs_[process->run].told));
  }
  for (auto& [id, seen] : runs_) {
    if (!IsActive(seen.told) || alive[id] > 0)
      seen.without_process_since = world_.now();
    else if (world_.now() - seen.without_process_since > kWithoutProcessSeconds)
      world_.Violate("run {} is {}, and none of its processes is alive", id, Name(seen.told));
  }
}

void ControlChecks::CheckRows(const std::string& id, const Seen& seen, double until) {
  const auto curves = store_.kept().curves.find(id);
  for (const Seen::Row& row : seen.rows) {
    if (row.time > until || row.time < store_.healthy_since() + kRowSeconds) continue;
    bool is_kept = false;
    if (curves != store_.kept().curves.end()) {
      const auto curve = curves->second.find({"train/loss", row.seat});
      is_kept = curve != curves->second.end() &&
                std::binary_search(curve->second.steps.begin(), curve->second.steps.end(), row.step);
    }
    if (!is_kept)
      return world_.Violate("run {}: step {} of rank {} was taken at {:.3f}, and is lost", id, row.step,
                            row.seat, row.time);
  }
}

std::function<void(const absl::Status&)> ControlChecks::Expect(const std::string& what, double seconds) {
  world_.Note("asked: {}", what);
  auto answers = std::make_shared<int>(0);
  world_.After(seconds, [this, what, seconds, answers, generation = engine_.generation()] {
    if (engine_.is_up() && engine_.generation() == generation && *answers == 0)
      world_.Violate("{}: no answer within {:.0f} s", what, seconds);
  });
  return [this, what, answers](const absl::Status& status) {
    if (!engine_.is_up()) return;  // nobody is there to hear of it
    world_.Note("answered: {}: {}", what, status.ok() ? "OK" : std::string(status.message()));
    if (++*answers > 1) world_.Violate("{} was answered twice", what);
  };
}

void ControlChecks::Meddle(const std::string& run) {
  runs_[run].is_meddled_with = runs_[run].was_meddled_with = true;
}

void ControlChecks::Harm(const std::string& run, int seat, const std::string& what, double seconds) {
  Seen& seen = runs_[run];
  seen.was_harmed = true;
  ++seen.harms;
  seen.harmed_seat = seat;
  if (seconds == 0) {
    ++seen.harms;
    return;
  }
  world_.After(seconds, [this, run, seat, what, seconds, attempt = seen.attempt,
                         generation = engine_.generation(), from = world_.now()] {
    const Seen& now = runs_[run];
    // What a person or another fault does to it may come first.
    if (!engine_.is_up() || engine_.generation() != generation || engine_.is_stopping() || now.harms != 1 ||
        now.is_meddled_with || now.harmed_seat != seat || now.attempt != attempt)
      return;
    if (absl::StrContains(now.text, "the run was not begun")) return;
    ++noticed_;
    if (absl::StrContains(now.text, fmt::format("rank {}", seat))) return;
    world_.Violate("run {}: rank {} ({}, at {:.3f}) was not named within {:.0f} s", run, seat, what, from,
                   seconds);
  });
}

void ControlChecks::BeforeCrash(bool cuts_power) {
  power_was_cut_ = cuts_power;
  for (auto& [id, seen] : runs_) {
    if (IsActive(seen.told) || (HasEnded(seen.told) && !seen.end_is_kept)) seen.saw_a_crash = true;
    seen.onlooker = nullptr;
    seen.onlooker_has_ended = false;
  }
}

void ControlChecks::AfterStart() {
  order_.clear();
  acknowledged_.AfterStart(engine_.table());
  for (auto& [id, seen] : runs_) {
    if (IsActive(seen.told) && !power_was_cut_) CheckRows(id, seen, engine_.last_kill() - kRowSeconds);
    // What nobody was told of may not be there.
    const RunState before = seen.told, state = StateOf(id);
    const bool is_there = state != proto::RUN_STATE_UNSPECIFIED || seen.is_binned || seen.is_purged;
    const auto in_bin = engine_.table().InBin();
    const bool is_in_bin =
        std::any_of(in_bin.begin(), in_bin.end(), [&id = id](const auto* each) { return each->run() == id; });
    if (!is_there && !is_in_bin && seen.is_acknowledged)
      world_.Violate("run {} was acknowledged, and is lost", id);
    if (is_in_bin || state == proto::RUN_STATE_UNSPECIFIED) {
      if (!is_in_bin && !is_there) seen.is_purged = true;
      if (is_in_bin) seen.is_binned = true;
      seen.told = state;
      continue;
    }
    seen.is_binned = false;
    if (seen.end_is_kept && HasEnded(before) && state != before)
      world_.Violate("run {} was told to be {}, and is {} now", id, Name(before), Name(state));
    if (IsActive(state) && !machines_.HasOutlived(id))
      world_.Violate("run {} is {} in an engine that has just started", id, Name(state));
    if (state != before) world_.Note("run {} is {} after {}", id, Name(state), Name(before));
    seen.told = state;
    // Its rows are those that the disk has.
    seen.rows.clear();
    if (state == proto::QUEUED) order_.push_back(id);
  }
  std::sort(order_.begin(), order_.end(), [this](const std::string& a, const std::string& b) {
    return engine_.table().Find(a)->created_unix_ms() < engine_.table().Find(b)->created_unix_ms();
  });
}

bool ControlChecks::all_ended() const {
  return std::all_of(runs_.begin(), runs_.end(), [](const auto& entry) {
    return entry.second.is_binned || entry.second.is_purged || HasEnded(entry.second.told);
  });
}

void ControlChecks::AtTheEnd() {
  for (const std::shared_ptr<Process>& process : machines_.processes())
    if (process->is_alive && process->is_seen && !process->is_ghost)
      world_.Violate("{} is still there at the end", NameOf(*process));
  for (const auto& [id, curves] : store_.seen().curves)
    for (const auto& [key, curve] : curves)
      if (std::adjacent_find(curve.steps.begin(), curve.steps.end(), std::greater_equal<>()) !=
          curve.steps.end())
        world_.Violate("run {}: {} of {} has a step twice", id, key.first, key.second);
  for (const auto& [id, seen] : runs_) {
    const bool was_taken_up_alone = seen.was_taken_up && seen.attempt == 1 && !seen.was_harmed &&
                                    !seen.was_meddled_with && seen.told == proto::FINISHED;
    if (was_taken_up_alone && !seen.is_binned && !seen.is_purged) {
      const proto::RunSummary* summary = engine_.table().Find(id);
      const auto curves = store_.seen().curves.find(id);
      if (summary != nullptr && summary->parent().empty() && curves != store_.seen().curves.end() &&
          static_cast<int64_t>(curves->second.at({"train/loss", kWholeRun}).steps.size()) !=
              machines_.WorkOf(id).total_steps)
        world_.Violate("run {} outlived its engine and finished {} steps, and {} are stored", id,
                       machines_.WorkOf(id).total_steps,
                       curves->second.at({"train/loss", kWholeRun}).steps.size());
    }
    if (seen.was_harmed || seen.was_meddled_with || seen.saw_a_crash || seen.is_binned || seen.is_purged)
      continue;
    const proto::RunSummary* summary = engine_.table().Find(id);
    if (summary != nullptr && absl::StartsWith(summary->error(), "the run was not begun")) continue;
    if (summary == nullptr || summary->state() != proto::FINISHED) {
      world_.Violate("nothing happened to run {}, and it is {}: {}", id, Name(seen.told),
                     summary == nullptr ? "" : summary->error());
      continue;
    }
    if (!summary->parent().empty()) continue;  // its parent may have lost some
    const auto curves = store_.seen().curves.find(id);
    const int64_t steps = machines_.WorkOf(id).total_steps;
    if (curves == store_.seen().curves.end()) {
      world_.Violate("run {} finished, and has no series", id);
      continue;
    }
    const CrashStore::Curve& curve = curves->second.at({"train/loss", kWholeRun});
    if (static_cast<int64_t>(curve.steps.size()) != steps)
      world_.Violate("run {} finished {} steps, and {} are stored", id, steps, curve.steps.size());
  }
}

}  // namespace concertina::simulation
