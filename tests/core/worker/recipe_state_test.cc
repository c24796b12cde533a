// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// recipe_state_test.cc: a recipe's state is read as it was written, whatever its numbers; and ranks that keep
// it wait for each other for as long as one of them still writes.
#include "core/worker/recipe_state.h"

#include <QTemporaryDir>
#include <QTest>
#include <cmath>
#include <limits>
#include <thread>

#include "absl/synchronization/notification.h"
#include "absl/time/time.h"
#include "core/comm/transport.h"
#include "core/nn/layers.h"
#include "core/worker/checkpoint_manifest.h"
#include "core/worker/json_header.h"
#include "tests/test_program.h"

namespace concertina::recipe_state_test {
namespace {

constexpr double kNan = std::numeric_limits<double>::quiet_NaN();
constexpr double kInfinity = std::numeric_limits<double>::infinity();

SharedGraph SmallGraph() {
  Layers net("small", {4});
  net.Dense("a", 4).Relu();
  auto graph = net.Classify("b", 3);
  if (!graph.ok()) qFatal("%s", std::string(graph.status().message()).c_str());
  for (const ValueId id : graph->kept()) {
    Value& value = graph->mutable_value(id);
    value.given = std::make_shared<const std::vector<float>>(ElementCount(value.shape), 0.5F);
  }
  return std::make_shared<const Graph>(*std::move(graph));
}

RecipeState SmallState() {
  const SharedGraph graph = SmallGraph();
  return {.next = 2,
          .step = 7,
          .seconds = 1.5,
          .epochs = 0.5,
          .spec_json = "{}",
          .original_bytes = 1234,
          .original_accuracy = 0.9,
          .model = graph,
          .first = graph,
          .trained = graph,
          .before = nullptr,
          .detail = {.next = 3, .first_answers = {0, 2, 1}, .ranges = {{"a", 0.25}}},
          .told = {{.step = 5, .text = "prune-l1: amount 0.5", .figures = {{"test_loss", 0.1}}}}};
}

// The same number, or neither is one.
bool Same(double one, double other) { return one == other || (std::isnan(one) && std::isnan(other)); }

}  // namespace

class RecipeStateTest : public QObject {
  Q_OBJECT

  // What two ranks say, where rank 0 carries its files by `carry`; each tells its phases to `told`.
  struct Kept {
    absl::StatusOr<KeptState> first = absl::UnknownError("not run"), second = absl::UnknownError("not run");
  };
  static Kept KeepTogether(const QTemporaryDir& folder,
                           const std::function<absl::Status(const std::string& file)>& carry,
                           const std::function<void(int rank, const char* phase)>& told) {
    Kept kept;
    auto transports = MakeInProcessTransports(2);
    std::vector<std::thread> threads;
    for (int rank = 0; rank < 2; ++rank)
      threads.emplace_back([&, rank] {
        Communicator everyone(*transports[static_cast<size_t>(rank)], {0, 1}, 7);
        const std::string run_folder = folder.filePath(QString::number(rank)).toStdString();
        RecipeKeeping keeping{.disk = &Disk::Real(),
                              .run_folder = run_folder,
                              .rank = rank,
                              .ranks = 2,
                              .carry = [](const std::string&) { return absl::OkStatus(); },
                              .files = {},
                              .tell = [&told, rank](const char* phase) { told(rank, phase); }};
        if (rank == 0) {
          keeping.carry = carry;
          keeping.files = {"recipe-2.json", "model.edge"};
        }
        (rank == 0 ? kept.first : kept.second) = KeepRecipeState(SmallState(), keeping, everyone, {});
      });
    for (std::thread& thread : threads) thread.join();
    return kept;
  }

 private slots:
  void numbersComeBackAsTheyWere_data() {
    QTest::addColumn<double>("number");
    QTest::newRow("none") << 0.0;
    QTest::newRow("a share") << 0.1;
    QTest::newRow("tiny") << 5e-324;
    QTest::newRow("negative") << -1e300;
    QTest::newRow("no number") << kNan;
    QTest::newRow("negative no number") << -kNan;
    QTest::newRow("infinite") << kInfinity;
    QTest::newRow("negative infinite") << -kInfinity;
  }
  void numbersComeBackAsTheyWere() {
    QFETCH(double, number);
    RecipeState state = SmallState();
    state.original_bytes = state.original_accuracy = number;
    state.detail.ranges["b"] = number;
    state.told[0].figures["accuracy_lost"] = number;
    RecipeState read;
    const absl::Status status = UnpackRecipeState(PackRecipeState(state), read);
    QVERIFY2(status.ok(), std::string(status.message()).c_str());
    QCOMPARE(read.next, state.next);
    QVERIFY(Same(read.original_bytes, number));
    QVERIFY(Same(read.original_accuracy, number));
    QCOMPARE(read.detail.ranges.at("a"), 0.25);
    QVERIFY(Same(read.detail.ranges.at("b"), number));
    QCOMPARE(read.detail.first_answers, state.detail.first_answers);
    QCOMPARE(read.told.size(), size_t{1});
    QCOMPARE(read.told[0].text, state.told[0].text);
    QCOMPARE(read.told[0].figures.at("test_loss"), 0.1);
    QVERIFY(Same(read.told[0].figures.at("accuracy_lost"), number));
    QVERIFY(read.before == nullptr);
  }

