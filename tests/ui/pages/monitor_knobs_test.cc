// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// monitor_knobs_test.cc: the knobs of the Monitor page: turned while the run goes on, and checked before
// they are sent.
#include "ui/pages/monitor_knobs.h"

#include <QLabel>
#include <QLineEdit>
#include <QTest>
#include <QToolButton>

#include "tests/test_program.h"
#include "tests/ui/pages/monitor_room.h"

namespace concertina::ui::monitor_knobs_test {

class MonitorKnobsTest : public MonitorRoom {
  Q_OBJECT

 private slots:
  void initTestCase() { useEnglish(); }
  void init() { openPage(); }
  void cleanup() { closePage(); }

  void aKnobIsTurned() {
    show(proto::RUNNING, 100);
    QTest::mouseClick(find<QToolButton>("knobsButton"), Qt::LeftButton);
    QTRY_VERIFY(page_->findChild<QLineEdit*>("monitorPage.knob./optimizer/learning_rate") != nullptr);
    auto* rate = find<QLineEdit>("knob./optimizer/learning_rate");
    QTRY_VERIFY(rate->isEnabled());
    QCOMPARE(rate->text(), "0.05");
    rate->selectAll();
    QTest::keyClicks(rate, "0.01");
    putRun(proto::RUNNING, 101);  // the run goes on while a person writes
    QTest::qWait(50);
    QCOMPARE(rate->text(), "0.01");
    QTest::keyClick(rate, Qt::Key_Return);
    QTRY_VERIFY(called("knob /optimizer/learning_rate 0.01"));
    auto* answer = find<QLabel>("knobAnswer./optimizer/learning_rate");
    QTRY_VERIFY(answer->text().contains("102"));
  }

  void aKnobOutOfRangeIsNotSent() {
    show(proto::RUNNING, 100);
    QTest::mouseClick(find<QToolButton>("knobsButton"), Qt::LeftButton);
    QTRY_VERIFY(page_->findChild<QLineEdit*>("monitorPage.knob./gradient/0/ratio") != nullptr);
    auto* ratio = find<QLineEdit>("knob./gradient/0/ratio");
    QTRY_VERIFY(ratio->isEnabled());
    ratio->setText("2");
    QTest::keyClick(ratio, Qt::Key_Return);
    QVERIFY(find<QLabel>("knobAnswer./gradient/0/ratio")->isVisible());
    QTest::qWait(50);
    for (const std::string& call : engine_->calls()) QVERIFY(call.rfind("knob", 0) != 0);
  }

  void knobsRestWhenTheRunDoes() {
    show(proto::FINISHED, 705);
    QTRY_VERIFY(page_->findChild<QLineEdit*>("monitorPage.knob./optimizer/momentum") != nullptr);
    QVERIFY(!find<QLineEdit>("knob./optimizer/momentum")->isEnabled());
  }

  void knobsAreChecked_data() {
    QTest::addColumn<QString>("type");
    QTest::addColumn<QString>("text");
    QTest::addColumn<QString>("json");
    QTest::newRow("a number") << "number"
                              << "0.1"
                              << "0.1";
    QTest::newRow("with an exponent") << "number"
                                      << " 1e-3 "
                                      << "0.001";
    QTest::newRow("too large") << "number"
                               << "11"
                               << "";
    QTest::newRow("too small") << "number"
                               << "-1"
                               << "";
    QTest::newRow("no number") << "number"
                               << "fast"
                               << "";
    QTest::newRow("nothing") << "number"
                             << ""
                             << "";
    QTest::newRow("not finite") << "number"
                                << "inf"
                                << "";
    QTest::newRow("a whole number") << "integer"
                                    << "7"
                                    << "7";
    QTest::newRow("a fraction") << "integer"
                                << "7.5"
                                << "";
    QTest::newRow("text is quoted") << "text"
                                    << "say \"hi\""
                                    << "\"say \\\"hi\\\"\"";
  }

  void knobsAreChecked() {
    QFETCH(QString, type);
    QFETCH(QString, text);
    QFETCH(QString, json);
    LiveKnob knob;
    knob.type = type;
    knob.minimum = 0;
    knob.maximum = 10;
    QString fault;
    QCOMPARE(knobJson(knob, text, fault), json);
    QCOMPARE(fault.isEmpty(), !json.isEmpty());
  }
};

CONCERTINA_TEST(MonitorKnobsTest)

}  // namespace concertina::ui::monitor_knobs_test

#include "monitor_knobs_test.moc"
