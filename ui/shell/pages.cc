// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// pages.cc: the main window's part that makes pages when they are needed, and connects them with each other
// (see main_window.h).
#include <QAction>
#include <QStackedWidget>

#include "ui/pages/compare_page.h"
#include "ui/pages/compress_page.h"
#include "ui/pages/design_page.h"
#include "ui/pages/dock_panels.h"
#include "ui/pages/monitor_page.h"
#include "ui/pages/runs_page.h"
#include "ui/pages/sweep_page.h"
#include "ui/shell/main_window.h"

namespace concertina::ui {

MonitorPage& MainWindow::monitor() {
  if (monitor_ == nullptr) {
    monitor_ = new MonitorPage(client_, stack_);
    connect(monitor_, &MonitorPage::designRequested, this, [this] { showPage(Page::kDesign); });
    connect(monitor_, &MonitorPage::compareRequested, this, [this](const QVector<proto::RunSummary>& runs) {
      compare().compareRuns(runs);
      showPage(Page::kCompare);
    });
    monitor_->restoreState(settings_.bytes(Setting::kMonitorState));
    // Chosen on another page they are meant to be seen.
    for (QAction* command : monitor_->panels().panelCommands() + monitor_->panels().arrangeCommands())
      connect(command, &QAction::triggered, this, [this] { showPage(Page::kMonitor); });
    putPage(Page::kMonitor, monitor_);
  }
  return *monitor_;
}

RunsPage& MainWindow::runs() {
  if (runs_page_ == nullptr) {
    runs_page_ = new RunsPage(client_, stack_);
    connect(runs_page_, &RunsPage::designRequested, this, [this] { showPage(Page::kDesign); });
    connect(runs_page_, &RunsPage::opened, this, &MainWindow::openRun);
    connect(runs_page_, &RunsPage::editAsNew, this, [this](const QString& spec) {
      if (!mayDiscardChanges()) return;
      takeSpec(spec, {});
      showPage(Page::kDesign);
    });
    connect(runs_page_, &RunsPage::compareRequested, this, [this](const QVector<proto::RunSummary>& runs) {
      compare().compareRuns(runs);
      showPage(Page::kCompare);
    });
    runs_page_->restoreLayout(settings_.list(Setting::kRunsLayout));
    connect(runs_page_, &RunsPage::layoutChosen, this,
            [this](const QStringList& layout) { settings_.set(Setting::kRunsLayout, layout); });
    runs_page_->restoreViews(settings_.list(Setting::kRunsViews));
    connect(runs_page_, &RunsPage::viewsChosen, this,
            [this](const QStringList& views) { settings_.set(Setting::kRunsViews, views); });
    connect(runs_page_, &RunsPage::commandLineWanted, this, [this](const QString& spec) {
      copyCommandLine({.spec = spec, .file = {}, .home = options_.home, .address = options_.address});
    });
    putPage(Page::kRuns, runs_page_);
  }
  return *runs_page_;
}

ComparePage& MainWindow::compare() {
  if (compare_page_ == nullptr) {
    compare_page_ = new ComparePage(client_, stack_);
    connect(compare_page_, &ComparePage::opened, this, &MainWindow::openRun);
    connect(compare_page_, &ComparePage::newRequested, this, &MainWindow::compareCodecs);
    connect(compare_page_, &ComparePage::runsRequested, this, [this] { showPage(Page::kRuns); });
    compare_page_->restoreState(settings_.bytes(Setting::kCompareState));
    putPage(Page::kCompare, compare_page_);
  }
  return *compare_page_;
}

CompressPage& MainWindow::compress() {
  if (compress_page_ == nullptr) {
    compress_page_ = new CompressPage(client_, stack_);
    connect(compress_page_, &CompressPage::opened, this, &MainWindow::openRun);
    putPage(Page::kCompress, compress_page_);
  }
  return *compress_page_;
}

SweepPage& MainWindow::sweep() {
  if (sweep_page_ == nullptr) {
    sweep_page_ = new SweepPage(client_, {}, stack_);
    connect(sweep_page_, &SweepPage::opened, this, &MainWindow::openRun);
    connect(sweep_page_, &SweepPage::compareRequested, this, [this](const QVector<proto::RunSummary>& runs) {
      compare().compareRuns(runs);
      showPage(Page::kCompare);
    });
    putPage(Page::kSweep, sweep_page_);
  }
  return *sweep_page_;
}

void MainWindow::sweepDesign() {
  sweep().begin(design_->spec(), tr("The experiment of the Design page"));
  showPage(Page::kSweep);
}

void MainWindow::compareCodecs() {
  compare().begin(design_->spec());
  showPage(Page::kCompare);
}

void MainWindow::putPage(Page page, QWidget* made) {
  QWidget* place = stack_->widget(static_cast<int>(page));
  stack_->insertWidget(static_cast<int>(page), made);
  stack_->removeWidget(place);
  delete place;
}

void MainWindow::makeAllPages() {
  const Page shown = page();
  monitor();
  runs();
  compare();
  compress();
  sweep();
  showPage(shown);
}

}  // namespace concertina::ui
