// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// powersgd_test.cc: the power iteration reaches the best approximation, keeps alive what has no direction
// yet, and is the same in rounds as alone.
#include <QTest>
#include <algorithm>
#include <cstring>
#include <numeric>

#include "codecs_under_test.h"
#include "tests/allocations.h"
#include "tests/test_program.h"

namespace concertina::powersgd_test {

using Bytes = std::vector<uint8_t>;
using Floats = std::vector<float>;

class PowerSgdTest : public QObject {
  Q_OBJECT

  struct Options {
    int64_t rank = 2;
    bool warm_start = true;
    bool error_feedback = false;
  };
  static std::unique_ptr<Codec> Make(const Options& options, std::vector<Matrix> matrices) {
    auto codec = MakeCodec({{"kind", "powersgd"},
                            {"rank", options.rank},
                            {"warm_start", options.warm_start},
                            {"error_feedback", options.error_feedback}})
                     .value();
    codec->Describe(matrices);
    return codec;
  }
  // rows x columns with the singular values 1, ratio, ratio^2, …, `rank` of them.
  static Floats Geometric(int rows, int columns, double ratio, int rank, uint64_t seed) {
    Rng rng(seed);
    // `rank` orthonormal vectors of n elements: Gram and Schmidt, twice, since once leaves rounding.
    const auto basis = [&](int n) {
      std::vector<std::vector<double>> vectors(static_cast<size_t>(rank));
      for (size_t j = 0; j < vectors.size(); ++j) {
        std::vector<double>& v = vectors[j];
        for (int i = 0; i < n; ++i) v.push_back(rng.Normal());
        for (int pass = 0; pass < 2; ++pass)
          for (size_t k = 0; k < j; ++k) {
            const double along = std::inner_product(v.begin(), v.end(), vectors[k].begin(), 0.0);
            for (size_t i = 0; i < v.size(); ++i) v[i] -= along * vectors[k][i];
          }
        const double norm = std::sqrt(std::inner_product(v.begin(), v.end(), v.begin(), 0.0));
        for (double& element : v) element /= norm;
      }
      return vectors;
    };
    const auto left = basis(rows), right = basis(columns);
    Floats m;
    for (size_t i = 0; i < static_cast<size_t>(rows); ++i)
      for (size_t j = 0; j < static_cast<size_t>(columns); ++j) {
        double element = 0;
        for (size_t k = 0; k < left.size(); ++k)
          element += std::pow(ratio, static_cast<double>(k)) * left[k][i] * right[k][j];
        m.push_back(static_cast<float>(element));
      }
    return m;
  }
  static Floats RoundTrip(Codec& codec, const Floats& gradient, int64_t step = 0) {
    Bytes payload;
    Floats decoded(gradient.size());
    if (!codec.Encode(gradient, step, payload).ok() || !codec.Decode(payload, decoded).ok()) return {};
    return decoded;
  }
  static double Error(const Floats& x, const Floats& y) {
    double sum = 0;
    for (size_t i = 0; i < x.size(); ++i) sum += std::pow(static_cast<double>(x[i]) - y[i], 2);
    return std::sqrt(sum);
  }
  static Bytes StateOf(const Codec& codec) {
    Bytes state;
    codec.SaveState(state);
    return state;
  }

 private slots:
  void warmStartReachesTheBestApproximation_data() {
    QTest::addColumn<int>("rank");
    for (const int rank : {1, 2, 4}) QTest::addRow("rank %d", rank) << rank;
  }
  void warmStartReachesTheBestApproximation() {
    QFETCH(int, rank);
    constexpr double kRatio = 0.7;
    const Floats m = Geometric(40, 30, kRatio, 30, 1);
    // Eckart, Young 1936: the least error of rank r is what the other singular values hold.
    double best = 0;
    for (int i = rank; i < 30; ++i) best += std::pow(kRatio, 2 * i);
    best = std::sqrt(best);
    const auto warm = Make({.rank = rank}, {{0, 40, 30}});
    const auto cold = Make({.rank = rank, .warm_start = false}, {{0, 40, 30}});
    double before = std::sqrt(NormSquared(m)), first = 0, last = 0, cold_sum = 0;
    for (int step = 0; step < 40; ++step) {
      last = Error(m, RoundTrip(*warm, m, step));
      // Each step may only come nearer; 1e-6 is the rounding of P and Q to floats.
      QVERIFY2(last <= before * (1 + 1e-6), qPrintable(QString::number(step)));
      before = last;
      if (step == 0) first = last;
      cold_sum += Error(m, RoundTrip(*cold, m, step));
    }
    QVERIFY(first > 1.05 * best);
    // The error falls by (sigma_(r+1) / sigma_r)^2 = 0.49 a step: after 40, to rounding.
    QVERIFY2(last < best * (1 + 1e-5), qPrintable(QString("%1, best %2").arg(last).arg(best)));
    QVERIFY(cold_sum / 40 > 1.05 * best);
  }

