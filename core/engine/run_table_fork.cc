// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// run_table_fork.cc: a new run from a checkpoint of another (see run_table.h).
// On the way of the data: engine/engine_service.h -> here -> engine/fork.h (in the pool) -> engine/run.h.
#include "core/engine/fork.h"
#include "core/engine/run_query.h"
#include "core/engine/run_table.h"
#include "fmt/format.h"
#include "nlohmann/json.hpp"

namespace concertina {
namespace {

constexpr double kWriteFirstSeconds = 20;  // for a checkpoint that was asked for, and the step before it
constexpr double kLookAgainSeconds = 0.05;
// A checkpoint is told at once, and what the steps before it measured some 60 ms later: it goes along.
constexpr double kRowsArriveSeconds = 0.3;

}  // namespace

void RunTable::Fork(const std::string& id, const proto::ForkRequest& request, Forked done) {
  if (stopping_) return done(absl::UnavailableError("the engine is ending"), {});
  Run* const run = Live(id);
  const bool goes_on = run != nullptr && (run->state() == proto::RUNNING || run->state() == proto::PAUSED);
  if (!goes_on || request.step() >= 0 || request.validate_only() || run->has_recipe())
    return ForkNow(id, request, done);
  // From where it is now: it writes a checkpoint first.
  const size_t before = run->checkpoints_written();
  run->Control(proto::ControlRunRequest::CHECKPOINT, [](const absl::Status&) {});
  ForkOnceWritten(id, request, done, before, loop_.now() + kWriteFirstSeconds);
}

void RunTable::ForkOnceWritten(const std::string& id, const proto::ForkRequest& request, const Forked& done,
                               size_t checkpoints, double until) {
  Run* const run = Live(id);
  // One that ends meanwhile has written its last.
  if (run == nullptr) return ForkNow(id, request, done);
  if (run->checkpoints_written() > checkpoints) {
    loop_.After(kRowsArriveSeconds, [self = self_, id, request, done] {
      if (*self == nullptr) return done(absl::UnavailableError("the engine is ending"), {});
      (*self)->ForkNow(id, request, done);
    });
    return;
  }
  if (loop_.now() >= until)
    return done(absl::DeadlineExceededError(fmt::format(
                    "run {} wrote no checkpoint within {:.0f} s; --step {} forks it from the one it has", id,
                    kWriteFirstSeconds, run->summary().last_checkpoint_step())),
                {});
  loop_.After(kLookAgainSeconds, [self = self_, id, request, done, checkpoints, until] {
    if (*self == nullptr) return done(absl::UnavailableError("the engine is ending"), {});
    (*self)->ForkOnceWritten(id, request, done, checkpoints, until);
  });
}

void RunTable::ForkNow(const std::string& id, const proto::ForkRequest& request, const Forked& done) {
  const proto::RunSummary* const parent = Find(id);
  if (parent == nullptr || busy_.contains(id))
    return done(absl::FailedPreconditionError(fmt::format("run {} is being resumed or deleted", id)), {});
  if (Run* run = Live(id)) run->Flush();  // the steps up to the checkpoint go along
  const int64_t created = NewCreationTime();
  const std::string child = NewId(created);
  const ForkPlace place{.datasets_folder = home_.datasets(),
                        .parent_folder = home_.run(id),
                        .child_folder = home_.run(child),
                        .child = child,
                        .created_unix_ms = created};
  const absl::Status posted =
      pool_.Post([self = self_, &loop = loop_, &store = store_, parent = *parent, request, place, done] {
        auto faults = std::make_shared<std::vector<Fault>>();
        auto forked = std::make_shared<absl::StatusOr<std::optional<ForkedRun>>>(
            PrepareFork(store, parent, request, place, *faults));
        loop.Post([self, parent, request, place, done, faults, forked] {
          if (!forked->ok()) return done(forked->status(), {});
          if (!forked->value().has_value()) return done(std::string(), *faults);
          // It is on the disk: where this engine ends, the next one starts it, and so it is told.
          if (*self == nullptr) return done(place.child, {});
          RunTable& table = **self;
          ForkedRun& ready = ***forked;
          table.Enqueue(std::make_unique<Run>(table.context_, std::move(ready.prepared),
                                              std::move(ready.summary), std::move(ready.resume)));
          done(place.child, {});
        });
      });
  if (!posted.ok()) done(posted, {});
}

}  // namespace concertina
