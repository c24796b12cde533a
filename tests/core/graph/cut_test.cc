// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// cut_test.cc: the stages of a model, run one after another with several micro-batches under way, are the
// model: its parameters, its loss, its gradients, its running statistics; and what cannot be cut is refused.
#include "core/graph/cut.h"

#include <QTest>
#include <algorithm>
#include <cmath>
#include <map>

#include "core/graph/split_tensor.h"
#include "core/graph/stage.h"
#include "core/tensor/transpose.h"
#include "tests/core/graph/sample_graphs.h"
#include "tests/test_program.h"

namespace concertina::cut_test {
namespace {

constexpr uint64_t kSeed = 11;
constexpr int64_t kStep = 3;

struct Model {
  std::string name;
  Graph graph;
};

std::vector<Model> Models() {
  std::vector<Model> all;
  for (SampleGraph& sample : SampleGraphs()) all.push_back({std::move(sample.name), std::move(sample.graph)});
  all.push_back({"LeNet-300-100", LeNet300()});
  all.push_back({"LeNet-5", LeNet5()});
  all.push_back({"ResNet-8", ResNet8()});
  return all;
}

bool Has(const Graph& graph, OpKind kind) {
  return std::any_of(graph.nodes().begin(), graph.nodes().end(),
                     [&](const Node& node) { return node.kind == kind; });
}

QString Refusal(const absl::Status& status) {
  return status.code() == absl::StatusCode::kInvalidArgument
             ? QString::fromStdString(std::string(status.message()))
             : QString("not refused");
}

QStringList LayersOf(const Graph& graph) {
  QStringList layers;
  for (const Cut& cut : LegalCuts(graph)) layers << QString::fromStdString(cut.layer);
  return layers;
}

// What came of a step, parameters and buffers by name.
struct Outcome {
  double loss = 0;
  std::map<std::string, std::vector<float>> gradients, buffers;
};

void Collect(const std::vector<ParameterSlot>& layout, std::span<const float> values,
             std::map<std::string, std::vector<float>>& all) {
  for (const ParameterSlot& slot : layout) {
    const auto of = values.subspan(static_cast<size_t>(slot.offset), static_cast<size_t>(slot.count));
    all[slot.name].assign(of.begin(), of.end());
  }
}

// The whole model: each of `parts` portions of the batch by itself, one after another; their mean.
Outcome Whole(const Graph& graph, const Problem& problem, int64_t batch, int64_t parts) {
  const int64_t part = batch / parts;
  auto executor = Executor::Create(graph, {.batch_size = part, .seed = kSeed}).value();
  std::ranges::copy(problem.parameters, executor->parameters().begin());
  std::ranges::copy(problem.buffers, executor->buffers().begin());
  const size_t sample = problem.input.size() / static_cast<size_t>(batch);
  std::vector<float> sum(executor->gradients().size());
  Outcome outcome;
  for (int64_t m = 0; m < parts; ++m) {
    const auto first = static_cast<size_t>(m * part);
    std::copy_n(problem.input.begin() + static_cast<std::ptrdiff_t>(first * sample), executor->input().size(),
                executor->input().begin());
    std::copy_n(problem.labels.begin() + static_cast<std::ptrdiff_t>(first), part,
                executor->labels().begin());
    outcome.loss += executor->Step(kStep, {}) / static_cast<double>(parts);
    for (size_t i = 0; i < sum.size(); ++i) sum[i] += executor->gradients()[i] / static_cast<float>(parts);
  }
  Collect(executor->parameter_slots(), sum, outcome.gradients);
  Collect(executor->buffer_slots(), executor->buffers(), outcome.buffers);
  return outcome;
}

struct Portion {
  std::vector<ParameterSlot> parameter_slots, buffer_slots;
  std::vector<float> parameters, gradients, buffers, sum;
  std::unique_ptr<Stage> stage;
  bool is_named_in_order = true;
};

// All micro-batches forward through all stages, then all of them back.
Outcome Staged(const Graph& graph, const std::vector<int>& cuts, const Problem& problem, int64_t batch,
               int micro_batches, bool recomputes) {
  const int64_t part = batch / micro_batches;
  const size_t sample = problem.input.size() / static_cast<size_t>(batch);
  std::vector<Portion> portions(cuts.size() + 1);
  for (size_t s = 0; s < portions.size(); ++s) {
    Portion& p = portions[s];
    const Graph of = CutStage(graph, cuts, static_cast<int>(s)).value();
    p.parameter_slots = SlotsOf(of, of.parameters());
    p.buffer_slots = SlotsOf(of, of.buffers());
    p.parameters.resize(static_cast<size_t>(TotalOf(p.parameter_slots)));
    p.gradients.resize(p.parameters.size());
    p.sum.resize(p.parameters.size());
    p.buffers.resize(static_cast<size_t>(TotalOf(p.buffer_slots)));
    Initialize(of, 7, p.parameters, p.buffers);  // the same draws as the whole's
    p.stage = Stage::Create(of,
                            {.executor = {.batch_size = part, .seed = kSeed},
                             .slot_count = micro_batches,
                             .wants_input = s > 0,
                             .recomputes = recomputes},
                            {p.parameters.data(), p.gradients.data(), p.buffers.data()})
                  .value();
  }
  absl::Status status;
  Outcome outcome;
  const auto state = [&](int m) {
    return StepState{.step = kStep,
                     .count = part,
                     .first_sample = m * part,
                     .labels = problem.labels.data() + m * part,
                     .status = &status};
  };
  for (int m = 0; m < micro_batches; ++m) {
    Stage& first = *portions[0].stage;
    BatchToLanes(1, problem.input.data() + static_cast<size_t>(m * part) * sample, part,
                 static_cast<int64_t>(sample), first.lanes(), first.input(m).data());
    for (size_t s = 0; s < portions.size(); ++s) {
      if (s > 0) std::ranges::copy(portions[s - 1].stage->output(m), portions[s].stage->input(m).begin());
      portions[s].stage->Forward(m, state(m));
    }
    for (int64_t n = 0; n < part; ++n)
      outcome.loss += static_cast<double>(portions.back().stage->losses(m)[n]) / static_cast<double>(batch);
  }
  for (int m = 0; m < micro_batches; ++m)
    for (size_t s = portions.size(); s-- > 0;) {
      Portion& p = portions[s];
      if (recomputes) {
        StepState again = state(m);
        again.again = true;
        p.stage->Forward(m, again);
      }
      if (s + 1 < portions.size())
        std::ranges::copy(portions[s + 1].stage->input_gradient(m), p.stage->output_gradient(m).begin());
      std::vector<int> named;
      p.stage->Backward(m, state(m), [&](int parameter) { named.push_back(parameter); });
      p.is_named_in_order = p.is_named_in_order && named == p.stage->gradient_order() &&
                            named.size() == p.parameter_slots.size();
      for (size_t i = 0; i < p.sum.size(); ++i)
        p.sum[i] += p.gradients[i] / static_cast<float>(micro_batches);
    }
  for (const Portion& p : portions) {
    if (!p.is_named_in_order) qFatal("gradients were not named in their order");
    Collect(p.parameter_slots, p.sum, outcome.gradients);
    Collect(p.buffer_slots, p.buffers, outcome.buffers);
  }
  return outcome;
}

}  // namespace

class CutTest : public QObject {
  Q_OBJECT

