// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// plain_tool_tip.h: words from outside (a run's name, a worker's last words) as a tooltip shows them.
#pragma once

#include <QString>
#include <QTextDocument>

namespace concertina::ui {

// Shown as it is, whatever it looks like: a tooltip takes for markup what could be.
inline QString plainToolTip(const QString& text) {
  return Qt::mightBeRichText(text)
             ? QStringLiteral("<p style=\"white-space:pre-wrap\">%1</p>").arg(text.toHtmlEscaped())
             : text;
}

}  // namespace concertina::ui
