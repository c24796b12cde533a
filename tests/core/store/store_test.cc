// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// store_test.cc: what was put comes back, in this process and in the next, at every zoom.
#include "core/store/store.h"

#include <QTemporaryDir>
#include <QTest>
#include <cmath>
#include <limits>
#include <thread>

#include "absl/strings/match.h"
#include "core/base/rng.h"
#include "core/store/bench_store.h"
#include "core/store/schema.h"
#include "core/store/series.h"
#include "nlohmann/json.hpp"
#include "tests/test_program.h"

namespace concertina::store_test {
namespace {

constexpr int64_t kAll = std::numeric_limits<int64_t>::max();

struct Points {
  std::vector<int64_t> steps;
  std::vector<double> seconds, values;
};

Points SomePoints(int64_t count, uint64_t seed, int64_t first_step = 0) {
  Rng rng(seed);
  Points points;
  int64_t step = first_step;
  for (int64_t i = 0; i < count; ++i, step += 1 + static_cast<int64_t>(rng.Below(3))) {
    points.steps.push_back(step);
    points.seconds.push_back(0.01 * static_cast<double>(step) + 0.001 * rng.Uniform());
    points.values.push_back(rng.Below(40) == 0 ? std::nan("") : rng.Normal());
  }
  return points;
}

// In portions of random length, syncing now and then, so that all ways to the disk are taken.
void AppendAll(Store& store, const std::string& run, const std::string& series, int rank,
               const Points& points, uint64_t seed) {
  Rng rng(seed, "portions");
  for (size_t at = 0; at < points.steps.size();) {
    const size_t count = std::min<size_t>(1 + rng.Below(500), points.steps.size() - at);
    store.Append(run, series, rank, "s", std::span(points.steps).subspan(at, count),
                 std::span(points.seconds).subspan(at, count), std::span(points.values).subspan(at, count));
    at += count;
    if (rng.Below(4) == 0) QVERIFY(store.Sync().ok());
  }
}

bool Same(double a, double b) { return a == b || (std::isnan(a) && std::isnan(b)); }

void VerifyAll(Store& store, const std::string& run, const std::string& series, int rank,
               const Points& points) {
  const auto read = store.ReadSeries(run, series, rank, 0, kAll, 0);
  QVERIFY2(read.ok(), read.status().ToString().c_str());
  QCOMPARE(read->size(), points.steps.size());
  for (size_t i = 0; i < read->size(); ++i) {
    QCOMPARE((*read)[i].step, static_cast<double>(points.steps[i]));
    QCOMPARE((*read)[i].seconds, points.seconds[i]);
    QVERIFY(Same((*read)[i].mean, points.values[i]) && Same((*read)[i].min, points.values[i]));
  }
}

StoredRun RunNamed(const std::string& id, int64_t created = 1) {
  return {.id = id,
          .name = "name of " + id,
          .state = "running",
          .spec_json = "{}",
          .summary = std::string("\0\xff summary", 10),
          .created_unix_ms = created};
}

}  // namespace

class StoreTest : public QObject {
  Q_OBJECT

  std::unique_ptr<QTemporaryDir> folder_;
  std::string path_;

  std::unique_ptr<Store> Open() {
    auto store = Store::Open(path_);
    if (!store.ok()) qFatal("%s", store.status().ToString().c_str());
    return *std::move(store);
  }

 private slots:
  void init() {
    folder_ = std::make_unique<QTemporaryDir>();
    path_ = folder_->filePath("store.sqlite").toStdString();
  }

