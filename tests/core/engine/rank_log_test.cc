// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// rank_log_test.cc: lines from bytes that come in any pieces, bounded, and fit for the wire.
#include "core/engine/rank_log.h"

#include <QFile>
#include <QTemporaryDir>
#include <QTest>

#include "core/base/rng.h"
#include "core/base/utf8.h"
#include "tests/test_program.h"

namespace concertina::rank_log_test {

using Lines = std::vector<std::string>;

class RankLogTest : public QObject {
  Q_OBJECT
 private slots:
  void linesDoNotDependOnThePieces() {
    const std::string text = "one\n\ntwo words\nno end";
    for (uint64_t seed = 0; seed < 50; ++seed) {
      QTemporaryDir folder;
      const std::string path = folder.filePath("log").toStdString();
      Lines lines;
      RankLog log(path, [&](const std::string& line) { lines.push_back(line); });
      Rng rng(seed);
      for (size_t at = 0; at < text.size();) {
        const size_t piece = 1 + static_cast<size_t>(rng.Below(6));
        log.Add(std::string_view(text).substr(at, piece));
        at += piece;
      }
      log.Finish();
      QCOMPARE(lines, (Lines{"one", "", "two words", "no end"}));
      QCOMPARE(LastLines(path, 100), lines);
      QCOMPARE(LastLines(path, 2), (Lines{"two words", "no end"}));
    }
  }
  void aResumedRunGoesOnInTheSameFile() {
    QTemporaryDir folder;
    const std::string path = folder.filePath("log").toStdString();
    for (const char* text : {"first\n", "second\n"}) {
      RankLog log(path, [](const std::string&) {});
      log.Add(text);
    }
    QCOMPARE(LastLines(path, 10), (Lines{"first", "second"}));
  }
  void longLinesAreCut() {
    QTemporaryDir folder;
    Lines lines;
    RankLog log(folder.filePath("log").toStdString(),
                [&](const std::string& line) { lines.push_back(line); });
    log.Add(std::string(3 * RankLog::kMaxLineBytes, 'x'));
    QCOMPARE(lines.size(), size_t{3});
  }
  void aFloodFillsNoDisk() {
    QTemporaryDir folder;
    const QString path = folder.filePath("log");
    RankLog log(path.toStdString(), [](const std::string&) {});
    const std::string line = std::string(4000, 'x') + "\n";
    for (int64_t bytes = 0; bytes < 2 * RankLog::kMaxFileBytes; bytes += 4001) log.Add(line);
    QVERIFY(QFile(path).size() < RankLog::kMaxFileBytes + 10000);
    QVERIFY(LastLines(path.toStdString(), 1)[0].find("the log ends here") != std::string::npos);
  }
  void aFolderThatIsGoneCostsOnlyTheLog() {
    Lines lines;
    RankLog log("/nonexistent/folder/log", [&](const std::string& line) { lines.push_back(line); });
    log.Add("still heard\n");
    QCOMPARE(lines, (Lines{"still heard"}));
    QCOMPARE(LastLines("/nonexistent/folder/log", 5), Lines());
  }
  void onlyValidTextIsPassedOn_data() {
    QTest::addColumn<QByteArray>("bytes");
    QTest::addColumn<int>("limit");
    QTest::addColumn<QByteArray>("text");
    QTest::newRow("ascii") << QByteArray("plain") << 100 << QByteArray("plain");
    QTest::newRow("umlaut") << QByteArray("f\xC3\xBCr") << 100 << QByteArray("f\xC3\xBCr");
    QTest::newRow("not cut in half") << QByteArray("f\xC3\xBCr") << 2 << QByteArray("f");
    QTest::newRow("four bytes") << QByteArray("\xF0\x9F\x8E\xB5") << 4 << QByteArray("\xF0\x9F\x8E\xB5");
    QTest::newRow("latin-1") << QByteArray("f\xFCr") << 100 << QByteArray("f\xEF\xBF\xBDr");
    QTest::newRow("overlong") << QByteArray("\xC0\xAF") << 100 << QByteArray("\xEF\xBF\xBD\xEF\xBF\xBD");
    QTest::newRow("surrogate") << QByteArray("\xED\xA0\x80") << 100
                               << QByteArray("\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD");
    QTest::newRow("beyond Unicode") << QByteArray("\xF4\x90\x80\x80") << 3 << QByteArray("\xEF\xBF\xBD");
    QTest::newRow("truncated") << QByteArray("a\xE2\x82") << 100 << QByteArray("a\xEF\xBF\xBD\xEF\xBF\xBD");
  }
  void onlyValidTextIsPassedOn() {
    QFETCH(QByteArray, bytes);
    QFETCH(int, limit);
    QFETCH(QByteArray, text);
    QCOMPARE(QByteArray::fromStdString(CutUtf8(bytes.toStdString(), static_cast<size_t>(limit))), text);
  }
};

CONCERTINA_TEST(RankLogTest)

}  // namespace concertina::rank_log_test

#include "rank_log_test.moc"
