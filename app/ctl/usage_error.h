// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// usage_error.h: what is wrong with the words of a command line, said as all our errors are: what was found,
// what is nearest to it, and what to do next.
#pragma once

#include <string>

#include "CLI/CLI.hpp"

namespace concertina::ctl {

// `app` has just refused to parse with `error`.
std::string UsageError(const CLI::App& app, const CLI::ParseError& error);

}  // namespace concertina::ctl
