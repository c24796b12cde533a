// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// gradient_histogram_test.cc: every element is counted once, in its octave.
#include "core/parallel/gradient_histogram.h"

#include <QTest>
#include <cmath>
#include <limits>
#include <numeric>

#include "core/base/rng.h"
#include "tests/test_program.h"

namespace concertina::gradient_histogram_test {

class GradientHistogramTest : public QObject {
  Q_OBJECT

  static int64_t At(const GradientHistogram::Layer& layer, int exponent) {
    return layer.counts[static_cast<size_t>(exponent - GradientHistogram::kLeastExponent)];
  }

 private slots:
  void elementsAreInTheirOctaves() {
    GradientHistogram histogram({{.name = "a.weight", .shape = {9}, .count = 9}});
    const std::vector<float> gradient = {0.0F, -0.0F, 1.0F, 1.99F, -2.0F, 0.5F, 1e-30F, 1e30F, -0.75F};
    histogram.Add(0, gradient);
    const auto& layer = histogram.layers().at(0);
    QCOMPARE(layer.zeros, int64_t{2});
    QCOMPARE(At(layer, 0), int64_t{2});
    QCOMPARE(At(layer, 1), int64_t{1});
    QCOMPARE(At(layer, -1), int64_t{2});
    QCOMPARE(layer.counts.front(), int64_t{1});  // too small for its own
    QCOMPARE(layer.counts.back(), int64_t{1});   // too large
  }

  void whatIsNoNumberIsCountedToo() {
    GradientHistogram histogram({{.name = "a", .shape = {3}, .count = 3}});
    histogram.Add(0, std::vector<float>{std::numeric_limits<float>::quiet_NaN(), HUGE_VALF,
                                        std::numeric_limits<float>::denorm_min()});
    QCOMPARE(histogram.layers()[0].counts.back(), int64_t{2});
    QCOMPARE(histogram.layers()[0].counts.front(), int64_t{1});
  }

  void parametersOfALayerAreCountedTogether() {
    GradientHistogram histogram({{.name = "conv1.weight", .shape = {1000}, .count = 1000},
                                 {.name = "conv1.bias", .shape = {10}, .count = 10},
                                 {.name = "dense1.weight", .shape = {500}, .count = 500}});
    Rng rng(1);
    for (const auto& [parameter, count] : {std::pair(2, 500), {0, 1000}, {1, 10}}) {
      std::vector<float> gradient(static_cast<size_t>(count));
      for (float& g : gradient) g = static_cast<float>(rng.Normal());
      histogram.Add(parameter, gradient);
    }
    QCOMPARE(histogram.layers().size(), size_t{2});
    QCOMPARE(histogram.layers()[0].name, std::string("conv1"));
    const auto total = [](const GradientHistogram::Layer& layer) {
      return layer.zeros + std::accumulate(layer.counts.begin(), layer.counts.end(), int64_t{0});
    };
    QCOMPARE(total(histogram.layers()[0]), int64_t{1010});
    QCOMPARE(total(histogram.layers()[1]), int64_t{500});
    // Of a normal distribution erf(2/sqrt 2) - erf(1/sqrt 2) = 27.2 % lie between one and two deviations.
    const double share = static_cast<double>(At(histogram.layers()[0], 0)) / 1010;
    QVERIFY2(std::abs(share - 0.272) < 0.05, qPrintable(QString::number(share)));
  }
};

CONCERTINA_TEST(GradientHistogramTest)

}  // namespace concertina::gradient_histogram_test

#include "gradient_histogram_test.moc"
