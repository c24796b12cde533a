// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// equality_test.cc: the single worker's counterpart, what is meant to equal it, and what counts as equal.
#include "core/analysis/equality.h"

#include <QTest>
#include <cmath>
#include <cstring>

#include "core/analysis/strategy.h"
#include "nlohmann/json.hpp"
#include "tests/test_program.h"

namespace concertina::equality_test {
namespace {

using Ordered = nlohmann::ordered_json;

Ordered Spec() {
  return {{"name", "four"},
          {"seed", 7},
          {"dataset", {{"kind", "fashion-mnist"}, {"partition", {{"kind", "iid"}}}}},
          {"model", {{"kind", "lenet-5"}}},
          {"optimizer", {{"kind", "sgd"}, {"learning_rate", 0.05}, {"schedule", {{"kind", "constant"}}}}},
          {"training", {{"batch_size", 16}, {"epochs", 3}, {"max_steps", 0}, {"threads_per_worker", 1}}},
          {"mesh", {{"data", 2}, {"pipeline", 2}, {"tensor", 1}}},
          {"exchange", {{"kind", "all-reduce"}, {"algorithm", "ring"}}},
          {"gradient", Ordered::array()},
          {"network", {{"transport", "grpc"}, {"bandwidth_mbit", 10}, {"latency_ms", 5}}},
          {"pipeline", {{"micro_batches", 4}}},
          {"workers", {{{"launcher", "local"}, {"count", 4}}}}};
}
Ordered Plan() {
  return {{"world_size", 4},
          {"global_batch_size", 32},
          {"total_steps", 5625},
          {"layers", {{{"name", "conv1"}, {"kind", "convolution"}}}}};
}

std::string File(const std::vector<TensorValues>& tensors) {
  Ordered header = {{"__metadata__", {{"a", "b"}}}};
  std::string data;
  for (const TensorValues& tensor : tensors) {
    const size_t begin = data.size();
    data.append(reinterpret_cast<const char*>(tensor.values.data()), tensor.values.size() * sizeof(float));
    header[tensor.name] = {
        {"dtype", "F32"}, {"shape", {tensor.values.size()}}, {"data_offsets", {begin, data.size()}}};
  }
  const std::string text = header.dump();
  const uint64_t length = text.size();
  return std::string(reinterpret_cast<const char*>(&length), sizeof length) + text + data;
}

}  // namespace

class EqualityTest : public QObject {
  Q_OBJECT

 private slots:
  void theCounterpartTakesTheSameGlobalBatches() {
    const auto pair = MakeEqualityPair(Spec().dump(), Plan().dump(), 30);
    QVERIFY(pair.ok());
    QVERIFY(pair->meant_equal());
    QCOMPARE(pair->steps, int64_t{30});
    const Ordered one = Ordered::parse(pair->one_json), many = Ordered::parse(pair->many_json);
    QVERIFY(one["training"]["batch_size"] == 32);
    QVERIFY(one["training"]["max_steps"] == 30 && many["training"]["max_steps"] == 30);
    QVERIFY(one["training"]["epochs"] == many["training"]["epochs"]);  // schedules look at them
    QVERIFY(one["seed"] == 7 && one["model"] == many["model"] && one["optimizer"] == many["optimizer"]);
    QVERIFY(one["mesh"] == (Ordered{{"data", 1}, {"pipeline", 1}, {"tensor", 1}}));
    QVERIFY(one["exchange"] == (Ordered{{"kind", "single"}}));
    QVERIFY(one["gradient"].empty() && one["gradient"].is_array());
    QVERIFY(one["workers"] == Ordered::array({{{"launcher", "local"}, {"count", 1}}}));
    QVERIFY(!one.contains("network") && !one.contains("pipeline"));  // no emulated link, no stages
    QVERIFY(many["exchange"] == Spec()["exchange"] && many["network"] == Spec()["network"]);
    QVERIFY(many["training"]["batch_size"] == 16);
    QCOMPARE(many["name"].get<std::string>(), std::string("verify: four"));
    QVERIFY(one["name"].get<std::string>().starts_with("verify: "));
  }

  void aShortExperimentIsNotMadeLonger() {
    Ordered plan = Plan();
    plan["total_steps"] = 12;
    QCOMPARE(MakeEqualityPair(Spec().dump(), plan.dump(), 30)->steps, int64_t{12});
  }

