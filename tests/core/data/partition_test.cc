// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// partition_test.cc: what holds for every partition, and what each one promises.
#include "core/data/partition.h"

#include <QTest>
#include <algorithm>
#include <numeric>
#include <set>

#include "core/base/registry.h"
#include "core/base/rng.h"
#include "nlohmann/json.hpp"
#include "tests/test_program.h"

namespace concertina::partition_test {
namespace {

using Indices = std::vector<int64_t>;

std::unique_ptr<Partition> Make(const Json& spec) {
  std::vector<Fault> faults;
  const Params params = Registry::Global().Check("partition", spec, "", faults);
  if (!faults.empty()) return nullptr;
  auto partition = Registry::Global().Create<Partition>("partition", params);
  return partition.ok() ? *std::move(partition) : nullptr;
}

// Classes of unequal size in no order, as real files have them.
std::vector<int32_t> Labels(int64_t count, int classes) {
  Rng rng(3, "labels");
  std::vector<int32_t> labels;
  for (int64_t i = 0; i < count; ++i)
    labels.push_back(static_cast<int32_t>(static_cast<double>(classes) * std::pow(rng.Uniform(), 1.3)));
  return labels;
}

std::vector<int64_t> CountClasses(const std::vector<int32_t>& labels, const Indices& shard, int classes) {
  std::vector<int64_t> counts(static_cast<size_t>(classes));
  for (const int64_t i : shard) ++counts[static_cast<size_t>(labels[static_cast<size_t>(i)])];
  return counts;
}

}  // namespace

class PartitionTest : public QObject {
  Q_OBJECT

  void addEveryPartition() {
    QTest::addColumn<QString>("kind");
    for (const std::string& kind : Registry::Global().Kinds("partition"))
      QTest::newRow(kind.c_str()) << QString::fromStdString(kind);
  }

 private slots:
  void theFourOfTheDesignAreThere() {
    const std::vector<std::string> kinds = Registry::Global().Kinds("partition");
    for (const char* kind : {"iid", "shards", "dirichlet", "quantity-skew"})
      QVERIFY2(std::count(kinds.begin(), kinds.end(), kind) == 1, kind);
  }

  void shardsAreDisjointAndTogetherAll_data() { addEveryPartition(); }
  void shardsAreDisjointAndTogetherAll() {
    QFETCH(QString, kind);
    const auto partition = Make({{"kind", kind.toStdString()}});
    for (const auto& [samples, workers] :
         {std::pair<int64_t, int64_t>{1, 1}, {7, 1}, {10, 5}, {1000, 7}, {1001, 16}, {997, 3}}) {
      const std::vector<int32_t> labels = Labels(samples, 10);
      const auto sizes = partition->ShardSizes(labels, workers, 5);
      if (kind == "shards" && 2 * workers > samples) {
        QCOMPARE(sizes.status().code(), absl::StatusCode::kInvalidArgument);
        continue;
      }
      QVERIFY(sizes.ok());
      QCOMPARE(sizes->size(), static_cast<size_t>(workers));
      for (const int64_t epoch : {0, 3}) {
        Indices all;
        for (int64_t worker = 0; worker < workers; ++worker) {
          const auto shard = partition->Shard(labels, worker, workers, 5, epoch);
          QVERIFY(shard.ok());
          QVERIFY(!shard->empty());
          QCOMPARE(static_cast<int64_t>(shard->size()), (*sizes)[static_cast<size_t>(worker)]);
          all.insert(all.end(), shard->begin(), shard->end());
        }
        std::sort(all.begin(), all.end());
        Indices wanted(static_cast<size_t>(samples));
        std::iota(wanted.begin(), wanted.end(), 0);
        QCOMPARE(all, wanted);
      }
    }
  }

  void allShardsAtOnceAreTheShardsOneByOne_data() { addEveryPartition(); }
  void allShardsAtOnceAreTheShardsOneByOne() {
    QFETCH(QString, kind);
    const auto partition = Make({{"kind", kind.toStdString()}});
    const std::vector<int32_t> labels = Labels(1003, 10);
    for (const int64_t workers : {1, 2, 7, 100}) {
      const auto shards = partition->Shards(labels, workers, 5);
      QVERIFY(shards.ok());
      QCOMPARE(shards->size(), static_cast<size_t>(workers));
      for (int64_t worker = 0; worker < workers; ++worker) {
        Indices shard = partition->Shard(labels, worker, workers, 5, 0).value();
        std::sort(shard.begin(), shard.end());
        QCOMPARE((*shards)[static_cast<size_t>(worker)], shard);
      }
    }
    QCOMPARE(partition->Shards(labels, 1004, 5).status().code(), absl::StatusCode::kInvalidArgument);
  }

