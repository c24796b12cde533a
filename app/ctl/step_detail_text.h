// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// step_detail_text.h: one step of a recipe from the inside, as text: its layers, the confusion, the answers
// that changed, and the scan of the layers where there was one.
// On the way of the data: analysis/step_detail.h -> here -> the terminal.
#pragma once

#include <string>

#include "core/analysis/step_detail.h"

namespace concertina::ctl {

std::string StepDetailText(const StepDetail& detail);

}  // namespace concertina::ctl
