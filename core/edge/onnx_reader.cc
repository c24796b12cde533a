// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// onnx_reader.cc: node by node, from ONNX's terms to ours (see onnx_reader.h and onnx_import.h).
// Operators: ONNX, Operators.md and Changelog.md, operator sets 1 to 17; of later ones what they changed.
#include "core/edge/onnx_reader.h"

#include <algorithm>
#include <filesystem>
#include <utility>

#include "core/data/stored_bytes.h"
#include "core/edge/onnx_import.h"
#include "fmt/format.h"
#include "fmt/ranges.h"

namespace concertina {
namespace {

constexpr int64_t kLeastIrVersion = 3, kMostIrVersion = 12;  // 3: with operator sets
constexpr int64_t kLeastOpset = 1;

}  // namespace

absl::StatusOr<Graph> OnnxImport::Run() {
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

const std::map<std::string_view, OnnxImport::TakeOperator>& OnnxImport::Operators() {
  static const auto* const operators = new std::map<std::string_view, TakeOperator>{
      {"Add", &OnnxImport::TakeAdd},
      {"AveragePool", &OnnxImport::TakePool},
      {"BatchNormalization", &OnnxImport::TakeBatchNorm},
      {"Cast", &OnnxImport::TakeCast},
      {"Clip", &OnnxImport::TakeClip},
      {"Concat", &OnnxImport::TakeConcat},
      {"Constant", &OnnxImport::TakeConstant},
      {"Conv", &OnnxImport::TakeConv},
      {"DequantizeLinear", &OnnxImport::TakeDequantize},
      {"Div", &OnnxImport::TakeDiv},
      {"Dropout", &OnnxImport::TakeDropout},
      {"Erf", &OnnxImport::TakeErf},
      {"Flatten", &OnnxImport::TakeFlatten},
      {"Gather", &OnnxImport::TakeGather},
      {"Gelu", &OnnxImport::TakeGelu},
      {"Gemm", &OnnxImport::TakeGemm},
      {"GlobalAveragePool", &OnnxImport::TakeGlobalPool},
      {"Identity", &OnnxImport::TakeIdentity},
      {"MatMul", &OnnxImport::TakeMatMul},
      {"MaxPool", &OnnxImport::TakePool},
      {"Mul", &OnnxImport::TakeMul},
      {"Pad", &OnnxImport::TakePad},
      {"QuantizeLinear", &OnnxImport::TakeQuantize},
      {"ReduceMean", &OnnxImport::TakeReduceMean},
      {"Relu", &OnnxImport::TakeActivation},
      {"Reshape", &OnnxImport::TakeReshape},
      {"Shape", &OnnxImport::TakeShape},
      {"Sigmoid", &OnnxImport::TakeActivation},
      {"Squeeze", &OnnxImport::TakeSqueeze},
      {"Tanh", &OnnxImport::TakeActivation},
      {"Transpose", &OnnxImport::TakeTranspose},
      {"Unsqueeze", &OnnxImport::TakeUnsqueeze},
  };
  return *operators;
}

// Before the nodes are taken: which of them matter, and who reads what.

// Each name is given once, and before it is read, as ONNX has it: so there is no cycle either.
absl::Status OnnxImport::CheckNames() {
  // Names go into messages and other files, which take UTF-8, as protobuf's own texts are.
  const auto check = [](std::string_view name) {
    return IsUtf8(name) ? absl::OkStatus()
                        : absl::DataLossError(fmt::format("the name {} is no UTF-8", QuotedOnnxName(name)));
  };
  const auto give = [&](std::string_view name, int by) -> absl::Status {
    RETURN_IF_ERROR(check(name));
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
    RETURN_IF_ERROR(check(node.name));
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

absl::Status OnnxImport::FindLogits() {
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
      return Wrong(fmt::format("found the outputs {} and {}, expected one, and at most its softmax beside it",
                               QuotedOnnxName(model_.outputs[0].name), QuotedOnnxName(output.name)));
    logits_ = root;
  }
  return absl::OkStatus();
}

void OnnxImport::FindNeeded() {
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

void OnnxImport::AddInitializers() {
  for (OnnxTensor& tensor : model_.initializers) {
    const std::string_view name = tensor.name;
    Mean(name, ConstantOf(std::string(name), std::move(tensor)));
  }
}

std::shared_ptr<OnnxConstant> OnnxImport::ConstantOf(std::string name, OnnxTensor tensor) {
  auto constant = std::make_shared<OnnxConstant>();
  constant->name = std::move(name);
  constant->type = tensor.type;
  constant->shape = std::move(tensor.shape);
  constant->floats = std::make_shared<const std::vector<float>>(std::move(tensor.floats));
  constant->codes = std::move(tensor.codes);
  constant->integers = std::move(tensor.integers);
  return constant;
}

absl::Status OnnxImport::AddInput() {
  const std::string text = fmt::format("input {}", QuotedOnnxName(input_->name));
  if (input_->type != OnnxType::kFloat && input_->type != OnnxType::kFloat16 &&
      input_->type != OnnxType::kBfloat16)
    return Wrong(fmt::format("{}: its elements are {}, expected float", text, OnnxTypeName(input_->type)));
  if (!input_->dims || input_->dims->size() < 2)
    return Wrong(fmt::format("{}: found {} dimensions, expected the batch and the sample's", text,
                             input_->dims ? input_->dims->size() : 0));
  const std::vector<OnnxValueInfo::Dim>& dims = *input_->dims;
  // A batch of one size, as the exporter had it: all that we take treats each sample by itself.
  if (dims[0].param.empty()) batch_ = dims[0].value.value_or(0);
  Shape sample;
  for (size_t i = 1; i < dims.size(); ++i) {
    if (!dims[i].param.empty() || !dims[i].value)
      return Wrong(fmt::format("{}: its dimension {} is {}, expected a number; export the model for one size",
                               text, i, dims[i].param.empty() ? "open" : QuotedOnnxName(dims[i].param)));
    sample.push_back(*dims[i].value);
  }
  RETURN_IF_ERROR(CheckSize(sample, text));
  // TensorFlow's images are height x width x channels, and are turned before anybody else reads them. Ours
  // come turned.
  const auto readers = readers_.find(input_->name);
  if (sample.size() == 3 && readers != readers_.end() && readers->second.size() == 1 &&
      IsTurn(*readers->second[0], {0, 3, 1, 2})) {
    sample = {sample[2], sample[0], sample[1]};
    turned_by_ = readers->second[0];
  }
  MeanActivation(input_->name, graph_.AddInput(std::move(sample)));
  return absl::OkStatus();
}

absl::Status OnnxImport::AddLoss() {
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

absl::Status OnnxImport::Take(const OnnxNode& node) {
  const auto found = Operators().find(node.op_type);
  if (IsOnnxDomain(node) && found != Operators().end()) return (this->*found->second)(node);
  std::vector<std::string_view> names;
  for (const auto& [name, take] : Operators()) names.push_back(name);
  return Wrong(fmt::format("its operator is {}{}, expected one of {}, and Softmax or LogSoftmax at the end",
                           IsOnnxDomain(node) ? "unknown here" : "of domain ",
                           IsOnnxDomain(node) ? "" : QuotedOnnxName(node.domain), fmt::join(names, ", ")));
}

namespace {

// The files of weights beside a model: as large models, and PyTorch since 2.9, are saved.
class FilesBeside {
 public:
  explicit FilesBeside(const std::string& model) : folder_(std::filesystem::path(model).parent_path()) {}

  absl::StatusOr<std::span<const std::byte>> Read(const std::string& location, uint64_t offset,
                                                  std::optional<uint64_t> length) {
    const std::filesystem::path relative(location);
    // A model comes from anywhere: it names files beside it, or below, and no others.
    if (relative.is_absolute() || std::find(relative.begin(), relative.end(), "..") != relative.end())
      return absl::InvalidArgumentError(
          fmt::format("its data lie in {}, expected a file beside the model", QuotedOnnxName(location)));
    const std::string path = (folder_ / relative).string();
    const auto [place, is_new] = files_.try_emplace(path);
    if (is_new) {
      auto file = MapFile(path);
      if (absl::IsNotFound(file.status()))
        return Annotate(file.status(),
                        "its data lie in another file, which belongs beside the model; copy it there");
      RETURN_IF_ERROR(file.status());
      place->second.file = *std::move(file);
    }
    const auto bytes = std::as_bytes(place->second.file.bytes);
    if (offset > bytes.size() || length.value_or(0) > bytes.size() - offset)
      return absl::DataLossError(fmt::format("{}: cut short at byte {}, expected {} bytes from byte {}", path,
                                             bytes.size(), length.value_or(0), offset));
    const auto found = length ? bytes.subspan(offset, *length) : bytes.subspan(offset);
    // Else a small model could ask for many copies of a large file.
    place->second.given_bytes += found.size();
    if (place->second.given_bytes > bytes.size())
      return absl::DataLossError(
          fmt::format("{}: holds {} bytes, expected as many as all tensors of it have", path, bytes.size()));
    return found;
  }

 private:
  struct Beside {
    StoredBytes file;
    uint64_t given_bytes = 0;
  };
  const std::filesystem::path folder_;
  std::map<std::string, Beside> files_;
};

absl::StatusOr<Graph> GraphOfOnnx(const std::string& path, std::span<const std::byte> bytes,
                                  const OnnxOutside& outside) {
  auto model = ParseOnnx(bytes, outside);
  if (!model.ok()) return Annotate(model.status(), path);
  auto graph = OnnxImport(*std::move(model)).Run();
  if (!graph.ok()) return Annotate(graph.status(), path);
  return graph;
}

}  // namespace

absl::StatusOr<Graph> FromOnnx(const std::string& path, std::span<const std::byte> bytes) {
  return GraphOfOnnx(path, bytes, nullptr);
}

absl::StatusOr<Graph> ReadOnnx(const std::string& path) {
  ASSIGN_OR_RETURN(const StoredBytes file, MapFile(path));
  FilesBeside beside(path);
  return GraphOfOnnx(path, std::as_bytes(file.bytes),
                     [&](const std::string& location, uint64_t offset, std::optional<uint64_t> length) {
                       return beside.Read(location, offset, length);
                     });
}

}  // namespace concertina
