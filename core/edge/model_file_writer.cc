// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// model_file_writer.cc: a graph as the bytes of a file (see model_file.h).
#include <algorithm>
#include <bit>
#include <cstring>
#include <iterator>
#include <set>
#include <span>
#include <utility>

#include "core/base/utf8.h"
#include "core/edge/model_file.h"
#include "core/edge/model_file_format.h"
#include "core/edge/tensor_coding.h"
#include "core/edge/varint.h"
#include "fmt/format.h"

namespace concertina {
namespace model_format {
namespace {

// The format's number of `wanted`; of what is not in the list, its size.
template <class List, class Item>
uint8_t NumberIn(const List& list, Item wanted) {
  return static_cast<uint8_t>(std::find(std::begin(list), std::end(list), wanted) - std::begin(list));
}

bool IsSameDouble(double a, double b) { return std::bit_cast<uint64_t>(a) == std::bit_cast<uint64_t>(b); }

bool IsSameBits(std::span<const float> a, std::span<const float> b) {
  return a.size() == b.size() && (a.empty() || std::memcmp(a.data(), b.data(), a.size_bytes()) == 0);
}

class ModelWriter {
 public:
  explicit ModelWriter(const Graph& graph)
      : graph_(graph), writer_of_(graph.values().size()), new_ids_(graph.values().size(), -1) {}

  absl::StatusOr<std::string> Write(const std::map<std::string, std::string>& metadata) {
    bytes_.assign(kModelMagic.begin(), kModelMagic.end());
    bytes_.push_back(kModelVersion);
    AppendVarint(metadata.size(), bytes_);
    for (const auto& [name, text] : metadata) {
      if (!IsUtf8(name) || !IsUtf8(text)) return Wrong("metadata " + CutUtf8(name, 80), "is no UTF-8");
      AppendText(name);
      AppendText(text);
    }
    for (const Node& node : graph_.nodes()) writer_of_[IndexOf(node.output)] = &node;
    RETURN_IF_ERROR(AppendGraph());
    for (const Value& value : graph_.values())
      if (IsTensor(value)) RETURN_IF_ERROR(AppendTensor(value));
    const uint64_t least = floats_ <= kFloatsAtLeast ? 0 : (floats_ - kFloatsAtLeast) / kFloatsAByte + 1;
    const uint64_t padding = least - std::min<uint64_t>(least, bytes_.size());
    AppendVarint(padding, bytes_);
    bytes_.resize(bytes_.size() + static_cast<size_t>(padding), 0);
    const uint32_t crc = CrcOf(bytes_);
    AppendRaw(crc);
    return std::string(bytes_.begin(), bytes_.end());
  }

 private:
  static absl::Status Wrong(const std::string& what, const std::string& why) {
    return absl::InvalidArgumentError(fmt::format("{}: {}", what, why));
  }
  static std::string TextOf(const Value& value) {
    return fmt::format("{} \"{}\"", value.role == ValueRole::kBuffer ? "buffer" : "parameter", value.name);
  }

  template <class T>
  void AppendRaw(T number) {
    const size_t at = bytes_.size();
    bytes_.resize(at + sizeof number);
    std::memcpy(bytes_.data() + at, &number, sizeof number);
  }

  void AppendText(const std::string& text) {
    const size_t most = std::min({text.size(), last_text_.size(), kMostInCommon});
    size_t same = 0;
    while (same < most && text[same] == last_text_[same]) ++same;
    AppendVarint(same, bytes_);
    AppendVarint(text.size() - same, bytes_);
    bytes_.insert(bytes_.end(), text.begin() + static_cast<std::ptrdiff_t>(same), text.end());
    last_text_ = text;
  }

  void AppendShape(const Shape& shape) {
    AppendVarint(shape.size(), bytes_);
    for (const int64_t extent : shape) AppendVarint(static_cast<uint64_t>(extent), bytes_);
  }

