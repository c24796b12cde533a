// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// strategy.h: what an experiment's exchange promises, as far as a judgement of its results needs to know:
// whether ranks wait for one another, and whether they train what one worker would.
// On the way of the data: experiment.json -> here -> analysis/blame.h, analysis/equality.h.
#pragma once

#include <string>

#include "core/base/descriptor.h"

namespace concertina {

enum class Strategy {
  kLockstep,      // every step's gradient is the average of all ranks
  kAsynchronous,  // a rank goes on without the others, on parameters that are some steps old
  kGossip,        // a rank averages with its neighbours only
  kLocal,         // ranks train apart and average their parameters every few steps
  kFederated,     // clients train apart on their own data and are averaged by round
  kUnknown,       // an exchange of a plugin: nothing is promised
};

// `exchange`: the section of the spec, {"kind": …}. Nothing (a single worker) is lockstep.
Strategy StrategyOf(const Json& exchange);

}  // namespace concertina
