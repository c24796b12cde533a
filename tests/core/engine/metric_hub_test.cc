// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// metric_hub_test.cc: folding of what ranks measured, whatever the order in which it comes.
#include "core/engine/metric_hub.h"

#include <QTest>
#include <cmath>
#include <limits>
#include <numeric>

#include "absl/strings/match.h"
#include "core/base/rng.h"
#include "tests/core/engine/memory_store.h"
#include "tests/test_program.h"

namespace concertina::metric_hub_test {
namespace {

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();
using Doubles = std::vector<double>;
using Steps = std::vector<int64_t>;

struct Column {
  uint32_t series;
  Doubles values;
};

void Declare(proto::MetricBatch& batch, uint32_t id, const std::string& name, proto::Fold fold,
             const std::string& unit = "") {
  proto::SeriesDeclaration& declaration = *batch.add_declared();
  declaration.set_id(id);
  declaration.set_name(name);
  declaration.set_fold(fold);
  declaration.set_unit(unit);
}

void AddTable(proto::MetricBatch& batch, const Steps& steps, const std::vector<Column>& columns,
              double clock = 0) {
  proto::MetricTable& table = *batch.add_tables();
  for (const int64_t step : steps) {
    table.add_steps(step);
    table.add_seconds(static_cast<double>(step) * 0.01 + clock);
  }
  for (const Column& column : columns) {
    proto::MetricTable::Column& put = *table.add_columns();
    put.set_series(column.series);
    for (const double value : column.values) put.add_values(value);
  }
}

proto::MetricBatch Batch(bool declare, const Steps& steps, const Doubles& loss, const Doubles& bytes) {
  proto::MetricBatch batch;
  if (declare) {
    Declare(batch, 0, "train/loss", proto::MEAN);
    Declare(batch, 1, "comm/bytes_sent", proto::SUM, "B");
    Declare(batch, 2, "test/accuracy", proto::MEAN);
    Declare(batch, 3, "memory/resident_bytes", proto::MAX, "B");
  }
  if (!steps.empty()) AddTable(batch, steps, {{0, loss}, {1, bytes}});
  return batch;
}

}  // namespace

class MetricHubTest : public QObject {
  Q_OBJECT
 private slots:
  void init() {
    meter_ = std::make_unique<RunMeter>(64, 10);
    store_ = MemoryStore();
  }

  void aStepIsFoldedWhenAllRanksReportedIt() {
    MetricHub hub(2, *meter_);
    QVERIFY(hub.Add(0, Batch(true, {0, 1, 2}, {1, 2, 3}, {10, 20, 30})).ok());
    QVERIFY(hub.TakeUpdate(false) == nullptr);
    QVERIFY(hub.Add(1, Batch(true, {0, 1}, {3, 4}, {1, 2})).ok());
    const auto update = hub.TakeUpdate(false);
    QVERIFY(update != nullptr);
    QCOMPARE(Steps(update->steps().begin(), update->steps().end()), (Steps{0, 1}));
    QCOMPARE(Values(*update, "train/loss"), (Doubles{2, 3}));
    QCOMPARE(Values(*update, "comm/bytes_sent"), (Doubles{11, 22}));
    QCOMPARE(Values(*update, "comm/bytes_total"), (Doubles{11, 33}));
    QCOMPARE(Doubles(update->bytes().begin(), update->bytes().end()), (Doubles{11, 33}));
    QCOMPARE(Doubles(update->epochs().begin(), update->epochs().end()), (Doubles{0, 0.1}));
    QVERIFY(hub.TakeUpdate(false) == nullptr);
    QCOMPARE(hub.steps_of(0), int64_t{3});
  }

  void theNewestValueOfARankIsKnown() {
    MetricHub hub(2, *meter_);
    QVERIFY(std::isnan(hub.last_of("train/loss", 0)));  // of no series
    QVERIFY(hub.Add(0, Batch(true, {0, 1, 2}, {1, 2, kNaN}, {10, 20, 30})).ok());
    QCOMPARE(hub.last_of("train/loss", 0), 2.0);
    QCOMPARE(hub.last_of("comm/bytes_sent", 0), 30.0);
    QVERIFY(std::isnan(hub.last_of("train/loss", 1)));
    QVERIFY(std::isnan(hub.last_of("memory/resident_bytes", 0)));
    hub.WriteTo(store_, "run");  // what was stored is known all the same
    QCOMPARE(hub.last_of("train/loss", 0), 2.0);
    hub.RankEnded(0);
    hub.RankBegan(0, 3);  // another worker
    QVERIFY(std::isnan(hub.last_of("train/loss", 0)));
    hub.RankBegan(2, 3);
    QVERIFY(std::isnan(hub.last_of("train/loss", 2)));
  }

