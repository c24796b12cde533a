// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// model_file_test.cc: a model is read as it was written, and nothing damaged or hostile is believed.
#include "core/edge/model_file.h"

#include <zlib.h>

#include <QFile>
#include <QTemporaryDir>
#include <QTest>
#include <cmath>
#include <cstring>
#include <functional>

#include "core/base/rng.h"
#include "core/edge/varint.h"
#include "core/nn/layers.h"
#include "tests/core/edge/onnx_graphs.h"
#include "tests/test_program.h"

namespace concertina::model_file_test {
namespace {

using Bytes = std::vector<uint8_t>;

QString Message(const absl::Status& status) { return QString::fromStdString(std::string(status.message())); }

void Give(Graph& graph, ValueId id, std::vector<float> values) {
  graph.mutable_value(id).given = std::make_shared<const std::vector<float>>(std::move(values));
}

// Every parameter and buffer by `draw`.
void GiveAll(Graph& graph, const std::function<float(Rng&)>& draw) {
  Rng rng(3, "model");
  for (size_t i = 0; i < graph.values().size(); ++i) {
    const Value& value = graph.values()[i];
    if (value.role != ValueRole::kParameter && value.role != ValueRole::kBuffer) continue;
    std::vector<float> values(static_cast<size_t>(ElementCount(value.shape)));
    for (float& x : values) x = draw(rng);
    Give(graph, static_cast<ValueId>(i), std::move(values));
  }
}

float Normal(Rng& rng) { return static_cast<float>(rng.Normal()); }

Graph LeNet5() {
  Layers net("lenet-5", {1, 28, 28});
  net.Conv("conv1", {.channels = 20, .kernel = 5}).MaxPool(2);
  net.Conv("conv2", {.channels = 50, .kernel = 5}).MaxPool(2);
  net.Dense("dense1", 500).Relu();
  return *net.Classify("dense2", 10);
}

// 6 -> 5 -> 3, with a grid of weights, of an activation and of the input, and with everything that can be
// said of a parameter.
Graph Compressed() {
  Layers net("mlp", {6});
  net.Dense("first", 5).Relu();
  Graph graph = *net.Classify("last", 3);
  GiveAll(graph, Normal);
  const auto ids = graph.parameters();
  const Quantization grid{.bits = 4, .is_signed = true, .scales = {.5F, .1F, .2F, .3F, 1e-3F}};
  std::vector<float> weight;
  for (int i = 0; i < 30; ++i)
    weight.push_back(grid.scales[static_cast<size_t>(i / 6)] * static_cast<float>(i % 15 - 7));
  Give(graph, ids[0], weight);
  graph.mutable_value(ids[0]).quantization = grid;
  graph.mutable_value(ids[0]).hold = Hold::kGrid;
  graph.mutable_value(ids[1]).decays = !graph.value(ids[1]).decays;
  graph.mutable_value(ids[1]).hold = Hold::kZeros;
  graph.mutable_value(ids[2]).hold = Hold::kShared;
  const Quantization bytes{.bits = 8, .is_signed = false, .scales = {.01F}, .zero_point = 13};
  graph.mutable_value(graph.nodes()[0].output).quantization = bytes;
  graph.mutable_value(graph.input()).quantization = bytes;
  graph.mutable_value(graph.input()).quantization->zero_point = -300;
  return graph;
}

Graph EveryAttribute() {
  Graph graph = Train(EveryOperator()).graph;
  GiveAll(graph, Normal);
  return graph;
}

Graph ScalarsAndNothing() {
  Graph graph;
  const ValueId x = graph.AddInput({4});
  Give(graph, graph.AddParameter("nothing", {0, 5}, Initializer::kZeros), {});
  Give(graph, graph.AddBuffer("", {}, Initializer::kZeros), {1.5F});
  graph.SetOutputs(x, -1);
  return graph;
}

Graph ZerosOnly() {
  Layers net("mlp", {1000});
  net.Dense("wide", 1000);
  Graph graph = *net.Classify("last", 2);
  GiveAll(graph, [](Rng&) { return 0.0F; });
  return graph;
}

std::map<std::string, Graph> Graphs() {
  std::map<std::string, Graph> all = {{"every operator", EveryAttribute()},
                                      {"compressed", Compressed()},
                                      {"scalars and nothing", ScalarsAndNothing()},
                                      {"zeros only", ZerosOnly()},
                                      {"no values at all", Graph()}};
  Layers batch_norm("cnn", {2, 8, 8});
  batch_norm.Conv("conv", {.channels = 3, .kernel = 3, .stride = 2, .padding = 1, .bias = false})
      .BatchNorm("bn");
  all["batch norm"] = *batch_norm.GlobalAveragePool().Classify("last", 4);
  GiveAll(all["batch norm"], Normal);
  return all;
}

bool IsSameGrid(const std::optional<Quantization>& a, const std::optional<Quantization>& b) {
  if (!a || !b) return a.has_value() == b.has_value();
  return a->bits == b->bits && a->is_signed == b->is_signed && a->scales == b->scales &&
         a->zero_point == b->zero_point;
}

bool IsSameAttributes(const Attributes& a, const Attributes& b) {
  return a.kernel == b.kernel && a.stride == b.stride && a.padding == b.padding && a.rate == b.rate &&
         a.momentum == b.momentum && a.epsilon == b.epsilon && a.activation == b.activation &&
         a.shape == b.shape;
}

bool IsSameFloats(const std::vector<float>& a, const std::vector<float>& b) {
  return a.size() == b.size() &&
         (a.empty() || std::memcmp(a.data(), b.data(), a.size() * sizeof(float)) == 0);
}

void Compare(const Graph& found, const Graph& expected) {
  QCOMPARE(found.values().size(), expected.values().size());
  QCOMPARE(found.nodes().size(), expected.nodes().size());
  QCOMPARE(found.input(), expected.input());
  QCOMPARE(found.prediction(), expected.prediction());
  QCOMPARE(found.loss(), expected.loss());
  for (size_t i = 0; i < found.values().size(); ++i) {
    const Value& a = found.values()[i];
    const Value& b = expected.values()[i];
    QCOMPARE(a.role, b.role);
    QCOMPARE(a.name, b.name);
    QCOMPARE(a.shape, b.shape);
    QCOMPARE(a.decays, b.decays);
    QCOMPARE(a.hold, b.hold);
    QVERIFY2(IsSameGrid(a.quantization, b.quantization), a.name.c_str());
    QCOMPARE(a.given == nullptr, b.given == nullptr);
    if (a.given != nullptr) QVERIFY2(IsSameFloats(*a.given, *b.given), a.name.c_str());
  }
  for (size_t i = 0; i < found.nodes().size(); ++i) {
    const Node& a = found.nodes()[i];
    const Node& b = expected.nodes()[i];
    QCOMPARE(a.kind, b.kind);
    QCOMPARE(a.name, b.name);
    QCOMPARE(a.inputs, b.inputs);
    QCOMPARE(a.output, b.output);
    QVERIFY2(IsSameAttributes(a.attributes, b.attributes), a.name.c_str());
  }
}

absl::StatusOr<ModelFile> Parse(std::span<const uint8_t> bytes) {
  return ParseModel("m", std::as_bytes(bytes));
}

Bytes Written(const Graph& graph, const std::map<std::string, std::string>& metadata = {}) {
  const auto text = WriteModel(graph, metadata);
  if (!text.ok()) qFatal("%s", std::string(text.status().message()).c_str());
  return Bytes(text->begin(), text->end());
}

// Its last four bytes become the CRC of the others.
Bytes WithCrc(Bytes bytes) {
  const auto crc = static_cast<uint32_t>(crc32(0, bytes.data(), static_cast<uInt>(bytes.size() - 4)));
  std::memcpy(bytes.data() + bytes.size() - 4, &crc, 4);
  return bytes;
}

// A file of this body, metadata first.
Bytes FileOf(const std::vector<uint64_t>& varints) {
  Bytes bytes = {0x89, 'c', 'n', 'c', 'e', 'd', 'g', 'e', 1};
  for (const uint64_t number : varints) AppendVarint(number, bytes);
  bytes.resize(bytes.size() + 4);
  return WithCrc(std::move(bytes));
}

}  // namespace

class ModelFileTest : public QObject {
  Q_OBJECT

