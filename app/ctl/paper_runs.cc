// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// paper_runs.cc: see paper_runs.h.
#include "app/ctl/paper_runs.h"

#include <cmath>
#include <cstdio>

#include "app/ctl/follow.h"
#include "app/ctl/output.h"
#include "fmt/format.h"

namespace concertina::ctl {
namespace {

absl::StatusOr<PaperEvidence> EvidenceOfRun(Connection& engine, const Paper& paper, size_t at,
                                            const proto::RunSummary& run) {
  PaperEvidence evidence;
  const Json summary = SummaryJson(run);
  for (const auto& [name, value] : summary.items())
    if (value.is_number()) evidence.summary[name] = value.get<double>();
  for (const PaperCurveName& name : CurvesOf(paper, at)) {
    proto::GetSeriesRequest request;
    request.set_run(run.run());
    request.set_name(name.series);
    request.set_rank(-1);
    request.set_x(name.x);
    const auto reply = engine.Call(&proto::Engine::Stub::GetSeries, request, kSeriesDeadlineSeconds);
    if (absl::IsNotFound(reply.status())) continue;  // never measured: its row says so
    if (!reply.ok()) return reply.status();
    PaperCurve& curve = evidence.curves[name];
    curve.x.assign(reply->x().begin(), reply->x().end());
    curve.y.assign(reply->mean().begin(), reply->mean().end());
  }
  if (!NeedsRecipe(paper, at)) return evidence;
  proto::RunRequest request;
  request.set_run(run.run());
  ASSIGN_OR_RETURN(const proto::ListEventsReply events,
                   engine.Call(&proto::Engine::Stub::ListEvents, request));
  for (const proto::RunEvent& event : events.events())
    if (event.kind() == "recipe") evidence.recipe.push_back(event.json());
  return evidence;
}

}  // namespace

absl::StatusOr<PaperRunsFound> FindPaperRuns(Connection& engine, const Paper& paper, bool is_quick) {
  ASSIGN_OR_RETURN(
      const proto::ListRunsReply reply,
      engine.Call(&proto::Engine::Stub::ListRuns, proto::ListRunsRequest(), kSeriesDeadlineSeconds));
  PaperRunsFound found(paper.runs.size());
  for (const proto::RunSummary& run : reply.runs())
    for (size_t i = 0; i < found.size(); ++i)
      if (IsPaperRun(paper.runs[i].SpecOf(is_quick), run.name(), run.spec_json()) &&
          (!found[i] || found[i]->created_unix_ms() < run.created_unix_ms()))
        found[i] = run;
  return found;
}

absl::StatusOr<proto::RunSummary> RunPaperSpec(Connection& engine, const Paper& paper, const PaperSpec& spec,
                                               bool& interrupted) {
  proto::SubmitRequest request;
  request.set_spec_json(spec.json);
  ASSIGN_OR_RETURN(const proto::SubmitReply submitted,
                   engine.Call(&proto::Engine::Stub::Submit, request, kSpecDeadlineSeconds));
  if (!submitted.faults().empty()) {
    std::string all;
    for (const proto::SpecFault& fault : submitted.faults())
      all += (all.empty() ? "" : "; ") + fault.message();
    return absl::InvalidArgumentError(fmt::format("{}: {}", spec.name, all));
  }
  proto::MarkRunsRequest marks;
  marks.add_runs(submitted.run());
  marks.add_add_tags(paper.tag());
  // The run is known by its name; the tag is for people, and not worth a failure.
  if (const auto marked = engine.Call(&proto::Engine::Stub::MarkRuns, marks); !marked.ok())
    Tell("{}: not tagged: {}\n", submitted.run(), std::string(marked.status().message()));
  {
    Interrupts interrupts(engine, submitted.run(), /*stops_run=*/true);
    ProgressBar bar;
    const absl::Status followed = Follow(engine, submitted.run(), /*metrics=*/false, interrupts,
                                         [&](const proto::WatchMessage& message) {
                                           if (message.has_summary()) bar.Update(message.summary());
                                         });
    interrupted = interrupts.interrupted();
    if (!followed.ok() && !interrupted) return followed;
  }
  proto::RunRequest asked;
  asked.set_run(submitted.run());
  return engine.Call(&proto::Engine::Stub::GetRun, asked);
}

absl::StatusOr<std::vector<std::optional<PaperEvidence>>> EvidenceOf(Connection& engine, const Paper& paper,
                                                                     const PaperRunsFound& runs) {
  std::vector<std::optional<PaperEvidence>> all(runs.size());
  for (size_t i = 0; i < runs.size(); ++i)
    if (runs[i] && runs[i]->state() == proto::FINISHED) {
      ASSIGN_OR_RETURN(all[i], EvidenceOfRun(engine, paper, i, *runs[i]));
    }
  return all;
}

}  // namespace concertina::ctl
