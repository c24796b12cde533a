// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// sweep_page.cc: see sweep_page.h.
#include "ui/pages/sweep_page.h"

#include <QComboBox>
#include <QFile>
#include <QHBoxLayout>
#include <QJsonDocument>
#include <QLabel>
#include <QPushButton>
#include <QStackedWidget>
#include <QVBoxLayout>
#include <utility>

#include "ui/client/core_words.h"
#include "ui/client/run_state.h"
#include "ui/client/sweep_driver.h"
#include "ui/client/sweep_model.h"
#include "ui/client/sweep_shelf.h"
#include "ui/forms/line_icon.h"
#include "ui/forms/rhythm.h"
#include "ui/forms/tone.h"
#include "ui/pages/empty_state.h"
#include "ui/pages/sweep_results.h"
#include "ui/pages/sweep_setup.h"

namespace concertina::ui {
namespace {

constexpr int kMostPointsGoingOn = 10000;

}  // namespace

struct SweepPage::Impl {
  Impl(SweepPage& page, EngineClient& client, const QString& shelf_folder)
      : page(page), client(client), model(client), driver(client), shelf(shelf_folder) {}

  void build();
  QWidget* makeEmpty();
  QWidget* makeSweep();
  void listGroups();
  void choose(const QString& group);
  void showProgress();
  void newSweep();
  void launch(const proto::ExpandSweepReply& sweep, const QJsonObject& file, int at_once);
  void goOn();
  void stop();
  void leaveSetup() { stack->setCurrentWidget(groups->count() > 0 ? sweep : empty); }
  void say(const QString& text);

