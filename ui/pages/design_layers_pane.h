// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// design_layers_pane.h: the layers of the model as a table, and beside it as a graph; what is chosen in one
// is chosen in the other. On the way of the data: ui/pages/design_plan_facts.h -> here.
#pragma once

#include <QJsonObject>
#include <QVector>
#include <QWidget>

#include "ui/pages/design_plan_facts.h"

class QCheckBox;
class QLabel;
class QScrollArea;
class QTabBar;
class QTableWidget;

namespace concertina::ui {

class DesignModelGraph;

class DesignLayersPane : public QWidget {
  Q_OBJECT
 public:
  explicit DesignLayersPane(QWidget* parent = nullptr);

  void showPlan(const QJsonObject& plan, const QVector<PlanLayer>& layers);

 private:
  void makeTable();
  QWidget* makeGraph();
  void showRows(const QVector<int>& rows);
  void fitGraph();

  QTabBar* tabs_;
  QTableWidget* table_;
  QWidget* graph_page_;
  DesignModelGraph* graph_;
  QScrollArea* scroll_;
  QCheckBox* folds_;
  QLabel* caption_;
};

}  // namespace concertina::ui
