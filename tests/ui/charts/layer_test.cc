// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// layer_test.cc: at most two points a pixel column, no extreme lost, averages that do not depend on thinning,
// stacks.
#include "ui/charts/layer.h"

#include <QMap>
#include <QTest>
#include <cmath>
#include <limits>

#include "tests/test_program.h"
#include "ui/charts/smoothing.h"

namespace concertina::ui::layer_test {

class LayerTest : public QObject {
  Q_OBJECT
  static LayerCurve noisy(int points) {
    LayerCurve curve;
    for (int i = 0; i < points; ++i) {
      curve.x.push_back(i);
      curve.y.push_back(std::sin(i * 0.01) + ((i * 7919) % 1000) * 1e-3);
    }
    curve.y[points / 2] = 50;
    curve.y[points / 3] = -50;
    curve.color = Qt::red;
    return curve;
  }

 private slots:
  void atMostTwoPointsAPixelColumn_data() {
    QTest::addColumn<int>("points");
    QTest::addColumn<int>("width");
    for (const int points : {10, 999, 100000})
      for (const int width : {7, 300, 1920})
        QTest::addRow("%d points on %d pixels", points, width) << points << width;
  }
  void atMostTwoPointsAPixelColumn() {
    QFETCH(int, points);
    QFETCH(int, width);
    const LayerCurve curve = noisy(points);
    const PlotScale x{0, points - 1.0, 0, double(width)}, y{-60, 60, 400, 0};
    const QPolygonF line = thinned(curve, x, y);
    QMap<long, int> in_column;
    for (const QPointF& point : line) QVERIFY(++in_column[std::lround(std::floor(point.x()))] <= 2);
    QVERIFY(line.size() <= 2 * (width + 1));
    // The extremes of the whole are still there.
    double top = 1e9, bottom = -1e9;
    for (const QPointF& point : line) {
      top = std::min(top, point.y());
      bottom = std::max(bottom, point.y());
    }
    QCOMPARE(top, y.toPixel(50));
    QCOMPARE(bottom, y.toPixel(-50));
    QVERIFY(std::is_sorted(line.begin(), line.end(),
                           [](const QPointF& a, const QPointF& b) { return a.x() < b.x(); }));
  }

  void zoomedInTheLineReachesBothEdges() {
    const LayerCurve curve = noisy(1000);
    const PlotScale x{500.5, 502.5, 0, 300}, y{-60, 60, 400, 0};
    const QPolygonF line = thinned(curve, x, y);
    QCOMPARE(line.size(), 4);  // two inside, and the nearest on each side
    QVERIFY(line.front().x() < 0 && line.back().x() > 300);
  }

  // Not at the left edge either, where a scale puts what it cannot show.
  void aLogarithmicXLeavesOutWhatHasNone() {
    LayerCurve curve;
    curve.x = {-3, 0, 1, 10, 100};
    curve.y = {9, 8, 1, 2, 3};
    curve.low = {9, 8, 0, 1, 2};
    curve.high = {9, 8, 2, 3, 4};
    const PlotScale x{0.1, 100, 0, 300, true}, y{0, 10, 400, 0};
    QCOMPARE(thinned(curve, x, y), QPolygonF({{100, 360}, {200, 320}, {300, 280}}));
    const QPolygonF band = thinnedBand(curve, x, y);
    QCOMPARE(band.size(), 6);
    QCOMPARE(band.front().x(), 100.0);
    const QVector<double> edge = stackedEdges({curve}, x)[0];
    QVERIFY(std::isnan(edge[0]) && std::isfinite(edge[150]));
    curve.x = {-5, -4, -3, -2, -1};
    QVERIFY(thinned(curve, x, y).isEmpty());
  }

  // In the order of its points, each of them where it is; it breaks where one cannot be shown.
  void aPathGoesBackAndForth() {
    LayerCurve curve;
    curve.is_path = true;
    curve.x = {1, 5, 2, std::numeric_limits<double>::quiet_NaN(), 3, 3, -1, 4};
    curve.y = {0, 1, 2, 3, 4, 4, 5, 6};
    const PlotScale x{0, 10, 0, 100}, y{0, 10, 100, 0};
    const QVector<QPolygonF> pieces = joinedPath(curve, x, y);
    QCOMPARE(pieces.size(), 2);
    QCOMPARE(pieces[0], QPolygonF({{10, 100}, {50, 90}, {20, 80}}));
    QCOMPARE(pieces[1], QPolygonF({{30, 60}, {-10, 50}, {40, 40}}));  // the same place twice is once
    QCOMPARE(joinedPath(curve, {1, 10, 0, 100, true}, y).size(), 3);  // -1 has no logarithm
    QVERIFY(joinedPath({}, x, y).isEmpty());
  }

