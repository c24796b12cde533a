// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// store_faults_test.cc: full disks and killed processes lose nothing that was acknowledged.
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <QFileInfo>
#include <QTemporaryDir>
#include <QTest>
#include <atomic>
#include <limits>
#include <thread>

#include "core/base/clock.h"
#include "core/store/store.h"
#include "tests/core/store/failing_disk.h"
#include "tests/test_program.h"

namespace concertina::store_faults_test {
namespace {

constexpr int64_t kAll = std::numeric_limits<int64_t>::max();

// Point `step` of every series of these tests.
double ValueAt(int64_t step) { return 0.5 * static_cast<double>(step * step % 1009); }

void AppendSteps(Store& store, const std::string& run, const std::string& series, int64_t from, int64_t to) {
  std::vector<int64_t> steps;
  std::vector<double> seconds, values;
  for (int64_t step = from; step < to; ++step) {
    steps.push_back(step);
    seconds.push_back(0.1 * static_cast<double>(step));
    values.push_back(ValueAt(step));
  }
  store.Append(run, series, 0, "", steps, seconds, values);
}

// How many points there are, having seen that they are steps 0, 1, 2, … with their values; -1 if not.
int64_t GoodPoints(Store& store, const std::string& run, const std::string& series) {
  const auto read = store.ReadSeries(run, series, 0, 0, kAll, 0);
  if (absl::IsNotFound(read.status())) return 0;
  if (!read.ok()) qWarning("%s", read.status().ToString().c_str());
  if (!read.ok()) return -1;
  int64_t step = 0;
  for (const SeriesPoint& point : *read) {
    if (point.step != static_cast<double>(step) || point.mean != ValueAt(step) ||
        point.seconds != 0.1 * static_cast<double>(step))
      return -1;
    ++step;
  }
  // And the pyramid above them agrees.
  const auto thin = store.ReadSeries(run, series, 0, 0, kAll, 7);
  int64_t count = 0;
  if (thin.ok())
    for (const SeriesPoint& bucket : *thin) count += bucket.count;
  return count == step ? step : -1;
}

StoredRun RunNamed(const std::string& id, const std::string& state = "running") {
  return {.id = id, .name = id, .state = state, .spec_json = "{}", .summary = "s"};
}

// As bad luck has it, with nobody else at the file.
void Perform(const std::string& path, const std::string& sql) {
  sqlite3* database = nullptr;
  sqlite3_open_v2(path.c_str(), &database, SQLITE_OPEN_READWRITE, "unix");
  QCOMPARE(sqlite3_exec(database, sql.c_str(), nullptr, nullptr, nullptr), SQLITE_OK);
  sqlite3_close(database);
}

bool IsWhole(const std::string& path) {
  sqlite3* database = nullptr;
  sqlite3_open_v2(path.c_str(), &database, SQLITE_OPEN_READWRITE, "unix");
  std::string answer;
  sqlite3_exec(
      database, "PRAGMA integrity_check",
      [](void* out, int, char** columns, char**) {
        *static_cast<std::string*>(out) += columns[0];
        return 0;
      },
      &answer, nullptr);
  int broken_keys = 0;
  sqlite3_exec(
      database, "PRAGMA foreign_key_check",
      [](void* out, int, char**, char**) {
        ++*static_cast<int*>(out);
        return 0;
      },
      &broken_keys, nullptr);
  sqlite3_close(database);
  if (answer != "ok") qWarning("%s", answer.c_str());
  return answer == "ok" && broken_keys == 0;
}

}  // namespace

class StoreFaultsTest : public QObject {
  Q_OBJECT

  std::unique_ptr<QTemporaryDir> folder_;
  std::string path_;

  std::unique_ptr<Store> Open() {
    auto store = Store::Open(path_);
    if (!store.ok()) qFatal("%s", store.status().ToString().c_str());
    return *std::move(store);
  }

