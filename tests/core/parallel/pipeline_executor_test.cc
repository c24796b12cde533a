// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// pipeline_executor_test.cc: stages as ranks over a transport equal the whole model; their bytes are those
// foretold; all schedules give the same bits; a rank that dies is named.
#include "core/parallel/pipeline_executor.h"

#include <QTest>
#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <map>
#include <numeric>
#include <thread>

#include "core/base/registry.h"
#include "core/base/rng.h"
#include "core/graph/cut.h"
#include "core/nn/model.h"
#include "nlohmann/json.hpp"
#include "tests/core/gradient/codecs_under_test.h"
#include "tests/test_program.h"

namespace concertina::pipeline_executor_test {
namespace {

constexpr int64_t kBatch = 24;

Graph ModelGraph(const std::string& kind) {
  std::vector<Fault> faults;
  Json json = {{"kind", kind}};
  if (kind == "mlp") json["hidden"] = {64, 48, 48, 40, 40, 32, 32, 32, 24, 24, 16};  // twelve layers
  const Params params = Registry::Global().Check("model", json, "", faults);
  return (*Registry::Global().Create<Model>("model", params))->Build({1, 28, 28}, 10).value();
}

struct Case {
  std::string model = "lenet-300-100";
  std::string schedule = "1f1b";
  int chunks = 0;  // 0: as the schedule says
  int stages = 2;
  int micro_batches = 4;
  int steps = 3;
  bool recomputes = false;
  Json codec;            // of what crosses the cuts; null: as it is
  int dead_rank = -1;    // leaves after its first step
  int spoilt_rank = -1;  // its parameters are no numbers after its first step
};

struct Rank {
  ByteCounts step_counts;  // of the steps, without the evaluation
  std::map<std::string, std::vector<float>> parameters;
  std::vector<double> losses;
  Executor::Evaluation evaluation;
  int peak_activations = 0;
  int64_t memory_bytes = 0;
  bool has_loss = false;
  absl::Status status;
};

void FillBatch(int step, std::span<float> input, std::span<int32_t> labels) {
  Rng rng(7, "batch", static_cast<uint64_t>(step));
  for (float& x : input) x = static_cast<float>(rng.Uniform());
  Rng label_rng(7, "labels", static_cast<uint64_t>(step));
  for (int32_t& label : labels) label = static_cast<int32_t>(label_rng.Below(10));
}

// Plain gradient descent.
absl::Status Descend(Executor& executor, int step, Rank& rank) {
  FillBatch(step, executor.input(), executor.labels());
  std::vector<int> named;
  rank.losses.push_back(executor.Step(step, [&](int parameter) { named.push_back(parameter); }));
  RETURN_IF_ERROR(executor.status());
  if (named != executor.gradient_order() || named.size() != executor.parameter_slots().size())
    return absl::InternalError("gradients were not named in their order");
  for (size_t i = 0; i < executor.parameters().size(); ++i)
    executor.parameters()[i] -= 0.1F * executor.gradients()[i];
  return absl::OkStatus();
}

void Keep(Executor& executor, Rank& rank) {
  for (const ParameterSlot& slot : executor.parameter_slots()) {
    const auto values =
        executor.parameters().subspan(static_cast<size_t>(slot.offset), static_cast<size_t>(slot.count));
    rank.parameters[slot.name].assign(values.begin(), values.end());
  }
  rank.memory_bytes = executor.memory_bytes();
  rank.has_loss = executor.has_loss();
}

std::unique_ptr<PipelineSchedule> ScheduleOf(const std::string& kind, int chunks = 0) {
  std::vector<Fault> faults;
  Json json = {{"kind", kind}};
  if (chunks > 0) json["chunks"] = chunks;
  const Params params = Registry::Global().Check("pipeline-schedule", json, "", faults);
  return Registry::Global().Create<PipelineSchedule>("pipeline-schedule", params).value();
}

std::vector<Graph> PiecesOf(const Case& c, int chunks) {
  const Graph whole = ModelGraph(c.model);
  const std::vector<int> cuts = BalancedCuts(whole, c.stages * chunks).value();
  std::vector<Graph> pieces;
  for (int k = 0; k < c.stages * chunks; ++k) pieces.push_back(CutStage(whole, cuts, k).value());
  return pieces;
}

CutCodec::MakeCodec CodecsOf(const Json& codec) {
  if (codec.is_null()) return nullptr;
  return [codec] { return MakeCodec(codec); };
}

std::vector<Rank> Train(const Case& c) {
  const auto schedule = ScheduleOf(c.schedule, c.chunks);
  const std::vector<Graph> pieces = PiecesOf(c, schedule->chunks());
  auto transports = MakeInProcessTransports(c.stages);
  std::vector<int> members(static_cast<size_t>(c.stages));
  std::iota(members.begin(), members.end(), 0);
  std::vector<Rank> ranks(static_cast<size_t>(c.stages));
  std::vector<std::thread> threads;
  for (int r = 0; r < c.stages; ++r)
    threads.emplace_back([&, r] {
      Rank& rank = ranks[static_cast<size_t>(r)];
      Transport& transport = *transports[static_cast<size_t>(r)];
      const auto run = [&]() -> absl::Status {
        std::vector<Graph> own;
        for (int k = r; k < static_cast<int>(pieces.size()); k += c.stages)
          own.push_back(pieces[static_cast<size_t>(k)]);
        ASSIGN_OR_RETURN(const auto executor,
                         PipelineExecutor::Create(own, *schedule,
                                                  {.executor = {.batch_size = kBatch, .seed = 5},
                                                   .stage = r,
                                                   .stages = c.stages,
                                                   .micro_batches = c.micro_batches,
                                                   .recomputes = c.recomputes,
                                                   .make_codec = CodecsOf(c.codec)}));
        Communicator forwards(transport, members, 3), backwards(transport, members, 6);
        executor->Join(forwards, backwards, 10);
        size_t parameter = 0, buffer = 0;
        for (const Graph& piece : own) {
          const auto parameters = static_cast<size_t>(piece.parameter_count());
          const auto buffers = static_cast<size_t>(TotalOf(SlotsOf(piece, piece.buffers())));
          Initialize(piece, 1, executor->parameters().subspan(parameter, parameters),
                     executor->buffers().subspan(buffer, buffers));
          parameter += parameters;
          buffer += buffers;
        }
        for (int step = 0; step < c.steps; ++step) {
          if (r == c.dead_rank && step == 1) {
            transport.Abort(absl::UnavailableError("its machine burns"));
            return absl::CancelledError("dead");
          }
          if (r == c.spoilt_rank && step == 1)
            std::ranges::fill(executor->parameters(), std::numeric_limits<float>::quiet_NaN());
          RETURN_IF_ERROR(Descend(*executor, step, rank));
        }
        rank.step_counts = transport.counts();
        Keep(*executor, rank);
        rank.peak_activations = executor->peak_activations();
        FillBatch(100, executor->input(), executor->labels());
        rank.evaluation = executor->Evaluate(kBatch - 5);
        return executor->status();
      };
      rank.status = run();
    });
  for (std::thread& thread : threads) thread.join();
  return ranks;
}

std::map<std::string, std::vector<float>> AllOf(const std::vector<Rank>& ranks) {
  std::map<std::string, std::vector<float>> all;
  for (const Rank& rank : ranks) all.insert(rank.parameters.begin(), rank.parameters.end());
  return all;
}

Rank Alone(const Case& c) {
  Rank rank;
  const Graph whole = ModelGraph(c.model);
  auto executor = Executor::Create(whole, {.batch_size = kBatch, .seed = 5}).value();
  Initialize(whole, 1, executor->parameters(), executor->buffers());
  for (int step = 0; step < c.steps && rank.status.ok(); ++step) rank.status = Descend(*executor, step, rank);
  Keep(*executor, rank);
  FillBatch(100, executor->input(), executor->labels());
  rank.evaluation = executor->Evaluate(kBatch - 5);
  return rank;
}

}  // namespace

class PipelineExecutorTest : public QObject {
  Q_OBJECT

