// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// ssh_server.h: a real sshd of this user on a loopback port, with keys of its own, for the tests of ssh.
#pragma once

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>
#include <QDir>
#include <QFile>
#include <QProcess>
#include <QTemporaryDir>
#include <QTest>

#include <string>

#include "nlohmann/json.hpp"

namespace concertina {

class SshServer {
 public:
  SshServer() : folder_(QDir::tempPath() + "/cns-XXXXXX") {}
  ~SshServer() { Stop(); }

  // "" or why there is none.
  QString Start() {
    const QString program = QStringLiteral("/usr/sbin/sshd");
    if (!QFile::exists(program)) return "there is no sshd; install openssh-server (packaging/setup does)";
    if (::geteuid() == 0) QDir().mkpath("/run/sshd");  // which its service would make
    for (const char* key : {"host", "other", "user"})
      if (QProcess::execute("ssh-keygen", {"-q", "-t", "ed25519", "-N", "", "-f", file(key)}) != 0)
        return "ssh-keygen failed";
    Write("authorized", Read("user.pub"));
    port_ = FreePort();
    if (port_ == 0) return "no port is free";
    Write("known", HostLine("host.pub"));
    Write("changed", HostLine("other.pub"));
    Write("config",
          QStringLiteral("Port %1\nListenAddress 127.0.0.1\nHostKey %2\nAuthorizedKeysFile %3\nUsePAM no\n"
                         "StrictModes no\nPidFile none\n")
              .arg(port_)
              .arg(file("host"), file("authorized"))
              .toUtf8());
    sshd_.setProcessChannelMode(QProcess::MergedChannels);
    sshd_.start(program, {"-D", "-e", "-f", file("config")});
    QByteArray heard;
    const bool listens = QTest::qWaitFor(
        [&] {
          heard += sshd_.readAll();
          return heard.contains("Server listening") || sshd_.state() == QProcess::NotRunning;
        },
        10000);
    return listens && sshd_.state() == QProcess::Running ? QString() : "sshd: " + QString::fromUtf8(heard);
  }
  void Stop() {
    if (sshd_.state() == QProcess::NotRunning) return;
    sshd_.terminate();
    if (!sshd_.waitForFinished(5000)) sshd_.kill();
    sshd_.waitForFinished(5000);
  }

  QString file(const QString& name) const { return folder_.filePath(name); }
  // Where workers have their files "there".
  QString work() const { return file("work"); }
  // An entry of "workers".
  nlohmann::json Entry(int count, const QString& known_hosts = "known") const {
    return {{"launcher", "ssh"},
            {"count", count},
            {"host", "127.0.0.1"},
            {"port", port_},
            {"key", file("user").toStdString()},
            {"known_hosts", file(known_hosts).toStdString()},
            {"folder", work().toStdString()}};
  }

 private:
  // Somebody could take it before sshd does, and the test would say so.
  static int FreePort() {
    sockaddr_in address = {};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t bytes = sizeof(address);
    const int probe = ::socket(AF_INET, SOCK_STREAM, 0);
    const bool bound = ::bind(probe, reinterpret_cast<const sockaddr*>(&address), sizeof(address)) == 0 &&
                       ::getsockname(probe, reinterpret_cast<sockaddr*>(&address), &bytes) == 0;
    ::close(probe);
    return bound ? ntohs(address.sin_port) : 0;
  }
  void Write(const QString& name, const QByteArray& text) const {
    QFile out(file(name));
    if (out.open(QIODevice::WriteOnly)) out.write(text);
  }
  QByteArray Read(const QString& name) const {
    QFile in(file(name));
    return in.open(QIODevice::ReadOnly) ? in.readAll() : QByteArray();
  }
  QByteArray HostLine(const QString& key) const {
    return "[127.0.0.1]:" + QByteArray::number(port_) + " " + Read(key);
  }

  QTemporaryDir folder_;
  QProcess sshd_;
  int port_ = 0;
};

}  // namespace concertina
