// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// keep_in_floats.cc: see keep_in_floats.h.
#include "ui/pages/keep_in_floats.h"

#include <QJsonObject>
#include <QStringList>
#include <algorithm>

namespace concertina::ui {
namespace {

// "half" is none of them: it makes all parameters 16 bits, whatever their layer.
bool makesGrids(const QJsonObject& step) {
  static const QStringList kinds{QStringLiteral("int8"), QStringLiteral("quantize-weights"),
                                 QStringLiteral("mixed-precision"), QStringLiteral("codebook"),
                                 QStringLiteral("lsq")};
  return kinds.contains(step.value(QLatin1String("kind")).toString());
}

QJsonObject leavingOut(QJsonObject step, const QString& layer) {
  const QLatin1String field("layers");
  const QString pattern = step.value(field).toString(QStringLiteral("*")),
                left_out = QLatin1Char('!') + layer;
  QStringList parts = pattern.split(QLatin1Char(','), Qt::SkipEmptyParts);
  for (QString& part : parts) part = part.trimmed();
  parts.removeAll(QString());
  if (!parts.contains(left_out)) parts << left_out;
  step[field] = parts.join(QStringLiteral(", "));
  return step;
}

}  // namespace

bool hasGrids(const QJsonArray& recipe) {
  return std::any_of(recipe.begin(), recipe.end(),
                     [](const QJsonValue& step) { return makesGrids(step.toObject()); });
}

QJsonArray keptInFloats(const QJsonArray& recipe, const QString& layer) {
  QJsonArray kept;
  for (const QJsonValue& value : recipe) {
    const QJsonObject step = value.toObject();
    kept.push_back(makesGrids(step) ? QJsonValue(leavingOut(step, layer)) : value);
  }
  if (!hasGrids(recipe))
    kept.push_back(leavingOut({{QStringLiteral("kind"), QStringLiteral("int8")}}, layer));
  return kept;
}

}  // namespace concertina::ui
