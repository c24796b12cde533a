// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// metric_hub_past_test.cc: an engine is killed at any moment, the ranks say again what they think was not
// stored, and the store has what it would have had.
#include <QTest>
#include <algorithm>

#include "core/base/rng.h"
#include "core/engine/metric_hub.h"
#include "core/engine/return_point.h"
#include "fmt/format.h"
#include "tests/core/engine/memory_store.h"
#include "tests/test_program.h"

namespace concertina::metric_hub_past_test {
namespace {

constexpr int kRanks = 3;
constexpr int64_t kSteps = 60;

double Loss(int rank, int64_t step) { return 1.0 / static_cast<double>(1 + step) + 0.1 * rank; }
double Bytes(int rank, int64_t step) { return static_cast<double>(100 + step + 10 * rank); }

// Steps [first, end) of a rank; every seventh is tested behind it, by rank 0.
proto::MetricBatch Batch(int rank, int64_t first, int64_t end, bool declares) {
  proto::MetricBatch batch;
  const char* const names[] = {"train/loss", "comm/bytes_sent", "test/accuracy"};
  for (uint32_t id = 0; declares && id < 3; ++id) {
    proto::SeriesDeclaration& series = *batch.add_declared();
    series.set_id(id);
    series.set_name(names[id]);
    series.set_fold(id == 1 ? proto::SUM : proto::MEAN);
  }
  if (first >= end) return batch;
  proto::MetricTable& table = *batch.add_tables();
  for (uint32_t id = 0; id < 2; ++id) table.add_columns()->set_series(id);
  for (int64_t step = first; step < end; ++step) {
    table.add_steps(step);
    table.add_seconds(0.01 * static_cast<double>(step + 1));
    table.mutable_columns(0)->add_values(Loss(rank, step));
    table.mutable_columns(1)->add_values(Bytes(rank, step));
  }
  for (int64_t step = first; rank == 0 && step < end; ++step) {
    if (step % 7 != 6) continue;
    proto::MetricTable& tested = *batch.add_tables();
    tested.add_steps(step + 1);
    tested.add_seconds(0.01 * static_cast<double>(step + 1));
    tested.add_columns()->set_series(2);
    tested.mutable_columns(0)->add_values(0.5 + 0.001 * static_cast<double>(step));
  }
  return batch;
}

// Only so many appends of the last that it writes come to the disk.
class StoreOfAKilled final : public MemoryStore {
 public:
  int appends_left = 1 << 30;
  void Append(const std::string& run, const std::string& name, int rank, const std::string& unit,
              std::span<const int64_t> steps, std::span<const double> seconds,
              std::span<const double> values) override {
    if (appends_left-- > 0) MemoryStore::Append(run, name, rank, unit, steps, seconds, values);
  }
};

}  // namespace

class MetricHubPastTest : public QObject {
  Q_OBJECT
 private slots:
  void eachStepIsStoredOnceWhereverTheEngineWasKilled() {
    MemoryStore whole;
    RunTotals whole_totals;
    {
      RunMeter meter(10, 10);
      MetricHub hub(kRanks, meter);
      for (int rank = 0; rank < kRanks; ++rank) QVERIFY(hub.Add(rank, Batch(rank, 0, kSteps, true)).ok());
      for (int rank = 0; rank < kRanks; ++rank) hub.RankEnded(rank);
      hub.WriteTo(whole, "run");
      whole_totals.bytes_sent = meter.bytes_sent();
    }
    bool was_unfolded = false, was_torn = false;
    for (uint64_t seed = 0; seed < 200; ++seed) {
      Rng rng(seed);
      const auto below = [&](int64_t end) {
        return static_cast<int64_t>(rng.Below(static_cast<uint64_t>(end)));
      };
      StoreOfAKilled store;
      std::vector<int64_t> said(kRanks), stored(kRanks);
      {
        RunMeter meter(10, 10);
        MetricHub hub(kRanks, meter);
        for (int rank = 0; rank < kRanks; ++rank) {
          said[size_t(rank)] = 1 + below(kSteps / 2);
          QVERIFY(hub.Add(rank, Batch(rank, 0, said[size_t(rank)], true)).ok());
        }
        hub.WriteTo(store, "run");
        stored = said;  // and told so
        for (int rank = 0; rank < kRanks; ++rank) {
          const int64_t more = 1 + below(10);
          QVERIFY(hub.Add(rank, Batch(rank, said[size_t(rank)], said[size_t(rank)] + more, false)).ok());
          said[size_t(rank)] += more;
        }
        store.appends_left = static_cast<int>(below(14));
        was_torn |= store.appends_left > 0 && store.appends_left < 12;
        hub.WriteTo(store, "run");
      }
      store.appends_left = 1 << 30;
      proto::RunSummary summary;
      summary.set_run("run");
      const absl::StatusOr<ReturnPoint> back = FindReturnPoint(store, summary);
      QVERIFY2(back.ok(), back.status().ToString().c_str());
      for (const KeptSeries& series : back->series)
        for (const KeptSeries::OfRank& of_rank : series.ranks)
          was_unfolded |= !of_rank.unfolded.steps.empty();
      RunMeter meter(10, 10, back->totals);
      MetricHub hub(kRanks, meter);
      hub.TakeUp(back->series, back->bytes_total);
      std::vector<int> order = {0, 1, 2};
      for (size_t i = order.size(); i > 1; --i) std::swap(order[i - 1], order[size_t(below(int64_t(i)))]);
      for (const int rank : order) {
        QVERIFY(hub.Add(rank, Batch(rank, 0, 0, true)).ok());
        // More than it would have to.
        const int64_t from = std::max<int64_t>(0, stored[size_t(rank)] - below(5));
        QVERIFY(hub.Add(rank, Batch(rank, from, said[size_t(rank)], false)).ok());
      }
      hub.WriteTo(store, "run");
      for (const int rank : order) {
        QCOMPARE(hub.steps_of(rank), said[size_t(rank)]);
        QVERIFY(hub.Add(rank, Batch(rank, said[size_t(rank)], kSteps, false)).ok());
      }
      for (int rank = 0; rank < kRanks; ++rank) hub.RankEnded(rank);
      hub.WriteTo(store, "run");
      QCOMPARE(store.series.size(), whole.series.size());
      for (const auto& [key, expected] : whole.series) {
        const MemoryStore::Kept& found = store.series[key];
        const std::string where = fmt::format("seed {}, {} of {}", seed, key.first, key.second);
        QVERIFY2(found.steps == expected.steps, where.c_str());
        QVERIFY2(found.values == expected.values, where.c_str());
        QVERIFY2(found.seconds == expected.seconds, where.c_str());
      }
      QCOMPARE(meter.steps(), kSteps);
      QCOMPARE(meter.bytes_sent(), whole_totals.bytes_sent);
    }
    QVERIFY(was_unfolded && was_torn);
  }
};

CONCERTINA_TEST(MetricHubPastTest)

}  // namespace concertina::metric_hub_past_test

#include "metric_hub_past_test.moc"
