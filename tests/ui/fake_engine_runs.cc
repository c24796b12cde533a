// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// fake_engine_runs.cc: what a person may do to the runs of the engine of tests (see fake_engine.h).
#include "tests/ui/fake_engine.h"

#include <algorithm>
#include <utility>

namespace concertina::ui {

void FakeEngine::setStartLines(std::vector<std::string> lines) {
  absl::MutexLock lock(&mutex_);
  start_lines_ = std::move(lines);
}

grpc::Status FakeEngine::ListRuns(grpc::ServerContext* context, const proto::ListRunsRequest* request,
                                  proto::ListRunsReply* reply) {
  if (lists_are_slow) ++slow_lists;
  wait(context, lists_are_slow);
  absl::MutexLock lock(&mutex_);
  for (const auto& [id, run] : request->bin() ? bin_ : runs_) *reply->add_runs() = run;
  return grpc::Status::OK;
}

grpc::Status FakeEngine::ControlRun(grpc::ServerContext*, const proto::ControlRunRequest* request,
                                    proto::ControlRunReply* reply) {
  static constexpr const char* kWords[] = {"none",       "pause", "resume",   "stop",
                                           "checkpoint", "kill",  "histogram"};
  if (request->action() == proto::ControlRunRequest::SPANS) {
    reply->set_recording(kNextRecording);
    return answer("record " + std::to_string(request->steps()) + " " + request->run());
  }
  const grpc::Status status =
      answer(std::string("control ") + kWords[request->action()] + " " + request->run());
  if (!status.ok()) return status;
  reply->set_state(change(request->run(), [&](proto::RunSummary& run) {
                     switch (request->action()) {
                       case proto::ControlRunRequest::PAUSE:
                         run.set_state(proto::PAUSED);
                         break;
                       case proto::ControlRunRequest::RESUME:
                         run.set_state(proto::RUNNING);
                         break;
                       case proto::ControlRunRequest::STOP:
                         if (!stop_hangs) run.set_state(proto::STOPPED);
                         break;
                       case proto::ControlRunRequest::KILL:
                         run.set_state(proto::STOPPED);
                         break;
                       default:
                         break;
                     }
                   }).state());
  return status;
}

grpc::Status FakeEngine::SetKnob(grpc::ServerContext*, const proto::SetKnobRequest* request,
                                 proto::SetKnobReply* reply) {
  const grpc::Status status = answer("knob " + request->pointer() + " " + request->json());
  reply->set_step(run(request->run()).steps() + 1);
  return status;
}

grpc::Status FakeEngine::ChangeWorkers(grpc::ServerContext*, const proto::ChangeWorkersRequest* request,
                                       proto::ChangeWorkersReply* reply) {
  const grpc::Status status = answer("workers " + std::to_string(request->change()) + " " + request->run());
  reply->set_workers(run(request->run()).workers_size() + request->change());
  return status;
}

grpc::Status FakeEngine::HarmWorker(grpc::ServerContext*, const proto::HarmWorkerRequest* request,
                                    proto::HarmWorkerReply* reply) {
  static constexpr const char* kActs[] = {"look", "kill", "freeze", "thaw", "slow"};
  std::string said = std::string("harm ") + kActs[request->act()] + " " + std::to_string(request->rank());
  if (request->seconds() > 0) said += " for " + std::to_string(int(request->seconds()));
  if (request->slowdown() > 0) said += " by " + std::to_string(int(request->slowdown()));
  const grpc::Status status = answer(said + " " + request->run());
  reply->set_recovery("regroups");
  return status;
}

grpc::Status FakeEngine::StartLines(grpc::ServerContext*, const proto::RunRequest* request,
                                    proto::StartLinesReply* reply) {
  const grpc::Status status = answer("start lines " + request->run());
  absl::MutexLock lock(&mutex_);
  for (size_t rank = 0; rank < start_lines_.size(); ++rank) {
    proto::StartLine& put = *reply->add_lines();
    put.set_rank(static_cast<uint32_t>(rank));
    put.set_line(start_lines_[rank]);
  }
  return status;
}

grpc::Status FakeEngine::Fork(grpc::ServerContext*, const proto::ForkRequest* request,
                              proto::SubmitReply* reply) {
  std::string changes;
  for (const std::string& change : request->changes()) {
    changes += " " + change;
    if (change.starts_with("/")) continue;
    proto::SpecFault& fault = *reply->add_faults();
    fault.set_message("\"" + change + "\" is no assignment");
  }
  const grpc::Status status =
      answer(std::string(request->validate_only() ? "ask to fork " : "fork ") + request->run() + changes);
  if (!status.ok() || request->validate_only() || !reply->faults().empty()) return status;
  proto::RunSummary child = makeRun("20261124-031500-fork", "a fork", proto::QUEUED);
  child.set_parent(request->run());
  put(child);
  reply->set_run(child.run());
  return status;
}

grpc::Status FakeEngine::DeleteRun(grpc::ServerContext*, const proto::RunRequest* request,
                                   proto::DeleteRunReply*) {
  const grpc::Status status = answer("delete " + request->run());
  if (!status.ok()) return status;
  {
    absl::MutexLock lock(&mutex_);
    if (const auto found = runs_.find(request->run()); found != runs_.end())
      bin_[found->first] = found->second;
  }
  forget(request->run());
  return status;
}

grpc::Status FakeEngine::RestoreRun(grpc::ServerContext*, const proto::RunRequest* request,
                                    proto::RestoreRunReply*) {
  const grpc::Status status = answer("restore " + request->run());
  if (!status.ok()) return status;
  proto::RunSummary run;
  {
    absl::MutexLock lock(&mutex_);
    const auto found = bin_.find(request->run());
    if (found == bin_.end()) return {grpc::StatusCode::NOT_FOUND, "there is no such run in the bin"};
    run = found->second;
    bin_.erase(found);
  }
  put(run);
  return status;
}

grpc::Status FakeEngine::EmptyBin(grpc::ServerContext*, const proto::EmptyBinRequest* request,
                                  proto::EmptyBinReply* reply) {
  const grpc::Status status = answer("empty bin " + std::to_string(request->runs_size()));
  if (!status.ok()) return status;
  absl::MutexLock lock(&mutex_);
  const size_t before = bin_.size();
  if (request->runs().empty()) bin_.clear();
  for (const std::string& run : request->runs()) bin_.erase(run);
  reply->set_runs(int64_t(before - bin_.size()));
  return status;
}

grpc::Status FakeEngine::MarkRuns(grpc::ServerContext*, const proto::MarkRunsRequest* request,
                                  proto::MarkRunsReply*) {
  std::string what = "mark";
  for (const std::string& run : request->runs()) what += " " + run;
  for (const std::string& tag : request->add_tags()) what += " +" + tag;
  for (const std::string& tag : request->remove_tags()) what += " -" + tag;
  if (request->has_note()) what += " note=" + request->note();
  if (request->has_name()) what += " name=" + request->name();
  if (request->has_color()) what += " color=" + std::to_string(request->color());
  if (request->has_pinned()) what += request->pinned() ? " pin" : " unpin";
  const grpc::Status status = answer(what);
  if (!status.ok()) return status;
  for (const std::string& id : request->runs())
    change(id, [&](proto::RunSummary& run) {
      auto& tags = *run.mutable_marks()->mutable_tags();
      for (const std::string& tag : request->remove_tags())
        tags.erase(std::remove(tags.begin(), tags.end(), tag), tags.end());
      for (const std::string& tag : request->add_tags())
        if (std::find(tags.begin(), tags.end(), tag) == tags.end()) *tags.Add() = tag;
      if (request->has_note()) run.mutable_marks()->set_note(request->note());
      if (request->has_name()) run.set_name(request->name());
      if (request->has_color()) run.mutable_marks()->set_color(request->color());
      if (request->has_pinned()) run.mutable_marks()->set_pinned(request->pinned());
    });
  return status;
}

grpc::Status FakeEngine::ImportRun(grpc::ServerContext*, grpc::ServerReader<proto::ImportChunk>* reader,
                                   proto::ImportReply* reply) {
  proto::ImportChunk chunk;
  size_t bytes = 0;
  while (reader->Read(&chunk)) bytes += chunk.data().size();
  const grpc::Status status = answer("import " + std::to_string(bytes));
  if (!status.ok()) return status;
  put(makeRun("imported", "imported", proto::FINISHED));
  reply->set_run("imported");
  return status;
}

}  // namespace concertina::ui
