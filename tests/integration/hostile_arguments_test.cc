// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// hostile_arguments_test.cc: concertinactl given what is missing, too much, too large or no text, and streams
// that are closed or full: it ends with a status of the contract, says why, and gives one JSON document.
#include <sys/resource.h>
#include <unistd.h>

#include <QFile>
#include <csignal>

#include "tests/integration/programs.h"
#include "tests/test_program.h"

namespace concertina::hostile_arguments_test {

using Json = nlohmann::json;
using Words = QList<QByteArray>;

namespace {

constexpr int kBadInput = 2;

// Bytes as they are: QProcess would make text of them.
class RawCtl {
 public:
  RawCtl(const TestHome& home, const Words& words) {
    arguments_ = {TestHome::Program("concertinactl").toUtf8()};
    arguments_ += words;
    arguments_ += {"--home", home.path().toUtf8()};
    for (QByteArray& word : arguments_) argv_.push_back(word.data());
    argv_.push_back(nullptr);
    // The child runs the program itself; what QProcess would start is never reached.
    process_.setChildProcessModifier([this] {
      for (const int stream : closed) ::close(stream);
      if (has_no_room) {  // as on a full disk: not every machine has /dev/full
        const rlimit nothing{.rlim_cur = 0, .rlim_max = 0};
        ::setrlimit(RLIMIT_FSIZE, &nothing);
        ::signal(SIGXFSZ, SIG_IGN);
      }
      ::execv(argv_[0], argv_.data());
      ::_exit(126);
    });
  }
  CtlResult Run() {
    process_.start(QStringLiteral("/bin/true"), QStringList());
    process_.closeWriteChannel();
    CtlResult result;
    if (!process_.waitForFinished(60000)) {
      process_.kill();
      process_.waitForFinished(5000);
      result.err = "timed out";
      return result;
    }
    result.exit_code =
        process_.exitStatus() == QProcess::NormalExit ? process_.exitCode() : -process_.exitCode();
    result.out = process_.readAllStandardOutput();
    result.err = process_.readAllStandardError();
    return result;
  }
  QProcess& process() { return process_; }
  std::vector<int> closed;
  bool has_no_room = false;  // for any file that it or its children write

 private:
  Words arguments_;
  std::vector<char*> argv_;
  QProcess process_;
};

}  // namespace

class HostileArgumentsTest : public QObject {
  Q_OBJECT
 private slots:
  void aFaultIsOneDocument_data() {
    QTest::addColumn<Words>("words");
    QTest::addColumn<QByteArray>("said");
    const QByteArray no_text("\xff\xfe", 2), long_word(5000, 'x');
    QTest::newRow("no such command") << Words{"bogus"} << QByteArray();
    QTest::newRow("no command") << Words{} << QByteArray();
    QTest::newRow("an argument is missing") << Words{"show"} << QByteArray("run");
    QTest::newRow("one too many") << Words{"show", "a", "b"} << QByteArray();
    QTest::newRow("no number") << Words{"list", "--limit", "ten"} << QByteArray("--limit");
    QTest::newRow("a number too large")
        << Words{"list", "--limit", "99999999999999999999"} << QByteArray("--limit");
    QTest::newRow("lines below none") << Words{"log", "last", "--lines", "-5"} << QByteArray("--lines");
    QTest::newRow("a step below none") << Words{"fork", "last", "--step", "-7"} << QByteArray("--step");
    QTest::newRow("messages below none")
        << Words{"slow-motion", "last", "--next", "-3"} << QByteArray("--next");
    QTest::newRow("a rank that is none") << Words{"harm", "last", "two", "kill"} << QByteArray("rank");
    QTest::newRow("a harm that is none") << Words{"harm", "last", "0", "maim"} << QByteArray("act");
    QTest::newRow("a kill that lasts")
        << Words{"harm", "last", "0", "kill", "--seconds", "2"} << QByteArray("--seconds");
    QTest::newRow("a freeze with a factor")
        << Words{"harm", "last", "0", "freeze", "--factor", "2"} << QByteArray("--factor");
    QTest::newRow("an empty run") << Words{"show", ""} << QByteArray("a run is needed");
    QTest::newRow("a long run") << Words{"show", long_word} << QByteArray("xxx");
    QTest::newRow("a run that is no text") << Words{"show", no_text} << QByteArray("UTF-8");
    QTest::newRow("a filter that is no text") << Words{"list", "--filter", no_text} << QByteArray("UTF-8");
    QTest::newRow("a note that is no text") << Words{"note", "last", no_text} << QByteArray("UTF-8");
    QTest::newRow("a tag that is no text") << Words{"tag", "last", "+" + no_text} << QByteArray("UTF-8");
    QTest::newRow("a category that is no text") << Words{"describe", no_text} << QByteArray("UTF-8");
    QTest::newRow("watched, and no text") << Words{"watch", no_text} << QByteArray("UTF-8");
    QTest::newRow("exported, and no text")
        << Words{"export", no_text, "--to", "csv", "--out", "/tmp/none"} << QByteArray("UTF-8");
    QTest::newRow("an entry that is no text")
        << Words{"launcher", "test", "{\"launcher\": \"" + no_text + "\"}"} << QByteArray("UTF-8");
    QTest::newRow("a file that is no text") << Words{"import", no_text} << QByteArray("cannot be read");
    QTest::newRow("a long file") << Words{"validate", long_word} << QByteArray("too long");
    QTest::newRow("a long model") << Words{"serve", long_word + ".edge"} << QByteArray("no such file");
    QTest::newRow("a long home of a bench")
        << Words{"bench", "store", "--folder", long_word, "--points", "1000"} << QByteArray();
    QTest::newRow("a model of no run")
        << Words{"compress", no_text + ".edge", "[{\"kind\": \"int8\"}]"} << QByteArray("UTF-8");
    QTest::newRow("nobody to ask") << Words{"ask", "unix:" + long_word, "x"} << QByteArray();
  }
  void aFaultIsOneDocument() {
    QFETCH(Words, words);
    QFETCH(QByteArray, said);
    const CtlResult result = RawCtl(home_, words + Words{"--json"}).Run();
    QVERIFY2(result.exit_code >= 1 && result.exit_code <= 3, result.err.constData());
    const Json told = result.json();
    QVERIFY2(told.is_object() && told.contains("error"), result.out.constData());
    QVERIFY2(!told["error"].get<std::string>().empty(), result.out.constData());
    QVERIFY2(result.err.contains(said), result.err.constData());
    QVERIFY2(!result.err.contains("libprotobuf"), result.err.constData());
    if (said == "UTF-8") QCOMPARE(result.exit_code, kBadInput);
    QVERIFY(!home_.CtlJson({"engine", "status"}).json().is_discarded());
  }

