// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// session.cc: the main window's part that brings back what was there, keeps what is typed, and says a word
// when a run ends (see main_window.h).
#include <QAccessible>
#include <QApplication>
#include <QDBusConnection>
#include <QDateTime>
#include <QFile>
#include <QFileInfo>
#include <QFrame>
#include <QHBoxLayout>
#include <QLabel>
#include <QPushButton>
#include <QVBoxLayout>

#include "ui/client/number_format.h"
#include "ui/forms/rhythm.h"
#include "ui/forms/spec_document.h"
#include "ui/pages/compare_page.h"
#include "ui/pages/design_page.h"
#include "ui/pages/monitor_page.h"
#include "ui/pages/runs_page.h"
#include "ui/shell/main_window.h"
#include "ui/shell/run_notices.h"
#include "ui/shell/task_bar.h"

namespace concertina::ui {
namespace {

// What the file at `path` says now, as the Design page would write it; "" where there is none.
QString specOfFile(const QString& path) {
  QFile file(path);
  if (path.isEmpty() || !file.open(QIODevice::ReadOnly)) return {};
  JsonError error;
  const auto spec = SpecDocument::parse(QString::fromUtf8(file.readAll()), &error);
  return spec ? spec->text() : QString();
}

}  // namespace

void MainWindow::keepDraft() {
  const QString text = design_->typedText();
  if (text == saved_spec_) return draft_.discard();
  draft_.keep({text, file_, QDateTime::currentMSecsSinceEpoch()});
}

void MainWindow::resumeSession() {
  if (const auto draft = draft_.leftBehind()) offerDraft(*draft);
}

void MainWindow::offerDraft(const Draft& draft) {
  auto* notice = new QFrame(centralWidget());
  notice->setObjectName(QStringLiteral("draftNotice"));
  notice->setProperty("notice", "warning");
  auto* row = new QHBoxLayout(notice);
  setRhythm(row, this, 2, 1, 2, 1, 1);
  const QString when = formatMoment(draft.kept_unix_ms, QDateTime::currentMSecsSinceEpoch());
  auto* text = new QLabel(draft.file.isEmpty()
                              ? tr("An experiment that was in no file was left behind at %1.").arg(when)
                              : tr("Changes of %1 that were not saved were left behind at %2.")
                                    .arg(QFileInfo(draft.file).fileName(), when),
                          notice);
  text->setWordWrap(true);
  notice->setAccessibleName(text->text());
  row->addWidget(text, 1);
  const auto button = [&](const char* name, const QString& words) {
    auto* made = new QPushButton(words, notice);
    made->setObjectName(QLatin1String(name));
    row->addWidget(made);
    return made;
  };
  auto* restore = button("draftNotice.restore", tr("Restore"));
  auto* discard = button("draftNotice.discard", tr("Discard"));
  connect(restore, &QPushButton::clicked, this, [this, notice, draft] {
    if (!mayDiscardChanges()) return;
    takeDraft(draft);
    keepDraft();  // as this window's own, before the old one goes
    draft_.discardLeft();
    notice->deleteLater();
  });
  connect(discard, &QPushButton::clicked, this, [this, notice] {
    draft_.discardLeft();
    notice->deleteLater();
  });
  column_->insertWidget(0, notice);
  QAccessibleEvent alert(notice, QAccessible::Alert);
  QAccessible::updateAccessibility(&alert);
}

void MainWindow::takeDraft(const Draft& draft) {
  file_ = draft.file;
  design_->setTypedText(draft.text);
  saved_spec_ = specOfFile(draft.file);
  showPage(Page::kDesign);
  updateTitle();
}

void MainWindow::keepSession() {
  settings_.set(Setting::kGeometry, saveGeometry());
  settings_.set(Setting::kDesignState, design_->saveState());
  if (compare_page_ != nullptr) settings_.set(Setting::kCompareState, compare_page_->saveState());
  if (monitor_ == nullptr) return;
  settings_.set(Setting::kMonitorState, monitor_->saveState());
  if (!monitor_->run().isEmpty()) settings_.set(Setting::kLastRun, monitor_->run());
}

void MainWindow::changeEvent(QEvent* event) {
  QMainWindow::changeEvent(event);
  // Not only at the end, which a window that is killed does not see.
  if (event->type() == QEvent::ActivationChange && isVisible() && !isActiveWindow()) keepSession();
}

void MainWindow::resetLayout() {
  design_->resetLayout();
  if (monitor_ != nullptr) monitor_->resetLayout();
  settings_.set(Setting::kMonitorState, QByteArray());
  if (compare_page_ != nullptr) compare_page_->resetLayout();
  settings_.set(Setting::kCompareState, QByteArray());
  if (runs_page_ != nullptr) runs_page_->resetLayout();
  settings_.set(Setting::kRunsLayout, QStringList());
}

void MainWindow::announce(proto::RunState before, const proto::RunSummary& run) {
  QVector<RunProgress> runs;
  for (const KnownRun& known : std::as_const(known_runs_))
    runs.push_back({known.state, known.steps, known.total_steps});
  if (const auto percent = percentDone(runs); percent != percent_) {
    percent_ = percent;
    updateTitle();
    if (task_bar_ == nullptr) task_bar_ = std::make_unique<TaskBar>(QDBusConnection::sessionBus());
    task_bar_->show(percent_);
  }
  const auto notice = noticeOf(before, run);
  if (!notice || QApplication::activeWindow() != nullptr || !settings_.flag(Setting::kNotify)) return;
  QApplication::alert(this);
  if (notices_ == nullptr) {
    notices_ = new RunNotices(QDBusConnection::sessionBus(), this);
    connect(notices_, &RunNotices::chosen, this, [this](const QString& chosen) {
      openRun(chosen);
      setWindowState(windowState() & ~Qt::WindowMinimized);
      raise();
      activateWindow();
    });
  }
  notices_->show(*notice);
}

}  // namespace concertina::ui
