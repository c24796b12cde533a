// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// random_k_test.cc: the draw (the same everywhere, another each step, every element as often), the
// expectation and the variance, payloads that add up, steps that do not belong together.
#include <QTest>
#include <cstring>
#include <set>

#include "codecs_under_test.h"
#include "tests/test_program.h"

namespace concertina::random_k_test {

using Floats = std::vector<float>;
using Bytes = std::vector<uint8_t>;

class RandomKTest : public QObject {
  Q_OBJECT

  static std::unique_ptr<Codec> Make(Json spec) {
    spec["kind"] = "random-k";
    return MakeCodec(spec).value();
  }
  static Bytes Encoded(Codec& codec, const Floats& gradient, int64_t step) {
    Bytes payload;
    if (!codec.Encode(gradient, step, payload).ok()) qFatal("a good gradient was refused");
    return payload;
  }
  static Floats Decoded(const Codec& codec, const Bytes& payload, size_t d) {
    Floats decoded(d);
    if (!codec.Decode(payload, decoded).ok()) qFatal("a good payload was refused");
    return decoded;
  }
  static std::set<size_t> NotZero(const Floats& x) {
    std::set<size_t> indices;
    for (size_t i = 0; i < x.size(); ++i)
      if (x[i] != 0) indices.insert(i);
    return indices;
  }
  static std::set<size_t> DrawnOf(const Json& spec, int64_t step, size_t d) {
    const std::unique_ptr<Codec> codec = Make(spec);
    return NotZero(Decoded(*codec, Encoded(*codec, Floats(d, 1.0F), step), d));
  }

 private slots:
  void everyElementIsDrawnAsOften_data() {
    QTest::addColumn<int>("d");
    QTest::addColumn<double>("ratio");
    QTest::newRow("k divides d") << 40 << 0.25;
    QTest::newRow("k does not divide d") << 37 << 0.3;
    QTest::newRow("nearly all") << 23 << 0.9;
    QTest::newRow("one") << 19 << 1e-6;
    QTest::newRow("all") << 5 << 1.0;
  }
  void everyElementIsDrawnAsOften() {
    QFETCH(int, d);
    QFETCH(double, ratio);
    constexpr int kDraws = 40000;
    const auto k = static_cast<double>(std::max(1LL, std::llround(ratio * d)));
    const std::unique_ptr<Codec> codec = Make({{"ratio", ratio}, {"error_feedback", false}});
    const Floats ones(static_cast<size_t>(d), 1.0F);
    std::vector<int> drawn(ones.size());
    for (int step = 0; step < kDraws; ++step) {
      const std::set<size_t> indices = NotZero(Decoded(*codec, Encoded(*codec, ones, step), ones.size()));
      QCOMPARE(static_cast<double>(indices.size()), k);  // no index twice
      for (const size_t i : indices) ++drawn[i];
    }
    // Binomial: a count is within 5 deviations but for one in 1.7 million, and the seed is fixed.
    const double p = k / d, mean = kDraws * p;
    const double slack = 5 * std::sqrt(kDraws * p * (1 - p));
    for (size_t i = 0; i < drawn.size(); ++i)
      QVERIFY2(std::abs(drawn[i] - mean) <= slack,
               qPrintable(QString("element %1: %2 of %3").arg(i).arg(drawn[i]).arg(mean)));
  }

  void ranksDrawAlikeAndStepsDiffer() {
    constexpr size_t d = 5000;
    const Json spec = {{"ratio", 0.02}};
    const std::set<size_t> drawn = DrawnOf(spec, 7, d);
    QCOMPARE(drawn.size(), size_t{100});
    QVERIFY(DrawnOf(spec, 7, d) == drawn);
    QVERIFY(DrawnOf(spec, 8, d) != drawn);
    QVERIFY(DrawnOf(spec, 7 + 4096, d) != drawn);  // both digits of the step count
    QVERIFY(DrawnOf({{"ratio", 0.02}, {"seed", 1}}, 7, d) != drawn);
    // Buckets of another length draw otherwise, not the same share of theirs.
    std::set<size_t> scaled;
    for (const size_t i : drawn) scaled.insert(2 * i);
    QVERIFY(DrawnOf({{"ratio", 0.01}}, 7, 2 * d) != scaled);
  }