  void aRankThatEndedIsNotWaitedFor() {
    MetricHub hub(2, *meter_);
    QVERIFY(hub.Add(0, Batch(true, {0, 1}, {1, 2}, {10, 20})).ok());
    QVERIFY(hub.Add(1, Batch(true, {0}, {3}, {1})).ok());
    hub.RankEnded(1);
    hub.WriteTo(store_, "run");
    QCOMPARE(Stored("train/loss", kWholeRun), (Doubles{2, 2}));  // the second of rank 0 alone
  }

  // What only rank 0 reports (or all do, at the same step) must not wait for the end of the run.
  void anEvaluationOfOneRankIsFoldedOnceTheOthersArePast() {
    MetricHub hub(2, *meter_);
    QVERIFY(hub.Add(1, Batch(true, {0, 1}, {1, 2}, {1, 1})).ok());
    proto::MetricBatch batch = Batch(true, {0, 1}, {1, 2}, {1, 1});
    AddTable(batch, {2}, {{2, {0.5}}});
    QVERIFY(hub.Add(0, batch).ok());
    hub.WriteTo(store_, "run");
    QVERIFY(Stored("test/accuracy", kWholeRun).empty());  // rank 1 might still say something of step 2
    QVERIFY(hub.Add(0, Batch(false, {2, 3}, {1, 2}, {1, 1})).ok());
    QVERIFY(hub.Add(1, Batch(false, {2, 3}, {1, 2}, {1, 1})).ok());
    hub.WriteTo(store_, "run");
    QCOMPARE(Stored("test/accuracy", kWholeRun), (Doubles{0.5}));
    QCOMPARE(Stored("test/accuracy", 0), (Doubles{0.5}));
    QCOMPARE(store_.series[(std::pair<std::string, int>("test/accuracy", kWholeRun))].steps, (Steps{2}));
  }

  void whatWasNotMeasuredIsLeftOut() {
    MetricHub hub(2, *meter_);
    QVERIFY(hub.Add(0, Batch(true, {0, 1, 2}, {1, kNaN, kNaN}, {1, 1, 1})).ok());
    QVERIFY(hub.Add(1, Batch(true, {0, 1, 2}, {3, 5, kNaN}, {1, 1, 1})).ok());
    hub.WriteTo(store_, "run");
    QCOMPARE(Stored("train/loss", kWholeRun), (Doubles{2, 5}));
    QCOMPARE(Stored("train/loss", 0), (Doubles{1}));
    QCOMPARE(Stored("train/loss", 1), (Doubles{3, 5}));
  }

  void foldsAreThoseDeclared() {
    MetricHub hub(3, *meter_);
    for (int rank = 0; rank < 3; ++rank) {
      proto::MetricBatch batch = Batch(true, {}, {}, {});
      const double value = std::array{4.0, -1.0, 3.0}[static_cast<size_t>(rank)];
      AddTable(batch, {7}, {{0, {value}}, {1, {value}}, {3, {value}}});
      QVERIFY(hub.Add(rank, batch).ok());
    }
    hub.WriteTo(store_, "run");
    QCOMPARE(Stored("train/loss", kWholeRun), (Doubles{2}));
    QCOMPARE(Stored("comm/bytes_sent", kWholeRun), (Doubles{6}));
    QCOMPARE(Stored("memory/resident_bytes", kWholeRun), (Doubles{4}));
  }

  // The bits of a run's curve must not depend on which rank's message came first.
  void theOrderOfArrivalChangesNoBit() {
    Doubles reference;
    for (uint64_t seed = 0; seed < 20; ++seed) {
      RunMeter meter(1, 10);
      MetricHub hub(4, meter);
      MemoryStore store;
      Rng rng(seed, "arrival");
      std::array<int64_t, 4> next = {0, 0, 0, 0};
      while (std::any_of(next.begin(), next.end(), [](int64_t step) { return step < 100; })) {
        const auto rank = static_cast<size_t>(rng.Below(4));
        Steps steps;
        Doubles loss, bytes;
        const auto count = static_cast<int64_t>(rng.Below(9));
        for (int64_t i = 0; i < count && next[rank] < 100; ++i) {
          steps.push_back(next[rank]++);
          loss.push_back(std::sin(static_cast<double>(steps.back() * 7 + static_cast<int64_t>(rank))) / 3);
          bytes.push_back(1);
        }
        // Only the first batch declares, and it may be empty.
        QVERIFY(hub.Add(static_cast<int>(rank), Batch(!declared_[rank], steps, loss, bytes)).ok());
        declared_[rank] = true;
      }
      declared_ = {};
      for (int rank = 0; rank < 4; ++rank) hub.RankEnded(rank);
      hub.WriteTo(store, "run");
      const auto& kept = store.series[{"train/loss", kWholeRun}];
      QCOMPARE(kept.steps.size(), size_t{100});
      QVERIFY(std::is_sorted(kept.seconds.begin(), kept.seconds.end()));
      if (seed == 0) reference = kept.values;
      QCOMPARE(kept.values, reference);
      const auto& total = store.series[{kBytesTotalSeries, kWholeRun}];
      QCOMPARE(total.values.back(), 400.0);
    }
  }

