// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// recipe_detail.cc: see recipe_detail.h.
#include "core/worker/recipe_detail.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "core/base/file.h"

namespace concertina {
namespace {

// "conv1.weight" -> "conv1"; long names lose their middle's bytes, not what tells them apart.
std::string DetailNameOf(std::string name) {
  constexpr std::string_view kEnding = ".weight";
  if (name.ends_with(kEnding)) name.resize(name.size() - kEnding.size());
  if (name.size() > kMostNameBytes)
    name = name.substr(0, kMostNameBytes / 2 - 1) + ".." + name.substr(name.size() - kMostNameBytes / 2 + 1);
  return name;
}

double LargestMagnitude(std::span<const float> values) {
  double largest = 0;
  for (const float value : values)
    if (std::isfinite(value)) largest = std::max(largest, std::abs(static_cast<double>(value)));
  return largest;
}

}  // namespace

MaskPicture MaskOf(const Shape& shape, std::span<const float> values) {
  MaskPicture mask;
  if (values.empty() || shape.empty()) return mask;
  const int64_t outputs = shape[0], inner = static_cast<int64_t>(values.size()) / outputs;
  mask.rows = std::min(kMostMaskCells, outputs);
  mask.columns = std::min(kMostMaskCells, inner);
  mask.shares.reserve(static_cast<size_t>(mask.rows * mask.columns));
  for (int64_t r = 0; r < mask.rows; ++r)
    for (int64_t c = 0; c < mask.columns; ++c) {
      const int64_t bottom = (r + 1) * outputs / mask.rows, right = (c + 1) * inner / mask.columns;
      int64_t nonzeros = 0, elements = 0;
      for (int64_t i = r * outputs / mask.rows; i < bottom; ++i)
        for (int64_t j = c * inner / mask.columns; j < right; ++j) {
          nonzeros += values[static_cast<size_t>(i * inner + j)] != 0 ? 1 : 0;
          ++elements;
        }
      mask.shares.push_back(static_cast<char>(
          std::lround(255.0 * static_cast<double>(nonzeros) / static_cast<double>(elements))));
    }
  return mask;
}

LayerDetail LayerDetailOf(const std::string& name, const Shape& shape, std::span<const float> values,
                          double range) {
  LayerDetail layer{.name = name, .shape = shape};
  layer.count = static_cast<int64_t>(values.size());
  layer.range = range;
  layer.largest = LargestMagnitude(values);
  for (const float value : values) {
    if (value == 0) {
      ++layer.zeros;
    } else if (!std::isfinite(value)) {
      ++layer.not_finite;
    } else {
      const double place = (value + range) / (2 * range) * static_cast<double>(kWeightBins);
      ++layer.counts[static_cast<size_t>(std::clamp(place, 0.0, static_cast<double>(kWeightBins - 1)))];
    }
  }
  layer.mask = MaskOf(shape, values);
  return layer;
}

void DrawSample(const Shape& shape, std::span<const float> sample, ChangedAnswer& answer) {
  const bool is_image = shape.size() == 2 || shape.size() == 3;
  const int64_t of_shape = shape.size() == 3 ? shape[0] : 1;
  const int64_t height = is_image ? shape[shape.size() - 2] : 1;
  const int64_t width = is_image ? shape.back() : static_cast<int64_t>(sample.size());
  answer.channels = of_shape >= 3 ? 3 : 1;
  // A table's row is thinned along its only side, so there the square root has no place.
  int64_t factor = 1;
  const auto thinned = [&](int64_t extent) { return (extent + factor - 1) / factor; };
  while (answer.channels * thinned(height) * thinned(width) > kMostDetailPixels) ++factor;
  answer.height = thinned(height);
  answer.width = thinned(width);
  answer.pixels.clear();
  if (sample.empty()) return;
  const auto [least, most] = std::minmax_element(sample.begin(), sample.end());
  const bool is_unit = *least >= 0 && *most <= 1;
  const double from = is_unit ? 0 : *least, scale = is_unit ? 1 : std::max<double>(*most - *least, 1e-30);
  for (int64_t c = 0; c < answer.channels; ++c)
    for (int64_t y = 0; y < answer.height; ++y)
      for (int64_t x = 0; x < answer.width; ++x) {
        const double value = sample[static_cast<size_t>((c * height + y * factor) * width + x * factor)];
        const double byte = 255 * (value - from) / scale;
        answer.pixels.push_back(
            static_cast<char>(std::isfinite(byte) ? std::lround(std::clamp(byte, 0.0, 255.0)) : 0));
      }
}

RecipeDetail::RecipeDetail(const DatasetInfo& dataset) : dataset_(dataset) {
  for (std::string& name : dataset_.class_names) name = DetailNameOf(std::move(name));
}

void RecipeDetail::Begin() {
  detail_ = StepDetail();
  detail_.index = next_++;
  if (dataset_.classes <= kMostDetailClasses) {
    detail_.classes = dataset_.classes;
    detail_.class_names = dataset_.class_names;
  }
  detail_.confusion.assign(static_cast<size_t>(detail_.classes * detail_.classes), 0);
  for (auto& kind : changed_) kind.clear();
  place_ = 0;
}

void RecipeDetail::Add(int64_t index, int32_t label, int64_t answer) {
  ++detail_.looked_at;
  if (label >= 0 && label < detail_.classes && answer < detail_.classes)
    ++detail_.confusion[static_cast<size_t>(label * detail_.classes + answer)];
  if (detail_.index == 0) {
    first_answers_.push_back(static_cast<int32_t>(answer));
    return;
  }
  const ChangedAnswer changed{
      .index = index, .label = label, .before = first_answers_[place_++], .now = answer};
  if (changed.before == changed.now) return;
  const size_t kind = changed.became_wrong() ? 0 : changed.became_right() ? 1 : 2;
  ++(kind == 0 ? detail_.became_wrong : kind == 1 ? detail_.became_right : detail_.still_wrong);
  if (changed_[kind].size() < kMostChangedAnswers) changed_[kind].push_back(changed);
}

absl::Status RecipeDetail::Sum(Communicator& everyone, Deadline deadline) {
  // Floats are what is summed; they count to 2^24, which no test set here comes near.
  std::vector<float> counts;
  const auto each = [this](const auto& take) {
    for (int64_t& count : detail_.confusion) take(count);
    for (int64_t* count : {&detail_.became_wrong, &detail_.became_right, &detail_.still_wrong}) take(*count);
  };
  each([&](int64_t& count) { counts.push_back(static_cast<float>(count)); });
  RETURN_IF_ERROR(everyone.AllReduceSum(counts, deadline));
  auto sum = counts.begin();
  each([&](int64_t& count) { count = std::llround(*sum++); });
  return absl::OkStatus();
}

absl::Status RecipeDetail::SumSensitivity(SensitivityScan scan, Communicator& everyone, Deadline deadline) {
  std::vector<float> sums(scan.losses.begin(), scan.losses.end());
  sums.insert(sums.end(), scan.accuracies.begin(), scan.accuracies.end());
  RETURN_IF_ERROR(everyone.AllReduceSum(sums, deadline));
  detail_.sensitivity_samples = scan.samples;
  detail_.sensitivity_loss = scan.loss;
  detail_.sensitivity_accuracy = scan.accuracy;
  const size_t places = scan.losses.size();
  for (size_t i = 0; i < std::min(places, kMostDetailLayers * kSensitivityMethods.size()); ++i)
    detail_.sensitivity.push_back({.layer = DetailNameOf(scan.layers[i / kSensitivityMethods.size()]),
                                   .method = kSensitivityMethods[i % kSensitivityMethods.size()].name,
                                   .loss = sums[i],
                                   .accuracy = sums[places + i]});
  return absl::OkStatus();
}

void RecipeDetail::Describe(int64_t step, const std::string& text, const ModelFile& file, const Samples& test,
                            const std::map<std::string, LayerTime>& times) {
  detail_.step = step;
  detail_.text = text.substr(0, 1024);
  for (const ValueId id : file.graph.parameters()) {
    const Value& value = file.graph.value(id);
    if (value.shape.size() < 2 || value.given == nullptr) continue;
    if (detail_.layers.size() == kMostDetailLayers) {
      ++detail_.more_layers;
      continue;
    }
    const std::string name = DetailNameOf(value.name);
    const double largest = LargestMagnitude(*value.given);
    // A layer that a step has made (low rank) has no original: the first that is seen of it is that.
    const double range = ranges_.try_emplace(name, largest > 0 ? largest : 1).first->second;
    LayerDetail layer = LayerDetailOf(name, value.shape, *value.given, range);
    if (value.quantization) layer.bits = value.quantization->bits;
    const auto stored = std::find_if(file.tensors.begin(), file.tensors.end(),
                                     [&](const StoredTensor& tensor) { return tensor.name == value.name; });
    if (stored != file.tensors.end()) {
      layer.coding = stored->coding;
      layer.bytes = static_cast<int64_t>(stored->bytes);
    }
    if (const auto time = times.find(value.name); time != times.end()) {
      layer.seconds = time->second.seconds;
      layer.converting_seconds = time->second.converting_seconds;
    }
    detail_.layers.push_back(std::move(layer));
  }
  std::vector<float> sample(static_cast<size_t>(ElementCount(dataset_.sample)));
  for (const auto& kind : changed_)
    for (const ChangedAnswer& answer : kind) {
      if (detail_.changed.size() == kMostChangedAnswers) break;
      test.Read(answer.index, sample.data());
      DrawSample(dataset_.sample, sample, detail_.changed.emplace_back(answer));
    }
}

absl::Status RecipeDetail::Write(Disk& disk, const std::string& run_folder) const {
  const auto path = [&](int64_t index) { return run_folder + "/" + StepDetailFileName(index); };
  const std::string text = WriteStepDetail(detail_);
  const std::span<const std::byte> bytes = std::as_bytes(std::span(text));
  RETURN_IF_ERROR(WriteFileAtomically(disk, path(detail_.index), std::span(&bytes, 1)));
  for (int64_t old = 1; detail_.index == 0 && disk.Remove(path(old)).ok();) ++old;
  return absl::OkStatus();
}

}  // namespace concertina
