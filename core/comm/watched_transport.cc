// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// watched_transport.cc: see watched_transport.h.
#include "core/comm/watched_transport.h"

#include <utility>

namespace concertina {

Deadline WatchedTransport::Longer(Deadline deadline) const {
  if (gate_ == nullptr) return deadline;
  const double opened = gate_->opened_seconds();
  const double seconds = gate_->is_closed() ? kSlowSeconds
                         : opened > 0       ? opened + kGraceSeconds - SteadyNow()
                                            : 0;
  return seconds > deadline.SecondsLeft() ? Deadline::After(seconds) : deadline;
}

MessageNote WatchedTransport::Await(int to, uint32_t tag, size_t bytes) {
  const MessageNote note = std::exchange(note_, {});
  if (gate_ != nullptr && gate_->is_closed() && !passes_ && !is_quiet(tag))
    gate_->Await({.from = rank(), .to = to, .bytes = bytes, .step = ring_.step(), .note = note});
  return note;
}

void WatchedTransport::Write(bool is_received, int peer, uint32_t tag, const MessageNote& note, double begin,
                             size_t bytes) {
  if (begin == 0 || is_quiet(tag)) return;
  ring_.Add({.is_received = is_received,
             .peer = peer,
             .tag = tag,
             .note = note,
             .begin_seconds = begin,
             .end_seconds = SteadyNow(),
             .bytes = bytes});
}

absl::Status WatchedTransport::Send(int to, uint32_t tag, std::span<const std::byte> bytes,
                                    Deadline deadline) {
  const MessageNote note = Await(to, tag, bytes.size());
  const double begin = Begin();
  RETURN_IF_ERROR(inner().Send(to, tag, bytes, Longer(deadline)));
  Write(false, to, tag, note, begin, bytes.size());
  return absl::OkStatus();
}

absl::Status WatchedTransport::Lend(int to, uint32_t tag, std::span<const std::byte> bytes,
                                    Deadline deadline) {
  const MessageNote note = Await(to, tag, bytes.size());
  const double begin = Begin();
  RETURN_IF_ERROR(inner().Lend(to, tag, bytes, Longer(deadline)));
  Write(false, to, tag, note, begin, bytes.size());
  return absl::OkStatus();
}

absl::Status WatchedTransport::Receive(int from, uint32_t tag, size_t size, Deadline deadline, Sink sink) {
  const double begin = Begin();
  RETURN_IF_ERROR(inner().Receive(from, tag, size, Longer(deadline), sink));
  Write(true, from, tag, {}, begin, size);
  return absl::OkStatus();
}

absl::Status WatchedTransport::ReceiveMessage(int from, uint32_t tag, size_t max_size, Deadline deadline,
                                              std::vector<uint8_t>& bytes) {
  const double begin = Begin();
  RETURN_IF_ERROR(inner().ReceiveMessage(from, tag, max_size, Longer(deadline), bytes));
  Write(true, from, tag, {}, begin, bytes.size());
  return absl::OkStatus();
}

absl::Status WatchedTransport::SendReceive(int peer, uint32_t tag, std::span<const std::byte> bytes,
                                           Deadline deadline, Sink sink) {
  const MessageNote note = Await(peer, tag, bytes.size());
  const double begin = Begin();
  RETURN_IF_ERROR(inner().SendReceive(peer, tag, bytes, Longer(deadline), sink));
  Write(false, peer, tag, note, begin, bytes.size());
  Write(true, peer, tag, {}, begin, bytes.size());
  return absl::OkStatus();
}

}  // namespace concertina
