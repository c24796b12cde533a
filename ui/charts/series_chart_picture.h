// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// series_chart_picture.h: the inside of a SeriesChart, shared by its files and by nobody else.
#pragma once

#include <QCategoryAxis>
#include <QElapsedTimer>
#include <QTimer>
#include <ctime>
#include <memory>

#include "ui/charts/picture_item.h"
#include "ui/charts/series_chart.h"
#include "ui/client/mailbox.h"

namespace concertina::ui {

// Processor time of this thread: what a picture cost, however busy the machine is with the run itself.
inline double cpuMs() {
  timespec now;
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return double(now.tv_sec) * 1e3 + double(now.tv_nsec) * 1e-6;
}

// The Qt Charts side, and the picture under way.
struct SeriesChart::Picture {
  explicit Picture(SeriesChart* chart) : mailbox(std::make_shared<Mailbox>(chart)) {}
  ~Picture() { mailbox->Close(); }

  QCategoryAxis* x_axis = nullptr;
  QCategoryAxis* y_axis = nullptr;
  PictureItem* item = nullptr;
  PlotOverlay* overlay = nullptr;
  QTimer timer;
  std::shared_ptr<Mailbox> mailbox;
  bool under_way = false, again = false;
  bool is_empty = false;  // what is shown says only that there is nothing
  QElapsedTimer shown;    // since the last picture
  double cost_ms = 0;     // processor time of the last picture: axes, raster, painting
  double paint_ms = 0;    // what painting has cost since then
  QPoint press, at;       // of a drag: where it began, and is
  enum class Drag { kNone, kZoom, kPan, kLevel } drag = Drag::kNone;
  ValueRange pan_start;
};

}  // namespace concertina::ui
