// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// block_codec.cc: the frame of codecs with numbers a block and a code an element (see block_codec.h).
// On the way of the data: a codec's file -> here -> packed_codes.h.
// Memory is walked through once, in chunks of blocks that stay in the nearest cache.
#include "core/gradient/block_codec.h"

#include <algorithm>
#include <cmath>
#include <cstring>

#include "core/gradient/blocks.h"
#include "core/gradient/checks.h"
#include "core/gradient/packed_codes.h"
#include "fmt/format.h"

namespace concertina {
namespace {

constexpr int64_t kChunk = 4096;  // 16 KiB
constexpr int kMostScales = 2;

}  // namespace

int64_t BlockCodec::ChunkOf() const { return std::max<int64_t>(1, kChunk / form_.block) * form_.block; }

absl::Status BlockCodec::CheckBlock(std::string_view name, int64_t block) {
  if (block % kBlockUnit == 0) return absl::OkStatus();
  return absl::InvalidArgumentError(
      fmt::format("{}: found {}, expected a multiple of {}", name, block, kBlockUnit));
}

int64_t BlockCodec::MaxPayloadBytes(int64_t d) const {
  return 4 * form_.scales * BlocksOf(d) + PackedBytes(d, form_.bits);
}

absl::Status BlockCodec::Encode(std::span<const float> gradient, int64_t step,
                                std::vector<uint8_t>& payload) {
  RETURN_IF_ERROR(length_.Check(gradient));
  const auto d = static_cast<int64_t>(gradient.size());
  payload.resize(static_cast<size_t>(MaxPayloadBytes(d)));
  uint8_t* const scales = payload.data();
  uint8_t* const codes = scales + 4 * form_.scales * BlocksOf(d);
  if (form_.draws) key_ = MakeDrawKey(seed_, step, gradient);
  if (!form_.error_feedback) return EncodeDirectly(gradient, scales, codes);

  RETURN_IF_ERROR(feedback_.CorrectAndTake(gradient, ChunkOf(), [&](std::span<float> x, int64_t offset) {
    for (size_t begin = 0; begin < x.size(); begin += static_cast<size_t>(form_.block)) {
      const auto block = x.subspan(begin, std::min(static_cast<size_t>(form_.block), x.size() - begin));
      const int64_t at = offset + static_cast<int64_t>(begin);
      uint8_t* const packed = codes + PackedBytes(at, form_.bits);
      float numbers[kMostScales];
      EncodeAndTake(block, at, numbers, packed);
      std::memcpy(scales + 4 * form_.scales * (at / form_.block), numbers,
                  4 * static_cast<size_t>(form_.scales));
    }
  }));
  feedback_.Commit();
  return absl::OkStatus();
}

void BlockCodec::EncodeAndTake(std::span<float> x, int64_t offset, float* scales, uint8_t* packed) {
  alignas(64) float sent[kLargestBlock];
  const std::span<float> values(sent, x.size());
  EncodeBlock(x, offset, scales, packed);
  DecodeBlock(scales, packed, values);
  SubtractBlock(values, x);
}

absl::Status BlockCodec::EncodeDirectly(std::span<const float> gradient, uint8_t* scales, uint8_t* codes) {
  const auto d = static_cast<int64_t>(gradient.size());
  for (int64_t at = 0; at < d; at += form_.block) {
    const auto block =
        gradient.subspan(static_cast<size_t>(at), static_cast<size_t>(std::min(form_.block, d - at)));
    float numbers[kMostScales];
    if (!EncodeBlock(block, at, numbers, codes + PackedBytes(at, form_.bits)))
      return NotFiniteError(block, at);
    std::memcpy(scales + 4 * form_.scales * (at / form_.block), numbers,
                4 * static_cast<size_t>(form_.scales));
  }
  return absl::OkStatus();
}

bool BlockCodec::ScalesAreValid(const float* scales) const {
  return std::all_of(scales, scales + form_.scales,
                     [](float scale) { return std::isfinite(scale) && !std::signbit(scale); });
}

absl::Status BlockCodec::Validate(std::span<const uint8_t> payload, int64_t d) const {
  RETURN_IF_ERROR(CheckPayloadSize(form_.kind, static_cast<int64_t>(payload.size()), MaxPayloadBytes(d), d));
  for (int64_t block = 0; block < BlocksOf(d); ++block) {
    float numbers[kMostScales];
    std::memcpy(numbers, payload.data() + 4 * form_.scales * block, 4 * static_cast<size_t>(form_.scales));
    if (!ScalesAreValid(numbers))
      return absl::DataLossError(fmt::format(
          "{} payload: block {} has a scale of {}, expected a finite one of the right sign", form_.kind,
          block, fmt::join(std::span(numbers, static_cast<size_t>(form_.scales)), " and ")));
  }
  return CheckPadding(form_.kind, payload.subspan(static_cast<size_t>(4 * form_.scales * BlocksOf(d))), d,
                      form_.bits);
}

template <bool kAdd>
absl::Status BlockCodec::DecodeTo(std::span<const uint8_t> payload, std::span<float> gradient) const {
  const auto d = static_cast<int64_t>(gradient.size());
  RETURN_IF_ERROR(Validate(payload, d));
  const uint8_t* const codes = payload.data() + 4 * form_.scales * BlocksOf(d);
  alignas(64) float chunk[kLargestBlock];
  const bool streams = !kAdd && IsLong(d);
  for (int64_t begin = 0; begin < d; begin += ChunkOf()) {
    const int64_t count = std::min(ChunkOf(), d - begin);
    // What stays in the cache anyway is decoded where it belongs.
    float* const values = kAdd || streams ? chunk : gradient.data() + begin;
    for (int64_t at = 0; at < count; at += form_.block) {
      float numbers[kMostScales];
      const int64_t block = (begin + at) / form_.block;
      std::memcpy(numbers, payload.data() + 4 * form_.scales * block, 4 * static_cast<size_t>(form_.scales));
      const auto length = static_cast<size_t>(std::min(form_.block, count - at));
      if (!DecodeBlock(numbers, codes + PackedBytes(begin + at, form_.bits), {values + at, length}))
        return absl::DataLossError(
            fmt::format("{} payload: block {} has a code without a meaning", form_.kind, block));
    }
    const std::span<const float> decoded(values, static_cast<size_t>(count));
    if (kAdd) AddBlock(decoded, gradient.data() + begin);
    if (streams) StreamBlock(decoded, gradient.data() + begin);
  }
  if (streams) FinishStreams();
  return absl::OkStatus();
}

absl::Status BlockCodec::Decode(std::span<const uint8_t> payload, std::span<float> gradient) const {
  return DecodeTo<false>(payload, gradient);
}

absl::Status BlockCodec::DecodeAdd(std::span<const uint8_t> payload, std::span<float> gradient) const {
  return DecodeTo<true>(payload, gradient);
}

void BlockCodec::SaveState(std::vector<uint8_t>& state) const { feedback_.SaveState(state); }

absl::Status BlockCodec::LoadState(std::span<const uint8_t> state) {
  return form_.error_feedback ? feedback_.LoadState(state) : CheckNoState(form_.kind, state);
}

}  // namespace concertina
