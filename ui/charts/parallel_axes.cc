// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// parallel_axes.cc: see parallel_axes.h.
#include "ui/charts/parallel_axes.h"

#include <QHelpEvent>
#include <QKeyEvent>
#include <QMouseEvent>
#include <QPainter>
#include <QToolTip>
#include <algorithm>
#include <cmath>

#include "ui/charts/palette.h"
#include "ui/charts/ticks.h"

namespace concertina::ui {
namespace {

constexpr double kLogSpan = 30;       // from here on numbers lie on a logarithmic scale
constexpr double kKeyBrush = 0.25;    // of an axis
constexpr double kTitleLines = 1.25;  // high, above the axes
constexpr int kMostTexts = 12;        // labels of an axis; more would touch

int lineHeight(const QWidget* widget) { return QFontMetrics(widget->font()).height(); }

void turnRound(ParallelAxis& axis) {
  for (double& place : axis.places) place = 1 - place;  // NaN stays NaN
  for (double& place : axis.tick_places) place = 1 - place;
}

}  // namespace

ParallelAxis numberAxis(const QString& title, const QVector<double>& values, const QStringList& texts) {
  ParallelAxis axis;
  axis.title = title;
  axis.values = texts;
  double least = qInf(), largest = -qInf();
  for (const double value : values) {
    if (!std::isfinite(value)) continue;
    least = std::min(least, value);
    largest = std::max(largest, value);
  }
  const bool log = least > 0 && largest / least > kLogSpan;
  const auto place = [=](double value) {
    if (!std::isfinite(value)) return qQNaN();
    if (!(least < largest)) return 0.5;
    return log ? std::log(value / least) / std::log(largest / least) : (value - least) / (largest - least);
  };
  for (const double value : values) axis.places << place(value);
  if (!(least <= largest)) return axis;
  if (least == largest) {
    const auto only = std::find_if(values.begin(), values.end(), [](double v) { return std::isfinite(v); });
    axis.tick_places << 0.5;
    axis.tick_labels << texts.value(only - values.begin());
    return axis;
  }
  const Ticks ticks = log ? logTicks(least, largest, 4) : linearTicks(least, largest, 4);
  for (const double value : ticks.values) axis.tick_places << place(value);
  axis.tick_labels = ticks.labels;
  return axis;
}

ParallelAxis textAxis(const QString& title, const QStringList& texts) {
  ParallelAxis axis;
  axis.title = title;
  axis.values = texts;
  QStringList distinct;
  for (const QString& text : texts)
    if (!text.isEmpty() && !distinct.contains(text)) distinct << text;
  const auto place = [&](const QString& text) {
    const qsizetype at = distinct.indexOf(text);
    if (at < 0) return qQNaN();
    return distinct.size() == 1 ? 0.5 : double(at) / double(distinct.size() - 1);
  };
  for (const QString& text : texts) axis.places << place(text);
  const qsizetype each = (distinct.size() + kMostTexts - 1) / kMostTexts;
  for (qsizetype i = 0; i < distinct.size(); i += each) {
    axis.tick_places << place(distinct[i]);
    axis.tick_labels << distinct[i];
  }
  return axis;
}

ParallelAxes::ParallelAxes(QWidget* parent) : QWidget(parent) {
  setFocusPolicy(Qt::StrongFocus);
  setAccessibleName(tr("Settings and result of every run, an axis each"));
  setMinimumHeight(lineHeight(this) * 9);
}

void ParallelAxes::setAxes(const QVector<ParallelAxis>& axes, const QVector<ParallelLine>& lines) {
  QVector<Brush> brushes(axes.size());
  for (qsizetype i = 0; i < axes.size(); ++i)
    for (const qsizetype old : {i, qsizetype(0), qsizetype(axes_.size()) - 1})  // where it was, or at an end
      if (old >= 0 && old < axes_.size() && axes_[old].title == axes[i].title) {
        brushes[i] = brushes_[old];
        break;
      }
  axes_ = axes;
  for (ParallelAxis& axis : axes_)
    if (flipped_.contains(axis.title)) turnRound(axis);
  lines_ = lines;
  brushes_ = brushes;
  chosen_ = std::clamp(chosen_, 0, std::max(0, axisCount() - 1));
  dragged_ = -1;
  update();
}

void ParallelAxes::setEmptyText(const QString& text) {
  empty_text_ = text;
  update();
}

void ParallelAxes::tell() {
  QStringList kept;
  for (int i = 0; i < lines_.size(); ++i)
    if (isKept(i)) kept << lines_[i].label;
  setAccessibleDescription(
      tr("Axis %1; runs that are kept: %2")
          .arg(axes_.isEmpty() ? QString() : axes_[chosen_].title, kept.join(QStringLiteral(", "))));
  update();
  emit brushed();
}

void ParallelAxes::brush(int axis, double from, double to) {
  if (axis < 0 || axis >= axisCount()) return;
  brushes_[axis] = {std::clamp(from, 0.0, 1.0), std::clamp(to, 0.0, 1.0)};
  tell();
}

void ParallelAxes::flip(int axis) {
  if (axis < 0 || axis >= axisCount()) return;
  const QString& title = axes_[axis].title;
  if (!flipped_.remove(title)) flipped_.insert(title);
  turnRound(axes_[axis]);
  if (brushes_[axis].isSet()) brushes_[axis] = {1 - brushes_[axis].to, 1 - brushes_[axis].from};
  tell();
}

bool ParallelAxes::isFlipped(int axis) const {
  return axis >= 0 && axis < axisCount() && flipped_.contains(axes_[axis].title);
}

bool ParallelAxes::isKept(int line) const {
  constexpr double kSlack = 1e-9;  // what lies on the edge is within
  for (qsizetype i = 0; i < axes_.size(); ++i) {
    if (!brushes_[i].isSet()) continue;
    const double place = axes_[i].places.value(line, qQNaN());
    if (!(place >= brushes_[i].from - kSlack && place <= brushes_[i].to + kSlack)) return false;
  }
  return true;
}

QSize ParallelAxes::sizeHint() const {
  return {QFontMetrics(font()).averageCharWidth() * 70, lineHeight(this) * 11};
}

QRectF ParallelAxes::area() const {
  const int line = lineHeight(this), wide = QFontMetrics(font()).averageCharWidth();
  return QRectF(rect()).adjusted(wide * 8, line * 1.75, -wide * 14, -line * 0.75);
}

QPointF ParallelAxes::placeOf(int axis, double place) const {
  const QRectF inside = area();
  const double share = axisCount() < 2 ? 0.5 : double(axis) / double(axisCount() - 1);
  return {inside.left() + share * inside.width(), inside.bottom() - place * inside.height()};
}

int ParallelAxes::axisAt(const QPointF& at) const {
  const double reach = QFontMetrics(font()).averageCharWidth() * 2;
  for (int i = 0; i < axisCount(); ++i)
    if (std::abs(placeOf(i, 0).x() - at.x()) <= reach) return i;
  return -1;
}

int ParallelAxes::titleAt(const QPointF& at) const {
  if (axisCount() < 2 || at.y() > lineHeight(this) * kTitleLines) return -1;
  const double room = area().width() / double(axisCount() - 1);
  for (int i = 0; i < axisCount(); ++i)
    if (std::abs(placeOf(i, 0).x() - at.x()) < room / 2) return i;
  return -1;
}

double ParallelAxes::placeAt(const QPointF& at) const {
  const QRectF inside = area();
  // A hand that comes near an end means it: else its best line would be left out by a pixel.
  constexpr double kNear = 3;
  if (at.y() - inside.top() < kNear) return 1;
  if (inside.bottom() - at.y() < kNear) return 0;
  return (inside.bottom() - at.y()) / std::max(1.0, inside.height());
}

TextTable ParallelAxes::numbers() const {
  TextTable table{{tr("Name").toStdString()}, {}};
  for (const ParallelAxis& axis : axes_) table.headings.push_back(axis.title.toStdString());
  table.headings.push_back(tr("Kept").toStdString());
  for (int line = 0; line < lines_.size(); ++line) {
    std::vector<std::string>& row = table.rows.emplace_back();
    row.push_back(lines_[line].label.toStdString());
    for (const ParallelAxis& axis : axes_) row.push_back(axis.values.value(line).toStdString());
    row.push_back(isKept(line) ? "1" : "0");
  }
  return table;
}

void ParallelAxes::paintEvent(QPaintEvent*) {
  QPainter painter(this);
  const QFontMetrics metrics(font());
  if (axes_.size() < 2 || lines_.isEmpty()) {
    painter.setPen(quietTextColor(palette()));
    painter.drawText(rect(), Qt::AlignCenter | Qt::TextWordWrap, empty_text_);
    return;
  }
  painter.setRenderHint(QPainter::Antialiasing);
  const bool dark = onDarkGround(palette());
  for (const bool kept : {false, true}) {  // those that are kept lie above
    for (int i = 0; i < lines_.size(); ++i) {
      if (isKept(i) != kept) continue;
      QColor color = dark ? lines_[i].dark : lines_[i].light;
      if (!kept) color.setAlphaF(0.15f);
      painter.setPen(QPen(color, kept ? 2 : 1));
      QPolygonF piece;  // broken where it has no value
      for (int axis = 0; axis < axisCount(); ++axis) {
        const double place = axes_[axis].places.value(i, qQNaN());
        if (std::isfinite(place)) {
          piece << placeOf(axis, place);
          continue;
        }
        painter.drawPolyline(piece);
        piece.clear();
      }
      painter.drawPolyline(piece);
    }
  }
  const double room = area().width() / double(axes_.size() - 1);
  for (int axis = 0; axis < axisCount(); ++axis) {
    const QPointF low = placeOf(axis, 0), high = placeOf(axis, 1);
    const bool chosen = hasFocus() && axis == chosen_;
    painter.setPen(
        QPen(chosen ? palette().color(QPalette::Highlight) : quietTextColor(palette()), chosen ? 2 : 1));
    painter.drawLine(low, high);
    if (brushes_[axis].isSet()) {
      QColor fill = palette().color(QPalette::Highlight);
      fill.setAlphaF(0.3f);
      const double half = metrics.averageCharWidth() * 0.75;
      painter.fillRect(QRectF(placeOf(axis, brushes_[axis].to) - QPointF(half, 0),
                              placeOf(axis, brushes_[axis].from) + QPointF(half, 0)),
                       fill);
    }
    painter.setPen(palette().color(QPalette::Text));
    const QRectF title(high.x() - room / 2, 0, room, metrics.height() * kTitleLines);
    const QString mark = isFlipped(axis) ? QStringLiteral(" ↓") : QString();
    const int rest = int(room) - metrics.horizontalAdvance(mark);
    painter.drawText(title, Qt::AlignHCenter | Qt::AlignVCenter,
                     metrics.elidedText(axes_[axis].title, Qt::ElideLeft, rest) + mark);
    painter.setPen(quietTextColor(palette()));
    for (qsizetype tick = 0; tick < axes_[axis].tick_places.size(); ++tick) {
      const QPointF at = placeOf(axis, axes_[axis].tick_places[tick]);
      const QRectF text(at.x() + metrics.averageCharWidth(), at.y() - metrics.height() / 2.0,
                        std::min(room * 0.8, metrics.averageCharWidth() * 13.0), metrics.height());
      const QString label =
          metrics.elidedText(axes_[axis].tick_labels[tick], Qt::ElideRight, int(text.width()));
      // Lines run behind it.
      QColor veil = palette().color(QPalette::Base);
      veil.setAlphaF(0.8F);
      painter.fillRect(QRectF(text.topLeft(), QSizeF(metrics.horizontalAdvance(label), text.height())), veil);
      painter.drawText(text, Qt::AlignLeft | Qt::AlignVCenter, label);
    }
  }
}

void ParallelAxes::mousePressEvent(QMouseEvent* event) {
  const bool is_brush = event->button() == Qt::LeftButton && titleAt(event->position()) < 0;
  dragged_ = is_brush ? axisAt(event->position()) : -1;
  if (dragged_ < 0) return;
  chosen_ = dragged_;
  press_ = placeAt(event->position());
}

void ParallelAxes::mouseMoveEvent(QMouseEvent* event) {
  if (dragged_ < 0) return;
  const double place = placeAt(event->position());
  brush(dragged_, std::min(press_, place), std::max(press_, place));
}

void ParallelAxes::mouseReleaseEvent(QMouseEvent* event) {
  if (dragged_ < 0) return;
  const double place = placeAt(event->position());
  brush(dragged_, std::min(press_, place), std::max(press_, place));  // a click is an empty range
  dragged_ = -1;
}

void ParallelAxes::mouseDoubleClickEvent(QMouseEvent* event) {
  if (event->button() == Qt::LeftButton) flip(titleAt(event->position()));
}

void ParallelAxes::keyPressEvent(QKeyEvent* event) {
  const bool up = event->key() == Qt::Key_Up;
  switch (event->key()) {
    case Qt::Key_Left:
    case Qt::Key_Right:
      chosen_ =
          std::clamp(chosen_ + (event->key() == Qt::Key_Right ? 1 : -1), 0, std::max(0, axisCount() - 1));
      update();
      return;
    case Qt::Key_Up:
    case Qt::Key_Down: {
      if (axes_.isEmpty()) break;
      Brush next = brushes_[chosen_];
      if (!next.isSet()) {
        next = up ? Brush{0, kKeyBrush} : Brush{1 - kKeyBrush, 1};
      } else {
        const double shift = up ? std::min(kKeyBrush / 2, 1 - next.to) : -std::min(kKeyBrush / 2, next.from);
        next = {next.from + shift, next.to + shift};
      }
      brush(chosen_, next.from, next.to);
      return;
    }
    case Qt::Key_F:
      if (event->modifiers() != Qt::NoModifier) break;
      flip(chosen_);
      return;
    case Qt::Key_Delete:
    case Qt::Key_Backspace:
      brush(chosen_, 0, 0);
      return;
    case Qt::Key_Escape:
      if (std::none_of(brushes_.begin(), brushes_.end(), [](const Brush& b) { return b.isSet(); })) break;
      brushes_.fill({});
      tell();
      return;
    default:
      break;
  }
  event->ignore();
}

void ParallelAxes::focusInEvent(QFocusEvent* event) {
  QWidget::focusInEvent(event);
  update();
}

void ParallelAxes::focusOutEvent(QFocusEvent* event) {
  QWidget::focusOutEvent(event);
  update();
}

bool ParallelAxes::event(QEvent* event) {
  if (event->type() != QEvent::ToolTip || axes_.size() < 2) return QWidget::event(event);
  const auto* help = static_cast<QHelpEvent*>(event);
  // Between two axes a line is straight; the nearest at this x is meant.
  const QPointF at = help->pos();
  int left = 0;
  while (left + 2 < axisCount() && placeOf(left + 1, 0).x() < at.x()) ++left;
  const double from = placeOf(left, 0).x(), to = placeOf(left + 1, 0).x();
  const double share = std::clamp((at.x() - from) / (to - from), 0.0, 1.0);
  int nearest = -1;
  double distance = lineHeight(this) * 0.75;
  for (int i = 0; i < lines_.size(); ++i) {
    const double a = axes_[left].places.value(i, qQNaN()), b = axes_[left + 1].places.value(i, qQNaN());
    const double y = placeOf(left, a + share * (b - a)).y();
    if (!isKept(i) || !(std::abs(y - at.y()) < distance)) continue;
    distance = std::abs(y - at.y());
    nearest = i;
  }
  if (nearest < 0) {
    QToolTip::hideText();
    return true;
  }
  QStringList words{lines_[nearest].label};
  for (const ParallelAxis& axis : std::as_const(axes_))
    if (!axis.values.value(nearest).isEmpty())
      words << tr("%1: %2").arg(axis.title, axis.values.value(nearest));
  QToolTip::showText(help->globalPos(), words.join(QLatin1Char('\n')), this);
  return true;
}

}  // namespace concertina::ui
