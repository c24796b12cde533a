// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// gradient_test.cc: the oracle's gradients are central differences of its loss, in double precision, for
// every operator; and the fast executor agrees with the oracle.
#include <QTest>
#include <cmath>

#include "core/graph/dropout_key.h"
#include "core/graph/executor.h"
#include "tests/core/graph/reference.h"
#include "tests/core/graph/sample_graphs.h"
#include "tests/test_program.h"

namespace concertina::gradient_test {
namespace {

constexpr uint64_t kSeed = 11;
constexpr int64_t kStep = 3;

double Mask(const Node& node, int64_t feature, int64_t sample) {
  const DropoutKey key = DropoutKeyOf(kSeed, kStep, DropoutStream(node.name));
  return DropoutFactor(node.attributes.rate, key, feature, sample);
}

std::vector<double> Doubles(const std::vector<float>& floats) { return {floats.begin(), floats.end()}; }

std::vector<SampleGraph> AllGraphs() {
  std::vector<SampleGraph> all = SampleGraphs();
  for (SampleGraph& sample : DistillationGraphs()) all.push_back(std::move(sample));
  return all;
}

double LargestOf(const std::vector<double>& values) {
  double largest = 0;
  for (const double value : values) largest = std::max(largest, std::abs(value));
  return largest;
}

// Every parameter of the graph: its gradient in the oracle beside (L(p + h) - L(p - h)) / 2h.
QString CompareWithDifferences(const Graph& graph, const Problem& problem, int64_t batch) {
  const std::vector<double> buffers = Doubles(problem.buffers);
  const std::vector<double> input = Doubles(problem.input);
  std::vector<double> parameters = Doubles(problem.parameters);
  const auto loss = [&] {
    return Reference<double>(graph, batch, parameters, buffers).Forward(input, problem.labels, true, Mask);
  };
  Reference<double> reference(graph, batch, parameters, buffers);
  reference.Forward(input, problem.labels, true, Mask);
  reference.Backward();
  const std::vector<double> gradients = reference.parameter_gradients();
  const double scale = LargestOf(gradients);
  // The error of a central difference is h^2 f'''/6 + 1e-16 L/h: both about 1e-10 here.
  constexpr double kStepSize = 1e-5;
  for (size_t i = 0; i < parameters.size(); ++i) {
    const double kept = parameters[i];
    parameters[i] = kept + kStepSize;
    const double above = loss();
    parameters[i] = kept - kStepSize;
    const double below = loss();
    parameters[i] = kept;
    const double difference = (above - below) / (2 * kStepSize);
    if (!(std::abs(difference - gradients[i]) <= 1e-8 + 1e-6 * scale))
      return QStringLiteral("parameter %1: gradient %2, central difference %3")
          .arg(i)
          .arg(gradients[i])
          .arg(difference);
  }
  return {};
}

}  // namespace

class GradientTest : public QObject {
  Q_OBJECT
 private:
  void graphs() {
    QTest::addColumn<int>("index");
    int index = 0;
    for (const SampleGraph& sample : AllGraphs()) QTest::newRow(sample.name.c_str()) << index++;
  }

 private slots:
  void oracleAgreesWithCentralDifferences_data() { graphs(); }
  void oracleAgreesWithCentralDifferences() {
    QFETCH(int, index);
    const SampleGraph sample = AllGraphs()[static_cast<size_t>(index)];
    const QString wrong =
        CompareWithDifferences(sample.graph, Problem(sample.graph, sample.batch, 5), sample.batch);
    QVERIFY2(wrong.isEmpty(), qPrintable(wrong));
  }

  void fusedOracleAgreesWithCentralDifferences_data() { graphs(); }
  void fusedOracleAgreesWithCentralDifferences() {
    QFETCH(int, index);
    const SampleGraph sample = AllGraphs()[static_cast<size_t>(index)];
    const Graph fused = Fuse(sample.graph);
    const QString wrong = CompareWithDifferences(fused, Problem(fused, sample.batch, 5), sample.batch);
    QVERIFY2(wrong.isEmpty(), qPrintable(wrong));
  }

