// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// integer_steps.h: which steps of a recipe lead to products of whole numbers, and what those are worth on
// this processor. On the way of the data: edge/integer_products.h -> here -> experiment/plan_json.cc,
// engine/engine_service.cc.
#pragma once

#include <string_view>

#include "core/base/descriptor.h"

namespace concertina {

// After "int8" and "lsq" weights and activations are bytes; after the others activations are floats.
bool GivesIntegerProducts(std::string_view compressor_kind);

// {"instructions": "avx2", "used": true, "text": "This processor …"}
Json IntegerProductsJson();

}  // namespace concertina
