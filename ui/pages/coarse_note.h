// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// coarse_note.h: a word beside charts that are zoomed into, while finer points of the range cannot be had.
// On the way of the data: client/series_zoom.h -> here.
#pragma once

#include <QLabel>

namespace concertina::ui {

class CoarseNote : public QLabel {
  Q_OBJECT
 public:
  explicit CoarseNote(const QString& name, QWidget* parent = nullptr);
  void setObstacle(const QString& obstacle);  // "": nothing is missing, and nothing is said
};

}  // namespace concertina::ui
