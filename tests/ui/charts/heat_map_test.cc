// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// heat_map_test.cc: the cells that are drawn are those of the data, in their colours; what a hand and the
// keys tell; and what is saved.
#include "ui/charts/heat_map.h"

#include <QFile>
#include <QImage>
#include <QPainter>
#include <QSignalSpy>
#include <QTemporaryDir>
#include <QTest>
#include <cmath>

#include "tests/test_program.h"
#include "ui/charts/picture_export.h"

namespace concertina::ui::heat_map_test {

class HeatMapTest : public QObject {
  Q_OBJECT

  // 3 by 2: 0.1 to 0.5, and one that has not begun.
  static HeatMapPicture threeByTwo(bool more_is_better = true) {
    HeatMapPicture picture;
    picture.title = "Accuracy by rate and codec";
    picture.x_title = "Rate";
    picture.y_title = "Codec";
    picture.value_title = "Accuracy";
    picture.x_labels = {"1", "2", "3"};
    picture.y_labels = {"none", "top-k"};
    picture.more_is_better = more_is_better;
    const double values[] = {0.1, 0.2, 0.3, 0.4, 0.5, qQNaN()};
    for (const double value : values)
      picture.cells.push_back({.value = value,
                               .state = std::isnan(value) ? CellState::kQueued : CellState::kFinished,
                               .detail = QString::number(value)});
    return picture;
  }
  // What is painted, in the colour of a cell's ground: not where its number or its mark is.
  static QColor groundOf(const QImage& image, const QRectF& cell) {
    return image.pixelColor((cell.topLeft() + QPointF(cell.width() * 0.12, cell.height() * 0.88)).toPoint());
  }
  static QImage painted(const HeatMap& map) {
    QImage image(map.size(), QImage::Format_RGB32);
    image.fill(Qt::white);
    QPainter painter(&image);
    map.paintTo(painter, map.size());
    return image;
  }

 private slots:
  void initTestCase() { QLocale::setDefault(QLocale(QLocale::English, QLocale::UnitedKingdom)); }

  void everyCellHasItsColour_data() {
    QTest::addColumn<bool>("moreIsBetter");
    QTest::newRow("an accuracy") << true;
    QTest::newRow("a loss: what is less is lighter") << false;
  }
  void everyCellHasItsColour() {
    QFETCH(bool, moreIsBetter);
    HeatMap map;
    map.resize(900, 500);
    map.setPicture(threeByTwo(moreIsBetter));
    const QImage image = painted(map);
    for (int cell = 0; cell < 5; ++cell) {
      const double share = (map.picture().cells[cell].value - 0.1) / 0.4;
      const QColor wanted = viridis(moreIsBetter ? share : 1 - share);
      const QColor found = groundOf(image, map.cellRect(cell));
      QVERIFY2(found.rgb() == wanted.rgb(),
               qPrintable(QString("cell %1: %2, not %3").arg(cell).arg(found.name(), wanted.name())));
    }
    // What has no value has no colour of the scale.
    const QColor none = groundOf(image, map.cellRect(5));
    QVERIFY2(std::abs(none.red() - none.green()) < 12, qPrintable(none.name()));
  }

  void rowsGoUpAndColumnsRight() {
    HeatMap map;
    map.resize(900, 500);
    map.setPicture(threeByTwo());
    QVERIFY(map.cellRect(0).center().x() < map.cellRect(1).center().x());
    QVERIFY(map.cellRect(0).center().y() > map.cellRect(3).center().y());
    for (int cell = 0; cell < 6; ++cell) {
      QVERIFY(QRectF(map.rect()).contains(map.cellRect(cell)));
      QCOMPARE(map.cellAt(map.cellRect(cell).center()), cell);
      for (int other = 0; other < cell; ++other)
        QVERIFY(!map.cellRect(cell).adjusted(1, 1, -1, -1).intersects(map.cellRect(other)));
    }
    QCOMPARE(map.cellAt({1, 1}), -1);
  }

  void theScaleIsEven() {
    QVERIFY(std::isnan(shareOf(qQNaN(), threeByTwo())));
    QVERIFY(std::abs(shareOf(0.3, threeByTwo()) - 0.5) < 1e-12);
    QVERIFY(std::abs(shareOf(0.1, threeByTwo(false)) - 1) < 1e-12);
    HeatMapPicture alike = threeByTwo();
    for (HeatMapCell& cell : alike.cells) cell.value = 7;
    QCOMPARE(shareOf(7, alike), 0.5);
    QCOMPARE(viridis(0).name(), "#440154");
    QCOMPARE(viridis(1).name(), "#fde725");
    QCOMPARE(viridis(2).name(), "#fde725");
    // Lighter all the way, for those who see no colours.
    for (int i = 1; i <= 20; ++i)
      QVERIFY(qGray(viridis(i / 20.0).rgb()) > qGray(viridis((i - 1) / 20.0).rgb()));
  }

