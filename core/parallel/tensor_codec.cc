// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// tensor_codec.cc: see tensor_codec.h.
#include "core/parallel/tensor_codec.h"

#include <algorithm>

#include "core/base/clock.h"
#include "core/base/registry.h"
#include "core/gradient/chain.h"
#include "core/gradient/integrator.h"
#include "core/parallel/cut_codec.h"
#include "core/parallel/payload_sum.h"
#include "fmt/format.h"

namespace concertina {

absl::Status TensorCodec::Expect(size_t floats) {
  std::unique_ptr<Codec>& codec = codecs_[floats];
  if (codec != nullptr) return absl::OkStatus();
  ASSIGN_OR_RETURN(codec, make_codec_());
  payload_.reserve(std::max(payload_.capacity(),
                            static_cast<size_t>(codec->MaxPayloadBytes(static_cast<int64_t>(floats)))));
  return absl::OkStatus();
}

absl::Status TensorCodec::Sum(std::span<float> values, int64_t step, Communicator& axis, Deadline deadline,
                              SpanRing* spans, double& exchange_seconds) {
  const auto found = codecs_.find(values.size());
  if (found == codecs_.end())
    return absl::InternalError(fmt::format("nobody expected a sum of {} floats", values.size()));
  Codec& codec = *found->second;
  const auto timed = [spans](SpanKind kind, double& seconds, const auto& work) {
    SpanTimer span(spans, kind);
    const double begin = SteadyNow();
    absl::Status status = work(span);
    seconds += SteadyNow() - begin;
    return status;
  };
  const bool are_halves = codec.sum() == Codec::Sum::kFloat16;
  const auto scale = [values](float by) {
    for (float& value : values) value *= by;
  };
  const absl::Status encoded = timed(SpanKind::kEncode, seconds_.encode, [&](SpanTimer&) {
    if (are_halves) scale(1.0F / static_cast<float>(axis.size()));  // their sum must be a half, too
    return codec.Encode(values, step, payload_);
  });
  if (absl::IsOutOfRange(encoded))
    return Annotate(
        encoded, fmt::format("/tensor/activations: what the tensor axis sums at step {} is not finite, try "
                             "a smaller /optimizer/learning_rate",
                             step));
  RETURN_IF_ERROR(encoded);
  RETURN_IF_ERROR(timed(SpanKind::kExchange, exchange_seconds, [&](SpanTimer& span) {
    span.SetBytes(payload_.size());
    return SumPayloads(codec, std::ssize(values), {.ranks = axis, .way = {}, .deadline = deadline}, payload_,
                       gathered_);
  }));
  return timed(SpanKind::kDecode, seconds_.decode, [&](SpanTimer&) {
    RETURN_IF_ERROR(Annotate(DecodeSum(codec, payload_, gathered_, values), "a sum over the tensor axis"));
    if (are_halves) scale(static_cast<float>(axis.size()));
    return absl::OkStatus();
  });
}

absl::Status TensorCodec::Change(const Params& codec) {
  for (const auto& [floats, one] : codecs_) RETURN_IF_ERROR(one->Change(codec));
  return absl::OkStatus();
}

absl::Status FitsTensorAxis(const Params& codec) {
  ASSIGN_OR_RETURN(const CodecTrial trial, TryCodec(codec));
  if (trial.remembers)
    return absl::InvalidArgumentError(fmt::format(
        "{}: what {} keeps back of one sum would be added to the next, which is of other samples or of "
        "another layer",
        trial.was_asked ? "false, or a codec like fp16" : "a codec without error feedback, like fp16",
        codec.kind()));
  ASSIGN_OR_RETURN(const auto made, Registry::Global().Create<Codec>("gradient-codec", codec));
  if (made->combines())
    return absl::InvalidArgumentError(
        fmt::format("false, or a codec like fp16: layers need the sum of what the ranks send, and {} makes a "
                    "vote of it",
                    codec.kind()));
  const auto* integrator = dynamic_cast<const Integrator*>(made.get());
  if (trial.changes || made->summed_rounds() != nullptr ||
      (integrator != nullptr && integrator->integrates()))
    return absl::InvalidArgumentError(
        fmt::format("a codec like fp16, which takes each sum by itself: {} goes on from what it was given "
                    "before",
                    codec.kind()));
  return absl::OkStatus();
}

}  // namespace concertina
