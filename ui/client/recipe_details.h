// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// recipe_details.h: the steps of one run's recipe from the inside, asked for as somebody looks at them.
// On the way of the data: client/engine_client.h, analysis/step_detail.h -> here ->
// ui/client/recipe_detail_models.h, ui/pages/compress_detail.h.
#pragma once

#include <QHash>
#include <QObject>
#include <QSet>
#include <QString>

#include "core/analysis/step_detail.h"
#include "ui/client/engine_client.h"

namespace concertina::ui {

class RecipeDetails : public QObject {
  Q_OBJECT
 public:
  explicit RecipeDetails(EngineClient& client, QObject* parent = nullptr)
      : QObject(parent), client_(client) {}

  const QString& run() const { return run_; }
  void setRun(const QString& run);  // another one: what was known is forgotten
  // Asks for this step, and for the model as it was, where they are not here yet. What was refused is asked
  // for again: a step may be done meanwhile.
  void want(int index);
  const StepDetail* step(int index) const;  // null: not here (yet); until changed()
  QString error(int index) const;           // why there is none; empty while it is on its way

 signals:
  void changed();

 private:
  void ask(int index);
  void take(int index, const std::string& json, const QString& error);

  EngineClient& client_;
  QString run_;
  QHash<int, StepDetail> steps_;
  QHash<int, QString> errors_;
  QSet<int> asked_;  // and not answered
};

}  // namespace concertina::ui
