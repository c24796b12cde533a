// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// pair_link_test.cc: links in series, and ranks whose messages take what their links say.
#include "core/experiment/pair_link.h"

#include <QTest>
#include <array>
#include <set>
#include <thread>
#include <vector>

#include "core/base/clock.h"
#include "core/base/registry.h"
#include "fmt/format.h"
#include "nlohmann/json.hpp"
#include "tests/test_program.h"

namespace concertina::pair_link_test {
namespace {

// Three ranks: 0 and 1 have the run's network alone, 2 also a link of its own.
Spec SpecOf(double bandwidth, double latency, double own_bandwidth, double own_latency) {
  const Json json = {
      {"network", {{"bandwidth_mbit", bandwidth}, {"latency_ms", latency}}},
      {"workers",
       {{{"count", 2}}, {{"count", 1}, {"bandwidth_mbit", own_bandwidth}, {"latency_ms", own_latency}}}}};
  const SpecCheck check = CheckSpec(json.dump());
  for (const Fault& fault : check.faults) qWarning("%s", fault.message.c_str());
  return check.spec;
}

// Sends so many bytes from one rank to another and gives the seconds from before the sending to the arrival.
double SecondsOf(std::vector<std::unique_ptr<Transport>>& ranks, int from, int to, size_t bytes) {
  const std::vector<std::byte> message(bytes);
  const double began = Clock::Real().SteadySeconds();
  std::thread sender([&] {
    ranks[static_cast<size_t>(from)]->Send(to, 7, message, Deadline::After(20)).IgnoreError();
    ranks[static_cast<size_t>(from)]->Flush(to, Deadline::After(20)).IgnoreError();
  });
  const absl::Status came = ranks[static_cast<size_t>(to)]->Receive(
      from, 7, bytes, Deadline::After(20), [](size_t, std::span<const std::byte>) {});
  const double seconds = Clock::Real().SteadySeconds() - began;
  sender.join();
  return came.ok() ? seconds : -1;
}

}  // namespace

class PairLinkTest : public QObject {
  Q_OBJECT

 private slots:
  void linksInSeries_data() {
    QTest::addColumn<QVector<double>>("links");  // bandwidth, latency, bandwidth, …
    QTest::addColumn<double>("bandwidth");
    QTest::addColumn<double>("latency");
    QTest::newRow("none is free") << QVector<double>{} << 0.0 << 0.0;
    QTest::newRow("one is itself") << QVector<double>{100, 5} << 100.0 << 5.0;
    QTest::newRow("free ones change nothing") << QVector<double>{0, 0, 100, 5, 0, 0} << 100.0 << 5.0;
    QTest::newRow("the narrowest counts, latencies add")
        << QVector<double>{100, 5, 10, 20, 50, 0.5} << 10.0 << 25.5;
    QTest::newRow("latency alone leaves it wide") << QVector<double>{0, 3, 0, 4} << 0.0 << 7.0;
  }
  void linksInSeries() {
    QFETCH(QVector<double>, links);
    QFETCH(double, bandwidth);
    QFETCH(double, latency);
    std::vector<LinkShape> shapes;
    for (qsizetype i = 0; i < links.size(); i += 2) shapes.push_back({links[i], links[i + 1]});
    const LinkShape whole = InSeries(shapes);
    QCOMPARE(whole.bandwidth_mbit, bandwidth);
    QCOMPARE(whole.latency_ms, latency);
  }

  void aPairHasBothEndsAndTheNetworkAndIsTheSameBothWays() {
    const Spec spec = SpecOf(100, 1, 10, 20);
    for (const auto& [a, b, bandwidth, latency] :
         {std::tuple(0, 1, 100.0, 1.0), {0, 2, 10.0, 21.0}, {1, 2, 10.0, 21.0}}) {
      for (const LinkShape& link : {PairLink(spec, a, b), PairLink(spec, b, a)}) {
        QCOMPARE(link.bandwidth_mbit, bandwidth);
        QCOMPARE(link.latency_ms, latency);
      }
    }
  }
  void twoOfOneGroupCrossTwoOfItsLinks() {
    const SpecCheck check =
        CheckSpec(R"({"workers": [{"count": 2, "bandwidth_mbit": 50, "latency_ms": 3}]})");
    QVERIFY(check.faults.empty());
    QCOMPARE(PairLink(check.spec, 0, 1).bandwidth_mbit, 50.0);
    QCOMPARE(PairLink(check.spec, 0, 1).latency_ms, 6.0);
  }