 private slots:
  void modelsAreCutBetweenTheirLayers_data() {
    QTest::addColumn<int>("model");
    QTest::addColumn<QStringList>("layers");
    QTest::newRow("LeNet-300-100") << 0 << QStringList{"dense3", "dense5"};
    // Before the flattening or behind it, and before the loss, which has nothing to train.
    QTest::newRow("LeNet-5") << 1 << QStringList{"max-pool2d1", "conv2d2", "max-pool2d3",
                                                 "reshape4",    "dense5",  "dense7"};
  }
  void modelsAreCutBetweenTheirLayers() {
    QFETCH(int, model);
    QFETCH(QStringList, layers);
    QStringList found = LayersOf(model == 0 ? LeNet300() : LeNet5());
    QCOMPARE(found.takeLast().left(7), QString("softmax"));
    if (model == 0) QCOMPARE(found.takeFirst(), QString("dense1"));
    QCOMPARE(found, layers);
  }

  // Within a block two activations are on their way.
  void residualBlocksStayWhole() {
    const Graph graph = ResNet8();
    const std::vector<Cut> cuts = LegalCuts(graph);
    int blocks = 0;
    for (const Node& node : graph.nodes()) blocks += node.kind == OpKind::kAdd ? 1 : 0;
    QCOMPARE(blocks, 3);
    // norm, three blocks begin, pool, dense, loss.
    QCOMPARE(cuts.size(), size_t{1 + 3 + 1 + 1 + 1});
  }

