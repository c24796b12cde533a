// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// shared_memory_test.cc: what shared memory adds to what every transport owes (transport_test.cc): a peer
// that knows the secret and lies is found out, one that stands still costs a deadline, nothing is left in a
// folder, and a message longer than the ring takes no more memory than the ring.
#include <fcntl.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include <QDir>
#include <QTemporaryDir>
#include <QTest>
#include <array>
#include <atomic>
#include <cstring>
#include <functional>
#include <thread>

#include "absl/strings/match.h"
#include "core/comm/bench_ranks.h"
#include "core/comm/frame.h"
#include "core/comm/local_socket.h"
#include "core/comm/meeting.h"
#include "core/comm/shared_memory_peer.h"
#include "core/comm/shared_ring.h"
#include "fmt/format.h"
#include "tests/allocations.h"
#include "tests/core/comm/rank_threads.h"

namespace concertina {
namespace {

constexpr uint32_t kTag = 7;
const auto kIgnore = [](size_t, std::span<const std::byte>) {};
const std::string kSecret = "the secret of this run";

absl::Status Expect(bool condition, const std::string& what) {
  return condition ? absl::OkStatus() : absl::InternalError(what);
}

// The other end, by hand: rank 1 of two, which proves the secret and then does as it likes.
struct Liar {
  Socket socket;
  RingMemory ours;    // what it writes
  RingMemory theirs;  // what the honest rank writes
  std::byte* frame() const { return ours.at(0); }
  void Publish(uint64_t head) const { ours.control().head = head; }
};

struct Frame {
  uint32_t kind = static_cast<uint32_t>(FrameKind::kData);
  uint64_t message_bytes = 64;
  uint64_t offset = 0;
  uint64_t piece_bytes = 64;
  uint64_t head = 2 * kRingUnitBytes;  // as published
};

void Put(const Liar& liar, const Frame& frame) {
  const int64_t sent = SteadyNanoseconds();
  std::byte* const at = liar.frame();
  std::memcpy(at, &frame.kind, 4);
  std::memcpy(at + 4, &kTag, 4);
  std::memcpy(at + 8, &frame.message_bytes, 8);
  std::memcpy(at + 16, &frame.offset, 8);
  std::memcpy(at + 24, &sent, 8);
  std::memcpy(at + 32, &frame.piece_bytes, 8);
  liar.Publish(frame.head);
}

using Offer = std::function<absl::Status(const Socket& socket, RingMemory& ours)>;

absl::Status OfferRing(const Socket& socket, RingMemory& ours) {
  ASSIGN_OR_RETURN(ours, RingMemory::Create(RingBytesFor(2)));
  return SendWithFile(socket, std::as_bytes(std::span("CTNRING1", 8)), ours.file().fd());
}

absl::StatusOr<Liar> Meet(const std::string& address, const Offer& offer) {
  ASSIGN_OR_RETURN(const LocalListener listener, LocalListener::Create(""));
  const std::vector<std::string> addresses = {address, "unix:" + listener.path()};
  const Dial dial = [](const std::string& at) { return DialLocal(at.substr(5)); };
  ASSIGN_OR_RETURN(auto peers, MeetPeers(listener.socket(), kSecret, {.rank = 1, .size = 2}, addresses, dial,
                                         Deadline::After(10)));
  Liar liar{.socket = std::move(peers[0].socket)};
  RETURN_IF_ERROR(offer(liar.socket, liar.ours));
  std::array<std::byte, 8> magic;
  ASSIGN_OR_RETURN(Socket file, ReceiveWithFile(liar.socket, magic, Deadline::After(10)));
  ASSIGN_OR_RETURN(liar.theirs, RingMemory::Adopt(std::move(file)));
  return liar;
}

struct Honest {
  std::unique_ptr<TransportListener> listener;
  absl::StatusOr<std::unique_ptr<Transport>> transport = absl::UnknownError("has not connected");
};

// Rank 0, connected to the liar (or not: then its status says why).
absl::StatusOr<Liar> MeetALiar(Honest& honest, const Offer& offer) {
  ASSIGN_OR_RETURN(const auto kind, MakeTransportKind("shared-memory"));
  ASSIGN_OR_RETURN(honest.listener, kind->Listen({.secret = kSecret}));
  const std::string address = honest.listener->address();
  absl::StatusOr<Liar> liar = absl::UnknownError("");
  std::thread lying([&] { liar = Meet(address, offer); });
  // Its own address is not looked at by who is dialled.
  honest.transport = honest.listener->Connect(0, {address, "unix:/nowhere"}, {}, Deadline::After(10));
  lying.join();
  return liar;
}

// A rank that is stopped by a signal, and another that shall not wait for it longer than it wants.
absl::StatusOr<Json> OutwaitAFrozenRank(Transport& transport, const Json& /*job*/) {
  const int other = 1 - transport.rank();
  if (transport.rank() == 1) {
    const pid_t self = getpid();
    RETURN_IF_ERROR(transport.Send(0, kTag, std::as_bytes(std::span(&self, 1)), Deadline::After(20)));
    RETURN_IF_ERROR(transport.Flush(0, Deadline::After(20)));
    raise(SIGSTOP);
    RETURN_IF_ERROR(transport.Receive(0, kTag, size_t{8} << 20, Deadline::After(20), kIgnore));
    RETURN_IF_ERROR(transport.Send(0, kTag, {}, Deadline::After(20)));
    return Json("well");
  }
  pid_t frozen = 0;
  RETURN_IF_ERROR(transport.Receive(
      other, kTag, sizeof frozen, Deadline::After(20),
      [&](size_t, std::span<const std::byte> piece) { std::memcpy(&frozen, piece.data(), sizeof frozen); }));
  const std::vector<std::byte> large(size_t{8} << 20);  // more than a ring
  const auto took = [](const std::function<absl::Status()>& call) -> absl::Status {
    const double before = Clock::Real().SteadySeconds();
    const absl::Status status = call();
    const double seconds = Clock::Real().SteadySeconds() - before;
    return Expect(absl::IsDeadlineExceeded(status) &&
                      absl::StrContains(status.message(), "rank 1: nothing") && seconds >= 0.1 && seconds < 2,
                  fmt::format("{} after {} s", status.ToString(), seconds));
  };
  RETURN_IF_ERROR(transport.Send(other, kTag, large, Deadline::After(20)));
  absl::Status said = took([&] { return transport.Receive(other, kTag, 0, Deadline::After(0.1), kIgnore); });
  if (said.ok()) said = took([&] { return transport.Flush(other, Deadline::After(0.1)); });
  kill(frozen, SIGCONT);
  RETURN_IF_ERROR(said);
  RETURN_IF_ERROR(transport.Flush(other, Deadline::After(20)));  // it goes on as if nothing had been
  RETURN_IF_ERROR(transport.Receive(other, kTag, 0, Deadline::After(20), kIgnore));
  return Json("well");
}
[[maybe_unused]] const bool added = AddBenchJob("freeze", OutwaitAFrozenRank);

}  // namespace

class SharedMemoryTest : public QObject {
  Q_OBJECT
 private slots:
  void whatIsOfferedIsChecked_data();
  void whatIsOfferedIsChecked();
  void aLyingRingIsFoundOut_data();
  void aLyingRingIsFoundOut();
  void anHonestFrameByHandIsReceived();
  void aLyingTailIsFoundOutBySending();
  void aStrangeWordIsFoundOut_data();
  void aStrangeWordIsFoundOut();
  void aLiarDisturbsNobodyElse();
  void whoHangsUpIsLostAtOnce();
  void aFrozenRankCostsADeadline();
  void aMessageLongerThanTheRingNeedsNoMoreThanTheRing();
  void aSteadyStepAllocatesNothing();
  void nothingIsLeftInTheFolder();
  void aLongFolderIsNoHindrance();
  void theRingsOfManyRanksTogetherAreBounded();
};

void SharedMemoryTest::whatIsOfferedIsChecked_data() {
  QTest::addColumn<QString>("offer");
  QTest::addColumn<QString>("why");
  QTest::newRow("a file that may be cut short") << "unsealed"
                                                << "not sealed";
  QTest::newRow("a file of no ring's size") << "small"
                                            << "which no ring has";
  QTest::newRow("no file") << "bare"
                           << "0 files came";
  QTest::newRow("another word") << "word"
                                << "no ring of shared memory";
  QTest::newRow("nothing") << "close"
                           << "closed the connection";
}
void SharedMemoryTest::whatIsOfferedIsChecked() {
  QFETCH(QString, offer);
  QFETCH(QString, why);
  Honest honest;
  MeetALiar(honest, [&](const Socket& socket, RingMemory& ours) -> absl::Status {
    const auto word = std::as_bytes(std::span(offer == "word" ? "CTNRING9" : "CTNRING1", 8));
    if (offer == "word") {
      ASSIGN_OR_RETURN(ours, RingMemory::Create(kLeastRingBytes));
      return SendWithFile(socket, word, ours.file().fd());
    }
    if (offer == "close") return absl::CancelledError("goes");
    if (offer == "bare")
      return send(socket.fd(), word.data(), word.size(), MSG_NOSIGNAL) == 8
                 ? absl::OkStatus()
                 : absl::UnavailableError("not sent");
    const Socket file(memfd_create("test", MFD_CLOEXEC | MFD_ALLOW_SEALING));
    const off_t bytes = sysconf(_SC_PAGESIZE) + (offer == "small" ? 4096 : off_t{1} << 20);
    if (ftruncate(file.fd(), bytes) != 0) return absl::InternalError("ftruncate");
    if (offer == "small") fcntl(file.fd(), F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL);
    return SendWithFile(socket, word, file.fd());
  }).IgnoreError();
  const absl::Status status = honest.transport.status();
  QVERIFY2(absl::StartsWith(status.message(), "rank 1: ") &&
               absl::StrContains(status.message(), why.toStdString()),
           status.ToString().c_str());
}

void SharedMemoryTest::aLyingRingIsFoundOut_data() {
  QTest::addColumn<quint32>("kind");
  QTest::addColumn<quint64>("messageBytes");
  QTest::addColumn<quint64>("offset");
  QTest::addColumn<quint64>("pieceBytes");
  QTest::addColumn<quint64>("head");
  const auto row = [](const char* name, const Frame& frame) {
    QTest::newRow(name) << quint32{frame.kind} << quint64{frame.message_bytes} << quint64{frame.offset}
                        << quint64{frame.piece_bytes} << quint64{frame.head};
  };
  row("more written than fits", {.head = (uint64_t{1} << 20) + 64});
  row("far more written than fits", {.head = ~uint64_t{63}});
  row("half a unit written", {.head = 130});
  row("a header without its piece", {.head = 64});
  row("a piece longer than what came", {.message_bytes = 4096, .piece_bytes = 4096});
  row("a piece longer than any", {.message_bytes = 1 << 20, .piece_bytes = 1 << 19, .head = 1 << 20});
  row("a piece of all bytes there are", {.message_bytes = 64, .piece_bytes = ~uint64_t{0}});
  row("a piece longer than its message", {.message_bytes = 8});
  row("a piece beyond its message", {.offset = 32});
  row("an offset that wraps", {.offset = ~uint64_t{0} - 31});
  row("an empty piece of a message", {.piece_bytes = 0, .head = 64});
  row("a message without end", {.message_bytes = uint64_t{1} << 50});
  row("an unknown kind", {.kind = 0x12345678});
  row("a hello", {.kind = static_cast<uint32_t>(FrameKind::kHello)});
}
void SharedMemoryTest::aLyingRingIsFoundOut() {
  QFETCH(quint32, kind);
  QFETCH(quint64, messageBytes);
  QFETCH(quint64, offset);
  QFETCH(quint64, pieceBytes);
  QFETCH(quint64, head);
  Honest honest;
  const auto liar = MeetALiar(honest, OfferRing);
  QVERIFY2(liar.ok() && honest.transport.ok(), liar.status().ToString().c_str());
  Put(*liar, {.kind = kind,
              .message_bytes = messageBytes,
              .offset = offset,
              .piece_bytes = pieceBytes,
              .head = head});
  Transport& transport = **honest.transport;
  std::vector<uint8_t> bytes;
  const absl::Status status = transport.ReceiveMessage(1, kTag, size_t{1} << 30, Deadline::After(10), bytes);
  QVERIFY2(absl::IsDataLoss(status) && absl::StartsWith(status.message(), "rank 1: "),
           status.ToString().c_str());
  QVERIFY(bytes.empty());  // nothing is made room for by what it claims
  QVERIFY(transport.is_lost(1));
  QVERIFY(absl::IsDataLoss(transport.Send(1, kTag, {}, Deadline::After(1))));
}

// The liar's way of writing frames is the true one where it does not lie.
void SharedMemoryTest::anHonestFrameByHandIsReceived() {
  Honest honest;
  const auto liar = MeetALiar(honest, OfferRing);
  QVERIFY2(liar.ok() && honest.transport.ok(), liar.status().ToString().c_str());
  Put(*liar, {});
  std::vector<uint8_t> bytes;
  QVERIFY((*honest.transport)->ReceiveMessage(1, kTag, 64, Deadline::After(10), bytes).ok());
  QCOMPARE(bytes.size(), size_t{64});
}

void SharedMemoryTest::aLyingTailIsFoundOutBySending() {
  Honest honest;
  const auto liar = MeetALiar(honest, OfferRing);
  QVERIFY2(liar.ok() && honest.transport.ok(), liar.status().ToString().c_str());
  liar->theirs.control().tail = 640;  // read before it was written
  const absl::Status status = (*honest.transport)->Send(1, kTag, {}, Deadline::After(1));
  QVERIFY2(absl::IsDataLoss(status) && absl::StartsWith(status.message(), "rank 1: "),
           status.ToString().c_str());
}

void SharedMemoryTest::aStrangeWordIsFoundOut_data() {
  QTest::addColumn<QByteArray>("words");
  QTest::addColumn<int>("code");
  const auto data_loss = static_cast<int>(absl::StatusCode::kDataLoss);
  const auto unavailable = static_cast<int>(absl::StatusCode::kUnavailable);
  QTest::newRow("an unknown word") << QByteArray("x") << data_loss;
  QTest::newRow("a bell, then an unknown word") << QByteArray("BBBx") << data_loss;
  QTest::newRow("a goodbye without end") << QByteArray("G\xff\xff", 3) << data_loss;
  QTest::newRow("a goodbye") << QByteArray("BG\x02\x00no", 6) << unavailable;
  QTest::newRow("a goodbye in good order") << QByteArray("G\x00\x00", 3) << unavailable;
}
void SharedMemoryTest::aStrangeWordIsFoundOut() {
  QFETCH(QByteArray, words);
  QFETCH(int, code);
  Honest honest;
  const auto liar = MeetALiar(honest, OfferRing);
  QVERIFY2(liar.ok() && honest.transport.ok(), liar.status().ToString().c_str());
  const auto length = static_cast<size_t>(words.size());
  QCOMPARE(send(liar->socket.fd(), words.data(), length, MSG_NOSIGNAL), static_cast<ssize_t>(length));
  const absl::Status status = (*honest.transport)->Receive(1, kTag, 4, Deadline::After(10), kIgnore);
  QCOMPARE(static_cast<int>(status.code()), code);
  QVERIFY(absl::StartsWith(status.message(), "rank 1: "));
}

void SharedMemoryTest::aLiarDisturbsNobodyElse() {
  Honest honest;
  const auto liar = MeetALiar(honest, OfferRing);
  QVERIFY2(liar.ok() && honest.transport.ok(), liar.status().ToString().c_str());
  Transport& transport = **honest.transport;
  transport.SurviveLoss();
  Put(*liar, {.head = 130});
  const std::array<int, 1> from = {1};
  QVERIFY(absl::IsUnavailable(transport.WaitAny(from, kTag, Deadline::After(10)).status()));
  QVERIFY(transport.is_lost(1));
  const absl::Status status = transport.Receive(1, kTag, 4, Deadline::After(1), kIgnore);
  QVERIFY2(absl::IsDataLoss(status), status.ToString().c_str());
  QVERIFY(transport.Flush(1, Deadline::After(1)).ok());
}

void SharedMemoryTest::whoHangsUpIsLostAtOnce() {
  Honest honest;
  auto liar = MeetALiar(honest, OfferRing);
  QVERIFY2(liar.ok() && honest.transport.ok(), liar.status().ToString().c_str());
  Put(*liar, {});
  liar->socket.Close();
  Transport& transport = **honest.transport;
  transport.SurviveLoss();
  QVERIFY(
      transport.Receive(1, kTag, 64, Deadline::After(10), kIgnore).ok());  // what it had said still counts
  const double before = Clock::Real().SteadySeconds();
  const absl::Status status = transport.Receive(1, kTag, 64, Deadline::After(10), kIgnore);
  QVERIFY2(absl::IsUnavailable(status), status.ToString().c_str());
  QVERIFY(absl::StrContains(status.message(), "rank 1: connection lost"));
  QVERIFY(Clock::Real().SteadySeconds() - before < 1);
}

void SharedMemoryTest::aFrozenRankCostsADeadline() {
  const auto result = RunBenchRanks("freeze", 2, Json::object(), 60, "shared-memory");
  QVERIFY2(result.ok(), result.status().ToString().c_str());
}

void SharedMemoryTest::aMessageLongerThanTheRingNeedsNoMoreThanTheRing() {
  constexpr size_t kBytes = size_t{48} << 20;
  std::atomic<bool> may_read = false;
  const auto said = RunRanks("shared-memory", 2, {}, [&](Transport& transport) -> absl::Status {
    if (transport.rank() == 0) {
      const std::vector<std::byte> message(kBytes, std::byte{3});
      RETURN_IF_ERROR(transport.Send(1, kTag, message, Deadline::After(20)));
      // Nobody reads yet: at most a ring of it has left.
      const uint64_t whole = transport.counts().whole_sent;
      may_read = true;
      RETURN_IF_ERROR(Expect(whole > 0 && whole <= RingBytesFor(2), fmt::format("{} bytes left", whole)));
      RETURN_IF_ERROR(transport.Send(1, kTag + 1, {}, Deadline::After(20)));
      return transport.Flush(1, Deadline::After(20));
    }
    const Deadline deadline = Deadline::After(20);
    while (!may_read && !deadline.Passed()) std::this_thread::yield();
    size_t got = 0;
    bool is_same = true, is_in_pieces = true;
    RETURN_IF_ERROR(transport.Receive(
        0, kTag, kBytes, Deadline::After(20), [&](size_t offset, std::span<const std::byte> piece) {
          is_same &= offset == got && piece.front() == std::byte{3} && piece.back() == std::byte{3};
          is_in_pieces &= piece.size() <= kSharedPieceBytes;
          got += piece.size();
        }));
    RETURN_IF_ERROR(transport.Receive(0, kTag + 1, 0, Deadline::After(20), kIgnore));
    return Expect(is_same && is_in_pieces && got == kBytes, "not what was sent");
  });
  QVERIFY2(FirstError(said).ok(), FirstError(said).ToString().c_str());
}

void SharedMemoryTest::aSteadyStepAllocatesNothing() {
  const auto said = RunRanks("shared-memory", 2, {}, [](Transport& transport) -> absl::Status {
    const int other = 1 - transport.rank();
    std::vector<std::byte> bytes(size_t{300} << 10);
    const auto send = [&](uint32_t tag, size_t size) -> absl::Status {
      RETURN_IF_ERROR(transport.Send(other, tag, std::span(bytes).first(size), Deadline::After(20)));
      return transport.Flush(other, Deadline::After(20));
    };
    const auto take = [&](uint32_t tag, size_t size) {
      return transport.Receive(other, tag, size, Deadline::After(20), kIgnore);
    };
    // There and back; what comes first is asked for last, and so kept.
    const auto step = [&]() -> absl::Status {
      const auto hear = [&]() -> absl::Status {
        RETURN_IF_ERROR(take(kTag, bytes.size()));
        return take(kTag + 1, 100'000);
      };
      if (transport.rank() == 1) RETURN_IF_ERROR(hear());
      RETURN_IF_ERROR(send(kTag + 1, 100'000));
      RETURN_IF_ERROR(send(kTag, bytes.size()));
      return transport.rank() == 0 ? hear() : absl::OkStatus();
    };
    for (int i = 0; i < 3; ++i) RETURN_IF_ERROR(step());
    const int64_t before = allocations;  // rank 1 sleeps now, or waits for rank 0's next step
    for (int i = 0; i < 20; ++i) RETURN_IF_ERROR(step());
    const int64_t made = allocations - before;
    return Expect(transport.rank() == 1 || made == 0, fmt::format("{} allocations", made));
  });
  QVERIFY2(FirstError(said).ok(), FirstError(said).ToString().c_str());
}

void SharedMemoryTest::nothingIsLeftInTheFolder() {
  const QTemporaryDir folder;
  const auto kind = MakeTransportKind("shared-memory");
  QVERIFY(kind.ok());
  const ListenOptions options{.secret = kSecret, .folder = folder.path().toStdString()};
  auto first = (*kind)->Listen(options), second = (*kind)->Listen(options);
  QVERIFY(first.ok() && second.ok());
  const auto entries = [&] {
    return QDir(folder.path()).entryList(QDir::AllEntries | QDir::System | QDir::NoDotAndDotDot).size();
  };
  QCOMPARE(entries(), 2);
  QVERIFY(absl::StartsWith((*first)->address(), "unix:" + folder.path().toStdString() + "/"));
  const std::vector<std::string> addresses = {(*first)->address(), (*second)->address()};
  absl::StatusOr<std::unique_ptr<Transport>> ends[2];
  std::thread other([&] { ends[1] = (*second)->Connect(1, addresses, {}, Deadline::After(10)); });
  ends[0] = (*first)->Connect(0, addresses, {}, Deadline::After(10));
  other.join();
  QVERIFY2(ends[0].ok() && ends[1].ok(), ends[0].status().ToString().c_str());
  QCOMPARE(entries(), 0);  // while they talk
  QVERIFY((*kind)->Listen(options).ok());
  QCOMPARE(entries(), 0);  // one that met nobody
}

void SharedMemoryTest::aLongFolderIsNoHindrance() {
  const QTemporaryDir folder;
  const QString deep = folder.path() + "/" + QString(100, 'x');
  QVERIFY(QDir().mkpath(deep));
  std::string path;
  {
    auto listener = LocalListener::Create(deep.toStdString());
    QVERIFY2(listener.ok(), listener.status().ToString().c_str());
    path = listener->path();
    QVERIFY(path.size() <= 107);
    QVERIFY(DialLocal(path).ok());
    const std::string parent = path.substr(0, path.rfind('/'));
    QCOMPARE(QFile::permissions(QString::fromStdString(parent)) & (QFile::ReadGroup | QFile::ReadOther),
             QFile::Permissions());
  }
  QVERIFY(absl::IsUnavailable(DialLocal(path).status()));
  QVERIFY(absl::IsInvalidArgument(DialLocal(std::string(108, 'x')).status()));
}

void SharedMemoryTest::theRingsOfManyRanksTogetherAreBounded() {
  for (int ranks = 1; ranks <= 64; ++ranks) {
    const size_t bytes = RingBytesFor(ranks);
    QVERIFY(bytes >= 2 * kSharedPieceBytes && bytes <= (size_t{1} << 20));
    QVERIFY(bytes * static_cast<size_t>(ranks - 1) <= (size_t{16} << 20));
    QVERIFY(RingMemory::Create(bytes).ok());
  }
}

}  // namespace concertina

int main(int argc, char** argv) {
  if (concertina::IsBenchRank(argc, argv)) return concertina::ServeBenchRank(argc, argv);
  concertina::SharedMemoryTest test;
  return QTest::qExec(&test, argc, argv);
}
#include "shared_memory_test.moc"