  const std::map<std::string, Graph> graphs_ = Graphs();

 private slots:
  void aModelIsReadAsItWasWritten_data() {
    QTest::addColumn<QString>("name");
    for (const auto& [name, graph] : graphs_) QTest::newRow(name.c_str()) << QString::fromStdString(name);
  }
  void aModelIsReadAsItWasWritten() {
    QFETCH(QString, name);
    const Graph& graph = graphs_.at(name.toStdString());
    const std::map<std::string, std::string> metadata = {{"", "empty"},
                                                         {"dataset", "mnist"},
                                                         {"dataset.classes", std::string(300, 'x')},
                                                         {"zero", {"a\0b", 3}}};
    const Bytes bytes = Written(graph, metadata);
    const auto file = Parse(bytes);
    QVERIFY2(file.ok(), qPrintable(Message(file.status())));
    Compare(file->graph, graph);
    QCOMPARE(file->metadata, metadata);
    QCOMPARE(file->bytes, uint64_t{bytes.size()});
    QCOMPARE(file->tensors.size(), graph.parameters().size() + graph.buffers().size());
    const Bytes again = Written(file->graph, metadata);
    QVERIFY(again == bytes);
  }

  void tensorsAreDescribed() {
    const auto file = Parse(Written(graphs_.at("compressed")));
    QVERIFY2(file.ok(), qPrintable(Message(file.status())));
    QCOMPARE(file->tensors[0].name, std::string("first.weight"));
    QCOMPARE(file->tensors[0].shape, (Shape{5, 6}));
    QCOMPARE(file->tensors[0].nonzeros, int64_t{28});
    QCOMPARE(file->tensors[0].coding, std::string("int4"));
    // Bits, zero point, count and five scales; length, coding and 30 half bytes.
    QCOMPARE(file->tensors[0].bytes, uint64_t{3 + 20 + 2 + 15});
    QCOMPARE(file->tensors[1].coding, std::string("float32"));
    QCOMPARE(file->tensors[1].bytes, uint64_t{2 + 20});
  }