  void whatIsNotMeantToBeEqualSaysWhy_data() {
    QTest::addColumn<QByteArray>("pointer");
    QTest::addColumn<QByteArray>("value");
    QTest::addColumn<QByteArray>("reason");  // "": meant to be equal
    const auto row = [](const char* name, const char* pointer, const char* value, const char* reason) {
      QTest::newRow(name) << QByteArray(pointer) << QByteArray(value) << QByteArray(reason);
    };
    row("ring", "/exchange", R"({"kind": "all-reduce"})", "");
    row("server", "/exchange", R"({"kind": "parameter-server", "mode": "sync"})", "");
    row("asynchronous", "/exchange", R"({"kind": "parameter-server", "mode": "async"})", "asynchronous");
    row("stale", "/exchange", R"({"kind": "parameter-server", "mode": "ssp"})", "asynchronous");
    row("gossip", "/exchange", R"({"kind": "gossip"})", "neighbours");
    row("local", "/exchange", R"({"kind": "local-sgd"})", "local steps");
    row("diloco", "/exchange", R"({"kind": "diloco"})", "local steps");
    row("federated", "/exchange", R"({"kind": "fedavg"})", "federated");
    row("a plugin's", "/exchange", R"({"kind": "telepathy"})", "telepathy");
    row("a codec", "/gradient", R"([{"kind": "fp16"}])", "fp16");
    row("a codec of nothing", "/gradient", R"([{"kind": "none"}])", "");
    row("a chain", "/gradient", R"([{"kind": "top-k"}, {"kind": "fp16"}, {"kind": "zstd"}])", "top-k, fp16");
    row("a chain that loses nothing", "/gradient", R"([{"kind": "zstd"}])", "");
    row("a partition", "/dataset/partition", R"({"kind": "dirichlet"})", "dirichlet");
  }
  void whatIsNotMeantToBeEqualSaysWhy() {
    QFETCH(QByteArray, pointer);
    QFETCH(QByteArray, value);
    QFETCH(QByteArray, reason);
    Ordered spec = Spec();
    spec[Ordered::json_pointer(pointer.toStdString())] = Ordered::parse(value.toStdString());
    const auto pair = MakeEqualityPair(spec.dump(), Plan().dump(), 30);
    QVERIFY(pair.ok());
    QCOMPARE(pair->meant_equal(), reason.isEmpty());
    QCOMPARE(pair->reasons.size(), reason.isEmpty() ? size_t{0} : size_t{1});
    if (!reason.isEmpty()) QVERIFY(pair->reasons[0].find(reason.toStdString()) != std::string::npos);
    // No verdict, however far apart.
    const EqualityResult far = {.absolute = 1, .relative = 1, .tensor = "w", .parameters = 1, .different = 1};
    QVERIFY(VerdictOf(*pair, far) ==
            (reason.isEmpty() ? EqualityVerdict::kDifferent : EqualityVerdict::kNotApplicable));
  }

  // Between stages that there are, and only there.
  void stagesThatSendLessSayWhy() {
    Ordered spec = Spec(), plan = Plan();
    spec["pipeline"] = {{"kind", "1f1b"}, {"activations", {{"kind", "fp16"}}}};
    QVERIFY(MakeEqualityPair(spec.dump(), plan.dump(), 30)->meant_equal());
    plan["pipeline"] = {{"stages", 2}};
    const auto pair = MakeEqualityPair(spec.dump(), plan.dump(), 30);
    QCOMPARE(pair->reasons.size(), size_t{1});
    QVERIFY(pair->reasons[0].find("from stage to stage") != std::string::npos);
    spec["pipeline"]["activations"]["kind"] = "none";
    QVERIFY(MakeEqualityPair(spec.dump(), plan.dump(), 30)->meant_equal());
  }

  void sumsThatAreRoundedSayWhy() {
    Ordered spec = Spec(), plan = Plan();
    spec["tensor"] = {{"activations", {{"kind", "fp16"}}}};
    QVERIFY(MakeEqualityPair(spec.dump(), plan.dump(), 30)->meant_equal());  // nothing is divided
    plan["tensor"] = {{"ranks", 2}};
    const auto pair = MakeEqualityPair(spec.dump(), plan.dump(), 30);
    QCOMPARE(pair->reasons.size(), size_t{1});
    QVERIFY(pair->reasons[0].find("what the tensor axis adds up") != std::string::npos);
    QVERIFY(!Ordered::parse(pair->one_json).contains("tensor"));
    spec["tensor"]["activations"]["kind"] = "none";
    QVERIFY(MakeEqualityPair(spec.dump(), plan.dump(), 30)->meant_equal());
  }

