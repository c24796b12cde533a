// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// plan_axes_test.cc: the plan of a model that several ranks hold between them: a tensor axis, and a pipeline.
#include <QTest>
#include <algorithm>
#include <map>

#include "core/experiment/plan.h"
#include "nlohmann/json.hpp"
#include "tests/core/experiment/plan_samples.h"
#include "tests/test_program.h"

namespace concertina::plan_axes_test {

class PlanAxesTest : public QObject, plan_samples::PlanSamples {
  Q_OBJECT

 private slots:
  void initTestCase() { WriteSamples(); }

  void aTensorAxisIsInThePlan() {
    Json json = {{"model", {{"kind", "lenet-5"}}},
                 {"training", {{"batch_size", 20}}},
                 {"exchange", {{"kind", "all-reduce"}, {"bucket_mib", 64}}},  // one, whole or part
                 {"mesh", {{"data", 2}}}};
    const Plan whole = Good(json);
    json["mesh"]["tensor"] = 2;
    const Plan plan = Good(json);
    QCOMPARE(plan.world_size, int64_t{4});
    QCOMPARE(plan.global_batch_size, whole.global_batch_size);
    QCOMPARE(plan.steps_per_epoch, whole.steps_per_epoch);
    QCOMPARE(plan.parameters, whole.parameters);
    QCOMPARE(plan.training_flops_per_sample, whole.training_flops_per_sample);
    QStringList split;
    for (const LayerPlan& layer : plan.layers) split << QString::fromStdString(layer.split);
    QCOMPARE(split.join(","), QString("channels out,part,channels in,,,columns,part,rows,"));
    for (const LayerPlan& layer : whole.layers) QVERIFY(layer.split.empty());
    QVERIFY(plan.memory_bytes_per_worker < 0.65 * whole.memory_bytes_per_worker);

    // Ranks 0 and 1 are the parts of one copy of the model, 2 and 3 those of the other (mesh.h).
    std::map<std::pair<int, int>, double> flows;
    for (const Flow& flow : plan.pattern.flows) flows[{flow.from, flow.to}] += flow.bytes;
    QCOMPARE(flows.size(), size_t{8});
    const double part = 4.0 * (431080 - 50 - 10) / 2 + 4.0 * (50 + 10);  // all but the rows' biases
    const double sums = 4.0 * 32 * (50 * 8 * 8 + 10 + 50 * 4 * 4);       // of 32 lanes
    for (const auto& [between, expected] : std::map<std::pair<int, int>, double>{{{0, 2}, part},
                                                                                 {{2, 0}, part},
                                                                                 {{1, 3}, part},
                                                                                 {{3, 1}, part},
                                                                                 {{0, 1}, sums},
                                                                                 {{1, 0}, sums},
                                                                                 {{2, 3}, sums},
                                                                                 {{3, 2}, sums}})
      QCOMPARE(flows.at(between), expected);
    QCOMPARE(plan.payload_bytes_per_step_and_rank, part + sums);
    QCOMPARE(plan.dense_bytes_per_step, part + sums);
    QCOMPARE(plan.pattern.rounds, whole.pattern.rounds + 3);
    QCOMPARE(Json::parse(plan.json)["layers"][2]["split"].get<std::string>(), std::string("channels in"));
  }

  void whatATensorAxisCannotDivideIsAFault() {
    const auto fault = [&](const char* model, int tensor) {
      const std::vector<Fault> faults =
          FaultsOf({{"model", {{"kind", model}}}, {"mesh", {{"tensor", tensor}}}});
      return faults.size() == 1 && faults[0].pointer == "/mesh/tensor"
                 ? QString::fromStdString(faults[0].message)
                 : QString("no fault, or another");
    };
    QCOMPARE(fault("lenet-300-100", 7),
             QString("/mesh/tensor: layer \"dense1\" has 300 features, which 7 does not "
                     "divide; take 2, 3, 4, 5, 6, 10, 12, 15, …"));
    QVERIFY(fault("resnet-8", 3).contains("layer \"stage1.block1.conv1\" has 16 channels"));
    QVERIFY(fault("logistic-regression", 2).contains("no pair to divide"));
  }

