// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// packed_graphs_test.cc: a model comes back with all that was said of its values and layers, and bytes that
// are none are told apart.
#include "core/worker/packed_graphs.h"

#include <QTest>

#include "tests/core/compress/compressed_graphs.h"
#include "tests/test_program.h"

namespace concertina::packed_graphs_test {
namespace {

// Every field that a value can have beside its shape.
void CompareValues(const Value& found, const Value& expected) {
  QCOMPARE(found.role, expected.role);
  QCOMPARE(found.shape, expected.shape);
  QCOMPARE(found.decays, expected.decays);
  QCOMPARE(found.hold, expected.hold);
  QCOMPARE(found.initializer, expected.initializer);
  QCOMPARE(found.fan_in, expected.fan_in);
  QCOMPARE(found.fan_out, expected.fan_out);
  QCOMPARE(found.given != nullptr, expected.given != nullptr);
  if (found.given != nullptr) QVERIFY(*found.given == *expected.given);
  QCOMPARE(found.quantization.has_value(), expected.quantization.has_value());
  if (!found.quantization) return;
  QCOMPARE(found.quantization->bits, expected.quantization->bits);
  QCOMPARE(found.quantization->is_signed, expected.quantization->is_signed);
  QCOMPARE(found.quantization->scales, expected.quantization->scales);
  QCOMPARE(found.quantization->zero_point, expected.quantization->zero_point);
}

void CompareAttributes(const Attributes& a, const Attributes& b) {
  QVERIFY(a.kernel == b.kernel && a.stride == b.stride && a.padding == b.padding && a.rate == b.rate &&
          a.momentum == b.momentum && a.epsilon == b.epsilon && a.activation == b.activation &&
          a.shape == b.shape && a.temperature == b.temperature && a.teacher_share == b.teacher_share &&
          a.feature_weight == b.feature_weight && a.compares_attention == b.compares_attention &&
          a.bits == b.bits && a.zero_point == b.zero_point);
}

void CompareGraphs(const Graph& found, const Graph& expected) {
  const auto same = [&](const std::vector<ValueId>& mine, const std::vector<ValueId>& theirs) {
    QCOMPARE(mine.size(), theirs.size());
    for (size_t i = 0; i < mine.size(); ++i) {
      QCOMPARE(found.value(mine[i]).name, expected.value(theirs[i]).name);
      CompareValues(found.value(mine[i]), expected.value(theirs[i]));
    }
  };
  same(found.parameters(), expected.parameters());
  same(found.buffers(), expected.buffers());
  CompareValues(found.value(found.input()), expected.value(expected.input()));
  // A file has values in the order of their numbers: they stay.
  QCOMPARE(found.values().size(), expected.values().size());
  for (size_t i = 0; i < expected.values().size(); ++i)
    CompareValues(found.values()[i], expected.values()[i]);
  QCOMPARE(found.nodes().size(), expected.nodes().size());
  for (size_t n = 0; n < expected.nodes().size(); ++n) {
    const Node &mine = found.nodes()[n], &theirs = expected.nodes()[n];
    QCOMPARE(mine.kind, theirs.kind);
    QCOMPARE(mine.name, theirs.name);
    CompareAttributes(mine.attributes, theirs.attributes);
    CompareValues(found.value(mine.output), expected.value(theirs.output));
    QCOMPARE(mine.inputs.size(), theirs.inputs.size());
    QCOMPARE(mine.inputs, theirs.inputs);
    QCOMPARE(mine.output, theirs.output);
  }
}

SharedGraph Shared(Graph graph) { return std::make_shared<const Graph>(std::move(graph)); }

class Images final : public Samples {
 public:
  int64_t size() const override { return 8; }
  int32_t label(int64_t) const override { return 0; }
  void Read(int64_t index, float* destination) const override {
    Rng rng(static_cast<uint64_t>(index), "image");
    for (int i = 0; i < 784; ++i) destination[i] = static_cast<float>(rng.Uniform());
  }
  const std::vector<int32_t>& labels() const override { return labels_; }