  void runsComeBackNewestFirst() {
    for (int opening = 0; opening < 2; ++opening) {
      const auto store = Open();
      if (opening == 0) {
        store->PutRun(RunNamed("a", 100));
        store->PutRun(RunNamed("b", 300));
        store->PutRun(RunNamed("c", 200));
      }
      const auto runs = store->Runs();
      QVERIFY(runs.ok());
      QCOMPARE(runs->size(), size_t{3});
      QCOMPARE((*runs)[0].id, std::string("b"));
      QCOMPARE((*runs)[2].id, std::string("a"));
      const auto run = store->Run("c");
      QVERIFY(run.ok());
      QCOMPARE(run->name, std::string("name of c"));
      QCOMPARE(run->summary, std::string("\0\xff summary", 10));
      QCOMPARE(run->created_unix_ms, int64_t{200});
      QCOMPARE(store->Run("d").status().code(), absl::StatusCode::kNotFound);
    }
  }
  void puttingARunAgainKeepsWhatBelongsToIt() {
    const auto store = Open();
    store->PutRun(RunNamed("a"));
    store->AddEvent("a", {.step = 3, .kind = "knob"});
    store->PutArtefact("a", "parameters", "/p", 10, "abc");
    AppendAll(*store, "a", "train/loss", 0, SomePoints(100, 1), 1);
    StoredRun again = RunNamed("a");
    again.state = "finished";
    store->PutRun(again);
    QCOMPARE(store->Run("a")->state, std::string("finished"));
    QCOMPARE(store->Events("a")->size(), size_t{1});
    QCOMPARE(store->Artefacts("a")->size(), size_t{1});
    QCOMPARE(store->ListSeries("a")->at(0).points, int64_t{100});
  }
  void eventsAndArtefactsComeBack() {
    {
      const auto store = Open();
      store->PutRun(RunNamed("a"));
      for (int64_t i = 0; i < 20; ++i)
        store->AddEvent("a",
                        {.step = i, .seconds = 0.5, .unix_ms = 7, .kind = "k", .message = "m", .json = "{}"});
      store->PutArtefact("a", "z", "/z", 1, "1");
      store->PutArtefact("a", "p", "/old", 2, "2");
      store->PutArtefact("a", "p", "/new", uint64_t{1} << 40, "3");
    }
    const auto store = Open();
    const auto events = store->Events("a");
    QVERIFY(events.ok());
    QCOMPARE(events->size(), size_t{20});
    for (int64_t i = 0; i < 20; ++i) QCOMPARE((*events)[static_cast<size_t>(i)].step, i);
    QCOMPARE((*events)[0].message, std::string("m"));
    const auto artefacts = store->Artefacts("a");
    QVERIFY(artefacts.ok());
    QCOMPARE(artefacts->size(), size_t{2});
    QCOMPARE((*artefacts)[0].path, std::string("/new"));
    QCOMPARE((*artefacts)[0].bytes, uint64_t{1} << 40);
    QVERIFY(store->Events("none")->empty());
  }

