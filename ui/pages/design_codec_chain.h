// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// design_codec_chain.h: a chain of gradient codecs, one after the other; an empty chain sends the gradient
// as it is.
#pragma once

#include <QJsonArray>
#include <QWidget>
#include <memory>

#include "ui/forms/component_form.h"

class QPushButton;
class QToolButton;
class QVBoxLayout;

namespace concertina::ui {

class CodecChainForm : public QWidget {
  Q_OBJECT
 public:
  // `pointer` of the list: "/gradient".
  CodecChainForm(const std::shared_ptr<const Catalog>& catalog, const QString& pointer, QWidget* parent);

  void setChain(const QJsonArray& chain);  // shows it; emits nothing
  void setFaults(const FaultTexts& faults);
  FaultTexts ownFaults() const;
  bool focusField(const QString& pointer);

 signals:
  void edited(const QString& pointer, const QJsonValue& value);
  void fieldFocused(const QString& label, const QString& help);

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

  QString nameOf(const QString& role) const;

  std::shared_ptr<const Catalog> catalog_;
  QString pointer_;
  bool none_is_a_kind_;
  QVBoxLayout* stages_box_;
  QPushButton* add_;
  QVector<Stage> stages_;
  QJsonArray chain_;  // in the document; an empty one is shown as one stage of "none"
  FaultTexts faults_;
};

}  // namespace concertina::ui
