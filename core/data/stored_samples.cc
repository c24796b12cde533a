// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// stored_samples.cc: reads samples, asking the memory for the next ones in time (see stored_samples.h).
#include "core/data/stored_samples.h"

#include <algorithm>
#include <cassert>
#include <cstring>

#include "core/data/pixels.h"

namespace concertina {
namespace {

class StoredSamples final : public Samples {
 public:
  StoredSamples(StoredSamplesLayout layout, std::vector<int32_t> labels)
      : layout_(std::move(layout)), labels_(std::move(labels)) {
    sample_bytes_ = layout_.elements * (layout_.kind == ElementKind::kPixel ? 1 : 4);
    [[maybe_unused]] int64_t samples = 0;
    for (const SampleRun& run : layout_.runs) {
      assert(run.first_byte + (run.samples - 1) * run.stride_bytes + sample_bytes_ <=
             static_cast<int64_t>(run.file.bytes.size()));
      samples += run.samples;
    }
    assert(samples == size());
  }

  int64_t size() const override { return static_cast<int64_t>(labels_.size()); }
  int32_t label(int64_t index) const override { return labels_[static_cast<size_t>(index)]; }
  const std::vector<int32_t>& labels() const override { return labels_; }

  void Read(int64_t index, float* destination) const override { Convert(Find(index), destination); }

  void ReadBatch(std::span<const int64_t> indices, std::span<float> destination) const override {
    assert(destination.size() == indices.size() * static_cast<size_t>(layout_.elements));
    // Samples lie anywhere, so that the processor cannot foresee the next: it is told, kAhead samples before.
    // 64 MNIST images from 47 MB, median of an epoch on one EPYC core: 18 us untold, 8 us 4 ahead, 9 us 8
    // ahead.
    constexpr size_t kAhead = 4;
    for (size_t i = 0; i < std::min(kAhead, indices.size()); ++i) Prefetch(Find(indices[i]));
    for (size_t i = 0; i < indices.size(); ++i) {
      if (i + kAhead < indices.size()) Prefetch(Find(indices[i + kAhead]));
      Convert(Find(indices[i]), destination.data() + i * static_cast<size_t>(layout_.elements));
    }
  }

 private:
  const uint8_t* Find(int64_t index) const {
    for (const SampleRun& run : layout_.runs) {
      if (index < run.samples) return run.file.bytes.data() + run.first_byte + index * run.stride_bytes;
      index -= run.samples;
    }
    assert(false && "index beyond the samples");
    return nullptr;
  }

  void Prefetch(const uint8_t* sample) const {
    constexpr int64_t kCacheLineBytes = 64;
    for (int64_t byte = 0; byte < sample_bytes_; byte += kCacheLineBytes) __builtin_prefetch(sample + byte);
  }

  void Convert(const uint8_t* sample, float* destination) const {
    const auto elements = static_cast<size_t>(layout_.elements);
    switch (layout_.kind) {
      case ElementKind::kPixel:
        return PixelsToFloats(sample, elements, destination);
      case ElementKind::kBigEndianFloat:
        return BigEndianToFloats(sample, elements, destination);
      case ElementKind::kFloat:
        std::memcpy(destination, sample, elements * sizeof(float));
        return;
    }
  }

  const StoredSamplesLayout layout_;
  const std::vector<int32_t> labels_;
  int64_t sample_bytes_ = 0;
};

}  // namespace

std::shared_ptr<const Samples> MakeStoredSamples(StoredSamplesLayout layout, std::vector<int32_t> labels) {
  return std::make_shared<StoredSamples>(std::move(layout), std::move(labels));
}

}  // namespace concertina
