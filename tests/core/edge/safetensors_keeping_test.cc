// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// safetensors_keeping_test.cc: what is left of a run's parameters when the power goes, the disk is full or
// the file is cut short: those that were there or the new ones, and never a mixture.
#include <QFile>
#include <QTemporaryDir>
#include <QTest>
#include <cerrno>

#include "core/base/file.h"
#include "core/base/rng.h"
#include "core/edge/safetensors.h"
#include "tests/core/base/power_cut_disk.h"
#include "tests/core/base/refusing_disk.h"
#include "tests/test_program.h"

namespace concertina::safetensors_keeping_test {
namespace {

const char kRun[] = "/home/runs/r1";
const std::string kFile = std::string(kRun) + "/parameters.safetensors";

// Of an attempt: no two are alike, nor as long.
std::vector<float> ValuesOf(int attempt) {
  Rng rng(static_cast<uint64_t>(attempt), "values");
  std::vector<float> values(static_cast<size_t>(150 + 10 * attempt));
  for (float& value : values) value = static_cast<float>(rng.Normal());
  return values;
}

absl::Status KeepParameters(Disk& disk, const std::string& path, int attempt) {
  const std::vector<float> values = ValuesOf(attempt);
  const std::span<const float> all(values);
  const NamedTensor tensors[] = {{"fc.weight", {10, 10}, all.first(100)},
                                 {"fc.bias", {static_cast<int64_t>(values.size()) - 100}, all.subspan(100)}};
  return WriteSafetensors(disk, path, tensors, {{"step", std::to_string(attempt)}}).status();
}

// Whose the file is: of the metadata, and of every value. 0: there is none; -1: it is nobody's.
int AttemptOfFile(Disk& disk, int attempts) {
  const absl::StatusOr<uint64_t> size = disk.SizeOf(kFile);
  if (absl::IsNotFound(size.status())) return 0;
  const absl::StatusOr<std::string> text = disk.Read(kFile, 0, 1 << 20);
  if (!text.ok()) return -1;
  const auto file = ParseSafetensors(kFile, std::as_bytes(std::span(*text)));
  if (!file.ok()) return -1;
  std::vector<float> values;
  for (const Safetensors::Tensor& tensor : file->tensors)
    values.insert(values.end(), tensor.values.begin(), tensor.values.end());
  for (int attempt = 1; attempt <= attempts; ++attempt)
    if (values == ValuesOf(attempt) && file->metadata.at("step") == std::to_string(attempt)) return attempt;
  return -1;
}

std::vector<std::string> LeftBeside(Disk& disk) {
  std::vector<std::string> names = disk.List(kRun).value_or(std::vector<std::string>());
  std::erase(names, "parameters.safetensors");
  return names;
}

}  // namespace

class SafetensorsKeepingTest : public QObject {
  Q_OBJECT
 private slots:
  void aPowerCutAnywhereLeavesTheOldOrTheNew() {
    int cuts = 0, old_ones = 0, new_ones = 0;
    for (uint64_t seed = 0; seed < 50; ++seed) {
      for (int64_t n = 1;; ++n) {
        Rng rng(seed, "cut", static_cast<uint64_t>(n));
        PowerCutDisk disk;
        QVERIFY(MakeFolder(disk, kRun).ok() && KeepParameters(disk, kFile, 1).ok());
        disk.CutBefore(n);
        const absl::Status kept = KeepParameters(disk, kFile, 2);
        const bool was_cut = disk.is_off();
        if (!was_cut) {  // it came through, and the power goes right after it was told
          QVERIFY(kept.ok());
          disk.CutBefore(1);
          QVERIFY(!disk.Remove(kFile).ok());
        }
        disk.Restart(rng);
        const int found = AttemptOfFile(disk, 2);
        const QByteArray where = QByteArray("seed ") + QByteArray::number(static_cast<qulonglong>(seed)) +
                                 ", cut before " + QByteArray::number(static_cast<qlonglong>(n));
        QVERIFY2(kept.ok() ? found == 2 : found == 1 || found == 2, where);
        if (!was_cut) break;
        ++cuts;
        (found == 1 ? old_ones : new_ones) += 1;
        // What the cut left beside it is in nobody's way.
        QVERIFY2(KeepParameters(disk, kFile, 3).ok(), where);
        QVERIFY2(AttemptOfFile(disk, 3) == 3, where);
      }
    }
    // The rare ways were taken.
    QVERIFY2(cuts >= 250 && old_ones > 100 && new_ones > 10,
             qPrintable(QString("%1 cuts, %2 old, %3 new").arg(cuts).arg(old_ones).arg(new_ones)));
  }

