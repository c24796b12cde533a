// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// compare_curves_legend.cc: the legend that all charts of several runs share: it hides, isolates and brings
// forward (see compare_curves.h).
#include "ui/charts/flow_layout.h"
#include "ui/charts/palette.h"
#include "ui/forms/rhythm.h"
#include "ui/pages/compare_curves.h"

namespace concertina::ui {
namespace {

constexpr int kLegendCharacters = 40;  // the rest of a long name stands in the tooltip

}  // namespace

void CompareCurves::rebuildLegend() {
  highlight({});  // an entry that goes does not tell that the pointer has left it
  qDeleteAll(legend_->findChildren<LegendButton*>());
  for (size_t g = 0; g < comparison_.groups().size(); ++g) {
    const RunGroup& group = comparison_.groups()[g];
    const RunColor color = comparison_.colors()[g];
    ChartCurve curve{.id = QString::fromStdString(comparison_.runs()[group.runs[0]].id),
                     .label = QString::fromStdString(group.label),
                     .light = seriesColor(color.place, false),
                     .dark = seriesColor(color.place, true),
                     .data = {},
                     .dashed = color.is_shared};
    //: an entry of a legend: a name, and how many seeds it is the mean of, two or more
    if (group.seeds > 1) curve.label = tr("%1 (%2 seeds)").arg(curve.label).arg(group.seeds);
    const QString whole = curve.label;
    curve.label = fontMetrics().elidedText(whole, Qt::ElideMiddle, charactersWide(this, kLegendCharacters));
    auto* button = new LegendButton(curve, false, legend_);
    if (curve.label != whole) button->setToolTip(whole + QLatin1Char('\n') + button->toolTip());
    button->setAccessibleName(whole);
    button->setObjectName(QStringLiteral("compareRuns.legend.") + curve.id);
    button->setChecked(!hidden_.contains(curve.id));
    connect(button, &LegendButton::toggled, this,
            [this, id = curve.id](bool shown) { hideOrShow(id, shown); });
    connect(button, &LegendButton::pointedAt, this,
            [this, id = curve.id](bool is_here) { highlight(is_here ? id : QString()); });
    connect(button, &LegendButton::isolated, this,
            [this, button] { isolate(legend_->findChildren<LegendButton*>(), button); });
    legend_layout_->addWidget(button);
    button->show();
  }
}

void CompareCurves::hideOrShow(const QString& id, bool shown) {
  if (shown)
    hidden_.remove(id);
  else
    hidden_.insert(id);
  for (ChartCard* card : std::as_const(cards_)) card->chart().setCurveShown(id, shown);
}

// In every chart, and its name in the legend.
void CompareCurves::highlight(const QString& id) {
  for (ChartCard* card : std::as_const(cards_)) card->chart().setHighlighted(id);
  for (LegendButton* button : legend_->findChildren<LegendButton*>()) button->setLit(button->curve() == id);
  emit highlighted(id);
}

void CompareCurves::showOnly(const QStringList& runs) {
  for (LegendButton* button : legend_->findChildren<LegendButton*>())
    button->setChecked(runs.contains(button->curve()));
}

}  // namespace concertina::ui
