// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// design_recipe_card.h: the steps that make the model smaller once it is trained.
#pragma once

#include "ui/pages/component_list_form.h"
#include "ui/pages/design_card.h"

namespace concertina::ui {

class DesignRecipeCard : public DesignCard {
  Q_OBJECT
 public:
  DesignRecipeCard(const std::shared_ptr<const Catalog>& catalog, QWidget* parent);

  void showSpec(const SpecDocument& spec) override;
  void setFaults(const FaultTexts& faults) override { steps_->setFaults(faults); }
  FaultTexts ownFaults() const override { return steps_->ownFaults(); }
  bool focusField(const QString& pointer) override { return steps_->focusField(pointer); }

 private:
  ComponentListForm* steps_;
};

}  // namespace concertina::ui
