// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// model_rights.h: who may ask a served model over the network. What is not said here is refused.
// On the way of the data: proto/model.proto -> here -> proto/tls_port.h.
#pragma once

#include <span>

#include "core/proto/call_right.h"

namespace concertina {

// Every call of the service Model, a row each.
std::span<const CallRight> ModelRights();

}  // namespace concertina
