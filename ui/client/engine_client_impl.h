// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// engine_client_impl.h: the insides of the engine's client, which stand in two files: engine_streams.cc (what
// the engine tells by itself: the runs, and the one that is watched) and engine_client.cc (what it is asked).
#pragma once

#include <QPointer>
#include <QSet>
#include <list>
#include <memory>
#include <utility>

#include "ui/client/engine_client.h"
#include "ui/client/engine_connection.h"
#include "ui/client/export_writer.h"
#include "ui/client/import_sender.h"
#include "ui/client/stream_reader.h"

namespace concertina::ui {

struct EngineClient::Impl {
  using RunsReader = StreamReader<proto::RunSummary>;
  using WatchReader = StreamReader<proto::WatchMessage>;

  explicit Impl(EngineClient& client) : client(client) {}

  ~Impl() {
    if (runs_reader) runs_reader->Cancel();
    if (watch_reader) watch_reader->Cancel();
  }

  // An answer only for a context that still lives, and never again after the client itself has died.
  template <class Reply, class Deliver>
  auto guarded(QObject* context, Deliver deliver) {
    return [guard = QPointer<QObject>(context), deliver = std::move(deliver)](const Reply& reply,
                                                                              const grpc::Status& status) {
      if (!guard.isNull()) deliver(reply, errorText(status));
    };
  }
  template <class Request, class Reply, class Deliver>
  void call(EngineConnection::Method<Request, Reply> method, Request request, double deadline_seconds,
            QObject* context, Deliver deliver) {
    connection.call<Request, Reply>(method, std::move(request), deadline_seconds,
                                    guarded<Reply>(context, std::move(deliver)));
  }

  void setState(State next, const QString& message) {
    state = next;
    emit client.stateChanged(next, message);
  }
  void connected(const proto::EngineStatus& status);
  void lost(const QString& reason);
  void followRuns();
  void listRuns();
  void tell(const proto::RunSummary& run);
  void remove(const QString& run);
  void openWatch();
  void deliver(const proto::WatchMessage& message);
  void watchEnded(const grpc::Status& status);

  EngineClient& client;
  EngineConnection connection;
  State state = State::kConnecting;
  proto::EngineStatus engine;

  std::shared_ptr<RunsReader> runs_reader;
  QSet<QString> known;            // runs that were told
  QSet<QString> told_since_open;  // by the stream; a list answered later may be older than these
  bool listing = false, listed = false;
  bool list_again = false;  // the list that is under way may be older than the stream

  QString watched;
  std::shared_ptr<WatchReader> watch_reader;
  QString asked_address;  // given at the start; "": that of the home
  std::list<std::unique_ptr<ExportWriter>> exports;
  std::list<std::unique_ptr<ImportSender>> imports;
};

}  // namespace concertina::ui
