// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// recipe_model.h: what each step of a recipe made of a model: a row a step, of the run that is shown; and the
// steps of the others, for a picture of all. On the way of the data: client/engine_client.h's events of the
// kind "recipe" -> here -> ui/pages/compress_page.h.
#pragma once

#include <QAbstractTableModel>
#include <QHash>
#include <QString>
#include <QVector>

#include "ui/client/engine_client.h"

namespace concertina::ui {

// A figure that was not measured is NaN.
struct RecipeStep {
  QString text;  // "prune-l1: amount 0.5"
  double accuracy = qQNaN(), accuracy_lost = qQNaN();
  double file_bytes = qQNaN(), ratio = qQNaN();
  double parameters = qQNaN(), nonzeros = qQNaN(), macs = qQNaN();
  double memory_bytes = qQNaN();
  double latency_p50_seconds = qQNaN(), latency_p99_seconds = qQNaN();
};
RecipeStep recipeStepOf(const proto::RunEvent& event);

class RecipeModel : public QAbstractTableModel {
  Q_OBJECT
 public:
  enum Column {
    kStep,
    kFile,
    kRatio,
    kAccuracy,
    kLost,
    kNonzeros,
    kMacs,
    kMemory,
    kLatency,
    kLatency99,
    kColumns
  };

  explicit RecipeModel(EngineClient& client, QObject* parent = nullptr);

  // Runs whose experiment has a recipe, the newest first.
  QVector<proto::RunSummary> runs() const;
  QString run() const { return run_; }
  void setRun(const QString& run);
  const QVector<RecipeStep>& steps() const { return shown_; }
  // The steps of a run, as far as they are known; asks for them where they are not.
  QVector<RecipeStep> stepsOf(const QString& run);

  int rowCount(const QModelIndex& parent = {}) const override;
  int columnCount(const QModelIndex& parent = {}) const override;
  QVariant data(const QModelIndex& index, int role) const override;
  QVariant headerData(int section, Qt::Orientation orientation, int role) const override;

 signals:
  void runsChanged();   // another run, or another state of one
  void stepsChanged();  // of any run

 private:
  void take(const proto::RunSummary& run);
  void ask(const QString& run);
  void show();

  EngineClient& client_;
  QHash<QString, proto::RunSummary> known_;
  QHash<QString, QVector<RecipeStep>> steps_;
  QHash<QString, qint64> asked_at_;  // steps of the run when its events were asked for last
  QString run_;
  QVector<RecipeStep> shown_;
};

}  // namespace concertina::ui
