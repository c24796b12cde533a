// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// onnx_reader.cc: operator by operator, from ONNX's terms to ours (see onnx_reader.h).
// Operators: ONNX, Operators.md and Changelog.md, operator sets 1 to 17; Gelu of 20.
//
// ONNX names every value and writes formulas out; our operators are larger. So a name stands for an
// activation, a constant, or something on the way to one of ours: the product that a bias may follow, whole
// numbers that will be dequantised, a part of GELU. What is read as an activation before it has become one is
// an error, or made one.
#include "core/edge/onnx_reader.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <unordered_map>
#include <utility>

#include "core/data/stored_bytes.h"
#include "core/edge/onnx_proto.h"
#include "fmt/format.h"
#include "fmt/ranges.h"

namespace concertina {
namespace {

constexpr int64_t kLeastIrVersion = 3, kMostIrVersion = 9;  // 3: with operator sets
constexpr int64_t kLeastOpset = 1;
constexpr int64_t kBroadcasts = 7;                     // since when as it is now: before, by an axis
constexpr int64_t kMostActivation = int64_t{1} << 31;  // elements of one, a sample
constexpr int64_t kMostExtent = int64_t{1} << 24;      // of windows, strides and padding
constexpr int64_t kMostSpread = int64_t{1} << 20;      // elements made of biases of one number, in all

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
  enum Kind { kActivation, kConstant, kProduct, kClipped, kCodes, kGelu, kNothing };
  Kind kind = kNothing;
  ValueId value = -1;            // the activation; of all but kConstant, the one it is made from
  bool is_pooled = false;        // C x 1 x 1 to ONNX, and C to us: what a global average pool gives
  ConstantPointer constant;      // of kConstant; the weight of kProduct
  const OnnxNode* by = nullptr;  // of kProduct and kClipped
  Quantization grid;             // of kCodes
  GeluPart part = GeluPart::kScaled;
};

// The decimal number that was meant where a float was written: 1e-5, not 9.99999975e-06.
double MeantBy(float number) { return std::isfinite(number) ? std::stod(fmt::format("{}", number)) : number; }

class OnnxImport {
 public:
  explicit OnnxImport(OnnxModel model) : model_(std::move(model)) {}

  absl::StatusOr<Graph> Run() {
    if (model_.ir_version < kLeastIrVersion || model_.ir_version > kMostIrVersion)
      return absl::InvalidArgumentError(fmt::format(
          "found version {} of ONNX's format, expected {} to {}; export the model with another version",
          model_.ir_version, kLeastIrVersion, kMostIrVersion));
    if (model_.opset < kLeastOpset)
      return absl::InvalidArgumentError(
          fmt::format("found operator set {}, expected {} or later; export the model with a later one",
                      model_.opset, kLeastOpset));
    RETURN_IF_ERROR(CheckNames());
    RETURN_IF_ERROR(FindLogits());
    FindNeeded();
    AddInitializers();
    RETURN_IF_ERROR(AddInput());
    for (size_t i = 0; i < model_.nodes.size(); ++i) {
      if (!is_needed_[i]) continue;
      const OnnxNode& node = model_.nodes[i];
      absl::Status taken = Take(node);
      if (!taken.ok()) return Annotate(taken, TextOf(node));
      // Masks, indices, running statistics of training.
      for (size_t j = 1; j < node.outputs.size(); ++j)
        if (!node.outputs[j].empty()) meanings_[node.outputs[j]] = {};
    }
    RETURN_IF_ERROR(AddLoss());
    return std::move(graph_);
  }

 private:
  using TakeOperator = absl::Status (OnnxImport::*)(const OnnxNode&);
  static const std::map<std::string_view, TakeOperator>& Operators() {
    static const auto* const operators = new std::map<std::string_view, TakeOperator>{
        {"Add", &OnnxImport::TakeAdd},
        {"AveragePool", &OnnxImport::TakePool},
        {"BatchNormalization", &OnnxImport::TakeBatchNorm},
        {"Clip", &OnnxImport::TakeClip},
        {"Constant", &OnnxImport::TakeConstant},
        {"Conv", &OnnxImport::TakeConv},
        {"DequantizeLinear", &OnnxImport::TakeDequantize},
        {"Div", &OnnxImport::TakeDiv},
        {"Dropout", &OnnxImport::TakeDropout},
        {"Erf", &OnnxImport::TakeErf},
        {"Flatten", &OnnxImport::TakeFlatten},
        {"Gelu", &OnnxImport::TakeGelu},
        {"Gemm", &OnnxImport::TakeGemm},
        {"GlobalAveragePool", &OnnxImport::TakeGlobalPool},
        {"Identity", &OnnxImport::TakeIdentity},
        {"MatMul", &OnnxImport::TakeMatMul},
        {"MaxPool", &OnnxImport::TakePool},
        {"Mul", &OnnxImport::TakeMul},
        {"QuantizeLinear", &OnnxImport::TakeQuantize},
        {"Relu", &OnnxImport::TakeActivation},
        {"Reshape", &OnnxImport::TakeReshape},
        {"Sigmoid", &OnnxImport::TakeActivation},
        {"Squeeze", &OnnxImport::TakeSqueeze},
        {"Tanh", &OnnxImport::TakeActivation},
    };
    return *operators;
  }

  static absl::Status Wrong(const std::string& what) { return absl::InvalidArgumentError(what); }

  static std::string TextOf(const OnnxNode& node) {
    return fmt::format("node {} ({})", QuotedOnnxName(node.name.empty() ? node.outputs[0] : node.name),
                       node.op_type.substr(0, 40));
  }

  static bool IsOnnxDomain(const OnnxNode& node) { return node.domain.empty() || node.domain == "ai.onnx"; }
  static bool IsAny(const OnnxNode& node, std::initializer_list<std::string_view> operators) {
    return IsOnnxDomain(node) &&
           std::find(operators.begin(), operators.end(), node.op_type) != operators.end();
  }

  // Before the nodes are taken: which of them matter, and who reads what.

  // Each name is given once, and before it is read, as ONNX has it: so there is no cycle either.
  absl::Status CheckNames() {
    const auto give = [&](std::string_view name, int by) {
      if (givers_.emplace(name, by).second) return absl::OkStatus();
      return absl::DataLossError(fmt::format("the name {} is given twice", QuotedOnnxName(name)));
    };
    for (const OnnxTensor& tensor : model_.initializers) {
      if (tensor.name.empty()) return absl::DataLossError("found an initialiser without a name");
      RETURN_IF_ERROR(give(tensor.name, kNoNode));
    }
    // Files of IR version 3 list initialisers among the inputs.
    for (const OnnxValueInfo& info : model_.inputs) {
      if (givers_.contains(info.name) && input_ != &info) continue;
      if (input_ != nullptr)
        return Wrong(fmt::format("found the inputs {} and {}, expected one", QuotedOnnxName(input_->name),
                                 QuotedOnnxName(info.name)));
      input_ = &info;
    }
    if (input_ == nullptr) return Wrong("found no input, expected one");
    RETURN_IF_ERROR(give(input_->name, kNoNode));
    for (size_t i = 0; i < model_.nodes.size(); ++i) {
      const OnnxNode& node = model_.nodes[i];
      for (const std::string_view name : node.inputs)
        if (!name.empty() && !givers_.contains(name))
          return absl::DataLossError(
              fmt::format("{}: reads {}, which nothing before it gives", TextOf(node), QuotedOnnxName(name)));
      for (const std::string_view name : node.outputs)
        if (!name.empty()) {
          const absl::Status given = give(name, static_cast<int>(i));
          if (!given.ok()) return Annotate(given, TextOf(node));
        }
      if (IsAny(node, {"Identity"}) && node.inputs.size() == 1 && !node.inputs[0].empty())
        roots_[node.outputs[0]] = RootOf(node.inputs[0]);
    }
    return absl::OkStatus();
  }

