// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// log_file_test.cc: what is lost is counted, what is not is whole, and several may write.
#include "core/proto/log_file.h"

#include <sys/stat.h>

#include <QDir>
#include <QFile>
#include <QTemporaryDir>
#include <QTest>
#include <algorithm>
#include <atomic>
#include <cerrno>
#include <thread>

#include "absl/strings/str_split.h"
#include "core/base/file.h"
#include "tests/test_program.h"

namespace concertina::log_file_test {
class LogFileTest : public QObject {
  Q_OBJECT

  // Takes so many bytes more, and is full then.
  struct FullDisk {
    std::atomic<int64_t> room = int64_t{1} << 40;
    ssize_t Write(int file, const void* data, size_t bytes) {
      if (room == 0) {
        errno = ENOSPC;
        return -1;
      }
      const ssize_t written = ::write(file, data, std::min(bytes, static_cast<size_t>(room.load())));
      room -= written;
      return written;
    }
  };

  std::unique_ptr<QTemporaryDir> folder_;
  std::string path_;
  VirtualClock clock_;
  FullDisk disk_;

  std::unique_ptr<LogFile> Open(int64_t most_bytes = int64_t{16} << 20) {
    auto log = LogFile::Open(path_, {.most_bytes = most_bytes,
                                     .clock = &clock_,
                                     .write = [this](int file, const void* data, size_t bytes) {
                                       return disk_.Write(file, data, bytes);
                                     }});
    if (!log.ok()) qFatal("%s", log.status().ToString().c_str());
    return *std::move(log);
  }
  static std::string TextOf(const std::string& path) {
    return ReadFile(path, size_t{1} << 26).value_or("there is none");
  }
  static size_t Append(LogFile& log, const std::vector<std::string>& lines) { return log.Append(lines); }

 private slots:
  void init() {
    folder_ = std::make_unique<QTemporaryDir>();
    QVERIFY(QDir(folder_->path()).mkdir("home"));
    path_ = folder_->filePath("home/audit.log").toStdString();
    disk_.room = int64_t{1} << 40;
  }

  void itIsPrivateAndOnlyAddedTo() {
    QCOMPARE(Append(*Open(), {"a", "b"}), size_t{2});
    QVERIFY(chmod(path_.c_str(), 0644) == 0);
    QCOMPARE(Append(*Open(), {"c"}), size_t{1});
    QCOMPARE(TextOf(path_), std::string("a\nb\nc\n"));
    struct stat found = {};
    QCOMPARE(stat(path_.c_str(), &found), 0);
    QCOMPARE(found.st_mode & 0777, mode_t{0600});
    QVERIFY(LogFile::Open("/nowhere/audit.log").status().message().find("/nowhere/audit.log") !=
            std::string::npos);
  }

  void aFullDiskCostsWholeLinesAndGluesNone_data() {
    QTest::addColumn<int>("room");
    QTest::addColumn<int>("written");
    QTest::addColumn<QString>("text");
    QTest::newRow("none") << 0 << 0 << "first\nlast\n";
    QTest::newRow("a part of a line") << 2 << 0 << "first\non\nlast\n";
    QTest::newRow("a line but its end") << 3 << 0 << "first\none\nlast\n";
    QTest::newRow("a line") << 4 << 1 << "first\none\nlast\n";
    QTest::newRow("a line and a part") << 6 << 1 << "first\none\ntw\nlast\n";
    QTest::newRow("all") << 8 << 2 << "first\none\ntwo\nlast\n";
  }
  void aFullDiskCostsWholeLinesAndGluesNone() {
    QFETCH(int, room);
    QFETCH(int, written);
    QFETCH(QString, text);
    const auto log = Open();
    QCOMPARE(Append(*log, {"first"}), size_t{1});
    disk_.room = room;
    QCOMPARE(Append(*log, {"one", "two"}), static_cast<size_t>(written));
    QCOMPARE(Append(*log, {"three"}), size_t{0});
    disk_.room = 100;
    QCOMPARE(Append(*log, {"last"}), size_t{1});
    QCOMPARE(QString::fromStdString(TextOf(path_)), text);
  }
  void theLineOfAnotherIsNotGluedToATornOne() {
    const auto one = Open(), other = Open();
    disk_.room = 2;
    QCOMPARE(Append(*one, {"torn"}), size_t{0});
    disk_.room = 100;
    QCOMPARE(Append(*other, {"whole"}), size_t{1});
    QCOMPARE(TextOf(path_), std::string("to\nwhole\n"));
  }

