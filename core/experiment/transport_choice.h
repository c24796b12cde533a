// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// transport_choice.h: what carries a run's tensors where /network/transport says "auto".
// On the way of the data: experiment/spec.h -> here -> worker/worker.h, experiment/plan.h.
#pragma once

#include <span>
#include <string>

#include "core/experiment/spec.h"

namespace concertina {

// A kind of category "transport": the one named, or of "auto" the fastest that fits: "in-process" if all
// workers are threads of the engine, "shared-memory" if all are on the engine's machine, else "grpc". The
// same on every rank, since it follows from the spec alone.
std::string TransportOf(const Spec& spec);
// The same of what /network/transport says and the kinds of the launchers.
std::string TransportOf(const std::string& transport, std::span<const std::string> launchers);

// Whether what a launcher of this kind starts is on the engine's machine, under its user.
bool IsOfThisHost(const std::string& launcher);

}  // namespace concertina
