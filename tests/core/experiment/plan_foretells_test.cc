// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// plan_foretells_test.cc: the bytes and the memory that a plan foretells are those that come.
#include <QTest>
#include <cmath>
#include <numeric>
#include <thread>

#include "core/base/registry.h"
#include "core/base/rng.h"
#include "core/experiment/layer_chains.h"
#include "core/experiment/plan.h"
#include "core/gradient/chain.h"
#include "core/nn/model.h"
#include "core/nn/optimizer.h"
#include "core/parallel/exchange.h"
#include "core/parallel/pipeline_executor.h"
#include "nlohmann/json.hpp"
#include "tests/core/experiment/plan_samples.h"
#include "tests/test_program.h"

namespace concertina::plan_foretells_test {

class PlanForetellsTest : public QObject, plan_samples::PlanSamples {
  Q_OBJECT

 private slots:
  void initTestCase() { WriteSamples(); }

  // DESIGN.md, section 7: bytes are counted where they leave the process, never worked out from a formula;
  // here the two are compared.
  void bytesAndMessagesAreAsForetold_data() {
    QTest::addColumn<QString>("exchange");
    QTest::addColumn<QString>("codec");
    QTest::addColumn<int>("workers");
    for (const char* exchange :
         {R"({"kind": "all-reduce"})", R"({"kind": "all-reduce", "bucket_mib": 0.1})",
          R"({"kind": "parameter-server"})", R"({"kind": "all-reduce", "recompress": true})",
          R"({"kind": "parameter-server", "compress_down": true})"})
      for (const char* codec :
           {"", R"({"kind": "none"})", R"({"kind": "onebit"})", R"({"kind": "fp16"})",
            R"({"kind": "top-k", "ratio": 0.02})",
            R"([{"kind": "top-k", "ratio": 0.02}, {"kind": "fp16"}, {"kind": "zstd"}])",
            R"({"kind": "random-k", "ratio": 0.02})", R"({"kind": "sketch"})", R"({"kind": "powersgd"})",
            R"({"kind": "atomo"})",
            R"({"layer_gradients": [{"layers": "dense1", "gradient": [{"kind": "top-k", "ratio": 0.02}]},
                                     {"layers": "dense2", "gradient": [{"kind": "fp16"}]}]})",
            R"({"gradient": [{"kind": "powersgd"}], "layer_gradients": [{"layers": "*1", "gradient": []}]})"})
        for (const int workers : {1, 2, 3, 4})
          QTest::newRow(qPrintable(QString("%1, %2, %3 workers").arg(exchange, codec).arg(workers)))
              << exchange << codec << workers;
  }
  void bytesAndMessagesAreAsForetold() {
    QFETCH(QString, exchange);
    QFETCH(QString, codec);
    QFETCH(int, workers);
    constexpr int kSteps = 3;
    Json json = {{"model", {{"kind", "lenet-300-100"}}},
                 {"exchange", Json::parse(exchange.toStdString())},
                 {"training", {{"batch_size", 4}}},
                 {"workers", {{{"count", workers}}}}};
    if (!codec.isEmpty()) {
      const Json chain = Json::parse(codec.toStdString());
      if (chain.contains("layer_gradients"))
        json.update(chain);
      else
        json["gradient"] = chain.is_array() ? chain : Json::array({chain});
    }
    const Plan plan = Good(json);
    const Spec spec = SpecOf(json);

    const auto model = Registry::Global().Create<Model>("model", spec.model);
    const auto graph = (*model)->Build(plan.dataset.sample, plan.dataset.classes);
    QVERIFY(graph.ok());
    const std::vector<ParameterSlot> layout = WithChains(spec, SlotsOf(*graph, graph->parameters()));
    std::vector<int> order(layout.size()), members(static_cast<size_t>(workers));
    std::iota(order.rbegin(), order.rend(), 0);
    std::iota(members.begin(), members.end(), 0);
    auto transports = MakeInProcessTransports(workers);
    std::vector<absl::Status> statuses(static_cast<size_t>(workers));
    std::vector<std::thread> threads;
    for (int rank = 0; rank < workers; ++rank)
      threads.emplace_back([&, rank] {
        const auto run = [&]() -> absl::Status {
          Communicator communicator(*transports[static_cast<size_t>(rank)], members, 1);
          ASSIGN_OR_RETURN(const auto made, Registry::Global().Create<Exchange>("exchange", spec.exchange));
          std::vector<float> gradients(static_cast<size_t>(plan.parameters));
          ExchangeContext context;
          context.data = &communicator;
          context.layout = &layout;
          context.gradient_order = &order;
          context.gradients = gradients;
          context.deadline_seconds = 20;
          if (!IsEmptyChain(spec.gradient)) context.make_codec = [&] { return MakeChain(spec.gradient); };
          for (const LayerGradient& own : spec.layer_gradients) {
            context.layer_codecs.emplace_back();
            if (!own.gradient.empty())
              context.layer_codecs.back() = [&own] { return MakeChain(own.gradient); };
          }
          RETURN_IF_ERROR(made->Prepare(context));
          for (int step = 0; step < kSteps; ++step) {
            Rng rng(3, "gradient", static_cast<uint64_t>(step * 10 + rank));
            for (float& g : gradients) g = static_cast<float>(rng.Normal());
            RETURN_IF_ERROR(made->Begin(step));
            for (const int parameter : order) made->GradientReady(parameter);
            RETURN_IF_ERROR(made->Finish(step, [](int64_t, int64_t) {}).status());
          }
          return absl::OkStatus();
        };
        statuses[static_cast<size_t>(rank)] = run();
      });
    for (std::thread& thread : threads) thread.join();
    // Chunks of a ring pack unequally, and go on from other ranks: the plan tells what each rank sends of the
    // mean chunk, which is what all ranks send together over their number.
    const bool is_mean = exchange.contains("recompress");
    double bytes = 0, sum = 0, messages = 0;
    for (int rank = 0; rank < workers; ++rank) {
      const absl::Status& status = statuses[static_cast<size_t>(rank)];
      QVERIFY2(status.ok(), status.ToString().c_str());
      const ByteCounts counts = transports[static_cast<size_t>(rank)]->counts();
      bytes = std::max(bytes, static_cast<double>(counts.payload_sent) / kSteps);
      sum += static_cast<double>(counts.payload_sent) / kSteps;
      messages = std::max(messages, static_cast<double>(counts.messages_sent) / kSteps);
    }
    if (is_mean) bytes = sum / workers;
    // MaxPayloadBytes is within 5 % of the usual payload (codec.h); parts that N does not divide add some
    // floats.
    // Where the gradient decides how well it packs, the most is foretold.
    const double tolerance = (codec.contains("zstd") ? 0.25 : 0.06) * bytes + 200;
    QVERIFY2(
        std::abs(bytes - plan.payload_bytes_per_step_and_rank) <= tolerance,
        qPrintable(QString("%1 sent, %2 foretold").arg(bytes).arg(plan.payload_bytes_per_step_and_rank)));
    if (codec.isEmpty() || codec.contains("layer_gradients") ||
        (codec.contains("powersgd") && exchange.contains("all-reduce")))
      QVERIFY2(
          std::abs(messages - plan.messages_per_step_and_rank) < 0.5,
          qPrintable(QString("%1 sent, %2 foretold").arg(messages).arg(plan.messages_per_step_and_rank)));
    if (workers == 1) QCOMPARE(plan.payload_bytes_per_step_and_rank, 0.0);
  }

  void memoryIsNearTheExecutors_data() {
    QTest::addColumn<QString>("model");
    for (const char* model : {"lenet-300-100", "lenet-5", "resnet-8"}) QTest::newRow(model) << model;
  }
  void memoryIsNearTheExecutors() {
    QFETCH(QString, model);
    const Json json = {{"model", {{"kind", model.toStdString()}}},
                       {"optimizer", {{"kind", "adam"}}},
                       {"training", {{"batch_size", 32}}}};
    const Plan plan = Good(json);
    const Spec spec = SpecOf(json);
    const auto made = Registry::Global().Create<Model>("model", spec.model);
    const auto graph = (*made)->Build(plan.dataset.sample, plan.dataset.classes);
    QVERIFY(graph.ok());
    const auto executor = Executor::Create(*graph, {.batch_size = 32});
    QVERIFY2(executor.ok(), executor.status().ToString().c_str());
    const auto optimizer = Registry::Global().Create<Optimizer>("optimizer", spec.optimizer);
    (*optimizer)->Prepare((*executor)->parameter_slots());
    const auto real = static_cast<double>((*executor)->memory_bytes()) +
                      4 * static_cast<double>((*optimizer)->state().size());
    // The executor's workspaces depend on the kernels that were the fastest here: half of it is not foretold.
    const double ratio = real / plan.memory_bytes_per_worker;
    QVERIFY2(ratio > 0.5 && ratio < 2, qPrintable(QString("real / foretold %1").arg(ratio)));
  }

  void aStagesMemoryIsNearTheExecutors_data() {
    QTest::addColumn<QString>("model");
    QTest::addColumn<QString>("schedule");
    QTest::addColumn<bool>("recompute");
    for (const char* model : {"lenet-300-100", "lenet-5", "resnet-8"})
      for (const std::string& schedule : Registry::Global().Kinds("pipeline-schedule"))
        for (const bool recompute : {false, true})
          if (schedule != "interleaved" || QString(model) == "resnet-8")
            QTest::addRow("%s, %s, %d", model, schedule.c_str(), recompute)
                << model << QString::fromStdString(schedule) << recompute;
  }
  void aStagesMemoryIsNearTheExecutors() {
    QFETCH(QString, model);
    QFETCH(QString, schedule);
    QFETCH(bool, recompute);
    const Json json = {{"model", {{"kind", model.toStdString()}}},
                       {"optimizer", {{"kind", "adam"}}},
                       {"training", {{"batch_size", 64}}},
                       {"mesh", {{"pipeline", 2}}},
                       {"pipeline", {{"kind", schedule.toStdString()}, {"recompute", recompute}}}};
    const Plan plan = Good(json);
    const Spec spec = SpecOf(json);
    const auto made = Registry::Global().Create<Model>("model", spec.model);
    const Graph graph = (*made)->Build(plan.dataset.sample, plan.dataset.classes).value();
    const auto tasks = Registry::Global().Create<PipelineSchedule>("pipeline-schedule", spec.pipeline);
    const std::vector<Graph> pieces = CutIntoPieces(graph, "balanced", **tasks, 2).value();
    double real = 0;
    for (int stage = 0; stage < 2; ++stage) {
      const auto executor = PipelineExecutor::Create(PiecesOfStage(pieces, stage, 2), **tasks,
                                                     {.executor = {.batch_size = 64},
                                                      .stage = stage,
                                                      .stages = 2,
                                                      .micro_batches = 4,
                                                      .recomputes = recompute});
      QVERIFY2(executor.ok(), executor.status().ToString().c_str());
      const auto optimizer = Registry::Global().Create<Optimizer>("optimizer", spec.optimizer);
      (*optimizer)->Prepare((*executor)->parameter_slots());
      real = std::max(real, static_cast<double>((*executor)->memory_bytes()) +
                                4 * static_cast<double>((*optimizer)->state().size()));
    }
    const double ratio = real / plan.memory_bytes_per_worker;  // as for a whole model
    QVERIFY2(ratio > 0.5 && ratio < 2, qPrintable(QString("real / foretold %1").arg(ratio)));
  }
};

CONCERTINA_TEST(PlanForetellsTest)

}  // namespace concertina::plan_foretells_test

#include "plan_foretells_test.moc"
