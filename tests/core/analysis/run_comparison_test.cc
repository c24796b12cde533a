// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// run_comparison_test.cc: figures of runs, seeds as one, and differences against a baseline, by hand.
#include "core/analysis/run_comparison.h"

#include <QTest>
#include <cmath>
#include <set>

#include "fmt/format.h"
#include "tests/test_program.h"

namespace concertina::run_comparison_test {

ComparedRun Run(const std::string& id, uint64_t seed, double rate, double accuracy) {
  ComparedRun run{.id = id, .name = "run", .state = "finished", .seed = seed, .final_accuracy = accuracy};
  run.spec_json =
      fmt::format(R"({{"name": "run", "seed": {}, "optimizer": {{"learning_rate": {}}}}})", seed, rate);
  return run;
}

bool Near(double a, double b) { return std::abs(a - b) < 1e-9; }

class RunComparisonTest : public QObject {
  Q_OBJECT

  const std::vector<ComparedRun> runs_ = {Run("a", 1, 0.1, 0.90), Run("b", 2, 0.1, 0.91),
                                          Run("c", 1, 0.2, 0.93), Run("d", 3, 0.1, 0.92),
                                          Run("e", 2, 0.2, 0.94), Run("f", 3, 0.2, 0.95)};

 private slots:
  void runsThatDifferInTheSeedAreOne() {
    const std::vector<RunGroup> groups = GroupRuns(runs_, true);
    QCOMPARE(groups.size(), size_t{2});
    QCOMPARE(groups[0].runs, (std::vector<size_t>{0, 1, 3}));
    QCOMPARE(groups[1].runs, (std::vector<size_t>{2, 4, 5}));
    QCOMPARE(groups[0].seeds, int64_t{3});
    // The names are alike, so the setting that differs tells them apart.
    QCOMPARE(groups[0].label, std::string("run (learning_rate 0.1)"));
    QCOMPARE(groups[1].label, std::string("run (learning_rate 0.2)"));
  }

  void switchedOffEachRunIsItsOwn() {
    const std::vector<RunGroup> groups = GroupRuns(runs_, false);
    QCOMPARE(groups.size(), runs_.size());
    std::set<std::string> labels;
    for (size_t g = 0; g < groups.size(); ++g) {
      QCOMPARE(groups[g].runs, std::vector<size_t>{g});
      QVERIFY2(labels.insert(groups[g].label).second, groups[g].label.c_str());
    }
    QCOMPARE(groups[1].label, std::string("run (seed 2)"));
    QCOMPARE(groups[4].label, std::string("run (seed 2) (e)"));
  }

  // Means 0.91 and 0.94, both with s = 0.01; Welch: nu = 4, t = 2.776445105, w = 0.01 sqrt(2/3).
  void differencesAreThoseOfWelch() {
    const std::vector<RunGroup> groups = GroupRuns(runs_, true);
    const auto figure = [&](size_t g) {
      return FigureOfGroup(runs_, groups[g], RunFigure::kFinalAccuracy, 0.9);
    };
    const GroupFigure base = figure(0), other = figure(1);
    QVERIFY(Near(base.sample.mean, 0.91) && Near(base.sample.deviation, 0.01) && base.sample.count == 3);
    const FigureDifference difference = DifferenceOf(base, other);
    QVERIFY(Near(difference.absolute, 0.03) && Near(difference.relative, 0.03 / 0.91));
    const double half = 2.776445105 * 0.01 * std::sqrt(2.0 / 3);
    QVERIFY(Near(difference.interval.low, 0.03 - half) && Near(difference.interval.high, 0.03 + half));
    QVERIFY(difference.is_significant());
    QVERIFY(!DifferenceOf(base, base).is_significant());
  }

  void oneSeedHasADifferenceButNoInterval() {
    const std::vector<ComparedRun> runs = {Run("a", 1, 0.1, 0.9), Run("b", 1, 0.2, 0.8),
                                           Run("c", 2, 0.2, 0.6)};
    const std::vector<RunGroup> groups = GroupRuns(runs, true);
    const auto figure = [&](size_t g) {
      return FigureOfGroup(runs, groups[g], RunFigure::kFinalAccuracy, 0.9);
    };
    const FigureDifference difference = DifferenceOf(figure(0), figure(1));
    QVERIFY(Near(difference.absolute, -0.2));
    QVERIFY(!difference.interval.is_known() && !difference.is_significant());
    QVERIFY(!figure(0).interval.is_known() && figure(1).interval.is_known());
  }

