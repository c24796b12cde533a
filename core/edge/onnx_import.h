// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// onnx_import.h: the state and the parts of reading an ONNX file (see onnx_reader.h). On the way of the data:
// edge/onnx_proto.h -> onnx_reader.cc, which goes over the nodes; onnx_operators.cc and onnx_quantized.cc
// take each of them, onnx_shapes.cc those that only turn or tell shapes; onnx_values.cc keeps what names
// stand for -> graph/graph.h.
//
// ONNX names every value and writes formulas out; our operators are larger. So a name stands for an
// activation, a constant, or something on the way to one of ours: the product that a bias may follow, whole
// numbers that will be dequantised, a part of GELU. What is read as an activation before it has become one is
// an error, or made one.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <initializer_list>
#include <limits>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <tuple>
#include <unordered_map>
#include <utility>
#include <vector>

#include "core/base/status.h"
#include "core/base/utf8.h"
#include "core/edge/onnx_proto.h"
#include "core/graph/graph.h"
#include "fmt/format.h"

namespace concertina {

// An initialiser, a Constant's tensor, or what became of one. Shared by all names that stand for it.
struct OnnxConstant {
  std::string name;  // that a parameter gets
  OnnxType type = OnnxType::kUndefined;
  Shape shape;
  std::shared_ptr<const std::vector<float>> floats;
  std::vector<int32_t> codes;
  std::vector<int64_t> integers;
  // The grid that the floats lie on, along this dimension if there are several scales; none: {}.
  std::vector<float> scales;
  int64_t scale_axis = 0;
};
using ConstantPointer = std::shared_ptr<const OnnxConstant>;

// GELU(x) = x/2 (1 + erf(x / sqrt 2)), in the orders in which it is written.
enum class GeluPart { kScaled, kErf, kErfPlusOne, kHalf, kDouble };

// What a name stands for.
struct OnnxMeaning {
  enum Kind { kActivation, kConstant, kProduct, kClipped, kPadded, kCodes, kGelu, kNothing };
  Kind kind = kNothing;
  ValueId value = -1;            // the activation; of all but kConstant, the one it is made from
  bool is_pooled = false;        // C x 1 x 1 to ONNX, and C to us: what a global average pool gives
  ConstantPointer constant;      // of kConstant; the weight of kProduct
  const OnnxNode* by = nullptr;  // of kProduct and kClipped
  Shape pads;                    // of kPadded: top, left, bottom, right, of zeros
  Quantization grid;             // of kCodes
  GeluPart part = GeluPart::kScaled;
};

// Reads one model, once.
class OnnxImport {
 public:
  explicit OnnxImport(OnnxModel model) : model_(std::move(model)) {}

  absl::StatusOr<Graph> Run();

 private:
  using TakeOperator = absl::Status (OnnxImport::*)(const OnnxNode&);
  static const std::map<std::string_view, TakeOperator>& Operators();

  static absl::Status Wrong(const std::string& what) { return absl::InvalidArgumentError(what); }

  static std::string TextOf(const OnnxNode& node) {
    return fmt::format("node {} ({})", QuotedOnnxName(node.name.empty() ? node.outputs[0] : node.name),
                       CutUtf8(node.op_type, 40));
  }

  static bool IsOnnxDomain(const OnnxNode& node) { return node.domain.empty() || node.domain == "ai.onnx"; }
  static bool IsAny(const OnnxNode& node, std::initializer_list<std::string_view> operators) {
    return IsOnnxDomain(node) &&
           std::find(operators.begin(), operators.end(), node.op_type) != operators.end();
  }

  // onnx_reader.cc. Before the nodes are taken: which of them matter, and who reads what.

  absl::Status CheckNames();

  // The name that stands for the same without Identity nodes between.
  std::string_view RootOf(std::string_view name) const {
    const auto root = roots_.find(name);
    return root == roots_.end() ? name : root->second;
  }

  absl::Status FindLogits();
  void FindNeeded();
  void AddInitializers();
  static std::shared_ptr<OnnxConstant> ConstantOf(std::string name, OnnxTensor tensor);
  absl::Status AddInput();
  absl::Status AddLoss();
  absl::Status Take(const OnnxNode& node);