  void anErrorAtAnyWriteLeavesTheOldOrTheNew_data() {
    QTest::addColumn<int>("error");
    QTest::addColumn<int>("code");
    QTest::addColumn<bool>("has_old");
    for (const bool has_old : {true, false}) {
      const char* of = has_old ? "over an old one" : "the first";
      QTest::addRow("full, %s", of) << ENOSPC << static_cast<int>(absl::StatusCode::kResourceExhausted)
                                    << has_old;
      QTest::addRow("broken, %s", of) << EIO << static_cast<int>(absl::StatusCode::kUnknown) << has_old;
    }
  }
  void anErrorAtAnyWriteLeavesTheOldOrTheNew() {
    QFETCH(int, error);
    QFETCH(int, code);
    QFETCH(bool, has_old);
    int failures = 0;
    for (int64_t n = 1;; ++n) {
      PowerCutDisk memory;
      QVERIFY(MakeFolder(memory, kRun).ok());
      if (has_old) QVERIFY(KeepParameters(memory, kFile, 1).ok());
      RefusingDisk disk(memory);
      disk.FailAt(n, error);
      const absl::Status kept = KeepParameters(disk, kFile, 2);
      if (!disk.has_failed()) {
        QVERIFY(kept.ok());
        break;
      }
      ++failures;
      const QByteArray where = QByteArray("write ") + QByteArray::number(static_cast<qlonglong>(n));
      QVERIFY2(static_cast<int>(kept.code()) == code, where + kept.ToString().c_str());
      QVERIFY2(kept.message().find(kRun) != std::string::npos, where + kept.ToString().c_str());  // the place
      const int found = AttemptOfFile(memory, 2);
      QVERIFY2(found == (has_old ? 1 : 0) || found == 2, where);
      QVERIFY2(LeftBeside(memory).empty(), where);  // nothing half-written takes the room
      // Tried again once there is room, it is as if nothing had been.
      QVERIFY2(KeepParameters(disk, kFile, 2).ok() && AttemptOfFile(memory, 2) == 2, where);
    }
    QVERIFY(failures >= 6);
  }

  void aFileThatIsCutShortIsRefusedByItsPlace() {
    const QTemporaryDir folder;
    const std::string path = folder.filePath("parameters.safetensors").toStdString();
    QVERIFY(KeepParameters(Disk::Real(), path, 1).ok());
    QVERIFY(ReadSafetensors(path).ok());
    QFile file(QString::fromStdString(path));
    for (qint64 length = file.size() - 1; length >= 0; length -= length < 16 ? 1 : 13) {
      QVERIFY(file.resize(length));
      const absl::Status read = ReadSafetensors(path).status();
      const QByteArray where = QByteArray::number(length) + " bytes: " + read.ToString().c_str();
      QVERIFY2(absl::IsDataLoss(read), where);
      QVERIFY2(read.message().find(path) != std::string::npos, where);
      QVERIFY2(read.message().find("at byte ") != std::string::npos, where);
    }
  }
};

CONCERTINA_TEST(SafetensorsKeepingTest)

}  // namespace concertina::safetensors_keeping_test

#include "safetensors_keeping_test.moc"
