// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// motion_feed.cc: see motion_feed.h.
#include "ui/client/motion_feed.h"

#include <algorithm>

#include "core/proto/rank_message.h"

namespace concertina::ui {
namespace {

constexpr int kOnPeriodMs = 100, kOffPeriodMs = 1000;

ReplayMessage replayOf(const proto::RankMessage& said) {
  return LivedMessage(FromRankMessage(said), static_cast<double>(said.order()));
}

}  // namespace

MotionFeed::MotionFeed(EngineClient& client, QObject* parent) : QObject(parent), client_(client) {
  timer_.setSingleShot(true);
  connect(&timer_, &QTimer::timeout, this, [this] { ask(proto::SlowMotionRequest::LOOK); });
}

void MotionFeed::setRun(const proto::RunSummary& run) {
  const bool other = run.run() != run_.run(), other_state = run.state() != run_.state();
  run_ = run;
  if (!other && !other_state) return;
  if (other) {
    ++generation_;
    last_order_ = 0;
    is_on_ = is_known_ = false;
    obstacle_.clear();
    lived_ = {};
    waiting_.clear();
    moved_of_step_ = moved_of_step_before_ = 0;
    step_ = -1;
    emit changed();
  }
  if (active_ && !run_.run().empty()) ask(proto::SlowMotionRequest::LOOK);
}

void MotionFeed::setActive(bool active) {
  if (active == active_) return;
  active_ = active;
  timer_.stop();
  if (active_ && !run_.run().empty()) ask(proto::SlowMotionRequest::LOOK);
}

void MotionFeed::ask(proto::SlowMotionRequest::Action action, qint64 messages) {
  proto::SlowMotionRequest request;
  request.set_run(run_.run());
  request.set_action(action);
  request.set_messages(messages);
  request.set_after(last_order_);
  const bool is_look = action == proto::SlowMotionRequest::LOOK;
  client_.slowMotion(this, request,
                     [this, asked = generation_, number = ++asked_, is_look](
                         const proto::SlowMotionReply& reply, const QString& error) {
                       if (asked != generation_) return;
                       // An answer that was overtaken knows less than what is here: it would look like a new
                       // beginning.
                       if (error.isEmpty() && number > taken_) {
                         taken_ = number;
                         take(reply);
                       } else if (!error.isEmpty() && !is_look) {
                         emit failed(error);
                       }
                       const bool goes = run_.state() == proto::RUNNING || run_.state() == proto::PAUSED ||
                                         run_.state() == proto::STARTING;
                       if (active_ && goes) timer_.start(is_on_ ? kOnPeriodMs : kOffPeriodMs);
                     });
}

void MotionFeed::take(const proto::SlowMotionReply& reply) {
  const bool begins = reply.on() && (!is_on_ || reply.moved_count() < last_order_);
  if (begins) {  // the orders count from 1 again; what was lived before is another time
    lived_ = {};
    last_order_ = 0;
  }
  is_known_ = true;
  is_on_ = reply.on();
  if (!is_on_) last_order_ = 0;  // else the first messages of the next time would not be asked for
  obstacle_ = QString::fromStdString(reply.obstacle());
  waiting_.clear();
  for (const proto::RankMessage& message : reply.waiting()) waiting_.push_back(replayOf(message));
  for (const proto::RankMessage& message : reply.moved()) {
    if (message.order() <= last_order_) continue;  // two questions were on their way
    if (message.order() > last_order_ + 1) lived_.dropped += message.order() - last_order_ - 1;
    last_order_ = message.order();
    lived_.messages.push_back(replayOf(message));
    lived_.ranks = std::max({lived_.ranks, message.from() + 1, message.to() + 1});
  }
  if (lived_.messages.size() > kKeptMessages) {
    lived_.dropped += kKeptMessages / 5;
    lived_.messages.erase(lived_.messages.begin(), lived_.messages.begin() + kKeptMessages / 5);
  }
  step_ = reply.step();
  moved_of_step_ = static_cast<qint64>(reply.moved_of_step());
  moved_of_step_before_ = static_cast<qint64>(reply.moved_of_step_before());
  emit changed();
}

}  // namespace concertina::ui