  // onnx_values.cc. What names stand for.

  void Mean(std::string_view name, ConstantPointer constant) {
    meanings_[name] = {.kind = OnnxMeaning::kConstant, .constant = std::move(constant)};
  }
  void MeanActivation(std::string_view name, ValueId value, bool is_pooled = false) {
    meanings_[name] = {.kind = OnnxMeaning::kActivation, .value = value, .is_pooled = is_pooled};
  }
  void MeanPart(std::string_view name, GeluPart part, const OnnxMeaning& of) {
    meanings_[name] = {
        .kind = OnnxMeaning::kGelu, .value = of.value, .is_pooled = of.is_pooled, .part = part};
  }

  absl::Status ExpectInputs(const OnnxNode& node, size_t least, size_t most) const;
  static bool HasInput(const OnnxNode& node, size_t i) {
    return i < node.inputs.size() && !node.inputs[i].empty();
  }

  absl::StatusOr<OnnxMeaning> Input(const OnnxNode& node, size_t i) const {
    if (!HasInput(node, i)) return Wrong(fmt::format("its input {} is left out", i));
    return meanings_.at(node.inputs[i]);
  }

  absl::StatusOr<OnnxMeaning> AsActivation(const OnnxMeaning& meaning, std::string_view name);

  absl::StatusOr<OnnxMeaning> Activation(const OnnxNode& node, size_t i) {
    ASSIGN_OR_RETURN(const OnnxMeaning meaning, Input(node, i));
    return AsActivation(meaning, node.inputs[i]);
  }

  // The value as ONNX has it, C x 1 x 1 where it was pooled.
  absl::StatusOr<ValueId> Unpooled(const OnnxNode& node, const OnnxMeaning& x) {
    if (!x.is_pooled) return x.value;
    return AddNode(node, OpKind::kReshape, {x.value}, {.shape = {graph_.value(x.value).shape[0], 1, 1}});
  }
  absl::StatusOr<ValueId> PlainActivation(const OnnxNode& node, size_t i) {
    ASSIGN_OR_RETURN(const OnnxMeaning x, Activation(node, i));
    return Unpooled(node, x);
  }

  absl::StatusOr<ConstantPointer> Constant(const OnnxNode& node, size_t i) const;
  absl::Status ExpectType(const OnnxConstant& constant, OnnxType type) const;
  absl::StatusOr<ConstantPointer> FloatConstant(const OnnxNode& node, size_t i) const;
  static std::optional<float> ScalarOf(const OnnxMeaning& meaning);

  // Attributes.

  static absl::StatusOr<int64_t> Integer(const OnnxNode& node, std::string_view name, int64_t otherwise,
                                         int64_t least, int64_t most);
  static absl::Status Expect(const OnnxNode& node, std::string_view name, int64_t otherwise,
                             int64_t expected) {
    return Integer(node, name, otherwise, expected, expected).status();
  }
  static float Number(const OnnxNode& node, std::string_view name, float otherwise) {
    const OnnxAttributeValue* attribute = node.Find(name);
    return attribute == nullptr ? otherwise : attribute->f.value_or(0);
  }
  static absl::StatusOr<std::vector<int64_t>> Integers(const OnnxNode& node, std::string_view name,
                                                       std::vector<int64_t> otherwise, int64_t least);

  // `outer`: what a Pad before the window has added.
  absl::StatusOr<Attributes> WindowOf(const OnnxNode& node, const Shape& image, const Shape& kernel,
                                      const Shape& outer = {0, 0, 0, 0}) const;
  absl::Status ExpectImage(ValueId x) const;

  // The graph that comes of it.

  static absl::Status CheckSize(const Shape& shape, const std::string& what);
  std::string Unique(std::set<std::string>& taken, std::string wanted, std::string otherwise = "");
  std::string LayerName(const OnnxNode& node);

  absl::StatusOr<ValueId> AddNode(const OnnxNode& node, OpKind kind, std::vector<ValueId> inputs,
                                  Attributes attributes = {});