  // A run whose truncation takes much room, and two that take none; all of it is on the disk.
  static constexpr int64_t kPageBytes = 16384 + 24;  // in the log
  std::unique_ptr<Store> OpenForTruncation() {
    auto store = Open();
    for (const char* run : {"r", "gone", "again"}) store->PutRun(RunNamed(run));
    AppendSteps(*store, "r", "x", 0, 30000);
    if (!store->Sync().ok()) qFatal("nothing can be stored");
    return store;
  }
  int64_t LogBytes() const { return QFileInfo(QString::fromStdString(path_ + "-wal")).size(); }

 private slots:
  void init() {
    folder_ = std::make_unique<QTemporaryDir>();
    path_ = folder_->filePath("store.sqlite").toStdString();
  }

  void aFullDiskIsToldAndNothingIsLost() {
    FailingDisk disk;
    {
      const auto store = Open();
      store->PutRun(RunNamed("r"));
      AppendSteps(*store, "r", "x", 0, 500);
      QVERIFY(store->Sync().ok());
      disk.Allow(0);
      AppendSteps(*store, "r", "x", 500, 5000);
      AppendSteps(*store, "r", "new", 0, 3000);
      store->PutRun(RunNamed("r", "finished"));
      store->AddEvent("r", {.step = 4, .kind = "state"});
      QCOMPARE(store->Sync().code(), absl::StatusCode::kResourceExhausted);
      QCOMPARE(store->Health().code(), absl::StatusCode::kResourceExhausted);
      QVERIFY(disk.failed() > 0);
      // What could not be written can be seen all the same.
      QCOMPARE(GoodPoints(*store, "r", "x"), int64_t{5000});
      QCOMPARE(GoodPoints(*store, "r", "new"), int64_t{3000});
      QCOMPARE(store->ListSeries("r")->size(), size_t{2});
      // A second attempt, and more of everything meanwhile.
      AppendSteps(*store, "r", "x", 5000, 6000);
      QCOMPARE(store->Sync().code(), absl::StatusCode::kResourceExhausted);
      disk.Allow(-1);
      QVERIFY(store->Sync().ok());
      QVERIFY(store->Health().ok());
      QCOMPARE(store->Run("r")->state, std::string("finished"));
      QCOMPARE(store->Events("r")->size(), size_t{1});
    }
    const auto store = Open();
    QCOMPARE(GoodPoints(*store, "r", "x"), int64_t{6000});
    QCOMPARE(GoodPoints(*store, "r", "new"), int64_t{3000});
    QCOMPARE(store->Run("r")->state, std::string("finished"));
    QCOMPARE(store->Events("r")->size(), size_t{1});
  }
  void itRecoversByItselfWhenThereIsSpaceAgain() {
    FailingDisk disk;
    const auto store = Open();
    store->PutRun(RunNamed("r"));
    QVERIFY(store->Sync().ok());
    const uint64_t before = store->posted();
    QTRY_VERIFY_WITH_TIMEOUT(store->IsCommitted(before), 5000);
    disk.Allow(0);
    AppendSteps(*store, "r", "x", 0, 100);
    const uint64_t after = store->posted();
    QVERIFY(after > before);
    QTRY_VERIFY_WITH_TIMEOUT(!store->Health().ok(), 5000);
    QVERIFY(store->IsCommitted(before) && !store->IsCommitted(after));
    disk.Allow(-1);
    QTRY_VERIFY_WITH_TIMEOUT(store->Health().ok(), 5000);  // nobody asked for it
    QTRY_VERIFY_WITH_TIMEOUT(store->IsCommitted(after), 5000);
  }
  void whicheverWriteFailsNothingIsLost() {
    int64_t failures = 0;
    for (int64_t allowed = 0; allowed < 60; allowed += 1 + allowed / 8) {
      init();
      FailingDisk disk;
      {
        const auto store = Open();
        store->PutRun(RunNamed("r"));
        store->PutRun(RunNamed("gone"));
        AppendSteps(*store, "gone", "x", 0, 2000);
        QVERIFY(store->Sync().ok());
        disk.Allow(allowed);
        for (int64_t round = 0; round < 4; ++round) {
          AppendSteps(*store, "r", "x", 700 * round, 700 * (round + 1));
          store->AddEvent("r", {.step = round});
          store->Sync().IgnoreError();
        }
        store->TruncateSeries("r", 2000);
        AppendSteps(*store, "r", "x", 2000, 2500);
        store->DeleteRun("gone").IgnoreError();
        failures += disk.failed() > 0 ? 1 : 0;
        disk.Allow(-1);
        QVERIFY(store->Sync().ok());
        const absl::Status deleted = store->DeleteRun("gone");  // if it could not be deleted before
        QVERIFY(deleted.ok() || absl::IsNotFound(deleted));
        QCOMPARE(GoodPoints(*store, "r", "x"), int64_t{2500});
      }
      {
        const auto store = Open();
        QCOMPARE(GoodPoints(*store, "r", "x"), int64_t{2500});
        QCOMPARE(store->Events("r")->size(), size_t{4});
        QCOMPARE(store->Runs()->size(), size_t{1});
      }
      QVERIFY(IsWhole(path_));
    }
    QVERIFY(failures > 5);  // the rare path was taken
  }
  // What is short fits and comes through while the truncation does not: whoever is behind it must not be told
  // that all is well.
  void nothingBehindATruncationThatFailedIsAcknowledged() {
    int held_up = 0, acknowledged = 0;
    for (int64_t pages = 0; pages < 60; pages += 1 + pages / 8) {
      init();
      FailingDisk disk;
      bool is_stored = false;
      {
        const auto store = OpenForTruncation();
        disk.AllowBytes(LogBytes() + pages * kPageBytes);
        const absl::Status before = store->Sync();
        store->TruncateSeries("r", 2000);
        AppendSteps(*store, "r", "x", 2000, 2500);
        store->PutRun(RunNamed("r", "resumed"));
        for (int again = 0; again < 3; ++again) {
          is_stored = store->Sync().ok();
          QCOMPARE(store->Health().ok(), is_stored);
        }
        QVERIFY(is_stored || disk.failed() > 0);
        acknowledged += is_stored ? 1 : 0;
        held_up += before.ok() && !is_stored ? 1 : 0;
        disk.Allow(0);  // and so it ends
      }
      if (!is_stored) continue;
      disk.AllowBytes(-1);
      disk.Allow(-1);
      const auto store = Open();
      QCOMPARE(store->Run("r")->state, std::string("resumed"));
      QCOMPARE(GoodPoints(*store, "r", "x"), int64_t{2500});
    }
    QVERIFY2(held_up > 1 && acknowledged > 1, qPrintable(QString("%1, %2").arg(held_up).arg(acknowledged)));
  }
  void whatCameBeforeATruncationThatFailedIsAcknowledged() {
    FailingDisk disk;
    const auto store = OpenForTruncation();
    disk.AllowBytes(LogBytes() + 3 * kPageBytes);
    store->AddEvent("r", {.step = 1});
    QVERIFY(store->Sync().ok());
    store->TruncateSeries("r", 2000);
    store->AddEvent("r", {.step = 2});
    QCOMPARE(store->Sync().code(), absl::StatusCode::kResourceExhausted);
    QCOMPARE(store->Health().code(), absl::StatusCode::kResourceExhausted);
    QCOMPARE(store->Events("r")->size(), size_t{1});
    disk.AllowBytes(-1);
    QTRY_VERIFY_WITH_TIMEOUT(store->Health().ok(), 5000);  // nobody asked for it
    QVERIFY(store->Sync().ok());
    QCOMPARE(store->Events("r")->size(), size_t{2});
    QCOMPARE(GoodPoints(*store, "r", "x"), int64_t{2000});
  }
  void whatATruncationHoldsUpDoesNotBringADeletedRunBack() {
    int deleted_behind_it = 0;
    for (int64_t pages = 0; pages < 60; pages += 1 + pages / 8) {
      init();
      FailingDisk disk;
      {
        const auto store = OpenForTruncation();
        disk.AllowBytes(LogBytes() + pages * kPageBytes);
        store->TruncateSeries("r", 2000);
        for (const char* run : {"gone", "again"}) {
          AppendSteps(*store, run, "x", 0, 100);
          store->PutRun(RunNamed(run, "resumed"));
        }
        const bool is_held_up = !store->Sync().ok();
        absl::Status deleted = store->DeleteRun("gone");
        deleted.Update(store->DeleteRun("again"));
        store->PutRun(RunNamed("again", "imported"));  // after its deletion: this one stays
        // The files of what is gone are removed next: that it is gone must be on the disk, whatever else is
        // not.
        const int64_t syncs = disk.syncs();
        store->Sync().IgnoreError();
        QVERIFY(disk.syncs() > syncs);
        disk.AllowBytes(-1);
        QVERIFY(store->Sync().ok());
        if (!deleted.ok()) continue;
        deleted_behind_it += is_held_up ? 1 : 0;
        QVERIFY2(absl::IsNotFound(store->Run("gone").status()), qPrintable(QString::number(pages)));
        QCOMPARE(store->Run("again")->state, std::string("imported"));
        QCOMPARE(store->ListSeries("again")->size(), size_t{0});
        QCOMPARE(GoodPoints(*store, "r", "x"), int64_t{2000});
      }
      QVERIFY(IsWhole(path_));
    }
    QVERIFY(deleted_behind_it > 0);
  }
  void oneDamagedSeriesDoesNotKeepTheOthersFromBeingTruncated() {
    {
      const auto store = Open();
      store->PutRun(RunNamed("r"));
      for (const char* series : {"damaged", "whole"}) AppendSteps(*store, "r", series, 0, 5000);
      QVERIFY(store->Sync().ok());
    }
    Perform(path_,
            "UPDATE chunks SET crc = crc + 1 WHERE level = 0 AND first = 1024 AND series = (SELECT id "
            "FROM series WHERE name = 'damaged')");
    {
      const auto store = Open();
      store->TruncateSeries("r", 1500);
      AppendSteps(*store, "r", "whole", 1500, 2000);
      QVERIFY(store->Sync().ok());
      QCOMPARE(GoodPoints(*store, "r", "whole"), int64_t{2000});
    }
    const auto store = Open();
    QCOMPARE(GoodPoints(*store, "r", "whole"), int64_t{2000});
    const auto damaged = store->ReadSeries("r", "damaged", 0, 0, kAll, 0);
    QCOMPARE(damaged.status().code(), absl::StatusCode::kDataLoss);
    QCOMPARE(store->ReadSeries("r", "damaged", 0, 3000, kAll, 0)->size(), size_t{2000});  // as it was
  }
  void aFullQueueMakesThePosterWait() {
    FailingDisk disk;
    const auto store = Open();
    store->PutRun(RunNamed("r"));
    QVERIFY(store->Sync().ok());
    disk.Allow(0);
    constexpr int64_t kPortion = 100000, kPortions = 40;  // 96 MB of 64
    std::atomic<int64_t> posted = 0;
    std::thread poster([&] {
      for (int64_t i = 0; i < kPortions; ++i, ++posted)
        AppendSteps(*store, "r", "x", i * kPortion, (i + 1) * kPortion);
    });
    const Deadline deadline = Deadline::After(20);
    while (posted * kPortion * 24 < (int64_t{64} << 20) && !deadline.Passed()) std::this_thread::yield();
    QVERIFY(posted * kPortion * 24 >= (int64_t{64} << 20));
    QCOMPARE(posted.load(), int64_t{28});  // it waits with the 29th: the queue is full
    QVERIFY(store->Runs().ok());           // who only reads need not wait
    QVERIFY(!store->HasRoom());
    disk.Allow(-1);
    poster.join();
    QVERIFY(store->Sync().ok());
    QVERIFY(store->HasRoom());
    QCOMPARE(store->ListSeries("r")->at(0).points, kPortion * kPortions);
  }

