// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// plan_test.cc: what a plan counts, what it warns of, and what cannot be and is a fault. Models that are
// divided are in plan_axes_test.cc; that what is foretold comes, in plan_foretells_test.cc.
#include "core/experiment/plan.h"

#include <QFile>
#include <QTest>
#include <algorithm>
#include <numeric>

#include "absl/strings/match.h"
#include "core/base/registry.h"
#include "core/data/loader.h"
#include "nlohmann/json.hpp"
#include "tests/core/experiment/plan_samples.h"
#include "tests/test_program.h"

namespace concertina::plan_test {

class PlanTest : public QObject, plan_samples::PlanSamples {
  Q_OBJECT

 private slots:
  void initTestCase() { WriteSamples(); }

  void whatAnExchangeRefusesPointsAtItsField() {
    const Json four = {{{"count", 4}}};
    const auto faults = FaultsOf({{"exchange", {{"kind", "choco-sgd"}}},
                                  {"gradient", {{{"kind", "top-k"}}}},
                                  {"training", {{"batch_size", 20}}},
                                  {"workers", four}});
    QCOMPARE(faults.size(), size_t{1});
    QCOMPARE(faults[0].pointer, std::string("/gradient/0/error_feedback"));
    QCOMPARE(faults[0].found, std::string("true"));  // by default
    const auto wrapped = FaultsOf({{"exchange", {{"kind", "choco-sgd"}}},
                                   {"gradient", {{{"kind", "error-feedback"}}, {{"kind", "fp16"}}}},
                                   {"training", {{"batch_size", 20}}},
                                   {"workers", four}});
    QCOMPARE(wrapped.size(), size_t{1});
    QCOMPARE(wrapped[0].pointer, std::string("/gradient/0"));
    const auto expands = FaultsOf({{"exchange", {{"kind", "gossip"}}},
                                   {"gradient", {{{"kind", "terngrad"}}}},
                                   {"training", {{"batch_size", 20}}},
                                   {"workers", four}});
    QCOMPARE(expands.size(), size_t{1});
    QCOMPARE(expands[0].pointer, std::string("/gradient"));
    const auto graph =
        FaultsOf({{"exchange", {{"kind", "gossip"}, {"graph", "edges"}, {"edges", "0-1, 2-3"}}},
                  {"training", {{"batch_size", 20}}},
                  {"workers", four}});
    QCOMPARE(graph.size(), size_t{1});
    QCOMPARE(graph[0].pointer, std::string("/exchange/edges"));
    QCOMPARE(graph[0].found, std::string("\"0-1, 2-3\""));
  }

  void everyLayerSaysWhatItReads() {
    const Plan plan = Good({{"model", {{"kind", "resnet-8"}}}, {"training", {{"batch_size", 20}}}});
    QVERIFY(!plan.layers.empty());
    std::vector<int> readers(plan.layers.size());
    for (size_t i = 0; i < plan.layers.size(); ++i) {
      const LayerPlan& layer = plan.layers[i];
      QCOMPARE(layer.inputs.size(), size_t{layer.kind == "add" ? 2U : 1U});
      for (const int64_t input : layer.inputs) {
        QVERIFY(input >= -1 && input < static_cast<int64_t>(i));
        QCOMPARE(input == -1, i == 0);
        if (input >= 0) ++readers[static_cast<size_t>(input)];
      }
    }
    for (size_t i = 0; i + 1 < readers.size(); ++i)
      QVERIFY(readers[i] >= 1);  // only the last is read by none
    const Json json = Json::parse(plan.json);
    QVERIFY(json["layers"][1]["inputs"] == Json::array({0}));
    QVERIFY(json["layers"][0]["inputs"] == Json::array({-1}));
  }

