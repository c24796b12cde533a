// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// session_test.cc: what one window had, the next one has: what was typed, how it was arranged; the way round
// it; and F1.
#include <QAction>
#include <QComboBox>
#include <QDir>
#include <QDockWidget>
#include <QLabel>
#include <QLineEdit>
#include <QListWidget>
#include <QMenu>
#include <QPlainTextEdit>
#include <QPushButton>
#include <QScrollArea>
#include <QSlider>
#include <QTemporaryDir>
#include <QTest>
#include <QToolButton>
#include <QWhatsThis>

#include "tests/test_program.h"
#include "tests/ui/forms/offscreen.h"
#include "ui/charts/chart_card.h"
#include "ui/forms/ask.h"
#include "ui/pages/design_page.h"
#include "ui/pages/dock_panels.h"
#include "ui/pages/monitor_charts.h"
#include "ui/pages/runs_page.h"
#include "ui/pages/runs_views.h"
#include "ui/shell/command_palette.h"
#include "ui/shell/main_window.h"
#include "ui/shell/tour.h"

namespace concertina::ui::session_test {
namespace {

// The desktop without an engine: all that is tested here is the window's own.
struct Window {
  explicit Window(const QString& folder)
      : settings(QDir(folder).filePath("settings.ini")), window(client, settings, theme, {}) {
    window.resize(1400, 900);
    window.show();
    window.showPage(MainWindow::Page::kDesign);
    window.design().showForms();
  }
  template <class Widget>
  Widget* find(const char* name) {
    auto* widget = window.findChild<Widget*>(QLatin1String(name));
    if (widget == nullptr) qFatal("no widget %s", name);
    return widget;
  }
  // With a run, though nobody answers for it: without one there is nothing but a word of welcome.
  void openMonitor() {
    window.openRun(QStringLiteral("a"));
    QCoreApplication::processEvents();  // the charts are laid out
  }
  bool has(const char* name) { return window.findChild<QWidget*>(QLatin1String(name)) != nullptr; }
  void type(const QString& text) { find<QPlainTextEdit>("designPage.json")->setPlainText(text); }

  Settings settings;
  Theme theme;
  EngineClient client;
  MainWindow window;
};

QStringList draftsIn(const QString& folder) {
  return QDir(folder).entryList({QStringLiteral("draft-*.json")});
}

}  // namespace

class SessionTest : public QObject {
  Q_OBJECT
 private slots:
  void cleanup() {
    setAskForTests({});
    setAskForFileForTests({});
  }

  void halfTypedJsonOutlivesAWindowThatIsKilled() {
    QTemporaryDir folder;
    const QString typed = "{\"name\": \"half of a";
    {
      Window first(folder.path());
      QVERIFY(draftsIn(folder.path()).isEmpty());  // what nobody has touched is not kept
      first.type(typed);
      QTRY_COMPARE(draftsIn(folder.path()).size(), 1);
    }  // never closed: no question, no farewell
    {
      Window second(folder.path());
      second.window.resumeSession();
      QVERIFY(second.has("draftNotice"));
      QVERIFY(second.window.design().spec() != typed);
      second.find<QPushButton>("draftNotice.restore")->click();
      QCOMPARE(second.window.design().typedText(), typed);
      QVERIFY(second.window.isWindowModified());
      QTRY_VERIFY(!second.has("draftNotice"));
      QCOMPARE(draftsIn(folder.path()).size(), 1);  // its own now
    }
    Window third(folder.path());
    third.window.resumeSession();
    third.find<QPushButton>("draftNotice.discard")->click();
    QVERIFY(draftsIn(folder.path()).isEmpty());
  }

  void changesOfAFileComeBackAsChangesOfThatFile() {
    QTemporaryDir folder;
    const QString path = folder.filePath("mine.json");
    {
      QFile file(path);
      QVERIFY(file.open(QIODevice::WriteOnly) && file.write("{\"name\": \"a\"}") > 0);
      file.close();
      Window first(folder.path());
      QVERIFY(first.window.openFile(path));
      first.type("{\"name\": \"b\"}");
      QTRY_COMPARE(draftsIn(folder.path()).size(), 1);
    }
    Window second(folder.path());
    second.window.resumeSession();
    second.find<QPushButton>("draftNotice.restore")->click();
    QVERIFY(second.window.design().spec().contains("\"b\""));
    QVERIFY(second.window.windowTitle().contains("mine.json") && second.window.isWindowModified());
    QVERIFY(second.window.save());
    QTRY_VERIFY(draftsIn(folder.path()).isEmpty());
  }

