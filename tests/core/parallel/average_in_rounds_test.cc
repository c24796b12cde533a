// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// average_in_rounds_test.cc: PowerSGD inside an all-reduce: the same bits on every rank, those of one rank
// that has the mean, and the bytes that the plan foretells.
#include "core/parallel/average_in_rounds.h"

#include <QTest>
#include <cmath>
#include <thread>

#include "core/base/registry.h"
#include "core/base/rng.h"
#include "core/parallel/bucket.h"
#include "core/parallel/bucket_codec.h"
#include "nlohmann/json.hpp"
#include "tests/test_program.h"

namespace concertina::average_in_rounds_test {
namespace {

using nlohmann::json;

std::vector<ParameterSlot> Slots() {
  std::vector<ParameterSlot> layout;
  int64_t offset = 0;
  for (const Shape& shape : {Shape{7, 3, 5, 5}, Shape{7}, Shape{31, 41}, Shape{31}, Shape{1, 31}, Shape{1},
                             Shape{17, 33}, Shape{5}}) {
    const int64_t count = ElementCount(shape);
    layout.push_back(
        {.name = "p" + std::to_string(offset), .shape = shape, .offset = offset, .count = count});
    offset += count;
  }
  return layout;
}
int64_t Total() { return Slots().back().offset + Slots().back().count; }
std::vector<int> Order() { return {7, 6, 5, 4, 3, 2, 1, 0}; }

struct Rank {
  std::vector<std::vector<float>> averages;  // by step
  std::vector<ExchangeCost> costs;
  std::vector<uint8_t> state;
  ByteCounts counts;
  absl::Status status;
};

struct Case {
  std::string algorithm = "ring";
  double bucket_mib = 0.001;
  int rank_of_codec = 2;
  int ranks = 2;
  int first_step = 0;
  int steps = 1;
  bool only_mean = false;  // every rank has the mean of `mean_of` ranks' gradients
  int mean_of = 0;
  double scale = 1;
  int nan_rank = -1;
  const std::vector<Rank>* before = nullptr;
};

json ExchangeOf(const Case& c) {
  return {{"kind", "all-reduce"}, {"algorithm", c.algorithm}, {"bucket_mib", c.bucket_mib}};
}
Params CodecOf(const Case& c) {
  std::vector<Fault> faults;
  return Registry::Global().Check("gradient-codec", {{"kind", "powersgd"}, {"rank", c.rank_of_codec}}, "",
                                  faults);
}
std::unique_ptr<Exchange> MakeExchange(const Case& c) {
  std::vector<Fault> faults;
  return *Registry::Global().Create<Exchange>(
      "exchange", Registry::Global().Check("exchange", ExchangeOf(c), "", faults));
}

// Gradients drift: what a step before was learnt is of use.
void Fill(int step, int rank, double scale, std::vector<double>& sum) {
  Rng common(1, "common"), own(1, "own", static_cast<uint64_t>(step * 100 + rank));
  for (double& g : sum) g += scale * (common.Normal() + 0.3 * own.Normal());
}

std::vector<Rank> Run(const Case& c) {
  const std::vector<ParameterSlot> layout = Slots();
  const std::vector<int> order = Order();
  auto transports = MakeInProcessTransports(c.ranks);
  std::vector<int> members;
  for (int i = 0; i < c.ranks; ++i) members.push_back(i);
  std::vector<Rank> ranks(static_cast<size_t>(c.ranks));
  std::vector<std::thread> threads;
  for (int r = 0; r < c.ranks; ++r)
    threads.emplace_back([&, r] {
      Rank& rank = ranks[static_cast<size_t>(r)];
      Transport& transport = *transports[static_cast<size_t>(r)];
      const auto run = [&]() -> absl::Status {
        Communicator communicator(transport, members, 1);
        const auto exchange = MakeExchange(c);
        std::vector<float> gradient(static_cast<size_t>(Total()));
        const Params codec = CodecOf(c);
        ExchangeContext context;
        context.data = &communicator;
        context.layout = &layout;
        context.gradient_order = &order;
        context.gradients = gradient;
        context.deadline_seconds = 10;
        context.make_codec = [&] { return Registry::Global().Create<Codec>("gradient-codec", codec); };
        RETURN_IF_ERROR(exchange->Prepare(context));
        if (c.before != nullptr)
          RETURN_IF_ERROR(exchange->LoadState((*c.before)[static_cast<size_t>(r)].state));
        for (int step = c.first_step; step < c.steps; ++step) {
          std::vector<double> sum(gradient.size());
          const int of = c.only_mean ? c.mean_of : 1;
          for (int i = 0; i < of; ++i) Fill(step, c.only_mean ? i : r, c.scale, sum);
          for (size_t i = 0; i < sum.size(); ++i) gradient[i] = static_cast<float>(sum[i] / of);
          if (r == c.nan_rank) gradient[100] = std::nanf("");
          RETURN_IF_ERROR(exchange->Begin(step));
          for (const int parameter : order) exchange->GradientReady(parameter);
          ASSIGN_OR_RETURN(const ExchangeCost cost, exchange->Finish(step, [](int64_t, int64_t) {}));
          rank.costs.push_back(cost);
          rank.averages.push_back(gradient);
        }
        rank.counts = transport.counts();
        exchange->SaveState(rank.state);
        return absl::OkStatus();
      };
      rank.status = run();
      if (!rank.status.ok()) transport.Abort(rank.status);
    });
  for (std::thread& thread : threads) thread.join();
  return ranks;
}

double Norm(const std::vector<float>& x) {
  double sum = 0;
  for (const float value : x) sum += static_cast<double>(value) * value;
  return std::sqrt(sum);
}
double Apart(const std::vector<float>& x, const std::vector<float>& y) {
  double sum = 0;
  for (size_t i = 0; i < x.size(); ++i) sum += std::pow(static_cast<double>(x[i]) - y[i], 2);
  return std::sqrt(sum);
}

}  // namespace

class AverageInRoundsTest : public QObject {
  Q_OBJECT

