// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// design_plan_facts_test.cc: what a plan says becomes words, and what it does not say is left out.
#include "ui/pages/design_plan_facts.h"

#include <QJsonDocument>
#include <QTest>
#include "tests/test_program.h"

namespace concertina::ui::design_plan_facts_test {

class DesignPlanFactsTest : public QObject {
  Q_OBJECT

  static QString factOf(const char* json, const QString& label) {
    for (const PlanFact& fact : planFacts(QJsonDocument::fromJson(json).object()).facts)
      if (fact.label == label) return fact.value + u'|' + fact.note;
    return {};
  }

 private slots:
  void initTestCase() { QLocale::setDefault(QLocale(QLocale::English, QLocale::UnitedKingdom)); }

  void anExpectedStepIsSaid_data() {
    QTest::addColumn<QByteArray>("plan");
    QTest::addColumn<QString>("text");
    QTest::newRow("nothing was measured") << QByteArray(R"({"total_steps": 5})") << "";
    QTest::newRow("no object") << QByteArray(R"({"step_seconds": 3})") << "";
    QTest::newRow("without a total") << QByteArray(R"({"step_seconds": {"compute": 1}})") << "";
    QTest::newRow("one worker")
        << QByteArray(
               R"({"step_seconds": {"compute": 0.01, "communication": 0, "exposed": 0, "total": 0.01, "dominated_by": "compute"}})")
        << "10.0 ms|computing alone";
    QTest::newRow("a slow network")
        << QByteArray(
               R"({"step_seconds": {"compute": 0.01, "communication": 0.1, "exposed": 0.09, "total": 0.1, "dominated_by": "bandwidth"}})")
        << "100 ms|10.0 ms computing, 90.0 ms waiting; most is bandwidth";
  }
  void anExpectedStepIsSaid() {
    QFETCH(QByteArray, plan);
    QFETCH(QString, text);
    QCOMPARE(factOf(plan.constData(), u"Expected step"_qs), text);
  }
  void whatTheTensorAxisSendsIsSaid_data() {
    QTest::addColumn<QByteArray>("plan");
    QTest::addColumn<QString>("text");
    QTest::newRow("no such axis") << QByteArray(R"({"total_steps": 5})") << "";
    QTest::newRow("as it is")
        << QByteArray(
               R"({"tensor": {"codec": "none", "bytes_per_step": 25600, "dense_bytes_per_step": 25600}})")
        << "25.6 kB|a step";
    QTest::newRow("by a codec")
        << QByteArray(
               R"({"tensor": {"codec": "fp16", "bytes_per_step": 12800, "dense_bytes_per_step": 25600}})")
        << "12.8 kB|as fp16; 25.6 kB without";
  }
  void whatTheTensorAxisSendsIsSaid() {
    QFETCH(QByteArray, plan);
    QFETCH(QString, text);
    QCOMPARE(factOf(plan.constData(), u"Of that, on the tensor axis"_qs), text);
  }
  void whetherACodecPaysIsSaid_data() {
    QTest::addColumn<QByteArray>("pays");
    QTest::addColumn<QString>("note");
    QTest::newRow("below") << QByteArray(R"({"kind": "below", "bandwidth_mbit": 640})")
                           << "it pays on links below 640 Mbit/s";
    QTest::newRow("above") << QByteArray(R"({"kind": "above", "bandwidth_mbit": 2500})")
                           << "it pays on links above 2.50 Gbit/s";
    QTest::newRow("always") << QByteArray(R"({"kind": "always"})") << "it pays on any link";
    QTest::newRow("never") << QByteArray(R"({"kind": "never"})") << "it pays on no link";
    QTest::newRow("a newer engine") << QByteArray(R"({"kind": "sometimes"})") << "";
  }
  void whetherACodecPaysIsSaid() {
    QFETCH(QByteArray, pays);
    QFETCH(QString, note);
    const QByteArray step = R"({"step_seconds": {"total": 0.01)";
    const QByteArray said = step + R"(, "without_codec": 0.09, "pays": )" + pays + "}}";
    QCOMPARE(factOf(said.constData(), u"Step without the codec"_qs), u"90.0 ms|"_qs + note);
    QCOMPARE(factOf(QByteArray(step + "}}").constData(), u"Step without the codec"_qs), QString());
  }
};

CONCERTINA_TEST(DesignPlanFactsTest)

}  // namespace concertina::ui::design_plan_facts_test

#include "design_plan_facts_test.moc"
