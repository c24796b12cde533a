// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// json_text.cc: one pass of nlohmann's lexer that only looks (depth, names, where it stops making sense), and
// a second one that builds the values (see json_text.h).
#include "core/base/json_text.h"

#include <algorithm>
#include <set>

#include "fmt/format.h"
#include "nlohmann/json.hpp"

namespace concertina {
namespace {

constexpr size_t kMaxBytes = size_t{1} << 20;
constexpr size_t kMaxDepth = 32;  // of the file itself; the deepest spec in use has 5

std::string PlaceOf(const std::string& text, size_t position) {
  position = std::min(position, text.size());
  size_t line = 1, column = 1;
  for (size_t i = 0; i < position; ++i) {
    if (text[i] == '\n') {
      ++line;
      column = 1;
    } else if ((static_cast<unsigned char>(text[i]) & 0xC0) != 0x80) {  // a character, not its later bytes
      ++column;
    }
  }
  return fmt::format("line {}, column {}", line, column);
}

// The reason in "[json.exception.parse_error.101] parse error at line 1, column 2: syntax error while parsing
// object key - invalid literal; last read: '{x'; expected string literal". What was last read is left out:
// it may be bytes that are no text.
std::string ReasonOf(const std::string& what) {
  std::string reason = what.substr(std::min(what.find("] ") + 2, what.size()));
  if (const size_t dash = reason.find(" - "); dash != std::string::npos) reason = reason.substr(dash + 3);
  std::string expected;
  if (const size_t at = reason.rfind("; expected "); at != std::string::npos) {
    expected = reason.substr(at + 2);
    reason.resize(at);
  }
  reason = reason.substr(0, reason.find("; last read: "));
  if (!expected.empty()) reason += ", " + expected;
  for (char& c : reason)
    if (static_cast<unsigned char>(c) >= 0x80 || static_cast<unsigned char>(c) < 0x20) c = '?';
  return reason;
}

class Inspector : public nlohmann::json_sax<Json> {
 public:
  Inspector(const std::string& text, std::vector<Fault>& faults) : text_(text), faults_(faults) {}

  bool null() override { return Value(); }
  bool boolean(bool) override { return Value(); }
  bool number_integer(number_integer_t) override { return Value(); }
  bool number_unsigned(number_unsigned_t) override { return Value(); }
  bool number_float(number_float_t, const string_t&) override { return Value(); }
  bool string(string_t&) override { return Value(); }
  bool binary(binary_t&) override { return Value(); }
  bool start_object(std::size_t) override { return Enter(false); }
  bool start_array(std::size_t) override { return Enter(true); }
  bool end_object() override { return Leave(); }
  bool end_array() override { return Leave(); }
  bool key(string_t& name) override {
    stack_.back().token = name;
    if (!stack_.back().names.insert(name).second)
      faults_.push_back(MakeFault(Pointer(), fmt::format("\"{}\" twice", Shortened(name)), "each name once"));
    return true;
  }
  bool parse_error(std::size_t position, const std::string&,
                   const nlohmann::detail::exception& error) override {
    // `position` counts what was read, the character at which it stopped included.
    const std::string place = PlaceOf(text_, position == 0 ? 0 : position - 1);
    const std::string reason = ReasonOf(error.what());
    faults_.push_back({.pointer = "",
                       .found = place,
                       .expected = "JSON",
                       .message = fmt::format("{}: this is not JSON: {}", place, reason)});
    return false;
  }

 private:
  struct Level {
    bool is_array = false;
    int64_t index = 0;
    std::string token;
    std::set<std::string> names;
  };

  bool Value() {
    if (!stack_.empty()) ++stack_.back().index;
    return true;
  }
  bool Enter(bool is_array) {
    if (stack_.size() == kMaxDepth) {
      faults_.push_back(MakeFault(Pointer(), fmt::format("more than {} levels of brackets", kMaxDepth),
                                  fmt::format("at most {}", kMaxDepth)));
      return false;
    }
    stack_.push_back({.is_array = is_array});
    return true;
  }
  bool Leave() {
    stack_.pop_back();
    return Value();
  }
  std::string Pointer() const {
    std::string pointer;
    for (const Level& level : stack_)
      pointer += "/" + (level.is_array ? std::to_string(level.index) : EscapePointer(level.token));
    return pointer;
  }

  const std::string& text_;
  std::vector<Fault>& faults_;
  std::vector<Level> stack_;
};

}  // namespace

Json ParseJsonText(const std::string& text, std::vector<Fault>& faults) {
  if (text.size() > kMaxBytes) {
    faults.push_back(MakeFault("", fmt::format("a text of {} bytes", text.size()),
                               fmt::format("at most {} bytes", kMaxBytes)));
    return nullptr;
  }
  Inspector inspector(text, faults);
  if (!Json::sax_parse(text, &inspector)) return nullptr;
  return Json::parse(text, nullptr, false);
}

}  // namespace concertina
