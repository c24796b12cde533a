// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// design_card.cc: the cards made of a component or of a list of parameters (see design_card.h).
#include "ui/pages/design_card.h"

#include <QJsonArray>
#include <QLabel>
#include <QVBoxLayout>

#include "ui/forms/rhythm.h"
#include "ui/forms/tone.h"
#include "ui/pages/design_codec_card.h"
#include "ui/pages/design_components_card.h"
#include "ui/pages/design_list_card.h"
#include "ui/pages/design_optional_card.h"
#include "ui/pages/design_workers_card.h"

namespace concertina::ui {
namespace {

// A component under one key of the file, with the component that belongs inside it even where its descriptor
// is silent.
class ComponentCard : public DesignCard {
 public:
  ComponentCard(const std::shared_ptr<const Catalog>& catalog, const QString& id, const QString& title,
                const QString& lead, ComponentFormOptions options, QWidget* parent)
      : DesignCard(id, title, lead, {options.pointer}, parent), pointer_(options.pointer) {
    if (catalog->inCategory(options.category).isEmpty()) {
      auto* note = new QLabel(notDescribed(), this);
      note->setWordWrap(true);
      setTone(note, "quiet");
      body()->addWidget(note);
      return;
    }
    form_ = new ComponentForm(catalog, std::move(options), this);
    adopt(form_);
    body()->addWidget(form_);
  }
  void showSpec(const SpecDocument& spec) override {
    if (form_ != nullptr) form_->setValue(spec.value(pointer_));
  }
  void setFaults(const FaultTexts& faults) override {
    if (form_ != nullptr) form_->setFaults(faults);
  }
  FaultTexts ownFaults() const override { return form_ == nullptr ? FaultTexts() : form_->ownFaults(); }
  bool focusField(const QString& pointer) override { return form_ != nullptr && form_->focusField(pointer); }

 private:
  QString pointer_;
  ComponentForm* form_ = nullptr;
};

// A section that is no component ("training", "network"), and fields of the top level beside it.
class SectionCard : public DesignCard {
 public:
  SectionCard(const std::shared_ptr<const Catalog>& catalog, const QString& id, const QString& title,
              const QString& lead, const QVector<ParamInfo>& top_level, QWidget* parent)
      : DesignCard(id, title, lead, pointersOf(id, top_level), parent), pointer_(QLatin1Char('/') + id) {
    const ComponentInfo* section = catalog->find(QStringLiteral("experiment"), id);
    if (section != nullptr) {
      form_ = new ParamForm(catalog, section->params, pointer_, this);
      adopt(form_);
      body()->addWidget(form_);
    } else {
      auto* note = new QLabel(notDescribed(), this);
      note->setWordWrap(true);
      setTone(note, "quiet");
      body()->addWidget(note);
    }
    if (!top_level.isEmpty()) {
      top_ = new ParamForm(catalog, top_level, QString(), this);
      adopt(top_);
      body()->addWidget(top_);
    }
  }
  void showSpec(const SpecDocument& spec) override {
    if (form_ != nullptr) form_->setValues(spec.value(pointer_).toObject());
    if (top_ != nullptr) top_->setValues(spec.object());
  }
  void setFaults(const FaultTexts& faults) override {
    if (form_ != nullptr) form_->setFaults(faults);
    if (top_ != nullptr) top_->setFaults(faults);
  }
  FaultTexts ownFaults() const override {
    FaultTexts found = form_ == nullptr ? FaultTexts() : form_->ownFaults();
    if (top_ != nullptr) found.insert(top_->ownFaults());
    return found;
  }
  bool focusField(const QString& pointer) override {
    return (form_ != nullptr && form_->focusField(pointer)) || (top_ != nullptr && top_->focusField(pointer));
  }

 private:
  static QStringList pointersOf(const QString& id, const QVector<ParamInfo>& top_level) {
    QStringList pointers{QLatin1Char('/') + id};
    for (const ParamInfo& param : top_level) pointers << QLatin1Char('/') + param.name;
    return pointers;
  }

