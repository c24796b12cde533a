// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// exif.h: which way up a photograph is: cameras write the sensor's rows as they lie, and how to turn them.
// On the way of the data: data/jpeg_image.cc -> here -> data/image_file.h.
// Source: Exif 2.32, tag 0x0112, within TIFF 6.0.
#pragma once

#include <cstdint>
#include <span>

#include "core/data/image_file.h"

namespace concertina {

// The orientation, 1 to 8, that the data of an APP1 segment tell; 1, as it lies, where they tell none.
int ExifOrientation(std::span<const uint8_t> app1);

// The image with its first row at the top: turned, mirrored or both.
Image Upright(Image image, int orientation);

}  // namespace concertina
