// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// break_even_test.cc: the bandwidth below which a codec pays, against sums done by hand and against the step
// times on both sides of it.
#include "core/analysis/break_even.h"

#include <QTest>
#include <cmath>
#include <limits>

#include "core/base/rng.h"
#include "tests/test_program.h"

namespace concertina::break_even_test {
namespace {

constexpr double kNan = std::numeric_limits<double>::quiet_NaN();

MeasuredStep Step(double codec_seconds, double rounds, double bytes) {
  return {.compute_seconds = 0.004, .codec_seconds = codec_seconds, .rounds = rounds, .bytes = bytes};
}

}  // namespace

class BreakEvenTest : public QObject {
  Q_OBJECT
 private slots:
  void aStepIsASum() {
    // 4 ms + 1 ms + 6 x 0.5 ms + 8e6 bit over 100 Mbit/s = 80 ms.
    const MeasuredStep step = Step(0.001, 6, 1e6);
    QVERIFY(std::abs(StepSecondsOn(step, {.bandwidth_mbit = 100, .latency_ms = 0.5}) - 0.088) < 1e-12);
    QVERIFY(std::abs(StepSecondsOn(step, {.bandwidth_mbit = 0, .latency_ms = 0}) - 0.005) < 1e-12);
  }

  void whenItPays_data() {
    QTest::addColumn<double>("codec_seconds");
    QTest::addColumn<double>("rounds");
    QTest::addColumn<double>("bytes");
    QTest::addColumn<double>("latency_ms");
    QTest::addColumn<QString>("pays");
    QTest::addColumn<double>("bandwidth_mbit");
    // Dense: no codec time, 6 rounds, 1.1 MB; 1 MB saved is 8 Mbit.
    QTest::newRow("time for bytes") << 0.010 << 6.0 << 1e5 << 0.0 << "below" << 800.0;
    QTest::newRow("fewer rounds help") << 0.010 << 3.0 << 1e5 << 1.0 << "below" << 8.0 / 0.007;
    QTest::newRow("a second round costs") << 0.010 << 12.0 << 1e5 << 1.0 << "below" << 8.0 / 0.016;
    QTest::newRow("rounds count by latency alone") << 0.010 << 12.0 << 1e5 << 0.0 << "below" << 800.0;
    QTest::newRow("for nothing") << 0.0 << 6.0 << 1e5 << 0.0 << "always" << 0.0;
    QTest::newRow("rounds pay for the codec") << 0.001 << 1.0 << 1e5 << 1.0 << "always" << 0.0;
    QTest::newRow("time, and more bytes") << 0.010 << 6.0 << 2e6 << 0.0 << "never" << 0.0;
    QTest::newRow("time, and as many bytes") << 0.010 << 6.0 << 1.1e6 << 0.0 << "never" << 0.0;
    QTest::newRow("the same") << 0.0 << 6.0 << 1.1e6 << 1.0 << "never" << 0.0;
    QTest::newRow("as many bytes in fewer rounds") << 0.0 << 1.0 << 1.1e6 << 1.0 << "always" << 0.0;
    QTest::newRow("more bytes in fewer rounds") << 0.001 << 1.0 << 2.1e6 << 1.0 << "above" << 8.0 / 0.004;
    QTest::newRow("not measured") << kNan << 6.0 << 1e5 << 0.0 << "unknown" << 0.0;
    QTest::newRow("bytes not known") << 0.01 << 6.0 << kNan << 0.0 << "unknown" << 0.0;
  }
  void whenItPays() {
    QFETCH(double, codec_seconds);
    QFETCH(double, rounds);
    QFETCH(double, bytes);
    QFETCH(double, latency_ms);
    QFETCH(QString, pays);
    QFETCH(double, bandwidth_mbit);
    const BreakEven found = FindBreakEven(Step(0, 6, 1.1e6), Step(codec_seconds, rounds, bytes), latency_ms);
    QCOMPARE(QString(PaysName(found.pays)), pays);
    QVERIFY2(std::abs(found.bandwidth_mbit - bandwidth_mbit) <= 1e-9 * bandwidth_mbit,
             qPrintable(QString::number(found.bandwidth_mbit)));
  }

  // Whatever the figures: the verdict agrees with the step times on either side, and where there is a
  // bandwidth the two are equal there.
  void theStepTimesAgree() {
    int with_a_bandwidth = 0;
    for (uint64_t seed = 0; seed < 500; ++seed) {
      Rng rng(seed);
      const auto draw = [&] {
        return Step(rng.Uniform(0, 0.01), 1 + static_cast<double>(rng.Below(12)), rng.Uniform(1e3, 2e6));
      };
      const MeasuredStep dense = draw(), compressed = draw();
      const double latency_ms = rng.Uniform(0, 2);
      const BreakEven found = FindBreakEven(dense, compressed, latency_ms);
      const auto gain = [&](double mbit) {
        const LinkSpeed link = {.bandwidth_mbit = mbit, .latency_ms = latency_ms};
        return StepSecondsOn(dense, link) - StepSecondsOn(compressed, link);
      };
      switch (found.pays) {
        case BreakEven::Pays::kAlways:
          QVERIFY(gain(1e-3) > 0 && gain(1e7) >= 0);
          break;
        case BreakEven::Pays::kNever:
          QVERIFY(gain(1e-3) < 0 && gain(1e7) <= 0);
          break;
        case BreakEven::Pays::kBelow:
        case BreakEven::Pays::kAbove: {
          const double sign = found.pays == BreakEven::Pays::kBelow ? 1 : -1;
          QVERIFY(sign * gain(found.bandwidth_mbit / 1.01) > 0);
          QVERIFY(sign * gain(found.bandwidth_mbit * 1.01) < 0);
          const double whole =
              StepSecondsOn(dense, {.bandwidth_mbit = found.bandwidth_mbit, .latency_ms = latency_ms});
          QVERIFY(std::abs(gain(found.bandwidth_mbit)) <= 1e-9 * whole);  // of rounding sums of a few terms
          ++with_a_bandwidth;
          break;
        }
        case BreakEven::Pays::kUnknown:
          QFAIL("all figures are finite");
      }
    }
    QVERIFY(with_a_bandwidth > 100);
  }

  void bytesInTurnAreThoseOfTheCriticalRank() {
    TrafficMap ring{.rounds = 6};  // a ring of four: all bytes of a rank go one after the other
    for (int rank = 0; rank < 4; ++rank)
      ring.flows.push_back({.from = rank, .to = (rank + 1) % 4, .bytes = 1.5e6, .messages = 6});
    QCOMPARE(BytesInTurn(ring), 1.5e6);
    TrafficMap gathered{.rounds = 1};  // to all others at once, each on a link of its own
    for (int from = 0; from < 4; ++from)
      for (int to = 0; to < 4; ++to)
        if (from != to) gathered.flows.push_back({.from = from, .to = to, .bytes = 2e4, .messages = 1});
    QCOMPARE(BytesInTurn(gathered), 2e4);
    TrafficMap served{.rounds = 2};  // up, and down again
    for (int rank = 1; rank < 4; ++rank) {
      served.flows.push_back({.from = rank, .to = 0, .bytes = 1e4, .messages = 1});
      served.flows.push_back({.from = 0, .to = rank, .bytes = 1e6, .messages = 1});
    }
    QCOMPARE(BytesInTurn(served), 2e6);
    QCOMPARE(BytesInTurn(TrafficMap{}), 0.0);
  }
};

CONCERTINA_TEST(BreakEvenTest)

}  // namespace concertina::break_even_test

#include "break_even_test.moc"
