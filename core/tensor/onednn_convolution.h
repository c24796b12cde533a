// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// onednn_convolution.h: the same three passes as tensor/convolution.h, by oneDNN's own kernels.
// On the way of the data: graph/convolution_operator.cc -> here -> oneDNN.
//
// oneDNN vectorises over channels, and needs its own layouts: each pass brings what it reads into them and
// what it makes back. Worth it for small batches, and for many channels where it has a Winograd kernel.
//
// Scratch is ours, memory objects and argument lists are made once, and still each primitive asks for memory:
// its only door, dnnl_primitive_execute, makes a std::unordered_map of the arguments (oneDNN 2.6.3,
// src/common/primitive.cpp:211; 3.7.1 has it still), and some kernels an object more. A pass, four primitives
// at most, asks for some 14 pieces of 24 to 160 bytes. They are the same at every step and go back when the
// call ends, so that malloc gives them from the thread's own cache. To be without them takes our own kernels
// alone, which are chosen wherever they are quicker, or an operator new of the whole program.
#pragma once

#include <cstdint>
#include <memory>

#include "absl/status/statusor.h"
#include "core/tensor/convolution.h"

namespace concertina {

enum class ConvolutionPass { kForward, kInputGradient, kWeightGradient };

// One pass. Owned by one executor: a call sets the memory that its primitives read, so it is not for two
// threads.
class OneDnnConvolution {
 public:
  // kUnimplemented if oneDNN has no kernel for the shape.
  static absl::StatusOr<std::unique_ptr<OneDnnConvolution>> Create(const ConvolutionShape& shape,
                                                                   ConvolutionPass pass, bool has_bias);
  ~OneDnnConvolution();

  int64_t scratch_floats() const;
  // Forward: (x, weight, bias or null) -> y.  Input gradient: (dy, weight, null) -> dx.
  // Weight gradient: (x, dy, null) -> dweight.
  void Run(const float* first, const float* second, const float* bias, float* result, float* scratch);

 private:
  struct Parts;
  explicit OneDnnConvolution(std::unique_ptr<Parts> parts);
  std::unique_ptr<Parts> parts_;
};

}  // namespace concertina
