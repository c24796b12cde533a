// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// runtime_bounds_test.cc: what a file may ask of the edge runtime and does not get; and where whole numbers
// end.
#include <QTest>
#include <cmath>

#include "core/edge/kernels.h"
#include "core/edge/runtime.h"
#include "tests/test_program.h"

namespace concertina::runtime_bounds_test {
namespace {

// 3 -> 2, all ones.
Graph Ones() {
  Graph graph;
  const ValueId x = graph.AddInput({3});
  const ValueId weight = graph.AddParameter("a.weight", {2, 3}, Initializer::kZeros);
  graph.mutable_value(weight).given = std::make_shared<const std::vector<float>>(6, 1.0F);
  graph.SetOutputs(*graph.AddNode(OpKind::kDense, "a", {x, weight}), -1);
  return graph;
}

}  // namespace

class RuntimeBoundsTest : public QObject {
  Q_OBJECT
 private slots:
  // Each of them alone would be allowed: a file of a few hundred bytes may ask for many.
  void activationsBeyondAllRoomAreRefused() {
    Graph graph;
    ValueId at = graph.AddInput({1, 1, 1});
    const ValueId weight = graph.AddParameter("each.weight", {1, 1, 1, 1}, Initializer::kZeros);
    graph.mutable_value(weight).given = std::make_shared<const std::vector<float>>(1, 1.0F);
    at = *graph.AddNode(OpKind::kDepthwiseConv2d, "wide", {at, weight}, {.padding = 4000});
    for (int i = 0; i < 8; ++i) at = *graph.AddNode(OpKind::kTanh, "again" + std::to_string(i), {at});
    graph.SetOutputs(at, -1);
    const auto model = EdgeModel::Create(graph);
    QCOMPARE(model.status().code(), absl::StatusCode::kInvalidArgument);
    const QString message = QString::fromStdString(std::string(model.status().message()));
    QVERIFY2(message.contains("MiB") && message.contains("\"again"), qPrintable(message));
  }

  void aGridThatBytesCannotBeOnIsRefused_data() {
    QTest::addColumn<float>("scale");
    QTest::addColumn<int>("zero");
    QTest::newRow("a zero below all bytes") << 1.0F << -300;
    QTest::newRow("a zero above") << 1.0F << 65536;
    QTest::newRow("no scale") << 0.0F << 0;
    QTest::newRow("a negative scale") << -1.0F << 0;
    QTest::newRow("a scale too small to divide by") << 1e-44F << 0;
    QTest::newRow("an infinite one") << INFINITY << 0;
  }
  void aGridThatBytesCannotBeOnIsRefused() {
    QFETCH(float, scale);
    QFETCH(int, zero);
    const Graph graph = Ones();
    for (const ValueId id : {graph.input(), graph.prediction()}) {
      Graph on_grid = graph;
      on_grid.mutable_value(id).quantization =
          Quantization{.bits = 8, .is_signed = false, .scales = {scale}, .zero_point = zero};
      const auto model = EdgeModel::Create(on_grid);
      QCOMPARE(model.status().code(), absl::StatusCode::kInvalidArgument);
      QVERIFY(std::string(model.status().message()).find("layer \"") != std::string::npos);
    }
  }

  // 59,000 products of 255 and 127 are 1.9e9, and a bias of 1e9 beside them is beyond 32 bits: such a layer
  // stays in floats.
  void sumsOfWholeNumbersDoNotOverflow() {
    constexpr int64_t kInputs = 59000;
    for (const float bias : {1e9F, 1e8F}) {
      Graph graph;
      const ValueId x = graph.AddInput({kInputs});
      const ValueId weight = graph.AddParameter("a.weight", {1, kInputs}, Initializer::kZeros);
      const ValueId shift = graph.AddParameter("a.bias", {1}, Initializer::kZeros);
      graph.mutable_value(weight).given =
          std::make_shared<const std::vector<float>>(static_cast<size_t>(kInputs), 127.0F);
      graph.mutable_value(weight).quantization = Quantization{.scales = {1}};
      graph.mutable_value(shift).given = std::make_shared<const std::vector<float>>(1, bias);
      graph.mutable_value(x).quantization = Quantization{.bits = 8, .is_signed = false, .scales = {1}};
      graph.SetOutputs(*graph.AddNode(OpKind::kDense, "a", {x, weight, shift}), -1);
      const auto model = EdgeModel::Create(graph);
      QVERIFY(model.ok());
      const auto y = (*model)->Run(std::vector<float>(static_cast<size_t>(kInputs), 255.0F));
      const double expected = 255.0 * 127.0 * kInputs + double{bias};
      // Each float sum is rounded to 256, its products alike, which is up to 0.4 % in all.
      QVERIFY2(std::abs(y[0] - expected) < 0.01 * expected, qPrintable(QString::number(y[0])));
      QCOMPARE((*model)->layers()[0].kernel, std::string(bias > 5e8F ? "float" : "int8"));
    }
  }

  // Far beyond the grid is its end, and not the other one.
  void whatIsBeyondAllIntegersIsTheGridsEnd() {
    for (const float factor : {1e9F, -1e9F}) {
      constexpr int64_t kInputs = 3, kOutputs = 20;
      const std::vector<int8_t> packed =
          edge::PackDenseInteger(std::vector<int8_t>(kInputs * kOutputs, 100), kInputs, kOutputs);
      std::vector<int16_t> pairs(kInputs + 2);
      edge::PairBytes(std::vector<uint8_t>(kInputs, 200), 0, pairs.data());
      std::vector<int32_t> nonzero(kInputs + 1), sums(kOutputs + 2 * edge::kSlack), bias(sums.size());
      const std::vector<float> multiplier(sums.size(), factor);
      std::vector<uint8_t> y(kOutputs), sum(kOutputs);
      edge::DenseInteger(packed.data(), kInputs, kOutputs, pairs.data(), nonzero.data(), sums.data(),
                         {.bias = bias.data(), .multiplier = multiplier.data(), .zero_point = 7}, y.data(),
                         nullptr);
      const std::vector<uint8_t> a(kOutputs, 200);
      edge::AddBytes(a, a.data(), {.a_scale = factor, .b_scale = factor, .zero_point = 7}, sum.data());
      const std::vector<uint8_t> end(kOutputs, factor > 0 ? 255 : 0);
      QCOMPARE(y, end);
      QCOMPARE(sum, end);
    }
  }
};
CONCERTINA_TEST(RuntimeBoundsTest)

}  // namespace concertina::runtime_bounds_test
#include "runtime_bounds_test.moc"
