// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// experiment_file.cc: the main window's part that opens, saves and closes, and asks before changes are lost.
#include <QCloseEvent>
#include <QDragEnterEvent>
#include <QFile>
#include <QFileInfo>
#include <QMenu>
#include <QMimeData>
#include <QSaveFile>
#include <QStatusBar>
#include <QUrl>

#include "ui/client/import_sender.h"
#include "ui/forms/ask.h"
#include "ui/forms/spec_document.h"
#include "ui/pages/design_page.h"
#include "ui/pages/runs_page.h"
#include "ui/shell/main_window.h"

namespace concertina::ui {
namespace {

constexpr int kMostRecentFiles = 10;
constexpr qint64 kLargestFileBytes = 4 << 20;  // an experiment is a page of text; more is some other file

QString nameFilter() { return MainWindow::tr("Experiments (*.json);;All files (*)"); }
QString openFilter() {
  return MainWindow::tr("Experiments and runs (*.json *.concertina-run);;All files (*)");
}

QString droppedFile(const QMimeData* data) {
  const QList<QUrl> urls = data->urls();
  return urls.size() == 1 && urls.first().isLocalFile() ? urls.first().toLocalFile() : QString();
}

}  // namespace

void MainWindow::takeSpec(const QString& spec, const QString& file) {
  file_ = file;
  design_->setSpec(spec);
  saved_spec_ = design_->spec();
  updateTitle();
  updateActions();
}

void MainWindow::updateTitle() {
  const QString shown = file_.isEmpty() ? tr("New experiment") : QFileInfo(file_).fileName();
  const QString title = QStringLiteral("%1[*] – Concertina").arg(shown);
  setWindowTitle(percent_ ? QStringLiteral("%1 % · %2").arg(*percent_).arg(title) : title);
  setWindowFilePath(file_);
  setWindowModified(design_->spec() != saved_spec_);
}

QString MainWindow::askWhatToOpen() {
  return askForFile(this, {.what = FileQuestion::What::kOpenFile,
                           .title = tr("Open Experiment"),
                           .start = settings_.text(Setting::kLastFolder),
                           .filter = openFilter()});
}

bool MainWindow::openFile(const QString& path) {
  if (isRunFile(path)) {
    importRuns({path});
    return true;
  }
  QFile file(path);
  if (!file.open(QIODevice::ReadOnly)) {
    tell(this, tr("The experiment could not be opened"), tr("%1: %2.").arg(path, file.errorString()));
    return false;
  }
  if (file.size() > kLargestFileBytes) {
    tell(this, tr("The experiment could not be opened"),
         tr("%1 is %2 MB large; an experiment is a small JSON file.").arg(path).arg(file.size() >> 20));
    return false;
  }
  const QString text = QString::fromUtf8(file.readAll());
  JsonError error;
  if (!SpecDocument::parse(text, &error)) {
    tell(this, tr("The experiment could not be opened"),
         tr("%1, line %2, column %3: %4. An experiment is one JSON object.")
             .arg(path)
             .arg(error.line)
             .arg(error.column)
             .arg(error.message));
    return false;
  }
  if (!mayDiscardChanges()) return false;
  takeSpec(text, QFileInfo(path).absoluteFilePath());
  noteFile();
  settings_.set(Setting::kWelcomed, true);
  showPage(Page::kDesign);
  return true;
}

void MainWindow::importRuns(const QStringList& paths) {
  showPage(Page::kRuns);
  runs().importFiles(paths);
}

void MainWindow::noteFile() {
  settings_.set(Setting::kLastFolder, QFileInfo(file_).absolutePath());
  QStringList recent = settings_.list(Setting::kRecentFiles);
  recent.removeAll(file_);
  recent.prepend(file_);
  settings_.set(Setting::kRecentFiles, QStringList(recent.mid(0, kMostRecentFiles)));
}

void MainWindow::addRecentFiles(QMenu* menu) {
  QMenu* recent = menu->addMenu(tr("Open &Recent"));
  recent->setObjectName(QStringLiteral("recentFiles"));
  connect(recent, &QMenu::aboutToShow, this, [this, recent] {
    recent->clear();
    const QStringList files = settings_.list(Setting::kRecentFiles);
    for (qsizetype i = 0; i < files.size(); ++i) {
      // Ten at most: the digit is the key that opens it.
      QString name = QFileInfo(files[i]).fileName();
      QAction* action = recent->addAction(QStringLiteral("&%1  %2")
                                              .arg((i + 1) % kMostRecentFiles)
                                              .arg(name.replace('&', QLatin1String("&&"))));
      action->setStatusTip(files[i]);
      action->setEnabled(QFileInfo::exists(files[i]));
      connect(action, &QAction::triggered, this, [this, file = files[i]] { openFile(file); });
    }
    if (files.isEmpty()) recent->addAction(tr("No Files Yet"))->setEnabled(false);
    recent->addSeparator();
    QAction* clear = recent->addAction(tr("Clear This List"), this,
                                       [this] { settings_.set(Setting::kRecentFiles, QStringList()); });
    clear->setEnabled(!files.isEmpty());
  });
}

bool MainWindow::save() { return file_.isEmpty() ? saveAs() : writeTo(file_); }

bool MainWindow::saveAs() {
  const QString folder = settings_.text(Setting::kLastFolder);
  const QString path = askForFile(this, {.what = FileQuestion::What::kSaveFile,
                                         .title = tr("Save Experiment"),
                                         .start = file_.isEmpty() ? folder : file_,
                                         .filter = nameFilter(),
                                         .suffix = QStringLiteral("json")});
  return !path.isEmpty() && writeTo(path);
}

bool MainWindow::writeTo(const QString& path) {
  QSaveFile file(path);  // the old file stays whole until the new one is
  const QByteArray text = design_->spec().toUtf8();
  if (!file.open(QIODevice::WriteOnly) || file.write(text) != text.size() || !file.commit()) {
    tell(this, tr("The experiment could not be saved"),
         tr("%1: %2. Choose another place, or make room.").arg(path, file.errorString()));
    return false;
  }
  file_ = QFileInfo(path).absoluteFilePath();
  saved_spec_ = design_->spec();
  noteFile();
  updateTitle();
  statusBar()->showMessage(tr("Saved %1").arg(file_), kStatusMessageMs);
  return true;
}

bool MainWindow::mayDiscardChanges() {
  design_->finishTyping();
  if (design_->isUnfinished()) {
    switch (ask(this,
                {.title = tr("Leave the unfinished JSON?"),
                 .text = tr("What is typed is no experiment yet, so there is nothing to save. A draft of it "
                            "can be offered at the next start."),
                 .yes = tr("Keep as a Draft"),
                 .no = tr("Discard")})) {
      case Question::Answer::kYes:
        keepDraft();
        draft_.leave();
        return true;
      case Question::Answer::kNo:
        return true;
      case Question::Answer::kCancel:
        return false;
    }
  }
  if (design_->spec() == saved_spec_) return true;
  switch (ask(this, {.title = tr("Save the changes of this experiment?"),
                     .text = tr("They are in no file and in no run yet."),
                     .yes = tr("Save"),
                     .no = tr("Discard")})) {
    case Question::Answer::kYes:
      return save();
    case Question::Answer::kNo:
      return true;
    case Question::Answer::kCancel:
      return false;
  }
  return false;
}

void MainWindow::closeEvent(QCloseEvent* event) {
  if (!mayDiscardChanges()) {
    event->ignore();
    return;
  }
  draft_timer_.stop();
  draft_.discard();  // all of it is kept elsewhere, or nobody wants it
  keepSession();
  event->accept();  // runs go on: they are the engine's
}

void MainWindow::dragEnterEvent(QDragEnterEvent* event) {
  if (droppedFile(event->mimeData()).endsWith(QLatin1String(".json"), Qt::CaseInsensitive) ||
      !runFilesOf(*event->mimeData()).isEmpty())
    event->acceptProposedAction();
}

void MainWindow::dropEvent(QDropEvent* event) {
  const QStringList run_files = runFilesOf(*event->mimeData());
  if (run_files.isEmpty())
    openFile(droppedFile(event->mimeData()));
  else
    importRuns(run_files);
}

}  // namespace concertina::ui
