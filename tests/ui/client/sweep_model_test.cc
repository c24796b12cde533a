// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// sweep_model_test.cc: a sweep is found again by the names of its runs, with the fields that they vary; and
// its driver starts, holds and resumes runs as the strategy says.
#include "ui/client/sweep_model.h"

#include <QAbstractItemModelTester>
#include <QJsonDocument>
#include <QSignalSpy>
#include <QTemporaryDir>
#include <QTest>
#include <algorithm>

#include "tests/test_program.h"
#include "tests/ui/fake_engine.h"
#include "ui/client/sweep_driver.h"
#include "ui/client/sweep_shelf.h"

namespace concertina::ui::sweep_model_test {

class SweepModelTest : public QObject {
  Q_OBJECT

  QTemporaryDir folder_;
  std::unique_ptr<FakeEngine> engine_;
  std::unique_ptr<EngineClient> client_;
  std::unique_ptr<SweepModel> model_;

  void put(const std::string& id, const std::string& name, double rate, int seed, proto::RunState state,
           double accuracy = 0.5) {
    proto::RunSummary run = FakeEngine::makeRun(id, name, state);
    QJsonObject spec = QJsonDocument::fromJson(kSpecOfTests).object();
    QJsonObject optimizer = spec["optimizer"].toObject();
    optimizer["learning_rate"] = rate;
    spec["optimizer"] = optimizer;
    spec["seed"] = seed;
    run.set_spec_json(QJsonDocument(spec).toJson(QJsonDocument::Compact).toStdString());
    run.set_steps(10);
    run.set_has_test(state != proto::QUEUED);
    run.set_test_accuracy(accuracy);
    engine_->put(run);
  }
  int calls(const std::string& begin) const {
    const auto all = engine_->calls();
    return int(
        std::count_if(all.begin(), all.end(), [&](const auto& call) { return call.starts_with(begin); }));
  }
  // Four rates; in successive halving with rungs of 4, 2 and 1 points at 1, 2 and 3 epochs.
  proto::ExpandSweepReply expanded(bool halves) {
    QJsonObject sweep{{"name", "climb"},
                      {"base", QJsonDocument::fromJson(kSpecOfTests).object()},
                      {"axes", QJsonArray{QJsonObject{{"pointer", "/optimizer/learning_rate"},
                                                      {"values", QJsonArray{0.4, 0.3, 0.2, 0.1}}}}},
                      {"search", QJsonObject{{"kind", halves ? "successive-halving" : "grid"}}}};
    proto::ExpandSweepReply answer;
    bool has_come = false;
    client_->expandSweep(this, QJsonDocument(sweep).toJson(QJsonDocument::Compact), 100,
                         [&](const proto::ExpandSweepReply& reply, const QString&) {
                           answer = reply;
                           has_come = true;
                         });
    [&] { QTRY_VERIFY(has_come); }();
    return answer;
  }
  std::string idOf(const char* rate) {
    for (const proto::RunSummary& run : model_->runs())
      if (run.name().ends_with(rate)) return run.run();
    return "";
  }
  void makeGoOn(const std::string& id, int64_t step) {
    proto::RunSummary run = engine_->run(id);
    run.set_state(proto::RUNNING);
    engine_->put(run);
    engine_->advance(id, step);
  }

 private slots:
  void initTestCase() { QLocale::setDefault(QLocale(QLocale::English, QLocale::UnitedKingdom)); }
  void init() {
    engine_ = std::make_unique<FakeEngine>();
    engine_->names_runs = true;
    engine_->start(folder_.filePath("engine.sock"));
    client_ = std::make_unique<EngineClient>();
    model_ = std::make_unique<SweepModel>(*client_);
    client_->start({}, engine_->address());
    QTRY_VERIFY(client_->listed());
  }
  void cleanup() {
    model_.reset();
    client_.reset();
    engine_.reset();
  }

  void aSweepIsFoundByTheNamesOfItsRuns() {
    const QAbstractItemModelTester tester(model_.get());
    put("a", "rates · learning_rate 0.1", 0.1, 1, proto::FINISHED, 0.8);
    put("b", "rates · learning_rate 0.2", 0.2, 1, proto::FINISHED, 0.9);
    put("c", "something else", 0.2, 1, proto::FINISHED);
    put("d", "alone · x", 0.2, 1, proto::FINISHED);
    QTRY_COMPARE(model_->groups(), QStringList{"rates"});
    model_->setGroup("rates");
    QCOMPARE(model_->rowCount(), 2);
    QCOMPARE(model_->fields().size(), size_t{1});
    QCOMPARE(model_->headerData(1, Qt::Horizontal, Qt::DisplayRole).toString(), "Learning rate");
    QCOMPARE(model_->index(1, 1).data().toString(), "0.2");
    QCOMPARE(model_->index(1, model_->metricColumn(0)).data().toString(), "0.9000");
    // Another run of it makes another value, and another row.
    put("e", "rates · learning_rate 0.05", 0.05, 1, proto::QUEUED);
    QTRY_COMPARE(model_->rowCount(), 3);
    QCOMPARE(model_->fields()[0].labels.front(), std::string("0.05"));
    QCOMPARE(model_->progress().queued, 1);
    QCOMPARE(model_->progress().ended, 2);
  }