 private slots:
  void stagesEqualTheWhole_data() {
    QTest::addColumn<QString>("model");
    QTest::addColumn<QString>("schedule");
    QTest::addColumn<int>("chunks");
    QTest::addColumn<int>("stages");
    QTest::addColumn<int>("micro_batches");
    for (const auto& [chunks, stages, micro_batches] : {std::array{2, 2, 2},
                                                        {2, 2, 8},
                                                        {2, 4, 4},
                                                        {2, 4, 8},
                                                        {3, 2, 4},
                                                        {3, 3, 3},
                                                        {3, 4, 8},
                                                        {4, 2, 4},
                                                        {4, 3, 6},
                                                        {1, 3, 3}})
      QTest::addRow("mlp, interleaved of %d, %d, %d", chunks, stages, micro_batches)
          << "mlp"
          << "interleaved" << chunks << stages << micro_batches;
    for (const char* model : {"lenet-300-100", "lenet-5"})
      for (const std::string& schedule : Registry::Global().Kinds("pipeline-schedule"))
        for (const int stages : {2, 3, 4})
          for (const int micro_batches : {1, 2, 4, 8}) {
            const auto made = ScheduleOf(schedule);
            if (!made->Fits(stages, micro_batches).ok() ||
                !BalancedCuts(ModelGraph(model), stages * made->chunks()).ok())
              continue;
            QTest::addRow("%s, %s, %d, %d", model, schedule.c_str(), stages, micro_batches)
                << model << QString::fromStdString(schedule) << 0 << stages << micro_batches;
          }
  }
  void stagesEqualTheWhole() {
    QFETCH(QString, model);
    QFETCH(QString, schedule);
    QFETCH(int, chunks);
    QFETCH(int, stages);
    QFETCH(int, micro_batches);
    Case c{.model = model.toStdString(),
           .schedule = schedule.toStdString(),
           .chunks = chunks,
           .stages = stages,
           .micro_batches = micro_batches};
    const Rank whole = Alone(c);
    const std::vector<Rank> ranks = Train(c);
    size_t held = 0;
    for (const Rank& rank : ranks) {
      QVERIFY2(rank.status.ok(), rank.status.ToString().c_str());
      held += rank.parameters.size();
      for (const auto& [name, values] : rank.parameters)
        for (size_t i = 0; i < values.size(); ++i)  // three steps of sums in another order
          QVERIFY2(std::abs(values[i] - whole.parameters.at(name).at(i)) < 1e-5F, name.c_str());
      QCOMPARE(rank.has_loss, &rank == &ranks.back());
      QVERIFY(rank.losses == ranks.back().losses);  // who has it tells the others
      for (size_t s = 0; s < rank.losses.size(); ++s)
        QVERIFY(std::abs(rank.losses[s] - whole.losses[s]) < 1e-5);
      QCOMPARE(rank.evaluation.correct, rank.has_loss ? whole.evaluation.correct : 0);
      QVERIFY(std::abs(rank.evaluation.loss_sum - (rank.has_loss ? whole.evaluation.loss_sum : 0)) < 1e-3);
    }
    QCOMPARE(held, whole.parameters.size());

    const std::vector<Graph> pieces = PiecesOf(c, ScheduleOf(c.schedule, c.chunks)->chunks());
    const Pattern pattern = PipelinePattern(pieces, stages, kBatch, micro_batches);
    for (size_t r = 0; r < ranks.size(); ++r) {
      double bytes = 0, messages = 0;
      for (const Flow& flow : pattern.flows) {
        if (flow.from != static_cast<int>(r)) continue;
        bytes += flow.bytes;
        messages += flow.messages;
      }
      QCOMPARE(static_cast<double>(ranks[r].step_counts.payload_sent), bytes * c.steps);
      QCOMPARE(static_cast<double>(ranks[r].step_counts.messages_sent), messages * c.steps);
    }

    // Recomputing does the same operations again, and the backward passes of a layer stand in the same order
    // everywhere, on whichever rank.
    for (const bool recomputes : {false, true})
      for (const char* other : {"gpipe", "1f1b"}) {
        Case same = c;
        same.recomputes = recomputes;
        same.schedule = other;
        same.chunks = 0;
        const std::vector<Rank> again = Train(same);
        QVERIFY(AllOf(again) == AllOf(ranks));
      }
  }

