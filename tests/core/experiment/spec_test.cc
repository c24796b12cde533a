// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// spec_test.cc: what is left out is filled in, what is wrong is named, all of it at once.
#include "core/experiment/spec.h"

#include <QDir>
#include <QFile>
#include <QTest>
#include <algorithm>
#include <set>

#include "absl/strings/match.h"
#include "core/base/registry.h"
#include "core/base/rng.h"
#include "core/parallel/exchange.h"
#include "nlohmann/json.hpp"
#include "tests/test_program.h"

namespace concertina::spec_test {
namespace {

// Exchanges that only say what their workers are to each other.
class FakeExchange final : public Exchange {
 public:
  FakeExchange(bool lockstep, int servers) : lockstep_(lockstep), servers_(servers) {}
  bool lockstep() const override { return lockstep_; }
  int servers() const override { return servers_; }
  absl::Status Prepare(const ExchangeContext&) override { return absl::OkStatus(); }
  absl::Status Begin(int64_t) override { return absl::OkStatus(); }
  void GradientReady(int) override {}
  absl::StatusOr<ExchangeCost> Finish(int64_t, const Apply&) override { return ExchangeCost(); }
  void SaveState(std::vector<uint8_t>&) const override {}
  absl::Status LoadState(std::span<const uint8_t>) override { return absl::OkStatus(); }
  absl::Status ChangeCodec(const Params&) override { return absl::OkStatus(); }
  Pattern PatternOf(const Traffic&) const override { return {}; }

 private:
  bool lockstep_;
  int servers_;
};
template <bool kLockstep, int kServers>
absl::StatusOr<std::unique_ptr<Exchange>> MakeExchange(const Params&) {
  return std::make_unique<FakeExchange>(kLockstep, kServers);
}
REGISTER_COMPONENT(Exchange, Descriptor({.category = "exchange", .kind = "fake-apart"}),
                   (MakeExchange<false, 0>));
REGISTER_COMPONENT(Exchange, Descriptor({.category = "exchange", .kind = "fake-served"}),
                   (MakeExchange<true, 2>));

// The example of DESIGN.md, section 5.
constexpr char kExample[] = R"({
  "name": "LeNet-5, ring, top-k 1 %",
  "seed": 7,
  "dataset":   {"kind": "fashion-mnist", "partition": {"kind": "iid"}},
  "model":     {"kind": "lenet-5"},
  "optimizer": {"kind": "sgd", "learning_rate": 0.05, "momentum": 0.9},
  "training":  {"batch_size": 64, "epochs": 3, "threads_per_worker": 1},
  "mesh":      {"data": 4, "pipeline": 1, "tensor": 1},
  "exchange":  {"kind": "all-reduce", "algorithm": "ring", "bucket_mib": 4},
  "gradient":  [{"kind": "top-k", "ratio": 0.01, "error_feedback": true}],
  "network":   {"transport": "grpc", "bandwidth_mbit": 1000, "latency_ms": 0.5},
  "workers":   [{"launcher": "local", "count": 4}]
})";

QString Messages(const std::vector<Fault>& faults) {
  QString text;
  for (const Fault& fault : faults) text += QString::fromStdString(fault.message) + "\n";
  return text;
}

std::set<std::string> Pointers(const std::vector<Fault>& faults) {
  std::set<std::string> pointers;
  for (const Fault& fault : faults) pointers.insert(fault.pointer);
  return pointers;
}

Spec Good(const std::string& json) {
  SpecCheck check = CheckSpec(json);
  if (!check.faults.empty()) qWarning("%s", qPrintable(Messages(check.faults)));
  return check.spec;
}

}  // namespace

class SpecTest : public QObject {
  Q_OBJECT
 private slots:
  void theExampleOfTheDesignIsGood() {
    const SpecCheck check = CheckSpec(kExample);
    QVERIFY2(check.faults.empty(), qPrintable(Messages(check.faults)));
    const Spec& spec = check.spec;
    QCOMPARE(spec.name, std::string("LeNet-5, ring, top-k 1 %"));
    QCOMPARE(spec.seed, uint64_t{7});
    QCOMPARE(spec.dataset.kind(), std::string("fashion-mnist"));
    QCOMPARE(spec.partition.kind(), std::string("iid"));
    QCOMPARE(spec.model.kind(), std::string("lenet-5"));
    QCOMPARE(spec.optimizer.Number("momentum"), 0.9);
    QCOMPARE(spec.schedule.kind(), std::string("constant"));
    QCOMPARE(spec.training.epochs, 3.0);
    QCOMPARE(spec.mesh_data, int64_t{4});
    QCOMPARE(spec.exchange.kind(), std::string("all-reduce"));
    QCOMPARE(spec.gradient.size(), size_t{1});
    QCOMPARE(spec.gradient[0].Number("ratio"), 0.01);
    QCOMPARE(spec.network.bandwidth_mbit, 1000.0);
    QCOMPARE(spec.worker_count(), int64_t{4});
    QCOMPARE(spec.workers[0].launcher.kind(), std::string("local"));
  }

