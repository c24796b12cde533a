// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// runs_page.cc: see runs_page.h. The table is client/run_table_model.h; what a row offers is
// client/run_state.h.
#include "ui/pages/runs_page.h"

#include <QAction>
#include <QEvent>
#include <QHBoxLayout>
#include <QHeaderView>
#include <QItemSelectionModel>
#include <QLabel>
#include <QLineEdit>
#include <QMenu>
#include <QPushButton>
#include <QStackedWidget>
#include <QTableView>
#include <QTimer>
#include <QVBoxLayout>
#include <algorithm>

#include "ui/client/number_format.h"
#include "ui/client/run_state.h"
#include "ui/forms/ask.h"
#include "ui/forms/line_icon.h"
#include "ui/forms/rhythm.h"
#include "ui/forms/tone.h"
#include "ui/pages/monitor_table.h"
#include "ui/pages/runs_columns.h"
#include "ui/pages/runs_filter_model.h"
#include "ui/pages/runs_state_delegate.h"

namespace concertina::ui {
namespace {

struct ExportFormat {
  const char* format;
  const char* title;
  const char* suffix;
};
constexpr ExportFormat kFormats[] = {
    {"csv", QT_TRANSLATE_NOOP("concertina::ui::RunsPage", "Curves as CSV…"), "csv"},
    {"json", QT_TRANSLATE_NOOP("concertina::ui::RunsPage", "Everything as JSON…"), "json"},
    {"tensorboard", QT_TRANSLATE_NOOP("concertina::ui::RunsPage", "Curves for TensorBoard…"), "tfevents"},
    {"safetensors", QT_TRANSLATE_NOOP("concertina::ui::RunsPage", "Parameters as Safetensors…"),
     "safetensors"},
    {"onnx", QT_TRANSLATE_NOOP("concertina::ui::RunsPage", "Model as ONNX…"), "onnx"},
    {"html", QT_TRANSLATE_NOOP("concertina::ui::RunsPage", "Report as HTML…"), "html"},
};

// What a narrow window can do without, first to last.
const QVector<int> kDispensable = {
    RunTableModel::kDataset, RunTableModel::kSamplesPerSecond, RunTableModel::kWorkers, RunTableModel::kRatio,
    RunTableModel::kLoss,    RunTableModel::kDuration,         RunTableModel::kModel};

constexpr QKeyCombination kCompareKeys = Qt::CTRL | Qt::Key_M;

QString runsText(int runs) {
  return runs == 1 ? RunsPage::tr("1 run") : RunsPage::tr("%n runs", nullptr, runs);
}

}  // namespace

struct RunsPage::Impl {
  Impl(RunsPage& page, EngineClient& client) : page(page), client(client), visible(&runs) {}

  void build();
  QWidget* makeEmptyState();
  QAction* addAction(const char* name, const QString& text, const QString& icon, const QKeySequence& keys,
                     std::function<void()> triggered);
  void updateState();
  void updateActions();
  QVector<int> selectedRows() const;  // of the source model
  void control(proto::ControlRunRequest::Action action, bool (*may)(const proto::RunSummary&));
  void open();
  void compare();
  void deleteSelected();
  void exportSelected(const ExportFormat& format);
  void showContextMenu(const QPoint& at);
  void say(const QString& text, bool problem);
  void fitTable();
  void showColumnMenu(const QPoint& at);

  RunsPage& page;
  EngineClient& client;
  RunTableModel runs;
  RunsFilterModel visible;
  QTimer clock;                             // durations of what goes on
  QTimer fit;                               // columns, once many rows have come
  QSet<int> kept_columns, dropped_columns;  // a person's own choice

