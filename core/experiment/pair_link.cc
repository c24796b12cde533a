// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// pair_link.cc: see pair_link.h.
#include "core/experiment/pair_link.h"

#include <algorithm>
#include <array>

#include "core/base/rng.h"

namespace concertina {

LinkShape InSeries(std::span<const LinkShape> links) {
  LinkShape whole;
  for (const LinkShape& link : links) {
    if (link.bandwidth_mbit > 0)
      whole.bandwidth_mbit = whole.bandwidth_mbit > 0 ? std::min(whole.bandwidth_mbit, link.bandwidth_mbit)
                                                      : link.bandwidth_mbit;
    whole.latency_ms += std::max(0.0, link.latency_ms);
    whole.jitter_ms += std::max(0.0, link.jitter_ms);
    whole.loss = 1 - (1 - whole.loss) * (1 - std::clamp(link.loss, 0.0, 1.0));
  }
  return whole;
}

LinkShape PairLink(const Spec& spec, int rank, int other) {
  const auto own = [&spec](int of) {
    const WorkerGroup& group = spec.group_of(of);
    return LinkShape{.bandwidth_mbit = group.bandwidth_mbit,
                     .latency_ms = group.latency_ms,
                     .jitter_ms = group.jitter_ms,
                     .loss = group.loss};
  };
  const LinkShape network{.bandwidth_mbit = spec.network.bandwidth_mbit,
                          .latency_ms = spec.network.latency_ms,
                          .jitter_ms = spec.network.jitter_ms,
                          .loss = spec.network.loss};
  LinkShape link = InSeries(std::array{own(rank), network, own(other)});
  link.seed = Rng(spec.seed, "pair", static_cast<uint64_t>(rank) << 32 | static_cast<uint32_t>(other)).Next();
  return link;
}

void ShapeLinks(const Spec& spec, Transport& transport, const LinkFaults& faults) {
  for (int peer = 0; peer < transport.size(); ++peer) {
    if (peer == transport.rank()) continue;
    const LinkShape link = PairLink(spec, peer, transport.rank());
    transport.SetShape(peer, faults ? faults(link, peer) : link);
  }
}

}  // namespace concertina
