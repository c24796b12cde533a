// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// chinese.h: the desktop in Chinese, and what is left of English in it.
#pragma once

#include <QCoreApplication>
#include <QRegularExpression>
#include <QTranslator>

namespace concertina::ui {

// From here to the end of its life the program speaks Chinese.
class Chinese {
 public:
  Chinese() {
    is_loaded_ = words_.load(QStringLiteral(":/translations/concertina_zh_CN")) &&
                 descriptors_.load(QStringLiteral(":/translations/descriptors_zh_CN"));
    QCoreApplication::installTranslator(&words_);
    QCoreApplication::installTranslator(&descriptors_);
  }
  ~Chinese() {
    QCoreApplication::removeTranslator(&descriptors_);
    QCoreApplication::removeTranslator(&words_);
  }
  Chinese(const Chinese&) = delete;
  Chinese& operator=(const Chinese&) = delete;

  bool is_loaded() const { return is_loaded_; }

 private:
  QTranslator words_, descriptors_;
  bool is_loaded_ = false;
};

// Three English words in a row, outside of quotation marks, JSON and code.
inline QString englishIn(QString text) {
  static const QRegularExpression aside(
      QStringLiteral("\"[^\"]*\"|\u201c[^\u201d]*\u201d|`[^`]*`|\\{[^{}]*\\}"));
  static const QRegularExpression sentence(QStringLiteral("[A-Za-z']{2,}(?: [A-Za-z']{2,}){2,}"));
  return sentence.match(text.replace(aside, QStringLiteral(" . "))).captured();
}

// What of it is still English, or the whole if it was not found at all; empty if all is well.
inline QString leftOf(const QString& english, const QString& said) {
  const QString left = englishIn(said);
  return left.isEmpty() && !englishIn(english).isEmpty() && said == english ? english : left;
}

}  // namespace concertina::ui
