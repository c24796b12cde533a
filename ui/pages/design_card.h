// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// design_card.h: one section of the experiment as a card of forms, and the sections of the file in their
// order.
#pragma once

#include <QFrame>
#include <QVector>
#include <memory>

#include "ui/forms/component_form.h"
#include "ui/forms/spec_document.h"
#include "ui/pages/design_host_test.h"

class QLabel;
class QVBoxLayout;

namespace concertina::ui {

class DesignCard : public QFrame {
  Q_OBJECT
 public:
  // `id` names the card ("designCard.dataset"); `pointers` are the parts of the file that it shows.
  DesignCard(const QString& id, const QString& title, const QString& lead, const QStringList& pointers,
             QWidget* parent);

  QString title() const { return title_; }
  bool covers(const QString& pointer) const;
  virtual void showSpec(const SpecDocument& spec) = 0;  // emits nothing
  virtual void setFaults(const FaultTexts& faults) = 0;
  virtual FaultTexts ownFaults() const = 0;
  virtual bool focusField(const QString& pointer) = 0;

 signals:
  void edited(const QString& pointer, const QJsonValue& value);
  void fieldFocused(const QString& label, const QString& help);

 protected:
  template <class Form>
  void adopt(Form* form) {
    connect(form, &Form::edited, this, &DesignCard::edited);
    connect(form, &Form::fieldFocused, this, &DesignCard::fieldFocused);
  }
  QVBoxLayout* body() { return body_; }
  QLabel* addFault(const QString& pointer);  // a line of what is wrong there, hidden until something is

 private:
  QString title_;
  QStringList pointers_;
  QVBoxLayout* body_;
};

// Every section, in the order of the file. A section that the engine does not describe says so.
QVector<DesignCard*> makeDesignCards(const std::shared_ptr<const Catalog>& catalog, const AskHost& ask_host,
                                     QWidget* parent);

// A line for a section that cannot be shown.
QString notDescribed();

}  // namespace concertina::ui
