// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// component_list_form.cc: see component_list_form.h.
#include "ui/pages/component_list_form.h"

#include <QApplication>
#include <QHBoxLayout>
#include <QPointer>
#include <QPushButton>
#include <QScrollArea>
#include <QScrollBar>
#include <QShortcut>
#include <QToolButton>
#include <QVBoxLayout>
#include <algorithm>
#include <utility>

#include "ui/forms/line_icon.h"
#include "ui/forms/rhythm.h"
#include "ui/pages/component_list_grip.h"

namespace concertina::ui {
namespace {

const QString kNone = QStringLiteral("none");

bool isNone(const QJsonValue& value) {
  return value.isUndefined() || value.toObject().value(QLatin1String("kind")).toString() == kNone;
}

}  // namespace

QJsonArray movedEntry(const QJsonArray& list, qsizetype from, qsizetype to) {
  if (from < 0 || to < 0 || from >= list.size() || to >= list.size()) return list;
  QJsonArray moved = list;
  moved.insert(to, moved.takeAt(from));
  return moved;
}

ComponentListOptions ComponentListOptions::codecs(const QString& pointer) {
  return {.category = QStringLiteral("gradient-codec"),
          .pointer = pointer,
          // Of a chain that is not the first of the page, its pointer behind it.
          .name = pointer == QLatin1String("/gradient") ? QStringLiteral("Codec")
                                                        : QStringLiteral("Codec%1/").arg(pointer),
          .label = ComponentListForm::tr("Codec"),
          .next_label = ComponentListForm::tr("Then"),
          .item = ComponentListForm::tr("codec"),
          .add = ComponentListForm::tr("Add a Codec"),
          .add_tip = ComponentListForm::tr(
              "What follows takes what is before it: a codec the values that a sparsifier "
              "chose, a lossless stage the bytes of all.")};
}

ComponentListOptions ComponentListOptions::recipe() {
  return {.category = QStringLiteral("compressor"),
          .pointer = QStringLiteral("/recipe"),
          .name = QStringLiteral("Step"),
          .label = ComponentListForm::tr("First"),
          .next_label = ComponentListForm::tr("Then"),
          .item = ComponentListForm::tr("step"),
          .add = ComponentListForm::tr("Add a Step"),
          .add_tip = ComponentListForm::tr(
              "After each step the file is written, read and run: its size, its accuracy "
              "and its latency are what you see.")};
}

ComponentListOptions ComponentListOptions::faults() {
  return {.category = QStringLiteral("fault"),
          .pointer = QStringLiteral("/faults"),
          .name = QStringLiteral("Fault"),
          .label = ComponentListForm::tr("Fault"),
          .next_label = ComponentListForm::tr("And"),
          .item = ComponentListForm::tr("fault"),
          .add = ComponentListForm::tr("Add a Fault"),
          .add_tip = ComponentListForm::tr(
              "Each fault happens once, to real processes and links, and leaves a mark on "
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
  drop_line_ = new QFrame(this);  // in no layout: it lies over the entries
  drop_line_->setObjectName(nameOf(QStringLiteral("dropLine")));
  drop_line_->setAutoFillBackground(true);
  drop_line_->setBackgroundRole(QPalette::Highlight);
  drop_line_->setAttribute(Qt::WA_TransparentForMouseEvents);
  drop_line_->hide();
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
  stage.grip = new ComponentListGrip(stage.frame);
  stage.grip->setObjectName(nameOf(QStringLiteral("grip")) + QString::number(index));
  stage.grip->setToolTip(tr("Drag to another place; or Alt+Up and Alt+Down in any field"));
  stage.grip->setAccessibleName(tr("Drag: %1 %2").arg(options_.item).arg(index + 1));
  row->addWidget(stage.grip, 0, Qt::AlignTop);
  connect(stage.grip, &ComponentListGrip::dragged, this,
          [this, index](const QPoint& global) { showDropLine(index, global); });
  connect(stage.grip, &ComponentListGrip::cancelled, drop_line_, &QWidget::hide);
  connect(stage.grip, &ComponentListGrip::dropped, this, [this, index](const QPoint& global) {
    drop_line_->hide();
    move(index, placeAt(index, global));
  });
  for (const auto& [key, by] : {std::pair(Qt::Key_Up, -1), std::pair(Qt::Key_Down, 1)}) {
    auto* shortcut = new QShortcut(QKeySequence(Qt::ALT | key), stage.frame);
    shortcut->setContext(Qt::WidgetWithChildrenShortcut);
    connect(shortcut, &QShortcut::activated, this, [this, index, by = by] { move(index, index + by); });
  }
  stage.up = makeButton(QStringLiteral("up"), tr("Move up"), index, stage.frame);
  stage.down = makeButton(QStringLiteral("down"), tr("Move down"), index, stage.frame);
  stage.remove = makeButton(QStringLiteral("remove"), tr("Remove"), index, stage.frame);
  connect(stage.up, &QToolButton::clicked, this, [this, index] { move(index, index - 1); });
  connect(stage.down, &QToolButton::clicked, this, [this, index] { move(index, index + 1); });
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
    stages_[i].grip->setVisible(length > 1 && i < length);
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

// A field that had the focus has it at the entry's new place, so that the keys go on moving the same one.
void ComponentListForm::move(qsizetype from, qsizetype to) {
  if (from == to || from < 0 || to < 0 || from >= list_.size() || to >= list_.size()) return;
  const QWidget* const focus = QApplication::focusWidget();
  const bool is_inside = stages_[from].form->isAncestorOf(focus);
  const QPointer<ComponentListForm> self(this);
  emit edited(options_.pointer, movedEntry(list_, from, to));
  if (self && is_inside && to < stages_.size())
    stages_[to].form->focusField(QStringLiteral("%1/%2/kind").arg(options_.pointer).arg(to));
}

qsizetype ComponentListForm::placeAt(qsizetype from, const QPoint& global) const {
  const int y = mapFromGlobal(global).y();
  qsizetype place = 0;
  for (qsizetype i = 0; i < list_.size() && i < stages_.size(); ++i)
    if (i != from && y > stages_[i].frame->geometry().center().y()) ++place;
  return place;
}

void ComponentListForm::showDropLine(qsizetype from, const QPoint& global) {
  const qsizetype place = placeAt(from, global);
  // Between the entry that would stand before it and the one after.
  const QRect next = stages_[place < from ? place : std::min(place + 1, list_.size() - 1)].frame->geometry();
  const int gap = stages_box_->spacing() / 2, thick = std::max(2, rhythmUnit(this) / 2);
  const bool is_last = place >= from && place + 1 >= list_.size();
  const int y = place == from ? stages_[from].frame->geometry().top() - gap
                : is_last     ? next.bottom() + gap
                              : next.top() - gap;
  drop_line_->setGeometry(0, std::clamp(y - thick / 2, 0, height() - thick), width(), thick);
  drop_line_->raise();
  drop_line_->show();
  for (QWidget* around = parentWidget(); around != nullptr; around = around->parentWidget())
    if (auto* area = qobject_cast<QScrollArea*>(around); area != nullptr && area->widget() != nullptr) {
      const QPoint at = area->widget()->mapFromGlobal(global);
      area->ensureVisible(area->horizontalScrollBar()->value(), at.y(), 0, 4 * rhythmUnit(this));
      break;
    }
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
  if (faults.contains(options_.pointer))
    faults_.insert(options_.pointer + QStringLiteral("/0"), faults.value(options_.pointer));
  for (const Stage& stage : stages_) stage.form->setFaults(faults_);
}

FaultTexts ComponentListForm::ownFaults() const {
  FaultTexts found;
  for (const Stage& stage : stages_) found.insert(stage.form->ownFaults());
  return found;
}

bool ComponentListForm::focusField(const QString& pointer) {
  if (pointer == options_.pointer)
    return stages_.first().form->focusField(options_.pointer + QStringLiteral("/0"));
  for (const Stage& stage : stages_)
    if (stage.form->focusField(pointer)) return true;
  return false;
}

}  // namespace concertina::ui
