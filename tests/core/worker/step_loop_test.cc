// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// step_loop_test.cc: whole training loops, ranks as threads over the in-process transport.
#include "core/worker/step_loop.h"

#include <QTemporaryDir>
#include <QTest>
#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <thread>

#include "core/base/registry.h"
#include "core/base/rng.h"
#include "core/edge/safetensors.h"
#include "core/parallel/pipeline_schedule.h"
#include "nlohmann/json.hpp"

namespace concertina {
namespace {

using nlohmann::json;

// Two classes that a line separates, with some noise.
void WriteTable(const std::string& path) {
  Rng rng(5, "table");
  QFile file(QString::fromStdString(path));
  if (!file.open(QIODevice::WriteOnly)) return;
  file.write("a,b,c,label\n");
  for (int i = 0; i < 600; ++i) {
    const double a = rng.Normal(), b = rng.Normal(), c = rng.Normal();
    file.write(QByteArray::number(a) + "," + QByteArray::number(b) + "," + QByteArray::number(c) + "," +
               (a + 2 * b - c + 0.3 * rng.Normal() > 0 ? "yes" : "no") + "\n");
  }
}

json TableSpec(const std::string& path, int workers, int batch) {
  return {{"name", "table"},
          {"seed", 3},
          {"dataset", {{"kind", "csv"}, {"path", path}, {"label", "label"}}},
          {"model", {{"kind", "mlp"}, {"hidden", {48, 24}}}},
          {"optimizer", {{"kind", "sgd"}, {"learning_rate", 0.1}, {"momentum", 0.9}}},
          {"training", {{"batch_size", batch}, {"epochs", 4}}},
          {"mesh", {{"data", workers}}},
          {"exchange", {{"kind", "all-reduce"}, {"bucket_mib", 0.001}}},  // three buckets
          {"workers", {{{"launcher", "local"}, {"count", workers}}}}};
}

struct RankResult {
  absl::StatusOr<StepLoopResult> result = absl::UnknownError("not run");
  std::vector<int64_t> checkpoints;
  std::vector<absl::Status> knobs;                     // as they were applied
  std::vector<std::pair<int64_t, std::string>> marks;  // steps and values of the same
  std::map<std::string, std::vector<double>> series;   // what was recorded, in order
};

std::map<std::string, std::vector<double>> SeriesOf(StepRecorder& recorder) {
  std::map<std::string, std::vector<double>> series;
  proto::MetricBatch batch;
  if (!recorder.Take(batch)) return series;
  for (const proto::MetricTable& table : batch.tables())
    for (const proto::MetricTable::Column& column : table.columns()) {
      std::vector<double>& values = series[batch.declared(static_cast<int>(column.series())).name()];
      for (const double value : column.values())
        if (!std::isnan(value)) values.push_back(value);
    }
  return series;
}

// The same over a mesh whose model is divided over the tensor axis.
json TensorSpec(const std::string& path, int data, int tensor, int batch) {
  json spec = TableSpec(path, data, batch);
  spec["mesh"]["tensor"] = tensor;
  spec["workers"][0]["count"] = data * tensor;
  return spec;
}

// The same over a mesh whose model is cut into stages.
json PipelineSpec(const std::string& path, int data, int pipeline, int tensor, int batch) {
  json spec = TensorSpec(path, data, tensor, batch);
  spec["model"]["hidden"] = {48, 24, 36};  // four layers
  spec["mesh"]["pipeline"] = pipeline;
  spec["workers"][0]["count"] = data * pipeline * tensor;
  return spec;
}

}  // namespace

class StepLoopTest : public QObject {
  Q_OBJECT
 private slots:
  void initTestCase();
  void ranksEndWithTheSameBits_data();
  void ranksEndWithTheSameBits();
  void manyRanksEqualOneWithTheSameGlobalBatch_data();
  void manyRanksEqualOneWithTheSameGlobalBatch();
  void howBucketsAreCutChangesNoBit_data();
  void howBucketsAreCutChangesNoBit();
  void goingOnFromACheckpointChangesNoBit_data();
  void goingOnFromACheckpointChangesNoBit();
  void aDividedModelEqualsTheWhole_data();
  void aDividedModelEqualsTheWhole();
  void replicasStayTheSameBits_data();
  void replicasStayTheSameBits();
  void aDividedModelGoesOnWithTheSameBits();
  void aRankOfADividedModelThatDiesIsNamed();
  void aWidthThatDoesNotDivideIsRefused();
  void ranksThatMixGoOnWithoutOneThatIsLost_data();
  void ranksThatMixGoOnWithoutOneThatIsLost();
  void ranksThatMixEndAsOneAndGoOnToTheBit_data();
  void ranksThatMixEndAsOneAndGoOnToTheBit();
  void stagesEqualTheWhole_data();
  void stagesEqualTheWhole();
  void sharesOfADividedModelEqualTheWhole_data();
  void sharesOfADividedModelEqualTheWhole();
  void aPipelineGoesOnWithTheSameBits_data();
  void aPipelineGoesOnWithTheSameBits();
  void aStageThatDiesIsNamed();
  void whatCannotBeCutIsRefused();
  void layersAreMeasuredByOneRankAndMakeTheWhole_data();
  void layersAreMeasuredByOneRankAndMakeTheWhole();
  void aStopKeepsParametersAndCheckpoint();
  void aStopKeepsWhereEachRankWasBeforeItSettles();
  void aBatchThatIsTooLargeIsRefused();
  void ranksOutOfStepEndWithTheSameParameters_data();
  void ranksOutOfStepEndWithTheSameParameters();
  void serversInStepChangeNoBit();
  void ranksOutOfStepGoOnFromACheckpoint_data() { ranksOutOfStepEndWithTheSameParameters_data(); }
  void ranksOutOfStepGoOnFromACheckpoint();
  void ranksOutOfStepStopWithACheckpoint();
  void aWorkersOwnLinkStaysWhenOtherKnobsAreTurned_data();
  void aWorkersOwnLinkStaysWhenOtherKnobsAreTurned();
  void oneChainForAllLayersChangesNoBit_data();
  void oneChainForAllLayersChangesNoBit();
  void chainsOfLayersGoOnFromACheckpoint_data();
  void chainsOfLayersGoOnFromACheckpoint();
  void aKnobOfALayersChainTurnsThatChain();
  void policiesGoOnFromACheckpoint_data();
  void policiesGoOnFromACheckpoint();
  void schedulesLeaveTheirMarks_data();
  void schedulesLeaveTheirMarks();
  void anErrorIsHeldByTurningTheRatio();

