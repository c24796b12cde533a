// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// prepared_test.cc: prepared forms are made once, whole or not at all, and anew when their source changes.
#include "core/data/prepared.h"

#include <QDir>
#include <QTemporaryDir>
#include <QTest>
#include <atomic>
#include <thread>

#include "tests/core/data/dataset_files.h"
#include "tests/test_program.h"

namespace concertina::prepared_test {
namespace {

QByteArray Contents(const StoredBytes& stored) {
  return {reinterpret_cast<const char*>(stored.bytes.data()), static_cast<qsizetype>(stored.bytes.size())};
}

}  // namespace

class PreparedTest : public QObject {
  Q_OBJECT

  QTemporaryDir folder_;
  std::string Folder(const char* name) const { return folder_.filePath(name).toStdString(); }

  // Writes 1 MB of `letter` in pieces, and counts how often it was asked to.
  static ProduceBytes Letters(char letter, std::atomic<int>& calls) {
    return [letter, &calls](const ByteSink& sink) -> absl::Status {
      ++calls;
      const std::vector<uint8_t> piece(100'000, static_cast<uint8_t>(letter));
      for (int i = 0; i < 10; ++i) RETURN_IF_ERROR(sink(piece));
      return absl::OkStatus();
    };
  }

 private slots:
  void theSecondAskerFindsWhatTheFirstMade() {
    std::atomic<int> calls = 0;
    const PreparedName name = {.title = "a", .what = "source", .version = "1"};
    for (int i = 0; i < 3; ++i) {
      const auto stored = Prepare(Folder("once"), name, Letters('x', calls));
      VERIFY_OK(stored);
      QCOMPARE(Contents(*stored), QByteArray(1'000'000, 'x'));
    }
    QCOMPARE(calls.load(), 1);
    QCOMPARE(QDir(folder_.filePath("once")).entryList(QDir::Files).size(), 1);
  }

  void withoutAFolderItStaysInMemory() {
    std::atomic<int> calls = 0;
    const auto stored = Prepare("", {.title = "a", .what = "source", .version = "1"}, Letters('x', calls));
    VERIFY_OK(stored);
    QCOMPARE(Contents(*stored), QByteArray(1'000'000, 'x'));
  }

  void aChangedSourceIsPreparedAnewAndTheOldFormRemoved() {
    std::atomic<int> calls = 0;
    const auto old =
        Prepare(Folder("changed"), {.title = "a", .what = "s", .version = "1"}, Letters('x', calls));
    const auto other =
        Prepare(Folder("changed"), {.title = "a", .what = "t", .version = "1"}, Letters('z', calls));
    const auto fresh =
        Prepare(Folder("changed"), {.title = "a", .what = "s", .version = "2"}, Letters('y', calls));
    VERIFY_OK(old);
    VERIFY_OK(other);
    VERIFY_OK(fresh);
    QCOMPARE(Contents(*fresh), QByteArray(1'000'000, 'y'));
    QCOMPARE(Contents(*old), QByteArray(1'000'000, 'x'));  // whoever has it mapped keeps it
    QCOMPARE(QDir(folder_.filePath("changed")).entryList(QDir::Files).size(), 2);  // s at 2, t at 1
  }

  void anErrorLeavesNothingBehind() {
    const PreparedName name = {.title = "a", .what = "source", .version = "1"};
    const auto failed = Prepare(Folder("failed"), name, [](const ByteSink& sink) -> absl::Status {
      RETURN_IF_ERROR(sink(std::vector<uint8_t>(1000)));
      return absl::DataLossError("damaged");
    });
    QCOMPARE(failed.status().code(), absl::StatusCode::kDataLoss);
    QCOMPARE(QDir(folder_.filePath("failed")).entryList(QDir::Files).size(), 0);
    std::atomic<int> calls = 0;
    VERIFY_OK(Prepare(Folder("failed"), name, Letters('x', calls)));
  }

  void aFolderThatCannotBeMadeIsTold() {
    WriteBytes(folder_.filePath("file"), "in the way");
    std::atomic<int> calls = 0;
    const auto failed = Prepare(Folder("file") + "/below", {.title = "a"}, Letters('x', calls));
    QVERIFY(!failed.ok());
    QVERIFY2(Message(failed.status()).contains("file"), qPrintable(Message(failed.status())));
  }

  void manyMayMakeTheSameAtOnce() {
    std::atomic<int> calls = 0, whole = 0;
    {
      std::vector<std::jthread> threads;
      for (int i = 0; i < 8; ++i)
        threads.emplace_back([&] {
          const auto stored = Prepare(Folder("race"), {.title = "a", .what = "s"}, Letters('x', calls));
          whole += stored.ok() && Contents(*stored) == QByteArray(1'000'000, 'x');
        });
    }
    QCOMPARE(whole.load(), 8);
    QVERIFY(calls >= 1);
    QCOMPARE(QDir(folder_.filePath("race")).entryList(QDir::Files).size(), 1);
  }
};

CONCERTINA_TEST(PreparedTest)

}  // namespace concertina::prepared_test

#include "prepared_test.moc"
