// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// component_list_form.h: a list of components of one category, one after the other: the chain of codecs that a
// gradient goes through, or the steps of a recipe.
#pragma once

#include <QJsonArray>
#include <QWidget>
#include <memory>

#include "ui/forms/component_form.h"

class QFrame;
class QPushButton;
class QToolButton;
class QVBoxLayout;

namespace concertina::ui {

class ComponentListGrip;

struct ComponentListOptions {
  QString category;                         // "gradient-codec"
  QString pointer;                          // of the list: "/gradient"
  QString name;                             // of its buttons: "designCard.addNAME", then "designCard.removeNAME0"
  QString label, next_label, item;          // "Codec", and of those behind it "Then"; "codec"
  QString add, add_tip;                     // words of the button that adds one
  static ComponentListOptions codecs(const QString& pointer);
  static ComponentListOptions recipe();
  static ComponentListOptions faults();
};

// Entry `from` at the place `to`, the others in their order; as it was where one of them does not exist.
QJsonArray movedEntry(const QJsonArray& list, qsizetype from, qsizetype to);

// Entries are moved by their buttons, by the grip, and with Alt+Up and Alt+Down from any field of theirs.
class ComponentListForm : public QWidget {
  Q_OBJECT
 public:
  ComponentListForm(const std::shared_ptr<const Catalog>& catalog, const ComponentListOptions& options,
                    QWidget* parent);

  void setList(const QJsonArray& list);  // shows it; emits nothing
  void setFaults(const FaultTexts& faults);
  FaultTexts ownFaults() const;
  bool focusField(const QString& pointer);

 signals:
  void edited(const QString& pointer, const QJsonValue& value);
  void fieldFocused(const QString& label, const QString& help);

 private:
  // A component, and what moves and removes it.
  struct Stage {
    QWidget* frame;
    ComponentForm* form;
    ComponentListGrip* grip;
    QToolButton *up, *down, *remove;
  };
  void resizeStages(qsizetype count);
  Stage makeStage(qsizetype index);
  QToolButton* makeButton(const QString& role, const QString& tip, qsizetype index, QWidget* parent);
  void add();
  void move(qsizetype from, qsizetype to);
  qsizetype placeAt(qsizetype from, const QPoint& global) const;  // where entry `from` would stand
  void showDropLine(qsizetype from, const QPoint& global);
  void change(qsizetype stage, const QString& pointer, const QJsonValue& value);
  void showNone(ComponentForm* form);

  QString nameOf(const QString& role) const;

  std::shared_ptr<const Catalog> catalog_;
  ComponentListOptions options_;
  bool none_is_a_kind_;
  QVBoxLayout* stages_box_;
  QFrame* drop_line_;
  QPushButton* add_;
  QVector<Stage> stages_;
  QJsonArray list_;  // in the document; an empty one is shown as one stage of "none"
  FaultTexts faults_;
};

}  // namespace concertina::ui