  void aPlanCountsWhatThereIs() {
    const Plan plan = Good({{"model", {{"kind", "lenet-300-100"}}},
                            {"training", {{"batch_size", 20}, {"epochs", 2.5}}},
                            {"workers", {{{"count", 4}}}}});
    QCOMPARE(plan.parameters, int64_t{266610});  // DESIGN.md, section 5
    QCOMPARE(plan.world_size, int64_t{4});
    QCOMPARE(plan.global_batch_size, int64_t{80});
    QCOMPARE(plan.steps_per_epoch, int64_t{12});  // 250 samples of the smallest worker
    QCOMPARE(plan.total_steps, int64_t{30});
    QCOMPARE(plan.dataset.train_samples, int64_t{1003});
    QCOMPARE(plan.class_histogram.size(), size_t{4});
    int64_t samples = 0, parameters = 0;
    double flops = 0;
    for (const auto& histogram : plan.class_histogram)
      samples += std::accumulate(histogram.begin(), histogram.end(), int64_t{0});
    QCOMPARE(samples, int64_t{1003});
    for (const LayerPlan& layer : plan.layers) {
      parameters += layer.parameters;
      flops += layer.forward_flops;
    }
    QCOMPARE(parameters, plan.parameters);
    QVERIFY(flops >= 2.0 * 266200);  // two for each weight
    QVERIFY(plan.training_flops_per_sample > 2 * flops && plan.training_flops_per_sample <= 3 * flops);
  }

  void whatBytesBringHereIsSaidOfThem() {
    Json spec = {{"recipe", {{{"kind", "prune-l1"}}, {{"kind", "half"}}}}};
    QVERIFY(!Json::parse(Good(spec).json).contains("integer_products"));
    spec["recipe"].push_back({{"kind", "int8"}});
    const Json products = Json::parse(Good(spec).json)["integer_products"];
    QVERIFY(!products["instructions"].get<std::string>().empty());
    QVERIFY(absl::StartsWith(products["text"].get<std::string>(), "This processor "));
  }

  void roundsOfVirtualClientsAreCounted() {
    const Json spec = {
        {"model", {{"kind", "2nn"}}},
        {"dataset", {{"partition", {{"kind", "shards"}}}}},
        {"training", {{"batch_size", 10}, {"epochs", 50}}},
        {"exchange", {{"kind", "fedavg"}, {"clients", 100}, {"fraction", 0.2}, {"local_epochs", 5}}},
        {"workers", {{{"count", 2}}}}};
    const Plan plan = Good(spec);
    QCOMPARE(plan.parameters, int64_t{199210});  // McMahan et al. 2017, section 3
    QCOMPARE(plan.clients, int64_t{100});
    QCOMPARE(plan.total_steps, int64_t{20});  // as the exchange has it: epochs are not used
    QCOMPARE(plan.steps_per_epoch, int64_t{1});
    QCOMPARE(plan.global_batch_size, int64_t{1003});  // a fifth of the samples, five times
    QCOMPARE(plan.class_histogram.size(), size_t{64});
    for (const auto& histogram : plan.class_histogram) {
      // Two shards of 5 or 6 samples, each of one class or, at a border, two.
      const int64_t samples = std::accumulate(histogram.begin(), histogram.end(), int64_t{0});
      QVERIFY(samples >= 10 && samples <= 12);
      QVERIFY(std::count_if(histogram.begin(), histogram.end(), [](int64_t n) { return n > 0; }) <= 4);
    }
    QCOMPARE(Json::parse(plan.json).at("clients").get<int64_t>(), int64_t{100});
    Json longer = spec;
    longer["training"]["max_steps"] = 321;
    QCOMPARE(Good(longer).total_steps, int64_t{321});

    Json crowded = spec;
    crowded["exchange"]["clients"] = 1004;
    const std::vector<Fault> faults = FaultsOf(crowded);
    QCOMPARE(faults.size(), size_t{1});
    QCOMPARE(QString::fromStdString(faults[0].pointer), QString("/exchange/clients"));
  }

