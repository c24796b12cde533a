// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// compress_setup.h: which model is made smaller, by which recipe.
// On the way of the data: a run that has ended, or a file -> here -> ui/client/engine_client.h.
#pragma once

#include <QJsonArray>
#include <QJsonObject>
#include <QWidget>
#include <memory>

#include "ui/client/engine_client.h"
#include "ui/pages/component_list_form.h"

class QComboBox;
class QLabel;
class QPushButton;
class QVBoxLayout;

namespace concertina::ui {

class CompressSetup : public QWidget {
  Q_OBJECT
 public:
  explicit CompressSetup(EngineClient& client, QWidget* parent = nullptr);

  // Runs that have kept a model, the newest first; `chosen` is shown, "" for the newest.
  void setRuns(const QVector<proto::RunSummary>& runs, const QString& chosen);
  void setRecipe(const QJsonArray& recipe);
  const QJsonArray& recipe() const { return recipe_; }
  // The experiment of `run` with its model from `path`, and this recipe.
  static QJsonObject specFor(const QJsonObject& spec, const QString& name, const QString& path,
                             const QJsonArray& recipe);

 signals:
  void started(const QString& run);
  void cancelled();

 protected:
  void showEvent(QShowEvent* event) override;

 private:
  void askForCompressors();
  void edit(const QString& pointer, const QJsonValue& value);
  void showRecipe();
  void check();
  void start();
  void submit(const QString& path);
  QJsonObject specOfChosen() const;
  void say(const QString& text, const char* tone);

  EngineClient& client_;
  QVector<proto::RunSummary> runs_;
  QJsonArray recipe_;
  qint64 checked_ = 0;  // number of the newest check that was asked for
  QComboBox *model_, *preset_;
  QLabel *about_, *message_, *help_;
  QVBoxLayout* form_place_;
  ComponentListForm* form_ = nullptr;
  QPushButton *start_, *cancel_;
};

}  // namespace concertina::ui
