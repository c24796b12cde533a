// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// step_recorder_test.cc: rows between the step thread and the link.
#include "core/worker/step_recorder.h"

#include <QTest>
#include <array>
#include <cmath>
#include "tests/test_program.h"

namespace concertina::step_recorder_test {

class StepRecorderTest : public QObject {
  Q_OBJECT
 private slots:
  void rowsComeOutAsColumns() {
    StepRecorder recorder(3);
    const auto loss = recorder.Open("train/loss", "", RankFold::kMean);
    const auto bytes = recorder.Open("comm/bytes_sent", "B", RankFold::kSum);
    QCOMPARE(recorder.Open("train/loss", "", RankFold::kMean), loss);
    for (int step = 0; step < 5; ++step) {
      recorder.BeginRow(step);
      recorder.Record(loss, step, 10 - step);
      if (step % 2 == 0) recorder.Record(bytes, step, 100 * step);
      recorder.CommitRow(0.1 * step);
    }
    proto::MetricBatch batch;
    QVERIFY(recorder.Take(batch));
    QCOMPARE(batch.rank(), 3u);
    QCOMPARE(batch.declared_size(), 2);
    QCOMPARE(batch.tables_size(), 1);
    QCOMPARE(batch.tables(0).steps_size(), 5);
    QCOMPARE(batch.tables(0).columns(0).values(4), 6.0);
    QVERIFY(std::isnan(batch.tables(0).columns(1).values(1)));  // not measured is not zero
    QCOMPARE(batch.tables(0).columns(1).values(2), 200.0);
    QVERIFY(!recorder.Take(batch));
  }
  void aSlowLinkLosesTheOldestAndTellsHowMany() {
    StepRecorder recorder(0);
    const auto loss = recorder.Open("train/loss", "", RankFold::kMean);
    const int rows = static_cast<int>(StepRecorder::kMaxRows) + 100;
    for (int step = 0; step < rows; ++step) {
      recorder.BeginRow(step);
      recorder.Record(loss, step, step);
      recorder.CommitRow(step);
    }
    proto::MetricBatch batch;
    QVERIFY(recorder.Take(batch));
    QCOMPARE(batch.dropped(), uint64_t{100});
    QCOMPARE(batch.tables(0).steps(0), int64_t{100});
    QCOMPARE(batch.tables(0).steps(batch.tables(0).steps_size() - 1), int64_t{rows - 1});
    QCOMPARE(batch.tables(0).columns(0).values(0), 100.0);
  }
  void declarationsAreSentOnce() {
    StepRecorder recorder(0);
    recorder.Open("a", "", RankFold::kMean);
    proto::MetricBatch batch;
    for (int step = 0; step < 3; ++step) {
      recorder.BeginRow(step);
      recorder.CommitRow(0);
      QVERIFY(recorder.Take(batch));
      QCOMPARE(batch.declared_size(), step == 0 ? 1 : 0);
    }
  }
  void evaluationsHaveTheirOwnTable() {
    StepRecorder recorder(0);
    const auto accuracy = recorder.Open("test/accuracy", "", RankFold::kMean);
    recorder.AddEvaluation(100, 2.5, {{accuracy, 0.9}});
    proto::MetricBatch batch;
    QVERIFY(recorder.Take(batch));
    QCOMPARE(batch.tables_size(), 1);
    QCOMPARE(batch.tables(0).steps(0), int64_t{100});
    QCOMPARE(batch.tables(0).columns(0).values(0), 0.9);
  }
  void whatIsMeasuredNowAndThenTakesNoRoomInTheRowsOfSteps() {
    StepRecorder recorder(0);
    const auto loss = recorder.Open("train/loss", "", RankFold::kMean);
    const auto first = recorder.OpenApart("layer/a/cosine", "", RankFold::kMean);
    const auto second = recorder.OpenApart("layer/b/cosine", "", RankFold::kMean);
    const auto late = recorder.Open("async/staleness", "", RankFold::kMean);
    for (int step = 0; step < 3; ++step) {
      recorder.BeginRow(step);
      recorder.Record(loss, step, 7);
      recorder.Record(late, step, 8);
      recorder.CommitRow(step);
    }
    recorder.AddApart(0, 0, std::array{0.25, std::nan("")});
    recorder.AddApart(16, 16, std::array{0.5, 0.75});
    proto::MetricBatch batch;
    QVERIFY(recorder.Take(batch));
    QCOMPARE(batch.declared_size(), 4);
    QCOMPARE(batch.tables_size(), 2);
    const proto::MetricTable &steps = batch.tables(0), &apart = batch.tables(1);
    QCOMPARE(steps.columns_size(), 2);
    QCOMPARE(steps.columns(0).series(), static_cast<uint32_t>(loss));
    QCOMPARE(steps.columns(0).values(2), 7.0);
    QCOMPARE(steps.columns(1).series(), static_cast<uint32_t>(late));
    QCOMPARE(steps.columns(1).values(2), 8.0);
    QCOMPARE(apart.steps_size(), 2);
    QCOMPARE(apart.steps(1), int64_t{16});
    QCOMPARE(apart.columns(0).series(), static_cast<uint32_t>(first));
    QCOMPARE(apart.columns(0).values(1), 0.5);
    QCOMPARE(apart.columns(1).series(), static_cast<uint32_t>(second));
    QVERIFY(std::isnan(apart.columns(1).values(0)));
    QCOMPARE(apart.columns(1).values(1), 0.75);
    QVERIFY(!recorder.Take(batch));
  }
  void aSlowLinkLosesTheOldestOfThoseToo() {
    StepRecorder recorder(0);
    recorder.OpenApart("layer/a/cosine", "", RankFold::kMean);
    const int rows = static_cast<int>(StepRecorder::kMaxApartRows) + 3;
    for (int row = 0; row < rows; ++row) recorder.AddApart(row, row, std::array{1.0 * row});
    proto::MetricBatch batch;
    QVERIFY(recorder.Take(batch));
    QCOMPARE(batch.dropped(), uint64_t{3});
    QCOMPARE(batch.tables(0).steps(0), int64_t{3});
    QCOMPARE(batch.tables(0).columns(0).values(0), 3.0);
  }
};

CONCERTINA_TEST(StepRecorderTest)

}  // namespace concertina::step_recorder_test

#include "step_recorder_test.moc"
