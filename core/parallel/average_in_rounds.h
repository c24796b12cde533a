// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// average_in_rounds.h: averages a gradient by a codec whose payloads are summed in several rounds, and adds
// up what that cost. On the way of the data: parallel/all_reduce_exchange.cc -> here -> gradient/codec.h,
// comm/communicator.h.
#pragma once

#include <cstdint>
#include <span>

#include "core/comm/communicator.h"
#include "core/gradient/codec.h"
#include "core/parallel/exchange.h"
#include "core/parallel/layer_meter.h"

namespace concertina {

struct RoundsOfSums {
  Communicator& data;
  AllReduceWay way;
  Deadline deadline;
};

// Replaces `gradient` by what all ranks take for its mean, the same bits on every one. codec.summed_rounds()
// is not null. `before`: room for a copy of the gradient, for the error of this rank's own share.
absl::Status AverageInRounds(Codec& codec, const RoundsOfSums& sums, std::span<float> gradient,
                             std::span<float> before, int64_t step, ExchangeCost& cost,
                             const MeteredPlace& place = {});

}  // namespace concertina
