// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// learned_step_test.cc: activations of few bits, from training through the file to the device and to ONNX;
// and residual networks, where sums share grids.
#include <QTest>
#include <set>

#include "core/compress/calibration.h"
#include "core/compress/layer_choice.h"
#include "core/edge/model_file.h"
#include "core/edge/onnx_reader.h"
#include "core/edge/onnx_writer.h"
#include "core/edge/runtime.h"
#include "tests/core/compress/compressed_graphs.h"
#include "tests/test_program.h"

namespace concertina::learned_step_test {
namespace {

class UniformNoise final : public Samples {
 public:
  explicit UniformNoise(int64_t elements) : elements_(elements) {}
  int64_t size() const override { return 16; }
  int32_t label(int64_t index) const override { return static_cast<int32_t>(index % 10); }
  void Read(int64_t index, float* destination) const override {
    Rng rng(static_cast<uint64_t>(index), "noise");
    for (int64_t i = 0; i < elements_; ++i) destination[i] = static_cast<float>(rng.Uniform());
  }
  const std::vector<int32_t>& labels() const override { return labels_; }

 private:
  int64_t elements_;
  std::vector<int32_t> labels_ = std::vector<int32_t>(16);
};

// Two blocks, one with the identity beside it and one with a projection, with batch norm as ResNet-20 has it.
Graph SmallResidual() {
  Layers net("small residual", {3, 8, 8});
  const auto block = [&](const std::string& name, int64_t channels, int64_t stride, bool projects) {
    const ValueId start = net.here();
    net.Conv(name + ".conv1",
             {.channels = channels, .kernel = 3, .stride = stride, .padding = 1, .bias = false});
    net.BatchNorm(name + ".norm1").Relu();
    net.Conv(name + ".conv2", {.channels = channels, .kernel = 3, .padding = 1, .bias = false});
    net.BatchNorm(name + ".norm2");
    const ValueId residual = net.here();
    net.From(start);
    if (projects) {
      net.Conv(name + ".shortcut", {.channels = channels, .kernel = 1, .stride = stride, .bias = false});
      net.BatchNorm(name + ".shortcut_norm");
    }
    net.Add(residual).Relu();
  };
  net.Conv("conv", {.channels = 4, .kernel = 3, .padding = 1, .bias = false}).BatchNorm("norm").Relu();
  block("same", 4, 1, false);
  block("halved", 8, 2, true);
  block("last", 8, 1, false);
  return WithRandomValues(Must(net.GlobalAveragePool().Classify("dense", 10)));
}

Graph ModelOf(const QString& model) {
  return model == "small residual" ? SmallResidual() : KnownModel(model.toStdString());
}

CompressContext ContextOf(const Graph& graph) {
  CompressContext context;
  context.train = std::make_shared<UniformNoise>(ElementCount(graph.value(graph.input()).shape));
  return context;
}

Graph Finished(const Graph& graph, const Json& step) { return Must(Must(CompressorOf(step))->Finish(graph)); }

Graph FromFile(const Graph& graph) {
  const std::string bytes = Must(WriteModel(graph, {}));
  return Must(ParseModel("model", std::as_bytes(std::span(bytes)))).graph;
}

// What the grids say, in double: every activation that has one is rounded to it and cut to its bits.
std::vector<double> ByTheGrids(const Graph& graph, std::span<const float> sample) {
  std::vector<std::vector<double>> values(graph.values().size());
  const auto round = [&](ValueId id) {
    const auto& grid = graph.value(id).quantization;
    if (!grid || graph.value(id).role == ValueRole::kParameter) return;
    for (double& x : values[IndexOf(id)]) {
      const double scale = double{grid->scales[0]}, last = (1 << grid->bits) - 1;
      x = scale * (std::clamp(std::nearbyint(x / scale) + grid->zero_point, 0.0, last) - grid->zero_point);
    }
  };
  values[IndexOf(graph.input())].assign(sample.begin(), sample.end());
  round(graph.input());
  for (const Node& node : graph.nodes()) {
    if (node.output == graph.loss()) continue;
    const std::vector<double>& x = values[IndexOf(node.inputs[0])];
    const Shape &in = graph.value(node.inputs[0]).shape, &out = graph.value(node.output).shape;
    std::vector<double> y(static_cast<size_t>(ElementCount(out)));
    if (node.kind == OpKind::kConv2d || node.kind == OpKind::kDense) {
      const Shape w =
          node.kind == OpKind::kDense ? Shape{out[0], in[0], 1, 1} : graph.value(node.inputs[1]).shape;
      const std::vector<float>& weight = *graph.value(node.inputs[1]).given;
      const int64_t height = in.size() > 1 ? in[1] : 1, width = in.size() > 1 ? in[2] : 1;
      const int64_t rows = out.size() > 1 ? out[1] : 1, columns = out.size() > 1 ? out[2] : 1;
      const Attributes& a = node.attributes;
      for (int64_t o = 0; o < out[0]; ++o)
        for (int64_t r = 0; r < rows; ++r)
          for (int64_t c = 0; c < columns; ++c) {
            double sum = 0;
            if (node.inputs.size() > 2) {  // whole numbers of products, as the device has it
              const auto& grid = graph.value(node.inputs[0]).quantization;
              const std::vector<float>& scales = graph.value(node.inputs[1]).quantization->scales;
              const double product =
                  double{grid->scales[0]} * double{scales[scales.size() == 1 ? 0 : static_cast<size_t>(o)]};
              const double bias = double{(*graph.value(node.inputs[2]).given)[static_cast<size_t>(o)]};
              sum = product * std::nearbyint(bias / product);
            }
            for (int64_t i = 0; i < w[1]; ++i)
              for (int64_t u = 0; u < w[2]; ++u)
                for (int64_t v = 0; v < w[3]; ++v) {
                  const int64_t y_at = r * a.stride - a.padding + u, x_at = c * a.stride - a.padding + v;
                  if (y_at < 0 || x_at < 0 || y_at >= height || x_at >= width) continue;
                  sum += double{weight[static_cast<size_t>(((o * w[1] + i) * w[2] + u) * w[3] + v)]} *
                         x[static_cast<size_t>((i * height + y_at) * width + x_at)];
                }
            if (a.activation == Activation::kRelu) sum = std::max(sum, 0.0);
            y[static_cast<size_t>((o * rows + r) * columns + c)] = sum;
          }
    } else if (node.kind == OpKind::kAdd) {
      for (size_t i = 0; i < y.size(); ++i) {
        y[i] = x[i] + values[IndexOf(node.inputs[1])][i];
        if (node.attributes.activation == Activation::kRelu) y[i] = std::max(y[i], 0.0);
      }
    } else if (node.kind == OpKind::kGlobalAveragePool) {
      const size_t plane = x.size() / y.size();
      for (size_t i = 0; i < x.size(); ++i) y[i / plane] += x[i] / static_cast<double>(plane);
    } else {
      qFatal("no such operator here: %s", OpKindName(node.kind).c_str());
    }
    values[IndexOf(node.output)] = std::move(y);
    round(node.output);
  }
  return values[IndexOf(graph.prediction())];
}

}  // namespace

class LearnedStepTest : public QObject {
  Q_OBJECT
 private slots:
  void gridsHaveTheBitsThatWereAskedFor_data() {
    QTest::addColumn<QString>("model");
    QTest::addColumn<int>("bits");
    for (const char* model : {"lenet-300-100", "lenet-5", "small residual", "resnet-20"})
      for (const int bits : {2, 4, 8}) QTest::addRow("%s, %d bits", model, bits) << QString(model) << bits;
  }
  void gridsHaveTheBitsThatWereAskedFor() {
    QFETCH(QString, model);
    QFETCH(int, bits);
    const Json step = {{"kind", "lsq"}, {"bits", 4}, {"activation_bits", bits}, {"samples", 4}};
    const Graph graph = ModelOf(model);
    const Graph rounded = Compressed(graph, step, ContextOf(graph));
    int steps = 0;
    for (const Node& node : rounded.nodes()) {
      if (node.kind != OpKind::kFakeQuantize) continue;
      ++steps;
      QCOMPARE(node.attributes.bits, int64_t{bits});
      QVERIFY(node.attributes.zero_point >= 0 && node.attributes.zero_point < (1 << bits));
    }
    QVERIFY(steps > 0);
    // In the file: what comes in has 8, all else that a layer reads these; and every layer is of whole
    // numbers.
    const Graph file = FromFile(Finished(rounded, step));
    std::set<int> found;
    for (const Value& value : file.values())
      if (value.role == ValueRole::kActivation && value.quantization) {
        found.insert(value.quantization->bits);
        QVERIFY(!value.quantization->is_signed);
      }
    QVERIFY(found.contains(bits));
    QVERIFY(found.size() == 1 || (found.size() == 2 && found.contains(8)));  // the input, in another form
    QCOMPARE(file.value(file.input()).quantization->bits, 8);
    for (const EdgeModel::Layer& layer : Must(EdgeModel::Create(file))->layers())
      QCOMPARE(layer.kernel, std::string("int8"));
  }

