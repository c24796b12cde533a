// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// design_plan_facts.cc: words a plan (see design_plan_facts.h).
#include "ui/pages/design_plan_facts.h"

#include <QCoreApplication>
#include <QJsonArray>

#include "ui/client/core_words.h"
#include "ui/client/number_format.h"

namespace concertina::ui {
namespace {

class PlanWords {
  Q_DECLARE_TR_FUNCTIONS(PlanFacts)
};

QString shapeText(const QJsonArray& shape) {
  QStringList sizes;
  for (const QJsonValue& size : shape) sizes << QString::number(size.toInteger());
  return sizes.join(QStringLiteral(" × "));
}

QString dominantText(const QString& what) {
  if (what == QLatin1String("compute")) return PlanWords::tr("computing");
  if (what == QLatin1String("bandwidth")) return PlanWords::tr("bandwidth");
  if (what == QLatin1String("latency")) return PlanWords::tr("latency");
  if (what == QLatin1String("codec")) return PlanWords::tr("the codec");
  return what;
}

// On which links a codec makes a step shorter.
QString paysText(const QJsonObject& pays) {
  const QString kind = pays.value(QLatin1String("kind")).toString();
  const QString bandwidth = formatBandwidth(pays.value(QLatin1String("bandwidth_mbit")).toDouble());
  if (kind == QLatin1String("always")) return PlanWords::tr("it pays on any link");
  if (kind == QLatin1String("never")) return PlanWords::tr("it pays on no link");
  if (kind == QLatin1String("below")) return PlanWords::tr("it pays on links below %1").arg(bandwidth);
  if (kind == QLatin1String("above")) return PlanWords::tr("it pays on links above %1").arg(bandwidth);
  return {};
}

}  // namespace

PlanFacts planFacts(const QJsonObject& plan) {
  PlanFacts facts;
  const auto has = [&](const char* key) { return plan.value(QLatin1String(key)).isDouble(); };
  const auto whole = [&](const char* key) { return plan.value(QLatin1String(key)).toInteger(); };
  const auto number = [&](const char* key) { return plan.value(QLatin1String(key)).toDouble(); };
  const auto add = [&](const QString& label, const QString& value, const QString& note = {}) {
    facts.facts.push_back({label, value, note});
  };

  if (has("total_steps"))
    add(PlanWords::tr("Steps"), formatCount(whole("total_steps")),
        has("steps_per_epoch") ? PlanWords::tr("%1 an epoch").arg(formatCount(whole("steps_per_epoch")))
                               : QString());
  if (has("global_batch_size"))
    add(PlanWords::tr("Global batch"), formatCount(whole("global_batch_size")),
        has("world_size") ? PlanWords::tr("%n worker(s)", nullptr, static_cast<int>(whole("world_size")))
                          : QString());
  if (has("payload_bytes_per_step_and_rank")) {
    const double payload = number("payload_bytes_per_step_and_rank");
    const double messages = number("messages_per_step_and_rank");
    add(PlanWords::tr("Sent a step and worker"), formatBytes(payload),
        messages > 0 ? PlanWords::tr("in %n message(s)", nullptr, static_cast<int>(messages)) : QString());
  }
  if (has("dense_bytes_per_step"))
    add(PlanWords::tr("Gradient, uncompressed"), formatBytes(number("dense_bytes_per_step")),
        PlanWords::tr("a step"));
  if (const QJsonObject sums = plan.value(QLatin1String("tensor")).toObject();
      sums.value(QLatin1String("bytes_per_step")).isDouble()) {
    const QString codec = sums.value(QLatin1String("codec")).toString();
    const QString dense = formatBytes(sums.value(QLatin1String("dense_bytes_per_step")).toDouble());
    add(PlanWords::tr("Of that, on the tensor axis"),
        formatBytes(sums.value(QLatin1String("bytes_per_step")).toDouble()),
        codec.isEmpty() || codec == QLatin1String("none")
            ? PlanWords::tr("a step")
            //: %1 is the name of a codec, %2 is a size.
            : PlanWords::tr("as %1; %2 without").arg(codec, dense));
  }
  if (has("memory_bytes_per_worker"))
    add(PlanWords::tr("Memory a worker"), formatBytes(number("memory_bytes_per_worker")));
  if (const QJsonObject step = plan.value(QLatin1String("step_seconds")).toObject();
      step.value(QLatin1String("total")).isDouble()) {
    const auto seconds = [&](const char* key) { return step.value(QLatin1String(key)).toDouble(); };
    add(PlanWords::tr("Expected step"), formatDuration(seconds("total")),
        seconds("communication") <= 0
            ? PlanWords::tr("computing alone")
            : PlanWords::tr("%1 computing, %2 waiting; most is %3")
                  .arg(formatDuration(seconds("compute")), formatDuration(seconds("exposed")),
                       dominantText(step.value(QLatin1String("dominated_by")).toString())));
    if (step.value(QLatin1String("without_codec")).isDouble())
      add(PlanWords::tr("Step without the codec"), formatDuration(seconds("without_codec")),
          paysText(step.value(QLatin1String("pays")).toObject()));
  }
  if (const QJsonObject kept = plan.value(QLatin1String("checkpoint")).toObject();
      kept.value(QLatin1String("interval_seconds")).isDouble()) {
    const QString interval = formatDuration(kept.value(QLatin1String("interval_seconds")).toDouble());
    const QString bytes = formatBytes(kept.value(QLatin1String("bytes")).toDouble());
    const QJsonValue steps = kept.value(QLatin1String("interval_steps"));
    const QString seconds = formatDuration(kept.value(QLatin1String("seconds")).toDouble());
    const QString written = kept.value(QLatin1String("measured")).toBool()
                                ? PlanWords::tr("%1 in %2").arg(bytes, seconds)
                                : PlanWords::tr("%1 in %2, by an estimate of the disk").arg(bytes, seconds);
    add(PlanWords::tr("Checkpoint every"), interval,
        steps.isDouble() ? PlanWords::tr("some %1 steps; %2").arg(formatCount(steps.toInteger()), written)
                         : written);
  }
  if (has("parameters")) add(PlanWords::tr("Parameters"), formatCount(whole("parameters")));
  if (has("training_flops_per_sample"))
    add(PlanWords::tr("Computation"),
        formatWithPrefix(number("training_flops_per_sample"), QStringLiteral("FLOP")),
        PlanWords::tr("a sample, both ways"));
  const QJsonObject dataset = plan.value(QLatin1String("dataset")).toObject();
  if (dataset.value(QLatin1String("train_samples")).isDouble())
    add(PlanWords::tr("Samples"), formatCount(dataset.value(QLatin1String("train_samples")).toInteger()),
        PlanWords::tr("and %1 to test")
            .arg(formatCount(dataset.value(QLatin1String("test_samples")).toInteger())));

  for (const QJsonValue& entry : plan.value(QLatin1String("layers")).toArray()) {
    const QJsonObject layer = entry.toObject();
    const qint64 parameters = layer.value(QLatin1String("parameters")).toInteger();
    const double flops = layer.value(QLatin1String("forward_flops")).toDouble();
    facts.layers.push_back({layer.value(QLatin1String("name")).toString(),
                            layer.value(QLatin1String("kind")).toString(),
                            shapeText(layer.value(QLatin1String("output")).toArray()),
                            parameters > 0 ? formatCount(parameters) : QString(),
                            flops > 0 ? formatWithPrefix(flops, QStringLiteral("FLOP")) : QString()});
  }
  for (const QJsonValue& worker : plan.value(QLatin1String("class_histogram")).toArray()) {
    QVector<qint64> counts;
    for (const QJsonValue& count : worker.toArray()) counts << count.toInteger();
    facts.class_counts << counts;
  }
  for (const QJsonValue& name : dataset.value(QLatin1String("class_names")).toArray())
    facts.class_names << name.toString();
  for (const QJsonValue& warning : plan.value(QLatin1String("warnings")).toArray())
    facts.warnings << coreText(warning.toString());
  return facts;
}

}  // namespace concertina::ui
