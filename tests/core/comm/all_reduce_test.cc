// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// all_reduce_test.cc: every way to an all-reduce gives the sum, the same bits everywhere, whatever the number
// of ranks and elements; tables that choose among them; the double tree's shape.
#include "core/comm/all_reduce.h"

#include <QTemporaryDir>
#include <QTest>
#include <bit>
#include <cmath>
#include <fstream>
#include <numeric>

#include "absl/strings/match.h"
#include "core/base/registry.h"
#include "core/base/rng.h"
#include "core/comm/communicator.h"
#include "fmt/format.h"
#include "tests/core/comm/rank_threads.h"
#include "tests/test_program.h"

namespace concertina::all_reduce_test {
namespace {

std::vector<int> Everyone(int size) {
  std::vector<int> members(static_cast<size_t>(size));
  std::iota(members.begin(), members.end(), 0);
  return members;
}

absl::Status Expect(bool condition, const std::string& what) {
  return condition ? absl::OkStatus() : absl::InternalError(what);
}

std::vector<float> FloatsOf(int rank, size_t count) {
  Rng rng(5, "all-reduce test", static_cast<uint64_t>(rank));
  std::vector<float> values(count);
  for (float& value : values) value = static_cast<float>(rng.Normal());
  return values;
}

// Halves with few enough bits that sums of eight of them are exact: k / 64 with |k| <= 128.
std::vector<uint16_t> HalvesOf(int rank, size_t count, std::vector<double>& values) {
  Rng rng(6, "all-reduce test", static_cast<uint64_t>(rank));
  std::vector<uint16_t> halves(count);
  values.resize(count);
  for (size_t i = 0; i < count; ++i) {
    const int k = static_cast<int>(rng.Next() % 257) - 128;
    values[i] = k / 64.0;
    const auto bits = std::bit_cast<uint32_t>(static_cast<float>(values[i]));
    halves[i] = k == 0 ? 0
                       : static_cast<uint16_t>((bits >> 16 & 0x8000) |
                                               ((((bits >> 23) & 0xff) - 112) << 10 | (bits >> 13 & 0x3ff)));
  }
  return halves;
}
double ValueOf(uint16_t half) {
  const int exponent = half >> 10 & 31, mantissa = half & 1023;
  const double value = exponent == 0 ? std::ldexp(mantissa, -24) : std::ldexp(1024 + mantissa, exponent - 25);
  return (half & 0x8000) != 0 ? -value : value;
}

std::vector<std::string> Ways() {
  std::vector<std::string> names = AllReduceNames();
  names.pop_back();  // auto is one of them
  return names;
}

}  // namespace

class AllReduceTest : public QObject {
  Q_OBJECT
 private slots:
  void initTestCase() { qputenv("XDG_CACHE_HOME", cache_.path().toUtf8()); }

  void namesAndAlgorithmsAreOne() {
    for (const std::string& name : AllReduceNames()) QVERIFY(NameOf(*AllReduceAlgorithmNamed(name)) == name);
    QVERIFY(!AllReduceAlgorithmNamed("rings"));
    QVERIFY(AllReduceAlgorithmNamed("auto") == AllReduceAlgorithm::kAuto);
  }

