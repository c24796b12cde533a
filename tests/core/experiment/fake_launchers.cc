// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// fake_launchers.cc: the launchers are the engine's; for the tests of this folder they only have names and
// parameters.
#include <memory>

#include "core/base/registry.h"

namespace concertina {
namespace {

struct FakeLauncher {};
absl::StatusOr<std::unique_ptr<FakeLauncher>> Make(const Params&) { return std::make_unique<FakeLauncher>(); }
REGISTER_COMPONENT(FakeLauncher, Descriptor({.category = "launcher", .kind = "local"}), Make);
REGISTER_COMPONENT(FakeLauncher, Descriptor({.category = "launcher", .kind = "in-process"}), Make);
REGISTER_COMPONENT(FakeLauncher,
                   Descriptor({.category = "launcher",
                               .kind = "remote",
                               .params = {{.name = "host", .type = ParamType::kText, .doc = "Where."},
                                          {.name = "niceness",
                                           .type = ParamType::kInteger,
                                           .default_value = 0,
                                           .minimum = 0,
                                           .maximum = 19,
                                           .live = true}}}),
                   Make);

}  // namespace
}  // namespace concertina
