// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// resnet.cc: small residual networks of 16, 32 and 64 channels: resnet-8 and resnet-20.
// On the way of the data: experiment/spec.h names it -> here -> graph/executor.h.
//   block(x) = relu(norm(conv3x3(relu(norm(conv3x3(x))))) + shortcut(x))
// The shortcut is the identity where the shapes agree, else a 1x1 convolution with stride and batch norm
// (option B of the paper; its own CIFAR networks pad with zeros instead, option A, and have no such weights).
#include <utility>

#include "core/base/registry.h"
#include "core/nn/layers.h"
#include "core/nn/model.h"
#include "fmt/format.h"

namespace concertina {
namespace {

void Block(Layers& net, const std::string& name, int64_t channels, int64_t stride, bool projects) {
  const ValueId start = net.here();
  net.Conv(name + ".conv1",
           {.channels = channels, .kernel = 3, .stride = stride, .padding = 1, .bias = false});
  net.BatchNorm(name + ".norm1").Relu();
  net.Conv(name + ".conv2", {.channels = channels, .kernel = 3, .padding = 1, .bias = false});
  net.BatchNorm(name + ".norm2");
  const ValueId residual = net.here();
  net.From(start);
  if (projects) {
    net.Conv(name + ".shortcut", {.channels = channels, .kernel = 1, .stride = stride, .bias = false});
    net.BatchNorm(name + ".shortcut_norm");
  }
  net.Add(residual).Relu();
}

class ResNet final : public Model {
 public:
  ResNet(Params params, int64_t blocks_per_stage)
      : params_(std::move(params)), blocks_per_stage_(blocks_per_stage) {}

  absl::StatusOr<Graph> Build(const Shape& sample, int64_t classes) const override {
    Layers net(params_, sample);
    net.ExpectImage(4);  // two halvings
    net.Conv("conv", {.channels = 16, .kernel = 3, .padding = 1, .bias = false}).BatchNorm("norm").Relu();
    int64_t channels = 16;
    for (int stage = 1; stage <= 3; ++stage) {
      for (int64_t block = 1; block <= blocks_per_stage_; ++block) {
        const bool halves = stage > 1 && block == 1;
        if (halves) channels *= 2;
        Block(net, fmt::format("stage{}.block{}", stage, block), channels, halves ? 2 : 1, halves);
      }
    }
    return net.GlobalAveragePool().Classify("dense", classes);
  }

 private:
  Params params_;
  int64_t blocks_per_stage_;
};

Registry::Factory<Model> Of(int64_t blocks_per_stage) {
  return [blocks_per_stage](const Params& params) -> absl::StatusOr<std::unique_ptr<Model>> {
    return std::make_unique<ResNet>(params, blocks_per_stage);
  };
}

constexpr const char* kCitation =
    "He, Zhang, Ren, Sun. Deep Residual Learning for Image Recognition. CVPR 2016";

REGISTER_COMPONENT(
    Model,
    Descriptor(
        {.category = "model",
         .kind = "resnet-8",
         .title = "ResNet-8",
         .summary = "One residual block for each of 16, 32, 64 channels: 77,754 parameters on 1x28x28.",
         .citation = kCitation,
         .params = {InitializerParam()}}),
    Of(1));
REGISTER_COMPONENT(
    Model,
    Descriptor({.category = "model",
                .kind = "resnet-20",
                .title = "ResNet-20",
                .summary = "Three residual blocks for each of 16, 32, 64 channels, with batch norm.",
                .citation = kCitation,
                .params = {InitializerParam()}}),
    Of(3));

}  // namespace
}  // namespace concertina
