// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// codec.h: a gradient codec turns one bucket of gradients into bytes, and back. Category "gradient-codec".
// On the way of the data: parallel/bucket.h -> here -> comm/transport.h.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "core/base/descriptor.h"

namespace concertina {

// Serves one bucket of one worker and keeps its state (residual, momentum): used by one thread, neither
// copied nor shared. d, the number of floats, is that of the first Encode and the same ever after.
class Codec {
 public:
  virtual ~Codec() = default;
  // Writes the payload of `gradient` to `payload` (resized; its capacity is reused) and updates the state.
  // A contractive codec meets ||x - Decode(Encode(x))||^2 <= (1 - delta) ||x||^2 [Karimireddy et al., Error
  // Feedback Fixes SignSGD, ICML 2019]. Cost: O(d), at most MaxPayloadBytes(d) bytes. After an error the
  // state is as before. Errors: kInvalidArgument if d changed; kOutOfRange if an element is NaN or infinite
  // (it is named by index).
  virtual absl::Status Encode(std::span<const float> gradient, int64_t step,
                              std::vector<uint8_t>& payload) = 0;
  // Overwrites `gradient` with what the payload says. The payload comes from outside: every length, index and
  // scale is checked before it is believed, and nothing is allocated on its word. kDataLoss says what is
  // wrong and where; the gradient may be part-written then.
  virtual absl::Status Decode(std::span<const uint8_t> payload, std::span<float> gradient) const = 0;
  // gradient += what the payload says; as checked as Decode. Sparse codecs touch only what was sent.
  virtual absl::Status DecodeAdd(std::span<const uint8_t> payload, std::span<float> gradient) const = 0;
  // The most that Encode writes for d floats; where it has a fixed size, tests hold it to within 5 % of the
  // usual.
  virtual int64_t MaxPayloadBytes(int64_t d) const = 0;
  // Whether d alone says how long a payload is: not where the gradient decides how much is sent, or how well
  // it packs.
  virtual bool has_fixed_size() const { return true; }
  // What holds for every x of d floats: ||x - Decode(Encode(x))||^2 <= ErrorBound(d) ||x||^2, 1 - delta of a
  // contractive codec, to float rounding; infinite where nothing holds. With error feedback x is gradient
  // plus residual.
  virtual double ErrorBound(int64_t d) const { return d > 0 ? 1 : 0; }
  // Summable: payloads are arrays of floats or halves, MaxPayloadBytes(d) long on every rank, that may be
  // added element by element inside an all-reduce (and the sum scaled, if of floats): what is then decoded is
  // the ranks' sum, or its mean. Otherwise they must be gathered.
  enum class Sum { kGathered, kFloat32, kFloat16 };
  virtual Sum sum() const = 0;
  // ||e||^2 of the residual (0 where there is none), for the charts.
  virtual double ResidualNormSquared() const { return 0; }
  // State for checkpoints: the same bytes give the same future, bit for bit.
  virtual void SaveState(std::vector<uint8_t>& state) const = 0;
  virtual absl::Status LoadState(std::span<const uint8_t> state) = 0;
  // Live knobs: the new, checked parameters; the residual stays.
  virtual absl::Status Change(const Params& params) = 0;
};

}  // namespace concertina
