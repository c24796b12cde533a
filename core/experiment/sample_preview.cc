// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// sample_preview.cc: draws, reads and shrinks (see sample_preview.h).
#include "core/experiment/sample_preview.h"

#include <algorithm>
#include <cmath>
#include <memory>
#include <numeric>
#include <optional>
#include <span>

#include "core/base/registry.h"
#include "core/base/rng.h"
#include "core/data/dataset.h"
#include "core/data/partition.h"
#include "core/parallel/exchange.h"
#include "fmt/format.h"

namespace concertina {
namespace {

// Ascending.
absl::StatusOr<std::vector<int64_t>> ChosenPart(const Spec& spec, const std::vector<int32_t>& labels,
                                                int64_t worker) {
  if (worker < 0) {
    std::vector<int64_t> all(labels.size());
    std::iota(all.begin(), all.end(), 0);
    return all;
  }
  ASSIGN_OR_RETURN(const auto exchange, Registry::Global().Create<Exchange>("exchange", spec.exchange));
  ASSIGN_OR_RETURN(const auto partition, Registry::Global().Create<Partition>("partition", spec.partition));
  const std::optional<Rounds> rounds = exchange->rounds();
  const int64_t workers = rounds ? rounds->clients : spec.mesh_data;
  if (worker >= workers)
    return absl::InvalidArgumentError(
        fmt::format("worker: found {}, expected a number from 0 to {}: the data is divided among {}", worker,
                    workers - 1, workers));
  ASSIGN_OR_RETURN(std::vector<int64_t> part,
                   partition->Shard(labels, worker, workers, spec.seed, /*epoch=*/0));
  std::sort(part.begin(), part.end());
  return part;
}

// One of each class, then a second of each, and so on.
std::vector<int64_t> DrawnEvenly(std::vector<int64_t> part, const std::vector<int32_t>& labels, int64_t count,
                                 uint64_t seed) {
  Rng(seed, "preview").Shuffle(std::span(part));
  const auto label = [&](int64_t index) { return labels[static_cast<size_t>(index)]; };
  std::vector<std::vector<int64_t>> turns(static_cast<size_t>(count));  // the n-th of each class
  std::vector<size_t> met;
  for (const int64_t index : part) {
    const auto of_class = static_cast<size_t>(label(index));
    if (of_class >= met.size()) met.resize(of_class + 1);
    if (met[of_class] < turns.size()) turns[met[of_class]++].push_back(index);
  }
  std::vector<int64_t> drawn;
  for (const std::vector<int64_t>& turn : turns)
    for (const int64_t index : turn)
      if (static_cast<int64_t>(drawn.size()) < count) drawn.push_back(index);
  std::sort(drawn.begin(), drawn.end(),
            [&](int64_t a, int64_t b) { return label(a) != label(b) ? label(a) < label(b) : a < b; });
  return drawn;
}

// Means over squares of `times` x `times` pixels; those at the right and lower edge are over what is there.
std::vector<uint8_t> Shrunk(std::span<const float> image, const SamplePreview& preview, int64_t times) {
  const int64_t high = preview.shape[1], wide = preview.shape[2];
  std::vector<uint8_t> pixels;
  pixels.reserve(static_cast<size_t>(preview.channels * preview.height * preview.width));
  for (int64_t c = 0; c < preview.channels; ++c)
    for (int64_t y = 0; y < preview.height; ++y)
      for (int64_t x = 0; x < preview.width; ++x) {
        const int64_t bottom = std::min(high, (y + 1) * times), right = std::min(wide, (x + 1) * times);
        double sum = 0;
        for (int64_t row = y * times; row < bottom; ++row)
          for (int64_t column = x * times; column < right; ++column)
            sum += image[static_cast<size_t>((c * high + row) * wide + column)];
        const double mean = sum / static_cast<double>((bottom - y * times) * (right - x * times));
        pixels.push_back(static_cast<uint8_t>(std::lround(std::clamp(mean, 0.0, 1.0) * 255)));
      }
  return pixels;
}

// How many pixels in a row become one, so that `count` images are not too many bytes.
int64_t TimesSmaller(const Shape& shape, int64_t channels, int64_t count) {
  const auto bytes = [&](int64_t times) {
    return channels * ((shape[1] + times - 1) / times) * ((shape[2] + times - 1) / times) * count;
  };
  int64_t times = 1;
  while (bytes(times) > kMostPreviewBytes) ++times;
  return times;
}

}  // namespace

absl::StatusOr<SamplePreview> PreviewOf(const Spec& spec, const std::string& datasets_folder,
                                        const PreviewChoice& choice) {
  if (choice.count < 1 || choice.count > kMostPreviewSamples)
    return absl::InvalidArgumentError(
        fmt::format("count: found {}, expected 1 to {} samples", choice.count, kMostPreviewSamples));
  ASSIGN_OR_RETURN(const auto dataset, Registry::Global().Create<Dataset>("dataset", spec.dataset));
  ASSIGN_OR_RETURN(const DatasetInfo info, dataset->Probe(datasets_folder));
  ASSIGN_OR_RETURN(const auto train, dataset->OpenTrain(datasets_folder));
  ASSIGN_OR_RETURN(std::vector<int64_t> part, ChosenPart(spec, train->labels(), choice.worker));
  SamplePreview preview{.shape = info.sample, .class_names = info.class_names};
  preview.available = static_cast<int64_t>(part.size());
  const bool is_image = info.sample.size() == 3;
  int64_t times = 1;
  if (is_image) {
    part = DrawnEvenly(std::move(part), train->labels(), choice.count, spec.seed);
    // Two channels, or more than three, are no colours: the first alone is shown, in grey.
    preview.channels = info.sample[0] == 3 ? 3 : 1;
    times = TimesSmaller(info.sample, preview.channels, choice.count);
    preview.height = (info.sample[1] + times - 1) / times;
    preview.width = (info.sample[2] + times - 1) / times;
  } else {
    part.resize(std::min(part.size(), static_cast<size_t>(choice.count)));
    preview.column_names = info.column_names;
    if (preview.column_names.size() > kMostPreviewColumns) preview.column_names.resize(kMostPreviewColumns);
  }
  std::vector<float> values(static_cast<size_t>(ElementCount(info.sample)));
  for (const int64_t index : part) {
    train->Read(index, values.data());
    SamplePreview::Sample& sample = preview.samples.emplace_back();
    sample.index = index;
    sample.label = train->label(index);
    if (is_image)
      sample.pixels = Shrunk(values, preview, times);
    else
      sample.values.assign(values.begin(),
                           values.begin() + std::min<int64_t>(std::ssize(values), kMostPreviewColumns));
  }
  return preview;
}

}  // namespace concertina
