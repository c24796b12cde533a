// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// runtime_test.cc: what the edge runtime answers is what the training executor answers, whichever kernel a
// layer has; and whole-number layers are exact.
#include "core/edge/runtime.h"

#include <QTest>
#include <cmath>

#include "core/base/registry.h"
#include "core/base/rng.h"
#include "core/edge/kernels.h"
#include "core/edge/latency.h"
#include "core/edge/step_times.h"
#include "core/graph/executor.h"
#include "core/nn/model.h"
#include "nlohmann/json.hpp"
#include "tests/core/graph/sample_graphs.h"
#include "tests/test_program.h"

namespace concertina::runtime_test {
namespace {

// Random values in place of the initialisers', so that batch norm's statistics are not those of nothing.
Graph WithValues(Graph graph, uint64_t seed, double zeros) {
  std::vector<ValueId> ids = graph.parameters();
  const std::vector<ValueId> buffers = graph.buffers();
  ids.insert(ids.end(), buffers.begin(), buffers.end());
  for (const ValueId id : ids) {
    Rng rng(seed, graph.value(id).name);
    const Shape& shape = graph.value(id).shape;
    const double bound =
        shape.size() < 2 ? 0.5 : 1 / std::sqrt(static_cast<double>(ElementCount(shape) / shape[0]));
    const bool is_variance = graph.value(id).name.find("var") != std::string::npos;
    std::vector<float> values(static_cast<size_t>(ElementCount(shape)));
    for (float& value : values)
      value =
          shape.size() > 1 && rng.Uniform() < zeros
              ? 0.0F
              : static_cast<float>(is_variance ? rng.Uniform(0.5, 2) : rng.Uniform(-2 * bound, 2 * bound));
    graph.mutable_value(id).given = std::make_shared<const std::vector<float>>(std::move(values));
  }
  return graph;
}

Graph ModelGraph(const std::string& kind, const Shape& sample) {
  std::vector<Fault> faults;
  const Params params = Registry::Global().Check("model", {{"kind", kind}}, "", faults);
  auto model = Registry::Global().Create<Model>("model", params);
  if (!model.ok()) qFatal("%s", std::string(model.status().message()).c_str());
  auto graph = (*model)->Build(sample, 10);
  if (!graph.ok()) qFatal("%s", std::string(graph.status().message()).c_str());
  return *std::move(graph);
}

std::vector<float> RandomSample(const Graph& graph, uint64_t seed) {
  Rng rng(seed, "sample");
  std::vector<float> sample(static_cast<size_t>(ElementCount(graph.value(graph.input()).shape)));
  for (float& x : sample) x = rng.Uniform() < 0.3 ? 0.0F : static_cast<float>(rng.Uniform());
  return sample;
}

std::vector<float> ByExecutor(const Graph& graph, const std::vector<float>& sample) {
  auto executor = Executor::Create(graph, {.batch_size = 1});
  if (!executor.ok()) qFatal("%s", std::string(executor.status().message()).c_str());
  Initialize(graph, 1, (*executor)->parameters(), (*executor)->buffers());
  std::copy(sample.begin(), sample.end(), (*executor)->input().begin());
  (*executor)->Evaluate(1);
  const auto prediction = (*executor)->prediction();
  return {prediction.begin(), prediction.end()};
}

std::vector<float> ByRuntime(const Graph& graph, const std::vector<float>& sample,
                             const EdgeOptions& options = {}) {
  auto model = EdgeModel::Create(graph, options);
  if (!model.ok()) qFatal("%s", std::string(model.status().message()).c_str());
  const auto prediction = (*model)->Run(sample);
  return {prediction.begin(), prediction.end()};
}

double LargestDifference(const std::vector<float>& a, const std::vector<float>& b) {
  double most = a.size() == b.size() ? 0 : INFINITY;
  for (size_t i = 0; i < std::min(a.size(), b.size()); ++i)
    most = std::max(most, std::abs(static_cast<double>(a[i]) - b[i]));
  return most;
}

}  // namespace

class RuntimeTest : public QObject {
  Q_OBJECT
 private slots:
  void modelsAnswerAsTheExecutorDoes_data() {
    QTest::addColumn<QString>("kind");
    QTest::addColumn<double>("zeros");
    for (const char* kind : {"logistic-regression", "lenet-300-100", "lenet-5", "2nn", "fedavg-cnn",
                             "resnet-8", "resnet-20", "mlp"})
      for (const double zeros : {0.0, 0.9})
        QTest::addRow("%s, %.0f %% zeros", kind, 100 * zeros) << QString(kind) << zeros;
  }
  void modelsAnswerAsTheExecutorDoes() {
    QFETCH(QString, kind);
    QFETCH(double, zeros);
    const Graph graph = WithValues(ModelGraph(kind.toStdString(), {1, 28, 28}), 3, zeros);
    const std::vector<float> sample = RandomSample(graph, 5);
    const std::vector<float> expected = ByExecutor(graph, sample), found = ByRuntime(graph, sample);
    double scale = 1;
    for (const float x : expected) scale = std::max<double>(scale, std::abs(x));
    // Sums of a few hundred terms in another order.
    const double difference = LargestDifference(found, expected);
    QVERIFY2(difference <= 2e-5 * scale, qPrintable(QString("%1 of %2").arg(difference).arg(scale)));
  }