  absl::Status Add(const OnnxNode& node, OpKind kind, std::vector<ValueId> inputs, Attributes attributes = {},
                   bool is_pooled = false);

  // How a constant becomes a parameter or buffer.
  struct Use {
    ConstantPointer constant;
    bool is_transposed = false;  // in x out, where ours is out x in
    float factor = 1;
    ValueRole role = ValueRole::kParameter;
    Initializer initializer = Initializer::kKaimingUniform;
    int64_t fan_in = 1;
  };

  absl::StatusOr<ValueId> ValueOf(const Use& use, bool is_weight, Shape shape);
  static std::shared_ptr<const std::vector<float>> Rearranged(const Use& use);
  absl::StatusOr<ValueId> BiasOf(Use bias, int64_t outputs);
  absl::Status AddDense(const OnnxNode& node, std::string_view output, ValueId x, Use weight, Use bias);

  // onnx_operators.cc.

  absl::Status TakeConstant(const OnnxNode& node);
  absl::Status TakeIdentity(const OnnxNode& node);
  absl::Status TakeDropout(const OnnxNode& node);
  absl::Status TakeActivation(const OnnxNode& node);
  absl::Status TakeGelu(const OnnxNode& node);
  absl::Status TakeGemm(const OnnxNode& node);
  absl::Status TakeMatMul(const OnnxNode& node);
  absl::Status TakeAdd(const OnnxNode& node);

  static bool IsNear(const OnnxMeaning& meaning, double number) {  // a float of it, however it was rounded
    const std::optional<float> scalar = ScalarOf(meaning);
    return scalar && std::abs(*scalar - number) < 1e-6;
  }

  absl::Status TakeMul(const OnnxNode& node);
  absl::Status TakeDiv(const OnnxNode& node);
  absl::Status TakeErf(const OnnxNode& node);

  static absl::Status NotGelu() {
    return Wrong("is taken only as a part of GELU, expected x/2 (1 + erf(x / sqrt 2)) of one x");
  }

  absl::Status TakeConv(const OnnxNode& node);
  absl::Status TakePool(const OnnxNode& node);
  absl::Status TakeGlobalPool(const OnnxNode& node);
  absl::Status TakeReduceMean(const OnnxNode& node);
  absl::Status TakeBatchNorm(const OnnxNode& node);

  // onnx_shapes.cc.

  absl::Status TakePad(const OnnxNode& node);
  absl::Status TakeTranspose(const OnnxNode& node);
  absl::Status TurnWeight(const OnnxNode& node, const ConstantPointer& weight);
  static bool IsTurn(const OnnxNode& node, const Shape& perm) {
    const OnnxAttributeValue* attribute = node.Find("perm");
    return IsAny(node, {"Transpose"}) && attribute != nullptr && attribute->ints == perm;
  }

  // Shapes that are computed: x.view(x.size(0), -1) is Shape, Gather, Unsqueeze, Concat, Reshape. The batch
  // is kBatchExtent in them.
  static constexpr int64_t kBatchExtent = std::numeric_limits<int64_t>::min();
  absl::Status TakeShape(const OnnxNode& node);
  absl::Status TakeGather(const OnnxNode& node);
  absl::Status TakeUnsqueeze(const OnnxNode& node);
  absl::Status TakeConcat(const OnnxNode& node);
  absl::Status TakeCast(const OnnxNode& node);
  absl::Status MeanShape(const OnnxNode& node, Shape shape, std::vector<int64_t> extents);
  absl::StatusOr<std::vector<int64_t>> Axes(const OnnxNode& node) const;

  // A pooled C x 1 x 1 of another shape is the same value. Not where somebody else reads it as it was: a grid
  // that is set on a value is set for all who read it.
  bool IsAlone(const OnnxNode& node) const { return readers_.at(RootOf(node.inputs[0])).size() == 1; }
  absl::Status Flatten(const OnnxNode& node, const OnnxMeaning& x);
  absl::Status TakeFlatten(const OnnxNode& node);
  absl::Status TakeSqueeze(const OnnxNode& node);
  absl::Status TakeReshape(const OnnxNode& node);