  void aRankFarAheadIsNotKeptForEver() {
    MetricHub hub(2, *meter_);
    QVERIFY(hub.Add(0, Batch(true, {}, {}, {})).ok());
    QVERIFY(hub.Add(1, Batch(true, {}, {}, {})).ok());
    const int64_t far = 3 * MetricHub::kMaxWindowSteps;
    for (int64_t begin = 0; begin < far; begin += 1000) {
      Steps steps(1000);
      std::iota(steps.begin(), steps.end(), begin);
      QVERIFY(hub.Add(0, Batch(false, steps, Doubles(1000, 1.0), Doubles(1000, 1.0))).ok());
    }
    hub.WriteTo(store_, "run");
    QVERIFY(Stored("train/loss", kWholeRun).size() > static_cast<size_t>(far - MetricHub::kMaxWindowSteps));
    // The slow one's own curve is whole all the same, and the run's goes on.
    QVERIFY(hub.Add(1, Batch(false, {0, 1, far}, {1, 1, 1}, {1, 1, 1})).ok());
    hub.WriteTo(store_, "run");
    QCOMPARE(Stored("train/loss", 1).size(), size_t{3});
    const Steps& steps = store_.series[(std::pair<std::string, int>("train/loss", kWholeRun))].steps;
    QVERIFY(std::is_sorted(steps.begin(), steps.end(), std::less_equal<>()));
  }

  void aHugeStepCostsNoMemory() {
    MetricHub hub(1, *meter_);
    QVERIFY(
        hub.Add(0, Batch(true, {5, int64_t{1} << 52, (int64_t{1} << 52) + 5}, {1, 2, 3}, {1, 1, 1})).ok());
    hub.WriteTo(store_, "run");
    QCOMPARE(Stored("train/loss", kWholeRun), (Doubles{1, 2, 3}));
  }

  void rowsAreNotTakenTwice() {
    MetricHub hub(1, *meter_);
    QVERIFY(hub.Add(0, Batch(true, {0, 1}, {1, 2}, {1, 1})).ok());
    QVERIFY(hub.Add(0, Batch(false, {1, 2}, {9, 3}, {1, 1})).ok());
    hub.WriteTo(store_, "run");
    QCOMPARE(Stored("train/loss", kWholeRun), (Doubles{1, 2, 3}));
    QCOMPARE(Stored("train/loss", 0), (Doubles{1, 2, 3}));
  }

  void brokenBatchesAreRefusedWhole_data() {
    QTest::addColumn<QString>("how");
    QTest::addColumn<QString>("says");
    QTest::newRow("undeclared") << "undeclared"
                                << "was not declared";
    QTest::newRow("short column") << "short"
                                  << "a column of 1 values in a table of 2 steps";
    QTest::newRow("steps go back") << "back"
                                   << "step 0 follows step 1";
    QTest::newRow("negative step") << "negative"
                                   << "step -5";
    QTest::newRow("time not finite") << "clock"
                                     << "not finite";
    QTest::newRow("gap in the numbers") << "gap"
                                        << "series number 9";
    QTest::newRow("no name") << "name"
                             << "no proper name";
    QTest::newRow("too many series") << "many"
                                     << "more than 1024";
    QTest::newRow("times missing") << "times"
                                   << "2 steps and 1 times";
  }
  void brokenBatchesAreRefusedWhole() {
    QFETCH(QString, how);
    QFETCH(QString, says);
    MetricHub hub(1, *meter_);
    QVERIFY(hub.Add(0, Batch(true, {0}, {1}, {1})).ok());
    proto::MetricBatch batch = Batch(false, {1}, {7}, {7});
    if (how == "undeclared") AddTable(batch, {2}, {{44, {1}}});
    if (how == "short") AddTable(batch, {2, 3}, {{0, {1}}});
    if (how == "back") AddTable(batch, {1, 0}, {{0, {1, 1}}});
    if (how == "negative") AddTable(batch, {-5}, {{0, {1}}});
    if (how == "clock") AddTable(batch, {2}, {{0, {1}}}, kNaN);
    if (how == "gap") Declare(batch, 9, "x", proto::MEAN);
    if (how == "name") Declare(batch, 4, "bad name\n", proto::MEAN);
    if (how == "many")
      for (uint32_t id = 4; id < 1100; ++id) Declare(batch, id, "s/" + std::to_string(id), proto::MEAN);
    if (how == "times") {
      AddTable(batch, {2, 3}, {{0, {1, 1}}});
      batch.mutable_tables(1)->mutable_seconds()->RemoveLast();
    }
    const absl::Status status = hub.Add(0, batch);
    QCOMPARE(status.code(), absl::StatusCode::kInvalidArgument);
    QVERIFY2(absl::StrContains(status.message(), says.toStdString()), std::string(status.message()).c_str());
    QVERIFY(absl::StrContains(status.message(), "rank 0"));
    hub.WriteTo(store_, "run");
    QCOMPARE(Stored("train/loss", 0), (Doubles{1}));
  }

