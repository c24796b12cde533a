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

#include "absl/base/thread_annotations.h"
#include "absl/strings/match.h"
#include "absl/strings/strip.h"
#include "absl/synchronization/mutex.h"
#include "core/base/registry.h"
#include "core/comm/local_socket.h"
#include "core/comm/meeting.h"
#include "core/comm/shared_memory_peer.h"
#include "core/comm/spinner.h"
#include "core/comm/transport.h"
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

class SharedMemoryTransport final : public Transport {
 public:
  SharedMemoryTransport(int rank, int size) : rank_(rank), size_(size), spinner_(size) {}
  ~SharedMemoryTransport() override;

  // Swaps rings with all of them.
  absl::Status Start(std::vector<Acquaintance> acquaintances, const LinkShape& shape, Deadline deadline);

  int rank() const override { return rank_; }
  int size() const override { return size_; }
  absl::Status Send(int to, uint32_t tag, std::span<const std::byte> bytes, Deadline deadline) override;
  absl::Status Receive(int from, uint32_t tag, size_t size, Deadline deadline, Sink sink) override;
  absl::Status ReceiveMessage(int from, uint32_t tag, size_t max_size, Deadline deadline,
                              std::vector<uint8_t>& bytes) override;
  absl::Status Flush(int to, Deadline deadline) override;
  absl::Status SendReceive(int peer, uint32_t tag, std::span<const std::byte> bytes, Deadline deadline,
                           Sink sink) override;
  absl::StatusOr<int> WaitAny(std::span<const int> from, uint32_t tag, Deadline deadline) override;
  void Wake() override;
  void SurviveLoss() override;
  bool is_lost(int rank) const override;
  std::string link_name() const override;
  ByteCounts counts() const override;
  void SetShape(const LinkShape& shape) override;
  void SetShape(int peer, const LinkShape& shape) override;
  void AllowSpin(bool allowed) override { spinner_.Allow(allowed); }
  void Abort(const absl::Status& why) override;

 private:
  // One wait, from its start to the moment that it succeeds or fails.
  struct Wait {
    int peer = 0;  // for whom: named if nothing comes
    Deadline deadline;
    int64_t began = SteadyNanoseconds();
    bool may_spin = true;  // once a wait
  };
  // Lets something happen, or some time pass. Errors as in CheckLive; kDeadlineExceeded.
  absl::Status Pump(Wait& wait) ABSL_EXCLUSIVE_LOCKS_REQUIRED(driver_);
  // Lets some time pass while what came is under way on an emulated link. Errors as in Pump.
  absl::Status PumpUntilArrival(int64_t arrives, Wait& wait) ABSL_EXCLUSIVE_LOCKS_REQUIRED(driver_);
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
  absl::Status CheckLive() ABSL_EXCLUSIVE_LOCKS_REQUIRED(driver_);
  absl::Status CheckPeer(int peer) const;
  SharedFrame* Find(SharedMemoryPeer& peer, uint32_t tag) ABSL_EXCLUSIVE_LOCKS_REQUIRED(driver_) {
    return Believe<SharedFrame*>(peer, peer.Find(tag), nullptr);
  }
  absl::Status SendLocked(int to, uint32_t tag, std::span<const std::byte> bytes)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(driver_);
  // Waits for the next frame of (from, tag), until an emulated link has brought it.
  absl::StatusOr<SharedFrame*> NextFrame(SharedMemoryPeer& from, uint32_t tag, Wait& wait)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(driver_);
  // `swapped`: the message to the same peer of which as much must have left before a piece is given away.
  absl::Status ReceiveLocked(int from, uint32_t tag, size_t size, Deadline deadline, const uint64_t* swapped,
                             Sink sink) ABSL_EXCLUSIVE_LOCKS_REQUIRED(driver_);
  // Tells the peers, once, that this rank goes, and why if not in good order.
  void SayGoodbye(const std::string& why) ABSL_EXCLUSIVE_LOCKS_REQUIRED(driver_);
  void EndSleep();
  SharedMemoryPeer& peer(int rank) const { return *peers_[static_cast<size_t>(rank)]; }

  const int rank_;
  const int size_;
  Spinner spinner_;
  Socket epoll_;  // of the peers' sockets and wake_
  Socket wake_;   // an eventfd

