// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// onnx_proto.cc: message by message, with the field numbers of onnx.proto (see onnx_proto.h).
#include "core/edge/onnx_proto.h"

#include <charconv>
#include <cstring>
#include <limits>

#include "core/base/protobuf_reader.h"
#include "core/edge/half_floats.h"
#include "fmt/format.h"

namespace concertina {
namespace {

using ProtoBytes = std::span<const std::byte>;
constexpr size_t kMaxOnnxDims = 16;
constexpr int64_t kMaxOnnxElements = int64_t{1} << 40;  // beyond any file, and far from overflow
constexpr size_t kMaxQuotedLetters = 80;

// Reads the present field of `reader` as a message of its own.
template <class Parse>
absl::Status InMessage(const ProtobufReader& reader, const Parse& parse) {
  ProtoBytes bytes;
  RETURN_IF_ERROR(reader.Read(bytes));
  ProtobufReader message(bytes, reader.payload_at());
  while (message.Next()) RETURN_IF_ERROR(parse(message));
  return message.status();
}

template <class T>
absl::Status ReadOptional(const ProtobufReader& reader, std::optional<T>& value) {
  T read{};
  RETURN_IF_ERROR(reader.Read(read));
  value = read;
  return absl::OkStatus();
}

absl::Status AppendName(const ProtobufReader& reader, std::vector<std::string_view>& names) {
  std::string_view name;
  RETURN_IF_ERROR(reader.Read(name));
  names.push_back(name);
  return absl::OkStatus();
}

absl::Status ReadOnnxType(const ProtobufReader& reader, OnnxType& type) {
  int64_t number = 0;
  RETURN_IF_ERROR(reader.Read(number));
  if (number < 0 || number > std::numeric_limits<int32_t>::max())
    return absl::DataLossError(
        fmt::format("at byte {}: found the element type {}", reader.field_at(), number));
  type = static_cast<OnnxType>(number);
  return absl::OkStatus();
}

// The elements as they lie in raw_data, little endian: the machine's own order.
template <class Stored, class Kept>
void CopyRaw(ProtoBytes raw, std::vector<Kept>& to) {
  to.resize(raw.size() / sizeof(Stored));
  for (size_t i = 0; i < to.size(); ++i) {
    Stored element;
    std::memcpy(&element, raw.data() + i * sizeof(Stored), sizeof(Stored));
    to[i] = element;
  }
}

// TensorProto: dims 1, data_type 2, segment 3, float_data 4, int32_data 5, int64_data 7, name 8, raw_data 9,
// external_data 13, data_location 14.
class TensorParser {
 public:
  TensorParser(size_t begins_at, const OnnxOutside& outside) : begins_at_(begins_at), outside_(outside) {}

  absl::Status Field(const ProtobufReader& field) {
    switch (field.field()) {
      case 1:
        return field.Append(tensor_.shape);
      case 2:
        return ReadOnnxType(field, tensor_.type);
      case 3:
        return Unreadable("its data are in segments");
      case 4:
        return field.Append(tensor_.floats);
      case 5:
        return field.Append(narrow_);
      case 7:
        return field.Append(tensor_.integers);
      case 8:
        return field.Read(tensor_.name);
      case 9:
        return ReadOptional(field, raw_);
      case 13:
        is_external_ = true;
        return Entry(field);
      case 14: {
        int64_t location = 0;
        RETURN_IF_ERROR(field.Read(location));
        is_external_ |= location != 0;
        return absl::OkStatus();
      }
      default:
        return absl::OkStatus();
    }
  }

  absl::StatusOr<OnnxTensor> Finish() {
    if (is_external_) RETURN_IF_ERROR(ReadOutside());
    if (tensor_.shape.size() > kMaxOnnxDims)
      return Damaged(
          fmt::format("found {} dimensions, expected at most {}", tensor_.shape.size(), kMaxOnnxDims));
    int64_t count = 1;
    for (const int64_t extent : tensor_.shape) {
      if (extent < 0 || extent > kMaxOnnxElements || (extent > 0 && count > kMaxOnnxElements / extent))
        return Damaged(fmt::format("found a dimension of {}: it cannot be that large", extent));
      count *= extent;
    }
    switch (tensor_.type) {
      case OnnxType::kFloat:
        return Checked<float>(count, tensor_.floats);
      case OnnxType::kInt64:
        return Checked<int64_t>(count, tensor_.integers);
      case OnnxType::kInt32:
        return CheckedCodes<int32_t>(count);
      case OnnxType::kInt8:
        return CheckedCodes<int8_t>(count);
      case OnnxType::kUint8:
      case OnnxType::kBool:
        return CheckedCodes<uint8_t>(count);
      case OnnxType::kFloat16:
        return Widened(count, [](uint16_t half) { return FloatOfHalf(half); });
      case OnnxType::kBfloat16:
        return Widened(count, [](uint16_t half) { return FloatOfBfloat16(half); });
      case OnnxType::kUndefined:
        break;
    }
    // Of a type that no operator of ours reads. Whoever needs it says so, with the type's name.
    tensor_.floats.clear();
    tensor_.integers.clear();
    return std::move(tensor_);
  }

