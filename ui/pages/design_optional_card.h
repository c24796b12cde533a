// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// design_optional_card.h: a section whose being there says something by itself ("elastic"): a switch puts it
// into the file and takes it out, and its fields show only while it is in.
#pragma once

#include "ui/pages/design_card.h"

class QCheckBox;
class QLabel;

namespace concertina::ui {

class DesignOptionalCard : public DesignCard {
  Q_OBJECT
 public:
  // `id`: of the card, of the section in the file, and of its description, which the engine must give.
  // `presence`: the words of the switch.
  DesignOptionalCard(const std::shared_ptr<const Catalog>& catalog, const QString& id, const QString& title,
                     const QString& lead, const QString& presence, QWidget* parent);

  void showSpec(const SpecDocument& spec) override;
  void setFaults(const FaultTexts& faults) override;
  FaultTexts ownFaults() const override;
  bool focusField(const QString& pointer) override;

 private:
  void putIn(bool in);

  const QString pointer_;
  QCheckBox* switch_;
  QLabel* fault_;  // of the section as a whole
  ParamForm* form_;
  QJsonObject last_;  // what was in when it was switched off: the next switching on begins with it
  bool is_in_ = false;
};

}  // namespace concertina::ui
