// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// compress_confusion.cc: see compress_confusion.h.
#include "ui/pages/compress_confusion.h"

#include <QHelpEvent>
#include <QKeyEvent>
#include <QMouseEvent>
#include <QPainter>
#include <QToolTip>
#include <algorithm>
#include <cmath>

#include "ui/charts/palette.h"
#include "ui/client/number_format.h"
#include "ui/forms/rhythm.h"
#include "ui/forms/tone.h"

namespace concertina::ui {
namespace {

constexpr int kMostNameCharacters = 10;

QString signedCount(qint64 count, bool with_sign) {
  return with_sign && count > 0 ? QStringLiteral("+") + formatCount(count) : formatCount(count);
}

}  // namespace

CompressConfusion::CompressConfusion(QWidget* parent) : QWidget(parent) {
  setObjectName(QStringLiteral("compressPage.confusion"));
  setAccessibleName(tr("Confusion matrix"));
  setFocusPolicy(Qt::StrongFocus);
}

void CompressConfusion::setSteps(const StepDetail* before, const StepDetail* now) {
  classes_.clear();
  before_.clear();
  now_.clear();
  if (now != nullptr) {
    for (int64_t i = 0; i < now->classes; ++i) classes_ << QString::fromStdString(now->ClassName(i));
    now_ = QVector<qint64>(now->confusion.begin(), now->confusion.end());
    if (before != nullptr && before->confusion.size() == now->confusion.size())
      before_ = QVector<qint64>(before->confusion.begin(), before->confusion.end());
  }
  label_ = std::clamp(label_, 0, std::max(0, classes() - 1));
  answer_ = std::clamp(answer_, 0, std::max(0, classes() - 1));
  setView(view_);
}

void CompressConfusion::setView(View view) {
  view_ = before_.isEmpty() ? kNow : view;
  most_ = 0;
  for (int label = 0; label < classes(); ++label)
    for (int answer = 0; answer < classes(); ++answer)
      most_ = std::max(most_, std::abs(value(label, answer)));
  updateGeometry();
  update();
}

qint64 CompressConfusion::value(int label, int answer) const {
  const qsizetype cell = qsizetype(label) * classes() + answer;
  return view_ == kNow ? now_[cell] : view_ == kBefore ? before_[cell] : now_[cell] - before_[cell];
}

QColor CompressConfusion::colorFor(double share) const {
  const QColor ground = palette().color(QPalette::Base);
  const QColor full = seriesColor(share < 0 ? 4 : 0, onDarkGround(palette()));
  return mixed(ground, full, std::sqrt(std::abs(share)));
}

QColor CompressConfusion::colorOf(int label, int answer) const {
  return colorFor(most_ == 0 ? 0 : double(value(label, answer)) / double(most_));
}

QString CompressConfusion::textOf(int label, int answer) const {
  const qsizetype cell = qsizetype(label) * classes() + answer;
  const QString now = formatCount(now_[cell]);
  if (label == answer)
    //: A class's name, and how many of its test samples are answered rightly.
    return before_.isEmpty()
               ? tr("%1, rightly: %2").arg(classes_[label], now)
               : tr("%1, rightly: %2 before, %3 now").arg(classes_[label], formatCount(before_[cell]), now);
  return before_.isEmpty() ? tr("%1, taken for %2: %3").arg(classes_[label], classes_[answer], now)
                           : tr("%1, taken for %2: %3 before, %4 now")
                                 .arg(classes_[label], classes_[answer], formatCount(before_[cell]), now);
}

QRectF CompressConfusion::field() const {
  const QFontMetrics metrics(font());
  const int unit = rhythmUnit(this);
  double names = 0;
  for (const QString& name : classes_)
    names = std::max(names, double(metrics.horizontalAdvance(name.left(kMostNameCharacters))));
  const double left = names + metrics.height() + unit;     // with the word for rows, upright
  const double top = 2.0 * metrics.height() + unit / 2.0;  // the word for columns, and their names
  const double below = 2.0 * metrics.height();             // the scale
  const int n = std::max(1, classes());
  const double wide = std::clamp((width() - left - unit) / n, 2.0, 7.0 * unit);
  const double high = std::clamp((height() - top - below) / n, 2.0, 4.0 * unit);
  return {left, top, wide * n, high * n};
}

QRectF CompressConfusion::cellOf(int label, int answer) const {
  const QRectF all = field();
  const double wide = all.width() / classes(), high = all.height() / classes();
  return {all.left() + answer * wide, all.top() + label * high, wide, high};
}

QString CompressConfusion::textAt(const QPointF& position) const {
  const QRectF all = field();
  if (classes() == 0 || !all.contains(position)) return {};
  const int label = std::min(int((position.y() - all.top()) / all.height() * classes()), classes() - 1);
  const int answer = std::min(int((position.x() - all.left()) / all.width() * classes()), classes() - 1);
  return textOf(label, answer);
}

QSize CompressConfusion::sizeHint() const {
  return {charactersWide(this, 60), rhythmUnit(this) * (8 + 3 * std::min(10, classes()))};
}
QSize CompressConfusion::minimumSizeHint() const { return {charactersWide(this, 30), rhythmUnit(this) * 16}; }

void CompressConfusion::paintScale(QPainter& painter) const {
  const QFontMetrics metrics(font());
  const QRectF all = field();
  const int steps = 9, unit = rhythmUnit(this);
  const bool has_sign = view_ == kDifference;
  const QString least = has_sign ? tr("%1 fewer").arg(formatCount(most_)) : QStringLiteral("0");
  const QString most = has_sign ? tr("%1 more").arg(formatCount(most_)) : formatCount(most_);
  double x = all.left();
  const double y = all.bottom() + metrics.height() / 2.0;
  painter.setPen(quietTextColor(palette()));
  painter.drawText(QPointF(x, y + metrics.ascent()), least);
  x += metrics.horizontalAdvance(least) + unit / 2.0;
  for (int i = 0; i < steps; ++i) {
    const double share = has_sign ? -1 + 2.0 * i / (steps - 1) : double(i) / (steps - 1);
    painter.fillRect(QRectF(x + i * unit, y, unit, metrics.height()), colorFor(share));
  }
  painter.drawRect(QRectF(x, y, steps * unit, metrics.height()));
  painter.drawText(QPointF(x + (steps + 0.5) * unit, y + metrics.ascent()), most);
}

void CompressConfusion::paintEvent(QPaintEvent*) {
  if (classes() == 0) return;
  QPainter painter(this);
  const QFontMetrics metrics(font());
  const QRectF all = field();
  const double wide = all.width() / classes(), high = all.height() / classes();
  const bool has_sign = view_ == kDifference;
  const bool has_numbers =
      high >= metrics.height() && wide >= metrics.horizontalAdvance(signedCount(most_, has_sign)) + 2;
  const QColor text = palette().color(QPalette::Text), ground = palette().color(QPalette::Base);
  for (int label = 0; label < classes(); ++label)
    for (int answer = 0; answer < classes(); ++answer) {
      const QRectF cell = cellOf(label, answer);
      const QColor color = colorOf(label, answer);
      painter.fillRect(cell, color);
      if (!has_numbers || value(label, answer) == 0) continue;
      painter.setPen(contrastRatio(color, text) >= contrastRatio(color, ground) ? text : ground);
      painter.drawText(cell, Qt::AlignCenter, signedCount(value(label, answer), has_sign));
    }
  painter.setPen(QPen(gridColor(palette()), 1));
  if (wide >= 6 && high >= 6)
    for (int i = 1; i < classes(); ++i) {
      painter.drawLine(QPointF(all.left() + i * wide, all.top()),
                       QPointF(all.left() + i * wide, all.bottom()));
      painter.drawLine(QPointF(all.left(), all.top() + i * high), QPointF(all.right(), all.top() + i * high));
    }
  painter.setPen(QPen(toneColor(palette(), Tone::kEdge), 1));
  painter.drawRect(all);

  painter.setPen(quietTextColor(palette()));
  const double names = all.left() - metrics.height() - rhythmUnit(this) / 2.0;
  const int every_row = std::max(1, int(std::ceil(metrics.height() / high)));
  for (int i = 0; i < classes(); i += every_row)
    painter.drawText(QRectF(metrics.height(), all.top() + i * high, names, high),
                     Qt::AlignRight | Qt::AlignVCenter | Qt::TextDontClip,
                     classes_[i].left(kMostNameCharacters));
  const double least = metrics.horizontalAdvance(QStringLiteral("000"));
  const int every_column = std::max(1, int(std::ceil(least / wide)));
  for (int i = 0; i < classes(); i += every_column)
    painter.drawText(QRectF(all.left() + i * wide, all.top() - metrics.height() - 2, every_column * wide,
                            metrics.height()),
                     every_column > 1 ? Qt::AlignLeft : Qt::AlignHCenter,
                     metrics.elidedText(classes_[i], Qt::ElideRight, int(every_column * wide)));
  painter.drawText(
      QRectF(all.left(), 0, std::max(all.width(), double(charactersWide(this, 16))), metrics.height()),
      Qt::AlignLeft, tr("Answer"));
  painter.save();
  painter.translate(0, all.bottom());
  painter.rotate(-90);
  //: What the samples are, beside the rows of the confusion matrix.
  painter.drawText(QRectF(0, 0, all.height(), metrics.height()), Qt::AlignRight, tr("Label"));
  painter.restore();
  if (hasFocus()) {
    painter.setBrush(Qt::NoBrush);
    painter.setPen(QPen(text, 2));
    painter.drawRect(cellOf(label_, answer_).adjusted(1, 1, -1, -1));
  }
  paintScale(painter);
}

void CompressConfusion::choose(int label, int answer) {
  if (classes() == 0) return;
  label_ = std::clamp(label, 0, classes() - 1);
  answer_ = std::clamp(answer, 0, classes() - 1);
  const QString text = textOf(label_, answer_);
  setAccessibleDescription(text);
  update();
  emit cellChosen(text);
}

void CompressConfusion::keyPressEvent(QKeyEvent* event) {
  switch (event->key()) {
    case Qt::Key_Left:
      return choose(label_, answer_ - 1);
    case Qt::Key_Right:
      return choose(label_, answer_ + 1);
    case Qt::Key_Up:
      return choose(label_ - 1, answer_);
    case Qt::Key_Down:
      return choose(label_ + 1, answer_);
    default:
      QWidget::keyPressEvent(event);
  }
}

void CompressConfusion::mousePressEvent(QMouseEvent* event) {
  const QRectF all = field();
  if (classes() == 0 || !all.contains(event->position())) return QWidget::mousePressEvent(event);
  choose(int((event->position().y() - all.top()) / all.height() * classes()),
         int((event->position().x() - all.left()) / all.width() * classes()));
}

void CompressConfusion::focusInEvent(QFocusEvent* event) {
  QWidget::focusInEvent(event);
  choose(label_, answer_);
}

bool CompressConfusion::event(QEvent* event) {
  if (event->type() != QEvent::ToolTip) return QWidget::event(event);
  const auto* help = static_cast<QHelpEvent*>(event);
  QToolTip::showText(help->globalPos(), textAt(help->pos()), this);
  return true;
}

}  // namespace concertina::ui
