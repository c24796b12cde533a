// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// runs_page_words.h: words and keys that the parts of the Runs page share.
#pragma once

#include <QKeySequence>
#include <QPair>
#include <QVector>

#include "ui/pages/runs_page.h"

namespace concertina::ui {

inline constexpr QKeyCombination kCompareKeys = Qt::CTRL | Qt::Key_M;

inline QString runsText(int runs) {
  return runs == 1 ? RunsPage::tr("1 run") : RunsPage::tr("%n runs", nullptr, runs);
}

// What runs are usually grouped by: words, and field or pointer.
inline QVector<QPair<QString, QString>> groupChoices() {
  return {{RunsPage::tr("No groups"), QString()},
          {RunsPage::tr("Model"), QStringLiteral("model")},
          {RunsPage::tr("Dataset"), QStringLiteral("dataset")},
          {RunsPage::tr("Codec"), QStringLiteral("codec")},
          {RunsPage::tr("Exchange"), QStringLiteral("exchange")},
          {RunsPage::tr("Workers"), QStringLiteral("workers")},
          {RunsPage::tr("Learning rate"), QStringLiteral("/optimizer/learning_rate")},
          {RunsPage::tr("State"), QStringLiteral("state")},
          {RunsPage::tr("Tag"), QStringLiteral("tag")},
          {RunsPage::tr("Day"), QStringLiteral("day")}};
}

}  // namespace concertina::ui
