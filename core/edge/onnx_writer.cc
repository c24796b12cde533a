// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// onnx_writer.cc: operator by operator, in the terms of onnx.proto (see onnx_writer.h).
// Field numbers and types: ONNX 1.12, onnx.proto; operators: ONNX opset 17.
#include "core/edge/onnx_writer.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <optional>
#include <set>

#include "core/base/protobuf_writer.h"
#include "core/edge/onnx_proto.h"
#include "fmt/format.h"

namespace concertina {
namespace {

constexpr int64_t kIrVersion = 8;
constexpr int64_t kOpset = 17;
constexpr char kBatch[] = "batch";
constexpr uint64_t kMaxOnnxBytes = std::numeric_limits<int32_t>::max();

// One AttributeProto: name 1, f 2, i 3, ints 8, type 20.
struct OnnxAttribute {
  static OnnxAttribute Float(const char* name, float value) {
    OnnxAttribute attribute(name, 1);
    attribute.message.Float(2, value);
    return attribute;
  }
  static OnnxAttribute Integer(const char* name, int64_t value) {
    OnnxAttribute attribute(name, 2);
    attribute.message.Integer(3, value);
    return attribute;
  }
  static OnnxAttribute Integers(const char* name, const std::vector<int64_t>& values) {
    OnnxAttribute attribute(name, 7);
    for (const int64_t value : values) attribute.message.Integer(8, value);
    return attribute;
  }
  ProtobufWriter message;

 private:
  OnnxAttribute(const char* name, int64_t type) {
    message.Bytes(1, name);
    message.Integer(20, type);
  }
};

// GraphProto: node 1, name 2, initializer 5, input 11, output 12.
class OnnxGraph {
 public:
  explicit OnnxGraph(const std::string& name) { graph_.Bytes(2, name); }

  // A name is given once, and is not empty: `wanted`, with as many _ behind it as it takes. Models of other
  // programs call their tensors what they like, "logits" or "w_scale", too.
  std::string Free(std::string wanted) {
    while (wanted.empty() || !taken_.insert(wanted).second) wanted += '_';
    return wanted;
  }

  // NodeProto: input 1, output 2, name 3, op_type 4, attribute 5. Gives back `output`.
  std::string AddNode(const char* op_type, const std::vector<std::string>& inputs, const std::string& output,
                      const std::vector<OnnxAttribute>& attributes = {}) {
    ProtobufWriter node;
    for (const std::string& input : inputs) node.Bytes(1, input);
    node.Bytes(2, output);
    node.Bytes(3, output);
    node.Bytes(4, op_type);
    for (const OnnxAttribute& attribute : attributes) node.Message(5, attribute.message);
    graph_.Message(1, node);
    return output;
  }

  // TensorProto: dims 1, data_type 2, name 8, raw_data 9, little endian.
  void AddInitializer(const std::string& name, const Shape& shape, OnnxType type,
                      std::span<const std::byte> data) {
    ProtobufWriter tensor;
    for (const int64_t dim : shape) tensor.Integer(1, dim);
    tensor.Integer(2, static_cast<int64_t>(type));
    tensor.Bytes(8, name);
    tensor.Bytes(9, {reinterpret_cast<const char*>(data.data()), data.size()});
    graph_.Message(5, tensor);
  }

  // The scalars of formulas, once.
  std::string Scalar(const char* wanted, float value) {
    std::string& name = scalars_[wanted];
    if (name.empty()) {
      name = Free(wanted);
      AddInitializer(name, {}, OnnxType::kFloat, std::as_bytes(std::span(&value, 1)));
    }
    return name;
  }

  // The whole numbers of `shape`, uint8 or int32, and what makes floats of them: `name`.
  template <class Code>
  void AddQuantized(const std::string& name, const Shape& shape, std::span<const Code> codes,
                    const std::vector<float>& scales, Code zero) {
    constexpr OnnxType kType = sizeof(Code) == 1 ? OnnxType::kUint8 : OnnxType::kInt32;
    const std::vector<Code> zeros(scales.size(), zero);
    const Shape along = scales.size() == 1 ? Shape{} : Shape{static_cast<int64_t>(scales.size())};
    const std::string quantized = Free(name + "_quantized"), scale = Free(name + "_scale"),
                      zero_point = Free(name + "_zero_point");
    AddInitializer(quantized, shape, kType, std::as_bytes(codes));
    AddInitializer(scale, along, OnnxType::kFloat, std::as_bytes(std::span(scales)));
    AddInitializer(zero_point, along, kType, std::as_bytes(std::span(zeros)));
    std::vector<OnnxAttribute> attributes;
    if (!along.empty()) attributes.push_back(OnnxAttribute::Integer("axis", 0));
    AddNode("DequantizeLinear", {quantized, scale, zero_point}, name, attributes);
  }