  // The name that stands for the same without Identity nodes between.
  std::string_view RootOf(std::string_view name) const {
    const auto root = roots_.find(name);
    return root == roots_.end() ? name : root->second;
  }

  absl::Status FindLogits() {
    if (model_.outputs.empty()) return Wrong("found no output, expected the logits");
    for (const OnnxValueInfo& output : model_.outputs) {
      if (!givers_.contains(output.name))
        return absl::DataLossError(
            fmt::format("the output {} is given by no node", QuotedOnnxName(output.name)));
      std::string_view root = RootOf(output.name);
      if (const int by = givers_.at(root); by != kNoNode) {
        const OnnxNode& node = model_.nodes[static_cast<size_t>(by)];
        if (IsAny(node, {"Softmax", "LogSoftmax"}) && node.inputs.size() == 1 && !node.inputs[0].empty()) {
          softmaxes_.push_back(&node);
          root = RootOf(node.inputs[0]);
        }
      }
      if (!logits_.empty() && root != logits_)
        return Wrong(
            fmt::format("found the outputs {} and {}, expected one, and at most its softmax beside it",
                        QuotedOnnxName(model_.outputs[0].name), QuotedOnnxName(output.name)));
      logits_ = root;
    }
    return absl::OkStatus();
  }

  void FindNeeded() {
    std::set<std::string_view> needed = {logits_};
    is_needed_.resize(model_.nodes.size());
    for (size_t i = model_.nodes.size(); i-- > 0;) {
      const OnnxNode& node = model_.nodes[i];
      is_needed_[i] = std::any_of(node.outputs.begin(), node.outputs.end(),
                                  [&](std::string_view name) { return needed.contains(name); });
      if (!is_needed_[i]) continue;
      needed.insert(node.inputs.begin(), node.inputs.end());
      if (!IsAny(node, {"Identity"}))
        for (const std::string_view name : node.inputs) readers_[RootOf(name)].push_back(&node);
    }
  }

  void AddInitializers() {
    for (OnnxTensor& tensor : model_.initializers) {
      const std::string_view name = tensor.name;
      Mean(name, ConstantOf(std::string(name), std::move(tensor)));
    }
  }

  static std::shared_ptr<OnnxConstant> ConstantOf(std::string name, OnnxTensor tensor) {
    auto constant = std::make_shared<OnnxConstant>();
    constant->name = std::move(name);
    constant->type = tensor.type;
    constant->shape = std::move(tensor.shape);
    constant->floats = std::make_shared<const std::vector<float>>(std::move(tensor.floats));
    constant->codes = std::move(tensor.codes);
    constant->integers = std::move(tensor.integers);
    return constant;
  }

  absl::Status AddInput() {
    const std::string text = fmt::format("input {}", QuotedOnnxName(input_->name));
    if (input_->type != OnnxType::kFloat)
      return Wrong(fmt::format("{}: its elements are {}, expected float", text, OnnxTypeName(input_->type)));
    if (!input_->dims || input_->dims->size() < 2)
      return Wrong(fmt::format("{}: found {} dimensions, expected the batch and the sample's", text,
                               input_->dims ? input_->dims->size() : 0));
    const std::vector<OnnxValueInfo::Dim>& dims = *input_->dims;
    if (dims[0].param.empty() && dims[0].value.value_or(0) > 1)
      return Wrong(fmt::format("{}: its first dimension is {}, expected the batch: a name, or 1", text,
                               *dims[0].value));
    Shape sample;
    for (size_t i = 1; i < dims.size(); ++i) {
      if (!dims[i].param.empty() || !dims[i].value)
        return Wrong(
            fmt::format("{}: its dimension {} is {}, expected a number; export the model for one size", text,
                        i, dims[i].param.empty() ? "open" : QuotedOnnxName(dims[i].param)));
      sample.push_back(*dims[i].value);
    }
    RETURN_IF_ERROR(CheckSize(sample, text));
    MeanActivation(input_->name, graph_.AddInput(std::move(sample)));
    return absl::OkStatus();
  }

  absl::Status AddLoss() {
    const std::string text = fmt::format("output {}", QuotedOnnxName(model_.outputs[0].name));
    auto logits = AsActivation(meanings_.at(logits_), logits_);
    if (!logits.ok()) return Annotate(logits.status(), text);
    if (logits->value == graph_.input())
      return Wrong(text + ": is the input itself, expected layers between them");
    for (const OnnxNode* node : softmaxes_) {
      const int64_t rank =
          logits->is_pooled ? 4 : static_cast<int64_t>(graph_.value(logits->value).shape.size()) + 1;
      auto axis = Integer(*node, "axis", model_.opset < 13 ? 1 : -1, -rank, rank - 1);
      if (!axis.ok()) return Annotate(axis.status(), TextOf(*node));
      if (*axis != 1 && *axis + rank != 1)
        return Wrong(fmt::format("{}: its axis is {}, expected the classes', 1", TextOf(*node), *axis));
    }
    const auto loss =
        graph_.AddNode(OpKind::kSoftmaxCrossEntropy, Unique(layer_names_, "loss"), {logits->value});
    if (!loss.ok()) return Annotate(loss.status(), text);
    graph_.SetOutputs(logits->value, *loss);
    return absl::OkStatus();
  }

  absl::Status Take(const OnnxNode& node) {
    const auto found = Operators().find(node.op_type);
    if (IsOnnxDomain(node) && found != Operators().end()) return (this->*found->second)(node);
    std::vector<std::string_view> names;
    for (const auto& [name, take] : Operators()) names.push_back(name);
    return Wrong(fmt::format("its operator is {}{}, expected one of {}, and Softmax or LogSoftmax at the end",
                             IsOnnxDomain(node) ? "unknown here" : "of domain ",
                             IsOnnxDomain(node) ? "" : QuotedOnnxName(node.domain), fmt::join(names, ", ")));
  }

  // What names stand for.

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

  absl::Status ExpectInputs(const OnnxNode& node, size_t least, size_t most) const {
    if (node.inputs.size() >= least && node.inputs.size() <= most) return absl::OkStatus();
    return Wrong(fmt::format("has {} inputs, expected {}{}", node.inputs.size(), least,
                             least == most ? "" : fmt::format(" to {}", most)));
  }
  static bool HasInput(const OnnxNode& node, size_t i) {
    return i < node.inputs.size() && !node.inputs[i].empty();
  }

  absl::StatusOr<OnnxMeaning> Input(const OnnxNode& node, size_t i) const {
    if (!HasInput(node, i)) return Wrong(fmt::format("its input {} is left out", i));
    return meanings_.at(node.inputs[i]);
  }

  // A product that no bias followed is a dense layer without one.
  absl::StatusOr<OnnxMeaning> AsActivation(const OnnxMeaning& meaning, std::string_view name) {
    switch (meaning.kind) {
      case OnnxMeaning::kActivation:
        return meaning;
      case OnnxMeaning::kProduct: {
        const OnnxMeaning product = meaning;  // the map's own will change
        RETURN_IF_ERROR(AddDense(*product.by, name, product.value,
                                 {.constant = product.constant, .is_transposed = true}, Use()));
        return meanings_.at(name);
      }
      case OnnxMeaning::kConstant:
        return Wrong(
            fmt::format("reads the constant {}, expected what depends on the input", QuotedOnnxName(name)));
      case OnnxMeaning::kClipped:
        return Wrong(fmt::format("reads {}, which a Clip gives, expected a QuantizeLinear between them",
                                 QuotedOnnxName(name)));
      case OnnxMeaning::kCodes:
        return Wrong(
            fmt::format("reads {}, the whole numbers of a QuantizeLinear, expected a DequantizeLinear "
                        "between them",
                        QuotedOnnxName(name)));
      case OnnxMeaning::kGelu:
        return Wrong(fmt::format("reads {}, expected only x/2 (1 + erf(x / sqrt 2)) to be written so",
                                 QuotedOnnxName(name)));
      case OnnxMeaning::kNothing:
        break;
    }
    return Wrong(
        fmt::format("reads {}, a second output, expected first outputs alone", QuotedOnnxName(name)));
  }

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

