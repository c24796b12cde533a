// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// message_gate_test.cc: messages wait until it is their turn; whoever opens the gate, or a deadline, or the
// end of a rank lets all go; and what is written down of them is what moved.
#include "core/comm/message_gate.h"

#include <QTest>
#include <map>
#include <thread>

#include "absl/synchronization/notification.h"
#include "core/comm/communicator.h"
#include "core/comm/message_turns.h"
#include "core/comm/watched_transport.h"
#include "tests/test_program.h"

namespace concertina::message_gate_test {
namespace {

constexpr uint16_t kQuiet = 2, kLoud = 1;
constexpr uint32_t kTag = uint32_t{kLoud} << 16;

Deadline Soon() { return Deadline::After(20); }

WaitingMessage MessageOf(int from, int64_t step) {
  static uint64_t number = 0;
  return {.number = ++number, .from = from, .to = 1 - from, .bytes = 8, .step = step};
}

}  // namespace

class MessageGateTest : public QObject {
  Q_OBJECT
 private slots:
  void anOpenGateHoldsNothing() {
    MessageGate gate;
    gate.Await({});
    QVERIFY(!gate.is_closed());
    QCOMPARE(gate.opened_seconds(), 0.0);
    gate.Open();  // it was open
    QCOMPARE(gate.opened_seconds(), 0.0);
  }

  void aMessageWaitsForItsNumber() {
    MessageGate gate;
    absl::Notification told, gone;
    uint64_t number = 0;
    gate.Close([&](const WaitingMessage& message) {
      number = message.number;
      told.Notify();
    });
    std::thread sender([&] {
      gate.Await({.bytes = 5});
      gone.Notify();
    });
    QVERIFY(told.WaitForNotificationWithTimeout(absl::Seconds(20)));
    gate.Grant(number - 1);  // an old one
    gate.Grant(number + 7);  // ... or one that was never told lets no later one go
    QVERIFY(gone.WaitForNotificationWithTimeout(absl::Seconds(20)));
    sender.join();
    absl::Notification again;
    gate.Close([&](const WaitingMessage& message) {
      QCOMPARE(message.number, number + 1);
      again.Notify();
    });
    std::thread second([&] { gate.Await({}); });
    QVERIFY(again.WaitForNotificationWithTimeout(absl::Seconds(20)));
    QVERIFY(gate.is_closed());
    gate.Open();
    second.join();
    QVERIFY(gate.opened_seconds() > 0);
  }

  void whoWaitsTooLongOpensTheGateForAll() {
    MessageGate gate(0.05);
    int told = 0;
    gate.Close([&](const WaitingMessage&) { ++told; });
    gate.Await({});
    QCOMPARE(told, 1);
    QVERIFY(!gate.is_closed());
    gate.Await({});  // does not wait any more
    QCOMPARE(told, 1);
  }

  void turnsGoInTheOrderOfWaiting() {
    std::vector<int> granted;
    MessageTurns turns([&](int rank, uint64_t) { granted.push_back(rank); });
    turns.Wait(MessageOf(2, 7));
    turns.Wait(MessageOf(0, 7));
    QVERIFY(granted.empty());
    turns.AllowNext(1);
    QCOMPARE(granted, std::vector<int>({2}));
    turns.AllowNext(2);  // one now, one as it comes
    turns.Wait(MessageOf(1, 7));
    QCOMPARE(granted, std::vector<int>({2, 0, 1}));
    turns.Wait(MessageOf(2, 7));
    QCOMPARE(turns.waiting().size(), size_t{1});
    QCOMPARE(turns.moved_count(), uint64_t{3});
    QCOMPARE(turns.step(), int64_t{7});
    QCOMPARE(turns.moved_of_step(), uint64_t{3});
    turns.Forget(2);
    QVERIFY(turns.waiting().empty());
  }

  void theRestOfAStepEndsWithIt() {
    std::vector<int> granted;
    MessageTurns turns([&](int rank, uint64_t) { granted.push_back(rank); });
    turns.Wait(MessageOf(0, 8));  // is ahead
    turns.Wait(MessageOf(1, 7));
    turns.AllowRestOfStep();
    QCOMPARE(granted, std::vector<int>({1}));
    turns.Wait(MessageOf(1, 7));  // more of it
    turns.Wait(MessageOf(1, 8));
    QCOMPARE(granted, std::vector<int>({1, 1}));
    QCOMPARE(turns.waiting().size(), size_t{2});
    turns.AllowNext(1);
    QCOMPARE(granted, std::vector<int>({1, 1, 0}));
    QCOMPARE(turns.step(), int64_t{8});
    QCOMPARE(turns.moved_of_step_before(), uint64_t{2});
  }

