// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// models_test.cc: each model's count of parameters, as its paper or its peer has it, and what it says to
// samples that do not fit.
#include <QTest>

#include "absl/strings/match.h"
#include "core/base/registry.h"
#include "core/graph/executor.h"
#include "core/nn/layers.h"
#include "core/nn/model.h"
#include "nlohmann/json.hpp"
#include "tests/test_program.h"

namespace concertina::models_test {

class ModelsTest : public QObject {
  Q_OBJECT

  static absl::StatusOr<Graph> Build(const Json& spec, const Shape& sample, int64_t classes) {
    std::vector<Fault> faults;
    const Params params = Registry::Global().Check("model", spec, "", faults);
    RETURN_IF_ERROR(FaultsToStatus(faults));
    ASSIGN_OR_RETURN(const std::unique_ptr<Model> model, Registry::Global().Create<Model>("model", params));
    return model->Build(sample, classes);
  }

 private slots:
  void countsOfParameters_data() {
    QTest::addColumn<QByteArray>("spec");
    QTest::addColumn<Shape>("sample");
    QTest::addColumn<int>("classes");
    QTest::addColumn<qint64>("count");
    const Shape image = {1, 28, 28};
    const auto row = [](const char* spec, const Shape& sample, int classes, qint64 count) {
      QTest::addRow("%s on %s", spec, ShapeText(sample).c_str())
          << QByteArray(spec) << sample << classes << count;
    };
    row(R"({"kind": "logistic-regression"})", image, 10, 7850);
    row(R"({"kind": "logistic-regression"})", {6}, 2, 14);
    row(R"({"kind": "mlp"})", image, 10, 784 * 256 + 256 + 256 * 128 + 128 + 128 * 10 + 10);
    row(R"({"kind": "mlp", "hidden": []})", {6}, 2, 14);
    // The 25 M model of shared benchmarks: 1024-4096-4096-1024-10.
    row(R"({"kind": "mlp", "hidden": [4096, 4096, 1024]})", {1024}, 10, 25'185'290);
    row(R"({"kind": "lenet-300-100"})", image, 10, 266'610);
    row(R"({"kind": "2nn"})", image, 10, 199'210);           // McMahan et al. 2017, section 3
    row(R"({"kind": "lenet-5"})", image, 10, 431'080);       // Han et al. 2015, table 1: 431 K
    row(R"({"kind": "fedavg-cnn"})", image, 10, 1'663'370);  // McMahan et al. 2017, section 3
    row(R"({"kind": "resnet-8"})", image, 10, 77'754);       // the same layers in PyTorch
    // He et al. 2016, table 6: 0.27 M, with 3 channels; the two projections are 2,752 parameters of it.
    row(R"({"kind": "resnet-20"})", {3, 32, 32}, 10, 269'722 + 16 * 32 + 2 * 32 + 32 * 64 + 2 * 64);
  }
  void countsOfParameters() {
    QFETCH(QByteArray, spec);
    QFETCH(Shape, sample);
    QFETCH(int, classes);
    QFETCH(qint64, count);
    const absl::StatusOr<Graph> graph = Build(Json::parse(spec.toStdString()), sample, classes);
    QVERIFY2(graph.ok(), std::string(graph.status().message()).c_str());
    QCOMPARE(static_cast<qint64>(graph->parameter_count()), count);
    QCOMPARE(graph->value(graph->prediction()).shape, Shape{classes});
    QCOMPARE(graph->nodes().back().kind, OpKind::kSoftmaxCrossEntropy);
    QCOMPARE(graph->nodes().back().output, graph->loss());
  }

  void everyModelTakesImagesOrSaysWhy_data() {
    QTest::addColumn<QString>("kind");
    for (const std::string& kind : Registry::Global().Kinds("model"))
      QTest::newRow(kind.c_str()) << QString(kind.c_str());
  }
  void everyModelTakesImagesOrSaysWhy() {
    QFETCH(QString, kind);
    const Json spec = {{"kind", kind.toStdString()}};
    QVERIFY(Build(spec, {1, 28, 28}, 10).ok());
    QVERIFY(Build(spec, {3, 32, 32}, 100).ok());
    for (const Shape& sample : {Shape{}, Shape{0}, Shape{6}, Shape{1, 1, 1}, Shape{3, 7, 9}, Shape{2, 3},
                                Shape{-1, 28, 28}, Shape{1, 2, 3, 4}, Shape{1 << 30, 1 << 30, 1 << 30}}) {
      for (const int64_t classes : {-1, 0, 1, 2}) {
        const absl::StatusOr<Graph> graph = Build(spec, sample, classes);
        if (graph.ok()) continue;
        QCOMPARE(graph.status().code(), absl::StatusCode::kInvalidArgument);
        QVERIFY2(absl::StrContains(graph.status().message(), kind.toStdString()),
                 "the message names the model");
      }
    }
    QVERIFY(!Build(spec, {1, 28, 28}, 1).ok());
    QVERIFY(!Build(spec, {}, 10).ok());
  }

  void convolutionsWantImages() {
    for (const char* kind : {"lenet-5", "fedavg-cnn", "resnet-8", "resnet-20"}) {
      const absl::Status status = Build({{"kind", kind}}, {6}, 2).status();
      QCOMPARE(status.code(), absl::StatusCode::kInvalidArgument);
      QVERIFY2(
          absl::StrContains(status.message(), "samples are 6, expected images (channels x height x width"),
          std::string(status.message()).c_str());
      QVERIFY(absl::StrContains(status.message(), "choose mlp"));
    }
    QVERIFY(Build({{"kind", "lenet-5"}}, {1, 16, 16}, 10).ok());
    const absl::Status small = Build({{"kind", "lenet-5"}}, {1, 15, 28}, 10).status();
    QVERIFY2(absl::StrContains(small.message(), "images are 1x15x28, expected at least 16x16"),
             std::string(small.message()).c_str());
  }

  void widthsOutOfRangeAreRefused() {
    for (const Json& hidden :
         {Json::array({0}), Json::array({-3}), Json::array({70000}), Json::array({1.5}), Json("wide")})
      QCOMPARE(Build({{"kind", "mlp"}, {"hidden", hidden}}, {6}, 2).status().code(),
               absl::StatusCode::kInvalidArgument);
    const absl::Status huge = Build({{"kind", "mlp"}, {"hidden", {65536, 65536}}}, {6}, 2).status();
    QCOMPARE(huge.code(), absl::StatusCode::kInvalidArgument);
    QVERIFY2(absl::StrContains(huge.message(), "parameters"), std::string(huge.message()).c_str());
  }

  void firstWeightsAreWhatWasChosen_data() {
    QTest::addColumn<QString>("kind");
    QTest::addColumn<QString>("choice");
    QTest::addColumn<int>("initializer");
    QTest::addColumn<int>("fan_in_factor");
    const std::tuple<const char*, Initializer, int> choices[] = {
        {"", Initializer::kKaimingUniform, 6},  // as it has always been: within 1 / sqrt(fan_in)
        {"fan-in", Initializer::kKaimingUniform, 6},
        {"kaiming", Initializer::kKaimingUniform, 1},
        {"kaiming-normal", Initializer::kKaimingNormal, 1},
        {"xavier", Initializer::kXavierUniform, 1},
        {"xavier-normal", Initializer::kXavierNormal, 1}};
    for (const std::string& kind : Registry::Global().Kinds("model"))
      for (const auto& [choice, initializer, factor] : choices)
        QTest::addRow("%s, %s", kind.c_str(), *choice == 0 ? "unsaid" : choice)
            << QString::fromStdString(kind) << QString(choice) << static_cast<int>(initializer) << factor;
  }
  // Over the registry, so that a new model is tested by existing.
  void firstWeightsAreWhatWasChosen() {
    QFETCH(QString, kind);
    QFETCH(QString, choice);
    QFETCH(int, initializer);
    QFETCH(int, fan_in_factor);
    Json spec = {{"kind", kind.toStdString()}};
    if (!choice.isEmpty()) spec["initializer"] = choice.toStdString();
    const absl::StatusOr<Graph> graph = Build(spec, {1, 28, 28}, 10);
    QVERIFY2(graph.ok(), std::string(graph.status().message()).c_str());
    int layers = 0;
    for (const Node& node : graph->nodes()) {
      if (node.kind != OpKind::kDense && node.kind != OpKind::kConv2d) continue;
      ++layers;
      const Value& weight = graph->value(node.inputs.at(1));
      const int64_t fan_in = ElementCount(weight.shape) / weight.shape[0];
      QCOMPARE(static_cast<int>(weight.initializer), initializer);
      QCOMPARE(weight.fan_in, fan_in * fan_in_factor);
      // A kernel of a convolution reaches as many outputs as it reads inputs, for each channel.
      QCOMPARE(weight.fan_out, ElementCount(weight.shape) / weight.shape[1]);
      if (node.inputs.size() < 3) continue;
      const Value& bias = graph->value(node.inputs[2]);
      QCOMPARE(bias.initializer, Initializer::kKaimingUniform);
      QCOMPARE(bias.fan_in, 6 * fan_in);
    }
    QVERIFY(layers > 0);
  }

  void anotherInitializerIsRefused() {
    for (const std::string& kind : Registry::Global().Kinds("model")) {
      const absl::Status unknown = Build({{"kind", kind}, {"initializer", "xavier-norm"}}, {}, 2).status();
      QCOMPARE(unknown.code(), absl::StatusCode::kInvalidArgument);
      QVERIFY2(absl::StrContains(unknown.message(), "xavier-normal"), std::string(unknown.message()).c_str());
    }
  }

  void activationsAreWhatWasChosen() {
    for (const auto& [name, kind] : {std::pair{"relu", OpKind::kRelu},
                                     {"tanh", OpKind::kTanh},
                                     {"sigmoid", OpKind::kSigmoid},
                                     {"gelu", OpKind::kGelu}}) {
      const Graph graph = Build({{"kind", "mlp"}, {"hidden", {5}}, {"activation", name}}, {6}, 2).value();
      QCOMPARE(graph.nodes().at(1).kind, kind);
    }
  }

  void aResidualBlockAddsItsInput() {
    const Graph graph = Build({{"kind", "resnet-8"}}, {1, 28, 28}, 10).value();
    int additions = 0, projections = 0;
    for (const Node& node : graph.nodes()) {
      additions += node.kind == OpKind::kAdd;
      projections += node.kind == OpKind::kConv2d && graph.value(node.inputs.at(1)).shape.at(2) == 1;
    }
    QCOMPARE(additions, 3);
    QCOMPARE(projections, 2);
    QCOMPARE(graph.buffers().size(), size_t{2 * 9});  // mean and variance of nine batch norms
  }

  void theFirstErrorOfTheLayersStays() {
    Layers net("broken", {6});
    net.ExpectImage(4)
        .Conv("conv", {.channels = 3, .kernel = 3})
        .MaxPool(2)
        .BatchNorm("norm")
        .Relu()
        .GlobalAveragePool();
    const absl::StatusOr<Graph> graph = net.Classify("dense", 10);
    QCOMPARE(graph.status().code(), absl::StatusCode::kInvalidArgument);
    QVERIFY(absl::StrContains(graph.status().message(), "expected images"));
    Layers wide("wide", {6});
    QVERIFY(!wide.Dense("dense1", 0).Classify("dense2", 2).ok());
  }
};

CONCERTINA_TEST(ModelsTest)

}  // namespace concertina::models_test

#include "models_test.moc"
