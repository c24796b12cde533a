// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// model_file_reader.cc: the bytes of a file as a graph; trusts nothing in them (see model_file.h).
#include <algorithm>
#include <cstring>
#include <iterator>
#include <memory>
#include <optional>
#include <set>
#include <utility>

#include "core/base/file.h"
#include "core/base/utf8.h"
#include "core/edge/model_file.h"
#include "core/edge/model_file_format.h"
#include "core/edge/tensor_coding.h"
#include "core/edge/varint.h"
#include "fmt/format.h"

namespace concertina {
namespace model_format {
namespace {

constexpr size_t kMaxModelBytes = std::min<uint64_t>(uint64_t{1} << 32, SIZE_MAX);

int64_t CountNonzeros(std::span<const float> values) {
  return std::count_if(values.begin(), values.end(), [](float value) { return value != 0; });
}

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
    // It goes into messages and tables, which take no other.
    if (!IsUtf8(text)) return DamagedAt(at, "found a text that is no UTF-8");
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
}  // namespace model_format

absl::StatusOr<ModelFile> ParseModel(const std::string& path, std::span<const std::byte> bytes) {
  return model_format::ModelParser(path, {reinterpret_cast<const uint8_t*>(bytes.data()), bytes.size()})
      .Parse();
}

absl::StatusOr<ModelFile> ReadModel(const std::string& path) {
  ASSIGN_OR_RETURN(const std::string bytes, ReadFile(path, model_format::kMaxModelBytes));
  return ParseModel(path, std::as_bytes(std::span(bytes)));
}

}  // namespace concertina
