// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// identity_name.cc: see identity_name.h.
#include "core/security/identity_name.h"

#include <algorithm>

#include "fmt/format.h"

namespace concertina {
namespace {

constexpr std::string_view kScheme = "concertina://";
constexpr Role kRoles[] = {Role::kEngine, Role::kWorker, Role::kPerson};

bool IsLetterOrDigit(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

// A stranger's text, short and harmless enough for a message.
std::string Shown(std::string_view text) {
  std::string shown(text.substr(0, 80));
  std::replace_if(
      shown.begin(), shown.end(), [](char c) { return c < ' ' || c > '~'; }, '?');
  return shown;
}

}  // namespace

std::string_view RoleName(Role role) {
  switch (role) {
    case Role::kEngine:
      return "engine";
    case Role::kWorker:
      return "worker";
    case Role::kPerson:
      return "person";
  }
  return "";
}

absl::Status CheckIdentityName(std::string_view name) {
  constexpr size_t kLongest = 40;
  const bool right = !name.empty() && name.size() <= kLongest && IsLetterOrDigit(name.front()) &&
                     std::all_of(name.begin(), name.end(), [](char c) {
                       return IsLetterOrDigit(c) || c == '.' || c == '_' || c == '-';
                     });
  if (right) return absl::OkStatus();
  return absl::InvalidArgumentError(fmt::format(
      "\"{}\" cannot be a name; 1 to {} letters, digits, \".\", \"_\" and \"-\" were expected, the "
      "first a letter or a digit",
      Shown(name), kLongest));
}

std::string IdentityUri(const IdentityName& identity) {
  return fmt::format("{}{}/{}", kScheme, RoleName(identity.role), identity.name);
}

absl::StatusOr<IdentityName> ParseIdentityUri(std::string_view uri) {
  for (const Role role : kRoles) {
    const std::string start = fmt::format("{}{}/", kScheme, RoleName(role));
    if (uri.substr(0, start.size()) != start) continue;
    const std::string_view name = uri.substr(start.size());
    RETURN_IF_ERROR(CheckIdentityName(name));
    return IdentityName{role, std::string(name)};
  }
  return absl::InvalidArgumentError(fmt::format(
      "\"{}\" is nobody here; concertina://ROLE/NAME with the role engine, worker or person was expected",
      Shown(uri)));
}

std::string IdentityText(const IdentityName& identity) {
  return fmt::format("{}/{}", RoleName(identity.role), identity.name);
}

}  // namespace concertina