  // A codec that loses nothing changes no bit, and half precision little; it halves what is sent.
  void aCodecBetweenStages_data() {
    QTest::addColumn<QString>("schedule");
    QTest::addColumn<int>("stages");
    for (const char* schedule : {"gpipe", "1f1b", "interleaved"})
      for (const int stages : {2, 4}) QTest::addRow("%s, %d", schedule, stages) << schedule << stages;
  }
  void aCodecBetweenStages() {
    QFETCH(QString, schedule);
    QFETCH(int, stages);
    const Case plain{.model = "mlp", .schedule = schedule.toStdString(), .stages = stages};
    Case none = plain, half = plain, again = plain;
    none.codec = {{"kind", "none"}};
    half.codec = again.codec = {{"kind", "fp16"}};
    again.recomputes = true;
    const std::vector<Rank> as_it_is = Train(plain), lossless = Train(none), halves = Train(half);
    QVERIFY(AllOf(lossless) == AllOf(as_it_is));
    QVERIFY(AllOf(Train(again)) == AllOf(halves));

    double worst = 0;
    const auto expected = AllOf(as_it_is);
    for (const auto& [name, values] : AllOf(halves))
      for (size_t i = 0; i < values.size(); ++i)
        worst = std::max(worst, static_cast<double>(std::abs(values[i] - expected.at(name).at(i))));
    // Each cut rounds at 2^-11 of an activation or a gradient, which are of the order of 1 and 1e-2 here;
    // three steps of 0.1 with up to seven cuts on the way.
    QVERIFY2(worst > 0 && worst < 1e-4, qPrintable(QString::number(worst)));
    const std::vector<Graph> pieces = PiecesOf(plain, ScheduleOf(plain.schedule)->chunks());
    const auto codec = *MakeCodec(half.codec);
    const Pattern pattern = PipelinePattern(pieces, stages, kBatch, plain.micro_batches, codec.get());
    for (size_t r = 0; r < halves.size(); ++r) {
      QVERIFY2(halves[r].status.ok(), halves[r].status.ToString().c_str());
      const uint64_t losses = r == 0 ? 0 : sizeof(double) * static_cast<uint64_t>(plain.steps);
      QCOMPARE(2 * (halves[r].step_counts.payload_sent - losses),
               as_it_is[r].step_counts.payload_sent - losses);
      QCOMPARE(lossless[r].step_counts.payload_sent, as_it_is[r].step_counts.payload_sent);
      double bytes = 0;
      for (const Flow& flow : pattern.flows) bytes += flow.from == static_cast<int>(r) ? flow.bytes : 0;
      QCOMPARE(static_cast<double>(halves[r].step_counts.payload_sent), bytes * plain.steps);
      for (size_t s = 0; s < halves[r].losses.size(); ++s)
        QVERIFY(std::abs(halves[r].losses[s] - as_it_is[r].losses[s]) < 1e-3);
    }
  }

