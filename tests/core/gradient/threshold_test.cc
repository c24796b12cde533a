// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// threshold_test.cc: which elements exceed the threshold, the two forms of the payload, what is owed.
#include <QTest>
#include <cstring>

#include "codecs_under_test.h"
#include "tests/test_program.h"

using Floats = std::vector<float>;

namespace concertina::threshold_test {

class ThresholdTest : public QObject {
  Q_OBJECT

  static std::unique_ptr<Codec> Make(double threshold, bool error_feedback) {
    return MakeCodec({{"kind", "threshold"}, {"threshold", threshold}, {"error_feedback", error_feedback}})
        .value();
  }
  static Floats RoundTrip(Codec& codec, const Floats& gradient, size_t* bytes = nullptr) {
    std::vector<uint8_t> payload;
    Floats decoded(gradient.size());
    if (!codec.Encode(gradient, 0, payload).ok() || !codec.Decode(payload, decoded).ok()) return {};
    if (bytes != nullptr) *bytes = payload.size();
    return decoded;
  }

 private slots:
  void sendsWhatExceedsIt_data() {
    QTest::addColumn<Floats>("gradient");
    QTest::addColumn<double>("threshold");
    QTest::addColumn<Floats>("sent");
    QTest::addColumn<int>("bytes");
    QTest::newRow("by magnitude") << Floats{1, -4, 2, 0.5F, 0} << 2.5 << Floats{0, -4, 0, 0, 0} << 12;
    QTest::newRow("not what equals it") << Floats{2, -2, 1, 3, 0} << 2.0 << Floats{0, 0, 0, 3, 0} << 12;
    QTest::newRow("nothing") << Floats{1, 2, 3} << 5.0 << Floats{0, 0, 0} << 4;
    QTest::newRow("0: all that is not zero")
        << Floats{0, 1e-45F, 0, 0, 0} << 0.0 << Floats{0, 1e-45F, 0, 0, 0} << 12;
    QTest::newRow("half of them: dense") << Floats{3, 0.5F, -3, 0.5F} << 1.0 << Floats{3, 0, -3, 0} << 20;
    QTest::newRow("one below half: sparse")
        << Floats{3, 0.5F, -3, 0.5F, 0.5F} << 1.0 << Floats{3, 0, -3, 0, 0} << 20;
    QTest::newRow("all") << Floats{1, 2, 3} << 0.1 << Floats{1, 2, 3} << 16;
  }
  void sendsWhatExceedsIt() {
    QFETCH(Floats, gradient);
    QFETCH(double, threshold);
    QFETCH(Floats, sent);
    QFETCH(int, bytes);
    for (const bool error_feedback : {false, true}) {
      size_t payload_bytes = 0;
      QCOMPARE(RoundTrip(*Make(threshold, error_feedback), gradient, &payload_bytes), sent);
      QCOMPARE(payload_bytes, static_cast<size_t>(bytes));
    }
  }

  void longBucketsChangeFormsWhereItIsShorter() {  // over many blocks, some of which are dense
    for (const size_t large : {0, 1, 4999, 5000, 5001, 9000, 10000}) {
      Floats x(10001, 0.5F);
      for (size_t i = 0; i < large; ++i) x[i * 7919 % x.size()] = i % 2 == 0 ? 2.0F : -2.0F;
      Floats expected(x.size());
      for (size_t i = 0; i < x.size(); ++i) expected[i] = std::abs(x[i]) > 1 ? x[i] : 0;
      size_t bytes = 0;
      const std::unique_ptr<Codec> codec = Make(1, true);
      QVERIFY(RoundTrip(*codec, x, &bytes) == expected);
      QCOMPARE(bytes, std::min<size_t>(4 + 8 * large, 4 + 4 * x.size()));
      QCOMPARE(codec->ResidualNormSquared(), 0.25 * static_cast<double>(x.size() - large));
    }
  }

  void nothingIsOwedMoreThanTheThreshold() {  // |e_i| <= t after every step, whatever came
    const std::unique_ptr<Codec> codec = Make(0.02, true);
    for (uint64_t step = 0; step < 50; ++step) {
      std::vector<uint8_t> state;
      RoundTrip(*codec, MakeGradient("normal", 5000, step));
      codec->SaveState(state);
      Floats residual(5000);
      QCOMPARE(state.size(), 4 * residual.size());
      std::memcpy(residual.data(), state.data(), state.size());
      for (const float owed : residual) QVERIFY(std::abs(owed) <= 0.02F);
    }
  }

  void thresholdIsLive() {
    const std::unique_ptr<Codec> codec = Make(10, true);
    QCOMPARE(RoundTrip(*codec, {4, 3, 2, 1, 0}), (Floats{0, 0, 0, 0, 0}));
    std::vector<Fault> faults;
    const auto change = [&](const Json& spec) {
      return codec->Change(Registry::Global().Check("gradient-codec", spec, "", faults)).code();
    };
    QCOMPARE(change({{"kind", "threshold"}, {"threshold", 2.5}}), absl::StatusCode::kOk);
    QCOMPARE(RoundTrip(*codec, {0, 0, 0, 0, 0}), (Floats{4, 3, 0, 0, 0}));
    QCOMPARE(change({{"kind", "threshold"}, {"error_feedback", false}}),
             absl::StatusCode::kFailedPrecondition);
    QVERIFY(faults.empty());
  }

  void densePayloadsThatLieAreRefused_data() {
    QTest::addColumn<QByteArray>("payload");  // u32s, for a gradient of 3
    const auto row = [](const char* name, std::vector<uint32_t> words) {
      QTest::newRow(name) << QByteArray(reinterpret_cast<const char*>(words.data()),
                                        static_cast<qsizetype>(4 * words.size()));
    };
    const uint32_t dense = 0xffffffff, one = 0x3f800000;
    row("too short", {dense, one, one});
    row("too long", {dense, one, one, one, one});
    row("NaN", {dense, one, 0x7fc00000, one});
    row("infinity", {dense, one, one, 0xff800000});
    row("a count that is neither", {dense - 1, one, one, one});
  }
  void densePayloadsThatLieAreRefused() {
    QFETCH(QByteArray, payload);
    const std::span<const uint8_t> bytes(reinterpret_cast<const uint8_t*>(payload.constData()),
                                         static_cast<size_t>(payload.size()));
    Floats gradient = {1, 2, 3};
    const std::unique_ptr<Codec> codec = Make(0.5, true);
    QCOMPARE(codec->DecodeAdd(bytes, gradient).code(), absl::StatusCode::kDataLoss);
    QCOMPARE(codec->Decode(bytes, gradient).code(), absl::StatusCode::kDataLoss);
  }
};

CONCERTINA_TEST(ThresholdTest)

}  // namespace concertina::threshold_test

#include "threshold_test.moc"