  void executorAgreesWithTheOracle_data() {
    graphs();
    QTest::newRow("LeNet-300-100") << -1;
    QTest::newRow("LeNet-5") << -2;
    QTest::newRow("ResNet-8") << -3;
  }
  void executorAgreesWithTheOracle() {
    QFETCH(int, index);
    const SampleGraph sample = index == -1   ? SampleGraph{"", LeNet300(), 9}
                               : index == -2 ? SampleGraph{"", LeNet5(), 2}
                               : index == -3 ? SampleGraph{"", ResNet8(), 2}
                                             : AllGraphs()[static_cast<size_t>(index)];
    const Problem problem(sample.graph, sample.batch, 7);
    Reference<double> reference(sample.graph, sample.batch, Doubles(problem.parameters),
                                Doubles(problem.buffers));
    const double loss = reference.Forward(Doubles(problem.input), problem.labels, true, Mask);
    reference.Backward();
    const std::vector<double> gradients = reference.parameter_gradients();
    const std::vector<double> buffers = reference.buffers();

    auto made = Executor::Create(sample.graph, {.batch_size = sample.batch, .seed = kSeed});
    QVERIFY2(made.ok(), std::string(made.status().message()).c_str());
    Executor& executor = **made;
    std::ranges::copy(problem.parameters, executor.parameters().begin());
    std::ranges::copy(problem.buffers, executor.buffers().begin());
    std::ranges::copy(problem.input, executor.input().begin());
    std::ranges::copy(problem.labels, executor.labels().begin());

    // Sums of at most a few thousand floats: 1e-7 each, growing with the root of their number, through some
    // layers. Relative to the largest of each parameter, since small elements are differences of large ones.
    constexpr double kRounding = 2e-5;
    // A gradient that is zero because its terms cancel (a bias before batch norm) keeps the terms' rounding:
    // it is held to 2e-7 of the largest gradient, three units in its last place.
    constexpr double kCancels = 1e-2;
    // Twice: the second step must not depend on what the first left behind.
    for (int repeat = 0; repeat < 2; ++repeat) {
      std::ranges::copy(problem.buffers, executor.buffers().begin());
      const double got = executor.Step(kStep, {});
      QVERIFY2(std::abs(got - loss) <= kRounding * std::abs(loss),
               qPrintable(QStringLiteral("loss %1, expected %2").arg(got).arg(loss)));
      for (const ParameterSlot& slot : executor.parameter_slots()) {
        const auto first = gradients.begin() + slot.offset;
        const double scale =
            std::max(LargestOf({first, first + slot.count}), kCancels * LargestOf(gradients));
        for (int64_t i = slot.offset; i < slot.offset + slot.count; ++i) {
          const double error = std::abs(static_cast<double>(executor.gradients()[static_cast<size_t>(i)]) -
                                        gradients[static_cast<size_t>(i)]);
          if (!(error <= kRounding * scale))
            QFAIL(qPrintable(QStringLiteral("%1 [%2]: %3, expected %4")
                                 .arg(slot.name.c_str())
                                 .arg(i - slot.offset)
                                 .arg(executor.gradients()[static_cast<size_t>(i)])
                                 .arg(gradients[static_cast<size_t>(i)])));
        }
      }
      for (size_t i = 0; i < buffers.size(); ++i)
        QVERIFY(std::abs(static_cast<double>(executor.buffers()[i]) - buffers[i]) <=
                kRounding * (1 + std::abs(buffers[i])));
    }

    // Evaluation: running statistics, no dropout.
    std::vector<double> kept(executor.buffers().begin(), executor.buffers().end());
    Reference<double> evaluation(sample.graph, sample.batch, Doubles(problem.parameters), kept);
    const double expected = evaluation.Forward(Doubles(problem.input), problem.labels, false);
    const Executor::Evaluation result = executor.Evaluate(sample.batch);
    QVERIFY(std::abs(result.loss_sum / static_cast<double>(sample.batch) - expected) <=
            kRounding * std::abs(expected));
    const std::vector<double>& prediction = evaluation.value(sample.graph.prediction());
    const double scale = LargestOf(prediction);
    for (size_t i = 0; i < prediction.size(); ++i)
      QVERIFY(std::abs(static_cast<double>(executor.prediction()[i]) - prediction[i]) <= kRounding * scale);
  }

  void aPartOfABatchIsABatchOfItsSize_data() { graphs(); }
  void aPartOfABatchIsABatchOfItsSize() {
    QFETCH(int, index);
    const SampleGraph sample = AllGraphs()[static_cast<size_t>(index)];
    for (const Node& node : sample.graph.nodes())
      if (node.kind == OpKind::kBatchNorm) QSKIP("its statistics are those of the whole batch");
    const int64_t whole = sample.batch + 5;
    const Problem problem(sample.graph, sample.batch, 7), rest(sample.graph, whole, 8);
    auto part = Executor::Create(sample.graph, {.batch_size = whole, .seed = kSeed});
    auto full = Executor::Create(sample.graph, {.batch_size = sample.batch, .seed = kSeed});
    QVERIFY(part.ok() && full.ok());
    for (Executor* executor : {part->get(), full->get()}) {
      std::ranges::copy(problem.parameters, executor->parameters().begin());
      std::ranges::copy(problem.buffers, executor->buffers().begin());
    }
    std::ranges::copy(rest.input, (*part)->input().begin());
    std::ranges::copy(rest.labels, (*part)->labels().begin());
    for (Executor* executor : {part->get(), full->get()}) {
      std::ranges::copy(problem.input, executor->input().begin());
      std::ranges::copy(problem.labels, executor->labels().begin());
    }
    const double got = (*part)->StepPart(kStep, sample.batch, {});
    const double expected = (*full)->Step(kStep, {});
    QVERIFY(std::abs(got - expected) <= 1e-6 * std::abs(expected));
    double largest = 0;
    for (const float g : (*full)->gradients()) largest = std::max(largest, std::abs(double{g}));
    // Another batch may take another kernel, which adds in another order.
    for (size_t i = 0; i < (*full)->gradients().size(); ++i)
      QVERIFY(std::abs(double{(*part)->gradients()[i]} - double{(*full)->gradients()[i]}) <= 2e-5 * largest);
  }
};

CONCERTINA_TEST(GradientTest)

}  // namespace concertina::gradient_test

#include "gradient_test.moc"
