// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// field_editors.cc: check box, number, text, choice, path and list of integers (see field_editors.h).
#include "ui/forms/field_editors.h"

#include <QAction>
#include <QCheckBox>
#include <QFileInfo>
#include <QHBoxLayout>
#include <QJsonArray>
#include <QKeyEvent>
#include <QLabel>
#include <QLocale>
#include <QRegularExpression>
#include <QToolButton>
#include <QWheelEvent>
#include <cmath>

#include "ui/forms/ask.h"
#include "ui/forms/line_icon.h"
#include "ui/forms/rhythm.h"
#include "ui/forms/tone.h"

namespace concertina::ui {
namespace {

QHBoxLayout* rowLayout(QWidget* widget) {
  auto* row = new QHBoxLayout(widget);
  row->setContentsMargins(0, 0, 0, 0);
  row->setSpacing(rhythmUnit(widget));
  return row;
}

QString defaultHint(const ParamInfo& param) {
  if (param.optional && param.default_value.isUndefined()) return FieldEditor::tr("not set");
  return valueText(param.default_value);
}

class CheckEditor : public FieldEditor {
 public:
  CheckEditor(const ParamInfo& param, QWidget* parent)
      : FieldEditor(parent), param_(param), box_(new QCheckBox(this)) {
    box_->setText(fieldLabel(param));
    rowLayout(this)->addWidget(box_);
    connect(box_, &QCheckBox::clicked, this, [this](bool on) { emit edited(on); });
  }
  void show(const QJsonValue& value) override {
    box_->setChecked((value.isUndefined() ? param_.default_value : value).toBool());
  }
  QWidget* focusTarget() override { return box_; }
  bool showsLabel() const override { return true; }

 private:
  ParamInfo param_;
  QCheckBox* box_;
};

// Text, number and list share everything but how the text is read.
class LineEditor : public FieldEditor {
 public:
  using Parse = QJsonValue (*)(const QString&);
  LineEditor(const ParamInfo& param, QLineEdit* edit, Parse parse, int characters, QWidget* parent)
      : FieldEditor(parent), edit_(edit), parse_(parse) {
    auto* row = rowLayout(this);
    edit_->setParent(this);
    edit_->setPlaceholderText(defaultHint(param));
    edit_->setMaximumWidth(charactersWide(this, characters));
    edit_->setMinimumWidth(charactersWide(this, 9));
    row->addWidget(edit_, 1);
    if (!param.unit.isEmpty()) {
      auto* unit = new QLabel(descriptorText(param.unit), this);
      setTone(unit, "quiet");
      row->addWidget(unit);
    }
    row->addStretch(0);
    row->setStretch(0, 1);
    connect(edit_, &QLineEdit::textEdited, this, [this](const QString& text) { emit edited(parse_(text)); });
  }
  void show(const QJsonValue& value) override {
    if (parse_(edit_->text()) == value) return;  // "1e-4" stays as it was typed
    const QString text = valueText(value);
    if (edit_->text() != text) edit_->setText(text);
  }
  QWidget* focusTarget() override { return edit_; }

 protected:
  QLineEdit* edit_;
  Parse parse_;
};

QJsonValue parseText(const QString& text) {
  return text.isEmpty() ? QJsonValue(QJsonValue::Undefined) : QJsonValue(text);
}
QJsonValue parseReal(const QString& text) { return parseNumber(text, false); }
QJsonValue parseWhole(const QString& text) { return parseNumber(text, true); }

class NumberEditor : public LineEditor {
 public:
  NumberEditor(const ParamInfo& param, QWidget* parent)
      : LineEditor(param, new NumberEdit(param, nullptr),
                   param.type == FieldType::kInteger ? parseWhole : parseReal, 22, parent) {
    auto* number = static_cast<NumberEdit*>(edit_);
    connect(number, &NumberEdit::stepped, this, [this] { emit edited(parse_(edit_->text())); });
    if (param.type == FieldType::kInteger) {
      for (const int step : {-1, 1}) {  // for the mouse; the arrow keys do the same
        QAction* action =
            number->addAction(lineIcon(step < 0 ? QStringLiteral("remove") : QStringLiteral("add")),
                              QLineEdit::TrailingPosition);
        action->setToolTip(step < 0 ? FieldEditor::tr("One less") : FieldEditor::tr("One more"));
        connect(action, &QAction::triggered, number, [number, step] {
          number->setFocus();
          number->stepBy(step);
        });
      }
    }
  }
};

class ChoiceEditor : public FieldEditor {
 public:
  ChoiceEditor(const ParamInfo& param, QWidget* parent)
      : FieldEditor(parent), param_(param), combo_(new CalmComboBox(this)) {
    if (param.optional && param.default_value.isUndefined())
      combo_->addItem(FieldEditor::tr("not set"), QString());
    for (const QString& choice : param.choices) combo_->addItem(descriptorText(choice), choice);
    auto* row = rowLayout(this);
    row->addWidget(combo_);
    row->addStretch(1);
    combo_->setMinimumWidth(charactersWide(this, 16));
    connect(combo_, &QComboBox::activated, this, [this](int index) {
      const QString choice = combo_->itemData(index).toString();
      emit edited(choice.isEmpty() ? QJsonValue(QJsonValue::Undefined) : QJsonValue(choice));
    });
  }
  void show(const QJsonValue& value) override {
    const QString choice = (value.isUndefined() ? param_.default_value : value).toString();
    combo_->setCurrentIndex(combo_->findData(choice));  // -1 for a name that is none: the box is empty
  }
  QWidget* focusTarget() override { return combo_; }

