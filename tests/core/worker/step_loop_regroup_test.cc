// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// step_loop_regroup_test.cc: a group that broke up goes on from memory in another one: of the same size to
// the bit, of another size over the rest of the data, and newcomers have what all others have.
#include <QTest>
#include <functional>

#include "core/base/registry.h"
#include "core/experiment/elastic.h"
#include "tests/test_program.h"
#include "training_ranks.h"

namespace concertina::step_loop_regroup_test {

using nlohmann::json;
using Memory = std::shared_ptr<const Checkpoint>;

struct Member {
  absl::StatusOr<StepLoopResult> result = absl::UnknownError("not run");
  Memory memory;
  std::map<std::string, std::vector<double>> series;
};

class StepLoopRegroupTest : public QObject, private TrainingRanks {
  Q_OBJECT
 private slots:
  void aGroupOfTheSameSizeGoesOnToTheBit_data();
  void aGroupOfTheSameSizeGoesOnToTheBit();
  void aStepThatBreaksOffChangesNothing();
  void aSmallerGroupTrainsTheRestOfTheData();
  void aNewcomerIsGivenWhatTheOthersHave();
  void whoIsBehindTakesWhatTheFurthestHas();
  void allPartAtTheSameStepWhenAsked();
  void theLearningRateFollowsTheGlobalBatch();
  void otherStrategiesAreRefused();

 private:
  static constexpr int64_t kBreak = 20;

