// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// series_search.cc: see series_search.h.
#include "ui/pages/series_search.h"

#include <QKeyEvent>
#include <QLabel>
#include <algorithm>

#include "ui/forms/line_icon.h"
#include "ui/forms/rhythm.h"
#include "ui/forms/tone.h"

namespace concertina::ui {
namespace {

constexpr int kLongestExpression = 200;
// Of PCRE: an expression like (a+)+b tries more ways than there is time for, and it is tried at every name
// at every key. With this many a name takes well under a millisecond.
const QLatin1String kMatchLimit("(*LIMIT_MATCH=20000)");

}  // namespace

SeriesSearch::SeriesSearch(const QString& page, QWidget* parent)
    : QLineEdit(parent), fault_label_(new QLabel(parent)) {
  setObjectName(page + QStringLiteral(".seriesSearch"));
  setAccessibleName(tr("Find charts and series"));
  setPlaceholderText(tr("Find: loss|accuracy"));
  setToolTip(tr(
      "Charts and series whose title or name this regular expression finds, as in ^comm/ or loss|accuracy"));
  setClearButtonEnabled(true);
  setMaxLength(kLongestExpression);
  addAction(lineIcon(QStringLiteral("search")), QLineEdit::LeadingPosition);
  setFixedWidth(charactersWide(this, 24));
  fault_label_->setObjectName(page + QStringLiteral(".seriesSearchFault"));
  fault_label_->setWordWrap(true);
  fault_label_->setTextFormat(Qt::PlainText);
  fault_label_->setTextInteractionFlags(Qt::TextSelectableByMouse);
  setTone(fault_label_, "error");
  fault_label_->hide();
  connect(this, &QLineEdit::textChanged, this, &SeriesSearch::read);
}

bool SeriesSearch::finds(const QStringList& texts) const {
  return !isOn() || std::any_of(texts.begin(), texts.end(),
                                [this](const QString& text) { return expression_.match(text).hasMatch(); });
}

void SeriesSearch::read() {
  const QString written = text().trimmed();
  if (written.isEmpty()) {
    tell({});
  } else {
    const QRegularExpression expression(kMatchLimit + written, QRegularExpression::CaseInsensitiveOption);
    if (!expression.isValid()) {
      // Qt counts from the first character, and our limit stands before it.
      const qsizetype at =
          std::clamp<qsizetype>(expression.patternErrorOffset() - kMatchLimit.size(), 0, written.size());
      //: %1 the text, %2 what is wrong with it, %3 after how many characters
      return tell(tr("“%1” is no regular expression: %2, after %3 characters. What was found last is shown.")
                      .arg(written, expression.errorString())
                      .arg(at));
    }
    tell({});
    expression_ = expression;
  }
  if (written == found_by_) return;
  found_by_ = written;
  emit changed();
}

void SeriesSearch::tell(const QString& fault) {
  fault_ = fault;
  fault_label_->setText(fault);
  fault_label_->setVisible(!fault.isEmpty());
  setAccessibleDescription(fault);
}

void SeriesSearch::focusToWrite() {
  setFocus(Qt::ShortcutFocusReason);
  selectAll();
}

void SeriesSearch::keyPressEvent(QKeyEvent* event) {
  if (event->key() == Qt::Key_Escape && !text().isEmpty()) {
    clear();
    event->accept();
    return;
  }
  QLineEdit::keyPressEvent(event);
}

}  // namespace concertina::ui
