// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// agreed_mean.h: the mean, or the sum, of the vectors of all ranks that are left, the same bits at each,
// whoever dies on the way. On the way of the data: parallel/mixing_exchange.cc, pair_meetings.cc (Settle),
// parallel/federated_exchange.cc (Round) -> here -> comm/roll_call.h, comm/transport.h.
//
// The ranks try, and then say by a roll call whether it went well:
//   1  chunk j of everyone goes to rank j, who adds them in the order of ranks: the same bits every time
//   2  rank j sends what it has got to all
//   3  a roll call: has every rank that is left all of the mean? If one has not, try again without the dead
// Two ranks cannot differ, since nobody takes a mean that another could not have: the word of one that dies
// is heard by all or by none. A rank that dies after it has sent all that it owed is still in the mean.
// Bytes are those of a ring, 2 (N - 1) / N n, in two latencies. Where a rank waits for one that has itself
// given up, no message comes; so every wait looks every 20 ms whether any rank of the try is lost.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "core/comm/roll_call.h"

namespace concertina {

class AgreedMean {
 public:
  // `members` are those of `roll_call`, in its order, and both it and the transport, which survives losses,
  // outlive this. `channel` keeps its messages apart.
  AgreedMean(Transport& transport, RollCall& roll_call, std::vector<int> members, uint16_t channel);

  // All that are left call it together. `mean` (as long as `values`, apart from it) is that of the ranks that
  // were left; after an error it is nothing of use. `deadline_seconds` are for each try and each roll call;
  // there are at most twice as many tries as ranks. Errors: kDeadlineExceeded if a rank lives and says
  // nothing, kDataLoss for a message that is none.
  absl::Status Take(std::span<const float> values, std::span<float> mean, double deadline_seconds) {
    return Agree(values, mean, /*is_mean=*/true, deadline_seconds);
  }
  // The same of the sum.
  absl::Status TakeSum(std::span<const float> values, std::span<float> sum, double deadline_seconds) {
    return Agree(values, sum, /*is_mean=*/false, deadline_seconds);
  }

 private:
  absl::Status Agree(std::span<const float> values, std::span<float> agreed, bool is_mean,
                     double deadline_seconds);
  absl::Status Try(std::span<const float> values, std::span<float> agreed, bool is_mean, Deadline deadline);
  // Until the next message of `from` begins to come, and nobody of the try is lost.
  absl::Status Await(int from, uint32_t tag, Deadline deadline);
  bool IsAnyLost() const;

  Transport& transport_;
  RollCall& roll_call_;
  const std::vector<int> members_;
  const uint16_t channel_;
  uint16_t tries_ = 0;
  std::vector<int> left_;  // who is in the try, ranks of the transport
};

}  // namespace concertina
