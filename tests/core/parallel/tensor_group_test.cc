// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// tensor_group_test.cc: executors of a model's parts over a transport: their bytes are those foretold,
// replicas follow the first rank, and a rank that dies is named.
#include "core/parallel/tensor_group.h"

#include <QTest>
#include <cmath>
#include <numeric>
#include <thread>

#include "core/base/registry.h"
#include "core/base/rng.h"
#include "core/graph/split_tensor.h"
#include "core/nn/model.h"
#include "nlohmann/json.hpp"
#include "tests/test_program.h"

namespace concertina::tensor_group_test {
namespace {

constexpr int64_t kBatch = 10;  // travels as 16 lanes

Graph ModelGraph(const std::string& kind) {
  std::vector<Fault> faults;
  const Params params = Registry::Global().Check("model", Json{{"kind", kind}}, "", faults);
  return (*Registry::Global().Create<Model>("model", params))->Build({1, 28, 28}, 10).value();
}

struct Rank {
  ByteCounts counts;
  std::vector<float> parameters;
  std::vector<ParameterSlot> layout;
  std::vector<double> losses;
  double seconds = 0;
  absl::Status status;
};

struct Case {
  std::string model = "lenet-300-100";
  int ranks = 2;
  int steps = 3;
  int dead_rank = -1;  // leaves after its first step
  bool follows_replicas = false;
};

// Plain gradient descent, on every rank of one tensor axis.
std::vector<Rank> Train(const Case& c) {
  const Graph whole = ModelGraph(c.model);
  auto transports = MakeInProcessTransports(c.ranks);
  std::vector<int> members(static_cast<size_t>(c.ranks));
  std::iota(members.begin(), members.end(), 0);
  std::vector<Rank> ranks(static_cast<size_t>(c.ranks));
  std::vector<std::thread> threads;
  for (int r = 0; r < c.ranks; ++r)
    threads.emplace_back([&, r] {
      Rank& rank = ranks[static_cast<size_t>(r)];
      Transport& transport = *transports[static_cast<size_t>(r)];
      const auto run = [&]() -> absl::Status {
        TensorGroup group(r, c.ranks);
        ASSIGN_OR_RETURN(const Graph part, SplitTensor(whole, r, c.ranks));
        ASSIGN_OR_RETURN(const auto executor,
                         Executor::Create(part, {.batch_size = kBatch, .tensor = &group}));
        Initialize(part, 1, executor->parameters(), executor->buffers());
        Communicator axis(transport, members, 4);
        group.Join(axis, 10);
        rank.layout = executor->parameter_slots();
        Replicas replicas(rank.layout);
        for (int step = 0; step < c.steps; ++step) {
          if (r == c.dead_rank && step == 1) {
            transport.Abort(absl::UnavailableError("its machine burns"));
            return absl::CancelledError("dead");
          }
          Rng rng(7, "batch", static_cast<uint64_t>(step));
          for (float& x : executor->input()) x = static_cast<float>(rng.Uniform());
          for (int32_t& label : executor->labels()) label = static_cast<int32_t>(rng.Below(10));
          rank.losses.push_back(executor->Step(step, {}));
          RETURN_IF_ERROR(executor->status());
          for (size_t i = 0; i < executor->parameters().size(); ++i)
            executor->parameters()[i] -= 0.1F * executor->gradients()[i];
          if (!c.follows_replicas) continue;
          for (float& p : executor->parameters()) p += static_cast<float>(r);  // as a lossy codec would
          RETURN_IF_ERROR(replicas.Follow(axis, executor->parameters(), Deadline::After(10)));
        }
        rank.parameters.assign(executor->parameters().begin(), executor->parameters().end());
        rank.counts = transport.counts();
        rank.seconds = group.TakeSeconds();
        return group.TakeSeconds() == 0 ? absl::OkStatus() : absl::InternalError("seconds were taken twice");
      };
      rank.status = run();
    });
  for (std::thread& thread : threads) thread.join();
  return ranks;
}

}  // namespace

class TensorGroupTest : public QObject {
  Q_OBJECT

  void modelsAndRanks() {
    QTest::addColumn<QString>("model");
    QTest::addColumn<int>("ranks");
    for (const char* model : {"lenet-300-100", "2nn", "lenet-5", "fedavg-cnn", "resnet-8"})
      for (const int ranks : {1, 2, 4})
        if (FindTensorSplit(ModelGraph(model), ranks).ok())
          QTest::addRow("%s, %d", model, ranks) << model << ranks;
  }

