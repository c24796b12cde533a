// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// ad_psgd_exchange_test.cc: averaging in pairs without a barrier: the sum stays, nobody waits for ever, and
// who is lost is done without.
#include <QTest>
#include <algorithm>
#include <functional>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "mixing_ranks.h"
#include "tests/test_program.h"

namespace concertina::ad_psgd_exchange_test {
namespace {

using nlohmann::json;

// A pull towards the rank's own number; ranks take seeded times of their own.
void DelayedPull(int rank, int64_t step, std::span<const float> x, std::span<float> g) {
  Rng rng(6, "delay", static_cast<uint64_t>(step * 100 + rank));
  std::this_thread::sleep_for(std::chrono::microseconds(rng.Below(rank == 0 ? 800 : 200)));
  for (size_t i = 0; i < x.size(); ++i) g[i] = x[i] - static_cast<float>(rank);
}

// The same, but nobody goes on while another is `kMostAhead` steps behind: how much less a slow rank is heard
// is then bounded, however the machine shares its cores out.
class PacedPull {
 public:
  static constexpr int64_t kMostAhead = 20;

  explicit PacedPull(int ranks) : steps_(static_cast<size_t>(ranks)) {}
  void operator()(int rank, int64_t step, std::span<const float> x, std::span<float> g) {
    {
      absl::MutexLock lock(&mutex_);
      steps_[static_cast<size_t>(rank)] = step;
      const auto all_are_near = [this, step]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
        return *std::min_element(steps_.begin(), steps_.end()) + kMostAhead >= step;
      };
      // One that failed is seen in its status; the others must not wait for it for ever.
      mutex_.AwaitWithTimeout(absl::Condition(&all_are_near), absl::Seconds(20));
    }
    DelayedPull(rank, step, x, g);
  }

 private:
  absl::Mutex mutex_;
  std::vector<int64_t> steps_ ABSL_GUARDED_BY(mutex_);  // by rank
};

void DelayedNothing(int rank, int64_t step, std::span<const float>, std::span<float>) {
  Rng rng(6, "delay", static_cast<uint64_t>(step * 100 + rank));
  std::this_thread::sleep_for(std::chrono::microseconds(rng.Below(300)));
}

}  // namespace

class AdPsgdExchangeTest : public QObject {
  Q_OBJECT
 private slots:
  void theSumStays_data();
  void theSumStays();
  void itComesNearTheCommonMinimum_data();
  void itComesNearTheCommonMinimum();
  void whoIsLostIsDoneWithout_data();
  void whoIsLostIsDoneWithout();
  void whoIsDoneStillAnswers();
  void bytesAreAsForetold_data() { theSumStays_data(); }
  void bytesAreAsForetold();
  void goingOnTakesTheParametersAsTheyAre();
  void whatDoesNotFitIsRefused();
};

void AdPsgdExchangeTest::theSumStays_data() {
  QTest::addColumn<QString>("graph");
  QTest::addColumn<int>("ranks");
  QTest::addColumn<QString>("transport");
  for (const int ranks : {1, 2, 4, 5, 6})
    for (const char* graph : {"ring", "complete"})
      QTest::addRow("%s of %d", graph, ranks) << graph << ranks << "in-process";
  QTest::newRow("torus of 9") << "torus" << 9 << "in-process";
  QTest::newRow("hypercube of 8") << "hypercube" << 8 << "in-process";
  QTest::newRow("ring of 4, grpc") << "ring" << 4 << "grpc";
  QTest::newRow("complete of 3, grpc") << "complete" << 3 << "grpc";
}

