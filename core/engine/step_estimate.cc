// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// step_estimate.cc: see step_estimate.h.
#include "core/engine/step_estimate.h"

#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <optional>

#include "core/base/log.h"
#include "core/experiment/checkpoint_interval.h"
#include "core/experiment/transport_choice.h"
#include "nlohmann/json.hpp"

namespace concertina {
namespace {

// Measuring must not push out what runs.
constexpr double kMostMemoryShare = 0.25;

bool IsLarge(const Plan& plan) {
  const double machine =
      static_cast<double>(sysconf(_SC_PHYS_PAGES)) * static_cast<double>(sysconf(_SC_PAGE_SIZE));
  return plan.memory_bytes_per_worker > kMostMemoryShare * machine;
}

// What the echo between two processes stands for: threads of one process are no slower than shared memory.
std::string MeasuredKind(const Spec& spec) {
  const std::string kind = TransportOf(spec);
  return kind == "in-process" ? "shared-memory" : kind;
}

// What is missing is told once in the log, and the plan does without.
template <class Value>
std::optional<Value> Known(const absl::StatusOr<std::optional<Value>>& figure, const char* what) {
  if (figure.ok()) return *figure;
  spdlog::warn("{} could not be measured: {}", what, std::string(figure.status().message()));
  return std::nullopt;
}

// Nothing where a figure is missing.
std::optional<StepSeconds> StepSecondsOf(const Spec& spec, const Plan& plan, int cores,
                                         Calibration& calibration, Calibration::Measure measure) {
  if (IsLarge(plan)) return std::nullopt;
  const std::optional<double> seconds = Known(calibration.StepSecondsOf(spec, plan, measure), "a step");
  if (!seconds) return std::nullopt;
  const TrafficMap traffic = TrafficMapOf(plan.json);
  MachineCost machine{.cores = cores};
  if (!traffic.flows.empty()) {
    const std::optional<TransportCost> transport =
        Known(calibration.Transport(MeasuredKind(spec), measure), "the transport");
    if (!transport) return std::nullopt;
    machine.alpha_seconds = transport->alpha_seconds;
    machine.beta_seconds_per_byte = transport->beta_seconds_per_byte;
  }
  return EstimateStep(StepWorkOf(spec, plan, *seconds), traffic, machine);
}

}  // namespace

StepWork StepWorkOf(const Spec& spec, const Plan& plan, double step_seconds) {
  const double parts = static_cast<double>(spec.mesh_pipeline * spec.mesh_tensor);
  // In steps 1; in rounds as many as the clients of a worker make between them.
  const double steps = static_cast<double>(plan.global_batch_size) /
                       static_cast<double>(spec.mesh_data * spec.training.batch_size);
  StepWork work{.compute_seconds = step_seconds * steps / parts,
                .slowest_part = plan.pipeline.slowest_stage,
                .bubble = plan.pipeline.expected_bubble,
                .threads = static_cast<int>(spec.training.threads_per_worker),
                .buckets = static_cast<int>(plan.overlapping_buckets),
                .beside_share = plan.pattern.beside.share,
                .beside_passes = plan.pattern.beside.passes};
  for (const WorkerGroup& group : spec.workers)
    for (int64_t i = 0; i < group.count; ++i)
      work.ranks.push_back({.speed = group.speed, .is_here = IsOfThisHost(group.launcher.kind())});
  return work;
}

std::string WithStepSeconds(const Spec& spec, const Plan& plan, int cores, Calibration& calibration,
                            Calibration::Measure measure) {
  const std::optional<double> disk = Known(calibration.DiskBytesPerSecond(measure), "the disk");
  const std::optional<StepSeconds> step = StepSecondsOf(spec, plan, cores, calibration, measure);
  if (!disk && !step) return plan.json;
  nlohmann::ordered_json json = nlohmann::ordered_json::parse(plan.json, nullptr, false);
  if (disk)
    json["checkpoint"] = CheckpointJson({.bytes = plan.checkpoint_bytes,
                                         .disk_bytes_per_second = *disk,
                                         .is_measured = true,
                                         .worker_mtbf_hours = spec.training.worker_mtbf_hours,
                                         .workers = static_cast<double>(plan.world_size)});
  if (!step) return json.dump();
  json["step_seconds"] = {{"compute", step->compute},
                          {"communication", step->communication},
                          {"exposed", step->exposed},
                          {"total", step->total},
                          {"dominated_by", step->dominated_by}};
  if (step->total > 0)
    json["checkpoint"]["interval_steps"] =
        std::max<int64_t>(1, std::llround(json["checkpoint"].value("interval_seconds", 0.0) / step->total));
  return json.dump();
}

}  // namespace concertina
