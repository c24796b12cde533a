// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// monitor_header.cc: see monitor_header.h.
#include "ui/pages/monitor_header.h"

#include <QDateTime>
#include <QFrame>
#include <QGridLayout>
#include <QHBoxLayout>
#include <QLabel>
#include <QProgressBar>
#include <QPushButton>
#include <QVBoxLayout>

#include "ui/charts/palette.h"
#include "ui/client/number_format.h"
#include "ui/client/run_facts.h"
#include "ui/client/run_state.h"
#include "ui/forms/line_icon.h"
#include "ui/forms/rhythm.h"
#include "ui/forms/tone.h"

namespace concertina::ui {

MonitorHeader::MonitorHeader(QWidget* parent) : QWidget(parent) {
  auto* column = new QVBoxLayout(this);
  setRhythm(column, this, 0, 0, 0, 0, 1);

  auto* top = new QHBoxLayout;
  column->addLayout(top);
  auto* names = new QVBoxLayout;
  names->setSpacing(rhythmUnit(this) / 4);
  top->addLayout(names, 1);
  auto* title_line = new QHBoxLayout;
  title_line->setSpacing(rhythmUnit(this));
  names->addLayout(title_line);
  title_ = new QLabel;
  title_->setObjectName("monitorPage.title");
  title_->setFont(scaledFont(font(), 1.35, QFont::DemiBold));
  title_->setTextFormat(Qt::PlainText);
  title_->setMinimumWidth(charactersWide(this, 12));
  title_->setSizePolicy(QSizePolicy::Ignored, QSizePolicy::Preferred);
  chip_ = new QLabel;
  chip_->setObjectName("monitorPage.state");
  title_line->addWidget(title_, 1);
  facts_ = new QLabel;
  facts_->setTextFormat(Qt::PlainText);
  facts_->setSizePolicy(QSizePolicy::Ignored, QSizePolicy::Preferred);
  setTone(facts_, "quiet");
  names->addWidget(facts_);

  top->setSpacing(rhythmUnit(this));
  top->addWidget(chip_, 0, Qt::AlignVCenter);
  pause_ = addButton("monitorPage.pauseButton", tr("Pause"), "pause",
                     tr("Let the workers wait after their step"), proto::ControlRunRequest::PAUSE);
  go_on_ = addButton("monitorPage.resumeButton", tr("Resume"), "launch",
                     tr("Go on; a failed or stopped run starts again from its last checkpoint"),
                     proto::ControlRunRequest::RESUME);
  checkpoint_ = addButton("monitorPage.checkpointButton", tr("Checkpoint"), "save",
                          tr("Write a checkpoint now"), proto::ControlRunRequest::CHECKPOINT);
  stop_ =
      addButton("monitorPage.stopButton", tr("Stop"), "stop",
                tr("End the run; its parameters and a checkpoint are kept"), proto::ControlRunRequest::STOP);
  for (QPushButton* button : {pause_, go_on_, checkpoint_, stop_})
    top->addWidget(button, 0, Qt::AlignVCenter);

  auto* progress_line = new QHBoxLayout;
  progress_line->setSpacing(rhythmUnit(this));
  column->addLayout(progress_line);
  progress_ = new QProgressBar;
  progress_->setObjectName("monitorPage.progress");
  progress_->setAccessibleName(tr("Progress of the run"));
  progress_->setRange(0, 1000);
  progress_->setTextVisible(false);
  progress_->setFixedHeight(std::max(4, rhythmUnit(this) / 2));
  progress_text_ = new QLabel;
  setTone(progress_text_, "quiet");
  progress_line->addWidget(progress_, 1);
  progress_line->addWidget(progress_text_);

  trouble_ = new QFrame;
  trouble_->setObjectName("monitorPage.trouble");
  trouble_->setProperty("surface", "error");
  auto* trouble_box = new QHBoxLayout(trouble_);
  setRhythm(trouble_box, this, 1.5, 1, 1.5, 1, 1);
  trouble_text_ = new QLabel;
  trouble_text_->setTextFormat(Qt::PlainText);
  trouble_text_->setTextInteractionFlags(Qt::TextSelectableByMouse | Qt::TextSelectableByKeyboard);
  trouble_text_->setWordWrap(true);
  setTone(trouble_text_, "error");
  trouble_box->addWidget(trouble_text_, 1);
  trouble_->hide();
  column->addWidget(trouble_);

  figures_ = new QWidget;
  auto* figures_row = new QHBoxLayout(figures_);
  setRhythm(figures_row, this, 0, 0, 0, 0, 2);
  column->addWidget(figures_);
  accuracy_ = addFigure("monitorPage.accuracy", tr("Test accuracy"));
  loss_ = addFigure("monitorPage.loss", tr("Training loss"));
  speed_ = addFigure("monitorPage.speed", tr("Speed"));
  rate_ = addFigure("monitorPage.rate", tr("On the wire"));
  sent_ = addFigure("monitorPage.sent", tr("Sent so far"));
  ratio_ = addFigure("monitorPage.ratio", tr("Compression"));
}

QPushButton* MonitorHeader::addButton(const QString& name, const QString& text, const QString& icon,
                                      const QString& tip, proto::ControlRunRequest::Action action) {
  auto* button = new QPushButton(lineIcon(icon), text, this);
  button->setObjectName(name);
  button->setToolTip(tip);
  connect(button, &QPushButton::clicked, this, [this, action] { emit commanded(action); });
  return button;
}

MonitorHeader::Figure MonitorHeader::addFigure(const QString& object_name, const QString& name) {
  auto* box = new QVBoxLayout;
  box->setSpacing(0);
  Figure figure{new QLabel(notMeasured()), new QLabel(name)};
  figure.value->setObjectName(object_name);
  figure.value->setFont(scaledFont(font(), 1.45, QFont::DemiBold));
  figure.value->setAccessibleName(name);
  setTone(figure.name, "quiet");
  box->addWidget(figure.value);
  box->addWidget(figure.name);
  static_cast<QHBoxLayout*>(figures_->layout())->addLayout(box, 1);
  return figure;
}

void MonitorHeader::paintChip(proto::RunState state) {
  const QColor color = stateColor(state, onDarkGround(palette()));
  QColor ground = color;
  ground.setAlphaF(0.14f);
  chip_->setText(stateName(state));
  const int unit = rhythmUnit(this);
  chip_->setStyleSheet(
      QStringLiteral("QLabel { color: %1; background: rgba(%2,%3,%4,%5); border-radius: %6px; "
                     "padding: %7px %8px; font-weight: 600; }")
          .arg(color.name())
          .arg(ground.red())
          .arg(ground.green())
          .arg(ground.blue())
          .arg(ground.alphaF())
          .arg(unit)
          .arg(unit / 4)
          .arg(unit));
}

void MonitorHeader::showRun(const proto::RunSummary& run, double bytes_per_second) {
  const RunFacts facts = runFacts(run.spec_json());
  const QString name = QString::fromStdString(run.name());
  title_->setText(name);
  title_->setToolTip(QString::fromStdString(run.run()));
  facts_->setText(factsLine(facts));
  facts_->setToolTip(facts_->text());
  paintChip(run.state());

  pause_->setVisible(canPause(run.state()));
  go_on_->setVisible(canContinue(run.state()) || canRestart(run));
  checkpoint_->setVisible(canCheckpoint(run.state()));
  stop_->setVisible(canStop(run.state()));

  progress_->setValue(qRound(progress(run) * 1000));
  QStringList parts;
  parts << tr("step %1 of %2").arg(formatCount(run.steps()), formatCount(run.total_steps()));
  parts << tr("epoch %1").arg(formatNumber(run.epochs()));
  parts << formatDuration(wallSeconds(run, QDateTime::currentMSecsSinceEpoch()));
  if (run.state() == proto::RUNNING && std::isfinite(secondsLeft(run)))
    parts << tr("%1 left").arg(formatDuration(secondsLeft(run)));
  progress_text_->setText(parts.join(QStringLiteral("  ·  ")));

  if (run.state() == proto::FAILED)
    showTrouble(QString::fromStdString(run.error()));
  else if (isActive(run.state()) || run.error().empty())
    showTrouble({});

  accuracy_.value->setText(run.has_test() ? formatPercent(run.test_accuracy()) : notMeasured());
  loss_.value->setText(run.has_train_loss() ? formatNumber(run.train_loss()) : notMeasured());
  speed_.value->setText(run.samples_per_second() > 0 ? formatSamplesRate(run.samples_per_second())
                                                     : notMeasured());
  rate_.value->setText(run.state() == proto::RUNNING && std::isfinite(bytes_per_second)
                           ? formatRate(bytes_per_second)
                           : notMeasured());
  sent_.value->setText(formatBytes(static_cast<double>(run.bytes_sent())));
  ratio_.value->setText(run.compression_ratio() > 0 ? formatRatio(run.compression_ratio()) : notMeasured());
}

void MonitorHeader::showTrouble(const QString& text) {
  trouble_text_->setText(text);
  trouble_->setVisible(!text.isEmpty());
}

}  // namespace concertina::ui
