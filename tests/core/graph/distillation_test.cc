// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// distillation_test.cc: a teacher beside a student changes nothing but the loss, and is gone afterwards; two
// that learn from each other each do what a student of a frozen copy of the other does; rounding passes
// gradients as its paper says.
#include <QTest>
#include <cmath>

#include "core/graph/beside.h"
#include "core/graph/executor.h"
#include "tests/core/graph/sample_graphs.h"
#include "tests/test_program.h"

namespace concertina::distillation_test {
namespace {

constexpr int64_t kBatch = 6;

Graph Small(int64_t hidden) {
  GraphMaker m({5});
  m.Dense(hidden).Unary(OpKind::kTanh).Dense(4);
  return m.Done();
}

Graph With(Graph graph, uint64_t seed) {
  GiveFirstValues(graph, seed);
  return graph;
}

template <class T>
T Must(absl::StatusOr<T> result) {
  if (!result.ok()) qFatal("%s", std::string(result.status().message()).c_str());
  return *std::move(result);
}

// `student`, its teacher beside it.
Graph Taught(const Graph& student, const Graph& teacher, GuestRole role, const Attributes& attributes) {
  Graph both = Must(PredictionOf(student));
  const auto beside = Must(PutBeside(both, teacher, role, "guest/"));
  const ValueId loss = Must(both.AddNode(
      OpKind::kDistillation, "loss", {both.prediction(), beside[IndexOf(teacher.prediction())]}, attributes));
  both.SetOutputs(both.prediction(), loss);
  return both;
}

struct Stepped {
  double loss = 0;
  std::vector<float> gradients;
};
Stepped Step(const Graph& graph) {
  const auto executor = Must(Executor::Create(graph, {.batch_size = kBatch}));
  Initialize(graph, 3, executor->parameters(), executor->buffers());
  Rng rng(9, "input");
  for (float& x : executor->input()) x = static_cast<float>(rng.Normal());
  for (size_t n = 0; n < executor->labels().size(); ++n) executor->labels()[n] = static_cast<int32_t>(n % 4);
  Stepped stepped;
  stepped.loss = executor->Step(1, {});
  stepped.gradients.assign(executor->gradients().begin(), executor->gradients().end());
  return stepped;
}

double Distance(std::span<const float> a, std::span<const float> b) {
  double most = a.size() == b.size() ? 0 : 1e9;
  for (size_t i = 0; i < std::min(a.size(), b.size()); ++i)
    most = std::max(most, std::abs(double{a[i]} - double{b[i]}));
  return most;
}

}  // namespace

class DistillationTest : public QObject {
  Q_OBJECT

 private slots:
  void withoutAShareOfTheTeacherItIsCrossEntropy() {
    const Graph student = With(Small(7), 1), teacher = With(Small(9), 2);
    const Stepped alone = Step(student);
    const Stepped taught = Step(Taught(student, teacher, GuestRole::kFrozen, {.teacher_share = 0}));
    QVERIFY(std::abs(alone.loss - taught.loss) < 1e-6);
    QVERIFY(Distance(alone.gradients, taught.gradients) < 1e-7);
  }

  // The loss of a student that answers as its teacher is nothing, and so is its gradient.
  void aPerfectStudentHasNothingToLearn() {
    const Graph student = With(Small(7), 1);
    const Stepped taught =
        Step(Taught(student, student, GuestRole::kFrozen, {.temperature = 3, .teacher_share = 1}));
    QVERIFY(std::abs(taught.loss) < 1e-6);
    QVERIFY(Distance(taught.gradients, std::vector<float>(taught.gradients.size(), 0)) < 1e-7);
  }

  void twoThatLearnFromEachOtherTakeTheOtherAsGiven() {
    const Graph a = With(Small(7), 1), b = With(Small(9), 2);
    const Attributes attributes{.temperature = 2, .teacher_share = 0.6};
    const Stepped both = Step(Taught(a, b, GuestRole::kTrains, attributes));
    const Stepped first = Step(Taught(a, b, GuestRole::kFrozen, attributes));
    const Stepped second = Step(Taught(b, a, GuestRole::kFrozen, attributes));
    QVERIFY(std::abs(both.loss - first.loss) < 1e-6);
    std::vector<float> expected = first.gradients;
    expected.insert(expected.end(), second.gradients.begin(), second.gradients.end());
    QVERIFY(Distance(both.gradients, expected) < 1e-6);
  }