  void aReceiverNeedNotHaveSentAnything() {  // a server
    constexpr size_t d = 1000;
    const Json spec = {{"ratio", 0.05}};
    const std::unique_ptr<Codec> sender = Make(spec), receiver = Make(spec);
    const Bytes payload = Encoded(*sender, MakeGradient("normal", d, 1), 123456);
    QVERIFY(Decoded(*receiver, payload, d) == Decoded(*sender, payload, d));
  }

  void isUnbiasedWithItsVariance() {
    constexpr size_t d = 200;
    constexpr int kDraws = 20000;
    const std::unique_ptr<Codec> codec = Make({{"ratio", 0.1}, {"error_feedback", false}});
    const Floats x = MakeGradient("normal", d, 2);
    std::vector<double> mean(d);
    double error = 0;
    for (int step = 0; step < kDraws; ++step) {
      const Floats sent = Decoded(*codec, Encoded(*codec, x, step), d);
      for (size_t i = 0; i < d; ++i) {
        mean[i] += sent[i] / static_cast<double>(kDraws);
        error += std::pow(static_cast<double>(sent[i]) - x[i], 2) / kDraws;
      }
    }
    // A mean of n draws of variance 9 x_i^2: within 5 deviations.
    for (size_t i = 0; i < d; ++i)
      QVERIFY(std::abs(mean[i] - x[i]) <= 5 * 3 * std::abs(x[i]) / std::sqrt(double{kDraws}));
    // E = (d/k - 1) ||x||^2 = 9 ||x||^2; its spread over draws is about a third of it.
    QVERIFY2(std::abs(error / NormSquared(x) - 9) < 0.1, qPrintable(QString::number(error / NormSquared(x))));
  }

  void unscaledValuesAreSentAsTheyAre_data() {
    QTest::addColumn<bool>("errorFeedback");
    QTest::newRow("with error feedback") << true;
    QTest::newRow("without") << false;
  }
  void unscaledValuesAreSentAsTheyAre() {
    QFETCH(bool, errorFeedback);
    constexpr size_t d = 300;
    const std::unique_ptr<Codec> codec =
        Make({{"ratio", 0.1}, {"error_feedback", errorFeedback}, {"unbiased", errorFeedback}});
    const Floats x = MakeGradient("normal", d, 3);
    const Floats sent = Decoded(*codec, Encoded(*codec, x, 5), d);
    QCOMPARE(NotZero(sent).size(), size_t{30});
    for (const size_t i : NotZero(sent)) QCOMPARE(sent[i], x[i]);
    QCOMPARE(codec->ErrorBound(d), 1.0);
  }

  void everythingArrivesInTheEnd() {  // error feedback: what was drawn last is all that is owed
    constexpr size_t d = 64;
    const std::unique_ptr<Codec> codec = Make({{"ratio", 0.25}});
    std::vector<double> arrived(d);
    const Floats ones(d, 1.0F), zeros(d);
    for (int step = 0; step < 200; ++step) {
      const Floats sent = Decoded(*codec, Encoded(*codec, step < 100 ? ones : zeros, step), d);
      for (size_t i = 0; i < d; ++i) arrived[i] += sent[i];
    }
    for (const double sum : arrived) QCOMPARE(sum, 100.0);
    QCOMPARE(codec->ResidualNormSquared(), 0.0);
  }

  void sumsAndMeansOfPayloadsDecodeToThem_data() {
    QTest::addColumn<int>("ranks");
    QTest::addColumn<qint64>("step");
    for (const int ranks : {1, 2, 3, 7, 100, 4096})
      for (const qint64 step : {0, 1, 4095, 4096, (1 << 24) - 1, 1 << 24})
        QTest::addRow("%d ranks, step %lld", ranks, static_cast<long long>(step)) << ranks << step;
  }
  void sumsAndMeansOfPayloadsDecodeToThem() {
    QFETCH(int, ranks);
    QFETCH(qint64, step);
    constexpr size_t d = 90;
    const Json spec = {{"ratio", 0.1}, {"error_feedback", false}};
    Floats sum, expected(d);
    const std::unique_ptr<Codec> codec = Make(spec);
    for (int rank = 0; rank < ranks; ++rank) {
      const Bytes payload =
          Encoded(*codec, MakeGradient("normal", d, static_cast<uint64_t>(rank % 10)), step);
      Floats values(payload.size() / 4);
      std::memcpy(values.data(), payload.data(), payload.size());
      sum.resize(values.size());
      for (size_t i = 0; i < values.size(); ++i) sum[i] += values[i];
      QVERIFY(codec->DecodeAdd(payload, expected).ok());
    }
    const auto bytes_of = [](const Floats& values) {
      const auto* bytes = reinterpret_cast<const uint8_t*>(values.data());
      return Bytes(bytes, bytes + 4 * values.size());
    };
    QVERIFY(Decoded(*codec, bytes_of(sum), d) == expected);  // added in the same order: the same bits
    const float share = 1.0F / static_cast<float>(ranks);
    for (float& value : sum) value *= share;
    for (float& value : expected) value *= share;
    QVERIFY(Decoded(*codec, bytes_of(sum), d) == expected);
  }

