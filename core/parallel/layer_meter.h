// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// layer_meter.h: what a codec makes of each layer's gradient, and what waits in its residual; now and then.
// On the way of the data: parallel/measured_encode.h -> here -> worker/layer_series.h.
//
// Of a layer with gradient g, of which the payload says c, and residual e as it was before the step:
//   relative error  ||g - c|| / ||g||           cosine     <g, c> / (||g|| ||c||)
//   residual norm   ||e||                       direction  <e, g> / (||e|| ||g||)
//   age  n = (r + p) / (1 + p),  r = ||e||^2 / ||g||^2,  p = max(0, <e, g> / ||g||^2)       steps
// The age is an estimate: in how many steps gradients like g make a residual like e. If e is the sum of n
// gradients of norm ||g|| of which any two have the cosine q, then ||e||^2 = (n + n (n - 1) q) ||g||^2, and
// its product with the next is n q ||g||^2: the two equations for n and q. Pure noise gives n = r, a steady
// gradient n = ||e|| / ||g||. To remember when each element was last sent would take d integers and a write
// for every element of every step; the estimate takes one product, at measured steps.
#pragma once

#include <cstdint>
#include <limits>
#include <span>
#include <string>
#include <vector>

#include "core/graph/executor.h"

namespace concertina {

// What two vectors have in common: a gradient g and what is made of it, c.
struct Agreement {
  double gradient_squared = 0;  // ||g||^2
  double decoded_squared = 0;   // ||c||^2
  double product = 0;           // <g, c>
  double error_squared = 0;     // ||g - c||^2
};
Agreement AgreementOf(std::span<const float> gradient, std::span<const float> decoded);

// Parameters that share a layer.
struct LayerGroup {
  std::string name;  // "conv1" of conv1.weight and conv1.bias
  int64_t parameters = 0;
};

// The layer of each parameter: its name's part before the last point. Where a model has more layers than
// LayerMeter::kMaxLayers, those of one prefix are one ("stage2.block1", then "stage2"), and at last the rest
// of them are "others".
std::vector<std::string> LayerNamesOf(const std::vector<ParameterSlot>& layout);

// What cannot be said is NaN: the error of a gradient of zeros, the age where nothing waits.
struct LayerFigures {
  double payload_bytes = 0, encode_seconds = 0, decode_seconds = 0;
  double gradient_norm = 0, residual_norm = 0;
  double relative_error = std::numeric_limits<double>::quiet_NaN();
  double cosine = std::numeric_limits<double>::quiet_NaN();
  double residual_cosine = std::numeric_limits<double>::quiet_NaN();
  double residual_age = std::numeric_limits<double>::quiet_NaN();  // steps
};

// Offsets are of the flat gradient. Its own thread is the step thread; what adds may be on the communication
// thread, while the exchange has a step. Nothing allocates after construction.
//
// Cost: at a measured step one more pass over gradient and residual, and over what was decoded where elements
// are chosen. The measured error, which was there before, reads all of these but the residual. Spread over the
// 16 steps that there are from one to the next, if nobody asks for more, that is half a byte a parameter and step, of some 50 that gradients, codec and optimiser move, and
// under one operation of the 6 b that the model computes for a parameter and a batch of b: under 1 %.
class LayerMeter {
 public:
  static constexpr size_t kMaxLayers = 64;

  // One group for each of LayerNamesOf.
  explicit LayerMeter(const std::vector<ParameterSlot>& layout);

  const std::vector<LayerGroup>& layers() const { return layers_; }
  bool is_measured() const { return is_measured_; }  // since Begin
  LayerFigures FiguresOf(size_t layer) const;

  void Begin();
  // Before the codec is called: what it is given, and what waits in it (none: nothing does). `scaled_by`: the
  // gradient's factor, which norms are rid of.
  void AddGradient(int64_t offset, std::span<const float> gradient, std::span<const float> residual,
                   double scaled_by = 1);
  // After: `decoded` is what the payload says, of which the layers have their parts by the elements that are
  // not 0 if it is of chosen ones, else by their number.
  void AddPayload(int64_t offset, std::span<const float> decoded, size_t payload_bytes, bool is_chosen);
  // `agreed` has what all of it agrees.
  void AddAgreement(int64_t offset, std::span<const float> gradient, std::span<const float> decoded,
                    Agreement& agreed);
  // Of a bucket; layers have their parts by the number of elements.
  void AddSeconds(int64_t offset, int64_t count, double encode, double decode);

 private:
  struct Range {  // elements [begin, end) are of one layer
    int64_t begin, end;
    size_t layer;
  };
  struct Sums {
    Agreement agreement;
    double gradient_squared = 0, residual_squared = 0, residual_product = 0;
    double payload_bytes = 0, encode_seconds = 0, decode_seconds = 0;
  };
  template <class Visit>  // visit(sums, first element within the span, count)
  void ForEachPiece(int64_t offset, size_t count, Visit visit);

  std::vector<LayerGroup> layers_;
  std::vector<Range> ranges_;  // ascending
  std::vector<Sums> sums_;     // by layer
  bool is_measured_ = false;
};

// Where in a meter something lies that is encoded. Without a meter nothing is measured by layer.
struct MeteredPlace {
  LayerMeter* meter = nullptr;
  int64_t offset = 0;
  double scaled_by = 1;
  int64_t every_steps = 16;  // it is measured
};

}  // namespace concertina
