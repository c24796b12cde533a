// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// column_raster.cc: see column_raster.h.
#include "ui/charts/column_raster.h"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <cstdint>
#include <limits>
#include <utility>

#include "ui/charts/plot_scale.h"

namespace concertina::ui {
namespace {

// x * share / 255 of each channel with rounding, exact for bytes: two channels at a time, each in 16 bits.
inline QRgb scaledColor(QRgb color, uint32_t share) {
  constexpr uint32_t kEven = 0x00ff00ff, kHalf = 0x00800080;
  uint32_t even = (color & kEven) * share + kHalf, odd = ((color >> 8) & kEven) * share + kHalf;
  even = ((even + ((even >> 8) & kEven)) >> 8) & kEven;
  odd = (odd + ((odd >> 8) & kEven)) & ~kEven;
  return even | odd;
}

inline QRgb over(QRgb color, QRgb ground) {
  return color + scaledColor(ground, 255 - uint32_t(qAlpha(color)));  // premultiplied: no channel overflows
}

// The same for a run of pixels: bytes by the sixteen, so that the compiler takes vectors.
void blendOver(QRgb* pixels, int count, QRgb color) {
  if (qAlpha(color) == 255) {
    std::fill_n(pixels, count, color);
    return;
  }
  constexpr int kAtOnce = 4;
  uint8_t pattern[4 * kAtOnce];
  for (int i = 0; i < kAtOnce; ++i) std::copy_n(reinterpret_cast<const uint8_t*>(&color), 4, pattern + 4 * i);
  const auto rest = uint16_t(255 - qAlpha(color));
  int i = 0;
  for (; i + kAtOnce <= count; i += kAtOnce) {
    auto* bytes = reinterpret_cast<uint8_t*>(pixels + i);
    for (int k = 0; k < 4 * kAtOnce; ++k) {
      const auto t = uint16_t(bytes[k] * rest + 128);
      bytes[k] = uint8_t(pattern[k] + uint8_t(uint16_t(t + (t >> 8)) >> 8));
    }
  }
  for (; i < count; ++i) pixels[i] = over(color, pixels[i]);
}

// Pixels that an end of the span cuts take the colour by the share that it covers.
void fill(QRgb* pixels, float low, float high, int height, QRgb premultiplied) {
  const int first = int(low), last = std::min(height - 1, int(high));
  const auto cut = [&](int row, float share) {
    const auto part = uint32_t(share * 255 + 0.5f);
    if (part > 0) pixels[row] = over(scaledColor(premultiplied, part), pixels[row]);
  };
  if (first == last) {
    cut(first, high - low);
    return;
  }
  cut(first, float(first + 1) - low);
  blendOver(pixels + first + 1, last - first - 1, premultiplied);
  cut(last, high - float(last));
}

}  // namespace

ColumnRaster::ColumnRaster(const QSize& size, double pixel_ratio)
    : width_(std::max(0, size.width())), height_(std::max(0, size.height())), ratio_(pixel_ratio) {}

void ColumnRaster::measure(std::span<const QPointF> line, std::vector<Extent>& extents) const {
  constexpr float kFar = std::numeric_limits<float>::max();
  extents.assign(size_t(width_), {kFar, -kFar});
  const auto reach = [&](int column, double y) {
    Extent& extent = extents[size_t(column)];
    extent.low = std::min(extent.low, float(y));
    extent.high = std::max(extent.high, float(y));
  };
  for (size_t i = 1; i < line.size(); ++i) {
    const QPointF from = line[i - 1] * ratio_, to = line[i] * ratio_;
    if (to.x() < 0 || from.x() >= width_) continue;
    const int first = std::max(0, pixelColumn(from.x())), last = std::min(width_ - 1, pixelColumn(to.x()));
    if (first == last && from.x() >= 0 && to.x() < width_) {
      reach(first, from.y());
      reach(first, to.y());
      continue;
    }
    const double slope = (to.y() - from.y()) / (to.x() - from.x());
    for (int column = first; column <= last; ++column) {
      reach(column, from.y() + slope * (std::max<double>(column, from.x()) - from.x()));
      reach(column, from.y() + slope * (std::min<double>(column + 1, to.x()) - from.x()));
    }
  }
}

void ColumnRaster::drawLine(std::span<const QPointF> line, double width, const QColor& color, bool dashed) {
  if (line.size() < 2 || width_ == 0 || height_ == 0) return;
  Stroke& stroke = strokes_.emplace_back();
  stroke.premultiplied = qPremultiply(color.rgba());
  measure(line, stroke.spans);
  const auto half = float(width * ratio_ / 2);
  // As Qt::DashLine: four widths of line, two of gap. The way is that along the column's span.
  const double period = 6 * width * ratio_, dash = 4 * width * ratio_;
  double way = 0;
  for (Extent& span : stroke.spans) {
    if (span.low > span.high) continue;
    const bool is_gap = dashed && std::fmod(way, period) >= dash;
    if (dashed) way += std::hypot(1.0, double(span.high) - double(span.low));
    span = is_gap ? Extent{1, 0} : Extent{span.low - half, span.high + half};
  }
}

void ColumnRaster::drawBand(std::span<const QPointF> top, std::span<const QPointF> bottom,
                            const QColor& color) {
  if (top.size() < 2 || bottom.size() < 2 || width_ == 0 || height_ == 0) return;
  Stroke& stroke = strokes_.emplace_back();
  stroke.premultiplied = qPremultiply(color.rgba());
  std::vector<Extent> lower;
  measure(top, stroke.spans);
  measure(bottom, lower);
  for (size_t column = 0; column < lower.size(); ++column) {
    Extent& span = stroke.spans[column];
    if (span.low <= span.high && lower[column].low <= lower[column].high)
      span = {(span.low + span.high) / 2, (lower[column].low + lower[column].high) / 2};
    else
      span = {1, 0};
  }
}

// A block of columns at a time: it is filled column by column, where a span is one run of memory, while it
// lies in the processor's cache, and then turned into rows.
void ColumnRaster::paintOnto(QImage& image) {
  const std::vector<Stroke> strokes = std::exchange(strokes_, {});
  if (strokes.empty()) return;
  assert(image.format() == QImage::Format_ARGB32_Premultiplied && image.size() == QSize(width_, height_));
  constexpr int kBlock = 16;           // a line of the cache
  uint8_t* const bits = image.bits();  // once: scanLine() asks each time whether the image is shared
  const qsizetype stride = image.bytesPerLine();
  std::vector<QRgb> pixels(size_t(kBlock) * size_t(height_));
  for (int left = 0; left < width_; left += kBlock) {
    const int right = std::min(width_, left + kBlock);
    std::fill(pixels.begin(), pixels.end(), 0);
    int top = height_, bottom = 0;  // rows that anything is drawn to
    for (const Stroke& stroke : strokes)
      for (int column = left; column < right; ++column) {
        const auto [from, to] = stroke.spans[size_t(column)];
        const float low = std::clamp(from, 0.0f, float(height_)), high = std::clamp(to, 0.0f, float(height_));
        if (!(low < high)) continue;
        fill(pixels.data() + size_t(column - left) * size_t(height_), low, high, height_,
             stroke.premultiplied);
        top = std::min(top, int(low));
        bottom = std::max(bottom, std::min(height_, int(high) + 1));
      }
    for (int row = top; row < bottom; ++row) {
      auto* const line = reinterpret_cast<QRgb*>(bits + row * stride);
      const QRgb* pixel = pixels.data() + row;
      for (int column = left; column < right; ++column, pixel += height_)
        if (*pixel != 0) line[column] = line[column] == 0 ? *pixel : over(*pixel, line[column]);
    }
  }
}

}  // namespace concertina::ui
