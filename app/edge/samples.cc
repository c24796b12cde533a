// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// samples.cc: see samples.h. IDX: LeCun, Cortes, Burges, The MNIST Database; PGM and PPM: netpbm's P5 and P6.
#include "app/edge/samples.h"

#include <cctype>
#include <cstring>
#include <utility>

#include "fmt/format.h"

namespace concertina::edge {
namespace {

constexpr size_t kIdxHeader = 16, kIdxLabelHeader = 8;
constexpr int64_t kMostSide = 1 << 16;

uint32_t BigEndian(const uint8_t* bytes) {
  return static_cast<uint32_t>(bytes[0]) << 24 | static_cast<uint32_t>(bytes[1]) << 16 |
         static_cast<uint32_t>(bytes[2]) << 8 | bytes[3];
}

absl::Status WrongPictures(const std::string& path, int64_t channels, int64_t height, int64_t width,
                           const Shape& shape) {
  return absl::InvalidArgumentError(fmt::format("{}: has pictures of {}x{}x{}, and the model takes {}", path,
                                                channels, height, width, ShapeText(shape)));
}

// A number of a netpbm header, after blanks and comments; -1 if there is none.
int64_t HeaderNumber(std::FILE* file) {
  int c = std::fgetc(file);
  while (c == '#' || std::isspace(c) != 0) {
    if (c == '#')
      while (c != '\n' && c != EOF) c = std::fgetc(file);
    if (c != EOF) c = std::fgetc(file);
  }
  if (std::isdigit(c) == 0) return -1;
  int64_t number = 0;
  for (; std::isdigit(c) != 0 && number < kMostSide; c = std::fgetc(file)) number = 10 * number + (c - '0');
  return number;  // and the one blank behind it is read
}

}  // namespace

SampleStream::~SampleStream() {
  if (file_ != nullptr && file_ != stdin) std::fclose(file_);
}

SampleStream::SampleStream(SampleStream&& other) noexcept
    : path_(std::move(other.path_)),
      file_(std::exchange(other.file_, nullptr)),
      format_(other.format_),
      elements_(other.elements_),
      left_(other.left_),
      planes_(other.planes_),
      begun_(std::move(other.begun_)),
      bytes_(std::move(other.bytes_)) {}

absl::Status SampleStream::ReadHeader(const Shape& shape) {
  uint8_t first[kIdxHeader];
  const size_t read = std::fread(first, 1, 4, file_);
  const Shape image = shape.size() == 3 ? shape : Shape{1, 1, ElementCount(shape)};
  if (read == 4 && first[0] == 0 && first[1] == 0 && first[2] == 8 && first[3] == 3) {
    if (std::fread(first + 4, 1, kIdxHeader - 4, file_) != kIdxHeader - 4)
      return absl::DataLossError(fmt::format("{}: ends within the header of an IDX file", path_));
    left_ = BigEndian(first + 4);
    const int64_t height = BigEndian(first + 8), width = BigEndian(first + 12);
    if (height * width != elements_) return WrongPictures(path_, 1, height, width, image);
    return absl::OkStatus();
  }
  if (read >= 2 && first[0] == 'P' && (first[1] == '5' || first[1] == '6') &&
      std::fseek(file_, 2, SEEK_SET) == 0) {
    planes_ = first[1] == '6' ? 3 : 1;
    const int64_t width = HeaderNumber(file_), height = HeaderNumber(file_), most = HeaderNumber(file_);
    if (width < 1 || height < 1 || most != 255)
      return absl::InvalidArgumentError(
          fmt::format("{}: expected a picture of 8 bits a colour (P5 or P6, up to 255)", path_));
    if (planes_ != image[0] || height != image[1] || width != image[2])
      return WrongPictures(path_, planes_, height, width, image);
    left_ = 1;
    return absl::OkStatus();
  }
  begun_.assign(first, first + read);
  return absl::OkStatus();
}

absl::StatusOr<SampleStream> SampleStream::Open(const std::string& path, const Shape& shape,
                                                SampleFormat format) {
  SampleStream stream;
  stream.path_ = path == "-" ? "standard input" : path;
  stream.file_ = path == "-" ? stdin : std::fopen(path.c_str(), "rb");
  if (stream.file_ == nullptr) return ErrnoStatus(errno, "opening " + path);
  stream.format_ = format;
  stream.elements_ = ElementCount(shape);
  RETURN_IF_ERROR(stream.ReadHeader(shape));
  if (stream.left_ >= 0) stream.format_ = SampleFormat::kBytes;  // such a file says what it has
  stream.bytes_.resize(static_cast<size_t>(stream.elements_) *
                       (stream.format_ == SampleFormat::kFloats ? 4 : 1));
  return stream;
}

absl::StatusOr<bool> SampleStream::Next(std::vector<float>& sample) {
  if (left_ == 0) return false;
  size_t read = std::min(begun_.size(), bytes_.size());
  std::copy_n(begun_.begin(), read, bytes_.begin());
  begun_.erase(begun_.begin(), begun_.begin() + static_cast<std::ptrdiff_t>(read));
  read += std::fread(bytes_.data() + read, 1, bytes_.size() - read, file_);
  if (read == 0 && left_ < 0) return false;
  if (read != bytes_.size())
    return absl::DataLossError(
        fmt::format("{}: ends {} bytes into a sample of {}", path_, read, bytes_.size()));
  if (left_ > 0) --left_;
  sample.resize(static_cast<size_t>(elements_));
  if (format_ == SampleFormat::kFloats) {
    std::memcpy(sample.data(), bytes_.data(), bytes_.size());
  } else {
    const int64_t plane = elements_ / planes_;
    for (int64_t i = 0; i < elements_; ++i)
      sample[static_cast<size_t>(i % planes_ * plane + i / planes_)] =
          static_cast<float>(bytes_[static_cast<size_t>(i)]) / 255;
  }
  return true;
}

absl::StatusOr<std::vector<uint8_t>> ReadLabels(const std::string& path) {
  std::FILE* file = std::fopen(path.c_str(), "rb");
  if (file == nullptr) return ErrnoStatus(errno, "opening " + path);
  uint8_t header[kIdxLabelHeader];
  std::vector<uint8_t> labels;
  const bool is_idx =
      std::fread(header, 1, sizeof(header), file) == sizeof(header) && BigEndian(header) == 0x801;
  // As many as there are: the count of a file is not believed.
  for (int c; is_idx && (c = std::fgetc(file)) != EOF;) labels.push_back(static_cast<uint8_t>(c));
  std::fclose(file);
  if (!is_idx || labels.size() != BigEndian(header + 4))
    return absl::DataLossError(fmt::format("{}: is no IDX file of labels, or not all of it", path));
  return labels;
}

}  // namespace concertina::edge
