// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// server_shard_test.cc: what a server makes of pushes: staleness, damping, means, bounds and elastic pulls.
#include "core/parallel/server_shard.h"

#include <QTest>
#include <algorithm>
#include <cmath>

#include "served_ranks.h"
#include "tests/test_program.h"

namespace concertina::server_shard_test {

using namespace served_ranks;  // NOLINT(google-build-using-namespace): what its ranks are
namespace {

ServerShard ShardOf(const ServerRule& rule, int workers, const Floats& initial) {
  auto optimizer = Make<Optimizer>("optimizer", {{"kind", "sgd"}, {"learning_rate", 1}});
  (*optimizer)->Prepare({{.name = "w", .shape = {1}, .count = static_cast<int64_t>(initial.size())}});
  return ServerShard(rule, workers, initial, *std::move(optimizer));
}

void PushTo(ServerShard& shard, int worker, int64_t step, const Floats& gradient, double learning_rate = 1) {
  shard.Begin({.worker = worker, .step = step, .learning_rate = learning_rate});
  shard.Take(0, gradient);
  shard.End();
}

std::vector<int> Answered(ServerShard& shard) {
  std::vector<int> answered;
  while (const auto worker = shard.NextAnswer()) answered.push_back(*worker);
  std::sort(answered.begin(), answered.end());
  return answered;
}

}  // namespace

class ServerShardTest : public QObject {
  Q_OBJECT
 private slots:
  void stalenessIsThatOfAHandMadeSchedule();
  void dampingScalesTheLearningRate_data();
  void dampingScalesTheLearningRate();
  void aMeanTakesTheFirstAndDropsTheLate();
  void aBoundHoldsAnAnswerBack();
  void anElasticPullKeepsTheSum();
  void damagedServerStateIsRefused();
};

// Worker 0 and 1 fetch version 0. The schedule: 0 pushes (nothing in between: 0), 0 pushes again (0), 1
// pushes (two updates since it fetched: 2), 0 pushes (one: 1), 1 pushes (one: 1), 1 pushes (0).
void ServerShardTest::stalenessIsThatOfAHandMadeSchedule() {
  ServerShard shard = ShardOf({}, 2, {10, 20});
  const std::vector<std::pair<int, int64_t>> schedule = {{0, 0}, {0, 0}, {1, 2}, {0, 1}, {1, 1}, {1, 0}};
  int64_t clock[2] = {0, 0};
  float w = 10;
  for (const auto& [worker, staleness] : schedule) {
    PushTo(shard, worker, clock[worker]++, {1, 1}, 0.5);
    w -= 0.5F;
    QCOMPARE(shard.outcome(worker).staleness, staleness);
    QCOMPARE(Answered(shard), std::vector<int>{worker});
    QCOMPARE(shard.answer(worker)[0], w);
    QCOMPARE(shard.answer(worker)[1], w + 10);
  }
  QCOMPARE(shard.version(), int64_t{6});
}

void ServerShardTest::dampingScalesTheLearningRate_data() {
  QTest::addColumn<int>("damping");
  QTest::addColumn<float>("after");  // three pushes of 1 at rate 0.3; the third is 2 updates stale
  QTest::newRow("none") << int(ServerRule::Damping::kNone) << -0.9F;
  QTest::newRow("inverse") << int(ServerRule::Damping::kInverse) << -0.3F - 0.3F - 0.1F;
  QTest::newRow("workers") << int(ServerRule::Damping::kWorkers) << -0.9F / 3;
}

void ServerShardTest::dampingScalesTheLearningRate() {
  QFETCH(int, damping);
  QFETCH(float, after);
  ServerShard shard = ShardOf({.damping = static_cast<ServerRule::Damping>(damping)}, 3, {0});
  for (const int worker : {0, 0, 2}) {
    PushTo(shard, worker, 0, {1}, 0.3);
    Answered(shard);
  }
  QVERIFY(std::abs(shard.parameters()[0] - after) < 1e-6F);  // three float operations of about 0.3
}

void ServerShardTest::aMeanTakesTheFirstAndDropsTheLate() {
  ServerShard shard = ShardOf({.update = ServerRule::Update::kMean, .backup_workers = 1}, 3, {0});
  PushTo(shard, 2, 0, {1});
  QVERIFY(Answered(shard).empty());
  QVERIFY(!shard.outcome(2).answered);
  PushTo(shard, 0, 0, {3});
  QCOMPARE(Answered(shard), (std::vector<int>{0, 2}));
  QCOMPARE(shard.parameters()[0], -2.0F);  // the mean of 1 and 3
  PushTo(shard, 1, 0, {100});              // of the version before
  QVERIFY(shard.outcome(1).dropped);
  QCOMPARE(shard.outcome(1).staleness, int64_t{1});
  QCOMPARE(Answered(shard), std::vector<int>{1});
  QCOMPARE(shard.answer(1)[0], -2.0F);
  PushTo(shard, 1, 1, {2});  // now it is of this version
  QVERIFY(!shard.outcome(1).dropped);
  // Who meets the others pushes nothing: with one at a meeting and one lost, one gradient is a mean.
  shard.SetMeeting(0, true);
  QVERIFY(Answered(shard).empty());
  shard.Lose(2);
  QCOMPARE(Answered(shard), std::vector<int>{1});
  QCOMPARE(shard.parameters()[0], -4.0F);
}

void ServerShardTest::aBoundHoldsAnAnswerBack() {
  ServerShard shard = ShardOf({.staleness_bound = 1}, 2, {0});
  PushTo(shard, 0, 0, {1});
  QCOMPARE(Answered(shard), std::vector<int>{0});  // one ahead
  QCOMPARE(shard.outcome(0).lead, int64_t{1});
  PushTo(shard, 0, 1, {1});
  QVERIFY(Answered(shard).empty());  // it would be two ahead
  PushTo(shard, 1, 0, {1});
  QCOMPARE(Answered(shard), (std::vector<int>{0, 1}));
  QCOMPARE(shard.answer(0)[0], -3.0F);  // and it sees what it waited for
  PushTo(shard, 0, 2, {1});
  QVERIFY(Answered(shard).empty());
  shard.Lose(1);
  QCOMPARE(Answered(shard), std::vector<int>{0});
}

void ServerShardTest::anElasticPullKeepsTheSum() {
  ServerShard shard({.update = ServerRule::Update::kElastic, .moving_rate = 0.5}, 2, Floats{0, 8}, nullptr);
  PushTo(shard, 1, 0, {4, 8});  // alpha = 0.5 / 2
  QCOMPARE(Answered(shard), std::vector<int>{1});
  QCOMPARE(shard.parameters()[0], 1.0F);
  QCOMPARE(shard.answer(1)[0], 3.0F);
  QCOMPARE(shard.parameters()[1], 8.0F);
  QCOMPARE(shard.answer(1)[1], 8.0F);
}

void ServerShardTest::damagedServerStateIsRefused() {
  ServerShard shard = ShardOf({}, 2, {1, 2, 3});
  PushTo(shard, 0, 0, {1, 1, 1});
  std::vector<uint8_t> state;
  shard.SaveState(state);
  for (size_t bytes = 0; bytes < state.size(); ++bytes) {
    std::span<const uint8_t> cut = std::span<const uint8_t>(state).first(bytes);
    QCOMPARE(ShardOf({}, 2, {0, 0, 0}).LoadState(cut).code(), absl::StatusCode::kDataLoss);
  }
  std::vector<uint8_t> odd = state;
  odd[7] = 0xff;  // a negative version
  std::span<const uint8_t> all = odd;
  QCOMPARE(ShardOf({}, 2, {0, 0, 0}).LoadState(all).code(), absl::StatusCode::kDataLoss);
  odd = state;
  odd[8 + 7] = 0x7f;  // a clock that one more push would overflow
  all = odd;
  QCOMPARE(ShardOf({}, 2, {0, 0, 0}).LoadState(all).code(), absl::StatusCode::kDataLoss);
  all = state;
  ServerShard again = ShardOf({}, 2, {0, 0, 0});
  QVERIFY(again.LoadState(all).ok() && all.empty());
  QVERIFY(std::equal(again.parameters().begin(), again.parameters().end(), shard.parameters().begin()));
}

CONCERTINA_TEST(ServerShardTest)

}  // namespace concertina::server_shard_test

#include "server_shard_test.moc"
