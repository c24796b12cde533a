// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// int8_test.cc: a model in bytes answers nearly as it did, is computed in whole numbers, and the ways to
// choose ranges do what they say.
#include <QTest>

#include "core/compress/calibration.h"
#include "core/compress/equalize_layers.h"
#include "core/edge/runtime.h"
#include "tests/core/compress/compressed_graphs.h"
#include "tests/test_program.h"

namespace concertina::int8_test {
namespace {

// Random images, with many zeros as drawings have.
class RandomImages final : public Samples {
 public:
  RandomImages(Shape sample, int64_t count)
      : elements_(ElementCount(sample)), labels_(static_cast<size_t>(count)) {}
  int64_t size() const override { return static_cast<int64_t>(labels_.size()); }
  int32_t label(int64_t index) const override { return labels_[static_cast<size_t>(index)]; }
  void Read(int64_t index, float* destination) const override {
    Rng rng(17, "image", static_cast<uint64_t>(index));
    for (int64_t i = 0; i < elements_; ++i)
      destination[i] = rng.Uniform() < 0.5 ? 0.0F : static_cast<float>(rng.Uniform());
  }
  const std::vector<int32_t>& labels() const override { return labels_; }

 private:
  int64_t elements_;
  std::vector<int32_t> labels_;
};

CompressContext ContextOf(const Shape& sample) {
  return {.seed = 1, .train = std::make_shared<RandomImages>(sample, 64), .step_index = 0};
}

// Relative error of the logits over a few other samples.
double ErrorAgainst(const Graph& floats, const Graph& bytes) {
  const auto before = Must(EdgeModel::Create(floats)), after = Must(EdgeModel::Create(bytes));
  const RandomImages images(floats.value(floats.input()).shape, 80);
  std::vector<float> sample(static_cast<size_t>(ElementCount(floats.value(floats.input()).shape)));
  double difference = 0, norm = 0;
  for (int64_t i = 64; i < 80; ++i) {
    images.Read(i, sample.data());
    const auto a = before->Run(sample), b = after->Run(sample);
    for (size_t c = 0; c < a.size(); ++c) {
      difference += (a[c] - b[c]) * (a[c] - b[c]);
      norm += a[c] * a[c];
    }
  }
  return std::sqrt(difference / norm);
}

}  // namespace

class Int8Test : public QObject {
  Q_OBJECT
 private slots:
  void modelsAnswerNearlyAsTheyDid_data() {
    QTest::addColumn<QString>("model");
    QTest::addColumn<QString>("calibration");
    for (const char* model : {"lenet-300-100", "lenet-5", "resnet-8"})
      for (const char* rule : {"min-max", "percentile", "entropy", "mse"})
        QTest::addRow("%s, %s", model, rule) << QString(model) << QString(rule);
  }
  void modelsAnswerNearlyAsTheyDid() {
    QFETCH(QString, model);
    QFETCH(QString, calibration);
    const Graph graph = KnownModel(model.toStdString());
    const Graph bytes =
        Compressed(graph, {{"kind", "int8"}, {"calibration", calibration.toStdString()}, {"samples", 32}},
                   ContextOf({1, 28, 28}));
    const auto runtime = Must(EdgeModel::Create(bytes));
    for (const EdgeModel::Layer& layer : runtime->layers()) QCOMPARE(layer.kernel, std::string("int8"));
    const double error = ErrorAgainst(graph, bytes);
    // 8 bits round to 1/256 of a range; percentile and entropy clip on purpose.
    QVERIFY2(error > 0 && error < (calibration == "min-max" || calibration == "mse" ? 0.05 : 0.4),
             qPrintable(QString::number(error)));
  }

  void theSameStepGivesTheSameBits() {
    const Graph graph = KnownModel("lenet-5");
    const Json step = {{"kind", "int8"}, {"samples", 16}};
    const Graph a = Compressed(graph, step, ContextOf({1, 28, 28})),
                b = Compressed(graph, step, ContextOf({1, 28, 28}));
    for (size_t i = 0; i < a.values().size(); ++i) {
      QCOMPARE(a.values()[i].quantization.has_value(), b.values()[i].quantization.has_value());
      if (a.values()[i].quantization)
        QCOMPARE(a.values()[i].quantization->scales, b.values()[i].quantization->scales);
    }
  }

  void aLayerCanStayInFloats() {
    const Graph bytes =
        Compressed(KnownModel("lenet-5"), {{"kind", "int8"}, {"layers", "dense*"}, {"samples", 16}},
                   ContextOf({1, 28, 28}));
    const auto runtime = Must(EdgeModel::Create(bytes));
    for (const EdgeModel::Layer& layer : runtime->layers())
      QCOMPARE(QString::fromStdString(layer.kernel),
               QString::fromStdString(layer.name).startsWith("dense") ? "int8" : "float");
  }

