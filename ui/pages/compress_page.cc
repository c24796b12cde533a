// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// compress_page.cc: see compress_page.h.
#include "ui/pages/compress_page.h"

#include <QComboBox>
#include <QFileDialog>
#include <QFileInfo>
#include <QHBoxLayout>
#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <QLabel>
#include <QMenu>
#include <QPushButton>
#include <QSplitter>
#include <QStackedWidget>
#include <QTableView>
#include <QVBoxLayout>
#include <algorithm>
#include <cmath>

#include "ui/client/core_words.h"
#include "ui/client/recipe_model.h"
#include "ui/client/run_state.h"
#include "ui/forms/ask.h"
#include "ui/forms/line_icon.h"
#include "ui/forms/rhythm.h"
#include "ui/forms/tone.h"
#include "ui/pages/compare_scatter.h"
#include "ui/pages/compress_deploy.h"
#include "ui/pages/compress_detail.h"
#include "ui/pages/compress_report.h"
#include "ui/pages/compress_setup.h"
#include "ui/pages/empty_state.h"
#include "ui/pages/keep_in_floats.h"
#include "ui/pages/monitor_elided_label.h"
#include "ui/pages/monitor_table.h"
#include "ui/pages/picture_button.h"

namespace concertina::ui {
namespace {

constexpr qsizetype kMostOthers = 24;  // runs that are drawn beside the chosen one

}  // namespace

struct CompressPage::Impl {
  Impl(CompressPage& page, EngineClient& client) : page(page), client(client), model(client) {}

  void build();
  QWidget* emptyState();
  QWidget* makeResults();
  void listRuns();
  void choose(const QString& run);
  void showFigures();
  void fitSteps();
  void restoreStep();
  void chooseStep(int step);
  void showStep();
  void exportAs(const QString& format, const QString& ending);
  void deploy();
  void saveReport();
  void showSetup(const QString& run);
  void keepInFloats(const QString& layer);
  void say(const QString& text, bool is_problem = true);

  CompressPage& page;
  EngineClient& client;
  RecipeModel model;
  QHash<QString, proto::RunSummary> trained;  // that have kept a model
  QString wanted;                             // just started: shown as soon as it is there
  QString run_of_step;                        // in which a person chose a step
  int chosen_step = -1;                       // -1: the newest, whichever it is
  QString kept_for;                           // whose layers are left in fp32 in the recipe
  bool restoring = false;

