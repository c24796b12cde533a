// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// optimizer_test.cc: each optimiser against its formula in double, in any split of the parameters, on every
// instruction set.
#include "core/nn/optimizer.h"

#include <QTest>
#include <algorithm>
#include <cmath>
#include <cstring>

#include "core/base/registry.h"
#include "core/base/rng.h"
#include "hwy/highway.h"
#include "nlohmann/json.hpp"
#include "tests/test_program.h"

namespace concertina::optimizer_test {

class OptimizerTest : public QObject {
  Q_OBJECT

  static constexpr int64_t kCount = 1003;
  static constexpr int kSteps = 25;

  // Three slots, of which the middle one takes no decay.
  static std::vector<ParameterSlot> Slots() {
    return {{.name = "a", .offset = 0, .count = 400, .decays = true},
            {.name = "b", .offset = 400, .count = 101, .decays = false},
            {.name = "c", .offset = 501, .count = 502, .decays = true}};
  }
  static bool Decays(int64_t i) { return i < 400 || i >= 501; }

  static absl::StatusOr<Params> Checked(const Json& spec) {
    std::vector<Fault> faults;
    Params params = Registry::Global().Check("optimizer", spec, "", faults);
    RETURN_IF_ERROR(FaultsToStatus(faults));
    return params;
  }
  static std::unique_ptr<Optimizer> Make(const Json& spec) {
    std::unique_ptr<Optimizer> optimizer =
        Registry::Global().Create<Optimizer>("optimizer", Checked(spec).value()).value();
    optimizer->Prepare(Slots());
    return optimizer;
  }
  static std::vector<float> Parameters() {
    std::vector<float> parameters(kCount);
    Rng rng(1, "parameters");
    for (float& value : parameters) value = static_cast<float>(rng.Normal());
    return parameters;
  }
  static std::vector<float> Gradient(int64_t step) {
    std::vector<float> gradient(kCount);
    Rng rng(1, "gradient", static_cast<uint64_t>(step));
    for (float& value : gradient) value = static_cast<float>(rng.Normal());
    return gradient;
  }
  static double RateAt(int64_t step) { return 0.05 / (1 + 0.1 * static_cast<double>(step)); }

  // A run of kSteps in pieces of at most `piece` elements, the last piece first.
  static std::vector<float> Run(Optimizer& optimizer, int64_t piece, int64_t from_step = 0,
                                std::vector<float> parameters = Parameters()) {
    for (int64_t step = from_step; step < kSteps; ++step) {
      const std::vector<float> gradient = Gradient(step);
      for (int64_t end = kCount; end > 0; end -= piece) {
        const int64_t begin = std::max<int64_t>(0, end - piece);
        const auto low = static_cast<size_t>(begin);
        const auto count = static_cast<size_t>(end - begin);
        optimizer.Update(step, RateAt(step), begin, std::span(gradient).subspan(low, count),
                         std::span(parameters).subspan(low, count));
      }
    }
    return parameters;
  }

  static double Number(const Json& spec, const char* name, double otherwise) {
    return spec.value(name, otherwise);
  }

  // The formulas of PyTorch's documentation (SGD, Adam, AdamW), one element at a time.
  static std::vector<double> Reference(const Json& spec) {
    const std::vector<float> start = Parameters();
    std::vector<double> w(start.begin(), start.end()), v(kCount), m(kCount);
    for (int64_t step = 0; step < kSteps; ++step) {
      const std::vector<float> gradient = Gradient(step);
      const double rate = RateAt(step);
      for (size_t i = 0; i < w.size(); ++i) {
        double g = gradient[i];
        if (spec.at("kind") == "sgd") {
          const double decay = Decays(static_cast<int64_t>(i)) ? Number(spec, "weight_decay", 0) : 0;
          const double momentum = Number(spec, "momentum", 0);
          g += decay * w[i];
          v[i] = momentum * v[i] + g;
          w[i] -= rate * (spec.value("nesterov", false) ? g + momentum * v[i] : v[i]);
        } else {
          const bool decoupled = spec.at("kind") == "adamw";
          const double decay =
              Decays(static_cast<int64_t>(i)) ? Number(spec, "weight_decay", decoupled ? 0.01 : 0) : 0;
          const double beta1 = Number(spec, "beta1", 0.9), beta2 = Number(spec, "beta2", 0.999);
          if (decoupled) w[i] -= rate * decay * w[i];
          if (!decoupled) g += decay * w[i];
          m[i] = beta1 * m[i] + (1 - beta1) * g;
          v[i] = beta2 * v[i] + (1 - beta2) * g * g;
          const double t = static_cast<double>(step + 1);
          w[i] -=
              rate * (m[i] / (1 - std::pow(beta1, t))) / (std::sqrt(v[i] / (1 - std::pow(beta2, t))) + 1e-8);
        }
      }
    }
    return w;
  }

  static void AddRows() {
    QTest::addColumn<QByteArray>("spec");
    for (const char* spec :
         {R"({"kind": "sgd"})", R"({"kind": "sgd", "momentum": 0.9})",
          R"({"kind": "sgd", "momentum": 0.9, "nesterov": true})", R"({"kind": "sgd", "weight_decay": 0.01})",
          R"({"kind": "sgd", "momentum": 0.9, "weight_decay": 0.01})",
          R"({"kind": "sgd", "momentum": 0.9, "nesterov": true, "weight_decay": 0.01})",
          R"({"kind": "adam"})", R"({"kind": "adam", "weight_decay": 0.05, "beta1": 0.5, "beta2": 0.99})",
          R"({"kind": "adamw"})", R"({"kind": "adamw", "weight_decay": 0.1})"})
      QTest::newRow(spec) << QByteArray(spec);
  }
  static Json SpecOfRow() {
    return Json::parse(static_cast<QByteArray*>(QTest::qData("spec", QMetaType::QByteArray))->toStdString());
  }

