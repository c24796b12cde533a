// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// empty_state.h: what a page shows while it has nothing to show: what it is for, and the one button that
// begins.
#pragma once

#include <QString>

class QPushButton;
class QWidget;

namespace concertina::ui {

struct EmptyState {
  QString icon, title, lead;
  QString button, button_name;  // its words, and its object name
};
// The page is made in `parent`; `button` is the one on it.
QWidget* makeEmptyState(const EmptyState& state, QWidget* parent, QPushButton** button);

}  // namespace concertina::ui