  QStackedWidget* stack = nullptr;
  QWidget *empty = nullptr, *results = nullptr;
  CompressSetup* setup = nullptr;
  QComboBox *runs = nullptr, *against = nullptr;
  QLabel *state = nullptr, *message = nullptr;
  QPushButton *keep = nullptr, *to_device = nullptr;
  QJsonObject device;  // that a model went to last, as long as the page lives
  QTableView* table = nullptr;
  CompareScatter* scatter = nullptr;
  CompressDetail* detail = nullptr;
  QPushButton* report_button = nullptr;
  CompressReport* report = nullptr;
  proto::RunSummary shown;  // that the figures are of
};

QWidget* CompressPage::Impl::emptyState() {
  QPushButton* button = nullptr;
  empty = makeEmptyState(
      {.icon = QStringLiteral("compress"),
       .title = tr("How small can the model be?"),
       .lead = tr("Prune, quantise, share weights, retrain: after each step the file is written, "
                  "read and run, and you see "
                  "what it weighs, how often it is right and how long an answer takes."),
       .button = tr("Compress a Model…"),
       .button_name = QStringLiteral("compressPage.emptyButton")},
      &page, &button);
  connect(button, &QPushButton::clicked, &page, [this] { showSetup({}); });
  return empty;
}

QWidget* CompressPage::Impl::makeResults() {
  const int unit = rhythmUnit(&page);
  results = new QWidget(&page);
  auto* title = new QLabel(tr("Compress"), results);
  title->setFont(scaledFont(page.font(), 1.6, QFont::DemiBold));
  runs = new QComboBox(results);
  runs->setObjectName(QStringLiteral("compressPage.runs"));
  runs->setAccessibleName(tr("Compressed model"));
  runs->setMinimumWidth(charactersWide(&page, 20));
  runs->setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Fixed);
  runs->setMaximumWidth(charactersWide(&page, 44));
  state = new ElidedLabel(results);
  state->setObjectName(QStringLiteral("compressPage.state"));
  setTone(state, "quiet");
  auto* watch = new QPushButton(lineIcon(QStringLiteral("monitor")), tr("Watch"), results);
  watch->setObjectName(QStringLiteral("compressPage.watchButton"));
  watch->setToolTip(tr("Show the curves of this run"));
  connect(watch, &QPushButton::clicked, &page, [this] {
    if (!model.run().isEmpty()) emit page.opened(model.run());
  });
  keep = new QPushButton(lineIcon(QStringLiteral("save")), tr("Export"), results);
  keep->setObjectName(QStringLiteral("compressPage.exportButton"));
  keep->setToolTip(tr("Save the compressed model as a file"));
  auto* formats = new QMenu(keep);
  const std::pair<QString, const char*> kinds[] = {{tr("For concertina-edge (.edge)…"), "edge"},
                                                   {tr("ONNX (.onnx)…"), "onnx"},
                                                   {tr("Values alone (.safetensors)…"), "safetensors"}};
  for (const auto& [words, format] : kinds)
    connect(formats->addAction(words), &QAction::triggered, &page,
            [this, format = QString::fromLatin1(format)] { exportAs(format, format); });
  keep->setMenu(formats);
  to_device = new QPushButton(lineIcon(QStringLiteral("launch")), tr("Deploy…"), results);
  to_device->setObjectName(QStringLiteral("compressPage.deployButton"));
  to_device->setToolTip(tr("Copy the model to a device by ssh, or let it answer here, and measure it"));
  connect(to_device, &QPushButton::clicked, &page, [this] { deploy(); });
  report_button = new QPushButton(lineIcon(QStringLiteral("save")), tr("Report…"), results);
  report_button->setObjectName(QStringLiteral("compressPage.reportButton"));
  report_button->setToolTip(
      tr("What each step made of it as one file to send: an HTML page, which needs nothing else, or a PDF"));
  connect(report_button, &QPushButton::clicked, &page, [this] { saveReport(); });
  report = new CompressReport(client, &page);
  connect(report, &CompressReport::written, &page, [this](const QString& path, const QString& error) {
    report_button->setEnabled(model.rowCount() > 0);
    say(error.isEmpty() ? tr("The report is in %1").arg(path) : error, !error.isEmpty());
  });
  auto* create = new QPushButton(lineIcon(QStringLiteral("new")), tr("Compress a Model…"), results);
  create->setObjectName(QStringLiteral("compressPage.newButton"));
  create->setToolTip(tr("Choose a trained run and a recipe"));
  connect(create, &QPushButton::clicked, &page, [this] { showSetup({}); });
  auto* bar = new QHBoxLayout;
  bar->setSpacing(unit * 3 / 2);
  bar->addWidget(title);
  bar->addWidget(runs);
  bar->addWidget(state, 1);
  for (QPushButton* button : {watch, report_button, keep, to_device, create}) bar->addWidget(button);

  table = makeTable(QStringLiteral("compressPage.table"), &model, 3.25, results);
  table->setAccessibleName(tr("Steps"));
  table->setSelectionMode(QAbstractItemView::SingleSelection);
  table->horizontalHeader()->setStretchLastSection(false);

