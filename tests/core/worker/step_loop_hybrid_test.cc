// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// step_loop_hybrid_test.cc: whole training loops of a divided model whose copies mix, have servers, or keep
// no step: what can equal the undivided model does, and the others end as one.
#include <QTest>
#include <algorithm>
#include <array>
#include <cmath>
#include <initializer_list>
#include <utility>

#include "tests/test_program.h"
#include "training_ranks.h"

namespace concertina::step_loop_hybrid_test {

using nlohmann::json;

class StepLoopHybridTest : public QObject, private TrainingRanks {
  Q_OBJECT
 private slots:
  void partsEqualTheUndividedModel_data();
  void partsEqualTheUndividedModel();
  void copiesOutOfStepEndAsOneAndGoOn_data();
  void copiesOutOfStepEndAsOneAndGoOn();
  void noPartGetsAheadByMoreThanTheBound();
  void copiesOutOfStepStopWithACheckpoint_data();
  void copiesOutOfStepStopWithACheckpoint();
  void aPartThatDiesEndsTheRun_data();
  void aPartThatDiesEndsTheRun();

 private:
  json Divided(const QString& exchange, int data, int pipeline, int tensor, int batch) {
    json spec = PipelineSpec(table_, data, pipeline, tensor, batch);
    spec["exchange"] = json::parse(exchange.toStdString());
    spec["optimizer"] = {{"kind", "sgd"}, {"learning_rate", 0.05}};
    if (pipeline > 1) spec["pipeline"] = {{"kind", "1f1b"}, {"micro_batches", 2}};
    const int servers = spec["exchange"].value("dedicated_servers", 0);
    spec["workers"][0]["count"] = (data + servers) * pipeline * tensor;
    return spec;
  }
  static void AddMeshes(const char* exchange, std::initializer_list<std::array<int, 3>> meshes) {
    for (const auto& [data, pipeline, tensor] : meshes)
      QTest::addRow("%s, %d x %d x %d", exchange, data, pipeline, tensor)
          << exchange << data << pipeline << tensor;
  }
  static void AddColumns() {
    QTest::addColumn<QString>("exchange");
    QTest::addColumn<int>("data");
    QTest::addColumn<int>("pipeline");
    QTest::addColumn<int>("tensor");
  }
};

void StepLoopHybridTest::partsEqualTheUndividedModel_data() {
  QTest::addColumn<QString>("exchange");
  QTest::addColumn<QString>("undivided");
  QTest::addColumn<int>("data");
  const auto row = [](const char* name, const char* exchange, const char* undivided, int data) {
    QTest::newRow(name) << exchange << undivided << data;
  };
  constexpr char kMean[] = R"({"kind": "all-reduce"})";
  constexpr char kComplete[] = R"({"kind": "gossip", "graph": "complete"})";
  row("gossip, complete", kComplete, kComplete, 3);
  row("gossip, ring", R"({"kind": "gossip"})", R"({"kind": "gossip"})", 4);
  row("gossip, one peer", R"({"kind": "gossip", "graph": "exponential"})",
      R"({"kind": "gossip", "graph": "exponential"})", 3);
  row("choco without a codec", R"({"kind": "choco-sgd", "graph": "complete", "gamma": 1})", kComplete, 2);
  row("servers in step", R"({"kind": "parameter-server", "shards": 2, "dedicated_servers": 2})", kMean, 2);
  // With a bound of 0 nobody begins a step before all gradients of the last are in: that is the mean, but
  // for its rounding, where each counts 1/N.
  row("bound 0, beside the workers",
      R"({"kind": "parameter-server", "mode": "stale-synchronous", "staleness_bound": 0, "shards": 2,
          "damping": "workers"})",
      kMean, 2);
  row("bound 0, servers",
      R"({"kind": "parameter-server", "mode": "stale-synchronous", "staleness_bound": 0,
          "dedicated_servers": 1, "damping": "workers"})",
      kMean, 3);
  // Alone with the centre, as who comes when is a matter of chance among several.
  row("elastic", R"({"kind": "easgd", "period": 3})", R"({"kind": "easgd", "period": 3})", 1);
  row("elastic, servers", R"({"kind": "easgd", "period": 3, "dedicated_servers": 1})",
      R"({"kind": "easgd", "period": 3})", 1);
}

void StepLoopHybridTest::partsEqualTheUndividedModel() {
  QFETCH(QString, exchange);
  QFETCH(QString, undivided);
  QFETCH(int, data);
  QTemporaryDir one_run;
  const auto whole = Train(Divided(undivided, data, 1, 1, 8), one_run.path());
  for (const RankResult& rank : whole) QVERIFY(rank.result.ok());
  for (const auto& [pipeline, tensor] : {std::pair{2, 1}, {1, 2}, {2, 2}}) {
    QTemporaryDir run;
    const auto parts = Train(Divided(exchange, data, pipeline, tensor, 8), run.path());
    for (const RankResult& rank : parts) QVERIFY(rank.result.ok());
    for (int rank = 0; rank < data * pipeline * tensor; ++rank)
      QCOMPARE(parts[static_cast<size_t>(rank)].result->parameters_sha256,
               parts[0].result->parameters_sha256);
    QCOMPARE(Unlike(ParametersOf(run.path()), ParametersOf(one_run.path())), QString());
    QVERIFY(!parts[0].series.at("test/loss").empty());
  }
}

