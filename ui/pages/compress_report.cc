// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// compress_report.cc: see compress_report.h.
#include "ui/pages/compress_report.h"

#include <QThreadPool>

#include "core/base/clock.h"
#include "ui/charts/report_pdf.h"
#include "ui/client/run_state.h"

namespace concertina::ui {

CompressReport::CompressReport(EngineClient& client, QObject* parent)
    : QObject(parent), client_(client), mailbox_(std::make_shared<Mailbox>(this)) {}

CompressReport::~CompressReport() { mailbox_->Close(); }

void CompressReport::write(const proto::RunSummary& run, const QVector<RecipeStep>& steps,
                           const QString& path) {
  if (busy_) return;
  busy_ = true;
  path_ = path;
  report_ = {.run = run.run(),
             .name = run.name(),
             .state = stateWord(run.state()).toStdString(),
             .error = run.error(),
             .spec_json = run.spec_json(),
             .written_unix_ms = WallUnixMs()};
  for (const RecipeStep& step : steps)
    report_.steps.push_back({.text = step.text.toStdString(),
                             .test_accuracy = step.accuracy,
                             .accuracy_lost = step.accuracy_lost,
                             .file_bytes = step.file_bytes,
                             .ratio = step.ratio,
                             .parameters = step.parameters,
                             .nonzeros = step.nonzeros,
                             .macs = step.macs,
                             .memory_bytes = step.memory_bytes,
                             .latency_p50_seconds = step.latency_p50_seconds,
                             .latency_p99_seconds = step.latency_p99_seconds});
  askFor(0);
}

// A step from the inside may be missing: an earlier version kept none, an imported run may have lost it.
void CompressReport::askFor(int index) {
  if (index >= int(report_.steps.size())) return print();
  client_.recipeStep(this, QString::fromStdString(report_.run), index,
                     [this, index](const std::string& json, const QString& error) {
                       if (error.isEmpty())
                         if (absl::StatusOr<StepDetail> detail = ReadStepDetail(json); detail.ok())
                           report_.details.push_back(*std::move(detail));
                       askFor(index + 1);
                     });
}

void CompressReport::print() {
  QThreadPool::globalInstance()->start([this, mailbox = mailbox_, report = std::move(report_), path = path_] {
    const std::string html = RecipeHtml(report);
    const absl::Status status = writeReport(html, path);
    const QString error = QString::fromStdString(std::string(status.message()));
    mailbox->Post([this, path, error] {
      busy_ = false;
      emit written(path, error);
    });
  });
}

}  // namespace concertina::ui
