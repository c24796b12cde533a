// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// round_trainer_test.cc: virtual clients on real models: local training by itself, and whole runs in rounds
// with ranks as threads over the in-process transport.
#include "core/worker/round_trainer.h"

#include <QElapsedTimer>
#include <QTemporaryDir>
#include <QTest>
#include <cmath>
#include <map>
#include <numeric>
#include <thread>

#include "core/base/registry.h"
#include "core/nn/model.h"
#include "core/worker/step_loop.h"
#include "nlohmann/json.hpp"
#include "tests/core/worker/trained_table.h"
#include "tests/test_program.h"

namespace concertina::round_trainer_test {
namespace {

using nlohmann::json;
using Floats = std::vector<float>;

// Twelve clients of about 40 samples, which no batch of 7 divides.
json SpecOf(const std::string& table, const std::string& kind, int workers) {
  return {
      {"name", "rounds"},
      {"seed", 3},
      {"dataset",
       {{"kind", "csv"}, {"path", table}, {"label", "label"}, {"partition", {{"kind", "shards"}}}}},
      {"model", {{"kind", "mlp"}, {"hidden", {24}}}},
      {"optimizer", {{"kind", "sgd"}, {"learning_rate", 0.05}, {"momentum", 0.5}}},
      {"training", {{"batch_size", 7}}},
      {"mesh", {{"data", workers}}},
      {"exchange", {{"kind", kind}, {"clients", 12}, {"fraction", 0.5}, {"rounds", 6}, {"local_epochs", 2}}},
      {"workers", {{{"launcher", "local"}, {"count", workers}}}}};
}

struct RankResult {
  absl::StatusOr<StepLoopResult> result = absl::UnknownError("not run");
  std::vector<int64_t> checkpoints;
  std::map<std::string, std::vector<double>> series;
  int64_t total_steps = 0;
};

void Collect(StepRecorder& recorder, std::map<std::string, std::vector<double>>& series) {
  std::vector<std::string> names;
  for (proto::MetricBatch batch; recorder.Take(batch); batch.Clear()) {
    for (const proto::SeriesDeclaration& declared : batch.declared()) names.push_back(declared.name());
    for (const proto::MetricTable& table : batch.tables())
      for (const proto::MetricTable::Column& column : table.columns())
        for (const double value : column.values())
          if (std::isfinite(value)) series[names[column.series()]].push_back(value);
  }
}

}  // namespace

class RoundTrainerTest : public QObject {
  Q_OBJECT

  void addEveryKind() {
    QTest::addColumn<QString>("kind");
    for (const char* kind : {"fedavg", "fedprox", "fedavgm", "fedadam", "scaffold"})
      QTest::newRow(kind) << kind;
  }
  std::vector<RankResult> Train(const json& spec, const QString& run_folder,
                                const std::string& checkpoint = "");
  std::unique_ptr<Executor> ExecutorOf(int64_t batch, const std::string& model = "mlp");
  std::shared_ptr<const Samples> OpenTable() const;

  QTemporaryDir folder_;
  std::string table_;