  json ElasticSpec(int ranks, int64_t checkpoint_every = 0) const {
    json spec = TableSpec(table_, ranks, 6);
    spec["elastic"] = json::object();
    spec["training"]["checkpoint_every_steps"] = checkpoint_every;
    return spec;
  }
  struct GroupOptions {
    std::vector<Memory> memories = {};  // by rank; none: the first group
    int source_rank = 0;
    int dying_rank =
        -1;  // before the checkpoint of its first kBreak steps, or in the middle of the first step
    bool dies_in_step = false;
    std::vector<proto::Control::Action> actions = {};
  };
  std::vector<Member> RunGroup(const json& spec, const QString& folder, const GroupOptions& group) const;
  std::string Digest(const std::vector<Member>& members) const {
    return members[0].result.ok() ? members[0].result->parameters_sha256 : "";
  }
  // Four ranks, of which one is lost before step kBreak; what all four had.
  std::vector<Memory> Broken(const json& spec, const QString& folder) const {
    std::vector<Memory> memories;
    for (const Member& member : RunGroup(spec, folder, {.dying_rank = 2})) memories.push_back(member.memory);
    return memories;
  }
};

std::vector<Member> StepLoopRegroupTest::RunGroup(const json& spec, const QString& folder,
                                                  const GroupOptions& group) const {
  SpecCheck check = CheckSpec(spec.dump());
  for (const Fault& fault : check.faults) qWarning("%s", fault.message.c_str());
  const int ranks = static_cast<int>(check.spec.worker_count());
  auto transports = MakeInProcessTransports(ranks);
  std::vector<Member> members(static_cast<size_t>(ranks));
  std::vector<std::thread> threads;
  for (int rank = 0; rank < ranks; ++rank)
    threads.emplace_back([&, rank] {
      Member& mine = members[static_cast<size_t>(rank)];
      Transport& transport = *transports[static_cast<size_t>(rank)];
      StepRecorder recorder(static_cast<uint32_t>(rank));
      ControlQueue controls;
      for (const auto action : group.actions) controls.Push({.action = action, .knob = {}});
      StepLoopListener listener;
      listener.progress = [&](int64_t step, double, const char* phase) {
        if (rank == group.dying_rank && !group.dies_in_step && step == kBreak &&
            std::string(phase) == "checkpoint")
          transport.Abort(absl::UnavailableError("its machine burns"));
      };
      listener.gradient_counted = [&](const GradientHistogram*, int64_t) {
        if (rank == group.dying_rank && group.dies_in_step)
          transport.Abort(absl::UnavailableError("its machine burns"));
      };
      listener.checkpoint_written = [](int64_t, const std::string&, uint64_t) {};
      listener.knob_applied = [](const proto::Knob&, int64_t, const absl::Status&) {};
      listener.state_reached = [](const char*, int64_t) {};
      StepLoopOptions options{.spec = check.spec,
                              .rank = rank,
                              .world_size = ranks,
                              .run_folder = folder.toStdString(),
                              .datasets_folder = folder_.filePath("datasets").toStdString(),
                              .kernels_file = folder_.filePath("kernels").toStdString()};
      if (!group.memories.empty()) {
        const Checkpoint& source = *group.memories[static_cast<size_t>(group.source_rank)];
        options.group_state = {.source_rank = group.source_rank,
                               .step = source.step,
                               .epochs = source.epochs,
                               .seconds = source.seconds};
        options.memory = group.memories[static_cast<size_t>(rank)];
      }
      auto loop = StepLoop::Create(std::move(options), recorder, controls, std::move(listener));
      if (!loop.ok()) {
        mine.result = loop.status();
        transport.Abort(loop.status());
        return;
      }
      mine.result = (*loop)->Run(transport, {});
      mine.memory = (*loop)->TakeMemory();
      mine.series = SeriesOf(recorder);
    });
  for (std::thread& thread : threads) thread.join();
  return members;
}

void StepLoopRegroupTest::aGroupOfTheSameSizeGoesOnToTheBit_data() {
  QTest::addColumn<QString>("exchange");
  QTest::addColumn<QString>("optimizer");
  QTest::newRow("all-reduce, momentum") << "all-reduce"
                                        << R"({"kind": "sgd", "learning_rate": 0.1, "momentum": 0.9})";
  QTest::newRow("all-reduce, adam") << "all-reduce"
                                    << R"({"kind": "adam", "learning_rate": 0.01})";
  QTest::newRow("a server in step") << "parameter-server"
                                    << R"({"kind": "sgd", "learning_rate": 0.1, "momentum": 0.9})";
}

void StepLoopRegroupTest::aGroupOfTheSameSizeGoesOnToTheBit() {
  QFETCH(QString, exchange);
  QFETCH(QString, optimizer);
  json spec = ElasticSpec(4, kBreak);
  spec["exchange"]["kind"] = exchange.toStdString();
  spec["optimizer"] = json::parse(optimizer.toStdString());
  QTemporaryDir whole, broken, next;
  const std::string expected = Digest(RunGroup(spec, whole.path(), {}));
  QVERIFY(!expected.empty());
  const std::vector<Memory> memories = Broken(spec, broken.path());
  for (const Memory& memory : memories) {
    QVERIFY(memory != nullptr);
    QCOMPARE(memory->step, kBreak);
    QVERIFY(memory->parameters == memories[0]->parameters && memory->optimizer == memories[0]->optimizer);
  }
  const auto members = RunGroup(spec, next.path(), {.memories = memories});
  for (const Member& member : members) {
    QVERIFY2(member.result.ok(), std::string(member.result.status().message()).c_str());
    QCOMPARE(member.result->parameters_sha256, expected);
  }
  QCOMPARE(members[0].series.at("train/loss").size(),
           size_t{80 - kBreak});  // 480 samples, 4 epochs, 24 a step
}

// Some buckets had been averaged by then, and would have been updated.
void StepLoopRegroupTest::aStepThatBreaksOffChangesNothing() {
  QTemporaryDir first, second;
  const auto untouched =
      RunGroup(ElasticSpec(4), first.path(), {.actions = {proto::Control::REGROUP}});  // before any step
  const auto members =
      RunGroup(ElasticSpec(4), second.path(),
               {.dying_rank = 0, .dies_in_step = true, .actions = {proto::Control::HISTOGRAM}});
  for (const Member& member : members) {
    QVERIFY(!member.result.ok());
    QVERIFY(member.memory != nullptr);
    QCOMPARE(member.memory->step, int64_t{0});
    QVERIFY(member.memory->parameters == untouched[0].memory->parameters);
    QVERIFY(member.memory->optimizer == untouched[0].memory->optimizer);
  }
}

void StepLoopRegroupTest::aSmallerGroupTrainsTheRestOfTheData() {
  QTemporaryDir broken, next;
  std::vector<Memory> memories = Broken(ElasticSpec(4, kBreak), broken.path());
  memories.erase(memories.begin() + 2);
  const auto members = RunGroup(ElasticSpec(3), next.path(), {.memories = memories});
  for (const Member& member : members) {
    QVERIFY2(member.result.ok(), std::string(member.result.status().message()).c_str());
    QCOMPARE(member.result->parameters_sha256, Digest(members));
  }
  // The first epoch of four was that of 480 samples, 24 a step; an epoch has 26 steps of 18.
  const std::vector<double>& epochs = members[0].series.at("progress/epoch");
  QVERIFY2(std::abs(epochs.back() - 4) < 0.05, std::to_string(epochs.back()).c_str());
  QVERIFY(std::abs(epochs.front() - 1) < 0.05);
  QCOMPARE(members[0].result->step, kBreak + int64_t{3 * 26});
  const std::vector<double>& losses = members[0].series.at("train/loss");
  const double last = std::accumulate(losses.end() - 20, losses.end(), 0.0) / 20;
  QVERIFY2(last < 0.35, std::to_string(last).c_str());  // ln 2 = 0.69 before any training
}

void StepLoopRegroupTest::aNewcomerIsGivenWhatTheOthersHave() {
  const json spec = ElasticSpec(4, kBreak);
  QTemporaryDir broken, with_all, with_newcomer;
  std::vector<Memory> memories = Broken(spec, broken.path());
  const std::string expected = Digest(RunGroup(spec, with_all.path(), {.memories = memories}));
  QVERIFY(!expected.empty());
  memories[2] = nullptr;
  memories[0] = nullptr;  // the first rank, too, may be a newcomer's
  const auto members = RunGroup(spec, with_newcomer.path(), {.memories = memories, .source_rank = 1});
  for (const Member& member : members) {
    QVERIFY2(member.result.ok(), std::string(member.result.status().message()).c_str());
    QCOMPARE(member.result->parameters_sha256, expected);
  }
}

void StepLoopRegroupTest::whoIsBehindTakesWhatTheFurthestHas() {
  const json spec = ElasticSpec(4, kBreak);
  QTemporaryDir broken, start, with_all, uneven;
  std::vector<Memory> memories = Broken(spec, broken.path());
  const std::string expected = Digest(RunGroup(spec, with_all.path(), {.memories = memories}));
  const auto untouched = RunGroup(spec, start.path(), {.actions = {proto::Control::REGROUP}});
  memories[0] = untouched[0].memory;  // of step 0
  const auto members = RunGroup(spec, uneven.path(), {.memories = memories, .source_rank = 3});
  for (const Member& member : members) QCOMPARE(member.result->parameters_sha256, expected);
  // Who is said to give it must have it.
  QTemporaryDir wrong;
  memories[3] = nullptr;
  memories[1] = nullptr;
  const auto none = RunGroup(spec, wrong.path(), {.memories = {memories[2], nullptr, nullptr, nullptr}});
  QVERIFY(none[0].result.ok());  // rank 0 has it here, and gives it
  StepLoopOptions options{.spec = CheckSpec(spec.dump()).spec, .rank = 0, .world_size = 4};
  options.datasets_folder = folder_.filePath("datasets").toStdString();
  options.group_state = {.source_rank = 0, .step = kBreak, .epochs = 0.8, .seconds = 1};
  StepRecorder recorder(0);
  ControlQueue controls;
  const auto loop = StepLoop::Create(std::move(options), recorder, controls, {});
  QCOMPARE(loop.status().code(), absl::StatusCode::kFailedPrecondition);
}

void StepLoopRegroupTest::allPartAtTheSameStepWhenAsked() {
  QTemporaryDir run;
  const auto members = RunGroup(ElasticSpec(3), run.path(), {.actions = {proto::Control::REGROUP}});
  for (const Member& member : members) {
    QVERIFY(member.result.ok());
    QVERIFY(member.result->parted && !member.result->stopped);
    QVERIFY(member.result->parameters_path.empty());
    QCOMPARE(member.memory->step, members[0].memory->step);
  }
  // It says nothing to an experiment that is not elastic.
  json spec = ElasticSpec(2);
  spec.erase("elastic");
  QTemporaryDir other;
  const auto plain = RunGroup(spec, other.path(), {.actions = {proto::Control::REGROUP}});
  QVERIFY(plain[0].result.ok() && !plain[0].result->parted);
  QVERIFY(plain[0].memory == nullptr);
}

void StepLoopRegroupTest::theLearningRateFollowsTheGlobalBatch() {
  json spec = ElasticSpec(2);
  spec["elastic"] = {{"learning_rate", "linear"}, {"base_workers", 4}};
  QTemporaryDir run, kept;
  QCOMPARE(RunGroup(spec, run.path(), {})[0].series.at("train/learning_rate")[0], 0.05);  // 0.1 for four
  spec["elastic"]["learning_rate"] = "keep";
  QCOMPARE(RunGroup(spec, kept.path(), {})[0].series.at("train/learning_rate")[0], 0.1);
}

void StepLoopRegroupTest::otherStrategiesAreRefused() {
  json spec = PipelineSpec(table_, 1, 2, 1, 8);
  spec["elastic"] = json::object();
  QCOMPARE(RecoveryOf(CheckSpec(spec.dump()).spec), Recovery::kResumes);
  StepLoopOptions options{.spec = CheckSpec(spec.dump()).spec, .rank = 0, .world_size = 2};
  options.datasets_folder = folder_.filePath("datasets").toStdString();
  options.group_state.emplace();
  StepRecorder recorder(0);
  ControlQueue controls;
  const auto loop = StepLoop::Create(std::move(options), recorder, controls, {});
  QCOMPARE(loop.status().code(), absl::StatusCode::kFailedPrecondition);
}

CONCERTINA_TEST(StepLoopRegroupTest)

}  // namespace concertina::step_loop_regroup_test

#include "step_loop_regroup_test.moc"
