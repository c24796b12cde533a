// SPDX-FileCopyrightText: Concertina contributors
// SPDX-License-Identifier: GPL-3.0-or-later
//
// recipe_report.h: what a recipe made of a model, as a page of HTML or PDF.
// On the way of the data: the engine's events and steps -> core/analysis/export_recipe.h -> a file of the
// user.
#pragma once

#include <string>

#include "app/ctl/connection.h"
#include "core/base/status.h"

namespace concertina::ctl {

// Before hours of work: whether such a file can be written. kInvalidArgument: it ends in neither .html nor
// .pdf.
absl::Status CheckRecipeReport(const std::string& path);

absl::Status WriteRecipeReport(Connection& engine, const proto::RunSummary& run, const std::string& path);

}  // namespace concertina::ctl
