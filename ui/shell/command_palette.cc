// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// command_palette.cc: filters by ui/shell/fuzzy_match.h as one types (see command_palette.h).
#include "ui/shell/command_palette.h"

#include <QAction>
#include <QKeyEvent>
#include <QLineEdit>
#include <QListWidget>
#include <QPainter>
#include <QStyledItemDelegate>
#include <QVBoxLayout>

#include "ui/forms/line_icon.h"
#include "ui/forms/rhythm.h"
#include "ui/forms/tone.h"
#include "ui/shell/fuzzy_match.h"

namespace concertina::ui {
namespace {

constexpr int kNoteRole = Qt::UserRole;
constexpr int kIndexRole = Qt::UserRole + 1;
constexpr int kMostShown = 60;

// The text at the left, the shortcut or state at the right.
class EntryDelegate : public QStyledItemDelegate {
 public:
  using QStyledItemDelegate::QStyledItemDelegate;
  QSize sizeHint(const QStyleOptionViewItem& option, const QModelIndex&) const override {
    return {0, option.fontMetrics.height() * 7 / 4};
  }
  void paint(QPainter* painter, const QStyleOptionViewItem& option, const QModelIndex& index) const override {
    const int unit = option.fontMetrics.height() / 2;
    painter->save();
    painter->setRenderHint(QPainter::Antialiasing);
    if ((option.state & QStyle::State_Selected) != 0) {
      painter->setPen(Qt::NoPen);
      painter->setBrush(toneColor(option.palette, Tone::kAccentSurface));
      painter->drawRoundedRect(QRectF(option.rect).adjusted(1, 1, -1, -1), unit / 2.0, unit / 2.0);
    }
    QRect row = option.rect.adjusted(unit, 0, -unit, 0);
    const QIcon icon = index.data(Qt::DecorationRole).value<QIcon>();
    const QRect place(row.left(), row.center().y() - unit, 2 * unit, 2 * unit);
    if (!icon.isNull()) icon.paint(painter, place);
    row.setLeft(place.right() + unit);
    const QString note = index.data(kNoteRole).toString();
    const int note_width = option.fontMetrics.horizontalAdvance(note);
    painter->setPen(toneColor(option.palette, Tone::kQuiet));
    painter->drawText(row, Qt::AlignRight | Qt::AlignVCenter, note);
    painter->setPen(option.palette.color(QPalette::Text));
    row.setRight(row.right() - note_width - unit);
    painter->drawText(row, Qt::AlignLeft | Qt::AlignVCenter,
                      option.fontMetrics.elidedText(index.data().toString(), Qt::ElideRight, row.width()));
    painter->restore();
  }
};

}  // namespace

CommandPalette::CommandPalette(QWidget* window) : QFrame(window, Qt::Popup | Qt::FramelessWindowHint) {
  setObjectName(QStringLiteral("commandPalette"));
  setProperty("card", true);
  auto* box = new QVBoxLayout(this);
  setRhythm(box, this, 1, 1, 1, 1, 1);
  line_ = new QLineEdit(this);
  line_->setObjectName(QStringLiteral("commandPalette.line"));
  line_->setPlaceholderText(tr("A command or a run"));
  line_->setAccessibleName(tr("Find a command or a run"));
  line_->addAction(lineIcon(QStringLiteral("search")), QLineEdit::LeadingPosition);
  line_->installEventFilter(this);
  box->addWidget(line_);
  list_ = new QListWidget(this);
  list_->setObjectName(QStringLiteral("commandPalette.list"));
  list_->setItemDelegate(new EntryDelegate(list_));
  list_->setFrameShape(QFrame::NoFrame);
  list_->setFocusPolicy(Qt::NoFocus);
  list_->setUniformItemSizes(true);
  list_->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
  box->addWidget(list_);
  connect(line_, &QLineEdit::textChanged, this, &CommandPalette::filter);
  connect(list_, &QListWidget::itemClicked, this, &CommandPalette::choose);
}

void CommandPalette::open(const QVector<QAction*>& actions, const QVector<PaletteRun>& runs) {
  entries_.clear();
  for (QAction* action : actions)
    if (action->isEnabled())
      entries_.push_back({action->text().remove(QLatin1Char('&')),
                          action->shortcut().toString(QKeySequence::NativeText),
                          action,
                          {}});
  for (const PaletteRun& run : runs)
    entries_.push_back({run.name.isEmpty() ? run.run : run.name, run.state, nullptr, run.run});
  line_->clear();
  filter();
  const QWidget* window = parentWidget();
  const int width = std::min(charactersWide(this, 76), window->width() * 9 / 10);
  const int height = std::min(rhythmUnit(this) * 48, window->height() * 7 / 10);
  resize(width, height);
  move(window->mapToGlobal(QPoint((window->width() - width) / 2, window->height() / 10)));
  show();
  line_->setFocus();
}

void CommandPalette::filter() {
  QVector<QPair<int, int>> ranked;  // negative score, index: a stable order of equals
  for (int i = 0; i < entries_.size(); ++i)
    if (const int score = fuzzyScore(line_->text(), entries_[i].text); score >= 0)
      ranked.push_back({-score, i});
  std::sort(ranked.begin(), ranked.end());
  list_->clear();
  for (const auto& [score, i] : ranked) {
    if (list_->count() == kMostShown) break;
    const Entry& entry = entries_[i];
    auto* item = new QListWidgetItem(entry.text, list_);
    item->setData(kNoteRole, entry.note);
    item->setData(kIndexRole, i);
    item->setIcon(entry.action == nullptr ? lineIcon(QStringLiteral("monitor")) : entry.action->icon());
    item->setToolTip(entry.action == nullptr ? entry.run : entry.action->statusTip());
  }
  list_->setCurrentRow(0);
}

void CommandPalette::choose() {
  const QListWidgetItem* item = list_->currentItem();
  if (item == nullptr) return;
  const Entry entry = entries_[item->data(kIndexRole).toInt()];
  hide();  // first: the command may open a dialog
  if (entry.action != nullptr)
    entry.action->trigger();
  else
    emit runChosen(entry.run);
}

bool CommandPalette::eventFilter(QObject* watched, QEvent* event) {
  if (watched == line_ && event->type() == QEvent::KeyPress) {
    const auto* key = static_cast<QKeyEvent*>(event);
    const int rows = list_->count();
    switch (key->key()) {
      case Qt::Key_Down:
        list_->setCurrentRow(std::min(list_->currentRow() + 1, rows - 1));
        return true;
      case Qt::Key_Up:
        list_->setCurrentRow(std::max(list_->currentRow() - 1, 0));
        return true;
      case Qt::Key_PageDown:
        list_->setCurrentRow(std::min(list_->currentRow() + 8, rows - 1));
        return true;
      case Qt::Key_PageUp:
        list_->setCurrentRow(std::max(list_->currentRow() - 8, 0));
        return true;
      case Qt::Key_Return:
      case Qt::Key_Enter:
        choose();
        return true;
      case Qt::Key_Escape:
        hide();
        return true;
      default:
        break;
    }
  }
  return QFrame::eventFilter(watched, event);
}

}  // namespace concertina::ui
