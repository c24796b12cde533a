// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// pipeline_schedule_test.cc: every schedule, for every number of stages and micro-batches, in virtual time:
// nothing waits for ever, messages are taken in the order they are sent, and the bubble is the formula's.
#include "core/parallel/pipeline_schedule.h"

#include <QTest>
#include <algorithm>
#include <cmath>
#include <map>
#include <set>

#include "core/base/registry.h"
#include "nlohmann/json.hpp"
#include "tests/test_program.h"

namespace concertina::pipeline_schedule_test {
namespace {

std::unique_ptr<PipelineSchedule> Make(const std::string& kind, int chunks = 0) {
  std::vector<Fault> faults;
  Json json = {{"kind", kind}};
  if (chunks > 0) json["chunks"] = chunks;
  const Params params = Registry::Global().Check("pipeline-schedule", json, "", faults);
  return Registry::Global().Create<PipelineSchedule>("pipeline-schedule", params).value();
}

struct Rehearsal {
  bool ended = false;  // false: stages wait for one another for ever
  double seconds = 0;
  bool in_order = true;  // what a stage takes next is what the other sent next
};

// A forward pass takes 1 / C, a backward pass 2 / C, messages nothing. A stage does its tasks in order, each
// as soon as what it needs is there.
Rehearsal Rehearse(const PipelineSchedule& schedule, int stages, int micro_batches) {
  const int pieces = stages * schedule.chunks();
  std::vector<std::vector<PipelineTask>> tasks;
  for (int s = 0; s < stages; ++s) tasks.push_back(schedule.Tasks(s, stages, micro_batches));
  // By (forward, piece, micro-batch): when it was done.
  std::map<std::tuple<bool, int, int>, double> done;
  std::map<std::pair<bool, int>, std::vector<std::pair<int, int>>> sent, taken;  // by (forward, taker)
  std::vector<size_t> at(static_cast<size_t>(stages));
  std::vector<double> clock(static_cast<size_t>(stages));
  bool moved = true;
  while (moved) {
    moved = false;
    for (int s = 0; s < stages; ++s) {
      const auto i = static_cast<size_t>(s);
      while (at[i] < tasks[i].size()) {
        const PipelineTask& task = tasks[i][at[i]];
        const int piece = task.chunk * stages + s;
        const int needs = task.is_forward ? piece - 1 : piece + 1;
        const bool comes = needs >= 0 && needs < pieces;
        double ready = 0;
        if (comes) {
          const auto found = done.find({task.is_forward, needs, task.micro_batch});
          if (found == done.end()) break;
          ready = found->second;
          taken[{task.is_forward, s}].emplace_back(needs, task.micro_batch);
        }
        if (!task.is_forward) {
          const auto forward = done.find({true, piece, task.micro_batch});
          if (forward == done.end()) break;
          ready = std::max(ready, forward->second);
        }
        clock[i] = std::max(clock[i], ready) + (task.is_forward ? 1.0 : 2.0) / schedule.chunks();
        done[{task.is_forward, piece, task.micro_batch}] = clock[i];
        const int goes_to = task.is_forward ? piece + 1 : piece - 1;
        if (goes_to >= 0 && goes_to < pieces)
          sent[{task.is_forward, goes_to % stages}].emplace_back(piece, task.micro_batch);
        ++at[i];
        moved = true;
      }
    }
  }
  Rehearsal rehearsal{.ended = true, .in_order = sent == taken};
  for (int s = 0; s < stages; ++s) {
    const auto i = static_cast<size_t>(s);
    rehearsal.ended = rehearsal.ended && at[i] == tasks[i].size();
    rehearsal.seconds = std::max(rehearsal.seconds, clock[i]);
  }
  return rehearsal;
}

}  // namespace

class PipelineScheduleTest : public QObject {
  Q_OBJECT

  void kinds() {
    QTest::addColumn<QString>("kind");
    for (const std::string& kind : Registry::Global().Kinds("pipeline-schedule"))
      QTest::newRow(kind.c_str()) << QString::fromStdString(kind);
  }

  template <class Check>
  void forAll(const QString& kind, Check check) {
    const auto schedule = Make(kind.toStdString());
    int checked = 0;
    for (int stages = 1; stages <= 8; ++stages)
      for (int micro_batches = 1; micro_batches <= 16; ++micro_batches) {
        if (!schedule->Fits(stages, micro_batches).ok()) continue;
        check(*schedule, stages, micro_batches);
        ++checked;
      }
    QVERIFY(checked >= 16);
  }

 private slots:
  void eachTaskIsDoneOnce_data() { kinds(); }
  void eachTaskIsDoneOnce() {
    QFETCH(QString, kind);
    forAll(kind, [](const PipelineSchedule& schedule, int stages, int micro_batches) {
      for (int s = 0; s < stages; ++s) {
        const std::vector<PipelineTask> tasks = schedule.Tasks(s, stages, micro_batches);
        std::set<std::tuple<bool, int, int>> seen;
        std::map<std::pair<bool, int>, int> next;  // by direction and chunk: slots are taken in turn
        for (const PipelineTask& task : tasks) {
          QVERIFY(task.chunk >= 0 && task.chunk < schedule.chunks());
          QCOMPARE(task.micro_batch, (next[{task.is_forward, task.chunk}]++));
          QVERIFY(seen.insert({task.is_forward, task.chunk, task.micro_batch}).second);
          if (!task.is_forward) QVERIFY(seen.contains({true, task.chunk, task.micro_batch}));
        }
        QCOMPARE(static_cast<int>(tasks.size()), 2 * micro_batches * schedule.chunks());
      }
    });
  }

