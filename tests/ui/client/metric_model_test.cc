// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// metric_model_test.cc: the model under Qt's model tester, live rows, the fetched past, every x axis.
#include "ui/client/metric_model.h"

#include <QAbstractItemModelTester>
#include <QSignalSpy>
#include <QTest>

#include "tests/test_program.h"
#include "tests/ui/fake_engine.h"

namespace concertina::ui::metric_model_test {

class MetricModelTest : public QObject {
  Q_OBJECT
  SyntheticRun run_;

  SeriesData past(const std::string& series, int64_t steps, XAxis axis) const {
    SeriesData data;
    for (int64_t step = 1; step <= steps; ++step) {
      const double value = run_.value(series, step);
      data.x.push_back(axis == XAxis::kSeconds ? run_.seconds(step)
                       : axis == XAxis::kEpoch ? run_.epoch(step)
                       : axis == XAxis::kBytes ? run_.bytes(step)
                                               : double(step));
      data.mean.push_back(value);
      data.min.push_back(value);
      data.max.push_back(value);
    }
    data.totalPoints = steps;
    return data;
  }

 private slots:
  void rowsAppearAsSeriesDo() {
    MetricModel model;
    QAbstractItemModelTester tester(&model, QAbstractItemModelTester::FailureReportingMode::QtTest);
    model.append(run_.rows(0, 50));
    QCOMPARE(model.rowCount(), int(SyntheticRun::series().size()));
    QCOMPARE(model.index(0, MetricModel::kNameColumn).data().toString(), "train/loss");
    QCOMPARE(model.index(0, MetricModel::kPointsColumn).data().toString(), "50");
    model.append(run_.rows(50, 60));
    QCOMPARE(model.rowCount(), int(SyntheticRun::series().size()));
    model.clear();
    QCOMPARE(model.rowCount(), 0);
    model.append(run_.rows(0, 5));
    QVERIFY(model.has("train/loss"));
    QVERIFY(!model.has("test/loss"));  // announced, but nothing was measured yet
  }

  void manyUpdatesAreOneNotice() {
    MetricModel model;
    QSignalSpy noticed(&model, &MetricModel::curvesChanged);
    for (int64_t step = 0; step < 300; ++step) model.append(run_.rows(step, step + 1));
    QCOMPARE(noticed.count(), 0);
    QTRY_COMPARE(noticed.count(), 1);
    QTest::qWait(3 * MetricModel::kNotifyMs);
    QCOMPARE(noticed.count(), 1);
  }

  void curvesFollowEveryAxis_data() {
    QTest::addColumn<int>("axis");
    for (const XAxis axis : kXAxes) QTest::newRow(qPrintable(xAxisWord(axis))) << int(axis);
  }
  void curvesFollowEveryAxis() {
    QFETCH(int, axis);
    MetricModel model;
    model.append(run_.rows(0, 200));
    const Curve curve = model.curve("train/loss", XAxis(axis));
    const SeriesData expected = past("train/loss", 200, XAxis(axis));
    QCOMPARE(curve.x, expected.x);
    QCOMPARE(curve.mean, expected.mean);
  }

  // Opening a run that goes on: live rows may come before the past has been answered.
  void thePastAndThePresentMeet() {
    MetricModel model;
    model.append(run_.rows(100, 120));
    model.fill("train/loss", MetricModel::kWholeRun, past("train/loss", 110, XAxis::kStep));
    for (const XAxis axis : {XAxis::kEpoch, XAxis::kSeconds, XAxis::kBytes})
      model.fillAxis(axis, past("train/loss", 110, XAxis::kStep), past("train/loss", 110, axis));
    model.append(run_.rows(120, 130));
    for (const XAxis axis : kXAxes) {
      const Curve curve = model.curve("train/loss", axis);
      QCOMPARE(curve.x, past("train/loss", 130, axis).x);
      QCOMPARE(curve.mean, past("train/loss", 130, axis).mean);
    }
  }

  void bytesASecondAreTheSlope() {
    MetricModel model;
    proto::MetricUpdate update;
    for (int step = 1; step <= 100; ++step) {
      update.add_steps(step);
      update.add_seconds(step * 0.1);
      update.add_epochs(step * 0.01);
      update.add_bytes(step <= 50 ? step * 1000.0 : 50000 + (step - 50) * 4000.0);
    }
    model.append(update);
    const Curve rate = model.bytesPerSecond(XAxis::kStep);
    QVERIFY(rate.size() > 50);
    for (qsizetype i = 0; i < rate.size(); ++i) {
      const double expected = rate.x[i] <= 50 ? 10000 : 40000;
      QVERIFY2(std::abs(rate.mean[i] - expected) < 1e-6 * expected,
               qPrintable(QString::number(rate.mean[i])));
    }
    QVERIFY(std::abs(model.lastBytesPerSecond() - 40000) < 1);
    QCOMPARE(model.bytesSent(XAxis::kSeconds).mean.back(), 250000.0);
  }

  void aResumedRunReplacesWhatItRepeats() {
    MetricModel model;
    model.append(run_.rows(0, 100));
    model.append(run_.rows(60, 80));
    const Curve curve = model.curve("train/loss", XAxis::kSeconds);
    QCOMPARE(curve.size(), 80);
    QVERIFY(std::is_sorted(curve.x.begin(), curve.x.end()));
  }

  void ranksAreSeriesOfTheirOwn() {
    MetricModel model;
    proto::MetricUpdate update;
    update.add_steps(1);
    for (const int rank : {-1, 0, 1}) {
      proto::MetricUpdate::Column* column = update.add_columns();
      column->set_series("time/wait");
      column->set_rank(rank);
      column->add_values(rank);
    }
    model.append(update);
    QCOMPARE(model.rowCount(), 3);
    QCOMPARE(model.last("time/wait", 1), 1.0);
    QCOMPARE(model.seriesNames(), QStringList{"time/wait"});
  }

  void columnsShorterThanTheStepsAreTaken() {  // a damaged update is no reason to die
    MetricModel model;
    proto::MetricUpdate update;
    update.add_steps(1);
    update.add_steps(2);
    update.add_seconds(1);
    proto::MetricUpdate::Column* column = update.add_columns();
    column->set_series("x");
    column->set_rank(-1);
    column->add_values(1);
    update.set_dropped(7);
    model.append(update);
    QCOMPARE(model.curve("x", XAxis::kSeconds).size(), 1);
    QVERIFY(model.curve("x", XAxis::kBytes).isEmpty());
    QCOMPARE(model.dropped(), 7u);
  }
};

CONCERTINA_TEST(MetricModelTest)

}  // namespace concertina::ui::metric_model_test

#include "metric_model_test.moc"
