// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// catalog_test.cc: descriptors as the forms read them, their words, and what a field finds wrong by itself.
#include "ui/forms/catalog.h"

#include <QJsonArray>
#include <QTest>

#include "tests/test_program.h"
#include "tests/ui/forms/offscreen.h"
#include "ui/forms/field_editors.h"

namespace concertina::ui::catalog_test {

class CatalogTest : public QObject {
  Q_OBJECT
 private slots:
  void readsEveryComponentOfTheEngine() {
    const auto catalog = Catalog::fromDescribe(describeSample());
    int described = 0;
    for (const QJsonValue& category : describeSample().value(u"categories").toArray()) {
      const QString name = category[u"category"].toString();
      const QJsonArray components = category[u"components"].toArray();
      QCOMPARE(catalog->inCategory(name).size(), components.size());
      for (const QJsonValue& component : components) {
        const ComponentInfo* found = catalog->find(name, component[u"kind"].toString());
        QVERIFY(found != nullptr);
        QCOMPARE(found->params.size(), component[u"parameters"].toArray().size());
        ++described;
      }
    }
    QVERIFY(described > 20);
  }

  void anEngineThatIsNewerIsStillUsable() {
    const QJsonObject strange{
        {u"categories"_qs,
         QJsonArray{QJsonObject{
             {u"category"_qs, u"model"_qs},
             {u"components"_qs,
              QJsonArray{
                  QJsonObject{{u"kind"_qs, u"m"_qs},
                              {u"parameters"_qs,
                               QJsonArray{QJsonObject{{u"name"_qs, u"a"_qs}, {u"type"_qs, u"hologram"_qs}},
                                          QJsonObject{{u"name"_qs, u"b"_qs}, {u"type"_qs, u"number"_qs}}}}},
                  QJsonObject{{u"title"_qs, u"no kind"_qs}}, 7}}}}}};
    const auto catalog = Catalog::fromDescribe(strange);
    const ComponentInfo* component = catalog->find(u"model"_qs, u"m"_qs);
    QVERIFY(component != nullptr);
    QCOMPARE(component->title, u"m"_qs);
    QCOMPARE(component->params.size(), 1);
    QCOMPARE(catalog->inCategory(u"model"_qs).size(), 1);
    QVERIFY(catalog->inCategory(u"nothing"_qs).isEmpty());
    QVERIFY(Catalog::fromDescribe({})->isEmpty());
  }

  void labelsAreWordsWithoutTheUnit_data() {
    QTest::addColumn<QString>("name");
    QTest::addColumn<QString>("unit");
    QTest::addColumn<QString>("label");
    QTest::newRow("words") << u"learning_rate"_qs << u""_qs << u"Learning rate"_qs;
    QTest::newRow("unit at the end") << u"bandwidth_mbit"_qs << u"Mbit/s"_qs << u"Bandwidth"_qs;
    QTest::newRow("every so many") << u"checkpoint_every_steps"_qs << u"steps"_qs << u"Checkpoint every"_qs;
    QTest::newRow("the unit is the thing") << u"max_steps"_qs << u"steps"_qs << u"Max steps"_qs;
    QTest::newRow("only a unit") << u"ms"_qs << u"ms"_qs << u"Ms"_qs;
    QTest::newRow("no unit given") << u"latency_ms"_qs << u""_qs << u"Latency ms"_qs;
  }
  void labelsAreWordsWithoutTheUnit() {
    QFETCH(QString, name);
    QFETCH(QString, unit);
    QFETCH(QString, label);
    ParamInfo param;
    param.name = name;
    param.unit = unit;
    QCOMPARE(fieldLabel(param), label);
  }

