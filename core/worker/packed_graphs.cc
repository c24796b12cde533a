// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// packed_graphs.cc: see packed_graphs.h.
#include "core/worker/packed_graphs.h"

#include <bit>
#include <cstring>
#include <map>
#include <optional>
#include <string>
#include <utility>

#include "fmt/format.h"
#include "nlohmann/json.hpp"

namespace concertina {
namespace {

static_assert(std::endian::native == std::endian::little, "floats are copied as they lie in memory");

using Json = nlohmann::json;
using Floats = std::vector<float>;
using SharedFloats = std::shared_ptr<const Floats>;

// Json's own accessors throw what does not fit; what they cannot see goes the same way, and UnpackGraphs, the
// one door out, makes an error of either.
struct NotPacked {
  std::string what;
};

class TensorPool {
 public:
  size_t Put(SharedFloats floats) {
    const auto [place, is_new] = numbers_.try_emplace(floats.get(), tensors_.size());
    if (is_new) tensors_.push_back(std::move(floats));
    return place->second;
  }
  const std::vector<SharedFloats>& tensors() const { return tensors_; }

 private:
  std::map<const Floats*, size_t> numbers_;
  std::vector<SharedFloats> tensors_;
};

Json PackAttributes(const Attributes& a) {
  return {{"kernel", a.kernel},
          {"stride", a.stride},
          {"padding", a.padding},
          {"rate", a.rate},
          {"momentum", a.momentum},
          {"epsilon", a.epsilon},
          {"activation", static_cast<int>(a.activation)},
          {"shape", a.shape},
          {"temperature", a.temperature},
          {"teacher_share", a.teacher_share},
          {"feature_weight", a.feature_weight},
          {"compares_attention", a.compares_attention},
          {"bits", a.bits},
          {"zero_point", a.zero_point},
          {"parts", a.parts},
          {"adds_bias", a.adds_bias},
          {"first_feature", a.first_feature}};
}

template <class Enum>
Enum EnumOf(const Json& json, Enum last) {
  const auto number = json.get<int64_t>();
  if (number < 0 || number > static_cast<int64_t>(last))
    throw NotPacked{fmt::format("found {} for one of {} kinds", number, static_cast<int64_t>(last) + 1)};
  return static_cast<Enum>(number);
}

Attributes AttributesOf(const Json& json) {
  Attributes a;
  json.at("kernel").get_to(a.kernel);
  json.at("stride").get_to(a.stride);
  json.at("padding").get_to(a.padding);
  json.at("rate").get_to(a.rate);
  json.at("momentum").get_to(a.momentum);
  json.at("epsilon").get_to(a.epsilon);
  a.activation = EnumOf(json.at("activation"), Activation::kGelu);
  json.at("shape").get_to(a.shape);
  json.at("temperature").get_to(a.temperature);
  json.at("teacher_share").get_to(a.teacher_share);
  json.at("feature_weight").get_to(a.feature_weight);
  json.at("compares_attention").get_to(a.compares_attention);
  json.at("bits").get_to(a.bits);
  json.at("zero_point").get_to(a.zero_point);
  json.at("parts").get_to(a.parts);
  json.at("adds_bias").get_to(a.adds_bias);
  json.at("first_feature").get_to(a.first_feature);
  return a;
}

// What is said of any value.
Json PackValue(const Value& value, TensorPool& pool) {
  Json json = {{"decays", value.decays}, {"hold", static_cast<int>(value.hold)}};
  if (value.given != nullptr) json["given"] = pool.Put(value.given);
  if (value.quantization) {
    const Quantization& grid = *value.quantization;
    json["grid"] = {{"bits", grid.bits},
                    {"is_signed", grid.is_signed},
                    {"scales", pool.Put(std::make_shared<const Floats>(grid.scales))},
                    {"zero_point", grid.zero_point}};
  }
  return json;
}

// Nodes in their order, which is that in which gradients are summed and masks are drawn; what has no node (of
// activations, those that Fuse() left) and no role of its own is left out.
Json PackGraph(const Graph& graph, TensorPool& pool) {
  std::vector<int64_t> moved(graph.values().size(), -1);
  int64_t next = 0;
  Json sources = Json::array(), nodes = Json::array();
  for (size_t id = 0; id < graph.values().size(); ++id) {
    const Value& value = graph.values()[id];
    if (value.role == ValueRole::kActivation) continue;
    Json json = PackValue(value, pool);
    json["role"] = static_cast<int>(value.role);
    json["name"] = value.name;
    json["shape"] = value.shape;
    json["initializer"] = static_cast<int>(value.initializer);
    json["fan_in"] = value.fan_in;
    json["fan_out"] = value.fan_out;
    sources.push_back(std::move(json));
    moved[id] = next++;
  }
  for (const Node& node : graph.nodes()) {
    Json json = PackValue(graph.value(node.output), pool);
    json["kind"] = OpKindName(node.kind);
    json["name"] = node.name;
    json["inputs"] = Json::array();
    for (const ValueId id : node.inputs) json["inputs"].push_back(moved[IndexOf(id)]);
    json["attributes"] = PackAttributes(node.attributes);
    nodes.push_back(std::move(json));
    moved[IndexOf(node.output)] = next++;
  }
  const auto place = [&](ValueId id) { return id < 0 ? int64_t{-1} : moved[IndexOf(id)]; };
  return {{"sources", std::move(sources)},
          {"nodes", std::move(nodes)},
          {"prediction", place(graph.prediction())},
          {"loss", place(graph.loss())}};
}

class GraphReader {
 public:
  explicit GraphReader(std::vector<SharedFloats> tensors) : tensors_(std::move(tensors)) {
    for (int kind = 0; OpKindName(static_cast<OpKind>(kind)) != "unknown"; ++kind)
      kinds_[OpKindName(static_cast<OpKind>(kind))] = static_cast<OpKind>(kind);
  }