  void flowsNameTheLinkOfTheirPair() {
    const Plan plan =
        Good({{"model", {{"kind", "lenet-300-100"}}},
              {"training", {{"batch_size", 20}}},
              {"network", {{"bandwidth_mbit", 100}, {"latency_ms", 1}}},
              {"workers", {{{"count", 2}}, {{"count", 1}, {"bandwidth_mbit", 10}, {"latency_ms", 4}}}}});
    QVERIFY(LinkOf(plan, 0, 1) == std::pair(100.0, 1.0));
    QVERIFY(LinkOf(plan, 1, 2) == std::pair(10.0, 5.0));
    QVERIFY(LinkOf(plan, 2, 0) == std::pair(10.0, 5.0));
  }

  void serversHaveARoleAndNoPlace() {
    const Json exchange = {
        {"kind", "parameter-server"}, {"mode", "async"}, {"shards", 2}, {"dedicated_servers", 2}};
    const Plan plan = Good({{"model", {{"kind", "lenet-300-100"}}},
                            {"training", {{"batch_size", 20}}},
                            {"mesh", {{"data", 3}}},
                            {"exchange", exchange},
                            {"workers", {{{"count", 5}}}}});
    QCOMPARE(plan.world_size, int64_t{5});
    QCOMPARE(plan.global_batch_size, int64_t{60});
    QCOMPARE(plan.class_histogram.size(), size_t{3});
    const Json workers = Json::parse(plan.json)["workers"];
    QCOMPARE(workers.size(), size_t{5});
    for (size_t rank = 0; rank < 5; ++rank) {
      QCOMPARE(workers[rank]["role"].get<std::string>(), std::string(rank < 3 ? "worker" : "server"));
      QCOMPARE(workers[rank]["axis"].size(), size_t{rank < 3 ? 3U : 0U});
    }
    for (const Flow& flow : plan.pattern.flows) QVERIFY((flow.from < 3) != (flow.to < 3));
    QVERIFY(std::any_of(plan.warnings.begin(), plan.warnings.end(), [](const std::string& warning) {
      return warning.find("/exchange/damping") != std::string::npos;
    }));
    // There are too few workers to back up.
    const auto backup = FaultsOf({{"model", {{"kind", "lenet-300-100"}}},
                                  {"exchange", {{"kind", "parameter-server"}, {"backup_workers", 2}}},
                                  {"workers", {{{"count", 2}}}}});
    QCOMPARE(backup.size(), size_t{1});
    QCOMPARE(backup[0].pointer, std::string("/exchange/backup_workers"));
  }

  void theLoaderTakesAsManySteps_data() {
    QTest::addColumn<QString>("partition");
    QTest::addColumn<int>("workers");
    for (const char* partition : {R"({"kind": "iid"})", R"({"kind": "shards"})",
                                  R"({"kind": "dirichlet", "alpha": 5})", R"({"kind": "quantity-skew"})"})
      for (const int workers : {1, 3, 5})
        QTest::newRow(qPrintable(QString("%1, %2 workers").arg(partition).arg(workers)))
            << partition << workers;
  }
  void theLoaderTakesAsManySteps() {
    QFETCH(QString, partition);
    QFETCH(int, workers);
    const Json json = {{"dataset", {{"partition", Json::parse(partition.toStdString())}}},
                       {"training", {{"batch_size", 4}}},
                       {"workers", {{{"count", workers}}}}};
    const Plan plan = Good(json);
    const Spec spec = SpecOf(json);
    const auto dataset = Registry::Global().Create<Dataset>("dataset", spec.dataset);
    QVERIFY(dataset.ok());
    const auto train = (*dataset)->OpenTrain("");
    QVERIFY(train.ok());
    for (int worker = 0; worker < workers; ++worker) {
      auto made = Registry::Global().Create<Partition>("partition", spec.partition);
      QVERIFY(made.ok());
      const auto loader =
          Loader::Create(*train, *std::move(made),
                         {.batch_size = 4, .worker = worker, .workers = workers, .seed = spec.seed});
      QVERIFY2(loader.ok(), loader.status().ToString().c_str());
      QCOMPARE(plan.steps_per_epoch, (*loader)->steps_per_epoch());
      const auto& histogram = plan.class_histogram[static_cast<size_t>(worker)];
      QVERIFY(std::accumulate(histogram.begin(), histogram.end(), int64_t{0}) >=
              (*loader)->samples_per_epoch());
    }
  }

