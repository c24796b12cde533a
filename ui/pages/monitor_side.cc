// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// monitor_side.cc: see monitor_side.h.
#include "ui/pages/monitor_side.h"

#include <QComboBox>
#include <QFormLayout>
#include <QHBoxLayout>
#include <QHeaderView>
#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonValue>
#include <QLabel>
#include <QLineEdit>
#include <QPlainTextEdit>
#include <QScrollArea>
#include <QTableWidget>
#include <QVBoxLayout>

#include "ui/client/number_format.h"
#include "ui/client/run_state.h"
#include "ui/forms/rhythm.h"
#include "ui/forms/tone.h"

namespace concertina::ui {
namespace {

constexpr int kMaxLines = 5000;  // the engine keeps all of them

QTableWidget* makeTable(const QString& name, const QString& accessible, const QStringList& columns) {
  auto* table = new QTableWidget(0, static_cast<int>(columns.size()));
  table->setObjectName(name);
  table->setAccessibleName(accessible);
  table->setHorizontalHeaderLabels(columns);
  table->verticalHeader()->hide();
  table->setShowGrid(false);
  table->setFrameShape(QFrame::NoFrame);
  table->setEditTriggers(QAbstractItemView::NoEditTriggers);
  table->setSelectionBehavior(QAbstractItemView::SelectRows);
  table->horizontalHeader()->setStretchLastSection(true);
  table->horizontalHeader()->setHighlightSections(false);
  table->setWordWrap(false);
  return table;
}

void setCell(QTableWidget* table, int row, int column, const QString& text, bool number = false) {
  QTableWidgetItem* item = table->item(row, column);
  if (item == nullptr) {
    item = new QTableWidgetItem;
    item->setTextAlignment((number ? Qt::AlignRight : Qt::AlignLeft) | Qt::AlignVCenter);
    table->setItem(row, column, item);
  }
  if (item->text() != text) {
    item->setText(text);
    item->setToolTip(text);
  }
}

QString jsonText(const QJsonValue& value) {
  if (value.isString()) return value.toString();
  if (value.isBool()) return value.toBool() ? QStringLiteral("true") : QStringLiteral("false");
  if (value.isDouble()) return QString::number(value.toDouble(), 'g', 10);
  return {};
}

}  // namespace

MonitorSide::MonitorSide(QWidget* parent) : QTabWidget(parent) {
  setObjectName("monitorPage.side");
  setDocumentMode(true);

  knob_page_ = new QWidget;
  auto* knob_column = new QVBoxLayout(knob_page_);
  setRhythm(knob_column, this, 1.5, 1.5, 1.5, 1, 1.5);
  knob_hint_ = new QLabel;
  knob_hint_->setWordWrap(true);
  setTone(knob_hint_, "quiet");
  knob_column->addWidget(knob_hint_);
  knob_form_ = new QFormLayout;
  knob_form_->setFieldGrowthPolicy(QFormLayout::AllNonFixedFieldsGrow);
  knob_form_->setVerticalSpacing(rhythmUnit(this));
  knob_form_->setHorizontalSpacing(rhythmUnit(this));
  knob_column->addLayout(knob_form_);
  knob_column->addStretch(1);
  auto* knob_scroll = new QScrollArea;
  knob_scroll->setObjectName("monitorPage.knobs");
  knob_scroll->setWidgetResizable(true);
  knob_scroll->setFrameShape(QFrame::NoFrame);
  knob_scroll->setWidget(knob_page_);
  addTab(knob_scroll, tr("Knobs"));

  workers_ = makeTable("monitorPage.workers", tr("Workers of the run"),
                       {tr("Rank"), tr("State"), tr("Step"), tr("Process"), tr("Host")});
  addTab(workers_, tr("Workers"));
  events_ =
      makeTable("monitorPage.events", tr("What happened in the run"), {tr("Step"), tr("What happened")});
  addTab(events_, tr("Events"));

  auto* log_page = new QWidget;
  auto* log_column = new QVBoxLayout(log_page);
  setRhythm(log_column, this, 0, 1, 0, 0, 0.5);
  auto* log_bar = new QHBoxLayout;
  log_rank_ = new QComboBox;
  log_rank_->setObjectName("monitorPage.logRank");
  log_rank_->setAccessibleName(tr("Whose lines"));
  log_rank_->addItem(tr("All"), -2);
  log_filter_ = new QLineEdit;
  log_filter_->setObjectName("monitorPage.logFilter");
  log_filter_->setPlaceholderText(tr("Lines with…"));
  log_filter_->setClearButtonEnabled(true);
  log_filter_->setAccessibleName(tr("Show only lines with these words"));
  log_bar->addWidget(log_rank_);
  log_bar->addWidget(log_filter_, 1);
  log_column->addLayout(log_bar);
  log_ = new QPlainTextEdit;
  log_->setObjectName("monitorPage.log");
  log_->setAccessibleName(tr("What the workers said"));
  log_->setReadOnly(true);
  log_->setMaximumBlockCount(kMaxLines);
  log_->setFrameShape(QFrame::NoFrame);
  log_->setPlaceholderText(tr("The workers have said nothing, which is a good sign."));
  QFont mono(QStringLiteral("monospace"));
  mono.setStyleHint(QFont::Monospace);
  mono.setPointSizeF(font().pointSizeF() * 0.92);
  log_->setFont(mono);
  log_column->addWidget(log_, 1);
  addTab(log_page, tr("Log"));
  connect(log_rank_, &QComboBox::currentIndexChanged, this, &MonitorSide::showLog);
  connect(log_filter_, &QLineEdit::textChanged, this, &MonitorSide::showLog);
}

void MonitorSide::clear() {
  knobs_of_.clear();
  workers_->setRowCount(0);
  events_->setRowCount(0);
  lines_.clear();
  log_->clear();
  while (log_rank_->count() > 1) log_rank_->removeItem(1);
  while (knob_form_->rowCount() > 0) knob_form_->removeRow(0);
  knobs_.clear();
}

void MonitorSide::setDescriptors(const QJsonObject& describe) {
  describe_ = describe;
  knobs_of_.clear();  // made anew with the next summary
}

void MonitorSide::showRun(const proto::RunSummary& run) {
  rebuildKnobs(run);
  workers_->setRowCount(run.workers_size());
  for (int row = 0; row < run.workers_size(); ++row) {
    const proto::Worker& worker = run.workers(row);
    setCell(workers_, row, 0, formatCount(worker.rank()), true);
    setCell(workers_, row, 1, QString::fromStdString(worker.state()));
    setCell(workers_, row, 2, formatCount(worker.step()), true);
    setCell(workers_, row, 3, worker.pid() > 0 ? QString::number(worker.pid()) : notMeasured(), true);
    setCell(workers_, row, 4, QString::fromStdString(worker.host()));
    if (log_rank_->findData(worker.rank()) < 0)
      log_rank_->addItem(tr("Rank %1").arg(worker.rank()), worker.rank());
  }
}

// Only when the run, its state or its settings are others: a field that is being edited must stay.
void MonitorSide::rebuildKnobs(const proto::RunSummary& run) {
  const bool live = run.state() == proto::RUNNING || run.state() == proto::PAUSED;
  const std::string key = run.run() + (live ? "+" : "-") + run.spec_json();
  if (key == knobs_of_ || describe_.isEmpty()) return;
  knobs_of_ = key;
  while (knob_form_->rowCount() > 0) knob_form_->removeRow(0);
  knobs_.clear();
  const QJsonObject spec = QJsonDocument::fromJson(QByteArray::fromStdString(run.spec_json())).object();
  QString component;
  for (const LiveKnob& knob : liveKnobs(describe_, spec)) {
    KnobRow row{knob, new QLineEdit(jsonText(knob.value)), new QLabel};
    row.field->setObjectName("monitorPage.knob" + knob.pointer);
    row.field->setEnabled(live);
    row.field->setToolTip(knob.doc);
    row.field->setAccessibleName(knobLabel(knob));
    row.error->setWordWrap(true);
    row.error->hide();
    setTone(row.error, "error");
    auto* box = new QVBoxLayout;
    box->setSpacing(rhythmUnit(this) / 2);
    box->addWidget(row.field);
    box->addWidget(row.error);
    if (knob.component != component) {  // a heading for what the settings belong to
      component = knob.component;
      auto* heading = new QLabel(component);
      heading->setFont(scaledFont(font(), 1.0, QFont::DemiBold));
      heading->setWordWrap(true);
      knob_form_->addRow(heading);
    }
    auto* label =
        new QLabel(knob.unit.isEmpty() ? knobLabel(knob) : tr("%1, %2").arg(knobLabel(knob), knob.unit));
    label->setBuddy(row.field);
    knob_form_->addRow(label, box);
    connect(row.field, &QLineEdit::returnPressed, this, [this, pointer = knob.pointer] { turn(pointer); });
    knobs_.push_back(row);
  }
  knob_hint_->setText(
      knobs_.isEmpty() ? tr("This experiment has no setting that can change while it runs.")
      : live ? tr("Change a value and press Return: every worker takes it at the same step, and the "
                  "charts show a mark.")
             : tr("These settings can be changed while a run goes."));
}

void MonitorSide::turn(const QString& pointer) {
  for (const KnobRow& row : knobs_) {
    if (row.knob.pointer != pointer) continue;
    const QString text = row.field->text().trimmed();
    const bool words = row.knob.type == "text" || row.knob.type == "choice" || row.knob.type == "path";
    const QString json =
        words ? QString::fromUtf8(QJsonDocument(QJsonArray{text}).toJson(QJsonDocument::Compact))
                    .mid(1)
                    .chopped(1)
              : text;
    emit knobTurned(pointer, json);
  }
}

void MonitorSide::showKnobAnswer(const QString& pointer, const QString& error) {
  for (const KnobRow& row : knobs_) {
    if (row.knob.pointer != pointer) continue;
    row.error->setText(error);
    row.error->setVisible(!error.isEmpty());
  }
}

void MonitorSide::addEvent(const proto::RunEvent& event) {
  const int row = events_->rowCount();
  events_->setRowCount(row + 1);
  setCell(events_, row, 0, formatCount(event.step()), true);
  setCell(events_, row, 1, QString::fromStdString(event.message()));
  events_->scrollToBottom();
}

void MonitorSide::addLine(const proto::RankLog& line) {
  const QString text = QString::fromStdString(line.line());
  lines_.push_back({line.rank(), text});
  if (lines_.size() > kMaxLines) lines_.removeFirst();
  const int wanted = log_rank_->currentData().toInt();
  if ((wanted == -2 || wanted == line.rank()) && text.contains(log_filter_->text(), Qt::CaseInsensitive))
    log_->appendPlainText(line.rank() < 0 ? tr("engine  %1").arg(text)
                                          : tr("rank %1  %2").arg(line.rank()).arg(text));
}

void MonitorSide::showLog() {
  const auto lines = std::exchange(lines_, {});
  log_->clear();
  for (const auto& [rank, text] : lines) {
    proto::RankLog line;
    line.set_rank(rank);
    line.set_line(text.toStdString());
    addLine(line);
  }
}

}  // namespace concertina::ui
