// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// design_plan_facts.h: what the plan of an experiment says, in words and numbers for people.
// On the way of the data: `plan --json` -> here -> ui/pages/design_plan_panel.h.
#pragma once

#include <QJsonObject>
#include <QString>
#include <QStringList>
#include <QVector>

namespace concertina::ui {

struct PlanFact {
  QString label, value, note;
};
struct PlanLayer {
  QString name, kind, output, parameters, flops;
};
struct PlanFacts {
  QVector<PlanFact> facts;
  QVector<PlanLayer> layers;
  QVector<QVector<qint64>> class_counts;  // worker x class
  QStringList class_names;
  QStringList warnings;
};
PlanFacts planFacts(const QJsonObject& plan);  // what the plan does not say is left out

}  // namespace concertina::ui
