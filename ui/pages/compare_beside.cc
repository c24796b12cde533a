// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// compare_beside.cc: see compare_beside.h.
#include "ui/pages/compare_beside.h"

#include <QEvent>
#include <QFocusEvent>
#include <QHeaderView>
#include <QItemSelectionModel>
#include <QPainter>
#include <QTableView>
#include <QVBoxLayout>
#include <algorithm>

#include "ui/charts/palette.h"
#include "ui/forms/rhythm.h"
#include "ui/pages/monitor_table.h"

namespace concertina::ui {
namespace {

constexpr double kLitShare = 0.22;  // of the highlight in the ground of a lit row
// What may stand beside curves, first what is shown first; the tab of results has the others.
constexpr RunFigure kBesideFigures[] = {RunFigure::kFinalAccuracy, RunFigure::kBytesSent, RunFigure::kSeconds,
                                        RunFigure::kTrainLoss};

}  // namespace

// A stroke of the curve's colour before the name; a lit row has another ground and is bold.
class BesideDelegate : public TableDelegate {
 public:
  BesideDelegate(const RunComparison& comparison, QObject* parent)
      : TableDelegate(parent), comparison_(comparison) {}

  QString lit;

  void paint(QPainter* painter, const QStyleOptionViewItem& given, const QModelIndex& index) const override {
    QStyleOptionViewItem option = given;
    initStyleOption(&option, index);
    const QString text = option.text;
    QRect room = paintGround(painter, option);
    const bool is_lit = !lit.isEmpty() && index.data(ComparisonResultsModel::kRunRole).toString() == lit;
    painter->save();
    if (is_lit && !option.state.testFlag(QStyle::State_Selected))
      painter->fillRect(option.rect, mixed(option.palette.color(QPalette::Base),
                                           option.palette.color(QPalette::Highlight), kLitShare));
    if (index.column() == ComparisonResultsModel::kGroup &&
        size_t(index.row()) < comparison_.colors().size()) {
      const RunColor color = comparison_.colors()[size_t(index.row())];
      const int wide = strokeWidth(option.fontMetrics), middle = room.center().y();
      painter->setPen(QPen(seriesColor(color.place, onDarkGround(option.palette)), is_lit ? 4 : 2,
                           color.is_shared ? Qt::DotLine : Qt::SolidLine, Qt::FlatCap));
      painter->drawLine(room.left(), middle, room.left() + wide, middle);
      room.setLeft(room.left() + wide * 3 / 2);
    }
    QFont font = option.font;
    font.setBold(font.bold() || is_lit);
    painter->setFont(font);
    painter->setPen(textColor(option));
    painter->drawText(room, int(option.displayAlignment),
                      QFontMetrics(font).elidedText(text, Qt::ElideMiddle, room.width()));
    painter->restore();
  }
  QSize sizeHint(const QStyleOptionViewItem& given, const QModelIndex& index) const override {
    QStyleOptionViewItem option = given;
    option.font.setBold(true);
    option.fontMetrics = QFontMetrics(option.font);
    QSize size = TableDelegate::sizeHint(option, index);
    if (index.column() == ComparisonResultsModel::kGroup)
      size.rwidth() += strokeWidth(option.fontMetrics) * 3 / 2;
    return size;
  }

 private:
  static int strokeWidth(const QFontMetrics& metrics) { return metrics.averageCharWidth() * 2; }