 private:
  absl::Status Damaged(const std::string& what) const {
    return absl::DataLossError(
        fmt::format("at byte {}: tensor {}: {}", begins_at_, QuotedOnnxName(tensor_.name), what));
  }
  absl::Status Unreadable(const std::string& what) const {
    return absl::InvalidArgumentError(fmt::format("tensor {}: {}", QuotedOnnxName(tensor_.name), what));
  }

  // StringStringEntryProto: key 1, value 2. Keys: location, offset, length.
  absl::Status Entry(const ProtobufReader& field) {
    std::string_view key, value;
    RETURN_IF_ERROR(InMessage(field, [&](const ProtobufReader& part) -> absl::Status {
      if (part.field() == 1) return part.Read(key);
      if (part.field() == 2) return part.Read(value);
      return absl::OkStatus();
    }));
    if (key == "location") location_ = value;
    if (key != "offset" && key != "length") return absl::OkStatus();
    uint64_t number = 0;
    const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), number);
    if (error != std::errc() || end != value.data() + value.size())
      return Damaged(
          fmt::format("its {} in another file is {}, expected a number", key, QuotedOnnxName(value)));
    (key == "offset" ? offset_ : length_) = number;
    return absl::OkStatus();
  }

  absl::Status ReadOutside() {
    if (outside_ == nullptr || location_.empty())
      return Unreadable("its data lie in another file; save the model with its weights in one file");
    const auto bytes = outside_(std::string(location_), offset_.value_or(0), length_);
    if (!bytes.ok()) return Annotate(bytes.status(), fmt::format("tensor {}", QuotedOnnxName(tensor_.name)));
    raw_ = *bytes;
    return absl::OkStatus();
  }

  // Floats of 16 bits become floats of 32, which hold them exactly. By element they come as int32_data.
  template <class Widen>
  absl::StatusOr<OnnxTensor> Widened(int64_t count, const Widen& widen) {
    ASSIGN_OR_RETURN(OnnxTensor tensor, CheckedCodes<uint16_t>(count));
    tensor.type = OnnxType::kFloat;
    tensor.floats.reserve(tensor.codes.size());
    for (const int32_t code : tensor.codes) tensor.floats.push_back(widen(static_cast<uint16_t>(code)));
    tensor.codes = {};
    return tensor;
  }

  template <class Stored, class Kept>
  absl::StatusOr<OnnxTensor> Checked(int64_t count, std::vector<Kept>& elements) {
    if (raw_ && !raw_->empty()) {
      if (!elements.empty() || !narrow_.empty()) return Damaged("has its data twice, raw and by element");
      if (raw_->size() / sizeof(Stored) != static_cast<uint64_t>(count) || raw_->size() % sizeof(Stored) != 0)
        return Damaged(fmt::format("found {} bytes of data, expected {} for {}", raw_->size(),
                                   count * static_cast<int64_t>(sizeof(Stored)), ShapeText(tensor_.shape)));
      CopyRaw<Stored>(*raw_, elements);
    }
    if (elements.size() != static_cast<uint64_t>(count))
      return Damaged(fmt::format("found {} elements of {}, expected {} for {}", elements.size(),
                                 OnnxTypeName(tensor_.type), count, ShapeText(tensor_.shape)));
    return std::move(tensor_);
  }

  // By element, all integers of at most 32 bits come as int32_data.
  template <class Stored>
  absl::StatusOr<OnnxTensor> CheckedCodes(int64_t count) {
    if (raw_ && !raw_->empty()) return Checked<Stored>(count, tensor_.codes);
    for (const int64_t code : narrow_) {
      if (code < std::numeric_limits<Stored>::min() || code > std::numeric_limits<Stored>::max())
        return Damaged(fmt::format("found the element {}, expected {}", code, OnnxTypeName(tensor_.type)));
      tensor_.codes.push_back(static_cast<int32_t>(code));
    }
    return Checked<Stored>(count, tensor_.codes);
  }