  void AppendTraits(const Value& value) {
    // A file says nothing of which zeros of a grid were pruned, nor that its steps learn.
    const Hold hold =
        value.hold == Hold::kSparseGrid || value.hold == Hold::kLearnedGrid ? Hold::kGrid : value.hold;
    const int traits = (value.decays ? kDecaysTrait : 0) | NumberIn(kHolds, hold) << kHoldShift |
                       (value.quantization ? kGridTrait : 0);
    bytes_.push_back(static_cast<uint8_t>(traits));
    if (!value.quantization) return;
    const Quantization& grid = *value.quantization;
    bytes_.push_back(static_cast<uint8_t>(grid.bits | (grid.is_signed ? 0x80 : 0)));
    AppendZigzag(grid.zero_point, bytes_);
    AppendVarint(grid.scales.size(), bytes_);
    for (const float scale : grid.scales) AppendRaw(scale);
  }

  void AppendAttributes(const Attributes& a) {
    const Attributes usual;
    const int which =
        (a.kernel != usual.kernel ? kHasKernel : 0) | (a.stride != usual.stride ? kHasStride : 0) |
        (a.padding != usual.padding ? kHasPadding : 0) | (!IsSameDouble(a.rate, usual.rate) ? kHasRate : 0) |
        (!IsSameDouble(a.momentum, usual.momentum) ? kHasMomentum : 0) |
        (!IsSameDouble(a.epsilon, usual.epsilon) ? kHasEpsilon : 0) |
        (a.activation != usual.activation ? kHasActivation : 0) | (!a.shape.empty() ? kHasShape : 0);
    bytes_.push_back(static_cast<uint8_t>(which));
    if ((which & kHasKernel) != 0) AppendZigzag(a.kernel, bytes_);
    if ((which & kHasStride) != 0) AppendZigzag(a.stride, bytes_);
    if ((which & kHasPadding) != 0) AppendZigzag(a.padding, bytes_);
    if ((which & kHasRate) != 0) AppendRaw(a.rate);
    if ((which & kHasMomentum) != 0) AppendRaw(a.momentum);
    if ((which & kHasEpsilon) != 0) AppendRaw(a.epsilon);
    if ((which & kHasActivation) != 0) bytes_.push_back(NumberIn(kActivations, a.activation));
    if ((which & kHasShape) != 0) AppendShape(a.shape);
  }

  absl::Status AppendGraph() {
    ValueId count = 0;
    for (size_t i = 0; i < graph_.values().size(); ++i)
      if (graph_.values()[i].role != ValueRole::kActivation || writer_of_[i] != nullptr)
        new_ids_[i] = count++;
    AppendVarint(static_cast<uint64_t>(count), bytes_);
    for (size_t i = 0; i < graph_.values().size(); ++i) {
      if (new_ids_[i] < 0) continue;
      RETURN_IF_ERROR(CheckValue(static_cast<ValueId>(i)));
      if (graph_.values()[i].role == ValueRole::kActivation)
        RETURN_IF_ERROR(AppendNode(static_cast<ValueId>(i), *writer_of_[i]));
      else
        AppendSource(graph_.values()[i]);
    }
    if (graph_.loss() >= 0 && !IsLossOf(graph_, graph_.loss()))
      return Wrong(fmt::format("value {}", graph_.loss()), "is the model's loss, and no loss gives it");
    for (const ValueId id : {graph_.prediction(), graph_.loss()}) {
      if (id >= 0 && new_ids_[IndexOf(id)] < 0)
        return Wrong(fmt::format("value {}", id), "is an output of the model, and no layer gives it");
      AppendVarint(id < 0 ? 0 : static_cast<uint64_t>(new_ids_[IndexOf(id)]) + 1, bytes_);
    }
    return absl::OkStatus();
  }

