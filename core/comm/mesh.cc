// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// mesh.cc: ranks to coordinates and back (see mesh.h).
// On the way of the data: experiment/plan.h and worker/worker.h -> here -> comm/communicator.h's members.
#include "core/comm/mesh.h"

#include "fmt/format.h"

namespace concertina {
namespace {

constexpr int kMostRanks = 4096;

}  // namespace

absl::StatusOr<Mesh> Mesh::Create(int data, int pipeline, int tensor) {
  if (data < 1 || pipeline < 1 || tensor < 1)
    return absl::InvalidArgumentError(
        fmt::format("a mesh of {} x {} x {}: each axis has at least one worker", data, pipeline, tensor));
  if (int64_t{data} * pipeline > kMostRanks || int64_t{data} * pipeline * tensor > kMostRanks)
    return absl::InvalidArgumentError(
        fmt::format("a mesh of {} x {} x {}: at most {} workers", data, pipeline, tensor, kMostRanks));
  return Mesh({data, pipeline, tensor});
}

std::array<int, 3> Mesh::CoordinatesOf(int rank) const {
  return {rank / (lengths_[1] * lengths_[2]), rank / lengths_[2] % lengths_[1], rank % lengths_[2]};
}

int Mesh::RankAt(std::array<int, 3> coordinates) const {
  return (coordinates[0] * lengths_[1] + coordinates[1]) * lengths_[2] + coordinates[2];
}

std::vector<int> Mesh::GroupOf(int rank, MeshAxis axis) const {
  std::array<int, 3> coordinates = CoordinatesOf(rank);
  std::vector<int> group;
  for (int i = 0; i < length(axis); ++i) {
    coordinates[static_cast<size_t>(axis)] = i;
    group.push_back(RankAt(coordinates));
  }
  return group;
}

}  // namespace concertina
