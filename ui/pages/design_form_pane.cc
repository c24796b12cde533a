// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// design_form_pane.cc: cards, index and help line (see design_form_pane.h).
#include "ui/pages/design_form_pane.h"

#include <QApplication>
#include <QHBoxLayout>
#include <QLabel>
#include <QListWidget>
#include <QScrollArea>
#include <QScrollBar>
#include <QVBoxLayout>

#include "ui/forms/line_icon.h"
#include "ui/forms/rhythm.h"
#include "ui/forms/tone.h"
#include "ui/pages/design_card.h"

namespace concertina::ui {

DesignFormPane::DesignFormPane(QWidget* parent) : QWidget(parent) {
  const int unit = rhythmUnit(this);
  auto* outer = new QVBoxLayout(this);
  outer->setContentsMargins(0, 0, 0, 0);
  outer->setSpacing(0);
  auto* row = new QHBoxLayout;
  row->setContentsMargins(0, 0, 0, 0);
  row->setSpacing(0);
  outer->addLayout(row, 1);

  index_ = new QListWidget(this);
  index_->setObjectName(QStringLiteral("designPage.index"));
  index_->setProperty("index", true);
  index_->setAccessibleName(tr("Sections"));
  index_->setFrameShape(QFrame::NoFrame);
  index_->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
  index_->setSizePolicy(QSizePolicy::Fixed, QSizePolicy::Expanding);
  index_->setContentsMargins(unit, unit, unit, unit);
  index_->viewport()->setAutoFillBackground(false);
  auto* index_box = new QVBoxLayout;
  index_box->setContentsMargins(unit, 2 * unit, 0, unit);
  index_box->addWidget(index_);
  row->addLayout(index_box);

  scroll_ = new QScrollArea(this);
  scroll_->setObjectName(QStringLiteral("designPage.forms"));
  scroll_->setFrameShape(QFrame::NoFrame);
  scroll_->setWidgetResizable(true);
  scroll_->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
  scroll_->setFocusPolicy(Qt::NoFocus);
  auto* content = new QWidget;
  content->setAutoFillBackground(false);
  scroll_->setWidget(content);
  scroll_->viewport()->setAutoFillBackground(false);
  column_ = new QVBoxLayout(content);
  setRhythm(column_, this, 1.5, 2, 2, 2, 2);
  waiting_ = new QLabel(
      tr("Waiting for the engine. The forms are made from what it can do; the JSON can be edited meanwhile."),
      content);
  waiting_->setObjectName(QStringLiteral("designPage.waiting"));
  waiting_->setWordWrap(true);
  setTone(waiting_, "quiet");
  column_->addWidget(waiting_);
  column_->addStretch(1);
  row->addWidget(scroll_, 1);

  help_ = new QLabel(this);
  help_->setObjectName(QStringLiteral("designPage.help"));
  help_->setWordWrap(true);
  help_->setTextFormat(Qt::RichText);
  help_->setMinimumHeight(5 * unit);
  help_->setAlignment(Qt::AlignLeft | Qt::AlignVCenter);
  help_->setContentsMargins(2 * unit, unit / 2, 2 * unit, unit / 2);
  setTone(help_, "quiet");
  auto* rule = new QFrame(this);
  rule->setProperty("rule", true);
  outer->addWidget(rule);
  outer->addWidget(help_);

  connect(index_, &QListWidget::itemClicked, this,
          [this](QListWidgetItem* item) { showSection(index_->row(item)); });
  connect(index_, &QListWidget::itemActivated, this,
          [this](QListWidgetItem* item) { showSection(index_->row(item)); });
  connect(scroll_->verticalScrollBar(), &QScrollBar::valueChanged, this, &DesignFormPane::followScroll);
  connect(qApp, &QApplication::focusChanged, this, [this](QWidget*, QWidget* now) {
    if (now != nullptr && scroll_->widget()->isAncestorOf(now)) reveal(now);
  });
}

void DesignFormPane::setCatalog(const std::shared_ptr<const Catalog>& catalog) {
  for (DesignCard* card : cards_) delete card;
  index_->clear();
  cards_ = makeDesignCards(catalog, ask_host_, scroll_->widget());
  waiting_->hide();
  int widest = 0;
  for (qsizetype i = 0; i < cards_.size(); ++i) {
    DesignCard* card = cards_[i];
    column_->insertWidget(static_cast<int>(i) + 1, card);
    connect(card, &DesignCard::edited, this, &DesignFormPane::edited);
    connect(card, &DesignCard::fieldFocused, this, [this](const QString& label, const QString& help) {
      help_->setText(QStringLiteral("<b>%1</b>&ensp;%2").arg(label.toHtmlEscaped(), help.toHtmlEscaped()));
    });
    index_->addItem(card->title());
    widest = std::max(
        widest,
        QFontMetrics(scaledFont(index_->font(), 1, QFont::DemiBold)).horizontalAdvance(card->title()));
  }
  const int unit = rhythmUnit(this);
  index_->setFixedWidth(widest + 6 * unit);  // item padding, and room for the mark of a fault
  help_->setText(tr("Choose a field to read what it does. F1 shows it beside the field."));
  placeIndex();
  followScroll();
}

void DesignFormPane::showSpec(const SpecDocument& spec) {
  for (DesignCard* card : cards_) card->showSpec(spec);
}

void DesignFormPane::setFaults(const FaultTexts& faults) {
  for (qsizetype i = 0; i < cards_.size(); ++i) {
    cards_[i]->setFaults(faults);
    int count = 0;
    for (auto it = faults.begin(); it != faults.end(); ++it) count += cards_[i]->covers(it.key()) ? 1 : 0;
    QListWidgetItem* item = index_->item(static_cast<int>(i));
    item->setText(count == 0 ? cards_[i]->title()
                             : QStringLiteral("%1  (%2)").arg(cards_[i]->title()).arg(count));
    item->setData(Qt::ForegroundRole,
                  count == 0 ? QVariant() : QVariant(QBrush(toneColor(palette(), Tone::kError))));
    item->setToolTip(count == 0 ? QString() : tr("%n field(s) need attention", nullptr, count));
  }
}

FaultTexts DesignFormPane::ownFaults() const {
  FaultTexts found;
  for (const DesignCard* card : cards_) found.insert(card->ownFaults());
  return found;
}

bool DesignFormPane::focusField(const QString& pointer) {
  for (DesignCard* card : cards_)
    if (card->covers(pointer) && card->focusField(pointer)) return true;
  return false;
}

void DesignFormPane::showSection(int index) {
  if (index < 0 || index >= cards_.size()) return;
  jumping_ = true;  // the index must not jump back to the card that happens to be at the top
  scroll_->verticalScrollBar()->setValue(cards_[index]->y() - 2 * rhythmUnit(this));
  index_->setCurrentRow(index);
  jumping_ = false;
}

void DesignFormPane::followScroll() {
  if (jumping_ || cards_.isEmpty()) return;
  const QScrollBar* bar = scroll_->verticalScrollBar();
  int current = 0;
  for (qsizetype i = 0; bar->value() > 0 && i < cards_.size(); ++i)
    if (cards_[i]->y() <= bar->value() + scroll_->viewport()->height() / 3) current = static_cast<int>(i);
  if (bar->value() > 0 && bar->value() == bar->maximum()) current = static_cast<int>(cards_.size()) - 1;
  index_->setCurrentRow(current);
}

void DesignFormPane::reveal(QWidget* widget) {
  scroll_->ensureWidgetVisible(widget, 0, 6 * rhythmUnit(this));
}

void DesignFormPane::resizeEvent(QResizeEvent* event) {
  QWidget::resizeEvent(event);
  placeIndex();
}

// Where room is short the cards, which are never cut, are worth more than their index.
void DesignFormPane::placeIndex() {
  const int cards =
      scroll_->widget()->minimumSizeHint().width() + scroll_->verticalScrollBar()->sizeHint().width();
  const int index = index_->minimumWidth() + rhythmUnit(this);
  index_->setVisible(width() >= std::max(index + cards, charactersWide(this, 86)));
}

}  // namespace concertina::ui