  void itIsOpenedAgainOnceItsFolderIsBack() {
    const auto log = Open();
    QCOMPARE(Append(*log, {"a"}), size_t{1});
    QDir folder(folder_->path());
    QVERIFY(folder.rename("home", "away"));
    QCOMPARE(Append(*log, {"b"}), size_t{0});  // not into the file that nobody finds
    QVERIFY(folder.rename("away", "home"));
    QCOMPARE(Append(*log, {"c"}), size_t{0});  // not so soon
    clock_.Advance(LogFile::kOpenAgainSeconds);
    QCOMPARE(Append(*log, {"d"}), size_t{1});
    QCOMPARE(TextOf(path_), std::string("a\nd\n"));
  }
  // What made it be opened anew was a place that nothing can be opened at.
  void itIsOpenedAgainAfterItCouldNotBeAtItsTurning() {
    const auto log = Open(20);
    QCOMPARE(Append(*log, {"0123456789"}), size_t{1});
    QVERIFY(QFile::remove(QString::fromStdString(path_)));
    QVERIFY(QDir(folder_->path()).mkdir("home/audit.log"));
    QCOMPARE(Append(*log, {"0123456789"}), size_t{0});
    QVERIFY(QDir(folder_->path()).rmdir("home/audit.log"));
    clock_.Advance(LogFile::kOpenAgainSeconds);
    QCOMPARE(Append(*log, {"again"}), size_t{1});
    QCOMPARE(TextOf(path_), std::string("again\n"));
  }

  void itTurnsAtItsLength() {
    const auto log = Open(20);
    for (const char* line : {"first", "second", "third", "a line that is longer than the whole", "last"})
      QCOMPARE(Append(*log, {line}), size_t{1});
    QCOMPARE(TextOf(path_), std::string("last\n"));
    QCOMPARE(TextOf(path_ + ".1"), std::string("a line that is longer than the whole\n"));
  }
  void oneThatCannotBePutAwayGrows() {
    QVERIFY(QDir(folder_->path()).mkdir("home/audit.log.1"));
    const auto log = Open(10);
    QCOMPARE(Append(*log, {"0123456789"}), size_t{1});
    QCOMPARE(Append(*log, {"0123456789"}), size_t{1});
    QCOMPARE(TextOf(path_), std::string("0123456789\n0123456789\n"));
  }

  // Each counts what all have written, and finds the new file when another has put the old one away: what
  // two turnings apart put away twice was lost.
  void severalTurnItAsOne() {
    const auto one = Open(100), other = Open(100);
    std::string all;
    for (int i = 0; i < 16; ++i) {  // 160 bytes
      const std::string line = "line " + std::to_string(1000 + i);
      QCOMPARE(Append(i % 3 == 0 ? *other : *one, {line}), size_t{1});
      all += line + "\n";
    }
    QCOMPARE(TextOf(path_ + ".1") + TextOf(path_), all);
    QCOMPARE(TextOf(path_).size(), size_t{60});
  }
  void severalAtOnceLoseNothing() {
    constexpr int kThreads = 4, kLines = 1500;  // of 12 bytes
    std::vector<std::thread> threads;
    std::atomic<int> written = 0;
    for (int thread = 0; thread < kThreads; ++thread)
      threads.emplace_back([this, thread, &written] {
        const auto log = LogFile::Open(path_, {.most_bytes = 40000});
        for (int i = 0; i < kLines && log.ok(); ++i)
          written += static_cast<int>(Append(**log, {"line " + std::to_string(100000 + thread * 10000 + i)}));
      });
    for (std::thread& thread : threads) thread.join();
    QCOMPARE(written.load(), kThreads * kLines);
    const std::string text = TextOf(path_ + ".1") + TextOf(path_);
    std::vector<int> next(kThreads, 0);
    int lines = 0;
    for (const absl::string_view line : absl::StrSplit(text, '\n', absl::SkipEmpty())) {
      QCOMPARE(line.size(), size_t{11});
      const int number = std::stoi(std::string(line.substr(5))) - 100000;
      QCOMPARE(number % 10000, next[static_cast<size_t>(number / 10000)]++);
      ++lines;
    }
    QCOMPARE(lines, kThreads * kLines);
    QVERIFY(TextOf(path_).size() < 40000);
  }
};

CONCERTINA_TEST(LogFileTest)

}  // namespace concertina::log_file_test

#include "log_file_test.moc"