  auto* plane = new QFrame(results);
  plane->setProperty("card", true);
  auto* column = new QVBoxLayout(plane);
  setRhythm(column, &page, 1.5, 1, 1.5, 1, 0.5);
  auto* heading = new QHBoxLayout;
  auto* name = new QLabel(tr("Accuracy against"), plane);
  name->setFont(scaledFont(page.font(), 1.15, QFont::DemiBold));
  against = new QComboBox(plane);
  against->setObjectName(QStringLiteral("compressPage.against"));
  against->addItems({tr("bytes of the file"), tr("latency"), tr("multiply-adds")});
  name->setBuddy(against);
  auto* legend =
      new QLabel(tr("Line: the steps of this model. Dashes: nothing is both better and cheaper."), plane);
  legend->setWordWrap(true);
  setTone(legend, "quiet");
  heading->addWidget(name);
  heading->addWidget(against);
  heading->addStretch(1);
  scatter = new CompareScatter(plane);
  scatter->setObjectName(QStringLiteral("compressPage.scatter"));
  scatter->setAccessibleName(tr("Accuracy of each step against what it costs"));
  heading->addWidget(
      makePictureButton(QStringLiteral("compressPage.scatterMenu"),
                        {.title = tr("Accuracy and cost of each step"),
                         .widget = scatter,
                         .numbers = [this] { return scatter->numbers(); },
                         .tell = [this](const QString& text, bool is_problem) { say(text, is_problem); }},
                        plane));
  column->addLayout(heading);
  column->addWidget(legend);
  column->addWidget(scatter, 1);
  detail = new CompressDetail(client, results);
  auto* splitter = new QSplitter(Qt::Horizontal, results);
  splitter->setObjectName(QStringLiteral("compressPage.splitter"));
  splitter->setChildrenCollapsible(false);
  splitter->addWidget(plane);
  splitter->addWidget(detail);
  splitter->setSizes({charactersWide(&page, 60), charactersWide(&page, 80)});

  message = new QLabel(results);
  message->setObjectName(QStringLiteral("compressPage.message"));
  message->setWordWrap(true);
  setTone(message, "error");
  message->hide();
  auto* layout = new QVBoxLayout(results);
  layout->setContentsMargins(unit * 3, unit * 2, unit * 3, unit * 2);
  layout->setSpacing(unit * 3 / 2);
  layout->addLayout(bar);
  layout->addWidget(inCard(table, results), 3);
  layout->addWidget(splitter, 6);
  layout->addWidget(message);
  return results;
}

void CompressPage::Impl::build() {
  stack = new QStackedWidget(&page);
  setup = new CompressSetup(client, stack);
  for (QWidget* widget : std::initializer_list<QWidget*>{emptyState(), makeResults(), setup})
    stack->addWidget(widget);
  auto* layout = new QVBoxLayout(&page);
  layout->setContentsMargins(0, 0, 0, 0);
  layout->addWidget(stack);

  connect(setup, &CompressSetup::cancelled, &page,
          [this] { stack->setCurrentWidget(runs->count() > 0 ? results : empty); });
  connect(setup, &CompressSetup::started, &page, [this](const QString& run) {
    wanted = run;
    listRuns();
    stack->setCurrentWidget(runs->count() > 0 ? results : empty);
  });
  connect(&client, &EngineClient::runChanged, &page, [this](const proto::RunSummary& run) {
    const bool has_model = run.state() == proto::FINISHED || run.state() == proto::STOPPED;
    if (has_model) trained[QString::fromStdString(run.run())] = run;
  });
  connect(&client, &EngineClient::runRemoved, &page, [this](const QString& run) { trained.remove(run); });
  connect(&model, &RecipeModel::runsChanged, &page, [this] { listRuns(); });
  connect(&model, &RecipeModel::stepsChanged, &page, [this] {
    if (page.isVisible()) showFigures();
  });
  connect(table->horizontalHeader(), &QHeaderView::geometriesChanged, &page, [this] { fitSteps(); });
  connect(runs, &QComboBox::activated, &page, [this] { choose(runs->currentData().toString()); });
  connect(against, &QComboBox::currentIndexChanged, &page, [this] { showFigures(); });
  connect(table->selectionModel(), &QItemSelectionModel::currentRowChanged, &page, [this] {
    if (!restoring) showStep();
  });
  connect(scatter, &CompareScatter::stepChosen, &page, [this](int step) { chooseStep(step); });
  connect(detail, &CompressDetail::scanRequested, &page, [this] {
    showSetup({});
    setup->setRecipe({QJsonObject{{QStringLiteral("kind"), QStringLiteral("evaluate")},
                                  {QStringLiteral("sensitivity"), true}}});
  });
  connect(detail, &CompressDetail::keepRequested, &page,
          [this](const QString& layer) { keepInFloats(layer); });
  client.listAgain();
  listRuns();
}

