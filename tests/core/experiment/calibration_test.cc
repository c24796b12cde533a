// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// calibration_test.cc: what was measured is kept and found again, and damaged files measure anew.
#include "core/experiment/calibration.h"

#include <QFile>
#include <QTemporaryDir>
#include <QTest>
#include <cmath>

#include "core/base/file.h"
#include "tests/test_program.h"

namespace concertina::calibration_test {

class CalibrationTest : public QObject {
  Q_OBJECT

  QTemporaryDir folder_;
  int steps_ = 0, transports_ = 0, codecs_ = 0;
  int64_t batch_ = 0;
  using Measure = Calibration::Measure;

  std::string File() const { return folder_.filePath("calibration.json").toStdString(); }
  Calibration Make() {
    return Calibration(
        File(), {.step =
                     [this](const Spec&, const Plan&, int64_t batch) {
                       batch_ = batch;
                       return absl::StatusOr<double>(0.001 * ++steps_);
                     },
                 .transport =
                     [this](const std::string&) {
                       return absl::StatusOr<TransportCost>(TransportCost{1e-5 * ++transports_, 1e-10});
                     },
                 .codec =
                     [this](std::span<const Params>, int64_t floats) {
                       ++codecs_;
                       const auto seconds = static_cast<double>(floats) * 1e-9;
                       return absl::StatusOr<CodecSeconds>(CodecSeconds{2 * seconds, seconds});
                     }});
  }
  static Spec SpecOf(const char* json = "{}") { return CheckSpec(json).spec; }
  static Plan PlanOfModel() {
    Plan plan;
    plan.dataset.sample = {1, 28, 28};
    plan.dataset.classes = 10;
    plan.training_flops_per_sample = 1e6;
    return plan;
  }

 private slots:
  void init() {
    QFile::remove(QString::fromStdString(File()));
    steps_ = transports_ = codecs_ = 0;
  }

