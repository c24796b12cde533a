// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// live_knobs_test.cc: what may be turned comes from the descriptors; states say what may be done.
#include "ui/client/live_knobs.h"

#include <QJsonArray>
#include <QJsonDocument>
#include <QTest>

#include "tests/test_program.h"
#include "tests/ui/fake_engine.h"
#include "ui/client/run_facts.h"
#include "ui/client/run_state.h"

namespace concertina::ui::live_knobs_test {

class LiveKnobsTest : public QObject {
  Q_OBJECT
  const QJsonObject describe_ = QJsonDocument::fromJson(kDescribeOfTests).object();
  const QJsonObject spec_ = QJsonDocument::fromJson(kSpecOfTests).object();

 private slots:
  void liveParametersBecomeKnobs() {
    QStringList pointers;
    for (const LiveKnob& knob : liveKnobs(describe_, spec_)) pointers.push_back(knob.pointer);
    QCOMPARE(pointers,
             QStringList({"/optimizer/learning_rate", "/optimizer/momentum", "/optimizer/schedule/factor",
                          "/gradient/0/ratio", "/network/bandwidth_mbit", "/network/latency_ms",
                          "/workers/0/speed", "/workers/0/bandwidth_mbit"}));
  }

  void aKnobKnowsItsValueAndRange() {
    const QVector<LiveKnob> knobs = liveKnobs(describe_, spec_);
    QCOMPARE(knobs[0].value.toDouble(), 0.05);
    QCOMPARE(knobs[2].value.toDouble(), 1.0);  // not in the spec: the default
    QCOMPARE(knobs[3].component, "Top-k sparsification");
    QCOMPARE(knobs[3].minimum, 1e-6);
    QCOMPARE(knobs[3].maximum, 1.0);
    QCOMPARE(knobs[4].unit, "Mbit/s");
  }

  void chainsOfLayersHaveKnobsAndPoliciesTakeThem() {
    QJsonObject spec = spec_;
    const auto parsed = [](const char* json) { return QJsonDocument::fromJson(json).array(); };
    spec["layer_gradients"] = parsed(R"([{"layers": "a", "gradient": []},
        {"layers": "b", "gradient": [{"kind": "top-k", "ratio": 0.5}]}])");
    spec["knobs"] = parsed(R"([{"pointer": "/gradient/0/ratio", "policy": {"kind": "linear"}}])");
    QStringList pointers;
    for (const LiveKnob& knob : liveKnobs(describe_, spec)) pointers.push_back(knob.pointer);
    QVERIFY(pointers.contains("/layer_gradients/1/gradient/0/ratio"));
    QVERIFY(!pointers.contains("/gradient/0/ratio"));  // that the policy turns
  }

  // Of each group its own, under a heading of its own: two links that are turned apart must be told apart.
  void everyGroupOfWorkersHasItsKnobs_data() {
    QTest::addColumn<QByteArray>("workers");
    QTest::addColumn<QStringList>("found");
    QTest::newRow("one group") << QByteArray(R"([{"launcher": "local", "count": 4, "speed": 0.5}])")
                               << QStringList{"Workers /workers/0/speed 0.5",
                                              "Workers /workers/0/bandwidth_mbit 0"};
    QTest::newRow("two groups") << QByteArray(
                                       R"([{"count": 3}, {"launcher": "local", "bandwidth_mbit": 10}])")
                                << QStringList{"Workers, group 1 /workers/0/speed 1",
                                               "Workers, group 1 /workers/0/bandwidth_mbit 0",
                                               "Workers, group 2 /workers/1/speed 1",
                                               "Workers, group 2 /workers/1/bandwidth_mbit 10"};
    QTest::newRow("none said") << QByteArray("[]") << QStringList();
    QTest::newRow("no list") << QByteArray(R"({"speed": 1})") << QStringList();
  }
  void everyGroupOfWorkersHasItsKnobs() {
    QFETCH(QByteArray, workers);
    QFETCH(QStringList, found);
    const QJsonObject spec = QJsonDocument::fromJson("{\"workers\": " + workers + "}").object();
    QStringList knobs;
    for (const LiveKnob& knob : liveKnobs(describe_, spec))
      if (knob.pointer.startsWith("/workers"))
        knobs << QStringLiteral("%1 %2 %3").arg(knob.component, knob.pointer).arg(knob.value.toDouble());
    QCOMPARE(knobs, found);
  }