  void sparseKernelsGiveTheBitsOfDenseOnes() {
    for (const char* kind : {"lenet-300-100", "lenet-5", "resnet-8"}) {
      const Graph graph = WithValues(ModelGraph(kind, {1, 28, 28}), 4, 0.5);
      const std::vector<float> sample = RandomSample(graph, 6);
      const auto dense = ByRuntime(graph, sample, {.sparse_convolution_from = 2, .sparse_dense = false}),
                 sparse = ByRuntime(graph, sample, {.sparse_convolution_from = 0, .sparse_dense = true});
      QCOMPARE(LargestDifference(dense, sparse), 0.0);
    }
  }

  void aLayerSaysWhichKernelItHas() {
    const Graph graph = WithValues(ModelGraph("lenet-300-100", {1, 28, 28}), 4, 0.95);
    const auto model = EdgeModel::Create(graph, {.sparse_dense = true});
    QVERIFY(model.ok());
    QCOMPARE((*model)->layers().size(), size_t{3});
    for (const EdgeModel::Layer& layer : (*model)->layers())
      QCOMPARE(layer.kernel, std::string("sparse float"));
    // A block has eight weights, of which the zeros are multiplied too, and is told so.
    const EdgeModel::Layer& first = (*model)->layers()[0];
    QVERIFY(first.macs > first.dense_macs / 20);
    QVERIFY(first.macs < first.dense_macs / 2);
    QCOMPARE((*EdgeModel::Create(graph, {.sparse_convolution_from = 2, .sparse_dense = false}))->macs(),
             int64_t{266200});
  }

  // Left to itself a layer takes the kernel that is faster at its share of zeros, on every processor.
  void aDenseLayerIsSparseWhereThatIsFaster() {
    const auto kernel_of = [](double zeros) {
      const Graph graph = WithValues(ModelGraph("lenet-300-100", {1, 28, 28}), 4, zeros);
      return (*EdgeModel::Create(graph))->layers()[0].kernel;
    };
    QCOMPARE(kernel_of(0), std::string("float"));
    QCOMPARE(kernel_of(0.6), std::string("float"));
    QCOMPARE(kernel_of(0.99), std::string("sparse float"));
  }

