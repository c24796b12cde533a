// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// cut.cc: finds where a graph can be cut, and cuts it (see cut.h).
// On the way of the data: nn/model.h -> here -> graph/stage.h.
#include "core/graph/cut.h"

#include <algorithm>
#include <limits>
#include <map>

#include "fmt/format.h"
#include "fmt/ranges.h"

namespace concertina {
namespace {

bool IsKept(const Value& value) {
  return value.role == ValueRole::kParameter || value.role == ValueRole::kBuffer;
}

// The layers of a model as a spec knows them: what tensor parallelism puts before one belongs to it.
std::string LayerAt(const Graph& graph, size_t node) {
  const std::vector<Node>& nodes = graph.nodes();
  while (node + 1 < nodes.size() && nodes[node].kind == OpKind::kCopyToTensor) ++node;
  return nodes[node].name;
}

bool HasParameters(const Graph& graph, int first, int end) {
  for (int n = first; n < end; ++n)
    for (const ValueId id : graph.nodes()[static_cast<size_t>(n)].inputs)
      if (graph.value(id).role == ValueRole::kParameter) return true;
  return false;
}

// The stages that there can be at most: one begins as soon as the one before it has parameters.
int MostStages(const Graph& graph, const std::vector<Cut>& cuts) {
  int stages = 1, first = 0;
  const auto end = static_cast<int>(graph.nodes().size());
  for (const Cut& cut : cuts)
    if (HasParameters(graph, first, cut.node) && HasParameters(graph, cut.node, end)) {
      ++stages;
      first = cut.node;
    }
  return stages;
}

absl::Status CheckStages(const Graph& graph, const std::vector<int>& cuts) {
  int first = 0;
  for (size_t s = 0; s <= cuts.size(); ++s) {
    const int end = s < cuts.size() ? cuts[s] : static_cast<int>(graph.nodes().size());
    if (!HasParameters(graph, first, end))
      return absl::InvalidArgumentError(
          fmt::format("the stage that begins with layer \"{}\" has nothing to train; move a cut",
                      LayerAt(graph, static_cast<size_t>(first))));
    first = end;
  }
  return absl::OkStatus();
}

}  // namespace

std::vector<Cut> LegalCuts(const Graph& graph) {
  const std::vector<Node>& nodes = graph.nodes();
  const auto end = static_cast<int>(nodes.size());
  // By value: who writes it (-1: nobody, it is there from the start) and its first and last reader.
  std::vector<int> writer(graph.values().size(), -1), first_reader(graph.values().size(), end),
      last_reader(graph.values().size(), -1);
  for (int n = 0; n < end; ++n) {
    const Node& node = nodes[static_cast<size_t>(n)];
    for (const ValueId id : node.inputs) {
      first_reader[IndexOf(id)] = std::min(first_reader[IndexOf(id)], n);
      last_reader[IndexOf(id)] = n;
    }
    writer[IndexOf(node.output)] = n;
  }
  for (const ValueId id : {graph.prediction(), graph.loss()})
    if (id >= 0) last_reader[IndexOf(id)] = end;

  // Nodes that Fuse leaves out, or that must stay with their producer.
  const Graph fused = Fuse(graph);
  std::map<std::string, int> kept;
  for (const Node& node : fused.nodes()) ++kept[node.name];

  std::vector<Cut> cuts;
  for (int n = 1; n < end; ++n) {
    const Node& node = nodes[static_cast<size_t>(n)];
    if (kept.find(node.name) == kept.end() || node.kind == OpKind::kReduceFromTensor ||
        nodes[static_cast<size_t>(n) - 1].kind == OpKind::kCopyToTensor)
      continue;
    int crossing = 0;
    ValueId crosses = -1;
    bool shared = false;  // a parameter that both sides read
    for (size_t i = 0; i < writer.size(); ++i) {
      if (last_reader[i] < n) continue;
      if (IsKept(graph.values()[i])) {
        shared = shared || first_reader[i] < n;
      } else if (writer[i] < n) {
        ++crossing;
        crosses = static_cast<ValueId>(i);
      }
    }
    if (crossing == 1 && !shared && crosses != graph.input())
      cuts.push_back({.node = n, .layer = LayerAt(graph, static_cast<size_t>(n)), .crossing = crosses});
  }
  return cuts;
}

absl::StatusOr<std::vector<int>> BalancedCuts(const Graph& graph, int stages) {
  if (stages < 1)
    return absl::InvalidArgumentError(fmt::format("a pipeline of {} stages, expected at least 1", stages));
  const std::vector<Cut> cuts = LegalCuts(graph);
  if (const int most = MostStages(graph, cuts); stages > most)
    return absl::InvalidArgumentError(
        most == 1
            ? std::string("the model has no place where one activation alone goes from layer to layer, "
                          "with parameters on both sides; take 1, or a model of more layers")
            : fmt::format("the model can be cut into at most {} stages that have parameters; take {} or "
                          "fewer, or a model of more layers",
                          most, most));

  // bounds[i]: where a stage may begin or end.
  std::vector<int> bounds = {0};
  for (const Cut& cut : cuts) bounds.push_back(cut.node);
  bounds.push_back(static_cast<int>(graph.nodes().size()));
  const size_t count = bounds.size();
  std::vector<double> flops(graph.nodes().size() + 1, 0);  // of all nodes before
  std::vector<int> trained(graph.nodes().size() + 1, 0);   // parameters that they read
  for (size_t n = 0; n < graph.nodes().size(); ++n) {
    flops[n + 1] = flops[n] + graph.NodeForwardFlops(graph.nodes()[n]);
    const auto node = static_cast<int>(n);
    trained[n + 1] = trained[n] + (HasParameters(graph, node, node + 1) ? 1 : 0);
  }
  constexpr double kNever = std::numeric_limits<double>::infinity();
  const auto cost = [&](size_t from, size_t to) {
    const auto first = static_cast<size_t>(bounds[from]), end = static_cast<size_t>(bounds[to]);
    return trained[end] == trained[first] ? kNever : flops[end] - flops[first];
  };
  // slowest[s][i]: of the best s + 1 stages for everything before bounds[i]; from[s][i]: where its last
  // begins.
  const auto s_count = static_cast<size_t>(stages);
  std::vector<std::vector<double>> slowest(s_count, std::vector<double>(count, kNever));
  std::vector<std::vector<size_t>> from(s_count, std::vector<size_t>(count, 0));
  for (size_t i = 1; i < count; ++i) slowest[0][i] = cost(0, i);
  for (size_t s = 1; s < s_count; ++s)
    for (size_t i = s + 1; i < count; ++i)
      for (size_t j = s; j < i; ++j) {
        const double slow = std::max(slowest[s - 1][j], cost(j, i));
        if (slow <= slowest[s][i] && slow < kNever) {
          slowest[s][i] = slow;
          from[s][i] = j;
        }
      }
  if (slowest[s_count - 1][count - 1] == kNever)
    return absl::InternalError(fmt::format("no cut into {} stages was found", stages));
  std::vector<int> chosen(s_count - 1);
  size_t end = count - 1;
  for (size_t s = s_count - 1; s > 0; --s) {
    end = from[s][end];
    chosen[s - 1] = bounds[end];
  }
  return chosen;
}

absl::StatusOr<std::vector<int>> NamedCuts(const Graph& graph, const std::vector<std::string>& layers) {
  const std::vector<Cut> cuts = LegalCuts(graph);
  std::vector<int> chosen;
  std::vector<std::string> names;
  for (const Cut& cut : cuts) names.push_back(cut.layer);
  for (const std::string& layer : layers) {
    const auto cut = std::find_if(cuts.begin(), cuts.end(), [&](const Cut& c) { return c.layer == layer; });
    if (cut == cuts.end()) {
      const bool exists = std::any_of(graph.nodes().begin(), graph.nodes().end(),
                                      [&](const Node& node) { return node.name == layer; });
      return absl::InvalidArgumentError(fmt::format(
          "{} \"{}\"{}; a stage can begin with {}",
          exists ? "no stage can begin with layer" : "the model has no layer", layer,
          exists ? ": more than one activation would cross, or it goes with the layer before it" : "",
          names.empty() ? std::string("no layer of this model") : fmt::format("{}", fmt::join(names, ", "))));
    }
    if (!chosen.empty() && cut->node <= chosen.back())
      return absl::InvalidArgumentError(fmt::format(
          "layer \"{}\" does not come behind the layer named before it; name them in the model's order",
          layer));
    chosen.push_back(cut->node);
  }
  RETURN_IF_ERROR(CheckStages(graph, chosen));
  return chosen;
}

absl::StatusOr<std::vector<int>> CutsOf(const Graph& graph, const std::string& text, int stages) {
  if (stages < 2 || text == "balanced") return BalancedCuts(graph, stages);
  std::vector<std::string> layers(1);
  for (const char c : text) {
    if (c == ',') {
      layers.emplace_back();
    } else if (c != ' ') {
      layers.back() += c;
    }
  }
  if (layers.size() + 1 != static_cast<size_t>(stages))
    return absl::InvalidArgumentError(fmt::format(
        "{} layers are named, expected {}, one for each of {} stages but the first; or \"balanced\"",
        layers.size(), stages - 1, stages));
  return NamedCuts(graph, layers);
}

absl::StatusOr<Graph> CutStage(const Graph& graph, const std::vector<int>& cuts, int stage) {
  if (stage < 0 || static_cast<size_t>(stage) > cuts.size())
    return absl::InvalidArgumentError(fmt::format("stage {} of {} stages", stage, cuts.size() + 1));
  if (cuts.empty()) return graph;
  const std::vector<Cut> legal = LegalCuts(graph);
  const auto crossing_of = [&](int node) -> ValueId {
    for (const Cut& cut : legal)
      if (cut.node == node) return cut.crossing;
    return -1;
  };
  int before = 0;
  for (const int cut : cuts) {
    if (cut <= before || crossing_of(cut) < 0)
      return absl::InvalidArgumentError(fmt::format("the graph cannot be cut before node {}", cut));
    before = cut;
  }
  const auto s = static_cast<size_t>(stage);
  const bool is_last = s == cuts.size();
  const int first = stage == 0 ? 0 : cuts[s - 1];
  const int end = is_last ? static_cast<int>(graph.nodes().size()) : cuts[s];
  const ValueId input = stage == 0 ? graph.input() : crossing_of(first);

  std::vector<bool> needed(graph.values().size(), false);
  needed[IndexOf(input)] = true;
  for (int n = first; n < end; ++n) {
    const Node& node = graph.nodes()[static_cast<size_t>(n)];
    needed[IndexOf(node.output)] = true;
    for (const ValueId id : node.inputs) needed[IndexOf(id)] = true;
  }
  // What nobody reads has a place all the same: the gradients of all of the model's parameters are named.
  if (is_last) {
    std::vector<bool> read(graph.values().size(), false);
    for (const Node& node : graph.nodes())
      for (const ValueId id : node.inputs) read[IndexOf(id)] = true;
    for (size_t i = 0; i < read.size(); ++i)
      if (!read[i] && IsKept(graph.values()[i])) needed[i] = true;
  }
  Graph part;
  std::vector<ValueId> place(graph.values().size(), -1);  // ids of the whole -> of the part
  for (size_t i = 0; i < needed.size(); ++i) {
    if (!needed[i]) continue;
    place[i] = static_cast<ValueId>(part.values_.size());
    part.values_.push_back(graph.values()[i]);
  }
  part.input_ = place[IndexOf(input)];
  part.values_[IndexOf(part.input_)].role = ValueRole::kInput;
  for (int n = first; n < end; ++n) {
    Node node = graph.nodes()[static_cast<size_t>(n)];
    for (ValueId& id : node.inputs) id = place[IndexOf(id)];
    node.output = place[IndexOf(node.output)];
    part.nodes_.push_back(std::move(node));
  }
  if (is_last) {
    part.SetOutputs(place[IndexOf(graph.prediction())], place[IndexOf(graph.loss())]);
  } else {
    part.SetOutputs(place[IndexOf(crossing_of(end))], -1);
  }
  return part;
}

}  // namespace concertina
