// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// dock_panels_test.cc: panels are moved, put together, floated, hidden and brought back, by a hand's ways
// and by commands, and stand the same the next time.
#include "ui/pages/dock_panels.h"

#include <QAction>
#include <QApplication>
#include <QContextMenuEvent>
#include <QDataStream>
#include <QDockWidget>
#include <QLineEdit>
#include <QMenu>
#include <QSignalSpy>
#include <QTabBar>
#include <QTest>
#include <QToolButton>
#include <QVBoxLayout>
#include <memory>

#include "tests/test_program.h"

namespace concertina::ui::dock_panels_test {
namespace {

constexpr auto kBeside = DockPanels::Place::kBeside;
using Side = DockPanels::Side;

// As Qt keeps panels that stand together in a window of their own: between the panels of the page and its
// bars of tools, of which there are none (Qt 6.4: qmainwindowlayout.cpp, qdockarealayout.cpp).
QByteArray withGroup(QByteArray kept, const QStringList& names) {
  constexpr quint8 kFloatingTabs = 0xf9, kTabs = 0xfa, kWidget = 0xfb, kVisible = 1;
  QByteArray group;
  QDataStream stream(&group, QIODevice::WriteOnly);
  stream.setVersion(QDataStream::Qt_5_0);
  stream << kFloatingTabs << QRect(50, 50, 400, 300) << kTabs << int(0) << quint8(Qt::Horizontal)
         << int(names.size());
  for (const QString& name : names)
    stream << kWidget << QString("monitorPage.panel." + name) << kVisible << int(0) << int(400) << int(0)
           << int(1000);
  constexpr qsizetype kToolBars = 5;  // a marker and how many
  return kept.insert(kept.size() - kToolBars, group);
}

// Three tabs, and one beside them that is closed at first.
struct Desk {
  explicit Desk(const char* only) {  // one panel
    panels = new DockPanels(QStringLiteral("monitorPage"), &window);
    panels->add(only, titleOf(only), make(only));
    panels->arrange();
  }
  Desk() {
    auto* column = new QVBoxLayout(&window);
    panels = new DockPanels(QStringLiteral("monitorPage"));
    column->addWidget(panels);
    for (const char* name : {"charts", "log", "events"}) panels->add(name, titleOf(name), make(name));
    panels->add("knobs", titleOf("knobs"), make("knobs"), kBeside);
    panels->arrange();
    window.resize(1000, 700);
  }
  static QString titleOf(const char* name) { return QString::fromLatin1(name).toUpper(); }
  QWidget* make(const char* name) {
    auto* made = new QWidget;
    made->setObjectName(QLatin1String(name));
    auto* column = new QVBoxLayout(made);
    column->addWidget(new QLineEdit(made));
    return made;
  }
  QWidget* content(const char* name) { return window.findChild<QWidget*>(QLatin1String(name)); }
  QLineEdit* line(const char* name) { return content(name)->findChild<QLineEdit*>(); }
  QTabBar* bar(const QWidget* in) {
    for (QTabBar* made : panels->findChildren<QTabBar*>())
      if (made->window() == in && made->isVisible()) return made;
    return nullptr;
  }
  QDockWidget* dock(const char* name) {
    return window.findChild<QDockWidget*>(QLatin1String("monitorPage.panel.") + QLatin1String(name));
  }
  QAction* command(const char* name) {
    return panels->findChild<QAction*>(QLatin1String("action.") + QLatin1String(name));
  }
  bool sees(const char* name) { return panels->isInSight(content(name)); }
  bool isFirst() {
    return sees("charts") && !sees("log") && !sees("events") && panels->isOpen(content("log")) &&
           panels->isOpen(content("events")) && !panels->isOpen(content("knobs")) &&
           panels->tabifiedDockWidgets(dock("charts")).size() == 2;
  }

  QWidget window;
  DockPanels* panels = nullptr;
};

}  // namespace

class DockPanelsTest : public QObject {
  Q_OBJECT

