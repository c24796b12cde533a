// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// timeline_feed.cc: see timeline_feed.h.
#include "ui/client/timeline_feed.h"

#include <QThreadPool>
#include <algorithm>

#include "nlohmann/json.hpp"

namespace concertina::ui {

TimelineFeed::TimelineFeed(EngineClient& client, QObject* parent)
    : QObject(parent), client_(client), mailbox_(std::make_shared<Mailbox>(this)) {}

TimelineFeed::~TimelineFeed() { mailbox_->Close(); }

void TimelineFeed::setRun(const proto::RunSummary& run) {
  const bool other = run.run() != run_.run(), other_state = run.state() != run_.state(),
             other_spec = run.spec_json() != run_.spec_json();
  run_ = run;
  if (other_spec) pipeline_ = PipelineShapeOf(Json::parse(run.spec_json(), nullptr, false));
  const bool has_ended =
      run.state() == proto::FINISHED || run.state() == proto::FAILED || run.state() == proto::STOPPED;
  if (other) {
    ++generation_;
    wanted_ = asked_recording_ = 0;
    recordings_.clear();
    timeline_ = std::make_shared<Timeline>();
    replay_ = std::make_shared<MessageReplay>();
    stale_ = !run.run().empty();
  } else if (other_state && has_ended && asked_recording_ != 0) {
    recorded();  // what came of it
    return;
  }
  if (other || other_state || other_spec) emit changed();
  if (active_ && stale_) list();
}

void TimelineFeed::setActive(bool active) {
  active_ = active;
  if (active_ && stale_) list();
}

void TimelineFeed::record(int steps) {
  asked_recording_ = -1;  // its number is not known yet
  emit changed();
  client_.recordSpans(this, QString::fromStdString(run_.run()), steps,
                      [this, of = run_.run()](qint64 recording, const QString& error) {
                        if (of != run_.run()) return;
                        if (asked_recording_ != 0) asked_recording_ = error.isEmpty() ? recording : 0;
                        if (!error.isEmpty()) emit failed(error);
                        emit changed();
                      });
}

void TimelineFeed::recorded() {
  asked_recording_ = 0;
  wanted_ = 0;
  stale_ = true;
  emit changed();
  if (active_) list();
}

void TimelineFeed::show(qint64 recording) {
  if (recording == wanted_ && !stale_) return;
  wanted_ = recording;
  stale_ = true;
  if (active_) list();
}

void TimelineFeed::list() {
  if (run_.run().empty()) return;
  stale_ = false;
  proto::GetTimelineRequest request;
  request.set_run(run_.run());
  request.set_rank(-1);
  client_.timeline(this, request,
                   [this, asked = ++generation_](const proto::GetTimelineReply& reply, const QString& error) {
                     if (asked != generation_) return;
                     if (!error.isEmpty()) return emit failed(error);
                     recordings_.clear();
                     const proto::TimelineRecording* wanted = nullptr;
                     for (const proto::TimelineRecording& each : reply.recordings()) {
                       recordings_ << each.recording();
                       if (wanted == nullptr || each.recording() == wanted_) wanted = &each;
                     }
                     emit changed();
                     if (wanted != nullptr && wanted->recording() != timeline_->recording)
                       fetch(wanted->recording(), {wanted->ranks().begin(), wanted->ranks().end()});
                   });
}

void TimelineFeed::fetch(qint64 recording, const std::vector<int>& ranks) {
  packed_.clear();
  pending_ = static_cast<int>(ranks.size());
  for (const int rank : ranks) {
    proto::GetTimelineRequest request;
    request.set_run(run_.run());
    request.set_recording(recording);
    request.set_rank(rank);
    client_.timeline(
        this, request,
        [this, asked = generation_, rank](const proto::GetTimelineReply& reply, const QString& error) {
          if (asked != generation_) return;
          if (error.isEmpty())
            packed_.emplace_back(rank, reply.packed());
          else
            emit failed(error);
          if (--pending_ == 0) assemble();
        });
  }
}

void TimelineFeed::assemble() {
  std::vector<std::string> hosts;
  for (const proto::Worker& worker : run_.workers()) hosts.push_back(worker.host());
  QThreadPool::globalInstance()->start(
      [this, mailbox = mailbox_, packed = std::move(packed_), hosts, asked = generation_] {
        std::vector<RankSpans> ranks;
        QString error;
        for (const auto& [rank, bytes] : packed) {
          absl::StatusOr<RankSpans> spans = UnpackSpans(bytes);
          if (!spans.ok()) {
            error = QString::fromStdString(std::string(spans.status().message()));
            continue;
          }
          if (rank >= 0 && static_cast<size_t>(rank) < hosts.size())
            spans->host = hosts[static_cast<size_t>(rank)];
          ranks.push_back(*std::move(spans));
        }
        auto replay = std::make_shared<const MessageReplay>(MakeReplay(ranks));
        auto made = std::make_shared<const Timeline>(MakeTimeline(std::move(ranks)));
        mailbox->Post([this, asked, made, replay, error] {
          if (asked != generation_) return;
          timeline_ = made;
          replay_ = replay;
          if (!error.isEmpty()) emit failed(error);
          emit changed();
        });
      });
  packed_.clear();
}

}  // namespace concertina::ui
