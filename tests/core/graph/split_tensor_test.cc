// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// split_tensor_test.cc: the parts of a model together are the model: its parameters, its loss, its gradients;
// and what cannot be divided is refused with a reason.
#include "core/graph/split_tensor.h"

#include <QTest>
#include <algorithm>
#include <atomic>
#include <cmath>
#include <thread>

#include "core/graph/dropout_key.h"
#include "core/graph/executor.h"
#include "tests/core/graph/reference.h"
#include "tests/core/graph/sample_graphs.h"
#include "tests/core/graph/thread_axis.h"
#include "tests/test_program.h"

namespace concertina::split_tensor_test {
namespace {

constexpr uint64_t kSeed = 11;
constexpr int64_t kStep = 3;

double Mask(const Node& node, int64_t feature, int64_t sample) {
  const DropoutKey key = DropoutKeyOf(kSeed, kStep, DropoutStream(node.name));
  return DropoutFactor(node.attributes.rate, key, feature, sample);
}

std::vector<double> Doubles(std::span<const float> floats) { return {floats.begin(), floats.end()}; }

double LargestOf(std::span<const double> values) {
  double largest = 0;
  for (const double value : values) largest = std::max(largest, std::abs(value));
  return largest;
}

// All that is divided, and how: "0 columns, 2 rows".
QString Divided(const Graph& graph, const std::vector<NodeSplit>& split) {
  QStringList words;
  for (size_t n = 0; n < split.size(); ++n) {
    if (split[n] == NodeSplit::kWhole) continue;
    words << QString("%1 %2").arg(QString::fromStdString(OpKindName(graph.nodes()[n].kind)),
                                  split[n] == NodeSplit::kColumns ? "columns"
                                  : split[n] == NodeSplit::kRows  ? "rows"
                                                                  : "part");
  }
  return words.join(", ");
}

// Where element i of a slot lies in the whole parameter.
int64_t WholeIndex(const ParameterSlot& slot, int64_t i) {
  if (!slot.slice) return i;
  int64_t inner = 1;
  for (size_t d = static_cast<size_t>(slot.slice->dimension) + 1; d < slot.shape.size(); ++d)
    inner *= slot.shape[d];
  const int64_t extent = slot.shape[static_cast<size_t>(slot.slice->dimension)];
  const int64_t whole_extent = slot.slice->whole[static_cast<size_t>(slot.slice->dimension)];
  const int64_t outer = i / (extent * inner);
  return (outer * whole_extent + slot.slice->begin + i / inner % extent) * inner + i % inner;
}

// One rank's executor and what came of it.
struct Part {
  std::unique_ptr<ThreadAxis> axis;
  std::unique_ptr<Executor> executor;
  double loss = 0;
  Executor::Evaluation evaluation;
  std::vector<int> ready;
};

struct Model {
  std::string name;
  Graph graph;
  int64_t batch = 1;
};

std::vector<Model> Models() {
  std::vector<Model> all;
  for (SampleGraph& sample : SampleGraphs())
    all.push_back({std::move(sample.name), std::move(sample.graph), sample.batch});
  all.push_back({"LeNet-300-100", LeNet300(), 9});
  all.push_back({"LeNet-5", LeNet5(), 2});
  all.push_back({"ResNet-8", ResNet8(), 2});
  return all;
}

}  // namespace

class SplitTensorTest : public QObject {
  Q_OBJECT

  void modelsAndSizes() {
    QTest::addColumn<int>("index");
    QTest::addColumn<int>("size");
    const std::vector<Model> models = Models();
    int divided = 0;
    for (size_t i = 0; i < models.size(); ++i)
      for (const int size : {2, 3, 4}) {
        if (!FindTensorSplit(models[i].graph, size).ok()) continue;
        QTest::addRow("%s, %d", models[i].name.c_str(), size) << static_cast<int>(i) << size;
        ++divided;
      }
    QVERIFY(divided >= 30);
  }

