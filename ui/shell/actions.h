// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// actions.h: every command of the desktop is one QAction, made here: menu, rail, palette and shortcuts sheet
// share it.
#pragma once

#include <QAction>
#include <QActionGroup>
#include <QMap>
#include <QObject>
#include <QVector>

namespace concertina::ui {

enum class Command {
  kNew,
  kOpen,
  kSave,
  kSaveAs,
  kPreferences,
  kQuit,
  kUndo,
  kRedo,
  kCopyJson,
  kCopyCommandLine,
  kLaunch,
  kPause,
  kStop,
  kCompareCodecs,
  kSweep,
  kCompress,
  kDemonstration,
  kShowDesign,
  kShowMonitor,
  kShowRuns,
  kShowCompare,
  kShowCompress,
  kShowSweep,
  kPresets,
  kFind,
  kPalette,
  kThemeSystem,
  kThemeLight,
  kThemeDark,
  kFullScreen,
  kResetLayout,
  kWhatsThis,
  kHelp,
  kTour,
  kShortcuts,
  kAbout,
};

enum class CommandMenu { kFile, kEdit, kRun, kView, kHelp };

// What the window knows when it decides which commands make sense.
struct WindowState {
  bool can_launch = false;
  QString launch_obstacle;
  bool can_pause = false, can_continue = false, can_stop = false;  // of the monitored run
  bool can_undo = false, can_redo = false;
  bool connected = false;
};

class Actions : public QObject {
  Q_OBJECT
 public:
  explicit Actions(QWidget* window);  // the shortcuts work in the whole window

  QAction* operator[](Command command) const { return actions_.value(command); }
  QVector<QAction*> inMenu(CommandMenu menu) const;  // in the menu's order; null where a line stands
  QVector<QAction*> all() const;                     // without lines
  static QString menuTitle(CommandMenu menu);
  // The one place that says what can be done.
  void update(const WindowState& state);

 private:
  QMap<Command, QAction*> actions_;
  QMap<CommandMenu, QVector<QAction*>> menus_;
};

}  // namespace concertina::ui
