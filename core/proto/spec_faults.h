// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// spec_faults.h: faults of an experiment file as messages and back, in this one place (the fields are the
// same).
#pragma once

#include <vector>

#include "core/base/descriptor.h"
#include "core/proto/engine.pb.h"

namespace concertina {

using SpecFaults = google::protobuf::RepeatedPtrField<proto::SpecFault>;

SpecFaults ToMessages(const std::vector<Fault>& faults);
std::vector<Fault> FromMessages(const SpecFaults& messages);

}  // namespace concertina
