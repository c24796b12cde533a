// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// step_loop_pipeline_test.cc: whole training loops of a model that is cut into stages equal those of the
// whole.
#include <QTest>
#include <array>
#include <cmath>

#include "core/base/registry.h"
#include "core/parallel/pipeline_schedule.h"
#include "tests/test_program.h"
#include "training_ranks.h"

namespace concertina::step_loop_pipeline_test {

using nlohmann::json;

class StepLoopPipelineTest : public QObject, private TrainingRanks {
  Q_OBJECT
 private slots:
  void stagesEqualTheWhole_data();
  void stagesEqualTheWhole();
  void sharesOfADividedModelEqualTheWhole_data();
  void sharesOfADividedModelEqualTheWhole();
  void aPipelineGoesOnWithTheSameBits_data();
  void aPipelineGoesOnWithTheSameBits();
  void aStageThatDiesIsNamed();
  void whatCannotBeCutIsRefused();
};

void StepLoopPipelineTest::stagesEqualTheWhole_data() {
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

void StepLoopPipelineTest::stagesEqualTheWhole() {
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
  QCOMPARE(Unlike(ParametersOf(cut_run.path()), ParametersOf(one_run.path())), QString());

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
    for (const double imbalance : series.at("pipeline/imbalance"))
      QVERIFY(imbalance >= 0 && imbalance < 1 - 1.0 / pipeline + 1e-6);
    // All stages of a copy of the model know the same.
    const size_t copy =
        rank / static_cast<size_t>(pipeline * tensor) * static_cast<size_t>(pipeline * tensor);
    if (tensor == 1) QVERIFY(series.at("pipeline/bubble") == stages[copy].series.at("pipeline/bubble"));
    QVERIFY(series.at("pipeline/expected_bubble").at(0) > 0);
    if (schedule == "1f1b")
      QCOMPARE(series.at("pipeline/peak_activations").at(0), std::min(micro_batches, pipeline - stage));
    rate += series.at("train/samples_per_second").at(0) * series.at("time/step").at(0);
  }
  QVERIFY(std::abs(rate - 24) < 1e-6);  // samples of a step, each counted once
  QVERIFY(!alone.contains("pipeline/bubble"));
}

void StepLoopPipelineTest::sharesOfADividedModelEqualTheWhole_data() {
  QTest::addColumn<int>("stage");
  QTest::addColumn<int>("pipeline");
  QTest::addColumn<int>("tensor");
  for (const int stage : {1, 2, 3})
    for (const auto& [pipeline, tensor] : {std::pair{2, 1}, {1, 2}, {2, 2}})
      QTest::addRow("stage %d, 2 x %d x %d", stage, pipeline, tensor) << stage << pipeline << tensor;
}

void StepLoopPipelineTest::sharesOfADividedModelEqualTheWhole() {
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
  QCOMPARE(Unlike(ParametersOf(many_run.path()), ParametersOf(one_run.path())), QString());
}

void StepLoopPipelineTest::aPipelineGoesOnWithTheSameBits_data() {
  QTest::addColumn<int>("tensor");
  QTest::addColumn<bool>("recompute");
  QTest::addColumn<QString>("activations");
  QTest::newRow("stages") << 1 << false << "none";
  QTest::newRow("stages that recompute") << 1 << true << "none";
  QTest::newRow("stages of divided layers") << 2 << false << "none";
  QTest::newRow("stages that send halves") << 1 << false << "fp16";
}

void StepLoopPipelineTest::aPipelineGoesOnWithTheSameBits() {
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

void StepLoopPipelineTest::aStageThatDiesIsNamed() {
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

void StepLoopPipelineTest::whatCannotBeCutIsRefused() {
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

CONCERTINA_TEST(StepLoopPipelineTest)

}  // namespace concertina::step_loop_pipeline_test

#include "step_loop_pipeline_test.moc"
