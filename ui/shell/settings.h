// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// settings.h: what the desktop remembers of a person. One table of keys, types and defaults in settings.cc;
// nothing else opens QSettings.
#pragma once

#include <QByteArray>
#include <QSettings>
#include <QString>
#include <QStringList>
#include <memory>

namespace concertina::ui {

enum class Setting {
  kGeometry,       // of the main window
  kLastPage,       // "design", "monitor", "runs"
  kTheme,          // "system", "light", "dark"
  kSystemWasDark,  // what the system said last, so that the first frame is in the right colours
  kLanguage,       // "" for the system's, else a locale name
  kLastFolder,     // of Open and Save
  kRecentFiles,
  kWelcomed,  // the welcome has been seen
  kToured,    // so has the tour, or its beginning
  kDesignState,
  kMonitorState,
  kCompareState,  // of the pages: what a person arranged
  kRunsLayout,    // columns, their order and grouping; as the Runs page tells it
  kLastRun,       // that was watched
  kRunsViews,     // ways to look at runs that have a name; as the Runs page tells them
  kNotify,        // a word from the desktop when a run ends
};

class Settings {
 public:
  // `file`: an .ini to use instead of the person's own; tests give one.
  explicit Settings(const QString& file = {});

  QString text(Setting setting) const;
  bool flag(Setting setting) const;
  QByteArray bytes(Setting setting) const;
  QStringList list(Setting setting) const;
  QString folder() const;  // where they are kept
  void set(Setting setting,
           const QVariant& value);  // of the table's type: a wrong one is our mistake and asserts

 private:
  std::unique_ptr<QSettings> store_;
};

}  // namespace concertina::ui
