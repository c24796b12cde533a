// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// codec_state_target.cc: what codecs load from a checkpoint.
// Input: codec u8 | length u8 | used u8 (odd: after an Encode) | state.
#include <cmath>
#include <map>

#include "tests/fuzz/codec_choice.h"

namespace concertina {
namespace {

// Making a codec checks its parameters: half of the time of an execution. A fresh one's state is always good,
// so one can be made as new by loading it.
Codec& CodecOf(const CodecChoice& choice, bool is_used) {
  static std::map<std::tuple<size_t, int64_t, bool>, std::pair<std::unique_ptr<Codec>, FuzzBytes>> codecs;
  auto& [codec, state] = codecs[{choice.codec, choice.floats, is_used}];
  if (codec == nullptr) {
    FuzzBytes payload;
    codec = is_used ? UsedCodec(choice, payload) : FreshCodec(choice);
    codec->SaveState(state);
  } else if (!is_used) {
    codec = FreshCodec(choice);  // it may have taken the length of the state before
  } else {
    const absl::Status loaded = codec->LoadState(state);
    Require(loaded.ok(), "its own state is refused");
  }
  return *codec;
}

}  // namespace

FuzzInputs InputsOfTarget() {
  FuzzInputs inputs;
  for (size_t codec = 0; codec < CodecChoices().size(); ++codec)
    for (const size_t length : {0, 2, 4})
      for (const uint8_t is_used : {0, 1}) {
        FuzzBytes payload, state, input = HeadOf(codec, length);
        UsedCodec({.codec = codec, .floats = kBucketFloats[length]}, payload)->SaveState(state);
        input.push_back(is_used);
        input.insert(input.end(), state.begin(), state.end());
        inputs.seeds.push_back(std::move(input));
      }
  inputs.most_bytes = 16384;
  return inputs;
}

}  // namespace concertina

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace concertina;
  InputReader input({data, size});
  const CodecChoice choice = TakeCodecChoice(input);
  const bool is_used = input.Byte() % 2 == 1;
  Codec& codec = CodecOf(choice, is_used);
  FuzzBytes before, after, payload;
  codec.SaveState(before);
  absl::Status outcome;
  {
    // What it keeps may be as long as its bucket, some times over, and a copy is taken to go back to.
    const auto bound =
        AllocationBound::OfClaimed(input.rest().size() + 16 * static_cast<size_t>(choice.floats));
    outcome = codec.LoadState(input.rest());
  }
  Note(outcome);
  if (!outcome.ok()) {
    Require(absl::IsDataLoss(outcome) || absl::IsInvalidArgument(outcome),
            "LoadState gave neither kDataLoss nor kInvalidArgument");
    codec.SaveState(after);
    // A chain goes back by loading what was before; of a fresh one that leaves the length, and zeros.
    Require(!is_used || before == after, "a state that was refused changed something");
    return 0;
  }
  // Whatever it loaded, what it then sends is good, or the gradient is refused.
  const std::vector<float> gradient = MakeGradient("normal", choice.floats, 6);
  if (!codec.Encode(gradient, 1, payload).ok()) return 0;
  Require(static_cast<int64_t>(payload.size()) <= codec.MaxPayloadBytes(choice.floats), "a payload too long");
  std::vector<float> decoded(gradient.size());
  const absl::Status decoded_status = codec.Decode(payload, decoded);
  Require(decoded_status.ok(), "its own payload is refused after LoadState");
  for (const float value : decoded) Require(std::isfinite(value), "not finite after LoadState");
  return 0;
}