  void seriesComeBackWhole_data() {
    QTest::addColumn<int>("points");
    for (const int points : {1, 7, 8, 1023, 1024, 1025, 2048, 2049, 20000})
      QTest::addRow("%d", points) << points;
  }
  void seriesComeBackWhole() {
    QFETCH(int, points);
    const Points a = SomePoints(points, 1), b = SomePoints(points, 2);
    {
      const auto store = Open();
      store->PutRun(RunNamed("r"));
      AppendAll(*store, "r", "train/loss", 0, a, 3);
      AppendAll(*store, "r", "train/loss", kWholeRun, b, 4);
      VerifyAll(*store, "r", "train/loss", 0, a);
    }
    {
      const auto store = Open();
      VerifyAll(*store, "r", "train/loss", 0, a);
      VerifyAll(*store, "r", "train/loss", kWholeRun, b);
    }
    // And a series that was left goes on where it was.
    Points rest = SomePoints(3000, 5, a.steps.back() + 1), whole = a;
    whole.steps.insert(whole.steps.end(), rest.steps.begin(), rest.steps.end());
    whole.seconds.insert(whole.seconds.end(), rest.seconds.begin(), rest.seconds.end());
    whole.values.insert(whole.values.end(), rest.values.begin(), rest.values.end());
    const auto store = Open();
    AppendAll(*store, "r", "train/loss", 0, rest, 6);
    VerifyAll(*store, "r", "train/loss", 0, whole);
    const auto list = store->ListSeries("r");
    QVERIFY(list.ok());
    QCOMPARE(list->size(), size_t{2});
    QCOMPARE((*list)[0].rank, kWholeRun);
    QCOMPARE((*list)[0].points, int64_t{points});
    QCOMPARE((*list)[1].points, int64_t{points + 3000});
    QCOMPARE((*list)[1].unit, std::string("s"));
  }
  void anyRangeAtAnyZoomIsThatOfThePoints() {
    const Points points = SomePoints(30000, 7);
    {
      AppendAll(
          *[&] {
            auto s = Open();
            s->PutRun(RunNamed("r"));
            return s;
          }(),
          "r", "x", 0, points, 8);
    }
    const auto store = Open();
    Rng rng(9);
    for (int trial = 0; trial < 100; ++trial) {
      const auto from = static_cast<int64_t>(rng.Below(70000));
      const int64_t to = from + static_cast<int64_t>(rng.Below(70000));
      const int max_points = static_cast<int>(rng.Below(trial % 2 == 0 ? 20 : 3000));
      const auto read = store->ReadSeries("r", "x", 0, from, to, max_points);
      QVERIFY(read.ok());
      if (max_points > 0) QVERIFY(static_cast<int>(read->size()) <= max_points);
      int64_t count = 0, expected_count = 0;
      double min = INFINITY, max = -INFINITY, sum = 0, expected_sum = 0, expected_min = INFINITY,
             expected_max = -INFINITY, last_step = -1;
      for (const SeriesPoint& point : *read) {
        QVERIFY(point.step > last_step && point.step >= static_cast<double>(from) &&
                point.step < static_cast<double>(to));
        last_step = point.step;
        if (point.count == 0) continue;
        count += point.count;
        min = std::min(min, point.min), max = std::max(max, point.max);
        sum += point.mean * static_cast<double>(point.count);
      }
      for (size_t i = 0; i < points.steps.size(); ++i) {
        if (points.steps[i] < from || points.steps[i] >= to || std::isnan(points.values[i])) continue;
        ++expected_count;
        expected_min = std::min(expected_min, points.values[i]);
        expected_max = std::max(expected_max, points.values[i]);
        expected_sum += points.values[i];
      }
      QCOMPARE(count, expected_count);
      QCOMPARE(min, expected_min);
      QCOMPARE(max, expected_max);
      QVERIFY(std::abs(sum - expected_sum) <
              1e-8 * static_cast<double>(1 + count));  // 30,000 summed otherwise
    }
  }
  void aReadTouchesABoundedNumberOfRows() {
    auto connection = OpenDatabase(path_);
    QVERIFY(connection.ok());
    QVERIFY((*connection)
                ->Execute("INSERT INTO runs (id, name, state, spec_json, summary, created_unix_ms) "
                          "VALUES ('r', '', '', '', x'', 0)")
                .ok());
    int64_t first_rows = 0;
    for (const int64_t count : {20000, 2000000}) {
      SeriesTable table(**connection);
      const SeriesKey key{"r", std::to_string(count), 0};
      std::vector<int64_t> steps(10000);
      std::vector<double> values(10000);
      for (int64_t at = 0; at < count; at += 10000) {
        for (int64_t i = 0; i < 10000; ++i) steps[static_cast<size_t>(i)] = at + i;
        table.Append(key, "", steps, values, values);
        QVERIFY((*connection)->Transaction([&] { return table.Save(); }).ok());
        table.Committed();
      }
      const int64_t before = table.rows_read();
      const auto read = table.Read(key, 123, count - 321, 500);
      QVERIFY(read.ok() && read->size() >= 250 && read->size() <= 500);
      const int64_t rows = table.rows_read() - before;
      // 4 x 500 buckets are 8 rows and two ragged ends; at each end at most two rows a level, and the
      // bisection.
      QVERIFY2(rows <= 60, qPrintable(QString::number(rows)));
      if (count == 20000) first_rows = rows;
      if (count == 2000000) QVERIFY(rows <= first_rows + 30);  // a hundred times the points, not the rows
    }
  }
  void emptyRangesAndUnknownSeriesAreTold() {
    const auto store = Open();
    store->PutRun(RunNamed("r"));
    AppendAll(*store, "r", "train/loss", 0, SomePoints(10, 1), 1);
    QVERIFY(store->ReadSeries("r", "train/loss", 0, 5, 5, 10)->empty());
    QVERIFY(store->ReadSeries("r", "train/loss", 0, 1000, 2000, 10)->empty());
    QVERIFY(store->ReadSeries("r", "train/loss", 0, 7, 3, 0)->empty());
    const auto misspelt = store->ReadSeries("r", "train/los", 0, 0, kAll, 10);
    QCOMPARE(misspelt.status().code(), absl::StatusCode::kNotFound);
    QVERIFY(absl::StrContains(misspelt.status().message(), "train/loss"));
    const auto other_rank = store->ReadSeries("r", "train/loss", 5, 0, kAll, 10);
    QCOMPARE(other_rank.status().code(), absl::StatusCode::kNotFound);
    QVERIFY(absl::StrContains(other_rank.status().message(), "rank"));
    QCOMPARE(store->ReadSeries("none", "x", 0, 0, kAll, 10).status().code(), absl::StatusCode::kNotFound);
    QCOMPARE(store->ReadSeries("r", "train/loss", 0, 0, kAll, -1).status().code(),
             absl::StatusCode::kInvalidArgument);
  }

