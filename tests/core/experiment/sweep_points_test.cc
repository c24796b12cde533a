// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// sweep_points_test.cc: what a random search draws, and how successive halving divides its epochs.
#include "core/experiment/sweep_points.h"

#include <QTest>
#include <cmath>
#include <set>

#include "core/experiment/spec.h"
#include "fmt/format.h"
#include "nlohmann/json.hpp"
#include "tests/test_program.h"

namespace concertina::sweep_points_test {
namespace {

// Takes every spec as it is: drawing alone is looked at.
absl::StatusOr<CheckedSpec> TakenAsItIs(const std::string& spec) { return CheckedSpec{spec, {}}; }

Sweep Drawn(const Json& axes, int samples, int seed = 1) {
  const Json sweep = {{"base", Json::object()},
                      {"axes", axes},
                      {"search", {{"kind", "random"}, {"samples", samples}, {"seed", seed}}}};
  return CheckSweep({.json = sweep.dump()}, TakenAsItIs)->sweep;
}

Json Range(const char* distribution, double minimum, double maximum, bool is_integer = false) {
  return {{"pointer", "/optimizer/learning_rate"},
          {"distribution", distribution},
          {"minimum", minimum},
          {"maximum", maximum},
          {"integer", is_integer}};
}

std::vector<std::string> Labels(const Sweep& sweep) {
  std::vector<std::string> labels;
  for (const SweepPoint& point : sweep.points) labels.push_back(point.label);
  return labels;
}

}  // namespace

class SweepPointsTest : public QObject {
  Q_OBJECT
 private slots:
  void theSameSeedDrawsTheSame() {
    const Json axes = {Range("log-uniform", 1e-4, 1), {{"pointer", "/seed"}, {"values", {1, 2, 3}}}};
    const std::vector<std::string> twenty = Labels(Drawn(axes, 20));
    QCOMPARE(twenty.size(), size_t{20});
    QVERIFY(Labels(Drawn(axes, 20)) == twenty);
    QVERIFY(Labels(Drawn(axes, 20, 2)) != twenty);
    // More samples begin with the fewer.
    QVERIFY(Labels(Drawn(axes, 5)) == std::vector<std::string>(twenty.begin(), twenty.begin() + 5));
  }

  // A share p of n draws lies below a quantile: the count is binomial, and 5 standard deviations of n = 2000
  // at p = 1/2 are 112.
  void drawsFollowTheirDistribution_data() {
    QTest::addColumn<QString>("distribution");
    QTest::addColumn<double>("median");
    QTest::newRow("uniform") << "uniform" << 0.50005;
    QTest::newRow("log-uniform") << "log-uniform" << 0.01;
  }
  void drawsFollowTheirDistribution() {
    QFETCH(QString, distribution);
    QFETCH(double, median);
    const Sweep sweep = Drawn(Json::array({Range(distribution.toUtf8().constData(), 1e-4, 1)}), 2000);
    QCOMPARE(sweep.points.size(), size_t{2000});
    int below = 0;
    for (const SweepPoint& point : sweep.points) {
      const double x = Json::parse(point.values[0].json).get<double>();
      QVERIFY(x >= 1e-4 && x <= 1);
      below += x < median ? 1 : 0;
      // Four digits: the label is the value.
      QCOMPARE(x, std::strtod(fmt::format("{:.4g}", x).c_str(), nullptr));
      QCOMPARE(Json::parse(point.specs[0])["optimizer"]["learning_rate"].get<double>(), x);
    }
    QVERIFY2(std::abs(below - 1000) <= 112, qPrintable(QString::number(below)));
  }

  void wholeNumbersReachBothEnds() {
    for (const char* distribution : {"uniform", "log-uniform"}) {
      std::set<std::string> seen;
      for (const SweepPoint& point : Drawn(Json::array({Range(distribution, 1, 4, true)}), 50).points)
        seen.insert(point.values[0].json);
      QVERIFY2((seen == std::set<std::string>{"1", "2", "3", "4"}), distribution);
    }
  }

  void noPointComesTwice() {
    const Json axes = {{{"pointer", "/seed"}, {"values", {1, 2}}},
                       {{"pointer", "/optimizer/momentum"}, {"values", {0, 0.9}}}};
    QCOMPARE(Drawn(axes, 40).points.size(), size_t{4});
  }

  void afterManyBadPointsTheRestIsNotLookedAt() {
    Json values = Json::array();
    for (int i = 0; i < 1000; ++i) values.push_back(i);
    const Json file = {{"base", Json::object()}, {"axes", {{{"pointer", "/seed"}, {"values", values}}}}};
    size_t looked_at = 0;
    const SweepCheck check = *CheckSweep({.json = file.dump()}, [&](const std::string&) {
      ++looked_at;
      return CheckedSpec{"", {MakeFault("/seed", "it", "another")}};
    });
    QCOMPARE(looked_at, kMaxBadPoints);
    QCOMPARE(check.faults.size(), kMaxBadPoints + 1);
    QVERIFY(check.faults.back().message.find("800 more were not looked at") != std::string::npos);
  }

  void halvingDividesItsEpochs_data() {
    QTest::addColumn<int>("points");
    QTest::addColumn<double>("keep");
    QTest::addColumn<double>("first");
    QTest::addColumn<double>("epochs");
    QTest::addColumn<QString>("rounds");
    QTest::newRow("halves") << 8 << 0.5 << 1.0 << 8.0 << "8x1 4x2 2x4 1x8";
    QTest::newRow("until the epochs are there") << 64 << 0.5 << 1.0 << 4.0 << "64x1 32x2 16x4";
    QTest::newRow("never beyond the epochs") << 9 << 0.25 << 1.0 << 6.0 << "9x1 2x4 1x6";
    QTest::newRow("until one is left") << 3 << 0.5 << 1.0 << 100.0 << "3x1 1x2";
    QTest::newRow("tenths") << 100 << 0.1 << 0.5 << 50.0 << "100x0.5 10x5 1x50";
    QTest::newRow("one point") << 1 << 0.5 << 1.0 << 8.0 << "1x1";
    QTest::newRow("all the epochs at once") << 4 << 0.5 << 2.0 << 2.0 << "4x2";
  }
  void halvingDividesItsEpochs() {
    QFETCH(int, points);
    QFETCH(double, keep);
    QFETCH(double, first);
    QFETCH(double, epochs);
    QFETCH(QString, rounds);
    QStringList got;
    for (const HalvingRound& round :
         HalvingRounds(static_cast<size_t>(points), {.keep = keep, .first_epochs = first}, epochs))
      got << QString("%1x%2").arg(round.points).arg(round.epochs);
    QCOMPARE(got.join(' '), rounds);
  }

  void aRoundHasItsOwnEpochsAndName() {
    const std::string whole = CheckSpec(R"({"name": "s · x", "training": {"epochs": 8}})").spec.json;
    const auto spec = SpecOfRound(whole, 0.25);
    QVERIFY(spec.ok());
    QCOMPARE(CheckSpec(*spec).spec.json, *spec);
    QCOMPARE(Json::parse(*spec)["training"]["epochs"].get<double>(), 0.25);
    QCOMPARE(Json::parse(*spec)["name"].get<std::string>(), std::string("s · x · 0.25 epochs"));
  }
};

CONCERTINA_TEST(SweepPointsTest)

}  // namespace concertina::sweep_points_test

#include "sweep_points_test.moc"
