// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// atomo_test.cc: the expectation is the gradient, the variance is the paper's, and what must be sent always
// is.
#include <QTest>
#include <algorithm>
#include <cmath>
#include <numeric>
#include <tuple>

#include "codecs_under_test.h"
#include "tests/test_program.h"

namespace concertina::atomo_test {

using Floats = std::vector<float>;

class AtomoTest : public QObject {
  Q_OBJECT

  static std::unique_ptr<Codec> Make(int64_t atoms, int64_t block_rows, std::vector<Matrix> matrices) {
    auto codec = MakeCodec({{"kind", "atomo"}, {"atoms", atoms}, {"block_rows", block_rows}}).value();
    codec->Describe(matrices);
    return codec;
  }
  static bool RoundTrip(Codec& codec, const Floats& x, int64_t step, Floats& decoded) {
    std::vector<uint8_t> payload;
    decoded.resize(x.size());
    return codec.Encode(x, step, payload).ok() && codec.Decode(payload, decoded).ok();
  }
  // One-sided Jacobi: pairs of rows are turned until all are at right angles; their norms are the singular
  // values [Hestenes. Inversion of matrices by biorthogonalization and related results. J. SIAM 1958].
  static std::vector<double> SingularValues(const Floats& x, size_t rows, size_t columns) {
    std::vector<double> a(x.begin(), x.end());
    const auto product = [&](size_t i, size_t j) {
      return std::inner_product(&a[i * columns], &a[i * columns] + columns, &a[j * columns], 0.0);
    };
    for (int sweep = 0; sweep < 30; ++sweep)
      for (size_t i = 0; i < rows; ++i)
        for (size_t j = i + 1; j < rows; ++j) {
          const double both = product(i, j);
          if (both == 0) continue;
          const double zeta = (product(j, j) - product(i, i)) / (2 * both);
          const double t = std::copysign(1 / (std::abs(zeta) + std::sqrt(1 + zeta * zeta)), zeta);
          const double c = 1 / std::sqrt(1 + t * t), s = c * t;
          for (size_t k = 0; k < columns; ++k) {
            double &p = a[i * columns + k], &q = a[j * columns + k];
            std::tie(p, q) = std::pair(c * p - s * q, s * p + c * q);
          }
        }
    std::vector<double> sigma;
    for (size_t i = 0; i < rows; ++i) sigma.push_back(std::sqrt(product(i, i)));
    return sigma;
  }
  // sum_i sigma_i^2 (1 / p_i - 1) for the p_i of least variance, found here by bisection: p_i = min(1, t
  // sigma_i) with t such that the sum is s.
  static double LeastVariance(const std::vector<double>& sigma, double s) {
    double low = 0, high = 1e12;
    const auto sum = [&](double t) {
      return std::accumulate(sigma.begin(), sigma.end(), 0.0,
                             [t](double all, double one) { return all + std::min(1.0, t * one); });
    };
    for (int i = 0; i < 200; ++i) (sum((low + high) / 2) < s ? low : high) = (low + high) / 2;
    return std::accumulate(sigma.begin(), sigma.end(), 0.0, [low](double all, double one) {
      return all + one * one * (1 / std::min(1.0, low * one) - 1);
    });
  }

 private slots:
  void theExpectationIsTheGradientAndTheVarianceThePapers_data() {
    QTest::addColumn<int>("atoms");
    QTest::addColumn<double>("spread");  // rows shrink by it, one after another
    for (const int atoms : {1, 2, 4})
      for (const double spread : {1.0, 0.7}) QTest::addRow("%d atoms, %g", atoms, spread) << atoms << spread;
  }
  void theExpectationIsTheGradientAndTheVarianceThePapers() {
    QFETCH(int, atoms);
    QFETCH(double, spread);
    constexpr int kRows = 12, kColumns = 50, kDraws = 4000;
    Floats x = MakeGradient("normal", kRows * kColumns, 7);
    for (int i = 0; i < kRows; ++i)
      for (int j = 0; j < kColumns; ++j)
        x[static_cast<size_t>(i * kColumns + j)] *= static_cast<float>(std::pow(spread, i));
    const auto codec = Make(atoms, 64, {{0, kRows, kColumns}});
    std::vector<double> sum(x.size());
    double squares = 0;
    Floats decoded;
    for (int step = 0; step < kDraws; ++step) {
      QVERIFY(RoundTrip(*codec, x, step, decoded));
      for (size_t i = 0; i < x.size(); ++i) {
        sum[i] += decoded[i];
        squares += std::pow(static_cast<double>(decoded[i]) - x[i], 2);
      }
    }
    const double expected = LeastVariance(SingularValues(x, kRows, kColumns), atoms);
    // The mean of 4,000 errors of which each is spread by no more than about its size: 1.6 %, of which 4.
    QVERIFY2(std::abs(squares / kDraws / expected - 1) < 0.064,
             qPrintable(QString("variance %1, expected %2").arg(squares / kDraws).arg(expected)));
    double bias = 0;
    for (size_t i = 0; i < x.size(); ++i) bias += std::pow(sum[i] / kDraws - x[i], 2);
    // E ||mean - x||^2 = variance / draws, over at least 8 atoms that are not certain: a chi-square of 8 is
    // beyond 3.3 times its mean once in 1,000. Sending the largest only would give thousands.
    const double ratio = bias / (expected / kDraws);
    QVERIFY2(ratio < 3.3, qPrintable(QString::number(ratio)));
  }

