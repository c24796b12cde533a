// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// adaptive_threshold_test.cc: the share that is sent follows the target, through jumps and ties; what is sent
// are the largest; the bound of how many.
#include <QTest>
#include <algorithm>
#include <cstring>

#include "codecs_under_test.h"
#include "tests/test_program.h"

namespace concertina::adaptive_threshold_test {

using Floats = std::vector<float>;

class AdaptiveThresholdTest : public QObject {
  Q_OBJECT

  static std::unique_ptr<Codec> Make(double ratio, bool error_feedback) {
    return MakeCodec({{"kind", "adaptive-threshold"}, {"ratio", ratio}, {"error_feedback", error_feedback}})
        .value();
  }
  static int64_t SentOf(Codec& codec, const Floats& gradient, Floats* decoded = nullptr) {
    std::vector<uint8_t> payload;
    if (!codec.Encode(gradient, 0, payload).ok()) qFatal("a good gradient was refused");
    if (decoded != nullptr && !codec.Decode(payload, *decoded).ok()) qFatal("a good payload was refused");
    uint32_t sent;
    std::memcpy(&sent, payload.data(), sizeof sent);
    return sent;
  }

 private slots:
  void theShareFollowsTheTarget_data() {
    QTest::addColumn<bool>("errorFeedback");
    QTest::addColumn<QString>("tail");
    for (const bool error_feedback : {false, true})
      for (const char* tail : {"normal", "exponential", "heavy"})
        QTest::addRow("%s%s", tail, error_feedback ? ", with error feedback" : "") << error_feedback << tail;
  }
  void theShareFollowsTheTarget() {
    QFETCH(bool, errorFeedback);
    QFETCH(QString, tail);
    constexpr int64_t d = 10000, k = 100;
    const std::unique_ptr<Codec> codec = Make(0.01, errorFeedback);
    double sum = 0;
    constexpr int kSteps = 200, kSettled = 50;
    for (int step = 0; step < kSteps; ++step) {
      Rng rng(7, "tail", static_cast<uint64_t>(step));
      Floats x(d);
      const double size = std::exp(-0.001 * step);
      for (float& value : x) {
        double magnitude = std::abs(rng.Normal());
        if (tail == "exponential") magnitude = -std::log(1 - rng.Uniform());
        if (tail == "heavy")
          magnitude = std::pow(1 - rng.Uniform(), -1 / 3.0);  // Pareto, infinite 3rd moment
        value = static_cast<float>(size * (rng.Below(2) == 0 ? magnitude : -magnitude));
      }
      const int64_t sent = SentOf(*codec, x);
      QVERIFY2(sent >= k / 2 && sent <= 2 * k, qPrintable(QString("%1 at step %2").arg(sent).arg(step)));
      if (step >= kSettled) sum += static_cast<double>(sent);
    }
    const double mean = sum / (kSteps - kSettled);
    // A step late, it is 0.1 % too high: with t of some 20 b that is 2 % fewer.
    QVERIFY2(std::abs(mean / k - 1) < 0.1, qPrintable(QString("%1 sent on average of %2").arg(mean).arg(k)));
  }

  void whatIsSentAreTheLargest() {
    constexpr int64_t d = 3000;
    const std::unique_ptr<Codec> codec = Make(0.02, false);
    bool was_other_than_k = false;
    for (uint64_t step = 0; step < 30; ++step) {
      const Floats x = MakeGradient("normal", d, step);
      Floats decoded(x.size());
      const int64_t sent = SentOf(*codec, x, &decoded);
      was_other_than_k = was_other_than_k || sent != 60;
      double least_sent = HUGE_VAL, most_kept = 0;
      for (size_t i = 0; i < x.size(); ++i) {
        if (decoded[i] != 0) {
          QCOMPARE(decoded[i], x[i]);
          least_sent = std::min<double>(least_sent, std::abs(x[i]));
        } else {
          most_kept = std::max<double>(most_kept, std::abs(x[i]));
        }
      }
      QVERIFY(least_sent >= most_kept);
    }
    QVERIFY(was_other_than_k);  // the threshold was believed, not only the first selection
  }

  void jumpsAndTiesAreSelectedAnew_data() {
    QTest::addColumn<float>("factor");
    QTest::newRow("a thousand times as large: all would be sent") << 1000.0F;
    QTest::newRow("a thousandth: none would") << 0.001F;
    QTest::newRow("nothing at all") << 0.0F;
  }
  void jumpsAndTiesAreSelectedAnew() {
    QFETCH(float, factor);
    constexpr int64_t d = 10000, k = 100;
    const std::unique_ptr<Codec> codec = Make(0.01, false);
    for (uint64_t step = 0; step < 5; ++step) SentOf(*codec, MakeGradient("normal", d, step));
    Floats x = MakeGradient("normal", d, 9);
    for (float& value : x) value *= factor;
    QCOMPARE(SentOf(*codec, x), k);
    for (uint64_t step = 0; step < 5; ++step) {
      const int64_t sent = SentOf(*codec, MakeGradient("normal", d, step));
      QVERIFY(sent >= k / 2 && sent <= 2 * k);
      QCOMPARE(SentOf(*codec, MakeGradient("ties", d, step)), k);
    }
  }

  void ratioIsLive() {
    const std::unique_ptr<Codec> codec = Make(0.01, true);
    for (uint64_t step = 0; step < 3; ++step) SentOf(*codec, MakeGradient("normal", 10000, step));
    std::vector<Fault> faults;
    const auto change = [&](const Json& spec) {
      return codec->Change(Registry::Global().Check("gradient-codec", spec, "", faults)).code();
    };
    QCOMPARE(change({{"kind", "adaptive-threshold"}, {"ratio", 0.1}}), absl::StatusCode::kOk);
    QCOMPARE(codec->MaxPayloadBytes(10000), int64_t{4 + 8 * 2000});
    const int64_t sent = SentOf(*codec, MakeGradient("normal", 10000, 4));
    QVERIFY(sent >= 500 && sent <= 2000);
    QCOMPARE(change({{"kind", "adaptive-threshold"}, {"error_feedback", false}}),
             absl::StatusCode::kFailedPrecondition);
    QVERIFY(faults.empty());
  }

  void statesThatCannotBeAreRefused_data() {
    QTest::addColumn<double>("threshold");
    QTest::newRow("negative") << -1.0;
    QTest::newRow("NaN") << std::nan("");
    QTest::newRow("infinite") << HUGE_VAL;
  }
  void statesThatCannotBeAreRefused() {
    QFETCH(double, threshold);
    std::vector<uint8_t> state(sizeof threshold);
    std::memcpy(state.data(), &threshold, sizeof threshold);
    for (const bool error_feedback : {false, true})
      QCOMPARE(Make(0.01, error_feedback)->LoadState(state).code(), absl::StatusCode::kDataLoss);
    QCOMPARE(Make(0.01, true)->LoadState(std::span(state).first(7)).code(), absl::StatusCode::kDataLoss);
  }
};

CONCERTINA_TEST(AdaptiveThresholdTest)

}  // namespace concertina::adaptive_threshold_test

#include "adaptive_threshold_test.moc"
