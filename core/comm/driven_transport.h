// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// driven_transport.h: what transports between processes have in common: the thread that calls drives them,
// one at a time, and progress is made within its calls only; frames come from peers, and wait for who wants
// their tag. On the way of the data: comm/communicator.cc -> here -> comm/grpc_transport.cc,
// comm/tls_transport.cc, comm/shared_memory_transport.cc, comm/carried_transport.cc.
#pragma once

#include <algorithm>
#include <atomic>
#include <cstring>
#include <memory>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "core/comm/frame.h"
#include "core/comm/link_shaper.h"
#include "core/comm/socket.h"
#include "core/comm/spinner.h"
#include "core/comm/transport.h"
#include "core/comm/transport_limits.h"
#include "fmt/format.h"

namespace concertina {

// A Peer has rank(), is_lost(), why_lost(), flushed(), kept_bytes(), ArrivalOf(frame) and `shape`; a Frame
// has message_bytes.
template <class Peer, class Frame>
class DrivenTransport : public Transport {
 public:
  int rank() const final { return rank_; }
  int size() const final { return size_; }
  absl::Status Receive(int from, uint32_t tag, size_t size, Deadline deadline, Sink sink) final;
  absl::Status ReceiveMessage(int from, uint32_t tag, size_t max_size, Deadline deadline,
                              std::vector<uint8_t>& bytes) final;
  absl::Status Flush(int to, Deadline deadline) final;
  absl::StatusOr<int> WaitAny(std::span<const int> from, uint32_t tag, Deadline deadline) final;
  void SurviveLoss() final {
    absl::MutexLock lock(&driver_);
    survives_loss_ = true;
  }
  bool is_lost(int rank) const final { return CheckPeer(rank).ok() && peer(rank).is_lost(); }
  std::string link_name() const final;
  ByteCounts counts() const final;
  bool CountSent(std::span<uint64_t> sent) const final;
  void SetShape(const LinkShape& shape) final;
  void SetShape(int peer, const LinkShape& shape) final;
  void AllowSpin(bool allowed) final { spinner_.Allow(allowed); }
  void Abort(const absl::Status& why) final;
  void CutOff(int peer, const absl::Status& why) final;

 protected:
  // `name`: of the kind.
  DrivenTransport(const char* name, int rank, int size)
      : name_(name), rank_(rank), size_(size), spinner_(size) {}

  // One wait, from its start to the moment that it succeeds or fails.
  struct Wait {
    int peer = 0;  // for whom: named if nothing comes
    Deadline deadline;
    int64_t began = SteadyNanoseconds();
    bool may_spin = true;  // once a wait
  };
  // Lets something happen, or some time pass. Errors as in CheckLive; kDeadlineExceeded.
  virtual absl::Status Pump(Wait& wait) ABSL_EXCLUSIVE_LOCKS_REQUIRED(driver_) = 0;
  // Lets some time pass while what came is under way on an emulated link. Errors as in Pump.
  virtual absl::Status PumpUntilArrival(int64_t arrives, Wait& wait)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(driver_) = 0;
  // The first frame of a tag that has come, or null.
  virtual absl::StatusOr<Frame*> Find(Peer& peer, uint32_t tag) ABSL_EXCLUSIVE_LOCKS_REQUIRED(driver_) = 0;
  // Somebody waits for more of this peer.
  virtual void Want(Peer& /*peer*/) ABSL_EXCLUSIVE_LOCKS_REQUIRED(driver_) {}
  // Nothing more will come than what has.
  virtual bool HasLeft(const Peer& peer) const = 0;
  // `swapped`: what was sent to the same peer, of which as much must have left before a piece is given away;
  // as the transport numbers it. Null: nothing.
  virtual absl::Status ReceiveLocked(int from, uint32_t tag, size_t size, Deadline deadline,
                                     const uint64_t* swapped, Sink sink)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(driver_) = 0;
  // Nothing is sent to it any more. OK: it left in good order.
  virtual void Lose(Peer& peer, const absl::Status& why) ABSL_EXCLUSIVE_LOCKS_REQUIRED(driver_) = 0;
  // The same, and whatever it still sends comes to nobody.
  virtual void Sever(Peer& peer, const absl::Status& why) ABSL_EXCLUSIVE_LOCKS_REQUIRED(driver_) {
    Lose(peer, why);
  }
  // Tells the peers, once, that this rank goes, since it was aborted.
  virtual void SayWhyAborted(const std::string& why) ABSL_EXCLUSIVE_LOCKS_REQUIRED(driver_) = 0;
  // Of whoever sleeps longer than an abort, or another shape, may wait. Any thread.
  virtual void EndSleep() {}
  virtual KernelBytes WholeBytesOf(const Peer& peer) const = 0;

