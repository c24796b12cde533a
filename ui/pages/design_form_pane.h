// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// design_form_pane.h: the cards in a scroll area, the index of sections at their left, and a line of help
// that follows the keyboard.
#pragma once

#include <QWidget>
#include <memory>

#include "ui/forms/param_form.h"
#include "ui/forms/spec_document.h"
#include "ui/pages/design_host_test.h"

class QLabel;
class QListWidget;
class QScrollArea;
class QVBoxLayout;

namespace concertina::ui {

class DesignCard;

class DesignFormPane : public QWidget {
  Q_OBJECT
 public:
  explicit DesignFormPane(QWidget* parent = nullptr);

  void setAskHost(AskHost ask) { ask_host_ = std::move(ask); }     // before there are cards
  void setCatalog(const std::shared_ptr<const Catalog>& catalog);  // makes the cards anew
  bool hasForms() const { return !cards_.isEmpty(); }
  void showSpec(const SpecDocument& spec);
  void setFaults(const FaultTexts& faults);
  FaultTexts ownFaults() const;
  bool focusField(const QString& pointer);  // scrolls there; false if no card has it

 signals:
  void edited(const QString& pointer, const QJsonValue& value);

 protected:
  void resizeEvent(QResizeEvent* event) override;

 private:
  void showSection(int index);
  void followScroll();
  void reveal(QWidget* widget);
  void placeIndex();

  QListWidget* index_;
  QScrollArea* scroll_;
  QVBoxLayout* column_;
  QLabel* waiting_;
  QLabel* help_;
  QVector<DesignCard*> cards_;
  AskHost ask_host_;
  bool jumping_ = false;
};

}  // namespace concertina::ui
