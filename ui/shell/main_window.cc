// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// main_window.cc: the window, which page it shows, and what it says of the engine and its runs (see
// main_window.h; pages are made in pages.cc, commands in commands.cc, files in experiment_file.cc).
#include "ui/shell/main_window.h"

#include <QApplication>
#include <QHBoxLayout>
#include <QLabel>
#include <QStackedWidget>
#include <QStatusBar>
#include <QUndoStack>
#include <QVBoxLayout>

#include "ui/client/run_state.h"
#include "ui/forms/rhythm.h"
#include "ui/forms/tone.h"
#include "ui/pages/design_page.h"
#include "ui/pages/design_presets.h"
#include "ui/pages/monitor_page.h"
#include "ui/pages/sweep_page.h"
#include "ui/shell/task_bar.h"

namespace concertina::ui {
namespace {

const char* pageName(MainWindow::Page page) {
  switch (page) {
    case MainWindow::Page::kDesign:
      return "design";
    case MainWindow::Page::kMonitor:
      return "monitor";
    case MainWindow::Page::kRuns:
      return "runs";
    case MainWindow::Page::kCompare:
      return "compare";
    case MainWindow::Page::kCompress:
      return "compress";
    case MainWindow::Page::kSweep:
      return "sweep";
  }
  return "design";
}

}  // namespace

MainWindow::MainWindow(EngineClient& client, Settings& settings, Theme& theme, MainWindowOptions options)
    : client_(client),
      settings_(settings),
      theme_(theme),
      options_(std::move(options)),
      draft_(settings.folder()),
      last_run_(settings.text(Setting::kLastRun)) {
  setObjectName(QStringLiteral("mainWindow"));
  setAcceptDrops(true);
  actions_ = new Actions(this);
  auto* central = new QWidget(this);
  auto* row = new QHBoxLayout(central);
  row->setContentsMargins(0, 0, 0, 0);
  row->setSpacing(0);
  setCentralWidget(central);
  makeNavigation();
  stack_ = new QStackedWidget(central);
  column_ = new QVBoxLayout;
  column_->addWidget(stack_, 1);
  row->addLayout(column_, 1);
  // Places for the pages in their order; the others come when they are needed.
  design_ = new DesignPage(client_, stack_);
  design_->restoreState(settings_.bytes(Setting::kDesignState));
  stack_->addWidget(design_);
  for (int place = 0; place < 5; ++place) stack_->addWidget(new QWidget(stack_));
  makeMenus();
  makeStatusBar();
  connectActions();

  if (!restoreGeometry(settings_.bytes(Setting::kGeometry)))
    resize(charactersWide(this, 190), rhythmUnit(this) * 96);
  setMinimumSize(charactersWide(this, 110), rhythmUnit(this) * 56);
  takeSpec(presetSpec(QStringLiteral("demonstration")), {});
  if (!settings_.flag(Setting::kWelcomed)) design_->showGallery(true);
  const QString last = settings_.text(Setting::kLastPage);
  showPage(last == QLatin1String("monitor")    ? Page::kMonitor
           : last == QLatin1String("runs")     ? Page::kRuns
           : last == QLatin1String("compare")  ? Page::kCompare
           : last == QLatin1String("compress") ? Page::kCompress
           : last == QLatin1String("sweep")    ? Page::kSweep
                                               : Page::kDesign);
  showEngine(client_.state(), {});
}

MainWindow::~MainWindow() {
  // It is a child, so it goes after our own members, and says that it has been cleared.
  design_->undoStack()->disconnect(this);
}

MainWindow::Page MainWindow::page() const { return static_cast<Page>(stack_->currentIndex()); }

void MainWindow::showPage(Page page) {
  if (page == Page::kMonitor) monitor();
  if (page == Page::kRuns) runs();
  if (page == Page::kCompare) compare();
  if (page == Page::kCompress) compress();
  if (page == Page::kSweep) sweep().setDesign(design_->spec());
  stack_->setCurrentIndex(static_cast<int>(page));
  (*actions_)[Command::kShowDesign]->setChecked(page == Page::kDesign);
  (*actions_)[Command::kShowMonitor]->setChecked(page == Page::kMonitor);
  (*actions_)[Command::kShowRuns]->setChecked(page == Page::kRuns);
  (*actions_)[Command::kShowCompare]->setChecked(page == Page::kCompare);
  (*actions_)[Command::kShowCompress]->setChecked(page == Page::kCompress);
  (*actions_)[Command::kShowSweep]->setChecked(page == Page::kSweep);
  settings_.set(Setting::kLastPage, QString::fromLatin1(pageName(page)));
  updateActions();
}

void MainWindow::openRun(const QString& run) {
  run_was_chosen_ = true;
  settings_.set(Setting::kWelcomed, true);
  settings_.set(Setting::kLastRun, run);
  monitor().showRun(run);
  showPage(Page::kMonitor);
}

void MainWindow::showEngine(EngineClient::State state, const QString& message) {
  QString text;
  const char* tone = "quiet";
  switch (state) {
    case EngineClient::State::kConnecting:
      text = tr("Connecting to the engine…");
      break;
    case EngineClient::State::kConnected:
      text = options_.address.isEmpty() ? tr("Engine ready") : tr("Engine at %1").arg(options_.address);
      tone = "good";
      break;
    case EngineClient::State::kLost:
      text = tr("Engine not reached; trying again");
      tone = "error";
      break;
  }
  engine_label_->setText(text);
  engine_label_->setToolTip(message);
  setTone(engine_mark_, tone);
  updateActions();
  if (state == EngineClient::State::kConnected && demonstration_wanted_) runDemonstration();
}

void MainWindow::noteRun(const proto::RunSummary& run) {
  const QString id = QString::fromStdString(run.run());
  const proto::RunState before = known_runs_.value(id).state;
  known_runs_[id] = {QString::fromStdString(run.name()), run.state(), run.created_unix_ms(), run.steps(),
                     run.total_steps()};
  int active = 0;
  for (const KnownRun& known : std::as_const(known_runs_)) active += isActive(known.state) ? 1 : 0;
  active_label_->setText(active == 0 ? QString() : tr("%n active run(s)", nullptr, active));
  announce(before, run);
  if (!run_was_chosen_ && monitor_ != nullptr && id == last_run_ && monitor_->run().isEmpty())
    monitor_->showRun(id);
  // Reopened while runs go on, the Monitor page shows the newest of them.
  if (!run_was_chosen_ && monitor_ != nullptr && isActive(run.state())) {
    const auto shown = known_runs_.find(monitor_->run());
    if (shown == known_runs_.end() || shown->created_unix_ms < run.created_unix_ms()) monitor_->showRun(id);
  }
  updateActions();
}

void MainWindow::runDemonstration() {
  showPage(Page::kDesign);
  design_->showForms();
  if (client_.state() != EngineClient::State::kConnected) {
    demonstration_wanted_ = true;
    statusBar()->showMessage(tr("The demonstration starts as soon as the engine is there."),
                             kStatusMessageMs);
    return;
  }
  demonstration_wanted_ = false;
  client_.submit(this, presetSpec(QStringLiteral("demonstration")),
                 [this](const QString& run, const QVector<SpecFault>& faults, const QString& error) {
                   if (!run.isEmpty()) return openRun(run);
                   // Shown where it can be mended: the demonstration as an ordinary experiment, with its
                   // faults.
                   if (mayDiscardChanges()) takeSpec(presetSpec(QStringLiteral("demonstration")), {});
                   statusBar()->showMessage(faults.isEmpty() ? error : faults.first().message);
                 });
}

void MainWindow::control(proto::ControlRunRequest::Action action) {
  if (monitor_ == nullptr || monitor_->run().isEmpty()) return;
  client_.control(this, monitor_->run(), action, [this](int, const QString& error) {
    if (!error.isEmpty()) statusBar()->showMessage(error, kStatusMessageMs);
  });
}

}  // namespace concertina::ui
