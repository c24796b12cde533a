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

namespace concertina::ui {
namespace {

// x * share / 255 with rounding, exact for bytes.
constexpr uint32_t scaledByte(uint32_t x, uint32_t share) {
  const uint32_t t = x * share + 128;
  return (t + (t >> 8)) >> 8;
}

QRgb scaledColor(QRgb color, uint32_t share) {
  return qRgba(int(scaledByte(uint32_t(qRed(color)), share)), int(scaledByte(uint32_t(qGreen(color)), share)),
               int(scaledByte(uint32_t(qBlue(color)), share)),
               int(scaledByte(uint32_t(qAlpha(color)), share)));
}

QRgb over(QRgb color, QRgb ground) {
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
    const int first = std::max(0, int(std::floor(from.x()))),
              last = std::min(width_ - 1, int(std::floor(to.x())));
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

// Pixels that an end of the span cuts take the colour by the share that it covers.
void ColumnRaster::fill(int column, float low, float high, QRgb premultiplied) {
  low = std::clamp(low, 0.0f, float(height_));
  high = std::clamp(high, 0.0f, float(height_));
  if (!(low < high)) return;
  QRgb* const pixels = pixels_.data() + size_t(column) * size_t(height_);
  const int first = int(low), last = std::min(height_ - 1, int(high));
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

void ColumnRaster::drawLine(std::span<const QPointF> line, double width, const QColor& color, bool dashed) {
  if (line.size() < 2 || width_ == 0 || height_ == 0) return;
  if (is_empty_) pixels_.assign(size_t(width_) * size_t(height_), 0);
  is_empty_ = false;
  measure(line, extents_);
  const QRgb premultiplied = qPremultiply(color.rgba());
  const auto half = float(width * ratio_ / 2);
  // As Qt::DashLine: four widths of line, two of gap. The way is that along the column's span.
  const double period = 6 * width * ratio_, dash = 4 * width * ratio_;
  double way = 0;
  for (int column = 0; column < width_; ++column) {
    const auto [low, high] = extents_[size_t(column)];
    if (low > high) continue;
    const bool is_gap = dashed && std::fmod(way, period) >= dash;
    if (dashed) way += std::hypot(1.0, double(high) - double(low));
    if (!is_gap) fill(column, low - half, high + half, premultiplied);
  }
}

void ColumnRaster::drawBand(std::span<const QPointF> top, std::span<const QPointF> bottom,
                            const QColor& color) {
  if (top.size() < 2 || bottom.size() < 2 || width_ == 0 || height_ == 0) return;
  if (is_empty_) pixels_.assign(size_t(width_) * size_t(height_), 0);
  is_empty_ = false;
  measure(top, extents_);
  measure(bottom, lower_extents_);
  const QRgb premultiplied = qPremultiply(color.rgba());
  for (int column = 0; column < width_; ++column) {
    const Extent &upper = extents_[size_t(column)], &lower = lower_extents_[size_t(column)];
    if (upper.low <= upper.high && lower.low <= lower.high)
      fill(column, (upper.low + upper.high) / 2, (lower.low + lower.high) / 2, premultiplied);
  }
}

void ColumnRaster::paintOnto(QImage& image) {
  if (std::exchange(is_empty_, true)) return;
  assert(image.format() == QImage::Format_ARGB32_Premultiplied && image.size() == QSize(width_, height_));
  constexpr int kBlock = 16;           // a line of the cache each way
  uint8_t* const bits = image.bits();  // once: scanLine() asks each time whether the image is shared
  const qsizetype stride = image.bytesPerLine();
  for (int left = 0; left < width_; left += kBlock)
    for (int top = 0; top < height_; top += kBlock)
      for (int row = top; row < std::min(height_, top + kBlock); ++row) {
        auto* const line = reinterpret_cast<QRgb*>(bits + row * stride);
        for (int column = left; column < std::min(width_, left + kBlock); ++column) {
          const QRgb pixel = pixels_[size_t(column) * size_t(height_) + size_t(row)];
          if (pixel != 0) line[column] = line[column] == 0 ? pixel : over(pixel, line[column]);
        }
      }
}

}  // namespace concertina::ui
