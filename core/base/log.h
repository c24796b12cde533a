// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// log.h: spdlog as every program uses it: one line to standard error (or a file), never to standard output.
#pragma once

#include <string>

#include "spdlog/spdlog.h"

namespace concertina {

// Call once in main. `program` stands in each line; the level comes from CONCERTINA_LOG (default "warn"
// for people's programs). Standard output stays for results.
void InitLogging(const std::string& program, spdlog::level::level_enum default_level);

}  // namespace concertina
