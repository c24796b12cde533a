// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// pair_meetings_test.cc: both ends of a meeting have the same average, no graph makes ranks wait in a circle,
// who dies is dropped and named, and at the end all that are left meet.
#include <QTest>
#include <cmath>
#include <functional>
#include <latch>
#include <set>
#include <thread>

#include "core/base/rng.h"
#include "core/parallel/pair_meetings.h"
#include "log_lines.h"
#include "tests/test_program.h"

namespace concertina::pair_meetings_test {
namespace {

constexpr size_t kFloats = 300;
constexpr double kDeadlineSeconds = 20;

using Words = std::vector<std::optional<int64_t>>;

struct Rank {
  Transport* transport = nullptr;
  PairMeetings* meetings = nullptr;
  std::vector<float> parameters, buffers;
  absl::Status status;
};

std::vector<float> StartOf(int rank) {
  Rng rng(3, "start", static_cast<uint64_t>(rank));
  std::vector<float> values(kFloats);
  for (float& value : values) value = static_cast<float>(rng.Normal());
  return values;
}

// Each rank does `work` on a thread of its own; who fails aborts, as the step loop does.
std::vector<Rank> Run(const MixingGraphChoice& choice, int size,
                      const std::function<absl::Status(int rank, Rank&)>& work) {
  auto transports = MakeInProcessTransports(size);
  const MixingGraph graph = *MixingGraph::Create(choice, size);
  const AskingGraph asking(graph);
  std::vector<int> members;
  for (int rank = 0; rank < size; ++rank) {
    members.push_back(rank);
    transports[static_cast<size_t>(rank)]->SurviveLoss();
  }
  std::vector<Rank> ranks(static_cast<size_t>(size));
  std::vector<std::thread> threads;
  for (int r = 0; r < size; ++r)
    threads.emplace_back([&, r] {
      Rank& rank = ranks[static_cast<size_t>(r)];
      rank.transport = transports[static_cast<size_t>(r)].get();
      rank.parameters = StartOf(r);
      rank.buffers = {static_cast<float>(r)};
      Communicator data(*rank.transport, members, 1);
      PairMeetings meetings({.data = &data, .seed = 5, .deadline_seconds = kDeadlineSeconds}, asking,
                            rank.parameters);
      rank.meetings = &meetings;
      rank.status = work(r, rank);
      if (!rank.status.ok()) rank.transport->Abort(rank.status);
    });
  for (std::thread& thread : threads) thread.join();
  return ranks;
}

const auto kNothing = [] { return absl::OkStatus(); };

// A step whose gradient moves every parameter by `by`.
absl::Status Step(Rank& rank, int64_t step, float by) {
  RETURN_IF_ERROR(rank.meetings->Begin(step, rank.parameters));
  RETURN_IF_ERROR(rank.meetings->Await().status());
  rank.meetings->Update([&](std::span<float> live) {
    for (float& x : live) x += by;
  });
  return absl::OkStatus();
}

absl::StatusOr<Words> MeetAll(Rank& rank, int64_t word) {
  return rank.meetings->Meet(word, kNothing, rank.parameters);
}

bool AllOk(const std::vector<Rank>& ranks, int dead = -1) {
  for (size_t r = 0; r < ranks.size(); ++r)
    if (static_cast<int>(r) != dead && !ranks[r].status.ok()) {
      qWarning("rank %zu: %s", r, std::string(ranks[r].status.message()).c_str());
      return false;
    }
  return true;
}

void GraphRows() {
  QTest::addColumn<QString>("graph");
  QTest::addColumn<QString>("edges");
  QTest::addColumn<int>("ranks");
  for (const int ranks : {2, 3, 4, 5})
    for (const char* graph : {"ring", "complete"})
      QTest::addRow("%s of %d", graph, ranks) << graph << "" << ranks;
  const auto edges = [](const char* name, const char* text, int ranks) {
    QTest::newRow(name) << "edges" << text << ranks;
  };
  edges("path of 4", "0-1,1-2,2-3", 4);
  edges("star of 5", "0-1,0-2,0-3,0-4", 5);
  edges("star around the last", "4-0,4-1,4-2,4-3", 5);
  edges("triangle with a tail", "0-1,1-2,2-0,2-3,3-4", 5);
  edges("odd ring with a chord", "0-1,1-2,2-3,3-4,4-0,0-2", 5);
}

MixingGraphChoice ChoiceOf(const QString& graph, const QString& edges) {
  return {.kind = graph.toStdString(), .edges = edges.toStdString()};
}

}  // namespace

class PairMeetingsTest : public QObject {
  Q_OBJECT
 private slots:
  void bothEndAMeetingWithTheSameAverage();
  void nobodyWaitsForEverAndTheSumStays_data() { GraphRows(); }
  void nobodyWaitsForEverAndTheSumStays();
  void whoDiesIsDropped_data() { GraphRows(); }
  void whoDiesIsDropped();
  void wordsOfAMeetingAreEachRanksOwn();
  void inTheEndAllThatAreLeftAreOne_data();
  void inTheEndAllThatAreLeftAreOne();
  void whatIsNoMessageIsRefused_data();
  void whatIsNoMessageIsRefused();
};

void PairMeetingsTest::bothEndAMeetingWithTheSameAverage() {
  const auto ranks = Run({.kind = "ring"}, 2, [](int, Rank& rank) -> absl::Status {
    RETURN_IF_ERROR(Step(rank, 0, 0));
    return MeetAll(rank, 0).status();
  });
  QVERIFY(AllOk(ranks));
  const std::vector<float> a = StartOf(0), b = StartOf(1);
  for (size_t i = 0; i < kFloats; ++i) {
    QCOMPARE(ranks[0].parameters[i], 0.5f * a[i] + 0.5f * b[i]);
    QCOMPARE(ranks[1].parameters[i], ranks[0].parameters[i]);
  }
}

void PairMeetingsTest::nobodyWaitsForEverAndTheSumStays() {
  QFETCH(QString, graph);
  QFETCH(QString, edges);
  QFETCH(int, ranks);
  constexpr int kSteps = 200;
  const auto all = Run(ChoiceOf(graph, edges), ranks, [](int r, Rank& rank) -> absl::Status {
    for (int step = 0; step < kSteps; ++step)
      RETURN_IF_ERROR(Step(rank, step, 0.001f * static_cast<float>(r)));
    return MeetAll(rank, 0).status();
  });
  QVERIFY(AllOk(all));
  double moved = 0;
  for (int r = 0; r < ranks; ++r) moved += kSteps * 0.001 * r;
  for (size_t i = 0; i < kFloats; ++i) {
    double sum = -moved;
    for (int r = 0; r < ranks; ++r) sum += all[static_cast<size_t>(r)].parameters[i] - StartOf(r)[i];
    // Some 2000 roundings at 2^-24 of values up to 4, which do not all go one way.
    QVERIFY2(std::abs(sum) < 2e-4, qPrintable(QString::number(sum)));
  }
}

void PairMeetingsTest::whoDiesIsDropped() {
  QFETCH(QString, graph);
  QFETCH(QString, edges);
  QFETCH(int, ranks);
  for (int dead = 0; dead < ranks; ++dead) {
    std::latch before(ranks);  // nobody dies before all have begun
    std::vector<Words> words(static_cast<size_t>(ranks));
    const auto all = Run(ChoiceOf(graph, edges), ranks, [&](int r, Rank& rank) -> absl::Status {
      for (int step = 0; step < 60; ++step) {
        if (r == dead && step == 5 + r) return absl::UnavailableError("died");
        RETURN_IF_ERROR(Step(rank, step, 0));
        if (step == 0) before.arrive_and_wait();
      }
      ASSIGN_OR_RETURN(words[static_cast<size_t>(r)], MeetAll(rank, 10 + r));
      return absl::OkStatus();
    });
    QVERIFY(AllOk(all, dead));
    QCOMPARE(all[static_cast<size_t>(dead)].status.message(), absl::string_view("died"));
    for (int r = 0; r < ranks; ++r) {
      if (r == dead) continue;
      for (int other = 0; other < ranks; ++other) {
        const auto expected = other == dead ? std::nullopt : std::optional<int64_t>(10 + other);
        QVERIFY(words[static_cast<size_t>(r)][static_cast<size_t>(other)] == expected);
      }
      for (const float x : all[static_cast<size_t>(r)].parameters)
        QVERIFY(std::isfinite(x) && std::abs(x) < 10);
    }
  }
}

// Twice, so that the words of one meeting are not those of the next, with ranks that come at other times.
void PairMeetingsTest::wordsOfAMeetingAreEachRanksOwn() {
  std::vector<std::vector<Words>> words(3);
  const auto ranks = Run({.kind = "ring"}, 3, [&](int r, Rank& rank) -> absl::Status {
    for (int meeting = 0; meeting < 3; ++meeting) {
      for (int step = 0; step < 7 * r; ++step) RETURN_IF_ERROR(Step(rank, meeting * 100 + step, 0));
      if (meeting == 2) RETURN_IF_ERROR(rank.meetings->Settle(rank.parameters, rank.buffers));
      ASSIGN_OR_RETURN(words[static_cast<size_t>(r)].emplace_back(), MeetAll(rank, meeting * 10 - r));
    }
    return absl::OkStatus();
  });
  QVERIFY(AllOk(ranks));
  for (const auto& of_rank : words)
    for (int meeting = 0; meeting < 3; ++meeting)
      QVERIFY(of_rank[static_cast<size_t>(meeting)] ==
              (Words{meeting * 10, meeting * 10 - 1, meeting * 10 - 2}));
}

void PairMeetingsTest::inTheEndAllThatAreLeftAreOne_data() {
  QTest::addColumn<int>("dead");
  QTest::newRow("nobody lost") << -1;
  QTest::newRow("who only answers") << 0;
  QTest::newRow("who asks") << 2;
}

void PairMeetingsTest::inTheEndAllThatAreLeftAreOne() {
  QFETCH(int, dead);
  std::latch before(4);
  const auto ranks = Run({.kind = "ring"}, 4, [&](int r, Rank& rank) -> absl::Status {
    RETURN_IF_ERROR(Step(rank, 0, 0));
    before.arrive_and_wait();
    if (r == dead) return absl::UnavailableError("died");
    for (int step = 1; step < 20 * (r + 1); ++step) RETURN_IF_ERROR(Step(rank, step, 0));
    return rank.meetings->Settle(rank.parameters, rank.buffers);
  });
  QVERIFY(AllOk(ranks, dead));
  const Rank& one = ranks[dead == 0 ? 1 : 0];
  float mean = 0;
  int left = 0;
  for (int r = 0; r < 4; ++r)
    if (r != dead) mean += static_cast<float>(r), ++left;
  for (int r = 0; r < 4; ++r) {
    if (r == dead) continue;
    QVERIFY(ranks[static_cast<size_t>(r)].parameters == one.parameters);
    QVERIFY(std::abs(ranks[static_cast<size_t>(r)].buffers[0] - mean / static_cast<float>(left)) < 1e-6f);
  }
}

void PairMeetingsTest::whatIsNoMessageIsRefused_data() {
  QTest::addColumn<int>("from");
  QTest::addColumn<int>("bytes");
  QTest::addColumn<QString>("said");
  QTest::newRow("half a vector") << 1 << static_cast<int>(kFloats * 2) << "sent 600 bytes";
  QTest::newRow("a byte that means nothing") << 1 << 1 << "sent 1 bytes";
  QTest::newRow("too long") << 1 << static_cast<int>(kFloats * 4 + 4) << "1204";
  QTest::newRow("of no neighbour") << 2 << static_cast<int>(kFloats * 4) << "none of this rank's neighbours";
}

// Ranks 0 - 1 - 2 in a path: rank 1 asks 0 and, by its colour, is asked by nobody's neighbour but them.
void PairMeetingsTest::whatIsNoMessageIsRefused() {
  QFETCH(int, from);
  QFETCH(int, bytes);
  QFETCH(QString, said);
  const auto ranks = Run({.kind = "edges", .edges = "0-1,1-2"}, 3, [&](int r, Rank& rank) -> absl::Status {
    if (r == from) {
      const std::vector<std::byte> message(static_cast<size_t>(bytes), std::byte{9});
      RETURN_IF_ERROR(rank.transport->Send(0, uint32_t{17} << 16, message, Deadline::After(5)));
    }
    if (r != 0) {  // stays until rank 0 has answered in its way
      while (!rank.transport->is_lost(0)) std::this_thread::yield();
      return absl::OkStatus();
    }
    return MeetAll(rank, 0).status();
  });
  const std::string message(ranks[0].status.message());
  QVERIFY2(message.find(said.toStdString()) != std::string::npos, message.c_str());
  QVERIFY2(message.find("rank " + std::to_string(from)) == 0, message.c_str());
  QCOMPARE(ranks[0].status.code(), absl::StatusCode::kDataLoss);
}

CONCERTINA_TEST(PairMeetingsTest)

}  // namespace concertina::pair_meetings_test

#include "pair_meetings_test.moc"
