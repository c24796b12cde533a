// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// design_layers_pane_test.cc: table and graph of the layers choose each other; keys go along the arrows, open
// blocks and zoom; the picture is written in every format.
#include "ui/pages/design_layers_pane.h"

#include <QApplication>
#include <QCheckBox>
#include <QComboBox>
#include <QFile>
#include <QLabel>
#include <QPainter>
#include <QSignalSpy>
#include <QTabBar>
#include <QTableWidget>
#include <QTemporaryDir>
#include <QTest>
#include <QToolButton>
#include <QWheelEvent>

#include "tests/test_program.h"
#include "tests/ui/pages/model_plans.h"
#include "ui/charts/picture_export.h"
#include "ui/pages/design_model_graph.h"

namespace concertina::ui::design_layers_pane_test {
namespace {

struct Fixture {
  DesignLayersPane pane;
  DesignModelGraph* graph = pane.findChild<DesignModelGraph*>(u"designPage.modelGraph"_qs);
  QTableWidget* table = pane.findChild<QTableWidget*>(u"designPage.layers"_qs);
  QTabBar* tabs = pane.findChild<QTabBar*>(u"designPage.layerTabs"_qs);

  explicit Fixture(const QJsonObject& plan) {
    pane.showPlan(plan, planFacts(plan).layers);
    pane.resize(600, 900);
    pane.show();
    tabs->setCurrentIndex(1);
  }
  QString boxName() const {
    return graph->chosenBox() < 0 ? QString() : graph->layoutShown().boxes[graph->chosenBox()].name;
  }
  QList<int> rows() const {
    QList<int> rows;
    for (const QModelIndex& index : table->selectionModel()->selectedRows()) rows << index.row();
    std::sort(rows.begin(), rows.end());
    return rows;
  }
  QPoint middleOf(int box) const {
    return (graph->layoutShown().boxes[box].place.center() * graph->zoom()).toPoint();
  }
};

}  // namespace

class DesignLayersPaneTest : public QObject {
  Q_OBJECT
 private slots:
  void initTestCase() { QLocale::setDefault(QLocale(QLocale::English, QLocale::UnitedKingdom)); }

  void oneOfTableAndGraphIsSeen() {
    Fixture f(resNetPlan(1));
    QVERIFY(f.graph->isVisible() && !f.table->isVisible());
    f.tabs->setCurrentIndex(0);
    QVERIFY(!f.graph->isVisible() && f.table->isVisible());
  }

  void aBoxChoosesItsRowAndARowItsBox() {
    Fixture f(resNetPlan(1));
    QTest::mouseClick(f.graph, Qt::LeftButton, {}, f.middleOf(2));
    QCOMPARE(f.boxName(), u"norm"_qs);
    QCOMPARE(f.rows(), QList<int>{1});
    f.table->selectRow(3);
    QCOMPARE(f.boxName(), u"stage1.block1.conv1"_qs);
    QCOMPARE(f.rows(), QList<int>{3});
    f.table->clearSelection();
    QCOMPARE(f.graph->chosenBox(), -1);
  }

  void keysGoAlongTheArrows() {
    Fixture f(resNetPlan(1));
    QTest::keyClick(f.graph, Qt::Key_Home);
    QCOMPARE(f.graph->chosenBox(), 0);
    QVERIFY(f.graph->caption().contains(u"1 × 28 × 28"_qs));
    for (int i = 0; i < 3; ++i) QTest::keyClick(f.graph, Qt::Key_Down);
    QCOMPARE(f.boxName(), u"relu1"_qs);
    QTest::keyClick(f.graph, Qt::Key_Up);
    QCOMPARE(f.boxName(), u"norm"_qs);
    QVERIFY2(f.graph->caption().contains(u"reads conv"_qs), qPrintable(f.graph->caption()));
    QCOMPARE(f.graph->accessibleDescription(), f.graph->caption());
    QCOMPARE(f.pane.findChild<QLabel*>(u"designPage.graphCaption"_qs)->text(), f.graph->caption());
    // Beside each other: the branches of a block that halves.
    for (int row = 0; row < f.table->rowCount(); ++row)
      if (f.table->item(row, 0)->text() == u"stage2.block1.conv1"_qs) f.table->selectRow(row);
    const QString begin = f.boxName();
    double other = 0;
    for (const GraphBox& box : f.graph->layoutShown().boxes)
      if (box.name == u"stage2.block1.shortcut"_qs) other = box.place.center().x();
    const bool is_left = f.graph->layoutShown().boxes[f.graph->chosenBox()].place.center().x() < other;
    QTest::keyClick(f.graph, is_left ? Qt::Key_Right : Qt::Key_Left);
    QCOMPARE(f.boxName(), u"stage2.block1.shortcut"_qs);
    QTest::keyClick(f.graph, is_left ? Qt::Key_Left : Qt::Key_Right);
    QCOMPARE(f.boxName(), begin);
    QTest::keyClick(f.graph, Qt::Key_Escape);
    QCOMPARE(f.graph->chosenBox(), -1);
  }

