// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// mlp.cc: fully connected models: logistic-regression (no hidden layer), mlp, lenet-300-100, 2nn.
// On the way of the data: experiment/spec.h names it -> here -> graph/executor.h.
//   h_0 = sample, flattened;  h_i = activation(W_i h_(i-1) + b_i);  logits = W h + b
#include <utility>

#include "core/base/registry.h"
#include "core/nn/layers.h"
#include "core/nn/model.h"
#include "fmt/format.h"

namespace concertina {
namespace {

class Mlp final : public Model {
 public:
  Mlp(std::string name, std::vector<int64_t> hidden, Activation activation,
      FirstWeights first_weights = FirstWeights::kFanIn)
      : name_(std::move(name)),
        hidden_(std::move(hidden)),
        activation_(activation),
        first_weights_(first_weights) {}

  absl::StatusOr<Graph> Build(const Shape& sample, int64_t classes) const override {
    Layers net(name_, sample);
    net.DrawWeights(first_weights_);
    for (size_t i = 0; i < hidden_.size(); ++i)
      net.Dense(fmt::format("dense{}", i + 1), hidden_[i]).Activate(activation_);
    return net.Classify(fmt::format("dense{}", hidden_.size() + 1), classes);
  }

 private:
  std::string name_;
  std::vector<int64_t> hidden_;
  Activation activation_;
  FirstWeights first_weights_;
};

Activation ActivationOf(const std::string& choice) {
  if (choice == "tanh") return Activation::kTanh;
  if (choice == "sigmoid") return Activation::kSigmoid;
  if (choice == "gelu") return Activation::kGelu;
  return Activation::kRelu;
}

FirstWeights FirstWeightsOf(const std::string& choice) {
  if (choice == "kaiming") return FirstWeights::kKaiming;
  if (choice == "xavier") return FirstWeights::kXavier;
  return FirstWeights::kFanIn;
}

// A model of fixed widths: one of the two above with its numbers written down.
Registry::Factory<Model> Fixed(std::vector<int64_t> hidden) {
  return [hidden = std::move(hidden)](const Params& params) -> absl::StatusOr<std::unique_ptr<Model>> {
    return std::make_unique<Mlp>(params.kind(), hidden, Activation::kRelu);
  };
}

REGISTER_COMPONENT(
    Model,
    Descriptor({.category = "model",
                .kind = "logistic-regression",
                .title = "Logistic regression",
                .summary = "One dense layer and a softmax: convex, so the loss has one minimum.",
                .citation = ""}),
    Fixed({}));

REGISTER_COMPONENT(
    Model,
    Descriptor(
        {.category = "model",
         .kind = "mlp",
         .title = "Multi-layer perceptron",
         .summary = "Dense layers of chosen widths, for tables and small images.",
         .citation =
             "Rumelhart, Hinton, Williams. Learning Representations by Back-Propagating Errors. Nature 1986",
         .params =
             {{.name = "hidden",
               .type = ParamType::kIntegerList,
               .unit = "units",
               .default_value = {256, 128},
               .minimum = 1,
               .maximum = 65536,
               .doc = "Widths of the hidden layers, from the input to the output. [] has none."},
              {.name = "activation",
               .type = ParamType::kChoice,
               .default_value = "relu",
               .choices = {"relu", "tanh", "sigmoid", "gelu"},
               .doc = "What follows each hidden layer."},
              {.name = "initializer",
               .type = ParamType::kChoice,
               .default_value = "fan-in",
               .choices = {"fan-in", "kaiming", "xavier"},
               .doc = "The first weights are uniform within a bound. fan-in: 1/sqrt(inputs), as PyTorch's "
                      "layers have it. kaiming: sqrt(6/inputs), so that ReLU keeps the variance [He et al. "
                      "2015]. xavier: sqrt(6/(inputs + outputs)), for tanh and sigmoid [Glorot, Bengio "
                      "2010]. Biases are within 1/sqrt(inputs)."}}}),
    [](const Params& params) -> absl::StatusOr<std::unique_ptr<Model>> {
      return std::make_unique<Mlp>(params.kind(), params.IntegerList("hidden"),
                                   ActivationOf(params.Text("activation")),
                                   FirstWeightsOf(params.Text("initializer")));
    });

REGISTER_COMPONENT(
    Model,
    Descriptor(
        {.category = "model",
         .kind = "lenet-300-100",
         .title = "LeNet-300-100",
         .summary = "Two hidden layers of 300 and 100 ReLU units: 266,610 parameters on 28x28, 10 classes.",
         .citation = "LeCun, Bottou, Bengio, Haffner. Gradient-Based Learning Applied to Document "
                     "Recognition. Proceedings of the IEEE 1998"}),
    Fixed({300, 100}));

REGISTER_COMPONENT(
    Model,
    Descriptor(
        {.category = "model",
         .kind = "2nn",
         .title = "2NN of federated averaging",
         .summary = "Two hidden layers of 200 ReLU units: 199,210 parameters on 28x28, 10 classes.",
         .citation = "McMahan, Moore, Ramage, Hampson, Agüera y Arcas. Communication-Efficient Learning of "
                     "Deep Networks from Decentralized Data. AISTATS 2017"}),
    Fixed({200, 200}));

}  // namespace
}  // namespace concertina
