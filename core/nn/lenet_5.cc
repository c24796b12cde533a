// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// lenet_5.cc: LeNet-5 in the form that Caffe made usual: 431,080 parameters on 1x28x28, 10 classes.
// On the way of the data: experiment/spec.h names it -> here -> graph/executor.h.
#include <utility>

#include "core/base/registry.h"
#include "core/nn/layers.h"
#include "core/nn/model.h"

namespace concertina {
namespace {

class LeNet5 final : public Model {
 public:
  explicit LeNet5(Params params) : params_(std::move(params)) {}

  // On 1x28x28:  20x24x24 -> 20x12x12 -> 50x8x8 -> 50x4x4 -> 500 -> classes. No activation follows the
  // convolutions: the pools' maxima are the first non-linearities.
  absl::StatusOr<Graph> Build(const Shape& sample, int64_t classes) const override {
    Layers net(params_, sample);
    net.ExpectImage(16);  // 16 -> 12 -> 6 -> 2 -> 1
    net.Conv("conv1", {.channels = 20, .kernel = 5}).MaxPool(2);
    net.Conv("conv2", {.channels = 50, .kernel = 5}).MaxPool(2);
    net.Dense("dense1", 500).Relu();
    return net.Classify("dense2", classes);
  }

 private:
  Params params_;
};

REGISTER_COMPONENT(
    Model,
    Descriptor(
        {.category = "model",
         .kind = "lenet-5",
         .title = "LeNet-5 (Caffe's)",
         .summary =
             "Two 5x5 convolutions with max pooling, then 500 ReLU units: 431,080 parameters on 28x28.",
         .citation = "LeCun, Bottou, Bengio, Haffner. Gradient-Based Learning Applied to Document "
                     "Recognition. Proceedings of the IEEE 1998; widths of Jia et al. Caffe. ACM MM 2014",
         .params = {InitializerParam()}}),
    [](const Params& params) -> absl::StatusOr<std::unique_ptr<Model>> {
      return std::make_unique<LeNet5>(params);
    });

}  // namespace
}  // namespace concertina