  void closingAsksBeforeUnfinishedTextIsLost_data() {
    QTest::addColumn<int>("answer");
    QTest::addColumn<bool>("closed");
    QTest::addColumn<int>("drafts");
    QTest::newRow("keep") << int(Question::Answer::kYes) << true << 1;
    QTest::newRow("discard") << int(Question::Answer::kNo) << true << 0;
    QTest::newRow("cancel") << int(Question::Answer::kCancel) << false << 1;
  }
  void closingAsksBeforeUnfinishedTextIsLost() {
    QFETCH(int, answer);
    QFETCH(bool, closed);
    QFETCH(int, drafts);
    QTemporaryDir folder;
    Window desktop(folder.path());
    desktop.type("{\"name\": ");
    int asked = 0;
    setAskForTests([&](const Question&) {
      ++asked;
      return Question::Answer(answer);
    });
    QCOMPARE(desktop.window.close(), closed);
    QCOMPARE(asked, 1);
    if (!closed) QTRY_COMPARE(draftsIn(folder.path()).size(), 1);
    QCOMPARE(draftsIn(folder.path()).size(), drafts);
  }

  // Typed a moment ago, read in a moment: it counts.
  void theLastKeyBeforeClosingCounts() {
    QTemporaryDir folder;
    Window desktop(folder.path());
    desktop.type("{\"name\": \"just now\"}");
    int asked = 0;
    setAskForTests([&](const Question&) {
      ++asked;
      return Question::Answer::kNo;
    });
    QVERIFY(desktop.window.close());
    QCOMPARE(asked, 1);
  }

  void chartsStandAsTheyWereArranged() {
    QTemporaryDir folder;
    const auto places = [](Window& desktop) {
      QVector<QPoint> at;
      for (const char* name : {"monitorPage.lossChartCard", "monitorPage.accuracyChartCard"})
        at << desktop.find<ChartCard>(name)->pos();
      return at;
    };
    QVector<QPoint> before, moved;
    {
      Window first(folder.path());
      first.openMonitor();
      before = places(first);
      first.find<QAction>("monitorPage.lossChart.moveLater")->trigger();
      first.find<QAction>("monitorPage.timeChart.hide")->trigger();
      first.find<QToolButton>("monitorPage.xAxis.bytes")->click();
      first.find<QSlider>("monitorPage.smoothingSlider")->setValue(12);
      moved = places(first);
      first.find<QToolButton>("monitorPage.knobsButton")->click();
      QCOMPARE(moved.value(0), before.value(1));
      QCOMPARE(moved.value(1), before.value(0));
      QVERIFY(first.find<ChartCard>("monitorPage.timeChartCard")->isHidden());
      QVERIFY(first.window.close());
    }
    Window second(folder.path());
    second.openMonitor();
    QVERIFY(second.find<ChartCard>("monitorPage.timeChartCard")->isHidden());
    QVERIFY(second.find<QToolButton>("monitorPage.xAxis.bytes")->isChecked());
    QCOMPARE(second.find<QSlider>("monitorPage.smoothingSlider")->value(), 12);
    QTRY_VERIFY(!second.find<QWidget>("monitorPage.knobsPanel")->isHidden());
    second.window.actions()[Command::kResetLayout]->trigger();
    QVERIFY(!second.find<ChartCard>("monitorPage.timeChartCard")->isHidden());
    QVERIFY(second.find<QWidget>("monitorPage.knobsPanel")->isHidden());
    QVERIFY(places(second).value(0) != places(second).value(1));
    QCOMPARE(places(second).value(0), QPoint(0, 0));
  }