  // A convolution of every form that has a way of its own, against the sum in its definition: of whole
  // numbers, which floats hold exactly, too.
  void convolutionsOfWholeNumbersAreExact_data() {
    QTest::addColumn<int>("channels");
    QTest::addColumn<int>("outputs");
    QTest::addColumn<int>("side");
    QTest::addColumn<int>("kernel");
    QTest::addColumn<int>("stride");
    QTest::addColumn<int>("padding");
    QTest::newRow("one channel") << 1 << 20 << 28 << 5 << 1 << 0;
    QTest::newRow("one channel, padded") << 1 << 7 << 9 << 3 << 1 << 1;
    QTest::newRow("one channel, stride 2") << 1 << 5 << 11 << 3 << 2 << 1;
    QTest::newRow("odd channels") << 3 << 13 << 8 << 3 << 1 << 1;
    QTest::newRow("LeNet-5's second") << 20 << 50 << 12 << 5 << 1 << 0;
    QTest::newRow("stride 2, padded") << 16 << 32 << 28 << 3 << 2 << 1;
    QTest::newRow("1 x 1, stride 2") << 16 << 32 << 28 << 1 << 2 << 0;
    QTest::newRow("one pixel") << 4 << 1 << 1 << 1 << 1 << 0;
    QTest::newRow("larger than the image") << 2 << 3 << 2 << 4 << 1 << 1;
    QTest::newRow("rows of 7") << 6 << 14 << 7 << 3 << 1 << 1;
    QTest::newRow("rows of 9") << 5 << 9 << 9 << 3 << 1 << 1;
    QTest::newRow("rows of 3") << 4 << 7 << 3 << 3 << 1 << 1;
    QTest::newRow("odd rows, stride 2") << 3 << 8 << 15 << 3 << 2 << 1;
    QTest::newRow("stride 2, wide padding") << 3 << 8 << 13 << 5 << 2 << 2;
    QTest::newRow("stride 3") << 3 << 8 << 17 << 3 << 3 << 1;
    QTest::newRow("1 x 1, stride 3") << 3 << 8 << 17 << 1 << 3 << 0;
    // Whole and partial vectors and blocks of channels, tiles and panels of pixels.
    for (const int outputs : {1, 8, 9, 16, 17, 25, 33, 64})
      for (const int side : {1, 2, 3, 5, 7, 10, 14})
        QTest::addRow("%d channels of %d x %d", outputs, side, side) << 3 << outputs << side << 3 << 1 << 1;
  }
  void convolutionsOfWholeNumbersAreExact() {
    QFETCH(int, channels);
    QFETCH(int, outputs);
    QFETCH(int, side);
    QFETCH(int, kernel);
    QFETCH(int, stride);
    QFETCH(int, padding);
    const int out = (side + 2 * padding - kernel) / stride + 1;
    const edge::ConvolutionShape shape{.in_channels = channels,
                                       .height = side,
                                       .width = side,
                                       .kernel_height = kernel,
                                       .kernel_width = kernel,
                                       .stride = stride,
                                       .padding = padding,
                                       .out_channels = outputs,
                                       .out_height = out,
                                       .out_width = out};
    Rng rng(9, "convolution");
    const int32_t zero_point = 37;
    std::vector<uint8_t> x(static_cast<size_t>(channels * side * side));
    for (uint8_t& each : x) each = static_cast<uint8_t>(rng.Below(256));
    std::vector<int8_t> weight(static_cast<size_t>(outputs * channels * kernel * kernel));
    for (int8_t& each : weight) each = static_cast<int8_t>(static_cast<int>(rng.Below(255)) - 127);
    std::vector<int32_t> bias(static_cast<size_t>(outputs) + edge::kSlack);
    std::vector<float> one(bias.size(), 1.0F);
    for (int o = 0; o < outputs; ++o)
      bias[static_cast<size_t>(o)] = static_cast<int32_t>(rng.Below(1000)) - 500;
    const edge::IntegerTaps taps = edge::PairTaps(shape);
    std::vector<int16_t> prepared(
        static_cast<size_t>(2 * (shape.prepared_count(taps.pair_channels) + edge::kSlack)));
    edge::PrepareInteger(shape, x.data(), zero_point, prepared.data());
    const std::vector<int16_t> packed = edge::PackConvolutionInteger(weight, shape);
    std::vector<float> y(static_cast<size_t>(outputs * out * out) + edge::kSlack);
    edge::ConvolutionInteger(shape, packed.data(), taps, prepared.data(),
                             {.bias = bias.data(), .multiplier = one.data()}, nullptr, y.data());

    // With channels side by side: the same bytes, and nothing behind them.
    const edge::ConvolutionShape unstrided = shape.Unstrided();
    const edge::IntegerTaps unstrided_taps = edge::PairTaps(unstrided);
    std::vector<int16_t> padded(
        static_cast<size_t>(2 * (unstrided.prepared_count(unstrided_taps.pair_channels) + edge::kSlack)));
    edge::PrepareInteger(unstrided, x.data(), zero_point, padded.data());
    const std::vector<int16_t> by_channels = edge::PackIntegersByChannels(weight, shape);
    std::vector<float> shares(bias.size());
    for (int o = 0; o < outputs; ++o) shares[static_cast<size_t>(o)] = 1e-4F * static_cast<float>(1 + o % 7);
    for (const int32_t least : {0, 21}) {
      const edge::IntegerTail tail{
          .bias = bias.data(), .multiplier = shares.data(), .zero_point = 21, .least = least, .most = 250};
      constexpr uint8_t kUntouched = 77;
      const auto count = static_cast<size_t>(outputs * out * out);
      std::vector<uint8_t> bytes(count + edge::kSlack, kUntouched), other(bytes);
      edge::ConvolutionInteger(shape, packed.data(), taps, prepared.data(), tail, bytes.data(), nullptr);
      edge::IntegersByChannels(shape, by_channels.data(), unstrided_taps, padded.data(), tail, other.data());
      for (size_t i = count; i < other.size(); ++i) QCOMPARE(other[i], kUntouched);
      bytes.resize(count);
      other.resize(count);
      QCOMPARE(other, bytes);
    }

    std::vector<float> x_floats, float_weight(weight.begin(), weight.end()),
        float_bias(bias.begin(), bias.end());
    for (const uint8_t each : x) x_floats.push_back(static_cast<float>(each - zero_point));
    x_floats.resize(x_floats.size() + edge::kSlack);
    std::vector<float> prepared_floats(static_cast<size_t>(shape.prepared_count(channels) + edge::kSlack));
    edge::PrepareFloat(shape, x_floats.data(), prepared_floats.data());
    const std::vector<float> packed_floats = edge::PackConvolution(float_weight, shape);
    const std::vector<int32_t> offsets = edge::TapOffsets(shape);
    std::vector<float> y_floats(y.size()), y_sparse(y.size());
    const edge::FloatTail float_tail{.bias = float_bias.data()};
    edge::ConvolutionFloat(shape, packed_floats.data(), offsets.data(), prepared_floats.data(), float_tail,
                           y_floats.data());
    edge::ConvolutionSparse(shape, edge::PackSparseConvolution(float_weight, shape), prepared_floats.data(),
                            float_tail, y_sparse.data());
    QCOMPARE(y_floats, y);
    QCOMPARE(y_sparse, y);
    for (int o = 0; o < outputs; ++o)
      for (int row = 0; row < out; ++row)
        for (int column = 0; column < out; ++column) {
          int32_t sum = bias[static_cast<size_t>(o)];
          for (int c = 0; c < channels; ++c)
            for (int i = 0; i < kernel; ++i)
              for (int j = 0; j < kernel; ++j) {
                const int at_row = row * stride + i - padding, at = column * stride + j - padding;
                if (at_row < 0 || at < 0 || at_row >= side || at >= side) continue;
                sum += (x[static_cast<size_t>((c * side + at_row) * side + at)] - zero_point) *
                       weight[static_cast<size_t>(((o * channels + c) * kernel + i) * kernel + j)];
              }
          QCOMPARE(y[static_cast<size_t>((o * out + row) * out + column)], static_cast<float>(sum));
        }
    for (size_t i = static_cast<size_t>(outputs * out * out); i < y.size(); ++i) QCOMPARE(y[i], 0.0F);
  }

