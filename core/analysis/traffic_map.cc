// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// traffic_map.cc: see traffic_map.h.
#include "core/analysis/traffic_map.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <optional>
#include <set>

#include "fmt/format.h"
#include "nlohmann/json.hpp"

namespace concertina {
namespace {

using Json = nlohmann::json;
using Kind = TrafficGroup::Kind;

constexpr size_t kMostRanks = 4096;
// A vector that N does not divide is cut into pieces that differ by one element.
constexpr double kAlike = 0.01;

std::optional<double> NumberAt(const Json& object, const char* name) {
  if (!object.is_object()) return std::nullopt;
  const auto found = object.find(name);
  if (found == object.end() || !found->is_number()) return std::nullopt;
  const double value = found->get<double>();
  if (!std::isfinite(value) || value < 0) return std::nullopt;
  return value;
}

std::optional<int> IndexAt(const Json& object, const char* name) {
  const std::optional<double> value = NumberAt(object, name);
  if (!value || *value >= kMostRanks || *value != std::floor(*value)) return std::nullopt;
  return static_cast<int>(*value);
}

double SumOf(const std::vector<TrafficFlow>& flows, int TrafficFlow::*end, int rank,
             double TrafficFlow::*figure) {
  double sum = 0;
  for (const TrafficFlow& flow : flows)
    if (flow.*end == rank) sum += flow.*figure;
  return sum;
}

// Finds groups among the flows that are in none yet.
class Grouping {
 public:
  explicit Grouping(const TrafficMap& map) : map_(map), taken_(map.flows.size()) {
    for (const TrafficRank& rank : map.ranks) {
      rank_of_[rank.rank] = &rank;
      workers_ += rank.server ? 0 : 1;
    }
  }

  std::vector<TrafficGroup> Run() {
    Neighbours();
    Partners();
    Hubs();
    for (size_t i = 0; i < map_.flows.size(); ++i)
      if (!taken_[i]) Add({.kind = Kind::kPair, .from = map_.flows[i].from, .to = map_.flows[i].to}, {i});
    JoinEveryOther();
    std::stable_sort(groups_.begin(), groups_.end(), [](const TrafficGroup& a, const TrafficGroup& b) {
      return a.bytes * a.flows > b.bytes * b.flows;
    });
    return std::move(groups_);
  }

 private:
  // The one axis on which two workers differ; -1 if there are several, or a server is among them.
  int AxisOf(const TrafficFlow& flow) const {
    const TrafficRank &from = *rank_of_.at(flow.from), &to = *rank_of_.at(flow.to);
    if (from.server || to.server) return -1;
    int axis = -1;
    for (int i = 0; i < 3; ++i) {
      if (from.axis[static_cast<size_t>(i)] == to.axis[static_cast<size_t>(i)]) continue;
      if (axis >= 0) return -1;
      axis = i;
    }
    return axis;
  }
  int Place(int rank, int axis) const { return rank_of_.at(rank)->axis[static_cast<size_t>(axis)]; }

  bool Alike(const std::vector<size_t>& members) const {
    const TrafficFlow& first = map_.flows[members.front()];
    return std::all_of(members.begin(), members.end(), [&](size_t i) {
      const TrafficFlow& flow = map_.flows[i];
      return std::abs(flow.bytes - first.bytes) <= kAlike * first.bytes &&
             std::abs(flow.messages - first.messages) <= kAlike * first.messages;
    });
  }

  void Add(TrafficGroup group, const std::vector<size_t>& members) {
    for (const size_t i : members) {
      group.bytes += map_.flows[i].bytes;
      group.messages += map_.flows[i].messages;
      taken_[i] = true;
    }
    group.flows = static_cast<int>(members.size());
    group.bytes /= group.flows;
    group.messages /= group.flows;
    groups_.push_back(group);
  }

  // Pipelines do not close: stage s + 1 follows s. The other axes are rings.
  void Neighbours() {
    std::map<std::pair<int, int>, std::vector<size_t>> by_offset;
    for (size_t i = 0; i < map_.flows.size(); ++i) {
      const TrafficFlow& flow = map_.flows[i];
      const int axis = AxisOf(flow);
      if (axis < 0) continue;
      int offset = Place(flow.to, axis) - Place(flow.from, axis);
      const int length = map_.lengths[static_cast<size_t>(axis)];
      if (axis != 1) offset = (offset + length) % length;
      by_offset[{axis, offset}].push_back(i);
    }
    for (const auto& [key, members] : by_offset) {
      const auto [axis, offset] = key;
      const int length = map_.lengths[static_cast<size_t>(axis)];
      // How many ranks have such a neighbour.
      const int whole = axis == 1 ? workers_ / length * (length - std::abs(offset)) : workers_;
      if (static_cast<int>(members.size()) != whole || members.size() < 2 || !Alike(members)) continue;
      TrafficGroup group = {.kind = Kind::kOffset, .axis = axis, .distance = offset};
      if (length == 2 && axis != 1)
        group.kind = Kind::kOther;
      else if (offset == 1)
        group.kind = Kind::kNext;
      else if (offset == (axis == 1 ? -1 : length - 1))
        group.kind = Kind::kPrevious;
      Add(group, members);
    }
  }

