// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// layers.h: builds a graph layer by layer, so that a model is a short file that reads like its paper's table.
// On the way of the data: each model file here -> here -> graph/graph.h.
//
//   Layers net(params, sample);
//   net.Conv("conv1", {.channels = 20, .kernel = 5}).MaxPool(2).Dense("fc", 500).Relu();
//   return net.Classify("output", classes);
//
// The first error stays, and every later call does nothing: only Classify has to be checked.
// Initial values, unless the model's `initializer` says otherwise: weights and biases uniform within
// +-1/sqrt(fan_in), as PyTorch's layers have them, so that curves can be laid side by side; batch norm's
// scale one and shift zero. As a default He's bound, sqrt(6) times as wide, is worse for all: LeNet-5 without
// activations after its convolutions then ends in NaN at learning rate 0.05 and momentum 0.9.
#pragma once

#include <cstdint>
#include <string>

#include "core/base/descriptor.h"
#include "core/graph/graph.h"

namespace concertina {

// The parameter "initializer" that every model takes whose first weights are drawn. Layers(params, …) obeys
// it.
ParamSpec InitializerParam();

class Layers {
 public:
  // Of a component, whose descriptor has InitializerParam(): weights are drawn as it says. Its kind is named
  // in errors. kInvalidArgument (from Classify) if the sample has no dimension or an empty one.
  Layers(const Params& params, const Shape& sample);
  // Of a model that is no component.
  Layers(std::string model, const Shape& sample);

  // What the next layers need of the sample: C x H x W of at least side x side. Otherwise the error says what
  // the dataset has, and which models take it.
  Layers& ExpectImage(int64_t least_side);

  struct ConvOptions {
    int64_t channels = 0;  // of the output
    int64_t kernel = 1;
    int64_t stride = 1;
    int64_t padding = 0;
    bool bias = true;
  };
  Layers& Conv(const std::string& name, const ConvOptions& options);  // NAME.weight, NAME.bias
  Layers& Dense(const std::string& name, int64_t units);              // flattens an image first
  Layers& BatchNorm(const std::string& name);  // NAME.weight, NAME.bias, NAME.running_mean, NAME.running_var
  Layers& MaxPool(int64_t kernel);             // stride = kernel
  Layers& GlobalAveragePool();
  Layers& Activate(Activation activation);  // kNone adds nothing
  Layers& Relu() { return Activate(Activation::kRelu); }

  // For branches: where we are, going back there, and adding another branch's end to this one's.
  ValueId here() const { return here_; }
  Layers& From(ValueId value);
  Layers& Add(ValueId other);

  // The last dense layer (one logit a class), softmax cross-entropy, and the finished graph. kInvalidArgument
  // if a layer did not fit, if there are fewer than two classes, or more than 2^31 - 1 parameters.
  absl::StatusOr<Graph> Classify(const std::string& name, int64_t classes);

 private:
  const Shape& shape() const { return graph_.value(here_).shape; }
  Layers& Append(OpKind kind, const std::string& name, std::vector<ValueId> inputs,
                 Attributes attributes = {});
  // Parameters with their initial values.
  ValueId Drawn(const std::string& name, Shape shape, int64_t fan_in);
  ValueId DrawnWeight(const std::string& name, Shape shape, int64_t fan_in, int64_t fan_out);
  std::string Unnamed(const std::string& stem);  // "relu3": nodes without parameters are counted

  std::string model_;
  Graph graph_;
  ValueId here_ = -1;
  // Of weights; biases stay within 1 / sqrt(fan_in).
  struct Spread {
    Initializer initializer = Initializer::kKaimingUniform;
    // Kaiming's uniform bound is sqrt(6 / fan_in): six times the fan-in makes it 1 / sqrt(fan_in).
    int64_t fan_in_factor = 6;
  };
  static Spread SpreadOf(const std::string& choice);
  Spread spread_;
  int unnamed_ = 0;
  absl::Status error_;
};

}  // namespace concertina