  // What was merged lies in a box: seen where nothing else is drawn.
  void aPathShowsWhatWasMerged() {
    LayerCurve curve;
    curve.is_path = true;
    curve.x = {2, 8};
    curve.y = {5, 5};
    curve.low = {1, 5};
    curve.high = {9, 5};
    curve.x_low = {1, 8};
    curve.x_high = {3, 8};
    curve.color = Qt::red;
    const LayerRequest request{
        .size = {100, 100}, .x = {0, 10, 0, 100}, .y = {0, 10, 100, 0}, .curves = {curve}};
    const QImage image = renderLayer(request);
    QVERIFY(image.pixelColor(12, 20).alpha() > 20);
    QCOMPARE(image.pixelColor(12, 5).alpha(), 0);
    QCOMPARE(image.pixelColor(60, 20).alpha(), 0);
    QVERIFY(image.pixelColor(60, 50).alpha() + image.pixelColor(60, 49).alpha() > 200);  // the line
  }

  void damagedValuesLeaveNoTrace() {
    LayerCurve curve = noisy(10);
    curve.y[3] = std::numeric_limits<double>::quiet_NaN();
    curve.y[4] = std::numeric_limits<double>::infinity();
    const QPolygonF line = thinned(curve, {0, 9, 0, 900}, {-60, 60, 400, 0});
    QCOMPARE(line.size(), 8);
    for (const QPointF& point : line) QVERIFY(std::isfinite(point.x()) && std::isfinite(point.y()));
    QVERIFY(thinned({}, {0, 1, 0, 100}, {0, 1, 100, 0}).isEmpty());
  }

  void aBandGoesAroundWhatWasMerged() {
    LayerCurve curve = noisy(10);
    curve.low = curve.high = curve.y;
    QVERIFY(thinnedBand(curve, {0, 9, 0, 900}, {-60, 60, 400, 0}).isEmpty());  // nothing was
    for (double& high : curve.high) high += 1;
    const QPolygonF band = thinnedBand(curve, {0, 9, 0, 900}, {-60, 60, 400, 0});
    QCOMPARE(band.size(), 20);
    QVERIFY(band.front().y() < band.back().y());
  }

  void aStackAddsUp() {
    QVector<LayerCurve> curves(3);
    for (int c = 0; c < 3; ++c)
      for (int i = 0; i <= 100; ++i) {
        curves[c].x.push_back(i);
        curves[c].y.push_back(c + 1);
      }
    const QVector<QVector<double>> edges = stackedEdges(curves, {0, 100, 0, 50});
    for (int column = 0; column < 50; ++column) {
      QCOMPARE(edges[0][column], 1.0);
      QCOMPARE(edges[1][column], 3.0);
      QCOMPARE(edges[2][column], 6.0);
    }
  }

  void aSparseStackHasNoHoles() {
    LayerCurve curve;
    curve.x = {0, 50, 100};
    curve.y = {0, 10, 0};
    const QVector<double> edge = stackedEdges({curve}, {0, 100, 0, 100})[0];
    QCOMPARE(edge[25], 5.0);
    QVERIFY(std::isfinite(edge[99]));
    const QVector<double> later = stackedEdges({curve}, {-100, 100, 0, 100})[0];
    QVERIFY(std::isnan(later[10]));  // before its first value there is none
  }

  void thePictureShowsTheCurve() {
    LayerRequest request{.size = {200, 100}, .pixel_ratio = 2, .x = {0, 1, 0, 200}, .y = {0, 1, 100, 0}};
    request.curves.push_back({.x = {0, 1}, .y = {0.5, 0.5}, .color = Qt::red, .width = 4});
    const QImage image = renderLayer(request);
    QCOMPARE(image.size(), QSize(400, 200));
    QCOMPARE(image.pixelColor(200, 100), QColor(Qt::red));
    QCOMPARE(image.pixelColor(200, 20).alpha(), 0);
    QVERIFY(renderLayer({.size = {0, 0}}).isNull());
  }

