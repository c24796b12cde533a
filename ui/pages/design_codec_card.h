// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// design_codec_card.h: the chain of gradient codecs, one after the other; an empty chain sends the gradient
// as it is.
#pragma once

#include <QJsonArray>

#include "ui/pages/design_card.h"

class QPushButton;
class QToolButton;

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
  // A codec, and what moves and removes it.
  struct Stage {
    QWidget* frame;
    ComponentForm* form;
    QToolButton *up, *down, *remove;
  };
  void resizeStages(qsizetype count);
  Stage makeStage(qsizetype index);
  QToolButton* makeButton(const QString& role, const QString& tip, qsizetype index, QWidget* parent);
  void add();
  void swap(qsizetype one, qsizetype other);
  void change(qsizetype stage, const QString& pointer, const QJsonValue& value);
  void showNone(ComponentForm* form);

  std::shared_ptr<const Catalog> catalog_;
  bool none_is_a_kind_;
  QVBoxLayout* stages_box_;
  QPushButton* add_;
  QVector<Stage> stages_;
  QJsonArray chain_;  // in the document; an empty one is shown as one stage of "none"
  FaultTexts faults_;
};

}  // namespace concertina::ui
