// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// design_plan_panel.h: what stands in the way, or what the experiment comes to: steps, bytes, memory, who
// sends what to whom, samples, classes, layers.
#pragma once

#include <QWidget>

#include "core/proto/engine.pb.h"
#include "ui/forms/param_form.h"
#include "ui/pages/design_plan_facts.h"

class QFrame;
class QGridLayout;
class QLabel;
class QVBoxLayout;

namespace concertina::ui {

class DesignClassBars;
class DesignLayersPane;
class DesignSamples;
class MeshPicture;

class DesignPlanPanel : public QWidget {
  Q_OBJECT
 public:
  explicit DesignPlanPanel(QWidget* parent = nullptr);

  // `current`: the plan belongs to the experiment as it stands; an older one is shown faint.
  void showPlan(const QJsonObject& plan, bool current);
  // `sentence` says in general what is wrong or going on; the faults are links to their fields.
  void showState(const QString& sentence, const FaultTexts& faults, const QString& error);

  // `worker`: whose part they are of; -1: of all data (see ui/pages/design_sample_shelf.h).
  void showSamplesAsked(int worker);
  void showSamples(const proto::GetSamplesReply& samples, int worker, const QString& error);

 signals:
  void faultChosen(const QString& pointer);
  void samplesWanted(int worker);

 private:
  void clearFacts();

  QFrame* problems_;
  QVBoxLayout* problems_box_;
  QLabel* waiting_;
  QWidget* plan_;
  QGridLayout* facts_;
  QFrame* warnings_;
  QLabel* warnings_text_;
  QWidget* mesh_;
  MeshPicture* picture_;
  QLabel* caption_;
  QWidget* classes_;
  DesignClassBars* bars_;
  QWidget* layers_;
  DesignLayersPane* layers_pane_;
  QWidget* samples_box_;
  DesignSamples* samples_;
  QJsonObject shown_;
  FaultTexts shown_faults_;
  QString shown_error_;
};

}  // namespace concertina::ui
