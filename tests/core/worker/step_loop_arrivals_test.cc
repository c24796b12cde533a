// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// step_loop_arrivals_test.cc: whole training loops with one slow rank, which is named, with what it was late
// with; how often arrivals are recorded.
#include <QTest>
#include <cmath>
#include <set>

#include "core/analysis/collective_blame.h"
#include "core/base/registry.h"
#include "tests/allocations.h"
#include "tests/test_program.h"
#include "training_ranks.h"

namespace concertina::step_loop_arrivals_test {

using nlohmann::json;

class StepLoopArrivalsTest : public QObject, private TrainingRanks {
  Q_OBJECT
 private slots:
  void aSlowRankIsNamedAtEachCollective_data();
  void aSlowRankIsNamedAtEachCollective();
  void howOftenIsAKnob();
  void aSingleRankRecordsNone();
  void recordingEveryStepAllocatesNoMore();
};

namespace {

// The series of all ranks of a run that records each step. Those that miss the first step begin at the next,
// those with gaps are left out.
ArrivalTable TableOf(const std::vector<RankResult>& results) {
  ArrivalTable table;
  for (size_t rank = 0; rank < results.size(); ++rank) {
    const std::map<std::string, std::vector<double>>& series = results[rank].series;
    const size_t steps = series.at("arrival/step/filled").size();
    for (const auto& [name, values] : series) {
      const std::optional<ArrivalSeriesName> parsed = ParseArrivalSeries(name);
      if (!parsed || values.size() + 1 < steps) continue;
      for (size_t i = 0; i < values.size(); ++i)
        table.Add(static_cast<int>(rank), *parsed, static_cast<int64_t>(i + steps - values.size()),
                  values[i]);
    }
  }
  return table;
}

}  // namespace

void StepLoopArrivalsTest::aSlowRankIsNamedAtEachCollective_data() {
  QTest::addColumn<QString>("mesh");
  QTest::addColumn<QString>("begins");  // the names of the collectives that must be there
  QTest::newRow("data") << R"({"data": 3})"
                        << "bucket";
  QTest::newRow("tensor") << R"({"data": 1, "tensor": 2})"
                          << "tensor-sum";
  QTest::newRow("pipeline") << R"({"data": 1, "pipeline": 2})"
                            << "activations-0-to-1";
}

void StepLoopArrivalsTest::aSlowRankIsNamedAtEachCollective() {
  QFETCH(QString, mesh);
  QFETCH(QString, begins);
  json spec = PipelineSpec(table_, 1, 1, 1, 96);
  spec["mesh"] = json::parse(mesh.toStdString());
  const int ranks =
      spec["mesh"].value("data", 1) * spec["mesh"].value("tensor", 1) * spec["mesh"].value("pipeline", 1);
  spec["training"]["measure_every_steps"] = 1;
  spec["training"]["max_steps"] = 40;
  // The first rank, so that what it sends to the next stage is late: its pass takes 500 times as long, which
  // other programs of the machine do not hide.
  spec["workers"] = {{{"launcher", "local"}, {"count", 1}, {"speed", 0.01}},
                     {{"launcher", "local"}, {"count", ranks - 1}}};
  QTemporaryDir run;
  const std::vector<RankResult> results = Train(spec, run.path());
  for (const RankResult& result : results) QVERIFY(result.result.ok());
  const CollectiveBlame blame = TableOf(results).Blame();
  QVERIFY(!blame.collectives.empty());
  QVERIFY(
      std::any_of(blame.collectives.begin(), blame.collectives.end(), [&](const CollectiveCharge& charge) {
        return QString::fromStdString(charge.name).startsWith(begins);
      }));
  const CollectiveCharge& worst = blame.collectives.front();
  QCOMPARE(worst.rank, 0);
  QCOMPARE(worst.phase, LatePhase::kCompute);
  QVERIFY(blame.ranks[0].total_seconds() > 0.5 * blame.charged_seconds());
  // Nobody is charged more than the others stood.
  double stood = 0;
  for (size_t rank = 1; rank < results.size(); ++rank)
    for (const auto& [name, values] : results[rank].series)
      if (name.starts_with("arrival/") && name.ends_with("/stood"))
        stood += std::accumulate(values.begin(), values.end(), 0.0);
  QVERIFY(blame.ranks[0].total_seconds() <= stood + 1e-9);
}

void StepLoopArrivalsTest::howOftenIsAKnob() {
  json spec = TableSpec(table_, 2, 8);
  spec["training"]["max_steps"] = 64;
  spec["gradient"] = {{{"kind", "top-k"}, {"ratio", 0.1}}};
  const auto count = [&](const std::vector<proto::Knob>& knobs, const char* name) {
    QTemporaryDir run;
    const std::vector<RankResult> results = Train(spec, run.path(), "", {}, -1, knobs);
    for (const RankResult& result : results)
      if (!result.result.ok()) return size_t{0};
    const auto found = results[0].series.find(name);
    return found == results[0].series.end() ? size_t{0} : found->second.size();
  };
  QCOMPARE(count({}, "arrival/step/filled"), size_t{4});
  QCOMPARE(count({}, "comm/relative_error"), size_t{4});
  spec["training"]["measure_every_steps"] = 4;
  QCOMPARE(count({}, "arrival/step/filled"), size_t{16});
  QCOMPARE(count({}, "comm/relative_error"), size_t{16});
  proto::Knob knob;
  knob.set_pointer("/training/measure_every_steps");
  knob.set_json("1");
  QVERIFY(count({knob}, "arrival/step/filled") > 40);  // it is heard within some steps
  QVERIFY(count({knob}, "comm/relative_error") > 40);
}

void StepLoopArrivalsTest::aSingleRankRecordsNone() {
  QTemporaryDir run;
  const std::vector<RankResult> results = Train(TableSpec(table_, 1, 8), run.path());
  QVERIFY(results[0].result.ok());
  for (const auto& [name, values] : results[0].series) QVERIFY2(!name.starts_with("arrival/"), name.c_str());
}

// Against a run that records two steps: the rest is alike, but for how ranks happen to meet in the hub.
void StepLoopArrivalsTest::recordingEveryStepAllocatesNoMore() {
  constexpr int kSteps = 2000;
  const auto made_by = [&](int every) {
    json spec = TableSpec(table_, 2, 8);
    spec["training"]["epochs"] = 100;
    spec["training"]["max_steps"] = kSteps;
    spec["training"]["evaluate_every_epochs"] = 0;
    spec["training"]["measure_every_steps"] = every;
    QTemporaryDir run;
    const int64_t before = allocations;
    for (const RankResult& result : Train(spec, run.path()))
      if (!result.result.ok()) return int64_t{-1};
    return allocations - before;
  };
  QVERIFY(made_by(1) > 0);  // kernels are chosen once, and kept
  const int64_t few = made_by(kSteps / 2), many = made_by(1);
  QVERIFY(few > 0 && many > 0);
  // What is recorded is copied for the test at the end, in a few blocks a series.
  const double a_step = static_cast<double>(many - few) / (2 * kSteps);
  QVERIFY2(a_step < 0.5, qPrintable(QString("%1 more in each step").arg(a_step)));
}

CONCERTINA_TEST(StepLoopArrivalsTest)

}  // namespace concertina::step_loop_arrivals_test

#include "step_loop_arrivals_test.moc"