  void aPipelineIsInThePlan() {
    Json json = {{"model", {{"kind", "lenet-300-100"}}},
                 {"training", {{"batch_size", 64}}},
                 {"exchange", {{"kind", "all-reduce"}, {"bucket_mib", 64}}},
                 {"mesh", {{"data", 2}}}};
    const Plan whole = Good(json);
    json["mesh"]["pipeline"] = 3;
    const Plan plan = Good(json);
    QCOMPARE(plan.world_size, int64_t{6});
    QCOMPARE(plan.global_batch_size, whole.global_batch_size);
    QCOMPARE(plan.parameters, whole.parameters);
    QCOMPARE(plan.training_flops_per_sample, whole.training_flops_per_sample);
    QStringList stages;
    for (const LayerPlan& layer : plan.layers) stages << QString::number(layer.stage);
    // flatten, dense, relu | dense, relu | dense, loss
    QCOMPARE(stages.join(","), QString("0,0,0,1,1,2,2"));
    QCOMPARE(plan.pipeline.expected_bubble, 2.0 / 6);
    QVERIFY(plan.pipeline.slowest_stage > 2);  // most of it is in the first layer

    // Rank = (data 3 + stage): activations of 64 samples between stages, gradients of a stage between copies.
    std::map<std::pair<int, int>, double> flows;
    for (const Flow& flow : plan.pattern.flows) flows[{flow.from, flow.to}] += flow.bytes;
    std::map<std::pair<int, int>, double> expected;
    const double parameters[] = {784 * 300 + 300, 300 * 100 + 100, 100 * 10 + 10}, crossing[] = {300, 100};
    for (int stage = 0; stage < 3; ++stage) {
      expected[{stage, 3 + stage}] = expected[{3 + stage, stage}] = 4 * parameters[stage];
      for (const int copy : {0, 3})
        if (stage < 2) {
          expected[{copy + stage, copy + stage + 1}] = 4 * 64 * crossing[stage];
          expected[{copy + stage + 1, copy + stage}] = 4 * 64 * crossing[stage] + 8;  // and the loss
        }
    }
    QVERIFY(flows == expected);
    QCOMPARE(plan.payload_bytes_per_step_and_rank, 4 * parameters[0] + 4 * 64 * 300);
    QCOMPARE(plan.messages_per_step_and_rank, 1.0 + 8 + 1);  // the middle stage: four each way, the loss
    QCOMPARE(plan.pattern.rounds, whole.pattern.rounds + 4);
    const Json shown = Json::parse(plan.json);
    QCOMPARE(shown["pipeline"]["stages"].get<int>(), 3);
    QCOMPARE(shown["pipeline"]["micro_batches"].get<int>(), 4);
    for (size_t stage = 0; stage < 3; ++stage) {
      const Json& each = shown["pipeline"]["each"].at(stage);
      QCOMPARE(each["parameters"].get<double>(), parameters[stage]);
      QCOMPARE(each["forward_flops"].get<double>(), plan.pipeline.each[stage].forward_flops);
      QCOMPARE(each["micro_batches_under_way"].get<size_t>(), 3 - stage);
      // Of 16 samples each; the layers' activations are in their products' place.
      QCOMPARE(each["bytes_to_next"].get<double>(), stage < 2 ? 4 * 16 * crossing[stage] : 0);
    }
    const Json& chunk = shown["pipeline"]["each"][1]["chunks"].at(0);
    QCOMPARE(chunk["first"].get<std::string>(), plan.layers[3].name);
    QCOMPARE(chunk["last"].get<std::string>(), plan.layers[4].name);
    double flops = 0;
    for (const StagePlan& stage : plan.pipeline.each) flops += stage.forward_flops;
    for (const LayerPlan& layer : plan.layers) flops -= layer.forward_flops;
    QCOMPARE(flops, 0.0);
    // 300 in, 100 out, of two micro-batches of 16 samples.
    QCOMPARE(plan.pipeline.each[1].activation_bytes, 4 * 16 * 2 * (300.0 + 100.0));
    QCOMPARE(shown["layers"][3]["stage"].get<int>(), 1);
    QVERIFY(!Json::parse(whole.json).contains("pipeline"));
  }

