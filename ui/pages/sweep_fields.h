// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// sweep_fields.h: what of an experiment can be varied, from the descriptors of the components that it names,
// and the values that an axis gives a field. On the way of the data: ui/forms/catalog.h and a spec -> here ->
// ui/pages/sweep_axis_card.h -> a sweep file.
#pragma once

#include <QJsonArray>
#include <QJsonObject>
#include <QString>
#include <QVector>

#include "ui/forms/catalog.h"

namespace concertina::ui {

struct SweepField {
  QString pointer;       // "/optimizer/learning_rate"
  QString group, label;  // "Stochastic gradient descent", "Learning rate"
  QString doc;
  ParamInfo param;   // its type, range, unit and choices
  QJsonValue value;  // as the experiment has it
  // Where the field names a component, or a list of them: {"label", "value"} a choice.
  QJsonArray choices;
};

// In the order of the experiment file. A component is a field itself (its kinds are the choices), and so is
// each of its parameters; /gradient as a whole has none and every codec.
QVector<SweepField> sweepFields(const Catalog& catalog, const QJsonObject& spec);

// `count` values from one end to the other, both included; whole numbers are rounded, and no value comes
// twice. On a logarithmic scale the steps are factors, and values have three digits but for the ends.
struct ValueSteps {
  double from = 0, to = 1;
  int count = 5;
  bool is_logarithmic = false, is_integer = false;
};
QVector<double> steppedValues(const ValueSteps& steps);

// What a person typed: values apart by commas or spaces, or JSON. Numbers, true and false are what they look
// like, everything else is text; in "[1, 2], [3]" brackets and braces hold together.
QJsonArray typedValues(const QString& text);

}  // namespace concertina::ui
