// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// model_file_format.h: the numbers of a model's file, and what its writer and its reader both hold to (see
// model_file.h).
#pragma once

#include <zlib.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

#include "core/edge/tensor_coding.h"
#include "core/graph/graph.h"

namespace concertina::model_format {

inline constexpr std::array<uint8_t, 8> kModelMagic = {0x89, 'c', 'n', 'c', 'e', 'd', 'g', 'e'};
inline constexpr uint8_t kModelVersion = 1;
inline constexpr size_t kCrcBytes = 4;
inline constexpr uint64_t kFloatsAtLeast = 64, kFloatsAByte = 4096;  // that a file may have
inline constexpr size_t kMaxExtents = 16;
inline constexpr size_t kMostInCommon = 64;  // of a text: so a few bytes cannot claim a long one

// The numbers of the format are places in these lists: what is new goes to the end.
inline constexpr OpKind kOperators[] = {OpKind::kDense,
                                        OpKind::kConv2d,
                                        OpKind::kMaxPool2d,
                                        OpKind::kAveragePool2d,
                                        OpKind::kGlobalAveragePool,
                                        OpKind::kBatchNorm,
                                        OpKind::kRelu,
                                        OpKind::kTanh,
                                        OpKind::kSigmoid,
                                        OpKind::kGelu,
                                        OpKind::kAdd,
                                        OpKind::kReshape,
                                        OpKind::kDropout,
                                        OpKind::kSoftmaxCrossEntropy,
                                        OpKind::kMeanSquaredError,
                                        OpKind::kCopyToTensor,
                                        OpKind::kReduceFromTensor,
                                        OpKind::kDepthwiseConv2d};
inline constexpr Activation kActivations[] = {Activation::kNone, Activation::kRelu, Activation::kTanh,
                                              Activation::kSigmoid, Activation::kGelu};
inline constexpr Hold kHolds[] = {Hold::kNothing, Hold::kZeros, Hold::kShared, Hold::kGrid};
enum ValueTag : uint8_t { kInputTag, kParameterTag, kBufferTag, kFirstOperatorTag };
enum TraitBits : uint8_t { kDecaysTrait = 1, kHoldShift = 1, kHoldMask = 3, kGridTrait = 8, kAllTraits = 15 };
enum AttributeBits : uint8_t {
  kHasKernel = 1,
  kHasStride = 2,
  kHasPadding = 4,
  kHasRate = 8,
  kHasMomentum = 16,
  kHasEpsilon = 32,
  kHasActivation = 64,
  kHasShape = 128
};

inline uint32_t CrcOf(std::span<const uint8_t> bytes) {
  return static_cast<uint32_t>(crc32_z(crc32(0, nullptr, 0), bytes.data(), bytes.size()));
}

// Elements of a shape; nullopt if an extent is negative or all together are more than a value may have. An
// extent of 0 does not hide others that are too large.
inline std::optional<uint64_t> ClaimOf(const Shape& shape) {
  if (shape.size() > kMaxExtents) return std::nullopt;
  constexpr auto kMost = static_cast<uint64_t>(kMaxTensorElements);
  uint64_t product = 1;
  for (const int64_t extent : shape) {
    if (extent < 0 || static_cast<uint64_t>(extent) > kMost) return std::nullopt;
    product *= std::max<uint64_t>(1, static_cast<uint64_t>(extent));
    if (product > kMost) return std::nullopt;
  }
  return static_cast<uint64_t>(ElementCount(shape));
}

inline bool IsTensor(const Value& value) {
  return value.role == ValueRole::kParameter || value.role == ValueRole::kBuffer;
}

inline bool IsLossOf(const Graph& graph, ValueId id) {
  return std::any_of(graph.nodes().begin(), graph.nodes().end(), [id](const Node& node) {
    return node.output == id &&
           (node.kind == OpKind::kSoftmaxCrossEntropy || node.kind == OpKind::kMeanSquaredError);
  });
}

}  // namespace concertina::model_format
