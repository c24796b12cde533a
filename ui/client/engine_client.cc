// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// engine_client.cc: what the engine is asked (see engine_client.h). What it tells by itself is in
// engine_streams.cc, the connection and its renewal in engine_connection.cc, the crossing between threads in
// mailbox.h and stream_reader.h.
#include "ui/client/engine_client.h"

#include <QJsonDocument>
#include <memory>
#include <utility>

#include "core/proto/deadlines.h"
#include "ui/client/core_words.h"
#include "ui/client/engine_client_impl.h"

namespace concertina::ui {
namespace {

using Async = EngineConnection::Async;

QVector<SpecFault> toFaults(const google::protobuf::RepeatedPtrField<proto::SpecFault>& faults) {
  QVector<SpecFault> result;
  result.reserve(faults.size());
  for (const proto::SpecFault& fault : faults) {
    result.push_back({QString::fromStdString(fault.pointer()),
                      corePhrase(QString::fromStdString(fault.found())),
                      corePhrase(QString::fromStdString(fault.expected())),
                      QString::fromStdString(fault.suggestion()), coreText(fault.message())});
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
        const QString fault = reply.faults().empty() ? QString() : coreText(reply.faults(0).message());
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

void EngineClient::harmWorker(QObject* context, const proto::HarmWorkerRequest& request,
                              Answer<proto::HarmWorkerReply> answer) {
  impl_->call<proto::HarmWorkerRequest, proto::HarmWorkerReply>(
      &Async::HarmWorker, request, kControlDeadlineSeconds, context, std::move(answer));
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
      &Async::GetTimeline, request, kSeriesDeadlineSeconds, context, std::move(answer));
}

void EngineClient::slowMotion(QObject* context, const proto::SlowMotionRequest& request,
                              Answer<proto::SlowMotionReply> answer) {
  impl_->call<proto::SlowMotionRequest, proto::SlowMotionReply>(
      &Async::SlowMotion, request, kControlDeadlineSeconds, context, std::move(answer));
}

void EngineClient::traffic(QObject* context, const QString& run, Answer<proto::TrafficReply> answer) {
  impl_->call<proto::RunRequest, proto::TrafficReply>(
      &Async::GetTraffic, runRequest(run), kControlDeadlineSeconds, context,
      [answer = std::move(answer)](const proto::TrafficReply& reply, const QString& error) {
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
                QVector<double>(reply.counts().begin(), reply.counts().end()), toVector(reply.seconds()),
                toVector(reply.steps()), toVector(reply.x_min()), toVector(reply.x_max())},
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

std::function<void()> EngineClient::testLauncher(QObject* context, const QString& entry,
                                                 Answer<proto::TestLauncherReply> answer) {
  proto::TestLauncherRequest request;
  request.set_entry_json(entry.toStdString());
  return cancelOf(impl_->connection.call<proto::TestLauncherRequest, proto::TestLauncherReply>(
      &Async::TestLauncher, request, kLauncherTestDeadlineSeconds,
      impl_->guarded<proto::TestLauncherReply>(context, std::move(answer))));
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

}  // namespace concertina::ui
