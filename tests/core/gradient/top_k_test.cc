// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// top_k_test.cc: which elements top-k keeps, its payload, its bound, its live ratio.
#include <QTest>
#include <cstring>

#include "codecs_under_test.h"
#include "tests/test_program.h"

using Floats = std::vector<float>;

namespace concertina::top_k_test {

class TopKTest : public QObject {
  Q_OBJECT

  static std::unique_ptr<Codec> Make(double ratio, bool error_feedback) {
    return MakeCodec({{"kind", "top-k"}, {"ratio", ratio}, {"error_feedback", error_feedback}}).value();
  }
  static Floats RoundTrip(Codec& codec, const Floats& gradient) {
    std::vector<uint8_t> payload;
    Floats decoded(gradient.size());
    if (!codec.Encode(gradient, 0, payload).ok() || !codec.Decode(payload, decoded).ok()) return {};
    return decoded;
  }

 private slots:
  void keepsTheLargest_data() {
    QTest::addColumn<Floats>("gradient");
    QTest::addColumn<double>("ratio");
    QTest::addColumn<Floats>("kept");
    QTest::newRow("largest by magnitude") << Floats{1, -4, 2, 3} << 0.50 << Floats{0, -4, 0, 3};
    QTest::newRow("ties go to the lower index") << Floats{2, 2, 2, 2} << 0.25 << Floats{2, 0, 0, 0};
    QTest::newRow("ties of both signs") << Floats{1, -2, 2, 0} << 0.25 << Floats{0, -2, 0, 0};
    QTest::newRow("at least one") << Floats{0, 0, 5} << 1e-6 << Floats{0, 0, 5};
    QTest::newRow("rounded to the nearest") << Floats{3, 2, 1, 4} << 0.40 << Floats{3, 0, 0, 4};
    QTest::newRow("all") << Floats{3, 2, 1, 0} << 1.0 << Floats{3, 2, 1, 0};
    QTest::newRow("zeros are kept when nothing else is left")
        << Floats{0, 0, 0, 1} << 0.5 << Floats{0, 0, 0, 1};
    QTest::newRow("denormal") << Floats{1e-44F, 1e-45F, -2e-44F} << 0.33 << Floats{0, 0, -2e-44F};
  }
  void keepsTheLargest() {
    QFETCH(Floats, gradient);
    QFETCH(double, ratio);
    QFETCH(Floats, kept);
    for (const bool error_feedback : {false, true})
      QCOMPARE(RoundTrip(*Make(ratio, error_feedback), gradient), kept);
  }

  void meetsItsContractionBound() {  // Stich et al. 2018; the 1e-6 is rounding of a sum of d <= 1000 floats
    for (uint32_t seed = 0; seed < 100; ++seed) {
      const int64_t d = 1 + static_cast<int64_t>(Rng(seed).Below(1000));
      const Floats x = MakeGradient("normal", d, seed);
      const std::unique_ptr<Codec> codec = Make(0.1, false);
      const Floats sent = RoundTrip(*codec, x);
      double error = 0;
      for (size_t i = 0; i < x.size(); ++i) error += std::pow(static_cast<double>(x[i]) - sent[i], 2);
      const double k = std::max(1.0, std::round(0.1 * static_cast<double>(d)));
      QVERIFY2(error <= (1 - k / static_cast<double>(d)) * NormSquared(x) * (1 + 1e-6),
               qPrintable(QString("seed %1").arg(seed)));
    }
  }

  void payloadIsCountIndicesValues() {
    std::vector<uint8_t> payload;
    QVERIFY(Make(0.5, false)->Encode(Floats{1, -4, 2, 3}, 0, payload).ok());
    const std::vector<uint8_t> expected = {2, 0, 0, 0, 1,    0,    0, 0, 3,    0,
                                           0, 0, 0, 0, 0x80, 0xc0, 0, 0, 0x40, 0x40};
    QVERIFY(payload == expected);
  }

  void whatWaitsIsSentLater() {
    const std::unique_ptr<Codec> codec = Make(0.25, true);
    QCOMPARE(RoundTrip(*codec, {4, 3, 0, 0}), (Floats{4, 0, 0, 0}));
    QCOMPARE(codec->ResidualNormSquared(), 9.0);
    QCOMPARE(RoundTrip(*codec, {1, 3, 0, 0}), (Floats{0, 6, 0, 0}));
    QCOMPARE(RoundTrip(*codec, {0, 0, 0, 0}), (Floats{1, 0, 0, 0}));
    QCOMPARE(codec->ResidualNormSquared(), 0.0);
  }

