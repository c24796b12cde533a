// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// octaves_test.cc: a histogram is read, or refused, and its quantiles are those of what was counted.
#include "core/analysis/octaves.h"

#include <QTest>
#include <cmath>

#include "tests/test_program.h"

namespace concertina::octaves_test {

class OctavesTest : public QObject {
  Q_OBJECT
 private slots:
  void layersAreRead() {
    const auto layers = ReadOctaves(R"({"step": 7, "least_exponent": -3, "layers": [
        {"layer": "conv1", "zeros": 10, "counts": [0, 20, 60, 10]},
        {"layer": "empty", "zeros": 0, "counts": [0, 0, 0, 0]},
        {"layer": "dense1", "zeros": 0, "counts": [5, 0, 0, 0]}]})");
    QCOMPARE(layers.size(), size_t{2});
    QCOMPARE(layers[0].total(), int64_t{100});
    QCOMPARE(layers[0].most(), int64_t{60});
    QCOMPARE(layers[0].at(-1), int64_t{60});
    QCOMPARE(layers[0].at(-9), int64_t{0});
    QVERIFY(OctavesInUse(layers) == std::pair(-3, 0));
  }

  // 10 zeros and 20 below a half; a half of all is a third of the way through the octave from a half to one.
  void quantilesCountZeros() {
    const auto layers = ReadOctaves(
        R"({"least_exponent": -3, "layers": [{"layer": "a", "zeros": 10, "counts": [0, 20, 60, 10]}]})");
    QCOMPARE(layers[0].Quantile(0.05), 0.0);
    QVERIFY(std::abs(layers[0].Quantile(0.3) - 0.5) < 1e-12);
    QVERIFY(std::abs(layers[0].Quantile(0.5) - std::exp2(-1 + 1.0 / 3)) < 1e-12);
    QVERIFY(std::abs(layers[0].Quantile(1) - 2) < 1e-12);
  }

  void whatIsNoHistogramIsNone_data() {
    QTest::addColumn<QByteArray>("json");
    for (const char* json :
         {"", "[]", R"({"layers": []})", R"({"least_exponent": 0, "layers": [7]})",
          R"({"least_exponent": 0, "layers": [{"layer": "a", "zeros": 0, "counts": [-1]}]})",
          R"({"least_exponent": 0, "layers": [{"layer": "a", "zeros": 0.5, "counts": [1]}]})",
          R"({"least_exponent": "0", "layers": [{"layer": "a", "zeros": 0, "counts": [1]}]})"})
      QTest::addRow("%s", json) << QByteArray(json);
  }
  void whatIsNoHistogramIsNone() {
    QFETCH(QByteArray, json);
    QVERIFY(ReadOctaves(json.toStdString()).empty());
  }
};

CONCERTINA_TEST(OctavesTest)

}  // namespace concertina::octaves_test

#include "octaves_test.moc"
