// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// grid_symbols.h: the whole numbers of a quantisation's grid, and the symbols that they are written as.
// On the way of the data: edge/tensor_values.cc -> here -> edge/tensor_symbols.cc, and back.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <optional>

#include "core/graph/graph.h"

namespace concertina {

// The whole numbers of a grid as symbols of an alphabet.
class GridSymbols {
 public:
  // `has_zero`: 0, as a float, is among the symbols; it is not where a place block says which elements are 0.
  GridSymbols(const Quantization& grid, const Shape& shape, bool has_zero) : grid_(grid) {
    least_ = grid.is_signed && grid.bits > 1 ? -((1 << (grid.bits - 1)) - 1) : grid.is_signed ? -1 : 0;
    most_ = grid.is_signed && grid.bits > 1 ? -least_ : grid.is_signed ? 1 : (1 << grid.bits) - 1;
    step_ = grid.is_signed && grid.bits == 1 ? 2 : 1;
    left_out_ =
        grid.zero_point >= least_ && grid.zero_point <= most_ && step_ == 1 && !has_zero && most_ > least_
            ? std::optional(grid.zero_point)
            : std::nullopt;
    each_ = static_cast<size_t>(ElementCount(shape)) / grid.scales.size();
  }

  size_t alphabet() const {
    return static_cast<size_t>((most_ - least_) / step_ + 1 - (left_out_.has_value() ? 1 : 0));
  }

  // x = scale (q - zero_point), in floats.
  float ValueOf(int32_t q, float scale) const { return scale * static_cast<float>(q - grid_.zero_point); }

  int32_t NumberOf(uint16_t symbol) const {
    const int32_t q = least_ + step_ * symbol;
    return left_out_ && q >= *left_out_ ? q + 1 : q;
  }
  uint16_t SymbolOf(int32_t q) const {
    return static_cast<uint16_t>((left_out_ && q > *left_out_ ? q - 1 - least_ : q - least_) / step_);
  }

  // The q of a value that is equal to it; bit for bit except for zeros' signs.
  std::optional<int32_t> Find(float value, float scale) const {
    if (!std::isfinite(value)) return std::nullopt;
    // Where the scale is 0, or so small that products of several q are equal, the one nearest to 0 is taken.
    const double quotient = scale == 0 ? 0 : static_cast<double>(value) / scale;
    const double clamped = std::clamp(std::nearbyint(quotient) + grid_.zero_point,
                                      static_cast<double>(least_), static_cast<double>(most_));
    auto q = static_cast<int32_t>(clamped);
    if (step_ == 2) q = quotient < 0 ? -1 : 1;
    // The product was rounded, so the quotient may be one beside it.
    for (const int32_t near : {q, q - step_, q + step_})
      if (near >= least_ && near <= most_ && ValueOf(near, scale) == value) return near;
    return std::nullopt;
  }

  float ScaleAt(size_t element) const {
    return grid_.scales.size() == 1 ? grid_.scales[0] : grid_.scales[element / each_];
  }
  size_t each() const { return each_; }  // elements of one scale

 private:
  const Quantization& grid_;
  int32_t least_ = 0, most_ = 0, step_ = 1;
  std::optional<int32_t> left_out_;
  size_t each_ = 0;
};

}  // namespace concertina
