// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// carriers_test.cc: the same experiment over gRPC, MPI and Gloo: the collectives are ours, so the bits are
// too.
#include <QStandardPaths>

#include "tests/integration/programs.h"
#include "tests/test_program.h"

namespace concertina::carriers_test {

using Json = nlohmann::json;

class CarriersTest : public QObject {
  Q_OBJECT
 private slots:
  void allCarryTheSameBits_data() {
    QTest::addColumn<QString>("transport");
    QTest::addColumn<QString>("package");
    QTest::newRow("MPI") << "mpi"
                         << "libopenmpi-dev";
    QTest::newRow("Gloo") << "gloo"
                          << "libgloo-dev";
  }
  void allCarryTheSameBits() {
    QFETCH(QString, transport);
    QFETCH(QString, package);
    if (!IsBuilt(transport)) QSKIP(qPrintable(QString("%1 is not installed").arg(package)));
    for (const int workers : {2, 3}) {
      const Json expected = Run(SpecOf("grpc", workers)), got = Run(SpecOf(transport, workers));
      QCOMPARE(got.value("state", ""), std::string("finished"));
      QVERIFY(!got.value("parameters_sha256", "").empty());
      QCOMPARE(got.value("parameters_sha256", ""), expected.value("parameters_sha256", "none"));
      QCOMPARE(got.value("transport", ""), transport.toStdString());
    }
  }

  // mpirun ends the others, and the run says who was first.
  void aWorkerOfAnMpiWorldThatIsKilledIsNamed() {
    if (!IsBuilt("mpi")) QSKIP("libopenmpi-dev is not installed");
    Json spec = SpecOf("mpi", 2);
    spec["training"]["max_steps"] = 1000000;
    const CtlResult detached = home_.CtlJson({"run", home_.Write("spec.json", spec.dump()), "--detach"});
    const QString run = QString::fromStdString(detached.json().value("run", ""));
    QTRY_VERIFY_WITH_TIMEOUT(Show(run).value("state", "") == "running", 30000);
    const qint64 pid = Show(run)["workers"][1].value("pid", 0);
    const qint64 other = Show(run)["workers"][0].value("pid", 0);
    QVERIFY(pid > 0 && other > 0 && pid != other);
    ::kill(static_cast<pid_t>(pid), SIGKILL);
    QTRY_VERIFY_WITH_TIMEOUT(Show(run).value("state", "") == "failed", 30000);
    const std::string error = Show(run).value("error", "");
    QVERIFY2(error.find("rank 1") != std::string::npos, error.c_str());
    QTRY_VERIFY_WITH_TIMEOUT(!ProcessLives(other), 15000);
  }

  void whatCannotBeCombinedIsRefused() {
    Json spec = SpecOf("mpi", 2);
    spec["workers"] = {{{"launcher", "local"}, {"count", 1}}, {{"launcher", "local"}, {"count", 1}}};
    const CtlResult result = home_.CtlJson({"validate", home_.Write("two.json", spec.dump())});
    QVERIFY(result.exit_code != 0);
    QVERIFY2(result.out.contains("as many MPI worlds"), result.out.constData());
  }

 private:
  // As core/comm/carrier_modules.cc looks for it; MPI also needs the program that starts a world.
  static bool IsBuilt(const QString& transport) {
    if (transport == "mpi" && QStandardPaths::findExecutable("mpirun").isEmpty()) return false;
    return QFile::exists(QStringLiteral(CONCERTINA_BIN_DIR "/../transports/%1.so").arg(transport));
  }
  static Json SpecOf(const QString& transport, int workers) {
    Json spec = SmallSpec(workers, 40);
    spec["network"] = {{"transport", transport.toStdString()}};
    return spec;
  }
  Json Run(const Json& spec) {
    const CtlResult result = home_.CtlJson({"run", home_.Write("spec.json", spec.dump())});
    if (result.exit_code != 0) qWarning("%s", result.err.constData());
    const Json run = result.json();
    return run.is_object() ? run : Json::object();
  }
  Json Show(const QString& run) const {
    const Json shown = home_.CtlJson({"show", run}).json();
    return shown.is_object() ? shown : Json::object();
  }
  TestHome home_;
};

CONCERTINA_TEST(CarriersTest)

}  // namespace concertina::carriers_test

#include "carriers_test.moc"
