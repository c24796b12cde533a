// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// engine_client_test.cc: answers on the Qt thread, a lost engine found again, watches renewed, exports
// written.
#include "ui/client/engine_client.h"

#include <QFile>
#include <QSignalSpy>
#include <QTemporaryDir>
#include <QTest>
#include <QThread>
#include <algorithm>

#include "tests/test_program.h"
#include "tests/ui/fake_engine.h"
#include "ui/client/engine_connection.h"
#include "ui/client/export_writer.h"

namespace concertina::ui::engine_client_test {

class EngineClientTest : public QObject {
  Q_OBJECT

  QTemporaryDir folder_;
  std::unique_ptr<FakeEngine> engine_;
  std::unique_ptr<EngineClient> client_;
  static constexpr char kRun[] = "20261124-031500-a1b2";

  void connectToEngine() {
    client_->start({}, engine_->address());
    QTRY_COMPARE(client_->state(), EngineClient::State::kConnected);
  }
  QString socketPath() const { return folder_.filePath("engine.sock"); }

 private slots:
  void init() {
    engine_ = std::make_unique<FakeEngine>();
    engine_->start(socketPath());
    client_ = std::make_unique<EngineClient>();
  }
  void cleanup() {
    client_.reset();
    engine_.reset();
  }

  void tellsAllRunsAfterConnecting() {
    engine_->put(FakeEngine::makeRun("a", "first", proto::FINISHED));
    engine_->put(FakeEngine::makeRun("b", "second", proto::RUNNING));
    QStringList names;
    connect(client_.get(), &EngineClient::runChanged, this,
            [&](const proto::RunSummary& run) { names.push_back(QString::fromStdString(run.name())); });
    QSignalSpy listed(client_.get(), &EngineClient::runsListed);
    connectToEngine();
    QTRY_VERIFY(!listed.isEmpty());
    names.removeDuplicates();  // on a slow machine the list is asked for again when the stream stands
    QCOMPARE(names, QStringList({"first", "second"}));
    QVERIFY(client_->listed());
  }

  void aTableMadeLateIsToldAllRunsToo() {
    engine_->put(FakeEngine::makeRun("a", "first", proto::FINISHED));
    connectToEngine();
    QTRY_VERIFY(client_->listed());
    engine_->put(FakeEngine::makeRun("b", "second", proto::RUNNING));  // by the stream, after the list
    QStringList told;
    connect(client_.get(), &EngineClient::runChanged, this,
            [&](const proto::RunSummary& run) { told << QString::fromStdString(run.run()); });
    QTRY_VERIFY(told.contains("b"));
    told.clear();
    client_->listAgain();
    QVERIFY(!client_->listed());
    QTRY_VERIFY(client_->listed());
    QVERIFY(told.contains("a") && told.contains("b"));
  }

  // Of an engine that is slow to begin its stream the list comes first; what changes between the two is told.
  void nothingIsLostBetweenTheListAndALateStream() {
    engine_->streams_are_late = true;
    QStringList told;
    connect(client_.get(), &EngineClient::runChanged, this,
            [&](const proto::RunSummary& run) { told << QString::fromStdString(run.run()); });
    connectToEngine();
    QTRY_VERIFY(client_->listed());
    engine_->put(FakeEngine::makeRun("a", "first", proto::RUNNING));
    engine_->streams_are_late = false;
    QTRY_COMPARE(told, QStringList("a"));
  }

  void answersOnTheQtThread() {
    connectToEngine();
    QThread* answered_on = nullptr;
    QJsonObject description;
    client_->describe(this, [&](const QJsonObject& object, const QString& error) {
      QVERIFY2(error.isEmpty(), qPrintable(error));
      answered_on = QThread::currentThread();
      description = object;
    });
    QTRY_VERIFY(answered_on != nullptr);
    QCOMPARE(answered_on, thread());
    QCOMPARE(description.value("categories").toArray().size(), 5);
  }

