// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// file_test.cc: whole files, atomically.
#include "core/base/file.h"

#include <QDir>
#include <QTemporaryDir>
#include <QTest>
#include "tests/test_program.h"

namespace concertina::file_test {

class FileTest : public QObject {
  Q_OBJECT
 private slots:
  void aFolderIsListedInOneOrder() {
    const QTemporaryDir folder;
    for (const char* name : {"b", "a", ".c"})
      QVERIFY(WriteFileAtomically(folder.filePath(name).toStdString(), "").ok());
    const auto names = NamesInFolder(folder.path().toStdString());
    QVERIFY(names.ok());
    QCOMPARE(*names, (std::vector<std::string>{".c", "a", "b"}));
    QVERIFY(absl::IsNotFound(NamesInFolder(folder.filePath("none").toStdString()).status()));
    const auto file = NamesInFolder(folder.filePath("a").toStdString());
    QVERIFY(!file.ok() && file.status().message().find("listing") != file.status().message().npos);
    QVERIFY(!NamesInFolder(std::string(5000, 'x')).ok());
  }
  void theHomeFolderStandsForItsSign() {
    const QByteArray home = qgetenv("HOME");
    qputenv("HOME", "/home/ann");
    QCOMPARE(WithHomeFolder("~/a/~/b"), std::string("/home/ann/a/~/b"));
    QCOMPARE(WithHomeFolder("~"), std::string("/home/ann"));
    for (const char* other : {"", "/~/a", "a", "~ben/a"}) QCOMPARE(WithHomeFolder(other), std::string(other));
    qputenv("HOME", home);
  }
  void aNameThatIsTakenIsNumbered() {
    QTemporaryDir folder;
    const auto at = [&](const char* name) { return folder.filePath(name).toStdString(); };
    QCOMPARE(FreePath(at("run.csv")), at("run.csv"));
    QVERIFY(WriteFileAtomically(at("run.csv"), "one").ok());
    QCOMPARE(FreePath(at("run.csv")), at("run (2).csv"));
    QVERIFY(QFile::link(folder.filePath("nowhere"), folder.filePath("run (2).csv")));
    QCOMPARE(FreePath(at("run.csv")), at("run (3).csv"));
    QVERIFY(QDir(folder.path()).mkdir("run"));
    QCOMPARE(FreePath(at("run")), at("run (2)"));
  }
  void whatIsWrittenIsRead() {
    QTemporaryDir folder;
    const std::string path = folder.filePath("a.txt").toStdString();
    QVERIFY(WriteFileAtomically(path, "one").ok());
    QVERIFY(WriteFileAtomically(path, "two").ok());
    QCOMPARE(*ReadFile(path, 100), std::string("two"));
    QCOMPARE(QDir(folder.path()).entryList(QDir::Files).size(), 1);
  }
  void aFailureLeavesNothingBeside() {
    QTemporaryDir folder;
    QVERIFY(QDir(folder.path()).mkdir("taken"));
    QVERIFY(!WriteFileAtomically(folder.filePath("taken").toStdString(), "text").ok());
    QCOMPARE(QDir(folder.path()).entryList(QDir::Files).size(), 0);
    QCOMPARE(WriteFileAtomically(folder.filePath("absent/a").toStdString(), "text").code(),
             absl::StatusCode::kNotFound);
  }
  void aLongFileIsRefused() {
    QTemporaryDir folder;
    const std::string path = folder.filePath("long").toStdString();
    QVERIFY(WriteFileAtomically(path, std::string(1000, 'x')).ok());
    QCOMPARE(ReadFile(path, 999).status().code(), absl::StatusCode::kOutOfRange);
    QVERIFY(ReadFile(path, 1000).ok());
  }
  void foldersAreMadeOverFilesNever() {
    QTemporaryDir folder;
    QVERIFY(MakeFolder(folder.filePath("a/b/c").toStdString()).ok());
    QVERIFY(MakeFolder(folder.filePath("a/b/c").toStdString()).ok());
    QVERIFY(WriteFileAtomically(folder.filePath("file").toStdString(), "x").ok());
    QVERIFY(!MakeFolder(folder.filePath("file").toStdString()).ok());
    QVERIFY(!MakeFolder(folder.filePath("file/below").toStdString()).ok());
  }
};

CONCERTINA_TEST(FileTest)

}  // namespace concertina::file_test

#include "file_test.moc"