void AdPsgdExchangeTest::theSumStays() {
  QFETCH(QString, graph);
  QFETCH(int, ranks);
  QFETCH(QString, transport);
  const auto out = RunMixing({.exchange = {{"kind", "ad-psgd"}, {"graph", graph.toStdString()}},
                              .ranks = ranks,
                              .steps = 60,
                              .gradient = DelayedNothing,
                              .settles = true,
                              .transport = transport.toStdString()});
  QVERIFY(out.is_ok());
  // Some 100 averages of values up to 4, each rounded at 2^-24.
  QVERIFY(LargestDifference(MeanOf(out.x), MeanOf(RandomVectors(ranks))) < 2e-5);
  for (const auto& x : out.x) QVERIFY(x == out.x[0]);
  if (ranks == 1) return;
  QVERIFY(DistanceOf(out.after[59]) < 0.3 * DistanceOf(RandomVectors(ranks)));
  double first = 0, last = 0;  // of those that ask
  int asking = 0;
  for (const SeriesInMemory& series : out.series) {
    const auto found = series.values.find("gossip/consensus_distance");
    if (found == series.values.end()) continue;
    ++asking;
    first += found->second.at(0);
    last += found->second.at(48);
  }
  QVERIFY(asking > 0);
  QVERIFY2(last < first, qPrintable(QString("%1 at first, %2 at last").arg(first).arg(last)));
}

void AdPsgdExchangeTest::itComesNearTheCommonMinimum_data() {
  QTest::addColumn<QString>("graph");
  QTest::addColumn<int>("ranks");
  QTest::newRow("even ring") << "ring" << 4;
  QTest::newRow("odd ring") << "ring" << 5;
  QTest::newRow("complete") << "complete" << 4;
}

void AdPsgdExchangeTest::itComesNearTheCommonMinimum() {
  QFETCH(QString, graph);
  QFETCH(int, ranks);
  PacedPull pull(ranks);
  const auto out = RunMixing({.exchange = {{"kind", "ad-psgd"}, {"graph", graph.toStdString()}},
                              .ranks = ranks,
                              .steps = 300,
                              .gradient = std::ref(pull),
                              .learning_rate = 0.02,
                              .settles = true});
  QVERIFY(out.is_ok());
  QVERIFY(out.after.back()[0] != out.after.back()[1]);  // it was Settle that made them one
  for (const auto& x : out.x) QVERIFY(x == out.x[0]);
  const double minimum = (ranks - 1) / 2.0;
  double error = 0;
  for (const float x : out.x[0]) error += std::abs(x - minimum) / kMixedFloats;
  // The start is some 1.5 away. Who is slow is heard less while the others go on, so the end is biased a bit:
  // by at most the pull of 20 steps, 1 - .98^20 = .33 of the way to one rank's own number, shared among all.
  QVERIFY2(error < 0.5, qPrintable(QString::number(error)));
}

void AdPsgdExchangeTest::whoIsLostIsDoneWithout_data() {
  QTest::addColumn<QString>("graph");
  QTest::addColumn<int>("ranks");
  QTest::addColumn<int>("dead");
  QTest::addColumn<QString>("transport");
  for (const int dead : {0, 1, 3})
    QTest::addRow("ring, rank %d", dead) << "ring" << 4 << dead << "in-process";
  for (const int dead : {0, 2, 4})
    QTest::addRow("complete, rank %d", dead) << "complete" << 5 << dead << "in-process";
  QTest::newRow("one of two") << "ring" << 2 << 0 << "in-process";
  QTest::newRow("the other of two") << "ring" << 2 << 1 << "in-process";
  QTest::newRow("grpc, who answers") << "ring" << 4 << 0 << "grpc";
  QTest::newRow("grpc, who asks") << "ring" << 4 << 1 << "grpc";
}

void AdPsgdExchangeTest::whoIsLostIsDoneWithout() {
  QFETCH(QString, graph);
  QFETCH(int, ranks);
  QFETCH(int, dead);
  QFETCH(QString, transport);
  const auto out = RunMixing({.exchange = {{"kind", "ad-psgd"}, {"graph", graph.toStdString()}},
                              .ranks = ranks,
                              .steps = 120,
                              .gradient = DelayedPull,
                              .learning_rate = 0.02,
                              .settles = true,
                              .dead_rank = dead,
                              .dead_step = 20,
                              .transport = transport.toStdString()});
  const Vectors* last = &out.after.back();
  const std::vector<float>* common = nullptr;
  for (int rank = 0; rank < ranks; ++rank) {
    const auto r = static_cast<size_t>(rank);
    if (rank == dead) {
      QVERIFY(!out.status[r].ok());
      QVERIFY((*last)[r].empty());  // it did die on the way
      continue;
    }
    QVERIFY2(out.status[r].ok(), std::string(out.status[r].message()).c_str());
    QCOMPARE((*last)[r].size(), size_t{kMixedFloats});
    if (common == nullptr) common = &out.x[r];
    QVERIFY(out.x[r] == *common);
    for (const float x : out.x[r]) QVERIFY(std::isfinite(x) && std::abs(x) < 10);
  }
}