 private slots:
  void followsItsFormula_data() { AddRows(); }
  void followsItsFormula() {
    const Json spec = SpecOfRow();
    const std::vector<double> expected = Reference(spec);
    for (const int64_t target : hwy::SupportedAndGeneratedTargets()) {
      hwy::SetSupportedTargetsForTest(target);
      hwy::GetChosenTarget().Update(hwy::SupportedTargets());
      const std::vector<float> got = Run(*Make(spec), kCount);
      // 25 steps, each with a handful of roundings of 2^-24 of values up to about 5.
      for (size_t i = 0; i < got.size(); ++i)
        QVERIFY2(std::abs(got[i] - expected[i]) < 1e-5,
                 qPrintable(QString("element %1: %2, expected %3").arg(i).arg(got[i]).arg(expected[i])));
    }
    hwy::SetSupportedTargetsForTest(0);
    hwy::GetChosenTarget().Update(hwy::SupportedTargets());
  }

  void anySplitInAnyOrderGivesTheSameBits_data() { AddRows(); }
  void anySplitInAnyOrderGivesTheSameBits() {
    const std::vector<float> whole = Run(*Make(SpecOfRow()), kCount);
    for (const int64_t piece : {1, 3, 16, 17, 400, 500}) QVERIFY(Run(*Make(SpecOfRow()), piece) == whole);
  }

  void theSavedStateGivesTheSameFuture_data() { AddRows(); }
  void theSavedStateGivesTheSameFuture() {
    const std::unique_ptr<Optimizer> first = Make(SpecOfRow());
    std::vector<float> parameters = Parameters();
    for (int64_t step = 0; step < 5; ++step) first->Update(step, RateAt(step), 0, Gradient(step), parameters);
    const std::unique_ptr<Optimizer> resumed = Make(SpecOfRow());
    QCOMPARE(resumed->state().size(), first->state().size());
    std::copy(first->state().begin(), first->state().end(), resumed->state().begin());
    QVERIFY(Run(*resumed, kCount, 5, parameters) == Run(*first, kCount, 5, parameters));
  }

  void knobsAreLive() {
    const std::unique_ptr<Optimizer> optimizer =
        Make({{"kind", "sgd"}, {"learning_rate", 0.1}, {"momentum", 0.5}});
    QCOMPARE(optimizer->base_learning_rate(), 0.1);
    std::vector<float> parameters(kCount, 1.0F);
    const std::vector<float> gradient(kCount, 1.0F);
    optimizer->Update(0, 0.125, 0, gradient, parameters);
    QCOMPARE(parameters[0], 1.0F - 0.125F);
    QVERIFY(optimizer->Change(*Checked({{"kind", "sgd"}, {"learning_rate", 0.2}, {"momentum", 0.25}})).ok());
    QCOMPARE(optimizer->base_learning_rate(), 0.2);
    optimizer->Update(1, 0.125, 0, gradient, parameters);
    QCOMPARE(parameters[0], 1.0F - 0.125F - 0.125F * 1.25F);  // v = 0.25 * 1 + 1
    // Momentum that was turned off and on again starts from nothing.
    QVERIFY(optimizer->Change(*Checked({{"kind", "sgd"}, {"momentum", 0}})).ok());
    QVERIFY(optimizer->Change(*Checked({{"kind", "sgd"}, {"momentum", 0.5}, {"weight_decay", 0.5}})).ok());
    std::fill(parameters.begin(), parameters.end(), 1.0F);
    optimizer->Update(2, 0.125, 0, gradient, parameters);
    QCOMPARE(parameters[0], 1.0F - 0.125F * 1.5F);
    QCOMPARE(parameters[450], 1.0F - 0.125F);  // takes no decay
  }

  void whatIsNotLiveIsRefused() {
    const std::unique_ptr<Optimizer> sgd = Make({{"kind", "sgd"}, {"learning_rate", 0.1}});
    QCOMPARE(sgd->Change(*Checked({{"kind", "sgd"}, {"nesterov", true}})).code(),
             absl::StatusCode::kFailedPrecondition);
    QCOMPARE(sgd->base_learning_rate(), 0.1);
    const std::unique_ptr<Optimizer> adam = Make({{"kind", "adam"}});
    QCOMPARE(adam->Change(*Checked({{"kind", "adam"}, {"beta1", 0.5}})).code(),
             absl::StatusCode::kFailedPrecondition);
    QVERIFY(adam->Change(*Checked({{"kind", "adam"}, {"learning_rate", 0.5}})).ok());
    QCOMPARE(adam->base_learning_rate(), 0.5);
  }

  void theScheduleIsAConstantUnlessChosen() {
    for (const std::string& kind : Registry::Global().Kinds("optimizer")) {
      const Params params = *Checked({{"kind", kind}});
      QCOMPARE(params.Component("schedule").kind(), std::string("constant"));
      QCOMPARE(params.Component("schedule").Integer("warmup_steps"), int64_t{0});
      QVERIFY(Checked({{"kind", kind}, {"schedule", {{"kind", "cosine"}, {"warmup_steps", 10}}}}).ok());
      const absl::Status wrong =
          Checked({{"kind", kind}, {"schedule", {{"kind", "cosine"}, {"warm_up", 10}}}}).status();
      QVERIFY2(wrong.message().find("/schedule/warm_up") != absl::string_view::npos,
               std::string(wrong.message()).c_str());
    }
  }
};

CONCERTINA_TEST(OptimizerTest)

}  // namespace concertina::optimizer_test

#include "optimizer_test.moc"