 private slots:
  void modelsAreDividedInPairs_data() {
    QTest::addColumn<int>("model");
    QTest::addColumn<QString>("divided");
    QTest::newRow("LeNet-300-100") << 0 << "dense columns, relu part, dense rows";
    QTest::newRow("LeNet-5")
        << 1 << "conv2d columns, max-pool2d part, conv2d rows, dense columns, relu part, dense rows";
    const QString block = "conv2d columns, batch-norm part, relu part, conv2d rows";
    QTest::newRow("ResNet-8") << 2 << QStringList{block, block, block}.join(", ");
  }
  void modelsAreDividedInPairs() {
    QFETCH(int, model);
    QFETCH(QString, divided);
    const Graph graph = model == 0 ? LeNet300() : model == 1 ? LeNet5() : ResNet8();
    QCOMPARE(Divided(graph, FindTensorSplit(graph, 2).value()), divided);
    QVERIFY(Divided(graph, FindTensorSplit(graph, 1).value()).isEmpty());
  }

  void whatCannotBeDividedIsRefused() {
    const auto refusal = [](const Graph& graph, int size) {
      const absl::Status status = SplitTensor(graph, 0, size).status();
      return status.code() == absl::StatusCode::kInvalidArgument
                 ? QString::fromStdString(std::string(status.message()))
                 : QString("not refused");
    };
    QCOMPARE(
        refusal(LeNet300(), 7),
        QString(
            "layer \"dense1\" has 300 features, which 7 does not divide; take 2, 3, 4, 5, 6, 10, 12, 15, …"));
    QVERIFY(refusal(LeNet5(), 3).contains("has 20 channels, which 3 does not divide; take 2, 4, 5, 10, 20"));
    GraphMaker alone({5});
    alone.Dense(4);
    QVERIFY(refusal(alone.Done(), 2).contains("no pair to divide"));
    GraphMaker odd({5});
    odd.Dense(4).Dense(3).Dense(9).Dense(3);
    QVERIFY(refusal(odd.Done(), 2).contains("has 9 features, which 2 does not divide; nothing but 1"));
    QVERIFY(refusal(SplitTensor(LeNet300(), 0, 2).value(), 2).contains("divided already"));
    QVERIFY(!SplitTensor(LeNet300(), 2, 2).ok());
    QVERIFY(!SplitTensor(LeNet300(), -1, 2).ok());
    QVERIFY(!FindTensorSplit(LeNet300(), 0).ok());
  }

  void aPartNeedsItsAxis() {
    const Graph part = SplitTensor(LeNet300(), 0, 2).value();
    QVERIFY(!Executor::Create(part, {}).ok());
    ThreadSums three(3);
    ThreadAxis axis(three, 0);
    const absl::Status status = Executor::Create(part, {.tensor = &axis}).status();
    QVERIFY2(std::string(status.message()).find("has 3") != std::string::npos,
             std::string(status.message()).c_str());
  }

  void whatIsSummedInPlaceIsNobodyElses() {
    GraphMaker m({5});
    const ValueId x = m.Dense(6).last();
    const ValueId y = m.Unary(OpKind::kReduceFromTensor).last();
    m.Node(OpKind::kAdd, {x, y}).Dense(3);
    QCOMPARE(Executor::Create(m.Done(), {}).status().code(), absl::StatusCode::kInvalidArgument);
    GraphMaker activated({5});
    activated.Dense(6, true, Activation::kTanh).Unary(OpKind::kReduceFromTensor).Dense(3);
    QCOMPARE(Executor::Create(activated.Done(), {}).status().code(), absl::StatusCode::kInvalidArgument);
  }

  // The slices of all ranks are disjoint, and together the whole's draw to the bit.
  void initialPartsAreTheWholes_data() { modelsAndSizes(); }
  void initialPartsAreTheWholes() {
    QFETCH(int, index);
    QFETCH(int, size);
    const Graph graph = Models()[static_cast<size_t>(index)].graph;
    const Problem whole(graph, 1, 5);
    const std::vector<ParameterSlot> whole_slots = SlotsOf(graph, graph.parameters());
    std::vector<int> held(whole.parameters.size());
    int64_t divided = 0;
    for (int rank = 0; rank < size; ++rank) {
      const Graph part = SplitTensor(graph, rank, size).value();
      const std::vector<ParameterSlot> mine = SlotsOf(part, part.parameters());
      const Problem problem(part, 1, 5);
      QCOMPARE(mine.size(), whole_slots.size());
      for (size_t s = 0; s < mine.size(); ++s) {
        QCOMPARE(mine[s].name, whole_slots[s].name);
        QCOMPARE(mine[s].decays, whole_slots[s].decays);
        if (mine[s].slice) {
          QCOMPARE(mine[s].slice->whole, whole_slots[s].shape);
          QCOMPARE(mine[s].count * size, whole_slots[s].count);
          divided += mine[s].count;
        }
        for (int64_t i = 0; i < mine[s].count; ++i) {
          const auto at = static_cast<size_t>(whole_slots[s].offset + WholeIndex(mine[s], i));
          QCOMPARE(problem.parameters[static_cast<size_t>(mine[s].offset + i)], whole.parameters[at]);
          held[at] += mine[s].slice ? size : 1;
        }
      }
    }
    QVERIFY(divided > 0);
    for (const int times : held) QCOMPARE(times, size);  // a slice by one rank, a replica by all
  }