  void unknownComponentsAreNoKnobs() {
    QVERIFY(liveKnobs({}, spec_).isEmpty());
    QVERIFY(liveKnobs(describe_, {}).size() <= 2);  // the sections alone
    QJsonObject spec = spec_;
    spec["optimizer"] = "sgd";  // not an object
    QCOMPARE(liveKnobs(describe_, spec).size(), 5);
  }

  void labelsAreWords() {
    QCOMPARE(knobLabel({.name = "learning_rate"}), "Learning rate");
    QCOMPARE(knobLabel({.name = "bandwidth_mbit", .unit = "Mbit/s"}), "Bandwidth");
    QCOMPARE(knobLabel({.name = "bandwidth_mbit", .unit = ""}), "Bandwidth mbit");
  }

  void statesSayWhatMayBeDone_data() {
    QTest::addColumn<int>("state");
    QTest::addColumn<QString>("may");
    QTest::newRow("queued") << int(proto::QUEUED) << "stop";
    QTest::newRow("starting") << int(proto::STARTING) << "stop";
    QTest::newRow("running") << int(proto::RUNNING) << "pause stop checkpoint";
    QTest::newRow("paused") << int(proto::PAUSED) << "continue stop checkpoint";
    QTest::newRow("finished") << int(proto::FINISHED) << "delete";
    QTest::newRow("failed") << int(proto::FAILED) << "restart delete";
    QTest::newRow("stopped") << int(proto::STOPPED) << "restart delete";
    QTest::newRow("unknown") << 0 << "";
  }
  void statesSayWhatMayBeDone() {
    QFETCH(int, state);
    QFETCH(QString, may);
    proto::RunSummary run = FakeEngine::makeRun("a", "a", proto::RunState(state));
    run.set_last_checkpoint_step(100);
    QStringList words;
    if (canPause(run.state())) words << "pause";
    if (canContinue(run.state())) words << "continue";
    if (canRestart(run)) words << "restart";
    if (canStop(run.state())) words << "stop";
    if (canCheckpoint(run.state())) words << "checkpoint";
    if (canDelete(run.state())) words << "delete";
    QCOMPARE(words.join(' '), may);
    run.set_last_checkpoint_step(0);
    QVERIFY(!canRestart(run));
  }

  void factsAreReadFromTheSpec() {
    const RunFacts facts = runFacts(kSpecOfTests);
    QCOMPARE(facts.model, "lenet-5");
    QCOMPARE(facts.workers, 4);
    QCOMPARE(facts.exchange, "all-reduce (ring)");
    QCOMPARE(facts.codec, "top-k 1 %");
    QCOMPARE(runFacts(R"({"gradient": [{"kind": "top-k", "ratio": 0.001}, {"kind": "fp16"}]})").codec,
             "top-k 0.1 % → fp16");
    QCOMPARE(runFacts(R"({"layer_gradients": [{"layers": "*", "gradient": []}]})").codec,
             "none, others by layer");
    QCOMPARE(runFacts("[1, 2").workers, 0);
    QCOMPARE(runFacts("{}").codec, "none");
  }

  void timeLeftNeedsAPace() {
    proto::RunSummary run = FakeEngine::makeRun("a", "a", proto::RUNNING);
    QVERIFY(std::isnan(secondsLeft(run)));
    run.set_steps(100);
    run.set_total_steps(400);
    run.set_seconds(10);
    QCOMPARE(secondsLeft(run), 30.0);
    QCOMPARE(progress(run), 0.25);
    run.set_state(proto::PAUSED);
    QVERIFY(std::isnan(secondsLeft(run)));
    run.set_steps(500);  // a plan that was wrong
    QCOMPARE(progress(run), 1.0);
  }
};

CONCERTINA_TEST(LiveKnobsTest)

}  // namespace concertina::ui::live_knobs_test

#include "live_knobs_test.moc"
