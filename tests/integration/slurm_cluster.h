// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// slurm_cluster.h: a real Slurm of two virtual nodes on this machine, in a temporary folder with a munge of
// its own, for the tests of it. As root only: slurmd starts jobs under the name of their users.
#pragma once

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <QDir>
#include <QFile>
#include <QProcess>
#include <QTemporaryDir>
#include <QTest>
#include <csignal>
#include <memory>
#include <vector>

namespace concertina {

class SlurmCluster {
 public:
  SlurmCluster() : folder_(QDir::tempPath() + "/cnl-XXXXXX") {}
  ~SlurmCluster() { Stop(); }

  // "" or why there can be none here.
  static QString WhyNot() {
    if (::geteuid() != 0) return "slurmd needs root, and this is not root";
    for (const char* program : {"/usr/sbin/munged", "/usr/sbin/mungekey", "/usr/sbin/slurmctld",
                                "/usr/sbin/slurmd", "/usr/bin/sbatch"})
      if (!QFile::exists(program))
        return QString(
                   "there is no %1; install slurmctld, slurmd, slurm-client and munge (packaging/setup does)")
            .arg(program);
    return "";
  }

  // "" or what failed. Then SLURM_CONF is set for everything that this process starts.
  QString Start() {
    QFile::setPermissions(folder_.path(),
                          QFile::Permissions(0x7055));  // munge looks at the way to its socket
    for (const char* name : {"munge", "state", "slurmd.n1", "slurmd.n2"}) QDir(folder_.path()).mkdir(name);
    QFile::setPermissions(file("munge"), QFile::Permissions(0x7055));
    if (QProcess::execute("/usr/sbin/mungekey", {"--create", "--keyfile=" + file("munge/key")}) != 0)
      return "mungekey failed";
    Begin("/usr/sbin/munged", {"--foreground", "--key-file=" + file("munge/key"),
                               "--socket=" + file("munge/socket"), "--pid-file=" + file("munge/pid"),
                               "--log-file=" + file("munge/log"), "--seed-file=" + file("munge/seed")});
    if (!QTest::qWaitFor([this] { return QFile::exists(file("munge/socket")); }, 10000))
      return "munged: " + Heard(daemons_.size() - 1);
    const QString host = Output("hostname", {"-s"});
    const std::vector<int> ports = FreePorts(3);
    if (host.isEmpty() || ports.size() != 3) return "no name of this machine, or no free ports";
    QFile conf(file("slurm.conf"));
    if (!conf.open(QIODevice::WriteOnly)) return "slurm.conf cannot be written";
    conf.write(
        QString("ClusterName=concertina\nSlurmctldHost=%1(127.0.0.1)\nSlurmctldPort=%2\n"
                "SlurmUser=root\nSlurmdUser=root\n"
                "AuthType=auth/munge\nAuthInfo=socket=%3/munge/socket\n"
                "ProctrackType=proctrack/linuxproc\nTaskPlugin=task/none\nMpiDefault=none\n"
                "SelectType=select/cons_tres\nSelectTypeParameters=CR_Core\n"
                "ReturnToService=2\nSlurmdParameters=config_overrides\n"
                "AccountingStorageType=accounting_storage/none\nJobCompType=jobcomp/none\n"
                "StateSaveLocation=%3/state\nSlurmctldPidFile=%3/slurmctld.pid\n"
                "SlurmdSpoolDir=%3/slurmd.%n\nSlurmdPidFile=%3/slurmd.%n.pid\nSlurmdTimeout=30\nKillWait=5\n"
                "NodeName=n1 NodeHostname=%1 NodeAddr=127.0.0.1 Port=%4 CPUs=4\n"
                "NodeName=n2 NodeHostname=%1 NodeAddr=127.0.0.1 Port=%5 CPUs=4\n"
                "PartitionName=main Nodes=ALL Default=YES State=UP\n")
            .arg(host)
            .arg(ports[0])
            .arg(folder_.path())
            .arg(ports[1])
            .arg(ports[2])
            .toUtf8());
    conf.close();
    qputenv("SLURM_CONF", file("slurm.conf").toUtf8());
    Begin("/usr/sbin/slurmctld", {"-D", "-c", "-f", file("slurm.conf")});
    for (const char* node : {"n1", "n2"})
      Begin("/usr/sbin/slurmd", {"-D", "-N", node, "-f", file("slurm.conf")});
    const bool idle = QTest::qWaitFor(
        [] {
          return Output("sinfo", {"--noheader", "--format=%T %D"}) == "idle 2";
        },
        30000);
    if (idle) return "";
    QString heard = "Slurm's nodes are not idle: " + Output("sinfo", {"--long", "--Node"});
    for (size_t i = 0; i < daemons_.size(); ++i) heard += "\n" + Heard(i);
    return heard;
  }
  // The daemons, the newest first; jobs are ended before, and no step of one outlives its slurmd.
  void Stop() {
    if (daemons_.empty()) return;
    if (daemons_.size() == 4) {
      Output("scancel", {"--user=root"});
      if (!QTest::qWaitFor([] { return Output("squeue", {"--noheader"}).isEmpty(); }, 15000))
        qWarning("jobs are left: %s", qPrintable(Output("squeue", {})));
    }
    while (!daemons_.empty()) {
      QProcess& daemon = *daemons_.back();
      daemon.terminate();
      if (!daemon.waitForFinished(10000)) daemon.kill();
      daemon.waitForFinished(5000);
      daemons_.pop_back();
    }
    qunsetenv("SLURM_CONF");
  }

  QString file(const QString& name) const { return folder_.filePath(name); }
  // What a program of Slurm writes, trimmed.
  static QString Output(const QString& program, const QStringList& arguments) {
    QProcess process;
    process.start(program, arguments);
    if (!process.waitForFinished(20000)) process.kill();
    process.waitForFinished(1000);
    return QString::fromUtf8(process.readAllStandardOutput()).trimmed();
  }

 private:
  void Begin(const QString& program, const QStringList& arguments) {
    auto daemon = std::make_unique<QProcess>();
    daemon->setProcessChannelMode(QProcess::MergedChannels);
    daemon->setStandardOutputFile(file(QString("daemon-%1.log").arg(daemons_.size())));
    // None is left over where the test itself dies.
    daemon->setChildProcessModifier([] { ::prctl(PR_SET_PDEATHSIG, SIGTERM); });
    daemon->start(program, arguments);
    daemon->waitForStarted(5000);
    daemons_.push_back(std::move(daemon));
  }
  QString Heard(size_t daemon) const {
    QFile log(file(QString("daemon-%1.log").arg(daemon)));
    return log.open(QIODevice::ReadOnly) ? QString::fromUtf8(log.readAll().right(2000)) : QString();
  }
  // All held at once, so that they differ; somebody could take one before Slurm does, and the test would say
  // so.
  static std::vector<int> FreePorts(int count) {
    std::vector<int> ports, sockets;
    for (int i = 0; i < count; ++i) {
      sockaddr_in address = {};
      address.sin_family = AF_INET;
      address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
      socklen_t bytes = sizeof(address);
      sockets.push_back(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
      if (::bind(sockets.back(), reinterpret_cast<const sockaddr*>(&address), sizeof(address)) == 0 &&
          ::getsockname(sockets.back(), reinterpret_cast<sockaddr*>(&address), &bytes) == 0)
        ports.push_back(ntohs(address.sin_port));
    }
    for (const int socket : sockets) ::close(socket);
    return ports;
  }

  QTemporaryDir folder_;
  std::vector<std::unique_ptr<QProcess>> daemons_;
};

}  // namespace concertina
