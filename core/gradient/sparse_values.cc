// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// sparse_values.cc: a sparsifier chooses elements, and another codec carries their values (see
// sparse_values.h). On the way of the data: gradient/chain.h -> here -> gradient/index_codec.h and the
// values' codec.
#include "core/gradient/sparse_values.h"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <cstring>

#include "core/gradient/index_codec.h"
#include "core/gradient/state_parts.h"
#include "core/gradient/wrapper.h"
#include "fmt/format.h"

namespace concertina {
namespace {

constexpr int64_t kCountBytes = 4;
constexpr int64_t kStampBytes = 4;

}  // namespace

absl::StatusOr<std::unique_ptr<SparseValues>> SparseValues::Create(std::unique_ptr<Codec> sparsifier,
                                                                   const Params& sparsifier_params,
                                                                   const Params& value_params,
                                                                   MakeValueCodec make_value_codec) {
  auto* select = dynamic_cast<Sparsifier*>(sparsifier.get());
  assert(select != nullptr);
  ASSIGN_OR_RETURN(auto value_codec, make_value_codec(value_params));
  return std::unique_ptr<SparseValues>(new SparseValues(std::move(sparsifier), select, sparsifier_params,
                                                        value_params, std::move(make_value_codec),
                                                        std::move(value_codec)));
}

SparseValues::SparseValues(std::unique_ptr<Codec> sparsifier, Sparsifier* select,
                           const Params& sparsifier_params, const Params& value_params,
                           MakeValueCodec make_value_codec, std::unique_ptr<Codec> value_codec)
    : sparsifier_(std::move(sparsifier)),
      select_(select),
      sparsifier_kind_(sparsifier_params.kind()),
      value_params_(value_params),
      make_value_codec_(std::move(make_value_codec)),
      value_codec_(std::move(value_codec)) {}

void SparseValues::SeedDraws(uint64_t run_seed, int rank) {
  seed_ = {run_seed, rank};
  sparsifier_->SeedDraws(run_seed, rank);
  value_codec_->SeedDraws(run_seed, rank);
}

absl::Status SparseValues::Encode(std::span<const float> gradient, int64_t step,
                                  std::vector<uint8_t>& payload) {
  RETURN_IF_ERROR(length_.Check(gradient));
  const auto d = static_cast<int64_t>(gradient.size());
  if (value_payload_.capacity() == 0) {  // for as many as there may be; what is never touched costs nothing
    const int64_t most = select_->MaxSelected(d);
    indices_.reserve(static_cast<size_t>(most));
    values_.reserve(static_cast<size_t>(most));
    if (select_->keeps_rest()) lost_.reserve(static_cast<size_t>(most));
    value_payload_.reserve(static_cast<size_t>(value_codec_->MaxPayloadBytes(std::max<int64_t>(1, most))));
  }
  RETURN_IF_ERROR(select_->Select(gradient, step, indices_, values_));
  const auto k = static_cast<int64_t>(indices_.size());
  const std::optional<uint32_t> stamp = select_->PlacesStamp(step);
  value_payload_.clear();
  int64_t index_bytes = 0;
  IndexCoding coding{};
  if (k > 0) {
    RETURN_IF_ERROR(PrepareValueCodec(k));
    RETURN_IF_ERROR(value_codec_->Encode(values_, step, value_payload_));
    coding = SmallestCoding(indices_, d);
    index_bytes = stamp ? kStampBytes : IndexBytes(coding, indices_, d);
  }
  payload.resize(static_cast<size_t>(kCountBytes + index_bytes) + value_payload_.size());
  const auto count = static_cast<uint32_t>(k);
  std::memcpy(payload.data(), &count, kCountBytes);
  if (k == 0) return absl::OkStatus();
  if (stamp)
    std::memcpy(payload.data() + kCountBytes, &*stamp, kStampBytes);
  else
    EncodeIndices(coding, indices_, d, payload.data() + kCountBytes);
  std::memcpy(payload.data() + kCountBytes + index_bytes, value_payload_.data(), value_payload_.size());
  if (!select_->keeps_rest()) return absl::OkStatus();
  lost_.resize(values_.size());
  RETURN_IF_ERROR(value_codec_->Decode(value_payload_, lost_));
  for (size_t i = 0; i < lost_.size(); ++i) lost_[i] = values_[i] - lost_[i];
  select_->TakeBack(indices_, lost_);
  return absl::OkStatus();
}

absl::StatusOr<std::unique_ptr<Codec>> SparseValues::FreshValueCodec() const {
  ASSIGN_OR_RETURN(std::unique_ptr<Codec> fresh, make_value_codec_(value_params_));
  if (seed_) fresh->SeedDraws(seed_->first, seed_->second);
  return fresh;
}

absl::Status SparseValues::PrepareValueCodec(int64_t count) {
  if (value_count_ != 0 && value_count_ != count) {
    if (auto* any_length = dynamic_cast<TakesAnyLength*>(value_codec_.get())) {
      any_length->ForgetLength();
    } else {
      ASSIGN_OR_RETURN(value_codec_, FreshValueCodec());
    }
  }
  value_count_ = count;
  return absl::OkStatus();
}

std::optional<double> SparseValues::SubtractSent(std::span<float> x) {
  // values_ is not needed as it was chosen any more.
  if (!values_.empty() && !value_codec_->Decode(value_payload_, values_).ok()) return std::nullopt;
  double growth = 0;
  for (size_t i = 0; i < indices_.size(); ++i) {
    float& element = x[indices_[i]];
    const double before = element;
    element -= values_[i];
    growth += static_cast<double>(element) * element - before * before;
  }
  return growth;
}

absl::Status SparseValues::Parse(std::span<const uint8_t> payload, int64_t d) const {
  const auto bytes = static_cast<int64_t>(payload.size());
  if (bytes < kCountBytes)
    return absl::DataLossError(
        fmt::format("sparse payload: {} bytes, expected at least {}", bytes, kCountBytes));
  uint32_t count = 0;
  std::memcpy(&count, payload.data(), kCountBytes);
  const int64_t k = count, most = select_->MaxSelected(d);
  if (k > most)
    return absl::DataLossError(fmt::format("sparse payload: {} elements, expected 0 to {}", k, most));
  if (static_cast<int64_t>(decoded_indices_.size()) < most) {
    decoded_indices_.resize(static_cast<size_t>(most));
    decoded_values_.resize(static_cast<size_t>(most));
  }
  decoded_ = k;
  if (k == 0) return CheckPayloadSize("sparse", bytes, kCountBytes, d);
  const auto rest = payload.subspan(kCountBytes);
  int64_t used = kStampBytes;
  if (select_->PlacesStamp(0)) {
    uint32_t stamp = 0;
    if (k != most || static_cast<int64_t>(rest.size()) < kStampBytes)
      return absl::DataLossError(fmt::format(
          "sparse payload: {} elements in {} bytes, expected {} behind a stamp of the step", k, bytes, most));
    std::memcpy(&stamp, rest.data(), kStampBytes);
    select_->PlacesOf(stamp, d, decoded_indices_);
  } else {
    ASSIGN_OR_RETURN(used, DecodeIndices(rest, d, std::span(decoded_indices_).first(static_cast<size_t>(k))));
  }
  return value_codec_->Decode(rest.subspan(static_cast<size_t>(used)),
                              std::span(decoded_values_).first(static_cast<size_t>(k)));
}

absl::Status SparseValues::Decode(std::span<const uint8_t> payload, std::span<float> gradient) const {
  RETURN_IF_ERROR(Parse(payload, static_cast<int64_t>(gradient.size())));
  std::memset(gradient.data(), 0, gradient.size_bytes());
  for (size_t i = 0; i < static_cast<size_t>(decoded_); ++i)
    gradient[decoded_indices_[i]] = decoded_values_[i];
  return absl::OkStatus();
}

absl::Status SparseValues::DecodeAdd(std::span<const uint8_t> payload, std::span<float> gradient) const {
  RETURN_IF_ERROR(Parse(payload, static_cast<int64_t>(gradient.size())));
  for (size_t i = 0; i < static_cast<size_t>(decoded_); ++i)
    gradient[decoded_indices_[i]] += decoded_values_[i];
  return absl::OkStatus();
}

int64_t SparseValues::MaxPayloadBytes(int64_t d) const {
  const int64_t k = select_->MaxSelected(d);
  const int64_t index_bytes = select_->PlacesStamp(0) ? kStampBytes : MaxIndexBytes(k, d);
  return kCountBytes + index_bytes + (k > 0 ? value_codec_->MaxPayloadBytes(k) : 0);
}

double SparseValues::ErrorBound(int64_t d) const {
  const double chosen = sparsifier_->ErrorBound(d);
  const double values = value_codec_->ErrorBound(std::max<int64_t>(1, select_->MaxSelected(d)));
  // Values as they are: ||x - S(x)||^2 = ||x||^2 - ||S(x)||^2, and V errs by at most b ||S(x)||^2. Multiples
  // of them: the triangle.
  if (chosen > 1) return std::pow(std::sqrt(chosen) + std::sqrt(values) * (1 + std::sqrt(chosen)), 2);
  return values > 1 ? values : 1 - (1 - values) * (1 - chosen);
}

// The sparsifier's | the values' codec's | how many values that has the length of, u64; 0: none yet.
void SparseValues::SaveState(std::vector<uint8_t>& state) const {
  state.clear();
  AppendStateOf(*sparsifier_, state);
  AppendStateOf(*value_codec_, state);
  const auto count = static_cast<uint64_t>(value_count_);
  std::vector<uint8_t> part(sizeof count);
  std::memcpy(part.data(), &count, sizeof count);
  AppendStatePart(part, state);
}

absl::Status SparseValues::LoadState(std::span<const uint8_t> state) {
  ASSIGN_OR_RETURN(const std::span<const uint8_t> sparsifier, TakeStatePart(state));
  ASSIGN_OR_RETURN(const std::span<const uint8_t> values, TakeStatePart(state));
  ASSIGN_OR_RETURN(const std::span<const uint8_t> count_bytes, TakeStatePart(state));
  RETURN_IF_ERROR(CheckNoState("sparse", state));
  uint64_t count = UINT64_MAX;
  if (count_bytes.size() == sizeof count) std::memcpy(&count, count_bytes.data(), sizeof count);
  if (count > UINT32_MAX)
    return absl::DataLossError(
        fmt::format("sparse state: {} bytes that count the values, expected a number below 2^32 in {}",
                    count_bytes.size(), sizeof count));
  // It may have another length by now.
  const absl::Status loaded = LoadStateAnd(*sparsifier_, sparsifier, [&]() -> absl::Status {
    if (value_count_ == 0 || value_count_ == static_cast<int64_t>(count))
      return value_codec_->LoadState(values);
    ASSIGN_OR_RETURN(std::unique_ptr<Codec> fresh, FreshValueCodec());
    RETURN_IF_ERROR(fresh->LoadState(values));
    value_codec_ = std::move(fresh);
    return absl::OkStatus();
  });
  if (loaded.ok()) value_count_ = static_cast<int64_t>(count);
  return loaded;
}

absl::Status SparseValues::Change(const Params& params) {
  if (params.kind() == sparsifier_kind_) return sparsifier_->Change(params);
  RETURN_IF_ERROR(value_codec_->Change(params));
  value_params_ = params;
  return absl::OkStatus();
}

}  // namespace concertina