  void jitterAddsUpAndLossesAreIndependent() {
    const SpecCheck check = CheckSpec(R"({"seed": 3, "network": {"jitter_ms": 1, "loss": 0.1},
                                          "workers": [{"count": 2, "jitter_ms": 2, "loss": 0.2}, {"count": 1}]})");
    QVERIFY(check.faults.empty());
    QCOMPARE(PairLink(check.spec, 0, 1).jitter_ms, 5.0);
    QCOMPARE(PairLink(check.spec, 0, 1).loss, 1 - 0.8 * 0.9 * 0.8);
    QCOMPARE(PairLink(check.spec, 2, 0).jitter_ms, 3.0);
    QCOMPARE(PairLink(check.spec, 2, 0).loss, 1 - 0.9 * 0.8);
  }
  void eachDirectionDrawsForItselfByTheRunsSeed() {
    const auto spec_of = [](const char* seed) {
      return CheckSpec(fmt::format(R"({{"seed": {}, "workers": [{{"count": 3}}]}})", seed)).spec;
    };
    const Spec spec = spec_of("3"), same = spec_of("3"), other = spec_of("4");
    std::set<uint64_t> seeds;
    for (int a = 0; a < 3; ++a)
      for (int b = 0; b < 3; ++b)
        if (a != b) {
          QCOMPARE(PairLink(spec, a, b).seed, PairLink(same, a, b).seed);
          seeds.insert(PairLink(spec, a, b).seed);
          seeds.insert(PairLink(other, a, b).seed);
        }
    QCOMPARE(seeds.size(), size_t{12});
  }

  void messagesTakeWhatTheirLinksSay() {
    auto ranks = MakeInProcessTransports(3);
    const Spec spec = SpecOf(0, 0, 10, 20);
    for (auto& rank : ranks) ShapeLinks(spec, *rank);
    // 50 kB over 10 Mbit/s fly 40 ms, and 20 ms more; a message never comes earlier, a busy machine only
    // later.
    for (const auto& [from, to] : {std::pair(2, 0), {2, 1}, {0, 2}, {1, 2}})
      QVERIFY2(SecondsOf(ranks, from, to, 50'000) >= 0.060,
               qPrintable(QString("%1 to %2").arg(from).arg(to)));
  }
  void othersAreNotHeldUp() {
    auto ranks = MakeInProcessTransports(3);
    const Spec spec = SpecOf(0, 0, 0, 10'000);
    for (auto& rank : ranks) ShapeLinks(spec, *rank);
    const std::byte one[1] = {};
    const Deadline deadline = Deadline::After(9);
    QVERIFY(ranks[2]->Send(0, 7, one, deadline).ok());
    QVERIFY(ranks[1]->Send(0, 7, one, deadline).ok());
    const auto first = ranks[0]->WaitAny(std::array{1, 2}, 7, deadline);  // the other takes 10 s
    QVERIFY2(first.ok(), first.status().ToString().c_str());
    QCOMPARE(*first, 1);
  }
  void aChangedSpecUndoesWhatWas() {
    auto ranks = MakeInProcessTransports(3);
    for (auto& rank : ranks) ShapeLinks(SpecOf(0, 10'000, 1, 10'000), *rank);
    const auto wider = ApplyKnob(SpecOf(0, 10'000, 1, 10'000), "/network/latency_ms", "0");
    QVERIFY2(wider.ok(), wider.status().ToString().c_str());
    for (auto& rank : ranks) ShapeLinks(*wider, *rank);
    QCOMPARE(PairLink(*wider, 0, 2).latency_ms, 10'000.0);  // the worker's own is left
    const auto nearer = ApplyKnob(*wider, "/workers/1/latency_ms", "15");
    QVERIFY2(nearer.ok(), nearer.status().ToString().c_str());
    for (auto& rank : ranks) ShapeLinks(*nearer, *rank);
    const double seconds = SecondsOf(ranks, 2, 0, 1'000);  // 8 ms and 15 ms, no more 20 s
    QVERIFY2(seconds >= 0.023 && seconds < 10, qPrintable(QString::number(seconds)));
  }
};

CONCERTINA_TEST(PairLinkTest)

}  // namespace concertina::pair_link_test

#include "pair_link_test.moc"
