// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// safetensors.cc: see safetensors.h.
#include "core/edge/safetensors.h"

#include <algorithm>
#include <bit>
#include <cstring>
#include <set>

#include "core/base/descriptor.h"
#include "core/base/file.h"
#include "core/base/utf8.h"
#include "core/data/stored_bytes.h"
#include "core/edge/half_floats.h"
#include "core/edge/sha256.h"
#include "fmt/format.h"
#include "nlohmann/json.hpp"

namespace concertina {
namespace {

constexpr char kMetadata[] = "__metadata__";
constexpr size_t kLengthBytes = 8;
constexpr uint64_t kMaxHeaderBytes = 100'000'000;  // the format's own limit
constexpr size_t kMaxDims = 16;

static_assert(std::endian::native == std::endian::little, "the data is written as it lies in memory");

// Elements that the format knows. Those of no floats are passed over: PyTorch's count of batches, token
// tables.
struct ElementType {
  std::string_view name;
  uint64_t bytes;
  bool is_float;
};
constexpr ElementType kElementTypes[] = {
    {"F32", 4, true},  {"F16", 2, true},  {"BF16", 2, true}, {"F64", 8, true},  {"I64", 8, false},
    {"I32", 4, false}, {"I16", 2, false}, {"I8", 1, false},  {"U64", 8, false}, {"U32", 4, false},
    {"U16", 2, false}, {"U8", 1, false},  {"BOOL", 1, false}};

// A tensor as the header has it; data_offsets count from the end of the header.
struct Entry {
  std::string name;
  const ElementType* type = nullptr;
  Shape shape;
  uint64_t begin = 0, end = 0;
};

class Header {
 public:
  Header(const std::string& path, std::span<const std::byte> bytes) : path_(path), bytes_(bytes) {}

  absl::Status Parse() {
    if (bytes_.size() < kLengthBytes)
      return Damaged(bytes_.size(), "cut short, expected the 8 bytes of the header's length");
    uint64_t length = 0;
    std::memcpy(&length, bytes_.data(), kLengthBytes);
    if (length > kMaxHeaderBytes || length > bytes_.size() - kLengthBytes)
      return Damaged(0, fmt::format("found a header of {} bytes, expected at most {}", length,
                                    std::min<uint64_t>(kMaxHeaderBytes, bytes_.size() - kLengthBytes)));
    data_begin_ = kLengthBytes + length;
    const std::string_view text(reinterpret_cast<const char*>(bytes_.data()) + kLengthBytes, length);
    if (!text.starts_with('{')) return Damaged(kLengthBytes, "expected the { of a JSON object");
    const Json json = ParseOnce(text);
    if (json.is_discarded() || !json.is_object())
      return Damaged(kLengthBytes, "the header is not a JSON object, or has a name twice");
    for (const auto& [name, value] : json.items()) {
      if (name == kMetadata)
        RETURN_IF_ERROR(AddMetadata(value));
      else
        RETURN_IF_ERROR(AddEntry(name, value));
    }
    return CheckOffsets();
  }

  const std::vector<Entry>& entries() const { return entries_; }
  const std::map<std::string, std::string>& metadata() const { return metadata_; }
  std::span<const std::byte> data() const { return bytes_.subspan(data_begin_); }

 private:
  absl::Status Damaged(size_t byte, const std::string& what) const {
    return absl::DataLossError(fmt::format("{}: at byte {}: {}", path_, byte, what));
  }

  // Of two values with one name a JSON reader keeps the last: here that is damage.
  static Json ParseOnce(std::string_view text) {
    std::set<std::string> names;
    bool is_repeated = false;
    const auto callback = [&](int depth, Json::parse_event_t event, Json& parsed) {
      if (depth == 1 && event == Json::parse_event_t::key)
        is_repeated |= !names.insert(parsed.get<std::string>()).second;
      return true;
    };
    Json json = Json::parse(text, callback, /*allow_exceptions=*/false);
    return is_repeated ? Json(Json::value_t::discarded) : json;
  }

