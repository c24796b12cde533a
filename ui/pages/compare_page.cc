// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// compare_page.cc: see compare_page.h.
#include "ui/pages/compare_page.h"

#include <QComboBox>
#include <QHBoxLayout>
#include <QHash>
#include <QJsonDocument>
#include <QJsonObject>
#include <QLabel>
#include <QPushButton>
#include <QStackedWidget>
#include <QTableView>
#include <QToolButton>
#include <QVBoxLayout>
#include <algorithm>
#include <cmath>

#include "ui/client/comparison_model.h"
#include "ui/client/number_format.h"
#include "ui/client/run_state.h"
#include "ui/forms/line_icon.h"
#include "ui/forms/rhythm.h"
#include "ui/forms/tone.h"
#include "ui/pages/compare_curves.h"
#include "ui/pages/compare_dial.h"
#include "ui/pages/compare_runs.h"
#include "ui/pages/compare_scatter.h"
#include "ui/pages/compare_setup.h"
#include "ui/pages/empty_state.h"
#include "ui/pages/monitor_table.h"
#include "ui/pages/picture_button.h"

namespace concertina::ui {
namespace {

constexpr qsizetype kMostDots = 400;

}  // namespace

struct ComparePage::Impl {
  Impl(ComparePage& page, EngineClient& client) : page(page), client(client), model(client) {}

  void build();
  QWidget* emptyState();
  QWidget* makeResults();
  void listGroups();
  void choose(const QString& group);
  void showFigures();
  void turnLinks(double mbit);
  void showProblem();
  void say(const QString& text, bool is_problem);
  void fit();

  ComparePage& page;
  EngineClient& client;
  ComparisonModel model;
  QString wanted;                 // just started: shown as soon as it is there
  QHash<QString, double> turned;  // Mbit/s, by run, where a person changed it
  QVector<DialDot> dots;
  bool is_problem_shown = false;

