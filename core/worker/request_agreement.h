// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// request_agreement.h: ranks agree, every few steps, on how many of the engine's requests all of them have
// received.
//
// A meeting is a gather of a word a rank. It would cost a step of a millisecond a tenth, so ranks meet about
// every kPeriodSeconds: the first rank that is left measures the pace and says after how many steps the next
// one is, which all ranks then know. What a rank has to say of its checkpoint goes with the word.
#pragma once

#include <algorithm>
#include <cstdint>
#include <functional>
#include <optional>
#include <utility>
#include <vector>

#include "core/base/clock.h"
#include "core/base/status.h"

namespace concertina {

class RequestAgreement {
 public:
  static constexpr double kPeriodSeconds = 0.1;
  // Called by all ranks together: what each said, the same on all; nothing of a rank that is lost.
  using Gather = std::function<absl::StatusOr<std::vector<std::optional<int64_t>>>(int64_t word)>;

  explicit RequestAgreement(Gather gather) : gather_(std::move(gather)) {}

  // Before `step`, by every rank: the smallest `received` of all if ranks meet at this step, else what was
  // agreed last. `now`: meet at once (all ranks must say the same).
  absl::StatusOr<uint64_t> Agreed(int64_t step, uint64_t received, bool now) {
    has_met_ = step >= next_step_ || now;
    if (!has_met_) return agreed_;
    const double seconds = Clock::Real().SteadySeconds();
    int64_t pace = 1;
    if (step > last_step_ && last_seconds_ > 0) {
      const double step_seconds = (seconds - last_seconds_) / static_cast<double>(step - last_step_);
      pace = static_cast<int64_t>(std::clamp(kPeriodSeconds / std::max(step_seconds, 1e-9), 1.0, 10000.0));
    }
    ASSIGN_OR_RETURN(const auto words,
                     gather_(static_cast<int64_t>(received << kWordBits | report_ << kPaceBits) | pace));
    reports_.clear();
    agreed_ = UINT64_MAX;
    bool is_first = true;
    for (const std::optional<int64_t>& word : words) {
      std::optional<int>& report = reports_.emplace_back();
      if (!word) continue;
      report = static_cast<int>(*word >> kPaceBits & ((1 << kReportBits) - 1));
      agreed_ = std::min(agreed_, static_cast<uint64_t>(*word) >> kWordBits);
      if (std::exchange(is_first, false))
        next_step_ = step + std::clamp<int64_t>(*word & ((1 << kPaceBits) - 1), 1, 10000);
    }
    last_step_ = step;
    last_seconds_ = seconds;
    return agreed_;
  }

  // What the next meeting hears of this rank: 0 to 3.
  void SetReport(int report) { report_ = static_cast<uint64_t>(report); }
  // Whether the last call was a meeting; and what each rank said at it.
  bool has_met() const { return has_met_; }
  const std::vector<std::optional<int>>& reports() const { return reports_; }

 private:
  static constexpr int kPaceBits = 14;  // up to 10000
  static constexpr int kReportBits = 2;
  static constexpr int kWordBits = kPaceBits + kReportBits;

  const Gather gather_;
  int64_t next_step_ = 0;
  int64_t last_step_ = 0;
  double last_seconds_ = 0;
  uint64_t agreed_ = 0;
  uint64_t report_ = 0;
  bool has_met_ = false;
  std::vector<std::optional<int>> reports_;
};

}  // namespace concertina