 private slots:
  void initTestCase();
  void everySampleIsTrainedOnOnceAnEpoch();
  void aWholeBatchInPiecesIsAWholeBatch();
  void theOptimiserIsFreshForEveryClient();
  void correctionAndProximalTermAreAdded();
  void aSlowClientStandsStill();
  void theDeadlineEndsLocalTraining();
  void oneClientOfAllIsFullBatchDescent();
  void workersDoNotMatter_data() { addEveryKind(); }
  void workersDoNotMatter();
  void goingOnFromACheckpointChangesNoBit_data() { addEveryKind(); }
  void goingOnFromACheckpointChangesNoBit();
  void roundsAreTheStepsAndEpochsOfTheRun();
  void moreClientsThanSamplesAreRefused();
  void aStopEndsARoundAtOnce();
};

void RoundTrainerTest::initTestCase() {
  table_ = folder_.filePath("table.csv").toStdString();
  WriteTable(table_);
}

std::shared_ptr<const Samples> RoundTrainerTest::OpenTable() const {
  SpecCheck check = CheckSpec(SpecOf(table_, "fedavg", 1).dump());
  const auto dataset = Registry::Global().Create<Dataset>("dataset", check.spec.dataset);
  return *(*dataset)->OpenTrain("");
}

std::unique_ptr<Executor> RoundTrainerTest::ExecutorOf(int64_t batch, const std::string& model) {
  std::vector<Fault> faults;
  json spec = {{"kind", model}};
  if (model == "mlp") spec["hidden"] = {24};
  const auto made =
      Registry::Global().Create<Model>("model", Registry::Global().Check("model", spec, "", faults));
  const Graph graph = *(*made)->Build({3}, 2);
  auto executor = *Executor::Create(graph, {.batch_size = batch});
  Initialize(graph, 9, executor->parameters(), executor->buffers());
  return executor;
}

std::unique_ptr<Optimizer> OptimizerOf(const json& spec, const Executor& executor) {
  std::vector<Fault> faults;
  auto optimizer = *Registry::Global().Create<Optimizer>(
      "optimizer", Registry::Global().Check("optimizer", spec, "", faults));
  optimizer->Prepare(executor.parameter_slots());
  return optimizer;
}

// Counts how often each sample is read.
class CountedSamples final : public Samples {
 public:
  explicit CountedSamples(std::shared_ptr<const Samples> samples)
      : reads(static_cast<size_t>(samples->size())), samples_(std::move(samples)) {}
  int64_t size() const override { return samples_->size(); }
  int32_t label(int64_t index) const override { return samples_->label(index); }
  void Read(int64_t index, float* destination) const override {
    ++reads[static_cast<size_t>(index)];
    samples_->Read(index, destination);
  }
  const std::vector<int32_t>& labels() const override { return samples_->labels(); }
  mutable std::vector<int> reads;

