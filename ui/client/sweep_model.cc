// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// sweep_model.cc: see sweep_model.h.
#include "ui/client/sweep_model.h"

#include <QCoreApplication>
#include <QMap>
#include <algorithm>
#include <cmath>
#include <map>
#include <utility>

#include "ui/client/comparison_model.h"
#include "ui/client/core_words.h"
#include "ui/client/field_name.h"
#include "ui/client/number_format.h"
#include "ui/client/run_groups.h"
#include "ui/client/run_state.h"

namespace concertina::ui {
namespace {

double orNone(bool is_known, double value) { return is_known ? value : qQNaN(); }

// Of the runs that are alike but for their epochs, those that are not the longest.
std::vector<bool> supersededOf(const std::vector<VariedField>& fields, size_t runs) {
  std::vector<bool> superseded(runs, false);
  const auto epochs = std::find_if(fields.begin(), fields.end(), [](const VariedField& field) {
    return field.pointer == "/training/epochs";
  });
  if (epochs == fields.end() || epochs->numbers.empty()) return superseded;
  std::map<std::vector<int>, size_t> longest;
  for (size_t run = 0; run < runs; ++run) {
    std::vector<int> point;
    for (const VariedField& field : fields)
      if (&field != &*epochs) point.push_back(field.value_of[run]);
    const auto [found, is_new] = longest.try_emplace(std::move(point), run);
    if (is_new) continue;
    const bool is_longer = epochs->value_of[run] > epochs->value_of[found->second];
    superseded[is_longer ? found->second : run] = true;
    if (is_longer) found->second = run;
  }
  return superseded;
}

}  // namespace

const QVector<SweepMetric>& sweepMetrics() {
  static const QVector<SweepMetric> kMetrics = {
      {"test_accuracy",
       SweepModel::tr("Test accuracy"),
       {},
       true,
       [](const proto::RunSummary& run) { return orNone(run.has_test(), run.test_accuracy()); }},
      {"test_loss",
       SweepModel::tr("Test loss"),
       {},
       false,
       [](const proto::RunSummary& run) { return orNone(run.has_test(), run.test_loss()); }},
      {"train_loss",
       SweepModel::tr("Training loss"),
       {},
       false,
       [](const proto::RunSummary& run) { return orNone(run.has_train_loss(), run.train_loss()); }},
      {"seconds", SweepModel::tr("Time"), QStringLiteral("s"), false,
       [](const proto::RunSummary& run) { return orNone(run.steps() > 0, run.seconds()); }},
      {"samples_per_second", SweepModel::tr("Samples a second"), QStringLiteral("samples/s"), true,
       [](const proto::RunSummary& run) {
         return orNone(run.samples_per_second() > 0, run.samples_per_second());
       }},
      {"bytes_sent", SweepModel::tr("Bytes sent"), QStringLiteral("B"), false,
       [](const proto::RunSummary& run) { return orNone(run.steps() > 0, double(run.bytes_sent())); }},
      {"payload_bytes_sent", SweepModel::tr("Payload sent"), QStringLiteral("B"), false,
       [](const proto::RunSummary& run) {
         return orNone(run.steps() > 0, double(run.payload_bytes_sent()));
       }},
      {"compression_ratio", SweepModel::tr("Compression ratio"), {}, true, [](const proto::RunSummary& run) {
         return orNone(run.compression_ratio() > 0, run.compression_ratio());
       }}};
  return kMetrics;
}

int sweepMetricIndex(const QString& key) {
  const auto& metrics = sweepMetrics();
  const auto found = std::find_if(metrics.begin(), metrics.end(), [&](const SweepMetric& metric) {
    return key == QLatin1String(metric.key);
  });
  return found == metrics.end() ? -1 : int(found - metrics.begin());
}

CellState cellStateOf(proto::RunState state) {
  switch (state) {
    case proto::STARTING:
    case proto::RUNNING:
    case proto::PAUSED:
      return CellState::kRunning;
    case proto::FINISHED:
      return CellState::kFinished;
    case proto::STOPPED:
      return CellState::kStopped;
    case proto::FAILED:
      return CellState::kFailed;
    default:
      return CellState::kQueued;
  }
}

SweepModel::SweepModel(EngineClient& client, QObject* parent) : QAbstractTableModel(parent), client_(client) {
  notify_.setSingleShot(true);
  notify_.setInterval(kNotifyMs);
  connect(&notify_, &QTimer::timeout, this, &SweepModel::notice);
  connect(&client_, &EngineClient::runChanged, this, &SweepModel::take);
  connect(&client_, &EngineClient::runRemoved, this, &SweepModel::drop);
  client_.listAgain();
}

QStringList SweepModel::groups() const { return groupsOfRuns(known_); }

void SweepModel::setGroup(const QString& group) {
  if (group == group_) return;
  group_ = group;
  rebuild();
  emit fieldsChanged();
  emit figuresChanged();
}

void SweepModel::take(const proto::RunSummary& run) {
  const QString id = QString::fromStdString(run.run()), group = groupOfRun(run);
  if (group.isEmpty()) return;
  groups_are_old_ |= !known_.contains(id);
  known_[id] = run;
  if (group == group_) {
    const int row = rowOf(id);
    runs_are_old_ |= row < 0;
    if (row >= 0) runs_[static_cast<size_t>(row)] = run;
  }
  if (!notify_.isActive()) notify_.start();
}

void SweepModel::drop(const QString& run) {
  if (known_.remove(run) == 0) return;
  groups_are_old_ = true;
  runs_are_old_ |= rowOf(run) >= 0;
  if (!notify_.isActive()) notify_.start();
}

void SweepModel::notice() {
  const bool are_others = std::exchange(runs_are_old_, false);
  if (are_others) {
    rebuild();
  } else if (!runs_.empty()) {
    emit dataChanged(index(0, 0), index(rowCount() - 1, columnCount() - 1));
  }
  if (std::exchange(groups_are_old_, false)) emit groupsChanged();
  if (are_others) emit fieldsChanged();
  emit figuresChanged();
}

void SweepModel::rebuild() {
  beginResetModel();
  runs_.clear();
  for (const proto::RunSummary& run : std::as_const(known_))
    if (groupOfRun(run) == group_) runs_.push_back(run);
  std::sort(runs_.begin(), runs_.end(), [](const proto::RunSummary& a, const proto::RunSummary& b) {
    return std::pair(a.created_unix_ms(), a.run()) < std::pair(b.created_unix_ms(), b.run());
  });
  row_of_.clear();
  std::vector<std::string> specs;
  for (size_t row = 0; row < runs_.size(); ++row) {
    row_of_[QString::fromStdString(runs_[row].run())] = int(row);
    specs.push_back(runs_[row].spec_json());
  }
  fields_ = VariedFields(specs);
  superseded_ = supersededOf(fields_, runs_.size());
  endResetModel();
}

int SweepModel::rowOf(const QString& run) const { return row_of_.value(run, -1); }

SweepCells SweepModel::cells(const CellQuery& query, int metric) const {
  std::vector<SweepRunFigure> figures;
  for (size_t row = 0; row < runs_.size(); ++row)
    figures.push_back({superseded_[row] ? CellState::kEmpty : cellStateOf(runs_[row].state()),
                       sweepMetrics().at(metric).value(runs_[row])});
  return CellsOf(fields_, figures, query);
}

SweepModel::Progress SweepModel::progress() const {
  Progress progress;
  for (const proto::RunSummary& run : runs_) {
    const CellState state = cellStateOf(run.state());
    ++(state == CellState::kQueued    ? progress.queued
       : state == CellState::kRunning ? progress.running
                                      : progress.ended);
  }
  return progress;
}

int SweepModel::rowCount(const QModelIndex& parent) const { return parent.isValid() ? 0 : int(runs_.size()); }

int SweepModel::columnCount(const QModelIndex& parent) const {
  return parent.isValid() ? 0 : metricColumn(int(sweepMetrics().size()));
}

QVariant SweepModel::data(const QModelIndex& index, int role) const {
  if (!checkIndex(index, CheckIndexOption::IndexIsValid)) return {};
  const auto row = static_cast<size_t>(index.row());
  const proto::RunSummary& run = runs_[row];
  const int column = index.column(), fields = int(fields_.size());
  if (role == Qt::TextAlignmentRole)
    return QVariant::fromValue(
        Qt::Alignment((column <= fields ? Qt::AlignLeft : Qt::AlignRight) | Qt::AlignVCenter));
  if (role == Qt::ToolTipRole)
    return column == 0 && !run.error().empty() ? coreText(run.error()) : QString::fromStdString(run.name());
  const bool is_text = role == Qt::DisplayRole || role == Qt::AccessibleTextRole;
  if (!is_text && role != kSortRole) return {};
  if (column == 0) {
    const QString state = run.state() == proto::STOPPED
                              ? tr("Stopped at %1 epochs").arg(formatNumber(run.epochs()))
                              : stateName(run.state());
    return role == kSortRole ? QVariant(int(run.state())) : QVariant(state);
  }
  if (column <= fields) {
    const VariedField& field = fields_[static_cast<size_t>(column - 1)];
    const auto value = static_cast<size_t>(field.value_of[row]);
    // By the order of the values, which for numbers is theirs.
    return role == kSortRole ? QVariant(field.value_of[row])
                             : QVariant(QString::fromStdString(field.labels[value]));
  }
  const SweepMetric& metric = sweepMetrics().at(column - fields - 1);
  const double value = metric.value(run);
  if (role == kSortRole) {
    // The worst that there is, whatever the direction.
    if (!std::isfinite(value)) return metric.more_is_better ? -qInf() : qInf();
    return value;
  }
  return std::isfinite(value)
             ? metric.unit.isEmpty() ? formatNumber(value, 4) : formatValue(value, metric.unit)
             : notMeasured();
}

QVariant SweepModel::headerData(int section, Qt::Orientation orientation, int role) const {
  if (orientation != Qt::Horizontal || section < 0 || section >= columnCount()) return {};
  const int fields = int(fields_.size());
  if (role == Qt::TextAlignmentRole)
    return QVariant::fromValue(
        Qt::Alignment((section <= fields ? Qt::AlignLeft : Qt::AlignRight) | Qt::AlignVCenter));
  if (role == Qt::ToolTipRole && section > 0 && section <= fields)
    return QString::fromStdString(fields_[static_cast<size_t>(section - 1)].pointer);
  if (role != Qt::DisplayRole) return {};
  if (section == 0) return tr("State");
  if (section <= fields)
    return fieldName(QString::fromStdString(fields_[static_cast<size_t>(section - 1)].name));
  return sweepMetrics().at(section - fields - 1).title;
}

}  // namespace concertina::ui
