// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// compare.h: runs side by side: what was set differently, and what it took to reach an accuracy.
#pragma once

#include <string>
#include <vector>

#include "app/ctl/commands.h"

namespace concertina::ctl {

// `accuracy` 0: the largest that every run reached.
Outcome Compare(const CommonOptions& options, const std::vector<std::string>& runs, double accuracy);

}  // namespace concertina::ctl
