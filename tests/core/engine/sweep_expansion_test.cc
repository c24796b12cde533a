// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// sweep_expansion_test.cc: a sweep as the engine's service tells it to a window.
#include <QTest>

#include "tests/core/engine/engine_room.h"
#include "tests/test_program.h"

namespace concertina::sweep_expansion_test {

class SweepExpansionTest : public QObject {
  Q_OBJECT
 private slots:
  void init() { room_ = std::make_unique<EngineRoom>(); }
  void cleanup() { room_.reset(); }

  void everyPointIsAWholeSpec() {
    QVERIFY(room_->Start().ok());
    const proto::ExpandSweepReply reply =
        Expanded({{"name", "s"},
                  {"base", Json::parse(room_->Spec(2))},
                  {"axes", {{{"pointer", "/optimizer/learning_rate"}, {"values", {0.1, 0.05, 0.02}}}}},
                  {"repeats", 2}},
                 2);
    QCOMPARE(reply.faults_size(), 0);
    QCOMPARE(reply.name(), std::string("s"));
    QCOMPARE(reply.point_count(), int64_t{3});
    QCOMPARE(reply.run_count(), int64_t{6});
    QCOMPARE(reply.points_size(), 2);  // as many as were asked for
    QCOMPARE(reply.points(1).label(), std::string("learning_rate 0.05"));
    QCOMPARE(reply.points(1).values(0), std::string("0.05"));
    QCOMPARE(reply.points(1).spec_json_size(), 2);
    const Json spec = Json::parse(reply.points(1).spec_json(1));
    QCOMPARE(spec["name"].get<std::string>(), std::string("s · learning_rate 0.05"));
    QCOMPARE(spec["optimizer"]["learning_rate"].get<double>(), 0.05);
    QCOMPARE(spec["seed"].get<int>(), Json::parse(reply.points(1).spec_json(0))["seed"].get<int>() + 1);
    QCOMPARE(reply.epochs(), 5.0);
    QCOMPARE(reply.objective(), std::string("test_accuracy"));
    QVERIFY(reply.more_is_better());
    QCOMPARE(reply.rungs_size(), 0);
    // The engine takes them as they are.
    QVERIFY(!room_->Submit(reply.points(0).spec_json(0)).empty());
  }

  void halvingTellsItsRungs() {
    QVERIFY(room_->Start().ok());
    const proto::ExpandSweepReply reply =
        Expanded({{"base", Json::parse(room_->Spec(1))},
                  {"axes", {{{"pointer", "/optimizer/learning_rate"}, {"values", {0.1, 0.05, 0.02, 0.01}}}}},
                  {"search", {{"kind", "successive-halving"}, {"first_epochs", 1}, {"rounds", "resumed"}}}},
                 0);
    QCOMPARE(reply.faults_size(), 0);
    QCOMPARE(reply.points_size(), 0);
    QCOMPARE(reply.rungs_size(), 3);
    QCOMPARE(reply.rungs(1).points(), int64_t{2});
    QCOMPARE(reply.rungs(1).epochs(), 2.0);
  }

  void faultsHaveTheirPlace() {
    QVERIFY(room_->Start().ok());
    const proto::ExpandSweepReply reply =
        Expanded({{"base", Json::parse(room_->Spec(1))},
                  {"axes", {{{"pointer", "/optimizer/lerning_rate"}, {"values", {0.1}}}}}},
                 5);
    QCOMPARE(reply.faults_size(), 1);
    QCOMPARE(reply.faults(0).suggestion(), std::string("learning_rate"));
    QCOMPARE(reply.points_size(), 0);
  }

  // A person elsewhere must not learn of this machine's files.
  void aPathIsNoBase() {
    QVERIFY(room_->Start().ok());
    const proto::ExpandSweepReply reply =
        Expanded({{"base", "/etc/passwd"}, {"axes", {{{"pointer", "/seed"}, {"values", {1}}}}}}, 5);
    QCOMPARE(reply.faults_size(), 1);
    QCOMPARE(reply.faults(0).pointer(), std::string("/base"));
    QVERIFY(reply.faults(0).message().find("experiment itself") != std::string::npos);
  }

 private:
  proto::ExpandSweepReply Expanded(const Json& sweep, int max_points) {
    proto::ExpandSweepRequest request;
    request.set_sweep_json(sweep.dump());
    request.set_max_points(max_points);
    proto::ExpandSweepReply reply;
    grpc::ClientContext context;
    const grpc::Status status = room_->stub().ExpandSweep(&context, request, &reply);
    if (!status.ok()) qWarning("%s", status.error_message().c_str());
    return reply;
  }
  std::unique_ptr<EngineRoom> room_;
};

CONCERTINA_TEST(SweepExpansionTest)

}  // namespace concertina::sweep_expansion_test

#include "sweep_expansion_test.moc"