  // Sees to what CutOff and Abort have asked for. Errors: everything fails.
  absl::Status CheckLive() ABSL_EXCLUSIVE_LOCKS_REQUIRED(driver_);
  absl::Status CheckPeer(int peer) const;
  // Waits for the next frame of (from, tag), until an emulated link has brought it.
  absl::StatusOr<Frame*> NextFrame(Peer& from, uint32_t tag, Wait& wait)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(driver_);
  Peer& peer(int rank) const { return *peers_[static_cast<size_t>(rank)]; }

  const char* const name_;
  const int rank_;
  const int size_;
  Spinner spinner_;

  // Held by whoever drives: the communication thread, or Abort or CutOff if nobody does.
  absl::Mutex driver_;
  std::vector<std::unique_ptr<Peer>> peers_;  // fixed after the start; null at rank_
  absl::Status failure_ ABSL_GUARDED_BY(driver_);
  bool has_said_goodbye_ ABSL_GUARDED_BY(driver_) = false;
  bool survives_loss_ ABSL_GUARDED_BY(driver_) = false;
  std::atomic<bool> is_woken_ = false;
  std::atomic<bool> is_aborted_ = false;

  std::atomic<uint64_t> payload_sent_ = 0;
  std::atomic<uint64_t> payload_received_ = 0;
  std::atomic<uint64_t> messages_sent_ = 0;

 private:
  void SeverWhoIsCutOff() ABSL_EXCLUSIVE_LOCKS_REQUIRED(driver_);
  // Wakes who drives, or, if nobody does, does itself what CheckLive has to do.
  void HaveItSeen();

  int last_answered_ ABSL_GUARDED_BY(driver_) = -1;  // by WaitAny
  absl::Mutex abort_mutex_;
  absl::Status abort_ ABSL_GUARDED_BY(abort_mutex_);
  std::vector<std::pair<int, absl::Status>> cut_off_ ABSL_GUARDED_BY(abort_mutex_);  // not seen to yet
  std::atomic<bool> has_cut_off_ = false;
};

template <class Peer, class Frame>
absl::Status DrivenTransport<Peer, Frame>::CheckPeer(int peer) const {
  if (peer >= 0 && peer < size_ && peer != rank_) return absl::OkStatus();
  return absl::InvalidArgumentError(
      fmt::format("rank {}: no peer of rank {} among {} ranks", peer, rank_, size_));
}

template <class Peer, class Frame>
absl::Status DrivenTransport<Peer, Frame>::CheckLive() {
  if (has_cut_off_.load(std::memory_order_acquire)) SeverWhoIsCutOff();
  if (is_aborted_.load(std::memory_order_acquire)) {
    absl::Status why;
    {
      absl::MutexLock lock(&abort_mutex_);
      why = abort_;
    }
    SayWhyAborted(std::string(why.message()));
    return why;
  }
  return failure_;
}

template <class Peer, class Frame>
absl::StatusOr<Frame*> DrivenTransport<Peer, Frame>::NextFrame(Peer& from, uint32_t tag, Wait& wait) {
  for (;;) {
    ASSIGN_OR_RETURN(Frame * frame, Find(from, tag));
    if (frame == nullptr) {
      if (failure_.ok() && HasLeft(from)) return from.why_lost();
      if (from.kept_bytes() > kMostKeptBytes)
        return absl::ResourceExhaustedError(
            fmt::format("rank {}: {} bytes came that nobody waits for", from.rank(), from.kept_bytes()));
      Want(from);
      RETURN_IF_ERROR(Pump(wait));
      continue;
    }
    const int64_t arrives = from.ArrivalOf(*frame);
    if (arrives == 0 || SteadyNanoseconds() >= arrives) return frame;
    RETURN_IF_ERROR(PumpUntilArrival(arrives, wait));
  }
}

template <class Peer, class Frame>
absl::Status DrivenTransport<Peer, Frame>::Receive(int from, uint32_t tag, size_t size, Deadline deadline,
                                                   Sink sink) {
  RETURN_IF_ERROR(CheckPeer(from));
  absl::MutexLock lock(&driver_);
  RETURN_IF_ERROR(CheckLive());
  return ReceiveLocked(from, tag, size, deadline, nullptr, sink);
}

template <class Peer, class Frame>
absl::Status DrivenTransport<Peer, Frame>::ReceiveMessage(int from, uint32_t tag, size_t max_size,
                                                          Deadline deadline, std::vector<uint8_t>& bytes) {
  RETURN_IF_ERROR(CheckPeer(from));
  absl::MutexLock lock(&driver_);
  RETURN_IF_ERROR(CheckLive());
  bytes.clear();
  Wait wait{.peer = from, .deadline = deadline};
  ASSIGN_OR_RETURN(const Frame* frame, NextFrame(peer(from), tag, wait));
  const uint64_t size = frame->message_bytes;
  if (size > max_size) return TooLong(from, tag, size, max_size);
  bytes.resize(size);
  return ReceiveLocked(from, tag, size, deadline, nullptr,
                       [&](size_t offset, std::span<const std::byte> piece) {
                         std::memcpy(bytes.data() + offset, piece.data(), piece.size());
                       });
}

template <class Peer, class Frame>
absl::Status DrivenTransport<Peer, Frame>::Flush(int to, Deadline deadline) {
  RETURN_IF_ERROR(CheckPeer(to));
  absl::MutexLock lock(&driver_);
  RETURN_IF_ERROR(CheckLive());
  Wait wait{.peer = to, .deadline = deadline};
  while (!peer(to).flushed()) RETURN_IF_ERROR(Pump(wait));
  return absl::OkStatus();
}

template <class Peer, class Frame>
absl::StatusOr<int> DrivenTransport<Peer, Frame>::WaitAny(std::span<const int> from, uint32_t tag,
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
      Peer& source = peer(rank);
      ASSIGN_OR_RETURN(const Frame* frame, Find(source, tag));
      is_anyone_left |= frame != nullptr || !HasLeft(source);
      if (frame == nullptr) {
        Want(source);
      } else if (const int64_t arrival = source.ArrivalOf(*frame); arrival > now) {
        arrives = std::min(arrives, arrival);
      } else if (next < 0 || turn(rank) < turn(next)) {
        next = rank;
      }
    }
    if (next >= 0) return last_answered_ = next;
    if (!is_anyone_left) return AllHaveLeft(from);
    const absl::Status status = arrives == INT64_MAX ? Pump(wait) : PumpUntilArrival(arrives, wait);
    if (absl::IsDeadlineExceeded(status) && failure_.ok() && !is_aborted_)
      return NothingCame(from, static_cast<double>(SteadyNanoseconds() - wait.began) * 1e-9);
    RETURN_IF_ERROR(status);
  }
}

