// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// onnx_proto.h: what of a ModelProto the reader needs, as plain structs, taken from the bytes field by field.
// On the way of the data: a file of the user -> base/protobuf_reader.h -> here -> edge/onnx_reader.h.
// Source: ONNX 1.12, onnx.proto.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/status.h"
#include "core/graph/graph.h"

namespace concertina {

// TensorProto.DataType. Others keep their number.
enum class OnnxType : int32_t {
  kUndefined = 0,
  kFloat = 1,
  kUint8 = 2,
  kInt8 = 3,
  kInt32 = 6,
  kInt64 = 7,
  kBool = 9,
  kFloat16 = 10,
  kBfloat16 = 16
};
std::string OnnxTypeName(OnnxType type);  // "float16", "type 99"

// All names are views into the bytes that were parsed.
struct OnnxTensor {
  std::string_view name;
  OnnxType type = OnnxType::kUndefined;  // floats of 16 bits have become kFloat
  Shape shape;
  // ElementCount(shape) elements, in the vector of its type; of other types none.
  std::vector<float> floats;      // kFloat
  std::vector<int32_t> codes;     // kUint8, kInt8, kInt32, kBool
  std::vector<int64_t> integers;  // kInt64
};

struct OnnxAttributeValue {
  std::string_view name;
  std::optional<float> f;
  std::optional<int64_t> i;
  std::optional<std::string_view> s;
  std::vector<float> floats;
  std::vector<int64_t> ints;
  std::span<const std::byte> tensor;  // a TensorProto; parsed where it is wanted
  size_t tensor_at = 0;
};

struct OnnxNode {
  std::string_view name, op_type, domain;
  std::vector<std::string_view> inputs, outputs;  // "" where one is left out
  std::vector<OnnxAttributeValue> attributes;

  const OnnxAttributeValue* Find(std::string_view attribute) const;  // null: it is not there
};

struct OnnxValueInfo {
  struct Dim {
    std::optional<int64_t> value;
    std::string_view param;  // "batch"
  };
  std::string_view name;
  OnnxType type = OnnxType::kUndefined;
  std::optional<std::vector<Dim>> dims;
};

struct OnnxModel {
  int64_t ir_version = 0;
  int64_t opset = 0;  // of ONNX's own operators; 0: none is named
  std::vector<OnnxNode> nodes;
  std::vector<OnnxTensor> initializers;
  std::vector<OnnxValueInfo> inputs, outputs;
};

// The bytes that an initialiser keeps in a file beside the model: `length` of them from `offset`, or all that
// follow. They are read at once, and not kept.
using OnnxOutside = std::function<absl::StatusOr<std::span<const std::byte>>(
    const std::string& location, uint64_t offset, std::optional<uint64_t> length)>;

// kDataLoss, with the byte, for what is no ModelProto, or a tensor whose data are not of its shape's size;
// kInvalidArgument for data that lie in another file if `outside` is empty, and for sparse initialisers. The
// strings and views live as long as the bytes. Allocates a small multiple of the bytes.
absl::StatusOr<OnnxModel> ParseOnnx(std::span<const std::byte> bytes, const OnnxOutside& outside = nullptr);
absl::StatusOr<OnnxTensor> ParseOnnxTensor(std::span<const std::byte> bytes, size_t begins_at,
                                           const OnnxOutside& outside = nullptr);

// A name of the file in quotes, for a message: cut where it is long, and in printable letters.
std::string QuotedOnnxName(std::string_view name);

}  // namespace concertina
