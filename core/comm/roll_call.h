// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// roll_call.h: every rank says a word, all hear the same words, and all agree who is gone, whoever dies on
// the way. On the way of the data: parallel/mixing_exchange.h (Meet) -> here -> comm/transport.h.
//
// A rank that dies in the middle has told some and not others. So what is heard is passed on, in rounds:
//   round 1       each tells its word to all
//   round r       each tells all that it has heard. Who hears of the same ranks in two rounds on end has all
//                 that anyone who lives can have; it decides, and says so in one round more, which whoever
//                 is still in doubt then takes
// [early-deciding flooding: Dolev, Reischuk, Strong. Early stopping in Byzantine agreement. JACM 1990; for
// crashes see Raynal. Fault-tolerant Agreement in Synchronous Message-passing Systems. 2010]. Rounds need no
// clock: a round ends with a message, or the loss, of each. When nobody dies it is one latency and two
// messages to everyone; f deaths in its course cost at most f + 1 rounds more. Messages are 9 N + 24 bytes.
//
// It is agreement among the ranks that live. It rests on losses being so: a transport calls nobody lost that
// goes on. Two ranks that have lost each other and live still hear of each other through the others.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <vector>

#include "absl/functional/function_ref.h"
#include "core/comm/transport.h"

namespace concertina {

class RollCall {
 public:
  static constexpr size_t kHeadBytes = 24;

  // `members`: ranks of the transport in group order, this rank among them; the transport survives losses.
  // Several may share a transport; `channel` keeps their messages apart.
  RollCall(Transport& transport, std::vector<int> members, uint16_t channel);

  // All that are left call it together. Gives what each said, in group order; nothing of those that are gone,
  // from then on for ever. `meanwhile` is called about every 0.1 s; there is no deadline: who hangs is seen
  // by others, and killed. Errors: those of `meanwhile`, kDataLoss for a message that is none.
  absl::StatusOr<std::vector<std::optional<int64_t>>> Call(int64_t word,
                                                           absl::FunctionRef<absl::Status()> meanwhile);
  // By the last call: who is gone, in group order.
  bool is_gone(int member) const { return !there_[static_cast<size_t>(member)]; }

  static constexpr size_t MessageBytesOf(size_t members) { return kHeadBytes + 9 * members; }

 private:
  absl::Status Tell(bool is_decided);
  // True: a message of this round. False: it is gone.
  absl::StatusOr<bool> Hear(size_t member, absl::FunctionRef<absl::Status()> meanwhile, bool& is_decided);
  absl::StatusOr<bool> Take(size_t member, bool& is_decided);
  size_t MessageBytes() const { return MessageBytesOf(members_.size()); }

  Transport& transport_;
  const std::vector<int> members_;
  const uint32_t tag_;
  size_t self_ = 0;
  uint64_t call_ = 0, round_ = 0;
  std::vector<std::optional<int64_t>> words_;     // heard in this call
  std::vector<char> there_;                       // by the last call
  std::vector<char> heard_;                       // in the last round
  std::array<std::vector<uint8_t>, 2> messages_;  // what was told in this round and the one before
  std::vector<uint8_t> received_;
};

}  // namespace concertina
