// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// figure_rows.cc: see figure_rows.h.
#include "ui/forms/figure_rows.h"

#include <QFontDatabase>
#include <QFormLayout>
#include <QLabel>

namespace concertina::ui {

void clearRows(QFormLayout& rows) {
  while (rows.rowCount() > 0) rows.removeRow(0);
}

void addFigureRow(QFormLayout& rows, const QString& what, const QString& value, bool is_code, bool wraps) {
  auto* label = new QLabel(value, rows.parentWidget());
  label->setTextFormat(Qt::PlainText);
  label->setTextInteractionFlags(Qt::TextSelectableByMouse | Qt::TextSelectableByKeyboard);
  label->setWordWrap(wraps);
  label->setAccessibleName(what);
  if (is_code) label->setFont(QFontDatabase::systemFont(QFontDatabase::FixedFont));
  rows.addRow(what, label);
}

}  // namespace concertina::ui