  void aCallMadeBeforeTheEngineIsThereWaitsForIt() {
    engine_->stop();
    bool answered = false;
    client_->describe(this, [&](const QJsonObject&, const QString& error) {
      QVERIFY2(error.isEmpty(), qPrintable(error));
      answered = true;
    });
    client_->start({}, QStringLiteral("unix:") + socketPath());
    QTRY_COMPARE(client_->state(), EngineClient::State::kLost);
    QVERIFY(!answered);
    engine_->start(socketPath());
    QTRY_VERIFY(answered);
  }

  void faultsOfASpecAreTold() {
    connectToEngine();
    QVector<SpecFault> faults;
    client_->validate(this, QStringLiteral("{\"fault\": 1}"),
                      [&](const QVector<SpecFault>& found, const QString&) { faults = found; });
    QTRY_COMPARE(faults.size(), 1);
    QCOMPARE(faults[0].pointer, "/model/kind");
    QCOMPARE(faults[0].suggestion, "lenet-5");
  }

  void aRefusalSaysWhy() {
    connectToEngine();
    engine_->refuseWith({grpc::StatusCode::FAILED_PRECONDITION, "the run has ended"});
    QString error;
    client_->control(this, kRun, proto::ControlRunRequest::PAUSE, [&](int, const QString& e) { error = e; });
    QTRY_COMPARE(error, "the run has ended");
  }

  void nothingIsAnsweredToAContextThatDied() {
    connectToEngine();
    bool first = false, second = false;
    auto* context = new QObject;
    client_->describe(context, [&](const QJsonObject&, const QString&) { first = true; });
    delete context;
    client_->describe(this, [&](const QJsonObject&, const QString&) { second = true; });
    QTRY_VERIFY(second);
    QVERIFY(!first);
  }

  void aWatchGivesMetricsEventsAndLog() {
    engine_->put(FakeEngine::makeRun(kRun, "live", proto::RUNNING));
    connectToEngine();
    int rows = 0;
    connect(client_.get(), &EngineClient::metricsArrived, this,
            [&](const QString& run, const proto::MetricUpdate& update) {
              QCOMPARE(run, kRun);
              rows += update.steps_size();
            });
    QSignalSpy events(client_.get(), &EngineClient::eventArrived);
    QSignalSpy lines(client_.get(), &EngineClient::logArrived);
    client_->watch(kRun);
    QTRY_COMPARE(engine_->watchers(), 1);
    engine_->advance(kRun, 10);
    engine_->advance(kRun, 25);
    engine_->tellEvent(kRun, {});
    engine_->tellLog(kRun, 2, "joined");
    QTRY_COMPARE(rows, 25);
    QTRY_COMPARE(events.count(), 1);
    QTRY_COMPARE(lines.count(), 1);
  }

  void watchingAnotherRunLeavesTheFirst() {
    engine_->put(FakeEngine::makeRun("a", "a", proto::RUNNING));
    engine_->put(FakeEngine::makeRun("b", "b", proto::RUNNING));
    connectToEngine();
    QStringList from;
    connect(client_.get(), &EngineClient::metricsArrived, this,
            [&](const QString& run, const proto::MetricUpdate&) { from.push_back(run); });
    client_->watch("a");
    QTRY_COMPARE(engine_->watchers(), 1);
    client_->watch("b");
    QTRY_COMPARE(engine_->watchers(), 1);
    QTRY_VERIFY([&] {  // the second has replaced the first at the engine, too
      engine_->advance("a", engine_->run("a").steps() + 1);
      engine_->advance("b", engine_->run("b").steps() + 1);
      return from.contains("b");
    }());
    QVERIFY(!from.contains("a"));
  }

