// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// preferences_dialog.h: theme, language and notices. Each change holds at once, so there is nothing to
// confirm.
#pragma once

#include <QDialog>

#include "ui/shell/settings.h"
#include "ui/shell/theme.h"

namespace concertina::ui {

class PreferencesDialog : public QDialog {
  Q_OBJECT
 public:
  PreferencesDialog(Settings& settings, Theme& theme, QWidget* parent);

 signals:
  void themeChosen(concertina::ui::Theme::Mode mode);
};

}  // namespace concertina::ui