  void withoutSamplesItIsRefused() {
    const auto refused = TryCompress(KnownModel("lenet-300-100"), {{"kind", "int8"}});
    QCOMPARE(refused.status().code(), absl::StatusCode::kFailedPrecondition);
  }

  // Channels of very different sizes, one scale for the layer: what equalisation is for.
  void equalizedLayersComputeTheSameAndRoundLess() {
    Graph graph = KnownModel("lenet-5");
    std::vector<float> weight = ValuesOf(graph, "conv1.weight"), next = ValuesOf(graph, "conv2.weight");
    for (size_t i = 0; i < weight.size(); ++i) weight[i] *= i / 25 % 2 == 0 ? 30.0F : 1.0F;
    for (size_t i = 0; i < next.size(); ++i) next[i] /= i / 25 % 20 % 2 == 0 ? 30.0F : 1.0F;
    SetValues(graph, "conv1.weight", weight);
    SetValues(graph, "conv2.weight", next);
    Graph equal = graph;
    QVERIFY(EqualizeLayers(equal).ok());
    QVERIFY(RelativeDifference(Predictions(equal), Predictions(graph)) < 1e-4);
    const Json step = {{"kind", "int8"}, {"per_channel", false}, {"samples", 32}};
    Json with = step;
    with["equalize"] = true;
    const CompressContext context = ContextOf({1, 28, 28});
    QVERIFY(ErrorAgainst(graph, Compressed(graph, with, context)) <
            0.7 * ErrorAgainst(graph, Compressed(graph, step, context)));
  }

  // Rounding that shifts every weight the same way shifts the mean of the outputs: what correction takes off.
  void biasCorrectionTakesTheShiftOff() {
    Graph graph = KnownModel("lenet-300-100");
    std::vector<float> weight = ValuesOf(graph, "dense1.weight");
    for (size_t i = 0; i < weight.size(); ++i) weight[i] = i % 784 == 0 ? 127.0F : 0.4F;  // rounds to 0
    SetValues(graph, "dense1.weight", weight);
    const CompressContext context = ContextOf({1, 28, 28});
    const Json step = {{"kind", "int8"}, {"samples", 32}};
    Json with = step;
    with["bias_correction"] = true;
    QVERIFY(ErrorAgainst(graph, Compressed(graph, with, context)) <
            0.3 * ErrorAgainst(graph, Compressed(graph, step, context)));
  }

  void gridsHoldWhatTheirRulesSay() {
    ObservedRange range{.least = -1, .most = 3, .histogram = std::vector<int64_t>(ObservedRange::kBins)};
    for (int bin = 0; bin < ObservedRange::kBins; ++bin) {
      const double x = -1 + 4 * (bin + 0.5) / ObservedRange::kBins;
      range.histogram[static_cast<size_t>(bin)] = static_cast<int64_t>(1e6 * std::exp(-50 * x * x));
    }
    range.histogram.back() = 1;  // one outlier
    const auto widest = [](const Quantization& grid) { return 255 * static_cast<double>(grid.scales[0]); };
    const Quantization all = ByteGridFor(range, RangeRule::kMinMax, 0);
    QVERIFY(std::abs(widest(all) - 4) < 1e-5);
    for (const RangeRule rule : {RangeRule::kPercentile, RangeRule::kLeastSquares, RangeRule::kEntropy}) {
      const Quantization grid = ByteGridFor(range, rule, 99.9);
      QVERIFY(widest(grid) < 3);
      // Nought is exact: padding and what was rectified must be.
      QVERIFY(grid.zero_point >= 0 && grid.zero_point <= 255 && !grid.is_signed && grid.bits == 8);
    }
    const Quantization nothing = ByteGridFor(
        ObservedRange{.histogram = std::vector<int64_t>(ObservedRange::kBins)}, RangeRule::kLeastSquares, 0);
    QVERIFY(nothing.scales[0] > 0 && nothing.zero_point == 0);
  }

  // With few numbers a long tail is better clipped far below a fifth of it.
  void aLongTailIsClipped() {
    ObservedRange range{.least = 0, .most = 100, .histogram = std::vector<int64_t>(ObservedRange::kBins)};
    for (int bin = 0; bin < ObservedRange::kBins / 50; ++bin)
      range.histogram[static_cast<size_t>(bin)] = 100000;
    range.histogram.back() = 1;
    const Quantization grid = ByteGridFor(range, RangeRule::kLeastSquares, 0, 2);
    QVERIFY2(3 * grid.scales[0] < 5, qPrintable(QString::number(3 * grid.scales[0])));
  }

