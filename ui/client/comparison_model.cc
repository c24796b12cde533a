// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// comparison_model.cc: see comparison_model.h.
#include "ui/client/comparison_model.h"

#include <QJsonDocument>
#include <QMap>
#include <algorithm>
#include <cmath>
#include <utility>

#include "core/analysis/dense_partner.h"
#include "core/analysis/rounds_to_target.h"
#include "ui/client/core_words.h"
#include "ui/client/number_format.h"
#include "ui/client/plain_tool_tip.h"
#include "ui/client/run_groups.h"
#include "ui/client/run_state.h"
#include "ui/client/run_table_model.h"
#include "ui/client/series_names.h"

namespace concertina::ui {
namespace {

constexpr int kNotifyMs = 100;

QString variantOf(const proto::RunSummary& run) {
  const QString name = QString::fromStdString(run.name()), mark = QString::fromUtf8(kComparisonMark);
  return name.mid(name.indexOf(mark) + mark.size());
}

}  // namespace

ComparisonModel::ComparisonModel(EngineClient& client, QObject* parent)
    : QAbstractTableModel(parent), client_(client) {
  notify_.setSingleShot(true);
  notify_.setInterval(kNotifyMs);
  connect(&notify_, &QTimer::timeout, this, [this] {
    if (std::exchange(partners_are_old_, false)) holdAgainstDense();
    if (!rows_.empty()) emit dataChanged(index(0, 0), index(rowCount() - 1, kColumns - 1));
    emit figuresChanged();
  });
  connect(&client_, &EngineClient::runChanged, this, &ComparisonModel::take);
  connect(&client_, &EngineClient::runRemoved, this, &ComparisonModel::drop);
  client_.listAgain();
}

QStringList ComparisonModel::groups() const { return groupsOfRuns(known_); }

void ComparisonModel::setGroup(const QString& group) {
  if (group == group_) return;
  group_ = group;
  rebuild();
}

void ComparisonModel::setTarget(double accuracy) {
  target_ = accuracy;
  notify_.start();
}

void ComparisonModel::take(const proto::RunSummary& run) {
  const QString id = QString::fromStdString(run.run()), group = groupOfRun(run);
  if (group.isEmpty()) return;
  const bool is_new = !known_.contains(id);
  known_[id] = run;
  if (group == group_) {
    const int at = rowOf(id);
    if (at < 0) {
      rebuild();
    } else {
      Row& row = rows_[static_cast<size_t>(at)];
      const proto::RunSummary old = row.summary;
      row.summary = run;
      const double steps = double(run.steps() - old.steps()), seconds = run.seconds() - old.seconds();
      if (run.state() == proto::RUNNING && old.state() == proto::RUNNING && steps > 0 && seconds > 0)
        emit stepTimed(id, seconds / steps);
      ask(row);
    }
    if (!notify_.isActive()) notify_.start();
  }
  if (is_new) emit groupsChanged();
}

void ComparisonModel::drop(const QString& run) {
  if (known_.remove(run) == 0) return;
  if (rowOf(run) >= 0) rebuild();
  emit groupsChanged();
}

void ComparisonModel::rebuild() {
  beginResetModel();
  std::vector<Row> before = std::move(rows_);
  rows_.clear();
  for (auto run = known_.cbegin(); run != known_.cend(); ++run) {
    if (groupOfRun(*run) != group_) continue;
    const auto old =
        std::find_if(before.begin(), before.end(), [&](const Row& row) { return row.id == run.key(); });
    Row row;
    if (old != before.end()) {
      row = std::move(*old);
    } else {
      row.id = run.key();
      row.facts = runFacts(run->spec_json());
      row.is_dense = row.facts.codec == QLatin1String("none");
    }
    row.variant = variantOf(*run);
    row.summary = *run;
    rows_.push_back(std::move(row));
  }
  std::sort(rows_.begin(), rows_.end(), [](const Row& a, const Row& b) {
    return std::pair(a.summary.created_unix_ms(), a.id) < std::pair(b.summary.created_unix_ms(), b.id);
  });
  endResetModel();
  for (Row& row : rows_) ask(row);
  partners_are_old_ = true;
  if (!notify_.isActive()) notify_.start();
}

// Of a run that has finished: the plan, for rounds and flows, and the curve of its accuracy. What the engine
// could not say is asked for again when the run is told again, as it is with the next connection.
void ComparisonModel::ask(Row& row) {
  if (row.asked || row.summary.state() != proto::FINISHED) return;
  row.asked = true;
  row.problem.clear();
  client_.plan(this, QString::fromStdString(row.summary.spec_json()),
               [this, id = row.id](const QJsonObject& plan, const QVector<SpecFault>&, const QString& error) {
                 if (!error.isEmpty()) return couldNotRead(id, error);
                 const int at = rowOf(id);
                 if (at < 0) return;
                 Row& found = rows_[static_cast<size_t>(at)];
                 const proto::RunSummary& run = found.summary;
                 const double steps = double(std::max<qint64>(1, run.steps()));
                 found.step = StepOf(QJsonDocument(plan).toJson(QJsonDocument::Compact).toStdString(),
                                     double(run.payload_bytes_sent()) / steps, run.time().compute(),
                                     run.time().encode() + run.time().decode());
                 partners_are_old_ = true;
                 if (!notify_.isActive()) notify_.start();
               });
  proto::GetSeriesRequest request;
  request.set_run(row.summary.run());
  request.set_name(kTestAccuracy);
  request.set_rank(-1);
  request.set_x("seconds");
  client_.series(this, request, [this, id = row.id](const SeriesData& series, const QString& error) {
    if (!error.isEmpty() && !series.is_missing)
      return couldNotRead(id, error);  // missing: it never evaluated
    const int at = rowOf(id);
    if (at < 0) return;
    rows_[static_cast<size_t>(at)].seconds = series.x;
    rows_[static_cast<size_t>(at)].accuracy = series.mean;
    if (!notify_.isActive()) notify_.start();
  });
}

void ComparisonModel::couldNotRead(const QString& run, const QString& error) {
  const int at = rowOf(run);
  if (at < 0) return;
  Row& row = rows_[static_cast<size_t>(at)];
  row.asked = false;
  row.problem = error;
  if (!notify_.isActive()) notify_.start();
}

void ComparisonModel::holdAgainstDense() {
  std::vector<std::string> specs;
  for (const Row& row : rows_)
    specs.push_back(row.summary.state() == proto::FINISHED ? row.summary.spec_json() : "");
  const auto partners = DensePartners(specs);
  for (size_t i = 0; i < rows_.size(); ++i) {
    Row& row = rows_[i];
    row.has_partner = partners[i].has_value();
    if (!row.has_partner) continue;
    const Row& dense = rows_[*partners[i]];
    row.speedup = row.summary.samples_per_second() / dense.summary.samples_per_second();
    if (row.step && dense.step)
      row.break_even = FindBreakEven(dense.step->step, row.step->step, dense.step->latency_ms);
  }
}

int ComparisonModel::rowOf(const QString& run) const {
  const auto found = std::find_if(rows_.begin(), rows_.end(), [&](const Row& row) { return row.id == run; });
  return found == rows_.end() ? -1 : int(found - rows_.begin());
}

double ComparisonModel::timeToTarget(const Row& row) const {
  return RoundsToTarget(std::span(row.seconds.constData(), size_t(row.seconds.size())),
                        std::span(row.accuracy.constData(), size_t(row.accuracy.size())), target_);
}

double ComparisonModel::bandwidthOf(const Row& row) {
  return row.facts.spec.value(QLatin1String("network"))
      .toObject()
      .value(QLatin1String("bandwidth_mbit"))
      .toDouble();
}

int ComparisonModel::rowCount(const QModelIndex& parent) const {
  return parent.isValid() ? 0 : int(rows_.size());
}
int ComparisonModel::columnCount(const QModelIndex& parent) const { return parent.isValid() ? 0 : kColumns; }

QString ComparisonModel::display(const Row& row, int column) const {
  const proto::RunSummary& run = row.summary;
  const auto measured = [](double value, const QString& text) {
    return std::isfinite(value) && value > 0 ? text : notMeasured();
  };
  switch (column) {
    case kVariant:
      return row.variant;
    case kState:
      return run.state() == proto::RUNNING && run.total_steps() > 0
                 ? tr("%1, %2").arg(stateName(run.state()), formatPercent(progress(run)))
                 : stateName(run.state());
    case kAccuracy:
      return run.has_test() ? QLocale().toString(run.test_accuracy(), 'f', 4) : notMeasured();
    case kRatio:
      return measured(run.compression_ratio(), formatRatio(run.compression_ratio()));
    case kSamplesPerSecond:
      return measured(run.samples_per_second(), formatCount(std::llround(run.samples_per_second())));
    case kAgainstDense:
      return row.has_partner ? measured(row.speedup, formatRatio(row.speedup)) : notMeasured();
    case kSent:
      return measured(double(run.bytes_sent()), formatBytes(double(run.bytes_sent())));
    case kTimeToTarget:
      return measured(timeToTarget(row), formatDuration(timeToTarget(row)));
    case kEncode:
      return measured(run.time().encode(), formatValue(run.time().encode(), QStringLiteral("s")));
    case kDecode:
      return measured(run.time().decode(), formatValue(run.time().decode(), QStringLiteral("s")));
    case kPaysBelow:
      if (!row.has_partner) return notMeasured();
      switch (row.break_even.pays) {
        case BreakEven::Pays::kBelow:
          return formatBandwidth(row.break_even.bandwidth_mbit);
        case BreakEven::Pays::kAbove:
          return tr("above %1").arg(formatBandwidth(row.break_even.bandwidth_mbit));
        case BreakEven::Pays::kAlways:
          return tr("always");
        case BreakEven::Pays::kNever:
          return tr("never");
        case BreakEven::Pays::kUnknown:
          return notMeasured();
      }
      return {};
    default:
      return {};
  }
}

QVariant ComparisonModel::data(const QModelIndex& index, int role) const {
  if (!checkIndex(index, CheckIndexOption::IndexIsValid)) return {};
  const Row& row = rows_[static_cast<size_t>(index.row())];
  const int column = index.column();
  if (role == Qt::TextAlignmentRole)
    return QVariant::fromValue(
        Qt::Alignment((column <= kState ? Qt::AlignLeft : Qt::AlignRight) | Qt::AlignVCenter));
  if (role == Qt::ToolTipRole && column == kState && !row.summary.error().empty())
    return plainToolTip(coreText(row.summary.error()));
  if (role == Qt::ToolTipRole && column == kVariant) return plainToolTip(factsLine(row.facts));
  if (role == Qt::ToolTipRole && (column == kTimeToTarget || column == kPaysBelow) && !row.problem.isEmpty())
    return plainToolTip(row.problem);
  if (role != Qt::DisplayRole && role != Qt::AccessibleTextRole) return {};
  const QString text = display(row, column);
  if (role == Qt::AccessibleTextRole)
    return tr("%1: %2").arg(headerData(column, Qt::Horizontal, Qt::DisplayRole).toString(), text);
  return text;
}

QVariant ComparisonModel::headerData(int section, Qt::Orientation orientation, int role) const {
  if (orientation != Qt::Horizontal) return {};
  if (role == Qt::TextAlignmentRole)
    return QVariant::fromValue(
        Qt::Alignment((section <= kState ? Qt::AlignLeft : Qt::AlignRight) | Qt::AlignVCenter));
  if (role == Qt::ToolTipRole) {
    switch (section) {
      case kAgainstDense:
        return tr("Samples a second, over those of the run that sends gradients as they are");
      case kTimeToTarget:
        return tr("Until the test accuracy was first at the target");
      case kEncode:
      case kDecode:
        return tr("A step, the mean of all workers");
      case kPaysBelow:
        return tr("On a slower link than this a step is shorter than the dense one");
      default:
        return {};
    }
  }
  if (role != Qt::DisplayRole) return {};
  switch (section) {
    case kVariant:
      return tr("Variant");
    case kState:
      return tr("State");
    case kAccuracy:
      return tr("Accuracy");
    case kRatio:
      return tr("Ratio");
    case kSamplesPerSecond:
      return tr("Samples/s");
    case kAgainstDense:
      return tr("× dense");
    case kSent:
      return tr("Sent");
    case kTimeToTarget:
      return tr("Time to %1").arg(QLocale().toString(target_));
    case kEncode:
      return tr("Encode");
    case kDecode:
      return tr("Decode");
    case kPaysBelow:
      return tr("Pays below");
    default:
      return {};
  }
}

}  // namespace concertina::ui
