// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// catalog.h: the engine's descriptors (`describe --json`) as the forms read them.
// On the way of the data: core/base/descriptor.h -> ui/client -> here -> ui/forms/component_form.h.
#pragma once

#include <QJsonObject>
#include <QJsonValue>
#include <QMap>
#include <QString>
#include <QStringList>
#include <QVector>
#include <memory>
#include <optional>

namespace concertina::ui {

enum class FieldType { kBoolean, kInteger, kNumber, kText, kChoice, kPath, kIntegerList, kComponent };

struct ParamInfo {
  QString name;
  FieldType type = FieldType::kNumber;
  QString unit;
  QJsonValue default_value = QJsonValue::Undefined;  // undefined: there is none
  std::optional<double> minimum, maximum;
  QStringList choices;  // kChoice: the names; kComponent: [category]
  QString doc;
  bool live = false;
  bool optional = false;
  bool required() const { return default_value.isUndefined() && !optional; }
};

struct ComponentInfo {
  QString category, kind, title, summary, citation;
  QString here;  // what it can be expected to bring on the engine's machine; "" where that is a matter of the
                 // experiment alone
  QVector<ParamInfo> params;
  const ParamInfo* param(const QString& name) const;
};

class Catalog {
 public:
  // {"categories": [{"category", "components": […]}]}. What is missing or of an unknown type is left out: an
  // engine newer than this desktop must still be usable.
  static std::shared_ptr<const Catalog> fromDescribe(const QJsonObject& describe);

  const ComponentInfo* find(const QString& category, const QString& kind) const;
  const QVector<ComponentInfo>& inCategory(const QString& category) const;  // in the engine's order
  bool isEmpty() const { return categories_.isEmpty(); }

 private:
  QMap<QString, QVector<ComponentInfo>> categories_;
};

// "learning_rate" -> "Learning rate"; a unit that ends the name is left to the field: "latency_ms" ->
// "Latency". Translated where the translation knows the words.
QString fieldLabel(const ParamInfo& param);
// A sentence of a descriptor in the person's language, if the translation knows it.
QString descriptorText(const QString& text);
// "0 to 1", "at least 1", or "" where everything is allowed.
QString rangeText(const ParamInfo& param);
// A value as a field shows it: 1e-6, not 1e-06; lists with commas; names without quotes.
QString valueText(const QJsonValue& value);

// What is wrong with `value` by the descriptor alone, in the words of the engine's own faults; "" if nothing.
// Undefined is a missing field. Components are not looked into.
QString complaintAbout(const ParamInfo& param, const QJsonValue& value);

}  // namespace concertina::ui