 private:
  std::vector<RankResult> Train(const json& spec, const QString& run_folder,
                                const std::string& checkpoint = "",
                                const std::vector<proto::Control::Action>& actions = {}, int dying_rank = -1,
                                const std::vector<proto::Knob>& knobs = {});
  std::vector<float> Parameters(const QString& run_folder);
  QTemporaryDir folder_;
  std::string table_;
};

void StepLoopTest::initTestCase() {
  table_ = folder_.filePath("table.csv").toStdString();
  WriteTable(table_);
}

std::vector<RankResult> StepLoopTest::Train(const json& spec, const QString& run_folder,
                                            const std::string& checkpoint,
                                            const std::vector<proto::Control::Action>& actions,
                                            int dying_rank, const std::vector<proto::Knob>& knobs) {
  SpecCheck check = CheckSpec(spec.dump());
  for (const Fault& fault : check.faults) qWarning("%s", fault.message.c_str());
  const int ranks = static_cast<int>(check.spec.worker_count());
  auto transports = MakeInProcessTransports(ranks);
  std::vector<RankResult> results(static_cast<size_t>(ranks));
  std::vector<std::thread> threads;
  for (int rank = 0; rank < ranks; ++rank)
    threads.emplace_back([&, rank] {
      RankResult& mine = results[static_cast<size_t>(rank)];
      StepRecorder recorder(static_cast<uint32_t>(rank));
      ControlQueue controls;
      for (const auto action : actions) controls.Push({.action = action, .knob = {}});
      for (const proto::Knob& knob : knobs) controls.Push({.action = {}, .knob = knob});
      StepLoopListener listener;
      listener.progress = [&, rank](int64_t step, double, const char*) {
        if (rank == dying_rank && step > 3)
          transports[static_cast<size_t>(rank)]->Abort(absl::UnavailableError("its machine burns"));
      };
      listener.checkpoint_written = [&mine](int64_t step, const std::string&, uint64_t) {
        mine.checkpoints.push_back(step);
      };
      listener.knob_applied = [&mine](const proto::Knob& knob, int64_t step, const absl::Status& status) {
        mine.knobs.push_back(status);
        mine.marks.emplace_back(step, knob.json());
      };
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
      mine.result = (*loop)->Run(*transports[static_cast<size_t>(rank)], {});
      mine.series = SeriesOf(recorder);
    });
  for (std::thread& thread : threads) thread.join();
  for (const RankResult& result : results)
    if (!result.result.ok()) qWarning("%s", std::string(result.result.status().message()).c_str());
  return results;
}

std::vector<float> StepLoopTest::Parameters(const QString& run_folder) {
  std::vector<float> all;
  const auto file = ReadSafetensors((run_folder + "/parameters.safetensors").toStdString());
  if (file.ok())
    for (const auto& tensor : file->tensors)
      all.insert(all.end(), tensor.values.begin(), tensor.values.end());
  return all;
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
  const std::vector<float> expected = Parameters(one_run.path()), got = Parameters(many_run.path());
  QVERIFY(!expected.empty());
  QCOMPARE(got.size(), expected.size());
  // Eighty steps of sums in another order: each rounds at 2^-24 of a gradient of about 1, momentum 0.9
  // multiplies by ten.
  for (size_t i = 0; i < got.size(); ++i)
    QVERIFY2(std::abs(got[i] - expected[i]) < 5e-5f,
             qPrintable(QString("%1: %2, %3").arg(i).arg(got[i]).arg(expected[i])));
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

void StepLoopTest::aDividedModelEqualsTheWhole_data() {
  QTest::addColumn<int>("data");
  QTest::addColumn<int>("tensor");
  QTest::addColumn<QString>("activation");
  for (const QString activation : {"relu", "tanh", "gelu"})
    for (const auto& [data, tensor] : {std::pair{1, 2}, {2, 2}, {1, 4}, {3, 2}, {2, 3}})
      QTest::newRow(qPrintable(QString("%1 x %2, %3").arg(data).arg(tensor).arg(activation)))
          << data << tensor << activation;
}

void StepLoopTest::aDividedModelEqualsTheWhole() {
  QFETCH(int, data);
  QFETCH(int, tensor);
  QFETCH(QString, activation);
  QTemporaryDir one_run, divided_run;
  json one = TableSpec(table_, 1, 24), divided = TensorSpec(table_, data, tensor, 24 / data);
  for (json* spec : {&one, &divided}) {
    (*spec)["model"]["hidden"] = {48, 24, 36};
    (*spec)["model"]["activation"] = activation.toStdString();
    (*spec)["training"]["evaluate_every_epochs"] = 2;
  }
  const auto whole = Train(one, one_run.path()), parts = Train(divided, divided_run.path());
  QVERIFY(whole[0].result.ok());
  for (const RankResult& part : parts) {
    QVERIFY(part.result.ok());
    QCOMPARE(part.result->parameters_sha256, parts[0].result->parameters_sha256);
  }
  const std::vector<float> expected = Parameters(one_run.path()), got = Parameters(divided_run.path());
  QVERIFY(!expected.empty());
  QCOMPARE(got.size(), expected.size());
  // As for many ranks of the data axis: sums in another order, at every step.
  for (size_t i = 0; i < got.size(); ++i)
    QVERIFY2(std::abs(got[i] - expected[i]) < 5e-5f,
             qPrintable(QString("%1: %2, %3").arg(i).arg(got[i]).arg(expected[i])));

  // What is measured is of the whole model, by every rank. A loss of about 0.5 follows the parameters.
  const std::map<std::string, std::vector<double>>& alone = whole[0].series;
  double rate = 0;
  for (const RankResult& part : parts) {
    for (const char* name : {"test/accuracy", "test/loss"}) {
      QCOMPARE(part.series.at(name).size(), alone.at(name).size());
      for (size_t i = 0; i < alone.at(name).size(); ++i)
        QVERIFY(std::abs(part.series.at(name)[i] - alone.at(name)[i]) < 1e-4);
    }
    if (data == 1)
      for (size_t i = 0; i < alone.at("train/loss").size(); ++i)
        QVERIFY(std::abs(part.series.at("train/loss").at(i) - alone.at("train/loss")[i]) < 1e-4);
    // Both measure the first step: gradients of a mean, and parameters drawn alike.
    for (const char* name : {"norm/gradient", "norm/parameters"})
      QVERIFY(std::abs(part.series.at(name).at(0) / alone.at(name).at(0) - 1) < 1e-5);
    rate += part.series.at("train/samples_per_second").at(0) * part.series.at("time/step").at(0);
  }
  QVERIFY(std::abs(rate - 24) < 1e-6);  // samples of a step, each counted once
}

void StepLoopTest::replicasStayTheSameBits_data() {
  QTest::addColumn<QString>("exchange");
  QTest::addColumn<QString>("codec");
  QTest::addColumn<int>("tensor");
  for (const std::string& kind : Registry::Global().Kinds("exchange")) {
    std::vector<Fault> faults;
    const auto exchange = Registry::Global().Create<Exchange>(
        "exchange", Registry::Global().Check("exchange", {{"kind", kind}}, "", faults));
    if (!exchange.ok() || !(*exchange)->lockstep() || (*exchange)->servers() > 0 || (*exchange)->rounds() ||
        kind == "single")
      continue;
    for (const std::string& codec : Registry::Global().Kinds("gradient-codec")) {
      const bool is_one = codec != "none";
      bool remembers = false;
      for (const ParamSpec& param : Registry::Global().Find("gradient-codec", codec)->params)
        remembers = remembers || (param.name == "error_feedback" && param.default_value.text == "true");
      if (!(*exchange)->Fits({.ranks = 2, .has_codec = is_one, .codec_remembers = remembers}).ok()) continue;
      for (const int tensor : {2, 4})
        QTest::addRow("%s, %s, %d", kind.c_str(), codec.c_str(), tensor)
            << QString::fromStdString(kind) << QString::fromStdString(codec) << tensor;
    }
  }
}

void StepLoopTest::replicasStayTheSameBits() {
  QFETCH(QString, exchange);
  QFETCH(QString, codec);
  QFETCH(int, tensor);
  json spec = TensorSpec(table_, 2, tensor, 8);
  spec["exchange"] = {{"kind", exchange.toStdString()}};
  spec["gradient"] = {{{"kind", codec.toStdString()}}};
  spec["training"]["max_steps"] = 30;
  spec["training"]["checkpoint_every_steps"] = 25;
  QTemporaryDir run;
  for (const RankResult& result : Train(spec, run.path())) QVERIFY(result.result.ok());
  // dense2's bias and dense3, whose widths of 24 and 2 come last.
  constexpr size_t kReplicas = 24 + 2 * 24 + 2;
  for (int copy = 0; copy < 2; ++copy) {
    std::vector<float> first;
    for (int part = 0; part < tensor; ++part) {
      const auto saved = ReadCheckpoint(CheckpointFolder(run.path().toStdString(), 25), copy * tensor + part);
      QVERIFY(saved.ok() && saved->parameters.size() > kReplicas);
      const std::vector<float> replicas(saved->parameters.end() - kReplicas, saved->parameters.end());
      if (part == 0) first = replicas;
      QVERIFY(replicas == first);
    }
  }
}

void StepLoopTest::aDividedModelGoesOnWithTheSameBits() {
  json spec = TensorSpec(table_, 2, 2, 8);
  spec["gradient"] = {{{"kind", "top-k"}, {"ratio", 0.05}}};
  spec["training"]["checkpoint_every_steps"] = 17;
  QTemporaryDir run, again;
  const auto whole = Train(spec, run.path());
  QVERIFY(whole[0].result.ok());
  QVERIFY(whole[0].checkpoints.size() >= 2);
  const auto rest = Train(
      spec, again.path(),
      CheckpointFolder(run.path().toStdString(), whole[0].checkpoints[whole[0].checkpoints.size() - 2]));
  for (const RankResult& result : rest) {
    QVERIFY(result.result.ok());
    QCOMPARE(result.result->parameters_sha256, whole[0].result->parameters_sha256);
  }
  // A checkpoint of another mesh, with as many ranks, is not one of this.
  const auto other = Train(TensorSpec(table_, 1, 4, 8), again.path(),
                           CheckpointFolder(run.path().toStdString(), whole[0].checkpoints.back()));
  QCOMPARE(other[0].result.status().code(), absl::StatusCode::kFailedPrecondition);
}

void StepLoopTest::aRankOfADividedModelThatDiesIsNamed() {
  for (const int dying : {1, 2}) {
    QTemporaryDir run;
    const auto results = Train(TensorSpec(table_, 2, 2, 8), run.path(), "", {}, dying);
    for (int rank = 0; rank < 4; ++rank) {
      const absl::Status& status = results[static_cast<size_t>(rank)].result.status();
      QVERIFY(!status.ok());
      if (rank == dying) continue;
      QVERIFY2(std::string(status.message()).find("rank " + std::to_string(dying)) != std::string::npos,
               std::string(status.message()).c_str());
    }
  }
}

void StepLoopTest::aWidthThatDoesNotDivideIsRefused() {
  QTemporaryDir run;
  const auto results = Train(TensorSpec(table_, 1, 5, 8), run.path());
  QCOMPARE(results[0].result.status().code(), absl::StatusCode::kInvalidArgument);
  QVERIFY(std::string(results[0].result.status().message())
              .starts_with("/mesh/tensor: layer \"dense1\" has 48 features, which 5 does not divide"));
}

void StepLoopTest::stagesEqualTheWhole_data() {
  QTest::addColumn<int>("data");
  QTest::addColumn<int>("pipeline");
  QTest::addColumn<int>("tensor");
  QTest::addColumn<QString>("schedule");
  QTest::addColumn<int>("micro_batches");
  for (const std::string& schedule : Registry::Global().Kinds("pipeline-schedule"))
    for (const auto& [data, pipeline, tensor] :
         {std::array{1, 2, 1}, {1, 3, 1}, {1, 4, 1}, {2, 2, 1}, {2, 3, 1}, {2, 4, 1}, {1, 2, 2}, {2, 2, 2}})
      for (const int micro_batches : {1, 2, 4}) {
        std::vector<Fault> faults;
        const auto made = Registry::Global().Create<PipelineSchedule>(
            "pipeline-schedule",
            Registry::Global().Check("pipeline-schedule", {{"kind", schedule}}, "", faults));
        // Four layers make four pieces.
        if (!(*made)->Fits(pipeline, micro_batches).ok() || pipeline * (*made)->chunks() > 4) continue;
        QTest::addRow("%d x %d x %d, %s, %d", data, pipeline, tensor, schedule.c_str(), micro_batches)
            << data << pipeline << tensor << QString::fromStdString(schedule) << micro_batches;
      }
}

void StepLoopTest::stagesEqualTheWhole() {
  QFETCH(int, data);
  QFETCH(int, pipeline);
  QFETCH(int, tensor);
  QFETCH(QString, schedule);
  QFETCH(int, micro_batches);
  QTemporaryDir one_run, cut_run;
  json one = PipelineSpec(table_, 1, 1, 1, 24), cut = PipelineSpec(table_, data, pipeline, tensor, 24 / data);
  cut["pipeline"] = {{"kind", schedule.toStdString()}, {"micro_batches", micro_batches}};
  for (json* spec : {&one, &cut}) (*spec)["training"]["evaluate_every_epochs"] = 2;
  const auto whole = Train(one, one_run.path()), stages = Train(cut, cut_run.path());
  QVERIFY(whole[0].result.ok());
  QCOMPARE(static_cast<int>(stages.size()), data * pipeline * tensor);
  for (const RankResult& stage : stages) {
    QVERIFY(stage.result.ok());
    QCOMPARE(stage.result->parameters_sha256, stages[0].result->parameters_sha256);
  }
  const std::vector<float> expected = Parameters(one_run.path()), got = Parameters(cut_run.path());
  QVERIFY(!expected.empty());
  QCOMPARE(got.size(), expected.size());
  // As for many ranks of the data axis: sums in another order, at every step.
  for (size_t i = 0; i < got.size(); ++i)
    QVERIFY2(std::abs(got[i] - expected[i]) < 5e-5f,
             qPrintable(QString("%1: %2, %3").arg(i).arg(got[i]).arg(expected[i])));

  const std::map<std::string, std::vector<double>>& alone = whole[0].series;
  double rate = 0;
  for (size_t rank = 0; rank < stages.size(); ++rank) {
    const auto& series = stages[rank].series;
    const int stage = static_cast<int>(rank) / tensor % pipeline;
    for (const char* name : {"test/accuracy", "test/loss"}) {
      QCOMPARE(series.at(name).size(), alone.at(name).size());
      for (size_t i = 0; i < alone.at(name).size(); ++i)
        QVERIFY(std::abs(series.at(name)[i] - alone.at(name)[i]) < 1e-4);
    }
    // The last stage has the loss, and all others of its copy of the model are told.
    const size_t last =
        (rank / static_cast<size_t>(pipeline * tensor) + 1) * static_cast<size_t>(pipeline * tensor) - 1;
    QVERIFY(series.at("train/loss") == stages[last].series.at("train/loss"));
    QCOMPARE(series.at("train/loss").size(), alone.at("train/loss").size());
    if (data == 1)
      for (size_t i = 0; i < alone.at("train/loss").size(); ++i)
        QVERIFY(std::abs(series.at("train/loss")[i] - alone.at("train/loss")[i]) < 1e-4);
    for (const char* name : {"norm/gradient", "norm/parameters"})
      QVERIFY(std::abs(series.at(name).at(0) / alone.at(name).at(0) - 1) < 1e-5);
    for (const double bubble : series.at("pipeline/bubble")) QVERIFY(bubble >= 0 && bubble < 1);
    QVERIFY(series.at("pipeline/expected_bubble").at(0) > 0);
    if (schedule == "1f1b")
      QCOMPARE(series.at("pipeline/peak_activations").at(0), std::min(micro_batches, pipeline - stage));
    rate += series.at("train/samples_per_second").at(0) * series.at("time/step").at(0);
  }
  QVERIFY(std::abs(rate - 24) < 1e-6);  // samples of a step, each counted once
  QVERIFY(!alone.contains("pipeline/bubble"));
}

void StepLoopTest::sharesOfADividedModelEqualTheWhole_data() {
  QTest::addColumn<int>("stage");
  QTest::addColumn<int>("pipeline");
  QTest::addColumn<int>("tensor");
  for (const int stage : {1, 2, 3})
    for (const auto& [pipeline, tensor] : {std::pair{2, 1}, {1, 2}, {2, 2}})
      QTest::addRow("stage %d, 2 x %d x %d", stage, pipeline, tensor) << stage << pipeline << tensor;
}

void StepLoopTest::sharesOfADividedModelEqualTheWhole() {
  QFETCH(int, stage);
  QFETCH(int, pipeline);
  QFETCH(int, tensor);
  QTemporaryDir one_run, many_run;
  json one = PipelineSpec(table_, 1, 1, 1, 24), many = PipelineSpec(table_, 2, pipeline, tensor, 12);
  many["exchange"] = {{"kind", "zero"}, {"stage", stage}, {"bucket_mib", 0.001}};
  if (pipeline > 1) many["pipeline"] = {{"kind", "1f1b"}, {"micro_batches", 3}};
  for (json* spec : {&one, &many}) (*spec)["training"]["evaluate_every_epochs"] = 2;
  const auto whole = Train(one, one_run.path()), shares = Train(many, many_run.path());
  QVERIFY(whole[0].result.ok());
  for (const RankResult& rank : shares) {
    QVERIFY(rank.result.ok());
    QCOMPARE(rank.result->parameters_sha256, shares[0].result->parameters_sha256);
    const std::vector<double>& accuracy = rank.series.at("test/accuracy");
    QCOMPARE(accuracy.size(), whole[0].series.at("test/accuracy").size());
    for (size_t i = 0; i < accuracy.size(); ++i)
      QVERIFY(std::abs(accuracy[i] - whole[0].series.at("test/accuracy")[i]) < 1e-4);
    QVERIFY(std::abs(rank.series.at("norm/parameters").at(0) / whole[0].series.at("norm/parameters").at(0) -
                     1) < 1e-5);
  }
  const std::vector<float> expected = Parameters(one_run.path()), got = Parameters(many_run.path());
  QVERIFY(!expected.empty());
  QCOMPARE(got.size(), expected.size());
  // As for many ranks of the data axis: sums in another order, at every step.
  for (size_t i = 0; i < got.size(); ++i)
    QVERIFY2(std::abs(got[i] - expected[i]) < 5e-5f,
             qPrintable(QString("%1: %2, %3").arg(i).arg(got[i]).arg(expected[i])));
}

void StepLoopTest::aPipelineGoesOnWithTheSameBits_data() {
  QTest::addColumn<int>("tensor");
  QTest::addColumn<bool>("recompute");
  QTest::addColumn<QString>("activations");
  QTest::newRow("stages") << 1 << false << "none";
  QTest::newRow("stages that recompute") << 1 << true << "none";
  QTest::newRow("stages of divided layers") << 2 << false << "none";
  QTest::newRow("stages that send halves") << 1 << false << "fp16";
}

void StepLoopTest::aPipelineGoesOnWithTheSameBits() {
  QFETCH(int, tensor);
  QFETCH(bool, recompute);
  QFETCH(QString, activations);
  json spec = PipelineSpec(table_, 2, 2, tensor, 8);
  spec["pipeline"] = {
      {"kind", "1f1b"}, {"recompute", recompute}, {"activations", {{"kind", activations.toStdString()}}}};
  spec["gradient"] = {{{"kind", "top-k"}, {"ratio", 0.05}}};
  spec["training"]["checkpoint_every_steps"] = 17;
  QTemporaryDir run, again;
  const auto whole = Train(spec, run.path());
  QVERIFY(whole[0].result.ok());
  QVERIFY(whole[0].checkpoints.size() >= 2);
  const auto rest = Train(
      spec, again.path(),
      CheckpointFolder(run.path().toStdString(), whole[0].checkpoints[whole[0].checkpoints.size() - 2]));
  for (const RankResult& result : rest) {
    QVERIFY(result.result.ok());
    QCOMPARE(result.result->parameters_sha256, whole[0].result->parameters_sha256);
  }
}

void StepLoopTest::aStageThatDiesIsNamed() {
  for (const int dying : {0, 1, 2}) {
    QTemporaryDir run;
    const auto results = Train(PipelineSpec(table_, 1, 3, 1, 8), run.path(), "", {}, dying);
    for (int rank = 0; rank < 3; ++rank) {
      const absl::Status& status = results[static_cast<size_t>(rank)].result.status();
      QVERIFY(!status.ok());
      if (rank == dying) continue;
      QVERIFY2(std::string(status.message()).find("rank " + std::to_string(dying)) != std::string::npos,
               std::string(status.message()).c_str());
    }
  }
}

void StepLoopTest::whatCannotBeCutIsRefused() {
  QTemporaryDir run;
  const auto refusal = [&](const json& spec) {
    return QString::fromStdString(std::string(Train(spec, run.path())[0].result.status().message()));
  };
  QVERIFY(refusal(PipelineSpec(table_, 1, 5, 1, 8))
              .startsWith("/mesh/pipeline: the model can be cut into at most 4"));
  json spec = PipelineSpec(table_, 1, 2, 1, 8);
  spec["pipeline"] = {{"kind", "gpipe"}, {"cuts", "dense7"}};
  QVERIFY(refusal(spec).startsWith("/pipeline/cuts: the model has no layer \"dense7\""));
}

void StepLoopTest::layersAreMeasuredByOneRankAndMakeTheWhole_data() {
  QTest::addColumn<QString>("exchange");
  QTest::addColumn<QString>("codec");
  for (const char* exchange :
       {R"({"kind": "all-reduce", "bucket_mib": 0.001})", R"({"kind": "parameter-server", "shards": 2})",
        R"({"kind": "zero"})", R"({"kind": "parameter-server", "mode": "async"})"})
    for (const char* codec : {"none", "fp16", "top-k", "powersgd"})
      QTest::addRow("%s %s", exchange, codec) << exchange << codec;
}
void StepLoopTest::layersAreMeasuredByOneRankAndMakeTheWhole() {
  QFETCH(QString, exchange);
  QFETCH(QString, codec);
  const QTemporaryDir run;
  json spec = TableSpec(table_, 2, 20);
  spec["exchange"] = json::parse(exchange.toStdString());
  spec["gradient"] = {{{"kind", codec.toStdString()}}};
  if (codec == "top-k") spec["gradient"][0]["ratio"] = 0.2;
  const std::vector<RankResult> ranks = Train(spec, run.path());
  QVERIFY(ranks[0].result.ok());
  std::map<std::string, std::map<std::string, std::vector<double>>> layers;  // by name and figure
  for (const auto& [name, values] : ranks[0].series)
    if (name.starts_with("layer/"))
      layers[name.substr(6, name.rfind('/') - 6)][name.substr(name.rfind('/') + 1)] = values;
  for (const auto& [name, values] : ranks[1].series) QVERIFY(!name.starts_with("layer/"));
  QCOMPARE(layers.size(), codec == "none" ? size_t{0} : size_t{3});
  if (codec == "none") return;
  const auto& series = ranks[0].series;
  const size_t steps = series.at("train/loss").size();
  int waiting = 0;  // layers of which something does
  double parameters = 0, payload = 0, encode = 0, gradient_squared = 0, error_squared = 0;
  for (auto& [name, figures] : layers) {
    QCOMPARE(figures["parameters"].size(), (steps + 15) / 16);  // every sixteenth, from the first
    parameters += figures["parameters"][1];
    payload += figures["payload_bytes"][1];
    encode += figures["encode_seconds"][1];
    const double norm = figures["gradient_norm"][1], error = figures["relative_error"][1] * norm;
    gradient_squared += norm * norm;
    error_squared += error * error;
    QVERIFY(!figures["cosine"].empty());  // of a layer of which nothing was sent there is none
    for (const double cosine : figures["cosine"])
      QVERIFY2(std::abs(cosine) <= 1 + 1e-9, qPrintable(QString::number(cosine)));
    if (codec == "fp16") {
      QCOMPARE(figures["residual_norm"][1], 0.0);
      QVERIFY(figures["residual_age"].empty());
    } else {
      // At the first measured step nothing waits yet; nor ever where a low rank is that of the layer.
      QCOMPARE(figures["residual_norm"][0], 0.0);
      waiting += figures["residual_norm"][1] > 0 ? 1 : 0;
      QCOMPARE(figures["residual_age"].size(), figures["residual_cosine"].size());
      QVERIFY(figures["residual_age"].size() < figures["parameters"].size());
      for (const double age : figures["residual_age"]) QVERIFY(age > 0);
    }
  }
  QVERIFY(codec == "fp16" ? waiting == 0 : waiting >= 2);
  constexpr double kParameters = 3 * 48 + 48 + 48 * 24 + 24 + 24 * 2 + 2;
  QCOMPARE(parameters, kParameters);
  // Doubles, summed in another order.
  const auto is_near = [](double a, double b) { return std::abs(a - b) <= 1e-9 * std::abs(b); };
  const double ratio = series.at("comm/compression_ratio")[16];
  QVERIFY2(is_near(payload, 4 * kParameters / ratio), qPrintable(QString::number(payload)));
  QVERIFY(is_near(encode, series.at("time/encode")[16]));
  QVERIFY(is_near(std::sqrt(error_squared / gradient_squared), series.at("comm/relative_error")[1]));
  QCOMPARE(series.at("gradient/cosine").size(), (steps + 15) / 16);
}

void StepLoopTest::aStopKeepsParametersAndCheckpoint() {
  QTemporaryDir run;
  const auto results = Train(TableSpec(table_, 2, 8), run.path(), "", {proto::Control::STOP});
  QVERIFY(results[0].result.ok() && results[0].result->stopped && results[1].result->stopped);
  QCOMPARE(results[0].checkpoints.size(), size_t{1});
  QVERIFY(!Parameters(run.path()).empty());
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
  const std::vector<float> model = Parameters(second.path());
  QCOMPARE(model.size(), ranks[0].size());
  double average = 0, found = 0;  // files may order their tensors another way; sums do not mind
  for (size_t i = 0; i < model.size(); ++i) {
    average += (double{ranks[0][i]} + ranks[1][i] + ranks[2][i]) / 3;
    found += model[i];
  }
  QVERIFY(std::abs(average - found) < 1e-4);
}

void StepLoopTest::ranksThatMixEndAsOneAndGoOnToTheBit_data() {
  QTest::addColumn<QString>("exchange");
  QTest::addColumn<bool>("encoded");
  QTest::newRow("gossip") << R"({"kind": "gossip"})" << false;
  QTest::newRow("exponential") << R"({"kind": "gossip", "graph": "exponential"})" << false;
  QTest::newRow("choco") << R"({"kind": "choco-sgd", "bucket_mib": 0.001})" << true;
}

void StepLoopTest::ranksThatMixEndAsOneAndGoOnToTheBit() {
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

void StepLoopTest::ranksThatMixGoOnWithoutOneThatIsLost_data() {
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
  }
}

void StepLoopTest::ranksThatMixGoOnWithoutOneThatIsLost() {
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
  QVERIFY(!Parameters(run.path()).empty());
}

void StepLoopTest::aBatchThatIsTooLargeIsRefused() {
  QTemporaryDir run;
  const auto results = Train(TableSpec(table_, 2, 1000), run.path());
  QCOMPARE(results[0].result.status().code(), absl::StatusCode::kInvalidArgument);
  QVERIFY(std::string(results[0].result.status().message()).find("/training/batch_size") !=
          std::string::npos);
}

void StepLoopTest::ranksOutOfStepEndWithTheSameParameters_data() {
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

void StepLoopTest::ranksOutOfStepEndWithTheSameParameters() {
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
  QVERIFY(!Parameters(run.path()).empty());
}

void StepLoopTest::serversInStepChangeNoBit() {
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

void StepLoopTest::ranksOutOfStepGoOnFromACheckpoint() {
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

void StepLoopTest::ranksOutOfStepStopWithACheckpoint() {
  json spec = TableSpec(table_, 3, 8);
  spec["exchange"] = {{"kind", "parameter-server"}, {"mode", "stale-synchronous"}, {"dedicated_servers", 1}};
  spec["workers"][0]["count"] = 4;
  QTemporaryDir run;
  const auto results = Train(spec, run.path(), "", {proto::Control::CHECKPOINT, proto::Control::STOP});
  for (const RankResult& result : results) QVERIFY(result.result.ok() && result.result->stopped);
  QCOMPARE(results[0].checkpoints.size(), size_t{2});
  QVERIFY(!Parameters(run.path()).empty());
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

void StepLoopTest::oneChainForAllLayersChangesNoBit_data() {
  QTest::addColumn<QString>("exchange");
  QTest::addColumn<QString>("chain");
  for (const char* exchange :
       {R"({"kind": "all-reduce", "bucket_mib": 0.001})", R"({"kind": "parameter-server", "shards": 2})",
        R"({"kind": "zero", "stage": 2, "bucket_mib": 0.001})",
        R"({"kind": "local-sgd", "period_steps": 3})"})
    for (const char* chain : {"[]", R"([{"kind": "top-k", "ratio": 0.05}])", R"([{"kind": "powersgd"}])",
                              R"([{"kind": "fp16"}, {"kind": "zstd"}])"})
      QTest::addRow("%s, %s", exchange, chain) << exchange << chain;
}

void StepLoopTest::oneChainForAllLayersChangesNoBit() {
  QFETCH(QString, exchange);
  QFETCH(QString, chain);
  json spec = TableSpec(table_, 2, 8);
  spec["training"]["max_steps"] = 40;
  spec["exchange"] = json::parse(exchange.toStdString());
  spec["gradient"] = json::parse(chain.toStdString());
  QTemporaryDir one, other;
  const auto plain = Train(spec, one.path());
  spec["layer_gradients"] = {{{"layers", "dense?"}, {"gradient", spec["gradient"]}}};
  spec["gradient"] = {{{"kind", "signsgd"}}};  // of no layer
  const auto by_pattern = Train(spec, other.path());
  QVERIFY(plain[0].result.ok() && by_pattern[0].result.ok());
  QCOMPARE(by_pattern[0].result->parameters_sha256, plain[0].result->parameters_sha256);
  // But for the meetings, of which there are some between steps.
  const auto least = [](const RankResult& rank) {
    const std::vector<double>& bytes = rank.series.at("comm/bytes_sent");
    return *std::min_element(bytes.begin(), bytes.end());
  };
  QCOMPARE(least(by_pattern[0]), least(plain[0]));
}

void StepLoopTest::chainsOfLayersGoOnFromACheckpoint_data() {
  QTest::addColumn<QString>("exchange");
  for (const char* exchange :
       {R"({"kind": "all-reduce", "bucket_mib": 1})", R"({"kind": "all-reduce", "bucket_mib": 0.001})",
        R"({"kind": "parameter-server", "shards": 2})", R"({"kind": "zero", "stage": 1})",
        R"({"kind": "zero", "stage": 2})", R"({"kind": "zero", "stage": 3})",
        R"({"kind": "diloco", "period_steps": 5})"})
    QTest::newRow(exchange) << exchange;
}

void StepLoopTest::chainsOfLayersGoOnFromACheckpoint() {
  QFETCH(QString, exchange);
  json spec = TableSpec(table_, 2, 8);
  spec["exchange"] = json::parse(exchange.toStdString());
  spec["gradient"] = {{{"kind", "top-k"}, {"ratio", 0.05}}};
  spec["layer_gradients"] = {{{"layers", "dense2"}, {"gradient", json::array()}},
                             {{"layers", "*3"}, {"gradient", {{{"kind", "top-k"}, {"ratio", 0.5}}}}}};
  spec["training"]["checkpoint_every_steps"] = 17;
  QTemporaryDir run, again, plain;
  const auto whole = Train(spec, run.path());
  for (const RankResult& result : whole) {
    QVERIFY(result.result.ok());
    QCOMPARE(result.result->parameters_sha256, whole[0].result->parameters_sha256);
  }
  const auto rest = Train(
      spec, again.path(),
      CheckpointFolder(run.path().toStdString(), whole[0].checkpoints[whole[0].checkpoints.size() - 2]));
  QVERIFY(rest[0].result.ok());
  QCOMPARE(rest[0].result->parameters_sha256, whole[0].result->parameters_sha256);
  spec.erase("layer_gradients");  // they had made a difference
  const auto without = Train(spec, plain.path());
  QVERIFY(without[0].result.ok());
  QVERIFY(without[0].result->parameters_sha256 != whole[0].result->parameters_sha256);
}

void StepLoopTest::aKnobOfALayersChainTurnsThatChain() {
  json spec = TableSpec(table_, 2, 8);
  spec["training"]["max_steps"] = 30;
  spec["gradient"] = {{{"kind", "top-k"}, {"ratio", 0.05}}};
  spec["layer_gradients"] = {{{"layers", "dense1"}, {"gradient", spec["gradient"]}}};
  proto::Knob knob;
  knob.set_pointer("/layer_gradients/0/gradient/0/ratio");
  knob.set_json("0.5");
  QTemporaryDir turned, from_the_start, never;
  const auto one = Train(spec, turned.path(), "", {}, -1, {knob});
  const auto other = Train(spec, never.path());
  spec["layer_gradients"][0]["gradient"][0]["ratio"] = 0.5;
  const auto same = Train(spec, from_the_start.path());
  QVERIFY(one[0].result.ok() && other[0].result.ok() && same[0].result.ok());
  QCOMPARE(one[0].knobs.size(), size_t{1});
  QVERIFY2(one[0].knobs[0].ok(), one[0].knobs[0].ToString().c_str());
  QCOMPARE(one[0].result->parameters_sha256, same[0].result->parameters_sha256);
  QVERIFY(one[0].result->parameters_sha256 != other[0].result->parameters_sha256);
}

void StepLoopTest::policiesGoOnFromACheckpoint_data() {
  QTest::addColumn<QString>("policy");
  QTest::addColumn<QString>("exchange");
  for (const char* exchange :
       {R"({"kind": "all-reduce", "bucket_mib": 0.001})", R"({"kind": "parameter-server", "shards": 2})"})
    for (const char* policy :
         {R"({"kind": "linear", "from": 0.5, "to": 0.01, "end_step": 100, "every_steps": 3})",
          R"({"kind": "exponential", "from": 0.5, "to": 0.01, "begin_step": 20, "every_steps": 7})",
          R"({"kind": "steps", "from": 0.25, "to": 0.001, "every_steps": 30})",
          R"({"kind": "adaptive", "hold": "relative_error", "target": 0.5, "minimum": 0.001, "maximum": 1,
              "every_steps": 20})"})
      QTest::addRow("%s, %s", policy, exchange) << policy << exchange;
}

// The checkpoint lies within a window and within a ramp.
void StepLoopTest::policiesGoOnFromACheckpoint() {
  QFETCH(QString, policy);
  QFETCH(QString, exchange);
  json spec = TableSpec(table_, 2, 8);
  spec["exchange"] = json::parse(exchange.toStdString());
  spec["gradient"] = {{{"kind", "top-k"}, {"ratio", 0.02}}};
  spec["knobs"] = {{{"pointer", "/gradient/0/ratio"}, {"policy", json::parse(policy.toStdString())}}};
  spec["training"]["checkpoint_every_steps"] = 53;
  QTemporaryDir run, again, plain;
  const auto whole = Train(spec, run.path());
  for (const RankResult& result : whole) {
    QVERIFY(result.result.ok());
    QCOMPARE(result.result->parameters_sha256, whole[0].result->parameters_sha256);
    for (const absl::Status& status : result.knobs) QVERIFY2(status.ok(), status.ToString().c_str());
  }
  QVERIFY(whole[0].marks.size() >= 2 && whole[1].marks.empty());  // rank 0 speaks for all
  const auto rest =
      Train(spec, again.path(), CheckpointFolder(run.path().toStdString(), whole[0].checkpoints.front()));
  QVERIFY(rest[0].result.ok());
  QCOMPARE(rest[0].result->parameters_sha256, whole[0].result->parameters_sha256);
  // The marks of the rest are those that were left.
  QVERIFY(!rest[0].marks.empty() && rest[0].marks.size() < whole[0].marks.size());
  QVERIFY(std::equal(rest[0].marks.rbegin(), rest[0].marks.rend(), whole[0].marks.rbegin()));
  spec.erase("knobs");
  const auto without = Train(spec, plain.path());
  QVERIFY(without[0].result.ok());
  QVERIFY(without[0].result->parameters_sha256 != whole[0].result->parameters_sha256);
}

void StepLoopTest::schedulesLeaveTheirMarks_data() {
  QTest::addColumn<QString>("pointer");
  QTest::addColumn<QString>("policy");
  QTest::addColumn<QString>("marks");
  QTest::newRow("each step") << "/gradient/0/ratio"
                             << R"({"kind": "steps", "from": 0.25, "to": 0.01, "every_steps": 10})"
                             << "0: 0.25, 10: 0.0625, 20: 0.015625, 30: 0.01";
  QTest::newRow("of a line, where it begins and ends")
      << "/optimizer/learning_rate"
      << R"({"kind": "linear", "from": 0.125, "to": 0.0625, "begin_step": 8, "end_step": 40, "every_steps": 4})"
      << "0: 0.125, 12: 0.1171875, 40: 0.0625";
  QTest::newRow("whole numbers")
      << "/exchange/period_steps"
      << R"({"kind": "steps", "from": 1, "factor": 1.6, "to": 4, "every_steps": 10})"
      << "0: 1, 10: 2, 20: 3, 30: 4";
}

void StepLoopTest::schedulesLeaveTheirMarks() {
  QFETCH(QString, pointer);
  QFETCH(QString, policy);
  QFETCH(QString, marks);
  json spec = TableSpec(table_, 2, 8);
  spec["training"]["max_steps"] = 50;
  spec["gradient"] = {{{"kind", "top-k"}, {"ratio", 0.02}}};
  if (pointer.startsWith("/exchange")) spec["exchange"] = {{"kind", "local-sgd"}, {"period_steps", 7}};
  spec["knobs"] = {{{"pointer", pointer.toStdString()}, {"policy", json::parse(policy.toStdString())}}};
  QTemporaryDir run;
  const auto results = Train(spec, run.path());
  QVERIFY(results[0].result.ok());
  QStringList left;
  for (const auto& [step, value] : results[0].marks)
    left << QString("%1: %2").arg(step).arg(QString::fromStdString(value));
  QCOMPARE(left.join(", "), marks);
}

void StepLoopTest::anErrorIsHeldByTurningTheRatio() {
  json spec = TableSpec(table_, 2, 8);
  spec["training"]["epochs"] = 30;
  // Without a memory the error is the ratio's doing alone.
  spec["gradient"] = {{{"kind", "top-k"}, {"ratio", 0.9}, {"error_feedback", false}}};
  spec["knobs"] = {{{"pointer", "/gradient/0/ratio"},
                    {"policy",
                     {{"kind", "adaptive"},
                      {"hold", "relative_error"},
                      {"target", 0.4},
                      {"minimum", 0.001},
                      {"maximum", 1},
                      {"every_steps", 64}}}}};
  QTemporaryDir run;
  const auto results = Train(spec, run.path());
  QVERIFY(results[0].result.ok());
  QCOMPARE(results[0].result->parameters_sha256, results[1].result->parameters_sha256);
  const std::vector<double>& errors = results[0].series.at("comm/relative_error");
  QVERIFY(errors.size() > 40);
  QVERIFY(errors.front() < 0.05);
  // One batch of eight differs from the next by more than a tenth, their mean does not.
  double mean = 0;
  for (size_t i = errors.size() / 2; i < errors.size(); ++i)
    mean += errors[i] / static_cast<double>(errors.size() - errors.size() / 2);
  QVERIFY2(std::abs(mean / 0.4 - 1) < 0.1, qPrintable(QString::number(mean)));
}

}  // namespace concertina

QTEST_GUILESS_MAIN(concertina::StepLoopTest)
#include "step_loop_test.moc"
