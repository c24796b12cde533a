// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// protobuf_writer.h: the protobuf wire format by hand, for files whose schema is another project's (ONNX,
// TensorBoard) and of which we write a few fields only. Source: protobuf.dev, Encoding. A field is tag =
// number << 3 | wire type, then its value; varints hold 7 bits a byte.
#pragma once

#include <bit>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

namespace concertina {

class ProtobufWriter {
 public:
  void Integer(int field, int64_t value) {
    Varint(static_cast<uint64_t>(field) << 3 | 0);
    Varint(static_cast<uint64_t>(value));
  }
  void Double(int field, double value) {
    Varint(static_cast<uint64_t>(field) << 3 | 1);
    Fixed(std::bit_cast<uint64_t>(value), 8);
  }
  void Float(int field, float value) {
    Varint(static_cast<uint64_t>(field) << 3 | 5);
    Fixed(std::bit_cast<uint32_t>(value), 4);
  }
  // Texts, bytes, and messages that were written before.
  void Bytes(int field, std::string_view bytes) {
    Varint(static_cast<uint64_t>(field) << 3 | 2);
    Varint(bytes.size());
    bytes_.append(bytes);
  }
  void Message(int field, const ProtobufWriter& message) { Bytes(field, message.bytes_); }

  const std::string& bytes() const { return bytes_; }
  std::string Take() { return std::move(bytes_); }

 private:
  void Varint(uint64_t value) {
    for (; value >= 0x80; value >>= 7) bytes_ += static_cast<char>(value | 0x80);
    bytes_ += static_cast<char>(value);
  }
  void Fixed(uint64_t value, int bytes) {
    for (int i = 0; i < bytes; ++i) bytes_ += static_cast<char>(value >> (8 * i));
  }

  std::string bytes_;
};

}  // namespace concertina
