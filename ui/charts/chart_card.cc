// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// chart_card.cc: see chart_card.h.
#include "ui/charts/chart_card.h"

#include <QApplication>
#include <QClipboard>
#include <QHBoxLayout>
#include <QKeyEvent>
#include <QLabel>
#include <QMouseEvent>
#include <QPainter>
#include <QStyle>
#include <QToolButton>
#include <QVBoxLayout>
#include <algorithm>

#include "ui/charts/flow_layout.h"
#include "ui/charts/palette.h"

namespace concertina::ui {
namespace {

int halfLine(const QWidget* widget) {
  return std::max(4, qRound(QFontMetrics(widget->font()).height() / 2.0));
}

QFont smaller(const QWidget* widget) {
  QFont font = widget->font();
  if (font.pointSizeF() > 0) font.setPointSizeF(font.pointSizeF() * 0.9);
  return font;
}

}  // namespace

LegendButton::LegendButton(const ChartCurve& curve, bool area, QWidget* parent)
    : QAbstractButton(parent),
      id_(curve.id),
      light_(curve.light),
      dark_(curve.dark),
      area_(area),
      dashed_(curve.dashed) {
  setText(curve.label);
  setCheckable(true);
  setChecked(true);
  setFocusPolicy(Qt::TabFocus);
  setCursor(Qt::PointingHandCursor);
  setFont(smaller(this));
  setToolTip(tr("Hide or show “%1”; with Ctrl: this one alone").arg(curve.label));
}

void LegendButton::mouseReleaseEvent(QMouseEvent* event) {
  if (event->button() != Qt::LeftButton || !event->modifiers().testFlag(Qt::ControlModifier)) {
    QAbstractButton::mouseReleaseEvent(event);
    return;
  }
  setDown(false);
  event->accept();
  if (rect().contains(event->pos())) emit isolated();
}

void LegendButton::setLit(bool lit) {
  if (lit == lit_) return;
  lit_ = lit;
  update();
}

void LegendButton::enterEvent(QEnterEvent* event) {
  QAbstractButton::enterEvent(event);
  emit pointedAt(true);
}

void LegendButton::leaveEvent(QEvent* event) {
  QAbstractButton::leaveEvent(event);
  emit pointedAt(false);
}

void LegendButton::focusInEvent(QFocusEvent* event) {
  QAbstractButton::focusInEvent(event);
  emit pointedAt(true);
}

void LegendButton::focusOutEvent(QFocusEvent* event) {
  QAbstractButton::focusOutEvent(event);
  emit pointedAt(false);
}

void LegendButton::keyPressEvent(QKeyEvent* event) {
  if (event->key() == Qt::Key_Return || event->key() == Qt::Key_Enter)
    emit isolated();
  else
    QAbstractButton::keyPressEvent(event);
}

void isolate(const QVector<LegendButton*>& legend, LegendButton* only) {
  const bool is_alone = only->isChecked() && std::none_of(legend.begin(), legend.end(), [only](auto* button) {
                          return button != only && button->isChecked();
                        });
  for (LegendButton* button : legend) button->setChecked(is_alone || button == only);
}

QSize LegendButton::sizeHint() const {
  const QFontMetrics metrics(font());
  const int unit = metrics.height() / 2;
  return {metrics.horizontalAdvance(text()) + (area_ ? 11 : 15) * unit / 4, metrics.height() + unit / 2};
}

void LegendButton::paintEvent(QPaintEvent*) {
  QPainter painter(this);
  painter.setRenderHint(QPainter::Antialiasing);
  const QFontMetrics metrics(font());
  const int unit = metrics.height() / 2;
  const QColor color = onDarkGround(palette()) ? dark_ : light_;
  const QColor faint = mixed(palette().color(QPalette::Base), palette().color(QPalette::Text), 0.45);
  if (underMouse() || lit_) {
    painter.setPen(Qt::NoPen);
    painter.setBrush(gridColor(palette()));
    painter.drawRoundedRect(rect(), unit / 2.0, unit / 2.0);
  }
  if (hasFocus()) {
    painter.setPen(palette().color(QPalette::Highlight));
    painter.setBrush(Qt::NoBrush);
    painter.drawRoundedRect(QRectF(rect()).adjusted(0.5, 0.5, -0.5, -0.5), unit / 2.0, unit / 2.0);
  }
  const double middle = height() / 2.0, left = unit * 0.5, wide = unit * 1.5;
  if (area_) {
    const double side = metrics.xHeight() * 1.3;
    const QRectF square(left, middle - side / 2, side, side);
    painter.setPen(isChecked() ? Qt::NoPen : QPen(faint, 1));
    painter.setBrush(isChecked() ? QBrush(color) : QBrush(Qt::NoBrush));
    painter.drawRoundedRect(square, 2, 2);
  } else {
    painter.setPen(QPen(isChecked() ? color : faint, isChecked() ? 2.5 : 1,
                        dashed_ ? Qt::DotLine : Qt::SolidLine, Qt::RoundCap));
    painter.drawLine(QPointF(left, middle), QPointF(left + wide, middle));
  }
  QFont font = this->font();
  font.setStrikeOut(!isChecked());
  painter.setFont(font);
  painter.setPen(isChecked() ? palette().color(QPalette::Text) : faint);
  painter.drawText(
      rect().adjusted(int(left + (area_ ? metrics.xHeight() * 1.3 : wide) + unit * 0.6), 0, 0, 0),
      Qt::AlignLeft | Qt::AlignVCenter, text());
}

ChartCard::ChartCard(const QString& name, const QString& title, QWidget* parent)
    : QFrame(parent),
      chart_(new SeriesChart(this)),
      title_(new QLabel(title, this)),
      unit_(new QLabel(this)),
      more_(new QToolButton(this)),
      legend_(new QWidget(this)),
      menu_(new QMenu(this)) {
  setObjectName(name + QStringLiteral("Card"));
  setProperty("card", true);
  chart_->setObjectName(name);
  chart_->setTitle(title);
  QFont bold = title_->font();
  bold.setWeight(QFont::DemiBold);
  title_->setFont(bold);
  title_->setBuddy(chart_);
  unit_->setProperty("tone", "quiet");
  unit_->setFont(smaller(this));
  more_->setObjectName(name + QStringLiteral(".menuButton"));
  more_->setText(QStringLiteral("⋯"));
  more_->setAccessibleName(tr("More for “%1”").arg(title));
  more_->setToolTip(tr("Logarithmic axis, zoom, saving"));
  more_->setPopupMode(QToolButton::InstantPopup);
  more_->setMenu(menu_);
  more_->setAutoRaise(true);
  legend_layout_ = new FlowLayout(legend_, halfLine(this) / 2);

  log_ = menu_->addAction(tr("Logarithmic Axis"));
  log_->setCheckable(true);
  connect(log_, &QAction::toggled, chart_, &SeriesChart::setLogY);
  connect(chart_, &SeriesChart::logYChanged, log_, &QAction::setChecked);
  log_x_ = menu_->addAction(tr("Logarithmic x Axis"));
  log_x_->setObjectName(name + QStringLiteral(".logX"));
  log_x_->setCheckable(true);
  connect(log_x_, &QAction::toggled, chart_, &SeriesChart::setLogX);
  connect(chart_, &SeriesChart::logXChanged, log_x_, &QAction::setChecked);
  outliers_ = menu_->addAction(tr("Ignore Outliers"));
  outliers_->setObjectName(name + QStringLiteral(".ignoreOutliers"));
  outliers_->setCheckable(true);
  connect(outliers_, &QAction::toggled, chart_, &SeriesChart::setIgnoresOutliers);
  reset_ = menu_->addAction(tr("Show All"));
  reset_->setEnabled(false);
  connect(reset_, &QAction::triggered, chart_, &SeriesChart::resetZoom);
  menu_->addSeparator();
  menu_->addAction(tr("Copy Picture"), this, [this] {
    chart_->renderNow();
    QApplication::clipboard()->setPixmap(chart_->grab());
  });
  menu_->addAction(tr("Save as PNG…"), this, [this] { emit saveRequested(Save::kPng); });
  menu_->addAction(tr("Save as SVG…"), this, [this] { emit saveRequested(Save::kSvg); });
  menu_->addAction(tr("Save as PDF…"), this, [this] { emit saveRequested(Save::kPdf); });
  menu_->addAction(tr("Save Data as CSV…"), this, [this] { emit saveRequested(Save::kCsv); });
  connect(menu_, &QMenu::aboutToShow, this, [this] {
    for (QAction* action : {log_, outliers_}) action->setEnabled(!chart_->stacked());
  });
  // Alone; where several charts show the same curves, whoever has them tells the others.
  connect(chart_, &SeriesChart::curvePointedAt, chart_, &SeriesChart::setHighlighted);
  connect(chart_, &SeriesChart::zoomChanged, this,
          [this](double, double, bool zoomed) { reset_->setEnabled(zoomed); });
  connect(chart_, &SeriesChart::contextMenuRequested, menu_, [this](const QPoint& at) { menu_->popup(at); });
  connect(chart_, &SeriesChart::scaledUnitsChanged, this, &ChartCard::updateHeading);
  connect(chart_, &SeriesChart::curvesReplaced, this, &ChartCard::updateLegend);

  const int unit = halfLine(this);
  auto* heading = new QHBoxLayout;
  heading->setSpacing(unit);
  heading->addWidget(title_);
  heading->addWidget(unit_);
  heading->addStretch(1);
  beside_ = heading;
  below_ = new QVBoxLayout;
  heading->addWidget(more_);
  auto* layout = new QVBoxLayout(this);
  layout->setContentsMargins(unit * 2, unit, unit, unit / 2);
  layout->setSpacing(unit / 2);
  layout->addLayout(heading);
  layout->addLayout(below_);
  middle_ = new QHBoxLayout;
  middle_->setSpacing(unit);
  middle_->addWidget(chart_, 1);
  layout->addLayout(middle_, 1);
  legend_->hide();
  updateHeading();
}

QSize ChartCard::sizeHint() const {
  const QFontMetrics metrics(font());
  return {metrics.averageCharWidth() * 64, metrics.height() * 15};
}

void ChartCard::updateHeading() {  // A bare factor needs no unit.
  const QString unit = chart_->scaledYUnit() == QStringLiteral("×") ? QString() : chart_->scaledYUnit();
  unit_->setText(unit.isEmpty() || note_.isEmpty() ? unit + note_ : unit + QStringLiteral(" · ") + note_);
}

void ChartCard::setNote(const QString& note) {
  if (note == note_) return;
  note_ = note;
  updateHeading();
}

void ChartCard::setBeside(QWidget* widget, int width) {
  widget->setParent(this);
  widget->setFixedWidth(width);
  middle_->addWidget(widget);
  widget->show();
}

void ChartCard::setMovable(const QString& tip) {
  title_->setCursor(Qt::OpenHandCursor);
  title_->setToolTip(tip);
}

void ChartCard::setLogY(bool log) { log_->setChecked(log); }
void ChartCard::setLogX(bool log) { log_x_->setChecked(log); }
void ChartCard::setIgnoresOutliers(bool ignores) { outliers_->setChecked(ignores); }

void ChartCard::setLegendShown(bool shown) {
  legend_is_here_ = shown;
  rebuildLegend();
}

void ChartCard::setCurves(const QVector<ChartCurve>& curves) {
  chart_->setCurves(curves);
  updateLegend();
}

void ChartCard::updateLegend() {
  QStringList ids;
  for (const ChartCurve& curve : chart_->curves()) ids.push_back(curve.id);
  if (ids == legend_ids_) return;
  legend_ids_ = ids;
  rebuildLegend();
}

void ChartCard::rebuildLegend() {
  chart_->setHighlighted({});  // an entry that goes does not tell that the pointer has left it
  qDeleteAll(legend_->findChildren<LegendButton*>());
  // Of one curve the title says everything.
  legend_->setVisible(legend_is_here_ && legend_ids_.size() > 1);
  if (!legend_is_here_) return;
  // Few entries stand beside the title; more have a line of their own beneath it.
  constexpr int kFew = 3;
  beside_->removeWidget(legend_);
  below_->removeWidget(legend_);
  if (legend_ids_.size() <= kFew)
    beside_->insertWidget(beside_->indexOf(more_), legend_, 0, Qt::AlignVCenter);
  else
    below_->addWidget(legend_);
  int width = 0;
  for (const ChartCurve& curve : chart_->curves()) {
    auto* button = new LegendButton(curve, chart_->stacked(), legend_);
    button->setObjectName(QStringLiteral("%1.legend.%2").arg(chart_->objectName(), curve.id));
    button->setChecked(chart_->isCurveShown(curve.id));
    connect(button, &LegendButton::toggled, this,
            [this, id = curve.id](bool shown) { chart_->setCurveShown(id, shown); });
    connect(button, &LegendButton::pointedAt, chart_,
            [this, id = curve.id](bool is_here) { chart_->setHighlighted(is_here ? id : QString()); });
    connect(button, &LegendButton::isolated, this,
            [this, button] { isolate(legend_->findChildren<LegendButton*>(), button); });
    legend_layout_->addWidget(button);
    width += button->sizeHint().width() + legend_layout_->spacing();
  }
  legend_->setMinimumWidth(legend_ids_.size() <= kFew ? width : 0);
}

}  // namespace concertina::ui
