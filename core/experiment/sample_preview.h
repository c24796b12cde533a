// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// sample_preview.h: a few training samples as the model gets them, for eyes: small enough to be sent.
// On the way of the data: data/dataset.h -> here -> engine/engine_service.h's GetSamples, the Design page,
// `concertinactl plan --samples`.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "core/experiment/spec.h"
#include "core/graph/graph.h"

namespace concertina {

inline constexpr int64_t kMostPreviewSamples = 32;
inline constexpr int64_t kMostPreviewBytes = 64 * 1024;  // of all pixels together
inline constexpr int64_t kMostPreviewColumns = 16;       // of a table

struct SamplePreview {
  struct Sample {
    int64_t index = 0;  // in the training split
    int32_t label = 0;
    std::vector<uint8_t> pixels;  // of an image: channels x height x width
    std::vector<float> values;    // of a row: its first columns
  };
  Shape shape;                                  // as the model gets it
  int64_t channels = 0, height = 0, width = 0;  // of `pixels`: less than `shape` where 64 KiB would not do
  std::vector<std::string> class_names;         // may be empty
  std::vector<std::string> column_names;        // of a table's first columns; may be empty
  int64_t available = 0;                        // samples that were chosen from
  std::vector<Sample> samples;

  bool is_table() const { return channels == 0; }
};

struct PreviewChoice {
  int64_t count = 16;   // at least 1, at most kMostPreviewSamples
  int64_t worker = -1;  // the part of a worker (in rounds, of a client) alone; -1: all
};

// Images are drawn by the spec's seed, as evenly over the classes as can be, and come class by class: the
// same spec shows the same ones. Of a table the first rows come. kInvalidArgument for a worker or a count
// that is none; else as Dataset and Partition have them. Cost: opening the dataset, and O(samples) for a
// part.
absl::StatusOr<SamplePreview> PreviewOf(const Spec& spec, const std::string& datasets_folder,
                                        const PreviewChoice& choice);

}  // namespace concertina
