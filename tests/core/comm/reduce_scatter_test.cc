// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// reduce_scatter_test.cc: each rank its chunk of the sum, all chunks to all ranks, wherever they are cut.
#include <QTest>
#include <cmath>
#include <numeric>

#include "absl/strings/match.h"
#include "core/base/registry.h"
#include "core/base/rng.h"
#include "core/comm/communicator.h"
#include "fmt/format.h"
#include "tests/core/comm/rank_threads.h"
#include "tests/test_program.h"

namespace concertina::reduce_scatter_test {
namespace {

std::vector<float> ValuesOf(int rank, size_t count) {
  Rng rng(11, "reduce-scatter test", static_cast<uint64_t>(rank));
  std::vector<float> values(count);
  for (float& value : values) value = static_cast<float>(rng.Normal());
  return values;
}

std::vector<int> Everyone(int size) {
  std::vector<int> members(static_cast<size_t>(size));
  std::iota(members.begin(), members.end(), 0);
  return members;
}

// How `count` elements are cut for `ranks`.
std::vector<size_t> Cut(const QString& how, size_t count, int ranks) {
  const auto n = static_cast<size_t>(ranks);
  std::vector<size_t> bounds(n + 1);
  for (size_t r = 0; r <= n; ++r) {
    if (how == "even") bounds[r] = count * r / n;
    if (how == "all to the last") bounds[r] = r < n ? 0 : count;
    if (how == "growing") bounds[r] = count * r * r / (n * n);
    if (how == "within") bounds[r] = count / 4 + count * r / n / 2;  // the ends belong to nobody
  }
  return bounds;
}

absl::Status Expect(bool condition, const std::string& what) {
  return condition ? absl::OkStatus() : absl::InternalError(what);
}

}  // namespace

class ReduceScatterTest : public QObject {
  Q_OBJECT
 private slots:
  void eachGetsItsChunkOfTheSumAndAllGetAll_data() {
    QTest::addColumn<QString>("kind");
    QTest::addColumn<int>("ranks");
    QTest::addColumn<QString>("cut");
    QTest::addColumn<int>("count");
    for (const int ranks : {1, 2, 3, 4, 5, 8})
      for (const char* cut : {"even", "all to the last", "growing", "within"})
        for (const int count : {0, 1, 7, 1000, 100'001}) {
          QTest::addRow("in-process, %d ranks, %s, %d", ranks, cut, count)
              << "in-process" << ranks << cut << count;
          if (ranks == 2 || ranks == 3)
            for (const char* kind : {"grpc", kBetweenHosts})
              QTest::addRow("%s, %d ranks, %s, %d", kind, ranks, cut, count) << kind << ranks << cut << count;
        }
  }
  void eachGetsItsChunkOfTheSumAndAllGetAll() {
    QFETCH(QString, kind);
    QFETCH(int, ranks);
    QFETCH(QString, cut);
    QFETCH(int, count);
    const auto size = static_cast<size_t>(count);
    const std::vector<size_t> bounds = Cut(cut, size, ranks);
    std::vector<double> sums(size);
    for (int rank = 0; rank < ranks; ++rank) {
      const std::vector<float> values = ValuesOf(rank, size);
      for (size_t i = 0; i < size; ++i) sums[i] += values[i];
    }
    std::vector<std::vector<float>> results(static_cast<size_t>(ranks));
    const auto said = RunRanks(kind.toStdString(), ranks, {}, [&](Transport& transport) -> absl::Status {
      Communicator group(transport, Everyone(ranks), 1);
      const auto self = static_cast<size_t>(transport.rank());
      const std::vector<float> before = ValuesOf(transport.rank(), size);
      std::vector<float> values = before;
      const float scale = 1.0f / static_cast<float>(ranks);
      RETURN_IF_ERROR(group.ReduceScatterSum(values, bounds, Deadline::After(20), scale));
      for (size_t i = 0; i < size; ++i) {
        const bool is_mine = i >= bounds[self] && i < bounds[self + 1];
        // N - 1 additions of values of about 1, each rounded at 2^-24.
        const bool is_right = is_mine ? std::abs(values[i] - sums[i] / ranks) < 2e-6 : values[i] == before[i];
        RETURN_IF_ERROR(Expect(is_right, fmt::format("element {} is {}", i, values[i])));
      }
      const uint64_t sent = transport.counts().payload_sent;
      const size_t mine = bounds[self + 1] - bounds[self];
      RETURN_IF_ERROR(
          Expect(sent == 4 * (bounds.back() - bounds.front() - mine), fmt::format("{} bytes sent", sent)));
      RETURN_IF_ERROR(group.AllGather(values, bounds, Deadline::After(20)));
      const uint64_t sent_then = transport.counts().payload_sent - sent;
      RETURN_IF_ERROR(Expect(sent_then == 4 * mine * static_cast<size_t>(ranks - 1),
                             fmt::format("{} bytes sent then", sent_then)));
      results[self] = {values.begin() + static_cast<ptrdiff_t>(bounds.front()),
                       values.begin() + static_cast<ptrdiff_t>(bounds.back())};
      return absl::OkStatus();
    });
    const absl::Status error = FirstError(said);
    QVERIFY2(error.ok(), error.ToString().c_str());
    for (const auto& result : results) QVERIFY(result == results[0]);
    for (size_t i = 0; i < results[0].size(); ++i)
      QVERIFY(std::abs(results[0][i] - sums[bounds.front() + i] / ranks) < 2e-6);
  }

  void boundsThatAreNoneAreRefused() {
    auto transports = MakeInProcessTransports(1);
    Communicator group(*transports[0], {0}, 1);
    std::vector<float> values(10);
    const auto refuses = [&](std::vector<size_t> bounds) {
      return absl::IsInvalidArgument(group.ReduceScatterSum(values, bounds, Deadline::After(1))) &&
             absl::IsInvalidArgument(group.AllGather(values, bounds, Deadline::After(1)));
    };
    QVERIFY(refuses({}));
    QVERIFY(refuses({0}));
    QVERIFY(refuses({0, 5, 10}));
    QVERIFY(refuses({5, 4}));
    QVERIFY(refuses({0, 11}));
    QVERIFY(!refuses({0, 10}));
  }

  void aDeadRankIsNamed() {
    const auto said = RunRanks("in-process", 3, {}, [](Transport& transport) -> absl::Status {
      if (transport.rank() == 1) {
        transport.Abort(absl::DataLossError("its disk is full"));
        return absl::OkStatus();
      }
      Communicator group(transport, Everyone(3), 1);
      std::vector<float> values(9);
      const std::vector<size_t> bounds = {0, 3, 6, 9};
      const absl::Status status = group.ReduceScatterSum(values, bounds, Deadline::After(20));
      return Expect(absl::IsUnavailable(status) && absl::StartsWith(status.message(), "rank 1: "),
                    status.ToString());
    });
    QVERIFY2(FirstError(said).ok(), FirstError(said).ToString().c_str());
  }
};

CONCERTINA_TEST(ReduceScatterTest)

}  // namespace concertina::reduce_scatter_test

#include "reduce_scatter_test.moc"
