// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// design_components_card.h: a list of components that an experiment need not have: the steps that make the
// model smaller once it is trained, the faults that are tried on the run.
#pragma once

#include "ui/pages/component_list_form.h"
#include "ui/pages/design_card.h"

namespace concertina::ui {

class DesignComponentsCard : public DesignCard {
  Q_OBJECT
 public:
  // `id`: of the card, and of the list in the file: "recipe".
  DesignComponentsCard(const std::shared_ptr<const Catalog>& catalog, const QString& id, const QString& title,
                       const QString& lead, const ComponentListOptions& options, QWidget* parent);

  void showSpec(const SpecDocument& spec) override;
  void setFaults(const FaultTexts& faults) override { list_->setFaults(faults); }
  FaultTexts ownFaults() const override { return list_->ownFaults(); }
  bool focusField(const QString& pointer) override { return list_->focusField(pointer); }

 private:
  const QString pointer_;
  ComponentListForm* list_;
};

}  // namespace concertina::ui
