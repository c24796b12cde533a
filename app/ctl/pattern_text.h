// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// pattern_text.h: who sends what to whom, as a small table: what the Design page draws.
#pragma once

#include <string>

namespace concertina::ctl {

// "" where nothing is sent. Flows that are alike are one row: "each rank → the next".
std::string PatternText(const std::string& plan_json);

}  // namespace concertina::ctl
