// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// monitor_figures.cc: see monitor_figures.h.
#include "ui/pages/monitor_figures.h"

#include <QElapsedTimer>
#include <QHBoxLayout>
#include <QLoggingCategory>
#include <QPainter>
#include <QTimer>
#include <cmath>

#include "ui/client/number_format.h"
#include "ui/client/run_facts.h"
#include "ui/client/series_names.h"
#include "ui/forms/rhythm.h"
#include "ui/forms/tone.h"

namespace concertina::ui {

// How far behind the run the window is (tests/bench/desktop): QT_LOGGING_RULES=concertina.latency.debug=true
Q_LOGGING_CATEGORY(latencyLog, "concertina.latency", QtInfoMsg)

namespace {

constexpr double kValueScale = 1.6, kNoteScale = 0.9;

// The live value where there is one, else the summary's.
double newest(const MetricModel& metrics, const char* series, double summary, bool has) {
  const double live = metrics.last(QLatin1String(series));
  return std::isnan(live) ? (has ? summary : qQNaN()) : live;
}

}  // namespace

FigureCell::FigureCell(const QString& title, QWidget* parent) : QWidget(parent), title_(title) {
  setAccessibleName(title);
  setAttribute(Qt::WA_OpaquePaintEvent);
  setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Fixed);
}

void FigureCell::set(const QString& text, const QString& note) {
  if (text == text_ && note == note_) return;
  text_ = text;
  note_ = note;
  setAccessibleDescription(note.isEmpty() ? text : text + QStringLiteral(", ") + note);
  update();
}

QSize FigureCell::sizeHint() const {
  const int lines = QFontMetrics(font()).height() +
                    QFontMetrics(scaledFont(font(), kValueScale, QFont::DemiBold)).height() +
                    QFontMetrics(scaledFont(font(), kNoteScale)).height();
  return {charactersWide(this, 20), lines};
}

QSize FigureCell::minimumSizeHint() const { return {charactersWide(this, 10), sizeHint().height()}; }

void FigureCell::paintEvent(QPaintEvent*) {
  QPainter painter(this);
  painter.fillRect(rect(), palette().color(QPalette::Base));
  const QColor quiet = toneColor(palette(), Tone::kQuiet);
  const auto line = [&](int top, const QFont& font, const QColor& color, const QString& text) {
    const QFontMetrics metrics(font);
    painter.setFont(font);
    painter.setPen(color);
    painter.drawText(0, top + metrics.ascent(), metrics.elidedText(text, Qt::ElideRight, width()));
    return top + metrics.height();
  };
  int top = line(0, font(), quiet, title_);
  const QFont large = scaledFont(font(), kValueScale, QFont::DemiBold);
  const QFontMetrics large_metrics(large);
  const qsizetype space = text_.indexOf(QLatin1Char(' '));
  const QString value = space < 0 ? text_ : text_.left(space),
                unit = space < 0 ? QString() : text_.mid(space + 1);
  painter.setFont(large);
  painter.setPen(palette().color(QPalette::Text));
  painter.drawText(0, top + large_metrics.ascent(), value);
  const int left = large_metrics.horizontalAdvance(value) + rhythmUnit(this) / 2;
  painter.setFont(font());
  painter.setPen(quiet);
  painter.drawText(left, top + large_metrics.ascent(),
                   fontMetrics().elidedText(unit, Qt::ElideRight, width() - left));
  top += large_metrics.height();
  line(top, scaledFont(font(), kNoteScale), quiet, note_);
}

MonitorFigures::MonitorFigures(QWidget* parent) : QFrame(parent) {
  setObjectName(QStringLiteral("monitorPage.figures"));
  setProperty("card", true);
  const int unit = rhythmUnit(this);
  const std::array<QString, kFigures> titles = {
      tr("Training loss"), tr("Test accuracy"), tr("Samples per second"),
      tr("Sending"),       tr("Sent"),          tr("Compression")};
  const std::array<const char*, kFigures> names = {"loss", "accuracy", "samples", "rate", "sent", "ratio"};
  auto* row = new QHBoxLayout(this);
  row->setContentsMargins(unit * 2, unit * 3 / 2, unit * 2, unit * 3 / 2);
  row->setSpacing(unit * 2);
  for (size_t i = 0; i < kFigures; ++i) {
    if (i > 0) {
      auto* rule = new QFrame(this);
      rule->setFrameShape(QFrame::NoFrame);
      rule->setFixedWidth(1);
      rule->setAutoFillBackground(true);
      rule->setBackgroundRole(QPalette::Mid);
      row->addWidget(rule);
    }
    cells_[i] = new FigureCell(titles[i], this);
    cells_[i]->setObjectName(QStringLiteral("monitorPage.%1Figure").arg(QLatin1String(names[i])));
    row->addWidget(cells_[i], 1);
  }
}

void MonitorFigures::showLoss(const proto::RunSummary& run, const MetricModel& metrics) {
  const double test = newest(metrics, kTestLoss, run.test_loss(), run.has_test());
  cells_[kLoss]->set(formatNumber(newest(metrics, kTrainLoss, run.train_loss(), run.has_train_loss())),
                     std::isnan(test) ? QString() : tr("test %1").arg(formatNumber(test)));
  if (latencyLog().isDebugEnabled() && run.state() == proto::RUNNING)
    QTimer::singleShot(0, this, [seconds = metrics.lastPosition(XAxis::kSeconds)] {  // it has been painted
      QElapsedTimer now;
      now.start();
      qCDebug(latencyLog, "loss of second %.3f is shown at %.3f", seconds,
              double(now.msecsSinceReference()) / 1000);
    });
}

void MonitorFigures::update(const proto::RunSummary& run, const MetricModel& metrics) {
  const bool going = run.state() == proto::RUNNING, sent = run.bytes_sent() > 0;
  showLoss(run, metrics);
  const double accuracy = newest(metrics, kTestAccuracy, run.test_accuracy(), run.has_test());
  cells_[kAccuracy]->set(formatPercent(accuracy),
                         std::isnan(accuracy) ? tr("no evaluation yet") : tr("last evaluation"));
  const double samples = run.samples_per_second() > 0 ? run.samples_per_second() : qQNaN();
  cells_[kSamples]->set(formatNumber(going ? newest(metrics, kSamplesPerSecond, samples, true) : samples),
                        run.workers_size() > 0 ? workersText(run.workers_size()) : QString());
  // Of a run that has ended the mean is left; the last second is not what it was like.
  const double mean = run.seconds() > 0 ? double(run.bytes_sent()) / run.seconds() : qQNaN();
  const double rate = metrics.lastBytesPerSecond();
  cells_[kRate]->set(formatRate(going && !std::isnan(rate) ? rate : mean),
                     going ? tr("all workers") : tr("on average"));
  cells_[kSent]->set(
      run.steps() > 0 ? formatBytes(double(run.bytes_sent())) : notMeasured(),
      sent ? tr("%1 % payload")
                 .arg(formatNumber(100 * double(run.payload_bytes_sent()) / double(run.bytes_sent())))
           : QString());
  cells_[kRatio]->set(sent ? formatRatio(run.compression_ratio()) : notMeasured(),
                      sent ? tr("dense over sent") : QString());
}

}  // namespace concertina::ui
