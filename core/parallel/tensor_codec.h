// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// tensor_codec.h: sums over the tensor axis whose numbers go through a gradient codec: activations forward,
// their gradients backward.
// On the way of the data: parallel/tensor_group.h -> here -> parallel/payload_sum.h.
//
//   forward:   y = the sum over the ranks i of D(C(x_i))      backward:  dx_i = dy      (straight through)
//   backward:  dx = the sum over the ranks i of D(C(dy_i))    forward:   y_i = x
//
// Every rank takes its own numbers as the others do, out of its payload, and adds in their order: all have
// the same bits after each sum, so what they compute alike stays alike. Only codecs that keep nothing from
// sum to sum fit: sums are of other samples each time, of several layers, and are made again where a pipeline
// recomputes.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <span>
#include <vector>

#include "core/base/span_ring.h"
#include "core/base/status.h"
#include "core/comm/communicator.h"
#include "core/gradient/codec.h"

namespace concertina {

// What sums cost, beside the waiting for other ranks.
struct CodingSeconds {
  double encode = 0, decode = 0;
};

class TensorCodec {
 public:
  using MakeCodec = std::function<absl::StatusOr<std::unique_ptr<Codec>>()>;
  explicit TensorCodec(MakeCodec make_codec) : make_codec_(std::move(make_codec)) {}

  // Before the first step: sums of so many floats will come. Errors: MakeCodec's.
  absl::Status Expect(size_t floats);
  // In place. Adds what it took to `exchange_seconds` and seconds(). kOutOfRange if a value is NaN or
  // infinite.
  absl::Status Sum(std::span<float> values, int64_t step, Communicator& axis, Deadline deadline,
                   SpanRing* spans, double& exchange_seconds);

  CodingSeconds& seconds() { return seconds_; }
  absl::Status Change(const Params& codec);

 private:
  const MakeCodec make_codec_;
  std::map<size_t, std::unique_ptr<Codec>> codecs_;  // by how many floats they take: it is fixed for each
  std::vector<uint8_t> payload_;
  std::vector<std::vector<uint8_t>> gathered_;
  CodingSeconds seconds_;
};

// kInvalidArgument, with the reason, if a codec is not one for these sums.
absl::Status FitsTensorAxis(const Params& codec);

}  // namespace concertina
