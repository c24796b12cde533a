// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// figure_rows.h: what was found, a row each: what it is, and how much, to be selected and copied.
// On the way of the data: pages/compress_deploy.h, pages/compress_serve.h -> here.
#pragma once

#include <QString>

class QFormLayout;

namespace concertina::ui {

void clearRows(QFormLayout& rows);
// Code (a path, an address, a command) is in letters of one width. `wraps`: over several lines, if it must.
void addFigureRow(QFormLayout& rows, const QString& what, const QString& value, bool is_code, bool wraps);

}  // namespace concertina::ui