  void truncationForgetsFromAStepOn_data() {
    QTest::addColumn<int>("points");
    QTest::addColumn<int>("kept");
    QTest::newRow("everything") << 3000 << 0;
    QTest::newRow("nothing") << 3000 << 3000;
    QTest::newRow("inside the newest") << 3000 << 2900;
    QTest::newRow("inside a full chunk") << 9000 << 1500;
    QTest::newRow("at a chunk's end") << 9000 << 2048;
    QTest::newRow("one") << 9000 << 1;
  }
  void truncationForgetsFromAStepOn() {
    QFETCH(int, points);
    QFETCH(int, kept);
    const Points all = SomePoints(points, 11);
    const auto cut = static_cast<size_t>(kept);
    const int64_t step = cut < all.steps.size() ? all.steps[cut] : all.steps.back() + 1;
    Points expected = all;
    expected.steps.resize(cut), expected.seconds.resize(cut), expected.values.resize(cut);
    {
      const auto store = Open();
      store->PutRun(RunNamed("r"));
      store->PutRun(RunNamed("other"));
      for (const int rank : {kWholeRun, 0, 1}) AppendAll(*store, "r", "x", rank, all, 12);
      AppendAll(*store, "other", "x", 0, all, 13);
      store->TruncateSeries("r", step);
      // Resumed: the same steps come again, with other values.
      Points again = SomePoints(points, 14, step);
      expected.steps.insert(expected.steps.end(), again.steps.begin(), again.steps.end());
      expected.seconds.insert(expected.seconds.end(), again.seconds.begin(), again.seconds.end());
      expected.values.insert(expected.values.end(), again.values.begin(), again.values.end());
      for (const int rank : {kWholeRun, 0, 1}) AppendAll(*store, "r", "x", rank, again, 15);
      VerifyAll(*store, "r", "x", 1, expected);
    }
    const auto store = Open();
    for (const int rank : {kWholeRun, 0, 1}) VerifyAll(*store, "r", "x", rank, expected);
    VerifyAll(*store, "other", "x", 0, all);
    const auto thin = store->ReadSeries("r", "x", 0, 0, kAll, 10);
    QVERIFY(thin.ok());
    int64_t count = 0, measured = 0;
    for (const SeriesPoint& point : *thin) count += point.count;
    for (const double value : expected.values) measured += std::isnan(value) ? 0 : 1;
    QCOMPARE(count, measured);
  }

