// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// monitor_card.h: the card that a panel of the Monitor page is.
// On the way of the data: pages/monitor_blame.h, pages/monitor_mesh.h, pages/monitor_motion.h,
// pages/monitor_timeline.h -> here.
#pragma once

#include <QFrame>
#include <QVBoxLayout>

#include "ui/forms/rhythm.h"

namespace concertina::ui {

// Fills `panel` with a card, and gives the column inside; what is below and between its rows is in units.
inline QVBoxLayout* cardColumn(QWidget* panel, double bottom, double spacing) {
  const int unit = rhythmUnit(panel);
  auto* outer = new QVBoxLayout(panel);
  outer->setContentsMargins(0, unit * 3 / 2, 0, unit);
  auto* card = new QFrame(panel);
  card->setProperty("card", true);
  outer->addWidget(card);
  auto* column = new QVBoxLayout(card);
  setRhythm(column, panel, 2, 2, 2, bottom, spacing);
  return column;
}

}  // namespace concertina::ui