 private:
  std::vector<int32_t> labels_ = std::vector<int32_t>(8);
};

}  // namespace

class PackedGraphsTest : public QObject {
  Q_OBJECT
 private slots:
  void aModelComesBackAsItWas_data() {
    QTest::addColumn<QString>("model");
    QTest::addColumn<QString>("step");
    QTest::newRow("as it was built") << "resnet-8"
                                     << "";
    QTest::newRow("masks") << "lenet-5"
                           << R"({"kind": "prune-l1"})";
    QTest::newRow("codebooks") << "lenet-300-100"
                               << R"({"kind": "codebook", "bits": 3})";
    QTest::newRow("grids") << "resnet-8"
                           << R"({"kind": "int8", "samples": 4})";
    QTest::newRow("steps that learn") << "resnet-8"
                                      << R"({"kind": "lsq", "activation_bits": 3, "samples": 4})";
    QTest::newRow("fused") << "lenet-5"
                           << R"({"kind": "lsq", "activations": false})";
    QTest::newRow("a teacher") << "lenet-300-100"
                               << R"({"kind": "distill", "student": {"kind": "mlp"}})";
  }
  void aModelComesBackAsItWas() {
    QFETCH(QString, model);
    QFETCH(QString, step);
    Graph graph = KnownModel(model.toStdString());
    CompressContext context;
    context.train = std::make_shared<Images>();
    if (!step.isEmpty()) graph = Compressed(graph, Json::parse(step.toStdString()), context);
    const std::vector<SharedGraph> packed = {Shared(graph)};
    const auto unpacked = UnpackGraphs(PackGraphs(packed));
    QVERIFY2(unpacked.ok(), std::string(unpacked.status().message()).c_str());
    QCOMPARE(unpacked->size(), size_t{1});
    const Graph& found = *unpacked->front();
    CompareGraphs(found, graph);
    QCOMPARE(found.prediction(), graph.prediction());
    QCOMPARE(found.loss(), graph.loss());
  }

  void whatIsSharedIsThereOnce() {
    const SharedGraph one = Shared(KnownModel("lenet-300-100")),
                      pruned = Shared(Compressed(*one, {{"kind", "prune-l1"}}));
    const std::vector<SharedGraph> four = {pruned, one, one, nullptr}, two = {pruned, one};
    const std::vector<uint8_t> bytes = PackGraphs(four);
    QVERIFY(bytes.size() < PackGraphs(two).size() + 100);
    const auto unpacked = UnpackGraphs(bytes);
    QVERIFY(unpacked.ok());
    QVERIFY((*unpacked)[1] == (*unpacked)[2] && (*unpacked)[0] != (*unpacked)[1] &&
            (*unpacked)[3] == nullptr);
    // The biases, which pruning left as they were, are one vector still.
    const auto bias = [](const SharedGraph& graph) { return ValueNamed(*graph, "dense1.bias").given; };
    QVERIFY(bias((*unpacked)[0]) == bias((*unpacked)[1]));
  }

  void whatIsNoModelIsTold() {
    const std::vector<SharedGraph> one = {Shared(TwoDenseLayers())};
    const std::vector<uint8_t> bytes = PackGraphs(one);
    // Shorter by any number of bytes, and longer.
    for (size_t length = 0; length < bytes.size(); length += 7)
      QCOMPARE(UnpackGraphs(std::span(bytes).first(length)).status().code(), absl::StatusCode::kDataLoss);
    std::vector<uint8_t> longer = bytes;
    longer.push_back(0);
    QCOMPARE(UnpackGraphs(longer).status().code(), absl::StatusCode::kDataLoss);
    // A header that names what is not there.
    const std::string text(bytes.begin(), bytes.end());
    const auto with = [&](const std::string& from, const std::string& to) {
      std::string changed = text;
      const size_t at = changed.find(from);
      if (at == std::string::npos || from.size() != to.size()) qFatal("%s", from.c_str());
      changed.replace(at, from.size(), to);
      return UnpackGraphs(std::vector<uint8_t>(changed.begin(), changed.end())).status().code();
    };
    QCOMPARE(with("\"kind\":\"dense\"", "\"kind\":\"dance\""), absl::StatusCode::kDataLoss);
    QCOMPARE(with("\"given\":1", "\"given\":9"), absl::StatusCode::kDataLoss);
    QCOMPARE(with("\"given\":1", "\"given\":0"), absl::StatusCode::kDataLoss);  // of another shape
    QCOMPARE(with("\"hold\":0", "\"hold\":9"), absl::StatusCode::kDataLoss);
    QCOMPARE(with("\"nodes\"", "\"modes\""), absl::StatusCode::kDataLoss);
  }
};
CONCERTINA_TEST(PackedGraphsTest)

}  // namespace concertina::packed_graphs_test
#include "packed_graphs_test.moc"
