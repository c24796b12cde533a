// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// design_workers_card.cc: groups of workers and the mesh (see design_workers_card.h).
#include "ui/pages/design_workers_card.h"

#include <QHBoxLayout>
#include <QJsonArray>
#include <QLabel>
#include <QPushButton>
#include <QToolButton>
#include <QVBoxLayout>
#include <utility>

#include "ui/forms/line_icon.h"
#include "ui/forms/rhythm.h"
#include "ui/forms/tone.h"
#include "ui/pages/design_document.h"

namespace concertina::ui {
namespace {

const QString kWorkers = QStringLiteral("/workers");
const QString kMesh = QStringLiteral("/mesh");

// What every group has beside its launcher.
QVector<ParamInfo> commonParams(const Catalog& catalog) {
  QVector<ParamInfo> common;
  if (const ComponentInfo* section = catalog.find(QStringLiteral("experiment"), QStringLiteral("workers")))
    for (const ParamInfo& param : section->params)
      if (param.name != QStringLiteral("launcher")) common << param;
  return common;
}

// What the engine takes for a group that names no launcher.
QString defaultLauncher(const Catalog& catalog) {
  const ComponentInfo* section = catalog.find(QStringLiteral("experiment"), QStringLiteral("workers"));
  const ParamInfo* launcher = section == nullptr ? nullptr : section->param(QStringLiteral("launcher"));
  return launcher == nullptr ? QString() : launcher->default_value.toString();
}

}  // namespace

DesignWorkersCard::DesignWorkersCard(const std::shared_ptr<const Catalog>& catalog, AskHost ask_host,
                                     QWidget* parent)
    : DesignCard(QStringLiteral("parallelism"), tr("Parallelism"), QString(), {kWorkers, kMesh}, parent),
      catalog_(catalog),
      common_(commonParams(*catalog)),
      ask_host_(std::move(ask_host)) {
  groups_box_ = new QVBoxLayout;
  groups_box_->setSpacing(rhythmUnit(this));
  body()->addLayout(groups_box_);
  add_ = new QPushButton(lineIcon(QStringLiteral("add")), tr("Add a Group of Workers"), this);
  add_->setObjectName(QStringLiteral("designCard.addWorkers"));
  add_->setToolTip(tr("Workers that another launcher starts, beside these."));
  connect(add_, &QPushButton::clicked, this, [this] {
    QJsonObject copy = shown_.isEmpty() ? QJsonObject{{QStringLiteral("launcher"), QStringLiteral("local")}}
                                        : shown_.last().toObject();
    copy.insert(QStringLiteral("count"), 1);
    emit edited(QStringLiteral("%1/%2").arg(kWorkers).arg(shown_.size()), copy);
  });
  auto* add_row = new QHBoxLayout;
  add_row->addSpacing(labelColumnWidth(this) + 2 * rhythmUnit(this));
  add_row->addWidget(add_);
  add_row->addStretch();
  body()->addLayout(add_row);

  auto* rule = new QFrame(this);
  rule->setProperty("rule", true);
  body()->addWidget(rule);
  mesh_line_ = new QLabel(this);
  mesh_line_->setObjectName(QStringLiteral("designCard.meshLine"));
  mesh_line_->setWordWrap(true);
  setTone(mesh_line_, "quiet");
  body()->addWidget(mesh_line_);
  if (const ComponentInfo* section = catalog->find(QStringLiteral("experiment"), QStringLiteral("mesh"))) {
    mesh_ = new ParamForm(catalog, section->params, kMesh, this);
    adopt(mesh_);
    body()->addWidget(mesh_);
  }
  resizeGroups(1);
}

void DesignWorkersCard::resizeGroups(qsizetype count) {
  while (groups_.size() > count) {
    groups_.removeLast();
    remove_buttons_.removeLast();
    host_tests_.removeLast();
    group_frames_.takeLast()->deleteLater();  // the button that was pressed may stand on it
  }
  while (groups_.size() < count) {
    const auto index = groups_.size();
    auto* frame = new QWidget(this);
    auto* row = new QHBoxLayout(frame);
    row->setContentsMargins(0, 0, 0, 0);
    row->setSpacing(rhythmUnit(this));
    auto* form = new ComponentForm(catalog_,
                                   {.category = QStringLiteral("launcher"),
                                    .pointer = QStringLiteral("%1/%2").arg(kWorkers).arg(index),
                                    .label = tr("Launcher"),
                                    .kind_key = QStringLiteral("launcher"),
                                    .default_kind = defaultLauncher(*catalog_),
                                    .extra = common_},
                                   frame);
    adopt(form);
    auto* column = new QVBoxLayout;
    column->setSpacing(rhythmUnit(this));
    column->addWidget(form);
    auto* host_test = new DesignHostTest(static_cast<int>(index), ask_host_, frame);
    column->addWidget(host_test);
    row->addLayout(column, 1);
    auto* remove = new QToolButton(frame);
    remove->setObjectName(QStringLiteral("designCard.removeWorkers%1").arg(index));
    remove->setIcon(lineIcon(QStringLiteral("close")));
    remove->setToolTip(tr("Remove this group"));
    remove->setAccessibleName(tr("Remove group %1").arg(index + 1));
    connect(remove, &QToolButton::clicked, this, [this, index] {
      emit edited(QStringLiteral("%1/%2").arg(kWorkers).arg(index), QJsonValue(QJsonValue::Undefined));
    });
    row->addWidget(remove, 0, Qt::AlignTop);
    groups_box_->addWidget(frame);
    group_frames_ << frame;
    remove_buttons_ << remove;
    groups_ << form;
    host_tests_ << host_test;
  }
  for (QToolButton* button : remove_buttons_) button->setVisible(count > 1);
}

void DesignWorkersCard::showSpec(const SpecDocument& spec) {
  shown_ = spec.value(kWorkers).toArray();
  resizeGroups(std::max<qsizetype>(1, shown_.size()));
  for (qsizetype i = 0; i < groups_.size(); ++i) {
    groups_[i]->setValue(shown_.at(i));
    host_tests_[i]->setEntry(shown_.at(i).toObject());
  }
  if (mesh_ != nullptr) mesh_->setValues(spec.value(kMesh).toObject());
  const qint64 workers = workersOf(spec);
  const qint64 mesh = meshSizeOf(spec);
  mesh_line_->setText(
      mesh >= 0 && workers >= 0 && mesh != workers
          ? tr("The mesh has room for %1, and there are %n worker(s).", nullptr, static_cast<int>(workers))
                .arg(mesh)
          : tr("The mesh: the workers on three axes. Data copies the model, pipeline cuts it by layers, "
               "tensor cuts the layers."));
  setTone(mesh_line_, mesh >= 0 && workers >= 0 && mesh != workers ? "warning" : "quiet");
}

void DesignWorkersCard::setFaults(const FaultTexts& faults) {
  faults_ = faults;
  for (ComponentForm* group : groups_) group->setFaults(faults);
  if (mesh_ != nullptr) mesh_->setFaults(faults);
  for (const QString& pointer : {kMesh, kWorkers}) {
    if (!faults.contains(pointer)) continue;
    mesh_line_->setText(faults.value(pointer));
    setTone(mesh_line_, "error");
  }
}

FaultTexts DesignWorkersCard::ownFaults() const {
  FaultTexts found = mesh_ == nullptr ? FaultTexts() : mesh_->ownFaults();
  for (const ComponentForm* group : groups_) found.insert(group->ownFaults());
  return found;
}

bool DesignWorkersCard::focusField(const QString& pointer) {
  if (mesh_ != nullptr && mesh_->focusField(pointer == kMesh ? kMesh + QStringLiteral("/data") : pointer))
    return true;
  for (ComponentForm* group : groups_)
    if (group->focusField(pointer == kWorkers ? kWorkers + QStringLiteral("/0/count") : pointer)) return true;
  return false;
}

}  // namespace concertina::ui
