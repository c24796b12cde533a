// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// fake_engine.cc: the socket, what runs are now, and the streams that hear of it (see fake_engine.h).
#include "tests/ui/fake_engine.h"

#include <QDateTime>
#include <chrono>
#include <utility>

#include "absl/time/time.h"
#include "grpcpp/security/server_credentials.h"
#include "grpcpp/server_builder.h"

namespace concertina::ui {

void FakeEngine::start(const QString& socket_path) {
  path_ = socket_path;
  stopping_ = false;
  grpc::ServerBuilder builder;
  builder.AddListeningPort(address().toStdString(), grpc::InsecureServerCredentials());
  builder.RegisterService(this);
  server_ = builder.BuildAndStart();
}

void FakeEngine::stop() {
  if (server_ == nullptr) return;
  stopping_ = true;
  server_->Shutdown(std::chrono::system_clock::now() + std::chrono::milliseconds(50));
  server_.reset();
}

void FakeEngine::put(const proto::RunSummary& run) {
  change(run.run(), [&](proto::RunSummary& now) { now = run; });
}

proto::RunSummary FakeEngine::change(const std::string& id,
                                     const std::function<void(proto::RunSummary&)>& how) {
  absl::MutexLock lock(&mutex_);
  proto::RunSummary& run = runs_[id];
  how(run);
  for (Listener* listener : run_listeners_) listener->queue.push_back(asMessage(run));
  for (Listener* listener : watchers_)
    if (listener->run == id) listener->queue.push_back(asMessage(run));
  return run;
}

proto::RunSummary FakeEngine::run(const std::string& id) {
  absl::MutexLock lock(&mutex_);
  return runs_[id];
}

void FakeEngine::forget(const std::string& id) {
  absl::MutexLock lock(&mutex_);
  runs_.erase(id);
}

proto::RunSummary FakeEngine::makeRun(const std::string& id, const std::string& name, proto::RunState state) {
  proto::RunSummary run;
  run.set_run(id);
  run.set_name(name);
  run.set_state(state);
  run.set_seed(7);
  run.set_total_steps(705);
  run.set_spec_json(kSpecOfTests);
  run.set_created_unix_ms(QDateTime::currentMSecsSinceEpoch() - 61000);
  run.set_started_unix_ms(QDateTime::currentMSecsSinceEpoch() - 60000);
  run.set_attempt(1);
  run.set_parameters(431080);
  for (int rank = 0; rank < 4; ++rank) {
    proto::Worker* worker = run.add_workers();
    worker->set_rank(uint32_t(rank));
    worker->set_pid(48210 + rank);
    worker->set_host("localhost");
    worker->add_axis(uint32_t(rank));
    worker->add_axis(0);
    worker->add_axis(0);
    worker->set_state(state == proto::RUNNING ? "running" : "gone");
  }
  return run;
}

void FakeEngine::advance(const std::string& id, int64_t step) {
  {
    absl::MutexLock lock(&mutex_);
    proto::WatchMessage message;
    *message.mutable_metrics() = synthetic.rows(runs_[id].steps(), step);
    for (Listener* listener : watchers_)
      if (listener->run == id) listener->queue.push_back(message);
  }
  change(id, [&](proto::RunSummary& run) { synthetic.summarise(run, step); });
}

void FakeEngine::tellEvent(const std::string& id, const proto::RunEvent& event) {
  absl::MutexLock lock(&mutex_);
  events_[id].push_back(event);
  proto::WatchMessage message;
  *message.mutable_event() = event;
  for (Listener* listener : watchers_)
    if (listener->run == id) listener->queue.push_back(message);
}

void FakeEngine::tellLog(const std::string& id, int rank, const std::string& line) {
  absl::MutexLock lock(&mutex_);
  proto::WatchMessage message;
  message.mutable_log()->set_rank(rank);
  message.mutable_log()->set_line(line);
  logs_[id].push_back(message.log());
  for (Listener* listener : watchers_)
    if (listener->run == id) listener->queue.push_back(message);
}

int FakeEngine::watchers() const {
  absl::MutexLock lock(&mutex_);
  return int(watchers_.size());
}

int FakeEngine::runListeners() const {
  absl::MutexLock lock(&mutex_);
  return int(run_listeners_.size());
}

void FakeEngine::refuseWith(const grpc::Status& status) {
  absl::MutexLock lock(&mutex_);
  refusal_ = status;
}

std::vector<std::string> FakeEngine::calls() const {
  absl::MutexLock lock(&mutex_);
  return calls_;
}

std::vector<std::string> FakeEngine::submitted() const {
  absl::MutexLock lock(&mutex_);
  return submitted_specs_;
}

grpc::Status FakeEngine::answer(const std::string& call) {
  absl::MutexLock lock(&mutex_);
  calls_.push_back(call);
  return refusal_;
}

void FakeEngine::wait(grpc::ServerContext* context, const std::atomic<bool>& is_slow) const {
  while (is_slow && !context->IsCancelled() && !stopping_) absl::SleepFor(absl::Milliseconds(5));
}

grpc::Status FakeEngine::Status(grpc::ServerContext* context, const proto::StatusRequest*,
                                proto::EngineStatus* reply) {
  wait(context, silent);
  reply->set_version("0.1.0");
  reply->set_address(address().toStdString());
  reply->set_home(home);
  return grpc::Status::OK;
}

grpc::Status FakeEngine::Watch(grpc::ServerContext* context, const proto::WatchRequest* request,
                               grpc::ServerWriter<proto::WatchMessage>* writer) {
  const proto::RunSummary run = this->run(request->run());
  if (run.run().empty()) return {grpc::StatusCode::NOT_FOUND, "there is no run " + request->run()};
  Listener listener;
  listener.run = request->run();
  listener.queue.push_back(asMessage(run));
  serve(context, watchers_, listener, [&](const proto::WatchMessage& message) {
    if (!writer->Write(message)) return false;
    return !message.has_summary() || message.summary().state() < proto::FINISHED;
  });
  return grpc::Status::OK;
}

grpc::Status FakeEngine::WatchRuns(grpc::ServerContext* context, const proto::WatchRunsRequest*,
                                   grpc::ServerWriter<proto::RunSummary>* writer) {
  Listener listener;
  wait(context, streams_are_late);
  // What is put once the client has heard of the stream must come by it.
  serve(
      context, run_listeners_, listener,
      [&](const proto::WatchMessage& message) { return writer->Write(message.summary()); },
      [&] { writer->SendInitialMetadata(); });
  return grpc::Status::OK;
}

proto::WatchMessage FakeEngine::asMessage(const proto::RunSummary& run) {
  proto::WatchMessage message;
  *message.mutable_summary() = run;
  return message;
}

void FakeEngine::serve(grpc::ServerContext* context, std::set<Listener*>& listeners, Listener& listener,
                       const std::function<bool(const proto::WatchMessage&)>& write,
                       const std::function<void()>& listens) {
  mutex_.Lock();
  listeners.insert(&listener);
  mutex_.Unlock();
  listens();
  for (bool going = true; going && !context->IsCancelled() && !stopping_;) {
    mutex_.LockWhenWithTimeout(absl::Condition(
                                   +[](Listener* l) { return !l->queue.empty(); }, &listener),
                               absl::Milliseconds(10));
    std::deque<proto::WatchMessage> batch;
    batch.swap(listener.queue);
    mutex_.Unlock();
    for (const proto::WatchMessage& message : batch)
      if (going) going = write(message);
  }
  absl::MutexLock lock(&mutex_);
  listeners.erase(&listener);
}

}  // namespace concertina::ui
