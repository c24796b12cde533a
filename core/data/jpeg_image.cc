// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// jpeg_image.cc: JPEG by libjpeg, whose errors jump and whose damage only warns (see image_file.h).
#include <csetjmp>
#include <cstdio>
#include <cstring>

// libjpeg's headers need <cstdio> before them.
#include <jerror.h>
#include <jpeglib.h>

#include "core/data/image_file.h"
#include "fmt/format.h"

namespace concertina {
namespace {

constexpr uint64_t kMaxJpegPixels = uint64_t{1} << 26;
// A scan of a progressive image goes through all of it in some bytes of the file. Cameras and programs make
// about ten.
constexpr int kMaxScans = 500;

struct Errors {
  jpeg_error_mgr manager;
  std::jmp_buf jump;
  char message[JMSG_LENGTH_MAX];
};

[[noreturn]] void Fail(j_common_ptr jpeg) {
  auto* errors = reinterpret_cast<Errors*>(jpeg->err);
  errors->manager.format_message(jpeg, errors->message);
  std::longjmp(errors->jump, 1);
}

// Level -1 is a warning: the decoder goes on with grey pixels. Bytes after the end are harmless, the rest is
// damage.
void Warn(j_common_ptr jpeg, int level) {
  if (level < 0 && jpeg->err->msg_code != JWRN_EXTRANEOUS_DATA) Fail(jpeg);
}

// Called after each row that is read ahead.
void LimitScans(j_common_ptr jpeg) {
  if (reinterpret_cast<j_decompress_ptr>(jpeg)->input_scan_number <= kMaxScans) return;
  auto* errors = reinterpret_cast<Errors*>(jpeg->err);
  std::snprintf(errors->message, sizeof errors->message, "more than %d scans", kMaxScans);
  std::longjmp(errors->jump, 1);
}

// All that lives across the jump: no object with a destructor is made between setjmp and longjmp.
struct Decoder {
  jpeg_decompress_struct jpeg;
  Errors errors;
  jpeg_progress_mgr progress;
};

enum class Outcome { kGood, kDamaged, kTooLarge };

Outcome Decode(Decoder& decoder, std::span<const uint8_t> bytes, Image& image) {
  jpeg_decompress_struct& jpeg = decoder.jpeg;
  if (setjmp(decoder.errors.jump) != 0) return Outcome::kDamaged;
  jpeg_mem_src(&jpeg, bytes.data(), bytes.size());
  jpeg_read_header(&jpeg, TRUE);
  image.width = jpeg.image_width;
  image.height = jpeg.image_height;
  if (uint64_t{jpeg.image_width} * jpeg.image_height > kMaxJpegPixels) return Outcome::kTooLarge;
  jpeg.out_color_space = JCS_RGB;
  jpeg_start_decompress(&jpeg);
  image.rgb.resize(static_cast<size_t>(image.width * image.height * 3));
  while (jpeg.output_scanline < jpeg.output_height) {
    JSAMPROW row = image.rgb.data() + size_t{jpeg.output_scanline} * jpeg.output_width * 3;
    jpeg_read_scanlines(&jpeg, &row, 1);
  }
  jpeg_finish_decompress(&jpeg);
  return Outcome::kGood;
}

}  // namespace

absl::StatusOr<Image> DecodeJpeg(const std::string& path, std::span<const uint8_t> bytes) {
  if (bytes.size() < 2 || bytes[0] != 0xff || bytes[1] != 0xd8)
    return absl::DataLossError(path + ": at byte 0: expected a JPEG marker");
  Decoder decoder = {};
  decoder.jpeg.err = jpeg_std_error(&decoder.errors.manager);
  decoder.errors.manager.error_exit = Fail;
  decoder.errors.manager.emit_message = Warn;
  jpeg_create_decompress(&decoder.jpeg);
  decoder.progress.progress_monitor = LimitScans;
  decoder.jpeg.progress = &decoder.progress;
  Image image;
  const Outcome outcome = Decode(decoder, bytes, image);
  const size_t left = decoder.jpeg.src == nullptr ? 0 : decoder.jpeg.src->bytes_in_buffer;
  const size_t offset = bytes.size() - std::min(left, bytes.size());
  jpeg_destroy_decompress(&decoder.jpeg);
  switch (outcome) {
    case Outcome::kGood:
      return image;
    case Outcome::kTooLarge:
      return absl::DataLossError(fmt::format("{}: at byte {}: found {} x {} pixels, expected at most {}",
                                             path, offset, image.width, image.height, kMaxJpegPixels));
    case Outcome::kDamaged:
      break;
  }
  return absl::DataLossError(fmt::format("{}: near byte {}: {}", path, offset, decoder.errors.message));
}

}  // namespace concertina
