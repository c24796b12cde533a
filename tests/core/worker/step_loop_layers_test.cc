// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// step_loop_layers_test.cc: whole training loops whose layers have chains of codecs of their own, and are
// measured one by one.
#include <QTest>
#include <algorithm>
#include <cmath>

#include "tests/test_program.h"
#include "training_ranks.h"

namespace concertina::step_loop_layers_test {

using nlohmann::json;

class StepLoopLayersTest : public QObject, private TrainingRanks {
  Q_OBJECT
 private slots:
  void layersAreMeasuredByOneRankAndMakeTheWhole_data();
  void layersAreMeasuredByOneRankAndMakeTheWhole();
  void oneChainForAllLayersChangesNoBit_data();
  void oneChainForAllLayersChangesNoBit();
  void chainsOfLayersGoOnFromACheckpoint_data();
  void chainsOfLayersGoOnFromACheckpoint();
  void aKnobOfALayersChainTurnsThatChain();
  void aGradientIsCountedByOneRank_data();
  void aGradientIsCountedByOneRank();
};

void StepLoopLayersTest::layersAreMeasuredByOneRankAndMakeTheWhole_data() {
  QTest::addColumn<QString>("exchange");
  QTest::addColumn<QString>("codec");
  for (const char* exchange :
       {R"({"kind": "all-reduce", "bucket_mib": 0.001})", R"({"kind": "parameter-server", "shards": 2})",
        R"({"kind": "zero"})", R"({"kind": "parameter-server", "mode": "async"})"})
    for (const char* codec : {"none", "fp16", "top-k", "powersgd"})
      QTest::addRow("%s %s", exchange, codec) << exchange << codec;
}

void StepLoopLayersTest::layersAreMeasuredByOneRankAndMakeTheWhole() {
  QFETCH(QString, exchange);
  QFETCH(QString, codec);
  const QTemporaryDir run;
  json spec = TableSpec(table_, 2, 20);
  spec["exchange"] = json::parse(exchange.toStdString());
  spec["gradient"] = {{{"kind", codec.toStdString()}}};
  if (codec == "top-k") spec["gradient"][0]["ratio"] = 0.2;
  if (codec == "powersgd") spec["gradient"][0]["rank"] = 1;  // less than any layer has
  const std::vector<RankResult> ranks = Train(spec, run.path());
  QVERIFY(ranks[0].result.ok());
  std::map<std::string, std::map<std::string, std::vector<double>>> layers;  // by name and figure
  for (const auto& [name, values] : ranks[0].series)
    if (name.starts_with("layer/"))
      layers[name.substr(6, name.rfind('/') - 6)][name.substr(name.rfind('/') + 1)] = values;
  for (const auto& [name, values] : ranks[1].series) QVERIFY(!name.starts_with("layer/"));
  QCOMPARE(layers.size(), codec == "none" ? size_t{0} : size_t{3});
  if (codec == "none") return;
  const auto& series = ranks[0].series;
  const size_t steps = series.at("train/loss").size();
  int waiting = 0;  // layers of which something does
  double parameters = 0, payload = 0, encode = 0, gradient_squared = 0, error_squared = 0;
  for (auto& [name, figures] : layers) {
    QCOMPARE(figures["parameters"].size(), (steps + 15) / 16);  // every sixteenth, from the first
    parameters += figures["parameters"][1];
    payload += figures["payload_bytes"][1];
    encode += figures["encode_seconds"][1];
    const double norm = figures["gradient_norm"][1], error = figures["relative_error"][1] * norm;
    gradient_squared += norm * norm;
    error_squared += error * error;
    QVERIFY(!figures["cosine"].empty());  // of a layer of which nothing was sent there is none
    for (const double cosine : figures["cosine"])
      QVERIFY2(std::abs(cosine) <= 1 + 1e-9, qPrintable(QString::number(cosine)));
    if (codec == "fp16") {
      QCOMPARE(figures["residual_norm"][1], 0.0);
      QVERIFY(figures["residual_age"].empty());
    } else {
      // At the first measured step nothing waits yet; nor ever where a low rank is that of the layer.
      QCOMPARE(figures["residual_norm"][0], 0.0);
      waiting += figures["residual_norm"][1] > 0 ? 1 : 0;
      QCOMPARE(figures["residual_age"].size(), figures["residual_cosine"].size());
      QVERIFY(figures["residual_age"].size() < figures["parameters"].size());
      for (const double age : figures["residual_age"]) QVERIFY(age > 0);
    }
  }
  QVERIFY(codec == "fp16" ? waiting == 0 : waiting >= 2);
  constexpr double kParameters = 3 * 48 + 48 + 48 * 24 + 24 + 24 * 2 + 2;
  QCOMPARE(parameters, kParameters);
  // Doubles, summed in another order.
  const auto is_near = [](double a, double b) { return std::abs(a - b) <= 1e-9 * std::abs(b); };
  const double ratio = series.at("comm/compression_ratio")[16];
  QVERIFY2(is_near(payload, 4 * kParameters / ratio), qPrintable(QString::number(payload)));
  QVERIFY(is_near(encode, series.at("time/encode")[16]));
  QVERIFY(is_near(std::sqrt(error_squared / gradient_squared), series.at("comm/relative_error")[1]));
  QCOMPARE(series.at("gradient/cosine").size(), (steps + 15) / 16);
}

void StepLoopLayersTest::oneChainForAllLayersChangesNoBit_data() {
  QTest::addColumn<QString>("exchange");
  QTest::addColumn<QString>("chain");
  for (const char* exchange :
       {R"({"kind": "all-reduce", "bucket_mib": 0.001})", R"({"kind": "parameter-server", "shards": 2})",
        R"({"kind": "zero", "stage": 2, "bucket_mib": 0.001})",
        R"({"kind": "local-sgd", "period_steps": 3})"})
    for (const char* chain : {"[]", R"([{"kind": "top-k", "ratio": 0.05}])", R"([{"kind": "powersgd"}])",
                              R"([{"kind": "fp16"}, {"kind": "zstd"}])"})
      QTest::addRow("%s, %s", exchange, chain) << exchange << chain;
}

void StepLoopLayersTest::oneChainForAllLayersChangesNoBit() {
  QFETCH(QString, exchange);
  QFETCH(QString, chain);
  json spec = TableSpec(table_, 2, 8);
  spec["training"]["max_steps"] = 40;
  spec["exchange"] = json::parse(exchange.toStdString());
  spec["gradient"] = json::parse(chain.toStdString());
  QTemporaryDir one, other;
  const auto plain = Train(spec, one.path());
  spec["layer_gradients"] = {{{"layers", "dense?"}, {"gradient", spec["gradient"]}}};
  spec["gradient"] = {{{"kind", "signsgd"}}};  // of no layer
  const auto by_pattern = Train(spec, other.path());
  QVERIFY(plain[0].result.ok() && by_pattern[0].result.ok());
  QCOMPARE(by_pattern[0].result->parameters_sha256, plain[0].result->parameters_sha256);
  // Of meetings between steps there are some, here or there; what was encoded is the same.
  const char* const ratio = "comm/compression_ratio";
  QCOMPARE(by_pattern[0].series.at(ratio), plain[0].series.at(ratio));
}

void StepLoopLayersTest::chainsOfLayersGoOnFromACheckpoint_data() {
  QTest::addColumn<QString>("exchange");
  for (const char* exchange :
       {R"({"kind": "all-reduce", "bucket_mib": 1})", R"({"kind": "all-reduce", "bucket_mib": 0.001})",
        R"({"kind": "parameter-server", "shards": 2})", R"({"kind": "zero", "stage": 1})",
        R"({"kind": "zero", "stage": 2})", R"({"kind": "zero", "stage": 3})",
        R"({"kind": "diloco", "period_steps": 5})"})
    QTest::newRow(exchange) << exchange;
}

void StepLoopLayersTest::chainsOfLayersGoOnFromACheckpoint() {
  QFETCH(QString, exchange);
  json spec = TableSpec(table_, 2, 8);
  spec["exchange"] = json::parse(exchange.toStdString());
  spec["gradient"] = {{{"kind", "top-k"}, {"ratio", 0.05}}};
  spec["layer_gradients"] = {{{"layers", "dense2"}, {"gradient", json::array()}},
                             {{"layers", "*3"}, {"gradient", {{{"kind", "top-k"}, {"ratio", 0.5}}}}}};
  spec["training"]["checkpoint_every_steps"] = 17;
  QTemporaryDir run, again, plain;
  const auto whole = Train(spec, run.path());
  for (const RankResult& result : whole) {
    QVERIFY(result.result.ok());
    QCOMPARE(result.result->parameters_sha256, whole[0].result->parameters_sha256);
  }
  const auto rest = Train(
      spec, again.path(),
      CheckpointFolder(run.path().toStdString(), whole[0].checkpoints[whole[0].checkpoints.size() - 2]));
  QVERIFY(rest[0].result.ok());
  QCOMPARE(rest[0].result->parameters_sha256, whole[0].result->parameters_sha256);
  spec.erase("layer_gradients");  // they had made a difference
  const auto without = Train(spec, plain.path());
  QVERIFY(without[0].result.ok());
  QVERIFY(without[0].result->parameters_sha256 != whole[0].result->parameters_sha256);
}

void StepLoopLayersTest::aKnobOfALayersChainTurnsThatChain() {
  json spec = TableSpec(table_, 2, 8);
  spec["training"]["max_steps"] = 30;
  spec["gradient"] = {{{"kind", "top-k"}, {"ratio", 0.05}}};
  spec["layer_gradients"] = {{{"layers", "dense1"}, {"gradient", spec["gradient"]}}};
  proto::Knob knob;
  knob.set_pointer("/layer_gradients/0/gradient/0/ratio");
  knob.set_json("0.5");
  QTemporaryDir turned, from_the_start, never;
  const auto one = Train(spec, turned.path(), "", {}, -1, {knob});
  const auto other = Train(spec, never.path());
  spec["layer_gradients"][0]["gradient"][0]["ratio"] = 0.5;
  const auto same = Train(spec, from_the_start.path());
  QVERIFY(one[0].result.ok() && other[0].result.ok() && same[0].result.ok());
  QCOMPARE(one[0].knobs.size(), size_t{1});
  QVERIFY2(one[0].knobs[0].ok(), one[0].knobs[0].ToString().c_str());
  QCOMPARE(one[0].result->parameters_sha256, same[0].result->parameters_sha256);
  QVERIFY(one[0].result->parameters_sha256 != other[0].result->parameters_sha256);
}

void StepLoopLayersTest::aGradientIsCountedByOneRank_data() {
  QTest::addColumn<QString>("exchange");
  QTest::addColumn<int>("elements");
  constexpr int kParameters = 3 * 48 + 48 + 48 * 24 + 24 + 24 * 2 + 2;
  for (const char* exchange : {R"({"kind": "all-reduce"})", R"({"kind": "zero", "stage": 3})",
                               R"({"kind": "gossip"})", R"({"kind": "parameter-server", "mode": "async"})"})
    QTest::newRow(exchange) << exchange << kParameters;
  QTest::newRow("rounds") << R"({"kind": "fedavg", "clients": 4, "rounds": 3})" << 0;
}
void StepLoopLayersTest::aGradientIsCountedByOneRank() {
  QFETCH(QString, exchange);
  QFETCH(int, elements);
  const QTemporaryDir run, other;
  json spec = TableSpec(table_, 2, 8);
  spec["exchange"] = json::parse(exchange.toStdString());
  spec["optimizer"] = {{"kind", "sgd"}, {"learning_rate", 0.02}};
  const auto ranks = Train(spec, run.path(), "", {proto::Control::HISTOGRAM});
  QVERIFY(ranks[0].result.ok());
  QCOMPARE(ranks[0].counted_elements, int64_t{elements});
  QCOMPARE(ranks[1].counted_elements, int64_t{-1});
  if (exchange.contains("async")) return;  // never the same twice
  // Whoever looks changes nothing.
  const auto without = Train(spec, other.path());
  QCOMPARE(without[0].result->parameters_sha256, ranks[0].result->parameters_sha256);
}

CONCERTINA_TEST(StepLoopLayersTest)

}  // namespace concertina::step_loop_layers_test

#include "step_loop_layers_test.moc"
