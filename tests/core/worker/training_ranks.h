// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// training_ranks.h: whole training loops on a small table, ranks as threads over the in-process transport,
// for the tests of worker/step_loop.h.
#pragma once

#include <QTemporaryDir>
#include <QtGlobal>
#include <cmath>
#include <functional>
#include <map>
#include <memory>
#include <numeric>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "core/worker/step_loop.h"
#include "nlohmann/json.hpp"
#include "tests/core/worker/trained_table.h"

namespace concertina {

inline nlohmann::json TableSpec(const std::string& path, int workers, int batch) {
  return {{"name", "table"},
          {"seed", 3},
          {"dataset", {{"kind", "csv"}, {"path", path}, {"label", "label"}}},
          {"model", {{"kind", "mlp"}, {"hidden", {48, 24}}}},
          {"optimizer", {{"kind", "sgd"}, {"learning_rate", 0.1}, {"momentum", 0.9}}},
          {"training", {{"batch_size", batch}, {"epochs", 4}}},
          {"mesh", {{"data", workers}}},
          {"exchange", {{"kind", "all-reduce"}, {"bucket_mib", 0.001}}},  // three buckets
          {"workers", {{{"launcher", "local"}, {"count", workers}}}}};
}

inline constexpr int64_t kRecordedSteps = 5;  // where Train is asked for SPANS

struct RankResult {
  absl::StatusOr<StepLoopResult> result = absl::UnknownError("not run");
  std::vector<int64_t> checkpoints;
  std::vector<int64_t> missed;       // that were wanted and are not there
  std::vector<std::string> no_room;  // as it was told
  std::vector<std::string> states;
  std::vector<absl::Status> knobs;                     // as they were applied
  std::vector<std::pair<int64_t, std::string>> marks;  // steps and values of the same
  std::map<std::string, std::vector<double>> series;   // what was recorded, in order
  int64_t counted_elements = -1;  // of a histogram; -1: none came, 0: there is no gradient
  std::vector<RankSpans> spans;   // of recordings
};

inline std::map<std::string, std::vector<double>> SeriesOf(StepRecorder& recorder) {
  std::map<std::string, std::vector<double>> series;
  proto::MetricBatch batch;
  if (!recorder.Take(batch)) return series;
  for (const proto::MetricTable& table : batch.tables())
    for (const proto::MetricTable::Column& column : table.columns()) {
      std::vector<double>& values = series[batch.declared(static_cast<int>(column.series())).name()];
      for (const double value : column.values())
        if (!std::isnan(value)) values.push_back(value);
    }
  return series;
}

// The same over a mesh whose model is divided over the tensor axis.
inline nlohmann::json TensorSpec(const std::string& path, int data, int tensor, int batch) {
  nlohmann::json spec = TableSpec(path, data, batch);
  spec["mesh"]["tensor"] = tensor;
  spec["workers"][0]["count"] = data * tensor;
  return spec;
}

// The same over a mesh whose model is cut into stages.
inline nlohmann::json PipelineSpec(const std::string& path, int data, int pipeline, int tensor, int batch) {
  nlohmann::json spec = TensorSpec(path, data, tensor, batch);
  spec["model"]["hidden"] = {48, 24, 36};  // four layers
  spec["mesh"]["pipeline"] = pipeline;
  spec["workers"][0]["count"] = data * pipeline * tensor;
  return spec;
}

// A test has one of these as a base.
class TrainingRanks {
 protected:
  TrainingRanks() : table_(folder_.filePath("table.csv").toStdString()) { WriteTable(table_); }
  // What became of each rank. `dying_rank` goes after its third step.
  std::vector<RankResult> Train(const nlohmann::json& spec, const QString& run_folder,
                                const std::string& checkpoint = "",
                                const std::vector<proto::Control::Action>& actions = {}, int dying_rank = -1,
                                const std::vector<proto::Knob>& knobs = {});

