// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// compress_layers.cc: see compress_layers.h.
#include "ui/pages/compress_layers.h"

#include <QEvent>
#include <QHeaderView>
#include <QLocale>
#include <QPainter>
#include <QResizeEvent>
#include <QTableView>
#include <QVBoxLayout>
#include <algorithm>

#include "ui/charts/palette.h"
#include "ui/client/number_format.h"
#include "ui/forms/rhythm.h"
#include "ui/forms/tone.h"
#include "ui/pages/monitor_table.h"
#include "ui/pages/runs_columns.h"

namespace concertina::ui {
namespace {

class LayerPictureDelegate : public TableDelegate {
 public:
  using TableDelegate::TableDelegate;
  void paint(QPainter* painter, const QStyleOptionViewItem& given, const QModelIndex& index) const override {
    TableDelegate::paint(painter, given, index);
    if (index.column() < RecipeLayersModel::kHistogram) return;
    QStyleOptionViewItem option = given;
    initStyleOption(&option, index);
    const double pad = option.fontMetrics.height() / 4.0;
    const QRectF room = QRectF(option.rect).adjusted(pad, pad, -pad, -pad);
    painter->save();
    // A chosen row's ground may be of any colour: pictures bring their own.
    painter->fillRect(room, option.palette.color(QPalette::Base));
    const LayerPicture picture = LayerPicture::of(index);
    if (index.column() == RecipeLayersModel::kHistogram)
      paintWeights(*painter, room.adjusted(2, 2, -2, -1), picture, option.palette);
    else
      paintMask(*painter, room, picture.mask, option.palette.color(QPalette::Text),
                option.palette.color(QPalette::Base));
    painter->restore();
  }
};

}  // namespace

LayerPicture LayerPicture::of(const QModelIndex& index) {
  return {.name = index.siblingAtColumn(RecipeLayersModel::kLayer).data().toString(),
          .before = index.data(RecipeLayersModel::kBeforeRole).value<QVector<double>>(),
          .now = index.data(RecipeLayersModel::kNowRole).value<QVector<double>>(),
          .range = index.data(RecipeLayersModel::kRangeRole).toDouble(),
          .mask = index.data(RecipeLayersModel::kMaskRole).value<QImage>()};
}

void paintWeights(QPainter& painter, const QRectF& room, const LayerPicture& picture,
                  const QPalette& palette) {
  const auto bars = [&](const QVector<double>& heights, const QColor& color, double share) {
    if (heights.isEmpty()) return;
    const double slot = room.width() / double(heights.size());
    for (qsizetype i = 0; i < heights.size(); ++i) {
      if (heights[i] <= 0) continue;
      const double high = std::max(1.0, room.height() * heights[i]);  // what is there at all is seen
      painter.fillRect(QRectF(room.left() + (double(i) + (1 - share) / 2) * slot, room.bottom() - high,
                              share * slot, high),
                       color);
    }
  };
  painter.fillRect(QRectF(room.center().x() - 0.5, room.top(), 1, room.height()), gridColor(palette));
  bars(picture.before, mixed(palette.color(QPalette::Base), palette.color(QPalette::Text), 0.3), 1);
  bars(picture.now, seriesColor(0, onDarkGround(palette)), 0.5);
  painter.fillRect(QRectF(room.left(), room.bottom(), room.width(), 1), quietTextColor(palette));
}

void paintMask(QPainter& painter, const QRectF& room, const QImage& mask, const QColor& ink,
               const QColor& ground) {
  if (mask.isNull()) return;
  QImage shown(mask.size(), QImage::Format_RGB32);
  for (int y = 0; y < mask.height(); ++y)
    for (int x = 0; x < mask.width(); ++x)
      shown.setPixel(x, y, mixed(ground, ink, mask.constScanLine(y)[x] / 255.0).rgb());
  // A weight of ten outputs and 800 inputs would be a line: a side is not drawn more than four times longer.
  const double proportion = std::clamp(double(mask.width()) / mask.height(), 0.25, 4.0);
  const double wide = std::min(room.width(), room.height() * proportion);
  const QRectF place(room.left(), room.top(), wide, wide / proportion);
  painter.setRenderHint(QPainter::SmoothPixmapTransform, false);
  painter.drawImage(place, shown);
  painter.setPen(QPen(mixed(ground, ink, 0.4), 1));
  painter.setBrush(Qt::NoBrush);
  painter.drawRect(place.adjusted(0.5, 0.5, -0.5, -0.5));
}

class LayerPictureView : public QWidget {
 public:
  explicit LayerPictureView(QWidget* parent) : QWidget(parent) {
    setObjectName(QStringLiteral("compressPage.layerPicture"));
    setAccessibleName(CompressLayers::tr("Weights of the chosen layer"));
  }
  void show(const LayerPicture& picture, const QString& words) {
    picture_ = picture;
    setAccessibleDescription(words);
    update();
  }
  QSize sizeHint() const override { return {charactersWide(this, 50), rhythmUnit(this) * 16}; }
  QSize minimumSizeHint() const override { return {charactersWide(this, 24), rhythmUnit(this) * 9}; }