  void partsOfTheModelHaveServersOfTheirOwn() {
    const auto flows_of = [](const Plan& plan) {
      std::map<std::pair<int, int>, double> flows;
      for (const Flow& flow : plan.pattern.flows) flows[{flow.from, flow.to}] += flow.bytes;
      return flows;
    };
    Json json = {{"model", {{"kind", "lenet-300-100"}}},
                 {"training", {{"batch_size", 64}}},
                 {"exchange", {{"kind", "all-reduce"}, {"bucket_mib", 64}}},
                 {"mesh", {{"data", 2}, {"pipeline", 3}}}};
    const auto reduced = flows_of(Good(json));
    json["exchange"] = {{"kind", "parameter-server"}, {"dedicated_servers", 1}, {"bucket_mib", 64}};
    const Plan plan = Good(json);
    QCOMPARE(plan.world_size, int64_t{9});
    QCOMPARE(plan.global_batch_size, int64_t{128});
    const double parameters[] = {784 * 300 + 300, 300 * 100 + 100, 100 * 10 + 10};
    auto expected = reduced;
    for (int stage = 0; stage < 3; ++stage) {
      expected.erase({stage, 3 + stage});
      expected.erase({3 + stage, stage});
      for (const int worker : {stage, 3 + stage})
        expected[{worker, 6 + stage}] = expected[{6 + stage, worker}] = 4 * parameters[stage];
    }
    QVERIFY(flows_of(plan) == expected);
    const Json workers = Json::parse(plan.json)["workers"];
    QCOMPARE(workers.size(), size_t{9});
    for (size_t rank = 0; rank < 9; ++rank)
      QCOMPARE(workers[rank]["role"].get<std::string>(), std::string(rank < 6 ? "worker" : "server"));
  }

  void copiesOutOfStepAreInThePlan() {
    Json json = {{"model", {{"kind", "lenet-300-100"}}},
                 {"training", {{"batch_size", 64}}},
                 {"mesh", {{"data", 2}, {"tensor", 2}}}};
    const auto flow = [&](const char* exchange, int from, int to) {
      json["exchange"] = Json::parse(exchange);
      double bytes = 0;
      for (const Flow& each : Good(json).pattern.flows)
        if (each.from == from && each.to == to) bytes += each.bytes;
      return bytes;
    };
    // Ranks 0 and 1 are one copy, 2 and 3 the other. What both parts have, they take from rank 0 of the axis,
    // and where servers may hold them back they tell each other when they may go on.
    constexpr char kReduce[] = R"({"kind": "all-reduce"})", kGossip[] = R"({"kind": "ad-psgd"})",
                   kAsync[] = R"({"kind": "parameter-server", "mode": "async", "damping": "workers"})",
                   kBound[] = R"({"kind": "parameter-server", "mode": "stale-synchronous",
                                  "damping": "workers"})";
    const double sums = flow(kReduce, 1, 0);
    const double replicas = 4.0 * (100 + 100 * 10 + 10);  // the bias of the rows, and a layer without a pair
    const double half = 4.0 * (784 * 300 + 300 + 300 * 100) / 2;
    for (const char* exchange : {kGossip, kAsync}) {
      QCOMPARE(flow(exchange, 0, 1), sums + replicas);
      QCOMPARE(flow(exchange, 1, 0), sums);
    }
    QCOMPARE(flow(kBound, 0, 1), sums + replicas + 8);
    QCOMPARE(flow(kBound, 1, 0), sums + 8);
    // Rank 0 and rank 1 serve their part to 2 and 3.
    QCOMPARE(flow(kAsync, 2, 0), half + replicas + 64);
    QCOMPARE(flow(kAsync, 3, 1), half + replicas + 64);
    QCOMPARE(flow(kAsync, 2, 1), 0.0);
    QCOMPARE(flow(kGossip, 2, 0), half + replicas);

