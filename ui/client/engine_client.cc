// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// engine_client.cc: see engine_client.h. Calls here, the connection and its renewal in engine_connection.cc,
// the crossing between threads in mailbox.h and stream_reader.h.
#include "ui/client/engine_client.h"

#include <QJsonDocument>
#include <QPointer>
#include <QSet>
#include <list>

#include "core/proto/deadlines.h"
#include "ui/client/engine_connection.h"
#include "ui/client/export_writer.h"
#include "ui/client/import_sender.h"
#include "ui/client/run_state.h"

namespace concertina::ui {
namespace {

using Async = proto::Engine::StubInterface::async_interface;

QVector<SpecFault> toFaults(const google::protobuf::RepeatedPtrField<proto::SpecFault>& faults) {
  QVector<SpecFault> result;
  result.reserve(faults.size());
  for (const proto::SpecFault& fault : faults) {
    result.push_back({QString::fromStdString(fault.pointer()), QString::fromStdString(fault.found()),
                      QString::fromStdString(fault.expected()), QString::fromStdString(fault.suggestion()),
                      QString::fromStdString(fault.message())});
  }
  return result;
}

template <class Message>
QVector<Message> toVector(const google::protobuf::RepeatedPtrField<Message>& messages) {
  return QVector<Message>(messages.begin(), messages.end());
}

QVector<double> toVector(const google::protobuf::RepeatedField<double>& values) {
  return QVector<double>(values.begin(), values.end());
}

// A reply that should hold a JSON object. The engine's own mistakes are told like its refusals.
QJsonObject toObject(const std::string& json, QString& error) {
  QJsonParseError fault;
  const QJsonDocument document = QJsonDocument::fromJson(QByteArray::fromStdString(json), &fault);
  if (error.isEmpty() && !document.isObject())
    error = EngineClient::tr("The engine's answer is not a JSON object (%1).").arg(fault.errorString());
  return document.object();
}

proto::RunRequest runRequest(const QString& run) {
  proto::RunRequest request;
  request.set_run(run.toStdString());
  return request;
}

proto::SpecRequest specRequest(const QString& spec) {
  proto::SpecRequest request;
  request.set_spec_json(spec.toStdString());
  return request;
}

// Ends a call as long as it is under way.
std::function<void()> cancelOf(const std::weak_ptr<grpc::ClientContext>& call) {
  return [call] {
    if (const std::shared_ptr<grpc::ClientContext> running = call.lock()) running->TryCancel();
  };
}

bool isUnanswered(const grpc::Status& status) {
  switch (status.error_code()) {
    case grpc::StatusCode::UNAVAILABLE:
    case grpc::StatusCode::DEADLINE_EXCEEDED:
    case grpc::StatusCode::CANCELLED:
    case grpc::StatusCode::ABORTED:  // it waited for a connection that did not come
      return true;
    default:
      return false;
  }
}

}  // namespace

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
      &Async::ListRuns, {}, kSeriesDeadlineSeconds, &client,
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

EngineClient::EngineClient(QObject* parent) : QObject(parent), impl_(std::make_unique<Impl>(*this)) {
  connect(&impl_->connection, &EngineConnection::connectedTo, this,
          [this](const proto::EngineStatus& engine) { impl_->connected(engine); });
  connect(&impl_->connection, &EngineConnection::lost, this,
          [this](const QString& reason) { impl_->lost(reason); });
}

EngineClient::~EngineClient() = default;

void EngineClient::start(const QString& home, const QString& address) {
  impl_->setState(State::kConnecting, {});
  impl_->asked_address = address;
  impl_->connection.open(home, address);
}

EngineClient::State EngineClient::state() const { return impl_->state; }
proto::EngineStatus EngineClient::engine() const { return impl_->engine; }
// An engine elsewhere names its own socket, which is not here.
QString EngineClient::address() const {
  return impl_->asked_address.isEmpty() ? QString::fromStdString(impl_->engine.address())
                                        : impl_->asked_address;
}
bool EngineClient::listed() const { return impl_->listed; }

void EngineClient::listAgain() {
  impl_->told_since_open.clear();
  impl_->listed = false;
  impl_->listRuns();
}

void EngineClient::describe(QObject* context, Answer<QJsonObject> answer) {
  impl_->call<proto::DescribeRequest, proto::DescribeReply>(
      &Async::Describe, {}, kControlDeadlineSeconds, context,
      [answer = std::move(answer)](const proto::DescribeReply& reply, QString error) {
        const QJsonObject object = toObject(reply.json(), error);
        answer(object, error);
      });
}

void EngineClient::validate(QObject* context, const QString& spec, Answer<QVector<SpecFault>> answer) {
  impl_->call<proto::SpecRequest, proto::ValidateReply>(
      &Async::Validate, specRequest(spec), kSpecDeadlineSeconds, context,
      [answer = std::move(answer)](const proto::ValidateReply& reply, const QString& error) {
        answer(toFaults(reply.faults()), error);
      });
}

void EngineClient::checkedSpec(QObject* context, const QString& spec, Answer<QString> answer) {
  impl_->call<proto::SpecRequest, proto::ValidateReply>(
      &Async::Validate, specRequest(spec), kSpecDeadlineSeconds, context,
      [answer = std::move(answer)](const proto::ValidateReply& reply, const QString& error) {
        const QString fault =
            reply.faults().empty() ? QString() : QString::fromStdString(reply.faults(0).message());
        answer(QString::fromStdString(reply.spec_json()), error.isEmpty() ? fault : error);
      });
}

void EngineClient::plan(
    QObject* context, const QString& spec,
    std::function<void(const QJsonObject&, const QVector<SpecFault>&, const QString&)> answer) {
  impl_->call<proto::SpecRequest, proto::PlanReply>(
      &Async::MakePlan, specRequest(spec), kSpecDeadlineSeconds, context,
      [answer = std::move(answer)](const proto::PlanReply& reply, QString error) {
        QJsonObject plan;
        if (reply.faults().empty()) plan = toObject(reply.json(), error);
        answer(plan, toFaults(reply.faults()), error);
      });
}

void EngineClient::samples(QObject* context, const proto::GetSamplesRequest& request,
                           Answer<proto::GetSamplesReply> answer) {
  impl_->call<proto::GetSamplesRequest, proto::GetSamplesReply>(
      &Async::GetSamples, request, kSpecDeadlineSeconds, context, std::move(answer));
}

void EngineClient::expandSweep(QObject* context, const QString& sweep, int max_points,
                               Answer<proto::ExpandSweepReply> answer) {
  proto::ExpandSweepRequest request;
  request.set_sweep_json(sweep.toStdString());
  request.set_max_points(max_points);
  impl_->call<proto::ExpandSweepRequest, proto::ExpandSweepReply>(
      &Async::ExpandSweep, request, kSpecDeadlineSeconds, context, std::move(answer));
}

void EngineClient::submit(
    QObject* context, const QString& spec,
    std::function<void(const QString&, const QVector<SpecFault>&, const QString&)> answer) {
  proto::SubmitRequest request;
  request.set_spec_json(spec.toStdString());
  impl_->call<proto::SubmitRequest, proto::SubmitReply>(
      &Async::Submit, request, kSpecDeadlineSeconds, context,
      [answer = std::move(answer)](const proto::SubmitReply& reply, const QString& error) {
        answer(QString::fromStdString(reply.run()), toFaults(reply.faults()), error);
      });
}

void EngineClient::control(QObject* context, const QString& run, proto::ControlRunRequest::Action action,
                           Answer<int> answer) {
  proto::ControlRunRequest request;
  request.set_run(run.toStdString());
  request.set_action(action);
  impl_->call<proto::ControlRunRequest, proto::ControlRunReply>(
      &Async::ControlRun, request, kControlDeadlineSeconds, context,
      [answer = std::move(answer)](const proto::ControlRunReply& reply, const QString& error) {
        answer(static_cast<int>(reply.state()), error);
      });
}

void EngineClient::setKnob(QObject* context, const QString& run, const QString& pointer, const QString& json,
                           Answer<qint64> answer) {
  proto::SetKnobRequest request;
  request.set_run(run.toStdString());
  request.set_pointer(pointer.toStdString());
  request.set_json(json.toStdString());
  impl_->call<proto::SetKnobRequest, proto::SetKnobReply>(
      &Async::SetKnob, request, kControlDeadlineSeconds, context,
      [answer = std::move(answer)](const proto::SetKnobReply& reply, const QString& error) {
        answer(reply.step(), error);
      });
}

void EngineClient::changeWorkers(QObject* context, const QString& run, int change, Answer<int> answer) {
  proto::ChangeWorkersRequest request;
  request.set_run(run.toStdString());
  request.set_change(change);
  impl_->call<proto::ChangeWorkersRequest, proto::ChangeWorkersReply>(
      &Async::ChangeWorkers, request, kControlDeadlineSeconds, context,
      [answer = std::move(answer)](const proto::ChangeWorkersReply& reply, const QString& error) {
        answer(reply.workers(), error);
      });
}

void EngineClient::recordSpans(QObject* context, const QString& run, int steps, Answer<qint64> answer) {
  proto::ControlRunRequest request;
  request.set_run(run.toStdString());
  request.set_action(proto::ControlRunRequest::SPANS);
  request.set_steps(steps);
  impl_->call<proto::ControlRunRequest, proto::ControlRunReply>(
      &Async::ControlRun, request, kControlDeadlineSeconds, context,
      [answer = std::move(answer)](const proto::ControlRunReply& reply, const QString& error) {
        answer(reply.recording(), error);
      });
}

void EngineClient::timeline(QObject* context, const proto::GetTimelineRequest& request,
                            Answer<proto::GetTimelineReply> answer) {
  impl_->call<proto::GetTimelineRequest, proto::GetTimelineReply>(
      &Async::GetTimeline, request, kSeriesDeadlineSeconds, context,
      [answer = std::move(answer)](const proto::GetTimelineReply& reply, const QString& error) {
        answer(reply, error);
      });
}

void EngineClient::slowMotion(QObject* context, const proto::SlowMotionRequest& request,
                              Answer<proto::SlowMotionReply> answer) {
  impl_->call<proto::SlowMotionRequest, proto::SlowMotionReply>(
      &Async::SlowMotion, request, kControlDeadlineSeconds, context,
      [answer = std::move(answer)](const proto::SlowMotionReply& reply, const QString& error) {
        answer(reply, error);
      });
}

void EngineClient::fork(
    QObject* context, const proto::ForkRequest& request,
    std::function<void(const QString&, const QVector<SpecFault>&, const QString&)> answer) {
  impl_->call<proto::ForkRequest, proto::SubmitReply>(
      &Async::Fork, request, kForkDeadlineSeconds, context,
      [answer = std::move(answer)](const proto::SubmitReply& reply, const QString& error) {
        answer(QString::fromStdString(reply.run()), toFaults(reply.faults()), error);
      });
}

void EngineClient::startLines(QObject* context, const QString& run,
                              Answer<QVector<proto::StartLine>> answer) {
  impl_->call<proto::RunRequest, proto::StartLinesReply>(
      &Async::StartLines, runRequest(run), kControlDeadlineSeconds, context,
      [answer = std::move(answer)](const proto::StartLinesReply& reply, const QString& error) {
        answer(toVector(reply.lines()), error);
      });
}

void EngineClient::deleteRun(QObject* context, const QString& run, Answer<int> answer) {
  // Two receivers: the caller, if it still lives, and the table of runs in any case.
  impl_->call<proto::RunRequest, proto::DeleteRunReply>(
      &Async::DeleteRun, runRequest(run), kControlDeadlineSeconds, this,
      [this, run, guard = QPointer<QObject>(context), answer = std::move(answer)](
          const proto::DeleteRunReply&, const QString& error) {
        if (error.isEmpty()) impl_->remove(run);
        if (!guard.isNull()) answer(0, error);
      });
}

void EngineClient::restoreRun(QObject* context, const QString& run, Answer<int> answer) {
  impl_->call<proto::RunRequest, proto::RestoreRunReply>(
      &Async::RestoreRun, runRequest(run), kControlDeadlineSeconds, context,
      [answer = std::move(answer)](const proto::RestoreRunReply&, const QString& error) {
        answer(0, error);
      });
}

void EngineClient::listBin(QObject* context, Answer<QVector<proto::RunSummary>> answer) {
  proto::ListRunsRequest request;
  request.set_bin(true);
  impl_->call<proto::ListRunsRequest, proto::ListRunsReply>(
      &Async::ListRuns, request, kSeriesDeadlineSeconds, context,
      [answer = std::move(answer)](const proto::ListRunsReply& reply, const QString& error) {
        answer(toVector(reply.runs()), error);
      });
}

void EngineClient::emptyBin(QObject* context, const QStringList& runs, Answer<qint64> answer) {
  proto::EmptyBinRequest request;
  for (const QString& run : runs) request.add_runs(run.toStdString());
  impl_->call<proto::EmptyBinRequest, proto::EmptyBinReply>(
      &Async::EmptyBin, request, kExportDeadlineSeconds, context,
      [answer = std::move(answer)](const proto::EmptyBinReply& reply, const QString& error) {
        answer(static_cast<qint64>(reply.runs()), error);
      });
}

void EngineClient::markRuns(QObject* context, const proto::MarkRunsRequest& request, Answer<int> answer) {
  impl_->call<proto::MarkRunsRequest, proto::MarkRunsReply>(
      &Async::MarkRuns, request, kControlDeadlineSeconds, context,
      [answer = std::move(answer)](const proto::MarkRunsReply&, const QString& error) { answer(0, error); });
}

void EngineClient::sparklines(QObject* context, const proto::SparklinesRequest& request,
                              Answer<QVector<proto::Sparkline>> answer) {
  impl_->call<proto::SparklinesRequest, proto::SparklinesReply>(
      &Async::GetSparklines, request, kSeriesDeadlineSeconds, context,
      [answer = std::move(answer)](const proto::SparklinesReply& reply, const QString& error) {
        answer(toVector(reply.sparklines()), error);
      });
}

void EngineClient::importRun(QObject* context, const QString& path, Answer<QString> answer) {
  if (impl_->state != State::kConnected) {
    answer({}, tr("The engine is not connected; nothing was imported."));
    return;
  }
  auto& imports = impl_->imports;
  imports.push_front(nullptr);
  const auto place = imports.begin();
  *place =
      std::make_unique<ImportSender>(impl_->connection.mailbox(), *impl_->connection.stub(), path,
                                     [this, place, guard = QPointer<QObject>(context),
                                      answer = std::move(answer)](const QString& run, const QString& error) {
                                       impl_->imports.erase(place);
                                       if (!guard.isNull()) answer(run, error);
                                     });
}

std::function<void()> EngineClient::series(QObject* context, const proto::GetSeriesRequest& request,
                                           Answer<SeriesData> answer) {
  return cancelOf(impl_->connection.call<proto::GetSeriesRequest, proto::GetSeriesReply>(
      &Async::GetSeries, request, kSeriesDeadlineSeconds,
      [guard = QPointer<QObject>(context), answer = std::move(answer)](const proto::GetSeriesReply& reply,
                                                                       const grpc::Status& status) {
        if (guard.isNull()) return;
        answer({toVector(reply.x()), toVector(reply.mean()), toVector(reply.min()), toVector(reply.max()),
                static_cast<qint64>(reply.total_points()), QString::fromStdString(reply.unit()),
                status.error_code() == grpc::StatusCode::NOT_FOUND, isUnanswered(status),
                QVector<double>(reply.counts().begin(), reply.counts().end()), toVector(reply.seconds())},
               errorText(status));
      }));
}

void EngineClient::listSeries(QObject* context, const QString& run,
                              Answer<QVector<proto::SeriesInfo>> answer) {
  proto::ListSeriesRequest request;
  request.set_run(run.toStdString());
  impl_->call<proto::ListSeriesRequest, proto::ListSeriesReply>(
      &Async::ListSeries, request, kSeriesDeadlineSeconds, context,
      [answer = std::move(answer)](const proto::ListSeriesReply& reply, const QString& error) {
        answer(toVector(reply.series()), error);
      });
}

void EngineClient::events(QObject* context, const QString& run, Answer<QVector<proto::RunEvent>> answer) {
  impl_->call<proto::RunRequest, proto::ListEventsReply>(
      &Async::ListEvents, runRequest(run), kSeriesDeadlineSeconds, context,
      [answer = std::move(answer)](const proto::ListEventsReply& reply, const QString& error) {
        answer(toVector(reply.events()), error);
      });
}

void EngineClient::log(QObject* context, const QString& run, int rank,
                       Answer<QVector<proto::RankLog>> answer) {
  proto::GetLogRequest request;
  request.set_run(run.toStdString());
  request.set_rank(rank);
  impl_->call<proto::GetLogRequest, proto::GetLogReply>(
      &Async::GetLog, request, kSeriesDeadlineSeconds, context,
      [answer = std::move(answer)](const proto::GetLogReply& reply, const QString& error) {
        answer(toVector(reply.lines()), error);
      });
}

void EngineClient::recipeStep(QObject* context, const QString& run, int index, Answer<std::string> answer) {
  proto::GetRecipeStepRequest request;
  request.set_run(run.toStdString());
  request.set_index(index);
  impl_->call<proto::GetRecipeStepRequest, proto::GetRecipeStepReply>(
      &Async::GetRecipeStep, request, kSeriesDeadlineSeconds, context,
      [answer = std::move(answer)](const proto::GetRecipeStepReply& reply, const QString& error) {
        answer(reply.json(), error);
      });
}

std::function<void()> EngineClient::measureOnDevice(QObject* context,
                                                    const proto::MeasureOnDeviceRequest& request,
                                                    Answer<proto::MeasureOnDeviceReply> answer) {
  return cancelOf(impl_->connection.call<proto::MeasureOnDeviceRequest, proto::MeasureOnDeviceReply>(
      &Async::MeasureOnDevice, request, kDeviceDeadlineSeconds,
      impl_->guarded<proto::MeasureOnDeviceReply>(context, std::move(answer))));
}

std::function<void()> EngineClient::exportRun(QObject* context, const QString& run, const QString& format,
                                              const QString& outPath, Answer<QString> answer) {
  if (impl_->state != State::kConnected) {
    answer({}, tr("The engine is not connected; nothing was exported."));
    return [] {};
  }
  proto::ExportRequest request;
  request.set_run(run.toStdString());
  request.set_format(format.toStdString());
  auto& exports = impl_->exports;
  exports.push_front(nullptr);
  const auto place = exports.begin();
  *place =
      std::make_unique<ExportWriter>(impl_->connection.mailbox(), *impl_->connection.stub(), request, outPath,
                                     [this, place, guard = QPointer<QObject>(context),
                                      answer = std::move(answer)](const QString& path, const QString& error) {
                                       impl_->exports.erase(place);
                                       if (!guard.isNull()) answer(path, error);
                                     });
  return cancelOf((*place)->call());
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
