// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// message_slow_motion_test.cc: whole training loops whose messages go one at a time, and then all: every bit
// is that of a run whose messages never waited; and recordings that have what was sent and what came.
#include <QTest>
#include <algorithm>
#include <thread>

#include "core/analysis/message_replay.h"
#include "core/comm/message_turns.h"
#include "tests/test_program.h"
#include "training_ranks.h"

namespace concertina::message_slow_motion_test {

using nlohmann::json;

class MessageSlowMotionTest : public QObject, private TrainingRanks {
  Q_OBJECT

  // Lets so many messages go one at a time, then opens all gates: what has moved meanwhile.
  std::vector<WaitingMessage> TrainSlowly(const json& spec, const QString& folder, size_t one_at_a_time,
                                          std::vector<RankResult>& ranks, int dying_rank = -1) {
    absl::Mutex mutex;
    bool has_ended = false;
    MessageTurns turns(
        [this](int rank, uint64_t number) { gates_[static_cast<size_t>(rank)]->Grant(number); });
    message_waits_ = [&](const WaitingMessage& message) {
      absl::MutexLock lock(&mutex);
      turns.Wait(message);
    };
    std::vector<WaitingMessage> moved;
    gates_.clear();
    for (int rank = 0; rank < 8; ++rank) gates_.push_back(std::make_unique<MessageGate>());
    std::thread person([&] {
      for (;;) {
        absl::MutexLock lock(&mutex);
        const auto some = [&] {
          mutex.AssertReaderHeld();
          return !turns.waiting().empty() || has_ended;
        };
        if (!mutex.AwaitWithTimeout(absl::Condition(&some), absl::Seconds(30)) || has_ended) break;
        turns.AllowNext(1);
        moved.push_back(turns.moved().back().message);
        if (moved.size() >= one_at_a_time) break;
      }
      for (auto& gate : gates_) gate->Open();
    });
    ranks = Train(spec, folder, "", {proto::Control::SLOW_MOTION}, dying_rank);
    {
      absl::MutexLock lock(&mutex);
      has_ended = true;
    }
    person.join();
    message_waits_ = {};
    return moved;
  }

 private slots:
  void oneAtATimeAndThenAllIsTheSameToTheBit_data() {
    QTest::addColumn<int>("data");
    QTest::addColumn<int>("pipeline");
    QTest::addColumn<QString>("exchange");
    QTest::addColumn<QString>("codec");
    QTest::newRow("ring") << 3 << 1 << R"({"kind": "all-reduce", "bucket_mib": 0.001})"
                          << "none";
    QTest::newRow("swap, top-k") << 2 << 1 << R"({"kind": "all-reduce"})"
                                 << "top-k";
    QTest::newRow("halving and doubling")
        << 4 << 1 << R"({"kind": "all-reduce", "algorithm": "halving-doubling"})"
        << "none";
    QTest::newRow("zero") << 2 << 1 << R"({"kind": "zero"})"
                          << "none";
    QTest::newRow("server, in step") << 2 << 1 << R"({"kind": "parameter-server"})"
                                     << "none";
    QTest::newRow("pipeline") << 1 << 2 << R"({"kind": "single"})"
                              << "none";
  }
  void oneAtATimeAndThenAllIsTheSameToTheBit() {
    QFETCH(int, data);
    QFETCH(int, pipeline);
    QFETCH(QString, exchange);
    QFETCH(QString, codec);
    json spec = pipeline > 1 ? PipelineSpec(table_, data, pipeline, 1, 20) : TableSpec(table_, data, 20);
    spec["exchange"] = json::parse(exchange.toStdString());
    spec["gradient"] = {{{"kind", codec.toStdString()}}};
    if (pipeline > 1) spec["pipeline"] = {{"kind", "1f1b"}, {"micro_batches", 4}};
    const QTemporaryDir plain_folder, slow_folder;
    const std::vector<RankResult> plain = Train(spec, plain_folder.path());
    std::vector<RankResult> ranks;
    const std::vector<WaitingMessage> moved = TrainSlowly(spec, slow_folder.path(), 30, ranks);
    QCOMPARE(moved.size(), size_t{30});  // the gates did close
    QVERIFY(plain[0].result.ok());
    for (const RankResult& rank : ranks) QVERIFY(rank.result.ok());
    QCOMPARE(ranks[0].result->parameters_sha256, plain[0].result->parameters_sha256);
    for (size_t i = 0; i < moved.size(); ++i) {
      QVERIFY(moved[i].from != moved[i].to);
      QVERIFY(moved[i].step >= 0 && moved[i].bytes > 0);
      for (size_t j = 0; j < i; ++j)  // of one sender in its order
        if (moved[j].from == moved[i].from) QVERIFY(moved[j].number < moved[i].number);
    }
    if (pipeline > 1)
      QVERIFY(std::any_of(moved.begin(), moved.end(), [](const WaitingMessage& message) {
        return message.note.kind == MessageKind::kActivation && message.note.micro_batch == 1;
      }));
  }

  void aDeadRankReleasesTheOthers() {
    std::vector<RankResult> ranks;
    const QTemporaryDir folder;
    const json spec = TableSpec(table_, 3, 20);
    TrainSlowly(spec, folder.path(), 100'000, ranks, /*dying_rank=*/1);
    for (const RankResult& rank : ranks) QVERIFY(!rank.result.ok());
  }

  void aRecordingHasWhatWasSentAndWhatCame_data() {
    QTest::addColumn<QString>("exchange");
    QTest::addColumn<bool>("lockstep");
    QTest::newRow("ring") << R"({"kind": "all-reduce"})" << true;
    QTest::newRow("asynchronous") << R"({"kind": "parameter-server", "mode": "async"})" << false;
  }
  void aRecordingHasWhatWasSentAndWhatCame() {
    QFETCH(QString, exchange);
    QFETCH(bool, lockstep);
    json spec = TableSpec(table_, 3, 20);
    spec["exchange"] = json::parse(exchange.toStdString());
    const QTemporaryDir folder;
    const std::vector<RankResult> ranks = Train(spec, folder.path(), "", {proto::Control::SPANS});
    std::vector<RankSpans> all;
    for (const RankResult& rank : ranks) {
      QVERIFY(rank.result.ok());
      QCOMPARE(rank.spans.size(), size_t{1});
      const auto unpacked = UnpackSpans(PackSpans(rank.spans[0]));
      QVERIFY(unpacked.ok());
      all.push_back(*unpacked);
    }
    const MessageReplay replay = MakeReplay(all);
    QVERIFY(!replay.is_empty());
    QCOMPARE(replay.dropped, uint64_t{0});
    if (!lockstep) {
      QVERIFY(std::any_of(replay.messages.begin(), replay.messages.end(), [](const ReplayMessage& message) {
        return message.note.kind == MessageKind::kPush;
      }));
      return;
    }
    // A ring of 3, one bucket: 4 messages a rank and step, and each has come.
    const auto count =
        std::count_if(replay.messages.begin(), replay.messages.end(),
                      [](const ReplayMessage& message) { return message.note.kind == MessageKind::kReduce; });
    QCOMPARE(count, std::ptrdiff_t{2 * 3 * kRecordedSteps});
    for (const ReplayMessage& message : replay.messages) {
      QVERIFY(message.arrived_seconds >= message.sent_seconds);
      if (message.note.kind == MessageKind::kReduce) QCOMPARE(message.to, (message.from + 1) % 3);
    }
  }
};

CONCERTINA_TEST(MessageSlowMotionTest)

}  // namespace concertina::message_slow_motion_test

#include "message_slow_motion_test.moc"
