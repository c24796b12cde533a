// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// run_preparation.cc: see run_preparation.h.
#include "core/engine/run_preparation.h"

#include <algorithm>
#include <utility>

#include "absl/strings/numbers.h"
#include "core/base/registry.h"
#include "core/comm/link_shaper.h"
#include "core/engine/launcher.h"
#include "core/engine/own_address.h"
#include "core/experiment/elastic.h"
#include "core/experiment/pair_link.h"
#include "core/parallel/exchange.h"
#include "core/worker/checkpoint_manifest.h"
#include "fmt/format.h"
#include "nlohmann/json.hpp"

namespace concertina {
namespace {

// Every point of a series of the whole run before `step`; none if there is no such series.
absl::StatusOr<std::vector<SeriesPoint>> PointsBefore(Store& store, const std::string& run,
                                                      const std::string& series, int64_t step) {
  absl::StatusOr<std::vector<SeriesPoint>> points = store.ReadSeries(run, series, kWholeRun, 0, step, 0);
  if (!points.ok() && points.status().code() == absl::StatusCode::kNotFound)
    return std::vector<SeriesPoint>();
  return points;
}

absl::StatusOr<double> SumBefore(Store& store, const std::string& run, const std::string& series,
                                 int64_t step) {
  ASSIGN_OR_RETURN(const std::vector<SeriesPoint> points, PointsBefore(store, run, series, step));
  double sum = 0;
  for (const SeriesPoint& point : points) sum += point.mean * static_cast<double>(point.count);
  return sum;
}

// A launcher that cannot be made of its entry is a fault of the entry. Gives what workers elsewhere call this
// machine; "" if there are none.
std::string LookAtLaunchers(const Spec& spec, std::vector<Fault>& faults) {
  std::string advertise_host;
  for (size_t i = 0; i < spec.workers.size(); ++i) {
    const Params& params = spec.workers[i].launcher;
    const auto launcher = Registry::Global().Create<Launcher>("launcher", params);
    const std::string pointer = fmt::format("/workers/{}", i);
    if (!launcher.ok()) {
      faults.push_back(LauncherFault(launcher.status(), pointer));
      continue;
    }
    if ((*launcher)->is_elsewhere() && advertise_host.empty())
      advertise_host = OwnAddressTowards((*launcher)->advertise_host());
  }
  return advertise_host;
}

// Of the rank whose messages of a step take longest on the emulated links, one after the other.
double LongestSendingSeconds(const Spec& spec, const Pattern& pattern) {
  std::vector<double> seconds(static_cast<size_t>(spec.worker_count()));
  for (const Flow& flow : pattern.flows) {
    const LinkShape link = PairLink(spec, flow.from, flow.to);
    double& sum = seconds.at(static_cast<size_t>(flow.from));
    if (link.bandwidth_mbit > 0) sum += flow.bytes * 8e-6 / link.bandwidth_mbit;
    sum += flow.messages * MeanDelayMs(link) * 1e-3;
  }
  return seconds.empty() ? 0 : *std::max_element(seconds.begin(), seconds.end());
}

// What a run needs of its checked spec and of its plan.
PreparedRun MakePreparedRun(Spec spec, const Plan& plan) {
  PreparedRun prepared;
  prepared.parameters = plan.parameters;
  prepared.total_steps = plan.total_steps;
  prepared.global_batch_size = plan.global_batch_size;
  prepared.steps_per_epoch = static_cast<double>(plan.steps_per_epoch);
  prepared.exchange_seconds = LongestSendingSeconds(spec, plan.pattern);
  prepared.mesh_size = static_cast<int>(spec.mesh_data * spec.mesh_pipeline * spec.mesh_tensor);
  const auto exchange = Registry::Global().Create<Exchange>("exchange", spec.exchange);
  // Of a model that several ranks hold between them, none can be spared.
  const bool is_whole = spec.mesh_pipeline * spec.mesh_tensor == 1;
  for (int rank = 0; rank < static_cast<int>(spec.worker_count()); ++rank)
    prepared.spared.push_back(exchange.ok() && is_whole &&
                              (*exchange)->survives_loss_of(rank, static_cast<int>(spec.mesh_data)));
  prepared.recovery = RecoveryOf(spec);
  prepared.spec = std::move(spec);
  return prepared;
}

}  // namespace

Fault LauncherFault(const absl::Status& status, const std::string& pointer) {
  const std::string message(status.message());
  Fault fault;
  fault.pointer = pointer;
  // "host: found …": the parameter is named first.
  if (const size_t colon = message.find(": "); colon != std::string::npos && message.find(' ') > colon)
    fault.pointer += "/" + message.substr(0, colon);
  fault.message = fmt::format("{}: {}", pointer, message);
  return fault;
}

absl::StatusOr<std::optional<PreparedRun>> PrepareRun(const std::string& spec_json,
                                                      const std::string& datasets_folder,
                                                      std::vector<Fault>& faults) {
  SpecCheck check = CheckSpec(spec_json);
  if (!check.faults.empty()) {
    faults = std::move(check.faults);
    return std::nullopt;
  }
  std::string advertise_host = LookAtLaunchers(check.spec, faults);
  if (!faults.empty()) return std::nullopt;
  ASSIGN_OR_RETURN(const Plan plan, PlanOf(check.spec, datasets_folder, faults));
  if (!faults.empty()) return std::nullopt;
  PreparedRun prepared = MakePreparedRun(std::move(check.spec), plan);
  prepared.advertise_host = std::move(advertise_host);
  return prepared;
}

int RanksOf(const proto::RunSummary& summary) {
  const SpecCheck check = CheckSpec(summary.spec_json());
  return check.faults.empty() ? static_cast<int>(check.spec.worker_count()) : summary.workers_size();
}

int CheckpointRanksOf(const proto::RunSummary& summary) {
  const SpecCheck check = CheckSpec(summary.spec_json());
  if (!check.faults.empty()) return summary.workers_size();
  if (RecoveryOf(check.spec) == Recovery::kRegroups) return kAnyRanks;
  return static_cast<int>(check.spec.worker_count());
}

absl::StatusOr<std::string> SpecForRanks(const std::string& spec_json, int ranks) {
  const SpecCheck check = CheckSpec(spec_json);
  if (!check.faults.empty() || check.spec.worker_count() == ranks || ranks < 1) return spec_json;
  std::vector<std::string> entries = EntriesByRank(check.spec);
  entries.resize(static_cast<size_t>(ranks), entries.back());
  ASSIGN_OR_RETURN(const Spec spec, SpecForGroup(check.spec, entries));
  return spec.json;
}

std::optional<CheckpointOnDisk> NewestCheckpoint(const std::string& run_folder, int ranks, int64_t at_most) {
  // The disk says what there is, not the store: an engine that was killed had not yet stored the newest
  // checkpoint, and its workers had already removed the older ones. Complete is what all ranks have written.
  const absl::StatusOr<WholeCheckpoint> newest =
      NewestNamedCheckpoint(Disk::Real(), run_folder, ranks, at_most);
  if (!newest.ok()) return std::nullopt;
  return CheckpointOnDisk{.step = newest->step, .ranks = newest->ranks, .path = newest->path};
}

absl::StatusOr<ResumePoint> FindResumePoint(Store& store, const std::string& run,
                                            const std::string& run_folder, int ranks) {
  absl::StatusOr<WholeCheckpoint> newest = NewestWholeCheckpoint(Disk::Real(), run_folder, ranks);
  if (!newest.ok())
    return absl::FailedPreconditionError(fmt::format(
        "run {} has no checkpoint to go on from; start it anew (and set "
        "/training/checkpoint_every_steps; with a recipe there is one behind each of its steps): {}",
        run, std::string(newest.status().message())));
  ASSIGN_OR_RETURN(ResumePoint point, ResumePointAt(store, run, newest->step));
  point.checkpoint = newest->path;
  point.ranks = newest->ranks;
  point.passed_over = std::move(newest->passed_over);
  ASSIGN_OR_RETURN(const std::vector<StoredEvent> events, store.Events(run));
  for (const StoredEvent& event : events) {
    if (event.kind != "recipe") continue;
    const nlohmann::json json = nlohmann::json::parse(event.json, nullptr, false);
    const auto step = json.is_object() ? json.find("step") : json.end();
    if (step != json.end() && step->is_number_integer()) point.recipe_steps_told.insert(step->get<int64_t>());
  }
  return point;
}

absl::StatusOr<ResumePoint> ResumePointAt(Store& store, const std::string& run, int64_t step) {
  ResumePoint point;
  point.step = step;
  RunTotals& totals = point.totals;
  ASSIGN_OR_RETURN(totals.bytes_sent, SumBefore(store, run, "comm/bytes_sent", point.step));
  ASSIGN_OR_RETURN(totals.bytes_received, SumBefore(store, run, "comm/bytes_received", point.step));
  ASSIGN_OR_RETURN(totals.messages_sent, SumBefore(store, run, "comm/messages_sent", point.step));
  ASSIGN_OR_RETURN(const std::vector<SeriesPoint> payloads,
                   PointsBefore(store, run, "comm/payload_bytes_sent", point.step));
  ASSIGN_OR_RETURN(const std::vector<SeriesPoint> ratios,
                   PointsBefore(store, run, "comm/compression_ratio", point.step));
  size_t r = 0;
  for (const SeriesPoint& payload : payloads) {
    totals.payload_bytes_sent += payload.mean;
    while (r < ratios.size() && ratios[r].step < payload.step) ++r;
    if (r == ratios.size() || ratios[r].step != payload.step) continue;
    totals.dense_bytes += ratios[r].mean * payload.mean;
    totals.encoded_bytes += payload.mean;
  }
  ASSIGN_OR_RETURN(const std::vector<SeriesPoint> losses, PointsBefore(store, run, "train/loss", point.step));
  totals.steps = point.step;
  if (!losses.empty()) totals.seconds = losses.back().seconds;

  ASSIGN_OR_RETURN(const std::vector<SeriesDescription> all, store.ListSeries(run));
  for (const SeriesDescription& series : all) {
    // Those of a recipe's file have no other step (worker/edge_series.h).
    if (!series.name.starts_with("test/") && !series.name.starts_with("edge/")) continue;
    ASSIGN_OR_RETURN(const std::vector<SeriesPoint> here,
                     store.ReadSeries(run, series.name, series.rank, point.step, point.step + 1, 0));
    for (const SeriesPoint& evaluation : here)
      point.evaluations.push_back(
          {series.name, series.unit, series.rank, evaluation.seconds, evaluation.mean});
  }
  return point;
}

}  // namespace concertina