  // onnx_quantized.cc. Whole numbers: x = scale (q - zero_point), one scale, or one for each index of `axis`.

  struct Steps {
    ConstantPointer scale, zero;  // zero may be null: 0, unsigned
    OnnxType type = OnnxType::kUint8;
    int64_t axis = 0;
    bool is_along_axis = false;

    float ScaleAt(size_t i) const { return (*scale->floats)[scale->floats->size() == 1 ? 0 : i]; }
    int32_t ZeroAt(size_t i) const {
      return zero == nullptr ? 0 : zero->codes[zero->codes.size() == 1 ? 0 : i];
    }
  };

  absl::StatusOr<Steps> StepsOf(const OnnxNode& node, const Shape* shape,
                                std::optional<OnnxType> codes) const;

  // f(i, k) for each element i, with the index k of its scale.
  template <class F>
  static void ForEachElement(const Shape& shape, const Steps& steps, const F& f) {
    const auto count = static_cast<size_t>(ElementCount(shape));
    size_t inner = 1, extent = 1;
    if (steps.is_along_axis) {
      extent = static_cast<size_t>(shape[static_cast<size_t>(steps.axis)]);
      for (size_t i = static_cast<size_t>(steps.axis) + 1; i < shape.size(); ++i)
        inner *= static_cast<size_t>(shape[i]);
    }
    for (size_t i = 0; i < count; ++i) f(i, i / inner % extent);
  }

  absl::StatusOr<ConstantPointer> Converted(const OnnxNode& node, const ConstantPointer& constant);
  static ConstantPointer Quantized(const OnnxConstant& constant, const Steps& steps);
  static ConstantPointer Dequantized(const OnnxConstant& constant, const Steps& steps);
  absl::StatusOr<Quantization> ActivationGrid(const OnnxNode& node) const;
  static bool IsSame(const Quantization& a, const Quantization& b) {
    return a.bits == b.bits && a.is_signed == b.is_signed && a.scales == b.scales &&
           a.zero_point == b.zero_point;
  }

  bool IsGridOfAll(std::string_view root, const Quantization& grid);
  absl::Status TakeClip(const OnnxNode& node);
  absl::Status Narrow(const OnnxNode& clip, Quantization& grid) const;
  absl::Status TakeQuantize(const OnnxNode& node);
  absl::Status TakeDequantize(const OnnxNode& node);
  static constexpr int kNoNode = -1;
  struct Used {
    ValueId value = -1;
    float factor = 1;
  };
  struct Conversion {
    std::tuple<const OnnxConstant*, const OnnxConstant*, int64_t> way;
    ConstantPointer result;
  };

  OnnxModel model_;
  Graph graph_;
  const OnnxValueInfo* input_ = nullptr;
  int64_t batch_ = 0;                                 // that the file is fixed to; 0 or 1: none
  const OnnxNode* turned_by_ = nullptr;               // which has the input's channels last, and ours first
  std::string_view logits_;                           // a root
  std::vector<const OnnxNode*> softmaxes_;            // after the logits
  std::vector<bool> is_needed_;                       // of each node
  std::unordered_map<std::string_view, int> givers_;  // of each name, a node or kNoNode
  std::unordered_map<std::string_view, std::string_view> roots_;
  std::unordered_map<std::string_view, std::vector<const OnnxNode*>> readers_;  // of a root, those needed
  std::unordered_map<std::string_view, OnnxMeaning> meanings_;
  std::unordered_map<std::string_view, std::optional<Quantization>> grid_of_all_;  // of a root
  std::map<std::tuple<const OnnxConstant*, ValueRole, bool>, Used> used_;
  std::map<const OnnxConstant*, Conversion> converted_;
  std::map<const OnnxConstant*, ConstantPointer> turned_;  // both ways
  std::map<const OnnxConstant*, ConstantPointer> spread_;  // of one number
  int64_t left_to_spread_ = int64_t{1} << 20;              // elements made of biases of one number, in all
  std::set<std::string> layer_names_, tensor_names_;
  std::map<std::string, int> numbers_;  // of Unique
};

}  // namespace concertina