  void aFusedGraphIsWrittenWithoutWhatNothingGives() {
    Layers net("mlp", {6});
    net.Dense("first", 5).Relu();
    Graph graph = *net.Classify("last", 3);
    GiveAll(graph, Normal);
    const Graph fused = Fuse(graph);
    const auto file = Parse(Written(fused));
    QVERIFY2(file.ok(), qPrintable(Message(file.status())));
    QCOMPARE(file->graph.values().size(), fused.values().size() - 1);
    QCOMPARE(file->graph.nodes().size(), fused.nodes().size());
    QCOMPARE(file->graph.nodes()[0].attributes.activation, Activation::kRelu);
    QCOMPARE(file->graph.value(file->graph.prediction()).shape, Shape{3});
    for (size_t i = 0; i < 4; ++i)
      QVERIFY(IsSameFloats(*file->graph.value(file->graph.parameters()[i]).given,
                           *fused.value(fused.parameters()[i]).given));
  }

  void theGraphTakesFewBytes() {
    Graph graph = LeNet5();
    GiveAll(graph, [](Rng&) { return 1.0F; });
    const auto file = Parse(Written(graph));
    QVERIFY2(file.ok(), qPrintable(Message(file.status())));
    uint64_t tensors = 0;
    for (const StoredTensor& tensor : file->tensors) tensors += tensor.bytes;
    QCOMPARE(tensors, uint64_t{8 * 5});  // length, coding, entries, a half: one value
    QVERIFY2(file->bytes - tensors < 300, qPrintable(QString::number(file->bytes - tensors)));
  }

