// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// shared_memory_transport.cc: memory shared between the processes of one host: a ring of bytes for every
// ordered pair of ranks. On the way of the data: comm/communicator.cc -> here -> comm/shared_memory_peer.cc
// -> the peer's here.
//
// Two ranks meet over a Unix socket (meeting.h), prove the run's secret, and pass each other the file of the
// ring that they will write. A message is copied twice, into the ring and out of it, by the two ranks at the
// same time. The thread that calls drives everything, and progress is made within calls only, as with gRPC.
// Who waits spins a moment (spinner.h) and then sleeps on its sockets, over which its peers ring. A futex in
// the ring would wake as well, but not when the peer dies: that only its socket tells, and at once.
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cerrno>
#include <cstring>
#include <memory>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/strip.h"
#include "core/base/registry.h"
#include "core/comm/driven_transport.h"
#include "core/comm/local_socket.h"
#include "core/comm/meeting.h"
#include "core/comm/shared_memory_peer.h"
#include "core/comm/transport_limits.h"
#include "fmt/format.h"

namespace concertina {
namespace {

constexpr int64_t kLongestRingSleepNanoseconds = 1000 * kMillisecond;
// Who always finds data never sleeps; it looks at the sockets this often all the same.
constexpr int64_t kLookNanoseconds = 5 * kMillisecond;
constexpr char kScheme[] = "unix:";

// What two ranks tell each other first, the file of the ring with it.
struct Offer {
  std::array<char, 8> magic = {'C', 'T', 'N', 'R', 'I', 'N', 'G', '1'};
};

class SharedMemoryTransport final : public DrivenTransport<SharedMemoryPeer, SharedFrame> {
 public:
  SharedMemoryTransport(int rank, int size) : DrivenTransport("shared-memory", rank, size) {}
  ~SharedMemoryTransport() override;

  // Swaps rings with all of them.
  absl::Status Start(std::vector<Acquaintance> acquaintances, const LinkShape& shape, Deadline deadline);

  absl::Status Send(int to, uint32_t tag, std::span<const std::byte> bytes, Deadline deadline) override;
  absl::Status SendReceive(int peer, uint32_t tag, std::span<const std::byte> bytes, Deadline deadline,
                           Sink sink) override;
  void Wake() override;

 private:
  absl::Status Pump(Wait& wait) override ABSL_EXCLUSIVE_LOCKS_REQUIRED(driver_);
  absl::Status PumpUntilArrival(int64_t arrives, Wait& wait) override ABSL_EXCLUSIVE_LOCKS_REQUIRED(driver_);
  // Errors: what has failed, by this peer's ring or before.
  absl::StatusOr<SharedFrame*> Find(SharedMemoryPeer& peer, uint32_t tag) override
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(driver_) {
    SharedFrame* const frame = Believe<SharedFrame*>(peer, peer.Find(tag), nullptr);
    RETURN_IF_ERROR(failure_);
    return frame;
  }
  bool HasLeft(const SharedMemoryPeer& peer) const override { return peer.is_lost(); }
  // `swapped`: the number of the message.
  absl::Status ReceiveLocked(int from, uint32_t tag, size_t size, Deadline deadline, const uint64_t* swapped,
                             Sink sink) override ABSL_EXCLUSIVE_LOCKS_REQUIRED(driver_);
  void SayWhyAborted(const std::string& why) override ABSL_EXCLUSIVE_LOCKS_REQUIRED(driver_) {
    SayGoodbye(why);
  }
  void EndSleep() override;
  KernelBytes WholeBytesOf(const SharedMemoryPeer& peer) const override {
    return {.sent = peer.whole_sent(), .received = peer.whole_received()};
  }

  // Writes on to all, and makes room where a peer wants it; true if anything moved, or has come.
  bool Progress() ABSL_EXCLUSIVE_LOCKS_REQUIRED(driver_);
  // Sleeps until a peer rings or goes, Wake, Abort, or at the latest `until`.
  void Sleep(int64_t until_nanoseconds) ABSL_EXCLUSIVE_LOCKS_REQUIRED(driver_);
  // Takes what the sockets have to say, waiting for it at most so long.
  void Listen(int milliseconds) ABSL_EXCLUSIVE_LOCKS_REQUIRED(driver_);
  void Lose(SharedMemoryPeer& peer, const absl::Status& why) ABSL_EXCLUSIVE_LOCKS_REQUIRED(driver_);
  // A peer whose ring is not to be believed is lost.
  template <class Value>
  Value Believe(SharedMemoryPeer& peer, absl::StatusOr<Value> value, Value otherwise)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(driver_);
  absl::Status SendLocked(int to, uint32_t tag, std::span<const std::byte> bytes)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(driver_);
  // Tells the peers, once, that this rank goes, and why if not in good order.
  void SayGoodbye(const std::string& why) ABSL_EXCLUSIVE_LOCKS_REQUIRED(driver_);

