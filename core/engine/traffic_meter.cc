// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// traffic_meter.cc: see traffic_meter.h.
#include "core/engine/traffic_meter.h"

#include <algorithm>
#include <cmath>
#include <functional>

namespace concertina {

void TrafficMeter::Take(const proto::Traffic& said, uint32_t incarnation, size_t ranks, double now) {
  if (static_cast<size_t>(said.sent_bytes_size()) != ranks || ranks == 0 || !std::isfinite(said.seconds()))
    return;
  const std::vector<uint64_t> sent(said.sent_bytes().begin(), said.sent_bytes().end());
  const bool goes_on = incarnation == incarnation_ && sent.size() == sent_.size();
  if (goes_on && said.seconds() == seconds_) return;  // heartbeats say it again
  const bool grows = goes_on && said.seconds() > seconds_ &&
                     std::equal(sent.begin(), sent.end(), sent_.begin(), std::greater_equal<>());
  if (grows) {
    before_ = std::move(sent_);
    before_seconds_ = seconds_;
  } else {
    before_.clear();
  }
  sent_ = sent;
  incarnation_ = incarnation;
  seconds_ = said.seconds();
  taken_ = now;
}

std::vector<TrafficMeter::Link> TrafficMeter::Links(uint32_t incarnation, double now) const {
  std::vector<Link> links;
  if (incarnation != incarnation_) return links;
  const double over_seconds = seconds_ - before_seconds_;
  const bool is_fresh = !before_.empty() && now - taken_ <= std::max(kFreshSeconds, 2 * over_seconds);
  for (size_t rank = 0; rank < sent_.size(); ++rank) {
    if (sent_[rank] == 0) continue;
    Link& link = links.emplace_back(Link{.to = rank, .bytes_sent = sent_[rank], .bytes_per_second = {}});
    if (is_fresh) link.bytes_per_second = static_cast<double>(sent_[rank] - before_[rank]) / over_seconds;
  }
  return links;
}

}  // namespace concertina
