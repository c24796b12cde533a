// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// sweep_cells_test.cc: which runs fall into a cell of a sweep, their mean, and what state the cell is in.
#include "core/analysis/sweep_cells.h"

#include <QTest>
#include <cmath>

#include "tests/test_program.h"

namespace concertina::sweep_cells_test {
namespace {

constexpr double kNone = std::numeric_limits<double>::quiet_NaN();

// codec a, b by rate 1, 2 by seed 1, 2: eight runs, the seed changing first.
std::vector<VariedField> threeFields() {
  std::vector<VariedField> fields = {{"/gradient", "gradient", {"a", "b"}, {}, {}},
                                     {"/optimizer/rate", "rate", {"1", "2"}, {1, 2}, {}},
                                     {"/seed", "seed", {"1", "2"}, {1, 2}, {}}};
  for (int run = 0; run < 8; ++run) {
    fields[0].value_of.push_back(run / 4);
    fields[1].value_of.push_back(run / 2 % 2);
    fields[2].value_of.push_back(run % 2);
  }
  return fields;
}

std::vector<SweepRunFigure> finished() {
  std::vector<SweepRunFigure> runs;
  for (int run = 0; run < 8; ++run) runs.push_back({CellState::kFinished, double(run)});
  return runs;
}

}  // namespace

class SweepCellsTest : public QObject {
  Q_OBJECT
 private slots:
  void theRestIsAveraged() {
    const SweepCells cells = CellsOf(threeFields(), finished(), {.x = 1, .y = 0, .only_of = {}});
    QCOMPARE(cells.columns, size_t{2});
    QCOMPARE(cells.rows, size_t{2});
    QCOMPARE(cells.at(0, 0).mean, 0.5);
    QCOMPARE(cells.at(0, 1).mean, 2.5);
    QCOMPARE(cells.at(1, 0).mean, 4.5);
    QCOMPARE(cells.at(1, 1).mean, 6.5);
    QCOMPARE(cells.at(1, 1).least, 6.0);
    QCOMPARE(cells.at(1, 1).largest, 7.0);
    QCOMPARE(cells.at(1, 1).measured, 2);
    QVERIFY((cells.at(1, 0).runs == std::vector<size_t>{4, 5}));
  }

  void orFiltered() {
    const SweepCells cells = CellsOf(threeFields(), finished(), {.x = 1, .y = 0, .only_of = {1, -1, 1}});
    QCOMPARE(cells.at(0, 0).mean, 1.0);  // of an axis a filter is ignored
    QCOMPARE(cells.at(1, 1).mean, 7.0);
    QCOMPARE(cells.at(1, 1).measured, 1);
  }

  void oneAxisIsOneRow() {
    const SweepCells cells = CellsOf(threeFields(), finished(), {.x = 0, .y = -1, .only_of = {}});
    QCOMPARE(cells.rows, size_t{1});
    QCOMPARE(cells.at(0, 0).mean, 1.5);
    QCOMPARE(cells.at(0, 1).mean, 5.5);
    QCOMPARE(CellsOf(threeFields(), finished(), {}).cells.size(), size_t{1});
    QCOMPARE(CellsOf(threeFields(), finished(), {}).at(0, 0).mean, 3.5);
  }

  void whatFailedGivesNoValue() {
    std::vector<SweepRunFigure> runs = finished();
    runs[0].state = CellState::kFailed;
    runs[3].value = kNone;
    const SweepCells cells = CellsOf(threeFields(), runs, {.x = 1, .y = 0, .only_of = {}});
    QCOMPARE(cells.at(0, 0).mean, 1.0);
    QCOMPARE(cells.at(0, 0).state, CellState::kFailed);
    QCOMPARE(cells.at(0, 0).runs.size(), size_t{2});
    QCOMPARE(cells.at(0, 1).mean, 2.0);
    runs[1].state = CellState::kFailed;
    const SweepCells none = CellsOf(threeFields(), runs, {.x = 1, .y = 0, .only_of = {}});
    QVERIFY(std::isnan(none.at(0, 0).mean));
    QCOMPARE(none.at(0, 0).measured, 0);
  }

  void theWeightiestStateIsTheCells_data() {
    QTest::addColumn<int>("first");
    QTest::addColumn<int>("second");
    QTest::addColumn<int>("state");
    const auto row = [](const char* name, CellState first, CellState second, CellState state) {
      QTest::newRow(name) << int(first) << int(second) << int(state);
    };
    row("one still runs", CellState::kFinished, CellState::kRunning, CellState::kRunning);
    row("one waits", CellState::kQueued, CellState::kFinished, CellState::kQueued);
    row("one runs, one waits", CellState::kQueued, CellState::kRunning, CellState::kRunning);
    row("one failed", CellState::kFinished, CellState::kFailed, CellState::kFailed);
    row("one failed, one waits", CellState::kFailed, CellState::kQueued, CellState::kQueued);
    row("one was stopped", CellState::kStopped, CellState::kFinished, CellState::kStopped);
    row("both are well", CellState::kFinished, CellState::kFinished, CellState::kFinished);
  }
  void theWeightiestStateIsTheCells() {
    QFETCH(int, first);
    QFETCH(int, second);
    QFETCH(int, state);
    const std::vector<VariedField> fields = {{"/a", "a", {"1"}, {1}, {0, 0}}};
    for (const bool swapped : {false, true}) {
      const std::vector<SweepRunFigure> runs = {{CellState(swapped ? second : first), 1},
                                                {CellState(swapped ? first : second), 2}};
      QCOMPARE(int(CellsOf(fields, runs, {.x = 0, .y = -1, .only_of = {}}).at(0, 0).state), state);
    }
  }

  void aHoleIsEmpty() {
    const std::vector<VariedField> fields = {{"/a", "a", {"1", "2"}, {1, 2}, {0, 1}},
                                             {"/b", "b", {"1", "2"}, {1, 2}, {0, 1}}};
    const std::vector<SweepRunFigure> runs = {{CellState::kFinished, 1}, {CellState::kFinished, 2}};
    const SweepCells cells = CellsOf(fields, runs, {.x = 0, .y = 1, .only_of = {}});
    QCOMPARE(cells.at(0, 1).state, CellState::kEmpty);
    QVERIFY(cells.at(0, 1).runs.empty());
    QVERIFY(std::isnan(cells.at(0, 1).mean));
  }
};

CONCERTINA_TEST(SweepCellsTest)

}  // namespace concertina::sweep_cells_test

#include "sweep_cells_test.moc"
