// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// halving_doubling.cc: all-reduce by recursive vector halving and distance doubling [Thakur, Rabenseifner,
// Gropp. Optimization of Collective Communication Operations in MPICH. IJHPCA 2005].
// On the way of the data: comm/all_reduce.cc -> here -> comm/transport.h.
//
// With P = 2^k ranks: at distance d = 1, 2, 4, …, P / 2 rank p and p xor d share one range; each sends the
// other its half and adds what comes to its own. Then P ranks hold a P-th of the sum each, and the same
// exchanges backwards, now of sums, double what each has. 2 k messages and 2 (P - 1) / P n bytes sent. The
// largest go to the nearest rank.
//
// Of other numbers N = P + f, the first 2 f ranks are pairs: the even one gives all it has to the odd one
// first (fold), which gives the sum back in the end (unfold): 2 messages, 2 n bytes and n additions in a row
// more. Each element is summed at one rank and then copied: all ranks hold the same bits.
#include <array>
#include <bit>

#include "core/comm/communicator.h"
#include "core/comm/reduce.h"

namespace concertina {

template <class Sum>
absl::Status Communicator::HalvingDoubling(std::span<typename Sum::Element> values, Deadline deadline,
                                           Sum sum) {
  using Element = typename Sum::Element;
  const int active = static_cast<int>(std::bit_floor(static_cast<unsigned>(size())));  // P
  const int folded = size() - active;                                                  // f
  const bool is_paired = rank_ < 2 * folded;
  const std::span<std::byte> all = std::as_writable_bytes(values);
  if (is_paired && rank_ % 2 == 0) {
    const int odd = global_rank(rank_ + 1);
    transport_.Note({.kind = MessageKind::kReduce});
    RETURN_IF_ERROR(transport_.Send(odd, TagOf(Purpose::kReduce), all, deadline));
    return transport_.Receive(odd, TagOf(Purpose::kSpread), all.size(), deadline, PieceCopier(all));
  }
  if (is_paired)
    RETURN_IF_ERROR(transport_.Receive(global_rank(rank_ - 1), TagOf(Purpose::kReduce), all.size(), deadline,
                                       PieceAdder(values.data(), sum, /*is_last=*/false)));
  const int place = is_paired ? rank_ / 2 : rank_ - folded;
  const auto rank_at = [&](int p) { return global_rank(p < folded ? 2 * p + 1 : p + folded); };

  struct Level {
    std::span<Element> mine, theirs;
  };
  std::array<Level, 32> levels;
  size_t depth = 0;
  std::span<Element> range = values;
  for (int distance = 1; distance < active; distance *= 2) {
    const std::span<Element> lower = range.first(range.size() / 2), upper = range.subspan(lower.size());
    const bool is_lower = (place & distance) == 0;
    const Level level{.mine = is_lower ? lower : upper, .theirs = is_lower ? upper : lower};
    const int partner = rank_at(place ^ distance);
    transport_.Note({.kind = MessageKind::kReduce});
    RETURN_IF_ERROR(transport_.Send(partner, TagOf(Purpose::kReduce), std::as_bytes(level.theirs), deadline));
    RETURN_IF_ERROR(
        transport_.Receive(partner, TagOf(Purpose::kReduce), level.mine.size_bytes(), deadline,
                           PieceAdder(level.mine.data(), sum, /*is_last=*/2 * distance == active)));
    range = level.mine;
    levels[depth++] = level;
  }
  for (int distance = active / 2; distance >= 1; distance /= 2) {
    const Level& level = levels[--depth];
    const int partner = rank_at(place ^ distance);
    transport_.Note({.kind = MessageKind::kSpread});
    RETURN_IF_ERROR(transport_.Send(partner, TagOf(Purpose::kSpread), std::as_bytes(level.mine), deadline));
    // What is overwritten went to the same partner, whose sum could not be here otherwise.
    const std::span<std::byte> theirs = std::as_writable_bytes(level.theirs);
    RETURN_IF_ERROR(
        transport_.Receive(partner, TagOf(Purpose::kSpread), theirs.size(), deadline, PieceCopier(theirs)));
  }
  if (!is_paired) return absl::OkStatus();
  transport_.Note({.kind = MessageKind::kSpread});
  return transport_.Send(global_rank(rank_ - 1), TagOf(Purpose::kSpread), all, deadline);
}

template absl::Status Communicator::HalvingDoubling(std::span<float>, Deadline, FloatSum);
template absl::Status Communicator::HalvingDoubling(std::span<uint16_t>, Deadline, HalfSum);

}  // namespace concertina
