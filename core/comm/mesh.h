// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// mesh.h: the workers arranged on named axes, data x pipeline x tensor.
//   rank = (data * pipeline_size + pipeline) * tensor_size + tensor      (tensor neighbours are nearest)
// Ranks from size() on, which only serve, have coordinates too: of the data axis beyond its length.
#pragma once

#include <array>
#include <string>
#include <vector>

#include "core/base/status.h"

namespace concertina {

enum class MeshAxis { kData = 0, kPipeline = 1, kTensor = 2 };

class Mesh {
 public:
  // Each length at least 1, the product at most 4096.
  static absl::StatusOr<Mesh> Create(int data, int pipeline, int tensor);
  int length(MeshAxis axis) const { return lengths_[static_cast<size_t>(axis)]; }
  int size() const { return lengths_[0] * lengths_[1] * lengths_[2]; }
  std::array<int, 3> CoordinatesOf(int rank) const;
  int RankAt(std::array<int, 3> coordinates) const;
  // The ranks that share all coordinates with `rank` but this axis, in order.
  std::vector<int> GroupOf(int rank, MeshAxis axis) const;

 private:
  explicit Mesh(std::array<int, 3> lengths) : lengths_(lengths) {}
  std::array<int, 3> lengths_;
};

}  // namespace concertina
