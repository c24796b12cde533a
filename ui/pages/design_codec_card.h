// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// design_codec_card.h: the chain of gradient codecs of all layers that have none of their own.
#pragma once

#include "ui/pages/component_list_form.h"
#include "ui/pages/design_card.h"

namespace concertina::ui {

class DesignCodecCard : public DesignCard {
  Q_OBJECT
 public:
  DesignCodecCard(const std::shared_ptr<const Catalog>& catalog, QWidget* parent);

  void showSpec(const SpecDocument& spec) override;
  void setFaults(const FaultTexts& faults) override { chain_->setFaults(faults); }
  FaultTexts ownFaults() const override { return chain_->ownFaults(); }
  bool focusField(const QString& pointer) override { return chain_->focusField(pointer); }

 private:
  ComponentListForm* chain_;
};

}  // namespace concertina::ui
