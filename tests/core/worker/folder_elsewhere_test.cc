// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// folder_elsewhere_test.cc: workers of one run on one machine keep out of each other's folders: those of now,
// those that were given up and stand still, and those that were killed.
#include "core/worker/folder_elsewhere.h"

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <QDir>
#include <QTemporaryDir>
#include <QTest>
#include <thread>
#include <vector>

#include "core/base/file.h"
#include "tests/test_program.h"

namespace concertina::folder_elsewhere_test {

class FolderElsewhereTest : public QObject {
  Q_OBJECT
 private slots:
  void init() { home_ = std::make_unique<QTemporaryDir>(); }

  void itIsThereAndGoesWithItsWorker() {
    {
      auto folder = FolderElsewhere::Claim(home(), "r", 2);
      QVERIFY2(folder.ok(), std::string(folder.status().message()).c_str());
      QVERIFY(QFileInfo(QString::fromStdString(folder->path())).isDir());
      QVERIFY(QString::fromStdString(folder->path()).startsWith(home_->filePath("runs/r/rank-2-")));
      QVERIFY(WriteFileAtomically(folder->path() + "/parameters.safetensors", "x").ok());
      const FolderElsewhere moved = *std::move(folder);
      QVERIFY(QFileInfo(QString::fromStdString(moved.path())).isDir());
      QCOMPARE(FoldersLeft(), 1);
    }
    QVERIFY(!QFileInfo::exists(home_->filePath("runs/r")));  // it was the last one
    QVERIFY(QFileInfo::exists(home_->filePath("runs")));
  }

  // A group that forms anew gives ranks anew: one that comes may have the rank with which a survivor began.
  void anotherOfTheSameRankLeavesItAlone() {
    auto survivor = FolderElsewhere::Claim(home(), "r", 2);
    QVERIFY(survivor.ok() && WriteFileAtomically(survivor->path() + "/file", "the survivor's").ok());
    {
      const auto newcomer = FolderElsewhere::Claim(home(), "r", 2);
      QVERIFY(newcomer.ok() && newcomer->path() != survivor->path());
      QCOMPARE(*ReadFile(survivor->path() + "/file", 100), std::string("the survivor's"));
    }
    QCOMPARE(*ReadFile(survivor->path() + "/file", 100), std::string("the survivor's"));
  }

  // One that stood still is given up, another comes in its place on the same machine, and then the first
  // wakes.
  void oneThatWakesRemovesItsOwnAlone() {
    auto evicted = FolderElsewhere::Claim(home(), "r", 1);
    auto replacement = FolderElsewhere::Claim(home(), "r", 1);
    QVERIFY(evicted.ok() && replacement.ok());
    QVERIFY(WriteFileAtomically(replacement->path() + "/file", "the replacement's").ok());
    *evicted = FolderElsewhere();
    QCOMPARE(*ReadFile(replacement->path() + "/file", 100), std::string("the replacement's"));
    QCOMPARE(FoldersLeft(), 1);
  }

  void whatAKilledOneLeftGoesWithTheNext() {
    int ready[2];
    QCOMPARE(pipe(ready), 0);
    const pid_t child = fork();
    if (child == 0) {
      auto folder = FolderElsewhere::Claim(home(), "r", 0);
      if (folder.ok() && write(ready[1], "y", 1) == 1) pause();
      _exit(1);
    }
    char word = 0;
    QCOMPARE(read(ready[0], &word, 1), ssize_t{1});
    {
      const auto beside = FolderElsewhere::Claim(home(), "r", 1);
      QVERIFY(beside.ok());
      QCOMPARE(FoldersLeft(), 2);  // its owner lives
    }
    kill(child, SIGKILL);
    waitpid(child, nullptr, 0);
    close(ready[0]);
    close(ready[1]);
    QCOMPARE(FoldersLeft(), 1);
    const auto next = FolderElsewhere::Claim(home(), "r", 0);
    QVERIFY(next.ok());
    QCOMPARE(FoldersLeft(), 1);
  }

  void manyComeAndGoAtOnce() {
    constexpr int kWorkers = 8, kTimes = 50;
    std::vector<int> failures(kWorkers, 0);
    {
      std::vector<std::jthread> workers;
      for (int i = 0; i < kWorkers; ++i)
        workers.emplace_back([this, i, &failures] {
          for (int time = 0; time < kTimes; ++time) {
            const auto folder = FolderElsewhere::Claim(home(), "r", i % 3);
            const bool is_good = folder.ok() && WriteFileAtomically(folder->path() + "/file", "x").ok() &&
                                 ReadFile(folder->path() + "/file", 10).ok();
            failures[static_cast<size_t>(i)] += is_good ? 0 : 1;
          }
        });
    }
    QCOMPARE(failures, std::vector<int>(kWorkers, 0));
    QVERIFY(!QFileInfo::exists(home_->filePath("runs/r")));
  }

  // Under Slurm the home of the workers may be the engine's.
  void whatTheEngineHasThereStays() {
    const std::string run = home() + "/runs/r";
    QVERIFY(MakeFolder(run + "/checkpoints/step-000000000005").ok());
    for (const char* name : {"/rank-0.log", "/rank-10.log", "/checkpoints/step-000000000005/rank-0"})
      QVERIFY(WriteFileAtomically(run + name, "the engine's").ok());
    {
      const auto folder = FolderElsewhere::Claim(home(), "r", 0);
      QVERIFY(folder.ok());
    }
    for (const char* name : {"/rank-0.log", "/rank-10.log", "/checkpoints/step-000000000005/rank-0"})
      QCOMPARE(*ReadFile(run + name, 100), std::string("the engine's"));
    QCOMPARE(FoldersLeft(), 1);
  }

  void aHomeThatIsNoneIsTold() {
    QVERIFY(WriteFileAtomically(home() + "/runs", "a file").ok());
    QVERIFY(!FolderElsewhere::Claim(home(), "r", 0).ok());
  }

 private:
  std::string home() const { return home_->path().toStdString(); }
  int FoldersLeft() const {
    return static_cast<int>(
        QDir(home_->filePath("runs/r")).entryList(QDir::Dirs | QDir::NoDotAndDotDot | QDir::Hidden).size());
  }
  std::unique_ptr<QTemporaryDir> home_;
};

CONCERTINA_TEST(FolderElsewhereTest)

}  // namespace concertina::folder_elsewhere_test

#include "folder_elsewhere_test.moc"