  QStackedWidget* stack = nullptr;
  QWidget* empty = nullptr;
  QLabel* empty_title = nullptr;
  QLabel* empty_lead = nullptr;
  QPushButton* empty_button = nullptr;
  QLabel* count = nullptr;
  QLineEdit* filter = nullptr;
  QLabel* fault = nullptr;
  QLabel* message = nullptr;
  QTableView* table = nullptr;
  QAction *open_action = nullptr, *pause_action = nullptr, *stop_action = nullptr, *resume_action = nullptr,
          *duplicate_action = nullptr, *delete_action = nullptr, *compare_action = nullptr;
  QPushButton* compare_button = nullptr;
};

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

QAction* RunsPage::Impl::addAction(const char* name, const QString& text, const QString& icon,
                                   const QKeySequence& keys, std::function<void()> triggered) {
  auto* action = new QAction(icon.isEmpty() ? QIcon() : lineIcon(icon), text, &page);
  action->setObjectName(QStringLiteral("runsPage.%1Action").arg(QLatin1String(name)));
  action->setShortcut(keys);
  action->setShortcutContext(Qt::WidgetShortcut);
  connect(action, &QAction::triggered, &page, std::move(triggered));
  table->addAction(action);
  return action;
}

void RunsPage::Impl::build() {
  const int unit = rhythmUnit(&page);
  auto* title = new QLabel(tr("Runs"), &page);
  title->setFont(scaledFont(page.font(), 1.6, QFont::DemiBold));
  count = new QLabel(&page);
  count->setObjectName(QStringLiteral("runsPage.countLabel"));
  setTone(count, "quiet");
  filter = new QLineEdit(&page);
  filter->setObjectName(QStringLiteral("runsPage.filterEdit"));
  filter->setPlaceholderText(tr("Filter: words, or state=finished test_accuracy>0.9"));
  filter->setAccessibleName(tr("Filter"));
  filter->setToolTip(tr("Words of a run's texts, and tests of its fields:\n%1")
                         .arg(RunFilter::fields().join(QStringLiteral(", "))));
  filter->setClearButtonEnabled(true);
  filter->addAction(lineIcon(QStringLiteral("search")), QLineEdit::LeadingPosition);
  filter->setMinimumWidth(charactersWide(&page, 52));
  fault = new QLabel(&page);
  fault->setObjectName(QStringLiteral("runsPage.filterFault"));
  setTone(fault, "warning");
  auto* create = new QPushButton(lineIcon(QStringLiteral("new")), tr("New Experiment"), &page);
  create->setObjectName(QStringLiteral("runsPage.newButton"));
  connect(create, &QPushButton::clicked, &page, &RunsPage::designRequested);

  compare_button = new QPushButton(lineIcon(QStringLiteral("compare")), tr("Compare"), &page);
  compare_button->setObjectName(QStringLiteral("runsPage.compareButton"));
  compare_button->setToolTip(tr("The chosen runs beside each other; choose several with Ctrl or Shift (%1)")
                                 .arg(QKeySequence(kCompareKeys).toString(QKeySequence::NativeText)));
  connect(compare_button, &QPushButton::clicked, &page, [this] { compare(); });

  table = makeTable(QStringLiteral("runsPage.table"), &visible, 4, &page);
  table->setAccessibleName(tr("Runs"));
  table->setItemDelegateForColumn(RunTableModel::kState, new RunsStateDelegate(table));
  table->setSelectionMode(QAbstractItemView::ExtendedSelection);
  table->setContextMenuPolicy(Qt::CustomContextMenu);
  QHeaderView* header = table->horizontalHeader();
  header->setSectionsMovable(true);
  header->setStretchLastSection(false);
  header->setContextMenuPolicy(Qt::CustomContextMenu);
  table->setSortingEnabled(true);
  table->sortByColumn(RunTableModel::kCreated, Qt::DescendingOrder);
  table->viewport()->installEventFilter(&page);
  QFrame* card = inCard(table, &page);
  message = new QLabel(&page);
  message->setObjectName(QStringLiteral("runsPage.messageLabel"));
  message->setTextInteractionFlags(Qt::TextSelectableByMouse);
  message->setWordWrap(true);

  stack = new QStackedWidget(&page);
  stack->addWidget(makeEmptyState());
  stack->addWidget(card);
  auto* bar = new QHBoxLayout;
  bar->setSpacing(unit * 3 / 2);
  bar->addWidget(title);
  bar->addWidget(count, 0, Qt::AlignBaseline);
  bar->addStretch(1);
  bar->addWidget(filter, 2);
  bar->addWidget(compare_button);
  bar->addWidget(create);
  page.setFocusProxy(filter);
  auto* layout = new QVBoxLayout(&page);
  layout->setContentsMargins(unit * 3, unit * 2, unit * 3, unit * 2);
  layout->setSpacing(unit * 3 / 2);
  layout->addLayout(bar);
  layout->addWidget(fault, 0, Qt::AlignRight);
  layout->addWidget(stack, 1);
  layout->addWidget(message);
  fault->hide();
  message->hide();

  using Request = proto::ControlRunRequest;
  open_action = addAction("open", tr("&Open"), QStringLiteral("monitor"), Qt::Key_Return, [this] { open(); });
  compare_action =
      addAction("compare", tr("&Compare"), QStringLiteral("compare"), kCompareKeys, [this] { compare(); });
  pause_action = addAction("pause", tr("&Pause"), QStringLiteral("pause"), {}, [this] {
    const QVector<int> rows = selectedRows();
    const bool go_on = !rows.isEmpty() && canContinue(runs.run(rows.front()).state());
    if (go_on)
      control(Request::RESUME, [](const proto::RunSummary& run) { return canContinue(run.state()); });
    else
      control(Request::PAUSE, [](const proto::RunSummary& run) { return canPause(run.state()); });
  });
  stop_action = addAction("stop", tr("&Stop"), QStringLiteral("stop"), {}, [this] {
    control(Request::STOP, [](const proto::RunSummary& run) { return canStop(run.state()); });
  });
  resume_action = addAction("resume", tr("&Resume from Checkpoint"), QStringLiteral("launch"), {},
                            [this] { control(Request::RESUME, canRestart); });
  duplicate_action =
      addAction("duplicate", tr("D&uplicate as New Experiment"), QStringLiteral("copy"), {}, [this] {
        const QVector<int> rows = selectedRows();
        if (rows.size() == 1) emit page.editAsNew(QString::fromStdString(runs.run(rows.front()).spec_json()));
      });
  delete_action = addAction("delete", tr("&Delete…"), QStringLiteral("remove"), QKeySequence::Delete,
                            [this] { deleteSelected(); });

  connect(table, &QTableView::doubleClicked, &page, [this] { open(); });
  connect(table, &QTableView::customContextMenuRequested, &page,
          [this](const QPoint& at) { showContextMenu(at); });
  connect(table->selectionModel(), &QItemSelectionModel::selectionChanged, &page,
          [this] { updateActions(); });
  connect(&runs, &RunTableModel::dataChanged, &page, [this] { updateActions(); });
  connect(filter, &QLineEdit::textChanged, &page, [this](const QString& text) {
    QString words;
    visible.setFilter(RunFilter::parse(text, &words));
    fault->setText(words);
    fault->setVisible(!words.isEmpty());
    updateState();
  });
  for (const auto signal : {&QAbstractItemModel::rowsInserted, &QAbstractItemModel::rowsRemoved})
    connect(&visible, signal, &page, [this] { updateState(); });
  connect(&visible, &QAbstractItemModel::modelReset, &page, [this] { updateState(); });
  connect(&client, &EngineClient::runChanged, &runs, &RunTableModel::upsert);
  connect(&client, &EngineClient::runRemoved, &runs, &RunTableModel::remove);
  connect(&client, &EngineClient::runsListed, &page, [this] {
    runs.flush();
    updateState();
  });
  connect(&client, &EngineClient::stateChanged, &page, [this] { updateState(); });
  fit.setSingleShot(true);
  fit.setInterval(0);
  connect(&fit, &QTimer::timeout, &page, [this] { fitTable(); });
  connect(header, &QHeaderView::customContextMenuRequested, &page,
          [this](const QPoint& at) { showColumnMenu(at); });
  clock.setInterval(1000);
  connect(&clock, &QTimer::timeout, &page, [this] {
    if (!page.isVisible()) return;
    for (int row = 0; row < runs.rowCount(); ++row)
      if (runs.run(row).state() == proto::RUNNING) runs.upsert(proto::RunSummary(runs.run(row)));
  });
  clock.start();
  updateState();
  updateActions();
}

// What the page shows instead of an empty table, and why it is empty.
void RunsPage::Impl::updateState() {
  const int all = runs.rowCount(), shown = visible.rowCount();
  count->setText(all == 0       ? QString()
                 : shown == all ? runsText(all)
                                : tr("%1 of %2").arg(formatCount(shown), runsText(all)));
  stack->setCurrentIndex(shown > 0 ? 1 : 0);
  fit.start();
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

void RunsPage::Impl::fitTable() {
  if (visible.rowCount() == 0) return;
  QVector<int> needed;
  for (int column = 0; column < RunTableModel::kColumns; ++column) {
    table->setColumnHidden(column, false);  // a hidden column has no width to ask for
    table->resizeColumnToContents(column);
    needed.push_back(table->columnWidth(column));
  }
  needed[RunTableModel::kState] = std::max(needed[RunTableModel::kState], charactersWide(table, 17));
  const ColumnFit fitted = fitColumns(needed, table->viewport()->width(), kDispensable, kept_columns,
                                      dropped_columns, RunTableModel::kName, charactersWide(table, 24));
  for (int column = 0; column < RunTableModel::kColumns; ++column) {
    table->setColumnHidden(column, fitted.hidden.contains(column));
    table->setColumnWidth(column, fitted.widths[column]);
  }
}

void RunsPage::Impl::showColumnMenu(const QPoint& at) {
  QMenu* menu = new QMenu(&page);
  menu->setObjectName(QStringLiteral("runsPage.columnMenu"));
  menu->setAttribute(Qt::WA_DeleteOnClose);
  for (int column = 0; column < RunTableModel::kColumns; ++column) {
    if (column == RunTableModel::kName) continue;  // a run without a name is no row
    QAction* action = menu->addAction(runs.headerData(column, Qt::Horizontal, Qt::DisplayRole).toString());
    action->setCheckable(true);
    action->setChecked(!table->isColumnHidden(column));
    connect(action, &QAction::toggled, &page, [this, column](bool shown) {
      (shown ? kept_columns : dropped_columns).insert(column);
      (shown ? dropped_columns : kept_columns).remove(column);
      fitTable();
    });
  }
  menu->addSeparator();
  menu->addAction(tr("Choose by Width"), &page, [this] {
    kept_columns.clear();
    dropped_columns.clear();
    fitTable();
  });
  menu->popup(table->horizontalHeader()->mapToGlobal(at));
}

QVector<int> RunsPage::Impl::selectedRows() const {
  QVector<int> rows;
  for (const QModelIndex& index : table->selectionModel()->selectedRows())
    rows.push_back(visible.mapToSource(index).row());
  return rows;
}

void RunsPage::Impl::updateActions() {
  const QVector<int> rows = selectedRows();
  const auto any = [&](auto may) {
    return std::any_of(rows.begin(), rows.end(), [&](int row) { return may(runs.run(row)); });
  };
  const bool one = rows.size() == 1;
  open_action->setEnabled(one);
  duplicate_action->setEnabled(one);
  compare_action->setEnabled(!rows.isEmpty());
  compare_button->setEnabled(!rows.isEmpty());
  const bool goes_on = !rows.isEmpty() && canContinue(runs.run(rows.front()).state());
  pause_action->setText(goes_on ? tr("&Continue") : tr("&Pause"));
  pause_action->setIcon(lineIcon(goes_on ? QStringLiteral("launch") : QStringLiteral("pause")));
  pause_action->setEnabled(
      any([](const proto::RunSummary& run) { return canPause(run.state()) || canContinue(run.state()); }));
  stop_action->setEnabled(any([](const proto::RunSummary& run) { return canStop(run.state()); }));
  resume_action->setEnabled(any(canRestart));
  delete_action->setEnabled(any([](const proto::RunSummary& run) { return canDelete(run.state()); }));
}

void RunsPage::Impl::control(proto::ControlRunRequest::Action action, bool (*may)(const proto::RunSummary&)) {
  for (const int row : selectedRows()) {
    if (!may(runs.run(row))) continue;
    client.control(&page, QString::fromStdString(runs.run(row).run()), action,
                   [this](int, const QString& error) {
                     if (!error.isEmpty()) say(error, true);
                   });
  }
}

void RunsPage::Impl::open() {
  const QVector<int> rows = selectedRows();
  if (rows.size() == 1) emit page.opened(QString::fromStdString(runs.run(rows.front()).run()));
}

void RunsPage::Impl::compare() {
  QVector<int> rows;
  for (const QModelIndex& index : table->selectionModel()->selectedRows()) rows << index.row();
  std::sort(rows.begin(), rows.end());  // as they stand in the table, not as they were clicked
  QVector<proto::RunSummary> chosen;
  for (const int row : std::as_const(rows))
    chosen << runs.run(visible.mapToSource(visible.index(row, 0)).row());
  if (!chosen.isEmpty()) emit page.compareRequested(chosen);
}

void RunsPage::Impl::deleteSelected() {
  QStringList ids, names;
  for (const int row : selectedRows()) {
    if (!canDelete(runs.run(row).state())) continue;
    ids.push_back(QString::fromStdString(runs.run(row).run()));
    names.push_back(QStringLiteral("“%1”").arg(runs.index(row, RunTableModel::kName).data().toString()));
  }
  if (ids.isEmpty()) return;
  constexpr int kNamed = 3;
  const QString what = ids.size() <= kNamed ? names.join(tr(", ")) : runsText(int(ids.size()));
  const Question::Answer answer = ask(
      &page,
      {.title = ids.size() == 1 ? tr("Delete the Run") : tr("Delete the Runs"),
       .text =
           tr("%1 will be deleted with all measurements, checkpoints and parameters. This cannot be undone.")
               .arg(what),
       .yes = tr("Delete"),
       .no = {},
       .destructive = true});
  if (answer != Question::Answer::kYes) return;
  for (const QString& id : std::as_const(ids))
    client.deleteRun(&page, id, [this](int, const QString& error) {
      if (!error.isEmpty()) say(error, true);
    });
}

void RunsPage::Impl::exportSelected(const ExportFormat& format) {
  const QVector<int> rows = selectedRows();
  if (rows.size() != 1) return;
  const QString id = QString::fromStdString(runs.run(rows.front()).run()),
                suffix = QLatin1String(format.suffix);
  const QString path = askForFile(&page, {.what = FileQuestion::What::kSaveFile,
                                          .title = tr("Export Run"),
                                          .start = id + QLatin1Char('.') + suffix,
                                          .filter = tr("%1 files (*.%1)").arg(suffix),
                                          .suffix = suffix});
  if (path.isEmpty()) return;
  say(tr("Exporting to %1…").arg(path), false);
  client.exportRun(&page, id, QLatin1String(format.format), path,
                   [this](const QString& written, const QString& error) {
                     say(error.isEmpty() ? tr("Exported to %1").arg(written) : error, !error.isEmpty());
                   });
}

void RunsPage::Impl::showContextMenu(const QPoint& at) {
  if (selectedRows().isEmpty()) return;
  QMenu* menu = new QMenu(&page);
  menu->setObjectName(QStringLiteral("runsPage.contextMenu"));
  menu->setAttribute(Qt::WA_DeleteOnClose);
  menu->addAction(open_action);
  menu->addAction(compare_action);
  menu->setDefaultAction(open_action);
  menu->addSeparator();
  menu->addActions({pause_action, stop_action, resume_action});
  menu->addSeparator();
  menu->addAction(duplicate_action);
  QMenu* formats = menu->addMenu(tr("&Export"));
  formats->setEnabled(selectedRows().size() == 1);
  for (const ExportFormat& format : kFormats)
    formats->addAction(tr(format.title), &page, [this, &format] { exportSelected(format); });
  menu->addSeparator();
  menu->addAction(delete_action);
  menu->popup(table->viewport()->mapToGlobal(at));
}

void RunsPage::Impl::say(const QString& text, bool problem) {
  message->setText(text);
  setTone(message, problem ? "error" : "quiet");
  message->setVisible(!text.isEmpty());
}

RunsPage::RunsPage(EngineClient& client, QWidget* parent)
    : QWidget(parent), impl_(std::make_unique<Impl>(*this, client)) {
  setObjectName(QStringLiteral("runsPage"));
  if (client.listed()) client.listAgain();
  impl_->build();
}

RunsPage::~RunsPage() {
  // The views first: they look at models that live in impl_.
  qDeleteAll(findChildren<QWidget*>(Qt::FindDirectChildrenOnly));
}

bool RunsPage::eventFilter(QObject* watched, QEvent* event) {
  if (event->type() == QEvent::Resize) impl_->fit.start();
  return QWidget::eventFilter(watched, event);
}

}  // namespace concertina::ui