// Rank 1 of a ring of two asks rank 0, which has long made all its steps.
void AdPsgdExchangeTest::whoIsDoneStillAnswers() {
  const auto slow = [](int rank, int64_t, std::span<const float>, std::span<float>) {
    if (rank == 1) std::this_thread::sleep_for(std::chrono::milliseconds(2));
  };
  const auto out = RunMixing(
      {.exchange = {{"kind", "ad-psgd"}}, .ranks = 2, .steps = 60, .gradient = slow, .settles = true});
  QVERIFY(out.is_ok());
  QVERIFY(out.x[0] == out.x[1]);
  QVERIFY(LargestDifference(MeanOf(out.x), MeanOf(RandomVectors(2))) < 2e-5);
}

void AdPsgdExchangeTest::bytesAreAsForetold() {
  QFETCH(QString, graph);
  QFETCH(int, ranks);
  QFETCH(QString, transport);
  const json spec = {{"kind", "ad-psgd"}, {"graph", graph.toStdString()}};
  const auto out =
      RunMixing({.exchange = spec, .ranks = ranks, .steps = 50, .transport = transport.toStdString()});
  QVERIFY(out.is_ok());
  double received = 0, foretold = 0;
  // What was received: the answerer counts what it has sent a moment after the asker has it.
  for (const uint64_t bytes : out.payload_received) received += static_cast<double>(bytes);
  // Of all together: who is asked is up to the dice.
  for (const Flow& flow : MakeExchange(spec)->PatternOf({.floats = kMixedFloats, .ranks = ranks}).flows)
    foretold += 50 * flow.bytes;
  QVERIFY2(std::abs(received - foretold) < 1e-6 * foretold + 1e-9,
           qPrintable(QString("%1 received, %2 foretold").arg(received).arg(foretold)));
}

// Nothing but the parameters is to be kept; with nothing to meet about, they are what the run went on from.
void AdPsgdExchangeTest::goingOnTakesTheParametersAsTheyAre() {
  const auto first = RunMixing({.exchange = {{"kind", "ad-psgd"}}, .ranks = 3, .steps = 20});
  QVERIFY(first.is_ok());
  for (const auto& state : first.state) QVERIFY(state.empty());
  MixingCase c{.exchange = {{"kind", "ad-psgd"}},
               .ranks = 3,
               .first_step = 20,
               .steps = 40,
               .start = first.x,
               .state = first.state,
               .settles = true};
  const auto second = RunMixing(c);
  QVERIFY(second.is_ok());
  for (const auto& x : second.x) QVERIFY(x == second.x[0]);
  QVERIFY(LargestDifference(MeanOf(second.x), MeanOf(first.x)) < 2e-5);
  for (auto& state : c.state) state = {1, 2, 3};
  const auto refused = RunMixing(c);
  QCOMPARE(refused.status[1].code(), absl::StatusCode::kDataLoss);
  QVERIFY(std::string(refused.status[1].message()).find("3 bytes") != std::string::npos);
}

void AdPsgdExchangeTest::whatDoesNotFitIsRefused() {
  const auto exchange = MakeExchange({{"kind", "ad-psgd"}});
  QVERIFY(!exchange->lockstep() && exchange->survives_loss());
  QVERIFY(exchange->Fits({.ranks = 4}).ok());
  const auto refused = exchange->Fits({.ranks = 4, .has_codec = true});
  QVERIFY(std::string(refused.message()).starts_with("/exchange/kind: "));
  QVERIFY(exchange->Warnings({.ranks = 4})[0].find("2 only answer") != std::string::npos);
  const auto odd = MakeExchange({{"kind", "ad-psgd"}, {"graph", "complete"}});
  QVERIFY(odd->Warnings({.ranks = 5})[0].find("1 only answer") != std::string::npos);
}

CONCERTINA_TEST(AdPsgdExchangeTest)

}  // namespace concertina::ad_psgd_exchange_test

#include "ad_psgd_exchange_test.moc"