  void matricesOfLowerRankArriveWhole_data() {
    QTest::addColumn<int>("rows");
    QTest::addColumn<int>("columns");
    QTest::addColumn<int>("rank");
    for (const auto& [rows, columns] : {std::pair{37, 23}, std::pair{23, 37}, std::pair{300, 11}})
      for (const int rank : {1, 2, 3})
        QTest::addRow("%d x %d of rank %d", rows, columns, rank) << rows << columns << rank;
  }
  void matricesOfLowerRankArriveWhole() {
    QFETCH(int, rows);
    QFETCH(int, columns);
    QFETCH(int, rank);
    const Floats m = Geometric(rows, columns, 0.5, rank, 4);
    for (const bool feedback : {false, true}) {
      const auto codec = Make({.rank = 3, .error_feedback = feedback}, {{0, rows, columns}});
      for (int step = 0; step < 3; ++step)
        QVERIFY(Error(m, RoundTrip(*codec, m, step)) < 1e-5 * std::sqrt(NormSquared(m)));
    }
  }

  // What had no direction for long is found again at once.
  void directionsThatWereMissingComeBack() {
    const auto codec = Make({.rank = 2}, {{0, 30, 20}});
    const Floats narrow = Geometric(30, 20, 1, 1, 1), wide = Geometric(30, 20, 0.9, 2, 2);
    const Floats nothing(600, 0.0F);
    Floats elsewhere(600, 0.0F);  // rows and columns that none of Q's columns may touch
    elsewhere[0] = 1;
    for (int round = 0; round < 3; ++round) {
      for (int step = 0; step < 10; ++step)
        QVERIFY(!RoundTrip(*codec, round == 1 ? nothing : narrow).empty());
      RoundTrip(*codec, elsewhere);
      RoundTrip(*codec, wide);
      RoundTrip(*codec, wide);
      const double error = Error(wide, RoundTrip(*codec, wide));
      QVERIFY2(error < 1e-5, qPrintable(QString::number(error)));
    }
    QVERIFY(RoundTrip(*codec, nothing) == nothing);
  }

  void whatTwoThinOnesDoNotShrinkGoesAsItIs_data() {
    QTest::addColumn<int>("rows");
    QTest::addColumn<int>("columns");
    QTest::addColumn<int>("rank");
    QTest::newRow("a rank above both sides") << 7 << 5 << 64;
    QTest::newRow("a rank above one side") << 3 << 100 << 4;
    QTest::newRow("one row") << 1 << 50 << 1;
    QTest::newRow("one column") << 50 << 1 << 1;
    QTest::newRow("small") << 6 << 6 << 3;
  }
  void whatTwoThinOnesDoNotShrinkGoesAsItIs() {
    QFETCH(int, rows);
    QFETCH(int, columns);
    QFETCH(int, rank);
    const int64_t d = rows * columns + 3;
    const Floats x = MakeGradient("normal", d, 1);
    const auto codec = Make({.rank = rank, .error_feedback = true}, {{3, rows, columns}});
    QCOMPARE(codec->MaxPayloadBytes(d), 4 * d);
    QVERIFY(RoundTrip(*codec, x) == x);
    QCOMPARE(codec->ResidualNormSquared(), 0.0);
  }

