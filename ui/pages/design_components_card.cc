// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// design_components_card.cc: see design_components_card.h.
#include "ui/pages/design_components_card.h"

#include <QJsonArray>
#include <QVBoxLayout>

namespace concertina::ui {

DesignComponentsCard::DesignComponentsCard(const std::shared_ptr<const Catalog>& catalog, const QString& id,
                                           const QString& title, const QString& lead,
                                           const ComponentListOptions& options, QWidget* parent)
    : DesignCard(id, title, lead, {options.pointer}, parent),
      pointer_(options.pointer),
      list_(new ComponentListForm(catalog, options, this)) {
  adopt(list_);
  body()->addWidget(list_);
}

void DesignComponentsCard::showSpec(const SpecDocument& spec) {
  list_->setList(spec.value(pointer_).toArray());
}

}  // namespace concertina::ui
