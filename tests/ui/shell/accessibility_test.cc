// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// accessibility_test.cc: every page as a screen reader and a keyboard meet it: whatever can be operated has a
// name, and the Tab key comes to all of it and away again.
#include <QAbstractButton>
#include <QAccessible>
#include <QAction>
#include <QApplication>
#include <QButtonGroup>
#include <QKeySequence>
#include <QLabel>
#include <QMenuBar>
#include <QSet>
#include <QTemporaryDir>
#include <QTest>
#include <QToolButton>

#include "tests/test_program.h"
#include "tests/ui/fake_engine.h"
#include "tests/ui/forms/offscreen.h"
#include "ui/pages/design_page.h"
#include "ui/shell/main_window.h"
#include "ui/shell/preferences_dialog.h"

namespace concertina::ui::accessibility_test {
namespace {

// Roles that are operated, or stand for something that is: without a name a reader says "button".
bool needsName(QAccessible::Role role) {
  switch (role) {
    case QAccessible::PushButton:
    case QAccessible::ButtonDropDown:
    case QAccessible::ButtonMenu:
    case QAccessible::CheckBox:
    case QAccessible::RadioButton:
    case QAccessible::ComboBox:
    case QAccessible::EditableText:
    case QAccessible::SpinBox:
    case QAccessible::Slider:
    case QAccessible::Table:
    case QAccessible::Tree:
    case QAccessible::List:
    case QAccessible::PageTab:
    case QAccessible::MenuItem:
      return true;
    default:
      return false;
  }
}

// Where a widget stands, for whoever has to name it.
QString placeOf(const QObject* object) {
  QStringList path;
  for (; object != nullptr && path.size() < 6; object = object->parent())
    path.prepend(object->objectName().isEmpty() ? QString::fromLatin1(object->metaObject()->className())
                                                : object->objectName());
  return path.join(QStringLiteral(" > "));
}

// Of buttons of which one is down, Tab comes to that one; the arrow keys come to the others.
bool isOneOfAChoice(const QWidget* widget) {
  const auto* button = qobject_cast<const QAbstractButton*>(widget);
  return button != nullptr && button->group() != nullptr && button->group()->exclusive() &&
         !button->isChecked();
}

void collectNameless(QAccessibleInterface* element, QStringList& nameless, int& seen, int depth = 0) {
  if (element == nullptr || !element->isValid() || depth > 60) return;
  const QAccessible::State state = element->state();
  if (state.invisible && depth > 0) return;  // of another page, or of a tab that is not shown
  ++seen;
  const QObject* object = element->object();
  // Qt's own parts: the arrows of a bar of tabs, the corner of a table, what stands inside a line of text,
  // and a frame around what takes the keyboard in its place.
  const bool is_qts_own =
      object != nullptr &&
      (object->objectName().startsWith(QLatin1String("qt_")) || object->inherits("QTableCornerButton") ||
       object->inherits("QLineEditIconButton") ||
       (object->isWidgetType() && static_cast<const QWidget*>(object)->focusProxy() != nullptr) ||
       (object->parent() != nullptr && object->parent()->inherits("QTabBar")));
  if (!is_qts_own && (needsName(element->role()) || (state.focusable && object != nullptr)) &&
      element->text(QAccessible::Name).trimmed().isEmpty())
    nameless << QStringLiteral("%1 (role %2)").arg(placeOf(object)).arg(int(element->role()));
  // Cells are named by what is in them, and there may be thousands.
  if (element->role() == QAccessible::Table || element->role() == QAccessible::Tree ||
      element->role() == QAccessible::List)
    return;
  for (int i = 0; i < element->childCount(); ++i)
    collectNameless(element->child(i), nameless, seen, depth + 1);
}

}  // namespace

class AccessibilityTest : public QObject {
  Q_OBJECT

  QTemporaryDir folder_;
  std::unique_ptr<FakeEngine> engine_;
  std::unique_ptr<Settings> settings_;
  std::unique_ptr<Theme> theme_;
  std::unique_ptr<EngineClient> client_;
  std::unique_ptr<MainWindow> window_;

