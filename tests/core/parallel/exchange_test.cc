// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// exchange_test.cc: what holds for every synchronous exchange: the average, the same bits everywhere, the
// bytes foretold.
#include "core/parallel/exchange.h"

#include <QElapsedTimer>
#include <QTest>
#include <cmath>
#include <thread>

#include "core/base/registry.h"
#include "core/base/rng.h"
#include "nlohmann/json.hpp"

namespace concertina {
namespace {

using nlohmann::json;
constexpr int64_t kFloats = 5000;  // over several parameters and buckets

std::vector<ParameterSlot> Slots() {
  std::vector<ParameterSlot> layout;
  int64_t offset = 0;
  for (const int64_t count : {int64_t{3000}, int64_t{1}, int64_t{1499}, int64_t{500}}) {
    layout.push_back(
        {.name = "p" + std::to_string(offset), .shape = {count}, .offset = offset, .count = count});
    offset += count;
  }
  return layout;
}

struct Rank {
  std::vector<float> gradient, result;
  ByteCounts counts;
  ExchangeCost cost;
  absl::Status status;
};

struct Case {
  json exchange = {{"kind", "all-reduce"}};
  json codec = nullptr;
  int ranks = 2;
  int steps = 1;
  int dead_rank = -1;  // leaves before the exchange
};

std::vector<Rank> Run(const Case& c) {
  const std::vector<ParameterSlot> layout = Slots();
  const std::vector<int> order = {3, 2, 1, 0};
  auto transports = MakeInProcessTransports(c.ranks);
  std::vector<int> members;
  for (int i = 0; i < c.ranks; ++i) members.push_back(i);
  std::vector<Rank> ranks(static_cast<size_t>(c.ranks));
  std::vector<std::thread> threads;
  for (int r = 0; r < c.ranks; ++r)
    threads.emplace_back([&, r] {
      Rank& rank = ranks[static_cast<size_t>(r)];
      Transport& transport = *transports[static_cast<size_t>(r)];
      if (r == c.dead_rank) {
        transport.Abort(absl::UnavailableError("rank " + std::to_string(r) + " died"));
        return;
      }
      std::vector<Fault> faults;
      const Registry& registry = Registry::Global();
      const Params params = registry.Check("exchange", c.exchange, "", faults);
      Communicator communicator(transport, members, 1);
      auto exchange = *registry.Create<Exchange>("exchange", params);
      rank.gradient.resize(kFloats);
      rank.result.resize(kFloats);
      ExchangeContext context;
      context.data = &communicator;
      context.layout = &layout;
      context.gradient_order = &order;
      context.gradients = rank.result;
      context.deadline_seconds = 5;
      if (!c.codec.is_null())
        context.make_codec = [&] {
          return registry.Create<Codec>("gradient-codec",
                                        registry.Check("gradient-codec", c.codec, "", faults));
        };
      rank.status = exchange->Prepare(context);
      for (int step = 0; step < c.steps && rank.status.ok(); ++step) {
        Rng rng(1, "gradient", static_cast<uint64_t>(step * 100 + r));
        for (float& g : rank.gradient) g = static_cast<float>(rng.Normal());
        rank.result = rank.gradient;
        rank.status = exchange->Begin(step);
        for (const int parameter : order) exchange->GradientReady(parameter);
        std::vector<int> applied(kFloats);
        const auto cost = exchange->Finish(step, [&](int64_t offset, int64_t count) {
          for (int64_t i = offset; i < offset + count; ++i) ++applied[static_cast<size_t>(i)];
        });
        rank.status = cost.status();
        if (cost.ok()) {
          rank.cost = *cost;
          for (const int times : applied)
            if (times != 1) rank.status = absl::InternalError("an element was not applied once");
        }
      }
      rank.counts = transport.counts();
    });
  for (std::thread& thread : threads) thread.join();
  return ranks;
}

}  // namespace

class ExchangeTest : public QObject {
  Q_OBJECT
 private slots:
  void theAverageIsTheAverage_data();
  void theAverageIsTheAverage();
  void bytesAreAsForetold_data() { theAverageIsTheAverage_data(); }
  void bytesAreAsForetold();
  void lossyCodecsGiveTheSameBitsEverywhere_data();
  void lossyCodecsGiveTheSameBitsEverywhere();
  void theErrorIsMeasured();
  void aDeadRankEndsTheOthersWithItsName_data();
  void aDeadRankEndsTheOthersWithItsName();
  void singleRefusesCompany();
};

void ExchangeTest::theAverageIsTheAverage_data() {
  QTest::addColumn<QString>("exchange");
  QTest::addColumn<int>("ranks");
  for (const int ranks : {1, 2, 3, 4, 5, 8})
    for (const char* exchange :
         {R"({"kind": "all-reduce", "bucket_mib": 0.001})", R"({"kind": "all-reduce", "bucket_mib": 8})",
          R"({"kind": "parameter-server", "shards": 1, "bucket_mib": 0.001})",
          R"({"kind": "parameter-server", "shards": 3})", R"({"kind": "parameter-server", "shards": 8})"})
      QTest::addRow("%d ranks, %s", ranks, exchange) << exchange << ranks;
}

void ExchangeTest::theAverageIsTheAverage() {
  QFETCH(QString, exchange);
  QFETCH(int, ranks);
  const auto results = Run({.exchange = json::parse(exchange.toStdString()), .ranks = ranks, .steps = 3});
  for (const Rank& rank : results) QVERIFY2(rank.status.ok(), std::string(rank.status.message()).c_str());
  for (size_t i = 0; i < kFloats; ++i) {
    double sum = 0;
    for (const Rank& rank : results) sum += rank.gradient[i];
    // N - 1 additions of values of about 1, each rounded at 2^-24.
    QVERIFY(std::abs(results[0].result[i] - sum / ranks) < 1e-6);
  }
  for (const Rank& rank : results) QVERIFY(rank.result == results[0].result);
}

void ExchangeTest::bytesAreAsForetold() {
  QFETCH(QString, exchange);
  QFETCH(int, ranks);
  const json spec = json::parse(exchange.toStdString());
  std::vector<Fault> faults;
  const auto component =
      Registry::Global().Create<Exchange>("exchange", Registry::Global().Check("exchange", spec, "", faults));
  uint64_t busiest = 0;
  for (const Rank& rank : Run({.exchange = spec, .ranks = ranks}))
    busiest = std::max(busiest, rank.counts.payload_sent);
  const double foretold = (*component)->PatternOf({.floats = kFloats, .ranks = ranks}).BusiestBytes();
  // Ranges that N or S does not divide: at most one float a piece, bucket and rank.
  QVERIFY2(std::abs(static_cast<double>(busiest) - foretold) <= 4.0 * 4 * ranks * 8,
           qPrintable(QString("%1 sent, %2 foretold").arg(busiest).arg(foretold)));
}

void ExchangeTest::lossyCodecsGiveTheSameBitsEverywhere_data() {
  QTest::addColumn<QString>("exchange");
  QTest::addColumn<QString>("codec");
  QTest::addColumn<int>("ranks");
  for (const std::string& codec : Registry::Global().Kinds("gradient-codec"))
    for (const char* exchange : {R"({"kind": "all-reduce"})", R"({"kind": "parameter-server", "shards": 2})"})
      for (const int ranks : {1, 2, 3, 5})
        QTest::addRow("%s, %s, %d ranks", codec.c_str(), exchange, ranks)
            << exchange << QString::fromStdString(codec) << ranks;
}

void ExchangeTest::lossyCodecsGiveTheSameBitsEverywhere() {
  QFETCH(QString, exchange);
  QFETCH(QString, codec);
  QFETCH(int, ranks);
  const auto results = Run({.exchange = json::parse(exchange.toStdString()),
                            .codec = {{"kind", codec.toStdString()}},
                            .ranks = ranks,
                            .steps = 20});
  for (const Rank& rank : results) {
    QVERIFY2(rank.status.ok(), std::string(rank.status.message()).c_str());
    QVERIFY(rank.result == results[0].result);
    QVERIFY(rank.cost.encoded_bytes > 0 && rank.cost.dense_bytes == 4 * kFloats);
  }
}

void ExchangeTest::theErrorIsMeasured() {
  const auto results =
      Run({.codec = {{"kind", "top-k"}, {"ratio", 0.1}, {"error_feedback", false}}, .steps = 1});
  QVERIFY(results[0].cost.error_measured);
  const double relative = std::sqrt(results[0].cost.error_squared / results[0].cost.gradient_squared);
  QVERIFY(relative > 0.3 && relative < std::sqrt(1 - 0.1));  // Stich et al. 2018: at most sqrt(1 - k/d)
}

void ExchangeTest::aDeadRankEndsTheOthersWithItsName_data() {
  QTest::addColumn<QString>("exchange");
  QTest::addColumn<int>("dead");
  for (const std::string exchange : {"all-reduce", "parameter-server"})
    for (const int dead : {0, 1, 2})
      QTest::addRow("%s, rank %d", exchange.c_str(), dead) << QString::fromStdString(exchange) << dead;
}

void ExchangeTest::aDeadRankEndsTheOthersWithItsName() {
  QFETCH(QString, exchange);
  QFETCH(int, dead);
  QElapsedTimer timer;
  timer.start();
  const auto results = Run({.exchange = {{"kind", exchange.toStdString()}}, .ranks = 3, .dead_rank = dead});
  QVERIFY(timer.elapsed() < 4000);  // before the deadline of 5 s: they were told
  for (int rank = 0; rank < 3; ++rank) {
    if (rank == dead) continue;
    const absl::Status& status = results[static_cast<size_t>(rank)].status;
    QVERIFY(!status.ok());
    QVERIFY2(std::string(status.message()).find("rank " + std::to_string(dead)) != std::string::npos,
             std::string(status.message()).c_str());
  }
}

void ExchangeTest::singleRefusesCompany() {
  const auto results = Run({.exchange = {{"kind", "single"}}, .ranks = 2});
  QCOMPARE(results[0].status.code(), absl::StatusCode::kInvalidArgument);
}

}  // namespace concertina

QTEST_APPLESS_MAIN(concertina::ExchangeTest)
#include "exchange_test.moc"
