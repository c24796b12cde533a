// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// import_folder_test.cc: what was taken in is there after a power cut, and what was not is told.
#include "core/engine/import_folder.h"

#include <QTest>
#include <cerrno>
#include <string_view>

#include "tests/core/base/power_cut_disk.h"
#include "tests/core/base/refusing_disk.h"
#include "tests/test_program.h"

namespace concertina::import_folder_test {
namespace {

absl::Status TakeIn(Disk& disk) {
  ASSIGN_OR_RETURN(ImportFolder folder, ImportFolder::Make(disk, "/runs/r"));
  for (const std::string_view piece : {"one ", "two ", "three"})
    RETURN_IF_ERROR(folder.Add("parameters.safetensors", std::as_bytes(std::span(piece))));
  RETURN_IF_ERROR(folder.Add("rank-0.log", {}));
  return folder.Finish();
}

}  // namespace

class ImportFolderTest : public QObject {
  Q_OBJECT
 private slots:
  void whatIsDoneOutlastsAPowerCut() {
    int cuts = 0, done = 0;
    for (int64_t before = 1; before < 40; ++before)
      for (uint64_t seed = 0; seed < 10; ++seed) {
        PowerCutDisk disk;
        QVERIFY(disk.MakeFolder("/runs").ok());
        QVERIFY(disk.SyncFolder("/").ok());
        disk.CutBefore(before);
        const absl::Status taken = TakeIn(disk);
        cuts += disk.is_off() ? 1 : 0;
        QCOMPARE(taken.ok(), !disk.is_off());
        Rng rng(seed, "power");
        disk.Restart(rng);
        if (!taken.ok()) continue;
        ++done;
        QCOMPARE(disk.Read("/runs/r/parameters.safetensors", 0, 100).value_or("gone"),
                 std::string("one two three"));
        QCOMPARE(disk.Read("/runs/r/rank-0.log", 0, 100).value_or("gone"), std::string());
      }
    QVERIFY(cuts > 20 && done > 20);
  }
  void whicheverWriteFailsIsTold() {
    int64_t operation = 1;
    for (bool has_failed = true; has_failed; ++operation) {
      PowerCutDisk under;
      RefusingDisk disk(under);
      QVERIFY(disk.MakeFolder("/runs").ok());
      disk.FailAt(operation, ENOSPC);
      const absl::Status taken = TakeIn(disk);
      has_failed = disk.has_failed();
      QCOMPARE(taken.code(), has_failed ? absl::StatusCode::kResourceExhausted : absl::StatusCode::kOk);
    }
    QVERIFY(operation > 8);
  }
  void aFolderThatIsThereIsRefused() {
    PowerCutDisk disk;
    QVERIFY(disk.MakeFolder("/runs").ok() && disk.MakeFolder("/runs/r").ok());
    QCOMPARE(TakeIn(disk).code(), absl::StatusCode::kAlreadyExists);
  }
  void aFileThatComesTwiceIsRefused() {
    PowerCutDisk disk;
    QVERIFY(disk.MakeFolder("/runs").ok());
    auto folder = ImportFolder::Make(disk, "/runs/r");
    QVERIFY(folder.ok());
    QVERIFY(folder->Add("a", {}).ok() && folder->Add("b", {}).ok());
    QCOMPARE(folder->Add("a", {}).code(), absl::StatusCode::kAlreadyExists);
  }
};

CONCERTINA_TEST(ImportFolderTest)

}  // namespace concertina::import_folder_test

#include "import_folder_test.moc"
