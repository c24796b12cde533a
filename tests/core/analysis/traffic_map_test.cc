// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// traffic_map_test.cc: patterns known from books get their short words, and every flow is in one group.
#include "core/analysis/traffic_map.h"

#include <QTest>
#include <cmath>

#include "core/base/rng.h"
#include "nlohmann/json.hpp"
#include "tests/test_program.h"

namespace concertina::traffic_map_test {
namespace {

using Json = nlohmann::json;
using Kind = TrafficGroup::Kind;

Json PlanOf(int data, int pipeline = 1, int tensor = 1, int servers = 0) {
  Json workers = Json::array();
  int rank = 0;
  for (int d = 0; d < data; ++d)
    for (int p = 0; p < pipeline; ++p)
      for (int t = 0; t < tensor; ++t)
        workers.push_back(
            {{"rank", rank++}, {"axis", {{"data", d}, {"pipeline", p}, {"tensor", t}}}, {"role", "worker"}});
  for (int s = 0; s < servers; ++s) workers.push_back({{"rank", rank++}, {"role", "server"}});
  return {{"workers", workers}, {"pattern", {{"rounds", 6}, {"flows", Json::array()}}}};
}
void Send(Json& plan, int from, int to, double bytes = 1000, double messages = 2) {
  plan["pattern"]["flows"].push_back({{"from", from}, {"to", to}, {"bytes", bytes}, {"messages", messages}});
}
std::vector<TrafficGroup> GroupsOf(const Json& plan) { return TrafficGroupsOf(TrafficMapOf(plan.dump())); }

}  // namespace

class TrafficMapTest : public QObject {
  Q_OBJECT

 private slots:
  void aRingIsEachToTheNext() {
    Json plan = PlanOf(5);
    for (int r = 0; r < 5; ++r)
      Send(plan, r, (r + 1) % 5, 1000 + (r == 2 ? 4 : 0), 8);  // 5 does not divide d
    const auto groups = GroupsOf(plan);
    QCOMPARE(groups.size(), size_t{1});
    QVERIFY(groups[0].kind == Kind::kNext);
    QCOMPARE(groups[0].flows, 5);
    QCOMPARE(groups[0].messages, 8.0);
    QVERIFY(std::abs(groups[0].bytes - 1000.8) < 1e-9);
  }

