// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// ask.h: every modal question of the desktop goes through here, so that a test can answer it beforehand.
#pragma once

#include <QString>
#include <QWidget>
#include <functional>
#include <optional>

namespace concertina::ui {

struct Question {
  enum class Answer { kYes, kNo, kCancel };
  QString title;             // "Unsaved changes"
  QString text;              // what happened, and what can be done
  QString yes;               // the button's words: "Save", "Delete the run"
  QString no;                // "" for a question with one way on and Cancel
  bool destructive = false;  // Cancel is then the button that Return presses
};
Question::Answer ask(QWidget* parent, const Question& question);

// "" if the person cancelled. `filter` as in QFileDialog.
struct FileQuestion {
  enum class What { kOpenFile, kSaveFile, kFolder };
  What what = What::kOpenFile;
  QString title, start, filter, suffix;
};
QString askForFile(QWidget* parent, const FileQuestion& question);

// Something went wrong, and nothing is to be chosen.
void tell(QWidget* parent, const QString& title, const QString& text);

// Tests put these in the place of the dialogs; an empty function brings the dialogs back.
void setAskForTests(std::function<Question::Answer(const Question&)> answer);
void setAskForFileForTests(std::function<QString(const FileQuestion&)> answer);
void setTellForTests(std::function<void(const QString& title, const QString& text)> heard);

}  // namespace concertina::ui
