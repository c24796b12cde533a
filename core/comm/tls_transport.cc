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
#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <utility>

#include "core/comm/driven_transport.h"
#include "core/comm/tls_peer.h"
#include "core/comm/transport_limits.h"
#include "fmt/format.h"

namespace concertina {
namespace {

constexpr int64_t kLongestTlsSleepNanoseconds = 1000 * kMillisecond;
constexpr double kFailedTlsPartingSeconds = 0.3;  // to tell the peers why

class TlsTransport final : public DrivenTransport<TlsPeer, TlsFrame> {
 public:
  // `credentials`: those of the connections.
  TlsTransport(int rank, int size, std::unique_ptr<TlsCredentials> credentials)
      : DrivenTransport("tls", rank, size), credentials_(std::move(credentials)) {}
  ~TlsTransport() override;

  // Waits until all have said hello: from then on what comes is counted.
  absl::Status Start(std::vector<Acquaintance> acquaintances, const LinkShape& shape, Deadline deadline);

  absl::Status Send(int to, uint32_t tag, std::span<const std::byte> bytes, Deadline deadline) override;
  absl::Status SendReceive(int peer, uint32_t tag, std::span<const std::byte> bytes, Deadline deadline,
                           Sink sink) override;
  void Wake() override;

 private:
  absl::Status Pump(Wait& wait) override ABSL_EXCLUSIVE_LOCKS_REQUIRED(driver_);
  absl::Status PumpUntilArrival(int64_t arrives, Wait& wait) override ABSL_EXCLUSIVE_LOCKS_REQUIRED(driver_);
  absl::StatusOr<TlsFrame*> Find(TlsPeer& peer, uint32_t tag) override
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(driver_) {
    return peer.Find(tag);
  }
  void Want(TlsPeer& peer) override ABSL_EXCLUSIVE_LOCKS_REQUIRED(driver_) { peer.is_wanted = true; }
  bool HasLeft(const TlsPeer& peer) const override { return peer.is_lost(); }
  // `swapped`: the number of the message.
  absl::Status ReceiveLocked(int from, uint32_t tag, size_t size, Deadline deadline, const uint64_t* swapped,
                             Sink sink) override ABSL_EXCLUSIVE_LOCKS_REQUIRED(driver_);
  void SayWhyAborted(const std::string& why) override ABSL_EXCLUSIVE_LOCKS_REQUIRED(driver_) {
    SayGoodbye(why, kFailedTlsPartingSeconds);
  }
  void EndSleep() override;
  KernelBytes WholeBytesOf(const TlsPeer& peer) const override { return peer.whole_bytes(); }

  // Writes a piece to each and reads one of each; true if anything moved.
  bool Progress() ABSL_EXCLUSIVE_LOCKS_REQUIRED(driver_);
  void ReadOn(TlsPeer& peer, bool& has_moved) ABSL_EXCLUSIVE_LOCKS_REQUIRED(driver_);
  // Takes what the kernel has to say, waiting for it at most until then.
  void Hear(int64_t until_nanoseconds) ABSL_EXCLUSIVE_LOCKS_REQUIRED(driver_);
  void Lose(TlsPeer& peer, const absl::Status& why) ABSL_EXCLUSIVE_LOCKS_REQUIRED(driver_);
  absl::Status SendLocked(int to, uint32_t tag, std::span<const std::byte> bytes)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(driver_);
  // Tells the peers, once, that this rank goes, and why if not in good order; and waits a while until each
  // has heard: it says goodbye too, or ends the connection.
  void SayGoodbye(const std::string& why, double seconds) ABSL_EXCLUSIVE_LOCKS_REQUIRED(driver_);
  void AwaitParting(double seconds) ABSL_EXCLUSIVE_LOCKS_REQUIRED(driver_);

