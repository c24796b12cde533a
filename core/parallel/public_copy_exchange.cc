// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// public_copy_exchange.cc: see public_copy_exchange.h.
#include "core/parallel/public_copy_exchange.h"

#include <algorithm>
#include <cmath>
#include <cstring>

#include "core/parallel/bucket.h"
#include "core/parallel/bucket_codec.h"
#include "core/parallel/codec_state.h"
#include "core/parallel/measured_encode.h"
#include "core/parallel/not_finite.h"
#include "fmt/format.h"

namespace concertina {
namespace {

std::span<const uint8_t> CopyBytes(const std::vector<float>& values) {
  return {reinterpret_cast<const uint8_t*>(values.data()), values.size() * sizeof(float)};
}
void AppendCopy(std::span<const uint8_t> bytes, std::vector<uint8_t>& out) {
  out.insert(out.end(), bytes.begin(), bytes.end());
}

}  // namespace

absl::Status FitsDifferences(std::string_view exchange, const Circumstances& circumstances) {
  if (!circumstances.has_codec) return absl::OkStatus();
  if (circumstances.codec_remembers)
    return absl::InvalidArgumentError(fmt::format(
        "/gradient/0/error_feedback: {} is error feedback already: what the codec holds back stays "
        "in the difference to the public copy, and would be counted twice; make it false",
        exchange));
  if (circumstances.codec_expands)
    return absl::InvalidArgumentError(
        fmt::format("/gradient: {} adds up what the codec makes of differences, and one that may lose more "
                    "than it is given drives them apart; take one that loses less, like int8, top-k without "
                    "error_feedback, or qsgd with more levels",
                    exchange));
  return absl::OkStatus();
}

std::vector<std::string> DifferenceWarnings(std::string_view exchange, const Circumstances& circumstances) {
  if (!circumstances.codec_has_momentum) return {};
  return {
      fmt::format("{} compresses differences of parameters, not gradients: the codec's momentum, and what it "
                  "gathers, push the public copies beyond the parameters; take top-k without error_feedback",
                  exchange)};
}

double PublicCopyExchange::ExtraMemoryBytes(const Circumstances& circumstances) const {
  const double vector = MixingExchange::ExtraMemoryBytes(circumstances);
  return circumstances.has_codec ? 3 * vector : vector;  // and h and the sum; the difference is the codec's
}

Pattern PublicCopyExchange::PatternOf(const Traffic& traffic) const {
  const bool encoded = traffic.encoded_bytes >= 0;
  const double bytes = encoded ? static_cast<double>(traffic.encoded_bytes)
                               : traffic.element_bytes * static_cast<double>(traffic.floats);
  const bool has_codec = encoded || traffic.element_bytes != sizeof(float);
  return PatternOfMixing(traffic, bytes, has_codec ? static_cast<double>(traffic.buckets) : 1);
}

void PublicCopyExchange::SaveState(std::vector<uint8_t>& state) const {
  state.clear();
  for (const Part& part : parts_) AppendCodecState(*part.codec, state);
  AppendCopy(CopyBytes(copy_), state);
  for (const Sum& sum : sums_) AppendCopy(CopyBytes(sum.copies), state);
}

absl::Status PublicCopyExchange::LoadState(std::span<const uint8_t> state) {
  for (Part& part : parts_) RETURN_IF_ERROR(TakeCodecState(state, *part.codec));
  const size_t expected = (1 + sums_.size()) * copy_.size() * sizeof(float);
  if (state.size() != expected)
    return absl::DataLossError(fmt::format(
        "the public copies of gossip take {} bytes, expected {}: of another model, graph or codec?",
        state.size(), expected));
  const auto take = [&state](std::vector<float>& into) {
    const size_t bytes = into.size() * sizeof(float);
    if (bytes > 0) std::memcpy(into.data(), state.data(), bytes);
    state = state.subspan(bytes);
  };
  take(copy_);
  for (Sum& sum : sums_) take(sum.copies);
  return absl::OkStatus();
}

absl::Status PublicCopyExchange::ChangeCodec(const Params& params) {
  for (Part& part : parts_) RETURN_IF_ERROR(part.codec->Change(params));
  TakeSentShare();
  return absl::OkStatus();
}

absl::Status PublicCopyExchange::Ready() {
  if (!context().make_codec || graph().ranks() == 1) return absl::OkStatus();
  size_t longest = 0;
  for (const Bucket& bucket : CutIntoBuckets(*context().layout, *context().gradient_order, bucket_bytes_)) {
    if (bucket.count == 0) continue;
    Part& part =
        parts_.emplace_back(Part{.offset = bucket.offset, .count = bucket.count, .codec = {}, .payload = {}});
    ASSIGN_OR_RETURN(part.codec, MakeBucketCodec(context(), part.offset, part.count));
    part.payload.reserve(static_cast<size_t>(part.codec->MaxPayloadBytes(part.count)));
    longest = std::max(longest, static_cast<size_t>(part.count));
  }
  difference_.resize(longest);
  copy_.resize(context().parameters.size());
  for (const MixingRow::Neighbour& neighbour : RowAt(0).from) {
    size_t which = 0;
    while (which < sums_.size() && sums_[which].weight != neighbour.weight) ++which;
    if (which == sums_.size())
      sums_.push_back({.weight = neighbour.weight, .copies = std::vector<float>(copy_.size())});
    ++sums_[which].neighbours;
    sum_of_.push_back(which);
  }
  TakeSentShare();
  return absl::OkStatus();
}

void PublicCopyExchange::TakeSentShare() {
  double bytes = 0, floats = 0;
  bool is_chosen = false;
  for (const Part& part : parts_) {
    bytes += static_cast<double>(part.codec->MaxPayloadBytes(part.count));
    floats += static_cast<double>(part.count);
    is_chosen |= part.codec->sends_chosen();
  }
  // Less than a bit an element cannot speak of each: low rank, sketches.
  const bool sends_each = !is_chosen && 8 * bytes >= floats;
  sent_share_ = sends_each ? 1 : std::min(1.0, bytes / (sizeof(float) * floats));
}

absl::Status PublicCopyExchange::Mix(int64_t step) {
  if (parts_.empty()) return MixWhole(step, gamma());
  const Deadline deadline = StepDeadline();
  const MixingRow& row = RowAt(step);
  for (Part& part : parts_) {
    RETURN_IF_ERROR(Encode(part, step));
    RETURN_IF_ERROR(Timed(cost().exchange_seconds, [&] {
      for (const int to : row.to)
        if (!is_lost(to))
          RETURN_IF_ERROR(Survive(
              to, context().data->Send(to, std::as_bytes(std::span<const uint8_t>(part.payload)), deadline)));
      return absl::OkStatus();
    }));
  }
  for (Part& part : parts_)
    for (size_t i = 0; i < row.from.size(); ++i) {
      const int from = row.from[i].rank;
      if (is_lost(from)) continue;
      const auto limit = static_cast<size_t>(part.codec->MaxPayloadBytes(part.count));
      RETURN_IF_ERROR(Timed(cost().exchange_seconds, [&] {
        return Survive(from, context().data->ReceiveMessage(from, limit, received_, deadline));
      }));
      if (is_lost(from)) continue;
      RETURN_IF_ERROR(Timed(cost().decode_seconds, [&] {
        return Annotate(part.codec->DecodeAdd(received_, PartOf(sums_[sum_of_[i]].copies, part)),
                        fmt::format("the payload of rank {}", from));
      }));
    }
  return Timed(cost().exchange_seconds, [&] { return context().data->Flush(deadline); });
}

void PublicCopyExchange::Remain() {
  std::fill(copy_.begin(), copy_.end(), 0.0F);
  for (Sum& sum : sums_) {
    sum.neighbours = 0;
    std::fill(sum.copies.begin(), sum.copies.end(), 0.0F);
  }
  const MixingRow& row = RowAt(0);
  for (size_t i = 0; i < sum_of_.size(); ++i)
    if (!is_lost(row.from[i].rank)) ++sums_[sum_of_[i]].neighbours;
}

// The payload of x - h, which h is then brought nearer by.
absl::Status PublicCopyExchange::Encode(Part& part, int64_t step) {
  const std::span<const float> x = PartOf(context().parameters, part);
  const std::span<float> h = PartOf(copy_, part);
  const std::span<float> difference = std::span(difference_).first(x.size());
  RETURN_IF_ERROR(Timed(cost().encode_seconds, [&] {
    for (size_t i = 0; i < x.size(); ++i) difference[i] = x[i] - h[i];
    // A parameter that is no number goes to no neighbour.
    RETURN_IF_ERROR(NameNotFinite(part.codec->Encode(difference, step, part.payload), difference, part.offset,
                                  *context().layout, step));
    return part.codec->DecodeAdd(part.payload, h);
  }));
  cost().dense_bytes += x.size_bytes();
  cost().encoded_bytes += part.payload.size();
  if (!MeasuresError(step, context().measures_every())) return absl::OkStatus();
  double error = 0, norm = 0;
  for (size_t i = 0; i < x.size(); ++i) {
    const double left = static_cast<double>(x[i]) - h[i];
    error += left * left;
    norm += static_cast<double>(difference[i]) * difference[i];
  }
  cost().error_squared += error;
  cost().gradient_squared += norm;
  cost().error_measured = true;
  return absl::OkStatus();
}

void PublicCopyExchange::TakeMixed(int64_t offset, int64_t count) {
  if (parts_.empty()) return TakeWhole(offset, count);
  float* x = context().parameters.data() + offset;
  const float* h = copy_.data() + offset;
  for (const Sum& sum : sums_) {
    const auto weight = static_cast<float>(gamma() * sum.weight);
    const auto neighbours = static_cast<float>(sum.neighbours);
    const float* copies = sum.copies.data() + offset;
    for (int64_t i = 0; i < count; ++i) x[i] += weight * (copies[i] - neighbours * h[i]);
  }
}

}  // namespace concertina
