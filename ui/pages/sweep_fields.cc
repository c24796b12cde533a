// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// sweep_fields.cc: see sweep_fields.h.
#include "ui/pages/sweep_fields.h"

#include <QCoreApplication>
#include <QJsonDocument>
#include <algorithm>
#include <cmath>
#include <utility>

namespace concertina::ui {
namespace {

class FieldWords {
  Q_DECLARE_TR_FUNCTIONS(SweepFields)
};

class FieldWalk {
 public:
  FieldWalk(const Catalog& catalog, QVector<SweepField>& fields) : catalog_(catalog), fields_(fields) {}

  // The kinds of `category` as a field at `pointer`, and the parameters of the one that is there.
  void component(const QString& category, const QJsonObject& object, const QString& pointer,
                 const QString& title) {
    QJsonArray choices;
    for (const ComponentInfo& info : catalog_.inCategory(category))
      choices.append(QJsonObject{{"label", info.kind}, {"value", QJsonObject{{"kind", info.kind}}}});
    if (choices.size() > 1) {
      SweepField field{.pointer = pointer,
                       .group = title,
                       .label = FieldWords::tr("Kind"),
                       .value = object,
                       .choices = choices};
      field.param.type = FieldType::kComponent;
      fields_.push_back(std::move(field));
    }
    parameters(catalog_.find(category, object.value(QLatin1String("kind")).toString()), object, pointer);
  }

  void parameters(const ComponentInfo* info, const QJsonObject& object, const QString& pointer) {
    if (info == nullptr) return;
    const QString group = descriptorText(info->title);
    for (const ParamInfo& param : info->params) {
      const QString place = pointer + QLatin1Char('/') + param.name;
      const QJsonValue value = object.value(param.name);
      if (param.type == FieldType::kComponent) {
        if (!param.choices.isEmpty()) component(param.choices[0], value.toObject(), place, fieldLabel(param));
        continue;
      }
      if (place == QLatin1String("/name")) continue;  // each run is named after its point
      SweepField field{.pointer = place,
                       .group = group,
                       .label = fieldLabel(param),
                       .doc = descriptorText(param.doc),
                       .param = param,
                       .value = value.isUndefined() ? param.default_value : value,
                       .choices = {}};
      if (param.type == FieldType::kBoolean)
        field.choices = {QJsonObject{{"label", "true"}, {"value", true}},
                         QJsonObject{{"label", "false"}, {"value", false}}};
      if (param.type == FieldType::kChoice)
        for (const QString& choice : param.choices)
          field.choices.append(QJsonObject{{"label", choice}, {"value", choice}});
      fields_.push_back(std::move(field));
    }
  }

  void codecs(const QJsonArray& chain) {
    SweepField field{.pointer = QStringLiteral("/gradient"),
                     .group = FieldWords::tr("Gradient compression"),
                     .label = FieldWords::tr("Codec"),
                     .value = chain,
                     .choices = {QJsonObject{{"label", "none"}, {"value", QJsonArray()}}}};
    field.param.type = FieldType::kComponent;
    for (const ComponentInfo& info : catalog_.inCategory(QStringLiteral("gradient-codec")))
      if (info.kind != QLatin1String("none"))
        field.choices.append(
            QJsonObject{{"label", info.kind}, {"value", QJsonArray{QJsonObject{{"kind", info.kind}}}}});
    fields_.push_back(std::move(field));
    for (int i = 0; i < chain.size(); ++i) {
      const QJsonObject codec = chain[i].toObject();
      parameters(
          catalog_.find(QStringLiteral("gradient-codec"), codec.value(QLatin1String("kind")).toString()),
          codec, QStringLiteral("/gradient/%1").arg(i));
    }
  }

