// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// request_agreement.h: ranks agree, every few steps, on how many of the engine's requests all of them have
// received.
//
// A meeting is a gather of 16 bytes a rank. It would cost a step of a millisecond a tenth, so ranks meet
// about every kPeriodSeconds: rank 0 measures the pace and says after how many steps the next one is, which
// all ranks then know.
#pragma once

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <vector>

#include "core/comm/communicator.h"

namespace concertina {

class RequestAgreement {
 public:
  static constexpr double kPeriodSeconds = 0.1;

  RequestAgreement(Communicator& everyone, double deadline_seconds)
      : everyone_(everyone), deadline_seconds_(deadline_seconds) {}

  // Before `step`, by every rank: the smallest `received` of all if ranks meet at this step, else what was
  // agreed last. `now`: meet at once (all ranks must say the same).
  absl::StatusOr<uint64_t> Agreed(int64_t step, uint64_t received, bool now) {
    if (everyone_.size() == 1) return received;
    if (step < next_step_ && !now) return agreed_;
    const double seconds = Clock::Real().SteadySeconds();
    uint64_t mine[2] = {received, 1};
    if (step > last_step_ && last_seconds_ > 0) {
      const double step_seconds = (seconds - last_seconds_) / static_cast<double>(step - last_step_);
      mine[1] =
          static_cast<uint64_t>(std::clamp(kPeriodSeconds / std::max(step_seconds, 1e-9), 1.0, 10000.0));
    }
    RETURN_IF_ERROR(everyone_.AllGather({reinterpret_cast<const uint8_t*>(mine), sizeof mine}, sizeof mine,
                                        gathered_, Deadline::After(deadline_seconds_)));
    agreed_ = UINT64_MAX;
    for (size_t rank = 0; rank < gathered_.size(); ++rank) {
      if (gathered_[rank].size() != sizeof mine)
        return absl::DataLossError("rank " + std::to_string(rank) +
                                   " came to a meeting with a message of a wrong size");
      uint64_t theirs[2];
      std::memcpy(theirs, gathered_[rank].data(), sizeof theirs);
      agreed_ = std::min(agreed_, theirs[0]);
      if (rank == 0) next_step_ = step + static_cast<int64_t>(std::clamp<uint64_t>(theirs[1], 1, 10000));
    }
    last_step_ = step;
    last_seconds_ = seconds;
    return agreed_;
  }

 private:
  Communicator& everyone_;
  const double deadline_seconds_;
  int64_t next_step_ = 0;
  int64_t last_step_ = 0;
  double last_seconds_ = 0;
  uint64_t agreed_ = 0;
  std::vector<std::vector<uint8_t>> gathered_;
};

}  // namespace concertina
