// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// ssh_command_test.cc: words come through a shell as they are, nothing in an entry is taken for something
// else, and what ssh complains of is told in plain words.
#include "core/engine/ssh_command.h"

#include <QProcess>
#include <QTest>
#include <algorithm>
#include <random>

#include "absl/strings/match.h"
#include "core/base/registry.h"
#include "core/engine/launcher.h"
#include "core/experiment/transport_choice.h"
#include "nlohmann/json.hpp"
#include "tests/test_program.h"

namespace concertina::ssh_command_test {
namespace {

SshHost Box(int64_t port = 22) {
  SshHost host;
  host.host = "box1";
  host.user = "ann";
  host.port = port;
  host.folder = "~/.cache/concertina";
  return host;
}

absl::StatusOr<SshHost> HostOf(Json entry) {
  entry["kind"] = "ssh";
  std::vector<Fault> faults;
  const Params params = Registry::Global().Check("launcher", entry, "", faults);
  RETURN_IF_ERROR(FaultsToStatus(faults));
  return SshHostOf(params);
}

bool Follows(const std::vector<std::string>& words, const std::string& first, const std::string& second) {
  const auto found = std::adjacent_find(
      words.begin(), words.end(), [&](const auto& a, const auto& b) { return a == first && b == second; });
  return found != words.end();
}

}  // namespace

class SshCommandTest : public QObject {
  Q_OBJECT
 private slots:
  void wordsComeThroughAShellAsTheyAre() {
    std::vector<std::string> words = {
        "",     " ",     "a b", "'",     "''", "it's", "\"",       "$HOME",    "`id`",  "$(id)",
        "a;id", "a&&id", "|",   "*",     "~",  "\\",   "\\'",      "a\nb\n",   "\t",    "#no",
        "-n",   "--",    "!x",  "{a,b}", ">x", "%s%d", "\xff\xfe", "\xc3\xa9", "'\\''", "\x01\x7f"};
    std::mt19937 random(7);
    std::uniform_int_distribution<int> byte(1, 255), length(0, 40), quote(0, 3);
    for (int i = 0; i < 300; ++i) {
      std::string word(static_cast<size_t>(length(random)), ' ');
      for (char& c : word)
        c = quote(random) == 0 ? "'\\\"$ "[byte(random) % 5] : static_cast<char>(byte(random));
      words.push_back(word);
    }
    // As ssh does: the words of the command are joined by spaces, and one text goes to the shell.
    QProcess shell;
    shell.start("/bin/sh", {"-s"});
    shell.write("printf '%s\\000' ");
    shell.write(QByteArray::fromStdString(ShellCommand(words)));
    shell.write("\n");
    shell.closeWriteChannel();
    QVERIFY(shell.waitForFinished(20000));
    QCOMPARE(shell.exitCode(), 0);
    QList<QByteArray> came = shell.readAllStandardOutput().split('\0');
    QCOMPARE(came.takeLast(), QByteArray());
    QCOMPARE(came.size(), static_cast<qsizetype>(words.size()));
    for (size_t i = 0; i < words.size(); ++i)
      QCOMPARE(came[static_cast<qsizetype>(i)], QByteArray::fromStdString(words[i]));
  }

  void aWholeCommandOfAShellComesThroughAnother() {
    const std::vector<std::string> inner = {"/bin/sh", "-c",  "printf '%s|' \"$@\"", "name", "it's",
                                            "$HOME",   "a  b"};
    QProcess shell;
    shell.start("/bin/sh", {"-c", QString::fromStdString(ShellCommand(inner))});
    QVERIFY(shell.waitForFinished(20000));
    QCOMPARE(shell.readAllStandardOutput(), QByteArray("it's|$HOME|a  b|"));
  }

