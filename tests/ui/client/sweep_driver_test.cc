// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// sweep_driver_test.cc: successive halving against an engine of tests: runs that fail, and answers that do
// not come.
#include "ui/client/sweep_driver.h"

#include <QElapsedTimer>
#include <QTemporaryDir>
#include <QTest>
#include <algorithm>
#include <memory>

#include "tests/test_program.h"
#include "tests/ui/fake_engine.h"

namespace concertina::ui::sweep_driver_test {

class SweepDriverTest : public QObject {
  Q_OBJECT

  QTemporaryDir folder_;
  std::unique_ptr<FakeEngine> engine_;
  std::unique_ptr<EngineClient> client_;
  std::unique_ptr<SweepDriver> driver_;

  static std::string specOf(const std::string& id) { return "{\"name\": \"" + id + "\"}"; }
  void put(const std::string& id, proto::RunState state, int64_t step) {
    proto::RunSummary run = FakeEngine::makeRun(id, id, state);
    run.set_spec_json(specOf(id));
    engine_->synthetic.summarise(run, step);
    engine_->put(run);
  }
  int calls(const std::string& begin) const {
    const auto all = engine_->calls();
    return int(
        std::count_if(all.begin(), all.end(), [&](const auto& call) { return call.starts_with(begin); }));
  }
  // Two points to one epoch, the better one to two.
  static proto::ExpandSweepReply sweepOfTwo() {
    proto::ExpandSweepReply sweep;
    sweep.set_name("two");
    sweep.set_objective("test_accuracy");
    sweep.set_more_is_better(true);
    for (const char* id : {"a", "b"}) sweep.add_points()->add_spec_json(specOf(id));
    for (int rung = 0; rung < 2; ++rung) {
      sweep.add_rungs()->set_points(2 - rung);
      sweep.mutable_rungs(rung)->set_epochs(1 + rung);
    }
    return sweep;
  }

 private slots:
  void init() {
    engine_ = std::make_unique<FakeEngine>();
    engine_->start(folder_.filePath("engine.sock"));
    client_ = std::make_unique<EngineClient>();
    driver_ = std::make_unique<SweepDriver>(*client_);
    client_->start({}, engine_->address());
    QTRY_VERIFY(client_->listed());
  }
  void cleanup() {
    driver_.reset();
    client_.reset();
    engine_.reset();
  }

  // It is resumed once; then it is out on every rung, and the other one decides the sweep.
  void aPointThatFailsIsOut() {
    put("a", proto::FAILED, 0);
    put("b", proto::FINISHED, 705);
    driver_->start(sweepOfTwo(), 0);
    QTRY_COMPARE(engine_->run("a").state(), proto::RUNNING);
    QVERIFY(driver_->isGoing());
    put("a", proto::FAILED, 0);
    QTRY_VERIFY(!driver_->isGoing());
    QCOMPARE(calls("control resume a"), 1);
    QCOMPARE(calls("control resume b"), 0);
    QVERIFY(engine_->submitted().empty());
  }

  // A list without one of its runs tells nothing, and yet it is what was waited for.
  void aListThatComesLateIsWaitedFor() {
    engine_->lists_are_slow = true;
    driver_->start(sweepOfTwo(), 0);
    QTRY_VERIFY(engine_->slow_lists > 0);
    QElapsedTimer clock;
    clock.start();
    QTRY_VERIFY(clock.hasExpired(200));  // the driver has looked, several times its own pause ago
    QVERIFY(engine_->submitted().empty());
    engine_->lists_are_slow = false;
    QTRY_COMPARE(engine_->submitted().size(), size_t{2});
  }

  // Both have failed for good: nobody is left, which ends it too.
  void allThatFailEndIt() {
    put("a", proto::FINISHED, 0);
    put("b", proto::FINISHED, 0);
    driver_->start(sweepOfTwo(), 0);
    QTRY_VERIFY(!driver_->isGoing());
    QCOMPARE(calls("control resume"), 0);
  }

  // Else a run that has finished would have measured nothing, and one that stopped would be resumed.
  void aQuestionWithoutAnAnswerSaysNothing() {
    put("a", proto::FINISHED, 705);
    put("b", proto::FAILED, 300);  // past the first rung: to be resumed only if it is the better one
    engine_->refuseWith({grpc::StatusCode::DEADLINE_EXCEEDED, "busy"});
    driver_->start(sweepOfTwo(), 0);
    QTRY_VERIFY(calls("series") >= 4);  // each once more
    QVERIFY(driver_->isGoing());
    QCOMPARE(calls("control"), 0);
    engine_->refuseWith(grpc::Status::OK);
    QTRY_VERIFY(!driver_->isGoing());
    QCOMPARE(calls("control"), 0);
  }
};

CONCERTINA_TEST(SweepDriverTest)

}  // namespace concertina::ui::sweep_driver_test

#include "sweep_driver_test.moc"
