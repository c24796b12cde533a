// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// picture_button.h: a picture of a page leaves the window: copied, or saved as PNG, SVG, PDF, and its numbers
// as CSV. On the way of the data: pages/compare_plots.h, pages/compress_page.h -> here ->
// charts/picture_export.h.
#pragma once

#include <QString>
#include <QToolButton>
#include <functional>

#include "core/analysis/table_text.h"

namespace concertina::ui {

struct SavedPicture {
  QString title;    // of the file, and above the picture in it
  QWidget* widget;  // what is painted, as it stands
  std::function<TextTable()> numbers;
  // Said to the person: where it is, or why it is not.
  std::function<void(const QString& message, bool is_problem)> tell;
};

// Its object name is `name`, those of its entries "NAME.png" and so on.
QToolButton* makePictureButton(const QString& name, const SavedPicture& picture, QWidget* parent);

// The shortest text that reads back as the same bits, with a point whatever the locale; "" for what is no
// number.
std::string exactNumber(double value);

}  // namespace concertina::ui