  void theStudentAloneIsAsItWas() {
    const Graph student = With(Small(7), 1);
    Graph alone = Must(PredictionOf(Taught(student, With(Small(9), 2), GuestRole::kTrains, {})));
    QVERIFY(AddCrossEntropy(alone).ok());
    QCOMPARE(alone.nodes().size(), student.nodes().size());
    QCOMPARE(alone.parameter_count(), student.parameter_count());
    QCOMPARE(Distance(Step(alone).gradients, Step(student).gradients), 0.0);
  }

  void aFrozenTeacherHasBatchNormFoldedAndNoDropout() {
    GraphMaker m({2, 6, 6});
    m.Convolution({.out = 3, .kernel = 3, .bias = false}).BatchNorm().Unary(OpKind::kRelu);
    m.Flat().Unary(OpKind::kDropout, {.rate = 0.5}).Dense(4);
    const Graph teacher = With(m.Done(), 2);
    GraphMaker n({2, 6, 6});
    n.Flat().Dense(4);
    Graph host = Must(PredictionOf(With(n.Done(), 1)));
    Must(PutBeside(host, teacher, GuestRole::kFrozen, "guest/"));
    QVERIFY(host.buffers().empty());
    for (const Node& node : host.nodes())
      QVERIFY(node.kind != OpKind::kBatchNorm && node.kind != OpKind::kDropout);
  }

  void whoDoesNotFitIsRefused() {
    Graph host = Must(PredictionOf(With(Small(7), 1)));
    GraphMaker m({6});
    m.Dense(4);
    const auto other = PutBeside(host, With(m.Done(), 1), GuestRole::kFrozen, "g/");
    QVERIFY(other.status().message().find("samples of 6") != std::string::npos);
    const auto untrained = PutBeside(host, Small(7), GuestRole::kFrozen, "g/");
    QVERIFY(untrained.status().message().find("no values") != std::string::npos);
  }

  // By hand: steps of 0.5 from 0 to 3 (2 bits): 0.2 -> 0, 0.8 -> 1, 9 -> 1.5, -1 -> 0.
  void roundingPassesGradientsAsItsPaperSays() {
    Graph graph;
    const ValueId x = graph.AddInput({4});
    const ValueId w = graph.AddParameter("w", {4, 4}, Initializer::kZeros);
    const ValueId step = graph.AddParameter("step", {1}, Initializer::kZeros);
    const ValueId y = Must(graph.AddNode(OpKind::kDense, "dense", {x, w}));
    const ValueId rounded = Must(graph.AddNode(OpKind::kFakeQuantize, "grid", {y, step}, {.bits = 2}));
    const ValueId loss = Must(graph.AddNode(OpKind::kMeanSquaredError, "loss", {rounded}));
    graph.SetOutputs(rounded, loss);
    const auto executor = Must(Executor::Create(graph, {.batch_size = 1}));
    std::fill(executor->parameters().begin(), executor->parameters().end(), 0.0F);
    for (size_t i = 0; i < 4; ++i) executor->parameters()[i * 5] = 1;  // the identity
    executor->parameters()[16] = 0.5F;
    const std::vector<float> in = {0.2F, 0.8F, 9, -1};
    std::ranges::copy(in, executor->input().begin());
    executor->labels()[0] = 1;
    executor->Step(1, {});
    executor->Evaluate(1);
    const std::vector<float> out = {0, 1, 1.5F, 0}, target = {0, 1, 0, 0};
    QVERIFY(Distance(executor->prediction(), out) < 1e-6);
    const std::vector<double> passes = {1, 1, 0, 0};               // above and below nothing does
    const std::vector<double> by_step = {0 - 0.4, 2 - 1.6, 3, 0};  // round(v) - v, or the end
    double of_step = 0;
    for (size_t i = 0; i < 4; ++i) {
      const double g = 2 * (double{out[i]} - double{target[i]}) / 4;
      of_step += g * by_step[i];
      for (size_t j = 0; j < 4; ++j)
        QVERIFY(std::abs(executor->gradients()[i * 4 + j] - g * passes[i] * double{in[j]}) < 1e-5);
    }
    QVERIFY(std::abs(executor->gradients()[16] - of_step / std::sqrt(4.0 * 3)) < 1e-6);
    QVERIFY(of_step != 0);
  }
};

CONCERTINA_TEST(DistillationTest)

}  // namespace concertina::distillation_test

#include "distillation_test.moc"
