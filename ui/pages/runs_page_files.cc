// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// runs_page_files.cc: runs that go into the bin and back, and come in from files (see runs_page_impl.h; into
// files they go in runs_page_export.cc).
#include <QFileInfo>
#include <memory>

#include "ui/client/import_sender.h"
#include "ui/client/run_state.h"
#include "ui/forms/ask.h"
#include "ui/pages/runs_bin_dialog.h"
#include "ui/pages/runs_page_impl.h"
#include "ui/pages/runs_page_words.h"

namespace concertina::ui {

void RunsPage::Impl::deleteSelected() {
  struct Batch {
    QStringList deleted, errors;
    QString name;  // of the only one
    int waiting = 0;
  };
  auto batch = std::make_shared<Batch>();
  QStringList ids;
  for (const int row : selectedRows()) {
    if (!canDelete(runs.run(row).state())) continue;
    ids << QString::fromStdString(runs.run(row).run());
    batch->name = runs.index(row, RunTableModel::kName).data().toString();
  }
  batch->waiting = int(ids.size());
  for (const QString& id : std::as_const(ids)) {
    client.deleteRun(&page, id, [this, batch, id](int, const QString& error) {
      if (error.isEmpty())
        batch->deleted << id;
      else
        batch->errors << error;
      if (--batch->waiting > 0) return;
      if (!batch->deleted.isEmpty()) undoable << batch->deleted;
      if (!batch->errors.isEmpty()) return say(batch->errors.first(), true);
      say(batch->deleted.size() == 1 ? tr("“%1” is deleted.").arg(batch->name)
                                     : tr("%1 are deleted.").arg(runsText(int(batch->deleted.size()))),
          false);
      undo_button->show();
    });
  }
}

void RunsPage::Impl::undoDelete() {
  if (undoable.isEmpty()) return;
  const QStringList ids = undoable.takeLast();
  say({}, false);
  for (const QString& id : ids)
    client.restoreRun(&page, id, [this, id](int, const QString& error) {
      if (!error.isEmpty()) return say(error, true);
      showRun(id);
    });
}

void RunsPage::Impl::showBin() {
  auto* dialog = new RunsBinDialog(client, &page);
  connect(dialog, &RunsBinDialog::restored, &page, [this](const QString& run) { showRun(run); });
  dialog->open();
}

void RunsPage::Impl::askForImport() {
  const QString path = askForFile(&page, {.what = FileQuestion::What::kOpenFile,
                                          .title = tr("Import a Run"),
                                          .start = {},
                                          .filter = tr("Runs (*.concertina-run);;All files (*)"),
                                          .suffix = {}});
  if (!path.isEmpty()) importFiles({path});
}

void RunsPage::Impl::importFiles(const QStringList& paths) {
  to_import += paths;
  importNext();
}

void RunsPage::Impl::importNext() {
  if (to_import.isEmpty() || is_importing) return;
  if (client.state() != EngineClient::State::kConnected)
    return say(tr("The engine is not there yet; what was to be imported waits for it."), false);
  const QString path = to_import.takeFirst(), name = QFileInfo(path).fileName();
  is_importing = true;
  say(tr("Importing %1…").arg(name), false);
  client.importRun(&page, path, [this, name](const QString& run, const QString& error) {
    is_importing = false;
    if (error.isEmpty()) {
      showRun(run);
      say(tr("Imported %1.").arg(name), false);
      return importNext();
    }
    say(tr("%1 was not imported: %2").arg(name, error), true);
    importNext();
  });
}

}  // namespace concertina::ui
