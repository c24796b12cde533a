// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// sleeping_transport.h: what driven transports that sleep on descriptors of their own, and give messages away
// piece by piece, have in common. On the way of the data: comm/communicator.cc -> here ->
// comm/tls_transport.cc, comm/shared_memory_transport.cc, comm/carried_transport.cc.
#pragma once

#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <utility>

#include "core/comm/driven_transport.h"

namespace concertina {

// A Peer has, besides what DrivenTransport asks of it, messages_queued() and Unwritten(message); a Frame has
// offset, bytes and piece().
template <class Peer, class Frame>
class SleepingTransport : public DrivenTransport<Peer, Frame> {
  using Driven = DrivenTransport<Peer, Frame>;

 public:
  absl::Status Send(int to, uint32_t tag, std::span<const std::byte> bytes, Deadline deadline) final;
  absl::Status SendReceive(int peer, uint32_t tag, std::span<const std::byte> bytes, Deadline deadline,
                           Transport::Sink sink) final;
  void Wake() final;

 protected:
  using Driven::Driven;
  using Driven::driver_;
  using typename Driven::Wait;

  // Queues a message for a peer that is not lost. Errors: it is to be.
  virtual absl::Status Queue(Peer& peer, uint32_t tag, std::span<const std::byte> bytes)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(driver_) = 0;
  // Its piece has been given away.
  virtual void Drop(Peer& peer, Frame* frame) ABSL_EXCLUSIVE_LOCKS_REQUIRED(driver_) = 0;
  // What waits to be sent goes on between two pieces. Errors: what has failed.
  virtual absl::Status GoOn(Peer& peer) ABSL_EXCLUSIVE_LOCKS_REQUIRED(driver_) = 0;
  // Until something may have come, EndSleep, or at the latest `until`.
  virtual void Sleep(int64_t until_nanoseconds) ABSL_EXCLUSIVE_LOCKS_REQUIRED(driver_) = 0;

  // Makes epoll_, which watches EndSleep's descriptor under this rank's number.
  absl::Status MakeSleep();
  absl::Status Watch(int fd, int rank, uint32_t events);
  void EndSleep() final;
  // epoll_ has told of EndSleep. Whoever looked for other news has taken that away from who was about to
  // sleep: TookWake, once true, has him look why instead.
  void HearWake() ABSL_EXCLUSIVE_LOCKS_REQUIRED(driver_);
  bool TookWake() ABSL_EXCLUSIVE_LOCKS_REQUIRED(driver_) { return std::exchange(took_wake_, false); }

  // The end of PumpUntilArrival. Errors as there.
  absl::Status SleepUntilArrival(int64_t arrives, Wait& wait) ABSL_EXCLUSIVE_LOCKS_REQUIRED(driver_);
  // `swapped`: the number of the message.
  absl::Status ReceiveLocked(int from, uint32_t tag, size_t size, Deadline deadline, const uint64_t* swapped,
                             Transport::Sink sink) final ABSL_EXCLUSIVE_LOCKS_REQUIRED(driver_);

  Socket epoll_;

 private:
  absl::Status SendLocked(int to, uint32_t tag, std::span<const std::byte> bytes)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(driver_);