  // Against all ways to cut.
  void balancedCutsAreTheBest() {
    int compared = 0;
    for (const Model& model : Models()) {
      const std::vector<Cut> legal = LegalCuts(model.graph);
      for (int stages = 2; stages <= 4; ++stages) {
        const auto slowest = [&](const std::vector<int>& cuts) {
          double most = 0;
          for (int s = 0; s < stages; ++s) {
            const Graph stage = CutStage(model.graph, cuts, s).value();
            most = std::max(most, stage.parameters().empty() ? INFINITY : stage.ForwardFlops());
          }
          return most;
        };
        double best = INFINITY;
        for (uint32_t chosen = 0; chosen < 1U << legal.size(); ++chosen) {
          std::vector<int> cuts;
          for (size_t i = 0; i < legal.size(); ++i)
            if ((chosen >> i & 1) != 0) cuts.push_back(legal[i].node);
          if (static_cast<int>(cuts.size()) == stages - 1) best = std::min(best, slowest(cuts));
        }
        const auto found = BalancedCuts(model.graph, stages);
        QCOMPARE(found.ok(), best < INFINITY);
        if (!found.ok()) continue;
        ++compared;
        QVERIFY(std::abs(slowest(*found) - best) <= 1e-9 * best);
        QCOMPARE(*BalancedCuts(model.graph, stages), *found);
      }
    }
    QVERIFY(compared > 40);
  }

  void whatCannotBeCutIsRefused() {
    QVERIFY(Refusal(BalancedCuts(LeNet300(), 4).status()).contains("at most 3 stages"));
    GraphMaker alone({5});
    alone.Dense(4);
    QVERIFY(Refusal(BalancedCuts(alone.Done(), 2).status()).contains("take 1"));
    QVERIFY(!BalancedCuts(LeNet300(), 0).ok());
    QVERIFY(Refusal(NamedCuts(LeNet300(), {"relu2"}).status()).contains("no stage can begin with layer"));
    QVERIFY(Refusal(NamedCuts(LeNet300(), {"dense9"}).status())
                .contains("has no layer \"dense9\"; a stage can "
                          "begin with"));
    QVERIFY(Refusal(NamedCuts(LeNet300(), {"dense5", "dense3"}).status()).contains("in the model's order"));
    QVERIFY(Refusal(NamedCuts(LeNet300(), {"dense3", "dense3"}).status()).contains("in the model's order"));
    QVERIFY(Refusal(NamedCuts(LeNet300(), {"dense1"}).status()).contains("nothing to train"));
    QVERIFY(Refusal(CutsOf(LeNet300(), "dense3", 3).status()).contains("1 layers are named, expected 2"));
    QCOMPARE(CutsOf(LeNet300(), "dense3, dense5", 3).value(),
             NamedCuts(LeNet300(), {"dense3", "dense5"}).value());
    QVERIFY(!CutStage(LeNet300(), {2}, 0).ok());  // before a ReLU
    QVERIFY(!CutStage(LeNet300(), {3}, 2).ok());
    QVERIFY(!CutStage(LeNet300(), {5, 3}, 1).ok());
  }

  // A spec means the same layer whether the model is divided over the tensor axis or not.
  void partsAreCutLikeTheWhole() {
    for (const Graph& graph : {LeNet300(), LeNet5(), ResNet8()}) {
      const QStringList whole = LayersOf(graph);
      const Graph first = SplitTensor(graph, 0, 2).value(), second = SplitTensor(graph, 1, 2).value();
      for (const QString& layer : whole) QVERIFY2(LayersOf(first).contains(layer), qPrintable(layer));
      QCOMPARE(LayersOf(second), LayersOf(first));
      QCOMPARE(BalancedCuts(second, 2).value(), BalancedCuts(first, 2).value());
    }
  }

