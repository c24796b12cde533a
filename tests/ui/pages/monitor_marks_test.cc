// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// monitor_marks_test.cc: what happened to a run stands on its curves where it happened: a fault that was
// planned, a worker that was lost, a knob; so that one sees what a strategy made of it.
#include <QTest>

#include "tests/test_program.h"
#include "ui/charts/palette.h"
#include "ui/charts/series_chart.h"
#include "ui/client/metric_model.h"
#include "ui/pages/monitor_charts.h"

namespace concertina::ui::monitor_marks_test {
namespace {

proto::RunEvent eventOf(const char* kind, int64_t step, const char* message) {
  proto::RunEvent event;
  event.set_kind(kind);
  event.set_step(step);
  event.set_message(message);
  return event;
}

}  // namespace

class MonitorMarksTest : public QObject {
  Q_OBJECT
 private slots:
  void faultsAndLossesAreMarkedOnEveryChart() {
    MetricModel metrics;
    MonitorCharts charts(metrics);
    charts.setEvents({eventOf("state", 1, "The run is running."),
                      eventOf("fault", 40, "rank 1 stands still for 1 s"),
                      eventOf("worker-lost", 60, "rank 1 was killed by signal 9 (Killed)"),
                      eventOf("knob", 80, "/optimizer/learning_rate is 0.01 from step 80 on."),
                      eventOf("fault", 0, "before the first step")});
    const QList<SeriesChart*> all = charts.findChildren<SeriesChart*>();
    QVERIFY(all.size() >= 3);
    for (const SeriesChart* chart : all) {
      const QVector<ChartMark>& marks = chart->marks();
      QCOMPARE(marks.size(), 3);  // beginnings, ends, and what was before the first step are seen anyway
      QCOMPARE(marks[0].x, 40.0);
      QCOMPARE(marks[0].text, QStringLiteral("rank 1 stands still for 1 s"));
      QCOMPARE(marks[1].x, 60.0);
      QCOMPARE(marks[0].color, marks[1].color);
      QVERIFY(marks[2].color != marks[1].color);
    }
    charts.setEvents({});  // another run
    for (const SeriesChart* chart : all) QVERIFY(chart->marks().isEmpty());
  }
};

CONCERTINA_TEST(MonitorMarksTest)

}  // namespace concertina::ui::monitor_marks_test

#include "monitor_marks_test.moc"
