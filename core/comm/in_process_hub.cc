// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// in_process_hub.cc: mailboxes between threads (see in_process_hub.h).
// On the way of the data: comm/in_process_transport.cc -> here -> the peer's comm/in_process_transport.cc.
#include "core/comm/in_process_hub.h"

#include <algorithm>
#include <bit>
#include <cstring>
#include <iterator>
#include <utility>

#include "core/comm/frame.h"
#include "fmt/format.h"

namespace concertina {
namespace {

constexpr int64_t kLongestNapNanoseconds = 5'000'000;
constexpr double kReadingSeconds = 5;  // for a peer to read to its end what it has begun

}  // namespace

PiecePool::Block PiecePool::Take(size_t bytes) {
  const int size_class = bytes <= 1 ? 0 : std::bit_width(bytes - 1);
  auto& free = free_[static_cast<size_t>(size_class)];
  if (free.empty())
    return {.bytes = std::make_unique_for_overwrite<std::byte[]>(size_t{1} << size_class),
            .size_class = size_class};
  Block block = std::move(free.back());
  free.pop_back();
  return block;
}

void PiecePool::GiveBack(Block block) {
  if (block.bytes != nullptr) free_[static_cast<size_t>(block.size_class)].push_back(std::move(block));
}

InProcessHub::InProcessHub(int size, const LinkShape& shape) {
  for (int rank = 0; rank < size; ++rank) {
    auto mailbox = std::make_unique<Mailbox>();
    absl::MutexLock lock(&mailbox->mutex);
    mailbox->kept_bytes.resize(static_cast<size_t>(size));
    mailbox->lent.resize(static_cast<size_t>(size));
    mailbox->read.resize(static_cast<size_t>(size));
    mailbox->shapers.resize(static_cast<size_t>(size));
    mailbox->gone.resize(static_cast<size_t>(size));
    for (int sender = 0; sender < size; ++sender) mailbox->shapes.emplace_back(shape);
    mailboxes_.push_back(std::move(mailbox));
  }
}

void InProcessHub::SetShape(const LinkShape& shape) {
  for (auto& mailbox : mailboxes_) {
    for (LiveShape& link : mailbox->shapes) link.Set(shape);
    absl::MutexLock lock(&mailbox->mutex);
    mailbox->changed.SignalAll();
  }
}

void InProcessHub::SetShape(int from, int to, const LinkShape& shape) {
  Mailbox& mailbox = *mailboxes_[static_cast<size_t>(to)];
  mailbox.shapes[static_cast<size_t>(from)].Set(shape);
  absl::MutexLock lock(&mailbox.mutex);
  mailbox.changed.SignalAll();
}

std::string InProcessHub::ShapeName(int to) const {
  std::vector<std::string> names;
  for (int from = 0; from < size(); ++from)
    if (from != to || size() == 1)
      names.push_back(mailboxes_[static_cast<size_t>(to)]->shapes[static_cast<size_t>(from)].name());
  return NameOfLinks(names);
}

absl::Status InProcessHub::CheckMaySend(int from, int to) {
  Mailbox& own = *mailboxes_[static_cast<size_t>(from)];
  absl::MutexLock lock(&own.mutex);
  RETURN_IF_ERROR(own.aborted);
  return own.gone[static_cast<size_t>(to)];
}

void InProcessHub::Put(Mailbox& mailbox, InProcessPiece piece, int64_t sent_nanoseconds) {
  const auto sender = static_cast<size_t>(piece.from);
  piece.finish_nanoseconds = mailbox.shapers[sender].Finish(mailbox.shapes[sender], sent_nanoseconds,
                                                            piece.bytes, piece.offset == 0);
  mailbox.kept_bytes[sender] += piece.bytes;
  mailbox.pieces.push_back(std::move(piece));
  mailbox.changed.SignalAll();  // senders wait on it too
}

absl::Status InProcessHub::Deliver(int from, int to, uint32_t tag, std::span<const std::byte> bytes,
                                   Deadline deadline) {
  RETURN_IF_ERROR(CheckMaySend(from, to));
  Mailbox& mailbox = *mailboxes_[static_cast<size_t>(to)];
  const auto sender = static_cast<size_t>(from);
  const int64_t sent_nanoseconds = SteadyNanoseconds();
  size_t offset = 0;
  do {
    const std::span<const std::byte> part =
        bytes.subspan(offset, std::min(bytes.size() - offset, kInProcessPieceBytes));
    InProcessPiece piece = {
        .from = from, .tag = tag, .message_bytes = bytes.size(), .offset = offset, .bytes = part.size()};
    offset += part.size();
    {
      absl::MutexLock lock(&mailbox.mutex);
      while (mailbox.kept_bytes[sender] + part.size() > kInProcessWindowBytes && !mailbox.closed) {
        if (deadline.Passed())
          return absl::DeadlineExceededError(
              fmt::format("rank {}: has left {} bytes unread", to, mailbox.kept_bytes[sender]));
        mailbox.changed.WaitWithTimeout(&mailbox.mutex, absl::Milliseconds(20));
      }
      if (mailbox.closed)
        return absl::OkStatus();  // nobody reads any more; who waits for that rank hears of it
      piece.block = mailbox.pool.Take(part.size());
      if (part.size() <= kInProcessSmallBytes) {
        if (!part.empty()) std::memcpy(piece.block.bytes.get(), part.data(), part.size());
        Put(mailbox, std::move(piece), sent_nanoseconds);
        continue;
      }
    }
    std::memcpy(piece.block.bytes.get(), part.data(), part.size());
    absl::MutexLock lock(&mailbox.mutex);
    Put(mailbox, std::move(piece), sent_nanoseconds);
  } while (offset < bytes.size());
  return absl::OkStatus();
}

absl::Status InProcessHub::Lend(int from, int to, uint32_t tag, std::span<const std::byte> bytes,
                                Deadline deadline) {
  Mailbox& mailbox = *mailboxes_[static_cast<size_t>(to)];
  if (bytes.size() <= kInProcessSmallBytes || !mailbox.shapes[static_cast<size_t>(from)].is_free())
    return Deliver(from, to, tag, bytes, deadline);
  RETURN_IF_ERROR(CheckMaySend(from, to));
  absl::MutexLock lock(&mailbox.mutex);
  if (mailbox.closed) return absl::OkStatus();
  ++mailbox.lent[static_cast<size_t>(from)];
  Put(mailbox,
      {.from = from, .tag = tag, .message_bytes = bytes.size(), .bytes = bytes.size(), .lent = bytes.data()},
      0);
  return absl::OkStatus();
}

absl::Status InProcessHub::TakeBack(int from, int to, Deadline deadline) {
  Mailbox& mailbox = *mailboxes_[static_cast<size_t>(to)];
  const auto sender = static_cast<size_t>(from);
  absl::MutexLock lock(&mailbox.mutex);
  if (mailbox.lent[sender] == 0) return absl::OkStatus();
  for (size_t at = 0; at < mailbox.pieces.size(); ++at) {
    InProcessPiece& piece = mailbox.pieces[at];
    if (piece.from != from || piece.lent == nullptr) continue;
    // The first part takes its place, the rest comes behind it.
    const std::span<const std::byte> whole(std::exchange(piece.lent, nullptr), piece.bytes);
    std::vector<InProcessPiece> parts;
    for (size_t offset = 0; offset < whole.size(); offset += kInProcessPieceBytes) {
      InProcessPiece& part =
          parts.emplace_back(InProcessPiece{.from = from,
                                            .tag = piece.tag,
                                            .message_bytes = piece.message_bytes,
                                            .offset = offset,
                                            .bytes = std::min(whole.size() - offset, kInProcessPieceBytes),
                                            .finish_nanoseconds = piece.finish_nanoseconds});
      part.block = mailbox.pool.Take(part.bytes);
      std::memcpy(part.block.bytes.get(), whole.data() + offset, part.bytes);
    }
    piece = std::move(parts[0]);
    mailbox.pieces.insert(mailbox.pieces.begin() + static_cast<std::ptrdiff_t>(at) + 1,
                          std::make_move_iterator(parts.begin() + 1), std::make_move_iterator(parts.end()));
    --mailbox.lent[sender];
  }
  while (mailbox.read[sender] > 0) {
    if (deadline.Passed())
      return absl::DeadlineExceededError(fmt::format("rank {}: still reads what was lent to it", to));
    mailbox.changed.WaitWithTimeout(&mailbox.mutex, absl::Milliseconds(20));
  }
  return absl::OkStatus();
}

int64_t InProcessHub::ArrivalOf(const Mailbox& mailbox, const InProcessPiece& piece) {
  const LiveShape& shape = mailbox.shapes[static_cast<size_t>(piece.from)];
  return shape.is_free() ? 0 : piece.finish_nanoseconds + shape.latency_nanoseconds();
}

InProcessPiece* InProcessHub::Find(Mailbox& mailbox, int from, uint32_t tag) {
  const auto piece = std::find_if(mailbox.pieces.begin(), mailbox.pieces.end(),
                                  [&](const InProcessPiece& p) { return p.from == from && p.tag == tag; });
  return piece == mailbox.pieces.end() ? nullptr : &*piece;
}

absl::StatusOr<InProcessPiece> InProcessHub::Take(int to, int from, uint32_t tag, Deadline deadline) {
  Mailbox& mailbox = *mailboxes_[static_cast<size_t>(to)];
  const auto sender = static_cast<size_t>(from);
  const int64_t began = SteadyNanoseconds();
  for (;;) {
    int64_t arrives = 0;
    {
      absl::MutexLock lock(&mailbox.mutex);
      RETURN_IF_ERROR(mailbox.aborted);
      InProcessPiece* piece = Find(mailbox, from, tag);
      if (piece != nullptr) {
        arrives = ArrivalOf(mailbox, *piece);
        if (arrives <= SteadyNanoseconds()) {
          InProcessPiece taken = std::move(*piece);
          mailbox.pieces.erase(mailbox.pieces.begin() + (piece - mailbox.pieces.data()));
          mailbox.kept_bytes[sender] -= taken.bytes;
          if (taken.lent != nullptr) ++mailbox.read[sender];
          mailbox.changed.SignalAll();
          return taken;
        }
      } else {
        RETURN_IF_ERROR(mailbox.gone[sender]);
        const double left_seconds = deadline.SecondsLeft();
        if (left_seconds <= 0)
          return NothingCame(from, static_cast<double>(SteadyNanoseconds() - began) * 1e-9);
        mailbox.changed.WaitWithTimeout(&mailbox.mutex, absl::Seconds(std::min(left_seconds, 1.0)));
        continue;
      }
    }
    if (deadline.Passed()) return NothingCame(from, static_cast<double>(SteadyNanoseconds() - began) * 1e-9);
    SleepTowards(arrives, kLongestNapNanoseconds);  // in naps, so that an abort or a new shape is seen
  }
}

absl::StatusOr<int> InProcessHub::WaitAny(int to, std::span<const int> from, uint32_t tag,
                                          Deadline deadline) {
  Mailbox& mailbox = *mailboxes_[static_cast<size_t>(to)];
  const int64_t began = SteadyNanoseconds();
  for (;;) {
    int64_t arrives = INT64_MAX;  // the first of those on their way
    {
      absl::MutexLock lock(&mailbox.mutex);
      if (std::exchange(mailbox.woken, false)) return -1;
      RETURN_IF_ERROR(mailbox.aborted);
      const int64_t now = SteadyNanoseconds();
      int next = -1;  // who is there
      bool is_anyone_left = false;
      const auto turn = [&](int rank) { return (rank - mailbox.last_answered - 1 + size()) % size(); };
      for (const int rank : from) {
        const InProcessPiece* piece = Find(mailbox, rank, tag);
        is_anyone_left |= piece != nullptr || mailbox.gone[static_cast<size_t>(rank)].ok();
        if (piece == nullptr) continue;
        if (const int64_t arrival = ArrivalOf(mailbox, *piece); arrival > now)
          arrives = std::min(arrives, arrival);
        else if (next < 0 || turn(rank) < turn(next))
          next = rank;
      }
      if (next >= 0) return mailbox.last_answered = next;
      if (!is_anyone_left) return AllHaveLeft(from);
      const double left_seconds = deadline.SecondsLeft();
      if (left_seconds <= 0) return NothingCame(from, static_cast<double>(now - began) * 1e-9);
      // The last part is not slept here: it would end late, and another's arrival can be sooner.
      const int64_t sleep = arrives == INT64_MAX ? 1'000'000'000 : arrives - now - kLongestNapNanoseconds;
      if (sleep > 0) {
        const auto longest = static_cast<int64_t>(std::min(left_seconds, 1.0) * 1e9);
        mailbox.changed.WaitWithTimeout(&mailbox.mutex, absl::Nanoseconds(std::min(sleep, longest)));
        continue;
      }
    }
    SleepTowards(arrives, kLongestNapNanoseconds / 5);
  }
}

void InProcessHub::Wake(int to) {
  Mailbox& mailbox = *mailboxes_[static_cast<size_t>(to)];
  absl::MutexLock lock(&mailbox.mutex);
  mailbox.woken = true;
  mailbox.changed.SignalAll();
}

void InProcessHub::SurviveLoss(int to) {
  Mailbox& mailbox = *mailboxes_[static_cast<size_t>(to)];
  absl::MutexLock lock(&mailbox.mutex);
  mailbox.survives_loss = true;
}

bool InProcessHub::IsLost(int to, int from) {
  Mailbox& mailbox = *mailboxes_[static_cast<size_t>(to)];
  absl::MutexLock lock(&mailbox.mutex);
  return !mailbox.gone[static_cast<size_t>(from)].ok();
}

void InProcessHub::GiveBack(int to, InProcessPiece piece) {
  Mailbox& mailbox = *mailboxes_[static_cast<size_t>(to)];
  absl::MutexLock lock(&mailbox.mutex);
  if (piece.lent == nullptr) return mailbox.pool.GiveBack(std::move(piece.block));
  --mailbox.lent[static_cast<size_t>(piece.from)];
  --mailbox.read[static_cast<size_t>(piece.from)];
  mailbox.changed.SignalAll();
}

void InProcessHub::Part(int rank, const absl::Status& why) {
  absl::Status told = why;
  {
    Mailbox& own = *mailboxes_[static_cast<size_t>(rank)];
    absl::MutexLock lock(&own.mutex);
    if (own.closed) return;  // it has parted before
    // Who leaves because another failed says so: the others may not have heard of it yet.
    if (told.ok()) told = own.aborted;
    own.closed = true;
    own.aborted = told.ok() ? absl::FailedPreconditionError("this rank has left the run") : told;
    own.changed.SignalAll();
  }
  for (int other = 0; other < size(); ++other) {
    if (other == rank) continue;
    TakeBack(rank, other, Deadline::After(kReadingSeconds)).IgnoreError();
    Mailbox& mailbox = *mailboxes_[static_cast<size_t>(other)];
    absl::MutexLock lock(&mailbox.mutex);
    absl::Status& gone = mailbox.gone[static_cast<size_t>(rank)];
    gone = told.ok() ? PeerHasLeft(rank) : PeerParted(rank, std::string(told.message()));
    if (!told.ok() && !mailbox.survives_loss && mailbox.aborted.ok()) mailbox.aborted = gone;
    mailbox.changed.SignalAll();
  }
}

}  // namespace concertina
