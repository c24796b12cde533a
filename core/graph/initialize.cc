// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// initialize.cc: the first values of parameters and buffers, and where each lies in its flat vector.
// On the way of the data: graph/graph.h -> here -> graph/executor.h's parameters().
//
//   Kaiming: variance 2 / fan_in      [He et al. Delving Deep into Rectifiers. ICCV 2015]
//   Xavier:  variance 2 / (fan_in + fan_out)      [Glorot, Bengio. AISTATS 2010]
// A uniform draw from (-b, b) has the variance b^2 / 3.
#include <algorithm>
#include <cmath>

#include "core/base/rng.h"
#include "core/graph/executor.h"

namespace concertina {
namespace {

void Fill(const Value& value, uint64_t seed, std::span<float> out) {
  Rng rng(seed, value.name);
  const auto fan_in = static_cast<double>(std::max<int64_t>(value.fan_in, 1));
  const auto fans = static_cast<double>(std::max<int64_t>(value.fan_in + value.fan_out, 1));
  const auto uniform = [&](double variance) {
    const double bound = std::sqrt(3 * variance);
    for (float& element : out) element = static_cast<float>(rng.Uniform(-bound, bound));
  };
  const auto normal = [&](double variance) {
    const double deviation = std::sqrt(variance);
    for (float& element : out) element = static_cast<float>(deviation * rng.Normal());
  };
  switch (value.initializer) {
    case Initializer::kZeros:
      std::fill(out.begin(), out.end(), 0.0F);
      return;
    case Initializer::kOnes:
      std::fill(out.begin(), out.end(), 1.0F);
      return;
    case Initializer::kKaimingUniform:
      uniform(2 / fan_in);
      return;
    case Initializer::kKaimingNormal:
      normal(2 / fan_in);
      return;
    case Initializer::kXavierUniform:
      uniform(2 / fans);
      return;
    case Initializer::kXavierNormal:
      normal(2 / fans);
      return;
  }
}

}  // namespace

std::vector<ParameterSlot> SlotsOf(const Graph& graph, const std::vector<ValueId>& values) {
  std::vector<ParameterSlot> slots;
  int64_t offset = 0;
  for (const ValueId id : values) {
    const Value& value = graph.value(id);
    const int64_t count = ElementCount(value.shape);
    slots.push_back(
        {.name = value.name, .shape = value.shape, .offset = offset, .count = count, .decays = value.decays});
    offset += count;
  }
  return slots;
}

void Initialize(const Graph& graph, uint64_t seed, std::span<float> parameters, std::span<float> buffers) {
  const auto fill = [&](const std::vector<ValueId>& ids, std::span<float> flat) {
    size_t offset = 0;
    for (const ValueId id : ids) {
      const auto count = static_cast<size_t>(ElementCount(graph.value(id).shape));
      Fill(graph.value(id), seed, flat.subspan(offset, count));
      offset += count;
    }
  };
  fill(graph.parameters(), parameters);
  fill(graph.buffers(), buffers);
}

}  // namespace concertina
