// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// run_colors.h: one colour a run, the same in tables, charts and reports, and in every session. On the way of
// the data: a run's id and marks -> here -> ui/client/run_marks.h, analysis/export_comparison.h.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

namespace concertina {

inline constexpr int kRunColors = 7;  // of the palettes of ui/charts/palette.h and analysis/export_style.h

struct ColoredRun {
  std::string_view id;
  uint32_t chosen = 0;  // by a person: from 1; 0: none
};
// A place in the palette, from 0: the one that was chosen, or else one that follows from the id.
int OwnColor(const ColoredRun& run);

struct RunColor {
  int place = 0;
  bool is_shared = false;  // with a run before it: there are more runs than colours
};
// Of runs beside each other: each has its own unless another has it already (those that were chosen come
// first); then the next that is free, as long as there is one.
std::vector<RunColor> ColorsOf(std::span<const ColoredRun> runs);

}  // namespace concertina
