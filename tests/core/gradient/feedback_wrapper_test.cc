// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// feedback_wrapper_test.cc: what error feedback, its variants and momentum correction owe, by their formulas.
#include <QTest>

#include "codecs_under_test.h"
#include "core/gradient/integrator.h"
#include "tests/test_program.h"

namespace concertina::feedback_wrapper_test {

using Bytes = std::vector<uint8_t>;
using Floats = std::vector<float>;

class FeedbackWrapperTest : public QObject {
  Q_OBJECT

  static constexpr size_t kFloats = 1000;
  static std::unique_ptr<Codec> Make(const char* first, const char* rest) {
    return MakeCodec(Json::parse(std::string("[") + first + ", " + rest + "]")).value();
  }
  static constexpr const char* kTopK = R"({"kind": "top-k", "ratio": 0.1, "error_feedback": false})";
  static constexpr const char* kEf21 = R"({"kind": "error-feedback", "variant": "ef21"})";
  static constexpr const char* kEControl =
      R"({"kind": "error-feedback", "variant": "econtrol", "eta": 0.05})";
  static constexpr const char* kEf = R"({"kind": "error-feedback"})";

  // A step as one rank among one makes it: what it steps with.
  static Floats Step(Codec& codec, const Floats& gradient, int64_t step) {
    Bytes payload;
    Floats average(gradient.size());
    if (!codec.Encode(gradient, step, payload).ok() || !codec.Decode(payload, average).ok()) qFatal("step");
    if (auto* integrator = dynamic_cast<Integrator*>(&codec)) integrator->Integrate(average);
    return average;
  }
  static double DistanceSquared(const Floats& a, const Floats& b) {
    double sum = 0;
    for (size_t i = 0; i < a.size(); ++i) sum += std::pow(static_cast<double>(a[i]) - b[i], 2);
    return sum;
  }

 private slots:
  // Of one gradient over and over: g - h shrinks by the codec's contraction at every step [EF21, Lemma 1 with
  // g constant].
  void ef21NearsAConstantGradient() {
    const Floats gradient = MakeGradient("normal", kFloats, 1);
    const auto codec = Make(kEf21, kTopK);
    double bound = NormSquared(gradient);
    for (int step = 0; step < 12; ++step) {
      const Floats stepped = Step(*codec, gradient, step);
      bound *= 1 - 0.1;
      QVERIFY(DistanceSquared(stepped, gradient) <= bound * (1 + 1e-6));
    }
    QCOMPARE(DistanceSquared(Step(*codec, gradient, 12), gradient), 0.0);  // ten steps send all of it
  }

  // With one rank H is that rank's h, to the bit.
  void whatIsSteppedWithIsWhatWasSent() {
    for (const char* variant : {kEf21, kEControl}) {
      const auto codec = Make(variant, kTopK);
      const auto& integrator = dynamic_cast<const Integrator&>(*codec);
      QVERIFY(integrator.integrates());
      for (int step = 0; step < 5; ++step) {
        const Floats stepped =
            Step(*codec, MakeGradient("normal", kFloats, static_cast<uint64_t>(step)), step);
        QVERIFY(std::equal(stepped.begin(), stepped.end(), integrator.sent_so_far().begin()));
      }
    }
  }

  // e = sum of (g - h): what econtrol's steps are behind by is what it says to remember. 50 steps of rounding
  // at 2^-24 of sums of some 50 gradients.
  void econtrolRemembersWhatItIsBehindBy() {
    const auto codec = Make(kEControl, kTopK);
    std::vector<double> behind(kFloats);
    double squared = 0;
    for (int step = 0; step < 50; ++step) {
      const Floats gradient = MakeGradient("normal", kFloats, static_cast<uint64_t>(step % 7));
      const Floats stepped = Step(*codec, gradient, step);
      for (size_t i = 0; i < kFloats; ++i) behind[i] += static_cast<double>(gradient[i]) - stepped[i];
    }
    for (const double value : behind) squared += value * value;
    QVERIFY(squared > 0);
    QVERIFY(std::abs(squared - codec->ResidualNormSquared()) < 1e-4 * squared);
  }

