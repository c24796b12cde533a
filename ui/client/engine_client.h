// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// engine_client.h: the engine as Qt signals. The only class of the desktop that talks gRPC; its callbacks
// come from gRPC's threads and reach the Qt thread by queued invocation, here and nowhere else. On the way of
// the data: engine/ services -> here -> ui/client models -> ui/pages.
#pragma once

#include <QJsonArray>
#include <QJsonObject>
#include <QObject>
#include <QString>
#include <QStringList>
#include <QVector>
#include <functional>
#include <memory>
#include <string>

#include "core/proto/engine.pb.h"
#include "core/proto/run.pb.h"

namespace concertina::ui {

// A fault of a spec, as the engine's own validation found it.
struct SpecFault {
  QString pointer, found, expected, suggestion, message;
};

struct SeriesData {
  QVector<double> x, mean, min, max;
  qint64 totalPoints = 0;
  QString unit;
  // With an error: the run has no such series, it has never measured it.
  bool is_missing = false;
  // With an error: the engine was not reached or did not answer in time, which says nothing of the run.
  bool is_unanswered = false;
  // Where they were asked for (GetSeriesRequest.with_counts), of each point.
  QVector<double> counts = {}, seconds = {};
  // Against another series (GetSeriesRequest.x_series), of each point.
  QVector<double> steps = {}, x_min = {}, x_max = {};
};

class EngineClient : public QObject {
  Q_OBJECT
 public:
  enum class State { kConnecting, kConnected, kLost };
  Q_ENUM(State)

  explicit EngineClient(QObject* parent = nullptr);
  ~EngineClient() override;

  // Connects to the engine of `home` (starting concertina-engine beside this program if none runs), or to
  // `address` if that is not empty. Reconnects by itself, with growing pauses of at most 5 s; open watches
  // are renewed.
  void start(const QString& home, const QString& address = {});
  State state() const;
  proto::EngineStatus engine() const;  // as it greeted; empty before the first connection
  QString address() const;             // where other programs here reach it; "": not known yet
  bool listed() const;                 // all known runs were told since the last connection

  // Tells all known runs once more, for a table that was made after they were told: runChanged, then
  // runsListed.
  void listAgain();