  // What stood in it before does not shine through, and what somebody still holds is left alone.
  void aUsedPictureIsDrawnInto() {
    LayerRequest request{.size = {200, 100}, .x = {0, 999, 0, 200}, .y = {-60, 60, 100, 0}};
    request.curves = {noisy(1000)};
    const QImage fresh = renderLayer(request);
    QImage used(fresh.size(), fresh.format());
    used.fill(Qt::green);
    const uchar* const bits = std::as_const(used).constBits();
    const QImage again = renderLayer(request, std::move(used));
    QCOMPARE(again.constBits(), bits);
    QCOMPARE(again, fresh);
    QCOMPARE(renderLayer(request, again), fresh);  // held by two
    QImage other({20, 20}, fresh.format());
    QCOMPARE(renderLayer(request, std::move(other)), fresh);
    QCOMPARE(again, fresh);
  }

  // Blocks of columns are drawn each for itself: a width that is no multiple of theirs has its last columns.
  void everyColumnOfADenseCurveIsDrawn_data() {
    QTest::addColumn<int>("width");
    for (const int width : {63, 64, 65, 333, 640}) QTest::addRow("%d pixels", width) << width;
  }
  void everyColumnOfADenseCurveIsDrawn() {
    QFETCH(int, width);
    const LayerCurve curve = noisy(20'000);
    const LayerRequest request{.size = {width, 120},
                               .x = {0, 19'999, 0, double(width)},
                               .y = {-1.5, 2.5, 120, 0},
                               .curves = {curve}};
    const QImage image = renderLayer(request);
    for (int column = 0; column < width; ++column) {
      double least = 1e9, most = -1e9;  // as the points say it, in pixels
      for (qsizetype i = 0; i < curve.x.size(); ++i) {
        if (int(std::floor(request.x.toPixel(curve.x[i]))) != column) continue;
        const double pixel = std::clamp(request.y.toPixel(curve.y[i]), 0.0, 120.0);
        least = std::min(least, pixel);
        most = std::max(most, pixel);
      }
      QVERIFY(least <= most);
      int first = -1, last = -1;
      for (int row = 0; row < image.height(); ++row)
        if (image.pixelColor(column, row).alpha() > 0) {
          if (first < 0) first = row;
          last = row;
        }
      QVERIFY2(first >= 0 && first <= least && last + 1 >= most, qPrintable(QString::number(column)));
    }
  }

  // The quick way into an image and the exact way into vectors show the same.
  void bothWaysOfAStackAgree() {
    LayerRequest request{
        .size = {100, 80}, .pixel_ratio = 2, .x = {0, 10, 0, 100}, .y = {0, 10, 80, 0}, .stacked = true};
    const QColor colors[] = {Qt::red, Qt::green, Qt::blue};
    for (int c = 0; c < 3; ++c) {
      LayerCurve curve;
      curve.color = colors[c];
      for (int i = 0; i <= 10; ++i) {
        curve.x.push_back(i);
        curve.y.push_back(1.3 + 0.1 * c * i);
      }
      request.curves.push_back(curve);
    }
    const QImage quick = renderLayer(request);
    QImage exact(quick.size(), quick.format());
    exact.setDevicePixelRatio(2);
    exact.fill(Qt::transparent);
    QPainter painter(&exact);
    paintLayer(painter, request);
    painter.end();
    int different = 0;
    for (int y = 0; y < quick.height(); ++y)
      for (int x = 0; x < quick.width(); ++x) {
        const QColor a = quick.pixelColor(x, y), b = exact.pixelColor(x, y);
        const int d = std::abs(a.red() - b.red()) + std::abs(a.green() - b.green()) +
                      std::abs(a.blue() - b.blue()) + std::abs(a.alpha() - b.alpha());
        different += d > 120 ? 1 : 0;
      }
    // Three edges, two pixels high each: slopes are drawn in steps of a column here and straight there.
    QVERIFY2(different < 3 * 2 * quick.width(), qPrintable(QString::number(different)));
    QCOMPARE(quick.pixelColor(100, 155), QColor(Qt::red));
    QCOMPARE(quick.pixelColor(100, 2).alpha(), 0);
  }

  // The quick way of a dense curve and the exact way show the same: its line, its band, and nothing
  // elsewhere.
  void bothWaysOfADenseCurveAgree_data() {
    QTest::addColumn<double>("ratio");
    QTest::addColumn<double>("opacity");
    QTest::newRow("a pixel each") << 1.0 << 1.0;
    QTest::newRow("fine pixels") << 2.0 << 1.0;
    QTest::newRow("a shadow") << 1.5 << 0.28;
  }
  void bothWaysOfADenseCurveAgree() {
    QFETCH(double, ratio);
    QFETCH(double, opacity);
    LayerCurve curve;
    for (int i = 0; i < 2000; ++i) {
      curve.x.push_back(i);
      curve.y.push_back(5 + 2 * std::sin(i * 0.01));
      curve.low.push_back(curve.y.back() - 1);
      curve.high.push_back(curve.y.back() + 1 + 0.02 * (i * 7919 % 10));
    }
    curve.color = Qt::blue;
    curve.width = 2;
    curve.opacity = opacity;
    const LayerRequest request{.size = {200, 100},
                               .pixel_ratio = ratio,
                               .x = {0, 1999, 0, 200},
                               .y = {0, 10, 100, 0},
                               .curves = {curve}};
    QVERIFY(thinned(curve, request.x, request.y).size() > 200);
    const QImage quick = renderLayer(request);
    QImage exact(quick.size(), quick.format());
    exact.setDevicePixelRatio(ratio);
    exact.fill(Qt::transparent);
    QPainter painter(&exact);
    paintLayer(painter, request);
    painter.end();
    int different = 0, drawn = 0;
    for (int y = 0; y < quick.height(); ++y)
      for (int x = 0; x < quick.width(); ++x) {
        const int a = quick.pixelColor(x, y).alpha(), b = exact.pixelColor(x, y).alpha();
        drawn += b > 0 ? 1 : 0;
        different += std::abs(a - b) > 100 * opacity ? 1 : 0;
        // Of slopes the sides are softened up and down only: a pixel more at most.
        if (a > 0 && b == 0) {
          bool is_beside = false;
          for (int dy = -2; dy <= 2; ++dy)
            for (int dx = -2; dx <= 2; ++dx)
              if (exact.rect().contains(x + dx, y + dy))
                is_beside |= exact.pixelColor(x + dx, y + dy).alpha() > 0;
          QVERIFY2(is_beside, qPrintable(QStringLiteral("%1, %2").arg(x).arg(y)));
        }
      }
    QVERIFY(drawn > quick.width() * 10);
    QVERIFY2(different < quick.width() * 2, qPrintable(QString::number(different)));
  }

  void curvesLieInTheirOrder() {
    LayerCurve dense, sparse;
    for (int i = 0; i < 1000; ++i) {
      dense.x.push_back(i);
      dense.y.push_back(5);
    }
    sparse.x = {0, 999};
    sparse.y = {5, 5};
    dense.color = Qt::red;
    sparse.color = Qt::green;
    dense.width = sparse.width = 6;
    LayerRequest request{.size = {200, 100}, .x = {0, 999, 0, 200}, .y = {0, 10, 100, 0}};
    request.curves = {dense, sparse};
    QCOMPARE(renderLayer(request).pixelColor(100, 50), QColor(Qt::green));
    request.curves = {sparse, dense};
    QCOMPARE(renderLayer(request).pixelColor(100, 50), QColor(Qt::red));
    request.curves[1].dashed = true;  // the other is seen in its gaps
    const QImage dashes = renderLayer(request);
    int red = 0, green = 0;
    for (int x = 0; x < 200; ++x) {
      red += dashes.pixelColor(x, 50) == QColor(Qt::red) ? 1 : 0;
      green += dashes.pixelColor(x, 50) == QColor(Qt::green) ? 1 : 0;
    }
    QVERIFY(red > green && green > 30);
  }

  void anAverageStartsWhereTheCurveStarts() {
    const QVector<double> average = smoothed({5, 5, 5, 5}, {}, {.beta = 0.9});
    for (const double value : average) QVERIFY(std::abs(value - 5) < 1e-12);  // no pull towards zero
    QCOMPARE(smoothed({1, 2, 3}, {}, {}), QVector<double>({1, 2, 3}));
  }

  // Merging equal neighbours does not change the average at their end.
  void anAverageDoesNotDependOnThinning() {
    QVector<double> whole, merged, count;
    for (int i = 0; i < 64; ++i) {
      const double value = std::sin(i * 0.7);
      for (int k = 0; k < 8; ++k) whole.push_back(value);
      merged.push_back(value);
      count.push_back(8);
    }
    const QVector<double> a = smoothed(whole, {}, {.beta = 0.95}), b = smoothed(merged, count, {.beta = 0.95});
    for (int i = 0; i < 64; ++i) QVERIFY(std::abs(a[8 * i + 7] - b[i]) < 1e-12);
  }

  void anAverageStepsOverWhatIsNotFinite() {
    const QVector<double> average = smoothed({1, qQNaN(), 1, qInf(), 1}, {}, {.beta = 0.5});
    for (const double value : average) QCOMPARE(value, 1.0);
  }
};

CONCERTINA_TEST(LayerTest)

}  // namespace concertina::ui::layer_test

#include "layer_test.moc"