  void aRangeOfNextToNothingHasAGrid() {
    const ObservedRange range{
        .least = 0, .most = 1e-43, .histogram = std::vector<int64_t>(ObservedRange::kBins, 1)};
    for (const RangeRule rule :
         {RangeRule::kMinMax, RangeRule::kPercentile, RangeRule::kLeastSquares, RangeRule::kEntropy})
      QVERIFY(std::isfinite(1 / ByteGridFor(range, rule, 99).scales[0]));
  }

  // Weights that are finite, and sums of them that are not.
  void activationsThatAreNoNumbersAreRefused() {
    Graph graph = KnownModel("lenet-300-100");
    SetValues(graph, "dense1.bias", std::vector<float>(300, 3e38F));
    SetValues(graph, "dense2.weight", std::vector<float>(300 * 100, 100.0F));
    for (const char* kind : {"int8", "lsq"}) {
      const absl::Status status = TryCompress(graph, {{"kind", kind}}, ContextOf({1, 28, 28})).status();
      QCOMPARE(status.code(), absl::StatusCode::kInvalidArgument);
      for (const char* word : {"\"dense2\"", "diverged"})
        QVERIFY2(MessageOf(status).contains(word), qPrintable(MessageOf(status)));
    }
  }

  // A window over units that stand as an image of another number of channels takes from several of them.
  void equalizingKeepsToChannels() {
    Graph graph;
    ValueId at = graph.AddInput({3});
    const ValueId units = graph.AddParameter("a.weight", {8, 3}, Initializer::kZeros);
    const ValueId window = graph.AddParameter("b.weight", {4, 2, 2, 2}, Initializer::kZeros);
    at = Must(graph.AddNode(OpKind::kDense, "a", {at, units}));
    at = Must(graph.AddNode(OpKind::kReshape, "image", {at}, {.shape = {2, 2, 2}}));
    at = Must(graph.AddNode(OpKind::kConv2d, "b", {at, window}, {.kernel = 2, .padding = 1}));
    at = Must(graph.AddNode(OpKind::kReshape, "flat", {at}, {.shape = {36}}));
    graph.SetOutputs(at, -1);
    graph = WithRandomValues(graph);
    Graph equalized = graph;
    QVERIFY(EqualizeLayers(equalized).ok());
    QVERIFY(RelativeDifference(Predictions(equalized), Predictions(graph)) < 1e-5);
  }

  // Decay leaves a unit that nobody reads next to nothing, and its ratio to others is no float.
  void equalizingLeavesWhatIsNextToNothing() {
    Graph graph = TwoDenseLayers();
    std::vector<float> weight = ValuesOf(graph, "b.weight");
    for (size_t i = 0; i < weight.size(); i += 6) weight[i] = 1e-44F;
    SetValues(graph, "b.weight", weight);
    Graph equalized = graph;
    QVERIFY(EqualizeLayers(equalized).ok());
    for (const char* name : {"a.weight", "a.bias", "b.weight"})
      for (const float w : ValuesOf(equalized, name)) QVERIFY(std::isfinite(w));
    QVERIFY(RelativeDifference(Predictions(equalized), Predictions(graph)) < 1e-4);
  }

  // A weight that a third layer has, too, is not scaled for the first two.
  void equalizingLeavesSharedWeights() {
    Graph graph;
    ValueId at = graph.AddInput({4});
    const ValueId first = graph.AddParameter("a.weight", {4, 4}, Initializer::kZeros);
    const ValueId shared = graph.AddParameter("b.weight", {4, 4}, Initializer::kZeros);
    for (const auto& [name, weight] : {std::pair("a", first), {"b", shared}, {"c", shared}}) {
      at = Must(graph.AddNode(OpKind::kDense, name, {at, weight}));
      at = Must(graph.AddNode(OpKind::kRelu, std::string(name) + ".relu", {at}));
    }
    graph.SetOutputs(at, -1);
    graph = WithRandomValues(graph);
    Graph equalized = graph;
    QVERIFY(EqualizeLayers(equalized).ok());
    QCOMPARE(ValuesOf(equalized, "b.weight"), ValuesOf(graph, "b.weight"));
    QVERIFY(RelativeDifference(Predictions(equalized), Predictions(graph)) < 1e-6);
  }
};
CONCERTINA_TEST(Int8Test)

}  // namespace concertina::int8_test
#include "int8_test.moc"