  absl::Status AddMetadata(const Json& value) {
    if (!value.is_object()) return Damaged(kLengthBytes, "__metadata__ is not an object");
    for (const auto& [name, text] : value.items()) {
      if (!text.is_string())
        return Damaged(kLengthBytes, fmt::format("__metadata__/{} is not a text", Shortened(name)));
      metadata_[name] = text.get<std::string>();
    }
    return absl::OkStatus();
  }

  absl::Status AddEntry(const std::string& name, const Json& value) {
    const auto wrong = [&](std::string_view what) {
      return Damaged(kLengthBytes, fmt::format("tensor \"{}\": {}", Shortened(name), what));
    };
    const auto field = [&](const char* key) {
      return value.is_object() && value.contains(key) ? value[key] : Json();
    };
    const Json dtype = field("dtype"), shape = field("shape"), offsets = field("data_offsets");
    if (!dtype.is_string() || !shape.is_array() || !offsets.is_array())
      return wrong("expected dtype, shape and data_offsets");
    Entry entry = {.name = name};
    const auto type_name = dtype.get<std::string>();
    for (const ElementType& type : kElementTypes)
      if (type.name == type_name) entry.type = &type;
    if (entry.type == nullptr)
      return absl::InvalidArgumentError(fmt::format(
          "{}: tensor \"{}\": found elements of type {}, expected F32, F16, BF16 or F64; save the "
          "model in one of them",
          path_, Shortened(name), Shortened(type_name)));
    if (shape.size() > kMaxDims) return wrong("too many dimensions");
    uint64_t bytes = entry.type->bytes;
    for (const Json& dim : shape) {
      if (!dim.is_number_unsigned()) return wrong("a dimension is not a whole number");
      const auto extent = dim.get<uint64_t>();
      if (extent > (uint64_t{1} << 48) || (extent > 0 && bytes > (uint64_t{1} << 48) / extent))
        return wrong("its dimensions are too large");
      bytes *= extent;
      entry.shape.push_back(static_cast<int64_t>(extent));
    }
    if (offsets.size() != 2 || !offsets[0].is_number_unsigned() || !offsets[1].is_number_unsigned())
      return wrong("data_offsets are not two whole numbers");
    entry.begin = offsets[0].get<uint64_t>();
    entry.end = offsets[1].get<uint64_t>();
    if (entry.end < entry.begin || entry.end - entry.begin != bytes)
      return wrong(
          fmt::format("found data_offsets {} to {}, expected {} bytes", entry.begin, entry.end, bytes));
    entries_.push_back(std::move(entry));
    return absl::OkStatus();
  }

  absl::Status CheckOffsets() {
    std::sort(entries_.begin(), entries_.end(), [](const Entry& a, const Entry& b) {
      return std::pair(a.begin, a.end) < std::pair(b.begin, b.end);
    });
    uint64_t expected = 0;
    for (const Entry& entry : entries_) {
      if (entry.begin != expected)
        return Damaged(data_begin_ + std::min(expected, entry.begin),
                       fmt::format("tensor \"{}\" begins at {} of the data, expected {}: {}",
                                   Shortened(entry.name), entry.begin, expected,
                                   entry.begin < expected ? "it overlaps another" : "there is a hole"));
      expected = entry.end;
    }
    const uint64_t found = bytes_.size() - data_begin_;
    if (found != expected)
      return Damaged(std::min<uint64_t>(bytes_.size(), data_begin_ + expected),
                     fmt::format("found {} bytes of data, expected {}", found, expected));
    return absl::OkStatus();
  }

