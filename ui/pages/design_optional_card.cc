// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// design_optional_card.cc: see design_optional_card.h.
#include "ui/pages/design_optional_card.h"

#include <QCheckBox>
#include <QHBoxLayout>
#include <QLabel>
#include <QVBoxLayout>

#include "ui/forms/rhythm.h"

namespace concertina::ui {

DesignOptionalCard::DesignOptionalCard(const std::shared_ptr<const Catalog>& catalog, const QString& id,
                                       const QString& title, const QString& lead, const QString& presence,
                                       QWidget* parent)
    : DesignCard(id, title, lead, {QLatin1Char('/') + id}, parent), pointer_(QLatin1Char('/') + id) {
  const ComponentInfo* section = catalog->find(QStringLiteral("experiment"), id);
  switch_ = new QCheckBox(presence, this);
  switch_->setObjectName(QStringLiteral("designCard.switch:") + pointer_);
  switch_->setToolTip(descriptorText(section->summary));
  switch_->setAccessibleDescription(switch_->toolTip());
  auto* row = new QHBoxLayout;
  row->addSpacing(labelColumnWidth(this) + 2 * rhythmUnit(this));
  row->addWidget(switch_, 1);
  body()->addLayout(row);
  fault_ = addFault(pointer_);
  form_ = new ParamForm(catalog, section->params, pointer_, this, section);
  adopt(form_);
  form_->hide();
  body()->addWidget(form_);
  // Of a person's clicks only: showSpec() sets it too.
  connect(switch_, &QCheckBox::clicked, this, &DesignOptionalCard::putIn);
}

void DesignOptionalCard::putIn(bool in) {
  if (!in) last_ = form_->values();
  emit edited(pointer_, in ? QJsonValue(last_) : QJsonValue(QJsonValue::Undefined));
}

void DesignOptionalCard::showSpec(const SpecDocument& spec) {
  const QJsonValue value = spec.value(pointer_);
  is_in_ = !value.isUndefined();
  switch_->setChecked(is_in_);
  form_->setValues(value.toObject());
  form_->setVisible(is_in_);
}

void DesignOptionalCard::setFaults(const FaultTexts& faults) {
  form_->setFaults(faults);
  fault_->setText(faults.value(pointer_));
  fault_->setVisible(faults.contains(pointer_));
}

FaultTexts DesignOptionalCard::ownFaults() const { return is_in_ ? form_->ownFaults() : FaultTexts(); }

bool DesignOptionalCard::focusField(const QString& pointer) {
  if (is_in_ && pointer != pointer_ && form_->focusField(pointer)) return true;
  if (!covers(pointer)) return false;
  switch_->setFocus();
  return true;
}

}  // namespace concertina::ui
