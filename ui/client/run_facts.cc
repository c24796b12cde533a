// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// run_facts.cc: see run_facts.h.
#include "ui/client/run_facts.h"

#include <QCoreApplication>
#include <QJsonArray>
#include <QJsonDocument>
#include <QLocale>
#include <QStringList>
#include <algorithm>
#include <functional>

#include "ui/client/run_state.h"

namespace concertina::ui {
namespace {

class FactWords {
  Q_DECLARE_TR_FUNCTIONS(RunFacts)
};

// The kind and the one parameter by which people tell a codec's uses apart.
QString codecText(const QJsonObject& codec) {
  QString text = codec.value("kind").toString();
  if (codec.contains("ratio"))
    text += QStringLiteral(" %1 %").arg(QLocale().toString(100 * codec.value("ratio").toDouble(), 'g', 3));
  else if (codec.contains("rank"))
    text += QStringLiteral(" r=%1").arg(codec.value("rank").toInt());
  else if (codec.contains("bits"))
    text += QStringLiteral(" %1 bit").arg(codec.value("bits").toInt());
  return text;
}

}  // namespace

RunFacts runFacts(const std::string& spec_json) {
  RunFacts facts;
  facts.spec = QJsonDocument::fromJson(QByteArray::fromStdString(spec_json)).object();
  const QJsonObject dataset = facts.spec.value("dataset").toObject();
  facts.dataset = dataset.value("kind").toString();
  facts.partition = dataset.value("partition").toObject().value("kind").toString();
  facts.model = facts.spec.value("model").toObject().value("kind").toString();
  const QJsonObject exchange = facts.spec.value("exchange").toObject();
  facts.exchange = exchange.value("kind").toString();
  const QString algorithm = exchange.value("algorithm").toString();
  if (!algorithm.isEmpty()) facts.exchange = QStringLiteral("%1 (%2)").arg(facts.exchange, algorithm);
  QStringList codecs;
  for (const QJsonValue& codec : facts.spec.value("gradient").toArray())
    codecs.push_back(codecText(codec.toObject()));
  facts.codec = codecs.isEmpty() ? QStringLiteral("none") : codecs.join(QStringLiteral(" → "));
  if (!facts.spec.value("layer_gradients").toArray().isEmpty())
    facts.codec = FactWords::tr("%1, others by layer").arg(facts.codec);
  for (const QJsonValue& group : facts.spec.value("workers").toArray())
    facts.workers += group.toObject().value("count").toInt(1);
  return facts;
}

QJsonValue specValue(const QJsonObject& spec, const QString& pointer) {
  QJsonValue at = spec;
  const auto keys = QStringView(pointer).mid(1).split(QLatin1Char('/'));
  for (const QStringView part : keys) {
    QString key = part.toString();
    key.replace(QLatin1String("~1"), QLatin1String("/")).replace(QLatin1String("~0"), QLatin1String("~"));
    if (at.isArray()) {
      bool is_index = false;
      const int index = key.toInt(&is_index);
      at = is_index ? at.toArray().at(index) : QJsonValue(QJsonValue::Undefined);
    } else {
      at = at.toObject().value(key);
    }
    if (at.isUndefined()) break;
  }
  return at;
}

QString specText(const QJsonValue& value) {
  switch (value.type()) {
    case QJsonValue::Double:
      return QString::number(value.toDouble(), 'g', 12);  // as it stands in the file: 0.05, not 0.0500000
    case QJsonValue::Bool:
      return value.toBool() ? QStringLiteral("true") : QStringLiteral("false");
    case QJsonValue::String:
      return value.toString();
    case QJsonValue::Array:
      return QString::fromUtf8(QJsonDocument(value.toArray()).toJson(QJsonDocument::Compact));
    case QJsonValue::Object:
      return QString::fromUtf8(QJsonDocument(value.toObject()).toJson(QJsonDocument::Compact));
    default:
      return {};
  }
}

QStringList specPointers(const QJsonObject& spec) {
  QStringList pointers;
  const std::function<void(const QString&, const QJsonValue&)> visit = [&](const QString& at,
                                                                           const QJsonValue& value) {
    constexpr int kMost = 400;  // a list is chosen from, not read
    if (pointers.size() >= kMost) return;
    if (value.isObject()) {
      const QJsonObject object = value.toObject();
      for (auto each = object.begin(); each != object.end(); ++each)
        visit(at + QLatin1Char('/') + each.key(), each.value());
    } else if (value.isArray()) {
      const QJsonArray array = value.toArray();
      for (int i = 0; i < array.size(); ++i) visit(at + QLatin1Char('/') + QString::number(i), array[i]);
    } else {
      pointers << at;
    }
  };
  visit({}, spec);
  return pointers;
}

QString workersText(int workers) {
  //: the sources are English: the singular is written out, for no translation gives its plural forms
  return workers == 1 ? FactWords::tr("1 worker") : FactWords::tr("%n workers", nullptr, workers);
}

QString factsLine(const RunFacts& facts) {
  QStringList parts;
  if (!facts.model.isEmpty() && !facts.dataset.isEmpty())
    parts.push_back(FactWords::tr("%1 on %2").arg(facts.model, facts.dataset));
  else if (!facts.model.isEmpty())
    parts.push_back(facts.model);
  if (facts.workers > 0) parts.push_back(workersText(facts.workers));
  if (!facts.exchange.isEmpty() && facts.workers > 1) parts.push_back(facts.exchange);
  if (!facts.codec.isEmpty() && facts.codec != QLatin1String("none")) parts.push_back(facts.codec);
  for (QString& part : parts)  // a line breaks between facts, not within "top-k 1 %"
    part.replace(QLatin1Char(' '), QChar(QChar::Nbsp)).replace(QLatin1Char('-'), QChar(0x2011));
  return parts.join(QStringLiteral("  ·  "));
}

double wallSeconds(const proto::RunSummary& run, qint64 now_unix_ms) {
  if (run.started_unix_ms() <= 0) return 0;
  const qint64 end = run.ended_unix_ms() > 0 && isEnded(run.state()) ? run.ended_unix_ms() : now_unix_ms;
  return std::max<double>(0, double(end - run.started_unix_ms()) / 1000);
}

double progress(const proto::RunSummary& run) {
  if (run.state() == proto::FINISHED) return 1;
  if (run.total_steps() <= 0) return 0;
  return std::clamp(double(run.steps()) / double(run.total_steps()), 0.0, 1.0);
}

double secondsLeft(const proto::RunSummary& run) {
  if (run.state() != proto::RUNNING || run.steps() <= 0 || run.total_steps() <= run.steps() ||
      run.seconds() <= 0)
    return qQNaN();
  return run.seconds() / double(run.steps()) * double(run.total_steps() - run.steps());
}

}  // namespace concertina::ui
