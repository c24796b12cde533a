// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// knob_policy_test.cc: schedules give the values of their formulas; what adapts holds its target, on plants
// that are known.
#include "core/experiment/knob_policy.h"

#include <QTest>
#include <cmath>
#include <functional>

#include "core/base/registry.h"
#include "core/base/rng.h"
#include "nlohmann/json.hpp"
#include "tests/test_program.h"

namespace concertina::knob_policy_test {
namespace {

absl::StatusOr<std::unique_ptr<KnobPolicy>> Make(const Json& json) {
  std::vector<Fault> faults;
  const Params params = Registry::Global().Check("knob-policy", json, "", faults);
  RETURN_IF_ERROR(FaultsToStatus(faults));
  return Registry::Global().Create<KnobPolicy>("knob-policy", params);
}

// What a second of one worker is like with the knob at a value: a figure that is held.
using Plant = std::function<double(double value)>;

KnobMeasure Measured(const std::string& hold, double figure) {
  if (hold == "bytes_per_second") return {.bytes = figure * 3, .seconds = 3};
  return {.error_squared = figure * figure * 7, .gradient_squared = 7};
}

}  // namespace

class KnobPolicyTest : public QObject {
  Q_OBJECT
 private slots:
  void schedulesFollowTheirFormulas_data() {
    QTest::addColumn<QString>("policy");
    QTest::addColumn<int>("step");
    QTest::addColumn<double>("value");
    QTest::addColumn<bool>("marked");
    const auto row = [](const char* policy, int step, double value, bool marked) {
      QTest::addRow("%s at %d", policy, step) << policy << step << value << marked;
    };
    // The warm-up of deep gradient compression [Lin et al. ICLR 2018, section 3.3]: 75 % of the gradient is
    // held back in the first epoch, then 93.75, 98.4375, 99.6 and 99.9.
    const char* dgc = R"({"kind": "steps", "from": 0.25, "factor": 0.25, "to": 0.001, "every_steps": 40})";
    row(dgc, 0, 0.25, true);
    row(dgc, 39, 0.25, true);
    row(dgc, 40, 0.0625, true);
    row(dgc, 80, 0.015625, true);
    row(dgc, 120, 0.00390625, true);
    row(dgc, 160, 0.001, true);
    row(dgc, 1000000, 0.001, true);
    const char* rising = R"({"kind": "steps", "from": 1, "factor": 2, "to": 5, "every_steps": 10})";
    row(rising, 10, 2, true);
    row(rising, 20, 4, true);
    row(rising, 30, 5, true);
    const char* line =
        R"({"kind": "linear", "from": 10, "to": 0, "begin_step": 20, "end_step": 40, "every_steps": 5})";
    row(line, 0, 10, true);
    row(line, 24, 10, true);
    row(line, 25, 7.5, true);  // it begins
    row(line, 34, 5, false);
    row(line, 39, 2.5, false);
    row(line, 40, 0, true);  // it has arrived
    row(line, 5000, 0, true);
    const char* factors = R"({"kind": "exponential", "from": 1, "to": 0.0001, "every_steps": 1})";
    row(factors, 0, 1, true);
    row(factors, 50, 0.01, false);  // half of the way of a run of 101 steps
    row(factors, 75, 0.001, false);
    row(factors, 100, 0.0001, true);
    row(R"({"kind": "linear", "from": 3, "to": 4, "begin_step": 500})", 100, 3, true);  // not in this run
  }
  void schedulesFollowTheirFormulas() {
    QFETCH(QString, policy);
    QFETCH(int, step);
    QFETCH(double, value);
    QFETCH(bool, marked);
    const auto made = Make(Json::parse(policy.toStdString()));
    QVERIFY2(made.ok(), made.status().ToString().c_str());
    const KnobTurn turn = (*made)->At(step, 101);
    QVERIFY2(std::abs(turn.value - value) <= 1e-12 * std::abs(value),
             qPrintable(QString::number(turn.value)));
    QCOMPARE(turn.is_marked, marked);
    QVERIFY(!(*made)->measures());
  }
  void whatCannotBeIsRefused_data() {
    QTest::addColumn<QString>("policy");
    for (const char* policy :
         {R"({"kind": "steps", "from": 1, "factor": 0.5, "to": 2})",
          R"({"kind": "steps", "from": 1, "factor": 2, "to": 0.5})", R"({"kind": "steps", "to": 0.5})",
          R"({"kind": "linear", "from": 1, "to": 2, "begin_step": 5, "end_step": 4})",
          R"({"kind": "exponential", "from": 0, "to": 2})",
          R"({"kind": "adaptive", "target": 1, "minimum": 2, "maximum": 2})",
          R"({"kind": "adaptive", "target": 0, "minimum": 1, "maximum": 2})",
          R"({"kind": "adaptive", "hold": "loss", "target": 1, "minimum": 1, "maximum": 2})"})
      QTest::newRow(policy) << policy;
  }
  void whatCannotBeIsRefused() {
    QFETCH(QString, policy);
    QCOMPARE(Make(Json::parse(policy.toStdString())).status().code(), absl::StatusCode::kInvalidArgument);
  }

