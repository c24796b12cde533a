// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// png_image.cc: PNG by libpng, after the chunks were checked here (see image_file.h).
#include <png.h>
#include <zlib.h>

#include <cstring>

#include "core/data/image_file.h"
#include "fmt/format.h"

namespace concertina {
namespace {

constexpr uint8_t kSignature[8] = {0x89, 'P', 'N', 'G', '\r', '\n', 0x1a, '\n'};
constexpr uint64_t kMaxPngPixels = uint64_t{1} << 26;

uint32_t ChunkWord(const uint8_t* bytes) {
  return uint32_t{bytes[0]} << 24 | uint32_t{bytes[1]} << 16 | uint32_t{bytes[2]} << 8 | uint32_t{bytes[3]};
}

// libpng tells that something is wrong, but not where: chunk by chunk, length u32 | type | data | CRC-32 u32.
absl::Status CheckChunks(const std::string& path, std::span<const uint8_t> bytes) {
  const auto damaged = [&](size_t offset, const std::string& what) {
    return absl::DataLossError(fmt::format("{}: at byte {}: {}", path, offset, what));
  };
  if (bytes.size() < sizeof kSignature || std::memcmp(bytes.data(), kSignature, sizeof kSignature) != 0)
    return damaged(0, "expected a PNG signature");
  size_t offset = sizeof kSignature;
  for (bool is_first = true;; is_first = false) {
    if (bytes.size() - offset < 12) return damaged(bytes.size(), "cut short, expected another PNG chunk");
    const uint8_t* chunk = bytes.data() + offset;
    const uint32_t length = ChunkWord(chunk);
    if (length > bytes.size() - offset - 12)
      return damaged(bytes.size(),
                     fmt::format("cut short, expected a PNG chunk of {} bytes from byte {}", length, offset));
    if (crc32(0, chunk + 4, length + 4) != ChunkWord(chunk + 8 + length))
      return damaged(offset, "found a PNG chunk whose CRC-32 does not match");
    const bool is_header = std::memcmp(chunk + 4, "IHDR", 4) == 0;
    if (is_first != is_header || (is_first && length != 13))
      return damaged(offset, "expected one IHDR chunk of 13 bytes, at the beginning");
    if (is_first) {
      const uint64_t width = ChunkWord(chunk + 8), height = ChunkWord(chunk + 12);
      if (width == 0 || height == 0 || width > kMaxPngPixels || width * height > kMaxPngPixels)
        return damaged(offset + 8,
                       fmt::format("found {} x {} pixels, expected 1 to {}", width, height, kMaxPngPixels));
    }
    offset += size_t{length} + 12;
    if (std::memcmp(chunk + 4, "IEND", 4) == 0) return absl::OkStatus();
  }
}

// libpng warns "sBIT: invalid" of what many editors write. Chunks that begin with a small letter hold notes:
// times, texts, colour profiles, which the pixels do not depend on.
bool IsAboutNotes(const std::string& warning) {
  return warning.size() > 5 && warning[4] == ':' && warning[0] >= 'a' && warning[0] <= 'z';
}

}  // namespace

absl::StatusOr<Image> DecodePng(const std::string& path, std::span<const uint8_t> bytes) {
  RETURN_IF_ERROR(CheckChunks(path, bytes));
  png_image reader = {};
  reader.version = PNG_IMAGE_VERSION;
  Image image;
  bool read = png_image_begin_read_from_memory(&reader, bytes.data(), bytes.size()) != 0;
  if (read) {
    reader.format = PNG_FORMAT_RGB;
    // 16 bits are taken as 8 are: else libpng believes that they are linear, and makes 0x8080 186, not 128.
    reader.flags |= PNG_IMAGE_FLAG_16BIT_sRGB;
    image.width = reader.width;
    image.height = reader.height;
    image.rgb.resize(PNG_IMAGE_SIZE(reader));
    const png_color white = {255, 255, 255};
    read = png_image_finish_read(&reader, &white, image.rgb.data(), 0, nullptr) != 0;
  }
  // A warning is damage too: libpng warns of pixel data that ends too early, and fills the rest with nothing.
  const std::string message = reader.message;
  const bool warned = (reader.warning_or_error & PNG_IMAGE_WARNING) != 0 && !IsAboutNotes(message);
  png_image_free(&reader);
  if (!read || warned) return absl::DataLossError(fmt::format("{}: in the image data: {}", path, message));
  return image;
}

absl::StatusOr<std::vector<uint8_t>> EncodePng(const Image& image) {
  if (image.width < 1 || image.height < 1 ||
      static_cast<uint64_t>(image.width) * static_cast<uint64_t>(image.height) > kMaxPngPixels ||
      image.rgb.size() != static_cast<size_t>(image.width * image.height * 3))
    return absl::InvalidArgumentError(fmt::format("found {} bytes for {} x {} pixels, expected 3 a pixel",
                                                  image.rgb.size(), image.width, image.height));
  png_image writer = {};
  writer.version = PNG_IMAGE_VERSION;
  writer.width = static_cast<png_uint_32>(image.width);
  writer.height = static_cast<png_uint_32>(image.height);
  writer.format = PNG_FORMAT_RGB;
  png_alloc_size_t bytes = PNG_IMAGE_PNG_SIZE_MAX(writer);  // as large as it can get: compressed once
  std::vector<uint8_t> png(bytes);
  if (png_image_write_to_memory(&writer, png.data(), &bytes, 0, image.rgb.data(), 0, nullptr) == 0)
    return absl::InternalError(fmt::format("an image was not written as PNG: {}", writer.message));
  png.resize(bytes);
  return png;
}

}  // namespace concertina
