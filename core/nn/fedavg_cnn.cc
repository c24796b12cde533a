// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// fedavg_cnn.cc: the convolutional model of federated averaging: 1,663,370 parameters on 1x28x28, 10 classes.
// On the way of the data: experiment/spec.h names it -> here -> graph/executor.h.
#include <utility>

#include "core/base/registry.h"
#include "core/nn/layers.h"
#include "core/nn/model.h"

namespace concertina {
namespace {

class FedAvgCnn final : public Model {
 public:
  explicit FedAvgCnn(Params params) : params_(std::move(params)) {}

  // On 1x28x28:  32x28x28 -> 32x14x14 -> 64x14x14 -> 64x7x7 -> 512 -> classes. The paper puts its only ReLU
  // after the dense layer. Its count of parameters fixes the padding at 2.
  absl::StatusOr<Graph> Build(const Shape& sample, int64_t classes) const override {
    Layers net(params_, sample);
    net.ExpectImage(4);  // 4 -> 2 -> 1
    net.Conv("conv1", {.channels = 32, .kernel = 5, .padding = 2}).MaxPool(2);
    net.Conv("conv2", {.channels = 64, .kernel = 5, .padding = 2}).MaxPool(2);
    net.Dense("dense1", 512).Relu();
    return net.Classify("dense2", classes);
  }

 private:
  Params params_;
};

REGISTER_COMPONENT(
    Model,
    Descriptor(
        {.category = "model",
         .kind = "fedavg-cnn",
         .title = "CNN of federated averaging",
         .summary =
             "Two 5x5 convolutions with max pooling, then 512 ReLU units: 1,663,370 parameters on 28x28.",
         .citation = "McMahan, Moore, Ramage, Hampson, Agüera y Arcas. Communication-Efficient Learning of "
                     "Deep Networks from Decentralized Data. AISTATS 2017",
         .params = {InitializerParam()}}),
    [](const Params& params) -> absl::StatusOr<std::unique_ptr<Model>> {
      return std::make_unique<FedAvgCnn>(params);
    });

}  // namespace
}  // namespace concertina