  void AddInput(const std::string& name, const Shape& sample, OnnxType type = OnnxType::kFloat) {
    graph_.Message(11, ValueInfo(name, sample, type));
  }
  void AddOutput(const std::string& name, const Shape& sample) {
    graph_.Message(12, ValueInfo(name, sample, OnnxType::kFloat));
  }

  const ProtobufWriter& message() const { return graph_; }

 private:
  // ValueInfoProto: name 1, type 2 -> TypeProto: tensor_type 1 -> Tensor: elem_type 1, shape 2 -> dim 1 ->
  // Dimension: dim_value 1, dim_param 2.
  static ProtobufWriter ValueInfo(const std::string& name, const Shape& sample, OnnxType elements) {
    ProtobufWriter shape, batch;
    batch.Bytes(2, kBatch);
    shape.Message(1, batch);
    for (const int64_t extent : sample) {
      ProtobufWriter dim;
      dim.Integer(1, extent);
      shape.Message(1, dim);
    }
    ProtobufWriter tensor, type, value;
    tensor.Integer(1, static_cast<int64_t>(elements));
    tensor.Message(2, shape);
    type.Message(1, tensor);
    value.Bytes(1, name);
    value.Message(2, type);
    return value;
  }

  ProtobufWriter graph_;
  std::set<std::string> taken_;
  std::map<std::string, std::string> scalars_;  // by what they are called where that is free
};

class Exporter {
 public:
  Exporter(const Graph& graph, OnnxGraph& onnx) : graph_(graph), onnx_(onnx) {}

  // Which tensors become whole numbers, and by what scales. Before AddTensors.
  absl::Status ChooseScales() {
    std::map<ValueId, int> reads;
    for (const Node& node : graph_.nodes())
      for (const ValueId id : node.inputs) ++reads[id];
    for (const Node& node : graph_.nodes()) {
      if (!needed_.contains(node.output)) continue;
      RETURN_IF_ERROR(CheckGrid(node.output, node.name));
      if (node.kind != OpKind::kDense && node.kind != OpKind::kConv2d) continue;
      const Value& weight = graph_.value(node.inputs[1]);
      if (!weight.quantization || weight.quantization->bits != 8 || !weight.quantization->is_signed) continue;
      const std::vector<float>& scales = weight.quantization->scales;
      if ((scales.size() != 1 && static_cast<int64_t>(scales.size()) != weight.shape[0]) ||
          !AreScales(scales))
        return absl::InvalidArgumentError(
            fmt::format("parameter \"{}\": found {} scales, expected one or {}, finite and above 0",
                        weight.name, scales.size(), weight.shape[0]));
      scales_[node.inputs[1]] = scales;
      // The products are summed in steps of the input's scale times the weight's, and so is the bias. One
      // that two layers share has no such step.
      const Quantization* grid = GridOf(node.inputs[0]);
      if (grid == nullptr || node.inputs.size() < 3 || reads[node.inputs[2]] != 1) continue;
      std::vector<float>& steps = scales_[node.inputs[2]] = scales;
      for (float& step : steps) step *= grid->scales[0];
      if (!AreScales(steps)) scales_.erase(node.inputs[2]);
    }
    return CheckGrid(graph_.input(), "input");
  }

  // Before all else that gets a name: what goes in and comes out has its own, and then the tensors.
  void NameTensors() {
    for (const char* own : {"input", "pixels", "logits", "probabilities"}) onnx_.Free(own);
    for (const std::vector<ValueId>& ids : {graph_.parameters(), graph_.buffers()})
      for (const ValueId id : ids) names_[id] = onnx_.Free(graph_.value(id).name);
  }

