// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// recipe_listener.h: what a stretch of training tells, as the run counts its steps.
// On the way of the data: worker/step_loop.h -> here -> the listener of worker/recipe_loop.h.
#pragma once

#include <cstdint>

#include "core/worker/step_loop.h"

namespace concertina {

// Tells `listener`, which outlives it, of steps that are `steps_before` later; what is empty there is empty
// here.
StepLoopListener CountedOn(const StepLoopListener& listener, int64_t steps_before);

}  // namespace concertina