 private slots:
  void initTestCase() {
    engine_ = std::make_unique<FakeEngine>();
    engine_->start(folder_.filePath("engine.sock"));
    proto::RunSummary run = FakeEngine::makeRun("a", "a run", proto::RUNNING);
    engine_->synthetic.summarise(run, 500);
    engine_->put(run);
    settings_ = std::make_unique<Settings>(folder_.filePath("settings.ini"));
    theme_ = std::make_unique<Theme>();
    client_ = std::make_unique<EngineClient>();
    window_ = std::make_unique<MainWindow>(*client_, *settings_, *theme_);
    window_->resize(1400, 900);
    window_->show();
    QVERIFY(QTest::qWaitForWindowActive(window_.get()));
    window_->makeAllPages();
    client_->start({}, engine_->address());
    QTRY_COMPARE_WITH_TIMEOUT(client_->state(), EngineClient::State::kConnected, 10'000);
    QTRY_VERIFY_WITH_TIMEOUT(client_->listed(), 10'000);
    window_->design().setDescription(describeSample());
    window_->openRun(QStringLiteral("a"));
  }
  void cleanupTestCase() { window_.reset(); }

  void everyControlHasAName_data() { pages(); }
  void everyControlHasAName() {
    QFETCH(QAction*, page);
    show(page);
    QStringList nameless;
    int seen = 0;
    collectNameless(QAccessible::queryAccessibleInterface(window_.get()), nameless, seen);
    QVERIFY2(seen > 20, qPrintable(QString::number(seen)));  // it was not an empty tree
    nameless.removeDuplicates();
    QVERIFY2(nameless.isEmpty(), qPrintable(QLatin1Char('\n') + nameless.join(QLatin1Char('\n'))));
  }

  void aNamelessControlIsFound() {
    QWidget window;
    auto* button = new QToolButton(&window);
    button->setObjectName(QStringLiteral("nameless"));
    window.show();
    QStringList nameless;
    int seen = 0;
    collectNameless(QAccessible::queryAccessibleInterface(&window), nameless, seen);
    QCOMPARE(nameless.size(), 1);
    QVERIFY(nameless.first().contains(QLatin1String("nameless")));
  }

  void tabComesToEverythingAndAwayAgain_data() { pages(); }
  void tabComesToEverythingAndAwayAgain() {
    QFETCH(QAction*, page);
    show(page);
    window_->activateWindow();
    QVERIFY(QTest::qWaitForWindowActive(window_.get()));  // before they are counted: what comes may hide some
    QSet<QWidget*> wanted;
    for (QWidget* widget : window_->findChildren<QWidget*>())
      if ((widget->focusPolicy() & Qt::TabFocus) != 0 && widget->isVisible() && widget->isEnabled() &&
          widget->focusProxy() == nullptr && widget->window() == window_.get() && !isOneOfAChoice(widget))
        wanted.insert(widget);
    QVERIFY(wanted.size() > 5);
    (*wanted.begin())->setFocus(Qt::TabFocusReason);
    QWidget* first = QApplication::focusWidget();
    QVERIFY(first != nullptr);
    QSet<QWidget*> reached{first};
    for (qsizetype steps = 0; steps < 4 * wanted.size(); ++steps) {
      QTest::keyClick(QApplication::focusWidget(), Qt::Key_Tab);
      QWidget* now = QApplication::focusWidget();
      QVERIFY(now != nullptr);
      if (now == first) break;
      reached.insert(now);
    }
    QVERIFY2(QApplication::focusWidget() == first,
             qPrintable("Tab does not come out of " + placeOf(QApplication::focusWidget())));
    QStringList missed;
    for (QWidget* widget : wanted)
      if (!reached.contains(widget)) missed << placeOf(widget);
    QVERIFY2(missed.isEmpty(), qPrintable(QLatin1Char('\n') + missed.join(QLatin1Char('\n'))));
  }

  // Alt and a letter of the menu bar opens that menu on every page.
  void lettersOfPagesLeaveThoseOfTheMenusAlone() {
    QSet<QKeySequence> taken;
    for (const QAction* menu : window_->menuBar()->actions()) taken << QKeySequence::mnemonic(menu->text());
    QVERIFY(taken.size() >= 5);
    QStringList twice;
    int seen = 0;
    const auto look = [&](const QWidget* widget, const QString& text) {
      const QKeySequence letter = QKeySequence::mnemonic(text);
      if (letter.isEmpty() || widget->window() != window_.get()) return;
      ++seen;
      if (taken.contains(letter)) twice << text;
    };
    for (const QAbstractButton* button : window_->findChildren<QAbstractButton*>())
      look(button, button->text());
    for (const QLabel* label : window_->findChildren<QLabel*>())
      if (label->buddy() != nullptr) look(label, label->text());
    QVERIFY(seen > 3);
    QVERIFY2(twice.isEmpty(), qPrintable(twice.join(QLatin1Char('\n'))));
  }

  void preferencesHaveNames() {
    PreferencesDialog dialog(*settings_, *theme_, nullptr);
    dialog.setAttribute(Qt::WA_DeleteOnClose, false);
    dialog.show();
    QStringList nameless;
    int seen = 0;
    collectNameless(QAccessible::queryAccessibleInterface(&dialog), nameless, seen);
    QVERIFY2(nameless.isEmpty(), qPrintable(nameless.join(QLatin1Char('\n'))));
  }

 private:
  // By the actions that show them, so that a new page is not forgotten.
  void pages() {
    QTest::addColumn<QAction*>("page");
    for (QAction* action : window_->actions().inMenu(CommandMenu::kView))
      if (action != nullptr && action->objectName().startsWith(QLatin1String("action.show")))
        QTest::newRow(qPrintable(action->objectName())) << action;
  }
  void show(QAction* page) {
    page->trigger();
    window_->design().showForms();
    QCoreApplication::processEvents();
  }
};

CONCERTINA_TEST(AccessibilityTest)

}  // namespace concertina::ui::accessibility_test

#include "accessibility_test.moc"
