// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// design_codec_card.cc: codecs one after the other (see design_codec_card.h).
#include "ui/pages/design_codec_card.h"

#include <QJsonArray>
#include <QVBoxLayout>

#include "ui/forms/rhythm.h"

namespace concertina::ui {
namespace {

const QString kGradient = QStringLiteral("/gradient");
const QString kNone = QStringLiteral("none");

bool isNone(const QJsonValue& value) {
  return value.isUndefined() || value.toObject().value(QLatin1String("kind")).toString() == kNone;
}

}  // namespace

DesignCodecCard::DesignCodecCard(const std::shared_ptr<const Catalog>& catalog, QWidget* parent)
    : DesignCard(
          QStringLiteral("gradient"), tr("Gradient compression"),
          tr("Applied to every bucket before it is sent. The monitor shows what it saves and what it costs."),
          {kGradient}, parent),
      catalog_(catalog),
      none_is_a_kind_(catalog->find(QStringLiteral("gradient-codec"), kNone) != nullptr) {
  stages_box_ = new QVBoxLayout;
  stages_box_->setSpacing(2 * rhythmUnit(this));
  body()->addLayout(stages_box_);
  resizeStages(1);
}

void DesignCodecCard::resizeStages(qsizetype count) {
  while (stages_.size() > count) stages_.takeLast()->deleteLater();
  while (stages_.size() < count) {
    const auto index = stages_.size();
    auto* form = new ComponentForm(catalog_,
                                   {.category = QStringLiteral("gradient-codec"),
                                    .pointer = QStringLiteral("%1/%2").arg(kGradient).arg(index),
                                    .label = index == 0 ? tr("Codec") : tr("Then"),
                                    .none = none_is_a_kind_ ? QString() : tr("None")},
                                   this);
    connect(
        form, &ComponentForm::edited, this,
        [this, index](const QString& pointer, const QJsonValue& value) { change(index, pointer, value); });
    connect(form, &ComponentForm::fieldFocused, this, &DesignCard::fieldFocused);
    if (none_is_a_kind_) form->setValue(QJsonObject{{QStringLiteral("kind"), kNone}});
    stages_box_->addWidget(form);
    stages_ << form;
  }
}

void DesignCodecCard::change(qsizetype stage, const QString& pointer, const QJsonValue& value) {
  const QString own = QStringLiteral("%1/%2").arg(kGradient).arg(stage);
  if (pointer != own || !isNone(value)) {
    emit edited(pointer, value);
    return;
  }
  if (stage >= length_) return resizeStages(std::max<qsizetype>(1, length_));
  if (length_ == 1) {
    emit edited(kGradient,
                QJsonArray());  // an empty chain says it more plainly than a codec that does nothing
  } else {
    emit edited(own, QJsonValue(QJsonValue::Undefined));
  }
}

void DesignCodecCard::showSpec(const SpecDocument& spec) {
  const QJsonArray chain = spec.value(kGradient).toArray();
  length_ = chain.size();
  resizeStages(std::max<qsizetype>(1, length_));
  for (qsizetype i = 0; i < stages_.size(); ++i) {
    const bool empty = i >= length_;
    stages_[i]->setValue(!empty            ? chain.at(i)
                         : none_is_a_kind_ ? QJsonValue(QJsonObject{{QStringLiteral("kind"), kNone}})
                                           : QJsonValue(QJsonValue::Undefined));
  }
}

void DesignCodecCard::setFaults(const FaultTexts& faults) {
  faults_ = faults;
  if (faults.contains(kGradient)) faults_.insert(kGradient + QStringLiteral("/0"), faults.value(kGradient));
  for (ComponentForm* stage : stages_) stage->setFaults(faults_);
}

FaultTexts DesignCodecCard::ownFaults() const {
  FaultTexts found;
  for (const ComponentForm* stage : stages_) found.insert(stage->ownFaults());
  return found;
}

bool DesignCodecCard::focusField(const QString& pointer) {
  if (pointer == kGradient) return stages_.first()->focusField(kGradient + QStringLiteral("/0"));
  for (ComponentForm* stage : stages_)
    if (stage->focusField(pointer)) return true;
  return false;
}

}  // namespace concertina::ui
