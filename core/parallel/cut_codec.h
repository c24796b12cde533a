// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// cut_codec.h: what crosses a cut between two stages, as the bytes of a gradient codec: one end of the cut,
// which encodes what it sends and decodes what it takes.
// On the way of the data: graph/stage.h -> here -> comm/communicator.h -> the cut's other end.
//
// Codecs are made for gradients, which are of the same parameters step after step. What crosses a cut is of
// other samples each time: what a codec did not send of one micro-batch must not be added to the next, so
// codecs with error feedback are refused. What else a codec remembers it keeps for each end and micro-batch
// by itself, so that the bits do not depend on the schedule.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <vector>

#include "core/base/status.h"
#include "core/gradient/codec.h"

namespace concertina {

class CutCodec {
 public:
  using MakeCodec = std::function<absl::StatusOr<std::unique_ptr<Codec>>()>;
  // `payloads`: how many are on their way at once; `floats`: of a micro-batch. Errors: MakeCodec's.
  static absl::StatusOr<std::unique_ptr<CutCodec>> Create(const MakeCodec& make_codec, int micro_batches,
                                                          int payloads, int64_t floats);

  // The payload stays as it is until the same `payload` of the `payloads` is written again. kOutOfRange if a
  // value is NaN or infinite.
  absl::StatusOr<std::span<const std::byte>> Encode(int micro_batch, int payload,
                                                    std::span<const float> values, int64_t step);
  // To receive into; at most max_bytes() come.
  std::vector<uint8_t>& received() { return received_; }
  size_t max_bytes() const { return static_cast<size_t>(codecs_.front()->MaxPayloadBytes(floats_)); }
  // Of what was received. kDataLoss as Codec::Decode.
  absl::Status Decode(int micro_batch, std::span<float> values) const;

  absl::Status Change(const Params& codec);
  void SaveState(std::vector<uint8_t>& state) const;        // appends
  absl::Status TakeState(std::span<const uint8_t>& state);  // takes off what SaveState appended
  int64_t memory_bytes() const;                             // of payloads

 private:
  CutCodec(int64_t floats, int payloads) : floats_(floats), payloads_(static_cast<size_t>(payloads)) {}

  const int64_t floats_;
  std::vector<std::unique_ptr<Codec>> codecs_;  // of each micro-batch
  std::vector<std::vector<uint8_t>> payloads_;
  std::vector<uint8_t> received_;
};

// What a codec does when it is given numbers: so those of plugins are found out too.
struct CodecTrial {
  bool was_asked = false;  // to remember: its switch is on
  bool remembers = false;  // what it did not send
  bool changes = false;    // in anything that a checkpoint would keep
};
absl::StatusOr<CodecTrial> TryCodec(const Params& codec);

// kInvalidArgument, with the reason, if a codec is not one for what crosses a cut.
absl::Status FitsACut(const Params& codec);

}  // namespace concertina
