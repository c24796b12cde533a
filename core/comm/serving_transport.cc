// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// serving_transport.cc: see serving_transport.h.
#include "core/comm/serving_transport.h"

#include <algorithm>

#include "core/base/clock.h"

namespace concertina {
namespace {

// A wait looks for one tag, so those of others are looked for in turn: who asks waits so long at most.
constexpr double kLookSeconds = 0.001;

}  // namespace

absl::Status ServingTransport::Await(int from, uint32_t tag, Deadline deadline) {
  if (!serve_) return absl::OkStatus();
  const int ranks[1] = {from};
  for (;;) {
    RETURN_IF_ERROR(serve_());
    const double left = deadline.SecondsLeft();
    if (left <= 0) return absl::OkStatus();
    const absl::StatusOr<int> came =
        inner().WaitAny(ranks, tag, Deadline::After(std::min(left, kLookSeconds)));
    // After -1, which is a Wake of somebody's, and where nothing came: on.
    if (came.ok() ? *came >= 0 : !absl::IsDeadlineExceeded(came.status())) return absl::OkStatus();
  }
}

}  // namespace concertina
