// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// class_scores.cc: see class_scores.h.
#include "core/edge/class_scores.h"

#include <algorithm>
#include <cmath>

namespace concertina {

std::vector<ClassProbability> LikeliestClasses(std::span<const float> logits, int64_t top) {
  const double most = *std::max_element(logits.begin(), logits.end());
  std::vector<ClassProbability> classes;
  classes.reserve(logits.size());
  double sum = 0;
  for (const float logit : logits) {
    const double weight = std::exp(logit - most);
    classes.push_back({static_cast<int64_t>(classes.size()), weight});
    sum += weight;
  }
  const int64_t count = std::clamp<int64_t>(top, 1, std::ssize(classes));
  std::partial_sort(classes.begin(), classes.begin() + count, classes.end(),
                    [](const ClassProbability& a, const ClassProbability& b) {
                      return a.probability != b.probability ? a.probability > b.probability
                                                            : a.class_index < b.class_index;
                    });
  classes.resize(static_cast<size_t>(count));
  for (ClassProbability& each : classes) each.probability /= sum;
  return classes;
}

}  // namespace concertina
