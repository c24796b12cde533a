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
  Mlp(Params params, std::vector<int64_t> hidden, Activation activation)
      : params_(std::move(params)), hidden_(std::move(hidden)), activation_(activation) {}

  absl::StatusOr<Graph> Build(const Shape& sample, int64_t classes) const override {
    Layers net(params_, sample);
    for (size_t i = 0; i < hidden_.size(); ++i)
      net.Dense(fmt::format("dense{}", i + 1), hidden_[i]).Activate(activation_);
    return net.Classify(fmt::format("dense{}", hidden_.size() + 1), classes);
  }

 private:
  Params params_;
  std::vector<int64_t> hidden_;
  Activation activation_;
};

Activation ActivationOf(const std::string& choice) {
  if (choice == "tanh") return Activation::kTanh;
  if (choice == "sigmoid") return Activation::kSigmoid;
  if (choice == "gelu") return Activation::kGelu;
  return Activation::kRelu;
}

// A model of fixed widths: one of the two above with its numbers written down.
Registry::Factory<Model> Fixed(std::vector<int64_t> hidden) {
  return [hidden = std::move(hidden)](const Params& params) -> absl::StatusOr<std::unique_ptr<Model>> {
    return std::make_unique<Mlp>(params, hidden, Activation::kRelu);
  };
}

REGISTER_COMPONENT(
    Model,
    Descriptor({.category = "model",
                .kind = "logistic-regression",
                .title = "Logistic regression",
                .summary = "One dense layer and a softmax: convex, so the loss has one minimum.",
                .citation = "",
                .params = {InitializerParam()}}),
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
         .params = {{.name = "hidden",
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
                    InitializerParam()}}),
    [](const Params& params) -> absl::StatusOr<std::unique_ptr<Model>> {
      return std::make_unique<Mlp>(params, params.IntegerList("hidden"),
                                   ActivationOf(params.Text("activation")));
    });

REGISTER_COMPONENT(
    Model,
    Descriptor(
        {.category = "model",
         .kind = "lenet-300-100",
         .title = "LeNet-300-100",
         .summary = "Two hidden layers of 300 and 100 ReLU units: 266,610 parameters on 28x28, 10 classes.",
         .citation = "LeCun, Bottou, Bengio, Haffner. Gradient-Based Learning Applied to Document "
                     "Recognition. Proceedings of the IEEE 1998",
         .params = {InitializerParam()}}),
    Fixed({300, 100}));

REGISTER_COMPONENT(
    Model,
    Descriptor(
        {.category = "model",
         .kind = "2nn",
         .title = "2NN of federated averaging",
         .summary = "Two hidden layers of 200 ReLU units: 199,210 parameters on 28x28, 10 classes.",
         .citation = "McMahan, Moore, Ramage, Hampson, Agüera y Arcas. Communication-Efficient Learning of "
                     "Deep Networks from Decentralized Data. AISTATS 2017",
         .params = {InitializerParam()}}),
    Fixed({200, 200}));

}  // namespace
}  // namespace concertina
