// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// field_name.cc: see field_name.h.
#include "ui/client/field_name.h"

#include <array>

namespace concertina::ui {
namespace {

struct UnitWord {
  const char* ending;
  const char* unit;
};
constexpr std::array<UnitWord, 8> kUnitWords = {{{"_mbit", "Mbit/s"},
                                                 {"_ms", "ms"},
                                                 {"_us", "µs"},
                                                 {"_seconds", "s"},
                                                 {"_kib", "KiB"},
                                                 {"_mib", "MiB"},
                                                 {"_gib", "GiB"},
                                                 {"_bytes", "B"}}};

}  // namespace

QString fieldName(const QString& name) {
  QString words = name, unit;
  for (const UnitWord& word : kUnitWords) {
    const QLatin1String ending(word.ending);
    if (name.size() <= ending.size() || !name.endsWith(ending)) continue;
    words = name.chopped(ending.size());
    unit = QString::fromUtf8(word.unit);
  }
  words.replace(QLatin1Char('_'), QLatin1Char(' '));
  if (!words.isEmpty()) words[0] = words[0].toUpper();
  return unit.isEmpty() ? words : QStringLiteral("%1 (%2)").arg(words, unit);
}

}  // namespace concertina::ui
