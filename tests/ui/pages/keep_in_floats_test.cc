// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// keep_in_floats_test.cc: one click on a layer of the scan makes a recipe that leaves it in fp32.
#include "ui/pages/keep_in_floats.h"

#include <QJsonDocument>
#include <QTest>

#include "tests/test_program.h"

namespace concertina::ui::keep_in_floats_test {

class KeepInFloatsTest : public QObject {
  Q_OBJECT

 private slots:
  void stepsOfGridsLeaveItOut_data() {
    QTest::addColumn<QByteArray>("recipe");
    QTest::addColumn<QByteArray>("kept");
    QTest::newRow("all layers") << QByteArray(R"([{"kind": "int8"}])")
                                << QByteArray(R"([{"kind": "int8", "layers": "*, !conv1"}])");
    QTest::newRow("some layers") << QByteArray(R"([{"kind": "codebook", "bits": 5, "layers": "conv*"}])")
                                 << QByteArray(
                                        R"([{"kind": "codebook", "bits": 5, "layers": "conv*, !conv1"}])");
    QTest::newRow("a second one") << QByteArray(R"([{"kind": "int8", "layers": "*,!dense2"}])")
                                  << QByteArray(R"([{"kind": "int8", "layers": "*, !dense2, !conv1"}])");
    QTest::newRow("once is enough") << QByteArray(R"([{"kind": "lsq", "layers": "*, !conv1"}])")
                                    << QByteArray(R"([{"kind": "lsq", "layers": "*, !conv1"}])");
    QTest::newRow("other steps stay")
        << QByteArray(R"([{"kind": "prune-l1", "amount": 0.5}, {"kind": "quantize-weights", "bits": 4}])")
        << QByteArray(
               R"([{"kind": "prune-l1", "amount": 0.5}, {"kind": "quantize-weights", "bits": 4, "layers": "*, !conv1"}])");
    QTest::newRow("none of them")
        << QByteArray(R"([{"kind": "evaluate", "sensitivity": true}])")
        << QByteArray(
               R"([{"kind": "evaluate", "sensitivity": true}, {"kind": "int8", "layers": "*, !conv1"}])");
    QTest::newRow("no step") << QByteArray("[]")
                             << QByteArray(R"([{"kind": "int8", "layers": "*, !conv1"}])");
  }
  void stepsOfGridsLeaveItOut() {
    QFETCH(QByteArray, recipe);
    QFETCH(QByteArray, kept);
    const QJsonArray before = QJsonDocument::fromJson(recipe).array();
    const QJsonArray wanted = QJsonDocument::fromJson(kept).array();
    QVERIFY(!wanted.isEmpty());
    QCOMPARE(keptInFloats(before, QStringLiteral("conv1")), wanted);
    QVERIFY(hasGrids(wanted));
  }
};

CONCERTINA_TEST(KeepInFloatsTest)

}  // namespace concertina::ui::keep_in_floats_test

#include "keep_in_floats_test.moc"