  Socket wake_;  // an eventfd
  bool took_wake_ ABSL_GUARDED_BY(driver_) = false;
};

template <class Peer, class Frame>
absl::Status SleepingTransport<Peer, Frame>::MakeSleep() {
  epoll_ = Socket(epoll_create1(EPOLL_CLOEXEC));
  wake_ = Socket(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
  if (!epoll_.is_open() || !wake_.is_open()) return ErrnoStatus(errno, "making what to sleep on");
  return Watch(wake_.fd(), this->rank_, EPOLLIN);
}

template <class Peer, class Frame>
absl::Status SleepingTransport<Peer, Frame>::Watch(int fd, int rank, uint32_t events) {
  epoll_event wanted{.events = events, .data = {.u32 = static_cast<uint32_t>(rank)}};
  if (epoll_ctl(epoll_.fd(), EPOLL_CTL_ADD, fd, &wanted) == 0) return absl::OkStatus();
  return ErrnoStatus(errno, "making what to sleep on");
}

template <class Peer, class Frame>
void SleepingTransport<Peer, Frame>::EndSleep() {
  const uint64_t one = 1;
  [[maybe_unused]] const ssize_t n = write(wake_.fd(), &one, sizeof one);
}

template <class Peer, class Frame>
void SleepingTransport<Peer, Frame>::Wake() {
  this->is_woken_.store(true);
  EndSleep();
}

template <class Peer, class Frame>
void SleepingTransport<Peer, Frame>::HearWake() {
  uint64_t wakes = 0;
  [[maybe_unused]] const ssize_t n = read(wake_.fd(), &wakes, sizeof wakes);
  took_wake_ = true;
}

template <class Peer, class Frame>
absl::Status SleepingTransport<Peer, Frame>::SleepUntilArrival(int64_t arrives, Wait& wait) {
  RETURN_IF_ERROR(this->CheckLive());
  const int64_t now = SteadyNanoseconds();
  if (wait.deadline.Passed()) return NothingCame(wait.peer, static_cast<double>(now - wait.began) * 1e-9);
  // A sleep is too coarse towards the end; short naps keep what is under way moving.
  if (arrives - now > 2 * kCoarseNanoseconds)
    Sleep(std::min(arrives - kCoarseNanoseconds, now + kLongestArrivalSleepNanoseconds));
  else
    SleepTowards(arrives, kMillisecond / 5);
  return this->failure_;
}

template <class Peer, class Frame>
absl::Status SleepingTransport<Peer, Frame>::SendLocked(int to, uint32_t tag,
                                                        std::span<const std::byte> bytes) {
  RETURN_IF_ERROR(this->CheckLive());
  Peer& target = this->peer(to);
  if (target.is_lost()) return target.why_lost();
  if (const absl::Status status = Queue(target, tag, bytes); !status.ok()) {
    this->Lose(target, Annotate(status, fmt::format("rank {}", to)));
    return target.why_lost();
  }
  this->payload_sent_.fetch_add(bytes.size(), std::memory_order_relaxed);
  this->messages_sent_.fetch_add(1, std::memory_order_relaxed);
  return absl::OkStatus();
}

template <class Peer, class Frame>
absl::Status SleepingTransport<Peer, Frame>::Send(int to, uint32_t tag, std::span<const std::byte> bytes,
                                                  Deadline /*deadline*/) {
  RETURN_IF_ERROR(this->CheckPeer(to));
  absl::MutexLock lock(&driver_);
  return SendLocked(to, tag, bytes);
}

template <class Peer, class Frame>
absl::Status SleepingTransport<Peer, Frame>::SendReceive(int peer_rank, uint32_t tag,
                                                         std::span<const std::byte> bytes, Deadline deadline,
                                                         Transport::Sink sink) {
  RETURN_IF_ERROR(this->CheckPeer(peer_rank));
  absl::MutexLock lock(&driver_);
  const uint64_t message = this->peer(peer_rank).messages_queued();
  RETURN_IF_ERROR(SendLocked(peer_rank, tag, bytes));
  return ReceiveLocked(peer_rank, tag, bytes.size(), deadline, &message, sink);
}

template <class Peer, class Frame>
absl::Status SleepingTransport<Peer, Frame>::ReceiveLocked(int from, uint32_t tag, size_t size,
                                                           Deadline deadline, const uint64_t* swapped,
                                                           Transport::Sink sink) {
  Peer& source = this->peer(from);
  Wait wait{.peer = from, .deadline = deadline};
  size_t got = 0;
  do {
    ASSIGN_OR_RETURN(Frame * frame, this->NextFrame(source, tag, wait));
    if (frame->message_bytes != size) return WrongSize(from, tag, frame->message_bytes, size);
    if (frame->offset != got) return WrongOffset(from, tag, frame->offset, got);
    const size_t end = got + frame->bytes;
    const auto is_needed = [&] {
      return swapped != nullptr && !source.is_lost() && size - source.Unwritten(*swapped) < end;
    };
    if (is_needed()) {
      while (is_needed()) RETURN_IF_ERROR(this->Pump(wait));
      continue;  // it may have been kept meanwhile, and lies elsewhere
    }
    if (frame->bytes > 0) sink(got, frame->piece());
    this->payload_received_.fetch_add(frame->bytes, std::memory_order_relaxed);
    got = end;
    Drop(source, frame);
    RETURN_IF_ERROR(GoOn(source));
    wait.began = SteadyNanoseconds();
    wait.may_spin = true;
  } while (got < size);
  return absl::OkStatus();
}

}  // namespace concertina
