// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// zero_exchange_test.cc: shares of the optimiser state, gradients and parameters: the same steps as one
// worker's, the bytes foretold, and the memory that goes back.
#include <QElapsedTimer>
#include <QTest>
#include <cmath>
#include <latch>
#include <thread>

#include "core/base/registry.h"
#include "core/base/rng.h"
#include "core/parallel/bucket.h"
#include "core/parallel/exchange.h"
#include "core/tensor/float_buffer.h"
#include "core/tensor/pages.h"
#include "nlohmann/json.hpp"
#include "tests/test_program.h"

namespace concertina::zero_exchange_test {
namespace {

using nlohmann::json;

struct Case {
  int stage = 1;
  int ranks = 2;
  double bucket_mib = 0.001;
  std::vector<int64_t> counts = {3000, 1, 1499, 500};  // of the parameters, one layer each
  int steps = 3;
  json codec = nullptr;
  int dead_rank = -1;  // leaves before the first step
  bool may_overlap = true;
};

struct Rank {
  std::vector<float> parameters;  // all of them, at the end
  ByteCounts counts;              // of the steps
  double held_seconds = 0;
  int64_t resident_gradients = 0, resident_parameters = 0;  // after a step
  int64_t most_parameters = 0, most_gradients = 0;          // within a pass
  absl::Status status;
};

std::vector<ParameterSlot> SlotsFor(const std::vector<int64_t>& counts) {
  std::vector<ParameterSlot> layout;
  int64_t offset = 0;
  for (const int64_t count : counts) {
    layout.push_back(
        {.name = "p" + std::to_string(offset), .shape = {count}, .offset = offset, .count = count});
    offset += count;
  }
  return layout;
}

std::vector<int> BackwardOrder(size_t parameters) {
  std::vector<int> order;
  for (size_t i = parameters; i > 0; --i) order.push_back(static_cast<int>(i) - 1);
  return order;
}

float FirstValue(size_t i) { return 0.01F * static_cast<float>(i % 97) - 0.4F; }

std::unique_ptr<Exchange> MakeZero(int stage, double bucket_mib) {
  std::vector<Fault> faults;
  return *Registry::Global().Create<Exchange>(
      "exchange",
      Registry::Global().Check("exchange", {{"kind", "zero"}, {"stage", stage}, {"bucket_mib", bucket_mib}},
                               "", faults));
}

// A gradient that depends on the parameters as they are in the backward pass: whoever reads what is not there
// gets another.
float GradientAt(int rank, int step, size_t i, float parameter) {
  return 0.1F * parameter +
         0.001F * static_cast<float>((i * 31 + static_cast<size_t>(rank * 7 + step)) % 101);
}

void Train(const Case& c, int r, Transport& transport, Rank& rank) {
  const std::vector<ParameterSlot> layout = SlotsFor(c.counts);
  const std::vector<int> order = BackwardOrder(layout.size());
  std::vector<int> members;
  for (int i = 0; i < c.ranks; ++i) members.push_back(i);
  Communicator communicator(transport, members, 1);
  const auto exchange = MakeZero(c.stage, c.bucket_mib);
  FloatBuffer parameters(TotalOf(layout)), gradients(TotalOf(layout));
  for (size_t i = 0; i < parameters.span().size(); ++i) parameters.data()[i] = FirstValue(i);
  std::vector<Fault> faults;
  ExchangeContext context;
  context.data = &communicator;
  context.layout = &layout;
  context.gradient_order = &order;
  context.parameters = parameters.span();
  context.gradients = gradients.span();
  context.deadline_seconds = 5;
  context.may_overlap = c.may_overlap;
  if (!c.codec.is_null())
    context.make_codec = [&] {
      return Registry::Global().Create<Codec>(
          "gradient-codec", Registry::Global().Check("gradient-codec", c.codec, "", faults));
    };
  rank.status = exchange->Prepare(context);
  const std::vector<ParameterRange> updates = exchange->Updates(layout, order, r, c.ranks);
  const auto last = static_cast<int>(layout.size()) - 1;
  const auto fetch = [&](int parameter, int next) {
    if (exchange->parameter_source() == nullptr || !rank.status.ok()) return;
    rank.status = exchange->parameter_source()->Fetch(
        std::span(&parameter, 1), next < 0 ? std::span<const int>() : std::span<const int>(&next, 1));
    rank.most_parameters = std::max(rank.most_parameters, ResidentBytes(parameters.span()));
  };
  const ByteCounts before = transport.counts();
  for (int step = 0; step < c.steps && rank.status.ok(); ++step) {
    rank.status = exchange->Begin(step);
    for (int p = 0; p <= last; ++p) fetch(p, std::min(p + 1, last));
    for (const int p : order) {
      fetch(p, p - 1);
      if (!rank.status.ok()) return;
      const ParameterSlot& slot = layout[static_cast<size_t>(p)];
      for (int64_t i = slot.offset; i < slot.offset + slot.count; ++i)
        gradients.data()[i] = GradientAt(r, step, static_cast<size_t>(i), parameters.data()[i]);
      exchange->GradientReady(p);
      rank.most_gradients = std::max(rank.most_gradients, ResidentBytes(gradients.span()));
    }
    int64_t applied = 0;
    const auto cost = exchange->Finish(step, [&](int64_t offset, int64_t count) {
      applied += count;
      bool is_mine = false;
      for (const ParameterRange& range : updates)
        is_mine |= offset >= range.offset && offset + count <= range.offset + range.count;
      if (!is_mine) rank.status = absl::InternalError("was to update what is not its share");
      for (int64_t i = offset; i < offset + count; ++i) parameters.data()[i] -= 0.5F * gradients.data()[i];
    });
    if (!cost.ok()) rank.status = cost.status();
    if (rank.status.ok() && applied != TotalOf(updates))
      rank.status = absl::InternalError("its share was not updated once");
    if (cost.ok()) rank.held_seconds += cost->held_seconds;
  }
  if (!rank.status.ok()) return;
  rank.counts = transport.counts();
  rank.counts.payload_sent -= before.payload_sent;
  rank.counts.messages_sent -= before.messages_sent;
  rank.resident_gradients = ResidentBytes(gradients.span());
  rank.resident_parameters = ResidentBytes(parameters.span());
  for (size_t p = 0; p < layout.size() && rank.status.ok(); ++p) {
    fetch(static_cast<int>(p), -1);
    const auto values = parameters.span().subspan(static_cast<size_t>(layout[p].offset),
                                                  static_cast<size_t>(layout[p].count));
    rank.parameters.insert(rank.parameters.end(), values.begin(), values.end());
  }
}

std::vector<Rank> Run(const Case& c) {
  auto transports = MakeInProcessTransports(c.ranks);
  std::vector<Rank> ranks(static_cast<size_t>(c.ranks));
  std::vector<std::thread> threads;
  for (int r = 0; r < c.ranks; ++r)
    threads.emplace_back([&, r] {
      Transport& transport = *transports[static_cast<size_t>(r)];
      if (r == c.dead_rank) {
        transport.Abort(absl::UnavailableError("rank " + std::to_string(r) + " died"));
        return;
      }
      Train(c, r, transport, ranks[static_cast<size_t>(r)]);
      // As the step loop does: who fails ends the others.
      if (!ranks[static_cast<size_t>(r)].status.ok()) transport.Abort(ranks[static_cast<size_t>(r)].status);
    });
  for (std::thread& thread : threads) thread.join();
  return ranks;
}

// The same in double, by one worker.
std::vector<double> Expected(const Case& c) {
  std::vector<double> parameters(static_cast<size_t>(TotalOf(SlotsFor(c.counts))));
  for (size_t i = 0; i < parameters.size(); ++i) parameters[i] = FirstValue(i);
  for (int step = 0; step < c.steps; ++step)
    for (size_t i = 0; i < parameters.size(); ++i) {
      double sum = 0;
      for (int r = 0; r < c.ranks; ++r) sum += GradientAt(r, step, i, static_cast<float>(parameters[i]));
      parameters[i] -= 0.5 * sum / c.ranks;
    }
  return parameters;
}

constexpr int64_t kPage = 4096;

}  // namespace

class ZeroExchangeTest : public QObject {
  Q_OBJECT
 private slots:
  void everyStageMakesTheStepsOfOneWorker_data();
  void everyStageMakesTheStepsOfOneWorker();
  void bytesAreAsForetold_data() { everyStageMakesTheStepsOfOneWorker_data(); }
  void bytesAreAsForetold();
  void sharesAreEverythingOnce();
  void overlapChangesNoBit_data() { everyStageMakesTheStepsOfOneWorker_data(); }
  void overlapChangesNoBit();
  void theNextLayerComesWhileThisOneIsUsed();
  void whatIsNotKeptGoesBack_data();
  void whatIsNotKeptGoesBack();
  void codecsGiveTheSameBitsEverywhere_data();
  void codecsGiveTheSameBitsEverywhere();
  void aDeadRankEndsTheOthersWithItsName_data();
  void aDeadRankEndsTheOthersWithItsName();
};

void ZeroExchangeTest::everyStageMakesTheStepsOfOneWorker_data() {
  QTest::addColumn<int>("stage");
  QTest::addColumn<int>("ranks");
  QTest::addColumn<double>("bucketMib");
  for (const int stage : {1, 2, 3})
    for (const int ranks : {1, 2, 3, 4, 5, 8})
      for (const double bucket_mib : {0.001, 0.008, 8.0})
        QTest::addRow("stage %d, %d ranks, %g MiB", stage, ranks, bucket_mib) << stage << ranks << bucket_mib;
}

void ZeroExchangeTest::everyStageMakesTheStepsOfOneWorker() {
  QFETCH(int, stage);
  QFETCH(int, ranks);
  QFETCH(double, bucketMib);
  const Case c{.stage = stage, .ranks = ranks, .bucket_mib = bucketMib};
  const std::vector<double> expected = Expected(c);
  const std::vector<Rank> results = Run(c);
  for (const Rank& rank : results) {
    QVERIFY2(rank.status.ok(), std::string(rank.status.message()).c_str());
    QVERIFY(rank.parameters == results[0].parameters);
  }
  // Three steps of N additions of values below 1, each rounded at 2^-24.
  for (size_t i = 0; i < expected.size(); ++i)
    QVERIFY(std::abs(results[0].parameters[i] - expected[i]) < 1e-6);
}

void ZeroExchangeTest::bytesAreAsForetold() {
  QFETCH(int, stage);
  QFETCH(int, ranks);
  QFETCH(double, bucketMib);
  const Case c{.stage = stage, .ranks = ranks, .bucket_mib = bucketMib, .counts = {1200, 840, 1680, 840}};
  const std::vector<ParameterSlot> layout = SlotsFor(c.counts);  // of parts that all these N divide
  const auto buckets =
      CutIntoBuckets(layout, BackwardOrder(layout.size()), static_cast<int64_t>(bucketMib * 1024 * 1024));
  const Pattern pattern =
      MakeZero(stage, bucketMib)
          ->PatternOf(
              {.floats = TotalOf(layout), .ranks = ranks, .buckets = static_cast<int64_t>(buckets.size())});
  const std::vector<Rank> results = Run(c);
  // Stage 3 knows how many buckets there are, not how large that is which stays for the backward pass.
  const double tolerance = stage < 3 ? 0 : 0.25 * pattern.BusiestBytes();
  for (const Rank& rank : results) {
    QVERIFY(std::abs(static_cast<double>(rank.counts.payload_sent) / c.steps - pattern.BusiestBytes()) <=
            tolerance);
    QCOMPARE(static_cast<double>(rank.counts.messages_sent) / c.steps, pattern.BusiestMessages());
  }
}

void ZeroExchangeTest::sharesAreEverythingOnce() {
  const std::vector<ParameterSlot> layout = SlotsFor({3000, 1, 2, 499});
  const auto exchange = MakeZero(3, 1e-3);
  for (const int ranks : {1, 2, 3, 7, 16}) {
    std::vector<int> owners(static_cast<size_t>(TotalOf(layout)));
    for (int r = 0; r < ranks; ++r) {
      int64_t last = 0;
      for (const ParameterRange& range : exchange->Updates(layout, BackwardOrder(layout.size()), r, ranks)) {
        QVERIFY(range.count > 0 && range.offset >= last);
        last = range.offset + range.count;
        for (int64_t i = range.offset; i < last; ++i) ++owners[static_cast<size_t>(i)];
      }
    }
    for (const int owner : owners) QCOMPARE(owner, 1);
  }
}

void ZeroExchangeTest::overlapChangesNoBit() {
  QFETCH(int, stage);
  QFETCH(int, ranks);
  QFETCH(double, bucketMib);
  Case c{.stage = stage, .ranks = ranks, .bucket_mib = bucketMib};
  const std::vector<Rank> beside = Run(c);
  c.may_overlap = false;
  const std::vector<Rank> alone = Run(c);
  for (size_t r = 0; r < beside.size(); ++r) {
    QVERIFY(beside[r].status.ok() && alone[r].status.ok());
    QVERIFY(beside[r].parameters == alone[r].parameters);
    QCOMPARE(beside[r].counts.payload_sent, alone[r].counts.payload_sent);
    QCOMPARE(beside[r].counts.messages_sent, alone[r].counts.messages_sent);
  }
}

// While the step thread does nothing for the exchange, the layer that it has named comes, and no other.
void ZeroExchangeTest::theNextLayerComesWhileThisOneIsUsed() {
  constexpr int64_t kFloats = 262144, kLayer = 4 * kFloats;
  const std::vector<ParameterSlot> layout = SlotsFor(std::vector<int64_t>(5, kFloats));
  const std::vector<int> order = BackwardOrder(layout.size());
  auto transports = MakeInProcessTransports(2);
  std::vector<absl::Status> status(2);
  std::vector<std::vector<int64_t>> resident(2);
  std::latch seen(2), left(2);
  std::vector<std::thread> threads;
  for (size_t r = 0; r < 2; ++r)
    threads.emplace_back([&, r] {
      Communicator communicator(*transports[r], {0, 1}, 1);
      FloatBuffer parameters(TotalOf(layout)), gradients(TotalOf(layout));
      std::ranges::fill(parameters.span(), 1.0F);
      const auto exchange = MakeZero(3, 1);
      ExchangeContext context;
      context.data = &communicator;
      context.layout = &layout;
      context.gradient_order = &order;
      context.parameters = parameters.span();
      context.gradients = gradients.span();
      context.deadline_seconds = 5;
      context.may_overlap = true;
      status[r] = exchange->Prepare(context);
      if (status[r].ok()) status[r] = exchange->Begin(0);
      const int now[1] = {1}, next[1] = {2};
      if (status[r].ok()) status[r] = exchange->parameter_source()->Fetch(now, next);
      const auto resident_of = [&](size_t layer) {
        return ResidentBytes(parameters.span().subspan(layer * kFloats, kFloats));
      };
      const Deadline deadline = Deadline::After(20);
      while (status[r].ok() && resident_of(2) < kLayer && !deadline.Passed()) std::this_thread::yield();
      for (size_t layer = 0; layer < layout.size(); ++layer) resident[r].push_back(resident_of(layer));
      seen.arrive_and_wait();  // nobody leaves while the other's is on the way
      if (status[r].ok()) status[r] = exchange->parameter_source()->Fetch(next, {});
      if (std::ranges::count(parameters.span().subspan(2 * kFloats, kFloats), 1.0F) != kFloats)
        status[r] = absl::InternalError("layer 2 is not what it was");
      resident[r].push_back(resident_of(1));
      left.arrive_and_wait();
    });
  for (std::thread& thread : threads) thread.join();
  for (size_t r = 0; r < 2; ++r) {
    QVERIFY2(status[r].ok(), std::string(status[r].message()).c_str());
    QVERIFY(resident[r][1] >= kLayer && resident[r][2] >= kLayer);
    for (const size_t layer :
         {0, 3, 4, 5})  // half is this rank's; the last figure is of layer 1, once given back
      QVERIFY2(resident[r][layer] <= kLayer / 2 + 2 * kPage, qPrintable(QString::number(layer)));
  }
}

void ZeroExchangeTest::whatIsNotKeptGoesBack_data() {
  QTest::addColumn<int>("stage");
  QTest::addColumn<int>("ranks");
  for (const int stage : {1, 2, 3})
    for (const int ranks : {2, 4}) QTest::addRow("stage %d, %d ranks", stage, ranks) << stage << ranks;
}

void ZeroExchangeTest::whatIsNotKeptGoesBack() {
  QFETCH(int, stage);
  QFETCH(int, ranks);
  // Eight layers of 1 MiB, a bucket each.
  const Case c{
      .stage = stage, .ranks = ranks, .bucket_mib = 1, .counts = std::vector<int64_t>(8, 262144), .steps = 2};
  constexpr int64_t kWhole = 8 << 20, kLayer = 1 << 20;
  const int64_t ends = 8 * 2 * kPage;  // of every share
  for (const Rank& rank : Run(c)) {
    QVERIFY2(rank.status.ok(), std::string(rank.status.message()).c_str());
    if (stage < 2) {
      QVERIFY(rank.resident_gradients >= kWhole);
    } else {
      QVERIFY2(rank.resident_gradients <= kWhole / ranks + ends,
               qPrintable(QString::number(rank.resident_gradients)));
    }
    if (stage < 3) {
      QVERIFY(rank.resident_parameters >= kWhole);
      continue;
    }
    QVERIFY(rank.resident_parameters <= kWhole / ranks + ends);
    // Within a pass two layers more, of which the share is there anyway: this one and the next; of gradients
    // the one that is made and the one that is reduced.
    QVERIFY(rank.most_parameters <= kWhole / ranks + 2 * kLayer + ends);
    QVERIFY(rank.most_parameters > rank.resident_parameters);
    QVERIFY(rank.most_gradients <= kWhole / ranks + 2 * kLayer + ends);
    QVERIFY(rank.held_seconds > 0);
  }
}

void ZeroExchangeTest::codecsGiveTheSameBitsEverywhere_data() {
  QTest::addColumn<QString>("codec");
  QTest::addColumn<int>("stage");
  QTest::addColumn<int>("ranks");
  for (const std::string& codec : Registry::Global().Kinds("gradient-codec"))
    for (const int stage : {1, 2, 3})
      for (const int ranks : {1, 2, 3})
        QTest::addRow("%s, stage %d, %d ranks", codec.c_str(), stage, ranks)
            << QString::fromStdString(codec) << stage << ranks;
}

void ZeroExchangeTest::codecsGiveTheSameBitsEverywhere() {
  QFETCH(QString, codec);
  QFETCH(int, stage);
  QFETCH(int, ranks);
  const std::vector<Rank> results =
      Run({.stage = stage, .ranks = ranks, .steps = 10, .codec = {{"kind", codec.toStdString()}}});
  for (const Rank& rank : results) {
    QVERIFY2(rank.status.ok(), std::string(rank.status.message()).c_str());
    QVERIFY(rank.parameters == results[0].parameters);
  }
}

void ZeroExchangeTest::aDeadRankEndsTheOthersWithItsName_data() {
  QTest::addColumn<int>("stage");
  QTest::addColumn<int>("dead");
  for (const int stage : {1, 2, 3})
    for (const int dead : {0, 2}) QTest::addRow("stage %d, rank %d", stage, dead) << stage << dead;
}

void ZeroExchangeTest::aDeadRankEndsTheOthersWithItsName() {
  QFETCH(int, stage);
  QFETCH(int, dead);
  QElapsedTimer timer;
  timer.start();
  const std::vector<Rank> results = Run({.stage = stage, .ranks = 3, .dead_rank = dead});
  QVERIFY(timer.elapsed() < 4000);  // before the deadline of 5 s: they were told
  for (int r = 0; r < 3; ++r) {
    if (r == dead) continue;
    const absl::Status& status = results[static_cast<size_t>(r)].status;
    QVERIFY(!status.ok());
    QVERIFY2(std::string(status.message()).find("rank " + std::to_string(dead)) != std::string::npos,
             std::string(status.message()).c_str());
  }
}

CONCERTINA_TEST(ZeroExchangeTest)

}  // namespace concertina::zero_exchange_test

#include "zero_exchange_test.moc"