  // A million zeros take four bytes, and the reader believes at most 4096 floats a byte.
  void tensorsOfZerosArePadded() {
    const auto file = Parse(Written(graphs_.at("zeros only")));
    QVERIFY2(file.ok(), qPrintable(Message(file.status())));
    QVERIFY(file->tensors[0].bytes < 10);
    QVERIFY(file->bytes > 1'000'000 / 4096 && file->bytes < 1'010'000 / 4096 + 16);
  }

  void aFileIsReadFromTheDisk() {
    QTemporaryDir folder;
    QFile out(folder.filePath("m.edge"));
    QVERIFY(out.open(QIODevice::WriteOnly));
    const Bytes bytes = Written(graphs_.at("compressed"));
    out.write(reinterpret_cast<const char*>(bytes.data()), static_cast<qint64>(bytes.size()));
    out.close();
    const auto file = ReadModel(out.fileName().toStdString());
    QVERIFY2(file.ok(), qPrintable(Message(file.status())));
    QCOMPARE(file->bytes, uint64_t{bytes.size()});
    QCOMPARE(ReadModel(folder.filePath("nowhere").toStdString()).status().code(),
             absl::StatusCode::kNotFound);
  }

  void everyFlippedByteIsFound() {
    const Bytes whole = Written(graphs_.at("compressed"), {{"run", "7"}});
    for (size_t i = 0; i < whole.size(); ++i) {
      Bytes damaged = whole;
      damaged[i] ^= 0x41;
      const absl::Status status = Parse(damaged).status();
      // The version may be one to come.
      QCOMPARE(status.code(), i == 8 ? absl::StatusCode::kInvalidArgument : absl::StatusCode::kDataLoss);
    }
  }

  void everyTruncationIsRefused_data() {
    QTest::addColumn<bool>("has_crc");
    QTest::newRow("as it is") << false;
    QTest::newRow("with a CRC that fits") << true;
  }
  void everyTruncationIsRefused() {
    QFETCH(bool, has_crc);
    const Bytes whole = Written(graphs_.at("compressed"), {{"run", "7"}});
    for (size_t length = has_crc ? 13 : 0; length < whole.size(); ++length) {
      Bytes cut(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(length));
      if (has_crc) cut = WithCrc(cut);
      const absl::Status status = Parse(cut).status();
      QVERIFY2(status.code() == absl::StatusCode::kDataLoss, qPrintable(QString::number(length)));
      QVERIFY2(Message(status).startsWith("m: at byte "), qPrintable(Message(status)));
    }
    Bytes longer = whole;
    longer.push_back(0);
    QCOMPARE(Parse(WithCrc(longer)).status().code(), absl::StatusCode::kDataLoss);
  }

  // With a CRC that fits, every byte made any of some others: refused, or a graph that is whole.
  void damageBehindTheCrcDoesNoHarm() {
    int refused = 0, read = 0;
    for (const char* name : {"compressed", "every operator", "scalars and nothing"}) {
      const Bytes whole = Written(graphs_.at(name), {{"run", "7"}});
      for (size_t i = 9; i + 4 < whole.size(); ++i)
        for (const uint8_t flip : {1, 2, 8, 0x80, 0xff}) {
          Bytes damaged = whole;
          damaged[i] ^= flip;
          const auto file = Parse(WithCrc(damaged));
          refused += !file.ok();
          read += file.ok();
          if (!file.ok()) {
            QCOMPARE(file.status().code(), absl::StatusCode::kDataLoss);
            continue;
          }
          for (const Value& value : file->graph.values())
            if (value.role == ValueRole::kParameter || value.role == ValueRole::kBuffer)
              QCOMPARE(static_cast<int64_t>(value.given->size()), ElementCount(value.shape));
        }
    }
    QVERIFY(refused > 500);
    QVERIFY(read > 500);  // the floats
  }

