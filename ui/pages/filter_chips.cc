// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// filter_chips.cc: see filter_chips.h.
#include "ui/pages/filter_chips.h"

#include <QKeyEvent>
#include <QToolButton>
#include <algorithm>

#include "ui/charts/flow_layout.h"
#include "ui/client/plain_tool_tip.h"
#include "ui/forms/line_icon.h"
#include "ui/forms/rhythm.h"

namespace concertina::ui {
namespace {

constexpr int kChipCharacters = 40;  // the rest stands in the tooltip

}  // namespace

FilterChips::FilterChips(const QString& name, QWidget* parent) : QWidget(parent) {
  setObjectName(name);
  setAccessibleName(tr("Filters in force"));
  layout_ = new FlowLayout(this, rhythmUnit(this));
  hide();
}

QToolButton* FilterChips::makeChip(int chip) {
  auto* button = new QToolButton(this);
  button->setObjectName(QStringLiteral("%1.%2").arg(objectName()).arg(chip));
  button->setProperty("chip", true);
  const QString shown =
      fontMetrics().elidedText(texts_[chip], Qt::ElideMiddle, charactersWide(this, kChipCharacters));
  button->setText(QString(shown).replace(QLatin1Char('&'), QLatin1String("&&")));
  button->setIcon(lineIcon(QStringLiteral("close")));
  button->setToolButtonStyle(Qt::ToolButtonTextBesideIcon);
  button->setFocusPolicy(Qt::StrongFocus);
  button->setAccessibleName(tr("Take away the filter %1").arg(texts_[chip]));
  button->setToolTip(plainToolTip(tr("%1 (a click, Return or Delete takes it away)").arg(texts_[chip])));
  button->installEventFilter(this);
  // The chip that is at work goes, so not before it has finished.
  connect(
      button, &QToolButton::clicked, this, [this, chip] { emit removed(chip); }, Qt::QueuedConnection);
  return button;
}

void FilterChips::setChips(const QStringList& texts) {
  if (texts == texts_) return;
  const auto focused =
      std::find_if(chips_.begin(), chips_.end(), [](const QToolButton* chip) { return chip->hasFocus(); });
  const qsizetype at = focused == chips_.end() ? -1 : focused - chips_.begin();
  for (QToolButton* chip : std::as_const(chips_)) {
    layout_->removeWidget(chip);
    chip->hide();
    chip->deleteLater();
  }
  chips_.clear();
  texts_ = texts;
  for (int chip = 0; chip < texts_.size(); ++chip) {
    chips_ << makeChip(chip);
    layout_->addWidget(chips_.last());
    chips_.last()->show();
  }
  setVisible(!texts_.isEmpty());
  if (at < 0) return;
  QWidget* next = chips_.isEmpty() ? otherwise_ : chips_[std::min(at, chips_.size() - 1)];
  if (next != nullptr) next->setFocus(Qt::OtherFocusReason);
}

void FilterChips::step(QObject* from, int by) {
  for (qsizetype chip = 0; chip < chips_.size(); ++chip)
    if (chips_[chip] == from)
      return chips_[std::clamp<qsizetype>(chip + by, 0, chips_.size() - 1)]->setFocus(Qt::TabFocusReason);
}

bool FilterChips::eventFilter(QObject* watched, QEvent* event) {
  if (event->type() != QEvent::KeyPress) return QWidget::eventFilter(watched, event);
  switch (static_cast<QKeyEvent*>(event)->key()) {
    case Qt::Key_Delete:
    case Qt::Key_Backspace:
    case Qt::Key_Return:
    case Qt::Key_Enter:
      static_cast<QToolButton*>(watched)->click();
      return true;
    case Qt::Key_Left:
      step(watched, -1);
      return true;
    case Qt::Key_Right:
      step(watched, 1);
      return true;
    default:
      return QWidget::eventFilter(watched, event);
  }
}

}  // namespace concertina::ui
