// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// device_figures.cc: see device_figures.h.
#include "ui/client/device_figures.h"

#include <QCoreApplication>
#include <QJsonDocument>
#include <QJsonObject>

#include "ui/client/core_words.h"
#include "ui/client/number_format.h"

namespace concertina::ui {
namespace {

struct DeviceText {
  Q_DECLARE_TR_FUNCTIONS(DeviceText)
};

QString figure(const QJsonObject& bench, const char* name, const QString& unit) {
  const QJsonValue value = bench.value(QLatin1String(name));
  return value.isDouble() ? formatValue(value.toDouble(), unit) : notMeasured();
}

}  // namespace

DeviceWords deviceWords(const proto::MeasureOnDeviceReply& reply) {
  DeviceWords words;
  if (!reply.error().empty()) {
    words.error = coreText(reply.error());
    return words;
  }
  const QJsonObject bench = QJsonDocument::fromJson(QByteArray::fromStdString(reply.bench_json())).object();
  if (!bench.value(QLatin1String("p50_seconds")).isDouble()) {
    words.error = DeviceText::tr("The device answered without figures.");
    return words;
  }
  const QString program = QString::fromStdString(reply.program()),
                model = QString::fromStdString(reply.model());
  const QString seconds = QStringLiteral("s"), bytes = QStringLiteral("B");
  words.rows = {
      {DeviceText::tr("Device"), QStringLiteral("%1 (%2)").arg(QString::fromStdString(reply.host()),
                                                               QString::fromStdString(reply.system()))},
      {DeviceText::tr("File"), figure(bench, "file_bytes", bytes)},
      //: Of the latency of one answer.
      {DeviceText::tr("Median"), figure(bench, "p50_seconds", seconds)},
      //: Of the latency of one answer: so many of 100 are not slower.
      {DeviceText::tr("90 %"), figure(bench, "p90_seconds", seconds)},
      {DeviceText::tr("99 %"), figure(bench, "p99_seconds", seconds)},
      {DeviceText::tr("Loaded in"), figure(bench, "load_seconds", seconds)},
      {DeviceText::tr("Peak memory"), figure(bench, "peak_memory_bytes", bytes)},
      {DeviceText::tr("Program there"), program},
      {DeviceText::tr("Model there"), model}};
  words.command = QStringLiteral("%1 classify %2 FILE").arg(program, model);
  return words;
}

}  // namespace concertina::ui