  void watchersOfRanksSeeThem() {
    MetricHub hub(2, *meter_);
    QVERIFY(hub.Add(0, Batch(true, {0, 1}, {1, 2}, {1, 1})).ok());
    const auto update = hub.TakeUpdate(true);
    QVERIFY(update != nullptr);
    QCOMPARE(update->steps_size(), 2);
    for (const auto& column : update->columns()) {
      QCOMPARE(column.rank(), 0);
      QCOMPARE(column.values_size(), 2);
    }
  }

  void columnsOfDifferentStepsShareOneAxis() {
    MetricHub hub(1, *meter_);
    proto::MetricBatch batch = Batch(true, {0, 1, 2}, {1, 2, 3}, {5, 5, 5});
    AddTable(batch, {1, 9}, {{2, {0.25, 0.5}}});
    QVERIFY(hub.Add(0, batch).ok());
    hub.RankEnded(0);
    const auto update = hub.TakeUpdate(false);
    QCOMPARE(Steps(update->steps().begin(), update->steps().end()), (Steps{0, 1, 2, 9}));
    QCOMPARE(Doubles(update->bytes().begin(), update->bytes().end()), (Doubles{5, 10, 15, 15}));
    const Doubles accuracy = Values(*update, "test/accuracy");
    QVERIFY(std::isnan(accuracy[0]) && accuracy[1] == 0.25 && std::isnan(accuracy[2]) && accuracy[3] == 0.5);
  }

  void whatAStoreHasNoRoomForComesNextInItsOrder() {
    MetricHub hub(1, *meter_);
    QVERIFY(hub.Add(0, Batch(true, {0, 1}, {1, 2}, {10, 20})).ok());
    store_.room = 1;
    hub.WriteTo(store_, "run");
    QCOMPARE(store_.series.size(), size_t{1});
    QVERIFY(hub.held_values() > 0);
    QVERIFY(hub.Add(0, Batch(false, {2}, {3}, {30})).ok());
    store_.room = 1 << 30;
    hub.WriteTo(store_, "run");
    QCOMPARE(hub.held_values(), size_t{0});
    for (const int rank : {kWholeRun, 0}) {
      QCOMPARE(Stored("train/loss", rank), (Doubles{1, 2, 3}));
      QCOMPARE(Stored("comm/bytes_sent", rank), (Doubles{10, 20, 30}));
    }
  }

  void whatAStoreCannotTakeIsHeldAndInTheEndTold() {
    MetricHub hub(1, *meter_);
    QVERIFY(hub.Add(0, Batch(true, {}, {}, {})).ok());
    int64_t step = 0;
    while (hub.dropped() == 0) {
      Steps steps(4096);
      std::iota(steps.begin(), steps.end(), step);
      step += 4096;
      QVERIFY(hub.Add(0, Batch(false, steps, Doubles(4096, 1.0), Doubles(4096, 1.0))).ok());
      QVERIFY(hub.held_values() <= MetricHub::kMaxHeldValues);
    }
    hub.WriteTo(store_, "run");
    QCOMPARE(Stored("train/loss", kWholeRun).size(),
             static_cast<size_t>(step));  // the run's own curve is whole
    QVERIFY(Stored("train/loss", 0).size() < static_cast<size_t>(step));
  }

 private:
  static Doubles Values(const proto::MetricUpdate& update, const std::string& name) {
    for (const auto& column : update.columns())
      if (column.series() == name) return {column.values().begin(), column.values().end()};
    return {};
  }
  Doubles Stored(const std::string& name, int rank) { return store_.series[{name, rank}].values; }

  std::unique_ptr<RunMeter> meter_;
  MemoryStore store_;
  std::array<bool, 4> declared_ = {};
};

CONCERTINA_TEST(MetricHubTest)

}  // namespace concertina::metric_hub_test

#include "metric_hub_test.moc"
