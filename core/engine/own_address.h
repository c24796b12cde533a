// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// own_address.h: what this machine is called by another one.
// On the way of the data: engine/run_preparation.cc -> here -> the advertise_host of workers beside the
// engine.
#pragma once

#include <string>

namespace concertina {

// The address that packets to `host` leave from, as "10.0.0.7": the one of this machine that lies nearest to
// it. Nothing is sent, but `host` is looked up, which may take seconds. Where it has no address (a name that
// only ssh knows), this machine's own name.
std::string OwnAddressTowards(const std::string& host);

}  // namespace concertina
