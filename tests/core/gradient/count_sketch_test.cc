// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// count_sketch_test.cc: tables add up, sparse vectors come back, hashes spread evenly, every instruction set
// finds the same.
#include "core/gradient/count_sketch.h"

#include <QTest>

#include "codecs_under_test.h"
#include "instruction_sets.h"
#include "tests/test_program.h"

namespace concertina::count_sketch_test {

using Floats = std::vector<float>;

class CountSketchTest : public QObject {
  Q_OBJECT

  static Floats TableOf(const CountSketch& sketch, const Floats& x) {
    Floats table(static_cast<size_t>(sketch.cells()));
    for (size_t i = 0; i < x.size(); ++i)
      if (x[i] != 0) sketch.Add(static_cast<uint32_t>(i), x[i], table);
    return table;
  }
  // k elements of whole numbers, so that sums are exact.
  static Floats Sparse(size_t d, int k, uint64_t seed) {
    Floats x(d);
    Rng rng(seed, "sparse");
    for (int i = 0; i < k; ++i) x[rng.Below(d)] = static_cast<float>(1 + rng.Below(100));
    return x;
  }

 private slots:
  void sparseVectorsComeBack_data() {
    QTest::addColumn<int>("rows");
    for (const int rows : {1, 3, 5, 7, 9}) QTest::addRow("%d rows", rows) << rows;
  }
  void sparseVectorsComeBack() {
    QFETCH(int, rows);
    constexpr size_t d = 20011;
    const CountSketch sketch(rows, 1000, 5);
    const Floats x = Sparse(d, 20, 1);
    const Floats table = TableOf(sketch, x);
    int64_t wrong = 0, first_found = -1;
    ForEachInstructionSet([&] {
      Floats estimates(d, 7.0F);
      const int64_t found = sketch.Estimate(table, estimates);
      int64_t not_zero = 0;
      wrong = 0;
      for (size_t i = 0; i < d; ++i) {
        not_zero += estimates[i] != 0;
        wrong += estimates[i] != x[i];
        if (rows >= 5 && x[i] != 0) QCOMPARE(estimates[i], x[i]);  // a median outvotes two collisions
      }
      QCOMPARE(found, not_zero);
      if (first_found < 0) first_found = found;
      QCOMPARE(found, first_found);
    });
    // An element that is not there shows when all its cells are in use: (k/c)^r = 0.02^r, of 20,000: 400 with
    // one row, 0.2 with three.
    if (rows == 1) QVERIFY(wrong > 200 && wrong < 600);
    if (rows == 3) QVERIFY(wrong <= 3);
    if (rows >= 5) QCOMPARE(wrong, 0);
  }

  void tablesAddUp() {
    const CountSketch sketch(5, 64, 3);
    const Floats x = Sparse(500, 30, 1), y = Sparse(500, 30, 2);
    Floats sum(x.size());
    for (size_t i = 0; i < x.size(); ++i) sum[i] = x[i] + y[i];
    const Floats a = TableOf(sketch, x), b = TableOf(sketch, y), both = TableOf(sketch, sum);
    for (size_t i = 0; i < both.size(); ++i) QCOMPARE(a[i] + b[i], both[i]);
  }

  void hashesSpreadEvenly() {  // every cell gets its share of indices, and as many of each sign
    constexpr int kColumns = 37, kIndices = 37000;
    const CountSketch sketch(3, kColumns, 11);
    Floats counts(3 * kColumns);
    double signs = 0;
    for (uint32_t i = 0; i < kIndices; ++i) {
      Floats table(counts.size());
      sketch.Add(i, 1, table);
      for (size_t cell = 0; cell < table.size(); ++cell) {
        counts[cell] += std::abs(table[cell]);
        signs += table[cell];
      }
    }
    for (const float count : counts)
      QVERIFY2(std::abs(count - 1000) < 200, qPrintable(QString::number(count)));
    QVERIFY2(std::abs(signs) < 0.05 * 3 * kIndices, qPrintable(QString::number(signs)));
  }

  void seedsHashOtherwise() {
    const Floats x = Sparse(500, 30, 1);
    QVERIFY(TableOf(CountSketch(3, 50, 1), x) == TableOf(CountSketch(3, 50, 1), x));
    QVERIFY(TableOf(CountSketch(3, 50, 1), x) != TableOf(CountSketch(3, 50, 2), x));
  }

  void cellsStayFinite() {
    const CountSketch sketch(3, 1, 1);
    Floats table(3);
    for (uint32_t i = 0; i < 64; ++i) sketch.Add(i, 3e38F, table);
    for (const float cell : table) QVERIFY(std::isfinite(cell));
  }

  void endsThatFillNoVectorAreNotOverrun() {
    const CountSketch sketch(1, 1, 1);
    const Floats table = {1};
    for (size_t n = 0; n < 40; ++n) {
      Floats x(n + 1, 9.0F);
      ForEachInstructionSet([&] {
        QCOMPARE(sketch.Estimate(table, std::span(x).first(n)), static_cast<int64_t>(n));
        QCOMPARE(x[n], 9.0F);
        for (size_t i = 0; i < n; ++i) QCOMPARE(std::abs(x[i]), 1.0F);
      });
    }
  }
};

CONCERTINA_TEST(CountSketchTest)

}  // namespace concertina::count_sketch_test

#include "count_sketch_test.moc"
