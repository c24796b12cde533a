// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// difference_feedback.h: the variants of error feedback whose payloads say how the gradient changed.
// On the way of the data: gradient/feedback_wrapper.cc -> here -> the inner codec, and back through
// gradient/integrator.h.
#pragma once

#include <memory>
#include <string_view>

#include "core/gradient/codec.h"

namespace concertina {

// Of "error-feedback" with variant ef21 or econtrol.
std::unique_ptr<Codec> MakeDifferenceFeedback(const Params& params);
// kFailedPrecondition: what is kept means something else in another variant.
absl::Status CheckSameVariant(const Params& params, std::string_view variant);

}  // namespace concertina