  Socket epoll_;  // of the peers' sockets and wake_
  Socket wake_;   // an eventfd
  int64_t listened_at_ ABSL_GUARDED_BY(driver_) = 0;
  bool was_woken_ ABSL_GUARDED_BY(driver_) = false;
};

absl::Status SharedMemoryTransport::Start(std::vector<Acquaintance> acquaintances, const LinkShape& shape,
                                          Deadline deadline) {
  absl::MutexLock lock(&driver_);
  const auto of = [](int rank) { return fmt::format("rank {}", rank); };
  epoll_ = Socket(epoll_create1(EPOLL_CLOEXEC));
  wake_ = Socket(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
  if (!epoll_.is_open() || !wake_.is_open()) return ErrnoStatus(errno, "making what to sleep on");
  epoll_event wanted{.events = EPOLLIN, .data = {.u32 = static_cast<uint32_t>(rank_)}};
  if (epoll_ctl(epoll_.fd(), EPOLL_CTL_ADD, wake_.fd(), &wanted) != 0)
    return ErrnoStatus(errno, "making what to sleep on");
  const Offer ours;
  std::vector<RingWriter> writers(static_cast<size_t>(size_));
  for (int other = 0; other < size_; ++other) {
    const Socket& socket = acquaintances[static_cast<size_t>(other)].socket;
    if (!socket.is_open()) continue;
    ASSIGN_OR_RETURN(RingMemory memory, RingMemory::Create(RingBytesFor(size_)));
    if (absl::Status status = SendWithFile(socket, std::as_bytes(std::span(&ours, 1)), memory.file().fd());
        !status.ok())
      return Annotate(status, of(other));
    memory.CloseFile();
    writers[static_cast<size_t>(other)] = RingWriter(std::move(memory));
  }
  peers_.resize(static_cast<size_t>(size_));
  for (int other = 0; other < size_; ++other) {
    Socket& socket = acquaintances[static_cast<size_t>(other)].socket;
    if (!socket.is_open()) continue;
    Offer theirs;
    auto file = ReceiveWithFile(socket, std::as_writable_bytes(std::span(&theirs, 1)), deadline);
    if (!file.ok()) return Annotate(file.status(), of(other));
    if (theirs.magic != ours.magic)
      return absl::DataLossError(of(other) + ": offers no ring of shared memory");
    auto memory = RingMemory::Adopt(*std::move(file));
    if (!memory.ok()) return Annotate(memory.status(), of(other));
    wanted.data.u32 = static_cast<uint32_t>(other);
    if (epoll_ctl(epoll_.fd(), EPOLL_CTL_ADD, socket.fd(), &wanted) != 0)
      return ErrnoStatus(errno, "making what to sleep on");
    peers_[static_cast<size_t>(other)] = std::make_unique<SharedMemoryPeer>(
        other, std::move(socket), std::move(writers[static_cast<size_t>(other)]),
        RingReader(*std::move(memory)), shape);
  }
  return absl::OkStatus();
}

void SharedMemoryTransport::Lose(SharedMemoryPeer& peer, const absl::Status& why) {
  if (peer.is_lost()) return;
  peer.Lose(why);
  if (!why.ok() && !survives_loss_ && failure_.ok()) failure_ = why;
}

template <class Value>
Value SharedMemoryTransport::Believe(SharedMemoryPeer& peer, absl::StatusOr<Value> value, Value otherwise) {
  if (value.ok()) return *value;
  Lose(peer, Annotate(value.status(), fmt::format("rank {}", peer.rank())));
  return otherwise;
}

bool SharedMemoryTransport::Progress() {
  bool has_moved = false;
  for (const auto& peer : peers_) {
    if (peer == nullptr || peer->is_lost()) continue;
    has_moved |= peer->TakeNews();
    if (!peer->flushed()) has_moved |= Believe(*peer, peer->WriteOn(), true);
    has_moved |= Believe(*peer, peer->KeepForRoom(kKeptBytes, kKeptFrames), true);
  }
  return has_moved;
}

void SharedMemoryTransport::Listen(int milliseconds) {
  std::array<epoll_event, 16> events;
  const int count = epoll_wait(epoll_.fd(), events.data(), static_cast<int>(events.size()), milliseconds);
  listened_at_ = SteadyNanoseconds();
  for (int i = 0; i < count; ++i) {
    const auto from = static_cast<int>(events[static_cast<size_t>(i)].data.u32);
    if (from == rank_) {
      uint64_t wakes = 0;
      [[maybe_unused]] const ssize_t n = read(wake_.fd(), &wakes, sizeof wakes);
      was_woken_ = true;
      continue;
    }
    SharedMemoryPeer& speaker = peer(from);
    if (speaker.is_lost()) continue;
    const absl::StatusOr<bool> goes_on = speaker.TakeWords();
    if (absl::IsDataLoss(goes_on.status()))
      Lose(speaker, Annotate(goes_on.status(), fmt::format("rank {}", from)));
    else if (!goes_on.ok())
      Lose(speaker, goes_on.status());
    else if (!*goes_on)
      Lose(speaker,
           speaker.parting_words.empty() ? absl::OkStatus() : PeerParted(from, speaker.parting_words));
  }
}

void SharedMemoryTransport::Sleep(int64_t until_nanoseconds) {
  for (const auto& peer : peers_)
    if (peer != nullptr && !peer->is_lost()) peer->AwaitBell();
  // Either this rank sees what was done before the peer could know that it sleeps, or the peer rings.
  std::atomic_thread_fence(std::memory_order_seq_cst);
  if (!Progress()) {
    const int64_t left = std::min(until_nanoseconds - SteadyNanoseconds(), kLongestRingSleepNanoseconds);
    Listen(static_cast<int>(std::max<int64_t>(left + kMillisecond - 1, 0) / kMillisecond));
  }
  for (const auto& peer : peers_)
    if (peer != nullptr && !peer->is_lost()) peer->AwaitNoBell();
}

absl::Status SharedMemoryTransport::Pump(Wait& wait) {
  RETURN_IF_ERROR(CheckLive());
  const bool has_moved = Progress();
  if (SteadyNanoseconds() - listened_at_ > kLookNanoseconds) Listen(0);
  if (std::exchange(was_woken_, false) || has_moved) return failure_;  // whoever waits looks why
  if (wait.may_spin && spinner_.allowed()) {
    if (spinner_.Spin([this]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(driver_) { return Progress(); }))
      return failure_;
    wait.may_spin = false;
  }
  const double left_seconds = wait.deadline.SecondsLeft();
  const int64_t now = SteadyNanoseconds();
  if (left_seconds <= 0) {
    Listen(0);
    RETURN_IF_ERROR(failure_);
    return NothingCame(wait.peer, static_cast<double>(now - wait.began) * 1e-9);
  }
  Sleep(now + static_cast<int64_t>(std::min(left_seconds, 10.0) * 1e9));
  return failure_;
}

absl::Status SharedMemoryTransport::PumpUntilArrival(int64_t arrives, Wait& wait) {
  Progress();
  RETURN_IF_ERROR(CheckLive());
  if (wait.deadline.Passed())
    return NothingCame(wait.peer, static_cast<double>(SteadyNanoseconds() - wait.began) * 1e-9);
  // epoll's sleep is too coarse towards the end; short naps keep what is under way moving.
  const int64_t now = SteadyNanoseconds();
  if (arrives - now > 2 * kCoarseNanoseconds)
    Sleep(std::min(arrives - kCoarseNanoseconds, now + kLongestArrivalSleepNanoseconds));
  else
    SleepTowards(arrives, kMillisecond / 5);
  return failure_;
}

absl::Status SharedMemoryTransport::SendLocked(int to, uint32_t tag, std::span<const std::byte> bytes) {
  RETURN_IF_ERROR(CheckLive());
  SharedMemoryPeer& target = peer(to);
  if (target.is_lost()) return target.why_lost();
  if (absl::Status status = target.Send(tag, bytes); !status.ok()) {
    Lose(target, Annotate(status, fmt::format("rank {}", to)));
    return target.why_lost();
  }
  payload_sent_.fetch_add(bytes.size(), std::memory_order_relaxed);
  messages_sent_.fetch_add(1, std::memory_order_relaxed);
  return absl::OkStatus();
}

absl::Status SharedMemoryTransport::Send(int to, uint32_t tag, std::span<const std::byte> bytes,
                                         Deadline /*deadline*/) {
  RETURN_IF_ERROR(CheckPeer(to));
  absl::MutexLock lock(&driver_);
  return SendLocked(to, tag, bytes);
}

absl::Status SharedMemoryTransport::ReceiveLocked(int from, uint32_t tag, size_t size, Deadline deadline,
                                                  const uint64_t* swapped, Sink sink) {
  SharedMemoryPeer& source = peer(from);
  Wait wait{.peer = from, .deadline = deadline};
  size_t got = 0;
  do {
    ASSIGN_OR_RETURN(SharedFrame * frame, NextFrame(source, tag, wait));
    if (frame->message_bytes != size) return WrongSize(from, tag, frame->message_bytes, size);
    if (frame->offset != got) return WrongOffset(from, tag, frame->offset, got);
    const size_t end = got + frame->bytes;
    if (swapped != nullptr && !source.is_lost() && size - source.Unwritten(*swapped) < end) {
      while (!source.is_lost() && size - source.Unwritten(*swapped) < end) RETURN_IF_ERROR(Pump(wait));
      continue;  // it may have been kept meanwhile, and lies elsewhere
    }
    if (frame->bytes > 0) sink(got, frame->piece());
    payload_received_.fetch_add(frame->bytes, std::memory_order_relaxed);
    got = end;
    source.Drop(frame);
    if (!source.flushed()) Believe(source, source.WriteOn(), true);
    wait.began = SteadyNanoseconds();
    wait.may_spin = true;
  } while (got < size);
  return absl::OkStatus();
}

absl::Status SharedMemoryTransport::SendReceive(int peer_rank, uint32_t tag, std::span<const std::byte> bytes,
                                                Deadline deadline, Sink sink) {
  RETURN_IF_ERROR(CheckPeer(peer_rank));
  absl::MutexLock lock(&driver_);
  const uint64_t message = peer(peer_rank).messages_queued();
  RETURN_IF_ERROR(SendLocked(peer_rank, tag, bytes));
  return ReceiveLocked(peer_rank, tag, bytes.size(), deadline, &message, sink);
}

void SharedMemoryTransport::EndSleep() {
  const uint64_t one = 1;
  [[maybe_unused]] const ssize_t n = write(wake_.fd(), &one, sizeof one);
}

void SharedMemoryTransport::Wake() {
  is_woken_.store(true);
  EndSleep();
}

void SharedMemoryTransport::SayGoodbye(const std::string& why) {
  if (has_said_goodbye_) return;
  has_said_goodbye_ = true;
  for (auto& peer : peers_)
    if (peer != nullptr && !peer->is_lost()) peer->SayGoodbye(why);
}

SharedMemoryTransport::~SharedMemoryTransport() {
  absl::MutexLock lock(&driver_);
  const auto is_settled = [](const auto& p) { return p == nullptr || p->is_lost() || p->flushed(); };
  const Deadline deadline = Deadline::After(kPartingSeconds);
  if (failure_.ok() && !is_aborted_)
    while (!std::all_of(peers_.begin(), peers_.end(), is_settled) && !deadline.Passed())
      Sleep(SteadyNanoseconds() + kMillisecond);
  if (is_aborted_) CheckLive().IgnoreError();
  SayGoodbye(std::string(failure_.message()));
}

class SharedMemoryListener final : public TransportListener {
 public:
  SharedMemoryListener(LocalListener listener, ListenOptions options)
      : listener_(std::move(listener)), options_(std::move(options)) {}

  std::string address() const override { return kScheme + listener_.path(); }

  absl::StatusOr<std::unique_ptr<Transport>> Connect(int rank, const std::vector<std::string>& addresses,
                                                     const LinkShape& shape, Deadline deadline) override {
    RETURN_IF_ERROR(CheckAddress(rank, addresses));
    if (!listener_.socket().is_open())
      return absl::FailedPreconditionError("this listener has connected already");
    for (size_t peer = 0; peer < addresses.size(); ++peer)
      if (!absl::StartsWith(addresses[peer], kScheme))
        return absl::InvalidArgumentError(
            fmt::format("rank {}: {}: not an address of the shared-memory transport; unix:PATH expected",
                        peer, addresses[peer]));
    const int size = static_cast<int>(addresses.size());
    const ProofIdentity self{.rank = rank, .size = size, .incarnation = options_.incarnation};
    const Dial dial = [](const std::string& address) {
      return DialLocal(std::string(absl::StripPrefix(address, kScheme)));
    };
    ASSIGN_OR_RETURN(auto peers,
                     MeetPeers(listener_.socket(), options_.secret, self, addresses, dial, deadline));
    listener_.Close();  // all have come: from now on nobody can
    auto transport = std::make_unique<SharedMemoryTransport>(rank, size);
    RETURN_IF_ERROR(transport->Start(std::move(peers), shape, deadline));
    return transport;
  }

 private:
  LocalListener listener_;
  const ListenOptions options_;
};

class SharedMemoryKind final : public TransportKind {
 public:
  absl::StatusOr<std::unique_ptr<TransportListener>> Listen(const ListenOptions& options) const override {
    ASSIGN_OR_RETURN(LocalListener listener, LocalListener::Create(options.folder));
    return std::make_unique<SharedMemoryListener>(std::move(listener), options);
  }
};

REGISTER_COMPONENT(
    TransportKind,
    Descriptor({.category = "transport",
                .kind = "shared-memory",
                .title = "Shared memory",
                .summary = "A ring of bytes in memory for every ordered pair of ranks, all of them "
                           "processes of one host; each proves the run's secret first."}),
    [](const Params&) -> absl::StatusOr<std::unique_ptr<TransportKind>> {
      return std::make_unique<SharedMemoryKind>();
    });

}  // namespace
}  // namespace concertina
