// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// audit_log_test.cc: every line is in the file, or counted once in one that is.
#include "core/proto/audit_log.h"

#include <QDir>
#include <QTemporaryDir>
#include <QTest>
#include <atomic>
#include <cerrno>
#include <thread>

#include "absl/strings/str_split.h"
#include "core/base/clock.h"
#include "core/base/file.h"
#include "nlohmann/json.hpp"
#include "tests/test_program.h"

namespace concertina::audit_log_test {

class AuditLogTest : public QObject {
  Q_OBJECT

  struct Told {
    int64_t lines = 0, lost = 0, torn = 0;
  };
  static Told Read(const std::string& path) {
    Told told;
    const std::string text = ReadFile(path, size_t{1} << 26).value_or("");
    for (const absl::string_view line : absl::StrSplit(text, '\n', absl::SkipEmpty())) {
      const auto json = nlohmann::json::parse(line, nullptr, false);
      if (!json.is_object()) {
        ++told.torn;
        continue;
      }
      ++told.lines;
      told.lost += json.value("lost", int64_t{0});
    }
    return told;
  }
  static AuditLine LineOf(int64_t number) {
    return {.peer = "ipv4:10.0.0.9:1", .identity = "ada", .rpc = std::to_string(number), .admitted = true};
  }

  std::unique_ptr<QTemporaryDir> folder_;
  std::string path_;

 private slots:
  void init() {
    folder_ = std::make_unique<QTemporaryDir>();
    path_ = folder_->filePath("audit.log").toStdString();
  }

  // Refused again and again, the one that was to tell of the others among them.
  void whatAFullDiskCostsIsCountedOnce() {
    std::atomic<int> refused = 0;
    std::atomic<bool> is_full = false;
    bool tears = true;  // every other write
    const auto write = [&](int file, const void* data, size_t bytes) -> ssize_t {
      if (!is_full) return ::write(file, data, bytes);
      tears = !tears;
      if (tears) return ::write(file, data, bytes / 2);
      ++refused;
      errno = ENOSPC;
      return -1;
    };
    constexpr int kBefore = 3, kWhile = 20;
    int64_t added = 0;
    {
      auto log = AuditLog::Open(path_, {.write = write});
      QVERIFY(log.ok());
      for (int i = 0; i < kBefore; ++i) (*log)->Add(LineOf(added++));
      QTRY_COMPARE_WITH_TIMEOUT(Read(path_).lines, int64_t{kBefore}, 5000);
      is_full = true;
      for (int i = 0; i < kWhile; ++i) {
        const int before = refused;
        (*log)->Add(LineOf(added++));
        QTRY_VERIFY_WITH_TIMEOUT(refused > before, 5000);
      }
      is_full = false;
      for (int i = 0; i < 2; ++i) (*log)->Add(LineOf(added++));
    }
    const Told told = Read(path_);
    QVERIFY(told.torn > 1);
    QVERIFY(told.lost > 1);
    QCOMPARE(told.lines + told.lost, added);
  }

  void whatIsTooMuchIsCountedOnce() {
    std::atomic<bool> may_write = false, is_writing = false;
    const auto write = [&](int file, const void* data, size_t bytes) -> ssize_t {
      is_writing = true;
      const Deadline deadline = Deadline::After(10);
      while (!may_write && !deadline.Passed()) std::this_thread::yield();
      return ::write(file, data, bytes);
    };
    int64_t added = 0;
    {
      auto log = AuditLog::Open(path_, {.write = write});
      QVERIFY(log.ok());
      (*log)->Add(LineOf(added++));
      QTRY_VERIFY_WITH_TIMEOUT(is_writing, 5000);
      for (size_t i = 0; i < AuditLog::kMaxWaiting + 50; ++i) (*log)->Add(LineOf(added++));
      may_write = true;
      QTRY_VERIFY_WITH_TIMEOUT(Read(path_).lines > 1, 5000);
      (*log)->Add(LineOf(added++));
    }
    const Told told = Read(path_);
    QCOMPARE(told.lost, int64_t{50});
    QCOMPARE(told.lines + told.lost, added);
  }

  void twoProgramsTellOfAllThatTheyDoNotLose() {
    int64_t added = 0;
    {
      auto one = AuditLog::Open(path_, {.most_bytes = 20000}),
           other = AuditLog::Open(path_, {.most_bytes = 20000});
      QVERIFY(one.ok() && other.ok());
      for (int i = 0; i < 100; ++i) {  // of about 125 bytes
        (*one)->Add(LineOf(added++));
        (*other)->Add(LineOf(added++));
      }
    }
    const Told now = Read(path_), before = Read(path_ + ".1");
    QVERIFY(before.lines > 0);  // it has turned
    QCOMPARE(now.lines + before.lines, added);
    QCOMPARE(now.torn + before.torn + now.lost + before.lost, int64_t{0});
  }
};

CONCERTINA_TEST(AuditLogTest)

}  // namespace concertina::audit_log_test

#include "audit_log_test.moc"