  void allHaveTheSumAndTheSameBits_data() {
    QTest::addColumn<QString>("kind");
    QTest::addColumn<QString>("way");
    QTest::addColumn<int>("ranks");
    QTest::addColumn<int>("group");
    for (const std::string& way : Ways())
      for (const int ranks : {1, 2, 3, 4, 5, 6, 7, 8})
        for (const int group :
             way == "hierarchical" ? std::vector<int>{1, 2, 3, 4, 9} : std::vector<int>{2}) {
          for (const char* kind : {"in-process", "shared-memory", "grpc", kBetweenHosts})
            if (std::string(kind).substr(0, 4) != "grpc" || ranks == 2 || ranks == 3 || ranks == 4)
              QTest::addRow("%s, %s, %d ranks, groups of %d", kind, way.c_str(), ranks, group)
                  << kind << QString::fromStdString(way) << ranks << group;
        }
  }
  void allHaveTheSumAndTheSameBits() {
    QFETCH(QString, kind);
    QFETCH(QString, way);
    QFETCH(int, ranks);
    QFETCH(int, group);
    const AllReduceWay chosen{.algorithm = *AllReduceAlgorithmNamed(way.toStdString()), .group = group};
    std::vector<size_t> sizes = {0, 1, 3, 7, 1000};
    if (ranks == 3 || ranks == 4) sizes.push_back((size_t{1} << 20) + 1);
    const auto n = static_cast<size_t>(ranks);
    for (const size_t size : sizes) {
      std::vector<std::vector<float>> floats(n);
      std::vector<std::vector<uint16_t>> halves(n);
      std::vector<double> sums(size), half_sums(size);
      for (size_t rank = 0; rank < n; ++rank) {
        std::vector<double> values;
        floats[rank] = FloatsOf(static_cast<int>(rank), size);
        halves[rank] = HalvesOf(static_cast<int>(rank), size, values);
        for (size_t i = 0; i < size; ++i) {
          sums[i] += floats[rank][i];
          half_sums[i] += values[i];
        }
      }
      const float scale = 1.0f / static_cast<float>(ranks);
      const auto said = RunRanks(kind.toStdString(), ranks, {}, [&](Transport& transport) -> absl::Status {
        Communicator everyone(transport, Everyone(ranks), 1);
        const auto self = static_cast<size_t>(transport.rank());
        RETURN_IF_ERROR(everyone.AllReduceSum(floats[self], Deadline::After(20), scale, chosen));
        return everyone.AllReduceSumHalf(halves[self], Deadline::After(20), chosen);
      });
      QVERIFY2(FirstError(said).ok(), FirstError(said).ToString().c_str());
      for (size_t rank = 0; rank < n; ++rank) {
        QVERIFY(floats[rank] == floats[0]);
        QVERIFY(halves[rank] == halves[0]);
      }
      for (size_t i = 0; i < size; ++i) {
        // N - 1 additions of values of about 1, and a product, each rounded at 2^-24.
        QVERIFY(std::abs(floats[0][i] - sums[i] / ranks) < 3e-6);
        QVERIFY(ValueOf(halves[0][i]) == half_sums[i]);
      }
    }
  }

  void someRanksOfManyAreAGroup_data() {
    QTest::addColumn<QString>("way");
    for (const std::string& way : Ways()) QTest::newRow(way.c_str()) << QString::fromStdString(way);
  }
  void someRanksOfManyAreAGroup() {
    QFETCH(QString, way);
    const AllReduceWay chosen{.algorithm = *AllReduceAlgorithmNamed(way.toStdString())};
    const auto said = RunRanks("in-process", 6, {}, [&](Transport& transport) -> absl::Status {
      // Even and odd ranks at the same time, over one transport, in another order than that of the ranks.
      const std::vector<int> members =
          transport.rank() % 2 == 0 ? std::vector<int>{4, 0, 2} : std::vector<int>{1, 5, 3};
      Communicator group(transport, members, 3);
      for (int round = 0; round < 3; ++round) {
        std::vector<float> values(100, static_cast<float>(transport.rank()));
        RETURN_IF_ERROR(group.AllReduceSum(values, Deadline::After(20), 1, chosen));
        for (const float value : values)
          RETURN_IF_ERROR(Expect(value == (transport.rank() % 2 == 0 ? 6 : 9), fmt::format("{}", value)));
      }
      return absl::OkStatus();
    });
    QVERIFY2(FirstError(said).ok(), FirstError(said).ToString().c_str());
  }