  void wholeNumberDenseLayersAreExact_data() {
    QTest::addColumn<int>("inputs");
    QTest::addColumn<int>("outputs");
    for (const auto& [inputs, outputs] :
         {std::pair(784, 300), {300, 100}, {7, 10}, {1, 1}, {33, 64}, {801, 65}})
      QTest::addRow("%d to %d", inputs, outputs) << inputs << outputs;
  }
  void wholeNumberDenseLayersAreExact() {
    QFETCH(int, inputs);
    QFETCH(int, outputs);
    Rng rng(10, "dense");
    std::vector<uint8_t> x(static_cast<size_t>(inputs));
    for (uint8_t& each : x) each = static_cast<uint8_t>(rng.Uniform() < 0.5 ? 5 : rng.Below(256));
    std::vector<int8_t> weight(static_cast<size_t>(inputs * outputs));
    for (int8_t& each : weight) each = static_cast<int8_t>(static_cast<int>(rng.Below(255)) - 127);
    std::vector<int16_t> pairs(static_cast<size_t>(inputs) + 2);
    edge::PairBytes(x, 5, pairs.data());
    const std::vector<int8_t> packed = edge::PackDenseInteger(weight, inputs, outputs);
    std::vector<int32_t> nonzero(static_cast<size_t>(inputs) + 1),
        sums(static_cast<size_t>(outputs) + 2 * edge::kSlack), bias(sums.size(), 3);
    std::vector<float> one(sums.size(), 1.0F), y(static_cast<size_t>(outputs));
    edge::DenseInteger(packed.data(), inputs, outputs, pairs.data(), nonzero.data(), sums.data(),
                       {.bias = bias.data(), .multiplier = one.data()}, nullptr, y.data());
    for (int o = 0; o < outputs; ++o) {
      int32_t sum = 3;
      for (int k = 0; k < inputs; ++k)
        sum += (x[static_cast<size_t>(k)] - 5) * weight[static_cast<size_t>(o * inputs + k)];
      QCOMPARE(y[static_cast<size_t>(o)], static_cast<float>(sum));
    }
  }

