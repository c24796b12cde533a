// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// design_codec_chain.cc: codecs one after the other (see design_codec_chain.h).
#include "ui/pages/design_codec_chain.h"

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

CodecChainForm::CodecChainForm(const std::shared_ptr<const Catalog>& catalog, const QString& pointer,
                               QWidget* parent)
    : QWidget(parent),
      catalog_(catalog),
      pointer_(pointer),
      none_is_a_kind_(catalog->find(QStringLiteral("gradient-codec"), kNone) != nullptr) {
  auto* body = new QVBoxLayout(this);
  body->setContentsMargins(0, 0, 0, 0);
  body->setSpacing(2 * rhythmUnit(this));
  stages_box_ = new QVBoxLayout;
  stages_box_->setSpacing(2 * rhythmUnit(this));
  body->addLayout(stages_box_);
  add_ = new QPushButton(lineIcon(QStringLiteral("add")), tr("Add a codec"), this);
  add_->setObjectName(nameOf(QStringLiteral("add")));
  add_->setToolTip(
      tr("What follows takes what is before it: a codec the values that a sparsifier chose, a lossless stage "
         "the bytes of all."));
  connect(add_, &QPushButton::clicked, this, &CodecChainForm::add);
  auto* add_row = new QHBoxLayout;
  add_row->addSpacing(labelColumnWidth(this) + 2 * rhythmUnit(this));
  add_row->addWidget(add_);
  add_row->addStretch();
  body->addLayout(add_row);
  resizeStages(1);
}

// "designCard.addCodec"; of a chain that is not the first of the page, its pointer behind it.
QString CodecChainForm::nameOf(const QString& role) const {
  const QString name = QStringLiteral("designCard.%1Codec").arg(role);
  return pointer_ == QLatin1String("/gradient") ? name : name + pointer_ + QLatin1Char('/');
}

QToolButton* CodecChainForm::makeButton(const QString& role, const QString& tip, qsizetype index,
                                        QWidget* parent) {
  auto* button = new QToolButton(parent);
  button->setObjectName(nameOf(role) + QString::number(index));
  button->setIcon(lineIcon(role == QLatin1String("remove") ? QStringLiteral("close") : role));
  button->setToolTip(tip);
  button->setAccessibleName(tr("%1: codec %2").arg(tip).arg(index + 1));
  return button;
}

CodecChainForm::Stage CodecChainForm::makeStage(qsizetype index) {
  Stage stage{};
  stage.frame = new QWidget(this);
  auto* row = new QHBoxLayout(stage.frame);
  row->setContentsMargins(0, 0, 0, 0);
  row->setSpacing(rhythmUnit(this));
  stage.form = new ComponentForm(catalog_,
                                 {.category = QStringLiteral("gradient-codec"),
                                  .pointer = QStringLiteral("%1/%2").arg(pointer_).arg(index),
                                  .label = index == 0 ? tr("Codec") : tr("Then"),
                                  .none = none_is_a_kind_ ? QString() : tr("None")},
                                 stage.frame);
  connect(stage.form, &ComponentForm::edited, this,
          [this, index](const QString& pointer, const QJsonValue& value) { change(index, pointer, value); });
  connect(stage.form, &ComponentForm::fieldFocused, this, &CodecChainForm::fieldFocused);
  row->addWidget(stage.form, 1);
  stage.up = makeButton(QStringLiteral("up"), tr("Move up"), index, stage.frame);
  stage.down = makeButton(QStringLiteral("down"), tr("Move down"), index, stage.frame);
  stage.remove = makeButton(QStringLiteral("remove"), tr("Remove"), index, stage.frame);
  connect(stage.up, &QToolButton::clicked, this, [this, index] { swap(index - 1, index); });
  connect(stage.down, &QToolButton::clicked, this, [this, index] { swap(index, index + 1); });
  connect(stage.remove, &QToolButton::clicked, this, [this, index] {
    const QString own = QStringLiteral("%1/%2").arg(pointer_).arg(index);
    change(index, own, QJsonValue(QJsonValue::Undefined));
  });
  for (QToolButton* button : {stage.up, stage.down, stage.remove}) row->addWidget(button, 0, Qt::AlignTop);
  return stage;
}

void CodecChainForm::resizeStages(qsizetype count) {
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
  const qsizetype length = chain_.size();
  for (qsizetype i = 0; i < stages_.size(); ++i) {
    stages_[i].up->setVisible(length > 1);
    stages_[i].down->setVisible(length > 1);
    stages_[i].up->setEnabled(i > 0 && i < length);
    stages_[i].down->setEnabled(i + 1 < length);
    stages_[i].remove->setVisible(stages_.size() > 1);
  }
  add_->setVisible(stages_.size() == length);  // not while one waits to be chosen
}

void CodecChainForm::showNone(ComponentForm* form) {
  form->setValue(none_is_a_kind_ ? QJsonValue(QJsonObject{{QStringLiteral("kind"), kNone}})
                                 : QJsonValue(QJsonValue::Undefined));
}

// A place for one more; the document has it once its kind is chosen.
void CodecChainForm::add() {
  resizeStages(chain_.size() + 1);
  stages_.last().form->focusField(QStringLiteral("%1/%2/kind").arg(pointer_).arg(chain_.size()));
}

void CodecChainForm::swap(qsizetype one, qsizetype other) {
  QJsonArray swapped = chain_;
  const QJsonValue kept = swapped.at(one);
  swapped[one] = swapped.at(other);
  swapped[other] = kept;
  emit edited(pointer_, swapped);
}

void CodecChainForm::change(qsizetype stage, const QString& pointer, const QJsonValue& value) {
  const QString own = QStringLiteral("%1/%2").arg(pointer_).arg(stage);
  if (pointer != own || !isNone(value)) {
    emit edited(pointer, value);
    return;
  }
  if (stage >= chain_.size()) return resizeStages(std::max<qsizetype>(1, chain_.size()));
  if (chain_.size() == 1) {
    emit edited(pointer_,
                QJsonArray());  // an empty chain says it more plainly than a codec that does nothing
  } else {
    emit edited(own, QJsonValue(QJsonValue::Undefined));
  }
}

void CodecChainForm::setChain(const QJsonArray& chain) {
  chain_ = chain;
  resizeStages(std::max<qsizetype>(1, chain_.size()));
  for (qsizetype i = 0; i < stages_.size(); ++i) {
    if (i < chain_.size())
      stages_[i].form->setValue(chain_.at(i));
    else
      showNone(stages_[i].form);
  }
}

void CodecChainForm::setFaults(const FaultTexts& faults) {
  faults_ = faults;
  if (faults.contains(pointer_)) faults_.insert(pointer_ + QStringLiteral("/0"), faults.value(pointer_));
  for (const Stage& stage : stages_) stage.form->setFaults(faults_);
}

FaultTexts CodecChainForm::ownFaults() const {
  FaultTexts found;
  for (const Stage& stage : stages_) found.insert(stage.form->ownFaults());
  return found;
}

bool CodecChainForm::focusField(const QString& pointer) {
  if (pointer == pointer_) return stages_.first().form->focusField(pointer_ + QStringLiteral("/0"));
  for (const Stage& stage : stages_)
    if (stage.form->focusField(pointer)) return true;
  return false;
}

}  // namespace concertina::ui
