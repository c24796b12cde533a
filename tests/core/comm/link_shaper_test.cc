// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// link_shaper_test.cc: an emulated link's bandwidth, latency, jitter and loss, in virtual time: when each
// piece arrives follows from when it was sent, whatever the machine does meanwhile.
#include "core/comm/link_shaper.h"

#include <QTest>
#include <cmath>

#include "core/base/rng.h"
#include "tests/test_program.h"

namespace concertina::link_shaper_test {
namespace {

constexpr int64_t kSecond = 1'000'000'000;

// How long each of `count` messages of one piece flies, sent `apart` after one another: longer than any is
// late.
std::vector<double> FlightsMs(const LinkShape& link, int count, int64_t apart = 1000 * kSecond) {
  const LiveShape shape(link);
  LinkShaper shaper;
  std::vector<double> flights;
  for (int i = 0; i < count; ++i) {
    const int64_t sent = kSecond + i * apart;
    flights.push_back(
        static_cast<double>(shaper.Finish(shape, sent, 0, true) + shape.latency_nanoseconds() - sent) * 1e-6);
  }
  return flights;
}

double MeanOf(const std::vector<double>& values) {
  double sum = 0;
  for (const double value : values) sum += value;
  return sum / static_cast<double>(values.size());
}

}  // namespace

class LinkShaperTest : public QObject {
  Q_OBJECT
 private slots:
  void theBandwidthHolds_data();
  void theBandwidthHolds();
  void aCutHoldsWhatWasSentBeforeItsEnd();
  void theMeanDelayIsWhatTheModelSays_data();
  void theMeanDelayIsWhatTheModelSays();
  void aShareOfTheMessagesIsLate();
  void noMessageIsEarlierThanItsBounds();
  void theOrderIsKept();
  void thePiecesOfAMessageFlyTogether();
  void theSameSeedGivesTheSameDelays();
  void whatIsNotDelayedIsFree();
  void theNameSaysAll();
};

void LinkShaperTest::theBandwidthHolds_data() {
  QTest::addColumn<double>("mbit");
  QTest::addColumn<double>("jitter");
  QTest::addColumn<double>("loss");
  for (const double mbit : {1.0, 100.0, 1000.0, 25000.0})
    QTest::addRow("%g Mbit/s", mbit) << mbit << 0.0 << 0.0;
  QTest::newRow("100 Mbit/s with jitter and loss") << 100.0 << 20.0 << 0.05;
}
void LinkShaperTest::theBandwidthHolds() {
  QFETCH(double, mbit);
  QFETCH(double, jitter);
  QFETCH(double, loss);
  const LiveShape shape(
      {.bandwidth_mbit = mbit, .latency_ms = 3, .jitter_ms = jitter, .loss = loss, .seed = 4});
  LinkShaper shaper;
  Rng rng(1, "link shaper test");
  double bytes = 0;
  int64_t arrives = 0;
  int64_t sent = kSecond;
  double idle_since = 1;  // of the link, in seconds
  for (int i = 0; i < 20'000; ++i) {
    const size_t size = 1 + rng.Below(200'000);
    arrives = shaper.Finish(shape, sent, size, true) + shape.latency_nanoseconds();
    bytes += static_cast<double>(size);
    // Faster than the link takes it, so that it is never idle.
    sent += static_cast<int64_t>(static_cast<double>(size) * 4e3 / mbit);
  }
  const double seconds = static_cast<double>(arrives) * 1e-9 - idle_since - 3e-3;
  const double ratio = bytes * 8e-6 / seconds / mbit;
  // A lost message at the very end would be late by its timer: a second of 160 is no 3 %.
  QVERIFY2(std::abs(ratio - 1) < 0.03, qPrintable(QString::number(ratio)));
}

void LinkShaperTest::aCutHoldsWhatWasSentBeforeItsEnd() {
  const LiveShape shape({.latency_ms = 3, .cut_until_nanoseconds = 5 * kSecond});
  QVERIFY(!shape.is_free());
  QCOMPARE(shape.name(), std::string("any Mbit/s, 3 ms, cut"));
  LinkShaper shaper;
  QCOMPARE(shaper.Finish(shape, 1 * kSecond, 100, true), 5 * kSecond);
  QCOMPARE(shaper.Finish(shape, 4 * kSecond, 100, true), 5 * kSecond);
  QCOMPARE(shaper.Finish(shape, 6 * kSecond, 100, true), 6 * kSecond);
  LinkShaper whole;
  QCOMPARE(whole.Finish(LiveShape({}), 1 * kSecond, 100, true), 1 * kSecond);
}

void LinkShaperTest::theMeanDelayIsWhatTheModelSays_data() {
  QTest::addColumn<double>("latency");
  QTest::addColumn<double>("jitter");
  QTest::addColumn<double>("loss");
  QTest::addColumn<double>("mean");  // by hand
  QTest::newRow("latency") << 5.0 << 0.0 << 0.0 << 5.0;
  QTest::newRow("jitter within the latency") << 5.0 << 2.0 << 0.0 << 5.0;
  QTest::newRow("jitter beyond the latency") << 1.0 << 3.0 << 0.0 << 16.0 / 12;  // (l + j)^2 / (4 j)
  QTest::newRow("jitter alone") << 0.0 << 4.0 << 0.0 << 1.0;
  // R = 200 ms; p R (1 - (2 p)^6) / (1 - 2 p)
  QTest::newRow("a hundredth lost") << 0.0 << 0.0 << 0.01 << 2.0408163;
  QTest::newRow("a quarter lost") << 10.0 << 0.0 << 0.25 << 10 + 50 * (1 - std::pow(0.5, 6)) / 0.5;
  QTest::newRow("half lost") << 10.0 << 0.0 << 0.5 << 10 + 6 * 100.0;
  // R = 2 l + 8 j / 3 = 480 ms
  QTest::newRow("a slow link's timer") << 200.0 << 30.0 << 0.1 << 200 + 48 * (1 - std::pow(0.2, 6)) / 0.8;
}
void LinkShaperTest::theMeanDelayIsWhatTheModelSays() {
  QFETCH(double, latency);
  QFETCH(double, jitter);
  QFETCH(double, loss);
  QFETCH(double, mean);
  const LinkShape link{.latency_ms = latency, .jitter_ms = jitter, .loss = loss, .seed = 11};
  QVERIFY2(std::abs(MeanDelayMs(link) - mean) < 1e-6 * mean, qPrintable(QString::number(MeanDelayMs(link))));
  constexpr int kMessages = 200'000;
  const std::vector<double> flights = FlightsMs(link, kMessages);
  double variance = 0;
  for (const double flight : flights) variance += (flight - mean) * (flight - mean) / kMessages;
  const double measured = MeanOf(flights);
  // Five standard errors; 1e-5 ms is the rounding to nanoseconds.
  QVERIFY2(std::abs(measured - mean) <= 5 * std::sqrt(variance / kMessages) + 1e-5,
           qPrintable(QString("%1 for %2").arg(measured).arg(mean)));
}

void LinkShaperTest::aShareOfTheMessagesIsLate() {
  constexpr int kMessages = 100'000;
  int once = 0, more = 0;
  for (const double flight : FlightsMs({.latency_ms = 1, .loss = 0.1, .seed = 3}, kMessages)) {
    once += flight > 200.5 && flight < 201.5 ? 1 : 0;
    more += flight > 600.5 ? 1 : 0;  // twice: 200 and 400 ms
    QVERIFY(flight < 201.5 || flight > 600.5);
  }
  // Binomial: 0.09 and 0.01 of the messages, five standard deviations.
  QVERIFY2(std::abs(once - 9000) < 5 * std::sqrt(9000.0), qPrintable(QString::number(once)));
  QVERIFY2(std::abs(more - 1000) < 5 * std::sqrt(1000.0), qPrintable(QString::number(more)));
}

void LinkShaperTest::noMessageIsEarlierThanItsBounds() {
  double least = 1e9, most = 0;
  for (const double flight : FlightsMs({.latency_ms = 5, .jitter_ms = 2, .seed = 8}, 10'000)) {
    least = std::min(least, flight);
    most = std::max(most, flight);
  }
  // Within the bounds, and near them: of 10 000 uniform draws the farthest is nearer than 0.1 % of the width.
  QVERIFY2(least >= 3 && least < 3.01, qPrintable(QString::number(least)));
  QVERIFY2(most <= 7 && most > 6.99, qPrintable(QString::number(most)));
  for (const double flight : FlightsMs({.latency_ms = 1, .jitter_ms = 9, .seed = 8}, 10'000))
    QVERIFY(flight >= 0);
}

void LinkShaperTest::theOrderIsKept() {
  const LiveShape shape({.bandwidth_mbit = 100, .latency_ms = 5, .jitter_ms = 5, .loss = 0.2, .seed = 2});
  LinkShaper shaper;
  int64_t before = 0;
  int waited = 0;
  for (int i = 0; i < 5000; ++i) {
    const int64_t arrives = shaper.Finish(shape, kSecond + i * int64_t{1'000'000}, 1000, true);
    QVERIFY(arrives >= before);
    waited += arrives == before ? 1 : 0;
    before = arrives;
  }
  QVERIFY(waited > 100);  // what was late did hold others up
}

void LinkShaperTest::thePiecesOfAMessageFlyTogether() {
  const LiveShape shape({.bandwidth_mbit = 8, .jitter_ms = 500, .loss = 0.5, .seed = 5});
  LinkShaper shaper;
  for (int i = 0; i < 100; ++i) {
    const int64_t sent = (i + 1) * 1000 * kSecond;
    const int64_t first = shaper.Finish(shape, sent, 1000, true);
    for (int piece = 1; piece < 5; ++piece)  // 1 ms each
      QCOMPARE(shaper.Finish(shape, sent, 1000, false), first + piece * 1'000'000);
  }
}

void LinkShaperTest::theSameSeedGivesTheSameDelays() {
  const LinkShape link{.latency_ms = 5, .jitter_ms = 2, .loss = 0.1, .seed = 6};
  LinkShape other = link;
  other.seed = 7;
  QVERIFY(FlightsMs(link, 1000) ==
          FlightsMs(link, 1000, 2000 * kSecond));  // when they are sent changes nothing
  QVERIFY(FlightsMs(link, 1000) != FlightsMs(other, 1000));
}

void LinkShaperTest::whatIsNotDelayedIsFree() {
  QVERIFY(LiveShape({}).is_free());
  QVERIFY(LiveShape({.jitter_ms = -1, .loss = -1, .seed = 9}).is_free());
  QVERIFY(LiveShape({.jitter_ms = NAN, .loss = NAN}).is_free());
  QVERIFY(!LiveShape({.jitter_ms = 1}).is_free());
  QVERIFY(!LiveShape({.loss = 0.01}).is_free());
}

void LinkShaperTest::theNameSaysAll() {
  QCOMPARE(LiveShape({}).name(), std::string("free"));
  QCOMPARE(LiveShape({.bandwidth_mbit = 100, .latency_ms = 5}).name(), std::string("100 Mbit/s, 5 ms"));
  QCOMPARE(LiveShape({.latency_ms = 5, .jitter_ms = 1, .loss = 0.01}).name(),
           std::string("any Mbit/s, 5 ms +- 1 ms, 1 % lost"));
}

CONCERTINA_TEST(LinkShaperTest)

}  // namespace concertina::link_shaper_test

#include "link_shaper_test.moc"