  QTemporaryDir folder_;
  std::string table_;
  Disk* disk_ = &Disk::Real();                       // where checkpoints go
  std::function<void(const std::string&)> no_room_;  // when a rank says so, in its thread
  bool stops_when_full_ = false;                     // a rank that says so is asked to stop
  // Of slow motion: what is told of a message that waits, and the gate of each rank. Empty: there is none.
  std::function<void(const WaitingMessage&)> message_waits_;
  std::vector<std::unique_ptr<MessageGate>> gates_;
  bool is_fork_ = false;  // a checkpoint that Train is given is another run's
};

inline std::vector<RankResult> TrainingRanks::Train(const nlohmann::json& spec, const QString& run_folder,
                                                    const std::string& checkpoint,
                                                    const std::vector<proto::Control::Action>& actions,
                                                    int dying_rank, const std::vector<proto::Knob>& knobs) {
  SpecCheck check = CheckSpec(spec.dump());
  for (const Fault& fault : check.faults) qWarning("%s", fault.message.c_str());
  const int ranks = static_cast<int>(check.spec.worker_count());
  auto transports = MakeInProcessTransports(ranks);
  std::vector<RankResult> results(static_cast<size_t>(ranks));
  std::vector<std::thread> threads;
  for (int rank = 0; rank < ranks; ++rank)
    threads.emplace_back([&, rank] {
      RankResult& mine = results[static_cast<size_t>(rank)];
      StepRecorder recorder(static_cast<uint32_t>(rank));
      ControlQueue controls;
      for (const auto action : actions)
        controls.Push({.action = action, .knob = {}, .steps = kRecordedSteps, .recording = 77});
      for (const proto::Knob& knob : knobs)
        controls.Push({.action = {}, .knob = knob, .steps = 0, .recording = 0});
      StepLoopListener listener;
      listener.progress = [&, rank](int64_t step, double, const char*) {
        if (rank == dying_rank && step > 3)
          transports[static_cast<size_t>(rank)]->Abort(absl::UnavailableError("its machine burns"));
      };
      listener.checkpoint_written = [&mine](int64_t step, const std::string&, uint64_t) {
        mine.checkpoints.push_back(step);
      };
      listener.knob_applied = [&mine](const proto::Knob& knob, int64_t step, const absl::Status& status) {
        mine.knobs.push_back(status);
        mine.marks.emplace_back(step, knob.json());
      };
      listener.gradient_counted = [&mine](const GradientHistogram* histogram, int64_t) {
        mine.counted_elements = 0;
        for (const auto& layer :
             histogram == nullptr ? std::vector<GradientHistogram::Layer>() : histogram->layers())
          mine.counted_elements += std::accumulate(layer.counts.begin(), layer.counts.end(), layer.zeros);
      };
      listener.spans_recorded = [&mine](const RankSpans& spans) { mine.spans.push_back(spans); };
      if (message_waits_) listener.message_waits = message_waits_;
      listener.state_reached = [&mine](const char* state, int64_t) { mine.states.emplace_back(state); };
      listener.no_room = [&](int64_t, const std::string& reason) {
        mine.no_room.push_back(reason);
        if (no_room_) no_room_(reason);
        if (stops_when_full_)
          controls.Push({.action = proto::Control::STOP, .knob = {}, .steps = 0, .recording = 0});
      };
      listener.checkpoint_missed = [&mine](int64_t step, const std::string&) { mine.missed.push_back(step); };
      auto loop =
          StepLoop::Create({.spec = check.spec,
                            .rank = rank,
                            .world_size = ranks,
                            .run_folder = run_folder.toStdString(),
                            .datasets_folder = folder_.filePath("datasets").toStdString(),
                            .kernels_file = folder_.filePath("kernels").toStdString(),
                            .checkpoint = checkpoint,
                            .is_fork = is_fork_,
                            .disk = disk_,
                            .gate = message_waits_ ? gates_[static_cast<size_t>(rank)].get() : nullptr},
                           recorder, controls, std::move(listener));
      if (!loop.ok()) {
        mine.result = loop.status();
        transports[static_cast<size_t>(rank)]->Abort(loop.status());
        return;
      }
      mine.result = (*loop)->Run(*transports[static_cast<size_t>(rank)], {});
      mine.series = SeriesOf(recorder);
    });
  for (std::thread& thread : threads) thread.join();
  for (const RankResult& result : results)
    if (!result.result.ok()) qWarning("%s", std::string(result.result.status().message()).c_str());
  return results;
}

}  // namespace concertina