  // Held by whoever drives: the communication thread, or Abort if nobody does.
  absl::Mutex driver_;
  std::vector<std::unique_ptr<SharedMemoryPeer>> peers_;  // fixed after Start; null at rank_
  absl::Status failure_ ABSL_GUARDED_BY(driver_);
  bool has_said_goodbye_ ABSL_GUARDED_BY(driver_) = false;
  bool survives_loss_ ABSL_GUARDED_BY(driver_) = false;
  int last_answered_ ABSL_GUARDED_BY(driver_) = -1;  // by WaitAny
  int64_t listened_at_ ABSL_GUARDED_BY(driver_) = 0;

  std::atomic<bool> is_woken_ = false;
  absl::Mutex abort_mutex_;
  absl::Status abort_ ABSL_GUARDED_BY(abort_mutex_);
  std::atomic<bool> is_aborted_ = false;

  std::atomic<uint64_t> payload_sent_ = 0;
  std::atomic<uint64_t> payload_received_ = 0;
  std::atomic<uint64_t> messages_sent_ = 0;
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

absl::Status SharedMemoryTransport::CheckPeer(int peer) const {
  if (peer >= 0 && peer < size_ && peer != rank_) return absl::OkStatus();
  return absl::InvalidArgumentError(
      fmt::format("rank {}: no peer of rank {} among {} ranks", peer, rank_, size_));
}

absl::Status SharedMemoryTransport::CheckLive() {
  if (is_aborted_.load(std::memory_order_acquire)) {
    absl::Status why;
    {
      absl::MutexLock lock(&abort_mutex_);
      why = abort_;
    }
    SayGoodbye(std::string(why.message()));
    return why;
  }
  return failure_;
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
  if (has_moved) return failure_;
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

absl::StatusOr<SharedFrame*> SharedMemoryTransport::NextFrame(SharedMemoryPeer& from, uint32_t tag,
                                                              Wait& wait) {
  for (;;) {
    SharedFrame* frame = Find(from, tag);
    RETURN_IF_ERROR(failure_);
    if (frame == nullptr) {
      if (from.is_lost()) return from.why_lost();
      if (from.kept_bytes() > kMostKeptBytes)
        return absl::ResourceExhaustedError(
            fmt::format("rank {}: {} bytes came that nobody waits for", from.rank(), from.kept_bytes()));
      RETURN_IF_ERROR(Pump(wait));
      continue;
    }
    const int64_t arrives = from.ArrivalOf(*frame);
    if (arrives == 0 || SteadyNanoseconds() >= arrives) return frame;
    RETURN_IF_ERROR(PumpUntilArrival(arrives, wait));
  }
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

absl::Status SharedMemoryTransport::Receive(int from, uint32_t tag, size_t size, Deadline deadline,
                                            Sink sink) {
  RETURN_IF_ERROR(CheckPeer(from));
  absl::MutexLock lock(&driver_);
  RETURN_IF_ERROR(CheckLive());
  return ReceiveLocked(from, tag, size, deadline, nullptr, sink);
}

absl::Status SharedMemoryTransport::ReceiveMessage(int from, uint32_t tag, size_t max_size, Deadline deadline,
                                                   std::vector<uint8_t>& bytes) {
  RETURN_IF_ERROR(CheckPeer(from));
  absl::MutexLock lock(&driver_);
  RETURN_IF_ERROR(CheckLive());
  bytes.clear();
  Wait wait{.peer = from, .deadline = deadline};
  ASSIGN_OR_RETURN(const SharedFrame* frame, NextFrame(peer(from), tag, wait));
  const uint64_t size = frame->message_bytes;
  if (size > max_size) return TooLong(from, tag, size, max_size);
  bytes.resize(size);
  return ReceiveLocked(from, tag, size, deadline, nullptr,
                       [&](size_t offset, std::span<const std::byte> piece) {
                         std::memcpy(bytes.data() + offset, piece.data(), piece.size());
                       });
}

absl::Status SharedMemoryTransport::Flush(int to, Deadline deadline) {
  RETURN_IF_ERROR(CheckPeer(to));
  absl::MutexLock lock(&driver_);
  RETURN_IF_ERROR(CheckLive());
  Wait wait{.peer = to, .deadline = deadline};
  while (!peer(to).flushed()) RETURN_IF_ERROR(Pump(wait));
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

absl::StatusOr<int> SharedMemoryTransport::WaitAny(std::span<const int> from, uint32_t tag,
                                                   Deadline deadline) {
  for (const int rank : from) RETURN_IF_ERROR(CheckPeer(rank));
  absl::MutexLock lock(&driver_);
  Wait wait{.peer = -1, .deadline = deadline};
  for (;;) {
    if (is_woken_.exchange(false)) return -1;
    RETURN_IF_ERROR(CheckLive());
    const int64_t now = SteadyNanoseconds();
    int next = -1;                // who is there
    int64_t arrives = INT64_MAX;  // the first of those on their way
    bool is_anyone_left = false;
    const auto turn = [&](int rank) { return (rank - last_answered_ - 1 + size_) % size_; };
    for (const int rank : from) {
      SharedMemoryPeer& source = peer(rank);
      const SharedFrame* frame = Find(source, tag);
      is_anyone_left |= frame != nullptr || !source.is_lost();
      if (frame == nullptr) continue;
      if (const int64_t arrival = source.ArrivalOf(*frame); arrival > now)
        arrives = std::min(arrives, arrival);
      else if (next < 0 || turn(rank) < turn(next))
        next = rank;
    }
    RETURN_IF_ERROR(failure_);
    if (next >= 0) return last_answered_ = next;
    if (!is_anyone_left) return AllHaveLeft(from);
    const absl::Status status = arrives == INT64_MAX ? Pump(wait) : PumpUntilArrival(arrives, wait);
    if (absl::IsDeadlineExceeded(status) && failure_.ok() && !is_aborted_)
      return NothingCame(from, static_cast<double>(SteadyNanoseconds() - wait.began) * 1e-9);
    RETURN_IF_ERROR(status);
  }
}

void SharedMemoryTransport::EndSleep() {
  const uint64_t one = 1;
  [[maybe_unused]] const ssize_t n = write(wake_.fd(), &one, sizeof one);
}

void SharedMemoryTransport::Wake() {
  is_woken_.store(true);
  EndSleep();
}

void SharedMemoryTransport::SurviveLoss() {
  absl::MutexLock lock(&driver_);
  survives_loss_ = true;
}

bool SharedMemoryTransport::is_lost(int rank) const { return CheckPeer(rank).ok() && peer(rank).is_lost(); }

void SharedMemoryTransport::SetShape(const LinkShape& shape) {
  for (auto& peer : peers_)
    if (peer != nullptr) peer->shape.Set(shape);
  EndSleep();
}

void SharedMemoryTransport::SetShape(int peer_rank, const LinkShape& shape) {
  if (!CheckPeer(peer_rank).ok()) return;
  peer(peer_rank).shape.Set(shape);
  EndSleep();
}

std::string SharedMemoryTransport::link_name() const {
  std::vector<std::string> names;
  for (const auto& peer : peers_)
    if (peer != nullptr) names.push_back(peer->shape.name());
  return names.empty() ? "shared-memory" : "shared-memory, " + NameOfLinks(names);
}

ByteCounts SharedMemoryTransport::counts() const {
  ByteCounts counts{
      .payload_sent = payload_sent_, .payload_received = payload_received_, .messages_sent = messages_sent_};
  for (const auto& peer : peers_) {
    if (peer == nullptr) continue;
    counts.whole_sent += peer->whole_sent();
    counts.whole_received += peer->whole_received();
  }
  return counts;
}

void SharedMemoryTransport::Abort(const absl::Status& why) {
  {
    absl::MutexLock lock(&abort_mutex_);
    if (!abort_.ok()) return;
    abort_ = why.ok() ? absl::CancelledError("stopped") : why;
  }
  is_aborted_.store(true, std::memory_order_release);
  EndSleep();
  // Who waits sees it soon and tells the peers; if nobody does, it is for us to tell them.
  if (driver_.TryLock()) {
    CheckLive().IgnoreError();
    driver_.Unlock();
  }
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
    if (rank < 0 || static_cast<size_t>(rank) >= addresses.size() ||
        addresses[static_cast<size_t>(rank)] != address())
      return absl::InvalidArgumentError(fmt::format("rank {}: is not at {} among the {} addresses given",
                                                    rank, address(), addresses.size()));
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