  void aHandAndTheKeysTell() {
    HeatMap map;
    map.resize(900, 500);
    map.setPicture(threeByTwo());
    map.show();
    QSignalSpy hovered(&map, &HeatMap::hovered), chosen(&map, &HeatMap::cellChosen),
        opened(&map, &HeatMap::cellOpened);
    QTest::mouseMove(&map, map.cellRect(4).center().toPoint());
    QTRY_VERIFY(!hovered.isEmpty());
    QCOMPARE(hovered.last().at(0).toInt(), 4);
    QTest::mouseClick(&map, Qt::LeftButton, {}, map.cellRect(1).center().toPoint());
    QCOMPARE(chosen.last().at(0).toInt(), 1);
    QCOMPARE(map.accessibleDescription(), "0.2");
    QTest::mouseDClick(&map, Qt::LeftButton, {}, map.cellRect(1).center().toPoint());
    QCOMPARE(opened.last().at(0).toInt(), 1);
    QTest::keyClick(&map, Qt::Key_Up);
    QCOMPARE(map.chosen(), 4);
    QTest::keyClick(&map, Qt::Key_Up);
    QTest::keyClick(&map, Qt::Key_Right);
    QTest::keyClick(&map, Qt::Key_Right);
    QCOMPARE(map.chosen(), 5);  // no further than the edge
    QTest::keyClick(&map, Qt::Key_Return);
    QCOMPARE(opened.last().at(0).toInt(), 5);
    QTest::keyClick(&map, Qt::Key_Escape);
    QCOMPARE(map.chosen(), -1);
  }

  void oneSettingIsPoints() {
    HeatMapPicture picture;
    picture.x_title = "Rate";
    picture.x_labels = {"0.001", "0.1", "1"};
    picture.x_numbers = {0.001, 0.1, 1};
    picture.cells = {{.value = 0.2}, {.value = 0.9, .least = 0.8, .largest = 1.0}, {.value = 0.4}};
    HeatMap map;
    map.resize(800, 400);
    map.setPicture(picture);
    QVERIFY(!map.isMap());
    const QPointF a = map.cellRect(0).center(), b = map.cellRect(1).center(), c = map.cellRect(2).center();
    // Three powers of ten, of which two lie between the first and the second.
    QVERIFY(std::abs((b.x() - a.x()) / (c.x() - a.x()) - 2.0 / 3) < 0.01);
    QVERIFY(b.y() < c.y() && c.y() < a.y());
    QCOMPARE(map.cellAt(b + QPointF(2, 2)), 1);
    QVERIFY(!painted(map).isNull());
  }

  void whatIsSavedIsWhatIsThere() {
    const QString csv = heatMapCsv(threeByTwo());
    const QStringList lines = csv.split("\r\n", Qt::SkipEmptyParts);
    QCOMPARE(lines.size(), 7);
    QCOMPARE(lines[0], R"("Rate","Codec","Accuracy",least,largest,state)");
    QCOMPARE(lines[5], R"("2","top-k",0.5,,,finished)");
    QCOMPARE(lines[6], R"("3","top-k",,,,queued)");
    const QTemporaryDir folder;
    HeatMap map;
    map.resize(600, 400);
    map.setPicture(threeByTwo());
    const PictureSource source{
        .title = "a", .size = map.size(), .ground = Qt::white, .paint = [&](QPainter& painter) {
          map.paintTo(painter, map.size());
        }};
    QCOMPARE(savePicturePng(source, folder.filePath("a.png")), QString());
    QCOMPARE(QImage(folder.filePath("a.png")).size(), map.size() * 2);
    QCOMPARE(savePictureSvg(source, folder.filePath("a.svg")), QString());
    QFile svg(folder.filePath("a.svg"));
    QVERIFY(svg.open(QIODevice::ReadOnly));
    QVERIFY(svg.readAll().contains("<svg"));
    QCOMPARE(savePicturePdf(source, folder.filePath("a.pdf")), QString());
    QFile pdf(folder.filePath("a.pdf"));
    QVERIFY(pdf.open(QIODevice::ReadOnly));
    QVERIFY(pdf.readAll().startsWith("%PDF"));
    QVERIFY(!saveFile(folder.filePath("no/where.csv"), "x").isEmpty());
  }

  void withoutCellsItSaysSo() {
    HeatMap map;
    map.resize(300, 200);
    map.setEmptyText("Nothing yet.");
    QCOMPARE(map.cellAt({10, 10}), -1);
    QTest::keyClick(&map, Qt::Key_Right);
    QCOMPARE(map.chosen(), -1);
    QVERIFY(!painted(map).isNull());
  }
};

CONCERTINA_TEST(HeatMapTest)

}  // namespace concertina::ui::heat_map_test

#include "heat_map_test.moc"