  // The same model in floats, its values rounded to the same grids, is off by a rounding of a few activations
  // at most.
  void int8IsWhatTheGridsSay() {
    Graph graph = Fuse(WithValues(ModelGraph("lenet-5", {1, 28, 28}), 3, 0));
    for (const Node& node : graph.nodes()) {
      if (node.kind != OpKind::kDense && node.kind != OpKind::kConv2d) continue;
      Value& weight = graph.mutable_value(node.inputs[1]);
      std::vector<float> values = *weight.given;
      weight.quantization = Quantization{.scales = {0.003F}};
      for (float& w : values) w = 0.003F * std::clamp(std::nearbyint(w / 0.003F), -127.0F, 127.0F);
      weight.given = std::make_shared<const std::vector<float>>(std::move(values));
    }
    const std::vector<float> sample = RandomSample(graph, 5);
    const std::vector<float> floats = ByRuntime(graph, sample);
    std::map<ValueId, double> most;
    (*EdgeModel::Create(graph))->RunObserved(sample, [&](ValueId id, std::span<const float> x) {
      for (const float each : x) most[id] = std::max<double>(most[id], std::abs(each));
    });
    for (const auto& [id, range] : most)
      if (id != graph.prediction())
        graph.mutable_value(id).quantization = Quantization{
            .bits = 8, .is_signed = false, .scales = {static_cast<float>(range / 127)}, .zero_point = 128};
    const auto model = EdgeModel::Create(graph);
    QVERIFY(model.ok());
    for (const EdgeModel::Layer& layer : (*model)->layers()) QCOMPARE(layer.kernel, std::string("int8"));
    const auto found = (*model)->Run(sample);
    double scale = 0;
    for (const float x : floats) scale = std::max<double>(scale, std::abs(x));
    const double difference = LargestDifference({found.begin(), found.end()}, floats);
    QVERIFY2(difference > 0 && difference < 0.08 * scale,
             qPrintable(QString("%1 of %2").arg(difference).arg(scale)));
  }

