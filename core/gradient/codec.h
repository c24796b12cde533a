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

// Elements [offset, offset + rows columns) of a bucket are a matrix, row by row.
struct Matrix {
  int64_t offset = 0;
  int64_t rows = 0;
  int64_t columns = 0;
};

// The other face of a codec whose payloads are summed in several rounds, each worked out from the sum of the
// one before (PowerSGD): for an all-reduce. All ranks call the same in the same order:
//   span = Begin(g); span becomes its mean over the ranks; span = Next(); the mean again; …; Finish(g)
// and end with the same bits, if they began with the same state. The spans belong to the codec. After an
// error the state is as before Begin. Errors: Begin as Codec::Encode; kDataLoss if a mean is not finite.
class SummedRounds {
 public:
  virtual ~SummedRounds() = default;
  virtual int round_count() const = 0;
  // How many floats `round`, from 0, sums for a bucket of d; 0: nothing to be sent.
  virtual int64_t RoundFloats(int64_t d, int round) const = 0;
  // `gradient` stays as it is until the last Next has returned.
  virtual absl::StatusOr<std::span<float>> Begin(std::span<const float> gradient, int64_t step) = 0;
  virtual absl::StatusOr<std::span<float>> Next() = 0;
  // Overwrites `gradient` with what all ranks take for the mean, and updates the state.
  virtual absl::Status Finish(std::span<float> gradient) = 0;
  // After the last Next and before its sum: what this rank's own share says, for measuring the error.
  virtual absl::Status DecodeOwn(std::span<float> gradient) const = 0;
};

// Serves one bucket of one worker and keeps its state (residual, momentum): used by one thread, neither
// copied nor shared. d, the number of floats, is that of the first Encode and the same ever after.
class Codec {
 public:
  virtual ~Codec() = default;
  // Before the first use, by whoever cuts the buckets: what of the bucket are matrices, in ascending order
  // and without overlap; the rest are vectors. Not called: the bucket has no known shape.
  virtual void Describe(std::span<const Matrix> /*matrices*/) {}
  // Before the first use: whose draws these are, of a codec that draws. What all must draw alike follows from
  // the seed of the run; errors that are to average out over the ranks follow from the rank too. Not called:
  // from the codec's own seed alone.
  virtual void SeedDraws(uint64_t /*run_seed*/, int /*rank*/) {}
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
  // What all ranks take of payloads that were gathered. False: the mean. True: what Combine makes of it,
  // which Encode then loses nothing of, so that a server answers with a payload as small as those that it
  // got.
  virtual bool combines() const { return false; }
  // `sum`: what all `ranks` sent, decoded and added in the order of the ranks. Overwrites it with what they
  // take, the same bits wherever it is worked out.
  virtual void Combine(std::span<float> sum, int ranks, int64_t /*step*/) const {
    const float share = 1.0F / static_cast<float>(ranks);
    for (float& value : sum) value *= share;
  }
  // Null: there are no rounds. What Encode writes is for those who do not sum (a server, neighbours).
  virtual SummedRounds* summed_rounds() { return nullptr; }
  // ||e||^2 of the residual (0 where there is none), for the charts.
  virtual double ResidualNormSquared() const { return 0; }
  // e itself, as it is now: d floats, or none where nothing waits (yet). Until the next call that changes it.
  virtual std::span<const float> residual() const { return {}; }
  // Whether a payload is of chosen elements, each about as many bytes: the others decode to 0.
  virtual bool sends_chosen() const { return false; }
  // State for checkpoints: the same bytes give the same future, bit for bit.
  virtual void SaveState(std::vector<uint8_t>& state) const = 0;
  virtual absl::Status LoadState(std::span<const uint8_t> state) = 0;
  // Live knobs: the new, checked parameters; the residual stays.
  virtual absl::Status Change(const Params& params) = 0;
};

}  // namespace concertina