  void largeTriplesAreAlwaysSent() {  // rank 2 of 3 atoms: nothing is left to chance
    Rng rng(3);
    Floats x(30 * 40, 0.0F);
    for (int k = 0; k < 2; ++k) {
      Floats u(30), v(40);
      for (float& value : u) value = static_cast<float>(rng.Normal());
      for (float& value : v) value = static_cast<float>(rng.Normal());
      for (size_t i = 0; i < 30; ++i)
        for (size_t j = 0; j < 40; ++j) x[40 * i + j] += u[i] * v[j];
    }
    const auto codec = Make(3, 32, {{0, 30, 40}});
    Floats decoded;
    for (int step = 0; step < 50; ++step) {
      QVERIFY(RoundTrip(*codec, x, step, decoded));
      double error = 0;
      for (size_t i = 0; i < x.size(); ++i) error += std::pow(static_cast<double>(x[i]) - decoded[i], 2);
      // What is left is rounding, 2^-24 of x, of which one of 28 is drawn and comes 28 times as large.
      QVERIFY(error < 1e-10 * NormSquared(x));
    }
  }

  void drawsDifferByStepAndByGradient() {
    const std::vector<Matrix> matrices = {{0, 32, 40}};
    const Floats x = MakeGradient("normal", 1280, 1);
    Floats nudged = x;
    nudged[5] += 1e-5F;
    Floats one, same, later, other;
    QVERIFY(RoundTrip(*Make(1, 32, matrices), x, 4, one));
    QVERIFY(RoundTrip(*Make(1, 32, matrices), x, 4, same));
    QVERIFY(one == same);
    int later_differs = 0, other_differs = 0;
    const auto differs = [](const Floats& a, const Floats& b) {
      double apart = 0;
      for (size_t i = 0; i < a.size(); ++i) apart += std::pow(static_cast<double>(a[i]) - b[i], 2);
      return apart > 0.1 * NormSquared(a) ? 1 : 0;
    };
    for (int step = 0; step < 20; ++step) {
      QVERIFY(RoundTrip(*Make(1, 32, matrices), x, step, one));
      QVERIFY(RoundTrip(*Make(1, 32, matrices), x, step + 1, later));
      QVERIFY(RoundTrip(*Make(1, 32, matrices), nudged, step, other));
      later_differs += differs(one, later);
      other_differs += differs(one, other);
    }
    // Of about 30 triples alike, two draws agree in one of 30.
    QVERIFY(later_differs >= 15 && other_differs >= 15);
  }

  void blocksAreSentWithinTheBudget() {
    const auto codec = Make(2, 32, {{0, 70, 100}});  // blocks of 23, 23 and 24 rows
    QCOMPARE(codec->MaxPayloadBytes(7005), int64_t{4} * (2 * (70 + 3 * 100) + 5));
    QCOMPARE(codec->ErrorBound(7005), 1 + 24.0 / 2);
    QCOMPARE(Make(64, 64, {{0, 70, 100}})->ErrorBound(7005), 0.0);  // dense
    std::vector<Fault> faults;
    const auto params = [&](int atoms) {
      return Registry::Global().Check("gradient-codec", {{"kind", "atomo"}, {"atoms", atoms}}, "", faults);
    };
    QVERIFY(codec->Change(params(2)).ok());
    QCOMPARE(codec->Change(params(3)).code(), absl::StatusCode::kFailedPrecondition);
  }

  void zerosAndDeadRowsStayWhatTheyAre() {
    const auto codec = Make(2, 16, {{0, 32, 40}});
    Floats x(1280, 0.0F), decoded;
    QVERIFY(RoundTrip(*codec, x, 0, decoded));
    QVERIFY(decoded == x);
    for (size_t j = 0; j < 40; ++j) x[j] = 1;  // one row of the first block; the second is all zero
    QVERIFY(RoundTrip(*codec, x, 1, decoded));
    for (size_t i = 0; i < x.size(); ++i) QVERIFY(std::abs(decoded[i] - x[i]) < 1e-5);
  }
};

CONCERTINA_TEST(AtomoTest)

}  // namespace concertina::atomo_test

#include "atomo_test.moc"
