// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// design_gallery.cc: cards of presets in as many columns as there is room for (see design_gallery.h).
#include "ui/pages/design_gallery.h"

#include <QGridLayout>
#include <QKeyEvent>
#include <QLabel>
#include <QPainter>
#include <QPushButton>
#include <QScrollArea>
#include <QToolButton>
#include <QVBoxLayout>

#include "ui/forms/line_icon.h"
#include "ui/forms/rhythm.h"
#include "ui/forms/tone.h"
#include "ui/pages/design_papers.h"

namespace concertina::ui {

struct PresetCard::Blocks {
  QRect title, description, facts;
  int height = 0;
};

PresetCard::PresetCard(const Preset& preset, QWidget* parent) : QAbstractButton(parent), preset_(preset) {
  setObjectName(QStringLiteral("preset.") + preset.id);
  setText(preset.title);
  setAccessibleName(preset.title);
  setAccessibleDescription(preset.description);
  setFocusPolicy(Qt::StrongFocus);
  setCursor(Qt::PointingHandCursor);
  setAttribute(Qt::WA_Hover);
  QSizePolicy policy(QSizePolicy::Expanding, QSizePolicy::Preferred);  // as tall as the tallest of its row
  policy.setHeightForWidth(true);
  setSizePolicy(policy);
}

PresetCard::Blocks PresetCard::blocks(int width) const {
  const int unit = rhythmUnit(this);
  const int inner = width - 4 * unit;
  const auto place = [&](const QFont& font, const QString& text, int top) {
    return QFontMetrics(font).boundingRect(QRect(2 * unit, top, inner, 10000), Qt::TextWordWrap, text);
  };
  Blocks blocks;
  blocks.title = place(scaledFont(font(), 1.15, QFont::DemiBold), preset_.title, 2 * unit);
  blocks.description = place(font(), preset_.description, blocks.title.bottom() + unit);
  blocks.facts = place(scaledFont(font(), 0.92), preset_.facts, blocks.description.bottom() + unit);
  blocks.height = blocks.facts.bottom() + 2 * unit;
  for (QRect* rect : {&blocks.title, &blocks.description, &blocks.facts}) rect->setWidth(inner);
  return blocks;
}

int PresetCard::heightForWidth(int width) const { return blocks(width).height; }

QSize PresetCard::sizeHint() const {
  const int width = charactersWide(this, 40);
  return {width, heightForWidth(width)};
}

void PresetCard::paintEvent(QPaintEvent*) {
  QPainter painter(this);
  painter.setRenderHint(QPainter::Antialiasing);
  const bool focused = hasFocus();
  const double pen = focused ? 2 : 1;
  const QRectF frame = QRectF(rect()).adjusted(pen / 2, pen / 2, -pen / 2, -pen / 2);
  painter.setBrush(isDown() || underMouse() ? palette().alternateBase() : palette().base());
  painter.setPen(QPen(toneColor(palette(), focused || underMouse() ? Tone::kAccent : Tone::kEdge), pen));
  painter.drawRoundedRect(frame, rhythmUnit(this), rhythmUnit(this));
  const Blocks at = blocks(width());
  painter.setPen(palette().color(QPalette::Text));
  painter.setFont(scaledFont(font(), 1.15, QFont::DemiBold));
  painter.drawText(at.title, Qt::TextWordWrap, preset_.title);
  painter.setFont(font());
  painter.drawText(at.description, Qt::TextWordWrap, preset_.description);
  painter.setFont(scaledFont(font(), 0.92));
  painter.setPen(toneColor(palette(), Tone::kQuiet));
  // At the foot of the card, so that the cards of a row end on one line.
  painter.drawText(at.facts.translated(0, height() - at.height), Qt::TextWordWrap, preset_.facts);
}

DesignGallery::DesignGallery(QWidget* parent) : QWidget(parent) {
  setObjectName(QStringLiteral("designPage.gallery"));
  auto* outer = new QVBoxLayout(this);
  outer->setContentsMargins(0, 0, 0, 0);
  auto* scroll = new QScrollArea(this);
  scroll->setFrameShape(QFrame::NoFrame);
  scroll->setWidgetResizable(true);
  scroll->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
  scroll->viewport()->setAutoFillBackground(false);
  outer->addWidget(scroll);
  auto* content = new QWidget;
  content->setAutoFillBackground(false);
  scroll->setWidget(content);
  auto* column = new QVBoxLayout(content);
  column_ = column;
  setRhythm(column, this, 4, 3, 4, 3, 2);

  auto* head = new QHBoxLayout;
  head->setSpacing(rhythmUnit(this));
  back_ = new QToolButton(this);
  back_->setObjectName(QStringLiteral("designPage.galleryBack"));
  back_->setIcon(lineIcon(QStringLiteral("back")));
  back_->setToolTip(tr("Back to the experiment (Esc)"));
  back_->setAccessibleName(tr("Back to the experiment"));
  head->addWidget(back_);
  title_ = new QLabel(this);
  title_->setFont(scaledFont(font(), 1.6, QFont::DemiBold));
  head->addWidget(title_, 1);
  column->addLayout(head);
  lead_ = new QLabel(this);
  lead_->setWordWrap(true);
  setTone(lead_, "quiet");
  column->addWidget(lead_);

  welcome_row_ = new QWidget(this);
  auto* row = new QHBoxLayout(welcome_row_);
  setRhythm(row, this, 0, 0, 0, 1, 1.5);
  auto* demonstration = new QPushButton(lineIcon(QStringLiteral("launch"), QPalette::HighlightedText),
                                        tr("Run the 60-second demonstration"), this);
  demonstration->setObjectName(QStringLiteral("designPage.demonstrationButton"));
  demonstration->setProperty("primary", true);
  row->addWidget(demonstration);
  auto* own = new QPushButton(tr("Design an Experiment"), this);
  own->setObjectName(QStringLiteral("designPage.startButton"));
  row->addWidget(own);
  row->addStretch(1);
  column->addWidget(welcome_row_);

  grid_ = new QGridLayout;
  grid_->setSpacing(2 * rhythmUnit(this));
  column->addLayout(grid_);
  auto* lessons_title = new QLabel(tr("Lessons"), this);
  lessons_title->setFont(scaledFont(font(), 1.3, QFont::DemiBold));
  column->addWidget(lessons_title);
  lesson_grid_ = new QGridLayout;
  lesson_grid_->setSpacing(2 * rhythmUnit(this));
  column->addLayout(lesson_grid_);
  column->addStretch(1);
  for (const Preset& preset : presets()) {
    connect(addCard(preset), &QAbstractButton::clicked, this,
            [this, spec = preset.spec] { emit chosen(spec); });
  }
  lessons_at_ = cards_.size();
  for (const Preset& lesson : lessons()) {
    connect(addCard(lesson), &QAbstractButton::clicked, this,
            [this, id = lesson.id] { emit sweepChosen(id); });
  }
  connect(back_, &QToolButton::clicked, this, &DesignGallery::closed);
  connect(own, &QPushButton::clicked, this, &DesignGallery::closed);
  connect(demonstration, &QPushButton::clicked, this, &DesignGallery::demonstrationChosen);
  setWelcome(false);
  arrange();
}

PresetCard* DesignGallery::addCard(const Preset& preset) {
  auto* card = new PresetCard(preset, column_->parentWidget());
  cards_ << card;
  return card;
}

void DesignGallery::setPapers(PaperDesk& desk) {
  column_->insertWidget(column_->count() - 1, new DesignPapers(desk, column_->parentWidget()));
}

void DesignGallery::setWelcome(bool welcome) {
  title_->setText(welcome ? tr("Welcome to Concertina") : tr("Start from a preset"));
  lead_->setText(
      welcome ? tr("Distributed training and compression, on real worker processes and real bytes: choose a "
                   "dataset, a model, a way to share the work and a way to compress it, launch, and watch.")
              : tr("Each is an ordinary experiment. Everything in it can be changed before the launch."));
  welcome_row_->setVisible(welcome);
  back_->setVisible(!welcome);
}

void DesignGallery::focusFirst() {
  if (!welcome_row_->isHidden()) {
    findChild<QPushButton*>(QStringLiteral("designPage.demonstrationButton"))->setFocus();
  } else if (!cards_.isEmpty()) {
    cards_.first()->setFocus();
  }
}

void DesignGallery::arrange() {
  const int columns = std::clamp(width() / charactersWide(this, 48), 1, 3);
  if (columns == columns_) return;
  columns_ = columns;
  for (qsizetype i = 0; i < cards_.size(); ++i) {
    const bool is_lesson = i >= lessons_at_;
    QGridLayout* grid = is_lesson ? lesson_grid_ : grid_;
    grid->removeWidget(cards_[i]);
    const int at = static_cast<int>(is_lesson ? i - lessons_at_ : i);
    grid->addWidget(cards_[i], at / columns, at % columns);
  }
  for (QGridLayout* grid : {grid_, lesson_grid_})
    for (int i = 0; i < 3; ++i) grid->setColumnStretch(i, i < columns ? 1 : 0);
}

void DesignGallery::resizeEvent(QResizeEvent* event) {
  QWidget::resizeEvent(event);
  arrange();
}

void DesignGallery::keyPressEvent(QKeyEvent* event) {
  const auto at = cards_.indexOf(static_cast<PresetCard*>(focusWidget()));
  qsizetype to = at;
  switch (event->key()) {
    case Qt::Key_Escape:
      emit closed();
      return;
    case Qt::Key_Left:
      to = at - 1;
      break;
    case Qt::Key_Right:
      to = at + 1;
      break;
    case Qt::Key_Up:
      to = at - columns_;
      break;
    case Qt::Key_Down:
      to = at + columns_;
      break;
    default:
      QWidget::keyPressEvent(event);
      return;
  }
  if (at >= 0 && to >= 0 && to < cards_.size()) cards_[to]->setFocus(Qt::TabFocusReason);
}

}  // namespace concertina::ui