  void aTargetIsHeld_data() {
    QTest::addColumn<QString>("hold");
    QTest::addColumn<double>("target");
    QTest::addColumn<double>("first");
    QTest::addColumn<int>("plant");
    const auto rows = [](const char* name, const char* hold, double target, int plant) {
      for (const double first : {1e-4, 0.01, 0.9})
        QTest::addRow("%s, from %g", name, first) << hold << target << first << plant;
    };
    rows("bytes follow the ratio, and some go anyway", "bytes_per_second", 2e6, 0);
    rows("bytes follow the square", "bytes_per_second", 3e5, 1);
    rows("bytes fall as a threshold rises", "bytes_per_second", 3e5, 2);
    rows("the error falls as the ratio rises", "relative_error", 0.6, 3);
    rows("the same, hardly", "relative_error", 0.95, 3);
  }
  void aTargetIsHeld() {
    QFETCH(QString, hold);
    QFETCH(double, target);
    QFETCH(double, first);
    QFETCH(int, plant);
    const Plant plants[] = {[](double v) { return 2e5 + 8e7 * v; },
                            [](double v) { return 1e7 * v * v + 1e4; },
                            [](double v) { return 1e4 * std::pow(v, -1.0) + 1e3; },
                            [](double v) { return std::sqrt(1 - std::pow(v, 0.2) * 0.999); }};
    const auto made = Make({{"kind", "adaptive"},
                            {"hold", hold.toStdString()},
                            {"target", target},
                            {"minimum", 1e-6},
                            {"maximum", 1}});
    QVERIFY2(made.ok(), made.status().ToString().c_str());
    Rng rng(7, "noise");
    double value = first;
    int turns = 0;
    for (int window = 0; window < 60; ++window) {
      const double figure = plants[plant](value);
      // It must have settled after 40 windows, with a noise of 2 % in all that is measured.
      if (window >= 40)
        QVERIFY2(std::abs(figure / target - 1) < 0.1, qPrintable(QString("%1: %2").arg(window).arg(figure)));
      const KnobMeasure measured = Measured(hold.toStdString(), figure * (1 + 0.02 * rng.Normal()));
      const std::optional<double> next = (*made)->Turn(value, measured);
      if (!next) continue;
      ++turns;
      QVERIFY(*next >= 1e-6 && *next <= 1 && *next != value);
      QVERIFY(std::abs(std::log(*next / value)) < std::log(2.0) + 1e-12);  // bounded
      value = *next;
    }
    QVERIFY(turns > 0);
  }
  void aTargetOutOfReachEndsAtTheBound() {
    const auto made = Make({{"kind", "adaptive"}, {"target", 1e9}, {"minimum", 0.01}, {"maximum", 0.5}});
    QVERIFY(made.ok());
    double value = 0.02;
    for (int i = 0; i < 20; ++i)
      value = (*made)->Turn(value, {.bytes = 1e6 * value, .seconds = 1}).value_or(value);
    QCOMPARE(value, 0.5);
    QVERIFY(!(*made)->Turn(value, {.bytes = 1e6 * value, .seconds = 1}));  // nothing more to be done
  }
  void nothingMeasuredTurnsNothing() {
    const auto made = Make({{"kind", "adaptive"}, {"target", 1}, {"minimum", 0.01}, {"maximum", 0.5}});
    QVERIFY(made.ok());
    QVERIFY(!(*made)->Turn(0.1, {}));
    QVERIFY(!(*made)->Turn(0.1, {.bytes = 5}));
    QVERIFY(!(*made)->Turn(0.1, {.bytes = NAN, .seconds = 1}));
  }
  void theSameStateGivesTheSameFuture() {
    const Json json = {{"kind", "adaptive"}, {"target", 2e6}, {"minimum", 1e-6}, {"maximum", 1}};
    const auto whole = Make(json), again = Make(json);
    QVERIFY(whole.ok() && again.ok());
    double value = 0.5;
    const auto turn = [](KnobPolicy& policy, double v) {
      return policy.Turn(v, {.bytes = 2e5 + 8e7 * v * v, .seconds = 1}).value_or(v);
    };
    value = turn(**whole, value);
    std::vector<uint8_t> state;
    (*whole)->SaveState(state);
    QVERIFY((*again)->LoadState(state).ok());
    const auto forgetful = Make(json);
    bool differs = false;
    double a = value, b = value, c = value;
    for (int i = 0; i < 5; ++i) {
      QCOMPARE(a = turn(**whole, a), b = turn(**again, b));
      c = turn(**forgetful, c);
      differs = differs || c != a;
    }
    QVERIFY(differs);  // there was something to remember

    for (size_t length = 0; length < state.size(); ++length)
      QCOMPARE((*again)->LoadState(std::span(state).first(length)).code(), absl::StatusCode::kDataLoss);
    for (uint8_t& byte : state) byte = 0xFF;
    QCOMPARE((*again)->LoadState(state).code(), absl::StatusCode::kDataLoss);
  }
};

CONCERTINA_TEST(KnobPolicyTest)

}  // namespace concertina::knob_policy_test

#include "knob_policy_test.moc"
