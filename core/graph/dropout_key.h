// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// dropout_key.h: the key of a node's dropout mask at a step.
// On the way of the data: graph/dropout_operator.cc -> here -> tensor/dropout.h.
#pragma once

#include <string>

#include "core/tensor/dropout.h"

namespace concertina {

// The stream of random numbers of a node; made once, so that a step makes no string.
std::string DropoutStream(const std::string& node);
DropoutKey DropoutKeyOf(uint64_t seed, int64_t step, const std::string& stream);

}  // namespace concertina
