// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// draws_test.cc: what the draws depend on, and what not; that two ranks' roundings are independent.
#include "core/gradient/draws.h"

#include <QTest>
#include <set>

#include "random_rounding.h"
#include "tests/test_program.h"

namespace concertina::draws_test {

class DrawsTest : public QObject {
  Q_OBJECT

  static uint64_t Key(uint64_t seed, int64_t step, const std::vector<float>& x) {
    const DrawKey key = MakeDrawKey(seed, step, x);
    return static_cast<uint64_t>(key.second) << 32 | key.first;
  }

 private slots:
  void keysDependOnSeedStepLengthAndSigns() {
    const std::vector<float> x = MakeGradient("normal", 1000, 1);
    std::set<uint64_t> keys;
    for (uint64_t seed = 0; seed < 30; ++seed)
      for (int64_t step = 0; step < 30; ++step) keys.insert(Key(seed, step, x));
    QCOMPARE(keys.size(), size_t{900});
    std::vector<float> flipped = x;
    flipped[0] = -flipped[0];
    keys.insert(Key(0, 0, flipped));
    flipped = x;
    flipped[0] = 0;
    keys.insert(Key(0, 0, flipped));
    keys.insert(Key(0, 0, {x.begin(), x.end() - 1}));
    keys.insert(Key(0, 0, MakeGradient("normal", 1000, 2)));
    keys.insert(Key(0, 0, {1}));
    keys.insert(Key(0, 0, {-1}));
    QCOMPARE(keys.size(), size_t{906});
  }

  void keysDoNotDependOnRounding() {  // a sum that was taken in another order draws the same
    const std::vector<float> x = MakeGradient("normal", 100000, 1);
    std::vector<float> rounded = x;
    for (float& value : rounded) value = std::nextafterf(value, 2 * value);
    QCOMPARE(Key(1, 2, rounded), Key(1, 2, x));
  }

  void ranksRoundIndependently_data() {
    QTest::addColumn<QByteArray>("kind");
    for (const char* kind : {"terngrad", "qsgd", "natural"}) QTest::newRow(kind) << QByteArray(kind);
  }
  void ranksRoundIndependently() {
    // Two gradients of the same magnitudes, and so of the same chances, that differ in a few signs: were the
    // draws the same, the errors of |x| would be as well.
    QFETCH(QByteArray, kind);
    constexpr int64_t kElements = 100000;
    const auto codec = MakeCodec({{"kind", kind.toStdString()}}).value();
    const std::vector<float> x = MakeGradient("normal", kElements, 1);
    std::vector<float> other = x;
    for (size_t i = 0; i < other.size(); i += 100) other[i] = -other[i];
    const std::vector<float> a = RoundTripAt(*codec, x, 0), b = RoundTripAt(*codec, other, 0);
    double ab = 0, aa = 0, bb = 0;
    for (size_t i = 0; i < x.size(); ++i) {
      const double of_a = std::abs(static_cast<double>(a[i])) - std::abs(static_cast<double>(x[i]));
      const double of_b = std::abs(static_cast<double>(b[i])) - std::abs(static_cast<double>(x[i]));
      ab += of_a * of_b;
      aa += of_a * of_a;
      bb += of_b * of_b;
    }
    const double correlation = ab / std::sqrt(aa * bb);
    // TernGrad clips some elements of either alike: its block's scale allows 1 % of correlation by itself.
    QVERIFY2(std::abs(correlation) < 0.03, qPrintable(QString::number(correlation)));
  }

  // What the mean over ranks gains: E ||1/N sum_r C_r(x) - x||^2 = 1/N E ||C(x) - x||^2 if, and only if,
  // their draws are independent. All have the very same gradient, the worst case.
  void theMeanOfEightRanksErrsAnEighth_data() {
    QTest::addColumn<QByteArray>("chain");
    for (const char* chain :
         {R"({"kind": "terngrad", "clip_sigmas": 0})", R"({"kind": "qsgd"})",
          R"({"kind": "qsgd", "coding": "elias"})", R"({"kind": "natural"})",
          R"([{"kind": "qsgd"}, {"kind": "zstd"}])",
          R"([{"kind": "top-k", "ratio": 1, "error_feedback": false}, {"kind": "qsgd"}])"})
      QTest::newRow(chain) << QByteArray(chain);
  }
  void theMeanOfEightRanksErrsAnEighth() {
    QFETCH(QByteArray, chain);
    constexpr int kRanks = 8;
    const Json spec = Json::parse(chain.toStdString());
    const std::vector<float> x = MakeGradient("normal", 20000, 1);
    const auto share = [&](bool told) {
      std::vector<double> mean(x.size());
      double each = 0, together = 0;
      for (int rank = 0; rank < kRanks; ++rank) {
        const std::unique_ptr<Codec> codec = MakeCodec(spec).value();
        if (told) codec->SeedDraws(7, rank);
        const std::vector<float> decoded = RoundTripAt(*codec, x, 3);
        for (size_t i = 0; i < x.size(); ++i) {
          mean[i] += static_cast<double>(decoded[i]) / kRanks;
          each += std::pow(static_cast<double>(decoded[i]) - x[i], 2) / kRanks;
        }
      }
      for (size_t i = 0; i < x.size(); ++i) together += std::pow(mean[i] - x[i], 2);
      return together / each;
    };
    // Of 20,000 elements: 28 pairs of ranks, each correlated by about 1 / sqrt(20000) of itself, give 1/8 to
    // 1/8 (1 +- 7 / sqrt(28) / sqrt(20000)), 1 %; five of that.
    QVERIFY2(std::abs(share(true) * kRanks - 1) < 0.05, qPrintable(QString::number(share(true) * kRanks)));
    QVERIFY(share(false) > 0.99);  // and nothing, where nobody says who they are
  }

  void runsDrawDifferentlyAndRandomKAlikeOnAllRanks() {
    const std::vector<float> x = MakeGradient("normal", 20000, 1);
    const auto decoded = [&](const char* kind, uint64_t run_seed, int rank) {
      std::vector<Fault> faults;
      Json spec = {{"kind", kind}};
      if (spec["kind"] == "random-k") spec["error_feedback"] = false;
      const std::vector<Params> chain = {Registry::Global().Check("gradient-codec", spec, "", faults)};
      return RoundTripAt(*MakeChain(chain, ChainPlace{.run_seed = run_seed, .rank = rank}).value(), x, 3);
    };
    for (const char* kind : {"terngrad", "qsgd", "natural"}) {
      QVERIFY(decoded(kind, 1, 0) == decoded(kind, 1, 0));
      QVERIFY(decoded(kind, 1, 0) != decoded(kind, 2, 0));
      QVERIFY(decoded(kind, 1, 0) != decoded(kind, 1, 1));
    }
    QVERIFY(decoded("random-k", 1, 0) == decoded("random-k", 1, 5));
    QVERIFY(decoded("random-k", 1, 0) != decoded("random-k", 2, 0));
  }
};

CONCERTINA_TEST(DrawsTest)

}  // namespace concertina::draws_test

#include "draws_test.moc"
