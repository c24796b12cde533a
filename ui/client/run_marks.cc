// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// run_marks.cc: see run_marks.h.
#include "ui/client/run_marks.h"

#include <QSet>

namespace concertina::ui {

QStringList tagsOfRun(const proto::RunSummary& run) {
  QStringList tags;
  for (const std::string& tag : run.marks().tags()) tags << QString::fromStdString(tag);
  return tags;
}

int colorOfRun(const proto::RunSummary& run) {
  if (run.marks().color() > 0) return int(run.marks().color() - 1) % kRunColors;
  uint32_t hash = 2166136261U;  // FNV-1a: the same in every session, as qHash is not
  for (const char c : run.run()) hash = (hash ^ static_cast<unsigned char>(c)) * 16777619U;
  return int(hash % uint32_t(kRunColors));
}

QVector<int> colorsOfRuns(const QVector<proto::RunSummary>& runs) {
  QVector<int> colors(runs.size(), -1);
  QSet<int> taken;
  const auto take = [&](qsizetype i, int color) {
    colors[i] = color;
    taken.insert(color);
  };
  for (qsizetype i = 0; i < runs.size(); ++i)
    if (runs[i].marks().color() > 0 && !taken.contains(colorOfRun(runs[i]))) take(i, colorOfRun(runs[i]));
  for (qsizetype i = 0; i < runs.size(); ++i) {
    if (colors[i] >= 0) continue;
    if (taken.size() == kRunColors) taken.clear();  // round again; lines are dashed then
    int color = colorOfRun(runs[i]);
    while (taken.contains(color)) color = (color + 1) % kRunColors;
    take(i, color);
  }
  return colors;
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
