// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// settings.cc: the table of settings, and typed access to it (see settings.h).
#include "ui/shell/settings.h"

#include <QFileInfo>
#include <array>

namespace concertina::ui {
namespace {

struct Stored {
  Setting setting;
  const char* key;
  QMetaType::Type type;
  QVariant default_value;
};

const Stored& entryOf(Setting setting) {
  static const std::array table = {
      Stored{Setting::kGeometry, "window/geometry", QMetaType::QByteArray, QByteArray()},
      Stored{Setting::kLastPage, "window/page", QMetaType::QString, QStringLiteral("design")},
      Stored{Setting::kTheme, "look/theme", QMetaType::QString, QStringLiteral("system")},
      Stored{Setting::kSystemWasDark, "look/system_was_dark", QMetaType::Bool, false},
      Stored{Setting::kLanguage, "look/language", QMetaType::QString, QString()},
      Stored{Setting::kLastFolder, "files/last_folder", QMetaType::QString, QString()},
      Stored{Setting::kRecentFiles, "files/recent", QMetaType::QStringList, QStringList()},
      Stored{Setting::kWelcomed, "window/welcomed", QMetaType::Bool, false},
      Stored{Setting::kToured, "window/toured", QMetaType::Bool, false},
      Stored{Setting::kDesignState, "window/design", QMetaType::QByteArray, QByteArray()},
      Stored{Setting::kMonitorState, "window/monitor", QMetaType::QByteArray, QByteArray()},
      Stored{Setting::kCompareState, "window/compare", QMetaType::QByteArray, QByteArray()},
      Stored{Setting::kRunsLayout, "window/runs", QMetaType::QStringList, QStringList()},
      Stored{Setting::kLastRun, "window/run", QMetaType::QString, QString()},
      Stored{Setting::kRunsViews, "window/runs_views", QMetaType::QStringList, QStringList()},
      Stored{Setting::kNotify, "notices/run_ended", QMetaType::Bool, true},
  };
  const Stored& entry = table.at(static_cast<size_t>(setting));
  Q_ASSERT(entry.setting == setting);
  return entry;
}

// A damaged or foreign value counts as absent.
QVariant read(const QSettings& store, Setting setting) {
  const Stored& entry = entryOf(setting);
  QVariant value = store.value(QLatin1String(entry.key), entry.default_value);
  return value.convert(QMetaType(entry.type)) ? value : entry.default_value;
}

}  // namespace

Settings::Settings(const QString& file)
    : store_(file.isEmpty()
                 ? std::make_unique<QSettings>(QSettings::IniFormat, QSettings::UserScope,
                                               QStringLiteral("concertina"), QStringLiteral("desktop"))
                 : std::make_unique<QSettings>(file, QSettings::IniFormat)) {}

QString Settings::text(Setting setting) const {
  Q_ASSERT(entryOf(setting).type == QMetaType::QString);
  return read(*store_, setting).toString();
}

bool Settings::flag(Setting setting) const {
  Q_ASSERT(entryOf(setting).type == QMetaType::Bool);
  return read(*store_, setting).toBool();
}

QByteArray Settings::bytes(Setting setting) const {
  Q_ASSERT(entryOf(setting).type == QMetaType::QByteArray);
  return read(*store_, setting).toByteArray();
}

QStringList Settings::list(Setting setting) const {
  Q_ASSERT(entryOf(setting).type == QMetaType::QStringList);
  return read(*store_, setting).toStringList();
}

QString Settings::folder() const { return QFileInfo(store_->fileName()).absolutePath(); }

void Settings::set(Setting setting, const QVariant& value) {
  Q_ASSERT(value.typeId() == entryOf(setting).type);
  store_->setValue(QLatin1String(entryOf(setting).key), value);
}

}  // namespace concertina::ui
