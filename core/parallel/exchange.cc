// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// exchange.cc: what most exchanges have in common (see exchange.h).
#include "core/parallel/exchange.h"

namespace concertina {

std::vector<ParameterRange> Exchange::Updates(const std::vector<ParameterSlot>& layout,
                                              const std::vector<int>& /*gradient_order*/, int /*rank*/,
                                              int /*ranks*/) const {
  return {{0, layout.empty() ? 0 : layout.back().offset + layout.back().count}};
}

}  // namespace concertina
