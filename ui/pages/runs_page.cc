// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// runs_page.cc: see runs_page.h.
#include "ui/pages/runs_page.h"

#include <QAction>
#include <QHBoxLayout>
#include <QHeaderView>
#include <QLabel>
#include <QLineEdit>
#include <QMenu>
#include <QPainter>
#include <QPushButton>
#include <QSortFilterProxyModel>
#include <QStackedLayout>
#include <QStyledItemDelegate>
#include <QTableView>
#include <QVBoxLayout>

#include "ui/charts/palette.h"
#include "ui/client/run_filter.h"
#include "ui/client/run_state.h"
#include "ui/client/run_table_model.h"
#include "ui/forms/ask.h"
#include "ui/forms/line_icon.h"
#include "ui/forms/rhythm.h"
#include "ui/forms/tone.h"

namespace concertina::ui {
namespace {

// The state as a dot and a word; a run that goes has its progress under it.
class StateDelegate final : public QStyledItemDelegate {
 public:
  using QStyledItemDelegate::QStyledItemDelegate;
  void paint(QPainter* painter, const QStyleOptionViewItem& option, const QModelIndex& index) const override {
    QStyleOptionViewItem item = option;
    initStyleOption(&item, index);
    const int unit = std::max(4, item.fontMetrics.height() / 2);
    const auto state = static_cast<proto::RunState>(index.data(RunTableModel::kStateRole).toInt());
    const QString text = item.text;
    item.text.clear();
    item.widget->style()->drawControl(QStyle::CE_ItemViewItem, &item, painter, item.widget);
    painter->save();
    painter->setRenderHint(QPainter::Antialiasing);
    painter->setPen(Qt::NoPen);
    const QColor color = stateColor(state, onDarkGround(item.palette));
    painter->setBrush(color);
    const QRectF rect = item.rect;
    painter->drawEllipse(QPointF(rect.left() + unit * 1.25, rect.center().y()), unit * 0.4, unit * 0.4);
    painter->setPen(
        item.palette.color(item.state & QStyle::State_Selected ? QPalette::HighlightedText : QPalette::Text));
    painter->setFont(item.font);
    painter->drawText(rect.adjusted(unit * 2.2, 0, 0, 0), Qt::AlignVCenter | Qt::AlignLeft, text);
    if (state == proto::RUNNING || state == proto::PAUSED) {
      const double share = index.data(RunTableModel::kProgressRole).toDouble();
      painter->setPen(Qt::NoPen);
      painter->setBrush(color);
      painter->drawRect(QRectF(rect.left(), rect.bottom() - 1.5, rect.width() * share, 2));
    }
    painter->restore();
  }
  QSize sizeHint(const QStyleOptionViewItem& option, const QModelIndex& index) const override {
    return QStyledItemDelegate::sizeHint(option, index) + QSize(option.fontMetrics.height() * 2, 0);
  }
};

class FilterProxy final : public QSortFilterProxyModel {
 public:
  explicit FilterProxy(RunTableModel& model) : model_(model) {
    setSourceModel(&model);
    setSortRole(RunTableModel::kSortRole);
  }
  void setText(const QString& text) {
    filter_ = RunFilter::parse(text);
    invalidateFilter();
  }

 protected:
  bool filterAcceptsRow(int row, const QModelIndex&) const override {
    return filter_.matches(model_.run(row), model_.facts(row));
  }

 private:
  RunTableModel& model_;
  RunFilter filter_;
};

}  // namespace

struct RunsPage::Impl {
  Impl(RunsPage& p, EngineClient& c) : page(p), client(c), proxy(model) {}

  QWidget* makeEmptyState();
  void showOrHide();
  QString current() const;  // the run of the current row, or ""
  const proto::RunSummary* currentSummary() const;
  QStringList selected() const;
  void menu(const QPoint& position);
  void control(proto::ControlRunRequest::Action action);
  void deleteSelected();
  void exportCurrent(const QString& format);
  void said(const QString& error);