  // Answers arrive by callback on the Qt thread, unless `context` died before. `error` is empty when it went
  // well.
  template <class T>
  using Answer = std::function<void(const T&, const QString& error)>;
  void describe(QObject* context, Answer<QJsonObject> answer);  // {"categories": […]}
  void validate(QObject* context, const QString& spec, Answer<QVector<SpecFault>> answer);
  // The spec with all defaults filled in; with faults, the first is the error.
  void checkedSpec(QObject* context, const QString& spec, Answer<QString> answer);
  void plan(QObject* context, const QString& spec,
            std::function<void(const QJsonObject&, const QVector<SpecFault>&, const QString&)> answer);
  void samples(QObject* context, const proto::GetSamplesRequest& request,
               Answer<proto::GetSamplesReply> answer);
  // The points of a sweep (see engine.proto); the first `max_points` with their specs.
  void expandSweep(QObject* context, const QString& sweep, int max_points,
                   Answer<proto::ExpandSweepReply> answer);
  void submit(QObject* context, const QString& spec,
              std::function<void(const QString& run, const QVector<SpecFault>&, const QString&)> answer);
  void control(QObject* context, const QString& run, proto::ControlRunRequest::Action action,
               Answer<int> answer);
  void setKnob(QObject* context, const QString& run, const QString& pointer, const QString& json,
               Answer<qint64> answer);
  // Of an elastic run: so many workers join, or leave. Gives how many the group will have.
  void changeWorkers(QObject* context, const QString& run, int change, Answer<int> answer);
  // One worker is killed, frozen, thawed or slowed down on purpose; or only looked at.
  void harmWorker(QObject* context, const proto::HarmWorkerRequest& request,
                  Answer<proto::HarmWorkerReply> answer);
  // Every rank writes down what it does when, for so many steps. Gives the recording's number.
  void recordSpans(QObject* context, const QString& run, int steps, Answer<qint64> answer);
  void timeline(QObject* context, const proto::GetTimelineRequest& request,
                Answer<proto::GetTimelineReply> answer);
  void slowMotion(QObject* context, const proto::SlowMotionRequest& request,
                  Answer<proto::SlowMotionReply> answer);
  // How each of the run's workers is now, and how fast it sends to whom.
  void traffic(QObject* context, const QString& run, Answer<proto::TrafficReply> answer);
  // A new run from a checkpoint of another; its id is empty with faults, or if it was only validated.
  void fork(QObject* context, const proto::ForkRequest& request,
            std::function<void(const QString& run, const QVector<SpecFault>&, const QString&)> answer);
  // Of the workers that a person starts and that are not here yet.
  void startLines(QObject* context, const QString& run, Answer<QVector<proto::StartLine>> answer);
  void deleteRun(QObject* context, const QString& run, Answer<int> answer);  // into the bin
  void restoreRun(QObject* context, const QString& run, Answer<int> answer);
  void listBin(QObject* context, Answer<QVector<proto::RunSummary>> answer);
  void emptyBin(QObject* context, const QStringList& runs, Answer<qint64> answer);  // none: all of it
  void markRuns(QObject* context, const proto::MarkRunsRequest& request, Answer<int> answer);
  void sparklines(QObject* context, const proto::SparklinesRequest& request,
                  Answer<QVector<proto::Sparkline>> answer);
  // A file that was exported in the format "run"; the answer is its run.
  void importRun(QObject* context, const QString& path, Answer<QString> answer);
  // What comes back ends the question: the answer may come or not.
  std::function<void()> series(QObject* context, const proto::GetSeriesRequest& request,
                               Answer<SeriesData> answer);
  void listSeries(QObject* context, const QString& run, Answer<QVector<proto::SeriesInfo>> answer);
  void events(QObject* context, const QString& run, Answer<QVector<proto::RunEvent>> answer);
  void log(QObject* context, const QString& run, int rank, Answer<QVector<proto::RankLog>> answer);
  // One step of a run's recipe from the inside, as analysis/step_detail.h reads it; 0: the model as it was.
  void recipeStep(QObject* context, const QString& run, int index, Answer<std::string> answer);
  // A run's model to a device, and measured there; minutes, at worst. What comes back ends it: the engine
  // kills what it has started, and `answer` may come or not.
  std::function<void()> measureOnDevice(QObject* context, const proto::MeasureOnDeviceRequest& request,
                                        Answer<proto::MeasureOnDeviceReply> answer);
  // Is the machine of an entry of /workers (JSON) ready? Starts nothing there. What comes back ends the
  // question: the answer may come or not.
  std::function<void()> testLauncher(QObject* context, const QString& entry,
                                     Answer<proto::TestLauncherReply> answer);
  // What comes back ends it: then nothing is written, and `answer` comes with an error.
  std::function<void()> exportRun(QObject* context, const QString& run, const QString& format,
                                  const QString& outPath, Answer<QString> answer);

  // At most one run is watched at a time; its metrics, summaries, events and log lines arrive as the signals
  // below.
  void watch(const QString& run);
  void unwatch();

 signals:
  void stateChanged(concertina::ui::EngineClient::State state, const QString& message);
  void runChanged(const concertina::proto::RunSummary& run);  // any run; all known ones after connecting
  void runRemoved(const QString& run);                        // deleted, here or by another program
  void runsListed();                                          // all known ones were told
  void metricsArrived(const QString& run, const concertina::proto::MetricUpdate& metrics);
  void eventArrived(const QString& run, const concertina::proto::RunEvent& event);
  void logArrived(const QString& run, const concertina::proto::RankLog& line);
  // The watched run's stream begins: at first, after a lost connection, or because the run was resumed. What
  // came before is not sent again; ask series(), events() and log() for it.
  void watchOpened(const QString& run);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace concertina::ui
