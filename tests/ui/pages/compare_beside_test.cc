// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// compare_beside_test.cc: a curve under the pointer lights its row in the table beside, a row under the
// pointer or the keyboard makes its curve thicker; Ctrl+F's box is reached from any tab.
#include "ui/pages/compare_beside.h"

#include <QChart>
#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <QSignalSpy>
#include <QTabWidget>
#include <QTableView>
#include <QTemporaryDir>
#include <QTest>
#include <QToolButton>

#include "tests/test_program.h"
#include "tests/ui/fake_engine.h"
#include "ui/charts/chart_card.h"
#include "ui/charts/palette.h"
#include "ui/pages/compare_curves.h"
#include "ui/pages/compare_runs.h"
#include "ui/pages/series_search.h"

namespace concertina::ui::compare_beside_test {

class CompareBesideTest : public QObject {
  Q_OBJECT

  QTemporaryDir folder_;
  std::unique_ptr<FakeEngine> engine_;
  std::unique_ptr<EngineClient> client_;
  std::unique_ptr<CompareRuns> page_;

  QTableView* table() const { return page_->findChild<QTableView*>(QStringLiteral("compareRuns.beside")); }
  CompareBeside* beside() const { return page_->findChild<CompareBeside*>(); }
  SeriesChart* loss() const {
    return page_->findChild<SeriesChart*>(QStringLiteral("compareRuns.chart.train.loss"));
  }
  QPoint rowAt(int row) const { return table()->visualRect(table()->model()->index(row, 0)).center(); }
  proto::RunSummary put(const std::string& id, double ratio) {
    engine_->own[id] = engine_->synthetic;
    engine_->own[id].seed = uint64_t(ratio * 1000);
    proto::RunSummary run = FakeEngine::makeRun(id, "top-k", proto::FINISHED);
    engine_->own[id].summarise(run, 300);
    QJsonObject spec = QJsonDocument::fromJson(kSpecOfTests).object();
    spec["gradient"] = QJsonArray{QJsonObject{{"kind", "top-k"}, {"ratio", ratio}}};
    run.set_spec_json(QJsonDocument(spec).toJson(QJsonDocument::Compact).toStdString());
    engine_->put(run);
    return run;
  }

 private slots:
  void initTestCase() { QLocale::setDefault(QLocale(QLocale::English, QLocale::UnitedKingdom)); }
  void init() {
    engine_ = std::make_unique<FakeEngine>();
    engine_->start(folder_.filePath("engine.sock"));
    client_ = std::make_unique<EngineClient>();
    page_ = std::make_unique<CompareRuns>(*client_);
    page_->resize(1400, 860);
    page_->show();
    client_->start({}, engine_->address());
    QTRY_VERIFY(client_->listed());
    page_->setRuns({put("a", 0.01), put("b", 0.1), put("c", 0.5)});
    QTRY_VERIFY(loss() != nullptr);
    QTRY_COMPARE(loss()->curves().size(), 3);
    QTRY_COMPARE(loss()->curves()[2].data.size(), 300);
    QCOMPARE(table()->model()->rowCount(), 3);
    loss()->setFocus();  // a button of the legend has it first, and lights its curve
    QVERIFY(beside()->lit().isEmpty());
  }
  void cleanup() {
    page_.reset();
    client_.reset();
    engine_.reset();
  }

  void aCurveLightsItsRow() {
    QVERIFY(table()->isVisible());
    QVERIFY(beside()->lit().isEmpty());
    emit loss()->curvePointedAt(QStringLiteral("b"));
    QCOMPARE(beside()->lit(), "b");
    emit loss()->curvePointedAt({});
    QVERIFY(beside()->lit().isEmpty());
  }

  // Seen, not only told: the ground of the row that is lit is another one.
  void aLitRowIsDrawnSo() {
    const auto ground = [&](int row) {
      const QRect cell = table()->visualRect(table()->model()->index(row, 0));
      return table()->viewport()->grab().toImage().pixelColor(cell.left() + 1, cell.top() + 2);
    };
    table()->clearSelection();
    table()->setCurrentIndex({});
    const QColor before = ground(1), first = ground(0);
    beside()->setLit(QStringLiteral("b"));
    QVERIFY(ground(1) != before);
    QCOMPARE(ground(0), first);
    beside()->setLit({});
    QCOMPARE(ground(1), before);
  }

