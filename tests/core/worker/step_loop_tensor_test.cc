// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// step_loop_tensor_test.cc: whole training loops of a model that is divided within its layers equal those of
// the whole, and with a codec of their sums almost do.
#include <QTest>
#include <algorithm>
#include <cmath>

#include "core/base/registry.h"
#include "tests/test_program.h"
#include "training_ranks.h"

namespace concertina::step_loop_tensor_test {

using nlohmann::json;

class StepLoopTensorTest : public QObject, private TrainingRanks {
  Q_OBJECT
 private slots:
  void aDividedModelEqualsTheWhole_data();
  void aDividedModelEqualsTheWhole();
  void replicasStayTheSameBits_data();
  void replicasStayTheSameBits();
  void aDividedModelGoesOnWithTheSameBits();
  void aRankOfADividedModelThatDiesIsNamed();
  void aWidthThatDoesNotDivideIsRefused();
  void sumsThroughACodecTrainAlmostAsWell_data();
  void sumsThroughACodecTrainAlmostAsWell();
  void noCodecKeepsTheBits();
  void aCodecOfTheSumsIsALiveKnob();
};

void StepLoopTensorTest::aDividedModelEqualsTheWhole_data() {
  QTest::addColumn<int>("data");
  QTest::addColumn<int>("tensor");
  QTest::addColumn<QString>("activation");
  for (const QString activation : {"relu", "tanh", "gelu"})
    for (const auto& [data, tensor] : {std::pair{1, 2}, {2, 2}, {1, 4}, {3, 2}, {2, 3}})
      QTest::newRow(qPrintable(QString("%1 x %2, %3").arg(data).arg(tensor).arg(activation)))
          << data << tensor << activation;
}

void StepLoopTensorTest::aDividedModelEqualsTheWhole() {
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
  QCOMPARE(Unlike(ParametersOf(divided_run.path()), ParametersOf(one_run.path())), QString());

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

void StepLoopTensorTest::replicasStayTheSameBits_data() {
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
      const auto made = Registry::Global().Create<Codec>(
          "gradient-codec", Registry::Global().Check("gradient-codec", {{"kind", codec}}, "", faults));
      const bool expands = is_one && made.ok() && (*made)->ErrorBound(1000) > 1;
      const Circumstances circumstances = {
          .ranks = 2, .has_codec = is_one, .codec_remembers = remembers, .codec_expands = expands};
      if (!(*exchange)->Fits(circumstances).ok()) continue;
      for (const int tensor : {2, 4})
        QTest::addRow("%s, %s, %d", kind.c_str(), codec.c_str(), tensor)
            << QString::fromStdString(kind) << QString::fromStdString(codec) << tensor;
    }
  }
}

