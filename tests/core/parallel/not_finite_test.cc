// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// not_finite_test.cc: a gradient that is no number is reported with its layer and step, whatever the codec.
#include "core/parallel/not_finite.h"

#include <QTest>
#include <limits>

#include "core/base/registry.h"
#include "core/parallel/exchange.h"
#include "nlohmann/json.hpp"
#include "tests/test_program.h"

namespace concertina::not_finite_test {

class NotFiniteTest : public QObject {
  Q_OBJECT

  const std::vector<ParameterSlot> layout_ = {
      {.name = "dense1.weight", .shape = {64, 32}, .offset = 0, .count = 2048},
      {.name = "dense1.bias", .shape = {32}, .offset = 2048, .count = 32},
      {.name = "dense2.weight", .shape = {32, 8}, .offset = 2080, .count = 256}};

 private slots:
  void aBucketNamesTheParameterAndTheStep_data() {
    QTest::addColumn<QString>("codec");
    for (const std::string& kind : Registry::Global().Kinds("gradient-codec"))
      if (kind != "none") QTest::newRow(kind.c_str()) << QString::fromStdString(kind);
  }
  void aBucketNamesTheParameterAndTheStep() {
    QFETCH(QString, codec);
    std::vector<Fault> faults;
    const Registry& registry = Registry::Global();
    const auto exchange =
        *registry.Create<Exchange>("exchange", registry.Check("exchange", {{"kind", "single"}}, "", faults));
    const auto transports = MakeInProcessTransports(1);
    Communicator alone(*transports[0], {0}, 1);
    const std::vector<int> order = {2, 1, 0};
    std::vector<float> parameters(2336), gradient(2336, 0.5F);
    ExchangeContext context;
    context.data = &alone;
    context.layout = &layout_;
    context.gradient_order = &order;
    context.parameters = parameters;
    context.gradients = gradient;
    context.may_overlap = false;
    context.make_codec = [&] {
      return registry.Create<Codec>(
          "gradient-codec", registry.Check("gradient-codec", {{"kind", codec.toStdString()}}, "", faults));
    };
    QVERIFY(exchange->Prepare(context).ok());
    const auto step = [&](int64_t number) {
      absl::Status status = exchange->Begin(number);
      for (const int parameter : order) exchange->GradientReady(parameter);
      if (status.ok()) status = exchange->Finish(number, [](int64_t, int64_t) {}).status();
      return status;
    };
    QVERIFY(step(6).ok());
    std::fill(gradient.begin(), gradient.end(), 0.5F);
    gradient[2048 + 7] = std::numeric_limits<float>::quiet_NaN();
    const absl::Status status = step(7);
    QCOMPARE(status.code(), absl::StatusCode::kOutOfRange);
    QVERIFY2(status.message().find("step 7, dense1.bias: ") != std::string::npos,
             std::string(status.message()).c_str());
  }

  void otherErrorsStayAsTheyAre() {
    const std::vector<float> gradient(2336);
    const absl::Status damaged = absl::DataLossError("the payload ends early");
    QVERIFY(NameNotFinite(damaged, gradient, 0, layout_, 3) == damaged);
    QVERIFY(NameNotFinite(absl::OkStatus(), gradient, 0, layout_, 3).ok());
  }
  void theFirstParameterOfAllIsNamed() {
    std::vector<float> values(2336);
    QVERIFY(ParameterNotFinite(values, layout_).empty());
    values[2335] = std::numeric_limits<float>::infinity();
    QCOMPARE(ParameterNotFinite(values, layout_), std::string_view("dense2.weight"));
    values[2047] = std::numeric_limits<float>::quiet_NaN();
    QCOMPARE(ParameterNotFinite(values, layout_), std::string_view("dense1.weight"));
  }
  void sumsThatOverflowAreOfTheWholeBucket() {
    const std::vector<float> gradient(300);
    const absl::Status status = NameNotFinite(absl::OutOfRangeError("too large"), gradient, 2036, layout_, 9);
    QCOMPARE(std::string(status.message()), std::string("step 9, dense1.weight to dense2.weight: too large"));
  }
};

CONCERTINA_TEST(NotFiniteTest)

}  // namespace concertina::not_finite_test

#include "not_finite_test.moc"