  void payloadsOfTwoStepsDoNotAdd() {
    constexpr size_t d = 90;
    const std::unique_ptr<Codec> codec = Make({{"error_feedback", false}});
    const Bytes a = Encoded(*codec, Floats(d, 1.0F), 3), b = Encoded(*codec, Floats(d, 1.0F), 4);
    Floats sum(a.size() / 4), other(sum.size());
    std::memcpy(sum.data(), a.data(), a.size());
    std::memcpy(other.data(), b.data(), b.size());
    for (size_t i = 0; i < sum.size(); ++i) sum[i] += other[i];
    Bytes both(a.size());
    std::memcpy(both.data(), sum.data(), both.size());
    Floats decoded(d);
    const absl::Status status = codec->Decode(both, decoded);
    QCOMPARE(status.code(), absl::StatusCode::kDataLoss);
    QVERIFY(std::string(status.message()).find("different steps") != std::string::npos);
  }

  void stampsThatLieAreRefused_data() {
    QTest::addColumn<float>("one");
    QTest::addColumn<float>("low");
    QTest::addColumn<float>("high");
    QTest::newRow("nothing") << 0.0F << 0.0F << 0.0F;
    QTest::newRow("negative") << -1.0F << 0.0F << 0.0F;
    QTest::newRow("no whole number") << 1.0F << 0.5F << 0.0F;
    QTest::newRow("beyond the digits") << 1.0F << 4096.0F << 0.0F;
    QTest::newRow("far beyond") << 1.0F << 0.0F << 3e38F;
    QTest::newRow("overflow") << 1e-45F << 3e38F << 0.0F;
    QTest::newRow("below zero") << 1.0F << -1.0F << 0.0F;
    QTest::newRow("NaN") << std::nanf("") << 0.0F << 0.0F;
    QTest::newRow("NaN digit") << 1.0F << 0.0F << std::nanf("");
    QTest::newRow("infinite") << HUGE_VALF << HUGE_VALF << HUGE_VALF;
  }
  void stampsThatLieAreRefused() {
    QFETCH(float, one);
    QFETCH(float, low);
    QFETCH(float, high);
    const std::unique_ptr<Codec> codec = Make({{"error_feedback", false}});
    Bytes payload = Encoded(*codec, Floats(50, 1.0F), 3);
    const float header[3] = {one, low, high};
    std::memcpy(payload.data(), header, sizeof header);
    Floats decoded(50);
    QCOMPARE(codec->Decode(payload, decoded).code(), absl::StatusCode::kDataLoss);
  }

  void scaledValuesDoNotOverflow() {
    const std::unique_ptr<Codec> codec = Make({{"ratio", 0.01}, {"error_feedback", false}});
    const Floats sent = Decoded(*codec, Encoded(*codec, Floats(1000, -3e38F), 0), 1000);
    for (const size_t i : NotZero(sent)) QCOMPARE(sent[i], -std::numeric_limits<float>::max());
  }

  void onlyTheRatioIsLive() {
    const std::unique_ptr<Codec> codec = Make({{"ratio", 0.1}});
    std::vector<Fault> faults;
    const auto change = [&](Json spec) {
      spec["kind"] = "random-k";
      return codec->Change(Registry::Global().Check("gradient-codec", spec, "", faults)).code();
    };
    QCOMPARE(change({{"ratio", 0.5}}), absl::StatusCode::kOk);
    QCOMPARE(codec->MaxPayloadBytes(10), int64_t{12 + 4 * 5});
    for (const Json& spec : {Json{{"error_feedback", false}}, Json{{"unbiased", false}}, Json{{"seed", 1}}})
      QCOMPARE(change(spec), absl::StatusCode::kFailedPrecondition);
    QVERIFY(faults.empty());
  }
};

CONCERTINA_TEST(RandomKTest)

}  // namespace concertina::random_k_test

#include "random_k_test.moc"