  // Both inputs of a sum have grids, and an identity beside a block keeps that of what it comes from: nothing
  // is rounded twice, and the runtime adds bytes.
  void sumsOfAResidualNetworkAreOfBytes() {
    const Json step = {{"kind", "lsq"}, {"activation_bits", 4}, {"samples", 4}};
    const Graph graph = SmallResidual();
    const Graph rounded = Compressed(graph, step, ContextOf(graph));
    // One step for what conv and block "same" read, and none twice on one value.
    std::map<ValueId, int> readers;
    for (const Node& node : rounded.nodes())
      if (node.kind == OpKind::kFakeQuantize) ++readers[node.inputs[0]];
    for (const auto& [value, count] : readers) QCOMPARE(count, 1);
    const Graph file = FromFile(Finished(rounded, step));
    int sums = 0;
    for (const Node& node : file.nodes()) {
      if (node.kind != OpKind::kAdd || !file.value(node.output).quantization) continue;
      ++sums;
      for (const ValueId id : node.inputs) QVERIFY(file.value(id).quantization.has_value());
    }
    QCOMPARE(sums, 2);  // the last goes into a mean, in floats
    const auto edge = Must(EdgeModel::Create(file));
    int byte_sums = 0;
    for (const EdgeModel::Step& made : edge->steps())
      byte_sums += made.work == OpKindName(OpKind::kAdd) && std::string(made.kernel) == "int8" ? 1 : 0;
    QCOMPARE(byte_sums, 2);
  }

