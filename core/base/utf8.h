// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// utf8.h: text that others wrote, made fit for a protobuf string, which must be UTF-8 or the message is
// refused; and whether it is. On the way of the data: a worker's output, a person's words -> here -> proto.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace concertina {

// Bytes of the UTF-8 sequence that `text` begins with; 0 if it does not begin with a whole, valid one.
inline size_t Utf8Length(std::string_view text) {
  const auto at = [&](size_t i) { return static_cast<unsigned char>(text[i]); };
  const auto follows = [&](size_t i) { return i < text.size() && (at(i) & 0xC0) == 0x80; };
  if (text.empty()) return 0;
  if (at(0) < 0x80) return 1;
  if (at(0) >= 0xC2 && at(0) <= 0xDF) return follows(1) ? 2 : 0;
  if ((at(0) & 0xF0) == 0xE0) {
    if (!follows(1) || !follows(2)) return 0;
    const bool overlong = at(0) == 0xE0 && at(1) < 0xA0;
    const bool surrogate = at(0) == 0xED && at(1) > 0x9F;
    return overlong || surrogate ? 0 : 3;
  }
  if (at(0) >= 0xF0 && at(0) <= 0xF4) {
    if (!follows(1) || !follows(2) || !follows(3)) return 0;
    const bool overlong = at(0) == 0xF0 && at(1) < 0x90;
    const bool too_large = at(0) == 0xF4 && at(1) > 0x8F;
    return overlong || too_large ? 0 : 4;
  }
  return 0;
}

inline bool IsUtf8(std::string_view text) {
  while (!text.empty()) {
    const size_t length = Utf8Length(text);
    if (length == 0) return false;
    text.remove_prefix(length);
  }
  return true;
}

// At most `max_bytes` of `text`, never half a character; bytes that are no UTF-8 become U+FFFD.
inline std::string CutUtf8(std::string_view text, size_t max_bytes) {
  std::string result;
  while (!text.empty()) {
    const size_t length = Utf8Length(text);
    const std::string_view next = length == 0 ? std::string_view("\xEF\xBF\xBD") : text.substr(0, length);
    if (result.size() + next.size() > max_bytes) break;
    result += next;
    text.remove_prefix(length == 0 ? 1 : length);
  }
  return result;
}

}  // namespace concertina
