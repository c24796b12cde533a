// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// watch.h: the streams of those who look on: one run's metrics, events and summaries, or every run's summary.
// On the way of the data: engine/metric_hub.h, engine/run.h -> here -> ui/client, concertinactl watch.
//
// A message is made once and shared by all its readers. Nobody waits for a reader: when one is slow, its
// oldest metrics go (their steps are counted and told with the next), a summary takes the place of an older
// one, and of events and log lines the oldest go.
#pragma once

#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "core/base/status.h"
#include "core/engine/engine_loop.h"
#include "core/proto/engine.grpc.pb.h"

namespace concertina {

using SharedWatchMessage = std::shared_ptr<const proto::WatchMessage>;

// What waits for one slow reader. Pure; the stream guards it.
class WatchQueue {
 public:
  static constexpr size_t kMaxMetrics = 64;
  static constexpr size_t kMaxOthers = 1024;  // events and log lines

  void Push(SharedWatchMessage message);
  bool empty() const { return queue_.empty(); }
  size_t size() const { return queue_.size(); }
  SharedWatchMessage Pop();  // metrics come with what was dropped before them

 private:
  std::deque<SharedWatchMessage> queue_;
  size_t metrics_ = 0, others_ = 0;
  uint64_t dropped_steps_ = 0;
};

// The same for WatchRuns: at most one summary a run waits, the newest.
class RunsQueue {
 public:
  void Push(std::shared_ptr<const proto::RunSummary> summary);
  bool empty() const { return queue_.empty(); }
  size_t size() const { return queue_.size(); }
  std::shared_ptr<const proto::RunSummary> Pop();

 private:
  std::deque<std::shared_ptr<const proto::RunSummary>> queue_;
};

// Who looks on. Any thread; nothing here waits.
template <class Message>
class Onlooker {
 public:
  virtual ~Onlooker() = default;
  virtual void Offer(std::shared_ptr<const Message> message) = 0;
  // After what was offered (at once, for an error).
  virtual void End(const grpc::Status& status) = 0;
  void End() { End(grpc::Status::OK); }
};
using RunOnlooker = Onlooker<proto::WatchMessage>;   // of one run
using RunsOnlooker = Onlooker<proto::RunSummary>;    // of all

// One open stream of the engine service.
template <class Message, class Queue>
class OutStream final : public Onlooker<Message>,
                        public grpc::ServerWriteReactor<Message>,
                        public std::enable_shared_from_this<OutStream<Message, Queue>> {
 public:
  using Self = OutStream<Message, Queue>;
  // The stream keeps itself until gRPC has done with it; then `on_done` runs on the loop.
  static std::shared_ptr<Self> Open(EngineLoop& loop,
                                    std::function<void(const std::shared_ptr<Self>&)> on_done) {
    const std::shared_ptr<Self> stream(new Self(loop, std::move(on_done)));
    stream->self_ = stream;
    return stream;
  }

  void Offer(std::shared_ptr<const Message> message) override {
    absl::MutexLock lock(&mutex_);
    if (finished_ || ending_) return;
    queue_.Push(std::move(message));
    WriteNext();
  }
  // Tells the reader, before anything else is offered, that from now on it misses nothing.
  void SayThatItBegan() {
    absl::MutexLock lock(&mutex_);
    if (!finished_) this->StartSendInitialMetadata();
  }
  using Onlooker<Message>::End;
  void End(const grpc::Status& status) override {
    absl::MutexLock lock(&mutex_);
    ending_ = true;
    if (!status.ok() || (queue_.empty() && current_ == nullptr)) FinishOnce(status);
  }

  void OnWriteDone(bool ok) override {
    absl::MutexLock lock(&mutex_);
    current_ = nullptr;
    if (!ok) return FinishOnce(grpc::Status::CANCELLED);
    WriteNext();
    if (ending_ && current_ == nullptr) FinishOnce(grpc::Status::OK);
  }
  void OnCancel() override {
    absl::MutexLock lock(&mutex_);
    FinishOnce(grpc::Status::CANCELLED);
  }
  void OnDone() override {
    loop_.Post([stream = std::move(self_)] { stream->on_done_(stream); });
  }

 private:
  OutStream(EngineLoop& loop, std::function<void(const std::shared_ptr<Self>&)> on_done)
      : loop_(loop), on_done_(std::move(on_done)) {}
  void WriteNext() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    if (finished_ || current_ != nullptr || queue_.empty()) return;
    current_ = queue_.Pop();
    this->StartWrite(current_.get());
  }
  void FinishOnce(const grpc::Status& status) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    if (finished_) return;
    finished_ = true;
    this->Finish(status);
  }

  EngineLoop& loop_;
  const std::function<void(const std::shared_ptr<Self>&)> on_done_;
  std::shared_ptr<Self> self_;

  absl::Mutex mutex_;
  Queue queue_ ABSL_GUARDED_BY(mutex_);
  std::shared_ptr<const Message> current_ ABSL_GUARDED_BY(mutex_);  // being written
  bool ending_ ABSL_GUARDED_BY(mutex_) = false;
  bool finished_ ABSL_GUARDED_BY(mutex_) = false;
};
using WatchStream = OutStream<proto::WatchMessage, WatchQueue>;
using RunsStream = OutStream<proto::RunSummary, RunsQueue>;

// Who looks at what. Owned by the engine loop.
class Watchers {
 public:
  struct Wish {
    bool metrics = false;
    bool ranks = false;
  };
  void Add(const std::string& run, std::shared_ptr<RunOnlooker> stream, Wish wish) {
    streams_[run][std::move(stream)] = wish;
  }
  void Remove(const std::shared_ptr<RunOnlooker>& stream);
  void Add(std::shared_ptr<RunsOnlooker> stream) { runs_streams_.insert(std::move(stream)); }
  void Remove(const std::shared_ptr<RunsOnlooker>& stream) { runs_streams_.erase(stream); }

  // What is wanted of a run by anybody.
  Wish WishOf(const std::string& run) const;
  size_t count() const;

  void PublishSummary(const proto::RunSummary& summary);
  void PublishMetrics(const std::string& run, std::unique_ptr<proto::MetricUpdate> update);
  void PublishEvent(const std::string& run, const proto::RunEvent& event);
  void PublishLine(const std::string& run, int rank, const std::string& line);
  // The run has ended: its streams end once they are empty.
  void End(const std::string& run);
  void EndAll(const grpc::Status& status);

 private:
  void Offer(const std::string& run, const SharedWatchMessage& message);

  std::map<std::string, std::map<std::shared_ptr<RunOnlooker>, Wish>> streams_;
  std::set<std::shared_ptr<RunsOnlooker>> runs_streams_;
};

}  // namespace concertina
