// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// component_list_form.cc: see component_list_form.h.
#include "ui/pages/component_list_form.h"

#include <QHBoxLayout>
#include <QPushButton>
#include <QToolButton>
#include <QVBoxLayout>

#include "ui/forms/line_icon.h"
#include "ui/forms/rhythm.h"

namespace concertina::ui {
namespace {

const QString kNone = QStringLiteral("none");

bool isNone(const QJsonValue& value) {
  return value.isUndefined() || value.toObject().value(QLatin1String("kind")).toString() == kNone;
}

}  // namespace

ComponentListOptions ComponentListOptions::codecs(const QString& pointer) {
  return {.category = QStringLiteral("gradient-codec"),
          .pointer = pointer,
          // Of a chain that is not the first of the page, its pointer behind it.
          .name = pointer == QLatin1String("/gradient") ? QStringLiteral("Codec")
                                                        : QStringLiteral("Codec%1/").arg(pointer),
          .label = ComponentListForm::tr("Codec"),
          .next_label = ComponentListForm::tr("Then"),
          .item = ComponentListForm::tr("codec"),
          .add = ComponentListForm::tr("Add a codec"),
          .add_tip = ComponentListForm::tr("What follows takes what is before it: a codec the values that a sparsifier "
                                           "chose, a lossless stage the bytes of all.")};
}

ComponentListOptions ComponentListOptions::recipe() {
  return {.category = QStringLiteral("compressor"),
          .pointer = QStringLiteral("/recipe"),
          .name = QStringLiteral("Step"),
          .label = ComponentListForm::tr("First"),
          .next_label = ComponentListForm::tr("Then"),
          .item = ComponentListForm::tr("step"),
          .add = ComponentListForm::tr("Add a step"),
          .add_tip = ComponentListForm::tr("After each step the file is written, read and run: its size, its accuracy "
                                           "and its latency are what you see.")};
}

ComponentListOptions ComponentListOptions::faults() {
  return {.category = QStringLiteral("fault"),
          .pointer = QStringLiteral("/faults"),
          .name = QStringLiteral("Fault"),
          .label = ComponentListForm::tr("Fault"),
          .next_label = ComponentListForm::tr("And"),
          .item = ComponentListForm::tr("fault"),
          .add = ComponentListForm::tr("Add a fault"),
          .add_tip = ComponentListForm::tr("Each fault happens once, to real processes and links, and leaves a mark on "
                                           "the charts.")};
}

ComponentListForm::ComponentListForm(const std::shared_ptr<const Catalog>& catalog,
                                     const ComponentListOptions& options, QWidget* parent)
    : QWidget(parent),
      catalog_(catalog),
      options_(options),
      none_is_a_kind_(catalog->find(options.category, kNone) != nullptr) {
  auto* body = new QVBoxLayout(this);
  body->setContentsMargins(0, 0, 0, 0);
  body->setSpacing(2 * rhythmUnit(this));
  stages_box_ = new QVBoxLayout;
  stages_box_->setSpacing(2 * rhythmUnit(this));
  body->addLayout(stages_box_);
  add_ = new QPushButton(lineIcon(QStringLiteral("add")), options_.add, this);
  add_->setObjectName(nameOf(QStringLiteral("add")));
  add_->setToolTip(options_.add_tip);
  connect(add_, &QPushButton::clicked, this, &ComponentListForm::add);
  auto* add_row = new QHBoxLayout;
  add_row->addSpacing(labelColumnWidth(this) + 2 * rhythmUnit(this));
  add_row->addWidget(add_);
  add_row->addStretch();
  body->addLayout(add_row);
  resizeStages(1);
}

QString ComponentListForm::nameOf(const QString& role) const {
  return QStringLiteral("designCard.") + role + options_.name;
}

QToolButton* ComponentListForm::makeButton(const QString& role, const QString& tip, qsizetype index,
                                        QWidget* parent) {
  auto* button = new QToolButton(parent);
  button->setObjectName(nameOf(role) + QString::number(index));
  button->setIcon(lineIcon(role == QLatin1String("remove") ? QStringLiteral("close") : role));
  button->setToolTip(tip);
  button->setAccessibleName(QStringLiteral("%1: %2 %3").arg(tip, options_.item).arg(index + 1));
  return button;
}

ComponentListForm::Stage ComponentListForm::makeStage(qsizetype index) {
  Stage stage{};
  stage.frame = new QWidget(this);
  auto* row = new QHBoxLayout(stage.frame);
  row->setContentsMargins(0, 0, 0, 0);
  row->setSpacing(rhythmUnit(this));
  stage.form = new ComponentForm(catalog_,
                                 {.category = options_.category,
                                  .pointer = QStringLiteral("%1/%2").arg(options_.pointer).arg(index),
                                  .label = index == 0 ? options_.label : options_.next_label,
                                  .none = none_is_a_kind_ ? QString() : tr("None")},
                                 stage.frame);
  connect(stage.form, &ComponentForm::edited, this,
          [this, index](const QString& pointer, const QJsonValue& value) { change(index, pointer, value); });
  connect(stage.form, &ComponentForm::fieldFocused, this, &ComponentListForm::fieldFocused);
  row->addWidget(stage.form, 1);
  stage.up = makeButton(QStringLiteral("up"), tr("Move up"), index, stage.frame);
  stage.down = makeButton(QStringLiteral("down"), tr("Move down"), index, stage.frame);
  stage.remove = makeButton(QStringLiteral("remove"), tr("Remove"), index, stage.frame);
  connect(stage.up, &QToolButton::clicked, this, [this, index] { swap(index - 1, index); });
  connect(stage.down, &QToolButton::clicked, this, [this, index] { swap(index, index + 1); });
  connect(stage.remove, &QToolButton::clicked, this, [this, index] {
    const QString own = QStringLiteral("%1/%2").arg(options_.pointer).arg(index);
    change(index, own, QJsonValue(QJsonValue::Undefined));
  });
  for (QToolButton* button : {stage.up, stage.down, stage.remove}) row->addWidget(button, 0, Qt::AlignTop);
  return stage;
}

void ComponentListForm::resizeStages(qsizetype count) {
  while (stages_.size() > count) {
    QWidget* frame = stages_.takeLast().frame;
    stages_box_->removeWidget(frame);
    frame->hide();
    frame->deleteLater();  // the button that was pressed may stand on it
  }
  while (stages_.size() < count) {
    stages_ << makeStage(stages_.size());
    showNone(stages_.last().form);
    stages_box_->addWidget(stages_.last().frame);
  }
  const qsizetype length = list_.size();
  for (qsizetype i = 0; i < stages_.size(); ++i) {
    stages_[i].up->setVisible(length > 1);
    stages_[i].down->setVisible(length > 1);
    stages_[i].up->setEnabled(i > 0 && i < length);
    stages_[i].down->setEnabled(i + 1 < length);
    stages_[i].remove->setVisible(stages_.size() > 1);
  }
  add_->setVisible(stages_.size() == length);  // not while one waits to be chosen
}

void ComponentListForm::showNone(ComponentForm* form) {
  form->setValue(none_is_a_kind_ ? QJsonValue(QJsonObject{{QStringLiteral("kind"), kNone}})
                                 : QJsonValue(QJsonValue::Undefined));
}

// A place for one more; the document has it once its kind is chosen.
void ComponentListForm::add() {
  resizeStages(list_.size() + 1);
  stages_.last().form->focusField(QStringLiteral("%1/%2/kind").arg(options_.pointer).arg(list_.size()));
}

void ComponentListForm::swap(qsizetype one, qsizetype other) {
  QJsonArray swapped = list_;
  const QJsonValue kept = swapped.at(one);
  swapped[one] = swapped.at(other);
  swapped[other] = kept;
  emit edited(options_.pointer, swapped);
}

void ComponentListForm::change(qsizetype stage, const QString& pointer, const QJsonValue& value) {
  const QString own = QStringLiteral("%1/%2").arg(options_.pointer).arg(stage);
  if (pointer != own || !isNone(value)) {
    emit edited(pointer, value);
    return;
  }
  if (stage >= list_.size()) return resizeStages(std::max<qsizetype>(1, list_.size()));
  if (list_.size() == 1) {
    emit edited(options_.pointer,
                QJsonArray());  // an empty chain says it more plainly than a codec that does nothing
  } else {
    emit edited(own, QJsonValue(QJsonValue::Undefined));
  }
}

void ComponentListForm::setList(const QJsonArray& list) {
  list_ = list;
  resizeStages(std::max<qsizetype>(1, list_.size()));
  for (qsizetype i = 0; i < stages_.size(); ++i) {
    if (i < list_.size())
      stages_[i].form->setValue(list_.at(i));
    else
      showNone(stages_[i].form);
  }
}

void ComponentListForm::setFaults(const FaultTexts& faults) {
  faults_ = faults;
  if (faults.contains(options_.pointer)) faults_.insert(options_.pointer + QStringLiteral("/0"), faults.value(options_.pointer));
  for (const Stage& stage : stages_) stage.form->setFaults(faults_);
}

FaultTexts ComponentListForm::ownFaults() const {
  FaultTexts found;
  for (const Stage& stage : stages_) found.insert(stage.form->ownFaults());
  return found;
}

bool ComponentListForm::focusField(const QString& pointer) {
  if (pointer == options_.pointer) return stages_.first().form->focusField(options_.pointer + QStringLiteral("/0"));
  for (const Stage& stage : stages_)
    if (stage.form->focusField(pointer)) return true;
  return false;
}

}  // namespace concertina::ui
