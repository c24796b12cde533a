// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// run_marks.cc: see run_marks.h.
#include "ui/client/run_marks.h"

#include "core/analysis/run_colors.h"

namespace concertina::ui {

QStringList tagsOfRun(const proto::RunSummary& run) {
  QStringList tags;
  for (const std::string& tag : run.marks().tags()) tags << QString::fromStdString(tag);
  return tags;
}

int colorOfRun(const proto::RunSummary& run) {
  return OwnColor({.id = run.run(), .chosen = run.marks().color()});
}

TagChange parseTagChange(const QString& text) {
  TagChange change;
  for (const QString& part : text.split(QLatin1Char(','), Qt::SkipEmptyParts)) {
    QString tag = part.trimmed();
    const bool goes = tag.startsWith(QLatin1Char('-'));
    if (goes || tag.startsWith(QLatin1Char('+'))) tag = tag.mid(1).trimmed();
    if (!tag.isEmpty()) (goes ? change.remove : change.add) << tag;
  }
  return change;
}

}  // namespace concertina::ui
