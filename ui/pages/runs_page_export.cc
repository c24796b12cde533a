// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// runs_page_export.cc: the chosen runs as files: one where a person says, several into a folder, one after
// the other (see runs_page_impl.h).
#include <QDir>
#include <QFileInfo>
#include <QMenu>
#include <QTemporaryDir>
#include <QThreadPool>
#include <memory>
#include <utility>

#include "core/base/file.h"
#include "core/base/taken_path.h"
#include "ui/charts/report_pdf.h"
#include "ui/forms/ask.h"
#include "ui/pages/runs_page_impl.h"
#include "ui/pages/runs_page_words.h"

namespace concertina::ui {

struct ExportFormat {
  const char* format;
  const char* title;
  const char* suffix;
};

namespace {

constexpr ExportFormat kFormats[] = {
    {"csv", QT_TRANSLATE_NOOP("concertina::ui::RunsPage", "Curves as CSV…"), "csv"},
    {"json", QT_TRANSLATE_NOOP("concertina::ui::RunsPage", "Everything as JSON…"), "json"},
    {"tensorboard", QT_TRANSLATE_NOOP("concertina::ui::RunsPage", "Curves for TensorBoard…"), "tfevents"},
    {"safetensors", QT_TRANSLATE_NOOP("concertina::ui::RunsPage", "Parameters as Safetensors…"),
     "safetensors"},
    {"onnx", QT_TRANSLATE_NOOP("concertina::ui::RunsPage", "Model as ONNX…"), "onnx"},
    {"edge", QT_TRANSLATE_NOOP("concertina::ui::RunsPage", "Model for the Edge Runtime…"), "edge"},
    {"html", QT_TRANSLATE_NOOP("concertina::ui::RunsPage", "Report as HTML…"), "html"},
    {"pdf", QT_TRANSLATE_NOOP("concertina::ui::RunsPage", "Report as PDF…"), "pdf"},
    {"run", QT_TRANSLATE_NOOP("concertina::ui::RunsPage", "The Whole Run, to Be Imported Elsewhere…"),
     "concertina-run"},
};

constexpr int kNamesTold = 8;

bool isTaken(const QString& path) { return IsTakenPath(path.toStdString()); }

// "a.csv, b.csv and 12 more are there already. …"
QString namesText(const QStringList& names) {
  const int more = int(names.size()) - kNamesTold;
  const QString told = QStringList(names.mid(0, kNamesTold)).join(QStringLiteral(", "));
  //: %1 is a list of names of files, %n how many are left out of it.
  const QString all = more > 0 ? RunsPage::tr("%1 and %n more", nullptr, more).arg(told) : told;
  //: %1 is a list of names of files.
  return RunsPage::tr(
             "There already: %1.\nReplaced files cannot be brought back. To keep both, the new ones are "
             "numbered.")
      .arg(all);
}

}  // namespace

void RunsPage::Impl::addExports(QMenu* menu) {
  menu->setObjectName(QStringLiteral("runsPage.exportMenu"));
  menu->setEnabled(!selectedRows().isEmpty() && !exporting);
  for (const ExportFormat& format : kFormats)
    menu->addAction(tr(format.title), &page, [this, &format] { exportSelected(format); });
}

void RunsPage::Impl::exportSelected(const ExportFormat& format) {
  const QVector<int> rows = selectedRows();
  if (rows.isEmpty() || exporting) return;
  ExportBatch batch{.format = &format};
  for (const int row : rows)
    batch.runs << ExportBatch::Item{.id = QString::fromStdString(runs.run(row).run()),
                                    .name = runs.index(row, RunTableModel::kName).data().toString(),
                                    .path = {}};
  const QString suffix = QLatin1String(format.suffix);
  batch.place = batch.isOne()
                    ? askForFile(&page, {.what = FileQuestion::What::kSaveFile,
                                         .title = tr("Export Run"),
                                         .start = batch.runs.first().id + QLatin1Char('.') + suffix,
                                         .filter = tr("%1 files (*.%1)").arg(suffix),
                                         .suffix = suffix})
                    : askForFile(&page, {.what = FileQuestion::What::kFolder,
                                         .title = tr("Folder for %1").arg(runsText(int(batch.runs.size()))),
                                         .start = {},
                                         .filter = {},
                                         .suffix = {}});
  if (batch.place.isEmpty() || !settlePaths(batch)) return;
  exporting = std::move(batch);
  exportNext();
}

// TensorBoard takes a folder for a run.
bool RunsPage::Impl::ExportBatch::hasFolders() const {
  return !isOne() && QLatin1String(format->format) == QLatin1String("tensorboard");
}

// As a person said, or as concertinactl names runs in a folder.
QString RunsPage::Impl::ExportBatch::pathOf(const QString& id) const {
  if (isOne()) return place;
  // Within the folder, whatever the engine calls its runs.
  QString name = QFileInfo(id).fileName();
  while (name.startsWith(QLatin1Char('.'))) name.remove(0, 1);
  const QString base = place + QLatin1Char('/') + (name.isEmpty() ? QStringLiteral("run") : name);
  return hasFolders() ? base : base + QLatin1Char('.') + QLatin1String(format->suffix);
}

// What is in the folder already is asked about once, before the first run is exported. Of a single file the
// dialog that chose it has asked.
bool RunsPage::Impl::settlePaths(ExportBatch& batch) {
  QStringList taken;
  for (ExportBatch::Item& run : batch.runs) {
    run.path = batch.pathOf(run.id);
    if (!batch.isOne() && isTaken(run.path)) taken << QFileInfo(run.path).fileName();
  }
  if (taken.isEmpty()) return true;
  switch (ask(&page, {.title = tr("Replace %n of the files in this folder?", nullptr, int(taken.size())),
                      .text = namesText(taken),
                      .yes = tr("&Replace"),
                      .no = tr("&Keep Both"),
                      .destructive = true})) {
    case Question::Answer::kYes:
      return true;
    case Question::Answer::kNo:
      for (ExportBatch::Item& run : batch.runs)
        if (isTaken(run.path)) run.path = QString::fromStdString(FreePath(run.path.toStdString()));
      return true;
    case Question::Answer::kCancel:
      break;
  }
  return false;
}

void RunsPage::Impl::exportNext() {
  ExportBatch& batch = *exporting;
  if (batch.done == batch.runs.size() || batch.is_cancelled) return endExport();
  const auto& [id, name, path] = batch.runs[batch.done];
  if (batch.hasFolders()) QDir().mkpath(path);
  say(batch.isOne() ? tr("Exporting to %1…").arg(path)
                    //: %1 and %2 are numbers, %3 the name of a run.
                    : tr("Exporting %1 of %2: %3…").arg(batch.done + 1).arg(batch.runs.size()).arg(name),
      false);
  export_cancel_button->show();
  // The engine writes the page of a report, which is printed here.
  const bool is_printed = QLatin1String(batch.format->format) == QLatin1String("pdf");
  const auto folder = is_printed ? std::make_shared<QTemporaryDir>() : nullptr;
  const QString place = is_printed ? folder->filePath(QStringLiteral("run.html")) : path;
  batch.cancel = client.exportRun(
      &page, id, QLatin1String(is_printed ? "html" : batch.format->format), place,
      [this, name = name, path = path, folder](const QString& written, const QString& error) {
        if (!folder || !error.isEmpty()) return tookOne(name, written, error);
        QThreadPool::globalInstance()->start([this, name, path, folder, written, printer = printer] {
          const absl::Status status = printReport(written.toStdString(), path.toStdString());
          const QString fault = QString::fromStdString(std::string(status.message()));
          printer->Post([this, name, path, fault] { tookOne(name, path, fault); });
        });
      });
}

void RunsPage::Impl::tookOne(const QString& name, const QString& written, const QString& error) {
  ExportBatch& ended = *exporting;
  ++ended.done;
  if (error.isEmpty()) {
    ++ended.written;
    ended.last = written;
  } else if (ended.error.isEmpty() && !ended.is_cancelled) {
    //: %1 is the name of a run, %2 what went wrong.
    ended.error = ended.isOne() ? error : tr("“%1” was not exported: %2").arg(name, error);
  }
  // From the event loop: a client that is not connected answers at once.
  QMetaObject::invokeMethod(
      &page, [this] { exportNext(); }, Qt::QueuedConnection);
}

void RunsPage::Impl::endExport() {
  const ExportBatch batch = *std::exchange(exporting, std::nullopt);
  export_cancel_button->hide();
  const QString place = QDir::toNativeSeparators(batch.place);
  if (batch.is_cancelled)
    return say(batch.written == 0
                   ? tr("Cancelled; nothing was exported.")
                   : tr("Cancelled; %1 were exported to %2.").arg(runsText(batch.written), place),
               false);
  if (!batch.error.isEmpty())
    return say(batch.written == 0 ? batch.error
                                  : tr("%1 of %2 exported to %3. %4")
                                        .arg(batch.written)
                                        .arg(runsText(int(batch.runs.size())), place, batch.error),
               true);
  say(batch.isOne() ? tr("Exported to %1").arg(batch.last)
                    : tr("%1 were exported to %2.").arg(runsText(batch.written), place),
      false);
}

void RunsPage::Impl::cancelExport() {
  if (!exporting || exporting->is_cancelled) return;
  exporting->is_cancelled = true;
  if (exporting->cancel) exporting->cancel();
}

}  // namespace concertina::ui
