// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// recipe_detail_models.cc: see recipe_detail_models.h.
#include "ui/client/recipe_detail_models.h"

#include <QLocale>
#include <QStringList>
#include <algorithm>

#include "ui/client/number_format.h"

namespace concertina::ui {
namespace {

uchar byteAt(const std::string& bytes, qsizetype place) { return static_cast<uchar>(bytes[size_t(place)]); }

QString textOf(const std::string& text) { return QString::fromStdString(text); }

double keptShare(const LayerDetail& layer) {
  return layer.count > 0 ? double(layer.count - layer.zeros) / double(layer.count) : qQNaN();
}

}  // namespace

QVector<double> binHeights(const LayerDetail& layer) {
  const auto most = double(std::max<int64_t>(1, *std::max_element(layer.counts.begin(), layer.counts.end())));
  QVector<double> heights;
  heights.reserve(qsizetype(layer.counts.size()));
  for (const int64_t count : layer.counts) heights << double(count) / most;
  return heights;
}

QImage maskImage(const MaskPicture& mask) {
  if (mask.rows == 0) return {};
  QImage image(int(mask.columns), int(mask.rows), QImage::Format_Grayscale8);
  for (int y = 0; y < image.height(); ++y)
    for (int x = 0; x < image.width(); ++x)
      image.scanLine(y)[x] = byteAt(mask.shares, qsizetype(y) * image.width() + x);
  return image;
}

QImage answerImage(const ChangedAnswer& answer) {
  if (answer.pixels.empty()) return {};
  const int wide = int(answer.width), high = int(answer.height);
  const qsizetype plane = qsizetype(wide) * high;
  if (answer.channels == 1) {
    QImage image(wide, high, QImage::Format_Grayscale8);
    for (int y = 0; y < high; ++y)
      for (int x = 0; x < wide; ++x) image.scanLine(y)[x] = byteAt(answer.pixels, qsizetype(y) * wide + x);
    return image;
  }
  QImage image(wide, high, QImage::Format_RGB888);
  for (int y = 0; y < high; ++y)
    for (int x = 0; x < wide; ++x)
      for (int c = 0; c < 3; ++c)
        image.scanLine(y)[3 * x + c] = byteAt(answer.pixels, c * plane + qsizetype(y) * wide + x);
  return image;
}

void RecipeLayersModel::show(const StepDetail* before, const StepDetail* now) {
  std::vector<Row> rows;
  for (const LayerDetail& layer : now == nullptr ? std::vector<LayerDetail>() : now->layers) {
    const LayerDetail* const was = before == nullptr || before == now ? nullptr : before->Layer(layer.name);
    rows.push_back({.now = layer,
                    .before_heights = was == nullptr ? QVector<double>() : binHeights(*was),
                    .now_heights = binHeights(layer),
                    .mask = maskImage(layer.mask)});
  }
  const bool same = std::equal(rows.begin(), rows.end(), rows_.begin(), rows_.end(),
                               [](const Row& a, const Row& b) { return a.now.name == b.now.name; });
  if (!same) beginResetModel();
  rows_ = std::move(rows);
  if (!same) return endResetModel();
  if (!rows_.empty()) emit dataChanged(index(0, 0), index(int(rows_.size()) - 1, kColumns - 1));
}

int RecipeLayersModel::rowCount(const QModelIndex& parent) const {
  return parent.isValid() ? 0 : int(rows_.size());
}
int RecipeLayersModel::columnCount(const QModelIndex& parent) const {
  return parent.isValid() ? 0 : kColumns;
}

QString RecipeLayersModel::words(const LayerDetail& layer, int column) const {
  QStringList extents;
  switch (column) {
    case kLayer:
      return textOf(layer.name);
    case kShape:
      for (const int64_t extent : layer.shape) extents << QString::number(extent);
      return extents.join(QStringLiteral("×"));
    case kWeights:
      return formatCount(layer.count);
    case kNonzeros:
      return formatPercent(keptShare(layer));
    case kBits:
      return QLocale().toString(layer.bits);
    case kFile:
      return formatBytes(double(layer.bytes));
    case kTime:
      //: The layer was not timed.
      return layer.seconds > 0 ? formatValue(layer.seconds, QStringLiteral("s")) : tr("–");
    default:
      return {};
  }
}

QString RecipeLayersModel::timeWords(const LayerDetail& layer) const {
  if (layer.seconds <= 0)
    return tr("An earlier version of the program made this step, and did not time its layers.");
  const QString whole = formatValue(layer.seconds, QStringLiteral("s"));
  if (layer.converting_seconds <= 0) return tr("%1, all of it in the layer's kernel.").arg(whole);
  //: %1 and %2 are times, %3 is a percentage. Values are converted to bytes and back around a kernel.
  return tr("%1, of which %2 (%3) only convert values: quantise, dequantise, prepare.")
      .arg(whole, formatValue(layer.converting_seconds, QStringLiteral("s")),
           formatPercent(layer.converting_seconds / layer.seconds));
}

QVariant RecipeLayersModel::data(const QModelIndex& index, int role) const {
  if (!index.isValid() || size_t(index.row()) >= rows_.size()) return {};
  const Row& row = rows_[size_t(index.row())];
  const LayerDetail& layer = row.now;
  switch (role) {
    case Qt::DisplayRole:
      return words(layer, index.column());
    case Qt::TextAlignmentRole:
      return int(Qt::AlignVCenter | (index.column() <= kShape ? Qt::AlignLeft : Qt::AlignRight));
    case kBeforeRole:
      return QVariant::fromValue(row.before_heights);
    case kNowRole:
      return QVariant::fromValue(row.now_heights);
    case kMaskRole:
      return row.mask;
    case kRangeRole:
      return layer.range;
    case Qt::ToolTipRole:
    case Qt::AccessibleTextRole:
      if (index.column() == kHistogram)
        //: The weights of a layer. %1 is a magnitude, %2 another, %3 a number of weights.
        return tr("The largest of them was %1 and is %2; %3 are zero and not drawn.")
            .arg(formatNumber(layer.range), formatNumber(layer.largest), formatCount(layer.zeros));
      if (index.column() == kMask)
        //: %1 is a percentage, %2 a shape like 500×800.
        return tr("%1 of the weights are left; outputs from the top down, inputs to the right (%2).")
            .arg(formatPercent(keptShare(layer)), words(layer, kShape));
      if (index.column() == kFile) return textOf(layer.coding);
      if (index.column() == kTime) return timeWords(layer);
      return role == Qt::AccessibleTextRole ? QVariant(words(layer, index.column())) : QVariant();
    default:
      return {};
  }
}

QVariant RecipeLayersModel::headerData(int section, Qt::Orientation orientation, int role) const {
  if (orientation != Qt::Horizontal || section < 0 || section >= kColumns) return {};
  if (role == Qt::TextAlignmentRole)
    return int(Qt::AlignVCenter |
               (section <= kShape || section >= kHistogram ? Qt::AlignLeft : Qt::AlignRight));
  const std::pair<QString, QString> words[kColumns] = {
      {tr("Layer"), tr("Layers that have weights")},
      {tr("Shape"), tr("Of the weight: outputs first")},
      {tr("Weights"), tr("How many the layer has")},
      {tr("Not zero"), tr("Share of the weights that is left")},
      {tr("Bits"), tr("Of the grid that the weights lie on; 32 are floats")},
      {tr("In the file"), tr("Bytes of this layer's weights in the file")},
      {tr("Time"), tr("Of one answer, what this layer and the converting for it take: the median")},
      {tr("Values"), tr("How often each value is there: grey before, in colour now; zeros left out")},
      {tr("Mask"), tr("Where weights are left: filled where all are, empty where none is")}};
  if (role == Qt::DisplayRole) return words[section].first;
  if (role == Qt::ToolTipRole) return words[section].second;
  return {};
}

void ChangedAnswersModel::show(const StepDetail* now) {
  beginResetModel();
  step_ = now == nullptr ? StepDetail() : *now;
  pictures_.clear();
  for (const ChangedAnswer& answer : step_.changed) pictures_ << answerImage(answer);
  endResetModel();
}

int ChangedAnswersModel::rowCount(const QModelIndex& parent) const {
  return parent.isValid() ? 0 : int(step_.changed.size());
}

QVariant ChangedAnswersModel::data(const QModelIndex& index, int role) const {
  if (!index.isValid() || size_t(index.row()) >= step_.changed.size()) return {};
  const ChangedAnswer& answer = step_.changed[size_t(index.row())];
  const auto name = [this](int64_t of_class) { return textOf(step_.ClassName(of_class)); };
  const Kind kind = answer.became_wrong() ? kBecameWrong : answer.became_right() ? kBecameRight : kStillWrong;
  switch (role) {
    case kPictureRole:
      return pictures_[index.row()];
    case kKindRole:
      return int(kind);
    case kLabelRole:
      //: What the sample is: %1 is the name of a class.
      return tr("is %1").arg(name(answer.label));
    case kChangeRole:
      return QStringLiteral("%1 → %2").arg(name(answer.before), name(answer.now));
    case Qt::DisplayRole:
    case Qt::AccessibleTextRole:
    case Qt::ToolTipRole: {
      const QString now = kind == kBecameWrong   ? tr("now wrongly %1")
                          : kind == kBecameRight ? tr("now rightly %1")
                                                 : tr("now %1, wrong too");
      //: %1 is a number, %2 and %3 names of classes, %4 is "now wrongly 9".
      return tr("Test sample %1 is %2. Before: %3; %4.")
          .arg(formatCount(answer.index), name(answer.label), name(answer.before), now.arg(name(answer.now)));
    }
    default:
      return {};
  }
}

void SensitivityModel::show(const StepDetail* now) {
  beginResetModel();
  rows_ = now == nullptr ? std::vector<LayerSensitivity>() : ByHarm(now->sensitivity);
  accuracy_ = now == nullptr ? 0 : now->sensitivity_accuracy;
  most_lost_ = rows_.empty() ? 0 : std::max(0.0, lost(rows_.front()));
  endResetModel();
}

int SensitivityModel::rowCount(const QModelIndex& parent) const {
  return parent.isValid() ? 0 : int(rows_.size());
}
QString SensitivityModel::layer(int row) const {
  return row < 0 || size_t(row) >= rows_.size() ? QString() : textOf(rows_[size_t(row)].layer);
}

int SensitivityModel::columnCount(const QModelIndex& parent) const { return parent.isValid() ? 0 : kColumns; }

QVariant SensitivityModel::data(const QModelIndex& index, int role) const {
  if (!index.isValid() || size_t(index.row()) >= rows_.size()) return {};
  const LayerSensitivity& one = rows_[size_t(index.row())];
  if (role == kBarRole) return most_lost_ > 0 ? std::max(0.0, lost(one)) / most_lost_ : 0.0;
  if (role == Qt::TextAlignmentRole)
    return int(Qt::AlignVCenter |
               (index.column() <= kMethod || index.column() == kKeep ? Qt::AlignLeft : Qt::AlignRight));
  if (role != Qt::DisplayRole && role != Qt::AccessibleTextRole) return {};
  const QString method = textOf(one.method);
  switch (index.column()) {
    case kLayer:
      return textOf(one.layer);
    case kMethod:
      if (method == QLatin1String("prune 50 %")) return tr("half pruned");
      //: How a layer's weights are rounded; %1 is 8, 4 or 2.
      if (method.endsWith(QLatin1String(" bits"))) return tr("%1 bits").arg(method.chopped(5));
      return method;
    case kHarm:
      return QLocale().toString(-100 * lost(one) + 0.0, 'f', 2);
    case kAccuracy:
      return formatPercent(one.accuracy);
    case kLoss:
      return formatNumber(one.loss);
    case kKeep:  //: what a click does to the layer
      return tr("Keep in fp32");
    default:
      return {};
  }
}

QVariant SensitivityModel::headerData(int section, Qt::Orientation orientation, int role) const {
  if (orientation != Qt::Horizontal || section < 0 || section >= kColumns) return {};
  if (role == Qt::TextAlignmentRole)
    return int(Qt::AlignVCenter | (section <= kMethod ? Qt::AlignLeft : Qt::AlignRight));
  const std::pair<QString, QString> words[kColumns] = {
      {tr("Layer"), tr("The only one that is made smaller")},
      {tr("Made smaller by"), tr("What is done to its weights, without training afterwards")},
      {tr("Points"), tr("Percentage points of accuracy won (or lost) against the whole model")},
      {tr("Accuracy"), tr("On some hundred test samples")},
      {tr("Loss"), tr("Mean of the same samples")},
      {tr("Precision"), tr("A click, or Return on the row: a recipe that leaves this layer in fp32")}};
  if (role == Qt::DisplayRole) return words[section].first;
  if (role == Qt::ToolTipRole) return words[section].second;
  return {};
}

}  // namespace concertina::ui