  // The device computes what the grids of its file say: clamps at fewer bits than a byte's included. A sum
  // that lies between two steps may round to either, so a few of the logits may be apart by what a step
  // makes.
  void theDeviceComputesWhatTheGridsSay_data() {
    QTest::addColumn<int>("bits");
    for (const int bits : {2, 3, 4, 8}) QTest::addRow("%d bits", bits) << bits;
  }
  void theDeviceComputesWhatTheGridsSay() {
    QFETCH(int, bits);
    const Json step = {{"kind", "lsq"}, {"bits", 4}, {"activation_bits", bits}, {"samples", 4}};
    const Graph graph = SmallResidual();
    Graph trained = Compressed(graph, step, ContextOf(graph));
    // Steps that are too small: much is cut off at the last number of the grid, and must be. Of fewest bits
    // it is so anyway.
    for (const ValueId id : trained.parameters())
      if (bits > 3 && trained.value(id).name.ends_with(".step"))
        Give(trained, id, {0.5F * (*trained.value(id).given)[0]});
    const Graph file = FromFile(Finished(trained, step));
    const auto edge = Must(EdgeModel::Create(file));
    const UniformNoise noise(3 * 8 * 8);
    double difference = 0, norm = 0;
    for (int64_t n = 0; n < 8; ++n) {
      std::vector<float> sample(3 * 8 * 8);
      noise.Read(n, sample.data());
      const std::vector<double> expected = ByTheGrids(file, sample);
      const std::span<const float> logits = edge->Run(sample);
      for (size_t c = 0; c < 10; ++c) {
        difference += std::pow(logits[c] - expected[c], 2);
        norm += std::pow(expected[c], 2);
      }
    }
    QVERIFY(norm > 0);
    QVERIFY2(std::sqrt(difference / norm) < 1e-3, qPrintable(QString::number(std::sqrt(difference / norm))));
  }

  // The same in another runtime's file: cut before they are rounded, and read back as they were.
  void onnxKeepsTheBits() {
    const Json step = {{"kind", "lsq"}, {"bits", 4}, {"activation_bits", 4}, {"samples", 4}};
    const Graph graph = SmallResidual();
    const Graph alone = Finished(Compressed(graph, step, ContextOf(graph)), step);
    const std::string onnx = Must(ToOnnx(alone, "small"));
    QVERIFY(onnx.find("Clip") != std::string::npos);
    const Graph read = Must(FromOnnx("small", std::as_bytes(std::span(onnx))));
    std::multiset<int> found, expected;
    for (const auto& [from, to] : {std::pair(&read, &found), {&alone, &expected}})
      for (const Value& value : from->values())
        if (value.role == ValueRole::kActivation && value.quantization) to->insert(value.quantization->bits);
    QVERIFY(found == expected);
    const auto edge = Must(EdgeModel::Create(alone)), other = Must(EdgeModel::Create(read));
    const UniformNoise noise(3 * 8 * 8);
    std::vector<float> sample(3 * 8 * 8);
    noise.Read(1, sample.data());
    const std::span<const float> a = edge->Run(sample), b = other->Run(sample);
    for (size_t c = 0; c < 10; ++c) QVERIFY(std::abs(a[c] - b[c]) <= 0.05F * std::abs(a[c]) + 0.05F);
  }

  void bitsAreFromTwoToEight() {
    for (const int bits : {1, 9}) {
      const auto made = CompressorOf({{"kind", "lsq"}, {"activation_bits", bits}});
      QCOMPARE(made.status().code(), absl::StatusCode::kInvalidArgument);
      QVERIFY2(MessageOf(made.status()).contains("activation_bits"), qPrintable(MessageOf(made.status())));
    }
  }

  void aGridOfFewerBitsCoversTheSameRange() {
    ObservedRange range{.least = -1, .most = 3, .histogram = std::vector<int64_t>(ObservedRange::kBins, 10)};
    for (const int bits : {2, 4, 8}) {
      const Quantization grid = ByteGridFor(range, RangeRule::kMinMax, 100, bits);
      const double last = (1 << bits) - 1;
      QCOMPARE(grid.bits, bits);
      QVERIFY(std::abs(last * grid.scales[0] - 4) < 1e-5);
      QCOMPARE(grid.zero_point, static_cast<int32_t>(std::nearbyint(last / 4)));
      // Of even elements, clipping costs more than coarser steps save, until the steps are coarse.
      const Quantization least = ByteGridFor(range, RangeRule::kLeastSquares, 100, bits);
      QVERIFY(least.scales[0] <= grid.scales[0] * 1.0001F && least.bits == bits);
    }
  }
};
CONCERTINA_TEST(LearnedStepTest)

}  // namespace concertina::learned_step_test
#include "learned_step_test.moc"