  void complaints_data() {
    QTest::addColumn<int>("type");
    QTest::addColumn<QJsonValue>("value");
    QTest::addColumn<bool>("good");
    const int number = int(FieldType::kNumber), integer = int(FieldType::kInteger);
    QTest::newRow("inside") << number << QJsonValue(0.5) << true;
    QTest::newRow("at the edge") << number << QJsonValue(1) << true;
    QTest::newRow("beyond the edge") << number << QJsonValue(1.0000001) << false;
    QTest::newRow("text for a number") << number << QJsonValue(u"fast"_qs) << false;
    QTest::newRow("a fraction of a worker") << integer << QJsonValue(0.5) << false;
    QTest::newRow("whole, as a double") << integer << QJsonValue(1.0) << true;
    QTest::newRow("a boolean") << int(FieldType::kBoolean) << QJsonValue(true) << true;
    QTest::newRow("a number for a boolean") << int(FieldType::kBoolean) << QJsonValue(1) << false;
    QTest::newRow("a choice") << int(FieldType::kChoice) << QJsonValue(u"ring"_qs) << true;
    QTest::newRow("no choice") << int(FieldType::kChoice) << QJsonValue(u"rings"_qs) << false;
    QTest::newRow("a list") << int(FieldType::kIntegerList) << QJsonValue(QJsonArray{0, 1}) << true;
    QTest::newRow("a list out of range")
        << int(FieldType::kIntegerList) << QJsonValue(QJsonArray{0, 2}) << false;
    QTest::newRow("required and absent") << number << QJsonValue(QJsonValue::Undefined) << false;
  }
  void complaints() {
    QFETCH(int, type);
    QFETCH(QJsonValue, value);
    QFETCH(bool, good);
    ParamInfo param;
    param.type = FieldType(type);
    param.minimum = 0;
    param.maximum = 1;
    param.choices = QStringList{u"ring"_qs, u"tree"_qs};
    const QString complaint = complaintAbout(param, value);
    QVERIFY2(complaint.isEmpty() == good, qPrintable(complaint));
  }

  void numbersAreReadAsPeopleTypeThem_data() {
    QTest::addColumn<QString>("text");
    QTest::addColumn<bool>("whole");
    QTest::addColumn<QJsonValue>("value");
    QTest::newRow("scientific") << u"1e-4"_qs << false << QJsonValue(1e-4);
    QTest::newRow("scientific and whole") << u"1e6"_qs << true << QJsonValue(1000000);
    QTest::newRow("spaces around") << u" 3 "_qs << true << QJsonValue(3);
    QTest::newRow("beyond 2^53") << u"9007199254740993"_qs << true << QJsonValue(qint64(9007199254740993));
    QTest::newRow("a sign") << u"-0.5"_qs << false << QJsonValue(-0.5);
    QTest::newRow("no number stays text") << u"fast"_qs << false << QJsonValue(u"fast"_qs);
    QTest::newRow("infinite is no number") << u"inf"_qs << false << QJsonValue(u"inf"_qs);
    QTest::newRow("nothing") << u""_qs << false << QJsonValue(QJsonValue::Undefined);
  }
  void numbersAreReadAsPeopleTypeThem() {
    QFETCH(QString, text);
    QFETCH(bool, whole);
    QFETCH(QJsonValue, value);
    QCOMPARE(parseNumber(text, whole), value);
  }

  void everyNumberSurvivesBeingShownAndReadAgain() {
    for (const double number : {0.05, 1e-6, 0.1 + 0.2, 123456789.0, 1e300, -2.5e-7, 1.0 / 3})
      QCOMPARE(parseNumber(valueText(number), false).toDouble(), number);
    for (const qint64 number : {qint64(0), qint64(7), qint64(9007199254740993), qint64(-5)})
      QCOMPARE(parseNumber(valueText(number), true).toInteger(), number);
    QCOMPARE(valueText(1e-6), u"1e-6"_qs);
  }

  void listsAreReadWithAnySeparator() {
    const QJsonArray expected{300, 100};
    for (const QString& text : {u"300, 100"_qs, u"[300,100]"_qs, u"300 100"_qs, u" 300;100 "_qs})
      QCOMPARE(parseIntegerList(text), QJsonValue(expected));
    QCOMPARE(parseIntegerList(u"300, wide"_qs), QJsonValue(u"300, wide"_qs));
    QCOMPARE(parseIntegerList(u"[]"_qs), QJsonValue(QJsonArray()));
    QVERIFY(parseIntegerList(u" "_qs).isUndefined());
  }
};

CONCERTINA_TEST(CatalogTest)

}  // namespace concertina::ui::catalog_test

#include "catalog_test.moc"
