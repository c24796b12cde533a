// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// roll_call_test.cc: wherever ranks die in the middle of a roll call, all that are left hear the same words.
#include <QTest>
#include <algorithm>
#include <array>
#include <cstring>
#include <functional>
#include <thread>

#include "core/comm/roll_call.h"
#include "dying_transport.h"
#include "tests/test_program.h"

namespace concertina::roll_call_test {
namespace {

using Words = std::vector<std::optional<int64_t>>;
using Heard = std::vector<Words>;  // by call

struct Outcome {
  std::vector<Heard> heard;  // by rank
  std::vector<absl::Status> status;
};

// `calls` roll calls of ranks of which some die at a send; in each rank r says 100 call + r.
Outcome CallRanks(const std::vector<int>& dies_at_send, int calls) {
  const size_t n = dies_at_send.size();
  auto transports = MakeInProcessTransports(static_cast<int>(n));
  std::vector<int> members;
  for (size_t rank = 0; rank < n; ++rank) {
    members.push_back(static_cast<int>(rank));
    transports[rank]->SurviveLoss();
  }
  Outcome out{.heard = std::vector<Heard>(n), .status = std::vector<absl::Status>(n)};
  std::vector<std::thread> threads;
  for (size_t r = 0; r < n; ++r)
    threads.emplace_back([&, r] {
      DyingTransport transport(std::move(transports[r]), dies_at_send[r]);
      RollCall roll_call(transport, members, 30);
      for (int call = 0; call < calls && out.status[r].ok(); ++call) {
        auto words = roll_call.Call(100 * call + static_cast<int64_t>(r), [] { return absl::OkStatus(); });
        out.status[r] = words.status();
        if (!words.ok()) break;
        for (size_t member = 0; member < n; ++member)
          if (roll_call.is_gone(static_cast<int>(member)) == (*words)[member].has_value())
            out.status[r] = absl::InternalError("is_gone contradicts the words");
        out.heard[r].push_back(*std::move(words));
      }
      if (!out.status[r].ok()) transport.Abort(out.status[r]);
    });
  for (std::thread& thread : threads) thread.join();
  return out;
}

// What is wrong with what the ranks that did not die have heard; empty: nothing.
QString Contradiction(const std::vector<int>& dies_at_send, const Outcome& out, int calls) {
  const size_t n = dies_at_send.size();
  const Heard* first = nullptr;
  for (size_t r = 0; r < n; ++r) {
    if (out.status[r].code() == absl::StatusCode::kAborted) continue;  // it died
    if (!out.status[r].ok()) return QString::fromStdString(out.status[r].ToString());
    if (first == nullptr) first = &out.heard[r];
    if (out.heard[r] != *first) return QString("rank %1 heard something else").arg(r);
  }
  if (first == nullptr || static_cast<int>(first->size()) != calls) return "too few calls";
  for (size_t r = 0; r < n; ++r) {
    bool was_gone = false;
    for (int call = 0; call < calls; ++call) {
      const std::optional<int64_t>& word = (*first)[static_cast<size_t>(call)][r];
      if (was_gone && word) return QString("rank %1 came back").arg(r);
      if (word && *word != 100 * call + static_cast<int64_t>(r)) return QString("a wrong word of %1").arg(r);
      if (!word && out.status[r].ok()) return QString("rank %1 lives and was not heard").arg(r);
      was_gone = !word;
    }
    if (!was_gone && out.status[r].code() == absl::StatusCode::kAborted &&
        out.heard[r].size() + 1 < first->size())
      return QString("rank %1 died and is still heard").arg(r);
  }
  return {};
}

}  // namespace

class RollCallTest : public QObject {
  Q_OBJECT
 private slots:
  void allHearAll_data();
  void allHearAll();
  void whereverOneDiesAllAgree_data();
  void whereverOneDiesAllAgree();
  void whereverTwoDieAllAgree();
  void aMessageThatIsNoneIsRefused_data();
  void aMessageThatIsNoneIsRefused();
  void whoIsGoneIsGoneForEver();
  void nobodyDecidesWithoutARankThatLives();
  void meanwhileIsCalledAndEndsIt();
};

void RollCallTest::allHearAll_data() {
  QTest::addColumn<int>("ranks");
  for (const int ranks : {1, 2, 3, 5, 8}) QTest::addRow("%d ranks", ranks) << ranks;
}

void RollCallTest::allHearAll() {
  QFETCH(int, ranks);
  const std::vector<int> nobody(static_cast<size_t>(ranks), kNeverDies);
  const Outcome out = CallRanks(nobody, 50);
  QCOMPARE(Contradiction(nobody, out, 50), QString());
}

void RollCallTest::whereverOneDiesAllAgree_data() {
  QTest::addColumn<int>("ranks");
  for (const int ranks : {2, 3, 4, 5}) QTest::addRow("%d ranks", ranks) << ranks;
}

// Three calls; the first two have two messages to everyone each, and it dies at any of them.
void RollCallTest::whereverOneDiesAllAgree() {
  QFETCH(int, ranks);
  int partly = 0;
  for (int dead = 0; dead < ranks; ++dead)
    for (int send = 0; send < 4 * (ranks - 1); ++send) {
      std::vector<int> dies(static_cast<size_t>(ranks), kNeverDies);
      dies[static_cast<size_t>(dead)] = send;
      const Outcome out = CallRanks(dies, 3);
      QVERIFY2(
          Contradiction(dies, out, 3).isEmpty(),
          qPrintable(
              QString("rank %1 dead at send %2: %3").arg(dead).arg(send).arg(Contradiction(dies, out, 3))));
      QCOMPARE(out.status[static_cast<size_t>(dead)].code(), absl::StatusCode::kAborted);
      // In the middle of its first round it was heard by some, and so by all.
      const Heard& heard = out.heard[dead == 0 ? 1 : 0];
      if (send > 0 && send < ranks - 1) partly += heard[0][static_cast<size_t>(dead)].has_value() ? 1 : 0;
      QVERIFY(!heard[2][static_cast<size_t>(dead)].has_value());
    }
  if (ranks > 2) QVERIFY(partly > 0);  // passing on was needed, and done
}

void RollCallTest::whereverTwoDieAllAgree() {
  constexpr int kRanks = 4;
  for (int first = 0; first < kRanks; ++first)
    for (int second = first + 1; second < kRanks; ++second)
      for (int send = 0; send < 2 * (kRanks - 1); ++send)
        for (int later = 0; later < 3 * (kRanks - 1); ++later) {
          std::vector<int> dies(kRanks, kNeverDies);
          dies[static_cast<size_t>(first)] = send;
          dies[static_cast<size_t>(second)] = later;
          const Outcome out = CallRanks(dies, 3);
          const QString wrong = Contradiction(dies, out, 3);
          QVERIFY2(wrong.isEmpty(), qPrintable(QString("rank %1 dead at send %2, rank %3 at %4: %5")
                                                   .arg(first)
                                                   .arg(send)
                                                   .arg(second)
                                                   .arg(later)
                                                   .arg(wrong)));
        }
}

void RollCallTest::aMessageThatIsNoneIsRefused_data() {
  QTest::addColumn<int>("bytes");
  QTest::addColumn<int>("call");
  QTest::addColumn<int>("round");
  QTest::newRow("empty") << 0 << 1 << 1;
  QTest::newRow("a byte short") << 41 << 1 << 1;
  QTest::newRow("a byte long") << 43 << 1 << 1;
  QTest::newRow("a call too soon") << 42 << 2 << 1;
  QTest::newRow("a round too soon") << 42 << 1 << 2;
}

void RollCallTest::aMessageThatIsNoneIsRefused() {
  QFETCH(int, bytes);
  QFETCH(int, call);
  QFETCH(int, round);
  auto transports = MakeInProcessTransports(2);
  std::vector<uint64_t> message(6);
  message[0] = static_cast<uint64_t>(call);
  message[1] = static_cast<uint64_t>(round);
  const auto raw = std::as_bytes(std::span(message)).first(static_cast<size_t>(bytes));
  QVERIFY(transports[1]->Send(0, uint32_t{30} << 16, raw, Deadline::After(5)).ok());
  RollCall roll_call(*transports[0], {0, 1}, 30);
  const auto refused = roll_call.Call(7, [] { return absl::OkStatus(); });
  QCOMPARE(refused.status().code(), absl::StatusCode::kDataLoss);
  QVERIFY(std::string(refused.status().message()).starts_with("rank 1: "));
}

// A message of round 1, of three ranks.
std::vector<uint8_t> MessageOf(uint64_t call, uint64_t is_decided, const std::array<uint8_t, 3>& heard) {
  std::vector<uint8_t> bytes(24 + 9 * heard.size());
  const uint64_t head[3] = {call, 1, is_decided};
  std::memcpy(bytes.data(), head, sizeof head);
  std::copy(heard.begin(), heard.end(), bytes.begin() + 24);
  return bytes;
}

// Whatever a rank claims. Rank 1 decides without rank 2, and later speaks for it.
void RollCallTest::whoIsGoneIsGoneForEver() {
  auto transports = MakeInProcessTransports(3);
  const std::vector<uint8_t> decided = MessageOf(1, 1, {1, 1, 0}), in_doubt = MessageOf(1, 0, {0, 0, 1}),
                             lie = MessageOf(2, 1, {1, 1, 1});
  const auto send = [&](size_t from, const std::vector<uint8_t>& bytes) {
    return transports[from]->Send(0, uint32_t{30} << 16, std::as_bytes(std::span(bytes)), Deadline::After(5));
  };
  QVERIFY(send(1, decided).ok() && send(2, in_doubt).ok() && send(1, lie).ok());
  RollCall roll_call(*transports[0], {0, 1, 2}, 30);
  QVERIFY(roll_call.Call(7, [] { return absl::OkStatus(); }).ok());
  QVERIFY(roll_call.is_gone(2));
  const auto refused = roll_call.Call(7, [] { return absl::OkStatus(); });
  QCOMPARE(refused.status().code(), absl::StatusCode::kDataLoss);
  QCOMPARE(std::string(refused.status().message()),
           std::string("rank 1: tells a word of rank 2, which is gone"));
}

void RollCallTest::nobodyDecidesWithoutARankThatLives() {
  auto transports = MakeInProcessTransports(3);
  const std::vector<uint8_t> decided = MessageOf(1, 1, {0, 1, 1});
  QVERIFY(
      transports[1]->Send(0, uint32_t{30} << 16, std::as_bytes(std::span(decided)), Deadline::After(5)).ok());
  RollCall roll_call(*transports[0], {0, 1, 2}, 30);
  const auto refused = roll_call.Call(7, [] { return absl::OkStatus(); });
  QCOMPARE(refused.status().code(), absl::StatusCode::kDataLoss);
  QCOMPARE(std::string(refused.status().message()),
           std::string("rank 1: decided without this rank, which lives"));
}

void RollCallTest::meanwhileIsCalledAndEndsIt() {
  auto transports = MakeInProcessTransports(2);
  RollCall roll_call(*transports[0], {0, 1}, 30);
  int called = 0;
  const auto ended = roll_call.Call(
      7, [&]() -> absl::Status { return ++called < 3 ? absl::OkStatus() : absl::CancelledError("enough"); });
  QCOMPARE(ended.status().code(), absl::StatusCode::kCancelled);
  QCOMPARE(called, 3);
}

CONCERTINA_TEST(RollCallTest)

}  // namespace concertina::roll_call_test

#include "roll_call_test.moc"