  void panelsStandWhereTheyWereMoved() {
    QTemporaryDir folder;
    const auto panels = [](Window& desktop) { return desktop.find<DockPanels>("monitorPage.panels"); };
    const auto log = [](Window& desktop) { return desktop.find<QWidget>("monitorPage.log"); };
    const auto is_below = [&](Window& desktop) {
      auto* charts = desktop.find<QDockWidget>("monitorPage.panel.charts");
      auto* moved = desktop.find<QDockWidget>("monitorPage.panel.log");
      return panels(desktop)->isInSight(log(desktop)) &&
             moved->geometry().top() > charts->geometry().bottom();
    };
    {
      Window first(folder.path());
      first.openMonitor();
      panels(first)->movePanel(log(first), DockPanels::Side::kBottom);
      first.find<QAction>("action.panel.events")->trigger();  // to the front
      first.find<QAction>("action.panel.events")->trigger();  // and away
      QTRY_VERIFY(is_below(first));
      QVERIFY(first.find<QDockWidget>("monitorPage.panel.events")->isHidden());
      QVERIFY(first.window.close());
    }
    Window second(folder.path());
    second.openMonitor();
    QTRY_VERIFY(is_below(second));
    QVERIFY(second.find<QDockWidget>("monitorPage.panel.events")->isHidden());
    panels(second)->findChild<QAction*>("action.panels.reset")->trigger();
    QTRY_VERIFY(!panels(second)->isInSight(log(second)) && panels(second)->isOpen(log(second)));
    QVERIFY(!second.find<QDockWidget>("monitorPage.panel.events")->isHidden());
  }

  void thePanelsOfTheDesignPageAreKeptToo() {
    QTemporaryDir folder;
    const auto panels = [](Window& desktop) { return desktop.find<DockPanels>("designPage.panels"); };
    const auto isBelow = [&](Window& desktop) {
      auto* json = desktop.find<QDockWidget>("designPage.panel.json");
      auto* forms = desktop.find<QWidget>("designPage.forms");
      return panels(desktop)->isInSight(static_cast<QScrollArea*>(json->widget())->widget()) &&
             json->geometry().top() > forms->mapTo(panels(desktop), QPoint()).y() + forms->height() / 2;
    };
    {
      Window first(folder.path());
      first.window.showPage(MainWindow::Page::kDesign);
      first.window.design().showForms();
      first.find<QAction>("action.panel.json")->trigger();
      panels(first)->findChild<QAction*>("action.panels.bottom")->trigger();
      QTRY_VERIFY(isBelow(first));
      QVERIFY(first.window.close());
    }
    Window second(folder.path());
    second.window.showPage(MainWindow::Page::kDesign);
    second.window.design().showForms();
    QTRY_VERIFY(isBelow(second));
    second.window.showPage(MainWindow::Page::kRuns);
    second.find<QAction>("action.panel.plan")->trigger();  // from elsewhere: it is shown
    QCOMPARE(second.window.page(), MainWindow::Page::kDesign);
    second.window.actions()[Command::kResetLayout]->trigger();
    QTRY_VERIFY(!isBelow(second));
  }

  void panelsAreInTheMenuAndInThePalette() {
    QTemporaryDir folder;
    Window desktop(folder.path());
    auto* menu = desktop.find<QMenu>("panels");
    emit menu->aboutToShow();
    QAction* log = desktop.find<QAction>("action.panel.log");
    QVERIFY(menu->actions().contains(log));
    QVERIFY(menu->actions().contains(desktop.find<QAction>("action.panel.json")));
    const auto reset = [&](const char* page) {  // of the page in front
      return desktop.find<QWidget>(page)->findChild<QAction*>("action.panels.reset");
    };
    QVERIFY(menu->actions().contains(reset("designPage.panels")));
    QVERIFY(!menu->actions().contains(reset("monitorPage.panels")));
    const qsizetype entries = menu->actions().size();
    emit menu->aboutToShow();
    QCOMPARE(menu->actions().size(), entries);
    desktop.openMonitor();
    desktop.window.showPage(MainWindow::Page::kDesign);
    log->trigger();  // from elsewhere: it is shown
    QCOMPARE(desktop.window.page(), MainWindow::Page::kMonitor);
    auto* panels = desktop.find<DockPanels>("monitorPage.panels");
    QTRY_VERIFY(panels->isInSight(desktop.find<QWidget>("monitorPage.log")));
    desktop.window.actions()[Command::kPalette]->trigger();
    desktop.find<QLineEdit>("commandPalette.line")->setText("log panel");
    auto* found = desktop.find<QListWidget>("commandPalette.list");
    QVERIFY(found->count() > 0);
    QCOMPARE(found->item(0)->text(), QString("Log Panel"));
    desktop.find<QWidget>("commandPalette")->hide();
  }

