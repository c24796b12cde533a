// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// local_limits_test.cc: which cores a rank gets, and what memory counts as a process's own; how processes
// keep to it is in local_launcher_test.cc.
#include "core/engine/local_limits.h"

#include <sys/mman.h>
#include <unistd.h>

#include <QDir>
#include <QFile>
#include <QTemporaryDir>
#include <QTest>
#include <cstring>

#include "core/engine/this_machine.h"
#include "tests/test_program.h"

namespace concertina::local_limits_test {

class LocalLimitsTest : public QObject {
  Q_OBJECT
 private slots:
  void ranksFollowOneAnotherOnTheCores_data() {
    QTest::addColumn<QVector<int>>("cores");
    QTest::addColumn<int>("rank");
    QTest::addColumn<int>("threads");
    QTest::addColumn<QVector<int>>("own");
    const QVector<int> four = {4, 5, 6, 7};
    QTest::newRow("the first") << four << 0 << 1 << QVector<int>{4};
    QTest::newRow("the last") << four << 3 << 1 << QVector<int>{7};
    QTest::newRow("round again") << four << 5 << 1 << QVector<int>{5};
    QTest::newRow("two threads") << four << 1 << 2 << QVector<int>{6, 7};
    QTest::newRow("over the end") << four << 1 << 3 << QVector<int>{7, 4, 5};
    QTest::newRow("more threads than cores") << four << 1 << 9 << four;
    QTest::newRow("in the order that was given") << QVector<int>{3, 0} << 1 << 1 << QVector<int>{0};
    QTest::newRow("not pinned") << QVector<int>{} << 2 << 2 << QVector<int>{};
  }
  void ranksFollowOneAnotherOnTheCores() {
    QFETCH(QVector<int>, cores);
    QFETCH(int, rank);
    QFETCH(int, threads);
    QFETCH(QVector<int>, own);
    LocalLimits limits;
    limits.cores.assign(cores.begin(), cores.end());
    const std::vector<int> got = CoresOfRank(limits, rank, threads);
    QCOMPARE(QVector<int>(got.begin(), got.end()), own);
  }

  void memoryOfFilesIsNotItsOwn() {
    constexpr size_t kBytes = size_t{64} << 20;
    const QTemporaryDir folder;
    QFile file(folder.filePath("file"));
    QVERIFY(file.open(QIODevice::ReadWrite) && file.resize(kBytes));
    const auto* of_file =
        static_cast<const volatile char*>(mmap(nullptr, kBytes, PROT_READ, MAP_SHARED, file.handle(), 0));
    QVERIFY(of_file != MAP_FAILED);
    const uint64_t before = OwnMemoryBytes(getpid());
    QVERIFY(before > 0);
    for (size_t i = 0; i < kBytes; i += 4096) (void)of_file[i];
    QVERIFY(OwnMemoryBytes(getpid()) < before + kBytes / 2);
    void* const own = mmap(nullptr, kBytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    QVERIFY(own != MAP_FAILED);
    QVERIFY(OwnMemoryBytes(getpid()) < before + kBytes / 2);  // mapped, and not used
    std::memset(own, 1, kBytes);
    QVERIFY(OwnMemoryBytes(getpid()) > before + kBytes / 2);
    munmap(own, kBytes);
    munmap(const_cast<char*>(of_file), kBytes);
  }
  void whoHasEndedHasNoMemory() { QCOMPARE(OwnMemoryBytes(0x7ffffff0), uint64_t{0}); }

  void datasetsAreFoldersEachOnce() {
    const QTemporaryDir folder;
    for (const char* name : {"a/mnist", "a/other", "b/mnist"}) QVERIFY(QDir(folder.path()).mkpath(name));
    QFile file(folder.filePath("a/README"));
    QVERIFY(file.open(QIODevice::WriteOnly));
    const auto path = [&](const char* name) { return folder.filePath(name).toStdString(); };
    QCOMPARE(DatasetsIn({path("a"), path("b"), path("nothing")}),
             (std::vector<std::string>{"mnist", "other"}));
  }
};

CONCERTINA_TEST(LocalLimitsTest)

}  // namespace concertina::local_limits_test

#include "local_limits_test.moc"
