// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// fused_activation.h: the activation that a dense or convolution has taken over from the node after it.
// On the way of the data: graph/dense_operator.cc, graph/convolution_operator.cc -> here ->
// tensor/activation.h.
#pragma once

#include <cstdint>

#include "core/graph/graph.h"
#include "core/tensor/activation.h"

namespace concertina {

struct ActivationKernels {
  ActivationForward* forward = nullptr;
  ActivationBackward* backward = nullptr;
  bool keeps_input = false;  // its derivative needs x, not y
};
ActivationKernels KernelsOf(Activation activation);

// ReLU is done by the product's kernel itself, as the last thing before it stores; the others are a pass over
// what it has stored.
class FusedActivation {
 public:
  FusedActivation(Activation activation, int threads, int64_t count)
      : kernels_(KernelsOf(activation)), activation_(activation), threads_(threads), count_(count) {}

  bool rectify() const { return activation_ == Activation::kRelu; }
  bool keeps_output() const { return kernels_.backward != nullptr && !kernels_.keeps_input; }
  int64_t saved_floats() const { return kernels_.keeps_input ? count_ : 0; }
  // Where the product goes: y, or what is saved of it.
  float* target(float* y, float* saved) const { return kernels_.keeps_input ? saved : y; }
  void Forward(float* y, const float* saved) const {
    if (kernels_.forward == nullptr || rectify()) return;
    kernels_.forward(threads_, count_, kernels_.keeps_input ? saved : y, y);
  }
  // Turns the gradient of y into that of the product, in place.
  void Backward(const float* y, const float* saved, float* gradient) const {
    if (kernels_.backward == nullptr) return;
    kernels_.backward(threads_, count_, kernels_.keeps_input ? saved : y, gradient, false, gradient);
  }

 private:
  ActivationKernels kernels_;
  Activation activation_;
  int threads_;
  int64_t count_;
};

}  // namespace concertina