  void AddTensors(const std::vector<ValueId>& values, std::span<const float> flat) {
    size_t offset = 0;
    for (const ValueId id : values) {
      const Value& value = graph_.value(id);
      const auto count = static_cast<size_t>(ElementCount(value.shape));
      const std::span<const float> elements = flat.subspan(offset, count);
      if (needed_.contains(id) && !AddQuantized(id, elements))
        onnx_.AddInitializer(names_.at(id), value.shape, OnnxType::kFloat, std::as_bytes(elements));
      offset += count;
    }
  }

  // Marks what the prediction depends on: the loss and what only it needs stay out.
  void MarkNeeded() {
    needed_.insert(graph_.prediction());
    for (auto node = graph_.nodes().rbegin(); node != graph_.nodes().rend(); ++node)
      if (needed_.contains(node->output)) needed_.insert(node->inputs.begin(), node->inputs.end());
  }

  void AddNodes(const OnnxOptions& options) {
    if (options.takes_pixels) {
      const std::string floats =
          onnx_.AddNode("Cast", {"pixels"}, onnx_.Free("pixels_float"),
                        {OnnxAttribute::Integer("to", static_cast<int64_t>(OnnxType::kFloat))});
      onnx_.AddNode("Mul", {floats, onnx_.Scalar("pixels_scale", 1.0F / 255.0F)}, "input");
    }
    names_[graph_.input()] = OnGrid(graph_.input(), "input", "input");
    for (const Node& node : graph_.nodes()) {
      if (!needed_.contains(node.output)) continue;
      const std::string output = onnx_.Free(
          fmt::format("{}_{}", node.name.empty() ? OpKindName(node.kind) : node.name, node.output));
      names_[node.output] = OnGrid(node.output, EmitFused(node, output), output);
    }
    onnx_.AddNode("Identity", {names_.at(graph_.prediction())}, "logits");
  }

 private:
  static bool AreScales(const std::vector<float>& scales) {
    return std::all_of(scales.begin(), scales.end(), [](float s) { return s > 0 && std::isfinite(s); });
  }

  absl::Status CheckGrid(ValueId id, const std::string& layer) const {
    const auto& grid = graph_.value(id).quantization;
    if (!grid) return absl::OkStatus();
    // Fewer than 8 bits are the first codes of 8, from 0: of unsigned ones, and QuantizeLinear's are signed
    // or not.
    const int32_t most_zero = grid->is_signed ? 0 : (1 << std::clamp(grid->bits, 1, 8)) - 1;
    const bool has_bits = grid->bits == 8 || (!grid->is_signed && grid->bits >= 1 && grid->bits < 8);
    if (has_bits && grid->scales.size() == 1 && AreScales(grid->scales) && grid->zero_point >= 0 &&
        grid->zero_point <= most_zero)
      return absl::OkStatus();
    return absl::InvalidArgumentError(
        fmt::format("layer \"{}\": its output has {} bits, {} scales and the zero point {}, expected 8 bits "
                    "or fewer without a sign, one scale that is finite and above 0, and a zero point from "
                    "0 to {}",
                    layer, grid->bits, grid->scales.size(), grid->zero_point, most_zero));
  }

  // The grid that a value's elements lie on: its own, or of what they were taken from unchanged.
  const Quantization* GridOf(ValueId id) const {
    for (auto node = graph_.nodes().rbegin(); node != graph_.nodes().rend(); ++node) {
      if (graph_.value(id).quantization) break;
      const bool is_unchanged = node->kind == OpKind::kReshape || node->kind == OpKind::kMaxPool2d ||
                                node->kind == OpKind::kDropout || node->kind == OpKind::kCopyToTensor;
      if (node->output == id && is_unchanged) id = node->inputs[0];
    }
    const auto& grid = graph_.value(id).quantization;
    return grid ? &*grid : nullptr;
  }

