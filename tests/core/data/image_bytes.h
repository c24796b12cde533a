// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// image_bytes.h: small images as the bytes of PNG and JPEG files.
#pragma once

#include <QByteArray>
#include <cstdint>
#include <cstdio>
#include <cstdlib>

// libjpeg's headers need <cstdio> before them.
#include <jpeglib.h>
#include <png.h>

#include "core/data/image_file.h"

namespace concertina {

inline Image Gradient(int64_t width, int64_t height) {
  Image image = {.width = width, .height = height};
  for (int64_t y = 0; y < height; ++y)
    for (int64_t x = 0; x < width; ++x)
      image.rgb.insert(image.rgb.end(), {static_cast<uint8_t>(x * 7), static_cast<uint8_t>(y * 5),
                                         static_cast<uint8_t>((x + y) * 3)});
  return image;
}

inline QByteArray PngBytes(int64_t width, int64_t height, uint32_t format, const uint8_t* pixels) {
  png_image writer = {};
  writer.version = PNG_IMAGE_VERSION;
  writer.width = static_cast<uint32_t>(width);
  writer.height = static_cast<uint32_t>(height);
  writer.format = format;
  png_alloc_size_t bytes = 0;
  png_image_write_get_memory_size(writer, bytes, 0, pixels, 0, nullptr);
  QByteArray png(static_cast<qsizetype>(bytes), 0);
  png_image_write_to_memory(&writer, png.data(), &bytes, 0, pixels, 0, nullptr);
  png.resize(static_cast<qsizetype>(bytes));
  return png;
}

inline QByteArray PngBytes(const Image& image) {
  return PngBytes(image.width, image.height, PNG_FORMAT_RGB, image.rgb.data());
}

// `adjust` changes the usual settings: progression, colours.
inline QByteArray JpegBytes(const Image& image, void (*adjust)(jpeg_compress_struct&) = nullptr) {
  jpeg_compress_struct jpeg = {};
  jpeg_error_mgr errors = {};
  jpeg.err = jpeg_std_error(&errors);
  jpeg_create_compress(&jpeg);
  unsigned char* memory = nullptr;
  unsigned long bytes = 0;
  jpeg_mem_dest(&jpeg, &memory, &bytes);
  jpeg.image_width = static_cast<JDIMENSION>(image.width);
  jpeg.image_height = static_cast<JDIMENSION>(image.height);
  jpeg.input_components = 3;
  jpeg.in_color_space = JCS_RGB;
  jpeg_set_defaults(&jpeg);
  jpeg_set_quality(&jpeg, 95, TRUE);
  if (adjust != nullptr) adjust(jpeg);
  jpeg_start_compress(&jpeg, TRUE);
  while (jpeg.next_scanline < jpeg.image_height) {
    auto* row = const_cast<JSAMPROW>(image.rgb.data() + size_t{jpeg.next_scanline} * jpeg.image_width * 3);
    jpeg_write_scanlines(&jpeg, &row, 1);
  }
  jpeg_finish_compress(&jpeg);
  jpeg_destroy_compress(&jpeg);
  const QByteArray result(reinterpret_cast<const char*>(memory), static_cast<qsizetype>(bytes));
  std::free(memory);
  return result;
}

}  // namespace concertina