  void itsStepsAreTimedAsTheyRun() {
    Graph graph = Fuse(WithValues(ModelGraph("lenet-5", {1, 28, 28}), 3, 0));
    const auto steps_of = [](const Graph& of) {
      std::vector<std::string> names;
      const auto model = EdgeModel::Create(of);
      for (const EdgeModel::Step& step : (*model)->steps())
        names.push_back(step.layer + " " + step.work + (step.converts() ? "" : ", " + step.kernel));
      return names;
    };
    for (const std::string& name : steps_of(graph))
      QVERIFY2(name.find("quantize") == std::string::npos, name.c_str());
    // Bytes go in, and a convolution makes bytes of them: what they cost is named.
    for (const Node& node : graph.nodes()) {
      if (node.kind != OpKind::kConv2d || node.inputs[0] != graph.input()) continue;
      Value& weight = graph.mutable_value(node.inputs[1]);
      std::vector<float> values = *weight.given;
      weight.quantization = Quantization{.scales = {0.003F}};
      for (float& w : values) w = 0.003F * std::clamp(std::nearbyint(w / 0.003F), -127.0F, 127.0F);
      weight.given = std::make_shared<const std::vector<float>>(std::move(values));
      for (const ValueId id : {node.inputs[0], node.output})
        graph.mutable_value(id).quantization =
            Quantization{.bits = 8, .is_signed = false, .scales = {0.02F}, .zero_point = 0};
    }
    const std::vector<std::string> names = steps_of(graph);
    QCOMPARE(names[0], std::string("input quantize"));
    QCOMPARE(names[1], std::string("conv1 prepare"));
    QCOMPARE(names[2], std::string("conv1 conv2d, int8"));
    QVERIFY(std::any_of(names.begin(), names.end(),
                        [](const std::string& name) { return name.ends_with(" dequantize"); }));

    const auto model = EdgeModel::Create(graph);
    const std::vector<float> sample = RandomSample(graph, 5);
    const auto plain = (*model)->Run(sample);
    const std::vector<float> expected(plain.begin(), plain.end());
    std::vector<double> seconds((*model)->steps().size(), -1);
    const auto timed = (*model)->RunTimed(sample, seconds);
    QCOMPARE(std::vector<float>(timed.begin(), timed.end()), expected);
    for (const double each : seconds) QVERIFY(each >= 0);
    int64_t macs = 0;
    for (const EdgeModel::Step& step : (*model)->steps()) macs += step.macs;
    QCOMPARE(macs, (*model)->macs());

    int64_t asked = 0;
    const std::vector<double> medians = MeasureSteps(**model, 20, [&](int64_t) -> std::span<const float> {
      ++asked;
      return sample;
    });
    QCOMPARE(asked, int64_t{22});
    QCOMPARE(medians.size(), (*model)->steps().size());
  }

  void timesAreThoseOfTheLayerWithTheWeight() {
    const std::vector<EdgeModel::Step> steps = {
        {.layer = "input", .weight = "", .work = "quantize", .kernel = ""},
        {.layer = "a", .weight = "a.weight", .work = "prepare", .kernel = ""},
        {.layer = "a", .weight = "a.weight", .work = "dense", .kernel = "int8"},
        {.layer = "b", .weight = "b.weight", .work = "dense", .kernel = "float"}};
    const std::map<std::string, LayerTime> times = TimesOfLayers(steps, std::vector<double>{1, 2, 4, 8});
    QCOMPARE(times.size(), size_t{2});
    QCOMPARE(times.at("a.weight").seconds, 6.0);
    QCOMPARE(times.at("a.weight").converting_seconds, 2.0);
    QCOMPARE(times.at("b.weight").converting_seconds, 0.0);
  }

