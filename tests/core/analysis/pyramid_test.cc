// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// pyramid_test.cc: whatever the zoom, the buckets are those of the points.
#include "core/analysis/pyramid.h"

#include <QTest>
#include <algorithm>
#include <cmath>
#include <limits>

#include "core/base/rng.h"
#include "tests/test_program.h"

namespace concertina::pyramid_test {
namespace {

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();

struct Series {
  std::vector<int64_t> steps;
  std::vector<double> seconds, values;
};

// Steps with gaps, times that jitter, and one value in 50 that was not measured.
Series RandomSeries(int64_t points, uint64_t seed) {
  Rng rng(seed, "series");
  Series series;
  int64_t step = 0;
  double seconds = 0;
  for (int64_t i = 0; i < points; ++i) {
    series.steps.push_back(step += 1 + static_cast<int64_t>(rng.Below(3)));
    series.seconds.push_back(seconds += rng.Uniform());
    series.values.push_back(rng.Below(50) == 0 ? kNaN : rng.Normal());
  }
  return series;
}

Pyramid Appended(const Series& series, uint64_t seed) {
  Rng rng(seed, "portions");
  Pyramid pyramid;
  for (size_t i = 0; i < series.steps.size();) {
    const size_t count = std::min<size_t>(1 + rng.Below(700), series.steps.size() - i);
    pyramid.Append(std::span(series.steps).subspan(i, count), std::span(series.seconds).subspan(i, count),
                   std::span(series.values).subspan(i, count));
    i += count;
  }
  return pyramid;
}

// What ReadZoomed must give, straight from the points.
SeriesBucket Direct(const Series& series, int64_t begin, int64_t end) {
  std::vector<SeriesBucket> all;
  for (int64_t i = begin; i < end; ++i) {
    const auto at = static_cast<size_t>(i);
    all.push_back(BucketOf(series.steps[at], series.seconds[at], series.values[at]));
  }
  return MergeBuckets(all);
}

bool Same(double a, double b) { return a == b || (std::isnan(a) && std::isnan(b)); }
// Means of at most 1e6 doubles, summed in another order.
bool Near(double a, double b) { return Same(a, b) || std::abs(a - b) <= 1e-9 * (1 + std::abs(a)); }

// Counts what a read touches.
class CountingSource : public BucketSource {
 public:
  explicit CountingSource(Pyramid& pyramid) : pyramid_(pyramid) {}
  int64_t size(int level) const override { return pyramid_.size(level); }
  absl::Status Read(int level, int64_t begin, int64_t end, std::vector<SeriesBucket>& buckets) override {
    read += end - begin;
    return pyramid_.Read(level, begin, end, buckets);
  }
  int64_t read = 0;

