// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// catalog.cc: reads descriptors, and words what they say (see catalog.h).
#include "ui/forms/catalog.h"

#include <QCoreApplication>
#include <QJsonArray>
#include <QLocale>
#include <cmath>

namespace concertina::ui {
namespace {

std::optional<FieldType> typeOf(const QString& name) {
  static const QMap<QString, FieldType> types = {{QStringLiteral("boolean"), FieldType::kBoolean},
                                                 {QStringLiteral("integer"), FieldType::kInteger},
                                                 {QStringLiteral("number"), FieldType::kNumber},
                                                 {QStringLiteral("text"), FieldType::kText},
                                                 {QStringLiteral("choice"), FieldType::kChoice},
                                                 {QStringLiteral("path"), FieldType::kPath},
                                                 {QStringLiteral("component"), FieldType::kComponent},
                                                 {QStringLiteral("integer-list"), FieldType::kIntegerList}};
  const auto found = types.find(name);
  return found == types.end() ? std::nullopt : std::optional(*found);
}

std::optional<double> numberAt(const QJsonObject& object, const char* key) {
  const QJsonValue value = object.value(QLatin1String(key));
  return value.isDouble() ? std::optional(value.toDouble()) : std::nullopt;
}

std::optional<ParamInfo> readParam(const QJsonObject& json) {
  const auto type = typeOf(json.value(QLatin1String("type")).toString());
  if (!type || json.value(QLatin1String("name")).toString().isEmpty()) return std::nullopt;
  ParamInfo param;
  param.name = json.value(QLatin1String("name")).toString();
  param.type = *type;
  param.unit = json.value(QLatin1String("unit")).toString();
  const QJsonValue default_value = json.value(QLatin1String("default"));
  if (!default_value.isNull()) param.default_value = default_value;
  param.minimum = numberAt(json, "minimum");
  param.maximum = numberAt(json, "maximum");
  for (const QJsonValue& choice : json.value(QLatin1String("choices")).toArray())
    param.choices << choice.toString();
  param.doc = json.value(QLatin1String("doc")).toString();
  param.live = json.value(QLatin1String("live")).toBool();
  param.optional = json.value(QLatin1String("optional")).toBool();
  if (param.type == FieldType::kComponent && param.choices.isEmpty()) return std::nullopt;
  return param;
}

bool isWhole(const QJsonValue& value) {
  if (!value.isDouble()) return false;
  const double number = value.toDouble();
  return std::isfinite(number) && number == std::floor(number);
}

bool inRange(const ParamInfo& param, double value) {
  return std::isfinite(value) && (!param.minimum || value >= *param.minimum) &&
         (!param.maximum || value <= *param.maximum);
}

class Words {
  Q_DECLARE_TR_FUNCTIONS(Forms)
};

QString expectedText(const ParamInfo& param, const QString& noun) {
  const QString range = rangeText(param);
  //: %1 is a noun such as "a number", %2 a range such as "0 to 1" or "at least 1".
  return range.isEmpty() ? noun : Words::tr("%1, %2").arg(noun, range);
}

}  // namespace

const ParamInfo* ComponentInfo::param(const QString& name) const {
  for (const ParamInfo& candidate : params)
    if (candidate.name == name) return &candidate;
  return nullptr;
}

std::shared_ptr<const Catalog> Catalog::fromDescribe(const QJsonObject& describe) {
  auto catalog = std::make_shared<Catalog>();
  for (const QJsonValue& category : describe.value(QLatin1String("categories")).toArray()) {
    const QString name = category.toObject().value(QLatin1String("category")).toString();
    QVector<ComponentInfo>& components = catalog->categories_[name];
    for (const QJsonValue& entry : category.toObject().value(QLatin1String("components")).toArray()) {
      const QJsonObject json = entry.toObject();
      ComponentInfo component{name,
                              json.value(QLatin1String("kind")).toString(),
                              json.value(QLatin1String("title")).toString(),
                              json.value(QLatin1String("summary")).toString(),
                              json.value(QLatin1String("citation")).toString(),
                              json.value(QLatin1String("here"))[QLatin1String("text")].toString(),
                              {}};
      if (component.kind.isEmpty()) continue;
      if (component.title.isEmpty()) component.title = component.kind;
      for (const QJsonValue& parameter : json.value(QLatin1String("parameters")).toArray())
        if (auto param = readParam(parameter.toObject())) component.params.push_back(*std::move(param));
      components.push_back(std::move(component));
    }
  }
  return catalog;
}

const ComponentInfo* Catalog::find(const QString& category, const QString& kind) const {
  const auto found = categories_.find(category);
  if (found == categories_.end()) return nullptr;
  for (const ComponentInfo& component : *found)
    if (component.kind == kind) return &component;
  return nullptr;
}

const QVector<ComponentInfo>& Catalog::inCategory(const QString& category) const {
  static const QVector<ComponentInfo> none;
  const auto found = categories_.find(category);
  return found == categories_.end() ? none : *found;
}

QString descriptorText(const QString& text) {
  return text.isEmpty() ? text : QCoreApplication::translate("Descriptor", text.toUtf8().constData());
}

QString fieldLabel(const ParamInfo& param) {
  QStringList words = param.name.split(QLatin1Char('_'), Qt::SkipEmptyParts);
  static const QStringList unit_words = {
      QStringLiteral("ms"),  QStringLiteral("us"),  QStringLiteral("mbit"),  QStringLiteral("mib"),
      QStringLiteral("kib"), QStringLiteral("gib"), QStringLiteral("bytes"), QStringLiteral("seconds")};
  const bool every = words.size() > 2 && words.at(words.size() - 2) == QLatin1String("every");
  if (!param.unit.isEmpty() && words.size() > 1 && (every || unit_words.contains(words.last())))
    words.removeLast();
  QString label = words.join(QLatin1Char(' '));
  if (!label.isEmpty()) label[0] = label[0].toUpper();
  return descriptorText(label);
}

QString rangeText(const ParamInfo& param) {
  const auto text = [](double value) { return valueText(QJsonValue(value)); };
  if (param.minimum && param.maximum)
    return Words::tr("%1 to %2").arg(text(*param.minimum), text(*param.maximum));
  if (param.minimum) return Words::tr("at least %1").arg(text(*param.minimum));
  if (param.maximum) return Words::tr("at most %1").arg(text(*param.maximum));
  return {};
}

QString valueText(const QJsonValue& value) {
  switch (value.type()) {
    case QJsonValue::Bool:
      return value.toBool() ? Words::tr("on") : Words::tr("off");
    case QJsonValue::String:
      return value.toString();
    case QJsonValue::Array: {
      QStringList items;
      for (const QJsonValue& item : value.toArray()) items << valueText(item);
      return items.join(QStringLiteral(", "));
    }
    case QJsonValue::Object:
      return value.toObject().value(QLatin1String("kind")).toString();
    case QJsonValue::Double: {
      // toInteger gives its argument back when the value is no whole number of 64 bits.
      if (value.toInteger(1) == value.toInteger(2)) return QString::number(value.toInteger());
      QString text = QString::number(value.toDouble(), 'g', QLocale::FloatingPointShortest);
      text.replace(QLatin1String("e-0"), QLatin1String("e-"))
          .replace(QLatin1String("e+0"), QLatin1String("e"));
      return text.replace(QLatin1String("e+"), QLatin1String("e"));
    }
    default:
      return {};
  }
}

QString complaintAbout(const ParamInfo& param, const QJsonValue& value) {
  if (value.isUndefined()) return param.required() ? Words::tr("A value is needed here.") : QString();
  QString expected;
  switch (param.type) {
    case FieldType::kBoolean:
      if (!value.isBool()) expected = Words::tr("on or off");
      break;
    case FieldType::kInteger:
      if (!isWhole(value) || !inRange(param, value.toDouble()))
        expected = expectedText(param, Words::tr("a whole number"));
      break;
    case FieldType::kNumber:
      if (!value.isDouble() || !inRange(param, value.toDouble()))
        expected = expectedText(param, Words::tr("a number"));
      break;
    case FieldType::kText:
      if (!value.isString()) expected = Words::tr("a text");
      break;
    case FieldType::kPath:
      if (!value.isString())
        expected = Words::tr("a path");
      else if (param.required() && value.toString().isEmpty())
        return Words::tr("A path is needed here.");
      break;
    case FieldType::kChoice:
      if (!value.isString() || !param.choices.contains(value.toString()))
        expected = Words::tr("one of %1").arg(param.choices.join(QStringLiteral(", ")));
      break;
    case FieldType::kIntegerList: {
      bool good = value.isArray();
      for (const QJsonValue& item : value.toArray())
        good = good && isWhole(item) && inRange(param, item.toDouble());
      if (!good) expected = expectedText(param, Words::tr("whole numbers with commas between them"));
      break;
    }
    case FieldType::kComponent:
      break;
  }
  if (expected.isEmpty()) return {};
  const QString found = valueText(value);
  return found.isEmpty() ? Words::tr("Expected: %1.").arg(expected)
                         : Words::tr("Expected: %1. Found: %2.").arg(expected, found);
}

}  // namespace concertina::ui