 private slots:
  void theFirstIsInFrontOfItsTabs() {
    Desk desk;
    QSignalSpy changed(desk.panels, &DockPanels::sightChanged);
    desk.window.show();
    QTRY_VERIFY(desk.isFirst());
    QVERIFY(!changed.isEmpty());
    // Behind the front tab the keyboard finds nothing.
    QVERIFY(!desk.content("log")->isVisible() && desk.content("charts")->isVisible());
    desk.panels->openPanel(desk.content("log"));
    QVERIFY(desk.sees("log"));
    QTRY_VERIFY(!desk.sees("charts") && !desk.content("charts")->isVisible());
    // A page that is away shows none.
    desk.window.hide();
    QTRY_VERIFY(!desk.sees("log"));
    desk.window.show();
    QTRY_VERIFY(desk.sees("log") && !desk.sees("charts"));
  }

  void aPanelIsMovedToASide_data() {
    QTest::addColumn<int>("side");
    QTest::addColumn<QString>("command");
    QTest::newRow("left") << int(Side::kLeft) << "panels.left";
    QTest::newRow("right") << int(Side::kRight) << "panels.right";
    QTest::newRow("top") << int(Side::kTop) << "panels.top";
    QTest::newRow("bottom") << int(Side::kBottom) << "panels.bottom";
  }
  void aPanelIsMovedToASide() {
    QFETCH(int, side);
    QFETCH(QString, command);
    Desk desk;
    desk.window.show();
    QTRY_VERIFY(desk.isFirst());
    desk.panels->openPanel(desk.content("log"));  // so the command is about it
    desk.command(qPrintable(command))->trigger();
    const auto is_there = [&] {
      const QRect log = desk.dock("log")->geometry(), charts = desk.dock("charts")->geometry();
      switch (Side(side)) {
        case Side::kLeft:
          return log.right() < charts.left();
        case Side::kRight:
          return log.left() > charts.right();
        case Side::kTop:
          return log.bottom() < charts.top();
        case Side::kBottom:
          return log.top() > charts.bottom();
      }
      return false;
    };
    desk.panels->openPanel(desk.content("charts"));
    QTRY_VERIFY(desk.sees("log") && desk.sees("charts") && is_there());
    // Not the line that Qt would leave it.
    const bool is_beside = Side(side) == Side::kLeft || Side(side) == Side::kRight;
    const auto is_wide = [&] {
      const QSize size = desk.dock("log")->size();
      return is_beside ? size.width() > 250 : size.height() > 180;
    };
    QTRY_VERIFY(is_wide());
    // Alone it has a heading, which the keyboard reaches.
    QTRY_VERIFY(desk.dock("log")->titleBarWidget()->isVisible());
    for (const char* button : {"more", "close"}) {
      auto* made = desk.window.findChild<QToolButton*>(QLatin1String("monitorPage.panel.log.") + button);
      QVERIFY(made != nullptr && made->focusPolicy() == Qt::TabFocus && !made->accessibleName().isEmpty());
    }
    desk.command("panels.join")->trigger();  // charts, that was opened last, go to the largest group
    desk.panels->joinTabs(desk.content("log"));
    QTRY_VERIFY(desk.panels->tabifiedDockWidgets(desk.dock("log")).size() == 2 && desk.sees("log"));
  }

  void barsOfTabsAreReachedAndNamed() {
    Desk desk;
    desk.window.show();
    QTRY_VERIFY(desk.isFirst());
    const auto bars = desk.panels->findChildren<QTabBar*>(QString(), Qt::FindDirectChildrenOnly);
    QVERIFY(!bars.isEmpty());
    for (const QTabBar* bar : bars)
      QVERIFY(!bar->accessibleName().isEmpty() && (bar->focusPolicy() & Qt::TabFocus) != 0);
  }

  void tabsAreSteppedThroughByKeyboard() {
    Desk desk;
    desk.window.show();
    QTRY_VERIFY(desk.isFirst());
    QVERIFY(QTest::qWaitForWindowActive(&desk.window));
    desk.line("charts")->setFocus();
    QTest::keyClick(desk.line("charts"), Qt::Key_PageDown, Qt::ControlModifier);
    QTRY_VERIFY(desk.sees("log") && desk.line("log")->hasFocus());  // the keyboard goes along
    QTest::keyClick(desk.line("log"), Qt::Key_PageUp, Qt::ControlModifier);
    QTRY_VERIFY(desk.sees("charts") && desk.line("charts")->hasFocus());
    QTest::keyClick(desk.line("charts"), Qt::Key_PageUp, Qt::ControlModifier);  // round
    QTRY_VERIFY(desk.sees("events") && desk.line("events")->hasFocus());
    // In the bar it stays there.
    QTabBar* const bar = desk.bar(&desk.window);
    QVERIFY(bar != nullptr);
    bar->setFocus();
    QTest::keyClick(bar, Qt::Key_PageDown, Qt::ControlModifier);
    QTRY_VERIFY(desk.sees("charts") && bar->hasFocus());
  }