  // Dequantised whole numbers for the tensor; false if it has none, or is beyond what they hold: a bias that
  // is enormous beside its layer's products.
  bool AddQuantized(ValueId id, std::span<const float> elements) {
    const auto scales = scales_.find(id);
    if (scales == scales_.end()) return false;
    const Value& value = graph_.value(id);
    // Weights from -127 to 127 around 128, not around 0. Without VNNI, ONNX Runtime multiplies uint8
    // activations with int8 weights two at a time in 16 bits, and cuts their sums at 32,767: of 1,000 images
    // of MNIST it then told 11 (LeNet-300-100), 5 (LeNet-5) and 143 (ResNet-20) otherwise than its own floats
    // do. With uint8 weights it is exact, and with VNNI as fast for LeNets; ResNet-20 takes 267 us there, not
    // 196.
    return value.shape.size() > 1 ? AddCodes<uint8_t>(id, elements, scales->second, 127, 128)
                                  : AddCodes<int32_t>(id, elements, scales->second, 0, 0);
  }
  template <class Code>
  bool AddCodes(ValueId id, std::span<const float> elements, const std::vector<float>& scales, int most,
                Code zero) {
    std::vector<Code> codes;
    codes.reserve(elements.size());
    const size_t per_scale = elements.size() / scales.size();
    for (size_t i = 0; i < elements.size(); ++i) {
      double q = std::nearbyint(double{elements[i]} / double{scales[i / per_scale]});
      if (most > 0) q = std::clamp<double>(q, -most, most);
      if (!(std::abs(q) <= std::numeric_limits<Code>::max())) return false;
      codes.push_back(static_cast<Code>(q + zero));
    }
    onnx_.AddQuantized<Code>(names_.at(id), graph_.value(id).shape, codes, scales, zero);
    return true;
  }

  // The name under which readers find the value of `name`: rounded to its grid, if it has one.
  // QuantizeLinear knows grids of 8 bits only: what has fewer is cut to them before.
  std::string OnGrid(ValueId id, std::string name, const std::string& stem) {
    const auto& grid = graph_.value(id).quantization;
    if (!grid) return name;
    const auto code = static_cast<uint8_t>(grid->zero_point);  // 0, where it is signed
    const std::string scale = onnx_.Free(stem + "_scale"), zero = onnx_.Free(stem + "_zero_point");
    onnx_.AddInitializer(scale, {}, OnnxType::kFloat, std::as_bytes(std::span(grid->scales)));
    onnx_.AddInitializer(zero, {}, grid->is_signed ? OnnxType::kInt8 : OnnxType::kUint8,
                         std::as_bytes(std::span(&code, 1)));
    if (grid->bits < 8) {
      const auto bound = [&](const char* suffix, int32_t q) {
        const float x = grid->scales[0] * static_cast<float>(q - grid->zero_point);
        std::string bound_name = onnx_.Free(stem + suffix);
        onnx_.AddInitializer(bound_name, {}, OnnxType::kFloat, std::as_bytes(std::span(&x, 1)));
        return bound_name;
      };
      name = onnx_.AddNode("Clip", {name, bound("_least", 0), bound("_most", (1 << grid->bits) - 1)},
                           onnx_.Free(stem + "_clipped"));
    }
    const std::string codes =
        onnx_.AddNode("QuantizeLinear", {name, scale, zero}, onnx_.Free(stem + "_quantized"));
    return onnx_.AddNode("DequantizeLinear", {codes, scale, zero}, onnx_.Free(stem + "_dequantized"));
  }

  // Fuse() may have put an activation into any node: here it is one of its own again.
  std::string EmitFused(const Node& node, const std::string& output) {
    const Activation activation = node.attributes.activation;
    if (activation == Activation::kNone) return Emit(node, output);
    return Apply(activation, Emit(node, onnx_.Free(output + "_linear")), output);
  }