 private slots:
  void bytesAreAsForetold_data() { modelsAndRanks(); }
  void bytesAreAsForetold() {
    QFETCH(QString, model);
    QFETCH(int, ranks);
    const Graph whole = ModelGraph(model.toStdString());
    for (const bool follows : {false, true}) {
      const Case c{.model = model.toStdString(), .ranks = ranks, .steps = 2, .follows_replicas = follows};
      const Pattern pattern =
          TensorPattern(SplitTensor(whole, 0, ranks).value(),
                        {.batch_size = kBatch, .ranks = ranks, .follows_replicas = follows});
      std::vector<double> bytes(static_cast<size_t>(ranks)), messages(static_cast<size_t>(ranks));
      for (const Flow& flow : pattern.flows) {
        bytes[static_cast<size_t>(flow.from)] += flow.bytes;
        messages[static_cast<size_t>(flow.from)] += flow.messages;
      }
      const std::vector<Rank> results = Train(c);
      for (size_t r = 0; r < results.size(); ++r) {
        QVERIFY2(results[r].status.ok(), results[r].status.ToString().c_str());
        QCOMPARE(results[r].losses, results[0].losses);  // to the bit
        // Sixteen lanes are cut evenly among at most 16 ranks, but for features that ranks do not divide.
        const double sent = static_cast<double>(results[r].counts.payload_sent) / c.steps;
        QVERIFY2(std::abs(sent - bytes[r]) <= 0.002 * bytes[r],
                 qPrintable(QString("rank %1: %2 sent, %3 foretold").arg(r).arg(sent).arg(bytes[r])));
        QCOMPARE(static_cast<double>(results[r].counts.messages_sent) / c.steps, messages[r]);
        QCOMPARE(results[r].seconds > 0, ranks > 1);
      }
    }
  }

  // Two sums of activations for each pair, one forward and one backward, but none for the first layer's
  // input.
  void sumsAreTwoForEachPair() {
    const auto sums = [](const char* model) {
      return TensorSums(SplitTensor(ModelGraph(model), 0, 2).value());
    };
    QCOMPARE(sums("lenet-300-100"), (std::vector<int64_t>{100}));
    QCOMPARE(sums("lenet-5"), (std::vector<int64_t>{50 * 8 * 8, 10, 50 * 4 * 4}));
    QVERIFY(TensorSums(ModelGraph("lenet-5")).empty());
  }

  void replicasStayTheSameBits() {
    const std::vector<Rank> plain = Train({.ranks = 4}),
                            followed = Train({.ranks = 4, .follows_replicas = true});
    for (const std::vector<Rank>* results : {&plain, &followed}) {
      const Rank& first = (*results)[0];
      int replicas = 0;
      for (const Rank& rank : *results) {
        QVERIFY(rank.status.ok());
        for (const ParameterSlot& slot : rank.layout) {
          if (slot.slice) continue;
          ++replicas;
          for (int64_t i = slot.offset; i < slot.offset + slot.count; ++i)
            QCOMPARE(rank.parameters[static_cast<size_t>(i)], first.parameters[static_cast<size_t>(i)]);
        }
      }
      QCOMPARE(replicas, 4 * 3);  // the rows' bias, and the last layer
    }
    QVERIFY(plain[1].parameters != plain[0].parameters);
  }

  void aRankThatDiesIsNamed_data() {
    QTest::addColumn<int>("ranks");
    QTest::addColumn<int>("dead");
    for (const int ranks : {2, 4})
      for (const int dead : {0, 1}) QTest::addRow("rank %d of %d", dead, ranks) << ranks << dead;
  }
  void aRankThatDiesIsNamed() {
    QFETCH(int, ranks);
    QFETCH(int, dead);
    const std::vector<Rank> results = Train({.ranks = ranks, .dead_rank = dead});
    for (int r = 0; r < ranks; ++r) {
      if (r == dead) continue;
      const Rank& rank = results[static_cast<size_t>(r)];
      QVERIFY(!rank.status.ok());
      QVERIFY2(std::string(rank.status.message()).find("rank " + std::to_string(dead)) != std::string::npos,
               rank.status.ToString().c_str());
      QVERIFY(std::isnan(rank.losses.back()));  // of the step that failed, the last one
    }
  }

  void whoHasNotMetCannotSum() {
    TensorGroup group(0, 2);
    std::vector<float> values(4);
    QCOMPARE(group.AllReduceSum(values).code(), absl::StatusCode::kFailedPrecondition);
  }
};

CONCERTINA_TEST(TensorGroupTest)

}  // namespace concertina::tensor_group_test

#include "tensor_group_test.moc"