  // What a codec keeps is of a micro-batch and an end of a cut, whenever its turn is.
  void theBitsOfACodecDoNotDependOnTheSchedule() {
    const Json sparse = {{"kind", "top-k"}, {"ratio", 0.25}, {"error_feedback", false}};
    const Case one{.model = "lenet-5", .stages = 3, .micro_batches = 8, .codec = sparse};
    Case all = one;
    all.schedule = "gpipe";
    const std::vector<Rank> first = Train(one), second = Train(all);
    for (size_t r = 0; r < first.size(); ++r) {
      QVERIFY2(first[r].status.ok(), first[r].status.ToString().c_str());
      QVERIFY(second[r].parameters == first[r].parameters);
    }
  }

  // Running statistics see each micro-batch once, also where its forward pass is made twice.
  void batchNormIsTheSameWithEverySchedule() {
    const Case plain{.model = "resnet-8", .stages = 3};
    Case all = plain, again = plain;
    all.schedule = "gpipe";
    again.recomputes = true;
    const std::vector<Rank> first = Train(plain), second = Train(all), third = Train(again);
    for (size_t r = 0; r < first.size(); ++r) {
      QVERIFY(first[r].status.ok());
      QVERIFY(second[r].parameters == first[r].parameters && third[r].parameters == first[r].parameters);
      QCOMPARE(second[r].evaluation.loss_sum, first[r].evaluation.loss_sum);  // of running statistics
      QCOMPARE(third[r].evaluation.loss_sum, first[r].evaluation.loss_sum);
    }
  }

