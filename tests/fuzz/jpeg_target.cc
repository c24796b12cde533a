// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// jpeg_target.cc: JPEG images, plain and progressive.
// Input: the file.
#include <algorithm>

#include "core/data/image_file.h"
#include "tests/core/data/image_bytes.h"
#include "tests/fuzz/target.h"

namespace concertina {
namespace {

constexpr uint64_t kMostPixels = uint64_t{1} << 26;

}  // namespace

FuzzInputs InputsOfTarget() {
  FuzzInputs inputs;
  const QByteArray files[] = {
      JpegBytes(Gradient(24, 17)),
      JpegBytes(Gradient(16, 16), [](jpeg_compress_struct& jpeg) { jpeg_simple_progression(&jpeg); }),
      JpegBytes(Gradient(9, 9),
                [](jpeg_compress_struct& jpeg) { jpeg_set_colorspace(&jpeg, JCS_GRAYSCALE); }),
      JpegBytes(Gradient(33, 8), [](jpeg_compress_struct& jpeg) { jpeg.restart_interval = 1; }),
      JpegBytes(Gradient(8, 8), [](jpeg_compress_struct& jpeg) { jpeg.arith_code = TRUE; })};
  for (const QByteArray& file : files) inputs.seeds.emplace_back(file.begin(), file.end());
  for (const int marker : {0xc0, 0xc2, 0xc4, 0xd0, 0xd8, 0xd9, 0xda, 0xdb, 0xdd, 0xe0, 0xee})
    inputs.words.push_back(std::string("\xff") + static_cast<char>(marker));
  return inputs;
}

}  // namespace concertina

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace concertina;
  // A frame's head holds the size, 16 bits each; there may be several, and the decoder takes the first.
  uint64_t pixels = 0;
  for (size_t i = 0; i + 9 <= size; ++i)
    if (data[i] == 0xff && data[i + 1] >= 0xc0 && data[i + 1] <= 0xcf)
      pixels = std::max(
          pixels, (uint64_t{data[i + 5]} << 8 | data[i + 6]) * (uint64_t{data[i + 7]} << 8 | data[i + 8]));
  absl::StatusOr<Image> image;
  {
    const auto bound = AllocationBound::OfClaimed(3 * std::min(pixels, kMostPixels));
    image = DecodeJpeg("a.jpg", {data, size});
  }
  Note(image);
  if (!image.ok()) {
    Require(absl::IsDataLoss(image.status()), "DecodeJpeg gave neither OK nor kDataLoss");
    return 0;
  }
  Require(image->rgb.size() == static_cast<size_t>(3 * image->width * image->height), "not all pixels");
  if (image->rgb.size() <= 3 << 16)
    Require(Resize(*image, 8, 1).size() == 8 * 8, "another size than asked for");
  return 0;
}