 private slots:
  void allRanksHaveTheBitsOfOneThatHasTheMean_data() {
    QTest::addColumn<int>("ranks");
    QTest::addColumn<QString>("algorithm");
    QTest::addColumn<double>("bucketMib");
    for (const int ranks : {1, 2, 3, 4, 5})
      for (const char* algorithm : {"ring", "halving-doubling", "double-tree", "two-shot"})
        for (const double bucket_mib : {0.001, 8.0})
          QTest::addRow("%d ranks, %s, %g MiB", ranks, algorithm, bucket_mib)
              << ranks << algorithm << bucket_mib;
  }
  void allRanksHaveTheBitsOfOneThatHasTheMean() {
    QFETCH(int, ranks);
    QFETCH(QString, algorithm);
    QFETCH(double, bucketMib);
    Case c{.algorithm = algorithm.toStdString(), .bucket_mib = bucketMib, .ranks = ranks, .steps = 6};
    const std::vector<Rank> all = Run(c);
    c.ranks = 1;
    c.only_mean = true;
    c.mean_of = ranks;
    const std::vector<Rank> one = Run(c);
    QVERIFY2(one[0].status.ok(), std::string(one[0].status.message()).c_str());
    for (const Rank& rank : all) {
      QVERIFY2(rank.status.ok(), std::string(rank.status.message()).c_str());
      QVERIFY(rank.averages == all[0].averages);
      QVERIFY(rank.costs[0].error_measured && !rank.costs[1].error_measured);
      const double relative = std::sqrt(rank.costs[0].error_squared / rank.costs[0].gradient_squared);
      QVERIFY2(relative > 0.3 && relative <= 1, qPrintable(QString::number(relative)));
      QVERIFY(rank.costs[0].residual_squared > 0);
    }
    // A sum is linear in what is summed, and so are P, Q and the residuals: what the ranks agree on is what
    // one would have made of their mean. 1e-4: P is orthonormalised from sums that were rounded otherwise,
    // and the residual hands that on.
    for (size_t step = 0; step < 6; ++step)
      QVERIFY2(Apart(all[0].averages[step], one[0].averages[step]) < 1e-4 * Norm(one[0].averages[step]),
               qPrintable(QString("step %1: %2")
                              .arg(step)
                              .arg(Apart(all[0].averages[step], one[0].averages[step]) /
                                   Norm(one[0].averages[step]))));
    QVERIFY(Norm(one[0].averages[0]) > 0);
  }