  void aRankThatDiesEndsTheOthersWithItsName_data() {
    QTest::addColumn<QString>("way");
    QTest::addColumn<int>("dead");
    for (const std::string& way : Ways())
      for (const int dead : {0, 2, 4})
        QTest::addRow("%s, rank %d", way.c_str(), dead) << QString::fromStdString(way) << dead;
  }
  void aRankThatDiesEndsTheOthersWithItsName() {
    QFETCH(QString, way);
    QFETCH(int, dead);
    const AllReduceWay chosen{.algorithm = *AllReduceAlgorithmNamed(way.toStdString())};
    const std::string name = fmt::format("rank {}: ", dead);
    const auto said = RunRanks("in-process", 5, {}, [&](Transport& transport) -> absl::Status {
      Communicator everyone(transport, Everyone(5), 1);
      std::vector<float> values(1000, 1);
      if (transport.rank() == dead) {
        everyone.AllReduceSum(values, Deadline::After(20), 1, chosen).IgnoreError();
        transport.Abort(absl::DataLossError("its disk is full"));
        return absl::OkStatus();
      }
      // It may have sent its part before it died, but not all of many.
      absl::Status status;
      for (int round = 0; round < 100 && status.ok(); ++round)
        status = everyone.AllReduceSum(values, Deadline::After(20), 0.2f, chosen);
      return Expect(absl::IsUnavailable(status) && absl::StartsWith(status.message(), name),
                    status.ToString());
    });
    QVERIFY2(FirstError(said).ok(), FirstError(said).ToString().c_str());
  }

  void bothTreesHoldEveryoneAndNobodyIsWithinTwice() {
    for (int n = 2; n <= 70; ++n)
      for (const int tree : {0, 1}) {
        int roots = 0, children = 0;
        for (int rank = 0; rank < n; ++rank) {
          const TreePlace place = PlaceInTree(tree, rank, n);
          if (place.parent < 0) ++roots;
          for (const int child : {place.left, place.right}) {
            if (child < 0) continue;
            ++children;
            QCOMPARE(PlaceInTree(tree, child, n).parent, rank);
          }
          if (tree == 1) QVERIFY(place.is_leaf() || PlaceInTree(0, rank, n).is_leaf());
          int depth = 0;
          for (int up = rank; up >= 0; up = PlaceInTree(tree, up, n).parent) QVERIFY(++depth <= 8);
          QVERIFY(depth <= static_cast<int>(std::bit_width(static_cast<unsigned>(n))));
        }
        QCOMPARE(roots, 1);
        QCOMPARE(children, n - 1);
      }
  }

  void autoNeedsATable() {
    const auto said = RunRanks("in-process", 2, {}, [](Transport& transport) -> absl::Status {
      Communicator everyone(transport, Everyone(2), 1);
      std::vector<float> values(10);
      const absl::Status status =
          everyone.AllReduceSum(values, Deadline::After(20), 1, {.algorithm = AllReduceAlgorithm::kAuto});
      return Expect(absl::IsFailedPrecondition(status), status.ToString());
    });
    QVERIFY2(FirstError(said).ok(), FirstError(said).ToString().c_str());
  }

  void allRanksHaveTheSameMeasuredTableAndItIsKept() {
    std::vector<AllReduceTable> first(3), second(3);
    for (auto* tables : {&first, &second}) {
      const auto said = RunRanks("in-process", 3, {}, [&](Transport& transport) -> absl::Status {
        Communicator everyone(transport, Everyone(3), 1);
        RETURN_IF_ERROR(everyone.PrepareAuto(2, Deadline::After(60)));
        (*tables)[static_cast<size_t>(transport.rank())] = everyone.table();
        std::vector<float> values(1000, 1);
        RETURN_IF_ERROR(
            everyone.AllReduceSum(values, Deadline::After(20), 1, {.algorithm = AllReduceAlgorithm::kAuto}));
        return Expect(values[0] == 3 && values[999] == 3, "not the sum");
      });
      QVERIFY2(FirstError(said).ok(), FirstError(said).ToString().c_str());
    }
    for (const AllReduceTable& table : first) QVERIFY(table.ToBytes() == first[0].ToBytes());
    for (const AllReduceTable& table : second) QVERIFY(table.ToBytes() == first[0].ToBytes());
    QVERIFY(!first[0].empty());
    QVERIFY(QFile::exists(QString::fromStdString(AllReduceTablePath())));
  }