  std::string Emit(const Node& node, const std::string& output) {
    const Attributes& a = node.attributes;
    std::vector<std::string> inputs;
    for (const ValueId id : node.inputs) inputs.push_back(names_.at(id));
    const auto window = [&](const Shape& kernel) -> std::vector<OnnxAttribute> {
      return {OnnxAttribute::Integers("kernel_shape", kernel),
              OnnxAttribute::Integers("strides", {a.stride, a.stride}),
              OnnxAttribute::Integers("pads", {a.padding, a.padding, a.padding, a.padding})};
    };
    switch (node.kind) {
      case OpKind::kDense:
        return onnx_.AddNode("Gemm", inputs, output, {OnnxAttribute::Integer("transB", 1)});
      case OpKind::kConv2d: {
        const Shape& weight = graph_.value(node.inputs[1]).shape;
        return onnx_.AddNode("Conv", inputs, output, window({weight[2], weight[3]}));
      }
      case OpKind::kDepthwiseConv2d: {
        const Shape& weight = graph_.value(node.inputs[1]).shape;
        std::vector<OnnxAttribute> attributes = window({weight[2], weight[3]});
        attributes.push_back(OnnxAttribute::Integer("group", weight[0]));
        return onnx_.AddNode("Conv", inputs, output, attributes);
      }
      case OpKind::kMaxPool2d:
        return onnx_.AddNode("MaxPool", inputs, output, window({a.kernel, a.kernel}));
      case OpKind::kAveragePool2d: {
        std::vector<OnnxAttribute> attributes = window({a.kernel, a.kernel});
        attributes.push_back(OnnxAttribute::Integer("count_include_pad", 1));
        return onnx_.AddNode("AveragePool", inputs, output, attributes);
      }
      case OpKind::kGlobalAveragePool: {
        const std::string pooled = onnx_.AddNode("GlobalAveragePool", inputs, onnx_.Free(output + "_pooled"));
        return onnx_.AddNode("Flatten", {pooled}, output, {OnnxAttribute::Integer("axis", 1)});
      }
      case OpKind::kBatchNorm:
        return onnx_.AddNode("BatchNormalization", inputs, output,
                             {OnnxAttribute::Float("epsilon", static_cast<float>(a.epsilon)),
                              OnnxAttribute::Float("momentum", static_cast<float>(1 - a.momentum))});
      case OpKind::kRelu:
      case OpKind::kTanh:
      case OpKind::kSigmoid:
      case OpKind::kGelu:
        return Apply(ActivationOf(node.kind), inputs[0], output);
      case OpKind::kAdd:
        return onnx_.AddNode("Add", inputs, output);
      case OpKind::kReshape: {
        if (a.shape.size() == 1)
          return onnx_.AddNode("Flatten", inputs, output, {OnnxAttribute::Integer("axis", 1)});
        Shape target = {0};  // 0: the batch, as it comes
        target.insert(target.end(), a.shape.begin(), a.shape.end());
        const std::string shape = onnx_.Free(output + "_shape");
        onnx_.AddInitializer(shape, {static_cast<int64_t>(target.size())}, OnnxType::kInt64,
                             std::as_bytes(std::span(target)));
        return onnx_.AddNode("Reshape", {inputs[0], shape}, output);
      }
      case OpKind::kDropout:       // nothing in evaluation
      case OpKind::kCopyToTensor:  // nothing to sum in a whole model
      case OpKind::kReduceFromTensor:
      case OpKind::kSoftmaxCrossEntropy:
      case OpKind::kMeanSquaredError:
      case OpKind::kDistillation:
      case OpKind::kFakeQuantize:  // only while it trains
        return inputs[0];
    }
    return inputs[0];
  }

  std::string Apply(Activation activation, const std::string& x, const std::string& output) {
    switch (activation) {
      case Activation::kNone:
        return x;
      case Activation::kRelu:
        return onnx_.AddNode("Relu", {x}, output);
      case Activation::kTanh:
        return onnx_.AddNode("Tanh", {x}, output);
      case Activation::kSigmoid:
        return onnx_.AddNode("Sigmoid", {x}, output);
      case Activation::kGelu: {  // x/2 (1 + erf(x / sqrt 2)); an operator of its own only since opset 20
        const std::string scaled = onnx_.AddNode(
            "Mul", {x, onnx_.Scalar("gelu_sqrt_half", 0.70710678118654752F)}, onnx_.Free(output + "_scaled"));
        const std::string erf = onnx_.AddNode("Erf", {scaled}, onnx_.Free(output + "_erf"));
        const std::string sum =
            onnx_.AddNode("Add", {erf, onnx_.Scalar("gelu_one", 1)}, onnx_.Free(output + "_sum"));
        const std::string half =
            onnx_.AddNode("Mul", {x, onnx_.Scalar("gelu_half", 0.5F)}, onnx_.Free(output + "_half"));
        return onnx_.AddNode("Mul", {half, sum}, output);
      }
    }
    return x;
  }

