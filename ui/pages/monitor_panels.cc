// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// monitor_panels.cc: see monitor_panels.h. Qt moves the panels; here they have their first places, headings
// and commands.
#include "ui/pages/monitor_panels.h"

#include <QAction>
#include <QApplication>
#include <QDockWidget>
#include <QHBoxLayout>
#include <QLabel>
#include <QMenu>
#include <QScrollArea>
#include <QTabBar>
#include <QToolButton>
#include <algorithm>

#include "ui/forms/line_icon.h"
#include "ui/forms/rhythm.h"

namespace concertina::ui {
namespace {

constexpr int kArrangement = 1;  // of what is kept: another number is not read
constexpr int kHandPauseMs = 100;

// There is no centre: the panels have all the room. Right, so that others come left of it, above and below.
constexpr auto kTabsArea = Qt::RightDockWidgetArea;

bool isInFront(const QDockWidget* dock) {
  // Qt moves those behind the front tab out of the picture, and leaves them visible.
  const QRect at = dock->geometry();
  return !dock->isHidden() && (dock->isFloating() || (at.right() >= 0 && at.bottom() >= 0));
}

}  // namespace

MonitorPanels::MonitorPanels(QWidget* parent) : QMainWindow(parent) {
  setObjectName(QStringLiteral("monitorPage.panels"));
  setAccessibleName(tr("Panels"));
  setWindowFlags(Qt::Widget);
  setDockOptions(AllowNestedDocks | AllowTabbedDocks | GroupedDragging);  // grouped: tabs can be pulled out
  setTabPosition(Qt::AllDockWidgetAreas, QTabWidget::North);
  setDocumentMode(true);
  setContextMenuPolicy(Qt::NoContextMenu);  // Qt's own list has other words than ours
  look_.setSingleShot(true);
  connect(&look_, &QTimer::timeout, this, &MonitorPanels::look);
  connect(qApp, &QApplication::focusChanged, this, [this](QWidget*, QWidget* now) {
    for (const Panel& panel : std::as_const(panels_))
      if (now != nullptr && panel.dock->isAncestorOf(now)) current_ = panel.dock;
  });
  makeCommands();
}

// Panels that go tell of it, when the list of them is gone already.
MonitorPanels::~MonitorPanels() {
  look_.stop();
  qApp->disconnect(this);
  for (const Panel& panel : std::as_const(panels_)) panel.dock->disconnect(this);
}

void MonitorPanels::add(const QString& name, const QString& title, QWidget* content, Place place) {
  auto* dock = new QDockWidget(title, this);
  dock->setObjectName(QStringLiteral("monitorPage.panel.") + name);
  // A panel may be made smaller than what it holds: then it scrolls.
  auto* scroll = new QScrollArea(dock);
  scroll->setFrameShape(QFrame::NoFrame);
  scroll->setFocusPolicy(Qt::NoFocus);
  scroll->setWidgetResizable(true);
  scroll->viewport()->setAutoFillBackground(false);
  scroll->setWidget(content);
  content->setAutoFillBackground(false);  // setWidget has turned it on
  content->setVisible(panels_.isEmpty());
  // Of new room the tabs take all.
  scroll->setSizePolicy(place == Place::kTab ? QSizePolicy::Expanding : QSizePolicy::Preferred,
                        QSizePolicy::Expanding);
  dock->setWidget(scroll);
  Panel panel;
  panel.dock = dock;
  panel.content = content;
  panel.heading = makeHeading(dock);
  panel.nothing = new QWidget(dock);
  panel.place = place;
  //: %1 is the title of a panel: "Log Panel".
  panel.command = new QAction(tr("%1 Panel").arg(title), this);
  panel.command->setObjectName(QStringLiteral("action.panel.") + name);
  panel.command->setCheckable(true);
  panel.command->setStatusTip(tr("Open it, bring it to the front, or close it"));
  panel_commands_ << panel.command;
  dock->setTitleBarWidget(place == Place::kTab ? panel.nothing : panel.heading);
  (place == Place::kTab ? panel.heading : panel.nothing)->hide();
  panels_ << panel;
  connect(panel.command, &QAction::triggered, this, [this, dock] { toggle(*panelOf(dock)); });
  connect(dock, &QDockWidget::visibilityChanged, this, [this, dock](bool visible) {
    if (visible) current_ = dock;
    lookSoon();
  });
  connect(dock, &QDockWidget::topLevelChanged, this, &MonitorPanels::lookSoon);
  connect(dock, &QDockWidget::dockLocationChanged, this, &MonitorPanels::lookSoon);
}

QWidget* MonitorPanels::makeHeading(QDockWidget* dock) {
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

void MonitorPanels::makeCommands() {
  const auto command = [this](const char* name, const QString& text, auto&& what) {
    auto* made = new QAction(text, this);
    made->setObjectName(QLatin1String("action.panels.") + QLatin1String(name));
    connect(made, &QAction::triggered, this, [this, what] {
      if (!panels_.isEmpty()) what(current());
    });
    arrange_commands_ << made;
  };
  command("float", tr("Float or Dock the Panel"),
          [this](const Panel& panel) { floatPanel(panel.content, !panel.dock->isFloating()); });
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

void MonitorPanels::arrange() {
  QDockWidget* tabs = nullptr;
  for (const Panel& panel : std::as_const(panels_)) {
    panel.dock->setFloating(false);  // before it has a place again: Qt would keep it floating
    if (tabs == nullptr) {
      addDockWidget(kTabsArea, panel.dock);
      tabs = panel.dock;
    } else if (panel.place == Place::kBeside) {
      addDockWidget(kTabsArea, panel.dock, Qt::Horizontal);
    }
  }
  for (const Panel& panel : std::as_const(panels_))
    if (panel.place == Place::kTab && panel.dock != tabs) {
      tabifyDockWidget(tabs, panel.dock);
      tabs = panel.dock;
    }
  for (const Panel& panel : std::as_const(panels_)) panel.dock->setVisible(panel.place == Place::kTab);
  if (!panels_.isEmpty()) panels_.front().dock->raise();
  lookSoon();
}

MonitorPanels::Panel* MonitorPanels::panelOf(const QWidget* content) {
  const auto found = std::find_if(panels_.begin(), panels_.end(),
                                  [&](const Panel& panel) { return panel.content == content; });
  return found == panels_.end() ? nullptr : &*found;
}

const MonitorPanels::Panel* MonitorPanels::panelOf(const QWidget* content) const {
  return const_cast<MonitorPanels*>(this)->panelOf(content);
}

MonitorPanels::Panel* MonitorPanels::panelOf(const QDockWidget* dock) {
  const auto found =
      std::find_if(panels_.begin(), panels_.end(), [&](const Panel& panel) { return panel.dock == dock; });
  return found == panels_.end() ? nullptr : &*found;
}

// The one that has the keyboard, or had it last, or came to the front last.
MonitorPanels::Panel& MonitorPanels::current() {
  Panel* const panel = panelOf(current_.data());
  return panel != nullptr && !panel->dock->isHidden() ? *panel : panels_.front();
}

void MonitorPanels::setTitle(const QWidget* content, const QString& title) {
  Panel* const panel = panelOf(content);
  // A bar of tabs lays itself out for every text, also for the same one.
  if (panel != nullptr && panel->dock->windowTitle() != title) panel->dock->setWindowTitle(title);
}

void MonitorPanels::openPanel(const QWidget* content) {
  Panel* const panel = panelOf(content);
  if (panel == nullptr) return;
  const bool was_closed = panel->dock->isHidden();
  panel->dock->show();
  panel->dock->raise();
  current_ = panel->dock;
  if (was_closed && panel->place == Place::kBeside && tabifiedDockWidgets(panel->dock).isEmpty() &&
      !panel->dock->isFloating())
    resizeDocks({panel->dock}, {std::max(panel->dock->width(), charactersWide(this, 34))}, Qt::Horizontal);
  lookNowAndSoon();
}

void MonitorPanels::openPanelAt(int index) {
  if (index >= 0 && index < panels_.size()) openPanel(panels_[index].content);
}

void MonitorPanels::closePanel(const QWidget* content) {
  Panel* const panel = panelOf(content);
  if (panel == nullptr) return;
  panel->dock->close();
  lookNowAndSoon();
}

void MonitorPanels::toggle(Panel& panel) {
  if (isInFront(panel.dock) && panel.dock->isVisible())  // not while another page is shown
    closePanel(panel.content);
  else
    openPanel(panel.content);
  panel.command->setChecked(!panel.dock->isHidden());
}

bool MonitorPanels::isOpen(const QWidget* content) const {
  const Panel* const panel = panelOf(content);
  return panel != nullptr && !panel->dock->isHidden();
}

bool MonitorPanels::isInSight(const QWidget* content) const {
  const Panel* const panel = panelOf(content);
  return panel != nullptr && panel->is_in_sight;
}

void MonitorPanels::movePanel(const QWidget* content, Side side) {
  Panel* const panel = panelOf(content);
  if (panel == nullptr) return;
  panel->dock->setFloating(false);
  switch (side) {
    case Side::kLeft:
      addDockWidget(Qt::LeftDockWidgetArea, panel->dock);
      break;
    case Side::kRight:
      addDockWidget(kTabsArea, panel->dock, Qt::Horizontal);
      break;
    case Side::kTop:
      addDockWidget(Qt::TopDockWidgetArea, panel->dock);
      break;
    case Side::kBottom:
      addDockWidget(Qt::BottomDockWidgetArea, panel->dock);
      break;
  }
  panel->dock->show();
  current_ = panel->dock;
  // Once it has its place.
  QTimer::singleShot(0, panel->dock, [this, dock = panel->dock, side] { setShare(dock, side); });
  lookNowAndSoon();
}

// A third of the room: Qt gives a panel that was moved no more than it must have.
void MonitorPanels::setShare(QDockWidget* dock, Side side) {
  const bool is_beside = side == Side::kLeft || side == Side::kRight;
  resizeDocks({dock}, {(is_beside ? width() : height()) / 3}, is_beside ? Qt::Horizontal : Qt::Vertical);
}

void MonitorPanels::joinTabs(const QWidget* content) {
  Panel* const panel = panelOf(content);
  if (panel == nullptr) return;
  // Behind the last tab of the largest group that is left.
  QDockWidget* place = nullptr;
  qsizetype largest = -1;
  for (const Panel& other : std::as_const(panels_)) {
    const bool is_docked = !other.dock->isHidden() && !other.dock->isFloating();
    if (other.dock == panel->dock || !is_docked) continue;
    const qsizetype tabs = tabifiedDockWidgets(other.dock).size();
    if (tabs < largest) continue;
    largest = tabs;
    place = other.dock;
  }
  if (place == nullptr) return;
  panel->dock->setFloating(false);
  tabifyDockWidget(place, panel->dock);
  openPanel(content);
}

void MonitorPanels::floatPanel(const QWidget* content, bool floats) {
  Panel* const panel = panelOf(content);
  if (panel == nullptr) return;
  panel->dock->setFloating(floats);
  panel->dock->show();
  // Docked it is a tab again, which is in front once it is laid out.
  if (!floats) QTimer::singleShot(0, panel->dock, [dock = panel->dock] { dock->raise(); });
  current_ = panel->dock;
  lookNowAndSoon();
}

void MonitorPanels::useTabBars() {
  for (QTabBar* bar : findChildren<QTabBar*>(QString(), Qt::FindDirectChildrenOnly)) {
    if (bar->contextMenuPolicy() == Qt::CustomContextMenu) continue;
    bar->setContextMenuPolicy(Qt::CustomContextMenu);
    bar->setAccessibleName(tr("Panels"));
    bar->setFocusPolicy(Qt::TabFocus);
    connect(bar, &QTabBar::customContextMenuRequested, this, [this, bar](const QPoint& at) {
      // With the menu key nothing is pointed at: that of the tab in front. Qt then names the middle of where
      // text would be typed.
      const bool is_by_key = at == bar->inputMethodQuery(Qt::ImCursorRectangle).toRect().center();
      const int pointed = is_by_key ? -1 : bar->tabAt(at), tab = pointed < 0 ? bar->currentIndex() : pointed;
      const QPoint place = pointed < 0 ? bar->tabRect(tab).center() : at;
      for (const Panel& panel : std::as_const(panels_))
        if (panel.dock->windowTitle() == bar->tabText(tab))
          return showMenu(panel.dock, bar->mapToGlobal(place));
    });
  }
}

void MonitorPanels::showMenu(QDockWidget* dock, const QPoint& at) {
  current_ = dock;
  auto* menu = new QMenu(this);
  menu->setObjectName(QStringLiteral("monitorPage.panelMenu"));
  menu->setAttribute(Qt::WA_DeleteOnClose);
  // The words of its list are about "the panel": what takes the keyboard meanwhile is none.
  menu->addActions(arrange_commands_);
  menu->addSeparator();
  menu->addActions(panel_commands_);
  menu->popup(at);
}

void MonitorPanels::lookSoon() { look_.start(0); }

void MonitorPanels::lookNowAndSoon() {
  look();
  lookSoon();
}

void MonitorPanels::look() {
  if (is_looking_) return;
  // In the midst of a drag a new heading would take the panel out of the hand.
  if (QApplication::mouseButtons() != Qt::NoButton) look_.start(kHandPauseMs);
  is_looking_ = true;
  const bool is_any_open = std::any_of(panels_.cbegin(), panels_.cend(),
                                       [](const Panel& panel) { return !panel.dock->isHidden(); });
  if (!is_any_open && !panels_.isEmpty()) panels_.front().dock->show();  // an empty page would puzzle
  bool has_changed = false;
  for (Panel& panel : panels_) {
    // Before the first layout all seem to be in front of each other.
    const bool is_front = was_shown_ ? isInFront(panel.dock) : !panel.content->isHidden();
    const bool is_in_sight = is_front && was_shown_ && panel.dock->isVisible();
    has_changed |= is_in_sight != panel.is_in_sight || panel.command->isChecked() == panel.dock->isHidden();
    panel.is_in_sight = is_in_sight;
    panel.command->setChecked(!panel.dock->isHidden());
    // Else the keyboard would come to fields behind the front tab.
    panel.content->setVisible(is_front);
    if (QApplication::mouseButtons() != Qt::NoButton) continue;
    const QList<QDockWidget*> together = tabifiedDockWidgets(panel.dock);
    const bool has_tab = std::any_of(together.cbegin(), together.cend(),
                                     [](const QDockWidget* other) { return !other->isHidden(); });
    // A window of its own has its frame, which can be taken hold of.
    const bool is_window = panel.dock->isFloating() || panel.dock->parentWidget() != this;
    QWidget* const heading = is_window ? nullptr : has_tab ? panel.nothing : panel.heading;
    if (panel.dock->titleBarWidget() == heading) continue;
    panel.dock->setTitleBarWidget(heading);
    for (QWidget* either : {panel.heading, panel.nothing}) either->setVisible(either == heading);
  }
  useTabBars();
  is_looking_ = false;
  if (has_changed) emit sightChanged();
}

void MonitorPanels::showEvent(QShowEvent* event) {
  QMainWindow::showEvent(event);
  was_shown_ = true;
  lookSoon();
}

void MonitorPanels::hideEvent(QHideEvent* event) {
  QMainWindow::hideEvent(event);
  lookSoon();
}

QByteArray MonitorPanels::saveArrangement() const { return saveState(kArrangement); }

void MonitorPanels::restoreArrangement(const QByteArray& kept) {
  if (!kept.isEmpty()) restoreState(kept, kArrangement);
  lookNowAndSoon();
}

void MonitorPanels::reset() {
  arrange();
  look();
}

}  // namespace concertina::ui
