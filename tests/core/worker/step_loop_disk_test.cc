// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// step_loop_disk_test.cc: whole training loops whose disk is full or broken, or whose newest checkpoint is.
#include <QDir>
#include <QFile>
#include <QTest>
#include <atomic>
#include <cerrno>

#include "core/worker/checkpoint_manifest.h"
#include "tests/core/base/refusing_disk.h"
#include "tests/test_program.h"
#include "training_ranks.h"

namespace concertina::step_loop_disk_test {

using nlohmann::json;

class StepLoopDiskTest : public QObject, private TrainingRanks {
  Q_OBJECT
 private slots:
  void cleanup() {
    disk_ = &Disk::Real();
    no_room_ = nullptr;
    stops_when_full_ = false;
  }

  void aFullDiskPausesTheRunUntilThereIsRoom_data() {
    QTest::addColumn<QString>("exchange");
    QTest::newRow("in step") << R"({"kind": "all-reduce"})";
    QTest::newRow("in step, by mixing") << R"({"kind": "gossip"})";
    QTest::newRow("out of step") << R"({"kind": "parameter-server", "mode": "async"})";
  }
  void aFullDiskPausesTheRunUntilThereIsRoom() {
    QFETCH(QString, exchange);
    json spec = TableSpec(table_, 2, 8);
    spec["exchange"] = json::parse(exchange.toStdString());
    spec["training"]["checkpoint_every_steps"] = 40;
    QTemporaryDir free_run, full_run;
    const auto expected = Train(spec, free_run.path());
    QVERIFY(expected[0].result.ok());

    RefusingDisk disk(Disk::Real());
    disk_ = &disk;
    disk.SetFull(true);
    no_room_ = [&](const std::string&) { disk.SetFull(false); };
    const auto got = Train(spec, full_run.path());
    QVERIFY(disk.refused() > 0);
    size_t told = 0;
    for (const RankResult& rank : got) {
      QVERIFY2(rank.result.ok(), rank.result.status().ToString().c_str());
      QVERIFY(rank.missed.empty());
      told += rank.no_room.size();
    }
    QVERIFY(told > 0);
    QVERIFY(got[0].states == std::vector<std::string>{"running"} ||
            got[1].states == std::vector<std::string>{"running"});
    QCOMPARE(got[0].checkpoints.size(), expected[0].checkpoints.size());  // none is left out
    const auto found = NewestWholeCheckpoint(disk, full_run.path().toStdString(), 2);
    QVERIFY2(found.ok(), std::string(found.status().message()).c_str());
    if (!exchange.contains("async"))
      QCOMPARE(got[0].result->parameters_sha256, expected[0].result->parameters_sha256);
  }

  void aRunThatIsStoppedDoesNotWaitForRoom() {
    RefusingDisk disk(Disk::Real());
    disk_ = &disk;
    disk.SetFull(true);
    QTemporaryDir run;
    const auto results = Train(TableSpec(table_, 2, 8), run.path(), "", {proto::Control::STOP});
    QVERIFY2(results[0].result.ok() && results[0].result->stopped,
             results[0].result.status().ToString().c_str());
    QVERIFY(results[0].checkpoints.empty());
    QCOMPARE(results[0].missed, std::vector<int64_t>{results[0].result->step});
    // Nor for that of its parameters: there are none rather than a part of them.
    QVERIFY(results[0].result->parameters_path.empty());
    QVERIFY(QDir(run.path()).entryList(QDir::Files).isEmpty());
  }

  // Nothing else goes to the disk here: the file at the end is all.
  void aDiskThatIsFullAtTheEndKeepsTheParametersOnceThereIsRoom() {
    QTemporaryDir free_run, full_run;
    const json spec = TableSpec(table_, 2, 8);
    const auto expected = Train(spec, free_run.path());
    QVERIFY(expected[0].result.ok());
    RefusingDisk disk(Disk::Real());
    disk_ = &disk;
    disk.FailAt(2, ENOSPC);  // with half of it written
    int told = 0;
    no_room_ = [&](const std::string& reason) {
      ++told;
      if (reason.find("rank 0: ") == std::string::npos || reason.find("parameters") == std::string::npos)
        qWarning("%s", reason.c_str());
    };
    const auto got = Train(spec, full_run.path());
    QVERIFY2(got[0].result.ok(), got[0].result.status().ToString().c_str());
    QVERIFY(disk.has_failed());
    QCOMPARE(told, 1);
    QVERIFY(!got[0].result->parameters_path.empty());
    QVERIFY(ParametersOf(full_run.path()) == ParametersOf(free_run.path()));
    QCOMPARE(QDir(full_run.path()).entryList(QDir::Files), QStringList("parameters.safetensors"));
  }

