// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// signsgd_test.cc: the signs and scales that are sent, the residual, the error (Karimireddy et al. 2019),
// plain signSGD, hostile payloads.
#include <QTest>
#include <cstring>

#include "instruction_sets.h"
#include "random_rounding.h"
#include "tests/test_program.h"

using Floats = std::vector<float>;
using Bytes = std::vector<uint8_t>;

namespace concertina::signsgd_test {

class SignSgdTest : public QObject {
  Q_OBJECT

  static std::unique_ptr<Codec> Make(bool error_feedback, const char* scale = "mean", int block = 64) {
    return MakeCodec(
               {{"kind", "signsgd"}, {"error_feedback", error_feedback}, {"scale", scale}, {"block", block}})
        .value();
  }

 private slots:
  void signsTimesTheMeanMagnitude() {
    for (const bool error_feedback : {false, true}) {
      QCOMPARE(RoundTripAt(*Make(error_feedback), {4, -2, 0, -6}, 0), (Floats{3, -3, 3, -3}));
      QCOMPARE(RoundTripAt(*Make(error_feedback), {-0.0F}, 0), (Floats{0}));
      QCOMPARE(RoundTripAt(*Make(error_feedback), {-3e38F, 3e38F}, 0), (Floats{-3e38F, 3e38F}));
    }
    QCOMPARE(RoundTripAt(*Make(false, "one"), {4, -2e-20F, 0, -6}, 0), (Floats{1, -1, 1, -1}));
  }

  void payloadIsScalesAndBits() {
    Bytes payload;
    QVERIFY(Make(false)->Encode(Floats{-1, 1, 1, -1, 1, 1, 1, 1, -1}, 0, payload).ok());
    QVERIFY(payload == (Bytes{0, 0, 0x80, 0x3f, 0b1001, 1}));
    QCOMPARE(Make(true)->MaxPayloadBytes(64 * 3 + 1), int64_t{4 * 4 + 25});
  }

  void blocksHaveTheirOwnScale() {
    Floats x(130, 1.0F);
    for (size_t i = 64; i < 128; ++i) x[i] = -5;
    x[128] = 2;
    x[129] = -4;
    Floats expected = x;
    expected[128] = 3;
    expected[129] = -3;
    ForEachInstructionSet([&] {
      for (const bool error_feedback : {false, true})
        QVERIFY(RoundTripAt(*Make(error_feedback), x, 0) == expected);
    });
  }

  void whatWaitsIsSentLater() {
    const std::unique_ptr<Codec> codec = Make(true);
    QCOMPARE(RoundTripAt(*codec, {4, -2, 0, -6}, 0), (Floats{3, -3, 3, -3}));
    QCOMPARE(codec->ResidualNormSquared(), 1.0 + 1 + 9 + 9);  // residual 1, 1, -3, -3
    QCOMPARE(RoundTripAt(*codec, {0, 0, 0, 0}, 1), (Floats{2, 2, -2, -2}));
    QCOMPARE(RoundTripAt(*codec, {1, 1, 0, 2}, 2), (Floats{0.5F, 0.5F, -0.5F, 0.5F}));  // of 0, 0, -1, 1
  }

  void longGradientsGoTheSameWay() {  // past the cache, at odd addresses, with and without a rest
    for (const int64_t d : {(int64_t{1} << 20) + 1, (int64_t{1} << 20) + 4096 + 77}) {
      const Floats x = MakeGradient("normal", d, 1);
      const std::unique_ptr<Codec> codec = Make(true, "mean", 4096);
      Floats kept(x.size());
      for (int step = 0; step < 3; ++step) {
        Bytes payload;
        Floats decoded(x.size() + 1);
        QVERIFY(codec->Encode(x, step, payload).ok());
        QVERIFY(codec->Decode(payload, std::span(decoded).subspan(1)).ok());
        for (size_t i = 0; i < x.size(); ++i) kept[i] = kept[i] + x[i] - decoded[i + 1];
      }
      Bytes state;
      codec->SaveState(state);
      QCOMPARE(state.size(), 4 * kept.size());
      QVERIFY(std::memcmp(state.data(), kept.data(), state.size()) == 0);
    }
  }

  void theErrorIsThatOfThePaper() {  // ||x - C(x)||^2 = ||x||^2 - ||x||_1^2 / d; lemma 8
    for (uint32_t seed = 0; seed < 50; ++seed) {
      const int64_t d = 1 + static_cast<int64_t>(Rng(seed).Below(2000));
      const Floats x = MakeGradient("normal", d, seed);
      const Floats decoded = RoundTripAt(*Make(false, "mean", 2048), x, 0);
      double error = 0, sum = 0;
      for (size_t i = 0; i < x.size(); ++i) {
        error += std::pow(static_cast<double>(x[i]) - decoded[i], 2);
        sum += std::abs(static_cast<double>(x[i]));
      }
      const double expected = NormSquared(x) - sum * sum / static_cast<double>(d);
      // The scale is rounded at 2^-24 of it, which the squared error feels twice at most.
      QVERIFY(std::abs(error - expected) <= 1e-6 * NormSquared(x));
    }
  }