void StepLoopHybridTest::copiesOutOfStepEndAsOneAndGoOn_data() {
  AddColumns();
  for (const char* exchange :
       {R"({"kind": "parameter-server", "mode": "async", "shards": 2, "damping": "workers"})",
        R"({"kind": "parameter-server", "mode": "async", "shards": 3, "dedicated_servers": 2})",
        R"({"kind": "parameter-server", "mode": "stale-synchronous", "staleness_bound": 1})",
        R"({"kind": "parameter-server", "mode": "stale-synchronous", "dedicated_servers": 1})",
        R"({"kind": "easgd", "period": 4, "shards": 3})",
        R"({"kind": "easgd", "period": 3, "dedicated_servers": 1})", R"({"kind": "ad-psgd"})"})
    AddMeshes(exchange, {{2, 2, 1}, {3, 2, 1}, {2, 3, 1}, {2, 1, 2}, {2, 2, 2}});
}

void StepLoopHybridTest::copiesOutOfStepEndAsOneAndGoOn() {
  QFETCH(QString, exchange);
  QFETCH(int, data);
  QFETCH(int, pipeline);
  QFETCH(int, tensor);
  const auto workers = static_cast<size_t>(data * pipeline * tensor);
  json spec = Divided(exchange, data, pipeline, tensor, 8);
  spec["training"]["checkpoint_every_steps"] = 17;
  spec["training"]["evaluate_every_epochs"] = 1;
  QTemporaryDir run, again;
  const auto whole = Train(spec, run.path());
  QVERIFY(whole[0].result.ok() && whole[0].checkpoints.size() >= 2);
  const auto rest = Train(
      spec, again.path(),
      CheckpointFolder(run.path().toStdString(), whole[0].checkpoints[whole[0].checkpoints.size() - 2]));
  for (const auto& results : {whole, rest})
    for (size_t rank = 0; rank < results.size(); ++rank) {
      const auto& result = results[rank].result;
      QVERIFY(result.ok());
      QVERIFY(!result->stopped);
      if (rank < workers) QCOMPARE(result->parameters_sha256, results[0].result->parameters_sha256);
      QCOMPARE(result->parameters_path.empty(), rank != 0);  // one speaks for all
    }
  // The ranks of one copy have the same accuracy at the same steps, and the last is everyone's.
  for (size_t rank = 0; rank < workers; ++rank) {
    const size_t copy = rank - rank % static_cast<size_t>(pipeline * tensor);
    QVERIFY(whole[rank].series.at("test/loss") == whole[copy].series.at("test/loss"));
    QCOMPARE(whole[rank].series.at("test/loss").size(), size_t{4});
  }
  for (const float value : ParametersOf(again.path())) QVERIFY(std::isfinite(value));
  QVERIFY(!ParametersOf(again.path()).empty());
}

void StepLoopHybridTest::noPartGetsAheadByMoreThanTheBound() {
  json spec = Divided(R"({"kind": "parameter-server", "mode": "stale-synchronous", "staleness_bound": 2,
                          "damping": "workers"})",
                      3, 2, 2, 8);
  QTemporaryDir run;
  const auto results = Train(spec, run.path());
  for (const RankResult& rank : results) {
    QVERIFY(rank.result.ok());
    const std::vector<double>& lead = rank.series.at("async/clock_lead");
    QCOMPARE(lead.size(), static_cast<size_t>(rank.result->step));
    QVERIFY(*std::max_element(lead.begin(), lead.end()) <= 2);
  }
}

void StepLoopHybridTest::copiesOutOfStepStopWithACheckpoint_data() {
  AddColumns();
  for (const char* exchange :
       {R"({"kind": "parameter-server", "mode": "stale-synchronous"})",
        R"({"kind": "parameter-server", "mode": "async", "dedicated_servers": 1})", R"({"kind": "ad-psgd"})"})
    AddMeshes(exchange, {{2, 2, 1}, {2, 2, 2}});
}

void StepLoopHybridTest::copiesOutOfStepStopWithACheckpoint() {
  QFETCH(QString, exchange);
  QFETCH(int, data);
  QFETCH(int, pipeline);
  QFETCH(int, tensor);
  QTemporaryDir run;
  const auto results = Train(Divided(exchange, data, pipeline, tensor, 8), run.path(), "",
                             {proto::Control::CHECKPOINT, proto::Control::STOP});
  for (const RankResult& result : results) QVERIFY(result.result.ok() && result.result->stopped);
  QCOMPARE(results[0].checkpoints.size(), size_t{2});
  for (size_t rank = 1; rank < results.size(); ++rank) QVERIFY(results[rank].checkpoints.empty());
  QVERIFY(!ParametersOf(run.path()).empty());
}

void StepLoopHybridTest::aPartThatDiesEndsTheRun_data() { copiesOutOfStepStopWithACheckpoint_data(); }

void StepLoopHybridTest::aPartThatDiesEndsTheRun() {
  QFETCH(QString, exchange);
  QFETCH(int, data);
  QFETCH(int, pipeline);
  QFETCH(int, tensor);
  QTemporaryDir run;
  json spec = Divided(exchange, data, pipeline, tensor, 8);
  spec["training"]["max_steps"] = 200;
  spec["training"]["epochs"] = 20;
  const auto results = Train(spec, run.path(), "", {}, /*dying_rank=*/pipeline * tensor);
  for (const RankResult& result : results) QVERIFY(!result.result.ok());
}

CONCERTINA_TEST(StepLoopHybridTest)

}  // namespace concertina::step_loop_hybrid_test

#include "step_loop_hybrid_test.moc"
