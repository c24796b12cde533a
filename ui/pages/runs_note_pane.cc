// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// runs_note_pane.cc: see runs_note_pane.h.
#include "ui/pages/runs_note_pane.h"

#include <QKeyEvent>
#include <QPainter>
#include <QSignalBlocker>
#include <QVBoxLayout>

#include "ui/charts/palette.h"
#include "ui/client/run_marks.h"
#include "ui/forms/rhythm.h"
#include "ui/forms/tone.h"
#include "ui/pages/runs_tag_completer.h"

namespace concertina::ui {

QIcon RunsNotePane::colorIcon(const QWidget* widget, int color) {
  const int side = rhythmUnit(widget) * 3 / 2;
  QPixmap picture(QSize(side, side) * widget->devicePixelRatioF());
  picture.setDevicePixelRatio(widget->devicePixelRatioF());
  picture.fill(Qt::transparent);
  QPainter painter(&picture);
  painter.setRenderHint(QPainter::Antialiasing);
  painter.setPen(Qt::NoPen);
  painter.setBrush(seriesColor(color, onDarkGround(widget->palette())));
  painter.drawEllipse(QRectF(1, 1, side - 2, side - 2));
  return picture;
}

QStringList RunsNotePane::colorNames() {
  return {tr("By itself"), tr("Blue"),   tr("Vermilion"), tr("Green"),
          tr("Purple"),    tr("Orange"), tr("Sky blue"),  tr("Yellow")};
}

RunsNotePane::RunsNotePane(QWidget* parent) : QFrame(parent) {
  setObjectName(QStringLiteral("runsPage.notePane"));
  setProperty("card", true);
  title_ = new QLabel(this);
  title_->setObjectName(QStringLiteral("runsPage.noteTitle"));
  title_->setTextFormat(Qt::PlainText);  // a run's name is anybody's text
  title_->setWordWrap(true);
  title_->setFont(scaledFont(font(), 1.25, QFont::DemiBold));
  tags_ = new QLineEdit(this);
  tags_->setObjectName(QStringLiteral("runsPage.noteTags"));
  tags_->setPlaceholderText(tr("ablation, warm-up"));
  color_ = new QComboBox(this);
  color_->setObjectName(QStringLiteral("runsPage.noteColor"));
  const QStringList names = colorNames();
  color_->addItem(names[0]);
  for (int color = 0; color < kSeriesColors; ++color)
    color_->addItem(colorIcon(this, color), names.value(color + 1));
  note_ = new QPlainTextEdit(this);
  note_->setObjectName(QStringLiteral("runsPage.noteEdit"));
  note_->setPlaceholderText(tr("What was tried here, and what came of it"));
  note_->setTabChangesFocus(true);
  const auto labelled = [this](const QString& text, QWidget* buddy) {
    auto* label = new QLabel(text, this);
    label->setBuddy(buddy);
    setTone(label, "quiet");
    buddy->setAccessibleName(QString(text).remove(QLatin1Char('&')));
    return label;
  };
  auto* column = new QVBoxLayout(this);
  setRhythm(column, this, 2, 2, 2, 2, 1);
  column->addWidget(title_);
  column->addWidget(labelled(tr("&Tags"), tags_));
  column->addWidget(tags_);
  column->addWidget(labelled(tr("Co&lour"), color_));
  column->addWidget(color_);
  column->addWidget(labelled(tr("&Note"), note_));
  column->addWidget(note_, 1);
  setMinimumWidth(charactersWide(this, 34));

  constexpr int kTypedMs = 700;
  typed_.setSingleShot(true);
  typed_.setInterval(kTypedMs);
  connect(&typed_, &QTimer::timeout, this, &RunsNotePane::flush);
  connect(note_, &QPlainTextEdit::textChanged, &typed_, qOverload<>(&QTimer::start));
  connect(tags_, &QLineEdit::editingFinished, this, &RunsNotePane::sendTags);
  connect(color_, &QComboBox::activated, this, [this](int place) {
    if (!is_shown_) return;
    proto::MarkRunsRequest request;
    request.add_runs(run_);
    request.set_color(uint32_t(place));
    emit marked(request);
  });
  setRun(nullptr);
}

// It must not be told by one that is being taken down: the page may be gone.
RunsNotePane::~RunsNotePane() { disconnect(tags_, nullptr, this, nullptr); }

void RunsNotePane::flush() {
  typed_.stop();
  const std::string note = note_->toPlainText().toStdString();
  const bool is_on_its_way = sent_note_ && !is_refused_;
  if (!is_shown_ || note == (is_on_its_way ? *sent_note_ : marks_.note())) return;
  sent_note_ = note;
  is_refused_ = false;
  proto::MarkRunsRequest request;
  request.add_runs(run_);
  request.set_note(note);
  emit marked(request);
}

void RunsNotePane::refuse(const proto::MarkRunsRequest& request) {
  const bool is_of_this = request.runs_size() == 1 && request.runs(0) == run_;
  if (is_of_this && request.has_note() && sent_note_ == request.note()) is_refused_ = true;
}

void RunsNotePane::sendTags() {
  if (!is_shown_) return;
  QStringList wanted;
  for (const QString& tag : tags_->text().split(QLatin1Char(','), Qt::SkipEmptyParts))
    if (!tag.trimmed().isEmpty()) wanted << tag.trimmed();
  proto::MarkRunsRequest request;
  request.add_runs(run_);
  QStringList had;
  for (const std::string& tag : marks_.tags()) had << QString::fromStdString(tag);
  for (const QString& tag : std::as_const(had))
    if (!wanted.contains(tag)) request.add_remove_tags(tag.toStdString());
  for (const QString& tag : std::as_const(wanted))
    if (!had.contains(tag)) request.add_add_tags(tag.toStdString());
  if (request.add_tags().empty() && request.remove_tags().empty()) return;
  emit marked(request);
}

void RunsNotePane::setRun(const proto::RunSummary* run) {
  const bool is_same = run != nullptr && is_shown_ && run->run() == run_;
  if (!is_same) {
    flush();
    if (tags_->hasFocus()) sendTags();
    sent_note_.reset();
  }
  is_shown_ = run != nullptr;
  for (QWidget* widget : std::initializer_list<QWidget*>{tags_, color_, note_}) widget->setEnabled(is_shown_);
  const proto::RunMarks before = marks_;
  marks_ = run == nullptr ? proto::RunMarks() : run->marks();
  run_ = run == nullptr ? std::string() : run->run();
  title_->setText(run == nullptr ? tr("Choose one run") : QString::fromStdString(run->name()));
  if (sent_note_ == marks_.note()) sent_note_.reset();
  if (!sent_note_) is_refused_ = false;
  // What a person types now, or has just told, is not overwritten by what comes of the run itself.
  if (!is_same || (!typed_.isActive() && !sent_note_ && before.note() != marks_.note())) {
    const QSignalBlocker still(note_);
    const QString text = QString::fromStdString(marks_.note());
    if (note_->toPlainText() != text) note_->setPlainText(text);
    typed_.stop();
  }
  if (!is_same || !tags_->hasFocus())
    tags_->setText(run == nullptr ? QString() : tagsOfRun(*run).join(tr(", ")));
  color_->setCurrentIndex(std::min(int(marks_.color()), color_->count() - 1));
}

void RunsNotePane::setTagsKnown(const QStringList& tags) { new TagCompleter(tags, tags_); }

void RunsNotePane::keyPressEvent(QKeyEvent* event) {
  if (event->key() != Qt::Key_Escape) return QFrame::keyPressEvent(event);
  flush();
  emit closed();
}

}  // namespace concertina::ui
