// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// all_reduce_pattern.h: who sends what to whom in an all-reduce, along each of its ways.
// On the way of the data: parallel/all_reduce_exchange.cc -> here -> parallel/pattern.h.
#pragma once

#include "core/comm/all_reduce.h"
#include "core/parallel/pattern.h"

namespace concertina {

// Of `buckets` all-reduces of `bytes` together, among `ranks`. What kAuto will choose is not known before the
// links are measured: it is taken for two shots, which sends as few bytes as any.
Pattern AllReducePattern(AllReduceWay way, double bytes, double buckets, int ranks);

}  // namespace concertina
