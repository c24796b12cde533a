// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// checkpoint_keeping_test.cc: what is left of a run's checkpoints when the power goes, the disk is full or a
// byte turns: the newest that was finished or the one before it, and never a mixture.
#include <QTest>
#include <cerrno>
#include <optional>

#include "core/base/rng.h"
#include "core/worker/checkpoint_manifest.h"
#include "tests/core/base/power_cut_disk.h"
#include "tests/core/base/refusing_disk.h"
#include "tests/test_program.h"

namespace concertina::checkpoint_keeping_test {
namespace {

constexpr int kRanks = 2;
const char kRun[] = "/home/runs/r1";

// What a rank has before a step, in an attempt: no two are alike.
Checkpoint StateOf(int64_t step, int rank, int attempt) {
  Checkpoint state;
  state.step = step;
  state.rank = rank;
  state.world_size = kRanks;
  state.spec_json = "{}";
  Rng rng(static_cast<uint64_t>(step * 10 + attempt), "state", static_cast<uint64_t>(rank));
  for (int i = 0; i < 50; ++i) state.parameters.push_back(static_cast<float>(rng.Normal()));
  for (int i = 0; i < 20; ++i) state.optimizer.push_back(static_cast<float>(rng.Normal()));
  return state;
}

absl::StatusOr<CheckpointPart> WritePart(Disk& disk, const Checkpoint& state) {
  return WriteCheckpoint(disk, CheckpointFolder(kRun, state.step),
                         {.step = state.step,
                          .seconds = state.seconds,
                          .rank = state.rank,
                          .world_size = state.world_size,
                          .spec_json = state.spec_json,
                          .parameters = state.parameters,
                          .buffers = state.buffers,
                          .optimizer = state.optimizer,
                          .exchange = state.exchange,
                          .knobs = state.knobs});
}

// As ranks in step keep one, one after another.
absl::Status Keep(Disk& disk, int64_t step, int attempt) {
  CheckpointManifest manifest{.step = step, .in_step = true, .parts = {}};
  for (int rank = 0; rank < kRanks; ++rank) {
    ASSIGN_OR_RETURN(const CheckpointPart part, WritePart(disk, StateOf(step, rank, attempt)));
    manifest.parts.push_back({.step = part.step, .bytes = part.bytes, .sha256 = part.sha256});
  }
  RETURN_IF_ERROR(WriteCheckpointManifest(disk, CheckpointFolder(kRun, step), manifest));
  for (int rank = 0; rank < kRanks; ++rank) ForgetOldCheckpoints(disk, kRun, rank, step, kKeptCheckpoints);
  return absl::OkStatus();
}

// Which attempt's state the checkpoint is, the same for all ranks; nothing if it is a mixture.
std::optional<int> AttemptOf(Disk& disk, const WholeCheckpoint& found, int attempts) {
  for (int attempt = 1; attempt <= attempts; ++attempt) {
    bool is_it = true;
    for (int rank = 0; rank < kRanks && is_it; ++rank) {
      const auto read = ReadCheckpoint(disk, found.path, rank);
      const Checkpoint state = StateOf(found.step, rank, attempt);
      is_it = read.ok() && read->step == found.step && read->parameters == state.parameters &&
              read->optimizer == state.optimizer;
    }
    if (is_it) return attempt;
  }
  return std::nullopt;
}

int WholeOnes(Disk& disk) {
  int whole = 0;
  const auto names = disk.List(std::string(kRun) + "/checkpoints");
  for (const std::string& name : names.value_or(std::vector<std::string>())) {
    const int64_t step = std::stoll(name.substr(5));
    whole += CheckWholeCheckpoint(disk, CheckpointFolder(kRun, step), step, kRanks).ok() ? 1 : 0;
  }
  return whole;
}

}  // namespace

class CheckpointKeepingTest : public QObject {
  Q_OBJECT
 private slots:
  // Cut anywhere, twice in a life: at each start the run goes on from what it finds, in a new attempt that
  // writes over what the last one had begun.
  void aThousandPowerCutsLeaveTheOldOrTheNew() {
    int64_t whole_life = 0;
    {
      PowerCutDisk disk;
      for (int64_t step = 10; step <= 50; step += 10) QVERIFY(Keep(disk, step, 1).ok());
      whole_life = disk.operations();
    }
    int cut = 0, went_back = 0, passed_over = 0, torn = 0;
    for (uint64_t seed = 0; seed < 1000; ++seed) {
      Rng rng(seed, "cut");
      PowerCutDisk disk(1 + static_cast<int64_t>(rng.Below(static_cast<uint64_t>(whole_life))));
      int64_t finished = 0, before_it = 0, begun = 0;
      int attempt = 1;
      for (int64_t step = 10; step <= 50; step += 10) {
        begun = step;
        if (!Keep(disk, step, attempt).ok()) break;
        before_it = std::exchange(finished, step);
      }
      if (disk.is_off()) {
        ++cut;
        disk.Restart(rng);
      }
      const QByteArray where = QByteArray("seed ") + QByteArray::number(static_cast<qulonglong>(seed));
      const auto found = NewestWholeCheckpoint(disk, kRun, kRanks);
      if (finished > 0) QVERIFY2(found.ok(), where + std::string(found.status().message()).c_str());
      if (!found.ok()) continue;
      // Never older than the last of which Keep said that it is on the disk.
      QVERIFY2(found->step >= finished && found->step <= begun, where);
      QVERIFY2(AttemptOf(disk, *found, 1) == 1, where);
      // And one to fall back to, once there were two.
      if (before_it > 0) QVERIFY2(WholeOnes(disk) >= 2, where);
      went_back += found->step < begun ? 1 : 0;
      passed_over += static_cast<int>(found->passed_over.size());

      // The next attempt is cut as well, while it writes over what the last one left.
      ++attempt;
      PowerCutDisk& again = disk;
      Rng second(seed, "second");
      again.CutBefore(1 + static_cast<int64_t>(second.Below(60)));
      int64_t kept = found->step;
      for (int64_t step = found->step + 10; step <= 60; step += 10) {
        if (!Keep(again, step, attempt).ok()) break;
        kept = step;
      }
      if (again.is_off()) again.Restart(second);
      const auto later = NewestWholeCheckpoint(again, kRun, kRanks);
      QVERIFY2(later.ok() && later->step >= kept, where);
      QVERIFY2(AttemptOf(again, *later, 2).has_value(), where);
      torn += static_cast<int>(later->passed_over.size());
    }
    // The rare ways were taken.
    QVERIFY2(cut > 900 && went_back > 100 && passed_over > 100 && torn > 100,
             qPrintable(QString("%1 cuts, %2 back, %3 passed over, %4 torn")
                            .arg(cut)
                            .arg(went_back)
                            .arg(passed_over)
                            .arg(torn)));
  }

