// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// dock_panels_tabs.cc: the bars of tabs of panels, in the page and in windows of their own: Qt makes them;
// here they have names, a menu, and a way through them by keyboard (see dock_panels.h).
#include <QAction>
#include <QApplication>
#include <QDockWidget>
#include <QTabBar>

#include "ui/pages/dock_panels.h"

namespace concertina::ui {

void DockPanels::makeStepCommands() {
  const std::tuple<const char*, QString, QKeySequence, int> steps[] = {
      {"action.panels.next", tr("Next Tab"), nextKeys(), 1},
      {"action.panels.previous", tr("Previous Tab"), previousKeys(), -1}};
  for (const auto& [name, text, keys, by] : steps) {
    auto* made = new QAction(text, this);
    made->setObjectName(QLatin1String(name));
    made->setShortcut(keys);
    made->setShortcutContext(Qt::WidgetWithChildrenShortcut);
    connect(made, &QAction::triggered, this, [this, by = by] { stepTab(by); });
    step_commands_ << made;
  }
  addActions(step_commands_);
}

// Those of the page and those of windows with several panels, which Qt has no public name for. What a panel
// holds may have tabs too: they are not ours.
QVector<QTabBar*> DockPanels::tabBars() const {
  QVector<QTabBar*> bars;
  for (QTabBar* bar : findChildren<QTabBar*>())
    if (bar->parentWidget() == this || bar->parentWidget()->inherits("QDockWidgetGroupWindow")) bars << bar;
  return bars;
}

QDockWidget* DockPanels::dockOf(const QTabBar* bar, int tab) const {
  for (const Panel& panel : panels_)
    if (panel.dock->windowTitle() == bar->tabText(tab)) return panel.dock;
  return nullptr;
}

QTabBar* DockPanels::barOf(const QDockWidget* dock) const {
  for (QTabBar* bar : tabBars())
    for (int tab = 0; tab < bar->count(); ++tab)
      if (bar->isVisible() && bar->window() == dock->window() && dockOf(bar, tab) == dock) return bar;
  return nullptr;
}

void DockPanels::useTabBars() {
  for (QTabBar* bar : tabBars()) {
    if (bar->contextMenuPolicy() == Qt::CustomContextMenu) continue;
    bar->setContextMenuPolicy(Qt::CustomContextMenu);
    bar->setAccessibleName(tr("Panels"));
    bar->setFocusPolicy(Qt::TabFocus);
    bar->addActions(step_commands_);
    connect(bar, &QTabBar::customContextMenuRequested, this, [this, bar](const QPoint& at) {
      // With the menu key nothing is pointed at: that of the tab in front. Qt then names the middle of where
      // text would be typed.
      const bool is_by_key = at == bar->inputMethodQuery(Qt::ImCursorRectangle).toRect().center();
      const int pointed = is_by_key ? -1 : bar->tabAt(at), tab = pointed < 0 ? bar->currentIndex() : pointed;
      const QPoint place = pointed < 0 ? bar->tabRect(tab).center() : at;
      if (QDockWidget* const dock = dockOf(bar, tab)) showMenu(dock, bar->mapToGlobal(place));
    });
  }
}

// Round and round, with the keyboard where it was: in the bar, or in the panel that is in front now.
void DockPanels::stepTab(int by) {
  auto* bar = qobject_cast<QTabBar*>(QApplication::focusWidget());
  const bool is_in_bar = bar != nullptr && tabBars().contains(bar);
  if (!is_in_bar) bar = panels_.isEmpty() ? nullptr : barOf(current().dock);
  if (bar == nullptr || bar->count() < 2) return;
  bar->setCurrentIndex((bar->currentIndex() + by + bar->count()) % bar->count());
  current_ = dockOf(bar, bar->currentIndex());
  if (!is_in_bar) to_focus_ = current_;
  lookNowAndSoon();
}

// Where the keyboard was in that panel, or at its first field; where there is none, at its tab.
void DockPanels::focusSoon() {
  Panel* const panel = panelOf(to_focus_.data());
  if (panel == nullptr || !panel->is_in_sight) return;
  to_focus_ = nullptr;
  QWidget* const content = panel->content;
  QWidget* into = content->focusWidget();
  for (QWidget* next = content->nextInFocusChain(); into == nullptr && next != content;
       next = next->nextInFocusChain())
    if (content->isAncestorOf(next) && (next->focusPolicy() & Qt::TabFocus) != 0 && next->isEnabled() &&
        next->isVisible())
      into = next;
  if (into == nullptr) into = barOf(panel->dock);
  if (into != nullptr) into->setFocus(Qt::TabFocusReason);
}

}  // namespace concertina::ui