  QStackedWidget* stack = nullptr;
  QWidget *empty = nullptr, *results = nullptr;
  CompareSetup* setup = nullptr;
  CompareRuns* side_by_side = nullptr;
  QComboBox *groups = nullptr, *against = nullptr;
  QLabel* progress = nullptr;
  QLabel* message = nullptr;
  QTableView* table = nullptr;
  CompareScatter* scatter = nullptr;
  CompareDial* dial = nullptr;
};

QWidget* ComparePage::Impl::emptyState() {
  QPushButton* button = nullptr;
  empty = makeEmptyState(
      {.icon = QStringLiteral("compare"),
       .title = tr("Does compression pay here?"),
       .lead = tr("One experiment, with many codecs on many links: accuracy, bytes and time of each, and the "
                  "bandwidth below which it pays. To compare runs that there are, choose some on the Runs "
                  "page and press Compare."),
       .button = tr("Compare Codecs…"),
       .button_name = QStringLiteral("comparePage.emptyButton")},
      &page, &button);
  connect(button, &QPushButton::clicked, &page, &ComparePage::newRequested);
  return empty;
}

QWidget* ComparePage::Impl::makeResults() {
  const int unit = rhythmUnit(&page);
  results = new QWidget(&page);
  auto* title = new QLabel(tr("Compare"), results);
  title->setFont(scaledFont(page.font(), 1.6, QFont::DemiBold));
  groups = new QComboBox(results);
  groups->setObjectName(QStringLiteral("comparePage.groups"));
  groups->setAccessibleName(tr("Comparison"));
  groups->setMinimumWidth(charactersWide(&page, 36));
  progress = new QLabel(results);
  progress->setObjectName(QStringLiteral("comparePage.progress"));
  setTone(progress, "quiet");
  auto* create = new QPushButton(lineIcon(QStringLiteral("new")), tr("New Comparison…"), results);
  create->setObjectName(QStringLiteral("comparePage.newButton"));
  create->setToolTip(tr("The experiment of the Design page with many codecs on many links"));
  connect(create, &QPushButton::clicked, &page, &ComparePage::newRequested);
  auto* curves = new QPushButton(lineIcon(QStringLiteral("compare")), tr("Curves and Figures"), results);
  curves->setObjectName(QStringLiteral("comparePage.curvesButton"));
  curves->setToolTip(tr("These runs beside each other: curves, results with their confidence, settings"));
  connect(curves, &QPushButton::clicked, &page, [this] {
    QVector<proto::RunSummary> runs;
    for (const ComparisonModel::Row& row : model.rows()) runs << row.summary;
    page.compareRuns(runs);
  });
  auto* bar = new QHBoxLayout;
  bar->setSpacing(unit * 3 / 2);
  bar->addWidget(title);
  bar->addWidget(groups);
  bar->addWidget(progress);
  bar->addStretch(1);
  bar->addWidget(curves);
  bar->addWidget(create);

  table = makeTable(QStringLiteral("comparePage.table"), &model, 3.25, results);
  table->setAccessibleName(tr("Variants"));
  table->setSelectionMode(QAbstractItemView::SingleSelection);
  table->horizontalHeader()->setStretchLastSection(false);
  connect(table, &QTableView::doubleClicked, &page, [this](const QModelIndex& index) {
    emit page.opened(model.rows()[static_cast<size_t>(index.row())].id);
  });

  auto* left = new QFrame(results);
  left->setProperty("card", true);
  auto* left_column = new QVBoxLayout(left);
  setRhythm(left_column, &page, 1.5, 1, 1.5, 1, 0.5);
  auto* heading = new QHBoxLayout;
  auto* name = new QLabel(tr("Accuracy against"), left);
  name->setFont(scaledFont(page.font(), 1.15, QFont::DemiBold));
  against = new QComboBox(left);
  against->setObjectName(QStringLiteral("comparePage.against"));
  against->addItems({tr("bytes sent"), tr("time"), tr("time to the target")});
  name->setBuddy(against);
  heading->addWidget(name);
  heading->addWidget(against);
  heading->addStretch(1);
  scatter = new CompareScatter(left);
  heading->addWidget(
      makePictureButton(QStringLiteral("comparePage.scatterMenu"),
                        {.title = tr("Accuracy and cost"),
                         .widget = scatter,
                         .numbers = [this] { return scatter->numbers(); },
                         .tell = [this](const QString& text, bool is_problem) { say(text, is_problem); }},
                        left));
  left_column->addLayout(heading);
  left_column->addWidget(scatter, 1);
  auto* right = new QFrame(results);
  right->setProperty("card", true);
  auto* right_column = new QVBoxLayout(right);
  setRhythm(right_column, &page, 1.5, 1, 1.5, 1, 0.5);
  dial = new CompareDial(right);
  right_column->addWidget(dial);
  auto* pictures = new QHBoxLayout;
  pictures->setSpacing(unit * 3 / 2);
  pictures->addWidget(left, 1);
  pictures->addWidget(right, 1);

  message = new QLabel(results);
  message->setObjectName(QStringLiteral("comparePage.message"));
  message->setTextFormat(Qt::PlainText);
  message->setWordWrap(true);
  setTone(message, "error");
  message->hide();
  auto* layout = new QVBoxLayout(results);
  layout->setContentsMargins(unit * 3, unit * 2, unit * 3, unit * 2);
  layout->setSpacing(unit * 3 / 2);
  layout->addLayout(bar);
  layout->addWidget(inCard(table, results), 3);
  layout->addLayout(pictures, 4);
  layout->addWidget(message);
  return results;
}

void ComparePage::Impl::build() {
  stack = new QStackedWidget(&page);
  setup = new CompareSetup(client, stack);
  side_by_side = new CompareRuns(client, stack);
  for (QWidget* widget : std::initializer_list<QWidget*>{emptyState(), makeResults(), setup, side_by_side})
    stack->addWidget(widget);
  auto* layout = new QVBoxLayout(&page);
  layout->setContentsMargins(0, 0, 0, 0);
  layout->addWidget(stack);

  connect(side_by_side, &CompareRuns::opened, &page, &ComparePage::opened);
  connect(side_by_side, &CompareRuns::runsRequested, &page, &ComparePage::runsRequested);
  connect(side_by_side, &CompareRuns::closed, &page,
          [this] { stack->setCurrentWidget(groups->count() > 0 ? results : empty); });
  connect(setup, &CompareSetup::cancelled, &page,
          [this] { stack->setCurrentWidget(groups->count() > 0 ? results : empty); });
  connect(setup, &CompareSetup::targetChanged, &page, [this](double accuracy) { model.setTarget(accuracy); });
  connect(setup, &CompareSetup::started, &page, [this](const QString& group) {
    wanted = group;
    listGroups();
    stack->setCurrentWidget(groups->count() > 0 ? results : empty);
  });
  connect(&model, &ComparisonModel::groupsChanged, &page, [this] { listGroups(); });
  connect(&model, &ComparisonModel::figuresChanged, &page, [this] {
    if (page.isVisible()) showFigures();
  });
  connect(&model, &QAbstractItemModel::modelReset, &page, [this] { fit(); });
  connect(&model, &ComparisonModel::stepTimed, &page, [this](const QString& run, double seconds) {
    for (const ComparisonModel::Row& row : model.rows()) {
      if (row.id != run) continue;
      const double mbit = turned.value(run, ComparisonModel::bandwidthOf(row));
      if (mbit > 0) dots.push_back({row.facts.codec, mbit, seconds});
    }
    if (dots.size() > kMostDots) dots.remove(0, dots.size() - kMostDots);
  });
  connect(groups, &QComboBox::textActivated, &page, [this](const QString& group) { choose(group); });
  connect(against, &QComboBox::currentIndexChanged, &page, [this] { showFigures(); });
  connect(dial, &CompareDial::saved, &page,
          [this](const QString& text, bool is_problem) { say(text, is_problem); });
  connect(dial, &CompareDial::turned, &page, [this](double mbit) { turnLinks(mbit); });
  listGroups();
}

void ComparePage::Impl::listGroups() {
  const QStringList names = model.groups();
  const QString chosen = names.contains(wanted)          ? wanted
                         : names.contains(model.group()) ? model.group()
                                                         : names.value(0);
  if (chosen == wanted) wanted.clear();
  const QSignalBlocker quiet(groups);
  groups->clear();
  groups->addItems(names);
  groups->setCurrentText(chosen);
  choose(chosen);
  if (stack->currentWidget() != setup && stack->currentWidget() != side_by_side)
    stack->setCurrentWidget(names.isEmpty() ? empty : results);
}

// Plans and curves of all its runs are asked for: not before somebody looks.
void ComparePage::Impl::choose(const QString& group) {
  if (group == model.group() || !page.isVisible()) return;
  dots.clear();
  turned.clear();
  model.setGroup(group);
}

void ComparePage::Impl::showFigures() {
  int ended = 0, going = 0;
  QVector<ScatterDot> points;
  QVector<DialLine> lines;
  for (const ComparisonModel::Row& row : model.rows()) {
    const proto::RunSummary& run = row.summary;
    ended += isEnded(run.state()) ? 1 : 0;
    going += run.state() == proto::RUNNING ? 1 : 0;
    if (run.state() != proto::FINISHED) continue;
    const int x = against->currentIndex();
    points.push_back({row.variant,
                      x == 0   ? double(run.bytes_sent())
                      : x == 1 ? run.seconds()
                               : model.timeToTarget(row),
                      run.has_test() ? run.test_accuracy() : qQNaN()});
    // One line a codec: the run of the fastest link disturbs its encoding least.
    if (!row.step) continue;
    const auto same = std::find_if(lines.begin(), lines.end(),
                                   [&](const DialLine& line) { return line.label == row.facts.codec; });
    const DialLine line{row.facts.codec, row.step->step, row.step->latency_ms, row.is_dense};
    if (same == lines.end())
      lines.push_back(line);
    else if (line.step.codec_seconds < same->step.codec_seconds)
      *same = line;
  }
  progress->setText(tr("%1 of %n run(s) have ended", nullptr, int(model.rows().size())).arg(ended));
  scatter->setPoints(points, against->currentIndex() == 0 ? QStringLiteral("B") : QStringLiteral("s"));
  dial->setLines(lines);
  dial->setDots(dots);
  dial->setGoing(going);
  showProblem();
}

// The first of them: they are mostly one and the same.
void ComparePage::Impl::showProblem() {
  const auto& rows = model.rows();
  const auto found = std::find_if(rows.begin(), rows.end(),
                                  [](const ComparisonModel::Row& row) { return !row.problem.isEmpty(); });
  if (found == rows.end() && !is_problem_shown) return;  // what else is said there stays
  is_problem_shown = found != rows.end();
  setTone(message, "error");
  //: %1 is the name of a run, %2 the engine's sentence.
  message->setText(is_problem_shown
                       ? tr("What %1 measured could not be read: %2").arg(found->variant, found->problem)
                       : QString());
  message->setVisible(is_problem_shown);
}

void ComparePage::Impl::say(const QString& text, bool is_problem) {
  message->setText(text);
  setTone(message, is_problem ? "error" : "quiet");
  message->setVisible(!text.isEmpty());
}

void ComparePage::Impl::turnLinks(double mbit) {
  for (const ComparisonModel::Row& row : model.rows()) {
    if (row.summary.state() != proto::RUNNING) continue;
    client.setKnob(&page, row.id, QStringLiteral("/network/bandwidth_mbit"), QString::number(mbit, 'g', 6),
                   [this, id = row.id, mbit](qint64, const QString& error) {
                     if (error.isEmpty()) turned[id] = mbit;
                     say(error, true);
                   });
  }
}

void ComparePage::Impl::fit() {
  table->resizeColumnsToContents();
  QHeaderView* header = table->horizontalHeader();
  header->setSectionResizeMode(ComparisonModel::kVariant, QHeaderView::Stretch);
  for (int column = 1; column < ComparisonModel::kColumns; ++column)
    header->resizeSection(column, std::max(header->sectionSize(column), charactersWide(&page, 13)));
}

ComparePage::ComparePage(EngineClient& client, QWidget* parent)
    : QWidget(parent), impl_(std::make_unique<Impl>(*this, client)) {
  setObjectName(QStringLiteral("comparePage"));
  impl_->build();
}

ComparePage::~ComparePage() = default;

void ComparePage::showEvent(QShowEvent* event) {
  QWidget::showEvent(event);
  impl_->choose(impl_->groups->currentText());
  impl_->showFigures();
}

QByteArray ComparePage::saveState() const {
  CompareCurves& curves = impl_->side_by_side->curves();
  const QJsonObject state{{"curves", curves.saveState()}, {"runs_beside", curves.tableButton()->isChecked()}};
  return QJsonDocument(state).toJson(QJsonDocument::Compact);
}

void ComparePage::restoreState(const QByteArray& kept) {
  const QJsonObject state = QJsonDocument::fromJson(kept).object();
  CompareCurves& curves = impl_->side_by_side->curves();
  curves.restoreState(state.value(QLatin1String("curves")).toObject());
  curves.tableButton()->setChecked(state.value(QLatin1String("runs_beside")).toBool(true));
}

void ComparePage::resetLayout() {
  CompareCurves& curves = impl_->side_by_side->curves();
  curves.resetLayout();
  curves.tableButton()->setChecked(true);
}

bool ComparePage::findSeries() {
  return impl_->stack->currentWidget() == impl_->side_by_side && impl_->side_by_side->findSeries();
}

void ComparePage::compareRuns(const QVector<proto::RunSummary>& runs) {
  impl_->side_by_side->setRuns(runs);
  impl_->stack->setCurrentWidget(impl_->side_by_side);
}

void ComparePage::begin(const QString& spec) {
  impl_->setup->setSpec(spec);
  impl_->stack->setCurrentWidget(impl_->setup);
}

}  // namespace concertina::ui