  void biasesArriveAsTheyAre() {
    const Floats x = MakeGradient("normal", 1050, 1);
    const auto codec = Make({.rank = 1, .error_feedback = true}, {{10, 20, 50}});
    for (int step = 0; step < 3; ++step) {
      const Floats decoded = RoundTrip(*codec, x, step);
      for (size_t i = 0; i < x.size(); ++i)
        if (i < 10 || i >= 1010) QVERIFY(decoded[i] == x[i]);
    }
    QVERIFY(codec->ResidualNormSquared() > 0);
  }

  // The rest of a bucket is sent dense: a state that claims four billion elements of it is a few bytes long.
  void aStateMakesNoRoomForWhatItClaims() {
    const std::vector<Matrix> matrices = {{.offset = 0, .rows = 16, .columns = 16}};
    const auto codec = Make({}, matrices);
    Bytes payload;
    QVERIFY(codec->Encode(MakeGradient("normal", 300, 1), 0, payload).ok());
    Bytes state = StateOf(*codec);
    const uint64_t claimed = UINT32_MAX;
    std::memcpy(state.data(), &claimed, sizeof claimed);
    const auto resumed = Make({}, matrices);
    largest_allocation = 0;
    resumed->LoadState(state).IgnoreError();
    QVERIFY2(largest_allocation < 4096, qPrintable(QString::number(largest_allocation)));
    QCOMPARE(resumed->Encode(MakeGradient("normal", 300, 1), 0, payload).code(),
             absl::StatusCode::kInvalidArgument);
  }

  void itsStateIsOfItsShape() {
    const Floats x = MakeGradient("normal", 700, 1);
    const std::vector<Matrix> matrices = {{0, 20, 30}, {610, 9, 10}};
    const auto codec = Make({.rank = 2, .error_feedback = true}, matrices);
    QVERIFY(StateOf(*codec).empty());
    for (int step = 0; step < 3; ++step) RoundTrip(*codec, x, step);
    const Bytes state = StateOf(*codec);
    const auto resumed = Make({.rank = 2, .error_feedback = true}, matrices);
    QVERIFY(resumed->LoadState(state).ok());
    QVERIFY(StateOf(*resumed) == state);
    QVERIFY(RoundTrip(*resumed, x, 3) == RoundTrip(*codec, x, 3));
    QVERIFY(StateOf(*resumed) == StateOf(*codec));
    QCOMPARE(Make({.rank = 1, .error_feedback = true}, matrices)->LoadState(state).code(),
             absl::StatusCode::kDataLoss);
    QCOMPARE(Make({.rank = 2}, matrices)->LoadState(state).code(), absl::StatusCode::kDataLoss);
    QCOMPARE(Make({.rank = 2, .error_feedback = true}, {{0, 30, 20}, {600, 50, 2}})->LoadState(state).code(),
             absl::StatusCode::kDataLoss);
    QCOMPARE(Make({.rank = 2, .error_feedback = true}, {{0, 100, 100}})->LoadState(state).code(),
             absl::StatusCode::kInvalidArgument);
    const auto other = Make({.rank = 2, .error_feedback = true}, {});
    RoundTrip(*other, Floats(701));
    QCOMPARE(other->LoadState(state).code(), absl::StatusCode::kInvalidArgument);
    // A fresh state begins anew: a client that has never been here (federated averaging).
    const Bytes fresh;
    QVERIFY(codec->LoadState(fresh).ok());
    QVERIFY(RoundTrip(*codec, x, 0) == RoundTrip(*Make({.rank = 2, .error_feedback = true}, matrices), x, 0));
  }

  void nothingOfItChangesWhileARunGoes() {
    const auto codec = Make({}, {});
    std::vector<Fault> faults;
    const auto params = [&](const Json& json) {
      return Registry::Global().Check("gradient-codec", json, "", faults);
    };
    Json same = {{"kind", "powersgd"}, {"rank", 2}, {"error_feedback", false}};
    QVERIFY(codec->Change(params(same)).ok());
    same["rank"] = 3;
    QCOMPARE(codec->Change(params(same)).code(), absl::StatusCode::kFailedPrecondition);
    for (const int rank : {0, 65}) {
      same["rank"] = rank;
      QVERIFY(!MakeCodec(same).ok());
    }
  }

