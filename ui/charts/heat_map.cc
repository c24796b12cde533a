// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// heat_map.cc: what a heat map is told and tells; how it looks is heat_map_paint.cc's (see heat_map.h).
#include "ui/charts/heat_map.h"

#include <QHelpEvent>
#include <QKeyEvent>
#include <QLocale>
#include <QMouseEvent>
#include <QPainter>
#include <QToolTip>
#include <algorithm>
#include <array>
#include <cmath>

#include "ui/charts/palette.h"
#include "ui/client/number_format.h"

namespace concertina::ui {
namespace {

QString quotedText(QString text) {
  return QLatin1Char('"') + text.replace(QLatin1Char('"'), QLatin1String("\"\"")) + QLatin1Char('"');
}

QString exactNumber(double value) {
  return std::isfinite(value) ? QString::number(value, 'g', QLocale::FloatingPointShortest) : QString();
}

// In files: never translated.
const char* stateWordOf(CellState state) {
  switch (state) {
    case CellState::kQueued:
      return "queued";
    case CellState::kRunning:
      return "running";
    case CellState::kFinished:
      return "finished";
    case CellState::kStopped:
      return "stopped";
    case CellState::kFailed:
      return "failed";
    case CellState::kEmpty:
      break;
  }
  return "";
}

}  // namespace

QColor viridis(double share) {
  static constexpr std::array<QRgb, 10> kStops = {0x440154, 0x482878, 0x3e4989, 0x31688e, 0x26828e,
                                                  0x1f9e89, 0x35b779, 0x6ece58, 0xb5de2b, 0xfde725};
  const double at = std::clamp(share, 0.0, 1.0) * double(kStops.size() - 1);
  const auto low = std::min(size_t(at), kStops.size() - 2);
  return mixed(QColor(kStops[low]), QColor(kStops[low + 1]), at - double(low));
}

double shareOf(double value, const HeatMapPicture& picture) {
  if (!std::isfinite(value)) return qQNaN();
  double least = qInf(), largest = -qInf();
  for (const HeatMapCell& cell : picture.cells) {
    if (!std::isfinite(cell.value)) continue;
    least = std::min(least, cell.value);
    largest = std::max(largest, cell.value);
  }
  if (!(least < largest)) return 0.5;
  const double share = (value - least) / (largest - least);
  return picture.more_is_better ? share : 1 - share;
}

QString cellStateName(CellState state) {
  switch (state) {
    case CellState::kQueued:
      return HeatMap::tr("Queued");
    case CellState::kRunning:
      return HeatMap::tr("Running");
    case CellState::kFinished:
      return HeatMap::tr("Finished");
    case CellState::kStopped:
      return HeatMap::tr("Stopped early");
    case CellState::kFailed:
      return HeatMap::tr("Failed");
    case CellState::kEmpty:
      break;
  }
  return HeatMap::tr("No run");
}

QString heatMapCsv(const HeatMapPicture& picture) {
  QString text = quotedText(picture.x_title) + QLatin1Char(',') + quotedText(picture.y_title) +
                 QLatin1Char(',') + quotedText(picture.value_title) +
                 QLatin1String(",least,largest,state\r\n");
  for (int cell = 0; cell < picture.cells.size() && picture.columns() > 0; ++cell) {
    const HeatMapCell& at = picture.cells[cell];
    text += quotedText(picture.x_labels[cell % picture.columns()]) + QLatin1Char(',') +
            quotedText(picture.y_labels.value(cell / picture.columns())) + QLatin1Char(',') +
            exactNumber(at.value) + QLatin1Char(',') + exactNumber(at.least) + QLatin1Char(',') +
            exactNumber(at.largest) + QLatin1Char(',') + QLatin1String(stateWordOf(at.state)) +
            QLatin1String("\r\n");
  }
  return text;
}

HeatMap::HeatMap(QWidget* parent) : QWidget(parent) {
  setFocusPolicy(Qt::StrongFocus);
  setMouseTracking(true);
  setAccessibleName(tr("Heat map"));
  setMinimumHeight(QFontMetrics(font()).height() * 12);
}

void HeatMap::setPicture(const HeatMapPicture& picture) {
  const bool is_another = picture.x_labels != picture_.x_labels || picture.y_labels != picture_.y_labels;
  picture_ = picture;
  if (is_another || chosen_ >= picture_.cells.size()) chosen_ = -1;
  if (is_another || hovered_ >= picture_.cells.size()) hovered_ = -1;
  setAccessibleName(picture_.title.isEmpty() ? tr("Heat map") : picture_.title);
  tell();
}

void HeatMap::setEmptyText(const QString& text) {
  empty_text_ = text;
  update();
}

void HeatMap::setChosen(int cell) {
  chosen_ = cell >= 0 && cell < picture_.cells.size() ? cell : -1;
  tell();
}

// For a screen reader: the chosen cell as one sentence.
void HeatMap::tell() {
  setAccessibleDescription(chosen_ < 0 ? QString() : picture_.cells[chosen_].detail);
  update();
}

QSize HeatMap::sizeHint() const {
  const QFontMetrics metrics(font());
  return {metrics.averageCharWidth() * 80, metrics.height() * 18};
}

int HeatMap::cellAt(const QPointF& at) const {
  int nearest = -1;
  double distance = QFontMetrics(font()).height();
  for (int cell = 0; cell < picture_.cells.size(); ++cell) {
    const QRectF rect = cellRect(cell);
    if (isMap()) {
      if (rect.contains(at)) return cell;
      continue;
    }
    const QPointF way = rect.center() - at;
    const double length = std::hypot(way.x(), way.y());
    if (length >= distance) continue;
    distance = length;
    nearest = cell;
  }
  return nearest;
}

void HeatMap::mouseMoveEvent(QMouseEvent* event) {
  const int cell = cellAt(event->position());
  if (cell == hovered_) return;
  hovered_ = cell;
  update();
  emit hovered(cell);
}

void HeatMap::leaveEvent(QEvent* event) {
  QWidget::leaveEvent(event);
  if (hovered_ < 0) return;
  hovered_ = -1;
  update();
  emit hovered(-1);
}

void HeatMap::mousePressEvent(QMouseEvent* event) {
  const int cell = cellAt(event->position());
  if (event->button() != Qt::LeftButton || cell < 0) return;
  setChosen(cell);
  emit cellChosen(cell);
}

void HeatMap::mouseDoubleClickEvent(QMouseEvent* event) {
  if (const int cell = cellAt(event->position()); event->button() == Qt::LeftButton && cell >= 0)
    emit cellOpened(cell);
}

void HeatMap::keyPressEvent(QKeyEvent* event) {
  const int columns = picture_.columns(), rows = picture_.rows();
  if (columns == 0 || rows == 0) return QWidget::keyPressEvent(event);
  const int column = std::max(0, chosen_) % columns, row = std::max(0, chosen_) / columns;
  const auto go = [&](int to_column, int to_row) {
    // The first key only shows where one is.
    setChosen(
        chosen_ < 0 ? 0 : std::clamp(to_row, 0, rows - 1) * columns + std::clamp(to_column, 0, columns - 1));
    emit hovered(chosen_);
  };
  switch (event->key()) {
    case Qt::Key_Left:
      return go(column - 1, row);
    case Qt::Key_Right:
      return go(column + 1, row);
    case Qt::Key_Up:  // rows are drawn from the bottom, as on an axis
      return go(column, row + 1);
    case Qt::Key_Down:
      return go(column, row - 1);
    case Qt::Key_Space:
      if (chosen_ >= 0) emit cellChosen(chosen_);
      return;
    case Qt::Key_Return:
    case Qt::Key_Enter:
      if (chosen_ >= 0) emit cellOpened(chosen_);
      return;
    case Qt::Key_Escape:
      if (chosen_ < 0) break;
      return setChosen(-1);
    default:
      break;
  }
  QWidget::keyPressEvent(event);
}

void HeatMap::focusInEvent(QFocusEvent* event) {
  QWidget::focusInEvent(event);
  update();
}

void HeatMap::focusOutEvent(QFocusEvent* event) {
  QWidget::focusOutEvent(event);
  update();
}

bool HeatMap::event(QEvent* event) {
  if (event->type() != QEvent::ToolTip) return QWidget::event(event);
  const auto* help = static_cast<QHelpEvent*>(event);
  const int cell = cellAt(help->pos());
  if (cell < 0 || picture_.cells[cell].detail.isEmpty())
    QToolTip::hideText();
  else
    QToolTip::showText(help->globalPos(), picture_.cells[cell].detail, this);
  return true;
}

}  // namespace concertina::ui
