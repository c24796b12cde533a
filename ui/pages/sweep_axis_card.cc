// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// sweep_axis_card.cc: see sweep_axis_card.h.
#include "ui/pages/sweep_axis_card.h"

#include <QCheckBox>
#include <QComboBox>
#include <QHBoxLayout>
#include <QJsonDocument>
#include <QLabel>
#include <QLineEdit>
#include <QListWidget>
#include <QSpinBox>
#include <QStackedWidget>
#include <QStandardItemModel>
#include <QToolButton>
#include <QVBoxLayout>
#include <cmath>

#include "ui/client/number_format.h"
#include "ui/forms/line_icon.h"
#include "ui/forms/rhythm.h"
#include "ui/forms/tone.h"

namespace concertina::ui {
namespace {

constexpr int kMostShown = 8;  // values of a preview

bool isNumeric(const SweepField& field) {
  return field.param.type == FieldType::kNumber || field.param.type == FieldType::kInteger;
}

QString valueWords(const QJsonValue& value) {
  const QJsonObject labelled = value.toObject();
  if (labelled.contains(QLatin1String("label")) && labelled.contains(QLatin1String("value")))
    return labelled.value(QLatin1String("label")).toString();
  if (value.isObject()) return QString::fromUtf8(QJsonDocument(labelled).toJson(QJsonDocument::Compact));
  if (value.isArray())
    return QString::fromUtf8(QJsonDocument(value.toArray()).toJson(QJsonDocument::Compact));
  return valueText(value);
}

// A span around what the experiment has: a person narrows it more easily than begins from nothing.
ValueSteps usualSteps(const SweepField& field) {
  ValueSteps steps;
  steps.is_integer = field.param.type == FieldType::kInteger;
  const double value = field.value.toDouble();
  if (field.pointer == QLatin1String("/seed")) {
    steps.from = std::max(1.0, value);
    steps.to = steps.from + 4;
    return steps;
  }
  steps.is_logarithmic = value > 0;
  steps.from = value > 0 ? value / 10 : field.param.minimum.value_or(0);
  steps.to = value > 0 ? value * 10 : field.param.maximum.value_or(1);
  if (steps.is_integer) steps.from = std::max(1.0, std::round(steps.from));
  if (field.param.minimum && *field.param.minimum > steps.from) steps.from = *field.param.minimum;
  if (field.param.maximum) steps.to = std::min(steps.to, *field.param.maximum);
  return steps;
}

}  // namespace

SweepAxisCard::SweepAxisCard(const SweepField& field, const QString& name, QWidget* parent)
    : QFrame(parent),
      field_(field),
      mode_(new QComboBox(this)),
      editors_(new QStackedWidget(this)),
      preview_(new QLabel(this)) {
  const int unit = rhythmUnit(this);
  setObjectName(name);
  setProperty("card", true);
  mode_->setObjectName(name + QStringLiteral(".mode"));
  mode_->setAccessibleName(tr("How %1 is varied").arg(field.label));
  preview_->setObjectName(name + QStringLiteral(".preview"));
  preview_->setWordWrap(true);
  setTone(preview_, "quiet");
  auto* title = new QLabel(field.label, this);
  title->setFont(scaledFont(font(), 1, QFont::DemiBold));
  auto* place = new QLabel(field.pointer, this);
  place->setToolTip(field.doc);
  setTone(place, "quiet");
  auto* remove = new QToolButton(this);
  remove->setObjectName(name + QStringLiteral(".remove"));
  remove->setIcon(lineIcon(QStringLiteral("remove")));
  remove->setAccessibleName(tr("Remove the axis %1").arg(field.label));
  remove->setToolTip(tr("Remove this axis"));
  remove->setAutoRaise(true);
  connect(remove, &QToolButton::clicked, this, &SweepAxisCard::removed);

  if (!field.choices.isEmpty()) {
    ticks_ = new QListWidget(this);
    ticks_->setObjectName(name + QStringLiteral(".ticks"));
    ticks_->setAccessibleName(tr("Values of %1").arg(field.label));
    ticks_->setFrameShape(QFrame::NoFrame);
    ticks_->setUniformItemSizes(true);
    ticks_->setMaximumHeight(unit * 18);
    connect(ticks_, &QListWidget::itemChanged, this, &SweepAxisCard::refresh);
    addMode(kTicked, tr("Ticked"), ticks_);
  }
  if (isNumeric(field)) {
    addMode(kStepped, field.pointer == QLatin1String("/seed") ? tr("Seeds") : tr("In steps"),
            makeSteps(/*is_drawn=*/false));
  }
  typed_ = new QLineEdit(this);
  typed_->setObjectName(name + QStringLiteral(".typed"));
  typed_->setAccessibleName(tr("Values of %1, with commas between them").arg(field.label));
  typed_->setPlaceholderText(tr("Values, with commas between them"));
  connect(typed_, &QLineEdit::textChanged, this, &SweepAxisCard::refresh);
  addMode(kTyped, tr("A list"), typed_);
  if (isNumeric(field)) addMode(kDrawn, tr("Drawn from a range"), makeSteps(/*is_drawn=*/true));

  auto* heading = new QHBoxLayout;
  heading->setSpacing(unit);
  heading->addWidget(title);
  heading->addWidget(place, 1);
  heading->addWidget(mode_);
  heading->addWidget(remove);
  auto* column = new QVBoxLayout(this);
  setRhythm(column, this, 1.5, 1, 1, 1, 0.5);
  column->addLayout(heading);
  column->addWidget(editors_);
  column->addWidget(preview_);
  if (ticks_ != nullptr) {
    const QSignalBlocker quiet(ticks_);
    for (const QJsonValue& choice : field.choices) {
      auto* item = new QListWidgetItem(valueWords(choice), ticks_);
      item->setData(Qt::UserRole, choice);
      item->setFlags(Qt::ItemIsEnabled | Qt::ItemIsSelectable | Qt::ItemIsUserCheckable);
      item->setCheckState(field.choices.size() == 2 ? Qt::Checked : Qt::Unchecked);
    }
  }
  connect(mode_, &QComboBox::currentIndexChanged, this, [this](int index) {
    editors_->setCurrentIndex(index);
    refresh();
  });
  refresh();
}

void SweepAxisCard::addMode(Mode mode, const QString& words, QWidget* editor) {
  mode_->addItem(words, int(mode));
  editors_->addWidget(editor);
}

QWidget* SweepAxisCard::makeSteps(bool is_drawn) {
  const ValueSteps usual = usualSteps(field_);
  auto* box = new QWidget(this);
  auto* row = new QHBoxLayout(box);
  row->setContentsMargins(0, 0, 0, 0);
  row->setSpacing(rhythmUnit(this));
  Range& range = is_drawn ? drawn_ : steps_;
  const QString name = objectName() + (is_drawn ? QStringLiteral(".drawn") : QStringLiteral(".steps"));
  const auto number = [&](const QString& words, const char* end, double value) {
    auto* edit = new QLineEdit(QString::number(value, 'g', 10), box);
    edit->setObjectName(name + QLatin1String(end));
    edit->setMaximumWidth(charactersWide(this, 14));
    auto* label = new QLabel(words, box);
    label->setBuddy(edit);
    edit->setAccessibleName(tr("%1: %2").arg(field_.label, words));
    row->addWidget(label);
    row->addWidget(edit);
    connect(edit, &QLineEdit::textChanged, this, &SweepAxisCard::refresh);
    return edit;
  };
  range.from = number(tr("from"), "From", usual.from);
  range.to = number(tr("to"), "To", usual.to);
  if (!is_drawn) {
    range.count = new QSpinBox(box);
    range.count->setObjectName(name + QStringLiteral("Count"));
    range.count->setRange(1, 1000);
    range.count->setValue(usual.count);
    range.count->setAccessibleName(tr("%1: how many values").arg(field_.label));
    range.count->setSuffix(tr(" values"));
    row->addWidget(range.count);
    connect(range.count, &QSpinBox::valueChanged, this, &SweepAxisCard::refresh);
  }
  range.log = new QCheckBox(tr("Logarithmic"), box);
  range.log->setObjectName(name + QStringLiteral("Log"));
  range.log->setChecked(usual.is_logarithmic);
  row->addWidget(range.log);
  row->addStretch(1);
  connect(range.log, &QCheckBox::toggled, this, &SweepAxisCard::refresh);
  return box;
}

SweepAxisCard::Mode SweepAxisCard::mode() const { return Mode(mode_->currentData().toInt()); }

QJsonArray SweepAxisCard::values() const {
  QJsonArray values;
  switch (mode()) {
    case kTicked:
      for (int i = 0; i < ticks_->count(); ++i)
        if (ticks_->item(i)->checkState() == Qt::Checked)
          values.append(ticks_->item(i)->data(Qt::UserRole).toJsonValue());
      break;
    case kTyped:
      return typedValues(typed_->text());
    case kStepped:
      for (const double value : steppedValues({.from = steps_.from->text().toDouble(),
                                .to = steps_.to->text().toDouble(),
                                .count = steps_.count->value(),
                                .is_logarithmic = steps_.log->isChecked(),
                                .is_integer = field_.param.type == FieldType::kInteger}))
        values.append(value);
      break;
    case kDrawn:
      break;
  }
  return values;
}

QJsonObject SweepAxisCard::axis() const {
  if (mode() != kDrawn) return {{"pointer", field_.pointer}, {"values", values()}};
  QJsonObject axis{{"pointer", field_.pointer},
                   {"distribution", drawn_.log->isChecked() ? "log-uniform" : "uniform"},
                   {"minimum", drawn_.from->text().toDouble()},
                   {"maximum", drawn_.to->text().toDouble()}};
  if (field_.param.type == FieldType::kInteger) axis[QLatin1String("integer")] = true;
  return axis;
}

void SweepAxisCard::setAxis(const QJsonObject& axis) {
  if (axis.contains(QLatin1String("distribution")) && drawn_.from != nullptr) {
    drawn_.from->setText(QString::number(axis.value(QLatin1String("minimum")).toDouble(), 'g', 10));
    drawn_.to->setText(QString::number(axis.value(QLatin1String("maximum")).toDouble(), 'g', 10));
    drawn_.log->setChecked(axis.value(QLatin1String("distribution")).toString() ==
                           QLatin1String("log-uniform"));
    mode_->setCurrentIndex(mode_->findData(int(kDrawn)));
    return refresh();
  }
  const QJsonArray values = axis.value(QLatin1String("values")).toArray();
  if (ticks_ == nullptr) {
    QStringList words;
    for (const QJsonValue& value : values) words << valueWords(value);
    typed_->setText(words.join(QStringLiteral(", ")));
    mode_->setCurrentIndex(mode_->findData(int(kTyped)));
    return refresh();
  }
  // What stands in a file may be more than a kind: its own values, ticked, before the usual ones.
  const QSignalBlocker quiet(ticks_);
  for (int i = 0; i < ticks_->count(); ++i) ticks_->item(i)->setCheckState(Qt::Unchecked);
  for (qsizetype i = 0; i < values.size(); ++i) {
    const QString words = valueWords(values[i]);
    for (const QListWidgetItem* old : ticks_->findItems(words, Qt::MatchExactly)) delete old;
    auto* item = new QListWidgetItem(words);
    item->setData(Qt::UserRole, values[i]);
    item->setFlags(Qt::ItemIsEnabled | Qt::ItemIsSelectable | Qt::ItemIsUserCheckable);
    item->setCheckState(Qt::Checked);
    ticks_->insertItem(int(i), item);
  }
  mode_->setCurrentIndex(mode_->findData(int(kTicked)));
  refresh();
}

QString SweepAxisCard::complaint() const {
  if (mode() == kDrawn) {
    if (!mode_->model()->index(mode_->currentIndex(), 0).flags().testFlag(Qt::ItemIsEnabled))
      return tr("%1: a grid has every value; only a random search draws.").arg(field_.label);
    return {};
  }
  const QJsonArray all = values();
  if (all.isEmpty()) return tr("%1 has no values yet.").arg(field_.label);
  if (!isNumeric(field_)) return {};
  for (const QJsonValue& value : all)
    if (const QString wrong = complaintAbout(field_.param, value); !wrong.isEmpty())
      return tr("%1, %2: %3").arg(field_.label, valueWords(value), wrong);
  return {};
}

void SweepAxisCard::setDrawingAllowed(bool allowed) {
  const int at = mode_->findData(int(kDrawn));
  if (auto* model = qobject_cast<QStandardItemModel*>(mode_->model()); model != nullptr && at >= 0)
    model->item(at)->setEnabled(allowed);
  refresh();
}

void SweepAxisCard::refresh() {
  QString words = complaint();
  setTone(preview_, words.isEmpty() ? "quiet" : "warning");
  if (words.isEmpty() && mode() == kDrawn) {
    words = tr("Each point draws its own value.");
  } else if (words.isEmpty()) {
    const QJsonArray all = values();
    QStringList shown;
    for (qsizetype i = 0; i < std::min<qsizetype>(all.size(), kMostShown); ++i) shown << valueWords(all[i]);
    if (all.size() > kMostShown) shown << QStringLiteral("…");
    words = tr("%n value(s): %1", nullptr, int(all.size())).arg(shown.join(QStringLiteral(", ")));
  }
  preview_->setText(words);
  emit changed();
}

}  // namespace concertina::ui
