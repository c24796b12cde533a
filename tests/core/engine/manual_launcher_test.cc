// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// manual_launcher_test.cc: the line that starts a worker by hand is for who asks; its token is in nothing
// that is kept or shown to all.
#include <QTemporaryDir>
#include <QTest>

#include "absl/strings/match.h"
#include "core/base/file.h"
#include "core/base/registry.h"
#include "core/engine/launcher.h"
#include "nlohmann/json.hpp"
#include "tests/test_program.h"

namespace concertina::manual_launcher_test {

class ManualLauncherTest : public QObject {
  Q_OBJECT
 private slots:
  void theTokenIsInTheLineAndNowhereElse_data() {
    QTest::addColumn<QString>("remote");
    QTest::newRow("of this machine") << "";
    QTest::newRow("of another") << "engine.lab:7443";
  }
  void theTokenIsInTheLineAndNowhereElse() {
    QFETCH(QString, remote);
    const QTemporaryDir folder;
    std::vector<Fault> faults;
    const Params params = Registry::Global().Check("launcher", {{"kind", "manual"}}, "", faults);
    QVERIFY(faults.empty());
    auto launcher = Registry::Global().Create<Launcher>("launcher", params);
    QVERIFY(launcher.ok());
    LaunchRequest request;
    request.run = "20261128-040000-abcdef";
    request.rank = 3;
    request.token = "1.1.0.secret-nonce.secret-mac";
    request.engine_address = "unix:/home/ann/engine.sock";
    request.remote_address = remote.toStdString();
    request.log_path = folder.filePath("rank-3.log").toStdString();
    std::string told, lines;
    request.tell = [&told](const std::string& message) { told += message; };
    const auto worker = (*launcher)->Launch(
        request, [](const WorkerExit&) {}, [&lines](const std::string& line) { lines += line; });
    QVERIFY(worker.ok());
    const std::string start = (*worker)->StartLine();
    QVERIFY(absl::StartsWith(start, "CONCERTINA_TOKEN=" + request.token + " concertina-worker --engine "));
    QVERIFY(absl::StrContains(start, remote.isEmpty() ? request.engine_address : request.remote_address));
    QVERIFY(absl::StrContains(start, "--run 20261128-040000-abcdef --rank 3"));
    QCOMPARE(absl::StrContains(start, "--kit DIR"), !remote.isEmpty());
    const auto log = ReadFile(request.log_path, 1 << 20);
    QVERIFY(log.ok());
    for (const std::string& text : {told, lines, *log}) {
      QVERIFY2(!absl::StrContains(text, "secret"), text.c_str());
      QVERIFY2(absl::StrContains(text, "concertinactl workers lines " + request.run), text.c_str());
    }
  }
};

CONCERTINA_TEST(ManualLauncherTest)

}  // namespace concertina::manual_launcher_test

#include "manual_launcher_test.moc"
