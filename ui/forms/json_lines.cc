// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// json_lines.cc: finds the line of a JSON pointer by walking the text once, so that a fault can be shown
// where the person wrote it. The text may be half-typed: the walk ends where JSON ends.
#include <QChar>

#include "ui/forms/spec_document.h"

namespace concertina::ui {
namespace {

class Walk {
 public:
  Walk(const QString& text, const QString& wanted) : text_(text), wanted_(wanted) {}

  int line() {
    value(QString());
    return best_line_;
  }

 private:
  void space() {
    while (at_ < text_.size() && text_[at_].isSpace()) {
      if (text_[at_] == QLatin1Char('\n')) ++line_;
      ++at_;
    }
  }
  bool take(char wanted) {
    space();
    if (at_ >= text_.size() || text_[at_] != QLatin1Char(wanted)) return false;
    ++at_;
    return true;
  }
  QString string() {
    QString content;
    if (!take('"')) return content;
    while (at_ < text_.size() && text_[at_] != QLatin1Char('"') && text_[at_] != QLatin1Char('\n')) {
      if (text_[at_] == QLatin1Char('\\') && at_ + 1 < text_.size())
        ++at_;  // escapes do not occur in our names
      content += text_[at_++];
    }
    if (at_ < text_.size()) ++at_;
    return content;
  }
  static QString escaped(QString key) {
    return key.replace(QLatin1String("~"), QLatin1String("~0"))
        .replace(QLatin1String("/"), QLatin1String("~1"));
  }

  // The value of `pointer` begins here: the deepest match wins.
  void offer(const QString& pointer, int line) {
    const bool on_the_way = wanted_ == pointer || wanted_.startsWith(pointer + QLatin1Char('/'));
    if (on_the_way && pointer.size() >= best_length_) {
      best_length_ = pointer.size();
      best_line_ = line;
    }
  }

  bool value(const QString& pointer, int key_line = -1) {
    space();
    if (at_ >= text_.size() || ++depth_ > 200) return false;
    offer(pointer, key_line >= 0 ? key_line : line_);
    bool good = true;
    if (text_[at_] == QLatin1Char('{')) {
      ++at_;
      if (!take('}')) {
        do {
          space();
          const int line = line_;
          const QString key = string();
          good = take(':') && value(pointer + QLatin1Char('/') + escaped(key), line);
        } while (good && take(','));
        good = good && take('}');
      }
    } else if (text_[at_] == QLatin1Char('[')) {
      ++at_;
      if (!take(']')) {
        int index = 0;
        do {
          good = value(pointer + QLatin1Char('/') + QString::number(index++));
        } while (good && take(','));
        good = good && take(']');
      }
    } else if (text_[at_] == QLatin1Char('"')) {
      string();
    } else {
      const auto start = at_;
      while (at_ < text_.size() &&
             (text_[at_].isLetterOrNumber() || QStringLiteral("+-.").contains(text_[at_])))
        ++at_;
      good = at_ > start;
    }
    --depth_;
    return good;
  }

  const QString& text_;
  const QString& wanted_;
  qsizetype at_ = 0;
  int line_ = 0;
  int depth_ = 0;
  qsizetype best_length_ = -1;
  int best_line_ = -1;
};

}  // namespace

int lineOfPointer(const QString& text, const QString& pointer) { return Walk(text, pointer).line(); }

}  // namespace concertina::ui
