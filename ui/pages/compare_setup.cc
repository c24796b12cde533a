// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// compare_setup.cc: see compare_setup.h.
#include "ui/pages/compare_setup.h"

#include <QDoubleSpinBox>
#include <QFormLayout>
#include <QHBoxLayout>
#include <QJsonDocument>
#include <QLabel>
#include <QLineEdit>
#include <QListWidget>
#include <QPushButton>
#include <QVBoxLayout>

#include "ui/client/comparison_model.h"
#include "ui/client/run_facts.h"
#include "ui/forms/catalog.h"
#include "ui/forms/rhythm.h"
#include "ui/forms/tone.h"

namespace concertina::ui {
namespace {

constexpr int kNameRole = Qt::UserRole + 1;  // in a run's name

// Ticked at first: one of each family.
const char* const kUsual[] = {"fp16", "int8", "signsgd", "top-k", "powersgd"};

struct Link {
  const char* label;
  double bandwidth_mbit, latency_ms;
  bool ticked;
};
constexpr Link kLinks[] = {
    {QT_TRANSLATE_NOOP("concertina::ui::CompareSetup", "as this machine sends"), 0, 0, true},
    {"10 Gbit/s", 10000, 0.05, false},
    {"1 Gbit/s", 1000, 0.5, true},
    {"100 Mbit/s", 100, 0.5, true},
    {"10 Mbit/s", 10, 20, false}};

QVector<const QListWidgetItem*> tickedOf(const QListWidget* list) {
  QVector<const QListWidgetItem*> ticked;
  for (int i = 0; i < list->count(); ++i)
    if (list->item(i)->checkState() == Qt::Checked) ticked << list->item(i);
  return ticked;
}

}  // namespace

CompareSetup::CompareSetup(EngineClient& client, QWidget* parent)
    : QWidget(parent),
      client_(client),
      about_(new QLabel(this)),
      count_(new QLabel(this)),
      message_(new QLabel(this)),
      name_(new QLineEdit(this)),
      codecs_(new QListWidget(this)),
      links_(new QListWidget(this)),
      target_(new QDoubleSpinBox(this)),
      start_(new QPushButton(tr("&Start"), this)),
      cancel_(new QPushButton(tr("Cancel"), this)) {
  const int unit = rhythmUnit(this);
  const std::pair<QWidget*, const char*> names[] = {
      {about_, "setupAbout"},   {count_, "setupCount"},   {message_, "setupMessage"},
      {name_, "setupName"},     {codecs_, "setupCodecs"}, {links_, "setupLinks"},
      {target_, "setupTarget"}, {start_, "setupStart"},   {cancel_, "setupCancel"}};
  for (const auto& [widget, name] : names)
    widget->setObjectName(QStringLiteral("comparePage.") + QLatin1String(name));
  auto* title = new QLabel(tr("Compare Codecs"), this);
  title->setFont(scaledFont(font(), 1.6, QFont::DemiBold));
  setTone(about_, "quiet");
  about_->setWordWrap(true);
  message_->setWordWrap(true);
  message_->setTextInteractionFlags(Qt::TextSelectableByMouse);
  message_->hide();
  start_->setProperty("primary", true);
  target_->setRange(0, 1);
  target_->setDecimals(3);
  target_->setSingleStep(0.01);
  target_->setButtonSymbols(QAbstractSpinBox::NoButtons);
  target_->setValue(0.85);
  codecs_->setAccessibleName(tr("Codecs"));
  links_->setAccessibleName(tr("Links"));
  for (const Link& link : kLinks)
    addItem(links_, link.bandwidth_mbit > 0 ? QString::fromLatin1(link.label) : tr(link.label), {},
            link.bandwidth_mbit > 0
                ? tr("Every pair of workers has such a link, %1 ms one way").arg(link.latency_ms)
                : tr("Nothing is emulated"),
            QJsonObject{{"bandwidth_mbit", link.bandwidth_mbit}, {"latency_ms", link.latency_ms}},
            link.ticked);

  const auto column = [&](const QString& text, QListWidget* list) {
    auto* box = new QVBoxLayout;
    box->setSpacing(unit / 2);
    auto* label = new QLabel(text, this);
    label->setFont(scaledFont(font(), 1, QFont::DemiBold));
    label->setBuddy(list);
    auto* card = new QFrame(this);
    card->setProperty("card", true);
    auto* inside = new QVBoxLayout(card);
    inside->setContentsMargins(unit / 2, unit / 2, unit / 2, unit / 2);
    inside->addWidget(list);
    list->setFrameShape(QFrame::NoFrame);
    list->setSpacing(unit / 4);
    list->setUniformItemSizes(true);
    box->addWidget(label);
    box->addWidget(card, 1);
    return box;
  };
  auto* lists = new QHBoxLayout;
  lists->setSpacing(unit * 2);
  lists->addLayout(column(tr("&Codecs"), codecs_), 3);
  lists->addLayout(column(tr("&Links"), links_), 2);
  auto* form = new QFormLayout;
  form->addRow(tr("&Name"), name_);
  form->addRow(tr("&Target accuracy"), target_);
  target_->setMaximumWidth(charactersWide(this, 16));
  auto* buttons = new QHBoxLayout;
  buttons->addWidget(count_, 1);
  buttons->addWidget(cancel_);
  buttons->addWidget(start_);
  auto* layout = new QVBoxLayout(this);
  layout->setContentsMargins(unit * 3, unit * 2, unit * 3, unit * 2);
  layout->setSpacing(unit * 3 / 2);
  layout->addWidget(title);
  layout->addWidget(about_);
  layout->addLayout(form);
  layout->addLayout(lists, 1);
  layout->addWidget(message_);
  layout->addLayout(buttons);

  for (QListWidget* list : {codecs_, links_})
    connect(list, &QListWidget::itemChanged, this, &CompareSetup::showCount);
  connect(start_, &QPushButton::clicked, this, &CompareSetup::start);
  connect(cancel_, &QPushButton::clicked, this, &CompareSetup::cancelled);
  connect(target_, &QDoubleSpinBox::valueChanged, this, &CompareSetup::targetChanged);
  connect(&client_, &EngineClient::stateChanged, this, &CompareSetup::askForCodecs);
}

void CompareSetup::addItem(QListWidget* list, const QString& name, const QString& words, const QString& tip,
                           const QJsonValue& value, bool ticked) {
  auto* item = new QListWidgetItem(words.isEmpty() ? name : QStringLiteral("%1 – %2").arg(name, words));
  item->setFlags(Qt::ItemIsEnabled | Qt::ItemIsUserCheckable | Qt::ItemIsSelectable);
  item->setCheckState(ticked ? Qt::Checked : Qt::Unchecked);
  item->setToolTip(tip);
  item->setData(Qt::UserRole, value);
  item->setData(kNameRole, name);
  list->addItem(item);
}

// Once there is an experiment to compare on: what an engine can do is long.
void CompareSetup::askForCodecs() {
  showCount();
  if (spec_.isEmpty() || codecs_->count() > 0 || client_.state() != EngineClient::State::kConnected) return;
  client_.describe(this, [this](const QJsonObject& describe, const QString& error) {
    if (error.isEmpty()) fillCodecs(describe);
    showCount();
  });
}

void CompareSetup::fillCodecs(const QJsonObject& describe) {
  if (codecs_->count() > 0) return;  // what a person has ticked stays
  addItem(codecs_, QStringLiteral("none"), tr("gradients as they are"),
          tr("What the others are held against"), QJsonArray(), true);
  const std::shared_ptr<const Catalog> catalog = Catalog::fromDescribe(describe);
  for (const ComponentInfo& codec : catalog->inCategory(QStringLiteral("gradient-codec"))) {
    // Not by itself: it changes what another sends.
    if (codec.kind == QLatin1String("none") || codec.kind == QLatin1String("error-feedback") ||
        codec.kind == QLatin1String("momentum-correction"))
      continue;
    addItem(codecs_, codec.kind, descriptorText(codec.title), descriptorText(codec.summary),
            QJsonArray{QJsonObject{{"kind", codec.kind}}},
            std::find(std::begin(kUsual), std::end(kUsual), codec.kind) != std::end(kUsual));
  }
}

void CompareSetup::setSpec(const QString& spec) {
  spec_ = QJsonDocument::fromJson(spec.toUtf8()).object();
  about_->setText(
      tr("The experiment of the Design page, %1, with each of these codecs on each of these links. Runs "
         "go one after the other, so that none disturbs another.")
          .arg(factsLine(runFacts(spec.toStdString()))));
  name_->setText(
      tr("Codecs on %1")
          .arg(spec_.value(QLatin1String("model")).toObject().value(QLatin1String("kind")).toString()));
  message_->hide();
  askForCodecs();
}

double CompareSetup::target() const { return target_->value(); }

QVector<QJsonObject> CompareSetup::specs() const {
  QVector<QJsonObject> specs;
  for (const QListWidgetItem* codec : tickedOf(codecs_))
    for (const QListWidgetItem* link : tickedOf(links_)) {
      QJsonObject spec = spec_;
      QJsonObject network = spec.value(QLatin1String("network")).toObject();
      const QJsonObject shape = link->data(Qt::UserRole).toJsonValue().toObject();
      for (auto field = shape.begin(); field != shape.end(); ++field) network[field.key()] = field.value();
      spec[QLatin1String("network")] = network;
      spec[QLatin1String("gradient")] = codec->data(Qt::UserRole).toJsonValue().toArray();
      spec.remove(QLatin1String("layer_gradients"));
      spec[QLatin1String("name")] = name_->text().trimmed() + QString::fromUtf8(kComparisonMark) +
                                    codec->data(kNameRole).toString() + QStringLiteral(", ") +
                                    link->data(kNameRole).toString();
      specs << spec;
    }
  return specs;
}

void CompareSetup::showCount() {
  const auto codecs = tickedOf(codecs_).size(), links = tickedOf(links_).size();
  const bool connected = client_.state() == EngineClient::State::kConnected;
  count_->setText(
      !connected ? tr("The engine is not there yet.")
      : codecs * links == 0
          ? tr("Tick at least one codec and one link.")
          : tr("%1 codecs × %2 links: %n run(s)", nullptr, int(codecs * links)).arg(codecs).arg(links));
  start_->setEnabled(connected && codecs * links > 0 && going_.isEmpty());
}

void CompareSetup::start() {
  const QString name = name_->text().trimmed();
  if (name.isEmpty() || name.contains(QString::fromUtf8(kComparisonMark)))
    return say(
        tr("The name must not be empty, nor have \"%1\" in it.").arg(QString::fromUtf8(kComparisonMark)),
        "error");
  going_ = specs();
  faults_.clear();
  setBusy(true);
  check(0);
}

// All of them, one after the other, before the first is started.
void CompareSetup::check(qsizetype at) {
  if (at == going_.size()) {
    if (faults_.isEmpty()) return submit(0);
    QStringList shown = faults_.mid(0, 4);
    if (faults_.size() > shown.size())
      shown << tr("… and %n more", nullptr, int(faults_.size() - shown.size()));
    setBusy(false);
    return say(tr("Nothing was started:") + QLatin1Char('\n') + shown.join(QLatin1Char('\n')), "error");
  }
  client_.validate(this, QString::fromUtf8(QJsonDocument(going_[at]).toJson(QJsonDocument::Compact)),
                   [this, at](const QVector<SpecFault>& faults, const QString& error) {
                     const QString name = going_[at].value(QLatin1String("name")).toString();
                     if (!error.isEmpty() || !faults.isEmpty())
                       faults_ << QStringLiteral("%1: %2").arg(name,
                                                               faults.isEmpty() ? error : faults[0].message);
                     check(at + 1);
                   });
}

void CompareSetup::submit(qsizetype at) {
  if (at == going_.size()) {
    const QString group = name_->text().trimmed();
    setBusy(false);
    emit started(group);
    return;
  }
  client_.submit(this, QString::fromUtf8(QJsonDocument(going_[at]).toJson(QJsonDocument::Compact)),
                 [this, at](const QString& run, const QVector<SpecFault>& faults, const QString& error) {
                   if (!run.isEmpty()) return submit(at + 1);
                   const QString why = faults.isEmpty() ? error : faults[0].message;
                   setBusy(false);
                   say(tr("%1 of the runs are in the queue; the next was refused: %2").arg(at).arg(why),
                       "error");
                 });
}

void CompareSetup::setBusy(bool busy) {
  if (!busy) going_.clear();
  for (QWidget* widget : std::initializer_list<QWidget*>{name_, codecs_, links_, target_})
    widget->setEnabled(!busy);
  if (busy)
    say(tr("Checking…"), "quiet");
  else
    message_->hide();
  showCount();
}

void CompareSetup::say(const QString& text, const char* tone) {
  message_->setText(text);
  setTone(message_, tone);
  message_->show();
}

}  // namespace concertina::ui
