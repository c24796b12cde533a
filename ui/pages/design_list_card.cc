// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// design_list_card.cc: see design_list_card.h.
#include "ui/pages/design_list_card.h"

#include <QHBoxLayout>
#include <QLabel>
#include <QPushButton>
#include <QToolButton>
#include <QVBoxLayout>

#include "ui/forms/line_icon.h"
#include "ui/forms/rhythm.h"

namespace concertina::ui {

DesignListCard::DesignListCard(const std::shared_ptr<const Catalog>& catalog, const ListCardOptions& options,
                               QWidget* parent)
    : DesignCard(options.key, options.title, options.lead, {QLatin1Char('/') + options.key}, parent),
      catalog_(catalog),
      options_(options),
      pointer_(QLatin1Char('/') + options.key) {
  entries_box_ = new QVBoxLayout;
  entries_box_->setSpacing(2 * rhythmUnit(this));
  body()->addLayout(entries_box_);
  fault_ = addFault(pointer_);
  auto* add = new QPushButton(lineIcon(QStringLiteral("add")), options.add, this);
  add->setObjectName(QStringLiteral("designCard.add:") + pointer_);
  connect(add, &QPushButton::clicked, this,
          [this] { emit edited(QStringLiteral("%1/%2").arg(pointer_).arg(shown_.size()), options_.fresh); });
  auto* add_row = new QHBoxLayout;
  add_row->addSpacing(labelColumnWidth(this) + 2 * rhythmUnit(this));
  add_row->addWidget(add);
  add_row->addStretch();
  body()->addLayout(add_row);
}

DesignListCard::Entry DesignListCard::makeEntry(qsizetype index) {
  const QString own = QStringLiteral("%1/%2").arg(pointer_).arg(index);
  Entry entry{};
  entry.frame = new QWidget(this);
  auto* row = new QHBoxLayout(entry.frame);
  row->setContentsMargins(0, 0, 0, 0);
  row->setSpacing(rhythmUnit(this));
  auto* column = new QVBoxLayout;
  column->setSpacing(rhythmUnit(this));
  row->addLayout(column, 1);
  entry.form = new ParamForm(catalog_, catalog_->find(QStringLiteral("experiment"), options_.key)->params,
                             own, entry.frame);
  adopt(entry.form);
  column->addWidget(entry.form);
  if (options_.has_gradient) {
    entry.chain = new ComponentListForm(
        catalog_, ComponentListOptions::codecs(own + QStringLiteral("/gradient")), entry.frame);
    adopt(entry.chain);
    column->addWidget(entry.chain);
  }
  auto* remove = new QToolButton(entry.frame);
  remove->setObjectName(QStringLiteral("designCard.remove:") + own);
  remove->setIcon(lineIcon(QStringLiteral("close")));
  remove->setToolTip(options_.remove);
  remove->setAccessibleName(QStringLiteral("%1 %2").arg(options_.remove).arg(index + 1));
  // With its last entry the list goes from the file.
  connect(remove, &QToolButton::clicked, this, [this, own] {
    emit edited(shown_.size() == 1 ? pointer_ : own, QJsonValue(QJsonValue::Undefined));
  });
  row->addWidget(remove, 0, Qt::AlignTop);
  return entry;
}

void DesignListCard::resizeEntries(qsizetype count) {
  while (entries_.size() > count) {
    QWidget* frame = entries_.takeLast().frame;
    entries_box_->removeWidget(frame);
    frame->hide();
    frame->deleteLater();  // the button that was pressed may stand on it
  }
  while (entries_.size() < count) {
    entries_ << makeEntry(entries_.size());
    entries_box_->addWidget(entries_.last().frame);
  }
}

void DesignListCard::showSpec(const SpecDocument& spec) {
  shown_ = spec.value(pointer_).toArray();
  resizeEntries(shown_.size());
  for (qsizetype i = 0; i < entries_.size(); ++i) {
    const QJsonObject entry = shown_.at(i).toObject();
    entries_[i].form->setValues(entry);
    if (entries_[i].chain != nullptr)
      entries_[i].chain->setList(entry.value(QLatin1String("gradient")).toArray());
  }
}

void DesignListCard::setFaults(const FaultTexts& faults) {
  faults_ = faults;
  for (const Entry& entry : entries_) {
    entry.form->setFaults(faults);
    if (entry.chain != nullptr) entry.chain->setFaults(faults);
  }
  fault_->setText(faults.value(pointer_));
  fault_->setVisible(faults.contains(pointer_));
}

FaultTexts DesignListCard::ownFaults() const {
  FaultTexts found;
  for (const Entry& entry : entries_) {
    found.insert(entry.form->ownFaults());
    if (entry.chain != nullptr) found.insert(entry.chain->ownFaults());
  }
  return found;
}

bool DesignListCard::focusField(const QString& pointer) {
  for (const Entry& entry : entries_)
    if (entry.form->focusField(pointer) || (entry.chain != nullptr && entry.chain->focusField(pointer)))
      return true;
  return false;
}

}  // namespace concertina::ui
