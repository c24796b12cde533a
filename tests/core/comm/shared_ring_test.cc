// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// shared_ring_test.cc: what is written is what is read, round the end of the ring too; an end that lies about
// its position, and a file that could be cut short, are not believed.
#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <QTest>
#include <cstring>
#include <thread>

#include "absl/strings/match.h"
#include "core/base/clock.h"
#include "core/base/rng.h"
#include "core/comm/shared_ring.h"
#include "tests/test_program.h"

namespace concertina::shared_ring_test {
namespace {

// Both ends of one ring, each with a mapping of its own.
struct Ends {
  RingWriter writer;
  RingReader reader;
};

Ends MakeEnds(size_t bytes) {
  auto made = RingMemory::Create(bytes);
  if (!made.ok()) qFatal("%s", made.status().ToString().c_str());
  auto adopted = RingMemory::Adopt(made->file().Duplicate());
  if (!adopted.ok()) qFatal("%s", adopted.status().ToString().c_str());
  return {RingWriter(*std::move(made)), RingReader(*std::move(adopted))};
}

Socket SealedFile(off_t bytes, int seals) {
  Socket file(memfd_create("test", MFD_CLOEXEC | MFD_ALLOW_SEALING));
  if (ftruncate(file.fd(), bytes) != 0 || fcntl(file.fd(), F_ADD_SEALS, seals) != 0) qFatal("no memfd");
  return file;
}

constexpr int kSeals = F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL;

}  // namespace

class SharedRingTest : public QObject {
  Q_OBJECT
 private slots:
  void whatIsWrittenIsReadInOrder();
  void roundTheEndABlockIsWhole();
  void theTailsLieIsFound_data();
  void theTailsLieIsFound();
  void theHeadsLieIsFound_data();
  void theHeadsLieIsFound();
  void aFileThatIsNoRingIsRefused_data();
  void aFileThatIsNoRingIsRefused();
  void noRingIsMadeOfAnOddSize_data();
  void noRingIsMadeOfAnOddSize();
  void whoSleepsIsWokenOnce();
  void whoWantsRoomIsWokenAtHalf();
};

// Blocks of random length between two threads, many times round the ring.
void SharedRingTest::whatIsWrittenIsReadInOrder() {
  constexpr size_t kCapacity = kLeastRingBytes;
  constexpr uint64_t kTotal = 200 * kCapacity;
  Ends ends = MakeEnds(kCapacity);
  const Deadline deadline = Deadline::After(20);
  std::thread writing([&] {
    Rng rng(1, "shared ring");
    for (uint64_t written = 0; written < kTotal && !deadline.Passed();) {
      const size_t block =
          std::min<uint64_t>(kTotal - written, kRingUnitBytes * (1 + rng.Below(kCapacity / kRingUnitBytes)));
      const auto room = ends.writer.Room();
      if (!room.ok() || *room < block) {
        std::this_thread::yield();
        // Another length, so that a block as long as the ring does not always win.
        continue;
      }
      for (size_t i = 0; i < block; i += 8) {
        const uint64_t word = written + i;
        std::memcpy(ends.writer.next() + i, &word, 8);
      }
      ends.writer.Publish(block);
      written += block;
    }
  });
  uint64_t read = 0;
  bool is_same = true;
  while (read < kTotal && !deadline.Passed()) {
    const auto available = ends.reader.Available();
    if (!available.ok()) break;
    for (size_t i = 0; i < *available; i += 8) {
      uint64_t word = 0;
      std::memcpy(&word, ends.reader.next() + i, 8);
      is_same = is_same && word == read + i;
    }
    read += *available;
    if (*available > 0)
      ends.reader.Release(*available);
    else
      std::this_thread::yield();
  }
  writing.join();
  QVERIFY(is_same);
  QCOMPARE(read, kTotal);
}

void SharedRingTest::roundTheEndABlockIsWhole() {
  Ends ends = MakeEnds(kLeastRingBytes);
  ends.writer.Publish(kLeastRingBytes - kRingUnitBytes);
  QCOMPARE(*ends.reader.Available(), kLeastRingBytes - kRingUnitBytes);
  ends.reader.Release(kLeastRingBytes - kRingUnitBytes);
  QCOMPARE(*ends.writer.Room(), kLeastRingBytes);
  std::memset(ends.writer.next(), 7, 4 * kRingUnitBytes);  // a unit before the end, three from the start
  ends.writer.Publish(4 * kRingUnitBytes);
  QCOMPARE(*ends.reader.Available(), 4 * kRingUnitBytes);
  for (size_t i = 0; i < 4 * kRingUnitBytes; ++i) QCOMPARE(std::to_integer<int>(ends.reader.next()[i]), 7);
}

void SharedRingTest::theTailsLieIsFound_data() {
  QTest::addColumn<quint64>("tail");
  QTest::newRow("before what was written") << quint64{3 * kRingUnitBytes};
  QTest::newRow("far away") << ~quint64{63};
  QTest::newRow("between units") << quint64{kRingUnitBytes + 1};
  QTest::newRow("back") << quint64{0};
}
void SharedRingTest::theTailsLieIsFound() {
  QFETCH(quint64, tail);
  Ends ends = MakeEnds(kLeastRingBytes);
  ends.writer.Publish(2 * kRingUnitBytes);
  QCOMPARE(*ends.reader.Available(), 2 * kRingUnitBytes);
  ends.reader.Release(kRingUnitBytes);
  QCOMPARE(*ends.writer.Room(), kLeastRingBytes - kRingUnitBytes);
  ends.reader.memory().control().tail = tail;
  QCOMPARE(ends.writer.Room().status().code(), absl::StatusCode::kDataLoss);
}

void SharedRingTest::theHeadsLieIsFound_data() {
  QTest::addColumn<quint64>("head");
  QTest::newRow("more than there is room for") << quint64{kLeastRingBytes + 2 * kRingUnitBytes};
  QTest::newRow("far away") << ~quint64{63};
  QTest::newRow("between units") << quint64{kRingUnitBytes * 3 + 8};
  QTest::newRow("back") << quint64{kRingUnitBytes};
}
void SharedRingTest::theHeadsLieIsFound() {
  QFETCH(quint64, head);
  Ends ends = MakeEnds(kLeastRingBytes);
  ends.writer.Publish(2 * kRingUnitBytes);
  QCOMPARE(*ends.reader.Available(), 2 * kRingUnitBytes);
  ends.reader.Release(kRingUnitBytes);
  ends.writer.memory().control().head = head;
  QCOMPARE(ends.reader.Available().status().code(), absl::StatusCode::kDataLoss);
}

void SharedRingTest::aFileThatIsNoRingIsRefused_data() {
  QTest::addColumn<qint64>("bytes");
  QTest::addColumn<int>("seals");
  QTest::addColumn<QString>("why");
  const qint64 page = sysconf(_SC_PAGESIZE);
  const auto ring = static_cast<qint64>(kLeastRingBytes);
  QTest::newRow("it may shrink") << page + ring << (kSeals & ~F_SEAL_SHRINK) << "not sealed";
  QTest::newRow("seals may be added") << page + ring << (kSeals & ~F_SEAL_SEAL) << "not sealed";
  QTest::newRow("no power of two") << page + ring + page << kSeals << "no ring has";
  QTest::newRow("too small") << page + ring / 2 << kSeals << "no ring has";
  QTest::newRow("too large") << page + 2 * static_cast<qint64>(kMostRingBytes) << kSeals << "no ring has";
  QTest::newRow("empty") << qint64{0} << kSeals << "no ring has";
  QTest::newRow("cannot be written") << page + ring << (kSeals | F_SEAL_WRITE) << "mapping";
}
void SharedRingTest::aFileThatIsNoRingIsRefused() {
  QFETCH(qint64, bytes);
  QFETCH(int, seals);
  QFETCH(QString, why);
  const auto adopted = RingMemory::Adopt(SealedFile(bytes, seals));
  QVERIFY(!adopted.ok());
  QVERIFY2(absl::StrContains(adopted.status().message(), why.toStdString()),
           adopted.status().ToString().c_str());
  QVERIFY(RingMemory::Adopt(SealedFile(sysconf(_SC_PAGESIZE) + static_cast<off_t>(kLeastRingBytes), kSeals))
              .ok());
  QVERIFY(absl::IsDataLoss(RingMemory::Adopt(Socket(open("/dev/null", O_RDWR | O_CLOEXEC))).status()));
}

void SharedRingTest::noRingIsMadeOfAnOddSize_data() {
  QTest::addColumn<quint64>("bytes");
  QTest::newRow("nothing") << quint64{0};
  QTest::newRow("no power of two") << quint64{3 * kLeastRingBytes};
  QTest::newRow("too small") << quint64{kLeastRingBytes / 2};
  QTest::newRow("too large") << quint64{2 * kMostRingBytes};
}
void SharedRingTest::noRingIsMadeOfAnOddSize() {
  QFETCH(quint64, bytes);
  QVERIFY(absl::IsInvalidArgument(RingMemory::Create(bytes).status()));
}

void SharedRingTest::whoSleepsIsWokenOnce() {
  Ends ends = MakeEnds(kLeastRingBytes);
  QVERIFY(!ends.writer.TakeReaderWaits());
  ends.reader.SetWaits(true);
  QVERIFY(ends.writer.TakeReaderWaits());
  QVERIFY(!ends.writer.TakeReaderWaits());
  QVERIFY(!ends.reader.TakeNews());
  ends.writer.Publish(kRingUnitBytes);
  QVERIFY(ends.reader.TakeNews());
  QVERIFY(!ends.reader.TakeNews());
}

void SharedRingTest::whoWantsRoomIsWokenAtHalf() {
  Ends ends = MakeEnds(kLeastRingBytes);
  ends.writer.Publish(kLeastRingBytes);
  QCOMPARE(*ends.writer.Room(), size_t{0});
  ends.writer.SetWaits(true);
  QCOMPARE(*ends.reader.Available(), kLeastRingBytes);
  ends.reader.Release(kLeastRingBytes / 2 - kRingUnitBytes);
  QVERIFY(!ends.reader.TakeWriterWaits());
  ends.reader.Release(kRingUnitBytes);
  QVERIFY(ends.reader.TakeWriterWaits());
  QVERIFY(!ends.reader.TakeWriterWaits());
}

CONCERTINA_TEST(SharedRingTest)

}  // namespace concertina::shared_ring_test

#include "shared_ring_test.moc"
