// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// monitor_staleness_test.cc: staleness is counted while somebody looks, of the workers or of their mean, and
// stands in bars and words beside its curve.
#include "ui/pages/monitor_staleness.h"

#include <QSignalSpy>
#include <QTemporaryDir>
#include <QTest>
#include <algorithm>
#include <vector>

#include "tests/test_program.h"
#include "tests/ui/fake_engine.h"
#include "ui/client/staleness_feed.h"
#include "ui/pages/monitor_charts.h"

namespace concertina::ui::monitor_staleness_test {

class MonitorStalenessTest : public QObject {
  Q_OBJECT

 private slots:
  void initTestCase() { QLocale::setDefault(QLocale(QLocale::English, QLocale::UnitedKingdom)); }

  // The store of this run has the mean of its workers alone.
  void theMeanIsCountedWhereThereIsNothingElse() {
    QTemporaryDir folder;
    FakeEngine engine;
    engine.start(folder.filePath("engine.sock"));
    engine.synthetic.strategy["async/staleness"] = 2;
    EngineClient client;
    client.start({}, engine.address());
    QTRY_VERIFY(client.listed());
    proto::RunSummary run = FakeEngine::makeRun("a", "a", proto::RUNNING);
    engine.synthetic.summarise(run, 300);
    engine.put(run);
    StalenessFeed feed(client);
    QSignalSpy changed(&feed, &StalenessFeed::changed);
    feed.setRun(run);
    QCOMPARE(changed.count(), 1);  // another run: nothing is known of it
    QVERIFY(feed.counts().total == 0);
    const auto asked = [&] {
      const std::vector<std::string> calls = engine.calls();
      return std::count(calls.begin(), calls.end(), "series async/staleness step");
    };
    QCOMPARE(asked(), 0);  // nobody looks
    feed.setActive(true);
    QTRY_COMPARE(feed.counts().total, int64_t{300});
    QVERIFY(!feed.isOfWorkers());
    QCOMPARE(feed.counts().Quantile(0.5), int64_t{2});
    QCOMPARE(feed.steps(), int64_t{300});
    QCOMPARE(asked(), run.workers_size() + 1);
    feed.setRun(FakeEngine::makeRun("b", "b", proto::QUEUED));
    QCOMPARE(feed.counts().total, int64_t{0});
  }

  void theBarsSayWhatTheyShow() {
    MonitorStaleness staleness;
    QCOMPARE(staleness.words(), "No gradient was counted yet.");
    staleness.show(CountValues(std::vector<double>{0, 1, 1, 1, 1, 1, 1, 1, 2, 7}), 1000, true);
    QVERIFY2(staleness.words().contains(
                 QLatin1String("half at most 1, 99 % at most 7, the largest 7, in the newest 1,000 steps")),
             qPrintable(staleness.words()));
    staleness.show(CountValues(std::vector<double>{1.5}), 1, false);
    QVERIFY(staleness.words().startsWith(QLatin1String("Steps by mean staleness")));
    auto* bars = staleness.findChild<QWidget*>(QStringLiteral("monitorPage.stalenessBars"));
    QCOMPARE(bars->accessibleDescription(), staleness.words());
  }

  // Seen: the bar of the value that is most frequent is the highest.
  void theBarsAreAsHighAsTheirCounts() {
    MonitorStaleness staleness;
    staleness.resize(300, 200);
    staleness.QWidget::show();
    std::vector<double> values(40, 1.0);
    values.insert(values.end(), 10, 0.0);
    values.insert(values.end(), 20, 2.0);
    staleness.show(CountValues(values), 70, true);
    auto* bars = staleness.findChild<QWidget*>(QStringLiteral("monitorPage.stalenessBars"));
    const QImage image = bars->grab().toImage();
    QColor ground = image.pixelColor(image.width() / 2, 0);
    const auto height = [&](double share) {
      int high = 0;
      for (int y = 0; y < image.height() * 3 / 4; ++y)
        high += image.pixelColor(int(image.width() * share), y) == ground ? 0 : 1;
      return high;
    };
    const int zero = height(0.2), one = height(0.5), two = height(0.8);
    QVERIFY2(zero < two && two < one, qPrintable(QStringLiteral("%1 %2 %3").arg(zero).arg(one).arg(two)));
  }

  void theyStandBesideTheCurve() {
    MetricModel metrics;
    MonitorCharts charts(metrics);
    charts.resize(1000, 700);
    auto* staleness = new MonitorStaleness(&charts);
    charts.placeBeside(QStringLiteral("monitorPage.stalenessChart"), staleness);
    charts.show();
    charts.invalidate();
    QVERIFY(!staleness->isVisible());  // the run has no such series
    SyntheticRun run;
    run.strategy["async/staleness"] = 2;
    QSignalSpy seen(staleness, &MonitorStaleness::sightChanged);
    metrics.append(run.rows(0, 100));
    charts.invalidate();
    QTRY_VERIFY(staleness->isVisible());
    QCOMPARE(seen.count(), 1);
    auto* chart = charts.findChild<SeriesChart*>(QStringLiteral("monitorPage.stalenessChart"));
    QVERIFY(staleness->mapTo(&charts, QPoint()).x() > chart->mapTo(&charts, QPoint()).x());
    QVERIFY(chart->width() > staleness->width() / 2);
  }
};

CONCERTINA_TEST(MonitorStalenessTest)

}  // namespace concertina::ui::monitor_staleness_test

#include "monitor_staleness_test.moc"
