// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// monitor_motion.cc: what is shown, and what moves on (see monitor_motion.h).
#include "ui/pages/monitor_motion.h"

#include <QComboBox>
#include <QLabel>
#include <QProgressBar>
#include <QPushButton>
#include <QSignalBlocker>
#include <QSpinBox>
#include <QTableView>
#include <QToolButton>
#include <algorithm>

#include "nlohmann/json.hpp"
#include "ui/charts/picture_export.h"
#include "ui/client/motion_feed.h"
#include "ui/client/motion_words.h"
#include "ui/client/number_format.h"
#include "ui/forms/ask.h"
#include "ui/pages/monitor_motion_model.h"
#include "ui/pages/monitor_motion_picture.h"
#include "ui/pages/monitor_recording_bar.h"

namespace concertina::ui {
namespace {

constexpr int kMostFlightMs = 700;
constexpr qint64 kLive = 0;

std::vector<std::array<int, 3>> axesOf(const proto::RunSummary& run) {
  std::vector<std::array<int, 3>> axes;
  for (const proto::Worker& worker : run.workers())
    if (worker.axis_size() == 3)
      axes.push_back({static_cast<int>(worker.axis(0)), static_cast<int>(worker.axis(1)),
                      static_cast<int>(worker.axis(2))});
  return axes;
}

}  // namespace

bool MonitorMotion::isLive() const {
  return source_->count() == 0 || source_->currentData().toLongLong() == kLive;
}

void MonitorMotion::setRun(const proto::RunSummary& run) {
  const bool is_other = run.run() != run_.run();
  run_ = run;
  if (!is_other) return;
  setPlaying(false);
  at_ = -1;
}

void MonitorMotion::showRecording(const std::shared_ptr<const MessageReplay>& replay,
                                  const QVector<qint64>& recordings) {
  const bool is_other = replay != replay_;
  const qint64 source_before = source_->currentData().toLongLong();
  replay_ = replay;
  if (recordings != recordings_ || source_->count() == 0) {
    const bool is_new = recordings.size() > recordings_.size() || recordings.value(0) > recordings_.value(0);
    recordings_ = recordings;
    bar_->setRecordings(recordings, tr("Live"));
    const QSignalBlocker blocker(source_);
    const int at = is_new && !is_on_ ? 1 : source_->findData(source_before);
    source_->setCurrentIndex(std::max(0, at));
  }
  if (!isLive() && is_other && !replay_->is_empty()) {
    const QSignalBlocker blocker(source_);
    if (const int at = source_->findData(static_cast<qint64>(replay_->recording)); at >= 0)
      source_->setCurrentIndex(at);
  }
  // What is lived goes on meanwhile, and is not shown anew.
  if (source_->currentData().toLongLong() != source_before || (is_other && !isLive())) showSource();
}

void MonitorMotion::setRecordable(bool can_record, bool is_recording) {
  can_record_ = can_record;
  is_recording_ = is_recording;
  updateButtons();
  updateWords();
}

void MonitorMotion::showLive(const MotionFeed& feed) {
  const bool begins = feed.isOn() && !is_on_;
  is_on_ = feed.isOn();
  can_begin_ = feed.canBegin();
  obstacle_ = feed.obstacle();
  live_step_ = feed.step();
  moved_of_step_ = feed.movedOfStep();
  moved_before_ = feed.movedOfStepBefore();
  waiting_ = feed.waiting();
  const MessageReplay& lived = feed.lived();
  const bool moved =
      lived.messages.size() != lived_->messages.size() ||
      (!lived.is_empty() && lived.messages.back().sent_seconds != lived_->messages.back().sent_seconds);
  if (moved) lived_ = std::make_shared<MessageReplay>(lived);
  if (!is_on_ && isLive()) setPlaying(false);
  if (begins && !isLive()) {
    source_->setCurrentIndex(0);
    showSource();
    return;
  }
  if (!isLive()) return updateButtons();
  if (moved) model_->setReplay(lived_);
  at_ = static_cast<int>(lived_->messages.size()) - 1;
  picture_->setWaiting(waiting_);
  if (moved || begins) {
    // Those that wait have their arrows too.
    std::vector<ReplayMessage> flows = lived_->messages;
    flows.insert(flows.end(), waiting_.begin(), waiting_.end());
    picture_->setMap(motionMap(run_.spec_json(), flows, run_.workers_size()));
    showMessage(true);
  } else if (!waiting_.isEmpty()) {
    std::vector<ReplayMessage> flows = lived_->messages;
    flows.insert(flows.end(), waiting_.begin(), waiting_.end());
    picture_->setMap(motionMap(run_.spec_json(), flows, run_.workers_size()));
  }
  updateButtons();
  updateWords();
}

void MonitorMotion::showSource() {
  const bool live = isLive();
  const MessageReplay& replay = shown();
  model_->setReplay(live ? lived_ : replay_);
  table_->setColumnHidden(MotionModel::kTook, live);
  picture_->setWaiting(live ? waiting_ : QVector<ReplayMessage>());
  std::vector<ReplayMessage> flows = replay.messages;
  if (live) flows.insert(flows.end(), waiting_.begin(), waiting_.end());
  picture_->setMap(motionMap(run_.spec_json(), flows, std::max(run_.workers_size(), replay.ranks)));
  at_ = live ? static_cast<int>(replay.messages.size()) - 1 : replay.is_empty() ? -1 : 0;
  showMessage(false);
  updateButtons();
  updateWords();
}

void MonitorMotion::moveTo(int at, bool flies) {
  const int count = static_cast<int>(shown().messages.size());
  if (count == 0) return;
  at_ = std::clamp(at, 0, count - 1);
  showMessage(flies);
  updateButtons();
  updateWords();
}

void MonitorMotion::next() {
  if (isLive()) {
    if (is_on_ && (!waiting_.isEmpty() || !play_timer_.isActive())) emit nextRequested(1);
    return;
  }
  if (at_ + 1 >= static_cast<int>(replay_->messages.size())) return setPlaying(false);
  moveTo(at_ + 1, true);
}

void MonitorMotion::finishStep() {
  if (isLive()) {
    emit stepRequested();
    return;
  }
  if (replay_->is_empty()) return;
  const auto last = static_cast<int>(replay_->StepOf(static_cast<size_t>(std::max(0, at_))).second) - 1;
  if (last > at_ || last + 1 >= static_cast<int>(replay_->messages.size())) return moveTo(last, true);
  moveTo(static_cast<int>(replay_->StepOf(static_cast<size_t>(last) + 1).second) - 1, true);
}

void MonitorMotion::setPlaying(bool plays) {
  if (plays && !isLive() && at_ + 1 >= static_cast<int>(replay_->messages.size())) moveTo(0, false);
  if (plays)
    play_timer_.start();
  else
    play_timer_.stop();
  play_->setChecked(plays);
  play_->setText(plays ? tr("Stop") : tr("Play"));
}

int MonitorMotion::flightMs() const {
  return play_timer_.isActive() ? std::min(kMostFlightMs, 800 / speed_->value()) : kMostFlightMs;
}

void MonitorMotion::showMessage(bool flies) {
  const MessageReplay& replay = shown();
  if (at_ < 0 || at_ >= static_cast<int>(replay.messages.size())) {
    picture_->setMessage(std::nullopt, 0);
    return;
  }
  picture_->setMessage(replay.messages[static_cast<size_t>(at_)], flies ? flightMs() : 0);
  const QModelIndex row = model_->index(at_, 0);
  table_->setCurrentIndex(row);
  table_->scrollTo(row);
}

void MonitorMotion::updateButtons() {
  const bool live = isLive(), has = !shown().is_empty();
  const int count = static_cast<int>(replay_->messages.size());
  begin_->setText(is_on_ ? tr("Leave Slow Motion") : tr("Begin Slow Motion"));
  begin_->setVisible(live || is_on_);
  begin_->setEnabled(is_on_ || can_begin_);
  begin_->setToolTip(is_on_ ? tr("All messages may go: the run goes on as before, with the same bits")
                     : can_begin_
                         ? tr("From the next step on each message of the run waits until you let it go")
                         : obstacle_);
  bar_->showRecord(kRecordedSteps, can_record_, is_recording_,
                   tr("Every rank writes down each message of so many steps"));
  if (is_on_) record_->setEnabled(false);
  previous_->setVisible(!live);
  previous_->setEnabled(at_ > 0);
  const bool moves = live ? is_on_ : at_ + 1 < count;
  next_->setEnabled(moves);
  next_->setToolTip(tr("Space, in the picture"));
  step_->setEnabled(moves);
  play_->setEnabled(live ? is_on_ : count > 1);
  more_->setEnabled(has);
}

void MonitorMotion::updateWords() {
  const bool live = isLive();
  const MessageReplay& replay = shown();
  const bool has = at_ >= 0 && at_ < static_cast<int>(replay.messages.size());
  caption_->setText(has              ? messageSentence(replay.messages[static_cast<size_t>(at_)])
                    : live && is_on_ ? tr("Nothing has moved yet")
                                     : QString());
  picture_->setEmptyText(
      is_recording_ ? tr("Recording: it appears here once the steps are made.")
      : !live  ? tr("This recording has no messages: a single rank sends nothing, and older recordings have "
                     "none.")
      : is_on_ ? tr("Waiting for the next step…")
      : can_begin_
          ? tr("Begin slow motion, and each message between the ranks of this run waits until you let "
               "it go: one at a time, on the real processes. Or record a few steps, and play their messages "
               "here.")
      : !obstacle_.isEmpty()
          ? tr("This run cannot be slowed down now: %1. A recording of its messages can be played here.")
                .arg(obstacle_)
          : tr("Choose a recording above, or record some steps while the run trains."));
  qint64 done = 0, all = 0, step = -1;
  if (live && is_on_ && live_step_ >= 0) {
    done = moved_of_step_;
    all = std::max(moved_before_, moved_of_step_ + waiting_.size());
    step = live_step_;
  } else if (!live && has) {
    const auto [first, last] = replay.StepOf(static_cast<size_t>(at_));
    done = at_ - static_cast<qint64>(first) + 1;
    all = static_cast<qint64>(last - first);
    step = replay.messages[static_cast<size_t>(at_)].step;
  }
  progress_->setVisible(step >= 0);
  progress_->setRange(0, static_cast<int>(std::max<qint64>(1, all)));
  progress_->setValue(static_cast<int>(done));
  progress_->setFormat(
      live && moved_before_ == 0
          ? tr("Step %1: %2 messages so far").arg(formatCount(step), formatCount(done))
          : tr("Step %1: message %2 of %3").arg(formatCount(step), formatCount(done), formatCount(all)));
  QString note;
  if (live && is_on_)
    note = waiting_.isEmpty()
               ? tr("Nothing waits: ranks compute, or wait for what is to come.")
               : tr("Next: %1. %n message(s) wait.", nullptr, static_cast<int>(waiting_.size()))
                     .arg(messageSentence(waiting_.front()));
  else if (!live && replay.dropped > 0)
    note = tr("%1 messages, the oldest, found no room: record fewer steps.")
               .arg(formatCount(static_cast<qint64>(replay.dropped)));
  note_->setText(note);
  note_->setVisible(!note.isEmpty());
}

void MonitorMotion::save(const QString& suffix) {
  const QString path = askForFile(this, {.what = FileQuestion::What::kSaveFile,
                                         .title = tr("Save the Clip"),
                                         .start = QStringLiteral("messages.") + suffix,
                                         .filter = tr("%1 files (*.%2)").arg(suffix.toUpper(), suffix),
                                         .suffix = suffix});
  if (path.isEmpty()) return;
  const MessageReplay& replay = shown();
  // From the message that is shown on; of what was lived, all.
  const ClipOptions options{.title = run_.name(),
                            .axes = axesOf(run_),
                            .message_seconds = 1.0 / speed_->value(),
                            .first = isLive() ? size_t{0} : static_cast<size_t>(std::max(0, at_))};
  const std::string text = suffix == QLatin1String("json")  ? ReplayJson(replay, run_.run()).dump(1)
                           : suffix == QLatin1String("svg") ? ClipSvg(replay, options)
                                                            : ClipHtml(replay, options);
  emit saved(saveFile(path, QByteArray::fromStdString(text)));
}

}  // namespace concertina::ui
