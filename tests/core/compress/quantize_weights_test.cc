// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// quantize_weights_test.cc: weights lie on their grids, nearer with more bits, and the grid is the one that
// the error says; 16 bits a parameter.
#include <QTest>
#include <limits>

#include "core/compress/weight_grid.h"
#include "core/nn/held_optimizer.h"
#include "tests/core/compress/compressed_graphs.h"
#include "tests/test_program.h"

namespace concertina::quantize_weights_test {

class QuantizeWeightsTest : public QObject {
  Q_OBJECT

 private slots:
  void everyWeightIsOnItsGrid_data() {
    QTest::addColumn<int>("bits");
    for (const int bits : {1, 2, 4, 8}) QTest::addRow("%d bits", bits) << bits;
  }
  void everyWeightIsOnItsGrid() {
    QFETCH(int, bits);
    const Graph graph = KnownModel("lenet-5");
    for (const bool per_channel : {false, true}) {
      const Graph rounded =
          Compressed(graph, {{"kind", "quantize-weights"}, {"bits", bits}, {"per_channel", per_channel}});
      const Value& value = ValueNamed(rounded, "conv2.weight");
      QVERIFY(value.hold == Hold::kGrid && value.quantization.has_value());
      QCOMPARE(value.quantization->scales.size(), size_t{per_channel ? 50U : 1U});
      const size_t each = value.given->size() / value.quantization->scales.size();
      for (size_t i = 0; i < value.given->size(); ++i) {
        const float scale = value.quantization->scales[i / each], w = (*value.given)[i];
        QCOMPARE(w, NearestOnGrid(w, scale, bits, true));
        QVERIFY(bits > 1 || std::abs(w) == scale);
        QVERIFY(std::abs(w) <= scale * static_cast<float>(std::max(1, (1 << (bits - 1)) - 1)) * 1.0001F);
      }
    }
  }

  void moreBitsAndMoreScalesAreNearer() {
    const Graph graph = KnownModel("lenet-300-100");
    const std::vector<float>& before = ValuesOf(graph, "dense1.weight");
    const auto error = [&](int bits, bool per_channel, const char* fit) {
      return SquaredDistance(before, ValuesOf(Compressed(graph, {{"kind", "quantize-weights"},
                                                                 {"bits", bits},
                                                                 {"per_channel", per_channel},
                                                                 {"fit", fit}}),
                                              "dense1.weight"));
    };
    QVERIFY(error(8, true, "mse") < error(4, true, "mse") && error(4, true, "mse") < error(2, true, "mse"));
    QVERIFY(error(2, true, "mse") < error(2, false, "mse"));
    QVERIFY(error(4, false, "mse") < error(4, false, "max"));
  }

  // The mean magnitude has the least squared error of all scales [Rastegari et al. 2016].
  void theBinaryScaleIsTheBest() {
    const std::vector<float> weight = {1, -2, 0.5F, 4, -0.1F, 0.7F};
    const Quantization grid = FitWeightGrid(weight, 1, 1, false, GridFit::kLeastSquares);
    QVERIFY(std::abs(grid.scales[0] - 8.3F / 6) < 1e-6F);
    const double best = SquaredDistance(weight, OnGrid(weight, grid));
    for (const float factor : {0.9F, 0.99F, 1.01F, 1.1F}) {
      Quantization other = grid;
      other.scales[0] *= factor;
      QVERIFY(SquaredDistance(weight, OnGrid(weight, other)) > best);
    }
  }

  // A thousand weights of one, and one of twenty: with -s, 0 and s the twenty may be clipped, and the others
  // may not be nought.
  void aLargeWeightDoesNotSilenceTheOthers() {
    std::vector<float> weight(1001, 1.0F);
    weight.back() = 20;
    const Quantization grid = FitWeightGrid(weight, 1, 2, false, GridFit::kLeastSquares);
    QVERIFY2(grid.scales[0] > 0.9F && grid.scales[0] < 1.1F, qPrintable(QString::number(grid.scales[0])));
    QCOMPARE(ZerosOf(OnGrid(weight, grid)), int64_t{0});
  }

  void weightsOfNextToNothingHaveAScale() {
    for (const int bits : {1, 2, 4, 8})
      for (const GridFit fit : {GridFit::kLargest, GridFit::kLeastSquares}) {
        const Quantization grid = FitWeightGrid(std::vector<float>{1e-44F, 0, 2e-44F}, 1, bits, false, fit);
        QVERIFY2(std::isnormal(grid.scales[0]), qPrintable(QString::number(grid.scales[0])));
      }
  }

