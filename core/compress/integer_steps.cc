// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// integer_steps.cc: see integer_steps.h.
#include "core/compress/integer_steps.h"

#include "core/edge/integer_products.h"
#include "nlohmann/json.hpp"

namespace concertina {

bool GivesIntegerProducts(std::string_view compressor_kind) {
  return compressor_kind == "int8" || compressor_kind == "lsq";
}

Json IntegerProductsJson() {
  const IntegerProducts products = IntegerProductsHere();
  return {{"instructions", products.instructions},
          {"used", products.used},
          {"text", IntegerExpectation(products)}};
}

}  // namespace concertina
