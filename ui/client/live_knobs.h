// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// live_knobs.h: which settings of an experiment may be turned while it runs: those that a descriptor calls
// live. On the way of the data: `describe` and a run's spec -> here -> ui/pages/monitor_knobs.h.
#pragma once

#include <QJsonObject>
#include <QJsonValue>
#include <QString>
#include <QStringList>
#include <QVector>
#include <limits>

namespace concertina::ui {

struct LiveKnob {
  QString pointer;    // JSON pointer into the spec: "/gradient/0/ratio"
  QString component;  // the title of what it belongs to: "Top-k sparsification", "Workers, group 2"
  QString name;       // "learning_rate"
  QString type;       // as descriptors call it: "number", "integer", "boolean", "choice", "text"
  QString unit, doc;
  QStringList choices;
  double minimum = -std::numeric_limits<double>::infinity();
  double maximum = std::numeric_limits<double>::infinity();
  QJsonValue value;  // as the spec has it; null where it is not set
};

// In the order of the experiment file. Components that `describe` does not know are passed over.
QVector<LiveKnob> liveKnobs(const QJsonObject& describe, const QJsonObject& spec);

// "learning_rate" as a label: "Learning rate"; the unit at a name's end is left to the field:
// "bandwidth_mbit".
QString knobLabel(const LiveKnob& knob);

}  // namespace concertina::ui
