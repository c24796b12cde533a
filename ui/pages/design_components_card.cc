// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// design_recipe_card.cc: see design_recipe_card.h.
#include "ui/pages/design_recipe_card.h"

#include <QJsonArray>
#include <QVBoxLayout>

namespace concertina::ui {

DesignRecipeCard::DesignRecipeCard(const std::shared_ptr<const Catalog>& catalog, QWidget* parent)
    : DesignCard(QStringLiteral("recipe"), tr("Model compression"),
                 tr("Once the epochs are over: prune, quantise, share weights, retrain. The Compress page "
                    "shows what "
                    "each step makes of size, accuracy and latency."),
                 {QStringLiteral("/recipe")}, parent),
      steps_(new ComponentListForm(catalog, ComponentListOptions::recipe(), this)) {
  adopt(steps_);
  body()->addWidget(steps_);
}

void DesignRecipeCard::showSpec(const SpecDocument& spec) {
  steps_->setList(spec.value(QStringLiteral("/recipe")).toArray());
}

}  // namespace concertina::ui
