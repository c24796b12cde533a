// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// model_file.cc: see model_file.h.
#include "core/edge/model_file.h"

#include <zlib.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <cstring>
#include <memory>
#include <optional>
#include <set>
#include <string_view>
#include <utility>

#include "core/base/file.h"
#include "core/edge/tensor_coding.h"
#include "core/edge/varint.h"
#include "fmt/format.h"

namespace concertina {
namespace {

constexpr std::array<uint8_t, 8> kModelMagic = {0x89, 'c', 'n', 'c', 'e', 'd', 'g', 'e'};
constexpr uint8_t kModelVersion = 1;
constexpr size_t kCrcBytes = 4;
constexpr size_t kMaxModelBytes = std::min<uint64_t>(uint64_t{1} << 32, SIZE_MAX);
constexpr uint64_t kFloatsAtLeast = 64, kFloatsAByte = 4096;
constexpr size_t kMaxExtents = 16;
constexpr size_t kMostInCommon = 64;  // of a text: so a few bytes cannot claim a long one

// The numbers of the format are places in these lists: what is new goes to the end.
constexpr OpKind kOperators[] = {OpKind::kDense,
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
constexpr Activation kActivations[] = {Activation::kNone, Activation::kRelu, Activation::kTanh,
                                       Activation::kSigmoid, Activation::kGelu};
constexpr Hold kHolds[] = {Hold::kNothing, Hold::kZeros, Hold::kShared, Hold::kGrid};
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

// The format's number of `wanted`, which is in the list.
template <class List, class Item>
uint8_t NumberIn(const List& list, Item wanted) {
  return static_cast<uint8_t>(std::find(std::begin(list), std::end(list), wanted) - std::begin(list));
}

bool IsSameDouble(double a, double b) { return std::bit_cast<uint64_t>(a) == std::bit_cast<uint64_t>(b); }

uint32_t CrcOf(std::span<const uint8_t> bytes) {
  return static_cast<uint32_t>(crc32_z(crc32(0, nullptr, 0), bytes.data(), bytes.size()));
}

// Elements of a shape; nullopt if an extent is negative or all together are more than a value may have. An
// extent of 0 does not hide others that are too large.
std::optional<uint64_t> ClaimOf(const Shape& shape) {
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

int64_t CountNonzeros(std::span<const float> values) {
  return std::count_if(values.begin(), values.end(), [](float value) { return value != 0; });
}

bool IsTensor(const Value& value) {
  return value.role == ValueRole::kParameter || value.role == ValueRole::kBuffer;
}

bool IsLossOf(const Graph& graph, ValueId id) {
  return std::any_of(graph.nodes().begin(), graph.nodes().end(), [id](const Node& node) {
    return node.output == id &&
           (node.kind == OpKind::kSoftmaxCrossEntropy || node.kind == OpKind::kMeanSquaredError);
  });
}

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
    // A file says nothing of which zeros of a grid were pruned.
    const Hold hold = value.hold == Hold::kSparseGrid ? Hold::kGrid : value.hold;
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
    if (a.parts != 1 || !a.adds_bias || a.first_feature != 0)
      return Wrong(what, "is a part of a model divided over ranks; write the whole");
    bytes_.push_back(static_cast<uint8_t>(kFirstOperatorTag + NumberIn(kOperators, node.kind)));
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

class ModelParser {
 public:
  ModelParser(const std::string& path, std::span<const uint8_t> bytes)
      : path_(path), bytes_(bytes), reader_(bytes) {}

  absl::StatusOr<ModelFile> Parse() {
    RETURN_IF_ERROR(ReadFrame());
    RETURN_IF_ERROR(ReadMetadata());
    RETURN_IF_ERROR(ReadGraph());
    RETURN_IF_ERROR(CheckClaims());
    for (size_t i = 0; i < file_.tensors.size(); ++i) RETURN_IF_ERROR(ReadTensor(ids_[i], file_.tensors[i]));
    const auto padding = reader_.Varint();
    if (!padding || *padding != reader_.left())
      return Damaged(fmt::format("found {} bytes behind the tensors", reader_.left()));
    const std::span<const uint8_t> rest = reader_.rest();
    if (std::any_of(rest.begin(), rest.end(), [](uint8_t byte) { return byte != 0; }))
      return Damaged("the padding is not zero");
    file_.bytes = bytes_.size();
    return std::move(file_);
  }

 private:
  absl::Status DamagedAt(size_t offset, const std::string& what) const {
    return absl::DataLossError(fmt::format("{}: at byte {}: {}", path_, offset, what));
  }
  absl::Status Damaged(const std::string& what) const { return DamagedAt(reader_.offset(), what); }
  absl::Status CutShort(const char* what) const {
    return Damaged(fmt::format("cut short, expected {}", what));
  }

  // Magic, version and CRC; the reader then ends before the CRC.
  absl::Status ReadFrame() {
    const auto magic = reader_.Bytes(kModelMagic.size());
    if (!magic || !std::equal(magic->begin(), magic->end(), kModelMagic.begin()))
      return DamagedAt(0, "it does not begin as a model file does; expected one that this program wrote");
    const auto version = reader_.Byte();
    if (!version) return CutShort("a version");
    if (*version > kModelVersion)
      return absl::InvalidArgumentError(fmt::format(
          "{}: is of version {} of the format, and this program knows up to {}; take a newer program", path_,
          *version, kModelVersion));
    if (*version == 0) return DamagedAt(kModelMagic.size(), "found version 0");
    if (reader_.left() < kCrcBytes) return CutShort("a CRC");
    const std::span<const uint8_t> covered = bytes_.first(bytes_.size() - kCrcBytes);
    uint32_t crc = 0;
    std::memcpy(&crc, bytes_.data() + covered.size(), sizeof crc);
    if (crc != CrcOf(covered))
      return DamagedAt(covered.size(), fmt::format("found CRC {:08x}, expected {:08x}", crc, CrcOf(covered)));
    VarintReader without_crc(covered);
    (void)without_crc.Bytes(reader_.offset());
    reader_ = without_crc;
    return absl::OkStatus();
  }

  // A count of things that take at least `each_bytes`: it can not be more than the bytes left have.
  absl::StatusOr<size_t> ReadCount(const char* what, size_t each_bytes) {
    const size_t at = reader_.offset();
    const auto count = reader_.Varint();
    if (!count) return CutShort(what);
    if (*count > reader_.left() / each_bytes)
      return DamagedAt(at, fmt::format("found {} {}, and the {} bytes left have not so many", *count, what,
                                       reader_.left()));
    return static_cast<size_t>(*count);
  }

  absl::StatusOr<std::string> ReadText() {
    const size_t at = reader_.offset();
    const auto same = reader_.Varint();
    const auto length = same ? reader_.Varint() : std::nullopt;
    const auto rest = length ? reader_.Bytes(*length) : std::nullopt;
    if (!rest) return CutShort("a text");
    if (*same > std::min(last_text_.size(), kMostInCommon))
      return DamagedAt(at, "a text has more in common with the one before it than there is");
    std::string text = last_text_.substr(0, static_cast<size_t>(*same));
    text.append(rest->begin(), rest->end());
    last_text_ = text;
    return text;
  }

  template <class T>
  std::optional<T> ReadRaw() {
    const auto bytes = reader_.Bytes(sizeof(T));
    if (!bytes) return std::nullopt;
    T number;
    std::memcpy(&number, bytes->data(), sizeof number);
    return number;
  }

  absl::StatusOr<Shape> ReadShape() {
    const size_t at = reader_.offset();
    ASSIGN_OR_RETURN(const size_t count, ReadCount("extents", 1));
    if (count > kMaxExtents) return DamagedAt(at, fmt::format("found a shape of {} extents", count));
    Shape shape;
    for (size_t i = 0; i < count; ++i) {
      const auto extent = reader_.Varint();
      if (!extent) return CutShort("an extent");
      if (*extent > static_cast<uint64_t>(kMaxTensorElements))
        return DamagedAt(at, fmt::format("found an extent of {}", *extent));
      shape.push_back(static_cast<int64_t>(*extent));
    }
    if (!ClaimOf(shape)) return DamagedAt(at, fmt::format("found a shape of {}", ShapeText(shape)));
    return shape;
  }

  absl::Status ReadMetadata() {
    ASSIGN_OR_RETURN(const size_t count, ReadCount("texts of metadata", 4));
    for (size_t i = 0; i < count; ++i) {
      const size_t at = reader_.offset();
      ASSIGN_OR_RETURN(std::string name, ReadText());
      ASSIGN_OR_RETURN(std::string text, ReadText());
      if (!file_.metadata.empty() && name <= file_.metadata.rbegin()->first)
        return DamagedAt(at, fmt::format("metadata \"{}\" is out of order", name));
      file_.metadata.emplace(std::move(name), std::move(text));
    }
    return absl::OkStatus();
  }

  struct Traits {
    bool decays = true;
    Hold hold = Hold::kNothing;
    std::optional<Quantization> grid;
    size_t grid_bytes = 0;
  };
  absl::StatusOr<Traits> ReadTraits() {
    const auto bits = reader_.Byte();
    if (!bits) return CutShort("what holds of a value");
    if (*bits > kAllTraits) return Damaged(fmt::format("found unknown traits {:#x} of a value", *bits));
    Traits traits{
        .decays = (*bits & kDecaysTrait) != 0, .hold = kHolds[*bits >> kHoldShift & kHoldMask], .grid = {}};
    if ((*bits & kGridTrait) == 0) return traits;
    const size_t begin = reader_.offset();
    const auto width = reader_.Byte();
    const auto zero = width ? reader_.Zigzag() : std::nullopt;
    if (!zero) return CutShort("a grid");
    if (*zero != static_cast<int32_t>(*zero))
      return DamagedAt(begin, fmt::format("found a zero point of {}", *zero));
    Quantization& grid = traits.grid.emplace();
    grid.bits = *width & 0x7f;
    grid.is_signed = (*width & 0x80) != 0;
    grid.zero_point = static_cast<int32_t>(*zero);
    ASSIGN_OR_RETURN(const size_t scales, ReadCount("scales", sizeof(float)));
    for (size_t i = 0; i < scales; ++i) grid.scales.push_back(*ReadRaw<float>());
    traits.grid_bytes = reader_.offset() - begin;
    return traits;
  }

  absl::StatusOr<Attributes> ReadAttributes() {
    const size_t at = reader_.offset();
    const auto which = reader_.Byte();
    if (!which) return CutShort("attributes");
    Attributes a;
    for (const auto& [bit, number] : {std::pair(kHasKernel, &a.kernel), std::pair(kHasStride, &a.stride),
                                      std::pair(kHasPadding, &a.padding)}) {
      if ((*which & bit) == 0) continue;
      const auto read = reader_.Zigzag();
      if (!read) return CutShort("an attribute");
      // So far from overflow that the shape rules may add and multiply them.
      if (*read > kMaxTensorElements || *read < -kMaxTensorElements)
        return DamagedAt(at, fmt::format("found an attribute of {}", *read));
      *number = *read;
    }
    for (const auto& [bit, number] : {std::pair(kHasRate, &a.rate), std::pair(kHasMomentum, &a.momentum),
                                      std::pair(kHasEpsilon, &a.epsilon)}) {
      if ((*which & bit) == 0) continue;
      const auto read = ReadRaw<double>();
      if (!read) return CutShort("an attribute");
      *number = *read;
    }
    if ((*which & kHasActivation) != 0) {
      const auto read = reader_.Byte();
      if (!read) return CutShort("an activation");
      if (*read >= std::size(kActivations)) return DamagedAt(at, fmt::format("found activation {}", *read));
      a.activation = kActivations[*read];
    }
    if ((*which & kHasShape) != 0) {
      ASSIGN_OR_RETURN(a.shape, ReadShape());
    }
    return a;
  }

  absl::Status ReadGraph() {
    ASSIGN_OR_RETURN(const size_t count, ReadCount("values", 3));
    for (size_t i = 0; i < count; ++i) RETURN_IF_ERROR(ReadValue());
    const size_t at = reader_.offset();
    const auto prediction = reader_.Varint();
    const auto loss = prediction ? reader_.Varint() : std::nullopt;
    if (!loss) return CutShort("the outputs");
    if (*prediction > count || *loss > count)
      return DamagedAt(at, fmt::format("found outputs {} and {} of {} values", *prediction, *loss, count));
    if (*loss > 0 && !IsLossOf(file_.graph, static_cast<ValueId>(*loss - 1)))
      return DamagedAt(at, fmt::format("found a loss, value {}, that no loss gives", *loss - 1));
    file_.graph.SetOutputs(static_cast<ValueId>(*prediction) - 1, static_cast<ValueId>(*loss) - 1);
    return absl::OkStatus();
  }

  absl::Status ReadValue() {
    const size_t at = reader_.offset();
    const auto tag = reader_.Byte();
    if (!tag) return CutShort("a value");
    if (*tag >= kFirstOperatorTag + std::size(kOperators))
      return DamagedAt(at, fmt::format("found a value of kind {}", *tag));
    ASSIGN_OR_RETURN(Traits traits, ReadTraits());
    ValueId id = -1;
    if (*tag < kFirstOperatorTag) {
      ASSIGN_OR_RETURN(id, ReadSource(at, static_cast<ValueTag>(*tag), traits.grid_bytes));
    } else {
      ASSIGN_OR_RETURN(id, ReadNode(at, kOperators[*tag - kFirstOperatorTag]));
    }
    Value& value = file_.graph.mutable_value(id);
    if (traits.grid) {
      const absl::Status checked = CheckGrid(*traits.grid, value.shape);
      if (!checked.ok())
        return DamagedAt(at, fmt::format("value \"{}\": {}", value.name, std::string(checked.message())));
    }
    value.decays = traits.decays;
    value.hold = traits.hold;
    value.quantization = std::move(traits.grid);
    return absl::OkStatus();
  }

  absl::StatusOr<ValueId> ReadSource(size_t at, ValueTag tag, size_t grid_bytes) {
    Graph& graph = file_.graph;
    if (tag == kInputTag) {
      if (graph.input() >= 0) return DamagedAt(at, "found a second input");
      ASSIGN_OR_RETURN(Shape shape, ReadShape());
      return graph.AddInput(std::move(shape));
    }
    ASSIGN_OR_RETURN(const std::string name, ReadText());
    ASSIGN_OR_RETURN(const Shape shape, ReadShape());
    if (!names_.insert(name).second) return DamagedAt(at, fmt::format("found \"{}\" twice", name));
    claimed_ += *ClaimOf(shape);
    file_.tensors.push_back({.name = name, .shape = shape, .coding = "", .bytes = grid_bytes});
    ids_.push_back(tag == kParameterTag ? graph.AddParameter(name, shape, Initializer::kZeros)
                                        : graph.AddBuffer(name, shape, Initializer::kZeros));
    return ids_.back();
  }

  absl::StatusOr<ValueId> ReadNode(size_t at, OpKind kind) {
    ASSIGN_OR_RETURN(std::string name, ReadText());
    ASSIGN_OR_RETURN(const size_t count, ReadCount("inputs", 1));
    const auto id = static_cast<ValueId>(file_.graph.values().size());
    std::vector<ValueId> inputs;
    for (size_t i = 0; i < count; ++i) {
      const auto back = reader_.Varint();
      if (!back) return CutShort("an input");
      if (*back == 0 || *back > static_cast<uint64_t>(id))
        return DamagedAt(
            at, fmt::format("layer \"{}\" reads what is {} values before value {}", name, *back, id));
      inputs.push_back(id - static_cast<ValueId>(*back));
    }
    ASSIGN_OR_RETURN(Attributes attributes, ReadAttributes());
    const auto added = file_.graph.AddNode(kind, std::move(name), std::move(inputs), std::move(attributes));
    if (!added.ok()) return DamagedAt(at, std::string(added.status().message()));
    const Value& value = file_.graph.value(*added);
    if (!ClaimOf(value.shape))
      return DamagedAt(
          at, fmt::format("layer \"{}\" gives {}, which is too large", value.name, ShapeText(value.shape)));
    return *added;
  }

  // Before a float is allocated.
  absl::Status CheckClaims() const {
    const uint64_t most = kFloatsAtLeast + kFloatsAByte * bytes_.size();
    if (claimed_ <= most) return absl::OkStatus();
    return Damaged(fmt::format("its tensors claim {} floats, expected at most {} in a file of {} bytes",
                               claimed_, most, bytes_.size()));
  }

  absl::Status ReadTensor(ValueId id, StoredTensor& tensor) {
    const size_t at = reader_.offset();
    const auto length = reader_.Varint();
    const auto bytes = length ? reader_.Bytes(*length) : std::nullopt;
    if (!bytes) return CutShort("a tensor");
    Value& value = file_.graph.mutable_value(id);
    auto decoded = DecodeTensor(*bytes, value.shape, value.quantization ? &*value.quantization : nullptr);
    if (!decoded.ok())
      return DamagedAt(at,
                       fmt::format("tensor \"{}\": {}", value.name, std::string(decoded.status().message())));
    tensor.nonzeros = CountNonzeros(decoded->values);
    tensor.coding = std::move(decoded->coding);
    tensor.bytes += reader_.offset() - at;
    value.given = std::make_shared<const std::vector<float>>(std::move(decoded->values));
    return absl::OkStatus();
  }

  const std::string& path_;
  const std::span<const uint8_t> bytes_;
  VarintReader reader_;
  ModelFile file_;
  std::vector<ValueId> ids_;  // of the tensors
  std::set<std::string> names_;
  std::string last_text_;
  uint64_t claimed_ = 0;  // floats
};

}  // namespace

absl::StatusOr<std::string> WriteModel(const Graph& graph,
                                       const std::map<std::string, std::string>& metadata) {
  ASSIGN_OR_RETURN(std::string bytes, ModelWriter(graph).Write(metadata));
  // What a compressor claims stands on these bytes, and reading is 20 times as fast as writing.
  ASSIGN_OR_RETURN(const ModelFile read, ParseModel("what was written", std::as_bytes(std::span(bytes))));
  size_t next = 0;
  for (const Value& value : graph.values()) {
    if (!IsTensor(value)) continue;
    while (!IsTensor(read.graph.values()[next])) ++next;
    if (!IsSameBits(*value.given, *read.graph.values()[next++].given))
      return absl::InternalError(fmt::format("\"{}\" is not read as it was written", value.name));
  }
  return bytes;
}

absl::StatusOr<ModelFile> ParseModel(const std::string& path, std::span<const std::byte> bytes) {
  return ModelParser(path, {reinterpret_cast<const uint8_t*>(bytes.data()), bytes.size()}).Parse();
}

absl::StatusOr<ModelFile> ReadModel(const std::string& path) {
  ASSIGN_OR_RETURN(const std::string bytes, ReadFile(path, kMaxModelBytes));
  return ParseModel(path, std::as_bytes(std::span(bytes)));
}

}  // namespace concertina
