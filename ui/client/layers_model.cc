// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// layers_model.cc: see layers_model.h.
#include "ui/client/layers_model.h"

#include <QLocale>
#include <algorithm>
#include <cmath>

#include "ui/client/number_format.h"

namespace concertina::ui {
namespace {

std::vector<LayerRow> rowsOf(const MetricModel& metrics) {
  std::vector<LayerRow> rows;
  for (const QString& series : metrics.seriesNames()) {
    const auto name = ParseLayerSeries(series.toStdString());
    if (!name) continue;
    auto row =
        std::find_if(rows.begin(), rows.end(), [&](const LayerRow& one) { return one.name == name->layer; });
    if (row == rows.end()) row = rows.insert(row, LayerRow{name->layer});
    row->figures[static_cast<size_t>(name->figure)] = metrics.last(series);
  }
  return rows;
}

bool sameNames(const std::vector<LayerRow>& a, const std::vector<LayerRow>& b, size_t count) {
  return std::equal(a.begin(), a.begin() + static_cast<ptrdiff_t>(count), b.begin(),
                    [](const LayerRow& x, const LayerRow& y) { return x.name == y.name; });
}

}  // namespace

void LayersModel::take(const MetricModel& metrics) {
  std::vector<LayerRow> next = rowsOf(metrics);
  const size_t before = rows_.size(), after = next.size();
  if (after < before || !sameNames(rows_, next, before)) {
    beginResetModel();
    rows_ = std::move(next);
    endResetModel();
    return;
  }
  if (after > before) beginInsertRows({}, int(before), int(after) - 1);
  rows_ = std::move(next);
  if (after > before) endInsertRows();
  if (after > 0) emit dataChanged(index(0, 0), index(int(after) - 1, kColumns - 1));
}

int LayersModel::rowOf(const QString& layer) const {
  const std::string name = layer.toStdString();
  const auto found =
      std::find_if(rows_.begin(), rows_.end(), [&](const LayerRow& row) { return row.name == name; });
  return found == rows_.end() ? -1 : int(found - rows_.begin());
}

int LayersModel::rowCount(const QModelIndex& parent) const {
  return parent.isValid() ? 0 : int(rows_.size());
}
int LayersModel::columnCount(const QModelIndex& parent) const { return parent.isValid() ? 0 : kColumns; }

double LayersModel::value(const LayerRow& row, int column) const {
  switch (column) {
    case kParameters:
      return row.at(LayerFigure::kParameters);
    case kShare:
      return PayloadShare(rows_, row);
    case kError:
      return row.at(LayerFigure::kRelativeError);
    case kCosine:
      return row.at(LayerFigure::kCosine);
    case kResidual:
      return RelativeResidual(row);
    case kAge:
      return row.at(LayerFigure::kResidualAge);
    case kDirection:
      return row.at(LayerFigure::kResidualCosine);
    default:
      return qQNaN();
  }
}

QVariant LayersModel::data(const QModelIndex& index, int role) const {
  if (!checkIndex(index, CheckIndexOption::IndexIsValid)) return {};
  const LayerRow& row = rows_[static_cast<size_t>(index.row())];
  const int column = index.column();
  if (role == Qt::TextAlignmentRole)
    return QVariant::fromValue(
        Qt::Alignment((column == kLayer ? Qt::AlignLeft : Qt::AlignRight) | Qt::AlignVCenter));
  if (column == kLayer) {
    const QString name = QString::fromStdString(row.name);
    return role == Qt::DisplayRole || role == Qt::ToolTipRole ? QVariant(name) : QVariant();
  }
  const double figure = value(row, column);
  if (role == kBarRole) {
    if (column == kParameters || std::isnan(figure)) return qQNaN();
    if (isSigned(column)) return std::clamp(figure, -1.0, 1.0);
    if (column == kShare || column == kError) return std::clamp(figure, 0.0, 1.0);
    double most = 0;  // of what has no end, the largest is a whole bar
    for (const LayerRow& other : rows_)
      if (const double one = value(other, column); one > most) most = one;
    return most > 0 ? figure / most : 0.0;
  }
  if (role != Qt::DisplayRole && role != Qt::AccessibleTextRole) return {};
  QString text = std::isnan(figure)      ? notMeasured()
                 : column == kParameters ? formatCount(std::llround(figure))
                 : column == kShare      ? tr("%1 %").arg(QLocale().toString(100 * figure, 'f', 1))
                                         : formatNumber(figure);
  if (role == Qt::AccessibleTextRole)
    //: %1 is the title of a column, %2 the value in it
    return tr("%1: %2").arg(headerData(column, Qt::Horizontal, Qt::DisplayRole).toString(), text);
  return text;
}

QVariant LayersModel::headerData(int section, Qt::Orientation orientation, int role) const {
  if (orientation != Qt::Horizontal) return {};
  if (role == Qt::TextAlignmentRole)
    return QVariant::fromValue(
        Qt::Alignment((section == kLayer ? Qt::AlignLeft : Qt::AlignRight) | Qt::AlignVCenter));
  if (role == Qt::ToolTipRole) {
    switch (section) {
      case kShare:
        return tr("Of all that the codec sends, the share of this layer");
      case kError:
        return tr("‖g − ĝ‖ / ‖g‖: what the payload misses of the gradient");
      case kCosine:
        return tr("Of the gradient and what its payload says: 1 is the same direction");
      case kResidual:
        return tr("‖e‖ / ‖g‖: how many gradients' worth waits to be sent");
      case kAge:
        return tr("In about how many steps the residual has gathered");
      case kDirection:
        return tr(
            "The cosine of the residual and the gradient: above 0 the layer waits for what it still "
            "needs, below 0 for what the model has left behind");
      default:
        return {};
    }
  }
  if (role != Qt::DisplayRole) return {};
  switch (section) {
    case kLayer:
      return tr("Layer");
    case kParameters:
      return tr("Parameters");
    case kShare:
      return tr("Share of bytes");
    case kError:
      return tr("Relative error");
    case kCosine:
      return tr("Cosine");
    case kResidual:
      return tr("Residual");
    case kAge:
      return tr("Age (steps)");
    case kDirection:
      return tr("Direction");
    default:
      return {};
  }
}

}  // namespace concertina::ui
