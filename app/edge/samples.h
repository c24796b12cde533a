// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// samples.h: what a device is given to classify: raw bytes or floats in a stream, IDX files, PGM and PPM
// pictures. On the way of the data: a file or standard input -> here -> edge/runtime.h.
#pragma once

#include <cstdint>
#include <cstdio>
#include <string>
#include <vector>

#include "core/base/status.h"
#include "core/graph/graph.h"

namespace concertina::edge {

enum class SampleFormat { kBytes, kFloats };  // a pixel a byte, 255 is 1; or little-endian floats as they are

// Samples one after another, each of ElementCount(shape) elements.
class SampleStream {
 public:
  // "-" is standard input. By its first bytes a file is IDX (of unsigned bytes), PGM or PPM (binary, 8 bits),
  // or else a stream in `format`. kInvalidArgument, with path and what was found, where its pictures are not
  // of `shape`.
  static absl::StatusOr<SampleStream> Open(const std::string& path, const Shape& shape, SampleFormat format);
  ~SampleStream();
  SampleStream(SampleStream&& other) noexcept;
  SampleStream& operator=(SampleStream&&) = delete;

  // The next sample; false at the end. kDataLoss if it ends within a sample.
  absl::StatusOr<bool> Next(std::vector<float>& sample);

 private:
  SampleStream() = default;
  absl::Status ReadHeader(const Shape& shape);

  std::string path_;
  std::FILE* file_ = nullptr;
  SampleFormat format_ = SampleFormat::kBytes;
  int64_t elements_ = 0, left_ = -1;  // of samples; -1: to the end
  int64_t planes_ = 1;                // of PPM, whose pixels have their colours side by side
  std::vector<uint8_t> begun_;        // bytes that were read to know what it is
  std::vector<uint8_t> bytes_;
};

// The labels of an IDX file.
absl::StatusOr<std::vector<uint8_t>> ReadLabels(const std::string& path);

}  // namespace concertina::edge
