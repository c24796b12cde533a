// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// stored_samples.h: samples whose elements lie in mapped files or memory, one after the other.
// On the way of the data: data/stored_bytes.h -> here -> data/loader.cc.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "core/data/dataset.h"
#include "core/data/stored_bytes.h"

namespace concertina {

enum class ElementKind { kPixel, kFloat, kBigEndianFloat };  // floats are aligned to 4 bytes

// A run of samples in one file: sample i of it begins at first_byte + i * stride_bytes.
struct SampleRun {
  StoredBytes file;
  int64_t samples = 0;
  int64_t first_byte = 0;
  int64_t stride_bytes = 0;
};

struct StoredSamplesLayout {
  ElementKind kind = ElementKind::kPixel;
  int64_t elements = 0;         // of a sample
  std::vector<SampleRun> runs;  // few
};

// The sizes were checked by the caller: labels.size() is the sum of the runs' samples, and each run lies in
// its file.
std::shared_ptr<const Samples> MakeStoredSamples(StoredSamplesLayout layout, std::vector<int32_t> labels);

}  // namespace concertina