 protected:
  void paintEvent(QPaintEvent*) override {
    if (picture_.now.isEmpty()) return;
    QPainter painter(this);
    const QFontMetrics metrics(font());
    const int unit = rhythmUnit(this);
    const double high = height() - 2.0 * metrics.height() - unit;
    const double side = std::min(width() / 3.0, high * 4);
    const QRectF weights(unit, metrics.height() + unit / 2.0, width() - side - 3.0 * unit, high);
    paintWeights(painter, weights, picture_, palette());
    paintMask(painter, QRectF(weights.right() + unit, weights.top(), side, high), picture_.mask,
              palette().color(QPalette::Text), palette().color(QPalette::Base));
    painter.setPen(quietTextColor(palette()));
    //: %1 is the name of a layer. The colours of two histograms on top of each other.
    painter.drawText(
        QRectF(unit, 0, width() - 2.0 * unit, metrics.height()), Qt::AlignLeft | Qt::AlignVCenter,
        picture_.before.isEmpty() ? picture_.name
                                  : CompressLayers::tr("%1: grey before, blue now").arg(picture_.name));
    const QRectF axis(weights.left(), weights.bottom() + 2, weights.width(), metrics.height());
    painter.drawText(axis, Qt::AlignLeft, formatNumber(-picture_.range));
    painter.drawText(axis, Qt::AlignHCenter, QStringLiteral("0"));
    painter.drawText(axis, Qt::AlignRight, formatNumber(picture_.range));
  }

 private:
  LayerPicture picture_;
};

CompressLayers::CompressLayers(QWidget* parent) : QWidget(parent) {
  const int unit = rhythmUnit(this);
  table_ = makeTable(QStringLiteral("compressPage.layersTable"), &model_, 5, this);
  table_->setItemDelegate(new LayerPictureDelegate(table_));
  table_->setSelectionMode(QAbstractItemView::SingleSelection);
  table_->setAccessibleName(tr("Layers after this step"));
  table_->horizontalHeader()->setStretchLastSection(false);
  table_->viewport()->installEventFilter(this);
  picture_ = new LayerPictureView(this);
  auto* column = new QVBoxLayout(this);
  column->setContentsMargins(0, unit / 2, 0, 0);
  column->setSpacing(unit / 2);
  column->addWidget(table_, 3);
  column->addWidget(picture_, 2);
  connect(table_->selectionModel(), &QItemSelectionModel::currentRowChanged, this,
          &CompressLayers::showChosen);
  connect(&model_, &QAbstractItemModel::dataChanged, this, &CompressLayers::showChosen);
  fit();
}

void CompressLayers::show(const StepDetail* before, const StepDetail* now) {
  model_.show(before, now);
  // Steps that an earlier version made have no times.
  const bool is_timed =
      now != nullptr && std::any_of(now->layers.begin(), now->layers.end(),
                                    [](const LayerDetail& layer) { return layer.seconds > 0; });
  is_timed_ = is_timed;
  fit();
  if (!table_->currentIndex().isValid() && model_.rowCount() > 0) table_->selectRow(0);
  showChosen();
}

// Pictures first: those of the chosen layer are drawn larger below. The shape is in the mask's tip, and
// always left out.
void CompressLayers::fit() {
  const int wide[RecipeLayersModel::kColumns] = {14, 14, 10, 10, 6, 12, 10, 16, 10};
  const QVector<int> dispensable = {RecipeLayersModel::kMask, RecipeLayersModel::kBits,
                                    RecipeLayersModel::kHistogram, RecipeLayersModel::kWeights,
                                    RecipeLayersModel::kTime};
  const QFontMetrics metrics(table_->horizontalHeader()->font());
  QVector<int> needed;
  for (int column = 0; column < RecipeLayersModel::kColumns; ++column)
    needed << std::max(
        charactersWide(this, wide[column]),
        metrics.horizontalAdvance(model_.headerData(column, Qt::Horizontal, Qt::DisplayRole).toString()) +
            2 * rhythmUnit(this));
  QSet<int> dropped = {RecipeLayersModel::kShape};
  if (!is_timed_) dropped.insert(RecipeLayersModel::kTime);
  // A name that is too long for what is left is elided.
  const ColumnFit fitted = fitColumns(needed, table_->viewport()->width(), dispensable, {}, dropped,
                                      RecipeLayersModel::kLayer, charactersWide(this, 12));
  QVector<int> widths = fitted.widths;
  if (const int more = widths[RecipeLayersModel::kLayer] - needed[RecipeLayersModel::kLayer];
      more > 0 && !fitted.hidden.contains(RecipeLayersModel::kHistogram)) {
    widths[RecipeLayersModel::kLayer] -= more;  // a picture makes more of the room than a name
    widths[RecipeLayersModel::kHistogram] += more;
  }
  for (int column = 0; column < RecipeLayersModel::kColumns; ++column) {
    table_->setColumnHidden(column, fitted.hidden.contains(column));
    table_->setColumnWidth(column, widths[column]);
  }
}

// Of the table's inside: a scroll bar at its side takes room too.
bool CompressLayers::eventFilter(QObject* watched, QEvent* event) {
  if (watched == table_->viewport() && event->type() == QEvent::Resize) {
    const auto* resized = static_cast<QResizeEvent*>(event);
    if (resized->size().width() != resized->oldSize().width()) fit();
  }
  return QWidget::eventFilter(watched, event);
}

void CompressLayers::showChosen() {
  const QModelIndex chosen = table_->currentIndex();
  if (!chosen.isValid()) return picture_->show({}, {});
  picture_->show(
      LayerPicture::of(chosen),
      chosen.siblingAtColumn(RecipeLayersModel::kHistogram).data(Qt::AccessibleTextRole).toString());
}

}  // namespace concertina::ui