void StepLoopTensorTest::replicasStayTheSameBits() {
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

void StepLoopTensorTest::aDividedModelGoesOnWithTheSameBits() {
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

void StepLoopTensorTest::aRankOfADividedModelThatDiesIsNamed() {
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

void StepLoopTensorTest::aWidthThatDoesNotDivideIsRefused() {
  QTemporaryDir run;
  const auto results = Train(TensorSpec(table_, 1, 5, 8), run.path());
  QCOMPARE(results[0].result.status().code(), absl::StatusCode::kInvalidArgument);
  QVERIFY(std::string(results[0].result.status().message())
              .starts_with("/mesh/tensor: layer \"dense1\" has 48 features, which 5 does not divide"));
}

void StepLoopTensorTest::sumsThroughACodecTrainAlmostAsWell_data() {
  QTest::addColumn<QString>("codec");
  QTest::addColumn<double>("near");  // in accuracy
  QTest::newRow("fp16") << R"({"kind": "fp16"})" << 0.02;
  QTest::newRow("bf16") << R"({"kind": "bf16"})" << 0.03;
  QTest::newRow("int8") << R"({"kind": "int8"})" << 0.04;
}

// LeNet-300-100 on two ranks that divide its layers, twice over: the copies of the parts agree to the bit.
void StepLoopTensorTest::sumsThroughACodecTrainAlmostAsWell() {
  QFETCH(QString, codec);
  QFETCH(double, near);
  QTemporaryDir dense_run, coded_run;
  json dense = TensorSpec(table_, 2, 2, 16);
  dense["model"] = {{"kind", "mlp"}, {"hidden", {300, 100}}};
  dense["training"]["checkpoint_every_steps"] = 20;
  json coded = dense;
  coded["tensor"]["activations"] = json::parse(codec.toStdString());
  const auto plain = Train(dense, dense_run.path()), lossy = Train(coded, coded_run.path());
  for (const RankResult& rank : lossy) {
    QVERIFY2(rank.result.ok(), rank.result.status().ToString().c_str());
    QCOMPARE(rank.result->parameters_sha256, lossy[0].result->parameters_sha256);
    const double accuracy = rank.series.at("test/accuracy").back(),
                 without = plain[0].series.at("test/accuracy").back();
    QVERIFY2(std::abs(accuracy - without) <= near,
             qPrintable(QString("%1, and %2 without").arg(accuracy).arg(without)));
    const std::vector<double>& encode = rank.series.at("time/encode");
    QVERIFY(std::all_of(encode.begin(), encode.end(), [](double seconds) { return seconds > 0; }));
  }
  QVERIFY(plain[0].result.ok());
  QVERIFY(lossy[0].result->parameters_sha256 != plain[0].result->parameters_sha256);  // it was taken
  // The bias of the second layer, and the third: what both parts hold.
  constexpr size_t kReplicas = 100 + 2 * 100 + 2;
  const std::string folder = CheckpointFolder(coded_run.path().toStdString(), 20);
  const auto replicas_of = [&](int rank) {
    const auto saved = ReadCheckpoint(folder, rank);
    return saved.ok() && saved->parameters.size() > kReplicas
               ? std::vector<float>(saved->parameters.end() - kReplicas, saved->parameters.end())
               : std::vector<float>();
  };
  QVERIFY(!replicas_of(0).empty());
  for (int rank = 1; rank < 4; ++rank) QVERIFY(replicas_of(rank) == replicas_of(0));
}

void StepLoopTensorTest::noCodecKeepsTheBits() {
  QTemporaryDir left_out_run, none_run;
  const json left_out = TensorSpec(table_, 1, 2, 16);
  json none = left_out;
  none["tensor"]["activations"]["kind"] = "none";
  const auto one = Train(left_out, left_out_run.path()), other = Train(none, none_run.path());
  QVERIFY(one[0].result.ok() && other[0].result.ok());
  QCOMPARE(other[0].result->parameters_sha256, one[0].result->parameters_sha256);
}

// All from the first step on, by a knob: the numbers of a run that had it from the start.
void StepLoopTensorTest::aCodecOfTheSumsIsALiveKnob() {
  const auto spec = [&](double ratio) {
    json json = TensorSpec(table_, 1, 2, 16);
    json["tensor"]["activations"] = {{"kind", "top-k"}, {"ratio", ratio}, {"error_feedback", false}};
    return json;
  };
  proto::Knob knob;
  knob.set_pointer("/tensor/activations/ratio");
  knob.set_json("0.9");
  QTemporaryDir turned_run, whole_run, other_run;
  const auto turned = Train(spec(0.1), turned_run.path(), "", {}, -1, {knob});
  const auto whole = Train(spec(0.9), whole_run.path()), other = Train(spec(0.1), other_run.path());
  QVERIFY(turned[0].result.ok() && whole[0].result.ok() && other[0].result.ok());
  QVERIFY(!turned[0].knobs.empty() && turned[0].knobs[0].ok());
  QCOMPARE(turned[0].result->parameters_sha256, whole[0].result->parameters_sha256);
  QVERIFY(other[0].result->parameters_sha256 != whole[0].result->parameters_sha256);
}

CONCERTINA_TEST(StepLoopTensorTest)

}  // namespace concertina::step_loop_tensor_test

#include "step_loop_tensor_test.moc"
