// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// sweep_expansion.h: the points of a sweep for a program that knows no components itself.
// On the way of the data: a sweep of ui/pages/sweep_setup.h -> core/experiment/sweep.h -> here -> the window.
#pragma once

#include <string>

#include "core/base/status.h"
#include "core/proto/engine.pb.h"

namespace concertina {

// Every point is checked; the first also against the data in `datasets_folder`, which all of them share but
// for rare sweeps: what is left is found when a run is submitted. A base that is a path is a fault: it would
// be one of this machine. Errors: kDeadlineExceeded where checking takes longer than the call may.
absl::StatusOr<proto::ExpandSweepReply> ExpandedSweep(const proto::ExpandSweepRequest& request,
                                                      const std::string& datasets_folder);

}  // namespace concertina
