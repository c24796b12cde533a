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

#include "core/worker/json_header.h"
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

Json PackValue(const Value& value, TensorPool& pool) {
  Json json = {{"role", static_cast<int>(value.role)},
               {"name", value.name},
               {"shape", value.shape},
               {"initializer", static_cast<int>(value.initializer)},
               {"fan_in", value.fan_in},
               {"fan_out", value.fan_out},
               {"decays", value.decays},
               {"hold", static_cast<int>(value.hold)}};
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

// Values keep their numbers: the order in which a file has them, and nodes that in which gradients are summed
// and masks are drawn.
Json PackGraph(const Graph& graph, TensorPool& pool) {
  Json values = Json::array(), nodes = Json::array();
  for (const Value& value : graph.values()) values.push_back(PackValue(value, pool));
  for (const Node& node : graph.nodes())
    nodes.push_back({{"kind", OpKindName(node.kind)},
                     {"name", node.name},
                     {"inputs", node.inputs},
                     {"output", node.output},
                     {"attributes", PackAttributes(node.attributes)}});
  return {{"values", std::move(values)},
          {"nodes", std::move(nodes)},
          {"prediction", graph.prediction()},
          {"loss", graph.loss()}};
}

class GraphReader {
 public:
  explicit GraphReader(std::vector<SharedFloats> tensors) : tensors_(std::move(tensors)) {
    for (int kind = 0; OpKindName(static_cast<OpKind>(kind)) != "unknown"; ++kind)
      kinds_[OpKindName(static_cast<OpKind>(kind))] = static_cast<OpKind>(kind);
  }

  Graph Read(const Json& json) const {
    Graph::Parts parts;
    for (const Json& value : json.at("values")) parts.values.push_back(ReadValue(value));
    for (const Json& node : json.at("nodes")) parts.nodes.push_back(ReadNode(node));
    json.at("prediction").get_to(parts.prediction);
    json.at("loss").get_to(parts.loss);
    absl::StatusOr<Graph> graph = Graph::FromParts(std::move(parts));
    if (!graph.ok()) throw NotPacked{std::string(graph.status().message())};
    return *std::move(graph);
  }

 private:
  SharedFloats Tensor(const Json& json) const {
    const auto number = json.get<uint64_t>();
    if (number >= tensors_.size()) throw NotPacked{fmt::format("there is no tensor {}", number)};
    return tensors_[number];
  }

  Value ReadValue(const Json& json) const {
    Value value;
    value.role = EnumOf(json.at("role"), ValueRole::kActivation);
    json.at("name").get_to(value.name);
    json.at("shape").get_to(value.shape);
    value.initializer = EnumOf(json.at("initializer"), Initializer::kXavierNormal);
    json.at("fan_in").get_to(value.fan_in);
    json.at("fan_out").get_to(value.fan_out);
    json.at("decays").get_to(value.decays);
    value.hold = EnumOf(json.at("hold"), Hold::kSparseGrid);
    if (json.contains("given")) {
      value.given = Tensor(json["given"]);
      if (std::ssize(*value.given) != ElementCount(value.shape))
        throw NotPacked{fmt::format("\"{}\" has {} values, expected {}", value.name, value.given->size(),
                                    ShapeText(value.shape))};
    }
    if (!json.contains("grid")) return value;
    const Json& grid = json["grid"];
    value.quantization = Quantization{.bits = grid.at("bits").get<int>(),
                                      .is_signed = grid.at("is_signed").get<bool>(),
                                      .scales = *Tensor(grid.at("scales")),
                                      .zero_point = grid.at("zero_point").get<int32_t>()};
    return value;
  }

  Node ReadNode(const Json& json) const {
    Node node;
    const auto kind = kinds_.find(json.at("kind").get<std::string>());
    if (kind == kinds_.end()) throw NotPacked{"a layer is of an unknown kind"};
    node.kind = kind->second;
    json.at("name").get_to(node.name);
    json.at("inputs").get_to(node.inputs);
    json.at("output").get_to(node.output);
    node.attributes = AttributesOf(json.at("attributes"));
    return node;
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
  std::vector<uint8_t> bytes;
  AppendJsonHeader(json, bytes);
  for (const SharedFloats& tensor : pool.tensors()) {
    const auto* const first = reinterpret_cast<const uint8_t*>(tensor->data());
    bytes.insert(bytes.end(), first, first + tensor->size() * sizeof(float));
  }
  return bytes;
}

absl::StatusOr<std::vector<SharedGraph>> UnpackGraphs(std::span<const uint8_t> bytes) {
  const absl::StatusOr<Json> header = TakeJsonHeader(bytes, bytes.size());
  if (!header.ok()) return Annotate(header.status(), "the models");
  const Json& json = *header;
  try {
    const GraphReader reader(ReadTensors(json.at("tensors"), bytes));
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
