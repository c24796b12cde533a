// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// design_presets.h: the experiments and lessons that come with the program (resources/presets, one file
// each), with their titles.
#pragma once

#include <QString>
#include <QVector>

namespace concertina::ui {

struct Preset {
  QString id;                  // the file's name without ending: "demonstration"
  QString title, description;  // two sentences, translated
  QString facts;               // "Fashion-MNIST · LeNet-5 · 4 workers · top-k"
  QString spec;                // JSON; of a lesson the sweep file
};
QVector<Preset> presets();              // in the gallery's order
QVector<Preset> lessons();              // sweeps that answer a question in under two minutes
QString presetSpec(const QString& id);  // "" if there is none

}  // namespace concertina::ui
