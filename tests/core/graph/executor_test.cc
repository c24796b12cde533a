// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// executor_test.cc: what the executor promises beside its numbers (gradient_test.cc): no memory is asked for
// in a step, each gradient is named once, when it is final, and nothing is computed that nobody needs.
#include "core/graph/executor.h"

#include <QTest>
#include <algorithm>
#include <array>
#include <numeric>

#include "core/graph/differentiate.h"
#include "tests/allocations.h"
#include "tests/core/graph/sample_graphs.h"
#include "tests/test_program.h"

namespace concertina::executor_test {
namespace {

constexpr int64_t kBatch = 8;

Graph Known(const QString& name) {
  return name == "LeNet-300-100" ? LeNet300() : name == "LeNet-5" ? LeNet5() : ResNet8();
}

std::unique_ptr<Executor> Filled(const Graph& graph) {
  auto made = Executor::Create(graph, {.batch_size = kBatch, .seed = 3});
  if (!made.ok()) qFatal("%s", std::string(made.status().message()).c_str());
  const Problem problem(graph, kBatch, 7);
  std::ranges::copy(problem.parameters, (*made)->parameters().begin());
  std::ranges::copy(problem.buffers, (*made)->buffers().begin());
  std::ranges::copy(problem.input, (*made)->input().begin());
  std::ranges::copy(problem.labels, (*made)->labels().begin());
  return *std::move(made);
}

}  // namespace

class ExecutorTest : public QObject {
  Q_OBJECT
  static void models() {
    QTest::addColumn<QString>("model");
    for (const char* name : {"LeNet-300-100", "LeNet-5", "ResNet-8"}) QTest::newRow(name) << name;
  }

 private slots:
  void aStepAsksForNoMemory_data() { models(); }
  void aStepAsksForNoMemory() {
    QFETCH(QString, model);
    const auto executor = Filled(Known(model));
    int named = 0;
    const Executor::GradientReady count = [&named](int) { ++named; };
    for (int64_t step = 0; step < 3; ++step) executor->Step(step, count);
    executor->Evaluate(kBatch);
    const int64_t before = allocations;
    largest_allocation = 0;
    std::array<int64_t, 5> asked_by_step = {};
    for (int64_t step = 3; step < 8; ++step) {
      const int64_t begun = allocations;
      executor->Step(step, count);
      asked_by_step[static_cast<size_t>(step - 3)] = allocations - begun;
    }
    executor->Evaluate(kBatch);
    const int64_t asked = allocations - before;
    const size_t largest_bytes = largest_allocation;
    // Where one of oneDNN's convolutions was the quickest, it lists its arguments anew at each call
    // (tensor/onednn_convolution.h): the same few words at every step, whatever the size of the model.
    QVERIFY2(largest_bytes <= 256, qPrintable(QString::number(largest_bytes)));
    for (const int64_t of_step : asked_by_step) QCOMPARE(of_step, asked_by_step[0]);
    int64_t convolutions = 0;
    const Graph graph = Known(model);
    for (const Node& node : graph.nodes()) convolutions += node.kind == OpKind::kConv2d;
    // Three passes of four primitives: some 14 pieces a pass, and one more with a bias.
    QVERIFY2(asked_by_step[0] <= 3 * 16 * convolutions, qPrintable(QString::number(asked_by_step[0])));
    if (convolutions == 0) QCOMPARE(asked, int64_t{0});
    QCOMPARE(named, 8 * static_cast<int>(executor->parameter_slots().size()));
  }

  void aGradientIsNamedOnceItIsFinal_data() { models(); }
  void aGradientIsNamedOnceItIsFinal() {
    QFETCH(QString, model);
    const auto executor = Filled(Known(model));
    const auto& slots_of = executor->parameter_slots();
    std::vector<std::vector<float>> when_named(slots_of.size());
    std::vector<int> order;
    executor->Step(0, [&](int parameter) {
      const ParameterSlot& slot = slots_of[static_cast<size_t>(parameter)];
      const auto gradient =
          executor->gradients().subspan(static_cast<size_t>(slot.offset), static_cast<size_t>(slot.count));
      when_named[static_cast<size_t>(parameter)].assign(gradient.begin(), gradient.end());
      order.push_back(parameter);
    });
    QCOMPARE(order, executor->gradient_order());
    std::vector<int> every(slots_of.size());
    std::iota(every.begin(), every.end(), 0);
    std::ranges::sort(order);
    QCOMPARE(order, every);
    for (size_t i = 0; i < slots_of.size(); ++i) {
      const auto end = executor->gradients().subspan(static_cast<size_t>(slots_of[i].offset),
                                                     static_cast<size_t>(slots_of[i].count));
      QVERIFY2(std::ranges::equal(when_named[i], end), slots_of[i].name.c_str());
    }
    // From the loss backwards: the last layer's goes out while the first's is still to be computed.
    QVERIFY(executor->gradient_order().front() > executor->gradient_order().back());
  }

  // The samples are not trained: their gradient would cost as much as the first layer's weights'.
  void nobodyComputesTheGradientOfTheSamples() {
    for (const Graph& graph : {LeNet300(), LeNet5(), ResNet8()}) {
      ValueId input = -1;
      for (ValueId id = 0; id < static_cast<ValueId>(graph.values().size()); ++id)
        if (graph.value(id).role == ValueRole::kInput) input = id;
      QVERIFY(input >= 0);
      const auto makes_it = [input](const Backward& backward) {
        return std::ranges::any_of(backward.operations, [input](const BackwardOperation& operation) {
          return std::ranges::any_of(operation.makes,
                                     [input](const MadeGradient& made) { return made.value == input; });
        });
      };
      QVERIFY(!makes_it(Differentiate(graph)));
      QVERIFY(makes_it(Differentiate(graph, /*wants_input=*/true)));  // of a stage behind another
    }
  }

  void activationsAreFusedIntoTheirLayers() {
    const auto count = [](const Graph& graph, OpKind kind) {
      return std::ranges::count_if(graph.nodes(), [kind](const Node& node) { return node.kind == kind; });
    };
    const Graph whole = LeNet300(), fused = Fuse(whole);
    QCOMPARE(count(whole, OpKind::kRelu), 2);
    QCOMPARE(count(fused, OpKind::kRelu), 0);
    QCOMPARE(count(fused, OpKind::kDense), 3);
    QCOMPARE(fused.parameter_count(), whole.parameter_count());
    QCOMPARE(
        std::ranges::count_if(
            fused.nodes(), [](const Node& node) { return node.attributes.activation == Activation::kRelu; }),
        2);
  }
};

CONCERTINA_TEST(ExecutorTest)

}  // namespace concertina::executor_test

#include "executor_test.moc"