 private:
  const Catalog& catalog_;
  QVector<SweepField>& fields_;
};

double threeDigits(double value) { return QString::number(value, 'g', 3).toDouble(); }

}  // namespace

QVector<SweepField> sweepFields(const Catalog& catalog, const QJsonObject& spec) {
  QVector<SweepField> fields;
  FieldWalk walk(catalog, fields);
  const auto section = [&](const char* kind, const QJsonObject& object, const QString& pointer) {
    walk.parameters(catalog.find(QStringLiteral("experiment"), QLatin1String(kind)), object, pointer);
  };
  const auto part = [&](const char* key) { return spec.value(QLatin1String(key)).toObject(); };
  section("experiment", spec, {});
  walk.component(QStringLiteral("dataset"), part("dataset"), QStringLiteral("/dataset"),
                 FieldWords::tr("Dataset"));
  walk.component(QStringLiteral("model"), part("model"), QStringLiteral("/model"), FieldWords::tr("Model"));
  walk.component(QStringLiteral("optimizer"), part("optimizer"), QStringLiteral("/optimizer"),
                 FieldWords::tr("Optimiser"));
  section("training", part("training"), QStringLiteral("/training"));
  section("mesh", part("mesh"), QStringLiteral("/mesh"));
  walk.component(QStringLiteral("exchange"), part("exchange"), QStringLiteral("/exchange"),
                 FieldWords::tr("Exchange"));
  walk.codecs(spec.value(QLatin1String("gradient")).toArray());
  section("network", part("network"), QStringLiteral("/network"));
  const QJsonArray groups = spec.value(QLatin1String("workers")).toArray();
  for (int i = 0; i < groups.size(); ++i)
    section("workers", groups[i].toObject(), QStringLiteral("/workers/%1").arg(i));
  const QJsonArray recipe = spec.value(QLatin1String("recipe")).toArray();
  for (int i = 0; i < recipe.size(); ++i) {
    const QJsonObject step = recipe[i].toObject();
    walk.parameters(catalog.find(QStringLiteral("compressor"), step.value(QLatin1String("kind")).toString()),
                    step, QStringLiteral("/recipe/%1").arg(i));
  }
  return fields;
}

QVector<double> steppedValues(const ValueSteps& steps) {
  QVector<double> values;
  const bool is_log = steps.is_logarithmic && steps.from > 0 && steps.to > 0;
  for (int i = 0; i < steps.count; ++i) {
    const double share = steps.count < 2 ? 0 : double(i) / (steps.count - 1);
    double value = i == 0                 ? steps.from
                   : i == steps.count - 1 ? steps.to
                   : is_log
                       ? threeDigits(steps.from * std::pow(steps.to / steps.from, share))
                       // Not 0.30000000000000004: what a person would have typed.
                       : QString::number(steps.from + share * (steps.to - steps.from), 'g', 10).toDouble();
    if (steps.is_integer) value = std::round(value);
    if (!values.contains(value)) values << value;
  }
  return values;
}

QJsonArray typedValues(const QString& text) {
  QStringList parts;
  QString part;
  int depth = 0;
  bool is_quoted = false;
  for (const QChar c : text) {
    if (c == QLatin1Char('"')) is_quoted = !is_quoted;
    if (!is_quoted && (c == QLatin1Char('[') || c == QLatin1Char('{'))) ++depth;
    if (!is_quoted && (c == QLatin1Char(']') || c == QLatin1Char('}'))) --depth;
    if (!is_quoted && depth <= 0 && (c == QLatin1Char(',') || c == QLatin1Char(';') || c.isSpace())) {
      if (!part.isEmpty()) parts << std::exchange(part, QString());
    } else {
      part += c;
    }
  }
  if (!part.isEmpty()) parts << part;
  QJsonArray values;
  for (const QString& each : std::as_const(parts)) {
    // Of a single value JSON is only understood within something.
    const QJsonDocument json = QJsonDocument::fromJson("[" + each.toUtf8() + "]");
    values.append(json.isArray() && json.array().size() == 1 ? json.array()[0] : QJsonValue(each));
  }
  return values;
}

}  // namespace concertina::ui
