// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// runtime_impl.h: the insides of the runtime, which stand in three files: runtime_products.cc (layers that
// multiply by a weight), runtime_elements.cc (layers that go through the elements), and runtime.cc, which
// adds the steps of one node after the other and then only calls them.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <functional>
#include <memory>
#include <new>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "core/base/status.h"
#include "core/edge/kernels.h"
#include "core/edge/runtime.h"
#include "core/graph/graph.h"

namespace concertina {
namespace edge {

// An activation as bytes: x = scale (q - zero_point). A grid of fewer than 8 bits has the first bytes only.
struct ByteGrid {
  float scale = 1;
  int32_t zero_point = 0, most = 255;
  bool operator==(const ByteGrid&) const = default;
};

// Nothing if the value has no grid, or one that bytes cannot be on.
std::optional<ByteGrid> ByteGridOf(const Value& value);

void ActivateInPlace(Activation activation, std::span<float> x);

inline size_t Index(int64_t i) { return static_cast<size_t>(i); }

}  // namespace edge

struct EdgeModel::Impl {
  // Where a value is: as floats, as bytes on a grid, or both. What has a grid of its own is bytes first.
  struct Place {
    float* floats = nullptr;
    uint8_t* bytes = nullptr;
    edge::ByteGrid grid;
    int64_t count = 0;
  };

  explicit Impl(const Graph& whole, EdgeOptions o)
      : graph(Fuse(whole)), options(o), places(graph.values().size()) {}

  // runtime.cc
  absl::Status Prepare();
  // Before anything is allocated: what only a hostile file, or a damaged model, asks for.
  absl::Status CheckGrids(const std::set<ValueId>& needed) const;
  absl::Status CheckRoom(const std::set<ValueId>& needed) const;
  absl::Status Add(const Node& node);

  // runtime_products.cc
  void AddDense(const Node& node);
  absl::Status AddConvolution(const Node& node);
  absl::Status AddDepthwise(const Node& node);
  edge::ConvolutionShape ConvolutionShapeOf(const Node& node) const;
  double PreparedMost(const Node& node) const;  // elements of its padded input, at most
  const float* BiasOf(const Node& node, int64_t padded);
  // Whether the layer can be computed in whole numbers, and with which.
  struct IntegerLayer {
    std::vector<int8_t> weight;
    edge::IntegerTail tail;  // its pointers are of what is kept
    bool as_bytes = false;   // the output
  };
  std::optional<IntegerLayer> AsIntegers(const Node& node, int64_t inputs_of_output);
  // A dense layer's weight for the sparse kernel, where that is to have it; else null.
  std::shared_ptr<edge::SparseDense> AsSparse(const std::vector<float>& weight, int64_t inputs,
                                              int64_t outputs) const;

  // runtime_elements.cc
  void AddPool(const Node& node);
  void AddGlobalPool(const Node& node);
  void AddSum(const Node& node);
  void AddBatchNorm(const Node& node);
  void AddActivation(const Node& node);

  // From the beginning of a line of the cache: rows that lie across two lines cost a dense layer a quarter.
  std::byte* Lines(size_t bytes) {
    constexpr std::align_val_t kLine{64};
    keepers.emplace_back(::operator new(std::max<size_t>(bytes, 1), kLine),
                         [](void* memory) { ::operator delete(memory, kLine); });
    return static_cast<std::byte*>(keepers.back().get());
  }
  // Activations, zero at first.
  template <class T>
  T* Room(int64_t count) {
    const auto bytes = edge::Index(count + edge::kSlack) * sizeof(T);
    activation_bytes += static_cast<int64_t>(bytes);
    return static_cast<T*>(std::memset(Lines(bytes), 0, bytes));
  }
  float* Floats(int64_t count) { return Room<float>(count); }
  uint8_t* Bytes(int64_t count) { return Room<uint8_t>(count); }
  template <class T>
  const T* Keep(const std::vector<T>& weights) {
    const size_t bytes = weights.size() * sizeof(T);
    weight_bytes += static_cast<int64_t>(bytes);
    std::byte* const kept = Lines(bytes);
    if (bytes > 0) std::memcpy(kept, weights.data(), bytes);
    return reinterpret_cast<const T*>(kept);
  }
  // The work of the node that is being added.
  void Then(const char* kernel, std::function<void()> step, int64_t macs = 0) {
    steps.push_back(std::move(step));
    about.push_back({.layer = layer, .weight = weight, .work = work, .kernel = kernel, .macs = macs});
  }
  // What that work needs, or leaves, in another form.
  void Convert(const char* how, std::function<void()> step) {
    steps.push_back(std::move(step));
    about.push_back({.layer = layer, .weight = weight, .work = how, .kernel = "", .macs = 0});
  }

  int64_t CountOf(ValueId id) const { return ElementCount(graph.value(id).shape); }
  Place& place(ValueId id) { return places[IndexOf(id)]; }
  bool HasBytes(ValueId id) { return place(id).bytes != nullptr; }
  // The value as floats, made from its bytes where there are only those.
  const float* FloatsOf(ValueId id);
  // Where a kernel that gives floats writes `id`. Finish(id) comes after its step.
  float* Written(ValueId id);
  // What has a grid is on it from here on.
  void Finish(ValueId id);
  // Where a kernel that gives bytes writes `id`, and nothing comes after its step.
  uint8_t* WrittenBytes(ValueId id, edge::ByteGrid grid);
  void Quantize(const float* from, const Place& to);
  // The same elements under another name, and on its grid where it has one of its own.
  void Alias(ValueId id, ValueId of);
  void Tell(const Node& node, const char* kernel, int64_t macs, int64_t dense_macs, int64_t bytes) {
    layers.push_back({node.name, kernel, macs, dense_macs, bytes});
  }

  Graph graph;
  EdgeOptions options;
  std::vector<Place> places;  // by value
  std::vector<std::function<void()>> steps;
  std::vector<Step> about;                       // each of them
  std::string layer, weight, work;               // of what is being added
  std::vector<std::pair<size_t, ValueId>> told;  // after so many steps the value's floats are there
  std::vector<std::shared_ptr<void>> keepers;    // of weights and activations
  float* input = nullptr;
  const float* prediction = nullptr;
  std::vector<Layer> layers;
  int64_t weight_bytes = 0, activation_bytes = 0;
};

}  // namespace concertina
