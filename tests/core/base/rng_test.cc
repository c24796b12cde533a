// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// rng_test.cc: the same numbers everywhere, streams apart, and the distributions' moments.
#include "core/base/rng.h"

#include <QTest>
#include <algorithm>
#include <numeric>
#include <set>
#include <vector>
#include "tests/test_program.h"

namespace concertina::rng_test {
namespace {

struct Moments {
  double mean = 0, variance = 0;
};
template <class Draw>
Moments MomentsOf(Draw draw, int n) {
  double sum = 0, squares = 0;
  for (int i = 0; i < n; ++i) {
    const double x = draw();
    sum += x;
    squares += x * x;
  }
  return {sum / n, squares / n - (sum / n) * (sum / n)};
}

constexpr int kDraws = 200000;
// Five standard errors of a mean of kDraws draws with unit variance.
constexpr double kFiveSigma = 5 / 447.0;

}  // namespace

class RngTest : public QObject {
  Q_OBJECT
 private slots:
  void sameSeedAndStreamGiveTheSameNumbers() {
    Rng a(7, "shuffle", 3), b(7, "shuffle", 3);
    for (int i = 0; i < 1000; ++i) QCOMPARE(a.Next(), b.Next());
  }
  void everySeedStreamAndIndexIsItsOwn() {
    std::set<uint64_t> first;
    int made = 0;
    for (uint64_t seed = 0; seed < 64; ++seed)
      for (const char* stream : {"", "a", "b", "c", "ab", "ba"})
        for (uint64_t index = 0; index < 16; ++index, ++made) first.insert(Rng(seed, stream, index).Next());
    QCOMPARE(static_cast<int>(first.size()), made);  // seed 1 "a" and seed 2 "b" among them
  }
  void uniformStaysInItsIntervalWithItsMoments() {
    Rng rng(1);
    const Moments moments = MomentsOf(
        [&] {
          const double x = rng.Uniform();
          Q_ASSERT(x >= 0 && x < 1);
          return x;
        },
        kDraws);
    QVERIFY(std::abs(moments.mean - 0.5) < kFiveSigma * std::sqrt(1 / 12.0));
    QVERIFY(std::abs(moments.variance - 1 / 12.0) < 0.001);
  }
  void normalHasItsMoments() {
    Rng rng(2);
    const Moments moments = MomentsOf([&] { return rng.Normal(); }, kDraws);
    QVERIFY(std::abs(moments.mean) < kFiveSigma);
    QVERIFY(std::abs(moments.variance - 1) < 5 * std::sqrt(2.0 / kDraws));  // variance of x^2 is 2
  }
  void gammaHasItsMoments_data() {
    QTest::addColumn<double>("shape");
    for (const double shape : {0.1, 0.5, 1.0, 3.7}) QTest::addRow("shape %g", shape) << shape;
  }
  void gammaHasItsMoments() {  // mean k, variance k, fourth central moment 3k^2 + 6k
    QFETCH(double, shape);
    Rng rng(3);
    const Moments moments = MomentsOf([&] { return rng.Gamma(shape); }, kDraws);
    QVERIFY(std::abs(moments.mean - shape) < kFiveSigma * std::sqrt(shape));
    QVERIFY(std::abs(moments.variance - shape) < 5 * std::sqrt((2 * shape * shape + 6 * shape) / kDraws));
  }
  void belowIsUniformAndBelow() {
    Rng rng(4);
    std::vector<int> counts(7);
    for (int i = 0; i < 70000; ++i) ++counts.at(rng.Below(7));
    double chi_squared = 0;
    for (const int count : counts) chi_squared += (count - 1e4) * (count - 1e4) / 1e4;
    QVERIFY(chi_squared < 33.1);  // 6 degrees of freedom, p = 1e-5
    QCOMPARE(rng.Below(1), uint64_t{0});
    for (int i = 0; i < 100; ++i) QVERIFY(rng.Below((uint64_t{1} << 63) + 1) <= uint64_t{1} << 63);
  }
  void shuffleIsAPermutationAndEveryPlaceIsAsLikely() {
    Rng rng(5);
    std::vector<int> zero_went_to(5);
    for (int trial = 0; trial < 50000; ++trial) {
      std::vector<int> items = {0, 1, 2, 3, 4};
      rng.Shuffle(std::span<int>(items));
      ++zero_went_to[static_cast<size_t>(std::find(items.begin(), items.end(), 0) - items.begin())];
      std::sort(items.begin(), items.end());
      QCOMPARE(items, (std::vector<int>{0, 1, 2, 3, 4}));
    }
    for (const int count : zero_went_to) QVERIFY(std::abs(count - 10000) < 5 * 90);  // sqrt(np(1-p)) = 89
    std::vector<int> none;
    rng.Shuffle(std::span<int>(none));
  }
};

CONCERTINA_TEST(RngTest)

}  // namespace concertina::rng_test

#include "rng_test.moc"
