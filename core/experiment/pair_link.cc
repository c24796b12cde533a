// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// pair_link.cc: see pair_link.h.
#include "core/experiment/pair_link.h"

#include <algorithm>
#include <array>

namespace concertina {

LinkShape InSeries(std::span<const LinkShape> links) {
  LinkShape whole;
  for (const LinkShape& link : links) {
    if (link.bandwidth_mbit > 0)
      whole.bandwidth_mbit = whole.bandwidth_mbit > 0 ? std::min(whole.bandwidth_mbit, link.bandwidth_mbit)
                                                      : link.bandwidth_mbit;
    whole.latency_ms += std::max(0.0, link.latency_ms);
  }
  return whole;
}

LinkShape PairLink(const Spec& spec, int rank, int other) {
  const auto own = [&spec](int of) {
    const WorkerGroup& group = spec.group_of(of);
    return LinkShape{.bandwidth_mbit = group.bandwidth_mbit, .latency_ms = group.latency_ms};
  };
  const LinkShape network{.bandwidth_mbit = spec.network.bandwidth_mbit,
                          .latency_ms = spec.network.latency_ms};
  return InSeries(std::array{own(rank), network, own(other)});
}

void ShapeLinks(const Spec& spec, Transport& transport) {
  for (int peer = 0; peer < transport.size(); ++peer)
    if (peer != transport.rank()) transport.SetShape(peer, PairLink(spec, peer, transport.rank()));
}

}  // namespace concertina
