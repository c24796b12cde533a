// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// codec_choice.h: the codecs of the registry, and chains of them, as a target's input names them.
// On the way of the data: the first two bytes of an input -> here -> tests/fuzz/codec_target.cc.
#pragma once

#include <array>
#include <memory>
#include <string>
#include <utility>

#include "tests/core/gradient/codecs_under_test.h"
#include "tests/fuzz/target.h"

namespace concertina {

// Lengths of a bucket: of one element, around words and blocks, and with a matrix in it.
inline constexpr std::array<int64_t, 6> kBucketFloats = {1, 7, 40, 65, 300, 1030};

inline const std::vector<Json>& CodecChoices() {
  static const std::vector<Json> choices = AllCodecs();
  return choices;
}

// What an input's head stands for: codec u8 | length u8, modulo how many there are.
struct CodecChoice {
  size_t codec = 0;
  int64_t floats = 1;
  Json spec() const { return CodecChoices()[codec]; }
};
inline CodecChoice TakeCodecChoice(InputReader& input) {
  const size_t codec = input.Byte() % CodecChoices().size();
  return {.codec = codec, .floats = kBucketFloats[input.Byte() % kBucketFloats.size()]};
}
inline FuzzBytes HeadOf(size_t codec, size_t length) {
  return {static_cast<uint8_t>(codec), static_cast<uint8_t>(length)};
}

// Before its first Encode. A bucket of 300 or more begins with a matrix of 16 x 16.
inline std::unique_ptr<Codec> FreshCodec(const CodecChoice& choice) {
  absl::StatusOr<std::unique_ptr<Codec>> codec = MakeCodec(choice.spec());
  Require(codec.ok(), choice.spec().dump());
  if (const Matrix matrix{.offset = 2, .rows = 16, .columns = 16}; choice.floats >= 300)
    (*codec)->Describe(std::span(&matrix, 1));
  return *std::move(codec);
}
// After an Encode, whose payload it gives: codecs that follow the number of chosen elements know it then.
inline std::unique_ptr<Codec> UsedCodec(const CodecChoice& choice, FuzzBytes& payload) {
  std::unique_ptr<Codec> codec = FreshCodec(choice);
  const absl::Status encoded = codec->Encode(MakeGradient("normal", choice.floats, 5), 0, payload);
  Require(encoded.ok(), std::string(encoded.message()));
  return codec;
}

}  // namespace concertina
