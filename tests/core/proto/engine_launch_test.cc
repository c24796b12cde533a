// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// engine_launch_test.cc: where a home is, and starting an engine (a shell script in its place) from a program
// that is none.
#include "core/proto/engine_launch.h"

#include <sys/stat.h>
#include <unistd.h>

#include <QDir>
#include <QFile>
#include <QTemporaryDir>
#include <QTest>

#include "absl/strings/match.h"
#include "tests/test_program.h"

namespace concertina::engine_launch_test {

class EngineLaunchTest : public QObject {
  Q_OBJECT
 private slots:
  void init() {
    folder_ = std::make_unique<QTemporaryDir>(QDir::tempPath() + "/cnl-XXXXXX");
    qputenv("CONCERTINA_PROGRAMS", folder_->path().toUtf8());
  }
  void cleanup() { qunsetenv("CONCERTINA_PROGRAMS"); }

  void theHomeIsThatOfTheEnvironment_data() {
    QTest::addColumn<QByteArray>("home");
    QTest::addColumn<QByteArray>("xdg");
    QTest::addColumn<QByteArray>("expected");
    QTest::newRow("named") << QByteArray("/a/b") << QByteArray("/x") << QByteArray("/a/b");
    QTest::newRow("XDG") << QByteArray() << QByteArray("/x") << QByteArray("/x/concertina");
    QTest::newRow("relative XDG is not used")
        << QByteArray() << QByteArray("x") << QByteArray("/home/u/.local/share/concertina");
    QTest::newRow("neither") << QByteArray() << QByteArray() << QByteArray("/home/u/.local/share/concertina");
  }
  void theHomeIsThatOfTheEnvironment() {
    QFETCH(QByteArray, home);
    QFETCH(QByteArray, xdg);
    QFETCH(QByteArray, expected);
    const QByteArray user = qgetenv("HOME"), data = qgetenv("XDG_DATA_HOME"),
                     ours = qgetenv("CONCERTINA_HOME");
    qputenv("HOME", "/home/u");
    qputenv("CONCERTINA_HOME", home);
    qputenv("XDG_DATA_HOME", xdg);
    const std::string found = DefaultHome();
    qputenv("HOME", user);
    qputenv("XDG_DATA_HOME", data);
    qputenv("CONCERTINA_HOME", ours);
    QCOMPARE(QByteArray::fromStdString(found), expected);
  }

  void aProgramThatIsMissingIsNamedWithThePlaces() {
    const auto program = FindProgram("concertina-nothing");
    QCOMPARE(program.status().code(), absl::StatusCode::kNotFound);
    QVERIFY(absl::StrContains(program.status().message(), "concertina-nothing"));
    QVERIFY(absl::StrContains(program.status().message(), folder_->path().toStdString()));
  }
  void aFileThatCannotBeRunIsNoProgram() {
    Write("echo", 0644);
    const auto program = FindProgram("concertina-engine");  // perhaps one stands beside this test
    QVERIFY(!program.ok() || *program != Script().toStdString());
  }

  void theAddressComesFromTheEngineItself() {
    Write("echo \"ready unix:$2/engine.sock\"; sleep 5");
    const auto address = FindOrStartEngine(Home(), Deadline::After(20), {.idle_exit_seconds = 7});
    QVERIFY2(address.ok(), std::string(address.status().message()).c_str());
    QCOMPARE(*address, "unix:" + Home() + "/engine.sock");
  }
  void itIsToldHowLongToStayAndIsNoChild() {
    Write("echo \"$*\" >&2; ps -o ppid= -o sid= -o pid= $$ >&2; echo \"ready unix:/x\"");
    QVERIFY(FindOrStartEngine(Home(), Deadline::After(20), {.idle_exit_seconds = 7}).ok());
    const QByteArray log = Log();
    QVERIFY2(log.contains("--idle-exit-seconds 7"), log.constData());
    const QList<QByteArray> ids = log.split('\n')[1].simplified().split(' ');
    QVERIFY(ids[0] != QByteArray::number(getpid()));
    QVERIFY(ids[1] != QByteArray::number(getsid(0)));
  }
  void theLastWordsOfOneThatEndsAreTold() {
    Write("echo \"an older engine's words\" >&2");
    QCOMPARE(FindOrStartEngine(Home(), Deadline::After(20)).status().code(), absl::StatusCode::kUnavailable);
    Write("echo \"the database is of a newer version\" >&2; exit 2");
    const auto address = FindOrStartEngine(Home(), Deadline::After(20));
    QCOMPARE(address.status().code(), absl::StatusCode::kUnavailable);
    QVERIFY(absl::StrContains(address.status().message(), "the database is of a newer version"));
    QVERIFY(!absl::StrContains(address.status().message(), "an older engine's words"));
  }
  void oneThatIsSlowIsNotWaitedForLongerThanAsked() {
    Write("exec sleep 3");
    const auto address = FindOrStartEngine(Home(), Deadline::After(0.2));
    QCOMPARE(address.status().code(), absl::StatusCode::kDeadlineExceeded);
  }
  void oneThatSpeaksAnotherLanguageIsRefused() {
    Write("echo hello");
    QCOMPARE(FindOrStartEngine(Home(), Deadline::After(20)).status().code(), absl::StatusCode::kInternal);
  }
  void aHomeThatCannotBeMadeIsTold() {
    Write("echo ready unix:/x");
    QFile file(folder_->filePath("file"));
    QVERIFY(file.open(QIODevice::WriteOnly));
    const auto address = FindOrStartEngine((file.fileName() + "/home").toStdString(), Deadline::After(20));
    QVERIFY(!address.ok());
    QVERIFY(absl::StrContains(address.status().message(), "home"));
  }
  // What a dead engine left: the file says where, but nobody answers there.
  void anEngineThatIsGoneIsNotFound() {
    QVERIFY(QDir().mkpath(QString::fromStdString(Home())));
    for (const char* text : {"", "{", "[]", "{\"address\": 5}", "{\"address\": \"tcp:1.2.3.4:5\"}",
                             "{\"address\": \"unix:/nonexistent/engine.sock\"}"}) {
      QFile file(QString::fromStdString(Home() + "/engine.json"));
      QVERIFY(file.open(QIODevice::WriteOnly | QIODevice::Truncate));
      file.write(text);
      file.close();
      QCOMPARE(FindEngine(Home()).status().code(), absl::StatusCode::kUnavailable);
    }
  }

 private:
  std::string Home() const { return folder_->filePath("home").toStdString(); }
  QString Script() const { return folder_->filePath("concertina-engine"); }
  QByteArray Log() const {
    QFile log(QString::fromStdString(Home() + "/engine.log"));
    return log.open(QIODevice::ReadOnly) ? log.readAll() : QByteArray();
  }
  void Write(const QByteArray& script, mode_t mode = 0755) const {
    QFile::remove(Script());  // one that runs cannot be written to
    QFile file(Script());
    QVERIFY(file.open(QIODevice::WriteOnly));
    file.write("#!/bin/sh\n" + script + "\n");
    file.close();
    QCOMPARE(chmod(Script().toUtf8().constData(), mode), 0);
  }
  std::unique_ptr<QTemporaryDir> folder_;
};

CONCERTINA_TEST(EngineLaunchTest)

}  // namespace concertina::engine_launch_test

#include "engine_launch_test.moc"
