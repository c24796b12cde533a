// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// held_optimizer.cc: see held_optimizer.h.
#include "core/nn/held_optimizer.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <unordered_map>
#include <utility>

namespace concertina {
namespace {

class HeldOptimizer final : public Optimizer {
 public:
  explicit HeldOptimizer(std::unique_ptr<Optimizer> inner) : inner_(std::move(inner)) {}

  void Prepare(const std::vector<ParameterSlot>& slots) override {
    inner_->Prepare(slots);
    parts_.clear();
    for (const ParameterSlot& slot : slots) {
      Part& part = parts_.emplace_back();
      part.offset = slot.offset;
      part.count = slot.count;
      part.hold = slot.given == nullptr ? Hold::kNothing : slot.hold;
      if (part.hold == Hold::kNothing) continue;
      const std::span<const float> given =
          std::span(*slot.given).subspan(static_cast<size_t>(slot.first), static_cast<size_t>(slot.count));
      if (part.hold == Hold::kZeros) {
        for (const float value : given) part.keeps.push_back(value == 0 ? 0 : 1);
      } else if (part.hold == Hold::kShared) {
        Group(given, part);
      } else {
        part.fine.assign(given.begin(), given.end());
        part.grid = slot.quantization.value_or(Quantization{.scales = {1}});
        const auto whole = static_cast<int64_t>(slot.given->size());
        part.per_scale = std::max<int64_t>(1, whole / static_cast<int64_t>(part.grid.scales.size()));
        part.learns = part.hold == Hold::kLearnedGrid && whole == slot.count;
        part.sum.assign(part.grid.scales.size(), 0);
        part.updated.reserve(16);
        part.first = slot.first;
        if (part.hold == Hold::kSparseGrid)
          for (const float value : given) part.keeps.push_back(value == 0 ? 0 : 1);
      }
    }
  }

  void Update(int64_t step, double learning_rate, int64_t offset, std::span<const float> gradient,
              std::span<float> parameters) override {
    const int64_t end = offset + static_cast<int64_t>(gradient.size());
    for (Part& part : parts_) {
      const int64_t from = std::max(offset, part.offset), to = std::min(end, part.offset + part.count);
      if (from >= to) continue;
      const auto at = static_cast<size_t>(from - offset), count = static_cast<size_t>(to - from);
      const std::span<const float> g = gradient.subspan(at, count);
      const std::span<float> w = parameters.subspan(at, count);
      const auto within = static_cast<size_t>(from - part.offset);
      if (part.hold == Hold::kGrid || part.hold == Hold::kLearnedGrid || part.hold == Hold::kSparseGrid) {
        const std::span<float> u = std::span(part.fine).subspan(within, count);
        if (part.learns) AddStepGradients(part, within, g, u);
        inner_->Update(step, learning_rate, from, g, u);
        if (part.hold == Hold::kSparseGrid)
          for (size_t i = 0; i < count; ++i) u[i] = part.keeps[within + i] != 0 ? u[i] : 0.0F;
        if (part.learns)
          Learn(part, within, w, learning_rate);
        else
          RoundToGrid(part, within, u, w);
        continue;
      }
      inner_->Update(step, learning_rate, from, g, w);
      if (part.hold == Hold::kZeros) {
        // A choice, not a product: what is infinite would stay so.
        for (size_t i = 0; i < count; ++i) w[i] = part.keeps[within + i] != 0 ? w[i] : 0.0F;
      } else if (part.hold == Hold::kShared) {
        Share(part, within, w);
      }
    }
  }

  std::span<float> state() override { return inner_->state(); }
  absl::Status Change(const Params& params) override { return inner_->Change(params); }
  double base_learning_rate() const override { return inner_->base_learning_rate(); }
  std::optional<AveragedMomentum> averaged_momentum() const override { return inner_->averaged_momentum(); }

 private:
  struct Part {
    int64_t offset = 0, count = 0;
    Hold hold = Hold::kNothing;
    std::vector<uint8_t> keeps;  // kZeros, kSparseGrid
    // kShared: the group of each element (0: zeros), and of each group its sum so far and its size.
    // kLearnedGrid: the sum of each scale's gradient so far.
    std::vector<int32_t> group;
    std::vector<double> sum;
    std::vector<int64_t> size;
    std::vector<std::pair<size_t, std::span<float>>> updated;  // pieces of this step
    int64_t updated_count = 0;
    // kGrid, kLearnedGrid, kSparseGrid
    bool learns = false;
    std::vector<float> fine;
    Quantization grid;
    int64_t per_scale = 1, first = 0;
  };