  absl::StatusOr<ConstantPointer> Constant(const OnnxNode& node, size_t i) const {
    ASSIGN_OR_RETURN(OnnxMeaning meaning, Input(node, i));
    if (meaning.kind == OnnxMeaning::kConstant) return std::move(meaning.constant);
    return Wrong(fmt::format("its input {}, {}, depends on the model's input, expected a constant", i,
                             QuotedOnnxName(node.inputs[i])));
  }
  absl::Status ExpectType(const OnnxConstant& constant, OnnxType type) const {
    if (constant.type == type) return absl::OkStatus();
    return Wrong(fmt::format("its constant {} is {}, expected {}", QuotedOnnxName(constant.name),
                             OnnxTypeName(constant.type), OnnxTypeName(type)));
  }
  absl::StatusOr<ConstantPointer> FloatConstant(const OnnxNode& node, size_t i) const {
    ASSIGN_OR_RETURN(ConstantPointer constant, Constant(node, i));
    RETURN_IF_ERROR(ExpectType(*constant, OnnxType::kFloat));
    return constant;
  }
  static std::optional<float> ScalarOf(const OnnxMeaning& meaning) {
    if (meaning.kind != OnnxMeaning::kConstant || meaning.constant->type != OnnxType::kFloat ||
        meaning.constant->floats->size() != 1)
      return std::nullopt;
    return meaning.constant->floats->front();
  }

  // Attributes.

  static absl::StatusOr<int64_t> Integer(const OnnxNode& node, std::string_view name, int64_t otherwise,
                                         int64_t least, int64_t most) {
    const OnnxAttributeValue* attribute = node.Find(name);
    const int64_t value = attribute == nullptr ? otherwise : attribute->i.value_or(0);
    if (value >= least && value <= most) return value;
    return Wrong(least == most ? fmt::format("its {} is {}, expected {}", name, value, least)
                               : fmt::format("its {} is {}, expected {} to {}", name, value, least, most));
  }
  static absl::Status Expect(const OnnxNode& node, std::string_view name, int64_t otherwise,
                             int64_t expected) {
    return Integer(node, name, otherwise, expected, expected).status();
  }
  static float Number(const OnnxNode& node, std::string_view name, float otherwise) {
    const OnnxAttributeValue* attribute = node.Find(name);
    return attribute == nullptr ? otherwise : attribute->f.value_or(0);
  }
  static absl::StatusOr<std::vector<int64_t>> Integers(const OnnxNode& node, std::string_view name,
                                                       std::vector<int64_t> otherwise, int64_t least) {
    const OnnxAttributeValue* attribute = node.Find(name);
    if (attribute == nullptr) return otherwise;
    const std::vector<int64_t>& found = attribute->ints;
    const auto fits = [&](int64_t value) { return value >= least && value <= kMostExtent; };
    if (found.size() == otherwise.size() && std::all_of(found.begin(), found.end(), fits)) return found;
    return Wrong(fmt::format("its {} are {} numbers, expected {} from {} to {}: images of two dimensions",
                             name, found.size(), otherwise.size(), least, kMostExtent));
  }

  // Strides and padding of a window over an image: one number for all sides.
  absl::StatusOr<Attributes> WindowOf(const OnnxNode& node, const Shape& image, const Shape& kernel) const {
    ASSIGN_OR_RETURN(const Shape strides, Integers(node, "strides", {1, 1}, 1));
    ASSIGN_OR_RETURN(Shape pads, Integers(node, "pads", {0, 0, 0, 0}, 0));
    ASSIGN_OR_RETURN(const Shape dilations, Integers(node, "dilations", {1, 1}, 1));
    if (strides[0] != strides[1])
      return Wrong(
          fmt::format("its strides are {}, expected the same for both sides", fmt::join(strides, ", ")));
    if (dilations != Shape{1, 1})
      return Wrong(fmt::format("its dilations are {}, expected 1", fmt::join(dilations, ", ")));
    const OnnxAttributeValue* attribute = node.Find("auto_pad");
    const std::string_view automatic = attribute == nullptr ? "NOTSET" : attribute->s.value_or("");
    if (automatic == "VALID") {
      pads = {0, 0, 0, 0};
    } else if (automatic == "SAME_UPPER" || automatic == "SAME_LOWER") {
      // As many outputs as strides fit; an odd rest would go to one side.
      for (size_t side = 0; side < 2; ++side) {
        const int64_t extent = image[side + 1], outputs = (extent + strides[side] - 1) / strides[side];
        const int64_t total = std::max<int64_t>((outputs - 1) * strides[side] + kernel[side] - extent, 0);
        pads[side] = total / 2;
        pads[side + 2] = total - total / 2;
      }
    } else if (automatic != "NOTSET") {
      return Wrong(fmt::format("its auto_pad is {}, expected NOTSET, VALID, SAME_UPPER or SAME_LOWER",
                               QuotedOnnxName(automatic)));
    }
    if (std::any_of(pads.begin(), pads.end(), [&](int64_t pad) { return pad != pads[0]; }))
      return Wrong(fmt::format("its padding{} is {}, expected the same on all sides",
                               automatic == "NOTSET" ? "" : fmt::format(" ({})", automatic),
                               fmt::join(pads, ", ")));
    return Attributes{.stride = strides[0], .padding = pads[0]};
  }

  absl::Status ExpectImage(ValueId x) const {
    const Shape& shape = graph_.value(x).shape;
    if (shape.size() == 3) return absl::OkStatus();
    return Wrong(
        fmt::format("its input is {}, expected an image of channels x height x width", ShapeText(shape)));
  }

  // The graph that comes of it.

  static absl::Status CheckSize(const Shape& shape, const std::string& what) {
    int64_t count = 1;
    for (const int64_t extent : shape) {
      if (extent < 1 || extent > kMostActivation / count)
        return Wrong(
            fmt::format("{}: is {}, expected 1 to {} elements", what, ShapeText(shape), kMostActivation));
      count *= extent;
    }
    return absl::OkStatus();
  }

  // The first of these that is free: `wanted`, `otherwise`, or that with a number.
  std::string Unique(std::set<std::string>& taken, std::string wanted, std::string otherwise = "") {
    if (taken.insert(wanted).second) return wanted;
    if (otherwise.empty()) otherwise = std::move(wanted);
    if (taken.insert(otherwise).second) return otherwise;
    int& number = numbers_[otherwise];
    std::string numbered;
    do numbered = fmt::format("{}_{}", otherwise, std::max(++number, 2));
    while (!taken.insert(numbered).second);
    return numbered;
  }

  // "conv1" of "conv1_7", "conv1_7_linear" and "pool2_9_pooled": the forms of onnx_writer.h.
  std::string LayerName(const OnnxNode& node) {
    const std::string_view whole = node.name.empty() ? node.outputs[0] : node.name;
    std::string_view name = whole;
    for (const std::string_view ending : {"_linear", "_pooled"})
      if (name.ends_with(ending)) name.remove_suffix(ending.size());
    const size_t digits = name.find_last_not_of("0123456789") + 1;
    const bool is_numbered = digits < name.size() && digits >= 2 && name[digits - 1] == '_';
    return Unique(layer_names_, std::string(is_numbered ? name.substr(0, digits - 1) : whole),
                  std::string(whole));
  }

  absl::StatusOr<ValueId> AddNode(const OnnxNode& node, OpKind kind, std::vector<ValueId> inputs,
                                  Attributes attributes = {}) {
    if (kind == OpKind::kReshape) RETURN_IF_ERROR(CheckSize(attributes.shape, "the new shape"));
    ASSIGN_OR_RETURN(const ValueId output,
                     graph_.AddNode(kind, LayerName(node), std::move(inputs), std::move(attributes)));
    RETURN_IF_ERROR(CheckSize(graph_.value(output).shape, "its output"));
    return output;
  }

