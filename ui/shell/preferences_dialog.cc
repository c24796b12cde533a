// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// preferences_dialog.cc: fills preferences_dialog.ui (see preferences_dialog.h).
#include "ui/shell/preferences_dialog.h"

#include "ui/forms/rhythm.h"
#include "ui/forms/tone.h"
#include "ui_preferences_dialog.h"

namespace concertina::ui {

PreferencesDialog::PreferencesDialog(Settings& settings, Theme& theme, QWidget* parent) : QDialog(parent) {
  Ui::PreferencesDialog form;
  form.setupUi(this);
  setAttribute(Qt::WA_DeleteOnClose);
  setRhythm(layout(), this, 3, 3, 3, 2, 2);
  form.form->setHorizontalSpacing(2 * rhythmUnit(this));
  form.form->setVerticalSpacing(rhythmUnit(this));
  setMinimumWidth(charactersWide(this, 56));
  setTone(form.languageNote, "quiet");
  form.theme->addItem(tr("As the system"), Theme::nameOf(Theme::Mode::kSystem));
  form.theme->addItem(tr("Light"), Theme::nameOf(Theme::Mode::kLight));
  form.theme->addItem(tr("Dark"), Theme::nameOf(Theme::Mode::kDark));
  form.theme->setCurrentIndex(form.theme->findData(Theme::nameOf(theme.mode())));
  // Languages are written in themselves.
  form.language->addItem(tr("As the system"), QString());
  form.language->addItem(QStringLiteral("English"), QStringLiteral("en"));
  form.language->addItem(QStringLiteral("简体中文"), QStringLiteral("zh_CN"));
  form.language->setCurrentIndex(std::max(0, form.language->findData(settings.text(Setting::kLanguage))));
  connect(form.theme, &QComboBox::activated, this, [this, combo = form.theme](int index) {
    emit themeChosen(Theme::modeFromName(combo->itemData(index).toString()));
  });
  form.notify->setChecked(settings.flag(Setting::kNotify));
  connect(form.notify, &QCheckBox::toggled, this,
          [&settings](bool on) { settings.set(Setting::kNotify, on); });
  connect(form.language, &QComboBox::activated, this, [&settings, combo = form.language](int index) {
    settings.set(Setting::kLanguage, combo->itemData(index).toString());
  });
}

}  // namespace concertina::ui
