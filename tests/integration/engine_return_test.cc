// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// engine_return_test.cc: the engine is killed while a run trains; its workers train on, the next engine finds
// them, and the run is as if nothing had happened. Or nobody comes, and they end by themselves.
#include <QDir>
#include <algorithm>

#include "tests/integration/programs.h"
#include "tests/test_program.h"

namespace concertina::engine_return_test {

using Json = nlohmann::json;

class EngineReturnTest : public QObject {
  Q_OBJECT
 private slots:
  void theRunGoesOnToTheSameBits_data();
  void theRunGoesOnToTheSameBits();
  void workersThatFinishMeanwhileAreHeard();
  void aPausedRunStaysPausedAndGoesOn();
  void theOthersOfAnAsynchronousRunAreFoundToo();
  void workersThatNobodyComesForEndThemselves();
  void oneThatDiesMeanwhileFailsTheRunAndNothingIsLeft();
  void withoutAGraceTheyEndWithIt();

 private:
  // Its links make a step last about as long as a person blinks: there is time to kill what is under way.
  static Json SlowSpec(int workers, int steps) {
    Json spec = SmallSpec(workers, steps);
    spec["network"] = {{"latency_ms", 4}};
    return spec;
  }
  static std::vector<qint64> PidsOf(const Json& shown) {
    std::vector<qint64> pids;
    for (const Json& worker : shown["workers"]) pids.push_back(worker["pid"].get<qint64>());
    return pids;
  }
  static bool AllLive(const std::vector<qint64>& pids) { return std::ranges::all_of(pids, ProcessLives); }
  static bool AllGone(const std::vector<qint64>& pids) { return std::ranges::none_of(pids, ProcessLives); }
  void KillEngine() {
    const qint64 engine = home_.EnginePid();
    QVERIFY(engine > 0);
    QCOMPARE(::kill(static_cast<pid_t>(engine), SIGKILL), 0);
    QTRY_VERIFY_WITH_TIMEOUT(!ProcessLives(engine), 10000);
  }
  // Begun, and so many steps are told: at 60 the store has it that it trains, without which nobody is looked
  // for.
  QString Begun(const Json& spec, int steps) {
    const QString run = home_.Start(spec);
    const bool trains = QTest::qWaitFor([&] { return home_.Show(run).value("steps", 0) >= steps; }, 30000);
    return trains ? run : QString();
  }
  Json Ended(const QString& run, int timeout_ms = 120000) {
    const auto has_ended = [&] {
      const std::string state = home_.Show(run).value("state", "");
      return state == "finished" || state == "failed" || state == "stopped";
    };
    if (!QTest::qWaitFor(has_ended, timeout_ms)) qWarning("the run does not end");
    return home_.Show(run);
  }
  Json Events(const QString& run, const std::string& kind) {
    Json found = Json::array();
    const Json reply = home_.CtlJson({"events", run}).json();
    for (const Json& event : reply["events"])
      if (event["kind"] == kind) found.push_back(event);
    return found;
  }
  // Each step, once.
  void HasEachStepOnce(const QString& run, const char* series, int rank, int steps) {
    const Json points =
        home_.CtlJson({"series", run, series, "--rank", QString::number(rank), "--points", "0"})
            .json()["points"];
    QVERIFY2(points.size() == static_cast<size_t>(steps),
             qPrintable(QStringLiteral("%1 of rank %2: %3 points").arg(series).arg(rank).arg(points.size())));
    for (int step = 0; step < steps; ++step)
      QCOMPARE(points[static_cast<size_t>(step)][0].get<double>(), step);
  }
  TestHome home_;
};

void EngineReturnTest::theRunGoesOnToTheSameBits_data() {
  QTest::addColumn<QString>("exchange");
  QTest::addColumn<int>("pipeline");
  QTest::addColumn<int>("kills");
  QTest::newRow("all-reduce") << R"({"kind": "all-reduce"})" << 1 << 1;
  QTest::newRow("all-reduce, killed twice") << R"({"kind": "all-reduce"})" << 1 << 2;
  QTest::newRow("two stages") << R"({"kind": "single"})" << 2 << 1;
}

void EngineReturnTest::theRunGoesOnToTheSameBits() {
  QFETCH(QString, exchange);
  QFETCH(int, pipeline);
  QFETCH(int, kills);
  constexpr int kSteps = 900;
  Json spec = SlowSpec(2, kSteps);
  spec["exchange"] = Json::parse(exchange.toStdString());
  spec["mesh"] = {{"data", 2 / pipeline}, {"pipeline", pipeline}};
  Json quick = spec;
  quick.erase("network");
  const Json whole = home_.Run(quick);
  QCOMPARE(whole["state"].get<std::string>(), std::string("finished"));

  const QString run = Begun(spec, 60);
  QVERIFY(!run.isEmpty());
  const std::vector<qint64> pids = PidsOf(home_.Show(run));
  QCOMPARE(pids.size(), size_t{2});
  for (int killed = 1; killed <= kills; ++killed) {
    const int before = home_.Show(run)["steps"].get<int>();
    QVERIFY(before < kSteps - 300);  // or nothing is under way
    KillEngine();
    QVERIFY(AllLive(pids));
    // The command starts the next engine, which finds the run and its workers.
    QTRY_VERIFY_WITH_TIMEOUT(Events(run, "engine").size() == static_cast<size_t>(killed), 20000);
    const Json found = home_.Show(run);
    QVERIFY2(found["state"] == "running", found.dump(2).c_str());
    QCOMPARE(found["attempt"].get<int>(), 1);
    QVERIFY(PidsOf(found) == pids);
    QVERIFY(AllLive(pids));
    QTRY_VERIFY_WITH_TIMEOUT(home_.Show(run)["steps"].get<int>() > before + 20, 20000);
  }
  const Json ended = Ended(run);
  QVERIFY2(ended["state"] == "finished",
           (ended.value("state", "") + ": " + ended.value("error", "")).c_str());
  QCOMPARE(ended["steps"].get<int>(), kSteps);
  QCOMPARE(ended["parameters_sha256"].get<std::string>(), whole["parameters_sha256"].get<std::string>());
  QVERIFY(PidsOf(ended) == pids);
  QVERIFY(Events(run, "resuming").empty());
  QVERIFY(Events(run, "worker-lost").empty());
  for (const int rank : {0, 1}) HasEachStepOnce(run, "comm/bytes_sent", rank, kSteps);
  for (const char* series : {"train/loss", "comm/bytes_sent", "comm/bytes_total"})
    HasEachStepOnce(run, series, -1, kSteps);
  // Nothing is counted twice, either.
  double bytes = 0;
  const Json sent = home_.CtlJson({"series", run, "comm/bytes_sent", "--points", "0"}).json()["points"];
  for (const Json& point : sent) bytes += point[1].get<double>();
  QCOMPARE(ended["bytes_sent"].get<double>(), bytes);
  const Json total = home_.CtlJson({"series", run, "comm/bytes_total", "--points", "0"}).json()["points"];
  QCOMPARE(total.back()[1].get<double>(), bytes);
  QTRY_VERIFY_WITH_TIMEOUT(AllGone(pids), 10000);
}

void EngineReturnTest::workersThatFinishMeanwhileAreHeard() {
  constexpr int kSteps = 300;
  const Json whole = home_.Run(SmallSpec(2, kSteps));
  const QString run = Begun(SlowSpec(2, kSteps), 60);
  QVERIFY(!run.isEmpty());
  const std::vector<qint64> pids = PidsOf(home_.Show(run));
  KillEngine();
  // The last that they do before they say so.
  const QString parameters = home_.file("runs/" + run + "/parameters.safetensors");
  QTRY_VERIFY_WITH_TIMEOUT(QFile::exists(parameters), 30000);
  QVERIFY(AllLive(pids));
  const Json ended = Ended(run, 30000);
  QVERIFY2(ended["state"] == "finished",
           (ended.value("state", "") + ": " + ended.value("error", "")).c_str());
  QCOMPARE(ended["parameters_sha256"].get<std::string>(), whole["parameters_sha256"].get<std::string>());
  HasEachStepOnce(run, "train/loss", -1, kSteps);
  QTRY_VERIFY_WITH_TIMEOUT(AllGone(pids), 10000);
}

void EngineReturnTest::aPausedRunStaysPausedAndGoesOn() {
  constexpr int kSteps = 400;
  const QString run = Begun(SlowSpec(2, kSteps), 60);
  QVERIFY(!run.isEmpty());
  QCOMPARE(home_.Ctl({"pause", run}).exit_code, 0);
  QTRY_VERIFY_WITH_TIMEOUT(home_.Show(run)["state"] == "paused", 10000);
  const std::vector<qint64> pids = PidsOf(home_.Show(run));
  KillEngine();
  QTRY_VERIFY_WITH_TIMEOUT(Events(run, "engine").size() == 1, 20000);
  const Json found = home_.Show(run);
  QCOMPARE(found["state"].get<std::string>(), std::string("paused"));
  QVERIFY(PidsOf(found) == pids && AllLive(pids));
  QCOMPARE(home_.Ctl({"resume", run}).exit_code, 0);
  const Json ended = Ended(run);
  QVERIFY2(ended["state"] == "finished",
           (ended.value("state", "") + ": " + ended.value("error", "")).c_str());
  HasEachStepOnce(run, "train/loss", -1, kSteps);
}

void EngineReturnTest::theOthersOfAnAsynchronousRunAreFoundToo() {
  Json spec = SlowSpec(3, 400);
  spec["exchange"] = {{"kind", "gossip"}};
  spec["optimizer"] = {{"kind", "sgd"}, {"learning_rate", 0.01}};
  const QString run = Begun(spec, 60);
  QVERIFY(!run.isEmpty());
  const std::vector<qint64> pids = PidsOf(home_.Show(run));
  KillEngine();
  QTRY_VERIFY_WITH_TIMEOUT(Events(run, "engine").size() == 1, 20000);
  const Json ended = Ended(run);
  QVERIFY2(ended["state"] == "finished",
           (ended.value("state", "") + ": " + ended.value("error", "")).c_str());
  QVERIFY(PidsOf(ended) == pids);
  for (const int rank : {0, 1, 2}) HasEachStepOnce(run, "train/loss", rank, 400);
}

void EngineReturnTest::workersThatNobodyComesForEndThemselves() {
  Json spec = SlowSpec(2, 1000000);
  spec["training"]["engine_grace_seconds"] = 2;
  const QString run = Begun(spec, 60);
  QVERIFY(!run.isEmpty());
  const std::vector<qint64> pids = PidsOf(home_.Show(run));
  KillEngine();
  QVERIFY(AllLive(pids));
  QTRY_VERIFY_WITH_TIMEOUT(AllGone(pids), 20000);
  const Json found = home_.Show(run);
  QCOMPARE(found["state"].get<std::string>(), std::string("failed"));
  QVERIFY2(found["error"].get<std::string>().find("the engine ended") != std::string::npos,
           found.dump(2).c_str());
}

void EngineReturnTest::oneThatDiesMeanwhileFailsTheRunAndNothingIsLeft() {
  const QString run = Begun(SlowSpec(2, 1000000), 60);
  QVERIFY(!run.isEmpty());
  const std::vector<qint64> pids = PidsOf(home_.Show(run));
  KillEngine();
  ::kill(static_cast<pid_t>(pids[1]), SIGKILL);
  QTRY_VERIFY_WITH_TIMEOUT(!ProcessLives(pids[1]), 10000);
  const Json ended = Ended(run, 30000);
  QVERIFY2(ended["state"] == "failed", ended.dump(2).c_str());
  QVERIFY2(ended["error"].get<std::string>().find("rank 1") != std::string::npos, ended.dump(2).c_str());
  QTRY_VERIFY_WITH_TIMEOUT(AllGone(pids), 10000);
}

void EngineReturnTest::withoutAGraceTheyEndWithIt() {
  Json spec = SlowSpec(2, 1000000);
  spec["training"]["engine_grace_seconds"] = 0;
  const QString run = Begun(spec, 60);
  QVERIFY(!run.isEmpty());
  const std::vector<qint64> pids = PidsOf(home_.Show(run));
  KillEngine();
  QTRY_VERIFY_WITH_TIMEOUT(AllGone(pids), 5000);
  QCOMPARE(home_.Show(run)["state"].get<std::string>(), std::string("failed"));
}

CONCERTINA_TEST(EngineReturnTest)

}  // namespace concertina::engine_return_test

#include "engine_return_test.moc"
