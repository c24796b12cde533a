// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// integer_products.h: what this processor has for products of whole numbers, whether the kernels use it, and
// so what int8 can be expected to bring here. On the way of the data: the processor -> here ->
// compress/integer_steps.h.
#pragma once

#include <string>

namespace concertina {

struct IntegerProducts {
  std::string instructions;  // "avx512-vnni", "avx-vnni", "avx2", "dot-product", "neon"; "none"
  bool used = false;         // by edge/integer_convolution.cc
};

// Of the processor that this runs on.
IntegerProducts IntegerProductsHere();

// One of a few whole sentences, without figures: those the recipe measures.
std::string IntegerExpectation(const IntegerProducts& products);

}  // namespace concertina
