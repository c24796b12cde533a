// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// parallel_for.h: splits a loop over OpenMP's threads, the same ones that oneDNN uses.
// On the way of the data: every kernel of core/tensor takes its share of rows, tiles or channels from here.
//
// An item is always computed whole by one thread and in the same way, so the bits do not depend on how many
// threads there are. One thread means the calling one: nothing is spawned.
#pragma once

#include <cstdint>

namespace concertina {

// Calls body(begin, end) so that [0, count) is covered once. `body` may run on several threads at once.
template <class Body>
void ParallelFor(int threads, int64_t count, const Body& body) {
  if (threads <= 1 || count <= 1) {
    if (count > 0) body(int64_t{0}, count);
    return;
  }
  const int64_t parts = threads < count ? threads : count;
#pragma omp parallel for num_threads(static_cast <int>(parts)) schedule(static, 1)
  for (int64_t part = 0; part < parts; ++part) body(count * part / parts, count * (part + 1) / parts);
}

}  // namespace concertina
