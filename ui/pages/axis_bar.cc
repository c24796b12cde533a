// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// axis_bar.cc: see axis_bar.h.
#include "ui/pages/axis_bar.h"

#include <QButtonGroup>
#include <QHBoxLayout>
#include <QMenu>
#include <QToolButton>
#include <utility>

#include "ui/forms/rhythm.h"
#include "ui/pages/compare_curves.h"

namespace concertina::ui {
namespace {

constexpr qsizetype kLongestXSeries = 200;  // of what a file of settings says

}  // namespace

AxisBar::AxisBar(const QString& page, const QString& buttons, QWidget* parent)
    : QWidget(parent), page_(page), axes_(new QButtonGroup(this)) {
  setObjectName(page + QStringLiteral(".axisBar"));
  const QString name = page + QLatin1Char('.') + buttons + QLatin1Char('.');
  auto* bar = new QHBoxLayout(this);
  bar->setContentsMargins(0, 0, 0, 0);
  bar->setSpacing(rhythmUnit(this) / 2);
  // Made in the order in which they stand, which is that of Tab: whichever of a group has the keyboard would
  // keep Tab for itself, were the others elsewhere.
  for (const XAxis axis : kXAxes) {
    auto* button = new QToolButton(this);
    button->setObjectName(name + xAxisWord(axis));
    button->setText(xAxisTitle(axis));
    button->setCheckable(true);
    button->setChecked(axis == axis_);
    button->setToolTip(tr("Draw every chart against this"));
    axes_->addButton(button, int(axis));
    bar->addWidget(button);
  }
  x_button_ = new QToolButton(this);
  x_button_->setObjectName(name + xAxisWord(XAxis::kSeries));
  x_button_->setText(tr("Series"));
  x_button_->setCheckable(true);
  x_button_->setToolTip(
      tr("Draw every chart against a series: joined in the order of steps, each point with the nearest "
         "earlier value"));
  x_button_->setPopupMode(QToolButton::InstantPopup);
  menu_ = new QMenu(x_button_);
  menu_->setObjectName(page + QStringLiteral(".axisMenu"));
  x_button_->setMenu(menu_);
  axes_->addButton(x_button_, int(XAxis::kSeries));
  bar->addWidget(x_button_);
  log_x_ = new QToolButton(this);
  log_x_->setObjectName(page + QStringLiteral(".logX"));
  log_x_->setText(tr("Log"));
  log_x_->setAccessibleName(tr("Logarithmic x axis"));
  log_x_->setCheckable(true);
  log_x_->setToolTip(tr("A logarithmic x axis of every chart; what is at 0 or below is left out"));
  bar->addWidget(log_x_);
  fillMenu();

  connect(menu_, &QMenu::aboutToShow, this, &AxisBar::menuOpens);
  connect(log_x_, &QToolButton::toggled, this, &AxisBar::logXChanged);
  connect(axes_, &QButtonGroup::idToggled, this, [this](int id, bool checked) {
    if (!checked) return;
    if (XAxis(id) != XAxis::kSeries)
      setAxis(XAxis(id));
    else if (axis_ != XAxis::kSeries)  // by the space bar, and no series was chosen
      axes_->button(int(axis_))->setChecked(true);
  });
}

bool AxisBar::logX() const { return log_x_->isChecked(); }

void AxisBar::setLogX(bool log) { log_x_->setChecked(log); }

void AxisBar::setAxis(XAxis axis) {
  if (axis != axis_ && axis != XAxis::kSeries) change(axis, {});
}

void AxisBar::setXSeries(const QString& series) {
  if (series == x_series_) return fillMenu();  // its entry stays checked
  change(XAxis::kSeries, series);
}

void AxisBar::change(XAxis axis, const QString& series) {
  axis_ = axis;
  x_series_ = series;
  axes_->button(int(axis))->setChecked(true);
  x_button_->setText(axis == XAxis::kSeries ? fontMetrics().elidedText(seriesTitle(series), Qt::ElideMiddle,
                                                                       charactersWide(this, 24))
                                            : tr("Series"));
  fillMenu();
  emit axisChanged();
}

void AxisBar::offerSeries(QStringList names) {
  names.sort();
  names_ = std::move(names);
  fillMenu();
}

void AxisBar::fillMenu() {
  qDeleteAll(menu_->findChildren<QMenu*>());
  menu_->clear();
  QStringList names = names_;
  if (!x_series_.isEmpty() && !names.contains(x_series_)) {
    names << x_series_;
    names.sort();
  }
  if (names.isEmpty()) menu_->addAction(tr("Nothing measured yet"))->setEnabled(false);
  QMenu* parts = nullptr;  // what there may be hundreds of has a menu of its own
  for (const QString& name : std::as_const(names)) {
    if (name.startsWith(QLatin1String("arrival/"))) continue;  // moments, not curves
    const bool is_part = name.startsWith(QLatin1String("layer/"));
    if (is_part && parts == nullptr) parts = new QMenu(tr("Layers"), menu_);
    QAction* action = (is_part ? parts : menu_)->addAction(seriesTitle(name));
    action->setObjectName(page_ + QStringLiteral(".x.") + name);
    action->setData(name);
    action->setCheckable(true);
    action->setChecked(name == x_series_);
    // What is offered may change with the axis, and the entry that is at work go: not before it has finished.
    connect(action, &QAction::triggered, this, [this, name] {
      QMetaObject::invokeMethod(
          this, [this, name] { setXSeries(name); }, Qt::QueuedConnection);
    });
  }
  if (parts != nullptr) menu_->addMenu(parts);
}

QJsonObject AxisBar::saveState() const {
  return {{"axis", xAxisWord(axis_)}, {"x_series", x_series_}, {"log_x", logX()}};
}

void AxisBar::restoreState(const QJsonObject& state) {
  setLogX(state.value(QLatin1String("log_x")).toBool());
  const QString axis = state.value(QLatin1String("axis")).toString();
  for (const XAxis known : kXAxes)
    if (axis == xAxisWord(known)) setAxis(known);
  const QString series = state.value(QLatin1String("x_series")).toString();
  if (axis == xAxisWord(XAxis::kSeries) && !series.isEmpty() && series.size() <= kLongestXSeries)
    setXSeries(series);
}

void AxisBar::reset() {
  setLogX(false);
  setAxis(XAxis::kStep);
}

}  // namespace concertina::ui
