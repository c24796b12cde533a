// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// runs_tag_completer.h: completes the tag that is being typed, the last of a list with commas, as
// client/run_marks.h reads it.
#pragma once

#include <QCompleter>
#include <QLineEdit>
#include <QStringList>

namespace concertina::ui {

class TagCompleter : public QCompleter {
 public:
  TagCompleter(const QStringList& tags, QLineEdit* edit) : QCompleter(tags, edit) {
    setCaseSensitivity(Qt::CaseInsensitive);
    delete edit->completer();
    edit->setCompleter(this);
  }

  QStringList splitPath(const QString& text) const override { return {text.mid(beginOfTag(text))}; }
  QString pathFromIndex(const QModelIndex& index) const override {
    const QString text = completionPrefixOfLine();
    return text.left(beginOfTag(text)) + QCompleter::pathFromIndex(index);
  }

 private:
  // Behind the last comma, blanks, and the sign that adds or takes away.
  static qsizetype beginOfTag(const QString& text) {
    qsizetype at = text.lastIndexOf(QLatin1Char(',')) + 1;
    while (at < text.size() &&
           (text[at].isSpace() || text[at] == QLatin1Char('-') || text[at] == QLatin1Char('+')))
      ++at;
    return at;
  }
  QString completionPrefixOfLine() const { return static_cast<const QLineEdit*>(parent())->text(); }
};

}  // namespace concertina::ui