  const std::unique_ptr<TlsCredentials> credentials_;
  Socket epoll_;  // of the peers' sockets and wake_
  Socket wake_;   // an eventfd
  bool was_woken_ ABSL_GUARDED_BY(driver_) = false;
  std::string goodbye_ ABSL_GUARDED_BY(driver_);
};

absl::Status TlsTransport::Start(std::vector<Acquaintance> acquaintances, const LinkShape& shape,
                                 Deadline deadline) {
  absl::MutexLock lock(&driver_);
  epoll_ = Socket(epoll_create1(EPOLL_CLOEXEC));
  wake_ = Socket(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
  if (!epoll_.is_open() || !wake_.is_open()) return ErrnoStatus(errno, "making what to sleep on");
  const auto watch = [&](int fd, int rank) -> absl::Status {
    epoll_event wanted{.events = EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET,
                       .data = {.u32 = static_cast<uint32_t>(rank)}};
    if (epoll_ctl(epoll_.fd(), EPOLL_CTL_ADD, fd, &wanted) == 0) return absl::OkStatus();
    return ErrnoStatus(errno, "watching a connection");
  };
  RETURN_IF_ERROR(watch(wake_.fd(), rank_));
  peers_.resize(static_cast<size_t>(size_));
  for (int other = 0; other < size_; ++other) {
    Acquaintance& acquaintance = acquaintances[static_cast<size_t>(other)];
    if (!acquaintance.socket.is_open()) continue;
    TuneForTensors(acquaintance.socket);
    peers_[static_cast<size_t>(other)] =
        std::make_unique<TlsPeer>(other, std::move(acquaintance.socket), std::move(acquaintance.tls), shape);
    RETURN_IF_ERROR(watch(peer(other).fd(), other));
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
  bool has_moved = std::exchange(was_woken_, false);  // whoever waits looks why
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
      was_woken_ = true;  // told at its edge: what was written need not be read
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
  RETURN_IF_ERROR(CheckLive());
  if (wait.deadline.Passed())
    return NothingCame(wait.peer, static_cast<double>(SteadyNanoseconds() - wait.began) * 1e-9);
  // epoll's sleep is too coarse towards the end; short naps keep what is under way moving.
  const int64_t now = SteadyNanoseconds();
  if (arrives - now > 2 * kCoarseNanoseconds)
    Hear(std::min(arrives - kCoarseNanoseconds, now + kLongestArrivalSleepNanoseconds));
  else
    SleepTowards(arrives, kMillisecond / 5);
  return failure_;
}

absl::Status TlsTransport::SendLocked(int to, uint32_t tag, std::span<const std::byte> bytes) {
  RETURN_IF_ERROR(CheckLive());
  if (peer(to).is_lost()) return peer(to).why_lost();
  peer(to).Send(FrameKind::kData, tag, bytes);
  payload_sent_.fetch_add(bytes.size(), std::memory_order_relaxed);
  messages_sent_.fetch_add(1, std::memory_order_relaxed);
  return absl::OkStatus();
}

absl::Status TlsTransport::Send(int to, uint32_t tag, std::span<const std::byte> bytes,
                                Deadline /*deadline*/) {
  RETURN_IF_ERROR(CheckPeer(to));
  absl::MutexLock lock(&driver_);
  return SendLocked(to, tag, bytes);
}

absl::Status TlsTransport::ReceiveLocked(int from, uint32_t tag, size_t size, Deadline deadline,
                                         const uint64_t* swapped, Sink sink) {
  TlsPeer& source = peer(from);
  Wait wait{.peer = from, .deadline = deadline};
  size_t got = 0;
  do {
    ASSIGN_OR_RETURN(TlsFrame * frame, NextFrame(source, tag, wait));
    if (frame->message_bytes != size) return WrongSize(from, tag, frame->message_bytes, size);
    if (frame->offset != got) return WrongOffset(from, tag, frame->offset, got);
    const size_t end = got + frame->bytes;
    if (swapped != nullptr && size - source.Unwritten(*swapped) < end) {
      while (size - source.Unwritten(*swapped) < end) RETURN_IF_ERROR(Pump(wait));
      continue;  // more may have come, and moved it
    }
    if (frame->bytes > 0) sink(got, frame->piece());
    payload_received_.fetch_add(frame->bytes, std::memory_order_relaxed);
    got = end;
    source.Drop(frame);
    if (!source.flushed()) source.WriteOn();
    wait.began = SteadyNanoseconds();
    wait.may_spin = true;
  } while (got < size);
  return absl::OkStatus();
}

absl::Status TlsTransport::SendReceive(int peer_rank, uint32_t tag, std::span<const std::byte> bytes,
                                       Deadline deadline, Sink sink) {
  RETURN_IF_ERROR(CheckPeer(peer_rank));
  absl::MutexLock lock(&driver_);
  const uint64_t message = peer(peer_rank).messages_queued();
  RETURN_IF_ERROR(SendLocked(peer_rank, tag, bytes));
  return ReceiveLocked(peer_rank, tag, bytes.size(), deadline, &message, sink);
}

void TlsTransport::EndSleep() {
  const uint64_t one = 1;
  [[maybe_unused]] const ssize_t n = write(wake_.fd(), &one, sizeof one);
}

void TlsTransport::Wake() {
  is_woken_.store(true);
  EndSleep();
}

void TlsTransport::SayGoodbye(const std::string& why, double seconds) {
  if (has_said_goodbye_) return;
  has_said_goodbye_ = true;
  goodbye_ = why.substr(0, 500);
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
  SayGoodbye(std::string(failure_.message()), failure_.ok() ? kPartingSeconds : kFailedTlsPartingSeconds);
  for (const auto& peer : peers_)
    if (peer != nullptr && !peer->is_lost()) peer->CloseWriting();
  const auto has_delivered = [](const auto& peer) { return peer == nullptr || peer->has_delivered(); };
  const Deadline deadline = Deadline::After(kFailedTlsPartingSeconds);
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