  SweepPage& page;
  EngineClient& client;
  SweepModel model;
  SweepDriver driver;
  SweepShelf shelf;
  QString design;  // what the Design page has
  QString wanted;  // just started: shown as soon as it is there
  QStackedWidget* stack = nullptr;
  QWidget *empty = nullptr, *sweep = nullptr;
  SweepSetup* setup = nullptr;
  SweepResults* results = nullptr;
  QComboBox* groups = nullptr;
  QLabel *progress = nullptr, *message = nullptr;
  QPushButton *stop_button = nullptr, *go_on = nullptr, *compare = nullptr;
};

QWidget* SweepPage::Impl::makeEmpty() {
  QPushButton* button = nullptr;
  empty = makeEmptyState(
      {.icon = QStringLiteral("sweep"),
       .title = tr("Which setting is best?"),
       .lead =
           tr("A sweep runs one experiment with many settings: pick fields and their values, and watch the "
              "result grow as a heat map. Begin with the one that comes along, every codec on three links, "
              "or with your own experiment."),
       .button = tr("Compare Codecs"),
       .button_name = QStringLiteral("sweepPage.emptyButton")},
      &page, &button);
  connect(button, &QPushButton::clicked, &page,
          [this] { page.beginReady(QStringLiteral("compare-codecs")); });
  auto* own = new QPushButton(tr("Sweep My Experiment…"), empty);
  own->setObjectName(QStringLiteral("sweepPage.emptyOwn"));
  connect(own, &QPushButton::clicked, &page, [this] { newSweep(); });
  auto* column = static_cast<QVBoxLayout*>(empty->layout());
  column->insertWidget(column->indexOf(button) + 1, own, 0, Qt::AlignHCenter);
  return empty;
}

QWidget* SweepPage::Impl::makeSweep() {
  const int unit = rhythmUnit(&page);
  sweep = new QWidget(&page);
  auto* title = new QLabel(tr("Sweep"), sweep);
  title->setFont(scaledFont(page.font(), 1.6, QFont::DemiBold));
  groups = new QComboBox(sweep);
  groups->setObjectName(QStringLiteral("sweepPage.groups"));
  groups->setAccessibleName(tr("Sweep"));
  groups->setMinimumWidth(charactersWide(&page, 36));
  progress = new QLabel(sweep);
  progress->setObjectName(QStringLiteral("sweepPage.progress"));
  setTone(progress, "quiet");
  const auto button = [&](const QString& icon, const QString& text, const char* name, const QString& tip) {
    auto* made = new QPushButton(lineIcon(icon), text, sweep);
    made->setObjectName(QStringLiteral("sweepPage.") + QLatin1String(name));
    made->setToolTip(tip);
    return made;
  };
  stop_button = button(QStringLiteral("stop"), tr("Stop Sweep"), "stop",
                       tr("No more runs begin, and those that go on are stopped; what they have is kept"));
  go_on = button(QStringLiteral("launch"), tr("Continue"), "continue",
                 tr("What has not begun, or was stopped, goes on"));
  compare = button(QStringLiteral("compare"), tr("Compare"), "compare",
                   tr("The chosen runs beside each other, or all that have begun"));
  QPushButton* create = button(QStringLiteral("new"), tr("New Sweep…"), "new", tr("Vary another experiment"));
  connect(stop_button, &QPushButton::clicked, &page, [this] { stop(); });
  connect(go_on, &QPushButton::clicked, &page, [this] { goOn(); });
  connect(create, &QPushButton::clicked, &page, [this] { newSweep(); });
  connect(compare, &QPushButton::clicked, &page, [this] {
    if (const QVector<proto::RunSummary> runs = results->runsToCompare(); !runs.isEmpty())
      emit page.compareRequested(runs);
  });
  auto* bar = new QHBoxLayout;
  bar->setSpacing(unit * 3 / 2);
  bar->addWidget(title);
  bar->addWidget(groups);
  bar->addWidget(progress, 1);
  for (QPushButton* each : {stop_button, go_on, compare, create}) bar->addWidget(each);
  results = new SweepResults(model, sweep);
  message = new QLabel(sweep);
  message->setObjectName(QStringLiteral("sweepPage.message"));
  message->setWordWrap(true);
  setTone(message, "error");
  message->hide();
  auto* layout = new QVBoxLayout(sweep);
  layout->setContentsMargins(unit * 3, unit * 2, unit * 3, unit * 2);
  layout->setSpacing(unit * 3 / 2);
  layout->addLayout(bar);
  layout->addWidget(results, 1);
  layout->addWidget(message);
  return sweep;
}

void SweepPage::Impl::build() {
  stack = new QStackedWidget(&page);
  setup = new SweepSetup(client, stack);
  for (QWidget* widget : std::initializer_list<QWidget*>{makeEmpty(), makeSweep(), setup})
    stack->addWidget(widget);
  auto* layout = new QVBoxLayout(&page);
  layout->setContentsMargins(0, 0, 0, 0);
  layout->addWidget(stack);
  connect(setup, &SweepSetup::cancelled, &page, [this] { leaveSetup(); });
  connect(setup, &SweepSetup::launched, &page,
          [this](const proto::ExpandSweepReply& reply, const QJsonObject& file, int at_once) {
            launch(reply, file, at_once);
          });
  connect(&model, &SweepModel::groupsChanged, &page, [this] { listGroups(); });
  connect(&model, &SweepModel::figuresChanged, &page, [this] { showProgress(); });
  connect(&driver, &SweepDriver::changed, &page, [this] { showProgress(); });
  connect(&driver, &SweepDriver::failed, &page, [this](const QString& why) { say(why); });
  connect(results, &SweepResults::opened, &page, &SweepPage::opened);
  connect(groups, &QComboBox::textActivated, &page, [this](const QString& group) { choose(group); });
  connect(&client, &EngineClient::stateChanged, &page, [this] { showProgress(); });
  listGroups();
}

void SweepPage::Impl::listGroups() {
  const QStringList names = model.groups();
  setup->setTakenNames(names);
  const QString chosen = names.contains(wanted)          ? wanted
                         : names.contains(model.group()) ? model.group()
                                                         : names.value(0);
  const QSignalBlocker quiet(groups);
  groups->clear();
  groups->addItems(names);
  groups->setCurrentText(chosen);
  choose(chosen);
  if (chosen == wanted) wanted.clear();
  if (stack->currentWidget() != setup) leaveSetup();
}

// Every spec of a sweep is read: not before somebody looks.
void SweepPage::Impl::choose(const QString& group) {
  if (group == model.group() || !page.isVisible()) return;
  message->hide();
  model.setGroup(group);
  const QString objective = shelf.find(group)
                                .value(QLatin1String("objective"))
                                .toObject()
                                .value(QLatin1String("series"))
                                .toString();
  results->setMetric(objective.isEmpty() ? QStringLiteral("test_accuracy") : objective);
  showProgress();
}

void SweepPage::Impl::showProgress() {
  const SweepModel::Progress at = model.progress();
  const bool is_driven = driver.isGoing() && driver.name() == model.group();
  QStringList words{tr("%1 of %n run(s) have ended", nullptr, int(model.runs().size())).arg(at.ended)};
  if (at.running > 0) words << tr("%n running", nullptr, at.running);
  if (at.queued > 0) words << tr("%n queued", nullptr, at.queued);
  if (is_driven && !driver.words().isEmpty()) words << driver.words();
  progress->setText(words.join(QStringLiteral(" · ")));
  const bool is_connected = client.state() == EngineClient::State::kConnected;
  stop_button->setEnabled(is_connected && (is_driven || at.running + at.queued > 0));
  go_on->setVisible(!driver.isGoing() && QFile::exists(shelf.pathOf(model.group())));
  go_on->setEnabled(is_connected);
  compare->setEnabled(at.running + at.ended > 1);
}

void SweepPage::Impl::newSweep() {
  if (design.isEmpty()) design = QStringLiteral("{}");
  page.begin(design, tr("The experiment of the Design page"));
}

void SweepPage::Impl::launch(const proto::ExpandSweepReply& reply, const QJsonObject& file, int at_once) {
  if (driver.isGoing()) {
    say(tr("%1 is still being driven: stop it first, or wait until all of its runs are in the queue.")
            .arg(driver.name()));
    return leaveSetup();
  }
  message->hide();
  wanted = QString::fromStdString(reply.name());
  const QString problem = shelf.keep(wanted, file);
  if (!problem.isEmpty())
    say(tr("The sweep runs, but cannot be continued after the window closes: %1").arg(problem));
  driver.start(reply, at_once);
  leaveSetup();
  listGroups();
}

void SweepPage::Impl::goOn() {
  const QJsonObject file = shelf.find(model.group());
  if (file.isEmpty())
    return say(tr("The file of this sweep is damaged: %1").arg(shelf.pathOf(model.group())));
  go_on->setEnabled(false);
  client.expandSweep(&page, QString::fromUtf8(QJsonDocument(file).toJson(QJsonDocument::Compact)),
                     kMostPointsGoingOn, [this](const proto::ExpandSweepReply& reply, const QString& error) {
                       if (!error.isEmpty()) return say(error);
                       if (reply.faults_size() > 0) return say(coreText(reply.faults(0).message()));
                       message->hide();
                       driver.start(reply, 0);
                     });
}

void SweepPage::Impl::stop() {
  if (driver.isGoing() && driver.name() == model.group()) driver.stop();
  for (const proto::RunSummary& run : model.runs())
    if (canStop(run.state()))
      client.control(&page, QString::fromStdString(run.run()), proto::ControlRunRequest::STOP,
                     [this](int, const QString& error) {
                       if (!error.isEmpty()) say(error);
                     });
}

void SweepPage::Impl::say(const QString& text) {
  message->setText(text);
  message->show();
  showProgress();
}

SweepPage::SweepPage(EngineClient& client, const QString& shelf_folder, QWidget* parent)
    : QWidget(parent), impl_(std::make_unique<Impl>(*this, client, shelf_folder)) {
  setObjectName(QStringLiteral("sweepPage"));
  impl_->build();
}

SweepPage::~SweepPage() = default;

void SweepPage::begin(const QString& spec, const QString& words) {
  impl_->setup->setBase(spec, words);
  impl_->stack->setCurrentWidget(impl_->setup);
}

void SweepPage::beginReady(const QString& id) {
  impl_->setup->showReady(id);
  impl_->stack->setCurrentWidget(impl_->setup);
}

void SweepPage::showSweep(const QString& name) {
  impl_->wanted = name;
  impl_->listGroups();
  impl_->leaveSetup();
}

void SweepPage::setDesign(const QString& spec) { impl_->design = spec; }

void SweepPage::showEvent(QShowEvent* event) {
  QWidget::showEvent(event);
  impl_->choose(impl_->groups->currentText());
  impl_->showProgress();
}

}  // namespace concertina::ui
