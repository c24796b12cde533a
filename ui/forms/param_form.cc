// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// param_form.cc: rows of a form from descriptors (see param_form.h).
#include "ui/forms/param_form.h"

#include <QGridLayout>
#include <QKeyEvent>
#include <QLabel>
#include <QStyle>
#include <QToolButton>
#include <QWhatsThis>
#include <vector>

#include "ui/forms/component_form.h"
#include "ui/forms/field_editors.h"
#include "ui/forms/line_icon.h"
#include "ui/forms/rhythm.h"
#include "ui/forms/tone.h"

namespace concertina::ui {
namespace {

struct Row {
  ParamInfo param;
  QString pointer;
  QLabel* label = nullptr;
  FieldEditor* editor = nullptr;    // null for a nested component
  ComponentForm* nested = nullptr;  // null for everything else
  QToolButton* reset = nullptr;
  QLabel* fault = nullptr;
};

bool isBelow(const QString& pointer, const QString& ancestor) {
  return pointer == ancestor || pointer.startsWith(ancestor + QLatin1Char('/'));
}

void setFaultMark(QWidget* widget, bool on) {
  if (widget->property("fault").toBool() == on) return;
  widget->setProperty("fault", on);
  widget->style()->unpolish(widget);
  widget->style()->polish(widget);
}

}  // namespace

QString fieldHelp(const ParamInfo& param) {
  QStringList parts;
  if (!param.doc.isEmpty()) parts << descriptorText(param.doc);
  const QString range = rangeText(param);
  const QString unit = param.unit.isEmpty() ? QString() : QStringLiteral(" ") + descriptorText(param.unit);
  if (!range.isEmpty()) parts << ParamForm::tr("Range: %1%2.").arg(range, unit);
  const bool has_default = !param.default_value.isUndefined() && param.type != FieldType::kComponent;
  if (has_default && !valueText(param.default_value).isEmpty())
    parts << ParamForm::tr("Default: %1%2.").arg(valueText(param.default_value), unit);
  if (param.live) parts << ParamForm::tr("Can be changed while a run goes.");
  return parts.join(QLatin1Char(' '));
}

int labelColumnWidth(const QWidget* widget) { return charactersWide(widget, 19); }

struct ParamForm::Impl {
  explicit Impl(ParamForm& form) : form(form) {}

  void addRow(QGridLayout& grid, const ParamInfo& param) {
    const int line = grid.rowCount();
    Row row{param, pointer + QLatin1Char('/') + param.name};
    if (param.type == FieldType::kComponent) {
      row.nested = new ComponentForm(
          catalog, {.category = param.choices.value(0), .pointer = row.pointer, .label = fieldLabel(param)},
          &form);
      QObject::connect(row.nested, &ComponentForm::edited, &form,
                       [this, index = rows.size()](const QString& where, const QJsonValue& value) {
                         changeNested(rows[index], where, value);
                       });
      QObject::connect(row.nested, &ComponentForm::fieldFocused, &form, &ParamForm::fieldFocused);
      grid.addWidget(row.nested, line, 0, 1, 3);
      rows.push_back(row);
      return;
    }
    row.editor = makeFieldEditor(param, &form);
    QWidget* target = row.editor->focusTarget();
    target->setObjectName(QStringLiteral("field:") + row.pointer);
    const QString help = fieldHelp(param);
    const QString name = fieldLabel(param);
    target->setAccessibleName(
        param.unit.isEmpty() ? name : QStringLiteral("%1, %2").arg(name, descriptorText(param.unit)));
    target->setAccessibleDescription(help);
    target->setToolTip(QStringLiteral("<qt>%1</qt>").arg(help.toHtmlEscaped()));
    target->setWhatsThis(fieldPage(param, row.pointer, component));
    target->installEventFilter(&form);

    if (!row.editor->showsLabel()) {
      row.label = new QLabel(name, &form);
      row.label->setWordWrap(true);
      row.label->setBuddy(target);
      row.label->setToolTip(target->toolTip());
      row.label->setFixedWidth(labelColumnWidth(&form));
      grid.addWidget(row.label, line, 0, Qt::AlignVCenter);
    }
    grid.addWidget(row.editor, line, 1);

    auto* trailing = new QHBoxLayout;
    trailing->setSpacing(rhythmUnit(&form) / 2);
    if (param.live) {
      auto* badge = new QLabel(ParamForm::tr("live"), &form);
      badge->setProperty("badge", true);
      badge->setToolTip(ParamForm::tr("Can be changed while a run goes."));
      trailing->addWidget(badge);
    }
    row.reset = new QToolButton(&form);
    row.reset->setObjectName(QStringLiteral("reset:") + row.pointer);
    row.reset->setIcon(lineIcon(QStringLiteral("reset")));
    row.reset->setAutoRaise(true);
    row.reset->setAccessibleName(ParamForm::tr("Reset %1").arg(name));
    QSizePolicy policy = row.reset->sizePolicy();
    policy.setRetainSizeWhenHidden(true);  // nothing moves when a value leaves its default
    row.reset->setSizePolicy(policy);
    row.reset->hide();
    trailing->addWidget(row.reset);
    grid.addLayout(trailing, line, 2, Qt::AlignRight | Qt::AlignVCenter);

    row.fault = new QLabel(&form);
    row.fault->setObjectName(QStringLiteral("fault:") + row.pointer);
    row.fault->setWordWrap(true);
    row.fault->setTextInteractionFlags(Qt::TextSelectableByMouse);
    setTone(row.fault, "error");
    row.fault->hide();
    grid.addWidget(row.fault, line + 1, 1, 1, 2);

    QObject::connect(row.editor, &FieldEditor::edited, &form,
                     [this, index = rows.size()](const QJsonValue& value) { change(index, value); });
    QObject::connect(row.reset, &QToolButton::clicked, &form, [this, index = rows.size()] {
      change(index, QJsonValue(QJsonValue::Undefined));
      rows[index].editor->focusTarget()->setFocus();
    });
    rows.push_back(row);
  }