  // Adds a node whose output is the ONNX node's.
  absl::Status Add(const OnnxNode& node, OpKind kind, std::vector<ValueId> inputs, Attributes attributes = {},
                   bool is_pooled = false) {
    ASSIGN_OR_RETURN(const ValueId output, AddNode(node, kind, std::move(inputs), std::move(attributes)));
    MeanActivation(node.outputs[0], output, is_pooled);
    return absl::OkStatus();
  }

  // How a constant becomes a parameter or buffer.
  struct Use {
    ConstantPointer constant;
    bool is_transposed = false;  // in x out, where ours is out x in
    float factor = 1;
    ValueRole role = ValueRole::kParameter;
    Initializer initializer = Initializer::kKaimingUniform;
    int64_t fan_in = 1;
  };

  // One value for each constant and use, however many nodes read it: the file's bytes are copied but once.
  absl::StatusOr<ValueId> ValueOf(const Use& use, bool is_weight, Shape shape) {
    const OnnxConstant& constant = *use.constant;
    const auto [place, is_new] =
        used_.try_emplace(std::tuple(use.constant.get(), use.role, use.is_transposed), Used{-1, use.factor});
    Used& used = place->second;
    if (!is_new) {
      if (used.factor == use.factor && graph_.value(used.value).shape == shape) return used.value;
      return Wrong(
          fmt::format("reads {} as {} times {}, and another node as {} times {}, expected one of them",
                      QuotedOnnxName(constant.name), ShapeText(shape), use.factor,
                      ShapeText(graph_.value(used.value).shape), used.factor));
    }
    std::string name =
        Unique(tensor_names_, constant.name, constant.name + (use.is_transposed ? "_transposed" : ""));
    // Layers (nn/layers.h) draw from +-1 / sqrt(fan_in), a sixth of He's variance.
    const ValueId id =
        use.role == ValueRole::kBuffer
            ? graph_.AddBuffer(std::move(name), std::move(shape), use.initializer)
            : graph_.AddParameter(std::move(name), std::move(shape), use.initializer, 6 * use.fan_in);
    used.value = id;
    Value& value = graph_.mutable_value(id);
    value.given = use.is_transposed || use.factor != 1 ? Rearranged(use) : constant.floats;
    const bool is_along_outputs = constant.scale_axis == (use.is_transposed ? 1 : 0);
    if (is_weight && !constant.scales.empty() && (constant.scales.size() == 1 || is_along_outputs)) {
      Quantization grid = {.scales = constant.scales};
      for (float& scale : grid.scales) scale *= std::abs(use.factor);
      // A factor of zero leaves no grid.
      if (std::all_of(grid.scales.begin(), grid.scales.end(),
                      [](float s) { return s > 0 && std::isfinite(s); }))
        value.quantization = std::move(grid);
    }
    return id;
  }

  static std::shared_ptr<const std::vector<float>> Rearranged(const Use& use) {
    std::vector<float> values = *use.constant->floats;
    if (use.is_transposed) {
      const auto rows = static_cast<size_t>(use.constant->shape[0]),
                 columns = static_cast<size_t>(use.constant->shape[1]);
      for (size_t i = 0; i < rows; ++i)
        for (size_t j = 0; j < columns; ++j) values[j * rows + i] = (*use.constant->floats)[i * columns + j];
    }
    if (use.factor != 1)
      for (float& value : values) value *= use.factor;
    return std::make_shared<const std::vector<float>>(std::move(values));
  }

  // One number for each output: n, or 1 x n as some write it, or one number for all.
  absl::StatusOr<ValueId> BiasOf(Use bias, int64_t outputs) {
    if (outputs != 1 && bias.constant->floats->size() == 1 && bias.constant->shape.size() < 3) {
      ConstantPointer& spread = spread_[bias.constant.get()];
      if (spread == nullptr) {
        left_to_spread_ -= outputs;
        if (left_to_spread_ < 0)
          return Wrong(fmt::format("its bias {} is one number for {} outputs, expected one for each",
                                   QuotedOnnxName(bias.constant->name), outputs));
        OnnxConstant all = *bias.constant;
        all.floats = std::make_shared<const std::vector<float>>(static_cast<size_t>(outputs),
                                                                bias.constant->floats->front());
        all.shape = {outputs};
        spread = std::make_shared<const OnnxConstant>(std::move(all));
      }
      bias.constant = spread;
    }
    const Shape& shape = bias.constant->shape;
    if (shape != Shape{outputs} && shape != Shape{1, outputs})
      return Wrong(fmt::format("its bias {} is {}, expected {}, one number for each output",
                               QuotedOnnxName(bias.constant->name), ShapeText(shape), outputs));
    return ValueOf(bias, /*is_weight=*/false, {outputs});
  }

  absl::Status AddDense(const OnnxNode& node, std::string_view output, ValueId x, Use weight, Use bias) {
    const Shape& shape = weight.constant->shape;
    if (shape.size() != 2)
      return Wrong(fmt::format("its weight {} is {}, expected two dimensions",
                               QuotedOnnxName(weight.constant->name), ShapeText(shape)));
    const int64_t outputs = shape[weight.is_transposed ? 1 : 0];
    weight.fan_in = bias.fan_in = shape[weight.is_transposed ? 0 : 1];
    ASSIGN_OR_RETURN(const ValueId weight_id, ValueOf(weight, /*is_weight=*/true, {outputs, weight.fan_in}));
    std::vector<ValueId> inputs = {x, weight_id};
    if (bias.constant != nullptr) {
      ASSIGN_OR_RETURN(const ValueId bias_id, BiasOf(bias, outputs));
      inputs.push_back(bias_id);
    }
    ASSIGN_OR_RETURN(const ValueId y, AddNode(node, OpKind::kDense, std::move(inputs)));
    MeanActivation(output, y);
    return absl::OkStatus();
  }

  // Operators.

  absl::Status TakeConstant(const OnnxNode& node) {
    OnnxTensor tensor;
    if (const OnnxAttributeValue* a = node.Find("value"); a != nullptr) {
      ASSIGN_OR_RETURN(tensor, ParseOnnxTensor(a->tensor, a->tensor_at));
    } else if ((a = node.Find("value_float")) != nullptr) {
      tensor = {.type = OnnxType::kFloat, .floats = {a->f.value_or(0)}};
    } else if ((a = node.Find("value_int")) != nullptr) {
      tensor = {.type = OnnxType::kInt64, .integers = {a->i.value_or(0)}};
    } else if ((a = node.Find("value_floats")) != nullptr) {
      tensor = {
          .type = OnnxType::kFloat, .shape = {static_cast<int64_t>(a->floats.size())}, .floats = a->floats};
    } else if ((a = node.Find("value_ints")) != nullptr) {
      tensor = {
          .type = OnnxType::kInt64, .shape = {static_cast<int64_t>(a->ints.size())}, .integers = a->ints};
    } else {
      return Wrong("has no value, expected a tensor or numbers");
    }
    Mean(node.outputs[0], ConstantOf(std::string(node.outputs[0]), std::move(tensor)));
    return absl::OkStatus();
  }

  absl::Status TakeIdentity(const OnnxNode& node) {
    ASSIGN_OR_RETURN(const OnnxMeaning meaning, Input(node, 0));
    meanings_[node.outputs[0]] = meaning;
    return absl::OkStatus();
  }

