// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// pair_link.h: the emulated link between two workers, of the run's and their own.
// On the way of the data: experiment/spec.h -> here -> worker/step_loop.h, experiment/plan.h.
#pragma once

#include <functional>
#include <span>

#include "core/comm/transport.h"
#include "core/experiment/spec.h"

namespace concertina {

// What bytes meet that cross all of `links`, one after the other: the narrowest one's bandwidth, since the
// others keep up with it, and the sum of the latencies, since a byte flies over each of them; the sum of the
// jitters, which keeps their bounds (the sum of uniform delays is not quite uniform); and 1 - (1 - p)(1 -
// q)... of the losses. A link without a bandwidth (0) is as wide as any; without all, the whole is.
LinkShape InSeries(std::span<const LinkShape> links);

// A worker hangs on the run's network by a link of its own, so what it sends to another crosses three: its
// own, /network, and the other's. The same both ways, but that each direction draws jitter and loss for
// itself, by the run's seed. (That a worker's own link is shared by all that it sends to is not emulated:
// each pair has it whole.)
LinkShape PairLink(const Spec& spec, int rank, int other);

// Gives all that comes to this rank the link of its pair, and what `faults` make of it; the other direction
// is set by the other ends. Any thread, as often as the spec or the faults change.
using LinkFaults = std::function<LinkShape(LinkShape link, int from)>;
void ShapeLinks(const Spec& spec, Transport& transport, const LinkFaults& faults = nullptr);

}  // namespace concertina
