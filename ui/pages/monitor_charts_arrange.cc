// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// monitor_charts_arrange.cc: the part of the charts' page that a person arranges: which charts, in which
// order, against what and how smooth, kept from one start to the next (see monitor_charts.h).
#include <QApplication>
#include <QJsonArray>
#include <QMenu>
#include <QMouseEvent>
#include <QScrollArea>
#include <QToolButton>
#include <algorithm>
#include <utility>

#include "ui/pages/axis_bar.h"
#include "ui/pages/monitor_charts.h"
#include "ui/pages/smoothing_choice.h"

namespace concertina::ui {
namespace {

QString nameOf(ChartCard* card) { return card->chart().objectName(); }

}  // namespace

QVector<ChartCard*> MonitorCharts::shownCards() const {
  QVector<ChartCard*> shown;
  for (const QString& name : arrangement_.order())
    for (ChartCard* card : cards_)
      if (nameOf(card) == name && !unmeasured_.contains(card) && !arrangement_.isHidden(name) &&
          isFound(card))
        shown.push_back(card);
  return shown;
}

void MonitorCharts::makeArrangeable(ChartCard* card) {
  card->setMovable(tr("Drag to put this chart elsewhere"));
  card->installEventFilter(this);
  QMenu* menu = card->menu();
  menu->addSeparator();
  const auto add = [&](const char* name, const QString& text, const char* keys, auto slot) {
    QAction* action = menu->addAction(text, this, slot);
    action->setObjectName(card->chart().objectName() + QLatin1String(name));
    if (*keys == '\0') return;
    // On the card too: a menu that is closed has no shortcuts.
    action->setShortcut(QKeySequence(QLatin1String(keys)));
    action->setShortcutContext(Qt::WidgetWithChildrenShortcut);
    card->addAction(action);
  };
  add(".alone", tr("This Chart Alone"), "Ctrl+Shift+Up",
      [this, card] { setAlone(alone_ == card ? nullptr : card); });
  QAction* alone = menu->actions().constLast();
  alone->setCheckable(true);
  connect(menu, &QMenu::aboutToShow, this, [this, card, alone] { alone->setChecked(alone_ == card); });
  add(".moveEarlier", tr("Move Earlier"), "Ctrl+Shift+Left", [this, card] { moveCard(card, -1); });
  add(".moveLater", tr("Move Later"), "Ctrl+Shift+Right", [this, card] { moveCard(card, 1); });
  add(".hide", tr("Hide This Chart"), "", [this, card] {
    if (isOwnChart(card)) {
      charts_->setFocus();
      return removeOwnChart(card);
    }
    arrangement_.setHidden(nameOf(card), true);
    placeCards();
    charts_->setFocus();  // where it comes back from
  });
}

// In the place of all, for one to look at closely or to show to others.
void MonitorCharts::setAlone(ChartCard* card) {
  ChartCard* const before = std::exchange(alone_, card);
  placeCards();
  ChartCard* const seen = card != nullptr ? card : before;
  if (seen == nullptr) return;
  seen->chart().setFocus(Qt::OtherFocusReason);
  if (card == nullptr) scroll_->ensureWidgetVisible(seen);
}

// Round the end, for there is nothing else to be seen.
void MonitorCharts::showNext(int places) {
  const QVector<ChartCard*> shown = shownCards();
  if (alone_ == nullptr || shown.isEmpty()) return;
  const qsizetype count = shown.size();
  setAlone(shown[(shown.indexOf(alone_) + places + count) % count]);
}

void MonitorCharts::moveCard(ChartCard* card, int places) {
  const QVector<ChartCard*> shown = shownCards();
  const qsizetype to = shown.indexOf(card) + places;
  if (to < 0 || to >= shown.size()) return;
  arrangement_.moveTo(nameOf(card), nameOf(shown[to]));
  placeCards();
  scroll_->ensureWidgetVisible(card);
}

void MonitorCharts::fillChartsMenu() {
  QMenu* menu = charts_->menu();
  qDeleteAll(menu->findChildren<QMenu*>(Qt::FindDirectChildrenOnly));
  menu->clear();
  for (const QString& name : arrangement_.order())
    for (ChartCard* card : std::as_const(cards_)) {
      if (nameOf(card) != name || unmeasured_.contains(card)) continue;
      QAction* action = menu->addAction(card->chart().title());
      action->setObjectName(name + QStringLiteral(".shown"));
      action->setCheckable(true);
      action->setChecked(!arrangement_.isHidden(name));
      connect(action, &QAction::toggled, this, [this, name, card](bool shown) {
        if (isOwnChart(card)) return removeOwnChart(card);  // its way back is "Add a Series"
        arrangement_.setHidden(name, !shown);
        placeCards();
      });
    }
  menu->addSeparator();
  QMenu* more = menu->addMenu(tr("Add a Series"));
  more->setObjectName(QStringLiteral("monitorPage.seriesMenu"));
  fillSeriesMenu(more);
  QAction* reset = menu->addAction(tr("Reset Layout"), this, &MonitorCharts::resetLayout);
  reset->setObjectName(QStringLiteral("monitorPage.resetLayout"));
  reset->setEnabled(!arrangement_.isFirst() || !own_.isEmpty());
}

// The others make room while the card is drawn over them, so that one sees where it will stand.
bool MonitorCharts::dragCard(ChartCard* card, const QMouseEvent& event) {
  const QPoint at = card->mapTo(canvas_, event.pos());
  switch (event.type()) {
    case QEvent::MouseButtonPress:
      if (event.button() != Qt::LeftButton) return false;
      dragged_ = card;
      pressed_at_ = at;
      is_dragging_ = false;
      return true;
    case QEvent::MouseMove: {
      if (dragged_ != card) return false;
      if (!is_dragging_ && (at - pressed_at_).manhattanLength() < QApplication::startDragDistance())
        return true;
      if (!is_dragging_) QApplication::setOverrideCursor(Qt::ClosedHandCursor);
      is_dragging_ = true;
      for (ChartCard* other : shownCards())
        if (other != card && other->geometry().contains(at)) {
          arrangement_.moveTo(nameOf(card), nameOf(other));
          placeCards();
          break;
        }
      return true;
    }
    case QEvent::MouseButtonRelease:
      if (dragged_ != card) return false;
      if (is_dragging_) QApplication::restoreOverrideCursor();
      dragged_ = nullptr;
      is_dragging_ = false;
      return true;
    default:
      return false;
  }
}

QJsonObject MonitorCharts::saveState() const {
  QStringList logarithmic, linear, without_outliers;
  for (ChartCard* card : cards_) {
    (card->chart().logY() ? logarithmic : linear) << nameOf(card);
    if (card->chart().ignoresOutliers()) without_outliers << nameOf(card);
  }
  QJsonObject state = axes_->saveState();
  state.insert(QStringLiteral("smoothing"), smoothing_->value());
  state.insert(QStringLiteral("average"), smoothing_->kindWord());
  state.insert(QStringLiteral("cards"), arrangement_.save());
  state.insert(QStringLiteral("series"), saveOwn());
  state.insert(QStringLiteral("without_outliers"), QJsonArray::fromStringList(without_outliers));
  state.insert(QStringLiteral("logarithmic"), QJsonArray::fromStringList(logarithmic));
  state.insert(QStringLiteral("linear"), QJsonArray::fromStringList(linear));
  return state;
}

void MonitorCharts::restoreState(const QJsonObject& state) {
  axes_->restoreState(state);
  smoothing_->setValue(state.value(QLatin1String("smoothing")).toInt(smoothing_->value()));
  smoothing_->setKindWord(state.value(QLatin1String("average")).toString());
  restoreOwn(state.value(QLatin1String("series")).toArray());
  const QJsonArray logarithmic = state.value(QLatin1String("logarithmic")).toArray(),
                   linear = state.value(QLatin1String("linear")).toArray(),
                   without_outliers = state.value(QLatin1String("without_outliers")).toArray();
  for (ChartCard* card : std::as_const(cards_)) {
    if (logarithmic.contains(nameOf(card))) card->setLogY(true);
    if (linear.contains(nameOf(card))) card->setLogY(false);
    card->setIgnoresOutliers(without_outliers.contains(nameOf(card)));
  }
  arrangement_.restore(state.value(QLatin1String("cards")).toObject());
  placeCards();
}

void MonitorCharts::resetLayout() {
  while (!own_.isEmpty()) removeOwnChart(own_.last().card);
  arrangement_.reset();
  placeCards();
}

}  // namespace concertina::ui
