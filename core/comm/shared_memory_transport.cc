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
#include "core/comm/local_socket.h"
#include "core/comm/meeting.h"
#include "core/comm/shared_memory_peer.h"
#include "core/comm/sleeping_transport.h"
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

class SharedMemoryTransport final : public SleepingTransport<SharedMemoryPeer, SharedFrame> {
 public:
  SharedMemoryTransport(int rank, int size) : SleepingTransport("shared-memory", rank, size) {}
  ~SharedMemoryTransport() override;

  // Swaps rings with all of them.
  absl::Status Start(std::vector<Acquaintance> acquaintances, const LinkShape& shape, Deadline deadline);

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
  void SayWhyAborted(const std::string& why) override ABSL_EXCLUSIVE_LOCKS_REQUIRED(driver_) {
    SayGoodbye(why);
  }
  absl::Status Queue(SharedMemoryPeer& peer, uint32_t tag, std::span<const std::byte> bytes) override
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(driver_) {
    return peer.Send(tag, bytes);
  }
  void Drop(SharedMemoryPeer& peer, SharedFrame* frame) override ABSL_EXCLUSIVE_LOCKS_REQUIRED(driver_) {
    peer.Drop(frame);
  }
  absl::Status GoOn(SharedMemoryPeer& peer) override ABSL_EXCLUSIVE_LOCKS_REQUIRED(driver_) {
    if (!peer.flushed()) Believe(peer, peer.WriteOn(), true);
    return absl::OkStatus();
  }
  void Lose(SharedMemoryPeer& peer, const absl::Status& why) override ABSL_EXCLUSIVE_LOCKS_REQUIRED(driver_);
  // Until a peer rings or goes, too.
  void Sleep(int64_t until_nanoseconds) override ABSL_EXCLUSIVE_LOCKS_REQUIRED(driver_);
  KernelBytes WholeBytesOf(const SharedMemoryPeer& peer) const override {
    return {.sent = peer.whole_sent(), .received = peer.whole_received()};
  }

  // Writes on to all, and makes room where a peer wants it; true if anything moved, or has come.
  bool Progress() ABSL_EXCLUSIVE_LOCKS_REQUIRED(driver_);
  // Takes what the sockets have to say, waiting for it at most so long.
  void Listen(int milliseconds) ABSL_EXCLUSIVE_LOCKS_REQUIRED(driver_);
  // A peer whose ring is not to be believed is lost.
  template <class Value>
  Value Believe(SharedMemoryPeer& peer, absl::StatusOr<Value> value, Value otherwise)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(driver_);
  // Tells the peers, once, that this rank goes, and why if not in good order.
  void SayGoodbye(const std::string& why) ABSL_EXCLUSIVE_LOCKS_REQUIRED(driver_);

  int64_t listened_at_ ABSL_GUARDED_BY(driver_) = 0;
};

absl::Status SharedMemoryTransport::Start(std::vector<Acquaintance> acquaintances, const LinkShape& shape,
                                          Deadline deadline) {
  absl::MutexLock lock(&driver_);
  const auto of = [](int rank) { return fmt::format("rank {}", rank); };
  RETURN_IF_ERROR(MakeSleep());
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
    RETURN_IF_ERROR(Watch(socket.fd(), other, EPOLLIN));
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
      HearWake();
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
  if (TookWake() || has_moved) return failure_;
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
  return SleepUntilArrival(arrives, wait);
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
