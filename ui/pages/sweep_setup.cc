// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// sweep_setup.cc: what a sweep is made of and checked with; its widgets are made in sweep_setup_layout.cc
// (see sweep_setup.h).
#include "ui/pages/sweep_setup.h"

#include <QComboBox>
#include <QDoubleSpinBox>
#include <QFile>
#include <QFormLayout>
#include <QJsonDocument>
#include <QLabel>
#include <QLineEdit>
#include <QListWidget>
#include <QPushButton>
#include <QSaveFile>
#include <QSpinBox>
#include <QVBoxLayout>
#include <algorithm>
#include <cmath>

#include "ui/charts/picture_export.h"
#include "ui/client/comparison_model.h"
#include "ui/client/core_words.h"
#include "ui/client/number_format.h"
#include "ui/client/sweep_model.h"
#include "ui/forms/ask.h"
#include "ui/forms/tone.h"
#include "ui/pages/sweep_axis_card.h"

namespace concertina::ui {
namespace {

constexpr int kCheckMs = 250;
constexpr int kMostPoints = 10000;  // as core/experiment/sweep.h has it
constexpr qsizetype kMostFaults = 4;

QString compact(const QJsonObject& object) {
  return QString::fromUtf8(QJsonDocument(object).toJson(QJsonDocument::Compact));
}

}  // namespace

SweepEstimate estimateOf(const proto::ExpandSweepReply& sweep, const QJsonObject& plan) {
  SweepEstimate estimate;
  const double repeats =
      sweep.point_count() > 0 ? double(sweep.run_count()) / double(sweep.point_count()) : 0;
  if (sweep.rungs().empty()) {
    estimate.run_share = double(sweep.run_count());
  } else {
    double before = 0;
    for (const proto::SweepRung& rung : sweep.rungs()) {
      estimate.run_share += repeats * double(rung.points()) * (rung.epochs() - before) / sweep.epochs();
      before = rung.epochs();
    }
  }
  const double steps = plan.value(QLatin1String("total_steps")).toDouble();
  const double step =
      plan.value(QLatin1String("step_seconds")).toObject().value(QLatin1String("total")).toDouble();
  const double payload = plan.value(QLatin1String("payload_bytes_per_step_and_rank")).toDouble(qQNaN());
  const double ranks = plan.value(QLatin1String("world_size")).toDouble();
  if (steps > 0 && step > 0) estimate.seconds = steps * step * estimate.run_share;
  if (steps > 0 && std::isfinite(payload)) estimate.bytes = steps * payload * ranks * estimate.run_share;
  return estimate;
}

SweepSetup::SweepSetup(EngineClient& client, QWidget* parent)
    : QWidget(parent),
      client_(client),
      catalog_(std::make_shared<Catalog>()),
      base_(new QComboBox(this)),
      strategy_(new QComboBox(this)),
      metric_(new QComboBox(this)),
      name_(new QLineEdit(this)),
      find_(new QLineEdit(this)),
      list_(new QListWidget(this)),
      estimate_(new QLabel(this)),
      message_(new QLabel(this)),
      samples_(new QSpinBox(this)),
      repeats_(new QSpinBox(this)),
      at_once_(new QSpinBox(this)),
      seed_(new QSpinBox(this)),
      first_epochs_(new QDoubleSpinBox(this)),
      keep_(new QDoubleSpinBox(this)),
      launch_(new QPushButton(tr("&Launch Sweep"), this)),
      cancel_(new QPushButton(tr("Cancel"), this)),
      save_(new QPushButton(tr("Save &as File…"), this)) {
  check_soon_.setSingleShot(true);
  check_soon_.setInterval(kCheckMs);
  makeSearch();
  connect(&check_soon_, &QTimer::timeout, this, &SweepSetup::check);
  connect(&client_, &EngineClient::stateChanged, this, [this] {
    describe();
    changed();
  });
  connect(find_, &QLineEdit::textChanged, this, &SweepSetup::filterFields);
  connect(list_, &QListWidget::itemActivated, this, &SweepSetup::addField);
  connect(base_, &QComboBox::activated, this, [this](int index) {
    const QJsonObject chosen = QJsonDocument::fromJson(base_->itemData(index).toString().toUtf8()).object();
    if (chosen.contains(QLatin1String("axes")))
      setSweep(chosen);
    else
      setBase(base_->itemData(index).toString(), base_->itemText(index));
  });
  connect(launch_, &QPushButton::clicked, this, &SweepSetup::launch);
  connect(cancel_, &QPushButton::clicked, this, &SweepSetup::cancelled);
  connect(save_, &QPushButton::clicked, this, &SweepSetup::saveFile);
  showStrategy();
}

void SweepSetup::setBase(const QString& spec, const QString& words) {
  spec_ = QJsonDocument::fromJson(spec.toUtf8()).object();
  int at = base_->findText(words);
  if (at < 0) {
    base_->insertItem(0, words, spec);
    at = 0;
  }
  base_->setItemData(at, spec);
  base_->setCurrentIndex(at);
  if (name_->text().isEmpty()) {
    const QString model =
        spec_.value(QLatin1String("model")).toObject().value(QLatin1String("kind")).toString();
    const QString plain = model.isEmpty() ? tr("Sweep") : tr("Sweep of %1").arg(model);
    QString name = plain;
    for (int number = 2; taken_.contains(name); ++number)
      name = QStringLiteral("%1 %2").arg(plain).arg(number);
    name_->setText(name);
  }
  describe();
  listFields();
  changed();
}

void SweepSetup::setSweep(const QJsonObject& sweep) {
  while (!axes_.empty()) emit axes_.back()->removed();
  name_->clear();
  const QString wanted = sweep.value(QLatin1String("name")).toString();
  QString name = wanted;
  for (int number = 2; taken_.contains(name); ++number)
    name = QStringLiteral("%1 %2").arg(wanted).arg(number);
  name_->setText(name);
  spec_ = sweep.value(QLatin1String("base")).toObject();
  listFields();
  const QJsonObject search = sweep.value(QLatin1String("search")).toObject();
  strategy_->setCurrentIndex(
      std::max(0, strategy_->findData(search.value(QLatin1String("kind")).toString(QStringLiteral("grid")))));
  if (search.contains(QLatin1String("samples")))
    samples_->setValue(search.value(QLatin1String("samples")).toInt());
  if (search.contains(QLatin1String("seed"))) seed_->setValue(search.value(QLatin1String("seed")).toInt());
  if (search.contains(QLatin1String("keep"))) keep_->setValue(search.value(QLatin1String("keep")).toDouble());
  if (search.contains(QLatin1String("first_epochs")))
    first_epochs_->setValue(search.value(QLatin1String("first_epochs")).toDouble());
  repeats_->setValue(sweep.value(QLatin1String("repeats")).toInt(1));
  const QString series =
      sweep.value(QLatin1String("objective")).toObject().value(QLatin1String("series")).toString();
  metric_->setCurrentIndex(std::max(0, metric_->findData(series)));
  for (const QJsonValue& each : sweep.value(QLatin1String("axes")).toArray()) {
    const QJsonObject axis = each.toObject();
    const QString pointer = axis.value(QLatin1String("pointer")).toString();
    const auto known = std::find_if(fields_.begin(), fields_.end(),
                                    [&](const SweepField& field) { return field.pointer == pointer; });
    SweepField field;
    if (known != fields_.end()) {
      field = *known;
    } else {  // a whole section, say: its values are those of the file
      field.pointer = pointer;
      field.label = pointer.section(QLatin1Char('/'), -1);
      field.param.type = FieldType::kComponent;
      field.choices = axis.value(QLatin1String("values")).toArray();
    }
    addAxis(field)->setAxis(axis);
  }
  showStrategy();
  changed();
}

QJsonObject SweepSetup::sweep() const {
  QJsonArray axes;
  for (const SweepAxisCard* card : axes_) axes.append(card->axis());
  const QString kind = strategy_->currentData().toString();
  QJsonObject search{{"kind", kind}};
  if (kind == QLatin1String("random")) {
    search[QLatin1String("samples")] = samples_->value();
    search[QLatin1String("seed")] = seed_->value();
  }
  if (kind == QLatin1String("successive-halving")) {
    // 0: the whole grid. Axes that are drawn need a number.
    if (samples_->value() > 0) {
      search[QLatin1String("samples")] = samples_->value();
      search[QLatin1String("seed")] = seed_->value();
    }
    search[QLatin1String("first_epochs")] = first_epochs_->value();
    search[QLatin1String("keep")] = keep_->value();
    search[QLatin1String("rounds")] = QStringLiteral("resumed");
  }
  return {{"name", name_->text().trimmed()},
          {"base", spec_},
          {"axes", axes},
          {"search", search},
          {"repeats", repeats_->value()},
          {"objective", QJsonObject{{"series", metric_->currentData().toString()}}}};
}

int SweepSetup::atOnce() const { return at_once_->value(); }

// Once there is an experiment: what an engine can do is long.
void SweepSetup::describe() {
  if (!catalog_->isEmpty() || spec_.isEmpty() || client_.state() != EngineClient::State::kConnected) return;
  client_.describe(this, [this](const QJsonObject& describe, const QString& error) {
    if (!error.isEmpty() || !catalog_->isEmpty()) return;
    catalog_ = Catalog::fromDescribe(describe);
    listFields();
    changed();
  });
}

void SweepSetup::listFields() {
  fields_ = sweepFields(*catalog_, spec_);
  list_->clear();
  for (qsizetype i = 0; i < fields_.size(); ++i) {
    const SweepField& field = fields_[i];
    auto* item = new QListWidgetItem(QStringLiteral("%1 – %2").arg(field.group, field.label), list_);
    item->setToolTip(field.doc.isEmpty() ? field.pointer : field.pointer + QLatin1Char('\n') + field.doc);
    item->setData(Qt::UserRole, int(i));
  }
  filterFields(find_->text());
}

// Every word must be in the field's name, its place or what is said of it.
void SweepSetup::filterFields(const QString& words) {
  const QStringList wanted = words.split(QLatin1Char(' '), Qt::SkipEmptyParts);
  int first = -1;
  for (int i = 0; i < list_->count(); ++i) {
    QListWidgetItem* item = list_->item(i);
    const QString text = item->text() + QLatin1Char('\n') + item->toolTip();
    const bool fits = std::all_of(wanted.begin(), wanted.end(), [&](const QString& word) {
      return text.contains(word, Qt::CaseInsensitive);
    });
    item->setHidden(!fits);
    if (fits && first < 0) first = i;
  }
  if (first >= 0) list_->setCurrentRow(first);
}

void SweepSetup::addField(const QListWidgetItem* item) {
  if (item == nullptr) return;
  const SweepField& field = fields_[item->data(Qt::UserRole).toInt()];
  for (SweepAxisCard* card : axes_)
    if (card->field().pointer == field.pointer) return card->setFocus();
  addAxis(field);
  changed();
}

SweepAxisCard* SweepSetup::addAxis(const SweepField& field) {
  auto* card = new SweepAxisCard(field, QStringLiteral("sweepPage.axis%1").arg(cards_++), this);
  card->setDrawingAllowed(strategy_->currentData().toString() != QLatin1String("grid"));
  axes_.push_back(card);
  cards_column_->insertWidget(cards_column_->count() - 1, card);  // before the stretch
  no_axes_->setVisible(false);
  connect(card, &SweepAxisCard::changed, this, &SweepSetup::changed);
  connect(card, &SweepAxisCard::removed, this, [this, card] {
    std::erase(axes_, card);
    cards_column_->removeWidget(card);
    card->hide();
    card->deleteLater();
    no_axes_->setVisible(axes_.empty());
    changed();
  });
  return card;
}

void SweepSetup::showStrategy() {
  const QString kind = strategy_->currentData().toString();
  const bool halves = kind == QLatin1String("successive-halving"), draws = kind == QLatin1String("random");
  form_->setRowVisible(samples_, halves || draws);
  form_->setRowVisible(seed_, halves || draws);
  form_->setRowVisible(first_epochs_, halves);
  form_->setRowVisible(keep_, halves);
  samples_->setMinimum(draws ? 1 : 0);
  for (SweepAxisCard* card : axes_) card->setDrawingAllowed(halves || draws);
  changed();
}

QString SweepSetup::obstacle() const {
  if (client_.state() != EngineClient::State::kConnected) return tr("The engine is not there yet.");
  const QString name = name_->text().trimmed();
  if (name.isEmpty() || name.contains(QString::fromUtf8(kComparisonMark)))
    return tr("The name must not be empty, nor have \"%1\" in it.").arg(QString::fromUtf8(kComparisonMark));
  if (taken_.contains(name)) return tr("There is a sweep of this name already; give this one another.");
  if (axes_.empty()) return tr("Choose a field to vary: a double click, or Return, makes it an axis.");
  for (const SweepAxisCard* card : axes_)
    if (const QString wrong = card->complaint(); !wrong.isEmpty()) return wrong;
  return {};
}

void SweepSetup::changed() {
  ++turn_;
  checked_.Clear();
  launch_->setEnabled(false);
  const QString why = obstacle();
  if (!why.isEmpty()) {
    estimate_->setText(why);
    check_soon_.stop();
    return;
  }
  estimate_->setText(tr("Checking…"));
  check_soon_.start();
}

void SweepSetup::check() {
  client_.expandSweep(this, compact(sweep()), 0,
                      [this, turn = turn_](const proto::ExpandSweepReply& reply, const QString& error) {
                        if (turn == turn_) showCheck(reply, error);
                      });
}

void SweepSetup::showCheck(const proto::ExpandSweepReply& reply, const QString& error) {
  QStringList shown;
  if (!error.isEmpty()) shown << error;
  for (const proto::SpecFault& fault : reply.faults())
    if (shown.size() < kMostFaults) shown << coreText(fault.message());
  if (reply.faults_size() > kMostFaults)
    shown << tr("… and %n more", nullptr, reply.faults_size() - int(kMostFaults));
  if (!shown.isEmpty()) {
    estimate_->clear();
    return say(shown.join(QLatin1Char('\n')), "error");
  }
  say({}, "quiet");
  checked_ = reply;
  launch_->setEnabled(!is_launching_);
  askForPlan();
  showEstimate();
}

// Of the experiment as it stands: its points differ, but one plan says of what size all of it is.
void SweepSetup::askForPlan() {
  const QString spec = compact(spec_);
  if (spec == planned_spec_) return;
  planned_spec_ = spec;
  plan_ = {};
  client_.plan(this, spec, [this, spec](const QJsonObject& plan, const QVector<SpecFault>&, const QString&) {
    if (spec != planned_spec_) return;
    plan_ = plan;
    if (checked_.run_count() > 0) showEstimate();
  });
}

void SweepSetup::showEstimate() {
  const SweepEstimate estimate = estimateOf(checked_, plan_);
  QStringList parts{tr("%n run(s)", nullptr, int(checked_.run_count()))};
  if (!checked_.rungs().empty())
    parts << tr("as long as %1 whole ones, in %2 rungs")
                 .arg(formatNumber(estimate.run_share))
                 .arg(checked_.rungs_size());
  if (std::isfinite(estimate.seconds))
    parts << tr("about %1 one after another").arg(formatDuration(estimate.seconds, /*whole=*/true));
  if (std::isfinite(estimate.bytes)) parts << tr("%1 of payload").arg(formatBytes(estimate.bytes));
  estimate_->setText(parts.join(QStringLiteral(" · ")));
}

void SweepSetup::launch() {
  if (!launch_->isEnabled()) return;
  is_launching_ = true;
  launch_->setEnabled(false);
  estimate_->setText(tr("Checking every point…"));
  const QJsonObject file = sweep();
  client_.expandSweep(this, compact(file), kMostPoints,
                      [this, file, turn = turn_](const proto::ExpandSweepReply& reply, const QString& error) {
                        is_launching_ = false;
                        if (!error.isEmpty() || reply.faults_size() > 0) return showCheck(reply, error);
                        if (turn == turn_) emit launched(reply, file, atOnce());
                      });
}

void SweepSetup::saveFile() {
  const QString path = askForFile(this, {.what = FileQuestion::What::kSaveFile,
                                         .title = tr("Save the Sweep"),
                                         .start = name_->text() + QStringLiteral(".sweep.json"),
                                         .filter = tr("Sweeps (*.sweep.json)"),
                                         .suffix = QStringLiteral("json")});
  if (path.isEmpty()) return;
  const QString problem = ui::saveFile(path, QJsonDocument(sweep()).toJson());
  say(problem.isEmpty() ? tr("Run it with: concertinactl sweep %1").arg(path) : problem,
      problem.isEmpty() ? "good" : "error");
}

void SweepSetup::say(const QString& text, const char* tone) {
  message_->setText(text);
  setTone(message_, tone);
  message_->setVisible(!text.isEmpty());
}

}  // namespace concertina::ui
