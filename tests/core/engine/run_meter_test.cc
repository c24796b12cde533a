// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// run_meter_test.cc: the summary's figures against runs whose figures are known.
#include "core/engine/run_meter.h"

#include <QTest>
#include <numeric>
#include "tests/test_program.h"

namespace concertina::run_meter_test {
namespace {

using Figure = RunMeter::Figure;

// `count` steps from `first`, each of `step_seconds`, of `value`.
void Feed(RunMeter& meter, Figure figure, int64_t first, size_t count, double value,
          double step_seconds = 0.01, double clock = 0) {
  std::vector<int64_t> steps(count);
  std::iota(steps.begin(), steps.end(), first);
  std::vector<double> seconds(count), values(count, value);
  for (size_t i = 0; i < count; ++i) seconds[i] = clock + step_seconds * static_cast<double>(i + 1);
  meter.Add(figure, steps, seconds, values);
}

proto::RunSummary Filled(const RunMeter& meter) {
  proto::RunSummary summary;
  meter.Fill(summary);
  return summary;
}

}  // namespace

class RunMeterTest : public QObject {
  Q_OBJECT
 private slots:
  void anEmptyRunHasNoFigures() {
    const proto::RunSummary summary = Filled(RunMeter(64, 10));
    QCOMPARE(summary.steps(), int64_t{0});
    QCOMPARE(summary.samples_per_second(), 0.0);
    QCOMPARE(summary.compression_ratio(), 1.0);
    QVERIFY(!summary.has_test());
    QVERIFY(!summary.has_train_loss());
  }

  void totalsAreSums() {
    RunMeter meter(64, 10);
    Feed(meter, Figure::kTrainLoss, 0, 25, 0.5);
    Feed(meter, Figure::kBytesSent, 0, 25, 1000);
    Feed(meter, Figure::kBytesReceived, 0, 25, 900);
    Feed(meter, Figure::kMessages, 0, 25, 3);
    const proto::RunSummary summary = Filled(meter);
    QCOMPARE(summary.steps(), int64_t{25});
    QCOMPARE(summary.epochs(), 2.5);
    QCOMPARE(summary.samples(), int64_t{1600});
    QCOMPARE(summary.bytes_sent(), uint64_t{25000});
    QCOMPARE(summary.bytes_received(), uint64_t{22500});
    QCOMPARE(summary.messages_sent(), uint64_t{75});
    QCOMPARE(summary.train_loss(), 0.5);
    QVERIFY(qAbs(summary.seconds() - 0.25) < 1e-12);
  }

  void compressionIsDenseOverPayload() {
    RunMeter meter(64, 10);
    Feed(meter, Figure::kRatio, 0, 10, 50);
    Feed(meter, Figure::kPayloadSent, 0, 10, 100);
    Feed(meter, Figure::kPayloadSent, 10, 10, 300);  // the ratio of the later steps comes later
    Feed(meter, Figure::kRatio, 10, 10, 10);
    // (10 * 50 * 100 + 10 * 10 * 300) / (10 * 100 + 10 * 300)
    QCOMPARE(Filled(meter).compression_ratio(), 80000.0 / 4000.0);
    QCOMPARE(Filled(meter).payload_bytes_sent(), uint64_t{4000});
  }

  // 100 slow first steps (0.1 s), then 100 a second: warm-up and stalls must not show.
  void rateIsTheMedianAfterWarmUp() {
    RunMeter meter(64, 10);
    Feed(meter, Figure::kRate, 0, 5, 640, 0.1);
    double clock = 0.5;
    for (int64_t i = 0; i < 50; ++i) {
      Feed(meter, Figure::kRate, 5 + i * 40, 40, i % 10 == 9 ? 1000 : 6400, i % 10 == 9 ? 0.064 : 0.01,
           clock);
      clock += i % 10 == 9 ? 2.56 : 0.4;
    }
    QVERIFY(qAbs(Filled(meter).samples_per_second() - 6400) < 64);
  }

  // Work between steps counts (8 ms a step that are 10 ms apart), an evaluation between two steps does not.
  void rateIsByTheClockButWithoutEvaluations() {
    RunMeter meter(64, 10);
    double clock = 0;
    for (int64_t i = 0; i < 40; ++i) {
      Feed(meter, Figure::kRate, i * 10, 10, 8000, 0.01, clock);
      clock += 0.1 + 5;  // evaluates for five seconds
    }
    const double rate = Filled(meter).samples_per_second();
    // One step in ten follows an evaluation, and is taken at its own 8 ms.
    QVERIFY2(qAbs(rate - 640 / 0.098) < 70, qPrintable(QString::number(rate)));
  }

  void aShortRunHasARateToo() {
    RunMeter meter(64, 10);
    Feed(meter, Figure::kRate, 0, 2, 6400);
    QVERIFY(qAbs(Filled(meter).samples_per_second() - 6400) < 1e-6);
  }

  void windowsStayBounded() {
    RunMeter meter(64, 10);
    for (int64_t i = 0; i < 3000; ++i)
      Feed(meter, Figure::kRate, i * 64, 64, 6400, 0.01, static_cast<double>(i));
    QVERIFY(qAbs(Filled(meter).samples_per_second() - 6400) < 1);
  }

  void timesLeaveWarmUpOut() {
    RunMeter meter(64, 10);
    Feed(meter, Figure::kCompute, 0, RunMeter::kWarmUpSteps, 1.0);
    QCOMPARE(Filled(meter).time().compute(), 1.0);  // so short a run has nothing else
    Feed(meter, Figure::kCompute, RunMeter::kWarmUpSteps, 100, 0.002);
    QVERIFY(qAbs(Filled(meter).time().compute() - 0.002) < 1e-12);
  }

  void aResumedRunGoesOnFromItsTotals() {
    RunTotals before;
    before.steps = 100;
    before.seconds = 2;
    before.bytes_sent = 5000;
    before.dense_bytes = 1000;
    before.encoded_bytes = 100;
    RunMeter meter(64, 10, before);
    QCOMPARE(Filled(meter).steps(), int64_t{100});
    Feed(meter, Figure::kTrainLoss, 100, 10, 0.1, 0.01, 2);
    Feed(meter, Figure::kBytesSent, 100, 10, 10, 0.01, 2);
    QCOMPARE(Filled(meter).steps(), int64_t{110});
    QCOMPARE(Filled(meter).bytes_sent(), uint64_t{5100});
    QCOMPARE(Filled(meter).compression_ratio(), 10.0);
    QVERIFY(Filled(meter).seconds() > 2);
  }

  void paceIsThatOfTheLastSecond() {
    RunMeter meter(64, 10);
    for (int64_t i = 0; i < 30; ++i)
      Feed(meter, Figure::kTrainLoss, i * 10, 10, 1, 0.01, static_cast<double>(i) * 0.1);
    QVERIFY(qAbs(meter.steps_per_second() - 100) < 1);
  }
};

CONCERTINA_TEST(RunMeterTest)

}  // namespace concertina::run_meter_test

#include "run_meter_test.moc"
