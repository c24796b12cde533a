// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// lend_test.cc: lent bytes are read where they lie within one process, come in order with those that are
// sent, and are the sender's own again after a flush, or when it has left.
#include <QTest>
#include <atomic>
#include <cstring>
#include <thread>

#include "core/comm/transport.h"
#include "tests/test_program.h"

namespace concertina::lend_test {
namespace {

constexpr uint32_t kTag = 7;

Deadline Soon() { return Deadline::After(10); }

std::vector<std::byte> Pattern(size_t size, uint8_t first) {
  std::vector<std::byte> bytes(size);
  for (size_t i = 0; i < size; ++i) bytes[i] = static_cast<std::byte>(first + i % 251);
  return bytes;
}

struct Received {
  std::vector<std::byte> bytes;
  bool was_lent = false;  // at least a piece lay in `lender`
  absl::Status status;
};

Received Receive(Transport& at, size_t size, std::span<const std::byte> lender = {}) {
  Received received;
  received.bytes.resize(size);
  received.status = at.Receive(0, kTag, size, Soon(), [&](size_t offset, std::span<const std::byte> piece) {
    std::memcpy(received.bytes.data() + offset, piece.data(), piece.size());
    received.was_lent |= piece.data() >= lender.data() && piece.data() < lender.data() + lender.size();
  });
  return received;
}

}  // namespace

class LendTest : public QObject {
  Q_OBJECT
 private slots:
  void lentBytesCome_data();
  void lentBytesCome();
  void theyKeepTheirPlaceAmongThoseSent();
  void afterAFlushTheSenderMayChangeThem_data();
  void afterAFlushTheSenderMayChangeThem();
  void aFlushWaitsForWhoReads();
  void whoLeavesTakesNothingAway();
  void aMessageOfTheWrongSizeIsGivenBack();
  void whoIsGoneIsLentNothing();
};

void LendTest::lentBytesCome_data() {
  QTest::addColumn<int>("size");
  QTest::addColumn<double>("latency");
  QTest::addColumn<bool>("isLent");
  QTest::newRow("nothing") << 0 << 0.0 << false;
  QTest::newRow("small") << 4096 << 0.0 << false;
  QTest::newRow("large") << 4097 << 0.0 << true;
  QTest::newRow("several pieces' worth") << (1 << 20) + 3 << 0.0 << true;
  QTest::newRow("over an emulated link") << 100000 << 1.0 << false;
}

void LendTest::lentBytesCome() {
  QFETCH(int, size);
  QFETCH(double, latency);
  QFETCH(bool, isLent);
  auto ends = MakeInProcessTransports(2, {.latency_ms = latency});
  const auto bytes = Pattern(static_cast<size_t>(size), 1);
  QVERIFY(ends[0]->Lend(1, kTag, bytes, Soon()).ok());
  const Received received = Receive(*ends[1], bytes.size(), bytes);
  QVERIFY(received.status.ok());
  QVERIFY(received.bytes == bytes);
  QCOMPARE(received.was_lent, isLent);
  QCOMPARE(ends[0]->counts().payload_sent, static_cast<uint64_t>(size));
  QCOMPARE(ends[1]->counts().payload_received, static_cast<uint64_t>(size));
  QCOMPARE(ends[0]->counts().messages_sent, uint64_t{1});
}

void LendTest::theyKeepTheirPlaceAmongThoseSent() {
  auto ends = MakeInProcessTransports(2);
  std::vector<std::vector<std::byte>> messages;
  for (const uint8_t first : {1, 2, 3, 4, 5}) messages.push_back(Pattern(300000, first));
  for (size_t i = 0; i < messages.size(); ++i)
    QVERIFY((i % 2 == 0 ? ends[0]->Lend(1, kTag, messages[i], Soon())
                        : ends[0]->Send(1, kTag, messages[i], Soon()))
                .ok());
  QVERIFY(Receive(*ends[1], 300000).bytes == messages[0]);
  QVERIFY(ends[0]->Flush(1, Soon()).ok());  // what is taken back stays where it was
  for (size_t i = 1; i < messages.size(); ++i) QVERIFY(Receive(*ends[1], 300000).bytes == messages[i]);
}

void LendTest::afterAFlushTheSenderMayChangeThem_data() {
  QTest::addColumn<int>("size");
  for (const int size : {5000, 1 << 18, (1 << 18) + 1, 1000003}) QTest::addRow("%d bytes", size) << size;
}

void LendTest::afterAFlushTheSenderMayChangeThem() {
  QFETCH(int, size);
  auto ends = MakeInProcessTransports(2);
  auto bytes = Pattern(static_cast<size_t>(size), 1);
  const auto before = bytes;
  QVERIFY(ends[0]->Lend(1, kTag, bytes, Soon()).ok());
  QVERIFY(ends[0]->Flush(1, Soon()).ok());
  std::fill(bytes.begin(), bytes.end(), std::byte{0});
  const Received received = Receive(*ends[1], before.size(), bytes);
  QVERIFY(received.bytes == before);
  QVERIFY(!received.was_lent);
  QVERIFY(ends[0]->Flush(1, Soon()).ok());  // nothing is lent any more
}

void LendTest::aFlushWaitsForWhoReads() {
  auto ends = MakeInProcessTransports(2);
  const auto bytes = Pattern(100000, 1);
  QVERIFY(ends[0]->Lend(1, kTag, bytes, Soon()).ok());
  std::atomic<bool> reads = false, is_flushing = false, was_flushed_early = false, has_flushed = false;
  std::thread reader([&] {
    ends[1]
        ->Receive(0, kTag, bytes.size(), Soon(),
                  [&](size_t, std::span<const std::byte>) {
                    reads = true;
                    while (!is_flushing) std::this_thread::yield();
                    // Long enough for a flush that does not wait to have passed.
                    for (int i = 0; i < 2000; ++i) std::this_thread::yield();
                    was_flushed_early = has_flushed.load();
                  })
        .IgnoreError();
  });
  while (!reads) std::this_thread::yield();
  is_flushing = true;
  const absl::Status flushed = ends[0]->Flush(1, Soon());
  has_flushed = true;
  reader.join();
  QVERIFY(flushed.ok());
  QVERIFY(!was_flushed_early);
}

void LendTest::whoLeavesTakesNothingAway() {
  auto ends = MakeInProcessTransports(2);
  ends[1]->SurviveLoss();
  const auto before = Pattern(600000, 9);
  {
    const auto bytes = before;
    QVERIFY(ends[0]->Lend(1, kTag, bytes, Soon()).ok());
    ends[0]->Abort(absl::UnavailableError("gone"));
  }
  const Received received = Receive(*ends[1], before.size());
  QVERIFY2(received.status.ok(), std::string(received.status.message()).c_str());
  QVERIFY(received.bytes == before);
  QVERIFY(!Receive(*ends[1], before.size()).status.ok());
}

void LendTest::aMessageOfTheWrongSizeIsGivenBack() {
  auto ends = MakeInProcessTransports(2);
  const auto bytes = Pattern(100000, 1);
  QVERIFY(ends[0]->Lend(1, kTag, bytes, Soon()).ok());
  QCOMPARE(Receive(*ends[1], 99999).status.code(), absl::StatusCode::kDataLoss);
  QVERIFY(ends[0]->Flush(1, Soon()).ok());
  std::vector<uint8_t> message;
  QVERIFY(ends[0]->Lend(1, kTag, bytes, Soon()).ok());
  QCOMPARE(ends[1]->ReceiveMessage(0, kTag, 99999, Soon(), message).code(), absl::StatusCode::kDataLoss);
  QVERIFY(ends[0]->Flush(1, Soon()).ok());
  QVERIFY(ends[0]->Lend(1, kTag, bytes, Soon()).ok());
  QVERIFY(ends[1]->ReceiveMessage(0, kTag, 100000, Soon(), message).ok());
  QVERIFY(std::memcmp(message.data(), bytes.data(), bytes.size()) == 0);
}

void LendTest::whoIsGoneIsLentNothing() {
  auto ends = MakeInProcessTransports(2);
  const auto bytes = Pattern(100000, 1);
  ends[1].reset();
  QVERIFY(absl::IsUnavailable(ends[0]->Lend(1, kTag, bytes, Soon())));
  QVERIFY(ends[0]->Flush(1, Soon()).ok());
}

CONCERTINA_TEST(LendTest)

}  // namespace concertina::lend_test

#include "lend_test.moc"
