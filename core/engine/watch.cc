// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// watch.cc: see watch.h.
#include "core/engine/watch.h"

#include <algorithm>

namespace concertina {

void WatchQueue::Push(SharedWatchMessage message) {
  const auto erase_oldest = [this](auto&& matches) {
    const auto found = std::find_if(queue_.begin(), queue_.end(), matches);
    if (found != queue_.end()) queue_.erase(found);
  };
  switch (message->kind_case()) {
    case proto::WatchMessage::kMetrics:
      if (metrics_ == kMaxMetrics) {
        erase_oldest([this](const SharedWatchMessage& old) {
          if (!old->has_metrics()) return false;
          dropped_steps_ += static_cast<uint64_t>(old->metrics().steps_size()) + old->metrics().dropped();
          return true;
        });
        --metrics_;
      }
      ++metrics_;
      break;
    case proto::WatchMessage::kSummary:
      erase_oldest([](const SharedWatchMessage& old) { return old->has_summary(); });
      break;
    default:
      if (others_ == kMaxOthers) {
        erase_oldest(
            [](const SharedWatchMessage& old) { return !old->has_metrics() && !old->has_summary(); });
        --others_;
      }
      ++others_;
      break;
  }
  queue_.push_back(std::move(message));
}

SharedWatchMessage WatchQueue::Pop() {
  SharedWatchMessage message = std::move(queue_.front());
  queue_.pop_front();
  if (message->has_metrics()) {
    --metrics_;
    if (dropped_steps_ > 0) {
      auto told = std::make_shared<proto::WatchMessage>(*message);
      told->mutable_metrics()->set_dropped(told->metrics().dropped() + dropped_steps_);
      dropped_steps_ = 0;
      return told;
    }
  } else if (!message->has_summary()) {
    --others_;
  }
  return message;
}

void RunsQueue::Push(std::shared_ptr<const proto::RunSummary> summary) {
  const auto older = std::find_if(queue_.begin(), queue_.end(),
                                  [&](const auto& waiting) { return waiting->run() == summary->run(); });
  if (older != queue_.end())
    *older = std::move(summary);
  else
    queue_.push_back(std::move(summary));
}

std::shared_ptr<const proto::RunSummary> RunsQueue::Pop() {
  std::shared_ptr<const proto::RunSummary> summary = std::move(queue_.front());
  queue_.pop_front();
  return summary;
}

void Watchers::Remove(const std::shared_ptr<RunOnlooker>& stream) {
  for (auto run = streams_.begin(); run != streams_.end();) {
    run->second.erase(stream);
    run = run->second.empty() ? streams_.erase(run) : std::next(run);
  }
}

Watchers::Wish Watchers::WishOf(const std::string& run) const {
  Wish wish;
  if (const auto found = streams_.find(run); found != streams_.end()) {
    for (const auto& [stream, theirs] : found->second) {
      wish.metrics |= theirs.metrics;
      wish.ranks |= theirs.ranks;
    }
  }
  return wish;
}

size_t Watchers::count() const {
  size_t count = runs_streams_.size();
  for (const auto& [run, streams] : streams_) count += streams.size();
  return count;
}

void Watchers::Offer(const std::string& run, const SharedWatchMessage& message) {
  if (const auto found = streams_.find(run); found != streams_.end())
    for (const auto& [stream, wish] : found->second) stream->Offer(message);
}

void Watchers::PublishSummary(const proto::RunSummary& summary) {
  if (streams_.contains(summary.run())) {
    auto message = std::make_shared<proto::WatchMessage>();
    *message->mutable_summary() = summary;
    Offer(summary.run(), message);
  }
  if (runs_streams_.empty()) return;
  const auto shared = std::make_shared<const proto::RunSummary>(summary);
  for (const std::shared_ptr<RunsOnlooker>& stream : runs_streams_) stream->Offer(shared);
}

void Watchers::PublishMetrics(const std::string& run, std::unique_ptr<proto::MetricUpdate> update) {
  const auto found = streams_.find(run);
  if (found == streams_.end()) return;
  auto whole = std::make_shared<proto::WatchMessage>();
  whole->set_allocated_metrics(update.release());
  const proto::MetricUpdate& metrics = whole->metrics();
  const auto of_a_rank = [](const proto::MetricUpdate::Column& column) { return column.rank() >= 0; };
  const bool has_ranks = std::any_of(metrics.columns().begin(), metrics.columns().end(), of_a_rank);
  SharedWatchMessage without_ranks = has_ranks ? nullptr : whole;
  for (const auto& [stream, wish] : found->second) {
    if (!wish.metrics) continue;
    if (!wish.ranks && without_ranks == nullptr) {
      auto message = std::make_shared<proto::WatchMessage>();
      proto::MetricUpdate& thin = *message->mutable_metrics();
      *thin.mutable_steps() = metrics.steps();
      *thin.mutable_seconds() = metrics.seconds();
      *thin.mutable_epochs() = metrics.epochs();
      *thin.mutable_bytes() = metrics.bytes();
      thin.set_dropped(metrics.dropped());
      for (const auto& column : metrics.columns())
        if (!of_a_rank(column)) *thin.add_columns() = column;
      without_ranks = std::move(message);
    }
    stream->Offer(wish.ranks ? whole : without_ranks);
  }
}

void Watchers::PublishEvent(const std::string& run, const proto::RunEvent& event) {
  if (!streams_.contains(run)) return;
  auto message = std::make_shared<proto::WatchMessage>();
  *message->mutable_event() = event;
  Offer(run, message);
}

void Watchers::PublishLine(const std::string& run, int rank, const std::string& line) {
  if (!streams_.contains(run)) return;
  auto message = std::make_shared<proto::WatchMessage>();
  message->mutable_log()->set_rank(rank);
  message->mutable_log()->set_line(line);
  Offer(run, message);
}

void Watchers::End(const std::string& run) {
  if (const auto found = streams_.find(run); found != streams_.end())
    for (const auto& [stream, wish] : found->second) stream->End();
}

void Watchers::EndAll(const grpc::Status& status) {
  for (const auto& [run, streams] : streams_)
    for (const auto& [stream, wish] : streams) stream->End(status);
  for (const std::shared_ptr<RunsOnlooker>& stream : runs_streams_) stream->End(status);
}

}  // namespace concertina