  RunsPage& page;
  EngineClient& client;
  RunTableModel model;
  FilterProxy proxy;
  QStackedLayout* stack = nullptr;
  QWidget* empty = nullptr;
  QWidget* full = nullptr;
  QLineEdit* filter = nullptr;
  QLabel* count = nullptr;
  QTableView* table = nullptr;
};

RunsPage::RunsPage(EngineClient& client, QWidget* parent)
    : QWidget(parent), impl_(std::make_unique<Impl>(*this, client)) {
  Impl& d = *impl_;
  d.stack = new QStackedLayout(this);
  d.empty = d.makeEmptyState();
  d.stack->addWidget(d.empty);
  d.full = new QWidget;
  auto* column = new QVBoxLayout(d.full);
  setRhythm(column, this, 2, 2, 2, 2, 1.5);
  auto* bar = new QHBoxLayout;
  bar->setSpacing(rhythmUnit(this) * 2);
  column->addLayout(bar);
  auto* title = new QLabel(tr("Runs"));
  title->setFont(scaledFont(font(), 1.35, QFont::DemiBold));
  d.filter = new QLineEdit;
  d.filter->setObjectName("runsPage.filter");
  d.filter->setAccessibleName(tr("Show only runs with"));
  d.filter->setPlaceholderText(tr("Words, or tests such as accuracy>0.85 state=finished"));
  d.filter->setClearButtonEnabled(true);
  d.count = new QLabel;
  setTone(d.count, "quiet");
  bar->addWidget(title);
  bar->addWidget(d.count);
  bar->addStretch(1);
  bar->addWidget(d.filter, 2);

  d.table = new QTableView;
  d.table->setObjectName("runsPage.table");
  d.table->setAccessibleName(tr("All runs"));
  d.table->setModel(&d.proxy);
  d.table->setItemDelegateForColumn(RunTableModel::kState, new StateDelegate(d.table));
  d.table->setSortingEnabled(true);
  d.table->sortByColumn(RunTableModel::kCreated, Qt::DescendingOrder);
  d.table->setSelectionBehavior(QAbstractItemView::SelectRows);
  d.table->setAlternatingRowColors(false);
  d.table->setShowGrid(false);
  d.table->setWordWrap(false);
  d.table->setFrameShape(QFrame::NoFrame);
  d.table->verticalHeader()->hide();
  d.table->verticalHeader()->setDefaultSectionSize(qRound(QFontMetrics(font()).height() * 1.9));
  d.table->horizontalHeader()->setHighlightSections(false);
  d.table->horizontalHeader()->setStretchLastSection(true);
  d.table->setContextMenuPolicy(Qt::CustomContextMenu);
  const int widths[] = {14, 27, 13, 15, 9, 13, 10, 8, 10, 9, 12, 11, 11};
  for (int i = 0; i < RunTableModel::kColumns; ++i)
    d.table->setColumnWidth(i, charactersWide(this, widths[i]));
  column->addWidget(d.table, 1);
  d.stack->addWidget(d.full);

  connect(&client, &EngineClient::runChanged, this,
          [&d](const proto::RunSummary& run) { d.model.upsert(run); });
  connect(&client, &EngineClient::runRemoved, this, [&d](const QString& run) { d.model.remove(run); });
  for (const auto signal : {&QAbstractItemModel::rowsInserted, &QAbstractItemModel::rowsRemoved})
    connect(&d.proxy, signal, this, [&d] { d.showOrHide(); });
  connect(&d.proxy, &QAbstractItemModel::modelReset, this, [&d] { d.showOrHide(); });
  connect(d.filter, &QLineEdit::textChanged, this, [&d](const QString& text) {
    d.proxy.setText(text);
    d.showOrHide();
  });
  connect(d.table, &QTableView::activated, this, [&d, this] {
    if (!d.current().isEmpty()) emit opened(d.current());
  });
  connect(d.table, &QWidget::customContextMenuRequested, this,
          [&d](const QPoint& position) { d.menu(position); });
  auto* remove = new QAction(tr("Delete"), d.table);
  remove->setShortcut(QKeySequence::Delete);
  remove->setShortcutContext(Qt::WidgetShortcut);
  connect(remove, &QAction::triggered, this, [&d] { d.deleteSelected(); });
  d.table->addAction(remove);
  d.showOrHide();
}

RunsPage::~RunsPage() = default;

QWidget* RunsPage::Impl::makeEmptyState() {
  auto* widget = new QWidget;
  auto* column = new QVBoxLayout(widget);
  setRhythm(column, &page, 4, 4, 4, 4, 1.5);
  auto* title = new QLabel(tr("No runs yet"));
  title->setFont(scaledFont(page.font(), 1.5, QFont::DemiBold));
  auto* text = new QLabel(
      tr("Every experiment that you launch is kept here, with its curves, its bytes and its model."));
  text->setWordWrap(true);
  text->setAlignment(Qt::AlignHCenter);
  text->setMaximumWidth(charactersWide(&page, 60));
  setTone(text, "quiet");
  auto* button = new QPushButton(tr("Design an Experiment"));
  button->setObjectName("runsPage.designButton");
  QObject::connect(button, &QPushButton::clicked, &page, &RunsPage::designRequested);
  column->addStretch(2);
  column->addWidget(title, 0, Qt::AlignHCenter);
  column->addWidget(text, 0, Qt::AlignHCenter);
  column->addWidget(button, 0, Qt::AlignHCenter);
  column->addStretch(3);
  return widget;
}

void RunsPage::Impl::showOrHide() {
  stack->setCurrentWidget(model.rowCount() == 0 ? empty : full);
  count->setText(proxy.rowCount() == model.rowCount()
                     ? tr("%n run(s)", nullptr, model.rowCount())
                     : tr("%1 of %2").arg(proxy.rowCount()).arg(model.rowCount()));
}

QString RunsPage::Impl::current() const {
  return table->currentIndex().data(RunTableModel::kRunRole).toString();
}

const proto::RunSummary* RunsPage::Impl::currentSummary() const {
  const int row = model.rowOf(current());
  return row < 0 ? nullptr : &model.run(row);
}

QStringList RunsPage::Impl::selected() const {
  QStringList runs;
  for (const QModelIndex& index : table->selectionModel()->selectedRows())
    runs << index.data(RunTableModel::kRunRole).toString();
  return runs;
}

void RunsPage::Impl::menu(const QPoint& position) {
  const proto::RunSummary* run = currentSummary();
  if (run == nullptr) return;
  QMenu menu(&page);
  const auto add = [&](const QString& text, const QString& icon, bool enabled, auto action) {
    QAction* item = menu.addAction(lineIcon(icon), text, &page, action);
    item->setEnabled(enabled);
  };
  add(tr("Open"), "monitor", true, [this] { emit page.opened(current()); });
  menu.addSeparator();
  add(tr("Pause"), "pause", canPause(run->state()), [this] { control(proto::ControlRunRequest::PAUSE); });
  add(canRestart(*run) ? tr("Resume from Checkpoint") : tr("Resume"), "launch",
      canContinue(run->state()) || canRestart(*run), [this] { control(proto::ControlRunRequest::RESUME); });
  add(tr("Stop"), "stop", canStop(run->state()), [this] { control(proto::ControlRunRequest::STOP); });
  menu.addSeparator();
  add(tr("Edit as New"), "copy", true, [this] {
    if (const proto::RunSummary* chosen = currentSummary())
      emit page.editAsNew(QString::fromStdString(chosen->spec_json()));
  });
  QMenu* exports = menu.addMenu(lineIcon("save"), tr("Export"));
  for (const char* format : {"csv", "json", "html", "tensorboard", "safetensors", "onnx"})
    exports->addAction(QString::fromLatin1(format).toUpper(), &page,
                       [this, format] { exportCurrent(format); });
  menu.addSeparator();
  add(tr("Delete…"), "remove", canDelete(run->state()), [this] { deleteSelected(); });
  menu.exec(table->viewport()->mapToGlobal(position));
}

void RunsPage::Impl::said(const QString& error) {
  if (!error.isEmpty()) tell(&page, tr("That did not work"), error);
}

void RunsPage::Impl::control(proto::ControlRunRequest::Action action) {
  client.control(&page, current(), action, [this](int, const QString& error) { said(error); });
}

void RunsPage::Impl::deleteSelected() {
  const QStringList runs = selected();
  if (runs.isEmpty()) return;
  Question question;
  question.title = tr("Delete runs");
  question.text =
      tr("%n run(s) will be deleted with their curves, checkpoints and parameters. This cannot be undone.",
         nullptr, static_cast<int>(runs.size()));
  question.yes = tr("Delete");
  question.destructive = true;
  if (ask(&page, question) != Question::Answer::kYes) return;
  for (const QString& run : runs)
    client.deleteRun(&page, run, [this](int, const QString& error) { said(error); });
}

void RunsPage::Impl::exportCurrent(const QString& format) {
  const bool folder = format == "tensorboard";
  FileQuestion question;
  question.what = folder ? FileQuestion::What::kFolder : FileQuestion::What::kSaveFile;
  question.title = tr("Export Run");
  question.start = current() + "." + format;
  question.filter = tr("%1 files (*.%2)").arg(format.toUpper(), format);
  question.suffix = format;
  const QString path = askForFile(&page, question);
  if (path.isEmpty()) return;
  client.exportRun(&page, current(), format, path,
                   [this](const QString&, const QString& error) { said(error); });
}

}  // namespace concertina::ui
