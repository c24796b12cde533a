// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// smoothing_choice.cc: see smoothing_choice.h.
#include "ui/pages/smoothing_choice.h"

#include <QAction>
#include <QActionGroup>
#include <QEvent>
#include <QHBoxLayout>
#include <QLabel>
#include <QLocale>
#include <QMenu>
#include <QSlider>
#include <QToolButton>
#include <algorithm>

#include "ui/forms/rhythm.h"
#include "ui/forms/tone.h"

namespace concertina::ui {
namespace {

using SmoothingKind = Smoothing::Kind;
constexpr int kMostPercent = 100;

struct NamedKind {
  SmoothingKind kind;
  const char* word;
  const char* title;
  const char* tip;
};
constexpr NamedKind kNamedKinds[] = {
    {SmoothingKind::kExponential, "exponential",
     QT_TRANSLATE_NOOP("concertina::ui::SmoothingChoice", "&Exponential"),
     QT_TRANSLATE_NOOP("concertina::ui::SmoothingChoice",
                       "Exponential moving average; what was measured stays behind it, fainter")},
    {SmoothingKind::kRunningMean, "running-mean",
     QT_TRANSLATE_NOOP("concertina::ui::SmoothingChoice", "&Running mean"),
     QT_TRANSLATE_NOOP("concertina::ui::SmoothingChoice",
                       "Mean of the last values; what was measured stays behind it, fainter")},
};

const NamedKind& namedKind(SmoothingKind kind) {
  return *std::find_if(std::begin(kNamedKinds), std::end(kNamedKinds),
                       [kind](const NamedKind& named) { return named.kind == kind; });
}

// What the button says of it.
QString smoothingText(const Smoothing& smoothing) {
  if (!smoothing.isOn())  //: curves are not smoothed
    return SmoothingChoice::tr("none");
  if (smoothing.kind == SmoothingKind::kRunningMean)  //: two or more
    return SmoothingChoice::tr("%1 values").arg(QLocale().toString(smoothing.points));
  //: %1 is the share of the average that stays with each new value
  return SmoothingChoice::tr("β %1").arg(QLocale().toString(smoothing.beta, 'f', 2));
}

}  // namespace

SmoothingChoice::SmoothingChoice(const QString& page, QWidget* parent)
    : QWidget(parent), slider_(new QSlider(Qt::Horizontal, this)), button_(new QToolButton(this)) {
  auto* label = new QLabel(tr("S&moothing"), this);
  setTone(label, "quiet");
  label->setBuddy(slider_);
  slider_->setObjectName(page + QStringLiteral(".smoothingSlider"));
  slider_->setAccessibleName(tr("Smoothing"));
  slider_->setRange(0, kMostPercent);
  button_->setObjectName(page + QStringLiteral(".smoothingKind"));
  button_->setPopupMode(QToolButton::InstantPopup);
  auto* menu = new QMenu(button_);
  auto* group = new QActionGroup(menu);
  for (const NamedKind& named : kNamedKinds) {
    QAction* action = menu->addAction(tr(named.title));
    action->setObjectName(page + QStringLiteral(".smoothing.") + QLatin1String(named.word));
    action->setCheckable(true);
    action->setChecked(named.kind == kind_);
    action->setData(int(named.kind));
    action->setActionGroup(group);
    connect(action, &QAction::triggered, this, [this, kind = named.kind] { setKind(kind); });
  }
  button_->setMenu(menu);
  auto* row = new QHBoxLayout(this);
  row->setContentsMargins(0, 0, 0, 0);
  row->setSpacing(rhythmUnit(this) / 2);
  for (QWidget* widget :
       {static_cast<QWidget*>(label), static_cast<QWidget*>(slider_), static_cast<QWidget*>(button_)})
    row->addWidget(widget);
  setFocusProxy(slider_);
  connect(slider_, &QSlider::valueChanged, this, [this] {
    tell();
    emit changed();
  });
  fit();
  tell();
}

Smoothing SmoothingChoice::smoothing() const { return smoothingOf(slider_->value(), kind_); }
int SmoothingChoice::value() const { return slider_->value(); }
void SmoothingChoice::setValue(int percent) { slider_->setValue(percent); }

void SmoothingChoice::setKind(SmoothingKind kind) {
  for (QAction* action : button_->menu()->actions()) action->setChecked(action->data().toInt() == int(kind));
  if (kind == kind_) return;
  kind_ = kind;
  tell();
  emit changed();
}

QString SmoothingChoice::kindWord() const { return QLatin1String(namedKind(kind_).word); }

void SmoothingChoice::setKindWord(const QString& word) {
  for (const NamedKind& named : kNamedKinds)
    if (word == QLatin1String(named.word)) setKind(named.kind);
}

void SmoothingChoice::tell() {
  const QString figure = smoothingText(smoothing()),
                title = tr(namedKind(kind_).title).remove(QLatin1Char('&'));
  button_->setText(figure);
  //: a button for screen readers: by which average, and how much
  button_->setAccessibleName(tr("Smoothed by: %1, %2").arg(title, figure));
  const QString tip = tr(namedKind(kind_).tip);
  slider_->setToolTip(tip);
  button_->setToolTip(tip + QLatin1Char('\n') + tr("Press to choose another average"));
}

// As wide as its longest words, so that nothing beside it moves while the slider does.
void SmoothingChoice::fit() {
  slider_->setFixedWidth(charactersWide(this, 14));
  button_->setMinimumWidth(0);
  int wide = 0;
  for (const NamedKind& named : kNamedKinds)
    for (const int percent : {0, kMostPercent}) {
      button_->setText(smoothingText(smoothingOf(percent, named.kind)));
      wide = std::max(wide, button_->sizeHint().width());
    }
  button_->setMinimumWidth(wide);
}

void SmoothingChoice::changeEvent(QEvent* event) {
  QWidget::changeEvent(event);
  if (event->type() != QEvent::FontChange) return;
  fit();
  tell();
}

}  // namespace concertina::ui
