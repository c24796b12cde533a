// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// onnx_grids_test.cc: weights that another program has rounded stay on their grid: scaled, trained, and
// written.
#include <QTest>
#include <cmath>

#include "core/edge/model_file.h"
#include "core/edge/onnx_writer.h"
#include "core/nn/held_optimizer.h"
#include "tests/core/edge/onnx_files.h"
#include "tests/test_program.h"

namespace concertina::onnx_grids_test {
namespace {

using namespace onnx_files;

// 3 -> 84, with a weight of every whole number from -126 to 125 and a scale that is no binary fraction.
OnnxFile Rounded(float alpha) {
  std::vector<int8_t> codes;
  for (int q = -126; q < 126; ++q) codes.push_back(static_cast<int8_t>(q));
  return Vector()
      .Constant("w_quantized", {84, 3}, codes)
      .Constant("s", {}, Floats{0.0123F})
      .Constant("z", {}, std::vector<int8_t>{0})
      .Node("DequantizeLinear", {"w_quantized", "s", "z"}, "w")
      .Node("Gemm", {"x", "w"}, "y",
            {OnnxFile::Number("alpha", alpha), OnnxFile::Number("transB", int64_t{1})});
}

}  // namespace

class OnnxGridsTest : public QObject {
  Q_OBJECT

 private slots:
  void aFactorLeavesWeightsOnTheirGrid_data() {
    QTest::addColumn<float>("alpha");
    for (const float alpha : {1.0F, 0.5F, 0.7F, -0.3F, 3.0F}) QTest::addRow("%g", double{alpha}) << alpha;
  }
  void aFactorLeavesWeightsOnTheirGrid() {
    QFETCH(float, alpha);
    const auto graph = Read(Rounded(alpha).Bytes());
    QVERIFY2(graph.ok(), qPrintable(Message(graph.status())));
    const Value* const weight = Named(*graph, "w");
    QVERIFY(weight != nullptr && weight->quantization);
    for (size_t i = 0; i < weight->given->size(); ++i) {
      const double expected = (static_cast<double>(i) - 126) * 0.0123F * alpha;
      QVERIFY(std::abs((*weight->given)[i] - expected) <= 1e-6 * std::abs(expected));
      QVERIFY((*weight->given)[i] != 0 || !std::signbit((*weight->given)[i]));
    }
    const auto file = WriteModel(*graph, {});
    QVERIFY2(file.ok(), qPrintable(Message(file.status())));
    const auto read = ParseModel("m", std::as_bytes(std::span(*file)));
    QVERIFY(read.ok());
    QVERIFY2(read->tensors[0].coding.starts_with("int8"), read->tensors[0].coding.c_str());
  }

  // Or the first step of training would leave it, and the model could not be written any more.
  void trainingKeepsThemThere() {
    const auto graph = Read(Rounded(1).Bytes());
    QVERIFY2(graph.ok(), qPrintable(Message(graph.status())));
    const Value& weight = *Named(*graph, "w");
    QCOMPARE(weight.hold, Hold::kGrid);
    const float scale = weight.quantization->scales[0];
    for (const float w : *weight.given) QCOMPARE(NearestOnGrid(w, scale, 8, true), w);
  }
};

CONCERTINA_TEST(OnnxGridsTest)

}  // namespace concertina::onnx_grids_test

#include "onnx_grids_test.moc"