  // A deterministic program repeats itself: that must not look like certainty.
  void aSeedThatRanTwiceCountsOnce() {
    const std::vector<ComparedRun> runs = {Run("a", 1, 0.1, 0.9), Run("b", 1, 0.1, 0.9),
                                           Run("c", 1, 0.1, 0.9)};
    const std::vector<RunGroup> groups = GroupRuns(runs, true);
    QCOMPARE(groups.size(), size_t{1});
    QCOMPARE(groups[0].seeds, int64_t{1});
    const GroupFigure figure = FigureOfGroup(runs, groups[0], RunFigure::kFinalAccuracy, 0.9);
    QCOMPARE(figure.sample.count, int64_t{1});
    QVERIFY(!figure.interval.is_known());
  }

  // 0.5 after one epoch, 0.8 after two, 1.0 after three; 10 s and 100 B an epoch.
  void epochsToTheTargetMoveWithIt_data() {
    QTest::addColumn<double>("target");
    QTest::addColumn<double>("epochs");
    QTest::newRow("at once") << 0.4 << 1.0;
    QTest::newRow("on a point") << 0.8 << 2.0;
    QTest::newRow("between") << 0.9 << 2.5;
    QTest::newRow("at the end") << 1.0 << 3.0;
    QTest::newRow("never") << 1.1 << kNoFigure;
  }
  void epochsToTheTargetMoveWithIt() {
    QFETCH(double, target);
    QFETCH(double, epochs);
    ComparedRun run = Run("a", 1, 0.1, 0.95);
    run.by_epoch = {{1, 2, 3}, {0.5, 0.8, 1.0}};
    run.by_seconds = {{10, 20, 30}, {0.5, 0.8, 1.0}};
    run.by_bytes = {{100, 200, 300}, {0.5, 0.8, 1.0}};
    const auto is = [&](RunFigure figure, double expected) {
      const double found = FigureOf(run, figure, target);
      return std::isnan(expected) ? std::isnan(found) : Near(found, expected);
    };
    QVERIFY(is(RunFigure::kEpochsToTarget, epochs));
    QVERIFY(is(RunFigure::kSecondsToTarget, 10 * epochs));
    QVERIFY(is(RunFigure::kBytesToTarget, 100 * epochs));
    QVERIFY(is(RunFigure::kBestAccuracy, 1.0));
    QVERIFY(is(RunFigure::kFinalAccuracy, 0.95));
  }

  // The mean of those that arrived is not the mean of all.
  void whoNeverArrivesIsNotLeftOut() {
    std::vector<ComparedRun> runs = {Run("a", 1, 0.1, 0.9), Run("b", 2, 0.1, 0.9), Run("c", 1, 0.2, 0.9)};
    for (ComparedRun& run : runs) run.by_epoch = {{1, 2}, {0.5, 0.9}};
    runs[1].by_epoch.y[1] = 0.6;
    const std::vector<RunGroup> groups = GroupRuns(runs, true);
    const GroupFigure some = FigureOfGroup(runs, groups[0], RunFigure::kEpochsToTarget, 0.9);
    const GroupFigure all = FigureOfGroup(runs, groups[1], RunFigure::kEpochsToTarget, 0.9);
    QCOMPARE(some.missing, int64_t{1});
    QCOMPARE(some.sample.mean, 2.0);
    QVERIFY(!some.interval.is_known());
    QVERIFY(std::isnan(DifferenceOf(all, some).absolute));
  }

  void theCommonTargetIsWhatAllReached() {
    QCOMPARE(CommonTarget(runs_), 0.90);
    std::vector<ComparedRun> runs = runs_;
    runs[0].by_seconds = {{1, 2}, {0.97, 0.90}};  // it was better once
    QCOMPARE(CommonTarget(runs), 0.91);
    runs.push_back(Run("g", 1, 0.1, kNoFigure));  // never evaluated: says nothing
    QCOMPARE(CommonTarget(runs), 0.91);
    QVERIFY(std::isnan(CommonTarget({})));
  }

  void everyFigureHasAName() {
    std::set<std::string> titles;
    for (int f = 0; f < kRunFigures; ++f)
      QVERIFY(titles.insert(InfoOf(static_cast<RunFigure>(f)).title).second);
  }
};

CONCERTINA_TEST(RunComparisonTest)

}  // namespace concertina::run_comparison_test

#include "run_comparison_test.moc"
