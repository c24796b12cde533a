// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// polygon_clip_test.cc: what lies beyond a rectangle is cut off, and nothing else.
#include "ui/charts/polygon_clip.h"

#include <QTest>
#include <cmath>

#include "core/base/rng.h"
#include "tests/test_program.h"

namespace concertina::ui::polygon_clip_test {
namespace {

const QRectF kRoom(0, 0, 10, 10);

QPolygonF of(const QList<QPointF>& points) { return QPolygonF(points); }

double areaOf(const QPolygonF& polygon) {
  double twice = 0;
  for (qsizetype i = 0; i < polygon.size(); ++i) {
    const QPointF &a = polygon[i], &b = polygon[(i + 1) % polygon.size()];
    twice += a.x() * b.y() - b.x() * a.y();
  }
  return std::abs(twice) / 2;
}

}  // namespace

class PolygonClipTest : public QObject {
  Q_OBJECT

 private slots:
  void aLineLeavesAndComesBack() {
    const QVector<QPolygonF> pieces = clippedLine(of({{-5, 5}, {5, 5}, {5, 15}, {8, 15}, {8, 5}}), kRoom);
    QCOMPARE(pieces.size(), 2);
    QCOMPARE(pieces[0], of({{0, 5}, {5, 5}, {5, 10}}));
    QCOMPARE(pieces[1], of({{8, 10}, {8, 5}}));
  }
  void whatIsInsideStaysAsItIs() {
    const QPolygonF line = of({{0, 0}, {3, 4}, {10, 10}, {10, 0}});
    const QVector<QPolygonF> pieces = clippedLine(line, kRoom);
    QCOMPARE(pieces.size(), 1);
    QCOMPARE(pieces[0], line);
    QCOMPARE(clippedLine(of({QPointF(2, 2)}), kRoom).size(), 1);
    QCOMPARE(areaOf(clippedArea(of({{1, 1}, {9, 1}, {9, 9}, {1, 9}}), kRoom)), 64.0);
  }
  void whatIsOutsideIsGone() {
    QVERIFY(clippedLine(of({{-5, -5}, {-1, 20}}), kRoom).isEmpty());
    QVERIFY(clippedLine(of({{-5, 8}, {8, 30}}), kRoom).isEmpty());  // past a corner
    QVERIFY(clippedLine(of({}), kRoom).isEmpty() && clippedLine(of({QPointF(20, 2)}), kRoom).isEmpty());
    QVERIFY(clippedArea(of({{20, 1}, {30, 1}, {30, 9}}), kRoom).isEmpty() &&
            clippedArea(of({}), kRoom).isEmpty());
  }
  void anAreaIsCutAtItsEdges() {
    QCOMPARE(areaOf(clippedArea(of({{-5, -5}, {5, -5}, {5, 15}, {-5, 15}}), kRoom)), 50.0);
    QCOMPARE(areaOf(clippedArea(of({{-90, -90}, {90, -90}, {90, 90}, {-90, 90}}), kRoom)), 100.0);
  }
  // Every point of every piece is in the room, and nothing of the line that is there is missing: its length
  // measured in small steps is that of the pieces.
  void nothingIsLostAndNothingIsAdded() {
    Rng rng(7);
    for (int round = 0; round < 50; ++round) {
      QPolygonF line;
      for (int i = 0; i < 12; ++i) line << QPointF(rng.Uniform() * 30 - 10, rng.Uniform() * 30 - 10);
      double inside = 0, cut = 0;
      for (qsizetype i = 0; i + 1 < line.size(); ++i) {
        constexpr int kParts = 4000;
        const QPointF way = line[i + 1] - line[i];
        for (int part = 0; part < kParts; ++part)
          if (kRoom.contains(line[i] + way * ((part + 0.5) / kParts)))
            inside += std::hypot(way.x(), way.y()) / kParts;
      }
      for (const QPolygonF& piece : clippedLine(line, kRoom))
        for (qsizetype i = 0; i < piece.size(); ++i) {
          QVERIFY(kRoom.adjusted(-1e-9, -1e-9, 1e-9, 1e-9).contains(piece[i]));
          if (i > 0) cut += std::hypot(piece[i].x() - piece[i - 1].x(), piece[i].y() - piece[i - 1].y());
        }
      QVERIFY2(std::abs(inside - cut) < 0.2, qPrintable(QString::number(inside - cut)));  // 11 times a part
    }
  }
};

CONCERTINA_TEST(PolygonClipTest)

}  // namespace concertina::ui::polygon_clip_test

#include "polygon_clip_test.moc"
