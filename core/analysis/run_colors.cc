// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// run_colors.cc: see run_colors.h.
#include "core/analysis/run_colors.h"

#include <array>

namespace concertina {

int OwnColor(const ColoredRun& run) {
  if (run.chosen > 0) return static_cast<int>((run.chosen - 1) % kRunColors);
  uint32_t hash = 2166136261U;  // FNV-1a: the same in every session
  for (const char c : run.id) hash = (hash ^ static_cast<unsigned char>(c)) * 16777619U;
  return static_cast<int>(hash % kRunColors);
}

std::vector<RunColor> ColorsOf(std::span<const ColoredRun> runs) {
  std::vector<RunColor> colors(runs.size());
  std::vector<bool> has_one(runs.size());
  std::array<bool, kRunColors> taken{};
  int left = kRunColors;
  const auto take = [&](size_t i, int place) {
    colors[i].place = place;
    has_one[i] = true;
    taken[static_cast<size_t>(place)] = true;
    --left;
  };
  for (size_t i = 0; i < runs.size(); ++i)
    if (const int own = OwnColor(runs[i]); runs[i].chosen > 0 && !taken[static_cast<size_t>(own)])
      take(i, own);
  for (size_t i = 0; i < runs.size(); ++i) {
    if (has_one[i]) continue;
    if (left == 0) {  // round again
      taken.fill(false);
      left = kRunColors;
    }
    int place = OwnColor(runs[i]);
    while (taken[static_cast<size_t>(place)]) place = (place + 1) % kRunColors;
    take(i, place);
  }
  std::array<bool, kRunColors> seen{};
  for (RunColor& color : colors) {
    color.is_shared = seen[static_cast<size_t>(color.place)];
    seen[static_cast<size_t>(color.place)] = true;
  }
  return colors;
}

}  // namespace concertina