  void theSameArgumentsGiveTheSameShard_data() { addEveryPartition(); }
  void theSameArgumentsGiveTheSameShard() {
    QFETCH(QString, kind);
    const auto partition = Make({{"kind", kind.toStdString()}});
    const std::vector<int32_t> labels = Labels(500, 10);
    const Indices first = partition->Shard(labels, 1, 4, 9, 2).value();
    QCOMPARE(partition->Shard(labels, 1, 4, 9, 2).value(), first);
    // Another seed gives other samples, not only another order.
    Indices set = first, other = partition->Shard(labels, 1, 4, 10, 2).value();
    std::sort(set.begin(), set.end());
    std::sort(other.begin(), other.end());
    QVERIFY(set != other);
    Indices kept;
    QVERIFY(partition->ShardInto(labels, 1, 4, 9, 2, kept).ok());
    QCOMPARE(kept, first);
  }

  void fixedShardsAreShuffledAnewEachEpochAndKeepTheirSet_data() { addEveryPartition(); }
  void fixedShardsAreShuffledAnewEachEpochAndKeepTheirSet() {
    QFETCH(QString, kind);
    const auto partition = Make({{"kind", kind.toStdString()}});
    const std::vector<int32_t> labels = Labels(500, 10);
    Indices first = partition->Shard(labels, 1, 4, 9, 0).value();
    Indices second = partition->Shard(labels, 1, 4, 9, 1).value();
    QVERIFY(first != second);
    std::sort(first.begin(), first.end());
    std::sort(second.begin(), second.end());
    QCOMPARE(first == second, !partition->redrawn_each_epoch());
  }

  void iidWorkersTakeEveryNthSampleOfOnePermutation() {
    const auto iid = Make({{"kind", "iid"}});
    QVERIFY(iid->redrawn_each_epoch());
    const std::vector<int32_t> labels = Labels(103, 10);
    for (const int64_t epoch : {0, 1, 7}) {
      const Indices permutation = iid->Shard(labels, 0, 1, 21, epoch).value();
      for (const int64_t workers : {2, 5, 103})
        for (int64_t worker = 0; worker < workers; ++worker) {
          Indices wanted;
          for (size_t i = static_cast<size_t>(worker); i < permutation.size();
               i += static_cast<size_t>(workers))
            wanted.push_back(permutation[i]);
          QCOMPARE(iid->Shard(labels, worker, workers, 21, epoch).value(), wanted);
        }
    }
  }

  void shardsGiveAWorkerFewClasses() {
    // 10 classes of 60 samples, cut into 20 shards of 30: no shard holds two classes.
    std::vector<int32_t> labels;
    for (int i = 0; i < 600; ++i) labels.push_back((i * 7) % 10);
    const auto shards = Make({{"kind", "shards"}, {"shards_per_worker", 2}});
    std::set<std::vector<int64_t>> hands;
    for (int64_t worker = 0; worker < 10; ++worker) {
      const Indices shard = shards->Shard(labels, worker, 10, 4, 0).value();
      QCOMPARE(shard.size(), size_t{60});
      const std::vector<int64_t> counts = CountClasses(labels, shard, 10);
      QVERIFY(std::count_if(counts.begin(), counts.end(), [](int64_t n) { return n > 0; }) <= 2);
      hands.insert(counts);
    }
    QVERIFY(hands.size() > 5);  // dealt by chance, not in order
  }

  void dirichletShardsAreOfEqualSize() {
    const auto dirichlet = Make({{"kind", "dirichlet"}, {"alpha", 0.1}});
    const auto sizes = dirichlet->ShardSizes(Labels(1003, 10), 4, 2).value();
    QCOMPARE(sizes, (Indices{251, 251, 251, 250}));
  }

  void dirichletGoesFromOneClassToTheWholeMixture() {
    // The share of a worker's commonest class, mean over the workers, falls as alpha grows. 10 classes of
    // 2000.
    std::vector<int32_t> labels;
    for (int i = 0; i < 20000; ++i) labels.push_back(i % 10);
    const auto commonest = [&](double alpha) {
      const auto dirichlet = Make({{"kind", "dirichlet"}, {"alpha", alpha}});
      double mean = 0;
      for (int64_t worker = 0; worker < 10; ++worker) {
        const std::vector<int64_t> counts =
            CountClasses(labels, dirichlet->Shard(labels, worker, 10, 1, 0).value(), 10);
        mean += static_cast<double>(*std::max_element(counts.begin(), counts.end())) / 2000 / 10;
      }
      return mean;
    };
    double before = 1;
    for (const double alpha : {0.1, 3.0, 30.0, 1000.0, 1e6}) {
      const double mean = commonest(alpha);
      QVERIFY2(mean < before, qPrintable(QString("alpha %1: %2").arg(alpha).arg(mean)));
      before = mean;
    }
    // The largest of ten multinomial counts about 200 of 2000: below 200 + 4 sigma, sigma = sqrt(2000 * 0.1 *
    // 0.9) = 13.4.
    QVERIFY2(before < 0.127, qPrintable(QString::number(before)));
  }

