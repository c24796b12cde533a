// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// export_scatter_test.cc: the picture holds the points that it was given, where they belong.
#include "core/analysis/export_scatter.h"

#include <QTest>
#include <QXmlStreamReader>
#include <cmath>
#include <limits>
#include "tests/test_program.h"

namespace concertina::export_scatter_test {
namespace {

struct Circle {
  double x = 0, y = 0;
  bool is_filled = false;
  QString label;
};

// Fails the caller's comparison by giving nothing if this is no XML.
QVector<Circle> CirclesOf(const std::string& svg) {
  QVector<Circle> circles;
  QXmlStreamReader reader(QString::fromStdString(svg));
  while (!reader.atEnd()) {
    if (reader.readNext() != QXmlStreamReader::StartElement) continue;
    if (reader.name() == QLatin1String("circle")) {
      const auto attributes = reader.attributes();
      circles << Circle{.x = attributes.value("cx").toDouble(),
                        .y = attributes.value("cy").toDouble(),
                        .is_filled = attributes.value("style").contains(QLatin1String("fill:var(--s0)"))};
    } else if (reader.name() == QLatin1String("title")) {
      circles.last().label = reader.readElementText();
    }
  }
  return reader.hasError() ? QVector<Circle>() : circles;
}

const Circle& Named(const QVector<Circle>& circles, const char* label) {
  for (const Circle& circle : circles)
    if (circle.label == QLatin1String(label)) return circle;
  qFatal("no circle %s", label);
}

}  // namespace

class ExportScatterTest : public QObject {
  Q_OBJECT
 private slots:
  void pointsStandWhereTheyBelong() {
    const auto circles =
        CirclesOf(ScatterSvg({.title = "accuracy and bytes",
                              .x_unit = "B",
                              .points = {{"a", 1e3, 0.5, true},
                                         {"b", 1e5, 0.8, false},
                                         {"c", 1e7, 0.9, true},
                                         {"not measured", 1e4, std::nan("")},
                                         {"never", std::numeric_limits<double>::infinity(), 1}}}));
    QCOMPARE(circles.size(), 3);
    const Circle &a = Named(circles, "a"), &b = Named(circles, "b"), &c = Named(circles, "c");
    QVERIFY(a.is_filled && c.is_filled && !b.is_filled);
    // More is up and to the right; decades are equally wide (0.1 of rounding a place to a tenth).
    QVERIFY(std::abs((b.x - a.x) - (c.x - b.x)) <= 0.11 && a.x < b.x);
    QVERIFY(std::abs((a.y - b.y) - 3 * (b.y - c.y)) <= 0.41 && b.y < a.y);
  }

  void aNarrowRangeIsLinear() {
    const auto circles = CirclesOf(ScatterSvg({.points = {{"a", 10, 0.5}, {"b", 20, 0.6}, {"c", 40, 0.7}}}));
    QCOMPARE(circles.size(), 3);
    const Circle &a = Named(circles, "a"), &b = Named(circles, "b"), &c = Named(circles, "c");
    QVERIFY(std::abs(2 * (b.x - a.x) - (c.x - b.x)) <= 0.31);
  }

  void labelsAreEscaped() {
    const auto circles = CirclesOf(ScatterSvg({.title = "<&\">", .points = {{"<b> & \"c\"", 1, 1, true}}}));
    QCOMPARE(circles.size(), 1);
    QCOMPARE(circles[0].label, QString("<b> & \"c\""));
    QVERIFY(circles[0].x > 0 && circles[0].x < 560 && circles[0].y > 0 && circles[0].y < 340);
  }

  void nothingToDrawIsNothing() {
    QCOMPARE(ScatterSvg({}), std::string());
    QCOMPARE(ScatterSvg({.points = {{"a", std::nan(""), 1}}}), std::string());
  }
};

CONCERTINA_TEST(ExportScatterTest)

}  // namespace concertina::export_scatter_test

#include "export_scatter_test.moc"
