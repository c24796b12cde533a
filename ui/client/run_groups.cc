// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// run_groups.cc: see run_groups.h.
#include "ui/client/run_groups.h"

#include <QMap>
#include <QPair>
#include <algorithm>

namespace concertina::ui {

QString groupOfRun(const proto::RunSummary& run) {
  const QString name = QString::fromStdString(run.name());
  const qsizetype mark = name.indexOf(QString::fromUtf8(kComparisonMark));
  return mark > 0 ? name.left(mark) : QString();
}

QStringList groupsOfRuns(const QHash<QString, proto::RunSummary>& runs) {
  QMap<QString, QPair<qint64, int>> found;  // the newest of its runs, and how many
  for (const proto::RunSummary& run : runs) {
    auto& [newest, count] = found[groupOfRun(run)];
    newest = std::max<qint64>(newest, run.created_unix_ms());
    ++count;
  }
  QStringList names;
  for (auto group = found.cbegin(); group != found.cend(); ++group)
    if (group->second > 1) names << group.key();
  std::sort(names.begin(), names.end(),
            [&](const QString& a, const QString& b) { return found.value(a).first > found.value(b).first; });
  return names;
}

}  // namespace concertina::ui