  // Unlike ef21, whose h nears the gradient and leaves what was lost on the way behind for good.
  void econtrolPaysBackWhatEf21LeavesBehind() {
    const Floats gradient = MakeGradient("normal", kFloats, 1);
    double behind[2] = {0, 0};
    for (int which = 0; which < 2; ++which) {
      const auto codec = Make(which == 0 ? kEf21 : kEControl, kTopK);
      std::vector<double> owed(kFloats);
      for (int step = 0; step < 400; ++step) {
        const Floats stepped = Step(*codec, gradient, step);
        for (size_t i = 0; i < kFloats; ++i) owed[i] += static_cast<double>(gradient[i]) - stepped[i];
      }
      for (const double value : owed) behind[which] += value * value;
    }
    QVERIFY2(behind[1] < 0.1 * behind[0], qPrintable(QString("%1 and %2").arg(behind[0]).arg(behind[1])));
  }

  void payloadsOfDifferencesAreGathered() {
    QVERIFY(Make(kEf, R"({"kind": "fp16"})")->sum() == Codec::Sum::kFloat16);
    QVERIFY(Make(kEf21, R"({"kind": "fp16"})")->sum() == Codec::Sum::kGathered);
  }

  void theVariantIsFixed() {
    std::vector<Fault> faults;
    const Params other = Registry::Global().Check(
        "gradient-codec", {{"kind", "error-feedback"}, {"variant", "econtrol"}, {"eta", 0.5}}, "", faults);
    QCOMPARE(Make(kEf21, kTopK)->Change(other).code(), absl::StatusCode::kFailedPrecondition);
    QCOMPARE(Make(kEf, kTopK)->Change(other).code(), absl::StatusCode::kFailedPrecondition);
    QVERIFY(Make(kEControl, kTopK)->Change(other).ok());
  }

  // Deep Gradient Compression, algorithm 1 with momentum, line by line.
  void momentumIsCorrected_data() {
    QTest::addColumn<bool>("masking");
    QTest::newRow("masked") << true;
    QTest::newRow("not masked") << false;
  }
  void momentumIsCorrected() {
    QFETCH(bool, masking);
    const auto codec = Make(masking ? R"({"kind": "momentum-correction", "momentum": 0.5})"
                                    : R"({"kind": "momentum-correction", "momentum": 0.5, "masking": false})",
                            kTopK);
    const auto top_k = MakeCodec(Json::parse(kTopK)).value();
    Floats u(kFloats), v(kFloats);
    for (int step = 0; step < 20; ++step) {
      const Floats gradient = MakeGradient("normal", kFloats, static_cast<uint64_t>(step));
      for (size_t i = 0; i < kFloats; ++i) {
        u[i] = 0.5F * u[i] + gradient[i];
        v[i] += u[i];
      }
      const Floats expected = Step(*top_k, v, step);
      const Floats sent = Step(*codec, gradient, step);
      QVERIFY(sent == expected);
      for (size_t i = 0; i < kFloats; ++i)
        if (expected[i] != 0) {
          v[i] = 0;
          if (masking) u[i] = 0;
        }
      QVERIFY(std::abs(codec->ResidualNormSquared() - NormSquared(v)) <= 1e-9 * NormSquared(v));
    }
  }

  // Around a codec that sends all, it is the heavy ball: nothing is masked.
  void momentumOfADenseCodecIsMomentum() {
    const auto codec = MakeCodec({{"kind", "momentum-correction"}, {"momentum", 0.5}}).value();
    QCOMPARE(Step(*codec, {1, -2}, 0), (Floats{1, -2}));
    QCOMPARE(Step(*codec, {1, 0}, 1), (Floats{1.5F, -1}));
    QCOMPARE(Step(*codec, {0, 0}, 2), (Floats{0.75F, -0.5F}));
  }

  void aStateOfAnotherVariantIsRefused() {
    const Floats gradient = MakeGradient("normal", kFloats, 1);
    for (const char* from : {kEf21, kEControl, kEf})
      for (const char* to : {kEf21, kEControl, kEf}) {
        const auto one = Make(from, kTopK), other = Make(to, kTopK);
        Step(*one, gradient, 0);
        Step(*other, gradient, 0);
        Bytes state, before, after;
        one->SaveState(state);
        other->SaveState(before);
        QCOMPARE(other->LoadState(state).ok(), from == to);
        other->SaveState(after);
        QVERIFY(from == to || before == after);
      }
  }
};

CONCERTINA_TEST(FeedbackWrapperTest)

}  // namespace concertina::feedback_wrapper_test

#include "feedback_wrapper_test.moc"
