// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// design_plan_panel.cc: problems, facts, mesh, classes and layers from top to bottom (see
// design_plan_panel.h).
#include "ui/pages/design_plan_panel.h"

#include <QFrame>
#include <QGraphicsOpacityEffect>
#include <QGridLayout>
#include <QLabel>
#include <QScrollArea>
#include <QVBoxLayout>

#include "ui/forms/rhythm.h"
#include "ui/forms/tone.h"
#include "ui/pages/design_class_bars.h"
#include "ui/pages/design_layers_pane.h"
#include "ui/pages/design_samples.h"
#include "ui/pages/mesh_picture.h"

namespace concertina::ui {
namespace {

constexpr int kMostFaultsShown = 12;

QLabel* heading(const QString& text, QWidget* parent) {
  auto* label = new QLabel(text, parent);
  label->setFont(scaledFont(parent->font(), 1.05, QFont::DemiBold));
  return label;
}

// "/gradient/0/ratio" as people say it: "gradient › 0 › ratio".
QString placeText(const QString& pointer) {
  if (pointer.isEmpty() || pointer == QLatin1String("/")) return DesignPlanPanel::tr("The whole file");
  return pointer.mid(1).replace(QLatin1Char('/'), QStringLiteral(" › "));
}

}  // namespace

DesignPlanPanel::DesignPlanPanel(QWidget* parent) : QWidget(parent) {
  auto* outer = new QVBoxLayout(this);
  outer->setContentsMargins(0, 0, 0, 0);
  auto* scroll = new QScrollArea(this);
  scroll->setAccessibleName(tr("Plan"));
  scroll->setFrameShape(QFrame::NoFrame);
  scroll->setWidgetResizable(true);
  scroll->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
  outer->addWidget(scroll);
  auto* content = new QWidget;
  content->setAutoFillBackground(false);
  scroll->viewport()->setAutoFillBackground(false);
  scroll->setWidget(content);
  auto* column = new QVBoxLayout(content);
  setRhythm(column, this, 2, 2, 2, 2, 2);

  problems_ = new QFrame(content);
  problems_->setObjectName(QStringLiteral("designPage.problems"));
  problems_->setProperty("notice", QByteArray("error"));
  problems_box_ = new QVBoxLayout(problems_);
  setRhythm(problems_box_, this, 1.5, 1, 1.5, 1, 0.5);
  column->addWidget(problems_);
  problems_->hide();

  waiting_ = new QLabel(content);
  waiting_->setObjectName(QStringLiteral("designPage.planState"));
  waiting_->setWordWrap(true);
  setTone(waiting_, "quiet");
  column->addWidget(waiting_);

  plan_ = new QWidget(content);
  plan_->setObjectName(QStringLiteral("designPage.plan"));
  auto* plan_box = new QVBoxLayout(plan_);
  setRhythm(plan_box, this, 0, 0, 0, 0, 2);

  warnings_ = new QFrame(plan_);
  warnings_->setObjectName(QStringLiteral("designPage.warnings"));
  warnings_->setProperty("notice", QByteArray("warning"));
  auto* warnings_box = new QVBoxLayout(warnings_);
  setRhythm(warnings_box, this, 1.5, 1, 1.5, 1, 0.5);
  warnings_text_ = new QLabel(warnings_);
  warnings_text_->setWordWrap(true);
  warnings_text_->setTextInteractionFlags(Qt::TextSelectableByMouse);
  setTone(warnings_text_, "warning");
  warnings_box->addWidget(warnings_text_);
  plan_box->addWidget(warnings_);

  facts_ = new QGridLayout;
  facts_->setHorizontalSpacing(2 * rhythmUnit(this));
  facts_->setVerticalSpacing(2 * rhythmUnit(this));
  facts_->setColumnStretch(0, 1);
  facts_->setColumnStretch(1, 1);
  plan_box->addLayout(facts_);

  mesh_ = new QWidget(plan_);
  auto* mesh_box = new QVBoxLayout(mesh_);
  setRhythm(mesh_box, this, 0, 1, 0, 0, 1);
  mesh_box->addWidget(heading(tr("Who sends what to whom"), this));
  picture_ = new MeshPicture(mesh_);
  picture_->setObjectName(QStringLiteral("designPage.meshPicture"));
  mesh_box->addWidget(picture_);
  caption_ = new QLabel(mesh_);
  caption_->setObjectName(QStringLiteral("designPage.meshCaption"));
  caption_->setWordWrap(true);
  caption_->setAlignment(Qt::AlignLeft | Qt::AlignTop);
  // Two lines at least: what is below must not move while one points at ranks.
  caption_->setMinimumHeight(2 * QFontMetrics(font()).lineSpacing());
  setTone(caption_, "quiet");
  mesh_box->addWidget(caption_);
  connect(picture_, &MeshPicture::captionChanged, caption_, &QLabel::setText);
  plan_box->addWidget(mesh_);

  samples_box_ = new QWidget(plan_);
  auto* samples_column = new QVBoxLayout(samples_box_);
  setRhythm(samples_column, this, 0, 1, 0, 0, 1);
  samples_column->addWidget(heading(tr("Samples"), this));
  samples_ = new DesignSamples(samples_box_);
  samples_->setObjectName(QStringLiteral("designPage.samples"));
  samples_column->addWidget(samples_);
  connect(samples_, &DesignSamples::allChosen, this, [this] { emit samplesWanted(-1); });
  plan_box->addWidget(samples_box_);
  samples_box_->hide();

  classes_ = new QWidget(plan_);
  auto* classes_box = new QVBoxLayout(classes_);
  setRhythm(classes_box, this, 0, 1, 0, 0, 1);
  classes_box->addWidget(heading(tr("Classes, by worker"), this));
  bars_ = new DesignClassBars(classes_);
  bars_->setObjectName(QStringLiteral("designPage.classBars"));
  classes_box->addWidget(bars_);
  connect(bars_, &DesignClassBars::workerChosen, this, &DesignPlanPanel::samplesWanted);
  plan_box->addWidget(classes_);

  layers_ = new QWidget(plan_);
  auto* layers_box = new QVBoxLayout(layers_);
  setRhythm(layers_box, this, 0, 1, 0, 0, 1);
  layers_box->addWidget(heading(tr("Layers"), this));
  layers_pane_ = new DesignLayersPane(layers_);
  layers_box->addWidget(layers_pane_);
  plan_box->addWidget(layers_);
  column->addWidget(plan_);
  column->addStretch(1);
  plan_->hide();
}

void DesignPlanPanel::clearFacts() {
  while (QLayoutItem* item = facts_->takeAt(0)) {
    delete item->widget();
    delete item;
  }
}

void DesignPlanPanel::showPlan(const QJsonObject& plan, bool current) {
  plan_->setVisible(!plan.isEmpty());
  if (current) {
    plan_->setGraphicsEffect(nullptr);
  } else if (plan_->graphicsEffect() == nullptr && !plan.isEmpty()) {
    auto* faint = new QGraphicsOpacityEffect(plan_);
    faint->setOpacity(0.45);
    plan_->setGraphicsEffect(faint);
  }
  if (plan.isEmpty() || plan == shown_) return;
  shown_ = plan;
  const PlanFacts facts = planFacts(plan);
  clearFacts();
  for (qsizetype i = 0; i < facts.facts.size(); ++i) {
    const PlanFact& fact = facts.facts[i];
    auto* cell = new QWidget(plan_);
    auto* box = new QVBoxLayout(cell);
    box->setContentsMargins(0, 0, 0, 0);
    box->setSpacing(0);
    auto* label = new QLabel(fact.label, cell);
    label->setWordWrap(true);
    setTone(label, "quiet");
    auto* value = new QLabel(fact.value, cell);
    value->setFont(scaledFont(font(), 1.35, QFont::DemiBold));
    value->setTextInteractionFlags(Qt::TextSelectableByMouse);
    auto* note = new QLabel(fact.note.isEmpty() ? QStringLiteral(" ") : fact.note, cell);
    note->setWordWrap(true);
    setTone(note, "quiet");
    for (QLabel* part : {label, value, note}) box->addWidget(part);
    box->addStretch(1);
    facts_->addWidget(cell, static_cast<int>(i / 2), static_cast<int>(i % 2));
  }
  warnings_->setVisible(!facts.warnings.isEmpty());
  warnings_text_->setText(facts.warnings.join(QLatin1Char('\n')));
  picture_->setPlan(plan);
  mesh_->setVisible(!picture_->map().ranks.empty());
  classes_->setVisible(!facts.class_counts.isEmpty());
  bars_->setCounts(facts.class_counts, facts.class_names);

  layers_->setVisible(!facts.layers.isEmpty());
  layers_pane_->showPlan(plan, facts.layers);
}

void DesignPlanPanel::showSamplesAsked(int worker) {
  samples_box_->show();
  bars_->choose(worker);
  samples_->showAsked(worker);
}

void DesignPlanPanel::showSamples(const proto::GetSamplesReply& samples, int worker, const QString& error) {
  samples_box_->show();
  bars_->choose(worker);
  samples_->showSamples(samples, worker, error);
}

void DesignPlanPanel::showState(const QString& sentence, const FaultTexts& faults, const QString& error) {
  const bool problem = !faults.isEmpty() || !error.isEmpty();
  waiting_->setText(sentence);
  waiting_->setVisible(!problem && !sentence.isEmpty());
  problems_->setVisible(problem);
  if (faults == shown_faults_ && error == shown_error_) return;
  shown_faults_ = faults;
  shown_error_ = error;
  while (QLayoutItem* item = problems_box_->takeAt(0)) {
    if (item->widget() != nullptr) item->widget()->deleteLater();  // a link on it may have been pressed
    delete item;
  }
  if (!problem) return;
  auto* title =
      heading(faults.isEmpty() ? tr("The engine could not check this experiment")
                               : tr("%n field(s) need attention", nullptr, static_cast<int>(faults.size())),
              this);
  title->setWordWrap(true);
  setTone(title, "error");
  problems_box_->addWidget(title);
  int shown = 0;
  for (auto it = faults.begin(); it != faults.end() && shown < kMostFaultsShown; ++it, ++shown) {
    auto* line = new QLabel(problems_);
    line->setWordWrap(true);
    line->setTextFormat(Qt::RichText);
    line->setTextInteractionFlags(Qt::TextBrowserInteraction);
    line->setText(QStringLiteral("<a href=\"fault\">%1</a><br>%2")
                      .arg(placeText(it.key()).toHtmlEscaped(), it.value().toHtmlEscaped()));
    connect(line, &QLabel::linkActivated, this, [this, pointer = it.key()] { emit faultChosen(pointer); });
    problems_box_->addWidget(line);
  }
  if (faults.size() > shown) {
    auto* more = new QLabel(tr("and %n more", nullptr, static_cast<int>(faults.size()) - shown), problems_);
    setTone(more, "quiet");
    problems_box_->addWidget(more);
  }
  if (!error.isEmpty()) {
    auto* line = new QLabel(error, problems_);
    line->setWordWrap(true);
    line->setTextInteractionFlags(Qt::TextSelectableByMouse);
    problems_box_->addWidget(line);
  }
}

}  // namespace concertina::ui
