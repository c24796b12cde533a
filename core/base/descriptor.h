// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// descriptor.h: what a component says of itself. The one source of truth: the desktop's forms, the
// validation of the JSON, `concertinactl describe`, the manual and the plugin check all read it.
#pragma once

#include <cstdint>
#include <limits>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/base/status.h"
#include "nlohmann/json_fwd.hpp"

namespace concertina {

using Json = nlohmann::json;

enum class ParamType { kBoolean, kInteger, kNumber, kText, kChoice, kPath, kIntegerList, kComponent };
std::string_view ParamTypeName(ParamType type);  // "boolean", "integer", …, "integer-list", "component"

// A default as it stands in a descriptor; JSON in the wire forms.
struct DefaultValue {
  DefaultValue() = default;                             // no default: the field is required
  DefaultValue(bool v) : text(v ? "true" : "false") {}  // NOLINT: reads as a literal
  DefaultValue(int v) : text(std::to_string(v)) {}      // NOLINT
  DefaultValue(int64_t v) : text(std::to_string(v)) {}  // NOLINT
  DefaultValue(double v);                               // NOLINT
  DefaultValue(const char* v);                          // NOLINT
  DefaultValue(std::initializer_list<int> v);           // NOLINT
  // JSON as it stands: the default of a component, FromJson(R"({"kind": "constant"})").
  static DefaultValue FromJson(std::string json) {
    DefaultValue value;
    value.text = std::move(json);
    return value;
  }
  std::string text;  // JSON; "" if there is none
};

struct ParamSpec {
  std::string name;  // snake_case, unit at the end: bandwidth_mbit
  ParamType type = ParamType::kNumber;
  std::string unit;            // as people read it: "Mbit/s"; "" for a pure number
  DefaultValue default_value;  // none: required
  double minimum = -std::numeric_limits<double>::infinity();
  double maximum = std::numeric_limits<double>::infinity();
  std::vector<std::string> choices;  // kChoice: the names; kComponent: [category]
  bool live = false;                 // may change while a run goes
  std::string doc;                   // one or two sentences
  bool optional = false;             // may be absent, and then has no value at all
};

struct Descriptor {
  std::string category;  // "gradient-codec"
  std::string kind;      // "top-k"
  std::string title;     // "Top-k sparsification"
  std::string summary;   // one line
  std::string citation;  // "" where there is none
  std::vector<ParamSpec> params;
};

// One thing wrong with a spec, as `validate --json` prints it.
struct Fault {
  std::string pointer;     // JSON pointer: "/gradient/0/ratio"
  std::string found;       // "1.5"
  std::string expected;    // "a number from 1e-06 to 1"
  std::string suggestion;  // the nearest valid name, or ""
  std::string message;     // the whole as a sentence
};
Fault MakeFault(std::string pointer, std::string found, std::string expected, std::string suggestion = "");
// A value, or a text, short enough for a message (60 bytes, cut between characters).
std::string ShowJson(const Json& value);
std::string Shortened(std::string text);
// A name as a token of a JSON pointer (RFC 6901).
std::string EscapePointer(std::string_view name);
// All faults as one kInvalidArgument, a line each; OK if there are none.
absl::Status FaultsToStatus(const std::vector<Fault>& faults);

// The checked values of one component: every parameter of its descriptor, defaults filled in.
class Params {
 public:
  Params();
  ~Params();
  Params(const Params&);
  Params(Params&&) noexcept;
  Params& operator=(const Params&);
  Params& operator=(Params&&) noexcept;

  // Checks `object` ({"kind": …, …}) against `descriptor`; faults go to `faults` with pointers below
  // `pointer`, and the value with defaults filled in is returned (usable only if no fault was added).
  // Nested components are checked against the registry too.
  static Params Check(const Descriptor& descriptor, const Json& object, const std::string& pointer,
                      std::vector<Fault>& faults);

  // The name must stand in the descriptor with that type: a wrong one is our mistake and asserts.
  bool Boolean(std::string_view name) const;
  int64_t Integer(std::string_view name) const;
  double Number(std::string_view name) const;
  std::string Text(std::string_view name) const;  // text, choice and path
  std::vector<int64_t> IntegerList(std::string_view name) const;
  Params Component(std::string_view name) const;
  bool Has(std::string_view name) const;  // an optional parameter that was given
  const std::string& kind() const;
  const Json& json() const;  // {"kind": …} with defaults filled in

 private:
  std::unique_ptr<Json> json_;
  std::string kind_;
};

Json DescriptorToJson(const Descriptor& descriptor);  // as in `describe --json`

}  // namespace concertina
