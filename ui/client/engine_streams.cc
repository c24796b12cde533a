// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// engine_streams.cc: what the engine tells by itself: the list of runs, and the stream of the one that is
// watched (see engine_client_impl.h). Streams that break are opened again; the connection's renewal is in
// engine_connection.cc.
#include <QTimer>
#include <memory>
#include <utility>
#include <vector>

#include "core/proto/deadlines.h"
#include "ui/client/engine_client_impl.h"
#include "ui/client/run_state.h"

namespace concertina::ui {

void EngineClient::Impl::connected(const proto::EngineStatus& status) {
  engine = status;
  setState(State::kConnected, QString::fromStdString(status.address()));
  followRuns();
  if (!watched.isEmpty()) openWatch();
}

void EngineClient::Impl::lost(const QString& reason) {
  if (runs_reader) std::exchange(runs_reader, nullptr)->Cancel();
  if (watch_reader) std::exchange(watch_reader, nullptr)->Cancel();
  listing = listed = list_again = false;
  setState(State::kLost, reason);
}

// The stream first and the list once it stands, so that no change falls between the two.
void EngineClient::Impl::followRuns() {
  told_since_open.clear();
  RunsReader::Handlers handlers;
  handlers.opened = [this] {
    if (listing)
      list_again = true;
    else
      listRuns();
  };
  handlers.arrived = [this](std::vector<proto::RunSummary> runs) {
    for (const proto::RunSummary& run : runs) {
      told_since_open.insert(QString::fromStdString(run.run()));
      tell(run);
    }
  };
  // A stream that was given up for a newer one ends too; only the present one's end means a lost engine.
  auto present = std::make_shared<std::weak_ptr<RunsReader>>();
  handlers.ended = [this, present](const grpc::Status& status) {
    if (runs_reader == nullptr || present->lock() != runs_reader) return;
    runs_reader = nullptr;
    connection.lose(status.ok() ? EngineClient::tr("The engine has ended.") : errorText(status));
  };
  const proto::WatchRunsRequest request;
  runs_reader = RunsReader::Start(connection.mailbox(), std::move(handlers),
                                  [this, &request](auto* context, auto* reactor) {
                                    connection.stub()->async()->WatchRuns(context, &request, reactor);
                                  });
  *present = runs_reader;
  // An engine says nothing on this stream until a run changes, unless it sends its metadata at once.
  constexpr int kOpenMs = 150;
  QTimer::singleShot(kOpenMs, &connection, [this, reader = runs_reader] {
    if (reader == runs_reader && !listed) listRuns();
  });
}

void EngineClient::Impl::listRuns() {
  if (listing || state != State::kConnected) return;
  listing = true;
  call<proto::ListRunsRequest, proto::ListRunsReply>(
      &EngineConnection::Async::ListRuns, {}, kSeriesDeadlineSeconds, &client,
      [this](const proto::ListRunsReply& reply, const QString& error) {
        listing = false;
        if (!error.isEmpty()) {
          connection.lose(error);
          return;
        }
        QSet<QString> gone = known;
        for (const proto::RunSummary& run : reply.runs()) {
          const QString id = QString::fromStdString(run.run());
          gone.remove(id);
          if (!told_since_open.contains(id)) tell(run);
        }
        gone.subtract(told_since_open);
        for (const QString& id : std::as_const(gone)) remove(id);
        listed = true;
        if (std::exchange(list_again, false)) listRuns();
        emit client.runsListed();
      });
}

void EngineClient::Impl::tell(const proto::RunSummary& run) {
  const QString id = QString::fromStdString(run.run());
  if (run.state() == proto::RUN_STATE_UNSPECIFIED) {  // the engine's word for "deleted"
    remove(id);
    return;
  }
  known.insert(id);
  emit client.runChanged(run);
  // Its stream ended with the run; resumed from a checkpoint, the run goes on, and so does the watch.
  if (id == watched && watch_reader == nullptr && isActive(run.state()) && state == State::kConnected)
    openWatch();
}

void EngineClient::Impl::remove(const QString& run) {
  if (known.remove(run)) emit client.runRemoved(run);
}

void EngineClient::Impl::openWatch() {
  if (watch_reader) std::exchange(watch_reader, nullptr)->Cancel();
  auto present = std::make_shared<std::weak_ptr<WatchReader>>();
  const auto is_present = [this, present] {
    return watch_reader != nullptr && present->lock() == watch_reader;
  };
  WatchReader::Handlers handlers;
  handlers.arrived = [this, is_present](std::vector<proto::WatchMessage> messages) {
    for (const proto::WatchMessage& message : messages) {
      if (!is_present()) return;  // a receiver has turned to another run
      deliver(message);
    }
  };
  handlers.ended = [this, is_present](const grpc::Status& status) {
    if (!is_present()) return;
    watch_reader = nullptr;
    watchEnded(status);
  };
  proto::WatchRequest request;
  request.set_run(watched.toStdString());
  request.set_metrics(true);
  watch_reader = WatchReader::Start(connection.mailbox(), std::move(handlers),
                                    [this, &request](auto* context, auto* reactor) {
                                      connection.stub()->async()->Watch(context, &request, reactor);
                                    });
  *present = watch_reader;
  emit client.watchOpened(watched);
}

void EngineClient::Impl::deliver(const proto::WatchMessage& message) {
  switch (message.kind_case()) {
    case proto::WatchMessage::kSummary:
      emit client.runChanged(message.summary());
      break;
    case proto::WatchMessage::kMetrics:
      emit client.metricsArrived(watched, message.metrics());
      break;
    case proto::WatchMessage::kEvent:
      emit client.eventArrived(watched, message.event());
      break;
    case proto::WatchMessage::kLog:
      emit client.logArrived(watched, message.log());
      break;
    case proto::WatchMessage::KIND_NOT_SET:
      break;  // a kind of a newer engine
  }
}

// OK: the run has ended. NOT_FOUND: it was deleted. Otherwise the stream broke: with the engine, which the
// other stream notices, or alone, and then it is opened again.
void EngineClient::Impl::watchEnded(const grpc::Status& status) {
  if (status.ok()) return;
  if (status.error_code() == grpc::StatusCode::NOT_FOUND) {
    remove(watched);
    return;
  }
  constexpr int kAgainMs = 500;
  QTimer::singleShot(kAgainMs, &connection, [this, run = watched] {
    if (run == watched && watch_reader == nullptr && state == State::kConnected) openWatch();
  });
}

void EngineClient::listAgain() {
  impl_->told_since_open.clear();
  impl_->listed = false;
  impl_->listRuns();
}

void EngineClient::watch(const QString& run) {
  if (run == impl_->watched && impl_->watch_reader) return;
  unwatch();
  impl_->watched = run;
  if (impl_->state == State::kConnected && !run.isEmpty()) impl_->openWatch();
}

void EngineClient::unwatch() {
  impl_->watched.clear();
  if (impl_->watch_reader) std::exchange(impl_->watch_reader, nullptr)->Cancel();
}

}  // namespace concertina::ui