  void alone_RoundsGiveWhatThePayloadSays() {
    const std::vector<Matrix> matrices = {{3, 25, 30}, {800, 10, 12}};
    const auto payloads = Make({.rank = 2, .error_feedback = true}, matrices);
    const auto rounds = Make({.rank = 2, .error_feedback = true}, matrices);
    for (int step = 0; step < 5; ++step) {
      const Floats x = MakeGradient("normal", 925, static_cast<uint64_t>(step));
      const Floats expected = RoundTrip(*payloads, x, step);
      SummedRounds& sums = *rounds->summed_rounds();
      QCOMPARE(sums.round_count(), 2);
      const auto first = sums.Begin(x, step);
      QVERIFY(first.ok());
      QCOMPARE(static_cast<int64_t>(first->size()), sums.RoundFloats(925, 0));
      const auto second = sums.Next();
      QVERIFY(second.ok());
      QCOMPARE(static_cast<int64_t>(second->size()), sums.RoundFloats(925, 1));
      QCOMPARE(4 * (sums.RoundFloats(925, 0) + sums.RoundFloats(925, 1)), payloads->MaxPayloadBytes(925));
      Floats own(x.size()), mean(x.size());
      QVERIFY(sums.DecodeOwn(own).ok());
      QVERIFY(sums.Finish(mean).ok());
      QVERIFY(own == mean);
      // The scale of P is another, a power of two: the same bits come out.
      QVERIFY2(Error(mean, expected) <= 1e-6 * std::sqrt(NormSquared(x)), qPrintable(QString::number(step)));
      QVERIFY(std::abs(rounds->ResidualNormSquared() - payloads->ResidualNormSquared()) <=
              1e-5 * payloads->ResidualNormSquared());
    }
  }

  void meansThatAreNotFiniteAreDamageAndChangeNothing() {
    const auto codec = Make({.rank = 2, .error_feedback = true}, {{0, 20, 30}});
    SummedRounds& sums = *codec->summed_rounds();
    const Floats x = MakeGradient("normal", 610, 1);
    RoundTrip(*codec, x);
    const Bytes state = StateOf(*codec);
    Floats mean(x.size());
    (*sums.Begin(x, 1))[17] = std::nanf("");
    const auto next = sums.Next();
    QCOMPARE(next.status().code(), absl::StatusCode::kDataLoss);
    QVERIFY(std::string(next.status().message()).find("element 17") != std::string::npos);
    QVERIFY(StateOf(*codec) == state);
    for (const float bad : {std::nanf(""), HUGE_VALF}) {
      QVERIFY(sums.Begin(x, 1).ok());
      (*sums.Next())[3] = bad;
      QCOMPARE(sums.Finish(mean).code(), absl::StatusCode::kDataLoss);
      QVERIFY(StateOf(*codec) == state);
    }
    QVERIFY(sums.Begin(x, 1).ok());
    (*sums.Next())[3] = 3e38F;  // finite, and its products are not
    QCOMPARE(sums.Finish(mean).code(), absl::StatusCode::kDataLoss);
    QVERIFY(StateOf(*codec) == state);
    Floats bad = x;
    bad[5] = HUGE_VALF;
    QCOMPARE(sums.Begin(bad, 1).status().code(), absl::StatusCode::kOutOfRange);
    QVERIFY(StateOf(*codec) == state);
  }

  void aStepAllocatesNothing() {
    const auto codec = Make({.rank = 4, .error_feedback = true}, {{0, 60, 50}, {3100, 30, 20}});
    const Floats x = MakeGradient("normal", 3800, 1);
    Floats decoded(x.size());
    Bytes payload;
    const auto step = [&](int64_t number) {
      QVERIFY(codec->Encode(x, number, payload).ok());
      QVERIFY(codec->Decode(payload, decoded).ok());
      QVERIFY(codec->DecodeAdd(payload, decoded).ok());
      SummedRounds& sums = *codec->summed_rounds();
      QVERIFY(sums.Begin(x, number).ok() && sums.Next().ok() && sums.Finish(decoded).ok());
    };
    step(0);
    const int64_t before = allocations;
    for (int number = 1; number < 20; ++number) step(number);
    QCOMPARE(allocations.load(), before);
  }
};

CONCERTINA_TEST(PowerSgdTest)

}  // namespace concertina::powersgd_test

#include "powersgd_test.moc"