  const std::string& path_;
  const std::span<const std::byte> bytes_;
  size_t data_begin_ = 0;
  std::vector<Entry> entries_;
  std::map<std::string, std::string> metadata_;
};

template <class Stored, class Widen>
void ReadElements(std::span<const std::byte> bytes, std::vector<float>& values, const Widen& widen) {
  for (size_t i = 0; i < values.size(); ++i) {
    Stored element;
    std::memcpy(&element, bytes.data() + i * sizeof element, sizeof element);
    values[i] = widen(element);
  }
}

std::vector<float> FloatsOf(const Entry& entry, std::span<const std::byte> data) {
  const std::span<const std::byte> bytes = data.subspan(entry.begin, entry.end - entry.begin);
  std::vector<float> values(bytes.size() / entry.type->bytes);
  if (entry.type->name == "F16")
    ReadElements<uint16_t>(bytes, values, FloatOfHalf);
  else if (entry.type->name == "BF16")
    ReadElements<uint16_t>(bytes, values, FloatOfBfloat16);
  else if (entry.type->name == "F64")
    ReadElements<double>(bytes, values, [](double element) { return static_cast<float>(element); });
  else if (!values.empty())
    std::memcpy(values.data(), bytes.data(), bytes.size());
  return values;
}

}  // namespace

absl::StatusOr<std::string> WriteSafetensors(Disk& disk, const std::string& path,
                                             std::span<const NamedTensor> tensors,
                                             const std::map<std::string, std::string>& metadata) {
  Json header = Json::object();
  if (!metadata.empty()) header[kMetadata] = metadata;
  std::vector<std::span<const std::byte>> pieces(1);  // the header goes there
  uint64_t offset = 0;
  Sha256 hash;
  for (const NamedTensor& tensor : tensors) {
    if (tensor.name.empty() || tensor.name == kMetadata || header.contains(tensor.name))
      return absl::InvalidArgumentError(fmt::format(
          "{}: tensor \"{}\": expected a name of its own, other than {}", path, tensor.name, kMetadata));
    if (!IsUtf8(tensor.name))  // JSON would have others look alike
      return absl::InvalidArgumentError(
          fmt::format("{}: tensor \"{}\": its name is no UTF-8", path, CutUtf8(tensor.name, 160)));
    if (ElementCount(tensor.shape) != static_cast<int64_t>(tensor.values.size()))
      return absl::InvalidArgumentError(fmt::format("{}: tensor \"{}\": found {} values, expected {}", path,
                                                    tensor.name, tensor.values.size(),
                                                    ShapeText(tensor.shape)));
    const uint64_t end = offset + tensor.values.size_bytes();
    header[tensor.name] = {{"dtype", "F32"}, {"shape", tensor.shape}, {"data_offsets", {offset, end}}};
    offset = end;
    pieces.push_back(std::as_bytes(tensor.values));
    hash.Add(pieces.back());
  }
  std::string text = header.dump(-1, ' ', false, Json::error_handler_t::replace);
  text.resize((text.size() + 7) / 8 * 8, ' ');
  if (text.size() > kMaxHeaderBytes)
    return absl::OutOfRangeError(fmt::format("{}: its names and metadata take {} bytes, expected at most {}",
                                             path, text.size(), kMaxHeaderBytes));
  const uint64_t length = text.size();
  text.insert(0, reinterpret_cast<const char*>(&length), sizeof length);
  pieces[0] = std::as_bytes(std::span(text));
  RETURN_IF_ERROR(WriteFileAtomically(disk, path, pieces));
  return hash.Hex();
}

absl::StatusOr<std::string> WriteSafetensors(const std::string& path, std::span<const NamedTensor> tensors,
                                             const std::map<std::string, std::string>& metadata) {
  return WriteSafetensors(Disk::Real(), path, tensors, metadata);
}

absl::StatusOr<Safetensors> ParseSafetensors(const std::string& path, std::span<const std::byte> bytes) {
  Header header(path, bytes);
  RETURN_IF_ERROR(header.Parse());
  Safetensors file;
  file.metadata = header.metadata();
  for (const Entry& entry : header.entries())
    if (entry.type->is_float)
      file.tensors.push_back({entry.name, entry.shape, FloatsOf(entry, header.data())});
  file.data_sha256 = Sha256Hex(header.data());
  return file;
}

absl::StatusOr<Safetensors> ReadSafetensors(const std::string& path) {
  ASSIGN_OR_RETURN(const StoredBytes file, MapFile(path));
  return ParseSafetensors(path, std::as_bytes(file.bytes));
}

}  // namespace concertina