  // Panels that stand together in a window of their own, as a hand puts them there: here by an arrangement
  // that was kept so.
  void aWindowOfSeveralPanelsIsUsedByKeyboard() {
    Desk desk;
    desk.panels->restoreArrangement(withGroup(Desk("charts").panels->saveArrangement(), {"log", "events"}));
    desk.window.show();
    QWidget* const group = desk.dock("log")->parentWidget();
    QVERIFY(group != desk.panels && group->isWindow() && group == desk.dock("events")->parentWidget());
    QTRY_VERIFY(desk.sees("log") != desk.sees("events"));
    QTabBar* const bar = desk.bar(group);
    QVERIFY(bar != nullptr && bar->count() == 2);
    QTRY_VERIFY((bar->focusPolicy() & Qt::TabFocus) != 0 && !bar->accessibleName().isEmpty());
    QVERIFY(QTest::qWaitForWindowActive(&desk.window));
    group->activateWindow();
    QTRY_VERIFY(group->isActiveWindow());
    const char* const front = desk.sees("log") ? "log" : "events";
    const char* const behind = desk.sees("log") ? "events" : "log";
    desk.line(front)->setFocus();
    QTest::keyClick(desk.line(front), Qt::Key_PageDown, Qt::ControlModifier);
    QTRY_VERIFY(desk.sees(behind) && desk.line(behind)->hasFocus());
    QTest::keyClick(desk.line(behind), Qt::Key_Backtab, Qt::ShiftModifier);
    QTRY_VERIFY(bar->hasFocus());
    // The menu key means the tab in front.
    const QPoint where = bar->inputMethodQuery(Qt::ImCursorRectangle).toRect().center();
    QContextMenuEvent asked(QContextMenuEvent::Keyboard, where, bar->mapToGlobal(where));
    QApplication::sendEvent(bar, &asked);
    auto* menu = desk.panels->findChild<QMenu*>("monitorPage.panelMenu");
    QVERIFY(menu != nullptr);
    menu->close();
    // Out of the window, back into the page.
    desk.command("panels.float")->trigger();
    QTRY_VERIFY(desk.dock(behind)->parentWidget() == desk.panels && desk.sees(behind));
    desk.panels->movePanel(desk.content(front), Side::kLeft);
    QTRY_VERIFY(desk.dock(front)->parentWidget() == desk.panels && desk.sees(front));
    desk.panels->reset();
    QTRY_VERIFY(desk.isFirst());
  }

  void panelsStandAroundACentre() {
    QWidget window;
    auto* column = new QVBoxLayout(&window);
    auto* panels = new DockPanels(QStringLiteral("designPage"));
    column->addWidget(panels);
    auto *form = new QWidget, *plan = new QWidget, *json = new QWidget;
    panels->setCentre(form);
    panels->add("plan", "Plan", plan);
    panels->add("json", "JSON", json);
    panels->arrange();
    window.resize(1000, 700);
    window.show();
    const auto rightOf = [&](const QWidget* a, const QWidget* b) {
      return a->mapTo(&window, QPoint()).x() >= b->mapTo(&window, QPoint()).x() + b->width();
    };
    QTRY_VERIFY(panels->isInSight(plan) && rightOf(plan, form));
    QTRY_VERIFY2(plan->width() > 300 && plan->width() < 450, qPrintable(QString::number(plan->width())));
    panels->movePanel(json, Side::kLeft);
    QTRY_VERIFY(panels->isInSight(json) && rightOf(form, json));
    panels->closePanel(plan);
    panels->closePanel(json);
    QTRY_VERIFY(!panels->isOpen(plan) && !panels->isOpen(json));  // the centre is enough
    QVERIFY(form->isVisible());
    panels->joinTabs(json);
    QTRY_VERIFY(panels->isInSight(json));
    panels->reset();
    QTRY_VERIFY(panels->isInSight(plan) && panels->isOpen(json) && !panels->isInSight(json));
  }

