// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// cut_codec.cc: see cut_codec.h.
#include "core/parallel/cut_codec.h"

#include <array>

#include "core/base/registry.h"
#include "core/parallel/codec_state.h"
#include "fmt/format.h"
#include "nlohmann/json.hpp"

namespace concertina {

absl::StatusOr<std::unique_ptr<CutCodec>> CutCodec::Create(const MakeCodec& make_codec, int micro_batches,
                                                           int payloads, int64_t floats) {
  std::unique_ptr<CutCodec> cut(new CutCodec(floats, payloads));
  for (int m = 0; m < micro_batches; ++m) {
    ASSIGN_OR_RETURN(cut->codecs_.emplace_back(), make_codec());
  }
  for (std::vector<uint8_t>& payload : cut->payloads_) payload.reserve(cut->max_bytes());
  cut->received_.reserve(cut->max_bytes());
  return cut;
}

absl::StatusOr<std::span<const std::byte>> CutCodec::Encode(int micro_batch, int payload,
                                                            std::span<const float> values, int64_t step) {
  std::vector<uint8_t>& bytes = payloads_[static_cast<size_t>(payload)];
  const absl::Status status = codecs_[static_cast<size_t>(micro_batch)]->Encode(values, step, bytes);
  if (absl::IsOutOfRange(status))
    return Annotate(status,
                    fmt::format("/pipeline/activations: what goes from stage to stage at step {} is not "
                                "finite, try a smaller /optimizer/learning_rate",
                                step));
  RETURN_IF_ERROR(status);
  return std::as_bytes(std::span<const uint8_t>(bytes));
}

absl::Status CutCodec::Decode(int micro_batch, std::span<float> values) const {
  return Annotate(codecs_[static_cast<size_t>(micro_batch)]->Decode(received_, values),
                  "what came from another stage");
}

absl::Status CutCodec::Change(const Params& codec) {
  for (const std::unique_ptr<Codec>& one : codecs_) RETURN_IF_ERROR(one->Change(codec));
  return absl::OkStatus();
}

void CutCodec::SaveState(std::vector<uint8_t>& state) const {
  for (const std::unique_ptr<Codec>& codec : codecs_) AppendCodecState(*codec, state);
}

absl::Status CutCodec::TakeState(std::span<const uint8_t>& state) {
  for (const std::unique_ptr<Codec>& codec : codecs_) RETURN_IF_ERROR(TakeCodecState(state, *codec));
  return absl::OkStatus();
}

int64_t CutCodec::memory_bytes() const {
  size_t bytes = received_.capacity();
  for (const std::vector<uint8_t>& payload : payloads_) bytes += payload.capacity();
  return static_cast<int64_t>(bytes);
}

absl::StatusOr<CodecTrial> TryCodec(const Params& codec) {
  ASSIGN_OR_RETURN(const auto made, Registry::Global().Create<Codec>("gradient-codec", codec));
  std::array<float, 64> values;  // none of them short in binary, so that every lossy codec loses something
  for (size_t i = 0; i < values.size(); ++i)
    values[i] = (i % 2 == 0 ? 1.0F : -1.0F) / (3.0F * static_cast<float>(i) + 0.7F);
  std::vector<uint8_t> payload, before, after;
  made->SaveState(before);
  RETURN_IF_ERROR(made->Encode(values, 0, payload));
  made->SaveState(after);
  const bool was_asked = codec.json().value("error_feedback", false);
  return CodecTrial{.was_asked = was_asked,
                    .remembers = was_asked || made->ResidualNormSquared() != 0,
                    .changes = before != after};
}

absl::Status FitsACut(const Params& codec) {
  ASSIGN_OR_RETURN(const CodecTrial trial, TryCodec(codec));
  if (!trial.remembers) return absl::OkStatus();
  return absl::InvalidArgumentError(fmt::format(
      "{}: what {} keeps back of one micro-batch would be added to another's, which is of other samples",
      trial.was_asked ? "false, or a codec like fp16" : "a codec without error feedback, like fp16",
      codec.kind()));
}

}  // namespace concertina
