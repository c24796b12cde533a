// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// protobuf_reader.h: the protobuf wire format read by hand, the counterpart of protobuf_writer.h, for files
// whose schema is another project's (ONNX) and of which we need a few fields only. Source: protobuf.dev,
// Encoding.
//
//   ProtobufReader message(bytes);
//   while (message.Next())
//     if (message.field() == 7) RETURN_IF_ERROR(message.Read(graph_bytes));
//   RETURN_IF_ERROR(message.status());
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/status.h"
#include "fmt/format.h"

namespace concertina {

// Goes through the fields of one message, which it neither copies nor owns, and never beyond them. A message
// within a message is bytes, for which the caller makes a reader of its own: so the depth is the caller's,
// not the file's. All errors are kDataLoss and name the byte, counted from the file's first where the reader
// was told its place.
class ProtobufReader {
 public:
  explicit ProtobufReader(std::span<const std::byte> bytes, size_t begins_at = 0)
      : bytes_(bytes), begins_at_(begins_at) {}

  // Goes to the next field. False at the end, and at the first damage: status() knows which.
  bool Next() {
    field_at_ = at_;
    if (at_ == bytes_.size() || !status_.ok()) return false;
    uint64_t tag = 0;
    if (!Varint(tag)) return false;
    // 29 bits of number: what is above them is no field that anybody could have written.
    if (tag >> 3 == 0 || tag >> 32 != 0)
      return Damaged(fmt::format("found the tag {}, expected a field", tag));
    field_ = static_cast<int>(tag >> 3);
    wire_ = static_cast<Wire>(tag & 7);
    switch (wire_) {
      case Wire::kVarint:
        return Varint(number_);
      case Wire::kFixed64:
        return Fixed(8);
      case Wire::kFixed32:
        return Fixed(4);
      case Wire::kBytes: {
        uint64_t length = 0;
        if (!Varint(length)) return false;
        if (length > bytes_.size() - at_)
          return Damaged(
              fmt::format("field {} claims {} bytes, and {} are left", field_, length, bytes_.size() - at_));
        payload_ = bytes_.subspan(at_, length);
        payload_at_ = at_;
        at_ += length;
        return true;
      }
    }
    return Damaged(fmt::format("field {} is of wire type {}, expected 0, 1, 2 or 5", field_, tag & 7));
  }

  const absl::Status& status() const { return status_; }
  int field() const { return field_; }
  size_t field_at() const { return begins_at_ + field_at_; }  // of its tag, in the file
  // Where the present field's bytes (Read of a span) begin in the file: for their own reader.
  size_t payload_at() const { return begins_at_ + payload_at_; }

  // The present field's value. An error if it was written as another type.
  absl::Status Read(int64_t& value) const {
    RETURN_IF_ERROR(Expect(Wire::kVarint, "a number"));
    value = static_cast<int64_t>(number_);
    return absl::OkStatus();
  }
  absl::Status Read(float& value) const {
    RETURN_IF_ERROR(Expect(Wire::kFixed32, "a float"));
    value = std::bit_cast<float>(static_cast<uint32_t>(number_));
    return absl::OkStatus();
  }
  absl::Status Read(std::span<const std::byte>& value) const {
    RETURN_IF_ERROR(Expect(Wire::kBytes, "bytes"));
    value = payload_;
    return absl::OkStatus();
  }
  absl::Status Read(std::string_view& value) const {  // as long as the bytes
    RETURN_IF_ERROR(Expect(Wire::kBytes, "a text"));
    value = {reinterpret_cast<const char*>(payload_.data()), payload_.size()};
    return absl::OkStatus();
  }

  // A repeated field, which is one value or many packed together: adds them. A packed number takes at least
  // one byte of the file and eight of memory.
  absl::Status Append(std::vector<int64_t>& values) const {
    if (wire_ != Wire::kBytes) {
      int64_t value = 0;
      RETURN_IF_ERROR(Read(value));
      values.push_back(value);
      return absl::OkStatus();
    }
    ProtobufReader packed(payload_, payload_at());
    for (uint64_t value = 0; packed.at_ < packed.bytes_.size();) {
      if (!packed.Varint(value)) return packed.status_;
      values.push_back(static_cast<int64_t>(value));
    }
    return absl::OkStatus();
  }
  absl::Status Append(std::vector<float>& values) const {
    if (wire_ != Wire::kBytes) {
      float value = 0;
      RETURN_IF_ERROR(Read(value));
      values.push_back(value);
      return absl::OkStatus();
    }
    if (payload_.size() % sizeof(float) != 0)
      return absl::DataLossError(fmt::format("at byte {}: field {} holds {} bytes, expected whole floats",
                                             begins_at_ + field_at_, field_, payload_.size()));
    const size_t before = values.size();
    values.resize(before + payload_.size() / sizeof(float));
    if (!payload_.empty()) std::memcpy(values.data() + before, payload_.data(), payload_.size());
    return absl::OkStatus();
  }

 private:
  // 3 and 4 were groups, which no schema that is read here has.
  enum class Wire : uint8_t { kVarint = 0, kFixed64 = 1, kBytes = 2, kFixed32 = 5 };
  static_assert(std::endian::native == std::endian::little, "packed floats are read as they lie");

  bool Damaged(const std::string& what) {
    status_ = absl::DataLossError(fmt::format("at byte {}: {}", begins_at_ + field_at_, what));
    return false;
  }

  absl::Status Expect(Wire wire, std::string_view what) const {
    if (wire_ == wire) return absl::OkStatus();
    return absl::DataLossError(fmt::format("at byte {}: field {} is of wire type {}, expected {}, {}",
                                           begins_at_ + field_at_, field_, static_cast<int>(wire_),
                                           static_cast<int>(wire), what));
  }

  // Seven bits a byte, the lowest first; at most ten bytes, the last of which has one bit.
  bool Varint(uint64_t& value) {
    value = 0;
    for (int shift = 0; shift < 64; shift += 7) {
      if (at_ == bytes_.size()) return Damaged("cut short within a number");
      const auto byte = std::to_integer<uint64_t>(bytes_[at_++]);
      if (shift == 63 && byte > 1) break;
      value |= (byte & 0x7f) << shift;
      if (byte < 0x80) return true;
    }
    return Damaged("found a number beyond 64 bits");
  }

  bool Fixed(size_t count) {
    if (bytes_.size() - at_ < count)
      return Damaged(
          fmt::format("field {} takes {} bytes, and {} are left", field_, count, bytes_.size() - at_));
    number_ = 0;
    std::memcpy(&number_, bytes_.data() + at_, count);
    at_ += count;
    return true;
  }

  std::span<const std::byte> bytes_;
  size_t begins_at_ = 0;
  size_t at_ = 0, field_at_ = 0, payload_at_ = 0;
  int field_ = 0;
  Wire wire_ = Wire::kVarint;
  uint64_t number_ = 0;
  std::span<const std::byte> payload_;
  absl::Status status_;
};

}  // namespace concertina
