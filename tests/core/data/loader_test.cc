// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// loader_test.cc: batches are the partition's samples in its order, the same on every rank, without
// allocation.
#include "core/data/loader.h"

#include <QTest>
#include <set>

#include "core/base/registry.h"
#include "core/data/stored_samples.h"
#include "nlohmann/json.hpp"
#include "tests/allocations.h"
#include "tests/test_program.h"

namespace concertina::loader_test {
namespace {

constexpr int64_t kElements = 3;

// Sample i is (i % 256, i / 256, 77), its label i % 10: the index can be read back from a batch.
std::shared_ptr<const Samples> MakeSamples(int64_t count) {
  std::vector<uint8_t> bytes;
  std::vector<int32_t> labels;
  for (int64_t i = 0; i < count; ++i) {
    for (const int64_t element : {i % 256, i / 256, int64_t{77}})
      bytes.push_back(static_cast<uint8_t>(element));
    labels.push_back(static_cast<int32_t>(i % 10));
  }
  return MakeStoredSamples({.elements = kElements, .runs = {{KeepInMemory(bytes), count, 0, kElements}}},
                           labels);
}

std::shared_ptr<const Partition> MakePartition(const std::string& kind) {
  std::vector<Fault> faults;
  const Params params = Registry::Global().Check("partition", {{"kind", kind}}, "", faults);
  return *Registry::Global().Create<Partition>("partition", params);
}

struct Batch {
  explicit Batch(int64_t size)
      : input(static_cast<size_t>(size * kElements)), labels(static_cast<size_t>(size)) {}
  std::vector<float> input;
  std::vector<int32_t> labels;
  int64_t index(size_t i) const {
    return std::lround(input[i * kElements] * 255) + 256 * std::lround(input[i * kElements + 1] * 255);
  }
  std::vector<int64_t> indices() const {
    std::vector<int64_t> all;
    for (size_t i = 0; i < labels.size(); ++i) all.push_back(index(i));
    return all;
  }
};

}  // namespace

class LoaderTest : public QObject {
  Q_OBJECT

  void addEveryPartition() {
    QTest::addColumn<QString>("kind");
    for (const std::string& kind : Registry::Global().Kinds("partition"))
      QTest::newRow(kind.c_str()) << QString::fromStdString(kind);
  }

 private slots:
  void batchesAreTheShardInItsOrderInEveryEpoch_data() { addEveryPartition(); }
  void batchesAreTheShardInItsOrderInEveryEpoch() {
    QFETCH(QString, kind);
    const auto samples = MakeSamples(1000);
    const auto partition = MakePartition(kind.toStdString());
    const LoaderOptions options = {.batch_size = 7, .worker = 2, .workers = 4, .seed = 11};
    const auto loader = Loader::Create(samples, partition, options);
    QVERIFY(loader.ok());
    Batch batch(7);
    for (int64_t step = 0; step < 3 * (*loader)->steps_per_epoch(); ++step) {
      QVERIFY((*loader)->Fill(step, batch.input, batch.labels).ok());
      const int64_t epoch = step / (*loader)->steps_per_epoch();
      const auto shard = partition->Shard(samples->labels(), 2, 4, 11, epoch).value();
      const auto begin = shard.begin() + step % (*loader)->steps_per_epoch() * 7;
      QCOMPARE(batch.indices(), std::vector<int64_t>(begin, begin + 7));
      for (size_t i = 0; i < 7; ++i) {
        QCOMPARE(batch.labels[i], static_cast<int32_t>(batch.index(i) % 10));
        QCOMPARE(batch.input[i * kElements + 2], 77.0F / 255.0F);
      }
    }
  }

  void allRanksTakeTheSameNumberOfSteps_data() { addEveryPartition(); }
  void allRanksTakeTheSameNumberOfSteps() {
    QFETCH(QString, kind);
    const auto samples = MakeSamples(1003);
    std::set<int64_t> steps;
    for (int64_t worker = 0; worker < 6; ++worker) {
      const auto loader = Loader::Create(samples, MakePartition(kind.toStdString()),
                                         {.batch_size = 5, .worker = worker, .workers = 6, .seed = 1});
      QVERIFY(loader.ok());
      steps.insert((*loader)->steps_per_epoch());
      QCOMPARE((*loader)->samples_per_epoch(), (*loader)->steps_per_epoch() * 5);
    }
    QCOMPARE(steps.size(), size_t{1});
    QVERIFY(*steps.begin() >= 1);
  }

