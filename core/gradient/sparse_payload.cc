// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// sparse_payload.cc: see sparse_payload.h.
// On the way of the data: a sparsifying codec -> here -> comm/transport.h.
#include "core/gradient/sparse_payload.h"

#include "core/gradient/checks.h"
#include "fmt/format.h"

namespace concertina {
namespace {

uint32_t WordAt(const uint8_t* from) {
  uint32_t word;
  std::memcpy(&word, from, sizeof word);
  return word;
}

absl::Status Check(std::string_view codec, std::span<const uint8_t> payload, int64_t least, int64_t d) {
  const auto bytes = static_cast<int64_t>(payload.size());
  if (bytes < 4)
    return absl::DataLossError(fmt::format("{} payload: {} bytes, expected at least 4", codec, bytes));
  const int64_t k = WordAt(payload.data());
  if (k < least || k > d)
    return absl::DataLossError(fmt::format("{} payload: {} elements, expected {} to {}", codec, k, least, d));
  RETURN_IF_ERROR(CheckPayloadSize(codec, bytes, SparsePayloadBytes(k), d));
  int64_t last = -1;
  for (int64_t i = 0; i < k; ++i) {
    const int64_t index = WordAt(payload.data() + 4 + 4 * i);
    if (index <= last || index >= d)
      return absl::DataLossError(fmt::format("{} payload: index {} at place {}, expected one from {} to {}",
                                             codec, index, i, last + 1, d - 1));
    last = index;
  }
  if (const int64_t bad = FirstNotFinite(payload.data() + 4 + 4 * k, k); bad >= 0)
    return DamagedElementError(codec, bad);
  return absl::OkStatus();
}

}  // namespace

SparsePlaces BeginSparsePayload(int64_t k, std::vector<uint8_t>& payload) {
  payload.resize(static_cast<size_t>(SparsePayloadBytes(k)));
  const auto count = static_cast<uint32_t>(k);
  std::memcpy(payload.data(), &count, sizeof count);
  return {payload.data() + 4, payload.data() + 4 + 4 * k};
}

void WriteSparsePayload(std::span<const uint32_t> indices, std::span<const float> values,
                        std::vector<uint8_t>& payload) {
  const SparsePlaces places = BeginSparsePayload(static_cast<int64_t>(indices.size()), payload);
  if (indices.empty()) return;
  std::memcpy(places.indices, indices.data(), indices.size_bytes());
  std::memcpy(places.values, values.data(), values.size_bytes());
}

absl::Status DecodeSparse(std::string_view codec, std::span<const uint8_t> payload, int64_t least,
                          std::span<float> gradient) {
  RETURN_IF_ERROR(Check(codec, payload, least, static_cast<int64_t>(gradient.size())));
  std::memset(gradient.data(), 0, gradient.size_bytes());
  ForEachSent(payload, [&](uint32_t index, float value) { gradient[index] = value; });
  return absl::OkStatus();
}

absl::Status AddSparse(std::string_view codec, std::span<const uint8_t> payload, int64_t least,
                       std::span<float> gradient) {
  RETURN_IF_ERROR(Check(codec, payload, least, static_cast<int64_t>(gradient.size())));
  ForEachSent(payload, [&](uint32_t index, float value) { gradient[index] += value; });
  return absl::OkStatus();
}

double TakeSent(std::span<const uint8_t> payload, std::span<float> x) {
  double squares = 0;
  ForEachSent(payload, [&](uint32_t index, float value) {
    x[index] = 0;
    squares += static_cast<double>(value) * value;
  });
  return squares;
}

}  // namespace concertina
