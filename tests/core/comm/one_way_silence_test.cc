// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// one_way_silence_test.cc: a link between two hosts that carries in one direction only and is not closed: who
// waits in vain ends at its deadline and names the rank, and what goes the other way still comes.
#include <QTest>
#include <thread>

#include "absl/strings/match.h"
#include "core/comm/tcp_listener.h"
#include "tests/core/comm/rank_threads.h"
#include "tests/one_way_relay.h"
#include "tests/test_program.h"

namespace concertina::one_way_silence_test {
namespace {

constexpr uint32_t kTag = 7;
constexpr double kPatience = 20, kSilence = 0.5;
const auto kTaken = [](size_t, std::span<const std::byte>) {};

absl::StatusOr<std::unique_ptr<TransportListener>> ListenAs(int rank) {
  ASSIGN_OR_RETURN(const auto kind, MakeTransportKind("grpc"));
  ASSIGN_OR_RETURN(const RunCredentials credentials, CredentialsOf(rank));
  return kind->Listen({.secret = "the secret of this run",
                       .folder = "",
                       .credentials = credentials,
                       .listen_host = "127.0.0.1",
                       .advertise_host = "127.0.0.1"});
}

}  // namespace

class OneWaySilenceTest : public QObject {
  Q_OBJECT
 private slots:
  void whoHearsNothingEndsInTime_data() {
    QTest::addColumn<int>("way");
    QTest::newRow("from the rank that accepted") << int{OneWayRelay::kToCaller};
    QTest::newRow("from the rank that dialled") << int{OneWayRelay::kToTarget};
  }
  void whoHearsNothingEndsInTime() {
    QFETCH(int, way);
    auto zero = ListenAs(0), one = ListenAs(1);
    QVERIFY2(zero.ok() && one.ok(), zero.status().ToString().c_str());
    const std::string address = (*zero)->address();
    OneWayRelay relay(static_cast<uint16_t>(std::stoi(address.substr(address.rfind(':') + 1))));
    QVERIFY(relay.listens());
    // Rank 1 dials rank 0, and finds the relay.
    const std::string relayed = "127.0.0.1:" + std::to_string(relay.port());
    absl::StatusOr<std::unique_ptr<Transport>> ends[2];
    std::thread other([&] {
      ends[1] = (*one)->Connect(1, {relayed, (*one)->address()}, {}, Deadline::After(kPatience));
    });
    ends[0] = (*zero)->Connect(0, {address, (*one)->address()}, {}, Deadline::After(kPatience));
    other.join();
    for (const auto& end : ends) QVERIFY2(end.ok(), end.status().ToString().c_str());

    relay.Silence(static_cast<OneWayRelay::Way>(way));
    const int deaf = way == OneWayRelay::kToCaller ? 1 : 0;
    const std::vector<std::byte> word(4);
    for (const int rank : {0, 1})
      QVERIFY((*ends[rank])->Send(1 - rank, kTag, word, Deadline::After(kPatience)).ok());
    const double before = Clock::Real().SteadySeconds();
    const absl::Status heard = (*ends[deaf])->Receive(1 - deaf, kTag, 4, Deadline::After(kSilence), kTaken);
    const double seconds = Clock::Real().SteadySeconds() - before;
    QVERIFY2(absl::IsDeadlineExceeded(heard), heard.ToString().c_str());
    QVERIFY2(absl::StartsWith(heard.message(), deaf == 1 ? "rank 0" : "rank 1"), heard.ToString().c_str());
    QVERIFY2(seconds < kSilence + 2, qPrintable(QString::number(seconds)));
    const absl::Status whole = (*ends[1 - deaf])->Receive(deaf, kTag, 4, Deadline::After(kPatience), kTaken);
    QVERIFY2(whole.ok(), whole.ToString().c_str());
    // Told by the engine that the other is given up, it does not wait for a goodbye.
    (*ends[deaf])->CutOff(1 - deaf, absl::UnavailableError("was cut off: said nothing for 5 s"));
    QVERIFY((*ends[deaf])->is_lost(1 - deaf));
    (*ends[1 - deaf])->Abort(absl::CancelledError("over"));
  }
};

CONCERTINA_TEST(OneWaySilenceTest)

}  // namespace concertina::one_way_silence_test

#include "one_way_silence_test.moc"
