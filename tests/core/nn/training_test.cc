// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// training_test.cc: every model learns with the optimiser and the initial values that it is given here.
#include <QTest>
#include <algorithm>
#include <array>
#include <cmath>

#include "core/base/registry.h"
#include "core/base/rng.h"
#include "core/graph/executor.h"
#include "core/nn/model.h"
#include "core/nn/optimizer.h"
#include "nlohmann/json.hpp"
#include "tests/test_program.h"

namespace concertina::training_test {

class TrainingTest : public QObject {
  Q_OBJECT

  static constexpr int64_t kClasses = 10, kBatch = 32;

  template <class Interface>
  static std::unique_ptr<Interface> Make(const char* category, const Json& spec) {
    std::vector<Fault> faults;
    const Params params = Registry::Global().Check(category, spec, "", faults);
    if (!faults.empty()) qFatal("%s", faults.front().message.c_str());
    return Registry::Global().Create<Interface>(category, params).value();
  }

  // Images of a class: its pattern of 4x4 pixel squares, half covered by noise, from 0 to 1 as pixels are.
  static void FillBatch(int64_t step, const Shape& sample, std::span<float> input,
                        std::span<int32_t> labels) {
    Rng rng(3, "batch", static_cast<uint64_t>(step));
    const auto size = static_cast<size_t>(ElementCount(sample)), width = static_cast<size_t>(sample.back());
    for (size_t b = 0; b < labels.size(); ++b) {
      labels[b] = static_cast<int32_t>(rng.Below(kClasses));
      Rng pattern_rng(7, "pattern", static_cast<uint64_t>(labels[b]));
      std::array<double, 64> squares;
      for (double& square : squares) square = pattern_rng.Uniform() > 0.5 ? 0.5 : 0;
      for (size_t i = 0; i < size; ++i)
        input[b * size + i] =
            static_cast<float>(squares[i / width / 4 * 8 + i % width / 4] + 0.5 * rng.Uniform());
    }
  }

  struct Outcome {
    double first_loss = 0, last_loss = 0;  // the mean of the last five
    std::vector<float> parameters;
  };
  static Outcome Train(const Json& model, const Json& optimizer_spec, int64_t steps, uint64_t seed) {
    const Shape sample = {1, 16, 16};
    const Graph graph = Make<Model>("model", model)->Build(sample, kClasses).value();
    const std::unique_ptr<Executor> executor =
        Executor::Create(graph, {.batch_size = kBatch, .threads = 1, .seed = seed}).value();
    Initialize(graph, seed, executor->parameters(), executor->buffers());
    const std::unique_ptr<Optimizer> optimizer = Make<Optimizer>("optimizer", optimizer_spec);
    optimizer->Prepare(executor->parameter_slots());
    Outcome outcome;
    for (int64_t step = 0; step < steps; ++step) {
      FillBatch(step, sample, executor->input(), executor->labels());
      const double loss = executor->Step(step, [](int) {});
      if (step == 0) outcome.first_loss = loss;
      if (step >= steps - 5) outcome.last_loss += loss / 5;
      optimizer->Update(step, optimizer->base_learning_rate(), 0, executor->gradients(),
                        executor->parameters());
    }
    outcome.parameters.assign(executor->parameters().begin(), executor->parameters().end());
    return outcome;
  }

 private slots:
  void everyModelLearns_data() {
    QTest::addColumn<QString>("kind");
    for (const std::string& kind : Registry::Global().Kinds("model"))
      QTest::newRow(kind.c_str()) << QString(kind.c_str());
  }
  void everyModelLearns() {
    QFETCH(QString, kind);
    const Json optimizer = {{"kind", "sgd"}, {"learning_rate", 0.05}, {"momentum", 0.9}};
    const Outcome outcome = Train({{"kind", kind.toStdString()}}, optimizer, 40, 1);
    // Ten classes, told apart by chance: log 10 = 2.30.
    QVERIFY2(outcome.first_loss > 1.5 && outcome.first_loss < 4,
             qPrintable(QString::number(outcome.first_loss)));
    QVERIFY2(outcome.last_loss < 0.5, qPrintable(QString::number(outcome.last_loss)));
  }

  void everyActivationLearns() {
    for (const char* activation : {"relu", "tanh", "sigmoid", "gelu"}) {
      const Outcome outcome = Train({{"kind", "mlp"}, {"hidden", {64}}, {"activation", activation}},
                                    {{"kind", "adam"}, {"learning_rate", 0.01}}, 60, 1);
      QVERIFY2(outcome.last_loss < 0.5, qPrintable(QString("%1: %2").arg(activation).arg(outcome.last_loss)));
    }
  }

  void theSameSeedGivesTheSameBits() {
    const Json model = {{"kind", "lenet-300-100"}}, optimizer = {{"kind", "adamw"}};
    const Outcome first = Train(model, optimizer, 5, 1);
    QVERIFY(Train(model, optimizer, 5, 1).parameters == first.parameters);
    QVERIFY(Train(model, optimizer, 5, 2).parameters != first.parameters);
  }
};

CONCERTINA_TEST(TrainingTest)

}  // namespace concertina::training_test

#include "training_test.moc"
