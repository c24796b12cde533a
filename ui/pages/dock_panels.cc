// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// dock_panels.cc: see dock_panels.h. Qt moves the panels; here they have their first places, headings
// and commands.
#include "ui/pages/dock_panels.h"

#include <QAction>
#include <QApplication>
#include <QDockWidget>
#include <QScrollArea>
#include <QTabBar>
#include <algorithm>

#include "ui/forms/rhythm.h"

namespace concertina::ui {
namespace {

constexpr int kArrangement = 1;  // of what is kept: another number is not read
constexpr int kHandPauseMs = 100;

// Right, so that others come left of it, above and below, also where there is no centre.
constexpr auto kTabsArea = Qt::RightDockWidgetArea;

bool isInFront(const QDockWidget* dock) {
  // Qt moves those behind the front tab out of the picture, and leaves them visible.
  const QRect at = dock->geometry();
  return !dock->isHidden() && (dock->isFloating() || (at.right() >= 0 && at.bottom() >= 0));
}

}  // namespace

DockPanels::DockPanels(const QString& page, QWidget* parent) : QMainWindow(parent), page_(page) {
  setObjectName(page_ + QStringLiteral(".panels"));
  setAccessibleName(tr("Panels"));
  setWindowFlags(Qt::Widget);
  setDockOptions(AllowNestedDocks | AllowTabbedDocks | GroupedDragging);  // grouped: tabs can be pulled out
  setTabPosition(Qt::AllDockWidgetAreas, QTabWidget::North);
  setDocumentMode(true);
  setContextMenuPolicy(Qt::NoContextMenu);  // Qt's own list has other words than ours
  look_.setSingleShot(true);
  connect(&look_, &QTimer::timeout, this, &DockPanels::look);
  connect(qApp, &QApplication::focusChanged, this, [this](QWidget*, QWidget* now) {
    for (const Panel& panel : std::as_const(panels_))
      if (now != nullptr && panel.dock->isAncestorOf(now)) current_ = panel.dock;
    if (auto* bar = qobject_cast<QTabBar*>(now); bar != nullptr && tabBars().contains(bar))
      current_ = dockOf(bar, bar->currentIndex());
  });
  makeCommands();
  makeStepCommands();
}

// Panels that go tell of it, when the list of them is gone already.
DockPanels::~DockPanels() {
  look_.stop();
  qApp->disconnect(this);
  for (const Panel& panel : std::as_const(panels_)) panel.dock->disconnect(this);
}

void DockPanels::add(const QString& name, const QString& title, QWidget* content, Place place) {
  auto* dock = new QDockWidget(title, this);
  dock->setObjectName(page_ + QStringLiteral(".panel.") + name);
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
  dock->addActions(step_commands_);  // a panel that floats is out of the page's reach
  connect(panel.command, &QAction::triggered, this, [this, dock] { toggle(*panelOf(dock)); });
  connect(dock, &QDockWidget::visibilityChanged, this, [this, dock](bool visible) {
    if (visible) current_ = dock;
    lookSoon();
  });
  connect(dock, &QDockWidget::topLevelChanged, this, &DockPanels::lookSoon);
  connect(dock, &QDockWidget::dockLocationChanged, this, &DockPanels::lookSoon);
}

void DockPanels::arrange() {
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

// Beside a centre two fifths of the room.
void DockPanels::setFirstShare() {
  if (centralWidget() == nullptr || panels_.isEmpty()) return;
  QTimer::singleShot(0, panels_.front().dock,
                     [this] { resizeDocks({panels_.front().dock}, {width() * 2 / 5}, Qt::Horizontal); });
}

DockPanels::Panel* DockPanels::panelOf(const QWidget* content) {
  const auto found = std::find_if(panels_.begin(), panels_.end(),
                                  [&](const Panel& panel) { return panel.content == content; });
  return found == panels_.end() ? nullptr : &*found;
}

const DockPanels::Panel* DockPanels::panelOf(const QWidget* content) const {
  return const_cast<DockPanels*>(this)->panelOf(content);
}

DockPanels::Panel* DockPanels::panelOf(const QDockWidget* dock) {
  const auto found =
      std::find_if(panels_.begin(), panels_.end(), [&](const Panel& panel) { return panel.dock == dock; });
  return found == panels_.end() ? nullptr : &*found;
}

// The one that has the keyboard, or had it last, or came to the front last.
DockPanels::Panel& DockPanels::current() {
  Panel* const panel = panelOf(current_.data());
  return panel != nullptr && !panel->dock->isHidden() ? *panel : panels_.front();
}

void DockPanels::setTitle(const QWidget* content, const QString& title) {
  Panel* const panel = panelOf(content);
  // A bar of tabs lays itself out for every text, also for the same one.
  if (panel != nullptr && panel->dock->windowTitle() != title) panel->dock->setWindowTitle(title);
}

void DockPanels::openPanel(const QWidget* content) {
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

void DockPanels::openPanelAt(int index) {
  if (index >= 0 && index < panels_.size()) openPanel(panels_[index].content);
}

void DockPanels::closePanel(const QWidget* content) {
  Panel* const panel = panelOf(content);
  if (panel == nullptr) return;
  panel->dock->close();
  lookNowAndSoon();
}

void DockPanels::toggle(Panel& panel) {
  if (isInFront(panel.dock) && panel.dock->isVisible())  // not while another page is shown
    closePanel(panel.content);
  else
    openPanel(panel.content);
  panel.command->setChecked(!panel.dock->isHidden());
}

bool DockPanels::isAway(const QDockWidget* dock) const {
  return dock->isFloating() || dock->parentWidget() != this;
}

bool DockPanels::isOpen(const QWidget* content) const {
  const Panel* const panel = panelOf(content);
  return panel != nullptr && !panel->dock->isHidden();
}

bool DockPanels::isInSight(const QWidget* content) const {
  const Panel* const panel = panelOf(content);
  return panel != nullptr && panel->is_in_sight;
}

void DockPanels::movePanel(const QWidget* content, Side side) {
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
void DockPanels::setShare(QDockWidget* dock, Side side) {
  const bool is_beside = side == Side::kLeft || side == Side::kRight;
  resizeDocks({dock}, {(is_beside ? width() : height()) / 3}, is_beside ? Qt::Horizontal : Qt::Vertical);
}

void DockPanels::joinTabs(const QWidget* content) {
  Panel* const panel = panelOf(content);
  if (panel == nullptr) return;
  // Behind the last tab of the largest group that is left.
  QDockWidget* place = nullptr;
  qsizetype largest = -1;
  for (const Panel& other : std::as_const(panels_)) {
    const bool is_docked = !other.dock->isHidden() && !isAway(other.dock);
    if (other.dock == panel->dock || !is_docked) continue;
    const qsizetype tabs = tabifiedDockWidgets(other.dock).size();
    if (tabs < largest) continue;
    largest = tabs;
    place = other.dock;
  }
  panel->dock->setFloating(false);
  if (place != nullptr)
    tabifyDockWidget(place, panel->dock);
  else
    addDockWidget(kTabsArea, panel->dock);
  openPanel(content);
}

void DockPanels::floatPanel(const QWidget* content, bool floats) {
  Panel* const panel = panelOf(content);
  if (panel == nullptr) return;
  // One of several in a window has no place of its own to come back to.
  if (!floats && !panel->dock->isFloating() && isAway(panel->dock)) return joinTabs(content);
  panel->dock->setFloating(floats);
  panel->dock->show();
  // Docked it is a tab again, which is in front once it is laid out.
  if (!floats) QTimer::singleShot(0, panel->dock, [dock = panel->dock] { dock->raise(); });
  current_ = panel->dock;
  lookNowAndSoon();
}

void DockPanels::lookSoon() { look_.start(0); }

void DockPanels::lookNowAndSoon() {
  look();
  lookSoon();
}

void DockPanels::look() {
  if (is_looking_) return;
  // In the midst of a drag a new heading would take the panel out of the hand.
  if (QApplication::mouseButtons() != Qt::NoButton) look_.start(kHandPauseMs);
  is_looking_ = true;
  const bool is_any_open =
      centralWidget() != nullptr || std::any_of(panels_.cbegin(), panels_.cend(),
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
    QWidget* const heading = isAway(panel.dock) ? nullptr : has_tab ? panel.nothing : panel.heading;
    if (panel.dock->titleBarWidget() == heading) continue;
    panel.dock->setTitleBarWidget(heading);
    for (QWidget* either : {panel.heading, panel.nothing}) either->setVisible(either == heading);
  }
  useTabBars();
  is_looking_ = false;
  focusSoon();
  if (has_changed) emit sightChanged();
}

void DockPanels::showEvent(QShowEvent* event) {
  QMainWindow::showEvent(event);
  if (!was_shown_ && !is_restored_) setFirstShare();
  was_shown_ = true;
  lookSoon();
}

void DockPanels::hideEvent(QHideEvent* event) {
  QMainWindow::hideEvent(event);
  lookSoon();
}

QByteArray DockPanels::saveArrangement() const { return saveState(kArrangement); }

void DockPanels::restoreArrangement(const QByteArray& kept) {
  if (!kept.isEmpty()) is_restored_ |= restoreState(kept, kArrangement);
  lookNowAndSoon();
}

void DockPanels::reset() {
  arrange();
  setFirstShare();
  look();
}

}  // namespace concertina::ui
