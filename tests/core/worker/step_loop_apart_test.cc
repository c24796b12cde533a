// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// step_loop_apart_test.cc: whole training loops whose ranks differ on the way, or keep no step: they end as
// one, and go on without one that is lost.
#include <QTest>

#include "tests/test_program.h"
#include "training_ranks.h"

namespace concertina::step_loop_apart_test {

using nlohmann::json;

class StepLoopApartTest : public QObject, private TrainingRanks {
  Q_OBJECT
 private slots:
  void ranksThatMixGoOnWithoutOneThatIsLost_data();
  void ranksThatMixGoOnWithoutOneThatIsLost();
  void ranksThatMixEndAsOneAndGoOnToTheBit_data();
  void ranksThatMixEndAsOneAndGoOnToTheBit();
  void ranksOutOfStepEndWithTheSameParameters_data();
  void ranksOutOfStepEndWithTheSameParameters();
  void serversInStepChangeNoBit();
  void ranksOutOfStepGoOnFromACheckpoint_data() { ranksOutOfStepEndWithTheSameParameters_data(); }
  void ranksOutOfStepGoOnFromACheckpoint();
  void differencesGoOnFromACheckpoint_data();
  void differencesGoOnFromACheckpoint();
  void ranksOutOfStepStopWithACheckpoint();
};

void StepLoopApartTest::ranksThatMixEndAsOneAndGoOnToTheBit_data() {
  QTest::addColumn<QString>("exchange");
  QTest::addColumn<bool>("encoded");
  QTest::newRow("gossip") << R"({"kind": "gossip"})" << false;
  QTest::newRow("exponential") << R"({"kind": "gossip", "graph": "exponential"})" << false;
  QTest::newRow("choco") << R"({"kind": "choco-sgd", "bucket_mib": 0.001})" << true;
  QTest::newRow("gossip, encoded") << R"({"kind": "gossip", "bucket_mib": 0.001})" << true;
}

void StepLoopApartTest::ranksThatMixEndAsOneAndGoOnToTheBit() {
  QFETCH(QString, exchange);
  QFETCH(bool, encoded);
  json spec = TableSpec(table_, 3, 8);
  spec["exchange"] = json::parse(exchange.toStdString());
  if (encoded) spec["gradient"] = {{{"kind", "top-k"}, {"ratio", 0.1}, {"error_feedback", false}}};
  spec["training"]["checkpoint_every_steps"] = 17;
  QTemporaryDir run, again;
  const auto whole = Train(spec, run.path());
  for (const RankResult& result : whole) {
    QVERIFY(result.result.ok());
    QCOMPARE(result.result->parameters_sha256, whole[0].result->parameters_sha256);
  }
  QVERIFY(whole[0].checkpoints.size() >= 2);
  const auto rest = Train(
      spec, again.path(),
      CheckpointFolder(run.path().toStdString(), whole[0].checkpoints[whole[0].checkpoints.size() - 2]));
  QVERIFY(rest[0].result.ok());
  QCOMPARE(rest[0].result->parameters_sha256, whole[0].result->parameters_sha256);
}

void StepLoopApartTest::ranksThatMixGoOnWithoutOneThatIsLost_data() {
  QTest::addColumn<QString>("exchange");
  QTest::addColumn<bool>("encoded");
  QTest::addColumn<int>("lost");
  for (const int lost : {0, 2, 3}) {
    const auto row = [lost](const char* name, const char* exchange, bool encoded) {
      QTest::addRow("%s, rank %d", name, lost) << exchange << encoded << lost;
    };
    row("gossip", R"({"kind": "gossip"})", false);
    row("exponential", R"({"kind": "gossip", "graph": "exponential"})", false);
    row("choco", R"({"kind": "choco-sgd", "bucket_mib": 0.001})", true);
    row("gossip, encoded", R"({"kind": "gossip", "bucket_mib": 0.001})", true);
    row("rounds", R"({"kind": "fedavg", "clients": 8, "fraction": 1})", false);
    row("rounds, encoded", R"({"kind": "fedadam", "clients": 8, "fraction": 1})", true);
  }
}

void StepLoopApartTest::ranksThatMixGoOnWithoutOneThatIsLost() {
  QFETCH(QString, exchange);
  QFETCH(bool, encoded);
  QFETCH(int, lost);
  json spec = TableSpec(table_, 4, 8);
  spec["exchange"] = json::parse(exchange.toStdString());
  if (encoded) spec["gradient"] = {{{"kind", "top-k"}, {"ratio", 0.1}, {"error_feedback", false}}};
  spec["training"]["checkpoint_every_steps"] = 20;
  spec["training"]["max_steps"] = 60;
  QTemporaryDir run;
  const auto results = Train(spec, run.path(), "", {}, lost);
  const size_t first = lost == 0 ? 1 : 0;
  for (size_t rank = 0; rank < results.size(); ++rank) {
    const auto& result = results[rank].result;
    QCOMPARE(result.ok(), static_cast<int>(rank) != lost);
    QVERIFY(results[rank].checkpoints.empty());  // a part of it would be missing
    if (!result.ok()) continue;
    QCOMPARE(result->step, int64_t{60});
    QVERIFY(!result->stopped);
    QCOMPARE(result->parameters_sha256, results[first].result->parameters_sha256);
    QCOMPARE(result->parameters_path.empty(), rank != first);  // one speaks for all
  }
  QVERIFY(!ParametersOf(run.path()).empty());
}

void StepLoopApartTest::ranksOutOfStepEndWithTheSameParameters_data() {
  QTest::addColumn<QString>("exchange");
  for (const char* exchange :
       {R"({"kind": "parameter-server", "mode": "async", "shards": 2, "damping": "workers"})",
        R"({"kind": "parameter-server", "mode": "async", "dedicated_servers": 2, "shards": 3})",
        R"({"kind": "parameter-server", "mode": "stale-synchronous", "staleness_bound": 0})",
        R"({"kind": "parameter-server", "mode": "stale-synchronous", "dedicated_servers": 1})",
        R"({"kind": "parameter-server", "backup_workers": 1})", R"({"kind": "easgd", "period": 4})",
        R"({"kind": "easgd", "period": 3, "dedicated_servers": 1})"})
    QTest::newRow(exchange) << exchange;
}

void StepLoopApartTest::ranksOutOfStepEndWithTheSameParameters() {
  QFETCH(QString, exchange);
  json spec = TableSpec(table_, 3, 8);
  spec["exchange"] = json::parse(exchange.toStdString());
  spec["optimizer"] = {{"kind", "sgd"}, {"learning_rate", 0.02}};
  spec["workers"][0]["count"] = 3 + spec["exchange"].value("dedicated_servers", 0);
  QTemporaryDir run;
  const auto results = Train(spec, run.path());
  for (size_t rank = 0; rank < results.size(); ++rank) {
    QVERIFY(results[rank].result.ok());
    QVERIFY(!results[rank].result->stopped);
    if (rank < 3) QCOMPARE(results[rank].result->parameters_sha256, results[0].result->parameters_sha256);
    QCOMPARE(results[rank].result->parameters_path.empty(), rank != 0);  // one speaks for all
  }
  QVERIFY(!ParametersOf(run.path()).empty());
}

void StepLoopApartTest::serversInStepChangeNoBit() {
  json spec = TableSpec(table_, 3, 8);
  spec["exchange"] = {{"kind", "parameter-server"}, {"shards", 3}, {"bucket_mib", 0.001}};
  spec["training"]["checkpoint_every_steps"] = 30;
  QTemporaryDir beside, apart;
  const auto one = Train(spec, beside.path());
  spec["exchange"]["dedicated_servers"] = 2;
  spec["workers"][0]["count"] = 5;
  const auto other = Train(spec, apart.path());
  QVERIFY(one[0].result.ok());
  for (const RankResult& result : other) QVERIFY(result.result.ok());
  QCOMPARE(other[0].result->parameters_sha256, one[0].result->parameters_sha256);
  QCOMPARE(other[0].checkpoints, one[0].checkpoints);
}

void StepLoopApartTest::ranksOutOfStepGoOnFromACheckpoint() {
  QFETCH(QString, exchange);
  json spec = TableSpec(table_, 3, 8);
  spec["exchange"] = json::parse(exchange.toStdString());
  spec["optimizer"] = {{"kind", "sgd"}, {"learning_rate", 0.02}, {"momentum", 0.5}};
  spec["workers"][0]["count"] = 3 + spec["exchange"].value("dedicated_servers", 0);
  spec["training"]["checkpoint_every_steps"] = 17;
  QTemporaryDir run, again;
  const auto whole = Train(spec, run.path());
  QVERIFY(whole[0].result.ok());
  QVERIFY(whole[0].checkpoints.size() >= 2 && whole[1].checkpoints.empty());
  const auto rest =
      Train(spec, again.path(), CheckpointFolder(run.path().toStdString(), whole[0].checkpoints.back()));
  for (size_t rank = 0; rank < 3; ++rank) {
    QVERIFY(rest[rank].result.ok());
    QCOMPARE(rest[rank].result->step, whole[0].result->step);
    QCOMPARE(rest[rank].result->parameters_sha256, rest[0].result->parameters_sha256);
  }
}

void StepLoopApartTest::differencesGoOnFromACheckpoint_data() {
  QTest::addColumn<int>("dedicated");
  QTest::newRow("beside the workers") << 0;
  QTest::newRow("a server of its own") << 1;
}

void StepLoopApartTest::differencesGoOnFromACheckpoint() {
  QFETCH(int, dedicated);
  json spec = TableSpec(table_, 3, 8);
  spec["exchange"] = {{"kind", "easgd"}, {"period", 3}, {"dedicated_servers", dedicated}};
  spec["gradient"] = {{{"kind", "top-k"}, {"ratio", 0.1}, {"error_feedback", false}}};
  spec["workers"][0]["count"] = 3 + dedicated;
  spec["training"]["checkpoint_every_steps"] = 17;
  QTemporaryDir run, again;
  const auto whole = Train(spec, run.path());
  for (const RankResult& result : whole) QVERIFY(result.result.ok());
  QVERIFY(!whole[0].checkpoints.empty());
  const auto rest =
      Train(spec, again.path(), CheckpointFolder(run.path().toStdString(), whole[0].checkpoints.back()));
  for (size_t rank = 0; rank < 3; ++rank) {
    QVERIFY(rest[rank].result.ok());
    QCOMPARE(rest[rank].result->step, whole[0].result->step);
    QCOMPARE(rest[rank].result->parameters_sha256, rest[0].result->parameters_sha256);
  }
}

void StepLoopApartTest::ranksOutOfStepStopWithACheckpoint() {
  json spec = TableSpec(table_, 3, 8);
  spec["exchange"] = {{"kind", "parameter-server"}, {"mode", "stale-synchronous"}, {"dedicated_servers", 1}};
  spec["workers"][0]["count"] = 4;
  QTemporaryDir run;
  const auto results = Train(spec, run.path(), "", {proto::Control::CHECKPOINT, proto::Control::STOP});
  for (const RankResult& result : results) QVERIFY(result.result.ok() && result.result->stopped);
  QCOMPARE(results[0].checkpoints.size(), size_t{2});
  QVERIFY(!ParametersOf(run.path()).empty());
}

CONCERTINA_TEST(StepLoopApartTest)

}  // namespace concertina::step_loop_apart_test

#include "step_loop_apart_test.moc"