  void layersThatLookAtTheirOwnBatchSayWhy() {
    Ordered plan = Plan();
    plan["layers"].push_back({{"name", "norm1"}, {"kind", "batch-norm"}});
    plan["layers"].push_back({{"name", "drop1"}, {"kind", "dropout"}});
    const auto pair = MakeEqualityPair(Spec().dump(), plan.dump(), 30);
    QCOMPARE(pair->reasons.size(), size_t{2});
    QVERIFY(pair->reasons[0].find("batch norm") != std::string::npos);
    // Alone there is no other batch to differ from.
    plan["world_size"] = 1;
    QVERIFY(MakeEqualityPair(Spec().dump(), plan.dump(), 30)->meant_equal());
  }

  void whatIsNotCheckedIsRefused_data() {
    QTest::addColumn<QByteArray>("spec");
    QTest::addColumn<QByteArray>("plan");
    QTest::addColumn<int>("steps");
    const auto spec = QByteArray::fromStdString(Spec().dump()),
               plan = QByteArray::fromStdString(Plan().dump());
    QTest::newRow("no JSON") << QByteArray("{") << plan << 30;
    QTest::newRow("an empty spec") << QByteArray("{}") << plan << 30;
    QTest::newRow("training is a number") << QByteArray(R"({"training": 3})") << plan << 30;
    QTest::newRow("no plan") << spec << QByteArray("null") << 30;
    QTest::newRow("a plan without steps") << spec << QByteArray(R"({"global_batch_size": 32})") << 30;
    QTest::newRow("no steps") << spec << plan << 0;
    QTest::newRow("too many") << spec << plan << 1001;
  }
  void whatIsNotCheckedIsRefused() {
    QFETCH(QByteArray, spec);
    QFETCH(QByteArray, plan);
    QFETCH(int, steps);
    const auto pair = MakeEqualityPair(spec.toStdString(), plan.toStdString(), steps);
    QVERIFY(pair.status().code() == absl::StatusCode::kInvalidArgument);
  }

  void tensorsComeOutAsTheyWentIn() {
    const std::vector<TensorValues> tensors = {{"b", {1, -2, 3.5F}}, {"a", {}}, {"c", {0.25F}}};
    const auto read = TensorsOf(File(tensors));
    QVERIFY2(read.ok(), read.status().ToString().c_str());
    QCOMPARE(read->size(), size_t{3});
    for (size_t i = 0; i < 3; ++i) {
      QCOMPARE((*read)[i].name, tensors[i].name);
      QVERIFY((*read)[i].values == tensors[i].values);
    }
  }

  void aDamagedFileIsNotBelieved() {
    const std::string good = File({{"a", {1, 2, 3, 4}}, {"b", {5}}});
    for (size_t length = 0; length < good.size(); ++length)
      QVERIFY2(!TensorsOf(std::string_view(good).substr(0, length)).ok(),
               qPrintable(QString::number(length)));
    // Every byte of the header turned to another: read or refused, never out of bounds.
    for (size_t at = 0; at < good.size() - 20; ++at)
      for (const char other : {'\0', '"', '9', '{', '\xff'}) {
        std::string bad = good;
        bad[at] = other;
        const auto read = TensorsOf(bad);
        if (read.ok())
          for (const TensorValues& tensor : *read) QVERIFY(tensor.values.size() <= 5);
      }
    std::string halves = File({{"a", {1}}});
    halves.replace(halves.find("F32"), 3, "F16");
    QVERIFY(TensorsOf(halves).status().code() == absl::StatusCode::kDataLoss);
  }

  void differencesAreMeasuredOnTheScaleOfTheirTensor() {
    const std::vector<TensorValues> one = {{"large", {100, 1}}, {"small", {0.01F, 0}}, {"zero", {0}}};
    std::vector<TensorValues> many = one;
    auto same = CompareTensors(one, many);
    QVERIFY(same.ok());
    QCOMPARE(same->absolute, 0.0);
    QCOMPARE(same->different, int64_t{0});
    QCOMPARE(same->parameters, int64_t{5});
    many[0].values[1] = 1.5F;    // half of itself, but half a hundredth of its tensor
    many[1].values[1] = 0.001F;  // from nothing, a tenth of its tensor
    const auto apart = CompareTensors(one, many);
    QCOMPARE(apart->absolute, 0.5);
    QVERIFY(std::abs(apart->relative - 0.1) < 1e-6);
    QCOMPARE(apart->tensor, std::string("small"));
    QCOMPARE(apart->different, int64_t{2});
    many[2].values[0] = 1e-9F;
    QCOMPARE(CompareTensors(one, many)->relative, 1.0);
  }