  void aSecondQuestionIsAnsweredFromTheFile() {
    Calibration first = Make();
    QCOMPARE(first.StepSecondsOf(SpecOf(), PlanOfModel(), Measure::kIfMissing)->value(), 0.001);
    QCOMPARE(first.Transport("grpc", Measure::kIfMissing)->value().alpha_seconds, 1e-5);
    Calibration second = Make();  // another program, later
    QCOMPARE(second.StepSecondsOf(SpecOf(), PlanOfModel(), Measure::kIfMissing)->value(), 0.001);
    QCOMPARE(second.StepSecondsOf(SpecOf(), PlanOfModel(), Measure::kNever)->value(), 0.001);
    QCOMPARE(second.Transport("grpc", Measure::kNever)->value().beta_seconds_per_byte, 1e-10);
    QCOMPARE(steps_ + transports_, 2);
    const Json file = Json::parse(*ReadFile(File(), 1 << 20));
    QVERIFY(!file["steps"][0]["measured"].get<std::string>().empty());
    QVERIFY(!file["transport"]["cpu"].get<std::string>().empty());
  }
  void eachTransportHasItsOwnFigures() {
    Calibration calibration = Make();
    QCOMPARE(calibration.Transport("grpc", Measure::kIfMissing)->value().alpha_seconds, 1e-5);
    QVERIFY(!calibration.Transport("shared-memory", Measure::kNever)->has_value());
    QCOMPARE(calibration.Transport("shared-memory", Measure::kIfMissing)->value().alpha_seconds, 2e-5);
    QCOMPARE(calibration.Transport("shared-memory", Measure::kNever)->value().alpha_seconds, 2e-5);
    QCOMPARE(calibration.Transport("grpc", Measure::kNever)->value().alpha_seconds, 1e-5);
  }
  void aCodecIsMeasuredOnceAndALargeGradientInPart() {
    Calibration calibration = Make();
    const Spec spec = SpecOf(R"({"gradient": [{"kind": "top-k", "ratio": 0.05}]})");
    QVERIFY(!calibration.CodecSecondsOf(spec.gradient, 1000, Measure::kNever)->has_value());
    const CodecSeconds few = calibration.CodecSecondsOf(spec.gradient, 1000, Measure::kIfMissing)->value();
    QVERIFY(std::abs(few.encode - 2e-6) < 1e-12 && std::abs(few.decode - 1e-6) < 1e-12);
    // 40 million, and twice as many: one measurement of 2^20, and figures in proportion.
    const CodecSeconds many =
        calibration.CodecSecondsOf(spec.gradient, 40'000'000, Measure::kIfMissing)->value();
    QVERIFY(std::abs(many.encode - 0.08) < 1e-9 && std::abs(many.decode - 0.04) < 1e-9);
    QVERIFY(calibration.CodecSecondsOf(spec.gradient, 80'000'000, Measure::kNever)->has_value());
    QCOMPARE(codecs_, 2);
    const Spec other = SpecOf(R"({"gradient": [{"kind": "top-k", "ratio": 0.06}]})");
    QVERIFY(!calibration.CodecSecondsOf(other.gradient, 1000, Measure::kNever)->has_value());
    QVERIFY(calibration.CodecSecondsOf(spec.gradient, 1000, Measure::kAgain)->has_value());
    QCOMPARE(codecs_, 3);
    QCOMPARE(Json::parse(*ReadFile(File(), 1 << 20))["codecs"].size(), size_t{2});
  }
  void againMeasuresAgainAndReplaces() {
    Calibration calibration = Make();
    for (const double expected : {0.001, 0.002, 0.003})
      QCOMPARE(calibration.StepSecondsOf(SpecOf(), PlanOfModel(), Measure::kAgain)->value(), expected);
    QCOMPARE(Json::parse(*ReadFile(File(), 1 << 20))["steps"].size(), size_t{1});
  }
  void neverMeasuresNothing() {
    Calibration calibration = Make();
    QVERIFY(!calibration.StepSecondsOf(SpecOf(), PlanOfModel(), Measure::kNever)->has_value());
    QVERIFY(!calibration.Transport("grpc", Measure::kNever)->has_value());
    QCOMPARE(steps_ + transports_, 0);
    QVERIFY(!QFile::exists(QString::fromStdString(File())));
  }
  void anotherModelBatchOrOptimizerIsAnotherQuestion() {
    Calibration calibration = Make();
    for (const char* json :
         {"{}", R"({"training": {"batch_size": 8}})", R"({"training": {"threads_per_worker": 2}})",
          R"({"optimizer": {"kind": "adam"}})", R"({"model": {"kind": "mlp"}})"})
      QVERIFY(calibration.StepSecondsOf(SpecOf(json), PlanOfModel(), Measure::kIfMissing).ok());
    QCOMPARE(steps_, 5);
    // What does not change a step's time: who exchanges with whom.
    QVERIFY(calibration
                .StepSecondsOf(SpecOf(R"({"workers": [{"count": 2}]})"), PlanOfModel(), Measure::kIfMissing)
                .ok());
    QCOMPARE(steps_, 5);
  }

