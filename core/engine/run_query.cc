// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// run_query.cc: see run_query.h.
#include "core/engine/run_query.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <charconv>
#include <map>
#include <optional>
#include <variant>

#include "absl/time/time.h"
#include "core/base/utf8.h"
#include "core/engine/run_marks.h"
#include "fmt/format.h"
#include "google/protobuf/descriptor.h"
#include "google/protobuf/message.h"
#include "nlohmann/json.hpp"

namespace concertina {
namespace {

using FieldValue = std::variant<std::monostate, double, std::string>;
using google::protobuf::FieldDescriptor;

std::string Lower(std::string text) {
  for (char& c : text) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return text;
}

std::optional<double> AsNumber(const std::string& text) {
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

const FieldDescriptor* FindField(const google::protobuf::Descriptor* type, const std::string& name) {
  static const std::map<std::string, std::string> kAliases = {
      {"created", "created_unix_ms"}, {"started", "started_unix_ms"}, {"ended", "ended_unix_ms"}};
  const auto alias = kAliases.find(name);
  const FieldDescriptor* field = type->FindFieldByName(alias == kAliases.end() ? name : alias->second);
  return field != nullptr && !field->is_repeated() ? field : nullptr;
}

bool IsMeasured(const proto::RunSummary& run, const std::string& name) {
  if (name == "test_loss" || name == "test_accuracy") return run.has_test();
  if (name == "train_loss") return run.has_train_loss();
  if (name == "ended" || name == "ended_unix_ms") return run.ended_unix_ms() != 0;
  if (name == "started" || name == "started_unix_ms") return run.started_unix_ms() != 0;
  return true;
}

FieldValue ValueOf(const google::protobuf::Message& message, const FieldDescriptor* field) {
  const google::protobuf::Reflection& reflection = *message.GetReflection();
  switch (field->cpp_type()) {
    case FieldDescriptor::CPPTYPE_INT32:
      return static_cast<double>(reflection.GetInt32(message, field));
    case FieldDescriptor::CPPTYPE_INT64:
      return static_cast<double>(reflection.GetInt64(message, field));
    case FieldDescriptor::CPPTYPE_UINT32:
      return static_cast<double>(reflection.GetUInt32(message, field));
    case FieldDescriptor::CPPTYPE_UINT64:
      return static_cast<double>(reflection.GetUInt64(message, field));
    case FieldDescriptor::CPPTYPE_DOUBLE:
      return reflection.GetDouble(message, field);
    case FieldDescriptor::CPPTYPE_BOOL:
      return std::string(reflection.GetBool(message, field) ? "true" : "false");
    case FieldDescriptor::CPPTYPE_ENUM:
      return Lower(std::string(reflection.GetEnum(message, field)->name()));
    case FieldDescriptor::CPPTYPE_STRING:
      return reflection.GetString(message, field);
    default:
      return std::monostate();
  }
}

// What people say of a run, and its day, as texts; nothing said is no value.
using MarkedValue = FieldValue (*)(const proto::RunSummary& run);
FieldValue TextOrNone(std::string text) { return text.empty() ? FieldValue() : FieldValue(std::move(text)); }
const std::pair<const char*, MarkedValue> kMarked[] = {
    {"tag", [](const proto::RunSummary& run) { return TextOrNone(TagsText(run.marks())); }},
    {"note", [](const proto::RunSummary& run) { return TextOrNone(run.marks().note()); }},
    {"color",
     [](const proto::RunSummary& run) { return FieldValue(static_cast<double>(run.marks().color())); }},
    {"pinned",
     [](const proto::RunSummary& run) {
       return FieldValue(std::string(run.marks().pinned() ? "true" : "false"));
     }},
    {"day",
     [](const proto::RunSummary& run) {
       return FieldValue(
           absl::FormatTime("%Y-%m-%d", absl::FromUnixMillis(run.created_unix_ms()), absl::LocalTimeZone()));
     }},
};

// One field of all runs: found once, read for each.
class Field {
 public:
  static absl::StatusOr<Field> Find(const std::string& name) {
    Field field;
    field.name_ = name;
    if (!name.empty() && name[0] == '/') return field;
    for (const auto& [marked, value] : kMarked)
      if (name == marked) {
        field.value_ = value;
        return field;
      }
    const size_t dot = name.find('.');
    field.field_ = FindField(proto::RunSummary::descriptor(), name.substr(0, dot));
    if (field.field_ != nullptr && dot != std::string::npos) {
      const bool nested = field.field_->cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE;
      field.inner_ = nested ? FindField(field.field_->message_type(), name.substr(dot + 1)) : nullptr;
      if (field.inner_ == nullptr) field.field_ = nullptr;
    } else if (field.field_ != nullptr && field.field_->cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE) {
      field.field_ = nullptr;
    }
    if (field.field_ != nullptr) return field;
    std::vector<std::string> names = {"created", "started", "ended", "group"};
    for (const auto& [marked, value] : kMarked) names.emplace_back(marked);
    for (int i = 0; i < proto::RunSummary::descriptor()->field_count(); ++i)
      names.emplace_back(proto::RunSummary::descriptor()->field(i)->name());
    for (int i = 0; i < proto::TimeSplit::descriptor()->field_count(); ++i)
      names.push_back("time." + proto::TimeSplit::descriptor()->field(i)->name());
    const std::string nearest = NearestName(name, names);
    return absl::InvalidArgumentError(
        fmt::format("runs have no field \"{}\"{}; a JSON pointer into the spec begins with /", name,
                    nearest.empty() ? "" : fmt::format(" (is \"{}\" meant?)", nearest)));
  }

  FieldValue Of(const proto::RunSummary& run) const {
    if (value_ != nullptr) return value_(run);
    if (field_ == nullptr) return FromSpec(run);
    if (!IsMeasured(run, name_)) return std::monostate();
    if (inner_ == nullptr) return ValueOf(run, field_);
    return ValueOf(run.GetReflection()->GetMessage(run, field_), inner_);
  }

 private:
  FieldValue FromSpec(const proto::RunSummary& run) const {
    const nlohmann::json spec = nlohmann::json::parse(run.spec_json(), nullptr, false);
    if (spec.is_discarded()) return std::monostate();
    // json_pointer throws on a malformed one, and contains() on a malformed index.
    try {
      const nlohmann::json::json_pointer pointer(name_);
      if (!spec.contains(pointer)) return std::monostate();
      const nlohmann::json& value = spec.at(pointer);
      if (value.is_number()) return value.get<double>();
      return value.is_string() ? value.get<std::string>() : value.dump();
    } catch (const nlohmann::json::exception&) {
      return std::monostate();
    }
  }

  std::string name_;
  MarkedValue value_ = nullptr;
  const FieldDescriptor* field_ = nullptr;
  const FieldDescriptor* inner_ = nullptr;
};

std::string AsText(const FieldValue& value) {
  if (const double* number = std::get_if<double>(&value)) return fmt::format("{}", *number);
  if (const std::string* text = std::get_if<std::string>(&value)) return *text;
  return "";
}

struct Test {
  std::optional<Field> field;  // none: a word to find
  std::string op, text;
  bool is_of_tags = false;

  bool Holds(const proto::RunSummary& run) const {
    const proto::RunMarks& marks = run.marks();
    if (!field)
      return Lower(run.name()).find(text) != std::string::npos ||
             Lower(run.run()).find(text) != std::string::npos ||
             Lower(marks.note()).find(text) != std::string::npos ||
             Lower(TagsText(marks)).find(text) != std::string::npos;
    if (is_of_tags && marks.tags_size() > 0) {
      const auto holds = [this](const std::string& tag) { return HoldsFor(tag); };
      return op == "!=" ? std::all_of(marks.tags().begin(), marks.tags().end(), holds)
                        : std::any_of(marks.tags().begin(), marks.tags().end(), holds);
    }
    return HoldsFor(field->Of(run));
  }

  bool HoldsFor(const FieldValue& value) const {
    if (std::holds_alternative<std::monostate>(value)) return op == "!=";
    if (op == "~") return Lower(AsText(value)).find(Lower(text)) != std::string::npos;
    int order = 0;
    const std::optional<double> wanted = AsNumber(text);
    if (const double* number = std::get_if<double>(&value); number != nullptr && wanted)
      order = *number < *wanted ? -1 : *number > *wanted ? 1 : 0;
    else
      order = Lower(AsText(value)).compare(Lower(text));
    if (op == "=") return order == 0;
    if (op == "!=") return order != 0;
    if (op == ">=") return order >= 0;
    if (op == "<=") return order <= 0;
    return op == ">" ? order > 0 : order < 0;
  }
};

std::vector<std::string> Words(const std::string& filter) {
  std::vector<std::string> words;
  std::string word;
  bool quoted = false, any = false;
  for (const char c : filter) {
    if (c == '"') {
      quoted = !quoted;
      any = true;
    } else if (!quoted && std::isspace(static_cast<unsigned char>(c))) {
      if (any) words.push_back(word);
      word.clear();
      any = false;
    } else {
      word += c;
      any = true;
    }
  }
  if (any) words.push_back(word);
  return words;
}

absl::StatusOr<Test> ParseTest(const std::string& word, const std::string& group) {
  Test test;
  const size_t at = word.find_first_of("=!<>~");
  if (at == std::string::npos || at == 0) {
    test.text = Lower(word);
    return test;
  }
  const bool two = at + 1 < word.size() && word[at + 1] == '=' && word[at] != '=' && word[at] != '~';
  test.op = word.substr(at, two ? 2 : 1);
  if (test.op == "!") return absl::InvalidArgumentError(fmt::format("\"{}\": != is meant?", word));
  test.text = word.substr(at + test.op.size());
  std::string name = word.substr(0, at);
  if (name == "group") {
    if (group.empty())
      return absl::InvalidArgumentError(
          fmt::format("\"{}\": there are no groups; say what to group by (--group)", word));
    name = group;
  }
  ASSIGN_OR_RETURN(test.field, Field::Find(name));
  test.is_of_tags = name == "tag";
  return test;
}

absl::Status SortByOne(const std::string& by, std::vector<const proto::RunSummary*>& runs) {
  const bool descending = !by.empty() && by[0] == '-';
  ASSIGN_OR_RETURN(const Field field, Field::Find(descending ? by.substr(1) : by));
  std::vector<std::pair<FieldValue, const proto::RunSummary*>> keyed;
  keyed.reserve(runs.size());
  for (const proto::RunSummary* run : runs) keyed.emplace_back(field.Of(*run), run);
  std::stable_sort(keyed.begin(), keyed.end(), [&](const auto& a, const auto& b) {
    const bool a_none = std::holds_alternative<std::monostate>(a.first);
    const bool b_none = std::holds_alternative<std::monostate>(b.first);
    if (a_none || b_none) return !a_none && b_none;
    return descending ? b.first < a.first : a.first < b.first;
  });
  for (size_t i = 0; i < runs.size(); ++i) runs[i] = keyed[i].second;
  return absl::OkStatus();
}

// "state,-test_accuracy": by the last first, for a stable sort keeps what is alike in the order it had.
absl::Status Sort(const std::string& by, std::vector<const proto::RunSummary*>& runs) {
  constexpr size_t kMostKeys = 8;
  std::vector<std::string> keys(1);
  for (const char c : by) {
    if (c == ',')
      keys.emplace_back();
    else
      keys.back() += c;
  }
  if (keys.size() > kMostKeys)
    return absl::InvalidArgumentError(
        fmt::format("found {} fields to sort by, expected at most {}", keys.size(), kMostKeys));
  for (auto key = keys.rbegin(); key != keys.rend(); ++key) RETURN_IF_ERROR(SortByOne(*key, runs));
  return absl::OkStatus();
}

}  // namespace

std::string RunStateName(proto::RunState state) { return Lower(proto::RunState_Name(state)); }

proto::RunState RunStateOf(const std::string& name) {
  std::string upper = name;
  for (char& c : upper) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  proto::RunState state = proto::RUN_STATE_UNSPECIFIED;
  return proto::RunState_Parse(upper, &state) ? state : proto::RUN_STATE_UNSPECIFIED;
}

bool HasEnded(proto::RunState state) {
  return state == proto::FINISHED || state == proto::FAILED || state == proto::STOPPED;
}

absl::StatusOr<std::string> ResolveRun(const std::string& text, const std::vector<std::string>& ids) {
  if (text.empty())
    return absl::InvalidArgumentError("a run is needed: its id, the beginning of it, or \"last\"");
  if (text == "last") {
    if (ids.empty()) return absl::NotFoundError("there is no run yet");
    return ids.back();
  }
  std::vector<std::string> matches;
  for (const std::string& id : ids) {
    if (id == text) return id;
    if (id.compare(0, text.size(), text) == 0) matches.push_back(id);
  }
  if (matches.size() == 1) return matches.front();
  if (matches.empty()) {
    const std::string nearest = NearestName(text, ids);
    return absl::NotFoundError(fmt::format("there is no run \"{}\"{}", CutUtf8(text, 100),
                                           nearest.empty() ? "" : fmt::format(" (is {} meant?)", nearest)));
  }
  std::string listed;
  constexpr size_t kListed = 5;
  for (size_t i = matches.size() - std::min(kListed, matches.size()); i < matches.size(); ++i)
    listed += (listed.empty() ? "" : ", ") + matches[i];
  return absl::InvalidArgumentError(fmt::format("{} runs begin with \"{}\": {}{}", matches.size(), text,
                                                matches.size() > kListed ? "…, " : "", listed));
}

absl::StatusOr<std::vector<const proto::RunSummary*>> QueryRuns(std::vector<const proto::RunSummary*> runs,
                                                                const proto::ListRunsRequest& request) {
  std::vector<Test> tests;
  for (const std::string& word : Words(request.filter())) {
    ASSIGN_OR_RETURN(tests.emplace_back(), ParseTest(word, request.group()));
  }
  std::erase_if(runs, [&](const proto::RunSummary* run) {
    return !std::all_of(tests.begin(), tests.end(), [&](const Test& test) { return test.Holds(*run); });
  });
  // Ids ascend by creation, to the run: they settle what a field leaves open.
  std::sort(runs.begin(), runs.end(),
            [](const proto::RunSummary* a, const proto::RunSummary* b) { return a->run() > b->run(); });
  RETURN_IF_ERROR(Sort(request.sort().empty() ? "-created" : request.sort(), runs));
  if (request.limit() > 0 && runs.size() > static_cast<size_t>(request.limit()))
    runs.resize(static_cast<size_t>(request.limit()));
  if (request.group().empty()) return runs;

  ASSIGN_OR_RETURN(const std::vector<std::string> names, RunGroupNames(runs, request.group()));
  std::map<std::string, size_t> places;
  std::vector<std::vector<const proto::RunSummary*>> groups;
  for (size_t i = 0; i < runs.size(); ++i) {
    const auto [place, is_new] = places.emplace(names[i], groups.size());
    if (is_new) groups.emplace_back();
    groups[place->second].push_back(runs[i]);
  }
  runs.clear();
  for (const auto& group : groups) runs.insert(runs.end(), group.begin(), group.end());
  return runs;
}

absl::StatusOr<std::vector<std::string>> RunGroupNames(const std::vector<const proto::RunSummary*>& runs,
                                                       const std::string& by) {
  ASSIGN_OR_RETURN(const Field field, Field::Find(by));
  std::vector<std::string> groups;
  groups.reserve(runs.size());
  for (const proto::RunSummary* run : runs) groups.push_back(AsText(field.Of(*run)));
  return groups;
}

}  // namespace concertina
