// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// layer_series.h: what is measured of each layer, "layer/NAME/relative_error" and so on.
// On the way of the data: parallel/layer_meter.h -> here -> worker/step_recorder.h.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "core/parallel/layer_meter.h"
#include "core/worker/step_recorder.h"

namespace concertina {

// Opened once; the names are those of analysis/layer_table.h, which puts them together again.
class LayerSeries {
 public:
  LayerSeries(const LayerMeter& meter, StepRecorder& recorder)
      : values_(meter.layers().size() * kFigures.size()) {
    for (const LayerGroup& layer : meter.layers())
      for (const auto& [name, unit] : kFigures)
        recorder.OpenApart("layer/" + layer.name + "/" + name, unit, RankFold::kMean);
  }

  // One row. `seconds`: when the step ended.
  void Record(const LayerMeter& meter, int64_t step, double seconds, StepRecorder& recorder) {
    auto value = values_.begin();
    for (size_t layer = 0; layer < meter.layers().size(); ++layer) {
      const LayerFigures f = meter.FiguresOf(layer);
      const std::array<double, kFigures.size()> row = {static_cast<double>(meter.layers()[layer].parameters),
                                                       f.payload_bytes,
                                                       f.relative_error,
                                                       f.cosine,
                                                       f.gradient_norm,
                                                       f.residual_norm,
                                                       f.residual_age,
                                                       f.residual_cosine,
                                                       f.encode_seconds,
                                                       f.decode_seconds};
      value = std::copy(row.begin(), row.end(), value);
    }
    recorder.AddApart(step, seconds, values_);
  }

 private:
  struct Figure {
    const char* name;
    const char* unit;
  };
  static constexpr std::array<Figure, 10> kFigures = {{{"parameters", ""},
                                                       {"payload_bytes", "B"},
                                                       {"relative_error", ""},
                                                       {"cosine", ""},
                                                       {"gradient_norm", ""},
                                                       {"residual_norm", ""},
                                                       {"residual_age", "steps"},
                                                       {"residual_cosine", ""},
                                                       {"encode_seconds", "s"},
                                                       {"decode_seconds", "s"}}};
  std::vector<double> values_;  // of all layers, one after another
};

}  // namespace concertina