  void aPatternMustFitALayer() {
    const Json json = {{"model", {{"kind", "lenet-5"}}},
                       {"layer_gradients",
                        {{{"layers", "conv?"}, {"gradient", {{{"kind", "fp16"}}}}},
                         {{"layers", "fc*"}, {"gradient", Json::array()}}}}};
    const std::vector<Fault> faults = FaultsOf(json);
    QCOMPARE(faults.size(), size_t{1});
    QCOMPARE(faults[0].pointer, std::string("/layer_gradients/1/layers"));
    QVERIFY(absl::StrContains(faults[0].message, "conv1, conv2, dense1"));
  }

  void aKnobThatTurnsItselfIsWarnedOf() {
    const Json line = {{"kind", "linear"}, {"from", 0.5}, {"to", 0.1}};
    Json json = {{"gradient", {{{"kind", "top-k"}}}},
                 {"training", {{"batch_size", 20}}},
                 {"workers", {{{"count", 2}}}},
                 {"knobs",
                  {{{"pointer", "/optimizer/learning_rate"}, {"policy", line}},
                   {{"pointer", "/gradient/0/ratio"}, {"policy", line}}}}};
    int warnings = 0;
    for (const std::string& warning : Good(json).warnings)
      if (absl::StrContains(warning, "/knobs/")) {
        ++warnings;
        QVERIFY(absl::StrContains(warning, "/gradient/0/ratio as it stands, and /knobs/1"));
      }
    QCOMPARE(warnings, 1);
  }

  void layersOfTheirOwnAreInThePlan() {
    Json json = {{"model", {{"kind", "lenet-300-100"}}},
                 {"exchange", {{"kind", "all-reduce"}, {"bucket_mib", 64}}},
                 {"training", {{"batch_size", 20}}},
                 {"workers", {{{"count", 2}}}}};
    const Plan dense = Good(json);
    json["layer_gradients"] = {{{"layers", "dense1"}, {"gradient", {{{"kind", "fp16"}}}}}};
    const Plan plan = Good(json);
    QCOMPARE(plan.dense_bytes_per_step, dense.dense_bytes_per_step);
    const double first = 784 * 300 + 300, others = 266610 - first;  // of two workers each sends what there is
    QCOMPARE(plan.payload_bytes_per_step_and_rank, 2 * first + 4 * others);
    QVERIFY(plan.memory_bytes_per_worker > dense.memory_bytes_per_worker + 8 * first);
    json["layer_gradients"][0]["gradient"] = Json::array();  // as it is anyway, but apart
    QCOMPARE(Good(json).payload_bytes_per_step_and_rank, dense.payload_bytes_per_step_and_rank);
  }

  void theJsonSaysTheSame() {
    const Plan plan = Good({{"workers", {{{"count", 2}}, {{"launcher", "in-process"}, {"count", 1}}}}});
    const Json json = Json::parse(plan.json, nullptr, false);
    QVERIFY(json.is_object());
    QVERIFY(plan.json.find('\n') == std::string::npos);
    QCOMPARE(json.at("parameters").get<int64_t>(), plan.parameters);
    QCOMPARE(json.at("steps_per_epoch").get<int64_t>(), plan.steps_per_epoch);
    QCOMPARE(json.at("dataset").at("classes").get<int64_t>(), int64_t{10});
    QCOMPARE(json.at("layers").size(), plan.layers.size());
    QCOMPARE(json.at("class_histogram").size(), size_t{3});
    const Json& workers = json.at("workers");
    QCOMPARE(workers.size(), size_t{3});
    QCOMPARE(workers[2].at("rank").get<int>(), 2);
    QCOMPARE(workers[1].at("launcher").get<std::string>(), std::string("local"));
    QCOMPARE(workers[2].at("launcher").get<std::string>(), std::string("in-process"));
    QCOMPARE(workers[2].at("axis").at("data").get<int>(), 2);
    QCOMPARE(json.at("transport").get<std::string>(), std::string("shared-memory"));
  }

