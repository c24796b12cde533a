// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// initialize.cc: the first values of parameters and buffers, and where each lies in its flat vector.
// On the way of the data: graph/graph.h -> here -> graph/executor.h's parameters().
//
//   Kaiming: variance 2 / fan_in      [He et al. Delving Deep into Rectifiers. ICCV 2015]
//   Xavier:  variance 2 / (fan_in + fan_out)      [Glorot, Bengio. AISTATS 2010]
// A uniform draw from (-b, b) has the variance b^2 / 3. fan_in and fan_out are those of the whole layer, also
// where a rank keeps a slice.
#include <algorithm>
#include <cmath>

#include "core/base/rng.h"
#include "core/graph/executor.h"

namespace concertina {
namespace {

// Draws the whole parameter, one element after another, and keeps what is the slice's.
template <class Draw>
void Keep(const Value& value, std::span<float> out, Draw draw) {
  if (!value.slice) {
    for (float& element : out) element = static_cast<float>(draw());
    return;
  }
  const Slice& slice = *value.slice;
  const auto dimension = static_cast<size_t>(slice.dimension);
  const int64_t end = slice.begin + value.shape[dimension];
  int64_t outer = 1, inner = 1;
  for (size_t d = 0; d < slice.whole.size(); ++d) (d < dimension ? outer : inner) *= slice.whole[d];
  inner /= slice.whole[dimension];
  auto element = out.begin();
  for (int64_t o = 0; o < outer; ++o)
    for (int64_t i = 0; i < slice.whole[dimension]; ++i)
      for (int64_t n = 0; n < inner; ++n) {
        const auto drawn = static_cast<float>(draw());
        if (i >= slice.begin && i < end) *element++ = drawn;
      }
}

void Fill(const Value& value, uint64_t seed, std::span<float> out) {
  if (value.given != nullptr) {
    auto next = value.given->begin();
    Keep(value, out, [&] { return *next++; });
    return;
  }
  Rng rng(seed, value.name);
  const auto fan_in = static_cast<double>(std::max<int64_t>(value.fan_in, 1));
  const auto fans = static_cast<double>(std::max<int64_t>(value.fan_in + value.fan_out, 1));
  const auto uniform = [&](double variance) {
    const double bound = std::sqrt(3 * variance);
    Keep(value, out, [&] { return rng.Uniform(-bound, bound); });
  };
  const auto normal = [&](double variance) {
    const double deviation = std::sqrt(variance);
    Keep(value, out, [&] { return deviation * rng.Normal(); });
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
    slots.push_back({.name = value.name,
                     .shape = value.shape,
                     .offset = offset,
                     .count = count,
                     .decays = value.decays,
                     .slice = value.slice});
    if (value.hold != Hold::kNothing) {
      auto given = std::make_shared<std::vector<float>>(static_cast<size_t>(count));
      if (value.given != nullptr) Fill(value, 0, *given);
      slots.back().hold = value.hold;
      slots.back().given = std::move(given);
      slots.back().quantization = value.quantization;
    }
    offset += count;
  }
  return slots;
}

int64_t TotalOf(const std::vector<ParameterSlot>& slots) {
  return slots.empty() ? 0 : slots.back().offset + slots.back().count;
}

void Initialize(const Graph& graph, uint64_t seed, std::span<float> parameters, std::span<float> buffers,
                const std::function<void(int parameter_index)>& filled) {
  const auto fill = [&](const std::vector<ValueId>& ids, std::span<float> flat,
                        const std::function<void(int)>& tell) {
    size_t offset = 0;
    for (size_t i = 0; i < ids.size(); ++i) {
      const auto count = static_cast<size_t>(ElementCount(graph.value(ids[i]).shape));
      Fill(graph.value(ids[i]), seed, flat.subspan(offset, count));
      if (tell) tell(static_cast<int>(i));
      offset += count;
    }
  };
  fill(graph.parameters(), parameters, filled);
  fill(graph.buffers(), buffers, {});
}

void GiveFirstValues(Graph& graph, uint64_t seed) {
  for (const ValueId id : graph.kept()) {
    if (graph.value(id).given != nullptr) continue;
    auto values =
        std::make_shared<std::vector<float>>(static_cast<size_t>(ElementCount(graph.value(id).shape)));
    Fill(graph.value(id), seed, *values);
    graph.mutable_value(id).given = std::move(values);
  }
}

}  // namespace concertina