  void aLostEngineIsFoundAgainAndTheWatchRenewed() {
    engine_->put(FakeEngine::makeRun(kRun, "live", proto::RUNNING));
    connectToEngine();
    client_->watch(kRun);
    QTRY_COMPARE(engine_->watchers(), 1);
    QSignalSpy states(client_.get(), &EngineClient::stateChanged);
    QSignalSpy opened(client_.get(), &EngineClient::watchOpened);
    engine_->stop();
    QTRY_COMPARE(client_->state(), EngineClient::State::kLost);
    engine_->start(socketPath());
    QTRY_COMPARE(client_->state(), EngineClient::State::kConnected);
    QTRY_COMPARE(engine_->watchers(), 1);
    QTRY_COMPARE(opened.count(), 1);
    int rows = 0;
    connect(client_.get(), &EngineClient::metricsArrived, this,
            [&](const QString&, const proto::MetricUpdate& update) { rows += update.steps_size(); });
    engine_->advance(kRun, 5);
    QTRY_COMPARE(rows, 5);
  }

  void aResumedRunIsWatchedAgain() {
    engine_->put(FakeEngine::makeRun(kRun, "live", proto::RUNNING));
    connectToEngine();
    QTRY_VERIFY(client_->listed());
    client_->watch(kRun);
    QTRY_COMPARE(engine_->watchers(), 1);
    proto::RunSummary run = engine_->run(kRun);
    run.set_state(proto::FAILED);
    engine_->put(run);
    QTRY_COMPARE(engine_->watchers(), 0);
    run.set_state(proto::RUNNING);
    QTRY_VERIFY([&] {  // the end of the stream and the new state come by different ways
      engine_->put(run);
      QTest::qWait(5);
      return engine_->watchers() == 1;
    }());
  }

  void aRunDeletedWhileAwayIsRemoved() {
    engine_->put(FakeEngine::makeRun("a", "a", proto::FINISHED));
    connectToEngine();
    QTRY_VERIFY(client_->listed());
    QSignalSpy removed(client_.get(), &EngineClient::runRemoved);
    engine_->stop();
    QTRY_COMPARE(client_->state(), EngineClient::State::kLost);
    engine_->forget("a");
    engine_->start(socketPath());
    QTRY_COMPARE(removed.count(), 1);
    QCOMPARE(removed[0][0].toString(), "a");
  }

  void deletingARunRemovesIt() {
    engine_->put(FakeEngine::makeRun("a", "a", proto::FINISHED));
    connectToEngine();
    QTRY_VERIFY(client_->listed());
    QSignalSpy removed(client_.get(), &EngineClient::runRemoved);
    client_->deleteRun(this, "a", [](int, const QString& error) { QVERIFY(error.isEmpty()); });
    QTRY_COMPARE(removed.count(), 1);
  }

  void aMachineIsAskedWhetherItIsReady() {
    engine_->host.set_host("box1");
    engine_->host_is_slow = true;
    connectToEngine();
    QString host;
    const auto ask = [&] {
      return client_->testLauncher(this, R"({"launcher":"ssh","host":"box1"})",
                                   [&](const proto::TestLauncherReply& reply, const QString& error) {
                                     if (error.isEmpty()) host = QString::fromStdString(reply.host());
                                   });
    };
    const auto was_told = [&](const std::string& call) {
      const auto calls = engine_->calls();
      return std::find(calls.begin(), calls.end(), call) != calls.end();
    };
    const auto cancel = ask();
    QTRY_VERIFY(was_told(R"(test {"launcher":"ssh","host":"box1"})"));
    cancel();
    QTRY_VERIFY(was_told("test cancelled"));
    engine_->host_is_slow = false;
    ask();
    QTRY_COMPARE(host, "box1");
  }

  void anExportStaysInItsFolder() {
    engine_->put(FakeEngine::makeRun(kRun, "live", proto::FINISHED));
    connectToEngine();
    const QString out = folder_.filePath("curves.csv");
    QString path;
    client_->exportRun(this, kRun, "csv", out, [&](const QString& p, const QString& error) {
      QVERIFY2(error.isEmpty(), qPrintable(error));
      path = p;
    });
    QTRY_COMPARE(path, out);
    QFile file(out);
    QVERIFY(file.open(QIODevice::ReadOnly));
    QCOMPARE(file.readAll(), QByteArray("step,loss\n1,2.3\n"));
    QVERIFY(QFile::exists(folder_.filePath("curves-events.csv")));
  }