  void aGlobalBatchHoldsTheSameSamplesWhateverTheNumberOfWorkers() {
    const auto samples = MakeSamples(1003);
    for (const int64_t workers : {2, 3, 8}) {
      const int64_t batch_size = 4;
      auto single =
          Loader::Create(samples, MakePartition("iid"), {.batch_size = workers * batch_size, .seed = 5});
      QVERIFY(single.ok());
      std::vector<std::unique_ptr<Loader>> ranks;
      for (int64_t worker = 0; worker < workers; ++worker)
        ranks.push_back(
            *Loader::Create(samples, MakePartition("iid"),
                            {.batch_size = batch_size, .worker = worker, .workers = workers, .seed = 5}));
      QCOMPARE(ranks[0]->steps_per_epoch(), (*single)->steps_per_epoch());
      for (int64_t step = 0; step < 2 * (*single)->steps_per_epoch() + 3; ++step) {
        Batch whole(workers * batch_size), part(batch_size);
        QVERIFY((*single)->Fill(step, whole.input, whole.labels).ok());
        std::multiset<int64_t> wanted, found;
        for (const int64_t i : whole.indices()) wanted.insert(i);
        for (const auto& rank : ranks) {
          QVERIFY(rank->Fill(step, part.input, part.labels).ok());
          for (const int64_t i : part.indices()) found.insert(i);
        }
        QVERIFY(wanted == found);
      }
    }
  }

  void anyStepMayBeAskedFor_data() { addEveryPartition(); }
  void anyStepMayBeAskedFor() {
    QFETCH(QString, kind);
    const auto samples = MakeSamples(600);
    const LoaderOptions options = {.batch_size = 8, .worker = 1, .workers = 3, .seed = 2};
    const auto running = *Loader::Create(samples, MakePartition(kind.toStdString()), options);
    const int64_t steps = 3 * running->steps_per_epoch();
    for (const int64_t resumed_at : {steps - 1, steps / 2, int64_t{1}}) {
      const auto resumed = *Loader::Create(samples, MakePartition(kind.toStdString()), options);
      Batch a(8), b(8);
      for (int64_t step = 0; step <= resumed_at; ++step) QVERIFY(running->Fill(step, a.input, a.labels).ok());
      QVERIFY(resumed->Fill(resumed_at, b.input, b.labels).ok());
      QCOMPARE(a.indices(), b.indices());
    }
  }

  void nothingIsAllocatedAfterTheFirstEpoch_data() { addEveryPartition(); }
  void nothingIsAllocatedAfterTheFirstEpoch() {
    QFETCH(QString, kind);
    const auto loader = *Loader::Create(MakeSamples(1003), MakePartition(kind.toStdString()),
                                        {.batch_size = 9, .worker = 0, .workers = 3, .seed = 2});
    Batch batch(9);
    bool all_filled = true;
    for (int64_t step = 0; step < loader->steps_per_epoch(); ++step)
      all_filled &= loader->Fill(step, batch.input, batch.labels).ok();
    const int64_t before = allocations;
    for (int64_t step = 0; step < 5 * loader->steps_per_epoch(); ++step)
      all_filled &= loader->Fill(step, batch.input, batch.labels).ok();
    QCOMPARE(allocations.load(), before);
    QVERIFY(all_filled);
  }

  void aBatchLargerThanTheSmallestShardIsRefused() {
    const auto loader = Loader::Create(MakeSamples(100), MakePartition("iid"),
                                       {.batch_size = 26, .worker = 0, .workers = 4, .seed = 2});
    QCOMPARE(loader.status().code(), absl::StatusCode::kInvalidArgument);
    QVERIFY(std::string(loader.status().message()).find("expected at most 25") != std::string::npos);
    QVERIFY(
        Loader::Create(MakeSamples(100), MakePartition("iid"), {.batch_size = 25, .worker = 3, .workers = 4})
            .ok());
    QVERIFY(!Loader::Create(MakeSamples(100), MakePartition("iid"), {.batch_size = 0}).ok());
    QVERIFY(
        !Loader::Create(MakeSamples(100), MakePartition("iid"), {.batch_size = 1, .worker = 4, .workers = 4})
             .ok());
    QVERIFY(
        !Loader::Create(MakeSamples(3), MakePartition("iid"), {.batch_size = 1, .worker = 0, .workers = 4})
             .ok());
  }

  void spansOfTheWrongSizeAreRefused() {
    const auto loader = *Loader::Create(MakeSamples(100), MakePartition("iid"), {.batch_size = 10});
    Batch batch(10);
    QVERIFY(!loader->Fill(-1, batch.input, batch.labels).ok());
    QVERIFY(!loader->Fill(0, {}, batch.labels).ok());
    QVERIFY(!loader->Fill(0, batch.input, std::span(batch.labels).first(9)).ok());
    QVERIFY(!loader->Fill(0, std::span(batch.input).first(29), batch.labels).ok());
    QVERIFY(loader->Fill(0, batch.input, batch.labels).ok());
  }
};

CONCERTINA_TEST(LoaderTest)

}  // namespace concertina::loader_test

#include "loader_test.moc"
