// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// monitor_panels_test.cc: panels are moved, put together, floated, hidden and brought back, by a hand's ways
// and by commands, and stand the same the next time.
#include "ui/pages/monitor_panels.h"

#include <QAction>
#include <QDockWidget>
#include <QLineEdit>
#include <QSignalSpy>
#include <QTabBar>
#include <QTest>
#include <QToolButton>
#include <QVBoxLayout>
#include <memory>

#include "tests/test_program.h"

namespace concertina::ui::monitor_panels_test {
namespace {

constexpr auto kBeside = MonitorPanels::Place::kBeside;
using Side = MonitorPanels::Side;

// Three tabs, and one beside them that is closed at first.
struct Desk {
  Desk() {
    auto* column = new QVBoxLayout(&window);
    panels = new MonitorPanels;
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
  MonitorPanels* panels = nullptr;
};

}  // namespace

class MonitorPanelsTest : public QObject {
  Q_OBJECT

 private slots:
  void theFirstIsInFrontOfItsTabs() {
    Desk desk;
    QSignalSpy changed(desk.panels, &MonitorPanels::sightChanged);
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

CONCERTINA_TEST(MonitorPanelsTest)

}  // namespace concertina::ui::monitor_panels_test

#include "monitor_panels_test.moc"