  void hostileFilesAreRefused_data() {
    QTest::addColumn<Bytes>("file");
    QTest::addColumn<QString>("message");
    constexpr uint64_t kHuge = uint64_t{1} << 60, kMost = uint64_t{1} << 28;
    QTest::newRow("texts without end") << FileOf({kHuge}) << "texts of metadata, and the 0 bytes left";
    QTest::newRow("a text without end") << FileOf({1, 0, kHuge, 0, 0}) << "expected a text";
    QTest::newRow("a text with more in common") << FileOf({1, 1, 0, 0, 0}) << "more in common";
    QTest::newRow("values without end") << FileOf({0, kHuge, 0, 0, 0}) << "values, and the 3 bytes left";
    QTest::newRow("an extent without end") << FileOf({0, 1, 0, 1, 1, kHuge, 0, 0}) << "found an extent";
    QTest::newRow("a product without end")
        << FileOf({0, 1, 0, 1, 3, kMost, kMost, kMost, 0, 0}) << "found a shape of";
    QTest::newRow("a zero before what is too large")
        << FileOf({0, 1, 0, 1, 3, 0, kMost, kMost, 0, 0}) << "found a shape of";
    QTest::newRow("too many extents")
        << FileOf({0, 1, 0, 1, 17, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1})
        << "a shape of 17 extents";
    QTest::newRow("floats beyond what the bytes may have")
        << FileOf({0, 1, 1, 1, 0, 1, 'w', 1, kMost, 0, 0, 4, 0x14, 0, 0, 0, 0}) << "claim 268435456 floats";
    QTest::newRow("scales without end") << FileOf({0, 1, 0, 9, 8, 0, kHuge, 1, 4}) << "scales, and";
    QTest::newRow("unknown traits") << FileOf({0, 1, 0, 0x11, 0, 0, 0}) << "unknown traits";
    QTest::newRow("an unknown operator") << FileOf({0, 1, 99, 1, 0, 0, 0}) << "a value of kind 99";
    QTest::newRow("inputs without end")
        << FileOf({0, 2, 0, 1, 1, 4, 9, 1, 0, 0, kHuge, 0, 0}) << "inputs, and";
    QTest::newRow("an input to come")
        << FileOf({0, 2, 0, 1, 1, 4, 9, 1, 0, 0, 1, 0, 0, 0, 0}) << "0 values before";
    QTest::newRow("an input before all")
        << FileOf({0, 2, 0, 1, 1, 4, 9, 1, 0, 0, 1, 2, 0, 0, 0}) << "2 values before";
    QTest::newRow("a layer that does not fit")
        << FileOf({0, 2, 0, 1, 1, 4, 3, 1, 0, 0, 1, 1, 0, 0, 0}) << "has 1 inputs, expected 2 to 3";
    // A convolution of one tap with a padding of 2^27 gives 2^28 + 1 on either side.
    QTest::newRow("an activation that is too large")
        << FileOf(
               {0, 3, 0, 1, 3, 1, 1, 1, 1, 1, 0, 1, 'w', 4, 1, 1, 1, 1, 4, 1, 0, 0, 2, 2, 1, 4, kMost, 0, 0})
        << "too large";
    QTest::newRow("an attribute without end")
        << FileOf({0, 2, 0, 1, 1, 4, 9, 1, 0, 0, 1, 1, 1, kHuge, 0, 0}) << "found an attribute of";
    QTest::newRow("two inputs") << FileOf({0, 2, 0, 1, 0, 0, 1, 0, 0, 0, 0}) << "a second input";
    QTest::newRow("a name twice") << FileOf({0, 2, 1, 1, 0, 1, 'w', 0, 1, 1, 1, 0, 0, 0, 0})
                                  << "found \"w\" twice";
    QTest::newRow("a prediction beyond") << FileOf({0, 1, 0, 1, 1, 4, 2, 0, 0}) << "found outputs 2 and 0";
    QTest::newRow("a loss that is none") << FileOf({0, 1, 0, 1, 1, 4, 1, 1, 0}) << "that no loss gives";
    QTest::newRow("a grid without scales") << FileOf({0, 1, 0, 9, 8, 0, 0, 1, 4, 1, 0, 0}) << "has 0 scales";
    QTest::newRow("padding that is none") << FileOf({0, 0, 0, 0, 5, 0, 0}) << "behind the tensors";
    QTest::newRow("padding with something in it") << FileOf({0, 0, 0, 0, 2, 0, 1}) << "padding is not zero";
    QTest::newRow("version 0") << Bytes{0x89, 'c', 'n', 'c', 'e', 'd', 'g', 'e', 0, 0, 0, 0, 0}
                               << "version 0";
    QTest::newRow("another file") << Bytes{'P', 'K', 3, 4, 0, 0, 0, 0, 0, 0} << "does not begin as";
  }
  void hostileFilesAreRefused() {
    QFETCH(Bytes, file);
    QFETCH(QString, message);
    const absl::Status status = Parse(file).status();
    QVERIFY2(status.code() == absl::StatusCode::kDataLoss, qPrintable(Message(status)));
    QVERIFY2(Message(status).contains(message), qPrintable(Message(status)));
  }

