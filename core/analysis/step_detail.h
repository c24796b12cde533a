// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// step_detail.h: what a step of a recipe made of a model from the inside: the weights of each layer, which
// of them are left, which answers changed; and the one JSON form of it, the file recipe-K.json of a run.
// On the way of the data: worker/recipe_detail.h writes it -> here -> engine/recipe_step_file.h ->
// `concertinactl recipe RUN --step K`, ui/client/recipe_details.h.
//
// Everything is bounded, so that any model's detail fits one message of the engine: pictures are thumbnails,
// and what is too much (layers beyond kMostDetailLayers, classes beyond kMostDetailClasses) is left out and
// told.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "core/base/status.h"

namespace concertina {

inline constexpr size_t kWeightBins = 64;
inline constexpr int64_t kMostMaskCells = 96;  // on each side
inline constexpr size_t kMostDetailLayers = 128;
inline constexpr int64_t kMostDetailClasses = 256;
inline constexpr size_t kMostChangedAnswers = 24;
inline constexpr int64_t kMostDetailPixels = 3 * 64 * 64;
inline constexpr size_t kMostNameBytes = 64;  // of a class or a layer; longer ones are cut
// 128 layers of 13 kB, 256 x 256 counts, 24 pictures of 16 kB: 2.7 MB at worst. gRPC takes 4 MiB.
inline constexpr size_t kMostDetailBytes = size_t{3} << 20;

// A weight seen as outputs x (inputs x taps), in at most 96 x 96 blocks of nearly the same size: block (r, c)
// begins at row r * outputs / rows, column c * inner / columns.
struct MaskPicture {
  int64_t rows = 0, columns = 0;
  std::string shares;  // a byte each, row by row: 255 times the share of the block that is not zero
  double share(int64_t row, int64_t column) const {
    return static_cast<uint8_t>(shares[static_cast<size_t>(row * columns + column)]) / 255.0;
  }
};

struct LayerDetail {
  std::string name;  // "conv1"
  std::vector<int64_t> shape;
  int64_t count = 0, zeros = 0;
  int64_t not_finite = 0;  // NaN or infinite, in no bin; a model that has diverged
  int bits = 32;           // of its grid; 32: floats
  std::string coding;      // how the file has it: "sparse, 5-bit codebook, arithmetic-coded"
  int64_t bytes = 0;       // of it in the file
  // Median of what the layer takes of one answer, and of it what only converts values for it (quantize,
  // dequantize, prepare). 0: not measured, as by earlier versions.
  double seconds = 0, converting_seconds = 0;
  // The bins divide -range to range evenly, zeros not among them, the outermost with all beyond. `range` is
  // the largest magnitude that the layer had in the model as it was trained, so that bins compare.
  double range = 1;
  double largest = 0;  // magnitude, now
  std::array<int64_t, kWeightBins> counts = {};
  MaskPicture mask;
};

struct ChangedAnswer {
  int64_t index = 0;  // of the test set
  int64_t label = 0, before = 0, now = 0;
  int64_t channels = 1, height = 1, width = 1;  // 1 or 3 channels; a row of a table is one line of pixels
  std::string pixels;                           // channel by channel, row by row, 0..255
  bool became_wrong() const { return before == label && now != label; }
  bool became_right() const { return before != label && now == label; }
};

// One layer alone made smaller, and what the model then does (compress/sensitivity.h).
struct LayerSensitivity {
  std::string layer, method;  // "conv1", "prune 50 %"
  double loss = 0, accuracy = 0;
};

struct StepDetail {
  int64_t index = 0;                     // in the recipe; 0: the model as it was trained
  int64_t step = 0;                      // of the run
  std::string text;                      // "prune-l1: amount 0.5"
  std::vector<std::string> class_names;  // may be empty
  std::vector<LayerDetail> layers;
  int64_t more_layers = 0;         // that are not in `layers`
  int64_t classes = 0;             // 0: more than kMostDetailClasses, and no counts
  std::vector<int64_t> confusion;  // [label * classes + answer], of all test samples
  // Against step 0, of all test samples.
  int64_t became_wrong = 0, became_right = 0, still_wrong = 0;  // the last: another wrong answer
  int64_t looked_at = 0;               // samples that rank 0 judged itself: `changed` is of these
  std::vector<ChangedAnswer> changed;  // those that became wrong, then right, then the others
  // Where it was asked for: of `sensitivity_samples` test samples, and the whole model's on the same ones.
  int64_t sensitivity_samples = 0;
  double sensitivity_loss = 0, sensitivity_accuracy = 0;
  std::vector<LayerSensitivity> sensitivity;

  std::string ClassName(int64_t index) const;  // or its number
  const LayerDetail* Layer(const std::string& name) const;
};

// Bytes that are not UTF-8 in names become U+FFFD.
std::string WriteStepDetail(const StepDetail& detail);
// Trusts nothing: kDataLoss says which field is not as above (counts that do not add up, a picture of
// another size), or that the text is no JSON or longer than kMostDetailBytes.
absl::StatusOr<StepDetail> ReadStepDetail(const std::string& json);

// The worst first: by accuracy, then by loss.
std::vector<LayerSensitivity> ByHarm(std::vector<LayerSensitivity> layers);

// "recipe-3.json"
std::string StepDetailFileName(int64_t index);

}  // namespace concertina