  Graph Read(const Json& json) const {
    Graph graph;
    for (const Json& source : json.at("sources")) AddSource(source, graph);
    for (const Json& node : json.at("nodes")) AddNode(node, graph);
    const auto place = [&](const char* name) {
      const auto id = json.at(name).get<int64_t>();
      if (id < -1 || id >= std::ssize(graph.values())) throw NotPacked{fmt::format("{} is no value", name)};
      return static_cast<ValueId>(id);
    };
    graph.SetOutputs(place("prediction"), place("loss"));
    return graph;
  }

 private:
  SharedFloats Tensor(const Json& json) const {
    const auto number = json.get<uint64_t>();
    if (number >= tensors_.size()) throw NotPacked{fmt::format("there is no tensor {}", number)};
    return tensors_[number];
  }

  void AddSource(const Json& json, Graph& graph) const {
    const auto name = json.at("name").get<std::string>();
    const auto shape = json.at("shape").get<Shape>();
    const Initializer initializer = EnumOf(json.at("initializer"), Initializer::kXavierNormal);
    ValueId id = -1;
    switch (EnumOf(json.at("role"), ValueRole::kConstant)) {
      case ValueRole::kInput:
        id = graph.AddInput(shape);
        break;
      case ValueRole::kParameter:
        id = graph.AddParameter(name, shape, initializer, json.at("fan_in").get<int64_t>(),
                                json.at("fan_out").get<int64_t>());
        break;
      case ValueRole::kBuffer:
        id = graph.AddBuffer(name, shape, initializer);
        break;
      case ValueRole::kConstant:
        id = graph.AddConstant(name, shape, nullptr);
        break;
      case ValueRole::kActivation:
        throw NotPacked{fmt::format("\"{}\" is an activation that no layer gives", name)};
    }
    Say(json, graph.mutable_value(id));
  }

  void AddNode(const Json& json, Graph& graph) const {
    const auto name = json.at("name").get<std::string>();
    const auto kind = kinds_.find(json.at("kind").get<std::string>());
    if (kind == kinds_.end()) throw NotPacked{fmt::format("layer \"{}\" is of an unknown kind", name)};
    const auto inputs = json.at("inputs").get<std::vector<ValueId>>();
    const absl::StatusOr<ValueId> id =
        graph.AddNode(kind->second, name, inputs, AttributesOf(json.at("attributes")));
    if (!id.ok()) throw NotPacked{std::string(id.status().message())};
    Say(json, graph.mutable_value(*id));
  }

