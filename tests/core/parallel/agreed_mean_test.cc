// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// agreed_mean_test.cc: wherever ranks die while a mean is taken, all that are left have the same mean, to the
// bit, of all or of those that are left.
#include "core/parallel/agreed_mean.h"

#include <QTest>
#include <algorithm>
#include <latch>
#include <thread>

#include "core/base/rng.h"
#include "tests/core/comm/dying_transport.h"
#include "tests/test_program.h"

namespace concertina::agreed_mean_test {
namespace {

using Floats = std::vector<float>;

Floats ValuesOf(size_t rank, size_t count) {
  Rng rng(4, "values", rank);
  Floats values(count);
  for (float& value : values) value = static_cast<float>(rng.Normal());
  return values;
}

// Added in the order of ranks, in single precision: the bits that the ranks are to have.
Floats MeanOf(size_t ranks, size_t count, const std::vector<size_t>& dead) {
  Floats mean(count);
  size_t left = 0;
  for (size_t rank = 0; rank < ranks; ++rank) {
    if (std::find(dead.begin(), dead.end(), rank) != dead.end()) continue;
    ++left;
    const Floats values = ValuesOf(rank, count);
    for (size_t i = 0; i < count; ++i) mean[i] += values[i];
  }
  for (float& value : mean) value *= 1.0F / static_cast<float>(left);
  return mean;
}

struct Outcome {
  std::vector<absl::Status> status;
  std::vector<Floats> mean;
  std::vector<int> sends;
};

constexpr double kDeadlineSeconds = 20;  // a rank that waited this out would fail, and the test with it

Outcome TakeMeans(const std::vector<int>& dies_at_send, size_t count) {
  const size_t n = dies_at_send.size();
  auto transports = MakeInProcessTransports(static_cast<int>(n));
  std::vector<int> members;
  for (size_t rank = 0; rank < n; ++rank) {
    members.push_back(static_cast<int>(rank));
    transports[rank]->SurviveLoss();
  }
  Outcome out{std::vector<absl::Status>(n), std::vector<Floats>(n, Floats(count)), std::vector<int>(n)};
  std::vector<std::thread> threads;
  for (size_t r = 0; r < n; ++r)
    threads.emplace_back([&, r] {
      DyingTransport transport(std::move(transports[r]), dies_at_send[r]);
      RollCall roll_call(transport, members, 30);
      AgreedMean mean(transport, roll_call, members, 31);
      out.status[r] = mean.Take(ValuesOf(r, count), out.mean[r], kDeadlineSeconds);
      out.sends[r] = transport.sends();
    });
  for (std::thread& thread : threads) thread.join();
  return out;
}

constexpr size_t kFloats = 1000;

}  // namespace

class AgreedMeanTest : public QObject {
  Q_OBJECT
 private slots:
  void everyRankHasTheMeanOfAll_data() {
    QTest::addColumn<int>("ranks");
    QTest::addColumn<int>("count");
    for (const int ranks : {1, 2, 3, 4, 7})
      for (const int count : {0, 1, 5, 1000, 100000})
        QTest::addRow("%d ranks, %d floats", ranks, count) << ranks << count;
  }
  void everyRankHasTheMeanOfAll() {
    QFETCH(int, ranks);
    QFETCH(int, count);
    const auto out =
        TakeMeans(std::vector<int>(static_cast<size_t>(ranks), kNeverDies), static_cast<size_t>(count));
    const Floats expected = MeanOf(static_cast<size_t>(ranks), static_cast<size_t>(count), {});
    for (size_t r = 0; r < out.mean.size(); ++r) {
      QVERIFY2(out.status[r].ok(), std::string(out.status[r].message()).c_str());
      QVERIFY(out.mean[r] == expected);
    }
  }

