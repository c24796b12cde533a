// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// design_class_bars.cc: painting, and what the pointer is over (see design_class_bars.h).
#include "ui/pages/design_class_bars.h"

#include <QHelpEvent>
#include <QKeyEvent>
#include <QMouseEvent>
#include <QPainter>
#include <QToolTip>

#include "ui/client/number_format.h"
#include "ui/forms/rhythm.h"
#include "ui/forms/tone.h"

namespace concertina::ui {

DesignClassBars::DesignClassBars(QWidget* parent) : QWidget(parent) {
  setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Fixed);
  setFocusPolicy(Qt::StrongFocus);
  setAccessibleName(tr("Samples of each class, by worker"));
}

void DesignClassBars::setCounts(const QVector<QVector<qint64>>& counts, const QStringList& class_names) {
  counts_ = counts;
  class_names_ = class_names;
  most_ = 0;
  QStringList spoken;
  for (const QVector<qint64>& row : counts_) {
    QStringList numbers;
    for (const qint64 count : row) {
      most_ = std::max(most_, count);
      numbers << QString::number(count);
    }
    spoken << numbers.join(QLatin1Char(' '));
  }
  setAccessibleDescription(spoken.join(QStringLiteral("; ")));
  if (chosen_ >= rows()) chosen_ = -1;
  updateGeometry();
  update();
}

void DesignClassBars::choose(int worker) {
  if (worker == chosen_ || worker >= rows()) return;
  chosen_ = worker;
  update();
}

void DesignClassBars::mousePressEvent(QMouseEvent* event) {
  const auto row = static_cast<int>(event->position().y() / rowHeight());
  if (event->button() != Qt::LeftButton || row < 0 || row >= rows()) return;
  choose(row == chosen_ ? -1 : row);  // once more: all again
  emit workerChosen(chosen_);
}

void DesignClassBars::keyPressEvent(QKeyEvent* event) {
  const int last = static_cast<int>(rows()) - 1;
  int next = chosen_;
  switch (event->key()) {
    case Qt::Key_Down:
      next = std::min(last, chosen_ + 1);
      break;
    case Qt::Key_Up:
      next = chosen_ < 0 ? last : std::max(0, chosen_ - 1);
      break;
    case Qt::Key_Home:
      next = std::min(last, 0);
      break;
    case Qt::Key_End:
      next = last;
      break;
    case Qt::Key_Escape:
      if (chosen_ < 0) return QWidget::keyPressEvent(event);
      next = -1;
      break;
    default:
      return QWidget::keyPressEvent(event);
  }
  if (next == chosen_) return;
  choose(next);
  emit workerChosen(chosen_);
}

int DesignClassBars::rowHeight() const { return 3 * rhythmUnit(this); }

int DesignClassBars::labelWidth() const {
  return fontMetrics().horizontalAdvance(QString::number(std::max<qsizetype>(10, counts_.size()))) +
         rhythmUnit(this);
}

QSize DesignClassBars::sizeHint() const {
  const int more = counts_.size() > kMostRows ? 1 : 0;
  return {charactersWide(this, 40), static_cast<int>(rows() + more) * rowHeight()};
}

QSize DesignClassBars::minimumSizeHint() const { return {charactersWide(this, 16), sizeHint().height()}; }

QRectF DesignClassBars::barOf(qsizetype row, qsizetype column) const {
  const double left = labelWidth();
  const double slot = (width() - left) / std::max<qsizetype>(1, counts_[row].size());
  return {left + slot * column, static_cast<double>(row * rowHeight()), slot,
          static_cast<double>(rowHeight())};
}

void DesignClassBars::paintEvent(QPaintEvent*) {
  QPainter painter(this);
  const QColor bar = toneColor(palette(), Tone::kAccent);
  const QColor base_line = toneColor(palette(), Tone::kEdge);
  const double gap = rhythmUnit(this) / 2.0;
  for (qsizetype row = 0; row < rows(); ++row) {
    if (row == chosen_)
      painter.fillRect(QRectF(0, static_cast<double>(row * rowHeight()), width(), rowHeight()),
                       toneColor(palette(), Tone::kAccentSurface));
    painter.setPen(toneColor(palette(), Tone::kQuiet));
    painter.drawText(
        QRect(0, static_cast<int>(row) * rowHeight(), labelWidth() - rhythmUnit(this), rowHeight()),
        Qt::AlignRight | Qt::AlignBottom, QString::number(row));
    const double bottom = (row + 1) * rowHeight() - 1;
    painter.fillRect(QRectF(labelWidth(), bottom, width() - labelWidth(), 1), base_line);
    for (qsizetype column = 0; column < counts_[row].size(); ++column) {
      const qint64 count = counts_[row][column];
      if (count <= 0 || most_ == 0) continue;
      const QRectF slot = barOf(row, column);
      const double room = rowHeight() - gap - 1;
      const double height = std::max(1.0, room * count / most_);  // one sample is still seen
      const double margin = std::min(gap / 2, slot.width() * 0.15);
      painter.fillRect(QRectF(slot.left() + margin, bottom - height, slot.width() - 2 * margin, height), bar);
    }
  }
  if (counts_.size() > kMostRows) {
    painter.setPen(toneColor(palette(), Tone::kQuiet));
    painter.drawText(QRect(labelWidth(), kMostRows * rowHeight(), width() - labelWidth(), rowHeight()),
                     Qt::AlignLeft | Qt::AlignBottom,
                     tr("and %n worker(s) more", nullptr, static_cast<int>(counts_.size() - kMostRows)));
  }
  if (hasFocus()) {
    painter.setPen(palette().color(QPalette::Highlight));
    painter.drawRect(QRectF(rect()).adjusted(0.5, 0.5, -0.5, -0.5));
  }
}

QString DesignClassBars::textAt(const QPoint& position) const {
  for (qsizetype row = 0; row < rows(); ++row)
    for (qsizetype column = 0; column < counts_[row].size(); ++column)
      if (barOf(row, column).contains(position)) {
        const QString name = class_names_.value(column, QString::number(column));
        //: %1 is the rank, %2 the name of a class, %3 a number.
        return tr("Worker %1, %2: %3 samples").arg(row).arg(name, formatCount(counts_[row][column]));
      }
  return {};
}

bool DesignClassBars::event(QEvent* event) {
  if (event->type() == QEvent::FocusIn || event->type() == QEvent::FocusOut) update();
  if (event->type() == QEvent::ToolTip) {
    const auto* help = static_cast<QHelpEvent*>(event);
    QToolTip::showText(help->globalPos(), textAt(help->pos()), this);
    return true;
  }
  return QWidget::event(event);
}

}  // namespace concertina::ui
