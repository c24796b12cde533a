// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// design_json_editor.cc: a plain text editor with what JSON needs (see design_json_editor.h).
#include "ui/pages/design_json_editor.h"

#include <QFontDatabase>
#include <QLabel>
#include <QPainter>
#include <QRegularExpression>
#include <QSyntaxHighlighter>
#include <QTextBlock>
#include <QVBoxLayout>

#include "ui/forms/rhythm.h"
#include "ui/forms/tone.h"

namespace concertina::ui {
namespace {

constexpr int kTypingPauseMs = 300;

// Keys, texts, numbers and words; everything else keeps the colour of text.
class JsonHighlighter : public QSyntaxHighlighter {
 public:
  JsonHighlighter(QTextDocument* document, QWidget* owner) : QSyntaxHighlighter(document), owner_(owner) {}

 protected:
  void highlightBlock(const QString& text) override {
    static const QRegularExpression token(
        QStringLiteral("\"(?:[^\"\\\\]|\\\\.)*\"(\\s*:)?|-?\\d+(?:\\.\\d+)?(?:[eE][+-]?\\d+)?|\\b(?:true|"
                       "false|null)\\b|[{}\\[\\],:]"));
    const QPalette palette = owner_->palette();
    for (auto it = token.globalMatch(text); it.hasNext();) {
      const QRegularExpressionMatch match = it.next();
      const QChar first = match.captured().at(0);
      Tone tone = Tone::kQuiet;
      if (first == QLatin1Char('"'))
        tone = match.capturedLength(1) > 0 ? Tone::kAccent : Tone::kGood;
      else if (first.isDigit() || first == QLatin1Char('-') || first.isLetter())
        tone = Tone::kWarning;
      setFormat(static_cast<int>(match.capturedStart()), static_cast<int>(match.capturedLength()),
                toneColor(palette, tone));
    }
  }

 private:
  QWidget* owner_;
};

class Gutter : public QWidget {
 public:
  explicit Gutter(JsonTextEdit* edit) : QWidget(edit), edit_(edit) {}
  QSize sizeHint() const override { return {edit_->gutterWidth(), 0}; }

 protected:
  void paintEvent(QPaintEvent* event) override { edit_->paintGutter(event); }

