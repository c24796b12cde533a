// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// carried_listener.h: where ranks meet whose frames a library of others will move.
// On the way of the data: comm/carrier_modules.cc -> here -> comm/carried_transport.h.
#pragma once

#include <memory>

#include "core/comm/frame_carrier.h"
#include "core/comm/transport.h"

namespace concertina {

// `name`: of the kind. `library` lives as long as the program. Errors of the library's Check.
absl::StatusOr<std::unique_ptr<TransportListener>> ListenForCarrier(const char* name,
                                                                    const CarrierLibrary& library,
                                                                    const ListenOptions& options);

}  // namespace concertina
