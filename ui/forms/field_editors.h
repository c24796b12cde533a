// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// field_editors.h: one editor for each type of parameter. An editor shows a JSON value and tells of a new
// one; it keeps no truth of its own. Text that is no value of the type is handed on as text: the field then
// says what is wrong.
#pragma once

#include <QComboBox>
#include <QJsonValue>
#include <QLineEdit>
#include <QWidget>

#include "ui/forms/catalog.h"

class QCheckBox;
class QLabel;

namespace concertina::ui {

class FieldEditor : public QWidget {
  Q_OBJECT
 public:
  using QWidget::QWidget;
  // Undefined: the field is not in the document, and the default holds. Text being typed stays as typed while
  // it means the same value.
  virtual void show(const QJsonValue& value) = 0;
  virtual QWidget* focusTarget() = 0;  // where the keyboard goes, and what carries the accessible name
  // Check boxes carry their own label.
  virtual bool showsLabel() const { return false; }

 signals:
  void edited(const QJsonValue& value);  // undefined: cleared, the default holds
};

FieldEditor* makeFieldEditor(const ParamInfo& param, QWidget* parent);

// A number as people type it: "1e-4", "0,05" where the locale writes a comma. Undefined for "", a string for
// what is no number. Integers may be typed as 1e6.
QJsonValue parseNumber(const QString& text, bool whole);
// "300, 100" or "[300 100]".
QJsonValue parseIntegerList(const QString& text);

// A line of text for a number: the arrow keys step through 1-2-5 for numbers and by one for integers.
class NumberEdit : public QLineEdit {
  Q_OBJECT
 public:
  NumberEdit(const ParamInfo& param, QWidget* parent);
  void stepBy(int steps);

 signals:
  void stepped();

 protected:
  void keyPressEvent(QKeyEvent* event) override;

 private:
  ParamInfo param_;
};

// A combo box that leaves the wheel to the page it stands on unless it was clicked first.
class CalmComboBox : public QComboBox {
  Q_OBJECT
 public:
  explicit CalmComboBox(QWidget* parent = nullptr);

 protected:
  void wheelEvent(QWheelEvent* event) override;
};

}  // namespace concertina::ui
