// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// compress_setup.cc: see compress_setup.h.
#include "ui/pages/compress_setup.h"

#include <QComboBox>
#include <QDir>
#include <QFile>
#include <QFormLayout>
#include <QHBoxLayout>
#include <QJsonDocument>
#include <QLabel>
#include <QPushButton>
#include <QScrollArea>
#include <QVBoxLayout>

#include "ui/client/run_facts.h"
#include "ui/forms/catalog.h"
#include "ui/forms/rhythm.h"
#include "ui/forms/spec_document.h"
#include "ui/forms/tone.h"

namespace concertina::ui {
namespace {

// Their titles and summaries stand in the files; here so that they are translated.
[[maybe_unused]] const char* const kRecipeWords[] = {
    QT_TRANSLATE_NOOP("concertina::ui::CompressSetup", "Prune half, retrain, 8 bits"),
    QT_TRANSLATE_NOOP(
        "concertina::ui::CompressSetup",
        "The classic first recipe: half of each layer's weights go, an epoch makes up for it, then weights "
        "and activations become bytes."),
    QT_TRANSLATE_NOOP("concertina::ui::CompressSetup", "8 bits after training"),
    QT_TRANSLATE_NOOP(
        "concertina::ui::CompressSetup",
        "No training: ranges are seen on samples, then weights and activations become bytes. A quarter of "
        "the file in a few seconds."),
    QT_TRANSLATE_NOOP("concertina::ui::CompressSetup", "Deep Compression"),
    QT_TRANSLATE_NOOP(
        "concertina::ui::CompressSetup",
        "Prune step by step, share weights, retrain, and let the file code what is left: the smallest file "
        "at no loss of accuracy (Han, Mao, Dally 2016)."),
    QT_TRANSLATE_NOOP("concertina::ui::CompressSetup", "Prune gradually"),
    QT_TRANSLATE_NOOP("concertina::ui::CompressSetup",
                      "95 % of the weights go in ten rounds, many at first and few at the end, while the "
                      "model trains; then it settles (Zhu, Gupta 2017)."),
    QT_TRANSLATE_NOOP("concertina::ui::CompressSetup", "Prune what moves towards zero"),
    QT_TRANSLATE_NOOP("concertina::ui::CompressSetup",
                      "Trains on, prunes the weights that this moved towards zero, however large they are, "
                      "and once more: for a model that came from other data (Sanh, Wolf, Rush 2020)."),
    QT_TRANSLATE_NOOP("concertina::ui::CompressSetup", "As many bits as each layer needs"),
    QT_TRANSLATE_NOOP("concertina::ui::CompressSetup",
                      "Each layer gets 2 to 8 bits a weight by what its rounding costs on training samples, "
                      "4 on the mean; then the model trains on its grids (the idea: Dong et al. 2019).")};

// Those for a model that is trained already, which the page begins with: a lottery ticket is of first values,
// and its recipes belong into an experiment with training of its own.
const char* const kRecipeFiles[] = {"prune-and-int8", "int8",     "deep-compression",
                                    "gradual",        "movement", "mixed"};

QJsonObject recipeFile(const char* name) {
  QFile file(QStringLiteral(":/recipes/%1.json").arg(QLatin1String(name)));
  return file.open(QIODevice::ReadOnly) ? QJsonDocument::fromJson(file.readAll()).object() : QJsonObject();
}

}  // namespace

CompressSetup::CompressSetup(EngineClient& client, QWidget* parent)
    : QWidget(parent),
      client_(client),
      model_(new QComboBox(this)),
      preset_(new QComboBox(this)),
      about_(new QLabel(this)),
      message_(new QLabel(this)),
      help_(new QLabel(this)),
      start_(new QPushButton(tr("&Compress"), this)),
      cancel_(new QPushButton(tr("Cancel"), this)) {
  const int unit = rhythmUnit(this);
  const std::pair<QWidget*, const char*> names[] = {
      {model_, "setupModel"}, {preset_, "setupPreset"}, {about_, "setupAbout"}, {message_, "setupMessage"},
      {start_, "setupStart"}, {cancel_, "setupCancel"}, {help_, "setupHelp"}};
  for (const auto& [widget, name] : names)
    widget->setObjectName(QStringLiteral("compressPage.") + QLatin1String(name));
  auto* title = new QLabel(tr("Compress a Model"), this);
  title->setFont(scaledFont(font(), 1.6, QFont::DemiBold));
  for (QLabel* label : {about_, help_}) setTone(label, "quiet");
  help_->setWordWrap(true);
  help_->setTextFormat(Qt::RichText);
  help_->setMinimumHeight(unit * 4);
  message_->setWordWrap(true);
  message_->setTextInteractionFlags(Qt::TextSelectableByMouse);
  message_->hide();
  start_->setProperty("primary", true);
  for (const char* name : kRecipeFiles) {
    const QJsonObject file = recipeFile(name);
    preset_->addItem(tr(file.value(QLatin1String("title")).toString().toUtf8().constData()),
                     QLatin1String(name));
    preset_->setItemData(preset_->count() - 1,
                         tr(file.value(QLatin1String("summary")).toString().toUtf8().constData()),
                         Qt::ToolTipRole);
  }
  preset_->setPlaceholderText(tr("Steps of your own"));

  auto* form = new QFormLayout;
  auto* model_label = new QLabel(tr("&Model"), this);
  model_label->setBuddy(model_);
  form->addRow(model_label, model_);
  form->addRow(QString(), about_);
  auto* preset_label = new QLabel(tr("Rec&ipe"), this);
  preset_label->setBuddy(preset_);
  form->addRow(preset_label, preset_);
  for (QComboBox* box : {model_, preset_}) box->setFixedWidth(charactersWide(this, 60));
  auto* card = new QFrame(this);
  card->setProperty("card", true);
  auto* scroll = new QScrollArea(this);
  scroll->setFrameShape(QFrame::NoFrame);
  scroll->setWidgetResizable(true);
  scroll->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
  scroll->viewport()->setAutoFillBackground(false);
  auto* content = new QWidget;
  scroll->setWidget(content);
  content->setAutoFillBackground(false);  // the card shows through; setWidget has turned it on
  form_place_ = new QVBoxLayout(content);
  setRhythm(form_place_, this, 2, 2, 2, 2, 1);
  form_place_->addStretch(1);
  auto* inside = new QVBoxLayout(card);
  inside->setContentsMargins(unit / 2, unit / 2, unit / 2, unit / 2);
  inside->addWidget(scroll);
  auto* buttons = new QHBoxLayout;
  buttons->addWidget(help_, 1);
  buttons->addWidget(cancel_);
  buttons->addWidget(start_);
  auto* layout = new QVBoxLayout(this);
  layout->setContentsMargins(unit * 3, unit * 2, unit * 3, unit * 2);
  layout->setSpacing(unit * 3 / 2);
  layout->addWidget(title);
  layout->addLayout(form);
  layout->addWidget(card, 1);
  layout->addWidget(message_);
  layout->addLayout(buttons);

  connect(model_, &QComboBox::currentIndexChanged, this, [this] { check(); });
  connect(preset_, &QComboBox::activated, this, [this] {
    setRecipe(recipeFile(preset_->currentData().toString().toLatin1().constData())
                  .value(QLatin1String("recipe"))
                  .toArray());
  });
  connect(start_, &QPushButton::clicked, this, &CompressSetup::start);
  connect(cancel_, &QPushButton::clicked, this, &CompressSetup::cancelled);
  connect(&client_, &EngineClient::stateChanged, this, [this] {
    if (isVisible()) askForCompressors();
  });
  recipe_ = recipeFile(kRecipeFiles[0]).value(QLatin1String("recipe")).toArray();
}

void CompressSetup::showEvent(QShowEvent* event) {
  QWidget::showEvent(event);
  askForCompressors();
}

// What an engine can do is long: not before somebody looks.
void CompressSetup::askForCompressors() {
  if (form_ != nullptr || client_.state() != EngineClient::State::kConnected) return;
  client_.describe(this, [this](const QJsonObject& describe, const QString& error) {
    if (!error.isEmpty() || form_ != nullptr) return;
    form_ = new ComponentListForm(Catalog::fromDescribe(describe), ComponentListOptions::recipe(), this);
    form_place_->insertWidget(0, form_);
    connect(form_, &ComponentListForm::edited, this, &CompressSetup::edit);
    connect(form_, &ComponentListForm::fieldFocused, this, [this](const QString& label, const QString& help) {
      help_->setText(label.isEmpty() ? help
                                     : QStringLiteral("<b>%1</b> %2").arg(label.toHtmlEscaped(), help));
    });
    showRecipe();
    check();
  });
}

void CompressSetup::setRuns(const QVector<proto::RunSummary>& runs, const QString& chosen) {
  const QString before = chosen.isEmpty() ? model_->currentData().toString() : chosen;
  runs_ = runs;
  const QSignalBlocker quiet(model_);
  model_->clear();
  for (const proto::RunSummary& run : runs_)
    model_->addItem(QString::fromStdString(run.name()), QString::fromStdString(run.run()));
  // At first one that was trained, not one that is small already.
  const auto trained = std::find_if(runs_.cbegin(), runs_.cend(), [](const proto::RunSummary& run) {
    return run.spec_json().find("\"recipe\"") == std::string::npos;
  });
  const int usual = trained == runs_.cend() ? 0 : int(trained - runs_.cbegin());
  const int found = model_->findData(before);
  model_->setCurrentIndex(found < 0 ? usual : found);
  check();
}

void CompressSetup::setRecipe(const QJsonArray& recipe) {
  recipe_ = recipe;
  showRecipe();
  check();
}

void CompressSetup::showRecipe() {
  if (form_ != nullptr) form_->setList(recipe_);
}

void CompressSetup::edit(const QString& pointer, const QJsonValue& value) {
  auto document = SpecDocument::parse(
      QString::fromUtf8(
          QJsonDocument(QJsonObject{{QStringLiteral("recipe"), recipe_}}).toJson(QJsonDocument::Compact)),
      nullptr);
  if (!document || !document->set(pointer, value)) return;
  preset_->setCurrentIndex(-1);
  setRecipe(document->value(QStringLiteral("/recipe")).toArray());
}

QJsonObject CompressSetup::specFor(const QJsonObject& spec, const QString& name, const QString& path,
                                   const QJsonArray& recipe) {
  QJsonObject compressed = spec;
  QStringList kinds;
  for (const QJsonValue& step : recipe) kinds << step.toObject().value(QLatin1String("kind")).toString();
  const QString steps = kinds.join(QStringLiteral(", "));
  compressed[QLatin1String("name")] = QStringLiteral("%1: %2").arg(name, steps).left(100);
  compressed[QLatin1String("model")] = QJsonObject{{"kind", "file"}, {"path", path}};
  QJsonObject training = compressed.value(QLatin1String("training")).toObject();
  training[QLatin1String("epochs")] = 0;
  training[QLatin1String("max_steps")] = 0;
  training[QLatin1String("checkpoint_every_steps")] = 0;
  compressed[QLatin1String("training")] = training;
  compressed.remove(QLatin1String("knobs"));  // they were for the training before
  compressed.remove(QLatin1String("faults"));
  compressed[QLatin1String("recipe")] = recipe;
  return compressed;
}

QJsonObject CompressSetup::specOfChosen() const {
  const int index = model_->currentIndex();
  if (index < 0 || index >= runs_.size()) return {};
  return QJsonDocument::fromJson(QByteArray::fromStdString(runs_[index].spec_json())).object();
}

// The recipe alone, on the model that the run had before: the file is not there yet.
void CompressSetup::check() {
  const int index = model_->currentIndex();
  start_->setEnabled(false);
  if (runs_.isEmpty() || index < 0) {
    about_->setText(tr("No run has kept a model yet: train one first."));
    return;
  }
  about_->setText(factsLine(runFacts(runs_[index].spec_json())));
  if (!isVisible()) return;
  QJsonObject spec = specOfChosen();
  spec[QLatin1String("recipe")] = recipe_;
  const qint64 number = ++checked_;
  client_.validate(
      this, QString::fromUtf8(QJsonDocument(spec).toJson(QJsonDocument::Compact)),
      [this, number](const QVector<SpecFault>& faults, const QString& error) {
        if (number != checked_) return;
        FaultTexts texts;
        for (const SpecFault& fault : faults)
          if (!texts.contains(fault.pointer)) texts.insert(fault.pointer, fault.message);
        if (form_ != nullptr) form_->setFaults(texts);
        const QString why = !error.isEmpty() ? error : faults.isEmpty() ? QString() : faults[0].message;
        message_->setVisible(!why.isEmpty());
        if (!why.isEmpty()) say(why, "error");
        start_->setEnabled(why.isEmpty() && !recipe_.isEmpty());
      });
}

// The model goes to a file of the engine's home, which the new run begins with.
void CompressSetup::start() {
  const QString run = model_->currentData().toString();
  const QDir home(QString::fromStdString(client_.engine().home()));
  if (!home.isAbsolute() || !home.mkpath(QStringLiteral("models")))
    return say(tr("%1 cannot be written.").arg(home.filePath(QStringLiteral("models"))), "error");
  const QString path = home.absoluteFilePath(QStringLiteral("models/%1.edge").arg(run));
  start_->setEnabled(false);
  say(tr("Taking the model of the run…"), "quiet");
  client_.exportRun(this, run, QStringLiteral("edge"), path,
                    [this, path](const QString&, const QString& error) {
                      if (!error.isEmpty()) {
                        start_->setEnabled(true);
                        return say(error, "error");
                      }
                      submit(path);
                    });
}

void CompressSetup::submit(const QString& path) {
  const QJsonObject spec = specFor(specOfChosen(), model_->currentText(), path, recipe_);
  client_.submit(this, QString::fromUtf8(QJsonDocument(spec).toJson(QJsonDocument::Compact)),
                 [this](const QString& run, const QVector<SpecFault>& faults, const QString& error) {
                   start_->setEnabled(true);
                   if (run.isEmpty()) return say(faults.isEmpty() ? error : faults[0].message, "error");
                   message_->hide();
                   emit started(run);
                 });
}

void CompressSetup::say(const QString& text, const char* tone) {
  message_->setText(text);
  setTone(message_, tone);
  message_->show();
}

}  // namespace concertina::ui
