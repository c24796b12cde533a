// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// cut_off_test.cc: a peer that is believed no longer, over real sockets: the others end their links to it,
// say why, and go on; it hears that it talks to nobody.
#include <QTest>
#include <atomic>
#include <thread>

#include "absl/strings/match.h"
#include "fmt/format.h"
#include "tests/core/comm/rank_threads.h"
#include "tests/test_program.h"

namespace concertina::cut_off_test {
namespace {

constexpr uint32_t kTag = 7;
constexpr int kRevoked = 2;
constexpr double kPatience = 20;
constexpr double kSoon = 5;  // of what takes milliseconds: a busy machine is no fault
const auto kTaken = [](size_t, std::span<const std::byte>) {};

absl::Status Revoked() { return absl::UnavailableError("rank 2: was cut off: its certificate was revoked"); }
absl::Status Expect(bool condition, const std::string& what) {
  return condition ? absl::OkStatus() : absl::InternalError(what);
}
bool SaysWhy(const absl::Status& status) {
  return absl::IsUnavailable(status) && absl::StrContains(status.message(), "was revoked");
}

absl::Status SendWord(Transport& transport, int to) {
  static const std::vector<std::byte> word(4);
  return transport.Send(to, kTag, word, Deadline::After(kPatience));
}
absl::Status TakeWord(Transport& transport, int from) {
  return transport.Receive(from, kTag, 4, Deadline::After(kPatience), kTaken);
}

// What the revoked does: it sends and sends, and listens, until it is told that nobody is there. It leaves
// once `cut` of the others have cut it off, or they would hear of that first.
absl::Status TalkOn(Transport& transport, const std::atomic<int>& cut) {
  const std::vector<std::byte> bytes(100'000);
  const Deadline deadline = Deadline::After(kPatience);
  absl::Status status;
  while (status.ok() && !deadline.Passed()) {
    status = transport.Send(0, kTag + 1, bytes, Deadline::After(kPatience));
    if (status.ok()) status = transport.Flush(0, Deadline::After(kPatience));
    if (!status.ok()) break;
    status = transport.Receive(0, kTag + 1, 4, Deadline::After(0.001), kTaken);
    if (absl::IsDeadlineExceeded(status)) status = absl::OkStatus();
  }
  RETURN_IF_ERROR(Expect(!status.ok() && !absl::IsDeadlineExceeded(status), "it is not cut off"));
  while (cut < 2 && !deadline.Passed()) std::this_thread::yield();
  return Expect(cut == 2, "the others did not cut it off");
}

// Every two of them have heard each other, and all know it: nobody is lost before.
absl::Status MeetAll(Transport& transport, std::atomic<int>& met) {
  for (int other = 0; other < transport.size(); ++other)
    if (other != transport.rank()) RETURN_IF_ERROR(SendWord(transport, other));
  for (int other = 0; other < transport.size(); ++other)
    if (other != transport.rank()) RETURN_IF_ERROR(TakeWord(transport, other));
  for (int other = 0; other < transport.size(); ++other)
    if (other != transport.rank()) RETURN_IF_ERROR(transport.Flush(other, Deadline::After(kPatience)));
  ++met;
  const Deadline deadline = Deadline::After(kPatience);
  while (met < transport.size() && !deadline.Passed()) std::this_thread::yield();
  return Expect(met == transport.size(), "they did not meet");
}

void VerifyAll(const std::vector<absl::Status>& said) {
  for (size_t rank = 0; rank < said.size(); ++rank)
    QVERIFY2(said[rank].ok(), fmt::format("rank {}: {}", rank, said[rank].ToString()).c_str());
}

}  // namespace

class CutOffTest : public QObject {
  Q_OBJECT
 private slots:
  void itIsLostAndTheOthersGoOn_data() {
    QTest::addColumn<QString>("kind");
    QTest::addColumn<bool>("while_waiting");
    for (const char* kind : {kBetweenHosts, "grpc", "shared-memory"})
      for (const bool while_waiting : {false, true})
        QTest::addRow("%s, %s", kind, while_waiting ? "while it is waited for" : "while nobody looks")
            << kind << while_waiting;
  }
  void itIsLostAndTheOthersGoOn() {
    QFETCH(QString, kind);
    QFETCH(bool, while_waiting);
    std::atomic<int> met = 0, cut = 0;
    VerifyAll(RunRanks(kind.toStdString(), 3, {}, [&](Transport& transport) -> absl::Status {
      if (transport.rank() != kRevoked) transport.SurviveLoss();
      RETURN_IF_ERROR(MeetAll(transport, met));
      if (transport.rank() == kRevoked) return TalkOn(transport, cut);

      std::atomic<bool> waits = false;
      std::thread engine([&] {
        while (while_waiting && !waits) std::this_thread::yield();
        transport.CutOff(kRevoked, Revoked());
      });
      if (!while_waiting) engine.join();
      const double began = Clock::Real().SteadySeconds();
      waits = true;
      const absl::Status status = TakeWord(transport, kRevoked);
      const double seconds = Clock::Real().SteadySeconds() - began;
      if (engine.joinable()) engine.join();
      ++cut;
      RETURN_IF_ERROR(Expect(SaysWhy(status), status.ToString()));
      RETURN_IF_ERROR(Expect(seconds < kSoon, fmt::format("{} s", seconds)));
      RETURN_IF_ERROR(Expect(transport.is_lost(kRevoked), "it is not lost"));
      RETURN_IF_ERROR(Expect(SaysWhy(SendWord(transport, kRevoked)), "something goes to it still"));
      RETURN_IF_ERROR(SendWord(transport, 1 - transport.rank()));
      RETURN_IF_ERROR(TakeWord(transport, 1 - transport.rank()));
      return transport.Flush(1 - transport.rank(), Deadline::After(kPatience));
    }));
  }

  // Where a loss is the end of everything it says whose fault that is.
  void whoSurvivesNoLossEndsWithTheReason() {
    std::atomic<int> met = 0, cut = 0;
    VerifyAll(RunRanks(kBetweenHosts, 3, {}, [&](Transport& transport) -> absl::Status {
      RETURN_IF_ERROR(MeetAll(transport, met));
      if (transport.rank() == kRevoked) return TalkOn(transport, cut);
      std::thread engine([&] { transport.CutOff(kRevoked, Revoked()); });
      // From one who has nothing to say; its end may be heard first, and it says why too.
      const absl::Status status = TakeWord(transport, 1 - transport.rank());
      engine.join();
      ++cut;
      return Expect(SaysWhy(status), status.ToString());
    }));
  }

  void nobodyIsCutOffWhoIsNoPeer() {
    VerifyAll(RunRanks(kBetweenHosts, 2, {}, [](Transport& transport) -> absl::Status {
      for (const int nobody : {-1, transport.rank(), 2}) transport.CutOff(nobody, Revoked());
      RETURN_IF_ERROR(SendWord(transport, 1 - transport.rank()));
      RETURN_IF_ERROR(TakeWord(transport, 1 - transport.rank()));
      return transport.Flush(1 - transport.rank(), Deadline::After(kPatience));
    }));
  }
};

CONCERTINA_TEST(CutOffTest)

}  // namespace concertina::cut_off_test

#include "cut_off_test.moc"
