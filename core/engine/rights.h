// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// rights.h: which role may make which call over the network. What is not said here is refused.
// On the way of the data: proto/engine.proto, home.proto -> here -> proto/tls_port.h.
//
// The Unix socket is not asked: who can enter its folder is the engine's owner, or one of his workers.
#pragma once

#include <span>
#include <string_view>

#include "core/proto/call_right.h"

namespace concertina {

// Every call of every service, a row each.
std::span<const CallRight> Rights();

}  // namespace concertina