  void aChartIsDraggedByItsTitle() {
    QTemporaryDir folder;
    Window desktop(folder.path());
    desktop.openMonitor();
    auto* loss = desktop.find<ChartCard>("monitorPage.lossChartCard");
    auto* accuracy = desktop.find<ChartCard>("monitorPage.accuracyChartCard");
    const QPoint was = loss->pos(), target = accuracy->pos();
    const QPoint heading(6, 6);
    const auto send = [&](QEvent::Type type, const QPoint& at, Qt::MouseButtons buttons) {
      QMouseEvent event(type, at, loss->mapToGlobal(at),
                        type == QEvent::MouseMove ? Qt::NoButton : Qt::LeftButton, buttons, Qt::NoModifier);
      QApplication::sendEvent(loss, &event);
    };
    send(QEvent::MouseButtonPress, heading, Qt::LeftButton);
    send(QEvent::MouseMove, heading + QPoint(1, 0), Qt::LeftButton);
    QCOMPARE(loss->pos(), was);  // a hand that trembles moves nothing
    send(QEvent::MouseMove, target + QPoint(20, 20) - was, Qt::LeftButton);
    QCOMPARE(loss->pos(), target);
    QCOMPARE(accuracy->pos(), was);
    send(QEvent::MouseButtonRelease, heading, Qt::NoButton);
    QVERIFY(QApplication::overrideCursor() == nullptr);
  }

  void theTableOfRunsStandsAsItWasLeft() {
    QTemporaryDir folder;
    const auto group = [](Window& desktop) { return desktop.find<QComboBox>("runsPage.groupBox"); };
    {
      Window first(folder.path());
      first.window.showPage(MainWindow::Page::kRuns);
      emit group(first)->activated(group(first)->findText("Model"));
    }  // killed: it was kept when it was chosen
    Window second(folder.path());
    second.window.showPage(MainWindow::Page::kRuns);
    QCOMPARE(group(second)->currentText(), QString("Model"));
    second.window.actions()[Command::kResetLayout]->trigger();
    QCOMPARE(group(second)->currentText(), QString("No groups"));
    QVERIFY(second.settings.list(Setting::kRunsLayout).isEmpty());
  }

  void viewsOfRunsAreKept() {
    QTemporaryDir folder;
    const auto views = [](Window& desktop) {
      desktop.window.showPage(MainWindow::Page::kRuns);
      auto* menu = desktop.find<QMenu>("runsPage.viewsMenu");
      emit menu->aboutToShow();
      QStringList names;
      for (const QAction* action : menu->findChildren<QAction*>("runsPage.view")) names << action->text();
      return names;
    };
    {
      Window first(folder.path());
      QVERIFY(views(first).isEmpty());
      emit first.find<RunsPage>("runsPage")
          ->viewsChosen({runsViewText({.name = "R&D", .filter = "state=failed"})});
    }
    Window second(folder.path());
    QCOMPARE(views(second), QStringList{"R&&D"});
    second.window.actions()[Command::kResetLayout]->trigger();  // they are no layout
    QCOMPARE(views(second), QStringList{"R&&D"});
  }

  // Ctrl+F: what the page in front is searched by; anything, where it has nothing of the kind.
  void findGoesToTheFilterOfThePage() {
    QTemporaryDir folder;
    Window desktop(folder.path());
    desktop.window.activateWindow();
    QVERIFY(QTest::qWaitForWindowActive(&desktop.window));
    desktop.openMonitor();
    QTest::keyClick(&desktop.window, Qt::Key_F, Qt::ControlModifier);
    QTRY_VERIFY(desktop.find<QLineEdit>("monitorPage.logFilter")->hasFocus());
    desktop.window.showPage(MainWindow::Page::kDesign);
    desktop.window.actions()[Command::kFind]->trigger();
    QTRY_VERIFY(desktop.window.findChild<CommandPalette*>() != nullptr &&
                desktop.window.findChild<CommandPalette*>()->isVisible());
  }

