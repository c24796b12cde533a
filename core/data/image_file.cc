// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// image_file.cc: tells the formats apart and brings images to one size (see image_file.h).
#include "core/data/image_file.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <string_view>

#include "core/data/stored_bytes.h"
#include "fmt/format.h"

namespace concertina {
namespace {

// The source pixels that one target pixel is made of; the weights sum to 1.
struct Taps {
  int64_t first = 0;
  std::vector<float> weights;
};

std::vector<Taps> MakeTaps(int64_t from, int64_t to) {
  std::vector<Taps> taps(static_cast<size_t>(to));
  const double scale = static_cast<double>(from) / static_cast<double>(to);
  for (int64_t i = 0; i < to; ++i) {
    Taps& tap = taps[static_cast<size_t>(i)];
    if (from >= to) {  // the area [i scale, (i + 1) scale)
      const double begin = static_cast<double>(i) * scale;
      const double end = std::min(begin + scale, static_cast<double>(from));
      tap.first = static_cast<int64_t>(begin);
      for (int64_t j = tap.first; static_cast<double>(j) < end - 1e-9; ++j) {
        const double covered =
            std::min(end, static_cast<double>(j + 1)) - std::max(begin, static_cast<double>(j));
        tap.weights.push_back(static_cast<float>(covered / scale));
      }
    } else {  // between the two nearest centres; the border is repeated
      const double centre =
          std::clamp((static_cast<double>(i) + 0.5) * scale - 0.5, 0.0, static_cast<double>(from - 1));
      tap.first = static_cast<int64_t>(centre);
      const auto second = static_cast<float>(centre - static_cast<double>(tap.first));
      tap.weights.push_back(1 - second);
      if (second > 0) tap.weights.push_back(second);
    }
  }
  return taps;
}

// What a file is that is called .png or .jpg and is neither: browsers and converters rename without
// converting.
const char* OtherFormat(std::string_view start) {
  if (start.empty()) return "nothing";
  if (start.starts_with("RIFF") && start.substr(8).starts_with("WEBP")) return "a WebP image";
  if (start.starts_with("GIF8")) return "a GIF image";
  if (start.starts_with("BM")) return "a BMP image";
  if (start.starts_with("II*") || start.starts_with(std::string_view("MM\0*", 4))) return "a TIFF image";
  if (start.substr(4).starts_with("ftyp")) return "a HEIC or AVIF image";
  if (start.starts_with("<")) return "a page or drawing in HTML, XML or SVG";
  if (start.starts_with("version https://git-lfs")) return "a pointer of Git LFS (fetch the file itself)";
  return "something else";
}

}  // namespace

absl::StatusOr<Image> ReadImage(const std::string& path) {
  ASSIGN_OR_RETURN(const StoredBytes file, MapFile(path));
  if (file.bytes.size() >= 2 && file.bytes[0] == 0xff && file.bytes[1] == 0xd8)
    return DecodeJpeg(path, file.bytes);
  if (!file.bytes.empty() && file.bytes[0] == 0x89) return DecodePng(path, file.bytes);
  std::string start(file.bytes.begin(), file.bytes.begin() + std::min<int64_t>(32, std::ssize(file.bytes)));
  start.resize(32);  // so that no sign of a format is looked for beyond it
  return absl::DataLossError(fmt::format(
      "{}: at byte 0: found {}, expected the beginning of a PNG or JPEG image; convert it, or remove it",
      path, OtherFormat(file.bytes.empty() ? std::string_view() : start)));
}

std::vector<uint8_t> Resize(const Image& image, int64_t size, int64_t channels) {
  const std::vector<Taps> columns = MakeTaps(image.width, size);
  const std::vector<Taps> rows = MakeTaps(image.height, size);
  // First along the rows, of which the two last are kept: all rows of a tall image would be `size` times it.
  struct Narrow {
    int64_t row = -1;
    std::vector<float> rgb;
  };
  std::array<Narrow, 2> kept;
  const auto narrow = [&](int64_t y) -> const std::vector<float>& {
    Narrow& narrow = kept[static_cast<size_t>(y % 2)];
    if (narrow.row == y) return narrow.rgb;
    narrow.row = y;
    narrow.rgb.assign(static_cast<size_t>(size * 3), 0);
    for (int64_t x = 0; x < size; ++x) {
      const Taps& tap = columns[static_cast<size_t>(x)];
      float* sum = narrow.rgb.data() + x * 3;
      const uint8_t* pixel = image.rgb.data() + (y * image.width + tap.first) * 3;
      for (const float weight : tap.weights)
        for (int c = 0; c < 3; ++c) sum[c] += weight * static_cast<float>(*pixel++);
    }
    return narrow.rgb;
  };
  std::vector<uint8_t> resized(static_cast<size_t>(channels * size * size));
  std::vector<float> sums;
  for (int64_t y = 0; y < size; ++y) {
    sums.assign(static_cast<size_t>(size * 3), 0);
    int64_t row = rows[static_cast<size_t>(y)].first;
    for (const float weight : rows[static_cast<size_t>(y)].weights) {
      const std::vector<float>& rgb = narrow(row++);
      for (size_t i = 0; i < sums.size(); ++i) sums[i] += weight * rgb[i];
    }
    for (int64_t x = 0; x < size; ++x) {
      float* rgb = sums.data() + x * 3;
      if (channels == 1) rgb[0] = 0.299F * rgb[0] + 0.587F * rgb[1] + 0.114F * rgb[2];
      for (int64_t c = 0; c < channels; ++c)
        resized[static_cast<size_t>((c * size + y) * size + x)] =
            static_cast<uint8_t>(std::clamp(std::lround(rgb[c]), 0L, 255L));
    }
  }
  return resized;
}

}  // namespace concertina
