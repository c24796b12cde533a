// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// status_conversion.h: absl::Status to grpc::Status and back, in this one place (the codes are the same).
#pragma once

#include "core/base/status.h"
#include "grpcpp/support/status.h"

namespace concertina {

grpc::Status ToGrpc(const absl::Status& status);
absl::Status FromGrpc(const grpc::Status& status);

}  // namespace concertina
