// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// taken_path.h: whether a place for an export has something that writing there would replace. Beside
// base/file.h, of which most of the tree is made anew when it changes.
#pragma once

#include <string>

namespace concertina {

// A file, a folder that is not empty, or a link, even one that leads nowhere. An empty folder replaces
// nothing. What cannot be looked at is not taken: writing there says why.
bool IsTakenPath(const std::string& path);

}  // namespace concertina
