// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// recipe_model.cc: see recipe_model.h.
#include "ui/client/recipe_model.h"

#include <QJsonDocument>
#include <QJsonObject>
#include <algorithm>

#include "ui/client/number_format.h"
#include "ui/client/run_state.h"

namespace concertina::ui {

RecipeStep recipeStepOf(const proto::RunEvent& event) {
  const QJsonObject json = QJsonDocument::fromJson(QByteArray::fromStdString(event.json())).object();
  const QJsonObject figures = json.value(QLatin1String("figures")).toObject();
  const auto figure = [&](const char* name) { return figures.value(QLatin1String(name)).toDouble(qQNaN()); };
  return {.text = QString::fromStdString(event.message()),
          .accuracy = figure("test_accuracy"),
          .accuracy_lost = figure("accuracy_lost"),
          .file_bytes = figure("file_bytes"),
          .ratio = figure("ratio"),
          .parameters = figure("parameters"),
          .nonzeros = figure("nonzeros"),
          .macs = figure("macs"),
          .memory_bytes = figure("memory_bytes"),
          .latency_p50_seconds = figure("latency_p50_seconds"),
          .latency_p99_seconds = figure("latency_p99_seconds")};
}

RecipeModel::RecipeModel(EngineClient& client, QObject* parent)
    : QAbstractTableModel(parent), client_(client) {
  connect(&client_, &EngineClient::runChanged, this, &RecipeModel::take);
  connect(&client_, &EngineClient::runRemoved, this, [this](const QString& run) {
    if (known_.remove(run) == 0) return;
    steps_.remove(run);
    asked_at_.remove(run);
    if (run == run_) setRun({});
    emit runsChanged();
  });
  client_.listAgain();
}

QVector<proto::RunSummary> RecipeModel::runs() const {
  QVector<proto::RunSummary> runs(known_.cbegin(), known_.cend());
  std::sort(runs.begin(), runs.end(), [](const proto::RunSummary& a, const proto::RunSummary& b) {
    return a.created_unix_ms() != b.created_unix_ms() ? a.created_unix_ms() > b.created_unix_ms()
                                                      : a.run() > b.run();
  });
  return runs;
}

void RecipeModel::take(const proto::RunSummary& run) {
  // Specs are written by the engine, so the section stands there as it writes it.
  if (run.spec_json().find("\"recipe\"") == std::string::npos) return;
  const QString id = QString::fromStdString(run.run());
  const bool is_new = !known_.contains(id);
  const bool other_state = !is_new && known_[id].state() != run.state();
  known_[id] = run;
  // A step that was done is an event, and the run's next step is later than it.
  if (id == run_ && (other_state || asked_at_.value(id, -1) != run.steps())) ask(id);
  if (is_new || other_state) emit runsChanged();
}

void RecipeModel::setRun(const QString& run) {
  if (run == run_) return;
  run_ = run;
  show();
  if (!run.isEmpty()) ask(run);
}

QVector<RecipeStep> RecipeModel::stepsOf(const QString& run) {
  if (!asked_at_.contains(run)) ask(run);
  return steps_.value(run);
}

void RecipeModel::ask(const QString& run) {
  asked_at_[run] = known_.value(run).steps();
  client_.events(this, run, [this, run](const QVector<proto::RunEvent>& events, const QString& error) {
    if (!error.isEmpty() || !known_.contains(run)) return;
    QVector<RecipeStep> steps;
    for (const proto::RunEvent& event : events)
      if (event.kind() == "recipe") steps << recipeStepOf(event);
    if (steps.size() == steps_.value(run).size()) return;
    steps_[run] = steps;
    if (run == run_) show();
    emit stepsChanged();
  });
}

void RecipeModel::show() {
  beginResetModel();
  shown_ = steps_.value(run_);
  endResetModel();
}

int RecipeModel::rowCount(const QModelIndex& parent) const {
  return parent.isValid() ? 0 : int(shown_.size());
}
int RecipeModel::columnCount(const QModelIndex& parent) const { return parent.isValid() ? 0 : kColumns; }

QVariant RecipeModel::data(const QModelIndex& index, int role) const {
  if (!index.isValid() || index.row() >= shown_.size()) return {};
  const RecipeStep& step = shown_[index.row()];
  if (role == Qt::TextAlignmentRole)
    return int(Qt::AlignVCenter | (index.column() == kStep ? Qt::AlignLeft : Qt::AlignRight));
  if (role == Qt::ToolTipRole && index.column() == kStep) return step.text;
  if (role != Qt::DisplayRole) return {};
  switch (index.column()) {
    case kStep:
      return index.row() == 0 ? tr("The model as it was") : step.text;
    case kFile:
      return formatBytes(step.file_bytes);
    case kRatio:
      return formatRatio(step.ratio);
    case kAccuracy:
      return formatPercent(step.accuracy);
    case kLost:
      return index.row() == 0 || !std::isfinite(step.accuracy_lost)
                 ? notMeasured()
                 : (step.accuracy_lost < 0 ? QStringLiteral("+") : QString()) +
                       QLocale().toString(-100 * step.accuracy_lost, 'f', 2);
    case kNonzeros:
      return std::isfinite(step.nonzeros) ? formatCount(qint64(step.nonzeros)) : notMeasured();
    case kMacs:
      return formatWithPrefix(step.macs, QString());
    case kMemory:
      return formatBytes(step.memory_bytes);
    case kLatency:
      return formatDuration(step.latency_p50_seconds);
    case kLatency99:
      return formatDuration(step.latency_p99_seconds);
    default:
      return {};
  }
}

QVariant RecipeModel::headerData(int section, Qt::Orientation orientation, int role) const {
  if (orientation != Qt::Horizontal) return {};
  if (role == Qt::TextAlignmentRole)
    return int(Qt::AlignVCenter | (section == kStep ? Qt::AlignLeft : Qt::AlignRight));
  const std::pair<QString, QString> words[kColumns] = {
      {tr("Step"), tr("What was done, and then measured on the file that came of it")},
      {tr("File"), tr("Bytes of the whole file, as it goes to the device")},
      {tr("Ratio"), tr("Bytes of the first file over those of this one")},
      {tr("Accuracy"), tr("On all test samples, by the runtime of the device")},
      {tr("Points"), tr("Percentage points won (or lost) against the first")},
      {tr("Not zero"), tr("Parameters that are not zero")},
      {tr("Multiply-adds"), tr("For one sample, as the runtime's kernels do them")},
      {tr("Memory"), tr("Weights and buffers of the runtime, packed")},
      {tr("Latency"), tr("One sample, one thread, on this machine: the median of 1,024 queries")},
      {tr("99 %"), tr("99 of 100 queries are not slower")}};
  if (role == Qt::DisplayRole) return words[section].first;
  if (role == Qt::ToolTipRole) return words[section].second;
  return {};
}

}  // namespace concertina::ui
