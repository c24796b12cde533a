// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// step_estimate.cc: see step_estimate.h.
#include "core/engine/step_estimate.h"

#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <optional>

#include "core/analysis/break_even.h"
#include "core/base/log.h"
#include "core/experiment/checkpoint_interval.h"
#include "core/experiment/layer_chains.h"
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

// Of all codecs of a step; 0 where there are none, or what they take is not known.
double CodecSecondsOf(const Spec& spec, const Plan& plan, Calibration& calibration,
                      Calibration::Measure measure) {
  double seconds = 0;
  for (const CodedPart& part : plan.coded) {
    const std::optional<CodecSeconds> known =
        Known(calibration.CodecSecondsOf(ChainNumber(spec, part.chain), part.floats, measure), "the codec");
    if (!known) return 0;
    seconds += part.encodes * known->encode + part.decodes * known->decode;
  }
  return seconds;
}

// A step with the codec, where there is one, and without.
struct Estimates {
  StepSeconds step;
  std::optional<StepSeconds> dense;
  BreakEven pays;
};

MeasuredStep OnAnyLink(const StepSeconds& step, const TrafficMap& traffic) {
  return {.compute_seconds = step.compute,
          .codec_seconds = step.codec,
          .rounds = traffic.rounds,
          .bytes = BytesInTurn(traffic)};
}

double SlowestLatencyMs(const TrafficMap& traffic) {
  double latency_ms = 0;
  for (const TrafficFlow& flow : traffic.flows) latency_ms = std::max(latency_ms, flow.delay_ms());
  return latency_ms;
}

// Nothing where a figure is missing.
std::optional<Estimates> StepSecondsOf(const Spec& spec, const Plan& plan, int cores,
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
  StepWork work = StepWorkOf(spec, plan, *seconds);
  work.codec_seconds = CodecSecondsOf(spec, plan, calibration, measure);
  Estimates estimates{.step = EstimateStep(work, traffic, machine)};
  if (plan.dense_json.empty() || traffic.flows.empty() || work.codec_seconds <= 0) return estimates;
  work.codec_seconds = 0;
  work.beside_share = plan.dense_pattern.beside.share;
  work.beside_passes = plan.dense_pattern.beside.passes;
  const TrafficMap dense = TrafficMapOf(plan.dense_json);
  estimates.dense = EstimateStep(work, dense, machine);
  estimates.pays = FindBreakEven(OnAnyLink(*estimates.dense, dense), OnAnyLink(estimates.step, traffic),
                                 SlowestLatencyMs(traffic));
  return estimates;
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
  const std::optional<Estimates> estimates = StepSecondsOf(spec, plan, cores, calibration, measure);
  if (!disk && !estimates) return plan.json;
  nlohmann::ordered_json json = nlohmann::ordered_json::parse(plan.json, nullptr, false);
  if (disk)
    json["checkpoint"] = CheckpointJson({.bytes = plan.checkpoint_bytes,
                                         .disk_bytes_per_second = *disk,
                                         .is_measured = true,
                                         .worker_mtbf_hours = spec.training.worker_mtbf_hours,
                                         .workers = static_cast<double>(plan.world_size)});
  if (!estimates) return json.dump();
  const StepSeconds& step = estimates->step;
  json["step_seconds"] = {{"compute", step.compute}, {"communication", step.communication},
                          {"codec", step.codec},     {"exposed", step.exposed},
                          {"total", step.total},     {"dominated_by", step.dominated_by}};
  if (estimates->dense) {
    json["step_seconds"]["without_codec"] = estimates->dense->total;
    json["step_seconds"]["pays"] = {{"kind", PaysName(estimates->pays.pays)},
                                    {"bandwidth_mbit", estimates->pays.bandwidth_mbit}};
  }
  if (step.total > 0)
    json["checkpoint"]["interval_steps"] =
        std::max<int64_t>(1, std::llround(json["checkpoint"].value("interval_seconds", 0.0) / step.total));
  return json.dump();
}

}  // namespace concertina
