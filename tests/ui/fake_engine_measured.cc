// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// fake_engine_measured.cc: what was measured of the runs of the engine of tests: series, events, words,
// timelines, messages, models, files (see fake_engine.h).
#include "tests/ui/fake_engine.h"

#include <cmath>

#include "core/analysis/pyramid.h"

namespace concertina::ui {

void FakeEngine::putTimeline(const std::vector<std::string>& packed) {
  absl::MutexLock lock(&mutex_);
  timeline_ = packed;
}

void FakeEngine::putMotion(const proto::SlowMotionReply& reply) {
  absl::MutexLock lock(&mutex_);
  motion_ = reply;
}

void FakeEngine::putTraffic(const proto::TrafficReply& reply) {
  absl::MutexLock lock(&mutex_);
  traffic_ = reply;
}

void FakeEngine::putRecipeStep(const std::string& id, int64_t index, const std::string& json) {
  absl::MutexLock lock(&mutex_);
  recipe_steps_[{id, index}] = json;
}

grpc::Status FakeEngine::GetSparklines(grpc::ServerContext*, const proto::SparklinesRequest* request,
                                       proto::SparklinesReply* reply) {
  for (const std::string& run : request->runs()) {
    proto::Sparkline& line = *reply->add_sparklines();
    line.set_run(run);
    for (int i = 0; i < 16; ++i) line.add_values(1.0F / float(i + 1));
  }
  ++sparkline_calls;  // asked for by the page itself: no word among what a person asks, nor refused
  return grpc::Status::OK;
}

grpc::Status FakeEngine::ListSeries(grpc::ServerContext*, const proto::ListSeriesRequest* request,
                                    proto::ListSeriesReply* reply) {
  const int64_t steps = run(request->run()).steps();
  if (steps == 0) return grpc::Status::OK;
  for (const auto& [name, unit] : synthetic.allSeries()) {
    proto::SeriesInfo* info = reply->add_series();
    info->set_name(name);
    info->set_unit(unit);
    info->add_ranks(-1);
    info->set_points(steps);
  }
  return answer("list-series");
}

grpc::Status FakeEngine::joined(const proto::GetSeriesRequest& request, proto::GetSeriesReply* reply) {
  const auto found = own.find(request.run());
  const SyntheticRun& synthetic = found == own.end() ? this->synthetic : found->second;
  for (int64_t step = 1; step <= run(request.run()).steps(); ++step) {
    const double x = synthetic.value(request.x_series(), step), y = synthetic.value(request.name(), step);
    if (std::isnan(x) || std::isnan(y)) continue;
    if (reply->x_size() > 0 && x < reply->x(reply->x_size() - 1)) reply->set_x_goes_back(true);
    for (auto* values : {reply->mutable_x(), reply->mutable_x_min(), reply->mutable_x_max()}) values->Add(x);
    for (auto* values : {reply->mutable_mean(), reply->mutable_min(), reply->mutable_max()}) values->Add(y);
    reply->add_steps(double(step));
    if (request.with_counts()) reply->add_counts(1);
    if (request.with_counts()) reply->add_seconds(synthetic.seconds(step));
  }
  return grpc::Status::OK;
}

grpc::Status FakeEngine::GetSeries(grpc::ServerContext* context, const proto::GetSeriesRequest* request,
                                   proto::GetSeriesReply* reply) {
  const grpc::Status status = answer("series " + request->name() + " " + request->x() + request->x_series());
  if (!status.ok()) return status;
  if (!request->x_series().empty()) return joined(*request, reply);
  const bool is_range = request->x_from() < request->x_to();
  if (is_range && ranges_are_slow) {
    ++waiting_ranges;
    wait(context, ranges_are_slow);
    if (context->IsCancelled()) ++cancelled_ranges;
  }
  const int64_t steps = run(request->run()).steps();
  const auto found = own.find(request->run());
  const SyntheticRun& synthetic = found == own.end() ? this->synthetic : found->second;
  Pyramid::Points points;
  for (int64_t step = 1; step <= steps; ++step) {
    const double x = synthetic.at(request->x(), step);
    if (is_range && (x < request->x_from() || x > request->x_to())) continue;
    const double value = request->rank() >= 0 ? synthetic.valueOfRank(request->name(), request->rank(), step)
                         : request->name() == "progress/epoch"   ? synthetic.epoch(step)
                         : request->name() == "comm/bytes_total" ? synthetic.bytes(step)
                                                                 : synthetic.value(request->name(), step);
    if (std::isnan(value)) continue;
    points.steps.push_back(step);
    points.seconds.push_back(synthetic.seconds(step));
    points.values.push_back(value);
  }
  Pyramid pyramid;
  pyramid.Append(points.steps, points.seconds, points.values);
  const auto buckets = ReadZoomed(pyramid, 0, pyramid.size(0), thins ? request->max_points() : 0);
  for (const SeriesBucket& bucket : *buckets) {
    // Between two steps every axis is a line.
    const auto before = static_cast<int64_t>(bucket.step);
    const double share = bucket.step - static_cast<double>(before), from = synthetic.at(request->x(), before);
    reply->add_x(share == 0 ? from : from + share * (synthetic.at(request->x(), before + 1) - from));
    reply->add_mean(bucket.mean);
    reply->add_min(bucket.min);
    reply->add_max(bucket.max);
    if (!request->with_counts()) continue;
    reply->add_counts(bucket.count);
    reply->add_seconds(bucket.seconds);
  }
  reply->set_total_points(pyramid.size(0));
  for (const auto& [name, unit] : SyntheticRun::series())
    if (name == request->name()) reply->set_unit(unit);
  return status;
}

grpc::Status FakeEngine::ListEvents(grpc::ServerContext*, const proto::RunRequest* request,
                                    proto::ListEventsReply* reply) {
  absl::MutexLock lock(&mutex_);
  for (const proto::RunEvent& event : events_[request->run()]) *reply->add_events() = event;
  return grpc::Status::OK;
}

grpc::Status FakeEngine::GetLog(grpc::ServerContext*, const proto::GetLogRequest* request,
                                proto::GetLogReply* reply) {
  absl::MutexLock lock(&mutex_);
  for (const proto::RankLog& line : logs_[request->run()])
    if (request->rank() < 0 || line.rank() == request->rank()) *reply->add_lines() = line;
  return grpc::Status::OK;
}

grpc::Status FakeEngine::GetTimeline(grpc::ServerContext*, const proto::GetTimelineRequest* request,
                                     proto::GetTimelineReply* reply) {
  const grpc::Status status = answer("timeline " + request->run());
  absl::MutexLock lock(&mutex_);
  if (timeline_.empty()) return status;
  proto::TimelineRecording& recording = *reply->add_recordings();
  recording.set_recording(kNextRecording);
  for (size_t rank = 0; rank < timeline_.size(); ++rank) recording.add_ranks(static_cast<int>(rank));
  if (request->rank() >= 0) reply->set_packed(timeline_.at(static_cast<size_t>(request->rank())));
  return status;
}

grpc::Status FakeEngine::SlowMotion(grpc::ServerContext* context, const proto::SlowMotionRequest* request,
                                    proto::SlowMotionReply* reply) {
  static constexpr const char* kWords[] = {"look", "begin", "next", "step", "leave"};
  const grpc::Status status =
      answer(std::string("motion ") + kWords[request->action()] + " " + request->run());
  {
    absl::MutexLock lock(&mutex_);
    *reply = motion_;
  }
  if (looks_are_slow && request->action() == proto::SlowMotionRequest::LOOK) {
    ++slow_looks;
    wait(context, looks_are_slow);
  }
  return status;
}

grpc::Status FakeEngine::GetTraffic(grpc::ServerContext*, const proto::RunRequest* request,
                                    proto::TrafficReply* reply) {
  const grpc::Status status = answer("traffic " + request->run());
  absl::MutexLock lock(&mutex_);
  *reply = traffic_;
  return status;
}

grpc::Status FakeEngine::GetRecipeStep(grpc::ServerContext*, const proto::GetRecipeStepRequest* request,
                                       proto::GetRecipeStepReply* reply) {
  const grpc::Status status =
      answer("recipe-step " + request->run() + " " + std::to_string(request->index()));
  absl::MutexLock lock(&mutex_);
  const auto found = recipe_steps_.find({request->run(), request->index()});
  if (status.ok() && found == recipe_steps_.end())
    return {grpc::StatusCode::NOT_FOUND, "run " + request->run() + " has not come so far"};
  if (status.ok()) reply->set_json(found->second);
  return status;
}

grpc::Status FakeEngine::MeasureOnDevice(grpc::ServerContext* context,
                                         const proto::MeasureOnDeviceRequest* request,
                                         proto::MeasureOnDeviceReply* reply) {
  const grpc::Status status = answer("device " + request->run() + " " + std::to_string(request->queries()) +
                                     " " + request->entry_json());
  wait(context, device_is_slow);
  if (context->IsCancelled()) answer("device cancelled");
  *reply = device;
  return status;
}

grpc::Status FakeEngine::Export(grpc::ServerContext* context, const proto::ExportRequest* request,
                                grpc::ServerWriter<proto::ExportChunk>* writer) {
  const grpc::Status status = answer("export " + request->format());
  if (!status.ok()) return status;
  proto::ExportChunk chunk;
  if (parameters && request->format() == "safetensors") {
    chunk.set_file_name("run.safetensors");
    chunk.set_data(parameters(request->run()));
    writer->Write(chunk);
    return status;
  }
  if (!page.empty() && request->format() == "html") {
    chunk.set_file_name("run.html");
    chunk.set_data(page);
    writer->Write(chunk);
    return status;
  }
  chunk.set_file_name("../run." + request->format());  // a name that would like to leave its folder
  chunk.set_data("step,loss\n");
  writer->Write(chunk);
  wait(context, export_is_slow);
  if (context->IsCancelled()) return grpc::Status::CANCELLED;
  chunk.clear_file_name();
  chunk.set_data("1,2.3\n");
  writer->Write(chunk);
  chunk.set_file_name("events." + request->format());
  chunk.set_data("step,kind\n");
  writer->Write(chunk);
  if (export_is_cut) return {grpc::StatusCode::UNAVAILABLE, "the engine goes"};
  return status;
}

}  // namespace concertina::ui