  absl::Status CheckValue(ValueId id) {
    const Value& value = graph_.value(id);
    const std::string what = IsTensor(value) ? TextOf(value) : fmt::format("value {} \"{}\"", id, value.name);
    if (value.slice) return Wrong(what, "is a part of a model's; write the whole");
    if (!IsUtf8(value.name)) return Wrong(CutUtf8(what, 160), "its name is no UTF-8");
    if (!ClaimOf(value.shape))
      return Wrong(what, fmt::format("found {}, expected at most {} elements in {} dimensions",
                                     ShapeText(value.shape), kMaxTensorElements, kMaxExtents));
    if (IsTensor(value) && !names_.insert(value.name).second)
      return Wrong(what, "there is another of this name");
    if (value.role == ValueRole::kInput && id != graph_.input())
      return Wrong(what, "is a second input, and a model has one");
    if (value.quantization) {
      const absl::Status checked = CheckGrid(*value.quantization, value.shape);
      if (!checked.ok()) return Annotate(checked, what);
    }
    return absl::OkStatus();
  }

  void AppendSource(const Value& value) {
    bytes_.push_back(value.role == ValueRole::kInput       ? kInputTag
                     : value.role == ValueRole::kParameter ? kParameterTag
                                                           : kBufferTag);
    AppendTraits(value);
    if (value.role != ValueRole::kInput) AppendText(value.name);
    AppendShape(value.shape);
  }

  absl::Status AppendNode(ValueId id, const Node& node) {
    const std::string what = fmt::format("layer \"{}\" ({})", node.name, OpKindName(node.kind));
    const Attributes& a = node.attributes;
    if (!IsUtf8(node.name)) return Wrong(CutUtf8(what, 160), "its name is no UTF-8");
    if (a.parts != 1 || !a.adds_bias || a.first_feature != 0)
      return Wrong(what, "is a part of a model divided over ranks; write the whole");
    const uint8_t number = NumberIn(kOperators, node.kind);
    if (number == std::size(kOperators))
      return Wrong(what, "is there only while a model trains; no file has it");
    bytes_.push_back(static_cast<uint8_t>(kFirstOperatorTag + number));
    AppendTraits(graph_.value(id));
    AppendText(node.name);
    AppendVarint(node.inputs.size(), bytes_);
    for (const ValueId input : node.inputs) {
      const ValueId known = input < 0 || input >= id ? -1 : new_ids_[IndexOf(input)];
      if (known < 0)
        return Wrong(what, fmt::format("its input, value {}, is given by no layer before it", input));
      AppendVarint(static_cast<uint64_t>(new_ids_[IndexOf(id)] - known), bytes_);
    }
    AppendAttributes(a);
    return absl::OkStatus();
  }

  absl::Status AppendTensor(const Value& value) {
    if (value.given == nullptr) return Wrong(TextOf(value), "has no values; train the model first");
    const auto encoded =
        EncodeTensor(*value.given, value.shape, value.quantization ? &*value.quantization : nullptr);
    if (!encoded.ok()) return Annotate(encoded.status(), TextOf(value));
    AppendVarint(encoded->bytes.size(), bytes_);
    bytes_.insert(bytes_.end(), encoded->bytes.begin(), encoded->bytes.end());
    floats_ += value.given->size();
    return absl::OkStatus();
  }

  const Graph& graph_;
  std::vector<const Node*> writer_of_;
  std::vector<ValueId> new_ids_;  // -1: of an activation that no node writes
  std::set<std::string> names_;
  std::vector<uint8_t> bytes_;
  std::string last_text_;
  uint64_t floats_ = 0;
};

}  // namespace
}  // namespace model_format

absl::StatusOr<std::string> WriteModel(const Graph& graph,
                                       const std::map<std::string, std::string>& metadata) {
  ASSIGN_OR_RETURN(std::string bytes, model_format::ModelWriter(graph).Write(metadata));
  // What a compressor claims stands on these bytes, and reading is 20 times as fast as writing.
  ASSIGN_OR_RETURN(const ModelFile read, ParseModel("what was written", std::as_bytes(std::span(bytes))));
  size_t next = 0;
  for (const Value& value : graph.values()) {
    if (!model_format::IsTensor(value)) continue;
    while (!model_format::IsTensor(read.graph.values()[next])) ++next;
    if (!model_format::IsSameBits(*value.given, *read.graph.values()[next++].given))
      return absl::InternalError(fmt::format("\"{}\" is not read as it was written", value.name));
  }
  return bytes;
}

}  // namespace concertina
