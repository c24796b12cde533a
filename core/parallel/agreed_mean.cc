// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// agreed_mean.cc: see agreed_mean.h.
#include "core/parallel/agreed_mean.h"

#include <algorithm>
#include <cassert>
#include <cstring>
#include <utility>

#include "core/base/log.h"
#include "core/parallel/float_pieces.h"
#include "fmt/format.h"

namespace concertina {
namespace {

constexpr double kLookSeconds = 0.02;

}  // namespace

AgreedMean::AgreedMean(Transport& transport, RollCall& roll_call, std::vector<int> members, uint16_t channel)
    : transport_(transport), roll_call_(roll_call), members_(std::move(members)), channel_(channel) {}

absl::Status AgreedMean::Agree(std::span<const float> values, std::span<float> agreed, bool is_mean,
                               double deadline_seconds) {
  assert(agreed.size() == values.size());
  for (;;) {
    left_.clear();
    for (size_t member = 0; member < members_.size(); ++member)
      if (!roll_call_.is_gone(static_cast<int>(member))) left_.push_back(members_[member]);
    const absl::Status tried = Try(values, agreed, is_mean, Deadline::After(deadline_seconds));
    const bool is_loss = (absl::IsUnavailable(tried) || absl::IsFailedPrecondition(tried)) && IsAnyLost();
    if (!tried.ok() && !is_loss) return tried;
    // Nothing of this try may be under way when `agreed` is written again, by the next one or by the caller.
    for (const int other : left_)
      if (other != transport_.rank())
        RETURN_IF_ERROR(transport_.Flush(other, Deadline::After(deadline_seconds)));

    const Deadline deadline = Deadline::After(deadline_seconds);
    ASSIGN_OR_RETURN(const auto words, roll_call_.Call(tried.ok() ? 1 : 0, [&]() -> absl::Status {
      if (!deadline.Passed()) return absl::OkStatus();
      return absl::DeadlineExceededError(fmt::format(
          "rank {}: not all have said within {:.3g} s whether they have the last mean; a rank hangs",
          transport_.rank(), deadline_seconds));
    }));
    if (std::all_of(words.begin(), words.end(), [](const auto& word) { return word.value_or(1) == 1; }))
      return absl::OkStatus();
    if (!tried.ok())
      spdlog::warn("rank {}: {}; those that are left take the last mean again", transport_.rank(),
                   std::string(tried.message()));
  }
}

absl::Status AgreedMean::Try(std::span<const float> values, std::span<float> agreed, bool is_mean,
                             Deadline deadline) {
  const size_t ranks = left_.size();
  const auto self =
      static_cast<size_t>(std::find(left_.begin(), left_.end(), transport_.rank()) - left_.begin());
  const auto begin_of = [&](size_t member) { return values.size() * member / ranks; };
  const auto count_of = [&](size_t member) { return begin_of(member + 1) - begin_of(member); };
  const uint32_t sum_tag = uint32_t{channel_} << 16 | uint32_t{static_cast<uint16_t>(2 * tries_)};
  const uint32_t mean_tag = sum_tag | 1;
  ++tries_;

  // Each begins with its next, so that nobody is everybody's first.
  for (size_t i = 1; i < ranks; ++i) {
    const size_t to = (self + i) % ranks;
    transport_.Note(
        {.kind = MessageKind::kReduce, .part = static_cast<int>(to), .parts = static_cast<int>(ranks)});
    RETURN_IF_ERROR(transport_.Send(left_[to], sum_tag,
                                    std::as_bytes(values.subspan(begin_of(to), count_of(to))), deadline));
  }
  const std::span<float> own = agreed.subspan(begin_of(self), count_of(self));
  std::fill(own.begin(), own.end(), 0.0F);
  const auto add = [&](size_t first, std::span<const float> others) {
    for (size_t i = 0; i < others.size(); ++i) own[first + i] += others[i];
  };
  for (size_t from = 0; from < ranks; ++from) {
    if (from == self) {
      add(0, values.subspan(begin_of(self), count_of(self)));
      continue;
    }
    RETURN_IF_ERROR(Await(left_[from], sum_tag, deadline));
    FloatPieces pieces(add);
    RETURN_IF_ERROR(
        transport_.Receive(left_[from], sum_tag, own.size_bytes(), deadline,
                           [&](size_t offset, std::span<const std::byte> piece) { pieces(offset, piece); }));
  }
  if (is_mean) {
    const float share = 1.0F / static_cast<float>(ranks);
    for (float& value : own) value *= share;
  }

  for (size_t i = 1; i < ranks; ++i) {
    transport_.Note(
        {.kind = MessageKind::kSpread, .part = static_cast<int>(self), .parts = static_cast<int>(ranks)});
    RETURN_IF_ERROR(
        transport_.Send(left_[(self + i) % ranks], mean_tag, std::as_bytes(std::span(own)), deadline));
  }
  for (size_t i = 1; i < ranks; ++i) {
    const size_t from = (self + i) % ranks;
    const std::span<std::byte> chunk = std::as_writable_bytes(agreed.subspan(begin_of(from), count_of(from)));
    RETURN_IF_ERROR(Await(left_[from], mean_tag, deadline));
    RETURN_IF_ERROR(transport_.Receive(left_[from], mean_tag, chunk.size(), deadline,
                                       [&](size_t offset, std::span<const std::byte> piece) {
                                         std::memcpy(chunk.data() + offset, piece.data(), piece.size());
                                       }));
  }
  return absl::OkStatus();
}

absl::Status AgreedMean::Await(int from, uint32_t tag, Deadline deadline) {
  const int awaited[1] = {from};
  for (;;) {
    const absl::StatusOr<int> come =
        transport_.WaitAny(awaited, tag, Deadline::After(std::min(kLookSeconds, deadline.SecondsLeft())));
    if (come.ok() && *come == from) return absl::OkStatus();
    if (!come.ok() && !absl::IsDeadlineExceeded(come.status())) return come.status();
    for (const int other : left_)
      if (other != transport_.rank() && transport_.is_lost(other))
        return absl::UnavailableError(fmt::format("rank {}: lost in the last mean", other));
    if (deadline.Passed())
      return absl::DeadlineExceededError(fmt::format("rank {}: nothing of the last mean in time", from));
  }
}

bool AgreedMean::IsAnyLost() const {
  return std::any_of(left_.begin(), left_.end(),
                     [this](int other) { return other != transport_.rank() && transport_.is_lost(other); });
}

}  // namespace concertina