  // A loss that is no number any more is told like any other: all stages end with the same word.
  void aLossThatIsNoNumberIsKnownToAll() {
    const Case c{.stages = 3, .steps = 2, .spoilt_rank = 2};
    for (const Rank& rank : Train(c)) {
      QVERIFY(rank.status.ok());
      QVERIFY(std::isfinite(rank.losses.at(0)) && std::isnan(rank.losses.at(1)));
    }
  }

  void whatIsUnderWayIsRemembered() {
    const Case one{.model = "resnet-8", .stages = 3, .micro_batches = 6, .steps = 1};
    Case all = one, again = one;
    all.schedule = "gpipe";
    again.recomputes = true;
    const std::vector<Rank> first = Train(one), second = Train(all), third = Train(again);
    for (int r = 0; r < 3; ++r) {
      const auto i = static_cast<size_t>(r);
      QCOMPARE(first[i].peak_activations, 3 - r);
      QCOMPARE(second[i].peak_activations, 6);
      QVERIFY(first[i].memory_bytes < second[i].memory_bytes);
    }
    QVERIFY(third[0].memory_bytes < first[0].memory_bytes);
  }

  void aRankThatDiesIsNamed_data() {
    QTest::addColumn<int>("dead");
    for (const int dead : {0, 1, 2}) QTest::addRow("stage %d", dead) << dead;
  }
  void aRankThatDiesIsNamed() {
    QFETCH(int, dead);
    const std::vector<Rank> ranks = Train({.stages = 3, .dead_rank = dead});
    for (int r = 0; r < 3; ++r) {
      if (r == dead) continue;
      const Rank& rank = ranks[static_cast<size_t>(r)];
      QVERIFY(!rank.status.ok());
      QVERIFY2(std::string(rank.status.message()).find("rank " + std::to_string(dead)) != std::string::npos,
               rank.status.ToString().c_str());
      QVERIFY(std::isnan(rank.losses.back()));
    }
  }

  void whatCannotBeIsRefused() {
    const Case c;
    const std::vector<Graph> pieces = PiecesOf(c, 1);
    const auto schedule = ScheduleOf("1f1b");
    const auto create = [&](const Graph& piece, int stage, int micro_batches) {
      return PipelineExecutor::Create({piece}, *schedule,
                                      {.executor = {.batch_size = kBatch},
                                       .stage = stage,
                                       .stages = 2,
                                       .micro_batches = micro_batches})
          .status()
          .code();
    };
    QCOMPARE(create(pieces[0], 0, 4), absl::StatusCode::kOk);
    QCOMPARE(create(pieces[0], 0, 5), absl::StatusCode::kInvalidArgument);
    QCOMPARE(create(pieces[0], 1, 4), absl::StatusCode::kInvalidArgument);
    QCOMPARE(create(pieces[1], 0, 4), absl::StatusCode::kInvalidArgument);
    QCOMPARE(create(pieces[1], 2, 4), absl::StatusCode::kInvalidArgument);
    // Nor several pieces on one stage alone, nor micro-batches in groups that are not whole.
    const Case four{.model = "mlp", .schedule = "interleaved", .chunks = 2};
    const std::vector<Graph> halves = PiecesOf(four, 2);
    const auto interleaved = ScheduleOf("interleaved", 2);
    const auto refusal = [&](int stages, int micro_batches) {
      return PipelineExecutor::Create(
                 {halves[0], halves[2]}, *interleaved,
                 {.executor = {.batch_size = kBatch}, .stages = stages, .micro_batches = micro_batches})
          .status();
    };
    QVERIFY(refusal(2, 4).ok());
    QVERIFY(
        QString::fromStdString(refusal(2, 3).ToString()).contains("found 3 micro-batches, expected a mul"));
    QVERIFY(QString::fromStdString(refusal(1, 4).ToString()).contains("on the one stage that there is"));
    // Not joined.
    auto executor = PipelineExecutor::Create(
        {pieces[0]}, *schedule, {.executor = {.batch_size = kBatch}, .stages = 2, .micro_batches = 4});
    QVERIFY(std::isnan((*executor)->Step(0, {})));
    QCOMPARE((*executor)->status().code(), absl::StatusCode::kFailedPrecondition);
    QVERIFY(std::isnan((*executor)->Evaluate(4).loss_sum));
  }
};

CONCERTINA_TEST(PipelineExecutorTest)

}  // namespace concertina::pipeline_executor_test

#include "pipeline_executor_test.moc"
