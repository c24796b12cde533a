// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// model_rights.cc: see model_rights.h.
#include "core/serve/model_rights.h"

namespace concertina {
namespace {

// A person's kit is for people and their programs; workers train, and have no question to a model.
constexpr CallRight kModelRights[] = {
    {.call = "/concertina.proto.Model/Describe", .person = true},
    {.call = "/concertina.proto.Model/Classify", .person = true},
};

}  // namespace

std::span<const CallRight> ModelRights() { return kModelRights; }

}  // namespace concertina
