// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// recipe_listener.cc: see recipe_listener.h.
#include "core/worker/recipe_listener.h"

#include <string>

namespace concertina {

StepLoopListener CountedOn(const StepLoopListener& listener, int64_t steps_before) {
  StepLoopListener told = listener;
  told.progress = [&listener, steps_before](int64_t at, double epoch, const char* phase) {
    listener.progress(steps_before + at, epoch, phase);
  };
  told.checkpoint_written = [&listener, steps_before](int64_t at, const std::string& folder, uint64_t bytes) {
    listener.checkpoint_written(steps_before + at, folder, bytes);
  };
  told.knob_applied = [&listener, steps_before](const proto::Knob& knob, int64_t at,
                                                const absl::Status& status) {
    listener.knob_applied(knob, steps_before + at, status);
  };
  told.state_reached = [&listener, steps_before](const char* state, int64_t at) {
    listener.state_reached(state, steps_before + at);
  };
  if (told.no_room)
    told.no_room = [&listener, steps_before](int64_t at, const std::string& reason) {
      listener.no_room(steps_before + at, reason);
    };
  if (told.checkpoint_missed)
    told.checkpoint_missed = [&listener, steps_before](int64_t at, const std::string& reason) {
      listener.checkpoint_missed(steps_before + at, reason);
    };
  told.gradient_counted = [&listener, steps_before](const GradientHistogram* histogram, int64_t at) {
    listener.gradient_counted(histogram, steps_before + at);
  };
  return told;
}

}  // namespace concertina