  absl::Status TakeDropout(const OnnxNode& node) {
    RETURN_IF_ERROR(ExpectInputs(node, 1, 3));
    ASSIGN_OR_RETURN(const OnnxMeaning x, Activation(node, 0));
    float rate = Number(node, "ratio", 0.5F);
    if (HasInput(node, 1)) {  // since operator set 12
      ASSIGN_OR_RETURN(const OnnxMeaning ratio, Input(node, 1));
      const std::optional<float> scalar = ScalarOf(ratio);
      if (!scalar) return Wrong("its ratio is not one constant float");
      rate = *scalar;
    }
    if (HasInput(node, 2) && rate != 0) {
      ASSIGN_OR_RETURN(const ConstantPointer is_training, Constant(node, 2));
      RETURN_IF_ERROR(ExpectType(*is_training, OnnxType::kBool));
      if (is_training->codes.size() != 1 || is_training->codes[0] != 0)
        return Wrong("its training_mode is on, expected a model that was exported to be evaluated");
    }
    return Add(node, OpKind::kDropout, {x.value}, {.rate = MeantBy(rate)}, x.is_pooled);
  }

  absl::Status TakeActivation(const OnnxNode& node) {
    RETURN_IF_ERROR(ExpectInputs(node, 1, 1));
    ASSIGN_OR_RETURN(const OnnxMeaning x, Activation(node, 0));
    const OpKind kind = node.op_type == "Relu"   ? OpKind::kRelu
                        : node.op_type == "Tanh" ? OpKind::kTanh
                                                 : OpKind::kSigmoid;
    return Add(node, kind, {x.value}, {}, x.is_pooled);
  }

  absl::Status TakeGelu(const OnnxNode& node) {
    const OnnxAttributeValue* approximate = node.Find("approximate");
    if (approximate != nullptr && approximate->s.value_or("") != "none")
      return Wrong("is an approximation, expected the exact one, with erf");
    RETURN_IF_ERROR(ExpectInputs(node, 1, 1));
    ASSIGN_OR_RETURN(const OnnxMeaning x, Activation(node, 0));
    return Add(node, OpKind::kGelu, {x.value}, {}, x.is_pooled);
  }

  absl::Status TakeGemm(const OnnxNode& node) {
    RETURN_IF_ERROR(ExpectInputs(node, 2, 3));
    RETURN_IF_ERROR(Expect(node, "transA", 0, 0));
    ASSIGN_OR_RETURN(const int64_t is_outputs_first, Integer(node, "transB", 0, 0, 1));
    ASSIGN_OR_RETURN(const ValueId x, PlainActivation(node, 0));
    Use weight = {.is_transposed = is_outputs_first == 0, .factor = Number(node, "alpha", 1)};
    ASSIGN_OR_RETURN(weight.constant, FloatConstant(node, 1));
    Use bias = {.factor = Number(node, "beta", 1)};
    if (HasInput(node, 2)) {
      ASSIGN_OR_RETURN(bias.constant, FloatConstant(node, 2));
    }
    return AddDense(node, node.outputs[0], x, std::move(weight), std::move(bias));
  }

  absl::Status TakeMatMul(const OnnxNode& node) {
    RETURN_IF_ERROR(ExpectInputs(node, 2, 2));
    ASSIGN_OR_RETURN(const ValueId x, PlainActivation(node, 0));
    ASSIGN_OR_RETURN(ConstantPointer weight, FloatConstant(node, 1));
    if (weight->shape.size() != 2)
      return Wrong(fmt::format("its weight {} is {}, expected two dimensions", QuotedOnnxName(weight->name),
                               ShapeText(weight->shape)));
    meanings_[node.outputs[0]] = {
        .kind = OnnxMeaning::kProduct, .value = x, .constant = std::move(weight), .by = &node};
    return absl::OkStatus();
  }

  absl::Status TakeAdd(const OnnxNode& node) {
    RETURN_IF_ERROR(ExpectInputs(node, 2, 2));
    for (const size_t i : {0, 1}) {  // what is particular comes first or second
      ASSIGN_OR_RETURN(const OnnxMeaning a, Input(node, i));
      ASSIGN_OR_RETURN(const OnnxMeaning b, Input(node, 1 - i));
      if (b.kind != OnnxMeaning::kConstant) continue;
      if (a.kind == OnnxMeaning::kProduct) {
        RETURN_IF_ERROR(ExpectType(*b.constant, OnnxType::kFloat));
        if (model_.opset < kBroadcasts) RETURN_IF_ERROR(Expect(node, "axis", 1, 1));
        return AddDense(*a.by, node.outputs[0], a.value, {.constant = a.constant, .is_transposed = true},
                        {.constant = b.constant});
      }
      if (a.kind == OnnxMeaning::kGelu && a.part == GeluPart::kErf && IsNear(b, 1)) {
        MeanPart(node.outputs[0], GeluPart::kErfPlusOne, a);
        return absl::OkStatus();
      }
      return Wrong(fmt::format("adds the constant {}, expected that only after MatMul, as its bias",
                               QuotedOnnxName(node.inputs[1 - i])));
    }
    ASSIGN_OR_RETURN(const OnnxMeaning a, Activation(node, 0));
    ASSIGN_OR_RETURN(const OnnxMeaning b, Activation(node, 1));
    if (a.is_pooled && b.is_pooled) return Add(node, OpKind::kAdd, {a.value, b.value}, {}, true);
    ASSIGN_OR_RETURN(const ValueId left, Unpooled(node, a));
    ASSIGN_OR_RETURN(const ValueId right, Unpooled(node, b));
    return Add(node, OpKind::kAdd, {left, right});
  }

  static bool IsNear(const OnnxMeaning& meaning, double number) {  // a float of it, however it was rounded
    const std::optional<float> scalar = ScalarOf(meaning);
    return scalar && std::abs(*scalar - number) < 1e-6;
  }

  absl::Status TakeMul(const OnnxNode& node) {
    RETURN_IF_ERROR(ExpectInputs(node, 2, 2));
    for (const size_t i : {0, 1}) {
      ASSIGN_OR_RETURN(OnnxMeaning a, Input(node, i));
      ASSIGN_OR_RETURN(const OnnxMeaning b, Input(node, 1 - i));
      const auto is = [](const OnnxMeaning& m, GeluPart part) {
        return m.kind == OnnxMeaning::kGelu && m.part == part;
      };
      if ((is(a, GeluPart::kHalf) && is(b, GeluPart::kErfPlusOne) && a.value == b.value) ||
          (is(a, GeluPart::kDouble) && IsNear(b, 0.5)))
        return Add(node, OpKind::kGelu, {a.value}, {}, a.is_pooled);
      const bool is_scaled = IsNear(b, std::sqrt(0.5)), is_half = IsNear(b, 0.5);
      if (!is_scaled && !is_half && !is(b, GeluPart::kErfPlusOne)) continue;
      if (a.kind != OnnxMeaning::kActivation && a.kind != OnnxMeaning::kProduct) continue;
      ASSIGN_OR_RETURN(a, AsActivation(a, node.inputs[i]));
      if (is(b, GeluPart::kErfPlusOne) && a.value != b.value) continue;
      MeanPart(node.outputs[0],
               is_scaled ? GeluPart::kScaled
               : is_half ? GeluPart::kHalf
                         : GeluPart::kDouble,
               a);
      return absl::OkStatus();
    }
    return NotGelu();
  }

  absl::Status TakeDiv(const OnnxNode& node) {
    RETURN_IF_ERROR(ExpectInputs(node, 2, 2));
    ASSIGN_OR_RETURN(const OnnxMeaning divisor, Input(node, 1));
    if (!IsNear(divisor, std::sqrt(2.0))) return NotGelu();
    ASSIGN_OR_RETURN(const OnnxMeaning x, Activation(node, 0));
    MeanPart(node.outputs[0], GeluPart::kScaled, x);
    return absl::OkStatus();
  }

  absl::Status TakeErf(const OnnxNode& node) {
    ASSIGN_OR_RETURN(const OnnxMeaning x, Input(node, 0));
    if (x.kind != OnnxMeaning::kGelu || x.part != GeluPart::kScaled) return NotGelu();
    MeanPart(node.outputs[0], GeluPart::kErf, x);
    return absl::OkStatus();
  }

