// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// step_estimate_test.cc: a plan gets the step's time from what was measured, and does without where it was
// not.
#include "core/engine/step_estimate.h"

#include <QFile>
#include <QTemporaryDir>
#include <QTest>
#include <cmath>

#include "core/base/rng.h"
#include "tests/test_program.h"

namespace concertina::step_estimate_test {

class StepEstimateTest : public QObject {
  Q_OBJECT

  QTemporaryDir folder_;
  int measured_ = 0;
  double codec_seconds_ = 0.001;  // to pack; a quarter of it to unpack
  int64_t coded_floats_ = 0;

  // 400 rows of three numbers, of two classes.
  Spec SpecOf(Json json) {
    json["dataset"] = {
        {"kind", "csv"}, {"path", folder_.filePath("table.csv").toStdString()}, {"label", "label"}};
    SpecCheck check = CheckSpec(json.dump());
    for (const Fault& fault : check.faults) qWarning("%s", fault.message.c_str());
    return check.spec;
  }
  Plan PlanOfSpec(const Spec& spec) {
    std::vector<Fault> faults;
    auto plan = PlanOf(spec, folder_.path().toStdString(), faults);
    for (const Fault& fault : faults) qWarning("%s", fault.message.c_str());
    return plan.ok() && faults.empty() ? *std::move(plan) : Plan{};
  }
  Json Estimate(const Json& json, Calibration::Measure measure, double step_seconds = 0.030) {
    Calibration calibration(
        folder_.filePath("calibration.json").toStdString(),
        {.step = [this, step_seconds](const Spec&, const Plan&, int64_t) -> absl::StatusOr<double> {
           ++measured_;
           if (step_seconds < 0) return absl::UnavailableError("no core is free");
           return step_seconds;
         },
         .transport = [](const std::string&) -> absl::StatusOr<TransportCost> {
           return TransportCost{1e-4, 0};
         },
         .codec = [this](std::span<const Params>, int64_t floats) -> absl::StatusOr<CodecSeconds> {
           if (codec_seconds_ < 0) return absl::UnavailableError("no core is free");
           coded_floats_ = floats;
           return CodecSeconds{codec_seconds_, codec_seconds_ / 4};
         }});
    const Spec spec = SpecOf(json);
    return Json::parse(WithStepSeconds(spec, PlanOfSpec(spec), 8, calibration, measure));
  }
  static void Near(double got, double expected) {
    if (!(std::abs(got - expected) <= 1e-9))
      QFAIL(qPrintable(QString("%1, expected %2").arg(got).arg(expected)));
  }

 private slots:
  void initTestCase() {
    QFile file(folder_.filePath("table.csv"));
    QVERIFY(file.open(QIODevice::WriteOnly));
    file.write("a,b,c,label\n");
    Rng rng(1);
    for (int i = 0; i < 400; ++i)
      file.write(QByteArray::number(rng.Normal()) + ",2,3," + (i % 2 == 0 ? "yes" : "no") + "\n");
  }
  void init() {
    QFile::remove(folder_.filePath("calibration.json"));
    measured_ = 0;
    codec_seconds_ = 0.001;
    coded_floats_ = 0;
  }

