// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// step_loop_knobs_test.cc: whole training loops whose knobs turn by a policy.
#include <QTest>
#include <algorithm>
#include <cmath>

#include "tests/test_program.h"
#include "training_ranks.h"

namespace concertina::step_loop_knobs_test {

using nlohmann::json;

class StepLoopKnobsTest : public QObject, private TrainingRanks {
  Q_OBJECT
 private slots:
  void policiesGoOnFromACheckpoint_data();
  void policiesGoOnFromACheckpoint();
  void schedulesLeaveTheirMarks_data();
  void schedulesLeaveTheirMarks();
  void anErrorIsHeldByTurningTheRatio();
};

void StepLoopKnobsTest::policiesGoOnFromACheckpoint_data() {
  QTest::addColumn<QString>("policy");
  QTest::addColumn<QString>("exchange");
  for (const char* exchange :
       {R"({"kind": "all-reduce", "bucket_mib": 0.001})", R"({"kind": "parameter-server", "shards": 2})"})
    for (const char* policy :
         {R"({"kind": "linear", "from": 0.5, "to": 0.01, "end_step": 100, "every_steps": 3})",
          R"({"kind": "exponential", "from": 0.5, "to": 0.01, "begin_step": 20, "every_steps": 7})",
          R"({"kind": "steps", "from": 0.25, "to": 0.001, "every_steps": 30})",
          R"({"kind": "adaptive", "hold": "relative_error", "target": 0.5, "minimum": 0.001, "maximum": 1,
              "every_steps": 20})"})
      QTest::addRow("%s, %s", policy, exchange) << policy << exchange;
}

// The checkpoint lies within a window and within a ramp.
void StepLoopKnobsTest::policiesGoOnFromACheckpoint() {
  QFETCH(QString, policy);
  QFETCH(QString, exchange);
  json spec = TableSpec(table_, 2, 8);
  spec["exchange"] = json::parse(exchange.toStdString());
  spec["gradient"] = {{{"kind", "top-k"}, {"ratio", 0.02}}};
  spec["knobs"] = {{{"pointer", "/gradient/0/ratio"}, {"policy", json::parse(policy.toStdString())}}};
  spec["training"]["checkpoint_every_steps"] = 53;
  QTemporaryDir run, again, plain;
  const auto whole = Train(spec, run.path());
  for (const RankResult& result : whole) {
    QVERIFY(result.result.ok());
    QCOMPARE(result.result->parameters_sha256, whole[0].result->parameters_sha256);
    for (const absl::Status& status : result.knobs) QVERIFY2(status.ok(), status.ToString().c_str());
  }
  QVERIFY(whole[0].marks.size() >= 2 && whole[1].marks.empty());  // rank 0 speaks for all
  const auto rest =
      Train(spec, again.path(), CheckpointFolder(run.path().toStdString(), whole[0].checkpoints.front()));
  QVERIFY(rest[0].result.ok());
  QCOMPARE(rest[0].result->parameters_sha256, whole[0].result->parameters_sha256);
  // The marks of the rest are those that were left.
  QVERIFY(!rest[0].marks.empty() && rest[0].marks.size() < whole[0].marks.size());
  QVERIFY(std::equal(rest[0].marks.rbegin(), rest[0].marks.rend(), whole[0].marks.rbegin()));
  spec.erase("knobs");
  const auto without = Train(spec, plain.path());
  QVERIFY(without[0].result.ok());
  QVERIFY(without[0].result->parameters_sha256 != whole[0].result->parameters_sha256);
}

void StepLoopKnobsTest::schedulesLeaveTheirMarks_data() {
  QTest::addColumn<QString>("pointer");
  QTest::addColumn<QString>("policy");
  QTest::addColumn<QString>("marks");
  QTest::newRow("each step") << "/gradient/0/ratio"
                             << R"({"kind": "steps", "from": 0.25, "to": 0.01, "every_steps": 10})"
                             << "0: 0.25, 10: 0.0625, 20: 0.015625, 30: 0.01";
  QTest::newRow("of a line, where it begins and ends")
      << "/optimizer/learning_rate"
      << R"({"kind": "linear", "from": 0.125, "to": 0.0625, "begin_step": 8, "end_step": 40, "every_steps": 4})"
      << "0: 0.125, 12: 0.1171875, 40: 0.0625";
  QTest::newRow("whole numbers")
      << "/exchange/period_steps"
      << R"({"kind": "steps", "from": 1, "factor": 1.6, "to": 4, "every_steps": 10})"
      << "0: 1, 10: 2, 20: 3, 30: 4";
}

void StepLoopKnobsTest::schedulesLeaveTheirMarks() {
  QFETCH(QString, pointer);
  QFETCH(QString, policy);
  QFETCH(QString, marks);
  json spec = TableSpec(table_, 2, 8);
  spec["training"]["max_steps"] = 50;
  spec["gradient"] = {{{"kind", "top-k"}, {"ratio", 0.02}}};
  if (pointer.startsWith("/exchange")) spec["exchange"] = {{"kind", "local-sgd"}, {"period_steps", 7}};
  spec["knobs"] = {{{"pointer", pointer.toStdString()}, {"policy", json::parse(policy.toStdString())}}};
  QTemporaryDir run;
  const auto results = Train(spec, run.path());
  QVERIFY(results[0].result.ok());
  QStringList left;
  for (const auto& [step, value] : results[0].marks)
    left << QString("%1: %2").arg(step).arg(QString::fromStdString(value));
  QCOMPARE(left.join(", "), marks);
}

void StepLoopKnobsTest::anErrorIsHeldByTurningTheRatio() {
  json spec = TableSpec(table_, 2, 8);
  spec["training"]["epochs"] = 60;
  // Without a memory the error is the ratio's doing alone.
  spec["gradient"] = {{{"kind", "top-k"}, {"ratio", 0.9}, {"error_feedback", false}}};
  spec["knobs"] = {{{"pointer", "/gradient/0/ratio"},
                    {"policy",
                     {{"kind", "adaptive"},
                      {"hold", "relative_error"},
                      {"target", 0.4},
                      {"minimum", 0.001},
                      {"maximum", 1},
                      {"every_steps", 64}}}}};
  QTemporaryDir run;
  const auto results = Train(spec, run.path());
  QVERIFY(results[0].result.ok());
  QCOMPARE(results[0].result->parameters_sha256, results[1].result->parameters_sha256);
  const std::vector<double>& errors = results[0].series.at("comm/relative_error");
  QVERIFY(errors.size() > 40);
  QVERIFY(errors.front() < 0.05);
  // One batch of eight differs from the next by more than a tenth, their mean does not.
  double mean = 0;
  for (size_t i = errors.size() / 2; i < errors.size(); ++i)
    mean += errors[i] / static_cast<double>(errors.size() - errors.size() / 2);
  QVERIFY2(std::abs(mean / 0.4 - 1) < 0.1, qPrintable(QString::number(mean)));
}

CONCERTINA_TEST(StepLoopKnobsTest)

}  // namespace concertina::step_loop_knobs_test

#include "step_loop_knobs_test.moc"