  void anEmptyLayerHasAScaleAllTheSame() {
    const std::vector<float> nothing(6);
    for (const int bits : {1, 8}) {
      const Quantization grid = FitWeightGrid(nothing, 2, bits, true, GridFit::kLargest);
      QVERIFY(grid.scales[0] > 0 && grid.scales[1] > 0);
    }
  }

  // One bit is a sign: of nothing it must be as good as nothing, and what was pruned has none.
  void oneBitMakesNothingOfZeros() {
    Graph graph = TwoDenseLayers();
    SetValues(graph, "a.weight", std::vector<float>(48));
    for (const bool per_channel : {false, true}) {
      const Graph rounded =
          Compressed(graph, {{"kind", "quantize-weights"}, {"bits", 1}, {"per_channel", per_channel}});
      for (const float w : ValuesOf(rounded, "a.weight")) QVERIFY(std::abs(w) < 1e-30F);
    }
    const Graph pruned = Compressed(TwoDenseLayers(), {{"kind", "prune-l1"}, {"layers", "b"}});
    const absl::Status status = TryCompress(pruned, {{"kind", "quantize-weights"}, {"bits", 1}}).status();
    QCOMPARE(status.code(), absl::StatusCode::kInvalidArgument);
    QVERIFY2(MessageOf(status).contains("\"b\""), qPrintable(MessageOf(status)));
  }

  void whatWasPrunedIsHeldOnItsGrid() {
    const Graph pruned = Compressed(TwoDenseLayers(), {{"kind", "prune-l1"}, {"layers", "b"}});
    const Graph rounded = Compressed(pruned, {{"kind", "quantize-weights"}, {"bits", 4}});
    QVERIFY(ValueNamed(rounded, "a.weight").hold == Hold::kGrid);
    QVERIFY(ValueNamed(rounded, "b.weight").hold == Hold::kSparseGrid);
  }

  void whatIsNoNumberIsRefused() {
    for (const float wrong :
         {std::numeric_limits<float>::quiet_NaN(), std::numeric_limits<float>::infinity()}) {
      Graph graph = TwoDenseLayers();
      SetValues(graph, "b.weight", std::vector<float>(24, wrong));
      for (const Json& step : {Json{{"kind", "half"}, {"format", "bf16"}}, Json{{"kind", "codebook"}},
                               Json{{"kind", "quantize-weights"}}, Json{{"kind", "int8"}},
                               Json{{"kind", "lsq"}, {"activations", false}}}) {
        const absl::Status status = TryCompress(graph, step).status();
        QCOMPARE(status.code(), absl::StatusCode::kInvalidArgument);
        QVERIFY2(MessageOf(status).contains("diverged"), qPrintable(MessageOf(status)));
      }
    }
  }

  void halvesAreNearAndRepresentable() {
    const Graph graph = KnownModel("lenet-300-100");
    for (const auto& [format, digits] : {std::pair("fp16", 11), {"bf16", 8}}) {
      const Graph rounded = Compressed(graph, {{"kind", "half"}, {"format", format}});
      const std::vector<float>&before = ValuesOf(graph, "dense2.weight"),
            &after = ValuesOf(rounded, "dense2.weight");
      for (size_t i = 0; i < before.size(); ++i) {
        // Half a unit in the last place.
        QVERIFY(std::abs(after[i] - before[i]) <= std::ldexp(std::abs(before[i]), -digits) + 1e-7F);
        int exponent = 0;
        const float mantissa = std::ldexp(std::frexp(after[i], &exponent), digits);
        QVERIFY(exponent < -13 || mantissa == std::nearbyint(mantissa));
      }
    }
  }
  void whatIsBeyondFp16IsNamed() {
    Graph graph = TwoDenseLayers();
    SetValues(graph, "a.bias", {1, 2, 3, 4, 70000, 6});
    const auto refused = TryCompress(graph, {{"kind", "half"}});
    QCOMPARE(refused.status().code(), absl::StatusCode::kInvalidArgument);
    QVERIFY2(MessageOf(refused.status()).contains("a.bias"), qPrintable(MessageOf(refused.status())));
    QVERIFY(TryCompress(graph, {{"kind", "half"}, {"format", "bf16"}}).ok());
  }
};
CONCERTINA_TEST(QuantizeWeightsTest)

}  // namespace concertina::quantize_weights_test
#include "quantize_weights_test.moc"