  static void Group(std::span<const float> given, Part& part) {
    std::unordered_map<uint32_t, int32_t> groups;
    part.size = {0};
    for (const float value : given) {
      uint32_t bits;
      std::memcpy(&bits, &value, sizeof(bits));
      int32_t group = 0;
      if (value != 0) {
        group = groups.try_emplace(bits, static_cast<int32_t>(groups.size()) + 1).first->second;
        part.size.resize(std::max(part.size.size(), static_cast<size_t>(group) + 1));
      }
      ++part.size[static_cast<size_t>(group)];
      part.group.push_back(group);
    }
    part.sum.assign(part.size.size(), 0);
    part.updated.reserve(16);
  }

  // Once every element of the part was updated, all of a group become their mean.
  static void Share(Part& part, size_t within, std::span<float> w) {
    for (size_t i = 0; i < w.size(); ++i) part.sum[static_cast<size_t>(part.group[within + i])] += w[i];
    part.updated.emplace_back(within, w);
    part.updated_count += static_cast<int64_t>(w.size());
    if (part.updated_count < part.count) return;
    part.sum[0] = 0;
    for (size_t g = 1; g < part.sum.size(); ++g) part.sum[g] /= static_cast<double>(part.size[g]);
    for (const auto& [first, piece] : part.updated)
      for (size_t i = 0; i < piece.size(); ++i)
        piece[i] = static_cast<float>(part.sum[static_cast<size_t>(part.group[first + i])]);
    std::fill(part.sum.begin(), part.sum.end(), 0.0);
    part.updated.clear();
    part.updated_count = 0;
  }

  static size_t ScaleAt(const Part& part, size_t within) {
    if (part.grid.scales.size() == 1) return 0;
    return static_cast<size_t>((part.first + static_cast<int64_t>(within)) / part.per_scale);
  }

  // Before u moves: the gradient is of where it was.
  static void AddStepGradients(Part& part, size_t within, std::span<const float> g,
                               std::span<const float> u) {
    const auto most = static_cast<float>((1 << (part.grid.bits - 1)) - 1);
    for (size_t i = 0; i < g.size(); ++i) {
      const size_t scale = ScaleAt(part, within + i);
      const float v = u[i] / part.grid.scales[scale];
      part.sum[scale] += static_cast<double>(g[i] * (v <= -most  ? -most
                                                     : v >= most ? most
                                                                 : std::nearbyint(v) - v));
    }
  }

  // Once every element of the part was updated the steps are, and all that lies on them.
  static void Learn(Part& part, size_t within, std::span<float> w, double learning_rate) {
    part.updated.emplace_back(within, w);
    part.updated_count += static_cast<int64_t>(w.size());
    if (part.updated_count < part.count) return;
    const double most = (1 << (part.grid.bits - 1)) - 1;
    const double share = 1 / std::sqrt(static_cast<double>(part.per_scale) * most);
    for (size_t s = 0; s < part.sum.size(); ++s) {
      const double scale = part.grid.scales[s] - learning_rate * share * part.sum[s];
      // A step that would turn round, or that one bad batch would throw away, moves by a factor of two at
      // most.
      part.grid.scales[s] =
          static_cast<float>(std::clamp(scale, 0.5 * part.grid.scales[s], 2.0 * part.grid.scales[s]));
    }
    for (const auto& [first, piece] : part.updated)
      RoundToGrid(part, first, std::span(part.fine).subspan(first, piece.size()), piece);
    std::fill(part.sum.begin(), part.sum.end(), 0.0);
    part.updated.clear();
    part.updated_count = 0;
  }

  static void RoundToGrid(const Part& part, size_t within, std::span<const float> u, std::span<float> w) {
    for (size_t i = 0; i < u.size(); ++i) {
      const float scale = part.grid.scales[ScaleAt(part, within + i)];
      w[i] = NearestOnGrid(u[i], scale, part.grid.bits, part.grid.is_signed);
    }
  }

  std::unique_ptr<Optimizer> inner_;
  std::vector<Part> parts_;
};

}  // namespace

float NearestOnGrid(float x, float scale, int bits, bool is_signed) {
  if (bits == 1 && is_signed) return x < 0 ? -scale : scale;
  const auto most = static_cast<float>((1 << (is_signed ? bits - 1 : bits)) - 1);
  const float least = is_signed ? -most : 0;
  const float q = std::nearbyint(x / scale);
  return scale *
         (std::min(std::max(q, least), most) + 0.0F);  // no -0, which would be another number in a file
}

std::unique_ptr<Optimizer> HoldCompressed(std::unique_ptr<Optimizer> inner,
                                          const std::vector<ParameterSlot>& slots) {
  const bool holds = std::any_of(slots.begin(), slots.end(), [](const ParameterSlot& slot) {
    return slot.hold != Hold::kNothing && slot.given != nullptr;
  });
  if (!holds) return inner;
  return std::make_unique<HeldOptimizer>(std::move(inner));
}

}  // namespace concertina
