// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// pipeline_balance_test.cc: schedules done in virtual time, whose stages take what a test says: the bubble is
// the formula's, and what unequal stages wait for one another is told apart from it.
#include "core/parallel/pipeline_balance.h"

#include <QTest>
#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <numeric>

#include "core/base/registry.h"
#include "core/parallel/pipeline_schedule.h"
#include "nlohmann/json.hpp"
#include "tests/test_program.h"

namespace concertina::pipeline_balance_test {
namespace {

std::unique_ptr<PipelineSchedule> ScheduleOf(const std::string& kind, int micro_batches) {
  std::vector<Fault> faults;
  const Params params = Registry::Global().Check(
      "pipeline-schedule", {{"kind", kind}, {"micro_batches", micro_batches}}, "/pipeline", faults);
  return *Registry::Global().Create<PipelineSchedule>("pipeline-schedule", params);
}

// Seconds of a micro-batch in each stage, all its pieces together; the backward pass takes twice the forward
// pass. Messages take no time, and who is done with a step begins the next.
std::vector<StageTime> Simulate(const PipelineSchedule& schedule, const std::vector<double>& seconds,
                                int micro_batches) {
  constexpr int kSteps = 5;  // the first fills the pipeline: what it waits for is not all there is
  const auto stages = static_cast<int>(seconds.size());
  const int pieces = stages * schedule.chunks();
  std::vector<std::vector<PipelineTask>> tasks;
  for (int s = 0; s < stages; ++s) tasks.push_back(schedule.Tasks(s, stages, micro_batches));
  // When a piece's pass of a micro-batch was done, by step, forward, piece and micro-batch.
  std::map<std::array<int, 4>, double> done;
  std::vector<double> now(seconds.size());
  std::vector<size_t> at(seconds.size());
  std::vector<StageTime> times(seconds.size());
  for (bool moves = true; moves;) {
    moves = false;
    for (int s = 0; s < stages; ++s) {
      const auto i = static_cast<size_t>(s);
      while (at[i] < kSteps * tasks[i].size()) {
        const auto step = static_cast<int>(at[i] / tasks[i].size());
        const PipelineTask& task = tasks[i][at[i] % tasks[i].size()];
        const int piece = task.chunk * stages + s;
        double ready = now[i];
        const auto needs = [&](bool forward, int of_piece) {
          const auto found = done.find({step, forward ? 1 : 0, of_piece, task.micro_batch});
          if (found == done.end()) return false;
          ready = std::max(ready, found->second);
          return true;
        };
        if (task.is_forward ? piece > 0 && !needs(true, piece - 1)
                            : piece + 1 < pieces && !needs(false, piece + 1))
          break;
        const double took = seconds[i] / schedule.chunks() * (task.is_forward ? 1.0 : 2.0) / 3;
        if (step > 0) {
          times[i].wait_seconds += ready - now[i];
          times[i].busy_seconds += took;
        }
        now[i] = ready + took;
        done[{step, task.is_forward ? 1 : 0, piece, task.micro_batch}] = now[i];
        ++at[i];
        moves = true;
      }
    }
  }
  for (size_t i = 0; i < at.size(); ++i)
    if (at[i] != kSteps * tasks[i].size()) qFatal("stage %zu stands still for ever", i);
  return times;
}

bool IsNear(double a, double b) { return std::abs(a - b) < 1e-9; }  // sums of some hundred terms

}  // namespace

class PipelineBalanceTest : public QObject {
  Q_OBJECT
 private slots:
  void equalStagesHaveTheBubbleOfTheFormula_data() {
    QTest::addColumn<QString>("schedule");
    QTest::addColumn<int>("stages");
    QTest::addColumn<int>("microBatches");
    for (const char* schedule : {"gpipe", "1f1b", "interleaved"})
      for (const int stages : {2, 3, 4})
        for (const int per_stage : {1, 2, 8})
          QTest::addRow("%s, %d stages, %d micro-batches", schedule, stages, stages * per_stage)
              << schedule << stages << stages * per_stage;
    for (const int micro_batches : {1, 2, 4, 8})
      QTest::addRow("gpipe, 5 stages, %d micro-batches", micro_batches) << "gpipe" << 5 << micro_batches;
  }
  void equalStagesHaveTheBubbleOfTheFormula() {
    QFETCH(QString, schedule);
    QFETCH(int, stages);
    QFETCH(int, microBatches);
    const auto made = ScheduleOf(schedule.toStdString(), microBatches);
    const auto times = Simulate(*made, std::vector<double>(static_cast<size_t>(stages), 3), microBatches);
    const PipelineBalance balance = BalanceOf(times);
    QVERIFY2(IsNear(balance.bubble, made->ExpectedBubble(stages, microBatches)),
             qPrintable(QString::number(balance.bubble)));
    QVERIFY(IsNear(balance.imbalance, 0));
  }

  void unequalStagesAreToldApart_data() {
    QTest::addColumn<QString>("schedule");
    QTest::addColumn<QVector<double>>("seconds");
    QTest::addColumn<int>("microBatches");
    for (const char* schedule : {"gpipe", "1f1b"})
      for (const int micro_batches : {4, 16}) {
        const auto row = [&](const char* name, const QVector<double>& seconds) {
          QTest::addRow("%s, %s, %d micro-batches", schedule, name, micro_batches)
              << schedule << seconds << micro_batches;
        };
        row("the first slower", {4, 3});
        row("the last slower", {3, 4});
        row("one of four slower", {1, 2, 1, 1});
      }
  }
  void unequalStagesAreToldApart() {
    QFETCH(QString, schedule);
    QFETCH(QVector<double>, seconds);
    QFETCH(int, microBatches);
    const auto times = Simulate(*ScheduleOf(schedule.toStdString(), microBatches),
                                {seconds.begin(), seconds.end()}, microBatches);
    const PipelineBalance balance = BalanceOf(times);
    const double sum = std::accumulate(seconds.begin(), seconds.end(), 0.0);
    const double slowest = *std::ranges::max_element(seconds);
    const double of_gpipe = (sum - slowest) / (microBatches * slowest + sum - slowest);
    QVERIFY2(schedule == "gpipe" ? IsNear(balance.bubble, of_gpipe) : balance.bubble <= of_gpipe + 1e-9,
             qPrintable(QString::number(balance.bubble)));
    QVERIFY(balance.bubble > 0);
    QVERIFY(IsNear(balance.imbalance, 1 - sum / static_cast<double>(seconds.size()) / slowest));
    // What all of them wait is both together, and does not vanish with more micro-batches.
    double idle = 0;
    for (const StageTime& stage : times)
      idle +=
          stage.wait_seconds / (stage.wait_seconds + stage.busy_seconds) / static_cast<double>(times.size());
    QVERIFY(IsNear(idle, 1 - (1 - balance.bubble) * (1 - balance.imbalance)));
    QVERIFY(idle > balance.imbalance);
  }

  void nothingComputedIsNoBubble() {
    const std::vector<std::vector<StageTime>> idle = {{}, {{0, 1}, {0, 2}}};
    for (const std::vector<StageTime>& none : idle) {
      QCOMPARE(BalanceOf(none).bubble, 0.0);
      QCOMPARE(BalanceOf(none).imbalance, 0.0);
    }
    const std::vector<StageTime> alone = {{2, 0}};
    QCOMPARE(BalanceOf(alone).bubble, 0.0);
    QCOMPARE(BalanceOf(alone).imbalance, 0.0);
  }
};

CONCERTINA_TEST(PipelineBalanceTest)

}  // namespace concertina::pipeline_balance_test

#include "pipeline_balance_test.moc"
