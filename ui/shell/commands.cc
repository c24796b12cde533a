// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// commands.cc: the main window's part that shows commands (rail, menus, palette) and connects each to what it
// does (see main_window.h).
#include <QApplication>
#include <QClipboard>
#include <QHBoxLayout>
#include <QLabel>
#include <QMenu>
#include <QMenuBar>
#include <QStatusBar>
#include <QToolButton>
#include <QUndoStack>
#include <QVBoxLayout>
#include <algorithm>

#include "ui/client/run_state.h"
#include "ui/forms/rhythm.h"
#include "ui/forms/tone.h"
#include "ui/pages/compare_page.h"
#include "ui/pages/compress_page.h"
#include "ui/pages/design_page.h"
#include "ui/pages/dock_panels.h"
#include "ui/pages/monitor_page.h"
#include "ui/pages/runs_page.h"
#include "ui/pages/sweep_page.h"
#include "ui/shell/command_line.h"
#include "ui/shell/command_palette.h"
#include "ui/shell/main_window.h"
#include "ui/shell/preferences_dialog.h"
#include "ui/shell/shortcuts_sheet.h"

namespace concertina::ui {
namespace {

constexpr int kDraftPauseMs = 500;

}  // namespace

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
      if (action == (*actions_)[Command::kFullScreen]) addPanels(made);
      if (action == nullptr)
        made->addSeparator();
      else
        made->addAction(action);
    }
  }
}

void MainWindow::addPanels(QMenu* menu) {
  QMenu* panels = menu->addMenu(tr("P&anels"));
  panels->setObjectName(QStringLiteral("panels"));
  connect(panels, &QMenu::aboutToShow, this, [this, panels] {
    panels->clear();
    panels->addActions(design_->panels().panelCommands());
    panels->addSeparator();
    panels->addActions(monitor().panels().panelCommands());
    panels->addSeparator();
    panels->addActions(arrangeCommands());
  });
}

// About the panel that was used last: of the page in front, if it has panels.
QVector<QAction*> MainWindow::arrangeCommands() {
  return (page() == Page::kDesign ? design_->panels() : monitor().panels()).arrangeCommands();
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
  // Chosen on another page they are meant to be seen.
  for (QAction* command : design_->panels().panelCommands() + design_->panels().arrangeCommands())
    connect(command, &QAction::triggered, this, [this] {
      showPage(Page::kDesign);
      design_->showForms();
    });
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
  on(Command::kFind, [this] { findOnPage(); });
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

void MainWindow::setThemeMode(Theme::Mode mode) {
  theme_.setMode(mode);
  settings_.set(Setting::kTheme, Theme::nameOf(mode));
  (*actions_)[Command::kThemeSystem]->setChecked(mode == Theme::Mode::kSystem);
  (*actions_)[Command::kThemeLight]->setChecked(mode == Theme::Mode::kLight);
  (*actions_)[Command::kThemeDark]->setChecked(mode == Theme::Mode::kDark);
}

// What the page in front can be searched by; where it has nothing of the kind, anything by its letters.
void MainWindow::findOnPage() {
  if (page() == Page::kRuns)
    runs().focusFilter();
  else if (page() == Page::kMonitor && !monitor().run().isEmpty())
    monitor().findInLog();
  else if (page() != Page::kCompare || !compare().findSeries())
    showPalette();
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
  palette_->open(actions_->all() + design_->panels().panelCommands() + monitor().panels().panelCommands() +
                     arrangeCommands(),
                 runs);
}

void MainWindow::copyCommandLine() {
  const bool saved = !file_.isEmpty() && design_->spec() == saved_spec_;
  copyCommandLine({.spec = design_->spec(),
                   .file = saved ? file_ : QString(),
                   .home = options_.home,
                   .address = options_.address});
}

void MainWindow::copyCommandLine(const CommandLineSource& source) {
  QApplication::clipboard()->setText(commandLine(source));
  statusBar()->showMessage(tr("The command line is on the clipboard."), kStatusMessageMs);
}

}  // namespace concertina::ui
