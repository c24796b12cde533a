// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// call_right.cc: see call_right.h.
#include "core/proto/call_right.h"

#include <algorithm>

namespace concertina {

bool CallRight::IsFor(Role role) const {
  switch (role) {
    case Role::kPerson:
      return person;
    case Role::kWorker:
      return worker;
    case Role::kEngine:
      return engine;
  }
  return false;
}

bool MayCall(std::span<const CallRight> rights, Role role, std::string_view call) {
  const auto row = std::find_if(rights.begin(), rights.end(),
                                [call](const CallRight& right) { return right.call == call; });
  return row != rights.end() && row->IsFor(role);
}

}  // namespace concertina