  void deletingARunTakesAllThatIsItsAndNothingElse() {
    const Points points = SomePoints(5000, 1);
    {
      const auto store = Open();
      for (const char* run : {"a", "b"}) {
        store->PutRun(RunNamed(run));
        store->AddEvent(run, {});
        store->PutArtefact(run, "p", "/p", 1, "");
        StoredMarks marks;
        marks.tags = {"t"};
        store->PutMarks(run, marks);
        AppendAll(*store, run, "x", 0, points, 2);
      }
      QVERIFY(store->DeleteRun("a").ok());
      QCOMPARE(store->Runs()->size(), size_t{1});
      QCOMPARE(store->DeleteRun("a").code(), absl::StatusCode::kNotFound);
      // What its workers still send is dropped, and stops nobody.
      AppendAll(*store, "a", "x", 0, points, 3);
      store->AddEvent("a", {});
      AppendAll(*store, "b", "y", 0, points, 3);
      QVERIFY(store->Sync().ok());
      QVERIFY(store->Health().ok());
    }
    const auto store = Open();
    QVERIFY(store->Events("a")->empty() && store->Artefacts("a")->empty() && store->ListSeries("a")->empty());
    VerifyAll(*store, "b", "x", 0, points);
    VerifyAll(*store, "b", "y", 0, points);
    QCOMPARE(store->Events("b")->size(), size_t{1});
    // The same id may come again, and is empty.
    store->PutRun(RunNamed("a"));
    QVERIFY(store->ListSeries("a")->empty());
    QVERIFY(store->Run("a")->marks.tags.empty());
    QCOMPARE(store->Run("b")->marks.tags, std::vector<std::string>{"t"});
    AppendAll(*store, "a", "x", 0, points, 4);
    VerifyAll(*store, "a", "x", 0, points);
  }
  void marksStayWhenARunIsPutAgainAndOneIsPinned() {
    {
      const auto store = Open();
      StoredMarks marks;
      marks.note = "why";
      marks.is_pinned = true;
      for (const char* run : {"a", "b"}) {
        store->PutRun(RunNamed(run));
        store->PutMarks(run, marks);
        store->PutRun(RunNamed(run));
      }
      store->PutMarks("no such run", marks);  // dropped, and stops nobody
      QVERIFY(store->Sync().ok());
    }
    const auto store = Open();
    QCOMPARE(store->Run("a")->marks.note, std::string("why"));
    QVERIFY(!store->Run("a")->marks.is_pinned);
    QVERIFY(store->Run("b")->marks.is_pinned);
  }
  void deletedRunsGiveTheirSpaceBack() {
    const auto size = [&] { return QFileInfo(QString::fromStdString(path_)).size(); };
    qint64 full = 0;
    {
      const auto store = Open();
      store->PutRun(RunNamed("a"));
      AppendAll(*store, "a", "x", 0, SomePoints(200000, 1), 1);
    }
    full = size();
    {
      const auto store = Open();
      QVERIFY(store->DeleteRun("a").ok());
      QVERIFY(store->Runs().ok());
    }
    Open();
    QVERIFY2(size() < full / 4, qPrintable(QString("%1 of %2").arg(size()).arg(full)));
  }

  void stepsThatGoBackAreDroppedAndTheRestIsKept() {
    const auto store = Open();
    store->PutRun(RunNamed("r"));
    const std::vector<int64_t> steps = {1, 2, 5, 3, 4, 5, 6};
    const std::vector<double> values = {1, 2, 5, 3, 4, 55, 6};
    store->Append("r", "x", 0, "", steps, values, values);
    const auto read = store->ReadSeries("r", "x", 0, 0, kAll, 0);
    QVERIFY(read.ok());
    std::vector<double> kept;
    for (const SeriesPoint& point : *read) kept.push_back(point.mean);
    QCOMPARE(kept, (std::vector<double>{1, 2, 5, 55, 6}));
  }
  void manyThreadsMayPost() {
    const auto store = Open();
    store->PutRun(RunNamed("r"));
    std::vector<std::thread> threads;
    std::vector<Points> points;
    for (uint64_t i = 0; i < 4; ++i) points.push_back(SomePoints(8000, i));
    for (int rank = 0; rank < 4; ++rank)
      threads.emplace_back([&, rank] {
        AppendAll(*store, "r", "x", rank, points[static_cast<size_t>(rank)], static_cast<uint64_t>(rank));
      });
    for (std::thread& thread : threads) thread.join();
    for (int rank = 0; rank < 4; ++rank) VerifyAll(*store, "r", "x", rank, points[static_cast<size_t>(rank)]);
  }
  void theBenchmarkMeasures() {
    const auto figures = BenchStore(folder_->path().toStdString(), 100000);
    QVERIFY2(figures.ok(), figures.status().ToString().c_str());
    QVERIFY(figures->at("points").get<int64_t>() > 90000);
    QVERIFY(figures->at("append_cpu_seconds_per_million_points").get<double>() > 0);
    QVERIFY(figures->at("bytes_per_point").get<double>() > 8);
    QVERIFY(QDir(folder_->path()).entryList(QDir::Files).isEmpty());
    QCOMPARE(BenchStore(folder_->path().toStdString(), 0).status().code(),
             absl::StatusCode::kInvalidArgument);
    QVERIFY(!BenchStore("/proc/nothing", 100000).ok());
  }
};

CONCERTINA_TEST(StoreTest)

}  // namespace concertina::store_test

#include "store_test.moc"
