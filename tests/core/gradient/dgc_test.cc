// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// dgc_test.cc: the paper's recurrences, element by element; the warm-up; clipping; what momentum correction
// is for.
#include <QTest>
#include <algorithm>
#include <cstring>
#include <numeric>

#include "codecs_under_test.h"
#include "instruction_sets.h"
#include "tests/test_program.h"

using Floats = std::vector<float>;

namespace concertina::dgc_test {

class DgcTest : public QObject {
  Q_OBJECT

  static std::unique_ptr<Codec> Make(Json spec) {
    spec["kind"] = "dgc";
    return MakeCodec(spec).value();
  }
  static Floats RoundTrip(Codec& codec, const Floats& gradient, int64_t step = 0) {
    std::vector<uint8_t> payload;
    Floats decoded(gradient.size());
    if (!codec.Encode(gradient, step, payload).ok() || !codec.Decode(payload, decoded).ok()) return {};
    return decoded;
  }

 private slots:
  void followsThePapersRecurrences_data() {
    QTest::addColumn<int>("d");
    QTest::addColumn<double>("momentum");
    QTest::addColumn<double>("clipNorm");
    for (const int d : {1, 7, 5000, 40000})
      for (const double momentum : {0.0, 0.9})
        for (const double clip_norm : {0.0, 0.5})
          QTest::addRow("%d, momentum %g, clipped at %g", d, momentum, clip_norm)
              << d << momentum << clip_norm;
  }
  void followsThePapersRecurrences() {
    QFETCH(int, d);
    QFETCH(double, momentum);
    QFETCH(double, clipNorm);
    ForEachInstructionSet([&] {
      const std::unique_ptr<Codec> codec =
          Make({{"ratio", 0.01}, {"momentum", momentum}, {"clip_norm", clipNorm}});
      const int k = std::max(1, d / 100);
      std::vector<double> u(static_cast<size_t>(d)), v(u.size());
      for (uint64_t step = 0; step < 6; ++step) {
        const Floats g = MakeGradient("normal", d, step);
        const double norm = std::sqrt(NormSquared(g));
        const double scale = clipNorm > 0 && norm > clipNorm ? clipNorm / norm : 1;
        double largest = 0;
        for (size_t i = 0; i < u.size(); ++i) {
          u[i] = momentum * u[i] + scale * g[i];
          v[i] += u[i];
          largest = std::max(largest, std::abs(v[i]));
        }
        const Floats sent = RoundTrip(*codec, g);
        int count = 0;
        double least_sent = HUGE_VAL, most_kept = 0, waiting = 0;
        // Floats of size `largest`, through six steps of a few roundings each.
        const double slack = 50 * std::ldexp(largest, -24);
        for (size_t i = 0; i < u.size(); ++i) {
          if (sent[i] != 0) {
            ++count;
            if (std::abs(sent[i] - v[i]) > slack) QCOMPARE(static_cast<double>(sent[i]), v[i]);
            least_sent = std::min(least_sent, std::abs(v[i]));
            u[i] = v[i] = 0;  // factor masking
          } else {
            most_kept = std::max(most_kept, std::abs(v[i]));
            waiting += v[i] * v[i];
          }
        }
        QCOMPARE(count, k);
        QVERIFY(least_sent >= most_kept - slack);
        QVERIFY(std::abs(codec->ResidualNormSquared() - waiting) <= 1e-5 * largest * largest * d);
      }
    });
  }

  void withoutMomentumItIsTopK() {
    const std::unique_ptr<Codec> codec = Make({{"ratio", 0.01}, {"momentum", 0}});
    const std::unique_ptr<Codec> top_k = MakeCodec({{"kind", "top-k"}, {"ratio", 0.01}}).value();
    for (uint64_t step = 0; step < 5; ++step) {
      const Floats g = MakeGradient("normal", 40000, step);
      std::vector<uint8_t> a, b;
      QVERIFY(codec->Encode(g, 0, a).ok() && top_k->Encode(g, 0, b).ok());
      QVERIFY(a == b);
    }
  }

  // Lin et al. 2018, section 3.2: an element that waits T steps must have moved as far as dense momentum
  // would have moved it; top-k before the optimiser's momentum loses the discounts.
  void whatWaitsIsWhatMomentumWouldHaveMade() {
    constexpr double kMomentum = 0.5;
    const std::unique_ptr<Codec> codec = Make({{"ratio", 0.5}, {"momentum", kMomentum}});
    // Element 0 is always the larger one, so element 1 waits.
    double velocity = 0, moved = 0;
    for (int step = 0; step < 6; ++step) {
      QCOMPARE(RoundTrip(*codec, {1000, 1})[1], 0.0F);
      velocity = kMomentum * velocity + 1;
      moved += velocity;
    }
    // A last gradient of 0 gathers one more velocity, and now it is sent.
    velocity *= kMomentum;
    moved += velocity;
    const Floats sent = RoundTrip(*codec, {0, 0});
    QCOMPARE(sent[0], 0.0F);
    QCOMPARE(static_cast<double>(sent[1]), moved);
    // Masked: nothing of the old velocity comes after.
    QCOMPARE(RoundTrip(*codec, {0, 0}), (Floats{0, 0}));
  }