  void anExportThatIsCutSaysWhatIsThere() {
    connectToEngine();
    engine_->export_is_cut = true;
    const QString out = folder_.filePath("cut.csv");
    QString path, error;
    client_->exportRun(this, kRun, "csv", out, [&](const QString& p, const QString& e) {
      path = p;
      error = e;
    });
    QTRY_VERIFY(!error.isEmpty());
    QVERIFY(path.isEmpty());
    QVERIFY2(error.contains(out) && error.contains("missing"), qPrintable(error));
    QVERIFY(QFile::exists(out));
    QVERIFY(!QFile::exists(folder_.filePath("cut-events.csv")));
  }

  void anExportThatCannotBeWrittenSaysWhere() {
    connectToEngine();
    QString error;
    client_->exportRun(this, kRun, "csv", folder_.filePath("no/such/folder/x.csv"),
                       [&](const QString&, const QString& e) { error = e; });
    QTRY_VERIFY(error.contains("x.csv"));
  }

  void exportPaths_data() {
    QTest::addColumn<QString>("name");
    QTest::addColumn<bool>("first");
    QTest::addColumn<QString>("path");
    QTest::newRow("the first is the chosen one") << "run.csv" << true << "/x/out.csv";
    QTest::newRow("others stand beside it") << "events.csv" << false << "/x/out-events.csv";
    QTest::newRow("no way out") << "../../etc/passwd" << false << "/x/out-passwd";
  }
  void exportPaths() {
    QFETCH(QString, name);
    QFETCH(bool, first);
    QFETCH(QString, path);
    QCOMPARE(exportFilePath("/x/out.csv", name, first), path);
  }

  void pausesGrowAndStayBounded() {
    QCOMPARE(reconnectPauseMs(1), 100);
    QCOMPARE(reconnectPauseMs(2), 200);
    int last = 0;
    for (int failures = 1; failures < 100; ++failures) {
      const int pause = reconnectPauseMs(failures);
      QVERIFY(pause >= last && pause <= 5000);
      last = pause;
    }
    QCOMPARE(last, 5000);
  }

  // A stream faster than the interface: nothing is lost, and the reader stops reading rather than grow.
  void aFloodArrivesWholeAndInOrder() {
    engine_->put(FakeEngine::makeRun(kRun, "live", proto::RUNNING));
    connectToEngine();
    client_->watch(kRun);
    QTRY_COMPARE(engine_->watchers(), 1);
    int64_t last = 0;
    bool in_order = true;
    connect(client_.get(), &EngineClient::eventArrived, this,
            [&](const QString&, const proto::RunEvent& event) {
              in_order &= event.step() == last + 1;
              last = event.step();
            });
    constexpr int kEvents = 5000;  // several times StreamReader::kMaxBatch
    for (int i = 1; i <= kEvents; ++i) {
      proto::RunEvent event;
      event.set_step(i);
      engine_->tellEvent(kRun, event);
    }
    QThread::msleep(100);  // the Qt thread is busy elsewhere: the batch fills, and reading pauses
    QTRY_COMPARE(last, kEvents);
    QVERIFY(in_order);
  }

  void dyingWithCallsUnderWayIsQuiet() {
    engine_->put(FakeEngine::makeRun(kRun, "live", proto::RUNNING));
    connectToEngine();
    client_->watch(kRun);
    bool answered = false;
    for (int i = 0; i < 20; ++i)
      client_->describe(this, [&](const QJsonObject&, const QString&) { answered = true; });
    client_.reset();
    QTRY_COMPARE(engine_->watchers(), 0);
    QTRY_COMPARE(engine_->runListeners(), 0);
    QVERIFY(!answered);
  }
};

CONCERTINA_TEST(EngineClientTest)

}  // namespace concertina::ui::engine_client_test

#include "engine_client_test.moc"
