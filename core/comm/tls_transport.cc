// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// tls_transport.cc: frames within mutual TLS, one connection for every two ranks.
// On the way of the data: comm/communicator.cc -> here -> comm/tls_peer.cc -> the peer's here.
//
// Debian's gRPC takes no TLS on a connection that it is handed, and on its own connections it neither shows a
// run's proof nor tells which certificate came. Through a pair of sockets to gRPC and back every byte was
// copied four times more; frames go straight into records instead. The thread that calls drives everything,
// and progress is made within calls only, as with gRPC: a piece is written, then one read, so that two ranks
// that send to each other both work. Who waits spins a moment (spinner.h), then sleeps on its sockets.
#include "core/comm/tls_transport.h"

#include <sys/epoll.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <utility>

#include "core/comm/sleeping_transport.h"
#include "core/comm/tls_peer.h"
#include "core/comm/transport_limits.h"
#include "fmt/format.h"

namespace concertina {
namespace {

constexpr int64_t kLongestTlsSleepNanoseconds = 1000 * kMillisecond;

class TlsTransport final : public SleepingTransport<TlsPeer, TlsFrame> {
 public:
  // `credentials`: those of the connections.
  TlsTransport(int rank, int size, std::unique_ptr<TlsCredentials> credentials)
      : SleepingTransport("tls", rank, size), credentials_(std::move(credentials)) {}
  ~TlsTransport() override;

  // Waits until all have said hello: from then on what comes is counted.
  absl::Status Start(std::vector<Acquaintance> acquaintances, const LinkShape& shape, Deadline deadline);

 private:
  absl::Status Pump(Wait& wait) override ABSL_EXCLUSIVE_LOCKS_REQUIRED(driver_);
  absl::Status PumpUntilArrival(int64_t arrives, Wait& wait) override ABSL_EXCLUSIVE_LOCKS_REQUIRED(driver_);
  absl::StatusOr<TlsFrame*> Find(TlsPeer& peer, uint32_t tag) override
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(driver_) {
    return peer.Find(tag);
  }
  void Want(TlsPeer& peer) override ABSL_EXCLUSIVE_LOCKS_REQUIRED(driver_) { peer.is_wanted = true; }
  bool HasLeft(const TlsPeer& peer) const override { return peer.is_lost(); }
  void SayWhyAborted(const std::string& why) override ABSL_EXCLUSIVE_LOCKS_REQUIRED(driver_) {
    SayGoodbye(why, kFailedPartingSeconds);
  }
  absl::Status Queue(TlsPeer& peer, uint32_t tag, std::span<const std::byte> bytes) override
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(driver_) {
    peer.Send(FrameKind::kData, tag, bytes);
    return absl::OkStatus();
  }
  void Drop(TlsPeer& peer, TlsFrame* frame) override ABSL_EXCLUSIVE_LOCKS_REQUIRED(driver_) {
    peer.Drop(frame);
  }
  absl::Status GoOn(TlsPeer& peer) override ABSL_EXCLUSIVE_LOCKS_REQUIRED(driver_) {
    if (!peer.flushed()) peer.WriteOn();
    return absl::OkStatus();
  }
  void Lose(TlsPeer& peer, const absl::Status& why) override ABSL_EXCLUSIVE_LOCKS_REQUIRED(driver_);
  void Sever(TlsPeer& peer, const absl::Status& why) override ABSL_EXCLUSIVE_LOCKS_REQUIRED(driver_) {
    Lose(peer, why);
    // Both halves: bytes that come from now on are answered with a reset, and fill no buffer.
    shutdown(peer.fd(), SHUT_RDWR);
  }
  void Sleep(int64_t until_nanoseconds) override ABSL_EXCLUSIVE_LOCKS_REQUIRED(driver_) {
    Hear(until_nanoseconds);
  }
  KernelBytes WholeBytesOf(const TlsPeer& peer) const override { return peer.whole_bytes(); }

  // Writes a piece to each and reads one of each; true if anything moved.
  bool Progress() ABSL_EXCLUSIVE_LOCKS_REQUIRED(driver_);
  void ReadOn(TlsPeer& peer, bool& has_moved) ABSL_EXCLUSIVE_LOCKS_REQUIRED(driver_);
  // Takes what the kernel has to say, waiting for it at most until then.
  void Hear(int64_t until_nanoseconds) ABSL_EXCLUSIVE_LOCKS_REQUIRED(driver_);
  // Tells the peers, once, that this rank goes, and why if not in good order; and waits a while until each
  // has heard: it says goodbye too, or ends the connection.
  void SayGoodbye(const std::string& why, double seconds) ABSL_EXCLUSIVE_LOCKS_REQUIRED(driver_);
  void AwaitParting(double seconds) ABSL_EXCLUSIVE_LOCKS_REQUIRED(driver_);

