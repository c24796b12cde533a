// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// onnx_files.h: ONNX files as other programs write them, and what is looked at in a graph that was read from
// one.
#pragma once

#include <QString>
#include <QStringList>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "core/base/protobuf_writer.h"
#include "core/edge/onnx_reader.h"
#include "core/graph/graph.h"

namespace concertina::onnx_files {

inline QString Message(const absl::Status& status) {
  return QString::fromStdString(std::string(status.message()));
}

inline absl::StatusOr<Graph> Read(const std::string& bytes) {
  return FromOnnx("m", std::as_bytes(std::span(bytes)));
}

using Floats = std::vector<float>;

// Files as other programs write them: onnx.proto's field numbers, by hand.
class OnnxFile {
 public:
  static ProtobufWriter Number(const char* name, int64_t value) {
    ProtobufWriter attribute;
    attribute.Bytes(1, name);
    attribute.Integer(3, value);
    return attribute;
  }
  static ProtobufWriter Number(const char* name, float value) {
    ProtobufWriter attribute;
    attribute.Bytes(1, name);
    attribute.Float(2, value);
    return attribute;
  }
  static ProtobufWriter Text(const char* name, const char* value) {
    ProtobufWriter attribute;
    attribute.Bytes(1, name);
    attribute.Bytes(4, value);
    return attribute;
  }
  static ProtobufWriter Numbers(const char* name, const std::vector<int64_t>& values) {
    ProtobufWriter attribute;
    attribute.Bytes(1, name);
    for (const int64_t value : values) attribute.Integer(8, value);
    return attribute;
  }
  static ProtobufWriter Of(const char* name, const ProtobufWriter& tensor) {
    ProtobufWriter attribute;
    attribute.Bytes(1, name);
    attribute.Message(5, tensor);
    return attribute;
  }

  template <class T>
  static ProtobufWriter Tensor(const std::string& name, const Shape& shape, int64_t type,
                               const std::vector<T>& values) {
    ProtobufWriter tensor;
    for (const int64_t extent : shape) tensor.Integer(1, extent);
    tensor.Integer(2, type);
    tensor.Bytes(8, name);
    tensor.Bytes(9, {reinterpret_cast<const char*>(values.data()), values.size() * sizeof(T)});
    return tensor;
  }

  OnnxFile& Node(const char* op, const std::vector<std::string>& inputs, const std::string& output,
                 const std::vector<ProtobufWriter>& attributes = {}, const char* domain = "") {
    ProtobufWriter node;
    for (const std::string& input : inputs) node.Bytes(1, input);
    node.Bytes(2, output);
    node.Bytes(4, op);
    for (const ProtobufWriter& attribute : attributes) node.Message(5, attribute);
    node.Bytes(7, domain);
    return Part(1, node);
  }
  OnnxFile& Part(int field, const ProtobufWriter& message) {
    graph_.Message(field, message);
    return *this;
  }
  OnnxFile& Constant(const std::string& name, const Shape& shape, const Floats& values) {
    return Part(5, Tensor(name, shape, 1, values));
  }
  OnnxFile& Constant(const std::string& name, const Shape& shape, const std::vector<int64_t>& values) {
    return Part(5, Tensor(name, shape, 7, values));
  }
  OnnxFile& Constant(const std::string& name, const Shape& shape, const std::vector<int8_t>& values) {
    return Part(5, Tensor(name, shape, 3, values));
  }
  OnnxFile& Constant(const std::string& name, const Shape& shape, const std::vector<uint8_t>& values) {
    return Part(5, Tensor(name, shape, 2, values));
  }
  // Extents: a number, or a name.
  OnnxFile& Input(const std::string& name, const QStringList& extents, int64_t type = 1) {
    return Part(11, Info(name, extents, type));
  }
  OnnxFile& Output(const std::string& name) { return Part(12, Info(name, {}, 1)); }

  std::string Bytes(int64_t opset = 13, int64_t ir_version = 7) const {
    ProtobufWriter set, model;
    set.Integer(2, opset);
    model.Integer(1, ir_version);
    model.Message(7, graph_);
    model.Message(8, set);
    return model.Take();
  }

 private:
  static ProtobufWriter Info(const std::string& name, const QStringList& extents, int64_t type) {
    ProtobufWriter shape, tensor, of, info;
    for (const QString& extent : extents) {
      ProtobufWriter dim;
      bool is_number = false;
      const int64_t number = extent.toLongLong(&is_number);
      if (is_number)
        dim.Integer(1, number);
      else if (!extent.isEmpty())
        dim.Bytes(2, extent.toStdString());
      shape.Message(1, dim);
    }
    tensor.Integer(1, type);
    tensor.Message(2, shape);
    of.Message(1, tensor);
    info.Bytes(1, name);
    info.Message(2, of);
    return info;
  }

  ProtobufWriter graph_;
};

// What each file's own operators come to: images 2 x 4 x 4, or vectors of 3, called x, and the output y.
inline OnnxFile Image() { return OnnxFile().Input("x", {"N", "2", "4", "4"}).Output("y"); }
inline OnnxFile Vector() { return OnnxFile().Input("x", {"N", "3"}).Output("y"); }
inline OnnxFile Layer() { return Vector().Constant("w", {3, 2}, Floats{1, 2, 3, 4, 5, 6}); }
inline Floats Some(int64_t count) {
  Floats values;
  for (int64_t i = 0; i < count; ++i) values.push_back(static_cast<float>(i) / 8);
  return values;
}
inline OnnxFile Convolution(const std::vector<ProtobufWriter>& attributes,
                            const Shape& weight = {1, 2, 3, 3}) {
  return Image()
      .Constant("w", weight, Some(ElementCount(weight)))
      .Node("Conv", {"x", "w"}, "c", attributes)
      .Node("Flatten", {"c"}, "y");
}

inline QString KindsOf(const Graph& graph) {
  QStringList kinds;
  for (const Node& node : graph.nodes()) kinds += QString::fromStdString(OpKindName(node.kind));
  return kinds.join(' ');
}

inline const Value* Named(const Graph& graph, const std::string& name) {
  for (const Value& value : graph.values())
    if (value.role != ValueRole::kActivation && value.name == name) return &value;
  return nullptr;
}

inline bool IsSame(const std::optional<Quantization>& a, const std::optional<Quantization>& b) {
  if (!a || !b) return a.has_value() == b.has_value();
  return a->bits == b->bits && a->is_signed == b->is_signed && a->scales == b->scales &&
         a->zero_point == b->zero_point;
}

}  // namespace concertina::onnx_files
