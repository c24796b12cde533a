// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// architecture_test.cc: links point down the walk, and a file includes only what its folder links; the walk
// that the README describes exists; every file begins with its purpose.
#include <QDir>
#include <QDirIterator>
#include <QFile>
#include <QMap>
#include <QRegularExpression>
#include <QSet>
#include <QTest>
#include "tests/test_program.h"

namespace concertina::architecture_test {

class ArchitectureTest : public QObject {
  Q_OBJECT
 private slots:
  void initTestCase();
  void foldersLinkOnlyUpTheWalk();
  void filesIncludeOnlyWhatTheirFolderLinks();
  void noQtBelowTheWindow();
  void theWindowNeverKnowsTheEnginesInsides();
  void everyFileBeginsWithLicenceAndPurpose();
  void theReadmesFilesExist();
  void numbersAreReadTheSameInEveryLocale();

 private:
  QString Read(const QString& path) {
    QFile file(path);
    return file.open(QIODevice::ReadOnly) ? QString::fromUtf8(file.readAll()) : QString();
  }
  QStringList Sources(const QString& folder) {
    QStringList paths;
    QDirIterator walk(root_ + "/" + folder, {"*.cc", "*.h"}, QDir::Files, QDirIterator::Subdirectories);
    while (walk.hasNext()) paths << walk.next();
    return paths;
  }
  // Everything that the folder reaches through its links, itself included.
  QSet<QString> Reach(const QString& folder) {
    QSet<QString> reached = {folder};
    for (const QString& link : links_.value(folder)) reached |= Reach(link);
    return reached;
  }
  const QString root_ = CONCERTINA_SOURCE_DIR;
  QMap<QString, QStringList> links_;
};

void ArchitectureTest::initTestCase() {
  for (const QString& line :
       Read(QStringLiteral(CONCERTINA_BIN_DIR "/../links.txt")).split('\n', Qt::SkipEmptyParts)) {
    const QString folder = line.section(':', 0, 0);
    links_[folder] = {};
    for (const QString& link : line.section(": ", 1).split(' ', Qt::SkipEmptyParts))
      if (link.startsWith("concertina::")) links_[folder] << link.mid(12);
  }
  QVERIFY(links_.size() >= 15);
}

void ArchitectureTest::foldersLinkOnlyUpTheWalk() {
  // DESIGN: base -> security -> tensor -> graph -> nn -> data, gradient, comm -> parallel, edge, privacy ->
  // compress (which calibrates with the edge runtime), serve -> experiment, analysis -> store, worker ->
  // engine. proto, the contract, stands beside tensor: its channels show who one is.
  const QMap<QString, int> level = {{"base", 0},     {"security", 1}, {"proto", 2},      {"tensor", 2},
                                    {"graph", 3},    {"nn", 4},       {"data", 5},       {"gradient", 5},
                                    {"comm", 5},     {"parallel", 6}, {"edge", 6},       {"privacy", 6},
                                    {"compress", 7}, {"serve", 7},    {"experiment", 8}, {"analysis", 8},
                                    {"store", 9},    {"worker", 9},   {"engine", 10}};
  for (auto folder = links_.cbegin(); folder != links_.cend(); ++folder) {
    QVERIFY2(level.contains(folder.key()), qPrintable(folder.key()));
    for (const QString& link : folder.value())
      QVERIFY2(level.value(link, 99) < level[folder.key()], qPrintable(folder.key() + " links " + link));
  }
}

void ArchitectureTest::filesIncludeOnlyWhatTheirFolderLinks() {
  static const QRegularExpression include("#include \"core/([a-z]+)/");
  for (const QString& path : Sources("core")) {
    const QString folder = path.mid(root_.size() + 6).section('/', 0, 0);
    const QSet<QString> reach = Reach(folder);
    auto matches = include.globalMatch(Read(path));
    while (matches.hasNext()) {
      const QString used = matches.next().captured(1);
      QVERIFY2(reach.contains(used), qPrintable(path + " includes core/" + used));
    }
  }
}

void ArchitectureTest::noQtBelowTheWindow() {
  static const QRegularExpression qt("#include [<\"]Q[A-Z]");
  for (const QString folder : {"core", "app/engine", "app/worker", "app/ctl", "plugins"})
    for (const QString& path : Sources(folder)) QVERIFY2(!Read(path).contains(qt), qPrintable(path));
}

void ArchitectureTest::theWindowNeverKnowsTheEnginesInsides() {
  static const QRegularExpression include("#include \"core/([a-z]+)/");
  for (const QString& path : Sources("ui")) {
    auto matches = include.globalMatch(Read(path));
    while (matches.hasNext()) {
      const QString used = matches.next().captured(1);
      QVERIFY2(used == "base" || used == "proto" || used == "analysis",
               qPrintable(path + " includes core/" + used));
    }
  }
}

void ArchitectureTest::everyFileBeginsWithLicenceAndPurpose() {
  for (const QString folder : {"app", "core", "ui", "plugins", "tests"})
    for (const QString& path : Sources(folder)) {
      const QStringList lines = Read(path).split('\n').mid(0, 4);
      QVERIFY2(lines.size() == 4 && lines[0].startsWith("// SPDX-FileCopyrightText") &&
                   lines[1] == "// SPDX-License-Identifier: GPL-3.0-or-later" && lines[2] == "//" &&
                   lines[3].startsWith("// " + path.section('/', -1) + ":"),
               qPrintable(path + " should begin with the licence and \"// FILE: purpose\""));
    }
}

void ArchitectureTest::theReadmesFilesExist() {
  static const QRegularExpression file("`((?:core|ui|app|tests|plugins|resources|packaging)/[a-z0-9_/.-]+)`");
  auto matches = file.globalMatch(Read(root_ + "/README.md"));
  int named = 0;
  while (matches.hasNext()) {
    const QString path = matches.next().captured(1);
    QVERIFY2(QFile::exists(root_ + "/" + path), qPrintable("README names " + path));
    ++named;
  }
  QVERIFY(named >= 15);
}

// A desktop takes over its user's locale, and where that has a decimal comma these stop at the point.
void ArchitectureTest::numbersAreReadTheSameInEveryLocale() {
  static const QRegularExpression by_locale("\\b(?:strto[dfl]d?|sto(?:d|f|ld)|atof)\\(");
  QVERIFY(QString("std::stod(text)").contains(by_locale));
  for (const QString folder : {"core", "app", "ui", "plugins"})
    for (const QString& path : Sources(folder)) QVERIFY2(!Read(path).contains(by_locale), qPrintable(path));
}

CONCERTINA_TEST(ArchitectureTest)

}  // namespace concertina::architecture_test

#include "architecture_test.moc"
