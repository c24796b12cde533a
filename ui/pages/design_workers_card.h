// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// design_workers_card.h: the groups of workers, each with its launcher, and the mesh on which they stand.
#pragma once

#include <QJsonArray>

#include "ui/pages/design_card.h"

class QLabel;
class QPushButton;
class QToolButton;

namespace concertina::ui {

class DesignWorkersCard : public DesignCard {
  Q_OBJECT
 public:
  // `ask_host`: of the button that tests a group's machine; null: there is none.
  DesignWorkersCard(const std::shared_ptr<const Catalog>& catalog, AskHost ask_host, QWidget* parent);

  void showSpec(const SpecDocument& spec) override;
  void setFaults(const FaultTexts& faults) override;
  FaultTexts ownFaults() const override;
  bool focusField(const QString& pointer) override;

 private:
  void resizeGroups(qsizetype count);

  std::shared_ptr<const Catalog> catalog_;
  QVector<ParamInfo> common_;
  QVBoxLayout* groups_box_;
  QVector<QWidget*> group_frames_;
  QVector<QToolButton*> remove_buttons_;
  QVector<ComponentForm*> groups_;
  AskHost ask_host_;
  QVector<DesignHostTest*> host_tests_;
  ParamForm* mesh_ = nullptr;
  QLabel* mesh_line_;
  QPushButton* add_;
  QJsonArray shown_;
  FaultTexts faults_;
};

}  // namespace concertina::ui
