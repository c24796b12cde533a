// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// compress_report.h: what a recipe made of a model, as a page of HTML or PDF, written while one goes on.
// On the way of the data: client/recipe_model.h, the engine's steps from the inside ->
// core/analysis/export_recipe.h -> here -> a file to send to a colleague.
#pragma once

#include <QObject>
#include <memory>

#include "core/analysis/export_recipe.h"
#include "ui/client/engine_client.h"
#include "ui/client/mailbox.h"
#include "ui/client/recipe_model.h"

namespace concertina::ui {

class CompressReport : public QObject {
  Q_OBJECT
 public:
  explicit CompressReport(EngineClient& client, QObject* parent = nullptr);
  ~CompressReport() override;

  // .pdf is printed, anything else is a page of HTML. One at a time.
  void write(const proto::RunSummary& run, const QVector<RecipeStep>& steps, const QString& path);
  bool isBusy() const { return busy_; }

 signals:
  void written(const QString& path, const QString& error);  // "": it is there

 private:
  void askFor(int index);
  void print();

  EngineClient& client_;
  std::shared_ptr<Mailbox> mailbox_;  // of the thread that writes
  RecipeReport report_;
  QString path_;
  bool busy_ = false;
};

}  // namespace concertina::ui
