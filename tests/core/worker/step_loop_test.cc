// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// step_loop_test.cc: whole training loops, data parallel: many ranks equal one, to the bit where they must;
// checkpoints, stops and knobs.
#include <QTest>
#include <cmath>

#include "core/base/registry.h"
#include "tests/allocations.h"
#include "tests/test_program.h"
#include "training_ranks.h"

namespace concertina::step_loop_test {

using nlohmann::json;

class StepLoopTest : public QObject, private TrainingRanks {
  Q_OBJECT
 private slots:
  void ranksEndWithTheSameBits_data();
  void ranksEndWithTheSameBits();
  void manyRanksEqualOneWithTheSameGlobalBatch_data();
  void manyRanksEqualOneWithTheSameGlobalBatch();
  void howBucketsAreCutChangesNoBit_data();
  void howBucketsAreCutChangesNoBit();
  void goingOnFromACheckpointChangesNoBit_data();
  void goingOnFromACheckpointChangesNoBit();
  void aStopKeepsParametersAndCheckpoint();
  void aStopKeepsWhereEachRankWasBeforeItSettles();
  void aBatchThatIsTooLargeIsRefused();
  void aLossThatIsNoNumberNamesAParameter();
  void aStepAllocatesNothing();
  void aWorkersOwnLinkStaysWhenOtherKnobsAreTurned_data();
  void aWorkersOwnLinkStaysWhenOtherKnobsAreTurned();
};

// What a run takes once is the same for a short one and a long one. Recorded rows, and the meetings of ranks
// every few steps, take a little; a callback of each step that does not fit into a std::function takes one
// block each.
void StepLoopTest::aStepAllocatesNothing() {
  const auto made_by = [&](int epochs) {
    json spec = TableSpec(table_, 1, 8);
    spec["training"]["epochs"] = epochs;
    spec["training"]["evaluate_every_epochs"] = 1000;
    QTemporaryDir run;
    const int64_t before = allocations;
    for (const RankResult& result : Train(spec, run.path()))
      if (!result.result.ok()) return int64_t{-1};
    return allocations - before;
  };
  constexpr int kFew = 4, kMany = 24, kStepsAnEpoch = 60;
  QVERIFY(made_by(kFew) > 0);  // kernels are chosen once, and kept
  const int64_t few = made_by(kFew), many = made_by(kMany);
  QVERIFY(few > 0 && many > 0);
  const double a_step = static_cast<double>(many - few) / ((kMany - kFew) * kStepsAnEpoch);
  QVERIFY2(a_step < 0.9, qPrintable(QString("%1 in each step").arg(a_step)));
}

void StepLoopTest::ranksEndWithTheSameBits_data() {
  QTest::addColumn<int>("ranks");
  QTest::addColumn<QString>("exchange");
  QTest::addColumn<QString>("codec");
  for (const int ranks : {2, 3, 5})
    for (const char* exchange : {"all-reduce", "parameter-server"})
      for (const char* codec : {"none", "fp16", "top-k"})
        QTest::addRow("%d %s %s", ranks, exchange, codec) << ranks << exchange << codec;
}

void StepLoopTest::ranksEndWithTheSameBits() {
  QFETCH(int, ranks);
  QFETCH(QString, exchange);
  QFETCH(QString, codec);
  json spec = TableSpec(table_, ranks, 8);
  spec["exchange"]["kind"] = exchange.toStdString();
  if (exchange == "parameter-server") spec["exchange"]["shards"] = 2;
  spec["gradient"] = {{{"kind", codec.toStdString()}}};
  if (codec == "top-k") spec["gradient"][0]["ratio"] = 0.1;
  QTemporaryDir run;
  const auto results = Train(spec, run.path());
  for (const RankResult& result : results) {
    QVERIFY(result.result.ok());
    QCOMPARE(result.result->parameters_sha256, results[0].result->parameters_sha256);
  }
}

void StepLoopTest::manyRanksEqualOneWithTheSameGlobalBatch_data() {
  QTest::addColumn<int>("ranks");
  QTest::addColumn<QString>("exchange");
  for (const int ranks : {2, 3, 4, 6, 8})
    for (const char* exchange :
         {R"({"kind": "all-reduce"})", R"({"kind": "parameter-server"})", R"({"kind": "zero", "stage": 1})",
          R"({"kind": "zero", "stage": 2})", R"({"kind": "zero", "stage": 3})"})
      QTest::addRow("%d, %s", ranks, exchange) << ranks << exchange;
}

void StepLoopTest::manyRanksEqualOneWithTheSameGlobalBatch() {
  QFETCH(int, ranks);
  QFETCH(QString, exchange);
  QTemporaryDir one_run, many_run;
  const auto alone = Train(TableSpec(table_, 1, 24), one_run.path());
  QVERIFY(alone[0].result.ok());
  const double norm = alone[0].series.at("norm/parameters").at(0);
  json spec = TableSpec(table_, ranks, 24 / ranks);
  spec["exchange"].update(json::parse(exchange.toStdString()));
  for (const RankResult& result : Train(spec, many_run.path())) {
    QVERIFY(result.result.ok());
    QVERIFY(result.result->peak_memory_bytes > 0);
    // Of the whole, by every rank, whichever share of it is its own. All measure the first step.
    QVERIFY(result.series.at("norm/gradient").at(0) > 0);
    QVERIFY(std::abs(result.series.at("norm/parameters").at(0) / norm - 1) < 1e-5);
  }
  QCOMPARE(Unlike(ParametersOf(many_run.path()), ParametersOf(one_run.path())), QString());
}

void StepLoopTest::howBucketsAreCutChangesNoBit_data() {
  QTest::addColumn<int>("ranks");
  QTest::addColumn<QString>("optimizer");
  for (const int ranks : {1, 2})  // two sums of the same two numbers are the same; three may round apart
    for (const std::string& optimizer : Registry::Global().Kinds("optimizer"))
      if (optimizer != "one-bit-adam")  // needs a codec, and a bucket's end is the end of a block of that
        QTest::addRow("%d, %s", ranks, optimizer.c_str()) << ranks << QString::fromStdString(optimizer);
}

void StepLoopTest::howBucketsAreCutChangesNoBit() {
  QFETCH(int, ranks);
  QFETCH(QString, optimizer);
  json spec = TableSpec(table_, ranks, 8);
  spec["optimizer"] = {{"kind", optimizer.toStdString()}, {"learning_rate", 0.01}};
  QTemporaryDir many, one;
  const auto in_many = Train(spec, many.path());
  spec["exchange"]["bucket_mib"] = 1;
  const auto in_one = Train(spec, one.path());
  QVERIFY(in_many[0].result.ok() && in_one[0].result.ok());
  QCOMPARE(in_many[0].result->parameters_sha256, in_one[0].result->parameters_sha256);
}

void StepLoopTest::goingOnFromACheckpointChangesNoBit_data() {
  QTest::addColumn<QString>("codec");
  QTest::addColumn<QString>("optimizer");
  QTest::addColumn<int>("zero");  // its stage; 0: all-reduce
  QTest::newRow("dense") << "none"
                         << "sgd" << 0;
  QTest::newRow("a residual") << "top-k"
                              << "sgd" << 0;
  QTest::newRow("adam's moments") << "none"
                                  << "adam" << 0;
  QTest::newRow("a momentum of all ranks") << "onebit"
                                           << "one-bit-adam" << 0;
  for (const int stage : {1, 2, 3})
    QTest::addRow("shares of stage %d", stage) << "top-k"
                                               << "adam" << stage;
}

void StepLoopTest::goingOnFromACheckpointChangesNoBit() {
  QFETCH(QString, codec);
  QFETCH(QString, optimizer);
  QFETCH(int, zero);
  json spec = TableSpec(table_, 2, 8);
  if (zero > 0) spec["exchange"].update({{"kind", "zero"}, {"stage", zero}});
  spec["gradient"] = {{{"kind", codec.toStdString()}}};
  if (codec == "top-k") spec["gradient"][0]["ratio"] = 0.05;
  spec["optimizer"] = {{"kind", optimizer.toStdString()}, {"learning_rate", 0.01}};
  if (optimizer == "one-bit-adam") spec["optimizer"]["warm_up_steps"] = 20;  // checkpoints before and after
  spec["training"]["checkpoint_every_steps"] = 17;
  QTemporaryDir run;
  const auto whole = Train(spec, run.path());
  QVERIFY2(whole[0].result.ok(), whole[0].result.status().ToString().c_str());
  QVERIFY(whole[0].checkpoints.size() >= 2 && whole[1].checkpoints.empty());  // rank 0 speaks for all
  QTemporaryDir again;
  const auto rest = Train(
      spec, again.path(),
      CheckpointFolder(run.path().toStdString(), whole[0].checkpoints[whole[0].checkpoints.size() - 2]));
  QVERIFY(rest[0].result.ok());
  QCOMPARE(rest[0].result->parameters_sha256, whole[0].result->parameters_sha256);
}

void StepLoopTest::aStopKeepsParametersAndCheckpoint() {
  QTemporaryDir run;
  const auto results = Train(TableSpec(table_, 2, 8), run.path(), "", {proto::Control::STOP});
  QVERIFY(results[0].result.ok() && results[0].result->stopped && results[1].result->stopped);
  QCOMPARE(results[0].checkpoints.size(), size_t{1});
  QVERIFY(!ParametersOf(run.path()).empty());
}

// What is kept to go on from is each rank's own; what is kept as the model is the average of them.
void StepLoopTest::aStopKeepsWhereEachRankWasBeforeItSettles() {
  json spec = TableSpec(table_, 3, 8);
  spec["exchange"] = {{"kind", "gossip"}};
  spec["training"]["checkpoint_every_steps"] = 9;
  QTemporaryDir first, second;
  QVERIFY(Train(spec, first.path())[0].result.ok());
  const std::string before = CheckpointFolder(first.path().toStdString(), 63);
  const auto stopped = Train(spec, second.path(), before, {proto::Control::STOP});
  QVERIFY(stopped[0].result.ok() && stopped[0].result->stopped);
  const std::string kept = CheckpointFolder(second.path().toStdString(), stopped[0].result->step);
  std::vector<std::vector<float>> ranks;
  for (int rank = 0; rank < 3; ++rank) {
    const auto checkpoint = ReadCheckpoint(kept, rank);
    QVERIFY2(checkpoint.ok(), std::string(checkpoint.status().message()).c_str());
    ranks.push_back(checkpoint->parameters);
  }
  QVERIFY(ranks[0] != ranks[1] && ranks[1] != ranks[2]);
  const std::vector<float> model = ParametersOf(second.path());
  QCOMPARE(model.size(), ranks[0].size());
  double average = 0, found = 0;  // files may order their tensors another way; sums do not mind
  for (size_t i = 0; i < model.size(); ++i) {
    average += (double{ranks[0][i]} + ranks[1][i] + ranks[2][i]) / 3;
    found += model[i];
  }
  QVERIFY(std::abs(average - found) < 1e-4);
}

void StepLoopTest::aBatchThatIsTooLargeIsRefused() {
  QTemporaryDir run;
  const auto results = Train(TableSpec(table_, 2, 1000), run.path());
  QCOMPARE(results[0].result.status().code(), absl::StatusCode::kInvalidArgument);
  QVERIFY(std::string(results[0].result.status().message()).find("/training/batch_size") !=
          std::string::npos);
}

void StepLoopTest::aWorkersOwnLinkStaysWhenOtherKnobsAreTurned_data() {
  QTest::addColumn<QString>("pointer");
  QTest::addColumn<QString>("value");
  QTest::addColumn<double>("step_seconds");  // at least
  QTest::newRow("nothing is turned") << ""
                                     << "" << 0.020;
  QTest::newRow("the learning rate") << "/optimizer/learning_rate"
                                     << "0.05" << 0.020;
  QTest::newRow("the network's bandwidth") << "/network/bandwidth_mbit"
                                           << "1000" << 0.020;
  QTest::newRow("the network's latency") << "/network/latency_ms"
                                         << "5" << 0.025;
  QTest::newRow("the worker's latency") << "/workers/1/latency_ms"
                                        << "30" << 0.030;
}

void StepLoopTest::aWorkersOwnLinkStaysWhenOtherKnobsAreTurned() {
  QFETCH(QString, pointer);
  QFETCH(QString, value);
  QFETCH(double, step_seconds);
  constexpr int kSteps = 20;
  json spec = TableSpec(table_, 2, 24);
  spec["training"]["max_steps"] = kSteps;
  spec["workers"] = {{{"launcher", "local"}}, {{"launcher", "local"}, {"latency_ms", 20}}};
  std::vector<proto::Knob> knobs;
  if (!pointer.isEmpty()) {
    knobs.emplace_back().set_pointer(pointer.toStdString());
    knobs[0].set_json(value.toStdString());
  }
  QTemporaryDir run;
  const auto results = Train(spec, run.path(), "", {}, -1, knobs);
  QCOMPARE(results[0].knobs.size(), knobs.size());
  for (const absl::Status& status : results[0].knobs) QVERIFY2(status.ok(), status.ToString().c_str());
  for (const RankResult& result : results) {
    QVERIFY(result.result.ok());
    // Counted from before the first step. A step ends no sooner than a flight after the other rank's step
    // before had ended, meetings between steps included: a sum of steps alone could miss what a meeting took.
    const double seconds = result.series.at("time/arrival").back();
    QVERIFY2(seconds >= (kSteps - 1) * step_seconds, qPrintable(QString::number(seconds)));
  }
}

// Each step makes every parameter 999 times as large.
void StepLoopTest::aLossThatIsNoNumberNamesAParameter() {
  json spec = TableSpec(table_, 1, 8);
  spec["optimizer"] = {{"kind", "sgd"}, {"learning_rate", 1000}, {"weight_decay", 1}};
  spec["exchange"] = {{"kind", "single"}};
  QTemporaryDir run;
  const auto results = Train(spec, run.path());
  const absl::Status status = results[0].result.status();
  QCOMPARE(status.code(), absl::StatusCode::kOutOfRange);
  const QString message = QString::fromStdString(std::string(status.message()));
  QVERIFY2(message.contains("at step ") && message.contains("dense") && message.contains("is not finite"),
           qPrintable(message));
}

CONCERTINA_TEST(StepLoopTest)

}  // namespace concertina::step_loop_test

#include "step_loop_test.moc"
