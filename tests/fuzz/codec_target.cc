// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// codec_target.cc: payloads of every gradient codec of the registry, and of chains of them.
// Input: codec u8 | length u8 | payload.
#include <algorithm>
#include <cmath>
#include <map>

#include "tests/fuzz/codec_choice.h"

namespace concertina {
namespace {

constexpr size_t kMargin = 16;  // floats around the gradient, which nobody may touch
constexpr float kUntouched = 0.5F;

struct Bench {
  std::unique_ptr<Codec> codec;
  std::vector<float> decoded, added;
};

Bench& BenchOf(const CodecChoice& choice) {
  static std::map<std::pair<size_t, int64_t>, Bench> benches;
  Bench& bench = benches[{choice.codec, choice.floats}];
  if (bench.codec == nullptr) {
    FuzzBytes payload;
    bench.codec = UsedCodec(choice, payload);
    const auto floats = static_cast<size_t>(choice.floats) + 2 * kMargin;
    bench.decoded.assign(floats, kUntouched);
    bench.added.assign(floats, kUntouched);
  }
  return bench;
}

std::span<float> Inner(std::vector<float>& floats) {
  return std::span(floats).subspan(kMargin, floats.size() - 2 * kMargin);
}

bool IsMarginUntouched(const std::vector<float>& floats) {
  const auto is_untouched = [](float value) { return value == kUntouched; };
  return std::all_of(floats.begin(), floats.begin() + kMargin, is_untouched) &&
         std::all_of(floats.end() - kMargin, floats.end(), is_untouched);
}

}  // namespace

FuzzInputs InputsOfTarget() {
  Require(CodecChoices().size() <= 256, "a byte names a codec");
  FuzzInputs inputs;
  for (size_t codec = 0; codec < CodecChoices().size(); ++codec)
    for (const size_t length : {0, 2, 4}) {
      FuzzBytes payload, input = HeadOf(codec, length);
      UsedCodec({.codec = codec, .floats = kBucketFloats[length]}, payload);
      input.insert(input.end(), payload.begin(), payload.end());
      inputs.seeds.push_back(std::move(input));
    }
  return inputs;
}

}  // namespace concertina

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace concertina;
  InputReader input({data, size});
  const CodecChoice choice = TakeCodecChoice(input);
  Bench& bench = BenchOf(choice);
  const std::span<float> decoded = Inner(bench.decoded), added = Inner(bench.added);
  std::fill(added.begin(), added.end(), 0.25F);
  const auto most = static_cast<uint64_t>(bench.codec->MaxPayloadBytes(choice.floats) + 4 * choice.floats);
  absl::Status outcome, sum;
  {
    const auto bound = AllocationBound::OfClaimed(most);
    outcome = bench.codec->Decode(input.rest(), decoded);
    sum = bench.codec->DecodeAdd(input.rest(), added);
  }
  Note(outcome);
  Require(outcome.ok() || absl::IsDataLoss(outcome), "Decode gave neither OK nor kDataLoss");
  Require(outcome.code() == sum.code(), "Decode and DecodeAdd disagree");
  Require(IsMarginUntouched(bench.decoded) && IsMarginUntouched(bench.added), "written beside the gradient");
  if (!outcome.ok()) return 0;
  for (size_t i = 0; i < decoded.size(); ++i) {
    Require(std::isfinite(decoded[i]), "Decode gave an element that is not finite");
    Require(added[i] == 0.25F + decoded[i], "DecodeAdd adds something else than Decode gives");
  }
  return 0;
}