  void Partners() {
    std::map<std::pair<int, int>, std::vector<size_t>> by_bit;
    for (size_t i = 0; i < map_.flows.size(); ++i) {
      if (taken_[i]) continue;
      const int axis = AxisOf(map_.flows[i]);
      if (axis < 0) continue;
      const int bit = Place(map_.flows[i].from, axis) ^ Place(map_.flows[i].to, axis);
      if ((bit & (bit - 1)) == 0) by_bit[{axis, bit}].push_back(i);
    }
    for (const auto& [key, members] : by_bit)
      if (static_cast<int>(members.size()) == workers_ && Alike(members))
        Add({.kind = Kind::kPartner, .axis = key.first, .distance = key.second}, members);
  }

  bool IsWithServer(const TrafficFlow& flow) const {
    return rank_of_.at(flow.from)->server || rank_of_.at(flow.to)->server;
  }

  // Every other worker sends to the hub, or gets from it: a parameter server. Each part of a divided model
  // has its own, to which the workers with that part send.
  void Hubs() {
    const int parts = map_.lengths[1] * map_.lengths[2];
    for (const TrafficRank& hub : map_.ranks)
      for (const bool inward : {true, false}) {
        std::vector<size_t> members;
        for (size_t i = 0; i < map_.flows.size(); ++i) {
          const TrafficFlow& flow = map_.flows[i];
          if (!taken_[i] && (inward ? flow.to : flow.from) == hub.rank &&
              (parts == 1 || IsWithServer(flow) || AxisOf(flow) == 0))
            members.push_back(i);
        }
        const size_t others = static_cast<size_t>(workers_ / parts - (hub.server ? 0 : 1));
        if (members.size() == others && members.size() >= 2 && Alike(members))
          Add({.kind = inward ? Kind::kToHub : Kind::kFromHub, .hub = hub.rank}, members);
      }
  }

  // The neighbours at every distance, all alike, are everybody.
  void JoinEveryOther() {
    for (const int axis : {0, 2}) {
      const auto one_of = [axis](const TrafficGroup& group) {
        return group.axis == axis &&
               (group.kind == Kind::kNext || group.kind == Kind::kPrevious || group.kind == Kind::kOffset);
      };
      const auto first = std::find_if(groups_.begin(), groups_.end(), one_of);
      const int length = map_.lengths[static_cast<size_t>(axis)];
      if (length < 3 || std::count_if(groups_.begin(), groups_.end(), one_of) != length - 1) continue;
      const bool alike = std::all_of(groups_.begin(), groups_.end(), [&](const TrafficGroup& group) {
        return !one_of(group) || (std::abs(group.bytes - first->bytes) <= kAlike * first->bytes &&
                                  std::abs(group.messages - first->messages) <= kAlike * first->messages);
      });
      if (!alike) continue;
      TrafficGroup joined = {.kind = Kind::kEveryOther, .axis = axis, .flows = 0};
      for (const TrafficGroup& group : groups_) {
        if (!one_of(group)) continue;
        joined.bytes += group.bytes * group.flows;
        joined.messages += group.messages * group.flows;
        joined.flows += group.flows;
      }
      joined.bytes /= joined.flows;
      joined.messages /= joined.flows;
      groups_.erase(std::remove_if(groups_.begin(), groups_.end(), one_of), groups_.end());
      groups_.push_back(joined);
    }
  }

