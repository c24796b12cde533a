// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// design_presets.cc: titles and descriptions of resources/presets, in the gallery's order. A file without a
// line here is shown at the end under its own name.
#include "ui/pages/design_presets.h"

#include <QCoreApplication>
#include <QDir>
#include <QFile>
#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonValue>
#include <QStringList>
#include <array>

#include "ui/client/run_facts.h"
#include "ui/forms/spec_document.h"

namespace concertina::ui {
namespace {

struct PresetWords {
  const char* id;
  const char* title;
  const char* description;
};

constexpr std::array kWords = {
    PresetWords{
        "demonstration", QT_TRANSLATE_NOOP("Presets", "Demonstration"),
        QT_TRANSLATE_NOOP("Presets",
                          "Four workers train LeNet-5 on pictures of clothing and send one element of the "
                          "gradient in a hundred round a ring. It ends at 89 % after three epochs.")},
    PresetWords{
        "baseline", QT_TRANSLATE_NOOP("Presets", "One Worker"),
        QT_TRANSLATE_NOOP("Presets",
                          "The training of the next two in a single process, with the same global batch of "
                          "256. The line to hold them against.")},
    PresetWords{
        "parameter-server", QT_TRANSLATE_NOOP("Presets", "Parameter Server"),
        QT_TRANSLATE_NOOP("Presets",
                          "Four workers send gradients to a server and get their mean back, in step. Its "
                          "link carries what a ring would share out.")},
    PresetWords{
        "half-precision", QT_TRANSLATE_NOOP("Presets", "Half Precision"),
        QT_TRANSLATE_NOOP("Presets",
                          "Gradients travel as 16-bit floats, so half the bytes are sent. The gentlest way "
                          "to compress, and often enough.")},
    PresetWords{
        "non-iid", QT_TRANSLATE_NOOP("Presets", "Two Classes a Worker"),
        QT_TRANSLATE_NOOP("Presets",
                          "Samples are sorted by label and dealt out in shards, so no worker sees them all. "
                          "The plan shows who gets what; the curves show what it costs.")},
    PresetWords{
        "slow-network-dense", QT_TRANSLATE_NOOP("Presets", "Slow Network, Dense"),
        QT_TRANSLATE_NOOP("Presets",
                          "Every link is held to 100 Mbit/s and the whole gradient is sent. Watch how much "
                          "of a step is spent waiting.")},
    PresetWords{
        "slow-network-top-k", QT_TRANSLATE_NOOP("Presets", "Slow Network, Top-k"),
        QT_TRANSLATE_NOOP("Presets",
                          "The same links with one element of the gradient in a hundred. Compare it with the "
                          "dense run by seconds and by bytes.")},
    PresetWords{
        "fault-tolerance", QT_TRANSLATE_NOOP("Presets", "What Does a Strategy Tolerate?"),
        QT_TRANSLATE_NOOP("Presets",
                          "One worker becomes slow, one stands still, one is killed, and the server does not "
                          "wait for any of them. Change the exchange, run it again, and compare.")},
};

// Sweeps of LeNet-300-100, each with a question for a title.
constexpr std::array kLessonWords = {
    PresetWords{
        "lesson-staleness", QT_TRANSLATE_NOOP("Presets", "What Does Staleness Do?"),
        QT_TRANSLATE_NOOP("Presets",
                          "Four workers push gradients to a server that waits for all, for the slowest by "
                          "three steps, or for nobody, at three learning rates. See at which rates the "
                          "accuracy falls once nobody waits.")},
    PresetWords{
        "lesson-slow-link", QT_TRANSLATE_NOOP("Presets", "When Is a Slow Link Worth a Codec?"),
        QT_TRANSLATE_NOOP("Presets",
                          "No codec, 16 bits, and one element in a hundred, on links of 100, 300 and 1,000 "
                          "Mbit/s. The samples a second say from which link on it no longer matters.")},
    PresetWords{"lesson-straggler", QT_TRANSLATE_NOOP("Presets", "What Does a Straggler Cost?"),
                QT_TRANSLATE_NOOP(
                    "Presets",
                    "One of four workers is as fast as the others, half as fast, or a twentieth, under "
                    "an all-reduce, a server that waits and one that does not. In step, all are as slow "
                    "as the slowest; where nobody waits, only its own share of the epoch comes late.")},
};

QString read(const QString& id) {
  QFile file(QStringLiteral(":/presets/%1.json").arg(id));
  return file.open(QIODevice::ReadOnly) ? QString::fromUtf8(file.readAll()) : QString();
}

}  // namespace

QString presetSpec(const QString& id) { return read(id); }

QVector<Preset> lessons() {
  QVector<Preset> all;
  for (const PresetWords& words : kLessonWords) {
    Preset lesson{.id = QLatin1String(words.id),
                  .title = QCoreApplication::translate("Presets", words.title),
                  .description = QCoreApplication::translate("Presets", words.description)};
    QFile file(QStringLiteral(":/sweeps/%1.sweep.json").arg(lesson.id));
    if (!file.open(QIODevice::ReadOnly)) continue;
    lesson.spec = QString::fromUtf8(file.readAll());
    int points = 1;
    for (const QJsonValue& axis :
         QJsonDocument::fromJson(lesson.spec.toUtf8())[QLatin1String("axes")].toArray())
      points *= int(axis[QLatin1String("values")].toArray().size());
    lesson.facts = QCoreApplication::translate("Presets", "A sweep of %n run(s)", nullptr, points);
    all << lesson;
  }
  return all;
}

QVector<Preset> presets() {
  QVector<Preset> all;
  QStringList ids;
  for (const PresetWords& words : kWords) ids << QLatin1String(words.id);
  for (const QString& file :
       QDir(QStringLiteral(":/presets")).entryList({QStringLiteral("*.json")}, QDir::Files, QDir::Name))
    if (const QString id = file.chopped(5); !ids.contains(id)) ids << id;
  for (const QString& id : ids) {
    Preset preset{.id = id, .spec = read(id)};
    if (preset.spec.isEmpty()) continue;
    preset.facts = factsLine(runFacts(preset.spec.toStdString()));
    for (const PresetWords& words : kWords) {
      if (id != QLatin1String(words.id)) continue;
      preset.title = QCoreApplication::translate("Presets", words.title);
      preset.description = QCoreApplication::translate("Presets", words.description);
    }
    if (preset.title.isEmpty())
      if (const auto spec = SpecDocument::parse(preset.spec, nullptr))
        preset.title = spec->value(QStringLiteral("/name")).toString(id);
    all << preset;
  }
  return all;
}

}  // namespace concertina::ui