// On the model that the shown one came from, by the recipe that made it, where that has grids, else by the
// one that was written last, else by int8 alone. What was left out before stays so.
void CompressPage::Impl::keepInFloats(const QString& layer) {
  const QJsonObject spec = QJsonDocument::fromJson(QByteArray::fromStdString(shown.spec_json())).object();
  const QString file = spec.value(QLatin1String("model")).toObject().value(QLatin1String("path")).toString();
  const QJsonArray own = spec.value(QLatin1String("recipe")).toArray();
  const bool goes_on = kept_for == model.run();
  kept_for = model.run();
  showSetup(QFileInfo(file).completeBaseName());
  const QJsonArray written = setup->recipe();
  setup->setRecipe(keptInFloats(!goes_on && hasGrids(own) ? own
                                : hasGrids(written)       ? written
                                                          : QJsonArray(),
                                layer));
}

void CompressPage::Impl::listRuns() {
  const QVector<proto::RunSummary> known = model.runs();
  const auto is_known = [&](const QString& id) {
    return std::any_of(known.cbegin(), known.cend(),
                       [&](const proto::RunSummary& run) { return QString::fromStdString(run.run()) == id; });
  };
  const QString chosen = is_known(wanted)        ? wanted
                         : is_known(model.run()) ? model.run()
                         : known.isEmpty()       ? QString()
                                                 : QString::fromStdString(known[0].run());
  if (chosen == wanted) wanted.clear();
  {
    const QSignalBlocker quiet(runs);
    runs->clear();
    for (const proto::RunSummary& run : known)
      runs->addItem(QString::fromStdString(run.name()), QString::fromStdString(run.run()));
    runs->setCurrentIndex(runs->findData(chosen));
  }
  choose(chosen);
  if (stack->currentWidget() != setup) stack->setCurrentWidget(known.isEmpty() ? empty : results);
}

// Events of runs are asked for: not before somebody looks.
void CompressPage::Impl::choose(const QString& run) {
  if (!page.isVisible()) return;
  model.setRun(run);
  showFigures();
}

void CompressPage::Impl::showFigures() {
  const auto cost = [this](const RecipeStep& step) {
    return against->currentIndex() == 0   ? step.file_bytes
           : against->currentIndex() == 1 ? step.latency_p50_seconds
                                          : step.macs;
  };
  QVector<ScatterDot> dots;
  for (const RecipeStep& step : model.steps())
    dots.push_back({.label = dots.isEmpty() ? tr("as it was") : step.text,
                    .x = cost(step),
                    .accuracy = step.accuracy,
                    .path = 0,
                    .step = int(dots.size())});
  qsizetype others = 0;
  proto::RunSummary chosen;
  for (const proto::RunSummary& run : model.runs()) {
    const QString id = QString::fromStdString(run.run());
    if (id == model.run()) {
      chosen = run;
      continue;
    }
    if (others++ >= kMostOthers) continue;
    for (const RecipeStep& step : model.stepsOf(id))
      dots.push_back({.label = QStringLiteral("%1: %2").arg(QString::fromStdString(run.name()), step.text),
                      .x = cost(step),
                      .accuracy = step.accuracy,
                      .is_quiet = true});
  }
  scatter->setPoints(dots, against->currentIndex() == 0   ? QStringLiteral("B")
                           : against->currentIndex() == 1 ? QStringLiteral("s")
                                                          : QString());
  restoreStep();
  state->setText(
      chosen.run().empty() ? QString()
      : chosen.doing().empty()
          ? stateName(chosen.state())
          : QStringLiteral("%1 · %2").arg(stateName(chosen.state()), QString::fromStdString(chosen.doing())));
  shown = chosen;
  report_button->setEnabled(model.rowCount() > 0 && !report->isBusy());
  keep->setEnabled(chosen.state() == proto::FINISHED);
  to_device->setEnabled(chosen.state() == proto::FINISHED);
  say(coreText(chosen.error()));
  table->resizeColumnsToContents();
  QHeaderView* header = table->horizontalHeader();
  for (int column = 1; column < RecipeModel::kColumns; ++column)
    header->resizeSection(column, std::max(header->sectionSize(column), charactersWide(&page, 9)));
  fitSteps();
}

