// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// initialize_test.cc: first values have the spread that their paper says, and are those of seed and name
// alone.
#include <QTest>
#include <algorithm>
#include <cmath>
#include <numeric>

#include "core/graph/executor.h"
#include "core/graph/graph.h"
#include "tests/test_program.h"

namespace concertina::initialize_test {
namespace {

constexpr int64_t kFanIn = 300, kFanOut = 200;

Graph WithWeights(Initializer initializer, const std::vector<std::string>& names) {
  Graph graph;
  for (const std::string& name : names)
    graph.AddParameter(name, {kFanOut, kFanIn}, initializer, kFanIn, kFanOut);
  return graph;
}

std::vector<float> ValuesOf(const Graph& graph, uint64_t seed) {
  std::vector<float> values(static_cast<size_t>(graph.parameter_count()));
  Initialize(graph, seed, values, {});
  return values;
}

}  // namespace

class InitializeTest : public QObject {
  Q_OBJECT
 private slots:
  void spreadsAreThePapers_data() {
    QTest::addColumn<int>("initializer");
    QTest::addColumn<double>("variance");
    QTest::addColumn<bool>("is_uniform");
    // He et al. 2015, equation 10; Glorot and Bengio 2010, equation 12 and 16.
    QTest::newRow("Kaiming, uniform") << int(Initializer::kKaimingUniform) << 2.0 / kFanIn << true;
    QTest::newRow("Kaiming, normal") << int(Initializer::kKaimingNormal) << 2.0 / kFanIn << false;
    QTest::newRow("Xavier, uniform") << int(Initializer::kXavierUniform) << 2.0 / (kFanIn + kFanOut) << true;
    QTest::newRow("Xavier, normal") << int(Initializer::kXavierNormal) << 2.0 / (kFanIn + kFanOut) << false;
  }
  void spreadsAreThePapers() {
    QFETCH(int, initializer);
    QFETCH(double, variance);
    QFETCH(bool, is_uniform);
    const std::vector<float> values = ValuesOf(WithWeights(static_cast<Initializer>(initializer), {"w"}), 5);
    const auto count = static_cast<double>(values.size());
    const double mean = std::accumulate(values.begin(), values.end(), 0.0) / count;
    double squares = 0, fourths = 0, largest = 0;
    for (const float value : values) {
      const double square = (double{value} - mean) * (double{value} - mean);
      squares += square;
      fourths += square * square;
      largest = std::max(largest, std::abs(double{value}));
    }
    // 60,000 draws: five standard errors of a mean, and of a variance (a normal one's is the wider).
    QVERIFY(std::abs(mean) <= 5 * std::sqrt(variance / count));
    QVERIFY(std::abs(squares / count / variance - 1) <= 5 * std::sqrt(2 / count));
    // Which distribution it is shows in the fourth moment: 9/5 of the squared variance, or 3.
    const double kurtosis = fourths / count / (variance * variance);
    QVERIFY2(std::abs(kurtosis - (is_uniform ? 1.8 : 3.0)) < 0.15, qPrintable(QString::number(kurtosis)));
    if (is_uniform) QVERIFY(largest <= std::sqrt(3 * variance) * (1 + 1e-6));  // rounding to a float
  }

  void constantsAreConstant() {
    const auto all = [](const std::vector<float>& values, float wanted) {
      return std::ranges::all_of(values, [wanted](float value) { return value == wanted; });
    };
    QVERIFY(all(ValuesOf(WithWeights(Initializer::kZeros, {"w"}), 5), 0));
    QVERIFY(all(ValuesOf(WithWeights(Initializer::kOnes, {"w"}), 5), 1));
  }

  void seedAndNameDecide() {
    const auto weights = [](const std::vector<std::string>& names, uint64_t seed) {
      return ValuesOf(WithWeights(Initializer::kKaimingUniform, names), seed);
    };
    const std::vector<float> a = weights({"a"}, 5);
    QVERIFY(a == weights({"a"}, 5));
    QVERIFY(a != weights({"a"}, 6));
    QVERIFY(a != weights({"b"}, 5));
    // Neither the parameters before it nor how many there are change its draw.
    const std::vector<float> both = weights({"b", "a"}, 5);
    QVERIFY(std::equal(a.begin(), a.end(), both.end() - static_cast<std::ptrdiff_t>(a.size())));
  }
};

CONCERTINA_TEST(InitializeTest)

}  // namespace concertina::initialize_test

#include "initialize_test.moc"