  void blocksOfALargeModelAreFoldedAndOpened() {
    Fixture f(resNetPlan(3));
    auto* folds = f.pane.findChild<QCheckBox*>(u"designPage.graphFolds"_qs);
    QVERIFY(folds->isVisible() && folds->isChecked());
    const qsizetype folded = f.graph->layoutShown().boxes.size();
    QCOMPARE(folded, 15);
    QTest::mouseClick(f.graph, Qt::LeftButton, {}, f.middleOf(4));
    QCOMPARE(f.boxName(), u"stage1.block1"_qs);
    QCOMPARE(f.rows(), (QList<int>{3, 4, 5, 6, 7, 8, 9}));
    QTest::keyClick(f.graph, Qt::Key_Return);
    QCOMPARE(f.graph->layoutShown().boxes.size(), folded + 6);
    QCOMPARE(f.boxName(), u"stage1.block1.conv1"_qs);
    QVERIFY(!folds->isChecked());
    QTest::keyClick(f.graph, Qt::Key_Return);
    QCOMPARE(f.graph->layoutShown().boxes.size(), folded);
    QTest::mouseDClick(f.graph, Qt::LeftButton, {}, f.middleOf(4));
    QCOMPARE(f.graph->layoutShown().boxes.size(), folded + 6);
    folds->setChecked(false);
    QTest::mouseClick(folds, Qt::LeftButton, {}, QPoint(folds->height() / 2, folds->height() / 2));
    QCOMPARE(f.graph->layoutShown().boxes.size(), folded);
    folds->click();
    QCOMPARE(f.graph->layoutShown().boxes.size(), modelLayers(resNetPlan(3)).size() + 1);
    f.table->selectRow(40);  // another learning rate leaves all of it as it is
    const int chosen = f.graph->chosenBox();
    QVERIFY(chosen >= 0);
    QJsonObject other = resNetPlan(3);
    other[u"total_steps"_qs] = 7;
    f.pane.showPlan(other, planFacts(other).layers);
    QCOMPARE(f.graph->chosenBox(), chosen);
    f.pane.showPlan(chainPlan(3), planFacts(chainPlan(3)).layers);
    QVERIFY(!folds->isVisible());
    QCOMPARE(f.graph->layoutShown().boxes.size(), 4);
  }

  void plusMinusAndTheWheelZoom() {
    Fixture f(chainPlan(6));
    const QSize before = f.graph->size();
    QTest::keyClick(f.graph, Qt::Key_Plus);
    QVERIFY(f.graph->width() > before.width());
    QTest::mouseClick(f.graph, Qt::LeftButton, {}, f.middleOf(3));
    QCOMPARE(f.boxName(), u"layer2"_qs);  // where it is seen
    QTest::keyClick(f.graph, Qt::Key_0);
    QCOMPARE(f.graph->size(), before);
    f.pane.findChild<QToolButton*>(u"designPage.graphSmaller"_qs)->click();
    QVERIFY(f.graph->width() < before.width());
    for (int i = 0; i < 50; ++i) QTest::keyClick(f.graph, Qt::Key_Minus);
    QCOMPARE(f.graph->zoom(), DesignModelGraph::kLeastZoom);
    const auto turn = [&](Qt::KeyboardModifiers held) {
      const QPointF at = f.graph->rect().center();
      QWheelEvent event(at, f.graph->mapToGlobal(at), {}, QPoint(0, 120), Qt::NoButton, held,
                        Qt::NoScrollPhase, false);
      QApplication::sendEvent(f.graph, &event);
    };
    turn(Qt::NoModifier);
    QCOMPARE(f.graph->zoom(), DesignModelGraph::kLeastZoom);
    turn(Qt::ControlModifier);
    QVERIFY(f.graph->zoom() > DesignModelGraph::kLeastZoom);
  }

  void coloursSayKindOrShare() {
    Fixture f(resNetPlan(1));
    auto* colors = f.pane.findChild<QComboBox*>(u"designPage.graphColors"_qs);
    QVERIFY(!colors->accessibleName().isEmpty());
    QVector<QImage> pictures;
    for (int i = 0; i < colors->count(); ++i) {
      colors->setCurrentIndex(i);
      pictures << f.graph->grab().toImage();
    }
    QCOMPARE(pictures.size(), 3);
    QVERIFY(pictures[0] != pictures[1] && pictures[1] != pictures[2]);
  }

  void thePictureAndItsNumbersLeaveTheWindow() {
    Fixture f(chainPlan(6, 2));
    QTemporaryDir folder;
    DesignModelGraph* graph = f.graph;
    const PictureSource source = {.title = u"Model"_qs,
                                  .size = graph->size(),
                                  .ground = Qt::white,
                                  .paint = [graph](QPainter& painter) {
                                    graph->render(&painter, QPoint(), QRegion(), QWidget::DrawChildren);
                                  }};
    QCOMPARE(savePicturePng(source, folder.filePath(u"m.png"_qs)), QString());
    QCOMPARE(savePictureSvg(source, folder.filePath(u"m.svg"_qs)), QString());
    QCOMPARE(savePicturePdf(source, folder.filePath(u"m.pdf"_qs)), QString());
    QFile svg(folder.filePath(u"m.svg"_qs));
    QVERIFY(svg.open(QIODevice::ReadOnly));
    QVERIFY(svg.readAll().contains("layer5"));
    QVERIFY(f.pane.findChild<QToolButton*>(u"designPage.modelGraphMenu"_qs) != nullptr);
    const TextTable numbers = graph->numbers();
    QCOMPARE(numbers.rows.size(), size_t{6});
    QCOMPARE(numbers.rows[0].back(), std::string("sample"));
    QCOMPARE(numbers.rows[5].back(), std::string("layer4"));
    QCOMPARE(graph->layoutShown().bands.size(), 2);
  }

  void withoutLayersItSaysSo() {
    Fixture f({});
    QCOMPARE(f.graph->caption(), u"The model has no layers."_qs);
    for (const Qt::Key key : {Qt::Key_Down, Qt::Key_Up, Qt::Key_Home, Qt::Key_Return, Qt::Key_Plus})
      QTest::keyClick(f.graph, key);
    QCOMPARE(f.graph->chosenBox(), -1);
  }
};

CONCERTINA_TEST(DesignLayersPaneTest)

}  // namespace concertina::ui::design_layers_pane_test

#include "design_layers_pane_test.moc"