// The steps' column has the room that the figures leave, and is never too narrow to read: then the table
// scrolls.
void CompressPage::Impl::fitSteps() {
  QHeaderView* header = table->horizontalHeader();
  int figures = 0;
  for (int column = 1; column < RecipeModel::kColumns; ++column) figures += header->sectionSize(column);
  const int width = std::max(charactersWide(&page, 22), table->viewport()->width() - figures);
  if (width != header->sectionSize(RecipeModel::kStep)) header->resizeSection(RecipeModel::kStep, width);
}

// The model has all its rows anew: the step that a person chose is chosen again, or else the newest is.
void CompressPage::Impl::restoreStep() {
  const int steps = model.rowCount();
  const bool is_kept = run_of_step == model.run() && chosen_step >= 0 && chosen_step < steps;
  if (!is_kept) chosen_step = -1;
  restoring = true;
  if (steps > 0) table->selectRow(is_kept ? chosen_step : steps - 1);
  restoring = false;
  const int step = table->currentIndex().row();
  scatter->setChosen(step);
  detail->showStep(model.run(), step, step < 0 ? QString() : model.steps()[step].text);
}

void CompressPage::Impl::chooseStep(int step) {
  if (step >= 0 && step < model.rowCount()) table->selectRow(step);
}

void CompressPage::Impl::showStep() {
  const int step = table->currentIndex().row();
  if (step < 0) return;  // rows that go
  run_of_step = model.run();
  chosen_step = step;
  restoreStep();
}

void CompressPage::Impl::exportAs(const QString& format, const QString& ending) {
  const QString path = QFileDialog::getSaveFileName(
      &page, tr("Export the Model"), QStringLiteral("model.") + ending, QStringLiteral("*.") + ending);
  if (path.isEmpty()) return;
  client.exportRun(&page, model.run(), format, path,
                   [this](const QString&, const QString& error) { say(error); });
}

void CompressPage::Impl::saveReport() {
  if (model.rowCount() == 0 || report->isBusy()) return;
  const QString path = askForFile(&page, {.what = FileQuestion::What::kSaveFile,
                                          .title = tr("Save the Report"),
                                          .start = QStringLiteral("compression.html"),
                                          .filter = tr("HTML files (*.html);;PDF files (*.pdf)"),
                                          .suffix = QStringLiteral("html")});
  if (path.isEmpty()) return;
  report_button->setEnabled(false);
  say(tr("Writing %1…").arg(path), false);
  report->write(shown, model.steps(), path);
}

void CompressPage::Impl::deploy() {
  auto* window = new CompressDeploy(client, model.run(), runs->currentText(), device, &page);
  connect(window, &CompressDeploy::measureStarted, &page, [this](const QJsonObject& to) { device = to; });
  window->open();
}

void CompressPage::Impl::showSetup(const QString& run) {
  QVector<proto::RunSummary> with_model(trained.cbegin(), trained.cend());
  std::sort(with_model.begin(), with_model.end(), [](const proto::RunSummary& a, const proto::RunSummary& b) {
    return a.created_unix_ms() > b.created_unix_ms();
  });
  setup->setRuns(with_model, run);
  stack->setCurrentWidget(setup);
}

void CompressPage::Impl::say(const QString& text, bool is_problem) {
  message->setText(text);
  setTone(message, is_problem ? "error" : "quiet");
  message->setVisible(!text.isEmpty());
}

CompressPage::CompressPage(EngineClient& client, QWidget* parent)
    : QWidget(parent), impl_(std::make_unique<Impl>(*this, client)) {
  setObjectName(QStringLiteral("compressPage"));
  impl_->build();
}

// Widgets that go with the page still tell of their sizes when the rest is gone.
CompressPage::~CompressPage() { impl_->table->horizontalHeader()->disconnect(this); }

void CompressPage::showEvent(QShowEvent* event) {
  QWidget::showEvent(event);
  impl_->choose(impl_->runs->currentData().toString());
}

void CompressPage::begin(const QString& run) { impl_->showSetup(run); }

}  // namespace concertina::ui