  const std::unique_ptr<TlsCredentials> credentials_;
  std::string goodbye_ ABSL_GUARDED_BY(driver_);
};

absl::Status TlsTransport::Start(std::vector<Acquaintance> acquaintances, const LinkShape& shape,
                                 Deadline deadline) {
  absl::MutexLock lock(&driver_);
  RETURN_IF_ERROR(MakeSleep());
  peers_.resize(static_cast<size_t>(size_));
  for (int other = 0; other < size_; ++other) {
    Acquaintance& acquaintance = acquaintances[static_cast<size_t>(other)];
    if (!acquaintance.socket.is_open()) continue;
    TuneForTensors(acquaintance.socket);
    peers_[static_cast<size_t>(other)] =
        std::make_unique<TlsPeer>(other, std::move(acquaintance.socket), std::move(acquaintance.tls), shape);
    RETURN_IF_ERROR(Watch(peer(other).fd(), other, EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET));
    peer(other).Send(FrameKind::kHello, 0, {});
  }
  for (const auto& each : peers_) {
    if (each == nullptr) continue;
    Wait wait{.peer = each->rank(), .deadline = deadline};
    while (!each->is_open) RETURN_IF_ERROR(Pump(wait));
  }
  return absl::OkStatus();
}

void TlsTransport::Lose(TlsPeer& peer, const absl::Status& why) {
  if (peer.is_lost()) return;
  const bool left_well = peer.said_goodbye && peer.parting_words.empty();
  peer.Lose(left_well ? absl::OkStatus() : why);
  if (!left_well && !survives_loss_ && failure_.ok()) failure_ = why;
}

void TlsTransport::ReadOn(TlsPeer& peer, bool& has_moved) {
  const absl::StatusOr<bool> moved = peer.ReadOn();
  has_moved |= !moved.ok() || *moved;
  if (absl::IsDataLoss(moved.status()) || absl::IsPermissionDenied(moved.status()))
    Lose(peer, Annotate(moved.status(), fmt::format("rank {}", peer.rank())));
  else if (!moved.ok())
    Lose(peer, ConnectionLost(peer.rank()));
  else if (peer.said_goodbye)
    Lose(peer, PeerParted(peer.rank(), peer.parting_words));
}

bool TlsTransport::Progress() {
  Hear(0);
  bool has_moved = TookWake();
  for (const auto& peer : peers_) {
    if (peer == nullptr || peer->is_lost()) continue;
    has_moved |= peer->WriteOn();
    const bool has_room = peer->kept_bytes() < kKeptBytes && peer->kept_frames() < kKeptFrames;
    if (has_room || peer->is_wanted) ReadOn(*peer, has_moved);
  }
  return has_moved;
}

void TlsTransport::Hear(int64_t until_nanoseconds) {
  int milliseconds = 0;
  if (until_nanoseconds > 0) {
    const int64_t left = std::min(until_nanoseconds - SteadyNanoseconds(), kLongestTlsSleepNanoseconds);
    milliseconds = static_cast<int>(std::max<int64_t>(left + kMillisecond - 1, 0) / kMillisecond);
  }
  std::array<epoll_event, 16> events;
  const int count = epoll_wait(epoll_.fd(), events.data(), static_cast<int>(events.size()), milliseconds);
  for (int i = 0; i < count; ++i) {
    const epoll_event& event = events[static_cast<size_t>(i)];
    if (static_cast<int>(event.data.u32) != rank_)
      peer(static_cast<int>(event.data.u32)).OnEvents(event.events);
    else
      HearWake();
  }
}

absl::Status TlsTransport::Pump(Wait& wait) {
  RETURN_IF_ERROR(CheckLive());
  if (Progress()) return failure_;
  if (wait.may_spin && spinner_.allowed()) {
    if (spinner_.Spin([this]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(driver_) { return Progress(); }))
      return failure_;
    wait.may_spin = false;
  }
  const double left_seconds = wait.deadline.SecondsLeft();
  const int64_t now = SteadyNanoseconds();
  if (left_seconds <= 0) return NothingCame(wait.peer, static_cast<double>(now - wait.began) * 1e-9);
  Hear(now + static_cast<int64_t>(std::min(left_seconds, 10.0) * 1e9));
  return failure_;
}

absl::Status TlsTransport::PumpUntilArrival(int64_t arrives, Wait& wait) {
  while (Progress()) {
  }
  return SleepUntilArrival(arrives, wait);
}

void TlsTransport::SayGoodbye(const std::string& why, double seconds) {
  if (has_said_goodbye_) return;
  has_said_goodbye_ = true;
  goodbye_ = why.substr(0, kMostPartingWords);
  for (const auto& peer : peers_) {
    if (peer == nullptr || peer->is_lost()) continue;
    if (!why.empty()) peer->DropUnwritten();
    peer->Send(FrameKind::kGoodbye, 0, std::as_bytes(std::span(goodbye_)));
  }
  AwaitParting(seconds);
}

void TlsTransport::AwaitParting(double seconds) {
  const int64_t until = SteadyNanoseconds() + static_cast<int64_t>(seconds * 1e9);
  const auto is_settled = [](const auto& peer) { return peer == nullptr || peer->is_lost(); };
  while (!std::all_of(peers_.begin(), peers_.end(), is_settled) && SteadyNanoseconds() < until) {
    for (const auto& peer : peers_)
      if (peer != nullptr) peer->is_wanted = true;
    if (!Progress()) Hear(std::min(until, SteadyNanoseconds() + kMillisecond));
  }
}

TlsTransport::~TlsTransport() {
  absl::MutexLock lock(&driver_);
  if (is_aborted_) CheckLive().IgnoreError();
  SayGoodbye(std::string(failure_.message()), failure_.ok() ? kPartingSeconds : kFailedPartingSeconds);
  for (const auto& peer : peers_)
    if (peer != nullptr && !peer->is_lost()) peer->CloseWriting();
  const auto has_delivered = [](const auto& peer) { return peer == nullptr || peer->has_delivered(); };
  const Deadline deadline = Deadline::After(kFailedPartingSeconds);
  while (!std::all_of(peers_.begin(), peers_.end(), has_delivered) && !deadline.Passed())
    Hear(SteadyNanoseconds() + kMillisecond);
  peers_.clear();  // before the credentials
}

}  // namespace

absl::StatusOr<std::unique_ptr<Transport>> MakeTlsTransport(TcpMeeting meeting, const LinkShape& shape,
                                                            Deadline deadline) {
  auto transport = std::make_unique<TlsTransport>(meeting.rank, meeting.size, std::move(meeting.credentials));
  RETURN_IF_ERROR(transport->Start(std::move(meeting.peers), shape, deadline));
  return transport;
}

}  // namespace concertina
