// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// runs_views.cc: see runs_views.h.
#include "ui/pages/runs_views.h"

#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>

namespace concertina::ui {
namespace {

constexpr char kViewKind[] = "concertina-runs-view";
constexpr qsizetype kLongestText = 64 << 10, kLongestViewName = 80, kMostEntries = 256;

}  // namespace

QString runsViewText(const RunsView& view) {
  const QJsonObject object{{"kind", kViewKind},     {"name", view.name},
                           {"filter", view.filter}, {"layout", QJsonArray::fromStringList(view.layout)},
                           {"sort", view.sort},     {"descending", view.is_descending},
                           {"then", view.then},     {"then_descending", view.is_then_descending}};
  return QString::fromUtf8(QJsonDocument(object).toJson(QJsonDocument::Compact));
}

std::optional<RunsView> runsViewOf(const QString& text) {
  if (text.size() > kLongestText) return std::nullopt;
  const QJsonObject object = QJsonDocument::fromJson(text.trimmed().toUtf8()).object();
  if (object.value(QLatin1String("kind")).toString() != QLatin1String(kViewKind)) return std::nullopt;
  RunsView view{.name = object.value(QLatin1String("name")).toString().simplified().left(kLongestViewName),
                .filter = object.value(QLatin1String("filter")).toString().simplified(),
                .layout = {},
                .sort = object.value(QLatin1String("sort")).toString(),
                .is_descending = object.value(QLatin1String("descending")).toBool(),
                .then = object.value(QLatin1String("then")).toString(),
                .is_then_descending = object.value(QLatin1String("then_descending")).toBool()};
  for (const QJsonValue& entry : object.value(QLatin1String("layout")).toArray())
    if (entry.isString() && view.layout.size() < kMostEntries) view.layout << entry.toString();
  if (view.name.isEmpty()) return std::nullopt;
  return view;
}

}  // namespace concertina::ui
