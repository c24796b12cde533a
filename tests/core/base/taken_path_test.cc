// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// taken_path_test.cc: what an export would replace.
#include "core/base/taken_path.h"

#include <QDir>
#include <QFile>
#include <QTemporaryDir>
#include <QTest>

#include "tests/test_program.h"

namespace concertina::taken_path_test {

class TakenPathTest : public QObject {
  Q_OBJECT

 private slots:
  void filesLinksAndFullFoldersAreTaken() {
    QTemporaryDir folder;
    const auto taken = [&](const char* name) { return IsTakenPath(folder.filePath(name).toStdString()); };
    QVERIFY(!taken("run.csv"));
    QVERIFY(!taken("no/such/run.csv"));
    QFile file(folder.filePath("run.csv"));
    QVERIFY(file.open(QIODevice::WriteOnly));
    QVERIFY(taken("run.csv"));
    QVERIFY(!taken("run.csv/inside"));
    QVERIFY(QFile::link(folder.filePath("nowhere"), folder.filePath("link")));
    QVERIFY(taken("link"));
    QVERIFY(QDir(folder.path()).mkdir("log"));
    QVERIFY(!taken("log"));
    QVERIFY(QFile::link(folder.filePath("log"), folder.filePath("link to log")));
    QVERIFY(!taken("link to log"));
    QVERIFY(QFile::copy(folder.filePath("run.csv"), folder.filePath("log/events")));
    QVERIFY(taken("log"));
    QVERIFY(taken("link to log"));
  }
};

CONCERTINA_TEST(TakenPathTest)

}  // namespace concertina::taken_path_test

#include "taken_path_test.moc"