  void whatCannotBeIsAFault() {
    const auto only = [&](const Json& json, const char* pointer, const char* says) {
      const std::vector<Fault> faults = FaultsOf(json);
      QCOMPARE(faults.size(), size_t{1});
      QCOMPARE(faults[0].pointer, std::string(pointer));
      QVERIFY2(absl::StrContains(faults[0].message, says), faults[0].message.c_str());
      QVERIFY(!faults[0].found.empty());
    };
    only({{"dataset", {{"train_images", "/nothing/here"}}}}, "/dataset/train_images", "/nothing/here");
    only({{"dataset", {{"train_images", "nothing/here"}}}}, "/dataset/train_images", "the whole path");
    const QString swapped = folder_.filePath("images_as_labels");
    QVERIFY(QFile::copy(folder_.filePath("train_images"), swapped));
    only({{"dataset", {{"train_labels", swapped.toStdString()}}}}, "/dataset/train_labels",
         "images_as_labels");
    only({{"training", {{"batch_size", 600}}}, {"workers", {{{"count", 2}}}}}, "/training/batch_size", "501");
    only({{"workers", {{{"count", 1004}}}}, {"training", {{"batch_size", 1}}}}, "/dataset/partition", "1003");
  }

  void aModelThatDoesNotFitTheSamplesIsAFault() {
    QFile table(folder_.filePath("table.csv"));
    QVERIFY(table.open(QIODevice::WriteOnly));
    table.write("a,b,label\n");
    for (int i = 0; i < 200; ++i) table.write(i % 2 ? "1,2,x\n" : "3,4,y\n");
    table.close();
    const SpecCheck check = CheckSpec(Json{
        {"dataset",
         {{"kind", "csv"}, {"path", folder_.filePath("table.csv").toStdString()}, {"label", "label"}}},
        {"model", {{"kind", "lenet-5"}}}}.dump());
    QVERIFY(check.faults.empty());
    std::vector<Fault> faults;
    QVERIFY(PlanOf(check.spec, "", faults).ok());
    QCOMPARE(faults.size(), size_t{1});
    QCOMPARE(faults[0].pointer, std::string("/model"));
  }

  void classesThatCannotBeLearnedAreAFault_data() {
    QTest::addColumn<QByteArray>("text");
    QTest::addColumn<QString>("says");
    QTest::newRow("one class") << QByteArray("a,label\n1,x\n2,x\n3,x\n") << "of one class (x)";
    QTest::newRow("Latin-1") << QByteArray("a,label\n1,x\n2,gr\xfcn\n3,x\n") << "not in UTF-8";
  }
  void classesThatCannotBeLearnedAreAFault() {
    QFETCH(QByteArray, text);
    QFETCH(QString, says);
    QFile table(folder_.filePath("classes.csv"));
    QVERIFY(table.open(QIODevice::WriteOnly));
    table.write(text);
    table.close();
    const SpecCheck check = CheckSpec(Json{
        {"dataset",
         {{"kind", "csv"}, {"path", folder_.filePath("classes.csv").toStdString()}, {"label", "label"}}},
        {"model", {{"kind", "mlp"}}}}.dump());
    QVERIFY(check.faults.empty());
    std::vector<Fault> faults;
    QVERIFY(PlanOf(check.spec, "", faults).ok());
    QCOMPARE(faults.size(), size_t{1});
    QVERIFY2(absl::StrContains(faults[0].message, says.toStdString()), faults[0].message.c_str());
  }

