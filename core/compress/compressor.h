// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// compressor.h: a compressor turns a trained model into a smaller one, or one that will be. A component of
// category "compressor"; one step of a recipe. On the way of the data: a trained graph with its values
// (graph.h, Value::given) -> here -> edge/model_file.h, or more training.
//
// What makes a model smaller is in its graph and nowhere else: zeros and equal values, which
// edge/model_file.h writes in few bytes; grids, which edge/ also computes on; layers that are narrower, or
// two instead of one. What later training must leave true is in Value::hold.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "core/base/descriptor.h"
#include "core/data/dataset.h"
#include "core/graph/graph.h"

namespace concertina {

// What a compressor may know besides the model. Graphs have values and outlive the call.
struct CompressContext {
  uint64_t seed = 0;                     // of the run: every draw is Rng(seed, "what for", …)
  std::shared_ptr<const Samples> train;  // for calibration; null where there is no dataset
  int64_t step_index = 0;                // of the recipe, so that two alike draw apart
  std::shared_ptr<const Graph> first;    // the model with its first values, before any training
  std::shared_ptr<const Graph> trained;  // as it was when the recipe began
  std::shared_ptr<const Graph> before;   // as it was before it was last trained; null if it was not
  int round = 0;                         // of rounds()
  // A step that takes long says now and then, on the thread that called it, what it is at: "layer 3 of 7,
  // conv2". What is no OK ends it, with that: the run was stopped. Empty: nobody listens.
  std::function<absl::Status(const std::string& at)> listener;

  absl::Status Tell(const std::string& at) const { return listener ? listener(at) : absl::OkStatus(); }
};

class Compressor {
 public:
  virtual ~Compressor() = default;
  // The compressed graph. Every parameter and buffer of `graph` has given values, and so have those of the
  // result; `graph` stays as it is. The same arguments give the same model: ranks compress each for itself,
  // and then take rank 0's values, whose last bits may differ where kernels were chosen by measuring.
  // kInvalidArgument, naming the layer, if the model cannot be compressed so; what was wrong with the
  // parameters alone the factory has refused.
  virtual absl::StatusOr<Graph> Apply(const Graph& graph, const CompressContext& context) const = 0;
  // Of what Apply made, once it has trained for retrain_epochs(): what only training needed is taken away.
  virtual absl::StatusOr<Graph> Finish(const Graph& trained) const { return trained; }
  // True where what Apply makes must be whole on every rank while it trains: a pipeline cannot cut it.
  virtual bool trains_whole() const { return false; }
  // Apply is called so often, with context.round 0, 1, …, each followed by its share of retrain_epochs().
  virtual int rounds() const { return 1; }
  // Epochs that the model trains after this step, before the next; 0: none.
  virtual double retrain_epochs() const { return 0; }
  // Factor on the experiment's learning rate while it does.
  virtual double retrain_learning_rate_factor() const { return 1; }
  // Whether the model as it is after this step is to be looked at layer by layer (compress/sensitivity.h).
  virtual bool scans_sensitivity() const { return false; }
};

}  // namespace concertina