  const RunComparison& comparison_;
};

CompareBeside::CompareBeside(const RunComparison& comparison, ComparisonResultsModel& results,
                             QWidget* parent)
    : QFrame(parent) {
  table_ = makeTable(QStringLiteral("compareRuns.beside"), &results, 3.25, this);
  delegate_ = new BesideDelegate(comparison, table_);
  table_->setItemDelegate(delegate_);
  table_->setAccessibleName(tr("Runs beside their curves"));
  table_->setSelectionMode(QAbstractItemView::SingleSelection);
  table_->horizontalHeader()->setStretchLastSection(false);
  table_->setMouseTracking(true);
  table_->viewport()->installEventFilter(this);
  table_->installEventFilter(this);
  auto* layout = new QVBoxLayout(this);
  layout->setContentsMargins(0, rhythmUnit(this) * 3 / 2, 0, rhythmUnit(this));
  layout->addWidget(inCard(table_, this));
  connect(table_, &QTableView::entered, this, &CompareBeside::tell);
  connect(table_, &QTableView::activated, this, [this](const QModelIndex& index) {
    emit opened(index.data(ComparisonResultsModel::kRunRole).toString());
  });
  connect(table_->selectionModel(), &QItemSelectionModel::currentRowChanged, this,
          [this](const QModelIndex& current, const QModelIndex& previous) {
            // A window that opens makes the first row current: nobody pointed at it.
            if (table_->hasFocus() && (previous.isValid() || is_by_key_)) tell(current);
          });
  connect(&results, &QAbstractItemModel::modelReset, this, &CompareBeside::fit);
  fit();
}

void CompareBeside::tell(const QModelIndex& index) {
  emit pointedAt(index.isValid() ? index.data(ComparisonResultsModel::kRunRole).toString() : QString());
}

QString CompareBeside::lit() const { return delegate_->lit; }

void CompareBeside::setLit(const QString& run) {
  if (run == delegate_->lit) return;
  delegate_->lit = run;
  table_->viewport()->update();
  if (run.isEmpty() || table_->underMouse()) return;  // nothing moves away under a hand
  for (int row = 0; row < table_->model()->rowCount(); ++row) {
    const QModelIndex index = table_->model()->index(row, 0);
    if (index.data(ComparisonResultsModel::kRunRole).toString() == run) table_->scrollTo(index);
  }
}

// A view shows again what it hid when its model is made anew. A figure is shown whole, or not.
void CompareBeside::fit() {
  for (int column = 0; column < table_->model()->columnCount(); ++column)
    table_->setColumnHidden(column, column != ComparisonResultsModel::kGroup);
  table_->resizeColumnToContents(ComparisonResultsModel::kGroup);
  table_->setColumnWidth(ComparisonResultsModel::kGroup,
                         std::clamp(table_->columnWidth(ComparisonResultsModel::kGroup),
                                    charactersWide(this, 14), charactersWide(this, 32)));
  int room = table_->viewport()->width() - table_->columnWidth(ComparisonResultsModel::kGroup);
  for (const RunFigure figure : kBesideFigures) {
    const int column = ComparisonResultsModel::kFirstFigure + int(figure);
    table_->setColumnHidden(column, false);
    table_->resizeColumnToContents(column);
    const int width = table_->columnWidth(column);
    if (width > room && figure != kBesideFigures[0]) {
      table_->setColumnHidden(column, true);
      break;
    }
    room -= width;
  }
  if (room > 0)
    table_->setColumnWidth(ComparisonResultsModel::kGroup,
                           table_->columnWidth(ComparisonResultsModel::kGroup) + room);
}

bool CompareBeside::eventFilter(QObject* watched, QEvent* event) {
  if (watched == table_->viewport() && event->type() == QEvent::Resize) fit();
  if (watched == table_->viewport() && event->type() == QEvent::Leave)
    tell(table_->hasFocus() ? table_->currentIndex() : QModelIndex());
  if (watched == table_ && event->type() == QEvent::FocusIn) {
    const Qt::FocusReason reason = static_cast<QFocusEvent*>(event)->reason();
    is_by_key_ = reason == Qt::TabFocusReason || reason == Qt::BacktabFocusReason;
    if (is_by_key_) tell(table_->currentIndex());
  }
  if (watched == table_ && event->type() == QEvent::FocusOut) tell({});
  return QFrame::eventFilter(watched, event);
}

}  // namespace concertina::ui