  void anEntryIsCheckedBeforeSshSeesIt_data() {
    QTest::addColumn<QString>("entry");
    QTest::addColumn<QString>("fault");  // "": none
    QTest::newRow("a name") << R"({"host": "box-1.lab"})"
                            << "";
    QTest::newRow("an address of six") << R"({"host": "fe80::1%eth0"})"
                                       << "";
    QTest::newRow("a jump") << R"({"host": "b", "jump": "ann@gate:2222,other"})"
                            << "";
    QTest::newRow("an option as host") << R"({"host": "-oProxyCommand=id"})"
                                       << "host: ";
    QTest::newRow("a command in the host") << R"({"host": "b;id"})"
                                           << "host: ";
    QTest::newRow("nothing as host") << R"({"host": ""})"
                                     << "host: ";
    QTest::newRow("an option as user") << R"({"host": "b", "user": "-l"})"
                                       << "user: ";
    QTest::newRow("a command in the jump") << R"({"host": "b", "jump": "`id`"})"
                                           << "jump: ";
    QTest::newRow("an option as key") << R"({"host": "b", "key": "-F"})"
                                      << "key: ";
    QTest::newRow("a line in the key") << R"({"host": "b", "key": "a\nProxyCommand id"})"
                                       << "key: ";
    QTest::newRow("a quote in known_hosts") << "{\"host\": \"b\", \"known_hosts\": \"a\\\" b\"}"
                                            << "known_hosts: ";
    QTest::newRow("no folder") << R"({"host": "b", "folder": ""})"
                               << "folder: ";
    QTest::newRow("no environment") << R"({"host": "b", "environment": "A"})"
                                    << "environment: ";
    QTest::newRow("a strange name") << R"({"host": "b", "environment": "A=1 B;C=2"})"
                                    << "environment: ";
    QTest::newRow("no closing quote") << "{\"host\": \"b\", \"environment\": \"A=\\\"x y\"}"
                                      << "environment: ";
  }
  void anEntryIsCheckedBeforeSshSeesIt() {
    QFETCH(QString, entry);
    QFETCH(QString, fault);
    const absl::StatusOr<SshHost> host = HostOf(Json::parse(entry.toStdString()));
    QCOMPARE(host.ok(), fault.isEmpty());
    if (host.ok()) return;
    QCOMPARE(host.status().code(), absl::StatusCode::kInvalidArgument);
    QVERIFY2(absl::StartsWith(host.status().message(), fault.toStdString()),
             host.status().ToString().c_str());
  }

  void anEnvironmentHasValuesWithSpaces() {
    const auto entries = ParseEnvironment(" A=1\tLONG_2=\"two words\" Q=\"a \\\" \\\\ b\" E= P=/x:/y\n");
    QVERIFY(entries.ok());
    const std::vector<std::string> expected = {"A=1", "LONG_2=two words", "Q=a \" \\ b", "E=", "P=/x:/y"};
    QCOMPARE(*entries, expected);
  }

  void theClientAsksNobodyAndTrustsNobodyNew() {
    SshHost host = Box(2222);
    host.key = "/k%h y";
    host.jump = "gate";
    host.known_hosts = "/a b/known";
    for (const SshUse use : {SshUse::kConnect, SshUse::kShare, SshUse::kForward}) {
      const auto words = SshArguments(host, "/usr/bin/ssh", "/run/c", use);
      QCOMPARE(words.front(), std::string("/usr/bin/ssh"));
      for (const char* option : {"BatchMode=yes", "StrictHostKeyChecking=yes", "ControlPath=\"/run/c\"",
                                 "UserKnownHostsFile=\"/a b/known\"", "GlobalKnownHostsFile=/dev/null"})
        QVERIFY2(Follows(words, "-o", option), option);
      QVERIFY(Follows(words, "-p", "2222"));
      QVERIFY(Follows(words, "--", "box1"));
      const bool connects = use == SshUse::kConnect;
      QCOMPARE(Follows(words, "-i", "/k%%h y"), connects);
      QCOMPARE(Follows(words, "-J", "gate"), connects);
      // Who shares a connection never makes one of its own.
      QCOMPARE(Follows(words, "-o", "ProxyCommand=/bin/false"), !connects);
    }
  }