  void aRunFileOpensAmongTheRuns() {
    QTemporaryDir folder;
    Window desktop(folder.path());
    const QString experiment = desktop.window.design().spec();
    QVERIFY(desktop.window.openFile(folder.filePath("a.concertina-run")));
    QCOMPARE(desktop.window.page(), MainWindow::Page::kRuns);
    QCOMPARE(desktop.window.design().spec(), experiment);
    // There is no engine yet, as when the file was given on the command line: it waits for one.
    auto* message = desktop.find<QLabel>("runsPage.messageLabel");
    QVERIFY2(message->text().contains("waits"), qPrintable(message->text()));
  }

  void theTourPointsAtRealWidgets() {
    QTemporaryDir folder;
    Window desktop(folder.path());
    desktop.window.design().showGallery(true);
    desktop.window.startTour();
    auto* tour = desktop.find<Tour>("tour");
    QVERIFY(desktop.settings.flag(Setting::kToured));
    QStringList titles;
    QVector<QRect> holes;
    for (int step = 0; step < 5; ++step) {
      QCOMPARE(tour->step(), step);
      QVERIFY2(!tour->hole().isEmpty(), qPrintable(QString::number(step)));
      QVERIFY(!holes.contains(tour->hole()));
      holes << tour->hole();
      titles << desktop.find<QLabel>("tour.title")->text();
      const auto* card = desktop.find<QLabel>("tour.title")->parentWidget();
      QVERIFY(tour->rect().contains(card->geometry()));
      const QSize covered = card->geometry().intersected(tour->hole()).size();
      QVERIFY2(2 * covered.width() * covered.height() < tour->hole().width() * tour->hole().height(),
               qPrintable(titles.last()));
      if (step == 2) {  // back and on again
        QTest::mouseClick(desktop.find<QPushButton>("tour.back"), Qt::LeftButton);
        QCOMPARE(tour->step(), 1);
        QTest::keyClick(desktop.find<QPushButton>("tour.next"), Qt::Key_Return);
      }
      QTest::keyClick(desktop.find<QPushButton>("tour.next"), Qt::Key_Return);
    }
    titles.removeDuplicates();
    QCOMPARE(titles.size(), 5);
    QTRY_VERIFY(!desktop.has("tour"));
    QVERIFY(desktop.window.design().isGalleryShown());  // as it was

    desktop.window.actions()[Command::kTour]->trigger();
    QTest::keyClick(desktop.find<QPushButton>("tour.next"), Qt::Key_Escape);
    QTRY_VERIFY(!desktop.has("tour"));
  }

  void helpOfAFieldComesFromItsDescriptor() {
    QTemporaryDir folder;
    Window desktop(folder.path());
    desktop.window.design().setDescription(describeSample());
    auto* field = desktop.find<QWidget>("field:/optimizer/learning_rate");
    QVERIFY2(field->whatsThis().contains("/optimizer/learning_rate"), qPrintable(field->whatsThis()));
    QVERIFY2(field->whatsThis().contains(QLatin1String("10")), qPrintable(field->whatsThis()));  // its range
    auto* codec = desktop.find<QWidget>("field:/gradient/0/ratio");
    QVERIFY2(codec->whatsThis().contains("NeurIPS") || codec->whatsThis().contains("Stich"),
             qPrintable(codec->whatsThis()));
    // Where nothing has the keyboard that could be explained, the page's own help opens.
    desktop.window.setFocus();
    desktop.window.actions()[Command::kWhatsThis]->trigger();
    QVERIFY(desktop.find<QWidget>("helpWindow")->isVisible());
  }

  void recentFilesOpenFromTheMenu() {
    QTemporaryDir folder;
    Window desktop(folder.path());
    for (const char* name : {"one.json", "two.json"}) {
      QFile file(folder.filePath(name));
      QVERIFY(file.open(QIODevice::WriteOnly) && file.write("{}") > 0);
      file.close();
      QVERIFY(desktop.window.openFile(file.fileName()));
    }
    auto* menu = desktop.find<QMenu>("recentFiles");
    emit menu->aboutToShow();
    QCOMPARE(menu->actions().value(0)->text(), QString("&1  two.json"));
    QVERIFY(QFile::remove(folder.filePath("two.json")));
    emit menu->aboutToShow();
    QVERIFY(!menu->actions().value(0)->isEnabled());
    menu->actions().value(1)->trigger();
    QVERIFY(desktop.window.windowTitle().startsWith("one.json"));
  }
};

CONCERTINA_TEST(SessionTest)

}  // namespace concertina::ui::session_test

#include "session_test.moc"