  void theRecipesThatComeAlongAreGood() {
    const QDir folder(QStringLiteral(CONCERTINA_SOURCE_DIR "/resources/recipes"));
    const QStringList names = folder.entryList({QStringLiteral("*.json")});
    QVERIFY(names.size() >= 9);
    for (const QString& name : names) {
      QFile file(folder.filePath(name));
      QVERIFY2(file.open(QIODevice::ReadOnly), qPrintable(name));
      const Json json = Json::parse(file.readAll().toStdString());
      QVERIFY2(!json.value("title", "").empty() && !json.value("summary", "").empty(), qPrintable(name));
      Json spec = Json::object();
      spec["recipe"] = json.at("recipe");
      const SpecCheck check = CheckSpec(spec.dump());
      QVERIFY2(check.faults.empty(), qPrintable(name + ": " + Messages(check.faults)));
    }
  }
  void whatIsLeftOutIsFilledIn() {
    const Spec spec = Good("{}");
    QCOMPARE(spec.dataset.kind(), std::string("fashion-mnist"));
    QCOMPARE(spec.model.kind(), std::string("lenet-5"));
    QCOMPARE(spec.optimizer.Number("learning_rate"), 0.05);
    QCOMPARE(spec.optimizer.Number("momentum"), 0.9);
    QCOMPARE(spec.exchange.kind(), std::string("all-reduce"));
    QVERIFY(spec.gradient.empty());
    QCOMPARE(spec.network.transport, std::string("auto"));
    QCOMPARE(spec.seed, uint64_t{1});
    QCOMPARE(spec.mesh_data, int64_t{1});
    QCOMPARE(spec.worker_count(), int64_t{1});
    QCOMPARE(spec.name, std::string("lenet-5, all-reduce"));
    QCOMPARE(spec.training.batch_size, int64_t{64});
  }
  void theMeshTakesAllWorkersAndTheOtherWayRound() {
    QCOMPARE(Good(R"({"workers": [{"launcher": "local", "count": 3}, {"count": 2}]})").mesh_data, int64_t{5});
    QCOMPARE(Good(R"({"mesh": {"data": 6}})").worker_count(), int64_t{6});
    QCOMPARE(Good(R"({"mesh": {"data": 2, "tensor": 3}})").worker_count(), int64_t{6});
    QCOMPARE(Good(R"({"mesh": {"tensor": 4}})").worker_count(), int64_t{4});
    QCOMPARE(Good(R"({"mesh": {"tensor": 2}, "workers": [{"count": 6}]})").mesh_data, int64_t{3});
    // Each part of a model has two servers.
    QCOMPARE(
        Good(R"({"mesh": {"data": 3, "tensor": 2}, "exchange": {"kind": "fake-served"}})").worker_count(),
        int64_t{10});
    QCOMPARE(Good(R"({"mesh": {"pipeline": 2}, "exchange": {"kind": "fake-served"},
                      "workers": [{"count": 10}]})")
                 .mesh_data,
             int64_t{3});
    QCOMPARE(
        Good(R"({"mesh": {"data": 2, "pipeline": 2}, "exchange": {"kind": "fake-apart"}})").worker_count(),
        int64_t{4});
    // Alone on the data axis, whatever the others.
    QCOMPARE(Good(R"({"mesh": {"tensor": 2}, "exchange": {"kind": "single"}})").mesh_tensor, int64_t{2});
  }
  void everyGroupOfWorkersHasItsSpeedAndLink() {
    const Spec spec =
        Good(R"({"workers": [{"count": 2}, {"speed": 0.5, "bandwidth_mbit": 10}, {"count": 3}]})");
    QCOMPARE(spec.group_of(1).speed, 1.0);
    QCOMPARE(spec.group_of(2).speed, 0.5);
    QCOMPARE(spec.group_of(2).bandwidth_mbit, 10.0);
    QCOMPARE(spec.group_of(5).speed, 1.0);
    const auto live = LivePointers(spec);
    QVERIFY(std::find(live.begin(), live.end(), "/workers/1/speed") != live.end());
    QCOMPARE(ApplyKnob(spec, "/workers/1/speed", "0.25")->group_of(2).speed, 0.25);
  }
  void theNameSaysModelExchangeAndCodec() {
    QCOMPARE(Good(R"({"model": {"kind": "2nn"}, "gradient": [{"kind": "top-k"}]})").name,
             std::string("2nn, all-reduce, top-k"));
    QCOMPARE(Good(R"({"gradient": [{"kind": "none"}]})").name, std::string("lenet-5, all-reduce"));
    QCOMPARE(Good(R"({"gradient": [{"kind": "top-k"}, {"kind": "zstd"}]})").name,
             std::string("lenet-5, all-reduce, top-k, zstd"));
  }

  void aFilledSpecIsAFixedPoint_data() {
    QTest::addColumn<QString>("json");
    QTest::newRow("nothing") << "{}";
    QTest::newRow("the example") << kExample;
    QTest::newRow("a chain with none")
        << R"({"gradient": [{"kind": "none"}, {"kind": "top-k"}, {"kind": "none"}]})";
    QTest::newRow("a chain") << R"({"gradient": [{"kind": "error-feedback", "variant": "ef21"},
                            {"kind": "top-k", "error_feedback": false}, {"kind": "fp16"}, {"kind": "zstd"}]})";
    QTest::newRow("only none, twice") << R"({"gradient": [{"kind": "none"}, {"kind": "none"}]})";
    QTest::newRow("another partition and schedule")
        << R"({"dataset": {"kind": "mnist", "partition": {"kind": "dirichlet"}},
               "optimizer": {"kind": "adam", "schedule": {"kind": "cosine"}}})";
    QTest::newRow("chains of layers, and knobs")
        << R"({"layer_gradients": [{"layers": "conv*", "gradient": [{"kind": "none"}, {"kind": "top-k"}]},
                                   {"gradient": [], "layers": "*"}],
               "knobs": [{"policy": {"to": 0.1, "kind": "linear", "from": 1},
                          "pointer": "/layer_gradients/0/gradient/0/ratio"}]})";
    QTest::newRow("lists that are empty") << R"({"layer_gradients": [], "knobs": []})";
    QTest::newRow("a launcher's own parameters")
        << R"({"workers": [{"launcher": "remote", "host": "b", "count": 2}, {"niceness": 3, "launcher": "remote", "host": "a"}]})";
  }
  void aFilledSpecIsAFixedPoint() {
    QFETCH(QString, json);
    const std::string once = Good(json.toStdString()).json;
    QVERIFY(!once.empty());
    QCOMPARE(QString::fromStdString(Good(once).json), QString::fromStdString(once));
  }
  void keysComeInTheDesignsOrder() {
    const auto ordered = nlohmann::ordered_json::parse(Good(kExample).json);
    std::string names;
    for (const auto& [name, value] : ordered.items()) names += name + " ";
    QCOMPARE(
        names,
        std::string("name seed dataset model optimizer training mesh exchange gradient network workers "));
    QCOMPARE(ordered["dataset"].begin().key(), std::string("kind"));
    QCOMPARE(ordered["workers"][0].begin().key(), std::string("launcher"));
    QCOMPARE(ordered["mesh"].begin().key(), std::string("data"));
    QVERIFY(Good("{}").json.starts_with("{\n  \"name\""));
  }

  void listsOfOwnStandWhereTheyAreNamed() {
    const char* json = R"({"knobs": [], "workers": [{}], "layer_gradients": []})";
    std::string names;
    const auto filled = nlohmann::ordered_json::parse(Good(json).json);
    for (const auto& [name, value] : filled.items()) names += name + " ";
    QCOMPARE(names, std::string("name seed dataset model optimizer training mesh exchange gradient "
                                "layer_gradients network workers knobs "));
    const Spec spec = Good(R"({"layer_gradients": [{"layers": "conv*", "gradient": [{"kind": "fp16"}]}]})");
    QVERIFY(spec.has_codec() && spec.gradient.empty());
    QCOMPARE(spec.name, std::string("lenet-5, all-reduce, codecs by layer"));
    QVERIFY(!Good(R"({"layer_gradients": [{"layers": "*", "gradient": [{"kind": "none"}]}]})").has_codec());
  }

  void thePipelineStandsWhereItCounts() {
    const auto has = [](const char* json) { return Json::parse(Good(json).json).contains("pipeline"); };
    QVERIFY(!has("{}"));
    QVERIFY(has(R"({"pipeline": {"kind": "gpipe"}})"));
    QVERIFY(has(R"({"mesh": {"pipeline": 3}})"));
    const Spec spec = Good(R"({"mesh": {"data": 2, "pipeline": 3}})");
    QCOMPARE(spec.worker_count(), int64_t{6});
    QCOMPARE(spec.pipeline.kind(), std::string("1f1b"));
    QCOMPARE(spec.pipeline.Integer("micro_batches"), int64_t{4});
    QCOMPARE(Good(spec.json).json, spec.json);
    std::string names;
    const auto filled = nlohmann::ordered_json::parse(spec.json);
    for (const auto& [name, value] : filled.items()) names += name + " ";
    QCOMPARE(names, std::string("name seed dataset model optimizer training mesh exchange pipeline gradient "
                                "network workers "));
    // Micro-batches only matter where there are stages.
    QVERIFY(Good(R"({"pipeline": {"kind": "1f1b"}, "training": {"batch_size": 62}})").worker_count() == 1);
    const SpecCheck odd = CheckSpec(R"({"mesh": {"pipeline": 2}, "training": {"batch_size": 62}})");
    QCOMPARE(QString::fromStdString(odd.faults.at(0).expected),
             QString("a number that divides the batch: 2 or 31; or a /training/batch_size of 60 or 64"));
    QCOMPARE(*SetInSpec(spec.json, "/pipeline/micro_batches=8") != spec.json, true);
    // What goes from stage to stage goes as it is unless said otherwise, and forgetful codecs are welcome.
    QCOMPARE(spec.pipeline.Component("activations").kind(), std::string("none"));
    const char* forgetful = R"({"mesh": {"pipeline": 2}, "pipeline": {"kind": "gpipe",
        "activations": {"kind": "top-k", "ratio": 0.5, "error_feedback": false}}})";
    const Spec sparse = Good(forgetful);
    QCOMPARE(sparse.pipeline.Component("activations").Number("ratio"), 0.5);
    QVERIFY(ApplyKnob(sparse, "/pipeline/activations/ratio", "0.25").ok());
  }

  void theTensorAxisStandsWhereItCounts() {
    const auto has = [](const char* json) { return Json::parse(Good(json).json).contains("tensor"); };
    QVERIFY(!has("{}"));
    QVERIFY(has(R"({"tensor": {}})"));
    QVERIFY(has(R"({"mesh": {"tensor": 2}})"));
    const Spec plain = Good(R"({"mesh": {"tensor": 2}})");
    QCOMPARE(plain.tensor_activations.kind(), std::string("none"));
    QVERIFY(!plain.has_tensor_codec());
    QCOMPARE(Good(plain.json).json, plain.json);
    const Spec sparse = Good(R"({"mesh": {"tensor": 2}, "tensor": {
        "activations": {"kind": "top-k", "ratio": 0.5, "error_feedback": false}}})");
    QVERIFY(sparse.has_tensor_codec());
    QVERIFY(!sparse.has_codec());  // of gradients
    QCOMPARE(sparse.tensor_activations.Number("ratio"), 0.5);
    QVERIFY(ApplyKnob(sparse, "/tensor/activations/ratio", "0.25").ok());
    const auto set = SetInSpec(R"({"mesh": {"tensor": 2}})", "/tensor/activations/kind=fp16");
    QCOMPARE(Good(set->c_str()).tensor_activations.kind(), std::string("fp16"));
    // Where nothing is divided nothing is summed, and any codec may stand there.
    QVERIFY(!Good(R"({"tensor": {"activations": {"kind": "top-k"}}})").has_tensor_codec());
  }

  void oneFaultIsNamed_data() {
    QTest::addColumn<QString>("json");
    QTest::addColumn<QString>("pointer");
    QTest::addColumn<QString>("suggestion");
    const auto row = [](const char* name, const char* json, const char* pointer,
                        const char* suggestion = "") {
      QTest::newRow(name) << json << pointer << suggestion;
    };
    row("an unknown section", R"({"optimiser": {}})", "/optimiser", "optimizer");
    row("an unknown model", R"({"model": {"kind": "lenet5"}})", "/model/kind", "lenet-5");
    row("a model without kind", R"({"model": {}})", "/model/kind");
    row("a model as a name", R"({"model": "lenet-5"})", "/model");
    row("an unknown parameter", R"({"optimizer": {"kind": "sgd", "learning_rat": 1}})",
        "/optimizer/learning_rat", "learning_rate");
    row("an unknown partition", R"({"dataset": {"kind": "mnist", "partition": {"kind": "idd"}}})",
        "/dataset/partition/kind", "iid");
    row("an unknown schedule", R"({"optimizer": {"kind": "sgd", "schedule": {"kind": "cosin"}}})",
        "/optimizer/schedule/kind", "cosine");
    row("a worker that stands still", R"({"workers": [{"speed": 0}]})", "/workers/0/speed");
    row("a ratio above 1", R"({"gradient": [{"kind": "top-k", "ratio": 1.5}]})", "/gradient/0/ratio");
    row("an unknown codec", R"({"gradient": [{"kind": "topk"}]})", "/gradient/0/kind", "top-k");
    row("one codec without its list", R"({"gradient": {"kind": "top-k"}})", "/gradient");
    row("two codecs of values", R"({"gradient": [{"kind": "top-k"}, {"kind": "fp16"}, {"kind": "fp16"}]})",
        "/gradient/2");
    row("bytes as values, behind none",
        R"({"gradient": [{"kind": "none"}, {"kind": "zstd"}, {"kind": "fp16"}]})", "/gradient/2");
    row("a memory in a memory", R"({"gradient": [{"kind": "error-feedback"}, {"kind": "top-k"}]})",
        "/gradient/1/error_feedback", "false");
    row("differences that nobody adds up",
        R"({"exchange": {"kind": "gossip"}, "workers": [{"count": 4}],
            "gradient": [{"kind": "error-feedback", "variant": "ef21"}, {"kind": "fp16"}]})",
        "/gradient/0/variant", "ef");
    row("a vote that nobody takes",
        R"({"exchange": {"kind": "gossip"}, "workers": [{"count": 4}],
            "gradient": [{"kind": "signsgd", "scale": "one", "error_feedback": false, "vote": true}]})",
        "/gradient/0/vote", "false");
    row("momentum that nobody averages",
        R"({"optimizer": {"kind": "one-bit-adam"}, "exchange": {"kind": "zero"}, "workers": [{"count": 4}],
            "gradient": [{"kind": "onebit"}]})",
        "/optimizer/kind", "adam");
    row("momentum averaged by others",
        R"({"optimizer": {"kind": "one-bit-adam"}, "gradient": [{"kind": "onebit"}],
            "exchange": {"kind": "parameter-server", "dedicated_servers": 1},
            "mesh": {"data": 3}, "workers": [{"count": 4}]})",
        "/optimizer/kind", "adam");
    row("momentum as it is",
        R"({"optimizer": {"kind": "one-bit-adam"}, "exchange": {"kind": "all-reduce"},
            "workers": [{"count": 4}]})",
        "/gradient");
    row("momentum of momentum",
        R"({"optimizer": {"kind": "one-bit-adam"}, "exchange": {"kind": "all-reduce"},
            "gradient": [{"kind": "dgc"}], "workers": [{"count": 4}]})",
        "/gradient/0");
    row("momentum as sums of halves",
        R"({"optimizer": {"kind": "one-bit-adam"}, "exchange": {"kind": "all-reduce"},
            "gradient": [{"kind": "fp16"}], "workers": [{"count": 4}]})",
        "/gradient/0");
    row("chains of layers without their list", R"({"layer_gradients": {"layers": "*", "gradient": []}})",
        "/layer_gradients");
    row("a chain of no layers", R"({"layer_gradients": [{"gradient": []}]})", "/layer_gradients/0/layers");
    row("layers without a chain", R"({"layer_gradients": [{"layers": "*"}]})", "/layer_gradients/0/gradient");
    row("a layer misspelt", R"({"layer_gradients": [{"layer": "*", "gradient": []}]})",
        "/layer_gradients/0/layer", "layers");
    row("a layer's ratio above 1",
        R"({"layer_gradients": [{"layers": "a", "gradient": []},
            {"layers": "*", "gradient": [{"kind": "fp16"}, {"kind": "top-k", "ratio": 7}]}]})",
        "/layer_gradients/1/gradient/1/ratio");
    row("a layer's chain of two codecs",
        R"({"layer_gradients": [{"layers": "*", "gradient": [{"kind": "fp16"}, {"kind": "bf16"}]}]})",
        "/layer_gradients/0/gradient/1");
    row("a layer's one codec without its list",
        R"({"layer_gradients": [{"layers": "*", "gradient": {"kind": "fp16"}}]})",
        "/layer_gradients/0/gradient");
    for (const char* exchange : {"choco-sgd", "fedavg", "easgd"})
      QTest::addRow("chains of layers with %s", exchange)
          << QString(R"({"exchange": {"kind": "%1"}, "workers": [{"count": 4}],
                         "layer_gradients": [{"layers": "*", "gradient": []}]})")
                 .arg(exchange)
          << "/layer_gradients"
          << "";
    row("a layer's differences that nobody adds up",
        R"({"exchange": {"kind": "zero"}, "workers": [{"count": 2}], "layer_gradients": [
            {"layers": "*", "gradient": [{"kind": "error-feedback", "variant": "ef21"}, {"kind": "fp16"}]}]})",
        "/layer_gradients/0/gradient/0/variant", "ef");
    const auto knob = [](const char* name, const char* pointer, const char* policy, const char* fault,
                         const char* suggestion = "", const char* rest = "") {
      QTest::newRow(name) << QString(R"({"gradient": [{"kind": "top-k"}], "knobs": [
                                         {"pointer": "%1", "policy": %2}]%3})")
                                 .arg(pointer, policy, rest)
                          << fault << suggestion;
    };
    const char* const line = R"({"kind": "linear", "from": 1, "to": 0.1})";
    knob("a knob that does not turn", "/training/batch_size", line, "/knobs/0/pointer");
    knob("a knob misspelt", "/gradient/0/ratoi", line, "/knobs/0/pointer", "/gradient/0/ratio");
    knob("a policy misspelt", "/gradient/0/ratio", R"({"kind": "lienar", "from": 1, "to": 1})",
         "/knobs/0/policy/kind", "linear");
    knob("a value out of the knob's range", "/gradient/0/ratio", R"({"kind": "linear", "from": 2, "to": 1})",
         "/knobs/0/policy/from");
    knob("a bound out of the knob's range", "/gradient/0/ratio",
         R"({"kind": "adaptive", "target": 1000, "minimum": 0.1, "maximum": 3})", "/knobs/0/policy/maximum");
    knob("a policy that cannot be", "/gradient/0/ratio",
         R"({"kind": "linear", "from": 1, "to": 1, "begin_step": 9, "end_step": 3})", "/knobs/0/policy");
    knob("a policy without its values", "/gradient/0/ratio", R"({"kind": "linear", "from": 1})",
         "/knobs/0/policy/to");
    knob("a policy out of step", "/network/latency_ms", line, "/knobs/0/policy/kind", "",
         R"(, "exchange": {"kind": "fake-apart"})");
    knob("a policy that measures where ranks may be lost", "/network/latency_ms",
         R"({"kind": "adaptive", "target": 1, "minimum": 1, "maximum": 3})", "/knobs/0/policy/kind", "",
         R"(, "exchange": {"kind": "gossip"}, "workers": [{"count": 4}])");
    knob("the same of rounds that go on", "/network/latency_ms",
         R"({"kind": "adaptive", "target": 1, "minimum": 1, "maximum": 3})", "/knobs/0/policy/kind", "",
         R"(, "exchange": {"kind": "fedavg"}, "workers": [{"count": 4}])");
    row("a step of a recipe misspelt", R"({"recipe": [{"kind": "prune-11"}]})", "/recipe/0/kind", "prune-l1");
    row("an amount that is none", R"({"recipe": [{"kind": "int8"}, {"kind": "prune-l1", "amount": 1.5}]})",
        "/recipe/1/amount");
    row("a schedule that goes backwards",
        R"({"recipe": [{"kind": "prune-gradual", "initial": 0.9, "amount": 0.5}]})", "/recipe/0");
    row("a recipe that is no list", R"({"recipe": {"kind": "int8"}})", "/recipe");
    row("nothing to do", R"({"training": {"epochs": 0}})", "/training/epochs");
    row("a recipe in rounds", R"({"recipe": [{"kind": "int8"}], "exchange": {"kind": "fedavg"}})", "/recipe");
    row("a recipe of a divided model",
        R"({"recipe": [{"kind": "int8"}], "mesh": {"tensor": 2}, "workers": [{"count": 2}]})",
        "/mesh/tensor");
    row("two policies of one knob",
        R"({"knobs": [{"pointer": "/network/latency_ms", "policy": {"kind": "linear", "from": 1, "to": 2}},
                      {"pointer": "/network/latency_ms", "policy": {"kind": "linear", "from": 1, "to": 2}}]})",
        "/knobs/1/pointer");
    row("a policy of a policy",
        R"({"knobs": [{"pointer": "/network/latency_ms",
                       "policy": {"kind": "adaptive", "target": 1, "minimum": 1, "maximum": 2}},
                      {"pointer": "/knobs/0/policy/target", "policy": {"kind": "linear", "from": 1, "to": 2}}]})",
        "/knobs/1/pointer");
    row("a knob of nothing", R"({"knobs": [{"policy": {"kind": "linear", "from": 1, "to": 2}}]})",
        "/knobs/0/pointer");
    row("a knob as a name", R"({"knobs": ["/network/latency_ms"]})", "/knobs/0");
    row("an exchange's number as a text", R"({"exchange": {"kind": "all-reduce", "bucket_mib": "4"}})",
        "/exchange/bucket_mib");
    row("a batch of nothing", R"({"training": {"batch_size": 0}})", "/training/batch_size");
    row("a batch in words", R"({"training": {"batch_size": "64"}})", "/training/batch_size");
    row("a fraction of a sample", R"({"training": {"batch_size": 6.5}})", "/training/batch_size");
    row("no epochs", R"({"training": {"epochs": 0}})", "/training/epochs");
    row("a misspelt field", R"({"training": {"batchsize": 64}})", "/training/batchsize", "batch_size");
    row("a section as a list", R"({"training": []})", "/training");
    row("a section that is null", R"({"training": null})", "/training");
    row("a kind where there is none", R"({"network": {"kind": "grpc"}})", "/network/kind");
    row("an unknown transport", R"({"network": {"transport": "gprc"}})", "/network/transport", "grpc");
    row("negative bandwidth", R"({"network": {"bandwidth_mbit": -1}})", "/network/bandwidth_mbit");
    row("a seed below zero", R"({"seed": -1})", "/seed");
    row("a seed that a double cannot hold", R"({"seed": 9007199254740993})", "/seed");
    row("a seed beyond 64 bits", R"({"seed": 99999999999999999999999})", "/seed");
    row("a name of two lines", R"({"name": "a\nb"})", "/name");
    row("a name that is a number", R"({"name": 5})", "/name");
    row("an unknown launcher", R"({"workers": [{"launcher": "locl"}]})", "/workers/0/launcher", "local");
    row("a launcher under kind", R"({"workers": [{"kind": "local"}]})", "/workers/0/kind", "launcher");
    row("a misspelt count", R"({"workers": [{"launcher": "local", "cuont": 4}]})", "/workers/0/cuont",
        "count");
    row("no workers at all", R"({"workers": []})", "/workers");
    row("workers as a number", R"({"workers": 4})", "/workers");
    row("an entry as a name", R"({"workers": ["local"]})", "/workers/0");
    row("too many of one launcher", R"({"workers": [{"count": 4097}]})", "/workers/0/count");
    row("too many together", R"({"workers": [{"count": 4000}, {"count": 4000}]})", "/workers");
    row("a launcher's missing parameter", R"({"workers": [{"launcher": "remote"}]})", "/workers/0/host");
    row("a launcher's bad parameter", R"({"workers": [{"launcher": "remote", "host": "a", "niceness": 20}]})",
        "/workers/0/niceness");
    row("mesh against workers", R"({"mesh": {"data": 4}, "workers": [{"count": 3}]})", "/mesh/data");
    row("micro-batches that do not divide the batch",
        R"({"mesh": {"pipeline": 2}, "training": {"batch_size": 62}})", "/pipeline/micro_batches");
    row("micro-batches that stages do not divide",
        R"({"mesh": {"pipeline": 4}, "pipeline": {"kind": "interleaved", "micro_batches": 2}})",
        "/pipeline/micro_batches");
    row("activations with error feedback",
        R"({"mesh": {"pipeline": 2}, "pipeline": {"kind": "1f1b", "activations": {"kind": "top-k"}}})",
        "/pipeline/activations/error_feedback");
    row("activations misspelt", R"({"pipeline": {"kind": "1f1b", "activations": {"kind": "fp61"}}})",
        "/pipeline/activations/kind", "fp16");
    row("sums with error feedback",
        R"({"mesh": {"tensor": 2}, "tensor": {"activations": {"kind": "top-k"}}})",
        "/tensor/activations/error_feedback");
    row("sums by a codec that always remembers",
        R"({"mesh": {"tensor": 2}, "tensor": {"activations": {"kind": "dgc"}}})", "/tensor/activations/kind");
    row("sums in rounds",
        R"({"mesh": {"tensor": 2}, "tensor": {"activations": {"kind": "powersgd", "error_feedback": false}}})",
        "/tensor/activations/kind");
    row("a vote for a sum", R"({"mesh": {"tensor": 2}, "tensor": {"activations": {"kind": "signsgd",
        "scale": "one", "error_feedback": false, "vote": true}}})",
        "/tensor/activations/vote");
    row("a codec of sums misspelt", R"({"tensor": {"activations": {"kind": "fp61"}}})",
        "/tensor/activations/kind", "fp16");
    row("a field of the tensor axis misspelt", R"({"tensor": {"activation": {"kind": "fp16"}}})",
        "/tensor/activation", "activations");
    row("a schedule misspelt", R"({"mesh": {"pipeline": 2}, "pipeline": {"kind": "gpip"}})", "/pipeline/kind",
        "gpipe");
    row("no micro-batch, for no pipeline", R"({"pipeline": {"kind": "gpipe", "micro_batches": 0}})",
        "/pipeline/micro_batches");
    row("parts of a model with too few servers",
        R"({"mesh": {"data": 2, "tensor": 2}, "exchange": {"kind": "fake-served"},
            "workers": [{"count": 6}]})",
        "/mesh");
    row("stages of a model in rounds",
        R"({"mesh": {"data": 2, "pipeline": 2}, "exchange": {"kind": "fedavg"}})", "/mesh/pipeline");
    row("a mesh of more axes against workers",
        R"({"mesh": {"data": 2, "tensor": 2}, "workers": [{"count": 3}]})", "/mesh");
    row("a single worker that are two", R"({"exchange": {"kind": "single"}, "workers": [{"count": 2}]})",
        "/exchange/kind", "all-reduce");
    row("memory between processes", R"({"network": {"transport": "in-process"}})", "/network/transport",
        "auto");
    row("shared memory between machines",
        R"({"network": {"transport": "shared-memory"}, "workers": [{"launcher": "remote", "host": "b"}]})",
        "/network/transport", "auto");
    row("MPI worlds of two entries",
        R"({"network": {"transport": "mpi"}, "workers": [{"count": 1}, {"count": 1}]})", "/network/transport",
        "auto");
    row("MPI of workers that nobody starts as a world",
        R"({"network": {"transport": "mpi"}, "workers": [{"launcher": "remote", "host": "b"}]})",
        "/network/transport", "auto");
    row("a name twice", R"({"seed": 1, "seed": 2})", "/seed");
    row("a name twice, deep", R"({"gradient": [{"kind": "top-k", "ratio": 0.1, "ratio": 0.2}]})",
        "/gradient/0/ratio");
    row("a name with a slash", R"({"a/b": 1})", "/a~1b");
    row("a list", "[]", "");
    row("a number", "3", "");
    row("null", "null", "");
  }
  void oneFaultIsNamed() {
    QFETCH(QString, json);
    QFETCH(QString, pointer);
    QFETCH(QString, suggestion);
    const SpecCheck check = CheckSpec(json.toStdString());
    QVERIFY2(check.faults.size() == 1, qPrintable(Messages(check.faults)));
    const Fault& fault = check.faults.front();
    QCOMPARE(QString::fromStdString(fault.pointer), pointer);
    QCOMPARE(QString::fromStdString(fault.suggestion), suggestion);
    QVERIFY(!fault.found.empty() && !fault.expected.empty() && !fault.message.empty());
    QVERIFY(check.spec.json.empty());
  }
  void allFaultsComeInOneGo() {
    const SpecCheck check = CheckSpec(R"({
      "sede": 1, "name": "", "dataset": {"kind": "mnits"}, "model": {"kind": 5},
      "optimizer": {"kind": "sgd", "learning_rate": "fast", "momentum": 2},
      "training": {"batch_size": -1, "epoch": 3}, "mesh": {"pipeline": 0},
      "exchange": {"kind": "all-reduce", "algorithm": "rings"},
      "gradient": [{"kind": "top-k", "ratio": 0}, {"kind": "fp61"}],
      "network": {"transport": "pigeon", "latency_ms": true},
      "workers": [{"launcher": "slurn", "count": 0}]})");
    const std::set<std::string> expected = {"/sede",
                                            "/dataset/kind",
                                            "/model/kind",
                                            "/optimizer/learning_rate",
                                            "/optimizer/momentum",
                                            "/training/batch_size",
                                            "/training/epoch",
                                            "/mesh/pipeline",
                                            "/exchange/algorithm",
                                            "/gradient/0/ratio",
                                            "/gradient/1/kind",
                                            "/network/transport",
                                            "/network/latency_ms",
                                            "/workers/0/launcher",
                                            "/workers/0/count"};
    QVERIFY2(Pointers(check.faults) == expected, qPrintable(Messages(check.faults)));
    QCOMPARE(check.faults.size(), expected.size());
  }

  void textThatIsNoJsonIsOneFaultWithItsPlace_data() {
    QTest::addColumn<QByteArray>("text");
    QTest::addColumn<QString>("place");
    const auto row = [](const char* name, const QByteArray& text, const char* place) {
      QTest::newRow(name) << text << place;
    };
    row("empty", "", "line 1, column 1");
    row("a trailing comma", "{\n  \"seed\": 1,\n}", "line 3, column 1");
    row("a missing quote", "{\"seed: 1}", "line 1, column 11");
    row("no colon", "{\n\n  \"seed\" 1}", "line 3, column 10");
    row("after the end", "{} {}", "line 1, column 4");
    row("cut off", "{\"model\": {", "line 1, column 12");
    row("columns count characters", "{\"n\u00e4me\": x}", "line 1, column 10");
    row("a number too large", "{\"seed\": 1e999}", "line 1, column 14");
    row("not UTF-8", QByteArray("{\"name\": \"\xff\"}"), "line 1, column 11");
    row("a comment", "{ // no\n}", "line 1, column 3");
  }
  void textThatIsNoJsonIsOneFaultWithItsPlace() {
    QFETCH(QByteArray, text);
    QFETCH(QString, place);
    const SpecCheck check = CheckSpec(text.toStdString());
    QCOMPARE(check.faults.size(), size_t{1});
    QCOMPARE(QString::fromStdString(check.faults[0].found), place);
    QVERIFY(absl::StrContains(check.faults[0].message, place.toStdString()));
    const QString message = QString::fromStdString(check.faults[0].message);
    QVERIFY2(!message.contains(QChar::ReplacementCharacter) && !message.contains("json.exception"),
             qPrintable(message));
  }
  void hostileTextIsRefusedInTime() {
    QCOMPARE(CheckSpec(std::string(100000, '[')).faults.size(), size_t{1});
    QCOMPARE(CheckSpec("{\"model\": " + std::string(1 << 20, ' ') + "}").faults.size(), size_t{1});
    std::string many = "{";
    for (int i = 0; i < 50000; ++i) many += "\"k" + std::to_string(i) + "\": 1, ";
    many += "\"seed\": 1}";
    const SpecCheck check = CheckSpec(many);
    QVERIFY(check.faults.size() <= 201);
    QVERIFY(absl::StrContains(check.faults.back().message, "more faults"));
    const std::string long_name(200000, 'x');
    for (const Fault& fault :
         CheckSpec("{\"" + long_name + "\": 1, \"model\": {\"kind\": \"" + long_name + "\"}}").faults)
      QVERIFY(fault.found.size() < 100);
  }
  void damagedSpecsNeverCrash() {  // every fault has its text, and a spec without faults is a fixed point
    const std::string original = Good(kExample).json;
    Rng rng(11, "damage");
    int good = 0;
    for (int trial = 0; trial < 3000; ++trial) {
      std::string text = original;
      for (uint64_t i = 0; i <= rng.Below(3); ++i) {
        const size_t at = rng.Below(text.size());
        if (rng.Below(2) == 0) {
          text.erase(at, 1 + rng.Below(8));
        } else {
          text[at] = "0123456789{}[]\",:-.exn \xc3\xff"[rng.Below(25)];
        }
        if (text.empty()) text = " ";
      }
      const SpecCheck check = CheckSpec(text);
      for (const Fault& fault : check.faults) {
        QVERIFY(!fault.message.empty());
        const std::string shown = QString::fromStdString(fault.message).toStdString();
        QCOMPARE(shown, fault.message);  // text that protobuf and JSON take
      }
      if (!check.faults.empty()) continue;
      ++good;
      QCOMPARE(CheckSpec(check.spec.json).spec.json, check.spec.json);
    }
    QVERIFY(good > 0 && good < 3000);
  }

  void sectionsDescribeThemselves() {
    std::set<std::string> kinds;
    for (const Descriptor& section : SpecSections()) {
      kinds.insert(section.kind);
      QCOMPARE(section.category, std::string("experiment"));
      for (const ParamSpec& param : section.params) QVERIFY2(!param.doc.empty(), param.name.c_str());
    }
    QCOMPARE(kinds, (std::set<std::string>{"experiment", "training", "mesh", "tensor", "network",
                                           "layer_gradients", "workers", "elastic", "knobs"}));
  }
  void stepsFollowEpochsAndTheLimit() {
    QCOMPARE(TotalSteps({.epochs = 3}, 100), int64_t{300});
    QCOMPARE(TotalSteps({.epochs = 0.5}, 101), int64_t{51});
    QCOMPARE(TotalSteps({.epochs = 1e-6}, 100), int64_t{1});
    QCOMPARE(TotalSteps({.epochs = 3, .max_steps = 7}, 100), int64_t{7});
    QCOMPARE(TotalSteps({.epochs = 3, .max_steps = 700}, 100), int64_t{300});
  }
};

CONCERTINA_TEST(SpecTest)

}  // namespace concertina::spec_test

#include "spec_test.moc"