  void aModelWithoutValuesIsRefused() {
    const auto model = EdgeModel::Create(ModelGraph("lenet-5", {1, 28, 28}));
    QCOMPARE(model.status().code(), absl::StatusCode::kInvalidArgument);
    QVERIFY(std::string(model.status().message()).find("conv1.weight") != std::string::npos);
  }

  void aGridOfWhatIsReshapedIsItsOwn() {
    Graph graph;
    const ValueId input = graph.AddInput({4});
    const ValueId copy = *graph.AddNode(OpKind::kReshape, "copy", {input}, {.shape = {4}});
    const ValueId nothing = *graph.AddNode(OpKind::kDropout, "nothing", {copy}, {.rate = 0.5});
    graph.SetOutputs(nothing, -1);
    const std::vector<float> sample = {0.3F, 0.8F, -9, 99};
    const auto answer = [&](const Graph& of) {
      const auto model = EdgeModel::Create(of);
      const auto y = (*model)->Run(sample);
      return std::vector<float>(y.begin(), y.end());
    };
    QCOMPARE(answer(graph), sample);
    graph.mutable_value(copy).quantization =
        Quantization{.bits = 8, .is_signed = false, .scales = {0.5F}, .zero_point = 10};
    QCOMPARE(answer(graph), (std::vector<float>{0.5F, 1, -5, 99}));
    graph.mutable_value(nothing).quantization =
        Quantization{.bits = 8, .is_signed = false, .scales = {1}, .zero_point = 0};
    QCOMPARE(answer(graph), (std::vector<float>{0, 1, 0, 99}));  // half a step to the even one
  }

  void anImageThatIsMostlyPaddingIsRefused() {  // not copied: a file of a hundred bytes may ask for it
    Graph graph;
    const ValueId input = graph.AddInput({1, 4, 4});
    const ValueId weight = graph.AddParameter("far.weight", {1, 1, 1, 1}, Initializer::kZeros);
    graph.mutable_value(weight).given = std::make_shared<const std::vector<float>>(1, 1.0F);
    for (const int64_t padding : {int64_t{1} << 14, int64_t{1} << 27}) {
      Graph padded = graph;
      const auto output = padded.AddNode(OpKind::kConv2d, "far", {input, weight},
                                         {.kernel = 1, .stride = 2 * padding, .padding = padding});
      QVERIFY(output.ok());
      QCOMPARE(padded.value(*output).shape, (Shape{1, 2, 2}));
      padded.SetOutputs(*output, -1);
      const auto model = EdgeModel::Create(padded);
      QCOMPARE(model.status().code(), absl::StatusCode::kInvalidArgument);
      QVERIFY(std::string(model.status().message()).find("\"far\"") != std::string::npos);
    }
  }

  void percentilesAreNearestRanks() {
    QCOMPARE(Percentile({3, 1, 2, 4}, 0.5), 2.0);
    QCOMPARE(Percentile({3, 1, 2, 4}, 0.99), 4.0);
    QCOMPARE(Percentile({7}, 0.5), 7.0);
    QCOMPARE(Percentile({}, 0.5), 0.0);
    int64_t calls = 0;
    QCOMPARE(MeasureLatency(20, [&](int64_t) { ++calls; }).queries, int64_t{20});
    QCOMPARE(calls, int64_t{22});
  }
};
CONCERTINA_TEST(RuntimeTest)

}  // namespace concertina::runtime_test
#include "runtime_test.moc"
