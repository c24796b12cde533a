// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// allocations.h: how often, and how much at once, memory was asked for: what a step must not do, and a
// decoder only as far as its payload may claim.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>

namespace concertina {

extern std::atomic<int64_t> allocations;        // of all threads
extern thread_local size_t largest_allocation;  // in bytes, of this thread, since it was last set to 0

}  // namespace concertina
