// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// tensor_names_test.cc: names that come with a model: those that an ONNX file needs for itself give way, and
// what is no UTF-8 goes into no file and comes out of none.
#include <QTemporaryDir>
#include <QTest>

#include "core/base/utf8.h"
#include "core/edge/model_file.h"
#include "core/edge/onnx_writer.h"
#include "core/edge/safetensors.h"
#include "tests/core/edge/onnx_files.h"
#include "tests/test_program.h"

namespace concertina::tensor_names_test {
namespace {

using namespace onnx_files;

constexpr char kNoUtf8[] = "w\xff";

// 3 -> 2, twice, with a GELU and a sum; weights and activations on grids.
Graph TwoProducts(const std::string& first, const std::string& second, const std::string& layer = "a") {
  Graph graph;
  const auto weight = [&](const std::string& name, Shape shape) {
    const ValueId id = graph.AddParameter(name, shape, Initializer::kZeros);
    graph.mutable_value(id).given =
        std::make_shared<const Floats>(static_cast<size_t>(ElementCount(shape)), 0.5F);
    if (shape.size() > 1) graph.mutable_value(id).quantization = Quantization{.scales = {0.25F}};
    return id;
  };
  const ValueId x = graph.AddInput({3});
  const ValueId hidden =
      graph.AddNode(OpKind::kDense, layer, {x, weight(first, {3, 3})}, {.activation = Activation::kGelu})
          .value();
  const ValueId y = graph.AddNode(OpKind::kDense, "b", {hidden, weight(second, {2, 3})}).value();
  for (const ValueId id : {x, hidden})
    graph.mutable_value(id).quantization = Quantization{.bits = 4, .is_signed = false, .scales = {0.5F}};
  graph.SetOutputs(y, graph.AddNode(OpKind::kSoftmaxCrossEntropy, "loss", {y}).value());
  return graph;
}

}  // namespace

class TensorNamesTest : public QObject {
  Q_OBJECT

 private slots:
  // Each of these is what the writer calls something of its own. Its own reader refuses a name that is given
  // twice.
  void namesOfAnOnnxFileAreGivenOnce_data() {
    QTest::addColumn<QString>("first");
    QTest::addColumn<QString>("second");
    for (const char* name : {"input", "logits", "probabilities", "pixels", "pixels_float", "pixels_scale",
                             "input_scale", "input_zero_point", "input_quantized", "input_clipped",
                             "input_least", "gelu_half", "a_2", "a_2_linear", "b_4"})
      QTest::newRow(name) << QString(name) << QString("w");
    QTest::newRow("none") << QString() << QString("w");
    QTest::newRow("the scale of another") << QString("w") << QString("w_scale");
    QTest::newRow("and before it") << QString("w_quantized") << QString("w");
  }
  void namesOfAnOnnxFileAreGivenOnce() {
    QFETCH(QString, first);
    QFETCH(QString, second);
    const Graph graph = TwoProducts(first.toStdString(), second.toStdString());
    const auto floats = ToOnnx(graph, "m"), pixels = ToOnnx(graph, "m", {.takes_pixels = true});
    QVERIFY2(floats.ok(), qPrintable(Message(floats.status())));
    QVERIFY2(pixels.ok(), qPrintable(Message(pixels.status())));
    const auto read = Read(*floats);
    QVERIFY2(read.ok(), qPrintable(Message(read.status())));
    QCOMPARE(read->parameter_count(), graph.parameter_count());
    // The reader takes floats alone, but finds names that are given twice before it says so.
    QVERIFY2(Message(Read(*pixels).status()).contains("expected float"),
             qPrintable(Message(Read(*pixels).status())));
  }

  void whatIsNoUtf8IsNotWritten() {
    QTemporaryDir folder;
    for (const Graph& graph :
         {TwoProducts(kNoUtf8, "v"), TwoProducts("v", kNoUtf8), TwoProducts("v", "w", kNoUtf8)}) {
      const absl::Status status = WriteModel(graph, {}).status();
      QCOMPARE(status.code(), absl::StatusCode::kInvalidArgument);
      QVERIFY2(Message(status).contains("no UTF-8"), qPrintable(Message(status)));
    }
    QCOMPARE(WriteModel(TwoProducts("v", "w"), {{"run", kNoUtf8}}).status().code(),
             absl::StatusCode::kInvalidArgument);
    const Floats values = {1, 2};
    // Both would be the same name in JSON.
    const std::vector<NamedTensor> tensors = {{kNoUtf8, {2}, values}, {"w\xfe", {2}, values}};
    const auto written = WriteSafetensors(folder.filePath("w.safetensors").toStdString(), tensors, {});
    QCOMPARE(written.status().code(), absl::StatusCode::kInvalidArgument);
    QVERIFY2(Message(written.status()).contains("no UTF-8"), qPrintable(Message(written.status())));
  }

  void whatIsNoUtf8IsNotRead() {
    const auto refused = [](const std::string& file) {
      const absl::Status status = Read(file).status();
      return status.code() == absl::StatusCode::kDataLoss && Message(status).contains("no UTF-8");
    };
    const Floats weight = Some(6);
    QVERIFY(refused(Vector().Constant(kNoUtf8, {3, 2}, weight).Node("Gemm", {"x", kNoUtf8}, "y").Bytes()));
    QVERIFY(refused(Layer().Node("Gemm", {"x", "w"}, kNoUtf8).Node("Relu", {kNoUtf8}, "y").Bytes()));
    QVERIFY(refused(OnnxFile()
                        .Input(kNoUtf8, {"N", "3"})
                        .Output("y")
                        .Constant("w", {3, 2}, weight)
                        .Node("Gemm", {kNoUtf8, "w"}, "y")
                        .Bytes()));
    const absl::Status status = Read(Layer().Node("\xff", {"x", "w"}, "y").Bytes()).status();
    QVERIFY(!Message(status).isEmpty());
    QVERIFY(IsUtf8(std::string(status.message())));
  }
};

CONCERTINA_TEST(TensorNamesTest)

}  // namespace concertina::tensor_names_test

#include "tensor_names_test.moc"
