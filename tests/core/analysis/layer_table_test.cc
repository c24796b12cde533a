// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// layer_table_test.cc: series of layers as rows, and why there may be none.
#include "core/analysis/layer_table.h"

#include <QTest>
#include <cmath>

#include "nlohmann/json.hpp"
#include "tests/test_program.h"

namespace concertina::layer_table_test {

using nlohmann::json;

class LayerTableTest : public QObject {
  Q_OBJECT
 private slots:
  void aSeriesTellsItsLayerAndFigure() {
    for (size_t i = 0; i < kLayerFigureNames.size(); ++i) {
      const auto figure = static_cast<LayerFigure>(i);
      const std::string series = LayerSeriesOf("stage1.block0.conv", figure);
      const std::optional<LayerSeriesName> name = ParseLayerSeries(series);
      QVERIFY(name.has_value());
      QCOMPARE(name->layer, std::string("stage1.block0.conv"));
      QCOMPARE(name->figure, figure);
    }
    QCOMPARE(LayerSeriesOf("conv1", LayerFigure::kResidualAge), std::string("layer/conv1/residual_age"));
  }

  void otherSeriesAreNoLayers_data() {
    QTest::addColumn<QString>("series");
    for (const char* series : {"train/loss", "layer/", "layer/cosine", "layer//cosine", "layer/a/unknown",
                               "layers/a/cosine", "layer/a/", ""})
      QTest::newRow(*series == 0 ? "nothing" : series) << QString::fromLatin1(series);
  }
  void otherSeriesAreNoLayers() {
    QFETCH(QString, series);
    QVERIFY(!ParseLayerSeries(series.toStdString()).has_value());
  }

  void sharesAreOfWhatIsKnown() {
    std::vector<LayerRow> rows = {{"a"}, {"b"}, {"c"}};
    QVERIFY(std::isnan(PayloadShare(rows, rows[0])));
    rows[0].figures[static_cast<size_t>(LayerFigure::kPayloadBytes)] = 30;
    rows[1].figures[static_cast<size_t>(LayerFigure::kPayloadBytes)] = 10;
    QCOMPARE(PayloadShare(rows, rows[0]), 0.75);
    QVERIFY(std::isnan(PayloadShare(rows, rows[2])));
  }

  void theResidualIsMeasuredByTheGradient() {
    LayerRow row{"a"};
    QVERIFY(std::isnan(RelativeResidual(row)));
    row.figures[static_cast<size_t>(LayerFigure::kGradientNorm)] = 0;
    row.figures[static_cast<size_t>(LayerFigure::kResidualNorm)] = 3;
    QVERIFY(std::isnan(RelativeResidual(row)));
    row.figures[static_cast<size_t>(LayerFigure::kGradientNorm)] = 2;
    QCOMPARE(RelativeResidual(row), 1.5);
  }

  void aRunWithoutACodecSaysSo_data() {
    QTest::addColumn<QByteArray>("spec");
    QTest::addColumn<QString>("begins");
    QTest::newRow("no codec") << QByteArray("{}") << "there is no gradient codec";
    QTest::newRow("an empty chain") << QByteArray(R"({"gradient": []})") << "there is no gradient codec";
    QTest::newRow("none") << QByteArray(R"({"gradient": [{"kind": "none"}]})")
                          << "there is no gradient codec";
    QTest::newRow("a codec") << QByteArray(R"({"gradient": [{"kind": "top-k"}]})") << "";
    QTest::newRow("gossip") << QByteArray(
                                   R"({"gradient": [{"kind": "top-k"}], "exchange": {"kind": "choco-sgd"}})")
                            << "neighbours exchange parameters";
    QTest::newRow("elastic") << QByteArray(
                                    R"({"gradient": [{"kind": "top-k"}], "exchange": {"kind": "easgd"}})")
                             << "workers and their centre";
    QTest::newRow("clients") << QByteArray(
                                    R"({"gradient": [{"kind": "top-k"}], "exchange": {"kind": "fedavg"}})")
                             << "clients send";
    QTest::newRow("not a spec") << QByteArray("[1]") << "";
  }
  void aRunWithoutACodecSaysSo() {
    QFETCH(QByteArray, spec);
    QFETCH(QString, begins);
    const QString text = QString::fromStdString(LayerObstacle(json::parse(spec.toStdString())));
    if (begins.isEmpty())
      QVERIFY(text.isEmpty());
    else
      QVERIFY2(text.startsWith(begins), qPrintable(text));
  }
};

CONCERTINA_TEST(LayerTableTest)

}  // namespace concertina::layer_table_test

#include "layer_table_test.moc"