 private:
  const std::shared_ptr<const Samples> samples_;
};

std::vector<int64_t> Range(int64_t begin, int64_t end) {
  std::vector<int64_t> range(static_cast<size_t>(end - begin));
  std::iota(range.begin(), range.end(), begin);
  return range;
}

void RoundTrainerTest::everySampleIsTrainedOnOnceAnEpoch() {
  const auto samples = std::make_shared<CountedSamples>(OpenTable());
  const auto executor = ExecutorOf(7);
  const auto optimizer = OptimizerOf({{"kind", "sgd"}}, *executor);
  const auto trainer = MakeClientTrainer({.samples = samples,
                                          .shards = {Range(0, 100), Range(100, 133), Range(133, 136)},
                                          .executor = executor.get(),
                                          .optimizer = optimizer.get(),
                                          .seed = 1});
  QCOMPARE(trainer->client_samples()[1], int64_t{33});
  const auto result = trainer->Train({.client = 1, .round = 4, .epochs = 3, .learning_rate = 0.01});
  QVERIFY(result.ok() && result->complete);
  QCOMPARE(result->samples, int64_t{99});
  QCOMPARE(result->steps, int64_t{3 * 5});  // 33 = 4 * 7 + 5
  for (size_t i = 0; i < samples->reads.size(); ++i) QCOMPARE(samples->reads[i], i >= 100 && i < 133 ? 3 : 0);
  // A client with less than a batch makes one step of what it has.
  const auto small = trainer->Train({.client = 2, .learning_rate = 0.01});
  QCOMPARE(small->steps, int64_t{1});
  QCOMPARE(small->samples, int64_t{3});
}

void RoundTrainerTest::aWholeBatchInPiecesIsAWholeBatch() {
  const auto samples = OpenTable();
  const auto train = [&](int64_t batch, bool whole) {
    const auto executor = ExecutorOf(batch);
    const auto optimizer = OptimizerOf({{"kind", "sgd"}}, *executor);
    const auto trainer = MakeClientTrainer({.samples = samples,
                                            .shards = {Range(0, 100)},
                                            .executor = executor.get(),
                                            .optimizer = optimizer.get(),
                                            .seed = 1});
    const auto result = trainer->Train({.epochs = 4, .whole_batch = whole, .learning_rate = 0.5});
    return std::pair(Floats(executor->parameters().begin(), executor->parameters().end()), *result);
  };
  const auto [in_one, one] = train(100, false);
  const auto [in_pieces, pieces] = train(7, true);
  QCOMPARE(pieces.steps, int64_t{4});
  QVERIFY(std::abs(pieces.mean_loss - one.mean_loss) < 1e-5);
  // Four steps of sums of a hundred in another order.
  for (size_t i = 0; i < in_one.size(); ++i) QVERIFY(std::abs(in_one[i] - in_pieces[i]) < 2e-6F);
}

void RoundTrainerTest::theOptimiserIsFreshForEveryClient() {
  const auto samples = OpenTable();
  for (const json& optimizer_spec :
       {json{{"kind", "sgd"}, {"momentum", 0.9}}, json{{"kind", "adam"}, {"learning_rate", 0.01}}}) {
    const auto executor = ExecutorOf(7);
    const auto optimizer = OptimizerOf(optimizer_spec, *executor);
    const auto trainer = MakeClientTrainer({.samples = samples,
                                            .shards = {Range(0, 50), Range(50, 120)},
                                            .executor = executor.get(),
                                            .optimizer = optimizer.get(),
                                            .seed = 1});
    const Floats start(executor->parameters().begin(), executor->parameters().end());
    const LocalTraining local{.client = 1, .round = 2, .learning_rate = 0.05};
    QVERIFY(trainer->Train(local).ok());
    const Floats first(executor->parameters().begin(), executor->parameters().end());
    QVERIFY(first != start);
    QVERIFY(trainer->Train({.client = 0, .round = 2, .epochs = 3, .learning_rate = 0.05}).ok());
    std::ranges::copy(start, executor->parameters().begin());
    QVERIFY(trainer->Train(local).ok());
    QVERIFY(std::ranges::equal(executor->parameters(), first));
    // Another round takes the samples in another order.
    std::ranges::copy(start, executor->parameters().begin());
    QVERIFY(trainer->Train({.client = 1, .round = 3, .learning_rate = 0.05}).ok());
    QVERIFY(!std::ranges::equal(executor->parameters(), first));
  }
}

void RoundTrainerTest::correctionAndProximalTermAreAdded() {
  const auto executor = ExecutorOf(100);
  const auto optimizer = OptimizerOf({{"kind", "sgd"}}, *executor);
  const auto trainer = MakeClientTrainer({.samples = OpenTable(),
                                          .shards = {Range(0, 100)},
                                          .executor = executor.get(),
                                          .optimizer = optimizer.get(),
                                          .seed = 1});
  const size_t d = executor->parameters().size();
  const Floats start(executor->parameters().begin(), executor->parameters().end());
  Floats plain(d), correction(d, 0.25F), sum(d, 1.0F), anchor(d, 2.0F);
  QVERIFY(trainer->Train({.learning_rate = 0.1}).ok());
  for (size_t i = 0; i < d; ++i) plain[i] = (start[i] - executor->parameters()[i]) / 0.1F;
  std::ranges::copy(start, executor->parameters().begin());
  QVERIFY(trainer
              ->Train({.learning_rate = 0.1,
                       .proximal = 0.5F,
                       .anchor = anchor,
                       .correction = correction,
                       .gradient_sum = sum})
              .ok());
  for (size_t i = 0; i < d; ++i) {
    const float g = (start[i] - executor->parameters()[i]) / 0.1F;
    QVERIFY(std::abs(g - (plain[i] + 0.25F + 0.5F * (start[i] - 2))) < 1e-4F);
    QVERIFY(std::abs(sum[i] - (1 + plain[i])) < 1e-4F);
  }
}

void RoundTrainerTest::aSlowClientStandsStill() {
  const auto executor = ExecutorOf(7);
  const auto optimizer = OptimizerOf({{"kind", "sgd"}}, *executor);
  const auto trainer = MakeClientTrainer({.samples = OpenTable(),
                                          .shards = {Range(0, 400)},
                                          .executor = executor.get(),
                                          .optimizer = optimizer.get(),
                                          .seed = 1});
  QElapsedTimer timer;
  timer.start();
  const auto result = trainer->Train({.learning_rate = 0.01, .time_factor = 20});
  const double passed = 1e-9 * static_cast<double>(timer.nsecsElapsed());
  QVERIFY(result.ok());
  const double worked = result->data_seconds + result->compute_seconds + result->update_seconds;
  QVERIFY2(result->seconds >= 20 * worked && passed >= result->seconds,
           qPrintable(
               QString("%1 s worked, %2 s said, %3 s passed").arg(worked).arg(result->seconds).arg(passed)));
}

void RoundTrainerTest::theDeadlineEndsLocalTraining() {
  const auto executor = ExecutorOf(7);
  const auto optimizer = OptimizerOf({{"kind", "sgd"}}, *executor);
  const auto trainer = MakeClientTrainer({.samples = OpenTable(),
                                          .shards = {Range(0, 400)},
                                          .executor = executor.get(),
                                          .optimizer = optimizer.get(),
                                          .seed = 1});
  const auto result =
      trainer->Train({.epochs = 1000000, .learning_rate = 0.001, .time_factor = 3, .deadline_seconds = 0.05});
  QVERIFY(result.ok());
  QVERIFY(!result->complete && result->steps >= 1);
}

std::vector<RankResult> RoundTrainerTest::Train(const json& spec, const QString& run_folder,
                                                const std::string& checkpoint) {
  SpecCheck check = CheckSpec(spec.dump());
  for (const Fault& fault : check.faults) qWarning("%s", fault.message.c_str());
  const int ranks = static_cast<int>(spec["mesh"]["data"]);
  auto transports = MakeInProcessTransports(ranks);
  std::vector<RankResult> results(static_cast<size_t>(ranks));
  std::vector<std::thread> threads;
  for (int rank = 0; rank < ranks; ++rank)
    threads.emplace_back([&, rank] {
      RankResult& mine = results[static_cast<size_t>(rank)];
      StepRecorder recorder(static_cast<uint32_t>(rank));
      ControlQueue controls;
      StepLoopListener listener;
      listener.progress = [](int64_t, double, const char*) {};
      listener.checkpoint_written = [&mine](int64_t step, const std::string&, uint64_t) {
        mine.checkpoints.push_back(step);
      };
      listener.knob_applied = [](const proto::Knob&, int64_t, const absl::Status&) {};
      listener.state_reached = [](const char*, int64_t) {};
      auto loop = StepLoop::Create({.spec = check.spec,
                                    .rank = rank,
                                    .world_size = ranks,
                                    .run_folder = run_folder.toStdString(),
                                    .datasets_folder = folder_.filePath("datasets").toStdString(),
                                    .kernels_file = folder_.filePath("kernels").toStdString(),
                                    .checkpoint = checkpoint},
                                   recorder, controls, std::move(listener));
      if (!loop.ok()) {
        mine.result = loop.status();
        transports[static_cast<size_t>(rank)]->Abort(loop.status());
        return;
      }
      mine.total_steps = (*loop)->total_steps();
      mine.result = (*loop)->Run(*transports[static_cast<size_t>(rank)], {});
      Collect(recorder, mine.series);
    });
  for (std::thread& thread : threads) thread.join();
  return results;
}

// The same samples, once as a client with B = infinity and once as the batch of a single worker.
void RoundTrainerTest::oneClientOfAllIsFullBatchDescent() {
  json steps = SpecOf(table_, "fedavg", 1);
  steps["dataset"]["partition"] = {{"kind", "iid"}};
  steps["optimizer"]["momentum"] = 0;
  json rounds = steps;
  rounds["exchange"] = {{"kind", "fedavg"}, {"clients", 1}, {"rounds", 6}, {"whole_batch", true}};
  const int64_t samples = OpenTable()->size();
  steps["exchange"] = {{"kind", "all-reduce"}};
  steps["training"] = {{"batch_size", samples}, {"epochs", 6}};
  QTemporaryDir in_steps, in_rounds;
  QVERIFY(Train(steps, in_steps.path())[0].result.ok());
  QVERIFY(Train(rounds, in_rounds.path())[0].result.ok());
  const Floats expected = ParametersOf(in_steps.path()), got = ParametersOf(in_rounds.path());
  QVERIFY(!expected.empty() && got.size() == expected.size());
  for (size_t i = 0; i < got.size(); ++i) QVERIFY(std::abs(got[i] - expected[i]) < 2e-6F);
}

void RoundTrainerTest::workersDoNotMatter() {
  QFETCH(QString, kind);
  QTemporaryDir one_run;
  const auto one = Train(SpecOf(table_, kind.toStdString(), 1), one_run.path());
  QVERIFY2(one[0].result.ok(), std::string(one[0].result.status().message()).c_str());
  const Floats expected = ParametersOf(one_run.path());
  for (const int workers : {2, 3, 4}) {
    QTemporaryDir run;
    const auto many = Train(SpecOf(table_, kind.toStdString(), workers), run.path());
    for (const RankResult& rank : many) {
      QVERIFY(rank.result.ok());
      QCOMPARE(rank.result->parameters_sha256, many[0].result->parameters_sha256);
      QVERIFY(rank.series.at("train/loss") == many[0].series.at("train/loss"));
    }
    const Floats got = ParametersOf(run.path());
    QCOMPARE(got.size(), expected.size());
    // Six rounds of about thirty local steps; sums in another order round at 2^-24, and momentum doubles
    // that.
    for (size_t i = 0; i < got.size(); ++i)
      QVERIFY2(std::abs(got[i] - expected[i]) < 5e-5F,
               qPrintable(QString("%1: %2, %3").arg(i).arg(got[i]).arg(expected[i])));
  }
}

void RoundTrainerTest::goingOnFromACheckpointChangesNoBit() {
  QFETCH(QString, kind);
  json spec = SpecOf(table_, kind.toStdString(), 2);
  spec["training"]["checkpoint_every_steps"] = 2;
  spec["gradient"] = {{{"kind", "top-k"}, {"ratio", 0.2}}};
  if (kind == "scaffold") spec["exchange"]["memory_mib"] = 0;  // variates in the run's folder
  QTemporaryDir run, again;
  const auto whole = Train(spec, run.path());
  QVERIFY2(whole[0].result.ok(), std::string(whole[0].result.status().message()).c_str());
  QCOMPARE(whole[0].checkpoints, (std::vector<int64_t>{2, 4}));
  const auto rest = Train(spec, again.path(), CheckpointFolder(run.path().toStdString(), 4));
  QVERIFY2(rest[0].result.ok(), std::string(rest[0].result.status().message()).c_str());
  QCOMPARE(rest[0].result->parameters_sha256, whole[0].result->parameters_sha256);
}

void RoundTrainerTest::roundsAreTheStepsAndEpochsOfTheRun() {
  json spec = SpecOf(table_, "fedavg", 2);
  spec["training"]["epochs"] = 1000;  // not used
  spec["training"]["evaluate_every_epochs"] = 2;
  QTemporaryDir run;
  const auto ranks = Train(spec, run.path());
  QVERIFY(ranks[0].result.ok());
  QCOMPARE(ranks[0].total_steps, int64_t{6});
  const auto& series = ranks[0].series;
  QCOMPARE(series.at("progress/epoch"), (std::vector<double>{1, 2, 3, 4, 5, 6}));
  QCOMPARE(series.at("test/accuracy").size(), size_t{3});  // rounds 2, 4 and 6
  QVERIFY(series.at("train/loss").back() < series.at("train/loss").front());
  QCOMPARE(series.at("federated/clients"), std::vector<double>(6, 6.0));
  spec["training"]["max_steps"] = 9;
  QTemporaryDir longer;
  QCOMPARE(Train(spec, longer.path())[0].total_steps, int64_t{9});
}

void RoundTrainerTest::moreClientsThanSamplesAreRefused() {
  json spec = SpecOf(table_, "fedavg", 1);
  spec["dataset"]["partition"] = {{"kind", "iid"}};
  spec["exchange"]["clients"] = 700;
  QTemporaryDir run;
  QCOMPARE(Train(spec, run.path())[0].result.status().code(), absl::StatusCode::kInvalidArgument);
}

void RoundTrainerTest::aStopEndsARoundAtOnce() {
  std::stop_source stop;
  const auto executor = ExecutorOf(7);
  const auto optimizer = OptimizerOf({{"kind", "sgd"}}, *executor);
  const auto trainer = MakeClientTrainer({.samples = OpenTable(),
                                          .shards = {Range(0, 400)},
                                          .executor = executor.get(),
                                          .optimizer = optimizer.get(),
                                          .seed = 1,
                                          .stop = stop.get_token()});
  // While it stands still for what would be hours.
  std::jthread stopper([&stop] { stop.request_stop(); });
  const auto result = trainer->Train({.learning_rate = 0.01, .time_factor = 1e7});
  QCOMPARE(result.status().code(), absl::StatusCode::kCancelled);
}

CONCERTINA_TEST(RoundTrainerTest)

}  // namespace concertina::round_trainer_test

#include "round_trainer_test.moc"