  void whoEndsDoesNotWaitForRoom() {
    FailingDisk disk;
    const auto store = Open();
    store->PutRun(RunNamed("r"));
    QVERIFY(store->Sync().ok());
    disk.Allow(0);
    constexpr int64_t kPortion = 100000, kPortions = 40;
    std::atomic<int64_t> posted = 0;
    std::thread poster([&] {
      for (int64_t i = 0; i < kPortions; ++i, ++posted)
        AppendSteps(*store, "r", "x", i * kPortion, (i + 1) * kPortion);
    });
    const Deadline deadline = Deadline::After(20);
    while (posted < 28 && !deadline.Passed()) std::this_thread::yield();
    store->EndWaiting();
    while (posted < kPortions && !deadline.Passed()) std::this_thread::yield();
    const int64_t posted_while_full = posted;
    disk.Allow(-1);
    poster.join();
    QCOMPARE(posted_while_full, kPortions);
    QVERIFY(store->Sync().ok());  // nothing was lost of it
    QCOMPARE(store->ListSeries("r")->at(0).points, kPortion * kPortions);
  }

  void aKilledProcessLosesNothingThatWasSynced_data() {
    QTest::addColumn<int>("rounds");
    for (const int rounds : {1, 2, 3, 7, 20, 200}) QTest::addRow("after %d syncs", rounds) << rounds;
  }
  void aKilledProcessLosesNothingThatWasSynced() {
    QFETCH(int, rounds);
    constexpr int64_t kPoints = 700;
    int pipe_ends[2];
    QCOMPARE(pipe(pipe_ends), 0);
    const pid_t child = fork();
    if (child == 0) {
      close(pipe_ends[0]);
      auto store = Store::Open(path_);
      if (!store.ok()) _exit(1);
      (*store)->PutRun(RunNamed("r"));
      for (int32_t round = 0;; ++round) {
        for (const char* series : {"a", "b", "c"})
          AppendSteps(**store, "r", series, round * kPoints, (round + 1) * kPoints);
        (*store)->AddEvent("r", {.step = round});
        if (!(*store)->Sync().ok()) _exit(2);
        if (write(pipe_ends[1], &round, sizeof round) != sizeof round) _exit(3);
      }
    }
    close(pipe_ends[1]);
    int32_t synced = -1;
    while (synced < rounds - 1)
      if (read(pipe_ends[0], &synced, sizeof synced) != sizeof synced) break;
    kill(child, SIGKILL);  // wherever it is now, the writer in the middle of the next batch
    waitpid(child, nullptr, 0);
    while (read(pipe_ends[0], &synced, sizeof synced) == sizeof synced) continue;
    close(pipe_ends[0]);
    QVERIFY(synced >= rounds - 1);
    {
      const auto store = Open();
      for (const char* series : {"a", "b", "c"}) {
        const int64_t points = GoodPoints(*store, "r", series);
        QVERIFY2(points >= (synced + 1) * kPoints, qPrintable(QString("%1 of %2").arg(points).arg(synced)));
      }
      QVERIFY(static_cast<int64_t>(store->Events("r")->size()) >= synced + 1);
      // And it goes on as after any other end.
      store->TruncateSeries("r", kPoints / 2);
      AppendSteps(*store, "r", "a", kPoints / 2, 3000);
      QCOMPARE(GoodPoints(*store, "r", "a"), int64_t{3000});
      QCOMPARE(GoodPoints(*store, "r", "b"), kPoints / 2);
    }
    QVERIFY(IsWhole(path_));
    const auto store = Open();
    QCOMPARE(GoodPoints(*store, "r", "a"), int64_t{3000});
  }
};

CONCERTINA_TEST(StoreFaultsTest)

}  // namespace concertina::store_faults_test

#include "store_faults_test.moc"
