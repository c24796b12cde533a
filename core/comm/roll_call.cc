// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// roll_call.cc: see roll_call.h.
// A message, little endian: call u64 | round u64 | decided u64 | by member: 1 if it was heard, u8 | by
// member: its word, i64.
#include "core/comm/roll_call.h"

#include <algorithm>
#include <cassert>
#include <cstring>

#include "fmt/format.h"

namespace concertina {
namespace {

constexpr double kPauseSeconds = 0.1;   // so often `meanwhile` is called
constexpr double kMessageSeconds = 30;  // of a message that has begun to come, or to leave

}  // namespace

RollCall::RollCall(Transport& transport, std::vector<int> members, uint16_t channel)
    : transport_(transport),
      members_(std::move(members)),
      tag_(uint32_t{channel} << 16),
      words_(members_.size()),
      there_(members_.size(), 1),
      heard_(members_.size()) {
  const auto self = std::find(members_.begin(), members_.end(), transport.rank());
  assert(self != members_.end());
  self_ = static_cast<size_t>(self - members_.begin());
  for (auto& message : messages_) message.resize(MessageBytes());
  received_.reserve(MessageBytes());
}

absl::StatusOr<std::vector<std::optional<int64_t>>> RollCall::Call(
    int64_t word, absl::FunctionRef<absl::Status()> meanwhile) {
  ++call_;
  std::fill(words_.begin(), words_.end(), std::nullopt);
  words_[self_] = word;
  std::vector<char> before = there_;
  bool is_decided = false;
  for (round_ = 1; !is_decided; ++round_) {
    RETURN_IF_ERROR(Tell(false));
    bool heard_decision = false;
    for (size_t member = 0; member < members_.size(); ++member) {
      heard_[member] = member == self_;
      if (member == self_ || !before[member]) continue;
      ASSIGN_OR_RETURN(heard_[member], Hear(member, meanwhile, heard_decision));
    }
    is_decided = heard_decision || heard_ == before;
    before = heard_;
  }
  RETURN_IF_ERROR(Tell(true));
  for (size_t member = 0; member < members_.size(); ++member) there_[member] = words_[member].has_value();
  return words_;
}

absl::Status RollCall::Tell(bool is_decided) {
  std::vector<uint8_t>& message = messages_[round_ % messages_.size()];
  const Deadline deadline = Deadline::After(kMessageSeconds);
  // What was told in it two rounds ago has long left.
  for (size_t member = 0; member < members_.size(); ++member)
    if (member != self_ && there_[member])
      if (const absl::Status flushed = transport_.Flush(members_[member], deadline);
          !flushed.ok() && !transport_.is_lost(members_[member]))
        return flushed;
  const uint64_t head[3] = {call_, round_, is_decided ? 1U : 0U};
  static_assert(sizeof head == kHeadBytes);
  std::memcpy(message.data(), head, sizeof head);
  for (size_t member = 0; member < members_.size(); ++member) {
    const int64_t word = words_[member].value_or(0);
    message[kHeadBytes + member] = words_[member].has_value() ? 1 : 0;
    std::memcpy(&message[kHeadBytes + members_.size() + member * sizeof word], &word, sizeof word);
  }
  for (size_t member = 0; member < members_.size(); ++member) {
    if (member == self_ || !there_[member]) continue;
    const absl::Status sent =
        transport_.Send(members_[member], tag_, std::as_bytes(std::span(message)), deadline);
    if (!sent.ok() && !absl::IsUnavailable(sent)) return sent;
  }
  return absl::OkStatus();
}

absl::StatusOr<bool> RollCall::Hear(size_t member, absl::FunctionRef<absl::Status()> meanwhile,
                                    bool& is_decided) {
  const int from[1] = {members_[member]};
  for (;;) {
    const absl::StatusOr<int> come = transport_.WaitAny(from, tag_, Deadline::After(kPauseSeconds));
    if (absl::IsUnavailable(come.status()) && transport_.is_lost(from[0])) return false;
    if (come.ok() && *come == from[0]) {
      const absl::Status received = transport_.ReceiveMessage(from[0], tag_, MessageBytes(),
                                                              Deadline::After(kMessageSeconds), received_);
      if (absl::IsUnavailable(received) && transport_.is_lost(from[0])) return false;
      RETURN_IF_ERROR(received);
      ASSIGN_OR_RETURN(const bool is_of_now, Take(member, is_decided));
      if (is_of_now) return true;
      continue;
    }
    if (!come.ok() && !absl::IsDeadlineExceeded(come.status())) return come.status();
    RETURN_IF_ERROR(meanwhile());
  }
}

// Whether it is of this round, and not left from one that this rank had no need of.
absl::StatusOr<bool> RollCall::Take(size_t member, bool& is_decided) {
  uint64_t head[3] = {};
  if (received_.size() == MessageBytes()) std::memcpy(head, received_.data(), sizeof head);
  const bool is_old = head[0] < call_ || (head[0] == call_ && head[1] < round_);
  if (received_.size() != MessageBytes() || (!is_old && (head[0] != call_ || head[1] != round_)))
    return absl::DataLossError(fmt::format(
        "rank {}: {} bytes of round {} of roll call {}, expected {} bytes of round {} of roll call {}",
        members_[member], received_.size(), head[1], head[0], MessageBytes(), round_, call_));
  if (is_old) return false;
  if (head[2] == 0 && is_decided) return true;  // it is still in doubt, this rank is no more
  if (head[2] != 0) {                           // these words are what all will have
    if (received_[kHeadBytes + self_] == 0)
      return absl::DataLossError(
          fmt::format("rank {}: decided without this rank, which lives", members_[member]));
    std::fill(words_.begin(), words_.end(), std::nullopt);
    is_decided = true;
  }
  for (size_t other = 0; other < members_.size(); ++other) {
    if (received_[kHeadBytes + other] == 0) continue;
    if (!there_[other])
      return absl::DataLossError(
          fmt::format("rank {}: tells a word of rank {}, which is gone", members_[member], members_[other]));
    int64_t word = 0;
    std::memcpy(&word, &received_[kHeadBytes + members_.size() + other * sizeof word], sizeof word);
    words_[other] = word;
  }
  return true;
}

}  // namespace concertina
