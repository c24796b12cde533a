// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// engine_connection.h: one engine, found or started, and found again when it was lost. Calls and streams of
// client/engine_client.h go through here; nothing here ever makes the Qt thread wait.
// On the way of the data: engine/ services -> here -> client/engine_client.h.
#pragma once

#include <QObject>
#include <QPointer>
#include <QString>
#include <QTimer>
#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <thread>
#include <utility>
#include <vector>

#include "core/proto/deadlines.h"
#include "core/proto/engine.grpc.pb.h"
#include "ui/client/mailbox.h"
#include "ui/client/stream_reader.h"

namespace concertina::ui {

// What a person reads of a call that failed: the engine's own words, or what the missing answer means.
QString errorText(const grpc::Status& status);

// Pauses between attempts to reach an engine, in ms: 100, 200, 400, … and never more than 5,000.
int reconnectPauseMs(int failures);

class EngineConnection : public QObject {
  Q_OBJECT
 public:
  explicit EngineConnection(QObject* parent = nullptr);
  ~EngineConnection() override;

  // Keeps connected to the engine of `home`, starting one when none runs, or to `address` when that is given.
  void open(const QString& home, const QString& address);
  bool connected() const { return connected_; }
  proto::Engine::Stub* stub() const { return stub_.get(); }
  const std::shared_ptr<Mailbox>& mailbox() const { return mailbox_; }

  using Async = proto::Engine::StubInterface::async_interface;
  template <class Request, class Reply>
  using Method = void (Async::*)(grpc::ClientContext*, const Request*, Reply*,
                                 std::function<void(grpc::Status)>);
  // One unary call. A call made while no engine is connected waits for one, for as long as its deadline
  // allows. `answered` runs on the Qt thread, once, and not at all after this object has died. The context
  // that comes back can cancel it as long as it is under way.
  template <class Request, class Reply>
  std::weak_ptr<grpc::ClientContext> call(Method<Request, Reply> method, Request request,
                                          double deadline_seconds,
                                          std::function<void(const Reply&, const grpc::Status&)> answered) {
    auto exchange = std::make_shared<Exchange<Request, Reply>>();
    exchange->request = std::move(request);
    exchange->answered = std::move(answered);
    exchange->context.set_deadline(WallDeadline(deadline_seconds));
    whenConnected(
        deadline_seconds, [this, method, exchange] { send(method, exchange); },
        [exchange](const grpc::Status& status) { exchange->answered(exchange->reply, status); });
    return std::shared_ptr<grpc::ClientContext>(exchange, &exchange->context);
  }

 signals:
  void connectedTo(const concertina::proto::EngineStatus& engine);
  void lost(const QString& reason);  // also after each attempt that failed; the next follows by itself

 public slots:
  // A stream of this connection ended although the engine should have kept it: find the engine again.
  void lose(const QString& reason);

 private:
  template <class Request, class Reply>
  struct Exchange {
    Request request;
    Reply reply;
    grpc::ClientContext context;
    std::function<void(const Reply&, const grpc::Status&)> answered;
  };
  struct Waiting {
    std::chrono::steady_clock::time_point until;
    std::function<void()> send;
    std::function<void(const grpc::Status&)> refuse;
  };

  template <class Request, class Reply>
  void send(Method<Request, Reply> method, const std::shared_ptr<Exchange<Request, Reply>>& exchange) {
    const qint64 number = ++last_call_;
    calls_.emplace(number, std::shared_ptr<grpc::ClientContext>(exchange, &exchange->context));
    // gRPC's thread hands the exchange on and forgets it; the reply is read on the Qt thread alone.
    auto done = [this, number, exchange, mailbox = mailbox_](const grpc::Status& status) {
      mailbox->Post([this, number, exchange, status] {
        calls_.erase(number);
        exchange->answered(exchange->reply, status);
      });
    };
    (stub_->async()->*method)(&exchange->context, &exchange->request, &exchange->reply, std::move(done));
  }
  void whenConnected(double deadline_seconds, std::function<void()> send,
                     std::function<void(const grpc::Status&)> refuse);
  void attempt();
  void openChannel(const std::string& address);
  void greeted(const proto::EngineStatus& engine, const grpc::Status& status);
  void attemptFailed(const QString& reason);
  void heartbeat();
  void refuseExpired();

  const std::shared_ptr<Mailbox> mailbox_;
  QString home_, address_;
  std::unique_ptr<proto::Engine::Stub> stub_;
  std::thread starter_;  // looks for the engine and starts it: seconds, so not on the Qt thread
  bool connected_ = false;
  int failures_ = 0;
  QString last_reason_;
  qint64 last_call_ = 0;
  std::map<qint64, std::shared_ptr<grpc::ClientContext>> calls_;  // under way
  std::vector<Waiting> waiting_;                                  // until there is an engine
  QTimer retry_, heartbeat_, expiry_;
};

}  // namespace concertina::ui