  void ratioIsLiveAndTheResidualStays() {
    const std::unique_ptr<Codec> codec = Make(0.25, true);
    QCOMPARE(RoundTrip(*codec, {4, 3, 2, 1}), (Floats{4, 0, 0, 0}));
    std::vector<Fault> faults;
    const auto change = [&](const Json& spec) {
      return codec->Change(Registry::Global().Check("gradient-codec", spec, "", faults));
    };
    QVERIFY(change({{"kind", "top-k"}, {"ratio", 0.75}}).ok());
    QCOMPARE(codec->MaxPayloadBytes(4), 4 + 8 * 3);
    QCOMPARE(RoundTrip(*codec, {0, 0, 0, 0}), (Floats{0, 3, 2, 1}));
    QCOMPARE(change({{"kind", "top-k"}, {"error_feedback", false}}).code(),
             absl::StatusCode::kFailedPrecondition);
    QVERIFY(faults.empty());
  }

  void aSampledSelectionSendsTheLargestToo() {
    const Floats x = MakeGradient("normal", 100000, 1);
    std::vector<uint8_t> payload;
    const std::unique_ptr<Codec> codec =
        MakeCodec({{"kind", "top-k"}, {"ratio", 0.01}, {"selection", "sampled"}}).value();
    QVERIFY(!codec->has_fixed_size());
    QVERIFY(codec->Encode(x, 0, payload).ok());
    uint32_t sent = 0;
    std::memcpy(&sent, payload.data(), 4);
    QVERIFY2(sent >= 500 && sent <= 1000, qPrintable(QString::number(sent)));
    QCOMPARE(payload.size(), 4 + 8 * size_t{sent});
    Floats decoded(x.size()), same(x.size());
    QVERIFY(codec->Decode(payload, decoded).ok());
    QVERIFY(Make(sent / 1e5, false)->Encode(x, 0, payload).ok());
    QVERIFY(codec->Decode(payload, same).ok());
    QVERIFY(decoded == same);  // what an exact selection of as many sends
    // Live, there and back: the residual stays.
    std::vector<Fault> faults;
    QVERIFY(codec->Change(Registry::Global().Check("gradient-codec", {{"kind", "top-k"}}, "", faults)).ok());
    QVERIFY(codec->has_fixed_size());
    QVERIFY(codec->Encode(Floats(x.size()), 1, payload).ok());
    QCOMPARE(payload.size(), size_t{4 + 8 * 1000});
  }

  void payloadsThatLieAreRefused_data() {
    QTest::addColumn<QByteArray>("payload");  // u32s, for a gradient of 4
    const auto row = [](const char* name, std::vector<uint32_t> words) {
      QTest::newRow(name) << QByteArray(reinterpret_cast<const char*>(words.data()),
                                        static_cast<qsizetype>(4 * words.size()));
    };
    const uint32_t one = 0x3f800000;
    row("no element", {0});
    row("more elements than there are", {5, 0, 1, 2, 3, 4, one, one, one, one, one});
    row("four thousand million elements", {0xffffffff, 0, one});
    row("index beyond the end", {1, 4, one});
    row("indices that fall", {2, 2, 1, one, one});
    row("an index twice", {2, 1, 1, one, one});
    row("NaN", {1, 0, 0x7fc00000});
    row("infinity", {1, 0, 0xff800000});
  }
  void payloadsThatLieAreRefused() {
    QFETCH(QByteArray, payload);
    const std::span<const uint8_t> bytes(reinterpret_cast<const uint8_t*>(payload.constData()),
                                         static_cast<size_t>(payload.size()));
    Floats gradient = {1, 2, 3, 4};
    const std::unique_ptr<Codec> codec = Make(0.5, true);
    QCOMPARE(codec->DecodeAdd(bytes, gradient).code(), absl::StatusCode::kDataLoss);
    QCOMPARE(codec->Decode(bytes, gradient).code(), absl::StatusCode::kDataLoss);
    QCOMPARE(gradient, (Floats{1, 2, 3, 4}));
  }
};

CONCERTINA_TEST(TopKTest)

}  // namespace concertina::top_k_test

#include "top_k_test.moc"
