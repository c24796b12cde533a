// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// model_serving.cc: see model_serving.h.
#include "ui/client/model_serving.h"

#include <sys/prctl.h>

#include <QCoreApplication>
#include <QJsonArray>
#include <QJsonDocument>
#include <QSet>
#include <csignal>

#include "core/proto/engine_launch.h"
#include "ui/client/number_format.h"

namespace concertina::ui {
namespace {

constexpr qsizetype kMostServedBytes = 1 << 20;  // of one line: what a child prints is checked too

struct ServingText {
  Q_DECLARE_TR_FUNCTIONS(ServingText)
};

QString servingFigure(const QJsonObject& figures, const char* name, const QString& unit) {
  const QJsonValue value = figures.value(QLatin1String(name));
  return value.isDouble() ? formatValue(value.toDouble(), unit) : notMeasured();
}

QJsonObject objectOf(const QByteArray& text) { return QJsonDocument::fromJson(text.trimmed()).object(); }

// The last line that a program said, without its own name before it.
QString lastWords(QProcess& process) {
  QString words = QString::fromUtf8(process.readAllStandardError()).trimmed().section(QLatin1Char('\n'), -1);
  const QString name = QStringLiteral("concertinactl: ");
  if (words.startsWith(name)) words.remove(0, name.size());
  return words.left(2000);
}

}  // namespace

QVector<std::pair<QString, QString>> servedWords(const QJsonObject& served) {
  QStringList extents;
  for (const QJsonValue& extent : served.value(QLatin1String("sample_shape")).toArray())
    extents << QString::number(extent.toInteger());
  const QJsonValue classes = served.value(QLatin1String("classes"));
  return {{ServingText::tr("Address"), served.value(QLatin1String("address")).toString()},
          //: Of a model: the shape of a sample.
          {ServingText::tr("Takes"), extents.isEmpty() ? notMeasured() : extents.join(QStringLiteral("×"))},
          {ServingText::tr("Classes"), classes.isDouble() ? formatCount(classes.toInteger()) : notMeasured()},
          {ServingText::tr("File"), servingFigure(served, "file_bytes", QStringLiteral("B"))}};
}

QVector<std::pair<QString, QString>> servedLatencyWords(const QJsonObject& bench) {
  const QString seconds = QStringLiteral("s");
  const auto beside = [&](const char* call, const char* model) {
    //: %1 and %2 are times of one answer: as the caller sees it, and of it inside the model.
    return ServingText::tr("%1, %2 of it inside the model")
        .arg(servingFigure(bench, call, seconds), servingFigure(bench, model, seconds));
  };
  const QJsonValue rate = bench.value(QLatin1String("samples_per_second"));
  //: Of the latency of one answer.
  return {{ServingText::tr("Median"), beside("p50_seconds", "model_p50_seconds")},
          //: Of the latency of one answer: so many of 100 are not slower.
          {ServingText::tr("90 %"), beside("p90_seconds", "model_p90_seconds")},
          {ServingText::tr("99 %"), beside("p99_seconds", "model_p99_seconds")},
          {ServingText::tr("One caller gets"),
           rate.isDouble() ? formatSamplesRate(rate.toDouble()) : notMeasured()}};
}

ModelServing::~ModelServing() {
  end(bench_);
  end(server_);
}

QProcess* ModelServing::launch(const QStringList& arguments, QString& error) {
  const absl::StatusOr<std::string> program = FindProgram("concertinactl");
  if (!program.ok()) {
    error = QString::fromStdString(std::string(program.status().message()));
    return nullptr;
  }
  auto* process = new QProcess(this);
  process->setStandardInputFile(QProcess::nullDevice());
  // A desktop that is killed leaves no server behind.
  process->setChildProcessModifier([] { prctl(PR_SET_PDEATHSIG, SIGTERM); });
  process->start(QString::fromStdString(*program), arguments);
  return process;
}

void ModelServing::start(const QString& engine, const QString& run) {
  QString error;
  QStringList arguments = {QStringLiteral("serve"), run, QStringLiteral("--json")};
  if (!engine.isEmpty()) arguments << QStringLiteral("--engine") << engine;
  server_ = launch(arguments, error);
  if (server_.isNull()) {
    QMetaObject::invokeMethod(
        this, [this, error] { emit ended(error); }, Qt::QueuedConnection);
    return;
  }
  connect(server_, &QProcess::readyReadStandardOutput, this, &ModelServing::readServed);
  const auto done = [this](const QString& reason) {
    if (server_.isNull()) return;
    const QString words = is_stopping_ ? QString() : lastWords(*server_);
    end(server_);
    address_.clear();
    end(bench_);
    emit ended(is_stopping_ ? QString() : words.isEmpty() ? reason : words);
  };
  connect(server_, &QProcess::finished, this, [done](int code) {
    done(tr("The program that serves the model has ended with status %1.").arg(code));
  });
  connect(server_, &QProcess::errorOccurred, this, [this, done](QProcess::ProcessError what) {
    if (what == QProcess::FailedToStart) done(server_->errorString());
  });
  QTimer::singleShot(kStartSeconds * 1000, this, [this, done, waited_for = server_] {
    if (waited_for.isNull() || server_ != waited_for || isServed()) return;
    done(tr("The model did not answer within %1.").arg(formatDuration(kStartSeconds)));
  });
}

void ModelServing::readServed() {
  said_ += server_->readAllStandardOutput();
  if (is_stopping_) return;
  const qsizetype line = said_.indexOf('\n');
  if (isServed() || (line < 0 && said_.size() < kMostServedBytes)) return;
  const QJsonObject document = objectOf(said_.left(line < 0 ? 0 : line));
  said_.clear();
  address_ = document.value(QLatin1String("address")).toString();
  if (!address_.isEmpty()) emit served(document);  // else its own words follow, and its end
}

void ModelServing::measure(int queries) {
  if (!isServed() || isMeasuring() || is_stopping_) return;
  QString error;
  bench_ = launch({QStringLiteral("bench"), QStringLiteral("served"), address_, QStringLiteral("--queries"),
                   QString::number(queries), QStringLiteral("--json")},
                  error);
  if (bench_.isNull()) {
    emit measured({}, error);
    return;
  }
  const auto done = [this](QString reason) {
    if (bench_.isNull()) return;
    const QJsonObject figures = objectOf(bench_->readAllStandardOutput());
    const bool is_measured = figures.value(QLatin1String("p50_seconds")).isDouble();
    if (const QString words = lastWords(*bench_); !words.isEmpty()) reason = words;
    end(bench_);
    emit measured(is_measured ? figures : QJsonObject(), is_measured ? QString() : reason);
  };
  connect(bench_, &QProcess::finished, this, [done] { done(tr("The measurement gave no figures.")); });
  connect(bench_, &QProcess::errorOccurred, this, [this, done](QProcess::ProcessError what) {
    if (what == QProcess::FailedToStart) done(bench_->errorString());
  });
  QTimer::singleShot(kMeasureSeconds * 1000, this, [this, done, waited_for = bench_] {
    if (waited_for.isNull() || bench_ != waited_for) return;
    done(tr("The measurement took longer than %1.").arg(formatDuration(kMeasureSeconds)));
  });
}

void ModelServing::stop() {
  if (server_.isNull()) return;
  is_stopping_ = true;
  end(bench_);
  server_->terminate();
  QTimer::singleShot(kEndSeconds * 1000, server_.data(), &QProcess::kill);
}

// It goes by itself, and is not waited for: a QProcess that is deleted earlier kills its program, which would
// leave its socket behind, and waits for that.
void ModelServing::end(QPointer<QProcess>& process) {
  if (process.isNull()) return;
  QProcess* const going = process.data();
  process.clear();
  going->disconnect(this);
  going->setParent(nullptr);
  if (going->state() == QProcess::NotRunning) return going->deleteLater();
  static auto& leaving = *new QSet<QProcess*>;  // never freed: one may outlast the desktop
  leaving << going;
  QObject::connect(going, &QProcess::finished, going, [going] {
    leaving.remove(going);
    going->deleteLater();
  });
  QTimer::singleShot(kEndSeconds * 1000, going, &QProcess::kill);
  going->terminate();
}

}  // namespace concertina::ui
