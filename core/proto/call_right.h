// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// call_right.h: one row of a table of rights: which roles may make one call over the network.
// On the way of the data: engine/rights.h, serve/model_rights.h -> here -> proto/tls_port.h.
#pragma once

#include <span>
#include <string_view>

#include "core/security/identity_name.h"

namespace concertina {

struct CallRight {
  std::string_view call;  // as gRPC names it: "/concertina.proto.Engine/Status"
  bool person = false;
  bool worker = false;
  bool engine = false;

  bool IsFor(Role role) const;
};

// A call without a row is nobody's.
bool MayCall(std::span<const CallRight> rights, Role role, std::string_view call);

}  // namespace concertina