  void anErrorAtAnyWriteLeavesTheOldOrTheNew_data() {
    QTest::addColumn<int>("error");
    QTest::addColumn<int>("code");
    QTest::newRow("full") << ENOSPC << static_cast<int>(absl::StatusCode::kResourceExhausted);
    QTest::newRow("broken") << EIO << static_cast<int>(absl::StatusCode::kUnknown);
  }
  void anErrorAtAnyWriteLeavesTheOldOrTheNew() {
    QFETCH(int, error);
    QFETCH(int, code);
    int failures = 0;
    for (int64_t n = 1;; ++n) {
      PowerCutDisk memory;
      QVERIFY(Keep(memory, 10, 1).ok() && Keep(memory, 20, 1).ok());
      RefusingDisk disk(memory);
      disk.FailAt(n, error);
      const absl::Status kept = Keep(disk, 30, 1);
      if (!disk.has_failed()) {
        QVERIFY(kept.ok());
        break;
      }
      ++failures;
      const QByteArray where = QByteArray("write ") + QByteArray::number(static_cast<qlonglong>(n));
      QVERIFY2(static_cast<int>(kept.code()) == code, where + kept.ToString().c_str());
      const auto found = NewestWholeCheckpoint(disk, kRun, kRanks);
      QVERIFY2(found.ok() && AttemptOf(disk, *found, 1) == 1, where);
      QVERIFY2(WholeOnes(disk) >= 2, where);
      for (const std::string& name :
           memory.List(CheckpointFolder(kRun, 30)).value_or(std::vector<std::string>()))
        QVERIFY2(!name.ends_with(".new"), name.c_str());  // nothing half-written takes the room
      // Tried again once there is room, it is as if nothing had been.
      QVERIFY2(Keep(disk, 30, 1).ok(), where);
      const auto later = NewestWholeCheckpoint(disk, kRun, kRanks);
      QVERIFY2(later.ok() && later->step == 30 && AttemptOf(disk, *later, 1) == 1, where);
    }
    QVERIFY(failures > 15);
  }

  void everyFlippedByteAndEveryTruncationIsPassedOver_data() {
    QTest::addColumn<QString>("file");
    for (const char* file : {"rank-0", "rank-1", "manifest.json"}) QTest::newRow(file) << file;
  }
  void everyFlippedByteAndEveryTruncationIsPassedOver() {
    QFETCH(QString, file);
    PowerCutDisk disk;
    QVERIFY(Keep(disk, 10, 1).ok() && Keep(disk, 20, 1).ok());
    std::string& bytes = *disk.BytesOf(CheckpointFolder(kRun, 20) + "/" + file.toStdString());
    const std::string good = bytes;
    const auto falls_back = [&] {
      const auto found = NewestWholeCheckpoint(disk, kRun, kRanks);
      return found.ok() && found->step == 10 && AttemptOf(disk, *found, 1) == 1 &&
             found->passed_over.size() == 1 &&
             found->passed_over[0].find(file.toStdString()) != std::string::npos;
    };
    for (size_t i = 0; i < good.size(); ++i) {
      bytes = good;
      bytes[i] = static_cast<char>(bytes[i] ^ 0x04);
      QVERIFY2(falls_back(), qPrintable(QString("flipped byte %1").arg(i)));
    }
    for (size_t length = 0; length < good.size(); ++length) {
      bytes = good.substr(0, length);
      QVERIFY2(falls_back(), qPrintable(QString("cut at %1").arg(length)));
    }
    bytes = good + "x";
    QVERIFY(falls_back());
    bytes = good;
    const auto found = NewestWholeCheckpoint(disk, kRun, kRanks);
    QVERIFY(found.ok() && found->step == 20 && found->passed_over.empty());
  }

