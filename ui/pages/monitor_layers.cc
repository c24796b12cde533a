// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// monitor_layers.cc: see monitor_layers.h.
#include "ui/pages/monitor_layers.h"

#include <QApplication>
#include <QHBoxLayout>
#include <QLabel>
#include <QPainter>
#include <QPushButton>
#include <QTableView>
#include <QVBoxLayout>
#include <algorithm>
#include <cmath>

#include "ui/charts/chart_card.h"
#include "ui/charts/palette.h"
#include "ui/charts/series_chart.h"
#include "ui/forms/rhythm.h"
#include "ui/forms/tone.h"
#include "ui/pages/monitor_charts.h"
#include "ui/pages/monitor_histogram.h"
#include "ui/pages/monitor_table.h"

namespace concertina::ui {
namespace {

constexpr double kChartBudget = 0.0015;  // of a core, as the other charts

// The figure to the right as in every table, and what is left of the cell for its bar.
class BarDelegate : public TableDelegate {
 public:
  using TableDelegate::TableDelegate;
  void paint(QPainter* painter, const QStyleOptionViewItem& given, const QModelIndex& index) const override {
    TableDelegate::paint(painter, given, index);
    const double bar = index.data(LayersModel::kBarRole).toDouble();
    if (index.column() <= LayersModel::kParameters || std::isnan(bar)) return;
    QStyleOptionViewItem option = given;
    initStyleOption(&option, index);
    const int pad = option.fontMetrics.height() / 2;
    const int figure = option.fontMetrics.horizontalAdvance(QStringLiteral("00.00 %"));
    QRectF room = QRectF(option.rect).adjusted(pad, 0, -2 * pad - figure, 0);
    if (room.width() < pad) return;
    const double high = std::max(3.0, option.fontMetrics.xHeight() * 0.7);
    room = QRectF(room.left(), room.center().y() - high / 2, room.width(), high);
    const bool dark = onDarkGround(option.palette);
    const bool selected = option.state.testFlag(QStyle::State_Selected);
    const QColor ink = selected ? textColor(option) : seriesColor(bar < 0 ? 1 : 0, dark);
    painter->save();
    painter->setRenderHint(QPainter::Antialiasing);
    painter->setPen(Qt::NoPen);
    QColor trough = selected ? textColor(option) : option.palette.color(QPalette::Text);
    trough.setAlphaF(0.12F);
    painter->setBrush(trough);
    painter->drawRoundedRect(room, high / 2, high / 2);
    painter->setBrush(ink);
    const bool from_middle = LayersModel::isSigned(index.column());
    const double begin = from_middle ? room.center().x() : room.left();
    const double wide = bar * (from_middle ? room.width() / 2 : room.width());
    painter->drawRoundedRect(QRectF(begin, room.top(), wide, high).normalized(), high / 2, high / 2);
    if (from_middle) painter->fillRect(QRectF(begin - 0.5, room.top() - 1, 1, high + 2), textColor(option));
    painter->restore();
  }
};

}  // namespace

MonitorLayers::MonitorLayers(const MetricModel& metrics, QWidget* parent)
    : QWidget(parent), metrics_(metrics), empty_(new QLabel(this)), body_(new QWidget(this)) {
  const int unit = rhythmUnit(this);
  empty_->setObjectName(QStringLiteral("monitorPage.layersEmpty"));
  empty_->setWordWrap(true);
  empty_->setAlignment(Qt::AlignCenter);
  setTone(empty_, "quiet");

  table_ = makeTable(QStringLiteral("monitorPage.layersTable"), &model_, 3.25, body_);
  table_->setItemDelegate(new BarDelegate(table_));
  table_->setSelectionMode(QAbstractItemView::SingleSelection);
  table_->setAccessibleName(tr("Layers"));
  table_->horizontalHeader()->setStretchLastSection(false);
  table_->horizontalHeader()->setSectionResizeMode(QHeaderView::Stretch);
  table_->horizontalHeader()->setMinimumSectionSize(charactersWide(this, 11));

  table_->setMinimumHeight(rhythmUnit(this) * 12);  // some rows even in a low window
  chosen_ = new QLabel(body_);
  chosen_->setObjectName(QStringLiteral("monitorPage.layersChosen"));
  chosen_->setFont(scaledFont(font(), 1.15, QFont::DemiBold));
  change_ = new QPushButton(tr("Change This Layer's Codec…"), body_);
  change_->setObjectName(QStringLiteral("monitorPage.layersChangeButton"));
  auto* line = new QHBoxLayout;
  line->addWidget(chosen_, 1);
  line->addWidget(change_);

  auto* row = new QHBoxLayout;
  row->setSpacing(unit * 3 / 2);
  ChartCard* kept = addChart(QStringLiteral("monitorPage.layerKeptChart"), tr("What Arrives"), {}, this);
  kept->chart().setSource([this] {
    return QVector<ChartCurve>{curveOf(LayerFigure::kRelativeError, tr("Relative error"), 1),
                               curveOf(LayerFigure::kCosine, tr("Cosine"), 0)};
  });
  ChartCard* norms = addChart(QStringLiteral("monitorPage.layerNormChart"), tr("What Waits"), {}, this);
  norms->chart().setSource([this] {
    return QVector<ChartCurve>{curveOf(LayerFigure::kResidualNorm, tr("Residual"), 3),
                               curveOf(LayerFigure::kGradientNorm, tr("Gradient"), 2)};
  });
  norms->chart().setFromZero(true);
  //: of a residual, in steps
  ChartCard* age = addChart(QStringLiteral("monitorPage.layerAgeChart"), tr("Age of the Residual"), {}, this);
  age->chart().setSource(
      [this] { return QVector<ChartCurve>{curveOf(LayerFigure::kResidualAge, tr("Age (steps)"), 4)}; });
  age->chart().setFromZero(true);
  for (ChartCard* card : std::as_const(charts_)) row->addWidget(card, 1);
  histogram_ = new MonitorHistogram(this);
  row->addWidget(histogram_, 1);
  connect(histogram_, &MonitorHistogram::requested, this, &MonitorLayers::histogramRequested);

  auto* column = new QVBoxLayout(body_);
  column->setContentsMargins(0, unit * 3 / 2, 0, 0);
  column->setSpacing(unit);
  column->addWidget(inCard(table_, body_), 5);
  column->addLayout(line);
  auto* outer = new QVBoxLayout(this);
  outer->setContentsMargins(0, 0, 0, unit);
  outer->setSpacing(unit);
  outer->addWidget(empty_, 5);
  outer->addWidget(body_, 5);
  outer->addLayout(row, 4);

  connect(table_->selectionModel(), &QItemSelectionModel::currentRowChanged, this, &MonitorLayers::showLayer);
  connect(change_, &QPushButton::clicked, this, [this] {
    if (!layer().isEmpty()) emit changeRequested(layer());
  });
  setChangeable({});
  refresh({});
}

ChartCard* MonitorLayers::addChart(const QString& name, const QString& title, const QString& unit,
                                   QWidget* parent) {
  auto* card = new ChartCard(name, title, parent);
  card->chart().setYUnit(unit);
  card->chart().setBudget(kChartBudget);
  card->chart().setEmptyText(tr("Nothing waits in this layer"));
  card->setMinimumHeight(rhythmUnit(this) * 15);
  connect(card, &ChartCard::saveRequested, this, [this, card](ChartCard::Save what) {
    if (const auto error = MonitorCharts::saveChart(this, card, what)) emit saved(*error);
  });
  charts_.push_back(card);
  return card;
}

ChartCurve MonitorLayers::curveOf(LayerFigure figure, const QString& label, int color) const {
  const QString name = layer();
  const QString series = QString::fromStdString(LayerSeriesOf(name.toStdString(), figure));
  ChartCurve curve{series, label, seriesColor(color, false), seriesColor(color, true), {}};
  if (!name.isEmpty()) curve.data = metrics_.curve(series, XAxis::kStep);
  curve.smoothable = false;  // they are few enough, of one step in many
  return curve;
}

QString MonitorLayers::layer() const {
  const QModelIndex current = table_->currentIndex();
  return current.isValid() ? model_.index(current.row(), LayersModel::kLayer).data().toString() : QString();
}

void MonitorLayers::showLayer() {
  const QString name = layer();
  chosen_->setText(name);
  histogram_->setLayer(name);
  for (ChartCard* card : std::as_const(charts_)) {
    const double newest = metrics_.lastPosition(XAxis::kStep);
    card->chart().setExtent(0, std::isnan(newest) ? 0 : newest);
    card->chart().invalidate();
  }
}

void MonitorLayers::refresh(const QString& obstacle) {
  const QString before = layer();
  model_.take(metrics_);
  const bool seen = model_.rowCount() > 0;
  body_->setVisible(seen);
  for (ChartCard* card : std::as_const(charts_)) card->setVisible(seen);
  empty_->setVisible(!seen);
  if (!seen) {
    const QString text = obstacle.isEmpty() ? tr("Nothing measured yet: layers are measured every so many "
                                                 "steps (16, if training says nothing else).")
                                            : obstacle;
    if (empty_->text() != text) empty_->setText(text);
    return;
  }
  // Rows that were laid out anew forget who was chosen.
  const int row = std::max(0, model_.rowOf(before));
  if (!table_->currentIndex().isValid() || layer() != before) table_->selectRow(row);
  showLayer();
}

void MonitorLayers::setHistogram(const std::vector<OctaveCounts>& layers, qint64 step) {
  histogram_->setHistogram(layers, step);
}

void MonitorLayers::setCountable(bool can) { histogram_->setTakeable(can); }

void MonitorLayers::setChangeable(const QString& why_not) {
  change_->setEnabled(why_not.isEmpty());
  change_->setToolTip(why_not.isEmpty() ? tr("Opens the knobs of the codecs, which all layers share")
                                        : why_not);
}

}  // namespace concertina::ui