  void theShareFallsByQuarters_data() {
    QTest::addColumn<qint64>("step");
    QTest::addColumn<int>("sent");
    QTest::newRow("75 %") << qint64{0} << 2500;
    QTest::newRow("the last of 75 %") << qint64{24} << 2500;
    QTest::newRow("93.75 %") << qint64{25} << 625;
    QTest::newRow("98.4375 %") << qint64{50} << 156;
    QTest::newRow("99.6 %") << qint64{75} << 39;
    QTest::newRow("the last of the warm-up") << qint64{99} << 39;
    QTest::newRow("99.9 %") << qint64{100} << 10;
    QTest::newRow("ever after") << qint64{1000000000} << 10;
  }
  void theShareFallsByQuarters() {
    QFETCH(qint64, step);
    QFETCH(int, sent);
    const std::unique_ptr<Codec> codec = Make({{"ratio", 0.001}, {"warm_up_steps", 100}});
    std::vector<uint8_t> payload;
    QVERIFY(codec->Encode(MakeGradient("normal", 10000, 1), step, payload).ok());
    QCOMPARE(payload.size(), static_cast<size_t>(4 + 8 * sent));
    QVERIFY(!codec->has_fixed_size());
    QCOMPARE(codec->MaxPayloadBytes(10000), int64_t{4 + 8 * 2500});
    QVERIFY(Make({})->has_fixed_size());
  }

  void aWarmUpNeverSendsLessThanTheRatio() {
    const std::unique_ptr<Codec> codec = Make({{"ratio", 0.5}, {"warm_up_steps", 4}});
    for (int64_t step = 0; step < 6; ++step) {
      std::vector<uint8_t> payload;
      QVERIFY(codec->Encode(MakeGradient("normal", 100, 1), step, payload).ok());
      QCOMPARE(payload.size(), size_t{4 + 8 * 50});
    }
  }

  void sumsThatOverflowStayFinite() {
    const std::unique_ptr<Codec> codec = Make({{"ratio", 0.5}});
    const float most = std::numeric_limits<float>::max();
    QCOMPARE(RoundTrip(*codec, {3e38F, -2e38F}), (Floats{3e38F, 0}));
    for (int pair = 0; pair < 3; ++pair) {
      QCOMPARE(RoundTrip(*codec, {3e38F, -2e38F}), (Floats{0, -most}));
      QCOMPARE(RoundTrip(*codec, {3e38F, -2e38F}), (Floats{most, 0}));
    }
  }

  void knobsAreLiveAndVelocityStays() {
    const std::unique_ptr<Codec> codec = Make({{"ratio", 0.25}, {"momentum", 0}, {"warm_up_steps", 0}});
    QCOMPARE(RoundTrip(*codec, {4, 3, 2, 1}), (Floats{4, 0, 0, 0}));
    std::vector<Fault> faults;
    const auto change = [&](Json spec) {
      spec["kind"] = "dgc";
      return codec->Change(Registry::Global().Check("gradient-codec", spec, "", faults)).code();
    };
    QCOMPARE(change({{"ratio", 0.75}, {"momentum", 0}}), absl::StatusCode::kOk);
    QCOMPARE(RoundTrip(*codec, {0, 0, 0, 0}), (Floats{0, 3, 2, 1}));
    QCOMPARE(change({{"warm_up_steps", 5}}), absl::StatusCode::kFailedPrecondition);
    QVERIFY(faults.empty());
  }

  void statesOfAnotherLengthAreRefused() {
    const std::unique_ptr<Codec> codec = Make({});
    std::vector<uint8_t> state;
    QVERIFY(!RoundTrip(*codec, {1, 2, 3}).empty());
    QCOMPARE(codec->LoadState(std::vector<uint8_t>(32)).code(), absl::StatusCode::kInvalidArgument);
    QCOMPARE(codec->LoadState(std::vector<uint8_t>(20)).code(), absl::StatusCode::kDataLoss);
    QVERIFY(codec->ResidualNormSquared() > 0);
    QVERIFY(codec->LoadState({}).ok());  // as before the first step
    QCOMPARE(codec->ResidualNormSquared(), 0.0);
    const std::unique_ptr<Codec> loaded = Make({});
    QVERIFY(loaded->LoadState(std::vector<uint8_t>(24)).ok());
    QVERIFY(RoundTrip(*loaded, {1, 2}).empty());  // the state fixed the length
    QVERIFY(!RoundTrip(*loaded, {1, 2, 3}).empty());
  }
};

CONCERTINA_TEST(DgcTest)

}  // namespace concertina::dgc_test

#include "dgc_test.moc"
