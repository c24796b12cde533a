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

#include "core/data/exif.h"
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

// Four inks become three lights. Adobe's programs, which made nearly all such files, store 255 - ink.
void InksToRgb(const uint8_t* inks, size_t pixels, bool is_inverted, uint8_t* rgb) {
  for (size_t i = 0; i < pixels; ++i, inks += 4, rgb += 3)
    for (int c = 0; c < 3; ++c) {
      const int light = is_inverted ? inks[c] : 255 - inks[c], key = is_inverted ? inks[3] : 255 - inks[3];
      rgb[c] = static_cast<uint8_t>((light * key + 127) / 255);
    }
}

// `row` is room for a row of four inks, and `orientation` what the camera says of it (see exif.h).
Outcome Decode(Decoder& decoder, std::span<const uint8_t> bytes, Image& image, std::vector<uint8_t>& row,
               int& orientation) {
  jpeg_decompress_struct& jpeg = decoder.jpeg;
  if (setjmp(decoder.errors.jump) != 0) return Outcome::kDamaged;
  jpeg_mem_src(&jpeg, bytes.data(), bytes.size());
  jpeg_save_markers(&jpeg, JPEG_APP0 + 1, 0xffff);
  jpeg_read_header(&jpeg, TRUE);
  for (const jpeg_marker_struct* marker = jpeg.marker_list; marker != nullptr && orientation == 1;
       marker = marker->next)
    orientation = ExifOrientation({marker->data, marker->data_length});
  image.width = jpeg.image_width;
  image.height = jpeg.image_height;
  if (uint64_t{jpeg.image_width} * jpeg.image_height > kMaxJpegPixels) return Outcome::kTooLarge;
  // libjpeg goes from YCCK to CMYK, and no further.
  const bool has_inks = jpeg.jpeg_color_space == JCS_CMYK || jpeg.jpeg_color_space == JCS_YCCK;
  jpeg.out_color_space = has_inks ? JCS_CMYK : JCS_RGB;
  jpeg_start_decompress(&jpeg);
  image.rgb.resize(static_cast<size_t>(image.width * image.height * 3));
  if (has_inks) row.resize(static_cast<size_t>(image.width * 4));
  while (jpeg.output_scanline < jpeg.output_height) {
    JSAMPROW rgb = image.rgb.data() + size_t{jpeg.output_scanline} * jpeg.output_width * 3;
    JSAMPROW read = has_inks ? row.data() : rgb;
    jpeg_read_scanlines(&jpeg, &read, 1);
    if (has_inks) InksToRgb(row.data(), jpeg.output_width, jpeg.saw_Adobe_marker != FALSE, rgb);
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
  std::vector<uint8_t> row;
  int orientation = 1;
  const Outcome outcome = Decode(decoder, bytes, image, row, orientation);
  const size_t left = decoder.jpeg.src == nullptr ? 0 : decoder.jpeg.src->bytes_in_buffer;
  const size_t offset = bytes.size() - std::min(left, bytes.size());
  jpeg_destroy_decompress(&decoder.jpeg);
  switch (outcome) {
    case Outcome::kGood:
      return Upright(std::move(image), orientation);
    case Outcome::kTooLarge:
      return absl::DataLossError(fmt::format("{}: at byte {}: found {} x {} pixels, expected at most {}",
                                             path, offset, image.width, image.height, kMaxJpegPixels));
    case Outcome::kDamaged:
      break;
  }
  return absl::DataLossError(fmt::format("{}: near byte {}: {}", path, offset, decoder.errors.message));
}

}  // namespace concertina
