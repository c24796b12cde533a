// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// low_rank_test.cc: which parts of a bucket are factored, what the factors come to, orthonormal columns.
#include "core/gradient/low_rank.h"

#include <QTest>
#include <cmath>
#include <cstring>

#include "core/base/rng.h"
#include "instruction_sets.h"
#include "tests/test_program.h"

namespace concertina::low_rank_test {

using Doubles = std::vector<double>;

class LowRankTest : public QObject {
  Q_OBJECT

  static std::vector<Matrix> LeNet300100() {  // weights, each followed by its biases
    return {{0, 300, 784}, {235'500, 100, 300}, {265'600, 10, 100}};
  }
  static std::vector<float> Normals(int64_t n, uint64_t seed) {
    std::vector<float> values(static_cast<size_t>(n));
    Rng rng(seed);
    for (float& value : values) value = static_cast<float>(rng.Normal());
    return values;
  }
  static double Dot(const std::vector<float>& p, int64_t rank, int64_t a, int64_t b) {
    double sum = 0;
    for (size_t i = 0; i < p.size(); i += static_cast<size_t>(rank))
      sum += static_cast<double>(p[i + static_cast<size_t>(a)]) * p[i + static_cast<size_t>(b)];
    return sum;
  }

 private slots:
  void leNetHasTheFloatsOfItsFactors_data() {  // r (n + m) of each weight, and 410 biases
    QTest::addColumn<int>("rank");
    QTest::addColumn<int>("floats");
    QTest::newRow("rank 1") << 1 << 2004;
    QTest::newRow("rank 2") << 2 << 3598;
    QTest::newRow("rank 4") << 4 << 6786;
  }
  void leNetHasTheFloatsOfItsFactors() {
    QFETCH(int, rank);
    QFETCH(int, floats);
    FactorLayout layout(rank);
    layout.Describe(LeNet300100());
    QCOMPARE(layout.PayloadBytes(266'610), int64_t{4} * floats);
  }

  void everyElementIsSentOnce_data() {
    QTest::addColumn<int>("rank");
    QTest::addColumn<int>("blockRows");
    QTest::addColumn<bool>("described");
    for (const int rank : {1, 2, 4, 64})
      for (const int block_rows : {0, 2, 32})
        for (const bool described : {false, true})
          QTest::addRow("rank %d, blocks of %d, %s", rank, block_rows, described ? "described" : "not")
              << rank << block_rows << described;
  }
  void everyElementIsSentOnce() {
    QFETCH(int, rank);
    QFETCH(int, blockRows);
    QFETCH(bool, described);
    for (const int64_t d : {1, 2, 3, 97, 1000, 5000}) {
      FactorLayout layout(rank, blockRows);
      if (described) {
        std::vector<Matrix> matrices;
        if (d >= 1000) matrices = {{7, 13, 11}, {150, 1, 40}, {190, 70, 9}, {900, 10, 10}};
        layout.Describe(matrices);
      }
      QVERIFY(layout.Check(d).ok());
      int64_t next = 0, first = 0, second = 0;
      layout.Walk(
          d,
          [&](const FactoredMatrix& m) {
            QCOMPARE(m.matrix.offset, next);
            QCOMPARE(m.p, first);
            QCOMPARE(m.q, second);
            QVERIFY(m.rank >= 1 && m.rank <= rank);
            QVERIFY(blockRows == 0 || m.matrix.rows <= blockRows);
            QVERIFY(m.p_floats() + m.q_floats() < m.matrix.rows * m.matrix.columns);
            next += m.matrix.rows * m.matrix.columns;
            first += m.p_floats();
            second += m.q_floats();
          },
          [&](const DenseRun& run) {
            QCOMPARE(run.offset, next);
            QCOMPARE(run.place, first);
            QVERIFY(run.count > 0);
            next += run.count;
            first += run.count;
          });
      QCOMPARE(next, d);
      QCOMPARE(layout.PayloadFloats(d).first, first);
      QCOMPARE(layout.PayloadFloats(d).second, second);
      QVERIFY(layout.PayloadBytes(d) <= 4 * d);
      if (!described && d >= 1000 && rank <= 4 && (rank == 1 || blockRows != 2))
        QVERIFY(layout.PayloadBytes(d) < 4 * d);
    }
  }

  void matricesBeyondTheBucketAreRefused() {
    FactorLayout layout(1);
    layout.Describe(LeNet300100());
    QVERIFY(layout.Check(266'600).ok());
    QCOMPARE(layout.Check(266'599).code(), absl::StatusCode::kInvalidArgument);
    std::vector<float> gradient(100);
    QCOMPARE(DecodeLowRank("x", layout, {}, gradient, false).code(), absl::StatusCode::kInvalidArgument);
    FactorLayout vectors(1);
    vectors.Describe({});
    QVERIFY(vectors.Check(1).ok());
    QCOMPARE(vectors.PayloadBytes(100), int64_t{400});
  }

  void decodesTheProductTheSameOnEveryInstructionSet() {
    for (const int64_t columns : {1, 2, 7, 33, 784, 5000}) {
      const int64_t rows = 41, d = rows * columns + 5;
      FactorLayout layout(3);
      layout.Describe(std::vector<Matrix>{{0, rows, columns}});
      const std::vector<float> values = Normals(layout.PayloadBytes(d) / 4, 2);
      // One byte further: payloads need no alignment.
      std::vector<uint8_t> room(4 * values.size() + 1);
      const std::span<uint8_t> payload = std::span(room).subspan(1);
      std::memcpy(payload.data(), values.data(), payload.size());
      std::vector<float> reference;
      int sets = 0;
      ForEachInstructionSet([&] {
        ++sets;
        std::vector<float> decoded(static_cast<size_t>(d), 9.0F), added(static_cast<size_t>(d), 1.0F);
        QVERIFY(DecodeLowRank("x", layout, payload, decoded, false).ok());
        QVERIFY(DecodeLowRank("x", layout, payload, added, true).ok());
        for (size_t i = 0; i < decoded.size(); ++i)
          if (added[i] != 1.0F + decoded[i]) QFAIL("DecodeAdd adds something else");
        if (reference.empty()) reference = decoded;
        QVERIFY(decoded == reference);
      });
      QVERIFY(sets > 1);
      const FactorLayout::Floats floats = layout.PayloadFloats(d);
      if (floats.second == 0) continue;  // of one or two columns: dense
      const double scale = std::ldexp(1.0, 2 * BalanceExponent(rows));
      for (int64_t i = 0; i < rows; ++i)
        for (int64_t j = 0; j < columns; ++j) {
          double sum = 0, size = 0;
          for (int64_t k = 0; k < 3; ++k) {
            const double term = scale * values[static_cast<size_t>(i * 3 + k)] *
                                values[static_cast<size_t>(floats.first + k * columns + j)];
            sum += term;
            size += std::abs(term);
          }
          // Three products and two sums, each rounded at 2^-24 of at most the sum of magnitudes.
          QVERIFY(std::abs(reference[static_cast<size_t>(i * columns + j)] - sum) <=
                  5 * std::ldexp(size, -24));
        }
      for (int64_t i = 0; i < 5; ++i)
        QCOMPARE(reference[static_cast<size_t>(d - 5 + i)],
                 values[static_cast<size_t>(floats.first - 5 + i)]);
    }
  }

  void productsBeyondTheFloatsAreDamage() {
    FactorLayout layout(1);
    layout.Describe(std::vector<Matrix>{{0, 4, 4}});
    const std::vector<float> values(8, 3e30F);
    std::vector<float> gradient(16);
    const std::span<const uint8_t> payload(reinterpret_cast<const uint8_t*>(values.data()), 32);
    for (const bool adds : {false, true})
      QCOMPARE(DecodeLowRank("x", layout, payload, gradient, adds).code(), absl::StatusCode::kDataLoss);
    QCOMPARE(DecodeLowRank("x", layout, payload.first(28), gradient, false).code(),
             absl::StatusCode::kDataLoss);
  }

  void columnsBecomeOrthonormal_data() {
    QTest::addColumn<int>("rows");
    QTest::addColumn<int>("rank");
    QTest::addColumn<double>("apart");  // of each column from the one before
    for (const int rows : {1, 2, 5, 300})
      for (const int rank : {1, 2, 4})
        for (const double apart : {1.0, 1e-3, 1e-5})
          if (rank <= rows) QTest::addRow("%d x %d, %g apart", rows, rank, apart) << rows << rank << apart;
  }
  void columnsBecomeOrthonormal() {
    QFETCH(int, rows);
    QFETCH(int, rank);
    QFETCH(double, apart);
    std::vector<float> p = Normals(rows * rank, 3);
    for (int i = 0; i < rows; ++i)
      for (int k = 1; k < rank; ++k)
        p[static_cast<size_t>(i * rank + k)] =
            p[static_cast<size_t>(i * rank + k - 1)] +
            static_cast<float>(apart) * p[static_cast<size_t>(i * rank + k)];
    Doubles room(p.size());
    Orthonormalise(rows, rank, 0.5F, room, p.data());
    for (int a = 0; a < rank; ++a)
      for (int b = 0; b < rank; ++b)
        // Elements are rounded to floats: 2^-24 of unit columns.
        QVERIFY(std::abs(4 * Dot(p, rank, a, b) - (a == b ? 1 : 0)) < 4e-7);
  }

  void columnsThatAreSpannedBecomeZero() {
    std::vector<float> p = Normals(40 * 4, 5);
    for (size_t i = 0; i < 40; ++i) {
      p[4 * i + 1] = 0;
      p[4 * i + 2] = -3 * p[4 * i];
    }
    Doubles room(p.size());
    Orthonormalise(40, 4, 1, room, p.data());
    const double expected[4] = {1, 0, 0, 1};
    for (int k = 0; k < 4; ++k) QVERIFY(std::abs(Dot(p, 4, k, k) - expected[k]) < 4e-7);
    QVERIFY(std::abs(Dot(p, 4, 0, 3)) < 4e-7);
  }
};

CONCERTINA_TEST(LowRankTest)

}  // namespace concertina::low_rank_test

#include "low_rank_test.moc"
