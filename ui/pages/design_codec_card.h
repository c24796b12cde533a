// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// design_codec_card.h: the chain of gradient codecs; an empty chain sends the gradient as it is.
#pragma once

#include "ui/pages/design_card.h"

namespace concertina::ui {

class DesignCodecCard : public DesignCard {
  Q_OBJECT
 public:
  DesignCodecCard(const std::shared_ptr<const Catalog>& catalog, QWidget* parent);

  void showSpec(const SpecDocument& spec) override;
  void setFaults(const FaultTexts& faults) override;
  FaultTexts ownFaults() const override;
  bool focusField(const QString& pointer) override;

 private:
  void resizeStages(qsizetype count);
  void change(qsizetype stage, const QString& pointer, const QJsonValue& value);

  std::shared_ptr<const Catalog> catalog_;
  bool none_is_a_kind_;
  QVBoxLayout* stages_box_;
  QVector<ComponentForm*> stages_;
  qsizetype length_ = 0;  // of the chain in the document; an empty one is shown as one stage of "none"
  FaultTexts faults_;
};

}  // namespace concertina::ui
