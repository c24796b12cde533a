// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// programs.h: a home of its own, and the real programs run on it, for the tests of whole processes.
#pragma once

#include <QDir>
#include <QFile>
#include <QProcess>
#include <QStringList>
#include <QTemporaryDir>
#include <QTest>
#include <csignal>
#include <string>

#include "nlohmann/json.hpp"

namespace concertina {

struct CtlResult {
  int exit_code = -1;
  QByteArray out, err;
  nlohmann::json json() const { return nlohmann::json::parse(out.toStdString(), nullptr, false); }
};

// Short paths: a Unix socket's address has 107 characters.
class TestHome {
 public:
  TestHome() : folder_(QDir::tempPath() + "/cnc-XXXXXX") {}
  ~TestHome() { StopEngine(); }

  QString path() const { return folder_.path(); }
  QString file(const QString& name) const { return folder_.filePath(name); }

  QString Write(const QString& name, const std::string& text) const {
    QFile out(file(name));
    if (!out.open(QIODevice::WriteOnly)) return {};
    out.write(text.data(), static_cast<qint64>(text.size()));
    return out.fileName();
  }

  static QString Program(const QString& name) { return QStringLiteral(CONCERTINA_BIN_DIR "/") + name; }

  CtlResult Ctl(QStringList arguments, int timeout_ms = 120000, const QByteArray& input = {}) const {
    QProcess process;
    arguments << "--home" << path();
    process.start(Program("concertinactl"), arguments);
    if (!input.isEmpty()) process.write(input);
    process.closeWriteChannel();
    CtlResult result;
    if (!process.waitForFinished(timeout_ms)) {
      process.kill();
      process.waitForFinished(5000);
      result.err = "timed out: " + process.readAllStandardError();
      return result;
    }
    result.exit_code =
        process.exitStatus() == QProcess::NormalExit ? process.exitCode() : -process.exitCode();
    result.out = process.readAllStandardOutput();
    result.err = process.readAllStandardError();
    return result;
  }
  CtlResult CtlJson(QStringList arguments, int timeout_ms = 120000) const {
    arguments << "--json";
    return Ctl(arguments, timeout_ms);
  }

  // What is known of a run.
  nlohmann::json Show(const QString& run) const { return CtlJson({"show", run}).json(); }
  // Runs an experiment to its end, and gives what is known of the run then.
  nlohmann::json Run(const nlohmann::json& spec) const {
    const CtlResult result = CtlJson({"run", Write("spec.json", spec.dump())});
    if (result.exit_code != 0) qWarning("%s", result.err.constData());
    return result.json();
  }
  // Starts one and gives its run; "": it does not start.
  QString Start(const nlohmann::json& spec) const {
    const CtlResult result = CtlJson({"run", Write("spec.json", spec.dump()), "--detach"});
    const nlohmann::json begun = result.json();
    if (!begun.is_object()) qWarning("the run does not start: %s", result.err.constData());
    return begun.is_object() ? QString::fromStdString(begun.value("run", "")) : QString();
  }
  // Whether it makes steps, by then.
  bool Trains(const QString& run, int timeout_ms) const {
    return QTest::qWaitFor([&] { return Show(run).value("steps", 0) > 5; }, timeout_ms);
  }

  qint64 EnginePid() const {
    const auto status = CtlJson({"engine", "status"}).json();
    return status.is_object() ? status.value("pid", int64_t{0}) : 0;
  }
  // Waits until the engine's process is gone: the folder can be removed then.
  void StopEngine() const;

 private:
  QTemporaryDir folder_;
};

inline bool ProcessLives(qint64 pid) {
  QFile stat(QStringLiteral("/proc/%1/stat").arg(pid));
  if (!stat.open(QIODevice::ReadOnly)) return false;
  const QByteArray text = stat.readAll();
  const qsizetype close = text.lastIndexOf(')');
  return close > 0 && text.mid(close + 2, 1) != "Z";  // a zombie has ended
}

inline void TestHome::StopEngine() const {
  const qint64 pid = EnginePid();
  if (pid == 0) return;
  Ctl({"engine", "stop", "--runs"}, 20000);
  if (!QTest::qWaitFor([pid] { return !ProcessLives(pid); }, 15000)) ::kill(static_cast<pid_t>(pid), SIGKILL);
}

// A run of seconds: LeNet-300-100 on Fashion-MNIST.
inline nlohmann::json SmallSpec(int workers, int max_steps) {
  return {{"name", "small"},
          {"seed", 7},
          {"dataset", {{"kind", "fashion-mnist"}}},
          {"model", {{"kind", "lenet-300-100"}}},
          {"optimizer", {{"kind", "sgd"}, {"learning_rate", 0.05}, {"momentum", 0.9}}},
          {"training", {{"batch_size", 32}, {"epochs", 1000}, {"evaluate_every_epochs", 0}, {"max_steps", max_steps}}},
          {"mesh", {{"data", workers}}},
          {"exchange", {{"kind", workers > 1 ? "all-reduce" : "single"}}},
          {"workers", {{{"launcher", "local"}, {"count", workers}}}}};
}

}  // namespace concertina
