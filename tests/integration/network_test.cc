// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// network_test.cc: the real programs over a port: kits from the command line, an engine that listens, a
// person who is let in, and a worker, a stranger and somebody revoked who are not.
#include <sys/stat.h>

#include <QDir>
#include <QTest>

#include "tests/integration/programs.h"
#include "tests/test_program.h"

namespace concertina::network_test {

class NetworkTest : public QObject {
  Q_OBJECT
 private slots:
  void aPersonReachesTheEngineAndNobodyElseDoes() {
    const TestHome home;
    const QString kits = home.file("kits");
    const CtlResult made = home.CtlJson({"provision", "--out", kits, "--engine-address", "localhost:7717",
                                         "--person", "ada", "--worker", "pool"});
    QVERIFY2(made.exit_code == 0, made.err.constData());
    QCOMPARE(made.json().at("kits").size(), size_t{3});
    QCOMPARE(made.json().at("engine").get<std::string>(), std::string("localhost:7717"));

    // Without a kit no port, and no engine left behind.
    const CtlResult bare = home.Ctl({"engine", "start", "--listen", "127.0.0.1:0"});
    QCOMPARE(bare.exit_code, 2);
    QVERIFY2(bare.err.contains("provision"), bare.err.constData());
    QCOMPARE(home.EnginePid(), 0);

    const CtlResult started =
        home.CtlJson({"engine", "start", "--listen", "127.0.0.1:0", "--kit", kits + "/engine-main"});
    QVERIFY2(started.exit_code == 0, started.err.constData());
    const QString address = QString::fromStdString(started.json().at("network_address").get<std::string>());
    QVERIFY(address.startsWith("127.0.0.1:") && !address.endsWith(":0"));

    const auto list = [&](const QString& kit) {
      QStringList arguments = {"--engine", address, "list"};
      if (!kit.isEmpty()) arguments << "--kit" << kits + "/" + kit;
      return home.CtlJson(arguments, 30000);
    };
    const CtlResult person = list("person-ada");
    QVERIFY2(person.exit_code == 0, person.err.constData());
    const CtlResult stranger = list("");
    QCOMPARE(stranger.exit_code, 2);
    QVERIFY2(stranger.err.contains("start-up kit"), stranger.err.constData());
    const CtlResult worker = list("worker-pool");
    QVERIFY(worker.exit_code != 0);
    QVERIFY2(worker.err.contains("may not call"), worker.err.constData());
    QCOMPARE(::chmod(qPrintable(kits + "/person-ada/identity.key"), 0644), 0);
    const CtlResult open = list("person-ada");
    QVERIFY(open.exit_code != 0);
    QVERIFY2(open.err.contains("chmod 600"), open.err.constData());
    QCOMPARE(::chmod(qPrintable(kits + "/person-ada/identity.key"), 0600), 0);

    const CtlResult revoked = home.CtlJson({"provision", "--out", kits, "--revoke", "person/ada"});
    QVERIFY2(revoked.exit_code == 0, revoked.err.constData());
    QCOMPARE(revoked.json().at("revoked").at(0).at("serials").size(), size_t{1});
    const CtlResult gone = list("person-ada");
    QVERIFY(gone.exit_code != 0);
    QVERIFY2(gone.err.contains("revoked"), gone.err.constData());

    QFile audit(home.file("audit.log"));
    QVERIFY(audit.open(QIODevice::ReadOnly));
    const QByteArray lines = audit.readAll();
    QVERIFY(lines.contains("concertina://person/ada"));
    QVERIFY(lines.contains("concertina://worker/pool"));
    QVERIFY(!lines.contains("BEGIN"));
  }
};

CONCERTINA_TEST(NetworkTest)

}  // namespace concertina::network_test

#include "network_test.moc"
