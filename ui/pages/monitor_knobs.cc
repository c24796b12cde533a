// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// monitor_knobs.cc: see monitor_knobs.h.
#include "ui/pages/monitor_knobs.h"

#include <QCheckBox>
#include <QComboBox>
#include <QHBoxLayout>
#include <QJsonArray>
#include <QJsonDocument>
#include <QLabel>
#include <QLineEdit>
#include <QLocale>
#include <QScrollArea>
#include <QSignalBlocker>
#include <QVBoxLayout>
#include <algorithm>
#include <cmath>

#include "ui/forms/rhythm.h"
#include "ui/forms/tone.h"

namespace concertina::ui {
namespace {

QString asJson(const QJsonValue& value) {
  // Qt writes documents only; the value is what stands between the brackets.
  const QByteArray array = QJsonDocument(QJsonArray{value}).toJson(QJsonDocument::Compact);
  return QString::fromUtf8(array.mid(1, array.size() - 2));
}

QString rangeText(const LiveKnob& knob) {
  const QLocale locale;
  const auto number = [&](double value) { return locale.toString(value, 'g', 6); };
  const bool low = std::isfinite(knob.minimum), high = std::isfinite(knob.maximum);
  if (low && high) return MonitorKnobs::tr("from %1 to %2").arg(number(knob.minimum), number(knob.maximum));
  if (low) return MonitorKnobs::tr("from %1").arg(number(knob.minimum));
  if (high) return MonitorKnobs::tr("up to %1").arg(number(knob.maximum));
  return {};
}

}  // namespace

QString knobText(const LiveKnob& knob) {
  if (knob.value.isDouble())
    return QLocale().toString(knob.value.toDouble(), 'g', QLocale::FloatingPointShortest);
  return knob.value.toString();
}

QString knobJson(const LiveKnob& knob, const QString& text, QString& fault) {
  fault.clear();
  const QString trimmed = text.trimmed();
  if (knob.type != QLatin1String("number") && knob.type != QLatin1String("integer")) return asJson(trimmed);
  bool ok = false;
  double value = QLocale().toDouble(trimmed, &ok);
  if (!ok) value = QLocale::c().toDouble(trimmed, &ok);  // 1e-3 and 0.1 are understood in every language
  if (!ok || !std::isfinite(value)) {
    fault = MonitorKnobs::tr("“%1” is not a number.").arg(trimmed);
  } else if (knob.type == QLatin1String("integer") && value != std::floor(value)) {
    fault = MonitorKnobs::tr("A whole number is expected.");
  } else if (value < knob.minimum || value > knob.maximum) {
    fault = MonitorKnobs::tr("A number %1 is expected.").arg(rangeText(knob));
  }
  return fault.isEmpty() ? asJson(value) : QString();
}

MonitorKnobs::MonitorKnobs(QWidget* parent)
    : QWidget(parent), note_(new QLabel(this)), scroll_(new QScrollArea(this)) {
  setObjectName(QStringLiteral("monitorPage.knobsPanel"));
  const int unit = rhythmUnit(this);
  auto* title = new QLabel(tr("Knobs"), this);
  title->setFont(scaledFont(font(), 1.15, QFont::DemiBold));
  note_->setObjectName(QStringLiteral("monitorPage.knobsNote"));
  note_->setWordWrap(true);
  setTone(note_, "quiet");
  scroll_->setFrameShape(QFrame::NoFrame);
  scroll_->setWidgetResizable(true);
  scroll_->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
  scroll_->viewport()->setBackgroundRole(QPalette::Window);
  auto* layout = new QVBoxLayout(this);
  layout->setContentsMargins(unit * 2, unit * 3 / 2, 0, 0);
  layout->setSpacing(unit);
  layout->addWidget(title);
  layout->addWidget(note_);
  layout->addWidget(scroll_, 1);
  rebuild({});
}

void MonitorKnobs::setKnobs(const QVector<LiveKnob>& knobs) {
  QStringList order;
  for (const LiveKnob& knob : knobs) order.push_back(knob.pointer);
  if (order != order_) rebuild(knobs);
  for (const LiveKnob& knob : knobs) {
    Field& field = fields_[knob.pointer];
    field.knob = knob;
    const QSignalBlocker quiet(field.editor);
    if (field.line != nullptr) {
      if (!field.line->hasFocus() && !field.line->isModified()) field.line->setText(knobText(knob));
    } else if (auto* box = qobject_cast<QCheckBox*>(field.editor)) {
      box->setChecked(knob.value.toBool());
    } else if (auto* choice = qobject_cast<QComboBox*>(field.editor)) {
      choice->setCurrentText(knob.value.toString());
    }
  }
}

void MonitorKnobs::setTurnable(bool turnable) {
  turnable_ = turnable;
  for (const Field& field : std::as_const(fields_)) field.editor->setEnabled(turnable);
  if (fields_.isEmpty())
    note_->setText(tr("This experiment has no settings that may change while it runs."));
  else if (turnable)
    note_->setText(
        tr("Write a value and press Enter. It holds from the next step on that all ranks can meet at."));
  else
    note_->setText(tr("Knobs can be turned while the run goes on."));
}

void MonitorKnobs::rebuild(const QVector<LiveKnob>& knobs) {
  fields_.clear();
  order_.clear();
  const int unit = rhythmUnit(this);
  auto* list = new QWidget;
  auto* column = new QVBoxLayout(list);
  column->setContentsMargins(0, 0, unit, 0);
  column->setSpacing(unit / 2);
  QString component;
  for (const LiveKnob& knob : knobs) {
    if (knob.component != component) {
      component = knob.component;
      auto* heading = new QLabel(component, list);
      heading->setWordWrap(true);
      setTone(heading, "quiet");
      if (!order_.isEmpty()) column->addSpacing(unit);
      column->addWidget(heading);
    }
    Field field;
    field.knob = knob;
    field.editor = makeEditor(field, list);
    field.editor->setObjectName(QStringLiteral("monitorPage.knob.%1").arg(knob.pointer));
    field.editor->setEnabled(turnable_);
    field.editor->setAccessibleName(knobLabel(knob));
    const QString range = rangeText(knob);
    field.editor->setToolTip(range.isEmpty() ? knob.doc : knob.doc + QLatin1Char('\n') + range);
    field.editor->setWhatsThis(QStringLiteral("<b>%1</b><p>%2</p><p>%3</p><p>%4 %5</p>")
                                   .arg(knobLabel(knob).toHtmlEscaped(), knob.doc.toHtmlEscaped(),
                                        knob.component.toHtmlEscaped(), range.toHtmlEscaped(),
                                        knob.unit.toHtmlEscaped()));
    auto* label = new QLabel(knobLabel(knob), list);
    label->setBuddy(field.editor);
    column->addWidget(label);
    auto* row = new QHBoxLayout;
    row->addWidget(field.editor, 1);
    if (!knob.unit.isEmpty()) {
      auto* unit_label = new QLabel(knob.unit, list);
      setTone(unit_label, "quiet");
      row->addWidget(unit_label);
    }
    column->addLayout(row);
    field.answer = new QLabel(list);
    field.answer->setObjectName(QStringLiteral("monitorPage.knobAnswer.%1").arg(knob.pointer));
    field.answer->setWordWrap(true);
    field.answer->setFont(scaledFont(font(), 0.9));
    field.answer->hide();
    column->addWidget(field.answer);
    order_.push_back(knob.pointer);
    fields_.insert(knob.pointer, field);
  }
  column->addStretch(1);
  scroll_->setWidget(list);
  setTurnable(turnable_);
}

QWidget* MonitorKnobs::makeEditor(Field& field, QWidget* parent) {
  const QString pointer = field.knob.pointer;
  if (field.knob.type == QLatin1String("boolean")) {
    auto* box = new QCheckBox(parent);
    connect(box, &QCheckBox::toggled, this,
            [this, pointer](bool on) { emit turned(pointer, on ? "true" : "false"); });
    return box;
  }
  if (field.knob.type == QLatin1String("choice")) {
    auto* choice = new QComboBox(parent);
    choice->addItems(field.knob.choices);
    connect(choice, &QComboBox::textActivated, this,
            [this, pointer](const QString& text) { emit turned(pointer, asJson(text)); });
    return choice;
  }
  field.line = new QLineEdit(knobText(field.knob), parent);
  connect(field.line, &QLineEdit::returnPressed, this, [this, pointer] { submit(pointer); });
  return field.line;
}

void MonitorKnobs::submit(const QString& pointer) {
  Field& field = fields_[pointer];
  QString fault;
  const QString json = knobJson(field.knob, field.line->text(), fault);
  if (!fault.isEmpty()) {
    showAnswer(pointer, 0, fault);
    return;
  }
  field.answer->hide();
  field.line->setModified(false);
  emit turned(pointer, json);
}

bool MonitorKnobs::has(const QString& pointer) const {
  return std::any_of(order_.begin(), order_.end(),
                     [&](const QString& one) { return one.startsWith(pointer); });
}

bool MonitorKnobs::focusOn(const QString& pointer) {
  for (const QString& one : std::as_const(order_)) {
    if (!one.startsWith(pointer)) continue;
    QWidget* editor = fields_[one].editor;
    scroll_->ensureWidgetVisible(editor);
    editor->setFocus(Qt::OtherFocusReason);
    return true;
  }
  return false;
}

void MonitorKnobs::showAnswer(const QString& pointer, qint64 step, const QString& error) {
  const auto field = fields_.find(pointer);
  if (field == fields_.end()) return;
  field->answer->setText(error.isEmpty() ? tr("Holds from step %1 on.").arg(QLocale().toString(step))
                                         : error);
  setTone(field->answer, error.isEmpty() ? "good" : "error");
  field->answer->show();
}

}  // namespace concertina::ui