template <class Peer, class Frame>
std::string DrivenTransport<Peer, Frame>::link_name() const {
  std::vector<std::string> names;
  for (const auto& peer : peers_)
    if (peer != nullptr) names.push_back(peer->shape.name());
  return names.empty() ? name_ : fmt::format("{}, {}", name_, NameOfLinks(names));
}

template <class Peer, class Frame>
ByteCounts DrivenTransport<Peer, Frame>::counts() const {
  ByteCounts counts{
      .payload_sent = payload_sent_, .payload_received = payload_received_, .messages_sent = messages_sent_};
  for (const auto& peer : peers_) {
    if (peer == nullptr) continue;
    const KernelBytes whole = WholeBytesOf(*peer);
    counts.whole_sent += whole.sent;
    counts.whole_received += whole.received;
  }
  return counts;
}

template <class Peer, class Frame>
bool DrivenTransport<Peer, Frame>::CountSent(std::span<uint64_t> sent) const {
  if (sent.size() != peers_.size()) return false;
  for (size_t rank = 0; rank < peers_.size(); ++rank)
    sent[rank] = peers_[rank] == nullptr ? 0 : WholeBytesOf(*peers_[rank]).sent;
  return true;
}

template <class Peer, class Frame>
void DrivenTransport<Peer, Frame>::SetShape(const LinkShape& shape) {
  for (auto& peer : peers_)
    if (peer != nullptr) peer->shape.Set(shape);
  EndSleep();
}

template <class Peer, class Frame>
void DrivenTransport<Peer, Frame>::SetShape(int peer_rank, const LinkShape& shape) {
  if (!CheckPeer(peer_rank).ok()) return;
  peer(peer_rank).shape.Set(shape);
  EndSleep();
}

template <class Peer, class Frame>
void DrivenTransport<Peer, Frame>::Abort(const absl::Status& why) {
  {
    absl::MutexLock lock(&abort_mutex_);
    if (!abort_.ok()) return;
    abort_ = why.ok() ? absl::CancelledError("stopped") : why;
  }
  is_aborted_.store(true, std::memory_order_release);
  HaveItSeen();
}

template <class Peer, class Frame>
void DrivenTransport<Peer, Frame>::CutOff(int peer_rank, const absl::Status& why) {
  if (!CheckPeer(peer_rank).ok()) return;
  {
    absl::MutexLock lock(&abort_mutex_);
    cut_off_.emplace_back(peer_rank, why.ok() ? ConnectionLost(peer_rank) : why);
  }
  has_cut_off_.store(true, std::memory_order_release);
  HaveItSeen();
}

template <class Peer, class Frame>
void DrivenTransport<Peer, Frame>::HaveItSeen() {
  EndSleep();
  // Who waits sees it soon and tells the peers; if nobody does, it is for us to tell them.
  if (driver_.TryLock()) {
    CheckLive().IgnoreError();
    driver_.Unlock();
  }
}

template <class Peer, class Frame>
void DrivenTransport<Peer, Frame>::SeverWhoIsCutOff() {
  std::vector<std::pair<int, absl::Status>> cut_off;
  {
    absl::MutexLock lock(&abort_mutex_);
    cut_off.swap(cut_off_);
    has_cut_off_.store(false, std::memory_order_relaxed);
  }
  for (const auto& [rank, why] : cut_off) Sever(peer(rank), why);
}

}  // namespace concertina
