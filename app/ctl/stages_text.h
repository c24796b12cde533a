// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// stages_text.h: the stages of a model that is cut, as a small table, and how long they wait.
#pragma once

#include <string>

#include "app/ctl/output.h"

namespace concertina::ctl {

// "" where there is one stage. `plan`: as the engine gives it (experiment/plan.h).
std::string StagesText(const Json& plan);

}  // namespace concertina::ctl