  void noFolderForTemporaryFiles_data() {
    QTest::addColumn<Words>("words");
    QTest::newRow("bench store") << Words{"bench", "store", "--points", "1000"};
  }
  void noFolderForTemporaryFiles() {
    QFETCH(Words, words);
    RawCtl ctl(home_, words + Words{"--json"});
    qputenv("TMPDIR", "/nowhere/at/all");
    const CtlResult result = ctl.Run();
    qunsetenv("TMPDIR");
    QVERIFY2(result.exit_code == kBadInput, result.err.constData());
    QVERIFY2(result.err.contains("TMPDIR"), result.err.constData());
    QVERIFY(result.json().contains("error"));
  }

  // What cannot be said is no success; and what cannot be complained of is no crash.
  void streamsThatCannotBeWritten_data() {
    QTest::addColumn<QString>("out");
    QTest::addColumn<bool>("closes");
    QTest::addColumn<int>("exit_code");
    QTest::newRow("a full disk") << home_.file("full") << false << 1;
    QTest::newRow("closed") << "" << true << 1;
    QTest::newRow("nobody cares") << "/dev/null" << false << 0;
  }
  void streamsThatCannotBeWritten() {
    QFETCH(QString, out);
    QFETCH(bool, closes);
    QFETCH(int, exit_code);
    RawCtl ctl(home_, {"paper", "list", "--json"});
    if (!out.isEmpty()) ctl.process().setStandardOutputFile(out);
    ctl.has_no_room = exit_code != 0 && !closes;
    if (closes) ctl.closed = {STDOUT_FILENO};
    const CtlResult result = ctl.Run();
    QVERIFY2(result.exit_code == exit_code, result.err.constData());
    if (exit_code != 0) QVERIFY2(result.err.contains("standard output"), result.err.constData());
    QVERIFY(home_.CtlJson({"engine", "start"}).exit_code == 0);  // which must not inherit what follows
    RawCtl complains(home_, {"show", "nosuchrun"});
    complains.process().setStandardErrorFile(home_.file("complaints"));
    complains.has_no_room = true;
    QCOMPARE(complains.Run().exit_code, kBadInput);
    RawCtl mute(home_, {"show", "nosuchrun"});
    mute.closed = {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO};
    QCOMPARE(mute.Run().exit_code, kBadInput);
  }

 private:
  TestHome home_;
};

CONCERTINA_TEST(HostileArgumentsTest)

}  // namespace concertina::hostile_arguments_test

#include "hostile_arguments_test.moc"
