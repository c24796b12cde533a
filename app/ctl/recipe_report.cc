// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// recipe_report.cc: see recipe_report.h.
#include "app/ctl/recipe_report.h"

#include "app/ctl/output.h"
#include "app/ctl/report_pdf.h"
#include "core/analysis/export_recipe.h"
#include "core/base/clock.h"
#include "core/base/file.h"
#include "fmt/format.h"

namespace concertina::ctl {

absl::Status CheckRecipeReport(const std::string& path) {
  if (path.ends_with(".pdf")) return CanWriteReportPdf();
  if (path.ends_with(".html")) return absl::OkStatus();
  return absl::InvalidArgumentError(
      fmt::format("--report: found \"{}\", expected a file name that ends in .html or .pdf", path));
}

absl::Status WriteRecipeReport(Connection& engine, const proto::RunSummary& run, const std::string& path) {
  RETURN_IF_ERROR(CheckRecipeReport(path));
  RecipeReport report{.run = run.run(),
                      .name = run.name(),
                      .state = StateName(run.state()),
                      .error = run.error(),
                      .spec_json = run.spec_json(),
                      .written_unix_ms = WallUnixMs()};
  proto::RunRequest request;
  request.set_run(run.run());
  ASSIGN_OR_RETURN(const proto::ListEventsReply events,
                   engine.Call(&proto::Engine::Stub::ListEvents, request));
  for (const proto::RunEvent& event : events.events())
    if (event.kind() == "recipe") report.steps.push_back(ReadRecipeFigures(event.message(), event.json()));
  // A step from the inside may be missing: an earlier version kept none, an imported run may have lost it.
  for (size_t index = 0; index < report.steps.size(); ++index) {
    proto::GetRecipeStepRequest of_step;
    of_step.set_run(run.run());
    of_step.set_index(static_cast<int64_t>(index));
    const auto reply = engine.Call(&proto::Engine::Stub::GetRecipeStep, of_step, kSeriesDeadlineSeconds);
    if (!reply.ok()) continue;
    if (absl::StatusOr<StepDetail> detail = ReadStepDetail(reply->json()); detail.ok())
      report.details.push_back(*std::move(detail));
  }
  const std::string html = RecipeHtml(report);
  return Annotate(path.ends_with(".pdf") ? WriteReportPdf(html, path) : WriteFileAtomically(path, html),
                  "--report");
}

}  // namespace concertina::ctl