  void cellsAreMeansOfSeeds() {
    put("a", "s · 1", 0.1, 1, proto::FINISHED, 0.8);
    put("b", "s · 2", 0.1, 2, proto::FINISHED, 0.9);
    put("c", "s · 3", 0.2, 1, proto::RUNNING, 0.4);
    put("d", "s · 4", 0.2, 2, proto::FAILED, 0.1);
    QTRY_COMPARE(model_->groups(), QStringList{"s"});
    model_->setGroup("s");
    QTRY_COMPARE(model_->rowCount(), 4);  // two make a group
    QCOMPARE(model_->fields().size(), size_t{2});
    int rate = -1;
    for (int field = 0; field < 2; ++field)
      if (model_->fields()[size_t(field)].pointer == "/optimizer/learning_rate") rate = field;
    const SweepCells cells = model_->cells({.x = rate, .y = -1, .only_of = {}}, 0);
    QCOMPARE(cells.cells.size(), size_t{2});
    QVERIFY(std::abs(cells.at(0, 0).mean - 0.85) < 1e-12);
    QCOMPARE(cells.at(0, 1).mean, 0.4);
    QCOMPARE(cells.at(0, 1).state, CellState::kRunning);
  }

  void runsGoIntoTheQueueInTheirOrder() {
    const proto::ExpandSweepReply sweep = expanded(false);
    SweepDriver driver(*client_);
    QSignalSpy begun(&driver, &SweepDriver::begun);
    driver.start(sweep, 0);
    QTRY_COMPARE(engine_->submitted().size(), size_t{4});
    QTRY_VERIFY(!driver.isGoing());  // the queue needs nobody
    QCOMPARE(begun.count(), 1);
    for (int point = 0; point < 4; ++point)
      QCOMPARE(engine_->submitted()[size_t(point)], sweep.points(point).spec_json(0));
    // Once more: they are all there.
    driver.start(sweep, 0);
    QTRY_VERIFY(!driver.isGoing());
    QCOMPARE(engine_->submitted().size(), size_t{4});
  }

  void noMoreThanSoManyAtOnce() {
    SweepDriver driver(*client_);
    driver.start(expanded(false), 2);
    QTRY_COMPARE(engine_->submitted().size(), size_t{2});
    model_->setGroup("climb");
    QTRY_COMPARE(model_->rowCount(), 2);
    QVERIFY(driver.isGoing());
    proto::RunSummary run = engine_->run(model_->runs()[0].run());
    run.set_state(proto::FINISHED);
    engine_->put(run);
    QTRY_COMPARE(engine_->submitted().size(), size_t{3});
    QTRY_COMPARE(model_->rowCount(), 3);  // so the driver knows of the third one too
    driver.stop();
    QTRY_COMPARE(calls("control stop"), 2);
    QVERIFY(!driver.isGoing());
  }

  // An epoch is 235 steps; the accuracy is measured five times in it. Point 0.3 learns fastest, then 0.1.
  void halvingHoldsAndResumes() {
    SweepDriver driver(*client_);
    driver.start(expanded(true), 0);
    QTRY_COMPARE(engine_->submitted().size(), size_t{4});
    model_->setGroup("climb");
    QTRY_COMPARE(model_->rowCount(), 4);
    const std::string rates[] = {"0.4", "0.3", "0.2", "0.1"};
    const int64_t paces[] = {230, 260, 235, 240};  // steps of an epoch: who has more is further at epoch 1
    for (int i = 0; i < 4; ++i) {
      engine_->own[idOf(rates[i].c_str())] = engine_->synthetic;
      engine_->own[idOf(rates[i].c_str())].steps_per_epoch = paces[i];
    }
    for (const std::string& rate : rates) makeGoOn(idOf(rate.c_str()), 300);
    // Who is there waits, stopped, unless all others are decided by then. The best two go on.
    const auto stateOf = [&](const char* rate) { return engine_->run(idOf(rate)).state(); };
    QTRY_VERIFY(stateOf("0.4") == proto::STOPPED && stateOf("0.2") == proto::STOPPED);
    QTRY_VERIFY(driver.words().startsWith("Rung 2 of 3"));
    QTRY_VERIFY(stateOf("0.3") == proto::RUNNING && stateOf("0.1") == proto::RUNNING);
    for (const char* rate : {"0.3", "0.1"}) makeGoOn(idOf(rate), 560);
    QTRY_COMPARE(stateOf("0.1"), proto::STOPPED);
    QTRY_VERIFY(driver.words().startsWith("Rung 3 of 3"));
    QTRY_COMPARE(stateOf("0.3"), proto::RUNNING);
    makeGoOn(idOf("0.3"), 830);
    QTRY_VERIFY(!driver.isGoing());
    QCOMPARE(engine_->submitted().size(), size_t{4});  // one run a point
    QTRY_VERIFY(calls("control stop") >= 4);
    for (const char* rate : {"0.4", "0.2"}) QCOMPARE(calls("control resume " + idOf(rate)), 0);
  }

  void aRefusalIsTold() {
    SweepDriver driver(*client_);
    const proto::ExpandSweepReply sweep = expanded(false);
    engine_->refuseWith({grpc::StatusCode::INTERNAL, "the disk is full"});
    QSignalSpy failed(&driver, &SweepDriver::failed);
    driver.start(sweep, 0);
    QTRY_COMPARE(failed.count(), 1);
    QVERIFY2(failed[0][0].toString().contains("the disk is full"), qPrintable(failed[0][0].toString()));
    QVERIFY(!driver.isGoing());
  }

  void filesOfSweepsAreKept() {
    SweepShelf shelf(folder_.filePath("shelf"));
    QVERIFY(shelf.find("a/b").isEmpty());
    QCOMPARE(shelf.keep("a/b", {{"name", "a/b"}, {"repeats", 2}}), QString());
    QCOMPARE(shelf.find("a/b")["repeats"].toInt(), 2);
    QVERIFY(shelf.pathOf("../x").startsWith(folder_.filePath("shelf") + "/"));
    QVERIFY(!shelf.pathOf("../x").contains(".."));
  }
};

CONCERTINA_TEST(SweepModelTest)

}  // namespace concertina::ui::sweep_model_test

#include "sweep_model_test.moc"