  void stagesTogetherEqualTheWhole_data() {
    QTest::addColumn<int>("index");
    QTest::addColumn<int>("stages");
    QTest::addColumn<int>("micro_batches");
    QTest::addColumn<bool>("recomputes");
    const std::vector<Model> models = Models();
    int cut = 0;
    for (size_t i = 0; i < models.size(); ++i)
      for (const int stages : {2, 3})
        for (const int micro_batches : {1, 2, 4})
          for (const bool recomputes : {false, true}) {
            if (!BalancedCuts(models[i].graph, stages).ok()) continue;
            // One oracle has other masks, the other other statistics.
            if (micro_batches > 1 && Has(models[i].graph, OpKind::kBatchNorm) &&
                Has(models[i].graph, OpKind::kDropout))
              continue;
            QTest::addRow("%s, %d stages, %d%s", models[i].name.c_str(), stages, micro_batches,
                          recomputes ? ", recomputed" : "")
                << static_cast<int>(i) << stages << micro_batches << recomputes;
            ++cut;
          }
    QVERIFY(cut >= 100);
  }
  void stagesTogetherEqualTheWhole() {
    QFETCH(int, index);
    QFETCH(int, stages);
    QFETCH(int, micro_batches);
    QFETCH(bool, recomputes);
    constexpr int64_t kBatch = 12;
    const Graph graph = Models()[static_cast<size_t>(index)].graph;
    const Problem problem(graph, kBatch, 7);
    const std::vector<int> cuts = BalancedCuts(graph, stages).value();
    const Outcome expected =
        Whole(graph, problem, kBatch, Has(graph, OpKind::kBatchNorm) ? micro_batches : 1);
    const Outcome got = Staged(graph, cuts, problem, kBatch, micro_batches, recomputes);
    // Sums of at most a few thousand floats in another order, through layers that may cancel: as
    // gradient_test.cc holds executors to the oracle.
    constexpr double kRounding = 2e-5, kCancels = 1e-2;
    QVERIFY(std::abs(got.loss - expected.loss) <= kRounding * std::abs(expected.loss));
    QCOMPARE(got.gradients.size(), expected.gradients.size());
    QCOMPARE(got.buffers.size(), expected.buffers.size());
    double largest = 0;
    for (const auto& [name, values] : expected.gradients)
      for (const float value : values) largest = std::max(largest, static_cast<double>(std::abs(value)));
    for (const auto& [name, values] : expected.gradients) {
      double scale = kCancels * largest;
      for (const float value : values) scale = std::max(scale, static_cast<double>(std::abs(value)));
      const auto& of_stages = got.gradients.at(name);
      for (size_t i = 0; i < values.size(); ++i)
        if (!(static_cast<double>(std::abs(of_stages.at(i) - values[i])) <= kRounding * scale))
          QFAIL(qPrintable(QString("%1 [%2]: %3, expected %4")
                               .arg(name.c_str())
                               .arg(i)
                               .arg(static_cast<double>(of_stages[i]))
                               .arg(static_cast<double>(values[i]))));
    }
    for (const auto& [name, values] : expected.buffers)
      for (size_t i = 0; i < values.size(); ++i)
        QVERIFY(static_cast<double>(std::abs(got.buffers.at(name).at(i) - values[i])) <=
                kRounding * (1 + static_cast<double>(std::abs(values[i]))));
    if (!recomputes) return;
    // The same operations on the same numbers.
    const Outcome kept = Staged(graph, cuts, problem, kBatch, micro_batches, false);
    QVERIFY(got.gradients == kept.gradients);
    QVERIFY(got.buffers == kept.buffers);
  }

  // What a slot keeps is the price of a micro-batch under way.
  void recomputingKeepsLess() {
    const Graph first = CutStage(ResNet8(), BalancedCuts(ResNet8(), 2).value(), 0).value();
    const auto floats = [&](int slot_count, bool recomputes) {
      std::vector<float> parameters(static_cast<size_t>(first.parameter_count())), gradients = parameters;
      std::vector<float> buffers(static_cast<size_t>(TotalOf(SlotsOf(first, first.buffers()))));
      return Stage::Create(
                 first, {.executor = {.batch_size = 16}, .slot_count = slot_count, .recomputes = recomputes},
                 {parameters.data(), gradients.data(), buffers.data()})
          .value()
          ->memory_floats();
    };
    // 784 + 16 x 28 x 28 floats of each sample, where the convolutions and norms between keep many such.
    const int64_t kept = floats(8, false) - floats(4, false), again = floats(8, true) - floats(4, true);
    QVERIFY2(3 * again < kept, qPrintable(QString("%1, %2").arg(again).arg(kept)));
  }
};

CONCERTINA_TEST(CutTest)

}  // namespace concertina::cut_test

#include "cut_test.moc"
