// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// plan_coded_test.cc: how often codecs pack and unpack on the way of a step, by who sends what to whom.
#include <QTest>

#include "core/experiment/plan.h"
#include "nlohmann/json.hpp"
#include "tests/core/experiment/plan_samples.h"
#include "tests/test_program.h"

namespace concertina::plan_coded_test {

class PlanCodedTest : public QObject, plan_samples::PlanSamples {
  Q_OBJECT

  static Json Experiment(const char* exchange, const char* gradient, int workers) {
    return {{"model", {{"kind", "mlp"}}},
            {"training", {{"batch_size", 16}}},
            {"exchange", Json::parse(exchange)},
            {"gradient", Json::parse(gradient)},
            {"workers", {{{"count", workers}}}}};
  }

 private slots:
  void initTestCase() { WriteSamples(); }

  void eachExchangeSaysHowOften_data() {
    QTest::addColumn<QByteArray>("exchange");
    QTest::addColumn<QByteArray>("gradient");
    QTest::addColumn<int>("workers");
    QTest::addColumn<double>("encodes");
    QTest::addColumn<double>("decodes");
    const QByteArray top_k = R"([{"kind": "top-k"}])";
    const QByteArray vote = R"([{"kind": "signsgd", "scale": "one", "vote": true, "error_feedback": false}])";
    const auto row = [&](const char* name, const char* exchange, const QByteArray& gradient, int workers,
                         double encodes, double decodes) {
      QTest::newRow(name) << QByteArray(exchange) << gradient << workers << encodes << decodes;
    };
    row("one worker", R"({"kind": "single"})", top_k, 1, 1, 1);
    row("gathered", R"({"kind": "all-reduce"})", top_k, 4, 1, 4);
    row("summed", R"({"kind": "all-reduce"})", R"([{"kind": "fp16"}])", 4, 1, 1);
    row("summed in rounds", R"({"kind": "all-reduce"})", R"([{"kind": "powersgd"}])", 4, 1, 1);
    row("at every hop", R"({"kind": "all-reduce", "recompress": true})", top_k, 4, 1, 1.75);
    row("one server", R"({"kind": "parameter-server"})", top_k, 4, 1, 4);
    row("a server each", R"({"kind": "parameter-server", "shards": 4})", top_k, 4, 1, 1);
    row("both ways", R"({"kind": "parameter-server", "shards": 4, "compress_down": true})", top_k, 4, 1.25,
        2);
    row("two shards of three", R"({"kind": "parameter-server", "shards": 3, "dedicated_servers": 2})", top_k,
        6, 1, 4 * 2.0 / 3);
    row("a vote", R"({"kind": "parameter-server"})", vote, 4, 2, 5);
    row("async", R"({"kind": "parameter-server", "mode": "async", "damping": "workers"})", top_k, 4, 1, 4);
    row("own shares", R"({"kind": "zero"})", top_k, 4, 1, 1);
    row("neighbours", R"({"kind": "choco-sgd", "graph": "ring"})",
        R"([{"kind": "top-k", "error_feedback": false}])", 4, 1, 3);
    row("now and then", R"({"kind": "local-sgd", "period_steps": 10})", top_k, 4, 0.1, 0.4);
    row("clients in turn", R"({"kind": "fedavg", "clients": 100, "fraction": 0.1})", top_k, 4, 2.5, 2.5);
    row("two vectors", R"({"kind": "scaffold", "clients": 100, "fraction": 0.1})", top_k, 4, 5, 5);
  }
  void eachExchangeSaysHowOften() {
    QFETCH(QByteArray, exchange);
    QFETCH(QByteArray, gradient);
    QFETCH(int, workers);
    QFETCH(double, encodes);
    QFETCH(double, decodes);
    const Plan plan = Good(Experiment(exchange.constData(), gradient.constData(), workers));
    QCOMPARE(plan.coded.size(), size_t{1});
    QCOMPARE(plan.coded[0].chain, 0);
    QCOMPARE(plan.coded[0].floats, plan.parameters);
    QCOMPARE(plan.coded[0].encodes, encodes);
    QCOMPARE(plan.coded[0].decodes, decodes);
  }

  void chainsOfLayersAreApart() {
    Json json = Experiment(R"({"kind": "all-reduce"})", R"([{"kind": "top-k"}])", 4);
    json["model"] = {{"kind", "lenet-300-100"}};
    json["layer_gradients"] = {{{"layers", "dense2"}, {"gradient", {{{"kind", "fp16"}}}}},
                               {{"layers", "dense3"}, {"gradient", Json::array()}}};
    const Plan plan = Good(json);
    QCOMPARE(plan.coded.size(), size_t{2});
    QCOMPARE(plan.coded[0].floats, int64_t{784 * 300 + 300});
    QCOMPARE(plan.coded[0].decodes, 4.0);
    QCOMPARE(plan.coded[1].chain, 1);
    QCOMPARE(plan.coded[1].floats, int64_t{300 * 100 + 100});
    QCOMPARE(plan.coded[1].decodes, 1.0);  // dense3 goes as it is
  }

  void whatItWouldBeWithoutStandsBeside() {
    const Plan coded = Good(Experiment(R"({"kind": "all-reduce"})", R"([{"kind": "top-k"}])", 4));
    const Plan dense = Good(Experiment(R"({"kind": "all-reduce"})", "[]", 4));
    QVERIFY(dense.coded.empty());
    QVERIFY(dense.dense_json.empty());
    QVERIFY(Json::parse(coded.dense_json)["pattern"] == Json::parse(dense.json)["pattern"]);
    QVERIFY(Json::parse(coded.json)["pattern"] != Json::parse(dense.json)["pattern"]);
    QCOMPARE(coded.pattern.BusiestBytes(), coded.payload_bytes_per_step_and_rank);
  }
};

CONCERTINA_TEST(PlanCodedTest)

}  // namespace concertina::plan_coded_test

#include "plan_coded_test.moc"
