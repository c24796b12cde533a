// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// shortcuts_sheet.h: every shortcut on one sheet, made from the actions themselves.
#pragma once

#include <QDialog>

namespace concertina::ui {

class Actions;

class ShortcutsSheet : public QDialog {
  Q_OBJECT
 public:
  ShortcutsSheet(const Actions& actions, QWidget* parent);
};

}  // namespace concertina::ui