  const Graph& graph_;
  OnnxGraph& onnx_;
  std::set<ValueId> needed_;
  std::map<ValueId, std::string> names_;
  std::map<ValueId, std::vector<float>> scales_;  // of tensors that become whole numbers
};

int64_t CountOf(const Graph& graph, const std::vector<ValueId>& values) {
  int64_t count = 0;
  for (const ValueId id : values) count += ElementCount(graph.value(id).shape);
  return count;
}

absl::StatusOr<std::vector<float>> FlatGiven(const Graph& graph, const std::vector<ValueId>& values) {
  std::vector<float> flat;
  for (const ValueId id : values) {
    const Value& value = graph.value(id);
    const int64_t found = value.given == nullptr ? 0 : std::ssize(*value.given);
    // Of a part of a model, those given are the whole's.
    if (found != ElementCount(value.shape) || value.slice)
      return absl::InvalidArgumentError(fmt::format(
          "\"{}\" has {} given values, expected {} of a whole model; give them to the graph, or to "
          "ToOnnx beside it",
          value.name, found, ElementCount(value.shape)));
    flat.insert(flat.end(), value.given->begin(), value.given->end());
  }
  return flat;
}

}  // namespace

absl::StatusOr<std::string> ToOnnx(const Graph& graph, std::span<const float> parameters,
                                   std::span<const float> buffers, const std::string& name,
                                   const OnnxOptions& options) {
  if (graph.input() < 0 || graph.prediction() < 0)
    return absl::InvalidArgumentError("the graph has no input or no prediction, and nothing to export");
  for (const Node& node : graph.nodes())
    if (node.attributes.parts > 1)
      return absl::InvalidArgumentError(fmt::format(
          "layer \"{}\" sums over {} ranks: the graph is a part of a model, and only the whole can "
          "be exported",
          node.name, node.attributes.parts));
  const int64_t parameter_count = CountOf(graph, graph.parameters()),
                buffer_count = CountOf(graph, graph.buffers());
  if (static_cast<int64_t>(parameters.size()) != parameter_count ||
      static_cast<int64_t>(buffers.size()) != buffer_count)
    return absl::InvalidArgumentError(fmt::format("found {} parameters and {} buffers, expected {} and {}",
                                                  parameters.size(), buffers.size(), parameter_count,
                                                  buffer_count));
  if (parameters.size_bytes() + buffers.size_bytes() > kMaxOnnxBytes - (1 << 20))
    return absl::OutOfRangeError(
        fmt::format("{} parameters: an ONNX file holds at most 2 GiB; export safetensors", parameter_count));

  OnnxGraph onnx(name.empty() ? "concertina" : name);
  Exporter exporter(graph, onnx);
  exporter.MarkNeeded();
  RETURN_IF_ERROR(exporter.ChooseScales());
  exporter.NameTensors();
  exporter.AddTensors(graph.parameters(), parameters);
  exporter.AddTensors(graph.buffers(), buffers);
  exporter.AddNodes(options);
  const Shape& sample = graph.value(graph.input()).shape;
  const Shape& prediction = graph.value(graph.prediction()).shape;
  if (options.takes_pixels)
    onnx.AddInput("pixels", sample, OnnxType::kUint8);
  else
    onnx.AddInput("input", sample);
  onnx.AddOutput("logits", prediction);
  bool has_softmax = false;
  for (const Node& node : graph.nodes())
    has_softmax |= node.output == graph.loss() && node.kind == OpKind::kSoftmaxCrossEntropy;
  if (has_softmax) {
    onnx.AddNode("Softmax", {"logits"}, "probabilities", {OnnxAttribute::Integer("axis", -1)});
    onnx.AddOutput("probabilities", prediction);
  }

  // ModelProto: ir_version 1, producer_name 2, producer_version 3, graph 7, opset_import 8 {domain 1, version
  // 2}.
  ProtobufWriter opset, model;
  opset.Bytes(1, "");
  opset.Integer(2, kOpset);
  model.Integer(1, kIrVersion);
  model.Bytes(2, "concertina");
  model.Bytes(3, CONCERTINA_VERSION);
  model.Message(7, onnx.message());
  model.Message(8, opset);
  return model.Take();
}

absl::StatusOr<std::string> ToOnnx(const Graph& graph, const std::string& name, const OnnxOptions& options) {
  ASSIGN_OR_RETURN(const std::vector<float> parameters, FlatGiven(graph, graph.parameters()));
  ASSIGN_OR_RETURN(const std::vector<float> buffers, FlatGiven(graph, graph.buffers()));
  return ToOnnx(graph, parameters, buffers, name, options);
}

}  // namespace concertina
