// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// plan_forgetting_test.cc: who lets a codec lose for good what it does not send is told so before the launch.
#include <QTest>
#include <algorithm>

#include "core/experiment/plan.h"
#include "nlohmann/json.hpp"
#include "tests/core/experiment/plan_samples.h"
#include "tests/test_program.h"

namespace concertina::plan_forgetting_test {

class PlanForgettingTest : public QObject, plan_samples::PlanSamples {
  Q_OBJECT

 private slots:
  void initTestCase() { WriteSamples(); }

  void whatForgetsIsNamed_data() {
    QTest::addColumn<QByteArray>("gradient");
    QTest::addColumn<QByteArray>("exchange");
    QTest::addColumn<QString>("pointer");  // that the warning names; "": there is none
    const QByteArray all_reduce = R"({"kind": "all-reduce"})";
    const auto row = [](const char* name, const char* gradient, const QByteArray& exchange,
                        const char* pointer) {
      QTest::newRow(name) << QByteArray(gradient) << exchange << QString(pointer);
    };
    row("top-k", R"([{"kind": "top-k", "error_feedback": false}])", all_reduce, "/gradient/0/error_feedback");
    row("within a chain", R"([{"kind": "top-k", "error_feedback": false}, {"kind": "fp16"}])", all_reduce,
        "/gradient/0/error_feedback");
    row("it remembers", R"([{"kind": "top-k"}])", all_reduce, "");
    row("another remembers", R"([{"kind": "error-feedback"}, {"kind": "top-k", "error_feedback": false}])",
        all_reduce, "");
    row("signs", R"([{"kind": "signsgd", "error_feedback": false}])", all_reduce,
        "/gradient/0/error_feedback");
    row("a vote", R"([{"kind": "signsgd", "scale": "one", "vote": true, "error_feedback": false}])",
        all_reduce, "");
    row("unbiased", R"([{"kind": "random-k", "unbiased": true, "error_feedback": false}])", all_reduce, "");
    row("rounds at random", R"([{"kind": "qsgd"}])", all_reduce, "");
    row("public copies", R"([{"kind": "top-k", "error_feedback": false}])", R"({"kind": "choco-sgd"})", "");
    row("clients forget anyway", R"([{"kind": "top-k", "error_feedback": false}])",
        R"({"kind": "fedavg", "clients": 10})", "");
  }
  void whatForgetsIsNamed() {
    QFETCH(QByteArray, gradient);
    QFETCH(QByteArray, exchange);
    QFETCH(QString, pointer);
    const Plan plan = Good({{"model", {{"kind", "mlp"}}},
                            {"training", {{"batch_size", 16}}},
                            {"exchange", Json::parse(exchange.constData())},
                            {"gradient", Json::parse(gradient.constData())},
                            {"workers", {{{"count", 4}}}}});
    QVERIFY(plan.total_steps > 0);
    const auto warns = [](const std::string& warning) {
      return warning.find("lost for good") != std::string::npos;
    };
    const auto found = std::find_if(plan.warnings.begin(), plan.warnings.end(), warns);
    QCOMPARE(found != plan.warnings.end(), !pointer.isEmpty());
    if (found != plan.warnings.end()) QVERIFY(found->find(pointer.toStdString()) != std::string::npos);
    QVERIFY(std::count_if(plan.warnings.begin(), plan.warnings.end(), warns) <= 1);
  }
  void ofALayerToo() {
    const Plan plan =
        Good({{"model", {{"kind", "mlp"}}},
              {"training", {{"batch_size", 16}}},
              {"layer_gradients",
               {{{"layers", "dense1"}, {"gradient", {{{"kind", "top-k"}, {"error_feedback", false}}}}}}},
              {"workers", {{{"count", 4}}}}});
    QVERIFY(std::any_of(plan.warnings.begin(), plan.warnings.end(), [](const std::string& warning) {
      return warning.find("/layer_gradients/0/gradient/0/error_feedback") != std::string::npos;
    }));
  }
};

CONCERTINA_TEST(PlanForgettingTest)

}  // namespace concertina::plan_forgetting_test

#include "plan_forgetting_test.moc"
