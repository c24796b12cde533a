// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// filter_chips_test.cc: what narrows the table of runs is seen as chips, and taken away by mouse and
// keyboard.
#include "ui/pages/filter_chips.h"

#include <QLineEdit>
#include <QRegularExpression>
#include <QTableView>
#include <QTemporaryDir>
#include <QTest>
#include <QToolButton>

#include "tests/test_program.h"
#include "tests/ui/fake_engine.h"
#include "ui/pages/runs_page.h"

namespace concertina::ui::filter_chips_test {

class FilterChipsTest : public QObject {
  Q_OBJECT

  static QToolButton* chip(const QWidget& around, int number) {
    for (QToolButton* button :
         around.findChildren<QToolButton*>(QRegularExpression(QStringLiteral("hips\\.%1$").arg(number))))
      if (!button->isHidden()) return button;
    return nullptr;
  }

 private slots:
  void keysGoAlongAndTakeAway() {
    QWidget window;
    auto* box = new QLineEdit(&window);
    auto* chips = new FilterChips(QStringLiteral("chips"), &window);
    chips->setFocusOtherwise(box);
    QVERIFY(chips->isHidden());
    window.resize(600, 200);
    window.show();
    window.activateWindow();
    QVERIFY(QTest::qWaitForWindowActive(&window));
    QStringList texts{"ring", "state=failed", "tag=\"a & b\""};
    connect(chips, &FilterChips::removed, chips, [&](int at) {
      texts.removeAt(at);
      chips->setChips(texts);
    });
    chips->setChips(texts);
    QVERIFY(chips->isVisible());
    QCOMPARE(chip(window, 2)->text(), "tag=\"a && b\"");
    QVERIFY(chip(window, 1)->accessibleName().contains(QLatin1String("state=failed")));
    chip(window, 0)->setFocus();
    QTest::keyClick(chip(window, 0), Qt::Key_Right);
    QTRY_VERIFY(chip(window, 1)->hasFocus());
    QTest::keyClick(chip(window, 1), Qt::Key_Delete);
    QTRY_COMPARE(texts, QStringList({"ring", "tag=\"a & b\""}));
    QTRY_VERIFY(chip(window, 1)->hasFocus());  // what took its place
    QTest::keyClick(chip(window, 1), Qt::Key_Return);
    QTRY_COMPARE(texts, QStringList{"ring"});
    QTRY_VERIFY(chip(window, 0)->hasFocus());
    QTest::keyClick(chip(window, 0), Qt::Key_Space);
    QTRY_VERIFY(texts.isEmpty());
    QVERIFY(chips->isHidden());
    QTRY_VERIFY(box->hasFocus());
  }

  void theTableOfRunsFollows() {
    QTemporaryDir folder;
    FakeEngine engine;
    engine.start(folder.filePath("engine.sock"));
    EngineClient client;
    RunsPage page(client);
    page.resize(1280, 800);
    page.show();
    client.start({}, engine.address());
    QTRY_VERIFY(client.listed());
    for (const auto& [id, state] : {std::pair{"a", proto::FINISHED}, {"b", proto::FAILED}})
      engine.put(FakeEngine::makeRun(id, std::string("run ") + id, state));
    auto* table = page.findChild<QTableView*>(QStringLiteral("runsPage.table"));
    auto* filter = page.findChild<QLineEdit*>(QStringLiteral("runsPage.filterEdit"));
    auto* chips = page.findChild<FilterChips*>(QStringLiteral("runsPage.chips"));
    QTRY_COMPARE(table->model()->rowCount(), 2);
    QVERIFY(chips->isHidden());
    filter->setText(QStringLiteral("run state=failed nofield=3"));
    QCOMPARE(table->model()->rowCount(), 1);
    QCOMPARE(chips->chips(), QStringList({"run", "state=failed"}));  // what has a fault is not in force
    QTest::mouseClick(chip(page, 1), Qt::LeftButton);
    QTRY_COMPARE(filter->text(), "run nofield=3");
    QCOMPARE(table->model()->rowCount(), 2);
    QCOMPARE(chips->chips(), QStringList{"run"});
    filter->undo();
    QCOMPARE(chips->chips(), QStringList({"run", "state=failed"}));
    filter->clear();
    QVERIFY(chips->isHidden());
  }
};

CONCERTINA_TEST(FilterChipsTest)

}  // namespace concertina::ui::filter_chips_test

#include "filter_chips_test.moc"