 private:
  ParamInfo param_;
  CalmComboBox* combo_;
};

class PathEditor : public LineEditor {
 public:
  PathEditor(const ParamInfo& param, QWidget* parent)
      : LineEditor(param, new QLineEdit, parseText, 400, parent) {
    auto* browse = new QToolButton(this);
    browse->setObjectName(QStringLiteral("browse"));
    browse->setIcon(lineIcon(QStringLiteral("folder")));
    browse->setToolTip(FieldEditor::tr("Choose…"));
    browse->setAccessibleName(FieldEditor::tr("Choose %1").arg(fieldLabel(param)));
    layout()->addWidget(browse);
    // A descriptor does not say whether a path is a folder; its words do.
    const bool folder = param.doc.contains(QLatin1String("folder"), Qt::CaseInsensitive);
    connect(browse, &QToolButton::clicked, this, [this, folder, label = fieldLabel(param)] {
      const QString chosen =
          askForFile(this, {folder ? FileQuestion::What::kFolder : FileQuestion::What::kOpenFile,
                            label,
                            QFileInfo(edit_->text()).absolutePath(),
                            {},
                            {}});
      if (chosen.isEmpty()) return;
      edit_->setText(chosen);
      emit edited(chosen);
    });
  }
};

}  // namespace

QJsonValue parseNumber(const QString& text, bool whole) {
  const QString trimmed = text.trimmed();
  if (trimmed.isEmpty()) return QJsonValue(QJsonValue::Undefined);
  bool good = false;
  if (whole) {
    const qint64 integer = trimmed.toLongLong(&good);
    if (good) return integer;
  }
  double number = QLocale::c().toDouble(trimmed, &good);
  if (!good && QLocale().decimalPoint() == QLatin1String(","))
    number = QLocale::c().toDouble(QString(trimmed).replace(QLatin1Char(','), QLatin1Char('.')), &good);
  if (!good || !std::isfinite(number)) return trimmed;
  if (number == std::floor(number) && std::abs(number) < 9e15) return static_cast<qint64>(number);
  return number;
}

QJsonValue parseIntegerList(const QString& text) {
  static const QRegularExpression separator(QStringLiteral("[\\s,;\\[\\]]+"));
  const QStringList items = text.split(separator, Qt::SkipEmptyParts);
  if (items.isEmpty())
    return text.contains(QLatin1Char('[')) ? QJsonValue(QJsonArray()) : QJsonValue(QJsonValue::Undefined);
  QJsonArray list;
  for (const QString& item : items) {
    const QJsonValue value = parseNumber(item, true);
    if (!value.isDouble()) return text.trimmed();
    list.append(value);
  }
  return list;
}

NumberEdit::NumberEdit(const ParamInfo& param, QWidget* parent) : QLineEdit(parent), param_(param) {}

void NumberEdit::stepBy(int steps) {
  const QString shown = text().isEmpty() ? placeholderText() : text();
  const QJsonValue value = parseNumber(shown, param_.type == FieldType::kInteger);
  if (!value.isDouble() && !value.isUndefined()) return;  // half-typed text is not stepped over
  double number = value.toDouble(param_.minimum.value_or(0));
  if (param_.type == FieldType::kInteger) {
    number = value.isUndefined() ? number : number + steps;
  } else if (number == 0) {
    number = steps * (param_.maximum && *param_.maximum <= 1 ? 0.1 : 1);
  } else {
    // 1, 2, 5, 10: learning rates and ratios are tried in such steps.
    const double exponent = std::floor(std::log10(std::abs(number)) + 1e-9);
    const double base = std::pow(10.0, exponent);
    const double lead = std::abs(number) / base;
    const bool away = (steps > 0) == (number > 0);
    double next = 0;
    if (away) {
      next = lead < 1.999 ? 2 : lead < 4.999 ? 5 : 10;
    } else {
      next = lead > 5.001 ? 5 : lead > 2.001 ? 2 : lead > 1.001 ? 1 : 0.5;
    }
    number = std::copysign(next * base, number);
    number = QString::number(number, 'g', 12).toDouble();  // 2 x 0.1 is to read 0.2
  }
  if (param_.minimum) number = std::max(number, *param_.minimum);
  if (param_.maximum) number = std::min(number, *param_.maximum);
  setText(valueText(QJsonValue(number)));
  selectAll();
  emit stepped();
}

void NumberEdit::keyPressEvent(QKeyEvent* event) {
  if (event->modifiers() == Qt::NoModifier && (event->key() == Qt::Key_Up || event->key() == Qt::Key_Down)) {
    stepBy(event->key() == Qt::Key_Up ? 1 : -1);
    event->accept();
    return;
  }
  QLineEdit::keyPressEvent(event);
}

CalmComboBox::CalmComboBox(QWidget* parent) : QComboBox(parent) { setFocusPolicy(Qt::StrongFocus); }

void CalmComboBox::wheelEvent(QWheelEvent* event) {
  if (hasFocus()) {
    QComboBox::wheelEvent(event);
  } else {
    event->ignore();
  }
}

FieldEditor* makeFieldEditor(const ParamInfo& param, QWidget* parent) {
  switch (param.type) {
    case FieldType::kBoolean:
      return new CheckEditor(param, parent);
    case FieldType::kInteger:
    case FieldType::kNumber:
      return new NumberEditor(param, parent);
    case FieldType::kChoice:
      return new ChoiceEditor(param, parent);
    case FieldType::kPath:
      return new PathEditor(param, parent);
    case FieldType::kIntegerList:
      return new LineEditor(param, new QLineEdit, parseIntegerList, 400, parent);
    case FieldType::kText:
    case FieldType::kComponent:
      break;  // components have ComponentForm
  }
  return new LineEditor(param, new QLineEdit, parseText, 400, parent);
}

}  // namespace concertina::ui
