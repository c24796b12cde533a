// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// run_metrics.cc: what the workers measure, to watchers and to the store (see run.h).
#include <memory>
#include <utility>

#include "core/engine/run.h"
#include "fmt/format.h"

namespace concertina {
namespace {

constexpr double kShowSeconds = 0.03;  // folded rows wait so long for company before watchers get them
constexpr double kWriteSeconds =
    0.25;  // between appends to the store; an engine that is killed loses so much

}  // namespace

void Run::OnMetrics(int rank, const proto::MetricBatch& batch) {
  if (const absl::Status status = hub_.Add(rank, batch); !status.ok())
    return Blame(rank, fmt::format("broke the protocol: {}", std::string(status.message())), true);
  summary_dirty_ = true;
  if (state() == proto::STARTING && meter_.steps() > (resume_ ? resume_->step : 0)) {
    trains_since_ = now();
    SetState(proto::RUNNING, "");
  }
  BringOnFaults();
  if (publish_scheduled_) return;
  publish_scheduled_ = true;
  context_.loop.After(kShowSeconds, [self = self_] {
    if (*self == nullptr) return;
    Run& run = **self;
    run.publish_scheduled_ = false;
    const Watchers::Wish wish = run.context_.watchers.WishOf(run.id());
    if (!wish.metrics) return;  // what was not taken then is taken by Flush
    if (std::unique_ptr<proto::MetricUpdate> update = run.hub_.TakeUpdate(wish.ranks))
      run.context_.watchers.PublishMetrics(run.id(), std::move(update));
  });
}

void Run::Flush() {
  const Watchers::Wish wish = context_.watchers.WishOf(id());
  if (std::unique_ptr<proto::MetricUpdate> update = hub_.TakeUpdate(wish.ranks);
      update != nullptr && wish.metrics)
    context_.watchers.PublishMetrics(id(), std::move(update));
  // While the disk is full the hub keeps what there is, instead of making this loop wait for the store's
  // queue.
  const absl::Status health = context_.store.Health();
  if (health.ok()) hub_.WriteTo(context_.store, id());
  if (health.ok() == store_is_ill_) {
    store_is_ill_ = !health.ok();
    AddEvent("store", health.ok()
                          ? "Measurements are stored again."
                          : fmt::format("Measurements cannot be stored, and are kept until they can: {}",
                                        std::string(health.message())));
  }
  if (health.ok()) LookWhatIsKept();
  next_write_ = now() + kWriteSeconds;
}

void Run::KeepMetrics(const std::shared_ptr<WorkerLink>& link, uint64_t number) {
  Flush();
  if (hub_.held_values() > 0 && !store_is_ill_) {  // more than the store's queue has room for
    context_.loop.After(kWriteSeconds, [self = self_, link, number] {
      if (*self != nullptr) (*self)->KeepMetrics(link, number);
    });
    return;
  }
  const auto answer = [link, number] {
    proto::EngineMessage message;
    message.mutable_metrics_kept()->set_number(number);
    link->Send(std::move(message));
  };
  // A store that cannot write says so by itself, and training does not wait for it.
  const absl::Status posted = context_.pool.Post([&store = context_.store, answer] {
    store.Sync().IgnoreError();
    answer();
  });
  if (absl::IsResourceExhausted(posted)) {  // the pool has too much waiting
    context_.loop.After(kPoolAgainSeconds, [self = self_, link, number] {
      if (*self != nullptr) (*self)->KeepMetrics(link, number);
    });
  }
}

}  // namespace concertina
