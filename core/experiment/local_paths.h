// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// local_paths.h: the paths of an experiment file as the person at the terminal means them.
// On the way of the data: experiment.json -> here -> engine, which reads datasets and models, and stands in
// no folder of the person's.
#pragma once

#include <string>

#include "core/base/status.h"

namespace concertina {

// `spec_json` with the paths of /dataset, /model and /recipe made whole: "~/" is the user's home, and what is
// relative counts from `folder`. "run:NAME" is no path. What needs no change comes back byte for byte; so
// does what is no JSON object, and what a plugin that is not loaded here reads: the engine says what is
// wrong. kInvalidArgument where a whole path is no UTF-8: in JSON it would become another one.
absl::StatusOr<std::string> WithLocalPaths(const std::string& spec_json, const std::string& folder);

}  // namespace concertina
