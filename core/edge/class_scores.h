// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// class_scores.h: what a model gives, as the classes that it holds for the likeliest.
// On the way of the data: edge/runtime.h -> here -> app/edge, serve/served_model.h.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace concertina {

struct ClassProbability {
  int64_t class_index = 0;
  double probability = 0;  // softmax of the logits
};

// The likeliest first; of equals the lower index. As many as `top` says, at least one and at most all.
// `logits`: at least one, finite.
std::vector<ClassProbability> LikeliestClasses(std::span<const float> logits, int64_t top);

}  // namespace concertina