    json["exchange"] = {{"kind", "parameter-server"}, {"backup_workers", 1}};
    const std::vector<Fault> faults = FaultsOf(json);
    QCOMPARE(faults.size(), size_t{1});
    QCOMPARE(faults[0].pointer, std::string("/exchange/backup_workers"));
  }

  void piecesOfAStageAreSaid() {
    const Plan plan = Good({{"model", {{"kind", "lenet-5"}}},
                            {"mesh", {{"pipeline", 2}}},
                            {"pipeline", {{"kind", "interleaved"}, {"micro_batches", 8}}}});
    QCOMPARE(plan.pipeline.chunks, int64_t{2});
    QCOMPARE(plan.pipeline.expected_bubble, 1.0 / 17);
    QCOMPARE(plan.pipeline.each.size(), size_t{2});
    int64_t parameters = 0;
    for (const StagePlan& stage : plan.pipeline.each) {
      QCOMPARE(stage.chunks.size(), size_t{2});
      parameters += stage.parameters;
    }
    QCOMPARE(parameters, plan.parameters);
    QCOMPARE(plan.pipeline.each[0].chunks[0].first, plan.layers.front().name);
    QCOMPARE(plan.pipeline.each[1].chunks[1].last, plan.layers.back().name);
    // Around the stages: forward along two cuts from stage 0 to 1 and back along the one between.
    double forth = 0, back = 0;
    for (const Flow& flow : plan.pattern.flows) (flow.from == 0 ? forth : back) += flow.bytes;
    const double to_one = plan.pipeline.each[0].bytes_to_next, to_zero = plan.pipeline.each[1].bytes_to_next;
    QCOMPARE(forth, 8 * (to_one + to_zero));
    QCOMPARE(back, 8 * (to_one + to_zero) + 8);
    const Json shown = Json::parse(plan.json);
    QCOMPARE(shown["pipeline"]["each"][1]["chunks"].size(), size_t{2});
  }

  // Two bytes an element instead of four, both ways; the loss goes as it is.
  void aCodecBetweenStagesIsCounted() {
    Json json = {{"model", {{"kind", "lenet-300-100"}}}, {"mesh", {{"pipeline", 2}}}};
    const Plan plain = Good(json);
    json["pipeline"] = {{"kind", "1f1b"}, {"activations", {{"kind", "fp16"}}}};
    const Plan half = Good(json);
    QCOMPARE(plain.pattern.flows.size(), size_t{2});
    QCOMPARE(half.pattern.flows.size(), size_t{2});
    for (const Flow& flow : plain.pattern.flows) {
      const double loss = flow.from == 1 ? 8 : 0;
      const auto same = std::find_if(half.pattern.flows.begin(), half.pattern.flows.end(),
                                     [&](const Flow& other) { return other.from == flow.from; });
      QVERIFY(same != half.pattern.flows.end());
      QCOMPARE(same->bytes, (flow.bytes - loss) / 2 + loss);
      QCOMPARE(same->messages, flow.messages);
    }
    QCOMPARE(half.dense_bytes_per_step, plain.payload_bytes_per_step_and_rank);
  }

  // One sum of 100 features and 64 samples forward, none back to the first layer's input.
  void aCodecOfTheTensorAxisIsCounted() {
    Json json = {{"model", {{"kind", "lenet-300-100"}}},
                 {"training", {{"batch_size", 64}}},
                 {"mesh", {{"data", 1}, {"tensor", 2}}}};
    const Plan plain = Good(json);
    QCOMPARE(plain.tensor.bytes_per_step, 4.0 * 64 * 100);
    QCOMPARE(plain.tensor.messages_per_step, 1.0);
    const auto with = [&](const char* kind, int ranks) {
      Json coded = json;
      coded["mesh"]["tensor"] = ranks;
      coded["tensor"]["activations"]["kind"] = kind;
      return Good(coded);
    };
    const Plan half = with("fp16", 2);
    QCOMPARE(half.tensor.bytes_per_step, 2.0 * 64 * 100);
    QCOMPARE(half.tensor.dense_bytes_per_step, plain.tensor.bytes_per_step);
    QCOMPARE(half.payload_bytes_per_step_and_rank, plain.payload_bytes_per_step_and_rank / 2);
    QCOMPARE(half.dense_bytes_per_step, plain.payload_bytes_per_step_and_rank);
    QVERIFY(half.coded.empty());  // of gradients there is none
    const Json shown = Json::parse(half.json)["tensor"];
    QCOMPARE(shown["ranks"].get<int>(), 2);
    QCOMPARE(shown["codec"].get<std::string>(), std::string("fp16"));
    QCOMPARE(shown["bytes_per_step"].get<double>(), half.tensor.bytes_per_step);
    QCOMPARE(shown["dense_bytes_per_step"].get<double>(), plain.tensor.bytes_per_step);
    QCOMPARE(shown["messages_per_step"].get<double>(), 1.0);
    // Along the ring of four, and from each to all others.
    QCOMPARE(with("fp16", 4).tensor.bytes_per_step, 2.0 * 3 / 4 * 2 * 64 * 100);
    const Plan gathered = with("bf16", 5);
    QCOMPARE(gathered.tensor.bytes_per_step, 4.0 * 2 * 64 * 100);
    QCOMPARE(gathered.tensor.messages_per_step, 4.0);
    const auto warns = [](const Plan& plan) {
      return std::count_if(plan.warnings.begin(), plan.warnings.end(), [](const std::string& warning) {
        return warning.find("gathered") != std::string::npos;
      });
    };
    QCOMPARE(warns(gathered), 1);
    QCOMPARE(warns(half), 0);
    json["mesh"] = {{"data", 2}};
    QVERIFY(!Json::parse(Good(json).json).contains("tensor"));
  }

  void whatAPipelineCannotCutIsAFault() {
    const auto fault = [&](const char* model, int stages, const char* cuts, const char* pointer,
                           const char* schedule = "gpipe") {
      const std::vector<Fault> faults = FaultsOf({{"model", {{"kind", model}}},
                                                  {"mesh", {{"pipeline", stages}}},
                                                  {"pipeline", {{"kind", schedule}, {"cuts", cuts}}}});
      return faults.size() == 1 && faults[0].pointer == pointer ? QString::fromStdString(faults[0].message)
                                                                : QString("no fault, or another");
    };
    QVERIFY(fault("lenet-300-100", 4, "balanced", "/mesh/pipeline").contains("at most 3 stages"));
    QVERIFY(
        fault("lenet-300-100", 2, "balanced", "/pipeline/chunks", "interleaved")
            .contains("2 stages of 2 chunks are like 4 stages: the model can be cut into at most 3 stages"));
    QVERIFY(fault("logistic-regression", 2, "balanced", "/mesh/pipeline").contains("take 1"));
    QVERIFY(fault("lenet-5", 2, "conv7", "/pipeline/cuts").contains("has no layer \"conv7\""));
    QVERIFY(fault("lenet-5", 3, "conv2", "/pipeline/cuts").contains("1 layers are named, expected 2"));
    QVERIFY(
        fault("resnet-8", 2, "stage1.block1.conv2", "/pipeline/cuts").contains("more than one activation"));
  }
};

CONCERTINA_TEST(PlanAxesTest)

}  // namespace concertina::plan_axes_test

#include "plan_axes_test.moc"