  void whatCannotBeBelievedIsMeasuredAnew_data() {
    QTest::addColumn<QByteArray>("text");
    QTest::newRow("nothing") << QByteArray();
    QTest::newRow("no JSON") << QByteArray("{\"steps\": [");
    QTest::newRow("a list") << QByteArray("[1]");
    QTest::newRow("other types") << QByteArray(R"({"steps": {"what": 1}, "transport": [2]})");
    QTest::newRow("steps that are none") << QByteArray(R"({"steps": [1, null, "x", {}], "transport": {}})");
  }
  void whatCannotBeBelievedIsMeasuredAnew() {
    QFETCH(QByteArray, text);
    QFile file(QString::fromStdString(File()));
    QVERIFY(file.open(QIODevice::WriteOnly));
    file.write(text);
    file.close();
    Calibration calibration = Make();
    QCOMPARE(calibration.StepSecondsOf(SpecOf(), PlanOfModel(), Measure::kIfMissing)->value(), 0.001);
    QVERIFY(calibration.Transport("grpc", Measure::kIfMissing)->has_value());
    QCOMPARE(steps_ + transports_, 2);
    QCOMPARE(calibration.StepSecondsOf(SpecOf(), PlanOfModel(), Measure::kIfMissing)->value(), 0.001);
    QCOMPARE(steps_, 1);
  }
  void anotherProcessorsFigureIsNotTaken() {
    Calibration calibration = Make();
    QVERIFY(calibration.StepSecondsOf(SpecOf(), PlanOfModel(), Measure::kIfMissing).ok());
    QVERIFY(calibration.Transport("grpc", Measure::kIfMissing).ok());
    Json file = Json::parse(*ReadFile(File(), 1 << 20));
    file["steps"][0]["cpu"] = file["transport"]["cpu"] = "another";
    QVERIFY(WriteFileAtomically(File(), file.dump()).ok());
    QCOMPARE(calibration.StepSecondsOf(SpecOf(), PlanOfModel(), Measure::kIfMissing)->value(), 0.002);
    QCOMPARE(calibration.Transport("grpc", Measure::kIfMissing)->value().alpha_seconds, 2e-5);
  }
  void anErrorOfMeasuringIsTold() {
    Calibration calibration(File(), {.step = [](const Spec&, const Plan&, int64_t) -> absl::StatusOr<double> {
                                       return absl::ResourceExhaustedError("no memory");
                                     },
                                     .transport = [](const std::string&) -> absl::StatusOr<TransportCost> {
                                       return absl::UnavailableError("no socket");
                                     }});
    QCOMPARE(calibration.StepSecondsOf(SpecOf(), PlanOfModel(), Measure::kIfMissing).status().code(),
             absl::StatusCode::kResourceExhausted);
    QCOMPARE(calibration.Transport("grpc", Measure::kAgain).status().code(), absl::StatusCode::kUnavailable);
    QVERIFY(!QFile::exists(QString::fromStdString(File())));
  }

  void aLargeStepIsMeasuredWithFewerSamples() {
    QCOMPARE(MeasuredBatch(64, 1e6), int64_t{64});
    QCOMPARE(MeasuredBatch(64, 5e7), int64_t{40});  // 2 GFLOP
    QCOMPARE(MeasuredBatch(64, 1e12), int64_t{16});
    QCOMPARE(MeasuredBatch(8, 1e12), int64_t{8});
    QCOMPARE(MeasuredBatch(65536, 0), int64_t{65536});
    Plan plan = PlanOfModel();
    plan.training_flops_per_sample = 5e7;
    const auto seconds =
        Make().StepSecondsOf(SpecOf(R"({"training": {"batch_size": 80}})"), plan, Measure::kIfMissing);
    QCOMPARE(batch_, int64_t{40});
    QCOMPARE(seconds->value(), 0.002);  // twice what 40 samples took
  }
  void echoesGiveAlphaAndBeta() {
    // 100 us there and back; 100,000 bytes more add 50 us each way.
    const TransportCost cost = TransportCostOf({{100'064, 200e-6}, {64, 100e-6}});
    QVERIFY(std::abs(cost.alpha_seconds - 50e-6) < 1e-15);
    QVERIFY(std::abs(cost.beta_seconds_per_byte - 0.5e-9) < 1e-18);
    QCOMPARE(TransportCostOf({{64, 100e-6}}).beta_seconds_per_byte, 0.0);
    QCOMPARE(TransportCostOf({{64, 100e-6}, {1 << 20, 90e-6}}).beta_seconds_per_byte, 0.0);  // noise
    QCOMPARE(TransportCostOf({}).alpha_seconds, 0.0);
  }
};

CONCERTINA_TEST(CalibrationTest)

}  // namespace concertina::calibration_test

#include "calibration_test.moc"
