// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// run_table_return.cc: what becomes of the runs that went on when an earlier engine was killed (see
// run_table.h): those whose workers outlived it are taken up where they are (run_return.cc), the others fail,
// or go on from their last checkpoint. On the way of the data: the store, at the engine's start -> here ->
// engine/run.h.
#include <algorithm>
#include <utility>

#include "core/base/log.h"
#include "core/base/process_identity.h"
#include "core/engine/run_preparation.h"
#include "core/engine/run_table.h"
#include "fmt/format.h"
#include "nlohmann/json.hpp"

namespace concertina {
namespace {

constexpr double kTakeUpAgainSeconds = 1;  // where too much waits for the pool

ProcessIdentity IdentityAtWork(const proto::WorkerAtWork& worker) {
  return {.pid = static_cast<pid_t>(worker.pid()),
          .start_ticks = worker.start_ticks(),
          .boot_id = worker.boot_id()};
}

// How often the run may go on without being asked.
uint32_t ResumesAfterFailure(const proto::RunSummary& summary) {
  const Json spec = Json::parse(summary.spec_json(), nullptr, false);
  const Json::json_pointer where("/training/resume_after_failure");
  if (!spec.is_object() || !spec.contains(where) || !spec[where].is_number_unsigned()) return 0;
  return spec[where].get<uint32_t>();
}

}  // namespace

// Nothing of it may be left when its run begins anew, or is told to have failed.
void RunTable::EndWhatIsLeft(const std::string& run, const proto::AtWork& at_work) const {
  for (const proto::WorkerAtWork& worker : at_work.workers())
    if (processes_.kill(IdentityAtWork(worker)).ok())
      spdlog::info("run {}: process {} of an earlier engine was ended", run, worker.pid());
}

bool RunTable::MayTakeUp(const proto::RunSummary& summary, const proto::AtWork& at_work) const {
  const bool trained = summary.state() == proto::RUNNING || summary.state() == proto::PAUSED;
  if (!trained || !at_work.can_go_on() || at_work.workers_size() != summary.workers_size()) return false;
  for (int i = 0; i < at_work.workers_size(); ++i)
    if (at_work.workers(i).rank() != i) return false;
  return std::any_of(at_work.workers().begin(), at_work.workers().end(),
                     [this](const auto& worker) { return processes_.is_alive(IdentityAtWork(worker)); });
}

void RunTable::TakeUp(proto::RunSummary summary, const proto::AtWork& at_work) {
  const std::string id = summary.run();
  ended_[id] = summary;  // to be seen, until it is one of the living
  busy_.insert(id);
  taking_up_.insert(id);
  *summary.mutable_at_work() = at_work;
  const absl::Status posted =
      pool_.Post([self = self_, &loop = loop_, &store = store_, folder = home_.datasets(), summary] {
        auto prepared = std::make_shared<std::optional<PreparedRun>>();
        auto back = std::make_shared<std::optional<ReturnPoint>>();
        const absl::Status status = [&]() -> absl::Status {
          std::vector<Fault> faults;
          ASSIGN_OR_RETURN(*prepared, PrepareRun(summary.spec_json(), folder, faults));
          RETURN_IF_ERROR(FaultsToStatus(faults));
          if ((*prepared)->spec.worker_count() != summary.at_work().workers_size())
            return absl::FailedPreconditionError("its experiment is of another number of workers");
          ASSIGN_OR_RETURN(*back, FindReturnPoint(store, summary));
          return absl::OkStatus();
        }();
        loop.Post([self, summary, prepared, back, status] {
          if (*self != nullptr) (*self)->OnTakenUp(summary, std::move(*prepared), std::move(*back), status);
        });
      });
  if (posted.ok()) return;
  loop_.After(kTakeUpAgainSeconds, [self = self_, summary, at_work]() mutable {
    if (*self == nullptr) return;
    *summary.mutable_marks() = (*self)->ended_.at(summary.run()).marks();
    summary.clear_at_work();
    (*self)->TakeUp(std::move(summary), at_work);
  });
}

void RunTable::OnTakenUp(proto::RunSummary summary, std::optional<PreparedRun> prepared,
                         std::optional<ReturnPoint> back, absl::Status status) {
  const std::string id = summary.run();
  const proto::AtWork at_work = summary.at_work();
  summary.clear_at_work();
  *summary.mutable_marks() = ended_.at(id).marks();  // they may have changed meanwhile
  summary.set_name(ended_.at(id).name());
  busy_.erase(id);
  taking_up_.erase(id);
  ended_.erase(id);
  if (status.ok() && stopping_) status = absl::UnavailableError("the engine is ending");
  if (status.ok()) {
    auto run = std::make_unique<Run>(context_, *std::move(prepared), std::move(summary), std::nullopt,
                                     std::move(back));
    Run& taken_up = *run;
    live_[id] = std::move(run);
    watchers_.PublishSummary(taken_up.summary());
  } else {
    spdlog::warn("run {}: its workers outlived the engine, but it cannot be taken up: {}", id,
                 std::string(status.message()));
    std::optional<proto::RunSummary> goes_on = LeaveBehind(std::move(summary), at_work);
    if (goes_on && stopping_)
      PutEnded(*goes_on);  // the next engine begins it
    else if (goes_on)
      RecoverQueued(*std::move(goes_on));
    if (const proto::RunSummary* now = Find(id)) watchers_.PublishSummary(*now);
  }
  StartWhatFits();
}

std::optional<proto::RunSummary> RunTable::LeaveBehind(proto::RunSummary summary,
                                                       const proto::AtWork& at_work) {
  EndWhatIsLeft(summary.run(), at_work);
  const std::optional<CheckpointOnDisk> checkpoint =
      NewestCheckpoint(home_.run(summary.run()), CheckpointRanksOf(summary));
  const bool goes_on = checkpoint && summary.automatic_resumes() < ResumesAfterFailure(summary);
  summary.set_state(goes_on ? proto::QUEUED : proto::FAILED);
  if (checkpoint) summary.set_last_checkpoint_step(checkpoint->step);
  summary.set_error(checkpoint
                        ? fmt::format("the engine ended while the run went on; it {} from step {}",
                                      goes_on ? "goes on" : "can be resumed", checkpoint->step)
                        : "the engine ended while the run went on; it has no checkpoint to go on from");
  const int64_t when = loop_.wall_unix_ms();
  if (!goes_on) summary.set_ended_unix_ms(when);
  for (proto::Worker& worker : *summary.mutable_workers()) worker.set_state("gone");
  StoredEvent event;
  event.step = summary.steps();
  event.seconds = summary.seconds();
  event.unix_ms = when;
  event.kind = goes_on ? "resuming" : "state";
  event.message = summary.error();
  store_.AddEvent(summary.run(), std::move(event));
  spdlog::warn("run {}: {}", summary.run(), summary.error());
  if (!goes_on) {
    PutEnded(summary);
    return std::nullopt;
  }
  summary.set_attempt(summary.attempt() + 1);
  summary.set_automatic_resumes(summary.automatic_resumes() + 1);
  return summary;
}

}  // namespace concertina