  void aRingMovesOneSegmentAtATimeToTheSameSum() {
    constexpr int kRanks = 3;
    auto inner = MakeInProcessTransports(kRanks);
    std::vector<std::unique_ptr<MessageRing>> rings;
    std::vector<std::unique_ptr<MessageGate>> gates;
    std::vector<std::unique_ptr<WatchedTransport>> watched;
    absl::Mutex mutex;
    std::vector<WaitingMessage> order;
    MessageTurns turns([&](int rank, uint64_t number) { gates[static_cast<size_t>(rank)]->Grant(number); });
    for (int rank = 0; rank < kRanks; ++rank) {
      rings.push_back(std::make_unique<MessageRing>());
      rings.back()->Begin();
      rings.back()->SetStep(4);
      gates.push_back(std::make_unique<MessageGate>());
      gates.back()->Close([&](const WaitingMessage& message) {
        absl::MutexLock lock(&mutex);
        order.push_back(message);
        turns.Wait(message);
      });
      watched.push_back(std::make_unique<WatchedTransport>(*inner[static_cast<size_t>(rank)], kQuiet,
                                                           *rings.back(), gates.back().get()));
    }
    std::vector<std::vector<float>> values(kRanks, std::vector<float>(9, 1));
    std::vector<absl::Status> said(kRanks);
    std::vector<std::thread> threads;
    for (int rank = 0; rank < kRanks; ++rank)
      threads.emplace_back([&, rank] {
        const auto r = static_cast<size_t>(rank);
        Communicator quiet(*watched[r], {0, 1, 2}, kQuiet);
        said[r] = quiet.Barrier(Soon());  // is not held back
        Communicator loud(*watched[r], {0, 1, 2}, kLoud);
        // Its deadline passes while a person looks, and does not hold.
        if (said[r].ok())
          said[r] = loud.AllReduceSum(values[r], Deadline::After(0.01), 1,
                                      {.algorithm = AllReduceAlgorithm::kRing});
      });
    constexpr uint64_t kMessages = 2 * (kRanks - 1) * kRanks;
    for (uint64_t moved = 0; moved < kMessages;) {
      const bool waits = [&] {
        absl::MutexLock lock(&mutex);
        const auto some = [&] {
          mutex.AssertReaderHeld();
          return !turns.waiting().empty();
        };
        if (!mutex.AwaitWithTimeout(absl::Condition(&some), absl::Seconds(20))) return false;
        turns.AllowNext(1);
        moved = turns.moved_count();
        return true;
      }();
      if (!waits) {
        for (auto& gate : gates) gate->Open();
        break;
      }
    }
    for (std::thread& thread : threads) thread.join();
    QCOMPARE(turns.moved_count(), kMessages);
    for (size_t rank = 0; rank < kRanks; ++rank) {
      QVERIFY2(said[rank].ok(), std::string(said[rank].message()).c_str());
      QCOMPARE(values[rank], std::vector<float>(9, 3));
      const MessageRing::Taken taken = rings[rank]->Take();
      QCOMPARE(taken.records.size(), size_t{2 * 2 * (kRanks - 1)});  // sent and received; no barrier
      for (const MovedMessage& message : taken.records) {
        QCOMPARE(message.bytes, uint64_t{12});
        QCOMPARE(message.step, int64_t{4});
        QVERIFY(message.begin_seconds <= message.end_seconds);
        if (!message.is_received) QVERIFY(message.note.part >= 0 && message.note.parts == kRanks);
      }
    }
    for (const WaitingMessage& message : order) {
      QCOMPARE(message.to, (message.from + 1) % kRanks);
      QVERIFY(message.note.kind == MessageKind::kReduce || message.note.kind == MessageKind::kSpread);
    }
  }

  void theEndOfARankLetsItsMessagesGoAndFail() {
    auto inner = MakeInProcessTransports(2);
    MessageRing ring;
    MessageGate gate;
    absl::Notification waits;
    gate.Close([&](const WaitingMessage&) { waits.Notify(); });
    WatchedTransport watched(*inner[0], kQuiet, ring, &gate);
    absl::Status said, other;
    std::thread sender([&] {
      const float value = 1;
      said = watched.Send(1, kTag, std::as_bytes(std::span(&value, 1)), Soon());
    });
    std::thread receiver([&] {
      other = inner[1]->Receive(0, kTag, sizeof(float), Soon(), [](size_t, std::span<const std::byte>) {});
    });
    const bool held = waits.WaitForNotificationWithTimeout(absl::Seconds(20));
    watched.Abort(absl::AbortedError("its machine burns"));
    sender.join();
    receiver.join();
    QVERIFY(held);
    QVERIFY(!said.ok());
    QVERIFY(!other.ok());
    QVERIFY(!gate.is_closed());
  }

  void afterwardsDeadlinesOfBeforeStillHaveTime() {
    auto inner = MakeInProcessTransports(2);
    MessageRing ring;
    MessageGate gate;
    WatchedTransport watched(*inner[0], kQuiet, ring, &gate);
    const auto nothing = [](size_t, std::span<const std::byte>) {};
    QVERIFY(absl::IsDeadlineExceeded(watched.Receive(1, kTag, 4, Deadline::After(0.01), nothing)));
    gate.Close({});
    gate.Open();
    // Its deadline is that of a collective that began while nothing moved: it has passed already.
    absl::Status said;
    std::thread receiver([&] { said = watched.Receive(1, kTag, 4, Deadline::After(0), nothing); });
    const float value = 1;
    QVERIFY(inner[1]->Send(0, kTag, std::as_bytes(std::span(&value, 1)), Soon()).ok());
    receiver.join();
    QVERIFY2(said.ok(), std::string(said.message()).c_str());
  }

  void anEvaluationIsNotHeldBack() {
    auto inner = MakeInProcessTransports(2);
    MessageRing ring;
    MessageGate gate;
    gate.Close([](const WaitingMessage&) { QFAIL("it waits"); });
    WatchedTransport watched(*inner[0], kQuiet, ring, &gate);
    const float value = 1;
    const WatchedTransport::Passing passing(&watched);
    QVERIFY(watched.Send(1, kTag, std::as_bytes(std::span(&value, 1)), Soon()).ok());
    QVERIFY(inner[1]->Receive(0, kTag, 4, Soon(), [](size_t, std::span<const std::byte>) {}).ok());
  }
};

CONCERTINA_TEST(MessageGateTest)

}  // namespace concertina::message_gate_test

#include "message_gate_test.moc"