  // All is trained, and only the parameters are left to be written.
  void aRunWhoseParametersWaitForRoomStopsWithoutThem_data() {
    QTest::addColumn<QString>("exchange");
    QTest::newRow("in step") << R"({"kind": "all-reduce"})";
    QTest::newRow("out of step") << R"({"kind": "parameter-server", "mode": "async"})";
  }
  void aRunWhoseParametersWaitForRoomStopsWithoutThem() {
    QFETCH(QString, exchange);
    json spec = TableSpec(table_, 2, 8);
    spec["exchange"] = json::parse(exchange.toStdString());
    RefusingDisk disk(Disk::Real());
    disk_ = &disk;
    disk.SetFull(true);
    stops_when_full_ = true;
    QTemporaryDir run;
    const auto results = Train(spec, run.path());
    bool any_stopped = false;
    for (const RankResult& rank : results) {
      QVERIFY2(rank.result.ok(), rank.result.status().ToString().c_str());
      any_stopped |= rank.result->stopped;
      QVERIFY(rank.result->parameters_path.empty());
    }
    QVERIFY(any_stopped);
    QVERIFY(QDir(run.path()).entryList(QDir::Files).isEmpty());
  }

  void aBrokenDiskEndsTheRunAndKeepsTheCheckpointBefore() {
    json spec = TableSpec(table_, 2, 8);
    spec["training"]["checkpoint_every_steps"] = 17;
    RefusingDisk disk(Disk::Real());
    disk_ = &disk;
    // A checkpoint of two ranks takes some 32 writes, the manifest's among them, and a rank may be through
    // with its half of the second before the other is with the first: this is in the second, and after the
    // first.
    disk.FailAt(53, EIO);
    QTemporaryDir run;
    const auto results = Train(spec, run.path());
    QVERIFY(disk.has_failed());
    QVERIFY(!results[0].result.ok() && !results[1].result.ok());
    const auto found = NewestWholeCheckpoint(disk, run.path().toStdString(), 2);
    QVERIFY2(found.ok(), std::string(found.status().message()).c_str());
    QVERIFY(found->step == results[0].checkpoints.back() || found->step > results[0].checkpoints.back());
  }

  // The real loader: what it goes on from ends where the run that was never interrupted did.
  void theOneBeforeADamagedOneIsGoneOnFrom() {
    json spec = TableSpec(table_, 2, 8);
    spec["training"]["checkpoint_every_steps"] = 17;
    QTemporaryDir run, again;
    const auto whole = Train(spec, run.path());
    QVERIFY(whole[0].result.ok() && whole[0].checkpoints.size() >= 2);
    const std::string folder = run.path().toStdString();
    const int64_t last = whole[0].checkpoints.back();
    const int64_t before = whole[0].checkpoints[whole[0].checkpoints.size() - 2];
    QFile part(QString::fromStdString(CheckpointFile(CheckpointFolder(folder, last), 0)));
    QVERIFY(part.resize(part.size() - 1));
    const auto found = NewestWholeCheckpoint(Disk::Real(), folder, 2);
    QVERIFY(found.ok());
    QCOMPARE(found->step, before);
    QCOMPARE(found->passed_over.size(), size_t{1});
    const auto rest = Train(spec, again.path(), found->path);
    QVERIFY(rest[0].result.ok());
    QCOMPARE(rest[0].result->parameters_sha256, whole[0].result->parameters_sha256);
  }

  void aCheckpointWhilePausedIsFinished() {
    QTemporaryDir run;
    const auto results = Train(TableSpec(table_, 2, 8), run.path(), "",
                               {proto::Control::PAUSE, proto::Control::CHECKPOINT, proto::Control::RESUME});
    QVERIFY(results[0].result.ok());
    QCOMPARE(results[0].checkpoints.size(), size_t{1});
    QVERIFY(NewestWholeCheckpoint(Disk::Real(), run.path().toStdString(), 2).ok());
  }
};

CONCERTINA_TEST(StepLoopDiskTest)

}  // namespace concertina::step_loop_disk_test

#include "step_loop_disk_test.moc"
