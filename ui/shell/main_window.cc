// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// main_window.cc: puts the pages together and connects them (see main_window.h; files and closing in
// experiment_file.cc).
#include "ui/shell/main_window.h"

#include <QApplication>
#include <QClipboard>
#include <QHBoxLayout>
#include <QLabel>
#include <QMenuBar>
#include <QStackedWidget>
#include <QStatusBar>
#include <QToolButton>
#include <QUndoStack>
#include <QVBoxLayout>

#include "ui/client/run_state.h"
#include "ui/forms/line_icon.h"
#include "ui/forms/rhythm.h"
#include "ui/forms/tone.h"
#include "ui/pages/compare_page.h"
#include "ui/pages/compress_page.h"
#include "ui/pages/design_page.h"
#include "ui/pages/design_presets.h"
#include "ui/pages/monitor_page.h"
#include "ui/pages/runs_page.h"
#include "ui/pages/sweep_page.h"
#include "ui/shell/command_line.h"
#include "ui/shell/command_palette.h"
#include "ui/shell/preferences_dialog.h"
#include "ui/shell/run_notices.h"
#include "ui/shell/shortcuts_sheet.h"
#include "ui/shell/task_bar.h"

namespace concertina::ui {
namespace {

constexpr int kDraftPauseMs = 500;

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

void MainWindow::makeNavigation() {
  auto* rail = new QWidget(this);
  rail->setObjectName(QStringLiteral("navigation"));
  rail->setAttribute(Qt::WA_StyledBackground);
  auto* column = new QVBoxLayout(rail);
  setRhythm(column, this, 0.5, 1, 0.5, 1, 0.5);
  int widest = 0;
  QVector<QToolButton*> buttons;
  for (const Command command : {Command::kShowDesign, Command::kShowMonitor, Command::kShowRuns,
                                Command::kShowCompare, Command::kShowCompress, Command::kShowSweep}) {
    auto* button = new QToolButton(rail);
    button->setDefaultAction((*actions_)[command]);
    button->setObjectName(QStringLiteral("navigation.") +
                          (*actions_)[command]->objectName().section(QLatin1Char('.'), 1));
    button->setToolButtonStyle(Qt::ToolButtonTextUnderIcon);
    button->setIconSize(QSize(rhythmUnit(this) * 11 / 4, rhythmUnit(this) * 11 / 4));
    button->setFocusPolicy(Qt::TabFocus);
    column->addWidget(button);
    buttons << button;
    widest = std::max(
        widest,
        QFontMetrics(scaledFont(button->font(), 1, QFont::DemiBold)).horizontalAdvance(button->text()));
  }
  for (QToolButton* button : buttons) button->setFixedWidth(widest + 3 * rhythmUnit(this));
  column->addStretch(1);
  auto* find = new QToolButton(rail);
  find->setObjectName(QStringLiteral("navigation.palette"));
  find->setDefaultAction((*actions_)[Command::kPalette]);
  find->setToolButtonStyle(Qt::ToolButtonIconOnly);
  find->setAccessibleName((*actions_)[Command::kPalette]->text());
  find->setIconSize(QSize(rhythmUnit(this) * 9 / 4, rhythmUnit(this) * 9 / 4));
  find->setFocusPolicy(Qt::TabFocus);
  column->addWidget(find, 0, Qt::AlignHCenter);
  centralWidget()->layout()->addWidget(rail);
}

void MainWindow::makeMenus() {
  for (const CommandMenu menu :
       {CommandMenu::kFile, CommandMenu::kEdit, CommandMenu::kRun, CommandMenu::kView, CommandMenu::kHelp}) {
    QMenu* made = menuBar()->addMenu(Actions::menuTitle(menu));
    for (QAction* action : actions_->inMenu(menu)) {
      if (action == (*actions_)[Command::kSave]) addRecentFiles(made);
      if (action == nullptr)
        made->addSeparator();
      else
        made->addAction(action);
    }
  }
}

void MainWindow::makeStatusBar() {
  statusBar()->setSizeGripEnabled(false);
  statusBar()->setContentsMargins(rhythmUnit(this), 0, rhythmUnit(this), 0);
  active_label_ = new QLabel(this);
  active_label_->setObjectName(QStringLiteral("status.active"));
  setTone(active_label_, "quiet");
  engine_mark_ = new QLabel(QStringLiteral("●"), this);  // the words beside it say the same
  engine_label_ = new QLabel(this);
  engine_label_->setObjectName(QStringLiteral("status.engine"));
  statusBar()->addPermanentWidget(active_label_);
  statusBar()->addPermanentWidget(engine_mark_);
  statusBar()->addPermanentWidget(engine_label_);
}

void MainWindow::connectActions() {
  const auto on = [this](Command command, auto slot) {
    connect((*actions_)[command], &QAction::triggered, this, slot);
  };
  on(Command::kNew, [this] {
    showPage(Page::kDesign);
    design_->showGallery(false);
  });
  on(Command::kPresets, [this] {
    showPage(Page::kDesign);
    design_->showGallery(false);
  });
  on(Command::kOpen, [this] {
    if (const QString path = askWhatToOpen(); !path.isEmpty()) openFile(path);
  });
  on(Command::kSave, [this] { save(); });
  on(Command::kSaveAs, [this] { saveAs(); });
  on(Command::kQuit, [this] { close(); });
  on(Command::kUndo, [this] { design_->undoStack()->undo(); });
  on(Command::kRedo, [this] { design_->undoStack()->redo(); });
  on(Command::kCopyJson, [this] {
    QApplication::clipboard()->setText(design_->spec());
    statusBar()->showMessage(tr("The experiment is on the clipboard as JSON."), kStatusMessageMs);
  });
  on(Command::kCopyCommandLine, [this] { copyCommandLine(); });
  on(Command::kLaunch, [this] { design_->launch(); });
  on(Command::kPause, [this] {
    const auto known = known_runs_.value(monitor_ == nullptr ? QString() : monitor_->run());
    control(canContinue(known.state) ? proto::ControlRunRequest::RESUME : proto::ControlRunRequest::PAUSE);
  });
  on(Command::kStop, [this] { control(proto::ControlRunRequest::STOP); });
  on(Command::kDemonstration, [this] { runDemonstration(); });
  on(Command::kShowDesign, [this] { showPage(Page::kDesign); });
  on(Command::kShowMonitor, [this] { showPage(Page::kMonitor); });
  on(Command::kShowRuns, [this] { showPage(Page::kRuns); });
  on(Command::kShowCompare, [this] { showPage(Page::kCompare); });
  on(Command::kShowCompress, [this] { showPage(Page::kCompress); });
  on(Command::kShowSweep, [this] { showPage(Page::kSweep); });
  on(Command::kSweep, [this] { sweepDesign(); });
  on(Command::kCompress, [this] {
    compress().begin({});
    showPage(Page::kCompress);
  });
  on(Command::kCompareCodecs, [this] { compareCodecs(); });
  on(Command::kPalette, [this] { showPalette(); });
  on(Command::kThemeSystem, [this] { setThemeMode(Theme::Mode::kSystem); });
  on(Command::kThemeLight, [this] { setThemeMode(Theme::Mode::kLight); });
  on(Command::kThemeDark, [this] { setThemeMode(Theme::Mode::kDark); });
  on(Command::kFullScreen, [this] { setWindowState(windowState() ^ Qt::WindowFullScreen); });
  on(Command::kPreferences, [this] {
    auto* dialog = new PreferencesDialog(settings_, theme_, this);
    connect(dialog, &PreferencesDialog::themeChosen, this, &MainWindow::setThemeMode);
    dialog->show();
  });
  on(Command::kShortcuts, [this] { (new ShortcutsSheet(*actions_, this))->show(); });
  on(Command::kResetLayout, [this] { resetLayout(); });
  on(Command::kWhatsThis, [this] { explainFocus(); });
  on(Command::kTour, [this] { startTour(); });
  on(Command::kHelp, [this] { showHelp(); });
  on(Command::kAbout, [this] { showAbout(); });
  setThemeMode(theme_.mode());

  connect(design_, &DesignPage::canLaunchChanged, this, &MainWindow::updateActions);
  connect(design_, &DesignPage::specChanged, this, &MainWindow::updateTitle);
  connect(design_->undoStack(), &QUndoStack::indexChanged, this, &MainWindow::updateActions);
  draft_timer_.setSingleShot(true);
  draft_timer_.setInterval(kDraftPauseMs);
  connect(&draft_timer_, &QTimer::timeout, this, &MainWindow::keepDraft);
  // From the first key on: who types without a pause is kept as well.
  for (const auto changed : {&DesignPage::specChanged, &DesignPage::typing})
    connect(design_, changed, this, [this] {
      if (!draft_timer_.isActive()) draft_timer_.start();
    });
  connect(design_, &DesignPage::launched, this, [this](const QString& run) {
    saved_spec_ = design_->spec();  // the run keeps it
    updateTitle();
    openRun(run);
  });
  connect(design_, &DesignPage::presetChosen, this, [this](const QString& spec) {
    if (mayDiscardChanges()) takeSpec(spec, {});
  });
  connect(design_, &DesignPage::compareRequested, this, &MainWindow::compareCodecs);
  connect(design_, &DesignPage::sweepRequested, this, &MainWindow::sweepDesign);
  connect(design_, &DesignPage::demonstrationRequested, this, &MainWindow::runDemonstration);
  connect(design_, &DesignPage::lessonRequested, this, [this](const QString& id) {
    sweep().beginReady(id);
    showPage(Page::kSweep);
  });
  connect(&client_, &EngineClient::stateChanged, this, &MainWindow::showEngine);
  connect(&client_, &EngineClient::runChanged, this, &MainWindow::noteRun);
  connect(&theme_, &Theme::systemAnswered, this,
          [this](bool dark) { settings_.set(Setting::kSystemWasDark, dark); });
}

MonitorPage& MainWindow::monitor() {
  if (monitor_ == nullptr) {
    monitor_ = new MonitorPage(client_, stack_);
    connect(monitor_, &MonitorPage::designRequested, this, [this] { showPage(Page::kDesign); });
    connect(monitor_, &MonitorPage::compareRequested, this, [this](const QVector<proto::RunSummary>& runs) {
      compare().compareRuns(runs);
      showPage(Page::kCompare);
    });
    monitor_->restoreState(settings_.bytes(Setting::kMonitorState));
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

void MainWindow::updateActions() {
  const auto run = known_runs_.value(monitor_ == nullptr ? QString() : monitor_->run());
  actions_->update({.can_launch = design_->canLaunch() && page() == Page::kDesign,
                    .launch_obstacle = design_->obstacle(),
                    .can_pause = canPause(run.state),
                    .can_continue = canContinue(run.state),
                    .can_stop = canStop(run.state),
                    .can_undo = page() == Page::kDesign && design_->undoStack()->canUndo(),
                    .can_redo = page() == Page::kDesign && design_->undoStack()->canRedo(),
                    .connected = client_.state() == EngineClient::State::kConnected});
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

void MainWindow::setThemeMode(Theme::Mode mode) {
  theme_.setMode(mode);
  settings_.set(Setting::kTheme, Theme::nameOf(mode));
  (*actions_)[Command::kThemeSystem]->setChecked(mode == Theme::Mode::kSystem);
  (*actions_)[Command::kThemeLight]->setChecked(mode == Theme::Mode::kLight);
  (*actions_)[Command::kThemeDark]->setChecked(mode == Theme::Mode::kDark);
}

void MainWindow::showPalette() {
  if (palette_ == nullptr) {
    palette_ = new CommandPalette(this);
    connect(palette_, &CommandPalette::runChosen, this, &MainWindow::openRun);
  }
  QVector<QPair<qint64, PaletteRun>> newest_first;
  for (auto it = known_runs_.begin(); it != known_runs_.end(); ++it)
    newest_first.push_back({-it->created_unix_ms, {it.key(), it->name, stateName(it->state)}});
  std::stable_sort(newest_first.begin(), newest_first.end(),
                   [](const auto& a, const auto& b) { return a.first < b.first; });
  QVector<PaletteRun> runs;
  for (const auto& [age, run] : newest_first) runs << run;
  palette_->open(actions_->all(), runs);
}

void MainWindow::copyCommandLine() {
  const bool saved = !file_.isEmpty() && design_->spec() == saved_spec_;
  QApplication::clipboard()->setText(commandLine({.spec = design_->spec(),
                                                  .file = saved ? file_ : QString(),
                                                  .home = options_.home,
                                                  .address = options_.address}));
  statusBar()->showMessage(tr("The command line is on the clipboard."), kStatusMessageMs);
}

}  // namespace concertina::ui