  void aRowMakesItsCurveThicker() {
    QTest::mouseMove(table()->viewport(), rowAt(0));
    QTest::mouseMove(table()->viewport(), rowAt(2));
    QTRY_COMPARE(loss()->highlighted(), "c");
    QCOMPARE(beside()->lit(), "c");
    QEvent leave(QEvent::Leave);
    QCoreApplication::sendEvent(table()->viewport(), &leave);
    QVERIFY(loss()->highlighted().isEmpty());
  }

  void theKeyboardPointsToo() {
    page_->activateWindow();
    QVERIFY(QTest::qWaitForWindowActive(page_.get()));
    loss()->setFocus();
    table()->setFocus(Qt::TabFocusReason);
    table()->setCurrentIndex(table()->model()->index(0, 0));
    QTest::keyClick(table(), Qt::Key_Down);
    QCOMPARE(loss()->highlighted(), "b");
    QTest::keyClick(table(), Qt::Key_Down);
    QCOMPARE(loss()->highlighted(), "c");
    loss()->setFocus();
    QVERIFY(loss()->highlighted().isEmpty());
  }

  // One curve has as many pixels of its colour as it is wide, and the others, faded, hide none of it.
  void theCurveOfTheRowIsThickerInThePicture() {
    const auto pixels = [&](int curve) {
      loss()->renderNow();
      const QImage image = loss()->grab().toImage();
      const QColor wanted =
          onDarkGround(loss()->palette()) ? loss()->curves()[curve].dark : loss()->curves()[curve].light;
      int count = 0;
      for (int y = 0; y < image.height(); ++y)
        for (int x = 0; x < image.width(); ++x) {
          const QColor at = image.pixelColor(x, y);
          if (std::abs(at.red() - wanted.red()) + std::abs(at.green() - wanted.green()) +
                  std::abs(at.blue() - wanted.blue()) <
              60)
            ++count;
        }
      return count;
    };
    page_->curves().highlight(QStringLiteral("a"));
    const int of_a = pixels(0), of_b_behind = pixels(1);
    page_->curves().highlight(QStringLiteral("b"));
    const int of_b = pixels(1);
    QVERIFY2(of_b > of_b_behind, qPrintable(QStringLiteral("%1, %2").arg(of_b).arg(of_b_behind)));
    page_->curves().highlight({});
    const int of_a_beside = pixels(0);
    QVERIFY2(of_a > of_a_beside, qPrintable(QStringLiteral("%1, %2").arg(of_a).arg(of_a_beside)));
  }

  void theTableComesAndGoes() {
    auto* button = page_->findChild<QToolButton*>(QStringLiteral("compareRuns.besideButton"));
    QVERIFY(button->isChecked());
    button->click();
    QVERIFY(!table()->isVisible());
    button->click();
    QVERIFY(table()->isVisible());
    QSignalSpy opened(page_.get(), &CompareRuns::opened);
    emit table()->activated(table()->model()->index(1, 0));
    QCOMPARE(opened.value(0).value(0).toString(), "b");
  }

  void chartsAreFoundFromAnyTab() {
    auto* tabs = page_->findChild<QTabWidget*>(QStringLiteral("compareRuns.tabs"));
    auto* search = page_->findChild<SeriesSearch*>(QStringLiteral("compareRuns.seriesSearch"));
    page_->activateWindow();
    QVERIFY(QTest::qWaitForWindowActive(page_.get()));
    tabs->setCurrentIndex(2);
    QVERIFY(page_->findSeries());
    QCOMPARE(tabs->currentIndex(), 0);
    QTRY_VERIFY(search->hasFocus());
    QTest::keyClicks(search, QStringLiteral("^train"));
    for (ChartCard* card : page_->curves().cards())
      QCOMPARE(!card->isHidden(), card->chart().title() == QLatin1String("Train loss"));
  }
};

CONCERTINA_TEST(CompareBesideTest)

}  // namespace concertina::ui::compare_beside_test

#include "compare_beside_test.moc"