  void aDeathAtAnyMessageIsSurvived_data() {
    QTest::addColumn<int>("ranks");
    QTest::addColumn<int>("dead");
    for (const int ranks : {2, 3, 4})
      for (int dead = 0; dead < ranks; ++dead) QTest::addRow("%d of %d", dead, ranks) << ranks << dead;
  }
  void aDeathAtAnyMessageIsSurvived() {
    QFETCH(int, ranks);
    QFETCH(int, dead);
    const auto n = static_cast<size_t>(ranks), d = static_cast<size_t>(dead);
    std::vector<int> dies_at(n, kNeverDies);
    const int messages = TakeMeans(dies_at, kFloats).sends[d];
    QVERIFY(messages >= 4 * (ranks - 1));  // two halves of a sum, two rounds of a roll call
    const Floats of_all = MeanOf(n, kFloats, {}), of_left = MeanOf(n, kFloats, {d});
    int with_the_dead = 0, without = 0;
    for (int message = 0; message < messages; ++message) {
      dies_at[d] = message;
      const auto out = TakeMeans(dies_at, kFloats);
      QVERIFY(!out.status[d].ok());
      const size_t first = d == 0 ? 1 : 0;
      for (size_t r = 0; r < n; ++r) {
        if (r == d) continue;
        QVERIFY2(out.status[r].ok(), std::string(out.status[r].message()).c_str());
        QVERIFY2(out.mean[r] == out.mean[first], qPrintable(QString::number(message)));
      }
      QVERIFY(out.mean[first] == of_all || out.mean[first] == of_left);
      ++(out.mean[first] == of_all ? with_the_dead : without);
    }
    // It is gone before it has sent all that it owes, or in the roll call that follows.
    QVERIFY(with_the_dead > 0 && without > 0);
  }

  void severalDeathsAreSurvived() {
    constexpr size_t kRanks = 5;
    Rng rng(1, "deaths", 0);
    for (int trial = 0; trial < 60; ++trial) {
      std::vector<int> dies_at(kRanks, kNeverDies);
      const size_t deaths = 2 + rng.Below(2);
      for (size_t i = 0; i < deaths; ++i) dies_at[rng.Below(kRanks)] = static_cast<int>(rng.Below(24));
      const auto out = TakeMeans(dies_at, kFloats);
      const Floats* mean = nullptr;
      for (size_t r = 0; r < kRanks; ++r) {
        if (dies_at[r] != kNeverDies && !out.status[r].ok()) continue;
        QVERIFY2(out.status[r].ok(), std::string(out.status[r].message()).c_str());
        if (mean == nullptr) mean = &out.mean[r];
        QVERIFY2(out.mean[r] == *mean, qPrintable(QString::number(trial)));
      }
      QVERIFY(mean != nullptr);
    }
  }

  void whoHangsEndsItAndIsNamed() {
    auto transports = MakeInProcessTransports(3);
    for (auto& transport : transports) transport->SurviveLoss();
    std::vector<absl::Status> status(3);
    std::latch given_up(2);
    std::vector<std::thread> threads;
    for (size_t r = 0; r < 3; ++r)
      threads.emplace_back([&, r] {
        const std::unique_ptr<Transport> transport = std::move(transports[r]);
        if (r == 2) return given_up.wait();  // lives, and says nothing
        RollCall roll_call(*transport, {0, 1, 2}, 30);
        AgreedMean mean(*transport, roll_call, {0, 1, 2}, 31);
        Floats taken(kFloats);
        status[r] = mean.Take(ValuesOf(r, kFloats), taken, 0.2);
        given_up.arrive_and_wait();
      });
    for (std::thread& thread : threads) thread.join();
    for (size_t r = 0; r < 2; ++r) {
      QVERIFY(absl::IsDeadlineExceeded(status[r]));
      QVERIFY(status[r].message().find("rank 2") != std::string::npos);
    }
  }
};

CONCERTINA_TEST(AgreedMeanTest)

}  // namespace concertina::agreed_mean_test

#include "agreed_mean_test.moc"