 private:
  JsonTextEdit* edit_;
};

}  // namespace

JsonTextEdit::JsonTextEdit(QWidget* parent) : QPlainTextEdit(parent), gutter_(new Gutter(this)) {
  setFont(QFontDatabase::systemFont(QFontDatabase::FixedFont));
  setLineWrapMode(QPlainTextEdit::NoWrap);
  setTabChangesFocus(true);
  setFrameShape(QFrame::NoFrame);
  setViewportMargins(gutterWidth(), 0, 0, 0);
  document()->setDocumentMargin(rhythmUnit(this));
  connect(this, &QPlainTextEdit::blockCountChanged, this,
          [this] { setViewportMargins(gutterWidth(), 0, 0, 0); });
  connect(this, &QPlainTextEdit::updateRequest, this, [this](const QRect& rect, int scrolled) {
    if (scrolled != 0) {
      gutter_->scroll(0, scrolled);
    } else {
      gutter_->update(0, rect.y(), gutter_->width(), rect.height());
    }
  });
}

int JsonTextEdit::gutterWidth() const {
  const int digits = std::max<int>(2, static_cast<int>(QString::number(blockCount()).size()));
  return fontMetrics().horizontalAdvance(QLatin1Char('9')) * digits + 2 * rhythmUnit(this);
}

void JsonTextEdit::resizeEvent(QResizeEvent* event) {
  QPlainTextEdit::resizeEvent(event);
  const QRect area = contentsRect();
  gutter_->setGeometry(QRect(area.left(), area.top(), gutterWidth(), area.height()));
}

void JsonTextEdit::changeEvent(QEvent* event) {
  QPlainTextEdit::changeEvent(event);
  if (event->type() == QEvent::PaletteChange || event->type() == QEvent::StyleChange) {
    if (auto* highlighter = document()->findChild<QSyntaxHighlighter*>()) highlighter->rehighlight();
    showMarks();
  }
}

void JsonTextEdit::paintGutter(QPaintEvent* event) {
  QPainter painter(gutter_);
  painter.setFont(font());
  QTextBlock block = firstVisibleBlock();
  double top = blockBoundingGeometry(block).translated(contentOffset()).top();
  while (block.isValid() && top <= event->rect().bottom()) {
    const double height = blockBoundingRect(block).height();
    const int line = block.blockNumber();
    const bool marked = line == broken_line_ || fault_lines_.contains(line);
    painter.setPen(marked ? toneColor(palette(), Tone::kError) : palette().color(QPalette::PlaceholderText));
    painter.drawText(QRectF(0, top, gutter_->width() - rhythmUnit(this), height),
                     Qt::AlignRight | Qt::AlignVCenter, QString::number(line + 1));
    top += height;
    block = block.next();
  }
}

void JsonTextEdit::setMarks(int broken_line, const QVector<int>& fault_lines) {
  broken_line_ = broken_line;
  fault_lines_ = fault_lines;
  showMarks();
}

void JsonTextEdit::showMarks() {
  QVector<int> lines = fault_lines_;
  if (broken_line_ >= 0) lines << broken_line_;
  QList<QTextEdit::ExtraSelection> selections;
  for (const int line : lines) {
    const QTextBlock block = document()->findBlockByNumber(line);
    if (!block.isValid()) continue;
    QTextEdit::ExtraSelection selection;
    selection.cursor = QTextCursor(block);
    selection.format.setBackground(toneColor(palette(), Tone::kErrorSurface));
    selection.format.setProperty(QTextFormat::FullWidthSelection, true);
    selections << selection;
  }
  setExtraSelections(selections);
  gutter_->update();
}

DesignJsonEditor::DesignJsonEditor(QWidget* parent) : QWidget(parent) {
  auto* box = new QVBoxLayout(this);
  box->setContentsMargins(0, 0, 0, 0);
  box->setSpacing(0);
  edit_ = new JsonTextEdit(this);
  edit_->setObjectName(QStringLiteral("designPage.json"));
  edit_->setAccessibleName(tr("The experiment as JSON"));
  new JsonHighlighter(edit_->document(), edit_);
  box->addWidget(edit_, 1);
  message_ = new QLabel(this);
  message_->setObjectName(QStringLiteral("designPage.jsonMessage"));
  message_->setWordWrap(true);
  message_->setTextInteractionFlags(Qt::TextSelectableByMouse);
  const int unit = rhythmUnit(this);
  message_->setContentsMargins(2 * unit, unit, 2 * unit, unit);
  setTone(message_, "error");
  message_->hide();
  box->addWidget(message_);
  timer_.setSingleShot(true);
  timer_.setInterval(kTypingPauseMs);
  connect(&timer_, &QTimer::timeout, this, &DesignJsonEditor::read);
  connect(edit_, &QPlainTextEdit::textChanged, this, [this] {
    timer_.start();
    emit typing();
  });
  showSpec(SpecDocument());
}

QString DesignJsonEditor::text() const { return edit_->toPlainText(); }

void DesignJsonEditor::showSpec(const SpecDocument& spec) {
  // The text that was typed means this already: it stays as it was laid out.
  if (!timer_.isActive() && error_.line == 0 && spec == shown_ && !edit_->document()->isEmpty()) return;
  timer_.stop();
  shown_ = spec;
  const QSignalBlocker quiet(edit_);
  if (const QString text = spec.text(); text != edit_->toPlainText()) {
    // Through a cursor, so that the editor's own undo brings back what was typed.
    QTextCursor cursor(edit_->document());
    cursor.select(QTextCursor::Document);
    cursor.insertText(text);
    edit_->moveCursor(QTextCursor::Start);
  }
  if (error_.line != 0) {
    error_ = {};
    emit broken(0);
  }
  mark();
}

void DesignJsonEditor::readNow() {
  if (!timer_.isActive()) return;
  timer_.stop();
  read();
}

void DesignJsonEditor::typeInstead(const QString& text) {
  edit_->setPlainText(text);
  readNow();
}

void DesignJsonEditor::read() {
  const int before = error_.line;
  const auto parsed = SpecDocument::parse(edit_->toPlainText(), &error_);
  if (parsed) {
    shown_ = *parsed;
    if (before != 0) emit broken(0);
    emit specTyped(shown_);
  } else {
    emit broken(error_.line);
  }
  mark();
}

void DesignJsonEditor::setFaults(const FaultTexts& faults) {
  faults_ = faults;
  mark();
}

void DesignJsonEditor::mark() {
  QVector<int> lines;
  if (error_.line == 0 && !faults_.isEmpty()) {
    const QString text = edit_->toPlainText();
    for (auto it = faults_.begin(); it != faults_.end(); ++it) {
      const int line = lineOfPointer(text, it.key());
      if (line >= 0 && !lines.contains(line)) lines << line;
    }
  }
  edit_->setMarks(error_.line - 1, lines);
  QString message;
  if (error_.line != 0)
    message = tr("Line %1, column %2: %3").arg(error_.line).arg(error_.column).arg(error_.message);
  else if (!faults_.isEmpty())
    message = QStringLiteral("%1: %2").arg(faults_.firstKey(), faults_.first());
  message_->setText(message);
  message_->setVisible(!message.isEmpty());
}

void DesignJsonEditor::showPointer(const QString& pointer) {
  const int line = lineOfPointer(edit_->toPlainText(), pointer);
  if (line < 0) return;
  edit_->setTextCursor(QTextCursor(edit_->document()->findBlockByNumber(line)));
  edit_->setFocus();
}

}  // namespace concertina::ui