  void nothingWaitsForEver_data() { kinds(); }
  void nothingWaitsForEver() {
    QFETCH(QString, kind);
    forAll(kind, [](const PipelineSchedule& schedule, int stages, int micro_batches) {
      const Rehearsal rehearsal = Rehearse(schedule, stages, micro_batches);
      QVERIFY2(rehearsal.ended, qPrintable(QString("%1 x %2").arg(stages).arg(micro_batches)));
      QVERIFY2(rehearsal.in_order, qPrintable(QString("%1 x %2").arg(stages).arg(micro_batches)));
    });
  }

  void theBubbleIsAsForetold_data() { kinds(); }
  void theBubbleIsAsForetold() {
    QFETCH(QString, kind);
    forAll(kind, [](const PipelineSchedule& schedule, int stages, int micro_batches) {
      const double seconds = Rehearse(schedule, stages, micro_batches).seconds;
      const double bubble = 1 - 3.0 * micro_batches / seconds;  // of each stage's time
      QVERIFY2(std::abs(bubble - schedule.ExpectedBubble(stages, micro_batches)) < 1e-12,
               qPrintable(QString("%1 x %2: %3, foretold %4")
                              .arg(stages)
                              .arg(micro_batches)
                              .arg(bubble)
                              .arg(schedule.ExpectedBubble(stages, micro_batches))));
    });
  }

  void whatIsRemembered() {
    const auto gpipe = Make("gpipe"), one = Make("1f1b");
    for (int stages = 1; stages <= 8; ++stages)
      for (int m = 1; m <= 16; ++m)
        for (int s = 0; s < stages; ++s) {
          QCOMPARE(PeakActivations(gpipe->Tasks(s, stages, m)), m);
          QCOMPARE(PeakActivations(one->Tasks(s, stages, m)), std::min(m, stages - s));
        }
  }

  // Narayanan et al. SC 2021, section 2.2.2: what is idle is (p - 1) / (v m) of what is busy.
  void interleavingDividesTheBubble_data() {
    QTest::addColumn<int>("stages");
    QTest::addColumn<int>("chunks");
    for (int stages = 1; stages <= 4; ++stages)
      for (int chunks = 1; chunks <= 4; ++chunks)
        QTest::addRow("%d stages of %d", stages, chunks) << stages << chunks;
  }
  void interleavingDividesTheBubble() {
    QFETCH(int, stages);
    QFETCH(int, chunks);
    const auto schedule = Make("interleaved", chunks);
    QCOMPARE(schedule->chunks(), chunks);
    for (int m = stages; m <= 6 * stages; m += stages) {
      const Rehearsal rehearsal = Rehearse(*schedule, stages, m);
      QVERIFY(rehearsal.ended);
      QVERIFY(rehearsal.in_order);
      // Each stage is busy for 3 a micro-batch, whatever v.
      const double idle = rehearsal.seconds - 3.0 * m;
      QVERIFY2(std::abs(idle / (3.0 * m) - (stages - 1.0) / (chunks * m)) < 1e-12,
               qPrintable(QString("m = %1: %2 idle").arg(m).arg(idle)));
      for (int s = 0; s < stages; ++s) {
        const std::vector<PipelineTask> tasks = schedule->Tasks(s, stages, m);
        QCOMPARE(static_cast<int>(tasks.size()), 2 * m * chunks);
        const int behind = stages - s - 1;
        const int in_advance = chunks == 1 ? behind : 2 * behind + (chunks - 1) * stages;
        QCOMPARE(PeakActivations(tasks), std::min(m * chunks, in_advance + 1));
        if (chunks == 1) QVERIFY(tasks == Make("1f1b")->Tasks(s, stages, m));
      }
    }
  }

  void microBatchesThatStagesDoNotDivideAreRefused() {
    const auto schedule = Make("interleaved");
    for (int stages = 1; stages <= 8; ++stages)
      for (int m = 1; m <= 32; ++m) {
        const absl::Status fits = schedule->Fits(stages, m);
        QCOMPARE(fits.ok(), m % stages == 0);
        if (!fits.ok()) QCOMPARE(fits.code(), absl::StatusCode::kInvalidArgument);
      }
    const auto says = [&](int stages, int m) {
      return QString::fromStdString(std::string(schedule->Fits(stages, m).message()));
    };
    QVERIFY2(says(4, 6).startsWith("a multiple of the 4 stages, like 4 or 8: "), qPrintable(says(4, 6)));
    QVERIFY2(says(4, 3).startsWith("a multiple of the 4 stages, like 4: "), qPrintable(says(4, 3)));
  }

  // The rehearsal itself can fail: two stages that each take first what the other makes last.
  void aKnotIsFound() {
    class Knot final : public PipelineSchedule {
      std::vector<PipelineTask> Tasks(int stage, int, int) const override {
        std::vector<PipelineTask> tasks = {{true, 0, 0}, {true, 1, 0}, {false, 0, 0}, {false, 1, 0}};
        if (stage == 0) std::swap(tasks[1], tasks[2]);  // a gradient before the last stage has all it wants
        return tasks;
      }
    };
    QVERIFY(!Rehearse(Knot(), 2, 2).ended);
  }
};

CONCERTINA_TEST(PipelineScheduleTest)

}  // namespace concertina::pipeline_schedule_test

#include "pipeline_schedule_test.moc"
