// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// paper_verdict_test.cc: what is measured of a paper's runs, and inside or outside of its bands.
#include "core/analysis/paper_verdict.h"

#include <QTest>
#include <cmath>

#include "nlohmann/json.hpp"
#include "tests/test_program.h"

namespace concertina::paper_verdict_test {
namespace {

constexpr double kNan = std::numeric_limits<double>::quiet_NaN();
constexpr double kInfinite = std::numeric_limits<double>::infinity();

Paper PaperWith(const Json& measure) {
  Json file = Json::parse(R"({"title": "P", "citation": "C", "place": "T", "claim": "X", "difference": "D",
    "base": {}, "runs": [{"id": "a", "title": "A"}, {"id": "b", "title": "B"}],
    "quick": {"difference": "shorter"}})");
  Json whole = {{"title", "M"}, {"run", "a"}, {"published", 1}, {"low", 1}, {"high", 2}, {"reason", "R"}};
  whole.update(measure);
  file["measures"] = Json::array({whole});
  const PaperCheck check = CheckPaper("p", file.dump());
  for (const Fault& fault : check.faults) qFatal("%s", fault.message.c_str());
  return check.paper;
}

std::vector<std::optional<PaperEvidence>> TwoRuns() {
  PaperEvidence a, b;
  a.summary = {{"bytes_sent", 30}, {"test_accuracy", 0.9}};
  b.summary = {{"bytes_sent", 20}, {"test_accuracy", 0.75}};
  a.curves[{"test/accuracy", "epoch"}] = {{1, 2, 3}, {0.5, 0.7, 0.9}};
  a.curves[{"pipeline/bubble", "step"}] = {{0, 16, 32, 48}, {9, 1, kNan, 2}};
  a.recipe = {R"({"figures": {"ratio": 4}})", R"({"figures": {"ratio": 6}})", R"({"step": 2})"};
  return {a, b};
}

}  // namespace

