// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// checkpoint_test.cc: what was written is read; what was damaged is found.
#include "core/worker/checkpoint.h"

#include <QCryptographicHash>
#include <QFile>
#include <QTemporaryDir>
#include <QTest>
#include "tests/test_program.h"

namespace concertina::checkpoint_test {
namespace {

Checkpoint Sample() {
  Checkpoint checkpoint;
  checkpoint.step = 120;
  checkpoint.seconds = 3.25;
  checkpoint.rank = 1;
  checkpoint.world_size = 2;
  checkpoint.spec_json = R"({"name": "µ"})";
  checkpoint.parameters = {1.5f, -2, 3e-30f};
  checkpoint.optimizer = {0.25f};
  checkpoint.exchange = {1, 2, 3, 255};
  checkpoint.knobs = {7, 0, 9};
  return checkpoint;
}

}  // namespace

class CheckpointTest : public QObject {
  Q_OBJECT
 private slots:
  void whatWasWrittenIsRead() {
    QTemporaryDir folder;
    const std::string step_folder = CheckpointFolder(folder.path().toStdString(), 120);
    const Checkpoint written = Sample();
    QVERIFY(WriteCheckpoint(step_folder, written).ok());
    const auto read = ReadCheckpoint(step_folder, 1);
    QVERIFY2(read.ok(), std::string(read.status().message()).c_str());
    QCOMPARE(read->step, written.step);
    QCOMPARE(read->seconds, written.seconds);
    QCOMPARE(read->spec_json, written.spec_json);
    QVERIFY(read->parameters == written.parameters && read->buffers.empty() &&
            read->optimizer == written.optimizer && read->exchange == written.exchange &&
            read->knobs == written.knobs);
    Checkpoint without = written;  // as all were that older programs wrote
    without.knobs.clear();
    QVERIFY(WriteCheckpoint(step_folder, without).ok());
    const auto other = ReadCheckpoint(step_folder, 1);
    QVERIFY(other.ok() && other->knobs.empty() && other->exchange == written.exchange);
  }
  void everyFlippedByteAndEveryTruncationIsFound() {
    QTemporaryDir folder;
    const std::string step_folder = CheckpointFolder(folder.path().toStdString(), 120);
    QVERIFY(WriteCheckpoint(step_folder, Sample()).ok());
    QFile file(QString::fromStdString(step_folder) + "/rank-1");
    QVERIFY(file.open(QIODevice::ReadOnly));
    const QByteArray good = file.readAll();
    file.close();
    const auto refused = [&](const QByteArray& bytes) {
      if (!file.open(QIODevice::WriteOnly | QIODevice::Truncate)) return false;
      file.write(bytes);
      file.close();
      const auto read = ReadCheckpoint(step_folder, 1);
      return read.status().code() == absl::StatusCode::kDataLoss;
    };
    for (qsizetype i = 0; i < good.size(); ++i) {
      QByteArray bad = good;
      bad[i] = static_cast<char>(bad[i] ^ 0x10);
      QVERIFY2(refused(bad), qPrintable(QString("flipped byte %1").arg(i)));
    }
    for (qsizetype length = 0; length < good.size(); ++length)
      QVERIFY2(refused(good.left(length)), qPrintable(QString("cut at %1").arg(length)));
    QVERIFY(refused(good + "x"));
  }
  // Whoever writes a file can write its hash, too.
  void aHeaderOfTheWrongTypesIsFound_data() {
    QTest::addColumn<QByteArray>("header");
    const auto row = [](const char* name, const char* fields, const char* sections) {
      QTest::newRow(name) << QByteArray(fields).append(R"(, "sections": )").append(sections).append("}");
    };
    const char* empty = R"([{"bytes": 0}, {"bytes": 0}, {"bytes": 0}, {"bytes": 0}])";
    row("step", R"({"step": "7", "rank": 1)", empty);
    row("a part of a step", R"({"step": 7.5, "rank": 1)", empty);
    row("a step beyond all numbers", R"({"step": 18446744073709551615, "rank": 1)", empty);
    row("seconds", R"({"step": 7, "seconds": [], "rank": 1)", empty);
    row("rank", R"({"step": 7, "rank": {})", empty);
    row("world size", R"({"step": 7, "rank": 1, "world_size": "x")", empty);
    row("spec", R"({"step": 7, "rank": 1, "spec": 8)", empty);
    row("section", R"({"step": 7, "rank": 1)", "[1, 2, 3, 4]");
    row("bytes", R"({"step": 7, "rank": 1)", R"([{"bytes": "0"}, {"bytes": 0}, {"bytes": 0}, {"bytes": 0}])");
    row("negative bytes", R"({"step": 7, "rank": 1)",
        R"([{"bytes": -4}, {"bytes": 0}, {"bytes": 0}, {"bytes": 0}])");
  }
  void aHeaderOfTheWrongTypesIsFound() {
    QFETCH(QByteArray, header);
    const quint64 bytes = static_cast<quint64>(header.size());
    QByteArray body("CNCKPT01");
    body.append(reinterpret_cast<const char*>(&bytes), sizeof bytes).append(header);
    QTemporaryDir folder;
    QFile file(folder.filePath("rank-1"));
    QVERIFY(file.open(QIODevice::WriteOnly));
    file.write(body + QCryptographicHash::hash(body, QCryptographicHash::Sha256).toHex());
    file.close();
    const auto read = ReadCheckpoint(folder.path().toStdString(), 1);
    QCOMPARE(read.status().code(), absl::StatusCode::kDataLoss);
  }
  void anotherRanksFileIsNotFound() {
    QTemporaryDir folder;
    const std::string step_folder = CheckpointFolder(folder.path().toStdString(), 120);
    QVERIFY(WriteCheckpoint(step_folder, Sample()).ok());
    QCOMPARE(ReadCheckpoint(step_folder, 0).status().code(), absl::StatusCode::kNotFound);
  }
};

CONCERTINA_TEST(CheckpointTest)

}  // namespace concertina::checkpoint_test

#include "checkpoint_test.moc"