  void complaintsAreToldInPlainWords_data() {
    QTest::addColumn<int>("exitCode");
    QTest::addColumn<QString>("heard");
    QTest::addColumn<QString>("told");  // parts, with "…" between them
    QTest::newRow("a changed key")
        << 255
        << "@@@\n@ WARNING: REMOTE HOST IDENTIFICATION HAS CHANGED! @\nIT IS POSSIBLE\n"
           "Host key for [box1]:2222 has changed and you have requested strict checking.\n"
           "Host key verification failed."
        << "another host key…ssh-keygen -R \"[box1]:2222\"";
    QTest::newRow("an unknown key")
        << 255
        << "No ED25519 host key is known for box1 and you have requested strict checking.\n"
           "Host key verification failed."
        << "is not known yet…ssh ann@box1";
    QTest::newRow("no key fits") << 255 << "ann@box1: Permission denied (publickey,password)."
                                 << "does not let you in…ssh-copy-id";
    QTest::newRow("a missing key") << 255
                                   << "Warning: Identity file /k not accessible: No such file or directory.\n"
                                      "ann@box1: Permission denied (publickey)."
                                   << "does not let you in…\"key\"";
    QTest::newRow("silence") << 255 << "ssh: connect to host box1 port 2222: Connection timed out"
                             << "did not answer in time…port 2222";
    QTest::newRow("no server") << 255 << "ssh: connect to host box1 port 2222: Connection refused"
                               << "no ssh server…port 2222";
    QTest::newRow("no name") << 255 << "ssh: Could not resolve hostname box1: Name or service not known"
                             << "the name ann@box1 means nothing";
    QTest::newRow("no forwarding") << 255 << "mux_client_forward: forwarding request failed: open failed"
                                   << "AllowStreamLocalForwarding";
    QTest::newRow("no library")
        << 127 << "/c: error while loading shared libraries: libdnnl.so.2: cannot open shared object"
        << "lacks a library…libdnnl.so.2";
    QTest::newRow("no program") << 127 << "sh: 1: exec: /opt/w: not found"
                                << "can be run…/opt/w";
    QTest::newRow("no room") << 74 << "cat: write error: No space left on device"
                             << "disk of ann@box1 is full";
    QTest::newRow("no folder") << 73 << "mkdir: cannot create directory '/x': Permission denied"
                               << "working folder…/x";
    QTest::newRow("nothing known") << 255 << ""
                                   << "connection to ann@box1 was lost";
    QTest::newRow("a code of its own") << 9 << "strange"
                                       << "exit code 9…strange";
  }
  void complaintsAreToldInPlainWords() {
    QFETCH(int, exitCode);
    QFETCH(QString, heard);
    QFETCH(QString, told);
    std::vector<std::string> lines;
    for (const QString& line : heard.split('\n', Qt::SkipEmptyParts)) lines.push_back(line.toStdString());
    const QString text = QString::fromStdString(ExplainSsh(Box(2222), exitCode, lines));
    qsizetype from = 0;
    for (const QString& part : told.split(QString::fromUtf8("…"))) {
      from = text.indexOf(part, from);
      QVERIFY2(from >= 0, qPrintable(text));
    }
    QVERIFY2(text.contains("box1") || text.contains("line"), qPrintable(text));
  }

  // What a launcher says of itself and what the planner knows of its kind is the same.
  void whatIsElsewhereIsKnownByItsKind() {
    for (const char* kind : {"local", "in-process", "manual", "ssh", "slurm", "kubernetes"}) {
      std::vector<Fault> faults;
      Json entry = {{"kind", kind}};
      if (std::string(kind) == "ssh") entry["host"] = "box1";
      if (std::string(kind) == "kubernetes") entry["image"] = "image";
      const Params params = Registry::Global().Check("launcher", entry, "", faults);
      const auto launcher = Registry::Global().Create<Launcher>("launcher", params);
      QVERIFY2(launcher.ok(), kind);
      QCOMPARE((*launcher)->is_elsewhere(), !IsOfThisHost(kind));
    }
  }
};

CONCERTINA_TEST(SshCommandTest)

}  // namespace concertina::ssh_command_test

#include "ssh_command_test.moc"
