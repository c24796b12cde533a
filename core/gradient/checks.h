// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// checks.h: the checks that every codec makes, in the same words: finite numbers, one length, whole payloads.
// On the way of the data: the codecs of this folder -> here.
#pragma once

#include <bit>
#include <cstdint>
#include <span>
#include <string_view>

#include "core/base/status.h"

namespace concertina {

// Payloads are little endian, and are written and read as they lie in memory.
static_assert(std::endian::native == std::endian::little);

// Whether no element is NaN or infinite. Reads memory once, at its speed.
bool IsFinite(std::span<const float> values);
// The index of the first of n floats that is NaN or infinite, -1 if there is none; for messages, not for
// speed.
int64_t FirstNotFinite(const void* values, int64_t n);

// to = from, n floats; false if any is NaN or infinite. The pointers need no alignment. One pass.
bool CopyFinite(const uint8_t* from, uint8_t* to, int64_t n);
// to += from, n floats, of which `from` needs no alignment; false if any of `from` is NaN or infinite.
bool AddFinite(const uint8_t* from, float* to, int64_t n);

// kOutOfRange naming the first such element: what Encode answers to a gradient that is not finite.
absl::Status NotFiniteError(std::span<const float> gradient, int64_t offset = 0);
// kDataLoss: what Decode answers to an element that is not finite.
absl::Status DamagedElementError(std::string_view codec, int64_t index);
// kDataLoss if the payload has another length than the codec writes for d elements.
absl::Status CheckPayloadSize(std::string_view codec, int64_t payload_bytes, int64_t expected_bytes,
                              int64_t d);
// kDataLoss unless there is no state at all: for codecs that keep none.
absl::Status CheckNoState(std::string_view codec, std::span<const uint8_t> state);

// The length d of a codec's bucket: that of the first gradient, and the same ever after.
class BucketLength {
 public:
  // kInvalidArgument for an empty gradient, more elements than 32 bits can number, or another length than
  // before.
  absl::Status Check(std::span<const float> gradient);
  void Forget() { d_ = 0; }

 private:
  int64_t d_ = 0;
};

}  // namespace concertina