  void signsOfSizeOneNeedNoFeedback() {
    const absl::Status status = MakeCodec({{"kind", "signsgd"}, {"scale", "one"}}).status();
    QCOMPARE(status.code(), absl::StatusCode::kInvalidArgument);
    QVERIFY(status.message().find("error_feedback") != absl::string_view::npos);
    const std::unique_ptr<Codec> plain = Make(false, "one");
    QVERIFY(std::isinf(plain->ErrorBound(10)));
    Bytes payload;
    Floats bad(200, 1.0F);
    bad[150] = std::nanf("");
    const absl::Status encoded = plain->Encode(bad, 0, payload);
    QCOMPARE(encoded.code(), absl::StatusCode::kOutOfRange);
    QVERIFY(encoded.message().find("element 150 ") != absl::string_view::npos);
  }

  void theMajorityIsTaken() {
    const Json spec = {{"kind", "signsgd"}, {"error_feedback", false}, {"scale", "one"}, {"vote", true}};
    for (const Json& chain : {spec, Json{spec, {{"kind", "zstd"}}}}) {
      const std::unique_ptr<Codec> codec = MakeCodec(chain).value();
      codec->SeedDraws(3, 0);
      QVERIFY(codec->combines());
      Floats votes = {3, -1, 1, -3};
      codec->Combine(votes, 3, 0);
      QCOMPARE(votes, (Floats{1, -1, 1, -1}));
      QCOMPARE(RoundTripAt(*codec, votes, 0), votes);  // a server's answer loses nothing

      // Ties: either sign about as often, the same on every rank, others at another step and in another run.
      const auto ties = [&](uint64_t run_seed, int rank, int64_t step) {
        const std::unique_ptr<Codec> one = MakeCodec(chain).value();
        one->SeedDraws(run_seed, rank);
        Floats sum(10000);
        one->Combine(sum, 4, step);
        return sum;
      };
      const Floats drawn = ties(3, 0, 5);
      QVERIFY(drawn == ties(3, 2, 5) && drawn != ties(3, 0, 6) && drawn != ties(4, 0, 5));
      double sum = 0, beside = 0;
      for (size_t i = 0; i < drawn.size(); ++i) {
        QCOMPARE(std::abs(drawn[i]), 1.0F);
        sum += drawn[i];
        if (i > 0) beside += drawn[i] * drawn[i - 1];
      }
      QVERIFY(std::abs(sum) < 500 && std::abs(beside) < 500);  // 5 standard deviations of 10,000 coins
    }
  }

  void votesCountOnceAndNeedTheirLike() {
    const auto make = [](const Json& more) {
      Json spec = {{"kind", "signsgd"}, {"error_feedback", false}, {"scale", "one"}, {"vote", true}};
      spec.update(more);
      return MakeCodec(spec);
    };
    const Bytes loud = {0, 0, 0x80, 0x40, 0, 0};  // of 9 elements, scale 4
    Floats gradient(9);
    QCOMPARE(make(Json::object()).value()->DecodeAdd(loud, gradient).code(), absl::StatusCode::kDataLoss);
    QCOMPARE(make({{"scale", "mean"}}).status().code(), absl::StatusCode::kInvalidArgument);
    QCOMPARE(make({{"error_feedback", true}}).status().code(), absl::StatusCode::kInvalidArgument);
    QVERIFY(!make({{"vote", false}}).value()->combines());
    Floats sum = {4, -2};
    make({{"vote", false}}).value()->Combine(sum, 4, 0);
    QCOMPARE(sum, (Floats{1, -0.5F}));
  }

  void payloadsThatLieAreRefused_data() {
    QTest::addColumn<QByteArray>("payload");  // of 9 elements
    QTest::newRow("a negative scale") << QByteArray("\x00\x00\x80\xbf\x00\x00", 6);
    QTest::newRow("an infinite scale") << QByteArray("\x00\x00\x80\x7f\x00\x00", 6);
    QTest::newRow("a sign after the last") << QByteArray("\x00\x00\x80\x3f\x00\x02", 6);
    QTest::newRow("too short") << QByteArray("\x00\x00\x80\x3f\x00", 5);
  }
  void payloadsThatLieAreRefused() {
    QFETCH(QByteArray, payload);
    const std::span<const uint8_t> bytes(reinterpret_cast<const uint8_t*>(payload.constData()),
                                         static_cast<size_t>(payload.size()));
    Floats gradient(9, 7.0F);
    QCOMPARE(Make(true)->Decode(bytes, gradient).code(), absl::StatusCode::kDataLoss);
    QCOMPARE(Make(true)->DecodeAdd(bytes, gradient).code(), absl::StatusCode::kDataLoss);
    QCOMPARE(gradient, Floats(9, 7.0F));
  }

  void errorFeedbackRepairsWhatTheSignSpoils() {
    // A small linear problem that the sign alone gets wrong: f(x) = mean of two gradients, (4, -1) and (-2,
    // 3) in turn, whose sum (2, 2) the signs (+, -) and (-, +) hide. With feedback the sum arrives.
    for (const bool error_feedback : {false, true}) {
      const std::unique_ptr<Codec> codec = Make(error_feedback);
      double sent[2] = {0, 0};
      for (int step = 0; step < 1000; ++step) {
        const Floats decoded = RoundTripAt(*codec, step % 2 == 0 ? Floats{4, -1} : Floats{-2, 3}, step);
        sent[0] += decoded[0];
        sent[1] += decoded[1];
      }
      if (error_feedback)  // 1000 less what waits
        QVERIFY(std::abs(sent[0] - 1000) < 10 && std::abs(sent[1] - 1000) < 10);
      else
        QVERIFY(sent[0] == 0 && sent[1] == 0);
    }
  }
};

CONCERTINA_TEST(SignSgdTest)

}  // namespace concertina::signsgd_test

#include "signsgd_test.moc"