  void Say(const Json& json, Value& value) const {
    json.at("decays").get_to(value.decays);
    value.hold = EnumOf(json.at("hold"), Hold::kLearnedGrid);
    if (json.contains("given")) {
      value.given = Tensor(json["given"]);
      if (std::ssize(*value.given) != ElementCount(value.shape))
        throw NotPacked{fmt::format("\"{}\" has {} values, expected {}", value.name, value.given->size(),
                                    ShapeText(value.shape))};
    }
    if (!json.contains("grid")) return;
    const Json& grid = json["grid"];
    value.quantization = Quantization{.bits = grid.at("bits").get<int>(),
                                      .is_signed = grid.at("is_signed").get<bool>(),
                                      .scales = *Tensor(grid.at("scales")),
                                      .zero_point = grid.at("zero_point").get<int32_t>()};
  }

  std::vector<SharedFloats> tensors_;
  std::map<std::string, OpKind> kinds_;
};

// The tensors behind the header.
std::vector<SharedFloats> ReadTensors(const Json& counts, std::span<const uint8_t> bytes) {
  std::vector<SharedFloats> tensors;
  for (const Json& each : counts) {
    const auto count = each.get<uint64_t>();
    if (count > bytes.size() / sizeof(float)) throw NotPacked{"the tensors are longer than the file"};
    Floats floats(count);
    if (count > 0) std::memcpy(floats.data(), bytes.data(), count * sizeof(float));
    bytes = bytes.subspan(count * sizeof(float));
    tensors.push_back(std::make_shared<const Floats>(std::move(floats)));
  }
  if (!bytes.empty()) throw NotPacked{fmt::format("{} bytes follow the tensors", bytes.size())};
  return tensors;
}

}  // namespace

std::vector<uint8_t> PackGraphs(std::span<const SharedGraph> graphs) {
  TensorPool pool;
  std::map<const Graph*, size_t> numbers;
  Json json = {{"graphs", Json::array()}, {"models", Json::array()}, {"tensors", Json::array()}};
  for (const SharedGraph& graph : graphs) {
    if (graph == nullptr) {
      json["graphs"].push_back(nullptr);
      continue;
    }
    const auto [place, is_new] = numbers.try_emplace(graph.get(), numbers.size());
    if (is_new) json["models"].push_back(PackGraph(*graph, pool));
    json["graphs"].push_back(place->second);
  }
  for (const SharedFloats& tensor : pool.tensors()) json["tensors"].push_back(tensor->size());
  const std::string text = json.dump();
  const uint64_t text_bytes = text.size();
  std::vector<uint8_t> bytes;
  const auto append = [&bytes](const void* from, size_t count) {
    const auto* const begin = static_cast<const uint8_t*>(from);
    bytes.insert(bytes.end(), begin, begin + count);
  };
  append(&text_bytes, sizeof text_bytes);
  append(text.data(), text.size());
  for (const SharedFloats& tensor : pool.tensors()) append(tensor->data(), tensor->size() * sizeof(float));
  return bytes;
}

absl::StatusOr<std::vector<SharedGraph>> UnpackGraphs(std::span<const uint8_t> bytes) {
  uint64_t text_bytes = 0;
  if (bytes.size() < sizeof text_bytes) return absl::DataLossError("the models end too early");
  std::memcpy(&text_bytes, bytes.data(), sizeof text_bytes);
  bytes = bytes.subspan(sizeof text_bytes);
  if (text_bytes > bytes.size()) return absl::DataLossError("the models' header is longer than the file");
  const Json json = Json::parse(bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(text_bytes),
                                nullptr, /*allow_exceptions=*/false);
  try {
    const GraphReader reader(ReadTensors(json.at("tensors"), bytes.subspan(text_bytes)));
    std::vector<SharedGraph> models, graphs;
    for (const Json& model : json.at("models"))
      models.push_back(std::make_shared<const Graph>(reader.Read(model)));
    for (const Json& number : json.at("graphs"))
      graphs.push_back(number.is_null() ? nullptr : models.at(number.get<size_t>()));
    return graphs;
  } catch (const NotPacked& wrong) {
    return absl::DataLossError(fmt::format("the models: {}", wrong.what));
  } catch (const std::exception& wrong) {  // of JSON, of a place in it, or of memory
    return absl::DataLossError(fmt::format("the models: {}", wrong.what()));
  }
}

}  // namespace concertina
