// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// dock_panels_commands.cc: what can be done with a panel by a button, a menu or the keyboard: its heading,
// the commands about it and their menu (see dock_panels.h).
#include <QAction>
#include <QDockWidget>
#include <QHBoxLayout>
#include <QLabel>
#include <QMenu>
#include <QToolButton>

#include "ui/forms/line_icon.h"
#include "ui/forms/rhythm.h"
#include "ui/pages/dock_panels.h"

namespace concertina::ui {

QWidget* DockPanels::makeHeading(QDockWidget* dock) {
  const int unit = rhythmUnit(this);
  auto* heading = new QWidget(dock);
  auto* title = new QLabel(dock->windowTitle(), heading);
  title->setFont(scaledFont(font(), 1, QFont::DemiBold));
  connect(dock, &QDockWidget::windowTitleChanged, title, &QLabel::setText);
  const auto button = [&](const char* role, const QString& name) {
    auto* made = new QToolButton(heading);
    made->setObjectName(dock->objectName() + QLatin1Char('.') + QLatin1String(role));
    made->setAutoRaise(true);
    made->setFocusPolicy(Qt::TabFocus);
    made->setToolTip(name);
    made->setAccessibleName(tr("%1: %2").arg(dock->windowTitle(), name));
    return made;
  };
  auto* more = button("more", tr("Move, float or hide the panel"));
  more->setText(QStringLiteral("⋯"));
  auto* close = button("close", tr("Hide the panel"));
  close->setIcon(lineIcon(QStringLiteral("close")));
  connect(more, &QToolButton::clicked, this,
          [this, dock, more] { showMenu(dock, more->mapToGlobal(more->rect().bottomLeft())); });
  connect(close, &QToolButton::clicked, this, [this, dock] { closePanel(panelOf(dock)->content); });
  auto* row = new QHBoxLayout(heading);
  row->setContentsMargins(unit, unit / 2, 0, unit / 2);
  row->setSpacing(unit / 2);
  row->addWidget(title, 1);
  row->addWidget(more);
  row->addWidget(close);
  return heading;
}

void DockPanels::makeCommands() {
  const auto command = [this](const char* name, const QString& text, auto&& what) {
    auto* made = new QAction(text, this);
    made->setObjectName(QLatin1String("action.panels.") + QLatin1String(name));
    connect(made, &QAction::triggered, this, [this, what] {
      if (!panels_.isEmpty()) what(current());
    });
    arrange_commands_ << made;
  };
  command("float", tr("Float or Dock the Panel"),
          [this](const Panel& panel) { floatPanel(panel.content, !isAway(panel.dock)); });
  const std::tuple<const char*, QString, Side> sides[] = {
      {"left", tr("Move the Panel Left"), Side::kLeft},
      {"right", tr("Move the Panel Right"), Side::kRight},
      {"top", tr("Move the Panel to the Top"), Side::kTop},
      {"bottom", tr("Move the Panel to the Bottom"), Side::kBottom}};
  for (const auto& [name, text, side] : sides)
    command(name, text, [this, side = side](const Panel& panel) { movePanel(panel.content, side); });
  command("join", tr("Put the Panel Among the Tabs"),
          [this](const Panel& panel) { joinTabs(panel.content); });
  command("hide", tr("Hide the Panel"), [this](const Panel& panel) { closePanel(panel.content); });
  command("reset", tr("Reset Arrangement"), [this](const Panel&) { reset(); });
}

void DockPanels::showMenu(QDockWidget* dock, const QPoint& at) {
  current_ = dock;
  auto* menu = new QMenu(this);
  menu->setObjectName(page_ + QStringLiteral(".panelMenu"));
  menu->setAttribute(Qt::WA_DeleteOnClose);
  // The words of its list are about "the panel": what takes the keyboard meanwhile is none.
  menu->addActions(step_commands_);
  menu->addSeparator();
  menu->addActions(arrange_commands_);
  menu->addSeparator();
  menu->addActions(panel_commands_);
  menu->popup(at);
}

}  // namespace concertina::ui
