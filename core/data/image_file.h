// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// image_file.h: PNG and JPEG files as pixels of one size.
// On the way of the data: files -> here -> data/image_folder.cc.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "core/base/status.h"

namespace concertina {

struct Image {
  int64_t width = 0, height = 0;
  std::vector<uint8_t> rgb;  // height x width x 3
};

// Told by the first bytes, not by the name. Transparent pixels stand on white. kDataLoss with file and offset
// for a damaged or truncated file, other formats, and more than 2^26 pixels.
absl::StatusOr<Image> ReadImage(const std::string& path);
absl::StatusOr<Image> DecodePng(const std::string& path, std::span<const uint8_t> bytes);
absl::StatusOr<Image> DecodeJpeg(const std::string& path, std::span<const uint8_t> bytes);

// A PNG file of 8 bits a colour. kInvalidArgument if `rgb` is not as long as the image is large.
absl::StatusOr<std::vector<uint8_t>> EncodePng(const Image& image);

// channels x size x size bytes, channels 1 (luma of Rec. 601) or 3. Each axis is scaled by itself: the mean
// over the area of a pixel where it shrinks, bilinear where it grows. An image of that size keeps its bytes.
std::vector<uint8_t> Resize(const Image& image, int64_t size, int64_t channels);

}  // namespace concertina
