// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// runtime.h: runs a model on a small device: one sample, one thread, no allocation once it is loaded.
// On the way of the data: edge/model_file.h -> here -> the answer; edge/latency.h times it.
//
// What a layer is run by follows from its values: whole numbers where its weight has a grid of at most 8 bits
// and its input one of 8 unsigned bits; a sparse kernel where enough of the weight is zero for it to be the
// faster one; else floats. Nothing here pretends: int8 is multiplied as int8, and a zero that costs time is
// counted as work.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "core/base/status.h"
#include "core/graph/graph.h"

namespace concertina {

struct EdgeOptions {
  // A convolution's sparse kernel takes a layer from this share of zeros on. Measured on an AVX2 core (Zen
  // 3): it is even with the dense one near .6.
  double sparse_convolution_from = 0.7;
  // Whether dense layers have the sparse kernel; without a value each has what its weights make faster
  // (FavoursSparse in edge/kernels.h). Neither does anything for an input that is zero.
  std::optional<bool> sparse_dense;
};

class EdgeModel {
 public:
  // The graph in evaluation: what the prediction depends on. Every parameter and buffer has given values.
  // kInvalidArgument, naming the layer, for what cannot run here: a part of a model; activations of more than
  // 1 GiB for one sample, before they are allocated; an activation's grid that has no scale to divide by, or
  // its zero outside of the bytes.
  static absl::StatusOr<std::unique_ptr<EdgeModel>> Create(const Graph& graph,
                                                           const EdgeOptions& options = {});
  ~EdgeModel();

  const Shape& sample() const;
  int64_t outputs() const;

  // The prediction for one sample (ElementCount(sample()) floats), valid until the next call.
  std::span<const float> Run(std::span<const float> sample);

  // The same, and tells every value on the way that is there as floats: of whole-number layers none.
  using Observer = std::function<void(ValueId value, std::span<const float> elements)>;
  std::span<const float> RunObserved(std::span<const float> sample, const Observer& observer);

  // What Run does one after the other, fixed once the model is loaded.
  struct Step {
    std::string layer;   // that it belongs to; "input" and "prediction" are what stands around them all
    std::string weight;  // the name of that layer's weight, where it has one
    std::string work;    // the layer's operator ("conv2d"), or "quantize", "dequantize", "prepare"
    std::string kernel;  // as of Layer; of what only converts: none
    int64_t macs = 0;    // multiply-adds that the kernel does
    bool converts() const { return kernel.empty(); }
  };
  const std::vector<Step>& steps() const;
  // As Run, and writes how long each step took: `seconds` has steps().size() elements. The clock is read once
  // a step, some tens of nanoseconds each; Run itself reads none.
  std::span<const float> RunTimed(std::span<const float> sample, std::span<double> seconds);

  struct Layer {
    std::string name;
    std::string kernel;      // "float", "sparse float", "int8"
    int64_t macs = 0;        // multiply-adds that the kernel does; a zero input may save some
    int64_t dense_macs = 0;  // with no weight left out
    int64_t bytes = 0;       // of the weights, as the kernel has them
  };
  const std::vector<Layer>& layers() const;
  int64_t macs() const;
  int64_t weight_bytes() const;      // in memory, packed
  int64_t activation_bytes() const;  // buffers of all layers

 private:
  struct Impl;
  explicit EdgeModel(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace concertina
