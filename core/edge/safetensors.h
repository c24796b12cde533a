// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// safetensors.h: named tensors of 32-bit floats in one file that other programs read, too.
// On the way of the data: graph/executor.h parameters() -> here -> a file of the run; nn and PyTorch read it.
//   header length u64, little endian | header, JSON, padded with spaces to 8 bytes | data, little endian,
//   row-major header: {"__metadata__": {text: text}, name: {"dtype": "F32", "shape": […], "data_offsets":
//   [begin, end]}, …}
// Format: Hugging Face, safetensors 0.4.
#pragma once

#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/disk.h"
#include "core/base/status.h"
#include "core/graph/graph.h"

namespace concertina {

struct NamedTensor {
  std::string name;
  Shape shape;
  std::span<const float> values;  // ElementCount(shape), owned by the caller
};

struct Safetensors {
  struct Tensor {
    std::string name;
    Shape shape;
    std::vector<float> values;
  };
  std::vector<Tensor> tensors;  // in the order of their data
  std::map<std::string, std::string> metadata;
  std::string data_sha256;  // as WriteSafetensors gave it
};

// Writes the file as a whole or not at all (see base/file.h). Gives the SHA-256 of the data, 64 hexadecimal
// digits: of parameters alone, the run's `parameters_sha256`. kInvalidArgument if a name is used twice, is
// "__metadata__", empty or no UTF-8, or if shape and values differ; kOutOfRange above the format's 100 MB of
// names and metadata.
absl::StatusOr<std::string> WriteSafetensors(Disk& disk, const std::string& path,
                                             std::span<const NamedTensor> tensors,
                                             const std::map<std::string, std::string>& metadata);
absl::StatusOr<std::string> WriteSafetensors(const std::string& path, std::span<const NamedTensor> tensors,
                                             const std::map<std::string, std::string>& metadata);

// Trusts nothing in the file. kDataLoss, with path and byte, for a header that is not one, offsets that
// overlap, leave holes or do not fit the shape, and data cut short; kInvalidArgument for elements that are
// none of the format's older ones. F16, BF16 and F64 become floats of 32 bits; tensors of whole numbers are
// checked and left out.
absl::StatusOr<Safetensors> ReadSafetensors(const std::string& path);
absl::StatusOr<Safetensors> ParseSafetensors(const std::string& path, std::span<const std::byte> bytes);

}  // namespace concertina
