// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// engine_connection.cc: see engine_connection.h.
#include "ui/client/engine_connection.h"

#include <algorithm>

#include "core/proto/deadlines.h"
#include "core/proto/engine_channel.h"
#include "core/proto/engine_launch.h"
#include "grpcpp/support/channel_arguments.h"
#include "ui/client/core_words.h"

namespace concertina::ui {
namespace {

constexpr double kStartDeadlineSeconds = 10;  // a cold disk and a migration of the database included
constexpr int kLongestPauseMs = 5000;

// Each attempt gets a channel, and with the local pool a connection, of its own: gRPC's shared ones would
// keep to their own growing pauses after ours have passed. A run table of 10^5 summaries is longer than
// gRPC's 4 MiB.
absl::StatusOr<std::shared_ptr<grpc::Channel>> newChannel(const std::string& address) {
  grpc::ChannelArguments arguments;
  arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
  arguments.SetInt(GRPC_ARG_INITIAL_RECONNECT_BACKOFF_MS, 100);
  arguments.SetInt(GRPC_ARG_MAX_RECONNECT_BACKOFF_MS, kLongestPauseMs);
  arguments.SetMaxReceiveMessageSize(-1);
  return OpenEngineChannel(address, KitFolder(""), arguments);
}

// One channel, the newest, outlives everything. A stream or a call may end after its client, on gRPC's
// callback thread, and take the last reference to its channel along; gRPC 1.51 then ends that thread from
// within itself and aborts
// ("assertion failed: prior > 0"), unless another channel still uses it. Only after the newest has begun a
// call does it.
void keep(const std::shared_ptr<grpc::Channel>& channel) {
  static auto* const newest = new std::shared_ptr<grpc::Channel>;
  *newest = channel;
}

}  // namespace

int reconnectPauseMs(int failures) {
  return std::min(kLongestPauseMs, 100 << std::clamp(failures - 1, 0, 10));
}

QString errorText(const grpc::Status& status) {
  switch (status.error_code()) {
    case grpc::StatusCode::OK:
      return {};
    case grpc::StatusCode::DEADLINE_EXCEEDED:
      return EngineConnection::tr(
          "The engine did not answer in time. It may be busy; try again in a moment.");
    case grpc::StatusCode::UNAVAILABLE:
      return EngineConnection::tr("The engine cannot be reached (%1). Trying again by itself.")
          .arg(coreText(status.error_message()));
    case grpc::StatusCode::UNIMPLEMENTED:
      return EngineConnection::tr("The engine is of another version and does not know this request.");
    default:
      break;
  }
  const QString message = coreText(status.error_message());
  return message.isEmpty() ? EngineConnection::tr("The engine refused (code %1).").arg(status.error_code())
                           : message;
}

EngineConnection::EngineConnection(QObject* parent)
    : QObject(parent), mailbox_(std::make_shared<Mailbox>(this)) {
  retry_.setSingleShot(true);
  connect(&retry_, &QTimer::timeout, this, &EngineConnection::attempt);
  heartbeat_.setInterval(static_cast<int>(kSilenceSeconds * 1000));
  connect(&heartbeat_, &QTimer::timeout, this, &EngineConnection::heartbeat);
  expiry_.setInterval(100);
  connect(&expiry_, &QTimer::timeout, this, &EngineConnection::refuseExpired);
}

EngineConnection::~EngineConnection() {
  mailbox_->Close();
  for (const auto& [number, context] : calls_) context->TryCancel();
  if (starter_.joinable())
    starter_.join();  // at most kStartDeadlineSeconds, and only before the first connection
}

void EngineConnection::open(const QString& home, const QString& address) {
  home_ = home;
  address_ = address;
  attempt();
}

void EngineConnection::attempt() {
  if (!address_.isEmpty()) {
    openChannel(address_.toStdString());
    return;
  }
  if (starter_.joinable()) starter_.join();  // it posted its answer as its last act
  starter_ = std::thread([this, mailbox = mailbox_, home = home_.toStdString()] {
    auto address = FindOrStartEngine(home, Deadline::After(kStartDeadlineSeconds));
    mailbox->Post([this, address = std::move(address)] {
      if (address.ok())
        openChannel(*address);
      else
        attemptFailed(QString::fromStdString(std::string(address.status().message())));
    });
  });
}

void EngineConnection::openChannel(const std::string& address) {
  const absl::StatusOr<std::shared_ptr<grpc::Channel>> opened = newChannel(address);
  if (!opened.ok()) {  // no kit, or not a whole one: tried again all the same, since it may be put there
    attemptFailed(QString::fromStdString(std::string(opened.status().message())));
    return;
  }
  const std::shared_ptr<grpc::Channel>& channel = *opened;
  stub_ = proto::Engine::NewStub(channel);
  auto exchange = std::make_shared<Exchange<proto::StatusRequest, proto::EngineStatus>>();
  exchange->context.set_deadline(WallDeadline(kControlDeadlineSeconds));
  exchange->answered = [this](const proto::EngineStatus& engine, const grpc::Status& status) {
    greeted(engine, status);
  };
  send(&proto::Engine::StubInterface::async_interface::Status, exchange);
  keep(channel);
}

void EngineConnection::greeted(const proto::EngineStatus& engine, const grpc::Status& status) {
  if (!status.ok()) {
    attemptFailed(errorText(status));
    return;
  }
  connected_ = true;
  failures_ = 0;
  heartbeat_.start();
  expiry_.stop();
  std::vector<Waiting> waiting;
  waiting.swap(waiting_);
  for (const Waiting& call : waiting) call.send();
  emit connectedTo(engine);
}

void EngineConnection::attemptFailed(const QString& reason) {
  connected_ = false;
  heartbeat_.stop();
  last_reason_ = reason;
  retry_.start(reconnectPauseMs(++failures_));
  emit lost(reason);
}

void EngineConnection::lose(const QString& reason) {
  if (!connected_) return;  // told already, by another stream or by the heartbeat
  attemptFailed(reason);
}

// A socket whose engine has died says so at once; an engine that hangs says nothing. This asks.
void EngineConnection::heartbeat() {
  call<proto::StatusRequest, proto::EngineStatus>(
      &proto::Engine::StubInterface::async_interface::Status, {}, kControlDeadlineSeconds,
      [this](const proto::EngineStatus&, const grpc::Status& status) {
        if (!status.ok()) lose(errorText(status));
      });
}

void EngineConnection::whenConnected(double deadline_seconds, std::function<void()> send,
                                     std::function<void(const grpc::Status&)> refuse) {
  if (connected_) {
    send();
    return;
  }
  const auto until = std::chrono::steady_clock::now() +
                     std::chrono::milliseconds(static_cast<int64_t>(deadline_seconds * 1000));
  waiting_.push_back({until, std::move(send), std::move(refuse)});
  expiry_.start();
}

void EngineConnection::refuseExpired() {
  const auto now = std::chrono::steady_clock::now();
  std::vector<Waiting> expired;
  std::erase_if(waiting_, [&](Waiting& call) {
    if (call.until > now) return false;
    expired.push_back(std::move(call));
    return true;
  });
  if (waiting_.empty()) expiry_.stop();
  const QString reason =
      last_reason_.isEmpty() ? tr("The engine is still starting; try again in a moment.") : last_reason_;
  const grpc::Status status(grpc::StatusCode::ABORTED, reason.toStdString());
  for (const Waiting& call : expired) call.refuse(status);
}

}  // namespace concertina::ui
