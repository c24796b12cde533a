// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// in_process_hub.h: what the ranks of one process share: a mailbox each, and who has gone.
// On the way of the data: comm/in_process_transport.cc -> here -> the peer's comm/in_process_transport.cc.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <deque>
#include <memory>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "core/comm/link_shaper.h"
#include "core/comm/transport.h"

namespace concertina {

// A message crosses in pieces of at most this, so that the copy that the sender made is still in a cache when
// the receiver reads it, and so that an emulated link hands over a long message bit by bit.
inline constexpr size_t kInProcessPieceBytes = size_t{256} << 10;
// Copied under the mailbox's lock.
inline constexpr size_t kInProcessSmallBytes = size_t{4} << 10;
// A sender waits once this much of it lies unread: more than any collective has under way (communicator.cc).
inline constexpr size_t kInProcessWindowBytes = size_t{1} << 30;

// Memory for pieces, by powers of two; taken and given back under the mailbox's lock, so that a steady step
// allocates nothing.
class PiecePool {
 public:
  struct Block {
    std::unique_ptr<std::byte[]> bytes;
    int size_class = 0;
  };
  Block Take(size_t bytes);
  void GiveBack(Block block);

 private:
  static constexpr int kSizeClasses = 19;  // 2^0 … 2^18 = kInProcessPieceBytes
  std::array<std::vector<Block>, kSizeClasses> free_;
};

struct InProcessPiece {
  int from = 0;
  uint32_t tag = 0;
  size_t message_bytes = 0;
  size_t offset = 0;
  size_t bytes = 0;
  int64_t finish_nanoseconds = 0;  // of the emulated link, without its latency
  PiecePool::Block block;
  const std::byte* lent = nullptr;  // the sender's own memory instead of a block

  std::span<const std::byte> data() const { return {lent != nullptr ? lent : block.bytes.get(), bytes}; }
};

class InProcessHub {
 public:
  InProcessHub(int size, const LinkShape& shape);
  int size() const { return static_cast<int>(mailboxes_.size()); }
  // The shape of all links, or of one direction of one, changes, and who waits looks again.
  void SetShape(const LinkShape& shape);
  void SetShape(int from, int to, const LinkShape& shape);
  // Of what comes to `to`.
  std::string ShapeName(int to) const;

  // Copies `bytes` into the mailbox of `to`, as one or more pieces.
  absl::Status Deliver(int from, int to, uint32_t tag, std::span<const std::byte> bytes, Deadline deadline);
  // Puts the bytes there as they lie, as one piece; a shaped link gets a copy.
  absl::Status Lend(int from, int to, uint32_t tag, std::span<const std::byte> bytes, Deadline deadline);
  // What `from` has lent to `to` is its own again: what was not taken yet is copied, what is being read
  // waited for.
  absl::Status TakeBack(int from, int to, Deadline deadline);
  // The first piece of (from, tag) in the mailbox of `to`, once an emulated link has brought it.
  absl::StatusOr<InProcessPiece> Take(int to, int from, uint32_t tag, Deadline deadline);
  void GiveBack(int to, InProcessPiece piece);  // each that was taken, soon
  // As Transport says of them, for rank `to`.
  absl::StatusOr<int> WaitAny(int to, std::span<const int> from, uint32_t tag, Deadline deadline);
  void Wake(int to);
  void SurviveLoss(int to);
  bool IsLost(int to, int from);

  // Rank `rank` ends its waits and fails those of the others. `why` OK: it left in good order, and only who
  // waits for it fails.
  void Part(int rank, const absl::Status& why);

 private:
  struct Mailbox {
    absl::Mutex mutex;
    absl::CondVar changed;
    std::vector<InProcessPiece> pieces ABSL_GUARDED_BY(mutex);  // in order of arrival
    std::vector<size_t> kept_bytes ABSL_GUARDED_BY(mutex);      // by sender
    std::vector<int> lent ABSL_GUARDED_BY(mutex);               // by sender: lent pieces, not given back
    std::vector<int> read ABSL_GUARDED_BY(mutex);               // by sender: those of them that are taken
    std::vector<LinkShaper> shapers ABSL_GUARDED_BY(mutex);     // by sender
    std::deque<LiveShape> shapes;                               // by sender
    PiecePool pool ABSL_GUARDED_BY(mutex);
    absl::Status aborted ABSL_GUARDED_BY(mutex);  // ends every wait of this rank
    // By sender, of those that have gone: what any use of them says.
    std::vector<absl::Status> gone ABSL_GUARDED_BY(mutex);
    bool survives_loss ABSL_GUARDED_BY(mutex) = false;
    bool woken ABSL_GUARDED_BY(mutex) = false;
    int last_answered ABSL_GUARDED_BY(mutex) = -1;  // by WaitAny
    bool closed ABSL_GUARDED_BY(mutex) = false;     // its rank left: what comes is dropped
  };

  void Put(Mailbox& mailbox, InProcessPiece piece, int64_t sent_nanoseconds)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mailbox.mutex);
  // Whether `from` may still send to `to`.
  absl::Status CheckMaySend(int from, int to);
  // When the emulated link has brought a piece; 0: it is free.
  static int64_t ArrivalOf(const Mailbox& mailbox, const InProcessPiece& piece);
  // The first piece of (from, tag), or null.
  static InProcessPiece* Find(Mailbox& mailbox, int from, uint32_t tag)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mailbox.mutex);

  std::vector<std::unique_ptr<Mailbox>> mailboxes_;
};

}  // namespace concertina
