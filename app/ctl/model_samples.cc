// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// model_samples.cc: see model_samples.h.
#include "app/ctl/model_samples.h"

#include <array>
#include <filesystem>
#include <fstream>
#include <utility>

#include "core/data/image_file.h"
#include "core/data/pixels.h"
#include "fmt/format.h"

namespace concertina::ctl {
namespace {

// By the first bytes, not by the name.
bool IsPngOrJpeg(const std::string& path) {
  std::array<char, 3> first = {};
  std::ifstream file(path, std::ios::binary);
  file.read(first.data(), first.size());
  if (file.gcount() != static_cast<std::streamsize>(first.size())) return false;
  return std::string_view(first.data(), 3) == "\x89PN" || std::string_view(first.data(), 3) == "\xff\xd8\xff";
}

// Nothing is scaled here: what the model was trained on it gets, pixel for pixel.
absl::StatusOr<std::vector<float>> ReadPicture(const std::string& path, const Shape& shape) {
  ASSIGN_OR_RETURN(const Image image, ReadImage(path));
  const bool is_row = shape.size() == 1;
  const int64_t channels = is_row ? 1 : shape[0];
  const bool fits = is_row ? image.width * image.height == shape[0]
                           : shape.size() == 3 && image.height == shape[1] && image.width == shape[2];
  if (!fits || (channels != 1 && channels != 3))
    return absl::InvalidArgumentError(fmt::format("{}: is a picture of {}x{} pixels, and the model takes {}",
                                                  path, image.height, image.width, ShapeText(shape)));
  std::vector<uint8_t> bytes;
  if (channels == 1) {
    if (image.width != image.height)
      return absl::InvalidArgumentError(
          fmt::format("{}: has {}x{} pixels; of pictures in one colour only square ones are read as PNG or "
                      "JPEG, others as PGM",
                      path, image.height, image.width));
    bytes = Resize(image, image.width, 1);  // of that size already: to luma alone
  } else {
    const auto pixels = static_cast<size_t>(image.width * image.height);
    bytes.resize(3 * pixels);
    for (size_t i = 0; i < pixels; ++i)
      for (size_t plane = 0; plane < 3; ++plane) bytes[plane * pixels + i] = image.rgb[3 * i + plane];
  }
  std::vector<float> sample(bytes.size());
  PixelsToFloats(bytes.data(), bytes.size(), sample.data());
  return sample;
}

}  // namespace

absl::StatusOr<ModelSamples> ModelSamples::Open(const std::string& path, const Shape& shape, bool floats) {
  ModelSamples samples;
  std::error_code error;
  if (path != "-" && std::filesystem::is_directory(path, error))
    return absl::InvalidArgumentError(path + ": is a folder; expected files: IDX, PGM, PPM, PNG, JPEG");
  if (path != "-" && IsPngOrJpeg(path)) {
    ASSIGN_OR_RETURN(samples.picture_, ReadPicture(path, shape));
    return samples;
  }
  ASSIGN_OR_RETURN(edge::SampleStream stream,
                   edge::SampleStream::Open(
                       path, shape, floats ? edge::SampleFormat::kFloats : edge::SampleFormat::kBytes));
  samples.stream_.emplace(std::move(stream));
  return samples;
}

absl::StatusOr<bool> ModelSamples::Next(std::vector<float>& sample) {
  if (stream_) return stream_->Next(sample);
  if (!picture_) return false;
  sample = *std::exchange(picture_, std::nullopt);
  return true;
}

}  // namespace concertina::ctl