 private:
  Pyramid& pyramid_;
};

}  // namespace

class PyramidTest : public QObject {
  Q_OBJECT
 private slots:
  void bucketsAreThoseOfThePoints_data() {
    QTest::addColumn<qint64>("points");
    for (const qint64 points : {1, 2, 7, 8, 9, 63, 64, 65, 511, 512, 4097, 20011})
      QTest::addRow("%lld points", static_cast<long long>(points)) << points;
  }
  void bucketsAreThoseOfThePoints() {
    QFETCH(qint64, points);
    const Series series = RandomSeries(points, 3);
    Pyramid pyramid = Appended(series, 4);
    QCOMPARE(pyramid.size(0), points);
    Rng rng(5, "ranges");
    for (int trial = 0; trial < 60; ++trial) {
      auto begin = static_cast<int64_t>(rng.Below(static_cast<uint64_t>(points)));
      int64_t end = begin + 1 + static_cast<int64_t>(rng.Below(static_cast<uint64_t>(points - begin)));
      if (trial == 0) begin = 0, end = points;
      const auto max_points = static_cast<int64_t>(1 + rng.Below(trial % 2 == 0 ? 10 : 2000));
      const auto buckets = ReadZoomed(pyramid, begin, end, max_points);
      QVERIFY(buckets.ok());
      const auto size = static_cast<int64_t>(buckets->size());
      QVERIFY(size <= max_points);
      const Zoom zoom = PickZoom(begin, end, max_points);
      int64_t at = begin;
      for (const SeriesBucket& bucket : *buckets) {
        const int64_t next = std::min(end, (at / zoom.block + 1) * zoom.block);
        const SeriesBucket expected = Direct(series, at, next);
        QCOMPARE(bucket.points, next - at);
        QCOMPARE(bucket.count, expected.count);
        QVERIFY(Same(bucket.min, expected.min));
        QVERIFY(Same(bucket.max, expected.max));
        QVERIFY(Near(bucket.mean, expected.mean));
        QVERIFY(Near(bucket.step, expected.step));
        QVERIFY(Near(bucket.seconds, expected.seconds));
        at = next;
      }
      QCOMPARE(at, end);
    }
  }
  void zeroMaxPointsGivesEveryPoint() {
    const Series series = RandomSeries(3000, 6);
    Pyramid pyramid = Appended(series, 7);
    const auto buckets = ReadZoomed(pyramid, 10, 2990, 0);
    QVERIFY(buckets.ok());
    QCOMPARE(buckets->size(), size_t{2980});
    for (size_t i = 0; i < buckets->size(); ++i) {
      QVERIFY(Same((*buckets)[i].mean, series.values[i + 10]));
      QCOMPARE((*buckets)[i].step, static_cast<double>(series.steps[i + 10]));
    }
  }
  void aReadIsBoundedWhateverTheLength() {
    const Series series = RandomSeries(300000, 8);
    Pyramid pyramid = Appended(series, 9);
    CountingSource source(pyramid);
    for (const int64_t max_points : {1, 10, 1000}) {
      source.read = 0;
      const auto buckets = ReadZoomed(source, 13, 299989, max_points);
      QVERIFY(buckets.ok());
      QVERIFY(static_cast<int64_t>(buckets->size()) <= max_points);
      QVERIFY(source.read <= 4 * max_points + 14 * pyramid.levels());
      // At least half of what was allowed: a chart is as fine as it can be.
      QVERIFY(2 * static_cast<int64_t>(buckets->size()) >= max_points);
    }
  }
  void completeBlocksDoNotChangeAsTheSeriesGrows() {
    const Series series = RandomSeries(9000, 10);
    Series beginning = series;
    beginning.steps.resize(8500), beginning.seconds.resize(8500), beginning.values.resize(8500);
    Pyramid before = Appended(beginning, 1);
    Pyramid after = Appended(series, 2);
    const auto a = ReadZoomed(before, 0, 8500, 100);
    const auto b = ReadZoomed(after, 0, 9000, 100);
    QVERIFY(a.ok() && b.ok());
    for (size_t i = 0; i + 1 < a->size(); ++i) {
      QCOMPARE((*a)[i].points, (*b)[i].points);
      QVERIFY(Same((*a)[i].mean, (*b)[i].mean));
    }
  }
  void aStraightLineStaysOne() {
    Pyramid pyramid;
    for (int64_t i = 0; i < 5000; ++i) {
      const double seconds = 0.5 * static_cast<double>(i);
      const double value = 3 * static_cast<double>(i) + 1;
      pyramid.Append({&i, 1}, {&seconds, 1}, {&value, 1});
    }
    const auto buckets = ReadZoomed(pyramid, 0, 5000, 50);
    QVERIFY(buckets.ok());
    for (const SeriesBucket& bucket : *buckets) {
      QCOMPARE(bucket.mean, 3 * bucket.step + 1);
      QCOMPARE(bucket.seconds, 0.5 * bucket.step);
    }
  }
  void equalValuesKeepTheirMean() {  // 0.1 does not sum exactly: the mean must not leave [min, max]
    Pyramid pyramid;
    for (int64_t i = 0; i < 1000; ++i) {
      const double value = 0.1;
      pyramid.Append({&i, 1}, {&value, 1}, {&value, 1});
    }
    const auto buckets = ReadZoomed(pyramid, 0, 1000, 1);
    QVERIFY(buckets.ok());
    QCOMPARE(buckets->front().mean, 0.1);
  }
  void notMeasuredIsLeftOutAndInfinityIsNot() {
    const double infinity = std::numeric_limits<double>::infinity();
    Pyramid pyramid;
    const std::vector<int64_t> steps = {0, 1, 2, 3, 4, 5, 6, 7};
    const std::vector<double> seconds(8, 1.0);
    pyramid.Append(steps, seconds, std::vector<double>{kNaN, 1, kNaN, 3, kNaN, kNaN, kNaN, kNaN});
    pyramid.Append(std::vector<int64_t>{8, 9, 10, 11, 12, 13, 14, 15}, seconds, std::vector<double>(8, kNaN));
    pyramid.Append(std::vector<int64_t>{16}, std::vector<double>{1}, std::vector<double>{infinity});
    std::vector<SeriesBucket> buckets;
    QVERIFY(pyramid.Read(1, 0, 2, buckets).ok());
    QCOMPARE(buckets[0].count, int64_t{2});
    QCOMPARE(buckets[0].points, int64_t{8});
    QCOMPARE(buckets[0].mean, 2.0);
    QCOMPARE(buckets[0].min, 1.0);
    QCOMPARE(buckets[1].count, int64_t{0});
    QVERIFY(std::isnan(buckets[1].mean) && std::isnan(buckets[1].min) && std::isnan(buckets[1].max));
    const auto all = ReadZoomed(pyramid, 0, 17, 1);
    QVERIFY(all.ok());
    QCOMPARE(all->front().max, infinity);
    QCOMPARE(all->front().min, 1.0);
    QCOMPARE(all->front().count, int64_t{3});
  }
  void emptySeriesAndEmptyRangesGiveNothing() {
    Pyramid pyramid;
    QCOMPARE(pyramid.levels(), 0);
    QVERIFY(ReadZoomed(pyramid, 0, 100, 10)->empty());
    const Series series = RandomSeries(20, 1);
    pyramid = Appended(series, 1);
    QVERIFY(ReadZoomed(pyramid, 5, 5, 10)->empty());
    QVERIFY(ReadZoomed(pyramid, 30, 40, 10)->empty());
    QCOMPARE(ReadZoomed(pyramid, -5, 400, 0)->size(), size_t{20});
  }
  // What the store does: put the front away, lose the memory, put the newest part back.
  void whatWasForgottenAndRestoredGrowsOn() {
    const Series series = RandomSeries(5000, 11);
    Pyramid whole = Appended(series, 1);
    Pyramid half;
    half.Append(std::span(series.steps).first(3001), std::span(series.seconds).first(3001),
                std::span(series.values).first(3001));
    half.Forget(0, 2048);
    half.Forget(1, 256);
    Pyramid restored;
    restored.RestorePoints(2048, half.points());
    // Level 1 was put away earlier than the points: only up to bucket 300.
    std::vector<SeriesBucket> early(half.buckets(1).begin(), half.buckets(1).begin() + 44);
    restored.RestoreBuckets(1, 256, early);
    QVERIFY(restored.CatchUp(whole).ok());
    for (int level = 1; level <= 4; ++level) QCOMPARE(restored.size(level), half.size(level));
    restored.Append(std::span(series.steps).subspan(3001), std::span(series.seconds).subspan(3001),
                    std::span(series.values).subspan(3001));
    for (int level = 1; level <= 4; ++level) {
      QCOMPARE(restored.size(level), whole.size(level));
      std::vector<SeriesBucket> a, b;
      const int64_t first = restored.first(level);
      QVERIFY(restored.Read(level, first, whole.size(level), a).ok());
      QVERIFY(whole.Read(level, first, whole.size(level), b).ok());
      for (size_t i = 0; i < a.size(); ++i) QVERIFY(Same(a[i].mean, b[i].mean) && a[i].step == b[i].step);
    }
  }
};

CONCERTINA_TEST(PyramidTest)

}  // namespace concertina::pyramid_test

#include "pyramid_test.moc"