  void dirichletWithLittleAlphaGivesAWorkerOneClassWhileItLasts() {
    // 3 workers of 1 sample in 1000 each: no class can run out, so that each draws from its own q only.
    std::vector<int32_t> labels;
    for (int i = 0; i < 3000; ++i) labels.push_back(i % 3);
    const auto dirichlet = Make({{"kind", "dirichlet"}, {"alpha", 1e-4}});
    int pure = 0;
    for (uint64_t seed = 0; seed < 20; ++seed) {
      std::set<int64_t> favourites;
      int single = 0;
      for (int64_t worker = 0; worker < 3; ++worker) {
        const auto counts = CountClasses(labels, dirichlet->Shard(labels, worker, 3, seed, 0).value(), 3);
        const auto most = std::max_element(counts.begin(), counts.end());
        favourites.insert(most - counts.begin());
        single += *most == 1000;
      }
      // Three different favourites have 1000 samples each: exactly enough.
      if (favourites.size() == 3) pure += single == 3;
    }
    QVERIFY(pure >= 1);
  }

  void dirichletMixturesHaveThePriorAsTheirMean() {
    // E[q_c] = p_c: with as many workers as samples, each drawing once, all classes are used up exactly;
    // with alpha large, each worker's counts are multinomial about 500 p_c. 5 sigma of sqrt(500 * 0.3 * 0.7)
    // = 51.
    std::vector<int32_t> labels;
    for (int i = 0; i < 10000; ++i) labels.push_back(i % 10 < 3 ? 0 : 1);
    const auto dirichlet = Make({{"kind", "dirichlet"}, {"alpha", 1e6}});
    for (int64_t worker = 0; worker < 20; ++worker) {
      const auto counts = CountClasses(labels, dirichlet->Shard(labels, worker, 20, 1, 0).value(), 2);
      QVERIFY2(std::abs(counts[0] - 150) <= 51, qPrintable(QString::number(counts[0])));
    }
  }

  void quantitySkewFollowsItsPowerLaw() {
    const std::vector<int32_t> labels = Labels(10000, 10);
    const auto sizes = Make({{"kind", "quantity-skew"}, {"exponent", 1.0}})->ShardSizes(labels, 4, 1).value();
    for (size_t r = 0; r < 4; ++r) {
      const double wanted = 1 + 9996.0 / (static_cast<double>(r) + 1) / (1 + 1.0 / 2 + 1.0 / 3 + 1.0 / 4);
      QVERIFY2(std::abs(static_cast<double>(sizes[r]) - wanted) <= 1, qPrintable(QString::number(sizes[r])));
    }
    QCOMPARE(Make({{"kind", "quantity-skew"}, {"exponent", 0}})->ShardSizes(labels, 4, 1).value(),
             (Indices{2500, 2500, 2500, 2500}));
    const auto steep = Make({{"kind", "quantity-skew"}, {"exponent", 10}})->ShardSizes(labels, 64, 1).value();
    QVERIFY(*std::min_element(steep.begin(), steep.end()) >= 1);
  }

  void whatCannotBeSharedIsRefused_data() { addEveryPartition(); }
  void whatCannotBeSharedIsRefused() {
    QFETCH(QString, kind);
    const auto partition = Make({{"kind", kind.toStdString()}});
    const std::vector<int32_t> labels = Labels(5, 2);
    QCOMPARE(partition->Shard(labels, 0, 6, 1, 0).status().code(), absl::StatusCode::kInvalidArgument);
    QCOMPARE(partition->ShardSizes(labels, 6, 1).status().code(), absl::StatusCode::kInvalidArgument);
    QCOMPARE(partition->Shard({}, 0, 1, 1, 0).status().code(), absl::StatusCode::kInvalidArgument);
    QCOMPARE(partition->Shard(labels, 2, 2, 1, 0).status().code(), absl::StatusCode::kInvalidArgument);
    QCOMPARE(partition->Shard(labels, -1, 2, 1, 0).status().code(), absl::StatusCode::kInvalidArgument);
    QCOMPARE(partition->Shard(labels, 0, 0, 1, 0).status().code(), absl::StatusCode::kInvalidArgument);
  }
};

CONCERTINA_TEST(PartitionTest)

}  // namespace concertina::partition_test

#include "partition_test.moc"
