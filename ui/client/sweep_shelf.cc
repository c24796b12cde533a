// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// sweep_shelf.cc: see sweep_shelf.h.
#include "ui/client/sweep_shelf.h"

#include <QCoreApplication>
#include <QDir>
#include <QFile>
#include <QJsonDocument>
#include <QSaveFile>
#include <QStandardPaths>
#include <QUrl>

namespace concertina::ui {
namespace {

constexpr qint64 kMostBytes = 1 << 20;  // as concertinactl reads

}  // namespace

SweepShelf::SweepShelf(const QString& folder)
    : folder_(folder.isEmpty() ? QStandardPaths::writableLocation(QStandardPaths::AppDataLocation) +
                                     QStringLiteral("/sweeps")
                               : folder) {}

// A name may hold what a path may not.
QString SweepShelf::pathOf(const QString& name) const {
  return folder_ + QLatin1Char('/') + QString::fromLatin1(QUrl::toPercentEncoding(name, " ", ".~")) +
         QStringLiteral(".sweep.json");
}

QString SweepShelf::keep(const QString& name, const QJsonObject& sweep) {
  QSaveFile file(pathOf(name));
  const QByteArray bytes = QJsonDocument(sweep).toJson();
  if (QDir().mkpath(folder_) && file.open(QIODevice::WriteOnly) && file.write(bytes) == bytes.size() &&
      file.commit())
    return {};
  return QCoreApplication::translate("SweepShelf", "%1 could not be written: %2")
      .arg(pathOf(name), file.errorString());
}

QJsonObject SweepShelf::find(const QString& name) const {
  QFile file(pathOf(name));
  if (!file.open(QIODevice::ReadOnly) || file.size() > kMostBytes) return {};
  const QJsonObject sweep = QJsonDocument::fromJson(file.readAll()).object();
  return sweep.value(QLatin1String("name")).toString() == name ? sweep : QJsonObject();
}

}  // namespace concertina::ui
