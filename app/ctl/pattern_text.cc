// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// pattern_text.cc: see pattern_text.h.
#include "app/ctl/pattern_text.h"

#include <algorithm>

#include "app/ctl/output.h"
#include "core/analysis/traffic_map.h"
#include "fmt/format.h"

namespace concertina::ctl {
namespace {

using Kind = TrafficGroup::Kind;

constexpr size_t kMostRows = 16;

bool IsServer(const TrafficMap& map, int rank) {
  return std::any_of(map.ranks.begin(), map.ranks.end(),
                     [rank](const TrafficRank& one) { return one.rank == rank && one.server; });
}

std::string WhoToWhom(const TrafficGroup& group, const TrafficMap& map) {
  const bool several_axes =
      std::count_if(map.lengths.begin(), map.lengths.end(), [](int length) { return length > 1; }) > 1;
  const std::string along =
      several_axes ? fmt::format(" on the {} axis", kMeshAxes[static_cast<size_t>(group.axis)]) : "";
  const char* worker = map.lengths[1] * map.lengths[2] > 1 ? "each worker of that part" : "each worker";
  const char* each = group.axis == 1 ? "each stage" : "each rank";
  switch (group.kind) {
    case Kind::kNext:
      return fmt::format("{} → next{}", each, along);
    case Kind::kPrevious:
      return fmt::format("{} → previous{}", each, along);
    case Kind::kOther:
      return fmt::format("{} → the other{}", each, along);
    case Kind::kOffset:
      return fmt::format("{} → the one {} further{}", each, group.distance, along);
    case Kind::kPartner:
      return fmt::format("{} → its partner at distance {}{}", each, group.distance, along);
    case Kind::kEveryOther:
      return fmt::format("{} → every other{}", each, along);
    case Kind::kToHub:
      return fmt::format("{} → {} {}", worker, IsServer(map, group.hub) ? "server" : "rank", group.hub);
    case Kind::kFromHub:
      return fmt::format("{} {} → {}", IsServer(map, group.hub) ? "server" : "rank", group.hub, worker);
    case Kind::kPair:
      break;
  }
  return fmt::format("{} → {}", group.from, group.to);
}

}  // namespace

std::string PatternText(const std::string& plan_json) {
  const TrafficMap map = TrafficMapOf(plan_json);
  const std::vector<TrafficGroup> groups = TrafficGroupsOf(map);
  if (groups.empty()) return "";
  const TrafficFlow* slowest = map.SlowestFlow();
  const std::string link =
      slowest == nullptr
          ? ""
          : fmt::format("slowest link: {} → {}, {}: at least {:.3g} ms a step\n", slowest->from, slowest->to,
                        slowest->LinkText(), slowest->LinkSeconds() * 1e3);
  if (groups.size() == 1)
    return fmt::format("{}: {} in {:.4g} messages a step; {:.4g} rounds wait for one another\n",
                       WhoToWhom(groups[0], map), BytesText(groups[0].bytes), groups[0].messages,
                       map.rounds) +
           link;
  std::vector<std::vector<std::string>> rows;
  for (size_t i = 0; i < std::min(kMostRows, groups.size()); ++i)
    rows.push_back({" " + WhoToWhom(groups[i], map), BytesText(groups[i].bytes),
                    fmt::format("{:.4g}", groups[i].messages), fmt::format("{}", groups[i].flows)});
  std::string text = TableText({" from → to", "bytes a step", "messages", "flows"}, rows);
  if (groups.size() > kMostRows) {
    double bytes = 0;
    for (size_t i = kMostRows; i < groups.size(); ++i) bytes += groups[i].bytes * groups[i].flows;
    text += fmt::format(" and {} more, {} together\n", groups.size() - kMostRows, BytesText(bytes));
  }
  return text + fmt::format(" {:.4g} rounds wait for one another\n", map.rounds) +
         (link.empty() ? "" : " " + link);
}

}  // namespace concertina::ctl
