// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// parameter_server_test.cc: exchanges whose workers do not keep step: what a server makes of pushes, how far
// ranks get apart, who is lost, and the bytes foretold.
#include <QTest>
#include <algorithm>
#include <array>
#include <atomic>
#include <cmath>
#include <functional>
#include <thread>

#include "core/base/registry.h"
#include "core/base/rng.h"
#include "core/parallel/exchange.h"
#include "core/parallel/server_shard.h"
#include "nlohmann/json.hpp"

namespace concertina {
namespace {

using nlohmann::json;
using Floats = std::vector<float>;
constexpr int64_t kFloats = 5000;  // over several parameters

std::vector<ParameterSlot> Slots(int64_t floats = kFloats) {
  std::vector<ParameterSlot> layout;
  int64_t offset = 0;
  for (const int64_t count : {floats - 2000, int64_t{1}, int64_t{1499}, int64_t{500}}) {
    layout.push_back(
        {.name = "p" + std::to_string(offset), .shape = {count}, .offset = offset, .count = count});
    offset += count;
  }
  return layout;
}

template <class Component>
absl::StatusOr<std::unique_ptr<Component>> Make(const std::string& category, const json& spec) {
  std::vector<Fault> faults;
  const Params params = Registry::Global().Check(category, spec, "", faults);
  RETURN_IF_ERROR(FaultsToStatus(faults));
  return Registry::Global().Create<Component>(category, params);
}

// What each worker measured, by step.
class MemoryRecorder final : public Recorder {
 public:
  Series Open(std::string_view name, std::string_view, RankFold) override {
    names.emplace_back(name);
    values.emplace_back();
    return static_cast<Series>(names.size() - 1);
  }
  void Record(Series series, int64_t, double value) override {
    values[static_cast<size_t>(series)].push_back(value);
  }
  std::vector<double> of(std::string_view name) const {
    for (size_t i = 0; i < names.size(); ++i)
      if (names[i] == name) return values[i];
    return {};
  }
  std::vector<std::string> names;
  std::vector<std::vector<double>> values;
};

struct Case {
  json exchange;
  json optimizer = {{"kind", "sgd"}, {"learning_rate", 0.1}};
  json codec = nullptr;
  int workers = 2;
  int steps = 20;
  int64_t floats = kFloats;
  int dead_rank = -1;  // vanishes before dead_step
  int dead_step = 0;
  // The gradient of a worker's step, from the parameters that it has.
  std::function<void(int rank, int64_t step, std::span<const float> parameters, std::span<float> gradient)>
      gradient;
  std::function<void(int rank, int64_t step)> before_step;  // when it may begin
  std::function<float(int rank, int64_t i)> initial = [](int, int64_t) { return 0.0F; };
  std::vector<std::vector<uint8_t>> states;  // to go on from
  bool keeps_state = false;
};

struct Rank {
  Floats parameters;
  ByteCounts counts;  // of the steps
  MemoryRecorder recorder;
  std::vector<uint8_t> state;
  bool had_to_wait = false;
  absl::Status status;
};

// The way of the step loop: turns, steps, the meeting at the end, what was agreed.
absl::Status Train(Exchange& exchange, Rank& rank, const Case& c, ExchangeContext context, int r,
                   const std::vector<int>& order, Transport& transport) {
  RETURN_IF_ERROR(exchange.Prepare(context));
  if (!c.states.empty()) RETURN_IF_ERROR(exchange.LoadState(c.states[static_cast<size_t>(r)]));
  // As in the step loop: nobody is lost before all are ready to outlive it.
  std::vector<int> all(static_cast<size_t>(transport.size()));
  for (size_t i = 0; i < all.size(); ++i) all[i] = static_cast<int>(i);
  RETURN_IF_ERROR(Communicator(transport, all, 9).Barrier(Deadline::After(20)));
  std::unique_ptr<Optimizer> own;
  if (!exchange.Updates(*context.layout, order, r, c.workers).empty()) {
    ASSIGN_OR_RETURN(own, Make<Optimizer>("optimizer", c.optimizer));
    own->Prepare(*context.layout);
  }
  const auto nothing = [] { return absl::OkStatus(); };
  for (int64_t step = 0; step < c.steps && r < c.workers; ++step) {
    if (r == c.dead_rank && step == c.dead_step) {
      transport.Abort(absl::UnavailableError("rank " + std::to_string(r) + " vanished"));
      return absl::OkStatus();
    }
    const Deadline deadline = Deadline::After(20);
    for (;;) {
      ASSIGN_OR_RETURN(const bool may_begin, exchange.AwaitTurn(step, 0.001));
      if (may_begin) break;
      rank.had_to_wait = true;
      if (deadline.Passed()) return absl::DeadlineExceededError("its turn never comes");
    }
    if (c.before_step) c.before_step(r, step);
    RETURN_IF_ERROR(exchange.Begin(step));
    c.gradient(r, step, context.parameters, context.gradients);
    for (const int parameter : order) exchange.GradientReady(parameter);
    RETURN_IF_ERROR(exchange
                        .Finish(step,
                                [&](int64_t offset, int64_t count) {
                                  own->Update(step, own->base_learning_rate(), offset,
                                              context.gradients.subspan(static_cast<size_t>(offset),
                                                                        static_cast<size_t>(count)),
                                              context.parameters.subspan(static_cast<size_t>(offset),
                                                                         static_cast<size_t>(count)));
                                })
                        .status());
  }
  if (exchange.lockstep()) {
    for (int64_t step = 0; step < c.steps && r >= c.workers; ++step) {
      RETURN_IF_ERROR(exchange.Begin(step));
      RETURN_IF_ERROR(exchange.Finish(step, [](int64_t, int64_t) {}).status());
    }
    rank.counts = transport.counts();
    return absl::OkStatus();
  }
  RETURN_IF_ERROR(exchange.Meet(1, nothing).status());
  rank.counts = transport.counts();
  if (c.keeps_state) exchange.SaveState(rank.state);
  RETURN_IF_ERROR(exchange.Meet(1, nothing).status());  // all have counted what the steps sent
  RETURN_IF_ERROR(exchange.Settle());
  return exchange.Meet(2, nothing).status();
}

std::vector<Rank> Run(const Case& c) {
  const std::vector<ParameterSlot> layout = Slots(c.floats);
  const std::vector<int> order = {3, 2, 1, 0};
  const auto probe = Make<Exchange>("exchange", c.exchange);
  if (!probe.ok()) qWarning("%s", std::string(probe.status().message()).c_str());
  const int size = c.workers + (*probe)->servers();
  auto transports = MakeInProcessTransports(size);
  std::vector<int> members;
  for (int i = 0; i < size; ++i) members.push_back(i);
  std::vector<Rank> ranks(static_cast<size_t>(size));
  std::vector<std::thread> threads;
  for (int r = 0; r < size; ++r)
    threads.emplace_back([&, r] {
      Rank& rank = ranks[static_cast<size_t>(r)];
      Transport& transport = *transports[static_cast<size_t>(r)];
      Communicator communicator(transport, members, 1);
      auto exchange = *Make<Exchange>("exchange", c.exchange);
      rank.parameters.resize(static_cast<size_t>(c.floats));
      for (int64_t i = 0; i < c.floats; ++i) rank.parameters[static_cast<size_t>(i)] = c.initial(r, i);
      Floats gradients(rank.parameters.size());
      ExchangeContext context;
      context.data = &communicator;
      context.layout = &layout;
      context.gradient_order = &order;
      context.parameters = rank.parameters;
      context.gradients = gradients;
      context.make_optimizer = [&] { return Make<Optimizer>("optimizer", c.optimizer); };
      context.learning_rate = [&](int64_t) { return c.optimizer["learning_rate"].get<double>(); };
      context.recorder = &rank.recorder;
      context.deadline_seconds = 10;
      if (r >= c.workers) context.may_overlap = false;
      if (!c.codec.is_null()) context.make_codec = [&] { return Make<Codec>("gradient-codec", c.codec); };
      rank.status = Train(*exchange, rank, c, context, r, order, transport);
      if (!rank.status.ok()) transport.Abort(rank.status);
      exchange.reset();
    });
  for (std::thread& thread : threads) thread.join();
  return ranks;
}

// A bowl: the gradient of ||w - target||^2 / 2, with some noise of its own.
void Bowl(int rank, int64_t step, std::span<const float> w, std::span<float> g) {
  Rng rng(3, "noise", static_cast<uint64_t>(step * 100 + rank));
  for (size_t i = 0; i < w.size(); ++i)
    g[i] = w[i] - static_cast<float>(i % 7) + 0.01F * static_cast<float>(rng.Normal());
}

// Seconds of pretended work, drawn anew for each step and rank.
void WorkAWhile(int rank, int64_t step) {
  Rng rng(11, "delay", static_cast<uint64_t>(step * 100 + rank));
  std::this_thread::sleep_for(std::chrono::microseconds(50 + static_cast<int>(800 * rng.Uniform())));
}

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

#define VERIFY_WELL(ranks) \
  for (const Rank& rank : ranks) QVERIFY2(rank.status.ok(), std::string(rank.status.message()).c_str())

}  // namespace

class ParameterServerTest : public QObject {
  Q_OBJECT
 private slots:
  void stalenessIsThatOfAHandMadeSchedule();
  void dampingScalesTheLearningRate_data();
  void dampingScalesTheLearningRate();
  void aMeanTakesTheFirstAndDropsTheLate();
  void aBoundHoldsAnAnswerBack();
  void anElasticPullKeepsTheSum();
  void damagedServerStateIsRefused();
  void oneWorkerEqualsPlainTraining_data();
  void oneWorkerEqualsPlainTraining();
  void bytesAreAsForetold_data();
  void bytesAreAsForetold();
  void workersFindTheBottomTogether_data() { bytesAreAsForetold_data(); }
  void workersFindTheBottomTogether();
  void theBoundIsNeverPassed_data();
  void theBoundIsNeverPassed();
  void backupWorkersDropTheSlowest();
  void withoutGradientsWorkersAndCentreAgree();
  void whatWasSavedGoesOn();
  void aLostWorkerIsNotWaitedFor_data();
  void aLostWorkerIsNotWaitedFor();
  void aLostServerEndsTheRunWithItsName();
  void whatContradictsItselfIsRefused_data();
  void whatContradictsItselfIsRefused();
  void anUnscaledLearningRateIsWarnedOf();
};

// Worker 0 and 1 fetch version 0. The schedule: 0 pushes (nothing in between: 0), 0 pushes again (0), 1
// pushes (two updates since it fetched: 2), 0 pushes (one: 1), 1 pushes (one: 1), 1 pushes (0).
void ParameterServerTest::stalenessIsThatOfAHandMadeSchedule() {
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

void ParameterServerTest::dampingScalesTheLearningRate_data() {
  QTest::addColumn<int>("damping");
  QTest::addColumn<float>("after");  // three pushes of 1 at rate 0.3; the third is 2 updates stale
  QTest::newRow("none") << int(ServerRule::Damping::kNone) << -0.9F;
  QTest::newRow("inverse") << int(ServerRule::Damping::kInverse) << -0.3F - 0.3F - 0.1F;
  QTest::newRow("workers") << int(ServerRule::Damping::kWorkers) << -0.9F / 3;
}

void ParameterServerTest::dampingScalesTheLearningRate() {
  QFETCH(int, damping);
  QFETCH(float, after);
  ServerShard shard = ShardOf({.damping = static_cast<ServerRule::Damping>(damping)}, 3, {0});
  for (const int worker : {0, 0, 2}) {
    PushTo(shard, worker, 0, {1}, 0.3);
    Answered(shard);
  }
  QVERIFY(std::abs(shard.parameters()[0] - after) < 1e-6F);  // three float operations of about 0.3
}

void ParameterServerTest::aMeanTakesTheFirstAndDropsTheLate() {
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

void ParameterServerTest::aBoundHoldsAnAnswerBack() {
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

void ParameterServerTest::anElasticPullKeepsTheSum() {
  ServerShard shard({.update = ServerRule::Update::kElastic, .moving_rate = 0.5}, 2, Floats{0, 8}, nullptr);
  PushTo(shard, 1, 0, {4, 8});  // alpha = 0.5 / 2
  QCOMPARE(Answered(shard), std::vector<int>{1});
  QCOMPARE(shard.parameters()[0], 1.0F);
  QCOMPARE(shard.answer(1)[0], 3.0F);
  QCOMPARE(shard.parameters()[1], 8.0F);
  QCOMPARE(shard.answer(1)[1], 8.0F);
}

void ParameterServerTest::damagedServerStateIsRefused() {
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
  all = state;
  ServerShard again = ShardOf({}, 2, {0, 0, 0});
  QVERIFY(again.LoadState(all).ok() && all.empty());
  QVERIFY(std::equal(again.parameters().begin(), again.parameters().end(), shard.parameters().begin()));
}

void ParameterServerTest::oneWorkerEqualsPlainTraining_data() {
  QTest::addColumn<QString>("exchange");
  QTest::addColumn<QString>("optimizer");
  for (const std::string& optimizer : Registry::Global().Kinds("optimizer"))
    for (const char* exchange :
         {R"({"kind": "parameter-server", "mode": "async"})",
          R"({"kind": "parameter-server", "mode": "async", "shards": 3})",
          R"({"kind": "parameter-server", "mode": "async", "shards": 3, "dedicated_servers": 2})",
          R"({"kind": "parameter-server", "mode": "stale-synchronous", "staleness_bound": 0})"})
      QTest::addRow("%s, %s", optimizer.c_str(), exchange) << exchange << QString::fromStdString(optimizer);
}

void ParameterServerTest::oneWorkerEqualsPlainTraining() {
  QFETCH(QString, exchange);
  QFETCH(QString, optimizer);
  const Case c{.exchange = json::parse(exchange.toStdString()),
               .optimizer = {{"kind", optimizer.toStdString()}, {"learning_rate", 0.05}},
               .workers = 1,
               .gradient = Bowl};
  const auto ranks = Run(c);
  VERIFY_WELL(ranks);
  auto plain = *Make<Optimizer>("optimizer", c.optimizer);
  plain->Prepare(Slots());
  Floats w(kFloats), g(kFloats);
  for (int64_t step = 0; step < c.steps; ++step) {
    Bowl(0, step, w, g);
    plain->Update(step, 0.05, 0, g, w);
  }
  for (size_t i = 0; i < w.size(); ++i) QCOMPARE(ranks[0].parameters[i], w[i]);  // the same bits
  for (const double staleness : ranks[0].recorder.of("async/staleness")) QCOMPARE(staleness, 0.0);
}

void ParameterServerTest::bytesAreAsForetold_data() {
  QTest::addColumn<QString>("exchange");
  QTest::addColumn<QString>("codec");
  QTest::addColumn<int>("workers");
  for (const int workers : {1, 2, 3})
    for (const char* exchange :
         {R"({"kind": "parameter-server", "mode": "async"})",
          R"({"kind": "parameter-server", "mode": "async", "shards": 5})",
          R"({"kind": "parameter-server", "mode": "async", "shards": 3, "dedicated_servers": 2})",
          R"({"kind": "parameter-server", "mode": "sync", "shards": 3, "dedicated_servers": 2})",
          R"({"kind": "parameter-server", "mode": "stale-synchronous", "staleness_bound": 1000})",
          R"({"kind": "easgd", "period": 4, "shards": 2})",
          R"({"kind": "easgd", "period": 2, "shards": 2, "dedicated_servers": 1})"})
      for (const char* codec : {"none", "fp16", "top-k", "random-k"}) {
        if (std::string_view(exchange).find("easgd") != std::string_view::npos &&
            std::string_view(codec) != "none")
          continue;
        QTest::addRow("%d, %s, %s", workers, exchange, codec) << exchange << codec << workers;
      }
  for (const int backup : {0, 1, 2})
    QTest::addRow("3, %d backup workers", backup)
        << QString(R"({"kind": "parameter-server", "backup_workers": %1})").arg(backup) << "none" << 3;
}

void ParameterServerTest::bytesAreAsForetold() {
  QFETCH(QString, exchange);
  QFETCH(QString, codec);
  QFETCH(int, workers);
  const json spec = json::parse(exchange.toStdString());
  Case c{.exchange = spec, .workers = workers, .gradient = Bowl};
  if (codec != "none") c.codec = {{"kind", codec.toStdString()}};
  const auto ranks = Run(c);
  VERIFY_WELL(ranks);
  Traffic traffic{.floats = kFloats, .ranks = workers};
  const int64_t shards = spec.value("shards", 1);
  if (!c.codec.is_null()) {
    const auto encoder = *Make<Codec>("gradient-codec", c.codec);
    int64_t payload_bytes = 0;
    for (int64_t s = 0; s < shards; ++s)
      payload_bytes += encoder->MaxPayloadBytes(kFloats * (s + 1) / shards - kFloats * s / shards);
    if (encoder->sum() == Codec::Sum::kGathered)
      traffic.encoded_bytes = payload_bytes;
    else
      traffic.element_bytes = static_cast<double>(payload_bytes) / kFloats;
  }
  const Pattern pattern = (*Make<Exchange>("exchange", spec))->PatternOf(traffic);
  for (size_t rank = 0; rank < ranks.size(); ++rank) {
    double bytes = 0;
    for (const Flow& flow : pattern.flows)
      if (flow.from == static_cast<int>(rank)) bytes += flow.bytes * c.steps;
    const double sent = static_cast<double>(ranks[rank].counts.payload_sent);
    // Shards that d does not divide, a header of 64 bytes to each at the meeting, and one a step and worker
    // where answers have to wait.
    const double slack = 4.0 * workers * static_cast<double>(shards) * c.steps + 64.0 * 2 * 5 +
                         (spec.value("backup_workers", 0) > 0 ? 64.0 * workers * c.steps : 0);
    QVERIFY2(std::abs(sent - bytes) <= slack + 0.05 * bytes * (codec == "top-k"),
             qPrintable(QString("rank %1: %2 sent, %3 foretold").arg(rank).arg(sent).arg(bytes)));
  }
}

// What asynchrony promises at the least: with a rate that suits it, all end near the same minimum.
void ParameterServerTest::workersFindTheBottomTogether() {
  QFETCH(QString, exchange);
  QFETCH(QString, codec);
  QFETCH(int, workers);
  const json spec = json::parse(exchange.toStdString());
  if (spec.value("mode", "sync") == "sync" && spec["kind"] == "parameter-server" &&
      spec.value("backup_workers", 0) == 0)
    return;  // a lockstep exchange leaves the update to the workers
  Case c{.exchange = spec, .workers = workers, .steps = 200, .gradient = Bowl};
  if (codec != "none") c.codec = {{"kind", codec.toStdString()}};
  if (codec == "top-k") c.codec["ratio"] = 0.2;
  // What waits for its draw would come too late for this rate with several workers.
  if (codec == "random-k") c.codec.update({{"ratio", 0.5}, {"error_feedback", false}, {"unbiased", false}});
  const auto ranks = Run(c);
  VERIFY_WELL(ranks);
  for (const Rank& rank : ranks) {
    if (&rank - ranks.data() >= workers) break;
    for (size_t i = 0; i < rank.parameters.size(); ++i) {
      QCOMPARE(rank.parameters[i], ranks[0].parameters[i]);  // what was agreed is the same everywhere
      // (1 - 0.1)^200 of a distance of 6 is nothing; noise of 0.01 a gradient, a rate of 0.1 and the codec's
      // delay of some steps leave less than this.
      QVERIFY2(std::abs(rank.parameters[i] - static_cast<float>(i % 7)) < 0.2F,
               qPrintable(QString("%1: %2").arg(i).arg(double(rank.parameters[i]))));
    }
  }
}

void ParameterServerTest::theBoundIsNeverPassed_data() {
  QTest::addColumn<int>("bound");
  QTest::addColumn<QString>("places");
  for (const int bound : {0, 1, 3})
    for (const char* places : {R"({})", R"({"shards": 4})", R"({"shards": 2, "dedicated_servers": 2})"})
      QTest::addRow("%d, %s", bound, places) << bound << places;
}

// Ho et al. 2013: who begins step c sees that all have made c - s steps.
void ParameterServerTest::theBoundIsNeverPassed() {
  QFETCH(int, bound);
  QFETCH(QString, places);
  constexpr int kWorkers = 4;
  json spec = json::parse(places.toStdString());
  spec.update({{"kind", "parameter-server"}, {"mode", "stale-synchronous"}, {"staleness_bound", bound}});
  std::array<std::atomic<int64_t>, kWorkers> made = {};  // steps, counted just before they are pushed
  std::atomic<int64_t> furthest = 0;
  Case c{.exchange = spec, .workers = kWorkers, .steps = 150};
  c.before_step = [&](int, int64_t step) {
    int64_t ahead = 0;
    for (const auto& other : made) ahead = std::max(ahead, step - other.load());
    for (int64_t seen = furthest; ahead > seen && !furthest.compare_exchange_weak(seen, ahead);) {
    }
  };
  c.gradient = [&](int rank, int64_t step, std::span<const float> w, std::span<float> g) {
    WorkAWhile(rank, step);
    if (rank == 1 && step % 10 == 0) std::this_thread::sleep_for(std::chrono::milliseconds(3));
    Bowl(rank, step, w, g);
    ++made[static_cast<size_t>(rank)];
  };
  const auto ranks = Run(c);
  VERIFY_WELL(ranks);
  QVERIFY2(furthest <= bound, qPrintable(QString::number(furthest)));
  QVERIFY(std::any_of(ranks.begin(), ranks.end(), [](const Rank& rank) { return rank.had_to_wait; }));
  double lead = 0;
  for (int rank = 0; rank < kWorkers; ++rank)
    for (const double each : ranks[static_cast<size_t>(rank)].recorder.of("async/clock_lead"))
      lead = std::max(lead, each);
  QCOMPARE(lead, static_cast<double>(bound));  // reached, and never passed
  for (const double staleness : ranks[0].recorder.of("async/staleness"))
    QVERIFY(staleness <= (kWorkers - 1) * (2 * bound + 1));  // each other worker moves so far meanwhile
}

void ParameterServerTest::backupWorkersDropTheSlowest() {
  Case c{.exchange = {{"kind", "parameter-server"}, {"backup_workers", 1}},
         .workers = 3,
         .steps = 200,
         .gradient = Bowl};
  c.before_step = [](int rank, int64_t) {
    std::this_thread::sleep_for(std::chrono::microseconds(rank == 2 ? 4000 : 300));
  };
  const auto ranks = Run(c);
  VERIFY_WELL(ranks);
  double dropped[3] = {};
  for (size_t rank = 0; rank < 3; ++rank)
    for (const double each : ranks[rank].recorder.of("async/dropped_gradients")) dropped[rank] += each;
  QVERIFY2(dropped[2] > 5, qPrintable(QString::number(dropped[2])));  // while the two others were there
  QVERIFY(dropped[0] < dropped[2] && dropped[1] < dropped[2]);
}

void ParameterServerTest::withoutGradientsWorkersAndCentreAgree() {
  const auto no_gradient = [](int, int64_t, std::span<const float>, std::span<float> g) {
    std::fill(g.begin(), g.end(), 0.0F);
  };
  // All at one place: nothing moves, not by a bit.
  Case still{.exchange = {{"kind", "easgd"}, {"period", 1}, {"shards", 2}},
             .workers = 3,
             .gradient = no_gradient,
             .initial = [](int, int64_t i) { return 0.1F * static_cast<float>(i % 9); }};
  auto ranks = Run(still);
  VERIFY_WELL(ranks);
  for (const Rank& rank : ranks)
    for (size_t i = 0; i < rank.parameters.size(); ++i)
      QCOMPARE(rank.parameters[i], 0.1F * static_cast<float>(i % 9));
  // From different places, they and the centre come together: the distance shrinks by about 1 - alpha a
  // visit.
  Case apart = still;
  apart.steps = 100;
  apart.initial = [](int rank, int64_t) { return static_cast<float>(rank); };
  apart.exchange["dedicated_servers"] = 1;
  ranks = Run(apart);
  VERIFY_WELL(ranks);
  // The centre began as rank 3's 3, and the sum of all four stays 0 + 1 + 2 + 3: they meet at 1.5.
  for (const Rank& rank : ranks)
    for (const float w : rank.parameters)
      QVERIFY2(std::abs(w - 1.5F) < 1e-3F, qPrintable(QString::number(w)));
}

void ParameterServerTest::whatWasSavedGoesOn() {
  for (
      const char* exchange :
      {R"({"kind": "parameter-server", "mode": "async", "shards": 2})",
       R"({"kind": "parameter-server", "mode": "stale-synchronous", "shards": 2, "dedicated_servers": 1})"}) {
    Case c{.exchange = json::parse(exchange),
           .codec = {{"kind", "top-k"}, {"ratio", 0.2}},
           .workers = 2,
           .steps = 30,
           .gradient = Bowl,
           .keeps_state = true};
    const auto first = Run(c);
    VERIFY_WELL(first);
    Case rest = c;
    rest.steps = 0;
    for (const Rank& rank : first) rest.states.push_back(rank.state);
    const auto second = Run(rest);
    VERIFY_WELL(second);
    QVERIFY(second[0].parameters == first[0].parameters);  // as it was when it was saved
    for (std::vector<uint8_t>& state : rest.states) state.pop_back();
    bool refused = false;
    for (const Rank& rank : Run(rest)) refused |= rank.status.code() == absl::StatusCode::kDataLoss;
    QVERIFY(refused);
  }
}

void ParameterServerTest::aLostWorkerIsNotWaitedFor_data() {
  QTest::addColumn<QString>("exchange");
  for (const char* exchange :
       {R"({"kind": "parameter-server", "mode": "async"})",
        R"({"kind": "parameter-server", "mode": "async", "shards": 2, "dedicated_servers": 2})",
        R"({"kind": "parameter-server", "mode": "stale-synchronous", "staleness_bound": 1})",
        R"({"kind": "parameter-server", "backup_workers": 1})", R"({"kind": "easgd", "period": 2})"})
    QTest::newRow(exchange) << exchange;
}

void ParameterServerTest::aLostWorkerIsNotWaitedFor() {
  QFETCH(QString, exchange);
  Case c{.exchange = json::parse(exchange.toStdString()),
         .workers = 3,
         .steps = 60,
         .dead_rank = 2,
         .dead_step = 10,
         .gradient = Bowl};
  const auto probe = Make<Exchange>("exchange", c.exchange);
  QVERIFY((*probe)->survives_loss_of(2, 3));
  const auto ranks = Run(c);
  VERIFY_WELL(ranks);
  for (size_t i = 0; i < kFloats; ++i)
    QVERIFY(std::abs(ranks[0].parameters[i] - static_cast<float>(i % 7)) < 0.3F);
  QVERIFY(ranks[0].parameters == ranks[1].parameters);
}

void ParameterServerTest::aLostServerEndsTheRunWithItsName() {
  Case c{.exchange = {{"kind", "parameter-server"}, {"mode", "async"}, {"shards", 3}},
         .workers = 3,
         .steps = 1000,
         .dead_rank = 1,
         .dead_step = 10,
         .gradient = Bowl};
  QVERIFY(!(*Make<Exchange>("exchange", c.exchange))->survives_loss_of(1, 3));
  const auto ranks = Run(c);
  // A rank that ends because of it may be heard of first: one of them names the cause.
  bool is_named = false;
  for (const size_t rank : {0, 2}) {
    QVERIFY(absl::IsUnavailable(ranks[rank].status));
    is_named |= std::string(ranks[rank].status.message()).find("rank 1") != std::string::npos;
  }
  QVERIFY(is_named);
}

void ParameterServerTest::whatContradictsItselfIsRefused_data() {
  QTest::addColumn<QString>("exchange");
  QTest::addColumn<QString>("pointer");
  QTest::newRow("bound") << R"({"mode": "stale-synchronous", "staleness_bound": -1})"
                         << "/staleness_bound";
  QTest::newRow("backup") << R"({"backup_workers": 4})"
                          << "/exchange/backup_workers";
  QTest::newRow("backup of async") << R"({"mode": "async", "backup_workers": 1})"
                                   << "/exchange/backup_workers";
  QTest::newRow("idle servers") << R"({"mode": "async", "dedicated_servers": 3, "shards": 2})"
                                << "/exchange/shards";
  QTest::newRow("idle sync servers") << R"({"dedicated_servers": 2})"
                                     << "/exchange/shards";
  QTest::newRow("damped sync") << R"({"damping": "inverse"})"
                               << "/exchange/damping";
}

void ParameterServerTest::whatContradictsItselfIsRefused() {
  QFETCH(QString, exchange);
  QFETCH(QString, pointer);
  json spec = json::parse(exchange.toStdString());
  spec["kind"] = "parameter-server";
  const auto made = Make<Exchange>("exchange", spec);
  const absl::Status status =
      made.ok() ? (*made)->Fits({.ranks = 4, .floats = kFloats, .learning_rate = 0.1}) : made.status();
  QCOMPARE(status.code(), absl::StatusCode::kInvalidArgument);
  QVERIFY2(std::string(status.message()).find(pointer.toStdString()) == 0,
           std::string(status.message()).c_str());
}

void ParameterServerTest::anUnscaledLearningRateIsWarnedOf() {
  const Circumstances circumstances{.ranks = 4, .floats = kFloats, .learning_rate = 0.1};
  for (const char* mode : {"async", "stale-synchronous"}) {
    json spec = {{"kind", "parameter-server"}, {"mode", mode}};
    const auto warnings = (*Make<Exchange>("exchange", spec))->Warnings(circumstances);
    QCOMPARE(warnings.size(), size_t{1});
    QVERIFY(warnings[0].find("damping") != std::string::npos && warnings[0].find("0.1") != std::string::npos);
    for (const char* damping : {"workers", "inverse"}) {
      spec["damping"] = damping;
      QVERIFY((*Make<Exchange>("exchange", spec))->Warnings(circumstances).empty());
    }
  }
  QVERIFY((*Make<Exchange>("exchange", {{"kind", "parameter-server"}}))->Warnings(circumstances).empty());
}

}  // namespace concertina

QTEST_APPLESS_MAIN(concertina::ParameterServerTest)
#include "parameter_server_test.moc"
