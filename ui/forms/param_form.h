// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// param_form.h: a form made from a list of parameters: a row each, with label, editor, unit, the mark of a
// value that is not the default (and the way back to it), the badge of a live knob, and what is wrong with it
// underneath. On the way of the data: ui/forms/catalog.h says which rows; edits go to ui/pages/design_page.h
// by JSON pointer.
#pragma once

#include <QJsonObject>
#include <QMap>
#include <QWidget>
#include <memory>

#include "ui/forms/catalog.h"

namespace concertina::ui {

// What is wrong, by JSON pointer; the text is what stands under the field.
using FaultTexts = QMap<QString, QString>;

class ParamForm : public QWidget {
  Q_OBJECT
 public:
  // `pointer` of the object that holds the parameters: "/optimizer". Rows are named by their pointer:
  // findChild<QWidget*>("field:/optimizer/momentum") is the editor that takes the keyboard.
  // `of`: the component whose parameters they are, for the help; null for none.
  ParamForm(std::shared_ptr<const Catalog> catalog, const QVector<ParamInfo>& params, const QString& pointer,
            QWidget* parent = nullptr, const ComponentInfo* of = nullptr);
  ~ParamForm() override;

  void setValues(const QJsonObject& object);  // shows them; emits nothing
  QJsonObject values() const;                 // as last set, with the edits since
  // Shows those that concern these rows. What a row finds wrong by itself is shown where the engine says
  // nothing.
  void setFaults(const FaultTexts& faults);
  FaultTexts ownFaults() const;             // found without the engine
  bool focusField(const QString& pointer);  // the row of `pointer`, or of its nearest ancestor; false if none

 signals:
  void edited(const QString& pointer, const QJsonValue& value);  // undefined: back to the default
  void fieldFocused(const QString& label, const QString& help);  // for the page's help line

 protected:
  bool eventFilter(QObject* watched, QEvent* event) override;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

// The help of a field in one paragraph: what it is, range, unit, default, whether it can be changed live.
QString fieldHelp(const ParamInfo& param);
// The same as a page for F1: title, text, a table of unit, range, choices, default and place in the file, and
// where the component that it belongs to comes from.
QString fieldPage(const ParamInfo& param, const QString& pointer, const ComponentInfo* of);
QString componentPage(const ComponentInfo& component, const QString& pointer);
int labelColumnWidth(const QWidget* widget);  // the same on every card, so that all fields begin on one line

}  // namespace concertina::ui
