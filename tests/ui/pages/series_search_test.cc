// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// series_search_test.cc: charts are found by regular expressions; a bad one says what is wrong, and what was
// found last stays; one that tries without end costs no time.
#include "ui/pages/series_search.h"

#include <QAction>
#include <QElapsedTimer>
#include <QLabel>
#include <QMenu>
#include <QSignalSpy>
#include <QTest>
#include <QToolButton>

#include "tests/test_program.h"
#include "tests/ui/synthetic_run.h"
#include "ui/pages/monitor_charts.h"

namespace concertina::ui::series_search_test {

class SeriesSearchTest : public QObject {
  Q_OBJECT

 private slots:
  void itFindsByExpressions_data() {
    QTest::addColumn<QString>("expression");
    QTest::addColumn<QString>("name");
    QTest::addColumn<bool>("finds");
    QTest::newRow("a part") << "loss"
                            << "train/loss" << true;
    QTest::newRow("whatever the case") << "LOSS"
                                       << "train/loss" << true;
    QTest::newRow("one or the other") << "accuracy|loss"
                                      << "train/loss" << true;
    QTest::newRow("a beginning") << "^loss"
                                 << "train/loss" << false;
    QTest::newRow("an end") << "^train/.*s$"
                            << "train/loss" << true;
    QTest::newRow("with blanks around") << "  loss "
                                        << "train/loss" << true;
    QTest::newRow("nothing") << ""
                             << "train/loss" << true;
    QTest::newRow("no plain text") << "train.loss"
                                   << "train/loss" << true;
  }
  void itFindsByExpressions() {
    QFETCH(QString, expression);
    QFETCH(QString, name);
    QFETCH(bool, finds);
    QWidget page;
    SeriesSearch search(QStringLiteral("page"), &page);
    search.setText(expression);
    QCOMPARE(search.finds({QStringLiteral("?"), name}), finds || expression.isEmpty());
    QVERIFY(search.fault().isEmpty());
  }

  void aBadOneSaysWhatIsWrongAndKeepsTheLastResult() {
    QWidget page;
    auto* search = new SeriesSearch(QStringLiteral("page"), &page);
    page.show();
    search->setText(QStringLiteral("loss"));
    QSignalSpy changed(search, &SeriesSearch::changed);
    search->setText(QStringLiteral("loss|(acc"));
    QVERIFY(search->faultLabel()->isVisible());
    QVERIFY2(search->fault().contains(QLatin1String("parenthes")), qPrintable(search->fault()));
    QVERIFY2(search->fault().contains(QLatin1String("after 9 characters")), qPrintable(search->fault()));
    QVERIFY(search->finds({QStringLiteral("train/loss")}));
    QVERIFY(!search->finds({QStringLiteral("test/accuracy")}));
    QCOMPARE(changed.count(), 0);
    search->setText(QStringLiteral("loss|(acc)"));
    QVERIFY(search->faultLabel()->isHidden());
    QVERIFY(search->finds({QStringLiteral("test/accuracy")}));
    QCOMPARE(changed.count(), 1);
    search->setText(QStringLiteral("["));
    search->setFocus();
    QTest::keyClick(search, Qt::Key_Escape);
    QVERIFY(search->text().isEmpty() && search->fault().isEmpty() && !search->isOn());
    QCOMPARE(changed.count(), 2);
  }

  // Without a limit each of these names takes a tenth of a second and more.
  void oneThatTriesWithoutEndGivesUp() {
    QWidget page;
    SeriesSearch search(QStringLiteral("page"), &page);
    search.setText(QStringLiteral("(a+)+$"));
    QStringList names;
    for (int i = 0; i < 200; ++i) names << QString(60, QLatin1Char('a')) + QLatin1Char('!');
    QElapsedTimer clock;
    clock.start();
    QVERIFY(!search.finds(names));
    QVERIFY2(clock.elapsed() < 5000, qPrintable(QString::number(clock.elapsed())));
  }

  void theMonitorShowsWhatIsFound() {
    MetricModel metrics;
    metrics.append(SyntheticRun().rows(0, 300));
    MonitorCharts charts(metrics);
    charts.resize(1000, 700);
    charts.show();
    charts.invalidate();
    const auto shown = [&] {
      QStringList titles;
      for (ChartCard* card : charts.cards())
        if (!card->isHidden()) titles << card->chart().title();
      return titles;
    };
    const QStringList all = shown();
    QVERIFY(all.size() >= 8);
    auto* search = charts.findChild<SeriesSearch*>(QStringLiteral("monitorPage.seriesSearch"));
    auto* nothing = charts.findChild<QLabel*>(QStringLiteral("monitorPage.nothingFound"));
    search->setText(QStringLiteral("^test/"));
    QCOMPARE(shown(), QStringList({"Loss", "Test Accuracy"}));
    search->setText(QStringLiteral("^test/("));
    QCOMPARE(shown(), QStringList({"Loss", "Test Accuracy"}));
    search->setText(QStringLiteral("time per"));
    QCOMPARE(shown(), QStringList{"Time per Step"});
    QVERIFY(nothing->isHidden());
    search->setText(QStringLiteral("no such"));
    QVERIFY(shown().isEmpty());
    QVERIFY(nothing->isVisible());
    search->clear();
    QCOMPARE(shown(), all);
    QVERIFY(nothing->isHidden());
  }

  void itNarrowsWhatCanBeAdded() {
    MetricModel metrics;
    metrics.append(SyntheticRun().rows(0, 300));
    MonitorCharts charts(metrics);
    charts.show();
    auto* search = charts.findChild<SeriesSearch*>(QStringLiteral("monitorPage.seriesSearch"));
    auto* menu = charts.findChild<QToolButton*>(QStringLiteral("monitorPage.chartsButton"))->menu();
    const auto offered = [&](const char* series) {
      emit menu->aboutToShow();
      return menu->findChild<QAction*>(QStringLiteral("monitorPage.addSeries.") + QLatin1String(series)) !=
             nullptr;
    };
    QVERIFY(offered("train/loss") && offered("comm/bytes_sent"));
    search->setText(QStringLiteral("loss"));
    QVERIFY(offered("train/loss") && !offered("comm/bytes_sent"));
  }
};

CONCERTINA_TEST(SeriesSearchTest)

}  // namespace concertina::ui::series_search_test

#include "series_search_test.moc"
