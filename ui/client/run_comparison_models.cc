// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// run_comparison_models.cc: see run_comparison_models.h.
#include "ui/client/run_comparison_models.h"

#include <QCoreApplication>
#include <QLocale>
#include <algorithm>
#include <cmath>

#include "ui/client/number_format.h"

namespace concertina::ui {
namespace {

class ComparisonWords {
  Q_DECLARE_TR_FUNCTIONS(RunComparison)
};

// Formats for durations and ratios know no negative numbers, and differences are written with their sign.
QString signedText(double value, RunFigure figure) {
  const QString text = figureValueText(std::abs(value), figure);
  return value < 0 ? QChar(0x2212) + text : text;
}

}  // namespace

QString figureTitle(RunFigure figure) {
  switch (figure) {
    case RunFigure::kFinalAccuracy:
      return ComparisonWords::tr("Final accuracy");
    case RunFigure::kBestAccuracy:
      return ComparisonWords::tr("Best accuracy");
    case RunFigure::kTestLoss:
      return ComparisonWords::tr("Test loss");
    case RunFigure::kTrainLoss:
      return ComparisonWords::tr("Train loss");
    case RunFigure::kSeconds:
      return ComparisonWords::tr("Time");
    case RunFigure::kBytesSent:
      return ComparisonWords::tr("Bytes sent");
    case RunFigure::kEpochsToTarget:
      return ComparisonWords::tr("Epochs to target");
    case RunFigure::kSecondsToTarget:
      return ComparisonWords::tr("Time to target");
    case RunFigure::kBytesToTarget:
      return ComparisonWords::tr("Bytes to target");
    case RunFigure::kSamplesPerSecond:
      return ComparisonWords::tr("Samples/s");
    case RunFigure::kCompressionRatio:
      return ComparisonWords::tr("Compression ratio");
  }
  return {};
}

QString figureValueText(double value, RunFigure figure) {
  if (!std::isfinite(value)) return notMeasured();
  switch (figure) {
    case RunFigure::kFinalAccuracy:
    case RunFigure::kBestAccuracy:
    case RunFigure::kTestLoss:
    case RunFigure::kTrainLoss:
      return QLocale().toString(value, 'f', 4);
    case RunFigure::kSeconds:
    case RunFigure::kSecondsToTarget:
      return formatDuration(value);
    case RunFigure::kBytesSent:
    case RunFigure::kBytesToTarget:
      return formatBytes(value);
    case RunFigure::kCompressionRatio:
      return formatNumber(value) + QStringLiteral("×");
    case RunFigure::kEpochsToTarget:
    case RunFigure::kSamplesPerSecond:
      return formatNumber(value);
  }
  return {};
}

QString figureText(const GroupFigure& figure, RunFigure which) {
  if (figure.sample.count == 0) return notMeasured();
  QString text = figureValueText(figure.sample.mean, which);
  if (std::isfinite(figure.sample.deviation))
    //: mean and standard deviation
    text = ComparisonWords::tr("%1 ± %2").arg(text, figureValueText(figure.sample.deviation, which));
  if (figure.missing > 0)
    text = ComparisonWords::tr("%1 (%2 of %3 seeds)")
               .arg(text)
               .arg(figure.sample.count)
               .arg(figure.sample.count + figure.missing);
  return text;
}

QString differenceText(const FigureDifference& difference, RunFigure which) {
  if (!std::isfinite(difference.absolute)) return notMeasured();
  const auto withSign = [](double value, const QString& text) {
    return value > 0 ? QLatin1Char('+') + text : text;
  };
  const QString absolute = withSign(difference.absolute, signedText(difference.absolute, which));
  if (!std::isfinite(difference.relative)) return absolute;
  QString percent = formatPercent(std::abs(difference.relative));
  if (difference.relative < 0) percent.prepend(QChar(0x2212));
  return ComparisonWords::tr("%1 (%2)").arg(absolute, withSign(difference.relative, percent));
}

QString intervalText(const GroupFigure& baseline, const GroupFigure& group, RunFigure which) {
  if (baseline.sample.count == 0 || group.sample.count == 0) return {};
  if (baseline.missing > 0 || group.missing > 0) return ComparisonWords::tr("not all seeds have it");
  const Interval interval = DifferenceOf(baseline, group).interval;
  if (interval.is_known())
    return ComparisonWords::tr("95 %: %1 to %2")
        .arg(signedText(interval.low, which), signedText(interval.high, which));
  return baseline.sample.count == 1 || group.sample.count == 1 ? ComparisonWords::tr("one seed") : QString();
}

ComparisonResultsModel::ComparisonResultsModel(const RunComparison& comparison, QObject* parent)
    : QAbstractTableModel(parent), comparison_(comparison) {
  connect(&comparison_, &RunComparison::groupsChanged, this, &ComparisonResultsModel::rebuild);
  connect(&comparison_, &RunComparison::figuresChanged, this, [this] {
    if (rows_.empty()) return;
    refresh();
    emit dataChanged(index(0, 0), index(rowCount() - 1, kColumns - 1));
  });
  rebuild();
}

void ComparisonResultsModel::rebuild() {
  beginResetModel();
  rows_.clear();
  for (const RunGroup& group : comparison_.groups())
    rows_.push_back({QString::fromStdString(group.label),
                     QString::fromStdString(comparison_.runs()[group.runs[0]].id),
                     int(group.seeds),
                     {},
                     {}});
  refresh();
  endResetModel();
}

void ComparisonResultsModel::refresh() {
  baseline_ = int(comparison_.baselineGroup());
  for (size_t g = 0; g < rows_.size(); ++g) {
    rows_[g].figures.clear();
    for (int f = 0; f < kRunFigures; ++f) rows_[g].figures.push_back(comparison_.figure(g, RunFigure(f)));
  }
  for (Row& row : rows_) {
    row.differences.clear();
    for (size_t f = 0; f < row.figures.size(); ++f)
      row.differences.push_back(DifferenceOf(rows_[size_t(baseline_)].figures[f], row.figures[f]));
  }
}

int ComparisonResultsModel::rowCount(const QModelIndex& parent) const {
  return parent.isValid() ? 0 : int(rows_.size());
}
int ComparisonResultsModel::columnCount(const QModelIndex& parent) const {
  return parent.isValid() ? 0 : int(kColumns);
}

QString ComparisonResultsModel::detail(int row, RunFigure figure) const {
  const GroupFigure &base = rows_[size_t(baseline_)].figures[size_t(figure)],
                    &own = rows_[size_t(row)].figures[size_t(figure)];
  if (own.sample.count == 0) return {};
  if (row == baseline_) return tr("baseline");
  const QString difference = differenceText(rows_[size_t(row)].differences[size_t(figure)], figure);
  return difference == notMeasured() ? intervalText(base, own, figure) : difference;
}

QVariant ComparisonResultsModel::data(const QModelIndex& index, int role) const {
  if (!checkIndex(index, CheckIndexOption::IndexIsValid)) return {};
  const Row& row = rows_[size_t(index.row())];
  const int column = index.column();
  if (role == kRunRole) return row.run;
  if (role == Qt::TextAlignmentRole)
    return QVariant::fromValue(
        Qt::Alignment((column == kGroup ? Qt::AlignLeft : Qt::AlignRight) | Qt::AlignVCenter));
  if (column < kFirstFigure) {
    const QString text = column == kGroup ? row.label
                         : row.seeds == 1 ? tr("one seed")
                                          : tr("%1 seeds").arg(row.seeds);
    if (role == Qt::DisplayRole || (role == Qt::ToolTipRole && column == kGroup)) return text;
    if (role == kDetailRole) return column == kGroup && index.row() == baseline_ ? tr("baseline") : QString();
    if (role == kSortRole) return column == kGroup ? QVariant(text) : QVariant(row.seeds);
    if (role == Qt::AccessibleTextRole)
      return tr("%1: %2").arg(headerData(column, Qt::Horizontal, Qt::DisplayRole).toString(), text);
    return {};
  }
  const auto which = RunFigure(column - kFirstFigure);
  const GroupFigure& figure = row.figures[size_t(which)];
  const GroupFigure& base = rows_[size_t(baseline_)].figures[size_t(which)];
  switch (role) {
    case Qt::DisplayRole:
      return figureText(figure, which);
    case kDetailRole:
      return detail(index.row(), which);
    case kSortRole:
      return figure.sample.mean;
    case kVerdictRole: {
      const FigureDifference& difference = row.differences[size_t(which)];
      if (index.row() == baseline_ || !difference.is_significant()) return 0;
      return (difference.absolute > 0) == InfoOf(which).more_is_better ? 1 : -1;
    }
    case Qt::ToolTipRole:
    case Qt::AccessibleTextRole: {
      QStringList lines{tr("%1: %2").arg(headerData(column, Qt::Horizontal, Qt::DisplayRole).toString(),
                                         figureText(figure, which))};
      if (figure.interval.is_known())
        lines << tr("mean, 95 %: %1 to %2")
                     .arg(figureValueText(figure.interval.low, which),
                          figureValueText(figure.interval.high, which));
      if (index.row() == baseline_) {
        lines << tr("baseline");
      } else if (figure.sample.count > 0 && base.sample.count > 0) {
        lines << tr("against the baseline: %1").arg(differenceText(row.differences[size_t(which)], which));
        const QString interval = intervalText(base, figure, which);
        if (!interval.isEmpty()) lines << interval;
      }
      return lines.join(QLatin1Char('\n'));
    }
    default:
      return {};
  }
}

QVariant ComparisonResultsModel::headerData(int section, Qt::Orientation orientation, int role) const {
  if (orientation != Qt::Horizontal) return {};
  if (role == Qt::TextAlignmentRole)
    return QVariant::fromValue(
        Qt::Alignment((section == kGroup ? Qt::AlignLeft : Qt::AlignRight) | Qt::AlignVCenter));
  if (role != Qt::DisplayRole) return {};
  if (section == kGroup) return tr("Runs");
  if (section == kSeeds) return tr("Seeds");
  return figureTitle(RunFigure(section - kFirstFigure));
}

SpecDifferenceModel::SpecDifferenceModel(const RunComparison& comparison, QObject* parent)
    : QAbstractTableModel(parent), comparison_(comparison) {
  connect(&comparison_, &RunComparison::groupsChanged, this, &SpecDifferenceModel::rebuild);
  rebuild();
}

void SpecDifferenceModel::rebuild() {
  beginResetModel();
  labels_.clear();
  std::vector<std::string> specs;
  for (const RunGroup& group : comparison_.groups()) {
    labels_ << QString::fromStdString(group.label);
    specs.push_back(comparison_.runs()[group.runs[0]].spec_json);
  }
  differences_ = SpecDifferences(specs);
  // The name is in the heading; seeds that were made one do not tell groups apart.
  std::erase_if(differences_, [this](const SpecDifference& difference) {
    return difference.pointer == "/name" || (difference.pointer == "/seed" && comparison_.seedsAsOne());
  });
  endResetModel();
}

int SpecDifferenceModel::rowCount(const QModelIndex& parent) const {
  return parent.isValid() ? 0 : int(differences_.size());
}
int SpecDifferenceModel::columnCount(const QModelIndex& parent) const {
  return parent.isValid() ? 0 : 1 + int(labels_.size());
}

QVariant SpecDifferenceModel::data(const QModelIndex& index, int role) const {
  if (!checkIndex(index, CheckIndexOption::IndexIsValid)) return {};
  if (role == Qt::TextAlignmentRole) return QVariant::fromValue(Qt::AlignLeft | Qt::AlignVCenter);
  if (role != Qt::DisplayRole && role != Qt::ToolTipRole && role != Qt::AccessibleTextRole) return {};
  const SpecDifference& difference = differences_[size_t(index.row())];
  const QString pointer = QString::fromStdString(difference.pointer);
  if (index.column() == 0) return pointer;
  const QString value = QString::fromStdString(SettingText(difference.values[size_t(index.column() - 1)]));
  if (role == Qt::AccessibleTextRole)
    return tr("%1 of %2: %3").arg(pointer, labels_[index.column() - 1], value);
  return value;
}

QVariant SpecDifferenceModel::headerData(int section, Qt::Orientation orientation, int role) const {
  if (orientation != Qt::Horizontal) return {};
  if (role == Qt::TextAlignmentRole) return QVariant::fromValue(Qt::AlignLeft | Qt::AlignVCenter);
  if (role != Qt::DisplayRole && role != Qt::ToolTipRole) return {};
  return section == 0 ? tr("Setting") : labels_.value(section - 1);
}

}  // namespace concertina::ui
