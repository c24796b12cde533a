// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// actions.cc: the table of commands: name, text, icon, shortcut, tip (see actions.h).
#include "ui/shell/actions.h"

#include <QCoreApplication>
#include <QKeySequence>
#include <QWidget>

#include "ui/forms/line_icon.h"

namespace concertina::ui {
namespace {

struct Entry {
  Command command;
  CommandMenu menu;
  bool line_before;
  const char* name;  // object name: tests and the palette's memory go by it
  const char* text;
  const char* icon;
  const char* shortcut;
  const char* tip;
  QAction::MenuRole role = QAction::NoRole;
};

constexpr const char* kContext = "concertina::ui::Actions";

const Entry kTable[] = {
    {Command::kNew, CommandMenu::kFile, false, "action.new",
     QT_TRANSLATE_NOOP("concertina::ui::Actions", "New Experiment…"), "new", "Ctrl+N",
     QT_TRANSLATE_NOOP("concertina::ui::Actions", "Start from a preset")},
    {Command::kOpen, CommandMenu::kFile, false, "action.open",
     QT_TRANSLATE_NOOP("concertina::ui::Actions", "Open Experiment…"), "open", "Ctrl+O",
     QT_TRANSLATE_NOOP("concertina::ui::Actions", "Open an experiment file")},
    {Command::kSave, CommandMenu::kFile, true, "action.save",
     QT_TRANSLATE_NOOP("concertina::ui::Actions", "Save"), "save", "Ctrl+S",
     QT_TRANSLATE_NOOP("concertina::ui::Actions", "Save the experiment as a file")},
    {Command::kSaveAs, CommandMenu::kFile, false, "action.saveAs",
     QT_TRANSLATE_NOOP("concertina::ui::Actions", "Save As…"), "", "Ctrl+Shift+S",
     QT_TRANSLATE_NOOP("concertina::ui::Actions", "Save the experiment under another name")},
    {Command::kPreferences, CommandMenu::kFile, true, "action.preferences",
     QT_TRANSLATE_NOOP("concertina::ui::Actions", "Preferences…"), "preferences", "Ctrl+,",
     QT_TRANSLATE_NOOP("concertina::ui::Actions", "Theme, language and notices"), QAction::PreferencesRole},
    {Command::kQuit, CommandMenu::kFile, true, "action.quit",
     QT_TRANSLATE_NOOP("concertina::ui::Actions", "Quit"), "quit", "Ctrl+Q",
     QT_TRANSLATE_NOOP("concertina::ui::Actions", "Close the window; runs go on"), QAction::QuitRole},

    {Command::kUndo, CommandMenu::kEdit, false, "action.undo",
     QT_TRANSLATE_NOOP("concertina::ui::Actions", "Undo"), "undo", "Ctrl+Z",
     QT_TRANSLATE_NOOP("concertina::ui::Actions", "Take back the last change of the experiment")},
    {Command::kRedo, CommandMenu::kEdit, false, "action.redo",
     QT_TRANSLATE_NOOP("concertina::ui::Actions", "Redo"), "redo", "Ctrl+Shift+Z",
     QT_TRANSLATE_NOOP("concertina::ui::Actions", "Make the change again")},
    {Command::kCopyJson, CommandMenu::kEdit, true, "action.copyJson",
     QT_TRANSLATE_NOOP("concertina::ui::Actions", "Copy as JSON"), "copy", "Ctrl+Shift+C",
     QT_TRANSLATE_NOOP("concertina::ui::Actions", "Copy the experiment as JSON")},
    {Command::kCopyCommandLine, CommandMenu::kEdit, false, "action.copyCommandLine",
     QT_TRANSLATE_NOOP("concertina::ui::Actions", "Copy as Command Line"), "terminal", "Ctrl+Alt+C",
     QT_TRANSLATE_NOOP("concertina::ui::Actions", "Copy a concertinactl command that runs this experiment")},

    {Command::kLaunch, CommandMenu::kRun, false, "action.launch",
     QT_TRANSLATE_NOOP("concertina::ui::Actions", "Launch"), "launch", "Ctrl+Return",
     QT_TRANSLATE_NOOP("concertina::ui::Actions", "Start the experiment")},
    {Command::kPause, CommandMenu::kRun, true, "action.pause",
     QT_TRANSLATE_NOOP("concertina::ui::Actions", "Pause"), "pause", "Ctrl+P",
     QT_TRANSLATE_NOOP("concertina::ui::Actions", "Pause the monitored run, or let it go on")},
    {Command::kStop, CommandMenu::kRun, false, "action.stop",
     QT_TRANSLATE_NOOP("concertina::ui::Actions", "Stop"), "stop", "Ctrl+.",
     QT_TRANSLATE_NOOP("concertina::ui::Actions", "Stop the monitored run; its parameters are kept")},
    {Command::kCompareCodecs, CommandMenu::kRun, true, "action.compareCodecs",
     QT_TRANSLATE_NOOP("concertina::ui::Actions", "Compare Codecs…"), "compare", "Ctrl+Shift+Return",
     QT_TRANSLATE_NOOP("concertina::ui::Actions", "Run the experiment with many codecs on many links")},
    {Command::kSweep, CommandMenu::kRun, false, "action.sweep",
     QT_TRANSLATE_NOOP("concertina::ui::Actions", "Sweep This Experiment…"), "sweep", "Ctrl+Shift+W",
     QT_TRANSLATE_NOOP("concertina::ui::Actions", "Run the experiment with many settings, as a heat map")},
    {Command::kCompress, CommandMenu::kRun, true, "action.compress",
     QT_TRANSLATE_NOOP("concertina::ui::Actions", "Compress a Model…"), "compress", "Ctrl+Shift+M",
     QT_TRANSLATE_NOOP("concertina::ui::Actions", "Make a trained model smaller by a recipe")},
    {Command::kDemonstration, CommandMenu::kRun, true, "action.demonstration",
     QT_TRANSLATE_NOOP("concertina::ui::Actions", "Run the Demonstration"), "", "",
     QT_TRANSLATE_NOOP("concertina::ui::Actions", "Four workers, a ring and top-k on Fashion-MNIST")},

    {Command::kShowDesign, CommandMenu::kView, false, "action.showDesign",
     QT_TRANSLATE_NOOP("concertina::ui::Actions", "Design"), "design", "Ctrl+1",
     QT_TRANSLATE_NOOP("concertina::ui::Actions", "Make an experiment")},
    {Command::kShowMonitor, CommandMenu::kView, false, "action.showMonitor",
     QT_TRANSLATE_NOOP("concertina::ui::Actions", "Monitor"), "monitor", "Ctrl+2",
     QT_TRANSLATE_NOOP("concertina::ui::Actions", "Watch a run")},
    {Command::kShowRuns, CommandMenu::kView, false, "action.showRuns",
     QT_TRANSLATE_NOOP("concertina::ui::Actions", "Runs"), "runs", "Ctrl+3",
     QT_TRANSLATE_NOOP("concertina::ui::Actions", "Every run in a table")},
    {Command::kShowCompare, CommandMenu::kView, false, "action.showCompare",
     QT_TRANSLATE_NOOP("concertina::ui::Actions", "Compare"), "compare", "Ctrl+4",
     QT_TRANSLATE_NOOP("concertina::ui::Actions", "Runs of one comparison beside each other")},
    {Command::kShowCompress, CommandMenu::kView, false, "action.showCompress",
     QT_TRANSLATE_NOOP("concertina::ui::Actions", "Compress"), "compress", "Ctrl+5",
     QT_TRANSLATE_NOOP("concertina::ui::Actions", "Models made smaller, step by step")},
    {Command::kShowSweep, CommandMenu::kView, false, "action.showSweep",
     QT_TRANSLATE_NOOP("concertina::ui::Actions", "Sweep"), "sweep", "Ctrl+6",
     QT_TRANSLATE_NOOP("concertina::ui::Actions", "One experiment with many settings, as a heat map")},
    {Command::kPresets, CommandMenu::kView, false, "action.presets",
     QT_TRANSLATE_NOOP("concertina::ui::Actions", "Presets"), "presets", "",
     QT_TRANSLATE_NOOP("concertina::ui::Actions", "Experiments that come with the program")},
    {Command::kFind, CommandMenu::kView, true, "action.find",
     QT_TRANSLATE_NOOP("concertina::ui::Actions", "Find on This Page"), "", "Ctrl+F",
     QT_TRANSLATE_NOOP("concertina::ui::Actions", "The filter of the runs, of the log, or of compared curves")},
    {Command::kPalette, CommandMenu::kView, false, "action.palette",
     QT_TRANSLATE_NOOP("concertina::ui::Actions", "Find Anything…"), "search", "Ctrl+K",
     QT_TRANSLATE_NOOP("concertina::ui::Actions", "Find a command or a run by a few letters")},
    {Command::kThemeSystem, CommandMenu::kView, true, "action.themeSystem",
     QT_TRANSLATE_NOOP("concertina::ui::Actions", "Theme as the System"), "theme", "",
     QT_TRANSLATE_NOOP("concertina::ui::Actions", "Light or dark as the system says")},
    {Command::kThemeLight, CommandMenu::kView, false, "action.themeLight",
     QT_TRANSLATE_NOOP("concertina::ui::Actions", "Light Theme"), "", "",
     QT_TRANSLATE_NOOP("concertina::ui::Actions", "Always light")},
    {Command::kThemeDark, CommandMenu::kView, false, "action.themeDark",
     QT_TRANSLATE_NOOP("concertina::ui::Actions", "Dark Theme"), "", "",
     QT_TRANSLATE_NOOP("concertina::ui::Actions", "Always dark")},
    {Command::kFullScreen, CommandMenu::kView, true, "action.fullScreen",
     QT_TRANSLATE_NOOP("concertina::ui::Actions", "Full Screen"), "fullscreen", "F11",
     QT_TRANSLATE_NOOP("concertina::ui::Actions", "The window on the whole screen, and back")},
    {Command::kResetLayout, CommandMenu::kView, false, "action.resetLayout",
     QT_TRANSLATE_NOOP("concertina::ui::Actions", "Reset Layout"), "reset", "",
     QT_TRANSLATE_NOOP("concertina::ui::Actions", "Charts, panels and sizes as they were at first")},

    {Command::kWhatsThis, CommandMenu::kHelp, false, "action.whatsThis",
     QT_TRANSLATE_NOOP("concertina::ui::Actions", "What Is This?"), "help", "F1",
     QT_TRANSLATE_NOOP("concertina::ui::Actions",
                       "The field that has the keyboard: what it does, range, source")},
    {Command::kHelp, CommandMenu::kHelp, false, "action.help",
     QT_TRANSLATE_NOOP("concertina::ui::Actions", "Concertina Help"), "", "",
     QT_TRANSLATE_NOOP("concertina::ui::Actions", "Getting started, the experiment file, what was measured")},
    {Command::kTour, CommandMenu::kHelp, false, "action.tour",
     QT_TRANSLATE_NOOP("concertina::ui::Actions", "Take the Tour"), "", "",
     QT_TRANSLATE_NOOP("concertina::ui::Actions", "The window in five steps")},
    {Command::kShortcuts, CommandMenu::kHelp, false, "action.shortcuts",
     QT_TRANSLATE_NOOP("concertina::ui::Actions", "Keyboard Shortcuts"), "keyboard", "Ctrl+/",
     QT_TRANSLATE_NOOP("concertina::ui::Actions", "All shortcuts on one sheet")},
    {Command::kAbout, CommandMenu::kHelp, true, "action.about",
     QT_TRANSLATE_NOOP("concertina::ui::Actions", "About Concertina"), "about", "",
     QT_TRANSLATE_NOOP("concertina::ui::Actions", "Version and licence"), QAction::AboutRole},
};

}  // namespace

Actions::Actions(QWidget* window) : QObject(window) {
  auto* themes = new QActionGroup(this);
  for (const Entry& entry : kTable) {
    auto* action = new QAction(QCoreApplication::translate(kContext, entry.text), window);
    action->setObjectName(QLatin1String(entry.name));
    if (*entry.icon != '\0') action->setIcon(lineIcon(QLatin1String(entry.icon)));
    if (*entry.shortcut != '\0') action->setShortcut(QKeySequence(QLatin1String(entry.shortcut)));
    const QString tip = QCoreApplication::translate(kContext, entry.tip);
    action->setStatusTip(tip);
    action->setToolTip(
        *entry.shortcut == '\0'
            ? tip
            : QStringLiteral("%1 (%2)").arg(tip, action->shortcut().toString(QKeySequence::NativeText)));
    action->setMenuRole(entry.role);
    window->addAction(action);
    actions_.insert(entry.command, action);
    if (entry.line_before) menus_[entry.menu] << nullptr;
    menus_[entry.menu] << action;
  }
  // Return on the keypad launches as well.
  actions_[Command::kLaunch]->setShortcuts(
      {QKeySequence(QStringLiteral("Ctrl+Return")), QKeySequence(QStringLiteral("Ctrl+Enter"))});
  actions_[Command::kRedo]->setShortcuts(
      {QKeySequence(QStringLiteral("Ctrl+Shift+Z")), QKeySequence(QStringLiteral("Ctrl+Y"))});
  for (const Command command : {Command::kThemeSystem, Command::kThemeLight, Command::kThemeDark}) {
    actions_[command]->setCheckable(true);
    themes->addAction(actions_[command]);
  }
  for (const Command command :
       {Command::kShowDesign, Command::kShowMonitor, Command::kShowRuns, Command::kShowCompare,
        Command::kShowCompress, Command::kShowSweep, Command::kFullScreen})
    actions_[command]->setCheckable(true);
}

QVector<QAction*> Actions::inMenu(CommandMenu menu) const { return menus_.value(menu); }

QVector<QAction*> Actions::all() const {
  QVector<QAction*> all;
  for (const Entry& entry : kTable) all << actions_.value(entry.command);
  return all;
}

QString Actions::menuTitle(CommandMenu menu) {
  switch (menu) {
    case CommandMenu::kFile:
      return tr("&File");
    case CommandMenu::kEdit:
      return tr("&Edit");
    case CommandMenu::kRun:
      return tr("&Run");
    case CommandMenu::kView:
      return tr("&View");
    case CommandMenu::kHelp:
      return tr("&Help");
  }
  return {};
}

void Actions::update(const WindowState& state) {
  actions_[Command::kLaunch]->setEnabled(state.can_launch);
  actions_[Command::kPause]->setEnabled(state.can_pause || state.can_continue);
  actions_[Command::kPause]->setText(state.can_continue ? tr("Continue") : tr("Pause"));
  actions_[Command::kPause]->setIcon(
      lineIcon(state.can_continue ? QStringLiteral("launch") : QStringLiteral("pause")));
  actions_[Command::kStop]->setEnabled(state.can_stop);
  actions_[Command::kUndo]->setEnabled(state.can_undo);
  actions_[Command::kRedo]->setEnabled(state.can_redo);
  actions_[Command::kDemonstration]->setEnabled(state.connected);
}

}  // namespace concertina::ui
