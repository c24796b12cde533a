// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// monitor_table.cc: see monitor_table.h.
#include "ui/pages/monitor_table.h"

#include <QApplication>
#include <QHeaderView>
#include <QPainter>
#include <QVBoxLayout>

#include "ui/forms/rhythm.h"
#include "ui/forms/tone.h"
#include "ui/pages/table_copy.h"

namespace concertina::ui {
namespace {

int inset(const QFontMetrics& metrics) { return metrics.height() / 2; }

}  // namespace

QRect TableDelegate::paintGround(QPainter* painter, QStyleOptionViewItem& option) {
  option.text.clear();
  option.state &= ~QStyle::State_HasFocus;  // the row is what is chosen
  const QStyle* style = option.widget != nullptr ? option.widget->style() : QApplication::style();
  style->drawControl(QStyle::CE_ItemViewItem, &option, painter, option.widget);
  return option.rect.adjusted(inset(option.fontMetrics), 0, -inset(option.fontMetrics), 0);
}

QColor TableDelegate::textColor(const QStyleOptionViewItem& option) {
  const auto group = option.state.testFlag(QStyle::State_Active) ? QPalette::Active : QPalette::Inactive;
  const bool selected = option.state.testFlag(QStyle::State_Selected);
  return option.palette.color(group, selected ? QPalette::HighlightedText : QPalette::Text);
}

void TableDelegate::paint(QPainter* painter, const QStyleOptionViewItem& given,
                          const QModelIndex& index) const {
  QStyleOptionViewItem option = given;
  initStyleOption(&option, index);
  const QString text = option.text;
  const QRect room = paintGround(painter, option);
  painter->save();
  painter->setFont(option.font);
  painter->setPen(textColor(option));
  painter->drawText(room, int(option.displayAlignment),
                    option.fontMetrics.elidedText(text, Qt::ElideRight, room.width()));
  painter->restore();
}

QSize TableDelegate::sizeHint(const QStyleOptionViewItem& given, const QModelIndex& index) const {
  QStyleOptionViewItem option = given;
  initStyleOption(&option, index);
  return {option.fontMetrics.horizontalAdvance(option.text) + 2 * inset(option.fontMetrics) + 2,
          option.fontMetrics.height()};
}

void TableHeader::paintSection(QPainter* painter, const QRect& rect, int section) const {
  // The theme's style sheet makes a heading's own ground transparent, which no tone can be chosen for.
  const QPalette colors = QGuiApplication::palette();
  painter->save();
  painter->fillRect(rect, colors.color(QPalette::Base));
  painter->setPen(toneColor(colors, Tone::kEdge));
  painter->drawLine(rect.bottomLeft(), rect.bottomRight());
  const bool sorts = isSortIndicatorShown() && sortIndicatorSection() == section;
  const QString text = model()->headerData(section, Qt::Horizontal, Qt::DisplayRole).toString();
  const auto alignment =
      Qt::Alignment(model()->headerData(section, Qt::Horizontal, Qt::TextAlignmentRole).toInt());
  const QRect room = rect.adjusted(inset(fontMetrics()), 0, -inset(fontMetrics()), 0);
  painter->setFont(font());
  painter->setPen(sorts ? colors.color(QPalette::Text) : toneColor(colors, Tone::kQuiet));
  const QString shown = fontMetrics().elidedText(text, Qt::ElideRight, room.width());
  painter->drawText(room, int(alignment | Qt::AlignVCenter), shown);
  if (sorts) {
    // On the inner side of the words: before figures, behind names.
    const double wide = fontMetrics().horizontalAdvance(shown), half = fontMetrics().xHeight() * 0.42;
    const double middle = alignment.testFlag(Qt::AlignRight) ? room.right() - wide - 2.4 * half
                                                             : room.left() + wide + 2.4 * half;
    const double up = sortIndicatorOrder() == Qt::AscendingOrder ? -1 : 1, y = rect.center().y() + 1;
    painter->setRenderHint(QPainter::Antialiasing);
    painter->setPen(Qt::NoPen);
    painter->setBrush(toneColor(colors, Tone::kAccent));
    painter->drawPolygon(QPolygonF({{middle - half, y - up * half * 0.7},
                                    {middle + half, y - up * half * 0.7},
                                    {middle, y + up * half * 0.7}}));
  }
  painter->restore();
}

QSize TableHeader::sectionSizeFromContents(int section) const {
  if (model() == nullptr) return {};
  const QString text = model()->headerData(section, Qt::Horizontal, Qt::DisplayRole).toString();
  return {fontMetrics().horizontalAdvance(text) + 2 * inset(fontMetrics()) + fontMetrics().height(),
          fontMetrics().height() * 7 / 4};
}

QTableView* makeTable(const QString& name, QAbstractItemModel* model, double rows_high, QWidget* parent) {
  auto* table = new QTableView(parent);
  table->setObjectName(name);
  table->setModel(model);
  dressTable(table, rows_high);
  return table;
}

void dressTable(QTableView* table, double rows_high) {
  const int unit = rhythmUnit(table);
  table->setItemDelegate(new TableDelegate(table));
  table->setSelectionBehavior(QAbstractItemView::SelectRows);
  table->setEditTriggers(QAbstractItemView::NoEditTriggers);
  table->setShowGrid(false);
  table->setWordWrap(false);
  table->setAlternatingRowColors(true);
  table->setTabKeyNavigation(false);  // Tab goes on to the next widget; arrows move in the table
  table->setHorizontalScrollMode(QAbstractItemView::ScrollPerPixel);
  table->verticalHeader()->hide();
  table->verticalHeader()->setDefaultSectionSize(qRound(rows_high * unit));
  auto* header = new TableHeader(table);
  table->setHorizontalHeader(header);
  header->setSectionsClickable(true);
  header->setHighlightSections(false);
  header->setStretchLastSection(true);
  header->setMinimumHeight(qRound(3.5 * unit));
  addCopyAction(table);
}

QFrame* inCard(QTableView* table, QWidget* parent) {
  auto* card = new QFrame(parent);
  card->setProperty("card", true);
  auto* inside = new QVBoxLayout(card);
  const int unit = rhythmUnit(parent);
  inside->setContentsMargins(unit / 2, unit / 2, unit / 2, unit / 2);
  inside->addWidget(table);
  return card;
}

}  // namespace concertina::ui
