// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// name_pattern.h: patterns that stand for names, as a person writes them: "conv*".
#pragma once

#include <string_view>

namespace concertina {

// Whether all of `name` is as the glob `pattern` says: * stands for any characters or none, ? for one byte,
// all else for itself. O(name x pattern).
bool FitsPattern(std::string_view name, std::string_view pattern);

}  // namespace concertina