  static absl::Status NotGelu() {
    return Wrong("is taken only as a part of GELU, expected x/2 (1 + erf(x / sqrt 2)) of one x");
  }

  absl::Status TakeConv(const OnnxNode& node) {
    RETURN_IF_ERROR(ExpectInputs(node, 2, 3));
    ASSIGN_OR_RETURN(const int64_t groups, Integer(node, "group", 1, 1, std::numeric_limits<int64_t>::max()));
    ASSIGN_OR_RETURN(const ValueId x, PlainActivation(node, 0));
    const Shape image = graph_.value(x).shape;
    const int64_t channels = image.empty() ? 0 : image[0];
    const auto wrong_groups = [&] {
      return Wrong(
          fmt::format("its group is {}, expected 1, or {} without a bias, one for each channel in and out",
                      groups, channels));
    };
    if (groups != 1 && (groups != channels || image.size() != 3 || HasInput(node, 2))) return wrong_groups();
    RETURN_IF_ERROR(ExpectImage(x));
    Use weight, bias;
    ASSIGN_OR_RETURN(weight.constant, FloatConstant(node, 1));
    const Shape& shape = weight.constant->shape;
    if (shape.size() != 4)
      return Wrong(fmt::format("its weight {} is {}, expected out x in x height x width",
                               QuotedOnnxName(weight.constant->name), ShapeText(shape)));
    const Shape kernel = {shape[2], shape[3]};
    ASSIGN_OR_RETURN(const Shape kernel_shape, Integers(node, "kernel_shape", kernel, 1));
    if (kernel_shape != kernel)
      return Wrong(fmt::format("its kernel_shape is {}, expected {}, as its weight has it",
                               ShapeText(kernel_shape), ShapeText(kernel)));
    ASSIGN_OR_RETURN(Attributes attributes, WindowOf(node, graph_.value(x).shape, kernel));
    // As many groups as channels, in and out: each channel by itself. One channel is either.
    if (groups != 1) {
      if (shape[0] != channels) return wrong_groups();
      weight.fan_in = shape[2] * shape[3];
      ASSIGN_OR_RETURN(const ValueId own, ValueOf(weight, /*is_weight=*/true, shape));
      return Add(node, OpKind::kDepthwiseConv2d, {x, own}, std::move(attributes));
    }
    if (kernel[0] == kernel[1]) attributes.kernel = kernel[0];
    weight.fan_in = bias.fan_in = shape[1] * shape[2] * shape[3];
    ASSIGN_OR_RETURN(const ValueId weight_id, ValueOf(weight, /*is_weight=*/true, shape));
    std::vector<ValueId> inputs = {x, weight_id};
    if (HasInput(node, 2)) {
      ASSIGN_OR_RETURN(bias.constant, FloatConstant(node, 2));
      ASSIGN_OR_RETURN(const ValueId bias_id, BiasOf(bias, shape[0]));
      inputs.push_back(bias_id);
    }
    return Add(node, OpKind::kConv2d, std::move(inputs), std::move(attributes));
  }

  absl::Status TakePool(const OnnxNode& node) {
    const bool is_max = node.op_type == "MaxPool";
    RETURN_IF_ERROR(ExpectInputs(node, 1, 1));
    ASSIGN_OR_RETURN(const ValueId x, PlainActivation(node, 0));
    RETURN_IF_ERROR(ExpectImage(x));
    const Shape image = graph_.value(x).shape;
    ASSIGN_OR_RETURN(const Shape kernel, Integers(node, "kernel_shape", {0, 0}, 1));
    if (kernel[0] != kernel[1] || kernel[0] == 0)
      return Wrong(
          fmt::format("its kernel_shape is {}, expected the same for both sides", fmt::join(kernel, ", ")));
    ASSIGN_OR_RETURN(Attributes attributes, WindowOf(node, image, kernel));
    attributes.kernel = kernel[0];
    ASSIGN_OR_RETURN(const int64_t is_ceiled, Integer(node, "ceil_mode", 0, 0, 1));
    for (const size_t side : {1, 2})
      if (is_ceiled == 1 && (image[side] + 2 * attributes.padding - kernel[0]) % attributes.stride != 0)
        return Wrong("its ceil_mode is 1 and makes a difference here, expected 0");
    if (!is_max && attributes.padding > 0) {
      const absl::Status counted = Expect(node, "count_include_pad", 0, 1);
      if (!counted.ok()) return Annotate(counted, "it has padding");
    }
    return Add(node, is_max ? OpKind::kMaxPool2d : OpKind::kAveragePool2d, {x}, std::move(attributes));
  }

  absl::Status TakeGlobalPool(const OnnxNode& node) {
    RETURN_IF_ERROR(ExpectInputs(node, 1, 1));
    ASSIGN_OR_RETURN(const ValueId x, PlainActivation(node, 0));
    return Add(node, OpKind::kGlobalAveragePool, {x}, {}, /*is_pooled=*/true);
  }

  absl::Status TakeBatchNorm(const OnnxNode& node) {
    RETURN_IF_ERROR(ExpectInputs(node, 5, 5));
    RETURN_IF_ERROR(Expect(node, "training_mode", 0, 0));
    RETURN_IF_ERROR(Expect(node, "spatial", 1, 1));  // until operator set 8
    RETURN_IF_ERROR(Expect(node, "is_test", model_.opset < 7 ? 0 : 1, 1));
    ASSIGN_OR_RETURN(const OnnxMeaning x, Activation(node, 0));
    std::vector<ValueId> inputs = {x.value};
    for (size_t i = 1; i < 5; ++i) {  // scale, shift, mean, variance
      Use use = {.role = i < 3 ? ValueRole::kParameter : ValueRole::kBuffer,
                 .initializer = i == 1 || i == 4 ? Initializer::kOnes : Initializer::kZeros};
      ASSIGN_OR_RETURN(use.constant, FloatConstant(node, i));
      ASSIGN_OR_RETURN(const ValueId id, ValueOf(use, /*is_weight=*/false, use.constant->shape));
      inputs.push_back(id);
    }
    // ONNX's momentum is the share that stays, ours the one that is new.
    const auto momentum = static_cast<float>(1 - MeantBy(Number(node, "momentum", 0.9F)));
    return Add(node, OpKind::kBatchNorm, std::move(inputs),
               {.momentum = MeantBy(momentum), .epsilon = MeantBy(Number(node, "epsilon", 1e-5F))},
               x.is_pooled);
  }

  // A pooled C x 1 x 1 of another shape is the same value. Not where somebody else reads it as it was: a grid
  // that is set on a value is set for all who read it.
  bool IsAlone(const OnnxNode& node) const { return readers_.at(RootOf(node.inputs[0])).size() == 1; }
  absl::Status Flatten(const OnnxNode& node, const OnnxMeaning& x) {
    if (x.is_pooled && IsAlone(node)) {
      MeanActivation(node.outputs[0], x.value);
      return absl::OkStatus();
    }
    return Add(node, OpKind::kReshape, {x.value}, {.shape = {ElementCount(graph_.value(x.value).shape)}});
  }

  absl::Status TakeFlatten(const OnnxNode& node) {
    RETURN_IF_ERROR(ExpectInputs(node, 1, 1));
    ASSIGN_OR_RETURN(const OnnxMeaning x, Activation(node, 0));
    const int64_t rank = x.is_pooled ? 4 : static_cast<int64_t>(graph_.value(x.value).shape.size()) + 1;
    ASSIGN_OR_RETURN(const int64_t axis, Integer(node, "axis", 1, -rank, rank));
    if (axis != 1 && axis + rank != 1) return Wrong(fmt::format("its axis is {}, expected 1", axis));
    return Flatten(node, x);
  }