  void aNewerVersionIsToldApart() {
    Bytes bytes = Written(graphs_.at("compressed"));
    bytes[8] = 2;
    const absl::Status status = Parse(WithCrc(bytes)).status();
    QCOMPARE(status.code(), absl::StatusCode::kInvalidArgument);
    QVERIFY2(Message(status).contains("version 2"), qPrintable(Message(status)));
  }

  void modelsThatCannotBeWrittenAreRefused_data() {
    QTest::addColumn<QString>("wrong");
    QTest::addColumn<QString>("message");
    QTest::newRow("untrained") << "untrained"
                               << "parameter \"first.bias\": has no values";
    QTest::newRow("too few") << "too few"
                             << "parameter \"first.bias\": found 4 values, expected 5";
    QTest::newRow("off the grid") << "off the grid"
                                  << "parameter \"first.weight\": element 3 is 0.77";
    QTest::newRow("no grid") << "no grid"
                             << "parameter \"first.weight\": its grid has 2 scales, expected 1 or 5";
    QTest::newRow("a name twice") << "a name twice"
                                  << "parameter \"first.bias\": there is another";
    QTest::newRow("a part") << "a part"
                            << "is a part of a model";
    QTest::newRow("no loss") << "no loss"
                             << "no loss gives it";
    QTest::newRow("a teacher") << "a teacher"
                               << "layer \"teacher\" (distillation): is there only while a model trains";
  }
  void modelsThatCannotBeWrittenAreRefused() {
    QFETCH(QString, wrong);
    QFETCH(QString, message);
    Graph graph = Compressed();
    const auto ids = graph.parameters();
    if (wrong == "untrained") graph.mutable_value(ids[1]).given = nullptr;
    if (wrong == "too few") Give(graph, ids[1], {1, 2, 3, 4});
    if (wrong == "no grid") graph.mutable_value(ids[0]).quantization->scales.resize(2);
    if (wrong == "a part") graph.mutable_value(ids[0]).slice = Slice{.whole = {5, 12}, .dimension = 1};
    if (wrong == "no loss") graph.SetOutputs(graph.prediction(), graph.prediction());
    if (wrong == "a teacher")
      QVERIFY(
          graph.AddNode(OpKind::kDistillation, "teacher", {graph.prediction(), graph.prediction()}, {}).ok());
    if (wrong == "a name twice") Give(graph, graph.AddParameter("first.bias", {1}, Initializer::kZeros), {1});
    if (wrong == "off the grid") {
      std::vector<float> values = *graph.value(ids[0]).given;
      values[3] = .77F;
      Give(graph, ids[0], values);
    }
    const absl::Status status = WriteModel(graph, {}).status();
    QVERIFY2(status.code() == absl::StatusCode::kInvalidArgument, qPrintable(Message(status)));
    QVERIFY2(Message(status).contains(message), qPrintable(Message(status)));
  }
};

CONCERTINA_TEST(ModelFileTest)

}  // namespace concertina::model_file_test

#include "model_file_test.moc"
