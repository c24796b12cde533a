// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// engine_room.cc: the launcher of engine_room.h, once for all tests of the folder.
#include "engine_room.h"

namespace concertina {
namespace {

REGISTER_COMPONENT(Launcher,
                   Descriptor({.category = "launcher", .kind = "puppet", .title = "Puppets", .params = {}}),
                   [](const Params&) -> absl::StatusOr<std::unique_ptr<Launcher>> {
                     return std::make_unique<PuppetLauncher>();
                   });

REGISTER_COMPONENT(
    Launcher,
    Descriptor({.category = "launcher", .kind = "far-puppet", .title = "Far puppets", .params = {}}),
    [](const Params&) -> absl::StatusOr<std::unique_ptr<Launcher>> {
      return std::make_unique<PuppetLauncher>(/*is_elsewhere=*/true);
    });

}  // namespace
}  // namespace concertina
