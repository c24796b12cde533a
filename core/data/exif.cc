// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// exif.cc: one tag of the first directory, and eight ways to copy an image (see exif.h).
#include "core/data/exif.h"

#include <algorithm>
#include <cstring>

namespace concertina {

//   "Exif" 0 0 | TIFF: "II" or "MM", 42 u16, offset of the directory u32 | … entries u16 | each: tag u16,
//   type u16, count u32, value
int ExifOrientation(std::span<const uint8_t> app1) {
  constexpr char kExif[] = "Exif\0";  // and the zero that ends it
  constexpr uint16_t kOrientation = 0x0112, kShort = 3;
  constexpr size_t kEntryBytes = 12;
  if (app1.size() < sizeof kExif + 8 || std::memcmp(app1.data(), kExif, sizeof kExif) != 0) return 1;
  const std::span<const uint8_t> tiff = app1.subspan(sizeof kExif);
  const bool is_little = tiff[0] == 'I';
  const auto word = [&](size_t at) -> uint32_t {
    if (at + 2 > tiff.size()) return 0;
    return is_little ? tiff[at] | tiff[at + 1] << 8 : tiff[at] << 8 | tiff[at + 1];
  };
  const size_t directory = is_little ? word(4) | size_t{word(6)} << 16 : size_t{word(4)} << 16 | word(6);
  if (word(2) != 42 || directory >= tiff.size()) return 1;
  const uint32_t entries = word(directory);
  for (size_t i = 0; i < entries; ++i) {
    const size_t entry = directory + 2 + i * kEntryBytes;
    if (entry + kEntryBytes > tiff.size()) return 1;
    if (word(entry) != kOrientation) continue;
    const uint32_t orientation = word(entry + 8);
    return word(entry + 2) == kShort && orientation >= 1 && orientation <= 8 ? static_cast<int>(orientation)
                                                                             : 1;
  }
  return 1;
}

Image Upright(Image image, int orientation) {
  if (orientation <= 1 || orientation > 8) return image;
  const bool is_turned = orientation >= 5;  // rows become columns
  const int64_t w = image.width, h = image.height;
  Image upright = {.width = is_turned ? h : w, .height = is_turned ? w : h};
  upright.rgb.resize(image.rgb.size());
  uint8_t* to = upright.rgb.data();
  for (int64_t y = 0; y < upright.height; ++y)
    for (int64_t x = 0; x < upright.width; ++x, to += 3) {
      int64_t from_x = is_turned ? y : x, from_y = is_turned ? x : y;
      // In the order of the tag: as it is, mirrored, upside down, both; then the same of columns for rows.
      if (orientation == 2 || orientation == 3 || orientation == 7 || orientation == 8)
        from_x = w - 1 - from_x;
      if (orientation == 3 || orientation == 4 || orientation == 6 || orientation == 7)
        from_y = h - 1 - from_y;
      std::copy_n(image.rgb.data() + (from_y * w + from_x) * 3, 3, to);
    }
  return upright;
}

}  // namespace concertina