  const size_t begins_at_;
  const OnnxOutside& outside_;
  OnnxTensor tensor_;
  std::vector<int64_t> narrow_;
  std::optional<ProtoBytes> raw_;
  bool is_external_ = false;
  std::string_view location_;
  std::optional<uint64_t> offset_, length_;
};

// AttributeProto: name 1, f 2, i 3, s 4, t 5, floats 7, ints 8.
absl::Status ParseAttribute(const ProtobufReader& field, std::vector<OnnxAttributeValue>& attributes) {
  OnnxAttributeValue attribute;
  RETURN_IF_ERROR(InMessage(field, [&](const ProtobufReader& part) -> absl::Status {
    switch (part.field()) {
      case 1:
        return part.Read(attribute.name);
      case 2:
        return ReadOptional(part, attribute.f);
      case 3:
        return ReadOptional(part, attribute.i);
      case 4:
        return ReadOptional(part, attribute.s);
      case 5:
        attribute.tensor_at = part.payload_at();
        return part.Read(attribute.tensor);
      case 7:
        return part.Append(attribute.floats);
      case 8:
        return part.Append(attribute.ints);
      default:
        return absl::OkStatus();
    }
  }));
  if (attribute.name.empty())
    return absl::DataLossError(
        fmt::format("at byte {}: found an attribute without a name", field.payload_at()));
  attributes.push_back(std::move(attribute));
  return absl::OkStatus();
}

// NodeProto: input 1, output 2, name 3, op_type 4, attribute 5, domain 7.
absl::Status ParseNode(const ProtobufReader& field, std::vector<OnnxNode>& nodes) {
  OnnxNode node;
  RETURN_IF_ERROR(InMessage(field, [&](const ProtobufReader& part) -> absl::Status {
    switch (part.field()) {
      case 1:
        return AppendName(part, node.inputs);
      case 2:
        return AppendName(part, node.outputs);
      case 3:
        return part.Read(node.name);
      case 4:
        return part.Read(node.op_type);
      case 5:
        return ParseAttribute(part, node.attributes);
      case 7:
        return part.Read(node.domain);
      default:
        return absl::OkStatus();
    }
  }));
  if (node.op_type.empty() || node.outputs.empty() || node.outputs[0].empty())
    return absl::DataLossError(
        fmt::format("at byte {}: found a node without an operator or without an output", field.payload_at()));
  nodes.push_back(std::move(node));
  return absl::OkStatus();
}

// TensorShapeProto: dim 1 -> Dimension: dim_value 1, dim_param 2.
absl::Status ParseDims(const ProtobufReader& field, OnnxValueInfo& info) {
  std::vector<OnnxValueInfo::Dim>& dims = info.dims.emplace();
  return InMessage(field, [&](const ProtobufReader& part) -> absl::Status {
    if (part.field() != 1) return absl::OkStatus();
    if (dims.size() == kMaxOnnxDims)
      return absl::DataLossError(
          fmt::format("at byte {}: found more than {} dimensions", part.payload_at(), kMaxOnnxDims));
    OnnxValueInfo::Dim& dim = dims.emplace_back();
    return InMessage(part, [&](const ProtobufReader& one) -> absl::Status {
      if (one.field() == 1) return ReadOptional(one, dim.value);
      if (one.field() == 2) return one.Read(dim.param);
      return absl::OkStatus();
    });
  });
}

// ValueInfoProto: name 1, type 2 -> TypeProto: tensor_type 1 -> Tensor: elem_type 1, shape 2.
absl::Status ParseValueInfo(const ProtobufReader& field, std::vector<OnnxValueInfo>& infos) {
  OnnxValueInfo& info = infos.emplace_back();
  RETURN_IF_ERROR(InMessage(field, [&](const ProtobufReader& part) -> absl::Status {
    if (part.field() == 1) return part.Read(info.name);
    if (part.field() != 2) return absl::OkStatus();
    return InMessage(part, [&](const ProtobufReader& type) -> absl::Status {
      if (type.field() != 1) return absl::OkStatus();
      return InMessage(type, [&](const ProtobufReader& tensor) -> absl::Status {
        if (tensor.field() == 1) return ReadOnnxType(tensor, info.type);
        if (tensor.field() == 2) return ParseDims(tensor, info);
        return absl::OkStatus();
      });
    });
  }));
  if (info.name.empty())
    return absl::DataLossError(
        fmt::format("at byte {}: found an input or output without a name", field.payload_at()));
  return absl::OkStatus();
}