  absl::Status TakeSqueeze(const OnnxNode& node) {
    RETURN_IF_ERROR(ExpectInputs(node, 1, 2));
    ASSIGN_OR_RETURN(const OnnxMeaning x, Activation(node, 0));
    std::vector<int64_t> axes;
    if (HasInput(node, 1)) {  // since operator set 13
      ASSIGN_OR_RETURN(const ConstantPointer constant, Constant(node, 1));
      axes = constant->integers;
    } else if (const OnnxAttributeValue* attribute = node.Find("axes")) {
      axes = attribute->ints;
    }
    const Shape& shape = graph_.value(x.value).shape;
    std::set<int64_t> sides;
    for (const int64_t axis : axes) sides.insert(axis < 0 ? axis + 4 : axis);
    const bool is_point = x.is_pooled || (shape.size() == 3 && shape[1] == 1 && shape[2] == 1);
    if (!is_point || sides != std::set<int64_t>{2, 3})
      return Wrong(fmt::format("takes the axes {} from {}, expected 2 and 3 from channels x 1 x 1",
                               fmt::join(axes, ", "), ShapeText(shape)));
    return Flatten(node, x);
  }

  absl::Status TakeReshape(const OnnxNode& node) {
    RETURN_IF_ERROR(ExpectInputs(node, 2, 2));
    ASSIGN_OR_RETURN(const OnnxMeaning x, Activation(node, 0));
    ASSIGN_OR_RETURN(const ConstantPointer constant, Constant(node, 1));
    RETURN_IF_ERROR(ExpectType(*constant, OnnxType::kInt64));
    RETURN_IF_ERROR(Expect(node, "allowzero", 0, 0));
    const Shape& target = constant->integers;
    const auto wrong = [&] {
      return Wrong(fmt::format(
          "its shape is {}, expected the batch (0, -1 or 1) and {} elements",
          fmt::join(target.begin(), target.begin() + std::min<int64_t>(8, std::ssize(target)), ", "),
          ElementCount(graph_.value(x.value).shape)));
    };
    if (target.size() < 2 || target.size() > 16 || target[0] < -1 || target[0] > 1) return wrong();
    Shape from = graph_.value(x.value).shape;
    if (x.is_pooled) from = {from[0], 1, 1};
    const int64_t count = ElementCount(from);
    Shape shape(target.begin() + 1, target.end());
    int64_t known = 1, open = target[0] == -1 ? 1 : 0;
    for (size_t i = 0; i < shape.size(); ++i) {
      if (shape[i] == 0 && i < from.size()) shape[i] = from[i];  // as it was
      if (shape[i] == -1) {
        ++open;
        continue;
      }
      if (shape[i] < 1 || shape[i] > count / known) return wrong();
      known *= shape[i];
    }
    if (open > 1 || count % known != 0) return wrong();
    for (int64_t& extent : shape)
      if (extent == -1) extent = count / known;
    if (ElementCount(shape) != count) return wrong();
    if (shape.size() == 1) return Flatten(node, x);
    if (x.is_pooled && shape == from && IsAlone(node)) {
      meanings_[node.outputs[0]] = x;
      return absl::OkStatus();
    }
    return Add(node, OpKind::kReshape, {x.value}, {.shape = std::move(shape)});
  }

  // Whole numbers: x = scale (q - zero_point), one scale, or one for each index of `axis`.

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

  // `shape` is that of a constant, or null for an activation, which has one scale.
  absl::StatusOr<Steps> StepsOf(const OnnxNode& node, const Shape* shape,
                                std::optional<OnnxType> codes) const {
    RETURN_IF_ERROR(ExpectInputs(node, 2, 3));
    Steps steps;
    ASSIGN_OR_RETURN(steps.scale, FloatConstant(node, 1));
    if (HasInput(node, 2)) {
      ASSIGN_OR_RETURN(steps.zero, Constant(node, 2));
      steps.type = steps.zero->type;
    }
    if (codes && steps.zero == nullptr) steps.type = *codes;
    if (codes && steps.type != *codes)
      return Wrong(fmt::format("its zero point is {}, and what it dequantises {}, expected one type",
                               OnnxTypeName(steps.type), OnnxTypeName(*codes)));
    if (steps.type != OnnxType::kUint8 && steps.type != OnnxType::kInt8 &&
        (steps.type != OnnxType::kInt32 || node.op_type == "QuantizeLinear"))
      return Wrong(fmt::format("its whole numbers are {}, expected uint8, int8, or int32 of a constant",
                               OnnxTypeName(steps.type)));
    const std::vector<float>& scales = *steps.scale->floats;
    if (std::any_of(scales.begin(), scales.end(), [](float s) { return !(s > 0) || !std::isfinite(s); }))
      return Wrong(
          fmt::format("its scales {} are not all finite and above 0", QuotedOnnxName(steps.scale->name)));
    size_t expected = 1;
    if (shape != nullptr && scales.size() != 1) {
      const auto rank = static_cast<int64_t>(shape->size());
      ASSIGN_OR_RETURN(const int64_t axis, Integer(node, "axis", 1, -rank, rank - 1));
      steps.axis = axis < 0 ? axis + rank : axis;
      steps.is_along_axis = true;
      expected = static_cast<size_t>((*shape)[static_cast<size_t>(steps.axis)]);
    }
    const size_t zeros = steps.zero == nullptr ? 1 : steps.zero->codes.size();
    if (scales.size() != expected || (zeros != 1 && zeros != expected))
      return Wrong(
          fmt::format("has {} scales and {} zero points, expected one, or one for each index of a "
                      "constant's axis",
                      scales.size(), zeros));
    return steps;
  }

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

  // A constant goes one way only, whoever asks: else a small file could ask for many copies of it.
  absl::StatusOr<ConstantPointer> Converted(const OnnxNode& node, const ConstantPointer& constant) {
    const bool is_back = node.op_type == "DequantizeLinear";
    const std::optional<OnnxType> codes = is_back ? std::optional(constant->type) : std::nullopt;
    ASSIGN_OR_RETURN(const Steps steps, StepsOf(node, &constant->shape, codes));
    const auto [place, is_new] = converted_.try_emplace(constant.get());
    Conversion& conversion = place->second;
    const auto way = std::tuple(steps.scale.get(), steps.zero.get(), steps.axis);
    if (!is_new) {
      if (conversion.way == way) return conversion.result;
      return Wrong(fmt::format("converts {}, which another node converts with other scales, expected one way",
                               QuotedOnnxName(constant->name)));
    }
    conversion.way = way;
    conversion.result = is_back ? Dequantized(*constant, steps) : Quantized(*constant, steps);
    return conversion.result;
  }

  static ConstantPointer Quantized(const OnnxConstant& constant, const Steps& steps) {
    auto result = std::make_shared<OnnxConstant>();
    result->name = constant.name;
    result->type = steps.type;
    result->shape = constant.shape;
    result->codes.resize(constant.floats->size());
    const float least = steps.type == OnnxType::kInt8 ? -128 : 0, most = least + 255;
    ForEachElement(constant.shape, steps, [&](size_t i, size_t k) {
      const float q =
          std::nearbyint((*constant.floats)[i] / steps.ScaleAt(k)) + static_cast<float>(steps.ZeroAt(k));
      result->codes[i] = static_cast<int32_t>(q >= least ? std::min(q, most) : least);  // NaN: the least
    });
    return result;
  }

  static ConstantPointer Dequantized(const OnnxConstant& constant, const Steps& steps) {
    constexpr std::string_view kEnding = "_quantized";  // as onnx_writer.h and ONNX Runtime name them
    auto result = std::make_shared<OnnxConstant>();
    result->name = constant.name;
    if (result->name.ends_with(kEnding) && result->name.size() > kEnding.size())
      result->name.resize(result->name.size() - kEnding.size());
    result->type = OnnxType::kFloat;
    result->shape = constant.shape;
    std::vector<float> floats(constant.codes.size());
    // On both sides of zero alike, as a grid of signed numbers is: of int8 around 0, or of uint8 around 128.
    const bool is_unsigned = constant.type == OnnxType::kUint8;
    const int32_t middle = is_unsigned ? 128 : 0, least = is_unsigned ? 0 : -128;
    bool is_symmetric = is_unsigned || constant.type == OnnxType::kInt8;
    ForEachElement(constant.shape, steps, [&](size_t i, size_t k) {
      is_symmetric &= steps.ZeroAt(k) == middle && constant.codes[i] > least;
      floats[i] = static_cast<float>(int64_t{constant.codes[i]} - steps.ZeroAt(k)) * steps.ScaleAt(k);
    });
    result->floats = std::make_shared<const std::vector<float>>(std::move(floats));
    if (is_symmetric) result->scales = *steps.scale->floats;
    result->scale_axis = steps.axis;
    return result;
  }

