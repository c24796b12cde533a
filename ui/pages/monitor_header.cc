// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// monitor_header.cc: see monitor_header.h.
#include "ui/pages/monitor_header.h"

#include <QFrame>
#include <QHBoxLayout>
#include <QJsonArray>
#include <QLabel>
#include <QProgressBar>
#include <QPushButton>
#include <QVBoxLayout>
#include <algorithm>
#include <cmath>

#include "ui/client/core_words.h"
#include "ui/client/number_format.h"
#include "ui/client/run_facts.h"
#include "ui/client/run_state.h"
#include "ui/forms/line_icon.h"
#include "ui/forms/rhythm.h"
#include "ui/forms/tone.h"
#include "ui/pages/monitor_elided_label.h"
#include "ui/pages/monitor_state_chip.h"

namespace concertina::ui {
namespace {

constexpr int kSecondPressMs = 2000;

bool hasWorkersByHand(const QJsonObject& spec) {
  const QJsonArray entries = spec[QLatin1String("workers")].toArray();
  return std::any_of(entries.begin(), entries.end(), [](const QJsonValue& entry) {
    return entry[QLatin1String("launcher")].toString() == QLatin1String("manual");
  });
}

}  // namespace

QString progressText(const proto::RunSummary& run) {
  const qint64 steps = run.steps(), total = run.total_steps();
  switch (run.state()) {
    case proto::QUEUED:
      return run.queue_position() <= 1 ? MonitorHeader::tr("Next in the queue")
                                       : MonitorHeader::tr("%n run(s) before this one in the queue", nullptr,
                                                           run.queue_position() - 1);
    case proto::STARTING:
      return MonitorHeader::tr("Workers are joining");
    default:
      break;
  }
  QString text = total > 0 ? MonitorHeader::tr("Step %1 of %2").arg(formatCount(steps), formatCount(total))
                           : MonitorHeader::tr("Step %1").arg(formatCount(steps));
  text += MonitorHeader::tr("  ·  epoch %1").arg(formatNumber(run.epochs()));
  if (run.attempt() > 1) text += MonitorHeader::tr("  ·  attempt %1").arg(run.attempt());
  return text;
}

QString adviceText(const proto::RunSummary& run) {
  if (canRestart(run))
    return MonitorHeader::tr("Resume goes on from the checkpoint of step %1; what was measured is kept.")
        .arg(formatCount(run.last_checkpoint_step()));
  return MonitorHeader::tr(
      "There is no checkpoint to resume from. The log has the last words of each rank; what was "
      "measured is kept.");
}

MonitorHeader::MonitorHeader(QWidget* parent)
    : QWidget(parent),
      name_(new ElidedLabel(this)),
      chip_(new StateChip(this)),
      facts_(new ElidedLabel(this)),
      pause_(new QPushButton(this)),
      checkpoint_(new QPushButton(tr("Checkpoint"), this)),
      stop_(new QPushButton(tr("Stop"), this)),
      restart_(new QPushButton(tr("Resume"), this)),
      fork_(new QPushButton(tr("Fork…"), this)),
      by_hand_(new QPushButton(tr("Start by Hand…"), this)),
      progress_(new QProgressBar(this)),
      progress_text_(new QLabel(this)),
      time_left_(new QLabel(this)),
      banner_(new QFrame(this)),
      banner_text_(new QLabel(this)),
      banner_log_(new QPushButton(tr("Show Log"), this)),
      problem_(new QFrame(this)),
      problem_text_(new QLabel(this)) {
  const int unit = rhythmUnit(this);
  name_->setObjectName(QStringLiteral("monitorPage.nameLabel"));
  name_->setFont(scaledFont(font(), 1.5, QFont::DemiBold));
  chip_->setObjectName(QStringLiteral("monitorPage.stateChip"));
  facts_->setObjectName(QStringLiteral("monitorPage.factsLabel"));
  setTone(facts_, "quiet");
  pause_->setObjectName(QStringLiteral("monitorPage.pauseButton"));
  checkpoint_->setObjectName(QStringLiteral("monitorPage.checkpointButton"));
  stop_->setObjectName(QStringLiteral("monitorPage.stopButton"));
  restart_->setObjectName(QStringLiteral("monitorPage.resumeButton"));
  fork_->setObjectName(QStringLiteral("monitorPage.forkButton"));
  fork_->setAccessibleName(tr("Fork with a Change…"));
  fork_->setToolTip(tr("Start a new run from a checkpoint of this one, with something changed"));
  by_hand_->setObjectName(QStringLiteral("monitorPage.startByHandButton"));
  by_hand_->setToolTip(tr("The lines with which you start the workers that this run waits for"));
  checkpoint_->setIcon(lineIcon(QStringLiteral("save")));
  stop_->setIcon(lineIcon(QStringLiteral("stop")));
  restart_->setIcon(lineIcon(QStringLiteral("launch"), QPalette::HighlightedText));
  restart_->setProperty("primary", true);
  checkpoint_->setToolTip(tr("Write a checkpoint before the next step"));
  restart_->setToolTip(tr("Start again from the last checkpoint"));

  progress_->setObjectName(QStringLiteral("monitorPage.progressBar"));
  progress_->setAccessibleName(tr("Progress of the run"));
  progress_->setTextVisible(false);
  progress_->setRange(0, 1000);
  progress_->setFixedHeight(std::max(4, unit * 3 / 4));
  progress_text_->setObjectName(QStringLiteral("monitorPage.progressLabel"));
  time_left_->setObjectName(QStringLiteral("monitorPage.timeLabel"));
  setTone(progress_text_, "quiet");
  setTone(time_left_, "quiet");

  const auto makeNotice = [&](QFrame* frame, QLabel* text, const char* kind, const char* icon,
                              QWidget* button) {
    frame->setProperty("notice", kind);
    auto* row = new QHBoxLayout(frame);
    row->setContentsMargins(unit * 2, unit, unit, unit);
    row->setSpacing(unit);
    auto* picture = new QLabel(frame);
    picture->setPixmap(lineIcon(QLatin1String(icon)).pixmap(unit * 2, unit * 2));
    row->addWidget(picture, 0, Qt::AlignTop);
    text->setWordWrap(true);
    text->setTextInteractionFlags(Qt::TextSelectableByMouse | Qt::TextSelectableByKeyboard);
    row->addWidget(text, 1);
    if (button != nullptr) row->addWidget(button, 0, Qt::AlignVCenter);
    frame->hide();
  };
  banner_->setObjectName(QStringLiteral("monitorPage.errorBanner"));
  banner_text_->setObjectName(QStringLiteral("monitorPage.errorLabel"));
  banner_text_->setTextFormat(Qt::RichText);
  banner_log_->setObjectName(QStringLiteral("monitorPage.showLogButton"));
  makeNotice(banner_, banner_text_, "error", "error", banner_log_);
  problem_->setObjectName(QStringLiteral("monitorPage.problemBanner"));
  problem_text_->setTextFormat(Qt::PlainText);
  auto* dismiss = new QPushButton(tr("Dismiss"), this);
  dismiss->setObjectName(QStringLiteral("monitorPage.dismissButton"));
  makeNotice(problem_, problem_text_, "warning", "warning", dismiss);

  auto* title = new QHBoxLayout;
  title->setSpacing(unit * 3 / 2);
  title->addWidget(name_, 0);
  title->addWidget(chip_);
  title->addStretch(1);
  auto* buttons = new QHBoxLayout;
  buttons->setSpacing(unit);
  for (QPushButton* button : {by_hand_, pause_, checkpoint_, fork_, stop_, restart_})
    buttons->addWidget(button);
  title->addLayout(buttons);
  auto* below = new QHBoxLayout;
  below->setSpacing(unit * 2);
  below->addWidget(facts_, 1);
  below->addWidget(progress_text_);
  below->addWidget(time_left_);
  auto* layout = new QVBoxLayout(this);
  layout->setContentsMargins(0, 0, 0, 0);
  layout->setSpacing(unit);
  layout->addLayout(title);
  layout->addLayout(below);
  layout->addWidget(progress_);
  layout->addWidget(banner_);
  layout->addWidget(problem_);

  using Request = proto::ControlRunRequest;
  connect(pause_, &QPushButton::clicked, this,
          [this] { emit requested(paused_ ? Request::RESUME : Request::PAUSE); });
  connect(checkpoint_, &QPushButton::clicked, this, [this] { emit requested(Request::CHECKPOINT); });
  connect(stop_, &QPushButton::clicked, this, &MonitorHeader::stop);
  second_press_.setSingleShot(true);
  second_press_.setInterval(kSecondPressMs);
  connect(&second_press_, &QTimer::timeout, this, [this] {
    stop_->setText(tr("End at Once"));
    stop_->setToolTip(
        tr("It was asked to stop, and goes on. This ends its workers; nothing more is written"));
    stop_->setEnabled(canStop(state_));
  });
  connect(restart_, &QPushButton::clicked, this, [this] { emit requested(Request::RESUME); });
  connect(fork_, &QPushButton::clicked, this, &MonitorHeader::forkRequested);
  connect(by_hand_, &QPushButton::clicked, this, &MonitorHeader::startLinesRequested);
  connect(banner_log_, &QPushButton::clicked, this, &MonitorHeader::logRequested);
  connect(dismiss, &QPushButton::clicked, problem_, &QWidget::hide);
  forgetStop();
  showButtons(state_);
  showRun({});
}

void MonitorHeader::stop() {
  if (is_stop_asked_) {
    emit requested(proto::ControlRunRequest::KILL);
    return;
  }
  is_stop_asked_ = true;
  stop_->setEnabled(false);
  second_press_.start();
  emit requested(proto::ControlRunRequest::STOP);
}

void MonitorHeader::forgetStop() {
  is_stop_asked_ = false;
  second_press_.stop();
  stop_->setText(tr("Stop"));
  stop_->setToolTip(tr("End the run before its next step; measurements and parameters are kept"));
  stop_->setEnabled(canStop(state_));
}

void MonitorHeader::showRun(const proto::RunSummary& run) {
  const proto::RunState state = run.state();
  if (is_stop_asked_ && (run.run() != run_ || !canStop(state))) forgetStop();
  run_ = run.run();
  name_->setText(QString::fromStdString(run.name().empty() ? run.run() : run.name()));
  chip_->setState(state);
  if (run.spec_json() != spec_) {
    spec_ = run.spec_json();
    const RunFacts facts = runFacts(spec_);
    facts_line_ = factsLine(facts);
    starts_by_hand_ = hasWorkersByHand(facts.spec);
  }
  // A step of a recipe may take minutes, in which nothing else on this page moves.
  facts_->setText(run.doing().empty() ? facts_line_ : QString::fromStdString(run.doing()));
  by_hand_->setVisible(starts_by_hand_ && isActive(state));
  restart_->setVisible(canRestart(run));
  // One that goes on writes a checkpoint for it.
  fork_->setVisible(canCheckpoint(state) || run.last_checkpoint_step() > 0);
  if (state != state_) showButtons(state);

  progress_->setValue(int(std::lround(1000 * progress(run))));
  progress_->setVisible(!isEnded(state));
  progress_text_->setText(run.run().empty() ? QString() : progressText(run));
  const double left = secondsLeft(run);
  if (isEnded(state))
    time_left_->setText(run.seconds() > 0 ? tr("took %1").arg(formatDuration(run.seconds())) : QString());
  else
    time_left_->setText(
        std::isnan(left)
            ? QString()
            : tr("about %1 left")
                  .arg(formatDuration(left < 60 ? std::max(1.0, std::round(left)) : left, true)));
  showError(run);
}

// Only when the state changed: an icon that is set lays the whole page out again.
void MonitorHeader::showButtons(proto::RunState state) {
  state_ = state;
  paused_ = canContinue(state);
  pause_->setText(paused_ ? tr("Continue") : tr("Pause"));
  pause_->setIcon(lineIcon(paused_ ? QStringLiteral("launch") : QStringLiteral("pause")));
  pause_->setToolTip(paused_ ? tr("Go on with the next step") : tr("Wait before the next step"));
  const bool active = isActive(state);
  pause_->setVisible(active);
  checkpoint_->setVisible(active);
  stop_->setVisible(active);
  pause_->setEnabled(canPause(state) || canContinue(state));
  checkpoint_->setEnabled(canCheckpoint(state));
  stop_->setEnabled(canStop(state) && !second_press_.isActive());
}

void MonitorHeader::showError(const proto::RunSummary& run) {
  const bool failed = run.state() == proto::FAILED;
  const bool held = run.state() == proto::PAUSED && !run.pause_reason().empty();
  banner_->setVisible(failed || held);
  if (held)
    banner_text_->setText(QStringLiteral("<b>%1</b><br>%2")
                              .arg(coreText(run.pause_reason()).toHtmlEscaped(),
                                   tr("Nothing is lost: what was to be kept waits in memory. Make room on "
                                      "the disk; Continue tries "
                                      "at once.")
                                       .toHtmlEscaped()));
  if (!failed) return;
  const QString what = run.error().empty() ? tr("The run failed without saying why.") : coreText(run.error());
  banner_text_->setText(QStringLiteral("<b>%1</b><br>%2")
                            .arg(what.toHtmlEscaped().replace(QLatin1Char('\n'), QLatin1String("<br>")),
                                 adviceText(run).toHtmlEscaped()));
}

void MonitorHeader::showProblem(const QString& problem) {
  if (!problem.isEmpty() && second_press_.isActive()) forgetStop();  // it was perhaps never asked
  problem_text_->setText(problem);
  problem_->setVisible(!problem.isEmpty());
}

}  // namespace concertina::ui
