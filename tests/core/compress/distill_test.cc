// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// distill_test.cc: a student beside its teacher, of every kind; two that learn together; grids whose steps
// learn.
#include <QTest>

#include "core/compress/weight_grid.h"
#include "core/edge/runtime.h"
#include "core/nn/held_optimizer.h"
#include "tests/core/compress/compressed_graphs.h"
#include "tests/test_program.h"

namespace concertina::distill_test {
namespace {

Graph Finished(const Graph& graph, const Json& step) { return Must(Must(CompressorOf(step))->Finish(graph)); }

QString Refusal(const Graph& graph, const Json& step, const CompressContext& context = {}) {
  const auto made = TryCompress(graph, step, context);
  return made.ok() ? QString() : MessageOf(made.status());
}

int CountOf(const Graph& graph, ValueRole role) {
  return static_cast<int>(std::count_if(graph.values().begin(), graph.values().end(),
                                        [&](const Value& value) { return value.role == role; }));
}

// Images of noise: enough to see ranges.
class Noise final : public Samples {
 public:
  int64_t size() const override { return 16; }
  int32_t label(int64_t index) const override { return static_cast<int32_t>(index % 10); }
  void Read(int64_t index, float* destination) const override {
    Rng rng(static_cast<uint64_t>(index), "noise");
    for (int i = 0; i < 784; ++i) destination[i] = static_cast<float>(rng.Uniform(0, 1));
  }
  const std::vector<int32_t>& labels() const override { return labels_; }

 private:
  std::vector<int32_t> labels_ = std::vector<int32_t>(16, 0);
};

}  // namespace

class DistillTest : public QObject {
  Q_OBJECT

