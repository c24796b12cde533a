// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// distance_sketch_test.cc: of short vectors the distance is exact, of long ones right to the spread foretold.
#include <QTest>
#include <cmath>

#include "core/base/rng.h"
#include "core/parallel/distance_sketch.h"
#include "mixing_ranks.h"
#include "tests/test_program.h"

namespace concertina::distance_sketch_test {
namespace {

// As rank 0 measures it; the others' sketches come in two pieces.
double Measured(const Vectors& vectors, uint64_t seed, int64_t step = 0) {
  DistanceSketch sketch(vectors[0].size()), other(vectors[0].size());
  sketch.Begin(vectors[0], seed, step);
  for (size_t rank = 1; rank < vectors.size(); ++rank) {
    other.Begin(vectors[rank], seed, step);
    const size_t half = other.own().size() / 2;
    sketch.Add(0, other.own().first(half));
    sketch.Add(half, other.own().subspan(half));
  }
  return sketch.Distance(static_cast<int>(vectors.size()) - 1);
}

// Vectors that share most, as ranks do, and differ by noise of this size.
Vectors Near(size_t floats, int ranks, double noise, bool in_one_column = false) {
  Vectors vectors(static_cast<size_t>(ranks), std::vector<float>(floats));
  for (size_t i = 0; i < floats; ++i) {
    Rng common(1, "common", i);
    const double shared = common.Normal();
    for (auto& vector : vectors) vector[i] = static_cast<float>(shared);
  }
  Rng rng(1, "noise");
  for (auto& vector : vectors)
    for (size_t i = 0; i < floats; ++i)
      if (!in_one_column || i % DistanceSketch::kMostFloats == 5)
        vector[i] += static_cast<float>(noise * rng.Normal());
  return vectors;
}

}  // namespace

class DistanceSketchTest : public QObject {
  Q_OBJECT
 private slots:
  void itIsTheDistance_data();
  void itIsTheDistance();
  void stepsAndSeedsAreOtherSketches();
};

void DistanceSketchTest::itIsTheDistance_data() {
  QTest::addColumn<int>("floats");
  QTest::addColumn<int>("ranks");
  QTest::addColumn<double>("noise");
  QTest::addColumn<bool>("inOneColumn");
  QTest::addColumn<double>("spread");
  constexpr double kExact = 1e-4;  // floats that differ by 1e-3 of themselves are rounded at 1e-7
  QTest::newRow("one rank") << 100 << 1 << 1.0 << false << kExact;
  QTest::newRow("short") << 100 << 4 << 1.0 << false << kExact;
  QTest::newRow("as long as a sketch") << 8192 << 3 << 1e-3 << false << kExact;
  // Three standard deviations of 1 / sqrt(2 k) are 0.023.
  QTest::newRow("one more") << 8193 << 3 << 1.0 << false << 0.024;
  QTest::newRow("long") << 200000 << 4 << 1.0 << false << 0.024;
  QTest::newRow("long and near") << 200000 << 4 << 1e-3 << false << 0.024;
  // Twelve elements a rank of each, which must not all fall to one place; few, so the spread is larger.
  QTest::newRow("differences in one column") << 100000 << 4 << 1.0 << true << 0.024;
}

void DistanceSketchTest::itIsTheDistance() {
  QFETCH(int, floats);
  QFETCH(int, ranks);
  QFETCH(double, noise);
  QFETCH(bool, inOneColumn);
  QFETCH(double, spread);
  const Vectors vectors = Near(static_cast<size_t>(floats), ranks, noise, inOneColumn);
  const double distance = DistanceOf(vectors);
  for (const uint64_t seed : {1, 2, 3}) {
    const double measured = Measured(vectors, seed);
    QVERIFY2(std::abs(measured - distance) <= spread * distance,
             qPrintable(QString("%1 measured, %2 expected").arg(measured).arg(distance)));
  }
}

void DistanceSketchTest::stepsAndSeedsAreOtherSketches() {
  const Vectors vectors = Near(50000, 3, 1.0);
  QCOMPARE(Measured(vectors, 1, 64), Measured(vectors, 1, 64));
  QVERIFY(Measured(vectors, 1, 64) != Measured(vectors, 1, 128));
  QVERIFY(Measured(vectors, 1, 64) != Measured(vectors, 2, 64));
}

CONCERTINA_TEST(DistanceSketchTest)

}  // namespace concertina::distance_sketch_test

#include "distance_sketch_test.moc"