  QString pointer_;
  ParamForm* form_ = nullptr;
  ParamForm* top_ = nullptr;
};

ParamInfo nested(const QString& name, const QString& category, const QString& kind) {
  ParamInfo param;
  param.name = name;
  param.type = FieldType::kComponent;
  param.choices = {category};
  param.default_value = QJsonObject{{QStringLiteral("kind"), kind}};
  return param;
}

ParamInfo seedParam(const Catalog& catalog) {
  if (const ComponentInfo* section = catalog.find(QStringLiteral("experiment"), QStringLiteral("experiment")))
    if (const ParamInfo* param = section->param(QStringLiteral("seed"))) return *param;
  ParamInfo param;
  param.name = QStringLiteral("seed");
  param.type = FieldType::kInteger;
  param.minimum = 0;
  param.default_value = 0;
  param.doc = DesignCard::tr("The same experiment with the same seed gives the same bits.");
  return param;
}

}  // namespace

QString notDescribed() {
  return DesignCard::tr("This engine does not describe these settings. They can be edited in the JSON.");
}

DesignCard::DesignCard(const QString& id, const QString& title, const QString& lead,
                       const QStringList& pointers, QWidget* parent)
    : QFrame(parent), title_(title), pointers_(pointers) {
  setObjectName(QStringLiteral("designCard.") + id);
  setProperty("card", true);
  body_ = new QVBoxLayout(this);
  setRhythm(body_, this, 2.5, 2, 2, 2.5, 1.5);
  auto* heading = new QLabel(title, this);
  heading->setFont(scaledFont(font(), 1.2, QFont::DemiBold));
  body_->addWidget(heading);
  if (!lead.isEmpty()) {
    auto* line = new QLabel(lead, this);
    line->setWordWrap(true);
    setTone(line, "quiet");
    body_->addWidget(line);
  }
}

QLabel* DesignCard::addFault(const QString& pointer) {
  auto* fault = new QLabel(this);
  fault->setObjectName(QStringLiteral("fault:") + pointer);
  fault->setWordWrap(true);
  setTone(fault, "error");
  fault->hide();
  body_->addWidget(fault);
  return fault;
}

bool DesignCard::covers(const QString& pointer) const {
  for (const QString& own : pointers_)
    if (pointer == own || pointer.startsWith(own + QLatin1Char('/'))) return true;
  return false;
}

QVector<DesignCard*> makeDesignCards(const std::shared_ptr<const Catalog>& catalog, const AskHost& ask_host,
                                     QWidget* parent) {
  const auto component = [&](const char* id, const QString& title, const char* category, const QString& lead,
                             const QVector<ParamInfo>& extra) -> DesignCard* {
    return new ComponentCard(catalog, QLatin1String(id), title, lead,
                             {.category = QLatin1String(category),
                              .pointer = QLatin1Char('/') + QLatin1String(id),
                              .label = title,
                              .extra = extra},
                             parent);
  };
  QVector<DesignCard*> cards = {
      component("dataset", DesignCard::tr("Dataset"), "dataset", QString(),
                {nested(QStringLiteral("partition"), QStringLiteral("partition"), QStringLiteral("iid"))}),
      component("model", DesignCard::tr("Model"), "model", QString(), {}),
      new DesignWorkersCard(catalog, ask_host, parent),
      component("exchange", DesignCard::tr("Exchange"), "exchange",
                DesignCard::tr("How the workers agree on the next parameters."), {}),
      new DesignCodecCard(catalog, parent),
      new SectionCard(
          catalog, QStringLiteral("network"), DesignCard::tr("Network"),
          DesignCard::tr("Links between the workers. Without bandwidth and latency they run free."), {},
          parent),
      component("optimizer", DesignCard::tr("Optimiser"), "optimizer", QString(),
                {nested(QStringLiteral("schedule"), QStringLiteral("schedule"), QStringLiteral("constant"))}),
      new SectionCard(catalog, QStringLiteral("training"), DesignCard::tr("Training"), QString(),
                      {seedParam(*catalog)}, parent),
  };
  if (catalog->find(QStringLiteral("experiment"), QStringLiteral("tensor")) != nullptr)
    cards << new DesignOptionalCard(
        catalog, QStringLiteral("tensor"), DesignCard::tr("Tensor axis"),
        DesignCard::tr("With layers that are cut between workers: how the sums of their activations travel. "
                       "The plan says what that saves."),
        DesignCard::tr("Choose a codec for these sums"), parent);
  if (catalog->find(QStringLiteral("experiment"), QStringLiteral("elastic")) != nullptr)
    cards << new DesignOptionalCard(
        catalog, QStringLiteral("elastic"), DesignCard::tr("Elastic"),
        DesignCard::tr(
            "What becomes of the run when a worker is lost or another one comes. The plan says which "
            "exchanges go on from memory; the others go on from the last checkpoint."),
        DesignCard::tr("Workers may join and leave"), parent);
  // Lists that an engine need not know, and an experiment need not have, come last.
  const auto list = [&](const ListCardOptions& options) {
    if (catalog->find(QStringLiteral("experiment"), options.key) != nullptr)
      cards << new DesignListCard(catalog, options, parent);
  };
  list(
      {.key = QStringLiteral("layer_gradients"),
       .title = DesignCard::tr("Codecs by layer"),
       .lead = DesignCard::tr("Layers whose gradient goes through a chain of codecs of their own."),
       .add = DesignCard::tr("Add Layers"),
       .remove = DesignCard::tr("Remove these layers"),
       .fresh = {{QStringLiteral("layers"), QStringLiteral("*")}, {QStringLiteral("gradient"), QJsonArray()}},
       .has_gradient = true});
  const QJsonObject falling{{QStringLiteral("kind"), QStringLiteral("exponential")},
                            {QStringLiteral("from"), 0.05},
                            {QStringLiteral("to"), 0.005}};
  list({.key = QStringLiteral("knobs"),
        .title = DesignCard::tr("Knobs that turn themselves"),
        .lead = DesignCard::tr("Settings that change while the run goes, by a schedule or to hold a target."),
        .add = DesignCard::tr("Add a Knob"),
        .remove = DesignCard::tr("Remove this knob"),
        .fresh = {{QStringLiteral("pointer"), QStringLiteral("/optimizer/learning_rate")},
                  {QStringLiteral("policy"), falling}}});
  if (!catalog->inCategory(QStringLiteral("compressor")).isEmpty())
    cards << new DesignComponentsCard(
        catalog, QStringLiteral("recipe"), DesignCard::tr("Model compression"),
        DesignCard::tr("Once the epochs are over: prune, quantise, share weights, retrain. The Compress page "
                       "shows what each step makes of size, accuracy and latency."),
        ComponentListOptions::recipe(), parent);
  if (!catalog->inCategory(QStringLiteral("fault")).isEmpty())
    cards << new DesignComponentsCard(
        catalog, QStringLiteral("faults"), DesignCard::tr("Faults"),
        DesignCard::tr("What is tried on the run: workers killed, frozen or slowed down, links that lose "
                       "messages or are cut. With checkpoints, Training can let the run go on by itself."),
        ComponentListOptions::faults(), parent);
  return cards;
}

}  // namespace concertina::ui