  const TrafficMap& map_;
  std::vector<bool> taken_;
  std::map<int, const TrafficRank*> rank_of_;
  int workers_ = 0;
  std::vector<TrafficGroup> groups_;
};

}  // namespace

double TrafficFlow::LinkSeconds() const {
  return (bandwidth_mbit > 0 ? bytes * 8e-6 / bandwidth_mbit : 0) + (messages > 0 ? delay_ms() * 1e-3 : 0);
}

std::string TrafficFlow::LinkText() const {
  std::string text;
  if (bandwidth_mbit > 0) text = fmt::format("{:.4g} Mbit/s", bandwidth_mbit);
  if (latency_ms > 0) text += fmt::format("{}{:.4g} ms", text.empty() ? "" : ", ", latency_ms);
  if (delay_ms() > latency_ms * (1 + 1e-9))
    text += fmt::format("{}{:.4g} ms on average", text.empty() ? "" : ", ", delay_ms());
  return text.empty() ? "free" : text;
}

const TrafficFlow* TrafficMap::SlowestFlow() const {
  const TrafficFlow* slowest = nullptr;
  bool alike = true;
  for (const TrafficFlow& flow : flows) {
    alike &= flow.bandwidth_mbit == flows[0].bandwidth_mbit && flow.latency_ms == flows[0].latency_ms &&
             flow.delay_ms() == flows[0].delay_ms();
    if (slowest == nullptr || flow.LinkSeconds() > slowest->LinkSeconds()) slowest = &flow;
  }
  return alike ? nullptr : slowest;
}

double TrafficMap::BytesOut(int rank) const {
  return SumOf(flows, &TrafficFlow::from, rank, &TrafficFlow::bytes);
}
double TrafficMap::BytesIn(int rank) const {
  return SumOf(flows, &TrafficFlow::to, rank, &TrafficFlow::bytes);
}
double TrafficMap::MessagesOut(int rank) const {
  return SumOf(flows, &TrafficFlow::from, rank, &TrafficFlow::messages);
}
double TrafficMap::MessagesIn(int rank) const {
  return SumOf(flows, &TrafficFlow::to, rank, &TrafficFlow::messages);
}
double TrafficMap::total_bytes() const {
  double sum = 0;
  for (const TrafficFlow& flow : flows) sum += flow.bytes;
  return sum;
}
double TrafficMap::InTurn(absl::FunctionRef<double(const TrafficFlow&)> of_flow) const {
  struct Sent {
    double sum = 0, messages = 0;
  };
  std::map<int, Sent> by_rank;
  double most = 0;
  for (const TrafficFlow& flow : flows) {
    const double value = of_flow(flow);
    by_rank[flow.from].sum += value;
    by_rank[flow.from].messages += flow.messages;
    most = std::max(most, value);
  }
  for (const auto& [rank, sent] : by_rank)
    if (sent.messages > 0) most = std::max(most, rounds * sent.sum / sent.messages);
  return most;
}

TrafficMap TrafficMapOf(const std::string& plan_json) {
  TrafficMap map;
  const Json plan = Json::parse(plan_json, nullptr, false);
  if (!plan.is_object()) return map;
  std::set<int> known;
  if (const auto workers = plan.find("workers"); workers != plan.end() && workers->is_array())
    for (const Json& worker : *workers) {
      const std::optional<int> rank = IndexAt(worker, "rank");
      if (!rank || map.ranks.size() == kMostRanks || !known.insert(*rank).second) continue;
      TrafficRank& added = map.ranks.emplace_back();
      added.rank = *rank;
      const auto role = worker.find("role");
      added.server = role != worker.end() && role->is_string() && role->get<std::string>() == "server";
      const auto axis = worker.find("axis");
      if (axis == worker.end() || added.server) continue;
      for (size_t i = 0; i < kMeshAxes.size(); ++i) {
        added.axis[i] = IndexAt(*axis, kMeshAxes[i]).value_or(0);
        map.lengths[i] = std::max(map.lengths[i], added.axis[i] + 1);
      }
    }
  std::sort(map.ranks.begin(), map.ranks.end(),
            [](const TrafficRank& a, const TrafficRank& b) { return a.rank < b.rank; });
  const auto pattern = plan.find("pattern");
  if (pattern == plan.end() || !pattern->is_object()) return map;
  map.rounds = NumberAt(*pattern, "rounds").value_or(0);
  const auto flows = pattern->find("flows");
  if (flows == pattern->end() || !flows->is_array()) return map;
  // Several flows between the same two are one arrow.
  std::map<std::pair<int, int>, size_t> between;
  for (const Json& flow : *flows) {
    const std::optional<int> from = IndexAt(flow, "from"), to = IndexAt(flow, "to");
    if (!from || !to || *from == *to || known.count(*from) == 0 || known.count(*to) == 0) continue;
    const auto [at, fresh] = between.emplace(std::pair(*from, *to), map.flows.size());
    if (fresh) map.flows.push_back({.from = *from, .to = *to});
    map.flows[at->second].bytes += NumberAt(flow, "bytes").value_or(0);
    map.flows[at->second].messages += NumberAt(flow, "messages").value_or(0);
    map.flows[at->second].bandwidth_mbit = NumberAt(flow, "bandwidth_mbit").value_or(0);
    map.flows[at->second].latency_ms = NumberAt(flow, "latency_ms").value_or(0);
    map.flows[at->second].mean_delay_ms = NumberAt(flow, "mean_delay_ms").value_or(0);
  }
  std::stable_sort(map.flows.begin(), map.flows.end(),
                   [](const TrafficFlow& a, const TrafficFlow& b) { return a.bytes > b.bytes; });
  return map;
}

std::vector<TrafficGroup> TrafficGroupsOf(const TrafficMap& map) { return Grouping(map).Run(); }

}  // namespace concertina