  void theSlowestLinkAndWorkerSetTheStep() {
    const Json model = {{"kind", "mlp"}, {"hidden", {96}}};  // 3 96 + 96 + 96 2 + 2 = 578 floats
    const Json json = {
        {"model", model},
        {"training", {{"batch_size", 16}}},
        {"exchange", {{"kind", "all-reduce"}, {"algorithm", "ring"}}},
        {"network", {{"latency_ms", 1}}},
        {"workers", {{{"count", 2}}, {{"count", 1}, {"speed", 0.5}, {"bandwidth_mbit", 0.1}}}}};
    const Json step = Estimate(json, Calibration::Measure::kIfMissing)["step_seconds"];
    Near(step["compute"], 0.060);
    // A ring of three: 4 rounds of a third of 2312 bytes at 0.1 Mbit/s, and of 1 ms.
    Near(step["communication"], 4.0 / 3 * 2312 * 8 / 1e5 + 0.004);
    Near(step["exposed"], step["communication"]);
    Near(step["total"], step["compute"].get<double>() + step["exposed"].get<double>());
    QCOMPARE(step["dominated_by"].get<std::string>(), std::string("bandwidth"));
  }
  void oneWorkerHasNoCommunication() {
    const Json step = Estimate({{"training", {{"batch_size", 16}}}, {"model", {{"kind", "mlp"}}}},
                               Calibration::Measure::kIfMissing)["step_seconds"];
    Near(step["total"], 0.030);
    Near(step["communication"], 0);
    QCOMPARE(step["dominated_by"].get<std::string>(), std::string("compute"));
  }
  void whetherTheCodecPaysIsForetold() {
    // 3 96 + 96 + 96 2 + 2 = 578 floats on links of 1 Mbit/s and 1 ms.
    Json json = {{"model", {{"kind", "mlp"}, {"hidden", {96}}}},
                 {"training", {{"batch_size", 16}}},
                 {"exchange", {{"kind", "all-reduce"}, {"algorithm", "ring"}}},
                 {"network", {{"latency_ms", 1}, {"bandwidth_mbit", 1}}},
                 {"workers", {{{"count", 4}}}}};
    const double dense = Estimate(json, Calibration::Measure::kIfMissing)["step_seconds"]["total"];
    QCOMPARE(coded_floats_, int64_t{0});  // there is no codec to measure
    json["gradient"] = {{{"kind", "top-k"}, {"ratio", 0.01}}};
    const Json step = Estimate(json, Calibration::Measure::kIfMissing)["step_seconds"];
    QCOMPARE(coded_floats_, int64_t{578});
    Near(step["codec"], 0.001 + 4 * 0.00025);  // every worker unpacks the payloads of all four
    Near(step["without_codec"], dense);
    // 52 bytes to each of the others at once in one round, and not 6 rounds of a quarter of 2312.
    Near(step["communication"], 0.001 + 52 * 8e-6);
    QVERIFY(step["total"].get<double>() < dense);
    // It saves five rounds of 1 ms for 2 ms of work, so it pays however fast the links are.
    QCOMPARE(step["pays"]["kind"].get<std::string>(), std::string("always"));

    json["network"]["latency_ms"] = 0;
    const Json near = Estimate(json, Calibration::Measure::kIfMissing)["step_seconds"];
    QCOMPARE(near["pays"]["kind"].get<std::string>(), std::string("below"));
    Near(near["pays"]["bandwidth_mbit"], (1.5 * 2312 - 52) * 8e-6 / 0.002);
    json["network"]["bandwidth_mbit"] = 1000;  // far above: here it does not
    const Json fast = Estimate(json, Calibration::Measure::kIfMissing)["step_seconds"];
    QVERIFY(fast["total"].get<double>() > fast["without_codec"].get<double>());
  }
  void whatACodecTakesMayBeUnknown() {
    codec_seconds_ = -1;
    const Json step = Estimate({{"training", {{"batch_size", 16}}},
                                {"model", {{"kind", "mlp"}}},
                                {"gradient", {{{"kind", "top-k"}}}},
                                {"workers", {{{"count", 2}}}}},
                               Calibration::Measure::kIfMissing)["step_seconds"];
    QVERIFY(step["total"].get<double>() > 0);
    Near(step["codec"], 0);
    QVERIFY(!step.contains("without_codec"));
  }
  void stagesShareTheModel() {
    const Json json = {{"training", {{"batch_size", 16}}},
                       {"model", {{"kind", "mlp"}, {"hidden", {32, 32, 32}}}},
                       {"mesh", {{"data", 1}, {"pipeline", 2}}},
                       {"pipeline", {{"kind", "gpipe"}, {"micro_batches", 1}}}};
    const Spec spec = SpecOf(json);
    const Plan plan = PlanOfSpec(spec);
    const Json step = Estimate(json, Calibration::Measure::kIfMissing)["step_seconds"];
    // Two stages, one after the other: the bubble is a half, and the slower stage paces both.
    Near(plan.pipeline.expected_bubble, 0.5);
    Near(step["compute"], 0.030 / 2 * plan.pipeline.slowest_stage / 0.5);
  }
  void theDiskIsMeasuredOnceAndSetsTheInterval() {
    const Spec spec = SpecOf({{"training", {{"batch_size", 16}}}, {"model", {{"kind", "mlp"}}}});
    const Plan plan = PlanOfSpec(spec);
    QVERIFY(plan.checkpoint_bytes >= 4.0 * static_cast<double>(plan.parameters));
    int measured = 0;
    Calibration calibration(
        folder_.filePath("calibration.json").toStdString(),
        {.step = [](const Spec&, const Plan&, int64_t) -> absl::StatusOr<double> { return 0.5; },
         .transport = [](const std::string&) -> absl::StatusOr<TransportCost> { return TransportCost{}; },
         .disk = [&](const std::string& folder) -> absl::StatusOr<double> {
           measured += folder == folder_.path().toStdString() ? 1 : 0;
           return 1e6;
         }});
    for (const auto measure : {Calibration::Measure::kIfMissing, Calibration::Measure::kNever}) {
      const Json checkpoint = Json::parse(WithStepSeconds(spec, plan, 8, calibration, measure))["checkpoint"];
      QVERIFY(checkpoint["measured"].get<bool>());
      Near(checkpoint["seconds"], plan.checkpoint_bytes / 1e6);
      QCOMPARE(checkpoint["interval_steps"].get<int64_t>(),
               std::llround(checkpoint["interval_seconds"].get<double>() / 0.5));
    }
    QCOMPARE(measured, 1);
    QVERIFY(!Json::parse(plan.json)["checkpoint"]["measured"].get<bool>());
  }
  void withoutAFigureThePlanIsAsItWas_data() {
    QTest::addColumn<bool>("may_measure");
    QTest::newRow("nothing may be measured") << false;
    QTest::newRow("measuring fails") << true;
  }
  void withoutAFigureThePlanIsAsItWas() {
    QFETCH(bool, may_measure);
    const Json plan = Estimate({{"training", {{"batch_size", 16}}}, {"model", {{"kind", "mlp"}}}},
                               may_measure ? Calibration::Measure::kAgain : Calibration::Measure::kNever, -1);
    QVERIFY(plan.contains("total_steps"));
    QVERIFY(!plan.contains("step_seconds"));
    QCOMPARE(measured_, may_measure ? 1 : 0);
  }
};

CONCERTINA_TEST(StepEstimateTest)

}  // namespace concertina::step_estimate_test

#include "step_estimate_test.moc"
