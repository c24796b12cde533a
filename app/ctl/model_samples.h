// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// model_samples.h: files to ask a served model about: what concertina-edge takes, and PNG and JPEG pictures.
// On the way of the data: files -> here (app/edge/samples.h, data/image_file.h) -> serve/model_client.h.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "app/edge/samples.h"

namespace concertina::ctl {

// The samples of one file, one after another.
class ModelSamples {
 public:
  // "-" is standard input. `floats`: of a stream without a header, little endian; else a byte a pixel.
  // kNotFound; kInvalidArgument, with path and what was found, where its pictures are not of `shape`;
  // kDataLoss: a picture that is damaged.
  static absl::StatusOr<ModelSamples> Open(const std::string& path, const Shape& shape, bool floats);

  // The next sample; false at the end. kDataLoss if it ends within a sample.
  absl::StatusOr<bool> Next(std::vector<float>& sample);

 private:
  ModelSamples() = default;

  std::optional<edge::SampleStream> stream_;  // or
  std::optional<std::vector<float>> picture_;
};

}  // namespace concertina::ctl