// GraphProto: node 1, initializer 5, input 11, output 12, sparse_initializer 15.
absl::Status ParseGraph(const ProtobufReader& field, const OnnxOutside& outside, OnnxModel& model) {
  return InMessage(field, [&](const ProtobufReader& part) -> absl::Status {
    switch (part.field()) {
      case 1:
        return ParseNode(part, model.nodes);
      case 5: {
        ProtoBytes bytes;
        RETURN_IF_ERROR(part.Read(bytes));
        ASSIGN_OR_RETURN(OnnxTensor tensor, ParseOnnxTensor(bytes, part.payload_at(), outside));
        model.initializers.push_back(std::move(tensor));
        return absl::OkStatus();
      }
      case 11:
        return ParseValueInfo(part, model.inputs);
      case 12:
        return ParseValueInfo(part, model.outputs);
      case 15:
        return absl::InvalidArgumentError("found sparse initialisers; save the model with dense ones");
      default:
        return absl::OkStatus();
    }
  });
}

// OperatorSetIdProto: domain 1, version 2.
absl::Status ParseOpset(const ProtobufReader& field, OnnxModel& model) {
  std::string_view domain;
  int64_t version = 0;
  RETURN_IF_ERROR(InMessage(field, [&](const ProtobufReader& part) -> absl::Status {
    if (part.field() == 1) return part.Read(domain);
    if (part.field() == 2) return part.Read(version);
    return absl::OkStatus();
  }));
  if (domain.empty() || domain == "ai.onnx") model.opset = version;
  return absl::OkStatus();
}

}  // namespace

std::string OnnxTypeName(OnnxType type) {
  constexpr const char* kNames[] = {"undefined", "float",  "uint8",     "int8",       "uint16",  "int16",
                                    "int32",     "int64",  "string",    "bool",       "float16", "double",
                                    "uint32",    "uint64", "complex64", "complex128", "bfloat16"};
  const auto number = static_cast<size_t>(type);
  return number < std::size(kNames) ? kNames[number] : fmt::format("type {}", number);
}

const OnnxAttributeValue* OnnxNode::Find(std::string_view attribute) const {
  for (const OnnxAttributeValue& one : attributes)
    if (one.name == attribute) return &one;
  return nullptr;
}

absl::StatusOr<OnnxTensor> ParseOnnxTensor(std::span<const std::byte> bytes, size_t begins_at,
                                           const OnnxOutside& outside) {
  TensorParser parser(begins_at, outside);
  ProtobufReader message(bytes, begins_at);
  while (message.Next()) RETURN_IF_ERROR(parser.Field(message));
  RETURN_IF_ERROR(message.status());
  return parser.Finish();
}

// ModelProto: ir_version 1, graph 7, opset_import 8.
absl::StatusOr<OnnxModel> ParseOnnx(std::span<const std::byte> bytes, const OnnxOutside& outside) {
  OnnxModel model;
  bool has_graph = false;
  ProtobufReader message(bytes);
  while (message.Next()) {
    switch (message.field()) {
      case 1:
        RETURN_IF_ERROR(message.Read(model.ir_version));
        break;
      case 7:
        if (has_graph)
          return absl::DataLossError(fmt::format("at byte {}: found a second graph", message.payload_at()));
        has_graph = true;
        RETURN_IF_ERROR(ParseGraph(message, outside, model));
        break;
      case 8:
        RETURN_IF_ERROR(ParseOpset(message, model));
        break;
      default:
        break;
    }
  }
  RETURN_IF_ERROR(message.status());
  if (!has_graph || model.ir_version == 0)
    return absl::DataLossError(fmt::format(
        "found {} bytes without a graph or a version of its format, expected a ModelProto of ONNX",
        bytes.size()));
  return model;
}

std::string QuotedOnnxName(std::string_view name) {
  std::string quoted = "\"";
  for (const char letter : name.substr(0, kMaxQuotedLetters))
    quoted += letter >= ' ' && letter <= '~' ? letter : '?';
  return quoted + (name.size() > kMaxQuotedLetters ? "…\"" : "\"");
}

}  // namespace concertina