  void aTableChoosesByBytes() {
    const AllReduceTable table({{1000, AllReduceAlgorithm::kOneShot}, {5000, AllReduceAlgorithm::kTwoShot}});
    QVERIFY(table.Choose(0) == AllReduceAlgorithm::kOneShot);
    QVERIFY(table.Choose(1000) == AllReduceAlgorithm::kOneShot);
    QVERIFY(table.Choose(1001) == AllReduceAlgorithm::kTwoShot);
    QVERIFY(table.Choose(1 << 30) == AllReduceAlgorithm::kTwoShot);
    const auto again = AllReduceTable::FromBytes(table.ToBytes());
    QVERIFY(again.ok() && again->ToBytes() == table.ToBytes());
  }

  void bytesThatAreNoTableAreRefused() {
    const AllReduceTable table({{1000, AllReduceAlgorithm::kOneShot}, {5000, AllReduceAlgorithm::kTwoShot}});
    std::vector<uint8_t> bytes = table.ToBytes();
    for (const size_t length : {size_t{1}, size_t{11}, size_t{23}})
      QVERIFY(absl::IsDataLoss(AllReduceTable::FromBytes(std::span(bytes).first(length)).status()));
    std::vector<uint8_t> unknown = bytes;
    unknown[8] = static_cast<uint8_t>(AllReduceAlgorithm::kAuto);
    QVERIFY(absl::IsDataLoss(AllReduceTable::FromBytes(unknown).status()));
    std::vector<uint8_t> descending = bytes;
    descending[13] = 0;  // 5000 becomes 136
    QVERIFY(absl::IsDataLoss(AllReduceTable::FromBytes(descending).status()));
  }

  void aFileThatCannotBeBelievedIsNone_data() {
    QTest::addColumn<QString>("text");
    QTest::addColumn<bool>("believed");
    QTest::newRow("a table") << R"({"k": [{"up_to_bytes": 9, "algorithm": "ring"}]})" << true;
    QTest::newRow("another key") << R"({"l": [{"up_to_bytes": 9, "algorithm": "ring"}]})" << false;
    QTest::newRow("no JSON") << R"({"k": [)" << false;
    QTest::newRow("an unknown way") << R"({"k": [{"up_to_bytes": 9, "algorithm": "rings"}]})" << false;
    QTest::newRow("auto") << R"({"k": [{"up_to_bytes": 9, "algorithm": "auto"}]})" << false;
    QTest::newRow("negative") << R"({"k": [{"up_to_bytes": -9, "algorithm": "ring"}]})" << false;
    QTest::newRow("a row without bytes") << R"({"k": [{"algorithm": "ring"}]})" << false;
    QTest::newRow("no rows") << R"({"k": 7})" << false;
  }
  void aFileThatCannotBeBelievedIsNone() {
    QFETCH(QString, text);
    QFETCH(bool, believed);
    const std::string path = cache_.filePath("table.json").toStdString();
    std::ofstream(path) << text.toStdString();
    QCOMPARE(!ReadAllReduceTable(path, "k").empty(), believed);
    // And it is written over without loss of the keys that are there.
    QVERIFY(WriteAllReduceTable(path, "new", AllReduceTable({{7, AllReduceAlgorithm::kRing}})).ok());
    QCOMPARE(ReadAllReduceTable(path, "new").rows().size(), size_t{1});
    QCOMPARE(!ReadAllReduceTable(path, "k").empty(), believed);
  }

 private:
  const QTemporaryDir cache_;
};

CONCERTINA_TEST(AllReduceTest)

}  // namespace concertina::all_reduce_test

#include "all_reduce_test.moc"
