// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// design_elastic_test.cc: the section "elastic" in the forms of the Design page: in and out of the file, its
// fields, its faults, undo, and the JSON.
#include <QCheckBox>
#include <QComboBox>
#include <QLabel>
#include <QLineEdit>
#include <QPlainTextEdit>
#include <QTest>
#include <QToolButton>
#include <QUndoStack>

#include "tests/test_program.h"
#include "tests/ui/pages/design_section.h"
#include "ui/forms/spec_document.h"

namespace concertina::ui::design_elastic_test {
namespace {

// As the engine describes it.
constexpr char kElastic[] = R"({"kind": "elastic", "title": "Elastic", "summary": "The run goes on.",
  "citation": "", "parameters": [
    {"name": "min_workers", "type": "integer", "unit": "workers", "default": 1, "minimum": 1, "maximum": 4096,
     "choices": [], "doc": "With fewer the run ends.", "live": false},
    {"name": "max_workers", "type": "integer", "unit": "workers", "default": 0, "minimum": 0, "maximum": 4096,
     "choices": [], "doc": "More do not join.", "live": false},
    {"name": "replace", "type": "boolean", "unit": "", "default": false, "choices": [], "doc": "", "live": false},
    {"name": "learning_rate", "type": "choice", "unit": "", "default": "keep", "choices": ["keep", "linear"],
     "doc": "", "live": false}]})";

QJsonObject describeElastic() { return describeWith(kElastic); }

struct Fixture : DesignSection {
  explicit Fixture(const QJsonObject& describe = describeElastic()) : DesignSection(describe) {}
  QCheckBox* presence() { return find<QCheckBox>(u"designCard.switch:/elastic"_qs); }
  QLineEdit* minimum() { return find<QLineEdit>(u"field:/elastic/min_workers"_qs); }
};

}  // namespace

class DesignElasticTest : public QObject {
  Q_OBJECT

 private slots:
  void anEngineThatDoesNotKnowItHasNoCard() {
    Fixture f(describeSample());
    QVERIFY(f.page.findChild<QWidget*>(u"designCard.elastic"_qs) == nullptr);
  }

  void theSwitchPutsTheSectionInAndTakesItOut() {
    Fixture f;
    const QString before = f.page.spec();
    QVERIFY(!f.presence()->isChecked());
    QVERIFY(!f.minimum()->isVisibleTo(&f.page));
    f.presence()->click();
    QVERIFY(f.value(u"/elastic"_qs).isObject());
    QVERIFY(f.value(u"/elastic"_qs).toObject().isEmpty());  // all of it as it is by default
    QVERIFY(f.page.spec().indexOf(u"\"workers\""_qs) < f.page.spec().indexOf(u"\"elastic\""_qs));
    QVERIFY(f.minimum()->isVisibleTo(&f.page));
    f.presence()->click();
    QVERIFY(f.value(u"/elastic"_qs).isUndefined());
    QCOMPARE(f.page.spec(), before);
    QVERIFY(!f.minimum()->isVisibleTo(&f.page));
  }

  void whatWasSetIsThereWhenItIsSwitchedOnAgain() {
    Fixture f;
    f.presence()->click();
    typeInto(f.minimum(), u"2"_qs);
    f.find<QCheckBox>(u"field:/elastic/replace"_qs)->click();
    QCOMPARE(f.value(u"/elastic"_qs).toObject(),
             (QJsonObject{{u"min_workers"_qs, 2}, {u"replace"_qs, true}}));
    f.presence()->click();
    QVERIFY(f.value(u"/elastic"_qs).isUndefined());
    f.presence()->click();
    QCOMPARE(f.value(u"/elastic"_qs).toObject(),
             (QJsonObject{{u"min_workers"_qs, 2}, {u"replace"_qs, true}}));
  }