  // As it was written before such numbers were kept.
  void whatWasNoNumberBeforeIsNoneNow() {
    const std::vector<uint8_t> packed = PackRecipeState(SmallState());
    std::span<const uint8_t> rest = packed;
    auto header = TakeJsonHeader(rest, rest.size());
    QVERIFY(header.ok());
    (*header)["original_accuracy"] = nullptr;
    (*header)["detail"]["ranges"]["a"] = nullptr;
    std::vector<uint8_t> older;
    AppendJsonHeader(*header, older);
    older.insert(older.end(), rest.begin(), rest.end());
    RecipeState read;
    QVERIFY(UnpackRecipeState(older, read).ok());
    QVERIFY(std::isnan(read.original_accuracy) && std::isnan(read.detail.ranges.at("a")));
    QCOMPARE(read.original_bytes, 1234.0);
  }

  void whatIsNoNumberAtAllIsRefused() {
    const std::vector<uint8_t> packed = PackRecipeState(SmallState());
    for (const nlohmann::json& wrong : {nlohmann::json("much"), nlohmann::json(true), nlohmann::json({1})}) {
      std::span<const uint8_t> rest = packed;
      auto header = TakeJsonHeader(rest, rest.size());
      QVERIFY(header.ok());
      (*header)["original_accuracy"] = wrong;
      std::vector<uint8_t> bytes;
      AppendJsonHeader(*header, bytes);
      bytes.insert(bytes.end(), rest.begin(), rest.end());
      RecipeState read;
      QCOMPARE(UnpackRecipeState(bytes, read).code(), absl::StatusCode::kDataLoss);
    }
  }

  // Rank 0 carries until the other has said three times that it waits: one that waited in one message alone
  // would say nothing, and give up after two minutes.
  void othersWaitAsLongAsRank0Carries() {
    const QTemporaryDir folder;
    absl::Notification has_waited;
    int waited = 0;                    // of rank 1's thread
    std::vector<std::string> carried;  // of rank 0's writer
    const auto kept = KeepTogether(
        folder,
        [&](const std::string& file) -> absl::Status {
          if (!has_waited.WaitForNotificationWithTimeout(absl::Seconds(60)))
            return absl::DeadlineExceededError("the other did not wait");
          carried.push_back(file.substr(file.rfind('/') + 1));
          return absl::OkStatus();
        },
        [&](int rank, const char* phase) {
          if (rank == 1 && std::string(phase) == "wait" && ++waited == 3) has_waited.Notify();
        });
    QVERIFY2(kept.first.ok(), std::string(kept.first.status().message()).c_str());
    QVERIFY2(kept.second.ok(), std::string(kept.second.status().message()).c_str());
    QVERIFY(kept.first->missing.empty() && kept.second->missing.empty());
    QCOMPARE(kept.first->bytes, kept.second->bytes);
    // Whoever goes on from it finds the files of the step before it: they go first, and the manifest last.
    QCOMPARE(carried.size(), size_t{4});
    QCOMPARE(carried[0], std::string("recipe-2.json"));
    QCOMPARE(carried[1], std::string("model.edge"));
    QCOMPARE(carried[3], std::string("manifest.json"));
  }

  void anEngineWithoutRoomLeavesTheRunWithoutTheState() {
    const QTemporaryDir folder;
    const auto kept = KeepTogether(
        folder, [](const std::string&) { return absl::ResourceExhaustedError("the engine's disk is full"); },
        [](int, const char*) {});
    QVERIFY(kept.first.ok() && kept.second.ok());
    QCOMPARE(kept.first->missing, std::string("the engine's disk is full"));
    QVERIFY2(kept.second->missing.find("rank 0") != std::string::npos, kept.second->missing.c_str());
  }

  void aRankThatCannotWriteEndsAll() {
    const QTemporaryDir folder;
    const auto kept = KeepTogether(
        folder, [](const std::string&) { return absl::DataLossError("torn"); }, [](int, const char*) {});
    QCOMPARE(kept.first.status().code(), absl::StatusCode::kDataLoss);
    QCOMPARE(kept.second.status().code(), absl::StatusCode::kAborted);
    const std::string said(kept.second.status().message());
    QVERIFY2(said.find("rank 0") != std::string::npos, said.c_str());
  }
};
CONCERTINA_TEST(RecipeStateTest)

}  // namespace concertina::recipe_state_test
#include "recipe_state_test.moc"