  void ranksTogetherEqualTheWhole_data() { modelsAndSizes(); }
  void ranksTogetherEqualTheWhole() {
    QFETCH(int, index);
    QFETCH(int, size);
    const Model model = Models()[static_cast<size_t>(index)];
    const Problem problem(model.graph, model.batch, 7);
    const std::vector<ParameterSlot> whole_slots = SlotsOf(model.graph, model.graph.parameters());
    const std::vector<ParameterSlot> buffer_slots = SlotsOf(model.graph, model.graph.buffers());
    Reference<double> oracle(model.graph, model.batch, Doubles(problem.parameters), Doubles(problem.buffers));
    const double loss = oracle.Forward(Doubles(problem.input), problem.labels, true, Mask);
    oracle.Backward();
    const std::vector<double> gradients = oracle.parameter_gradients();
    const std::vector<double> buffers = oracle.buffers();

    ThreadSums sums(size);
    std::vector<Part> parts(static_cast<size_t>(size));
    for (int rank = 0; rank < size; ++rank) {
      Part& part = parts[static_cast<size_t>(rank)];
      const Graph graph = SplitTensor(model.graph, rank, size).value();
      part.axis = std::make_unique<ThreadAxis>(sums, rank);
      auto made =
          Executor::Create(graph, {.batch_size = model.batch, .seed = kSeed, .tensor = part.axis.get()});
      QVERIFY2(made.ok(), std::string(made.status().message()).c_str());
      part.executor = *std::move(made);
      Initialize(graph, 7, part.executor->parameters(), part.executor->buffers());
      std::ranges::copy(problem.input, part.executor->input().begin());
      std::ranges::copy(problem.labels, part.executor->labels().begin());
    }
    const auto all = [&](auto work) {
      std::vector<std::thread> threads;
      for (Part& part : parts) threads.emplace_back([&part, work] { work(part); });
      for (std::thread& thread : threads) thread.join();
    };
    // Twice: the second step must not depend on what the first left behind. Running statistics go on.
    all([](Part& part) { part.executor->Step(kStep, {}); });
    for (int rank = 0; rank < size; ++rank) {
      Part& part = parts[static_cast<size_t>(rank)];
      const Graph graph = SplitTensor(model.graph, rank, size).value();
      std::vector<float> unused(part.executor->parameters().size());
      Initialize(graph, 7, unused, part.executor->buffers());
    }
    const int before = sums.sums();
    all([](Part& part) {
      part.loss = part.executor->Step(kStep, [&](int parameter) { part.ready.push_back(parameter); });
    });
    QCOMPARE(sums.sums() - before,
             static_cast<int>(TensorSums(SplitTensor(model.graph, 0, size).value()).size()));

    // As the executor of the whole is held to the oracle (gradient_test.cc), and for the same reasons.
    constexpr double kRounding = 2e-5, kCancels = 1e-2;
    for (const Part& part : parts) {
      QVERIFY(part.executor->status().ok());
      QCOMPARE(part.loss, parts[0].loss);  // the same bits
      QVERIFY2(std::abs(part.loss - loss) <= kRounding * std::abs(loss),
               qPrintable(QString("loss %1, expected %2").arg(part.loss).arg(loss)));
      std::vector<int> ready = part.ready;
      QVERIFY(part.ready == part.executor->gradient_order());
      std::ranges::sort(ready);
      for (size_t i = 0; i < whole_slots.size(); ++i) QCOMPARE(ready.at(i), static_cast<int>(i));
      const std::vector<ParameterSlot>& mine = part.executor->parameter_slots();
      for (size_t s = 0; s < whole_slots.size(); ++s) {
        const std::span<const double> expected = std::span(gradients).subspan(
            static_cast<size_t>(whole_slots[s].offset), static_cast<size_t>(whole_slots[s].count));
        const double scale = std::max(LargestOf(expected), kCancels * LargestOf(gradients));
        for (int64_t i = 0; i < mine[s].count; ++i) {
          const float got = part.executor->gradients()[static_cast<size_t>(mine[s].offset + i)];
          const double wanted = expected[static_cast<size_t>(WholeIndex(mine[s], i))];
          if (!(std::abs(static_cast<double>(got) - wanted) <= kRounding * scale))
            QFAIL(qPrintable(QString("rank %1, %2 [%3]: %4, expected %5")
                                 .arg(part.axis->rank())
                                 .arg(mine[s].name.c_str())
                                 .arg(i)
                                 .arg(static_cast<double>(got))
                                 .arg(wanted)));
          // What all hold whole must not part, not by a bit.
          if (!mine[s].slice)
            QCOMPARE(got, parts[0].executor->gradients()[static_cast<size_t>(
                              parts[0].executor->parameter_slots()[s].offset + i)]);
        }
      }
      const std::vector<ParameterSlot>& my_buffers = part.executor->buffer_slots();
      for (size_t s = 0; s < buffer_slots.size(); ++s)
        for (int64_t i = 0; i < my_buffers[s].count; ++i) {
          const double wanted =
              buffers[static_cast<size_t>(buffer_slots[s].offset + WholeIndex(my_buffers[s], i))];
          const double got = part.executor->buffers()[static_cast<size_t>(my_buffers[s].offset + i)];
          QVERIFY(std::abs(got - wanted) <= kRounding * (1 + std::abs(wanted)));
        }
    }

    // Evaluation: running statistics, no dropout; the answer on every rank.
    Reference<double> evaluation(model.graph, model.batch, Doubles(problem.parameters), buffers);
    const double expected = evaluation.Forward(Doubles(problem.input), problem.labels, false);
    const std::vector<double>& prediction = evaluation.value(model.graph.prediction());
    all([&](Part& part) { part.evaluation = part.executor->Evaluate(model.batch); });
    for (const Part& part : parts) {
      QVERIFY(std::abs(part.evaluation.loss_sum / static_cast<double>(model.batch) - expected) <=
              kRounding * std::abs(expected));
      for (size_t i = 0; i < prediction.size(); ++i)
        QVERIFY(std::abs(static_cast<double>(part.executor->prediction()[i]) - prediction[i]) <=
                kRounding * LargestOf(prediction));
    }
  }

