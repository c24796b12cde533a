// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// runs_page.cc: how the page is put together (see runs_page.h; the other parts in runs_page_impl.h). The
// table is client/run_table_model.h; what a row offers is client/run_state.h.
#include "ui/pages/runs_page.h"

#include <QDragEnterEvent>
#include <QEvent>
#include <QGuiApplication>
#include <QHBoxLayout>
#include <QHeaderView>
#include <QItemSelectionModel>
#include <QKeyEvent>
#include <QMenu>
#include <QMouseEvent>
#include <QScrollBar>
#include <QVBoxLayout>
#include <algorithm>
#include <utility>

#include "ui/client/import_sender.h"
#include "ui/client/number_format.h"
#include "ui/client/run_state.h"
#include "ui/forms/line_icon.h"
#include "ui/forms/rhythm.h"
#include "ui/forms/tone.h"
#include "ui/pages/monitor_table.h"
#include "ui/pages/runs_cells.h"
#include "ui/pages/runs_page_impl.h"
#include "ui/pages/runs_page_words.h"
#include "ui/pages/runs_state_delegate.h"

namespace concertina::ui {

QWidget* RunsPage::Impl::makeEmptyState() {
  const int unit = rhythmUnit(&page);
  empty = new QWidget(&page);
  empty->setObjectName(QStringLiteral("runsPage.emptyState"));
  auto* picture = new QLabel(empty);
  picture->setPixmap(lineIcon(QStringLiteral("runs"), QPalette::PlaceholderText).pixmap(unit * 7, unit * 7));
  empty_title = new QLabel(empty);
  empty_title->setObjectName(QStringLiteral("runsPage.emptyTitle"));
  empty_title->setFont(scaledFont(page.font(), 1.5, QFont::DemiBold));
  empty_lead = new QLabel(empty);
  empty_lead->setAlignment(Qt::AlignCenter);
  setTone(empty_lead, "quiet");
  empty_button = new QPushButton(empty);
  empty_button->setObjectName(QStringLiteral("runsPage.emptyButton"));
  empty_button->setProperty("primary", true);
  connect(empty_button, &QPushButton::clicked, &page, [this] {
    if (runs.rowCount() > 0)
      filter->clear();
    else
      emit page.designRequested();
  });
  auto* column = new QVBoxLayout(empty);
  column->setSpacing(unit * 3 / 2);
  column->addStretch(2);
  for (QWidget* widget : std::initializer_list<QWidget*>{picture, empty_title, empty_lead, empty_button})
    column->addWidget(widget, 0, Qt::AlignHCenter);
  column->addStretch(3);
  return empty;
}

void RunsPage::Impl::buildBar(QHBoxLayout* bar) {
  auto* title = new QLabel(tr("Runs"), &page);
  title->setFont(scaledFont(page.font(), 1.6, QFont::DemiBold));
  count = new QLabel(&page);
  count->setObjectName(QStringLiteral("runsPage.countLabel"));
  setTone(count, "quiet");
  filter = new QLineEdit(&page);
  filter->setObjectName(QStringLiteral("runsPage.filterEdit"));
  filter->setAccessibleName(tr("Filter"));
  filter->setPlaceholderText(tr("Filter: words, or state=finished test_accuracy>0.9"));
  filter->setToolTip(
      tr("Words of a run's texts, tags and note, and tests of its fields:\n%1\nand of any setting, "
         "as in /optimizer/learning_rate<0.1")
          .arg(RunFilter::fields().join(QStringLiteral(", "))));
  filter->setClearButtonEnabled(true);
  filter->addAction(lineIcon(QStringLiteral("search")), QLineEdit::LeadingPosition);
  filter->setMinimumWidth(charactersWide(&page, 26));
  group = new QComboBox(&page);
  group->setObjectName(QStringLiteral("runsPage.groupBox"));
  group->setAccessibleName(tr("Group by"));
  group->setToolTip(
      tr("Runs in groups, each with its mean; any setting can be typed, as /optimizer/momentum"));
  group->setEditable(true);
  group->setInsertPolicy(QComboBox::NoInsert);
  group->lineEdit()->setPlaceholderText(tr("No groups"));
  for (const auto& [text, field] : groupChoices()) group->addItem(text, field);
  auto* create = new QPushButton(lineIcon(QStringLiteral("new")), tr("New Experiment"), &page);
  create->setObjectName(QStringLiteral("runsPage.newButton"));
  create->setToolTip(tr("Make one on the Design page"));
  connect(create, &QPushButton::clicked, &page, &RunsPage::designRequested);
  compare_button = new QPushButton(lineIcon(QStringLiteral("compare")), tr("Compare"), &page);
  compare_button->setObjectName(QStringLiteral("runsPage.compareButton"));
  compare_button->setToolTip(tr("The chosen runs beside each other; choose several with Ctrl or Shift (%1)")
                                 .arg(QKeySequence(kCompareKeys).toString(QKeySequence::NativeText)));
  connect(compare_button, &QPushButton::clicked, &page, [this] { compare(); });
  auto* more = new QPushButton(tr("More"), &page);
  more->setObjectName(QStringLiteral("runsPage.moreButton"));
  more->setToolTip(tr("Views, import, deleted runs, note and columns"));
  auto* menu = new QMenu(more);
  QMenu* views_menu = menu->addMenu(tr("&Views"));
  views_menu->setObjectName(QStringLiteral("runsPage.viewsMenu"));
  connect(views_menu, &QMenu::aboutToShow, &page, [this, views_menu] { fillViewsMenu(views_menu); });
  menu->addActions({import_action, bin_action, note_action, columns_action});
  more->setMenu(menu);
  bar->addWidget(title);
  bar->addWidget(count, 0, Qt::AlignBaseline);
  bar->addStretch(1);
  bar->addWidget(filter, 2);
  bar->addWidget(group);
  bar->addWidget(compare_button);
  bar->addWidget(more);
  bar->addWidget(create);
}

void RunsPage::Impl::build() {
  const int unit = rhythmUnit(&page);
  table = makeTable(QStringLiteral("runsPage.table"), &visible, 4, &page);
  table->setAccessibleName(tr("Runs"));
  table->setItemDelegateForColumn(RunTableModel::kState, new RunsStateDelegate(table));
  table->setItemDelegateForColumn(RunTableModel::kName, new RunsNameDelegate(table));
  table->setItemDelegateForColumn(RunTableModel::kTags, new RunsTagsDelegate(table));
  table->setItemDelegateForColumn(RunTableModel::kCurve, new RunsCurveDelegate(curves, table));
  table->setSelectionMode(QAbstractItemView::ExtendedSelection);
  table->setContextMenuPolicy(Qt::CustomContextMenu);
  QHeaderView* header = table->horizontalHeader();
  header->setSectionsMovable(true);
  header->setStretchLastSection(false);
  header->setResizeContentsPrecision(0);  // of the rows in sight: of a thousand it takes as long as a filter
  header->setContextMenuPolicy(Qt::CustomContextMenu);
  header->setToolTip(tr("Click to sort; Shift and click to sort what is alike by a second column"));
  header->viewport()->installEventFilter(&page);
  table->setSortingEnabled(true);
  table->sortByColumn(RunTableModel::kCreated, Qt::DescendingOrder);
  for (QWidget* watched : {table->viewport(), static_cast<QWidget*>(table)})
    watched->installEventFilter(&page);
  QFrame* card = inCard(table, &page);
  makeActions();

  message = new QLabel(&page);
  message->setObjectName(QStringLiteral("runsPage.messageLabel"));
  message->setTextFormat(Qt::PlainText);
  message->setTextInteractionFlags(Qt::TextSelectableByMouse);
  message->setWordWrap(true);
  undo_button = new QPushButton(lineIcon(QStringLiteral("undo")), tr("Undo"), &page);
  undo_button->setObjectName(QStringLiteral("runsPage.undoButton"));
  undo_button->setToolTip(tr("Bring back what was deleted last"));
  connect(undo_button, &QPushButton::clicked, undo_action, &QAction::trigger);
  export_cancel_button = new QPushButton(tr("Cancel"), &page);
  export_cancel_button->setObjectName(QStringLiteral("runsPage.exportCancelButton"));
  export_cancel_button->setToolTip(tr("Export no more; what was written whole stays"));
  connect(export_cancel_button, &QPushButton::clicked, &page, [this] { cancelExport(); });
  tag_edit = new QLineEdit(&page);
  tag_edit->setObjectName(QStringLiteral("runsPage.tagEdit"));
  tag_edit->setAccessibleName(tr("Tags of the chosen runs"));
  tag_edit->setPlaceholderText(
      tr("Tags for the chosen runs: ablation, warm-up; -old takes one away. Return applies."));
  note = new RunsNotePane(&page);
  auto* sides = new QSplitter(&page);
  sides->setChildrenCollapsible(false);
  sides->addWidget(card);
  sides->addWidget(note);
  sides->setStretchFactor(0, 1);
  note->hide();

  stack = new QStackedWidget(&page);
  stack->addWidget(makeEmptyState());
  stack->addWidget(sides);
  auto* bar = new QHBoxLayout;
  bar->setSpacing(unit * 3 / 2);
  buildBar(bar);
  auto* foot = new QHBoxLayout;
  foot->addWidget(message, 1);
  foot->addWidget(undo_button);
  foot->addWidget(export_cancel_button);
  page.setFocusProxy(filter);
  auto* layout = new QVBoxLayout(&page);
  layout->setContentsMargins(unit * 3, unit * 2, unit * 3, unit * 2);
  layout->setSpacing(unit * 3 / 2);
  layout->addLayout(bar);
  fault = new QLabel(&page);
  fault->setObjectName(QStringLiteral("runsPage.filterFault"));
  fault->setTextFormat(Qt::PlainText);
  setTone(fault, "warning");
  layout->addWidget(fault, 0, Qt::AlignRight);
  chips = new FilterChips(QStringLiteral("runsPage.chips"), &page);
  chips->setFocusOtherwise(filter);
  connect(chips, &FilterChips::removed, &page, [this](int chip) { removeChip(chip); });
  layout->addWidget(chips);
  layout->addWidget(tag_edit);
  layout->addWidget(stack, 1);
  layout->addLayout(foot);
  for (QWidget* hidden :
       std::initializer_list<QWidget*>{fault, message, undo_button, export_cancel_button, tag_edit})
    hidden->hide();
  tag_edit->installEventFilter(&page);
  connectAll();
  updateState();
  updateActions();
}

void RunsPage::Impl::connectAll() {
  QHeaderView* header = table->horizontalHeader();
  connect(table, &QTableView::doubleClicked, &page, [this](const QModelIndex& at) {
    if (!visible.isHeading(at.row())) open();
  });
  connect(table, &QTableView::clicked, &page, [this](const QModelIndex& at) {
    const bool is_choosing = QGuiApplication::keyboardModifiers() != Qt::NoModifier;  // several groups
    if (visible.isHeading(at.row()) && !is_choosing) open();
  });
  connect(table, &QTableView::customContextMenuRequested, &page,
          [this](const QPoint& at) { showContextMenu(at); });
  connect(table->selectionModel(), &QItemSelectionModel::selectionChanged, &page, [this] {
    if (!kept) updateActions();  // else what was chosen is chosen again in a moment
  });
  connect(&visible, &QAbstractItemModel::dataChanged, &offer, qOverload<>(&QTimer::start));
  connect(&offer, &QTimer::timeout, &page, [this] {
    updateActions();
    // Else columns keep their width while figures change.
    if (has_baseline != (runs.pinnedRow() >= 0) || has_tags != hasTags()) fit.start();
  });
  connect(filter, &QLineEdit::textChanged, &page, [this] { applyFilter(); });
  connect(group, &QComboBox::activated, &page,
          [this](int row) { chooseGroup(group->itemData(row).toString()); });
  connect(group->lineEdit(), &QLineEdit::returnPressed, &page, [this] {
    const int row = group->findText(group->currentText());
    chooseGroup(row >= 0 ? group->itemData(row).toString() : group->currentText().trimmed());
  });
  connect(tag_edit, &QLineEdit::returnPressed, &page, [this] {
    applyTags(tag_edit->text());
    tag_edit->hide();
    table->setFocus();
  });
  connect(note, &RunsNotePane::marked, &page,
          [this](const proto::MarkRunsRequest& request) { mark(request); });
  connect(note, &RunsNotePane::closed, &page, [this] { note_action->setChecked(false); });
  connect(&visible, &RunsFilterModel::aboutToReplace, &page, [this] {
    if (!kept) kept = chosen();
    kept_scroll = table->verticalScrollBar()->value();
  });
  connect(&visible, &RunsFilterModel::reordered, &page, [this] {
    if (const auto before = std::exchange(kept, std::nullopt)) {
      choose(*before);
      table->verticalScrollBar()->setValue(kept_scroll);
    }
    updateState();
    updateActions();
    if (!to_show.isEmpty()) showRun(to_show);
  });
  connect(&visible, &QAbstractItemModel::modelReset, &page, [this] { updateState(); });
  connect(&client, &EngineClient::runChanged, &runs, &RunTableModel::upsert);
  connect(&client, &EngineClient::runRemoved, &runs, &RunTableModel::remove);
  connect(&client, &EngineClient::runRemoved, &page, [this](const QString& run) { curves.forget(run); });
  connect(&client, &EngineClient::runsListed, &page, [this] {
    runs.flush();
    updateState();
  });
  connect(&client, &EngineClient::stateChanged, &page, [this] {
    updateState();
    importNext();
  });
  connect(&curves, &RunCurves::arrived, &page, [this] { table->viewport()->update(); });
  for (QTimer* timer : {&fit, &look, &offer}) timer->setSingleShot(true);
  for (QTimer* timer : {&fit, &offer}) timer->setInterval(0);
  connect(&fit, &QTimer::timeout, &page, [this] { fitTable(); });
  constexpr int kLookMs = 120;  // not each row that scrolls by
  look.setInterval(kLookMs);
  connect(&look, &QTimer::timeout, &page, [this] { lookAround(); });
  connect(table->verticalScrollBar(), &QScrollBar::valueChanged, &look, qOverload<>(&QTimer::start));
  connect(header, &QHeaderView::sectionMoved, &page, [this] { emit page.layoutChosen(layout()); });
  connect(header, &QHeaderView::customContextMenuRequested, &page,
          [this](const QPoint& at) { showColumnMenu(table->horizontalHeader()->mapToGlobal(at)); });
  clock.setInterval(1000);
  connect(&clock, &QTimer::timeout, &page, [this] {
    if (!page.isVisible()) return;
    for (int row = 0; row < runs.rowCount(); ++row)
      if (runs.run(row).state() == proto::RUNNING) runs.touch(row);
    lookAround();
  });
  clock.start();
}

void RunsPage::Impl::lookAround() {
  if (!page.isVisible() || table->isColumnHidden(RunTableModel::kCurve) || visible.rowCount() == 0) return;
  const int first = std::max(0, table->rowAt(0));
  int last = table->rowAt(table->viewport()->height() - 1);
  if (last < 0) last = visible.rowCount() - 1;
  QVector<RunCurves::InSight> in_sight;
  for (int row = first; row <= last && in_sight.size() < RunCurves::kMostAsked; ++row)
    if (const int source = visible.sourceRow(row); source >= 0)
      in_sight << RunCurves::InSight{QString::fromStdString(runs.run(source).run()),
                                     isActive(runs.run(source).state())};
  curves.want(in_sight);
}

// What the page shows instead of an empty table, and why it is empty.
void RunsPage::Impl::updateState() {
  const int all = runs.rowCount(), shown = visible.runCount();
  count->setText(all == 0       ? QString()
                 : shown == all ? runsText(all)
                                : tr("%1 of %2").arg(formatCount(shown), runsText(all)));
  stack->setCurrentIndex(shown > 0 ? 1 : 0);
  fit.start();
  look.start();
  filter->setEnabled(all > 0);
  if (shown > 0) return;
  if (all > 0) {
    empty_title->setText(tr("No run matches the filter"));
    empty_lead->setText(tr("It hides %1.").arg(runsText(all)));
    empty_button->setText(tr("Clear the Filter"));
    empty_button->show();
  } else if (!client.listed()) {
    const bool lost = client.state() == EngineClient::State::kLost;
    empty_title->setText(lost ? tr("The engine cannot be reached") : tr("Looking for the engine"));
    empty_lead->setText(lost ? tr("It is looked for again by itself; runs are listed as soon as it answers.")
                             : tr("Runs are listed as soon as it answers."));
    empty_button->hide();
  } else {
    empty_title->setText(tr("No runs yet"));
    empty_lead->setText(tr("Every experiment that is launched appears here, and stays until it is deleted."));
    empty_button->setText(tr("Design an Experiment"));
    empty_button->show();
  }
}

void RunsPage::Impl::say(const QString& text, bool problem) {
  message->setText(text);
  setTone(message, problem ? "error" : "quiet");
  message->setVisible(!text.isEmpty());
  undo_button->hide();  // it is about what stood there before
}

void RunsPage::restoreLayout(const QStringList& layout) { impl_->restore(layout); }
void RunsPage::resetLayout() {
  impl_->chooseGroup({});
  impl_->restore(impl_->firstLayout());
}
void RunsPage::importFiles(const QStringList& paths) { impl_->importFiles(paths); }

RunsPage::RunsPage(EngineClient& client, QWidget* parent)
    : QWidget(parent), impl_(std::make_unique<Impl>(*this, client)) {
  setObjectName(QStringLiteral("runsPage"));
  setAcceptDrops(true);
  if (client.listed()) client.listAgain();
  impl_->build();
}

RunsPage::~RunsPage() {
  impl_->printer->Close();
  // The views first: they look at models that live in impl_.
  qDeleteAll(findChildren<QWidget*>(Qt::FindDirectChildrenOnly));
}

void RunsPage::dragEnterEvent(QDragEnterEvent* event) {
  if (!runFilesOf(*event->mimeData()).isEmpty()) event->acceptProposedAction();
}

void RunsPage::dropEvent(QDropEvent* event) { importFiles(runFilesOf(*event->mimeData())); }

bool RunsPage::eventFilter(QObject* watched, QEvent* event) {
  const bool is_resized = event->type() == QEvent::Resize && watched == impl_->table->viewport(),
             is_shown = event->type() == QEvent::Show && watched == impl_->table;
  if (is_resized || is_shown) {
    impl_->fit.start();
    impl_->look.start();
  }
  const bool is_button =
      event->type() == QEvent::MouseButtonPress || event->type() == QEvent::MouseButtonRelease;
  if (is_button && watched == impl_->table->horizontalHeader()->viewport()) {
    auto* mouse = static_cast<QMouseEvent*>(event);
    if (mouse->button() != Qt::LeftButton || mouse->modifiers() != Qt::ShiftModifier)
      return QWidget::eventFilter(watched, event);
    if (event->type() == QEvent::MouseButtonRelease)
      impl_->sortSecond(impl_->table->horizontalHeader()->logicalIndexAt(mouse->pos()));
    return true;  // or the header would sort by it alone
  }
  const bool is_key = event->type() == QEvent::KeyPress || event->type() == QEvent::ShortcutOverride;
  if (!is_key) return QWidget::eventFilter(watched, event);
  auto* key = static_cast<QKeyEvent*>(event);
  const bool is_press = event->type() == QEvent::KeyPress;
  if (watched == impl_->tag_edit && key->key() == Qt::Key_Escape) {
    if (is_press) {
      impl_->tag_edit->hide();
      impl_->table->setFocus();
    }
    event->accept();
    return is_press;
  }
  if (watched != impl_->table) return QWidget::eventFilter(watched, event);
  if (key->matches(
          QKeySequence::Undo)) {  // here it is a deletion that is undone, not a line of the Design page
    event->accept();
    if (is_press) impl_->undo_action->trigger();
    return true;
  }
  const QModelIndex at = impl_->table->currentIndex();
  const bool is_fold = key->key() == Qt::Key_Left || key->key() == Qt::Key_Right;
  if (is_press && is_fold && key->modifiers() == Qt::NoModifier && at.isValid() &&
      impl_->visible.isHeading(at.row())) {
    const QString group = at.data(RunsFilterModel::kGroupRole).toString();
    impl_->visible.setCollapsed(group, key->key() == Qt::Key_Left);
    return true;
  }
  return QWidget::eventFilter(watched, event);
}

}  // namespace concertina::ui
