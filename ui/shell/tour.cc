// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// tour.cc: see tour.h.
#include "ui/shell/tour.h"

#include <QAccessible>
#include <QApplication>
#include <QFrame>
#include <QHBoxLayout>
#include <QKeyEvent>
#include <QLabel>
#include <QPainter>
#include <QPainterPath>
#include <QPushButton>
#include <QVBoxLayout>
#include <algorithm>

#include "ui/forms/rhythm.h"
#include "ui/forms/tone.h"

namespace concertina::ui {

Tour::Tour(const QVector<TourStep>& steps, QWidget* window)
    : QWidget(window),
      steps_(steps),
      focus_before_(QApplication::focusWidget()),
      card_(new QFrame(this)),
      title_(new QLabel(card_)),
      text_(new QLabel(card_)),
      count_(new QLabel(card_)),
      skip_(new QPushButton(tr("Skip"), card_)),
      back_(new QPushButton(tr("Back"), card_)),
      next_(new QPushButton(tr("Next"), card_)) {
  setObjectName(QStringLiteral("tour"));
  setAccessibleName(tr("Tour"));
  setAttribute(Qt::WA_DeleteOnClose);
  card_->setProperty("card", true);
  title_->setObjectName(QStringLiteral("tour.title"));
  title_->setFont(scaledFont(font(), 1.25, QFont::DemiBold));
  title_->setWordWrap(true);
  text_->setObjectName(QStringLiteral("tour.text"));
  text_->setWordWrap(true);
  setTone(count_, "quiet");
  skip_->setObjectName(QStringLiteral("tour.skip"));
  back_->setObjectName(QStringLiteral("tour.back"));
  next_->setObjectName(QStringLiteral("tour.next"));
  next_->setProperty("primary", true);
  for (QPushButton* button : {skip_, back_, next_}) button->setAutoDefault(true);  // Return presses it
  auto* column = new QVBoxLayout(card_);
  setRhythm(column, this, 2, 2, 2, 2, 1.5);
  column->addWidget(title_);
  column->addWidget(text_);
  auto* row = new QHBoxLayout;
  row->setSpacing(rhythmUnit(this));
  row->addWidget(count_);
  row->addStretch(1);
  row->addWidget(skip_);
  row->addWidget(back_);
  row->addWidget(next_);
  column->addLayout(row);
  connect(skip_, &QPushButton::clicked, this, &Tour::end);
  connect(back_, &QPushButton::clicked, this, [this] { go(step_ - 1); });
  connect(next_, &QPushButton::clicked, this, [this] { go(step_ + 1); });
  window->installEventFilter(this);
  show();
  raise();
  go(0);
}

void Tour::go(int step) {
  if (step >= steps_.size()) return end();
  step_ = std::max(0, step);
  const bool is_last = step_ + 1 == steps_.size();
  title_->setText(steps_[step_].title);
  text_->setText(steps_[step_].text);
  count_->setText(tr("%1 of %2").arg(step_ + 1).arg(steps_.size()));
  back_->setEnabled(step_ > 0);
  skip_->setVisible(!is_last);
  next_->setText(is_last ? tr("Done") : tr("Next"));
  // Screen readers say the button that gets the keyboard, and with it what the card says.
  next_->setAccessibleDescription(steps_[step_].title + QStringLiteral(". ") + steps_[step_].text);
  next_->setFocus(Qt::OtherFocusReason);
  QAccessibleEvent changed(next_, QAccessible::DescriptionChanged);
  QAccessible::updateAccessibility(&changed);
  place();
}

// The card stands below what it is about, or above, or beside it: where it fits first. What leaves no room is
// large, and a card in its corner leaves enough of it.
void Tour::place() {
  setGeometry(parentWidget()->rect());
  const int unit = rhythmUnit(this);
  QWidget* target = steps_[step_].target ? steps_[step_].target() : nullptr;
  hole_ = {};
  if (target != nullptr && target->isVisibleTo(window()))
    hole_ = QRect(target->mapTo(window(), QPoint()), target->size())
                .adjusted(-unit / 2, -unit / 2, unit / 2, unit / 2)
                .intersected(rect());
  const int width = std::min(std::max(charactersWide(this, 46), card_->minimumSizeHint().width()),
                             this->width() - 2 * unit);
  card_->setFixedWidth(width);
  card_->layout()->activate();
  const int height = card_->hasHeightForWidth() ? card_->heightForWidth(width) : card_->sizeHint().height();
  const QRect room = rect().adjusted(unit, unit, -unit, -unit);
  QPoint at = room.center() - QPoint(width / 2, height / 2);
  if (!hole_.isEmpty()) {
    at = room.bottomRight() - QPoint(width, height);
    const QPoint middle = hole_.center() - QPoint(width / 2, height / 2);
    const QPoint places[] = {{middle.x(), hole_.bottom() + unit},
                             {middle.x(), hole_.top() - unit - height},
                             {hole_.right() + unit, middle.y()},
                             {hole_.left() - unit - width, middle.y()}};
    for (const QPoint& place : places) {
      QRect card(place, QSize(width, height));
      // Along the edge it may slide, as long as it stays off the widget.
      card.moveLeft(std::clamp(card.left(), room.left(), std::max(room.left(), room.right() - width)));
      card.moveTop(std::clamp(card.top(), room.top(), std::max(room.top(), room.bottom() - height)));
      if (card.intersects(hole_)) continue;
      at = card.topLeft();
      break;
    }
  }
  card_->setGeometry(QRect(at, QSize(width, height)));
  update();
}

void Tour::end() {
  parentWidget()->removeEventFilter(this);
  if (focus_before_ != nullptr && focus_before_->isVisible()) focus_before_->setFocus(Qt::OtherFocusReason);
  emit ended();
  close();
}

void Tour::paintEvent(QPaintEvent*) {
  QPainter painter(this);
  painter.setRenderHint(QPainter::Antialiasing);
  QPainterPath shade;
  shade.addRect(rect());
  const double radius = rhythmUnit(this) / 2.0;
  if (!hole_.isEmpty()) {
    QPainterPath hole;
    hole.addRoundedRect(hole_, radius, radius);
    shade -= hole;
  }
  QColor dark = palette().color(QPalette::Shadow);
  dark.setAlphaF(0.55F);
  painter.fillPath(shade, dark);
  if (hole_.isEmpty()) return;
  painter.setPen(QPen(palette().color(QPalette::Highlight), 2));
  painter.setBrush(Qt::NoBrush);
  painter.drawRoundedRect(hole_, radius, radius);
}

void Tour::keyPressEvent(QKeyEvent* event) {
  switch (event->key()) {
    case Qt::Key_Escape:
      return end();
    case Qt::Key_Return:
    case Qt::Key_Enter:
      return go(step_ + 1);  // those of a button come from the button
    default:
      QWidget::keyPressEvent(event);
  }
}

// Nothing beneath is clicked by accident; a click beside the card goes on.
void Tour::mousePressEvent(QMouseEvent*) { go(step_ + 1); }

// Tab stays among the buttons: what is beneath is not to be used now.
bool Tour::focusNextPrevChild(bool next) {
  QVector<QPushButton*> buttons;
  for (QPushButton* button : {skip_, back_, next_})
    if (button->isVisible() && button->isEnabled()) buttons << button;
  const qsizetype now = buttons.indexOf(qobject_cast<QPushButton*>(focusWidget()));
  const qsizetype count = buttons.size();
  buttons[(now + (next ? 1 : count - 1)) % count]->setFocus(next ? Qt::TabFocusReason
                                                                 : Qt::BacktabFocusReason);
  return true;
}

bool Tour::eventFilter(QObject* watched, QEvent* event) {
  if (watched == parentWidget() &&
      (event->type() == QEvent::Resize || event->type() == QEvent::LayoutRequest))
    place();
  return QWidget::eventFilter(watched, event);
}

}  // namespace concertina::ui