 private slots:
  void everyStudentIsAloneAgainAfterwards_data() {
    QTest::addColumn<QString>("step");
    QTest::newRow("as it is") << R"({"kind": "distill"})";
    QTest::newRow("begins again") << R"({"kind": "distill", "anew": true})";
    QTest::newRow("another model") << R"({"kind": "distill", "student": {"kind": "mlp", "hidden": [12]}})";
    QTest::newRow("features") << R"({"kind": "distill", "student": {"kind": "mlp", "hidden": [12]},
        "compares": "features", "student_layer": "dense1", "teacher_layer": "dense2"})";
    QTest::newRow("attention")
        << R"({"kind": "distill", "compares": "attention", "student_layer": "conv1", "teacher_layer": "conv1"})";
    QTest::newRow("a twin") << R"({"kind": "mutual-learning"})";
  }
  void everyStudentIsAloneAgainAfterwards() {
    QFETCH(QString, step);
    const Json json = Json::parse(step.toStdString());
    const Graph graph = KnownModel(json.value("compares", "") == "attention" ? "lenet-5" : "lenet-300-100");
    const Graph both = Compressed(graph, json);
    const bool twin = json["kind"] == "mutual-learning";
    QCOMPARE(CountOf(both, ValueRole::kConstant) > 0, !twin);
    QVERIFY(!twin || both.parameter_count() == 2 * graph.parameter_count());
    // What came of training has values; here those that it begins with.
    const auto executor = Must(Executor::Create(both, {.batch_size = 4}));
    Initialize(both, 1, executor->parameters(), executor->buffers());
    QVERIFY(std::isfinite(executor->Step(1, {})));
    for (const ValueId id : both.kept()) QVERIFY(both.value(id).given != nullptr);

    const Graph alone = Finished(both, json);
    QCOMPARE(CountOf(alone, ValueRole::kConstant), 0);
    const int64_t expected =
        json.contains("student") ? 784 * 12 + 12 + 12 * 10 + 10 : graph.parameter_count();
    QCOMPARE(alone.parameter_count(), expected);
    QVERIFY(EdgeModel::Create(alone).ok());
    const bool begins_again = twin || json.contains("student") || json.value("anew", false);
    QCOMPARE(*alone.value(alone.parameters()[0]).given == *graph.value(graph.parameters()[0]).given,
             !begins_again);
  }

  // A .edge file does not say how its parameters were drawn, and what was built wider would be drawn too
  // small.
  void whatBeginsAgainIsDrawnByItsShape_data() {
    QTest::addColumn<QString>("step");
    QTest::addColumn<QString>("before");
    for (const char* step : {R"({"kind": "distill", "anew": true})", R"({"kind": "mutual-learning"})"}) {
      const QString name = QString::fromStdString(Json::parse(step)["kind"].get<std::string>());
      QTest::addRow("%s, of a file", qPrintable(name)) << QString(step) << QString();
      QTest::addRow("%s, narrower", qPrintable(name))
          << QString(step) << QString(R"({"kind": "prune-channels", "amount": 0.75, "round_to": 1})");
      QTest::addRow("%s, thin", qPrintable(name))
          << QString(step) << QString(R"({"kind": "low-rank", "rank": 8})");
    }
  }
  void whatBeginsAgainIsDrawnByItsShape() {
    QFETCH(QString, step);
    QFETCH(QString, before);
    Graph graph = KnownModel("resnet-8");
    if (before.isEmpty()) {
      for (const ValueId id : graph.kept()) {
        graph.mutable_value(id).initializer = Initializer::kZeros;
        graph.mutable_value(id).fan_in = 0;
      }
    } else {
      graph = Compressed(graph, Json::parse(before.toStdString()));
    }
    const Graph both = Compressed(graph, Json::parse(step.toStdString()));
    for (const Node& node : both.nodes()) {
      const Value& weight = both.value(node.inputs.size() > 1 ? node.inputs[1] : node.inputs[0]);
      if (weight.role != ValueRole::kParameter) continue;
      if (node.kind == OpKind::kBatchNorm) {
        for (const size_t i : {1, 4})
          for (const float one : *both.value(node.inputs[i]).given) QCOMPARE(one, 1.0F);
        continue;
      }
      const double bound = 1 / std::sqrt(static_cast<double>(ElementCount(weight.shape) / weight.shape[0]));
      double squares = 0;
      for (const float w : *weight.given) squares += double{w} * w;
      // Of uniform draws within the bound: a third of its square, on average. Of the 36 weights of the
      // smallest layer that is off by 0.9 / sqrt(36) of itself in one case of three.
      const double share = 3 * squares / static_cast<double>(weight.given->size()) / (bound * bound);
      QVERIFY2(share > 0.5 && share < 1.5,
               qPrintable(QString::fromStdString(weight.name) + QString(": %1").arg(share)));
    }
  }

  void thePrunedStaysPrunedAndLearnsFromWhatItWas() {
    CompressContext context;
    context.trained = std::make_shared<const Graph>(KnownModel("lenet-300-100"));
    const Graph pruned = Compressed(*context.trained, {{"kind", "prune-l1"}, {"amount", 0.9}});
    const Graph both = Compressed(pruned, {{"kind", "distill"}}, context);
    QCOMPARE(ValueNamed(both, "dense1.weight").hold, Hold::kZeros);
    QCOMPARE(ZerosOf(ValuesOf(both, "teacher/dense1.weight")), int64_t{0});
    QVERIFY(ZerosOf(ValuesOf(both, "dense1.weight")) > 200000);
  }

  void whatDoesNotFitIsRefused() {
    const Graph graph = KnownModel("lenet-300-100");
    const auto has = [](const QString& message, const char* words) {
      if (message.contains(QLatin1String(words))) return true;
      qWarning("%s", qPrintable(message));
      return false;
    };
    QVERIFY(has(Refusal(graph, {{"kind", "distill"}, {"teacher", "/no/such.edge"}}), "the teacher"));
    QVERIFY(has(Refusal(graph, {{"kind", "distill"}, {"compares", "features"}}), "needs student_layer"));
    QVERIFY(has(Refusal(graph, {{"kind", "distill"},
                                {"compares", "features"},
                                {"student_layer", "dense9"},
                                {"teacher_layer", "dense1"}}),
                "is no layer of the student, which has"));
    QVERIFY(has(Refusal(graph, {{"kind", "distill"},
                                {"compares", "attention"},
                                {"student_layer", "dense1"},
                                {"teacher_layer", "dense1"}}),
                "as high and wide"));
    QVERIFY(has(Refusal(Compressed(graph, {{"kind", "prune-l1"}}), {{"kind", "distill"}, {"anew", true}}),
                "compressed already"));
    Graph gridded = graph;
    gridded.mutable_value(gridded.parameters()[0]).quantization = Quantization{.scales = {0.01F}};
    for (const Json& step : {Json{{"kind", "distill"}, {"anew", true}}, Json{{"kind", "mutual-learning"}}})
      QVERIFY(has(Refusal(gridded, step), "compressed already"));
    QVERIFY(
        has(Refusal(graph, {{"kind", "distill"}, {"anew", true}, {"student", {{"kind", "mlp"}}}}), "anew"));
    QVERIFY(has(Refusal(Compressed(graph, {{"kind", "prune-l1"}}), {{"kind", "lsq"}}), "pruned or shared"));
  }

  void stepsOfGridsLearnAndComeBackAsGrids_data() {
    QTest::addColumn<QString>("model");
    for (const char* model : {"lenet-300-100", "lenet-5", "resnet-8"}) QTest::newRow(model) << model;
  }
  void stepsOfGridsLearnAndComeBackAsGrids() {
    QFETCH(QString, model);
    const Json step = {{"kind", "lsq"}, {"bits", 4}, {"samples", 8}};
    CompressContext context;
    context.train = std::make_shared<Noise>();
    const Graph graph = KnownModel(model.toStdString());
    Graph rounded = Compressed(graph, step, context);
    int steps = 0;
    for (const Node& node : rounded.nodes()) steps += node.kind == OpKind::kFakeQuantize ? 1 : 0;
    QVERIFY(steps > 0);
    const auto executor = Must(Executor::Create(rounded, {.batch_size = 4}));
    Initialize(rounded, 1, executor->parameters(), executor->buffers());
    Noise noise;
    for (int64_t n = 0; n < 4; ++n) noise.Read(n, executor->input().data() + n * 784);
    std::ranges::fill(executor->labels(), 3);
    executor->Step(1, {});
    bool learns = false;
    for (const ParameterSlot& slot : executor->parameter_slots())
      if (slot.name.ends_with(".step"))
        learns |= executor->gradients()[static_cast<size_t>(slot.offset)] != 0;
    QVERIFY(learns);
    executor->Evaluate(4);
    const std::vector<float> expected(executor->prediction().begin(), executor->prediction().end());

    const Graph alone = Finished(rounded, step);
    for (const Node& node : alone.nodes()) QVERIFY(node.kind != OpKind::kFakeQuantize);
    for (const ValueId id : alone.kept()) QVERIFY(alone.value(id).hold != Hold::kLearnedGrid);
    // The device computes in whole numbers what training computed in floats: to a few steps of the last grid.
    const auto edge = Must(EdgeModel::Create(alone));
    float most = 0;
    for (const float logit : expected) most = std::max(most, std::abs(logit));
    for (int64_t n = 0; n < 4; ++n) {
      std::vector<float> sample(784);
      noise.Read(n, sample.data());
      const auto logits = edge->Run(sample);
      for (size_t c = 0; c < 10; ++c)
        QVERIFY2(
            std::abs(logits[c] - expected[static_cast<size_t>(n) * 10 + c]) < 0.05F * most + 1e-4F,
            qPrintable(
                QStringLiteral("%1 and %2").arg(logits[c]).arg(expected[static_cast<size_t>(n) * 10 + c])));
    }
  }

  void theGridIsSeenInTheWeights() {
    for (const int bits : {2, 3, 4, 8}) {
      Rng rng(3, "grid");
      std::vector<float> weights(200);
      const int most = (1 << (bits - 1)) - 1;
      for (size_t i = 0; i < weights.size(); ++i)
        weights[i] = (i < 100 ? 0.037F : 1.9F) * static_cast<float>(std::lround(rng.Uniform(-most, most)));
      const Quantization grid = GridThrough(weights, 2, bits, 2);
      QCOMPARE(grid.scales.size(), size_t{2});
      QCOMPARE(OnGrid(weights, grid).size(), weights.size());
      for (size_t i = 0; i < weights.size(); ++i)
        QCOMPARE(OnGrid(weights, grid)[i], weights[i]);  // to the bit, or no file could hold it
    }
    const std::vector<float> none = {0.1F, 0.17F, 0.331F, 1};  // on no grid of 3 bits
    QCOMPARE(GridThrough(none, 1, 3, 1).scales[0],
             FitWeightGrid(none, 1, 3, false, GridFit::kLeastSquares).scales[0]);
  }
};

CONCERTINA_TEST(DistillTest)

}  // namespace concertina::distill_test

#include "distill_test.moc"
