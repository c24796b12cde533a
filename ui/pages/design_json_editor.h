// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// design_json_editor.h: the experiment as text: line numbers, colours, and the lines at fault marked. What is
// typed here reaches the forms, and what is typed there reaches here, unless this text is being edited.
#pragma once

#include <QPlainTextEdit>
#include <QTimer>
#include <QWidget>

#include "ui/forms/param_form.h"
#include "ui/forms/spec_document.h"

class QLabel;

namespace concertina::ui {

// The editor proper, with line numbers at its left.
class JsonTextEdit : public QPlainTextEdit {
  Q_OBJECT
 public:
  explicit JsonTextEdit(QWidget* parent = nullptr);
  void setMarks(int broken_line, const QVector<int>& fault_lines);  // from 0; -1: none
  void paintGutter(QPaintEvent* event);
  int gutterWidth() const;

 protected:
  void resizeEvent(QResizeEvent* event) override;
  void changeEvent(QEvent* event) override;

 private:
  void showMarks();

  QWidget* gutter_;
  int broken_line_ = -1;
  QVector<int> fault_lines_;
};

class DesignJsonEditor : public QWidget {
  Q_OBJECT
 public:
  explicit DesignJsonEditor(QWidget* parent = nullptr);

  void showSpec(const SpecDocument& spec);
  void setFaults(const FaultTexts& faults);
  void showPointer(const QString& pointer);  // the cursor goes to its line
  QString text() const;
  // What was typed last means nothing yet, or has not been read: it is not what the forms show.
  bool isAhead() const { return timer_.isActive() || error_.line != 0; }
  void readNow();                         // what was typed last, without the pause
  void typeInstead(const QString& text);  // as if somebody had typed it in the place of all

 signals:
  void typing();  // the text changed under somebody's hands
  void specTyped(const concertina::ui::SpecDocument& spec);
  void broken(int line);  // from 1; 0: the text is JSON again

 private:
  void read();
  void mark();

  JsonTextEdit* edit_;
  QLabel* message_;
  QTimer timer_;
  SpecDocument shown_;  // what the text means, last time it meant something
  JsonError error_;
  FaultTexts faults_;
};

}  // namespace concertina::ui