  QJsonValue valueOf(const Row& row) const { return object.value(row.param.name); }

  void change(size_t index, const QJsonValue& value) {
    const Row& row = rows[index];
    if (value.isUndefined()) {
      object.remove(row.param.name);
    } else {
      object.insert(row.param.name, value);
    }
    showRow(row);
    emit form.edited(row.pointer, value);
  }

  // An edit inside a nested component, "/dataset/partition/alpha", is passed on as it is. Where the component
  // was not in the document yet (its default was shown), a lone field would lack its kind: the whole goes
  // there instead.
  void changeNested(const Row& row, const QString& where, const QJsonValue& value) {
    const bool present = object.contains(row.param.name);
    const QJsonValue whole = row.nested->value();
    if (whole.isUndefined()) {
      object.remove(row.param.name);
    } else {
      object.insert(row.param.name, whole);
    }
    if (present) {
      emit form.edited(where, value);
    } else {
      emit form.edited(row.pointer, whole);
    }
  }

  void showRow(const Row& row) {
    const QJsonValue value = valueOf(row);
    if (row.nested != nullptr) {
      row.nested->setValue(value.isUndefined() ? row.param.default_value : value);
      return;
    }
    row.editor->show(value);
    const bool modified = !value.isUndefined() && value != row.param.default_value;
    const bool resettable = modified && !row.param.required();
    row.reset->setVisible(resettable);
    if (resettable)
      row.reset->setToolTip(
          row.param.optional && row.param.default_value.isUndefined()
              ? ParamForm::tr("Clear")
              : ParamForm::tr("Back to the default, %1").arg(valueText(row.param.default_value)));
    if (row.label != nullptr) setTone(row.label, resettable ? "accent" : "");
    showFault(row);
  }

  QString faultOf(const Row& row) const {
    for (auto it = faults.begin(); it != faults.end(); ++it)
      if (isBelow(it.key(), row.pointer)) return it.value();
    return complaintAbout(row.param, valueOf(row));
  }

  void showFault(const Row& row) {
    const QString text = faultOf(row);
    row.fault->setText(text);
    row.fault->setVisible(!text.isEmpty());
    setFaultMark(row.editor->focusTarget(), !text.isEmpty());
  }

  ParamForm& form;
  std::shared_ptr<const Catalog> catalog;
  QString pointer;
  const ComponentInfo* component = nullptr;  // the catalogue's
  std::vector<Row> rows;
  QJsonObject object;
  FaultTexts faults;
};

ParamForm::ParamForm(std::shared_ptr<const Catalog> catalog, const QVector<ParamInfo>& params,
                     const QString& pointer, QWidget* parent, const ComponentInfo* of)
    : QWidget(parent), impl_(std::make_unique<Impl>(*this)) {
  impl_->catalog = std::move(catalog);
  impl_->pointer = pointer;
  impl_->component = of;
  auto* grid = new QGridLayout(this);
  const int unit = rhythmUnit(this);
  grid->setContentsMargins(0, 0, 0, 0);
  grid->setHorizontalSpacing(unit * 2);
  grid->setVerticalSpacing(unit);
  grid->setColumnMinimumWidth(0, labelColumnWidth(this));
  grid->setColumnStretch(1, 1);
  for (const ParamInfo& param : params) impl_->addRow(*grid, param);
  setValues({});
}

ParamForm::~ParamForm() = default;

void ParamForm::setValues(const QJsonObject& object) {
  impl_->object = object;
  for (const Row& row : impl_->rows) impl_->showRow(row);
}

QJsonObject ParamForm::values() const { return impl_->object; }

void ParamForm::setFaults(const FaultTexts& faults) {
  impl_->faults = faults;
  for (const Row& row : impl_->rows) {
    if (row.nested != nullptr) {
      row.nested->setFaults(faults);
    } else {
      impl_->showFault(row);
    }
  }
}

FaultTexts ParamForm::ownFaults() const {
  FaultTexts found;
  for (const Row& row : impl_->rows) {
    if (row.nested != nullptr) {
      found.insert(row.nested->ownFaults());
    } else if (const QString text = complaintAbout(row.param, impl_->valueOf(row)); !text.isEmpty()) {
      found.insert(row.pointer, text);
    }
  }
  return found;
}

bool ParamForm::focusField(const QString& pointer) {
  for (const Row& row : impl_->rows) {
    if (!isBelow(pointer, row.pointer)) continue;
    if (row.nested != nullptr) return row.nested->focusField(pointer);
    row.editor->focusTarget()->setFocus(Qt::ShortcutFocusReason);
    return true;
  }
  return false;
}

bool ParamForm::eventFilter(QObject* watched, QEvent* event) {
  auto* widget = qobject_cast<QWidget*>(watched);
  if (widget != nullptr && event->type() == QEvent::FocusIn) {
    for (const Row& row : impl_->rows)
      if (row.editor != nullptr && row.editor->focusTarget() == watched)
        emit fieldFocused(fieldLabel(row.param), fieldHelp(row.param));
  } else if (widget != nullptr && event->type() == QEvent::KeyPress &&
             static_cast<QKeyEvent*>(event)->key() == Qt::Key_F1) {
    QWhatsThis::showText(widget->mapToGlobal(QPoint(0, widget->height())), widget->whatsThis(), widget);
    return true;
  }
  return QWidget::eventFilter(watched, event);
}

}  // namespace concertina::ui
