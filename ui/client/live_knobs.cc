// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// live_knobs.cc: see live_knobs.h.
#include "ui/client/live_knobs.h"

#include <QCoreApplication>
#include <QJsonArray>
#include <utility>

namespace concertina::ui {
namespace {

class Words {
  Q_DECLARE_TR_FUNCTIONS(LiveKnobs)
};

class Walk {
 public:
  Walk(const QJsonObject& describe, QVector<LiveKnob>& knobs)
      : categories_(describe.value("categories").toArray()), knobs_(knobs) {}

  // `object` is a component of `category` in the spec, at `pointer`. `group` tells it from others of its kind
  // (from 1); 0 for the only one.
  void component(const QString& category, const QString& kind, const QJsonObject& object,
                 const QString& pointer, qsizetype group = 0) {
    const QJsonObject descriptor = find(category, kind);
    for (const QJsonValue& value : descriptor.value("parameters").toArray()) {
      const QJsonObject parameter = value.toObject();
      const QString name = parameter.value("name").toString(), type = parameter.value("type").toString();
      const QJsonValue current = object.value(name);
      if (type == QLatin1String("component") && current.isObject()) {
        const QJsonObject inner = current.toObject();
        component(parameter.value("choices").toArray().first().toString(), inner.value("kind").toString(),
                  inner, pointer + QLatin1Char('/') + name);
        continue;
      }
      if (!parameter.value("live").toBool()) continue;
      LiveKnob knob;
      knob.pointer = pointer + QLatin1Char('/') + name;
      knob.component = descriptor.value("title").toString();
      //: "Workers, group 2": the second entry of an experiment's list of workers
      if (group > 0) knob.component = Words::tr("%1, group %2").arg(knob.component).arg(group);
      knob.name = name;
      knob.type = type;
      knob.unit = parameter.value("unit").toString();
      knob.doc = parameter.value("doc").toString();
      for (const QJsonValue& choice : parameter.value("choices").toArray())
        knob.choices.push_back(choice.toString());
      if (parameter.value("minimum").isDouble()) knob.minimum = parameter.value("minimum").toDouble();
      if (parameter.value("maximum").isDouble()) knob.maximum = parameter.value("maximum").toDouble();
      knob.value = current.isUndefined() ? parameter.value("default") : current;
      knobs_.push_back(std::move(knob));
    }
  }

 private:
  QJsonObject find(const QString& category, const QString& kind) const {
    for (const QJsonValue& entry : categories_) {
      if (entry.toObject().value("category").toString() != category) continue;
      for (const QJsonValue& component : entry.toObject().value("components").toArray())
        if (component.toObject().value("kind").toString() == kind) return component.toObject();
    }
    return {};
  }

  const QJsonArray categories_;
  QVector<LiveKnob>& knobs_;
};

}  // namespace

QVector<LiveKnob> liveKnobs(const QJsonObject& describe, const QJsonObject& spec) {
  QVector<LiveKnob> knobs;
  Walk walk(describe, knobs);
  const auto component = [&](const QString& category, const QString& key) {
    const QJsonObject object = spec.value(key).toObject();
    walk.component(category, object.value("kind").toString(), object, QLatin1Char('/') + key);
  };
  const auto named = [&](const QString& key) { component(key, key); };
  // Sections of the file that are no components are described as kinds of the category "experiment".
  const auto section = [&](const QString& key) {
    walk.component(QStringLiteral("experiment"), key, spec.value(key).toObject(), QLatin1Char('/') + key);
  };
  named(QStringLiteral("dataset"));
  named(QStringLiteral("model"));
  named(QStringLiteral("optimizer"));
  section(QStringLiteral("training"));
  named(QStringLiteral("exchange"));
  component(QStringLiteral("pipeline-schedule"), QStringLiteral("pipeline"));
  section(QStringLiteral("tensor"));
  const auto chain = [&](const QJsonArray& codecs, const QString& pointer) {
    for (int i = 0; i < codecs.size(); ++i) {
      const QJsonObject codec = codecs[i].toObject();
      walk.component(QStringLiteral("gradient-codec"), codec.value("kind").toString(), codec,
                     QStringLiteral("%1/%2").arg(pointer).arg(i));
    }
  };
  chain(spec.value("gradient").toArray(), QStringLiteral("/gradient"));
  const QJsonArray layers = spec.value("layer_gradients").toArray();
  for (int i = 0; i < layers.size(); ++i)
    chain(layers[i].toObject().value("gradient").toArray(),
          QStringLiteral("/layer_gradients/%1/gradient").arg(i));
  section(QStringLiteral("network"));
  // Each group of workers has the section's parameters; a launcher's own hold from the start of its workers.
  const QJsonArray groups = spec.value("workers").toArray();
  for (int i = 0; i < groups.size(); ++i)
    walk.component(QStringLiteral("experiment"), QStringLiteral("workers"), groups[i].toObject(),
                   QStringLiteral("/workers/%1").arg(i), groups.size() > 1 ? i + 1 : 0);
  // What a policy turns no person does; its own settings are turned instead.
  const QJsonArray held = spec.value("knobs").toArray();
  for (int i = 0; i < held.size(); ++i) {
    const QString pointer = held[i].toObject().value("pointer").toString();
    knobs.removeIf([&](const LiveKnob& knob) { return knob.pointer == pointer; });
    const QJsonObject policy = held[i].toObject().value("policy").toObject();
    walk.component(QStringLiteral("knob-policy"), policy.value("kind").toString(), policy,
                   QStringLiteral("/knobs/%1/policy").arg(i));
  }
  return knobs;
}

QString knobLabel(const LiveKnob& knob) {
  static const std::pair<const char*, const char*> kUnits[] = {
      {"_mbit", "Mbit/s"}, {"_ms", "ms"}, {"_mib", "MiB"}, {"_seconds", "s"}, {"_bytes", "B"}};
  QString label = knob.name;
  for (const auto& [suffix, unit] : kUnits)
    if (label.endsWith(QLatin1String(suffix)) && knob.unit == QLatin1String(unit))
      label.chop(int(qstrlen(suffix)));
  label.replace(QLatin1Char('_'), QLatin1Char(' '));
  if (!label.isEmpty()) label[0] = label[0].toUpper();
  return label;
}

}  // namespace concertina::ui