  absl::StatusOr<Quantization> ActivationGrid(const OnnxNode& node) const {
    ASSIGN_OR_RETURN(const Steps steps, StepsOf(node, nullptr, std::nullopt));
    Quantization grid = {.is_signed = false, .scales = {steps.ScaleAt(0)}, .zero_point = steps.ZeroAt(0)};
    if (steps.type == OnnxType::kInt32) return Wrong("its whole numbers are int32, expected uint8 or int8");
    // Signed grids of ours are even on both sides; another signed one is an unsigned one, moved.
    if (steps.type == OnnxType::kInt8 && grid.zero_point == 0)
      grid.is_signed = true;
    else if (steps.type == OnnxType::kInt8)
      grid.zero_point += 128;
    return grid;
  }
  static bool IsSame(const Quantization& a, const Quantization& b) {
    return a.bits == b.bits && a.is_signed == b.is_signed && a.scales == b.scales &&
           a.zero_point == b.zero_point;
  }

  // Whether all who read this name quantise it in the same way: then the grid is the value's.
  bool IsGridOfAll(std::string_view root, const Quantization& grid) {
    const auto [place, is_new] = grid_of_all_.try_emplace(root);
    if (is_new && root != logits_) {
      const std::vector<const OnnxNode*>& readers = readers_[root];
      const bool is_one = std::all_of(readers.begin(), readers.end(), [&](const OnnxNode* reader) {
        if (!IsAny(*reader, {"QuantizeLinear"}) || RootOf(reader->inputs[0]) != root ||
            !HasInput(*reader, 1) || !meanings_.contains(reader->inputs[1]) ||
            (HasInput(*reader, 2) && !meanings_.contains(reader->inputs[2])))
          return false;
        const auto other = ActivationGrid(*reader);
        return other.ok() && IsSame(*other, grid);
      });
      if (is_one) place->second = grid;
    }
    return place->second && IsSame(*place->second, grid);
  }

  // Taken as a part of a QuantizeLinear of fewer bits alone, as onnx_writer.h has it.
  absl::Status TakeClip(const OnnxNode& node) {
    RETURN_IF_ERROR(ExpectInputs(node, 3, 3));
    ASSIGN_OR_RETURN(OnnxMeaning x, Activation(node, 0));
    x.kind = OnnxMeaning::kClipped;
    x.by = &node;
    meanings_[node.outputs[0]] = std::move(x);
    return absl::OkStatus();
  }

  // What a Clip leaves of a grid: the first 2, 4, …, 128 of its numbers.
  absl::Status Narrow(const OnnxNode& clip, Quantization& grid) const {
    ASSIGN_OR_RETURN(const OnnxMeaning least, Input(clip, 1));
    ASSIGN_OR_RETURN(const OnnxMeaning most, Input(clip, 2));
    const std::optional<float> from = ScalarOf(least), to = ScalarOf(most);
    const auto is_bound = [&](float bound, int q) {  // to rounding
      return std::abs(bound / grid.scales[0] - static_cast<float>(q - grid.zero_point)) < 0.01F;
    };
    for (int bits = 1; bits < 8; ++bits)
      if (!grid.is_signed && from && to && is_bound(*from, 0) && is_bound(*to, (1 << bits) - 1)) {
        grid.bits = bits;
        return absl::OkStatus();
      }
    return Wrong(
        fmt::format("reads {}, which a Clip gives, expected one to the first 2, 4, …, 64 or 128 of its whole "
                    "numbers",
                    QuotedOnnxName(clip.outputs[0])));
  }

  absl::Status TakeQuantize(const OnnxNode& node) {
    ASSIGN_OR_RETURN(const OnnxMeaning x, Input(node, 0));
    if (x.kind == OnnxMeaning::kConstant) {
      RETURN_IF_ERROR(ExpectType(*x.constant, OnnxType::kFloat));
      ASSIGN_OR_RETURN(ConstantPointer codes, Converted(node, x.constant));
      Mean(node.outputs[0], std::move(codes));
      return absl::OkStatus();
    }
    const bool is_clipped = x.kind == OnnxMeaning::kClipped;
    OnnxMeaning from = x;
    if (!is_clipped) {
      ASSIGN_OR_RETURN(from, AsActivation(x, node.inputs[0]));
    }
    ASSIGN_OR_RETURN(Quantization grid, ActivationGrid(node));
    if (is_clipped) RETURN_IF_ERROR(Narrow(*x.by, grid));
    const auto is_grid_of_all = [&] {
      if (!is_clipped) return IsGridOfAll(RootOf(node.inputs[0]), grid);
      return IsAlone(*x.by) && IsAlone(node) && RootOf(x.by->inputs[0]) != logits_;
    };
    const auto& has = graph_.value(from.value).quantization;
    if (has ? !IsSame(*has, grid) : !is_grid_of_all()) {
      // Others read it as it was: the grid goes to a copy.
      const Shape shape = graph_.value(from.value).shape;
      ASSIGN_OR_RETURN(from.value, AddNode(node, OpKind::kReshape, {from.value}, {.shape = shape}));
    }
    graph_.mutable_value(from.value).quantization = grid;
    from.kind = OnnxMeaning::kCodes;
    from.grid = grid;
    meanings_[node.outputs[0]] = std::move(from);
    return absl::OkStatus();
  }

  absl::Status TakeDequantize(const OnnxNode& node) {
    ASSIGN_OR_RETURN(const OnnxMeaning x, Input(node, 0));
    if (x.kind == OnnxMeaning::kConstant) {
      ASSIGN_OR_RETURN(ConstantPointer floats, Converted(node, x.constant));
      Mean(node.outputs[0], std::move(floats));
      return absl::OkStatus();
    }
    if (x.kind != OnnxMeaning::kCodes)
      return Wrong(fmt::format("reads {}, expected a constant, or what a QuantizeLinear gives",
                               QuotedOnnxName(node.inputs[0])));
    ASSIGN_OR_RETURN(Quantization grid, ActivationGrid(node));
    grid.bits = x.grid.bits;
    if (!IsSame(grid, x.grid))
      return Wrong(
          fmt::format("its scale is {} and its zero point {}, expected {} and {}, as its QuantizeLinear has",
                      grid.scales[0], grid.zero_point, x.grid.scales[0], x.grid.zero_point));
    MeanActivation(node.outputs[0], x.value, x.is_pooled);
    return absl::OkStatus();
  }

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
  std::map<const OnnxConstant*, ConstantPointer> spread_;  // of one number
  int64_t left_to_spread_ = kMostSpread;
  std::set<std::string> layer_names_, tensor_names_;
  std::map<std::string, int> numbers_;  // of Unique
};

}  // namespace

absl::StatusOr<Graph> FromOnnx(const std::string& path, std::span<const std::byte> bytes) {
  auto model = ParseOnnx(bytes);
  if (!model.ok()) return Annotate(model.status(), path);
  auto graph = OnnxImport(*std::move(model)).Run();
  if (!graph.ok()) return Annotate(graph.status(), path);
  return graph;
}

absl::StatusOr<Graph> ReadOnnx(const std::string& path) {
  ASSIGN_OR_RETURN(const StoredBytes file, MapFile(path));
  return FromOnnx(path, std::as_bytes(file.bytes));
}

}  // namespace concertina
