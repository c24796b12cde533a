// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// parameter_server_test.cc: exchanges whose workers do not keep step: how far ranks get apart, who is lost,
// and the bytes foretold.
#include <QTest>
#include <algorithm>
#include <array>
#include <atomic>
#include <cmath>

#include "served_ranks.h"
#include "tests/test_program.h"

namespace concertina::parameter_server_test {

using namespace served_ranks;  // NOLINT(google-build-using-namespace): what its ranks are

class ParameterServerTest : public QObject {
  Q_OBJECT
 private slots:
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
  void aWordSaidWhileALongPushComesIsHeard();
  void whatContradictsItselfIsRefused_data();
  void whatContradictsItselfIsRefused();
  void aDividedModelHasNoBackups();
  void anUnscaledLearningRateIsWarnedOf();
};

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

// Rank 0 serves rank 1, whose push takes longer than any pause of a meeting.
void ParameterServerTest::aWordSaidWhileALongPushComesIsHeard() {
  const std::vector<ParameterSlot> layout = Slots();
  const std::vector<int> order = {3, 2, 1, 0};
  const auto transports = MakeInProcessTransports(2);
  std::vector<std::unique_ptr<Exchange>> exchanges;
  for (int r = 0; r < 2; ++r)
    exchanges.push_back(*Make<Exchange>("exchange", {{"kind", "parameter-server"}, {"mode", "async"}}));
  std::atomic<bool> has_stepped = false, is_slow = false;
  std::array<std::vector<std::optional<int64_t>>, 2> words;
  std::array<absl::Status, 2> said;
  const auto eventually = [](const auto& holds) {
    for (const Deadline deadline = Deadline::After(20); !holds();) {
      if (deadline.Passed()) return false;
      std::this_thread::yield();
    }
    return true;
  };
  std::vector<std::thread> threads;
  for (int r = 0; r < 2; ++r)
    threads.emplace_back([&, r] {
      const auto self = static_cast<size_t>(r);
      Transport& transport = *transports[self];
      Exchange& exchange = *exchanges[self];
      Communicator communicator(transport, {0, 1}, 1);
      Floats parameters(static_cast<size_t>(kFloats)), gradients(static_cast<size_t>(kFloats));
      ExchangeContext context;
      context.data = &communicator;
      context.layout = &layout;
      context.gradient_order = &order;
      context.parameters = parameters;
      context.gradients = gradients;
      context.make_optimizer = [] { return Make<Optimizer>("optimizer", Case().optimizer); };
      context.learning_rate = [](int64_t) { return 0.1; };
      context.deadline_seconds = 10;
      const auto step = [&](int64_t number) -> absl::Status {
        ASSIGN_OR_RETURN(const bool may_begin, exchange.AwaitTurn(number, 10));
        if (!may_begin) return absl::DeadlineExceededError("its turn never comes");
        RETURN_IF_ERROR(exchange.Begin(number));
        return exchange.Finish(number, [](int64_t, int64_t) {}).status();
      };
      const auto train = [&]() -> absl::Status {
        RETURN_IF_ERROR(exchange.Prepare(context));
        RETURN_IF_ERROR(communicator.Barrier(Deadline::After(20)));
        RETURN_IF_ERROR(step(0));
        if (r == 1) {
          has_stepped = true;
          if (!eventually([&] { return is_slow.load(); })) return absl::DeadlineExceededError("rank 0");
          return step(1);
        }
        if (!eventually([&] { return has_stepped.load(); })) return absl::DeadlineExceededError("rank 1");
        const uint64_t before = transport.counts().payload_received;
        transport.SetShape(1, {.bandwidth_mbit = 0.3});  // half a second for 20 kB
        is_slow = true;
        // The push has announced itself, and is being received.
        if (!eventually([&] { return transport.counts().payload_received > before; }))
          return absl::DeadlineExceededError("no push came");
        return absl::OkStatus();
      };
      const auto meet = [&, deadline = Deadline::After(20)](int64_t word) {
        return exchange.Meet(word, [deadline] {
          return deadline.Passed() ? absl::DeadlineExceededError("nobody comes") : absl::OkStatus();
        });
      };
      const auto end = [&]() -> absl::Status {
        RETURN_IF_ERROR(train());
        ASSIGN_OR_RETURN(words[self], meet(7 + r));
        RETURN_IF_ERROR(exchange.Settle());
        return meet(9).status();
      };
      said[self] = end();
      if (!said[self].ok()) transport.Abort(said[self]);
      exchanges[self].reset();
    });
  for (std::thread& thread : threads) thread.join();
  for (const absl::Status& each : said) QVERIFY2(each.ok(), std::string(each.message()).c_str());
  for (const auto& heard : words) QVERIFY(heard.size() == 2 && heard[0] == 7 && heard[1] == 8);
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

// The parts of a divided model would each drop the gradients of other workers.
void ParameterServerTest::aDividedModelHasNoBackups() {
  const auto exchange = Make<Exchange>("exchange", {{"kind", "parameter-server"}, {"backup_workers", 1}});
  Circumstances circumstances{.ranks = 4, .floats = kFloats, .learning_rate = 0.1};
  QVERIFY((*exchange)->Fits(circumstances).ok());
  circumstances.is_divided = true;
  const absl::Status status = (*exchange)->Fits(circumstances);
  QCOMPARE(status.code(), absl::StatusCode::kInvalidArgument);
  QVERIFY(std::string(status.message()).starts_with("/exchange/backup_workers: 1 with a model that"));
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

CONCERTINA_TEST(ParameterServerTest)

}  // namespace concertina::parameter_server_test

#include "parameter_server_test.moc"