  void whatAFailedSumMakesReachesNobody() {
    ThreadSums sums(2);
    ThreadAxis axis(sums, 0);
    const Graph part = SplitTensor(LeNet300(), 0, 2).value();
    auto executor = Executor::Create(part, {.batch_size = 4, .tensor = &axis});
    QVERIFY(executor.ok());
    sums.Fail();
    int ready = 0;
    QVERIFY((*executor)->status().ok());
    QVERIFY(std::isnan((*executor)->Step(0, [&](int) { ++ready; })));
    QCOMPARE((*executor)->status().code(), absl::StatusCode::kUnavailable);
    QVERIFY(std::isnan((*executor)->Step(1, [&](int) { ++ready; })));
    QVERIFY(std::isnan((*executor)->Evaluate(4).loss_sum));
    QCOMPARE(ready, 0);
  }

  // Divided memory is the point of it.
  void aPartNeedsLessMemory() {
    ThreadSums sums(4);
    ThreadAxis axis(sums, 0);
    const auto whole = Executor::Create(LeNet5(), {.batch_size = 16});
    const auto part =
        Executor::Create(SplitTensor(LeNet5(), 0, 4).value(), {.batch_size = 16, .tensor = &axis});
    QVERIFY(whole.ok() && part.ok());
    QVERIFY((*part)->memory_bytes() < 0.35 * static_cast<double>((*whole)->memory_bytes()));
  }
};

CONCERTINA_TEST(SplitTensorTest)

}  // namespace concertina::split_tensor_test

#include "split_tensor_test.moc"
