// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// identity_name.h: who somebody is to the control plane: a role and a name, written as a URI.
// On the way of the data: security/certificate.h reads it from a certificate -> here -> engine/rights.h.
//
//   concertina://engine/NAME   concertina://worker/NAME   concertina://person/NAME
#pragma once

#include <string>
#include <string_view>

#include "core/base/status.h"

namespace concertina {

enum class Role { kEngine, kWorker, kPerson };
std::string_view RoleName(Role role);  // "engine", "worker", "person"

struct IdentityName {
  Role role = Role::kPerson;
  std::string name;  // 1 to 40 of a-z A-Z 0-9 . _ -, the first a letter or a digit: it names folders too

  bool operator==(const IdentityName&) const = default;
};

// kInvalidArgument says which characters a name may have.
absl::Status CheckIdentityName(std::string_view name);
std::string IdentityUri(const IdentityName& identity);
// Exactly what IdentityUri gives, and nothing else: no other case, port, query or further part.
absl::StatusOr<IdentityName> ParseIdentityUri(std::string_view uri);
// "worker/pool-a", as people write it.
std::string IdentityText(const IdentityName& identity);

}  // namespace concertina