  // Each file whole, and none of them of one checkpoint.
  void aPartOfAnotherStepOrAttemptIsNone() {
    PowerCutDisk disk;
    QVERIFY(Keep(disk, 10, 1).ok() && Keep(disk, 20, 1).ok());
    QVERIFY(WritePart(disk, StateOf(20, 1, 2)).ok());  // another attempt came as far as that
    auto found = NewestWholeCheckpoint(disk, kRun, kRanks);
    QVERIFY(found.ok() && found->step == 10);
    QVERIFY(QString::fromStdString(found->passed_over.at(0)).contains("another time"));
    Checkpoint stray = StateOf(10, 1, 1);  // whole, and in the wrong folder
    const std::string right = *disk.BytesOf(CheckpointFile(CheckpointFolder(kRun, 10), 1));
    QVERIFY(Keep(disk, 20, 3).ok());
    *disk.BytesOf(CheckpointFile(CheckpointFolder(kRun, 20), 1)) = right;
    found = NewestWholeCheckpoint(disk, kRun, kRanks);
    QVERIFY(found.ok() && found->step == 10);
    QVERIFY(QString::fromStdString(found->passed_over.at(0)).contains("of step 10"));
    QVERIFY(!NewestWholeCheckpoint(disk, kRun, kRanks + 1).ok());  // nor is one of fewer ranks
  }

  void ofARunWhoseGroupChangesTheNewestOfAnySizeIsFound() {
    PowerCutDisk disk;
    QVERIFY(Keep(disk, 10, 1).ok());
    const auto found = NewestWholeCheckpoint(disk, kRun, kAnyRanks);
    QVERIFY(found.ok());
    QCOMPARE(found->step, int64_t{10});
    QCOMPARE(found->ranks, kRanks);
    const auto named = NewestNamedCheckpoint(disk, kRun, kAnyRanks);
    QVERIFY(named.ok());
    QCOMPARE(named->ranks, kRanks);
    // One that was never finished says of no size that it is whole.
    QVERIFY(WritePart(disk, StateOf(20, 0, 1)).ok());
    QCOMPARE(NewestWholeCheckpoint(disk, kRun, kAnyRanks)->step, int64_t{10});
    QCOMPARE(NewestNamedCheckpoint(disk, kRun, kAnyRanks)->step, int64_t{10});
  }

  void whatALargerGroupHasLeftGoesToo() {
    PowerCutDisk disk;
    for (const int64_t step : {10, 20}) {
      for (int rank = kRanks; rank < kRanks + 2; ++rank)
        QVERIFY(WritePart(disk, StateOf(step, rank, 1)).ok());
      QVERIFY(disk.Create(CheckpointFile(CheckpointFolder(kRun, step), kRanks) + ".17-3.new").ok());
      QVERIFY(Keep(disk, step, 1).ok());
    }
    for (const int64_t step : {30, 40}) QVERIFY(Keep(disk, step, 1).ok());
    QCOMPARE(disk.List(std::string(kRun) + "/checkpoints")->size(), size_t{2});
    QCOMPARE(WholeOnes(disk), 2);
  }

  void onesWithoutAManifestAreThoseOfOlderProgramsAlone() {
    PowerCutDisk disk;
    QVERIFY(Keep(disk, 10, 1).ok());
    for (int rank = 0; rank < kRanks; ++rank) QVERIFY(WritePart(disk, StateOf(20, rank, 1)).ok());
    auto found = NewestWholeCheckpoint(disk, kRun, kRanks);
    QVERIFY(found.ok() && found->step == 10);
    QVERIFY(QString::fromStdString(found->passed_over.at(0)).contains("not finished"));
    QVERIFY(NewestNamedCheckpoint(disk, kRun, kRanks)->step == 10);
  }

  void anUnfinishedOneDoesNotCountAsKept() {
    PowerCutDisk disk;
    for (const int64_t step : {10, 20}) QVERIFY(Keep(disk, step, 1).ok());
    QVERIFY(WritePart(disk, StateOf(30, 0, 1)).ok());
    QVERIFY(Keep(disk, 40, 1).ok());
    const auto names = disk.List(std::string(kRun) + "/checkpoints");
    QVERIFY(names.ok());
    QCOMPARE(names->size(), size_t{3});  // 20, 40, and what is between them
    QCOMPARE(WholeOnes(disk), 2);
    QVERIFY(Keep(disk, 50, 1).ok());
    QCOMPARE(WholeOnes(disk), 2);
    QCOMPARE(disk.List(std::string(kRun) + "/checkpoints")->size(), size_t{2});
  }
};

CONCERTINA_TEST(CheckpointKeepingTest)

}  // namespace concertina::checkpoint_keeping_test

#include "checkpoint_keeping_test.moc"