  void warningsAreSaid_data() {
    QTest::addColumn<QString>("json");
    QTest::addColumn<QString>("says");
    QTest::newRow("more workers than cores")
        << R"({"workers": [{"count": 200}], "training": {"batch_size": 1}})"
        << "share the";
    QTest::newRow("gathered payloads of many workers")
        << R"({"gradient": [{"kind": "top-k", "ratio": 0.3}], "workers": [{"count": 16}], "training": {"batch_size": 8}})"
        << "sends more";
    QTest::newRow("batch norm") << R"({"model": {"kind": "resnet-8"}, "workers": [{"count": 2}]})"
                                << "batch norm";
    QTest::newRow("batch norm of micro-batches")
        << R"({"model": {"kind": "resnet-8"}, "mesh": {"pipeline": 2}})"
        << "each micro-batch of 16 samples";
    QTest::newRow("narrow micro-batches") << R"({"mesh": {"pipeline": 2}, "training": {"batch_size": 24}})"
                                          << "take a /training/batch_size of 64";
    QTest::newRow("a codec for nobody") << R"({"gradient": [{"kind": "top-k"}]})"
                                        << "saves nothing";
    QTest::newRow("momentum twice")
        << R"({"gradient": [{"kind": "momentum-correction"}, {"kind": "top-k", "error_feedback": false}],
               "workers": [{"count": 2}]})"
        << "momentum acts twice";
    QTest::newRow("momentum of dgc twice")
        << R"({"gradient": [{"kind": "dgc"}], "workers": [{"count": 2}]})"
        << "momentum acts twice: in /gradient/0/momentum, and in the optimiser after it; set "
           "/optimizer/momentum";
    QTest::newRow("momentum of dgc and Adam")
        << R"({"gradient": [{"kind": "dgc"}], "optimizer": {"kind": "adam"}, "workers": [{"count": 2}]})"
        << "/optimizer/beta1 to 0";
    QTest::newRow("momentum of differences")
        << R"({"gradient": [{"kind": "dgc"}], "exchange": {"kind": "choco-sgd"}, "workers": [{"count": 2}]})"
        << "choco-sgd compresses differences";
    QTest::newRow("nothing but warm-up")
        << R"({"gradient": [{"kind": "onebit"}], "optimizer": {"kind": "one-bit-adam"},
               "exchange": {"kind": "all-reduce"}, "training": {"max_steps": 50}, "workers": [{"count": 2}]})"
        << "within the warm-up of 100 steps";
    QTest::newRow("hops between two")
        << R"({"gradient": [{"kind": "onebit"}], "exchange": {"kind": "all-reduce", "recompress": true},
               "workers": [{"count": 2}]})"
        << "for 3 and more";
    QTest::newRow("bytes of MPI") << R"({"network": {"transport": "mpi"}, "workers": [{"count": 2}]})"
                                  << "counted where they are handed to MPI";
    QTest::newRow("a world that ends together")
        << R"({"network": {"transport": "mpi"}, "workers": [{"count": 2}]})"
        << "mpirun ends all workers";
    QTest::newRow("Gloo between machines")
        << R"({"network": {"transport": "gloo"}, "workers": [{"launcher": "remote", "host": "b"}]})"
        << "Gloo sends gradients and parameters unencrypted";
    QTest::newRow("less than an epoch") << R"({"training": {"max_steps": 3}})"
                                        << "3 of the 15 steps";
  }
  void warningsAreSaid() {
    QFETCH(QString, json);
    QFETCH(QString, says);
    const Plan plan = Good(Json::parse(json.toStdString()));
    QString all;
    for (const std::string& warning : plan.warnings) all += QString::fromStdString(warning) + "\n";
    QVERIFY2(all.contains(says), qPrintable(all));
    for (const std::string& warning : Good({{"model", {{"kind", "2nn"}}}}).warnings)
      QVERIFY2(!QString::fromStdString(warning).contains(says), warning.c_str());
  }
};

CONCERTINA_TEST(PlanTest)

}  // namespace concertina::plan_test

#include "plan_test.moc"
