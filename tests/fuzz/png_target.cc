// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// png_target.cc: PNG images. The checksums of their chunks are put right first: a mutation would hardly come
// past them, and damage on purpose does not forget them.
// Input: whole u8 (odd: checksums as they are) | the file.
#include <zlib.h>

#include <algorithm>

#include "core/data/image_file.h"
#include "tests/core/data/image_bytes.h"
#include "tests/fuzz/target.h"

namespace concertina {
namespace {

constexpr uint64_t kMostPixels = uint64_t{1} << 26;
constexpr size_t kSignatureBytes = 8;

uint32_t BigEndian(const uint8_t* bytes) {
  return uint32_t{bytes[0]} << 24 | uint32_t{bytes[1]} << 16 | uint32_t{bytes[2]} << 8 | uint32_t{bytes[3]};
}

void MendChecksums(FuzzBytes& file) {
  for (size_t offset = kSignatureBytes; offset + 12 <= file.size();) {
    const uint32_t length = BigEndian(&file[offset]);
    if (length > file.size() - offset - 12) return;
    const auto sum = static_cast<uint32_t>(crc32(0, &file[offset + 4], length + 4));
    for (int i = 0; i < 4; ++i)
      file[offset + 8 + length + static_cast<size_t>(i)] = static_cast<uint8_t>(sum >> (24 - 8 * i));
    offset += 12 + size_t{length};
  }
}

void AddSeed(FuzzInputs& inputs, const QByteArray& png) {
  FuzzBytes input(png.begin(), png.end());
  input.insert(input.begin(), 0);
  inputs.seeds.push_back(std::move(input));
}

}  // namespace

FuzzInputs InputsOfTarget() {
  FuzzInputs inputs;
  const Image image = Gradient(13, 7);
  AddSeed(inputs, PngBytes(image));
  AddSeed(inputs, PngBytes(Gradient(1, 4096)));  // each of whose rows becomes wider
  const std::vector<uint8_t> pixels(8 * 9 * 5, 0x5a);
  for (const uint32_t format : std::initializer_list<uint32_t>{PNG_FORMAT_GRAY, PNG_FORMAT_GA,
                                                               PNG_FORMAT_RGBA, PNG_FORMAT_LINEAR_RGB_ALPHA})
    AddSeed(inputs, PngBytes(9, 5, format, pixels.data()));
  inputs.words = {"IHDR", "IDAT", "IEND", "PLTE", "tRNS", "gAMA",
                  "iCCP", "sRGB", "cHRM", "sBIT", "tEXt", "zTXt"};
  return inputs;
}

}  // namespace concertina

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace concertina;
  InputReader input({data, size});
  const bool is_whole = input.Byte() % 2 == 1;
  FuzzBytes file(input.rest().begin(), input.rest().end());
  if (!is_whole) MendChecksums(file);
  uint64_t pixels = 0;
  if (file.size() >= 24)
    pixels = std::min(kMostPixels, uint64_t{BigEndian(&file[16])} * BigEndian(&file[20]));
  absl::StatusOr<Image> image;
  {
    const auto bound = AllocationBound::OfClaimed(3 * pixels);
    image = DecodePng("a.png", file);
  }
  Note(image);
  if (!image.ok()) {
    Require(absl::IsDataLoss(image.status()), "DecodePng gave neither OK nor kDataLoss");
    return 0;
  }
  Require(image->rgb.size() == static_cast<size_t>(3 * image->width * image->height), "not all pixels");
  if (pixels > 1 << 16) return 0;
  const auto bound = AllocationBound::OfClaimed(3 * pixels);
  Require(Resize(*image, 8, 3).size() == 8 * 8 * 3, "another size than asked for");
  return 0;
}
