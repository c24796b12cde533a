// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// dataset.cc: what all datasets share (see dataset.h).
#include "core/data/dataset.h"

#include <cmath>

namespace concertina {

void Samples::ReadBatch(std::span<const int64_t> indices, std::span<float> destination) const {
  if (indices.empty()) return;
  const size_t elements = destination.size() / indices.size();
  for (size_t i = 0; i < indices.size(); ++i) Read(indices[i], destination.data() + i * elements);
}

bool IsTestRow(int64_t index, double test_fraction) {
  return std::floor(static_cast<double>(index + 1) * test_fraction) >
         std::floor(static_cast<double>(index) * test_fraction);
}

}  // namespace concertina