  void eachRankSendsWhatThePatternSays_data() {
    QTest::addColumn<QString>("algorithm");
    QTest::addColumn<int>("ranks");
    QTest::addColumn<double>("bucketMib");
    QTest::addColumn<int>("rankOfCodec");
    for (const std::string& algorithm : AllReduceNames())
      for (const int ranks : {1, 2, 3, 5})
        for (const double bucket_mib : {0.001, 8.0})
          for (const int rank : {1, 4, 64})
            if (algorithm != "auto")
              QTest::addRow("%s, %d ranks, %g MiB, rank %d", algorithm.c_str(), ranks, bucket_mib, rank)
                  << QString::fromStdString(algorithm) << ranks << bucket_mib << rank;
  }
  void eachRankSendsWhatThePatternSays() {
    QFETCH(QString, algorithm);
    QFETCH(int, ranks);
    QFETCH(double, bucketMib);
    QFETCH(int, rankOfCodec);
    const Case c{.algorithm = algorithm.toStdString(),
                 .bucket_mib = bucketMib,
                 .rank_of_codec = rankOfCodec,
                 .ranks = ranks};
    const std::vector<Bucket> buckets =
        CutIntoBuckets(Slots(), Order(), static_cast<int64_t>(bucketMib * 1024 * 1024));
    Traffic traffic{.floats = Total(), .ranks = ranks, .buckets = static_cast<int64_t>(buckets.size())};
    traffic.encoded_bytes = 0;
    traffic.summed_rounds.resize(2);
    for (const Bucket& bucket : buckets) {
      const auto codec = *Registry::Global().Create<Codec>("gradient-codec", CodecOf(c));
      codec->Describe(MatricesWithin(Slots(), bucket.offset, bucket.count));
      traffic.encoded_bytes += codec->MaxPayloadBytes(bucket.count);
      for (int round = 0; round < 2; ++round) {
        const int64_t floats = codec->summed_rounds()->RoundFloats(bucket.count, round);
        traffic.summed_rounds[static_cast<size_t>(round)].bytes += 4.0 * static_cast<double>(floats);
        traffic.summed_rounds[static_cast<size_t>(round)].buckets += floats > 0 ? 1 : 0;
      }
    }
    QVERIFY(rankOfCodec == 64 ? traffic.summed_rounds[1].buckets == 0 : traffic.summed_rounds[1].buckets > 0);
    const Pattern pattern = MakeExchange(c)->PatternOf(traffic);
    const std::vector<Rank> results = Run(c);
    for (int rank = 0; rank < ranks; ++rank) {
      const Rank& result = results[static_cast<size_t>(rank)];
      QVERIFY2(result.status.ok(), std::string(result.status.message()).c_str());
      QCOMPARE(static_cast<int64_t>(result.costs[0].encoded_bytes), traffic.encoded_bytes);
      QCOMPARE(static_cast<int64_t>(result.costs[0].dense_bytes), 4 * Total());
      double bytes = 0, messages = 0;
      for (const Flow& flow : pattern.flows)
        if (flow.from == rank) {
          bytes += flow.bytes;
          messages += flow.messages;
        }
      QCOMPARE(static_cast<double>(result.counts.messages_sent), messages);
      // A chunk that is not divided evenly is an element more or less, in each message.
      QVERIFY2(std::abs(static_cast<double>(result.counts.payload_sent) - bytes) <= 4 * messages,
               qPrintable(QString("%1 sent, %2 foretold").arg(result.counts.payload_sent).arg(bytes)));
    }
    if (ranks == 1) QVERIFY(pattern.flows.empty());
  }

  void gradientsOfZeroAreAveragedToZero() {
    for (const Rank& rank : Run({.ranks = 3, .steps = 3, .scale = 0})) {
      QVERIFY(rank.status.ok());
      for (const std::vector<float>& average : rank.averages) QCOMPARE(Norm(average), 0.0);
    }
  }

  void whoGoesOnFromASavedStateEndsWithTheSameBits() {
    const std::vector<Rank> through = Run({.ranks = 3, .steps = 7});
    const std::vector<Rank> half = Run({.ranks = 3, .steps = 4});
    const std::vector<Rank> rest = Run({.ranks = 3, .first_step = 4, .steps = 7, .before = &half});
    for (size_t rank = 0; rank < 3; ++rank) {
      QVERIFY(rest[rank].status.ok());
      for (size_t step = 0; step < 3; ++step)
        QVERIFY(rest[rank].averages[step] == through[rank].averages[step + 4]);
      QVERIFY(rest[rank].state == through[rank].state);
    }
  }

  void anElementThatIsNotANumberEndsAllWithItsName() {
    const std::vector<Rank> ranks = Run({.bucket_mib = 8, .ranks = 3, .nan_rank = 1});
    QCOMPARE(ranks[1].status.code(), absl::StatusCode::kOutOfRange);
    QVERIFY(std::string(ranks[1].status.message()).find("element 100 is") != std::string::npos);
    for (const size_t other : {0, 2}) QVERIFY(!ranks[other].status.ok());
  }
};

CONCERTINA_TEST(AverageInRoundsTest)

}  // namespace concertina::average_in_rounds_test

#include "average_in_rounds_test.moc"