  void theSlowestLinkIsFoundWhereTheyDiffer() {
    Json plan = PlanOf(3);
    for (int r = 0; r < 3; ++r) {
      Send(plan, r, (r + 1) % 3, 125'000, 4);
      plan["pattern"]["flows"].back()["bandwidth_mbit"] = 100;
    }
    QVERIFY(TrafficMapOf(plan.dump()).SlowestFlow() == nullptr);  // all alike
    Json& flow = plan["pattern"]["flows"][1];
    flow["bandwidth_mbit"] = 10;
    flow["latency_ms"] = 5;
    const TrafficMap map = TrafficMapOf(plan.dump());
    const TrafficFlow* slowest = map.SlowestFlow();
    QVERIFY(slowest != nullptr);
    QCOMPARE(slowest->from, 1);
    QVERIFY(std::abs(slowest->LinkSeconds() - 0.105) < 1e-12);  // 1 Mbit over 10 Mbit/s, and 5 ms
    QCOMPARE(QString::fromStdString(slowest->LinkText()), QString("10 Mbit/s, 5 ms"));
    flow["mean_delay_ms"] = 5;  // as the latency: neither jitter nor loss
    QCOMPARE(QString::fromStdString(TrafficMapOf(plan.dump()).flows[1].LinkText()),
             QString("10 Mbit/s, 5 ms"));
    flow["mean_delay_ms"] = 7;
    QCOMPARE(QString::fromStdString(TrafficMapOf(plan.dump()).flows[1].LinkText()),
             QString("10 Mbit/s, 5 ms, 7 ms on average"));
    QVERIFY(std::abs(TrafficMapOf(plan.dump()).SlowestFlow()->LinkSeconds() - 0.107) < 1e-12);
    flow["mean_delay_ms"] = -1;
    flow["bandwidth_mbit"] = -3;  // is none
    flow["latency_ms"] = "much";
    QCOMPARE(QString::fromStdString(TrafficMapOf(plan.dump()).flows[1].LinkText()), QString("free"));
  }

  void twoAreEachOther() {
    Json plan = PlanOf(2);
    Send(plan, 0, 1);
    Send(plan, 1, 0);
    const auto groups = GroupsOf(plan);
    QCOMPARE(groups.size(), size_t{1});
    QVERIFY(groups[0].kind == Kind::kOther);
  }

  void everybodyToEverybody() {
    Json plan = PlanOf(6);
    for (int a = 0; a < 6; ++a)
      for (int b = 0; b < 6; ++b)
        if (a != b) Send(plan, a, b);
    const auto groups = GroupsOf(plan);
    QCOMPARE(groups.size(), size_t{1});
    QVERIFY(groups[0].kind == Kind::kEveryOther);
    QCOMPARE(groups[0].flows, 30);
  }

  void halvingAndDoublingArePartners() {
    Json plan = PlanOf(8);
    for (int r = 0; r < 8; ++r)
      for (const int bit : {1, 2, 4}) Send(plan, r, r ^ bit, 8000.0 / bit);
    const auto groups = GroupsOf(plan);
    QCOMPARE(groups.size(), size_t{3});
    // At distance 4 of 8 the partner is also the rank four further.
    QVERIFY(groups[0].kind == Kind::kPartner && groups[0].distance == 1);
    QVERIFY(groups[1].kind == Kind::kPartner && groups[1].distance == 2);
    QVERIFY(groups[2].kind == Kind::kOffset && groups[2].distance == 4);
  }

  void aServerIsAHub() {
    for (const bool dedicated : {false, true}) {
      Json plan = PlanOf(4, 1, 1, dedicated ? 1 : 0);
      const int hub = dedicated ? 4 : 0;
      for (int r = 0; r < 4; ++r) {
        if (r == hub) continue;
        Send(plan, r, hub, 500);
        Send(plan, hub, r, 900);
      }
      const auto groups = GroupsOf(plan);
      QCOMPARE(groups.size(), size_t{2});
      QVERIFY(groups[0].kind == Kind::kFromHub && groups[0].hub == hub);
      QVERIFY(groups[1].kind == Kind::kToHub && groups[1].bytes == 500);
      QCOMPARE(TrafficMapOf(plan.dump()).ranks.back().server, dedicated);
    }
  }

  void eachPartOfAModelHasItsServer() {
    for (const bool dedicated : {false, true}) {
      Json plan = PlanOf(3, 2, 1, dedicated ? 2 : 0);  // rank = d 2 + p, and then a server of each p
      for (int d = 0; d < 3; ++d)
        for (int p = 0; p < 2; ++p) {
          const int rank = d * 2 + p, hub = dedicated ? 6 + p : p;
          Send(plan, rank, d * 2 + (1 - p), 70);
          if (rank == hub) continue;
          Send(plan, rank, hub, 500 + p * 100);
          Send(plan, hub, rank, 900 + p * 100);
        }
      std::vector<TrafficGroup> hubs;
      for (const TrafficGroup& group : GroupsOf(plan)) {
        QVERIFY(group.kind != Kind::kPair);
        if (group.kind == Kind::kToHub || group.kind == Kind::kFromHub) hubs.push_back(group);
      }
      QCOMPARE(hubs.size(), size_t{4});
      for (const TrafficGroup& group : hubs) QCOMPARE(group.flows, dedicated ? 3 : 2);
      // The busiest first.
      QVERIFY(hubs[0].kind == Kind::kFromHub && hubs[0].hub == (dedicated ? 7 : 1) && hubs[0].bytes == 1000);
      QVERIFY(hubs[3].kind == Kind::kToHub && hubs[3].hub == (dedicated ? 6 : 0) && hubs[3].bytes == 500);
    }
  }

  void axesAreToldApart() {
    Json plan = PlanOf(3, 2, 2);  // rank = (d 2 + p) 2 + t
    for (int d = 0; d < 3; ++d)
      for (int p = 0; p < 2; ++p)
        for (int t = 0; t < 2; ++t) {
          const int rank = (d * 2 + p) * 2 + t;
          Send(plan, rank, ((d + 1) % 3 * 2 + p) * 2 + t, 100);
          Send(plan, rank, (d * 2 + p) * 2 + (1 - t), 7000);
          if (p == 0) Send(plan, rank, (d * 2 + 1) * 2 + t, 600);  // activations
          if (p == 1) Send(plan, rank, (d * 2 + 0) * 2 + t, 600);  // and their gradients
        }
    const auto groups = GroupsOf(plan);
    QCOMPARE(groups.size(), size_t{4});
    QVERIFY(groups[0].kind == Kind::kOther && groups[0].axis == 2);
    QVERIFY(groups[1].axis == 1 && groups[2].axis == 1);
    QVERIFY((groups[1].kind == Kind::kNext) != (groups[2].kind == Kind::kNext));
    QVERIFY(groups[3].kind == Kind::kNext && groups[3].axis == 0);
  }

  void whatIsNotAlikeStaysApart() {
    Json plan = PlanOf(4);
    for (int r = 0; r < 4; ++r) Send(plan, r, (r + 1) % 4, r == 0 ? 2000 : 1000);
    QCOMPARE(GroupsOf(plan).size(), size_t{4});
    QVERIFY(GroupsOf(plan)[0].kind == Kind::kPair);
    QCOMPARE(GroupsOf(plan)[0].from, 0);
  }

  void everyFlowIsInOneGroup() {
    Rng rng(3, "flows");
    for (int round = 0; round < 200; ++round) {
      const int ranks = 2 + static_cast<int>(rng.Next() % 7);
      Json plan = PlanOf(ranks);
      for (int a = 0; a < ranks; ++a)
        for (int b = 0; b < ranks; ++b)
          if (a != b && rng.Next() % 3 != 0) Send(plan, a, b, static_cast<double>(1 + rng.Next() % 3) * 100);
      const TrafficMap map = TrafficMapOf(plan.dump());
      int flows = 0;
      double bytes = 0;
      for (const TrafficGroup& group : TrafficGroupsOf(map)) {
        flows += group.flows;
        bytes += group.bytes * group.flows;
      }
      QCOMPARE(flows, static_cast<int>(map.flows.size()));
      QVERIFY(std::abs(bytes - map.total_bytes()) <= 1e-9 * bytes);
    }
  }

  void sumsAreOfBothDirections() {
    Json plan = PlanOf(3);
    Send(plan, 0, 1, 10, 1);
    Send(plan, 0, 2, 20, 2);
    Send(plan, 2, 0, 5, 3);
    Send(plan, 0, 1, 1, 1);  // a second flow between the same two: one arrow
    const TrafficMap map = TrafficMapOf(plan.dump());
    QCOMPARE(map.flows.size(), size_t{3});
    QCOMPARE(map.BytesOut(0), 31.0);
    QCOMPARE(map.MessagesOut(0), 4.0);
    QCOMPARE(map.BytesIn(0), 5.0);
    QCOMPARE(map.MessagesIn(1), 2.0);
    QCOMPARE(map.rounds, 6.0);
  }

  void whatMakesNoSenseIsLeftOut_data() {
    QTest::addColumn<QByteArray>("plan");
    for (
        const char* plan :
        {"", "null", "[]", "{}", R"({"workers": 3, "pattern": []})",
         R"({"workers": [{"rank": -1}, {"rank": 1.5}, {"rank": 1e300}, {"rank": "0"}, 7]})",
         R"({"workers": [{"rank": 0}], "pattern": {"rounds": "x", "flows": {"from": 0}}})",
         R"({"workers": [{"rank": 0}], "pattern": {"flows": [{"from": 0, "to": 9}, {"from": 0, "to": 0}, 5]}})"})
      QTest::newRow(plan) << QByteArray(plan);
  }
  void whatMakesNoSenseIsLeftOut() {
    QFETCH(QByteArray, plan);
    const TrafficMap map = TrafficMapOf(plan.toStdString());
    QVERIFY(map.flows.empty());
    QVERIFY(map.ranks.size() <= 1);
    QVERIFY(TrafficGroupsOf(map).empty());
  }
};

CONCERTINA_TEST(TrafficMapTest)

}  // namespace concertina::traffic_map_test

#include "traffic_map_test.moc"