  void aPanelIsHiddenAndBroughtBack() {
    Desk desk;
    desk.window.show();
    QTRY_VERIFY(desk.isFirst());
    QAction* const log = desk.command("panel.log");
    QVERIFY(log->isChecked());
    log->trigger();  // behind another: it comes to the front
    QVERIFY(desk.sees("log") && log->isChecked());
    log->trigger();
    QVERIFY(!desk.panels->isOpen(desk.content("log")) && !log->isChecked());
    QTRY_VERIFY(!desk.sees("log"));
    log->trigger();
    QTRY_VERIFY(desk.sees("log") && log->isChecked());
    desk.command("panel.knobs")->trigger();
    QTRY_VERIFY(desk.sees("knobs") && desk.sees("log"));  // beside them
    QVERIFY(desk.dock("knobs")->width() >= 100);
    desk.panels->closePanel(desk.content("log"));
    desk.panels->closePanel(desk.content("events"));
    desk.panels->closePanel(desk.content("knobs"));
    desk.panels->closePanel(desk.content("charts"));
    QTRY_VERIFY(desk.sees("charts"));  // an empty page would puzzle
  }

  void aPanelFloatsAndComesBack() {
    Desk desk;
    desk.window.show();
    QTRY_VERIFY(desk.isFirst());
    desk.panels->openPanel(desk.content("log"));
    desk.command("panels.float")->trigger();
    QTRY_VERIFY(desk.dock("log")->isFloating() && desk.sees("log"));
    QTRY_VERIFY(desk.sees("charts") || desk.sees("events"));  // who was behind it
    QVERIFY(desk.dock("log")->titleBarWidget() == nullptr);   // the frame of a window instead
    desk.panels->floatPanel(desk.content("log"), false);
    QTRY_VERIFY(!desk.dock("log")->isFloating() && desk.sees("log"));
    desk.panels->floatPanel(desk.content("log"), true);
    desk.command("panels.reset")->trigger();
    QTRY_VERIFY(desk.isFirst());
    QVERIFY(!desk.dock("log")->isFloating());
  }

  void anArrangementComesBack() {
    QByteArray kept;
    {
      Desk desk;
      desk.window.show();
      QTRY_VERIFY(desk.isFirst());
      desk.panels->movePanel(desk.content("log"), Side::kBottom);
      desk.panels->closePanel(desk.content("events"));
      desk.panels->openPanel(desk.content("knobs"));
      QTRY_VERIFY(desk.sees("log") && desk.sees("charts") && desk.sees("knobs"));
      kept = desk.panels->saveArrangement();
    }
    Desk desk;
    desk.panels->restoreArrangement(kept);  // before it is on the screen
    desk.window.show();
    const auto is_kept = [&] {
      return desk.sees("log") && desk.sees("charts") && desk.sees("knobs") &&
             !desk.panels->isOpen(desk.content("events")) &&
             desk.dock("log")->geometry().top() > desk.dock("charts")->geometry().bottom();
    };
    QTRY_VERIFY(is_kept());
    desk.panels->restoreArrangement("nonsense");
    QVERIFY(is_kept());
    desk.panels->reset();
    QTRY_VERIFY(desk.isFirst());
    desk.panels->openPanelAt(1);
    QVERIFY(desk.sees("log"));
    desk.panels->openPanelAt(17);
    QVERIFY(desk.sees("log"));
  }

  // Many panels side by side ask for more than a small window has: they scroll, and do not push its edge.
  void aPanelMayBeSmallerThanItsContent() {
    Desk desk;
    desk.content("log")->setMinimumSize(3000, 3000);
    desk.window.show();
    desk.panels->movePanel(desk.content("log"), Side::kRight);
    QTRY_VERIFY(desk.sees("log") && desk.sees("charts"));
    QVERIFY(desk.window.minimumSizeHint().width() < 600 && desk.window.minimumSizeHint().height() < 400);
  }
};

CONCERTINA_TEST(DockPanelsTest)

}  // namespace concertina::ui::dock_panels_test

#include "dock_panels_test.moc"
