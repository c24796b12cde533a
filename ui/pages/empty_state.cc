// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// empty_state.cc: see empty_state.h.
#include "ui/pages/empty_state.h"

#include <QLabel>
#include <QPushButton>
#include <QVBoxLayout>

#include "ui/forms/line_icon.h"
#include "ui/forms/rhythm.h"
#include "ui/forms/tone.h"

namespace concertina::ui {

QWidget* makeEmptyState(const EmptyState& state, QWidget* parent, QPushButton** button) {
  const int unit = rhythmUnit(parent);
  auto* page = new QWidget(parent);
  auto* picture = new QLabel(page);
  picture->setPixmap(lineIcon(state.icon, QPalette::PlaceholderText).pixmap(unit * 7, unit * 7));
  auto* title = new QLabel(state.title, page);
  title->setFont(scaledFont(parent->font(), 1.5, QFont::DemiBold));
  auto* lead = new QLabel(state.lead, page);
  lead->setWordWrap(true);
  lead->setAlignment(Qt::AlignCenter);
  // A layout that centres it asks for no height for its width.
  const int width = charactersWide(parent, 70);
  lead->setMinimumWidth(width);
  lead->setMinimumHeight(lead->heightForWidth(width));
  setTone(lead, "quiet");
  *button = new QPushButton(state.button, page);
  (*button)->setObjectName(state.button_name);
  (*button)->setProperty("primary", true);
  auto* column = new QVBoxLayout(page);
  column->setSpacing(unit * 3 / 2);
  column->addStretch(2);
  for (QWidget* widget : {static_cast<QWidget*>(picture), static_cast<QWidget*>(title),
                          static_cast<QWidget*>(lead), static_cast<QWidget*>(*button)})
    column->addWidget(widget, 0, Qt::AlignHCenter);
  column->addStretch(3);
  return page;
}

}  // namespace concertina::ui