  void undoTakesItBack() {
    Fixture f;
    const QString before = f.page.spec();
    f.presence()->click();
    typeInto(f.minimum(), u"3"_qs);
    QCOMPARE(f.page.undoStack()->count(), 2);
    f.page.undoStack()->undo();
    QVERIFY(f.value(u"/elastic"_qs).toObject().isEmpty());
    QCOMPARE(f.minimum()->text(), QString());  // its default is a hint
    f.page.undoStack()->undo();
    QCOMPARE(f.page.spec(), before);
    QVERIFY(!f.presence()->isChecked());
    f.page.undoStack()->redo();
    QVERIFY(f.presence()->isChecked());
    f.page.undoStack()->redo();
    QCOMPARE(f.value(u"/elastic/min_workers"_qs).toInt(), 3);
  }

  void theResetOfAFieldLeavesTheSectionIn() {
    Fixture f;
    f.presence()->click();
    typeInto(f.minimum(), u"2"_qs);
    emit f.find<QToolButton>(u"reset:/elastic/min_workers"_qs)->clicked();
    QVERIFY(f.value(u"/elastic"_qs).isObject());
    QVERIFY(f.value(u"/elastic/min_workers"_qs).isUndefined());
    QVERIFY(f.presence()->isChecked());
  }

  void theJsonAndTheCardAreOne() {
    Fixture f;
    auto* json = f.find<QPlainTextEdit>(u"designPage.json"_qs);
    auto other = *SpecDocument::parse(f.page.spec(), nullptr);
    QVERIFY(other.setToken(u"/elastic"_qs, u"{\"min_workers\": 2, \"learning_rate\": \"linear\"}"_qs));
    json->setPlainText(other.text());
    QTRY_VERIFY(f.presence()->isChecked());
    QCOMPARE(f.minimum()->text(), u"2"_qs);
    QCOMPARE(f.find<QComboBox>(u"field:/elastic/learning_rate"_qs)->currentData().toString(), u"linear"_qs);
    QVERIFY(other.set(u"/elastic"_qs, QJsonValue(QJsonValue::Undefined)));
    json->setPlainText(other.text());
    QTRY_VERIFY(!f.presence()->isChecked());
  }

  void faultsStandAtTheirFields() {
    Fixture f;
    f.presence()->click();
    f.faults = {{u"/elastic/min_workers"_qs, u"8"_qs, u"at most the 4 of /workers"_qs, {}, {}}};
    typeInto(f.minimum(), u"8"_qs);
    QTRY_VERIFY(f.find<QLabel>(u"fault:/elastic/min_workers"_qs)->text().contains(u"at most the 4"_qs));
    auto* obstacle = f.find<QToolButton>(u"designPage.obstacle"_qs);
    QTRY_COMPARE(obstacle->text(), u"1 field(s) need attention"_qs);
    QTest::mouseClick(obstacle, Qt::LeftButton);
    QCOMPARE(f.page.focusWidget(), f.minimum());
    // Of the section as a whole.
    f.faults = {{u"/elastic"_qs, u"5"_qs, u"an object"_qs, {}, {}}};
    auto other = *SpecDocument::parse(f.page.spec(), nullptr);
    QVERIFY(other.setToken(u"/elastic"_qs, u"5"_qs));
    f.page.setSpec(other.text());
    QTRY_VERIFY(f.find<QLabel>(u"fault:/elastic"_qs)->text().contains(u"an object"_qs));
    QVERIFY(f.presence()->isChecked());
    f.faults = {};
    f.presence()->click();
    QTRY_VERIFY2(f.page.canLaunch(), qPrintable(f.page.obstacle()));
  }

  void aFieldObjectsByItself() {
    Fixture f;
    f.presence()->click();
    typeInto(f.minimum(), u"0"_qs);
    QCOMPARE(f.page.obstacle(), u"1 field(s) need attention"_qs);
    f.presence()->click();  // out of the file, it counts no more
    QTRY_VERIFY2(f.page.canLaunch(), qPrintable(f.page.obstacle()));
  }
};

CONCERTINA_TEST(DesignElasticTest)

}  // namespace concertina::ui::design_elastic_test

#include "design_elastic_test.moc"