  void onlyTheSameTensorsAreCompared() {
    const std::vector<TensorValues> one = {{"a", {1, 2}}, {"b", {3}}};
    const std::vector<TensorValues> turned = {{"b", {3}}, {"a", {1, 2}}};
    QVERIFY(CompareTensors(one, turned).ok());
    const auto failed = [&](std::vector<TensorValues> many) {
      return CompareTensors(one, many).status().code();
    };
    QVERIFY(failed({{"a", {1, 2}}}) == absl::StatusCode::kFailedPrecondition);
    QVERIFY(failed({{"a", {1, 2}}, {"c", {3}}}) == absl::StatusCode::kFailedPrecondition);
    QVERIFY(failed({{"a", {1, 2}}, {"b", {3, 4}}}) == absl::StatusCode::kFailedPrecondition);
    QVERIFY(failed({{"a", {1, NAN}}, {"b", {3}}}) == absl::StatusCode::kOutOfRange);
    QVERIFY(CompareTensors({}, {}).status().code() == absl::StatusCode::kFailedPrecondition);
  }

  void theToleranceGrowsWithTheStepsAndIsExplained() {
    const auto at = [](int steps, const char* optimizer) {
      Ordered spec = Spec();
      spec["optimizer"]["kind"] = optimizer;
      return *MakeEqualityPair(spec.dump(), Plan().dump(), steps);
    };
    QCOMPARE(at(60, "sgd").tolerance, 2 * at(30, "sgd").tolerance);
    QVERIFY(at(30, "adam").tolerance > at(30, "sgd").tolerance);
    QVERIFY(!at(30, "sgd").tolerance_reason.empty());
    QVERIFY(at(30, "sgd").tolerance < 2e-4);
    const EqualityPair pair = at(30, "sgd");
    EqualityResult result = {.relative = pair.tolerance, .tensor = "w", .parameters = 1, .different = 1};
    QVERIFY(VerdictOf(pair, result) == EqualityVerdict::kEqual);
    QVERIFY(EqualitySentence(pair, result).find("to rounding") != std::string::npos);
    result.relative *= 1.001;
    QVERIFY(VerdictOf(pair, result) == EqualityVerdict::kDifferent);
  }

  // A unit that rounding tips depends on the seed, a mistake does not.
  void otherSeedsAreTriedOnlyWhereTheTwoDiffer() {
    EqualityPair pair = *MakeEqualityPair(Spec().dump(), Plan().dump(), 30);
    const EqualityResult same = {.tensor = "w", .parameters = 1};
    const EqualityResult far = {.absolute = 1, .relative = 1, .tensor = "w", .parameters = 1, .different = 1};
    QVERIFY(!IsWorthAnotherSeed(pair, same));
    for (int attempt = 1; attempt < kEqualityAttempts; ++attempt) {
      QVERIFY(IsWorthAnotherSeed(pair, far));
      const EqualityPair next = NextAttempt(pair);
      QCOMPARE(next.seed, pair.seed + 1);
      QVERIFY(Ordered::parse(next.one_json)["seed"] == next.seed);
      QVERIFY(Ordered::parse(next.many_json)["seed"] == next.seed);
      Ordered back = Ordered::parse(next.many_json);
      back["seed"] = pair.seed;
      QVERIFY(back == Ordered::parse(pair.many_json));  // nothing else is changed
      pair = next;
    }
    QVERIFY(!IsWorthAnotherSeed(pair, far));
    QVERIFY(EqualitySentence(pair, far).find("each of 3 seeds") != std::string::npos);
    QVERIFY(EqualitySentence(pair, same).find("seed 9") != std::string::npos);
    pair.reasons = {"because"};
    pair.attempt = 1;
    QVERIFY(!IsWorthAnotherSeed(pair, far));
  }
};

CONCERTINA_TEST(EqualityTest)

}  // namespace concertina::equality_test

#include "equality_test.moc"
