// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// theme.h: the look of the desktop: Fusion with a light and a dark palette of our own and a short style sheet
// made from the palette. Follows the system's choice of light or dark unless told otherwise.
#pragma once

#include <QObject>
#include <QPalette>
#include <QString>

class QDBusVariant;

namespace concertina::ui {

QPalette themePalette(bool dark);
QString themeStyleSheet(const QPalette& palette, int unit);  // `unit`: the rhythm's, in pixels

class Theme : public QObject {
  Q_OBJECT
 public:
  enum class Mode { kSystem, kLight, kDark };

  explicit Theme(QObject* parent = nullptr);
  // Fonts, style and palette of the whole application; `system_was_dark` is taken until the system has
  // answered.
  void apply(Mode mode, bool system_was_dark);
  void setMode(Mode mode);
  Mode mode() const { return mode_; }
  bool systemIsDark() const { return system_dark_; }
  // Asks the desktop portal (org.freedesktop.appearance) without waiting, and listens for changes.
  void followSystem();

  static Mode modeFromName(const QString& name);
  static QString nameOf(Mode mode);

 signals:
  void systemAnswered(bool dark);

 private slots:
  void onPortalSetting(const QString& group, const QString& key, const QDBusVariant& value);

 private:
  void paint();

  Mode mode_ = Mode::kSystem;
  bool system_dark_ = false;
  int painted_ = -1;  // 0 light, 1 dark: a change that changes nothing costs nothing
};

}  // namespace concertina::ui
