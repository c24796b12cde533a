// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// monitor_figures.cc: see monitor_figures.h.
#include "ui/pages/monitor_figures.h"

#include <QHBoxLayout>
#include <QLabel>
#include <QVBoxLayout>
#include <cmath>

#include "ui/client/number_format.h"
#include "ui/client/run_facts.h"
#include "ui/client/series_names.h"
#include "ui/forms/rhythm.h"
#include "ui/forms/tone.h"
#include "ui/pages/monitor_elided_label.h"

namespace concertina::ui {

MonitorFigures::MonitorFigures(QWidget* parent) : QFrame(parent) {
  setObjectName(QStringLiteral("monitorPage.figures"));
  setProperty("card", true);
  const int unit = rhythmUnit(this);
  const std::array<QString, kFigures> titles = {tr("Training loss"), tr("Test accuracy"), tr("Speed"),
                                                tr("Sending"),       tr("Sent"),          tr("Compression")};
  const std::array<const char*, kFigures> names = {"loss", "accuracy", "samples", "rate", "sent", "ratio"};
  auto* row = new QHBoxLayout(this);
  row->setContentsMargins(unit * 2, unit * 3 / 2, unit * 2, unit * 3 / 2);
  row->setSpacing(unit * 2);
  for (int i = 0; i < kFigures; ++i) {
    if (i > 0) {
      auto* rule = new QFrame(this);
      rule->setFrameShape(QFrame::NoFrame);
      rule->setFixedWidth(1);
      rule->setAutoFillBackground(true);
      rule->setBackgroundRole(QPalette::Mid);
      row->addWidget(rule);
    }
    auto* cell = new QWidget(this);
    auto* title = new ElidedLabel(cell);
    title->setText(titles[size_t(i)]);
    setTone(title, "quiet");
    Cell& labels = cells_[size_t(i)];
    labels.value = new QLabel(cell);
    labels.value->setObjectName(QStringLiteral("monitorPage.%1Figure").arg(QLatin1String(names[size_t(i)])));
    labels.value->setAccessibleName(titles[size_t(i)]);
    labels.value->setFont(scaledFont(font(), 1.6, QFont::DemiBold));
    labels.unit = new QLabel(cell);
    setTone(labels.unit, "quiet");
    labels.note = new ElidedLabel(cell);
    labels.note->setFont(scaledFont(font(), 0.9));
    setTone(labels.note, "quiet");
    auto* number = new QHBoxLayout;
    number->setSpacing(unit / 2);
    number->addWidget(labels.value, 0, Qt::AlignBaseline);
    number->addWidget(labels.unit, 0, Qt::AlignBaseline);
    number->addStretch(1);
    auto* column = new QVBoxLayout(cell);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(0);
    column->addWidget(title);
    column->addLayout(number);
    column->addWidget(labels.note);
    row->addWidget(cell, 1);
  }
}

void MonitorFigures::set(Figure figure, const QString& text, const QString& note) {
  Cell& cell = cells_[figure];
  // "12.3 MB/s": the number large, its unit beside it.
  const qsizetype space = text.indexOf(QLatin1Char(' '));
  const QString value = space < 0 ? text : text.left(space),
                unit = space < 0 ? QString() : text.mid(space + 1);
  if (cell.value->text() != value) cell.value->setText(value);
  if (cell.unit->text() != unit) cell.unit->setText(unit);
  if (cell.note->text() != note) cell.note->setText(note);
}

void MonitorFigures::update(const proto::RunSummary& run, const MetricModel& metrics) {
  const auto newest = [&](const char* series, double summary, bool has) {
    const double live = metrics.last(QLatin1String(series));
    return std::isnan(live) ? (has ? summary : qQNaN()) : live;
  };
  const bool going = run.state() == proto::RUNNING;
  set(kLoss, formatNumber(newest(kTrainLoss, run.train_loss(), run.has_train_loss())),
      run.has_test() ? tr("test %1").arg(formatNumber(newest(kTestLoss, run.test_loss(), true))) : QString());
  const double accuracy = newest(kTestAccuracy, run.test_accuracy(), run.has_test());
  set(kAccuracy, formatPercent(accuracy),
      std::isnan(accuracy) ? tr("no evaluation yet") : tr("at the last evaluation"));
  const double samples = run.samples_per_second() > 0 ? run.samples_per_second() : qQNaN();
  set(kSamples, formatSamplesRate(going ? newest(kSamplesPerSecond, samples, true) : samples),
      run.workers_size() > 0 ? workersText(run.workers_size()) : QString());
  // Of a run that has ended the mean is left; the last second is not what it was like.
  const double mean = run.seconds() > 0 ? double(run.bytes_sent()) / run.seconds() : qQNaN();
  const double rate = metrics.lastBytesPerSecond();
  set(kRate, formatRate(going && !std::isnan(rate) ? rate : mean),
      going ? tr("all workers") : tr("on average"));
  const bool sent = run.bytes_sent() > 0;
  set(kSent, run.steps() > 0 ? formatBytes(double(run.bytes_sent())) : notMeasured(),
      sent ? tr("%1 % payload")
                 .arg(formatNumber(100 * double(run.payload_bytes_sent()) / double(run.bytes_sent())))
           : QString());
  set(kRatio, sent ? formatRatio(run.compression_ratio()) : notMeasured(),
      sent ? tr("dense over sent") : QString());
}

}  // namespace concertina::ui
