// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// layer_choice_test.cc: patterns choose layers, leave some out, and say what they miss.
#include "core/compress/layer_choice.h"

#include <QTest>

#include "tests/core/compress/compressed_graphs.h"
#include "tests/test_program.h"

namespace concertina::layer_choice_test {

class LayerChoiceTest : public QObject {
  Q_OBJECT
 private slots:
  void patternsChoose_data() {
    QTest::addColumn<QString>("pattern");
    QTest::addColumn<QString>("chosen");  // of LeNet-5
    QTest::newRow("all") << "*"
                         << "conv1 conv2 dense1 dense2";
    QTest::newRow("one") << "conv2"
                         << "conv2";
    QTest::newRow("some") << "conv*"
                          << "conv1 conv2";
    QTest::newRow("several") << "conv1, dense?"
                             << "conv1 dense1 dense2";
    QTest::newRow("without spaces") << "conv1,dense1"
                                    << "conv1 dense1";
    QTest::newRow("all but one") << "*, !conv1"
                                 << "conv2 dense1 dense2";
    QTest::newRow("but alone means all but") << "!conv1"
                                             << "conv2 dense1 dense2";
    QTest::newRow("all but several") << "*, !conv*, !dense2"
                                     << "dense1";
    QTest::newRow("whichever comes first") << "!conv1, conv*"
                                           << "conv2";
    QTest::newRow("each once") << "conv*, *1"
                               << "conv1 conv2 dense1";
    QTest::newRow("commas for nothing") << ", conv1, ,"
                                        << "conv1";
  }
  void patternsChoose() {
    QFETCH(QString, pattern);
    QFETCH(QString, chosen);
    const Graph graph = KnownModel("lenet-5");
    const auto layers = ChooseLayers(graph, pattern.toStdString());
    QVERIFY2(layers.ok(), qPrintable(MessageOf(layers.status())));
    QStringList names;
    for (const int layer : *layers)
      names << QString::fromStdString(graph.nodes()[static_cast<size_t>(layer)].name);
    QCOMPARE(names.join(QLatin1Char(' ')), chosen);
  }

  // What was to stay as it is would be compressed without a word.
  void whatIsSpeltWronglyIsTold() {
    const Graph graph = KnownModel("lenet-5");
    for (const char* pattern : {"*, !cnv1", "!cnv1"}) {
      const QString told = MessageOf(ChooseLayers(graph, pattern).status());
      QVERIFY2(told.contains("\"!cnv1\" leaves out no layer") && told.contains("\"conv1\""),
               qPrintable(told));
    }
    for (const char* pattern : {"cnv1", "*, !*", "", ","}) {
      const QString told = MessageOf(ChooseLayers(graph, pattern).status());
      QVERIFY2(told.contains("fits no layer"), qPrintable(told));
    }
  }
};

CONCERTINA_TEST(LayerChoiceTest)

}  // namespace concertina::layer_choice_test

#include "layer_choice_test.moc"
