// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// pages.h: memory that is needed now and then: its addresses stay, what lies there may go.
// On the way of the data: parallel/zero_exchange.cc -> here -> the kernel. The vectors of the executor are
// flat and never move; a rank that keeps a part of one gives the pages of the rest back.
#pragma once

#include <cstdint>
#include <span>

namespace concertina {

// From now on `values` lies in small pages: of a huge one nothing is free before all of it is.
void KeepInSmallPages(std::span<float> values);

// Gives the whole pages within `values` back to the system; what lies on a page together with other numbers
// stays. The numbers are lost: they read as zero, or as they were, until they are written again, which takes
// memory again, some 0.2 µs a page of 4 KiB. `values` is private memory of this process.
void GiveBackPages(std::span<float> values);

// Of `values`, how much is in memory: whole pages, those at both ends included. For tests.
int64_t ResidentBytes(std::span<const float> values);

}  // namespace concertina