class PaperVerdictTest : public QObject {
  Q_OBJECT
 private slots:
  void measures_data() {
    QTest::addColumn<QString>("measure");
    QTest::addColumn<double>("value");
    QTest::newRow("a summary") << R"({"figure": {"kind": "summary", "name": "bytes_sent"}})" << 30.0;
    QTest::newRow("never measured") << R"({"figure": {"kind": "summary", "name": "train_loss"}})" << kNan;
    QTest::newRow("over another") << R"({"figure": {"kind": "summary", "name": "bytes_sent"}, "against": "b",
      "by": "ratio"})" << 1.5;
    QTest::newRow("less another")
        << R"({"figure": {"kind": "summary", "name": "bytes_sent"}, "against": "b"})" << 10.0;
    QTest::newRow("the other one less this")
        << R"({"figure": {"kind": "summary", "name": "bytes_sent"}, "run": "b", "against": "a"})" << -10.0;
    QTest::newRow("between two points") << R"({"figure": {"kind": "to-accuracy", "accuracy": 0.8}})" << 2.5;
    QTest::newRow("never reached") << R"({"figure": {"kind": "to-accuracy", "accuracy": 0.95}})" << kInfinite;
    QTest::newRow("never tested") << R"({"figure": {"kind": "to-accuracy", "accuracy": 0.8}, "run": "b"})"
                                  << kNan;
    QTest::newRow("the median, what was not measured passed over")
        << R"({"figure": {"kind": "series", "name": "pipeline/bubble"}})" << 2.0;
    QTest::newRow("the median of an even number")
        << R"({"figure": {"kind": "series", "name": "pipeline/bubble", "skip": 1}})" << 1.5;
    QTest::newRow("the mean")
        << R"({"figure": {"kind": "series", "name": "pipeline/bubble", "fold": "mean"}})" << 4.0;
    QTest::newRow("the last")
        << R"({"figure": {"kind": "series", "name": "pipeline/bubble", "fold": "last"}})" << 2.0;
    QTest::newRow("the least")
        << R"({"figure": {"kind": "series", "name": "pipeline/bubble", "fold": "least"}})" << 1.0;
    QTest::newRow("the most")
        << R"({"figure": {"kind": "series", "name": "pipeline/bubble", "fold": "most"}})" << 9.0;
    QTest::newRow("all skipped") << R"({"figure": {"kind": "series", "name": "pipeline/bubble", "skip": 3}})"
                                 << kNan;
    QTest::newRow("a step of the recipe")
        << R"({"figure": {"kind": "recipe", "name": "ratio", "step": 1}})" << 6.0;
    QTest::newRow("less another step")
        << R"({"figure": {"kind": "recipe", "name": "ratio", "step": 1}, "against_step": 0})" << 2.0;
    QTest::newRow("a step without figures") << R"({"figure": {"kind": "recipe", "name": "ratio"}})" << kNan;
    QTest::newRow("a step too far") << R"({"figure": {"kind": "recipe", "name": "ratio", "step": 3}})"
                                    << kNan;
  }
  void measures() {
    QFETCH(QString, measure);
    QFETCH(double, value);
    const Paper paper = PaperWith(Json::parse(measure.toStdString()));
    const auto rows = PaperRows(paper, false, TwoRuns());
    QCOMPARE(rows.size(), size_t{1});
    if (std::isnan(value))
      QVERIFY(std::isnan(rows[0].measured));
    else
      QVERIFY2(rows[0].measured == value || std::abs(rows[0].measured - value) < 1e-12,
               qPrintable(QString::number(rows[0].measured)));
    // 1 to 2 is the band of all; what was never measured or reached is outside of any.
    QCOMPARE(rows[0].verdict, value >= 1 && value <= 2 ? PaperVerdict::kInside : PaperVerdict::kOutside);
  }

  void whatWasNeverReachedIsOutsideOfABandWithoutAnEnd() {
    Json measure = {{"figure", {{"kind", "to-accuracy"}, {"accuracy", 0.95}}}};
    Paper paper = PaperWith(measure);
    paper.measures[0].band = {.low = 1, .reason = "R"};
    QCOMPARE(PaperRows(paper, false, TwoRuns())[0].verdict, PaperVerdict::kOutside);
  }

  void aRunThatHasNotFinishedLeavesItsRowsPending() {
    const Paper paper = PaperWith(Json::parse(
        R"({"figure": {"kind": "summary", "name": "bytes_sent"}, "against": "b", "by": "ratio"})"));
    auto runs = TwoRuns();
    QCOMPARE(PaperRows(paper, false, runs)[0].verdict, PaperVerdict::kInside);
    runs[1] = std::nullopt;  // the one that it is held against
    QCOMPARE(PaperRows(paper, false, runs)[0].verdict, PaperVerdict::kPending);
    QVERIFY(std::isnan(PaperRows(paper, false, runs)[0].measured));
  }

  void theQuickSettingHasItsOwnBand() {
    const Paper paper = PaperWith(Json::parse(
        R"({"figure": {"kind": "summary", "name": "bytes_sent"}, "quick": {"low": 30, "reason": "R"}})"));
    QCOMPARE(PaperRows(paper, false, TwoRuns())[0].verdict, PaperVerdict::kOutside);
    QCOMPARE(PaperRows(paper, true, TwoRuns())[0].verdict, PaperVerdict::kInside);
  }

  void theWholeIsInsideOnlyOnceAllRowsAre() {
    const PaperRow in{1, PaperVerdict::kInside}, out{1, PaperVerdict::kOutside},
        open{1, PaperVerdict::kPending};
    const auto whole = [](std::vector<PaperRow> rows) { return WholeVerdict(rows); };
    QCOMPARE(whole({in, in}), PaperVerdict::kInside);
    QCOMPARE(whole({in, open}), PaperVerdict::kPending);
    QCOMPARE(whole({open, out}), PaperVerdict::kOutside);
    QCOMPARE(whole({}), PaperVerdict::kPending);
  }

  void whatIsNeededIsAskedForOnce() {
    Paper paper =
        PaperWith(Json::parse(R"({"figure": {"kind": "to-accuracy", "accuracy": 0.8}, "against": "b"})"));
    paper.measures.push_back(paper.measures[0]);
    for (const size_t run : {0u, 1u}) {
      const auto curves = CurvesOf(paper, run);
      QCOMPARE(curves.size(), size_t{1});
      QVERIFY((curves[0] == PaperCurveName{"test/accuracy", "epoch"}));
      QVERIFY(!NeedsRecipe(paper, run));
    }
    paper = PaperWith(Json::parse(R"({"figure": {"kind": "recipe", "name": "ratio"}})"));
    QVERIFY(NeedsRecipe(paper, 0) && !NeedsRecipe(paper, 1));
    QVERIFY(CurvesOf(paper, 0).empty());
  }

  void numbersAsPeopleReadThem() {
    QCOMPARE(PaperValueText(199210, PaperUnit::kCount), std::string("199,210"));
    QCOMPARE(PaperValueText(-12345, PaperUnit::kCount), std::string("-12,345"));
    QCOMPARE(PaperValueText(100, PaperUnit::kCount), std::string("100"));
    QCOMPARE(PaperValueText(0.9793, PaperUnit::kShare), std::string("97.93 %"));
    QCOMPARE(PaperValueText(-0.0006, PaperUnit::kPoints), std::string("-0.06 points"));
    QCOMPARE(PaperValueText(26400, PaperUnit::kBytes), std::string("26.4 kB"));
    QCOMPARE(PaperValueText(999, PaperUnit::kBytes), std::string("999 B"));
    QCOMPARE(PaperValueText(40, PaperUnit::kTimes), std::string("40.0×"));
    QCOMPARE(PaperValueText(kNan, PaperUnit::kTimes), std::string("–"));
    QCOMPARE(PaperValueText(kInfinite, PaperUnit::kNumber), std::string("never"));
    QCOMPARE(PaperBandText({.high = 2}, PaperUnit::kNumber), std::string("at most 2"));
    QCOMPARE(PaperBandText({.low = 2}, PaperUnit::kNumber), std::string("at least 2"));
    QCOMPARE(PaperBandText({.low = 2, .high = 2}, PaperUnit::kCount), std::string("exactly 2"));
    QCOMPARE(PaperBandText({.low = 0.4, .high = 0.6}, PaperUnit::kShare), std::string("40.00 % to 60.00 %"));
  }
};

CONCERTINA_TEST(PaperVerdictTest)

}  // namespace concertina::paper_verdict_test

#include "paper_verdict_test.moc"
