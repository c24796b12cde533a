// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// sweep_setup_layout.cc: the widgets of a sweep that is being made: fields on the left, axes in the middle,
// the search on the right (see sweep_setup.h).
#include <QComboBox>
#include <QDoubleSpinBox>
#include <QFile>
#include <QFormLayout>
#include <QHBoxLayout>
#include <QJsonDocument>
#include <QLabel>
#include <QLineEdit>
#include <QListWidget>
#include <QPushButton>
#include <QScrollArea>
#include <QSpinBox>
#include <QVBoxLayout>

#include "ui/client/sweep_model.h"
#include "ui/forms/rhythm.h"
#include "ui/forms/tone.h"
#include "ui/pages/design_presets.h"
#include "ui/pages/sweep_setup.h"

namespace concertina::ui {
namespace {

struct ReadySweep {
  const char* id;
  const char* title;
};
constexpr ReadySweep kReady[] = {
    {"compare-codecs", QT_TRANSLATE_NOOP("concertina::ui::SweepSetup", "Ready: every codec on three links")},
    {"layer-sensitivity",
     QT_TRANSLATE_NOOP("concertina::ui::SweepSetup", "Ready: which layer can be pruned")}};

QString readySweep(const QString& id) {
  QFile file(QStringLiteral(":/sweeps/%1.sweep.json").arg(id));
  return file.open(QIODevice::ReadOnly) ? QString::fromUtf8(file.readAll()) : QString();
}

QLabel* headed(const QString& text, QWidget* buddy, QWidget* parent) {
  auto* label = new QLabel(text, parent);
  label->setFont(scaledFont(parent->font(), 1, QFont::DemiBold));
  label->setBuddy(buddy);
  return label;
}

}  // namespace

void SweepSetup::showReady(const QString& id) {
  const QString text = readySweep(id);
  const int at = base_->findData(text);
  if (at >= 0) base_->setCurrentIndex(at);
  setSweep(QJsonDocument::fromJson(text.toUtf8()).object());
}

QWidget* SweepSetup::makeFields() {
  const int unit = rhythmUnit(this);
  auto* box = new QWidget(this);
  auto* column = new QVBoxLayout(box);
  column->setContentsMargins(0, 0, 0, 0);
  column->setSpacing(unit / 2);
  find_->setPlaceholderText(tr("Find a field"));
  find_->setAccessibleName(tr("Find a field to vary"));
  find_->setClearButtonEnabled(true);
  list_->setAccessibleName(tr("Fields of the experiment"));
  list_->setUniformItemSizes(true);
  list_->setFrameShape(QFrame::NoFrame);
  list_->setTextElideMode(Qt::ElideMiddle);
  auto* card = new QFrame(box);
  card->setProperty("card", true);
  auto* inside = new QVBoxLayout(card);
  inside->setContentsMargins(unit / 2, unit / 2, unit / 2, unit / 2);
  inside->addWidget(list_);
  auto* add = new QPushButton(tr("Add as Axis"), box);
  add->setObjectName(QStringLiteral("sweepPage.addAxis"));
  connect(add, &QPushButton::clicked, this, [this] { addField(list_->currentItem()); });
  connect(find_, &QLineEdit::returnPressed, this, [this] { addField(list_->currentItem()); });
  column->addWidget(headed(tr("F&ields"), find_, box));
  column->addWidget(find_);
  column->addWidget(card, 1);
  column->addWidget(add);
  return box;
}

QWidget* SweepSetup::makeAxes() {
  const int unit = rhythmUnit(this);
  auto* box = new QWidget(this);
  auto* column = new QVBoxLayout(box);
  column->setContentsMargins(0, 0, 0, 0);
  column->setSpacing(unit / 2);
  auto* scroll = new QScrollArea(box);
  scroll->setWidgetResizable(true);
  scroll->setFrameShape(QFrame::NoFrame);
  auto* inside = new QWidget(scroll);
  cards_column_ = new QVBoxLayout(inside);
  cards_column_->setContentsMargins(0, 0, 0, 0);
  cards_column_->setSpacing(unit);
  no_axes_ =
      new QLabel(tr("Nothing is varied yet. Choose fields on the left: the learning rate, say, and the "
                    "codec. Every combination of their values becomes a run."),
                 inside);
  no_axes_->setWordWrap(true);
  setTone(no_axes_, "quiet");
  cards_column_->addWidget(no_axes_);
  cards_column_->addStretch(1);
  scroll->setWidget(inside);
  column->addWidget(headed(tr("Axes"), scroll, box));
  column->addWidget(scroll, 1);
  return box;
}

QWidget* SweepSetup::makeSearch() {
  const int unit = rhythmUnit(this);
  const std::pair<QWidget*, const char*> names[] = {
      {base_, "base"},         {strategy_, "strategy"},       {metric_, "objective"},
      {name_, "name"},         {find_, "findField"},          {list_, "fields"},
      {estimate_, "estimate"}, {message_, "setupMessage"},    {samples_, "samples"},
      {repeats_, "repeats"},   {at_once_, "atOnce"},          {seed_, "searchSeed"},
      {keep_, "keep"},         {launch_, "launch"},           {cancel_, "cancel"},
      {save_, "saveFile"},     {first_epochs_, "firstEpochs"}};
  for (const auto& [widget, name] : names)
    widget->setObjectName(QStringLiteral("sweepPage.") + QLatin1String(name));
  for (const Preset& preset : presets()) base_->addItem(tr("Preset: %1").arg(preset.title), preset.spec);
  for (const ReadySweep& ready : kReady)
    if (const QString text = readySweep(QLatin1String(ready.id)); !text.isEmpty())
      base_->addItem(tr(ready.title), text);
  for (const Preset& lesson : lessons()) base_->addItem(lesson.title, lesson.spec);
  base_->setSizeAdjustPolicy(QComboBox::AdjustToMinimumContentsLengthWithIcon);
  base_->setMinimumContentsLength(30);
  strategy_->addItem(tr("Grid: every combination"), QStringLiteral("grid"));
  strategy_->addItem(tr("Random: drawn points"), QStringLiteral("random"));
  strategy_->addItem(tr("Successive halving: the best go on"), QStringLiteral("successive-halving"));
  for (const SweepMetric& metric : sweepMetrics()) metric_->addItem(metric.title, QLatin1String(metric.key));
  samples_->setRange(0, 10000);
  samples_->setValue(20);
  samples_->setSpecialValueText(tr("every combination"));
  seed_->setRange(0, 1000000);
  seed_->setValue(1);
  seed_->setToolTip(tr("The same number draws the same points"));
  repeats_->setRange(1, 100);
  repeats_->setToolTip(tr("Each point is run with so many seeds; cells show the mean"));
  at_once_->setRange(0, 1000);
  at_once_->setSpecialValueText(tr("as many as there are cores for"));
  at_once_->setToolTip(
      tr("The queue starts runs in order, as long as their threads are no more than the cores; "
         "a number here holds it to fewer. With one, the window must stay open."));
  first_epochs_->setRange(0.01, 100000);
  first_epochs_->setDecimals(2);
  first_epochs_->setValue(1);
  first_epochs_->setToolTip(
      tr("All points train so long; the best share then goes on for as many times longer"));
  keep_->setRange(0.05, 0.95);
  keep_->setSingleStep(0.05);
  keep_->setValue(0.5);
  launch_->setProperty("primary", true);
  setTone(estimate_, "quiet");
  estimate_->setWordWrap(true);
  message_->setWordWrap(true);
  message_->setTextInteractionFlags(Qt::TextSelectableByMouse);
  message_->hide();

  auto* right = new QFrame(this);
  right->setProperty("card", true);
  form_ = new QFormLayout(right);
  setRhythm(form_, this, 1.5, 1.5, 1.5, 1.5, 1);
  form_->setRowWrapPolicy(QFormLayout::WrapAllRows);
  form_->addRow(tr("&Search"), strategy_);
  form_->addRow(tr("&Points"), samples_);
  form_->addRow(tr("Seed of the dra&w"), seed_);
  form_->addRow(tr("Epochs of the first run&g"), first_epochs_);
  form_->addRow(tr("Share that goes &on"), keep_);
  form_->addRow(tr("Best &by"), metric_);
  form_->addRow(tr("See&ds a point"), repeats_);
  form_->addRow(tr("Runs at &once"), at_once_);
  auto* head = new QFormLayout;
  head->addRow(tr("E&xperiment"), base_);
  head->addRow(tr("&Name"), name_);
  auto* title = new QLabel(tr("New Sweep"), this);
  title->setFont(scaledFont(font(), 1.6, QFont::DemiBold));
  auto* columns = new QHBoxLayout;
  columns->setSpacing(unit * 2);
  columns->addWidget(makeFields(), 3);
  columns->addWidget(makeAxes(), 5);
  auto* search = new QVBoxLayout;
  search->addWidget(right);
  search->addStretch(1);
  columns->addLayout(search, 3);
  auto* buttons = new QHBoxLayout;
  buttons->addWidget(estimate_, 1);
  buttons->addWidget(save_);
  buttons->addWidget(cancel_);
  buttons->addWidget(launch_);
  auto* layout = new QVBoxLayout(this);
  layout->setContentsMargins(unit * 3, unit * 2, unit * 3, unit * 2);
  layout->setSpacing(unit * 3 / 2);
  layout->addWidget(title);
  layout->addLayout(head);
  layout->addLayout(columns, 1);
  layout->addWidget(message_);
  layout->addLayout(buttons);

  connect(strategy_, &QComboBox::currentIndexChanged, this, &SweepSetup::showStrategy);
  connect(metric_, &QComboBox::currentIndexChanged, this, &SweepSetup::changed);
  connect(name_, &QLineEdit::textChanged, this, &SweepSetup::changed);
  for (QSpinBox* box : {samples_, repeats_, seed_})
    connect(box, &QSpinBox::valueChanged, this, &SweepSetup::changed);
  for (QDoubleSpinBox* box : {first_epochs_, keep_})
    connect(box, &QDoubleSpinBox::valueChanged, this, &SweepSetup::changed);
  return right;
}

}  // namespace concertina::ui
